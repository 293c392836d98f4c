//! Sessions as they arrive, in slices and pass after pass.

use std::collections::HashSet;
use std::io::Read;
use std::time::Duration;

use bomgar_api::reporting::{
    SessionCursor, SessionReader, SessionSelection, TimeWindow, parse_session_list,
};
use bomgar_api::{Client, Credentials, ErrorKind, RequestBudget, RetryPolicy};
use bomgar_sim::{BomgarSim, GeneratedSessions, SessionSpec};
use jiff::Timestamp;

use crate::values;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn client(sim: &BomgarSim) -> Client {
    Client::builder(
        sim.base_url(),
        Credentials::oauth("sim-client", "sim-secret"),
    )
    .retry(RetryPolicy::none())
    .budget(RequestBudget::unlimited())
    .build()
    .unwrap()
}

/// Gives at most so many bytes at a time.
struct Drip<'a>(&'a [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = self.1.min(buffer.len());
        (&mut self.0).take(length as u64).read(buffer)
    }
}

#[test]
fn no_value_of_a_long_report_is_lost_or_changed() {
    let mut document = Vec::new();
    let written = bomgar_sim::write_report(&mut document, 3_000_000).unwrap();
    let text = std::str::from_utf8(&document).unwrap();
    let mut xml = text.split_inclusive("</session>");
    let mut count = 0;
    for session in SessionReader::new(&document[..]) {
        let element = xml.next().unwrap();
        let element = &element[element.find("<session ").unwrap()..];
        let (found, expected) = (
            values::of_session(&session.unwrap()),
            values::of_xml(element),
        );
        assert_eq!(found, expected);
        assert_eq!(values::checksum(&found), values::checksum(&expected));
        count += 1;
    }
    assert_eq!(count, written.sessions);
    assert!(count > 30);
}

#[test]
fn it_makes_no_difference_how_the_bytes_arrive() {
    let mut document = Vec::new();
    bomgar_sim::write_report(&mut document, 300_000).unwrap();
    let whole = parse_session_list(&document).unwrap();
    for size in [1, 7, 64, 1_000, 65_536] {
        let sessions: Result<Vec<_>, _> = SessionReader::new(Drip(&document, size)).collect();
        assert!(sessions.unwrap() == whole.sessions, "{size}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_of_its_own() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("disk gone"))
        }
    }
    let mut reader = SessionReader::new((&b"<session_list><session lsid='"[..]).chain(Broken));
    let error = reader.next().unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(reader.next().is_none());
}

