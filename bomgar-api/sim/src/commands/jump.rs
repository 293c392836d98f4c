//! `import_jump_shortcut`

use crate::commands::{Answer, Request, at_most, required, success};
use crate::jump::JumpShortcut;
use crate::request::Params;
use crate::state::State;

/// The kind follows from which hostname parameter is there.
fn kind(params: &Params) -> Result<(String, String), String> {
    let mut found = params.iter().filter_map(|(name, value)| {
        if value.is_empty() {
            return None;
        }
        let kind = name.strip_suffix("_hostname")?;
        let kind = kind.strip_suffix("_jump").unwrap_or(kind);
        Some((kind.to_owned(), name.to_owned()))
    });
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (None, _) => Err("A hostname parameter is required.".to_owned()),
        (Some(_), Some(_)) => Err("Only one hostname parameter may be given.".to_owned()),
    }
}

fn check_code(known: Option<&Vec<String>>, name: &str, code: &str) -> Result<(), String> {
    if known.is_some_and(|known| !known.iter().any(|known| known == code)) {
        return Err(format!("The {name} {code} does not exist."));
    }
    Ok(())
}

pub(super) fn import(request: &Request<'_>, state: &mut State) -> Answer {
    let params = request.params;
    let name = required(params, "name")?;
    at_most(params, "name", 128)?;
    let group = required(params, "group")?;
    at_most(params, "tag", 1_024)?;
    at_most(params, "comments", 1_024)?;
    let (kind, hostname_parameter) = kind(params)?;
    at_most(params, &hostname_parameter, 128)?;
    check_code(state.jump.groups.as_ref(), "group", group)?;
    if kind == "remote" {
        required(params, "jumpoint")?;
    }
    if let Some(jumpoint) = params.filled("jumpoint") {
        check_code(state.jump.jumpoints.as_ref(), "jumpoint", jumpoint)?;
    }
    let known = ["action", "username", "password", "name", "group"];
    let other = params
        .iter()
        .filter(|(name, _)| !known.contains(name) && *name != hostname_parameter)
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    state.jump.shortcuts.push(JumpShortcut {
        kind,
        name: name.to_owned(),
        hostname: required(params, &hostname_parameter)?.to_owned(),
        group: group.to_owned(),
        other,
    });
    Ok(success(state, "Jump shortcut was imported"))
}
