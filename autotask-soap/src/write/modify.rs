//! Changing some fields of a stored record: read, change, write everything back.

use crate::client::Client;
use crate::entity::change::{conflicts, touches_picklist, touches_udf};
use crate::entity::{Entity, changed_fields, check_change};
use crate::error::{Error, ErrorKind, Result, ServerError};
use crate::impersonation::ActedAs;
use crate::metadata::Metadata;
use crate::ops::Operation;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// A stored record that is being changed. See [`Client::edit`].
///
/// It is the entity, to be read and changed; nothing is written until [`save`](Self::save).
pub struct Edit<E: Entity> {
    client: Client,
    metadata: Option<Metadata>,
    before: E,
    after: E,
}

/// What a change wrote.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Modified<E> {
    /// The record as it was sent. What the server made of it, workflow rules included, only reading
    /// it again shows.
    pub entity: E,
    /// Names of the fields that the change touched. Empty means that nothing was to be done, and
    /// nothing was sent.
    pub changed: Vec<String>,
    /// What the server remarked although it stored the change.
    pub remarks: Vec<ServerError>,
    /// In whose name it was written.
    pub acted_as: ActedAs,
}

impl<E: Entity> Edit<E> {
    /// The record as it was read.
    pub fn before(&self) -> &E {
        &self.before
    }

    /// The same, with picklists and user-defined fields checked against what is remembered there.
    /// What does not pass is checked against the tenant's present metadata.
    #[must_use]
    pub fn known_to(self, metadata: &Metadata) -> Self {
        Self {
            metadata: Some(metadata.clone()),
            ..self
        }
    }

    /// Names of the fields that differ from what was read.
    pub fn changed(&self) -> Vec<String> {
        changed_fields(&self.before, &self.after)
    }

    /// Checks the change, reads the record again, and writes all of it back if it still is what was
    /// read.
    ///
    /// Saving again after a success or an ambiguous outcome is safe: if the first write was stored,
    /// the record no longer is what was read, and the second fails with
    /// [`ErrorKind::Conflict`].
    ///
    /// # Errors
    ///
    /// As [`Client::modify`].
    pub async fn save(&self) -> Result<Modified<E>> {
        let changed = self.changed();
        if changed.is_empty() {
            return Ok(Modified {
                entity: self.after.clone(),
                changed,
                remarks: Vec::new(),
                acted_as: ActedAs::default(),
            });
        }
        let id = self.before.record_id();
        if self.after.record_id() != id {
            return Err(failure::<E>(
                ErrorKind::Validation,
                "a change cannot give a record another id",
            ));
        }
        let client = self.client.as_api_user();
        if self.client.checks() {
            self.check(&client).await?;
        }
        let now: E = read(&client, id.unwrap_or_default()).await?;
        let conflicts = conflicts(&self.before, &now);
        if !conflicts.is_empty() {
            let detail = format!(
                "{} is no longer what was read, in {}",
                named::<E>(id.unwrap_or_default()),
                conflicts.join(", ")
            );
            return Err(failure::<E>(ErrorKind::Conflict, detail));
        }
        let updated = self
            .client
            .update_whole(std::slice::from_ref(&self.after), false)
            .await?;
        Ok(Modified {
            entity: self.after.clone(),
            changed,
            remarks: updated.remarks,
            acted_as: updated.acted_as,
        })
    }

    /// The tenant's own descriptions are asked for only where the change needs them.
    async fn check(&self, client: &Client) -> Result<()> {
        if E::INFO.has_field_info && !E::INFO.can_update {
            return Err(failure::<E>(
                ErrorKind::Validation,
                "Autotask does not let records of this entity be changed",
            ));
        }
        let (before, after) = (&self.before, &self.after);
        let lists = touches_picklist(before, after);
        let user_defined = touches_udf(before, after);
        if let Some(metadata) = self.metadata.as_ref().filter(|_| lists || user_defined) {
            let known = metadata.fields_of::<E>().await?;
            let udfs = Some(known.user_defined.as_slice());
            if check_change(before, after, Some(&known.fields), udfs).is_empty() {
                return Ok(());
            }
        }
        let fields = match lists {
            true => Some(client.field_info::<E>().await?),
            false => None,
        };
        let user_defined = match user_defined {
            true => Some(client.udf_info::<E>().await?),
            false => None,
        };
        let problems = check_change(before, after, fields.as_deref(), user_defined.as_deref());
        if problems.is_empty() {
            return Ok(());
        }
        Err(failure::<E>(ErrorKind::Validation, "").with_problems(problems))
    }
}

