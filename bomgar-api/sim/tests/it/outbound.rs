//! Outbound events against a recipient that a test holds in its hand.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bomgar_sim::{BomgarSim, EventForm, Outbox, RecipientSpec, SessionSpec, SimError, Survey};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use crate::raw::SOON;

const TICK: Duration = Duration::from_millis(5);

/// What the recipient received and what it is going to answer.
#[derive(Default)]
struct Script {
    requests: Vec<String>,
    /// Statuses in turn; 200 when there is none.
    answers: VecDeque<u16>,
    /// The answer to everything else while set.
    default: Option<u16>,
}

#[derive(Clone)]
struct Receiver {
    url: String,
    script: Arc<Mutex<Script>>,
}

impl Receiver {
    async fn start(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let address = listener.local_addr().unwrap();
        let receiver = Self {
            url: format!("{scheme}://{address}/ERSPost?appliance=a1"),
            script: Arc::default(),
        };
        let script = Arc::clone(&receiver.script);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, script) = (tls.clone(), Arc::clone(&script));
                tokio::spawn(async move {
                    match tls {
                        None => answer(stream, &script).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                answer(stream, &script).await;
                            }
                        }
                    }
                });
            }
        });
        receiver
    }

    fn answers(&self, statuses: impl IntoIterator<Item = u16>) {
        self.script.lock().unwrap().answers.extend(statuses);
    }

    fn default_answer(&self, status: impl Into<Option<u16>>) {
        self.script.lock().unwrap().default = status.into();
    }

    fn requests(&self) -> Vec<String> {
        self.script.lock().unwrap().requests.clone()
    }

    /// The `event` field of every request, in order.
    fn events(&self) -> Vec<String> {
        self.requests()
            .iter()
            .map(|request| {
                let body = request.split("\r\n\r\n").nth(1).unwrap();
                body.strip_prefix("event=")
                    .unwrap()
                    .split('&')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, script: &Mutex<Script>) {
    let mut request = String::new();
    loop {
        let mut buffer = [0; 4_096];
        let length = stream.read(&mut buffer).await.unwrap();
        request.push_str(std::str::from_utf8(&buffer[..length]).unwrap());
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let expected: usize = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .unwrap()
                .parse()
                .unwrap();
            if body.len() >= expected {
                break;
            }
        }
        assert_ne!(length, 0, "the request ended early");
    }
    let status = {
        let mut script = script.lock().unwrap();
        script.requests.push(request);
        let default = script.default.unwrap_or(200);
        script.answers.pop_front().unwrap_or(default)
    };
    let answer =
        format!("HTTP/1.1 {status} Status\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < SOON, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

fn recipient(receiver: &Receiver) -> RecipientSpec {
    RecipientSpec::new(&receiver.url).retry_interval(TICK)
}

fn outbox(sim: &BomgarSim, receiver: &Receiver) -> Outbox {
    sim.outbox(&receiver.url).unwrap()
}

fn names(events: &[EventForm]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| event.get("event"))
        .collect()
}

#[tokio::test]
async fn an_event_is_a_plain_form_post() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    sim.recipient(recipient(&receiver).events(["support_conference_begin"]));
    let lsid = sim.start_session(
        SessionSpec::new()
            .external_key("T 1&2")
            .start_time(1_700_000_000),
    );
    assert!(sim.wait_delivered(SOON).await);
    let requests = receiver.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /ERSPost?appliance=a1 HTTP/1.1\r\n"));
    assert!(head.contains("content-type: application/x-www-form-urlencoded"));
    assert!(!head.to_lowercase().contains("authorization"));
    assert_eq!(
        body,
        format!(
            "event=support_conference_begin&version=1&timestamp=1700000000&appliance_id={}\
             &lsid={lsid}&external_key=T+1%262",
            sim.appliance_id()
        )
    );
    assert_eq!(requests.len(), 1);
}

#[tokio::test]
async fn a_refused_event_holds_back_all_later_ones_and_none_overtakes() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    receiver.default_answer(503);
    sim.recipient(recipient(&receiver));
    let lsid = sim.start_session(SessionSpec::new());
    sim.end_session(&lsid, None).unwrap();
    until("three attempts", || receiver.requests().len() >= 3).await;
    assert!(
        receiver
            .events()
            .iter()
            .all(|event| event == "support_conference_begin")
    );
    let before = outbox(&sim, &receiver);
    assert_eq!(before.pending.len(), 7);
    assert!(before.head_attempts >= 2);
    assert_eq!(
        before.last_error.as_deref(),
        Some("the recipient answered HTTP 503 instead of 200")
    );

    // Reachable again: everything follows, in the order in which it happened.
    receiver.default_answer(None);
    assert!(sim.wait_delivered(SOON).await);
    let after = outbox(&sim, &receiver);
    assert_eq!(names(&after.delivered), names(&before.pending));
    assert_eq!((after.head_attempts, after.last_error), (0, None));
    let mut sent = receiver.events();
    sent.dedup();
    let mut raised = names(&before.pending);
    raised.dedup();
    assert_eq!(sent, raised);
    assert!(after.dropped.is_empty());
}

