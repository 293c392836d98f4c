//! What every entity can do, and the static description that the generator writes for each.
//! (Seam between generator and client: keep these names.)

use crate::value::{Value, ValueError};
use std::marker::PhantomData;

/// Static description of an entity type.
#[derive(Debug)]
pub struct EntityInfo {
    /// Name on the wire, for instance `TicketNote`.
    pub name: &'static str,
    /// Fields in wire order; `id` first.
    pub fields: &'static [FieldInfo],
    pub can_create: bool,
    pub can_update: bool,
    pub can_delete: bool,
    pub can_query: bool,
    pub has_user_defined_fields: bool,
    /// Whether field information was known when this was generated.
    pub has_field_info: bool,
}

/// Static description of one field.
#[derive(Debug)]
pub struct FieldInfo {
    /// Name on the wire.
    pub name: &'static str,
    pub field_type: FieldType,
    /// Greatest length of a string, in UTF-16 units; 0 = none known.
    pub length: u32,
    pub required: bool,
    pub read_only: bool,
    pub queryable: bool,
    pub picklist: bool,
    /// The field that this picklist depends on.
    pub picklist_parent: Option<&'static str>,
    /// The entity that this field refers to.
    pub reference: Option<&'static str>,
}

/// GetFieldInfo's type names, and two of ours: `DateOnly` for date-times that are days, `Untyped`
/// for fields without field information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldType { Integer, Long, Short, String, Double, Decimal, DateTime, DateOnly, Boolean, Untyped }

/// An entity type.
pub trait Entity: Clone + std::fmt::Debug + Default + PartialEq + Send + Sync + 'static {
    /// Its description.
    const INFO: &'static EntityInfo;
    /// The field at this position of `INFO.fields`.
    fn get(&self, index: usize) -> Option<Value>;
    /// Sets the field at this position, converting what the server sent where that loses nothing.
    fn set(&mut self, index: usize, value: Option<Value>) -> Result<(), ValueError>;
    /// User-defined fields and fields that this version of the crate does not know.
    fn extra(&self) -> &Extra;
    fn extra_mut(&mut self) -> &mut Extra;
}

/// What has no field of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Extra {
    /// User-defined fields, in the order of the answer.
    pub user_defined: Vec<Udf>,
    /// Elements that this version does not know: name and value.
    pub unknown: Vec<(String, Value)>,
}

/// One user-defined field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Udf { pub name: String, pub value: Option<String> }

/// A typed name of a field, for queries: `Ticket::STATUS`.
pub struct Field<E, T> { pub(crate) index: usize, marker: PhantomData<fn() -> (E, T)> }

impl<E: Entity, T> Field<E, T> {
    #[doc(hidden)]
    pub const fn new(index: usize) -> Self { Field { index, marker: PhantomData } }
    /// Its description.
    pub fn info(&self) -> &'static FieldInfo { &E::INFO.fields[self.index] }
}
