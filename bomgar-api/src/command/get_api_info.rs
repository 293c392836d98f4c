//! `get_api_info`: version of the API and permissions of the account.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::read::{keep_root, parse_flag, text, text_opt, time};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::xml::read_reply;

/// Asks for the API's version and for what the account may do.
///
/// Every API account may ask this, so it is the cheapest test of address and credentials. Ask it
/// once before you use newer actions: no request can choose a version. Since API version 1.5 or
/// earlier; also in Privileged Remote Access.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bomgar_api::command::CommandAccess;
///
/// # let sim = bomgar_sim::BomgarSim::start().await;
/// # let account = bomgar_api::Credentials::oauth(sim.client_id(), sim.client_secret());
/// # let client = bomgar_api::Client::builder(sim.base_url(), account).build()?;
/// let info = client.api_info().await?;
/// assert_eq!(info.command_access(), Some(CommandAccess::Full));
/// assert_eq!(info.allows("perm_reporting_support"), Some(true));
/// if info.is_at_least(1, 21, 0) != Some(true) {
///     println!("{} has no send_chat_message", info.api_version);
/// }
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct GetApiInfo;

/// Version of the API and permissions of the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ApiInfo {
    /// Version of the API, such as `1.22.2`.
    pub api_version: String,
    /// The company name of the appliance; newer versions leave it out.
    pub company_name: Option<String>,
    /// The appliance's time.
    pub timestamp: Option<Timestamp>,
    /// Permissions by their names on the wire, with values as sent.
    ///
    /// `perm_command` is `deny`, `read_only` or `full_access`, see
    /// [`command_access`](ApiInfo::command_access). The others are `1` or `0`, see
    /// [`allows`](ApiInfo::allows): `perm_backup`, `perm_configuration`,
    /// `perm_configuration_vault_account`, `perm_ecm`, `perm_real_time_state`,
    /// `perm_reporting_archive`, `perm_reporting_license`, `perm_reporting_presentation`,
    /// `perm_reporting_support` and `perm_scim`; in Privileged Remote Access also `perm_reporting`,
    /// `perm_reporting_vault` and `perm_vault_backup`. Versions have more or fewer of them.
    pub permissions: Vec<(String, String)>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// What an account may do on the Command API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommandAccess {
    /// Nothing.
    Deny,
    /// Actions that change nothing.
    ReadOnly,
    /// All actions.
    Full,
}

impl ApiInfo {
    /// The value of a permission, as sent.
    pub fn permission(&self, name: &str) -> Option<&str> {
        self.permissions
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether a permission of the yes-or-no kind is given, such as `perm_reporting_support`.
    /// `None` when the appliance does not state it.
    pub fn allows(&self, name: &str) -> Option<bool> {
        parse_flag(self.permission(name)?)
    }

    /// Whether the API has at least this version. `None` when the stated version has another form
    /// than three numbers with points between them.
    ///
    /// ```
    /// let mut info = bomgar_api::command::ApiInfo::default();
    /// info.api_version = "1.22.2".into();
    /// assert_eq!(info.is_at_least(1, 21, 0), Some(true));
    /// assert_eq!(info.is_at_least(1, 100, 0), Some(false));
    /// ```
    pub fn is_at_least(&self, major: u32, minor: u32, patch: u32) -> Option<bool> {
        let mut parts = self.api_version.split('.').map(str::parse);
        let mut next = || parts.next()?.ok();
        let version: (u32, u32, u32) = (next()?, next()?, next()?);
        parts
            .next()
            .is_none()
            .then_some(version >= (major, minor, patch))
    }

    /// What the account may do on the Command API; `None` when the appliance does not state it.
    pub fn command_access(&self) -> Option<CommandAccess> {
        match self.permission("perm_command")? {
            "full_access" => Some(CommandAccess::Full),
            "read_only" => Some(CommandAccess::ReadOnly),
            "deny" => Some(CommandAccess::Deny),
            _ => None,
        }
    }
}

impl Call for GetApiInfo {
    type Reply = ApiInfo;

