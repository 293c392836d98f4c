//! The server's budget for attachments.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

/// Bytes that the server takes in [`WINDOW`]; with more it takes none for as long.
const BUDGET: usize = 10_000_000;
/// Five minutes, and some seconds because the server's count begins later than ours.
const WINDOW: Duration = Duration::from_secs(5 * 60 + 5);

/// Counts bytes as they travel, in base64: which way the server counts is not known, and this one
/// stays below both.
#[derive(Default)]
pub(super) struct Attached {
    sent: Arc<Sent>,
    /// Held by whoever waits, so that a large file is not overtaken for ever by small ones.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Sent {
    list: Mutex<List>,
    changed: Notify,
}

#[derive(Default)]
struct List {
    next: u64,
    uploads: Vec<Upload>,
}

struct Upload {
    number: u64,
    bytes: usize,
    /// `None` while it is under way.
    done: Option<Instant>,
}

impl Attached {
    pub(super) async fn reserve(&self, bytes: usize) -> Reservation {
        let _turn = self.turn.lock().await;
        loop {
            let changed = self.sent.changed.notified();
            match self.sent.try_reserve(bytes) {
                Ok(number) => {
                    return Reservation {
                        sent: Arc::clone(&self.sent),
                        number,
                    };
                }
                Err(Some(free_at)) => {
                    // Whether time passed or something changed, look again.
                    let _ = timeout_at(free_at, changed).await;
                }
                Err(None) => changed.await,
            }
        }
    }
}

impl Sent {
    /// The reservation's number, or when the next bytes become free, if that is known.
    fn try_reserve(&self, bytes: usize) -> Result<u64, Option<Instant>> {
        let mut list = self.list.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        list.uploads
            .retain(|upload| upload.done.is_none_or(|done| now < done + WINDOW));
        let used: usize = list.uploads.iter().map(|upload| upload.bytes).sum();
        // One that is too large by itself goes alone; the server decides.
        if used.saturating_add(bytes) <= BUDGET || list.uploads.is_empty() {
            let number = list.next;
            list.next += 1;
            list.uploads.push(Upload {
                number,
                bytes,
                done: None,
            });
            return Ok(number);
        }
        let first = list.uploads.iter().filter_map(|upload| upload.done).min();
        Err(first.map(|done| done + WINDOW))
    }
}

/// Bytes that are on their way. They count for the whole window from its end on.
pub(crate) struct Reservation {
    sent: Arc<Sent>,
    number: u64,
}

impl Reservation {
    /// Gives the bytes back, because nothing was sent.
    pub(crate) fn unused(self) {
        self.sent
            .list
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .uploads
            .retain(|upload| upload.number != self.number);
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        let mut list = self
            .sent
            .list
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let number = self.number;
        if let Some(upload) = list.uploads.iter_mut().find(|u| u.number == number) {
            upload.done = Some(Instant::now());
        }
        drop(list);
        self.sent.changed.notify_one();
    }
}

impl fmt::Debug for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reservation").field(&self.number).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long it takes to reserve, on tokio's stopped clock.
    async fn waits(attached: &Attached, bytes: usize) -> (u64, Reservation) {
        let from = Instant::now();
        let reservation = attached.reserve(bytes).await;
        (from.elapsed().as_secs(), reservation)
    }

    #[tokio::test(start_paused = true)]
    async fn never_more_than_the_budget_in_a_window() {
        let attached = Attached::default();
        let (waited, first) = waits(&attached, 6_000_000).await;
        assert_eq!(waited, 0);
        tokio::time::advance(Duration::from_secs(60)).await;
        drop(first);
        let (waited, second) = waits(&attached, 4_000_000).await;
        assert_eq!(waited, 0);
        drop(second);
        // The first one counts from the end of its upload.
        let (waited, _third) = waits(&attached, 1).await;
        assert_eq!(waited, WINDOW.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_sent_is_given_back() {
        let attached = Attached::default();
        let (_, first) = waits(&attached, 10_000_000).await;
        first.unused();
        let (waited, first) = waits(&attached, 10_000_000).await;
        assert_eq!(waited, 0);
        // Somebody who waits for an upload under way is woken when nothing of it was sent.
        let attached = Arc::new(attached);
        let waiting = {
            let attached = Arc::clone(&attached);
            tokio::spawn(async move { waits(&attached, 5).await.0 })
        };
        tokio::task::yield_now().await;
        tokio::time::advance(Duration::from_secs(7)).await;
        first.unused();
        assert_eq!(waiting.await.unwrap(), 7);
    }
}
