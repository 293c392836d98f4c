//! JSON endpoints and pages for people and scripts, under `/_sim/`. They ask for no credentials: the tenant
//! listens on loopback and holds nothing real.

mod fault;
mod link;
mod settings;
mod view;

use crate::{
    catalogue,
    picklist::PicklistValue,
    process::{HttpCall, HttpReply, move_zone},
    record::{Record, Val},
    rules::fill_in,
    shared::{Shared, lock},
    tenant::week_of,
};
use http::Method;
use serde_json::{Map, Value, json};

const HELP: &str = "\
GET    /_sim/                              this text; in a browser the tenant's pages, /_sim/view
GET    /_sim/help                          this text
GET    /_sim/tenant                        what the tenant is and how many records it holds
GET    /_sim/tickets                       all tickets, short
GET    /_sim/tickets/{id}                  a ticket with its notes and time entries
GET    /_sim/records/{entity}              all records of an entity
POST   /_sim/records/{entity}              store a record: {\"Field\": value, ...}
POST   /_sim/records/{entity}/{id}         change fields of a record as people would; null clears one
DELETE /_sim/records/{entity}/{id}         delete a record as people would
POST   /_sim/tickets/{id}/merge            {\"into\": id}: notes, time entries and attachments move
GET    /_sim/settings                      the tenant's settings
POST   /_sim/settings                      change some: {\"require_ticket_role\": true, ...}
POST   /_sim/clock                         {\"advance_seconds\": 3600}
POST   /_sim/restrictions/{entity}         the API user no longer sees the entity: queries find nothing
DELETE /_sim/restrictions/{entity}         he sees it again
POST   /_sim/timesheets                    {\"resource\": id, \"day\": \"2026-06-01\", \"submitted\": true}
GET    /_sim/calls                         calls since the last reset
DELETE /_sim/calls                         forget them
GET    /_sim/faults                        faults that are waiting
POST   /_sim/faults                        {\"kind\": \"LoseAnswerAfterCommit\", \"operation\": \"create\",
                                            \"entity\": \"TimeEntry\", \"times\": 1,
                                            \"after\": 0}: after lets so many calls pass first
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
    if !http.path.starts_with("/_sim") {
        return link::answer(shared, http);
    }
    let parts: Vec<&str> = http
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .skip(1)
        .collect();
    let result = match (&http.method, parts.as_slice()) {
        (&Method::GET, []) if wants_html(http) => {
            return view::answer(shared, &[]).unwrap_or_else(help);
        }
        (&Method::GET, [] | ["help"]) => return help(),
        (&Method::GET, ["view", rest @ ..]) => match view::answer(shared, rest) {
            Some(page) => return page,
            None => Err("nothing to show at this address".to_owned()),
        },
        (&Method::GET, ["tenant"]) => Ok(tenant(shared)),
        (&Method::GET, ["settings"]) => Ok(settings::show(&lock(&shared.tenant).settings)),
        (&Method::POST, ["settings"]) => object(&http.body).and_then(|wanted| {
            let settings = &mut lock(&shared.tenant).settings;
            settings::change(settings, &wanted)?;
            Ok(settings::show(settings))
        }),
        (&Method::POST, ["clock"]) => advance(shared, &http.body),
        (&Method::POST, ["timesheets"]) => timesheet(shared, &http.body),
        (&Method::POST, ["restrictions", entity]) => restrict(shared, entity, true),
        (&Method::DELETE, ["restrictions", entity]) => restrict(shared, entity, false),
        (&Method::POST, ["tickets", id, "merge"]) => merge(shared, id, &http.body),
        (&Method::POST, ["records", entity, id]) => change(shared, entity, id, &http.body),
        (&Method::DELETE, ["records", entity, id]) => remove(shared, entity, id),
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
        (&Method::POST, ["faults"]) => fault::order(shared, &http.body),
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

fn help() -> HttpReply {
    HttpReply::new(200, "text/plain; charset=utf-8", HELP)
}

fn wants_html(http: &HttpCall) -> bool {
    let accept = http.headers.get("accept");
    accept.is_some_and(|accept| {
        accept
            .as_bytes()
            .windows(9)
            .any(|part| part == b"text/html")
    })
}

fn object(body: &[u8]) -> Result<Map<String, Value>, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn whole(order: &Map<String, Value>, name: &str) -> Result<i64, String> {
    let number = order.get(name).and_then(Value::as_i64);
    number.ok_or_else(|| format!("{name} is missing or no whole number"))
}

/// Everything but the records themselves and what is secret elsewhere.
fn tenant(shared: &Shared) -> Value {
    let tenant = lock(&shared.tenant);
    let used = lock(&shared.limits).used(tenant.now());
    let counts: Map<String, Value> = catalogue::ENTITIES
        .iter()
        .map(|def| (def.name.to_owned(), tenant.rows(def.name).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| (name, json!(count)))
        .collect();
    let users: Vec<Value> = tenant
        .users
        .iter()
        .map(|user| json!({ "login": user.login, "resource": user.resource }))
        .collect();
    let submitted: Vec<Value> = tenant
        .submitted
        .iter()
        .map(|(resource, week)| json!({ "resource": resource, "week": week.to_string() }))
        .collect();
    json!({
        "ci": tenant.ci,
        "url": shared.endpoint("1.6"),
        "now": tenant.now().to_string(),
        "users": users,
        "requests": { "used": used, "limit": tenant.settings.request_threshold },
        "records": counts,
        "restricted": tenant.restricted,
        "read_only": tenant.read_only,
        "submitted_timesheets": submitted,
        "settings": settings::show(&tenant.settings),
    })
}

fn advance(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let seconds = whole(&object(body)?, "advance_seconds")?;
    let mut tenant = lock(&shared.tenant);
    let by = jiff::SignedDuration::from_secs(seconds);
    tenant.clock_offset = tenant.clock_offset.saturating_add(by);
    Ok(json!({ "now": tenant.now().to_string() }))
}

fn timesheet(shared: &Shared, body: &[u8]) -> Result<Value, String> {
    let order = object(body)?;
    let resource = whole(&order, "resource")?;
    let day: jiff::civil::Date = order
        .get("day")
        .and_then(Value::as_str)
        .and_then(|day| day.parse().ok())
        .ok_or("day is missing or no day")?;
    let submitted = order.get("submitted").and_then(Value::as_bool);
    let week = (resource, week_of(day));
    let weeks = &mut lock(&shared.tenant).submitted;
    if submitted.unwrap_or(true) {
        weeks.insert(week);
    } else {
        weeks.remove(&week);
    }
    Ok(json!({ "resource": resource, "week": week.1.to_string() }))
}

fn restrict(shared: &Shared, entity: &str, on: bool) -> Result<Value, String> {
    let def = catalogue::entity(entity).ok_or_else(|| format!("no entity {entity}"))?;
    let restricted = &mut lock(&shared.tenant).restricted;
    if on {
        restricted.insert(def.name);
    } else {
        restricted.remove(def.name);
    }
    Ok(json!({ "restricted": *restricted }))
}

fn id_of(id: &str) -> Result<i64, String> {
    id.parse().map_err(|_| format!("{id} is no id"))
}

fn merge(shared: &Shared, id: &str, body: &[u8]) -> Result<Value, String> {
    let (from, into) = (id_of(id)?, whole(&object(body)?, "into")?);
    let mut tenant = lock(&shared.tenant);
    let by = tenant
        .get("Ticket", into)
        .and_then(|ticket| ticket.int("AssignedResourceID"))
        .unwrap_or(0);
    if tenant.merge_tickets(from, into, by) {
        Ok(json!({ "into": into }))
    } else {
        Err("both must be tickets, and two of them".to_owned())
    }
}

fn change(shared: &Shared, entity: &str, id: &str, body: &[u8]) -> Result<Value, String> {
    let def = catalogue::entity(entity).ok_or_else(|| format!("no entity {entity}"))?;
    let id = id_of(id)?;
    let mut fields = object(body)?;
    let cleared: Vec<String> = fields
        .iter()
        .filter(|(_, value)| value.is_null())
        .map(|(name, _)| name.clone())
        .collect();
    fields.retain(|_, value| !value.is_null());
    let changes = read_record(def, fields)?;
    let mut tenant = lock(&shared.tenant);
    let record = tenant
        .get_mut(def.name, id)
        .ok_or_else(|| format!("no {entity} {id}"))?;
    record.fields.extend(changes.fields);
    for name in cleared {
        let field = def
            .field(&name)
            .ok_or_else(|| format!("no field {entity}.{name}"))?;
        record.fields.remove(field.name);
    }
    Ok(record_json(record))
}

fn remove(shared: &Shared, entity: &str, id: &str) -> Result<Value, String> {
    let def = catalogue::entity(entity).ok_or_else(|| format!("no entity {entity}"))?;
    let removed = lock(&shared.tenant).remove(def.name, id_of(id)?);
    let removed = removed.ok_or_else(|| format!("no {entity} {id}"))?;
    Ok(record_json(&removed))
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
    let mut record = read_record(def, object(body)?)?;
    let mut tenant = lock(&shared.tenant);
    fill_in(&tenant, def, &mut record);
    Ok(json!({ "id": tenant.insert(def, record) }))
}

fn read_record(
    def: &'static catalogue::EntityDef,
    fields: Map<String, Value>,
) -> Result<Record, String> {
    let mut record = Record::new(def.name);
    for (name, value) in fields {
        let field = def
            .field(&name)
            .ok_or_else(|| format!("no field {}.{name}", def.name))?;
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
    Ok(record)
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
    let values = object(body)?;
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
