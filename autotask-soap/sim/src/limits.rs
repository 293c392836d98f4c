//! Requests in an hour and concurrent calls.

use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};

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
