//! Sessions and settings driven in JSON: what `/_sim/` takes for them.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::cluster::{ApplianceSpec, Failover, FailoverRole};
use crate::error::SimError;
use crate::people::{Customer, Party, Representative};
use crate::session::SessionInfo;
use crate::sim::BomgarSim;
use crate::spec::{EventSpec, FileTransfer, SessionSpec, Survey, SystemCategory};

/// One a line, as the binary prints them.
pub(crate) const ENDPOINTS: [&str; 28] = [
    "GET  /_sim/sessions",
    "GET  /_sim/sessions/<lsid>",
    "POST /_sim/sessions                  {\"external_key\":\"48213\",\"customer\":\"Ada\",\"representative\":\"glang\",\"start_time\":1700000000}",
    "POST /_sim/session_keys              {\"queue_id\":\"general\",\"external_key\":\"48213\"}",
    "POST /_sim/public_sites              {\"id\":2,\"name\":\"Italy\",\"host\":\"aiuto.example.org\"}",
    "POST /_sim/sessions/<lsid>/clock     {\"advance\":60} or {\"at\":1700000060}",
    "POST /_sim/sessions/<lsid>/chat      {\"from\":\"customer\",\"text\":\"Hello\"}",
    "POST /_sim/sessions/<lsid>/join      {\"representative\":\"mdupont\"} or {\"customer\":\"Bob\"}",
    "POST /_sim/sessions/<lsid>/leave     {\"party\":\"rep:mdupont\"}",
    "POST /_sim/sessions/<lsid>/transfer  {\"queue_id\":\"team:1\"}",
    "POST /_sim/sessions/<lsid>/file      {\"direction\":\"upload\",\"filename\":\"a.txt\",\"filesize\":7}",
    "POST /_sim/sessions/<lsid>/note      {\"text\":\"Done\"}",
    "POST /_sim/sessions/<lsid>/special_action {\"name\":\"Task Manager\"}",
    "POST /_sim/sessions/<lsid>/system_information {\"categories\":[{\"name\":\"General\",\"rows\":[{\"Computer Name\":\"PC\"}]}]}",
    "POST /_sim/sessions/<lsid>/event     {\"event_type\":\"File Moved\",\"performed_by\":\"representative\",\"data\":{\"old_path\":\"a\",\"new_path\":\"b\"}}",
    "POST /_sim/sessions/<lsid>/attributes {\"external_key\":\"48213\",\"asset_tag\":\"A-77\"}",
    "POST /_sim/sessions/<lsid>/end       {\"end_time\":1700000600,\"how\":\"normal\"} (normal, abnormal, lost)",
    "POST /_sim/sessions/<lsid>/survey    {\"by\":\"customer\",\"questions\":[{\"name\":\"rating\",\"label\":\"How?\",\"answers\":[\"5\"]}],\"seconds_later\":30}",
    "POST /_sim/sessions/<lsid>/report    {\"delay_seconds\":5,\"hide_answers\":1,\"late_end_time_answers\":1,\"await_rep_survey\":true}",
    "POST /_sim/reps/log_in               {\"representative\":{\"id\":12,\"username\":\"mdupont\"}}",
    "POST /_sim/reps/log_out              {\"rep_id\":12}",
    "POST /_sim/permissions               {\"client_id\":\"sim-client\",\"perm_command\":\"read_only\"}",
    "POST /_sim/secret                    {\"client_id\":\"sim-client\"}",
    "POST /_sim/api                       {\"enabled\":false}",
    "POST /_sim/health                    {\"error_message\":\"Disk full\"} or {}",
    "POST /_sim/failover                  {\"role\":\"primary\",\"peer_reachable\":true,\"shared_ips\":[\"203.0.113.10\"],\"manual_sync\":true} or {}",
    "POST /_sim/failover/finish_sync      {\"succeeded\":true}",
    "GET  /_sim/jump_shortcuts",
];

fn wrong(text: impl Into<String>) -> SimError {
    SimError::ControlRequest(text.into())
}

fn text<'a>(body: &'a Value, name: &str) -> Result<Option<&'a str>, SimError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(format!("{name} must be a string"))),
    }
}

