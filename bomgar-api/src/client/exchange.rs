//! One call on its way: authentication, budget, limits and repetition.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use http::{Request, Response, StatusCode, header};

use super::Inner;
use crate::auth::{Credentials, FetchToken, Grant, Token, add_user, read_grant, token_request};
use crate::call::Call;
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{Body, TransportError, TransportErrorKind};

/// No error that an appliance reports, and no token, is longer.
pub(super) const ERROR_LIMIT: u64 = 1024 * 1024;

/// How much is read of an answer, and how long that may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) max_bytes: u64,
    pub(crate) timeout: Duration,
}

/// Why an attempt failed, and whether the appliance certainly did not act on it.
pub(crate) struct Failure {
    error: Error,
    certainly_not_done: bool,
}

impl Failure {
    /// A failure before the call itself was sent.
    fn before(error: Error) -> Self {
        Failure {
            error,
            certainly_not_done: true,
        }
    }

    /// A failure that leaves open what the appliance did.
    pub(crate) fn unclear(error: Error) -> Self {
        Failure {
            error,
            certainly_not_done: false,
        }
    }

    /// A failure that the appliance itself reports.
    pub(crate) fn answered(error: Error) -> Self {
        Failure {
            certainly_not_done: error.kind() == ErrorKind::RateLimited,
            error,
        }
    }

    fn transport(error: TransportError) -> Self {
        let certainly_not_done = error.kind() == TransportErrorKind::Connect;
        Failure {
            error: transport_error(error),
            certainly_not_done,
        }
    }
}

fn transport_error(error: TransportError) -> Error {
    let kind = match error.kind() {
        TransportErrorKind::Timeout => ErrorKind::Timeout,
        TransportErrorKind::Connect | TransportErrorKind::Other => ErrorKind::Transport,
    };
    Error::new(kind, error.to_string()).with_source(error)
}

/// A call with its attempts.
pub(crate) struct Exchange<'a> {
    inner: &'a Inner,
    request: Request<Bytes>,
    is_read: bool,
    is_authenticated: bool,
    may_refresh: bool,
    pub(crate) attempts: u32,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new<C: Call>(inner: &'a Inner, call: &C) -> Result<Self> {
        let mut request = call.encode(&inner.base, inner.spelling)?;
        request
            .headers_mut()
            .insert(header::USER_AGENT, inner.user_agent.clone());
        if let Some(language) = &inner.language {
            request
                .headers_mut()
                .insert(header::ACCEPT_LANGUAGE, language.clone());
        }
        Ok(Exchange {
            inner,
            request,
            is_read: call.is_read(),
            is_authenticated: call.is_authenticated(),
            may_refresh: true,
            attempts: 0,
        })
    }

    /// Sends the request once, and once more when its token is refused.
    pub(crate) async fn send(&mut self, limits: Limits) -> Result<Answer, Failure> {
        self.attempts += 1;
        let inner = self.inner;
        let mut request = self.request.clone();
        if !self.is_authenticated {
            return inner.send(request, limits).await;
        }
        if let Credentials::User { username, password } = &inner.auth.credentials {
            add_user(&mut request, username, password).map_err(Failure::before)?;
            return inner.send(request, limits).await;
        }
        let token = inner.token(None).await?;
        token.authorize(&mut request).map_err(Failure::before)?;
        let answer = inner.send(request.clone(), limits).await?;
        let tokens = &inner.auth.tokens;
        if answer.head.status() != StatusCode::UNAUTHORIZED {
            tokens.accept(&token);
            return Ok(answer);
        }
        if !self.may_refresh || !tokens.may_replace(&token, inner.timer.now()) {
            return Ok(answer);
        }
        self.may_refresh = false;
        let token = inner.token(Some(&token)).await?;
        token.authorize(&mut request).map_err(Failure::before)?;
        let answer = inner.send(request, limits).await?;
        if answer.head.status() != StatusCode::UNAUTHORIZED {
            tokens.accept(&token);
        }
        Ok(answer)
    }

    /// Waits if the call shall be tried again.
    ///
    /// # Errors
    ///
    /// The failure itself, if not.
    pub(crate) async fn again<C: Call>(&mut self, call: &C, failure: Failure) -> Result<()> {
        let error = call.locate(failure.error);
        let may_repeat = error.is_retryable() && (self.is_read || failure.certainly_not_done);
        let wait = self
            .inner
            .retry
            .wait(self.attempts, error.retry_after())
            .filter(|_| may_repeat);
        match wait {
            Some(wait) => {
                self.inner.timer.sleep(wait).await;
                Ok(())
            }
            None => Err(error),
        }
    }
}

