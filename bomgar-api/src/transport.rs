//! How bytes reach the appliance.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

mod body;
mod reqwest;

pub use self::body::Body;

pub(crate) use self::reqwest::HttpOptions;
pub use self::reqwest::HttpTransport;

/// Sends one request and gives its answer.
///
/// An implementation adds nothing and repeats nothing: it follows no redirects, keeps no cookies,
/// does not unpack bodies, and closes the connection afterwards, as the request's `Connection`
/// header asks for. The client bounds the size of what is read and the time that all of it takes.
///
/// ```
/// use bomgar_api::transport::{Body, Transport, TransportError};
/// use bomgar_api::{Client, Credentials};
/// use bytes::Bytes;
/// use http::{Request, Response};
///
/// /// Answers everything itself.
/// #[derive(Debug)]
/// struct Canned;
///
/// #[async_trait::async_trait]
/// impl Transport for Canned {
///     async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
///         let text = match request.uri().path() {
///             "/oauth2/token" => r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#,
///             _ => "<api_information><api_version>1.22.2</api_version></api_information>",
///         };
///         Ok(Response::new(Body::from(text)))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bomgar_api::Error> {
/// let client = Client::builder("support.example.com", Credentials::oauth("id", "secret"))
///     .transport(Canned)
///     .build()?;
/// assert_eq!(client.api_info().await?.api_version, "1.22.2");
/// # Ok(())
/// # }
/// ```
#[async_trait::async_trait]
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Sends `request`, and gives the answer as soon as its head is there. An answer with any HTTP
    /// status is a success here.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError>;
}

/// What kind of failure a [`TransportError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection: the request certainly did not reach the appliance.
    Connect,
    /// No answer, or not all of it, in time.
    Timeout,
    /// Anything else; the request may have reached the appliance.
    Other,
}

/// Why a request got no answer.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Arc<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// A failure of this kind.
    pub fn new(
        kind: TransportErrorKind,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        TransportError {
            kind,
            source: Arc::from(source.into()),
        }
    }

    /// What kind of failure this is.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            TransportErrorKind::Connect => "no connection to the appliance",
            TransportErrorKind::Timeout => "the appliance did not answer in time",
            TransportErrorKind::Other => "the connection to the appliance failed",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
