//! A client whose appliance, or what stands before it, answers badly: too much, too little, too
//! slowly, something else, or not at all.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bomgar_api::backup::Backup;
use bomgar_api::command::{GetApiInfo, SessionAttributes, SetSessionAttributes};
use bomgar_api::reporting::{
    Archive, ArchiveKind, EndpointLicenseUsage, Session, SessionSelection, SupportSession,
    SupportSessionRecording, Syslog,
};
use bomgar_api::{
    Call, Client, ClientBuilder, Credentials, Error, ErrorKind, RequestBudget, RetryPolicy, Timer,
};
use bomgar_sim::{BomgarSim, Fault, FaultRule, Party, Position, Recording, SessionSpec};
use bytes::Bytes;

const START: i64 = 1_700_000_000;
const LSID: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "cl13nt-s3cret";
const TOKEN: &str = "t0k3n-value";
const CHAT: &str = "my password is hunter2";
/// Longer than any answer here takes; a test that needs it has failed.
const LONG: Duration = Duration::from_secs(20);

/// A clock whose waits take no time and are remembered.
#[derive(Clone, Debug, Default)]
struct Waits(Arc<Mutex<Vec<Duration>>>);

#[async_trait::async_trait]
impl Timer for Waits {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
    }
}

fn builder(sim: &BomgarSim) -> ClientBuilder {
    let account = Credentials::oauth(sim.client_id(), sim.client_secret());
    Client::builder(sim.base_url(), account)
        .retry(RetryPolicy::none())
        .timer(Waits::default())
        .budget(RequestBudget::unlimited())
}

fn client(sim: &BomgarSim) -> Client {
    builder(sim).build().unwrap()
}

/// An appliance with some sessions that have ended.
async fn appliance(sessions: usize) -> (BomgarSim, Vec<String>) {
    let sim = BomgarSim::start().await;
    let mut lsids = Vec::new();
    for number in 0..sessions {
        let start = START + 1000 * i64::try_from(number).unwrap();
        let lsid = sim.start_session(SessionSpec::new().start_time(start).external_key("48213"));
        sim.chat(&lsid, Party::Customer, Party::Everyone, CHAT)
            .unwrap();
        sim.end_session(&lsid, Some(start + 600)).unwrap();
        lsids.push(lsid);
    }
    (sim, lsids)
}

fn chosen(lsids: &[String]) -> SessionSelection {
    SessionSelection::Lsids(lsids.to_vec())
}

/// The sessions of a stream, and the error after them.
async fn stream(client: &Client, lsids: &[String]) -> (Vec<Session>, Option<Error>) {
    let mut stream = client.support_sessions(chosen(lsids));
    let mut sessions = Vec::new();
    while let Some(found) = stream.next().await {
        match found {
            Ok(session) => sessions.push(session),
            Err(error) => {
                assert!(
                    stream.next().await.is_none(),
                    "after an error comes nothing"
                );
                return (sessions, Some(error));
            }
        }
    }
    (sessions, None)
}

/// Errors name the operation and tell neither secrets nor what people wrote.
fn check(error: &Error, secrets: &[&str]) {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    for secret in [SECRET, TOKEN, CHAT, "hunter2"].iter().chain(secrets) {
        assert!(!text.contains(secret), "{text}");
    }
    assert!(error.operation().is_some(), "{text}");
    assert!(text.len() < 5000, "{text:.300}");
}

