//! Moving bytes to the server and back.
//!
//! [`Transport`] has one method. The default implementation, `HttpTransport`, comes with the
//! feature `client`; plug in your own for a proxy of your own, for recording, or for tests.

use async_trait::async_trait;
use bytes::Bytes;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

#[cfg(feature = "client")]
mod http1;
#[cfg(feature = "client")]
pub use http1::{HttpOptions, HttpTransport};

/// Sends one request and gives the answer, whatever its status.
///
/// Rules for implementations, on which the safety of writes rests:
///
/// * Send the request at most once: no retries, no redirects followed.
/// * Give [`Phase::NotConnected`] only if the server cannot have seen any byte of the request.
/// * Give up after the time in the request's extension [`RequestTimeout`], if there is one.
/// * Never log the `Authorization` header (it is marked sensitive) or the body, which holds the
///   integration code and customers' texts.
///
/// ```
/// use autotask_soap::transport::{Transport, TransportError};
/// use bytes::Bytes;
///
/// struct Maintenance;
///
/// #[async_trait::async_trait]
/// impl Transport for Maintenance {
///     async fn send(
///         &self,
///         _request: http::Request<Bytes>,
///     ) -> Result<http::Response<Bytes>, TransportError> {
///         Ok(http::Response::new(Bytes::from_static(b"<html>back at noon</html>")))
///     }
/// }
/// ```
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends one request.
    ///
    /// # Errors
    ///
    /// When no complete answer came; the error says how far things got.
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError>;
}

/// Extension of a request: how long it may take, from connecting to the last byte of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTimeout(pub Duration);

/// How far a request got that has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// Nothing was sent: name not found, connection refused, TLS failed.
    NotConnected,
    /// Time was up. The server may have received the request, and may still be working on it.
    Timeout,
    /// The connection broke after something may have been sent; the answer is lost.
    Interrupted,
    /// Something else, for instance an answer beyond the size limit. The request was sent.
    Other,
}

/// A request without a complete answer.
pub struct TransportError {
    phase: Phase,
    source: Box<dyn StdError + Send + Sync>,
}

impl TransportError {
    /// An error of this phase with its cause.
    pub fn new(phase: Phase, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            phase,
            source: source.into(),
        }
    }

    /// How far the request got.
    pub fn phase(&self) -> Phase {
        self.phase
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportError")
            .field("phase", &self.phase)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.phase {
            Phase::NotConnected => "no connection; nothing was sent",
            Phase::Timeout => "time was up before the answer was complete",
            Phase::Interrupted => "the connection broke before the answer was complete",
            Phase::Other => "the answer could not be received",
        })
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}
