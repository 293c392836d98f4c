//! Pages and streams against the simulated tenant, with everything that goes wrong in between.

use crate::support::*;
use autotask_sim::{AutotaskSim, Fault, FaultSpec, Record};
use autotask_soap::v1_6::{Resource, Ticket, TicketNote};
use autotask_soap::{Client, ErrorKind, Filter, Query, RetryPolicy};
use futures_core::Stream;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

/// A tenant with that many notes on a ticket, their ids, and the question for them.
async fn notes(count: usize) -> (AutotaskSim, Vec<i64>, Filter<TicketNote>) {
    let (sim, _) = tenant().await;
    let ticket = sim.demo().queue_ticket;
    let ids = (0..count)
        .map(|_| {
            sim.add(
                Record::new("TicketNote")
                    .set("TicketID", ticket)
                    .set("Title", "x")
                    .set("NoteType", 1)
                    .set("Publish", 2),
            )
        })
        .collect();
    sim.reset_calls();
    (sim, ids, TicketNote::TITLE.eq("x"))
}

fn id(note: &TicketNote) -> i64 {
    note.id.unwrap()
}

#[tokio::test]
async fn nothing_is_lost_or_repeated_whatever_happens_between_pages() {
    let (sim, ids, filter) = notes(1001).await;
    let faults = [
        FaultSpec::new(Fault::Unauthorized401).on("query"),
        FaultSpec::new(Fault::LoseAnswerAfterCommit).on("query"),
        FaultSpec::new(Fault::DropBeforeCommit).on("query"),
        FaultSpec::new(Fault::TruncatedBody { after_commit: true }).on("query"),
        FaultSpec::new(Fault::BrokenBody { after_commit: true }).on("query"),
        FaultSpec::new(Fault::Status500Html).on("query"),
        FaultSpec::new(Fault::Html200).on("query"),
        FaultSpec::new(Fault::SoapFault).on("query"),
        FaultSpec::new(Fault::ThreadLimit).on("query"),
    ];
    for (number, fault) in (0..).zip(faults) {
        // The 401 at every page, the others each at another one.
        let befores = if number == 0 {
            0..3
        } else {
            number % 3..number % 3 + 1
        };
        for before in befores {
            let client = client_of(&sim).build().unwrap();
            let handle = sim.fault_after(before, fault.clone());
            let mut stream = client.stream(filter.clone(), 2000);
            let mut found = Vec::new();
            while let Some(note) = stream.next().await {
                found.push(id(&note.unwrap()));
            }
            assert_eq!(found, ids, "{fault:?} after {before}");
            assert_eq!(sim.fault_fired(handle), 1, "{fault:?}");
            sim.clear_faults();
        }
    }
}

#[tokio::test]
async fn the_tenant_may_move_between_two_pages() {
    let (sim, ids, filter) = notes(700).await;
    let client = client_of(&sim).build().unwrap();
    let mut stream = client.stream(filter, usize::MAX);
    let mut found = Vec::new();
    while let Some(note) = stream.next().await {
        found.push(id(&note.unwrap()));
        if found.len() == 3 {
            sim.move_zone();
        }
    }
    assert_eq!(found, ids);
}

#[tokio::test]
async fn a_stream_that_failed_ends_and_can_be_resumed() {
    let (sim, ids, filter) = notes(1300).await;
    for (fault, kind) in [
        (Fault::Unauthorized401, ErrorKind::Unauthorized),
        (Fault::LoseAnswerAfterCommit, ErrorKind::Interrupted),
        (
            Fault::TruncatedBody { after_commit: true },
            ErrorKind::Truncated,
        ),
    ] {
        let client = client_of(&sim).retry(RetryPolicy::never()).build().unwrap();
        // The second page, and after a 401 its repetition in the zone that was looked up again.
        let times = if kind == ErrorKind::Unauthorized {
            2
        } else {
            1
        };
        sim.fault_after(1, FaultSpec::new(fault).on("query").times(times));
        let mut stream = client.stream(filter.clone(), 2000);
        let mut found = Vec::new();
        let error = loop {
            match stream.next().await.unwrap() {
                Ok(note) => found.push(id(&note)),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), kind);
        assert_eq!(found, ids[..500]);
        assert_eq!(stream.last_id(), Some(ids[499]));
        assert!(stream.next().await.is_none());
        assert!(stream.next().await.is_none());
        stream.resume();
        found.extend(stream.collect().await.unwrap().iter().map(id));
        assert_eq!(found, ids);
        sim.clear_faults();

        // Another program goes on behind what was stored.
        let rest = client
            .query_all(Query::new(filter.clone()).after_id(ids[499]), 2000)
            .await
            .unwrap();
        assert_eq!(rest.iter().map(id).collect::<Vec<_>>(), ids[500..]);
    }
}