#[tokio::test]
async fn each_fault_of_an_answer_is_an_error_of_its_kind() {
    use ErrorKind::{
        Api, Forbidden, HttpStatus, Malformed, RateLimited, TooLarge, Transport, Truncated,
        WrongContent,
    };

    let (sim, lsids) = appliance(3).await;
    let client = builder(&sim)
        .max_body_bytes(4_000_000)
        .max_session_bytes(2_000_000)
        .build()
        .unwrap();
    let second = Duration::from_secs(1);
    let faults = [
        (Fault::Status500Html, HttpStatus),
        (Fault::Status(502), HttpStatus),
        (Fault::Status(404), HttpStatus),
        (Fault::Status(403), Forbidden),
        (Fault::Unavailable503(second), HttpStatus),
        (Fault::RateLimited429(second), RateLimited),
        (
            Fault::Redirect(format!("{}/elsewhere", sim.base_url())),
            HttpStatus,
        ),
        (Fault::Html200, WrongContent),
        (Fault::Json200, WrongContent),
        (Fault::EmptyBody, Truncated),
        (Fault::XmlError("Not now.".into()), Api),
        (Fault::TruncatedBody, Transport),
        (Fault::Shortened(Position::Percent(50)), Truncated),
        (Fault::Gzip, WrongContent),
        (Fault::WrongRoot, Malformed),
        (Fault::Nested(10_000), Malformed),
        (Fault::EntityBomb, Malformed),
        (Fault::ExternalEntity, Malformed),
        (Fault::InvalidUtf8, Malformed),
        (Fault::ConnectionDrop, Transport),
        (Fault::AnswerLost, Transport),
        (Fault::Endless, TooLarge),
        (Fault::EndlessText, TooLarge),
    ];
    let secret = sim.client_secret();
    for (fault, kind) in faults {
        // What is text between sessions is no part of any, so a stream passes over it.
        let is_text = fault == Fault::EndlessText;
        sim.fault(fault.clone());
        let error = client.api_info().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        check(&error, &[&secret]);
        sim.fault(fault.clone());
        let error = client.support_session(&lsids[0]).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        assert_eq!(error.session(), Some(lsids[0].as_str()));
        check(&error, &[&secret]);
        if !is_text {
            sim.fault(fault.clone());
            let (sessions, error) = stream(&client, &lsids).await;
            let error = error.unwrap();
            assert_eq!(error.kind(), kind, "{fault:?}: {error}");
            check(&error, &[&secret]);
            assert!(sessions.len() <= 3);
        }
        assert!(
            client.api_info().await.is_ok(),
            "the next call is as if nothing was"
        );
    }
    assert_eq!(
        sim.call_count("external-entity"),
        0,
        "nothing is fetched for a document"
    );
    assert_eq!(sim.call_count("elsewhere"), 0, "redirects are not followed");
}

#[tokio::test]
async fn what_is_strange_but_whole_is_read() {
    let (sim, lsids) = appliance(2).await;
    let client = client(&sim);
    let (whole, _) = stream(&client, &lsids).await;
    for fault in [
        Fault::Delay(Duration::from_millis(5)),
        Fault::WrongNamespace,
        Fault::WrongContentType("text/html".into()),
        Fault::Cookies,
        Fault::Attributes(100_000),
        Fault::ControlCharacters,
        Fault::SlowDrip(Duration::ZERO),
    ] {
        sim.fault(fault.clone());
        let (sessions, error) = stream(&client, &lsids).await;
        assert!(error.is_none(), "{fault:?}: {error:?}");
        assert!(sessions == whole, "{fault:?}");
        sim.fault(fault.clone());
        client.api_info().await.unwrap();
    }
    assert!(
        sim.calls().iter().all(|call| !call.cookies),
        "cookies are not kept"
    );
}

#[tokio::test]
async fn an_answer_that_is_cut_at_any_tenth_is_never_taken_for_the_whole() {
    let (sim, lsids) = appliance(10).await;
    let client = client(&sim);
    let (whole, none) = stream(&client, &lsids).await;
    assert!(none.is_none() && whole.len() == 10);
    for tenth in 0..10 {
        let place = Position::Percent(10 * tenth);
        for (fault, kind) in [
            (Fault::Cut(place), ErrorKind::Transport),
            (Fault::Shortened(place), ErrorKind::Truncated),
        ] {
            sim.fault(fault.clone());
            let (sessions, error) = stream(&client, &lsids).await;
            assert_eq!(error.unwrap().kind(), kind, "{fault:?}");
            assert!(sessions.len() < 10 && sessions == whole[..sessions.len()]);
            // The ten sessions are about the same length.
            assert!(
                sessions.len() + 2 >= usize::from(tenth),
                "{fault:?}: {}",
                sessions.len()
            );
            sim.fault(fault.clone());
            let request = SupportSession::new(chosen(&lsids));
            assert_eq!(client.call(&request).await.unwrap_err().kind(), kind);
        }
    }
}

