//! `delete`: stored records go, all of them or none.

use super::{Call, Context, Operation, write};
use crate::entity::{Entity, SlotMut};
use crate::error::{Result, ServerError};
use crate::impersonation::ActedAs;
use bytes::Bytes;
use http::{Request, Response};
use std::marker::PhantomData;

/// Deletes up to 200 records of one type. One that fails makes all fail.
#[derive(Clone, Debug)]
pub struct DeleteEntities<'a, E> {
    /// Ids of the records.
    pub ids: &'a [i64],
    marker: PhantomData<fn() -> E>,
}

/// What was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// Ids of the records, in the order they were sent.
    pub ids: Vec<i64>,
    /// What the server remarked although it deleted everything.
    pub remarks: Vec<ServerError>,
    /// In whose name the records were deleted.
    pub acted_as: ActedAs,
}

impl<'a, E: Entity> DeleteEntities<'a, E> {
    /// The deletion of the records with these ids.
    pub fn new(ids: &'a [i64]) -> Self {
        Self {
            ids,
            marker: PhantomData,
        }
    }

    /// Looks whether records of this entity can be deleted at all.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) if not.
    pub fn check(&self) -> Result<()> {
        if E::INFO.has_field_info && !E::INFO.can_delete {
            let detail = "Autotask does not let records of this entity be deleted";
            return Err(write::refuse(self.operation(), E::INFO.name, detail));
        }
        Ok(())
    }
}

impl<E: Entity> Call for DeleteEntities<'_, E> {
    type Answer = Deleted;

    fn operation(&self) -> Operation {
        Operation::Delete
    }

    fn entity(&self) -> Option<&str> {
        Some(E::INFO.name)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        let (operation, entity) = (self.operation(), E::INFO.name);
        write::check_count(operation, entity, self.ids.len())?;
        write::check_ids(operation, entity, self.ids.iter().copied().map(Some))?;
        let records: Vec<E> = self.ids.iter().map(|&id| bare(id)).collect();
        write::request(context, operation, &records)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Deleted> {
        // The answer to a deletion names no records.
        let (operation, entity) = (self.operation(), E::INFO.name);
        let written = write::read(&response, context, operation, entity, self.ids.len())?;
        Ok(Deleted {
            ids: self.ids.to_vec(),
            remarks: written.remarks,
            acted_as: ActedAs::resource(context.impersonate),
        })
    }
}

/// A record of which only the id is known.
fn bare<E: Entity>(id: i64) -> E {
    let mut entity = E::default();
    if let Some(SlotMut::Long(field)) = entity.slot_mut(0) {
        *field = Some(id);
    }
    entity
}
