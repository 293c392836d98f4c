//! Outbound events: strict order, one at a time, again and again until exactly HTTP 200.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::state::Inner;

/// One outbound event as form fields in their order.
///
/// ```
/// use bomgar_sim::EventForm;
///
/// let form = EventForm::new("support_conference_end")
///     .timestamp(1_700_000_000)
///     .lsid("0123456789abcdef0123456789abcdef")
///     .external_key("48213");
/// assert_eq!(form.get("event"), Some("support_conference_end"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventForm {
    fields: Vec<(String, String)>,
}

impl EventForm {
    /// An event with its name and the schema version.
    pub fn new(event: impl Into<String>) -> Self {
        Self {
            fields: vec![
                ("event".into(), event.into()),
                ("version".into(), "1".into()),
            ],
        }
    }

    /// When it happened, in Unix seconds.
    pub fn timestamp(self, unix_seconds: i64) -> Self {
        self.field("timestamp", unix_seconds.to_string())
    }

    /// The session.
    pub fn lsid(self, lsid: impl Into<String>) -> Self {
        self.field("lsid", lsid)
    }

    /// The session's external key; may be empty.
    pub fn external_key(self, key: impl Into<String>) -> Self {
        self.field("external_key", key)
    }

    /// Sets any field; a field that is there already is replaced.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        match self.fields.iter_mut().find(|(key, _)| *key == name) {
            Some(field) => field.1 = value,
            None => self.fields.push((name, value)),
        }
        self
    }

    /// Removes a field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(key, _)| key != name);
        self
    }

    /// A field's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// All fields in order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.fields
    }

    /// The form-encoded body.
    pub fn to_body(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.fields)
            .finish()
    }
}

/// A recipient of outbound events.
#[derive(Clone, Debug)]
pub struct RecipientSpec {
    pub(crate) url: String,
    pub(crate) retry_interval: Duration,
    pub(crate) give_up_after: Option<Duration>,
    pub(crate) events: Option<Vec<String>>,
    pub(crate) custom_fields: bool,
}

impl RecipientSpec {
    /// A recipient of all events, retried every second, never given up.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            retry_interval: Duration::from_secs(1),
            give_up_after: None,
            events: None,
            custom_fields: false,
        }
    }

    /// The pause before a refused event is sent again.
    pub fn retry_interval(mut self, interval: Duration) -> Self {
        self.retry_interval = interval;
        self
    }

    /// Drops an event that could not be delivered for so long.
    pub fn give_up_after(mut self, age: Duration) -> Self {
        self.give_up_after = Some(age);
        self
    }

    /// Only these events.
    pub fn events<E: Into<String>>(mut self, events: impl IntoIterator<Item = E>) -> Self {
        self.events = Some(events.into_iter().map(Into::into).collect());
        self
    }

    /// Also sends the session's custom attributes, as `session.custom.<code name>`.
    pub fn custom_fields(mut self) -> Self {
        self.custom_fields = true;
        self
    }
}

/// A delivered event.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The recipient.
    pub url: String,
    /// What was sent.
    pub event: EventForm,
    /// How many times it was sent, the successful one included.
    pub attempts: u32,
}

/// What a recipient's queue looks like.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Outbox {
    /// Not yet delivered, next first.
    pub pending: Vec<EventForm>,
    /// Delivered, in order.
    pub delivered: Vec<EventForm>,
    /// Dropped because the recipient did not accept them in time.
    pub dropped: Vec<EventForm>,
    /// Every answer of the recipient in order; `None` where there was none.
    pub answers: Vec<Option<u16>>,
}

#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) event: EventForm,
    pub(crate) since: Instant,
    pub(crate) attempts: u32,
}

#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) spec: RecipientSpec,
    pub(crate) queue: VecDeque<Queued>,
    pub(crate) delivered: Vec<EventForm>,
    pub(crate) dropped: Vec<EventForm>,
    pub(crate) answers: Vec<Option<u16>>,
    pub(crate) wake: Arc<Notify>,
}

impl Recipient {
    pub(crate) fn new(spec: RecipientSpec) -> Self {
        Self {
            spec,
            queue: VecDeque::new(),
            delivered: Vec::new(),
            dropped: Vec::new(),
            answers: Vec::new(),
            wake: Arc::new(Notify::new()),
        }
    }

    pub(crate) fn enqueue(&mut self, event: EventForm) {
        self.queue.push_back(Queued {
            event,
            since: Instant::now(),
            attempts: 0,
        });
        self.wake.notify_one();
    }

    pub(crate) fn wants(&self, event: &EventForm) -> bool {
        let name = event.get("event").unwrap_or_default();
        self.spec
            .events
            .as_ref()
            .is_none_or(|events| events.iter().any(|e| e == name))
    }

    pub(crate) fn outbox(&self) -> Outbox {
        Outbox {
            pending: self
                .queue
                .iter()
                .map(|queued| queued.event.clone())
                .collect(),
            delivered: self.delivered.clone(),
            dropped: self.dropped.clone(),
            answers: self.answers.clone(),
        }
    }
}

/// Delivers one recipient's queue for as long as the recipient exists.
pub(crate) async fn deliver(inner: Arc<Inner>, url: String) {
    loop {
        let next = {
            let state = inner.state();
            let Some(recipient) = state.recipients.iter().find(|r| r.spec.url == url) else {
                return;
            };
            let head = recipient.queue.front().map(|queued| queued.event.clone());
            (
                head,
                Arc::clone(&recipient.wake),
                recipient.spec.retry_interval,
            )
        };
        let (head, wake, retry_interval) = next;
        let Some(event) = head else {
            wake.notified().await;
            continue;
        };
        // Whatever kept the answer away, the appliance only knows that it was not 200.
        let status = post(&inner, &url, &event).await.ok();
        let settled = {
            let mut state = inner.state();
            let state = &mut *state;
            let Some(recipient) = state.recipients.iter_mut().find(|r| r.spec.url == url) else {
                return;
            };
            recipient.answers.push(status);
            if let Some(queued) = recipient.queue.front_mut() {
                queued.attempts += 1;
            }
            let too_old = recipient.queue.front().is_some_and(|queued| {
                recipient
                    .spec
                    .give_up_after
                    .is_some_and(|age| queued.since.elapsed() >= age)
            });
            if status == Some(200) {
                if let Some(queued) = recipient.queue.pop_front() {
                    recipient.delivered.push(queued.event.clone());
                    state.delivered.push(Delivery {
                        url: url.clone(),
                        event: queued.event,
                        attempts: queued.attempts,
                    });
                }
                true
            } else if too_old {
                recipient
                    .dropped
                    .extend(recipient.queue.pop_front().map(|q| q.event));
                true
            } else {
                false
            }
        };
        if settled {
            inner.changed.send_modify(|count| *count += 1);
        } else {
            tokio::time::sleep(retry_interval).await;
        }
    }
}

/// Posts one event once and returns the status.
pub(crate) async fn post(
    inner: &Inner,
    url: &str,
    event: &EventForm,
) -> Result<u16, reqwest::Error> {
    let response = inner
        .http
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(event.to_body())
        .send()
        .await?;
    Ok(response.status().as_u16())
}
