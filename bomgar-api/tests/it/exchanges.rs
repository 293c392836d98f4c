//! Single exchanges with an appliance: what is sent, and what each answer becomes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bomgar_api::command::{GenerateSessionKey, Queue, SessionAttributes, SetSessionAttributes};
use bomgar_api::reporting::SessionSelection;
use bomgar_api::{
    Client, ClientBuilder, Credentials, Error, ErrorKind, RetryPolicy, Spelling, Timer,
};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const LSID: &str = "0123456789abcdef0123456789abcdef";
const SECRET: &str = "cl13nt-s3cret";

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

/// Answers one after the other; the last one stays.
struct Sequence(Vec<ResponseTemplate>, AtomicUsize);

impl Sequence {
    fn of(answers: impl Into<Vec<ResponseTemplate>>) -> Self {
        Sequence(answers.into(), AtomicUsize::new(0))
    }
}

impl Respond for Sequence {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let number = self.1.fetch_add(1, Ordering::SeqCst);
        self.0[number.min(self.0.len() - 1)].clone()
    }
}

fn xml(body: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(body.as_bytes().to_vec(), "text/xml; charset=UTF-8")
}

fn token(token: &str) -> ResponseTemplate {
    let body = format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
    ResponseTemplate::new(200).set_body_raw(body, "application/json")
}

fn denied() -> ResponseTemplate {
    let body = r#"{"message":"The resource owner or authorization server denied the request.","error":"access_denied"}"#;
    ResponseTemplate::new(401).set_body_raw(body, "application/json")
}

fn html(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw("<html><h1>Gateway</h1></html>", "text/html")
}

const INFO: &str = "<api_information><api_version>1.22.2</api_version></api_information>";

struct Appliance {
    server: MockServer,
    waits: Waits,
}

impl Appliance {
    async fn new(tokens: impl Respond + 'static) -> Self {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/oauth2/token"))
            .respond_with(tokens)
            .mount(&server)
            .await;
        Appliance {
            server,
            waits: Waits::default(),
        }
    }

    async fn command(self, answers: impl Into<Vec<ResponseTemplate>>) -> Self {
        self.at("/api/command", answers).await
    }

    async fn at(self, at: &str, answers: impl Into<Vec<ResponseTemplate>>) -> Self {
        Mock::given(path(at))
            .respond_with(Sequence::of(answers))
            .mount(&self.server)
            .await;
        self
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder(self.server.uri(), Credentials::oauth("client", SECRET))
            .timer(self.waits.clone())
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    async fn requests(&self, at: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        all.into_iter()
            .filter(|request| request.url.path() == at)
            .collect()
    }

    fn waits(&self) -> Vec<Duration> {
        self.waits.0.lock().unwrap().clone()
    }
}

fn header_of<'a>(request: &'a Request, name: &str) -> &'a str {
    request
        .headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn text_of(request: &Request) -> &str {
    std::str::from_utf8(&request.body).unwrap()
}

#[tokio::test]
async fn a_call_is_a_form_post_with_the_shared_token_and_no_cookies() {
    let answer = xml(INFO).insert_header("set-cookie", "global_warnings=1; path=/login");
    let appliance = Appliance::new(token("t1")).await.command([answer]).await;
    let client = appliance
        .builder()
        .language("de")
        .user_agent("test/1")
        .build()
        .unwrap();
    assert_eq!(client.api_info().await.unwrap().api_version, "1.22.2");
    client.clone().api_info().await.unwrap();

    let tokens = appliance.requests("/oauth2/token").await;
    assert_eq!(tokens.len(), 1, "clones share one token");
    assert_eq!(text_of(&tokens[0]), "grant_type=client_credentials");
    assert_eq!(
        header_of(&tokens[0], "authorization"),
        "Basic Y2xpZW50OmNsMTNudC1zM2NyZXQ="
    );
    let calls = appliance.requests("/api/command").await;
    assert_eq!(calls.len(), 2);
    for call in &calls {
        assert_eq!(call.method.as_str(), "POST");
        assert_eq!(text_of(call), "action=get_api_info");
        assert_eq!(
            header_of(call, "content-type"),
            "application/x-www-form-urlencoded"
        );
        assert_eq!(header_of(call, "authorization"), "Bearer t1");
        assert_eq!(header_of(call, "connection"), "close");
        assert_eq!(header_of(call, "cookie"), "");
        assert_eq!(header_of(call, "user-agent"), "test/1");
        assert_eq!(header_of(call, "accept-language"), "de");
    }
}

