//! What must be looked up before a plan can be made, and the answers.

use serde::{Deserialize, Serialize};

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
    /// Ids of the active roles that the person holds; empty unless exactly one person matched.
    pub held_role_ids: Vec<i64>,
}

/// A ticket as far as plans need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
