//! Notes on tickets.

use super::missing;
use crate::{record::Record, tenant::Tenant};

pub(super) fn check(tenant: &Tenant, record: &Record) -> Result<(), String> {
    if tenant.settings.require_note_title && record.text("Title").is_empty() {
        return Err(missing("Title"));
    }
    if record.int("CreatedByContactID").is_some() {
        // A contact can only write what contacts may read.
        let publish = record.int("Publish").map(|value| value.to_string());
        let for_all = tenant
            .picklist("TicketNote", "Publish")
            .into_iter()
            .flatten()
            .any(|value| {
                value.label == "All Autotask Users" && Some(&value.value) == publish.as_ref()
            });
        if !for_all {
            return Err("A note by a contact must be published to All Autotask Users.".to_owned());
        }
    }
    Ok(())
}
