//! The receiver over real HTTP.

use crate::config::{MINIMAL, SECRETS};
use bomgar_autotask::{
    config::{Config, ReceiverConfig},
    receiver::{Receiver, Routes},
    store::{InboxState, Quota, Store},
};
use secrecy::SecretString;
use std::{net::SocketAddr, time::Duration};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

const LSID: &str = "0123456789abcdef0123456789abcdef";

struct Running {
    _directory: TempDir,
    store: Store,
    receiver: Receiver,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
    client: reqwest::Client,
}

impl Running {
    async fn post(&self, path: &str, body: impl Into<String>) -> (u16, String) {
        let response = self
            .client
            .post(format!("http://{}{path}", self.address))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.into())
            .send()
            .await
            .unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert_eq!(text.lines().count(), 1, "one readable line: {text}");
        assert!(text.ends_with('\n'), "{text}");
        (status, text)
    }

    async fn pending(&self) -> u64 {
        self.store.pending_count().await.unwrap()
    }

    /// The reason of the one request in the quarantine, whose body is `body`.
    async fn reason(&self, body: &str) -> String {
        let kept = self.store.quarantined(10).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(kept[0].body, body.as_bytes());
        assert_eq!(kept[0].remote.as_deref(), Some("127.0.0.1"));
        assert_eq!(
            kept[0].content_type.as_deref(),
            Some("application/x-www-form-urlencoded")
        );
        kept[0].reason.clone()
    }
}

fn end(timestamp: u32) -> String {
    format!(
        "event=support_conference_end&version=1&timestamp={timestamp}&lsid={LSID}&external_key=4711"
    )
}

fn configured(text: &str) -> Routes {
    Routes::new(&Config::parse(text, "", &SECRETS).unwrap().configurations)
}

async fn running_with(config: ReceiverConfig, quota: Quota, routes: Routes) -> Running {
    let (directory, store) = crate::store::store().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let receiver = Receiver::new(store.clone(), config, quota, routes);
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = receiver.clone();
    let served = tokio::spawn(async move {
        serving.serve(listener, async { drop(stopped.await) }).await;
    });
    let client = reqwest::Client::new();
    Running {
        _directory: directory,
        store,
        receiver,
        address,
        stop,
        served,
        client,
    }
}

async fn running() -> Running {
    running_with(
        ReceiverConfig::default(),
        Quota::default(),
        configured(MINIMAL),
    )
    .await
}

