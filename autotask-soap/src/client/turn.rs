//! What a request waits for before it is sent.

use super::{Client, send};
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{Pace, Reservation, Slot};
use crate::metadata::Threshold;
use crate::metrics::Waits;
use crate::ops::{GetThresholdAndUsageInfo, Operation};
use std::pin::Pin;
use std::time::{Duration, Instant};
use url::Url;

/// The right to send one request, held until its answer is there.
pub(super) struct Turn {
    _slot: Option<Slot>,
    /// For the bytes of an attachment.
    pub(super) reservation: Option<Reservation>,
}

/// Waits for usage, attachment budget and slot, in this order: nobody holds a slot while waiting
/// for anything else. The caller bounds it by the deadline.
pub(super) async fn turn(
    client: &Client,
    (operation, entity): (Operation, Option<&str>),
    bytes: usize,
    endpoint: &Url,
    waits: &mut Waits,
) -> Result<Turn> {
    // The server does not count lookups of the zone.
    if operation == Operation::GetZoneInfo {
        return Ok(Turn {
            _slot: None,
            reservation: None,
        });
    }
    let limits = &client.shared.limits;
    // To ask how much is left must always be possible.
    if operation != Operation::GetThresholdAndUsageInfo {
        pace(client, operation, endpoint, waits)
            .await
            .map_err(|error| {
                error
                    .with_call(operation, entity)
                    .with_host(endpoint.host_str().unwrap_or_default())
            })?;
    }
    let mut from = Instant::now();
    let reservation = if operation == Operation::CreateAttachment {
        let reservation = limits.attach(bytes).await;
        waits.attachments = from.elapsed();
        from = Instant::now();
        Some(reservation)
    } else {
        None
    };
    // Metadata calls are objects of their own to the server; those about records count for their
    // entity. It frees the slot of the threshold late, so that this one goes alone.
    let object = match operation {
        Operation::GetFieldInfo | Operation::GetUdfInfo => operation.name(),
        _ => entity.unwrap_or(operation.name()),
    };
    let single = operation == Operation::GetThresholdAndUsageInfo;
    let slot = limits.slot(object, single).await;
    waits.slot = from.elapsed();
    client.shared.usage.count();
    Ok(Turn {
        _slot: Some(slot),
        reservation,
    })
}

/// Waits as the tenant's usage demands.
async fn pace(
    client: &Client,
    operation: Operation,
    endpoint: &Url,
    waits: &mut Waits,
) -> Result<()> {
    let usage = &client.shared.usage;
    // A write with a deadline belongs to a caller who is in a hurry.
    let patient = !(operation.writes() && client.time.deadline.is_some());
    if patient && usage.is_due() {
        ask(client, endpoint).await;
    }
    loop {
        match usage.pace() {
            Pace::Go => return Ok(()),
            Pace::Slow(pause) => {
                wait(client, pause, waits).await;
                return Ok(());
            }
            Pace::Hold(_, known) if waits.usage >= usage.policy().longest_wait => {
                return Err(used_up(known));
            }
            Pace::Hold(pause, _) => {
                wait(client, pause.max(Duration::from_millis(100)), waits).await;
                if usage.is_stale() {
                    ask(client, endpoint).await;
                }
            }
        }
    }
}

async fn wait(client: &Client, pause: Duration, waits: &mut Waits) {
    client.shared.sleep.sleep(pause).await;
    waits.usage += pause;
}

fn used_up(known: Threshold) -> Error {
    let detail = format!(
        "the tenant has used {} of {} calls in {} minutes; the rest is left to its other \
         integrations, so that it was not sent",
        known.used, known.limit, known.minutes
    );
    Error::new(ErrorKind::RateLimited, detail).transient(true)
}

/// Asks for the usage. If that fails, the call that it was asked for goes on with what is known; it
/// will meet the same trouble, and report it.
fn ask<'a>(client: &'a Client, endpoint: &'a Url) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
    Box::pin(async move {
        let asked = send::attempt(&client.as_api_user(), &GetThresholdAndUsageInfo, endpoint).await;
        if let Ok(threshold) = asked {
            client.shared.usage.learn(threshold);
        }
    })
}
