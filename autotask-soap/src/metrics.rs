//! Hooks for measuring calls.

use crate::error::Error;
use crate::ops::Operation;
use std::time::{Duration, Instant};

/// Is told of every request of a client: each try of a call, lookups of the zone and questions for
/// the usage too. Plug it in with [`ClientBuilder::metrics`](crate::ClientBuilder::metrics).
///
/// Methods are called on the caller's task and should return quickly.
///
/// ```
/// use autotask_soap::{CallEnd, CallResult, Metrics};
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// #[derive(Default)]
/// struct Failures(AtomicU64);
///
/// impl Metrics for Failures {
///     fn call_finished(&self, call: &CallEnd<'_>) {
///         if let CallResult::Failed(_) = call.result {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Metrics: Send + Sync + 'static {
    /// A request begins, before it waits for its turn. Does nothing by default.
    fn call_started(&self, call: &CallStart<'_>) {
        let _ = call;
    }

    /// The same request has ended, in whatever way.
    fn call_finished(&self, call: &CallEnd<'_>);
}

/// What [`Metrics::call_started`] is told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallStart<'a> {
    /// The operation.
    pub operation: Operation,
    /// Wire name of the entity that it is about.
    pub entity: Option<&'a str>,
    /// The server's host.
    pub host: &'a str,
}

/// What [`Metrics::call_finished`] is told.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CallEnd<'a> {
    /// The operation.
    pub operation: Operation,
    /// Wire name of the entity that it is about.
    pub entity: Option<&'a str>,
    /// The server's host.
    pub host: &'a str,
    /// From sending the request to having read the answer; `None` if it was not sent.
    pub duration: Option<Duration>,
    /// How long it waited before.
    pub waits: Waits,
    /// How it ended.
    pub result: CallResult<'a>,
}

/// How long a request waited before it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waits {
    /// Because the tenant's allowance of calls runs out; see [`UsagePolicy`](crate::UsagePolicy).
    pub usage: Duration,
    /// For the server's budget for attachments.
    pub attachments: Duration,
    /// For one of the slots of its entity.
    pub slot: Duration,
}

/// How a request ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum CallResult<'a> {
    /// The server did what was asked.
    Done,
    /// With this error.
    Failed(&'a Error),
    /// The caller went away before the end. A write that was sent may have been stored.
    Dropped,
}

/// One request under observation; tells of its end even if it is dropped.
pub(crate) struct Observed<'a> {
    metrics: Option<&'a dyn Metrics>,
    start: CallStart<'a>,
    pub(crate) waits: Waits,
    sent: Option<Instant>,
}

impl<'a> Observed<'a> {
    pub(crate) fn begin(
        metrics: Option<&'a dyn Metrics>,
        operation: Operation,
        entity: Option<&'a str>,
        host: &'a str,
    ) -> Self {
        let start = CallStart {
            operation,
            entity,
            host,
        };
        if let Some(metrics) = metrics {
            metrics.call_started(&start);
        }
        Self {
            metrics,
            start,
            waits: Waits::default(),
            sent: None,
        }
    }

    pub(crate) fn sent(&mut self) {
        self.sent = Some(Instant::now());
    }

    pub(crate) fn end<T>(mut self, result: Result<T, Error>) -> Result<T, Error> {
        self.tell(match &result {
            Ok(_) => CallResult::Done,
            Err(error) => CallResult::Failed(error),
        });
        result
    }

    fn tell(&mut self, result: CallResult<'_>) {
        let Some(metrics) = self.metrics.take() else {
            return;
        };
        metrics.call_finished(&CallEnd {
            operation: self.start.operation,
            entity: self.start.entity,
            host: self.start.host,
            duration: self.sent.map(|sent| sent.elapsed()),
            waits: self.waits,
            result,
        });
    }
}

impl Drop for Observed<'_> {
    fn drop(&mut self) {
        self.tell(CallResult::Dropped);
    }
}
