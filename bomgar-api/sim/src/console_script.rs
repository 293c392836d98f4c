//! Scripts that a representative's console runs: `/api/client_script`.

use http::StatusCode;

use crate::client_script::site;
use crate::commands::attributes;
use crate::reply::Reply;
use crate::request::{Incoming, Params};
use crate::state::Inner;

const MOST_CHARS: usize = 255;

const JUMP_METHODS: [&str; 6] = ["push", "local_push", "pinned", "rdp", "vnc", "shelljump"];

/// Names by which a Jump Item can be searched.
const SEARCHED: [&str; 6] = [
    "search_string",
    "client.comments",
    "client.hostname",
    "client.private_ip",
    "client.public_ip",
    "client.tag",
];

/// What one action needs; its other parameters go into the script as they are.
fn check(action: &str, params: &Params) -> Result<(), String> {
    let required = |names: &[&str]| {
        let missing = names.iter().find(|name| params.filled(name).is_none());
        missing.map_or(Ok(()), |name| Err(format!("{action} needs {name}")))
    };
    let search = || {
        // Newer versions have more ways to search than the names above.
        let any = SEARCHED
            .iter()
            .chain(&["name", "group", "tags"])
            .any(|name| params.filled(name).is_some());
        let text = format!("{action} needs search_string or a client.* parameter");
        if any { Ok(()) } else { Err(text) }
    };
    match action {
        "login" => {
            if params.get("mechanism").is_none() {
                // Username and password come with a mechanism or not at all.
                let part = ["username", "password"].iter().any(|name| params.has(name));
                let text = "login needs mechanism, username and password together";
                return if part { Err(text.to_owned()) } else { Ok(()) };
            }
            required(&["username", "password"])?;
            match params.get("mechanism") {
                Some("username_password") => Ok(()),
                _ => Err("login knows no such mechanism".to_owned()),
            }
        }
        // How these three are aimed is not known for sure.
        "generate_session_key" | "push_and_start_local" | "start_shell_jump_session" => Ok(()),
        "start_jump_item_session" => {
            let method = params.filled("jump.method");
            if method.is_some_and(|method| !JUMP_METHODS.contains(&method)) {
                return Err(format!("{action} knows no such jump.method"));
            }
            search()
        }
        "start_pinned_client_session" => search(),
        "push_and_start_remote" | "start_rdp_session" | "start_vnc_session" => {
            required(&["target"])
        }
        "start_vpro_session" => required(&["target", "jumpoint"]),
        _ => Err(format!("there is no action {action}")),
    }
}

fn check_sizes(params: &Params) -> Result<(), String> {
    let limited = SEARCHED
        .iter()
        .chain(&["credential_id", "public_portal_hostname"]);
    for name in limited {
        let length = params.get(name).map_or(0, |value| value.chars().count());
        if length > MOST_CHARS {
            return Err(format!("{name} is longer than {MOST_CHARS} characters"));
        }
    }
    attributes::check_size(&attributes::custom(params))
}

/// `GET /api/client_script`
pub(crate) fn answer(inner: &Inner, request: &Incoming) -> Reply {
    if !inner.state().api_enabled {
        return Reply::html(StatusCode::FORBIDDEN, "The XML API is not enabled");
    }
    let params = request.params();
    let action = params.filled("action");
    let (Some("rep"), Some("generate"), Some(action)) =
        (params.get("type"), params.get("operation"), action)
    else {
        return Reply::html(StatusCode::BAD_REQUEST, "Invalid client script request");
    };
    if let Err(reason) = check(action, &params).and_then(|()| check_sizes(&params)) {
        let title = format!("Invalid client script request: {reason}");
        return Reply::html(StatusCode::BAD_REQUEST, &title);
    }
    let mut line = form_urlencoded::Serializer::new(String::new());
    line.append_pair("action", action);
    for (name, value) in params.iter() {
        if !matches!(name, "type" | "operation" | "action") {
            line.append_pair(name, value);
        }
    }
    // Scripts are percent-encoded throughout; a plus sign would be a plus sign.
    let line = line.finish().replace('+', "%20");
    // Every script begins with a login, unless it is one.
    let login = if action == "login" {
        ""
    } else {
        "action=login\n"
    };
    Reply::file(
        "application/octet-stream",
        &format!("{action}.brcs-{}", site(inner)),
        format!("BRCS1.0\n{login}{line}\n"),
    )
}
