//! Queries against the simulated tenant, which evaluates QueryXML by itself.

use crate::support::*;
use autotask_sim::{Record, UdfDef};
use autotask_soap::query::UdfField;
use autotask_soap::v1_6::{AnyEntity, Contact, Resource, Ticket, TicketHistory, TicketNote};
use autotask_soap::{ErrorKind, Filter, Query};

#[tokio::test]
async fn conditions_mean_what_they_say() {
    let (sim, client) = tenant().await;
    let ticket = sim.demo().queue_ticket;
    let add = |title: &str, kind: i64| {
        sim.add(
            Record::new("TicketNote")
                .set("TicketID", ticket)
                .set("Title", title)
                .set("NoteType", kind)
                .set("Publish", 2),
        )
    };
    let [a, b, c, d] = [
        add("Alpha & co", 1),
        add("beta", 1),
        add("Gamma <1>", 2),
        add("50%", 3),
    ];
    let ids = async |filter: Filter<TicketNote>| -> Vec<i64> {
        let filter = TicketNote::TICKET_ID.eq(ticket) & filter;
        let notes = client.query(filter).await.unwrap();
        notes.iter().filter_map(|note| note.id).collect()
    };
    assert_eq!(ids(TicketNote::TITLE.eq("alpha & CO")).await, [a]);
    assert_eq!(ids(TicketNote::TITLE.contains("<1>")).await, [c]);
    assert_eq!(ids(TicketNote::TITLE.begins_with("b")).await, [b]);
    assert_eq!(ids(TicketNote::TITLE.ends_with("ta")).await, [b]);
    assert_eq!(ids(TicketNote::TITLE.like("%a%")).await, [a, b, c]);
    assert_eq!(ids(TicketNote::NOTE_TYPE.any_of([1, 3])).await, [a, b, d]);
    assert_eq!(ids(TicketNote::NOTE_TYPE.none_of([1, 3])).await, [c]);
    assert_eq!(ids(TicketNote::NOTE_TYPE.ge(2)).await, [c, d]);
    let either = TicketNote::ID.eq(a) | TicketNote::ID.eq(c);
    assert_eq!(ids(either.clone()).await, [a, c]);
    assert_eq!(ids(either & TicketNote::NOTE_TYPE.eq(2)).await, [c]);
    let nested = (TicketNote::NOTE_TYPE.eq(1) & TicketNote::TITLE.eq("beta"))
        | (TicketNote::NOTE_TYPE.eq(3) & (TicketNote::ID.eq(d) | TicketNote::ID.eq(a)));
    assert_eq!(ids(nested).await, [b, d]);
    assert_eq!(ids(TicketNote::NOTE_TYPE.any_of([0; 0])).await, [0; 0]);
}

#[tokio::test]
async fn an_impossible_query_needs_no_call() {
    let (sim, client) = tenant().await;
    assert!(
        client
            .query(Ticket::ID.any_of([0i64; 0]))
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        client
            .query_all(Ticket::ID.any_of([0i64; 0]), 10)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(sim.calls().is_empty());
}

#[tokio::test]
async fn booleans_dates_and_instants() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let active = Resource::EMAIL.eq("JSMITH@example.com") & Resource::ACTIVE.eq(true);
    let found = client.query(active).await.unwrap();
    assert_eq!(found[0].id, Some(demo.technician));
    let gone = Resource::EMAIL.eq("pgone@example.com") & Resource::ACTIVE.eq(true);
    assert!(client.query(gone).await.unwrap().is_empty());

    let ticket = client.get::<Ticket>(demo.ticket).await.unwrap().unwrap();
    let created = ticket.create_date.unwrap();
    assert_eq!(
        Some(created.as_millisecond()),
        sim.record("Ticket", demo.ticket)
            .unwrap()
            .time("CreateDate")
            .map(|at| at.as_millisecond())
    );
    let around = Ticket::CREATE_DATE.ge(created - jiff::SignedDuration::from_secs(1))
        & Ticket::CREATE_DATE.le(created + jiff::SignedDuration::from_secs(1))
        & Ticket::ID.eq(demo.ticket);
    assert_eq!(client.query(around).await.unwrap().len(), 1);
    let later = Ticket::CREATE_DATE.gt(created + jiff::SignedDuration::from_secs(1))
        & Ticket::ID.eq(demo.ticket);
    assert!(client.query(later).await.unwrap().is_empty());
}

