//! The durable memory: an SQLite file with the inbox, the quarantine and the ledger.
//!
//! Every write is on disk before its call returns (`journal_mode=WAL`, `synchronous=FULL`). One task
//! does all writing and commits together what waits together; reads go their own way. A lock file
//! beside the store keeps a second process out.

mod error;
mod inbox;
mod ledger;
mod quarantine;
mod schema;
mod starts;
mod writer;

pub use error::{StoreError, StoreErrorKind};
pub use inbox::{InboxEntry, InboxState, Job, NewEvent, Stored, dedupe_key};
pub use quarantine::{
    NewQuarantined, Overflow, QuarantineEntry, QuarantineUsage, Quarantined, Quota,
};

use jiff::Timestamp;
use sqlx::{
    ConnectOptions, Row, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{
    ffi::OsString,
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read, Seek, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::JoinHandle,
};
use writer::{Answer, Op, Request};

/// So many writes may wait; further callers wait to be let in.
const WAITING_WRITES: usize = 1024;

/// The store. Cheap to clone; all clones are one store.
///
/// ```
/// use bomgar_autotask::store::{NewEvent, Store, Stored, dedupe_key};
/// use jiff::Timestamp;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// let store = Store::open(directory.path().join("store.sqlite")).await?;
/// let event = NewEvent {
///     configuration: "default".to_owned(),
///     event: "support_conference_end".to_owned(),
///     lsid: "0123456789abcdef0123456789abcdef".to_owned(),
///     event_timestamp: None,
///     external_key: Some("4711".to_owned()),
///     body: "event=…".into(),
///     received_at: Timestamp::now(),
///     dedupe_key: dedupe_key("default", "support_conference_end", "0123…", Some("1"), &[]),
///     held: false,
/// };
/// assert!(matches!(store.store_event(event.clone()).await?, Stored::New(_)));
/// assert!(matches!(store.store_event(event).await?, Stored::Duplicate(_)));
/// let jobs = store.due(Timestamp::now(), 10).await?;
/// store.mark_done(jobs[0].id, Timestamp::now()).await?;
/// store.close().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    writes: mpsc::Sender<Request>,
    readers: SqlitePool,
    writer: Mutex<Option<JoinHandle<()>>>,
    work_arrived: Notify,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.inner.path)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store, or makes a new one; its directory is made too. Needs a Tokio runtime, which
    /// must live as long as the store.
    ///
    /// # Errors
    /// [`StoreErrorKind::Locked`] when another process (or this one) has it open,
    /// [`StoreErrorKind::Newer`] when a newer version wrote it, [`StoreErrorKind::Corrupt`] when
    /// the file is no store, and whatever the file system says.
    pub async fn open(path: impl AsRef<Path>) -> Result<Store, StoreError> {
        let path = path.as_ref();
        let doing = format!("cannot open the store {}", path.display());
        prepare_file(path).map_err(|error| access(&doing, error))?;
        let lock = lock(path)?;

        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .disable_statement_logging();
        let fail = |error| StoreError::database(&doing, error);
        let mut connection = options.connect().await.map_err(fail)?;
        check_durability(&mut connection, &doing).await?;
        schema::migrate(&mut connection, Timestamp::now()).await?;
        starts::count(&mut connection, path, Timestamp::now()).await?;

        let readers = SqlitePoolOptions::new()
            .max_connections(2)
            .min_connections(0)
            .idle_timeout(Duration::from_secs(60))
            .connect_lazy_with(
                SqliteConnectOptions::new()
                    .filename(path)
                    .read_only(true)
                    .busy_timeout(Duration::from_secs(5))
                    .disable_statement_logging(),
            );
        let (writes, requests) = mpsc::channel(WAITING_WRITES);
        let writer = tokio::spawn(writer::run(connection, options, requests, lock));
        Ok(Store {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                writes,
                readers,
                writer: Mutex::new(Some(writer)),
                work_arrived: Notify::new(),
            }),
        })
    }

    /// Where the store is.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Told each time an event becomes pending, so that a worker need not look all the time.
    pub fn work_arrived(&self) -> &Notify {
        &self.inner.work_arrived
    }

    /// When the store was made: sessions that ended before it were never in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn created_at(&self) -> Result<Timestamp, StoreError> {
        let text = self.meta("created_at").await?.unwrap_or_default();
        text.parse().map_err(|error: jiff::Error| {
            StoreError::unreadable("when the store was made", error.to_string())
        })
    }

    /// From when on the store has seen everything: when it was made, or last put back from a backup.
    /// What happened before may have been written to Autotask without its knowing.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn knows_since(&self) -> Result<Timestamp, StoreError> {
        let created = self.created_at().await?;
        let Some(text) = self.meta("restored_at").await? else {
            return Ok(created);
        };
        let restored: Timestamp = text.parse().map_err(|error: jiff::Error| {
            StoreError::unreadable("when the store was put back", error.to_string())
        })?;
        Ok(restored.max(created))
    }

    /// Says that the file was put back from a backup just now.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn mark_restored(&self, now: Timestamp) -> Result<(), StoreError> {
        self.put_meta("restored_at", &now.to_string()).await
    }

    /// A remembered value.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn meta(&self, key: &str) -> Result<Option<String>, StoreError> {
        let fail = |error| StoreError::database("cannot read a remembered value", error);
        sqlx::query("SELECT value FROM meta WHERE key = ?")
            .bind(key)
            .fetch_optional(self.reader())
            .await
            .map_err(fail)?
            .map(|row| row.try_get(0).map_err(fail))
            .transpose()
    }

    /// Remembers a value under a key.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_meta(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let op = Op::PutMeta {
            key: key.to_owned(),
            value: value.to_owned(),
        };
        match self.write(op).await? {
            Answer::Changed(_) => Ok(()),
            other => Err(other.unexpected("remember a value")),
        }
    }

    /// Finishes what waits, closes the file and lets others open it. Later calls on any clone fail
    /// with [`StoreErrorKind::Closed`].
    pub async fn close(&self) {
        // Readers first: only a last connection that may write folds the write-ahead log back into
        // the file, and only then is a copy of that file a backup.
        self.inner.readers.close().await;
        // A failed send means that the writer has ended already.
        let _ = self.inner.writes.send(Request::Close).await;
        let writer = self
            .inner
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(writer) = writer
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the store's writer ended badly");
        }
    }

    fn reader(&self) -> &SqlitePool {
        &self.inner.readers
    }

    async fn write(&self, op: Op) -> Result<Answer, StoreError> {
        let closed = || StoreError::new(StoreErrorKind::Closed, "cannot write to the store");
        let (caller, answer) = oneshot::channel();
        self.inner
            .writes
            .send(Request::Write(Box::new(op), caller))
            .await
            .map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }
}

