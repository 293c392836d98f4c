//! Session starts and downloads: what people open in a browser.

use http::StatusCode;

use crate::keys::SessionKey;
use crate::people::Customer;
use crate::recording::{self, Recording, RecordingKind};
use crate::reply::Reply;
use crate::request::{Incoming, Params};
use crate::session::Session;
use crate::spec::SessionSpec;
use crate::state::{Inner, State};
use crate::time;

/// The company as it appears in names of files and hosts.
pub(crate) fn site(inner: &Inner) -> String {
    inner
        .company
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase()
}

/// A session as it starts from a key, with nobody in it yet but the customer.
pub(crate) fn spec_from_key(state: &State, key: &SessionKey) -> SessionSpec {
    let mut spec = SessionSpec::new()
        .without_representative()
        .external_key(key.external_key.clone());
    for (code, value) in &key.custom {
        spec = spec.custom_attribute(code, code, value);
    }
    if let Some(customer) = &key.customer {
        spec = spec.customer(customer.clone());
    }
    if let Some(team) = state.queue_team(&key.queue) {
        spec = spec.team(team.id, &team.name);
    }
    spec.priority = key.priority;
    spec
}

/// A customer as the fields of a form or a key tell, in their present or older names.
pub(crate) fn customer(params: &Params) -> Option<Customer> {
    let field = |name: &str, old: &str| params.filled(name).or(params.filled(old));
    let name = field("customer.name", "customer_name");
    let company = params.filled("customer.company");
    let code = params.filled("customer.company_code");
    let details = field("customer.details", "customer_desc");
    if [name, company, code, details].iter().all(Option::is_none) {
        return None;
    }
    let mut customer = name.map_or_else(Customer::default, Customer::new);
    if let Some(company) = company {
        customer = customer.company(company);
    }
    if let Some(code) = code {
        customer = customer.company_code(code);
    }
    if let Some(details) = details {
        customer = customer.issue("", details);
    }
    Some(customer)
}

/// Size limits of what a customer or a key says about the customer.
pub(crate) fn check_customer(params: &Params) -> Result<(), String> {
    for (name, most) in [
        ("customer.name", 100),
        ("customer.company", 100),
        ("customer.company_code", 100),
        ("customer.details", 1_024),
    ] {
        let length = params.get(name).map_or(0, |value| value.chars().count());
        if length > most {
            return Err(format!("{name} must not be longer than {most} characters."));
        }
    }
    Ok(())
}

/// The session that a customer asks for: by key, by issue, or by representative.
fn asked_for(state: &State, params: &Params) -> Result<SessionSpec, &'static str> {
    let code = params.filled("short_key").or(params.filled("ak"));
    if let Some(code) = code {
        let key = state
            .valid_key(code)
            .ok_or("The session key is not valid")?;
        return Ok(spec_from_key(state, &key));
    }
    let spec = SessionSpec::new().without_representative();
    let id = params.filled("id");
    if params.get("issue_menu") == Some("1") {
        let code_name = params.filled("codeName");
        for team in &state.teams {
            for (index, (code, title)) in team.issues.iter().enumerate() {
                let number = (index + 1).to_string();
                if code_name == Some(code) || (code_name.is_none() && id == Some(&number)) {
                    let customer = Customer::default().issue(title, "");
                    return Ok(spec.team(team.id, &team.name).customer(customer));
                }
            }
        }
        return Err("There is no such issue");
    }
    let rep = id.and_then(|id| state.staff.by_id(id));
    match rep {
        Some(known)
            if params
                .get("name")
                .is_none_or(|name| name == known.rep.username) =>
        {
            Ok(spec)
        }
        _ => Err("The representative is not available"),
    }
}

