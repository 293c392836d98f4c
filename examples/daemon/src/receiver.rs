//! Takes outbound events from appliances.
//!
//! An appliance takes only HTTP 200 for success, and sends no further event until it gets one. So
//! whatever can be stored is stored and answered 200: good events in the inbox, others in the
//! quarantine. The answer goes out when the bytes are on disk, never before. Other answers:
//!
//! | Status | When |
//! |---|---|
//! | 403 | the token is wrong |
//! | 404 | the path is another one |
//! | 405 | the method is not `POST` |
//! | 408 | the body did not come in time |
//! | 413 | the body is too long; it is not stored and an alert is logged |
//! | 503 | storing is impossible at the moment; the appliance sends it again |

mod routes;
mod serve;

pub use routes::Routes;

use crate::{
    config::ReceiverConfig,
    store::{NewEvent, NewQuarantined, Quarantined, Quota, Store, StoreError, Stored, dedupe_key},
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bomgar_api::event::{ApplianceId, EventKind, OutboundEvent};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use jiff::Timestamp;
use routes::Route;
use secrecy::ExposeSecret;
use serde::Serialize;
use std::{
    net::SocketAddr,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};
use subtle::ConstantTimeEq;

/// A body that is too long is read, and dropped, up to so many times the limit, so that the client
/// gets to see the answer.
const DRAIN_FACTOR: usize = 4;

/// The fields that tell one person's joining or leaving from another's.
const MEMBER_FIELDS: [&str; 8] = [
    "type",
    "user_id",
    "username",
    "display_name",
    "name",
    "gsnumber",
    "conference_id",
    "conference_name",
];

/// Receives events. Cheap to clone; all clones are one receiver.
#[derive(Clone, Debug)]
pub struct Receiver {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    config: ReceiverConfig,
    quota: Quota,
    routes: RwLock<Arc<Routes>>,
    counters: Counters,
}

#[derive(Debug, Default)]
struct Counters {
    stored: AtomicU64,
    duplicate: AtomicU64,
    held: AtomicU64,
    unselected: AtomicU64,
    quarantined: AtomicU64,
    refused: AtomicU64,
    too_large: AtomicU64,
    unavailable: AtomicU64,
}

/// How many requests ended how, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ReceiverStats {
    /// Stored for the worker.
    pub stored: u64,
    /// Stored already, by an earlier delivery.
    pub duplicate: u64,
    /// Stored until a disabled configuration is enabled.
    pub held: u64,
    /// Answered and dropped, because the configuration does not select that type.
    pub unselected: u64,
    /// Put into the quarantine.
    pub quarantined: u64,
    /// Refused for a wrong token.
    pub refused: u64,
    /// Refused for a body that is too long.
    pub too_large: u64,
    /// Not stored, because the store could not.
    pub unavailable: u64,
}

/// A status and one readable line.
type Answer = (StatusCode, String);

impl Receiver {
    /// A receiver that stores into `store` what `routes` know.
    pub fn new(store: Store, config: ReceiverConfig, quota: Quota, routes: Routes) -> Self {
        let routes = RwLock::new(Arc::new(routes));
        let counters = Counters::default();
        Receiver {
            inner: Arc::new(Inner {
                store,
                config,
                quota,
                routes,
                counters,
            }),
        }
    }

    /// From now on these configurations count.
    pub fn set_routes(&self, routes: Routes) {
        *self
            .inner
            .routes
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(routes);
    }

    /// How many requests ended how.
    pub fn stats(&self) -> ReceiverStats {
        let counters = &self.inner.counters;
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        ReceiverStats {
            stored: get(&counters.stored),
            duplicate: get(&counters.duplicate),
            held: get(&counters.held),
            unselected: get(&counters.unselected),
            quarantined: get(&counters.quarantined),
            refused: get(&counters.refused),
            too_large: get(&counters.too_large),
            unavailable: get(&counters.unavailable),
        }
    }

    /// The receiver as a service, for servers other than [`Receiver::serve`]. The limits on time
    /// for the head and on connections are the server's business.
    pub fn router(&self) -> Router {
        Router::new().fallback(handle).with_state(self.clone())
    }

