//! Slots, the tenant's allowance, and the hooks for measuring.

use crate::support::*;
use autotask_sim::{AutotaskSim, Fault, FaultSpec, When};
use autotask_soap::v1_6::{Ticket, TicketNote};
use autotask_soap::{
    CallEnd, CallResult, CallStart, Client, ErrorKind, Limits, Metrics, Outcome, RetryPolicy,
    UsagePolicy,
};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn note_on(sim: &AutotaskSim) -> TicketNote {
    TicketNote {
        ticket_id: i32::try_from(sim.demo().ticket).ok(),
        ..note()
    }
}

/// Starts that many creates at once with each client, and says how many the server lets in before
/// the first is answered.
async fn at_once(sim: &AutotaskSim, clients: &[Client], each: usize, expected: usize) {
    for client in clients {
        client.zone().await.unwrap();
    }
    sim.reset_calls();
    let gate = sim.gate("create", "TicketNote", When::BeforeCommit);
    let calls: Vec<_> = clients
        .iter()
        .flat_map(|client| std::iter::repeat_n(client, each))
        .map(|client| {
            let (client, note) = (client.clone(), note_on(sim));
            tokio::spawn(async move { client.create(&note).await })
        })
        .collect();
    for _ in 0..expected {
        gate.reached().await;
    }
    // Whoever was not kept back would have come by now.
    clients[0].threshold().await.unwrap();
    assert_eq!(sim.call_count("create", ""), expected);
    drop(gate);
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sim.call_count("create", ""), clients.len() * each);
}

#[tokio::test]
async fn all_clients_of_one_integration_share_three_slots() {
    let sim = AutotaskSim::start().await.unwrap();
    let clients: Vec<_> = (0..3).map(|_| client_of(&sim).build().unwrap()).collect();
    at_once(&sim, &clients, 2, 3).await;
}

#[tokio::test]
async fn limits_of_ones_own() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.configure(|settings| settings.thread_limit = 10);
    let limits = Limits::per_entity(2);
    let with = |limits: &Limits| client_of(&sim).limits(limits.clone()).build().unwrap();
    at_once(&sim, &[with(&limits), with(&limits)], 3, 2).await;
    let apart = [with(&Limits::per_entity(2)), with(&Limits::per_entity(2))];
    at_once(&sim, &apart, 3, 4).await;
}

fn usage(reserve: f64, slow_from: f64) -> UsagePolicy {
    let mut policy = UsagePolicy::default();
    policy.reserve = reserve;
    policy.slow_from = slow_from;
    policy.ask_every = 1;
    policy
}

#[tokio::test]
async fn the_usage_is_asked_for_now_and_then() {
    let (sim, client) = tenant().await;
    for _ in 0..250 {
        client.get::<Ticket>(sim.demo().ticket).await.unwrap();
    }
    assert_eq!(sim.call_count("query", ""), 250);
    assert_eq!(sim.call_count("getThresholdAndUsageInfo", ""), 2);
    let ignoring = client_of(&sim)
        .usage(UsagePolicy::ignore())
        .build()
        .unwrap();
    sim.reset_calls();
    for _ in 0..150 {
        ignoring.get::<Ticket>(sim.demo().ticket).await.unwrap();
    }
    assert_eq!(sim.call_count("getThresholdAndUsageInfo", ""), 0);
}

#[tokio::test]
async fn calls_slow_down_before_the_reserve_is_touched() {
    let sim = AutotaskSim::start().await.unwrap();
    let sleep = NoSleep::default();
    let client = client_of(&sim)
        .sleep(sleep.clone())
        .usage(usage(0.5, 0.5))
        .build()
        .unwrap();
    let get = async || client.get::<Ticket>(sim.demo().ticket).await;
    get().await.unwrap();
    get().await.unwrap();
    assert!(sleep.0.lock().unwrap().is_empty());

    // 5,000 of 10,000 are ours, and slower from 2,500 on: 3,750 and a few are half of the way.
    sim.set_foreign_requests(3_750);
    get().await.unwrap();
    let pauses = std::mem::take(&mut *sleep.0.lock().unwrap());
    assert_eq!(pauses.len(), 1);
    let pause = pauses[0].as_secs_f64();
    assert!((2.5..2.6).contains(&pause), "{pause}");

    // Only the reserve is left: nothing is sent, and the error says why.
    sim.set_foreign_requests(6_000);
    sim.reset_calls();
    let error = client.create(&note_on(&sim)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.outcome(), Outcome::NotStored);
    assert!(error.is_retryable());
    assert!(error.to_string().contains("of 10000 calls"), "{error}");
    assert_eq!(sim.call_count("create", ""), 0);
    // It waited as long as the policy says.
    let waited: Duration = std::mem::take(&mut *sleep.0.lock().unwrap()).iter().sum();
    assert_eq!(waited, Duration::from_secs(120));

    // The others are done: on it goes.
    sim.set_foreign_requests(0);
    get().await.unwrap();
}

