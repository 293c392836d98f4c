//! What can go wrong, and what it means for a write.

pub(crate) mod server;

pub use server::ServerError;

use crate::entity::FieldProblem;
use crate::ops::Operation;
use http::StatusCode;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

/// Result of this crate's calls.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A call that failed.
///
/// The message names operation, entity and server, says what the server said, and what to do. It
/// holds no secrets, but it may hold texts of the server.
///
/// For a write the most important question is [`outcome`](Self::outcome).
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    detail: String,
    operation: Option<Operation>,
    entity: Option<String>,
    host: Option<String>,
    status: Option<StatusCode>,
    server_errors: Vec<ServerError>,
    problems: Vec<FieldProblem>,
    retry_after: Option<Duration>,
    transient: Option<bool>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// HTTP 401: wrong user name or password, or the tenant has moved to another zone.
    Unauthorized,
    /// No zone knows the user name.
    UnknownUser,
    /// The tracking identifier (integration code) is missing or wrong.
    IntegrationCode,
    /// HTTP 403.
    Forbidden,
    /// HTTP 429: too many calls. Also, without a status and before sending, a call that the client's
    /// `UsagePolicy` held back.
    RateLimited,
    /// More calls at the same time than the server allows for this integration and entity.
    ThreadLimit,
    /// ReturnCode -1: the server understood the call and refused it. See
    /// [`Error::server_errors`].
    Refused,
    /// A SOAP fault.
    Fault,
    /// The answer is HTML or something else that is not SOAP.
    NotSoap,
    /// The answer ends too early.
    Truncated,
    /// The answer is SOAP, but not the one that belongs to the call.
    Malformed,
    /// HTTP 3xx. Redirects are never followed, because they would repeat a write.
    Redirect,
    /// Another HTTP status without a SOAP answer.
    HttpStatus,
    /// No connection; nothing was sent.
    NotConnected,
    /// Time was up after the request was sent.
    Timeout,
    /// The caller's deadline passed before the request was sent; nothing was sent. See
    /// `Client::with_deadline`.
    DeadlinePassed,
    /// The connection broke before the answer was complete.
    Interrupted,
    /// The answer could not be received for another reason.
    Transport,
    /// Found before sending: fields of the entity are missing or too long. See
    /// [`Error::field_problems`].
    Validation,
    /// Found before sending: the query is not one that the server can answer.
    Query,
    /// More records match than the caller wants to take.
    TooManyRecords,
    /// Somebody changed the record since it was read. Nothing was sent.
    Conflict,
    /// A picklist has no such label, or several of it.
    Label,
    /// A look-up found nothing, an entity has no such field, or the record to be changed is not there
    /// or not for the API user to see.
    NotFound,
    /// A look-up found several records and does not choose between them.
    NotUnique,
    /// The client's settings do not fit together.
    Config,
}

