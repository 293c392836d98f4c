//! `/_sim/…`: the simulator driven from outside, in JSON.
//!
//! What happens in sessions and to the site is in [`crate::live`]; here are the way there and the
//! rest: calls, faults, recipients, scenarios.

use std::sync::{Arc, PoisonError};
use std::time::UNIX_EPOCH;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::SimError;
use crate::fault_json;
use crate::live;
use crate::orders::{Settings, event, parsed, recipient, team, wrong};
use crate::outbound::EventForm;
use crate::records;
use crate::reply::Reply;
use crate::request::Incoming;
use crate::scenario::{Pace, Scenario};
use crate::sim::BomgarSim;
use crate::state::Inner;

/// What `/_sim/` offers beside sessions and the site; see [`endpoints`].
const ENDPOINTS: [&str; 23] = [
    "GET    /_sim/                         this list",
    "GET    /_sim/appliance",
    "GET    /_sim/calls",
    "DELETE /_sim/calls",
    "GET    /_sim/faults                   those still waiting for a call",
    "POST   /_sim/faults                   {\"kind\":\"cut\",\"percent\":30,\"on\":\"SupportSession\",\"with\":{\"lsid\":\"…\"},\"after\":1,\"times\":2}",
    "POST   /_sim/faults/clear",
    "DELETE /_sim/faults",
    "GET    /_sim/outbox",
    "POST   /_sim/recipients               {\"url\":\"http://127.0.0.1:8180/ERSPost\",\"retry_seconds\":5,\"give_up_seconds\":3600,\"events\":[\"support_conference_end\"],\"custom_fields\":true,\"ca_pem\":\"…\",\"answer_timeout_seconds\":30}",
    "POST   /_sim/recipients/remove        {\"url\":\"…\"}",
    "POST   /_sim/recipients/retry         {\"url\":\"…\"} ends the pause before the next attempt",
    "POST   /_sim/recipients/redeliver     {\"url\":\"…\"} the last accepted event once more",
    "POST   /_sim/events                   {\"url\":\"…\",\"event\":\"support_conference_end\",\"fields\":{\"lsid\":\"…\"}} at the end of a recipient's queue",
    "POST   /_sim/events/post              the same, past all queues; answers with the status",
    "POST   /_sim/tokens/expire",
    "POST   /_sim/teams                    {\"id\":2,\"name\":\"Second Level\",\"members\":[12],\"issues\":{\"email\":\"E-mail\"}}",
    "POST   /_sim/reps/log_out_all",
    "GET    /_sim/session_keys",
    "POST   /_sim/settings                 {\"namespace\":\"bomgar\",\"denial\":\"forbidden_403\",\"scrambled\":true,\"file_elements\":true,\"empty_report\":\"french\",\"cdata\":true,\"archive_errors\":\"gzip\",\"error_form\":\"inner\",\"report_delay_seconds\":5,\"rate_limit\":{\"per_second\":20,\"per_hour\":15000}}",
    "POST   /_sim/demo                     {\"external_key\":\"48213\"} a session in which a bit of everything happens",
    "POST   /_sim/scenario                 {\"toml\":\"…\",\"speed\":10} plays a scenario; without a speed at once",
    "GET    /_sim/scenario                 how far it is",
];

/// Everything that `/_sim/` offers, for the binary's help and for wrong paths.
pub(crate) fn endpoints() -> impl Iterator<Item = &'static str> {
    ENDPOINTS
        .into_iter()
        .chain(live::ENDPOINTS)
        .chain(records::ENDPOINTS)
}