impl Inner {
    /// Sends a request as soon as the budget allows.
    async fn send(&self, request: Request<Bytes>, limits: Limits) -> Result<Answer, Failure> {
        self.keep_budget().await.map_err(Failure::before)?;
        let mut clock = Clock::start(limits.timeout);
        let response = tokio::select! {
            biased;
            response = self.transport.send(request) => response.map_err(Failure::transport)?,
            () = &mut clock.end => return Err(Failure::unclear(clock.over())),
        };
        let (parts, body) = response.into_parts();
        let mut answer = Answer {
            head: Response::from_parts(parts, ()),
            body,
            received: 0,
            max_bytes: limits.max_bytes,
            clock,
        };
        if !answer.is_ok() {
            // The status is what counts. A page beside it that is long or slow must not hide it.
            answer.max_bytes = ERROR_LIMIT.min(limits.max_bytes);
            answer.clock = Clock::start(limits.timeout.min(self.whole.timeout));
        } else if answer
            .body
            .length()
            .is_some_and(|length| length > limits.max_bytes)
        {
            return Err(Failure::unclear(answer.too_large()));
        }
        Ok(answer)
    }

    async fn keep_budget(&self) -> Result<()> {
        let longest = self.retry.longest_wait();
        let wait = self.budget.reserve(self.timer.now(), longest)?;
        if !wait.is_zero() {
            self.timer.sleep(wait).await;
        }
        Ok(())
    }

    async fn token(&self, rejected: Option<&Token>) -> Result<Token, Failure> {
        self.auth
            .tokens
            .token(self, rejected)
            .await
            .map_err(Failure::before)
    }

    async fn fetch_token(&self) -> Result<Grant> {
        let Credentials::OAuth {
            client_id,
            client_secret,
        } = &self.auth.credentials
        else {
            return Err(Error::new(ErrorKind::Config, "users have no access tokens"));
        };
        let mut request = token_request(&self.base, client_id, client_secret)?;
        request
            .headers_mut()
            .insert(header::USER_AGENT, self.user_agent.clone());
        let limits = Limits {
            max_bytes: ERROR_LIMIT.min(self.whole.max_bytes),
            ..self.whole
        };
        let answer = self.send(request, limits).await;
        let response = match answer {
            Ok(answer) => answer.whole().await?,
            Err(failure) => return Err(failure.error),
        };
        read_grant(&response)
    }
}

#[async_trait::async_trait]
impl FetchToken for Inner {
    async fn fetch(&self) -> Result<Grant> {
        self.fetch_token()
            .await
            .map_err(|error| error.with_operation("oauth2/token"))
    }

    fn now(&self) -> Instant {
        self.timer.now()
    }
}

/// The end of the time that an answer may take. It is real time, whatever the client's timer is:
/// that one only says how long to wait between requests.
struct Clock {
    end: Pin<Box<tokio::time::Sleep>>,
    timeout: Duration,
}

impl Clock {
    fn start(timeout: Duration) -> Self {
        Clock {
            end: Box::pin(tokio::time::sleep(timeout)),
            timeout,
        }
    }

    fn over(&self) -> Error {
        let message = format!("the answer was not complete after {:?}", self.timeout);
        Error::new(ErrorKind::Timeout, message)
    }
}

/// An answer whose body is still to be read.
pub(crate) struct Answer {
    pub(crate) head: Response<()>,
    body: Body,
    received: u64,
    max_bytes: u64,
    clock: Clock,
}

impl Answer {
    /// The announced length.
    pub(crate) fn length(&self) -> Option<u64> {
        self.body.length()
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.head.status() == StatusCode::OK
    }

    pub(crate) fn set_max_bytes(&mut self, max_bytes: u64) {
        self.max_bytes = max_bytes;
    }

    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>>> {
        if self.clock.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(self.clock.over()));
        }
        let chunk = match ready!(Pin::new(&mut self.body).poll_next(context)) {
            None => {
                // A transport that only notices the end of its input is not trusted with it.
                let announced = self.body.length().unwrap_or_default();
                if self.head.status() == StatusCode::OK && self.received < announced {
                    let message = "the answer ends before its announced length";
                    return Poll::Ready(Err(Error::new(ErrorKind::Truncated, message)));
                }
                return Poll::Ready(Ok(None));
            }
            Some(Err(error)) => return Poll::Ready(Err(transport_error(error))),
            Some(Ok(chunk)) => chunk,
        };
        self.received += chunk.len() as u64;
        if self.received > self.max_bytes {
            return Poll::Ready(Err(self.too_large()));
        }
        Poll::Ready(Ok(Some(chunk)))
    }

    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        std::future::poll_fn(|context| self.poll_chunk(context)).await
    }

    /// Reads all of the body. With another status than 200, which is a failure by itself, as much
    /// of it as comes.
    pub(crate) async fn whole(mut self) -> Result<Response<Bytes>> {
        let mut body = BytesMut::new();
        loop {
            match self.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(_) if !self.is_ok() => break,
                Err(error) => return Err(error),
            }
        }
        Ok(self.head.map(|()| body.freeze()))
    }

    fn too_large(&self) -> Error {
        let message = format!(
            "the answer is larger than the limit of {} bytes",
            self.max_bytes
        );
        Error::new(ErrorKind::TooLarge, message)
    }
}