#[tokio::test]
async fn only_200_counts() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    let refusals = [201, 202, 204, 301, 302, 307, 400, 401, 404, 500];
    receiver.answers(refusals);
    sim.recipient(recipient(&receiver).events(["support_conference_begin"]));
    sim.start_session(SessionSpec::new());
    assert!(sim.wait_delivered(SOON).await);
    let mut expected: Vec<Option<u16>> = refusals.map(Some).to_vec();
    expected.push(Some(200));
    assert_eq!(outbox(&sim, &receiver).answers, expected);
    assert_eq!(sim.delivered()[0].attempts, 11);
}

#[tokio::test]
async fn giving_up_drops_one_event_and_goes_on() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    receiver.answers([500]);
    let spec = recipient(&receiver)
        .events(["support_conference_begin", "support_conference_end"])
        .give_up_after(Duration::ZERO);
    sim.recipient(spec);
    let lsid = sim.start_session(SessionSpec::new());
    sim.end_session(&lsid, None).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    let outbox = outbox(&sim, &receiver);
    assert_eq!(names(&outbox.dropped), ["support_conference_begin"]);
    assert_eq!(names(&outbox.delivered), ["support_conference_end"]);
}

#[tokio::test]
async fn an_event_is_given_up_in_time_although_the_next_attempt_is_far() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    receiver.default_answer(500);
    let spec = recipient(&receiver)
        .events(["support_conference_begin"])
        .retry_interval(Duration::from_secs(3_600))
        .give_up_after(Duration::from_millis(50));
    sim.recipient(spec);
    sim.start_session(SessionSpec::new());
    assert!(sim.wait_delivered(SOON).await);
    assert_eq!(outbox(&sim, &receiver).dropped.len(), 1);
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn the_retry_interval_is_kept_and_can_be_cut_short() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    receiver.answers([500]);
    let hour = Duration::from_secs(3_600);
    let spec = recipient(&receiver)
        .events(["support_conference_begin"])
        .retry_interval(hour);
    sim.recipient(spec);
    sim.start_session(SessionSpec::new());
    until("the first attempt", || {
        outbox(&sim, &receiver).head_attempts == 1
    })
    .await;
    // New events do not end the pause.
    sim.start_session(SessionSpec::new());
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(receiver.requests().len(), 1);
    sim.retry_now(&receiver.url).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    assert_eq!(receiver.requests().len(), 3);
    assert!(matches!(
        sim.retry_now("http://127.0.0.1:9/"),
        Err(SimError::UnknownRecipient(_))
    ));
}

#[tokio::test]
async fn c054_the_status_is_good_or_tells_what_is_wrong() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    receiver.answers([404]);
    let only = ["support_conference_begin"];
    let hour = Duration::from_secs(3_600);
    sim.recipient(recipient(&receiver).events(only).retry_interval(hour));
    assert_eq!(outbox(&sim, &receiver).last_error, None);
    sim.start_session(SessionSpec::new());
    until("an error", || outbox(&sim, &receiver).last_error.is_some()).await;
    let reason = outbox(&sim, &receiver).last_error.unwrap();
    assert!(reason.contains("404"), "{reason}");
    sim.retry_now(&receiver.url).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    assert_eq!(outbox(&sim, &receiver).last_error, None);
}

#[tokio::test]
async fn c081_only_events_that_are_selected_for_a_recipient_are_sent() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    let selected = [
        "support_conference_end",
        "support_conference_customer_exit_survey_completed",
    ];
    sim.recipient(recipient(&receiver).events(selected));
    let lsid = sim.start_session(SessionSpec::new());
    sim.end_session(&lsid, None).unwrap();
    sim.survey(&lsid, Survey::representative()).unwrap();
    sim.survey(&lsid, Survey::customer()).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    assert_eq!(receiver.events(), selected);
}

#[tokio::test]
async fn recipients_do_not_wait_for_each_other() {
    let sim = BomgarSim::start().await;
    let (slow, quick) = (Receiver::start(None).await, Receiver::start(None).await);
    slow.default_answer(500);
    sim.recipient(recipient(&slow));
    sim.recipient(recipient(&quick));
    sim.start_session(SessionSpec::new());
    until("the other's events", || {
        outbox(&sim, &quick).delivered.len() == 4
    })
    .await;
    assert_eq!(outbox(&sim, &slow).pending.len(), 4);
    sim.remove_recipient(&slow.url);
    assert!(sim.wait_delivered(SOON).await);
}

