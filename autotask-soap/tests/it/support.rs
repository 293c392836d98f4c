//! What several test files need.

use async_trait::async_trait;
use autotask_sim::AutotaskSim;
use autotask_soap::transport::{RequestTimeout, Transport, TransportError};
use autotask_soap::v1_6::TicketNote;
use autotask_soap::{Client, ClientBuilder, Sleep};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wiremock::matchers::{header, method};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const USER: &str = "api@example.com";
pub(crate) const PASSWORD: &str = "correct horse";
pub(crate) const CODE: &str = "INTEGRATIONCODE";

/// Does not wait, but remembers how long it should have.
#[derive(Clone, Default)]
pub(crate) struct NoSleep(pub(crate) Arc<Mutex<Vec<Duration>>>);

#[async_trait]
impl Sleep for NoSleep {
    async fn sleep(&self, time: Duration) {
        self.0.lock().unwrap().push(time);
    }
}

/// A request as the transport saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) url: String,
    pub(crate) action: String,
    pub(crate) body: String,
    pub(crate) timeout: Option<Duration>,
    pub(crate) headers: http::HeaderMap,
}

type Answer = Result<http::Response<Bytes>, TransportError>;

/// Answers from a list, in order; the zone lookup is answered by itself.
#[derive(Clone, Default)]
pub(crate) struct Script {
    pub(crate) answers: Arc<Mutex<VecDeque<Answer>>>,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        let script = Self::default();
        script.answers.lock().unwrap().extend(answers);
        script
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder(USER, PASSWORD, CODE)
            .transport(self.clone())
            .sleep(NoSleep::default())
    }

    /// The requests without zone lookups.
    pub(crate) fn calls(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|seen| !seen.action.contains("getZoneInfo"))
            .cloned()
            .collect()
    }
}

#[async_trait]
impl Transport for Script {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let action = request.headers()["SOAPAction"].to_str().unwrap().to_owned();
        self.seen.lock().unwrap().push(Seen {
            url: request.uri().to_string(),
            action: action.clone(),
            body: String::from_utf8(request.body().to_vec()).unwrap(),
            timeout: request
                .extensions()
                .get::<RequestTimeout>()
                .map(|timeout| timeout.0),
            headers: request.headers().clone(),
        });
        if action.contains("getZoneInfo") {
            return Ok(ok(zone(
                "https://webservices3.autotask.net/ATServices/1.6/atws.asmx",
            )));
        }
        self.answers
            .lock()
            .unwrap()
            .pop_front()
            .expect("no answer left in the script")
    }
}

pub(crate) fn ok(body: String) -> http::Response<Bytes> {
    http::Response::new(Bytes::from(body))
}

pub(crate) fn status(status: u16, body: &str) -> http::Response<Bytes> {
    let mut response = ok(body.to_owned());
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

/// A SOAP envelope around the content of its body.
pub(crate) fn envelope(body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"><soap:Body>{body}</soap:Body></soap:Envelope>"#
    )
}

pub(crate) fn zone(url: &str) -> String {
    envelope(&format!(
        r#"<getZoneInfoResponse xmlns="http://autotask.net/ATWS/v1_6/"><getZoneInfoResult><URL>{url}</URL><ErrorCode>0</ErrorCode><DataBaseType>RSCRM</DataBaseType><CI>123456</CI><WebUrl>https://ww3.autotask.net/</WebUrl></getZoneInfoResult></getZoneInfoResponse>"#
    ))
}

/// A `queryResponse` or `createResponse` with this content of its result.
pub(crate) fn answer(operation: &str, result: &str) -> String {
    envelope(&format!(
        r#"<{operation}Response xmlns="http://autotask.net/ATWS/v1_6/"><{operation}Result>{result}</{operation}Result></{operation}Response>"#
    ))
}

pub(crate) fn success(operation: &str, entities: &str) -> String {
    answer(
        operation,
        &format!(
            "<ReturnCode>1</ReturnCode><EntityResults>{entities}</EntityResults><EntityResultType>ticketnote</EntityResultType><Errors /><EntityReturnInfoResults />"
        ),
    )
}

pub(crate) fn refusal(operation: &str, texts: &[&str]) -> String {
    let errors: String = texts
        .iter()
        .map(|text| format!("<ATWSError><Message>{text}</Message></ATWSError>"))
        .collect();
    answer(
        operation,
        &format!(
            "<ReturnCode>-1</ReturnCode><EntityResults /><EntityResultType /><Errors>{errors}</Errors><EntityReturnInfoResults />"
        ),
    )
}

pub(crate) fn fault(code: &str, text: &str) -> String {
    envelope(&format!(
        "<soap:Fault><faultcode>soap:{code}</faultcode><faultstring>{text}</faultstring><detail /></soap:Fault>"
    ))
}

/// A note that passes all checks.
pub(crate) fn note() -> TicketNote {
    TicketNote {
        ticket_id: Some(77),
        title: Some("Session".into()),
        description: Some("Done.".into()),
        note_type: Some(1),
        publish: Some(2),
        ..TicketNote::default()
    }
}

/// A real HTTP server that answers the zone lookup with itself, and a client of it.
pub(crate) async fn server_and_client(answer: ResponseTemplate) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let lookup = "\"http://autotask.net/ATWS/v1_6/getZoneInfo\"";
    Mock::given(method("POST"))
        .and(header("SOAPAction", lookup))
        .respond_with(xml(200, zone(&endpoint(&server))))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .respond_with(answer)
        .with_priority(10)
        .mount(&server)
        .await;
    let client = Client::builder(USER, PASSWORD, CODE)
        .endpoint(endpoint(&server))
        .sleep(NoSleep::default())
        .build()
        .unwrap();
    (server, client)
}

pub(crate) fn endpoint(server: &MockServer) -> String {
    format!("{}/ATServices/1.6/atws.asmx", server.uri())
}

pub(crate) fn xml(status: u16, body: String) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, "text/xml; charset=utf-8")
}

/// How many calls of an operation a server has seen.
pub(crate) async fn count(server: &MockServer, operation: &str) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .filter(|request| {
            let action = request.headers["SOAPAction"].to_str().unwrap();
            action.trim_matches('"').ends_with(&format!("/{operation}"))
        })
        .count()
}

/// A simulated tenant and a client of it.
pub(crate) async fn tenant() -> (AutotaskSim, Client) {
    let sim = AutotaskSim::start().await.unwrap();
    let client = client_of(&sim).build().unwrap();
    (sim, client)
}

pub(crate) fn client_of(sim: &AutotaskSim) -> ClientBuilder {
    Client::builder(sim.username(), sim.password(), sim.integration_code())
        .endpoint(sim.lookup_endpoint())
        .sleep(NoSleep::default())
}
