//! Checks of entities that need no server.

use super::{DynEntity, Entity};
use std::fmt;

/// Length of a text in UTF-16 units, which is what length limits are compared with.
///
/// ```
/// use autotask_soap::entity::utf16_len;
///
/// assert_eq!(utf16_len("Müller"), 6);
/// assert_eq!(utf16_len("🙂"), 2);
/// ```
pub fn utf16_len(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

/// What is wrong with a field, found without asking the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldProblem {
    /// Wire name of the entity.
    pub entity: &'static str,
    /// Wire name of the field.
    pub field: &'static str,
    /// What is wrong.
    pub problem: Problem,
}

/// See [`FieldProblem`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// A new entity must have it.
    Missing,
    /// The text is too long.
    TooLong {
        /// Its length in UTF-16 units.
        length: usize,
        /// The greatest length allowed.
        limit: usize,
    },
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problem {
            Problem::Missing => write!(f, "{}.{} is required", self.entity, self.field),
            Problem::TooLong { length, limit } => write!(
                f,
                "{}.{} has {length} characters (UTF-16 units), {limit} are allowed",
                self.entity, self.field
            ),
        }
    }
}

/// Checks a new entity against the static tables: required fields that are missing, texts that are
/// too long. Empty means that nothing was found; the server may still refuse it, since tenants can
/// require more.
///
/// ```
/// use autotask_soap::entity::check_for_create;
/// use autotask_soap::v1_6::TicketNote;
///
/// let note = TicketNote {
///     ticket_id: Some(77),
///     note_type: Some(3),
///     description: Some("Session ended".to_owned()),
///     ..TicketNote::default()
/// };
/// let problems = check_for_create(&note);
/// assert_eq!(problems[0].to_string(), "TicketNote.Publish is required");
/// ```
///
/// A required field that is marked read-only is not reported. Most of these are set once, at
/// creation, like `Contact.AccountID`, but the tables do not tell them from those that the server
/// fills in.
pub fn check_for_create<E: Entity>(entity: &E) -> Vec<FieldProblem> {
    check(entity, true)
}

/// The length part of [`check_for_create`].
pub fn check_lengths<E: Entity>(entity: &E) -> Vec<FieldProblem> {
    check(entity, false)
}

fn check(entity: &dyn DynEntity, required: bool) -> Vec<FieldProblem> {
    let info = entity.info();
    let mut problems = Vec::new();
    for (index, field) in info.fields.iter().enumerate().skip(1) {
        let Some(slot) = entity.dyn_slot(index) else {
            continue;
        };
        let blank = slot.is_none() || slot.as_str() == Some("");
        if blank {
            // A value that did not fit its field is sent nonetheless.
            let kept = entity.dyn_extra().unknown(field.name).is_some();
            if required && field.required && !field.read_only && !kept {
                problems.push(FieldProblem {
                    entity: info.name,
                    field: field.name,
                    problem: Problem::Missing,
                });
            }
        } else if let Some(text) = slot.as_str() {
            let (length, limit) = (utf16_len(text), field.length as usize);
            if limit != 0 && length > limit {
                problems.push(FieldProblem {
                    entity: info.name,
                    field: field.name,
                    problem: Problem::TooLong { length, limit },
                });
            }
        }
    }
    problems
}
