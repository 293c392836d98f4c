//! What the tenant checks before it stores a record.

mod defaults;
mod secondary_resource;
mod ticket;
mod ticket_note;
mod time_entry;
mod udf;

pub(crate) use defaults::{fill_in, stamp_created, stamp_updated};
pub(crate) use time_entry::{open_week, split};
pub(crate) use udf::typed;

use crate::{
    catalogue::{EntityDef, FieldDef, FieldTy},
    record::{Record, Val},
    soap::{Version, entity, entity::Incoming},
    tenant::Tenant,
};

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// The API user's resource.
    pub(crate) resource: i64,
    /// The resource that the call impersonates.
    pub(crate) impersonate: Option<i64>,
    pub(crate) version: Version,
}

impl Caller {
    /// Who stands as the creator.
    pub(crate) fn acting(&self) -> i64 {
        self.impersonate.unwrap_or(self.resource)
    }
}

/// A field's name as error texts spell it.
pub(crate) fn camel(name: &str) -> String {
    let mut chars = name.chars();
    match chars.next() {
        Some(first) => first.to_ascii_lowercase().to_string() + chars.as_str(),
        None => String::new(),
    }
}

pub(crate) fn missing(field: &str) -> String {
    format!("Value does not exist for the required field {field}.")
}

pub(crate) fn bad_reference(field: &str, entity: &str) -> String {
    format!(
        "Reference value on field: {} of type: {entity} does not exist or is invalid.",
        camel(field)
    )
}

/// Turns what a client sent into the record to store. `old` is the record that an update replaces.
pub(crate) fn checked(
    tenant: &Tenant,
    caller: &Caller,
    incoming: &Incoming,
    old: Option<&Record>,
) -> Result<Record, String> {
    let mut record = read_writable(tenant, caller, incoming, old)?;
    check_fields(tenant, incoming.def, &record, old)?;
    match incoming.def.name {
        "Ticket" => ticket::check(tenant, caller, &mut record, old)?,
        "TicketNote" => ticket_note::check(tenant, &record)?,
        "TicketSecondaryResource" => secondary_resource::check(tenant, &record)?,
        "TimeEntry" => time_entry::check(tenant, caller, &mut record, old)?,
        _ => {}
    }
    Ok(record)
}

/// The writable fields as sent; on an update the read-only ones stay and the rest is cleared.
fn read_writable(
    tenant: &Tenant,
    caller: &Caller,
    incoming: &Incoming,
    old: Option<&Record>,
) -> Result<Record, String> {
    let def = incoming.def;
    let zone = tenant.wire_zone();
    let mut record = Record::new(def.name);
    if let Some(old) = old {
        record.id = old.id;
    }
    for field in def
        .fields
        .iter()
        .filter(|field| !field.name.eq_ignore_ascii_case("id"))
    {
        if !settable(field, old) {
            if let Some(kept) = old.and_then(|old| old.get(field.name)) {
                record.fields.insert(field.name.to_owned(), kept.clone());
            }
            continue;
        }
        if !field.is_in(caller.version) {
            continue;
        }
        if let Some(sent) = incoming.field(field.name) {
            if let Some(value) = entity::coerce(def.name, field, sent, &zone)? {
                record.fields.insert(field.name.to_owned(), value);
            }
        }
    }
    udf::read(tenant, incoming, &mut record)?;
    Ok(record)
}

/// Fields that are both required and read-only are given at creation and stand from then on.
fn settable(field: &FieldDef, old: Option<&Record>) -> bool {
    !field.read_only || (field.required && old.is_none())
}

fn check_fields(
    tenant: &Tenant,
    def: &'static EntityDef,
    record: &Record,
    old: Option<&Record>,
) -> Result<(), String> {
    let writable = || {
        let fields = def.fields.iter().filter(|field| field.name != "id");
        fields.filter(|field| settable(field, old))
    };
    for field in writable().filter(|field| field.required) {
        if record.get(field.name).is_none_or(Val::is_empty_text) {
            return Err(missing(field.name));
        }
    }
    for field in writable() {
        let Some(value) = record.get(field.name) else {
            continue;
        };
        check_length(field, value)?;
        // What stands there already may stay, also when nobody could choose it today.
        if old.and_then(|old| old.get(field.name)) == Some(value) {
            continue;
        }
        check_picklist(tenant, def, field, record, value)?;
        check_reference(tenant, def, field, value)?;
    }
    Ok(())
}