fn need_text<'a>(body: &'a Value, name: &str) -> Result<&'a str, SimError> {
    text(body, name)?.ok_or_else(|| wrong(format!("{name} is missing")))
}

fn number<T: TryFrom<i64>>(body: &Value, name: &str) -> Result<Option<T>, SimError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_i64()
            .and_then(|number| T::try_from(number).ok())
            .map(Some)
            .ok_or_else(|| wrong(format!("{name} must be a whole number in its range"))),
    }
}

fn flag(body: &Value, name: &str, default: bool) -> Result<bool, SimError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => value
            .as_bool()
            .ok_or_else(|| wrong(format!("{name} must be true or false"))),
    }
}

fn array<'a>(body: &'a Value, name: &str) -> Result<&'a [Value], SimError> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(wrong(format!("{name} must be an array"))),
    }
}

fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Map<String, Value>, SimError> {
    value
        .as_object()
        .ok_or_else(|| wrong(format!("{name} must be an object")))
}

/// Strings as they are, other values as JSON writes them.
fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// `customer`, `system`, `everyone`, `representative`, `rep:<username>`, `customer:<name>`.
fn party(name: &str) -> Result<Party, SimError> {
    Ok(match name.split_once(':') {
        Some(("rep", username)) => Party::rep(username),
        Some(("customer", name)) => Party::customer(name),
        _ => match name {
            "customer" => Party::Customer,
            "system" => Party::System,
            "everyone" => Party::Everyone,
            "representative" => Party::Representative,
            _ => return Err(wrong(format!("no such party: {name}"))),
        },
    })
}

fn party_of(body: &Value, name: &str) -> Result<Option<Party>, SimError> {
    text(body, name)?.map(party).transpose()
}

/// A name, or an object with more about the customer.
fn customer(value: &Value) -> Result<Customer, SimError> {
    if let Some(name) = value.as_str() {
        return Ok(Customer::new(name));
    }
    object(value, "customer")?;
    let mut customer = Customer::new(need_text(value, "name")?);
    let fields = [
        ("hostname", &mut customer.hostname),
        ("os", &mut customer.os),
        ("public_ip", &mut customer.public_ip),
        ("private_ip", &mut customer.private_ip),
        ("company", &mut customer.company),
        ("company_code", &mut customer.company_code),
        ("issue", &mut customer.issue),
        ("details", &mut customer.details),
    ];
    for (name, field) in fields {
        if let Some(text) = text(value, name)? {
            text.clone_into(field);
        }
    }
    Ok(customer)
}

/// A username, or an object with more about the representative.
fn representative(sim: &BomgarSim, value: &Value) -> Result<Representative, SimError> {
    let username = match value.as_str() {
        Some(username) => username,
        None => need_text(value, "username")?,
    };
    let known = {
        let state = sim.inner.state();
        let known = state.staff.known.iter();
        let same = known.clone().find(|rep| rep.username == username).cloned();
        // A new one gets the next number from 100 on.
        let next = known.map(|rep| rep.id + 1).max().unwrap_or(0).max(100);
        same.unwrap_or_else(|| Representative::new(next, username))
    };
    if value.is_string() {
        return Ok(known);
    }
    let mut rep = known;
    if let Some(id) = number(value, "id")? {
        rep.id = id;
    }
    let fields = [
        ("private_name", &mut rep.private_name),
        ("public_name", &mut rep.public_name),
        ("hostname", &mut rep.hostname),
        ("os", &mut rep.os),
        ("public_ip", &mut rep.public_ip),
        ("private_ip", &mut rep.private_ip),
    ];
    for (name, field) in fields {
        if let Some(text) = text(value, name)? {
            text.clone_into(field);
        }
    }
    rep.seconds_involved = number(value, "seconds_involved")?.or(rep.seconds_involved);
    rep.invited = flag(value, "invited", rep.invited)?;
    rep.embassy = flag(value, "embassy", rep.embassy)?;
    rep.listed = flag(value, "listed", rep.listed)?;
    Ok(rep)
}

fn id_and_name(value: &Value, name: &str) -> Result<(u32, String), SimError> {
    object(value, name)?;
    let id = number(value, "id")?.ok_or_else(|| wrong(format!("{name} has no id")))?;
    Ok((id, need_text(value, "name")?.to_owned()))
}

