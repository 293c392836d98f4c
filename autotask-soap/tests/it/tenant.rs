//! Writes against the simulated tenant, also when things go wrong on the way.

use crate::support::*;
use autotask_sim::{AutotaskSim, Fault, FaultSpec, When};
use autotask_soap::v1_6::{TicketNote, TimeEntry};
use autotask_soap::{ErrorKind, Outcome};
use jiff::Timestamp;
use std::time::Duration;

fn note_on(sim: &AutotaskSim, title: &str) -> TicketNote {
    TicketNote {
        ticket_id: i32::try_from(sim.demo().ticket).ok(),
        title: Some(title.into()),
        ..note()
    }
}

#[tokio::test]
async fn a_note_arrives_as_it_was_written() {
    let (sim, client) = tenant().await;
    let text = "Line one\r\nLine <two> & \"three\" – Größe 🙂";
    let mut note = note_on(&sim, "Session");
    note.description = Some(text.into());
    let created = client.create(&note).await.unwrap();
    let record = sim.record("TicketNote", created.id).unwrap();
    assert_eq!(record.text("Description"), text);
    assert_eq!(record.int("Publish"), Some(2));
    assert_eq!(record.int("CreatorResourceID"), Some(sim.demo().api_user));
    let read = client.get::<TicketNote>(created.id).await.unwrap().unwrap();
    assert_eq!(read.description.as_deref(), Some(text));
}

#[tokio::test]
async fn impersonation_makes_the_technician_the_creator() {
    let (sim, client) = tenant().await;
    let technician = sim.demo().technician;
    let created = client
        .impersonate(technician)
        .create(&note_on(&sim, "By John"))
        .await
        .unwrap();
    let record = sim.record("TicketNote", created.id).unwrap();
    assert_eq!(record.int("CreatorResourceID"), Some(technician));
    assert_eq!(
        record.int("ImpersonatorCreatorResourceID"),
        Some(sim.demo().api_user)
    );
}

#[tokio::test]
async fn a_time_entry_keeps_its_instants() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let start: Timestamp = "2026-07-14T14:05:30Z".parse().unwrap();
    let end: Timestamp = "2026-07-14T14:35:30Z".parse().unwrap();
    let number = |id: i64| i32::try_from(id).ok();
    let entry = TimeEntry {
        ticket_id: number(demo.ticket),
        resource_id: number(demo.technician),
        role_id: number(demo.role),
        allocation_code_id: number(demo.work_type),
        start_date_time: Some(start),
        end_date_time: Some(end),
        date_worked: Some(jiff::civil::date(2026, 7, 14)),
        summary_notes: Some("Remote session".into()),
        ..TimeEntry::default()
    };
    let created = client.create(&entry).await.unwrap();
    let record = sim.record("TimeEntry", created.id).unwrap();
    assert_eq!(
        (record.time("StartDateTime"), record.time("EndDateTime")),
        (Some(start), Some(end))
    );
    assert_eq!(
        record.date("DateWorked"),
        Some(jiff::civil::date(2026, 7, 14))
    );
    let read = client.get::<TimeEntry>(created.id).await.unwrap().unwrap();
    assert_eq!(
        (read.start_date_time, read.date_worked),
        (entry.start_date_time, entry.date_worked)
    );
}

#[tokio::test]
async fn one_bad_record_stops_its_batch_and_is_named() {
    let (sim, client) = tenant().await;
    let before = sim.records("TicketNote").len();
    let mut batch = vec![
        note_on(&sim, "one"),
        note_on(&sim, "two"),
        note_on(&sim, "three"),
    ];
    batch[1].ticket_id = Some(99_999_999);
    let error = client.create_many(&batch).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Refused, Outcome::NotStored)
    );
    assert!(
        error
            .server_errors()
            .iter()
            .all(|error| error.record == Some(2)),
        "{error}"
    );
    assert_eq!(sim.records("TicketNote").len(), before);

    batch.remove(1);
    let created = client.create_many(&batch).await.unwrap();
    assert_eq!(created.ids.len(), 2);
    assert_eq!(sim.records("TicketNote").len(), before + 2);
}

#[tokio::test]
async fn a_wrong_integration_code() {
    let (sim, _) = tenant().await;
    let client = autotask_soap::Client::builder(sim.username(), sim.password(), "WRONG")
        .endpoint(sim.lookup_endpoint())
        .build()
        .unwrap();
    let error = client.create(&note_on(&sim, "x")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::IntegrationCode, Outcome::NotStored)
    );
}

/// What the outcome claims is what the tenant holds: "not stored" is never wrong.
#[tokio::test]
async fn outcomes_are_true() {
    use Fault as F;
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    let client = client.with_timeout(Duration::from_millis(400));
    for (fault, kind, outcome, stored) in [
        (
            F::LoseAnswerAfterCommit,
            ErrorKind::Interrupted,
            Outcome::Ambiguous,
            true,
        ),
        (
            F::DropBeforeCommit,
            ErrorKind::Interrupted,
            Outcome::Ambiguous,
            false,
        ),
        (
            F::Redirect307,
            ErrorKind::Redirect,
            Outcome::Ambiguous,
            false,
        ),
        (
            F::Unauthorized401,
            ErrorKind::Unauthorized,
            Outcome::NotStored,
            false,
        ),
        (
            F::Status500Html,
            ErrorKind::NotSoap,
            Outcome::Ambiguous,
            false,
        ),
        (F::Html200, ErrorKind::NotSoap, Outcome::Ambiguous, false),
        (
            F::TruncatedBody { after_commit: true },
            ErrorKind::Truncated,
            Outcome::Ambiguous,
            true,
        ),
        (
            F::BrokenBody { after_commit: true },
            ErrorKind::Interrupted,
            Outcome::Ambiguous,
            true,
        ),
        (F::SoapFault, ErrorKind::Fault, Outcome::Ambiguous, false),
        (
            F::ThreadLimit,
            ErrorKind::ThreadLimit,
            Outcome::NotStored,
            false,
        ),
        (
            F::DelayAnswer(Duration::from_secs(5)),
            ErrorKind::Timeout,
            Outcome::Ambiguous,
            true,
        ),
    ] {
        let title = format!("{fault:?}");
        let handle = sim.fault(FaultSpec::new(fault).on("create").entity("TicketNote"));
        sim.reset_calls();
        let error = client.create(&note_on(&sim, &title)).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (kind, outcome),
            "{title}: {error}"
        );
        assert_eq!(sim.fault_fired(handle), 1, "{title}");
        assert_eq!(sim.call_count("create", ""), 1, "{title}");
        let held = sim
            .records("TicketNote")
            .iter()
            .filter(|n| n.text("Title") == title)
            .count();
        assert_eq!(held, usize::from(stored), "{title}");
        sim.clear_faults();
    }
}

