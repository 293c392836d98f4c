//! How a call goes out: zone, slot, one or several tries.

use super::turn::turn;
use super::{Client, Shared, Time};
use crate::error::{Error, ErrorKind, Result};
use crate::impersonation::{self, ActedAs, ImpersonationFallback};
use crate::metrics::Observed;
use crate::ops::{Call, Context, GetZoneInfo, Operation};
use crate::retry::random_share;
use crate::transport::{Phase, RequestTimeout, TransportError};
use crate::zone::{ZoneInfo, check_zone};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

pub(super) async fn send<C: Call>(client: &Client, call: &C) -> Result<C::Answer> {
    let shared = &*client.shared;
    let operation = call.operation();
    if operation == Operation::GetZoneInfo {
        let lookup = shared.lookup.clone();
        return with_retries(client, || attempt(client, call, &lookup)).await;
    }
    let zone = zone(&client.shared, client.time, None).await?;
    let first = try_in(client, call, &zone).await;
    let Err(refused) = &first else { return first };
    if refused.kind() != ErrorKind::Unauthorized {
        return first;
    }
    // The tenant may have moved. Nothing was stored, so that a write may go to the new zone; if
    // there is none, a second refusal would only bring the user closer to being locked out.
    let again = match self::zone(&client.shared, client.time, Some(&zone)).await {
        Ok(again) => again,
        Err(lookup) => return first.map_err(|refused| refused.with_source(lookup)),
    };
    if operation.writes() && again.url == zone.url {
        return first;
    }
    try_in(client, call, &again).await
}

/// A write, sent once; and once more as the API user, if the server refused the impersonation and
/// the handle says so. Gives the refusal with the answer.
pub(super) async fn write<C: Call>(
    client: &Client,
    call: &C,
) -> Result<(C::Answer, Option<ActedAs>)> {
    let refused = match send(client, call).await {
        Ok(answer) => return Ok((answer, None)),
        Err(error) => error,
    };
    match client.impersonate {
        Some(resource)
            if client.fallback == ImpersonationFallback::AsApiUser
                && impersonation::is_refusal(&refused) =>
        {
            let acted_as = ActedAs::after_refusal(resource, &refused);
            match send(&client.as_api_user(), call).await {
                Ok(answer) => Ok((answer, Some(acted_as))),
                Err(error) => Err(error.with_source_if_none(refused)),
            }
        }
        _ => Err(refused),
    }
}

async fn try_in<C: Call>(client: &Client, call: &C, zone: &ZoneInfo) -> Result<C::Answer> {
    if call.operation().writes() {
        attempt(client, call, &zone.url).await
    } else {
        with_retries(client, || attempt(client, call, &zone.url)).await
    }
}

async fn with_retries<T, F>(client: &Client, mut attempt: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let shared = &*client.shared;
    let mut made = 0;
    loop {
        let error = match attempt().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        made += 1;
        let pause = shared.retry.pause(made, &error, random_share());
        match pause.filter(|pause| client.time.left().is_none_or(|left| *pause < left)) {
            Some(pause) => shared.sleep.sleep(pause).await,
            None => return Err(error),
        }
    }
}

/// One request. The slot is held until the answer is there, not during pauses.
pub(super) async fn attempt<C: Call>(
    client: &Client,
    call: &C,
    endpoint: &Url,
) -> Result<C::Answer> {
    let shared = &*client.shared;
    let host = endpoint.host_str().unwrap_or_default();
    let metrics = shared.metrics.as_deref();
    let mut observed = Observed::begin(metrics, call.operation(), call.entity(), host);
    let result = observed_attempt(client, call, endpoint, &mut observed).await;
    observed.end(result)
}

