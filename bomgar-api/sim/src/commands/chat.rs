//! `send_chat_message`: into a session's chat or a team's.

use crate::commands::sessions::active;
use crate::commands::{Answer, Request, required, success};
use crate::people::{Party, Representative};
use crate::state::{State, TeamMessage};
use crate::time;

const SENT: &str = "Message successfully sent";

pub(super) fn send(request: &Request<'_>, state: &mut State) -> Answer {
    let params = request.params;
    let body = required(params, "body")?;
    let private = params.filled("to_rep").or(params.filled("to_rep_username"));
    match (params.filled("lsid"), params.filled("team_id")) {
        (Some(lsid), None) => {
            if private.is_some() {
                return Err("Private messages are possible in a team's chat only.".to_owned());
            }
            active(state, params)?;
            to_session(state, lsid, params.filled("impersonate"), body)?;
        }
        (None, Some(team)) => to_team(request, state, team, body)?,
        _ => return Err("Exactly one of lsid and team_id must be given.".to_owned()),
    }
    Ok(success(state, SENT))
}

/// The representative that `impersonate` names as `rep:<id>` or `rep_username:<name>`.
fn impersonated<'a>(
    mut reps: impl Iterator<Item = &'a Representative>,
    value: &str,
) -> Result<String, String> {
    let rep = match value.split_once(':') {
        Some(("rep", id)) => reps.find(|rep| rep.id.to_string() == id),
        Some(("rep_username", name)) => reps.find(|rep| rep.username == name),
        _ => return Err("Invalid impersonate parameter.".to_owned()),
    };
    rep.map(|rep| rep.username.clone())
        .ok_or_else(|| "The representative to impersonate was not found.".to_owned())
}

fn to_session(
    state: &mut State,
    lsid: &str,
    impersonate: Option<&str>,
    body: &str,
) -> Result<(), String> {
    let session = state.session_mut(lsid).ok_or("Invalid lsid.")?;
    let from = match impersonate {
        None => Party::System,
        Some("customer") => Party::Customer,
        Some(value) => {
            let members = session.reps.iter().filter(|member| member.present());
            Party::Rep(impersonated(members.map(|member| &member.rep), value)?)
        }
    };
    session
        .chat(&from, &Party::Everyone, body)
        .map_err(|error| error.to_string())?;
    state.publish(lsid);
    Ok(())
}

fn to_team(request: &Request<'_>, state: &mut State, team: &str, body: &str) -> Result<(), String> {
    let params = request.params;
    let team_id = state
        .teams
        .iter()
        .filter(|known| !known.embassy)
        .map(|known| known.id)
        .find(|id| id.to_string() == team)
        .ok_or("Invalid team_id.")?;
    let known = || state.staff.present.iter().map(|known| &known.rep);
    let from = match params.filled("impersonate") {
        None => None,
        Some("customer") => return Err("A customer is in no team's chat.".to_owned()),
        Some(value) => Some(impersonated(known(), value)?),
    };
    let to = match (params.filled("to_rep"), params.filled("to_rep_username")) {
        (None, None) => None,
        (Some(id), None) => Some(state.staff.by_id(id)),
        (None, Some(name)) => Some(state.staff.by_username(name)),
        _ => return Err("Only one of to_rep and to_rep_username may be given.".to_owned()),
    };
    let to = match to {
        None => None,
        Some(_) if from.is_none() => {
            return Err("A private message needs the impersonate parameter.".to_owned());
        }
        Some(None) => return Err("The representative is not logged in.".to_owned()),
        Some(Some(known)) => Some(known.rep.username.clone()),
    };
    state.team_messages.push(TeamMessage {
        team_id,
        timestamp: time::now(),
        from,
        to,
        body: body.to_owned(),
    });
    Ok(())
}