/// A session as `POST /_sim/sessions` describes it.
fn session_spec(sim: &BomgarSim, body: &Value) -> Result<SessionSpec, SimError> {
    let mut spec = match text(body, "short_key")? {
        Some(key) => sim.use_key(key)?,
        None => SessionSpec::new(),
    };
    if let Some(key) = text(body, "external_key")? {
        spec = spec.external_key(key);
    }
    if let Some(value) = body.get("customer") {
        spec = spec.customer(customer(value)?);
    }
    for value in array(body, "more_customers")? {
        spec = spec.another_customer(customer(value)?);
    }
    match body.get("representative") {
        None => {}
        Some(Value::Null) => spec = spec.without_representative(),
        Some(value) => spec = spec.representative(representative(sim, value)?),
    }
    for value in array(body, "more_representatives")? {
        spec = spec.another_representative(representative(sim, value)?);
    }
    if let Some(attributes) = body.get("attributes") {
        for (code, value) in object(attributes, "attributes")? {
            spec = spec.custom_attribute(code, code, plain(value));
        }
    }
    if let Some(start) = number(body, "start_time")? {
        spec = spec.start_time(start);
    }
    if let Some(priority) = number(body, "priority")? {
        spec = spec.priority(priority);
    }
    if let Some(team) = body.get("team") {
        let (id, name) = id_and_name(team, "team")?;
        spec = spec.team(id, name);
    }
    if let Some(site) = body.get("public_site") {
        let (id, name) = id_and_name(site, "public_site")?;
        spec = spec.public_site(id, name);
    }
    if let Some(group) = body.get("jump_group") {
        spec = spec.jump_group(need_text(group, "type")?, need_text(group, "name")?);
    }
    if flag(body, "recorded", false)? {
        spec = spec.recorded();
    }
    if let Some(lsid) = text(body, "lsid")? {
        spec = spec.lsid(lsid);
    }
    Ok(spec)
}

fn file(body: &Value) -> Result<FileTransfer, SimError> {
    let name = need_text(body, "filename")?;
    let size: u64 = number(body, "filesize")?.unwrap_or(0);
    let mut file = match text(body, "direction")? {
        None | Some("upload") => FileTransfer::upload(name, size),
        Some("download") => FileTransfer::download(name, size),
        Some(_) => return Err(wrong("direction must be upload or download")),
    };
    if let Some(checksum) = text(body, "sha256")? {
        file = file.sha256(checksum);
    }
    if let Some(username) = text(body, "by")? {
        file = file.by(username);
    }
    Ok(file)
}

fn categories(body: &Value) -> Result<Vec<SystemCategory>, SimError> {
    let mut categories = Vec::new();
    for value in array(body, "categories")? {
        let mut category = SystemCategory::new(need_text(value, "name")?);
        for row in array(value, "rows")? {
            let fields = object(row, "a row")?;
            category = category.row(fields.iter().map(|(name, value)| (name, plain(value))));
        }
        categories.push(category);
    }
    Ok(categories)
}

fn event(body: &Value) -> Result<EventSpec, SimError> {
    let mut event = EventSpec::new(need_text(body, "event_type")?);
    event.performed_by = party_of(body, "performed_by")?;
    event.destination = party_of(body, "destination")?;
    event.body = text(body, "body")?.map(str::to_owned);
    event.timestamp = number(body, "timestamp")?;
    if let Some(data) = body.get("data") {
        for (name, value) in object(data, "data")? {
            event = event.data(name, plain(value));
        }
    }
    Ok(event)
}

fn survey(body: &Value) -> Result<Survey, SimError> {
    let mut survey = match party_of(body, "by")?.unwrap_or(Party::Customer) {
        Party::Customer => Survey::customer(),
        Party::CustomerNamed(name) => Survey::customer().by_customer(name),
        Party::Representative => Survey::representative(),
        Party::Rep(username) => Survey::representative().by(username),
        Party::System | Party::Everyone => return Err(wrong("by must be a person")),
    };
    for value in array(body, "questions")? {
        let name = need_text(value, "name")?;
        let label = text(value, "label")?.unwrap_or(name);
        let answers = array(value, "answers")?.iter().map(plain);
        survey = survey.question(name, label, answers);
    }
    survey.timestamp = number(body, "timestamp")?;
    survey.seconds_later = number(body, "seconds_later")?.unwrap_or(0);
    Ok(survey)
}

