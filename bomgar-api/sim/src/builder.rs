//! Starting a simulated appliance.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::accounts::{ApiAccount, LegacyUser};
use crate::cluster::{ApplianceSpec, Cluster, Failover};
use crate::documents::Documents;
use crate::error::SimError;
use crate::faults::Faults;
use crate::jump::Jump;
use crate::limits::{Limiter, RateLimit};
use crate::people::Team;
use crate::server;
use crate::sim::BomgarSim;
use crate::staff::Staff;
use crate::state::{Denial, ErrorForm, Inner, Namespace, State};
use crate::{outbound, tls};

/// How a simulated appliance is to be, made by [`BomgarSim::builder`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder {
    address: SocketAddr,
    tls: Option<tls::Wish>,
    account: ApiAccount,
    more_accounts: Vec<ApiAccount>,
    company: String,
    api_version: String,
    token_lifetime: Duration,
    token_type: String,
    users: Vec<LegacyUser>,
    appliance: ApplianceSpec,
    failover: Option<Failover>,
    error_form: ErrorForm,
    namespace: Namespace,
    report_delay: Option<Duration>,
    rate_limit: Option<RateLimit>,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            account: ApiAccount::new("sim-client", "sim-secret"),
            more_accounts: Vec::new(),
            company: "Example Support".into(),
            api_version: "1.22.2".into(),
            token_lifetime: Duration::from_secs(3_600),
            token_type: "Bearer".into(),
            users: Vec::new(),
            appliance: ApplianceSpec::new("simulated appliance", "support.example.com"),
            failover: None,
            error_form: ErrorForm::default(),
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
        self.tls.get_or_insert_default();
        self
    }

    /// Speaks HTTPS with a certificate for these names or addresses instead of those under which
    /// the simulator can be reached. Clients must refuse it although they know it.
    pub fn tls_for<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(Into::into).collect();
        self.tls.get_or_insert_default().names = Some(names);
        self
    }

    /// Speaks HTTPS with a certificate that expired years ago.
    pub fn tls_expired(mut self) -> Self {
        self.tls.get_or_insert_default().expired = true;
        self
    }

    /// How many calls each account may make; without this as many as it likes.
    pub fn rate_limit(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// Id and secret of the first API account.
    pub fn client(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.account.id = id.into();
        self.account.secret = secret.into();
        self
    }

    /// One more API account.
    pub fn account(mut self, account: ApiAccount) -> Self {
        self.more_accounts.push(account);
        self
    }

    /// What the appliance is called and where it is.
    pub fn appliance(mut self, appliance: ApplianceSpec) -> Self {
        self.appliance = appliance;
        self
    }

    /// Makes the appliance one half of a failover pair.
    pub fn failover(mut self, failover: Failover) -> Self {
        self.failover = Some(failover);
        self
    }

    /// How errors are written.
    pub fn error_form(mut self, form: ErrorForm) -> Self {
        self.error_form = form;
        self
    }

    /// The company name, which newer versions may leave out: `get_api_info` does so if it is empty.
    /// Also part of the file names of console scripts.
    pub fn company(mut self, company: impl Into<String>) -> Self {
        self.company = company.into();
        self
    }

    /// What `get_api_info` says as API version. Below 1.21 and 1.22 the actions that came with
    /// these versions do not exist.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.api_version = version.into();
        self
    }

    /// How long tokens live; 3600 seconds by default.
    pub fn token_lifetime(mut self, lifetime: Duration) -> Self {
        self.token_lifetime = lifetime;
        self
    }

    /// How the token reply spells `token_type`; `Bearer` by default. Some versions write it small.
    pub fn token_type(mut self, token_type: impl Into<String>) -> Self {
        self.token_type = token_type.into();
        self
    }

    /// Adds a user who may call the APIs with username and password, as older versions allow,
    /// and who may do everything.
    pub fn legacy_user(self, username: impl Into<String>, password: impl Into<String>) -> Self {
        self.user(LegacyUser::new(username, password))
    }

    /// Adds a user who may call the APIs with username and password.
    pub fn user(mut self, user: LegacyUser) -> Self {
        self.users.push(user);
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
            .as_ref()
            .map(|wish| tls::self_signed(address.ip(), wish))
            .transpose()?;
        let scheme = if identity.is_some() { "https" } else { "http" };
        let inner = Arc::new(Inner {
            base_url: format!("{scheme}://{address}"),
            certificate_pem: identity.as_ref().map(|made| made.certificate_pem.clone()),
            company: self.company,
            api_version: self.api_version,
            appliance_id: self.appliance.id.clone(),
            http: outbound::client(&[])?,
            next_recipient: AtomicU64::new(0),
            runtime: runtime.clone(),
            changed: watch::Sender::new(0),
            tasks: Mutex::new(Vec::new()),
            playing: Mutex::default(),
            state: Mutex::new(State {
                accounts: std::iter::once(self.account)
                    .chain(self.more_accounts)
                    .collect(),
                token_lifetime: self.token_lifetime,
                token_type: self.token_type,
                users: self.users,
                api_enabled: true,
                required_access: BTreeMap::new(),
                error_form: self.error_form,
                denial: Denial::default(),
                health_problem: None,
                namespace: self.namespace,
                scrambled: false,
                file_elements: false,
                documents: Documents::default(),
                report_delay: self.report_delay,
                sessions: Vec::new(),
                next_lseq: 1_000,
                keys: Vec::new(),
                staff: Staff::new(),
                teams: vec![
                    Team::new(1, "Service Desk")
                        .issue("general_help", "General help")
                        .member(7),
                ],
                public_sites: Vec::new(),
                team_messages: Vec::new(),
                cluster: Cluster {
                    own: self.appliance,
                    others: Vec::new(),
                    failover: self.failover,
                },
                clients: Vec::new(),
                pinned_clients: 0,
                jump: Jump::default(),
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
