//! Events on their way from the appliance to Autotask.

mod sql;

pub(super) use sql::{Change, change, claim, insert};

use super::{
    Store,
    error::{StoreError, StoreErrorKind},
    timestamp,
    writer::{Answer, Op},
};
use crate::failpoint;
use bytes::Bytes;
use integration_core::failure::Failure;
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sql::{entry, state_of};
use sqlx::Row;
use std::fmt;

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InboxState {
    /// Waits for its turn or its time.
    Pending,
    /// Is being worked on.
    Running,
    /// Everything it leads to is in Autotask.
    Done,
    /// Given up; a person must look at it.
    Dead,
    /// Its configuration is disabled; it waits until that is enabled.
    Held,
    /// Looked at; there was nothing to do.
    Ignored,
}

impl InboxState {
    const ALL: [InboxState; 6] = [
        InboxState::Pending,
        InboxState::Running,
        InboxState::Done,
        InboxState::Dead,
        InboxState::Held,
        InboxState::Ignored,
    ];

    /// The stable name that the store uses.
    pub fn as_str(self) -> &'static str {
        match self {
            InboxState::Pending => "pending",
            InboxState::Running => "running",
            InboxState::Done => "done",
            InboxState::Dead => "dead",
            InboxState::Held => "held",
            InboxState::Ignored => "ignored",
        }
    }

    fn parse(text: &str) -> Option<InboxState> {
        InboxState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

impl fmt::Display for InboxState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An event to be stored.
#[derive(Clone)]
pub struct NewEvent {
    /// The routing key of its configuration: the appliance id in lower case.
    pub configuration: String,
    /// The event's name on the wire.
    pub event: String,
    /// The session.
    pub lsid: String,
    /// When it happened, as the appliance says.
    pub event_timestamp: Option<Timestamp>,
    /// The external key as it was then.
    pub external_key: Option<String>,
    /// The request body as it came.
    pub body: Bytes,
    /// When it came.
    pub received_at: Timestamp,
    /// What makes two deliveries the same event: see [`dedupe_key`].
    pub dedupe_key: String,
    /// Whether it is stored as [`InboxState::Held`].
    pub held: bool,
}

/// Customer text stays out of debug output.
impl fmt::Debug for NewEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewEvent")
            .field("configuration", &self.configuration)
            .field("event", &self.event)
            .field("lsid", &self.lsid)
            .field("event_timestamp", &self.event_timestamp)
            .field("body_bytes", &self.body.len())
            .field("held", &self.held)
            .finish_non_exhaustive()
    }
}

/// The identity of a delivery, a hash over all that tells one event from another. Only the same
/// event, delivered again, has the same key: `timestamp` is the appliance's own text, and `members`
/// are the fields that say who joined or left. Without a timestamp pass the whole body as one more
/// member, because then nothing else tells repeated events apart.
pub fn dedupe_key(
    configuration: &str,
    event: &str,
    lsid: &str,
    timestamp: Option<&str>,
    members: &[(&str, &[u8])],
) -> String {
    let mut hash = Sha256::new();
    // Every part goes in with its length, so that no two lists of parts read the same.
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(configuration.as_bytes());
    part(event.as_bytes());
    part(lsid.as_bytes());
    part(&[u8::from(timestamp.is_some())]);
    part(timestamp.unwrap_or_default().as_bytes());
    for (name, value) in members {
        part(name.as_bytes());
        part(value);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// What storing an event came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// It is on disk now, under this id.
    New(i64),
    /// It was on disk already, under this id.
    Duplicate(i64),
}

/// An event that the caller now works on.
#[derive(Clone)]
pub struct Job {
    /// Its id.
    pub id: i64,
    /// The routing key of its configuration: the appliance id in lower case.
    pub configuration: String,
    /// The event's name on the wire.
    pub event: String,
    /// The session.
    pub lsid: String,
    /// When it happened, as the appliance says.
    pub event_timestamp: Option<Timestamp>,
    /// The external key as it was then.
    pub external_key: Option<String>,
    /// The request body as it came.
    pub body: Bytes,
    /// When it came.
    pub received_at: Timestamp,
    /// How many attempts counted so far.
    pub attempts: u32,
}

/// Customer text stays out of debug output.
impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("id", &self.id)
            .field("configuration", &self.configuration)
            .field("event", &self.event)
            .field("lsid", &self.lsid)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// An event as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct InboxEntry {
    /// Its id.
    pub id: i64,
    /// The routing key of its configuration: the appliance id in lower case.
    pub configuration: String,
    /// The event's name on the wire.
    pub event: String,
    /// The session.
    pub lsid: String,
    /// When it happened, as the appliance says.
    pub event_timestamp: Option<Timestamp>,
    /// When it came.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: InboxState,
    /// How many attempts counted so far.
    pub attempts: u32,
    /// When it is tried next; meaningful while it is pending.
    pub next_at: Timestamp,
    /// Why the last attempt failed.
    pub last_failure: Option<Failure>,
    /// What else is to be said about it.
    pub remark: Option<String>,
    /// When it was finished.
    pub finished_at: Option<Timestamp>,
}

