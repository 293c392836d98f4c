//! The Command API.

use crate::people::{Party, Representative};
use crate::reply::Reply;
use crate::request::Params;
use crate::session::Session;
use crate::state::{Inner, State};
use crate::time;
use crate::xml::{self, Xml};

const DEFAULT_TTL: i64 = 86_400;
const MAX_TTL: i64 = 30 * 86_400;
const MAX_ATTRIBUTE_CHARS: usize = 1_024;
const MAX_ATTRIBUTES_BYTES: usize = 10 * 1_024;

/// Actions that need full access; all others are content with read-only.
pub(crate) fn needs_full_access(action: &str) -> bool {
    matches!(
        action,
        "generate_session_key"
            | "join_session"
            | "leave_session"
            | "set_session_attributes"
            | "terminate_session"
    )
}

/// An XML error in the command namespace.
pub(crate) fn error(state: &State, text: &str) -> Reply {
    let namespace = state.namespace.uri("command");
    Reply::xml(xml::message("error", namespace.as_deref(), false, text))
}

fn success(state: &State, text: &str) -> Reply {
    let namespace = state.namespace.uri("command");
    Reply::xml(xml::message("success", namespace.as_deref(), false, text))
}

fn document(state: &State, root: &str, write: impl FnOnce(&mut Xml)) -> Reply {
    let mut xml = Xml::new();
    let namespace = state.namespace.uri("command");
    let attributes: Vec<(&str, &str)> = namespace
        .as_deref()
        .map(|uri| ("xmlns", uri))
        .into_iter()
        .collect();
    xml.open(root, &attributes);
    write(&mut xml);
    xml.close(root);
    Reply::xml(xml.finish())
}

pub(crate) fn answer(inner: &Inner, state: &mut State, action: &str, params: &Params) -> Reply {
    let result = match action {
        "get_api_info" => Ok(api_info(inner, state)),
        "check_health" => Ok(health(inner, state)),
        "generate_session_key" => generate_session_key(inner, state, params),
        "set_session_attributes" => set_session_attributes(state, params),
        "get_session_attributes" => get_session_attributes(state, params),
        "terminate_session" => terminate_session(state, params),
        "join_session" => join_session(state, params),
        "leave_session" => leave_session(state, params),
        "get_logged_in_reps" => Ok(logged_in_reps(inner, state)),
        "get_support_teams" => Ok(support_teams(state)),
        "" => Err("The action parameter is required.".to_owned()),
        _ => Err(format!("Invalid action: {action}")),
    };
    result.unwrap_or_else(|text| error(state, &text))
}

fn api_info(inner: &Inner, state: &State) -> Reply {
    document(state, "api_information", |xml| {
        xml.leaf("api_version", &[], &inner.api_version);
        xml.leaf("company_name", &[], &inner.company);
        xml.leaf("timestamp", &[], &time::now().to_string());
        xml.open("permissions", &[]);
        for (name, value) in &state.permissions {
            xml.leaf("permission", &[("name", name)], value);
        }
        xml.close("permissions");
    })
}

fn health(inner: &Inner, state: &State) -> Reply {
    document(state, "health_check", |xml| {
        xml.leaf(
            "appliance",
            &[("id", &inner.appliance_id)],
            "simulated appliance",
        );
        xml.leaf(
            "version",
            &[],
            &format!("23.2.1 (38201-{})", inner.appliance_id),
        );
        xml.leaf("success", &[], if state.healthy { "1" } else { "0" });
        if !state.healthy {
            xml.leaf(
                "error_message",
                &[],
                "The simulated appliance was set to be unhealthy.",
            );
        }
        xml.blank_line();
    })
}