#[tokio::test]
async fn a_claimed_length_of_two_gigabytes_ends_at_once_or_with_the_connection() {
    let (sim, lsids) = appliance(3).await;
    let client = client(&sim);
    for _ in 0..2 {
        sim.fault(Fault::ClaimedLength(2_000_000_000));
    }
    let error = client.api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(!error.is_retryable());
    let (sessions, error) = stream(&client, &lsids).await;
    assert_eq!(sessions.len(), 3, "all that came is given");
    assert_eq!(error.unwrap().kind(), ErrorKind::Transport);
    sim.fault(Fault::ClaimedLength(2_000_000_000));
    let small = builder(&sim)
        .max_stream_bytes(1_000_000_000)
        .build()
        .unwrap();
    let (sessions, error) = stream(&small, &lsids).await;
    assert_eq!(
        (sessions.len(), error.unwrap().kind()),
        (0, ErrorKind::TooLarge)
    );
}

#[tokio::test]
async fn each_limit_of_size_is_the_callers() {
    let (sim, lsids) = appliance(3).await;
    sim.add_recording(&lsids[0], Recording::session(100_000))
        .unwrap();
    let recording = SupportSessionRecording::new(&lsids[0]);
    let limited = |limit: fn(ClientBuilder) -> ClientBuilder| limit(builder(&sim)).build().unwrap();

    let whole = limited(|builder| builder.max_body_bytes(100));
    assert_eq!(
        whole.api_info().await.unwrap_err().kind(),
        ErrorKind::TooLarge
    );
    assert!(
        stream(&whole, &lsids).await.1.is_none(),
        "it is not for streams"
    );

    let streams = limited(|builder| builder.max_stream_bytes(60_000));
    assert!(streams.api_info().await.is_ok(), "it is for streams alone");
    sim.fault(FaultRule::new(Fault::Endless).on("SupportSession"));
    let (sessions, error) = stream(&streams, &lsids).await;
    assert_eq!(
        (sessions.len(), error.unwrap().kind()),
        (3, ErrorKind::TooLarge)
    );
    // A text between sessions is no part of any, but it counts.
    sim.fault(FaultRule::new(Fault::EndlessText).on("SupportSession"));
    let (sessions, error) = stream(&streams, &lsids).await;
    assert_eq!(
        (sessions.len(), error.unwrap().kind()),
        (0, ErrorKind::TooLarge)
    );
    let mut download = streams.download(&recording).await.unwrap();
    let error = download.copy_to(&mut Vec::new(), |_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // A part is never taken for the whole, also by those who ask again.
    let again = download.chunk().await.unwrap_err();
    assert_eq!(
        (again.kind(), again.session()),
        (ErrorKind::TooLarge, Some(lsids[0].as_str()))
    );
    assert!(download.bytes().await.is_err());

    let sessions = limited(|builder| builder.max_session_bytes(10_000));
    sim.fault(FaultRule::new(Fault::Endless).on("SupportSession"));
    let (found, error) = stream(&sessions, &lsids).await;
    assert_eq!(
        (found.len(), error.unwrap().kind()),
        (3, ErrorKind::TooLarge)
    );
    let tiny = limited(|builder| builder.max_session_bytes(400));
    let error = stream(&tiny, &lsids).await.1.unwrap();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(
        error.session(),
        Some(lsids[0].as_str()),
        "it says which session: {error}"
    );
}

#[tokio::test]
async fn each_limit_of_time_is_the_callers() {
    let (sim, lsids) = appliance(3).await;
    sim.add_recording(&lsids[0], Recording::session(100_000))
        .unwrap();
    let recording = SupportSessionRecording::new(&lsids[0]);
    let short = Duration::from_millis(150);
    let begin = Instant::now();

    let client = builder(&sim).timeout(short).build().unwrap();
    client.api_info().await.unwrap();
    for fault in [
        Fault::SlowDrip(Duration::from_millis(20)),
        Fault::Stalled(Position::Percent(50)),
        Fault::Delay(LONG),
    ] {
        sim.fault(fault.clone());
        let error = client.api_info().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout, "{fault:?}");
        assert!(error.to_string().contains("150ms"), "{error}");
    }

    let client = builder(&sim).stream_timeout(short).build().unwrap();
    client.api_info().await.unwrap();
    sim.fault(Fault::SlowDrip(Duration::from_millis(20)));
    assert_eq!(
        stream(&client, &lsids).await.1.unwrap().kind(),
        ErrorKind::Timeout
    );
    sim.fault(Fault::Stalled(Position::Percent(90)));
    let (sessions, error) = stream(&client, &lsids).await;
    assert_eq!(error.unwrap().kind(), ErrorKind::Timeout);
    assert_eq!(sessions.len(), 2, "those that came are given");
    sim.fault(Fault::Stalled(Position::Percent(50)));
    let mut download = client.download(&recording).await.unwrap();
    let error = download.copy_to(&mut Vec::new(), |_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(download.delivered() > 0);

    let client = builder(&sim).read_timeout(short).build().unwrap();
    client.api_info().await.unwrap();
    sim.fault(Fault::Stalled(Position::Percent(50)));
    assert_eq!(
        client.api_info().await.unwrap_err().kind(),
        ErrorKind::Timeout
    );
    sim.fault(Fault::Stalled(Position::Percent(50)));
    assert_eq!(
        stream(&client, &lsids).await.1.unwrap().kind(),
        ErrorKind::Timeout
    );
    assert!(begin.elapsed() < LONG);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_unless_the_call_changes_something() {
    let (sim, lsids) = appliance(1).await;
    let retry = RetryPolicy::default();
    let client = builder(&sim).retry(retry.clone()).build().unwrap();
    for fault in [
        Fault::AnswerLost,
        Fault::ConnectionDrop,
        Fault::TruncatedBody,
        Fault::Status500Html,
        Fault::Html200,
    ] {
        sim.clear_calls();
        sim.fault(FaultRule::new(fault.clone()).times(2));
        client.api_info().await.unwrap();
        assert_eq!(sim.call_count("get_api_info"), 3, "{fault:?}");
        sim.fault(fault.clone());
        assert!(client.support_session(&lsids[0]).await.unwrap().is_some());
        assert_eq!(sim.call_count("SupportSession"), 2, "{fault:?}");
    }

    let running = sim.start_session(SessionSpec::new());
    for (number, fault) in [
        Fault::AnswerLost,
        Fault::TruncatedBody,
        Fault::ConnectionDrop,
        Fault::Status500Html,
    ]
    .into_iter()
    .enumerate()
    {
        sim.clear_calls();
        let has_effect = number < 2;
        let key = format!("key {number}");
        let write =
            SetSessionAttributes::new(&running, SessionAttributes::new().external_key(&key));
        sim.fault(fault.clone());
        let error = client.set_session_attributes(&write).await.unwrap_err();
        check(&error, &[]);
        assert_eq!(sim.call_count("set_session_attributes"), 1, "{fault:?}");
        assert_eq!(
            sim.external_key(&running).unwrap() == key,
            has_effect,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_token_that_dies_in_mid_run_is_replaced_once() {
    let (sim, lsids) = appliance(2).await;
    let client = client(&sim);
    client.api_info().await.unwrap();
    for (number, call) in ["get_api_info", "SupportSession"].into_iter().enumerate() {
        sim.fault(FaultRule::new(Fault::Unauthorized401).on(call));
        match number {
            0 => drop(client.api_info().await.unwrap()),
            _ => assert_eq!(stream(&client, &lsids).await.0.len(), 2),
        }
        assert_eq!(sim.call_count("token"), 2 + number);
    }
    sim.fault(
        FaultRule::new(Fault::Unauthorized401)
            .on("get_api_info")
            .always(),
    );
    let error = client.api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(sim.call_count("token"), 4, "one more, not for ever");
    check(&error, &[&sim.client_secret()]);
}

#[tokio::test]
async fn a_failing_token_endpoint_is_told_from_a_failing_call() {
    let (sim, _) = appliance(0).await;
    for (fault, kind) in [
        (Fault::Status500Html, ErrorKind::HttpStatus),
        (Fault::Html200, ErrorKind::WrongContent),
        (Fault::EmptyBody, ErrorKind::Malformed),
        (Fault::TruncatedBody, ErrorKind::Transport),
        (
            Fault::Shortened(Position::Percent(50)),
            ErrorKind::Malformed,
        ),
        (Fault::Gzip, ErrorKind::Malformed),
        (Fault::ConnectionDrop, ErrorKind::Transport),
        (Fault::ClaimedLength(2_000_000_000), ErrorKind::TooLarge),
        (Fault::Endless, ErrorKind::TooLarge),
        (Fault::Stalled(Position::Percent(50)), ErrorKind::Timeout),
        (Fault::Delay(LONG), ErrorKind::Timeout),
    ] {
        let client = builder(&sim)
            .timeout(Duration::from_millis(1_500))
            .build()
            .unwrap();
        sim.clear_calls();
        sim.fault(FaultRule::new(fault.clone()).on("token"));
        let error = client.api_info().await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        assert_eq!(error.operation(), Some("oauth2/token"), "{error}");
        assert_eq!(
            error.raw_body(),
            None,
            "an answer that may hold a token is not kept"
        );
        check(&error, &[&sim.client_secret()]);
        assert_eq!(sim.call_count("get_api_info"), 0);
        client.api_info().await.unwrap();
    }
}

#[tokio::test]
async fn callers_that_wait_for_a_slow_token_may_give_up_without_harm() {
    let (sim, _) = appliance(0).await;
    let client = client(&sim);
    sim.fault(FaultRule::new(Fault::Delay(Duration::from_millis(200))).on("token"));
    let slow = tokio::spawn({
        let client = client.clone();
        async move { client.api_info().await }
    });
    tokio::task::yield_now().await;
    for _ in 0..5 {
        let patience = Duration::from_millis(5);
        assert!(
            tokio::time::timeout(patience, client.api_info())
                .await
                .is_err()
        );
    }
    slow.abort();
    let _ = slow.await;
    tokio::time::timeout(LONG, client.api_info())
        .await
        .expect("the one who fetched the token is gone, the others are not stuck")
        .unwrap();
}

/// A server that speaks by hand: what it writes for calls, and then closes the connection.
struct Server {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream, usize) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, answer) = (seen.clone(), answer.clone());
                std::thread::spawn(move || serve(stream, &seen, &*answer));
            }
        });
        Server { url, requests }
    }

    /// A server that answers every call with these bytes.
    fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Server::start(move |stream, _| drop(stream.write_all(&bytes)))
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder(&self.url, Credentials::oauth("client", SECRET))
            .retry(RetryPolicy::none())
            .timer(Waits::default())
            .budget(RequestBudget::unlimited())
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap()
    }
}

fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    answer: &(impl Fn(&mut TcpStream, usize) + ?Sized),
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
    if reader.read_exact(&mut body).is_err() {
        return;
    }
    if lower.starts_with("post /oauth2/token") {
        let token = format!(r#"{{"access_token":"{TOKEN}","expires_in":3600}}"#);
        let _ = stream.write_all(&message("200 OK", &[], token.as_bytes()));
    } else {
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(head);
            seen.len()
        };
        answer(&mut stream, number);
    }
    let _ = stream.shutdown(Shutdown::Write);
    // A connection that is closed on unread bytes is reset, which would lose the answer.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn message(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut message = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n", body.len());
    for header in headers {
        message.push_str(header);
        message.push_str("\r\n");
    }
    message.push_str("\r\n");
    [message.as_bytes(), body].concat()
}

const INFO: &[u8] = b"<api_information><api_version>1.22.2</api_version></api_information>";

#[tokio::test]
async fn an_answer_of_stated_length_that_is_cut_at_any_tenth_is_a_lost_connection() {
    let whole = message("200 OK", &[], INFO);
    let head = whole.len() - INFO.len();
    for tenth in 0..10 {
        let cut = head + INFO.len() * tenth / 10;
        let server = Server::saying(&whole[..cut]);
        let error = server.client().api_info().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{tenth}: {error}");
        check(&error, &[]);
    }
    for cut in [0, 4, 20, head - 1] {
        let server = Server::saying(&whole[..cut]);
        let error = server.client().api_info().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{cut}: {error}");
    }
    assert!(Server::saying(whole).client().api_info().await.is_ok());
    for garbage in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"<html></html>",
        b"HTTP/1.1 abc\r\n\r\n",
        &[0; 500],
    ] {
        let error = Server::saying(garbage)
            .client()
            .api_info()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    }
}

