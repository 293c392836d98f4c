//! Programs connected to the appliance beside consoles and customers of sessions.

use crate::{random, time};

/// Which program is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientKind {
    Representative,
    SupportCustomer,
    PresentationAttendee,
    PushAgent,
}

impl ClientKind {
    pub(crate) const ALL: [Self; 4] = [
        Self::Representative,
        Self::SupportCustomer,
        Self::PresentationAttendee,
        Self::PushAgent,
    ];

    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Representative => "representative",
            Self::SupportCustomer => "support_customer",
            Self::PresentationAttendee => "presentation_attendee",
            Self::PushAgent => "push_agent",
        }
    }

    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::Representative => "connected_representative",
            Self::SupportCustomer => "connected_support_customer",
            Self::PresentationAttendee => "connected_presentation_attendee",
            Self::PushAgent => "connected_push_agent",
        }
    }
}

/// A Jumpoint or an attendee of a presentation that is connected.
///
/// Representatives who are logged in and customers who are in a session are connected without
/// being added.
///
/// ```
/// use bomgar_sim::ConnectedClient;
///
/// let jumpoint = ConnectedClient::push_agent("JP-LYON").timezone_offset(3_600);
/// # let _ = jumpoint;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ConnectedClient {
    pub(crate) kind: ClientKind,
    pub(crate) id: String,
    pub(crate) hostname: String,
    pub(crate) os: String,
    pub(crate) timezone_offset: i32,
    /// Unix seconds.
    pub(crate) since: i64,
}

impl ConnectedClient {
    pub(crate) fn new(kind: ClientKind, hostname: impl Into<String>) -> Self {
        Self {
            kind,
            id: random::hex32(),
            hostname: hostname.into(),
            os: "Windows Server 2022 (x64)".to_owned(),
            timezone_offset: 0,
            since: time::now(),
        }
    }

    /// A Jumpoint's agent on this computer, connected since now.
    pub fn push_agent(hostname: impl Into<String>) -> Self {
        Self::new(ClientKind::PushAgent, hostname)
    }

    /// An attendee of a presentation at this computer, connected since now.
    pub fn presentation_attendee(hostname: impl Into<String>) -> Self {
        Self::new(ClientKind::PresentationAttendee, hostname)
    }

    /// The operating system.
    pub fn os(mut self, os: impl Into<String>) -> Self {
        self.os = os.into();
        self
    }

    /// How many seconds the computer's time is ahead of UTC.
    pub fn timezone_offset(mut self, seconds: i32) -> Self {
        self.timezone_offset = seconds;
        self
    }

    /// Since when, in Unix seconds.
    pub fn connected_since(mut self, unix_seconds: i64) -> Self {
        self.since = unix_seconds;
        self
    }
}
