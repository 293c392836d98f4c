//! Outbound events: what the appliance posts to us when something happens in a session.
//!
//! # The rules of the game
//!
//! The appliance sends each event as a form `POST` to the recipient's URL. Only the HTTP status
//! [`SUCCESS_STATUS`] (200) counts as received; 201 or 204 do not. After any other answer it sends
//! the same event again, and **no later event** until that one is through or given up. So a
//! receiver
//!
//! - stores the event durably before it answers,
//! - answers 200 to everything it has stored, also to what it cannot make sense of, because one
//!   refused event blocks all others,
//! - expects events more than once and late; [`OutboundEvent::identity`] tells which are known.
//!
//! [`Ack`] has the answer for each situation.
//!
//! Nothing in an event proves who sent it, and it carries no content of the session: fetch the
//! session from the Reporting API by its `lsid`.
//!
//! ```
//! use bomgar_api::event::{Ack, EventKind, OutboundEvent};
//!
//! let event = OutboundEvent::parse(
//!     b"event=support_conference_end&version=1&timestamp=1572954189\
//!       &lsid=0123456789abcdef0123456789abcdef&external_key=4711",
//! );
//! assert_eq!(event.event(), Some(EventKind::ConferenceEnd));
//! assert_eq!(event.external_key(), Some("4711"));
//! assert!(event.problems().is_empty());
//!
//! // Stored durably? Then:
//! let (status, text) = Ack::stored(&event).into();
//! assert_eq!((status.as_u16(), text), (200, "OK: stored"));
//! ```

use std::fmt;

use jiff::Timestamp;

use crate::call::is_lsid;
use crate::error::shorten;
use crate::percent::hex;
use crate::time::parse_time;

mod ack;
mod identity;
mod kind;
mod recipient;

pub use ack::Ack;
pub use identity::EventIdentity;
pub use kind::{EventKind, MemberKind};
pub use recipient::{ApplianceId, DEFAULT_PORT, RECIPIENT_PATH, RecipientUrl};

/// The only HTTP status by which the appliance takes an event as received.
pub const SUCCESS_STATUS: u16 = 200;

/// What the names of custom attributes begin with.
const CUSTOM: &str = "session.custom.";

/// What is wrong with an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// The field `event` is missing or empty.
    MissingEvent,
    /// The field `lsid` is missing or empty.
    MissingLsid,
    /// The `lsid` is not 32 hexadecimal digits.
    InvalidLsid,
    /// The `timestamp` is not a time.
    InvalidTimestamp,
    /// A `%` is not followed by two hexadecimal digits, or the decoded bytes are not UTF-8. What
    /// could be read is kept.
    BadEncoding {
        /// The field, as far as it could be read.
        field: String,
    },
    /// A standard field occurs several times with different values; the first one counts.
    Contradiction {
        /// The field.
        field: String,
    },
}

impl Problem {
    /// Whether the event cannot be handled with this problem.
    pub fn is_fatal(&self) -> bool {
        matches!(
            self,
            Problem::MissingEvent | Problem::MissingLsid | Problem::InvalidLsid
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::MissingEvent => f.write_str("the field event is missing"),
            Problem::MissingLsid => f.write_str("the field lsid is missing"),
            Problem::InvalidLsid => f.write_str("the field lsid is not 32 hexadecimal digits"),
            Problem::InvalidTimestamp => f.write_str("the field timestamp is not a time"),
            Problem::BadEncoding { field } => {
                write!(f, "the field {} is badly encoded", shorten(field, 60))
            }
            Problem::Contradiction { field } => {
                write!(
                    f,
                    "the field {} has several different values",
                    shorten(field, 60)
                )
            }
        }
    }
}

/// An event as it arrived.
///
/// Any body can be parsed: what is wrong with it is in [`problems`](OutboundEvent::problems), and
/// all fields, known or not, are in [`fields`](OutboundEvent::fields). Field names are compared
/// without regard to case.
///
/// ```
/// use bomgar_api::event::{MemberKind, OutboundEvent, Problem};
///
/// let event = OutboundEvent::parse(
///     b"event=support_conference_member_added&timestamp=1572954189&type=customer\
///       &lsid=0123456789abcdef0123456789abcdef&name=Ann+Lee&session.custom.tag=x&novelty=1",
/// );
/// assert_eq!((event.member(), event.member_name()), (Some(MemberKind::Customer), Some("Ann Lee")));
/// assert_eq!((event.custom("tag"), event.get("novelty")), (Some("x"), Some("1")));
///
/// let nothing = OutboundEvent::parse(b"{}");
/// assert!(!nothing.is_usable());
/// assert!(nothing.problems().contains(&Problem::MissingEvent));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OutboundEvent {
    fields: Vec<(String, String)>,
    problems: Vec<Problem>,
}

