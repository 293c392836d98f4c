//! What the executor needs from the world: an appliance, a desk, a ledger and a clock.

use crate::{
    draft::Draft,
    effect::{EffectKey, EffectKind, Marker},
    failure::Failure,
    needs::{Facts, Needs},
};
use async_trait::async_trait;
use bomgar_api::reporting::Session;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The remote-support appliance.
#[async_trait]
pub trait Appliance: Send + Sync {
    /// The session's report; `None` while the appliance does not have it (yet).
    ///
    /// # Errors
    /// Whatever kept the report from us, classed.
    async fn session(&self, lsid: &str) -> Result<Option<Session>, Failure>;
}

/// The service desk.
#[async_trait]
pub trait Desk: Send + Sync {
    /// The tenant's number (`CI`), part of every effect key.
    ///
    /// # Errors
    /// When the tenant cannot be found out.
    async fn tenant(&self) -> Result<i64, Failure>;

    /// Answers all questions.
    ///
    /// # Errors
    /// A failed call, classed. "Not found" is an empty answer, never an error.
    async fn look_up(&self, needs: &Needs) -> Result<Facts, Failure>;

    /// Creates one record, with exactly one request: no redirect followed, nothing sent twice.
    /// Nothing may leave after `deadline`, however long a turn was waited for: what the ledger says
    /// about the request would not be true any more.
    async fn create(&self, draft: &Draft, deadline: Timestamp) -> CreateOutcome;

    /// Finds records by marker, as the API user itself, never impersonated.
    ///
    /// # Errors
    /// A failed search is no answer: the caller must not conclude that nothing is there.
    async fn find(&self, search: &Search<'_>) -> Result<Vec<Found>, Failure>;

    /// Whether at least one record of this kind can be read at all, whoever wrote it.
    ///
    /// # Errors
    /// As [`Desk::find`].
    async fn can_read_any(&self, kind: EffectKind) -> Result<bool, Failure>;

    /// Records that our API user created on this ticket from `since` on.
    ///
    /// # Errors
    /// As [`Desk::find`].
    async fn written_by_us(
        &self,
        kind: EffectKind,
        ticket_id: i64,
        since: Timestamp,
    ) -> Result<Vec<Found>, Failure>;
}

/// A look for records by marker.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The kind of record.
    pub kind: EffectKind,
    /// The marker to find.
    pub marker: &'a Marker,
    /// Where to look.
    pub scope: Scope,
}

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// On one ticket.
    Ticket(i64),
    /// On every ticket, created at this time or later.
    Tenant(Timestamp),
}

/// A record that exists in the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Its id.
    pub id: i64,
    /// The ticket it is on.
    pub ticket_id: Option<i64>,
    /// When it was created, if the desk says so.
    pub created: Option<Timestamp>,
    /// Start, for time entries.
    pub start: Option<Timestamp>,
    /// End, for time entries.
    pub end: Option<Timestamp>,
    /// Whether any marker of our form stands in it.
    pub has_marker: bool,
}

/// How a create ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CreateOutcome {
    /// Stored, under these ids.
    Created(Vec<i64>),
    /// Clearly not stored: the server said no, or nothing was ever sent.
    Refused(Failure),
    /// Perhaps stored: the answer was lost, unreadable or not the server's own. The text says what
    /// was seen.
    Ambiguous(String),
}

/// Where a ledger row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowState {
    /// Fixed together with another part of the same text; not sent yet.
    Planned,
    /// The request was, or is about to be, sent; its outcome is not known.
    Intent,
    /// Clearly refused or never sent; may be planned anew.
    Refused,
    /// Stored in the desk.
    Done,
    /// A person must decide; nothing more is sent.
    Undecided,
    /// Written down, never sent, and no longer part of the text.
    Superseded,
}

impl RowState {
    /// Whether a request may have left for it and was not clearly refused.
    pub fn is_sent(self) -> bool {
        matches!(
            self,
            RowState::Intent | RowState::Done | RowState::Undecided
        )
    }

    /// The stable name that stores use.
    pub fn as_str(self) -> &'static str {
        match self {
            RowState::Planned => "planned",
            RowState::Intent => "intent",
            RowState::Refused => "refused",
            RowState::Done => "done",
            RowState::Undecided => "undecided",
            RowState::Superseded => "superseded",
        }
    }
}

/// One effect in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    /// Its identity.
    pub key: EffectKey,
    /// Where it stands.
    pub state: RowState,
    /// The exact record that was or will be sent.
    pub draft: Draft,
    /// When the first request was about to be handed to the network.
    pub first_sent_at: Timestamp,
    /// When the last request was about to be handed to the network.
    pub sent_at: Timestamp,
    /// After this time nothing of that request can have left: its time limit, or the end of the
    /// call if that was earlier.
    pub deadline: Timestamp,
    /// How many times a search could not settle the outcome.
    pub ambiguous_rounds: u32,
    /// The ids that the desk gave; several if the desk split the record.
    pub ids: Vec<i64>,
    /// What was seen last, in words.
    pub remark: String,
}

/// The durable memory of effects. Every write is on disk before the call returns.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// All rows of a session, in every state, ordered by kind and part.
    ///
    /// # Errors
    /// When the store fails.
    async fn rows(&self, tenant: i64, lsid: &str) -> Result<Vec<LedgerRow>, Failure>;

    /// Inserts the row, or replaces the one with the same key.
    ///
    /// # Errors
    /// When the store fails; then nothing may be sent.
    async fn put(&self, row: &LedgerRow) -> Result<(), Failure>;

    /// Inserts several rows in one transaction: all of them or none.
    ///
    /// # Errors
    /// When the store fails.
    async fn put_all(&self, rows: &[LedgerRow]) -> Result<(), Failure>;

    /// The most recent `Done` rows of this kind and tenant, at most `limit`, other than `except`:
    /// records of ours that are known to exist.
    ///
    /// # Errors
    /// When the store fails.
    async fn known(
        &self,
        tenant: i64,
        kind: EffectKind,
        except: &EffectKey,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, Failure>;

    /// Whether a `Done` row of this kind and tenant holds this id.
    ///
    /// # Errors
    /// When the store fails.
    async fn owns(&self, tenant: i64, kind: EffectKind, id: i64) -> Result<bool, Failure>;
}

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}
