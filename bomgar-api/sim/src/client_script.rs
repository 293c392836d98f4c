//! Console scripts, session starts by key, and chat downloads: what people open in a browser.

use http::StatusCode;

use crate::reply::Reply;
use crate::request::Incoming;
use crate::session::Session;
use crate::spec::SessionSpec;
use crate::state::{Inner, SessionKey, State};
use crate::time;

/// `GET /api/client_script`
pub(crate) fn script(inner: &Inner, request: &Incoming) -> Reply {
    let params = request.params();
    let action = params.filled("action");
    let (Some("rep"), Some("generate"), Some(action)) =
        (params.get("type"), params.get("operation"), action)
    else {
        return Reply::html(StatusCode::BAD_REQUEST, "Invalid client script request");
    };
    let mut line = form_urlencoded::Serializer::new(String::new());
    line.append_pair("action", action);
    for (name, value) in params.iter() {
        if !matches!(name, "type" | "operation" | "action") {
            line.append_pair(name, value);
        }
    }
    // Scripts are percent-encoded throughout; a plus sign would be a plus sign.
    let line = line.finish().replace('+', "%20");
    let body = format!("BRCS1.0\naction=login\n{line}\n");
    let site: String = inner
        .company
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_lowercase();
    Reply::new(StatusCode::OK, "application/octet-stream", body).header(
        "content-disposition",
        format!("attachment; filename=\"{action}.brcs-{site}\""),
    )
}

/// A key that still works, by its number or by the code in its address.
pub(crate) fn valid_key(state: &State, code: &str) -> Option<SessionKey> {
    state
        .keys
        .iter()
        .find(|key| (key.short_key == code || key.ak == code) && key.expires > time::now())
        .cloned()
}

/// A session as it starts from a key, with nobody in it yet but the customer.
pub(crate) fn spec_from_key(key: &SessionKey) -> SessionSpec {
    let mut spec = SessionSpec::new()
        .without_representative()
        .external_key(key.external_key.clone());
    for (code, value) in &key.custom {
        spec = spec.custom_attribute(code, code, value);
    }
    spec
}

/// `/api/start_session?short_key=` and `/?ak=`: the customer uses a key.
pub(crate) fn start(inner: &Inner, request: &Incoming) -> Reply {
    let params = request.params();
    let code = params
        .filled("short_key")
        .or(params.filled("ak"))
        .unwrap_or_default();
    let mut state = inner.state();
    let Some(key) = valid_key(&state, code) else {
        return Reply::html(StatusCode::OK, "The session key is not valid");
    };
    let mut spec = spec_from_key(&key);
    if let Some(name) = params
        .filled("customer.name")
        .or(params.filled("customer_name"))
    {
        spec = spec.customer(crate::people::Customer::new(name));
    }
    let lsid = begin(inner, &mut state, spec);
    Reply::html(StatusCode::OK, "Support session started").header("x-sim-lsid", lsid)
}

/// Puts a session into the state and tells the recipients.
pub(crate) fn begin(inner: &Inner, state: &mut State, spec: SessionSpec) -> String {
    state.next_lseq += 1;
    let mut session = Session::start(spec, state.next_lseq, &inner.appliance_id);
    session.visibility.delay = state.report_delay;
    for member in &session.reps {
        if !state
            .reps
            .iter()
            .any(|rep| rep.username == member.rep.username)
        {
            state.reps.push(member.rep.clone());
        }
    }
    let lsid = session.lsid.clone();
    state.sessions.push(session);
    state.publish(&lsid);
    lsid
}

/// `/session_download`: the chat as plain text.
pub(crate) fn download(inner: &Inner, request: &Incoming) -> Reply {
    let params = request.params();
    let signed = params.get("lsid").unwrap_or_default();
    let state = inner.state();
    let found = state.sessions.iter().find(|session| {
        session.end.is_some()
            && signed == format!("l={};h={};t=sd;m=chat", session.lsid, session.download_hash)
    });
    let Some(session) = found else {
        return Reply::html(StatusCode::FORBIDDEN, "Access denied");
    };
    let lines = session
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
        });
    Reply::text(StatusCode::OK, lines.collect::<String>())
}
