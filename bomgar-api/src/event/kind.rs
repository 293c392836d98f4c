//! What an event is about.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What happened, as the field `event` says it.
///
/// ```
/// use bomgar_api::event::EventKind;
///
/// let kind = EventKind::from("support_conference_end");
/// assert_eq!((&kind, kind.label()), (&EventKind::ConferenceEnd, "Support Session End"));
/// assert_eq!(EventKind::from("newer").to_string(), "newer");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// `support_conference_begin`: a session started.
    ConferenceBegin,
    /// `support_conference_end`: a session ended.
    ConferenceEnd,
    /// `support_conference_owner_changed`: a session has another owner.
    ConferenceOwnerChanged,
    /// `support_conference_member_added`: someone joined.
    ConferenceMemberAdded,
    /// `support_conference_member_departed`: someone left.
    ConferenceMemberDeparted,
    /// `support_conference_customer_exit_survey_completed`: a customer filled in the survey.
    CustomerExitSurveyCompleted,
    /// `support_conference_rep_exit_survey_completed`: a representative filled in the survey.
    RepExitSurveyCompleted,
    /// Anything else, as sent.
    Other(String),
}

const KINDS: [(EventKind, &str, &str); 7] = [
    (
        EventKind::ConferenceBegin,
        "support_conference_begin",
        "Support Session Begin",
    ),
    (
        EventKind::ConferenceEnd,
        "support_conference_end",
        "Support Session End",
    ),
    (
        EventKind::ConferenceOwnerChanged,
        "support_conference_owner_changed",
        "Support Session Owner Changed",
    ),
    (
        EventKind::ConferenceMemberAdded,
        "support_conference_member_added",
        "Someone Joins a Support Session",
    ),
    (
        EventKind::ConferenceMemberDeparted,
        "support_conference_member_departed",
        "Someone Leaves a Support Session",
    ),
    (
        EventKind::CustomerExitSurveyCompleted,
        "support_conference_customer_exit_survey_completed",
        "Customer Exit Survey is Completed",
    ),
    (
        EventKind::RepExitSurveyCompleted,
        "support_conference_rep_exit_survey_completed",
        "Representative Survey is Completed",
    ),
];

impl EventKind {
    /// Reads the name on the wire.
    pub fn from_wire(name: &str) -> Self {
        let name = name.trim();
        KINDS
            .iter()
            .find(|(_, wire, _)| wire.eq_ignore_ascii_case(name))
            .map_or_else(
                || EventKind::Other(name.to_owned()),
                |(kind, _, _)| kind.clone(),
            )
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            EventKind::Other(name) => name,
            known => KINDS
                .iter()
                .find(|(kind, _, _)| kind == known)
                .map_or("", |row| row.1),
        }
    }

    /// The name people know it by, in the list of events that a recipient can be sent.
    pub fn label(&self) -> &str {
        match self {
            EventKind::Other(name) => name,
            known => KINDS
                .iter()
                .find(|(kind, _, _)| kind == known)
                .map_or("", |row| row.2),
        }
    }
}

impl From<&str> for EventKind {
    fn from(name: &str) -> Self {
        EventKind::from_wire(name)
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for EventKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| EventKind::from_wire(&name))
    }
}

/// Who joined or left a session.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MemberKind {
    /// `customer`
    Customer,
    /// `representative`
    Representative,
    /// Anything else, as sent.
    Other(String),
}

impl MemberKind {
    /// Reads the name on the wire, in any case.
    pub fn from_wire(name: &str) -> Self {
        let name = name.trim();
        if name.eq_ignore_ascii_case("customer") {
            MemberKind::Customer
        } else if name.eq_ignore_ascii_case("representative") {
            MemberKind::Representative
        } else {
            MemberKind::Other(name.to_owned())
        }
    }

    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            MemberKind::Customer => "customer",
            MemberKind::Representative => "representative",
            MemberKind::Other(name) => name,
        }
    }
}

impl From<&str> for MemberKind {
    fn from(name: &str) -> Self {
        MemberKind::from_wire(name)
    }
}

impl fmt::Display for MemberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for MemberKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MemberKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|name| MemberKind::from_wire(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels_belong_together() {
        for (kind, wire, label) in &KINDS {
            assert_eq!(&EventKind::from_wire(wire), kind);
            assert_eq!((kind.as_str(), kind.label()), (*wire, *label));
        }
    }

    #[test]
    fn names_are_read_in_any_case_and_kept_when_unknown() {
        let kind = EventKind::from_wire(" Support_Conference_END ");
        assert_eq!(kind, EventKind::ConferenceEnd);
        let kind = EventKind::from_wire("Support_Conference_Paused");
        assert_eq!(kind, EventKind::Other("Support_Conference_Paused".into()));
        let json = serde_json::to_string(&EventKind::ConferenceBegin).unwrap();
        assert_eq!(json, "\"support_conference_begin\"");
        let back: EventKind = serde_json::from_str(&json).unwrap();
        assert_eq!(back, EventKind::ConferenceBegin);
        assert_eq!(MemberKind::from_wire("Customer"), MemberKind::Customer);
        assert_eq!(MemberKind::from_wire("bot").as_str(), "bot");
        for word in ["customer", "representative", "bot"] {
            let kind = MemberKind::from(word);
            let json = serde_json::to_string(&kind).unwrap();
            assert_eq!(
                (kind.to_string().as_str(), json),
                (word, format!("\"{word}\""))
            );
            assert_eq!(
                serde_json::from_str::<MemberKind>(&format!("\"{word}\"")).unwrap(),
                kind
            );
        }
    }
}
