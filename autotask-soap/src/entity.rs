//! What every entity can do, and the static description that the generator writes for each.
//!
//! Entities are plain structs in the modules of the API versions, with one `Option` per field and
//! everything else in [`Extra`]. This module holds what they share: the [`Entity`] trait, the static
//! tables ([`EntityInfo`], [`FieldInfo`]), typed field names for queries ([`Field`]), and checks
//! that need no server ([`check_for_create`]).

use crate::value::{Value, ValueError};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::fmt;
use std::marker::PhantomData;

/// Static description of an entity type.
#[derive(Debug)]
pub struct EntityInfo {
    /// Name on the wire, for instance `TicketNote`.
    pub name: &'static str,
    /// Fields in wire order; `id` first.
    pub fields: &'static [FieldInfo],
    /// Whether `create` accepts it.
    pub can_create: bool,
    /// Whether `update` accepts it.
    pub can_update: bool,
    /// Whether `delete` accepts it.
    pub can_delete: bool,
    /// Whether `query` finds it.
    pub can_query: bool,
    /// Whether tenants can add fields of their own.
    pub has_user_defined_fields: bool,
    /// Whether field information was known when this was generated. Without it the flags above say
    /// nothing, and the fields are untyped.
    pub has_field_info: bool,
}

impl EntityInfo {
    /// Position of a field by its wire name, exactly as written there.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// A field by its wire name, without regard to case: the server ignores case in names too.
    pub fn field(&self, name: &str) -> Option<&'static FieldInfo> {
        self.fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// Static description of one field.
///
/// Lengths, flags and types come from the field information of one tenant at one time. Other
/// tenants may require more; the server has the last word.
#[derive(Debug)]
pub struct FieldInfo {
    /// Name on the wire.
    pub name: &'static str,
    /// Its type.
    pub field_type: FieldType,
    /// Greatest length of a string, in UTF-16 units; 0 = none known.
    pub length: u32,
    /// Whether a new entity must have it.
    pub required: bool,
    /// Whether the server ignores it in `update` (and mostly in `create`).
    pub read_only: bool,
    /// Whether a query can filter on it.
    pub queryable: bool,
    /// Whether its values come from a picklist of the tenant.
    pub picklist: bool,
    /// The field that this picklist depends on.
    pub picklist_parent: Option<&'static str>,
    /// The entity that this field refers to.
    pub reference: Option<&'static str>,
}

impl FieldInfo {
    /// One line of a generated table.
    #[doc(hidden)]
    pub const fn new(name: &'static str, field_type: FieldType, length: u32, flags: u8) -> Self {
        Self {
            name,
            field_type,
            length,
            required: flags & flags::R != 0,
            read_only: flags & flags::RO != 0,
            queryable: flags & flags::Q != 0,
            picklist: flags & flags::PICK != 0,
            picklist_parent: None,
            reference: None,
        }
    }

    /// The same with the entity that it refers to.
    #[doc(hidden)]
    pub const fn to(mut self, reference: &'static str) -> Self {
        self.reference = Some(reference);
        self
    }

    /// The same with the field that its picklist depends on.
    #[doc(hidden)]
    pub const fn under(mut self, parent: &'static str) -> Self {
        self.picklist_parent = Some(parent);
        self
    }
}

/// Flags of generated tables.
#[doc(hidden)]
#[allow(missing_docs)] // See the fields of `FieldInfo`.
pub mod flags {
    pub const R: u8 = 1;
    pub const RO: u8 = 2;
    pub const Q: u8 = 4;
    pub const PICK: u8 = 8;
}

/// The server's names of field types, and two of ours: `DateOnly` for date-times that are days,
/// `Untyped` for fields without field information.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FieldType {
    /// `integer`: `i32`.
    Integer,
    /// `long`: `i64`.
    Long,
    /// `short`: `i16`.
    Short,
    /// `string`: `String`.
    String,
    /// `double` or `float`: `f64`.
    Double,
    /// `decimal`: `rust_decimal::Decimal`.
    Decimal,
    /// `datetime`: `jiff::Timestamp`.
    DateTime,
    /// `datetime` that is a day: `jiff::civil::Date`.
    DateOnly,
    /// `boolean`: `bool`.
    Boolean,
    /// Not known: `Value`.
    Untyped,
}

