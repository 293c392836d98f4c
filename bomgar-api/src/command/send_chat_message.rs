//! `send_chat_message`: writes into the chat of a session or a team.

use std::fmt;

use super::{RepRef, check_filled, parse_message};
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::Result;

/// Where a chat message goes, and in whose name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChatTarget {
    /// The chat of a session.
    Session {
        /// The session's identifier.
        lsid: String,
        /// Whose message it is.
        sender: SessionSender,
    },
    /// The chat of a team.
    Team {
        /// The team's number.
        team_id: u64,
        /// Whose message it is.
        sender: TeamSender,
    },
}

/// In whose name a message is written into a session's chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionSender {
    /// The appliance itself.
    #[default]
    System,
    /// The customer.
    Customer,
    /// A representative. The log-in name is understood by newer versions; the number is the safer
    /// choice.
    Rep(RepRef),
}

/// In whose name a message is written into a team's chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TeamSender {
    /// The appliance itself, to the whole team.
    #[default]
    System,
    /// A representative, to the whole team.
    Rep(RepRef),
    /// A representative, in private to one other representative.
    Private {
        /// Whose message it is.
        from: RepRef,
        /// Who shall read it.
        to: RepRef,
    },
}

/// Writes a message into the chat of a session or a team. The reply is the appliance's message.
///
/// The body may have BBCode such as `[b]bold[/b]`. `Debug` does not show it.
///
/// The vendor says that read-only access to commands is enough; an appliance may still demand full
/// access. Because it changes something, it is not repeated after an unclear failure. Since API
/// version 1.21.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{RepRef, SendChatMessage, SessionSender, TeamSender};
///
/// let note = SendChatMessage::to_session(
///     "0123456789abcdef0123456789abcdef",
///     SessionSender::System,
///     "A ticket was made for this session: [b]T20260101.0001[/b]",
/// );
/// assert!(note.encode("https://support.example.com", Spelling::Plain).is_ok());
///
/// let private = TeamSender::Private { from: RepRef::Id(12), to: RepRef::username("jdoe") };
/// let request = SendChatMessage::to_team(3, private, "Can you take it?")
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"action=send_chat_message&team_id=3&impersonate=rep%3A12&to_rep_username=jdoe\
///       &body=Can+you+take+it%3F",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct SendChatMessage {
    target: ChatTarget,
    body: String,
}

impl SendChatMessage {
    /// A message for this target.
    pub fn new(target: ChatTarget, body: impl Into<String>) -> Self {
        SendChatMessage {
            target,
            body: body.into(),
        }
    }

    /// A message into the chat of the session with this `lsid`.
    pub fn to_session(
        lsid: impl Into<String>,
        sender: SessionSender,
        body: impl Into<String>,
    ) -> Self {
        let lsid = lsid.into();
        SendChatMessage::new(ChatTarget::Session { lsid, sender }, body)
    }

    /// A message into the chat of the team with this number.
    pub fn to_team(team_id: u64, sender: TeamSender, body: impl Into<String>) -> Self {
        SendChatMessage::new(ChatTarget::Team { team_id, sender }, body)
    }
}

impl fmt::Debug for SendChatMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendChatMessage")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

impl Call for SendChatMessage {
    type Reply = String;

    fn operation(&self) -> &str {
        "send_chat_message"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        check_filled("body", &self.body)?;
        let mut fields = Fields::new();
        let mut impersonate = None;
        let mut reader = None;
        match &self.target {
            ChatTarget::Session { lsid, sender } => {
                check_lsid(lsid)?;
                fields.push(("lsid".into(), lsid.clone()));
                impersonate = match sender {
                    SessionSender::System => None,
                    SessionSender::Customer => Some("customer".to_owned()),
                    SessionSender::Rep(rep) => Some(rep.prefixed("impersonate")?),
                };
            }
            ChatTarget::Team { team_id, sender } => {
                fields.push(("team_id".into(), team_id.to_string()));
                match sender {
                    TeamSender::System => {}
                    TeamSender::Rep(rep) => impersonate = Some(rep.prefixed("impersonate")?),
                    TeamSender::Private { from, to } => {
                        impersonate = Some(from.prefixed("impersonate")?);
                        reader = Some(to);
                    }
                }
            }
        }
        fields.extend(impersonate.map(|sender| ("impersonate".into(), sender)));
        if let Some(rep) = reader {
            rep.append_to(&mut fields, "to_rep", "to_rep_username")?;
        }
        fields.push(("body".into(), self.body.clone()));
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<String> {
        parse_message(body)
    }

    fn session(&self) -> Option<&str> {
        match &self.target {
            ChatTarget::Session { lsid, .. } => Some(lsid),
            ChatTarget::Team { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::{LSID, body};

    #[test]
    fn every_sender_in_a_session_has_its_form() {
        for (sender, text) in [
            (SessionSender::System, ""),
            (SessionSender::Customer, "&impersonate=customer"),
            (SessionSender::Rep(RepRef::Id(12)), "&impersonate=rep%3A12"),
            (
                SessionSender::Rep(RepRef::username("jdoe")),
                "&impersonate=rep_username%3Ajdoe",
            ),
        ] {
            assert_eq!(
                body(&SendChatMessage::to_session(LSID, sender, "Hi")),
                format!("action=send_chat_message&lsid={LSID}{text}&body=Hi")
            );
        }
    }

    #[test]
    fn every_sender_in_a_team_has_its_form() {
        let private = |to| TeamSender::Private {
            from: RepRef::Id(12),
            to,
        };
        for (sender, text) in [
            (TeamSender::System, ""),
            (TeamSender::Rep(RepRef::Id(12)), "&impersonate=rep%3A12"),
            (private(RepRef::Id(13)), "&impersonate=rep%3A12&to_rep=13"),
            (
                private(RepRef::username("jdoe")),
                "&impersonate=rep%3A12&to_rep_username=jdoe",
            ),
        ] {
            assert_eq!(
                body(&SendChatMessage::to_team(3, sender, "[b]Hi[/b]")),
                format!("action=send_chat_message&team_id=3{text}&body=%5Bb%5DHi%5B%2Fb%5D")
            );
        }
    }

    #[test]
    fn nonsense_is_not_sent() {
        let nobody = || RepRef::username("");
        for request in [
            SendChatMessage::to_session(LSID, SessionSender::System, ""),
            SendChatMessage::to_session("x", SessionSender::System, "Hi"),
            SendChatMessage::to_session(LSID, SessionSender::Rep(nobody()), "Hi"),
            SendChatMessage::to_team(
                3,
                TeamSender::Private {
                    from: RepRef::Id(1),
                    to: nobody(),
                },
                "Hi",
            ),
        ] {
            let error = request.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn any_root_but_an_error_is_success() {
        let call = SendChatMessage::to_session(LSID, SessionSender::System, "secret");
        assert_eq!(call.decode(b"<success>Sent</success>").unwrap(), "Sent");
        assert_eq!(call.decode(b"<chat_message/>").unwrap(), "");
        for body in [
            &b"<error >Invalid lsid.</error>"[..],
            b"<success><error>Invalid lsid.</error></success>",
        ] {
            let error = call.decode(body).unwrap_err();
            assert_eq!(error.server_text(), Some("Invalid lsid."));
        }
        assert!(!format!("{call:?}").contains("secret"));
    }
}