#[tokio::test]
async fn waiting_for_the_usage_does_not_stretch_the_deadline() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.set_foreign_requests(9_000);
    let log = Log::default();
    let client = client_of(&sim)
        .sleep(autotask_soap::TokioSleep)
        .usage(usage(0.2, 0.5))
        .metrics(log.clone())
        .build()
        .unwrap();
    client.wsdl_version().await.unwrap();
    // A call that waits because only the reserve is left, and is given up.
    let waiting = {
        let client = client.clone();
        tokio::spawn(async move { client.get::<Ticket>(1).await })
    };
    let asked = "end getThresholdAndUsageInfo - done sent";
    client.zone().await.unwrap();
    while !log.0.lock().unwrap().iter().any(|line| line == asked) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    waiting.abort();
    let soon = || client.with_deadline(Instant::now() + Duration::from_millis(100));
    let error = soon().get::<Ticket>(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlinePassed);
    let error = soon().create(&note_on(&sim)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlinePassed);
    assert_eq!(error.outcome(), Outcome::NotStored);
    assert_eq!(sim.call_count("create", ""), 0);
}

#[tokio::test]
async fn a_usage_that_cannot_be_learnt_stops_nobody() {
    let sim = AutotaskSim::start().await.unwrap();
    let client = client_of(&sim).usage(usage(0.2, 0.5)).build().unwrap();
    let handle = sim.fault(
        FaultSpec::new(Fault::Html200)
            .on("getThresholdAndUsageInfo")
            .times(FaultSpec::ALWAYS),
    );
    for _ in 0..5 {
        client.get::<Ticket>(sim.demo().ticket).await.unwrap();
    }
    assert!(sim.fault_fired(handle) > 0);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Metrics for Log {
    fn call_started(&self, call: &CallStart<'_>) {
        let entity = call.entity.unwrap_or("-");
        self.0
            .lock()
            .unwrap()
            .push(format!("start {} {entity} {}", call.operation, call.host));
    }

    fn call_finished(&self, call: &CallEnd<'_>) {
        let result = match call.result {
            CallResult::Done => "done".to_owned(),
            CallResult::Failed(error) => format!("{:?}", error.kind()),
            CallResult::Dropped => "dropped".to_owned(),
            _ => "else".to_owned(),
        };
        let entity = call.entity.unwrap_or("-");
        let sent = if call.duration.is_some() {
            "sent"
        } else {
            "unsent"
        };
        let waited = if call.waits.usage.is_zero() {
            ""
        } else {
            " waited"
        };
        self.0.lock().unwrap().push(format!(
            "end {} {entity} {result} {sent}{waited}",
            call.operation
        ));
    }
}

impl Log {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[tokio::test]
async fn every_request_is_told_of() {
    let sim = AutotaskSim::start().await.unwrap();
    let log = Log::default();
    let client = client_of(&sim)
        .metrics(log.clone())
        .retry(RetryPolicy::attempts(2))
        .build()
        .unwrap();
    client.get::<Ticket>(sim.demo().ticket).await.unwrap();
    assert_eq!(
        log.take(),
        [
            "start getZoneInfo - 127.0.0.1",
            "end getZoneInfo - done sent",
            "start query Ticket 127.0.0.1",
            "end query Ticket done sent",
        ]
    );
    // Each try counts.
    sim.fault(FaultSpec::new(Fault::Html200).on("query"));
    client.get::<Ticket>(sim.demo().ticket).await.unwrap();
    assert_eq!(
        log.take(),
        [
            "start query Ticket 127.0.0.1",
            "end query Ticket NotSoap sent",
            "start query Ticket 127.0.0.1",
            "end query Ticket done sent",
        ]
    );
    // One that never went out.
    let late = client.with_deadline(Instant::now());
    late.create(&note_on(&sim)).await.unwrap_err();
    assert_eq!(
        log.take(),
        [
            "start create TicketNote 127.0.0.1",
            "end create TicketNote DeadlinePassed unsent",
        ]
    );
    // One whose caller went away.
    let gate = sim.gate("create", "TicketNote", When::BeforeCommit);
    let call = {
        let (client, note) = (client.clone(), note_on(&sim));
        tokio::spawn(async move { client.create(&note).await })
    };
    gate.reached().await;
    call.abort();
    call.await.unwrap_err();
    assert_eq!(
        log.take(),
        [
            "start create TicketNote 127.0.0.1",
            "end create TicketNote dropped sent",
        ]
    );
}
