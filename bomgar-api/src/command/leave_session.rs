//! `leave_session`: takes a representative out of a session.

use super::{RepRef, parse_success};
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::Result;

/// Takes a representative out of an active session. The reply is the appliance's message.
///
/// The representative is named as in [`JoinSession`](super::JoinSession), by `rep_id` or
/// `rep_username`. Other clients were seen to send the number as `user_id`; should an appliance
/// insist on that, send it with [`RawCommand`](super::RawCommand).
///
/// Needs full access to commands. Since API version 1.21.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::LeaveSession;
///
/// let request = LeaveSession::new("0123456789abcdef0123456789abcdef", 12)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&rep_id=12"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct LeaveSession {
    lsid: String,
    rep: RepRef,
}

impl LeaveSession {
    /// Takes this representative out of the session with this `lsid`.
    pub fn new(lsid: impl Into<String>, rep: impl Into<RepRef>) -> Self {
        LeaveSession {
            lsid: lsid.into(),
            rep: rep.into(),
        }
    }
}

impl Call for LeaveSession {
    type Reply = String;

    fn operation(&self) -> &str {
        "leave_session"
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
            body(&LeaveSession::new(LSID, 12)),
            format!("action=leave_session&lsid={LSID}&rep_id=12")
        );
        assert_eq!(
            body(&LeaveSession::new(LSID, RepRef::username("jdoe"))),
            format!("action=leave_session&lsid={LSID}&rep_username=jdoe")
        );
        let error = LeaveSession::new("x", 12).fields().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn gives_the_message_or_the_error() {
        let call = LeaveSession::new(LSID, 12);
        assert_eq!(call.decode(b"<success>Done</success>").unwrap(), "Done");
        let error = call.decode(b"<error>Invalid lsid.</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("Invalid lsid."));
    }
}
