//! Faults ordered in JSON.

use crate::{
    catalogue,
    fault::{Fault, FaultSpec},
    shared::{Shared, lock},
    soap::OPERATIONS,
};
use serde_json::{Value, json};
use std::time::Duration;

pub(super) fn order(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let order: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let text = |name: &str| order.get(name).and_then(Value::as_str);
    let flag = |name: &str| order.get(name).and_then(Value::as_bool).unwrap_or(false);
    let seconds = || {
        let seconds = order.get("seconds").and_then(Value::as_f64);
        seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| "seconds is missing or no number".to_owned())
    };
    let kind = match text("kind").unwrap_or("") {
        "LoseAnswerAfterCommit" => Fault::LoseAnswerAfterCommit,
        "CommitLater" => Fault::CommitLater(seconds()?),
        "DropBeforeCommit" => Fault::DropBeforeCommit,
        "SearchLag" => Fault::SearchLag(seconds()?),
        "HideEntity" => Fault::HideEntity,
        "EditMarkerAway" => Fault::EditMarkerAway {
            text: text("text").map(str::to_owned),
        },
        "SplitTimeEntry" => Fault::SplitTimeEntry {
            lose_answer: flag("lose_answer"),
        },
        "Redirect307" => Fault::Redirect307,
        "Unauthorized401" => Fault::Unauthorized401,
        "Status500Html" => Fault::Status500Html,
        "Html200" => Fault::Html200,
        "Status" => {
            let status = order.get("status").and_then(Value::as_u64);
            let status = status.filter(|status| (200..600).contains(status));
            let status = status.and_then(|status| u16::try_from(status).ok());
            Fault::Status(status.ok_or_else(|| "status is missing or no HTTP status".to_owned())?)
        }
        "TruncatedBody" => Fault::TruncatedBody {
            after_commit: flag("after_commit"),
        },
        "BrokenBody" => Fault::BrokenBody {
            after_commit: flag("after_commit"),
        },
        "SoapFault" => Fault::SoapFault,
        "ThreadLimit" => Fault::ThreadLimit,
        "Delay" => Fault::Delay(seconds()?),
        "DelayAnswer" => Fault::DelayAnswer(seconds()?),
        "CommitFirst" => Fault::CommitFirst,
        other => return Err(format!("unknown kind {other:?}; see /_sim/")),
    };
    let operation = match text("operation") {
        None => None,
        Some(name) => Some(
            OPERATIONS
                .iter()
                .copied()
                .find(|operation| operation.eq_ignore_ascii_case(name))
                .ok_or_else(|| format!("unknown operation {name}"))?,
        ),
    };
    let entity = match text("entity") {
        None => None,
        Some(name) => Some(
            catalogue::entity(name)
                .ok_or_else(|| format!("unknown entity {name}"))?
                .name,
        ),
    };
    let times = match order.get("times") {
        None => 1,
        Some(times) => times
            .as_u64()
            .and_then(|times| u32::try_from(times).ok())
            .ok_or_else(|| "times is no count".to_owned())?,
    };
    let after = match order.get("after") {
        None => 0,
        Some(after) => after
            .as_u64()
            .and_then(|after| u32::try_from(after).ok())
            .ok_or_else(|| "after is no count".to_owned())?,
    };
    let handle = lock(&shared.faults).push(
        FaultSpec {
            operation,
            entity,
            times,
            kind,
        },
        after,
    );
    Ok(json!({ "handle": handle }))
}
