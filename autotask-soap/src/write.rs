//! Writing: one record, up to 200 at once, many in chunks; changing what is stored; creating once.
//!
//! The methods are those of [`Client`]; this module holds what they give back.
//!
//! | To | use |
//! |---|---|
//! | create one record | [`Client::create`] |
//! | create one record and never a second one | [`Client::create_once`] |
//! | change some fields of a stored record | [`Client::modify`], [`Client::edit`] |
//! | overwrite a stored record | [`Client::replace_clearing_unset`] |
//! | delete one record | [`Client::delete`] |
//! | do so with up to 200 records, all or none | [`Client::create_batch`], [`Client::modify_batch`], [`Client::replace_batch_clearing_unset`], [`Client::delete_batch`] |
//! | create more than 200 | [`Client::create_in_chunks`] |
//!
//! Whatever is written is sent once. A failure says in [`Error::outcome`](crate::Error::outcome)
//! whether that is certain to have stored nothing; after an ambiguous one only looking helps, and a
//! call may go on for up to 5 minutes on the server after its answer was lost.

mod batch;
mod chunks;
mod modify;
mod once;

pub use batch::{BatchFailed, BatchStored, RecordResult};
pub use chunks::{
    AfterRefusal, Chunk, ChunkReport, ChunkState, Chunking, Chunks, ChunksStopped, Counts,
};
pub use modify::{Edit, Modified};
pub use once::{Once, OncePolicy, Undecided};

use crate::client::Client;
use crate::entity::Entity;
use crate::error::Result;
use crate::ops::{CreateEntities, Created, DeleteEntities, Deleted, UpdateEntities, Updated};
use std::slice;

impl Client {
    /// Creates one record.
    ///
    /// The entity is checked first for missing fields and texts that are too long, unless the client
    /// was built [without](crate::ClientBuilder::check_before_create). It is sent once. Of the answer
    /// only the id is to be trusted; read the record again if you need what the server made of it.
    ///
    /// # Errors
    ///
    /// Always look at [`Error::outcome`](crate::Error::outcome): after
    /// [`Outcome::Ambiguous`](crate::Outcome::Ambiguous) the record may exist.
    pub async fn create<E: Entity>(&self, entity: &E) -> Result<Created> {
        self.create_many(slice::from_ref(entity)).await
    }

    /// Creates up to 200 records of one type in one call, all of them or none.
    ///
    /// [`create_batch`](Self::create_batch) does the same and can go on after some were refused.
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create). [`Error::server_errors`](crate::Error::server_errors) says which
    /// records are at fault, counted from 1.
    pub async fn create_many<E: Entity>(&self, entities: &[E]) -> Result<Created> {
        let call = CreateEntities { entities };
        if self.checks() {
            call.check()?;
        }
        let (mut created, fallback) = self.write(&call).await?;
        if let Some(acted_as) = fallback {
            created.acted_as = acted_as;
        }
        Ok(created)
    }

    /// Overwrites a stored record with exactly this entity: **the server clears every writable field
    /// that is not set in it.** To change some fields of a record, use [`modify`](Self::modify).
    ///
    /// ```
    /// use autotask_soap::v1_6::Ticket;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let id = sim.demo().queue_ticket;
    /// let whole: Ticket = client.get(id).await?.ok_or("no such ticket")?;
    /// let bare = Ticket { contact_id: None, ..whole }; // and so the contact goes
    /// client.replace_clearing_unset(&bare).await?;
    /// # assert_eq!(sim.record("Ticket", id).ok_or("gone")?.int("ContactID"), None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`create`](Self::create). The entity needs the id of a stored record.
    pub async fn replace_clearing_unset<E: Entity>(&self, entity: &E) -> Result<Updated> {
        self.update_whole(slice::from_ref(entity), self.checks())
            .await
    }

    pub(crate) async fn update_whole<E: Entity>(
        &self,
        entities: &[E],
        check: bool,
    ) -> Result<Updated> {
        let call = UpdateEntities { entities };
        if check {
            call.check()?;
        }
        let (mut updated, fallback) = self.write(&call).await?;
        if let Some(acted_as) = fallback {
            updated.acted_as = acted_as;
        }
        Ok(updated)
    }

    /// Deletes one record.
    ///
    /// ```
    /// use autotask_soap::v1_6::TimeEntry;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let id = sim.time_entries(sim.demo().ticket)[0].id;
    /// client.delete::<TimeEntry>(id).await?;
    /// assert!(client.get::<TimeEntry>(id).await?.is_none());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) for entities that cannot be deleted,
    /// such as tickets and their notes. Look at [`Error::outcome`](crate::Error::outcome): after an
    /// ambiguous one the record may be gone.
    pub async fn delete<E: Entity>(&self, id: i64) -> Result<Deleted> {
        self.delete_ids::<E>(slice::from_ref(&id)).await
    }

    pub(crate) async fn delete_ids<E: Entity>(&self, ids: &[i64]) -> Result<Deleted> {
        let call = DeleteEntities::<E>::new(ids);
        if self.checks() {
            call.check()?;
        }
        let (mut deleted, fallback) = self.write(&call).await?;
        if let Some(acted_as) = fallback {
            deleted.acted_as = acted_as;
        }
        Ok(deleted)
    }
}
