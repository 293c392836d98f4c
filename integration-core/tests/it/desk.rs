//! The desk port for Autotask against a simulated tenant.

use autotask_sim::{AutotaskSim, Fault, FaultSpec, Record};
use autotask_soap::Client;
use integration_core::{
    adapters::{AutotaskDesk, DeskSettings},
    draft::{Draft, NoteDraft, TimeEntryDraft},
    effect::{EffectKey, EffectKind},
    failure::{Failure, FailureClass},
    needs::Needs,
    ports::{CreateOutcome, Desk, Scope, Search},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use std::time::Duration;

struct Bench {
    tenant: AutotaskSim,
    desk: AutotaskDesk,
}

async fn bench() -> Bench {
    let tenant = AutotaskSim::start().await.unwrap();
    let desk = desk(&tenant, &tenant.password(), &tenant.integration_code());
    Bench { tenant, desk }
}

fn desk(tenant: &AutotaskSim, password: &str, code: &str) -> AutotaskDesk {
    let client = Client::builder(tenant.username(), password, code)
        .endpoint(tenant.endpoint())
        .build()
        .unwrap();
    AutotaskDesk::new(client, DeskSettings::default())
}

fn soon() -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(5)
}

fn key(kind: EffectKind) -> EffectKey {
    EffectKey {
        tenant: 1,
        lsid: "0123456789abcdef0123456789abcdef".into(),
        kind,
        part: "1".into(),
    }
}

fn note(tenant: &AutotaskSim) -> Draft {
    Draft::Note(NoteDraft {
        ticket_id: tenant.demo().ticket,
        title: "Session „Größe“".into(),
        description: format!(
            "first line\nsecond <line> & more 😀\n{}",
            key(EffectKind::Note).marker()
        ),
        note_type: 3,
        publish: 2,
    })
}

/// The day in the tenant's zone, which is that of New York.
fn day(instant: Timestamp) -> Date {
    instant.in_tz("America/New_York").unwrap().date()
}

fn time_entry(tenant: &AutotaskSim, start: &str, minutes: i64) -> Draft {
    let start: Timestamp = start.parse().unwrap();
    Draft::TimeEntry(TimeEntryDraft {
        ticket_id: tenant.demo().ticket,
        resource_id: tenant.demo().technician,
        role_id: tenant.demo().role,
        start,
        end: start + SignedDuration::from_mins(minutes),
        date_worked: day(start),
        summary_notes: "Remote support".into(),
        internal_notes: format!("internal\n{}", key(EffectKind::TimeEntry).marker()),
    })
}

fn ours(tenant: &AutotaskSim, entity: &str) -> Vec<Record> {
    let us = Some(tenant.demo().api_user);
    let mut records = tenant.records(entity);
    records.retain(|r| r.int("CreatorResourceID") == us || r.int("CreatorUserID") == us);
    records
}

