//! `get_connected_client_list`, `get_connected_clients`

use crate::clients::{ClientKind, ConnectedClient};
use crate::commands::{Answer, Request, document, flag, required};
use crate::state::State;
use crate::time;
use crate::xml::Xml;

const MAX_IDS: usize = 100;

/// The kinds that a comma list names, and whether it said `all`.
fn kinds(list: &str) -> Result<(Vec<ClientKind>, bool), String> {
    let mut kinds = Vec::new();
    let mut all = false;
    for name in list.split(',').map(str::trim) {
        if name == "all" {
            all = true;
            kinds.extend(ClientKind::ALL);
            continue;
        }
        // `pinned_client` is no kind to ask for; its number shows only with `all`.
        let kind = ClientKind::ALL.into_iter().find(|kind| kind.wire() == name);
        kinds.push(kind.ok_or_else(|| format!("Invalid type: {name}"))?);
    }
    Ok((kinds, all))
}

/// Everybody who is connected: consoles, customers of running sessions, and what was added.
fn connected(state: &State) -> Vec<ConnectedClient> {
    let reps = state.logged_in().map(|known| ConnectedClient {
        kind: ClientKind::Representative,
        id: known.client_id.clone(),
        hostname: known.rep.hostname.clone(),
        os: known.rep.os.clone(),
        timezone_offset: 0,
        since: known.since,
    });
    let customers = state
        .sessions
        .iter()
        .filter(|session| session.active)
        .flat_map(|session| &session.customers)
        .filter(|member| member.present())
        .map(|member| ConnectedClient {
            kind: ClientKind::SupportCustomer,
            id: member.client_id.clone(),
            hostname: member.customer.hostname.clone(),
            os: member.customer.os.clone(),
            timezone_offset: 0,
            since: member.stays.last().map_or(0, |stay| stay.joined),
        });
    reps.chain(customers)
        .chain(state.clients.iter().cloned())
        .collect()
}

pub(super) fn list(request: &Request<'_>, state: &mut State) -> Answer {
    let params = request.params;
    let (kinds, all) = kinds(params.filled("type").unwrap_or("all"))?;
    let summary_only = flag(params, "summary_only")?;
    let clients = connected(state);
    Ok(document(state, "connected_client_list", |xml| {
        xml.open("connected_client_summary", &[]);
        xml.open("appliance_summary", &[("id", &request.inner.appliance_id)]);
        for kind in ClientKind::ALL {
            if kinds.contains(&kind) {
                let count = clients.iter().filter(|client| client.kind == kind).count();
                xml.leaf("count", &[("type", kind.wire())], &count.to_string());
            }
        }
        if all {
            let count = state.pinned_clients.to_string();
            xml.leaf("count", &[("type", "pinned_client")], &count);
        }
        xml.close("appliance_summary");
        xml.close("connected_client_summary");
        if !summary_only {
            for client in clients.iter().filter(|c| kinds.contains(&c.kind)) {
                let attributes = [("type", client.kind.wire()), ("id", &client.id)];
                xml.leaf("connected_client", &attributes, "");
            }
        }
    }))
}

pub(super) fn get(request: &Request<'_>, state: &mut State) -> Answer {
    let params = request.params;
    let (kinds, _) = kinds(required(params, "type")?)?;
    // Some clients leave the list out and get everybody.
    let ids: Option<Vec<&str>> = params
        .filled("id")
        .map(|list| list.split(',').map(str::trim).collect());
    if ids.as_ref().is_some_and(|ids| ids.len() > MAX_IDS) {
        return Err(format!("No more than {MAX_IDS} ids may be given."));
    }
    let include_connections = flag(params, "include_connections")?;
    let clients = connected(state);
    Ok(document(state, "connected_clients", |xml| {
        for client in clients
            .iter()
            .filter(|client| kinds.contains(&client.kind))
            .filter(|client| ids.as_ref().is_none_or(|ids| ids.contains(&&*client.id)))
        {
            write(xml, client, include_connections);
        }
    }))
}

fn write(xml: &mut Xml, client: &ConnectedClient, include_connections: bool) {
    let since = client.since.to_string();
    xml.open(client.kind.element(), &[("id", &client.id)]);
    if include_connections {
        xml.open("client_connections", &[]);
        xml.open("client_connection", &[]);
        xml.open("event_log", &[]);
        xml.leaf("event", &[("ts", &since)], "connected");
        xml.close("event_log");
        xml.close("client_connection");
        xml.close("client_connections");
    }
    xml.leaf("hostname", &[], &client.hostname);
    let platform = match client.os.split(' ').next() {
        Some("Windows") => "win32",
        Some("macOS" | "Mac") => "mac",
        _ => "linux",
    };
    xml.leaf("platform", &[("id", platform)], &client.os);
    let offset = client.timezone_offset.to_string();
    xml.leaf("timezone_offset", &[], &offset);
    xml.leaf(
        "connected_since",
        &[("ts", &since)],
        &time::iso(client.since),
    );
    xml.close(client.kind.element());
}