/// `/api/start_session` and `/?ak=`: the customer asks for a session.
pub(crate) fn start(inner: &Inner, request: &Incoming) -> Reply {
    let params = request.params();
    let mut state = inner.state();
    let mut spec = match asked_for(&state, &params) {
        Ok(spec) => spec,
        Err(title) => return Reply::html(StatusCode::OK, title),
    };
    if let Err(title) = check_customer(&params) {
        return Reply::html(StatusCode::OK, &title);
    }
    if let Some(customer) = customer(&params) {
        let issue = std::mem::take(&mut spec.customer.issue);
        let details = customer.details.clone();
        spec = spec.customer(customer.issue(issue, details));
    }
    // What a key says goes before what its user adds.
    for (code, value) in params.custom() {
        if code == "external_key" {
            if spec.external_key.is_empty() {
                value.clone_into(&mut spec.external_key);
            }
        } else if !spec.custom.iter().any(|a| a.code_name == code) {
            spec = spec.custom_attribute(code, code, value);
        }
    }
    if let Some(key) = params.filled("external_key") {
        if spec.external_key.is_empty() {
            key.clone_into(&mut spec.external_key);
        }
    }
    let host = request.header("host").unwrap_or_default();
    let host = host.split_once(':').map_or(host, |(name, _)| name);
    if let Some(site) = state.public_sites.iter().find(|site| site.host == host) {
        spec = spec.public_site(site.id, &site.name);
    }
    let lsid = begin(inner, &mut state, spec);
    Reply::html(StatusCode::OK, "Support session started").header("x-sim-lsid", lsid)
}

/// `/session_client` and `/session_chat`: what a virtual customer is pointed to.
pub(crate) fn client(inner: &Inner, request: &Incoming) -> Reply {
    let params = request.params();
    let state = inner.state();
    match params.get("lsid").and_then(|lsid| state.session(lsid)) {
        Some(session) if session.active => Reply::html(StatusCode::OK, "Support session"),
        _ => Reply::html(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// Puts a session into the state and tells the recipients.
pub(crate) fn begin(inner: &Inner, state: &mut State, spec: SessionSpec) -> String {
    state.next_lseq += 1;
    let mut session = Session::start(spec, state.next_lseq, &inner.appliance_id);
    session.visibility.delay = state.report_delay;
    for member in &session.reps {
        state.staff.ensure_logged_in(&member.rep);
    }
    let lsid = session.lsid.clone();
    state.sessions.push(session);
    state.publish(&lsid);
    lsid
}

/// `/session_download`: the chat as plain text, or a recording. The address is its own permission.
pub(crate) fn download(inner: &Inner, request: &Incoming) -> Reply {
    let params = request.params();
    let signed = params.get("lsid").unwrap_or_default();
    let state = inner.state();
    let found = state
        .sessions
        .iter()
        .filter(|session| session.end.is_some())
        .find_map(|session| {
            let start = format!("l={};h={};t=sd;m=", session.lsid, session.download_hash);
            signed.strip_prefix(&start).map(|mode| (session, mode))
        });
    let instance = || params.get("instance").and_then(|text| text.parse().ok());
    let (session, kind) = match found {
        Some((session, "chat")) => return Reply::text(StatusCode::OK, chat(session)),
        Some((session, "recording")) => (session, Some(RecordingKind::Session)),
        Some((session, "show_my_screen")) => (session, instance().map(RecordingKind::ShowMyScreen)),
        Some((session, "command_shell")) => (session, instance().map(RecordingKind::CommandShell)),
        _ => return Reply::html(StatusCode::FORBIDDEN, "Access denied"),
    };
    let Some(kind) = kind else {
        return Reply::html(StatusCode::OK, recording::NONE);
    };
    // A person asks here, so errors are pages.
    recording::find(session, kind)
        .and_then(Recording::reply)
        .unwrap_or_else(|text| Reply::html(StatusCode::OK, &text))
}

fn chat(session: &Session) -> String {
    session
        .events
        .iter()
        .filter(|event| event.event_type == "Chat Message")
        .map(|e| {
            let name = e
                .performed_by
                .as_ref()
                .map_or("", |actor| actor.name.as_str());
            format!(
                "{} {name}: {}\n",
                time::iso(e.timestamp),
                e.body.as_deref().unwrap_or_default()
            )
        })
        .collect()
}