impl<E: Entity> Deref for Edit<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.after
    }
}

impl<E: Entity> DerefMut for Edit<E> {
    fn deref_mut(&mut self) -> &mut E {
        &mut self.after
    }
}

// The record can hold customers' texts.
impl<E: Entity> fmt::Debug for Edit<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edit")
            .field("entity", &E::INFO.name)
            .field("id", &self.before.record_id())
            .field("changed", &self.changed())
            .finish_non_exhaustive()
    }
}

fn failure<E: Entity>(kind: ErrorKind, detail: impl Into<String>) -> Error {
    Error::new(kind, detail).with_call(Operation::Update, Some(E::INFO.name))
}

fn named<E: Entity>(id: i64) -> String {
    format!("{} {id}", E::INFO.name)
}

async fn read<E: Entity>(client: &Client, id: i64) -> Result<E> {
    let found = client.get::<E>(id).await?;
    found.ok_or_else(|| failure::<E>(ErrorKind::NotFound, named::<E>(id)))
}

impl Client {
    /// Changes some fields of a stored record and leaves the others as they are.
    ///
    /// The server clears every writable field that an update does not send. So the record is read,
    /// changed, and written back whole, with user-defined fields and fields that this crate does not
    /// know. A change that changes nothing writes nothing.
    ///
    /// ```
    /// use autotask_soap::v1_6::Ticket;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let id = sim.demo().ticket;
    /// let modified = client
    ///     .modify::<Ticket>(id, |ticket| ticket.status = Some(8))
    ///     .await?;
    /// assert_eq!(modified.changed, ["Status"]);
    /// # let ticket = sim.record("Ticket", id).ok_or("gone")?;
    /// # assert_eq!((ticket.int("Status"), ticket.text("Title")), (Some(8), "Outlook does not start"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// **Checks.** Before anything is written: required fields, lengths (also of texts that the
    /// change does not touch, since they are written back), changes of read-only fields, and that
    /// changed picklist and user-defined fields have values that the tenant knows. The latter cost a
    /// call each, the rest none. [`check_before_create`](crate::ClientBuilder::check_before_create)
    /// switches them off.
    ///
    /// **Others' changes.** ATWS has no versions or locks. The record is read once more directly
    /// before the write, and the write is given up if another writable field, a user-defined one, or
    /// a time of last change ([`LastActivityDate`](crate::v1_6::Ticket::LAST_ACTIVITY_DATE) and its
    /// like) differs. What somebody stores between that read and the server's update, a fraction of
    /// a second usually, is overwritten unseen; entities without such a time show only changes of
    /// their fields. A note on a ticket counts as a change of the ticket.
    ///
    /// Both reads are done by the API user itself, even if this handle
    /// [impersonates](Self::impersonate): what the impersonated resource may not see would be
    /// cleared. The same holds for fields that the API user may not see, so give it the permission
    /// to see what it is to change.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such record, [`ErrorKind::Validation`] with
    /// [`field_problems`](Error::field_problems), [`ErrorKind::Conflict`] if somebody else changed
    /// the record; nothing was sent then. After an ambiguous [`outcome`](Error::outcome) the change
    /// may be stored: read the record.
    pub async fn modify<E: Entity>(
        &self,
        id: i64,
        change: impl FnOnce(&mut E),
    ) -> Result<Modified<E>> {
        let mut edit = self.edit(id).await?;
        change(&mut edit);
        edit.save().await
    }

    /// The same in two steps, for changes that take their time, such as those of a person in a form:
    /// what others change meanwhile is noticed when it is [saved](Edit::save).
    ///
    /// ```
    /// use autotask_soap::ErrorKind;
    /// use autotask_soap::v1_6::Ticket;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let id = sim.demo().ticket;
    /// let mut ticket = client.edit::<Ticket>(id).await?;
    /// ticket.title = Some("Outlook does not start after the update".into());
    /// // Meanwhile somebody else raises the priority …
    /// # sim.update_record("Ticket", id, "Priority", 1);
    /// let error = ticket.save().await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Conflict);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is no such record, and whatever reads can fail with.
    pub async fn edit<E: Entity>(&self, id: i64) -> Result<Edit<E>> {
        let before: E = read(&self.as_api_user(), id).await?;
        Ok(Edit {
            client: self.clone(),
            metadata: None,
            after: before.clone(),
            before,
        })
    }
}
