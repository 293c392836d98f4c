//! The one writer. Whatever waits while a transaction is being committed goes into the next one
//! together, so that one wait for the disk acknowledges many events.

use super::{
    error::{StoreError, StoreErrorKind},
    inbox::{self, Change, Job, NewEvent, Stored},
    ledger,
    quarantine::{self, NewQuarantined, Quarantined, Quota},
};
use crate::failpoint;
use integration_core::ports::LedgerRow;
use jiff::Timestamp;
use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::fs::File;
use tokio::sync::{mpsc, oneshot};

/// At most so many writes in one transaction: bounds the time that the first of them waits.
const BATCH: usize = 512;

/// One write.
#[derive(Debug)]
pub(super) enum Op {
    StoreEvent(NewEvent),
    Claim { now: Timestamp, limit: u32 },
    Inbox(Change),
    Quarantine(NewQuarantined, Quota),
    Discard(i64),
    PutRows(Vec<LedgerRow>, Timestamp),
    PutMeta { key: String, value: String },
}

/// What a write came to.
#[derive(Debug)]
pub(super) enum Answer {
    Stored(Stored),
    Jobs(Vec<Job>),
    Changed(u64),
    Quarantined(Quarantined),
}

impl Answer {
    /// The writer answered something else than the write asked for: a mistake in this module.
    pub(super) fn unexpected(&self, doing: &str) -> StoreError {
        StoreError::with(
            StoreErrorKind::Database,
            format!("cannot {doing}"),
            "the writer gave an answer of another kind",
        )
    }
}

/// What is sent to the writer.
pub(super) enum Request {
    Write(Box<Op>, oneshot::Sender<Result<Answer, StoreError>>),
    Close,
}

type Waiting = (Box<Op>, oneshot::Sender<Result<Answer, StoreError>>);

/// Runs until the store is closed or dropped, then closes the file and lets go of the lock.
pub(super) async fn run(
    mut connection: SqliteConnection,
    options: SqliteConnectOptions,
    mut requests: mpsc::Receiver<Request>,
    lock: File,
) {
    let mut received = Vec::with_capacity(BATCH);
    let mut open = true;
    while open && requests.recv_many(&mut received, BATCH).await > 0 {
        let mut batch: Vec<Waiting> = Vec::with_capacity(received.len());
        for request in received.drain(..) {
            match request {
                Request::Write(op, caller) => batch.push((op, caller)),
                Request::Close => open = false,
            }
        }
        write(&mut connection, &options, batch).await;
    }
    if let Err(error) = connection.close().await {
        tracing::warn!(%error, "the store did not close cleanly; nothing acknowledged is lost");
    }
    // The lock outlives the connection.
    drop(lock);
}

async fn write(
    connection: &mut SqliteConnection,
    options: &SqliteConnectOptions,
    batch: Vec<Waiting>,
) {
    if batch.is_empty() {
        return;
    }
    match transaction(connection, batch.iter().map(|(op, _)| &**op)).await {
        Ok(answers) => {
            for ((_, caller), answer) in batch.into_iter().zip(answers) {
                // A caller that went away lost only the answer.
                let _ = caller.send(Ok(answer));
            }
        }
        Err(_) if batch.len() > 1 => {
            // One of them failed; alone, each gets its own answer and none suffers for another.
            recover(connection, options).await;
            for (op, caller) in batch {
                let _ = caller.send(single(connection, options, &op).await);
            }
        }
        Err(error) => {
            recover(connection, options).await;
            if let Some((_, caller)) = batch.into_iter().next() {
                let _ = caller.send(Err(error));
            }
        }
    }
}

async fn single(
    connection: &mut SqliteConnection,
    options: &SqliteConnectOptions,
    op: &Op,
) -> Result<Answer, StoreError> {
    match transaction(connection, std::iter::once(op)).await {
        Ok(mut answers) => answers.pop().ok_or_else(|| {
            StoreError::new(
                StoreErrorKind::Database,
                "cannot write: there was no answer",
            )
        }),
        Err(error) => {
            recover(connection, options).await;
            Err(error)
        }
    }
}

/// All of `ops` in one transaction: committed and on disk when this returns, or none of it.
async fn transaction<'a>(
    connection: &mut SqliteConnection,
    ops: impl Iterator<Item = &'a Op>,
) -> Result<Vec<Answer>, StoreError> {
    let fail = |error| StoreError::database("cannot write to the store", error);
    sqlx::query("BEGIN IMMEDIATE")
        .execute(&mut *connection)
        .await
        .map_err(fail)?;
    let mut answers = Vec::new();
    let mut events = false;
    for op in ops {
        events |= matches!(op, Op::StoreEvent(_));
        answers.push(apply(connection, op).await?);
    }
    if events {
        failpoint::hit("inbox.before_commit");
    }
    sqlx::query("COMMIT")
        .execute(&mut *connection)
        .await
        .map_err(fail)?;
    if events {
        failpoint::hit("inbox.after_commit");
    }
    Ok(answers)
}

async fn apply(connection: &mut SqliteConnection, op: &Op) -> Result<Answer, StoreError> {
    match op {
        Op::StoreEvent(event) => inbox::insert(connection, event).await.map(Answer::Stored),
        Op::Claim { now, limit } => inbox::claim(connection, *now, *limit)
            .await
            .map(Answer::Jobs),
        Op::Inbox(change) => inbox::change(connection, change).await.map(Answer::Changed),
        Op::Quarantine(request, quota) => quarantine::insert(connection, request, *quota)
            .await
            .map(Answer::Quarantined),
        Op::Discard(id) => quarantine::discard(connection, *id)
            .await
            .map(Answer::Changed),
        Op::PutRows(rows, now) => ledger::put_all(connection, rows, *now)
            .await
            .map(Answer::Changed),
        Op::PutMeta { key, value } => super::put_meta(connection, key, value)
            .await
            .map(Answer::Changed),
    }
}

/// Ends a failed transaction. If even that fails for a reason other than that SQLite has ended it
/// already, the connection itself is broken and is opened anew.
async fn recover(connection: &mut SqliteConnection, options: &SqliteConnectOptions) {
    let Err(error) = sqlx::query("ROLLBACK").execute(&mut *connection).await else {
        return;
    };
    if matches!(&error, sqlx::Error::Database(database) if database.code().as_deref() == Some("1"))
    {
        return;
    }
    match options.connect().await {
        Ok(new) => *connection = new,
        Err(reopening) => {
            tracing::error!(%error, %reopening, "the store cannot be opened again; it will be tried");
        }
    }
}
