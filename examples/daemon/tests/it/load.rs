//! What was answered 200 is on disk, whenever the process is killed.

use crate::lab::Lab;
use bomgar_autotask::store::Store;
use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

async fn post(client: &reqwest::Client, url: &str, n: u64) -> Option<u16> {
    // A new session each time: a lost event must not be hidden by its repetition.
    let form = [
        ("event", "support_conference_end".to_owned()),
        ("version", "1".to_owned()),
        ("timestamp", "1795510000".to_owned()),
        ("lsid", lsid(n)),
    ];
    let answer = client.post(url).form(&form).send().await.ok()?;
    Some(answer.status().as_u16())
}

const KILLS: u32 = 200;
const SENDERS: u64 = 4;

/// The n-th session's id.
fn lsid(n: u64) -> String {
    format!("{n:032x}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_answered_200_survives_two_hundred_kills_under_load() {
    let lab = Lab::new().await;
    let url = lab.url();
    let acknowledged = Arc::new(Mutex::new(BTreeSet::new()));
    let over = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU64::new(1));

    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (url, acknowledged) = (url.clone(), Arc::clone(&acknowledged));
            let (over, next) = (Arc::clone(&over), Arc::clone(&next));
            tokio::spawn(async move {
                let client = reqwest::Client::builder()
                    .timeout(Duration::from_secs(2))
                    .pool_max_idle_per_host(0)
                    .build()
                    .unwrap();
                while !over.load(Ordering::Relaxed) {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    match post(&client, &url, n).await {
                        Some(200) => {
                            acknowledged.lock().unwrap().insert(n);
                        }
                        _ => tokio::time::sleep(Duration::from_millis(2)).await,
                    }
                }
            })
        })
        .collect();

    let mut shortest = usize::MAX;
    for kill in 0..KILLS {
        let before = acknowledged.lock().unwrap().len();
        let mut daemon = lab.daemon();
        // Only a daemon that has acknowledged something can lose it.
        let start = Instant::now();
        while acknowledged.lock().unwrap().len() < before + 3 {
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "no load\n{}",
                daemon.log()
            );
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_micros(u64::from(kill) * 97 % 20_000)).await;
        daemon.kill();
        shortest = shortest.min(acknowledged.lock().unwrap().len() - before);
    }
    over.store(true, Ordering::Relaxed);
    for sender in senders {
        sender.await.unwrap();
    }

    let store = Store::open(lab.path("store.sqlite")).await.unwrap();
    let kept: BTreeSet<String> = store
        .inbox(None, u32::MAX)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.lsid)
        .collect();
    let acknowledged = acknowledged.lock().unwrap();
    let lost: Vec<&u64> = acknowledged
        .iter()
        .filter(|n| !kept.contains(&lsid(**n)))
        .collect();
    assert!(shortest >= 3 && acknowledged.len() >= 3 * KILLS as usize);
    assert!(
        lost.is_empty(),
        "{} of {} events lost: {lost:?}",
        lost.len(),
        acknowledged.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_events_are_refused_with_503_and_none_is_lost() {
    let lab = Lab::new().await;
    let client = reqwest::Client::new();
    let mut daemon = lab.daemon_on_a_small_disk(2_000);
    let mut acknowledged = Vec::new();
    let mut refused = Vec::new();
    for n in 1..20_000 {
        match post(&client, &lab.url(), n).await {
            Some(200) => acknowledged.push(n),
            Some(503) => refused.push(n),
            other => panic!("{other:?}\n{}", daemon.log()),
        }
        if refused.len() == 20 {
            break;
        }
    }
    assert_eq!(
        refused.len(),
        20,
        "the disk was never full\n{}",
        daemon.log()
    );
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    assert!(
        daemon.log().contains("store_unavailable"),
        "{}",
        daemon.log()
    );
    daemon.kill();

    // With room again, what the appliance repeats is taken.
    let mut daemon = lab.daemon();
    for n in &refused {
        assert_eq!(post(&client, &lab.url(), *n).await, Some(200));
    }
    daemon.kill();
    let store = Store::open(lab.path("store.sqlite")).await.unwrap();
    let kept: BTreeSet<String> = store
        .inbox(None, u32::MAX)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.lsid)
        .collect();
    for n in acknowledged.iter().chain(&refused) {
        assert!(kept.contains(&lsid(*n)), "event {n} is lost");
    }
}