/// The fields an order takes; `None` if any, or if there is no such order.
fn fields(path: &[&str]) -> Option<&'static [&'static str]> {
    Some(match path {
        ["sessions"] => &[
            "short_key",
            "external_key",
            "customer",
            "more_customers",
            "representative",
            "more_representatives",
            "attributes",
            "start_time",
            "priority",
            "team",
            "public_site",
            "jump_group",
            "recorded",
            "lsid",
        ],
        ["sessions", _, step] => match *step {
            "clock" => &["at", "advance"],
            "chat" => &["from", "to", "text"],
            "join" => &["representative", "customer"],
            "leave" => &["party"],
            "transfer" => &["queue_id"],
            "file" => &["direction", "filename", "filesize", "sha256", "by"],
            "note" => &["by", "text"],
            "special_action" => &["name"],
            "system_information" => &["categories"],
            "event" => &[
                "event_type",
                "performed_by",
                "destination",
                "body",
                "timestamp",
                "data",
            ],
            "end" => &["end_time", "how"],
            "survey" => &[
                "by",
                "questions",
                "timestamp",
                "seconds_later",
                "delay_seconds",
            ],
            "report" => &[
                "delay_seconds",
                "hide_answers",
                "late_end_time_answers",
                "await_rep_survey",
            ],
            _ => return None,
        },
        ["session_keys"] => &["queue_id", "external_key"],
        ["public_sites"] => &["id", "name", "host"],
        ["reps", "log_in"] => &["representative"],
        ["reps", "log_out"] => &["rep_id"],
        ["secret"] => &["client_id"],
        ["api"] => &["enabled"],
        ["health"] => &["error_message"],
        ["failover"] => &[
            "role",
            "peer",
            "shared_ips",
            "peer_reachable",
            "manual_sync",
        ],
        ["failover", "finish_sync"] => &["succeeded"],
        ["demo"] => &["external_key"],
        ["recipients", "remove" | "retry" | "redeliver"] => &["url"],
        ["tokens", "expire"] | ["faults", "clear"] | ["calls", "clear"] => &[],
        ["reps", "log_out_all"] => &[],
        _ => return None,
    })
}

const CUSTOMER: [&str; 9] = [
    "name",
    "hostname",
    "os",
    "public_ip",
    "private_ip",
    "company",
    "company_code",
    "issue",
    "details",
];

const REPRESENTATIVE: [&str; 12] = [
    "id",
    "username",
    "private_name",
    "public_name",
    "hostname",
    "os",
    "public_ip",
    "private_ip",
    "seconds_involved",
    "invited",
    "embassy",
    "listed",
];

/// A misspelt field would be ignored and its default taken, which is never what someone wants.
pub(crate) fn check_fields(path: &[&str], body: &Value) -> Result<(), SimError> {
    let known = |value: &Value, names: &[&str], of: &str| {
        let unknown = value
            .as_object()
            .into_iter()
            .flatten()
            .find(|(name, _)| !names.contains(&name.as_str()));
        match unknown {
            None => Ok(()),
            Some((name, _)) if names.is_empty() => {
                Err(wrong(format!("unknown field {name:?}{of}; there are none")))
            }
            Some((name, _)) => Err(wrong(format!(
                "unknown field {name:?}{of}; there are {}",
                names.join(", ")
            ))),
        }
    };
    if !body.is_object() {
        return Err(wrong("the body must be an object"));
    }
    match path {
        ["faults"] => return fault_json::rule(body).map(drop).map_err(wrong),
        ["recipients"] => return recipient(body).map(drop),
        ["events"] | ["events", "post"] => return event(body).map(drop),
        ["teams"] => return team(body).map(drop),
        ["settings"] => return Settings::parse(body).map(drop),
        _ => {}
    }
    if records::order(path, body)?.is_some() {
        return Ok(());
    }
    let Some(names) = fields(path) else {
        return Ok(());
    };
    known(body, names, "")?;
    if let Some(customer) = body.get("customer") {
        known(customer, &CUSTOMER, " of customer")?;
    }
    if let Some(representative) = body.get("representative") {
        known(representative, &REPRESENTATIVE, " of representative")?;
    }
    Ok(())
}

/// Whether a path belongs to the simulator and not to the appliance.
pub(crate) fn is_control(path: &str) -> bool {
    path == "/_sim" || path.starts_with("/_sim/")
}

/// The answer to a body that was not read to its end.
pub(crate) fn too_large(limit: usize) -> Reply {
    let text = format!("the body is unreadable or longer than {limit} bytes");
    Reply::json(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "error": text }))
}

fn status(error: &SimError) -> StatusCode {
    match error {
        SimError::ControlRequest(_) | SimError::Certificate { .. } | SimError::Queue { .. } => {
            StatusCode::BAD_REQUEST
        }
        SimError::UnknownSession(_)
        | SimError::UnknownRecipient(_)
        | SimError::UnknownAccount(_)
        | SimError::UnknownKey(_) => StatusCode::NOT_FOUND,
        SimError::Post(_) => StatusCode::BAD_GATEWAY,
        _ => StatusCode::CONFLICT,
    }
}