impl Store {
    /// Stores an event. When this returns, it is on disk.
    ///
    /// # Errors
    /// When the store cannot be written; then the event must not be acknowledged.
    pub async fn store_event(&self, event: NewEvent) -> Result<Stored, StoreError> {
        let held = event.held;
        match self.write(Op::StoreEvent(event)).await? {
            Answer::Stored(stored) => {
                if matches!(stored, Stored::New(_)) && !held {
                    self.work_arrived().notify_one();
                }
                Ok(stored)
            }
            other => Err(other.unexpected("store an event")),
        }
    }

    /// Takes up to `limit` events whose time has come and marks them as running. Of each session
    /// only its oldest open event is taken, and none while another of it is running, so that one
    /// session's events never overlap and never overtake one another; not even those of different
    /// configurations, which may share a tenant.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn due(&self, now: Timestamp, limit: u32) -> Result<Vec<Job>, StoreError> {
        match self.write(Op::Claim { now, limit }).await? {
            Answer::Jobs(jobs) => Ok(jobs),
            other => Err(other.unexpected("take events")),
        }
    }

    /// When the next pending event is to be tried; `None` if nothing waits. The time may have
    /// passed already while the event waits for another one of its session.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next_due_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let fail = |error| StoreError::database("cannot look for the next event", error);
        // Only events that are first in line: the others wait for those, whatever their time.
        let row = sqlx::query(
            "SELECT next_at FROM inbox AS i WHERE state = 'pending' AND NOT EXISTS (
                 SELECT 1 FROM inbox AS o
                 WHERE o.lsid = i.lsid AND o.state IN ('pending', 'running') AND o.id <> i.id
                   AND (o.state = 'running'
                        OR (o.id < i.id AND o.configuration = i.configuration)))
             ORDER BY next_at, id LIMIT 1",
        )
        .fetch_optional(self.reader())
        .await
        .map_err(fail)?;
        let next: Option<i64> = row.map(|row| row.try_get(0)).transpose().map_err(fail)?;
        next.map(timestamp).transpose()
    }

    /// Everything that this running event leads to is done.
    ///
    /// # Errors
    /// When it is not running, or the store cannot be written.
    pub async fn mark_done(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        failpoint::hit("inbox.before_done");
        let state = InboxState::Done;
        self.change_one(Change::Finish {
            id,
            state,
            now,
            failure: None,
            remark: None,
        })
        .await?;
        failpoint::hit("inbox.after_done");
        Ok(())
    }

    /// This running event leads to nothing, for the reason given.
    ///
    /// # Errors
    /// When it is not running, or the store cannot be written.
    pub async fn mark_ignored(
        &self,
        id: i64,
        now: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        let remark = Some(reason.to_owned());
        let state = InboxState::Ignored;
        self.change_one(Change::Finish {
            id,
            state,
            now,
            failure: None,
            remark,
        })
        .await
    }

    /// This running event is given up until a person replays it.
    ///
    /// # Errors
    /// When it is not running, or the store cannot be written.
    pub async fn dead(&self, id: i64, now: Timestamp, failure: &Failure) -> Result<(), StoreError> {
        let failure = Some(to_json(failure)?);
        let state = InboxState::Dead;
        self.change_one(Change::Finish {
            id,
            state,
            now,
            failure,
            remark: None,
        })
        .await
    }

    /// This running event is tried again at `when`. `count_attempt` is false for failures that are
    /// nobody's fault, such as a limit.
    ///
    /// # Errors
    /// When it is not running, or the store cannot be written.
    pub async fn retry_at(
        &self,
        id: i64,
        when: Timestamp,
        failure: &Failure,
        count_attempt: bool,
    ) -> Result<(), StoreError> {
        let failure = to_json(failure)?;
        self.change_one(Change::Retry {
            id,
            when,
            failure,
            count: count_attempt,
        })
        .await
    }

    /// Takes a dead or ignored event up again, as if it had just come. The ledger still knows what
    /// was written for it.
    ///
    /// # Errors
    /// When it is neither, or the store cannot be written.
    pub async fn replay(&self, id: i64, now: Timestamp) -> Result<(), StoreError> {
        self.change_one(Change::Replay { id, now }).await?;
        self.work_arrived().notify_one();
        Ok(())
    }

    /// Makes running events pending again; for the start, when nothing can be running. The number
    /// of them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn requeue_running_on_start(&self) -> Result<u64, StoreError> {
        self.change(Change::RequeueRunning).await
    }

    /// Holds the pending events of a disabled configuration. The number of them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn hold(&self, configuration: &str) -> Result<u64, StoreError> {
        self.change(Change::Hold {
            configuration: configuration.to_owned(),
        })
        .await
    }

    /// Makes the held events of an enabled configuration pending. The number of them.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn release(&self, configuration: &str) -> Result<u64, StoreError> {
        let released = self
            .change(Change::Release {
                configuration: configuration.to_owned(),
            })
            .await?;
        if released > 0 {
            self.work_arrived().notify_one();
        }
        Ok(released)
    }

    /// How many events wait or are being worked on.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn pending_count(&self) -> Result<u64, StoreError> {
        let count: i64 =
            sqlx::query("SELECT count(*) FROM inbox WHERE state IN ('pending', 'running')")
                .fetch_one(self.reader())
                .await
                .and_then(|row| row.try_get(0))
                .map_err(|error| StoreError::database("cannot count events", error))?;
        Ok(count.unsigned_abs())
    }

    /// How many events of each configuration stand in each state.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn inbox_counts(&self) -> Result<Vec<(String, InboxState, u64)>, StoreError> {
        let fail = |error| StoreError::database("cannot count events", error);
        let rows = sqlx::query(
            "SELECT configuration, state, count(*) FROM inbox GROUP BY 1, 2 ORDER BY 1, 2",
        )
        .fetch_all(self.reader())
        .await
        .map_err(fail)?;
        rows.iter()
            .map(|row| {
                let state: String = row.try_get(1).map_err(fail)?;
                let count: i64 = row.try_get(2).map_err(fail)?;
                Ok((
                    row.try_get(0).map_err(fail)?,
                    state_of(&state)?,
                    count.unsigned_abs(),
                ))
            })
            .collect()
    }

    /// The newest events, in one state or in all, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn inbox(
        &self,
        state: Option<InboxState>,
        limit: u32,
    ) -> Result<Vec<InboxEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, configuration, event, lsid, event_timestamp, received_at, state, attempts,
                    next_at, last_failure, remark, finished_at
             FROM inbox WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?2",
        )
        .bind(state.map(InboxState::as_str))
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await
        .map_err(|error| StoreError::database("cannot list events", error))?;
        rows.iter().map(entry).collect()
    }

    async fn change(&self, change: Change) -> Result<u64, StoreError> {
        match self.write(Op::Inbox(change)).await? {
            Answer::Changed(count) => Ok(count),
            other => Err(other.unexpected("change an event")),
        }
    }

    async fn change_one(&self, change: Change) -> Result<(), StoreError> {
        self.change(change).await.map(|_| ())
    }
}