#[tokio::test]
async fn an_event_is_stored_once_however_often_it_is_delivered() {
    let daemon = running().await;
    let (status, text) = daemon.post("/ERSPost", end(1)).await;
    assert_eq!((status, text.as_str()), (200, "OK: stored\n"));
    let (status, text) = daemon.post("/ERSPost", end(1)).await;
    assert_eq!((status, text.as_str()), (200, "OK: stored already\n"));
    assert_eq!(daemon.post("/ERSPost", end(2)).await.0, 200);
    let stats = daemon.receiver.stats();
    assert_eq!((stats.stored, stats.duplicate), (2, 1));

    let entry = daemon
        .store
        .inbox(Some(InboxState::Pending), 9)
        .await
        .unwrap()
        .remove(1);
    assert_eq!(entry.event, "support_conference_end");
    assert_eq!(
        (entry.configuration.as_str(), entry.lsid.as_str()),
        ("default", LSID)
    );
    assert_eq!(entry.event_timestamp, jiff::Timestamp::from_second(1).ok());
    let job = daemon
        .store
        .due(jiff::Timestamp::now(), 1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(job.body, end(1).as_bytes(), "the body as it came");
    assert_eq!(job.external_key.as_deref(), Some("4711"));
}

#[tokio::test]
async fn people_who_join_in_the_same_second_are_different_events() {
    let text = MINIMAL.replacen(
        "name =",
        "outbound_event_types = [\"support_conference_member_added\"]\nname =",
        1,
    );
    let daemon = running_with(
        ReceiverConfig::default(),
        Quota::default(),
        configured(&text),
    )
    .await;
    let joined =
        |who: &str| format!("event=support_conference_member_added&timestamp=1&lsid={LSID}&{who}");
    for who in [
        "type=customer&display_name=A",
        "type=customer&display_name=B",
        "type=representative",
    ] {
        assert_eq!(daemon.post("/ERSPost", joined(who)).await.1, "OK: stored\n");
    }
    let again = joined("type=customer&display_name=A&external_key=changed");
    assert_eq!(
        daemon.post("/ERSPost", again).await.1,
        "OK: stored already\n"
    );
    assert_eq!(daemon.pending().await, 3);
}

#[tokio::test]
async fn c047_no_query_is_the_default_appliance() {
    let daemon = running().await;
    assert_eq!(daemon.post("/ERSPost", end(1)).await.1, "OK: stored\n");
    let other = MINIMAL.replace("\"Default\"", "\"other\"");
    daemon.receiver.set_routes(configured(&other));
    assert!(
        daemon
            .post("/ERSPost", end(2))
            .await
            .1
            .contains("set aside")
    );
}

#[tokio::test]
async fn c048_the_query_names_another_appliance() {
    let other = MINIMAL
        .replace("Head office", "b")
        .replace("\"Default\"", "\"other\"");
    let routes = configured(&format!("{MINIMAL}{other}"));
    let daemon = running_with(ReceiverConfig::default(), Quota::default(), routes).await;
    for query in ["appliance=other", "x=1&appliance=OTHER"] {
        daemon.post(&format!("/ERSPost?{query}"), end(1)).await;
    }
    daemon.post("/ERSPost?appliance=default", end(1)).await;
    let entries = daemon.store.inbox(None, 9).await.unwrap();
    let keys: Vec<_> = entries
        .iter()
        .map(|entry| entry.configuration.as_str())
        .collect();
    assert_eq!(keys, ["default", "other"]);
}

#[tokio::test]
async fn c066_upper_and_lower_case_of_the_id_and_the_path_do_not_count() {
    let daemon = running().await;
    assert_eq!(
        daemon.post("/erspost/?appliance=dEFAULT", end(1)).await.1,
        "OK: stored\n"
    );
    assert_eq!(
        daemon.post("/ERSPOST", end(1)).await.1,
        "OK: stored already\n"
    );
}

#[tokio::test]
async fn an_unknown_appliance_id_is_set_aside() {
    let daemon = running().await;
    let (status, text) = daemon.post("/ERSPost?appliance=nobody", end(1)).await;
    assert_eq!(status, 200);
    assert!(
        text.contains("no configuration has the appliance id"),
        "{text}"
    );
    assert!(daemon.reason(&end(1)).await.contains("no configuration"));
    assert_eq!(
        daemon.store.quarantined(1).await.unwrap()[0]
            .appliance
            .as_deref(),
        Some("nobody")
    );
    assert_eq!(
        (daemon.pending().await, daemon.receiver.stats().quarantined),
        (0, 1)
    );
}

#[tokio::test]
async fn c050_a_malformed_appliance_id_is_set_aside() {
    let daemon = running().await;
    let (status, _) = daemon.post("/ERSPost?appliance=site-2", end(1)).await;
    assert_eq!(status, 200);
    assert!(daemon.reason(&end(1)).await.contains("malformed"));
}

#[tokio::test]
async fn bad_forms_are_set_aside() {
    let cases = [
        ("{\"event\": \"support_conference_end\"}", "not a form"),
        ("", "not a form"),
        (
            "event=support_conference_end&timestamp=1",
            "lsid is missing",
        ),
        ("event=support_conference_end&lsid=%20", "lsid is missing"),
        (
            "event=support_conference_end&lsid=../../x",
            "lsid is malformed",
        ),
    ];
    for (body, reason) in cases {
        let daemon = running().await;
        let (status, text) = daemon.post("/ERSPost", body).await;
        assert_eq!(status, 200);
        assert!(text.contains(reason), "{text}");
        assert!(daemon.reason(body).await.contains(reason));
        assert_eq!(daemon.pending().await, 0);
    }
}

#[tokio::test]
async fn beyond_the_quota_requests_are_only_counted() {
    let quota = Quota {
        rows: 1,
        bytes: 1000,
    };
    let daemon = running_with(ReceiverConfig::default(), quota, configured(MINIMAL)).await;
    assert_eq!(daemon.post("/ERSPost", "x").await.0, 200);
    let (status, text) = daemon.post("/ERSPost", "y").await;
    assert_eq!(status, 200);
    assert!(text.contains("only counted"), "{text}");
    let usage = daemon.store.quarantine_usage().await.unwrap();
    assert_eq!((usage.rows, usage.overflow[0].count), (1, 1));
    assert_eq!(daemon.receiver.stats().quarantined, 2);
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_not_stored() {
    let config = ReceiverConfig {
        body_limit: 1000,
        ..ReceiverConfig::default()
    };
    let daemon = running_with(config, Quota::default(), configured(MINIMAL)).await;
    let fits = format!("{}&x={}", end(1), "y".repeat(997 - end(1).len()));
    assert_eq!(fits.len(), 1000);
    assert_eq!(daemon.post("/ERSPost", fits.clone()).await.0, 200);
    let (status, text) = daemon.post("/ERSPost", format!("{fits}z")).await;
    assert_eq!(status, 413);
    assert!(text.contains("1000 bytes"), "{text}");
    assert_eq!(daemon.receiver.stats().too_large, 1);
    assert_eq!(daemon.pending().await, 1);
    assert_eq!(daemon.store.quarantine_usage().await.unwrap().rows, 0);
}

#[tokio::test]
async fn a_wrong_token_is_refused() {
    let token = Some(SecretString::from("s e&cret"));
    let config = ReceiverConfig {
        token,
        ..ReceiverConfig::default()
    };
    let daemon = running_with(config, Quota::default(), configured(MINIMAL)).await;
    for query in [
        "",
        "?token=",
        "?token=wrong",
        "?token=s+e%26cre",
        "?token=s+e%26crett",
    ] {
        let (status, text) = daemon.post(&format!("/ERSPost{query}"), end(1)).await;
        assert_eq!(status, 403, "{query}");
        assert!(!text.contains("cret"), "{text}");
    }
    assert_eq!(daemon.receiver.stats().refused, 5);
    assert_eq!(daemon.pending().await, 0);
    let (status, _) = daemon
        .post("/ERSPost?appliance=default&token=s+e%26cret", end(1))
        .await;
    assert_eq!((status, daemon.pending().await), (200, 1));
}

#[tokio::test]
async fn c080_events_that_are_not_selected_are_answered_and_dropped() {
    let daemon = running().await;
    for event in [
        "support_conference_begin",
        "support_conference_member_added",
        "novelty",
    ] {
        let body = format!("event={event}&timestamp=1&lsid={LSID}");
        let (status, text) = daemon.post("/ERSPost", body).await;
        assert_eq!(status, 200);
        assert!(text.contains("not selected"), "{text}");
    }
    assert_eq!(daemon.receiver.stats().unselected, 3);
    assert_eq!(daemon.store.inbox(None, 9).await.unwrap(), []);
    assert_eq!(daemon.store.quarantine_usage().await.unwrap().rows, 0);
}

#[tokio::test]
async fn c074_a_disabled_configuration_keeps_its_events() {
    let disabled = MINIMAL.replacen("name =", "disabled = true\nname =", 1);
    let daemon = running_with(
        ReceiverConfig::default(),
        Quota::default(),
        configured(&disabled),
    )
    .await;
    let (status, text) = daemon.post("/ERSPost", end(1)).await;
    assert_eq!(status, 200);
    assert!(text.contains("when the configuration is enabled"), "{text}");
    assert_eq!(
        (daemon.pending().await, daemon.receiver.stats().held),
        (0, 1)
    );
    assert_eq!(
        daemon
            .store
            .inbox(Some(InboxState::Held), 9)
            .await
            .unwrap()
            .len(),
        1
    );
    // Of two with the same id the enabled one counts.
    let enabled = MINIMAL.replace("Head office", "b");
    for text in [
        format!("{disabled}{enabled}"),
        format!("{enabled}{disabled}"),
    ] {
        daemon.receiver.set_routes(configured(&text));
        daemon
            .post("/ERSPost", end(text.find("disabled").unwrap() as u32))
            .await;
    }
    assert_eq!(daemon.pending().await, 2);
}

#[tokio::test]
async fn a_store_that_cannot_store_is_told_with_503() {
    let daemon = running().await;
    daemon.store.close().await;
    let (status, text) = daemon.post("/ERSPost", end(1)).await;
    assert_eq!(status, 503);
    assert!(text.contains("send it again"), "{text}");
    assert_eq!(
        daemon.post("/ERSPost?appliance=nobody", end(1)).await.0,
        503
    );
    assert_eq!(daemon.receiver.stats().unavailable, 2);
}

#[tokio::test]
async fn other_paths_and_methods_get_a_hint() {
    let daemon = running().await;
    for path in ["/", "/ERSPost/appliance=x", "/ERSPos"] {
        let (status, text) = daemon.post(path, end(1)).await;
        assert_eq!(status, 404, "{path}");
        assert!(text.contains("/ERSPost?appliance="), "{text}");
    }
    let url = format!("http://{}/ERSPost", daemon.address);
    let response = daemon.client.get(url).send().await.unwrap();
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "POST");
    assert!(response.text().await.unwrap().contains("waits for POST"));
    assert_eq!(daemon.pending().await, 0);
}

#[tokio::test]
async fn slow_clients_are_cut_off_and_make_room() {
    let config = ReceiverConfig {
        header_timeout: jiff::SignedDuration::from_millis(200),
        body_timeout: jiff::SignedDuration::from_millis(200),
        max_connections: 1,
        ..ReceiverConfig::default()
    };
    let daemon = running_with(config, Quota::default(), configured(MINIMAL)).await;
    // Neither the idle, the half-headed nor the half-bodied one can hold the only place.
    let mut half = Vec::new();
    for text in [
        "",
        "POST /ERSPost HT",
        "POST /ERSPost HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\neve",
    ] {
        let mut stream = TcpStream::connect(daemon.address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        half.push(stream);
    }
    let answer = daemon.post("/ERSPost", end(1));
    let (status, _) = tokio::time::timeout(Duration::from_secs(20), answer)
        .await
        .unwrap();
    assert_eq!(status, 200);
    let mut rest = String::new();
    half[2].read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 408 "), "{rest}");
}

#[tokio::test]
async fn at_the_end_open_requests_are_answered() {
    let daemon = running().await;
    let mut stream = TcpStream::connect(daemon.address).await.unwrap();
    let body = end(1);
    let head = format!(
        "POST /ERSPost HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Another request on its way through shows that this one has been taken.
    daemon.post("/ERSPost", end(2)).await;
    daemon.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!daemon.served.is_finished());
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    tokio::time::timeout(Duration::from_secs(10), daemon.served)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(daemon.store.pending_count().await.unwrap(), 2);
}

#[tokio::test]
async fn without_a_timestamp_the_whole_body_tells_events_apart() {
    let daemon = running().await;
    let body = |key: &str| format!("event=support_conference_end&lsid={LSID}&external_key={key}");
    assert_eq!(daemon.post("/ERSPost", body("1")).await.1, "OK: stored\n");
    assert_eq!(
        daemon.post("/ERSPost", body("1")).await.1,
        "OK: stored already\n"
    );
    assert_eq!(daemon.post("/ERSPost", body("2")).await.1, "OK: stored\n");
}
