//! Notices a file that was put back from a backup.
//!
//! The starts of the daemon are counted in the store and in a small file beside it. A store that was
//! put back has counted fewer than the file, and does not know what was written to Autotask since.

use super::error::StoreError;
use jiff::Timestamp;
use sqlx::{Connection, Row, SqliteConnection};
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

const DOING: &str = "cannot count the starts";

/// Counts this start. If the store has missed earlier ones, `restored_at` is now.
pub(super) async fn count(
    connection: &mut SqliteConnection,
    path: &Path,
    now: Timestamp,
) -> Result<(), StoreError> {
    let fail = |error| StoreError::database(DOING, error);
    let beside = beside(path);
    let in_file = read(&beside).map_err(|error| super::access(DOING, error))?;
    let in_store: Option<u64> = sqlx::query("SELECT value FROM meta WHERE key = 'starts'")
        .fetch_optional(&mut *connection)
        .await
        .map_err(fail)?
        .map(|row| row.try_get::<String, _>(0))
        .transpose()
        .map_err(fail)?
        .and_then(|text| text.parse().ok());
    // A new store knows from its own beginning; one without its file may come from anywhere.
    let put_back = in_store.is_some_and(|starts| in_file.is_none_or(|file| starts < file));
    let next = in_store.max(in_file).unwrap_or(0).saturating_add(1);

    let mut transaction = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(fail)?;
    let mut values = vec![("starts", next.to_string())];
    if put_back {
        tracing::warn!(
            store = %path.display(),
            "the store seems to have been put back from a backup: sessions from before now are \
             looked for in Autotask before anything is written for them"
        );
        values.push(("restored_at", now.to_string()));
    }
    for (key, value) in values {
        sqlx::query(
            "INSERT INTO meta (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&mut *transaction)
        .await
        .map_err(fail)?;
    }
    transaction.commit().await.map_err(fail)?;
    // The file comes last: if it is behind, nothing is suspected wrongly.
    write(&beside, next).map_err(|error| super::access(DOING, error))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".starts");
    PathBuf::from(name)
}

/// `None` also for a file that holds no number: it says nothing then.
fn read(path: &Path) -> io::Result<Option<u64>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.trim().parse().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, starts: u64) -> io::Result<()> {
    let new = path.with_extension("starts.new");
    let mut file = File::create(&new)?;
    writeln!(file, "{starts}")?;
    file.sync_all()?;
    fs::rename(&new, path)
}
