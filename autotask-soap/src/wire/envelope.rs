//! SOAP 1.1 envelopes: how every request is wrapped, and how every answer is opened.

use super::cursor::{
    Cursor, Element, NO_DOCUMENT_TYPE, WireError, WireErrorKind, answer_namespace,
};
use super::fault::{Beginning, Fault, beginning, excerpt, kind_by_text};
use super::writer::Writer;
use crate::error::{Error, ErrorKind, Result, ServerError, server};
use crate::ops::{Context, Operation};
use crate::version::ApiVersion;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER};
use http::{HeaderValue, Request, Response, StatusCode};
use std::borrow::Cow;
use std::time::Duration;

/// Most bytes that are looked at of a body that is no answer.
const MAX_SAID: usize = 64 * 1024;

/// Wraps the operation's parameters, which `body` writes.
pub(crate) fn request(
    context: &Context<'_>,
    operation: Operation,
    body: impl FnOnce(&mut Writer),
) -> Result<Request<Bytes>> {
    let config = |detail: &str| Error::new(ErrorKind::Config, detail).with_call(operation, None);
    let namespace = context.version.namespace();
    let mut writer = Writer::document();
    writer.start(
        "soap:Envelope",
        &[
            ("xmlns:soap", "http://schemas.xmlsoap.org/soap/envelope/"),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xmlns:xsd", "http://www.w3.org/2001/XMLSchema"),
        ],
    );
    if operation.needs_credentials() {
        write_integration(&mut writer, context, namespace).map_err(|detail| config(&detail))?;
    }
    writer.start("soap:Body", &[]);
    writer.start(operation.name(), &[("xmlns", namespace)]);
    body(&mut writer);
    let mut request = Request::post(context.endpoint.as_str())
        .header(CONTENT_TYPE, "text/xml; charset=utf-8")
        .header("SOAPAction", format!("\"{namespace}{}\"", operation.name()))
        .body(Bytes::from(writer.finish()))
        .map_err(|error| config("the endpoint is no legal address").with_source(error))?;
    if operation.needs_credentials() {
        let basic = context
            .credentials
            .basic()
            .map_err(|error| config("the credentials are no legal header").with_source(error))?;
        request.headers_mut().insert(AUTHORIZATION, basic);
    }
    Ok(request)
}

fn write_integration(
    writer: &mut Writer,
    context: &Context<'_>,
    namespace: &str,
) -> Result<(), String> {
    let code = context.credentials.integration_code().trim();
    if code.is_empty() && context.version.needs_integration_code() {
        return Err("ATWS 1.6 needs an integration code (tracking identifier)".to_owned());
    }
    if context.impersonate.is_some() && !context.version.has_impersonation() {
        return Err("ATWS 1.5 cannot impersonate; use 1.6".to_owned());
    }
    if let Some(id) = context.impersonate {
        // The header holds a whole number of 32 bits.
        if id <= 0 || i32::try_from(id).is_err() {
            return Err(format!("{id} is no id of a resource to act as"));
        }
    }
    if code.is_empty() {
        return Ok(());
    }
    writer.start("soap:Header", &[]);
    writer.start("AutotaskIntegrations", &[("xmlns", namespace)]);
    writer.element("IntegrationCode", code);
    if let Some(resource) = context.impersonate {
        writer.element("ImpersonateAsResourceID", &resource.to_string());
    }
    writer.end();
    writer.end();
    Ok(())
}

/// Opens an answer and has `read` read the operation's result element, which is `None` if the server
/// sent none. Everything that is not the answer of this operation becomes an error.
pub(crate) fn open<T>(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: Option<&str>,
    read: impl FnOnce(&mut Cursor<'_>, Option<&Element<'_>>) -> Result<T, WireError>,
) -> Result<T> {
    inner_open(response, context, operation, read)
        .map_err(|error| place(error, response, context, operation, entity))
}

/// The same for an operation that answers with an `ATWSResponse`, and for its verdict.
pub(crate) fn open_atws<T>(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: Option<&str>,
    read_results: impl FnOnce(&mut Cursor<'_>, &Element<'_>) -> Result<T, WireError>,
) -> Result<AtwsResponse<T>> {
    open_write(response, context, operation, entity, 0, read_results)
}

