//! Whether a caller may do what it asks for.

use crate::accounts::Caller;
use crate::backup;
use crate::commands;
use crate::reply::Reply;
use crate::report;
use crate::state::{Access, Denial, State};
use http::StatusCode;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface<'a> {
    /// An action of the Command API.
    Command(&'a str),
    /// A report of the Reporting API.
    Reporting(&'a str),
    /// The Backup API.
    Backup,
}

/// The answer of an appliance whose "Enable XML API" is off; `Ok` if it is on.
pub(crate) fn enabled(state: &State, interface: Interface<'_>) -> Result<(), Reply> {
    // The switch is about the XML interfaces, which the backup is none of.
    if state.api_enabled || interface == Interface::Backup {
        return Ok(());
    }
    Err(error(state, interface, "The XML API is not enabled."))
}

/// `Err` is the answer to send.
pub(crate) fn check(state: &State, caller: &Caller, interface: Interface<'_>) -> Result<(), Reply> {
    let permitted = match caller {
        Caller::Account(id) => account_may(state, id, interface),
        Caller::User(username) => user_may(state, username, interface),
    };
    if permitted {
        return Ok(());
    }
    let text = "You do not have permission to perform this action.";
    Err(match state.denial {
        Denial::Forbidden403 => Reply::json(
            StatusCode::FORBIDDEN,
            &serde_json::json!({ "message": text }),
        ),
        Denial::XmlError => error(state, interface, text),
    })
}

fn error(state: &State, interface: Interface<'_>, text: &str) -> Reply {
    match interface {
        Interface::Command(action) => commands::error(state, action, text),
        Interface::Reporting(report) => report::error(state, report, text),
        Interface::Backup => backup::error(text),
    }
}

fn account_may(state: &State, id: &str, interface: Interface<'_>) -> bool {
    let Some(account) = state.account(id) else {
        return false;
    };
    match interface {
        Interface::Command(action) => match account.allowed("perm_command") {
            "full_access" => true,
            "read_only" => commands::required_access(state, action) == Access::ReadOnly,
            // Any account may ask what it may do.
            _ => action == "get_api_info",
        },
        Interface::Backup => account.allowed("perm_backup") == "1",
        Interface::Reporting(report) => {
            let permissions = report::permissions(report);
            let known = permissions
                .iter()
                .find(|name| account.permissions.contains_key(**name));
            known.is_some_and(|name| account.allowed(name) == "1")
        }
    }
}

fn user_may(state: &State, username: &str, interface: Interface<'_>) -> bool {
    let Some(user) = state.users.iter().find(|user| user.username == username) else {
        return false;
    };
    match interface {
        Interface::Command("get_api_info") => true,
        Interface::Command(action) => {
            user.command_api
                && (user.give_support || action != "generate_session_key")
                && (user.administrator || !commands::needs_administrator(action))
        }
        Interface::Reporting(_) => user.view_reports,
        Interface::Backup => user.administrator,
    }
}