#[tokio::test]
async fn never_more_than_three_calls_at_once_for_one_entity() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    let gate = sim.gate("create", "TicketNote", When::BeforeCommit);
    let calls: Vec<_> = (0..6)
        .map(|number| {
            let (client, note) = (client.clone(), note_on(&sim, &format!("n{number}")));
            tokio::spawn(async move { client.create(&note).await })
        })
        .collect();
    for _ in 0..3 {
        gate.reached().await;
    }
    // The other three wait here, not at the server; another entity is not held up.
    client.threshold().await.unwrap();
    assert_eq!(sim.call_count("create", ""), 3);
    drop(gate);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sim.call_count("create", ""), 6);
}

#[tokio::test]
async fn newer_servers_are_understood() {
    let (sim, client) = tenant().await;
    sim.configure(|settings| {
        settings.unknown_extras = true;
        settings.blank_for_empty = true;
    });
    let created = client.create(&note_on(&sim, "x")).await.unwrap();
    let note = client.get::<TicketNote>(created.id).await.unwrap().unwrap();
    assert_eq!(note.title.as_deref(), Some("x"));
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    let now = std::time::Instant::now;
    let late = client.with_deadline(now());
    let error = late.create(&note_on(&sim, "late")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::DeadlinePassed, Outcome::NotStored)
    );
    assert!(error.to_string().contains("Nothing was stored"), "{error}");
    assert_eq!(sim.call_count("create", ""), 0);

    // Waiting for a slot does not stretch the deadline.
    let gate = sim.gate("create", "TicketNote", When::BeforeCommit);
    let busy: Vec<_> = (0..3)
        .map(|_| {
            let (client, note) = (client.clone(), note_on(&sim, "busy"));
            tokio::spawn(async move { client.create(&note).await })
        })
        .collect();
    for _ in 0..3 {
        gate.reached().await;
    }
    let soon = client.with_deadline(now() + Duration::from_millis(50));
    let error = soon.create(&note_on(&sim, "waiting")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::DeadlinePassed, Outcome::NotStored)
    );
    drop(gate);
    for call in busy {
        call.await.unwrap().unwrap();
    }

    // Once sent, a call ends with the deadline, and nobody can tell.
    let _gate = sim.gate("create", "TicketNote", When::AfterCommit);
    let soon = client.with_deadline(now() + Duration::from_millis(200));
    let error = soon.create(&note_on(&sim, "sent")).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Timeout, Outcome::Ambiguous)
    );
    let titles: Vec<_> = sim
        .records("TicketNote")
        .iter()
        .map(|note| note.text("Title").to_owned())
        .collect();
    assert!(titles.iter().any(|title| title == "sent"), "{titles:?}");
    assert!(
        !titles
            .iter()
            .any(|title| title == "late" || title == "waiting"),
        "{titles:?}"
    );
}

#[tokio::test]
async fn a_time_entry_that_the_server_splits_gives_ids_that_exist() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    sim.fault(FaultSpec::new(Fault::SplitTimeEntry { lose_answer: false }));
    let number = |id: i64| i32::try_from(id).ok();
    let entry = TimeEntry {
        ticket_id: number(demo.ticket),
        resource_id: number(demo.technician),
        role_id: number(demo.role),
        allocation_code_id: number(demo.work_type),
        start_date_time: "2026-07-14T14:00:00Z".parse().ok(),
        end_date_time: "2026-07-14T15:00:00Z".parse().ok(),
        summary_notes: Some("Remote session".into()),
        ..TimeEntry::default()
    };
    let before = sim.time_entries(demo.ticket).len();
    let created = client.create(&entry).await.unwrap();
    assert_eq!(sim.time_entries(demo.ticket).len(), before + 2);
    assert_eq!(created.ids.first(), Some(&created.id));
    for id in &created.ids {
        assert!(sim.record("TimeEntry", *id).is_some());
    }
}

#[tokio::test]
async fn a_server_in_another_time_zone_is_noticed() {
    let (sim, client) = tenant().await;
    let touch = || sim.update_record("Ticket", sim.demo().ticket, "LastActivityDate", sim.now());
    touch();
    client.check_wire_zone(sim.now()).await.unwrap();
    sim.configure(|settings| settings.wire_zone = autotask_sim::WireZone::Utc);
    let error = client.check_wire_zone(sim.now()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("America/New_York"), "{error}");
    let utc = client_of(&sim)
        .wire_zone(autotask_soap::time::WireZone::utc())
        .build()
        .unwrap();
    utc.check_wire_zone(sim.now()).await.unwrap();
}