/// The size rules for custom attributes, external key included.
fn check_attributes(attributes: &[(String, String)]) -> Result<(), String> {
    if let Some((name, _)) = attributes
        .iter()
        .find(|(_, value)| value.chars().count() > MAX_ATTRIBUTE_CHARS)
    {
        return Err(format!(
            "{name} must not be longer than {MAX_ATTRIBUTE_CHARS} characters."
        ));
    }
    let total: usize = attributes.iter().map(|(_, value)| value.len()).sum();
    if total > MAX_ATTRIBUTES_BYTES {
        return Err("The custom attributes must not be larger than 10 KB in total.".to_owned());
    }
    Ok(())
}

fn custom(params: &Params) -> Vec<(String, String)> {
    params
        .custom()
        .map(|(code, value)| (code.to_owned(), value.to_owned()))
        .collect()
}

fn generate_session_key(
    inner: &Inner,
    state: &mut State,
    params: &Params,
) -> Result<Reply, String> {
    if params.get("type") != Some("support") {
        return Err("The type parameter must be support.".to_owned());
    }
    let queue = params
        .filled("queue_id")
        .ok_or("The queue_id parameter is required.")?;
    state.check_queue(queue)?;
    let ttl = match params.filled("ttl") {
        None => DEFAULT_TTL,
        Some(text) => text
            .parse()
            .ok()
            .filter(|ttl| (1..=MAX_TTL).contains(ttl))
            .ok_or("The ttl parameter is invalid.")?,
    };
    let mut attributes = custom(params);
    if let Some(old_spelling) = params.filled("external_key") {
        attributes.push(("external_key".to_owned(), old_spelling.to_owned()));
    }
    check_attributes(&attributes)?;
    let external_key = attributes
        .iter()
        .find(|(code, _)| code == "external_key")
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
    attributes.retain(|(code, _)| code != "external_key");
    let key = state.make_key(&inner.base_url, queue, ttl, &external_key, attributes);
    let (kind, id) = queue.split_once(':').unwrap_or((queue, ""));
    let (kind, id) = match kind {
        "rep_username" => {
            let rep = state.reps.iter().find(|rep| rep.username == id);
            ("rep", rep.map(|rep| rep.id.to_string()).unwrap_or_default())
        }
        kind => (kind, id.to_owned()),
    };
    let available = if state.reps.is_empty() { "0" } else { "1" };
    Ok(document(state, "session_key", |xml| {
        xml.leaf("type", &[], "support");
        xml.leaf("expires", &[], &key.expires.to_string());
        xml.leaf("queue", &[("available", available)], kind);
        if !id.is_empty() {
            xml.leaf("queue_id", &[], &id);
        }
        if !key.external_key.is_empty() {
            xml.leaf("external_key", &[], &key.external_key);
        }
        xml.leaf("short_key", &[], &key.short_key);
        xml.leaf("key_url", &[], &key.key_url);
        xml.leaf("mail_subject", &[], "Support Session Invitation");
        let mail = format!(
            "\nPlease open this address to start your support session:\n\n{}\n\n\
             Or enter the key {} on our site.\n\t",
            key.key_url, key.short_key
        );
        xml.leaf("mail_body", &[], &mail);
    }))
}

fn active<'a>(state: &'a mut State, params: &Params) -> Result<&'a mut Session, String> {
    let lsid = params
        .filled("lsid")
        .ok_or("The lsid parameter is required.")?;
    state
        .session_mut(lsid)
        .filter(|session| session.active)
        .ok_or_else(|| "Invalid lsid.".to_owned())
}

fn set_session_attributes(state: &mut State, params: &Params) -> Result<Reply, String> {
    let changes = custom(params);
    let session = active(state, params)?;
    let mut all: Vec<(String, String)> = session
        .custom
        .iter()
        .map(|a| (a.code_name.clone(), a.value.clone()))
        .collect();
    all.push(("external_key".to_owned(), session.external_key.clone()));
    all.retain(|(code, _)| !changes.iter().any(|(changed, _)| changed == code));
    all.extend(changes.iter().cloned());
    check_attributes(&all)?;
    for (code, value) in &changes {
        session.set_custom(code, value);
    }
    Ok(success(state, "Session attributes were set"))
}

