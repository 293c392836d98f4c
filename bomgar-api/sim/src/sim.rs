//! The simulated appliance as its owner holds it: settings, faults, calls, tokens, recipients.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::builder::Builder;
use crate::error::SimError;
use crate::faults::FaultRule;
use crate::limits::RateLimit;
use crate::outbound::{self, Delivery, EventForm, Outbox, Recipient, RecipientSpec};
use crate::state::{Call, Denial, Inner, Namespace};

/// A running simulated appliance on a port of 127.0.0.1. It stops when dropped.
///
/// It must be started inside of a Tokio runtime; most methods are then plain functions.
#[derive(Debug)]
pub struct BomgarSim {
    pub(crate) inner: Arc<Inner>,
    owner: bool,
}

impl Drop for BomgarSim {
    fn drop(&mut self) {
        if self.owner {
            for task in self.inner.tasks().drain(..) {
                task.abort();
            }
        }
    }
}

impl BomgarSim {
    pub(crate) fn new(inner: Arc<Inner>) -> Self {
        Self { inner, owner: true }
    }

    /// The same appliance for one of its own tasks, which must not stop it.
    pub(crate) fn borrowed(inner: Arc<Inner>) -> Self {
        Self {
            inner,
            owner: false,
        }
    }

    /// Starts an appliance with default settings on any free port.
    ///
    /// # Panics
    ///
    /// If no port can be opened or there is no Tokio runtime.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Settings for an appliance.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// `http://127.0.0.1:<port>`, or `https://…` with TLS; without a slash at the end.
    pub fn base_url(&self) -> String {
        self.inner.base_url.clone()
    }

    /// The certificate that clients must trust, in PEM; `None` without TLS.
    pub fn certificate_pem(&self) -> Option<String> {
        self.inner.certificate_pem.clone()
    }

    /// The first API account's client id.
    pub fn client_id(&self) -> String {
        let state = self.inner.state();
        state
            .accounts
            .first()
            .map(|a| a.id.clone())
            .unwrap_or_default()
    }

    /// The first API account's present client secret.
    pub fn client_secret(&self) -> String {
        let state = self.inner.state();
        state
            .accounts
            .first()
            .map(|account| account.secret.clone())
            .unwrap_or_default()
    }

    /// The appliance's identity, as outbound events carry it.
    pub fn appliance_id(&self) -> String {
        self.inner.appliance_id.clone()
    }

    /// All calls received so far, oldest first. A call is listed once its answer is ready.
    pub fn calls(&self) -> Vec<Call> {
        self.inner.state().calls.clone()
    }

    /// How many calls named this action, this report, or `token` were received.
    pub fn call_count(&self, action_or_report: &str) -> usize {
        let state = self.inner.state();
        state
            .calls
            .iter()
            .filter(|call| call.action_or_report == action_or_report)
            .count()
    }

    /// Forgets the calls received so far.
    pub fn clear_calls(&self) {
        self.inner.state().calls.clear();
    }

    /// Makes one of the next calls fail: a [`Fault`](crate::Fault) or a [`FaultRule`].
    pub fn fault(&self, rule: impl Into<FaultRule>) {
        self.inner.state().faults.push(rule.into());
    }

    /// Forgets all faults not yet used up.
    pub fn clear_faults(&self) {
        self.inner.state().faults.clear();
    }

    /// How many calls each account may make from now on; `None` for as many as it likes.
    pub fn set_rate_limit(&self, limit: impl Into<Option<RateLimit>>) {
        self.inner.state().limiter.set(limit.into());
    }

    /// How a missing permission is answered.
    pub fn set_denial(&self, denial: Denial) {
        self.inner.state().denial = denial;
    }

    /// The XML namespace of the replies from now on.
    pub fn set_namespace(&self, namespace: Namespace) {
        self.inner.state().namespace = namespace;
    }

    /// Whether reports have sessions, elements and events in an unusual order.
    pub fn set_scrambled(&self, scrambled: bool) {
        self.inner.state().scrambled = scrambled;
    }

    /// Whether events carry `filename` and `filesize` as elements instead of data values.
    pub fn set_file_elements(&self, elements: bool) {
        self.inner.state().file_elements = elements;
    }

    /// How long after its end each session that starts from now on is missing from the report.
    pub fn set_report_delay(&self, delay: impl Into<Option<Duration>>) {
        self.inner.state().report_delay = delay.into();
    }

    /// Adds a recipient of all outbound events that happen from now on.
    pub fn add_recipient(&self, url: impl Into<String>, retry_interval: Duration) {
        self.recipient(RecipientSpec::new(url).retry_interval(retry_interval));
    }