    fn operation(&self) -> &str {
        "get_api_info"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        Ok(Fields::new())
    }

    fn decode(&self, body: &[u8]) -> Result<ApiInfo> {
        let reply = read_reply("api_information", body, |info: &mut ApiInfo, cursor, el| {
            let unknown = &mut info.unknown;
            match el.name() {
                "api_version" => info.api_version = text(cursor, el, &[], unknown)?,
                "company_name" => info.company_name = text_opt(cursor, el, unknown)?,
                "timestamp" => info.timestamp = time(cursor, el, unknown)?,
                "permissions" => {
                    unknown.extend(el.unknown_attributes(&[]));
                    cursor.children(el, |cursor, el| {
                        match (el.name(), el.attr_text("name")) {
                            ("permission", Some(name)) => {
                                let value = text(cursor, &el, &["name"], unknown)?;
                                info.permissions.push((name, value));
                            }
                            _ => unknown.push(cursor.raw(&el)?),
                        }
                        Ok(())
                    })?;
                }
                _ => unknown.push(cursor.raw(el)?),
            }
            Ok(())
        })?;
        let mut info = reply.value;
        keep_root(reply.root, &mut info.unknown);
        Ok(info)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_version_and_permissions() {
        let body = br#"<?xml version="1.0" encoding="UTF-8"?>

<api_information xmlns="http://www.bomgar.com/namespaces/API/command">
	<api_version>1.19.0</api_version>
	<company_name>Example</company_name>
	<timestamp>1572954189</timestamp>
	<permissions>
		<permission name="perm_command">full_access</permission>
		<permission name="perm_backup">0</permission>
		<permission name="perm_reporting_support">1</permission>
	</permissions>
	<novelty>x</novelty>
</api_information>
"#;
        let info = GetApiInfo.decode(body).unwrap();
        assert_eq!(info.api_version, "1.19.0");
        assert_eq!(info.company_name.as_deref(), Some("Example"));
        assert_eq!(info.timestamp, Timestamp::from_second(1_572_954_189).ok());
        assert_eq!(info.command_access(), Some(CommandAccess::Full));
        assert_eq!(info.allows("perm_backup"), Some(false));
        assert_eq!(info.allows("perm_reporting_support"), Some(true));
        assert_eq!(info.allows("perm_ecm"), None);
        assert_eq!(info.unknown[0].name, "novelty");
    }
    #[test]
    fn permissions_of_any_name_and_value_are_kept() {
        let body = b"<api_information><permissions level='2'>\
            <permission name='perm_new' scope='x'>sometimes</permission>\
            <permission name='perm_command'>read_only</permission>\
            <permission>nameless</permission></permissions>\
            <timestamp>soon</timestamp></api_information>";
        let info = GetApiInfo.decode(body).unwrap();
        assert_eq!(info.permission("perm_new"), Some("sometimes"));
        assert_eq!(info.allows("perm_new"), None);
        assert_eq!(info.command_access(), Some(CommandAccess::ReadOnly));
        assert_eq!(info.unknown[0].attributes[0].0, "level");
        assert_eq!(info.unknown[1].attributes[0].0, "scope");
        assert_eq!(info.unknown[2].text, "nameless");
        assert_eq!(
            (info.timestamp, info.unknown[3].text.as_str()),
            (None, "soon")
        );
    }

    #[test]
    fn other_roots_and_errors_are_refused() {
        let kind = |body: &[u8]| GetApiInfo.decode(body).unwrap_err().kind();
        assert_eq!(kind(b"<get_api_info/>"), crate::ErrorKind::Malformed);
        assert_eq!(
            kind(b"<error >Login failed</error>"),
            crate::ErrorKind::Unauthorized
        );
        let info = GetApiInfo.decode(b"<api_information/>").unwrap();
        assert_eq!(
            (info.command_access(), info.is_at_least(1, 0, 0)),
            (None, None)
        );
    }
}