fn get_session_attributes(state: &mut State, params: &Params) -> Result<Reply, String> {
    let session = active(state, params)?.clone();
    Ok(document(state, "custom_attributes", |xml| {
        if !session.external_key.is_empty() {
            let names = [
                ("display_name", "External Key"),
                ("code_name", "external_key"),
            ];
            xml.leaf("custom_attribute", &names, &session.external_key);
        }
        for attribute in &session.custom {
            let names = [
                ("display_name", attribute.display_name.as_str()),
                ("code_name", attribute.code_name.as_str()),
            ];
            xml.leaf("custom_attribute", &names, &attribute.value);
        }
    }))
}

fn terminate_session(state: &mut State, params: &Params) -> Result<Reply, String> {
    let session = active(state, params)?;
    session
        .finish(None, true)
        .map_err(|error| error.to_string())?;
    let lsid = session.lsid.clone();
    state.publish(&lsid);
    Ok(success(state, "Successfully terminated"))
}

fn named_rep(state: &State, params: &Params) -> Result<Representative, String> {
    let rep = match (params.filled("rep_id"), params.filled("rep_username")) {
        (Some(id), None) => state.reps.iter().find(|rep| rep.id.to_string() == id),
        (None, Some(name)) => state.reps.iter().find(|rep| rep.username == name),
        _ => return Err("Exactly one of rep_id and rep_username must be given.".to_owned()),
    };
    rep.cloned()
        .ok_or_else(|| "The representative is not logged in.".to_owned())
}

fn join_session(state: &mut State, params: &Params) -> Result<Reply, String> {
    let rep = named_rep(state, params)?;
    let session = active(state, params)?;
    session.rep_joined(rep);
    let lsid = session.lsid.clone();
    state.publish(&lsid);
    Ok(success(state, "Representative successfully added"))
}

fn leave_session(state: &mut State, params: &Params) -> Result<Reply, String> {
    let rep = named_rep(state, params)?;
    let session = active(state, params)?;
    session
        .departed(&Party::rep(rep.username()))
        .map_err(|error| error.to_string())?;
    let lsid = session.lsid.clone();
    state.publish(&lsid);
    Ok(success(state, "Representative successfully removed"))
}

fn logged_in_reps(inner: &Inner, state: &State) -> Reply {
    document(state, "logged_in_reps", |xml| {
        for rep in &state.reps {
            let since = time::now() - 3_600;
            let sessions = state
                .sessions
                .iter()
                .filter(|session| session.active)
                .filter(|session| session.reps.iter().any(|member| member.rep.id == rep.id))
                .count();
            let link = format!(
                "<a href=\"{}/api/start_session?id={}&name={}\">{}</a>",
                inner.base_url, rep.id, rep.username, rep.public_name
            );
            xml.open("rep", &[("id", &rep.id.to_string())]);
            xml.leaf("display_name", &[], &rep.public_name);
            xml.leaf("public_display_name", &[], &rep.public_name);
            xml.leaf("private_display_name", &[], &rep.private_name);
            xml.leaf("type", &[], "Normal");
            xml.leaf("direct_link", &[], &link);
            xml.leaf(
                "logged_in_since",
                &[("ts", &since.to_string())],
                &time::iso(since),
            );
            xml.leaf("presentation_count", &[], "0");
            xml.leaf("support_session_count", &[], &sessions.to_string());
            xml.leaf("showing_on_rep_list", &[], "1");
            xml.close("rep");
        }
    })
}

fn support_teams(state: &State) -> Reply {
    document(state, "support_teams", |xml| {
        for team in &state.teams {
            xml.open("support_team", &[("id", &team.id.to_string())]);
            xml.leaf("name", &[], &team.name);
            xml.open("issues", &[]);
            for (index, (_, title)) in team.issues.iter().enumerate() {
                xml.leaf("issue", &[("id", &(index + 1).to_string())], title);
            }
            xml.close("issues");
            xml.close("support_team");
        }
    })
}