/// The same for a call with this many records, which the server's errors can name.
pub(crate) fn open_write<T>(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: Option<&str>,
    records: usize,
    read_results: impl FnOnce(&mut Cursor<'_>, &Element<'_>) -> Result<T, WireError>,
) -> Result<AtwsResponse<T>> {
    open(response, context, operation, entity, |cursor, result| {
        AtwsResponse::read(cursor, result, read_results)
    })?
    .judge(context, operation, records)
    .map_err(|error| place(error, response, context, operation, entity))
}

/// The same for an operation whose result is a list of elements with this name. By the schema such a
/// result has no verdict; a server that refuses the call puts one there nonetheless.
pub(crate) fn open_list<T>(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: Option<&str>,
    name: &str,
    read_item: impl Fn(&mut Cursor<'_>, &Element<'_>) -> Result<T, WireError>,
) -> Result<Vec<T>> {
    let mut items = Vec::new();
    let answer = open(response, context, operation, entity, |cursor, result| {
        let mut answer = AtwsResponse::<()>::default();
        let Some(result) = result else {
            return Ok(answer);
        };
        while let Some(child) = cursor.next_child(result)? {
            if child.name() == name {
                if !child.is_nil() {
                    items.push(read_item(cursor, &child)?);
                }
            } else {
                answer.read_verdict(cursor, &child)?;
            }
        }
        Ok(answer)
    })?;
    if answer.return_code.is_some() || !answer.errors.is_empty() {
        answer
            .judge(context, operation, 0)
            .map_err(|error| place(error, response, context, operation, entity))?;
    }
    Ok(items)
}

/// The same for an operation whose result is a text; empty if the server sent none.
pub(crate) fn open_text(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: Option<&str>,
) -> Result<String> {
    let text = open(response, context, operation, entity, |cursor, result| {
        result.map_or_else(|| Ok(String::new()), |result| cursor.text(result))
    })?;
    if text.trim().is_empty() {
        refuse_verdict(response, context, operation, entity)?;
    }
    Ok(text)
}

/// Fails if a verdict stands in place of a result that has none by the schema.
pub(crate) fn refuse_verdict(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: Option<&str>,
) -> Result<()> {
    open_list(response, context, operation, entity, "", |_, _| Ok(())).map(drop)
}

/// Says in the error which call it is about.
pub(crate) fn place(
    error: Error,
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    entity: Option<&str>,
) -> Error {
    let host = context.endpoint.host_str().unwrap_or_default();
    error
        .with_call(operation, entity)
        .with_host(host)
        .with_status(response.status())
}

