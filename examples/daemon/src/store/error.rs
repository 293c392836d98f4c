//! What can go wrong with the store.

use integration_core::failure::{Failure, FailureClass};
use std::{error::Error, fmt};

/// A failed store operation: what was tried, why it failed and what to do.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    doing: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What a [`StoreError`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another process has the store open.
    Locked,
    /// The file was written by a newer version of this program.
    Newer,
    /// No space is left.
    Full,
    /// The file or its directory cannot be written or read.
    Access,
    /// Reading or writing the disk failed.
    Io,
    /// The file is damaged, or no store at all.
    Corrupt,
    /// The row is not in the state in which this may be done.
    Conflict,
    /// A row cannot be understood.
    Unreadable,
    /// The store was closed.
    Closed,
    /// Anything else that the database said.
    Database,
}

impl StoreErrorKind {
    fn remedy(self) -> &'static str {
        match self {
            StoreErrorKind::Locked => "stop the other process, or give each its own store.path",
            StoreErrorKind::Newer => "run the newer version, or restore a backup made before it",
            StoreErrorKind::Full => "free space on the store's disk",
            StoreErrorKind::Access => "check store.path and the rights of the file and directory",
            StoreErrorKind::Io => "check the disk; nothing was acknowledged",
            StoreErrorKind::Corrupt => "check store.path; restore a backup if the path is right",
            StoreErrorKind::Conflict => "look at the entry again; something else changed it",
            StoreErrorKind::Unreadable => "report this with the row named here",
            StoreErrorKind::Closed => "the program is stopping; start it again",
            StoreErrorKind::Database => "see the log; try again",
        }
    }
}

impl StoreError {
    pub(super) fn new(kind: StoreErrorKind, doing: impl Into<String>) -> Self {
        StoreError {
            kind,
            doing: doing.into(),
            source: None,
        }
    }

    pub(super) fn with(
        kind: StoreErrorKind,
        doing: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        StoreError {
            kind,
            doing: doing.into(),
            source: Some(source.into()),
        }
    }

    /// Classes an error of the database by its result code.
    pub(super) fn database(doing: &str, error: sqlx::Error) -> Self {
        StoreError::with(kind_of(&error), doing, error)
    }

    /// A row that does not hold what we once wrote.
    pub(super) fn unreadable(
        what: impl fmt::Display,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        StoreError::with(
            StoreErrorKind::Unreadable,
            format!("cannot read {what}"),
            source,
        )
    }

    /// What it is about.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

fn kind_of(error: &sqlx::Error) -> StoreErrorKind {
    match error {
        sqlx::Error::Database(database) => {
            let code = database
                .code()
                .and_then(|code| code.parse::<u32>().ok())
                .unwrap_or(0);
            // The low byte is SQLite's primary result code.
            match code & 0xff {
                5 | 6 => StoreErrorKind::Locked,
                3 | 8 | 14 => StoreErrorKind::Access,
                10 => StoreErrorKind::Io,
                11 | 26 => StoreErrorKind::Corrupt,
                13 => StoreErrorKind::Full,
                _ => StoreErrorKind::Database,
            }
        }
        sqlx::Error::Io(_) => StoreErrorKind::Io,
        sqlx::Error::PoolClosed => StoreErrorKind::Closed,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => StoreErrorKind::Unreadable,
        _ => StoreErrorKind::Database,
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.kind {
            StoreErrorKind::Locked => "another process has it open",
            StoreErrorKind::Newer => "a newer version of this program wrote it",
            StoreErrorKind::Full => "no space is left on the disk",
            StoreErrorKind::Access => "the file or its directory cannot be used",
            StoreErrorKind::Io => "the disk failed",
            StoreErrorKind::Corrupt => "the file is damaged or not a store of this program",
            StoreErrorKind::Conflict => "it is not in the state for that",
            StoreErrorKind::Unreadable => "what is stored there cannot be understood",
            StoreErrorKind::Closed => "the store is closed",
            StoreErrorKind::Database => "the database refused",
        };
        write!(f, "{}: {reason}; {}", self.doing, self.kind.remedy())
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let class = match error.kind {
            StoreErrorKind::Unreadable | StoreErrorKind::Conflict => FailureClass::Bug,
            StoreErrorKind::Newer | StoreErrorKind::Corrupt | StoreErrorKind::Access => {
                FailureClass::Config
            }
            _ => FailureClass::Transient,
        };
        let mut message = error.doing.clone();
        let mut cause = Error::source(&error);
        while let Some(inner) = cause {
            message.push_str(": ");
            message.push_str(&inner.to_string());
            cause = inner.source();
        }
        Failure::new(class, message, error.kind.remedy())
    }
}
