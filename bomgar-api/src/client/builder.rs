//! Setting up a client.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use secrecy::SecretString;

use super::exchange::Limits;
use super::{Client, EmptyRule, Inner};
use crate::auth::{Auth, Credentials, TokenCache};
use crate::budget::RequestBudget;
use crate::call::Spelling;
use crate::error::{Error, ErrorKind, Result};
use crate::host::BaseUrl;
use crate::retry::{RetryPolicy, Timer, TokioTimer};
use crate::transport::{HttpOptions, HttpTransport, Transport};

/// Settings of a [`Client`].
///
/// ```
/// use std::time::Duration;
/// use bomgar_api::{Client, Credentials, RetryPolicy};
///
/// let account = Credentials::oauth("id", "secret");
/// let client = Client::builder("support.example.com", account)
///     .timeout(Duration::from_secs(60))
///     .retry(RetryPolicy::none())
///     .language("de")
///     .empty_result(|text| text.contains("entsprechen"))
///     .build()?;
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    host: String,
    credentials: Credentials,
    spelling: Spelling,
    allow_plain_http: bool,
    http: HttpOptions,
    whole: Limits,
    stream: Limits,
    max_session_bytes: usize,
    budget: RequestBudget,
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
    pub(super) fn new(host: String, credentials: Credentials) -> Self {
        const MIB: u64 = 1024 * 1024;
        ClientBuilder {
            host,
            credentials,
            spelling: Spelling::default(),
            allow_plain_http: false,
            http: HttpOptions::default(),
            whole: Limits {
                max_bytes: 256 * MIB,
                timeout: Duration::from_secs(300),
            },
            stream: Limits {
                max_bytes: 64 * 1024 * MIB,
                timeout: Duration::from_secs(4 * 3600),
            },
            max_session_bytes: 256 * 1024 * 1024,
            budget: RequestBudget::default(),
            transport: None,
            retry: RetryPolicy::default(),
            timer: Arc::new(TokioTimer),
            user_agent: concat!("bomgar-api/", env!("CARGO_PKG_VERSION")).into(),
            language: None,
            is_empty_result: Arc::new(|_| false),
        }
    }

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

    /// How long one request may take in all, when its answer is read as a whole. Default:
    /// 5 minutes.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.whole.timeout = timeout;
        self
    }

    /// How long one request may take in all, when its answer is read as it arrives: a
    /// [`Download`](crate::Download) or a [`SessionStream`](crate::SessionStream). Default:
    /// 4 hours.
    pub fn stream_timeout(mut self, timeout: Duration) -> Self {
        self.stream.timeout = timeout;
        self
    }

    /// The largest answer that is read as a whole. Default: 256 MiB. Of the page beside another
    /// status than 200, and of the answer to a request for a token, no more than 1 MiB is read.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.whole.max_bytes = bytes as u64;
        self
    }

    /// The largest answer that is read as it arrives. Default: 64 GiB.
    pub fn max_stream_bytes(mut self, bytes: u64) -> Self {
        self.stream.max_bytes = bytes;
        self
    }

    /// The largest single session in a report; it is what a
    /// [`SessionStream`](crate::SessionStream) keeps in memory. All elements beside the sessions
    /// together may take as much. Default: 256 MiB.
    pub fn max_session_bytes(mut self, bytes: usize) -> Self {
        self.max_session_bytes = bytes;
        self
    }

    /// How many requests may be sent in a span of time. Default: 20 in a second and 15,000 in an
    /// hour, for this client and its clones.
    pub fn budget(mut self, budget: RequestBudget) -> Self {
        self.budget = budget;
        self
    }

    /// Sends all requests through this proxy, such as `http://proxy.example.com:3128`, instead of
    /// the one that the environment names. The URL must not contain a password; give that to
    /// [`proxy_user`](Self::proxy_user).
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.http.proxy = Some(url.into());
        self
    }

    /// The user name and password for the [`proxy`](Self::proxy).
    pub fn proxy_user(
        mut self,
        username: impl Into<String>,
        password: impl Into<SecretString>,
    ) -> Self {
        self.http.proxy_user = Some((username.into(), password.into()));
        self
    }

    /// Uses no proxy, whatever the environment says. Loopback addresses never use one.
    pub fn no_proxy(mut self) -> Self {
        self.http.direct = true;
        self.http.proxy = None;
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

    /// Sends requests in another way. Settings of connections, certificates and
    /// proxies are then the transport's own.
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
        if base.is_loopback {
            self.http.direct = true;
        }
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
                whole: self.whole,
                stream: self.stream,
                max_session_bytes: self.max_session_bytes,
                budget: self.budget,
            }),
        })
    }
}