impl OutboundEvent {
    /// Reads a form body (`application/x-www-form-urlencoded`).
    pub fn parse(body: &[u8]) -> Self {
        let mut event = OutboundEvent {
            fields: Vec::new(),
            problems: Vec::new(),
        };
        for pair in body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            let (name, name_ok) = decode(name.trim_ascii());
            // A final line break is not part of the form.
            let (value, value_ok) = decode(value.trim_ascii_end());
            if name.is_empty() && value.is_empty() {
                continue;
            }
            if !(name_ok && value_ok) {
                event.problems.push(Problem::BadEncoding {
                    field: name.clone(),
                });
            }
            event.fields.push((name, value));
        }
        event.check();
        event
    }

    fn check(&mut self) {
        let mut found = Vec::new();
        if self.get("event").is_none() {
            found.push(Problem::MissingEvent);
        }
        match self.get("lsid") {
            None => found.push(Problem::MissingLsid),
            Some(lsid) if !is_lsid(lsid) => found.push(Problem::InvalidLsid),
            Some(_) => {}
        }
        if self.get("timestamp").is_some() && self.timestamp().is_none() {
            found.push(Problem::InvalidTimestamp);
        }
        for name in ["event", "lsid", "timestamp", "external_key", "appliance_id"] {
            let mut values = self.get_all(name);
            if let Some(first) = values.next() {
                if values.any(|value| value != first) {
                    found.push(Problem::Contradiction { field: name.into() });
                }
            }
        }
        self.problems.extend(found);
    }

    /// What happened; `None` when the event does not say.
    pub fn event(&self) -> Option<EventKind> {
        self.get("event").map(EventKind::from_wire)
    }

    /// The session's identifier, as sent. Whether it is well-formed is in
    /// [`problems`](OutboundEvent::problems).
    pub fn lsid(&self) -> Option<&str> {
        self.get("lsid")
    }

    /// The session's external key at the time of the event; it can change until the session ends.
    pub fn external_key(&self) -> Option<&str> {
        self.get("external_key")
    }

    /// When it happened, to the second.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.get("timestamp").and_then(parse_time)
    }

    /// The appliance's own identity. This is not the `appliance` value of the recipient's URL.
    pub fn appliance_id(&self) -> Option<&str> {
        self.get("appliance_id")
    }

    /// The version of the event's format.
    pub fn version(&self) -> Option<&str> {
        self.get("version")
    }

    /// Who joined or left: `customer` or `representative`, as sent.
    pub fn member_type(&self) -> Option<&str> {
        self.get("type")
    }

    /// Who joined or left.
    pub fn member(&self) -> Option<MemberKind> {
        self.member_type().map(MemberKind::from_wire)
    }

    /// The name of who joined or left: `display_name`, or else `name`.
    pub fn member_name(&self) -> Option<&str> {
        self.get("display_name").or_else(|| self.get("name"))
    }

    /// The log-in name of the representative who joined or left.
    pub fn username(&self) -> Option<&str> {
        self.get("username")
    }

    /// The number of the representative who joined or left.
    pub fn user_id(&self) -> Option<&str> {
        self.get("user_id")
    }

    /// The identifier of the conference, a part of the session.
    pub fn conference_id(&self) -> Option<&str> {
        self.get("conference_id")
    }

    /// The name of the conference, a part of the session.
    pub fn conference_name(&self) -> Option<&str> {
        self.get("conference_name")
    }

    /// A custom attribute of the session, by its code name. Appliances send them only if the
    /// recipient is set up so.
    pub fn custom(&self, code_name: &str) -> Option<&str> {
        self.get(&format!("{CUSTOM}{code_name}"))
    }

    /// All custom attributes that were sent, by code name, in their order.
    pub fn custom_attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter_map(|(name, value)| {
            let (prefix, code_name) = name.split_at_checked(CUSTOM.len())?;
            (prefix.eq_ignore_ascii_case(CUSTOM)).then_some((code_name, value.as_str()))
        })
    }

    /// The first value of a field that is not blank, without surrounding white space.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name)
            .map(str::trim)
            .find(|value| !value.is_empty())
    }

    /// All values of a field, as sent.
    pub fn get_all(&self, name: &str) -> impl Iterator<Item = &str> {
        let found = self
            .fields
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All fields in the order they were sent, repeated ones included.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// What is wrong with the event; empty for a good one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether the event says what happened in which session.
    pub fn is_usable(&self) -> bool {
        !self.problems.iter().any(Problem::is_fatal)
    }
}

