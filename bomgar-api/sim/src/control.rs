//! `/_sim/…`: the simulator driven from outside, in JSON.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::error::SimError;
use crate::live;
use crate::outbound::RecipientSpec;
use crate::reply::Reply;
use crate::request::Incoming;
use crate::sim::BomgarSim;
use crate::state::Inner;

/// Whether a path belongs to the simulator and not to the appliance.
pub(crate) fn is_control(path: &str) -> bool {
    path == "/_sim" || path.starts_with("/_sim/")
}

/// The answer to a body that was not read to its end.
pub(crate) fn too_large(limit: usize) -> Reply {
    let text = format!("the body is unreadable or longer than {limit} bytes");
    Reply::json(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "error": text }))
}

pub(crate) fn answer(inner: &Arc<Inner>, request: &Incoming) -> Reply {
    let body: Value = if request.body.is_empty() {
        json!({})
    } else {
        match serde_json::from_slice(&request.body) {
            Ok(body) => body,
            Err(error) => {
                let text = format!("the body is not JSON: {error}");
                return Reply::json(StatusCode::BAD_REQUEST, &json!({ "error": text }));
            }
        }
    };
    let sim = BomgarSim::borrowed(Arc::clone(inner));
    match dispatch(&sim, request, &body) {
        Ok(Some(value)) => Reply::json(StatusCode::OK, &value),
        Ok(None) => Reply::json(
            StatusCode::NOT_FOUND,
            &json!({ "error": "no such control endpoint", "endpoints": endpoints().collect::<Vec<_>>() }),
        ),
        Err(error) => Reply::json(StatusCode::CONFLICT, &json!({ "error": error.to_string() })),
    }
}

/// What `/_sim/` offers beside sessions and settings; see [`endpoints`].
const ENDPOINTS: [&str; 5] = [
    "GET  /_sim/calls",
    "GET  /_sim/outbox",
    "POST /_sim/demo                      {\"external_key\":\"48213\"}",
    "POST /_sim/recipients                {\"url\":\"http://127.0.0.1:8180/ERSPost\",\"retry_seconds\":5}",
    "POST /_sim/tokens/expire",
];

/// Everything that `/_sim/` offers, for the binary's help and for wrong paths.
pub(crate) fn endpoints() -> impl Iterator<Item = &'static str> {
    ENDPOINTS.into_iter().chain(live::ENDPOINTS)
}

fn dispatch(sim: &BomgarSim, request: &Incoming, body: &Value) -> Result<Option<Value>, SimError> {
    let path = request.path.strip_prefix("/_sim/").unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let number = |name: &str| body.get(name).and_then(Value::as_i64);
    let get = request.method == Method::GET;
    let post = request.method == Method::POST;
    let answer = match parts.as_slice() {
        ["calls"] if get => calls(sim),
        ["outbox"] if get => outbox(sim),
        ["demo"] if post => {
            json!({ "lsid": sim.demo_session(text("external_key").unwrap_or_default())? })
        }
        ["recipients"] if post => {
            let url = text("url").unwrap_or_default();
            let seconds = number("retry_seconds")
                .and_then(|s| u64::try_from(s).ok())
                .unwrap_or(5);
            sim.recipient(RecipientSpec::new(url).retry_interval(Duration::from_secs(seconds)));
            json!({ "ok": true })
        }
        ["tokens", "expire"] if post => {
            sim.expire_tokens();
            json!({ "ok": true })
        }
        _ if get => return live::read(sim, &parts),
        _ if post => return live::write(sim, &parts, body),
        _ => return Ok(None),
    };
    Ok(Some(answer))
}

fn calls(sim: &BomgarSim) -> Value {
    let calls: Vec<Value> = sim
        .calls()
        .into_iter()
        .map(|call| {
            let at = call
                .at
                .duration_since(UNIX_EPOCH)
                .map(|d| d.as_secs_f64())
                .ok();
            json!({
                "at": at,
                "method": call.method,
                "path": call.path,
                "action_or_report": call.action_or_report,
                "status": call.status,
                "reused_connection": call.reused_connection,
            })
        })
        .collect();
    json!(calls)
}

fn outbox(sim: &BomgarSim) -> Value {
    let state = sim.inner.state();
    let recipients: Vec<Value> = state
        .recipients
        .iter()
        .map(|recipient| {
            let names = |events: Vec<crate::EventForm>| -> Vec<String> {
                events.iter().map(crate::EventForm::to_body).collect()
            };
            let outbox = recipient.outbox();
            json!({
                "url": recipient.spec.url,
                "pending": names(outbox.pending),
                "delivered": names(outbox.delivered),
                "dropped": names(outbox.dropped),
                "answers": outbox.answers,
            })
        })
        .collect();
    json!(recipients)
}
