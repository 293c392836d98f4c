//! Everything the simulated appliance knows.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::faults::{Fault, Faults};
use crate::limits::Limiter;
use crate::outbound::{Delivery, Recipient};
use crate::people::{Representative, Team};
use crate::session::Session;
use crate::{random, time};

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

/// A session key as `generate_session_key` made it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SessionKey {
    /// Seven digits that the customer types in.
    pub short_key: String,
    /// The address that the customer opens instead.
    pub key_url: String,
    /// When the key stops working, in Unix seconds.
    pub expires: i64,
    /// The queue as it was asked for, for example `general` or `rep:7`.
    pub queue: String,
    /// The external key that a session started with this key gets; empty if none was given.
    pub external_key: String,
    pub(crate) custom: Vec<(String, String)>,
    pub(crate) ak: String,
}

#[derive(Debug)]
pub(crate) struct State {
    pub(crate) client_secret: String,
    /// Live tokens with the time they were made, oldest first.
    pub(crate) tokens: Vec<(String, Instant)>,
    pub(crate) token_lifetime: Duration,
    pub(crate) legacy_users: Vec<(String, String)>,
    pub(crate) permissions: BTreeMap<String, String>,
    pub(crate) denial: Denial,
    pub(crate) healthy: bool,
    pub(crate) namespace: Namespace,
    pub(crate) scrambled: bool,
    pub(crate) file_elements: bool,
    pub(crate) empty_report_text: String,
    pub(crate) report_delay: Option<Duration>,
    pub(crate) sessions: Vec<Session>,
    pub(crate) next_lseq: u64,
    pub(crate) keys: Vec<SessionKey>,
    pub(crate) reps: Vec<Representative>,
    pub(crate) teams: Vec<Team>,
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

    /// Why the appliance would refuse this queue, if so.
    pub(crate) fn check_queue(&self, queue: &str) -> Result<(), String> {
        if queue == "general" {
            return Ok(());
        }
        let (kind, value) = queue.split_once(':').unwrap_or((queue, ""));
        let found = match kind {
            "rep" => self
                .reps
                .iter()
                .filter(|rep| rep.id.to_string() == value)
                .count(),
            "rep_username" => self.reps.iter().filter(|rep| rep.username == value).count(),
            "team" => self
                .teams
                .iter()
                .filter(|team| team.id.to_string() == value)
                .count(),
            "issue" => self
                .teams
                .iter()
                .flat_map(|team| &team.issues)
                .filter(|(code_name, _)| code_name == value)
                .count(),
            _ => return Err("Invalid queue_id.".to_owned()),
        };
        match found {
            1 => Ok(()),
            0 => Err(format!("The queue {queue} does not exist.")),
            _ => Err(format!("The queue {queue} is not unique.")),
        }
    }

    pub(crate) fn make_key(
        &mut self,
        base_url: &str,
        queue: &str,
        ttl: i64,
        external_key: &str,
        custom: Vec<(String, String)>,
    ) -> SessionKey {
        let ak = random::hex32();
        let key = SessionKey {
            short_key: random::digits7(),
            key_url: format!("{base_url}/?ak={ak}"),
            expires: time::now().saturating_add(ttl),
            queue: queue.to_owned(),
            external_key: external_key.to_owned(),
            custom,
            ak,
        };
        self.keys.push(key.clone());
        key
    }
}

/// The state with what never changes beside it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) base_url: String,
    pub(crate) certificate_pem: Option<String>,
    pub(crate) client_id: String,
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
