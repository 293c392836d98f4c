//! Telling a repeated event from another one.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::OutboundEvent;

/// The fields that tell one person's joining or leaving from another's in the same second.
const MEMBER_FIELDS: [&str; 7] = [
    "type",
    "user_id",
    "username",
    "display_name",
    "name",
    "conference_id",
    "conference_name",
];

/// What two deliveries of one event have in common, and different events have not.
///
/// An appliance repeats an event whose answer it missed, so a receiver gets some twice. Stored with
/// the event, the identity tells that it is there already. It is compared, hashed and serialized as
/// a whole; `Debug` shows the kind and the session only, because members are people.
///
/// ```
/// use bomgar_api::event::OutboundEvent;
///
/// let body = b"event=support_conference_end&timestamp=1572954189\
///              &lsid=0123456789abcdef0123456789abcdef&external_key=1";
/// // The external key has changed in between, and the case of the names may differ.
/// let again = b"EVENT=support_conference_end&timestamp=1572954189\
///               &lsid=0123456789ABCDEF0123456789ABCDEF&external_key=2";
/// let identity = |body| OutboundEvent::parse(body).identity();
/// assert_eq!(identity(body), identity(again));
/// assert_eq!(identity(b"event=support_conference_end"), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EventIdentity {
    event: String,
    lsid: String,
    timestamp: Option<String>,
    member: Vec<(String, String)>,
}

impl fmt::Debug for EventIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventIdentity")
            .field("event", &self.event)
            .field("lsid", &self.lsid)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

impl OutboundEvent {
    /// What tells this event from others: its kind, session, time and member. `None` when it does
    /// not say what happened in which session.
    ///
    /// Two events of one kind, session and member within a second cannot be told apart, nor can
    /// those that lack the time.
    pub fn identity(&self) -> Option<EventIdentity> {
        if !self.is_usable() {
            return None;
        }
        let timestamp = match self.timestamp() {
            Some(time) => Some(time.as_second().to_string()),
            // Unreadable, it still tells events apart.
            None => self.get("timestamp").map(str::to_owned),
        };
        let member = MEMBER_FIELDS
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), self.get(name)?.to_owned())));
        Some(EventIdentity {
            event: self.event()?.as_str().to_owned(),
            lsid: self.lsid()?.to_ascii_lowercase(),
            timestamp,
            member: member.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "event=support_conference_member_added&version=1&timestamp=1572954189\
                        &lsid=0123456789abcdef0123456789abcdef&type=customer&name=Ann";

    fn identity(body: &str) -> Option<EventIdentity> {
        OutboundEvent::parse(body.as_bytes()).identity()
    }

    #[test]
    fn a_repeated_event_is_the_same() {
        let first = identity(BODY);
        assert!(first.is_some());
        let upper = BODY
            .replace("abcdef", "ABCDEF")
            .replace("event=s", "event=S");
        for same in [
            BODY.to_owned(),
            upper,
            format!("{BODY}&external_key=changed&novelty=x"),
            BODY.replace("version=1", "version=2"),
            BODY.replace("1572954189", "2019-11-05T11:43:09Z"),
        ] {
            assert_eq!(identity(&same), first, "{same}");
        }
    }

    #[test]
    fn another_event_is_another() {
        let first = identity(BODY);
        for other in [
            BODY.replace("added", "departed"),
            BODY.replace("0123", "3210"),
            BODY.replace("189", "190"),
            BODY.replace("189", "noon"),
            BODY.replace("timestamp=1572954189&", ""),
            BODY.replace("customer", "representative"),
            BODY.replace("Ann", "Bob"),
            format!("{BODY}&user_id=3"),
        ] {
            let other_identity = identity(&other);
            assert!(other_identity.is_some(), "{other}");
            assert_ne!(other_identity, first, "{other}");
        }
    }

    #[test]
    fn what_says_nothing_has_none_and_names_are_not_shown() {
        assert_eq!(identity("event=e"), None);
        assert_eq!(identity("event=e&lsid=17"), None);
        let debug = format!("{:?}", identity(BODY));
        assert!(!debug.contains("Ann"), "{debug}");
        let stored = serde_json::to_string(&identity(BODY)).unwrap();
        assert_eq!(
            serde_json::from_str::<Option<EventIdentity>>(&stored).unwrap(),
            identity(BODY)
        );
    }
}
