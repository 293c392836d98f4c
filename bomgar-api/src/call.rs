//! One call as pure data: what to send, and what to make of the answer.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};

use crate::error::{Error, ErrorKind, Result, shorten};

/// Form fields in the order they are sent.
pub type Fields = Vec<(String, String)>;

/// Which of the appliance's interfaces a call goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `/api/command`
    Command,
    /// `/api/reporting`
    Reporting,
    /// `/api/backup`
    Backup,
    /// `/api/command.xsd`
    CommandSchema,
    /// `/api/reporting.xsd`
    ReportingSchema,
    /// `/check_health`
    HealthProbe,
}

/// How an appliance spells the paths of its interfaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Spelling {
    /// `/api/command`, the spelling of all current versions.
    #[default]
    Plain,
    /// `/api/command.ns`, the spelling of old versions, which newer ones still answer.
    Ns,
}

impl Spelling {
    /// The path of an interface, such as `/api/client_script.ns` for `client_script`.
    pub(crate) fn path(self, interface: &str) -> String {
        match self {
            Spelling::Plain => format!("/api/{interface}"),
            Spelling::Ns => format!("/api/{interface}.ns"),
        }
    }
}

impl Endpoint {
    /// The path on the appliance.
    pub fn path(self, spelling: Spelling) -> String {
        match self {
            Endpoint::Command => spelling.path("command"),
            Endpoint::Reporting => spelling.path("reporting"),
            Endpoint::Backup => spelling.path("backup"),
            Endpoint::CommandSchema => "/api/command.xsd".into(),
            Endpoint::ReportingSchema => "/api/reporting.xsd".into(),
            Endpoint::HealthProbe => "/check_health".into(),
        }
    }

    /// The parameter that names the operation.
    fn operation_key(self) -> Option<&'static str> {
        match self {
            Endpoint::Command => Some("action"),
            Endpoint::Reporting => Some("generate_report"),
            Endpoint::Backup
            | Endpoint::CommandSchema
            | Endpoint::ReportingSchema
            | Endpoint::HealthProbe => None,
        }
    }

    pub(crate) fn url(self, base: &str, spelling: Spelling) -> String {
        format!("{}{}", base.trim_end_matches('/'), self.path(spelling))
    }
}

/// A call to the Command or Reporting API.
///
/// All calls of this crate implement it. Implement it yourself for an action that the crate does
/// not know yet, and run it with `Client::call`.
///
/// ```
/// use bomgar_api::{Call, Endpoint, Fields, Result, Spelling};
///
/// struct Terminate { lsid: String }
///
/// impl Call for Terminate {
///     type Reply = String;
///     fn operation(&self) -> &str { "terminate_session" }
///     fn endpoint(&self) -> Endpoint { Endpoint::Command }
///     fn is_read(&self) -> bool { false }
///     fn fields(&self) -> Result<Fields> { Ok(vec![("lsid".into(), self.lsid.clone())]) }
///     fn decode(&self, body: &[u8]) -> Result<String> { bomgar_api::command::parse_success(body) }
/// }
///
/// let request = Terminate { lsid: "0123456789abcdef0123456789abcdef".into() }
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.uri().path(), "/api/command");
/// assert!(request.body().starts_with(b"action=terminate_session&lsid=0123"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
pub trait Call {
    /// What the call answers.
    type Reply;

    /// The action or report, by its name on the wire.
    fn operation(&self) -> &str;

    /// The interface the call goes to.
    fn endpoint(&self) -> Endpoint;

    /// Whether the call changes nothing, so that it may be repeated after an unclear failure.
    fn is_read(&self) -> bool;

    /// The form fields, without the one that names the operation.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when a value breaks a documented limit.
    fn fields(&self) -> Result<Fields>;

    /// Reads the body of an answer with HTTP status 200.
    ///
    /// # Errors
    ///
    /// What the appliance reports, or why the answer cannot be read.
    fn decode(&self, body: &[u8]) -> Result<Self::Reply>;

    /// The reply that stands for "nothing matches", for reports whose empty result is an error
    /// text on the wire. `None`, the default, means that no error text is an empty result.
    fn no_data(&self) -> Option<Self::Reply> {
        None
    }

    /// Whether the call is made with the account's credentials. All calls are, except for the
    /// public health page and the schemas.
    fn is_authenticated(&self) -> bool {
        true
    }

    /// The session the call is about, for messages.
    fn session(&self) -> Option<&str> {
        None
    }

    /// The request: a form `POST`, without authentication. `base` is the appliance's address
    /// without a path.
    ///
    /// # Errors
    ///
    /// As [`fields`](Call::fields); [`ErrorKind::Config`] when `base` is not an address.
    fn encode(&self, base: &str, spelling: Spelling) -> Result<Request<Bytes>> {
        let fields = self.fields().map_err(|error| self.locate(error))?;
        let url = self.endpoint().url(base, spelling);
        let mut form = form_urlencoded::Serializer::new(String::new());
        if let Some(key) = self.endpoint().operation_key() {
            form.append_pair(key, self.operation());
        }
        form.extend_pairs(&fields);
        form_request(&url, form.finish()).map_err(|error| self.locate(error))
    }