/// The same failure from a call that is read whole and from one that is read as it arrives.
async fn both(client: &Client) -> [Error; 2] {
    let call = client.call(&GetApiInfo).await.unwrap_err();
    let stream = client.open(&GetApiInfo).await.unwrap_err();
    check(&call, &[]);
    check(&stream, &[]);
    [call, stream]
}

#[tokio::test]
async fn a_status_is_not_hidden_by_the_page_beside_it() {
    let page = |status: &str| {
        format!("HTTP/1.1 {status}\r\nRetry-After: 7\r\nContent-Type: text/html\r\n")
    };
    let endless = |head: String| {
        Server::start(move |stream, _| {
            let _ = stream.write_all(format!("{head}\r\n<html>").as_bytes());
            // Until the client has enough, which must be long before this ends.
            for _ in 0..50_000 {
                if stream.write_all(&[b'x'; 4096]).is_err() {
                    return;
                }
            }
        })
    };
    let servers = [
        ("endless", endless(page("503 Unavailable"))),
        (
            "huge by its own account",
            Server::saying(format!(
                "{}Content-Length: 2000000000\r\n\r\n<html>",
                page("503 Unavailable")
            )),
        ),
        (
            "cut",
            Server::saying(format!(
                "{}Content-Length: 500\r\n\r\n<html>",
                page("503 Unavailable")
            )),
        ),
        (
            "badly chunked",
            Server::saying(format!(
                "{}Transfer-Encoding: chunked\r\n\r\nzz",
                page("503 Unavailable")
            )),
        ),
    ];
    for (what, server) in servers {
        for error in both(&server.client()).await {
            assert_eq!(
                (error.kind(), error.status()),
                (ErrorKind::HttpStatus, Some(503)),
                "{what}: {error}"
            );
            assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{what}");
            assert!(error.is_retryable(), "{what}");
            assert!(
                error.raw_body().unwrap().len() <= 1024 * 1024 + 65_536,
                "{what}"
            );
        }
    }
    for (status, kind) in [
        ("429 Too Many", ErrorKind::RateLimited),
        ("403 Forbidden", ErrorKind::Forbidden),
        ("401 Unauthorized", ErrorKind::Unauthorized),
    ] {
        let server = Server::saying(format!(
            "{}Content-Length: 500\r\n\r\n{{\"mess",
            page(status)
        ));
        for error in both(&server.client()).await {
            assert_eq!(error.kind(), kind, "{error}");
        }
    }
    let stalled = Server::start(move |stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 503 Unavailable\r\nContent-Length: 500\r\n\r\n<html>");
        std::thread::sleep(Duration::from_secs(60));
    });
    // The time for whole answers counts for pages beside a status, in streams as well.
    let client = stalled
        .builder()
        .timeout(Duration::from_millis(700))
        .build()
        .unwrap();
    let begin = Instant::now();
    for error in both(&client).await {
        assert_eq!(error.status(), Some(503), "{error}");
    }
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn retry_after_is_heeded_as_number_and_as_date() {
    let cases: [(&[&str], Duration); 3] = [
        (&["Retry-After: 9"], Duration::from_secs(9)),
        (
            &[
                "Date: Tue, 05 Nov 2019 11:43:09 GMT",
                "Retry-After: Tue, 05 Nov 2019 11:43:20 GMT",
            ],
            Duration::from_secs(11),
        ),
        (
            &[
                "Date: Tue, 05 Nov 2019 11:43:09 GMT",
                "Retry-After: Tue, 05 Nov 2019 11:43:00 GMT",
            ],
            Duration::ZERO,
        ),
    ];
    for (headers, wait) in cases {
        for status in ["429 Too Many Requests", "503 Service Unavailable"] {
            let busy = message(status, headers, b"<html>Busy</html>");
            let server = Server::start(move |stream, number| {
                let answer = match number {
                    1 => busy.clone(),
                    _ => message("200 OK", &[], INFO),
                };
                let _ = stream.write_all(&answer);
            });
            let waits = Waits::default();
            let client = server
                .builder()
                .retry(RetryPolicy::default())
                .timer(waits.clone());
            client.build().unwrap().api_info().await.unwrap();
            assert_eq!(*waits.0.lock().unwrap(), [wait], "{status} {headers:?}");
        }
    }
    for senseless in ["soon", "-1", "99999999999999999999999", "1e3", ""] {
        let header = format!("Retry-After: {senseless}");
        let server = Server::saying(message("429 Too Many", &[&header], b""));
        let error = server.client().api_info().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.retry_after()),
            (ErrorKind::RateLimited, None)
        );
    }
}

