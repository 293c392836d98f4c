//! Finding people, accounts and tickets by what the outside world knows of them.
//!
//! None of these names is unique in Autotask: two resources can share an e-mail address, two
//! accounts a name. A look-up therefore has three outcomes, as a type: [`Lookup::NotFound`],
//! [`Lookup::One`], and [`Lookup::Many`] with the candidates. It never chooses among several.
//!
//! The rules for texts: blanks around what you look for are dropped, and upper and lower case are
//! the same. What the server finds beyond that, because its database also ignores accents for
//! instance, does not count. To look for a blank text is an error, since many records have blanks.
//!
//! Records that the API user may not see look like records that do not exist.

mod candidate;
#[cfg(feature = "client")]
mod find;
#[cfg(feature = "client")]
mod role;

pub use candidate::Candidate;
#[cfg(feature = "client")]
pub use find::{Among, TicketKey};
#[cfg(feature = "client")]
pub use role::{HeldRole, RoleOutcome, RoleResolution, RoleRule, RoleStep};

use crate::error::{Error, ErrorKind, Result};

/// What a look-up found.
///
/// ```
/// use autotask_soap::ErrorKind;
/// use autotask_soap::lookup::Lookup;
/// use autotask_soap::v1_6::Account;
///
/// let account = |id, name: &str| Account {
///     id: Some(id),
///     account_name: Some(name.to_owned()),
///     ..Account::default()
/// };
/// let asked = "account named 'Acme'";
/// let found = Lookup::new(asked, vec![account(7, "Acme"), account(9, "ACME")]);
/// let error = found.require().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotUnique);
/// assert!(error.to_string().contains("'Acme' (7), 'ACME' (9)"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub enum Lookup<E> {
    /// There is none, or the API user may not see it.
    NotFound {
        /// What was looked for, for messages.
        asked: String,
    },
    /// Exactly one.
    One(E),
    /// Several, in the order of their ids.
    Many {
        /// What was looked for, for messages.
        asked: String,
        /// All of them.
        candidates: Vec<E>,
    },
}

impl<E> Lookup<E> {
    /// The outcome for these records; `asked` says what was looked for.
    pub fn new(asked: impl Into<String>, mut records: Vec<E>) -> Self {
        if records.len() > 1 {
            let asked = asked.into();
            return Self::Many {
                asked,
                candidates: records,
            };
        }
        match records.pop() {
            Some(record) => Self::One(record),
            None => Self::NotFound {
                asked: asked.into(),
            },
        }
    }

    /// All records that were found: none, one or several.
    pub fn into_candidates(self) -> Vec<E> {
        match self {
            Self::NotFound { .. } => Vec::new(),
            Self::One(record) => vec![record],
            Self::Many { candidates, .. } => candidates,
        }
    }
}

impl<E: Candidate> Lookup<E> {
    /// The one record.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is none, [`ErrorKind::NotUnique`] if there are several; the
    /// message then names up to ten of them.
    pub fn require(self) -> Result<E> {
        match self {
            Self::NotFound { asked } => Err(Error::new(ErrorKind::NotFound, asked)),
            Self::One(record) => Ok(record),
            Self::Many { asked, candidates } => Err(not_unique(&asked, &candidates)),
        }
    }

    /// The one record, or `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotUnique`] if there are several.
    pub fn optional(self) -> Result<Option<E>> {
        match self {
            Self::NotFound { .. } => Ok(None),
            Self::One(record) => Ok(Some(record)),
            Self::Many { asked, candidates } => Err(not_unique(&asked, &candidates)),
        }
    }
}

fn not_unique<E: Candidate>(asked: &str, candidates: &[E]) -> Error {
    let mut names: Vec<String> = candidates
        .iter()
        .take(10)
        .map(|candidate| {
            let id = candidate
                .record_id()
                .map_or_else(|| "no id".to_owned(), |id| id.to_string());
            format!("'{}' ({id})", candidate.describe())
        })
        .collect();
    if candidates.len() > names.len() {
        names.push(format!("and {} more", candidates.len() - names.len()));
    }
    Error::new(
        ErrorKind::NotUnique,
        format!("{asked}: {}", names.join(", ")),
    )
}
