//! How many requests may be sent in a span of time.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, ErrorKind, Result};

/// A limit on requests to one API account.
///
/// Newer appliances refuse more than 20 requests in a second and 15,000 in an hour from one
/// account, which is the default here. Requests wait for their turn, in order; one that would have
/// to wait longer than [`RetryPolicy::max_wait`](crate::RetryPolicy::max_wait) fails at once and
/// says how long. Requests for tokens count, too.
///
/// Clones share one budget. Give the same to all clients that use the same account:
///
/// ```
/// use bomgar_api::{Client, Credentials, RequestBudget};
///
/// let budget = RequestBudget::default();
/// let one = Client::builder("support.example.com", Credentials::oauth("id", "secret"))
///     .budget(budget.clone())
///     .build()?;
/// let two = Client::builder("support.example.com", Credentials::oauth("id", "secret"))
///     .budget(budget)
///     .build()?;
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RequestBudget {
    state: Option<Arc<Mutex<State>>>,
}

#[derive(Debug)]
struct State {
    per_second: usize,
    per_hour: usize,
    /// When the last requests were or will be sent, oldest first; never more than matter.
    sent: VecDeque<Instant>,
}

impl Default for RequestBudget {
    /// 20 requests a second and 15,000 an hour.
    fn default() -> Self {
        RequestBudget::new(20, 15_000)
    }
}

impl RequestBudget {
    /// At most so many requests in any second, and in any hour; at least one each.
    pub fn new(per_second: u32, per_hour: u32) -> Self {
        RequestBudget {
            state: Some(Arc::new(Mutex::new(State {
                per_second: per_second.max(1) as usize,
                per_hour: per_hour.max(1) as usize,
                sent: VecDeque::new(),
            }))),
        }
    }

    /// No limit, for simulators.
    pub fn unlimited() -> Self {
        RequestBudget { state: None }
    }

    /// Takes the next free slot and says how long it is until then.
    pub(crate) fn reserve(&self, now: Instant, longest: Duration) -> Result<Duration> {
        let Some(state) = &self.state else {
            return Ok(Duration::ZERO);
        };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let wait = state.wait(now);
        if wait > longest {
            let message = "this client has sent as many requests as the appliance takes";
            return Err(Error::new(ErrorKind::RateLimited, message).with_retry_after(Some(wait)));
        }
        state.sent.push_back(now + wait);
        Ok(wait)
    }
}

impl State {
    fn wait(&mut self, now: Instant) -> Duration {
        let keep = self.per_second.max(self.per_hour);
        while self.sent.len() > keep {
            self.sent.pop_front();
        }
        // The slot is free when the request that is `limit` places before it has left the span.
        let free = |limit: usize, span: Duration| {
            let earlier = self.sent.len().checked_sub(limit)?;
            Some(*self.sent.get(earlier)? + span)
        };
        [
            // Slots are taken in order, also by requests that come while others wait.
            self.sent.back().copied(),
            free(self.per_second, Duration::from_secs(1)),
            free(self.per_hour, Duration::from_secs(3600)),
        ]
        .into_iter()
        .flatten()
        .map(|at| at.saturating_duration_since(now))
        .max()
        .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(7200);

    fn seconds(waits: impl IntoIterator<Item = Duration>) -> Vec<u64> {
        waits.into_iter().map(|wait| wait.as_secs()).collect()
    }

    #[test]
    fn requests_wait_for_the_second_and_for_the_hour() {
        let budget = RequestBudget::new(2, 5);
        let now = Instant::now();
        let waits = (0..6).map(|_| budget.reserve(now, LONG).unwrap());
        assert_eq!(seconds(waits), [0, 0, 1, 1, 2, 3600]);
        // Two hours later nothing is left of it.
        let later = now + Duration::from_secs(7300);
        let waits = (0..3).map(|_| budget.reserve(later, LONG).unwrap());
        assert_eq!(seconds(waits), [0, 0, 1]);
    }

    #[test]
    fn a_long_wait_is_an_error_that_takes_no_slot() {
        let budget = RequestBudget::new(10, 1);
        let now = Instant::now();
        let at_most = Duration::from_secs(30);
        assert!(budget.clone().reserve(now, at_most).is_ok());
        for _ in 0..2 {
            let error = budget.reserve(now, at_most).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RateLimited);
            assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
        }
        let later = now + Duration::from_secs(3600);
        assert_eq!(budget.reserve(later, at_most).unwrap(), Duration::ZERO);
    }

    #[test]
    fn an_unlimited_budget_never_waits() {
        let budget = RequestBudget::unlimited();
        let now = Instant::now();
        assert!((0..100_000).all(|_| budget.reserve(now, Duration::ZERO).unwrap().is_zero()));
    }
}
