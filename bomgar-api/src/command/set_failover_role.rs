//! `set_failover_role`: changes an appliance's role in a failover pair.

use super::parse_success;
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Primary,
    Backup { force: bool },
}

/// Changes the role of the appliance that is called in its failover pair.
///
/// The reply is the appliance's message. In English it is `Successfully changed role.`, or, when
/// data is synchronised first, `Successfully started data sync. Role change will occur upon
/// successful completion.`; ask [`CheckHealth`](super::CheckHealth) for the role until it changed.
///
/// **All users are cut off while data is synchronised.** Do not use this together with the failover
/// page of `/login`.
///
/// Needs full access to commands; users of old versions must be administrators. Since 14.2; also in
/// Privileged Remote Access.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::SetFailoverRole;
///
/// let request = SetFailoverRole::primary()
///     .data_sync_first(true)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"action=set_failover_role&role=primary&data_sync_first=1",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct SetFailoverRole {
    role: Role,
    data_sync_first: bool,
}

impl SetFailoverRole {
    /// Makes the appliance the primary one.
    pub fn primary() -> Self {
        SetFailoverRole {
            role: Role::Primary,
            data_sync_first: false,
        }
    }

    /// Makes the appliance the backup.
    pub fn backup() -> Self {
        SetFailoverRole {
            role: Role::Backup { force: false },
            data_sync_first: false,
        }
    }

    /// Makes the primary appliance the backup even if its peer cannot be reached.
    pub fn backup_by_force() -> Self {
        SetFailoverRole {
            role: Role::Backup { force: true },
            data_sync_first: false,
        }
    }

    /// Whether data is synchronised before the role changes. Default: no.
    pub fn data_sync_first(mut self, sync: bool) -> Self {
        self.data_sync_first = sync;
        self
    }
}

impl Call for SetFailoverRole {
    type Reply = String;

    fn operation(&self) -> &str {
        "set_failover_role"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        let role = match self.role {
            Role::Primary => "primary",
            Role::Backup { .. } => "backup",
        };
        let mut fields: Fields = vec![("role".into(), role.into())];
        if self.data_sync_first {
            fields.push(("data_sync_first".into(), "1".into()));
        }
        if self.role == (Role::Backup { force: true }) {
            fields.push(("force".into(), "1".into()));
        }
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<String> {
        parse_success(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::body;

    #[test]
    fn each_change_has_its_form() {
        for (call, text) in [
            (SetFailoverRole::primary(), "primary"),
            (SetFailoverRole::backup(), "backup"),
            (SetFailoverRole::backup_by_force(), "backup&force=1"),
            (
                SetFailoverRole::backup_by_force().data_sync_first(true),
                "backup&data_sync_first=1&force=1",
            ),
            (
                SetFailoverRole::primary()
                    .data_sync_first(true)
                    .data_sync_first(false),
                "primary",
            ),
        ] {
            assert_eq!(body(&call), format!("action=set_failover_role&role={text}"));
        }
    }

    #[test]
    fn both_messages_are_kept() {
        for text in [
            "Successfully started data sync. Role change will occur upon successful completion.",
            "Successfully changed role.",
        ] {
            let body = format!("<success>\n\t{text}\n</success>");
            let reply = SetFailoverRole::primary().decode(body.as_bytes()).unwrap();
            assert_eq!(reply, text);
        }
    }
}
