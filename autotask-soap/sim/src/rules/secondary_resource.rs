//! Further resources of a ticket.

use super::{bad_reference, holds_desk_role};
use crate::{record::Record, tenant::Tenant};

pub(super) fn check(tenant: &Tenant, record: &Record) -> Result<(), String> {
    let (Some(ticket), Some(resource), Some(role)) = (
        record.int("TicketID"),
        record.int("ResourceID"),
        record.int("RoleID"),
    ) else {
        return Ok(());
    };
    if !holds_desk_role(tenant, resource, role) {
        return Err(bad_reference("RoleID", "Role"));
    }
    let primary = tenant
        .get("Ticket", ticket)
        .and_then(|ticket| ticket.int("AssignedResourceID"));
    if primary == Some(resource) {
        return Err("The resource already is the primary resource of the ticket.".to_owned());
    }
    if is_secondary(tenant, ticket, resource) {
        return Err("The resource already is a secondary resource of the ticket.".to_owned());
    }
    Ok(())
}

pub(super) fn is_secondary(tenant: &Tenant, ticket: i64, resource: i64) -> bool {
    tenant.rows("TicketSecondaryResource").any(|row| {
        row.record.int("TicketID") == Some(ticket) && row.record.int("ResourceID") == Some(resource)
    })
}
