//! Each fault, seen from the client and in the tenant.

use crate::support::{Caller, Got, caller, field, note, time_entry};
use autotask_sim::{AutotaskSim, Fault, FaultSpec, Record, When};
use jiff::SignedDuration;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

fn on_note(kind: Fault) -> FaultSpec {
    FaultSpec {
        operation: Some("create"),
        entity: Some("TicketNote"),
        times: 1,
        kind,
    }
}

/// Sends a note and tells how many notes the tenant then has besides the first one.
async fn send(sim: &AutotaskSim) -> (Result<Got, reqwest::Error>, usize) {
    let ticket = sim.demo().ticket;
    let call = caller(sim);
    let inner = format!("<Entities>{}</Entities>", note(ticket, "t", "text\nMARKER"));
    let got = call.try_call("create", &inner).await;
    (got, sim.notes(ticket).len() - 1)
}

async fn with(kind: Fault) -> (Result<Got, reqwest::Error>, usize, AutotaskSim) {
    let sim = AutotaskSim::start().await.unwrap();
    let fault = sim.fault(on_note(kind));
    let (got, notes) = send(&sim).await;
    assert_eq!(sim.fault_fired(fault), 1);
    // Once means once.
    let (again, _) = send(&sim).await;
    assert_eq!(again.unwrap().stored().len(), 1);
    (got, notes, sim)
}

async fn found(call: &Caller<'_>) -> usize {
    let got = call
        .query("TicketNote", &field("Description", "contains", "MARKER"))
        .await;
    got.stored().len()
}

#[tokio::test]
async fn lose_answer_after_commit() {
    let (got, notes, sim) = with(Fault::LoseAnswerAfterCommit).await;
    assert!(got.is_err());
    assert_eq!(notes, 1);
    let call = &sim.calls()[0];
    assert!(call.committed && call.status.is_none());
}

#[tokio::test]
async fn drop_before_commit() {
    let (got, notes, sim) = with(Fault::DropBeforeCommit).await;
    assert!(got.is_err());
    assert_eq!(notes, 0);
    assert!(!sim.calls()[0].committed);
}

#[tokio::test]
async fn commit_later() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.fault(on_note(Fault::CommitLater(Duration::from_millis(300))));
    let (got, notes) = send(&sim).await;
    assert!(got.is_err());
    assert_eq!(notes, 0);
    let late = async {
        while sim.notes(sim.demo().ticket).len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), late)
        .await
        .unwrap();
    assert!(sim.calls()[0].committed);
}

#[tokio::test]
async fn search_lag() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    send(&sim).await.0.unwrap().stored();
    sim.fault(
        FaultSpec::new(Fault::SearchLag(Duration::from_secs(3600)))
            .entity("TicketNote")
            .times(FaultSpec::ALWAYS),
    );
    assert_eq!(found(&call).await, 0);
    sim.advance_clock(SignedDuration::from_secs(3601));
    assert_eq!(found(&call).await, 1);
    send(&sim).await.0.unwrap().stored();
    assert_eq!(found(&call).await, 1);
    sim.clear_faults();
    assert_eq!(found(&call).await, 2);
}

#[tokio::test]
async fn hide_entity() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    sim.fault(
        FaultSpec::new(Fault::HideEntity)
            .entity("TicketNote")
            .times(2),
    );
    send(&sim).await.0.unwrap().stored();
    assert_eq!(found(&call).await, 0);
    assert_eq!(call.query("Ticket", "").await.stored().len(), 2);
    assert_eq!(found(&call).await, 0);
    assert_eq!(found(&call).await, 1);
}

#[tokio::test]
async fn edit_marker_away_goes_with_a_lost_answer() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.fault(on_note(Fault::EditMarkerAway { text: None }));
    sim.fault(on_note(Fault::LoseAnswerAfterCommit));
    let (got, notes) = send(&sim).await;
    assert!(got.is_err());
    assert_eq!(notes, 1);
    assert_eq!(sim.notes(sim.demo().ticket)[1].text("Description"), "text");
    assert_eq!(found(&caller(&sim)).await, 0);
    sim.fault(on_note(Fault::EditMarkerAway {
        text: Some("MARK".to_owned()),
    }));
    send(&sim).await.0.unwrap().stored();
    assert_eq!(
        sim.notes(sim.demo().ticket)[2].text("Description"),
        "text\nER"
    );
}

