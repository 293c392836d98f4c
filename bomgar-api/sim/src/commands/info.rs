//! `get_api_info`, `check_health`: the appliance about itself.

use crate::accounts::{Caller, LegacyUser};
use crate::commands::{Answer, Request, bit, document};
use crate::state::State;
use crate::time;

pub(super) fn get_api_info(request: &Request<'_>, state: &mut State) -> Answer {
    let permissions = match request.caller {
        Caller::Account(id) => state.account(id).map(|a| a.permissions.clone()),
        Caller::User(username) => {
            let user = state.users.iter().find(|user| user.username == *username);
            user.map(LegacyUser::permissions)
        }
    };
    Ok(document(state, "api_information", |xml| {
        xml.leaf("api_version", &[], &request.inner.api_version);
        if !request.inner.company.is_empty() {
            xml.leaf("company_name", &[], &request.inner.company);
        }
        xml.leaf("timestamp", &[], &time::now().to_string());
        xml.open("permissions", &[]);
        for (name, value) in permissions.iter().flatten() {
            xml.leaf("permission", &[("name", name)], value);
        }
        xml.close("permissions");
    }))
}

pub(super) fn check_health(request: &Request<'_>, state: &mut State) -> Answer {
    let problem = state.problem();
    let id = &request.inner.appliance_id;
    Ok(document(state, "health_check", |xml| {
        xml.leaf("appliance", &[("id", id)], &state.cluster.own.name);
        xml.leaf("version", &[], &format!("23.2.1 (38201-{id})"));
        xml.leaf("success", &[], bit(problem.is_none()));
        if let Some(problem) = &problem {
            xml.leaf("error_message", &[], problem);
        }
        let failover = state.cluster.failover.as_ref();
        let role = failover.map_or("none", |pair| pair.role.wire());
        xml.leaf("failover_role", &[], role);
        if let Some(pair) = failover {
            xml.open("enabled_shared_ips", &[]);
            for address in &pair.shared_ips {
                xml.leaf("ip", &[], address);
            }
            xml.close("enabled_shared_ips");
            if let Some((milliseconds, status)) = &pair.last_sync {
                xml.leaf(
                    "last_data_sync_time",
                    &[("ts", &milliseconds.div_euclid(1_000).to_string())],
                    &time::iso_millis(*milliseconds),
                );
                let status = match pair.pending {
                    Some(_) => "In progress",
                    None => status,
                };
                xml.leaf("last_data_sync_status", &[], status);
            }
        }
        xml.blank_line();
    }))
}
