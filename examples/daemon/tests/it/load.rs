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
                    // A new session each time: a lost event must not be hidden by its repetition.
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let form = [
                        ("event", "support_conference_end".to_owned()),
                        ("version", "1".to_owned()),
                        ("timestamp", "1795510000".to_owned()),
                        ("lsid", lsid(n)),
                    ];
                    match client.post(&url).form(&form).send().await {
                        Ok(answer) if answer.status() == 200 => {
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
