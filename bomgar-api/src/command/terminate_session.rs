//! `terminate_session`: ends a session.

use super::parse_success;
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::Result;

/// Ends an active session for everyone in it.
///
/// The reply is the appliance's message, in English `Successfully terminated`.
///
/// Needs full access to commands; users of old versions must be administrators. Since 14.1 or
/// earlier; also in Privileged Remote Access.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::TerminateSession;
///
/// let request = TerminateSession::new("0123456789abcdef0123456789abcdef")
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().starts_with(b"action=terminate_session&lsid=0123"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct TerminateSession {
    lsid: String,
}

impl TerminateSession {
    /// Ends the session with this `lsid`.
    pub fn new(lsid: impl Into<String>) -> Self {
        TerminateSession { lsid: lsid.into() }
    }
}

impl Call for TerminateSession {
    type Reply = String;

    fn operation(&self) -> &str {
        "terminate_session"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        check_lsid(&self.lsid)?;
        Ok(vec![("lsid".into(), self.lsid.clone())])
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
    fn sends_the_lsid_and_reads_the_message() {
        let call = TerminateSession::new(LSID);
        assert_eq!(body(&call), format!("action=terminate_session&lsid={LSID}"));
        let reply = b"<success xmlns='x'>Successfully terminated</success>";
        assert_eq!(call.decode(reply).unwrap(), "Successfully terminated");
        let error = TerminateSession::new("").fields().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
