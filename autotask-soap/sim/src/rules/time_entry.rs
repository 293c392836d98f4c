//! Time entries: field information names only ResourceID as required, the real rules are these.

use super::{Caller, bad_reference, holds_role, missing};
use crate::{
    record::{Record, Val},
    settings::ProxyTimeEntry,
    tenant::{Tenant, week_of},
};
use jiff::{SignedDuration, Timestamp};

const DAY: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn check(
    tenant: &Tenant,
    caller: &Caller,
    record: &mut Record,
    old: Option<&Record>,
) -> Result<(), String> {
    if old.is_some_and(|old| old.time("BillingApprovalDateTime").is_some()) {
        return Err(
            "The time entry has been approved and posted and cannot be changed.".to_owned(),
        );
    }
    let resource = record
        .int("ResourceID")
        .ok_or_else(|| missing("ResourceID"))?;
    let proxy = tenant.settings.proxy_time_entry;
    if proxy == ProxyTimeEntry::Off && caller.impersonate != Some(resource) {
        return Err("The logged in resource may not enter time for other resources.".to_owned());
    }
    target(tenant, record, resource)?;
    let start = hours(tenant, record)?;
    if let Some(old) = old {
        open_week(tenant, old)?;
    }
    day(tenant, record, start)?;
    open_week(tenant, record)?;
    if tenant.settings.require_summary_notes && record.text("SummaryNotes").is_empty() {
        return Err(missing("SummaryNotes"));
    }
    bill(tenant, record);
    Ok(())
}

fn target(tenant: &Tenant, record: &mut Record, resource: i64) -> Result<(), String> {
    let ticket = record.int("TicketID");
    let task = record.int("TaskID");
    let internal = record.int("InternalAllocationCodeID");
    let targets = [ticket, task, internal].iter().flatten().count();
    if targets != 1 {
        return Err("A TimeEntry must have exactly one of ticketID, taskID and \
                    internalAllocationCodeID."
            .to_owned());
    }
    if internal.is_some() {
        // General time is booked under the resource's default role, whatever was sent.
        record.fields.remove("RoleID");
        if let Some(role) = default_role(tenant, resource) {
            record.fields.insert("RoleID".into(), Val::Int(role));
        }
        return Ok(());
    }
    let kind = if ticket.is_some() { "Tickets" } else { "Tasks" };
    let role = record
        .int("RoleID")
        .ok_or_else(|| format!("TimeEntries for {kind} must have a roleID"))?;
    if !tenant.is_usable("Role", role) || !holds_role(tenant, resource, role) {
        return Err("Role does not exist or is invalid".to_owned());
    }
    if tenant.settings.require_ticket_role {
        let assigned = ticket
            .and_then(|ticket| tenant.get("Ticket", ticket))
            .and_then(|ticket| ticket.int("AssignedResourceRoleID"));
        if ticket.is_some() && assigned != Some(role) {
            return Err("The roleID must be the ticket's assignedResourceRoleID.".to_owned());
        }
    }
    if ticket.is_some() || demands_times(tenant, record) {
        for field in ["StartDateTime", "EndDateTime"] {
            if record.time(field).is_none() {
                return Err(missing(field));
            }
        }
    }
    if let Some(code) = record.int("AllocationCodeID") {
        let work_type = tenant
            .get("AllocationCode", code)
            .is_some_and(|code| code.int("UseType").is_none_or(|use_type| use_type == 1));
        if !work_type {
            return Err(bad_reference("AllocationCodeID", "AllocationCode"));
        }
    }
    Ok(())
}

fn default_role(tenant: &Tenant, resource: i64) -> Option<i64> {
    ["ResourceServiceDeskRole", "ResourceRoleDepartment"]
        .iter()
        .flat_map(|entity| tenant.rows(entity))
        .map(|row| &row.record)
        .find(|role| {
            role.int("ResourceID") == Some(resource)
                && role.bool("Default") == Some(true)
                && role.bool("Active") != Some(false)
        })
        .and_then(|role| role.int("RoleID"))
}

/// Whether the timesheet settings or the contract demand start and end also of a task's time.
fn demands_times(tenant: &Tenant, record: &Record) -> bool {
    let of_project = || {
        let task = tenant.get("Task", record.int("TaskID")?)?;
        tenant
            .get("Project", task.int("ProjectID")?)?
            .int("ContractID")
    };
    let contract = record.int("ContractID").or_else(of_project);
    let demanded = contract
        .and_then(|id| tenant.get("Contract", id))
        .and_then(|contract| contract.int("TimeReportingRequiresStartAndStopTimes"));
    tenant.settings.require_start_and_end || demanded.is_some_and(|value| value != 0)
}