    /// Adds a recipient of outbound events. One with the same URL is replaced together with its
    /// queue.
    pub fn recipient(&self, spec: RecipientSpec) {
        self.remove_recipient(&spec.url);
        let id = self.inner.next_recipient.fetch_add(1, Ordering::Relaxed);
        self.inner.state().recipients.push(Recipient::new(id, spec));
        let task = self
            .inner
            .runtime
            .spawn(outbound::deliver(Arc::clone(&self.inner), id));
        self.inner.tasks().push(task.abort_handle());
    }

    /// Removes a recipient and what is queued for it.
    pub fn remove_recipient(&self, url: &str) {
        let mut state = self.inner.state();
        for recipient in state.recipients.iter().filter(|r| r.spec.url == url) {
            // Its delivery task wakes up and finds nothing to do any more.
            recipient.wake.notify_one();
            recipient.hurry.notify_one();
        }
        state
            .recipients
            .retain(|recipient| recipient.spec.url != url);
        drop(state);
        // Someone may wait for events that were queued there.
        self.inner.changed.send_modify(|count| *count += 1);
    }

    /// Ends the pause before the next attempt to deliver a refused event.
    ///
    /// # Errors
    ///
    /// If there is no such recipient.
    pub fn retry_now(&self, url: &str) -> Result<(), SimError> {
        let state = self.inner.state();
        let recipient = state
            .recipients
            .iter()
            .find(|recipient| recipient.spec.url == url)
            .ok_or_else(|| SimError::UnknownRecipient(url.to_owned()))?;
        recipient.hurry.notify_one();
        Ok(())
    }

    /// Posts one event once, past all queues, and returns the HTTP status. To an HTTPS URL this
    /// works only if it is a recipient with a CA certificate.
    ///
    /// # Errors
    ///
    /// If there was no answer.
    pub async fn post_event(&self, url: &str, event: &EventForm) -> Result<u16, SimError> {
        let http = {
            let state = self.inner.state();
            let known = state.recipients.iter().find(|r| r.spec.url == url);
            known
                .and_then(|recipient| recipient.spec.http.clone())
                .unwrap_or_else(|| self.inner.http.clone())
        };
        Ok(outbound::post(&http, url, event, outbound::ANSWER_TIMEOUT).await?)
    }

    /// Puts an event of the caller's own making at the end of a recipient's queue.
    ///
    /// # Errors
    ///
    /// If there is no such recipient.
    pub fn enqueue_event(&self, url: &str, event: EventForm) -> Result<(), SimError> {
        let mut state = self.inner.state();
        let recipient = state
            .recipients
            .iter_mut()
            .find(|recipient| recipient.spec.url == url)
            .ok_or_else(|| SimError::UnknownRecipient(url.to_owned()))?;
        recipient.enqueue(event);
        Ok(())
    }

    /// Delivers the recipient's last accepted event once more, as happens when its 200 was lost.
    ///
    /// # Errors
    ///
    /// If there is no such recipient or it has not accepted any event.
    pub fn redeliver_last(&self, url: &str) -> Result<(), SimError> {
        let last = self
            .outbox(url)?
            .delivered
            .pop()
            .ok_or_else(|| SimError::NothingDelivered(url.to_owned()))?;
        self.enqueue_event(url, last)
    }

    /// What is queued for a recipient and what became of the rest.
    ///
    /// # Errors
    ///
    /// If there is no such recipient.
    pub fn outbox(&self, url: &str) -> Result<Outbox, SimError> {
        let state = self.inner.state();
        state
            .recipients
            .iter()
            .find(|recipient| recipient.spec.url == url)
            .map(Recipient::outbox)
            .ok_or_else(|| SimError::UnknownRecipient(url.to_owned()))
    }

    /// All delivered events in the order of their delivery.
    pub fn delivered(&self) -> Vec<Delivery> {
        self.inner.state().delivered.clone()
    }

    /// How many events wait for delivery.
    pub fn pending(&self) -> usize {
        self.inner.state().pending()
    }

    /// Waits until no event waits for delivery. False if that took longer than `timeout`.
    pub async fn wait_delivered(&self, timeout: Duration) -> bool {
        let mut changes = self.inner.changed.subscribe();
        let all = async {
            while self.pending() > 0 {
                // The sender lives as long as this appliance.
                if changes.changed().await.is_err() {
                    break;
                }
            }
        };
        tokio::time::timeout(timeout, all).await.is_ok()
    }
}
