//! How a create ends: stored, refused, or perhaps stored; and that it leaves only once.

use super::{
    Bench, CODE, KINDS, PASSWORD, bench, bench_with, client, entity, key, refused, sensible, soon,
    without_secrets,
};
use autotask_sim::{AutotaskSim, Fault, FaultSpec, ProxyTimeEntry, When};
use autotask_soap::{Client, RetryPolicy};
use integration_core::{
    adapters::{AutotaskDesk, DeskSettings},
    draft::{Draft, NoteDraft, TimeEntryDraft},
    effect::EffectKind,
    failure::FailureClass,
    ports::{CreateOutcome, Desk},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    sync::Arc,
    thread,
    time::Duration,
};

fn desk(tenant: &AutotaskSim, password: &str, code: &str) -> AutotaskDesk {
    let client = client(tenant, password, code).build().unwrap();
    AutotaskDesk::new(client, DeskSettings::default())
}

#[tokio::test]
async fn wrong_credentials_store_nothing_and_are_a_matter_of_settings() {
    let bench = bench().await;
    for kind in KINDS {
        for (password, code) in [
            ("wrong-password", CODE),
            (PASSWORD, "WRONGCODE"),
            ("wrong-password", "WRONGCODE"),
        ] {
            bench.tenant.reset_calls();
            let wrong = desk(&bench.tenant, password, code);
            let failure = refused(wrong.create(&bench.draft(kind), soon()).await);
            assert_eq!(failure.class, FailureClass::Config, "{failure}");
            for secret in ["wrong-password", "WRONGCODE"] {
                assert!(!format!("{failure:?}").contains(secret), "{failure}");
            }
            assert_eq!(bench.sent(), 1);
        }
        assert_eq!(bench.ours(kind), []);
    }
}

#[tokio::test]
async fn a_password_changed_on_the_way_is_a_matter_of_settings() {
    let bench = bench().await;
    bench.created(&Draft::Note(bench.note())).await;
    bench.tenant.set_password("another");
    bench.tenant.reset_calls();
    let failure = bench.refused(&bench.usual_entry()).await;
    assert_eq!(failure.class, FailureClass::Config, "{failure}");
    assert_eq!(
        bench.sent(),
        1,
        "the zone is the same: nothing is sent again"
    );
}