fn info(info: &SessionInfo) -> Value {
    let attributes: Map<String, Value> = info
        .attributes
        .iter()
        .map(|(code, value)| (code.clone(), json!(value)))
        .collect();
    json!({
        "lsid": info.lsid,
        "active": info.active,
        "external_key": info.external_key,
        "start_time": info.start_time,
        "end_time": info.end_time,
        "priority": info.priority,
        "team": info.team.as_ref().map(|(id, name)| json!({ "id": id, "name": name })),
        "owner": info.owner,
        "representatives": info.representatives,
        "customers": info.customers,
        "attributes": attributes,
    })
}

fn done() -> Value {
    json!({ "ok": true })
}

/// Something happens in a session: the last part of `POST /_sim/sessions/<lsid>/<step>`. `None`
/// if there is no such step.
pub(crate) fn step(
    sim: &BomgarSim,
    lsid: &str,
    step: &str,
    body: &Value,
) -> Result<Option<Value>, SimError> {
    match step {
        "clock" => match (number(body, "at")?, number(body, "advance")?) {
            (Some(at), None) => sim.at(lsid, at)?,
            (None, Some(seconds)) => sim.advance(lsid, seconds)?,
            _ => return Err(wrong("exactly one of at and advance is needed")),
        },
        "chat" => {
            let from = party_of(body, "from")?.unwrap_or(Party::Representative);
            let to = party_of(body, "to")?.unwrap_or(Party::Everyone);
            sim.chat(lsid, from, to, need_text(body, "text")?)?;
        }
        "join" => match (body.get("representative"), body.get("customer")) {
            (Some(value), None) => sim.rep_joined(lsid, representative(sim, value)?)?,
            (None, Some(value)) => sim.customer_joined(lsid, customer(value)?)?,
            _ => {
                return Err(wrong(
                    "exactly one of representative and customer is needed",
                ));
            }
        },
        "leave" => sim.member_departed(lsid, party(need_text(body, "party")?)?)?,
        "transfer" => sim.transfer(lsid, need_text(body, "queue_id")?)?,
        "file" => sim.file_transfer(lsid, file(body)?)?,
        "note" => {
            let by = party_of(body, "by")?.unwrap_or(Party::Representative);
            sim.note_by(lsid, by, need_text(body, "text")?)?;
        }
        "special_action" => sim.special_action(lsid, need_text(body, "name")?)?,
        "system_information" => sim.system_information(lsid, categories(body)?)?,
        "event" => sim.event(lsid, event(body)?)?,
        "attributes" => {
            for (code, value) in object(body, "the body")? {
                sim.set_attribute(lsid, code, &plain(value))?;
            }
        }
        "end" => {
            let end_time: Option<i64> = number(body, "end_time")?;
            match text(body, "how")? {
                None | Some("normal") => sim.end_session(lsid, end_time)?,
                Some("abnormal") => sim.end_abnormally(lsid, end_time)?,
                Some("lost") => sim.lose_session(lsid, end_time)?,
                Some(_) => return Err(wrong("how must be normal, abnormal or lost")),
            }
        }
        "survey" => match number(body, "delay_seconds")? {
            None => sim.survey(lsid, survey(body)?)?,
            Some(delay) => sim.survey_later(lsid, survey(body)?, Duration::from_secs(delay))?,
        },
        "report" => {
            if let Some(seconds) = number(body, "delay_seconds")? {
                sim.report_delay(lsid, Duration::from_secs(seconds))?;
            }
            if let Some(answers) = number(body, "hide_answers")? {
                sim.hide_report(lsid, answers)?;
            }
            if let Some(answers) = number(body, "late_end_time_answers")? {
                sim.late_end_time(lsid, answers)?;
            }
            if flag(body, "await_rep_survey", false)? {
                sim.await_rep_survey(lsid)?;
            }
        }
        _ => return Ok(None),
    }
    Ok(Some(done()))
}

