//! The asynchronous client.

mod commands;
mod reports;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};

use crate::auth::{
    Auth, Credentials, FetchToken, Grant, Token, TokenCache, add_user, read_grant, token_request,
};
use crate::call::{Call, Spelling};
use crate::error::{Error, ErrorKind, Result};
use crate::host::BaseUrl;
use crate::retry::{RetryPolicy, Timer, TokioTimer};
use crate::transport::{HttpOptions, HttpTransport, Transport, TransportError, TransportErrorKind};

/// Decides whether an error text of the appliance means "nothing matches".
type EmptyRule = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// A client of one appliance.
///
/// It is cheap to clone; all clones share one access token. Each call opens a connection of its
/// own and closes it, as the appliance demands.
///
/// ```
/// use bomgar_api::{Client, Credentials};
///
/// let client = Client::builder("support.example.com", Credentials::oauth("id", "secret")).build()?;
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    base: String,
    spelling: Spelling,
    auth: Auth,
    transport: Arc<dyn Transport>,
    retry: RetryPolicy,
    timer: Arc<dyn Timer>,
    user_agent: HeaderValue,
    language: Option<HeaderValue>,
    is_empty_result: EmptyRule,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.inner.base)
            .field("credentials", &self.inner.auth.credentials)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Begins a client for an appliance.
    ///
    /// `host` is the appliance's host name, with a port if needed. A URL with scheme, host and
    /// port is taken as well; one with `http` has the limits that
    /// [`ClientBuilder::allow_plain_http`] explains.
    pub fn builder(host: impl Into<String>, credentials: Credentials) -> ClientBuilder {
        ClientBuilder {
            host: host.into(),
            credentials,
            spelling: Spelling::default(),
            allow_plain_http: false,
            http: HttpOptions::default(),
            transport: None,
            retry: RetryPolicy::default(),
            timer: Arc::new(TokioTimer),
            user_agent: concat!("bomgar-api/", env!("CARGO_PKG_VERSION")).into(),
            language: None,
            is_empty_result: Arc::new(|_| false),
        }
    }

    /// Runs any call.
    ///
    /// A token that the appliance refuses is replaced once. Failures are repeated as
    /// [`RetryPolicy`] says.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] before anything is sent;
    /// [`ErrorKind::InvalidClient`], [`ErrorKind::Unauthorized`] or [`ErrorKind::Forbidden`] when
    /// the appliance refuses the credentials; [`ErrorKind::Api`] with the appliance's own text; the
    /// other kinds when no readable answer came.
    pub async fn call<C: Call + Sync>(&self, call: &C) -> Result<C::Reply> {
        let inner = &*self.inner;
        let mut request = call.encode(&inner.base, inner.spelling)?;
        request
            .headers_mut()
            .insert(header::USER_AGENT, inner.user_agent.clone());
        if let Some(language) = &inner.language {
            request
                .headers_mut()
                .insert(header::ACCEPT_LANGUAGE, language.clone());
        }

        let mut may_refresh = true;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let failure = match inner.attempt(&request, &mut may_refresh).await {
                Ok(response) => match self.decode(call, &response) {
                    Ok(reply) => return Ok(reply),
                    Err(error) => Failure {
                        certainly_not_done: error.kind() == ErrorKind::RateLimited,
                        error,
                    },
                },
                Err(failure) => failure,
            };
            let error = call.locate(failure.error);
            let may_repeat = error.is_retryable() && (call.is_read() || failure.certainly_not_done);
            let wait = inner
                .retry
                .wait(attempts, error.retry_after())
                .filter(|_| may_repeat);
            match wait {
                Some(wait) => inner.timer.sleep(wait).await,
                None => return Err(error),
            }
        }
    }
}

impl Client {
    /// Reads an answer. Where the caller's rule says that an error text means "nothing matches",
    /// the reply is the empty one.
    fn decode<C: Call>(&self, call: &C, response: &Response<Bytes>) -> Result<C::Reply> {
        let error = match call.decode_response(response) {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        let text = error
            .server_text()
            .filter(|_| error.kind() == ErrorKind::Api);
        match text.is_some_and(|text| (self.inner.is_empty_result)(text)) {
            true => call.no_data().ok_or(error),
            false => Err(error),
        }
    }
}

/// Why an attempt failed, and whether the appliance certainly did not act on it.
struct Failure {
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
        TransportErrorKind::TooLarge => ErrorKind::TooLarge,
        TransportErrorKind::Connect | TransportErrorKind::Other => ErrorKind::Transport,
    };
    Error::new(kind, error.to_string()).with_source(error)
}

impl Inner {
    /// Sends a request once, and once more when its token is refused.
    async fn attempt(
        &self,
        request: &Request<Bytes>,
        may_refresh: &mut bool,
    ) -> Result<Response<Bytes>, Failure> {
        let mut request = request.clone();
        if let Credentials::User { username, password } = &self.auth.credentials {
            add_user(&mut request, username, password);
            return self
                .transport
                .send(request)
                .await
                .map_err(Failure::transport);
        }
        let token = self.token(None).await?;
        token.authorize(&mut request).map_err(Failure::before)?;
        let response = self
            .transport
            .send(request.clone())
            .await
            .map_err(Failure::transport)?;
        if response.status() != StatusCode::UNAUTHORIZED || !*may_refresh {
            return Ok(response);
        }
        *may_refresh = false;
        let token = self.token(Some(&token)).await?;
        token.authorize(&mut request).map_err(Failure::before)?;
        self.transport
            .send(request)
            .await
            .map_err(Failure::transport)
    }

