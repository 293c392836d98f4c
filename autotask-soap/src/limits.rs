//! The server's limits: concurrent calls, calls in an hour, bytes of attachments.

mod attached;
mod usage;

use attached::Attached;
pub(crate) use attached::Reservation;
pub use usage::UsagePolicy;
pub(crate) use usage::{Pace, Usage};

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Keeps calls within the server's limits: three at a time for each integration code and entity, and
/// ten million bytes of new attachments in five minutes. Further calls wait for their turn.
///
/// All clients of this process that ask the same endpoint with the same integration code share one,
/// unless they are given others (see [`ClientBuilder::limits`](crate::ClientBuilder::limits)).
/// Cheap to clone.
///
/// ```
/// use autotask_soap::{Client, Limits};
///
/// # fn main() -> Result<(), autotask_soap::Error> {
/// // An older integration with more threads, used by two users.
/// let limits = Limits::per_entity(5);
/// let one = Client::builder("one@example.com", "secret", "CODE").limits(limits.clone()).build()?;
/// let two = Client::builder("two@example.com", "secret", "CODE").limits(limits).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Limits {
    inner: Arc<Inner>,
}

struct Inner {
    per_entity: usize,
    slots: Mutex<HashMap<String, Arc<Semaphore>>>,
    attached: Attached,
}

/// Those of the process, by endpoint and integration code. The codes are secrets, so that only
/// their hashes are kept.
static OF_PROCESS: LazyLock<OfProcess> = LazyLock::new(OfProcess::default);

#[derive(Default)]
struct OfProcess {
    hasher: RandomState,
    all: Mutex<HashMap<u64, Weak<Inner>>>,
}

impl Limits {
    /// At most this many calls at a time for each entity; at least one.
    pub fn per_entity(calls: usize) -> Self {
        let per_entity = calls.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            inner: Arc::new(Inner {
                per_entity,
                slots: Mutex::new(HashMap::new()),
                attached: Attached::default(),
            }),
        }
    }

    /// The one that all clients share that use this code at this endpoint.
    pub(crate) fn of_process(endpoint: &str, code: &str) -> Self {
        let key = OF_PROCESS.hasher.hash_one((endpoint, code));
        let mut all = OF_PROCESS
            .all
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(inner) = all.get(&key).and_then(Weak::upgrade) {
            return Self { inner };
        }
        all.retain(|_, limits| limits.strong_count() > 0);
        let limits = Self::default();
        all.insert(key, Arc::downgrade(&limits.inner));
        limits
    }

    /// Waits for a slot. `single` is for calls that the server wants one at a time.
    pub(crate) async fn slot(&self, object: &str, single: bool) -> Slot {
        // The server knows entities in any case.
        let object = &*object.to_ascii_lowercase();
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

    /// Waits until so many bytes may be attached.
    pub(crate) async fn attach(&self, bytes: usize) -> Reservation {
        self.inner.attached.reserve(bytes).await
    }
}

impl Default for Limits {
    /// Three, which is what the server grants new integrations. Shared with nobody but its clones.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_has_one_for_each_endpoint_and_code() {
        let same = |a: &Limits, b: &Limits| Arc::ptr_eq(&a.inner, &b.inner);
        let first = Limits::of_process("https://a.example", "CODE");
        assert!(same(
            &first,
            &Limits::of_process("https://a.example", "CODE")
        ));
        assert!(!same(
            &first,
            &Limits::of_process("https://a.example", "CODE2")
        ));
        assert!(!same(
            &first,
            &Limits::of_process("https://b.example", "CODE")
        ));
        assert!(!same(&Limits::default(), &Limits::default()));
    }
}