/// What a GET below `/_sim/` reads; `None` if it is nothing of sessions or settings.
pub(crate) fn read(sim: &BomgarSim, path: &[&str]) -> Result<Option<Value>, SimError> {
    Ok(Some(match path {
        ["sessions"] => {
            let mut all = Vec::new();
            for lsid in sim.lsids() {
                all.push(info(&sim.session(&lsid)?));
            }
            json!(all)
        }
        ["sessions", lsid] => info(&sim.session(lsid)?),
        ["jump_shortcuts"] => {
            let all = sim.jump_shortcuts().into_iter().map(|item| {
                json!({
                    "kind": item.kind,
                    "name": item.name,
                    "hostname": item.hostname,
                    "group": item.group,
                })
            });
            json!(all.collect::<Vec<_>>())
        }
        _ => return Ok(None),
    }))
}

/// What a POST below `/_sim/` changes; `None` if it is nothing of sessions or settings.
pub(crate) fn write(
    sim: &BomgarSim,
    path: &[&str],
    body: &Value,
) -> Result<Option<Value>, SimError> {
    Ok(Some(match path {
        ["sessions"] => json!({ "lsid": sim.start_session(session_spec(sim, body)?) }),
        ["sessions", lsid, name] => return step(sim, lsid, name, body),
        ["public_sites"] => {
            let (id, name) = id_and_name(body, "the body")?;
            sim.add_public_site(id, name, need_text(body, "host")?);
            done()
        }
        ["session_keys"] => {
            let queue = text(body, "queue_id")?.unwrap_or("general");
            let external_key = text(body, "external_key")?.unwrap_or_default();
            let key = sim.session_key(queue, external_key)?;
            json!({
                "short_key": key.short_key,
                "key_url": key.key_url,
                "expires": key.expires,
            })
        }
        ["reps", "log_in"] => {
            let value = body.get("representative");
            let value = value.ok_or_else(|| wrong("representative is missing"))?;
            let rep = representative(sim, value)?;
            let id = rep.id;
            sim.log_in(rep);
            json!({ "rep_id": id })
        }
        ["reps", "log_out"] => {
            let id = number(body, "rep_id")?.ok_or_else(|| wrong("rep_id is missing"))?;
            sim.log_out(id)?;
            done()
        }
        ["permissions"] => {
            let client_id = match text(body, "client_id")? {
                Some(client_id) => client_id.to_owned(),
                None => sim.client_id(),
            };
            for (name, value) in object(body, "the body")? {
                if name != "client_id" {
                    sim.set_permission_of(&client_id, name, plain(value))?;
                }
            }
            done()
        }
        ["secret"] => {
            let secret = match text(body, "client_id")? {
                Some(client_id) => sim.regenerate_secret_of(client_id)?,
                None => sim.regenerate_secret(),
            };
            json!({ "client_secret": secret })
        }
        ["api"] => {
            sim.set_api_enabled(flag(body, "enabled", true)?);
            done()
        }
        ["health"] => {
            match text(body, "error_message")? {
                Some(message) => sim.set_health_problem(message),
                None => sim.set_healthy(true),
            }
            done()
        }
        ["failover"] => {
            sim.set_failover(failover(body)?);
            done()
        }
        ["failover", "finish_sync"] => {
            sim.finish_data_sync(flag(body, "succeeded", true)?)?;
            done()
        }
        _ => return Ok(None),
    }))
}

fn failover(body: &Value) -> Result<Option<Failover>, SimError> {
    let Some(role) = text(body, "role")? else {
        return Ok(None);
    };
    let role = FailoverRole::from_wire(role).ok_or_else(|| wrong("role is primary or backup"))?;
    let name = text(body, "peer")?.unwrap_or("other appliance");
    let mut pair = Failover::new(role, ApplianceSpec::new(name, "support2.example.com"));
    for address in array(body, "shared_ips")? {
        pair = pair.shared_ip(plain(address));
    }
    if !flag(body, "peer_reachable", true)? {
        pair = pair.peer_unreachable();
    }
    if flag(body, "manual_sync", false)? {
        pair = pair.manual_sync();
    }
    Ok(Some(pair))
}
