//! What the appliance sent and nobody could assign: kept, within a quota, until a person looks.

use super::{
    Store,
    error::StoreError,
    nanos, timestamp,
    writer::{Answer, Op},
};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Row, SqliteConnection};
use std::fmt;

/// How much the quarantine keeps. Whatever comes beyond is counted, its content dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// At most so many requests.
    pub rows: u64,
    /// At most so many bytes of bodies.
    pub bytes: u64,
}

impl Default for Quota {
    /// 10,000 requests, 64 MiB.
    fn default() -> Self {
        Quota {
            rows: 10_000,
            bytes: 64 * 1024 * 1024,
        }
    }
}

/// A request to be kept.
#[derive(Clone)]
pub struct NewQuarantined {
    /// Why it could not be assigned; one of few words, because overflow is counted by it.
    pub reason: String,
    /// The appliance id of the request, as it came.
    pub appliance: Option<String>,
    /// The sender's address.
    pub remote: Option<String>,
    /// The request's `Content-Type`.
    pub content_type: Option<String>,
    /// The request's body.
    pub body: Bytes,
    /// When it came.
    pub received_at: Timestamp,
}

/// Customer text stays out of debug output.
impl fmt::Debug for NewQuarantined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewQuarantined")
            .field("reason", &self.reason)
            .field("appliance", &self.appliance)
            .field("remote", &self.remote)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quarantined {
    /// Kept under this id.
    Kept(i64),
    /// The quota is used up: only counted.
    Counted,
}

/// A request that is kept.
#[derive(Clone)]
#[non_exhaustive]
pub struct QuarantineEntry {
    /// Its id.
    pub id: i64,
    /// When it came.
    pub received_at: Timestamp,
    /// Why it could not be assigned.
    pub reason: String,
    /// The appliance id of the request, as it came.
    pub appliance: Option<String>,
    /// The sender's address.
    pub remote: Option<String>,
    /// The request's `Content-Type`.
    pub content_type: Option<String>,
    /// The request's body.
    pub body: Bytes,
}

/// Customer text stays out of debug output.
impl fmt::Debug for QuarantineEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuarantineEntry")
            .field("id", &self.id)
            .field("received_at", &self.received_at)
            .field("reason", &self.reason)
            .field("appliance", &self.appliance)
            .field("remote", &self.remote)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Requests of one reason whose content was dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Overflow {
    /// Why they could not be assigned.
    pub reason: String,
    /// How many.
    pub count: u64,
    /// How many bytes their bodies had.
    pub bytes: u64,
    /// When the first came.
    pub first_at: Timestamp,
    /// When the last came.
    pub last_at: Timestamp,
}

/// How full the quarantine is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct QuarantineUsage {
    /// Requests kept.
    pub rows: u64,
    /// Bytes of their bodies.
    pub bytes: u64,
    /// Requests only counted.
    pub overflow: Vec<Overflow>,
}

impl Store {
    /// Keeps a request that cannot be assigned, or counts it if `quota` is used up. When this
    /// returns, that is on disk.
    ///
    /// # Errors
    /// When the store cannot be written; then the request must not be acknowledged.
    pub async fn quarantine(
        &self,
        request: NewQuarantined,
        quota: Quota,
    ) -> Result<Quarantined, StoreError> {
        match self.write(Op::Quarantine(request, quota)).await? {
            Answer::Quarantined(quarantined) => Ok(quarantined),
            other => Err(other.unexpected("keep a request")),
        }
    }

