//! Metadata that is asked once and then remembered for a while.

use super::{EntityDescription, FieldDescription, PicklistValue};
use crate::client::Client;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::{GetFieldInfo, GetUdfInfo, Operation};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// The tenant's metadata, kept for a while: fields with picklists, user-defined fields, and what
/// may be done with which entity.
///
/// * It is asked from the server when it is needed first, and again when it is older than
///   [`max_age`](Self::max_age) (an hour by default). If that fails, so does the look-up: old
///   metadata is never passed off as new.
/// * Many look-ups at the same time make one call.
/// * A field or picklist value that is not there may be new. Then the entity is asked once more, but
///   for that reason at most once in [`unknown_pause`](Self::unknown_pause) (a minute by default),
///   so that a program that keeps looking for a wrong label does not use up the tenant's calls.
///
/// Cheap to clone; clones share what is remembered. One belongs to one client: another tenant, or
/// another user's rights, need another.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sim = autotask_sim::AutotaskSim::start().await?;
/// # let client = autotask_soap::Client::builder(sim.username(), sim.password(), sim.integration_code())
/// #     .endpoint(sim.lookup_endpoint())
/// #     .build()?;
/// use autotask_soap::Metadata;
///
/// let metadata = Metadata::new(client);
/// let status = metadata.value("Ticket", "Status", "waiting customer", None).await?;
/// assert_eq!(status.number(), Some(7));
/// // A picklist that depends on another field: name that field's value.
/// let printer = metadata.value("Ticket", "SubIssueType", "Printer", Some("11")).await?;
/// assert_eq!(printer.number(), Some(111));
/// # assert_eq!(sim.call_count("GetFieldInfo", "Ticket"), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Metadata {
    client: Client,
    max_age: Duration,
    unknown_pause: Duration,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    fields: StdMutex<HashMap<String, Arc<Mutex<Kept<EntityFields>>>>>,
    entities: Mutex<Kept<Vec<EntityDescription>>>,
}

/// What is remembered of one thing. Its lock is held while the server is asked, so that only one of
/// many waiting look-ups does it.
struct Kept<T> {
    value: Option<(Arc<T>, Instant)>,
    /// When something unknown made us ask again.
    unknown_at: Option<Instant>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            value: None,
            unknown_at: None,
        }
    }
}

/// The fields of one entity as the tenant had them at one time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EntityFields {
    /// Wire name of the entity.
    pub entity: String,
    /// The entity's own fields.
    pub fields: Vec<FieldDescription>,
    /// The fields that the tenant added.
    pub user_defined: Vec<FieldDescription>,
    read_at: Instant,
}

impl EntityFields {
    /// How long ago the server said so.
    pub fn age(&self) -> Duration {
        self.read_at.elapsed()
    }

    /// One of the entity's own fields by its wire name, without regard to case.
    pub fn field(&self, name: &str) -> Option<&FieldDescription> {
        self.fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name.trim()))
    }

    /// A user-defined field by the name that the tenant gave it. Case counts only if two names
    /// differ in nothing else.
    pub fn user_defined(&self, name: &str) -> Option<&FieldDescription> {
        let exact = self.user_defined.iter().find(|field| field.name == name);
        exact.or_else(|| {
            let wanted = name.trim().to_lowercase();
            let mut found = self
                .user_defined
                .iter()
                .filter(|field| field.name.trim().to_lowercase() == wanted);
            found.next().filter(|_| found.next().is_none())
        })
    }

    fn find(&self, name: &str) -> Option<&FieldDescription> {
        self.field(name).or_else(|| self.user_defined(name))
    }
}

impl Metadata {
    /// Asks through this client; nothing is asked yet.
    pub fn new(client: Client) -> Self {
        Self {
            client,
            max_age: Duration::from_secs(60 * 60),
            unknown_pause: Duration::from_secs(60),
            shared: Arc::default(),
        }
    }

