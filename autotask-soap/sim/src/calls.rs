//! The record of calls, and gates that hold a call where a test wants it.

use jiff::Timestamp;
use std::{
    fmt,
    sync::{Arc, Weak},
};
use tokio::sync::Semaphore;

/// One call that reached the tenant.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Call {
    /// When it came, by the tenant's clock.
    pub at: Timestamp,
    /// The operation; empty when the request did not name one.
    pub operation: String,
    /// The entity, where the call is about one.
    pub entity: Option<String>,
    /// The HTTP status; `None` while the call runs and when its connection was closed.
    pub status: Option<u16>,
    /// The ReturnCode of the answer, whether or not it was sent.
    pub return_code: Option<i32>,
    /// Whether the call stored, changed or deleted something.
    pub committed: bool,
    /// The ids of what it stored, changed or deleted.
    pub ids: Vec<i64>,
    /// The resource that it impersonated.
    pub impersonated: Option<i64>,
    /// The envelope as it came.
    pub request: String,
}

impl fmt::Debug for Call {
    /// Without the envelope: it is long and holds the integration code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("at", &self.at)
            .field("operation", &self.operation)
            .field("entity", &self.entity)
            .field("status", &self.status)
            .field("return_code", &self.return_code)
            .field("committed", &self.committed)
            .field("ids", &self.ids)
            .field("impersonated", &self.impersonated)
            .finish_non_exhaustive()
    }
}

/// Where a gate or hook sits on a call's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing has been stored.
    BeforeCommit,
    /// Everything is stored; the answer has not been sent.
    AfterCommit,
}

pub(crate) struct GateInner {
    operation: String,
    entity: String,
    when: When,
    arrived: Semaphore,
    open: Semaphore,
}

/// Holds every matching call until it is let through. Dropping the gate lets all of them through.
pub struct Gate(Arc<GateInner>);

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("operation", &self.0.operation)
            .field("entity", &self.0.entity)
            .field("when", &self.0.when)
            .finish_non_exhaustive()
    }
}

impl Gate {
    pub(crate) fn new(operation: &str, entity: &str, when: When) -> Self {
        Gate(Arc::new(GateInner {
            operation: operation.to_owned(),
            entity: entity.to_owned(),
            when,
            arrived: Semaphore::new(0),
            open: Semaphore::new(0),
        }))
    }

    pub(crate) fn inner(&self) -> Weak<GateInner> {
        Arc::downgrade(&self.0)
    }

    /// Waits until one more call stands at the gate.
    pub async fn reached(&self) {
        if let Ok(permit) = self.0.arrived.acquire().await {
            permit.forget();
        }
    }

    /// Lets one call through.
    pub fn release(&self) {
        self.0.open.add_permits(1);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.open.close();
    }
}

impl GateInner {
    fn matches(&self, operation: &str, entity: Option<&str>, when: When) -> bool {
        let entity_fits = self.entity.is_empty()
            || entity.is_some_and(|entity| entity.eq_ignore_ascii_case(&self.entity));
        self.when == when && self.operation.eq_ignore_ascii_case(operation) && entity_fits
    }

    async fn pass(&self) {
        self.arrived.add_permits(1);
        // A closed semaphore means that the gate is gone.
        if let Ok(permit) = self.open.acquire().await {
            permit.forget();
        }
    }
}

type Hook = Arc<dyn Fn(&Call) + Send + Sync>;

struct HookEntry {
    operation: String,
    entity: String,
    when: When,
    hook: Hook,
}

/// Gates and hooks.
#[derive(Default)]
pub(crate) struct Watchers {
    gates: Vec<Weak<GateInner>>,
    hooks: Vec<HookEntry>,
}

/// Those that one call meets at one place.
pub(crate) struct Met {
    gates: Vec<Arc<GateInner>>,
    hooks: Vec<Hook>,
}

impl Watchers {
    pub(crate) fn add_gate(&mut self, gate: Weak<GateInner>) {
        self.gates.retain(|gate| gate.strong_count() > 0);
        self.gates.push(gate);
    }

    pub(crate) fn add_hook(&mut self, operation: &str, entity: &str, when: When, hook: Hook) {
        self.hooks.push(HookEntry {
            operation: operation.to_owned(),
            entity: entity.to_owned(),
            when,
            hook,
        });
    }

    pub(crate) fn met(&self, operation: &str, entity: Option<&str>, when: When) -> Met {
        let gates = self.gates.iter().filter_map(Weak::upgrade);
        let hooks = self.hooks.iter().filter(|entry| {
            let entity_fits = entry.entity.is_empty()
                || entity.is_some_and(|entity| entity.eq_ignore_ascii_case(&entry.entity));
            entry.when == when && entry.operation.eq_ignore_ascii_case(operation) && entity_fits
        });
        Met {
            gates: gates
                .filter(|gate| gate.matches(operation, entity, when))
                .collect(),
            hooks: hooks.map(|entry| entry.hook.clone()).collect(),
        }
    }
}

impl Met {
    pub(crate) async fn pass(self, call: &Call) {
        for hook in self.hooks {
            hook(call);
        }
        for gate in self.gates {
            gate.pass().await;
        }
    }
}
