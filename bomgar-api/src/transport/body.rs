//! The body of an answer, as it arrives.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use super::TransportError;

/// The body of an answer, in pieces as they arrive.
///
/// ```
/// use bomgar_api::transport::Body;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), bomgar_api::transport::TransportError> {
/// let mut body = Body::from("<success>Done</success>");
/// assert_eq!(body.chunk().await?.as_deref(), Some(&b"<success>Done</success>"[..]));
/// assert_eq!(body.chunk().await?, None);
/// # Ok(())
/// # }
/// ```
pub struct Body {
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>,
    length: Option<u64>,
}

impl Body {
    /// A body that yields what `chunks` yields.
    pub fn from_stream(
        chunks: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static,
    ) -> Self {
        Body {
            chunks: Box::pin(chunks),
            length: None,
        }
    }

    /// States how many bytes are announced, as `Content-Length` does. Appliances rarely do.
    #[must_use]
    pub fn with_length(mut self, length: Option<u64>) -> Self {
        self.length = length;
        self
    }

    /// How many bytes were announced.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// When the connection fails before the end.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        std::future::poll_fn(|context| self.chunks.as_mut().poll_next(context))
            .await
            .transpose()
    }
}

impl Stream for Body {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.as_mut().poll_next(context)
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Self {
        let bytes = bytes.into();
        let length = bytes.len() as u64;
        Body::from_stream(Whole(Some(bytes).filter(|bytes| !bytes.is_empty())))
            .with_length(Some(length))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// A body that is there already.
struct Whole(Option<Bytes>);

impl Stream for Whole {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(Ok))
    }
}
