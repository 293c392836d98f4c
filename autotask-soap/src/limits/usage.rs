//! The tenant's allowance of calls in an hour, shared by all its integrations.

use crate::metadata::Threshold;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How a client treats the tenant's allowance of calls, by default 10,000 in an hour for all
/// integrations together. When it is used up, every integration of the tenant fails.
///
/// The client asks the server from time to time how much is used, and then calls more slowly the
/// less is left, so that the [`reserve`](Self::reserve) remains for others. When only that is left,
/// calls wait, and fail with [`ErrorKind::RateLimited`](crate::ErrorKind::RateLimited) in the end;
/// they are not sent then. A call's deadline covers these waits.
///
/// ```
/// use autotask_soap::{Client, UsagePolicy};
///
/// # fn main() -> Result<(), autotask_soap::Error> {
/// let mut usage = UsagePolicy::default();
/// usage.reserve = 0.5; // half of the allowance belongs to others
/// let client = Client::builder("api@example.com", "secret", "CODE").usage(usage).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UsagePolicy {
    /// Share of the allowance that is left to the tenant's other integrations, from 0 to 1.
    /// Default: 0.2.
    pub reserve: f64,
    /// Share of the rest from which on calls are slowed down, from 0 to 1. Default: 0.6.
    pub slow_from: f64,
    /// Pause before each call when the rest is used up; before, it is shorter. Default: 5 seconds.
    pub longest_pause: Duration,
    /// How long a call waits altogether when the rest is used up. Default: 2 minutes.
    pub longest_wait: Duration,
    /// After how many calls of its own the client asks for the usage: first and then again. 0 means
    /// never; nothing is slowed down then. Default: 100.
    pub ask_every: u32,
}

impl Default for UsagePolicy {
    fn default() -> Self {
        Self {
            reserve: 0.2,
            slow_from: 0.6,
            longest_pause: Duration::from_secs(5),
            longest_wait: Duration::from_secs(120),
            ask_every: 100,
        }
    }
}

impl UsagePolicy {
    /// Never asks, never slows down.
    pub fn ignore() -> Self {
        Self {
            ask_every: 0,
            ..Self::default()
        }
    }
}

/// How long what the server said about the usage is believed.
const FRESH: Duration = Duration::from_secs(600);

/// What a client knows about the tenant's usage.
#[derive(Debug)]
pub(crate) struct Usage {
    policy: UsagePolicy,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    known: Option<Threshold>,
    /// When that was.
    learned_at: Option<Instant>,
    asked_at: Option<Instant>,
    /// Own calls since then.
    since: u32,
}

/// How a call goes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Pace {
    /// Now.
    Go,
    /// After this pause.
    Slow(Duration),
    /// Not before the usage has fallen; it is asked for after this pause.
    Hold(Duration, Threshold),
}

impl Usage {
    pub(crate) fn new(policy: UsagePolicy) -> Self {
        Self {
            policy,
            state: Mutex::default(),
        }
    }