#[tokio::test]
async fn pages_give_everything_once() {
    let (sim, client) = tenant().await;
    let ticket = sim.demo().queue_ticket;
    for number in 0..1201 {
        sim.add(
            Record::new("TicketNote")
                .set("TicketID", ticket)
                .set("Title", if number % 2 == 0 { "even" } else { "odd" })
                .set("NoteType", 1)
                .set("Publish", 2),
        );
    }
    sim.reset_calls();
    // An OR in the filter must not swallow the condition of the page.
    let either = TicketNote::TITLE.eq("even") | TicketNote::TITLE.eq("odd");
    let filter = TicketNote::TICKET_ID.eq(ticket) & either;
    let notes = client.query_all(filter.clone(), 5000).await.unwrap();
    assert_eq!(notes.len(), 1201);
    assert_eq!(sim.call_count("query", "TicketNote"), 3);
    let mut ids: Vec<_> = notes.iter().filter_map(|note| note.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 1201);
    assert!(ids.is_sorted());

    let error = client.query_all(filter.clone(), 1200).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRecords);
    assert_eq!(client.query(filter.clone()).await.unwrap().len(), 500);

    let mut pages = client.pages(filter);
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await.unwrap() {
        sizes.push(page.len());
    }
    assert_eq!(sizes, [500, 500, 201]);
    assert!(pages.next().await.unwrap().is_none());
}

#[tokio::test]
async fn many_ids_go_in_portions() {
    let (sim, client) = tenant().await;
    let ticket = sim.demo().queue_ticket;
    let ids: Vec<i64> = (0..450)
        .map(|_| {
            sim.add(
                Record::new("TicketNote")
                    .set("TicketID", ticket)
                    .set("Title", "x"),
            )
        })
        .collect();
    sim.reset_calls();
    let found = client
        .query_all(Query::<TicketNote>::by_ids(ids.iter().copied()), 1000)
        .await
        .unwrap();
    assert_eq!(
        found.iter().filter_map(|note| note.id).collect::<Vec<_>>(),
        ids
    );
    assert_eq!(sim.call_count("query", "TicketNote"), 3);
    let error = client
        .query(Query::<TicketNote>::by_ids(ids))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
    assert!(
        error.to_string().contains("450") || error.to_string().contains("449"),
        "{error}"
    );
}

#[tokio::test]
async fn fields_that_cannot_be_filtered_on_are_refused_before_sending() {
    let (sim, client) = tenant().await;
    let error = client
        .query(Resource::DEFAULT_SERVICE_DESK_ROLE_ID.eq(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
    assert!(
        error.to_string().contains("DefaultServiceDeskRoleID"),
        "{error}"
    );
    assert_eq!(
        client
            .query(TicketHistory::ACTION.eq("x"))
            .await
            .unwrap_err()
            .kind(),
        ErrorKind::Query
    );
    assert_eq!(sim.call_count("query", ""), 0);
}

#[tokio::test]
async fn user_defined_fields() {
    let (sim, client) = tenant().await;
    sim.add_udf(
        "Ticket",
        UdfDef::new("Asset tag", autotask_sim::FieldTy::String),
    );
    let ticket = sim.add(
        Record::new("Ticket")
            .set("Title", "With asset")
            .set("AccountID", sim.demo().account)
            .set_udf("Asset tag", "A-17 & more"),
    );
    let found = client
        .query(UdfField::<Ticket>::new("Asset tag").eq("A-17 & more"))
        .await
        .unwrap();
    assert_eq!(
        found.iter().map(|found| found.id).collect::<Vec<_>>(),
        [Some(ticket)]
    );
    assert_eq!(found[0].extra.udf("Asset tag"), Some("A-17 & more"));
}

#[tokio::test]
async fn raw_queries() {
    let (sim, client) = tenant().await;
    let contact = sim.demo().contact;
    let xml = format!(
        "<queryxml><entity>contact</entity><query><field>id<expression op=\"equals\">{contact}</expression></field></query></queryxml>"
    );
    let typed = client.query_raw::<Contact>(xml.clone()).await.unwrap();
    assert_eq!(typed[0].id, Some(contact));
    let any = client.query_any::<AnyEntity>(xml).await.unwrap();
    assert!(
        matches!(&any[..], [AnyEntity::Contact(found)] if found.id == Some(contact)),
        "{any:?}"
    );

    let error = client
        .query_any::<AnyEntity>("<queryxml><query/></queryxml>")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Query);
    let wrong = "<queryxml><entity>Ticket</entity><query><field>NoSuchField<expression op=\"equals\">1</expression></field></query></queryxml>";
    let error = client.query_raw::<Ticket>(wrong).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(!error.server_errors().is_empty());
}

#[tokio::test]
async fn a_lost_permission_is_an_empty_result() {
    let (sim, client) = tenant().await;
    sim.restrict("Ticket");
    assert!(
        client
            .get::<Ticket>(sim.demo().ticket)
            .await
            .unwrap()
            .is_none()
    );
}
