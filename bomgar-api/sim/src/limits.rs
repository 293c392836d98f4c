//! How many calls an account may make.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Calls that an account may make in each second and in each hour. Both windows begin with the
/// first call in them.
///
/// Newer versions of the product allow 20 and 15,000, which is the default of this type; a
/// simulated appliance has no limit until it is given one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    pub(crate) per_second: u32,
    pub(crate) per_hour: u32,
}

impl RateLimit {
    /// So many calls a second and so many an hour.
    pub fn new(per_second: u32, per_hour: u32) -> Self {
        Self {
            per_second,
            per_hour,
        }
    }
}

impl Default for RateLimit {
    fn default() -> Self {
        Self::new(20, 15_000)
    }
}

/// What the headers of an answer say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// How long to wait, if the call is refused.
    pub(crate) refused: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    since: Instant,
    calls: u32,
}

impl Window {
    fn left(&mut self, now: Instant, length: Duration) -> Duration {
        let age = now.saturating_duration_since(self.since);
        if age >= length {
            *self = Self {
                since: now,
                calls: 0,
            };
            return length;
        }
        length.saturating_sub(age)
    }
}

/// The present windows of every account.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    pub(crate) limit: Option<RateLimit>,
    accounts: BTreeMap<String, (Window, Window)>,
}

impl Limiter {
    pub(crate) fn new(limit: Option<RateLimit>) -> Self {
        Self {
            limit,
            accounts: BTreeMap::new(),
        }
    }

    /// Sets the limit; everyone starts with fresh windows.
    pub(crate) fn set(&mut self, limit: Option<RateLimit>) {
        *self = Self::new(limit);
    }

    /// Counts a call, unless it is refused. `None` without a limit.
    pub(crate) fn take(&mut self, account: &str, now: Instant) -> Option<Verdict> {
        let limit = self.limit?;
        let fresh = Window {
            since: now,
            calls: 0,
        };
        let (second, hour) = self
            .accounts
            .entry(account.to_owned())
            .or_insert((fresh, fresh));
        let second_left = second.left(now, Duration::from_secs(1));
        let hour_left = hour.left(now, Duration::from_secs(3_600));
        if hour.calls >= limit.per_hour {
            return Some(Verdict {
                limit: limit.per_hour,
                remaining: 0,
                refused: Some(hour_left),
            });
        }
        if second.calls >= limit.per_second {
            return Some(Verdict {
                limit: limit.per_second,
                remaining: 0,
                refused: Some(second_left),
            });
        }
        second.calls += 1;
        hour.calls += 1;
        let (of_second, of_hour) = (limit.per_second - second.calls, limit.per_hour - hour.calls);
        // The window that will be used up first.
        let (limit, remaining) = if of_hour < of_second {
            (limit.per_hour, of_hour)
        } else {
            (limit.per_second, of_second)
        };
        Some(Verdict {
            limit,
            remaining,
            refused: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, milliseconds: u64) -> Instant {
        start + Duration::from_millis(milliseconds)
    }

    #[test]
    fn without_a_limit_nothing_is_counted() {
        assert_eq!(Limiter::default().take("a", Instant::now()), None);
    }

    #[test]
    fn each_second_has_its_calls() {
        let start = Instant::now();
        let mut limiter = Limiter::new(Some(RateLimit::new(2, 100)));
        let take = |limiter: &mut Limiter, ms| {
            let verdict = limiter.take("a", at(start, ms)).unwrap();
            (verdict.remaining, verdict.refused)
        };
        assert_eq!(take(&mut limiter, 0), (1, None));
        assert_eq!(take(&mut limiter, 100), (0, None));
        assert_eq!(
            take(&mut limiter, 400),
            (0, Some(Duration::from_millis(600)))
        );
        assert_eq!(take(&mut limiter, 1_000), (1, None));
        // Another account has its own.
        assert!(limiter.take("b", at(start, 400)).unwrap().refused.is_none());
    }

    #[test]
    fn refused_calls_do_not_count_against_the_hour() {
        let start = Instant::now();
        let mut limiter = Limiter::new(Some(RateLimit::new(1, 2)));
        assert!(limiter.take("a", start).unwrap().refused.is_none());
        assert!(limiter.take("a", start).unwrap().refused.is_some());
        assert!(
            limiter
                .take("a", at(start, 1_000))
                .unwrap()
                .refused
                .is_none()
        );
        let verdict = limiter.take("a", at(start, 2_000)).unwrap();
        assert_eq!((verdict.limit, verdict.remaining), (2, 0));
        assert_eq!(verdict.refused, Some(Duration::from_secs(3_598)));
        assert!(
            limiter
                .take("a", at(start, 3_600_000))
                .unwrap()
                .refused
                .is_none()
        );
    }
}