#[tokio::test]
async fn many_calls_at_once_make_one_token() {
    let appliance = Appliance::new(token("t1").set_delay(Duration::from_millis(50)))
        .await
        .command([xml(INFO)])
        .await;
    let client = appliance.client();
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.api_info().await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(appliance.requests("/oauth2/token").await.len(), 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_the_call_repeated() {
    let appliance = Appliance::new(Sequence::of([token("old"), token("new")]))
        .await
        .command([denied(), xml(INFO)])
        .await;
    appliance.client().api_info().await.unwrap();
    let bearers: Vec<_> = appliance
        .requests("/api/command")
        .await
        .iter()
        .map(|call| header_of(call, "authorization").to_owned())
        .collect();
    assert_eq!(bearers, ["Bearer old", "Bearer new"]);
    assert!(appliance.waits().is_empty());
}

#[tokio::test]
async fn a_second_refusal_is_final() {
    let appliance = Appliance::new(token("t")).await.command([denied()]).await;
    let error = appliance.client().api_info().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Unauthorized, Some(401))
    );
    assert_eq!(error.operation(), Some("get_api_info"));
    assert!(error.server_text().unwrap().contains("denied the request"));
    assert_eq!(appliance.requests("/api/command").await.len(), 2);
    assert_eq!(appliance.requests("/oauth2/token").await.len(), 2);
}

#[tokio::test]
async fn a_call_that_is_always_refused_does_not_use_up_the_accounts_tokens() {
    let appliance = Appliance::new(token("t")).await.command([denied()]).await;
    let client = appliance.client();
    for _ in 0..40 {
        let error = client.api_info().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthorized);
    }
    assert_eq!(appliance.requests("/oauth2/token").await.len(), 2);
}

#[tokio::test]
async fn a_token_that_was_good_is_replaced_each_time_it_dies() {
    let appliance = Appliance::new(token("t"))
        .await
        .command([
            denied(),
            xml(INFO),
            denied(),
            xml(INFO),
            denied(),
            xml(INFO),
        ])
        .await;
    let client = appliance.client();
    for _ in 0..3 {
        client.api_info().await.unwrap();
    }
    assert_eq!(appliance.requests("/oauth2/token").await.len(), 4);
}

#[tokio::test]
async fn one_refresh_is_all_even_across_repeated_attempts() {
    let appliance = Appliance::new(token("t"))
        .await
        .command([denied(), html(503), denied(), xml(INFO)])
        .await;
    let error = appliance.client().api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert_eq!(appliance.requests("/oauth2/token").await.len(), 2);
}

#[tokio::test]
async fn a_wrong_client_says_so_and_shows_no_secret() {
    let body = r#"{"error":"invalid_client","message":"Client authentication failed."}"#;
    let refused = ResponseTemplate::new(401).set_body_raw(body, "application/json");
    let appliance = Appliance::new(refused).await.command([xml(INFO)]).await;
    let client = appliance.client();
    let error = client.api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidClient);
    assert_eq!(error.server_text(), Some("Client authentication failed."));
    assert!(
        error.to_string().contains("client secret"),
        "says what to do: {error}"
    );
    assert!(!format!("{error} {error:?} {client:?}").contains(SECRET));
    assert_eq!(
        appliance.requests("/oauth2/token").await.len(),
        1,
        "asking again helps nobody"
    );
    assert!(appliance.requests("/api/command").await.is_empty());
}

#[tokio::test]
async fn reads_are_repeated_with_growing_waits() {
    let appliance = Appliance::new(token("t"))
        .await
        .command([html(500), html(200), xml(INFO)])
        .await;
    appliance.client().api_info().await.unwrap();
    let waits = appliance.waits();
    assert_eq!(waits.len(), 2);
    assert!(waits[0] >= Duration::from_millis(250) && waits[0] <= Duration::from_millis(500));
    assert!(waits[1] >= Duration::from_millis(500) && waits[1] <= Duration::from_secs(1));
}

