//! Wrong settings, wrong data, broken peers: each gets its clear answer, loses nothing, and once it
//! is mended the ticket holds exactly one note and one time entry.

use crate::lab::{Lab, PATIENCE, SETTLE};
use autotask_sim::{Fault, FaultSpec, PicklistValue, Record};
use bomgar_autotask::{
    config::Config,
    service::Service,
    store::{InboxEntry, InboxState},
};
use bomgar_sim::FaultRule;
use integration_core::failure::FailureClass;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// What the ticket holds: notes and time entries of ours.
type Holds = (usize, usize);

type Change = fn(&Lab);

/// Something wrong, what is said about it, and how it is mended.
#[derive(Clone, Copy)]
struct Mishap {
    name: &'static str,
    /// Changes the configuration: this text becomes that one.
    setting: Option<(&'static str, &'static str)>,
    /// Breaks the world around the daemon.
    breaks: Change,
    class: FailureClass,
    /// Words that the failure's message and hint must hold, upper and lower case aside.
    says: &'static [&'static str],
    /// What the ticket holds while it is broken.
    meanwhile: Holds,
    /// Whether the event is given up until a person replays it.
    dead: bool,
    mends: Change,
}

const NOTHING: Change = |_| {};

pub(crate) async fn start(lab: &Lab, config: &str) -> Service {
    lab.write("config.toml", config);
    Service::start(&Config::load(lab.path("config.toml")).unwrap())
        .await
        .unwrap()
}

async fn entry(service: &Service) -> Option<InboxEntry> {
    service.store().inbox(None, 1).await.unwrap().pop()
}