    /// A handle on the same memory for which metadata older than this counts as too old.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        Self {
            max_age: age,
            ..self
        }
    }

    /// A handle on the same memory that asks again for unknown things after this time, at the
    /// earliest.
    #[must_use]
    pub fn unknown_pause(self, pause: Duration) -> Self {
        Self {
            unknown_pause: pause,
            ..self
        }
    }

    /// The client that it asks through.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The fields of an entity, user-defined ones too. Asking the server takes two calls.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with. Entities that the server does not know are such a failure.
    pub async fn fields(&self, entity: &str) -> Result<Arc<EntityFields>> {
        let slot = self.slot(entity);
        let mut kept = slot.lock().await;
        self.current(&mut kept, entity).await
    }

    /// The same for a typed entity.
    ///
    /// # Errors
    ///
    /// As [`fields`](Self::fields).
    pub async fn fields_of<E: Entity>(&self) -> Result<Arc<EntityFields>> {
        self.fields(E::INFO.name).await
    }

    /// One field of an entity: its own by the wire name, or a user-defined one by the tenant's name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the tenant has no such field, and as [`fields`](Self::fields).
    pub async fn field(&self, entity: &str, field: &str) -> Result<FieldDescription> {
        self.search(entity, |fields| found(fields, entity, field).cloned())
            .await
    }

    /// The active value of a picklist with this label; see [`Picklist`](super::Picklist) for what
    /// makes labels equal. `parent_value` is the value of the field that the picklist depends on;
    /// without it the label must be unique in the whole list.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Label`] if no active value has the label, or several have it; the message names
    /// the candidates. As [`field`](Self::field) otherwise.
    pub async fn value(
        &self,
        entity: &str,
        field: &str,
        label: &str,
        parent_value: Option<&str>,
    ) -> Result<PicklistValue> {
        self.search(entity, |fields| {
            let mut values = found(fields, entity, field)?.values();
            if let Some(parent) = parent_value {
                values = values.under(parent);
            }
            values
                .by_label(label)
                .cloned()
                .map_err(|error| error.with_call(Operation::GetFieldInfo, Some(entity)))
        })
        .await
    }

    /// What a value of a picklist stands for, inactive ones too: records keep them.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Label`] if the picklist has no such value. As [`field`](Self::field) otherwise.
    pub async fn label(
        &self,
        entity: &str,
        field: &str,
        value: impl ToString,
    ) -> Result<PicklistValue> {
        let value = value.to_string();
        self.search(entity, |fields| {
            found(fields, entity, field)?
                .values()
                .with_inactive()
                .by_value(&value)
                .cloned()
                .map_err(|error| error.with_call(Operation::GetFieldInfo, Some(entity)))
        })
        .await
    }

    /// All entities and what the API user may do with them.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn entities(&self) -> Result<Arc<Vec<EntityDescription>>> {
        let mut kept = self.shared.entities.lock().await;
        if let Some((value, at)) = &kept.value {
            if at.elapsed() < self.max_age {
                return Ok(Arc::clone(value));
            }
        }
        let at = Instant::now();
        let value = Arc::new(self.client.entity_info().await?);
        kept.value = Some((Arc::clone(&value), at));
        Ok(value)
    }

    /// What the API user may do with one entity. The wire name is compared without regard to case.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if the tenant has no such entity, and whatever calls can fail with.
    pub async fn entity(&self, entity: &str) -> Result<EntityDescription> {
        let entities = self.entities().await?;
        entities
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(entity.trim()))
            .cloned()
            .ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("entity '{entity}'"))
                    .with_call(Operation::GetEntityInfo, None)
            })
    }

    /// Forgets everything, so that the next look-ups ask the server.
    pub async fn forget(&self) {
        self.shared
            .fields
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        *self.shared.entities.lock().await = Kept::default();
    }

    fn slot(&self, entity: &str) -> Arc<Mutex<Kept<EntityFields>>> {
        let mut fields = self
            .shared
            .fields
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let slot = fields.entry(entity.trim().to_ascii_lowercase());
        Arc::clone(slot.or_default())
    }

    /// Looks for something in an entity's fields; if it is not there, asks the server again if that
    /// may help, and looks once more.
    async fn search<T>(
        &self,
        entity: &str,
        look: impl Fn(&EntityFields) -> Result<T>,
    ) -> Result<T> {
        let slot = self.slot(entity);
        let fields = {
            let mut kept = slot.lock().await;
            self.current(&mut kept, entity).await?
        };
        let missing = match look(&fields) {
            Ok(value) => return Ok(value),
            Err(missing) => missing,
        };
        let mut kept = slot.lock().await;
        let newer = match &kept.value {
            // Somebody else asked while we waited.
            Some((value, _)) if !Arc::ptr_eq(value, &fields) => Arc::clone(value),
            _ => {
                let now = Instant::now();
                let asked = kept.unknown_at;
                if asked.is_some_and(|at| now.duration_since(at) < self.unknown_pause) {
                    return Err(missing);
                }
                kept.unknown_at = Some(now);
                self.ask(&mut kept, entity).await?
            }
        };
        drop(kept);
        look(&newer)
    }

    async fn current(
        &self,
        kept: &mut Kept<EntityFields>,
        entity: &str,
    ) -> Result<Arc<EntityFields>> {
        if let Some((value, at)) = &kept.value {
            if at.elapsed() < self.max_age {
                return Ok(Arc::clone(value));
            }
        }
        self.ask(kept, entity).await
    }

    async fn ask(&self, kept: &mut Kept<EntityFields>, entity: &str) -> Result<Arc<EntityFields>> {
        let read_at = Instant::now();
        let entity = entity.trim().to_owned();
        let own = GetFieldInfo {
            entity: entity.clone(),
        };
        let fields = self.client.send(&own).await?;
        let added = GetUdfInfo {
            entity: entity.clone(),
        };
        let user_defined = self.client.send(&added).await?;
        let value = Arc::new(EntityFields {
            entity,
            fields,
            user_defined,
            read_at,
        });
        kept.value = Some((Arc::clone(&value), read_at));
        Ok(value)
    }
}

fn found<'f>(fields: &'f EntityFields, entity: &str, name: &str) -> Result<&'f FieldDescription> {
    fields.find(name).ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("field '{name}'"))
            .with_call(Operation::GetFieldInfo, Some(entity))
    })
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metadata")
            .field("client", &self.client)
            .field("max_age", &self.max_age)
            .field("unknown_pause", &self.unknown_pause)
            .finish_non_exhaustive()
    }
}
