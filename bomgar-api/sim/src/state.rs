//! Everything the simulated appliance knows.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::accounts::{ApiAccount, LegacyUser};
use crate::clients::ConnectedClient;
use crate::cluster::Cluster;
use crate::documents::Documents;
use crate::faults::{Fault, Faults};
use crate::jump::Jump;
use crate::keys::SessionKey;
use crate::limits::Limiter;
use crate::outbound::{Delivery, Recipient};
use crate::people::{Representative, Team};
use crate::session::Session;
use crate::staff::{LoggedIn, Staff};

/// One HTTP call that the appliance received. Calls of `/_sim/` are not counted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// When it arrived.
    pub at: SystemTime,
    /// The HTTP method.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The action of a Command API call, the report of a Reporting API call, `token` for a token
    /// request; otherwise the last part of the path.
    pub action_or_report: String,
    /// All parameters except passwords and secrets.
    pub params: Vec<(String, String)>,
    /// The HTTP status, `None` if the connection was closed without an answer.
    pub status: Option<u16>,
    /// True if the client had used the same connection before, which the vendor asks not to do.
    pub reused_connection: bool,
    /// True if the request carried credentials in its `Authorization` header.
    pub authorization: bool,
    /// True if the request carried a cookie, which no client should.
    pub cookies: bool,
    /// The fault that this call met, if a test asked for one.
    pub fault: Option<Fault>,
}

/// The XML namespace of the replies. Clients must not depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Namespace {
    /// `http://www.bomgar.com/namespaces/API/…`: older Remote Support versions.
    Bomgar,
    /// `https://www.beyondtrust.com/namespaces/API/…`: current Remote Support versions.
    #[default]
    BeyondTrust,
    /// `http://www.beyondtrust.com/sra/namespaces/API/…`: Privileged Remote Access.
    Sra,
    /// No namespace at all.
    None,
}

impl Namespace {
    pub(crate) fn uri(self, api: &str) -> Option<String> {
        let base = match self {
            Self::Bomgar => "http://www.bomgar.com/namespaces/API",
            Self::BeyondTrust => "https://www.beyondtrust.com/namespaces/API",
            Self::Sra => "http://www.beyondtrust.com/sra/namespaces/API",
            Self::None => return None,
        };
        Some(format!("{base}/{api}"))
    }
}

/// How a missing permission is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Denial {
    /// HTTP 200 with an XML error.
    #[default]
    XmlError,
    /// HTTP 403 with a JSON message.
    Forbidden403,
}

/// How errors are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorForm {
    /// `<error>` is the root.
    #[default]
    Root,
    /// As before, with a blank before the closing bracket: `<error >`.
    SpacedRoot,
    /// `<error>` is inside of the root that a good answer would have. Where that is not known to
    /// be XML, and for actions that answer `<success>`, the error is still the root.
    Inner,
}

/// The access of the Command API that an action needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read-only access is enough.
    ReadOnly,
    /// Full access.
    Full,
}

/// A public site with a host name of its own.
#[derive(Clone, Debug)]
pub(crate) struct PublicSite {
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) host: String,
}

/// A message in a team's chat, outside of any session.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TeamMessage {
    /// The team.
    pub team_id: u32,
    /// When it was sent, in Unix seconds.
    pub timestamp: i64,
    /// Username of the representative it seems to come from; `None` for the system.
    pub from: Option<String>,
    /// Username of the only receiver; `None` for the whole team.
    pub to: Option<String>,
    /// The text.
    pub body: String,
}

