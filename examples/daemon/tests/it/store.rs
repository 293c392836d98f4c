//! The store on a real disk.

use bomgar_autotask::store::{
    InboxState, NewEvent, NewQuarantined, Quarantined, Quota, Store, StoreErrorKind, Stored,
    dedupe_key,
};
use bytes::Bytes;
use integration_core::{
    draft::{Draft, NoteDraft},
    effect::{EffectKey, EffectKind},
    failure::{Failure, FailureClass},
    ports::{Ledger, LedgerRow, RowState},
};
use jiff::{Timestamp, ToSpan};
use tempfile::TempDir;

pub(crate) async fn store() -> (TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path().join("deep/store.sqlite"))
        .await
        .unwrap();
    (directory, store)
}

async fn reopened(store: Store) -> Store {
    let path = store.path().to_owned();
    store.close().await;
    Store::open(path).await.unwrap()
}

/// A moment with nanoseconds, to see that none get lost.
fn now() -> Timestamp {
    "2026-11-24T08:00:00.123456789Z".parse().unwrap()
}

fn event(lsid: &str, number: u32) -> NewEvent {
    NewEvent {
        configuration: "default".to_owned(),
        event: "support_conference_end".to_owned(),
        lsid: lsid.to_owned(),
        event_timestamp: Some(now()),
        external_key: Some("4711".to_owned()),
        body: Bytes::from(format!("raw {number}")),
        received_at: now(),
        dedupe_key: dedupe_key("default", "e", lsid, Some(&number.to_string()), &[]),
        held: false,
    }
}

fn id(stored: Stored) -> i64 {
    match stored {
        Stored::New(id) => id,
        Stored::Duplicate(id) => panic!("{id} was there already"),
    }
}

fn failure() -> Failure {
    Failure::new(FailureClass::Transient, "no answer", "wait")
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_reopening() {
    let (_directory, store) = store().await;
    let first = id(store.store_event(event("a", 1)).await.unwrap());
    let made = store.created_at().await.unwrap();
    let store = reopened(store).await;
    assert_eq!(store.created_at().await.unwrap(), made);
    let jobs = store.due(now(), 10).await.unwrap();
    assert_eq!(jobs.len(), 1);
    let job = &jobs[0];
    assert_eq!(
        (job.id, job.lsid.as_str(), &job.body[..]),
        (first, "a", &b"raw 1"[..])
    );
    assert_eq!((job.event_timestamp, job.received_at), (Some(now()), now()));
    assert_eq!(
        (job.external_key.as_deref(), job.attempts),
        (Some("4711"), 0)
    );
}

/// The file as a crash leaves it: copied while the store is open, nothing closed or tidied.
#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_crash() {
    let (directory, store) = store().await;
    let mut tasks = Vec::new();
    for number in 0..200 {
        let store = store.clone();
        tasks.push(tokio::spawn(async move {
            store.store_event(event("a", number)).await
        }));
    }
    for task in tasks {
        id(task.await.unwrap().unwrap());
    }
    let copy = directory.path().join("copy.sqlite");
    for suffix in ["", "-wal"] {
        let from = format!("{}{suffix}", store.path().display());
        std::fs::copy(from, format!("{}{suffix}", copy.display())).unwrap();
    }
    let crashed = Store::open(&copy).await.unwrap();
    assert_eq!(crashed.pending_count().await.unwrap(), 200);
}

#[tokio::test]
async fn a_second_delivery_is_the_same_event() {
    let (_directory, store) = store().await;
    let first = id(store.store_event(event("a", 1)).await.unwrap());
    assert_eq!(
        store.store_event(event("a", 1)).await.unwrap(),
        Stored::Duplicate(first)
    );
    let store = reopened(store).await;
    assert_eq!(
        store.store_event(event("a", 1)).await.unwrap(),
        Stored::Duplicate(first)
    );
    id(store.store_event(event("a", 2)).await.unwrap());
    assert_eq!(store.pending_count().await.unwrap(), 2);
}

