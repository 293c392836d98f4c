//! What must be looked up before a plan can be made, and the answers.

use crate::{
    failure::Failure,
    profile::Profile,
    redact::Redacted,
    subject::Subject,
    time_entry::{self, Booking},
};
use bomgar_api::reporting::Session;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Questions to the desk. The desk's port answers them all, from its cache where it may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The ticket to read, by internal id.
    pub ticket_id: Option<i64>,
    /// Whether the picklists of `TicketNote.NoteType` and `TicketNote.Publish` are wanted.
    pub note_picklists: bool,
    /// The person to find by e-mail address.
    pub resource_email: Option<String>,
    /// The role to find by name, and whether the person holds it.
    pub role_name: Option<String>,
}

/// Says what has to be looked up to plan this session.
///
/// Nothing is asked that the plan would not use: a session that gives no time entry needs neither
/// a person nor a role.
///
/// # Errors
/// [`Transient`](crate::failure::FailureClass::Transient) while the session is not in its final
/// state, [`Config`](crate::failure::FailureClass::Config) for a profile with mistakes, and
/// [`Data`](crate::failure::FailureClass::Data) when the external key names no ticket.
pub fn needs(session: &Session, profile: &Profile) -> Result<Needs, Failure> {
    let subject = Subject::of(session, profile)?;
    let mut needs = Needs {
        ticket_id: Some(subject.ticket_id),
        note_picklists: true,
        ..Needs::default()
    };
    // What keeps a session from being booked is told by the plan, together with the note.
    if let Booking::Wanted(candidate) = time_entry::booking(&subject, profile) {
        needs.resource_email = Some(candidate.email);
        needs.role_name = Some(candidate.role_name);
    }
    Ok(needs)
}

/// The desk's answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The ticket; `None` if there is none with that id, or the API user may not see it.
    pub ticket: Option<TicketFact>,
    /// All values of `TicketNote.NoteType`, inactive ones too.
    pub note_types: Vec<PicklistFact>,
    /// All values of `TicketNote.Publish`, inactive ones too.
    pub publish: Vec<PicklistFact>,
    /// Everybody whose e-mail address matches, inactive ones too.
    pub resources: Vec<ResourceFact>,
    /// Every role of that name, inactive ones too.
    pub roles: Vec<RoleFact>,
    /// Ids of the active roles that the person holds; empty unless exactly one active person
    /// matched.
    pub held_role_ids: Vec<i64>,
}

/// A ticket as far as plans need it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketFact {
    /// Internal id.
    pub id: i64,
    /// `T20261124.0007`.
    pub number: String,
    /// The ticket's title.
    pub title: String,
    /// The customer.
    pub account_id: Option<i64>,
    /// The primary resource.
    pub assigned_resource_id: Option<i64>,
    /// The primary resource's role on this ticket.
    pub assigned_role_id: Option<i64>,
}

impl fmt::Debug for TicketFact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TicketFact {
            id,
            number,
            title,
            account_id,
            assigned_resource_id,
            assigned_role_id,
        } = self;
        f.debug_struct("TicketFact")
            .field("id", id)
            .field("number", number)
            .field("title", &Redacted::new(title))
            .field("account_id", account_id)
            .field("assigned_resource_id", assigned_resource_id)
            .field("assigned_role_id", assigned_role_id)
            .finish()
    }
}

/// One value of a picklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PicklistFact {
    /// The number that is stored.
    pub value: i64,
    /// The label that people see; editable and localised.
    pub label: String,
    /// Whether it may still be set.
    pub active: bool,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceFact {
    /// Internal id.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// Whether the person still works there.
    pub active: bool,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleFact {
    /// Internal id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Whether it may still be used.
    pub active: bool,
}