    /// Reads an answer, whatever its HTTP status.
    ///
    /// # Errors
    ///
    /// As [`decode`](Call::decode), and by HTTP status when it is not 200.
    fn decode_response(&self, response: &Response<Bytes>) -> Result<Self::Reply> {
        check_status(response)
            .and_then(|()| self.decode(response.body()))
            .map_err(|error| self.locate(error))
    }

    /// Says in an error which operation and session it is about.
    #[doc(hidden)]
    fn locate(&self, error: Error) -> Error {
        error
            .with_operation(self.operation())
            .with_session(self.session())
    }
}

/// A `GET` that asks for the connection to be closed, as the appliance demands.
pub(crate) fn get_request(url: &str) -> Result<Request<Bytes>> {
    Request::builder()
        .method(Method::GET)
        .uri(url)
        .header(header::CONNECTION, HeaderValue::from_static("close"))
        .body(Bytes::new())
        .map_err(bad_address)
}

/// A form `POST` that asks for the connection to be closed, as the appliance demands.
pub(crate) fn form_request(url: &str, form: String) -> Result<Request<Bytes>> {
    Request::builder()
        .method(Method::POST)
        .uri(url)
        .header(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        )
        .header(header::CONNECTION, HeaderValue::from_static("close"))
        .body(Bytes::from(form))
        .map_err(bad_address)
}

pub(crate) fn bad_address(error: http::Error) -> Error {
    Error::new(
        ErrorKind::Config,
        "the appliance's address is not a valid URL",
    )
    .with_source(error)
}

/// Makes an error of every HTTP status but 200.
pub(crate) fn check_status(response: &Response<Bytes>) -> Result<()> {
    let status = response.status();
    let (kind, message) = match status {
        StatusCode::OK => return Ok(()),
        StatusCode::UNAUTHORIZED => (
            ErrorKind::Unauthorized,
            "the appliance did not accept the credentials",
        ),
        StatusCode::FORBIDDEN => (ErrorKind::Forbidden, "the appliance denied the call"),
        StatusCode::TOO_MANY_REQUESTS => (
            ErrorKind::RateLimited,
            "the appliance refused one request too many",
        ),
        _ if status.is_redirection() => (
            ErrorKind::HttpStatus,
            "the appliance redirected the call, which is never followed",
        ),
        _ => (ErrorKind::HttpStatus, "the appliance failed to answer"),
    };
    Err(Error::new(kind, message)
        .with_status(status.as_u16())
        .with_server_text(json_message(response.body()))
        .with_retry_after(retry_after(response))
        .with_raw_body(response.body()))
}

/// The message of a JSON error body: `message`, else `error_description`, else `error`.
pub(crate) fn json_message(body: &[u8]) -> Option<String> {
    let json: serde_json::Value = serde_json::from_slice(body).ok()?;
    ["message", "error_description", "error"]
        .iter()
        .find_map(|key| json.get(key)?.as_str())
        .map(|text| shorten(text, 300))
}

/// `Retry-After` in seconds.
fn retry_after(response: &Response<Bytes>) -> Option<std::time::Duration> {
    let text = response
        .headers()
        .get(header::RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(std::time::Duration::from_secs(seconds));
    }
    // A date counts from the answer's own date, so that no clock needs to be right.
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let sent = response.headers().get(header::DATE)?.to_str().ok()?;
    let sent = jiff::fmt::rfc2822::parse(sent).ok()?.timestamp();
    Some(std::time::Duration::try_from(at.duration_since(sent)).unwrap_or_default())
}

/// Checks that a text is a session identifier: 32 hexadecimal digits.
pub(crate) fn check_lsid(lsid: &str) -> Result<()> {
    if is_lsid(lsid) {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "the lsid \"{}\" is not 32 hexadecimal digits",
        shorten(lsid, 60)
    )))
}

pub(crate) fn is_lsid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response<Bytes> {
        let mut builder = Response::builder().status(status);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap()
    }

    #[test]
    fn statuses_are_told_apart() {
        for (status, kind) in [
            (401, ErrorKind::Unauthorized),
            (403, ErrorKind::Forbidden),
            (429, ErrorKind::RateLimited),
            (302, ErrorKind::HttpStatus),
            (204, ErrorKind::HttpStatus),
            (500, ErrorKind::HttpStatus),
        ] {
            let body = r#"{"message":"Nope.","error":"access_denied"}"#;
            let error = check_status(&response(status, &[], body)).unwrap_err();
            assert_eq!((error.kind(), error.status()), (kind, Some(status)));
            assert_eq!(error.server_text(), Some("Nope."));
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let wait = |headers: &[(&str, &str)]| {
            check_status(&response(429, headers, ""))
                .unwrap_err()
                .retry_after()
        };
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        let date = ("date", "Tue, 05 Nov 2019 11:43:09 GMT");
        assert_eq!(
            wait(&[date, ("retry-after", "Tue, 05 Nov 2019 11:43:19 GMT")]),
            Some(Duration::from_secs(10))
        );
        assert_eq!(wait(&[date, ("retry-after", "soon")]), None);
    }
}
