//! Why something was not done, and what helps: the same words in logs, dead letters and admin pages.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Who can mend a failure, and whether waiting helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureClass {
    /// Settings or rights are wrong: pause this configuration, retry when it changes.
    Config,
    /// This session's data does not fit: a person must decide.
    Data,
    /// Passing trouble: try again with back-off.
    Transient,
    /// A limit of the other side: wait; the attempt does not count.
    Limit,
    /// We could not read an answer: keep the document, tell the authors.
    Bug,
}

impl FailureClass {
    /// The stable name that logs and stores use.
    pub fn as_str(self) -> &'static str {
        match self {
            FailureClass::Config => "config",
            FailureClass::Data => "data",
            FailureClass::Transient => "transient",
            FailureClass::Limit => "limit",
            FailureClass::Bug => "bug",
        }
    }
}

/// One failure in words a person can act on. Holds no secret and no customer text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its class.
    pub class: FailureClass,
    /// What failed, on which session, ticket and field, and what the server said.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// The other side's own wish, in seconds, for `Limit` and `Transient`.
    pub retry_after_seconds: Option<u64>,
}

impl Failure {
    /// A failure of `class` with what happened and what to do.
    pub fn new(class: FailureClass, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure {
            class,
            message: message.into(),
            hint: hint.into(),
            retry_after_seconds: None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} failure: {} — {}",
            self.class.as_str(),
            self.message,
            self.hint
        )
    }
}

impl std::error::Error for Failure {}