    async fn token(&self, rejected: Option<&Token>) -> Result<Token, Failure> {
        self.auth
            .tokens
            .token(self, rejected)
            .await
            .map_err(Failure::before)
    }
}

#[async_trait::async_trait]
impl FetchToken for Inner {
    async fn fetch(&self) -> Result<Grant> {
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
        let response = self
            .transport
            .send(request)
            .await
            .map_err(|error| transport_error(error).with_operation("oauth2/token"))?;
        read_grant(&response)
    }

    fn now(&self) -> Instant {
        self.timer.now()
    }
}

/// Settings of a [`Client`].
#[must_use]
pub struct ClientBuilder {
    host: String,
    credentials: Credentials,
    spelling: Spelling,
    allow_plain_http: bool,
    http: HttpOptions,
    transport: Option<Arc<dyn Transport>>,
    retry: RetryPolicy,
    timer: Arc<dyn Timer>,
    user_agent: String,
    language: Option<String>,
    is_empty_result: EmptyRule,
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The host may wrongly contain a password, so it is left out until it is checked.
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

impl ClientBuilder {
    /// Which spelling of the paths to use. Old versions know [`Spelling::Ns`] only.
    pub fn spelling(mut self, spelling: Spelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// Allows an `http` address together with a user name and password, which then cross the
    /// network readable. HTTP access must be enabled on the appliance's API configuration page,
    /// too.
    ///
    /// With OAuth this setting has no effect: TLS cannot be switched off. Only loopback addresses
    /// such as `http://127.0.0.1:8080`, where simulators live, are taken without TLS.
    pub fn allow_plain_http(mut self, allow: bool) -> Self {
        self.allow_plain_http = allow;
        self
    }

    /// How long connecting may take. Default: 10 seconds.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.http.connect_timeout = timeout;
        self
    }

    /// How long the appliance may send nothing. Default: 60 seconds.
    pub fn read_timeout(mut self, timeout: Duration) -> Self {
        self.http.read_timeout = timeout;
        self
    }

    /// How long one request may take in all. Default: 5 minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.http.timeout = timeout;
        self
    }

    /// The largest answer that is read. Default: 256 MiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.http.max_body_bytes = bytes;
        self
    }

    /// Trusts the certificates in this PEM text in addition to the usual ones.
    #[cfg(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ))]
    #[cfg_attr(
        docsrs,
        doc(cfg(any(
            feature = "rustls",
            feature = "native-tls",
            feature = "rustls-no-provider"
        )))
    )]
    pub fn add_root_certificates_pem(mut self, pem: impl Into<Bytes>) -> Self {
        self.http.root_certificates.push(pem.into());
        self
    }

    /// Accepts **any** certificate, so that anyone on the way can read and change everything.
    /// Not for production; [`add_root_certificates_pem`](Self::add_root_certificates_pem) is the
    /// right way to trust a certificate of one's own.
    #[cfg(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ))]
    #[cfg_attr(
        docsrs,
        doc(cfg(any(
            feature = "rustls",
            feature = "native-tls",
            feature = "rustls-no-provider"
        )))
    )]
    pub fn danger_accept_invalid_certs(mut self, accept: bool) -> Self {
        self.http.accept_invalid_certs = accept;
        self
    }

    /// When failed calls are repeated.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The `User-Agent` header.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The language in which answers are preferred, such as `de` or `pt-br`, sent as
    /// `Accept-Language`. An appliance that does not heed it answers in its own language.
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// A rule for further error texts that mean "nothing matches", for appliances whose language
    /// is neither English nor French.
    pub fn empty_result(mut self, rule: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        self.is_empty_result = Arc::new(rule);
        self
    }

    /// Sends requests in another way. Time-outs, size limit and certificate settings are then the
    /// transport's own.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Another clock, for tests.
    pub fn timer(mut self, timer: impl Timer) -> Self {
        self.timer = Arc::new(timer);
        self
    }

    /// The client. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] when the host is not one, when it is an `http` address that is not
    /// allowed, or when a setting cannot be used.
    pub fn build(mut self) -> Result<Client> {
        let base = BaseUrl::parse(&self.host)?;
        if !base.is_https {
            match &self.credentials {
                Credentials::OAuth { .. } if !base.is_loopback => {
                    return Err(Error::new(
                        ErrorKind::Config,
                        "with OAuth the connection to the appliance must use TLS; use https",
                    ));
                }
                Credentials::User { .. } if !self.allow_plain_http => {
                    return Err(Error::new(
                        ErrorKind::Config,
                        "a password is not sent without TLS unless plain HTTP is allowed \
                         explicitly; use https",
                    ));
                }
                _ => {}
            }
        }
        // What runs on this machine is not asked for through a proxy.
        self.http.direct = base.is_loopback;
        let header_value = |name: &str, value: &str| {
            HeaderValue::from_str(value).map_err(|error| {
                let message = format!("the {name} has characters that HTTP forbids");
                Error::new(ErrorKind::Config, message).with_source(error)
            })
        };
        let user_agent = header_value("user agent", &self.user_agent)?;
        let language = self
            .language
            .as_deref()
            .map(|value| header_value("language", value))
            .transpose()?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => Arc::new(HttpTransport::new(&self.http)?),
        };
        Ok(Client {
            inner: Arc::new(Inner {
                base: base.text,
                spelling: self.spelling,
                auth: Auth {
                    credentials: self.credentials,
                    tokens: Arc::new(TokenCache::new()),
                },
                transport,
                retry: self.retry,
                timer: self.timer,
                user_agent,
                language,
                is_empty_result: self.is_empty_result,
            }),
        })
    }
}
