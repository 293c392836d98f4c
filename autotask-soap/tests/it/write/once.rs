//! Creating a record once, by its marker.

use super::*;
use autotask_soap::Query;
use autotask_soap::write::{Once, OncePolicy};

const MARKER: &str = "qxkvbnmt";

fn marked(sim: &AutotaskSim) -> TicketNote {
    TicketNote {
        description: Some(format!("Session of today.\n{MARKER}")),
        ..note_on(sim, "Session")
    }
}

fn by_marker() -> Query<TicketNote> {
    TicketNote::DESCRIPTION.contains(MARKER).into()
}

fn held(sim: &AutotaskSim) -> usize {
    let notes = sim.records("TicketNote");
    notes
        .iter()
        .filter(|note| note.text("Description").contains(MARKER))
        .count()
}

fn policy() -> OncePolicy<TicketNote> {
    OncePolicy::new(Duration::from_secs(360))
}

/// A client whose waits are noted instead of waited.
fn client_and_waits(sim: &AutotaskSim) -> (Client, NoSleep) {
    let sleep = NoSleep::default();
    let client = client_of(sim).sleep(sleep.clone()).build().unwrap();
    (client, sleep)
}

#[tokio::test]
async fn created_then_found() {
    let (sim, _) = tenant().await;
    let (client, waits) = client_and_waits(&sim);
    let note = marked(&sim);
    let id = match client.create_once(&note, by_marker(), &policy()).await {
        Ok(Once::Created(created)) => created.id,
        other => panic!("{other:?}"),
    };
    match client.create_once(&note, by_marker(), &policy()).await {
        Ok(Once::Found(notes)) => assert_eq!(notes[0].id, Some(id)),
        other => panic!("{other:?}"),
    }
    assert_eq!(held(&sim), 1);
    assert_eq!(sim.call_count("create", ""), 1);
    assert!(waits.0.lock().unwrap().is_empty(), "no reason to wait");
}

#[tokio::test]
async fn a_lost_answer_is_found_after_the_callers_time() {
    let (sim, _) = tenant().await;
    let (client, waits) = client_and_waits(&sim);
    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create"));
    match client
        .create_once(&marked(&sim), by_marker(), &policy())
        .await
    {
        Ok(Once::Found(notes)) => assert_eq!(notes.len(), 1),
        other => panic!("{other:?}"),
    }
    assert_eq!(held(&sim), 1);
    assert_eq!(sim.call_count("create", ""), 1);
    assert_eq!(*waits.0.lock().unwrap(), [Duration::from_secs(360)]);
}

#[tokio::test]
async fn what_is_not_found_stays_undecided_and_is_not_sent_again() {
    let (sim, _) = tenant().await;
    let (client, waits) = client_and_waits(&sim);
    for searches in [0, 1, 3] {
        sim.fault(FaultSpec::new(Fault::DropBeforeCommit).on("create"));
        sim.reset_calls();
        waits.0.lock().unwrap().clear();
        let policy = policy().searches(searches);
        let undecided = match client
            .create_once(&marked(&sim), by_marker(), &policy)
            .await
        {
            Ok(Once::Undecided(undecided)) => undecided,
            other => panic!("{other:?}"),
        };
        assert!(undecided.was_sent());
        assert_eq!(undecided.searches, searches);
        let error = undecided.created.unwrap();
        assert_eq!(error.outcome(), Outcome::Ambiguous);
        assert_eq!(sim.call_count("create", ""), 1);
        assert_eq!(sim.call_count("query", ""), 1 + searches as usize);
        assert_eq!(waits.0.lock().unwrap().len(), searches as usize);
    }
    // Nobody stored it, so that another call may.
    assert!(matches!(
        client
            .create_once(&marked(&sim), by_marker(), &policy())
            .await,
        Ok(Once::Created(_))
    ));
    assert_eq!(held(&sim), 1);
}

/// A search that comes too early, or one that sees late, is no reason to create again.
#[tokio::test]
async fn a_late_commit_or_a_late_search_makes_no_second_record() {
    for fault in [
        Fault::CommitLater(Duration::from_millis(600)),
        Fault::LoseAnswerAfterCommit,
    ] {
        let (sim, _) = tenant().await;
        let (client, _) = client_and_waits(&sim);
        let lag = sim.fault(
            FaultSpec::new(Fault::SearchLag(Duration::from_secs(300)))
                .on("query")
                .times(FaultSpec::ALWAYS),
        );
        sim.fault(FaultSpec::new(fault).on("create"));
        let result = client
            .create_once(&marked(&sim), by_marker(), &policy())
            .await;
        assert!(matches!(result, Ok(Once::Undecided(_))), "{result:?}");
        assert!(sim.fault_fired(lag) > 0);
        assert_eq!(sim.call_count("create", ""), 1);
        // Much later it is there, and found.
        while held(&sim) == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        sim.advance_clock(jiff::SignedDuration::from_mins(10));
        let result = client
            .create_once(&marked(&sim), by_marker(), &policy())
            .await;
        assert!(matches!(result, Ok(Once::Found(_))), "{result:?}");
        assert_eq!(held(&sim), 1);
    }
}

