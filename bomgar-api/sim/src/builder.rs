//! Starting a simulated appliance.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::error::SimError;
use crate::faults::Faults;
use crate::limits::{Limiter, RateLimit};
use crate::people::{Representative, Team};
use crate::report::EMPTY_REPORT;
use crate::sim::BomgarSim;
use crate::state::{Denial, Inner, Namespace, State};
use crate::{outbound, random, server, tls};

/// How a simulated appliance is to be, made by [`BomgarSim::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    address: SocketAddr,
    tls: bool,
    client_id: String,
    client_secret: String,
    company: String,
    api_version: String,
    token_lifetime: Duration,
    legacy_users: Vec<(String, String)>,
    namespace: Namespace,
    report_delay: Option<Duration>,
    rate_limit: Option<RateLimit>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: false,
            client_id: "sim-client".into(),
            client_secret: "sim-secret".into(),
            company: "Example Support".into(),
            api_version: "1.22.2".into(),
            token_lifetime: Duration::from_secs(3_600),
            legacy_users: Vec::new(),
            namespace: Namespace::default(),
            report_delay: None,
            rate_limit: None,
        }
    }

    /// The port on 127.0.0.1; 0, the default, means any free one.
    pub fn port(mut self, port: u16) -> Self {
        self.address.set_port(port);
        self
    }

    /// The address to listen on instead of 127.0.0.1 with any free port. Whoever can reach it can
    /// also drive the simulator through `/_sim/`.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Speaks HTTPS with a self-signed certificate made at the start; clients get it from
    /// [`BomgarSim::certificate_pem`].
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// How many calls each account may make; without this as many as it likes.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Id and secret of the API account.
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.client_id = id.into();
        self.client_secret = secret.into();
        self
    }

    /// The company name; also part of the file names of console scripts.
    pub fn company(mut self, company: impl Into<String>) -> Self {
        self.company = company.into();
        self
    }

    /// What `get_api_info` says as API version.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = version.into();
        self
    }

    /// How long tokens live; 3600 seconds by default.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// Adds a user who may call the APIs with username and password, as older versions allow.
    pub fn legacy_user(mut self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.legacy_users.push((username.into(), password.into()));
        self
    }

    /// The XML namespace of the replies.
    pub fn namespace(mut self, namespace: Namespace) -> Self {
        self.namespace = namespace;
        self
    }

    /// How long after its end each session is missing from the report. None by default.
    pub fn report_delay(mut self, delay: Duration) -> Self {
        self.report_delay = Some(delay);
        self
    }

    /// Starts the appliance.
    ///
    /// # Panics
    ///
    /// Where [`try_start`](Self::try_start) fails.
    pub async fn start(self) -> BomgarSim {
        #[allow(clippy::panic, reason = "documented; tests want no error path here")]
        match self.try_start().await {
            Ok(sim) => sim,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the appliance.
    ///
    /// # Errors
    ///
    /// If the port cannot be opened or there is no Tokio runtime.
    pub async fn try_start(self) -> Result<BomgarSim, SimError> {
        let runtime = tokio::runtime::Handle::try_current()?;
        let bind_error = |source| SimError::Bind {
            address: self.address,
            source,
        };
        let listener = TcpListener::bind(self.address).await.map_err(bind_error)?;
        let mut address = listener.local_addr().map_err(bind_error)?;
        if address.ip().is_unspecified() {
            // Listening everywhere, but clients on this machine need one address.
            address.set_ip(match address {
                SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        let identity = self
            .tls
            .then(|| tls::self_signed(address.ip()))
            .transpose()?;
        let scheme = if self.tls { "https" } else { "http" };
        let inner = Arc::new(Inner {
            base_url: format!("{scheme}://{address}"),
            certificate_pem: identity.as_ref().map(|made| made.certificate_pem.clone()),
            client_id: self.client_id,
            company: self.company,
            api_version: self.api_version,
            appliance_id: random::hex32(),
            http: outbound::client(&[])?,
            next_recipient: AtomicU64::new(0),
            runtime: runtime.clone(),
            changed: watch::Sender::new(0),
            tasks: Mutex::new(Vec::new()),
            state: Mutex::new(State {
                client_secret: self.client_secret,
                tokens: Vec::new(),
                token_lifetime: self.token_lifetime,
                legacy_users: self.legacy_users,
                permissions: permissions(),
                denial: Denial::default(),
                healthy: true,
                namespace: self.namespace,
                scrambled: false,
                file_elements: false,
                empty_report_text: EMPTY_REPORT.to_owned(),
                report_delay: self.report_delay,
                sessions: Vec::new(),
                next_lseq: 1_000,
                keys: Vec::new(),
                reps: vec![Representative::default()],
                teams: vec![Team::new(1, "Service Desk").issue("general_help", "General help")],
                calls: Vec::new(),
                faults: Faults::default(),
                limiter: Limiter::new(self.rate_limit),
                recipients: Vec::new(),
                delivered: Vec::new(),
            }),
        });
        let task = runtime.spawn(server::accept(
            listener,
            identity.map(|made| made.acceptor),
            Arc::clone(&inner),
        ));
        inner.tasks().push(task.abort_handle());
        Ok(BomgarSim::new(inner))
    }
}

/// An account that may do everything the simulator knows.
fn permissions() -> BTreeMap<String, String> {
    [
        ("perm_backup", "0"),
        ("perm_command", "full_access"),
        ("perm_configuration", "0"),
        ("perm_configuration_vault_account", "0"),
        ("perm_ecm", "0"),
        ("perm_real_time_state", "0"),
        ("perm_reporting_archive", "1"),
        ("perm_reporting_license", "1"),
        ("perm_reporting_presentation", "1"),
        ("perm_reporting_support", "1"),
        ("perm_scim", "0"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}