fn to_json(failure: &Failure) -> Result<String, StoreError> {
    serde_json::to_string(failure).map_err(|error| {
        StoreError::with(
            StoreErrorKind::Unreadable,
            "cannot write down a failure",
            error,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_an_event_is_part_of_its_identity() {
        let key = |configuration, event, lsid, timestamp, members: &[(&str, &[u8])]| {
            dedupe_key(configuration, event, lsid, timestamp, members)
        };
        let joined: &[(&str, &[u8])] = &[("type", b"customer"), ("name", b"a")];
        let mut keys = vec![
            key("c", "e", "l", Some("1"), joined),
            key("d", "e", "l", Some("1"), joined),
            key("c", "f", "l", Some("1"), joined),
            key("c", "e", "m", Some("1"), joined),
            key("c", "e", "l", Some("2"), joined),
            key("c", "e", "l", Some(""), joined),
            key("c", "e", "l", None, joined),
            key(
                "c",
                "e",
                "l",
                Some("1"),
                &[("type", b"customer"), ("name", b"b")],
            ),
            key(
                "c",
                "e",
                "l",
                Some("1"),
                &[("type", b"customername"), ("", b"a")],
            ),
            key("ce", "", "l", Some("1"), joined),
        ];
        let count = keys.len();
        assert_eq!(keys[0], key("c", "e", "l", Some("1"), joined));
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn states_read_back() {
        for state in InboxState::ALL {
            assert_eq!(InboxState::parse(state.as_str()), Some(state));
        }
        assert_eq!(InboxState::parse("lost"), None);
    }
}