impl FieldType {
    /// What such a field holds, for messages: "a whole number of 32 bits".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Integer => "a whole number of 32 bits",
            Self::Long => "a whole number of 64 bits",
            Self::Short => "a whole number of 16 bits",
            Self::String => "a text",
            Self::Double => "a floating-point number",
            Self::Decimal => "a decimal number",
            Self::DateTime => "a date-time",
            Self::DateOnly => "a day",
            Self::Boolean => "true or false",
            Self::Untyped => "any value",
        }
    }
}

/// An entity type.
///
/// The generated structs implement it; you rarely need to. Positions are those of
/// [`EntityInfo::fields`].
pub trait Entity: Clone + fmt::Debug + Default + PartialEq + Send + Sync + 'static {
    /// Its description.
    const INFO: &'static EntityInfo;

    /// The field at this position, borrowed; `None` beyond the last field.
    fn slot(&self, index: usize) -> Option<Slot<'_>>;

    /// The field at this position, to be written; `None` beyond the last field.
    fn slot_mut(&mut self, index: usize) -> Option<SlotMut<'_>>;

    /// User-defined fields and fields that this version of the crate does not know.
    fn extra(&self) -> &Extra;

    /// The same, to be changed.
    fn extra_mut(&mut self) -> &mut Extra;

    /// The value at this position; `None` if the field is empty or does not exist.
    fn get(&self, index: usize) -> Option<Value> {
        self.slot(index).and_then(|slot| slot.get())
    }

    /// Sets the field at this position, converting where that loses nothing: whole numbers between
    /// all number types that can hold them, doubles to decimals, `1`/`true` to booleans, texts to
    /// what they spell. `None` empties it.
    ///
    /// # Errors
    ///
    /// When the value does not convert, or the position does not exist. The field then keeps what it
    /// had. (When an answer of the server is read, such a value goes to [`Extra::unknown`] under the
    /// field's name, so that nothing of a record gets lost.)
    fn set(&mut self, index: usize, value: Option<Value>) -> Result<(), ValueError> {
        set_dyn(self, index, value)
    }

    /// The record's id; `None` for one that is not stored yet.
    fn record_id(&self) -> Option<i64> {
        match self.slot(0) {
            Some(Slot::Long(id)) => *id,
            _ => None,
        }
    }
}

/// The object-safe side of [`Entity`], so that reading and writing exist once in the binary and not
/// once per entity.
#[doc(hidden)]
pub trait DynEntity {
    fn info(&self) -> &'static EntityInfo;
    fn dyn_slot(&self, index: usize) -> Option<Slot<'_>>;
    fn dyn_slot_mut(&mut self, index: usize) -> Option<SlotMut<'_>>;
    fn dyn_extra(&self) -> &Extra;
    fn dyn_extra_mut(&mut self) -> &mut Extra;
}

impl<E: Entity> DynEntity for E {
    fn info(&self) -> &'static EntityInfo {
        E::INFO
    }
    fn dyn_slot(&self, index: usize) -> Option<Slot<'_>> {
        self.slot(index)
    }
    fn dyn_slot_mut(&mut self, index: usize) -> Option<SlotMut<'_>> {
        self.slot_mut(index)
    }
    fn dyn_extra(&self) -> &Extra {
        self.extra()
    }
    fn dyn_extra_mut(&mut self) -> &mut Extra {
        self.extra_mut()
    }
}

pub(crate) fn set_dyn(
    entity: &mut dyn DynEntity,
    index: usize,
    value: Option<Value>,
) -> Result<(), ValueError> {
    let info = entity.info();
    match (info.fields.get(index), entity.dyn_slot_mut(index)) {
        (Some(field), Some(mut slot)) => slot.set(value).map_err(|value| ValueError {
            entity: info.name,
            field: field.name,
            expected: Some(field.field_type),
            value: Some(Box::new(value)),
        }),
        _ => Err(ValueError {
            entity: info.name,
            field: "",
            expected: None,
            value: value.map(Box::new),
        }),
    }
}

