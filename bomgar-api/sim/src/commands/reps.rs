//! `get_logged_in_reps`, `set_rep_status`, `logout_rep`

use crate::commands::sessions::{id_parameter, logged_in_rep};
use crate::commands::{Answer, Request, bit, document, required, success};
use crate::state::State;
use crate::time;

pub(super) fn get_logged_in_reps(request: &Request<'_>, state: &mut State) -> Answer {
    let base = &request.inner.base_url;
    Ok(document(state, "logged_in_reps", |xml| {
        for known in state.logged_in() {
            let rep = &known.rep;
            let sessions = state
                .sessions
                .iter()
                .filter(|session| session.active)
                .filter(|session| {
                    session
                        .reps
                        .iter()
                        .any(|member| member.rep.id == rep.id && member.present())
                })
                .count();
            let link = format!(
                "<a href=\"{base}/api/start_session?id={}&name={}\">{}</a>",
                rep.id, rep.username, rep.public_name
            );
            xml.open("rep", &[("id", &rep.id.to_string())]);
            xml.leaf("display_name", &[], &rep.public_name);
            xml.leaf("public_display_name", &[], &rep.public_name);
            xml.leaf("private_display_name", &[], &rep.private_name);
            let kind = match (rep.invited, rep.embassy) {
                (true, _) => "Invited",
                (false, true) => "Embassy",
                (false, false) => "Normal",
            };
            xml.leaf("type", &[], kind);
            xml.leaf("direct_link", &[], &link);
            xml.leaf(
                "logged_in_since",
                &[("ts", &known.since.to_string())],
                &time::iso(known.since),
            );
            xml.leaf("presentation_count", &[], "0");
            xml.leaf("support_session_count", &[], &sessions.to_string());
            xml.leaf("showing_on_rep_list", &[], bit(rep.listed));
            xml.close("rep");
        }
    }))
}

pub(super) fn set_status(request: &Request<'_>, state: &mut State) -> Answer {
    let id = required(request.params, "rep_id")?;
    let code = required(request.params, "code_name")?;
    if !state.staff.statuses.iter().any(|known| known == code) {
        return Err("Invalid code_name.".to_owned());
    }
    let known = state
        .staff
        .present
        .iter_mut()
        .find(|known| known.rep.id.to_string() == id)
        .ok_or("The representative is not logged in.")?;
    code.clone_into(&mut known.status);
    Ok(success(state, "Representative status was set"))
}

pub(super) fn log_out(request: &Request<'_>, state: &mut State) -> Answer {
    let rep = logged_in_rep(state, request.params, id_parameter(request.params))?;
    state.log_out(rep.id);
    Ok(success(state, "Representative successfully logged out"))
}
