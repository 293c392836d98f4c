//! Every way in which a call can fail, told apart, and what it means for a write.

use crate::support::*;
use autotask_soap::transport::{Phase, TransportError};
use autotask_soap::v1_6::{Ticket, TicketNote};
use autotask_soap::{Client, Error, ErrorKind, Outcome, Query};
use std::error::Error as _;
use std::time::Duration;
use wiremock::ResponseTemplate;

/// Sends one create over real HTTP and checks that it was sent exactly once.
async fn create_fails(answer: ResponseTemplate) -> Error {
    let (server, client) = server_and_client(answer).await;
    let error = client.create(&note()).await.unwrap_err();
    assert_eq!(
        count(&server, "create").await,
        1,
        "a write must be sent once: {error}"
    );
    assert_eq!(error.entity(), Some("TicketNote"));
    assert!(
        error
            .to_string()
            .starts_with("create of TicketNote at 127.0.0.1: "),
        "{error}"
    );
    assert!(!error.to_string().contains(PASSWORD), "{error}");
    error
}

fn check(error: &Error, kind: ErrorKind, outcome: Outcome) {
    assert_eq!((error.kind(), error.outcome()), (kind, outcome), "{error}");
}

#[tokio::test]
async fn http_401() {
    let error = create_fails(ResponseTemplate::new(401).set_body_string("Unauthorized")).await;
    check(&error, ErrorKind::Unauthorized, Outcome::NotStored);
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("Nothing was stored."), "{error}");
    assert!(
        error
            .to_string()
            .contains("Check the API user's name and password"),
        "{error}"
    );
}

#[tokio::test]
async fn http_403() {
    let error = create_fails(ResponseTemplate::new(403).set_body_string("no")).await;
    check(&error, ErrorKind::Forbidden, Outcome::NotStored);
}

#[tokio::test]
async fn http_429_with_retry_after() {
    let answer = ResponseTemplate::new(429).insert_header("Retry-After", "12");
    let error = create_fails(answer).await;
    check(&error, ErrorKind::RateLimited, Outcome::NotStored);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(12)));
    assert!(error.is_retryable());
}

#[tokio::test]
async fn thread_limit_in_each_shape() {
    let text = "The Autotask API thread threshold of 3 threads has been exceeded.";
    for answer in [
        xml(200, refusal("create", &[text])),
        xml(500, fault("Server", text)),
        ResponseTemplate::new(429).set_body_string(text),
        ResponseTemplate::new(500).set_body_string("Itgenatr005 create"),
    ] {
        let error = create_fails(answer).await;
        check(&error, ErrorKind::ThreadLimit, Outcome::NotStored);
        assert!(error.is_retryable());
    }
}

#[tokio::test]
async fn return_code_minus_one_with_paired_errors() {
    let answer = refusal(
        "create",
        &[
            "String value exceeds maximum length (field:description).",
            "Error updating entity for record number [1].",
            "Value does not exist for the required field AccountID.; on record number [2].",
        ],
    );
    let (_server, client) = server_and_client(xml(200, answer)).await;
    let error = client.create_many(&[note(), note()]).await.unwrap_err();
    check(&error, ErrorKind::Refused, Outcome::NotStored);
    assert!(!error.is_retryable());
    let errors: Vec<_> = error
        .server_errors()
        .iter()
        .map(|error| (error.record, error.message.as_str()))
        .collect();
    assert_eq!(
        errors,
        [
            (
                Some(1),
                "String value exceeds maximum length (field:description)."
            ),
            (
                Some(2),
                "Value does not exist for the required field AccountID."
            ),
        ]
    );
    assert!(
        error.to_string().contains("record 1: String value exceeds"),
        "{error}"
    );
}

#[tokio::test]
async fn integration_code_refused() {
    let error = create_fails(xml(
        200,
        refusal("create", &["IntegrationCode is invalid."]),
    ))
    .await;
    check(&error, ErrorKind::IntegrationCode, Outcome::NotStored);
    assert!(error.to_string().contains("tracking identifier"), "{error}");
}

