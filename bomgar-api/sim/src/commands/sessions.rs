//! `join_session`, `leave_session`, `transfer_session`, `terminate_session`

use crate::commands::{Answer, Request, required, success};
use crate::people::{Party, Representative};
use crate::request::Params;
use crate::session::{Ending, Session};
use crate::state::State;

/// The running session that the call is about.
pub(super) fn active<'a>(state: &'a mut State, params: &Params) -> Result<&'a mut Session, String> {
    let lsid = required(params, "lsid")?;
    state
        .session_mut(lsid)
        .filter(|session| session.active)
        .ok_or_else(|| "Invalid lsid.".to_owned())
}

/// The representative who is logged in under the account number in the parameter `id`, or under
/// `rep_username`.
pub(super) fn logged_in_rep(
    state: &State,
    params: &Params,
    id: &str,
) -> Result<Representative, String> {
    let rep = match (params.filled(id), params.filled("rep_username")) {
        (Some(id), None) => state.staff.by_id(id),
        (None, Some(name)) => state.staff.by_username(name),
        _ => {
            return Err(format!(
                "Exactly one of {id} and rep_username must be given."
            ));
        }
    };
    rep.map(|known| known.rep.clone())
        .ok_or_else(|| "The representative is not logged in.".to_owned())
}

/// `rep_id`, or `user_id` where that is given instead: some versions know it by this name.
pub(super) fn id_parameter(params: &Params) -> &'static str {
    if params.filled("rep_id").is_none() && params.filled("user_id").is_some() {
        "user_id"
    } else {
        "rep_id"
    }
}

pub(super) fn join(request: &Request<'_>, state: &mut State) -> Answer {
    let lsid = active(state, request.params)?.lsid.clone();
    let rep = logged_in_rep(state, request.params, "rep_id")?;
    active(state, request.params)?
        .rep_joined(rep)
        .map_err(|_| "The representative is already in the session.".to_owned())?;
    state.publish(&lsid);
    Ok(success(state, "Representative successfully added"))
}

pub(super) fn leave(request: &Request<'_>, state: &mut State) -> Answer {
    let lsid = active(state, request.params)?.lsid.clone();
    let rep = logged_in_rep(state, request.params, id_parameter(request.params))?;
    active(state, request.params)?
        .departed(&Party::rep(rep.username()))
        .map_err(|_| "The representative is not in the session.".to_owned())?;
    state.publish(&lsid);
    Ok(success(state, "Representative successfully removed"))
}

pub(super) fn transfer(request: &Request<'_>, state: &mut State) -> Answer {
    let lsid = active(state, request.params)?.lsid.clone();
    let queue = required(request.params, "queue_id")?;
    state.transfer(&lsid, queue)?;
    Ok(success(state, "Successfully transferred"))
}

pub(super) fn terminate(request: &Request<'_>, state: &mut State) -> Answer {
    let session = active(state, request.params)?;
    session
        .finish(None, Ending::Normal)
        .map_err(|error| error.to_string())?;
    let lsid = session.lsid.clone();
    state.publish(&lsid);
    Ok(success(state, "Successfully terminated"))
}
