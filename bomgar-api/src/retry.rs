//! Waiting: when to repeat a call, and the clock by which it is done.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, Instant};

/// How often and after which waits a failed call is repeated.
///
/// Reads are repeated after every failure that may pass by itself. Calls that change something are
/// repeated only when it is certain that the appliance did not act on them: it could not be
/// reached, or it refused the call as one too many.
///
/// ```
/// use std::time::Duration;
/// use bomgar_api::{Client, Credentials, RetryPolicy};
///
/// let patient = RetryPolicy::default().max_attempts(5).base(Duration::from_secs(2));
/// let client = Client::builder("support.example.com", Credentials::oauth("id", "secret"))
///     .retry(patient)
///     .build()?;
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct RetryPolicy {
    max_attempts: u32,
    base: Duration,
    max_wait: Duration,
}

impl Default for RetryPolicy {
    /// Three attempts; waits of about half a second, then one second; at most 30 seconds where the
    /// appliance asks for a certain wait.
    fn default() -> Self {
        RetryPolicy {
            max_attempts: 3,
            base: Duration::from_millis(500),
            max_wait: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// Never repeats.
    pub fn none() -> Self {
        RetryPolicy {
            max_attempts: 1,
            ..RetryPolicy::default()
        }
    }

    /// How often a call is tried at most, the first time included.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The wait before the second attempt; it doubles with each further one.
    pub fn base(mut self, base: Duration) -> Self {
        self.base = base;
        self
    }

    /// The longest wait. If the appliance asks for a longer one, the call fails at once and the
    /// error says how long to wait.
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    pub(crate) fn longest_wait(&self) -> Duration {
        self.max_wait
    }

    /// How long to wait after this many failed attempts; `None` to give up.
    pub(crate) fn wait(&self, attempts: u32, asked: Option<Duration>) -> Option<Duration> {
        if attempts >= self.max_attempts {
            return None;
        }
        if let Some(asked) = asked {
            return (asked <= self.max_wait).then_some(asked);
        }
        let doubled = self
            .base
            .saturating_mul(1 << (attempts - 1).min(16))
            .min(self.max_wait);
        // Between half and all of it, so that callers that failed together do not return together.
        let random = RandomState::new().build_hasher().finish() % 1000;
        Some(doubled / 2 + doubled.mul_f64(random as f64 / 2000.0))
    }
}

/// The clock of a client. Tests replace it.
#[async_trait::async_trait]
pub trait Timer: fmt::Debug + Send + Sync + 'static {
    /// The present.
    fn now(&self) -> Instant;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}

/// The clock of the tokio runtime.
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioTimer;

#[async_trait::async_trait]
impl Timer for TokioTimer {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_their_bounds() {
        let policy = RetryPolicy::default()
            .max_attempts(12)
            .base(Duration::from_secs(1))
            .max_wait(Duration::from_secs(10));
        for (attempts, longest) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 10), (11, 10)] {
            let wait = policy.wait(attempts, None).unwrap();
            let longest = Duration::from_secs(longest);
            assert!(
                wait >= longest / 2 && wait <= longest,
                "{attempts}: {wait:?}"
            );
        }
        assert_eq!(policy.wait(12, None), None);
        assert_eq!(RetryPolicy::none().wait(1, None), None);
    }

    #[test]
    fn what_the_appliance_asks_for_counts_unless_too_long() {
        let policy = RetryPolicy::default().max_wait(Duration::from_secs(10));
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(policy.wait(1, seconds(10)), seconds(10));
        assert_eq!(policy.wait(1, seconds(11)), None);
    }
}
