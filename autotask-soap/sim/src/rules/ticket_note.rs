//! Notes on tickets.

use super::missing;
use crate::{record::Record, tenant::Tenant};

pub(super) fn check(tenant: &Tenant, record: &Record) -> Result<(), String> {
    let category = record
        .int("TicketID")
        .and_then(|ticket| tenant.get("Ticket", ticket)?.int("TicketCategory"))
        .and_then(|category| tenant.settings.ticket_categories.get(&category));
    let title_required =
        tenant.settings.require_note_title || category.is_some_and(|rules| rules.note_title);
    if title_required && record.text("Title").is_empty() {
        return Err(missing("Title"));
    }
    if record.int("CreatedByContactID").is_some() {
        // A contact can only write what contacts may read.
        let publish = record.int("Publish");
        if !tenant.is_labelled("TicketNote", "Publish", publish, "All Autotask Users") {
            return Err("A note by a contact must be published to All Autotask Users.".to_owned());
        }
    }
    Ok(())
}
