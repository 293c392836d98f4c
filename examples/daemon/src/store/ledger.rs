//! The memory of effects: what was, or may have been, written to Autotask.

use super::{
    Store,
    error::{StoreError, StoreErrorKind},
    nanos, timestamp,
    writer::{Answer, Op},
};
use crate::failpoint;
use async_trait::async_trait;
use integration_core::{
    effect::{EffectKey, EffectKind},
    failure::Failure,
    ports::{Ledger, LedgerRow, RowState},
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::{Row, SqliteConnection, sqlite::SqliteRow};

/// The columns that [`read`] expects.
macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT tenant, lsid, kind, part, state, draft, first_sent_at, sent_at, deadline, \
             ambiguous_rounds, ids, remark FROM ledger ",
            $rest
        )
    };
}

#[async_trait]
impl Ledger for Store {
    async fn rows(&self, tenant: i64, lsid: &str) -> Result<Vec<LedgerRow>, Failure> {
        let rows = sqlx::query(columns!(
            "WHERE tenant = ? AND lsid = ? ORDER BY kind, part"
        ))
        .bind(tenant)
        .bind(lsid)
        .fetch_all(self.reader())
        .await
        .map_err(unread)?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    async fn put(&self, row: &LedgerRow) -> Result<(), Failure> {
        self.put_all(std::slice::from_ref(row)).await
    }

    async fn put_all(&self, rows: &[LedgerRow]) -> Result<(), Failure> {
        // What is put aside goes with the parts that replace it.
        let named = || rows.iter().filter(|row| row.state != RowState::Superseded);
        for row in named() {
            failpoint::hit(&format!("ledger.before_put.{}", row.state.as_str()));
        }
        match self
            .write(Op::PutRows(rows.to_vec(), Timestamp::now()))
            .await?
        {
            Answer::Changed(_) => {}
            other => return Err(other.unexpected("write the ledger").into()),
        }
        for row in named() {
            failpoint::hit(&format!("ledger.after_put.{}", row.state.as_str()));
        }
        Ok(())
    }

    async fn known(
        &self,
        tenant: i64,
        kind: EffectKind,
        except: &EffectKey,
        limit: u32,
    ) -> Result<Vec<LedgerRow>, Failure> {
        let rows = sqlx::query(columns!(
            "WHERE state = 'done' AND tenant = ? AND kind = ? AND key <> ?
             ORDER BY sent_at DESC LIMIT ?"
        ))
        .bind(tenant)
        .bind(kind.as_str())
        .bind(except.canonical())
        .bind(i64::from(limit))
        .fetch_all(self.reader())
        .await
        .map_err(unread)?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    async fn owns(&self, tenant: i64, kind: EffectKind, id: i64) -> Result<bool, Failure> {
        let found = sqlx::query(
            "SELECT 1 FROM ledger_id JOIN ledger USING (key)
             WHERE ledger_id.tenant = ? AND ledger_id.kind = ? AND ledger_id.id = ?
               AND ledger.state = 'done' LIMIT 1",
        )
        .bind(tenant)
        .bind(kind.as_str())
        .bind(id)
        .fetch_optional(self.reader())
        .await
        .map_err(unread)?;
        Ok(found.is_some())
    }
}

fn unread(error: sqlx::Error) -> StoreError {
    StoreError::database("cannot read the ledger", error)
}

impl Store {
    /// The rows of the ledger that were changed last, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn ledger(&self, limit: u32) -> Result<Vec<LedgerRow>, StoreError> {
        let rows = sqlx::query(columns!("ORDER BY updated_at DESC, key LIMIT ?"))
            .bind(i64::from(limit))
            .fetch_all(self.reader())
            .await
            .map_err(unread)?;
        rows.iter().map(read).collect()
    }
}

/// Writes all rows, in the transaction that the caller has begun.
pub(super) async fn put_all(
    connection: &mut SqliteConnection,
    rows: &[LedgerRow],
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut changed = 0;
    for row in rows {
        changed += put(connection, row, now).await?;
    }
    Ok(changed)
}

async fn put(
    connection: &mut SqliteConnection,
    row: &LedgerRow,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let fail =
        |error| StoreError::database(&format!("cannot write {} into the ledger", row.key), error);
    let json = |error: serde_json::Error| {
        let doing = format!("cannot write {} into the ledger", row.key);
        StoreError::with(StoreErrorKind::Unreadable, doing, error)
    };
    let key = row.key.canonical();
    let changed = sqlx::query(
        "INSERT INTO ledger (key, tenant, lsid, kind, part, marker, state, draft, first_sent_at,
                             sent_at, deadline, ambiguous_rounds, ids, remark, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET
             state = excluded.state, draft = excluded.draft,
             first_sent_at = excluded.first_sent_at, sent_at = excluded.sent_at,
             deadline = excluded.deadline, ambiguous_rounds = excluded.ambiguous_rounds,
             ids = excluded.ids, remark = excluded.remark, updated_at = excluded.updated_at",
    )
    .bind(&key)
    .bind(row.key.tenant)
    .bind(&row.key.lsid)
    .bind(row.key.kind.as_str())
    .bind(&row.key.part)
    .bind(row.key.marker().as_str().to_owned())
    .bind(row.state.as_str())
    .bind(serde_json::to_string(&row.draft).map_err(json)?)
    .bind(nanos(row.first_sent_at))
    .bind(nanos(row.sent_at))
    .bind(nanos(row.deadline))
    .bind(i64::from(row.ambiguous_rounds))
    .bind(serde_json::to_string(&row.ids).map_err(json)?)
    .bind(&row.remark)
    .bind(nanos(now))
    .execute(&mut *connection)
    .await
    .map_err(fail)?
    .rows_affected();
    sqlx::query("DELETE FROM ledger_id WHERE key = ?")
        .bind(&key)
        .execute(&mut *connection)
        .await
        .map_err(fail)?;
    for id in &row.ids {
        sqlx::query(
            "INSERT INTO ledger_id (tenant, kind, id, key) VALUES (?, ?, ?, ?)
                     ON CONFLICT DO NOTHING",
        )
        .bind(row.key.tenant)
        .bind(row.key.kind.as_str())
        .bind(id)
        .bind(&key)
        .execute(&mut *connection)
        .await
        .map_err(fail)?;
    }
    Ok(changed)
}

fn read(row: &SqliteRow) -> Result<LedgerRow, StoreError> {
    let fail = unread;
    let kind: String = row.try_get(2).map_err(fail)?;
    let state: String = row.try_get(4).map_err(fail)?;
    let draft: String = row.try_get(5).map_err(fail)?;
    let ids: String = row.try_get(10).map_err(fail)?;
    let lsid: String = row.try_get(1).map_err(fail)?;
    let what = format!("the ledger of session {lsid}");
    Ok(LedgerRow {
        key: EffectKey {
            tenant: row.try_get(0).map_err(fail)?,
            kind: named(&kind, &what)?,
            part: row.try_get(3).map_err(fail)?,
            lsid,
        },
        state: named(&state, &what)?,
        draft: parsed(&draft, &what)?,
        first_sent_at: timestamp(row.try_get(6).map_err(fail)?)?,
        sent_at: timestamp(row.try_get(7).map_err(fail)?)?,
        deadline: timestamp(row.try_get(8).map_err(fail)?)?,
        ambiguous_rounds: row.try_get(9).map_err(fail)?,
        ids: parsed(&ids, &what)?,
        remark: row.try_get(11).map_err(fail)?,
    })
}

fn named<T: DeserializeOwned>(name: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::from(name))
        .map_err(|error| StoreError::unreadable(what, error))
}

fn parsed<T: DeserializeOwned>(json: &str, what: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|error| StoreError::unreadable(what, error))
}