fn inner_open<T>(
    response: &Response<Bytes>,
    context: &Context<'_>,
    operation: Operation,
    read: impl FnOnce(&mut Cursor<'_>, Option<&Element<'_>>) -> Result<T, WireError>,
) -> Result<T> {
    let status = response.status();
    let wait = retry_after(response.headers());
    // Once for all of a body that may be large.
    let text = std::str::from_utf8(response.body());
    let lossy = match text {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(response.body()),
    };
    let start = || context.credentials.scrub_start(&lossy, MAX_SAID);
    match status {
        StatusCode::UNAUTHORIZED => return Err(Error::new(ErrorKind::Unauthorized, "")),
        StatusCode::FORBIDDEN => {
            return Err(Error::new(ErrorKind::Forbidden, excerpt(&start())));
        }
        StatusCode::TOO_MANY_REQUESTS => {
            let start = start();
            let kind = kind_by_text(&start)
                .filter(|kind| *kind == ErrorKind::ThreadLimit)
                .unwrap_or(ErrorKind::RateLimited);
            return Err(Error::new(kind, excerpt(&start)).with_retry_after(wait));
        }
        _ if status.is_redirection() => {
            let to = response
                .headers()
                .get(LOCATION)
                .and_then(|location| location.to_str().ok())
                .map_or_else(
                    || "without saying where to".to_owned(),
                    |location| context.credentials.scrub(&redirect_target(location)),
                );
            return Err(Error::new(ErrorKind::Redirect, to));
        }
        _ => {}
    }
    let beginning = beginning(&lossy);
    match beginning {
        Beginning::Element("Envelope") => {}
        Beginning::DocumentType if status.is_success() => {
            return Err(Error::new(ErrorKind::Malformed, NO_DOCUMENT_TYPE));
        }
        Beginning::Unfinished if status.is_success() => {
            return Err(Error::new(
                ErrorKind::Truncated,
                "the document ends before its first element",
            ));
        }
        _ => {
            let start = start();
            // A thread refusal can come as plain text, and is a clear one; a gateway's page, which
            // may repeat what was sent, is none.
            let is_gateway = matches!(status.as_u16(), 502 | 504);
            if let Some(ErrorKind::ThreadLimit) = kind_by_text(&start).filter(|_| !is_gateway) {
                let error = Error::new(ErrorKind::ThreadLimit, excerpt(&start));
                return Err(error.with_retry_after(wait));
            }
            let html = matches!(beginning, Beginning::Element(_));
            let kind = if html || status.is_success() {
                ErrorKind::NotSoap
            } else {
                ErrorKind::HttpStatus
            };
            let said = excerpt(&start);
            let detail = match (response.body().is_empty(), said.is_empty()) {
                (true, _) => "the body is empty".to_owned(),
                (false, true) => "the body has no text".to_owned(),
                (false, false) => format!("it begins '{said}'"),
            };
            return Err(Error::new(kind, detail).with_retry_after(wait));
        }
    }
    let text = text.map_err(|error| {
        let kind = if error.error_len().is_none() {
            ErrorKind::Truncated
        } else {
            ErrorKind::Malformed
        };
        Error::new(kind, "the body is not UTF-8").with_source(error)
    })?;
    match read_envelope(text, operation, read).map_err(unreadable)? {
        Body::Answer(_) if !status.is_success() => Err(Error::new(
            ErrorKind::HttpStatus,
            "the body is an ordinary answer nonetheless",
        )),
        Body::Answer(answer) => Ok(answer),
        Body::Fault(fault) => Err(fault_error(&fault, context).with_retry_after(wait)),
    }
}

enum Body<T> {
    Answer(T),
    Fault(Fault),
}

fn read_envelope<T>(
    text: &str,
    operation: Operation,
    read: impl FnOnce(&mut Cursor<'_>, Option<&Element<'_>>) -> Result<T, WireError>,
) -> Result<Body<T>, WireError> {
    let mut cursor = Cursor::new(text);
    let envelope = cursor.root()?;
    let missing =
        |cursor: &Cursor<'_>, what: &str| Err(WireError::unexpected(what, cursor.position()));
    let Some(body) = cursor.find_child(&envelope, "Body")? else {
        return missing(&cursor, "the envelope has no Body");
    };
    let Some(answer) = cursor.next_child(&body)? else {
        return missing(&cursor, "the Body is empty");
    };
    let result = if answer.name() == "Fault" {
        Body::Fault(Fault::read(&mut cursor, &answer)?)
    } else if answer.name().strip_suffix("Response") == Some(operation.name()) {
        let wanted = format!("{}Result", operation.name());
        let result = cursor
            .find_child(&answer, &wanted)?
            .filter(|result| !result.is_nil());
        Body::Answer(read(&mut cursor, result.as_ref())?)
    } else {
        let detail = format!(
            "expected {}Response, found {}",
            operation.name(),
            answer.name().chars().take(60).collect::<String>()
        );
        return missing(&cursor, &detail);
    };
    // An answer that is cut off after the part of interest is not a whole answer.
    cursor.finish()?;
    if let (Body::Answer(_), Some(namespace)) = (&result, answer_namespace(text)) {
        // Which of the two versions answers does not matter.
        let known = [ApiVersion::V1_6, ApiVersion::V1_5]
            .map(ApiVersion::namespace)
            .contains(&&*namespace);
        if !known {
            let detail = format!(
                "the answer is of the namespace '{}', not of Autotask's",
                namespace.chars().take(60).collect::<String>()
            );
            return Err(WireError::unexpected(detail, 0));
        }
    }
    Ok(result)
}

pub(crate) fn unreadable(error: WireError) -> Error {
    let kind = match error.kind {
        WireErrorKind::Truncated => ErrorKind::Truncated,
        WireErrorKind::Malformed | WireErrorKind::TooDeep | WireErrorKind::Unexpected => {
            ErrorKind::Malformed
        }
    };
    Error::new(kind, error.to_string()).with_source(error)
}

