//! create(), update(), delete(): one entity type a call, all records or none.

use crate::{
    catalogue::EntityDef,
    fault::Effects,
    record::{Record, Val},
    rules::{self, Caller},
    settings::DatabaseAction,
    soap::{
        answer::{Answer, AtwsResponse, RecordError},
        entity::Incoming,
    },
    tenant::Tenant,
};

const BATCH: usize = 200;
const NOT_FOUND: &str = "No matching records found. The logged in resource may not have the \
                         required permissions to update the data.";

/// Checks what concerns the whole call.
fn batch(
    tenant: &Tenant,
    entities: &[Incoming],
    operation: &str,
    allowed: fn(&EntityDef) -> bool,
) -> Result<&'static EntityDef, RecordError> {
    let Some(first) = entities.first() else {
        return Err(RecordError::call("The call holds no entity."));
    };
    if entities.len() > BATCH {
        return Err(RecordError::call("A call may hold 200 entities at most."));
    }
    if entities
        .iter()
        .any(|entity| entity.def.name != first.def.name)
    {
        return Err(RecordError::call(
            "All entities of a call must be of one type.",
        ));
    }
    if !allowed(first.def) {
        return Err(RecordError::call(format!(
            "The entity {} does not support {operation}.",
            first.def.name
        )));
    }
    if tenant.read_only.contains(first.def.name) {
        return Err(RecordError::call(format!(
            "The logged in resource may not have the required permissions to {operation} the data."
        )));
    }
    Ok(first.def)
}

/// Splits results into what is to be stored and what is wrong.
fn all_or_errors<T>(results: Vec<Result<T, String>>) -> Result<Vec<T>, Vec<RecordError>> {
    let mut good = Vec::with_capacity(results.len());
    let mut errors = Vec::new();
    for (index, result) in results.into_iter().enumerate() {
        match result {
            Ok(value) => good.push(value),
            Err(text) => errors.push(RecordError::record(index + 1, text)),
        }
    }
    if errors.is_empty() {
        Ok(good)
    } else {
        Err(errors)
    }
}

fn stored(
    tenant: &Tenant,
    caller: &Caller,
    operation: &str,
    def: &'static EntityDef,
    ids: Vec<i64>,
) -> Answer {
    let entities = ids
        .iter()
        .filter_map(|id| tenant.get(def.name, *id))
        .collect();
    let infos = ids.iter().map(|id| (*id, None)).collect();
    let response = AtwsResponse {
        entities,
        def: Some(def),
        errors: Vec::new(),
        infos,
        action: match (tenant.settings.database_action, operation) {
            (DatabaseAction::None, _) => "None",
            (DatabaseAction::Done, "create") => "Created",
            (DatabaseAction::Done, _) => "Updated",
        },
    };
    let mut answer = Answer::atws(tenant, operation, caller.version, &response);
    answer.committed = ids;
    answer
}

pub(super) fn create(
    tenant: &mut Tenant,
    caller: &Caller,
    entities: &[Incoming],
    effects: &Effects,
) -> Answer {
    let refused =
        |tenant: &Tenant, errors| Answer::refused(tenant, "create", caller.version, errors);
    let def = match batch(tenant, entities, "create", |def| def.can_create) {
        Ok(def) => def,
        Err(error) => return refused(tenant, vec![error]),
    };
    let results = entities
        .iter()
        .map(|incoming| rules::checked(tenant, caller, incoming, None))
        .collect();
    let records = match all_or_errors(results) {
        Ok(records) => records,
        Err(errors) => return refused(tenant, errors),
    };
    let mut ids = Vec::new();
    for mut record in records {
        rules::stamp_created(tenant, caller, def, &mut record);
        effects.edit(&mut record);
        let halves = if effects.split {
            rules::split(tenant, &record)
        } else {
            None
        };
        let rows = match halves {
            Some((first, second)) => vec![first, second],
            None => vec![record],
        };
        for row in rows {
            rules::after_commit(tenant, caller, &row);
            ids.push(tenant.insert(def, row));
        }
    }
    stored(tenant, caller, "create", def, ids)
}

pub(super) fn update(tenant: &mut Tenant, caller: &Caller, entities: &[Incoming]) -> Answer {
    let refused =
        |tenant: &Tenant, errors| Answer::refused(tenant, "update", caller.version, errors);
    let def = match batch(tenant, entities, "update", |def| def.can_update) {
        Ok(def) => def,
        Err(error) => return refused(tenant, vec![error]),
    };
    let hidden = tenant.restricted.contains(def.name);
    let results = entities
        .iter()
        .map(|incoming| {
            let old = tenant
                .get(def.name, incoming.id)
                .filter(|_| !hidden)
                .ok_or_else(|| NOT_FOUND.to_owned())?;
            rules::checked(tenant, caller, incoming, Some(old))
        })
        .collect();
    let records: Vec<Record> = match all_or_errors(results) {
        Ok(records) => records,
        Err(errors) => return refused(tenant, errors),
    };
    let mut ids = Vec::new();
    for mut record in records {
        rules::stamp_updated(tenant, caller, def, &mut record);
        rules::after_commit(tenant, caller, &record);
        ids.push(record.id);
        if let Some(row) = tenant.get_mut(def.name, record.id) {
            *row = record;
        }
    }
    stored(tenant, caller, "update", def, ids)
}

pub(super) fn delete(tenant: &mut Tenant, caller: &Caller, entities: &[Incoming]) -> Answer {
    let refused =
        |tenant: &Tenant, errors| Answer::refused(tenant, "delete", caller.version, errors);
    let def = match batch(tenant, entities, "delete", |def| def.can_delete) {
        Ok(def) => def,
        Err(error) => return refused(tenant, vec![error]),
    };
    let hidden = tenant.restricted.contains(def.name);
    let results = entities
        .iter()
        .map(|incoming| {
            let row = tenant.get(def.name, incoming.id).filter(|_| !hidden);
            let row = row.ok_or_else(|| NOT_FOUND.to_owned())?;
            if def.name == "TimeEntry" {
                rules::open_week(tenant, row)?;
            }
            match row.get("BillingApprovalDateTime") {
                Some(Val::Time(_)) => Err("The time entry has been approved and posted and \
                                           cannot be deleted."
                    .to_owned()),
                _ => Ok(row.id),
            }
        })
        .collect();
    let ids = match all_or_errors(results) {
        Ok(ids) => ids,
        Err(errors) => return refused(tenant, errors),
    };
    for id in &ids {
        tenant.remove(def.name, *id);
    }
    let response = AtwsResponse {
        entities: Vec::new(),
        def: Some(def),
        errors: Vec::new(),
        infos: Vec::new(),
        action: "None",
    };
    let mut answer = Answer::atws(tenant, "delete", caller.version, &response);
    answer.committed = ids;
    answer
}
