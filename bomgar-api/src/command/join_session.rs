//! `join_session`: adds a representative to a session.

use super::{RepRef, parse_success};
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::Result;

/// Adds a representative, who must be logged in, to an active session.
///
/// The reply is the appliance's message, in English `Representative successfully added`.
///
/// Needs full access to commands; users of old versions must be administrators. Since 14.1 or
/// earlier.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{JoinSession, RepRef};
///
/// let request = JoinSession::new("0123456789abcdef0123456789abcdef", RepRef::username("jdoe"))
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&rep_username=jdoe"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct JoinSession {
    lsid: String,
    rep: RepRef,
}

impl JoinSession {
    /// Adds this representative to the session with this `lsid`.
    pub fn new(lsid: impl Into<String>, rep: impl Into<RepRef>) -> Self {
        JoinSession {
            lsid: lsid.into(),
            rep: rep.into(),
        }
    }
}

impl Call for JoinSession {
    type Reply = String;

    fn operation(&self) -> &str {
        "join_session"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        check_lsid(&self.lsid)?;
        let mut fields: Fields = vec![("lsid".into(), self.lsid.clone())];
        self.rep.append_to(&mut fields, "rep_id", "rep_username")?;
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
    use crate::command::testing::{LSID, body};

    #[test]
    fn names_the_representative_by_number_or_log_in_name() {
        assert_eq!(
            body(&JoinSession::new(LSID, 12)),
            format!("action=join_session&lsid={LSID}&rep_id=12")
        );
        assert_eq!(
            body(&JoinSession::new(LSID, RepRef::username("j doe&co"))),
            format!("action=join_session&lsid={LSID}&rep_username=j+doe%26co")
        );
    }

    #[test]
    fn nonsense_is_not_sent() {
        for request in [
            JoinSession::new("1", 12),
            JoinSession::new(LSID, RepRef::username("")),
        ] {
            let error = request.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn gives_the_message_or_the_error() {
        let call = JoinSession::new(LSID, 12);
        let body = b"<success>Representative successfully added</success>";
        assert_eq!(
            call.decode(body).unwrap(),
            "Representative successfully added"
        );
        let error = call.decode(b"<error >Invalid lsid.</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("Invalid lsid."));
    }
}
