//! The process dies by SIGKILL at every named point. After a restart the ticket holds exactly one
//! note and one time entry; only the simulated tenant is asked.

use crate::lab::{Lab, SETTLE};
use autotask_sim::{Fault, FaultSpec};
use bomgar_autotask::failpoint::POINTS;
use std::time::{Duration, Instant};

/// Every point of an ordinary session, and how often it is passed.
const ORDINARY: &[(&str, u32)] = &[
    ("inbox.before_commit", 1),
    ("inbox.after_commit", 1),
    ("atws.before.getZoneInfo", 1),
    ("atws.after.getZoneInfo", 1),
    // The ticket, the role, the person, the roles that the person holds.
    ("atws.before.query", 4),
    ("atws.after.query", 4),
    ("atws.before.GetFieldInfo", 1),
    ("atws.after.GetFieldInfo", 1),
    // The note, the time entry.
    ("ledger.before_put.intent", 2),
    ("ledger.after_put.intent", 2),
    ("atws.before.create", 2),
    ("atws.after.create", 2),
    ("ledger.before_put.done", 2),
    ("ledger.after_put.done", 2),
    ("inbox.before_done", 1),
    ("inbox.after_done", 1),
];

/// Points that only a lost answer leads to: the ledger's note of it, and the search.
const AFTER_A_LOST_ANSWER: &[(&str, u32)] = &[
    // The intent, and the same row again once the answer is missing.
    ("ledger.before_put.intent", 3),
    ("ledger.after_put.intent", 3),
    ("atws.before.create", 2),
    ("atws.after.create", 2),
    // Four look-ups, then the search that finds the record.
    ("atws.before.query", 5),
    ("atws.after.query", 5),
    ("ledger.before_put.done", 2),
    ("ledger.after_put.done", 2),
];

/// Points on the way to sending again what was proven not to be stored.
const AFTER_A_LOST_REQUEST: &[(&str, u32)] = &[
    ("ledger.before_put.intent", 4),
    ("ledger.after_put.intent", 4),
    ("atws.before.create", 3),
    ("atws.after.create", 3),
    ("atws.before.query", 9),
    ("atws.after.query", 9),
];

/// Points on the way to a refusal.
const AFTER_A_REFUSAL: &[(&str, u32)] = &[
    ("ledger.before_put.refused", 1),
    ("ledger.after_put.refused", 1),
];

/// Points of a text that is too long for one note: its parts are written down together.
const LONG_TEXT: &[(&str, u32)] = &[
    ("ledger.before_put.planned", 1),
    ("ledger.after_put.planned", 1),
    ("ledger.before_put.intent", 3),
    ("ledger.after_put.done", 3),
];

/// Points on the way to a question for a person.
const UNDECIDED: &[(&str, u32)] = &[
    ("ledger.before_put.undecided", 1),
    ("ledger.after_put.undecided", 1),
];

#[test]
fn every_point_of_the_road_is_tested() {
    let tested: Vec<&str> = [
        ORDINARY,
        AFTER_A_LOST_ANSWER,
        AFTER_A_LOST_REQUEST,
        AFTER_A_REFUSAL,
        LONG_TEXT,
        UNDECIDED,
    ]
    .iter()
    .flat_map(|points| points.iter().map(|(name, _)| *name))
    .collect();
    for name in POINTS {
        assert!(tested.contains(name), "{name} is not tested");
    }
}

/// What happens in the session, what goes wrong, and what the ticket holds in the end.
#[derive(Clone, Default)]
struct Case {
    chat: Vec<String>,
    faults: Vec<FaultSpec>,
    notes: usize,
}

impl Case {
    fn new(faults: Vec<FaultSpec>) -> Case {
        Case {
            chat: Vec::new(),
            faults,
            notes: 1,
        }
    }
}

async fn die_and_recover(point: String, case: Case) {
    let lab = Lab::new().await;
    let ticket = lab.autotask.demo().ticket;
    for fault in case.faults {
        lab.autotask.fault(fault);
    }
    lab.appliance
        .add_recipient(lab.url(), Duration::from_millis(50));
    let wanted = (case.notes, 1);

    let mut doomed = lab.daemon_that_dies_at(&point);
    lab.end_a_session_with(&ticket.to_string(), &case.chat);
    doomed.wait_until_killed().await;
    let name = point.split(':').next().unwrap_or_default();
    assert_eq!(
        lab.points_reached(),
        [name],
        "the wrong point, or none\n{}",
        doomed.log()
    );

    let daemon = lab.daemon();
    lab.wait("the notes and the time entry", &daemon, || {
        lab.ours(ticket) == wanted
    })
    .await;
    // Whatever would still be sent is sent now.
    let quiet = Instant::now();
    while quiet.elapsed() < SETTLE + Duration::from_millis(1700) {
        assert_eq!(
            lab.ours(ticket),
            wanted,
            "{point}: doubled\n{}",
            daemon.log()
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let log = daemon.stop().await;
    assert_eq!(lab.ours(ticket), wanted, "{point}: doubled\n{log}");
}

/// Each of `points`, each time that it is passed; a few at a time, because most of it is waiting.
async fn at_each(points: &[(&str, u32)], case: Case) {
    let mut running = tokio::task::JoinSet::new();
    for (name, times) in points {
        for nth in 1..=*times {
            if running.len() == 6 {
                running.join_next().await.unwrap().unwrap();
            }
            running.spawn(die_and_recover(format!("{name}:{nth}"), case.clone()));
        }
    }
    while let Some(result) = running.join_next().await {
        result.unwrap();
    }
}

fn on_create(fault: Fault) -> FaultSpec {
    FaultSpec::new(fault).on("create").times(1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_point_of_an_ordinary_session() {
    at_each(ORDINARY, Case::new(vec![])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_point_after_a_lost_answer() {
    at_each(
        AFTER_A_LOST_ANSWER,
        Case::new(vec![on_create(Fault::LoseAnswerAfterCommit)]),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_point_after_a_lost_request() {
    at_each(
        AFTER_A_LOST_REQUEST,
        Case::new(vec![on_create(Fault::DropBeforeCommit)]),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_point_of_a_refusal() {
    at_each(
        AFTER_A_REFUSAL,
        Case::new(vec![on_create(Fault::ThreadLimit)]),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_point_of_a_text_in_two_parts() {
    // Some 40,000 characters; a note takes 32,000.
    let chat: Vec<String> = (0..300)
        .map(|n| format!("line {n} {}", "x".repeat(90)))
        .collect();
    at_each(
        LONG_TEXT,
        Case {
            chat,
            notes: 2,
            ..Case::default()
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_each_point_of_a_question_for_a_person() {
    let faults = vec![
        on_create(Fault::EditMarkerAway { text: None }),
        on_create(Fault::LoseAnswerAfterCommit),
    ];
    at_each(UNDECIDED, Case::new(faults)).await;
}
