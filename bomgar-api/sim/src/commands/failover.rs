//! `set_failover_role`

use crate::cluster::FailoverRole;
use crate::commands::{Answer, Request, flag, required, success};
use crate::state::State;

pub(super) fn set_role(request: &Request<'_>, state: &mut State) -> Answer {
    let params = request.params;
    let role = FailoverRole::from_wire(required(params, "role")?)
        .ok_or("The role parameter must be primary or backup.")?;
    let data_sync_first = flag(params, "data_sync_first")?;
    let force = flag(params, "force")?;
    let pair = state
        .cluster
        .failover
        .as_mut()
        .ok_or("Failover is not configured.")?;
    let (text, cut_off) = pair.change_role(role, data_sync_first, force)?;
    if cut_off {
        state.cut_everybody_off();
    }
    Ok(success(state, text))
}