async fn find(bench: &Bench, kind: EffectKind, scope: Scope) -> Result<Vec<i64>, Failure> {
    let marker = key(kind).marker();
    let found = bench
        .desk
        .find(&Search {
            kind,
            marker: &marker,
            scope,
        })
        .await?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

#[tokio::test]
async fn the_tenants_number_is_part_of_every_key() {
    let bench = bench().await;
    assert_eq!(
        bench.desk.tenant().await.unwrap(),
        i64::from(bench.tenant.ci())
    );
}

#[tokio::test]
async fn a_note_arrives_as_it_was_drafted() {
    let bench = bench().await;
    let outcome = bench.desk.create(&note(&bench.tenant), soon()).await;
    let [stored] = &ours(&bench.tenant, "TicketNote")[..] else {
        panic!("{outcome:?}")
    };
    assert_eq!(outcome, CreateOutcome::Created(vec![stored.id]));
    let demo = bench.tenant.demo();
    assert_eq!(stored.int("TicketID"), Some(demo.ticket));
    assert_eq!(
        (stored.int("NoteType"), stored.int("Publish")),
        (Some(3), Some(2))
    );
    assert_eq!(stored.text("Title"), "Session „Größe“");
    let marker = key(EffectKind::Note).marker();
    let wanted = format!("first line\nsecond <line> & more 😀\n{marker}");
    assert_eq!(stored.text("Description"), wanted);
}

#[tokio::test]
async fn c117_a_time_entry_keeps_its_instants_whatever_the_wire_zone() {
    // Before, in and after US summer time, and just after its end (06:00 UTC on 1 November 2026).
    for start in [
        "2026-01-15T14:00:07Z",
        "2026-07-15T03:30:00Z",
        "2026-11-24T23:59:59Z",
        "2026-11-01T07:10:00Z",
    ] {
        let bench = bench().await;
        let outcome = bench
            .desk
            .create(&time_entry(&bench.tenant, start, 18), soon())
            .await;
        let [stored] = &ours(&bench.tenant, "TimeEntry")[..] else {
            panic!("{outcome:?}")
        };
        let start: Timestamp = start.parse().unwrap();
        assert_eq!(stored.time("StartDateTime"), Some(start));
        assert_eq!(
            stored.time("EndDateTime"),
            Some(start + SignedDuration::from_mins(18))
        );
        assert_eq!(
            stored.date("DateWorked"),
            Some(day(start)),
            "a day never shifts"
        );
        assert_eq!(stored.double("HoursWorked"), Some(0.3));
        assert_eq!(stored.text("SummaryNotes"), "Remote support");
        let demo = bench.tenant.demo();
        assert_eq!(stored.int("ResourceID"), Some(demo.technician));
        assert_eq!(stored.int("RoleID"), Some(demo.role));
    }
}

#[tokio::test]
async fn what_is_refused_is_not_stored_and_classed() {
    let refused = |outcome| match outcome {
        CreateOutcome::Refused(failure) => failure,
        other => panic!("{other:?}"),
    };
    let bench = bench().await;
    let tenant = &bench.tenant;

    let mut unknown = note(tenant);
    if let Draft::Note(note) = &mut unknown {
        note.ticket_id = 424_242;
    }
    let failure = refused(bench.desk.create(&unknown, soon()).await);
    assert_eq!(failure.class, FailureClass::Data, "{failure}");
    assert!(failure.message.contains("TicketNote"), "{failure}");

    let wrong = desk(tenant, "wrong", &tenant.integration_code());
    let failure = refused(wrong.create(&note(tenant), soon()).await);
    assert_eq!(failure.class, FailureClass::Config, "{failure}");
    assert!(!failure.to_string().contains("wrong "), "{failure}");

    let wrong = desk(tenant, &tenant.password(), "WRONGCODE");
    let failure = refused(wrong.create(&note(tenant), soon()).await);
    assert_eq!(failure.class, FailureClass::Config, "{failure}");

    tenant.fault(FaultSpec::new(Fault::ThreadLimit).on("create"));
    let failure = refused(bench.desk.create(&note(tenant), soon()).await);
    assert_eq!(failure.class, FailureClass::Limit, "{failure}");

    tenant.set_foreign_requests(10_001);
    let failure = refused(bench.desk.create(&note(tenant), soon()).await);
    assert_eq!(failure.class, FailureClass::Limit, "{failure}");
    tenant.set_foreign_requests(0);

    let failure = refused(bench.desk.create(&note(tenant), Timestamp::now()).await);
    assert_eq!(
        failure.class,
        FailureClass::Limit,
        "nothing may leave late: {failure}"
    );

    assert_eq!(ours(tenant, "TicketNote").len(), 0);
}

#[tokio::test]
async fn a_server_that_is_not_there_stored_nothing() {
    let tenant = AutotaskSim::start().await.unwrap();
    let desk = desk(&tenant, &tenant.password(), &tenant.integration_code());
    desk.tenant().await.unwrap();
    let draft = note(&tenant);
    drop(tenant);
    match desk.create(&draft, soon()).await {
        CreateOutcome::Refused(failure) => {
            assert_eq!(failure.class, FailureClass::Transient, "{failure}");
        }
        // The old connection may have been taken for a live one.
        CreateOutcome::Ambiguous(_) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whatever_else_happens_is_ambiguous_and_sent_once() {
    for fault in [
        Fault::LoseAnswerAfterCommit,
        Fault::DropBeforeCommit,
        Fault::CommitLater(Duration::from_millis(50)),
        Fault::SoapFault,
        Fault::Html200,
        Fault::Status500Html,
        Fault::Status(503),
        Fault::Redirect307,
        Fault::TruncatedBody { after_commit: true },
        Fault::BrokenBody { after_commit: true },
        Fault::SplitTimeEntry { lose_answer: true },
    ] {
        let bench = bench().await;
        bench
            .tenant
            .fault(FaultSpec::new(fault.clone()).on("create"));
        let entry = time_entry(&bench.tenant, "2026-11-24T14:00:00Z", 18);
        let outcome = bench.desk.create(&entry, soon()).await;
        assert!(
            matches!(outcome, CreateOutcome::Ambiguous(_)),
            "{fault:?}: {outcome:?}"
        );
        assert_eq!(
            bench.tenant.call_count("create", "TimeEntry"),
            1,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_ambiguous() {
    let bench = bench().await;
    bench.desk.tenant().await.unwrap();
    let late = Fault::DelayAnswer(Duration::from_secs(3));
    bench.tenant.fault(FaultSpec::new(late).on("create"));
    let deadline = Timestamp::now() + SignedDuration::from_millis(300);
    let outcome = bench.desk.create(&note(&bench.tenant), deadline).await;
    assert!(
        matches!(outcome, CreateOutcome::Ambiguous(_)),
        "{outcome:?}"
    );
    assert_eq!(ours(&bench.tenant, "TicketNote").len(), 1);
}

#[tokio::test]
async fn records_are_found_by_their_marker() {
    let bench = bench().await;
    let ticket = bench.tenant.demo().ticket;
    let before = bench.tenant.now() - SignedDuration::from_mins(1);
    for kind in [EffectKind::Note, EffectKind::TimeEntry] {
        assert_eq!(
            find(&bench, kind, Scope::Ticket(ticket)).await.unwrap(),
            [0; 0]
        );
    }
    let split = Fault::SplitTimeEntry { lose_answer: true };
    bench
        .tenant
        .fault(FaultSpec::new(split).on("create").entity("TimeEntry"));
    bench.desk.create(&note(&bench.tenant), soon()).await;
    let entry = time_entry(&bench.tenant, "2026-11-24T14:00:00Z", 18);
    bench.desk.create(&entry, soon()).await;

    let scopes = [Scope::Ticket(ticket), Scope::Tenant(before)];
    for scope in scopes {
        let notes = find(&bench, EffectKind::Note, scope).await.unwrap();
        assert_eq!(notes, [ours(&bench.tenant, "TicketNote")[0].id]);
        let entries = find(&bench, EffectKind::TimeEntry, scope).await.unwrap();
        assert_eq!(entries.len(), 2, "two rows of one entry");
    }
    let elsewhere = Scope::Ticket(bench.tenant.demo().queue_ticket);
    assert_eq!(
        find(&bench, EffectKind::Note, elsewhere).await.unwrap(),
        [0; 0]
    );
    // A record that is older than any search asks for.
    let tomorrow = Scope::Tenant(bench.tenant.now() + SignedDuration::from_hours(24));
    assert_eq!(
        find(&bench, EffectKind::Note, tomorrow).await.unwrap(),
        [0; 0]
    );

    bench.tenant.fault(
        FaultSpec::new(Fault::Html200)
            .on("query")
            .times(FaultSpec::ALWAYS),
    );
    let failed = find(&bench, EffectKind::Note, Scope::Ticket(ticket)).await;
    assert!(failed.is_err(), "a failed search is no empty answer");
}

#[tokio::test]
async fn a_lost_permission_shows_as_nothing_readable() {
    let bench = bench().await;
    for kind in [EffectKind::Note, EffectKind::TimeEntry] {
        assert!(
            bench.desk.can_read_any(kind).await.unwrap(),
            "people's records are there"
        );
    }
    bench.tenant.restrict("TicketNote");
    assert!(!bench.desk.can_read_any(EffectKind::Note).await.unwrap());
}

#[tokio::test]
async fn our_records_are_told_from_those_of_people() {
    let bench = bench().await;
    let ticket = bench.tenant.demo().ticket;
    let before = bench.tenant.now() - SignedDuration::from_mins(1);
    let gone = Fault::EditMarkerAway { text: None };
    bench
        .tenant
        .fault(FaultSpec::new(gone).on("create").entity("TicketNote"));
    bench.desk.create(&note(&bench.tenant), soon()).await;
    bench.tenant.add(
        Record::new("TicketNote")
            .set("TicketID", ticket)
            .set("Title", "by a person")
            .set("Description", "in the same minute")
            .set("NoteType", 1)
            .set("Publish", 2)
            .set("CreatorResourceID", bench.tenant.demo().technician),
    );
    let found = bench
        .desk
        .written_by_us(EffectKind::Note, ticket, before)
        .await
        .unwrap();
    let [found] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(found.id, ours(&bench.tenant, "TicketNote")[0].id);
    assert!(!found.has_marker);
}

#[tokio::test]
async fn only_answers_that_a_plan_can_use_are_remembered() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    let needs = Needs {
        ticket_id: Some(demo.ticket),
        note_picklists: true,
        resource_email: Some("JSmith@Example.com".into()),
        role_name: Some("support engineer".into()),
    };
    bench
        .tenant
        .update_record("Resource", demo.technician, "Active", false);
    let facts = bench.desk.look_up(&needs).await.unwrap();
    assert!(facts.resources.iter().all(|person| !person.active));
    assert_eq!(facts.held_role_ids, [0; 0]);

    bench
        .tenant
        .update_record("Resource", demo.technician, "Active", true);
    let facts = bench.desk.look_up(&needs).await.unwrap();
    assert_eq!(facts.resources.len(), 1);
    assert_eq!(facts.resources[0].id, demo.technician);
    assert_eq!(facts.roles[0].id, demo.role);
    assert!(facts.held_role_ids.contains(&demo.role));
    assert_eq!(facts.publish.len(), 2);
    assert_eq!(
        facts.ticket.as_ref().unwrap().assigned_role_id,
        Some(demo.role)
    );

    bench.tenant.reset_calls();
    assert_eq!(bench.desk.look_up(&needs).await.unwrap(), facts);
    assert_eq!(
        bench.tenant.calls().len(),
        1,
        "only the ticket is read again"
    );
    bench.desk.forget().await;
    bench.desk.look_up(&needs).await.unwrap();
    assert_eq!(bench.tenant.calls().len(), 6);

    let unknown = Needs {
        ticket_id: Some(424_242),
        ..Needs::default()
    };
    assert_eq!(bench.desk.look_up(&unknown).await.unwrap().ticket, None);
}