/// Makes the directory and the file, for our eyes only: the store holds customer text.
fn prepare_file(path: &Path) -> io::Result<()> {
    if let Some(directory) = path
        .parent()
        .filter(|directory| !directory.as_os_str().is_empty())
    {
        fs::create_dir_all(directory)?;
    }
    private(OpenOptions::new().create(true).truncate(false).write(true))
        .open(path)
        .map(drop)
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Takes the lock file beside the store. The operating system lets go of it when the process ends,
/// however it ends.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut name = OsString::from(path);
    name.push(".lock");
    let doing = format!("cannot open the store {}", path.display());
    let mut file = private(
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true),
    )
    .open(&name)
    .map_err(|error| access(&doing, error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            // Only a courtesy: on some systems a locked file cannot be read.
            let owner = match file.read_to_string(&mut owner) {
                Ok(_) if !owner.trim().is_empty() => format!(" (process {})", owner.trim()),
                _ => String::new(),
            };
            return Err(StoreError::new(
                StoreErrorKind::Locked,
                format!("{doing}{owner}"),
            ));
        }
        Err(TryLockError::Error(error)) => return Err(access(&doing, error)),
    }
    file.set_len(0)
        .and_then(|()| file.rewind())
        .and_then(|()| writeln!(file, "{}", std::process::id()))
        .map_err(|error| access(&doing, error))?;
    Ok(file)
}

fn access(doing: &str, error: io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull => StoreErrorKind::Full,
        _ => StoreErrorKind::Access,
    };
    StoreError::with(kind, doing, error)
}

/// Some file systems cannot do what durability needs; then the store must not open.
async fn check_durability(
    connection: &mut SqliteConnection,
    doing: &str,
) -> Result<(), StoreError> {
    let fail = |error| StoreError::database(doing, error);
    let journal: String = sqlx::query("PRAGMA journal_mode")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(fail)?;
    let synchronous: i64 = sqlx::query("PRAGMA synchronous")
        .fetch_one(&mut *connection)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(fail)?;
    if journal != "wal" || synchronous != 2 {
        return Err(StoreError::with(
            StoreErrorKind::Access,
            doing,
            format!("journal_mode is {journal} and synchronous is {synchronous}, not wal and 2"),
        ));
    }
    Ok(())
}

async fn put_meta(
    connection: &mut SqliteConnection,
    key: &str,
    value: &str,
) -> Result<u64, StoreError> {
    sqlx::query(
        "INSERT INTO meta (key, value) VALUES (?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    )
    .bind(key)
    .bind(value)
    .execute(connection)
    .await
    .map(|done| done.rows_affected())
    .map_err(|error| StoreError::database("cannot remember a value", error))
}

/// Nanoseconds since 1970. Times that do not fit (before 1678, after 2262) become the nearest that
/// does; only "never" is so far away.
fn nanos(time: Timestamp) -> i64 {
    let nanos = time.as_nanosecond();
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

fn timestamp(nanos: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_nanosecond(i128::from(nanos))
        .map_err(|error| StoreError::unreadable("a time", error.to_string()))
}
