//! What a search for records comes upon.

use crate::{effect::Marker, ports::Found};
use autotask_soap::v1_6::{TicketNote, TimeEntry};

/// A record that a search came upon.
pub(super) struct Hit {
    pub(super) found: Found,
    pub(super) text: String,
    pub(super) writers: [Option<i64>; 2],
}

impl Hit {
    pub(super) fn note(note: TicketNote) -> Option<Hit> {
        let text = note.description.unwrap_or_default();
        Some(Hit {
            found: Found {
                id: note.id?,
                ticket_id: note.ticket_id.map(i64::from),
                created: note.create_date_time,
                start: None,
                end: None,
                has_marker: Marker::any_in(&text),
            },
            text,
            writers: [
                note.creator_resource_id.map(i64::from),
                note.impersonator_creator_resource_id.map(i64::from),
            ],
        })
    }

    pub(super) fn time_entry(entry: TimeEntry) -> Option<Hit> {
        let text = entry.internal_notes.unwrap_or_default();
        Some(Hit {
            found: Found {
                id: entry.id?,
                ticket_id: entry.ticket_id.map(i64::from),
                created: entry.create_date_time,
                start: entry.start_date_time,
                end: entry.end_date_time,
                has_marker: Marker::any_in(&text),
            },
            text,
            writers: [
                entry.creator_user_id.map(i64::from),
                entry.impersonator_creator_resource_id.map(i64::from),
            ],
        })
    }
}
