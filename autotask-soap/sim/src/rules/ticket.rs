//! Tickets.

use super::{Caller, bad_reference, holds_role, missing};
use crate::{
    record::{Record, Val},
    tenant::Tenant,
};

/// The status that every tenant has for a finished ticket.
const COMPLETE: i64 = 5;

pub(super) fn check(
    tenant: &Tenant,
    caller: &Caller,
    record: &mut Record,
    old: Option<&Record>,
) -> Result<(), String> {
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
            if tenant.api_only.contains(&resource) {
                return Err(bad_reference("AssignedResourceID", "Resource"));
            }
            if !holds_role(tenant, resource, role) {
                return Err(bad_reference("AssignedResourceRoleID", "Role"));
            }
            let secondary = tenant.rows("TicketSecondaryResource").any(|row| {
                old.is_some_and(|old| row.record.int("TicketID") == Some(old.id))
                    && row.record.int("ResourceID") == Some(resource)
            });
            if secondary {
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
