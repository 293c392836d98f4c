//! Whole roads from the appliance's event to the ticket: late, repeated, misdirected and interrupted.

use crate::{
    lab::{Lab, PATIENCE},
    mishaps::{on_create, start, wait_for},
};
use autotask_sim::{Fault, FaultSpec};
use bomgar_autotask::{
    service::Service,
    store::{InboxEntry, InboxState},
};
use bomgar_sim::{EventForm, FaultRule};
use integration_core::failure::FailureClass;
use jiff::{SignedDuration, Timestamp};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const RETRY: Duration = Duration::from_millis(50);

async fn post(url: &str, body: impl Into<reqwest::Body>) -> u16 {
    reqwest::Client::new()
        .post(url)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap()
        .status()
        .as_u16()
}

fn is_done(entry: &InboxEntry) -> bool {
    entry.state == InboxState::Done
}

fn fails_with(class: FailureClass) -> impl Fn(&InboxEntry) -> bool {
    move |entry| {
        entry
            .last_failure
            .as_ref()
            .is_some_and(|failure| failure.class == class)
    }
}

async fn until(what: &str, done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A laboratory at work whose events go to the daemon.
async fn at_work() -> (Lab, Service, i64) {
    let lab = Lab::new().await;
    let service = start(&lab, &lab.config()).await;
    let ticket = lab.autotask.demo().ticket;
    lab.appliance.add_recipient(lab.url(), RETRY);
    (lab, service, ticket)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_told_apart_is_set_aside_and_can_be_sent_again() {
    let lab = Lab::new().await;
    let config = lab
        .config()
        .replace("[receiver]\n", "[receiver]\nbody_limit = 2000\n");
    let service = start(&lab, &config).await;
    let ticket = lab.autotask.demo().ticket;
    let lsid = lab.end_a_session(&ticket.to_string());
    let event = EventForm::new("support_conference_end").lsid(&lsid);
    let elsewhere = format!("{}?appliance=nobody", lab.url());

    assert_eq!(post(&elsewhere, event.to_body()).await, 200);
    assert_eq!(post(&lab.url(), "<event>support_conference_end").await, 200);
    let nameless = event.clone().without("lsid");
    assert_eq!(post(&lab.url(), nameless.to_body()).await, 200);
    let huge = event.clone().field("display_name", "x".repeat(2000));
    assert_eq!(post(&lab.url(), huge.to_body()).await, 413);
    let unselected = EventForm::new("support_conference_begin").lsid(&lsid);
    assert_eq!(post(&lab.url(), unselected.to_body()).await, 200);

    let mut aside = service.store().quarantined(10).await.unwrap();
    aside.sort_by_key(|entry| entry.id);
    let reasons: Vec<&str> = aside.iter().map(|entry| entry.reason.as_str()).collect();
    let [unknown, malformed, missing] = reasons[..] else {
        panic!("{reasons:?}");
    };
    assert!(unknown.contains("appliance id"), "{unknown}");
    assert_eq!(aside[0].appliance.as_deref(), Some("nobody"));
    assert!(malformed.contains("form"), "{malformed}");
    assert!(missing.contains("lsid"), "{missing}");
    let stats = service.receiver_stats();
    assert_eq!(
        (stats.quarantined, stats.too_large, stats.unselected),
        (3, 1, 1),
        "{stats:?}"
    );
    assert_eq!(service.store().inbox(None, 9).await.unwrap(), []);

    // What was set aside is kept byte for byte, so it can be sent to the right address.
    let kept = aside.swap_remove(0).body;
    assert_eq!(post(&lab.url(), kept).await, 200);
    wait_for("sent again", &service, is_done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_time_that_comes_late_is_waited_for() {
    let lab = Lab::new().await;
    let service = start(&lab, &lab.config()).await;
    let ticket = lab.autotask.demo().ticket;
    let lsid = lab.end_a_session(&ticket.to_string());
    lab.appliance.late_end_time(&lsid, 3).unwrap();
    let event = EventForm::new("support_conference_end").lsid(&lsid);
    assert_eq!(post(&lab.url(), event.to_body()).await, 200);
    let waiting = wait_for("no end yet", &service, |e| e.last_failure.is_some()).await;
    let failure = waiting.last_failure.unwrap();
    assert_eq!(failure.class, FailureClass::Transient, "{failure}");
    assert!(failure.message.contains(&lsid), "{failure}");
    assert_eq!(lab.ours(ticket), (0, 0), "{failure}");
    wait_for("ended", &service, is_done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_is_renewed_without_a_failed_attempt() {
    let (lab, service, ticket) = at_work().await;
    for sessions in 1..=3 {
        lab.end_a_session(&ticket.to_string());
        until("imported", || lab.ours(ticket) == (sessions, sessions)).await;
        let entry = wait_for("done", &service, is_done).await;
        assert_eq!((entry.attempts, entry.last_failure), (0, None));
        if sessions == 1 {
            lab.appliance.expire_tokens();
        } else {
            // The server refuses a token in the middle of its life.
            let refused = FaultRule::new(bomgar_sim::Fault::Unauthorized401);
            lab.appliance.fault(refused.on("SupportSession"));
        }
    }
    service.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_note_that_lost_its_marker_is_for_a_person_to_decide() {
    let (lab, service, ticket) = at_work().await;
    for fault in [
        Fault::EditMarkerAway { text: None },
        Fault::LoseAnswerAfterCommit,
    ] {
        lab.autotask.fault(on_create(fault, "TicketNote"));
    }
    let lsid = lab.end_a_session(&ticket.to_string());
    let dead = wait_for("undecided", &service, |e| e.state == InboxState::Dead).await;
    let failure = dead.last_failure.unwrap();
    assert_eq!(failure.class, FailureClass::Data, "{failure}");
    assert!(failure.message.contains(&lsid), "{failure}");
    assert_eq!(
        lab.ours(ticket),
        (1, 1),
        "the time entry is made all the same"
    );

    // Asking again does not make it certain.
    let now = lab.autotask.now();
    service.store().replay(dead.id, now).await.unwrap();
    wait_for("still undecided", &service, |e| {
        e.state == InboxState::Dead && e.finished_at > Some(now)
    })
    .await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1));
    assert_eq!(lab.autotask.call_count("create", "TicketNote"), 1);
    assert_eq!(lab.autotask.call_count("create", "TimeEntry"), 1);
}

async fn outage(name: &'static str, begin: fn(&Lab), end: fn(&Lab)) {
    let (lab, service, ticket) = at_work().await;
    begin(&lab);
    lab.end_a_session(&ticket.to_string());
    let tried = wait_for(name, &service, |e| e.attempts >= 2).await;
    let failure = tried.last_failure.unwrap();
    assert_eq!(failure.class, FailureClass::Transient, "{name}: {failure}");
    assert_eq!(lab.ours(ticket), (0, 0), "{name}");
    end(&lab);
    wait_for(name, &service, is_done).await;
    service.stop().await;
    assert_eq!(lab.ours(ticket), (1, 1), "{name}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outages_are_sat_out() {
    fn appliance(lab: &Lab, fault: bomgar_sim::Fault) {
        lab.appliance.fault(FaultRule::new(fault).times(10_000));
    }
    fn autotask(lab: &Lab, fault: Fault) {
        lab.autotask
            .fault(FaultSpec::new(fault).times(FaultSpec::ALWAYS));
    }
    let appliance_is_back: fn(&Lab) = |lab| lab.appliance.clear_faults();
    let autotask_is_back: fn(&Lab) = |lab| lab.autotask.clear_faults();
    let mut running = JoinSet::new();
    running.spawn(outage(
        "the appliance drops connections",
        |lab| appliance(lab, bomgar_sim::Fault::ConnectionDrop),
        appliance_is_back,
    ));
    running.spawn(outage(
        "no token is given",
        |lab| {
            let rule = FaultRule::new(bomgar_sim::Fault::Status500Html).on("token");
            lab.appliance.fault(rule.times(10_000));
        },
        appliance_is_back,
    ));
    running.spawn(outage(
        "Autotask drops connections",
        |lab| autotask(lab, Fault::DropBeforeCommit),
        autotask_is_back,
    ));
    running.spawn(outage(
        "Autotask is down for maintenance",
        |lab| autotask(lab, Fault::Status(503)),
        autotask_is_back,
    ));
    while let Some(result) = running.join_next().await {
        result.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_delivered_again_has_no_second_effect() {
    let (lab, service, ticket) = at_work().await;
    lab.end_a_session(&ticket.to_string());
    wait_for("imported", &service, is_done).await;
    // Once as the same event, once as another event about the same session.
    lab.appliance.redeliver_last(&lab.url()).unwrap();
    until("delivered again", || {
        service.receiver_stats().duplicate == 1
    })
    .await;
    let told = lab.appliance.delivered().pop().unwrap();
    let lsid = lab.appliance.lsids().pop().unwrap();
    let other = EventForm::new("support_conference_end")
        .lsid(lsid)
        .timestamp(1_795_510_001);
    assert_ne!(other.get("timestamp"), told.event.get("timestamp"));
    assert_eq!(post(&lab.url(), other.to_body()).await, 200);
    let second = wait_for("the other event", &service, |e| e.id > 1 && is_done(e)).await;
    service.stop().await;
    assert_eq!(second.attempts, 0);
    assert_eq!(lab.ours(ticket), (1, 1));
    assert_eq!(lab.autotask.call_count("create", ""), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_waited_for_and_is_no_failed_attempt() {
    let (lab, service, ticket) = at_work().await;
    lab.autotask
        .fault(on_create(Fault::ThreadLimit, "TicketNote"));
    lab.end_a_session(&ticket.to_string());
    let limit = fails_with(FailureClass::Limit);
    let waiting = wait_for("limit", &service, |e| {
        limit(e) && e.state == InboxState::Pending
    })
    .await;
    assert_eq!(waiting.attempts, 0);
    let wait = waiting.next_at.duration_since(Timestamp::now());
    let minute = SignedDuration::from_mins(1);
    assert!(
        wait > minute / 2 && wait <= minute,
        "{wait} is no use against a limit"
    );
    service.stop().await;
    // It was refused, so nothing is in doubt; what the refusal did not concern may be there.
    assert_eq!(lab.ours(ticket).0, 0);
}

/// Settings that are wrong bring the most details into messages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_not_logged_when_they_are_wrong_either() {
    let mut running = JoinSet::new();
    for secret in ["oauth", "password", "code"] {
        running.spawn(async move {
            let lab = Lab::new().await;
            let ticket = lab.autotask.demo().ticket;
            let good = std::fs::read_to_string(lab.path(secret)).unwrap();
            let wrong = format!("wr0ng-{secret}-Zx81");
            lab.write(secret, &wrong);
            let config = lab
                .config()
                .replace("level = \"info\"", "level = \"trace\"");
            lab.write("config.toml", &config);
            let daemon = lab.daemon();
            lab.appliance.add_recipient(lab.url(), RETRY);
            lab.end_a_session(&ticket.to_string());
            let paused = || daemon.log().contains("configuration paused");
            lab.wait("paused", &daemon, paused).await;
            let mut log = daemon.stop().await;
            assert_eq!(lab.ours(ticket), (0, 0));

            lab.write(secret, &good);
            let daemon = lab.daemon();
            lab.wait("imported", &daemon, || lab.ours(ticket) == (1, 1))
                .await;
            log.push_str(&daemon.stop().await);
            let hidden = [
                wrong,
                lab.appliance.client_secret(),
                lab.autotask.password(),
                lab.autotask.integration_code(),
                // Followed by a token, or by a name and a password.
                "Bearer ".to_owned(),
                "Basic ".to_owned(),
                "access_token".to_owned(),
                "Outlook is broken".to_owned(),
            ];
            for text in hidden {
                let line = log.lines().find(|line| line.contains(&text));
                assert_eq!(line, None, "{secret}: {text:?} is in the log");
            }
        });
    }
    while let Some(result) = running.join_next().await {
        result.unwrap();
    }
}