#[tokio::test]
async fn repeating_ends() {
    let appliance = Appliance::new(token("t")).await.command([html(500)]).await;
    let error = appliance.client().api_info().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::HttpStatus, Some(500))
    );
    assert_eq!(appliance.requests("/api/command").await.len(), 3);
    let once = appliance
        .builder()
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    once.api_info().await.unwrap_err();
    assert_eq!(appliance.requests("/api/command").await.len(), 4);
}

#[tokio::test]
async fn an_unclear_write_is_not_repeated() {
    let write = SetSessionAttributes::new(LSID, SessionAttributes::new().external_key("1"));
    for answer in [html(500), html(200), xml("<succ")] {
        let appliance = Appliance::new(token("t")).await.command([answer]).await;
        let error = appliance
            .client()
            .set_session_attributes(&write)
            .await
            .unwrap_err();
        assert_eq!(error.session(), Some(LSID));
        assert_eq!(appliance.requests("/api/command").await.len(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_write_that_certainly_did_nothing_is_repeated() {
    let write = SetSessionAttributes::new(LSID, SessionAttributes::new().external_key("1"));
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "2");
    let done = xml("<success>Session attributes were set</success>");
    let appliance = Appliance::new(Sequence::of([html(502), token("t")]))
        .await
        .command([busy, done])
        .await;
    let text = appliance
        .client()
        .set_session_attributes(&write)
        .await
        .unwrap();
    assert_eq!(text, "Session attributes were set");
    assert_eq!(
        appliance.waits()[1],
        Duration::from_secs(2),
        "as long as the appliance asks"
    );
    let expected =
        format!("action=set_session_attributes&lsid={LSID}&session.custom.external_key=1");
    assert_eq!(
        text_of(&appliance.requests("/api/command").await[0]),
        expected
    );
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_left_to_the_caller() {
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    let appliance = Appliance::new(token("t")).await.command([busy]).await;
    let error = appliance.client().api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert!(appliance.waits().is_empty());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let away = ResponseTemplate::new(302).insert_header("location", "/elsewhere");
    let appliance = Appliance::new(token("t"))
        .await
        .command([away])
        .await
        .at("/elsewhere", [xml(INFO)])
        .await;
    let error = appliance.client().api_info().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::HttpStatus, Some(302))
    );
    assert!(appliance.requests("/elsewhere").await.is_empty());
    assert_eq!(appliance.requests("/api/command").await.len(), 1);
}

#[tokio::test]
async fn answers_are_bounded_in_size_and_time() {
    let large = xml(&format!(
        "<api_information>{}</api_information>",
        " ".repeat(2000)
    ));
    let appliance = Appliance::new(token("t")).await.command([large]).await;
    let client = appliance.builder().max_body_bytes(1000).build().unwrap();
    assert_eq!(
        client.api_info().await.unwrap_err().kind(),
        ErrorKind::TooLarge
    );
    assert_eq!(appliance.requests("/api/command").await.len(), 1);

    let slow = xml(INFO).set_delay(Duration::from_secs(30));
    let appliance = Appliance::new(token("t")).await.command([slow]).await;
    let client = appliance
        .builder()
        .timeout(Duration::from_millis(100))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    assert_eq!(
        client.api_info().await.unwrap_err().kind(),
        ErrorKind::Timeout
    );
}

#[tokio::test]
async fn nobody_at_the_address_is_a_transport_error() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let waits = Waits::default();
    let client = Client::builder(format!("http://{free}"), Credentials::oauth("a", "b"))
        .timer(waits.clone())
        .build()
        .unwrap();
    let error = client.api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(waits.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn sessions_are_asked_for_and_found() {
    let report =
        format!("<session_list><session lsid='{LSID}'><lseq>7</lseq></session></session_list>");
    let none = xml(
        "<error >No Support report information matching your chosen criteria is available.</error>",
    );
    let appliance = Appliance::new(token("t"))
        .await
        .at("/api/reporting", [xml(&report), none])
        .await;
    let client = appliance.client();
    assert_eq!(
        client.support_session(LSID).await.unwrap().unwrap().lseq,
        Some(7)
    );
    assert_eq!(
        client.support_session(LSID).await.unwrap(),
        None,
        "not in the report yet"
    );
    let no_lsids = SessionSelection::Lsids(Vec::new());
    assert_eq!(
        client.support_sessions(no_lsids).collect().await.unwrap(),
        []
    );
    let calls = appliance.requests("/api/reporting").await;
    assert_eq!(calls.len(), 2);
    assert_eq!(
        text_of(&calls[0]),
        format!("generate_report=SupportSession&lsid={LSID}")
    );
}

#[tokio::test]
async fn an_empty_result_in_another_language_needs_a_rule() {
    let german = xml("<error>Keine passenden Berichte.</error>");
    let appliance = Appliance::new(token("t"))
        .await
        .at("/api/reporting", [german])
        .await;
    let error = appliance.client().support_session(LSID).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.session()),
        (ErrorKind::Api, Some(LSID))
    );
    let client = appliance
        .builder()
        .empty_result(|text| text.starts_with("Keine"))
        .build()
        .unwrap();
    assert_eq!(client.support_session(LSID).await.unwrap(), None);
}

#[tokio::test]
async fn limits_are_checked_before_anything_is_sent() {
    let appliance = Appliance::new(token("t")).await;
    let client = appliance.client();
    let long = SessionAttributes::new().external_key("x".repeat(1025));
    let key = GenerateSessionKey::new(Queue::General).attributes(long);
    let error = client.generate_session_key(&key).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert_eq!(
        client.support_session("1").await.unwrap_err().kind(),
        ErrorKind::InvalidRequest
    );
    assert!(
        appliance
            .server
            .received_requests()
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_user_signs_in_with_each_call_and_old_paths() {
    let server = MockServer::start().await;
    Mock::given(path("/api/command.ns"))
        .respond_with(Sequence::of([
            xml(INFO),
            xml("<error>Login failed</error>"),
        ]))
        .mount(&server)
        .await;
    let client = Client::builder(server.uri(), Credentials::user("integration", "p w"))
        .allow_plain_http(true)
        .spelling(Spelling::Ns)
        .build()
        .unwrap();
    client.api_info().await.unwrap();
    let error = client.api_info().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.server_text()),
        (ErrorKind::Unauthorized, Some("Login failed"))
    );
    assert!(!format!("{error:?} {client:?}").contains("p w"));
    let calls = server.received_requests().await.unwrap();
    assert_eq!(calls.len(), 2, "a refused log-in is not repeated");
    assert_eq!(
        text_of(&calls[0]),
        "action=get_api_info&username=integration&password=p+w"
    );
    assert_eq!(header_of(&calls[0], "authorization"), "");
}

fn build(host: &str, credentials: Credentials) -> Result<Client, Error> {
    Client::builder(host, credentials).build()
}

#[test]
fn c076_c077_plain_http_with_a_password_is_allowed_explicitly_only() {
    let user = || Credentials::user("u", "p");
    assert!(build("support.example.com", user()).is_ok());
    let error = build("http://support.example.com", user()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let allowed = Client::builder("http://support.example.com", user()).allow_plain_http(true);
    assert!(allowed.build().is_ok());
}

#[test]
fn c078_oauth_always_uses_tls_except_for_loopback_addresses() {
    let oauth = || Credentials::oauth("id", "secret");
    let refused = Client::builder("http://support.example.com", oauth()).allow_plain_http(true);
    assert_eq!(refused.build().unwrap_err().kind(), ErrorKind::Config);
    assert!(
        build("http://localhost:80", oauth()).is_err(),
        "a name may lead anywhere"
    );
    assert!(build("http://127.0.0.1:80", oauth()).is_ok());
    assert!(build("http://[::1]:80", oauth()).is_ok());
    assert!(build("support.example.com", oauth()).is_ok());
}
