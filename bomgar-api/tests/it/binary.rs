//! Answers that are files, and what comes in their place.

use std::time::Duration;

use bomgar_api::backup::Backup;
use bomgar_api::health_probe::HealthProbe;
use bomgar_api::reporting::{Archive, ArchiveKind, SupportSessionRecording, Syslog};
use bomgar_api::schema::Schema;
use bomgar_api::{Call, Client, Credentials, ErrorKind, RetryPolicy};
use bytes::Bytes;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const LSID: &str = "0123456789abcdef0123456789abcdef";

async fn appliance(address: &str, answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    let grant = r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#;
    Mock::given(path("/oauth2/token"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(grant, "application/json"))
        .mount(&server)
        .await;
    Mock::given(path(address))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

fn answer(body: &[u8]) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.to_vec(), "application/octet-stream")
}

fn oauth(server: &MockServer) -> Client {
    Client::builder(server.uri(), Credentials::oauth("id", "secret"))
        .retry(RetryPolicy::default().base(Duration::from_millis(1)))
        .build()
        .unwrap()
}

fn user(server: &MockServer) -> Client {
    Client::builder(server.uri(), Credentials::user("j d", "p&w"))
        .allow_plain_http(true)
        .build()
        .unwrap()
}

async fn sent(server: &MockServer, address: &str) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter()
        .filter(|request| request.url.path() == address)
        .collect()
}

fn video(length: usize) -> Vec<u8> {
    let mut video = b"\x00\x00\x00\x18ftypmp42".to_vec();
    video.extend((video.len()..length).map(|n| (n % 251) as u8));
    video
}

#[tokio::test]
async fn a_recording_arrives_whole_and_says_how_far_it_is() {
    let video = video(300_000);
    let server = appliance("/api/reporting", answer(&video)).await;
    let call = SupportSessionRecording::new(LSID);
    let mut download = oauth(&server).download(&call).await.unwrap();
    let (mut file, mut steps) = (Vec::new(), Vec::new());
    let progress = |bytes| steps.push(bytes);
    let written = download.copy_to(&mut file, progress).await.unwrap();
    assert_eq!((written, file.len()), (300_000, 300_000));
    assert!(file == video);
    assert!(steps.len() > 1 && steps.is_sorted(), "{steps:?}");
    assert_eq!(steps.last(), Some(&300_000));
    // The same in one piece.
    assert!(oauth(&server).call(&call).await.unwrap() == video);
}

