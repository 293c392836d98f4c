//! The server's limit of concurrent calls.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Keeps calls within the server's limit: three at a time for each integration code and entity.
///
/// Further calls wait for their turn. Every client has its own; give the same one to all clients
/// that use the same integration code (see
/// [`ClientBuilder::limits`](crate::ClientBuilder::limits)). Cheap to clone.
#[derive(Clone)]
pub struct Limits {
    inner: Arc<Inner>,
}

struct Inner {
    per_entity: usize,
    slots: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl Limits {
    /// At most this many calls at a time for each entity; at least one.
    pub fn per_entity(calls: usize) -> Self {
        let per_entity = calls.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            inner: Arc::new(Inner {
                per_entity,
                slots: Mutex::new(HashMap::new()),
            }),
        }
    }

    /// Waits for a slot. `single` is for calls that the server wants one at a time.
    pub(crate) async fn slot(&self, object: &str, single: bool) -> Slot {
        let semaphore = {
            let mut slots = self
                .inner
                .slots
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            match slots.get(object) {
                Some(semaphore) => Arc::clone(semaphore),
                None => {
                    let permits = if single { 1 } else { self.inner.per_entity };
                    let semaphore = Arc::new(Semaphore::new(permits));
                    slots.insert(object.to_owned(), Arc::clone(&semaphore));
                    semaphore
                }
            }
        };
        // Acquiring fails only for a closed semaphore, and none is ever closed.
        Slot(semaphore.acquire_owned().await.ok())
    }
}

impl Default for Limits {
    /// Three, which is what the server grants new integrations.
    fn default() -> Self {
        Self::per_entity(3)
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limits")
            .field("per_entity", &self.inner.per_entity)
            .finish_non_exhaustive()
    }
}

/// The right to make one call; given back when dropped.
#[derive(Debug)]
pub(crate) struct Slot(
    #[allow(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>,
);
