//! `update`: stored records get new contents, all of them or none.

use super::{Call, Context, Operation, write};
use crate::entity::{Entity, check_for_update};
use crate::error::{Result, ServerError};
use crate::impersonation::ActedAs;
use bytes::Bytes;
use http::{Request, Response};
use std::collections::BTreeSet;

/// Replaces up to 200 records of one type. One that fails makes all fail.
///
/// **The server clears every writable field that an entity leaves empty.** Send only entities that
/// were read whole and then changed, or use `Client::modify`, which does so.
#[derive(Clone, Debug)]
pub struct UpdateEntities<'a, E> {
    /// The entities; each has the id of a stored record.
    pub entities: &'a [E],
}

/// What was updated.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Updated {
    /// Ids of the records, in the order they were sent.
    pub ids: Vec<i64>,
    /// What the server remarked although it stored everything.
    pub remarks: Vec<ServerError>,
    /// In whose name the records were written.
    pub acted_as: ActedAs,
}

/// Whether one call can update the records with these ids.
#[cfg(feature = "client")]
pub(crate) fn check_update_ids<E: Entity>(ids: &[i64]) -> Result<()> {
    let (operation, entity) = (Operation::Update, E::INFO.name);
    write::check_count(operation, entity, ids.len())?;
    write::check_ids(operation, entity, ids.iter().copied().map(Some))
}

impl<E: Entity> UpdateEntities<'_, E> {
    /// Looks for required fields that are missing and texts that are too long.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with all
    /// [`field_problems`](crate::Error::field_problems) that were found, or because the entity
    /// cannot be updated at all.
    pub fn check(&self) -> Result<()> {
        if E::INFO.has_field_info && !E::INFO.can_update {
            let detail = "Autotask does not let records of this entity be changed";
            return Err(write::refuse(self.operation(), E::INFO.name, detail));
        }
        write::check_all(self.operation(), self.entities, check_for_update)
    }
}

impl<E: Entity> Call for UpdateEntities<'_, E> {
    type Answer = Updated;

    fn operation(&self) -> Operation {
        Operation::Update
    }

    fn entity(&self) -> Option<&str> {
        Some(E::INFO.name)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        let (operation, entity) = (self.operation(), E::INFO.name);
        write::check_count(operation, entity, self.entities.len())?;
        write::check_ids(
            operation,
            entity,
            self.entities.iter().map(Entity::record_id),
        )?;
        write::request(context, operation, self.entities)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Updated> {
        let (operation, entity) = (self.operation(), E::INFO.name);
        let count = self.entities.len();
        let written = write::read(&response, context, operation, entity, count)?;
        let ids: Vec<i64> = self.entities.iter().filter_map(Entity::record_id).collect();
        let sent: BTreeSet<i64> = ids.iter().copied().collect();
        let answered: BTreeSet<i64> = written.ids.iter().copied().collect();
        // A server that names no ids says nothing; one that names others did something else.
        if !answered.is_empty() && answered != sent {
            let detail = format!(
                "the server says that it updated {} record(s), and not those that were sent",
                answered.len()
            );
            return Err(write::doubtful(
                detail,
                written.remarks,
                &response,
                context,
                operation,
                entity,
            ));
        }
        Ok(Updated {
            ids,
            remarks: written.remarks,
            acted_as: ActedAs::resource(context.impersonate),
        })
    }
}
