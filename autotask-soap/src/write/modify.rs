//! Changing some fields of a stored record: read, change, write everything back.

use crate::client::Client;
use crate::entity::change::{conflicts, touches_picklist, touches_udf};
use crate::entity::{Entity, changed_fields, check_change};
use crate::error::{Error, ErrorKind, Result, ServerError};
use crate::impersonation::ActedAs;
use crate::metadata::Metadata;
use crate::ops::Operation;
use crate::query::Query;
use std::collections::HashMap;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::slice;

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
        let (before, after) = (slice::from_ref(&self.before), slice::from_ref(&self.after));
        may_be_written(&self.client, before, after, self.metadata.as_ref()).await?;
        let updated = self.client.update_whole(after, false).await?;
        Ok(Modified {
            entity: self.after.clone(),
            changed,
            remarks: updated.remarks,
            acted_as: updated.acted_as,
        })
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

/// Looks whether changed records can be written back: that the changes are ones that the server
/// takes, and that nobody else changed the records since they were read.
pub(super) async fn may_be_written<E: Entity>(
    client: &Client,
    before: &[E],
    after: &[E],
    metadata: Option<&Metadata>,
) -> Result<()> {
    let same_id = |(before, after): (&E, &E)| before.record_id() == after.record_id();
    if !before.iter().zip(after).all(same_id) {
        let detail = "a change cannot give a record another id";
        return Err(failure::<E>(ErrorKind::Validation, detail));
    }
    let reader = client.as_api_user();
    if client.checks() {
        check(&reader, before, after, metadata).await?;
    }
    let ids: Vec<i64> = before.iter().filter_map(Entity::record_id).collect();
    let now: Vec<E> = read(&reader, &ids).await?;
    let changed: Vec<String> = before
        .iter()
        .zip(&now)
        .map(|(before, now)| (before.record_id(), conflicts(before, now)))
        .filter(|(_, fields)| !fields.is_empty())
        .map(|(id, fields)| format!("{} in {}", named::<E>(id), fields.join(", ")))
        .collect();
    if changed.is_empty() {
        Ok(())
    } else {
        Err(failure::<E>(ErrorKind::Conflict, changed.join("; ")))
    }
}

/// The tenant's own descriptions are asked for only where a change needs them.
async fn check<E: Entity>(
    reader: &Client,
    before: &[E],
    after: &[E],
    metadata: Option<&Metadata>,
) -> Result<()> {
    if E::INFO.has_field_info && !E::INFO.can_update {
        let detail = "Autotask does not let records of this entity be changed";
        return Err(failure::<E>(ErrorKind::Validation, detail));
    }
    let several = after.len() > 1;
    let problems = |fields: Option<&[_]>, user_defined: Option<&[_]>| {
        let mut all = Vec::new();
        for (at, (before, after)) in before.iter().zip(after).enumerate() {
            let number = u32::try_from(at + 1).ok().filter(|_| several);
            let found = check_change(before, after, fields, user_defined);
            all.extend(found.into_iter().map(|mut problem| {
                problem.record = number;
                problem
            }));
        }
        all
    };
    let any = |touches: fn(&E, &E) -> bool| before.iter().zip(after).any(|(b, a)| touches(b, a));
    let (lists, user_defined) = (any(touches_picklist), any(touches_udf));
    if let Some(metadata) = metadata.filter(|_| lists || user_defined) {
        let known = metadata.fields_of::<E>().await?;
        if problems(Some(&known.fields), Some(&known.user_defined)).is_empty() {
            return Ok(());
        }
    }
    let fields = match lists {
        true => Some(reader.field_info::<E>().await?),
        false => None,
    };
    let user_defined = match user_defined {
        true => Some(reader.udf_info::<E>().await?),
        false => None,
    };
    let problems = problems(fields.as_deref(), user_defined.as_deref());
    if problems.is_empty() {
        return Ok(());
    }
    Err(failure::<E>(ErrorKind::Validation, "").with_problems(problems))
}

fn named<E: Entity>(id: Option<i64>) -> String {
    format!("{} {}", E::INFO.name, id.unwrap_or_default())
}

/// The records with these ids, at most 200, in this order.
pub(super) async fn read<E: Entity>(reader: &Client, ids: &[i64]) -> Result<Vec<E>> {
    let found = reader
        .query(Query::<E>::by_ids(ids.iter().copied()))
        .await?;
    let mut by_id: HashMap<Option<i64>, E> = found
        .into_iter()
        .map(|record| (record.record_id(), record))
        .collect();
    let mut records = Vec::with_capacity(ids.len());
    let mut missing = Vec::new();
    for &id in ids {
        match by_id.remove(&Some(id)) {
            Some(record) => records.push(record),
            None => missing.push(named::<E>(Some(id))),
        }
    }
    if missing.is_empty() {
        Ok(records)
    } else {
        Err(failure::<E>(ErrorKind::NotFound, missing.join(", ")))
    }
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
    /// Over ATWS 1.5, fields that only 1.6 has can be neither read nor written back; use 1.6 for
    /// entities where these are in use.
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
        let mut read: Vec<E> = read(&self.as_api_user(), &[id]).await?;
        let before = read
            .pop()
            .ok_or_else(|| failure::<E>(ErrorKind::NotFound, named::<E>(Some(id))))?;
        Ok(Edit {
            client: self.clone(),
            metadata: None,
            after: before.clone(),
            before,
        })
    }
}
