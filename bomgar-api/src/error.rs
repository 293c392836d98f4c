//! The crate's one error type.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// Result with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The appliance did not accept the token, or the user name and password.
    Unauthorized,
    /// The account lacks the permission for this call.
    Forbidden,
    /// The OAuth client ID or secret is wrong.
    InvalidClient,
    /// The appliance answered with an `<error>` element, or with an error in JSON where a file was
    /// asked for; see [`Error::server_text`].
    Api,
    /// Too many requests; see [`Error::retry_after`].
    RateLimited,
    /// Another HTTP status than 200; see [`Error::status`].
    HttpStatus,
    /// The answer is something else than what was asked for: HTML of a proxy where XML belongs,
    /// XML where a recording belongs, JSON, compressed data.
    WrongContent,
    /// The answer ends too early.
    Truncated,
    /// The answer is XML, or a file, that cannot be understood.
    Malformed,
    /// The answer is larger than the configured limit.
    TooLarge,
    /// The network failed: no connection, TLS refused, connection lost.
    Transport,
    /// No answer in time.
    Timeout,
    /// The client is configured in a way that cannot work.
    Config,
    /// A file or other input or output of the caller failed.
    Io,
    /// The request breaks a documented limit and was not sent.
    InvalidRequest,
}

/// How many characters of an appliance's error text are kept; known ones have less than a hundred.
const SERVER_TEXT: usize = 4096;

