//! Fields that the server fills in.

use super::Caller;
use crate::{
    catalogue::{EntityDef, FieldTy},
    record::{Record, Val},
    tenant::Tenant,
};

const CREATED: &[&str] = &["CreateDateTime", "CreateDate", "AttachDate"];
const TOUCHED: &[&str] = &[
    "LastActivityDate",
    "LastModifiedDateTime",
    "LastModifiedDate",
    "LastTrackedModificationDateTime",
    "LastTrackedModifiedDateTime",
];
const CREATORS: &[&str] = &[
    "CreatorResourceID",
    "CreatorUserID",
    "CreatedByResourceID",
    "AttachedByResourceID",
];

fn put(def: &EntityDef, record: &mut Record, name: &str, value: Val) {
    if let Some(field) = def.field(name) {
        let is_time = field.ty == FieldTy::DateTime;
        if is_time == matches!(value, Val::Time(_)) {
            record.fields.insert(field.name.to_owned(), value);
        }
    }
}

/// Creator and times of a new record.
pub(crate) fn stamp_created(
    tenant: &Tenant,
    caller: &Caller,
    def: &'static EntityDef,
    record: &mut Record,
) {
    let now = Val::Time(tenant.now());
    for name in CREATED.iter().chain(TOUCHED) {
        put(def, record, name, now.clone());
    }
    for name in CREATORS {
        put(def, record, name, Val::Int(caller.acting()));
    }
    if caller.impersonate.is_some() {
        put(
            def,
            record,
            "ImpersonatorCreatorResourceID",
            Val::Int(caller.resource),
        );
    }
    if def.name == "TimeEntry" {
        put(def, record, "LastModifiedUserID", Val::Int(caller.acting()));
    }
    if def.name == "Ticket" {
        put(
            def,
            record,
            "LastActivityResourceID",
            Val::Int(caller.acting()),
        );
        if record.text("TicketNumber").is_empty() {
            let number = tenant.next_ticket_number();
            record
                .fields
                .insert("TicketNumber".into(), Val::Text(number));
        }
    }
}

/// Times of a changed record.
pub(crate) fn stamp_updated(
    tenant: &Tenant,
    caller: &Caller,
    def: &'static EntityDef,
    record: &mut Record,
) {
    let now = Val::Time(tenant.now());
    for name in TOUCHED {
        put(def, record, name, now.clone());
    }
    if caller.impersonate.is_some() {
        put(
            def,
            record,
            "ImpersonatorUpdaterResourceID",
            Val::Int(caller.resource),
        );
    }
    if def.name == "TimeEntry" {
        put(def, record, "LastModifiedUserID", Val::Int(caller.acting()));
    }
    if def.name == "Ticket" {
        put(
            def,
            record,
            "LastActivityResourceID",
            Val::Int(caller.acting()),
        );
    }
}

/// What every record has, whoever wrote it: times and, for a ticket, its number.
pub(crate) fn fill_in(tenant: &Tenant, def: &'static EntityDef, record: &mut Record) {
    let now = tenant.now();
    for name in CREATED.iter().chain(TOUCHED) {
        if record.get(name).is_none() {
            put(def, record, name, Val::Time(now));
        }
    }
    if def.name == "Ticket" && record.text("TicketNumber").is_empty() {
        let number = tenant.next_ticket_number();
        record
            .fields
            .insert("TicketNumber".into(), Val::Text(number));
    }
}
