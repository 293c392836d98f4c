//! Convenience views over a session: who, what was said, what was done.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Actor, ActorKind, Customer, Event, EventType, PersonRef, RawElement, Representative, Session,
    SystemCategory,
};

/// A participant found by number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Person<'a> {
    /// A customer.
    Customer(&'a Customer),
    /// A representative.
    Representative(&'a Representative),
}

impl<'a> Person<'a> {
    /// The name to show: for a representative the private display name, else the display name,
    /// else the public one, else the log-in name; for a customer the user name.
    pub fn name(&self) -> &'a str {
        match self {
            Person::Customer(customer) => &customer.username,
            Person::Representative(representative) => representative.name(),
        }
    }
}

/// One line of a session's chat.
///
/// `Debug` shows when and what kind of participant, but no text and no name.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChatLine<'a> {
    /// When it was said.
    pub timestamp: Option<Timestamp>,
    /// Who said it; empty when the report does not say.
    pub speaker: &'a str,
    /// The kind of the speaker.
    pub speaker_kind: Option<&'a ActorKind>,
    /// To whom; empty when the report does not say.
    pub to: &'a str,
    /// The kind of the addressee.
    pub to_kind: Option<&'a ActorKind>,
    /// What was said.
    pub text: &'a str,
}

/// A note that a representative wrote into the session.
///
/// `Debug` shows when, but no text and no name.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SessionNote<'a> {
    /// When it was written.
    pub timestamp: Option<Timestamp>,
    /// Who wrote it; empty when the report does not say.
    pub author: &'a str,
    /// The note.
    pub text: &'a str,
}

/// What happened to one file.
///
/// `Debug` shows what happened and when, but no path and no name.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FileAction<'a> {
    /// When it happened.
    pub timestamp: Option<Timestamp>,
    /// What happened: an upload, a download, a move, a deletion, ….
    pub event_type: &'a EventType,
    /// Who did it; empty when the report does not say.
    pub performed_by: &'a str,
    /// The file's name, often with its full path. For a move this is the new path.
    pub filename: &'a str,
    /// The path before a move.
    pub old_path: Option<&'a str>,
    /// Size in bytes.
    pub filesize: Option<u64>,
    /// SHA-256 of the content, where the appliance states it.
    pub sha256: Option<&'a str>,
}

/// A special action that a representative executed, such as opening the task manager.
///
/// `Debug` shows when and which action, but no name.
#[derive(Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SpecialAction<'a> {
    /// When it was executed.
    pub timestamp: Option<Timestamp>,
    /// Who executed it; empty when the report does not say.
    pub performed_by: &'a str,
    /// The action's name, in the language of the appliance.
    pub action: &'a str,
}

impl Session {
    /// Whether the report is final, that is, has an end time.
    ///
    /// Shortly after a session's end the appliance may not have it in the report yet, or without
    /// an end time: ask again after some seconds. A session that was closed abnormally never gets
    /// one.
    pub fn is_complete(&self) -> bool {
        self.end_time.is_some()
    }