    /// Drops one kept request for good; false if there is none with this id.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn discard_quarantined(&self, id: i64) -> Result<bool, StoreError> {
        match self.write(Op::Discard(id)).await? {
            Answer::Changed(count) => Ok(count > 0),
            other => Err(other.unexpected("discard a request")),
        }
    }

    /// The newest kept requests, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn quarantined(&self, limit: u32) -> Result<Vec<QuarantineEntry>, StoreError> {
        let fail = |error| StoreError::database("cannot list the quarantine", error);
        let rows = sqlx::query(
            "SELECT id, received_at, reason, appliance, remote, content_type, body
             FROM quarantine ORDER BY id DESC LIMIT ?",
        )
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await
        .map_err(fail)?;
        rows.iter()
            .map(|row| {
                let body: Vec<u8> = row.try_get(6).map_err(fail)?;
                Ok(QuarantineEntry {
                    id: row.try_get(0).map_err(fail)?,
                    received_at: timestamp(row.try_get(1).map_err(fail)?)?,
                    reason: row.try_get(2).map_err(fail)?,
                    appliance: row.try_get(3).map_err(fail)?,
                    remote: row.try_get(4).map_err(fail)?,
                    content_type: row.try_get(5).map_err(fail)?,
                    body: body.into(),
                })
            })
            .collect()
    }

    /// How full the quarantine is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn quarantine_usage(&self) -> Result<QuarantineUsage, StoreError> {
        let fail = |error| StoreError::database("cannot measure the quarantine", error);
        let count = |row: &sqlx::sqlite::SqliteRow, column: usize| {
            row.try_get::<i64, _>(column)
                .map(i64::unsigned_abs)
                .map_err(fail)
        };
        let usage = sqlx::query("SELECT rows, bytes FROM quarantine_usage")
            .fetch_one(self.reader())
            .await
            .map_err(fail)?;
        let overflow = sqlx::query(
            "SELECT reason, count, bytes, first_at, last_at FROM quarantine_overflow ORDER BY 1",
        )
        .fetch_all(self.reader())
        .await
        .map_err(fail)?;
        Ok(QuarantineUsage {
            rows: count(&usage, 0)?,
            bytes: count(&usage, 1)?,
            overflow: overflow
                .iter()
                .map(|row| {
                    Ok(Overflow {
                        reason: row.try_get(0).map_err(fail)?,
                        count: count(row, 1)?,
                        bytes: count(row, 2)?,
                        first_at: timestamp(row.try_get(3).map_err(fail)?)?,
                        last_at: timestamp(row.try_get(4).map_err(fail)?)?,
                    })
                })
                .collect::<Result<_, StoreError>>()?,
        })
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    request: &NewQuarantined,
    quota: Quota,
) -> Result<Quarantined, StoreError> {
    let fail = |error| StoreError::database("cannot keep a request", error);
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let bytes = signed(request.body.len() as u64);
    let kept = sqlx::query(
        "INSERT INTO quarantine (received_at, reason, appliance, remote, content_type, body)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6 FROM quarantine_usage
         WHERE rows < ?7 AND bytes + ?8 <= ?9
         RETURNING id",
    )
    .bind(nanos(request.received_at))
    .bind(&request.reason)
    .bind(&request.appliance)
    .bind(&request.remote)
    .bind(&request.content_type)
    .bind(&request.body[..])
    .bind(signed(quota.rows))
    .bind(bytes)
    .bind(signed(quota.bytes))
    .fetch_optional(&mut *connection)
    .await
    .map_err(fail)?;
    if let Some(row) = kept {
        return Ok(Quarantined::Kept(row.try_get(0).map_err(fail)?));
    }
    sqlx::query(
        "INSERT INTO quarantine_overflow (reason, count, bytes, first_at, last_at)
         VALUES (?1, 1, ?2, ?3, ?3)
         ON CONFLICT (reason) DO UPDATE
         SET count = count + 1, bytes = bytes + excluded.bytes, last_at = excluded.last_at",
    )
    .bind(&request.reason)
    .bind(bytes)
    .bind(nanos(request.received_at))
    .execute(&mut *connection)
    .await
    .map_err(fail)?;
    Ok(Quarantined::Counted)
}

pub(super) async fn discard(connection: &mut SqliteConnection, id: i64) -> Result<u64, StoreError> {
    sqlx::query("DELETE FROM quarantine WHERE id = ?")
        .bind(id)
        .execute(&mut *connection)
        .await
        .map(|done| done.rows_affected())
        .map_err(|error| StoreError::database("cannot discard a request", error))
}