    async fn answer(&self, request: Request) -> Answer {
        let inner = &*self.inner;
        let path = request.uri().path();
        let path = path.strip_suffix('/').unwrap_or(path);
        let own_path = inner.config.path.trim_end_matches('/');
        // The path may be the secret, so its comparison gives nothing away either.
        if !same(&path.to_ascii_lowercase(), &own_path.to_ascii_lowercase()) {
            let text = "not found: the outbound event's URL ends in /ERSPost or \
                        /ERSPost?appliance=<id>, unless configured otherwise";
            return (StatusCode::NOT_FOUND, text.to_owned());
        }
        let query = request.uri().query().unwrap_or_default();
        let parameter = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(known, _)| known.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.into_owned())
        };
        if let Some(token) = &inner.config.token {
            let given = parameter("token").unwrap_or_default();
            if !same(&given, token.expose_secret()) {
                count(&inner.counters.refused);
                tracing::warn!(
                    remote = remote(&request),
                    "a request with a wrong token was refused"
                );
                let text = "refused: the URL needs the right token, &token=<token>";
                return (StatusCode::FORBIDDEN, text.to_owned());
            }
        }
        if request.method() != Method::POST {
            let text = "this is the receiver of outbound events; it is up and waits for POST";
            return (StatusCode::METHOD_NOT_ALLOWED, text.to_owned());
        }
        let appliance = parameter("appliance");
        let remote = remote(&request);
        let content_type = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .map(|text| shortened(text, 200));
        let body = match self.body(request.into_body()).await {
            Ok(body) => body,
            Err(BodyError::TooLong) => {
                count(&inner.counters.too_large);
                let limit = inner.config.body_limit;
                tracing::error!(
                    alert = "body_too_long",
                    remote,
                    limit,
                    "an event's body is longer than receiver.body_limit and was not stored; the \
                     appliance will send nothing else until it is taken: raise the limit"
                );
                let text = format!("refused: the body is longer than {limit} bytes");
                return (StatusCode::PAYLOAD_TOO_LARGE, text);
            }
            Err(BodyError::TooSlow) => {
                let text = "the body did not come in time";
                return (StatusCode::REQUEST_TIMEOUT, text.to_owned());
            }
            Err(BodyError::Broken) => {
                return (StatusCode::BAD_REQUEST, "the body broke off".to_owned());
            }
        };
        match self.accept(appliance, remote, content_type, body).await {
            Ok(text) => (StatusCode::OK, text),
            Err(error) => {
                count(&inner.counters.unavailable);
                tracing::error!(
                    alert = "store_unavailable", %error,
                    cause = std::error::Error::source(&error).map(tracing::field::display),
                    "an event could not be stored; the appliance will send it again"
                );
                let text = "not stored: the store cannot be written now; send it again later";
                (StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
            }
        }
    }

    /// Stores a request, wherever it belongs. The text says where that was.
    async fn accept(
        &self,
        appliance: Option<String>,
        remote: Option<String>,
        content_type: Option<String>,
        body: Bytes,
    ) -> Result<String, StoreError> {
        let inner = &*self.inner;
        let now = Timestamp::now();
        let aside = |reason: &'static str| {
            let request = NewQuarantined {
                reason: reason.to_owned(),
                appliance: appliance.as_deref().map(|id| shortened(id, 200)),
                remote: remote.clone(),
                content_type: content_type.clone(),
                body: body.clone(),
                received_at: now,
            };
            self.set_aside(request)
        };
        let id = match appliance.as_deref().map(str::parse::<ApplianceId>) {
            None => ApplianceId::default(),
            Some(Ok(id)) => id,
            Some(Err(_)) => return aside("the appliance id in the URL is malformed").await,
        };
        let routes = inner
            .routes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let Some(route) = routes.get(&id) else {
            return aside("no configuration has the appliance id in the URL").await;
        };
        let event = OutboundEvent::parse(&body);
        let Some(kind) = event.event() else {
            return aside("the body is not a form with a field event").await;
        };
        let lsid = match event.lsid() {
            None => return aside("the field lsid is missing").await,
            Some(_) if !event.is_usable() => return aside("the field lsid is malformed").await,
            // However it is spelled, it is one session.
            Some(lsid) => lsid.to_ascii_lowercase(),
        };
        self.store(route, &kind, lsid, &event, body, now).await
    }

    async fn store(
        &self,
        route: &Route,
        kind: &EventKind,
        lsid: String,
        event: &OutboundEvent,
        body: Bytes,
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let counters = &self.inner.counters;
        if !route.selects(kind) {
            count(&counters.unselected);
            let text = "OK: received; this type of event is not selected in the configuration";
            return Ok(text.to_owned());
        }
        let timestamp = event.get("timestamp");
        let mut members: Vec<(&str, &[u8])> = MEMBER_FIELDS
            .into_iter()
            .filter_map(|name| Some((name, event.get(name)?.as_bytes())))
            .collect();
        if timestamp.is_none() {
            members.push(("body", &body));
        }
        // A kind that the SDK knows is stored in its one spelling.
        let event_name = kind.as_str().to_owned();
        let dedupe_key = dedupe_key(route.key(), &event_name, &lsid, timestamp, &members);
        let new = NewEvent {
            configuration: route.key().to_owned(),
            event: event_name,
            lsid,
            event_timestamp: event.timestamp(),
            external_key: event.external_key().map(str::to_owned),
            body: body.clone(),
            received_at: now,
            dedupe_key,
            held: route.is_disabled(),
        };
        let stored = self.inner.store.store_event(new).await?;
        let (counter, text) = match (stored, route.is_disabled()) {
            (Stored::Duplicate(_), _) => (&counters.duplicate, "OK: stored already"),
            (Stored::New(_), false) => (&counters.stored, "OK: stored"),
            (Stored::New(_), true) => (
                &counters.held,
                "OK: stored; it is worked on when the configuration is enabled",
            ),
        };
        count(counter);
        Ok(text.to_owned())
    }

    async fn set_aside(&self, request: NewQuarantined) -> Result<String, StoreError> {
        let reason = request.reason.clone();
        let (appliance, remote) = (request.appliance.clone(), request.remote.clone());
        let kept = self
            .inner
            .store
            .quarantine(request, self.inner.quota)
            .await?;
        count(&self.inner.counters.quarantined);
        match kept {
            Quarantined::Kept(id) => {
                tracing::warn!(
                    alert = "quarantined", id, %reason, appliance, remote,
                    "a request was put into the quarantine"
                );
                Ok(format!("OK, but set aside: {reason}"))
            }
            Quarantined::Counted => {
                tracing::error!(
                    alert = "quarantine_full", %reason, appliance, remote,
                    "the quarantine is full: a request was counted and its content dropped; \
                     look at the quarantine and empty it, or raise store.quarantine_bytes"
                );
                Ok(format!(
                    "OK, but only counted, because too much was set aside: {reason}"
                ))
            }
        }
    }

    async fn body(&self, body: Body) -> Result<Bytes, BodyError> {
        let config = &self.inner.config;
        let read = read_body(body, config.body_limit);
        tokio::time::timeout(config.body_timeout.unsigned_abs(), read)
            .await
            .map_err(|_| BodyError::TooSlow)?
    }
}

