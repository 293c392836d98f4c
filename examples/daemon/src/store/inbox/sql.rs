//! The inbox in SQL.

use super::{InboxEntry, InboxState, Job, NewEvent, Stored};
use crate::store::{
    error::{StoreError, StoreErrorKind},
    nanos, timestamp,
};
use jiff::Timestamp;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

/// One change of one event, or of all events of a configuration.
#[derive(Clone, Debug)]
pub(in crate::store) enum Change {
    Finish {
        id: i64,
        state: InboxState,
        now: Timestamp,
        failure: Option<String>,
        remark: Option<String>,
    },
    Retry {
        id: i64,
        when: Timestamp,
        failure: String,
        count: bool,
    },
    Replay {
        id: i64,
        now: Timestamp,
    },
    RequeueRunning,
    Hold {
        configuration: String,
    },
    Release {
        configuration: String,
    },
}

pub(super) fn state_of(text: &str) -> Result<InboxState, StoreError> {
    InboxState::parse(text)
        .ok_or_else(|| StoreError::unreadable("an event's state", format!("unknown state {text}")))
}

pub(in crate::store) async fn insert(
    connection: &mut SqliteConnection,
    event: &NewEvent,
) -> Result<Stored, StoreError> {
    let fail = |error| StoreError::database("cannot store an event", error);
    let state = if event.held {
        InboxState::Held
    } else {
        InboxState::Pending
    };
    let inserted = sqlx::query(
        "INSERT INTO inbox (configuration, event, lsid, event_timestamp, external_key, body,
                            received_at, dedupe_key, state, next_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?7)
         ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
    )
    .bind(&event.configuration)
    .bind(&event.event)
    .bind(&event.lsid)
    .bind(event.event_timestamp.map(nanos))
    .bind(&event.external_key)
    .bind(&event.body[..])
    .bind(nanos(event.received_at))
    .bind(&event.dedupe_key)
    .bind(state.as_str())
    .fetch_optional(&mut *connection)
    .await
    .map_err(fail)?;
    if let Some(row) = inserted {
        return Ok(Stored::New(row.try_get(0).map_err(fail)?));
    }
    let row = sqlx::query("SELECT id FROM inbox WHERE dedupe_key = ?")
        .bind(&event.dedupe_key)
        .fetch_one(&mut *connection)
        .await
        .map_err(fail)?;
    Ok(Stored::Duplicate(row.try_get(0).map_err(fail)?))
}

pub(in crate::store) async fn claim(
    connection: &mut SqliteConnection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Job>, StoreError> {
    let fail = |error| StoreError::database("cannot take events", error);
    let rows = sqlx::query(
        "UPDATE inbox SET state = 'running' WHERE id IN (
             SELECT i.id FROM inbox AS i
             WHERE i.state = 'pending' AND i.next_at <= ?1 AND NOT EXISTS (
                 SELECT 1 FROM inbox AS o
                 WHERE o.lsid = i.lsid AND o.state IN ('pending', 'running') AND o.id <> i.id
                   AND (o.state = 'running' OR (o.id < i.id
                        AND (o.configuration = i.configuration OR o.next_at <= ?1))))
             ORDER BY i.next_at, i.id LIMIT ?2)
         RETURNING id, configuration, event, lsid, event_timestamp, external_key, body,
                   received_at, attempts",
    )
    .bind(nanos(now))
    .bind(i64::from(limit))
    .fetch_all(&mut *connection)
    .await
    .map_err(fail)?;
    let mut jobs = rows
        .iter()
        .map(|row| {
            let event_timestamp: Option<i64> = row.try_get(4).map_err(fail)?;
            let body: Vec<u8> = row.try_get(6).map_err(fail)?;
            Ok(Job {
                id: row.try_get(0).map_err(fail)?,
                configuration: row.try_get(1).map_err(fail)?,
                event: row.try_get(2).map_err(fail)?,
                lsid: row.try_get(3).map_err(fail)?,
                event_timestamp: event_timestamp.map(timestamp).transpose()?,
                external_key: row.try_get(5).map_err(fail)?,
                body: body.into(),
                received_at: timestamp(row.try_get(7).map_err(fail)?)?,
                attempts: row.try_get(8).map_err(fail)?,
            })
        })
        .collect::<Result<Vec<Job>, StoreError>>()?;
    // RETURNING promises no order.
    jobs.sort_by_key(|job| job.id);
    Ok(jobs)
}

