//! What `create`, `update` and `delete` have in common: up to 200 records of one type, all or none.

use super::{Context, MAX_ENTITIES, Operation};
use crate::entity::{Entity, FieldProblem};
use crate::error::{Error, ErrorKind, Result, ServerError};
use crate::wire::{entity as wire_entity, envelope};
use bytes::Bytes;
use http::{Request, Response};
use std::collections::HashSet;

/// What a successful answer says.
pub(super) struct Written {
    pub(super) ids: Vec<i64>,
    pub(super) remarks: Vec<ServerError>,
}

pub(super) fn refuse(operation: Operation, entity: &str, detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::Validation, detail).with_call(operation, Some(entity))
}

pub(super) fn check_count(operation: Operation, entity: &str, count: usize) -> Result<()> {
    if count == 0 || count > MAX_ENTITIES {
        let detail = format!("one call takes 1 to {MAX_ENTITIES} entities, not {count}");
        return Err(refuse(operation, entity, detail));
    }
    Ok(())
}

/// Ids of stored records: each once, and none that cannot be one. The tenant's own company has the
/// id 0, and no other record has.
pub(super) fn check_ids(
    operation: Operation,
    entity: &str,
    ids: impl Iterator<Item = Option<i64>>,
) -> Result<()> {
    let mut seen = HashSet::new();
    for id in ids {
        let id = id.ok_or_else(|| refuse(operation, entity, "a record without id"))?;
        if id < 0 || (id == 0 && entity != "Account") {
            return Err(refuse(
                operation,
                entity,
                format!("{id} is no id of a record"),
            ));
        }
        if !seen.insert(id) {
            let detail = format!("the record {id} is there twice");
            return Err(refuse(operation, entity, detail));
        }
    }
    Ok(())
}

/// The problems of all records, each with the number of its record if there are several.
pub(super) fn check_all<E: Entity>(
    operation: Operation,
    entities: &[E],
    check: impl Fn(&E) -> Vec<FieldProblem>,
) -> Result<()> {
    let mut problems = Vec::new();
    for (at, entity) in entities.iter().enumerate() {
        let record = if entities.len() > 1 {
            u32::try_from(at + 1).ok()
        } else {
            None
        };
        problems.extend(check(entity).into_iter().map(|mut problem| {
            problem.record = record;
            problem
        }));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(refuse(operation, E::INFO.name, "").with_problems(problems))
}

pub(super) fn request<E: Entity>(
    context: &Context<'_>,
    operation: Operation,
    records: &[E],
) -> Result<Request<Bytes>> {
    envelope::request(context, operation, |writer| {
        writer.start("Entities", &[]);
        for record in records {
            wire_entity::write_entity(writer, record, &context.wire_zone);
        }
        writer.end();
    })
    .map_err(|error| error.with_call(operation, Some(E::INFO.name)))
}

/// Reads the answer to a write of `count` records. Only the ids of such an answer can be trusted,
/// so only they are read.
pub(super) fn read(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: &str,
    count: usize,
) -> Result<Written> {
    let answer = envelope::open_write(
        response,
        context,
        operation,
        Some(entity),
        count,
        |cursor, results| {
            let mut ids = Vec::new();
            while let Some(record) = cursor.next_child(results)? {
                while let Some(field) = cursor.next_child(&record)? {
                    if field.name() == "id" {
                        ids.extend(cursor.text(&field)?.trim().parse::<i64>());
                    }
                }
            }
            Ok(ids)
        },
    )?;
    let mut ids = answer.results.unwrap_or_default();
    if ids.is_empty() {
        ids.extend(answer.infos.iter().filter_map(|info| info.entity_id));
    }
    ids.retain(|id| *id >= 0);
    let remarks = envelope::server_errors(answer.errors, context, count);
    Ok(Written { ids, remarks })
}

/// An answer that says "done" and does not fit the call: nobody can tell what was stored.
pub(super) fn doubtful(
    detail: String,
    remarks: Vec<ServerError>,
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: &str,
) -> Error {
    let error = Error::new(ErrorKind::Malformed, detail).with_server_errors(remarks);
    envelope::place(error, response, context, operation, Some(entity))
}
