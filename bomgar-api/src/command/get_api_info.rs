//! `get_api_info`: version of the API and permissions of the account.

use jiff::Timestamp;

use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::time::parse_time;
use crate::xml::read_reply;

/// Asks for the API's version and for what the account may do.
///
/// Every API account may ask this, so it is the cheapest test of address and credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetApiInfo;

/// Version of the API and permissions of the account.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ApiInfo {
    /// Version of the API, such as `1.22.2`.
    pub api_version: String,
    /// The company name of the appliance; newer versions leave it out.
    pub company_name: Option<String>,
    /// The appliance's time.
    pub timestamp: Option<Timestamp>,
    /// Permissions by their names on the wire, such as `perm_command`, with values as sent.
    pub permissions: Vec<(String, String)>,
    /// Elements this crate does not know, as sent.
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
        match self.permission(name)? {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        }
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
            match el.name() {
                "api_version" => info.api_version = cursor.text(el)?,
                "company_name" => info.company_name = cursor.text_opt(el)?,
                "timestamp" => {
                    let text = cursor.text(el)?;
                    info.timestamp = parse_time(&text);
                    if info.timestamp.is_none() && !text.is_empty() {
                        info.unknown.push(el.to_raw(&text));
                    }
                }
                "permissions" => cursor.children(el, |cursor, el| {
                    match (el.name(), el.attr_text("name")) {
                        ("permission", Some(name)) => {
                            info.permissions.push((name, cursor.text(&el)?));
                        }
                        _ => info.unknown.push(cursor.raw(&el)?),
                    }
                    Ok(())
                })?,
                _ => info.unknown.push(cursor.raw(el)?),
            }
            Ok(())
        })?;
        Ok(reply.value)
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
}
