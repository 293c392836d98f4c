//! `transfer_session`: puts a session into another queue.

use super::{RepRef, parse_success};
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::Result;

/// Where a session can be transferred: to a representative or a team, never to the general queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransferQueue {
    /// The personal queue of this representative.
    Rep(RepRef),
    /// The queue of the team with this number.
    Team(u64),
}

impl From<RepRef> for TransferQueue {
    fn from(rep: RepRef) -> Self {
        TransferQueue::Rep(rep)
    }
}

/// Transfers an active session to the queue of a representative or a team.
///
/// The reply is the appliance's message, in English `Successfully transferred`.
///
/// Needs full access to commands; users of old versions must be administrators. Since API version
/// 1.5 or earlier.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{TransferQueue, TransferSession};
///
/// let request = TransferSession::new("0123456789abcdef0123456789abcdef", TransferQueue::Team(3))
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&queue_id=team%3A3"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct TransferSession {
    lsid: String,
    queue: TransferQueue,
}

impl TransferSession {
    /// Transfers the session with this `lsid` to this queue.
    pub fn new(lsid: impl Into<String>, queue: impl Into<TransferQueue>) -> Self {
        TransferSession {
            lsid: lsid.into(),
            queue: queue.into(),
        }
    }
}

impl Call for TransferSession {
    type Reply = String;

    fn operation(&self) -> &str {
        "transfer_session"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        check_lsid(&self.lsid)?;
        let queue = match &self.queue {
            TransferQueue::Rep(rep) => rep.prefixed("queue_id")?,
            TransferQueue::Team(id) => format!("team:{id}"),
        };
        Ok(vec![
            ("lsid".into(), self.lsid.clone()),
            ("queue_id".into(), queue),
        ])
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
    fn each_queue_has_its_form() {
        for (queue, text) in [
            (TransferQueue::Rep(RepRef::Id(12)), "rep%3A12"),
            (RepRef::username("jdoe").into(), "rep_username%3Ajdoe"),
            (TransferQueue::Team(3), "team%3A3"),
        ] {
            assert_eq!(
                body(&TransferSession::new(LSID, queue)),
                format!("action=transfer_session&lsid={LSID}&queue_id={text}")
            );
        }
        for request in [
            TransferSession::new(LSID, RepRef::username("")),
            TransferSession::new("x", TransferQueue::Team(3)),
        ] {
            let error = request.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn gives_the_message() {
        let call = TransferSession::new(LSID, TransferQueue::Team(3));
        let reply = b"<success>Successfully transferred</success>";
        assert_eq!(call.decode(reply).unwrap(), "Successfully transferred");
    }
}
