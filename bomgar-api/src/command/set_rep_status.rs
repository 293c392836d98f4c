//! `set_rep_status`: sets a representative's status.

use super::{check_filled, parse_success};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

/// Sets the status of a representative who is logged in. The reply is the appliance's message,
/// which may be empty.
///
/// The vendor says that read-only access to commands is enough; an appliance may still demand full
/// access. Because it changes something, it is not repeated after an unclear failure. Newer than
/// API version 1.21.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::SetRepStatus;
///
/// let request = SetRepStatus::new(12, "busy")
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.body().as_ref(), b"action=set_rep_status&rep_id=12&code_name=busy");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct SetRepStatus {
    rep_id: u64,
    code_name: String,
}

impl SetRepStatus {
    /// Sets the status with this code name, such as `busy`, for the representative with this
    /// number. The log-in name is not possible here.
    pub fn new(rep_id: u64, code_name: impl Into<String>) -> Self {
        SetRepStatus {
            rep_id,
            code_name: code_name.into(),
        }
    }
}

impl Call for SetRepStatus {
    type Reply = String;

    fn operation(&self) -> &str {
        "set_rep_status"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        check_filled("code_name", &self.code_name)?;
        Ok(vec![
            ("rep_id".into(), self.rep_id.to_string()),
            ("code_name".into(), self.code_name.clone()),
        ])
    }

    fn decode(&self, body: &[u8]) -> Result<String> {
        parse_success(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::body;

    #[test]
    fn sends_number_and_status() {
        let call = SetRepStatus::new(12, "busy");
        assert_eq!(
            body(&call),
            "action=set_rep_status&rep_id=12&code_name=busy"
        );
        let error = SetRepStatus::new(12, "").fields().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn success_needs_no_text() {
        let call = SetRepStatus::new(12, "busy");
        assert_eq!(call.decode(b"<success/>").unwrap(), "");
        let error = call.decode(b"<error>No such rep</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("No such rep"));
    }
}
