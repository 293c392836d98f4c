//! What connections, tests and control endpoints share.

use crate::{
    calls::{Call, Watchers},
    fault::Faults,
    limits::Limits,
    tenant::Tenant,
};
use std::{
    net::SocketAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

pub(crate) struct Shared {
    pub(crate) address: SocketAddr,
    pub(crate) tenant: Mutex<Tenant>,
    pub(crate) faults: Mutex<Faults>,
    pub(crate) limits: Mutex<Limits>,
    pub(crate) calls: Mutex<CallLog>,
    pub(crate) watchers: Mutex<Watchers>,
    /// 0 is the zone that the tenant starts in.
    pub(crate) zone: AtomicU32,
}

/// Calls since the last reset. Numbers stay unique over resets, so that a call which ends after a
/// reset does not write into another one's entry.
#[derive(Default)]
pub(crate) struct CallLog {
    first: usize,
    pub(crate) list: Vec<Call>,
}

impl CallLog {
    pub(crate) fn push(&mut self, call: Call) -> usize {
        self.list.push(call);
        self.first + self.list.len() - 1
    }

    pub(crate) fn get_mut(&mut self, number: usize) -> Option<&mut Call> {
        self.list.get_mut(number.checked_sub(self.first)?)
    }

    pub(crate) fn reset(&mut self) {
        self.first += self.list.len();
        self.list.clear();
    }
}

/// Locks; a test that panicked elsewhere must not make the tenant unusable.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(crate) fn new(address: SocketAddr, tenant: Tenant) -> Self {
        Shared {
            address,
            tenant: Mutex::new(tenant),
            faults: Mutex::default(),
            limits: Mutex::default(),
            calls: Mutex::default(),
            watchers: Mutex::default(),
            zone: AtomicU32::new(0),
        }
    }

    pub(crate) fn web_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// The path of the tenant's present zone.
    pub(crate) fn zone_prefix(&self) -> String {
        match self.zone.load(Ordering::SeqCst) {
            0 => String::new(),
            zone => format!("/zone{zone}"),
        }
    }

    pub(crate) fn endpoint(&self, version: &str) -> String {
        format!(
            "http://{}{}/ATServices/{version}/atws.asmx",
            self.address,
            self.zone_prefix()
        )
    }
}
