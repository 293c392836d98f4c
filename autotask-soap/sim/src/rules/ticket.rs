//! Tickets.

use super::{Caller, bad_reference, holds_desk_role, missing, secondary_resource};
use crate::{
    record::{Record, Val},
    tenant::{COMPLETE, Tenant},
};

pub(super) fn check(
    tenant: &Tenant,
    caller: &Caller,
    record: &mut Record,
    old: Option<&Record>,
) -> Result<(), String> {
    category(tenant, record, old)?;
    for field in &tenant.settings.required_ticket_fields {
        if record.get(field).is_none_or(Val::is_empty_text) {
            return Err(missing(field));
        }
    }
    assignment(tenant, record, old)?;
    belongs_to_account(tenant, record)?;
    completion(tenant, caller, record, old);
    Ok(())
}

/// A new ticket is of the default category, and each category may fill in and demand fields.
fn category(tenant: &Tenant, record: &mut Record, old: Option<&Record>) -> Result<(), String> {
    if old.is_none() && record.int("TicketCategory").is_none() {
        let standard = tenant
            .picklist("Ticket", "TicketCategory")
            .into_iter()
            .flatten()
            .find(|choice| choice.is_default)
            .and_then(|choice| choice.value.parse().ok());
        if let Some(standard) = standard {
            record
                .fields
                .insert("TicketCategory".into(), Val::Int(standard));
        }
    }
    let rules = record
        .int("TicketCategory")
        .and_then(|category| tenant.settings.ticket_categories.get(&category));
    let Some(rules) = rules else { return Ok(()) };
    if old.is_none() {
        for (field, value) in &rules.defaults {
            record
                .fields
                .entry(field.clone())
                .or_insert_with(|| value.clone());
        }
    }
    let lacking = rules
        .required
        .iter()
        .find(|field| record.get(field).is_none_or(Val::is_empty_text));
    lacking.map_or(Ok(()), |field| Err(missing(field)))
}

fn assignment(tenant: &Tenant, record: &Record, old: Option<&Record>) -> Result<(), String> {
    let resource = record.int("AssignedResourceID");
    let role = record.int("AssignedResourceRoleID");
    match (resource, role) {
        (None, None) if record.int("QueueID").is_none() => {
            return Err(
                "A ticket must have a queueID or an assignedResourceID with an \
                        assignedResourceRoleID."
                    .to_owned(),
            );
        }
        (None, None) => return Ok(()),
        (Some(_), None) | (None, Some(_)) => {
            return Err(
                "When assigning a Resource, you must assign both a assignedResourceID \
                        and assignedResourceRoleID."
                    .to_owned(),
            );
        }
        (Some(resource), Some(role)) => {
            if old.and_then(|old| old.int("AssignedResourceID")) == Some(resource)
                && old.and_then(|old| old.int("AssignedResourceRoleID")) == Some(role)
            {
                return Ok(());
            }
            if !holds_desk_role(tenant, resource, role) {
                return Err(bad_reference("AssignedResourceRoleID", "Role"));
            }
            let secondary =
                |old: &Record| secondary_resource::is_secondary(tenant, old.id, resource);
            if old.is_some_and(secondary) {
                return Err(
                    "The assigned resource already is a secondary resource of the ticket."
                        .to_owned(),
                );
            }
        }
    }
    Ok(())
}

/// Contact, configuration item and contract must be the account's own.
fn belongs_to_account(tenant: &Tenant, record: &Record) -> Result<(), String> {
    let account = record.int("AccountID");
    for (field, entity) in [
        ("ContactID", "Contact"),
        ("InstalledProductID", "InstalledProduct"),
        ("ContractID", "Contract"),
    ] {
        let Some(id) = record.int(field) else {
            continue;
        };
        let owner = tenant.get(entity, id).and_then(|row| row.int("AccountID"));
        if owner != account {
            return Err(bad_reference(field, entity));
        }
    }
    Ok(())
}

fn completion(tenant: &Tenant, caller: &Caller, record: &mut Record, old: Option<&Record>) {
    let complete = record.int("Status") == Some(COMPLETE);
    let was_complete = old.is_some_and(|old| old.int("Status") == Some(COMPLETE));
    if complete && !was_complete {
        record
            .fields
            .insert("CompletedDate".into(), Val::Time(tenant.now()));
        record
            .fields
            .insert("CompletedByResourceID".into(), Val::Int(caller.acting()));
    }
    if !complete {
        record.fields.remove("CompletedDate");
        record.fields.remove("CompletedByResourceID");
    }
}
