//! The Command API.

mod appliances;
pub(crate) mod attributes;
mod chat;
mod clients;
mod failover;
mod info;
mod jump;
mod reps;
mod session_key;
mod sessions;
mod teams;
mod virtual_customer;

use crate::accounts::Caller;
use crate::reply::Reply;
use crate::request::Params;
use crate::state::{Access, ErrorForm, Inner, State};
use crate::xml::{self, Xml};

/// One call after it was let in.
pub(crate) struct Request<'a> {
    pub(crate) inner: &'a Inner,
    pub(crate) caller: &'a Caller,
    pub(crate) params: &'a Params,
}

/// A good answer, or the appliance's error text.
type Answer = Result<Reply, String>;

struct Action {
    name: &'static str,
    access: Access,
    /// Users of older versions must be administrators.
    administrator: bool,
    /// API version (major, minor) that brought it.
    since: (u32, u32),
    /// Root of a good answer.
    root: &'static str,
    answer: fn(&Request<'_>, &mut State) -> Answer,
}

impl Action {
    const fn read(
        name: &'static str,
        root: &'static str,
        answer: fn(&Request<'_>, &mut State) -> Answer,
    ) -> Self {
        Self {
            name,
            access: Access::ReadOnly,
            administrator: false,
            since: (1, 0),
            root,
            answer,
        }
    }

    const fn write(name: &'static str, answer: fn(&Request<'_>, &mut State) -> Answer) -> Self {
        Self {
            access: Access::Full,
            ..Self::read(name, "success", answer)
        }
    }

    const fn administrator(self) -> Self {
        Self {
            administrator: true,
            ..self
        }
    }

    const fn since(self, major: u32, minor: u32) -> Self {
        Self {
            since: (major, minor),
            ..self
        }
    }
}

/// The vendor's pages ask only read-only access for three actions that change something.
const ACTIONS: [Action; 21] = [
    Action::read("get_api_info", "api_information", info::get_api_info),
    Action::read(
        "get_logged_in_reps",
        "logged_in_reps",
        reps::get_logged_in_reps,
    ),
    Action::read(
        "get_support_teams",
        "support_teams",
        teams::get_support_teams,
    ),
    Action {
        access: Access::Full,
        ..Action::read("generate_session_key", "session_key", session_key::generate)
    },
    Action::write("join_session", sessions::join).administrator(),
    Action::write("transfer_session", sessions::transfer).administrator(),
    Action::write("leave_session", sessions::leave).since(1, 21),
    Action::write("terminate_session", sessions::terminate).administrator(),
    Action::write("set_session_attributes", attributes::set).administrator(),
    Action::read(
        "get_session_attributes",
        "custom_attributes",
        attributes::get,
    )
    .administrator(),
    Action::read("send_chat_message", "success", chat::send).since(1, 21),
    Action::read(
        "create_virtual_customer",
        "virtual_customer",
        virtual_customer::create,
    )
    .since(1, 21),
    Action::read("get_appliances", "appliances", appliances::get_appliances),
    Action::read(
        "get_connected_client_list",
        "connected_client_list",
        clients::list,
    ),
    Action::read("get_connected_clients", "connected_clients", clients::get),
    Action::read("check_health", "health_check", info::check_health).administrator(),
    Action::write("set_failover_role", failover::set_role).administrator(),
    Action::write("import_jump_shortcut", jump::import),
    // One page of the vendor's spells it so.
    Action::write("import_jump_shortcuts", jump::import),
    Action::read("set_rep_status", "success", reps::set_status).since(1, 22),
    Action::write("logout_rep", reps::log_out).since(1, 22),
];

fn find(name: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// The access that an action needs; unknown actions are told to be unknown to anybody.
pub(crate) fn required_access(state: &State, name: &str) -> Access {
    state
        .required_access
        .get(name)
        .copied()
        .or(find(name).map(|action| action.access))
        .unwrap_or(Access::ReadOnly)
}

pub(crate) fn needs_administrator(name: &str) -> bool {
    find(name).is_some_and(|action| action.administrator)
}

/// An XML error in the command namespace, in the form the appliance was told to use.
pub(crate) fn error(state: &State, action: &str, text: &str) -> Reply {
    let namespace = state.namespace.uri("command");
    let root = find(action).map_or("success", |action| action.root);
    if state.error_form == ErrorForm::Inner && root != "success" {
        return document(state, root, |xml| xml.leaf("error", &[], text));
    }
    let spaced = state.error_form == ErrorForm::SpacedRoot;
    Reply::xml(xml::message("error", namespace.as_deref(), spaced, text))
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

pub(crate) fn answer(
    inner: &Inner,
    state: &mut State,
    caller: &Caller,
    name: &str,
    params: &Params,
) -> Reply {
    if name.is_empty() {
        return error(state, name, "The action parameter is required.");
    }
    let known = find(name).filter(|action| version(&inner.api_version) >= action.since);
    let Some(action) = known else {
        return error(state, "", &format!("Invalid action: {name}"));
    };
    let request = Request {
        inner,
        caller,
        params,
    };
    (action.answer)(&request, state).unwrap_or_else(|text| error(state, name, &text))
}

/// The first two numbers of an API version.
fn version(text: &str) -> (u32, u32) {
    let mut numbers = text.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// A parameter that must be there and not empty.
fn required<'a>(params: &'a Params, name: &str) -> Result<&'a str, String> {
    params
        .filled(name)
        .ok_or_else(|| format!("The {name} parameter is required."))
}

/// A boolean parameter: `1` or `0`; off if it is missing or empty.
fn flag(params: &Params, name: &str) -> Result<bool, String> {
    match params.filled(name) {
        None | Some("0") => Ok(false),
        Some("1") => Ok(true),
        Some(_) => Err(format!("The {name} parameter must be 0 or 1.")),
    }
}

fn at_most(params: &Params, name: &str, characters: usize) -> Result<(), String> {
    let length = params.get(name).map_or(0, |value| value.chars().count());
    if length > characters {
        return Err(format!(
            "{name} must not be longer than {characters} characters."
        ));
    }
    Ok(())
}

fn bit(on: bool) -> &'static str {
    if on { "1" } else { "0" }
}
