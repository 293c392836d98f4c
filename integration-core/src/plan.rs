//! What to write where, and why.

use crate::{draft::Draft, effect::EffectKey, failure::Failure};
use serde::{Deserialize, Serialize};

/// Everything one trigger leads to, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The writes, in the order in which they are made.
    pub steps: Vec<Step>,
    /// One sentence for each decision, for people.
    pub explanations: Vec<String>,
    /// What could not be planned, and why; the steps are made all the same.
    pub problems: Vec<Failure>,
    /// What an administrator should hear although the plan stands, for instance a broken template.
    pub alerts: Vec<String>,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its identity for ever.
    pub key: EffectKey,
    /// The record to create; the marker is in it already.
    pub draft: Draft,
}