enum BodyError {
    TooLong,
    TooSlow,
    Broken,
}

async fn read_body(body: Body, limit: usize) -> Result<Bytes, BodyError> {
    let mut stream = body.into_data_stream();
    let mut collected = BytesMut::new();
    let mut seen = 0usize;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| BodyError::Broken)?;
        seen = seen.saturating_add(chunk.len());
        if seen > limit.saturating_mul(DRAIN_FACTOR) {
            break;
        }
        if seen <= limit {
            collected.extend_from_slice(&chunk);
        }
    }
    if seen > limit {
        Err(BodyError::TooLong)
    } else {
        Ok(collected.freeze())
    }
}

async fn handle(State(receiver): State<Receiver>, request: Request) -> Response {
    let (status, mut text) = receiver.answer(request).await;
    text.push('\n');
    let mut response = (status, text).into_response();
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Compares in a time that depends on the length only.
fn same(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

fn remote(request: &Request) -> Option<String> {
    request
        .extensions()
        .get::<serve::Remote>()
        .map(|remote| remote.0.ip().to_string())
}

/// The first `limit` characters, without control characters.
fn shortened(text: &str, limit: usize) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(limit)
        .collect()
}

/// Where a request comes from; kept beside it by the server.
fn remote_of(address: SocketAddr) -> serve::Remote {
    serve::Remote(address)
}
