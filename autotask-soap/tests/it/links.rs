//! Links into the user interface of the tenant's zone.

use crate::support::*;
use autotask_soap::links::{Command, Page};

#[tokio::test]
async fn links_lead_to_the_tenants_user_interface() {
    let (sim, client) = tenant().await;
    let links = client.links().await.unwrap();
    assert_eq!(links.root().as_str(), sim.web_url());
    assert_eq!(
        links.command(&Command::OpenTicket(77)).as_str(),
        format!(
            "{}Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=77",
            sim.web_url()
        )
    );
    // One lookup of the zone for all of them.
    client.links().await.unwrap();
    assert_eq!(sim.call_count("getZoneInfo", ""), 1);
}

#[tokio::test]
async fn links_follow_the_zone() {
    let client = Script::default().client();
    let links = client.links().await.unwrap();
    assert_eq!(
        links.page(&Page::Ticket(5)).as_str(),
        "https://ww3.autotask.net/Mvc/ServiceDesk/TicketDetail.mvc?ticketId=5"
    );
}