impl fmt::Debug for OutboundEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values may be customers' names and text: only those that are not are shown.
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("OutboundEvent")
            .field("event", &self.get("event"))
            .field("lsid", &self.lsid())
            .field("timestamp", &self.timestamp())
            .field("fields", &names)
            .field("problems", &self.problems)
            .finish()
    }
}

/// Decodes one name or value, and says whether all of it was well-formed.
fn decode(encoded: &[u8]) -> (String, bool) {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut well_formed = true;
    let mut rest = encoded;
    while let [byte, after @ ..] = rest {
        rest = after;
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |at: usize| after.get(at).copied().and_then(hex);
                match (digit(0), digit(1)) {
                    (Some(high), Some(low)) => {
                        bytes.push(high << 4 | low);
                        rest = &after[2..];
                    }
                    _ => {
                        bytes.push(b'%');
                        well_formed = false;
                    }
                }
            }
            other => bytes.push(*other),
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, well_formed),
        Err(error) => (
            String::from_utf8_lossy(error.as_bytes()).into_owned(),
            false,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LSID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn reads_what_receivers_have_seen() {
        let body = format!(
            "event=support_conference_member_added&version=1&timestamp=1572954189&\
             appliance_id=fedcba9876543210fedcba9876543210&lsid={LSID}&external_key=&\
             type=representative&username=jdoe&user_id=3&display_name=J%C3%B6rg+D.&novelty=x"
        );
        let event = OutboundEvent::parse(body.as_bytes());
        assert_eq!(event.event(), Some(EventKind::ConferenceMemberAdded));
        assert_eq!(event.lsid(), Some(LSID));
        assert_eq!(event.external_key(), None);
        assert_eq!(
            event.timestamp(),
            Timestamp::from_second(1_572_954_189).ok()
        );
        assert_eq!(
            event.appliance_id(),
            Some("fedcba9876543210fedcba9876543210")
        );
        assert_eq!(event.member_type(), Some("representative"));
        assert_eq!(event.member(), Some(MemberKind::Representative));
        assert_eq!(event.member_name(), Some("Jörg D."));
        assert_eq!(event.username(), Some("jdoe"));
        assert_eq!(event.user_id(), Some("3"));
        assert_eq!(event.version(), Some("1"));
        assert_eq!(event.conference_id(), None);
        assert_eq!(event.get("NOVELTY"), Some("x"));
        assert_eq!(event.problems(), []);
        assert!(event.is_usable());
    }

    #[test]
    fn an_unknown_kind_is_kept() {
        let body = format!("event=support_conference_paused&lsid={LSID}");
        let event = OutboundEvent::parse(body.as_bytes());
        assert_eq!(
            event.event(),
            Some(EventKind::Other("support_conference_paused".into()))
        );
        assert!(event.is_usable());
    }

    #[test]
    fn every_defect_is_named() {
        let cases: [(&str, &[Problem]); 7] = [
            ("", &[Problem::MissingEvent, Problem::MissingLsid]),
            (
                "event=&lsid=+",
                &[Problem::MissingEvent, Problem::MissingLsid],
            ),
            ("event=e&lsid=1234", &[Problem::InvalidLsid]),
            (
                "event=e&lsid=0123456789abcdef0123456789abcdef&timestamp=noon",
                &[Problem::InvalidTimestamp],
            ),
            (
                "event=e&lsid=0123456789abcdef0123456789abcdef&name=50%",
                &[Problem::BadEncoding {
                    field: String::new(),
                }],
            ),
            (
                "event=e&lsid=0123456789abcdef0123456789abcdef&name=%E9t%E9",
                &[Problem::BadEncoding {
                    field: String::new(),
                }],
            ),
            (
                "event=e&event=f&lsid=0123456789abcdef0123456789abcdef",
                &[Problem::Contradiction {
                    field: String::new(),
                }],
            ),
        ];
        for (body, expected) in cases {
            let found: Vec<_> = OutboundEvent::parse(body.as_bytes())
                .problems()
                .iter()
                .map(std::mem::discriminant)
                .collect();
            let expected: Vec<_> = expected.iter().map(std::mem::discriminant).collect();
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn badly_encoded_and_repeated_fields_are_kept() {
        let event = OutboundEvent::parse(b"a=50%&b=%zz&c=%E9&a=2&flag&=x\r\n");
        let fields: Vec<_> = event
            .fields()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let expected = [
            ("a", "50%"),
            ("b", "%zz"),
            ("c", "\u{fffd}"),
            ("a", "2"),
            ("flag", ""),
            ("", "x"),
        ];
        assert_eq!(fields, expected);
        assert_eq!(event.get_all("A").collect::<Vec<_>>(), ["50%", "2"]);
    }

    #[test]
    fn a_bad_encoding_anywhere_is_seen_beside_a_valid_event() {
        let good = format!("event=support_conference_end&lsid={LSID}");
        for (rest, field) in [
            ("display_name=100%", "display_name"),
            ("display_name=%C3%", "display_name"),
            ("display_name=%4", "display_name"),
            ("display_name=%C3%28", "display_name"),
            ("na%me=x", "na%me"),
            ("%FF=x", "\u{fffd}"),
            ("flag%G0", "flag%G0"),
        ] {
            for body in [format!("{good}&{rest}"), format!("{rest}&{good}")] {
                let event = OutboundEvent::parse(body.as_bytes());
                let problem = Problem::BadEncoding {
                    field: field.into(),
                };
                assert_eq!(event.problems(), [problem], "{body}");
                // It says what happened in which session, so it can be worked on all the same.
                assert!(event.is_usable(), "{body}");
            }
        }
    }

    #[test]
    fn names_of_fields_and_events_are_read_in_any_case() {
        let body = format!(
            "EVENT=Support_Conference_End&Lsid={}&External_Key=k&session.custom.Tag=x&\
             conference_id=9&conference_name=Help",
            LSID.to_uppercase()
        );
        let event = OutboundEvent::parse(body.as_bytes());
        assert_eq!(event.event(), Some(EventKind::ConferenceEnd));
        assert_eq!(event.external_key(), Some("k"));
        assert_eq!(event.custom("tag"), Some("x"));
        let custom: Vec<_> = event.custom_attributes().collect();
        assert_eq!(custom, [("Tag", "x")]);
        assert_eq!(event.conference_id(), Some("9"));
        assert_eq!(event.conference_name(), Some("Help"));
        assert_eq!(event.problems(), []);
    }

    #[test]
    fn other_kinds_of_body_are_no_events() {
        for body in [
            &br#"{"event":"support_conference_end"}"#[..],
            b"<event>support_conference_end</event>",
            b"--x\r\nContent-Disposition: form-data; name=\"event\"\r\n\r\ne\r\n--x--",
            b"\x1f\x8b\x08\x00",
            b"\x00\xff&&&===&",
        ] {
            let event = OutboundEvent::parse(body);
            assert!(!event.is_usable());
            assert!(event.problems().contains(&Problem::MissingEvent));
        }
    }

    #[test]
    fn debug_shows_no_customer_text() {
        let event = OutboundEvent::parse(b"event=e&display_name=Secret&external_key=Hidden");
        let debug = format!("{event:?}");
        assert!(debug.contains("display_name"), "{debug}");
        assert!(
            !debug.contains("Secret") && !debug.contains("Hidden"),
            "{debug}"
        );
    }

    proptest! {
        #[test]
        fn any_bytes_parse(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let event = OutboundEvent::parse(&body);
            prop_assert!(event.is_usable() || !event.problems().is_empty());
        }

        #[test]
        fn well_formed_fields_come_back(
            fields in proptest::collection::vec(("[a-z_.]{1,8}", "[^\\x00-\\x20]{1,12}"), 0..6)
        ) {
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
            let event = OutboundEvent::parse(body.as_bytes());
            prop_assert_eq!(event.fields(), &fields[..]);
        }
    }
}
