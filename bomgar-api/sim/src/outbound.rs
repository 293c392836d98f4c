//! Outbound events: strict order, one at a time, again and again until exactly HTTP 200.
//!
//! E-mail recipients are left out: an appliance mails some events to people, and no program sees
//! them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::error::SimError;
use crate::state::Inner;

/// How long an appliance waits for the answer of a recipient.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

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

/// A recipient of outbound events, to which each event is posted as a form.
///
/// Events are posted one at a time and in the order in which they were raised. Only HTTP 200 counts
/// as accepted; after anything else the same event is posted again, and those behind it wait.
///
/// The appliance's e-mail recipients are not simulated.
///
/// ```
/// use bomgar_sim::RecipientSpec;
/// use std::time::Duration;
///
/// let recipient = RecipientSpec::new("http://127.0.0.1:8180/ERSPost?appliance=default")
///     .retry_interval(Duration::from_secs(15))
///     .give_up_after(Duration::from_secs(86_400))
///     .events(["support_conference_end"]);
/// # let _ = recipient;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RecipientSpec {
    pub(crate) url: String,
    pub(crate) http: Option<reqwest::Client>,
    pub(crate) answer_timeout: Duration,
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
            http: None,
            answer_timeout: ANSWER_TIMEOUT,
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

    /// The CA certificate, in PEM, that an HTTPS recipient's certificate must come from; a
    /// self-signed certificate is its own. The appliance trusts nothing else, so an HTTPS recipient
    /// without this never gets an event.
    ///
    /// # Errors
    ///
    /// If this is not a certificate in PEM.
    pub fn ca_pem(mut self, pem: impl AsRef<[u8]>) -> Result<Self, SimError> {
        let unusable = |reason: String| SimError::Certificate { reason };
        let certificates = reqwest::Certificate::from_pem_bundle(pem.as_ref())
            .map_err(|error| unusable(chain(&error)))?;
        if certificates.is_empty() {
            return Err(unusable("there is none in it".to_owned()));
        }
        let client = client(&certificates).map_err(|error| unusable(chain(&error)))?;
        self.http = Some(client);
        Ok(self)
    }

    /// How long to wait for each answer; 30 seconds by default. No answer counts as a refusal.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.answer_timeout = timeout;
        self
    }

    /// Drops an event that could not be delivered for so long, counted from when it was raised. It
    /// is tried at least once. Events behind it are not dropped with it: each has its own age.
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
    /// How often the first pending event has been tried already. Above 0 it blocks the others.
    pub head_attempts: u32,
    /// What went wrong at the last attempt; `None` if it succeeded or there was none yet.
    pub last_error: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) event: EventForm,
    pub(crate) since: Instant,
    pub(crate) attempts: u32,
}

#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) id: u64,
    pub(crate) spec: RecipientSpec,
    pub(crate) queue: VecDeque<Queued>,
    pub(crate) delivered: Vec<EventForm>,
    pub(crate) dropped: Vec<EventForm>,
    pub(crate) answers: Vec<Option<u16>>,
    pub(crate) last_error: Option<String>,
    /// There is something to deliver.
    pub(crate) wake: Arc<Notify>,
    /// The pause before the next attempt is over.
    pub(crate) hurry: Arc<Notify>,
}

impl Recipient {
    pub(crate) fn new(id: u64, spec: RecipientSpec) -> Self {
        Self {
            id,
            spec,
            queue: VecDeque::new(),
            delivered: Vec::new(),
            dropped: Vec::new(),
            answers: Vec::new(),
            last_error: None,
            wake: Arc::new(Notify::new()),
            hurry: Arc::new(Notify::new()),
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
            head_attempts: self.queue.front().map_or(0, |queued| queued.attempts),
            last_error: self.last_error.clone(),
        }
    }
}

/// What a delivery task does next.
enum Step {
    Idle(Arc<Notify>),
    Post(Attempt),
    /// The head was given up; there may be another.
    Again,
}

struct Attempt {
    url: String,
    event: EventForm,
    http: reqwest::Client,
    answer_timeout: Duration,
}