/// The event, once `done` says that it is as expected.
pub(crate) async fn wait_for(
    name: &str,
    service: &Service,
    done: impl Fn(&InboxEntry) -> bool,
) -> InboxEntry {
    let start = Instant::now();
    loop {
        let found = entry(service).await;
        if let Some(found) = &found
            && done(found)
        {
            return found.clone();
        }
        assert!(
            start.elapsed() < PATIENCE,
            "{name}: never as expected, but {found:#?}"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn play(mishap: Mishap) {
    let Mishap { name, .. } = mishap;
    let lab = Lab::new().await;
    let good = lab.config();
    let config = match mishap.setting {
        Some((from, to)) => {
            assert!(
                good.contains(from),
                "{name}: the configuration has no {from}"
            );
            good.replace(from, to)
        }
        None => good.clone(),
    };
    (mishap.breaks)(&lab);
    let service = start(&lab, &config).await;
    let ticket = lab.autotask.demo().ticket;
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    lab.end_a_session(&ticket.to_string());

    let state = if mishap.dead {
        InboxState::Dead
    } else {
        InboxState::Pending
    };
    let broken = wait_for(name, &service, |e| {
        e.last_failure.is_some() && e.state == state
    })
    .await;
    let failure = broken.last_failure.unwrap();
    let said = format!("{} {}", failure.message, failure.hint).to_lowercase();
    assert_eq!(failure.class, mishap.class, "{name}: {failure}");
    for word in mishap.says {
        assert!(
            said.contains(&word.to_lowercase()),
            "{name}: {word:?} is not in: {failure}"
        );
    }
    let secrets = [
        lab.appliance.client_secret(),
        lab.autotask.password(),
        lab.autotask.integration_code(),
    ];
    for secret in secrets {
        assert!(
            !failure.to_string().contains(&secret),
            "{name}: leaks: {failure}"
        );
    }
    assert_eq!(lab.ours(ticket), mishap.meanwhile, "{name}: {failure}");

    (mishap.mends)(&lab);
    let service = if mishap.setting.is_some() || config != good {
        service.stop().await;
        start(&lab, &good).await
    } else {
        service
    };
    if mishap.dead {
        let now = lab.autotask.now();
        service.store().replay(broken.id, now).await.unwrap();
    }
    wait_for(name, &service, |e| e.state == InboxState::Done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1), "{name}: in the end");
}

async fn play_all(mishaps: &[Mishap]) {
    let mut running = JoinSet::new();
    for mishap in mishaps {
        if running.len() == 6 {
            running.join_next().await.unwrap().unwrap();
        }
        running.spawn(play(*mishap));
    }
    while let Some(result) = running.join_next().await {
        result.unwrap();
    }
}

const EMAIL: &str = "jsmith@example.com";

fn technician(lab: &Lab, field: &str, value: impl Into<autotask_sim::Val>) {
    assert!(
        lab.autotask
            .update_record("Resource", lab.autotask.demo().technician, field, value)
    );
}

fn role_rows(lab: &Lab) -> Vec<Record> {
    let demo = lab.autotask.demo();
    let rows = lab.autotask.records("ResourceRole");
    rows.into_iter()
        .filter(|row| row.int("ResourceID") == Some(demo.technician))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_credentials_pause_the_configuration_and_name_what_to_check() {
    let config = Mishap {
        name: "",
        setting: None,
        breaks: NOTHING,
        class: FailureClass::Config,
        says: &[],
        meanwhile: (0, 0),
        dead: false,
        mends: NOTHING,
    };
    play_all(&[
        Mishap {
            name: "wrong OAuth secret",
            setting: Some(("file = \"oauth\"", "file = \"wrong\"")),
            breaks: |lab| lab.write("wrong", "not-the-secret"),
            says: &["OAuth client", "secret"],
            ..config
        },
        Mishap {
            name: "wrong Autotask password",
            setting: Some(("file = \"password\"", "file = \"wrong\"")),
            breaks: |lab| lab.write("wrong", "not-the-password"),
            says: &["401", "password", "Autotask API user"],
            ..config
        },
        Mishap {
            name: "wrong integration code",
            setting: Some(("file = \"code\"", "file = \"wrong\"")),
            breaks: |lab| lab.write("wrong", "NOTTHETRACKINGIDENTIFIER123"),
            says: &["IntegrationCode is invalid", "tracking identifier"],
            ..config
        },
        Mishap {
            name: "unknown user name",
            setting: Some(("username = \"", "username = \"nobody-")),
            says: &["user name"],
            ..config
        },
        Mishap {
            name: "password changed in Autotask while we run",
            breaks: |lab| lab.autotask.set_password("another"),
            says: &["401", "password"],
            mends: |lab| {
                let good = std::fs::read_to_string(lab.path("password")).unwrap();
                lab.autotask.set_password(&good);
            },
            ..config
        },
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c094_publish_and_note_type_that_the_tenant_lacks_write_no_note() {
    let config = Mishap {
        name: "",
        setting: None,
        breaks: NOTHING,
        class: FailureClass::Config,
        says: &["Publish", "Internal users only"],
        meanwhile: (0, 0),
        dead: false,
        mends: |lab| {
            let good = [(1, "All Autotask Users"), (2, "Internal users only")];
            lab.autotask.set_picklist("TicketNote", "Publish", good);
        },
    };
    play_all(&[
        Mishap {
            name: "label renamed",
            breaks: |lab| {
                let renamed = [(1, "All Autotask Users"), (2, "Our people")];
                lab.autotask.set_picklist("TicketNote", "Publish", renamed);
            },
            ..config
        },
        Mishap {
            name: "label twice",
            breaks: |lab| {
                let twice = [
                    (1, "All Autotask Users"),
                    (2, "Internal users only"),
                    (3, "Internal users only"),
                ];
                lab.autotask.set_picklist("TicketNote", "Publish", twice);
            },
            ..config
        },
        Mishap {
            name: "label inactive",
            breaks: |lab| {
                let inactive = [
                    PicklistValue::new(1, "All Autotask Users"),
                    PicklistValue::new(2, "Internal users only").inactive(),
                ];
                lab.autotask.set_picklist("TicketNote", "Publish", inactive);
            },
            ..config
        },
        Mishap {
            name: "c092 note type",
            setting: Some(("note_type = 3", "note_type = 77")),
            says: &["note", "77"],
            mends: NOTHING,
            ..config
        },
        Mishap {
            name: "note type inactive",
            breaks: |lab| {
                let inactive = [
                    PicklistValue::new(1, "Task Detail"),
                    PicklistValue::new(3, "Task Notes").inactive(),
                ];
                lab.autotask
                    .set_picklist("TicketNote", "NoteType", inactive);
            },
            says: &["note", "3", "active"],
            mends: |lab| {
                let good = [(1, "Task Detail"), (3, "Task Notes")];
                lab.autotask.set_picklist("TicketNote", "NoteType", good);
            },
            ..config
        },
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_data_is_a_dead_letter_that_can_be_replayed() {
    let data = Mishap {
        name: "",
        setting: None,
        breaks: NOTHING,
        class: FailureClass::Data,
        says: &[],
        meanwhile: (1, 0),
        dead: true,
        mends: NOTHING,
    };
    play_all(&[
        Mishap {
            name: "unknown ticket",
            breaks: |lab| {
                let demo = lab.autotask.demo();
                let ticket = lab.autotask.remove_record("Ticket", demo.ticket).unwrap();
                lab.write("title", ticket.text("Title"));
            },
            says: &["ticket"],
            meanwhile: (0, 0),
            mends: |lab| {
                let demo = lab.autotask.demo();
                let ticket = Record::new("Ticket")
                    .with_id(demo.ticket)
                    .set("AccountID", demo.account)
                    .set("Title", std::fs::read_to_string(lab.path("title")).unwrap())
                    .set("Status", 1)
                    .set("Priority", 2)
                    .set("QueueID", demo.queue);
                assert_eq!(lab.autotask.add(ticket), demo.ticket);
            },
            ..data
        },
        Mishap {
            name: "c098 unknown resource",
            breaks: |lab| technician(lab, "Email", "somebody@example.com"),
            says: &[EMAIL],
            mends: |lab| technician(lab, "Email", EMAIL),
            ..data
        },
        Mishap {
            name: "inactive resource",
            breaks: |lab| technician(lab, "Active", false),
            says: &[EMAIL, "active"],
            mends: |lab| technician(lab, "Active", true),
            ..data
        },
        Mishap {
            name: "c096 role not held",
            breaks: |lab| {
                for row in role_rows(lab) {
                    lab.autotask.remove_record("ResourceRole", row.id).unwrap();
                }
            },
            says: &["Support Engineer", "role"],
            mends: |lab| {
                let demo = lab.autotask.demo();
                lab.autotask.add(
                    Record::new("ResourceRole")
                        .set("ResourceID", demo.technician)
                        .set("RoleID", demo.role)
                        .set("QueueID", demo.queue)
                        .set("Active", true),
                );
            },
            ..data
        },
        Mishap {
            name: "c096 unknown role",
            setting: Some(("\"Support Engineer\"", "\"No Such Role\"")),
            class: FailureClass::Config,
            says: &["No Such Role"],
            dead: false,
            ..data
        },
    ])
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_cannot_be_read_are_asked_for_again() {
    fn appliance(lab: &Lab, fault: bomgar_sim::Fault) {
        lab.appliance
            .fault(FaultRule::new(fault).on("SupportSession").times(4));
    }
    let transient = Mishap {
        name: "",
        setting: None,
        breaks: NOTHING,
        class: FailureClass::Transient,
        says: &[],
        meanwhile: (0, 0),
        dead: false,
        mends: NOTHING,
    };
    play_all(&[
        Mishap {
            name: "truncated report",
            breaks: |lab| appliance(lab, bomgar_sim::Fault::TruncatedBody),
            says: &["SupportSession"],
            ..transient
        },
        Mishap {
            name: "HTML from the appliance",
            breaks: |lab| appliance(lab, bomgar_sim::Fault::Html200),
            says: &["SupportSession"],
            ..transient
        },
        Mishap {
            name: "500 from the appliance",
            breaks: |lab| appliance(lab, bomgar_sim::Fault::Status500Html),
            says: &["500"],
            ..transient
        },
        Mishap {
            name: "HTML from Autotask",
            breaks: |lab| {
                let html = FaultSpec::new(Fault::Html200)
                    .on("query")
                    .entity("Ticket")
                    .times(4);
                lab.autotask.fault(html);
            },
            says: &["Ticket"],
            ..transient
        },
    ])
    .await;
}

/// What a call that creates meets, and what the ticket holds in the end.
async fn create_meets(name: &'static str, faults: Vec<FaultSpec>, wanted: Holds) {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    for fault in faults {
        lab.autotask.fault(fault);
    }
    let service = start(&lab, &lab.config()).await;
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    lab.end_a_session(&ticket.to_string());
    let done = wait_for(name, &service, |e| e.state == InboxState::Done).await;
    // Late commits and anything that would still be sent.
    tokio::time::sleep(SETTLE + Duration::from_millis(500)).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), wanted, "{name}");
    assert_eq!(done.attempts, 0, "{name}: none of these is anybody's fault");
}

pub(crate) fn on_create(fault: Fault, entity: &'static str) -> FaultSpec {
    FaultSpec::new(fault).on("create").entity(entity).times(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_create_without_a_clear_answer_is_neither_lost_nor_doubled() {
    let entities = ["TicketNote", "TimeEntry"];
    let faults = [
        ("lost answer", Fault::LoseAnswerAfterCommit),
        ("lost request", Fault::DropBeforeCommit),
        (
            "late commit",
            Fault::CommitLater(Duration::from_millis(1200)),
        ),
        ("500 with HTML", Fault::Status500Html),
        ("HTML", Fault::Html200),
        ("SOAP fault", Fault::SoapFault),
        ("redirect", Fault::Redirect307),
        (
            "truncated after the commit",
            Fault::TruncatedBody { after_commit: true },
        ),
        (
            "broken off before the commit",
            Fault::BrokenBody {
                after_commit: false,
            },
        ),
        ("too slow", Fault::DelayAnswer(Duration::from_millis(1400))),
        ("401 in between", Fault::Unauthorized401),
        ("thread limit", Fault::ThreadLimit),
    ];
    let mut running = JoinSet::new();
    for (name, fault) in faults {
        for entity in entities {
            if running.len() == 8 {
                running.join_next().await.unwrap().unwrap();
            }
            // A limit is waited for a minute; once is enough.
            if name == "thread limit" {
                continue;
            }
            running.spawn(create_meets(
                name,
                vec![on_create(fault.clone(), entity)],
                (1, 1),
            ));
        }
    }
    let split = on_create(Fault::SplitTimeEntry { lose_answer: true }, "TimeEntry");
    running.spawn(create_meets("split in two", vec![split], (1, 2)));
    let lag = FaultSpec::new(Fault::SearchLag(Duration::from_millis(700)))
        .on("query")
        .entity("TicketNote");
    let lagging = vec![
        on_create(Fault::LoseAnswerAfterCommit, "TicketNote"),
        lag.times(FaultSpec::ALWAYS),
    ];
    running.spawn(create_meets("search behind", lagging, (1, 1)));
    while let Some(result) = running.join_next().await {
        result.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_permission_does_not_double_anything() {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    let config = lab
        .config()
        .replace("settle = ", "max_ambiguous_rounds = 2\nsettle = ");
    let service = start(&lab, &config).await;
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    lab.autotask.restrict("TicketNote");
    lab.autotask
        .fault(on_create(Fault::LoseAnswerAfterCommit, "TicketNote"));
    lab.end_a_session(&ticket.to_string());
    let dead = wait_for("lost permission", &service, |e| e.state == InboxState::Dead).await;
    let failure = dead.last_failure.unwrap();
    assert_eq!(failure.class, FailureClass::Data, "{failure}");
    assert!(
        failure.message.contains("does not find records that exist"),
        "{failure}"
    );
    assert_eq!(
        lab.ours(ticket),
        (1, 1),
        "stored once, and the time entry is made all the same"
    );
    // Once the right is given back, the note comes to light.
    lab.autotask.unrestrict("TicketNote");
    let now = lab.autotask.now();
    service.store().replay(dead.id, now).await.unwrap();
    wait_for("came to light", &service, |e| e.state == InboxState::Done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
    assert_eq!(lab.autotask.call_count("create", "TicketNote"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_late_in_the_report_is_waited_for() {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    let service = start(&lab, &lab.config()).await;
    let lsid = lab.end_a_session(&ticket.to_string());
    lab.appliance.hide_report(&lsid, 3).unwrap();
    let event = bomgar_sim::EventForm::new("support_conference_end").lsid(&lsid);
    assert_eq!(
        lab.appliance.post_event(&lab.url(), &event).await.unwrap(),
        200
    );
    let waiting = wait_for("late", &service, |e| e.last_failure.is_some()).await;
    let failure = waiting.last_failure.unwrap();
    assert_eq!(failure.class, FailureClass::Transient, "{failure}");
    assert!(
        failure
            .message
            .contains("not in the appliance's report yet"),
        "{failure}"
    );
    wait_for("late", &service, |e| e.state == InboxState::Done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_are_no_ticket_id_are_dead_letters() {
    for key in [
        "",
        "T20261124.0001",
        "{\"accountName\": \"Acme, Inc.\"}",
        "99999999999999999999",
    ] {
        let lab = Lab::new().await;
        let service = start(&lab, &lab.config()).await;
        lab.appliance
            .add_recipient(lab.url(), Duration::from_millis(50));
        let lsid = lab.end_a_session(key);
        let dead = wait_for(key, &service, |e| e.state == InboxState::Dead).await;
        let failure = dead.last_failure.unwrap();
        assert_eq!(failure.class, FailureClass::Data, "{failure}");
        assert!(failure.message.contains(&lsid), "{failure}");
        service.stop().await;
        assert_eq!(lab.autotask.call_count("create", ""), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_second_session_costs_three_calls() {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    let service = start(&lab, &lab.config()).await;
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    for sessions in 1..=2 {
        lab.autotask.reset_calls();
        lab.end_a_session(&ticket.to_string());
        let start = Instant::now();
        while lab.ours(ticket) != (sessions, sessions) {
            assert!(start.elapsed() < PATIENCE);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let calls: Vec<String> = lab
        .autotask
        .calls()
        .iter()
        .map(|call| {
            format!(
                "{} {}",
                call.operation,
                call.entity.as_deref().unwrap_or("")
            )
        })
        .collect();
    assert_eq!(
        calls,
        ["query Ticket", "create TicketNote", "create TimeEntry"]
    );
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c074_a_disabled_configuration_keeps_its_events_until_it_is_enabled() {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    let good = lab.config();
    let disabled = good.replace(
        "appliance_id = \"default\"",
        "appliance_id = \"default\"\ndisabled = true",
    );
    let service = start(&lab, &disabled).await;
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    lab.end_a_session(&ticket.to_string());
    wait_for("held", &service, |e| e.state == InboxState::Held).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (0, 0));
    let service = start(&lab, &good).await;
    wait_for("released", &service, |e| e.state == InboxState::Done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_sessions_events_are_never_worked_on_at_the_same_time() {
    let lab = Arc::new(Lab::new().await);
    let ticket = lab.autotask.demo().ticket;
    let service = start(&lab, &lab.config()).await;
    let gate = lab
        .autotask
        .gate("create", "TicketNote", autotask_sim::When::BeforeCommit);
    let lsid = lab.end_a_session(&ticket.to_string());
    for timestamp in [1_795_510_001, 1_795_510_002, 1_795_510_003] {
        let event = bomgar_sim::EventForm::new("support_conference_end")
            .lsid(&lsid)
            .timestamp(timestamp);
        assert_eq!(
            lab.appliance.post_event(&lab.url(), &event).await.unwrap(),
            200
        );
    }
    gate.reached().await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(lab.autotask.call_count("create", "TicketNote"), 1);
    drop(gate);
    let start = Instant::now();
    while service.store().pending_count().await.unwrap() > 0 {
        assert!(start.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_finishes_the_step_under_way() {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    let service = start(&lab, &lab.config()).await;
    let gate = lab
        .autotask
        .gate("create", "TicketNote", autotask_sim::When::BeforeCommit);
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    lab.end_a_session(&ticket.to_string());
    gate.reached().await;
    let stopping = tokio::spawn(service.stop());
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!stopping.is_finished(), "it must wait for the answer");
    drop(gate);
    stopping.await.unwrap();
    assert_eq!(lab.ours(ticket), (1, 1));
    assert_eq!(lab.autotask.call_count("create", ""), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn neither_secrets_nor_customers_words_are_logged() {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    lab.autotask
        .fault(on_create(Fault::LoseAnswerAfterCommit, "TimeEntry"));
    lab.autotask.fault(
        FaultSpec::new(Fault::Html200)
            .on("query")
            .entity("Ticket")
            .times(4),
    );
    lab.appliance
        .fault(FaultRule::new(bomgar_sim::Fault::TruncatedBody).on("SupportSession"));
    lab.write(
        "config.toml",
        &lab.config()
            .replace("level = \"info\"", "level = \"trace\""),
    );
    let daemon = lab.daemon();
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    lab.end_a_session(&ticket.to_string());
    lab.wait("imported", &daemon, || lab.ours(ticket) == (1, 1))
        .await;
    let log = daemon.stop().await;
    assert!(
        log.contains("\"level\":\"DEBUG\""),
        "the level was not raised"
    );
    let words = ["Outlook is broken", "Replaced the profile", "Erika"];
    let secrets = [
        lab.appliance.client_secret(),
        lab.autotask.password(),
        lab.autotask.integration_code(),
    ];
    for secret in words.into_iter().map(str::to_owned).chain(secrets) {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret:?} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_daemon_on_the_same_store_is_refused() {
    let lab = Lab::new().await;
    let service = start(&lab, &lab.config()).await;
    let config = Config::load(lab.path("config.toml")).unwrap();
    let refused = Service::start(&config).await.unwrap_err();
    let said = bomgar_autotask::in_full(&refused);
    assert!(said.contains("another process has it open"), "{said}");
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_put_back_does_not_write_again_what_it_does_not_know_of() {
    // Told by a person, noticed by itself, and on another machine without the file beside it.
    put_back(|lab| {
        std::fs::write(lab.path("store.sqlite.starts"), "1\n").unwrap();
        lab.command(&["restored"]);
    })
    .await;
    put_back(|_| {}).await;
    put_back(|lab| std::fs::remove_file(lab.path("store.sqlite.starts")).unwrap()).await;
}

async fn put_back(and: Change) {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    let disabled = lab.config().replace(
        "appliance_id = \"default\"",
        "appliance_id = \"default\"\ndisabled = true",
    );
    let service = start(&lab, &disabled).await;
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    lab.end_a_session(&ticket.to_string());
    wait_for("held", &service, |e| e.state == InboxState::Held).await;
    service.stop().await;
    assert!(
        !lab.path("store.sqlite-wal").exists(),
        "a stopped store is one file"
    );
    std::fs::copy(lab.path("store.sqlite"), lab.path("backup")).unwrap();

    let service = start(&lab, &lab.config()).await;
    wait_for("imported", &service, |e| e.state == InboxState::Done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));

    // The session's second must be over, because events tell only whole seconds.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    std::fs::copy(lab.path("backup"), lab.path("store.sqlite")).unwrap();
    and(&lab);
    let service = start(&lab, &lab.config()).await;
    wait_for("adopted", &service, |e| e.state == InboxState::Done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
    assert_eq!(lab.autotask.call_count("create", ""), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_lists_and_replays_dead_letters() {
    let lab = Lab::new().await;
    let demo = *lab.autotask.demo();
    technician(&lab, "Active", false);
    let service = start(&lab, &lab.config()).await;
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    let lsid = lab.end_a_session(&demo.ticket.to_string());
    let dead = wait_for("dead", &service, |e| e.state == InboxState::Dead).await;
    service.stop().await;

    let listed = lab.command(&["dead-letters"]);
    assert!(listed.contains(&lsid) && listed.contains(EMAIL), "{listed}");
    technician(&lab, "Active", true);
    lab.command(&["replay", &dead.id.to_string()]);
    assert!(lab.command(&["dead-letters"]).contains("0 event(s)"));
    let service = start(&lab, &lab.config()).await;
    wait_for("replayed", &service, |e| e.state == InboxState::Done).await;
    service.stop().await;
    assert_eq!(lab.ours(demo.ticket), (1, 1));
}