    /// The participant with this number.
    pub fn person(&self, gsnumber: &str) -> Option<Person<'_>> {
        self.representative(gsnumber)
            .map(Person::Representative)
            .or_else(|| self.customer(gsnumber).map(Person::Customer))
    }

    /// The customer with this number.
    pub fn customer(&self, gsnumber: &str) -> Option<&Customer> {
        self.customers
            .iter()
            .find(|customer| customer.gsnumber == gsnumber)
    }

    /// The representative with this number.
    pub fn representative(&self, gsnumber: &str) -> Option<&Representative> {
        self.representatives
            .iter()
            .find(|representative| representative.gsnumber == gsnumber)
    }

    /// The representative the session is attributed to.
    ///
    /// Appliances say it in up to three ways, tried in this order: the `primary_rep` element
    /// (joined by `gsnumber`, else by `id`), the `primary_rep` flag in the list, and, where there
    /// is neither, the `session_owner` flag.
    pub fn primary_representative(&self) -> Option<&Representative> {
        let by_ref = self.primary_rep.as_ref().and_then(|rep| {
            let by_number = rep.gsnumber.as_deref().and_then(|n| self.representative(n));
            by_number.or_else(|| {
                let id = rep.id.as_deref()?;
                self.representatives
                    .iter()
                    .find(|r| r.id.as_deref() == Some(id))
            })
        });
        by_ref
            .or_else(|| self.representatives.iter().find(|r| r.primary))
            .or_else(|| self.representatives.iter().find(|r| r.session_owner))
    }

    /// The customer the session is about: the `primary_customer` element, else the flag in the
    /// list, else the only customer there is.
    pub fn primary_customer(&self) -> Option<&Customer> {
        let by_ref = self
            .primary_customer
            .as_ref()
            .and_then(|customer| customer.gsnumber.as_deref())
            .and_then(|n| self.customer(n));
        let only = match self.customers.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        by_ref
            .or_else(|| self.customers.iter().find(|c| c.primary))
            .or(only)
    }

    /// The name to show for someone in an event: the printed one, else that of the participant
    /// with the same number, else an empty text.
    pub fn name_of<'a>(&'a self, actor: &'a Actor) -> &'a str {
        if !actor.name.is_empty() {
            return &actor.name;
        }
        self.person_of(actor).map_or("", |person| person.name())
    }

    /// The chat, line by line, in the order of time. System messages are included; tell
    /// them by [`ChatLine::speaker_kind`].
    pub fn chat_transcript(&self) -> Vec<ChatLine<'_>> {
        self.events_of(&EventType::ChatMessage)
            .map(|event| ChatLine {
                timestamp: event.timestamp,
                speaker: self.performer(event),
                speaker_kind: event.performed_by.as_ref().map(|actor| &actor.kind),
                to: event
                    .destination
                    .as_ref()
                    .map_or("", |actor| self.name_of(actor)),
                to_kind: event.destination.as_ref().map(|actor| &actor.kind),
                text: event.body.as_deref().unwrap_or_default(),
            })
            .collect()
    }

    /// The session notes that representatives wrote.
    pub fn notes(&self) -> Vec<SessionNote<'_>> {
        self.events_of(&EventType::SessionNoteAdded)
            .map(|event| SessionNote {
                timestamp: event.timestamp,
                author: self.performer(event),
                text: event.body.as_deref().unwrap_or_default(),
            })
            .collect()
    }

    /// Everything that happened to files: transfers in both directions, failures, moves and
    /// deletions. An event about several files gives one entry for each.
    pub fn files(&self) -> Vec<FileAction<'_>> {
        let mut actions = Vec::new();
        for event in self.events_in_time_order() {
            if !event.is_about_files() {
                continue;
            }
            let base = FileAction {
                timestamp: event.timestamp,
                event_type: &event.event_type,
                performed_by: self.performer(event),
                filename: "",
                old_path: event.value("old_path"),
                filesize: None,
                sha256: event.value("sha256"),
            };
            if event.files.is_empty() {
                let filename = event.filename.as_deref();
                actions.push(FileAction {
                    filename: filename
                        .or_else(|| event.value("filename"))
                        .or_else(|| event.value("new_path"))
                        .unwrap_or_default(),
                    filesize: event
                        .filesize
                        .or_else(|| event.value("filesize").and_then(|size| size.parse().ok())),
                    ..base
                });
            } else {
                actions.extend(event.files.iter().map(|file| FileAction {
                    filename: &file.filename,
                    filesize: file.filesize,
                    ..base.clone()
                }));
            }
        }
        actions
    }

    /// The special actions that representatives executed.
    pub fn special_actions(&self) -> Vec<SpecialAction<'_>> {
        self.events_of(&EventType::SpecialActionExecuted)
            .map(|event| SpecialAction {
                timestamp: event.timestamp,
                performed_by: self.performer(event),
                action: event
                    .value("action_name")
                    .or(event.body.as_deref())
                    .unwrap_or_default(),
            })
            .collect()
    }

    /// The system information by category, as last retrieved: where a category was retrieved
    /// several times, the last one counts, at the place of the first.
    pub fn system_information(&self) -> Vec<&SystemCategory> {
        let mut categories: Vec<&SystemCategory> = Vec::new();
        let events = self.events_in_time_order().into_iter();
        for category in events.flat_map(|event| &event.system_information) {
            match categories
                .iter_mut()
                .find(|known| known.name == category.name)
            {
                Some(known) => *known = category,
                None => categories.push(category),
            }
        }
        categories
    }

    /// One category of the [system information](Session::system_information), by its name.
    pub fn system_category(&self, name: &str) -> Option<&SystemCategory> {
        let categories = self.system_information();
        categories
            .into_iter()
            .find(|category| category.name == name)
    }

    /// The value of the custom attribute with this code name.
    pub fn custom_attribute(&self, code_name: &str) -> Option<&str> {
        let attribute = self
            .custom_attributes
            .iter()
            .find(|a| a.code_name == code_name)?;
        Some(&attribute.value)
    }

    /// All events in the order of their times. Events of the same second stay in the order of the
    /// report, and one without time stays behind the one before it.
    pub fn events_in_time_order(&self) -> Vec<&Event> {
        let mut latest = None;
        let mut timed: Vec<(Option<Timestamp>, &Event)> = Vec::with_capacity(self.events.len());
        for event in &self.events {
            latest = event.timestamp.or(latest);
            timed.push((latest, event));
        }
        timed.sort_by_key(|(time, _)| *time);
        timed.into_iter().map(|(_, event)| event).collect()
    }

    /// The events of one type, in the order of their times.
    pub fn events_of<'a>(&'a self, event_type: &EventType) -> impl Iterator<Item = &'a Event> {
        let events = self.events_in_time_order().into_iter();
        events.filter(move |event| event.event_type == *event_type)
    }

    fn performer<'a>(&'a self, event: &'a Event) -> &'a str {
        event
            .performed_by
            .as_ref()
            .map_or("", |actor| self.name_of(actor))
    }
}