#[derive(Debug)]
pub(crate) struct State {
    /// The first one is the account that [`BomgarSim`](crate::BomgarSim) itself speaks of.
    pub(crate) accounts: Vec<ApiAccount>,
    pub(crate) token_lifetime: Duration,
    /// As the token reply spells it.
    pub(crate) token_type: String,
    pub(crate) users: Vec<LegacyUser>,
    /// "Enable XML API".
    pub(crate) api_enabled: bool,
    /// Access that actions need where it differs from the usual.
    pub(crate) required_access: BTreeMap<String, Access>,
    pub(crate) error_form: ErrorForm,
    pub(crate) denial: Denial,
    /// What the health checks complain about.
    pub(crate) health_problem: Option<String>,
    pub(crate) namespace: Namespace,
    pub(crate) scrambled: bool,
    pub(crate) file_elements: bool,
    pub(crate) documents: Documents,
    pub(crate) report_delay: Option<Duration>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) next_lseq: u64,
    pub(crate) keys: Vec<SessionKey>,
    pub(crate) staff: Staff,
    pub(crate) teams: Vec<Team>,
    pub(crate) public_sites: Vec<PublicSite>,
    pub(crate) team_messages: Vec<TeamMessage>,
    pub(crate) cluster: Cluster,
    /// Connected beside consoles and customers.
    pub(crate) clients: Vec<ConnectedClient>,
    /// How many Jump Clients are connected.
    pub(crate) pinned_clients: u32,
    pub(crate) jump: Jump,
    pub(crate) calls: Vec<Call>,
    pub(crate) faults: Faults,
    pub(crate) limiter: Limiter,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) delivered: Vec<Delivery>,
}

