//! `get_appliances`

use crate::cluster::{ApplianceSpec, FailoverRole};
use crate::commands::{Answer, Request, bit, document};
use crate::state::State;

pub(super) fn get_appliances(_: &Request<'_>, state: &mut State) -> Answer {
    let cluster = &state.cluster;
    let pair = cluster.failover.as_ref();
    let mut all: Vec<(&ApplianceSpec, Option<FailoverRole>)> =
        vec![(&cluster.own, pair.map(|pair| pair.role))];
    all.extend(pair.map(|pair| (&pair.peer, Some(pair.peer_role()))));
    all.extend(cluster.others.iter().map(|other| (other, None)));
    Ok(document(state, "appliances", |xml| {
        for (appliance, role) in all {
            xml.open("appliance", &[("id", &appliance.id)]);
            xml.leaf("name", &[], &appliance.name);
            xml.leaf("public_hostname", &[], &appliance.public_hostname);
            xml.leaf("cluster_role", &[], appliance.cluster_role.wire());
            let role = role.map_or("none", FailoverRole::wire);
            xml.leaf("failover_role", &[], role);
            // A backup waits and takes nobody.
            let accepting = appliance.accepting_connections && role != "backup";
            xml.leaf("accepting_connections", &[], bit(accepting));
            let offset = appliance.timezone_offset.to_string();
            xml.leaf("timezone_offset", &[], &offset);
            xml.close("appliance");
        }
    }))
}
