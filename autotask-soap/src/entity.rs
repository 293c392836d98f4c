//! What every entity can do, and the static description that the generator writes for each.
//!
//! Entities are plain structs in the modules of the API versions, with one `Option` per field and
//! everything else in [`Extra`]. This module holds what they share: the [`Entity`] trait, the static
//! tables ([`EntityInfo`], [`FieldInfo`]), typed field names for queries ([`Field`]), and checks
//! that need no server ([`check_for_create`]).

pub(crate) mod change;
mod check;
mod slot;
mod udf;

pub use change::{changed_fields, check_change};
pub use check::{
    FieldProblem, Problem, check_for_create, check_for_update, check_lengths, utf16_len,
};
pub use slot::{Slot, SlotMut};
pub use udf::{UdfError, UdfValue};

use crate::value::{Value, ValueError};
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
///
/// ```
/// use autotask_soap::entity::Entity;
/// use autotask_soap::v1_6::Ticket;
/// use autotask_soap::value::Value;
///
/// // Any field by its wire name, for tools that learn names at run time.
/// let mut ticket = Ticket { status: Some(1), ..Ticket::default() };
/// let status = Ticket::INFO.position("Status").ok_or("no such field")?;
/// assert_eq!(ticket.get(status), Some(Value::Integer(1)));
/// ticket.set(status, Some(Value::from("5")))?;
/// assert_eq!(ticket.status, Some(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

/// What has no field of its own.
///
/// ```
/// use autotask_soap::v1_6::Ticket;
///
/// let mut ticket = Ticket::default();
/// ticket.extra.set_udf("Remote support", Some("yes".to_owned()));
/// assert_eq!(ticket.extra.udf("Remote support"), Some("yes"));
/// ```
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

/// A typed name of a field, for queries.
///
/// ```
/// use autotask_soap::v1_6::TicketNote;
///
/// assert_eq!(TicketNote::TICKET_ID.name(), "TicketID");
/// assert_eq!(TicketNote::TICKET_ID.info().reference, Some("Ticket"));
/// ```
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

impl<E: Entity> Field<E, crate::value::Value> {
    /// A field whose name is only known when the program runs, by its wire name without regard to
    /// case; `None` if the entity has no such field.
    ///
    /// It has all operators and takes all values. Whether they fit, only the server says, so look at
    /// [`info`](Self::info) before.
    ///
    /// ```
    /// use autotask_soap::Query;
    /// use autotask_soap::entity::{Field, FieldType};
    /// use autotask_soap::v1_6::Ticket;
    /// use autotask_soap::value::Value;
    ///
    /// let status = Field::<Ticket, Value>::named("status").ok_or("no such field")?;
    /// assert_eq!(status.info().field_type, FieldType::Integer);
    /// let open = Query::new(status.ne(Value::Integer(5)));
    /// assert_eq!(open, Query::new(Ticket::STATUS.ne(5)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn named(name: &str) -> Option<Self> {
        let mut fields = E::INFO.fields.iter();
        fields
            .position(|field| field.name.eq_ignore_ascii_case(name))
            .map(Self::new)
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