#[tokio::test]
async fn split_time_entry() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    for lose_answer in [false, true] {
        let known: Vec<i64> = sim
            .records("TimeEntry")
            .iter()
            .map(|entry| entry.id)
            .collect();
        sim.fault(FaultSpec::new(Fault::SplitTimeEntry { lose_answer }));
        let odd = [
            ("EndDateTime", "dateTime", "2026-06-01T10:10:01"),
            ("InternalNotes", "string", "MARKER"),
        ];
        let inner = format!("<Entities>{}</Entities>", time_entry(&sim, &odd));
        let got = call.try_call("create", &inner).await;
        assert_eq!(got.is_err(), lose_answer);
        let mut rows: Vec<Record> = sim.records("TimeEntry");
        rows.retain(|row| !known.contains(&row.id));
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].time("EndDateTime"), rows[1].time("StartDateTime"));
        let seconds: i64 = rows
            .iter()
            .map(|row| {
                let end = row.time("EndDateTime").unwrap();
                end.duration_since(row.time("StartDateTime").unwrap())
                    .as_secs()
            })
            .sum();
        assert_eq!(seconds, 601);
        let hours: f64 = rows
            .iter()
            .filter_map(|row| row.double("HoursWorked"))
            .sum();
        assert!((hours - 601.0 / 3600.0).abs() < 1e-9);
        assert!(rows.iter().all(|row| row.text("InternalNotes") == "MARKER"));
    }
}

#[tokio::test]
async fn redirect_307_stores_only_for_those_who_follow() {
    let (got, notes, sim) = with(Fault::Redirect307).await;
    assert_eq!(got.unwrap().status, 307);
    assert_eq!(notes, 0);
    let before = sim.notes(sim.demo().ticket).len();
    sim.fault(on_note(Fault::Redirect307));
    let call = caller(&sim);
    let ticket = sim.demo().ticket;
    let envelope = call.envelope(
        "create",
        &format!("<Entities>{}</Entities>", note(ticket, "t", "d")),
    );
    let followed = reqwest::Client::new()
        .post(sim.endpoint())
        .header("content-type", "text/xml; charset=utf-8")
        .header("soapaction", "\"http://autotask.net/ATWS/v1_6/create\"")
        .header("authorization", call.authorization.clone().unwrap())
        .body(envelope)
        .send()
        .await
        .unwrap();
    assert_eq!(followed.status().as_u16(), 200);
    assert_eq!(sim.notes(ticket).len(), before + 1);
}

#[tokio::test]
async fn statuses_pages_and_faults_store_nothing() {
    for (kind, status, text) in [
        (Fault::Unauthorized401, 401, "Unauthorized"),
        (Fault::Status500Html, 500, "<html>"),
        (Fault::Html200, 200, "<html>"),
        (Fault::Status(503), 503, "503"),
        (Fault::SoapFault, 500, "<soap:Fault>"),
        (Fault::ThreadLimit, 200, "Itgenatr005"),
    ] {
        let (got, notes, _sim) = with(kind.clone()).await;
        let got = got.unwrap();
        assert_eq!(got.status, status, "{kind:?}");
        assert!(got.body.contains(text), "{kind:?}: {}", got.body);
        assert_eq!(notes, 0, "{kind:?}");
    }
}

#[tokio::test]
async fn commit_first_turns_an_end_into_one_after_the_commit() {
    for (kind, status) in [
        (Fault::Status500Html, 500),
        (Fault::Redirect307, 307),
        (Fault::SoapFault, 500),
    ] {
        let sim = AutotaskSim::start().await.unwrap();
        sim.fault(on_note(Fault::CommitFirst));
        sim.fault(on_note(kind));
        let (got, notes) = send(&sim).await;
        assert_eq!(got.unwrap().status, status);
        assert_eq!(notes, 1);
    }
}

