//! What can go wrong when a test drives the simulator.

/// The reason why the simulator could not do what its caller asked.
///
/// This is never what the simulated appliance answers over HTTP; it is what the Rust methods of
/// [`BomgarSim`](crate::BomgarSim) return.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// No session has this lsid.
    #[error("no session with lsid {0}; use the value that start_session returned")]
    UnknownSession(String),
    /// The session has ended already, so nothing more can happen in it.
    #[error("session {0} has ended already")]
    SessionEnded(String),
    /// The party named is not part of the session.
    #[error("session {lsid} has no {party}")]
    UnknownParty {
        /// The session.
        lsid: String,
        /// Who was asked for.
        party: String,
    },
    /// The party is in the session already.
    #[error("session {lsid} already has {party}")]
    AlreadyInSession {
        /// The session.
        lsid: String,
        /// Who was to join.
        party: String,
    },
    /// The session would end before it began.
    #[error("session {lsid} cannot end at {end}, it began at {start} (Unix seconds)")]
    EndBeforeStart {
        /// The session.
        lsid: String,
        /// When it began, in Unix seconds.
        start: i64,
        /// When it was to end, in Unix seconds.
        end: i64,
    },
    /// No session key has this number, or it has expired.
    #[error("no valid session key {0}")]
    UnknownKey(String),
    /// A queue name that the appliance would refuse.
    #[error("queue {queue} refused: {reason}")]
    Queue {
        /// The queue as it was given.
        queue: String,
        /// What the appliance would say.
        reason: String,
    },
    /// No API account has this client id.
    #[error("no API account with client id {0}")]
    UnknownAccount(String),
    /// No representative with this account number is logged in.
    #[error("no representative with the id {0} is logged in")]
    NotLoggedIn(u32),
    /// The appliance has no failover, or no data sync is running.
    #[error("failover: {0}")]
    Failover(String),
    /// A request to the JSON endpoints below `/_sim/` lacks something or has it in a wrong form.
    #[error("the control request is wrong: {0}")]
    ControlRequest(String),
    /// No recipient of outbound events has this URL.
    #[error("no recipient {0}; add it with add_recipient first")]
    UnknownRecipient(String),
    /// The recipient has not accepted any event yet, so there is none to deliver again.
    #[error("recipient {0} has not accepted any event yet")]
    NothingDelivered(String),
    /// The port could not be opened.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address asked for; port 0 means any.
        address: std::net::SocketAddr,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The HTTP client that posts outbound events could not be built or could not reach the
    /// recipient.
    #[error("posting an outbound event failed: {0}")]
    Post(#[from] reqwest::Error),
    /// The simulator's own certificate could not be made.
    #[error("no TLS certificate could be made: {0}")]
    Tls(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The certificate of a recipient is not one, or not in PEM.
    #[error("the recipient's CA certificate is unusable: {reason}; give it in PEM")]
    Certificate {
        /// What is wrong with it.
        reason: String,
    },
    /// The simulator was started outside of a Tokio runtime.
    #[error("the simulator needs a running Tokio runtime: {0}")]
    Runtime(#[from] tokio::runtime::TryCurrentError),
}
