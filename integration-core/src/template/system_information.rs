//! The part of the system information that belongs on a ticket.

use super::view::{SystemFieldView, SystemSection};
use bomgar_api::reporting::{Session, SystemCategory, SystemField};

/// Sections on the ticket: "General", and what tells of disks, memory and network.
const WANTED: [&str; 6] = ["general", "disk", "drive", "storage", "memory", "network"];

/// The wanted sections, and the names of the others. Section names can be in another language:
/// where none is wanted, all are shown rather than none.
pub(super) fn sections(session: &Session) -> (Vec<SystemSection>, Vec<String>) {
    let all = session.system_information();
    let any = all.iter().any(|category| is_wanted(category));
    let (shown, others): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|category| !any || is_wanted(category));
    let left_out = others
        .into_iter()
        .map(|category| category.name.clone())
        .collect();
    (shown.into_iter().map(section).collect(), left_out)
}

fn is_wanted(category: &SystemCategory) -> bool {
    let name = category.name.to_lowercase();
    WANTED.iter().any(|wanted| name.contains(wanted))
}

fn section(category: &SystemCategory) -> SystemSection {
    SystemSection {
        name: category.name.clone(),
        fields: fields(&category.description),
        rows: category
            .rows
            .iter()
            .map(|row| fields(row))
            .filter(|row| !row.is_empty())
            .collect(),
    }
}

fn fields(fields: &[SystemField]) -> Vec<SystemFieldView> {
    fields
        .iter()
        .filter(|field| !field.value.trim().is_empty())
        .map(|field| SystemFieldView {
            name: field.name.trim().to_owned(),
            value: field.value.trim().to_owned(),
        })
        .collect()
}
