//! JSON endpoints for people and scripts, under `/_sim/`. They ask for no credentials: the tenant
//! listens on loopback and holds nothing real.

use crate::{
    catalogue,
    fault::{Fault, FaultSpec},
    picklist::PicklistValue,
    process::{HttpCall, HttpReply, move_zone},
    record::{Record, Val},
    rules::fill_in,
    shared::{Shared, lock},
    soap::OPERATIONS,
};
use http::Method;
use serde_json::{Map, Value, json};
use std::time::Duration;

const HELP: &str = "\
GET    /_sim/                              this text
GET    /_sim/tickets                       all tickets, short
GET    /_sim/tickets/{id}                  a ticket with its notes and time entries
GET    /_sim/records/{entity}              all records of an entity
POST   /_sim/records/{entity}              store a record: {\"Field\": value, ...}
GET    /_sim/calls                         calls since the last reset
DELETE /_sim/calls                         forget them
GET    /_sim/faults                        faults that are waiting
POST   /_sim/faults                        {\"kind\": \"LoseAnswerAfterCommit\", \"operation\": \"create\",
                                            \"entity\": \"TimeEntry\", \"times\": 1}
                                           kinds: LoseAnswerAfterCommit, CommitLater, DropBeforeCommit,
                                           SearchLag, HideEntity, EditMarkerAway, SplitTimeEntry, Redirect307,
                                           Unauthorized401, Status500Html, Html200, Status, TruncatedBody,
                                           BrokenBody, SoapFault, ThreadLimit, Delay, DelayAnswer, CommitFirst
                                           further members: seconds (CommitLater, SearchLag, Delay, DelayAnswer),
                                           text (EditMarkerAway), status (Status), after_commit (TruncatedBody,
                                           BrokenBody), lose_answer (SplitTimeEntry)
DELETE /_sim/faults                        take them away
POST   /_sim/picklists/{entity}/{field}    {\"1\": \"Label\", ...}
POST   /_sim/move-zone                     the old address answers 401 from now on
";

/// Answers a control request, or shows a ticket where a link into the UI points.
pub(crate) fn answer(shared: &Shared, http: &HttpCall) -> HttpReply {
    if http.path.starts_with("/Autotask/") {
        return link(shared, http);
    }
    let parts: Vec<&str> = http
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .skip(1)
        .collect();
    let result = match (&http.method, parts.as_slice()) {
        (&Method::GET, []) => {
            return HttpReply::new(200, "text/plain; charset=utf-8", HELP);
        }
        (&Method::GET, ["tickets"]) => Ok(tickets(shared)),
        (&Method::GET, ["tickets", id]) => ticket(shared, id),
        (&Method::GET, ["records", entity]) => records(shared, entity),
        (&Method::POST, ["records", entity]) => add(shared, entity, &http.body),
        (&Method::GET, ["calls"]) => Ok(calls(shared)),
        (&Method::DELETE, ["calls"]) => {
            lock(&shared.calls).reset();
            Ok(json!({}))
        }
        (&Method::GET, ["faults"]) => {
            let waiting = lock(&shared.faults).waiting();
            Ok(waiting
                .iter()
                .map(|spec| Value::String(format!("{spec:?}")))
                .collect())
        }
        (&Method::POST, ["faults"]) => fault(shared, &http.body),
        (&Method::DELETE, ["faults"]) => {
            lock(&shared.faults).clear();
            Ok(json!({}))
        }
        (&Method::POST, ["picklists", entity, field]) => {
            picklist(shared, entity, field, &http.body)
        }
        (&Method::POST, ["move-zone"]) => Ok(json!({ "zone": move_zone(shared) })),
        _ => Err("no such control address; see /_sim/".to_owned()),
    };
    let (status, value) = match result {
        Ok(value) => (200, value),
        Err(error) => (400, json!({ "error": error })),
    };
    HttpReply::new(status, "application/json", format!("{value:#}\n"))
}

/// `ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=…` or `TicketNumber=…`.
fn link(shared: &Shared, http: &HttpCall) -> HttpReply {
    let parameter = |name: &str| {
        http.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let found = match (parameter("TicketID"), parameter("TicketNumber")) {
        (Some(id), _) => ticket(shared, id),
        (None, Some(number)) => {
            let tenant = lock(&shared.tenant);
            let id = tenant
                .rows("Ticket")
                .find(|row| row.record.text("TicketNumber") == number)
                .map(|row| row.record.id.to_string());
            drop(tenant);
            id.ok_or_else(|| format!("no ticket {number}"))
                .and_then(|id| ticket(shared, &id))
        }
        (None, None) => Err("the simulated UI shows tickets only".to_owned()),
    };
    match found {
        Ok(value) => HttpReply::new(200, "application/json", format!("{value:#}\n")),
        Err(error) => HttpReply::new(404, "text/plain; charset=utf-8", error),
    }
}

fn val_json(value: &Val) -> Value {
    match value {
        Val::Int(value) => json!(value),
        Val::Double(value) => json!(value),
        Val::Bool(value) => json!(value),
        other => json!(other.plain()),
    }
}

fn record_json(record: &Record) -> Value {
    let mut map = Map::new();
    map.insert("id".into(), json!(record.id));
    for (name, value) in &record.fields {
        map.insert(name.clone(), val_json(value));
    }
    if !record.udfs.is_empty() {
        map.insert("UserDefinedFields".into(), json!(record.udfs));
    }
    Value::Object(map)
}

fn of_ticket(shared: &Shared, entity: &str, ticket: i64) -> Value {
    let tenant = lock(&shared.tenant);
    let rows = tenant
        .rows(entity)
        .filter(|row| row.record.int("TicketID") == Some(ticket));
    rows.map(|row| record_json(&row.record)).collect()
}

fn tickets(shared: &Shared) -> Value {
    let tenant = lock(&shared.tenant);
    let short = |record: &Record| {
        json!({
            "id": record.id,
            "TicketNumber": record.text("TicketNumber"),
            "Title": record.text("Title"),
        })
    };
    tenant
        .rows("Ticket")
        .map(|row| short(&row.record))
        .collect()
}

fn ticket(shared: &Shared, id: &str) -> Result<Value, String> {
    let id: i64 = id.parse().map_err(|_| format!("{id} is not a ticket id"))?;
    let ticket = lock(&shared.tenant)
        .get("Ticket", id)
        .map(record_json)
        .ok_or_else(|| format!("no ticket {id}"))?;
    Ok(json!({
        "ticket": ticket,
        "notes": of_ticket(shared, "TicketNote", id),
        "time_entries": of_ticket(shared, "TimeEntry", id),
    }))
}

fn records(shared: &Shared, entity: &str) -> Result<Value, String> {
    let def = catalogue::entity(entity).ok_or_else(|| format!("no entity {entity}"))?;
    Ok(lock(&shared.tenant)
        .rows(def.name)
        .map(|row| record_json(&row.record))
        .collect())
}

fn add(shared: &Shared, entity: &str, body: &[u8]) -> Result<Value, String> {
    let def = catalogue::entity(entity).ok_or_else(|| format!("no entity {entity}"))?;
    let fields: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let mut record = Record::new(def.name);
    for (name, value) in fields {
        let field = def
            .field(&name)
            .ok_or_else(|| format!("no field {entity}.{name}"))?;
        let value = match value {
            Value::Bool(value) => Val::Bool(value),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => Val::Int(whole),
                None => Val::Double(number.as_f64().unwrap_or(0.0)),
            },
            Value::String(text) => json_text(def.name, field, text)?,
            other => return Err(format!("{name} cannot be {other}")),
        };
        record.fields.insert(field.name.to_owned(), value);
    }
    let mut tenant = lock(&shared.tenant);
    fill_in(&tenant, def, &mut record);
    Ok(json!({ "id": tenant.insert(def, record) }))
}

fn json_text(entity: &str, field: &catalogue::FieldDef, text: String) -> Result<Val, String> {
    if catalogue::is_day(entity, field) {
        return text
            .parse()
            .map(Val::Date)
            .map_err(|_| format!("{text} is not a day"));
    }
    if field.ty == catalogue::FieldTy::DateTime {
        return text
            .parse()
            .map(Val::Time)
            .map_err(|_| format!("{text} is not an RFC 3339 time"));
    }
    Ok(Val::Text(text))
}

fn calls(shared: &Shared) -> Value {
    let calls = lock(&shared.calls);
    let call = |call: &crate::Call| {
        json!({
            "at": call.at.to_string(),
            "operation": call.operation,
            "entity": call.entity,
            "status": call.status,
            "return_code": call.return_code,
            "committed": call.committed,
            "ids": call.ids,
            "impersonated": call.impersonated,
        })
    };
    calls.list.iter().map(call).collect()
}

fn picklist(shared: &Shared, entity: &str, field: &str, body: &[u8]) -> Result<Value, String> {
    let values: Map<String, Value> =
        serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let mut choices = Vec::new();
    for (value, label) in values {
        let label = label
            .as_str()
            .ok_or_else(|| format!("the label of {value} is no text"))?;
        choices.push(PicklistValue::new(value, label));
    }
    lock(&shared.tenant)
        .set_picklist(entity, field, choices)
        .map(|()| json!({}))
}

fn fault(shared: &Shared, body: &[u8]) -> Result<Value, String> {
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
    let handle = lock(&shared.faults).push(
        FaultSpec {
            operation,
            entity,
            times,
            kind,
        },
        0,
    );
    Ok(json!({ "handle": handle }))
}
