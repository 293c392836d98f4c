//! Checks of entities that need no server.

use super::{DynEntity, Entity};
use std::borrow::Cow;
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

/// What is wrong with a field, found without sending the record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldProblem {
    /// Wire name of the entity.
    pub entity: &'static str,
    /// Wire name of the field; for a user-defined one the name that the tenant gave it.
    pub field: Cow<'static, str>,
    /// Which record of a call with several it is about, counted from 1.
    pub record: Option<u32>,
    /// What is wrong.
    pub problem: Problem,
}

impl FieldProblem {
    pub(crate) fn new(
        entity: &'static str,
        field: impl Into<Cow<'static, str>>,
        problem: Problem,
    ) -> Self {
        Self {
            entity,
            field: field.into(),
            record: None,
            problem,
        }
    }
}

/// See [`FieldProblem`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The server wants a value.
    Missing,
    /// The text is too long.
    TooLong {
        /// Its length in UTF-16 units.
        length: usize,
        /// The greatest length allowed.
        limit: usize,
    },
    /// The record in Autotask holds a text that is longer than what `update` takes, as tickets made
    /// from e-mails can. It cannot be written back.
    StoredTooLong {
        /// Its length in UTF-16 units.
        length: usize,
        /// The greatest length allowed.
        limit: usize,
    },
    /// The server ignores changes of this field.
    ReadOnly,
    /// The picklist does not have this value.
    UnknownValue {
        /// The value.
        value: String,
    },
    /// The picklist has this value only for old records.
    InactiveValue {
        /// The value.
        value: String,
    },
    /// The picklist has this value under another value of the field that it depends on.
    WrongParent {
        /// The value.
        value: String,
    },
    /// The tenant has no such user-defined field.
    UnknownField,
}

impl fmt::Display for FieldProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(record) = self.record {
            write!(f, "record {record}: ")?;
        }
        write!(f, "{}.{}", self.entity, self.field)?;
        match &self.problem {
            Problem::Missing => f.write_str(" is required"),
            Problem::TooLong { length, limit } => write!(
                f,
                " has {length} characters (UTF-16 units), {limit} are allowed"
            ),
            Problem::StoredTooLong { length, limit } => write!(
                f,
                " holds {length} characters (UTF-16 units) in Autotask, but an update takes only \
                 {limit}: shorten it too, or change the record by hand"
            ),
            Problem::ReadOnly => f.write_str(" is read-only: the server would ignore the change"),
            Problem::UnknownValue { value } => write!(f, ": {value} is not in its picklist"),
            Problem::InactiveValue { value } => {
                write!(f, ": {value} is in its picklist, but no longer active")
            }
            Problem::WrongParent { value } => write!(
                f,
                ": {value} does not belong to the value of the field that its picklist depends on"
            ),
            Problem::UnknownField => f.write_str(" does not exist in this tenant"),
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

/// Checks a record that is to replace a stored one, in the same way.
pub fn check_for_update<E: Entity>(entity: &E) -> Vec<FieldProblem> {
    check(entity, true)
}

/// The length part of [`check_for_create`].
pub fn check_lengths<E: Entity>(entity: &E) -> Vec<FieldProblem> {
    check(entity, false)
}

fn check(entity: &dyn DynEntity, required: bool) -> Vec<FieldProblem> {
    let info = entity.info();
    let fields = info.fields.iter().enumerate().skip(1);
    fields
        .filter_map(|(index, field)| {
            let required = required && field.required && !field.read_only;
            lengths_and_required(entity, index, field.name, field.length as usize, required)
                .map(|problem| FieldProblem::new(info.name, field.name, problem))
        })
        .collect()
}

pub(super) fn lengths_and_required(
    entity: &dyn DynEntity,
    index: usize,
    name: &str,
    limit: usize,
    required: bool,
) -> Option<Problem> {
    let slot = entity.dyn_slot(index)?;
    if slot.is_none() || slot.as_str() == Some("") {
        // A value that did not fit its field is sent nonetheless.
        let kept = entity.dyn_extra().unknown(name).is_some();
        return (required && !kept).then_some(Problem::Missing);
    }
    let length = utf16_len(slot.as_str()?);
    (limit != 0 && length > limit).then_some(Problem::TooLong { length, limit })
}
