//! The tenant's settings that shape its answers.

use crate::{record::Val, time::WireZone};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Who may enter time for somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyTimeEntry {
    /// Nobody: a time entry is accepted only while its resource is impersonated.
    Off,
    /// The API user may name any resource.
    Allowed,
}

/// Which `xsi:type` an answer puts on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireTypes {
    /// As real answers were seen: long and short as `int`, double as `decimal`.
    Loose,
    /// As GetFieldInfo declares.
    Declared,
}

/// How errors of a batch name their record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorStyle {
    /// The reason, then a second error with the record's number.
    Paired,
    /// One text that ends in the record's number.
    OneText,
    /// The reason alone: nothing tells which record is meant.
    Unnumbered,
}

/// What EntityReturnInfo says was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseAction {
    /// `None`, whatever was done: recorded answers look like that.
    None,
    /// `Created` or `Updated`.
    Done,
}

/// What a ticket category asks for.
///
/// ```
/// use autotask_sim::CategoryRules;
///
/// let rules = CategoryRules::new().required("DueDateTime").preset("Source", 4).note_title();
/// assert!(rules.note_title);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct CategoryRules {
    /// Fields that a ticket of the category must have.
    pub required: Vec<String>,
    /// What a new ticket gets where the client sent nothing.
    pub defaults: Vec<(String, Val)>,
    /// Notes of its tickets need a title.
    pub note_title: bool,
}

impl CategoryRules {
    /// Rules that ask for nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A ticket must have this field.
    pub fn required(mut self, field: &str) -> Self {
        self.required.push(field.to_owned());
        self
    }

    /// A new ticket gets this value where the client sent none.
    pub fn preset(mut self, field: &str, value: impl Into<Val>) -> Self {
        self.defaults.push((field.to_owned(), value.into()));
        self
    }

    /// Notes need a title.
    pub fn note_title(mut self) -> Self {
        self.note_title = true;
        self
    }
}

/// Settings of the tenant. Change them with [`AutotaskSim::configure`](crate::AutotaskSim::configure).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The zone of date-times on the wire. Default: Eastern.
    pub wire_zone: WireZone,
    /// `xsi:type` of numbers. Default: loose.
    pub wire_types: WireTypes,
    /// How a batch's errors look. Default: paired.
    pub error_style: ErrorStyle,
    /// What EntityReturnInfo says was done. Default: none.
    pub database_action: DatabaseAction,
    /// Answer one blank where a string is empty. Default: off.
    pub blank_for_empty: bool,
    /// Add a field, an element and an entity, `EntityOfALaterRelease`, that no client knows. Default:
    /// off.
    pub unknown_extras: bool,
    /// GetEntityInfo tells what the API user may do, which the WSDL of 2020 does not know: strict
    /// clients made from that one stumble over it. Default: on.
    pub user_access: bool,
    /// A time entry's role must be the ticket's assigned role. Default: off.
    pub require_ticket_role: bool,
    /// A time entry may run over midnight (Eastern). Default: on.
    pub span_midnight: bool,
    /// Entering time for others. Default: allowed.
    pub proxy_time_entry: ProxyTimeEntry,
    /// A task's time entry needs start and end, as a ticket's always does. Default: off.
    pub require_start_and_end: bool,
    /// The API user sees time entries that are not billable. Default: on.
    pub see_non_billable: bool,
    /// A time entry needs SummaryNotes. Default: off.
    pub require_summary_notes: bool,
    /// A ticket note needs a title. Default: off.
    pub require_note_title: bool,
    /// HoursToBill is rounded up to this many minutes; 0 is off. Default: 15.
    pub billing_rounding_minutes: u32,
    /// Fields that every new ticket needs besides the usual ones. Default: none.
    pub required_ticket_fields: Vec<String>,
    /// Further rules by the value of Ticket.TicketCategory. Default: none.
    pub ticket_categories: BTreeMap<i64, CategoryRules>,
    /// The API user may impersonate. Default: on.
    pub allow_impersonation: bool,
    /// He may also change records in somebody's name, not only create them. Default: on.
    pub impersonated_updates: bool,
    /// Resources whose security level or licence does not let them be impersonated. Default: none.
    pub not_impersonable: BTreeSet<i64>,
    /// Version 1.5 asks for the tracking identifier as well, as it does of users who have one
    /// assigned. Default: off.
    pub code_in_v1_5: bool,
    /// How many OR conditions the database takes before it calls a query nested too deeply, which was
    /// seen from about 200 on. Default: no limit but the documented 500.
    pub nested_or_limit: Option<u32>,
    /// Requests in 60 minutes before calls fail. Default: 10,000.
    pub request_threshold: u32,
    /// Slow down from half of the threshold on. Default: off.
    pub usage_latency: bool,
    /// Concurrent calls per integration code and entity. Default: 3.
    pub thread_limit: u32,
    /// How long after its answer a call still counts as running. Default: not at all.
    pub thread_release: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            wire_zone: WireZone::Eastern,
            wire_types: WireTypes::Loose,
            error_style: ErrorStyle::Paired,
            database_action: DatabaseAction::None,
            blank_for_empty: false,
            unknown_extras: false,
            user_access: true,
            require_ticket_role: false,
            span_midnight: true,
            proxy_time_entry: ProxyTimeEntry::Allowed,
            require_start_and_end: false,
            see_non_billable: true,
            require_summary_notes: false,
            require_note_title: false,
            billing_rounding_minutes: 15,
            required_ticket_fields: Vec::new(),
            ticket_categories: BTreeMap::new(),
            allow_impersonation: true,
            impersonated_updates: true,
            not_impersonable: BTreeSet::new(),
            code_in_v1_5: false,
            nested_or_limit: None,
            request_threshold: 10_000,
            usage_latency: false,
            thread_limit: 3,
            thread_release: Duration::ZERO,
        }
    }
}