/// What a failed write left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Certainly nothing was stored. The write may be sent again once its cause is gone.
    NotStored,
    /// Nobody can tell. Sending again may store it twice: look first whether it is there. The
    /// server may go on working on the call for up to 5 minutes.
    Ambiguous,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            detail: detail.into(),
            operation: None,
            entity: None,
            host: None,
            status: None,
            server_errors: Vec::new(),
            problems: Vec::new(),
            retry_after: None,
            transient: None,
            source: None,
        }))
    }

    pub(crate) fn with_call(mut self, operation: Operation, entity: Option<&str>) -> Self {
        self.0.operation = Some(operation);
        self.0.entity = entity.map(str::to_owned);
        self
    }

    pub(crate) fn with_host(mut self, host: &str) -> Self {
        self.0.host = Some(host.to_owned());
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_server_errors(mut self, errors: Vec<ServerError>) -> Self {
        self.0.server_errors = errors;
        self
    }

    pub(crate) fn with_problems(mut self, problems: Vec<FieldProblem>) -> Self {
        self.0.problems = problems;
        self
    }

    pub(crate) fn with_retry_after(mut self, wait: Option<Duration>) -> Self {
        self.0.retry_after = wait;
        self
    }

    /// Overrides what the kind says about trying again.
    pub(crate) fn transient(mut self, transient: bool) -> Self {
        self.0.transient = Some(transient);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// With what happened before as its source, unless it has one of its own.
    #[cfg(feature = "client")]
    pub(crate) fn with_source_if_none(mut self, earlier: Error) -> Self {
        if self.0.source.is_none() {
            self.0.source = Some(Box::new(earlier));
        }
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed; `None` if there was no call, as with wrong settings.
    ///
    /// It can be another one than you asked for: every first call looks the zone up before.
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// Wire name of the entity that the call was about.
    pub fn entity(&self) -> Option<&str> {
        self.0.entity.as_deref()
    }

    /// The server that was called.
    pub fn host(&self) -> Option<&str> {
        self.0.host.as_deref()
    }

    /// The HTTP status, if an answer came.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// What the server said, error by error, with the number of the record each is about. A fault
    /// gives one.
    pub fn server_errors(&self) -> &[ServerError] {
        &self.0.server_errors
    }

    /// What was found wrong before sending.
    pub fn field_problems(&self) -> &[FieldProblem] {
        &self.0.problems
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed later without anybody changing anything.
    ///
    /// This is about the failure, not about safety: before a write is sent again, see
    /// [`outcome`](Self::outcome).
    pub fn is_retryable(&self) -> bool {
        use ErrorKind as K;
        if let Some(transient) = self.0.transient {
            return transient;
        }
        match self.0.kind {
            K::RateLimited
            | K::ThreadLimit
            | K::Truncated
            | K::NotConnected
            | K::Timeout
            | K::DeadlinePassed
            | K::Conflict
            | K::Interrupted => true,
            K::NotSoap | K::HttpStatus => self
                .0
                .status
                .is_some_and(|status| status.is_success() || status.is_server_error()),
            _ => false,
        }
    }

    /// What a failed write left behind. A failure of a read, or before a write was sent, is
    /// [`Outcome::NotStored`].
    pub fn outcome(&self) -> Outcome {
        use ErrorKind as K;
        if !self.0.operation.is_some_and(Operation::writes) {
            return Outcome::NotStored;
        }
        match self.0.kind {
            K::Unauthorized
            | K::UnknownUser
            | K::IntegrationCode
            | K::Forbidden
            | K::RateLimited
            | K::ThreadLimit
            | K::Refused
            | K::NotConnected
            | K::DeadlinePassed
            | K::Validation
            | K::Query
            | K::TooManyRecords
            | K::Conflict
            | K::Label
            | K::NotFound
            | K::NotUnique
            | K::Config => Outcome::NotStored,
            K::Fault
            | K::NotSoap
            | K::Truncated
            | K::Malformed
            | K::Redirect
            | K::HttpStatus
            | K::Timeout
            | K::Interrupted
            | K::Transport => Outcome::Ambiguous,
        }
    }
}

impl ErrorKind {
    fn phrase(self) -> &'static str {
        match self {
            Self::Unauthorized => "the server refused the credentials (HTTP 401)",
            Self::UnknownUser => "no Autotask zone knows this user name",
            Self::IntegrationCode => "the server refused the integration code",
            Self::Forbidden => "the server forbade it (HTTP 403)",
            Self::RateLimited => "no more calls are taken for now",
            Self::ThreadLimit => "too many calls at the same time for this integration",
            Self::Refused => "the server refused it",
            Self::Fault => "the server answered with a SOAP fault",
            Self::NotSoap => "the answer is not SOAP",
            Self::Truncated => "the answer ends too early",
            Self::Malformed => "the answer cannot be understood",
            Self::Redirect => "the server redirects",
            Self::HttpStatus => "the server answered without SOAP",
            Self::NotConnected => "no connection",
            Self::Timeout => "no answer in time",
            Self::DeadlinePassed => "the deadline passed before it was sent",
            Self::Interrupted => "the connection broke before the answer was complete",
            Self::Transport => "the answer could not be received",
            Self::Validation => "fields are not as the server wants them",
            Self::Query => "the query cannot be asked",
            Self::TooManyRecords => "more records match than asked for",
            Self::Conflict => "the record was changed by somebody else since it was read",
            Self::Label => "the picklist does not have this label exactly once",
            Self::NotFound => "not found",
            Self::NotUnique => "found more than once",
            Self::Config => "the client's settings are wrong",
        }
    }

    fn advice(self) -> Option<&'static str> {
        Some(match self {
            Self::Unauthorized => {
                "Check the API user's name and password, and that the user is active and an API user."
            }
            Self::UnknownUser => "Check the spelling of the API user's full login.",
            Self::IntegrationCode => {
                "Check the tracking identifier on the API user's page in Autotask (Security tab)."
            }
            Self::Forbidden => "Check the API user's security level.",
            Self::RateLimited | Self::ThreadLimit => "Wait, then call less often.",
            Self::Conflict => "Read it again and decide whether your change still fits.",
            Self::Redirect => "Use the endpoint that the server names, if you trust it.",
            Self::NotConnected => "Check network, name resolution and certificates.",
            Self::NotFound => {
                "If it exists, check that the API user's security level lets it see it."
            }
            Self::NotUnique => "Name it more closely, or by its id.",
            Self::NotSoap | Self::HttpStatus => {
                "Check that the endpoint is ATWS and no proxy or maintenance page answers for it."
            }
            _ => return None,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(operation) = inner.operation {
            write!(f, "{operation}")?;
            if let Some(entity) = &inner.entity {
                write!(f, " of {entity}")?;
            }
            if let Some(host) = &inner.host {
                write!(f, " at {host}")?;
            }
            f.write_str(": ")?;
        }
        f.write_str(inner.kind.phrase())?;
        if !inner.detail.is_empty() {
            write!(f, ": {}", inner.detail)?;
        }
        if let Some(status) = inner
            .status
            .filter(|status| !status.is_success() && !matches!(status.as_u16(), 401 | 403))
        {
            write!(f, " (HTTP {})", status.as_u16())?;
        }
        write_list(f, &inner.server_errors)?;
        write_list(f, &inner.problems)?;
        if let Some(wait) = inner.retry_after {
            write!(f, "; the server asks to wait {} s", wait.as_secs())?;
        }
        if inner.operation.is_some_and(Operation::writes) {
            let deletes = inner.operation == Some(Operation::Delete);
            f.write_str(match self.outcome() {
                Outcome::NotStored if deletes => ". Nothing was deleted.",
                Outcome::Ambiguous if deletes => {
                    ". It may have been deleted nonetheless: look for it before you send it again."
                }
                Outcome::NotStored => ". Nothing was stored.",
                Outcome::Ambiguous => {
                    ". It may have been stored nonetheless: look for it before you send it again."
                }
            })?;
        } else if inner.kind.advice().is_some() {
            f.write_str(".")?;
        }
        if let Some(advice) = inner.kind.advice() {
            write!(f, " {advice}")?;
        }
        Ok(())
    }
}

/// The first ones of a list; all of them are for programs.
fn write_list(f: &mut fmt::Formatter<'_>, items: &[impl fmt::Display]) -> fmt::Result {
    const MOST: usize = 10;
    for (at, item) in items.iter().take(MOST).enumerate() {
        write!(f, "{} {item}", if at == 0 { ":" } else { ";" })?;
    }
    match items.len().checked_sub(MOST) {
        None | Some(0) => Ok(()),
        Some(more) => write!(f, "; and {more} more"),
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("message", &self.to_string())
            .field("status", &inner.status)
            .field("source", &inner.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
