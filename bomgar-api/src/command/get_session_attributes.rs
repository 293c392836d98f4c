//! `get_session_attributes`: a running session's external key and custom attributes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::read::{keep_root, text};
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::Result;
use crate::reporting::{CustomAttribute, RawElement};
use crate::xml::read_reply;

/// Asks for the custom attributes of an active session. Those of an ended session are in its
/// report.
///
/// Needs read-only access to commands; users of old versions must be administrators. Since API
/// version 1.16 or earlier; also in Privileged Remote Access.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bomgar_api::command::GetSessionAttributes;
///
/// # let sim = bomgar_sim::BomgarSim::start().await;
/// # let account = bomgar_api::Credentials::oauth(sim.client_id(), sim.client_secret());
/// # let client = bomgar_api::Client::builder(sim.base_url(), account).build()?;
/// # let lsid = sim.demo_session("4711")?;
/// let attributes = client.session_attributes(&GetSessionAttributes::new(&lsid)).await?;
/// assert_eq!(attributes.get("external_key"), Some("4711"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct GetSessionAttributes {
    lsid: String,
}

impl GetSessionAttributes {
    /// The attributes of the session with this `lsid`.
    pub fn new(lsid: impl Into<String>) -> Self {
        GetSessionAttributes { lsid: lsid.into() }
    }
}

/// The custom attributes of a session. `Debug` shows their code names only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CustomAttributes {
    /// The attributes, in the appliance's order.
    pub attributes: Vec<CustomAttribute>,
    /// Elements and attributes of elements this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

impl CustomAttributes {
    /// The value of the attribute with this code name.
    pub fn get(&self, code_name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|attribute| attribute.code_name == code_name)
            .map(|attribute| attribute.value.as_str())
    }
}

impl fmt::Debug for CustomAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self
            .attributes
            .iter()
            .map(|attribute| attribute.code_name.as_str())
            .collect();
        f.debug_struct("CustomAttributes")
            .field("code_names", &names)
            .finish_non_exhaustive()
    }
}

impl Call for GetSessionAttributes {
    type Reply = CustomAttributes;

    fn operation(&self) -> &str {
        "get_session_attributes"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        check_lsid(&self.lsid)?;
        Ok(vec![("lsid".into(), self.lsid.clone())])
    }

    fn decode(&self, body: &[u8]) -> Result<CustomAttributes> {
        let known = ["code_name", "display_name"];
        let reply = read_reply(
            "custom_attributes",
            body,
            |all: &mut CustomAttributes, cursor, el| {
                match el.name() {
                    "custom_attribute" => {
                        let value = text(cursor, el, &known, &mut all.unknown)?;
                        all.attributes.push(CustomAttribute {
                            code_name: el.attr_text("code_name").unwrap_or_default(),
                            display_name: el.attr_text("display_name").unwrap_or_default(),
                            value,
                        });
                    }
                    _ => all.unknown.push(cursor.raw(el)?),
                }
                Ok(())
            },
        )?;
        let mut all = reply.value;
        keep_root(reply.root, &mut all.unknown);
        Ok(all)
    }

    fn session(&self) -> Option<&str> {
        Some(&self.lsid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::{LSID, body};

    #[test]
    fn sends_the_lsid() {
        assert_eq!(
            body(&GetSessionAttributes::new(LSID)),
            format!("action=get_session_attributes&lsid={LSID}")
        );
        let error = GetSessionAttributes::new("x").fields().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn reads_names_and_values() {
        let body = br#"<custom_attributes xmlns="urn:x">
	<custom_attribute display_name="Asset tag" code_name="asset_tag">A-77 &amp; more</custom_attribute>
	<custom_attribute code_name="empty" display_name="Empty" since="2"></custom_attribute>
	<other/>
</custom_attributes>"#;
        let all = GetSessionAttributes::new(LSID).decode(body).unwrap();
        assert_eq!(all.attributes[0].display_name, "Asset tag");
        assert_eq!(all.get("asset_tag"), Some("A-77 & more"));
        assert_eq!(all.get("empty"), Some(""));
        assert_eq!(all.get("none"), None);
        assert_eq!(all.unknown[0].attributes[0].0, "since");
        assert_eq!(all.unknown[1].name, "other");
        assert!(!format!("{all:?}").contains("A-77"));
    }

    #[test]
    fn none_is_an_empty_list_and_an_error_is_an_error() {
        let call = GetSessionAttributes::new(LSID);
        let none = call.decode(b"<custom_attributes/>").unwrap();
        assert!(none.attributes.is_empty());
        for body in [
            &b"<error >Invalid lsid.</error>"[..],
            b"<custom_attributes><error>Invalid lsid.</error></custom_attributes>",
        ] {
            let error = call.decode(body).unwrap_err();
            assert_eq!(error.server_text(), Some("Invalid lsid."));
        }
    }
}