#[tokio::test]
async fn a_recipient_that_says_nothing_is_asked_again() {
    let sim = BomgarSim::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let spec = RecipientSpec::new(&url)
        .retry_interval(TICK)
        .answer_timeout(Duration::from_millis(40));
    sim.recipient(spec);
    sim.start_session(SessionSpec::new());
    until("two silent attempts", || {
        sim.outbox(&url).unwrap().answers.len() >= 2
    })
    .await;
    let outbox = sim.outbox(&url).unwrap();
    assert_eq!(outbox.answers[..2], [None, None]);
    assert!(outbox.last_error.is_some());
    assert_eq!(outbox.pending.len(), 4);
}

#[tokio::test]
async fn custom_fields_are_sent_to_those_who_want_them() {
    let sim = BomgarSim::start().await;
    let (plain, rich) = (Receiver::start(None).await, Receiver::start(None).await);
    let only = ["support_conference_end"];
    sim.recipient(recipient(&plain).events(only));
    sim.recipient(recipient(&rich).events(only).custom_fields());
    let lsid =
        sim.start_session(SessionSpec::new().custom_attribute("asset_tag", "Asset tag", "A-77"));
    sim.end_session(&lsid, None).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    let field = |receiver: &Receiver| {
        outbox(&sim, receiver).delivered[0]
            .get("session.custom.asset_tag")
            .map(str::to_owned)
    };
    assert_eq!(field(&plain), None);
    assert_eq!(field(&rich).as_deref(), Some("A-77"));
    assert!(rich.requests()[0].ends_with("&session.custom.asset_tag=A-77"));
}

#[tokio::test]
async fn a_replaced_recipient_starts_with_an_empty_queue() {
    let sim = BomgarSim::start().await;
    let receiver = Receiver::start(None).await;
    receiver.default_answer(500);
    sim.recipient(recipient(&receiver));
    sim.start_session(SessionSpec::new());
    until("an attempt", || !receiver.requests().is_empty()).await;
    receiver.default_answer(None);
    sim.recipient(recipient(&receiver).events(["support_conference_end"]));
    sim.end_session(&sim.lsids()[0], None).unwrap();
    assert!(sim.wait_delivered(SOON).await);
    let outbox = outbox(&sim, &receiver);
    assert_eq!(names(&outbox.delivered), ["support_conference_end"]);
    assert_eq!(outbox.answers, [Some(200)]);
}

/// A certificate for 127.0.0.1 with the server side of it.
fn identity() -> (String, TlsAcceptor) {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
        )
        .unwrap();
    (certificate.pem(), TlsAcceptor::from(Arc::new(config)))
}

#[tokio::test]
async fn an_https_recipient_needs_the_right_certificate() {
    let sim = BomgarSim::start().await;
    let (pem, acceptor) = identity();
    let receiver = Receiver::start(Some(acceptor)).await;
    let only = ["support_conference_begin"];

    // No certificate, then another one: nothing arrives, and the reason is told.
    sim.recipient(recipient(&receiver).events(only));
    sim.start_session(SessionSpec::new());
    until("a failed attempt", || {
        outbox(&sim, &receiver).head_attempts > 0
    })
    .await;
    let spec = recipient(&receiver).events(only);
    sim.recipient(spec.ca_pem(identity().0).unwrap());
    sim.start_session(SessionSpec::new());
    until("a failed attempt", || {
        outbox(&sim, &receiver).head_attempts > 0
    })
    .await;
    let reason = outbox(&sim, &receiver).last_error.unwrap();
    assert!(reason.contains("certificate"), "{reason}");
    assert!(receiver.requests().is_empty());

    let spec = recipient(&receiver).events(only);
    sim.recipient(spec.ca_pem(&pem).unwrap());
    let lsid = sim.start_session(SessionSpec::new());
    assert!(sim.wait_delivered(SOON).await);
    assert_eq!(receiver.events(), only);
    assert!(receiver.requests()[0].contains(&lsid));
    let event = EventForm::new("support_conference_end");
    assert_eq!(sim.post_event(&receiver.url, &event).await.unwrap(), 200);
}

#[test]
fn a_certificate_must_be_one() {
    for pem in ["", "no certificate"] {
        assert!(matches!(
            RecipientSpec::new("https://127.0.0.1/").ca_pem(pem),
            Err(SimError::Certificate { .. })
        ));
    }
}