#[tokio::test]
async fn the_server_refuses_a_call_and_stores_nothing() {
    for (fault, class) in [
        (Fault::Unauthorized401, FailureClass::Config),
        (Fault::ThreadLimit, FailureClass::Limit),
        (Fault::Status(429), FailureClass::Limit),
        (Fault::Status(403), FailureClass::Config),
    ] {
        for kind in KINDS {
            let bench = bench().await;
            bench
                .tenant
                .fault(FaultSpec::new(fault.clone()).on("create"));
            let failure = bench.refused(&bench.draft(kind)).await;
            assert_eq!(failure.class, class, "{fault:?}: {failure}");
            assert_eq!(bench.sent(), 1, "{fault:?}");
            assert_eq!(bench.ours(kind), [], "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_used_up_threshold_is_a_limit() {
    let bench = bench().await;
    bench.tenant.set_foreign_requests(10_001);
    let failure = bench.refused(&Draft::Note(bench.note())).await;
    assert_eq!(failure.class, FailureClass::Limit, "{failure}");
    assert_eq!(bench.sent(), 1);
    bench.tenant.set_foreign_requests(0);
    bench.created(&Draft::Note(bench.note())).await;
}

/// The failure of a draft that this tenant does not take, after one call.
async fn not_taken(bench: &Bench, draft: Draft, words: &[&str]) {
    bench.tenant.reset_calls();
    let failure = bench.refused(&draft).await;
    assert_eq!(failure.class, FailureClass::Data, "{failure}");
    for words in words {
        assert!(failure.message.contains(words), "{words} not in {failure}");
    }
    let ticket = draft.ticket_id().to_string();
    assert!(failure.message.contains(&ticket), "which ticket? {failure}");
    assert_eq!(bench.sent(), 1);
    assert_eq!(bench.ours(draft.kind()), []);
}

#[tokio::test]
async fn a_record_that_does_not_fit_is_refused_in_the_servers_words() {
    let bench = bench_with(|client| client.check_before_create(false)).await;
    let demo = *bench.tenant.demo();
    let note = || bench.note();
    let entry = || bench.time_entry("2026-07-15T13:00:00Z", "2026-07-15T13:30:00Z");

    let unknown = NoteDraft {
        ticket_id: 424_242,
        ..note()
    };
    let words = [
        "TicketNote",
        "Reference value on field: ticketID of type: Ticket",
    ];
    not_taken(&bench, Draft::Note(unknown), &words).await;
    let unknown = TimeEntryDraft {
        ticket_id: 424_242,
        ..entry()
    };
    let words = [
        "TimeEntry",
        "Reference value on field: ticketID of type: Ticket",
    ];
    not_taken(&bench, Draft::TimeEntry(unknown), &words).await;

    let not_held = TimeEntryDraft {
        resource_id: demo.second_technician,
        role_id: demo.second_role,
        ..entry()
    };
    let words = ["Role does not exist or is invalid"];
    not_taken(&bench, Draft::TimeEntry(not_held), &words).await;

    let left = TimeEntryDraft {
        resource_id: demo.inactive_technician,
        ..entry()
    };
    let words = ["Reference value on field: resourceID of type: Resource"];
    not_taken(&bench, Draft::TimeEntry(left), &words).await;

    let long = |text: &str, units| text.repeat(units);
    let too_long = NoteDraft {
        description: long("x", 32_001),
        ..note()
    };
    let words = ["String value exceeds maximum length (field:description)"];
    not_taken(&bench, Draft::Note(too_long), &words).await;
    let too_long = NoteDraft {
        title: long("😀", 126),
        ..note()
    };
    let words = ["String value exceeds maximum length (field:title)"];
    not_taken(&bench, Draft::Note(too_long), &words).await;
    let too_long = TimeEntryDraft {
        internal_notes: long("x", 32_001),
        ..entry()
    };
    let words = ["String value exceeds maximum length (field:internalNotes)"];
    not_taken(&bench, Draft::TimeEntry(too_long), &words).await;
}

#[tokio::test]
async fn a_text_that_cannot_fit_need_not_be_sent() {
    let bench = bench().await;
    let too_long = NoteDraft {
        description: "x".repeat(32_001),
        ..bench.note()
    };
    let failure = bench.refused(&Draft::Note(too_long)).await;
    assert_eq!(failure.class, FailureClass::Data, "{failure}");
    assert!(failure.message.contains("Description"), "{failure}");
    assert!(!failure.message.contains("xxxx"), "{failure}");
    assert!(bench.sent() <= 1);
    assert_eq!(bench.ours(EffectKind::Note), []);
}

#[tokio::test]
async fn a_submitted_timesheet_and_forbidden_proxy_time_are_refusals() {
    let bench = bench().await;
    bench
        .tenant
        .configure(|settings| settings.proxy_time_entry = ProxyTimeEntry::Off);
    let failure = bench.refused(&bench.usual_entry()).await;
    assert!(failure.message.contains("for other resources"), "{failure}");
    bench
        .tenant
        .configure(|settings| settings.proxy_time_entry = ProxyTimeEntry::Allowed);
    let day = jiff::civil::date(2026, 11, 24);
    bench
        .tenant
        .submit_timesheet(bench.tenant.demo().technician, day);
    let failure = bench.refused(&bench.usual_entry()).await;
    assert_eq!(failure.class, FailureClass::Data, "{failure}");
    assert!(failure.message.contains("timesheet"), "{failure}");
    assert_eq!(bench.ours(EffectKind::TimeEntry), []);
}

/// Some faults commit after the client has left.
async fn stored_in_the_end(bench: &Bench, kind: EffectKind, wanted: usize) {
    for _ in 0..3_000 {
        if bench.ours(kind).len() >= wanted {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(bench.ours(kind).len(), wanted);
}

/// Whether the tenant holds the record after that fault, in the end.
fn ends_stored(fault: &Fault) -> bool {
    match fault {
        Fault::LoseAnswerAfterCommit | Fault::CommitLater(_) | Fault::SplitTimeEntry { .. } => true,
        Fault::TruncatedBody { after_commit } | Fault::BrokenBody { after_commit } => *after_commit,
        _ => false,
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
        Fault::Status(500),
        Fault::Status(502),
        Fault::Status(503),
        Fault::Status(504),
        Fault::Status(301),
        Fault::Redirect307,
        Fault::TruncatedBody { after_commit: true },
        Fault::TruncatedBody {
            after_commit: false,
        },
        Fault::BrokenBody { after_commit: true },
        Fault::BrokenBody {
            after_commit: false,
        },
        Fault::SplitTimeEntry { lose_answer: true },
    ] {
        for kind in KINDS {
            let split = matches!(fault, Fault::SplitTimeEntry { .. });
            if split && kind == EffectKind::Note {
                continue;
            }
            let bench = bench().await;
            // The zone is known and the connection in use, as on any other day.
            bench.desk.tenant().await.unwrap();
            let handle = bench
                .tenant
                .fault(FaultSpec::new(fault.clone()).on("create"));
            let outcome = bench.create(&bench.draft(kind)).await;
            assert_eq!(bench.tenant.fault_fired(handle), 1);
            without_secrets(&outcome);
            match outcome {
                CreateOutcome::Ambiguous(seen) => assert!(!seen.trim().is_empty()),
                other => panic!("{fault:?}: {other:?}"),
            }
            let rows = if split { 2 } else { 1 };
            let wanted = if ends_stored(&fault) { rows } else { 0 };
            stored_in_the_end(&bench, kind, wanted).await;
            assert_eq!(bench.sent(), 1, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn a_repeated_failure_is_not_answered_with_repeated_sends() {
    // Every connection breaks, from the first byte of the first try.
    let bench = bench().await;
    bench.desk.tenant().await.unwrap();
    let spec = FaultSpec::new(Fault::DropBeforeCommit).on("create");
    bench.tenant.fault(spec.times(FaultSpec::ALWAYS));
    for sent in 1..=3 {
        let outcome = bench.create(&Draft::Note(bench.note())).await;
        assert!(
            matches!(outcome, CreateOutcome::Ambiguous(_)),
            "{outcome:?}"
        );
        assert_eq!(bench.sent(), sent);
    }
}

#[tokio::test]
async fn an_answer_later_than_the_clients_patience_is_ambiguous() {
    for fault in [
        Fault::Delay(Duration::from_secs(4)),
        Fault::DelayAnswer(Duration::from_secs(600)),
    ] {
        let bench = bench_with(|client| client.timeout(Duration::from_secs(2))).await;
        bench.desk.tenant().await.unwrap();
        bench
            .tenant
            .fault(FaultSpec::new(fault.clone()).on("create"));
        ends_in_doubt_but_stored(&bench, soon()).await;
    }
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_ambiguous() {
    for fault in [
        Fault::Delay(Duration::from_secs(4)),
        Fault::DelayAnswer(Duration::from_secs(600)),
    ] {
        let bench = bench().await;
        bench.desk.tenant().await.unwrap();
        bench
            .tenant
            .fault(FaultSpec::new(fault.clone()).on("create"));
        let deadline = Timestamp::now() + SignedDuration::from_secs(2);
        ends_in_doubt_but_stored(&bench, deadline).await;
    }
}

async fn ends_in_doubt_but_stored(bench: &Bench, deadline: Timestamp) {
    let draft = Draft::Note(bench.note());
    let outcome = bench.desk.create(&draft, deadline).await;
    assert!(
        matches!(outcome, CreateOutcome::Ambiguous(_)),
        "{outcome:?}"
    );
    stored_in_the_end(bench, EffectKind::Note, 1).await;
    assert_eq!(bench.sent(), 1);
}

#[tokio::test]
async fn nothing_leaves_after_the_deadline() {
    let bench = bench().await;
    let past = Timestamp::now() - SignedDuration::from_secs(1);
    let draft = Draft::Note(bench.note());
    let failure = refused(bench.desk.create(&draft, past).await);
    assert_eq!(failure.class, FailureClass::Limit, "{failure}");
    assert_eq!(bench.sent(), 0);
}

#[tokio::test]
async fn who_waits_for_a_turn_until_the_deadline_sends_nothing() {
    let Bench { tenant, desk } = bench().await;
    let bench = Arc::new(Bench { tenant, desk });
    let gate = bench
        .tenant
        .gate("create", "TicketNote", When::BeforeCommit);
    let mut busy = Vec::new();
    for _ in 0..3 {
        let bench = bench.clone();
        busy.push(tokio::spawn(async move {
            bench.create(&Draft::Note(bench.note())).await
        }));
        gate.reached().await;
    }
    let deadline = Timestamp::now() + SignedDuration::from_millis(150);
    let draft = Draft::Note(bench.note());
    let failure = refused(bench.desk.create(&draft, deadline).await);
    assert!(
        matches!(failure.class, FailureClass::Limit | FailureClass::Transient),
        "{failure}"
    );
    drop(gate);
    for call in busy {
        let outcome = call.await.unwrap();
        assert!(matches!(outcome, CreateOutcome::Created(_)), "{outcome:?}");
    }
    assert_eq!(bench.sent(), 3);
}

#[tokio::test]
async fn a_server_that_never_was_there_stored_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let bench = bench().await;
    let client = Client::builder(bench.tenant.username(), PASSWORD, CODE)
        .endpoint(format!("http://{address}/ATServices/1.6/atws.asmx"))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let nowhere = AutotaskDesk::new(client, DeskSettings::default());
    for kind in KINDS {
        let failure = refused(nowhere.create(&bench.draft(kind), soon()).await);
        assert_eq!(failure.class, FailureClass::Transient, "{failure}");
    }
    let failure = sensible(nowhere.tenant().await.unwrap_err());
    assert_eq!(failure.class, FailureClass::Transient, "{failure}");
}

/// Answers every request with a zone whose server does not run.
fn zone_without_server() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = free.local_addr().unwrap();
    drop(free);
    let lookup = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = lookup.local_addr().unwrap();
    let body = format!(
        "<?xml version=\"1.0\"?><soap:Envelope xmlns:soap=\
         \"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body><getZoneInfoResponse \
         xmlns=\"http://autotask.net/ATWS/v1_6/\"><getZoneInfoResult>\
         <URL>http://{dead}/ATServices/1.6/atws.asmx</URL><ErrorCode>0</ErrorCode>\
         <CI>777777</CI><WebUrl>http://{dead}/</WebUrl></getZoneInfoResult>\
         </getZoneInfoResponse></soap:Body></soap:Envelope>"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/xml; charset=utf-8\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    thread::spawn(move || {
        while let Ok((mut stream, _)) = lookup.accept() {
            let mut request = Vec::new();
            let mut chunk = [0; 4096];
            while !request.ends_with(b"Envelope>") {
                match stream.read(&mut chunk) {
                    Ok(read) if read > 0 => request.extend_from_slice(&chunk[..read]),
                    _ => break,
                }
            }
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/ATServices/1.6/atws.asmx")
}

#[tokio::test]
async fn a_zone_whose_server_does_not_listen_stored_nothing() {
    let bench = bench().await;
    let client = Client::builder(bench.tenant.username(), PASSWORD, CODE)
        .endpoint(zone_without_server())
        .build()
        .unwrap();
    let nowhere = AutotaskDesk::new(client, DeskSettings::default());
    assert_eq!(nowhere.tenant().await.unwrap(), 777_777);
    for kind in KINDS {
        let failure = refused(nowhere.create(&bench.draft(kind), soon()).await);
        assert_eq!(failure.class, FailureClass::Transient, "{failure}");
    }
}

#[tokio::test]
async fn without_a_zone_nothing_is_sent() {
    let bench = bench().await;
    for fault in [
        Fault::Status500Html,
        Fault::DropBeforeCommit,
        Fault::Html200,
    ] {
        let spec = FaultSpec::new(fault.clone()).on("getZoneInfo");
        bench.tenant.fault(spec.times(FaultSpec::ALWAYS));
        let failure = bench.refused(&Draft::Note(bench.note())).await;
        assert_ne!(failure.class, FailureClass::Data, "{fault:?}: {failure}");
        bench.tenant.clear_faults();
    }
    assert_eq!(bench.sent(), 0);
    bench.created(&Draft::Note(bench.note())).await;
}

#[tokio::test]
async fn a_split_entry_is_told_with_all_its_ids() {
    let bench = bench().await;
    let split = Fault::SplitTimeEntry { lose_answer: false };
    bench.tenant.fault(FaultSpec::new(split).on("create"));
    let outcome = bench.create(&bench.usual_entry()).await;
    let ids: Vec<_> = bench
        .ours(EffectKind::TimeEntry)
        .iter()
        .map(|r| r.id)
        .collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(outcome, CreateOutcome::Created(ids));
}

#[tokio::test]
async fn the_draft_is_sent_as_the_api_user() {
    let bench = bench().await;
    for kind in KINDS {
        bench.created(&bench.draft(kind)).await;
    }
    let calls = bench.tenant.calls();
    assert!(calls.iter().all(|call| call.impersonated.is_none()));
    // The marker went where people of the desk find it, and nowhere else.
    let marker = key(EffectKind::TimeEntry).marker();
    let call = calls.last().unwrap();
    assert_eq!(call.entity.as_deref(), Some(entity(EffectKind::TimeEntry)));
    assert_eq!(call.request.matches(marker.as_str()).count(), 1);
}