pub(in crate::store) async fn change(
    connection: &mut SqliteConnection,
    change: &Change,
) -> Result<u64, StoreError> {
    let (query, one) = match change {
        Change::Finish {
            id,
            state,
            now,
            failure,
            remark,
        } => (
            sqlx::query(
                "UPDATE inbox SET state = ?2, finished_at = ?3, remark = ?5,
                        last_failure = coalesce(?4, last_failure)
                 WHERE id = ?1 AND state = 'running'",
            )
            .bind(id)
            .bind(state.as_str())
            .bind(nanos(*now))
            .bind(failure)
            .bind(remark),
            Some((id, "running")),
        ),
        Change::Retry {
            id,
            when,
            failure,
            count,
        } => (
            sqlx::query(
                "UPDATE inbox SET state = 'pending', next_at = ?2, last_failure = ?3,
                        attempts = attempts + ?4
                 WHERE id = ?1 AND state = 'running'",
            )
            .bind(id)
            .bind(nanos(*when))
            .bind(failure)
            .bind(i64::from(*count)),
            Some((id, "running")),
        ),
        Change::Replay { id, now } => (
            sqlx::query(
                "UPDATE inbox SET state = 'pending', next_at = ?2, attempts = 0, remark = NULL,
                        finished_at = NULL
                 WHERE id = ?1 AND state IN ('dead', 'ignored')",
            )
            .bind(id)
            .bind(nanos(*now)),
            Some((id, "dead or ignored")),
        ),
        Change::RequeueRunning => (
            sqlx::query("UPDATE inbox SET state = 'pending' WHERE state = 'running'"),
            None,
        ),
        Change::Hold { configuration } => (
            sqlx::query(
                "UPDATE inbox SET state = 'held' WHERE state = 'pending' AND configuration = ?",
            )
            .bind(configuration),
            None,
        ),
        Change::Release { configuration } => (
            sqlx::query(
                "UPDATE inbox SET state = 'pending' WHERE state = 'held' AND configuration = ?",
            )
            .bind(configuration),
            None,
        ),
    };
    let count = query
        .execute(&mut *connection)
        .await
        .map_err(|error| StoreError::database("cannot change an event", error))?
        .rows_affected();
    match one {
        Some((id, wanted)) if count == 0 => Err(StoreError::new(
            StoreErrorKind::Conflict,
            format!("cannot change event {id}, which must be {wanted}"),
        )),
        _ => Ok(count),
    }
}

pub(super) fn entry(row: &SqliteRow) -> Result<InboxEntry, StoreError> {
    let fail = |error| StoreError::database("cannot list events", error);
    let id: i64 = row.try_get(0).map_err(fail)?;
    let state: String = row.try_get(6).map_err(fail)?;
    let event_timestamp: Option<i64> = row.try_get(4).map_err(fail)?;
    let finished_at: Option<i64> = row.try_get(11).map_err(fail)?;
    let failure: Option<String> = row.try_get(9).map_err(fail)?;
    Ok(InboxEntry {
        id,
        configuration: row.try_get(1).map_err(fail)?,
        event: row.try_get(2).map_err(fail)?,
        lsid: row.try_get(3).map_err(fail)?,
        event_timestamp: event_timestamp.map(timestamp).transpose()?,
        received_at: timestamp(row.try_get(5).map_err(fail)?)?,
        state: state_of(&state)?,
        attempts: row.try_get(7).map_err(fail)?,
        next_at: timestamp(row.try_get(8).map_err(fail)?)?,
        last_failure: failure
            .map(|json| serde_json::from_str(&json))
            .transpose()
            .map_err(|error| StoreError::unreadable(format!("the failure of event {id}"), error))?,
        remark: row.try_get(10).map_err(fail)?,
        finished_at: finished_at.map(timestamp).transpose()?,
    })
}