impl State {
    pub(crate) fn session(&self, lsid: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| session.lsid == lsid)
    }

    pub(crate) fn session_mut(&mut self, lsid: &str) -> Option<&mut Session> {
        self.sessions
            .iter_mut()
            .find(|session| session.lsid == lsid)
    }

    /// Hands what a session raised to all recipients that want it.
    pub(crate) fn publish(&mut self, lsid: &str) {
        let Some(session) = self
            .sessions
            .iter_mut()
            .find(|session| session.lsid == lsid)
        else {
            return;
        };
        let custom = session.custom.clone();
        for event in session.take_raised() {
            for recipient in &mut self.recipients {
                if !recipient.wants(&event) {
                    continue;
                }
                let mut event = event.clone();
                if recipient.spec.custom_fields {
                    for attribute in &custom {
                        let name = format!("session.custom.{}", attribute.code_name);
                        event = event.field(name, &attribute.value);
                    }
                }
                recipient.enqueue(event);
            }
        }
    }

    pub(crate) fn pending(&self) -> usize {
        self.recipients
            .iter()
            .map(|recipient| recipient.queue.len())
            .sum()
    }

    pub(crate) fn account(&self, client_id: &str) -> Option<&ApiAccount> {
        self.accounts.iter().find(|account| account.id == client_id)
    }

    /// Why the appliance is not well, if so.
    pub(crate) fn problem(&self) -> Option<String> {
        self.health_problem.clone().or_else(|| {
            let failover = self.cluster.failover.as_ref()?;
            failover.problem().map(str::to_owned)
        })
    }

    /// Who is logged in. Someone from outside is so while in a session.
    pub(crate) fn logged_in(&self) -> impl Iterator<Item = &LoggedIn> {
        let invited_elsewhere = |rep: &Representative| {
            rep.invited
                && !self.sessions.iter().any(|session| {
                    session.active
                        && session
                            .reps
                            .iter()
                            .any(|member| member.rep.username == rep.username && member.present())
                })
        };
        self.staff
            .present
            .iter()
            .filter(move |known| !invited_elsewhere(&known.rep))
    }

    /// Logs a representative out, who so leaves all sessions. False if there is no such one.
    pub(crate) fn log_out(&mut self, id: u32) -> bool {
        let Some(rep) = self.staff.log_out(id) else {
            return false;
        };
        let party = crate::people::Party::Rep(rep.username);
        let mut left = Vec::new();
        for session in self.sessions.iter_mut().filter(|session| session.active) {
            // Most sessions are other people's, which is no error here.
            if session.departed(&party).is_ok() {
                left.push(session.lsid.clone());
            }
        }
        for lsid in left {
            self.publish(&lsid);
        }
        true
    }

    /// A data sync cuts everybody off: nobody is logged in any more, and running sessions end
    /// without an orderly close.
    pub(crate) fn cut_everybody_off(&mut self) {
        self.staff.present.clear();
        let mut ended = Vec::new();
        for session in self.sessions.iter_mut().filter(|session| session.active) {
            if session
                .finish(None, crate::session::Ending::Abnormal)
                .is_ok()
            {
                ended.push(session.lsid.clone());
            }
        }
        for lsid in ended {
            self.publish(&lsid);
        }
    }

    /// The teams behind a `team:`, `issue:` or `embassy:` queue.
    fn teams_of_queue(&self, kind: &str, value: &str) -> impl Iterator<Item = &Team> {
        let (by_issue, embassy) = (kind == "issue", kind == "embassy");
        self.teams
            .iter()
            .filter(move |team| team.embassy == embassy)
            .filter(move |team| {
                if by_issue {
                    team.issues.iter().any(|(code_name, _)| code_name == value)
                } else {
                    team.id.to_string() == value
                }
            })
    }

    /// Why the appliance would refuse this queue, if so.
    pub(crate) fn check_queue(&self, queue: &str) -> Result<(), String> {
        if queue == "general" {
            return Ok(());
        }
        let (kind, value) = queue.split_once(':').unwrap_or((queue, ""));
        let known = &self.staff.known;
        let found = match kind {
            "rep" => known
                .iter()
                .filter(|rep| rep.id.to_string() == value)
                .count(),
            "rep_username" => known.iter().filter(|rep| rep.username == value).count(),
            "team" | "embassy" => self.teams_of_queue(kind, value).count(),
            "issue" => self.teams_of_queue(kind, value).count().min(1),
            _ => return Err("Invalid queue_id.".to_owned()),
        };
        match found {
            1 => Ok(()),
            0 => Err(format!("The queue {queue} does not exist.")),
            _ => Err(format!("The queue {queue} is not unique.")),
        }
    }

    /// Whether someone is there to take a session from this queue.
    pub(crate) fn queue_available(&self, queue: &str) -> bool {
        let (kind, value) = queue.split_once(':').unwrap_or((queue, ""));
        match kind {
            "general" => self.logged_in().next().is_some(),
            "rep" => self.staff.by_id(value).is_some(),
            "rep_username" => self.staff.by_username(value).is_some(),
            _ => self
                .teams_of_queue(kind, value)
                .flat_map(|team| &team.members)
                .any(|id| self.staff.by_id(&id.to_string()).is_some()),
        }
    }

    /// The team whose sessions come through this queue.
    pub(crate) fn queue_team(&self, queue: &str) -> Option<&Team> {
        let (kind, value) = queue.split_once(':')?;
        matches!(kind, "team" | "issue" | "embassy")
            .then(|| self.teams_of_queue(kind, value).next())
            .flatten()
    }

    /// Hands a session to a `rep:`, `rep_username:` or `team:` queue; `Err` is the appliance's
    /// text. The session must be running.
    pub(crate) fn transfer(&mut self, lsid: &str, queue: &str) -> Result<(), String> {
        use crate::session::Destination;
        let (kind, value) = queue.split_once(':').unwrap_or((queue, ""));
        if !matches!(kind, "rep" | "rep_username" | "team") {
            return Err("Invalid queue_id.".to_owned());
        }
        self.check_queue(queue)?;
        let to = match kind {
            "team" => self
                .queue_team(queue)
                .map(|team| Destination::Team(team.id, team.name.clone())),
            "rep" => self
                .staff
                .by_id(value)
                .map(|known| Destination::Rep(known.rep.clone())),
            _ => self
                .staff
                .by_username(value)
                .map(|known| Destination::Rep(known.rep.clone())),
        };
        let to = to.ok_or("The representative is not logged in.")?;
        self.session_mut(lsid)
            .filter(|session| session.active)
            .ok_or("Invalid lsid.")?
            .transfer(to)
            .map_err(|error| error.to_string())?;
        self.publish(lsid);
        Ok(())
    }
}

/// The state with what never changes beside it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) base_url: String,
    pub(crate) certificate_pem: Option<String>,
    pub(crate) company: String,
    pub(crate) api_version: String,
    pub(crate) appliance_id: String,
    /// For recipients without a certificate of their own.
    pub(crate) http: reqwest::Client,
    /// Tells recipients apart even where one has replaced another with the same address.
    pub(crate) next_recipient: AtomicU64,
    pub(crate) runtime: tokio::runtime::Handle,
    /// Counts settled outbound events, so that a test can wait for them.
    pub(crate) changed: watch::Sender<u64>,
    pub(crate) tasks: Mutex<Vec<AbortHandle>>,
    /// The scenario that was played last through `/_sim/`, as it is shown there.
    pub(crate) playing: Mutex<serde_json::Value>,
    pub(crate) state: Mutex<State>,
}

impl Inner {
    /// A poisoned lock is used on: the state of a simulator is only ever read by its test.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tasks(&self) -> MutexGuard<'_, Vec<AbortHandle>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
