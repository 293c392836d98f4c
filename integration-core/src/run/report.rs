//! The account of a run.

use crate::{effect::EffectKey, failure::Failure};
use jiff::Timestamp;

/// What happened to one effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepResult {
    /// Created by this run.
    Created(Vec<i64>),
    /// Found in the desk by its marker and taken over.
    Adopted(Vec<i64>),
    /// Done by an earlier run.
    AlreadyDone(Vec<i64>),
    /// Not settled yet; nothing may be sent before this time.
    Waiting {
        /// When to look again.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Clearly not stored.
    Refused(Failure),
    /// A person must decide.
    Undecided(String),
}

/// One effect and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// Which effect.
    pub key: EffectKey,
    /// What happened.
    pub result: StepResult,
}

/// What the caller has to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing is left to do.
    Complete,
    /// Run again at this time; the wait is not an attempt.
    Wait {
        /// When.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Something failed; its class says what helps. Effects already made stay made.
    Failed(Failure),
    /// A person must decide about at least one effect; everything else is done.
    Undecided(String),
}

/// The account of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Each effect, in the order in which it was handled.
    pub steps: Vec<StepReport>,
    /// Why things are as they are, one sentence each.
    pub explanations: Vec<String>,
    /// What an administrator should hear although the run went on, for instance a broken template.
    pub alerts: Vec<String>,
    /// What to do now.
    pub verdict: Verdict,
}
