//! Records as tests and seeds see them.

use jiff::{Timestamp, civil::Date};
use std::collections::BTreeMap;

/// One value of a field.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Val {
    /// A whole number of any width.
    Int(i64),
    /// A number with a fraction.
    Double(f64),
    /// Text.
    Text(String),
    /// True or false.
    Bool(bool),
    /// A point in time; the wire zone matters only on the wire.
    Time(Timestamp),
    /// A calendar day without a zone.
    Date(Date),
}

impl From<i64> for Val {
    fn from(value: i64) -> Self {
        Val::Int(value)
    }
}

impl From<i32> for Val {
    fn from(value: i32) -> Self {
        Val::Int(i64::from(value))
    }
}

impl From<f64> for Val {
    fn from(value: f64) -> Self {
        Val::Double(value)
    }
}

impl From<bool> for Val {
    fn from(value: bool) -> Self {
        Val::Bool(value)
    }
}

impl From<&str> for Val {
    fn from(value: &str) -> Self {
        Val::Text(value.to_owned())
    }
}

impl From<String> for Val {
    fn from(value: String) -> Self {
        Val::Text(value)
    }
}

impl From<Timestamp> for Val {
    fn from(value: Timestamp) -> Self {
        Val::Time(value)
    }
}

impl From<Date> for Val {
    fn from(value: Date) -> Self {
        Val::Date(value)
    }
}

impl Val {
    /// The value as plain text: numbers in decimal, times as RFC 3339 in UTC.
    pub fn plain(&self) -> String {
        match self {
            Val::Int(value) => value.to_string(),
            Val::Double(value) => value.to_string(),
            Val::Text(value) => value.clone(),
            Val::Bool(value) => value.to_string(),
            Val::Time(value) => value.to_string(),
            Val::Date(value) => value.to_string(),
        }
    }

    pub(crate) fn is_empty_text(&self) -> bool {
        matches!(self, Val::Text(text) if text.is_empty())
    }
}

/// One stored record.
///
/// ```
/// use autotask_sim::Record;
///
/// let note = Record::new("TicketNote").set("TicketID", 77).set("Title", "Remote session");
/// assert_eq!(note.int("TicketID"), Some(77));
/// assert_eq!(note.text("Title"), "Remote session");
/// assert_eq!(note.text("Description"), "");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The entity's name on the wire.
    pub entity: String,
    /// The id; 0 until the tenant stores the record.
    pub id: i64,
    /// Built-in fields by their wire names. A field without a value is absent.
    pub fields: BTreeMap<String, Val>,
    /// User-defined fields that have a value.
    pub udfs: BTreeMap<String, String>,
}

impl Record {
    /// An empty record of an entity.
    pub fn new(entity: &str) -> Self {
        Record {
            entity: entity.to_owned(),
            id: 0,
            fields: BTreeMap::new(),
            udfs: BTreeMap::new(),
        }
    }

    /// With this id in place of the tenant's next one.
    pub fn with_id(mut self, id: i64) -> Self {
        self.id = id;
        self
    }

    /// With a field's value.
    pub fn set(mut self, field: &str, value: impl Into<Val>) -> Self {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    /// With a user-defined field's value.
    pub fn set_udf(mut self, name: &str, value: &str) -> Self {
        self.udfs.insert(name.to_owned(), value.to_owned());
        self
    }

    /// A field's value.
    pub fn get(&self, field: &str) -> Option<&Val> {
        self.fields.get(field)
    }

    /// A whole number.
    pub fn int(&self, field: &str) -> Option<i64> {
        match self.fields.get(field) {
            Some(Val::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// A number, also a whole one.
    pub fn double(&self, field: &str) -> Option<f64> {
        match self.fields.get(field) {
            Some(Val::Double(value)) => Some(*value),
            Some(Val::Int(value)) => Some(*value as f64),
            _ => None,
        }
    }

    /// A text; empty when the field has no value.
    pub fn text(&self, field: &str) -> &str {
        match self.fields.get(field) {
            Some(Val::Text(value)) => value,
            _ => "",
        }
    }

    /// True or false; numbers other than 0 are true.
    pub fn bool(&self, field: &str) -> Option<bool> {
        match self.fields.get(field) {
            Some(Val::Bool(value)) => Some(*value),
            Some(Val::Int(value)) => Some(*value != 0),
            _ => None,
        }
    }

    /// A point in time.
    pub fn time(&self, field: &str) -> Option<Timestamp> {
        match self.fields.get(field) {
            Some(Val::Time(value)) => Some(*value),
            _ => None,
        }
    }

    /// A calendar day.
    pub fn date(&self, field: &str) -> Option<Date> {
        match self.fields.get(field) {
            Some(Val::Date(value)) => Some(*value),
            _ => None,
        }
    }
}