fn fault_error(fault: &Fault, context: &Context<'_>) -> Error {
    let text = context.credentials.scrub_start(&fault.text, MAX_SAID);
    let kind = kind_by_text(&text).unwrap_or(ErrorKind::Fault);
    let text = shorten(&text);
    let error = Error::new(
        kind,
        if text.is_empty() {
            "without saying why"
        } else {
            ""
        },
    );
    let error = if text.is_empty() {
        error
    } else {
        error.with_server_errors(vec![ServerError {
            record: None,
            message: text,
        }])
    };
    if kind == ErrorKind::Fault {
        error.transient(!fault.blames_request())
    } else {
        error
    }
}

fn shorten(text: &str) -> String {
    const MOST: usize = 1000;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Without query, fragment and user, which may hold tokens.
fn redirect_target(location: &str) -> String {
    let end = location.find(['?', '#']).unwrap_or(location.len());
    let location = location.get(..end).unwrap_or_default();
    let mut target = String::from("to ");
    let rest = match location.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => {
            target.extend(scheme.chars().take(20).chain("//".chars()));
            let end = rest.find('/').unwrap_or(rest.len());
            let user = rest.get(..end).and_then(|host| host.rfind('@'));
            user.and_then(|at| rest.get(at + 1..)).unwrap_or(rest)
        }
        _ => location,
    };
    target.extend(rest.chars().take(200));
    target
}

/// Seconds, or a date relative to the server's own clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |value: &HeaderValue| value.to_str().ok().map(|text| text.trim().to_owned());
    let wait = headers.get(RETRY_AFTER).and_then(text)?;
    if let Ok(seconds) = wait.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let parse = |text: &str| {
        jiff::fmt::rfc2822::parse(text)
            .ok()
            .map(|at| at.timestamp())
    };
    let now = headers.get(DATE).and_then(text)?;
    let seconds = parse(&wait)?.duration_since(parse(&now)?).as_secs();
    u64::try_from(seconds).ok().map(Duration::from_secs)
}

/// The `ATWSResponse` of `query`, `create` and others, before it is judged.
#[derive(Debug)]
pub(crate) struct AtwsResponse<T> {
    pub(crate) return_code: Option<i64>,
    pub(crate) results: Option<T>,
    pub(crate) errors: Vec<String>,
    pub(crate) infos: Vec<ReturnInfo>,
}

/// An `EntityReturnInfo`, as far as it can be trusted.
#[derive(Debug, Default)]
pub(crate) struct ReturnInfo {
    pub(crate) entity_id: Option<i64>,
    pub(crate) message: String,
}

impl<T> Default for AtwsResponse<T> {
    fn default() -> Self {
        Self {
            return_code: None,
            results: None,
            errors: Vec::new(),
            infos: Vec::new(),
        }
    }
}

impl<T> AtwsResponse<T> {
    pub(crate) fn read(
        cursor: &mut Cursor<'_>,
        result: Option<&Element<'_>>,
        read_results: impl FnOnce(&mut Cursor<'_>, &Element<'_>) -> Result<T, WireError>,
    ) -> Result<Self, WireError> {
        let mut read_results = Some(read_results);
        let mut answer = Self::default();
        let Some(result) = result else {
            return Ok(answer);
        };
        while let Some(child) = cursor.next_child(result)? {
            match child.name() {
                "EntityResults" => match read_results.take() {
                    Some(read_results) => answer.results = Some(read_results(cursor, &child)?),
                    // Nothing that the server sent gets lost silently.
                    None => {
                        let detail = "the answer has EntityResults twice";
                        return Err(WireError::unexpected(detail, cursor.position()));
                    }
                },
                "EntityReturnInfoResults" => answer.infos.extend(read_infos(cursor, &child)?),
                _ => answer.read_verdict(cursor, &child)?,
            }
        }
        Ok(answer)
    }

    /// Reads the child of a result if it is `ReturnCode` or `Errors`.
    pub(crate) fn read_verdict(
        &mut self,
        cursor: &mut Cursor<'_>,
        child: &Element<'_>,
    ) -> Result<(), WireError> {
        match child.name() {
            "ReturnCode" => self.return_code = cursor.text(child)?.trim().parse().ok(),
            "Errors" => read_errors(cursor, child, &mut self.errors)?,
            _ => {}
        }
        Ok(())
    }