#[tokio::test]
async fn redirects_of_every_kind_are_not_followed() {
    for status in [
        "301 Moved",
        "302 Found",
        "303 See",
        "307 Temporary",
        "308 Permanent",
    ] {
        let server = Server::saying(message(
            status,
            &["Location: /elsewhere", "Set-Cookie: a=b; path=/"],
            b"gone",
        ));
        let client = server.client();
        for error in both(&client).await {
            assert_eq!(error.kind(), ErrorKind::HttpStatus, "{status}");
            assert!(error.to_string().contains("never followed"), "{error}");
        }
        let requests = server.requests.lock().unwrap();
        assert_eq!(requests.len(), 2);
        for request in &*requests {
            assert!(!request.contains("/elsewhere"));
            assert!(!request.to_ascii_lowercase().contains("\ncookie:"));
        }
    }
}

/// What comes when a file was asked for, and is none.
async fn no_file<C: Call<Reply = Bytes> + Sync>(call: &C, body: &[u8]) -> Error {
    let server = Server::saying(message("200 OK", &[], body));
    let client = server.builder().timeout(LONG).build().unwrap();
    let error = client.download(call).await.unwrap_err();
    check(&error, &[]);
    let called = client.call(call).await.unwrap_err();
    assert_eq!(
        called.kind(),
        error.kind(),
        "read as it arrives or as a whole"
    );
    error
}

