//! The appliance, its people, and session keys.

use super::{
    Failure, Outcome,
    cli::{PriorityName, SessionKeyArgs, TeamsArgs},
    output::{Printer, some},
};
use bomgar_api::{
    Client,
    command::{CustomerDetails, GenerateSessionKey, GetSupportTeams, Priority, Queue},
};

pub(super) async fn api_info(client: &Client, printer: &mut Printer<'_>) -> Outcome {
    let info = client.api_info().await?;
    let mut lines = vec![
        ("API version", info.api_version.clone()),
        ("Company", some(info.company_name.as_deref())),
        ("Time", some(info.timestamp)),
    ];
    let permissions = info.permissions.iter();
    lines.extend(permissions.map(|(name, value)| (name.as_str(), value.clone())));
    printer.single(&info, &lines)
}

pub(super) async fn health(client: &Client, printer: &mut Printer<'_>) -> Outcome {
    let health = client.check_health().await?;
    let success = health.success.map(|well| if well { "yes" } else { "no" });
    printer.single(
        &health,
        &[
            ("Appliance", some(health.appliance_name.as_deref())),
            ("Id", some(health.appliance_id.as_deref())),
            ("Version", some(health.version.as_deref())),
            ("Healthy", some(success)),
            ("Problem", some(health.error_message.as_deref())),
            ("Failover role", some(health.failover_role.as_ref())),
            ("Shared addresses", health.enabled_shared_ips.join(", ")),
            ("Last data sync", some(health.last_data_sync_time)),
            ("Sync status", some(health.last_data_sync_status.as_deref())),
        ],
    )?;
    match health.success {
        Some(false) => Err(Failure::Said),
        _ => Ok(()),
    }
}

pub(super) async fn reps(client: &Client, printer: &mut Printer<'_>) -> Outcome {
    let all = client.logged_in_reps().await?;
    printer.items(&all.reps, all.unknown.len())
}

pub(super) async fn teams(
    client: &Client,
    arguments: &TeamsArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let request = GetSupportTeams::new().show_members(arguments.members);
    let all = client.support_teams(&request).await?;
    printer.items(&all.teams, all.unknown.len())
}

pub(super) async fn session_key(
    client: &Client,
    arguments: &SessionKeyArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let mut customer = CustomerDetails::default();
    customer.name.clone_from(&arguments.customer_name);
    customer.company.clone_from(&arguments.customer_company);
    customer
        .company_code
        .clone_from(&arguments.customer_company_code);
    customer.details.clone_from(&arguments.customer_details);
    let mut request = GenerateSessionKey::new(queue(&arguments.queue)?)
        .attributes(arguments.attributes.attributes())
        .customer(customer);
    if let Some(ttl) = arguments.ttl {
        request = request.ttl(ttl.duration());
    }
    if let Some(priority) = arguments.priority {
        request = request.priority(match priority {
            PriorityName::High => Priority::High,
            PriorityName::Medium => Priority::Medium,
            PriorityName::Low => Priority::Low,
        });
    }
    for skill in &arguments.skills {
        request = request.skill(skill);
    }
    if let Some(host) = &arguments.url_hostname {
        request = request.url_hostname(host);
    }
    let key = client.generate_session_key(&request).await?;
    printer.single(
        &key,
        &[
            ("Key", key.short_key.clone()),
            ("URL", key.key_url.clone()),
            ("Valid until", some(key.expires)),
            ("Queue", key.queue.kind.clone()),
            ("External key", some(key.external_key.as_deref())),
        ],
    )
}

fn queue(text: &str) -> Outcome<Queue> {
    let (kind, which) = text.split_once(':').unwrap_or((text, ""));
    let number = || {
        which
            .parse()
            .map_err(|_| Failure::Usage(format!("--queue {kind}: must be followed by a number")))
    };
    Ok(match (kind, which) {
        ("general", "") => Queue::General,
        ("rep", _) => Queue::Rep(number()?),
        ("team", _) => Queue::Team(number()?),
        ("rep_username", name) if !name.is_empty() => Queue::RepUsername(name.to_owned()),
        ("issue", code_name) if !code_name.is_empty() => Queue::Issue(code_name.to_owned()),
        // What is newer than this program.
        (_, which) if !which.is_empty() => Queue::Other(text.to_owned()),
        _ => {
            let what = "--queue must be general, rep:<id>, rep_username:<name>, team:<id> or \
                        issue:<code name>";
            return Err(Failure::Usage(what.to_owned()));
        }
    })
}