/// A failure, with what is known about it.
///
/// The text says what failed, for which session, what the appliance said and what to do. It never
/// contains secrets or the document that was received; the latter is in [`Error::raw_body`].
///
/// ```
/// use bomgar_api::command::TerminateSession;
/// use bomgar_api::{Call, ErrorKind};
///
/// let call = TerminateSession::new("0123456789abcdef0123456789abcdef");
/// let answer = http::Response::new("<error>Invalid lsid.</error>".into());
/// let error = call.decode_response(&answer).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Api);
/// assert_eq!(error.server_text(), Some("Invalid lsid."));
/// assert_eq!(error.session(), Some("0123456789abcdef0123456789abcdef"));
/// assert!(!error.is_retryable());
/// assert_eq!(
///     error.to_string(),
///     "terminate_session for session 0123456789abcdef0123456789abcdef: the appliance refused the \
///      request, saying \"Invalid lsid.\"",
/// );
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<String>,
    session: Option<String>,
    server_text: Option<String>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    raw_body: Option<Bytes>,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner {
            kind,
            message: message.into(),
            operation: None,
            session: None,
            server_text: None,
            status: None,
            retry_after: None,
            raw_body: None,
            source: None,
        }))
    }

    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Error::new(ErrorKind::InvalidRequest, message)
    }

    /// The error that an `<error>` element stands for.
    pub(crate) fn api(text: &str) -> Self {
        let text = text.trim();
        // The appliance has no codes; a refused log-in is known by its fixed text.
        let kind = match text.trim_end_matches('.') {
            "Login failed" | "Invalid credentials" => ErrorKind::Unauthorized,
            _ => ErrorKind::Api,
        };
        let mut error = Error::new(kind, "the appliance refused the request");
        let end = text.char_indices().nth(SERVER_TEXT).map(|(end, _)| end);
        error.0.server_text = Some(text[..end.unwrap_or(text.len())].to_owned());
        error
    }

    pub(crate) fn with_operation(mut self, operation: &str) -> Self {
        self.0.operation.get_or_insert_with(|| operation.to_owned());
        self
    }

    /// Replaces the operation's name, for operations that have two.
    pub(crate) fn rename_operation(mut self, operation: &str) -> Self {
        self.0.operation = Some(operation.to_owned());
        self
    }

    pub(crate) fn with_session(mut self, session: Option<&str>) -> Self {
        if self.0.session.is_none() {
            self.0.session = session.map(str::to_owned);
        }
        self
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_server_text(mut self, text: Option<String>) -> Self {
        self.0.server_text = text;
        self
    }

    pub(crate) fn with_raw_body(mut self, body: &[u8]) -> Self {
        self.0.raw_body = Some(Bytes::copy_from_slice(body));
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    #[cfg_attr(not(feature = "client"), allow(dead_code))] // only answers over HTTP carry it
    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    #[cfg_attr(not(feature = "client"), allow(dead_code))] // only token answers are secret
    pub(crate) fn without_raw_body(mut self) -> Self {
        self.0.raw_body = None;
        self
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The action or report that failed, by its name on the wire.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The session the failed call was about.
    pub fn session(&self) -> Option<&str> {
        self.0.session.as_deref()
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// What the appliance said, in its own language.
    pub fn server_text(&self) -> Option<&str> {
        self.0.server_text.as_deref()
    }

    /// How long the appliance asks to wait before the next request.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The document that could not be understood, as received. It may contain what customers wrote
    /// and signed URLs; treat it accordingly.
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.0.raw_body.as_deref()
    }

    /// Whether the same read may succeed a little later without anybody changing anything.
    ///
    /// For a call that changes something this says nothing about whether it took effect.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::RateLimited
            | ErrorKind::Transport
            | ErrorKind::Timeout
            | ErrorKind::Truncated
            | ErrorKind::WrongContent => true,
            ErrorKind::HttpStatus => matches!(self.status(), Some(408 | 425 | 500..=599)),
            _ => false,
        }
    }

    fn hint(&self) -> &'static str {
        match self.kind() {
            ErrorKind::Unauthorized => {
                "check that the API account or user is enabled and its password right"
            }
            ErrorKind::Forbidden => {
                "give the API account the permission for this call in /login > Management > API Configuration"
            }
            ErrorKind::InvalidClient => {
                "check the OAuth client ID and client secret of the API account"
            }
            ErrorKind::RateLimited => "send fewer requests and wait before the next",
            ErrorKind::WrongContent => {
                "check the host name and that the XML API is enabled; a proxy may have answered instead"
            }
            ErrorKind::Truncated => "ask again",
            ErrorKind::TooLarge => "ask for a smaller window or raise the limit",
            _ => "",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}")?;
            if let Some(session) = self.session() {
                write!(f, " for session {session}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(status) = self.status() {
            write!(f, " (HTTP status {status})")?;
        }
        if let Some(text) = self.server_text().filter(|text| !text.is_empty()) {
            write!(f, ", saying \"{}\"", shorten(text, 300))?;
        }
        match self.hint() {
            "" => Ok(()),
            hint => write!(f, "; {hint}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The raw body is left out: it is customers' text and may be megabytes.
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("session", &self.0.session)
            .field("message", &self.0.message)
            .field("server_text", &self.0.server_text)
            .field("status", &self.0.status)
            .field("retry_after", &self.0.retry_after)
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// The text on one line and of limited length, for messages.
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(limit) {
        words.truncate(end);
        words.push('…');
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_failed_where_and_what_to_do_but_not_the_document() {
        let error = Error::new(ErrorKind::Truncated, "the answer ends inside <event>")
            .with_operation("SupportSession")
            .with_session(Some("0123456789abcdef0123456789abcdef"))
            .with_raw_body(b"<session_list>secret chat");
        let text = error.to_string();
        assert_eq!(
            text,
            "SupportSession for session 0123456789abcdef0123456789abcdef: \
             the answer ends inside <event>; ask again"
        );
        assert!(!format!("{error:?}").contains("secret chat"));
        assert_eq!(error.raw_body(), Some(&b"<session_list>secret chat"[..]));
        assert!(error.is_retryable());
    }

    #[test]
    fn a_refused_login_is_not_just_any_text() {
        assert_eq!(Error::api("Login failed").kind(), ErrorKind::Unauthorized);
        assert_eq!(Error::api("\n Invalid lsid.\n").kind(), ErrorKind::Api);
        assert_eq!(
            Error::api("\n Invalid lsid.\n").server_text(),
            Some("Invalid lsid.")
        );
    }

    #[test]
    fn only_server_side_statuses_are_retryable() {
        let with = |status| Error::new(ErrorKind::HttpStatus, "x").with_status(status);
        assert!(with(503).is_retryable());
        assert!(!with(404).is_retryable());
        assert!(!with(302).is_retryable());
    }
}