#[tokio::test]
async fn files_are_told_from_everything_else() {
    let date = jiff::civil::date(2023, 11, 14);
    let filler = "x".repeat(2_000_000);
    let bodies: [(&str, Vec<u8>, ErrorKind); 7] = [
        (
            "error",
            b"<?xml version='1.0'?>\n\n<error >Not there.</error>".to_vec(),
            ErrorKind::Api,
        ),
        (
            "page",
            b"<!DOCTYPE html><html/>".to_vec(),
            ErrorKind::WrongContent,
        ),
        (
            "long page",
            format!("<!DOCTYPE html><p>{filler}").into(),
            ErrorKind::WrongContent,
        ),
        (
            "report",
            b"<session_list/>".to_vec(),
            ErrorKind::WrongContent,
        ),
        (
            "JSON error",
            br#"{"error":"access_denied"}"#.to_vec(),
            ErrorKind::Api,
        ),
        ("nothing", Vec::new(), ErrorKind::Truncated),
        ("cut error", b"<error>Not th".to_vec(), ErrorKind::Truncated),
    ];
    for (what, body, kind) in bodies {
        let errors = [
            no_file(&SupportSessionRecording::new(LSID), &body).await,
            no_file(&Archive::new(ArchiveKind::State, date, 1), &body).await,
            no_file(&Syslog, &body).await,
            no_file(&EndpointLicenseUsage, &body).await,
        ];
        for error in errors {
            assert_eq!(error.kind(), kind, "{what}: {error}");
        }
    }
    // A ZIP archive is not gzip data, and the reverse.
    let (gzip, zip) = (b"\x1f\x8b\x08\0\0\0\0\0", b"PK\x03\x04\x14\0\0\0");
    for error in [
        no_file(&Archive::new(ArchiveKind::State, date, 1), zip).await,
        no_file(&Archive::new(ArchiveKind::State, date, 1), b"FLV\x01").await,
        no_file(&Syslog, gzip).await,
        no_file(&Syslog, b"FLV\x01").await,
        no_file(&EndpointLicenseUsage, gzip).await,
    ] {
        assert_eq!(error.kind(), ErrorKind::WrongContent, "{error}");
    }
}

