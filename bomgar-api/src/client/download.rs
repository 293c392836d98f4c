//! The body of an answer as it arrives.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{Response, header};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::exchange::{Answer, Failure};
use crate::call::{Call, check_status};
use crate::error::{Error, ErrorKind, Result};
use crate::sniff::{BodyKind, HEAD};

/// The body of an answer as it arrives: a recording, an archive, a report of any size.
///
/// Memory holds one piece at a time. The time for all of it is limited by
/// [`ClientBuilder::stream_timeout`](crate::ClientBuilder::stream_timeout), the time without any
/// byte by [`ClientBuilder::read_timeout`](crate::ClientBuilder::read_timeout), and its size by
/// [`max_bytes`](Download::max_bytes).
///
/// It is also a [`Stream`] of its pieces.
pub struct Download {
    /// What was read ahead to see what the body is.
    ahead: VecDeque<Bytes>,
    answer: Option<Answer>,
    /// Why the body did not come to its end.
    failure: Option<Error>,
    kind: BodyKind,
    /// Whether what was read ahead is all there is.
    is_short: bool,
    content_type: Option<String>,
    content_length: Option<u64>,
    delivered: u64,
    operation: String,
    session: Option<String>,
}

impl Download {
    /// Checks the status and looks at the beginning of the body.
    pub(super) async fn begin<C: Call>(mut answer: Answer, call: &C) -> Result<Self, Failure> {
        if !answer.is_ok() {
            let response = answer.whole().await.map_err(Failure::unclear)?;
            return Err(match check_status(&response) {
                Err(error) => Failure::answered(error),
                Ok(()) => Failure::unclear(Error::new(ErrorKind::HttpStatus, "no status")),
            });
        }
        let mut ahead = VecDeque::new();
        let mut head = BytesMut::new();
        let mut is_short = false;
        while head.len() < HEAD {
            match answer.chunk().await.map_err(Failure::unclear)? {
                Some(chunk) => {
                    head.extend_from_slice(&chunk[..chunk.len().min(HEAD)]);
                    ahead.push_back(chunk);
                }
                None => {
                    is_short = true;
                    break;
                }
            }
        }
        let mut download = Download::new(&answer.head, call);
        download.kind = BodyKind::of(&head);
        download.is_short = is_short;
        download.content_length = answer.length();
        download.ahead = ahead;
        // What has ended is not asked again.
        download.answer = (!is_short).then_some(answer);
        Ok(download)
    }

    fn new<C: Call>(head: &Response<()>, call: &C) -> Self {
        let content_type = head.headers().get(header::CONTENT_TYPE);
        Download {
            ahead: VecDeque::new(),
            answer: None,
            failure: None,
            kind: BodyKind::Empty,
            is_short: false,
            content_type: content_type
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            content_length: None,
            delivered: 0,
            operation: call.operation().to_owned(),
            session: call.session().map(str::to_owned),
        }
    }

    /// Whether the body is of a kind in which appliances and proxies report errors, or as short as
    /// errors are.
    pub(super) fn may_be_error(&self) -> bool {
        self.is_short
            || matches!(
                self.kind,
                BodyKind::Xml | BodyKind::Html | BodyKind::Json | BodyKind::Empty
            )
    }

    /// The `Content-Type` of the answer.
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// How many bytes are announced. Appliances rarely announce any.
    pub fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// How many bytes were given out so far.
    pub fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Lowers or raises the number of bytes that are read in all. The default is
    /// [`ClientBuilder::max_stream_bytes`](crate::ClientBuilder::max_stream_bytes).
    #[must_use]
    pub fn max_bytes(mut self, max_bytes: u64) -> Self {
        if let Some(answer) = &mut self.answer {
            answer.set_max_bytes(max_bytes);
        }
        self
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Transport`] when the connection fails before the end, [`ErrorKind::Timeout`],
    /// and [`ErrorKind::TooLarge`] when the limit is reached. Asking again gives the same error,
    /// so that a part is never taken for the whole.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await
    }

    fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        let next = match (self.ahead.pop_front(), &mut self.answer) {
            (Some(chunk), _) => Poll::Ready(Ok(Some(chunk))),
            (None, Some(answer)) => answer.poll_chunk(context),
            (None, None) => match &self.failure {
                Some(error) => return Poll::Ready(Err(error.clone())),
                None => Poll::Ready(Ok(None)),
            },
        };
        match next {
            Poll::Ready(Ok(Some(chunk))) => {
                self.delivered += chunk.len() as u64;
                Poll::Ready(Ok(Some(chunk)))
            }
            Poll::Ready(Err(error)) => {
                let error = self.locate(error);
                self.answer = None;
                self.failure = Some(error.clone());
                Poll::Ready(Err(error))
            }
            Poll::Ready(Ok(None)) => {
                self.answer = None;
                Poll::Ready(Ok(None))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    pub(super) fn locate(&self, error: Error) -> Error {
        error
            .with_operation(&self.operation)
            .with_session(self.session.as_deref())
    }

    /// Reads all that is left into memory.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Download::chunk).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut all = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            all.extend_from_slice(&chunk);
        }
        Ok(all.freeze())
    }

    /// The beginning of the body: at least so many bytes, or all of it. They are still delivered
    /// afterwards.
    pub(super) async fn look_ahead(&mut self, wanted: u64) -> Result<Bytes> {
        let mut beginning = BytesMut::new();
        for chunk in &self.ahead {
            beginning.extend_from_slice(chunk);
        }
        while (beginning.len() as u64) < wanted {
            let Some(answer) = &mut self.answer else {
                break;
            };
            match answer.chunk().await {
                Ok(Some(chunk)) => {
                    beginning.extend_from_slice(&chunk);
                    self.ahead.push_back(chunk);
                }
                Ok(None) => self.answer = None,
                Err(error) => return Err(self.locate(error)),
            }
        }
        Ok(beginning.freeze())
    }

    /// Writes all that is left, and calls `progress` after each piece with the bytes delivered so
    /// far. Gives the number of bytes.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Download::chunk), and [`ErrorKind::Io`] when writing fails. The output then
    /// holds a part of the file.
    pub async fn copy_to(
        &mut self,
        output: &mut (impl AsyncWrite + Unpin),
        mut progress: impl FnMut(u64),
    ) -> Result<u64> {
        let failed = |this: &Self, error: std::io::Error| {
            let what = Error::new(ErrorKind::Io, "the file cannot be written");
            this.locate(what.with_source(error))
        };
        while let Some(chunk) = self.chunk().await? {
            if let Err(error) = output.write_all(&chunk).await {
                return Err(failed(self, error));
            }
            progress(self.delivered);
        }
        if let Err(error) = output.flush().await {
            return Err(failed(self, error));
        }
        Ok(self.delivered)
    }
}

impl Stream for Download {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.failure.is_some() {
            // It was given before.
            return Poll::Ready(None);
        }
        self.poll_chunk(context).map(Result::transpose)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("operation", &self.operation)
            .field("session", &self.session)
            .field("content_type", &self.content_type)
            .field("content_length", &self.content_length)
            .field("delivered", &self.delivered)
            .finish_non_exhaustive()
    }
}