/// Which methods an endpoint has, read from the list that people read.
fn methods(path: &[&str]) -> Vec<&'static str> {
    endpoints()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let (method, template) = (words.next()?, words.next()?);
            let template: Vec<&str> = parts(template);
            let same = template.len() == path.len()
                && template
                    .iter()
                    .zip(path)
                    .all(|(expected, part)| expected == part || expected.starts_with('<'));
            same.then_some(method)
        })
        .collect()
}

fn parts(path: &str) -> Vec<&str> {
    path.strip_prefix("/_sim")
        .unwrap_or(path)
        .split('/')
        .filter(|part| !part.is_empty())
        .collect()
}

pub(crate) async fn answer(inner: &Arc<Inner>, request: &Incoming) -> Reply {
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
    let path = parts(&request.path);
    let result = if request.method == Method::GET {
        read(&sim, &path)
    } else if request.method == Method::POST && path == ["scenario"] {
        // Not among the orders, because a scenario consists of them.
        scenario(&sim, &body).await.map(Some)
    } else if request.method == Method::POST {
        post(&sim, &path, &body).await
    } else if request.method == Method::DELETE {
        delete(&sim, &path)
    } else {
        Ok(None)
    };
    match result {
        Ok(Some(value)) => Reply::json(StatusCode::OK, &value),
        Ok(None) => {
            let methods = methods(&path);
            if methods.is_empty() {
                let all: Vec<&str> = endpoints().collect();
                let body = json!({ "error": "no such control endpoint", "endpoints": all });
                return Reply::json(StatusCode::NOT_FOUND, &body);
            }
            let allow = methods.join(", ");
            let text = format!("this endpoint takes {allow}, not {}", request.method);
            Reply::json(StatusCode::METHOD_NOT_ALLOWED, &json!({ "error": text }))
                .header("allow", allow)
        }
        Err(error) => Reply::json(status(&error), &json!({ "error": error.to_string() })),
    }
}

/// Does what a POST of this body would do.
pub(crate) async fn order(sim: &BomgarSim, path: &[&str], body: &Value) -> Result<Value, SimError> {
    post(sim, path, body)
        .await?
        .ok_or_else(|| wrong(format!("no such endpoint: {}", path.join("/"))))
}

fn done() -> Value {
    json!({ "ok": true })
}

fn read(sim: &BomgarSim, path: &[&str]) -> Result<Option<Value>, SimError> {
    Ok(Some(match path {
        [] => json!({
            "endpoints": endpoints().collect::<Vec<_>>(),
            "fault_kinds": fault_json::KINDS
                .iter()
                .map(|(kind, needs)| json!({ "kind": kind, "needs": needs }))
                .collect::<Vec<_>>(),
        }),
        ["appliance"] => appliance(sim),
        ["calls"] => calls(sim),
        ["faults"] => {
            let state = sim.inner.state();
            let rules: Vec<Value> = state.faults.rules().map(fault_json::describe).collect();
            json!(rules)
        }
        ["outbox"] => outbox(sim),
        ["session_keys"] => {
            let keys = sim.session_keys().into_iter().map(|key| {
                json!({
                    "short_key": key.short_key,
                    "key_url": key.key_url,
                    "expires": key.expires,
                    "queue_id": key.queue,
                    "external_key": key.external_key,
                })
            });
            json!(keys.collect::<Vec<_>>())
        }
        ["scenario"] => sim
            .inner
            .playing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone(),
        _ => match records::read(sim, path)? {
            Some(answer) => answer,
            None => return live::read(sim, path),
        },
    }))
}

fn delete(sim: &BomgarSim, path: &[&str]) -> Result<Option<Value>, SimError> {
    match path {
        ["calls"] => sim.clear_calls(),
        ["faults"] => sim.clear_faults(),
        _ => return Ok(None),
    }
    Ok(Some(done()))
}

