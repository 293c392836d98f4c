//! Links into the user interface.

use super::{Failure, Outcome, cli::LinkArgs, connect::Connection, output::Printer};
use autotask_soap::{
    links::{Command, Page},
    lookup::TicketKey,
    ops::GetZoneInfo,
};
use serde::Serialize;

#[derive(Serialize)]
struct Link {
    url: String,
}

pub(super) async fn ticket(
    connection: &Connection,
    arguments: &LinkArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let client = &connection.client;
    let key = TicketKey::parse(&arguments.ticket);
    if arguments.time && !matches!(key, TicketKey::Id(_)) {
        let what = "the form for a time entry opens by the ticket's id, not by its number";
        return Err(Failure::Usage(what.to_owned()));
    }
    let call = GetZoneInfo {
        username: client.username().to_owned(),
    };
    if connection.is_dry_run() {
        return connection.send(&call, printer).await.map(|_| ());
    }
    let links = client.links().await?;
    let url = match (key, arguments.page) {
        (TicketKey::Id(id), _) if arguments.time => links.command(&Command::EnterTicketTime(id)),
        (TicketKey::Id(id), true) => links.page(&Page::Ticket(id)),
        (TicketKey::Id(id), false) => links.command(&Command::OpenTicket(id)),
        (TicketKey::Number(number), true) => links.page(&Page::TicketByNumber(number)),
        (TicketKey::Number(number), false) => links.command(&Command::OpenTicketByNumber(number)),
    };
    let link = Link { url: url.into() };
    if printer.is_table() {
        return printer.text(&format!("{}\n", link.url));
    }
    printer.json(&link)
}