/// A set of entity types that belong to one API version: the generated `AnyEntity` enums.
pub trait EntityUnion: Sized + Send + 'static {
    /// An empty entity by its wire name; `None` if the set does not have it.
    fn empty(type_name: &str) -> Option<Self>;

    /// An entity that the set does not have.
    fn unknown(entity: UnknownEntity) -> Self;

    /// The entity as such; `None` if it is an unknown one.
    #[doc(hidden)]
    fn as_dyn(&self) -> Option<&dyn DynEntity>;

    /// The same, to be changed.
    #[doc(hidden)]
    fn as_dyn_mut(&mut self) -> Option<&mut dyn DynEntity>;
}

/// One field, borrowed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Slot<'a> {
    /// A `short`.
    Short(&'a Option<i16>),
    /// An `integer`.
    Integer(&'a Option<i32>),
    /// A `long`.
    Long(&'a Option<i64>),
    /// A `string`.
    String(&'a Option<String>),
    /// A `double`.
    Double(&'a Option<f64>),
    /// A `decimal`.
    Decimal(&'a Option<Decimal>),
    /// A `datetime`.
    DateTime(&'a Option<Timestamp>),
    /// A day.
    DateOnly(&'a Option<Date>),
    /// A `boolean`.
    Boolean(&'a Option<bool>),
    /// A field of unknown type.
    Untyped(&'a Option<Value>),
}

impl Slot<'_> {
    /// A copy of its value.
    pub fn get(&self) -> Option<Value> {
        match self {
            Self::Short(field) => field.map(Value::from),
            Self::Integer(field) => field.map(Value::from),
            Self::Long(field) => field.map(Value::from),
            Self::String(field) => field.as_deref().map(Value::from),
            Self::Double(field) => field.map(Value::from),
            Self::Decimal(field) => field.map(Value::from),
            Self::DateTime(field) => field.map(Value::from),
            Self::DateOnly(field) => field.map(Value::from),
            Self::Boolean(field) => field.map(Value::from),
            Self::Untyped(field) => (*field).clone(),
        }
    }

    /// Whether the field has no value.
    pub fn is_none(&self) -> bool {
        match self {
            Self::Short(field) => field.is_none(),
            Self::Integer(field) => field.is_none(),
            Self::Long(field) => field.is_none(),
            Self::String(field) => field.is_none(),
            Self::Double(field) => field.is_none(),
            Self::Decimal(field) => field.is_none(),
            Self::DateTime(field) => field.is_none(),
            Self::DateOnly(field) => field.is_none(),
            Self::Boolean(field) => field.is_none(),
            Self::Untyped(field) => field.is_none(),
        }
    }

    /// The text, if this is a string or an untyped field that holds one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(field) => field.as_deref(),
            Self::Untyped(field) => field.as_ref().and_then(Value::as_str),
            _ => None,
        }
    }
}

/// One field, to be written.
#[derive(Debug, PartialEq)]
#[non_exhaustive]
pub enum SlotMut<'a> {
    /// A `short`.
    Short(&'a mut Option<i16>),
    /// An `integer`.
    Integer(&'a mut Option<i32>),
    /// A `long`.
    Long(&'a mut Option<i64>),
    /// A `string`.
    String(&'a mut Option<String>),
    /// A `double`.
    Double(&'a mut Option<f64>),
    /// A `decimal`.
    Decimal(&'a mut Option<Decimal>),
    /// A `datetime`.
    DateTime(&'a mut Option<Timestamp>),
    /// A day.
    DateOnly(&'a mut Option<Date>),
    /// A `boolean`.
    Boolean(&'a mut Option<bool>),
    /// A field of unknown type.
    Untyped(&'a mut Option<Value>),
}

impl SlotMut<'_> {
    /// Sets the field, converting where nothing is lost.
    ///
    /// # Errors
    ///
    /// The value itself, if it does not convert; the field then keeps what it had.
    pub fn set(&mut self, value: Option<Value>) -> Result<(), Value> {
        fn put<T>(
            field: &mut Option<T>,
            value: Option<Value>,
            convert: impl FnOnce(&Value) -> Option<T>,
        ) -> Result<(), Value> {
            match value {
                None => *field = None,
                Some(value) => match convert(&value) {
                    Some(converted) => *field = Some(converted),
                    None => return Err(value),
                },
            }
            Ok(())
        }
        match self {
            Self::Short(field) => put(field, value, |v| i16::try_from(v.to_i64()?).ok()),
            Self::Integer(field) => put(field, value, |v| i32::try_from(v.to_i64()?).ok()),
            Self::Long(field) => put(field, value, Value::to_i64),
            Self::String(field) => {
                **field = match value {
                    None => None,
                    Some(Value::String(text)) => Some(text),
                    // Numbers in string fields occur; their plain spelling is unambiguous.
                    Some(Value::Integer(number)) => Some(number.to_string()),
                    Some(Value::Decimal(number)) => Some(number.to_string()),
                    Some(Value::Boolean(flag)) => Some(flag.to_string()),
                    Some(other) => return Err(other),
                };
                Ok(())
            }
            Self::Double(field) => put(field, value, Value::to_f64),
            Self::Decimal(field) => put(field, value, Value::to_decimal),
            Self::DateTime(field) => put(field, value, |v| match v {
                Value::DateTime(at) => Some(*at),
                // Only text with an offset denotes an instant by itself.
                Value::String(text) => text.trim().parse().ok(),
                _ => None,
            }),
            Self::DateOnly(field) => put(field, value, |v| match v {
                Value::Date(day) => Some(*day),
                Value::String(text) => crate::time::date_from_wire(text).ok().flatten(),
                _ => None,
            }),
            Self::Boolean(field) => put(field, value, Value::to_bool),
            Self::Untyped(field) => {
                **field = value;
                Ok(())
            }
        }
    }
}

/// What has no field of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra {
    /// User-defined fields, in the order of the answer.
    pub user_defined: Vec<Udf>,
    /// Elements that this version of the crate does not know, and values that do not fit their
    /// field's type: name and value. They are written back as they came, because an update clears
    /// what is not sent.
    pub unknown: Vec<(String, Value)>,
}

impl Extra {
    /// The value of a user-defined field, by its name exactly as the tenant wrote it.
    pub fn udf(&self, name: &str) -> Option<&str> {
        self.user_defined
            .iter()
            .find(|udf| udf.name == name)
            .and_then(|udf| udf.value.as_deref())
    }

    /// Sets a user-defined field, adding it if it is not there. `None` empties it.
    pub fn set_udf(&mut self, name: impl Into<String>, value: Option<String>) {
        let name = name.into();
        match self.user_defined.iter_mut().find(|udf| udf.name == name) {
            Some(udf) => udf.value = value,
            None => self.user_defined.push(Udf { name, value }),
        }
    }

    /// The value of an unknown element.
    pub fn unknown(&self, name: &str) -> Option<&Value> {
        self.unknown
            .iter()
            .find(|(have, _)| have == name)
            .map(|(_, value)| value)
    }
}

/// One user-defined field. The server writes all of them as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Udf {
    /// Its name, as the tenant wrote it.
    pub name: String,
    /// Its value; `None` if empty.
    pub value: Option<String>,
}

/// An entity whose type this version of the crate does not know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnknownEntity {
    /// Name on the wire.
    pub type_name: String,
    /// The record's id, if it had one.
    pub id: Option<i64>,
    /// Its fields, in the order of the answer, as the server typed them.
    pub fields: Vec<(String, Value)>,
    /// User-defined fields.
    pub user_defined: Vec<Udf>,
}

/// A typed name of a field, for queries: `Ticket::STATUS`.
pub struct Field<E, T> {
    pub(crate) index: usize,
    marker: PhantomData<fn() -> (E, T)>,
}

impl<E: Entity, T> Field<E, T> {
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self {
        Self {
            index,
            marker: PhantomData,
        }
    }

    /// Its description.
    pub fn info(&self) -> &'static FieldInfo {
        &E::INFO.fields[self.index]
    }

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        self.info().name
    }

    /// Its position in [`EntityInfo::fields`].
    pub fn index(&self) -> usize {
        self.index
    }
}

impl<E, T> Clone for Field<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for Field<E, T> {}

impl<E: Entity, T> fmt::Debug for Field<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({}.{})", E::INFO.name, self.name())
    }
}

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