    pub(crate) fn policy(&self) -> &UsagePolicy {
        &self.policy
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call.
    pub(crate) fn count(&self) {
        let mut state = self.state();
        state.since = state.since.saturating_add(1);
    }

    /// Whether the server should be asked before the next call. Whoever is told so has to ask; the
    /// others go on meanwhile.
    pub(crate) fn is_due(&self) -> bool {
        let mut state = self.state();
        let due = self.policy.ask_every > 0 && state.since >= self.policy.ask_every;
        if due {
            self.begin(&mut state);
        }
        due
    }

    /// The same for a call that is held back, which is not worth asking more often than this.
    pub(crate) fn is_stale(&self) -> bool {
        let mut state = self.state();
        let stale = state
            .asked_at
            .is_none_or(|at| at.elapsed() >= self.policy.longest_pause / 2);
        if stale {
            self.begin(&mut state);
        }
        stale
    }

    fn begin(&self, state: &mut State) {
        // Own calls made meanwhile are counted on top of what the server says.
        if let Some(known) = &mut state.known {
            known.used = known.used.saturating_add(state.since);
        }
        state.since = 0;
        state.asked_at = Some(Instant::now());
    }

    /// Takes note of what the server says.
    pub(crate) fn learn(&self, threshold: Threshold) {
        let mut state = self.state();
        state.known = Some(threshold);
        state.learned_at = Some(Instant::now());
    }

    pub(crate) fn pace(&self) -> Pace {
        let state = self.state();
        // What is known grows old: where nobody could ask again, nobody shall wait for ever. The
        // server itself refuses what is too much.
        let is_fresh = state.learned_at.is_some_and(|at| at.elapsed() < FRESH);
        let known = state
            .known
            .filter(|_| is_fresh && self.policy.ask_every > 0);
        let Some(known) = known else {
            return Pace::Go;
        };
        let used = f64::from(known.used) + f64::from(state.since);
        let own = f64::from(known.limit) * (1.0 - self.policy.reserve.clamp(0.0, 1.0));
        let slow_from = own * self.policy.slow_from.clamp(0.0, 1.0);
        if used >= own {
            Pace::Hold(self.policy.longest_pause, known)
        } else if used > slow_from {
            let share = (used - slow_from) / (own - slow_from);
            Pace::Slow(self.policy.longest_pause.mul_f64(share.clamp(0.0, 1.0)))
        } else {
            Pace::Go
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_grows_old() {
        let usage = Usage::new(UsagePolicy::default());
        usage.learn(Threshold {
            limit: 10_000,
            used: 9_999,
            minutes: 60,
        });
        assert!(matches!(usage.pace(), Pace::Hold(..)));
        let Some(before) = Instant::now().checked_sub(FRESH) else {
            return; // The machine has just been started.
        };
        usage.state().learned_at = Some(before);
        assert_eq!(usage.pace(), Pace::Go);
    }

    fn pace(used: u32, own: u32) -> Pace {
        let usage = Usage::new(UsagePolicy::default());
        usage.learn(Threshold {
            limit: 10_000,
            minutes: 60,
            used,
        });
        for _ in 0..own {
            usage.count();
        }
        usage.pace()
    }

    #[test]
    fn calls_slow_down_and_leave_the_reserve() {
        // 8,000 of 10,000 are ours; slower from 4,800 on.
        assert_eq!(pace(0, 0), Pace::Go);
        assert_eq!(pace(4_800, 0), Pace::Go);
        assert_eq!(pace(6_400, 0), Pace::Slow(Duration::from_millis(2_500)));
        assert_eq!(pace(6_300, 100), Pace::Slow(Duration::from_millis(2_500)));
        assert!(matches!(pace(7_999, 0), Pace::Slow(_)));
        assert!(matches!(pace(8_000, 0), Pace::Hold(..)));
        assert!(matches!(pace(20_000, 0), Pace::Hold(..)));
    }

    #[test]
    fn asks_after_so_many_calls_and_only_once() {
        let usage = Usage::new(UsagePolicy::default());
        assert_eq!(usage.pace(), Pace::Go);
        for _ in 0..99 {
            usage.count();
        }
        assert!(!usage.is_due());
        usage.count();
        assert!(usage.is_due());
        assert!(!usage.is_due());
        let never = Usage::new(UsagePolicy::ignore());
        for _ in 0..1000 {
            never.count();
        }
        assert!(!never.is_due());
    }

    #[test]
    fn odd_settings_do_no_harm() {
        for (reserve, slow_from) in [(2.0, 0.5), (-1.0, 7.0), (f64::NAN, f64::NAN), (0.0, 1.0)] {
            let policy = UsagePolicy {
                reserve,
                slow_from,
                ..UsagePolicy::default()
            };
            let usage = Usage::new(policy);
            for used in [0, 5_000, 10_000] {
                usage.learn(Threshold {
                    limit: 10_000,
                    minutes: 60,
                    used,
                });
                let _ = usage.pace();
            }
        }
    }
}
