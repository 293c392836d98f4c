use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bomgar_sim::{BomgarSim, EventForm, RecipientSpec, SessionSpec, SimError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const START: i64 = 1_700_000_000;
const SOON: Duration = Duration::from_secs(10);

/// A receiver that answers with these statuses in turn and then 200 for ever.
async fn receiver(statuses: &'static [&'static str]) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "http://{}/ERSPost?appliance=a1",
        listener.local_addr().unwrap()
    );
    let count = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&count);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !is_whole(&request) {
                let length = stream.read(&mut buffer).await.unwrap();
                assert_ne!(length, 0, "the request ended early");
                request.extend_from_slice(&buffer[..length]);
            }
            let number = seen.fetch_add(1, Ordering::SeqCst);
            let status = statuses.get(number).unwrap_or(&"200 OK");
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, count)
}

/// Closing before all is read would reset the connection and lose the answer.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    body.len() >= length.trim().parse().unwrap()
}

fn names(events: &[EventForm]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event.get("event").unwrap())
        .collect()
}

#[tokio::test]
async fn a_session_raises_its_events_in_order() {
    let sim = BomgarSim::start().await;
    let (url, _) = receiver(&[]).await;
    sim.add_recipient(&url, Duration::from_millis(5));
    let lsid = sim.start_session(SessionSpec::new().external_key("48213").start_time(START));
    sim.end_session(&lsid, START + 60).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    let delivered = sim.outbox(&url).unwrap().delivered;
    assert_eq!(
        names(&delivered),
        [
            "support_conference_begin",
            "support_conference_member_added",
            "support_conference_member_added",
            "support_conference_owner_changed",
            "support_conference_member_departed",
            "support_conference_member_departed",
            "support_conference_end",
        ]
    );
    let end = delivered.last().unwrap();
    assert_eq!(end.get("timestamp"), Some("1700000060"));
    assert_eq!(end.get("lsid"), Some(lsid.as_str()));
    assert_eq!(end.get("external_key"), Some("48213"));
    assert_eq!(end.get("appliance_id"), Some(sim.appliance_id().as_str()));
    let rep = &delivered[2];
    assert_eq!(rep.get("type"), Some("representative"));
    assert_eq!(
        (rep.get("username"), rep.get("user_id")),
        (Some("technician"), Some("7"))
    );
    assert_eq!(delivered[1].get("type"), Some("customer"));
}

#[tokio::test]
async fn only_200_moves_the_queue_on() {
    let sim = BomgarSim::start().await;
    let (url, seen) = receiver(&["500 Oops", "204 No Content", "302 Found", "201 Created"]).await;
    let events = ["support_conference_begin", "support_conference_end"];
    sim.recipient(
        RecipientSpec::new(&url)
            .retry_interval(Duration::from_millis(5))
            .events(events),
    );
    let lsid = sim.start_session(SessionSpec::new());
    sim.end_session(&lsid, None).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    let outbox = sim.outbox(&url).unwrap();
    assert_eq!(names(&outbox.delivered), events);
    let statuses: Vec<u16> = outbox.answers.into_iter().flatten().collect();
    assert_eq!(statuses, [500, 204, 302, 201, 200, 200]);
    assert_eq!(sim.delivered()[0].attempts, 5);

    sim.redeliver_last(&url).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    assert_eq!(seen.load(Ordering::SeqCst), 7);
    assert_eq!(
        names(&sim.outbox(&url).unwrap().delivered)[2],
        "support_conference_end"
    );
}

#[tokio::test]
async fn a_dead_recipient_blocks_its_own_queue_only_and_may_be_given_up() {
    let sim = BomgarSim::start().await;
    let (alive, _) = receiver(&[]).await;
    let dead = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    sim.add_recipient(&alive, Duration::from_millis(5));
    sim.add_recipient(&dead, Duration::from_millis(5));
    sim.start_session(SessionSpec::new());
    assert!(!sim.wait_delivered(Duration::from_millis(300)).await);
    assert_eq!(sim.outbox(&dead).unwrap().pending.len(), 4);
    assert!(
        sim.outbox(&dead)
            .unwrap()
            .answers
            .iter()
            .all(Option::is_none)
    );
    assert_eq!(sim.outbox(&alive).unwrap().delivered.len(), 4);

    let impatient = RecipientSpec::new(&dead).give_up_after(Duration::ZERO);
    sim.recipient(impatient);
    sim.start_session(SessionSpec::new());
    assert!(sim.wait_delivered(SOON).await);
    assert_eq!(sim.outbox(&dead).unwrap().dropped.len(), 4);
}

#[tokio::test]
async fn an_event_of_the_tests_own_making_can_be_posted() {
    let sim = BomgarSim::start().await;
    let (url, _) = receiver(&["503 Later"]).await;
    let event = EventForm::new("support_conference_end")
        .timestamp(START)
        .external_key("a b&c");
    assert_eq!(
        event.to_body(),
        "event=support_conference_end&version=1&timestamp=1700000000&external_key=a+b%26c"
    );
    assert_eq!(sim.post_event(&url, &event).await.unwrap(), 503);
    assert_eq!(sim.post_event(&url, &event).await.unwrap(), 200);
    assert!(matches!(
        sim.redeliver_last(&url),
        Err(SimError::UnknownRecipient(_))
    ));
}

#[tokio::test]
async fn a_dropped_simulator_stops() {
    let sim = BomgarSim::start().await;
    let url = format!("{}/check_health", sim.base_url());
    assert_eq!(crate::http().get(&url).send().await.unwrap().status(), 200);
    drop(sim);
    // The task ends at its next turn.
    for _ in 0..100 {
        if crate::http().get(&url).send().await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the port still answers");
}

#[tokio::test]
async fn the_simulator_is_driven_through_json() {
    let sim = BomgarSim::start().await;
    let base = sim.base_url();
    let post = |path: String, body: &'static str| {
        let request = crate::http().post(format!("{base}{path}")).body(body);
        async move {
            let reply = request.send().await.unwrap();
            let status = reply.status().as_u16();
            let body: serde_json::Value =
                serde_json::from_str(&reply.text().await.unwrap()).unwrap();
            (status, body)
        }
    };
    let (status, body) = post("/_sim/demo".into(), r#"{"external_key":"48213"}"#).await;
    assert_eq!(status, 200);
    let lsid = body["lsid"].as_str().unwrap().to_owned();
    assert_eq!(sim.external_key(&lsid).unwrap(), "48213");
    assert_eq!(post(format!("/_sim/sessions/{lsid}/end"), "").await.0, 200);
    assert_eq!(post(format!("/_sim/sessions/{lsid}/end"), "").await.0, 409);
    assert_eq!(post("/_sim/nothing".into(), "").await.0, 404);
    assert_eq!(post("/_sim/demo".into(), "{").await.0, 400);
    assert!(sim.calls().is_empty());
}
