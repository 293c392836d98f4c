//! `set_session_attributes`: changes external key and custom attributes of a running session.

use super::{SessionAttributes, parse_success};
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::{Error, Result};

/// Sets attributes of a session that is still active.
///
/// An attribute that is not named keeps its value, an empty text clears it. The reply is the
/// appliance's message, in English `Session attributes were set`.
///
/// Needs full access to commands; users of old versions must be administrators. Since 14.1 or
/// earlier; also in Privileged Remote Access. For the limits see [`SessionAttributes`].
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{SessionAttributes, SetSessionAttributes};
///
/// let request = SetSessionAttributes::new(
///     "0123456789abcdef0123456789abcdef",
///     SessionAttributes::new().external_key("4711"),
/// );
/// assert!(request.encode("https://support.example.com", Spelling::Plain).is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct SetSessionAttributes {
    lsid: String,
    attributes: SessionAttributes,
}

impl SetSessionAttributes {
    /// Sets these attributes of the session with this `lsid`.
    pub fn new(lsid: impl Into<String>, attributes: SessionAttributes) -> Self {
        SetSessionAttributes {
            lsid: lsid.into(),
            attributes,
        }
    }
}

impl Call for SetSessionAttributes {
    type Reply = String;

    fn operation(&self) -> &str {
        "set_session_attributes"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        check_lsid(&self.lsid)?;
        if self.attributes.is_empty() {
            return Err(Error::invalid_request("no attribute is given to set"));
        }
        let mut fields: Fields = vec![("lsid".into(), self.lsid.clone())];
        self.attributes.append_to(&mut fields)?;
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<String> {
        parse_success(body)
    }

    fn session(&self) -> Option<&str> {
        Some(&self.lsid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const LSID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn an_empty_value_is_sent_because_it_clears() {
        let request = SetSessionAttributes::new(LSID, SessionAttributes::new().external_key(""));
        let fields = request.fields().unwrap();
        assert_eq!(fields[0], ("lsid".into(), LSID.into()));
        assert_eq!(
            fields[1],
            ("session.custom.external_key".into(), String::new())
        );
    }

    #[test]
    fn nonsense_is_not_sent() {
        let key = || SessionAttributes::new().external_key("1");
        for request in [
            SetSessionAttributes::new(LSID, SessionAttributes::new()),
            SetSessionAttributes::new("", key()),
            SetSessionAttributes::new(&LSID[1..], key()),
        ] {
            assert_eq!(
                request.fields().unwrap_err().kind(),
                ErrorKind::InvalidRequest
            );
        }
    }

    #[test]
    fn success_and_error_are_told_apart() {
        let request = SetSessionAttributes::new(LSID, SessionAttributes::new().external_key("1"));
        let body = b"<success xmlns='x'>\n Session attributes were set \n</success>";
        assert_eq!(request.decode(body).unwrap(), "Session attributes were set");
        let error = request.decode(b"<error>Invalid lsid.</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("Invalid lsid."));
    }
}