async fn observed_attempt<C: Call>(
    client: &Client,
    call: &C,
    endpoint: &Url,
    observed: &mut Observed<'_>,
) -> Result<C::Answer> {
    let shared = &*client.shared;
    let (operation, entity) = (call.operation(), call.entity());
    let context = context(shared, endpoint, client.impersonate);
    let mut request = call.encode(&context)?;
    let bytes = request.body().len();
    let turn = turn(
        client,
        (operation, entity),
        bytes,
        endpoint,
        &mut observed.waits,
    );
    let turn = match client.time.deadline {
        None => turn.await?,
        Some(deadline) => tokio::time::timeout_at(deadline.into(), turn)
            .await
            .map_err(|_| too_late(operation, entity, endpoint))??,
    };
    let left = client.time.left().unwrap_or(client.time.timeout);
    if left.is_zero() {
        if let Some(reservation) = turn.reservation {
            reservation.unused();
        }
        return Err(too_late(operation, entity, endpoint));
    }
    request
        .extensions_mut()
        .insert(RequestTimeout(client.time.timeout.min(left)));
    observed.sent();
    let response = match shared.transport.send(request).await {
        Ok(response) => response,
        Err(error) => {
            let unused = error.phase() == Phase::NotConnected;
            if let Some(reservation) = turn.reservation.filter(|_| unused) {
                reservation.unused();
            }
            return Err(lost(error, operation, entity, endpoint));
        }
    };
    call.decode(response, &context)
}

impl Time {
    /// What is left until the deadline; `None` if there is none.
    fn left(&self) -> Option<Duration> {
        self.deadline
            .map(|deadline| deadline.saturating_duration_since(Instant::now()))
    }
}

fn too_late(operation: Operation, entity: Option<&str>, to: &Url) -> Error {
    Error::new(ErrorKind::DeadlinePassed, "")
        .with_call(operation, entity)
        .with_host(to.host_str().unwrap_or_default())
}

fn context<'a>(shared: &'a Shared, endpoint: &'a Url, impersonate: Option<i64>) -> Context<'a> {
    let mut context = Context::new(endpoint, &shared.credentials);
    context.version = shared.version;
    context.wire_zone = shared.wire_zone.clone();
    context.impersonate = impersonate;
    context
}

fn lost(error: TransportError, operation: Operation, entity: Option<&str>, to: &Url) -> Error {
    let kind = match error.phase() {
        Phase::NotConnected => ErrorKind::NotConnected,
        Phase::Timeout => ErrorKind::Timeout,
        Phase::Interrupted => ErrorKind::Interrupted,
        Phase::Other => ErrorKind::Transport,
    };
    // The innermost cause is the one that tells something: "connection refused".
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    let detail = cause.to_string();
    Error::new(kind, detail)
        .with_call(operation, entity)
        .with_host(to.host_str().unwrap_or_default())
        .with_source(error)
}

/// The zone, looked up if it is not known yet or still is the `stale` one.
pub(super) async fn zone(
    shared: &Arc<Shared>,
    time: Time,
    stale: Option<&Arc<ZoneInfo>>,
) -> Result<Arc<ZoneInfo>> {
    if let Some(known) = known(shared, stale) {
        return Ok(known);
    }
    let _only_one = shared.zone_lookup.lock().await;
    // Somebody else may have looked it up while we waited.
    if let Some(known) = known(shared, stale) {
        return Ok(known);
    }
    let client = Client {
        shared: Arc::clone(shared),
        impersonate: None,
        fallback: ImpersonationFallback::Never,
        time,
    };
    let call = GetZoneInfo {
        username: shared.credentials.username().to_owned(),
    };
    let lookup = shared.lookup.clone();
    let found = with_retries(&client, || attempt(&client, &call, &lookup)).await?;
    check_zone(&found, &lookup).map_err(|error| error.with_call(Operation::GetZoneInfo, None))?;
    let found = Arc::new(found);
    *shared.zone.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&found));
    Ok(found)
}

fn known(shared: &Shared, stale: Option<&Arc<ZoneInfo>>) -> Option<Arc<ZoneInfo>> {
    let zone = shared.zone.read().unwrap_or_else(PoisonError::into_inner);
    zone.as_ref()
        .filter(|zone| stale.is_none_or(|stale| !Arc::ptr_eq(zone, stale)))
        .map(Arc::clone)
}