#[tokio::test]
async fn a_search_that_sees_nothing_at_all_proves_nothing() {
    let (sim, _) = tenant().await;
    let (client, _) = client_and_waits(&sim);
    let known = sim.notes(sim.demo().ticket)[0].id;
    let policy = policy().probe(Query::by_id(known));
    assert!(matches!(
        client
            .create_once(&marked(&sim), by_marker(), &policy)
            .await,
        Ok(Once::Created(_))
    ));
    sim.restrict("TicketNote");
    let result = client
        .create_once(&marked(&sim), by_marker(), &policy)
        .await;
    let Ok(Once::Undecided(undecided)) = result else {
        panic!("{result:?}");
    };
    assert!(!undecided.was_sent());
    assert_eq!(held(&sim), 1);
}

#[tokio::test]
async fn a_search_that_fails_leaves_it_undecided() {
    let (sim, _) = tenant().await;
    let client = client_of(&sim)
        .retry(autotask_soap::RetryPolicy::never())
        .build()
        .unwrap();
    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create"));
    sim.fault_after(1, FaultSpec::new(Fault::Status500Html).on("query"));
    let result = client
        .create_once(&marked(&sim), by_marker(), &policy().searches(5))
        .await;
    let Ok(Once::Undecided(undecided)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(undecided.search.unwrap().kind(), ErrorKind::NotSoap);
    assert_eq!(sim.call_count("query", ""), 2);
}

/// The server can store one time entry as two.
#[tokio::test]
async fn a_split_time_entry_is_found_whole() {
    let (sim, _) = tenant().await;
    let (client, _) = client_and_waits(&sim);
    let demo = *sim.demo();
    let number = |id: i64| i32::try_from(id).ok();
    let entry = TimeEntry {
        ticket_id: number(demo.ticket),
        resource_id: number(demo.technician),
        role_id: number(demo.role),
        allocation_code_id: number(demo.work_type),
        start_date_time: "2026-07-14T14:05:30Z".parse().ok(),
        end_date_time: "2026-07-14T14:35:30Z".parse().ok(),
        date_worked: Some(jiff::civil::date(2026, 7, 14)),
        summary_notes: Some("Remote session".into()),
        internal_notes: Some(MARKER.into()),
        ..TimeEntry::default()
    };
    sim.fault(FaultSpec::new(Fault::SplitTimeEntry { lose_answer: true }));
    let result = client
        .create_once(
            &entry,
            TimeEntry::INTERNAL_NOTES.contains(MARKER),
            &OncePolicy::new(Duration::from_secs(360)),
        )
        .await;
    match result {
        Ok(Once::Found(entries)) => assert_eq!(entries.len(), 2),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn clear_refusals_are_errors() {
    let (sim, _) = tenant().await;
    let (client, _) = client_and_waits(&sim);
    let mut note = marked(&sim);
    note.ticket_id = Some(99_999_999);
    let error = client
        .create_once(&note, by_marker(), &policy())
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Refused, Outcome::NotStored)
    );
}

#[tokio::test]
async fn a_marker_that_marks_nothing_is_refused() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    sim.reset_calls();
    let none: [i64; 0] = [];
    for marker in [Query::all(), Query::by_ids(none)] {
        let error = client
            .create_once(&marked(&sim), marker, &policy())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Query);
    }
    assert!(sim.calls().is_empty());
}

#[tokio::test]
async fn the_searches_are_never_impersonated() {
    let (sim, _) = tenant().await;
    let (client, _) = client_and_waits(&sim);
    let technician = sim.demo().technician;
    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create"));
    let found = client
        .impersonate(technician)
        .create_once(&marked(&sim), by_marker(), &policy())
        .await
        .unwrap();
    let Once::Found(notes) = found else {
        panic!("{found:?}");
    };
    assert_eq!(
        notes[0].creator_resource_id.map(i64::from),
        Some(technician)
    );
    for call in sim.calls() {
        let expected = (call.operation == "create").then_some(technician);
        assert_eq!(call.impersonated, expected, "{}", call.operation);
    }
}

/// A deadline that comes before the wait is over ends it at once.
#[tokio::test]
async fn the_deadline_ends_the_waiting() {
    let (sim, _) = tenant().await;
    let (client, waits) = client_and_waits(&sim);
    client.zone().await.unwrap();
    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create"));
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    let result = client
        .with_deadline(deadline)
        .create_once(&marked(&sim), by_marker(), &policy())
        .await;
    let Ok(Once::Undecided(undecided)) = result else {
        panic!("{result:?}");
    };
    assert_eq!(undecided.searches, 0);
    assert!(waits.0.lock().unwrap().is_empty());
}