/// Checks start, end and hours, and gives the start.
fn hours(tenant: &Tenant, record: &mut Record) -> Result<Option<Timestamp>, String> {
    let (start, end) = (record.time("StartDateTime"), record.time("EndDateTime"));
    if let (Some(start), Some(end)) = (start, end) {
        let span = end.duration_since(start);
        if span <= SignedDuration::ZERO {
            return Err("The endDateTime must be later than the startDateTime.".to_owned());
        }
        if span >= DAY {
            return Err("A TimeEntry must be shorter than 24 hours.".to_owned());
        }
        let last = end
            .checked_sub(SignedDuration::from_millis(1))
            .unwrap_or(end);
        let one_day = tenant.local_day(start) == tenant.local_day(last);
        if !tenant.settings.span_midnight && !one_day {
            return Err("A TimeEntry may not span midnight.".to_owned());
        }
        if record.double("HoursWorked").is_none() {
            let hours = span.as_secs_f64() / 3600.0;
            record
                .fields
                .insert("HoursWorked".into(), Val::Double(hours));
        }
    }
    let worked = record
        .double("HoursWorked")
        .ok_or_else(|| missing("HoursWorked"))?;
    if worked <= 0.0 {
        return Err("The hoursWorked must be greater than 0.".to_owned());
    }
    if worked > 24.0 {
        return Err("The hoursWorked must not exceed 24.".to_owned());
    }
    Ok(start)
}

fn day(tenant: &Tenant, record: &mut Record, start: Option<Timestamp>) -> Result<(), String> {
    let day = match (start, record.date("DateWorked")) {
        (Some(start), _) => tenant.local_day(start),
        (None, Some(day)) => day,
        (None, None) => return Err(missing("DateWorked")),
    };
    record.fields.insert("DateWorked".into(), Val::Date(day));
    Ok(())
}

/// The timesheet of an entry's week must be new or rejected.
pub(crate) fn open_week(tenant: &Tenant, entry: &Record) -> Result<(), String> {
    let week = entry
        .int("ResourceID")
        .zip(entry.date("DateWorked").map(week_of));
    match week {
        Some(week) if tenant.submitted.contains(&week) => {
            Err("The timesheet of that week has been submitted or approved.".to_owned())
        }
        _ => Ok(()),
    }
}

/// Billed hours: worked hours rounded up, then the offset.
fn bill(tenant: &Tenant, record: &mut Record) {
    let worked = record.double("HoursWorked").unwrap_or(0.0);
    let offset = record.double("OffsetHours").unwrap_or(0.0);
    let step = f64::from(tenant.settings.billing_rounding_minutes) / 60.0;
    let rounded = if step > 0.0 {
        // A hair less, so that 0.25 is not rounded up by its own binary fraction.
        (worked / step - 1e-9).ceil() * step
    } else {
        worked
    };
    record
        .fields
        .insert("HoursToBill".into(), Val::Double(rounded + offset));
}

/// The two rows into which the server cuts an entry at a border of business hours.
pub(crate) fn split(tenant: &Tenant, record: &Record) -> Option<(Record, Record)> {
    let (start, end) = (record.time("StartDateTime")?, record.time("EndDateTime")?);
    let half = SignedDuration::from_secs(end.duration_since(start).as_secs() / 2);
    let border = start
        .checked_add(half)
        .ok()
        .filter(|border| *border > start)?;
    let worked = record.double("HoursWorked")?;
    let share = half.as_secs_f64() / end.duration_since(start).as_secs_f64();
    let (mut first, mut second) = (record.clone(), record.clone());
    first.fields.insert("EndDateTime".into(), Val::Time(border));
    first
        .fields
        .insert("HoursWorked".into(), Val::Double(worked * share));
    second
        .fields
        .insert("StartDateTime".into(), Val::Time(border));
    second
        .fields
        .insert("HoursWorked".into(), Val::Double(worked - worked * share));
    bill(tenant, &mut first);
    bill(tenant, &mut second);
    second
        .fields
        .insert("DateWorked".into(), Val::Date(tenant.local_day(border)));
    Some((first, second))
}