#[tokio::test]
async fn both_deliveries_at_the_same_time_are_one_event() {
    let (_directory, store) = store().await;
    let (a, b) = tokio::join!(
        store.store_event(event("a", 1)),
        store.store_event(event("a", 1))
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_ne!(
        matches!(a, Stored::New(_)),
        matches!(b, Stored::New(_)),
        "{a:?} {b:?}"
    );
    assert_eq!(store.pending_count().await.unwrap(), 1);
}

#[tokio::test]
async fn one_session_is_worked_on_in_order_and_never_twice_at_a_time() {
    let (_directory, store) = store().await;
    let a1 = id(store.store_event(event("a", 1)).await.unwrap());
    let a2 = id(store.store_event(event("a", 2)).await.unwrap());
    let b1 = id(store.store_event(event("b", 1)).await.unwrap());
    let ids =
        |jobs: Vec<bomgar_autotask::store::Job>| jobs.iter().map(|j| j.id).collect::<Vec<_>>();

    assert_eq!(ids(store.due(now(), 10).await.unwrap()), [a1, b1]);
    assert_eq!(ids(store.due(now(), 10).await.unwrap()), [0; 0]);
    // The first one waits for its next attempt; the second does not overtake it.
    let later = now() + 1.minute();
    store.retry_at(a1, later, &failure(), true).await.unwrap();
    assert_eq!(ids(store.due(now(), 10).await.unwrap()), [0; 0]);
    assert_eq!(store.next_due_at().await.unwrap(), Some(later));
    let jobs = store.due(later, 10).await.unwrap();
    assert_eq!((jobs.len(), jobs[0].id, jobs[0].attempts), (1, a1, 1));
    assert_eq!(store.next_due_at().await.unwrap(), None);
    store.mark_done(a1, later).await.unwrap();
    assert_eq!(store.next_due_at().await.unwrap(), Some(now()));
    assert_eq!(ids(store.due(now(), 10).await.unwrap()), [a2]);
}

#[tokio::test]
async fn one_session_is_never_worked_on_by_two_configurations_at_a_time() {
    let (_directory, store) = store().await;
    let a = id(store.store_event(event("a", 1)).await.unwrap());
    let mut twin = event("a", 1);
    twin.configuration = "other".to_owned();
    twin.dedupe_key = "other".to_owned();
    let b = id(store.store_event(twin).await.unwrap());
    let ids =
        |jobs: Vec<bomgar_autotask::store::Job>| jobs.iter().map(|j| j.id).collect::<Vec<_>>();

    assert_eq!(ids(store.due(now(), 10).await.unwrap()), [a]);
    assert_eq!(ids(store.due(now(), 10).await.unwrap()), [0; 0]);
    // While the first waits for its next attempt, the other configuration's turn comes.
    let later = now() + 1.minute();
    store.retry_at(a, later, &failure(), true).await.unwrap();
    assert_eq!(ids(store.due(now(), 10).await.unwrap()), [b]);
    assert_eq!(ids(store.due(later, 10).await.unwrap()), [0; 0]);
    store.mark_done(b, later).await.unwrap();
    assert_eq!(ids(store.due(later, 10).await.unwrap()), [a]);
}

#[tokio::test]
async fn the_limit_takes_the_oldest() {
    let (_directory, store) = store().await;
    let first = id(store.store_event(event("a", 1)).await.unwrap());
    store.store_event(event("b", 1)).await.unwrap();
    let jobs = store.due(now(), 1).await.unwrap();
    assert_eq!((jobs.len(), jobs[0].id), (1, first));
}

#[tokio::test]
async fn what_ran_when_the_process_ended_runs_again() {
    let (_directory, store) = store().await;
    let a = id(store.store_event(event("a", 1)).await.unwrap());
    store.due(now(), 1).await.unwrap();
    let store = reopened(store).await;
    assert_eq!(store.due(now(), 1).await.unwrap().len(), 0);
    assert_eq!(store.requeue_running_on_start().await.unwrap(), 1);
    let jobs = store.due(now(), 1).await.unwrap();
    assert_eq!((jobs[0].id, jobs[0].attempts), (a, 0));
}

#[tokio::test]
async fn c086_an_attempt_counts_only_if_it_should() {
    let (_directory, store) = store().await;
    let a = id(store.store_event(event("a", 1)).await.unwrap());
    for (count, attempts) in [(false, 0), (true, 1), (false, 1), (true, 2)] {
        store.due(now(), 1).await.unwrap();
        store.retry_at(a, now(), &failure(), count).await.unwrap();
        let entry = store.inbox(None, 1).await.unwrap().remove(0);
        assert_eq!(
            (entry.attempts, entry.last_failure),
            (attempts, Some(failure()))
        );
    }
}

#[tokio::test]
async fn a_dead_event_is_kept_with_its_failure_and_can_be_replayed() {
    let (_directory, store) = store().await;
    let a = id(store.store_event(event("a", 1)).await.unwrap());
    store.due(now(), 1).await.unwrap();
    store.dead(a, now(), &failure()).await.unwrap();
    let store = reopened(store).await;
    let dead = store.inbox(Some(InboxState::Dead), 10).await.unwrap();
    assert_eq!((dead.len(), dead[0].id), (1, a));
    assert_eq!(dead[0].last_failure, Some(failure()));
    assert_eq!(dead[0].finished_at, Some(now()));
    assert_eq!(
        store.inbox(Some(InboxState::Pending), 10).await.unwrap(),
        []
    );
    store.replay(a, now()).await.unwrap();
    assert_eq!(store.due(now(), 1).await.unwrap()[0].id, a);
    let counts = store.inbox_counts().await.unwrap();
    assert_eq!(counts, [("default".to_owned(), InboxState::Running, 1)]);
}

#[tokio::test]
async fn only_what_runs_can_be_finished_and_others_do_not_suffer() {
    let (_directory, store) = store().await;
    let a = id(store.store_event(event("a", 1)).await.unwrap());
    // In one transaction with a good write, the bad one fails alone.
    let (bad, good) = tokio::join!(store.mark_done(a, now()), store.store_event(event("b", 1)));
    let error = bad.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Conflict);
    assert!(error.to_string().contains(&format!("event {a}")), "{error}");
    id(good.unwrap());
    assert_eq!(store.pending_count().await.unwrap(), 2);

    store.due(now(), 1).await.unwrap();
    store.mark_ignored(a, now(), "nothing to do").await.unwrap();
    let entry = store
        .inbox(Some(InboxState::Ignored), 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(entry.remark.as_deref(), Some("nothing to do"));
}

#[tokio::test]
async fn c074_held_events_wait_until_they_are_released() {
    let (_directory, store) = store().await;
    let held = NewEvent {
        held: true,
        ..event("a", 1)
    };
    let a = id(store.store_event(held).await.unwrap());
    assert_eq!(store.due(now(), 1).await.unwrap().len(), 0);
    assert_eq!(store.release("other").await.unwrap(), 0);
    assert_eq!(store.release("default").await.unwrap(), 1);
    assert_eq!(store.hold("default").await.unwrap(), 1);
    assert_eq!(store.due(now(), 1).await.unwrap().len(), 0);
    assert_eq!(store.release("default").await.unwrap(), 1);
    assert_eq!(store.due(now(), 1).await.unwrap()[0].id, a);
}

#[tokio::test]
async fn work_that_arrives_is_told() {
    let (_directory, store) = store().await;
    let waiting = store.clone();
    let woken = tokio::spawn(async move { waiting.work_arrived().notified().await });
    store.store_event(event("a", 1)).await.unwrap();
    tokio::time::timeout(std::time::Duration::from_secs(10), woken)
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_second_process_is_kept_out_and_told_who_is_in() {
    let (_directory, store) = store().await;
    let error = Store::open(store.path()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Locked);
    let words = error.to_string();
    assert!(
        words.contains(&format!("(process {})", std::process::id())),
        "{words}"
    );
    assert!(words.contains("store.sqlite"), "{words}");
    reopened(store).await;
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let (_directory, store) = store().await;
    let clone = store.clone();
    store.close().await;
    let error = clone.store_event(event("a", 1)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Closed);
    assert_eq!(
        clone.pending_count().await.unwrap_err().kind(),
        StoreErrorKind::Closed
    );
}

#[tokio::test]
async fn another_file_is_not_taken_for_a_store() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("x.sqlite");
    std::fs::write(
        &path,
        "this is text, and long enough to be no database header ".repeat(9),
    )
    .unwrap();
    let error = Store::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    // A directory in its place is told as such.
    let error = Store::open(directory.path()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Access);
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_are_for_our_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let (_directory, store) = store().await;
    store.store_event(event("a", 1)).await.unwrap();
    for suffix in ["", "-wal", ".lock"] {
        let path = format!("{}{suffix}", store.path().display());
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{path}");
    }
}

#[tokio::test]
async fn values_are_remembered() {
    let (_directory, store) = store().await;
    assert_eq!(store.meta("watermark").await.unwrap(), None);
    store.put_meta("watermark", "1").await.unwrap();
    store.put_meta("watermark", "2").await.unwrap();
    let store = reopened(store).await;
    assert_eq!(store.meta("watermark").await.unwrap().as_deref(), Some("2"));
}

fn quarantined(reason: &str, body: &'static str) -> NewQuarantined {
    NewQuarantined {
        reason: reason.to_owned(),
        appliance: Some("x".to_owned()),
        remote: Some("192.0.2.1".to_owned()),
        content_type: None,
        body: Bytes::from_static(body.as_bytes()),
        received_at: now(),
    }
}

#[tokio::test]
async fn the_quarantine_keeps_within_its_quota_and_counts_the_rest() {
    let (_directory, store) = store().await;
    let quota = Quota { rows: 2, bytes: 10 };
    let put = async |body| {
        store
            .quarantine(quarantined("why", body), quota)
            .await
            .unwrap()
    };
    let Quarantined::Kept(first) = put("12345").await else {
        panic!("not kept")
    };
    assert_eq!(put("123456").await, Quarantined::Counted, "over the bytes");
    assert!(matches!(put("12345").await, Quarantined::Kept(_)));
    assert_eq!(put("").await, Quarantined::Counted, "over the rows");

    let store = reopened(store).await;
    let usage = store.quarantine_usage().await.unwrap();
    assert_eq!((usage.rows, usage.bytes), (2, 10));
    assert_eq!(usage.overflow.len(), 1);
    let overflow = &usage.overflow[0];
    assert_eq!(
        (overflow.reason.as_str(), overflow.count, overflow.bytes),
        ("why", 2, 6)
    );
    assert_eq!((overflow.first_at, overflow.last_at), (now(), now()));
    let kept = store.quarantined(10).await.unwrap();
    assert_eq!(kept.len(), 2);
    assert_eq!((kept[1].id, &kept[1].body[..]), (first, &b"12345"[..]));
    assert_eq!(kept[1].appliance.as_deref(), Some("x"));

    // Discarding makes room.
    assert!(store.discard_quarantined(first).await.unwrap());
    assert!(!store.discard_quarantined(first).await.unwrap());
    let again = store
        .quarantine(quarantined("why", "1"), quota)
        .await
        .unwrap();
    assert!(matches!(again, Quarantined::Kept(_)));
    let usage = store.quarantine_usage().await.unwrap();
    assert_eq!((usage.rows, usage.bytes), (2, 6));
}

fn row(lsid: &str, part: &str, state: RowState, ids: &[i64]) -> LedgerRow {
    let (tenant, kind) = (7, EffectKind::Note);
    LedgerRow {
        key: EffectKey {
            tenant,
            lsid: lsid.to_owned(),
            kind,
            part: part.to_owned(),
        },
        state,
        draft: Draft::Note(NoteDraft {
            ticket_id: 4711,
            title: "Sitzung ✓".to_owned(),
            description: "line\nline".to_owned(),
            note_type: 1,
            publish: 2,
        }),
        first_sent_at: now(),
        sent_at: now() + 1.second(),
        deadline: now() + 1.minute(),
        ambiguous_rounds: 3,
        ids: ids.to_vec(),
        remark: "what was seen".to_owned(),
    }
}

#[tokio::test]
async fn a_ledger_row_comes_back_as_it_was_written() {
    let (_directory, store) = store().await;
    let states = [
        RowState::Planned,
        RowState::Intent,
        RowState::Refused,
        RowState::Undecided,
        RowState::Done,
    ];
    for state in states {
        let written = row("a", "1", state, &[9, 3, 5]);
        store.put(&written).await.unwrap();
        assert_eq!(store.rows(7, "a").await.unwrap(), [written]);
    }
    let store = reopened(store).await;
    assert_eq!(
        store.rows(7, "a").await.unwrap(),
        [row("a", "1", RowState::Done, &[9, 3, 5])]
    );
    assert_eq!(store.rows(8, "a").await.unwrap(), []);
    assert_eq!(store.rows(7, "b").await.unwrap(), []);
    assert_eq!(store.ledger(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn rows_of_a_session_are_ordered_by_kind_and_part() {
    let (_directory, store) = store().await;
    let mut time = row("a", "0", RowState::Intent, &[]);
    time.key.kind = EffectKind::TimeEntry;
    let rows = [
        row("a", "2", RowState::Intent, &[]),
        time,
        row("a", "1", RowState::Intent, &[]),
    ];
    store.put_all(&rows).await.unwrap();
    let read = store.rows(7, "a").await.unwrap();
    let keys: Vec<_> = read.iter().map(|row| row.key.clone()).collect();
    let mut sorted = keys.clone();
    sorted.sort_by(|a, b| (a.kind, &a.part).cmp(&(b.kind, &b.part)));
    assert_eq!(keys, sorted);
    assert_eq!(keys.len(), 3);
}

#[tokio::test]
async fn known_records_are_the_latest_done_ones_of_others() {
    let (_directory, store) = store().await;
    let mut early = row("a", "1", RowState::Done, &[1]);
    early.sent_at = now() - 1.hour();
    let late = row("b", "1", RowState::Done, &[2]);
    let open = row("c", "1", RowState::Intent, &[]);
    store
        .put_all(&[early.clone(), late.clone(), open.clone()])
        .await
        .unwrap();
    let known = async |except: &LedgerRow, limit| {
        store
            .known(7, EffectKind::Note, &except.key, limit)
            .await
            .unwrap()
    };
    assert_eq!(known(&open, 5).await, [late.clone(), early.clone()]);
    assert_eq!(known(&open, 1).await, std::slice::from_ref(&late));
    assert_eq!(known(&late, 5).await, std::slice::from_ref(&early));
    assert_eq!(
        store
            .known(7, EffectKind::TimeEntry, &open.key, 5)
            .await
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .known(8, EffectKind::Note, &open.key, 5)
            .await
            .unwrap(),
        []
    );
}

#[tokio::test]
async fn an_id_is_ours_only_while_a_done_row_holds_it() {
    let (_directory, store) = store().await;
    let owns = async |id| store.owns(7, EffectKind::Note, id).await.unwrap();
    store
        .put(&row("a", "1", RowState::Undecided, &[5]))
        .await
        .unwrap();
    assert!(!owns(5).await);
    store
        .put(&row("a", "1", RowState::Done, &[5, 6]))
        .await
        .unwrap();
    assert!(owns(5).await && owns(6).await && !owns(7).await);
    assert!(!store.owns(8, EffectKind::Note, 5).await.unwrap());
    assert!(!store.owns(7, EffectKind::TimeEntry, 5).await.unwrap());
    store
        .put(&row("a", "1", RowState::Done, &[6]))
        .await
        .unwrap();
    assert!(!owns(5).await && owns(6).await);
}

#[tokio::test]
async fn a_replayed_event_waits_for_a_later_one_that_runs() {
    let (_directory, store) = store().await;
    let first = id(store.store_event(event("a", 1)).await.unwrap());
    let second = id(store.store_event(event("a", 2)).await.unwrap());
    store.due(now(), 1).await.unwrap();
    store.dead(first, now(), &failure()).await.unwrap();
    assert_eq!(store.due(now(), 1).await.unwrap()[0].id, second);
    store.replay(first, now()).await.unwrap();
    assert_eq!(store.due(now(), 9).await.unwrap().len(), 0);
    assert_eq!(store.next_due_at().await.unwrap(), None);
    store.mark_done(second, now()).await.unwrap();
    assert_eq!(store.due(now(), 9).await.unwrap()[0].id, first);
}
