//! The appliance among others: clusters and failover pairs.

use crate::error::SimError;
use crate::random;
use crate::time;

/// The part of an appliance in a failover pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailoverRole {
    /// Serves the users.
    Primary,
    /// Waits to take over.
    Backup,
}

impl FailoverRole {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Backup => "backup",
        }
    }

    pub(crate) fn from_wire(text: &str) -> Option<Self> {
        match text {
            "primary" => Some(Self::Primary),
            "backup" => Some(Self::Backup),
            _ => None,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Primary => Self::Backup,
            Self::Backup => Self::Primary,
        }
    }
}

/// The part of an appliance in a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClusterRole {
    /// Not in a cluster.
    #[default]
    Single,
    /// Manages the cluster.
    Primary,
    /// What older versions call the primary.
    Master,
    /// A traffic node.
    Traffic,
}

impl ClusterRole {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Primary => "primary",
            Self::Master => "master",
            Self::Traffic => "traffic",
        }
    }
}

/// An appliance as `get_appliances` lists it.
///
/// ```
/// use bomgar_sim::{ApplianceSpec, ClusterRole};
///
/// let node = ApplianceSpec::new("lyon", "lyon.example.com")
///     .cluster_role(ClusterRole::Traffic)
///     .timezone_offset(3_600);
/// # let _ = node;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ApplianceSpec {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) public_hostname: String,
    pub(crate) cluster_role: ClusterRole,
    pub(crate) accepting_connections: bool,
    pub(crate) timezone_offset: i32,
}

impl ApplianceSpec {
    /// An appliance outside of any cluster that accepts connections, in UTC, with a random id.
    pub fn new(name: impl Into<String>, public_hostname: impl Into<String>) -> Self {
        Self {
            id: random::hex32(),
            name: name.into(),
            public_hostname: public_hostname.into(),
            cluster_role: ClusterRole::default(),
            accepting_connections: true,
            timezone_offset: 0,
        }
    }

    /// Fixes the identity, 32 lower-case hexadecimal digits.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }

    /// The part in a cluster.
    pub fn cluster_role(mut self, role: ClusterRole) -> Self {
        self.cluster_role = role;
        self
    }

    /// Takes no new connections.
    pub fn not_accepting(mut self) -> Self {
        self.accepting_connections = false;
        self
    }

    /// How many seconds its local time is ahead of UTC.
    pub fn timezone_offset(mut self, seconds: i32) -> Self {
        self.timezone_offset = seconds;
        self
    }
}

/// A failover pair of which the simulated appliance is one half.
///
/// ```
/// use bomgar_sim::{ApplianceSpec, Failover, FailoverRole};
///
/// let pair = Failover::new(FailoverRole::Primary, ApplianceSpec::new("spare", "spare.example.com"))
///     .shared_ip("203.0.113.10")
///     .manual_sync();
/// # let _ = pair;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Failover {
    pub(crate) role: FailoverRole,
    pub(crate) peer: ApplianceSpec,
    pub(crate) peer_reachable: bool,
    pub(crate) shared_ips: Vec<String>,
    manual_sync: bool,
    /// Unix milliseconds and what became of it.
    pub(crate) last_sync: Option<(i64, String)>,
    /// The role to take when the running data sync has succeeded.
    pub(crate) pending: Option<FailoverRole>,
}

pub(crate) const SYNC_SUCCEEDED: &str = "Success";
pub(crate) const SYNC_FAILED: &str = "Failed";

impl Failover {
    /// A pair that was synchronised just now and whose peer can be reached.
    pub fn new(role: FailoverRole, peer: ApplianceSpec) -> Self {
        Self {
            role,
            peer,
            peer_reachable: true,
            shared_ips: Vec::new(),
            manual_sync: false,
            last_sync: Some((time::now_millis(), SYNC_SUCCEEDED.to_owned())),
            pending: None,
        }
    }

    /// Adds an address that both share.
    pub fn shared_ip(mut self, address: impl Into<String>) -> Self {
        self.shared_ips.push(address.into());
        self
    }

    /// The peer cannot be reached, so nothing can be synchronised, and a primary becomes backup
    /// only by `force`.
    pub fn peer_unreachable(mut self) -> Self {
        self.peer_reachable = false;
        self
    }

    /// When the data were synchronised last, in Unix milliseconds, and what became of it.
    pub fn last_sync(mut self, unix_milliseconds: i64, status: impl Into<String>) -> Self {
        self.last_sync = Some((unix_milliseconds, status.into()));
        self
    }

    /// A data sync runs until
    /// [`BomgarSim::finish_data_sync`](crate::BomgarSim::finish_data_sync). Without this it is
    /// done at once.
    pub fn manual_sync(mut self) -> Self {
        self.manual_sync = true;
        self
    }

    pub(crate) fn peer_role(&self) -> FailoverRole {
        self.role.other()
    }

    /// What `set_failover_role` says; the second part is true if users were cut off.
    pub(crate) fn change_role(
        &mut self,
        role: FailoverRole,
        data_sync_first: bool,
        force: bool,
    ) -> Result<(&'static str, bool), String> {
        if self.pending.is_some() {
            return Err("A data sync is in progress.".to_owned());
        }
        if role == self.role {
            return Err(format!("The failover role is already {}.", role.wire()));
        }
        // A backup may always take over; that is what it is for.
        let needs_peer = data_sync_first || (role == FailoverRole::Backup && !force);
        if needs_peer && !self.peer_reachable {
            return Err("The other appliance cannot be reached.".to_owned());
        }
        if !data_sync_first {
            self.role = role;
            return Ok(("Successfully changed role.", false));
        }
        self.pending = Some(role);
        if !self.manual_sync {
            self.sync_ended(true);
        }
        let text = "Successfully started data sync. Role change will occur upon successful \
                    completion.";
        Ok((text, true))
    }

    fn sync_ended(&mut self, succeeded: bool) {
        let role = self.pending.take();
        let status = if succeeded {
            self.role = role.unwrap_or(self.role);
            SYNC_SUCCEEDED
        } else {
            SYNC_FAILED
        };
        self.last_sync = Some((time::now_millis(), status.to_owned()));
    }

    pub(crate) fn finish_sync(&mut self, succeeded: bool) -> Result<(), SimError> {
        if self.pending.is_none() {
            return Err(SimError::Failover("no data sync is running".to_owned()));
        }
        self.sync_ended(succeeded);
        Ok(())
    }

    /// What `check_health` complains about.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let failed = self
            .last_sync
            .as_ref()
            .is_some_and(|(_, status)| status == SYNC_FAILED);
        if !self.peer_reachable {
            Some("The other appliance of the failover pair cannot be reached.")
        } else if failed {
            Some("The last data sync failed.")
        } else {
            None
        }
    }
}

/// The simulated appliance and those beside it.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) own: ApplianceSpec,
    /// Nodes of the cluster; the failover peer is not among them.
    pub(crate) others: Vec<ApplianceSpec>,
    pub(crate) failover: Option<Failover>,
}