#[tokio::test]
async fn truncated_and_broken_bodies() {
    for after_commit in [false, true] {
        let (got, notes, _sim) = with(Fault::TruncatedBody { after_commit }).await;
        let got = got.unwrap();
        assert_eq!(got.status, 200);
        assert!(got.body.starts_with("<?xml"));
        assert!(roxmltree::Document::parse(&got.body).is_err());
        assert_eq!(notes, usize::from(after_commit));
        let (got, notes, _sim) = with(Fault::BrokenBody { after_commit }).await;
        assert!(got.is_err());
        assert_eq!(notes, usize::from(after_commit));
    }
}

#[tokio::test]
async fn a_delayed_call_is_carried_out_although_its_client_left() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    sim.fault(on_note(Fault::Delay(Duration::from_millis(300))));
    // The client leaves as soon as the call has arrived.
    let arrived = async {
        while !sim.calls().iter().any(|call| call.operation == "create") {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = send(&sim) => panic!("the delayed call was answered before the client could leave"),
        () = arrived => {}
    }
    let late = async {
        while sim.notes(ticket).len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), late)
        .await
        .unwrap();

    sim.fault(on_note(Fault::DelayAnswer(Duration::from_secs(600))));
    let left = async {
        tokio::select! {
            _ = send(&sim) => false,
            () = async { while sim.notes(ticket).len() < 3 { tokio::time::sleep(Duration::from_millis(5)).await } } => true,
        }
    };
    assert!(
        tokio::time::timeout(Duration::from_secs(20), left)
            .await
            .unwrap()
    );
}

#[tokio::test]
async fn an_unauthorized_answer_in_mid_run() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    call.query("Ticket", "").await.stored();
    sim.fault(FaultSpec::new(Fault::Unauthorized401).times(2));
    assert_eq!(call.query("Ticket", "").await.status, 401);
    assert_eq!(call.call("GetWsdlVersion", "").await.status, 401);
    call.query("Ticket", "").await.stored();
}

#[tokio::test]
async fn gates_hold_a_call_before_and_after_its_commit() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    for (when, stored) in [(When::BeforeCommit, 0), (When::AfterCommit, 1)] {
        let before = sim.notes(ticket).len();
        let gate = sim.gate("create", "TicketNote", when);
        let watch = async {
            gate.reached().await;
            assert_eq!(sim.notes(ticket).len() - before, stored);
            gate.release();
        };
        let ((got, _), ()) = tokio::join!(send(&sim), watch);
        got.unwrap().stored();
        assert_eq!(sim.notes(ticket).len() - before, 1);
    }
}

#[tokio::test]
async fn hooks_see_the_call() {
    let sim = AutotaskSim::start().await.unwrap();
    let committed = Arc::new(AtomicU32::new(0));
    let count = committed.clone();
    sim.on_call("create", "", When::AfterCommit, move |call| {
        assert_eq!(call.entity.as_deref(), Some("TicketNote"));
        count.fetch_add(u32::from(call.committed), Ordering::SeqCst);
    });
    send(&sim).await.0.unwrap().stored();
    assert_eq!(committed.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_fault_can_let_calls_pass_first() {
    let sim = AutotaskSim::start().await.unwrap();
    let fault = sim.fault_after(2, on_note(Fault::Status500Html));
    for status in [200, 200, 500, 200] {
        assert_eq!(send(&sim).await.0.unwrap().status, status);
    }
    assert_eq!(sim.fault_fired(fault), 1);
}

#[tokio::test]
async fn a_gate_lets_one_call_through_at_a_time_and_all_when_it_goes() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket;
    let gate = sim.gate("create", "TicketNote", When::BeforeCommit);
    let watch = async {
        gate.reached().await;
        gate.reached().await;
        gate.release();
        while sim.notes(ticket).len() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Queries do not meet this gate; their round trips give the other call time to slip by.
        for _ in 0..5 {
            caller(&sim).query("Ticket", "").await.stored();
        }
        assert_eq!(sim.notes(ticket).len(), 2);
        drop(gate);
    };
    let calls = async { tokio::join!(send(&sim), send(&sim), watch) };
    let ((first, _), (second, _), ()) = tokio::time::timeout(Duration::from_secs(20), calls)
        .await
        .unwrap();
    first.unwrap().stored();
    second.unwrap().stored();
    assert_eq!(sim.notes(ticket).len(), 3);
}