#[tokio::test]
async fn soap_fault() {
    let error = create_fails(xml(500, fault("Server", "It broke."))).await;
    check(&error, ErrorKind::Fault, Outcome::Ambiguous);
    assert!(error.is_retryable());
    assert_eq!(error.status().map(|status| status.as_u16()), Some(500));
    assert_eq!(error.server_errors()[0].message, "It broke.");
    assert!(
        error.to_string().contains("It may have been stored"),
        "{error}"
    );

    let error = create_fails(xml(500, fault("Client", "Bad envelope."))).await;
    check(&error, ErrorKind::Fault, Outcome::Ambiguous);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn html_with_200_and_500() {
    for status in [200, 500] {
        let page = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body>Back at 9</body></html>";
        let error =
            create_fails(ResponseTemplate::new(status).set_body_raw(page, "text/html")).await;
        check(&error, ErrorKind::NotSoap, Outcome::Ambiguous);
        assert!(error.is_retryable());
        assert!(
            error
                .to_string()
                .contains("it begins 'Maintenance Back at 9'"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn secrets_echoed_by_a_proxy_do_not_reach_the_error() {
    let page = format!("<html>You sent {CODE} and {PASSWORD}</html>");
    let error = create_fails(ResponseTemplate::new(502).set_body_raw(page, "text/html")).await;
    let debug = format!("{error:?}");
    assert!(debug.contains("You sent [secret] and [secret]"), "{debug}");
    let error = create_fails(xml(200, refusal("create", &[&format!("{CODE} unknown")]))).await;
    assert!(!format!("{error:?}").contains(CODE));
}

#[tokio::test]
async fn a_secret_across_the_place_where_a_text_is_cut_does_not_show_in_part() {
    let beginning = &CODE[..CODE.len() / 2];
    for before in 0..1100 {
        let page = format!("{}{CODE}", ".".repeat(before));
        let script = Script::new([Ok(http::Response::builder()
            .status(502)
            .header("content-type", "text/html")
            .body(page.into())
            .unwrap())]);
        let error = script.client().create(&note()).await.unwrap_err();
        assert!(
            !format!("{error:?}").contains(beginning),
            "after {before} characters"
        );
    }
}

#[tokio::test]
async fn empty_and_plain_bodies() {
    let error = create_fails(ResponseTemplate::new(200)).await;
    check(&error, ErrorKind::NotSoap, Outcome::Ambiguous);
    let error = create_fails(ResponseTemplate::new(503).set_body_string("busy")).await;
    check(&error, ErrorKind::HttpStatus, Outcome::Ambiguous);
    assert!(error.is_retryable());
    let error = create_fails(ResponseTemplate::new(404)).await;
    check(&error, ErrorKind::HttpStatus, Outcome::Ambiguous);
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn every_truncation_is_noticed() {
    let whole = success(
        "create",
        r#"<Entity xsi:type="TicketNote"><id xsi:type="xsd:long">9001</id></Entity>"#,
    );
    let script = Script::new([Ok(ok(whole.clone()))]);
    assert_eq!(script.client().create(&note()).await.unwrap().id, 9001);
    for length in (0..whole.len()).step_by(3) {
        let script = Script::new([Ok(ok(whole[..length].to_owned()))]);
        let error = script.client().create(&note()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Ambiguous, "{length}: {error}");
        let kinds = [ErrorKind::Truncated, ErrorKind::NotSoap];
        assert!(kinds.contains(&error.kind()), "{length}: {error}");
        if length > 60 {
            assert_eq!(error.kind(), ErrorKind::Truncated, "{length}: {error}");
        }
    }
}

#[tokio::test]
async fn answers_that_are_not_ours() {
    for body in [
        envelope(""),
        envelope(
            "<queryResponse><queryResult><ReturnCode>1</ReturnCode></queryResult></queryResponse>",
        ),
        envelope("<createResponse/>"),
        answer("create", "<ReturnCode>0</ReturnCode>"),
        answer("create", "<ReturnCode>soon</ReturnCode>"),
        success("create", ""),
        "<Envelope><Body><createResponse></Body></Envelope>".to_owned(),
    ] {
        let error = create_fails(xml(200, body.clone())).await;
        assert_eq!(error.outcome(), Outcome::Ambiguous, "{body}");
        assert_eq!(error.kind(), ErrorKind::Malformed, "{body}: {error}");
    }
}

#[tokio::test]
async fn a_good_answer_with_a_bad_status_is_not_success() {
    let body = success(
        "create",
        r#"<Entity xsi:type="TicketNote"><id xsi:type="xsd:long">9001</id></Entity>"#,
    );
    let error = create_fails(xml(500, body)).await;
    check(&error, ErrorKind::HttpStatus, Outcome::Ambiguous);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for code in [301, 302, 307, 308] {
        let answer =
            ResponseTemplate::new(code).insert_header("Location", "/elsewhere?session=abc");
        let error = create_fails(answer).await;
        check(&error, ErrorKind::Redirect, Outcome::Ambiguous);
        assert!(error.to_string().contains("to /elsewhere"), "{error}");
        assert!(!error.to_string().contains("abc"), "{error}");
    }
}

#[tokio::test]
async fn time_is_up() {
    let body = success(
        "create",
        r#"<Entity xsi:type="TicketNote"><id>1</id></Entity>"#,
    );
    let (server, client) =
        server_and_client(xml(200, body).set_delay(Duration::from_secs(30))).await;
    client.zone().await.unwrap();
    let client = client.with_timeout(Duration::from_millis(100));
    let error = client.create(&note()).await.unwrap_err();
    check(&error, ErrorKind::Timeout, Outcome::Ambiguous);
    assert!(error.is_retryable());
    assert!(error.source().is_some());
    assert_eq!(count(&server, "create").await, 1);
}

#[tokio::test]
async fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::builder(USER, PASSWORD, CODE)
        .endpoint(format!("http://{address}/ATServices/1.6/atws.asmx"))
        .sleep(NoSleep::default())
        .build()
        .unwrap();
    let error = client.create(&note()).await.unwrap_err();
    // The lookup of the zone failed, so that the note was not even sent.
    check(&error, ErrorKind::NotConnected, Outcome::NotStored);
    assert_eq!(
        error.operation(),
        Some(autotask_soap::ops::Operation::GetZoneInfo)
    );
    assert!(
        error.to_string().to_lowercase().contains("refused"),
        "{error}"
    );
}

#[tokio::test]
async fn phases_of_the_transport() {
    for (phase, kind, outcome) in [
        (
            Phase::NotConnected,
            ErrorKind::NotConnected,
            Outcome::NotStored,
        ),
        (Phase::Timeout, ErrorKind::Timeout, Outcome::Ambiguous),
        (
            Phase::Interrupted,
            ErrorKind::Interrupted,
            Outcome::Ambiguous,
        ),
        (Phase::Other, ErrorKind::Transport, Outcome::Ambiguous),
    ] {
        let script = Script::new([Err(TransportError::new(phase, "the cable"))]);
        let error = script.client().create(&note()).await.unwrap_err();
        check(&error, kind, outcome);
        assert!(error.to_string().contains("the cable"), "{error}");
        assert_eq!(script.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit() {
    let body = success("create", &"x".repeat(100_000));
    let (server, _) = server_and_client(xml(200, body)).await;
    let mut options = autotask_soap::transport::HttpOptions::default();
    options.max_body = 50_000;
    let client = Client::builder(USER, PASSWORD, CODE)
        .endpoint(endpoint(&server))
        .http(options)
        .build()
        .unwrap();
    let error = client.create(&note()).await.unwrap_err();
    check(&error, ErrorKind::Transport, Outcome::Ambiguous);
    assert!(
        error.to_string().contains("larger than 50000 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn problems_found_before_sending() {
    let script = Script::default();
    let mut bad = note();
    bad.publish = None;
    bad.title = Some("ä".repeat(251));
    let error = script.client().create(&bad).await.unwrap_err();
    check(&error, ErrorKind::Validation, Outcome::NotStored);
    let fields: Vec<_> = error
        .field_problems()
        .iter()
        .map(|problem| problem.field.as_ref())
        .collect();
    assert_eq!(fields, ["Publish", "Title"]);
    assert!(
        error.to_string().contains("TicketNote.Publish is required"),
        "{error}"
    );
    assert!(script.seen.lock().unwrap().is_empty());

    // Not checked, it goes out as it is.
    let script = Script::new([Ok(ok(refusal("create", &["no"])))]);
    let client = script.builder().check_before_create(false).build().unwrap();
    assert_eq!(
        client.create(&bad).await.unwrap_err().kind(),
        ErrorKind::Refused
    );
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test]
async fn counts_that_no_call_takes() {
    let client = Script::default().client();
    for count in [0, 201] {
        let notes = vec![note(); count];
        let error = client.create_many(&notes).await.unwrap_err();
        check(&error, ErrorKind::Validation, Outcome::NotStored);
    }
    let stored = TicketNote {
        id: Some(5),
        ..note()
    };
    assert_eq!(
        client.create(&stored).await.unwrap_err().kind(),
        ErrorKind::Validation
    );
}

#[tokio::test]
async fn reads_are_tried_again_and_writes_are_not() {
    let broken = || Err(TransportError::new(Phase::Interrupted, "reset"));
    let script = Script::new([
        broken(),
        Ok(status(503, "busy")),
        Ok(ok(success(
            "query",
            r#"<Entity xsi:type="Ticket"><id xsi:type="xsd:long">7</id></Entity>"#,
        ))),
    ]);
    let sleep = NoSleep::default();
    let client = script.builder().sleep(sleep.clone()).build().unwrap();
    let tickets = client.query(Query::<Ticket>::by_id(7)).await.unwrap();
    assert_eq!(tickets[0].id, Some(7));
    let pauses = sleep.0.lock().unwrap().clone();
    assert_eq!(pauses.len(), 2);
    assert!((250..=500).contains(&pauses[0].as_millis()), "{pauses:?}");
    assert!((500..=1000).contains(&pauses[1].as_millis()), "{pauses:?}");

    let script = Script::new([broken(), broken(), broken(), broken()]);
    let error = script
        .client()
        .query(Query::<Ticket>::by_id(7))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);
    assert_eq!(error.outcome(), Outcome::NotStored);
    assert_eq!(script.calls().len(), 3);

    let script = Script::new([broken(), broken()]);
    script.client().create(&note()).await.unwrap_err();
    assert_eq!(script.calls().len(), 1);
}

#[tokio::test]
async fn the_servers_wish_to_wait_is_honoured() {
    let mut busy = status(429, "");
    busy.headers_mut()
        .insert("Retry-After", "9".parse().unwrap());
    let script = Script::new([Ok(busy), Ok(ok(success("query", "")))]);
    let sleep = NoSleep::default();
    let client = script.builder().sleep(sleep.clone()).build().unwrap();
    client.query(Query::<Ticket>::all()).await.unwrap();
    assert_eq!(*sleep.0.lock().unwrap(), [Duration::from_secs(9)]);
}

#[tokio::test]
async fn a_read_that_reports_errors_is_not_an_empty_result() {
    let body = answer(
        "query",
        "<ReturnCode>1</ReturnCode><EntityResults /><Errors><ATWSError><Message>Something.</Message></ATWSError></Errors>",
    );
    let script = Script::new([Ok(ok(body))]);
    let error = script
        .client()
        .query(Query::<Ticket>::all())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[test]
fn settings_that_cannot_work() {
    let fails = |builder: autotask_soap::ClientBuilder, part: &str| {
        let error = builder.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(part), "{error}");
        assert!(!error.to_string().contains(PASSWORD), "{error}");
    };
    fails(Client::builder("", PASSWORD, CODE), "user name");
    fails(Client::builder(USER, " ", CODE), "password");
    fails(Client::builder(USER, PASSWORD, ""), "integration code");
    let with = |url: &str| Client::builder(USER, PASSWORD, CODE).endpoint(url);
    fails(with("webservices"), "no address");
    fails(
        with("http://webservices.autotask.net/"),
        "neither https nor on this machine",
    );
    fails(
        with(&format!(
            "https://me:{}@webservices.autotask.net/",
            "correct%20horse"
        )),
        "credentials",
    );
}