/// Lengths, picklists and references of all values, for records that come in other ways than
/// through create() and update().
pub(crate) fn check_values(
    tenant: &Tenant,
    def: &'static EntityDef,
    record: &Record,
) -> Result<(), String> {
    for field in def.fields {
        let Some(value) = record.get(field.name) else {
            continue;
        };
        check_length(field, value)?;
        check_picklist(tenant, def, field, record, value)?;
        check_reference(tenant, def, field, value)?;
    }
    Ok(())
}

fn check_length(field: &FieldDef, value: &Val) -> Result<(), String> {
    let Val::Text(text) = value else {
        return Ok(());
    };
    let limited = field.ty == FieldTy::String && field.length > 0;
    if limited && text.encode_utf16().count() > field.length as usize {
        return Err(format!(
            "String value exceeds maximum length (field:{}).",
            camel(field.name)
        ));
    }
    Ok(())
}

fn check_picklist(
    tenant: &Tenant,
    def: &'static EntityDef,
    field: &'static FieldDef,
    record: &Record,
    value: &Val,
) -> Result<(), String> {
    if !field.picklist || value.is_empty_text() {
        return Ok(());
    }
    // A list that was never filled in checks nothing.
    let Some(choices) = tenant.picklist(def.name, field.name) else {
        return Ok(());
    };
    let value = value.plain();
    let parent = field
        .picklist_parent
        .and_then(|parent| record.get(parent))
        .map(Val::plain);
    let valid = choices.iter().any(|choice| {
        choice.is_active
            && choice.value == value
            && choice
                .parent
                .as_ref()
                .is_none_or(|wanted| parent.as_ref() == Some(wanted))
    });
    if valid {
        Ok(())
    } else {
        Err(format!(
            "Picklist value on field: {} does not exist or is invalid.",
            camel(field.name)
        ))
    }
}

fn check_reference(
    tenant: &Tenant,
    def: &EntityDef,
    field: &FieldDef,
    value: &Val,
) -> Result<(), String> {
    let (Some(target), Val::Int(id)) = (field.reference, value) else {
        return Ok(());
    };
    // The rules of time entries have their own words for a wrong role.
    if def.name == "TimeEntry" && field.name == "RoleID" {
        return Ok(());
    }
    // API-only users cannot own, be assigned or work: they appear as creators only.
    let api_only = target == "Resource" && tenant.api_only.contains(id);
    if tenant.is_usable(target, *id) && !api_only {
        Ok(())
    } else {
        Err(bad_reference(field.name, target))
    }
}

/// Whether a resource holds a role: by queue, service desk or department.
pub(crate) fn holds_role(tenant: &Tenant, resource: i64, role: i64) -> bool {
    holds(tenant, "ResourceRole", resource, role, |_| true)
        || holds(tenant, "ResourceRoleDepartment", resource, role, |_| true)
        || holds_desk_role(tenant, resource, role)
}

/// Whether a resource holds a role at the service desk or for a queue, as tickets need.
fn holds_desk_role(tenant: &Tenant, resource: i64, role: i64) -> bool {
    let for_queue = |held: &Record| held.int("QueueID").is_some();
    holds(tenant, "ResourceServiceDeskRole", resource, role, |_| true)
        || holds(tenant, "ResourceRole", resource, role, for_queue)
}

fn holds(
    tenant: &Tenant,
    entity: &str,
    resource: i64,
    role: i64,
    fits: impl Fn(&Record) -> bool,
) -> bool {
    // Approver pseudo-roles, of no use for work.
    if matches!(role, 110 | 112) {
        return false;
    }
    tenant.rows(entity).map(|row| &row.record).any(|held| {
        held.int("ResourceID") == Some(resource)
            && held.int("RoleID") == Some(role)
            && held.bool("Active") != Some(false)
            && fits(held)
    })
}

/// What storing a record changes elsewhere.
pub(crate) fn after_commit(tenant: &mut Tenant, caller: &Caller, record: &Record) {
    if matches!(record.entity.as_str(), "TicketNote" | "TimeEntry") {
        if let Some(ticket) = record.int("TicketID") {
            tenant.touch_ticket(ticket, caller.acting());
        }
    }
}
