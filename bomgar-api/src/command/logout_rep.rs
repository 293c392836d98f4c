//! `logout_rep`: logs a representative out.

use super::parse_success;
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

/// Logs a representative out. The reply is the appliance's message, which may be empty.
///
/// The number is sent as `rep_id`, as in the other actions. Other clients were seen to send it as
/// `user_id`; should an appliance insist on that, send it with
/// [`RawCommand`](super::RawCommand).
///
/// Needs full access to commands. Newer than API version 1.21.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::LogoutRep;
///
/// let request = LogoutRep::new(12).encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.body().as_ref(), b"action=logout_rep&rep_id=12");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct LogoutRep {
    rep_id: u64,
}

impl LogoutRep {
    /// Logs out the representative with this number.
    pub fn new(rep_id: u64) -> Self {
        LogoutRep { rep_id }
    }
}

impl Call for LogoutRep {
    type Reply = String;

    fn operation(&self) -> &str {
        "logout_rep"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        Ok(vec![("rep_id".into(), self.rep_id.to_string())])
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
    fn sends_the_number_and_reads_the_message() {
        let call = LogoutRep::new(12);
        assert_eq!(body(&call), "action=logout_rep&rep_id=12");
        assert_eq!(call.decode(b"<success />").unwrap(), "");
        let error = call.decode(b"<error>Unknown</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("Unknown"));
    }
}