    /// An error unless the server says that it did what was asked.
    ///
    /// A read that succeeds and nevertheless reports errors fails: its records may be incomplete,
    /// and nobody must take that for "not found".
    pub(crate) fn judge(
        self,
        context: &Context<'_>,
        operation: Operation,
        records: usize,
    ) -> Result<Self> {
        let refused = self.return_code == Some(-1)
            || (self.return_code == Some(1) && !self.errors.is_empty() && !operation.writes());
        if self.return_code == Some(1) && !refused {
            return Ok(self);
        }
        let errors = server_errors(self.errors, context, records);
        if !refused {
            let detail = match self.return_code {
                Some(code) => {
                    format!("the answer has ReturnCode {code}, which has no known meaning")
                }
                None => "the answer has no ReturnCode".to_owned(),
            };
            return Err(Error::new(ErrorKind::Malformed, detail).with_server_errors(errors));
        }
        let kind = errors
            .iter()
            .find_map(|error| kind_by_text(&error.message))
            .unwrap_or(ErrorKind::Refused);
        let detail = if errors.is_empty() {
            "without saying why"
        } else {
            ""
        };
        Err(Error::new(kind, detail).with_server_errors(errors))
    }
}

/// Brings texts and record numbers together, then shortens the texts: the numbers stand at their ends.
pub(crate) fn server_errors(
    texts: Vec<String>,
    context: &Context<'_>,
    records: usize,
) -> Vec<ServerError> {
    let mut errors = server::pair(texts, records);
    for error in &mut errors {
        error.message = say(&error.message, context);
    }
    errors
}

/// A text of the server as an error tells it: short and without secrets.
fn say(text: &str, context: &Context<'_>) -> String {
    shorten(&context.credentials.scrub_start(text, MAX_SAID))
}

/// Adds the server's errors, up to a number that no honest answer has.
fn read_errors(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    errors: &mut Vec<String>,
) -> Result<(), WireError> {
    const MOST: usize = 2000;
    while let Some(error) = cursor.next_child(element)? {
        let mut text = String::new();
        while let Some(part) = cursor.next_child(&error)? {
            if part.name() == "Message" {
                text = cursor.text(&part)?;
            }
        }
        if !text.trim().is_empty() && errors.len() < MOST {
            errors.push(text);
        }
    }
    Ok(())
}

fn read_infos(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> Result<Vec<ReturnInfo>, WireError> {
    let mut infos = Vec::new();
    while let Some(info) = cursor.next_child(element)? {
        let mut read = ReturnInfo::default();
        while let Some(part) = cursor.next_child(&info)? {
            match part.name() {
                "EntityId" => read.entity_id = cursor.text(&part)?.trim().parse().ok(),
                "Message" => read.message = cursor.text(&part)?,
                _ => {}
            }
        }
        infos.push(read);
    }
    Ok(infos)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_in_both_forms() {
        let wait = |pairs: &[(http::HeaderName, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(name, HeaderValue::from_static(value));
            }
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        assert_eq!(wait(&[(RETRY_AFTER, "17")]), Some(17));
        assert_eq!(wait(&[(RETRY_AFTER, "soon")]), None);
        assert_eq!(wait(&[]), None);
        assert_eq!(
            wait(&[
                (DATE, "Tue, 24 Nov 2026 10:00:00 GMT"),
                (RETRY_AFTER, "Tue, 24 Nov 2026 10:01:30 GMT"),
            ]),
            Some(90)
        );
        assert_eq!(
            wait(&[
                (DATE, "Tue, 24 Nov 2026 10:00:00 GMT"),
                (RETRY_AFTER, "Tue, 24 Nov 2026 09:00:00 GMT"),
            ]),
            None
        );
    }

    #[test]
    fn redirects_are_named_without_tokens() {
        assert_eq!(
            redirect_target("https://x.example/a?token=1#b"),
            "to https://x.example/a"
        );
        assert_eq!(
            redirect_target("https://user:pass@x.example/a@b?c"),
            "to https://x.example/a@b"
        );
        assert_eq!(redirect_target("/a//b@c"), "to /a//b@c");
    }
}
