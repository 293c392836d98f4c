//! Building a client.

use super::{Client, Shared, Time};
use crate::auth::Credentials;
use crate::error::{Error, ErrorKind, Result};
use crate::impersonation::ImpersonationFallback;
use crate::limits::{Limits, Usage, UsagePolicy};
use crate::metrics::Metrics;
use crate::retry::{RetryPolicy, Sleep, TokioSleep};
use crate::time::WireZone;
use crate::transport::{HttpOptions, HttpTransport, Transport};
use crate::version::ApiVersion;
use crate::zone::{check_endpoint, is_loopback};
use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::Duration;
use tokio::sync::Mutex;
use url::Url;

/// Settings of a [`Client`] that have defaults.
#[must_use]
pub struct ClientBuilder {
    credentials: Credentials,
    version: ApiVersion,
    endpoint: Option<String>,
    wire_zone: WireZone,
    check_before_create: bool,
    limits: Option<Limits>,
    usage: UsagePolicy,
    metrics: Option<Box<dyn Metrics>>,
    retry: RetryPolicy,
    http: HttpOptions,
    sleep: Box<dyn Sleep>,
    transport: Option<Arc<dyn Transport>>,
}

impl ClientBuilder {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            version: ApiVersion::default(),
            endpoint: None,
            wire_zone: WireZone::default(),
            check_before_create: true,
            limits: None,
            usage: UsagePolicy::default(),
            metrics: None,
            retry: RetryPolicy::default(),
            http: HttpOptions::default(),
            sleep: Box::new(TokioSleep),
            transport: None,
        }
    }

    /// The endpoint that is asked for the tenant's zone, for instance that of a simulator. Default:
    /// the one that knows all zones.
    ///
    /// It must be https, or http on this machine.
    pub fn endpoint(mut self, url: impl Into<String>) -> Self {
        self.endpoint = Some(url.into());
        self
    }

    /// The version of the API. Default: 1.6.
    pub fn version(mut self, version: ApiVersion) -> Self {
        self.version = version;
        self
    }

    /// The zone that the server writes date-times in. Default: US Eastern.
    pub fn wire_zone(mut self, zone: WireZone) -> Self {
        self.wire_zone = zone;
        self
    }

    /// How long one request may take. Default: 180 seconds. [`Client::with_timeout`] sets it for
    /// single calls.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.http.timeout = timeout;
        self
    }

    /// All settings of the default transport; replaces what [`timeout`](Self::timeout) set.
    pub fn http(mut self, options: HttpOptions) -> Self {
        self.http = options;
        self
    }

    /// When reads are tried again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Limits of its own, or shared with clients of your choice. Default: those that all clients of
    /// this process share that use the same endpoint and integration code.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// How it treats the tenant's allowance of calls.
    pub fn usage(mut self, policy: UsagePolicy) -> Self {
        self.usage = policy;
        self
    }

    /// Is told of every request.
    pub fn metrics(mut self, metrics: impl Metrics) -> Self {
        self.metrics = Some(Box::new(metrics));
        self
    }

    /// Whether writes look for missing fields, texts that are too long and other mistakes before
    /// they send. Default: yes. Switch it off if the tables of this crate are stricter than your
    /// tenant.
    pub fn check_before_create(mut self, check: bool) -> Self {
        self.check_before_create = check;
        self
    }

    /// Another transport than the default one.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Another way of waiting between tries, for tests.
    pub fn sleep(mut self, sleep: impl Sleep) -> Self {
        self.sleep = Box::new(sleep);
        self
    }

    /// The client. No call is made yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if a credential is blank, the endpoint is no address or neither https
    /// nor on this machine, or TLS cannot be set up.
    pub fn build(self) -> Result<Client> {
        let config = |detail: String| Error::new(ErrorKind::Config, detail);
        if let Some(part) = self.credentials.blank_part() {
            return Err(config(format!("the {part} is blank")));
        }
        if self.version.needs_integration_code()
            && self.credentials.integration_code().trim().is_empty()
        {
            return Err(config(
                "the integration code (tracking identifier) is blank".to_owned(),
            ));
        }
        let endpoint = self
            .endpoint
            .unwrap_or_else(|| self.version.lookup_endpoint().to_owned());
        let lookup = Url::parse(endpoint.trim())
            .map_err(|error| config("the endpoint is no address".to_owned()).with_source(error))?;
        check_endpoint(&lookup)?;
        if !lookup.username().is_empty() || lookup.password().is_some() {
            return Err(config(
                "the endpoint holds credentials; give them apart".to_owned(),
            ));
        }
        let transport = match self.transport {
            Some(transport) => transport,
            None => {
                let mut options = self.http.clone();
                // A proxy cannot reach what runs on this machine.
                options.proxy_from_environment &= !is_loopback(&lookup);
                let http = HttpTransport::new(&options).map_err(|error| {
                    config("the HTTP transport cannot be set up".to_owned()).with_source(error)
                })?;
                Arc::new(http)
            }
        };
        let limits = self.limits.unwrap_or_else(|| {
            let code = match self.credentials.integration_code().trim() {
                // ATWS 1.5 knows users without one.
                "" => self.credentials.username(),
                code => code,
            };
            Limits::of_process(&lookup.origin().ascii_serialization(), code)
        });
        Ok(Client {
            shared: Arc::new(Shared {
                credentials: self.credentials,
                version: self.version,
                lookup,
                wire_zone: self.wire_zone,
                check_before_create: self.check_before_create,
                limits,
                usage: Usage::new(self.usage),
                metrics: self.metrics,
                retry: self.retry,
                sleep: self.sleep,
                transport,
                zone: RwLock::new(None),
                zone_lookup: Mutex::new(()),
            }),
            impersonate: None,
            fallback: ImpersonationFallback::Never,
            time: Time {
                timeout: self.http.timeout,
                deadline: None,
            },
        })
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("version", &self.version)
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}
