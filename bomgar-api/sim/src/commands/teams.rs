//! `get_support_teams`

use crate::commands::{Answer, Request, document};
use crate::state::State;

pub(super) fn get_support_teams(request: &Request<'_>, state: &mut State) -> Answer {
    // The bare parameter without a value was seen to mean yes.
    let members = match request.params.get("showmembers") {
        None | Some("0") => false,
        Some("" | "1") => true,
        Some(_) => return Err("The showmembers parameter must be 0 or 1.".to_owned()),
    };
    Ok(document(state, "support_teams", |xml| {
        for team in state.teams.iter().filter(|team| !team.embassy) {
            xml.open("support_team", &[("id", &team.id.to_string())]);
            xml.leaf("name", &[], &team.name);
            xml.open("issues", &[]);
            for (index, (_, title)) in team.issues.iter().enumerate() {
                xml.leaf("issue", &[("id", &(index + 1).to_string())], title);
            }
            xml.close("issues");
            if members {
                xml.open("members", &[]);
                for id in &team.members {
                    // Logged in or not; a number without an account is nobody.
                    let Some(rep) = state.staff.known.iter().find(|rep| rep.id == *id) else {
                        continue;
                    };
                    xml.open("representative", &[("id", &id.to_string())]);
                    xml.leaf("display_name", &[], &rep.public_name);
                    xml.leaf("public_display_name", &[], &rep.public_name);
                    xml.leaf("private_display_name", &[], &rep.private_name);
                    xml.close("representative");
                }
                xml.close("members");
            }
            xml.close("support_team");
        }
    }))
}