#[tokio::test]
async fn an_uncompressed_archive_of_any_length_is_a_file() {
    let rows = format!(
        r#"{{"queue":{{"1":{{"name":"{}"}}}}}}"#,
        "x".repeat(3_000_000)
    );
    let server = Server::saying(message("200 OK", &[], rows.as_bytes()));
    let call = Archive::new(ArchiveKind::State, jiff::civil::date(2023, 11, 14), 1);
    let download = server.client().download(&call).await.unwrap();
    assert_eq!(download.bytes().await.unwrap(), rows.as_bytes());
}

#[tokio::test]
async fn sessions_are_not_lost_by_those_who_wait_in_small_steps() {
    let document = {
        let sessions = (0..20).map(|number| {
            format!(
                "<session lsid='{number:032}'><external_key>{number}</external_key></session>\n"
            )
        });
        format!(
            "<session_list>{}</session_list>",
            sessions.collect::<String>()
        )
    };
    let server = Server::start(move |stream, _| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
            document.len()
        );
        let _ = stream.write_all(head.as_bytes());
        for piece in document.as_bytes().chunks(37) {
            let _ = stream.write_all(piece);
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let client = server.client();
    let lsids: Vec<String> = (0..20).map(|number| format!("{number:032}")).collect();
    let mut stream = client.support_sessions(chosen(&lsids));
    let mut found = Vec::new();
    let mut given_up = 0;
    loop {
        // Each wait that is given up drops the future of `next`.
        match tokio::time::timeout(Duration::from_micros(300), stream.next()).await {
            Err(_) => given_up += 1,
            Ok(None) => break,
            Ok(Some(session)) => found.push(session.unwrap().lsid),
        }
    }
    assert_eq!(found, lsids);
    assert!(given_up > 0);
    assert_eq!(server.requests.lock().unwrap().len(), 1, "it is asked once");
}

#[tokio::test]
async fn a_password_in_a_request_is_in_no_error_about_it() {
    for answer in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a",
        b"no HTTP",
    ] {
        let server = Server::saying(answer);
        let user = Credentials::user("integration", SECRET);
        let client = Client::builder(&server.url, user)
            .allow_plain_http(true)
            .retry(RetryPolicy::none())
            .build()
            .unwrap();
        for call in [Backup::new(), Backup::new().password(TOKEN)] {
            let error = match client.open(&call).await {
                Err(error) => error,
                Ok(download) => download.bytes().await.unwrap_err(),
            };
            assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
            check(&error, &[]);
        }
        check(&client.api_info().await.unwrap_err(), &[]);
        assert!(!format!("{client:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn a_stream_is_asked_for_again_as_long_as_nothing_of_it_was_given() {
    let (sim, lsids) = appliance(10).await;
    let client = builder(&sim).retry(RetryPolicy::default()).build().unwrap();
    for fault in [
        Fault::Html200,
        Fault::EmptyBody,
        Fault::Status500Html,
        Fault::Cut(Position::Percent(3)),
        Fault::Shortened(Position::Percent(3)),
        Fault::AnswerLost,
    ] {
        sim.clear_calls();
        sim.fault(FaultRule::new(fault.clone()).times(2));
        let (sessions, error) = stream(&client, &lsids).await;
        assert!(error.is_none(), "{fault:?}: {error:?}");
        assert_eq!((sessions.len(), sim.call_count("SupportSession")), (10, 3));
        sim.clear_calls();
        sim.fault(FaultRule::new(fault.clone()).times(3));
        assert!(stream(&client, &lsids).await.1.is_some(), "{fault:?}");
        assert_eq!(
            sim.call_count("SupportSession"),
            3,
            "{fault:?}: three attempts are all"
        );
    }
    // What has begun is the caller's to ask for again, and what will not pass is not repeated.
    for fault in [
        Fault::Cut(Position::Percent(60)),
        Fault::Shortened(Position::Percent(60)),
        Fault::WrongRoot,
        Fault::XmlError("No.".into()),
    ] {
        sim.clear_calls();
        sim.fault(fault.clone());
        assert!(stream(&client, &lsids).await.1.is_some(), "{fault:?}");
        assert_eq!(sim.call_count("SupportSession"), 1, "{fault:?}");
    }
}