#[tokio::test]
async fn pages_after_an_error_ask_for_the_same_page() {
    let (sim, ids, filter) = notes(600).await;
    let client = client_of(&sim).retry(RetryPolicy::never()).build().unwrap();
    let mut pages = client.pages(filter);
    let mut found: Vec<i64> = pages
        .next()
        .await
        .unwrap()
        .unwrap()
        .iter()
        .map(id)
        .collect();
    sim.fault(FaultSpec::new(Fault::BrokenBody { after_commit: true }).on("query"));
    pages.next().await.unwrap_err();
    found.extend(pages.next().await.unwrap().unwrap().iter().map(id));
    assert_eq!(found, ids);
    assert!(pages.next().await.unwrap().is_none());
    assert_eq!(pages.calls(), 2);
}

#[tokio::test]
async fn records_that_come_and_go_meanwhile() {
    let (sim, ids, filter) = notes(600).await;
    let client = client_of(&sim).build().unwrap();
    let mut stream = client.stream(filter, usize::MAX);
    let first = id(&stream.next().await.unwrap().unwrap());
    assert_eq!(first, ids[0]);
    // One that was given goes, one that is to come goes, one is added.
    sim.remove_record("TicketNote", ids[0]);
    sim.remove_record("TicketNote", ids[550]);
    let added = sim.add(
        Record::new("TicketNote")
            .set("TicketID", sim.demo().queue_ticket)
            .set("Title", "x"),
    );
    let mut found = vec![first];
    found.extend(stream.collect().await.unwrap().iter().map(id));
    let mut want = ids.clone();
    want.remove(550);
    want.push(added);
    assert_eq!(found, want);
}

#[tokio::test]
async fn caps_are_errors_not_ends() {
    let (sim, ids, filter) = notes(1001).await;
    let client = client_of(&sim).build().unwrap();
    let mut stream = client.stream(filter.clone(), 700);
    let mut found = Vec::new();
    let error = loop {
        match stream.next().await.unwrap() {
            Ok(note) => found.push(id(&note)),
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), ErrorKind::TooManyRecords);
    assert!(error.to_string().contains("700"), "{error}");
    assert_eq!(found, ids[..700]);
    assert_eq!(sim.call_count("query", ""), 2);
    stream.resume();
    assert!(stream.next().await.is_none());

    // Exactly as many as allowed is not too many.
    let all = client.stream(filter.clone(), 1001).collect().await.unwrap();
    assert_eq!(all.len(), 1001);
    sim.reset_calls();
    let error = client
        .stream(filter.clone(), usize::MAX)
        .max_calls(2)
        .collect()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooManyRecords);
    assert_eq!(sim.call_count("query", ""), 2);
    let all = client.stream(filter, usize::MAX).max_calls(3).collect();
    assert_eq!(all.await.unwrap().len(), 1001);
}

#[tokio::test]
async fn it_is_a_stream_and_survives_dropped_futures() {
    let (sim, ids, filter) = notes(3).await;
    let client = client_of(&sim).build().unwrap();
    let mut stream = client.stream(filter, usize::MAX);
    sim.fault(FaultSpec::new(Fault::Delay(Duration::from_millis(200))).on("query"));
    // The future is dropped before the page is there, the page is not.
    tokio::time::timeout(Duration::from_millis(20), stream.next())
        .await
        .unwrap_err();
    let mut found = Vec::new();
    while let Some(note) = poll_fn(|context| Pin::new(&mut stream).poll_next(context)).await {
        found.push(id(&note.unwrap()));
    }
    assert_eq!(found, ids);
    assert_eq!(sim.call_count("query", ""), 1);
}

