//! `create`: new records, all of them or none.

use super::{Call, Context, MAX_ENTITIES, Operation};
use crate::entity::{Entity, check_for_create};
use crate::error::{Error, ErrorKind, Result, ServerError, server};
use crate::wire::{entity as wire_entity, envelope};
use bytes::Bytes;
use http::{Request, Response};

/// Creates up to 200 entities of one type. One that fails makes all fail.
#[derive(Clone, Debug)]
pub struct CreateEntities<'a, E> {
    /// The entities; their ids are not sent.
    pub entities: &'a [E],
}

/// What was created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// Id of the first record of the answer.
    pub id: i64,
    /// Ids of all records of the answer, in its order. There can be more than entities were sent,
    /// because a server may store one time entry as several. Which of several entities got which id
    /// is not certain from the order; look the records up if it matters.
    pub ids: Vec<i64>,
    /// What the server remarked although it stored everything.
    pub remarks: Vec<ServerError>,
}

impl<E: Entity> CreateEntities<'_, E> {
    /// Looks for required fields that are missing and texts that are too long.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`] with all [`field_problems`](Error::field_problems) that were found.
    pub fn check(&self) -> Result<()> {
        let problems: Vec<_> = self.entities.iter().flat_map(check_for_create).collect();
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Validation, "")
            .with_call(self.operation(), self.entity())
            .with_problems(problems))
    }
}

impl<E: Entity> Call for CreateEntities<'_, E> {
    type Answer = Created;

    fn operation(&self) -> Operation {
        Operation::Create
    }

    fn entity(&self) -> Option<&str> {
        Some(E::INFO.name)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        let count = self.entities.len();
        if count == 0 || count > MAX_ENTITIES {
            let detail = format!("one call takes 1 to {MAX_ENTITIES} entities, not {count}");
            return Err(Error::new(ErrorKind::Validation, detail)
                .with_call(self.operation(), self.entity()));
        }
        if self
            .entities
            .iter()
            .any(|entity| entity.record_id().is_some_and(|id| id != 0))
        {
            let detail = "an entity that has an id exists already";
            return Err(Error::new(ErrorKind::Validation, detail)
                .with_call(self.operation(), self.entity()));
        }
        envelope::request(context, self.operation(), |writer| {
            writer.start("Entities", &[]);
            for entity in self.entities {
                wire_entity::write_entity(writer, entity, &context.wire_zone);
            }
            writer.end();
        })
        .map_err(|error| error.with_call(self.operation(), self.entity()))
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Created> {
        let (operation, entity) = (self.operation(), self.entity());
        // Only the ids of an answer to `create` can be trusted, so only they are read.
        let answer =
            envelope::open_atws(&response, context, operation, entity, |cursor, results| {
                let mut ids = Vec::new();
                while let Some(record) = cursor.next_child(results)? {
                    while let Some(field) = cursor.next_child(&record)? {
                        if field.name() == "id" {
                            ids.extend(cursor.text(&field)?.trim().parse::<i64>());
                        }
                    }
                }
                Ok(ids)
            })?;
        let mut ids = answer.results.unwrap_or_default();
        if ids.is_empty() {
            ids.extend(answer.infos.iter().filter_map(|info| info.entity_id));
        }
        ids.retain(|id| *id > 0);
        let remarks = server::pair(
            answer
                .errors
                .into_iter()
                .map(|text| context.credentials.scrub(&text)),
        );
        match ids.first() {
            Some(&id) if ids.len() >= self.entities.len() => Ok(Created { id, ids, remarks }),
            _ => {
                let detail = format!(
                    "the server says that it stored {} record(s), but names {} id(s)",
                    self.entities.len(),
                    ids.len()
                );
                let error = Error::new(ErrorKind::Malformed, detail).with_server_errors(remarks);
                Err(envelope::place(
                    error, &response, context, operation, entity,
                ))
            }
        }
    }
}