impl Recipient {
    fn step(&mut self, default: &reqwest::Client) -> Step {
        let Some(head) = self.queue.front() else {
            return Step::Idle(Arc::clone(&self.wake));
        };
        if head.attempts > 0 && self.left(head) == Some(Duration::ZERO) {
            self.give_up();
            return Step::Again;
        }
        Step::Post(Attempt {
            url: self.spec.url.clone(),
            event: head.event.clone(),
            http: self.spec.http.clone().unwrap_or_else(|| default.clone()),
            answer_timeout: self.spec.answer_timeout,
        })
    }

    /// How long an event may still be tried; `None` for ever.
    fn left(&self, queued: &Queued) -> Option<Duration> {
        let age = self.spec.give_up_after?;
        Some(age.saturating_sub(queued.since.elapsed()))
    }

    fn give_up(&mut self) {
        self.dropped
            .extend(self.queue.pop_front().map(|queued| queued.event));
    }

    /// Notes an answer. With a pause: the event stays at the head and is due again after it.
    fn settle(&mut self, answer: Result<u16, String>) -> Settled {
        let status = answer.as_ref().ok().copied();
        self.answers.push(status);
        self.last_error = match answer {
            Ok(200) => None,
            Ok(status) => Some(format!(
                "the recipient answered HTTP {status} instead of 200"
            )),
            Err(error) => Some(error),
        };
        let Some(head) = self.queue.front_mut() else {
            return Settled::Dropped;
        };
        head.attempts += 1;
        if status == Some(200) {
            let (event, attempts) = (head.event.clone(), head.attempts);
            self.queue.pop_front();
            self.delivered.push(event.clone());
            return Settled::Delivered(Delivery {
                url: self.spec.url.clone(),
                event,
                attempts,
            });
        }
        let left = self.queue.front().and_then(|head| self.left(head));
        if left == Some(Duration::ZERO) {
            self.give_up();
            return Settled::Dropped;
        }
        let pause = self.spec.retry_interval;
        Settled::Blocked(left.map_or(pause, |left| left.min(pause)))
    }
}

enum Settled {
    Delivered(Delivery),
    Dropped,
    Blocked(Duration),
}

/// Delivers one recipient's queue for as long as the recipient exists.
pub(crate) async fn deliver(inner: Arc<Inner>, id: u64) {
    let changed = || inner.changed.send_modify(|count| *count += 1);
    loop {
        let step = {
            let mut state = inner.state();
            let Some(recipient) = state.recipients.iter_mut().find(|r| r.id == id) else {
                return;
            };
            recipient.step(&inner.http)
        };
        let attempt = match step {
            Step::Idle(wake) => {
                wake.notified().await;
                continue;
            }
            Step::Again => {
                changed();
                continue;
            }
            Step::Post(attempt) => attempt,
        };
        let answer = post(
            &attempt.http,
            &attempt.url,
            &attempt.event,
            attempt.answer_timeout,
        )
        .await
        .map_err(|error| chain(&error));
        let pause = {
            let mut state = inner.state();
            let state = &mut *state;
            let Some(recipient) = state.recipients.iter_mut().find(|r| r.id == id) else {
                return;
            };
            match recipient.settle(answer) {
                Settled::Delivered(delivery) => {
                    state.delivered.push(delivery);
                    None
                }
                Settled::Dropped => None,
                Settled::Blocked(pause) => Some((pause, Arc::clone(&recipient.hurry))),
            }
        };
        match pause {
            None => changed(),
            Some((pause, hurry)) => {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = hurry.notified() => {}
                }
            }
        }
    }
}

/// The appliance as an HTTP client: no redirects, no proxy between it and the loopback, a
/// connection for each event, and no trust but in these certificates.
pub(crate) fn client(trusted: &[reqwest::Certificate]) -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .tls_certs_only(trusted.iter().cloned())
        .build()
}

/// An error with all its causes: the outermost alone says no more than that sending failed.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Posts one event once and returns the status.
pub(crate) async fn post(
    http: &reqwest::Client,
    url: &str,
    event: &EventForm,
    timeout: Duration,
) -> Result<u16, reqwest::Error> {
    let response = http
        .post(url)
        .timeout(timeout)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(event.to_body())
        .send()
        .await?;
    Ok(response.status().as_u16())
}
