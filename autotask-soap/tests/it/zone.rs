//! Finding the tenant's zone, and finding it again.

use crate::support::*;
use autotask_sim::{Fault, FaultSpec};
use autotask_soap::v1_6::{Ticket, TicketNote};
use autotask_soap::{ErrorKind, Outcome, Query};

fn note_on(ticket: i64) -> TicketNote {
    TicketNote {
        ticket_id: i32::try_from(ticket).ok(),
        ..note()
    }
}

#[tokio::test]
async fn one_lookup_for_many_calls_at_once() {
    let (sim, client) = tenant().await;
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.query(Query::<Ticket>::by_id(1)).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sim.call_count("getZoneInfo", ""), 1);
    assert_eq!(client.zone().await.unwrap().ci, i64::from(sim.ci()));
    assert_eq!(sim.call_count("getZoneInfo", ""), 1);
}

#[tokio::test]
async fn unknown_user() {
    let (sim, _) = tenant().await;
    let client = autotask_soap::Client::builder("nobody@nowhere.example", "x", CODE)
        .endpoint(sim.lookup_endpoint())
        .build()
        .unwrap();
    let error = client.create(&note()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::UnknownUser, Outcome::NotStored)
    );
    assert!(
        error.to_string().contains("nobody@nowhere.example"),
        "{error}"
    );
}

#[tokio::test]
async fn after_a_move_reads_and_writes_follow() {
    let (sim, client) = tenant().await;
    let ticket = sim.demo().ticket;
    let before = client.zone().await.unwrap();
    sim.move_zone();
    sim.reset_calls();
    let created = client.create(&note_on(ticket)).await.unwrap();
    assert!(sim.record("TicketNote", created.id).is_some());
    assert_ne!(client.zone().await.unwrap().url, before.url);
    assert_eq!(sim.call_count("getZoneInfo", ""), 1);
    assert_eq!(sim.notes(ticket).len(), 2);

    sim.move_zone();
    sim.reset_calls();
    let found = client
        .query(TicketNote::TICKET_ID.eq(ticket))
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(sim.call_count("getZoneInfo", ""), 1);
}

#[tokio::test]
async fn a_401_without_a_move_does_not_repeat_a_write() {
    let (sim, client) = tenant().await;
    let ticket = sim.demo().ticket;
    client.zone().await.unwrap();
    sim.reset_calls();
    sim.fault(FaultSpec::new(Fault::Unauthorized401).on("create"));
    let error = client.create(&note_on(ticket)).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Unauthorized, Outcome::NotStored)
    );
    assert_eq!(sim.call_count("create", ""), 1);
    assert_eq!(sim.call_count("getZoneInfo", ""), 1);
    assert_eq!(sim.notes(ticket).len(), 1);

    // A read is sent once more.
    sim.fault(FaultSpec::new(Fault::Unauthorized401).on("query"));
    sim.reset_calls();
    assert!(client.get::<Ticket>(ticket).await.unwrap().is_some());
    assert_eq!(sim.call_count("query", ""), 2);
}

#[tokio::test]
async fn a_wrong_password_stays_an_error() {
    let (sim, client) = tenant().await;
    sim.set_password("another");
    let error = client.get::<Ticket>(sim.demo().ticket).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(sim.call_count("query", ""), 2);
}

#[tokio::test]
async fn a_lookup_that_sends_the_password_elsewhere_is_refused() {
    let (server, client) = server_and_client(xml(200, success("query", ""))).await;
    drop(client);
    server.reset().await;
    wiremock::Mock::given(wiremock::matchers::method("POST"))
        .respond_with(xml(
            200,
            zone("https://webservices3.autotask.net.evil.example/atws.asmx"),
        ))
        .mount(&server)
        .await;
    let client = autotask_soap::Client::builder(USER, PASSWORD, CODE)
        .endpoint(endpoint(&server))
        .build()
        .unwrap();
    let error = client.get::<Ticket>(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("evil.example"), "{error}");
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}
