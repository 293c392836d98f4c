//! When a failed read is tried again.
//!
//! Writes are never tried again by this crate after anything that leaves open whether they were
//! stored; see [`Error::outcome`](crate::Error::outcome).

use crate::error::Error;
use async_trait::async_trait;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// How often and after which pauses a read is tried again.
///
/// Pauses double from `first_pause` on, up to `longest_pause`, each shortened by a random part of at
/// most half. If the server says how long to wait (`Retry-After`), that is the pause; if it is
/// longer than `longest_pause`, the read fails at once and the error tells the time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Tries altogether, the first one included. Default: 3.
    pub attempts: u32,
    /// Pause after the first failure. Default: half a second.
    pub first_pause: Duration,
    /// Longest pause. Default: 30 seconds.
    pub longest_pause: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// One try only.
    pub fn never() -> Self {
        Self {
            attempts: 1,
            ..Self::default()
        }
    }

    /// This many tries, with the default pauses.
    pub fn attempts(attempts: u32) -> Self {
        Self {
            attempts,
            ..Self::default()
        }
    }

    /// The pause before the next try, or `None` if there is none. `made` counts the tries so far,
    /// `share` in 0..=1 says how much of the random part is taken off.
    pub(crate) fn pause(&self, made: u32, error: &Error, share: f64) -> Option<Duration> {
        if made >= self.attempts || !error.is_retryable() {
            return None;
        }
        if let Some(wait) = error.retry_after() {
            return (wait <= self.longest_pause).then_some(wait);
        }
        let doublings = made.saturating_sub(1).min(20);
        let full = self
            .first_pause
            .saturating_mul(1 << doublings)
            .min(self.longest_pause);
        Some(full.mul_f64(1.0 - share.clamp(0.0, 1.0) / 2.0))
    }
}

/// A random number in 0..1, good enough to spread retries.
pub(crate) fn random_share() -> f64 {
    let random = RandomState::new().build_hasher().finish();
    (random % 1000) as f64 / 1000.0
}

/// Waits. Tests put their own here.
#[async_trait]
pub trait Sleep: Send + Sync + 'static {
    /// Returns after this time.
    async fn sleep(&self, time: Duration);
}

/// Waits by tokio's timer.
#[cfg(feature = "client")]
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioSleep;

#[cfg(feature = "client")]
#[async_trait]
impl Sleep for TokioSleep {
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn failure(kind: ErrorKind) -> Error {
        Error::new(kind, "test")
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy = RetryPolicy {
            attempts: 20,
            ..RetryPolicy::default()
        };
        let error = failure(ErrorKind::Timeout);
        let pause = |made| policy.pause(made, &error, 0.0).unwrap().as_millis();
        assert_eq!(
            [pause(1), pause(2), pause(3), pause(10)],
            [500, 1000, 2000, 30_000]
        );
        assert_eq!(
            policy.pause(1, &error, 1.0),
            Some(Duration::from_millis(250))
        );
    }

    #[test]
    fn ends_after_the_last_attempt_and_for_final_errors() {
        let policy = RetryPolicy::default();
        assert!(policy.pause(2, &failure(ErrorKind::Timeout), 0.0).is_some());
        assert!(policy.pause(3, &failure(ErrorKind::Timeout), 0.0).is_none());
        assert!(policy.pause(1, &failure(ErrorKind::Refused), 0.0).is_none());
        assert!(
            RetryPolicy::never()
                .pause(1, &failure(ErrorKind::Timeout), 0.0)
                .is_none()
        );
    }

    #[test]
    fn the_servers_wish_wins_unless_it_is_too_long() {
        let policy = RetryPolicy::default();
        let after = |seconds| {
            let error = failure(ErrorKind::RateLimited)
                .with_retry_after(Some(Duration::from_secs(seconds)));
            policy.pause(1, &error, 0.5)
        };
        assert_eq!(after(7), Some(Duration::from_secs(7)));
        assert_eq!(after(31), None);
    }
}
