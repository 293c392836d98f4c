//! `create`: new records, all of them or none.

use super::{Call, Context, Operation, write};
use crate::entity::{Entity, check_for_create};
use crate::error::{Result, ServerError};
use crate::impersonation::ActedAs;
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
    /// In whose name the records were written.
    pub acted_as: ActedAs,
}

impl<E: Entity> CreateEntities<'_, E> {
    /// Looks for required fields that are missing and texts that are too long.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) with all
    /// [`field_problems`](crate::Error::field_problems) that were found.
    pub fn check(&self) -> Result<()> {
        write::check_all(self.operation(), self.entities, check_for_create)
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
        let (operation, entity) = (self.operation(), E::INFO.name);
        write::check_count(operation, entity, self.entities.len())?;
        let exists = |entity: &E| entity.record_id().is_some_and(|id| id != 0);
        if self.entities.iter().any(exists) {
            let detail = "an entity that has an id exists already";
            return Err(write::refuse(operation, entity, detail));
        }
        write::request(context, operation, self.entities)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Created> {
        let (operation, entity) = (self.operation(), E::INFO.name);
        let count = self.entities.len();
        let mut written = write::read(&response, context, operation, entity, count)?;
        written.ids.retain(|id| *id > 0);
        let write::Written { ids, remarks } = written;
        match ids.first() {
            Some(&id) if ids.len() >= count => Ok(Created {
                id,
                ids,
                remarks,
                acted_as: ActedAs::resource(context.impersonate),
            }),
            _ => {
                let detail = format!(
                    "the server says that it stored {count} record(s), but names {} id(s)",
                    ids.len()
                );
                Err(write::doubtful(
                    detail, remarks, &response, context, operation, entity,
                ))
            }
        }
    }
}
