//! The tables, and how an older file becomes a current one.
//!
//! Times are nanoseconds since 1970 in UTC, so that every timestamp comes back as it went in. By
//! hand: `datetime(received_at / 1000000000, 'unixepoch')`.

use super::error::{StoreError, StoreErrorKind};
use jiff::Timestamp;
use sqlx::{Connection, Row, SqliteConnection};

/// Each entry brings the file from version n to n + 1. Entries are never changed once released.
const MIGRATIONS: &[&str] = &[V1];

const V1: &str = r"
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    configuration   TEXT NOT NULL,
    event           TEXT NOT NULL,
    lsid            TEXT NOT NULL,
    event_timestamp INTEGER,
    external_key    TEXT,
    body            BLOB NOT NULL,
    received_at     INTEGER NOT NULL,
    dedupe_key      TEXT NOT NULL UNIQUE,
    state           TEXT NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_at         INTEGER NOT NULL,
    last_failure    TEXT,
    remark          TEXT,
    finished_at     INTEGER
) STRICT;
CREATE INDEX inbox_due ON inbox (next_at, id) WHERE state = 'pending';
CREATE INDEX inbox_open ON inbox (lsid, id) WHERE state IN ('pending', 'running');
CREATE INDEX inbox_rest ON inbox (state, id) WHERE state NOT IN ('pending', 'done');

CREATE TABLE quarantine (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at  INTEGER NOT NULL,
    reason       TEXT NOT NULL,
    appliance    TEXT,
    remote       TEXT,
    content_type TEXT,
    body         BLOB NOT NULL
) STRICT;
-- Kept by triggers, so that the quota costs no scan and survives every rollback.
CREATE TABLE quarantine_usage (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    rows  INTEGER NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
INSERT INTO quarantine_usage VALUES (1, 0, 0);
CREATE TRIGGER quarantine_in AFTER INSERT ON quarantine BEGIN
    UPDATE quarantine_usage SET rows = rows + 1, bytes = bytes + length(new.body);
END;
CREATE TRIGGER quarantine_out AFTER DELETE ON quarantine BEGIN
    UPDATE quarantine_usage SET rows = rows - 1, bytes = bytes - length(old.body);
END;
-- What came after the quota was used up: counted, its content dropped.
CREATE TABLE quarantine_overflow (
    reason   TEXT PRIMARY KEY,
    count    INTEGER NOT NULL,
    bytes    INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    key              TEXT PRIMARY KEY,
    tenant           INTEGER NOT NULL,
    lsid             TEXT NOT NULL,
    kind             TEXT NOT NULL,
    part             TEXT NOT NULL,
    marker           TEXT NOT NULL,
    state            TEXT NOT NULL,
    draft            TEXT NOT NULL,
    first_sent_at    INTEGER NOT NULL,
    sent_at          INTEGER NOT NULL,
    deadline         INTEGER NOT NULL,
    ambiguous_rounds INTEGER NOT NULL,
    ids              TEXT NOT NULL,
    remark           TEXT NOT NULL,
    updated_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_session ON ledger (tenant, lsid, kind, part);
CREATE INDEX ledger_known ON ledger (tenant, kind, sent_at) WHERE state = 'done';
CREATE UNIQUE INDEX ledger_marker ON ledger (marker);
-- An index over ledger.ids, which is the truth.
CREATE TABLE ledger_id (
    tenant INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    id     INTEGER NOT NULL,
    key    TEXT NOT NULL REFERENCES ledger (key) ON DELETE CASCADE,
    PRIMARY KEY (tenant, kind, id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_id_key ON ledger_id (key);
";

/// Brings the file to the current version, each step in its own transaction.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    now: Timestamp,
) -> Result<(), StoreError> {
    const DOING: &str = "cannot prepare the store";
    let fail = |error| StoreError::database(DOING, error);

    sqlx::query(
        "CREATE TABLE IF NOT EXISTS schema_version
             (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT",
    )
    .execute(&mut *connection)
    .await
    .map_err(fail)?;
    let version: i64 = sqlx::query("SELECT coalesce(max(version), 0) FROM schema_version")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(fail)?;
    let version = usize::try_from(version)
        .map_err(|error| StoreError::with(StoreErrorKind::Corrupt, DOING, error))?;
    if version > MIGRATIONS.len() {
        return Err(StoreError::new(
            StoreErrorKind::Newer,
            format!(
                "{DOING} (schema {version}, this program knows {})",
                MIGRATIONS.len()
            ),
        ));
    }
    for (index, step) in MIGRATIONS.iter().enumerate().skip(version) {
        let mut transaction = connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(fail)?;
        sqlx::raw_sql(*step)
            .execute(&mut *transaction)
            .await
            .map_err(fail)?;
        sqlx::query("INSERT INTO schema_version (version, applied_at) VALUES (?, ?)")
            .bind(index as i64 + 1)
            .bind(super::nanos(now))
            .execute(&mut *transaction)
            .await
            .map_err(fail)?;
        // The first-start watermark: sessions older than this were never in this store.
        sqlx::query(
            "INSERT INTO meta (key, value) VALUES ('created_at', ?) ON CONFLICT DO NOTHING",
        )
        .bind(now.to_string())
        .execute(&mut *transaction)
        .await
        .map_err(fail)?;
        transaction.commit().await.map_err(fail)?;
    }
    Ok(())
}