#[tokio::test]
async fn the_first_session_is_there_before_the_last_is_made() {
    let sim = BomgarSim::start().await;
    // More than a client could ever take in: some ten gigabytes.
    sim.generate_sessions(GeneratedSessions::new(1_000_000, 50));
    let window = TimeWindow::started_since(at(1_700_000_000));
    let mut sessions = client(&sim).support_sessions(window);
    for _ in 0..20 {
        assert!(sessions.next().await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn all_sessions_come_in_order_and_once() {
    let sim = BomgarSim::start().await;
    let generated = GeneratedSessions::new(300, 4);
    sim.generate_sessions(generated.clone());
    let sessions = client(&sim)
        .support_sessions(TimeWindow::started_since(at(1_700_000_000)))
        .collect()
        .await
        .unwrap();
    let lsids: Vec<_> = sessions.into_iter().map(|session| session.lsid).collect();
    let expected: Vec<_> = (0..300).map(|index| generated.lsid(index)).collect();
    assert_eq!(lsids, expected);
}

#[tokio::test]
async fn a_long_window_is_asked_for_in_slices() {
    let sim = BomgarSim::start().await;
    // One each minute, five hours long.
    sim.generate_sessions(GeneratedSessions::new(300, 0));
    let begin = 1_700_000_000;
    let window = TimeWindow::started_since(at(begin));
    let sessions = client(&sim)
        .support_sessions_in_slices(window, Duration::from_secs(3_600), at(begin + 18_000))
        .collect()
        .await
        .unwrap();
    let lsids: HashSet<_> = sessions.iter().map(|session| &session.lsid).collect();
    assert_eq!((sessions.len(), lsids.len()), (300, 300));
    assert_eq!(sim.call_count("SupportSession"), 5);
}

#[tokio::test]
async fn an_empty_slice_does_not_end_the_others() {
    let sim = BomgarSim::start().await;
    for hour in [0, 4] {
        let start = 1_700_000_000 + hour * 3_600;
        let lsid = sim.start_session(SessionSpec::new().start_time(start));
        sim.end_session(&lsid, start + 60).unwrap();
    }
    for text in [None, Some("Keine passenden Berichtsdaten.")] {
        let mut builder = Client::builder(
            sim.base_url(),
            Credentials::oauth("sim-client", "sim-secret"),
        );
        if let Some(text) = text {
            sim.set_empty_report_text(text);
            builder = builder.empty_result(move |found| found == text);
        }
        let sessions = builder
            .build()
            .unwrap()
            .support_sessions_in_slices(
                TimeWindow::started_since(at(1_700_000_000)),
                Duration::from_secs(3_600),
                at(1_700_000_000 + 18_000),
            )
            .collect()
            .await
            .unwrap();
        assert_eq!(sessions.len(), 2);
    }
}

#[tokio::test]
async fn passes_with_a_cursor_find_each_session_once() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let mut watermark = SessionCursor::new(at(1_700_000_000)).watermark();
    let mut found = Vec::new();
    for hour in 0..4 {
        let start = 1_700_000_000 + hour * 3_600;
        let lsid = sim.start_session(SessionSpec::new().start_time(start));
        sim.end_session(&lsid, start + 1_800).unwrap();
        sim.start_session(SessionSpec::new().start_time(start + 60)); // keeps running

        let mut cursor = SessionCursor::resume(watermark);
        let now = at(start + 3_600);
        let mut sessions = client.support_sessions(cursor.window(now));
        while let Some(session) = sessions.next().await {
            let session = session.unwrap();
            if cursor.accept(&session) {
                found.push((session.lsid, lsid.clone()));
            }
        }
        cursor.complete(now);
        watermark = cursor.watermark();
    }
    assert_eq!(found.len(), 4);
    assert!(found.iter().all(|(found, ended)| found == ended));
}

#[tokio::test]
async fn nothing_is_asked_for_no_lsids() {
    let sim = BomgarSim::start().await;
    let mut sessions = client(&sim).support_sessions(SessionSelection::Lsids(Vec::new()));
    assert!(sessions.next().await.is_none());
    assert_eq!(sim.call_count("SupportSession"), 0);
}

#[tokio::test]
async fn a_session_at_the_border_of_two_slices_is_given_once() {
    let server = wiremock::MockServer::start().await;
    let token = wiremock::ResponseTemplate::new(200)
        .set_body_string(r#"{"access_token":"t","expires_in":3600}"#);
    let report = wiremock::ResponseTemplate::new(200).set_body_string(
        r#"<session_list><session lsid="0123456789abcdef0123456789abcdef"/></session_list>"#,
    );
    for (path, answer) in [("/oauth2/token", token), ("/api/reporting", report)] {
        wiremock::Mock::given(wiremock::matchers::path(path))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let client = Client::builder(server.uri(), Credentials::oauth("a", "b"))
        .build()
        .unwrap();
    let window = TimeWindow::EndTime {
        time: at(1_700_000_000),
        seconds: 300,
    };
    let slices = client.support_sessions_in_slices(window, Duration::from_secs(100), at(0));
    assert_eq!(slices.collect().await.unwrap().len(), 1);
    let asked = server.received_requests().await.unwrap();
    let asked: Vec<_> = asked
        .iter()
        .filter(|request| request.url.path() == "/api/reporting")
        .map(|request| String::from_utf8_lossy(&request.body).into_owned())
        .collect();
    let form = |start| format!("generate_report=SupportSession&end_time={start}&duration=100");
    let expected = [1_700_000_000, 1_700_000_100, 1_700_000_200].map(form);
    assert_eq!(asked, expected);
}
