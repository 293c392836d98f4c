//! Requests in an hour and concurrent calls.

use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};

/// Bytes that may be attached in [`WINDOW`], and how long it is.
const ATTACHED: usize = 10_000_000;
const WINDOW: SignedDuration = SignedDuration::from_mins(5);

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// How much of the tenant's hourly allowance is used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) used: u32,
    pub(crate) limit: u32,
}

#[derive(Default)]
pub(crate) struct Limits {
    requests: VecDeque<Timestamp>,
    /// Requests of other integrations of the tenant.
    pub(crate) foreign: u32,
    threads: HashMap<(String, String), u32>,
}

impl Limits {
    /// Counts a request and gives how many came in the last hour.
    pub(crate) fn count(&mut self, now: Timestamp) -> u32 {
        self.requests.push_back(now);
        self.used(now)
    }

    pub(crate) fn used(&mut self, now: Timestamp) -> u32 {
        while self
            .requests
            .front()
            .is_some_and(|first| now.duration_since(*first) >= HOUR)
        {
            self.requests.pop_front();
        }
        u32::try_from(self.requests.len())
            .unwrap_or(u32::MAX)
            .saturating_add(self.foreign)
    }

    /// Takes a thread, or refuses.
    pub(crate) fn enter(&mut self, key: (String, String), limit: u32) -> bool {
        let threads = self.threads.entry(key).or_insert(0);
        if *threads >= limit {
            return false;
        }
        *threads += 1;
        true
    }

    pub(crate) fn leave(&mut self, key: &(String, String)) {
        if let Some(threads) = self.threads.get_mut(key) {
            *threads = threads.saturating_sub(1);
        }
    }
}

/// Bytes attached in the last minutes. What is deleted again still counts.
#[derive(Clone, Default)]
pub(crate) struct Attached {
    recent: VecDeque<(Timestamp, usize)>,
    blocked_until: Option<Timestamp>,
}

impl Attached {
    /// Takes so many bytes in. Too many block the tenant's attachments for five minutes.
    pub(crate) fn admit(&mut self, now: Timestamp, bytes: usize) -> bool {
        if self.blocked_until.is_some_and(|until| now < until) {
            return false;
        }
        self.blocked_until = None;
        while self
            .recent
            .front()
            .is_some_and(|(at, _)| now.duration_since(*at) >= WINDOW)
        {
            self.recent.pop_front();
        }
        let used: usize = self.recent.iter().map(|(_, bytes)| bytes).sum();
        if used + bytes > ATTACHED {
            self.blocked_until = now.checked_add(WINDOW).ok();
            return false;
        }
        self.recent.push_back((now, bytes));
        true
    }
}