impl Event {
    /// The first named value with this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let value = self.data.iter().find(|value| value.name == name)?;
        Some(&value.value)
    }

    fn is_about_files(&self) -> bool {
        matches!(
            self.event_type,
            EventType::FileUpload
                | EventType::FileUploadFailed
                | EventType::FileDownload
                | EventType::FileDownloadFailed
                | EventType::FileTransferComplete
                | EventType::FileMoved
                | EventType::FileDeleted
                | EventType::FilesShared
        )
    }
}

impl Representative {
    /// The name to show to colleagues: the private display name, else the display name, else the
    /// public one, else the log-in name.
    pub fn name(&self) -> &str {
        [
            &self.private_display_name,
            &self.display_name,
            &self.public_display_name,
        ]
        .into_iter()
        .find_map(|name| name.as_deref().filter(|name| !name.is_empty()))
        .unwrap_or(&self.username)
    }
}

impl PersonRef {
    /// A mention by number and name.
    pub fn new(gsnumber: impl Into<String>, name: impl Into<String>) -> Self {
        PersonRef {
            gsnumber: Some(gsnumber.into()),
            id: None,
            name: name.into(),
        }
    }
}

impl Actor {
    /// A participant by kind, number and name.
    pub fn new(kind: ActorKind, gsnumber: impl Into<String>, name: impl Into<String>) -> Self {
        Actor {
            kind,
            gsnumber: Some(gsnumber.into()),
            id: None,
            name: name.into(),
        }
    }
}

impl ActorKind {
    /// Reads the `type` attribute; the case of known words does not matter.
    pub fn from_wire(kind: &str) -> Self {
        const KINDS: [(&str, ActorKind); 5] = [
            ("system", ActorKind::System),
            ("customer", ActorKind::Customer),
            ("representative", ActorKind::Representative),
            ("rep", ActorKind::Representative),
            ("everyone", ActorKind::Everyone),
        ];
        let kind = kind.trim();
        KINDS
            .into_iter()
            .find(|(name, _)| kind.eq_ignore_ascii_case(name))
            .map_or_else(|| ActorKind::Other(kind.to_owned()), |(_, known)| known)
    }

    /// The word on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            ActorKind::System => "system",
            ActorKind::Customer => "customer",
            ActorKind::Representative => "representative",
            ActorKind::Everyone => "everyone",
            ActorKind::Other(kind) => kind,
        }
    }
}

impl From<&str> for ActorKind {
    fn from(kind: &str) -> Self {
        ActorKind::from_wire(kind)
    }
}

impl fmt::Display for ActorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl RawElement {
    /// The value of the first attribute with this local name.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The first child element with this local name.
    pub fn child(&self, name: &str) -> Option<&RawElement> {
        self.children.iter().find(|child| child.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporting::{DataValue, SystemField};

    #[test]
    fn a_complete_transfer_says_what_was_transferred() {
        let mut event = Event {
            event_type: EventType::FileTransferComplete,
            ..Event::default()
        };
        event.data = vec![
            DataValue::new("filename", "C:\\fix.exe"),
            DataValue::new("sha256", "9f86d081"),
        ];
        let session = Session {
            events: vec![event],
            ..Session::default()
        };
        let files = session.files();
        assert_eq!(files.len(), 1);
        assert_eq!(
            (files[0].filename, files[0].sha256, files[0].performed_by),
            ("C:\\fix.exe", Some("9f86d081"), "")
        );
    }

    #[test]
    fn kinds_of_participants_go_there_and_back() {
        for word in ["system", "customer", "representative", "everyone", "bot"] {
            let kind = ActorKind::from(word);
            assert_eq!((kind.as_str(), kind.to_string().as_str()), (word, word));
            assert_eq!(serde_json::to_value(&kind).unwrap(), word);
            assert_eq!(matches!(kind, ActorKind::Other(_)), word == "bot");
        }
        assert_eq!(ActorKind::from("rep"), ActorKind::Representative);
    }

    #[test]
    fn a_category_is_found_by_its_name() {
        let retrieved = |value: &str| Event {
            event_type: EventType::SystemInformationRetrieved,
            system_information: vec![SystemCategory {
                name: "General".into(),
                description: vec![SystemField::new("Total RAM", value)],
                rows: Vec::new(),
            }],
            ..Event::default()
        };
        let session = Session {
            events: vec![retrieved("8 GB"), retrieved("16 GB")],
            ..Session::default()
        };
        let general = session.system_category("General").unwrap();
        assert_eq!(general.description[0].value, "16 GB");
        assert_eq!(session.system_category("Printers"), None);
    }
}