#[tokio::test]
async fn portions_give_no_record_twice() {
    let (sim, ids, _) = notes(450).await;
    let client = client_of(&sim).build().unwrap();
    // Every record satisfies several alternatives, and those lie in different portions.
    let filter = TicketNote::ID.any_of(&ids)
        | Filter::any(
            ids.iter()
                .map(|id| TicketNote::ID.eq(*id) & TicketNote::TITLE.eq("x")),
        );
    let found = client.stream(filter, 1000).collect().await.unwrap();
    let mut found: Vec<i64> = found.iter().map(id).collect();
    found.sort_unstable();
    assert_eq!(found, ids);
    assert!(sim.call_count("query", "TicketNote") >= 5);
}

#[tokio::test]
async fn raw_queries_are_paged_too() {
    let (sim, ids, _) = notes(600).await;
    let client = client_of(&sim).build().unwrap();
    // Its OR must not swallow the condition of the page.
    let raw = Query::<TicketNote>::raw(
        "<queryxml><entity>ticketnote</entity><query>\
         <field>Title<expression op=\"equals\">nothing</expression></field>\
         <condition operator=\"OR\"><field>Title<expression op=\"soundslike\">x</expression></field></condition>\
         </query></queryxml>",
    )
    .unwrap();
    let found = client.stream(raw, 1000).collect().await.unwrap();
    assert_eq!(found.iter().map(id).collect::<Vec<_>>(), ids);
}

async fn counted(client: &Client, sim: &AutotaskSim, most: usize) -> (usize, usize) {
    sim.reset_calls();
    let count = client
        .count_up_to(TicketNote::TITLE.eq("x"), most)
        .await
        .unwrap();
    (count, sim.call_count("query", "TicketNote"))
}

#[tokio::test]
async fn counting_stops_where_it_may() {
    let (sim, ids, _) = notes(1200).await;
    let client = client_of(&sim).build().unwrap();
    assert_eq!(counted(&client, &sim, 0).await, (0, 0));
    assert_eq!(counted(&client, &sim, 10).await, (10, 1));
    assert_eq!(counted(&client, &sim, 500).await, (500, 1));
    assert_eq!(counted(&client, &sim, 501).await, (501, 2));
    assert_eq!(counted(&client, &sim, 5000).await, (1200, 3));
    let every = TicketNote::ID.any_of(&ids) | TicketNote::ID.any_of(&ids);
    assert_eq!(client.count_up_to(every, 5000).await.unwrap(), 1200);
    let none = client.count_up_to(Ticket::ID.any_of([0i64; 0]), 5).await;
    assert_eq!(none.unwrap(), 0);
}

#[tokio::test]
async fn one_first_and_none() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let smith = Resource::EMAIL.eq("jsmith@example.com");
    let found = client.one(smith.clone()).await.unwrap();
    assert_eq!(found.id, Some(demo.technician));
    let found = client.one_or_none(smith).await.unwrap();
    assert_eq!(found.and_then(|found| found.id), Some(demo.technician));

    let nobody = Resource::EMAIL.eq("nobody@example.com");
    let error = client.one(nobody.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.entity(), Some("Resource"));
    assert_eq!(client.one_or_none(nobody.clone()).await.unwrap(), None);
    assert_eq!(client.first(nobody).await.unwrap(), None);

    let tickets = Ticket::ID.any_of([demo.queue_ticket, demo.ticket]);
    let error = client.one(tickets.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnique);
    for id in [demo.ticket, demo.queue_ticket] {
        assert!(error.to_string().contains(&id.to_string()), "{error}");
    }
    let lowest = Some(demo.ticket.min(demo.queue_ticket));
    assert_eq!(client.first(tickets).await.unwrap().unwrap().id, lowest);
    // Also of a question in several portions, where the lowest id comes last.
    let mut many: Vec<i64> = (1_000_000..1_000_400).collect();
    many.insert(0, demo.ticket.max(demo.queue_ticket));
    many.extend(lowest);
    let first = client
        .first(Ticket::ID.any_of(many))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(first.id, lowest);
}
