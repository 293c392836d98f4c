//! Records as the core sees them: small, and neutral towards the desk that will store them.

use crate::{effect::EffectKind, redact::Redacted};
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A note on a ticket. `Debug` does not show its texts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteDraft {
    /// The ticket's internal id.
    pub ticket_id: i64,
    /// At most 250 UTF-16 units.
    pub title: String,
    /// At most 32,000 UTF-16 units; its last line is the marker.
    pub description: String,
    /// A picklist value of the tenant (`NoteType`).
    pub note_type: i64,
    /// A picklist value of the tenant (`Publish`): who can see the note.
    pub publish: i64,
}

impl fmt::Debug for NoteDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let NoteDraft {
            ticket_id,
            title,
            description,
            note_type,
            publish,
        } = self;
        f.debug_struct("NoteDraft")
            .field("ticket_id", ticket_id)
            .field("title", &Redacted::new(title))
            .field("description", &Redacted::new(description))
            .field("note_type", note_type)
            .field("publish", publish)
            .finish()
    }
}

/// Time that a person worked on a ticket. `Debug` does not show its texts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeEntryDraft {
    /// The ticket's internal id.
    pub ticket_id: i64,
    /// The person (`Resource.id`).
    pub resource_id: i64,
    /// The role in which the person worked.
    pub role_id: i64,
    /// When the work began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// The day it counts for, in the tenant's business zone.
    pub date_worked: Date,
    /// Customer-visible: only a setting or its template fills it.
    pub summary_notes: String,
    /// For the desk only; its last line is the marker.
    pub internal_notes: String,
}

impl fmt::Debug for TimeEntryDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TimeEntryDraft {
            ticket_id,
            resource_id,
            role_id,
            start,
            end,
            date_worked,
            summary_notes,
            internal_notes,
        } = self;
        f.debug_struct("TimeEntryDraft")
            .field("ticket_id", ticket_id)
            .field("resource_id", resource_id)
            .field("role_id", role_id)
            .field("start", start)
            .field("end", end)
            .field("date_worked", date_worked)
            .field("summary_notes", &Redacted::new(summary_notes))
            .field("internal_notes", &Redacted::new(internal_notes))
            .finish()
    }
}

impl TimeEntryDraft {
    /// End minus start, to the second.
    pub fn duration(&self) -> SignedDuration {
        self.end.duration_since(self.start)
    }
}

/// One record to be created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Draft {
    /// A `TicketNote`.
    Note(NoteDraft),
    /// A `TimeEntry`.
    TimeEntry(TimeEntryDraft),
}

impl Draft {
    /// The kind of record.
    pub fn kind(&self) -> EffectKind {
        match self {
            Draft::Note(_) => EffectKind::Note,
            Draft::TimeEntry(_) => EffectKind::TimeEntry,
        }
    }

    /// The ticket that the record belongs to.
    pub fn ticket_id(&self) -> i64 {
        match self {
            Draft::Note(note) => note.ticket_id,
            Draft::TimeEntry(entry) => entry.ticket_id,
        }
    }
}
