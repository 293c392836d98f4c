//! The tenant's settings that shape its answers.

use crate::time::WireZone;

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
    /// Answer one blank where a string is empty. Default: off.
    pub blank_for_empty: bool,
    /// Add a field, and to query answers an element, that no client knows. Default: off.
    pub unknown_extras: bool,
    /// A time entry's role must be the ticket's assigned role. Default: off.
    pub require_ticket_role: bool,
    /// A time entry may run over midnight (Eastern). Default: on.
    pub span_midnight: bool,
    /// Entering time for others. Default: allowed.
    pub proxy_time_entry: ProxyTimeEntry,
    /// A time entry needs SummaryNotes. Default: off.
    pub require_summary_notes: bool,
    /// A ticket note needs a title. Default: off.
    pub require_note_title: bool,
    /// HoursToBill is rounded up to this many minutes; 0 is off. Default: 15.
    pub billing_rounding_minutes: u32,
    /// Fields that every new ticket needs besides the usual ones. Default: none.
    pub required_ticket_fields: Vec<String>,
    /// The API user may impersonate. Default: on.
    pub allow_impersonation: bool,
    /// Requests in 60 minutes before calls fail. Default: 10,000.
    pub request_threshold: u32,
    /// Slow down from half of the threshold on. Default: off.
    pub usage_latency: bool,
    /// Concurrent calls per integration code and entity. Default: 3.
    pub thread_limit: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            wire_zone: WireZone::Eastern,
            wire_types: WireTypes::Loose,
            error_style: ErrorStyle::Paired,
            blank_for_empty: false,
            unknown_extras: false,
            require_ticket_role: false,
            span_midnight: true,
            proxy_time_entry: ProxyTimeEntry::Allowed,
            require_summary_notes: false,
            require_note_title: false,
            billing_rounding_minutes: 15,
            required_ticket_fields: Vec::new(),
            allow_impersonation: true,
            request_threshold: 10_000,
            usage_latency: false,
            thread_limit: 3,
        }
    }
}