#[tokio::test]
async fn a_recording_that_is_too_large_stops() {
    let server = appliance("/api/reporting", answer(&video(300_000))).await;
    let download = oauth(&server)
        .download(&SupportSessionRecording::new(LSID))
        .await
        .unwrap();
    let mut file = Vec::new();
    let mut download = download.max_bytes(100_000);
    let error = download.copy_to(&mut file, |_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(error.operation(), Some("SupportSessionRecording"));
    assert_eq!(error.session(), Some(LSID));
    assert!(file.len() <= 100_000);
}

/// What both ways of asking make of an answer.
async fn refused<C: Call<Reply = Bytes> + Sync>(
    server: &MockServer,
    call: &C,
) -> bomgar_api::Error {
    let client = oauth(server);
    let called = client.call(call).await.unwrap_err();
    let downloaded = client.download(call).await.map(|_| ()).unwrap_err();
    assert_eq!(called.kind(), downloaded.kind());
    assert_eq!(called.server_text(), downloaded.server_text());
    assert_eq!(called.operation(), Some(call.operation()));
    assert_eq!(downloaded.operation(), Some(call.operation()));
    called
}

#[tokio::test]
async fn what_comes_in_place_of_a_file_is_told_apart() {
    let expired = "This recording has expired and can no longer be viewed or downloaded.";
    let xml = format!("<?xml version=\"1.0\"?>\n\n<error xmlns=\"urn:x\">{expired}</error>\n");
    let long_html = format!("<html>{}</html>", "x".repeat(10_000));
    for (body, kind) in [
        (xml.as_str(), ErrorKind::Api),
        ("", ErrorKind::Truncated),
        ("<html>Bad gateway</html>", ErrorKind::WrongContent),
        (long_html.as_str(), ErrorKind::WrongContent),
        (r#"{"message":"Denied."}"#, ErrorKind::Api),
        ("[]", ErrorKind::WrongContent),
    ] {
        let server = appliance("/api/reporting", answer(body.as_bytes())).await;
        let error = refused(&server, &SupportSessionRecording::new(LSID)).await;
        assert_eq!(error.kind(), kind, "{body}");
        assert_eq!(error.session(), Some(LSID));
        if body == xml {
            assert_eq!(error.server_text(), Some(expired));
            // Asking again cannot help, so it is asked once for each way.
            assert_eq!(sent(&server, "/api/reporting").await.len(), 2);
        }
    }
    let server = appliance("/api/reporting", answer(b"FLV\x01 a video, not a log")).await;
    let error = refused(&server, &Syslog).await;
    assert_eq!(error.kind(), ErrorKind::WrongContent);
}

#[tokio::test]
async fn an_answer_that_looks_like_an_error_but_is_the_file_arrives_whole() {
    // An archive that something on the way has unpacked.
    let row = r#""1":{"hostname":"ADA-PC"},"#.repeat(100_000);
    let archive = format!("{{\"customer_client\":{{{row}\"2\":{{}}}}}}");
    let server = appliance("/api/reporting", answer(archive.as_bytes())).await;
    let call = Archive::new(ArchiveKind::State, jiff::civil::date(2023, 11, 14), 1);
    let download = oauth(&server).download(&call).await.unwrap();
    assert!(download.bytes().await.unwrap() == archive);
    // The limit counts what was looked at, too.
    let download = oauth(&server).download(&call).await.unwrap();
    let error = download.max_bytes(1_000_000).bytes().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // A page does not become a file by being long.
    let page = format!("<html>{}</html>", "x".repeat(3_000_000));
    let server = appliance("/api/reporting", answer(page.as_bytes())).await;
    assert_eq!(
        refused(&server, &call).await.kind(),
        ErrorKind::WrongContent
    );
}

#[tokio::test]
async fn a_backup_is_asked_for_by_form_or_by_json() {
    let server = appliance("/api/backup", answer(b"NSB\x00\x01\x02")).await;
    let client = oauth(&server);
    assert_eq!(&client.call(&Backup::new()).await.unwrap()[..3], b"NSB");
    let download = client.download(&Backup::new().password("hunter2")).await;
    assert_eq!(&download.unwrap().bytes().await.unwrap()[..3], b"NSB");
    let requests = sent(&server, "/api/backup").await;
    assert!(requests[0].body.is_empty());
    assert_eq!(requests[1].body, br#"{"password":"hunter2"}"#);
    for request in &requests {
        assert_eq!(request.headers["authorization"], "Bearer t");
        assert_eq!(request.url.query(), None);
    }
}

#[tokio::test]
async fn a_users_backup_has_the_log_in_beside_the_json() {
    let server = appliance("/api/backup", answer(b"NSB\x00\x01\x02")).await;
    let client = user(&server);
    client.call(&Backup::new()).await.unwrap();
    let call = Backup::new().password("hunter2");
    client.call(&call).await.unwrap();
    let requests = sent(&server, "/api/backup").await;
    assert_eq!(requests[0].body, b"username=j+d&password=p%26w");
    assert_eq!(requests[0].url.query(), None);
    assert_eq!(requests[1].body, br#"{"password":"hunter2"}"#);
    assert_eq!(requests[1].url.query(), Some("username=j+d&password=p%26w"));
}

#[tokio::test]
async fn a_refused_backup_is_not_a_file() {
    let server = appliance("/api/backup", answer(b"Invalid credentials")).await;
    let error = refused(&server, &Backup::new()).await;
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(error.server_text(), Some("Invalid credentials"));
}

#[tokio::test]
async fn public_pages_are_read_without_credentials() {
    let schema = "<xs:schema xmlns:xs=\"urn:x\"/>";
    let server = appliance("/api/reporting.xsd", answer(schema.as_bytes())).await;
    Mock::given(path("/check_health"))
        .respond_with(ResponseTemplate::new(500).set_body_string("Out of disk space\n"))
        .mount(&server)
        .await;
    let client = oauth(&server);
    assert_eq!(client.call(&Schema::Reporting).await.unwrap(), schema);
    let result = client.call(&HealthProbe).await.unwrap();
    assert!(!result.is_healthy);
    assert_eq!(result.text, "Out of disk space");
    user(&server).call(&HealthProbe).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 3, "no token is asked for");
    for request in requests {
        assert!(!request.headers.contains_key("authorization"));
        assert_eq!(
            (request.method.as_str(), request.url.query()),
            ("GET", None)
        );
    }
}