async fn post(sim: &BomgarSim, path: &[&str], body: &Value) -> Result<Option<Value>, SimError> {
    check_fields(path, body)?;
    let url = || {
        body.get("url")
            .and_then(Value::as_str)
            .ok_or_else(|| wrong("url is missing or no string"))
    };
    match path {
        ["demo"] => {
            let key = body.get("external_key").and_then(Value::as_str);
            let lsid = sim.demo_session(key.unwrap_or_default())?;
            return Ok(Some(json!({ "lsid": lsid })));
        }
        ["faults"] => sim.fault(fault_json::rule(body).map_err(wrong)?),
        ["faults", "clear"] => sim.clear_faults(),
        ["recipients"] => sim.recipient(recipient(body)?),
        ["recipients", "remove"] => {
            sim.outbox(url()?)?;
            sim.remove_recipient(url()?);
        }
        ["recipients", "retry"] => sim.retry_now(url()?)?,
        ["recipients", "redeliver"] => sim.redeliver_last(url()?)?,
        ["events"] => {
            let (url, event) = event(body)?;
            sim.enqueue_event(&url, event)?;
        }
        ["events", "post"] => {
            let (url, event) = event(body)?;
            let status = sim.post_event(&url, &event).await?;
            return Ok(Some(json!({ "status": status })));
        }
        ["tokens", "expire"] => sim.expire_tokens(),
        ["teams"] => sim.add_team(team(body)?),
        ["reps", "log_out_all"] => sim.log_out_all(),
        ["settings"] => Settings::parse(body)?.apply(sim),
        _ => match records::order(path, body)? {
            Some(order) => return order(sim).map(Some),
            None => return live::write(sim, path, body),
        },
    }
    Ok(Some(done()))
}

/// Plays a scenario: at once and to its end, or with a speed and in the background.
async fn scenario(sim: &BomgarSim, body: &Value) -> Result<Value, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        toml: String,
        speed: Option<f64>,
    }
    let fields: Fields = parsed(body)?;
    let scenario = Scenario::parse(&fields.toml).map_err(wrong)?;
    let Some(speed) = fields.speed else {
        let sessions = sim.play(&scenario, Pace::AtOnce).await.map_err(wrong)?;
        return Ok(json!({ "sessions": sessions }));
    };
    let pace = Pace::Times(speed);
    if !(speed.is_finite() && speed > 0.0) {
        return Err(wrong("speed must be above 0"));
    }
    let inner = Arc::clone(&sim.inner);
    let set = move |inner: &Inner, state: &str, detail: Value| {
        let mut playing = inner.playing.lock().unwrap_or_else(PoisonError::into_inner);
        *playing = json!({ "state": state, "detail": detail });
    };
    set(&inner, "playing", Value::Null);
    let task = sim.inner.runtime.spawn(async move {
        let sim = BomgarSim::borrowed(Arc::clone(&inner));
        let on_step = |line: &str| set(&inner, "playing", json!(line));
        match sim.play_with(&scenario, pace, on_step).await {
            Ok(sessions) => set(&inner, "played", json!({ "sessions": sessions })),
            Err(error) => set(&inner, "failed", json!(error.to_string())),
        }
    });
    sim.inner.tasks().push(task.abort_handle());
    Ok(json!({ "state": "playing" }))
}

fn appliance(sim: &BomgarSim) -> Value {
    json!({
        "url": sim.base_url(),
        "appliance_id": sim.appliance_id(),
        "client_id": sim.client_id(),
        "company": sim.inner.company,
        "api_version": sim.inner.api_version,
        "tls": sim.certificate_pem().is_some(),
        "tokens": sim.token_count(),
        "events_pending": sim.pending(),
    })
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
                "params": call.params,
                "status": call.status,
                "reused_connection": call.reused_connection,
                "authorization": call.authorization,
                "cookies": call.cookies,
                "fault": call.fault.as_ref().map(fault_json::kind),
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
            let names = |events: Vec<EventForm>| -> Vec<String> {
                events.iter().map(EventForm::to_body).collect()
            };
            let outbox = recipient.outbox();
            json!({
                "url": recipient.spec.url,
                "pending": names(outbox.pending),
                "delivered": names(outbox.delivered),
                "dropped": names(outbox.dropped),
                "answers": outbox.answers,
                "head_attempts": outbox.head_attempts,
                "last_error": outbox.last_error,
            })
        })
        .collect();
    json!(recipients)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_has_a_method_and_a_path() {
        for line in endpoints() {
            let mut words = line.split_whitespace();
            assert!(
                matches!(words.next(), Some("GET" | "POST" | "DELETE")),
                "{line}"
            );
            assert!(words.next().unwrap().starts_with("/_sim/"), "{line}");
        }
        assert_eq!(methods(&["faults"]), ["GET", "POST", "DELETE"]);
        assert_eq!(methods(&["sessions", "a", "chat"]), ["POST"]);
        assert!(methods(&["nothing"]).is_empty());
    }
}
