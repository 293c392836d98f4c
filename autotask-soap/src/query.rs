//! Typed queries and their translation to QueryXML.
//!
//! Conditions start at a typed field name, [`Field`], or at a user-defined field by its name,
//! [`UdfField`], and are joined with `&` and `|`:
//!
//! ```
//! use autotask_soap::Query;
//! use autotask_soap::v1_6::Ticket;
//!
//! let open = Ticket::STATUS.ne(5) & (Ticket::TITLE.contains("VPN") | Ticket::PRIORITY.eq(1));
//! let query = Query::new(open);
//! assert_eq!(
//!     query.to_xml(&Default::default())?,
//!     "<queryxml><entity>Ticket</entity><query>\
//!      <field>Status<expression op=\"notequal\">5</expression></field>\
//!      <condition>\
//!      <field>Title<expression op=\"contains\">VPN</expression></field>\
//!      <condition operator=\"OR\"><field>Priority<expression op=\"equals\">1</expression></field></condition>\
//!      </condition>\
//!      </query></queryxml>"
//! );
//! # Ok::<(), autotask_soap::Error>(())
//! ```
//!
//! Operators that the server refuses for a field's type do not compile: `contains` is for texts,
//! `lt` and its kin for everything but booleans, `is_this_day` for date-times.
//!
//! ```compile_fail,E0599
//! # use autotask_soap::v1_6::Ticket;
//! Ticket::STATUS.contains("1"); // a number
//! ```
//!
//! ```compile_fail,E0599
//! # use autotask_soap::v1_6::Ticket;
//! Ticket::CREATE_DATE.begins_with("2026"); // a date-time
//! ```
//!
//! ```compile_fail,E0599
//! # use autotask_soap::v1_6::Resource;
//! Resource::ACTIVE.gt(false); // a boolean
//! ```
//!
//! ```compile_fail,E0599
//! # use autotask_soap::v1_6::Ticket;
//! # let day = jiff::civil::date(2026, 7, 1);
//! Ticket::TITLE.is_this_day(day); // a text
//! ```
//!
//! Neither do values of another type, or conditions on another entity:
//!
//! ```compile_fail,E0277
//! # use autotask_soap::v1_6::Ticket;
//! Ticket::STATUS.eq("Complete"); // picklists are compared by number
//! ```
//!
//! ```compile_fail,E0308
//! # use autotask_soap::v1_6::{Ticket, TicketNote};
//! let mixed = Ticket::STATUS.eq(1) & TicketNote::PUBLISH.eq(1);
//! ```
//!
//! # What the server does
//!
//! Texts are compared without regard to case, except protected user-defined fields. A query gives at
//! most 500 records, in the order of their ids. Restricted permissions make records invisible, not
//! an error.

mod compile;
mod portions;
mod raw;
mod udf;
mod value;

pub use udf::UdfField;
pub use value::{Dated, FieldValue, Ordered, Textual};

use crate::entity::{Entity, Field};
use crate::error::Result;
use crate::time::WireZone;
use crate::value::Value;
use jiff::civil::Date;
use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr};

/// Most alternatives in one query: values of [`any_of`](Field::any_of) and members of `|` beyond
/// the first. The server allows 500, but its database gives up on deep nesting near 200.
pub const MAX_ALTERNATIVES: usize = 200;

/// Deepest nesting of `&` in `|` in `&` and so on.
pub const MAX_DEPTH: usize = 50;

/// Which records of `E` to find.
#[derive(Clone, Debug, PartialEq)]
pub struct Query<E> {
    node: Node,
    marker: PhantomData<fn() -> E>,
}

/// A condition on records of `E`.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a filter does nothing until it is part of a query"]
pub struct Filter<E> {
    node: Node,
    marker: PhantomData<fn() -> E>,
}

/// The tree of conditions. Empty `All` is true, empty `Any` is false.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Test(Test),
    All(Vec<Node>),
    Any(Vec<Node>),
    /// Items of a QueryXML as their author wrote them; never empty.
    Raw(Raw),
}

/// See [`Query::raw`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Raw {
    pub(crate) xml: String,
    /// Alternatives in it.
    pub(crate) alternatives: usize,
}

impl Node {
    /// Both in one list, so that long chains do not become deep trees.
    fn joined(self, other: Self, all: bool) -> Self {
        let split = |node: Self| match node {
            Self::All(members) if all => members,
            Self::Any(members) if !all => members,
            node => vec![node],
        };
        let mut members = split(self);
        match other {
            Self::All(more) if all => members.extend(more),
            Self::Any(more) if !all => members.extend(more),
            node => members.push(node),
        }
        if all {
            Self::All(members)
        } else {
            Self::Any(members)
        }
    }
}

/// One field against one or several values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Test {
    pub(crate) field: String,
    pub(crate) udf: bool,
    pub(crate) op: Op,
    /// Alternatives; empty for the operators that take no value.
    pub(crate) values: Vec<Value>,
    /// Whether the tables say that the server takes this field in filters.
    pub(crate) queryable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Equals,
    NotEqual,
    LessThan,
    LessThanOrEquals,
    GreaterThan,
    GreaterThanOrEquals,
    BeginsWith,
    EndsWith,
    Contains,
    Like,
    NotLike,
    IsNull,
    IsNotNull,
    IsThisDay,
}

impl Op {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::NotEqual => "notequal",
            Self::LessThan => "lessthan",
            Self::LessThanOrEquals => "lessthanorequals",
            Self::GreaterThan => "greaterthan",
            Self::GreaterThanOrEquals => "greaterthanorequals",
            Self::BeginsWith => "beginswith",
            Self::EndsWith => "endswith",
            Self::Contains => "contains",
            Self::Like => "like",
            Self::NotLike => "notlike",
            Self::IsNull => "isnull",
            Self::IsNotNull => "isnotnull",
            Self::IsThisDay => "isthisday",
        }
    }
}

impl<E> Filter<E> {
    fn of(node: Node) -> Self {
        Self {
            node,
            marker: PhantomData,
        }
    }

    /// Both conditions; the same as `&`.
    pub fn and(self, other: Self) -> Self {
        Self::of(self.node.joined(other.node, true))
    }

    /// At least one of the conditions; the same as `|`.
    pub fn or(self, other: Self) -> Self {
        Self::of(self.node.joined(other.node, false))
    }

    /// All of the conditions. Of none, that is every record.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::of(Node::All(
            filters.into_iter().map(|filter| filter.node).collect(),
        ))
    }

    /// At least one of the conditions. Of none, that is no record.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::of(Node::Any(
            filters.into_iter().map(|filter| filter.node).collect(),
        ))
    }
}

impl<E> BitAnd for Filter<E> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl<E> BitOr for Filter<E> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl<E: Entity> Query<E> {
    /// The records that satisfy the condition.
    pub fn new(filter: Filter<E>) -> Self {
        Self {
            node: filter.node,
            marker: PhantomData,
        }
    }

    /// All records.
    pub fn all() -> Self {
        Self {
            node: Node::All(Vec::new()),
            marker: PhantomData,
        }
    }

    /// The record with this id.
    pub fn by_id(id: i64) -> Self {
        Self::by_ids([id])
    }

    /// The records with these ids.
    pub fn by_ids(ids: impl IntoIterator<Item = i64>) -> Self {
        Self::new(Field::<E, i64>::new(0).any_of(ids))
    }

    /// Those of them that satisfy this condition too.
    pub fn and(self, filter: Filter<E>) -> Self {
        Self {
            node: self.node.joined(filter.node, true),
            marker: PhantomData,
        }
    }

    /// Those of them with a greater id: the next page.
    pub fn after_id(self, id: i64) -> Self {
        self.and(Field::<E, i64>::new(0).gt(id))
    }

    /// Whether no record can satisfy it, as with an empty list of values. Such a query needs no
    /// call.
    pub fn is_never(&self) -> bool {
        compile::is_never(&self.node)
    }

    /// Whether every record satisfies it.
    #[cfg(feature = "client")]
    pub(crate) fn is_always(&self) -> bool {
        !compile::is_too_deep(&self.node) && compile::simplify(&self.node) == Node::All(Vec::new())
    }

    /// The query as the server reads it. Date-times are written in `zone`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the server would refuse it: a field that
    /// cannot be filtered on, an entity that cannot be queried, more than [`MAX_ALTERNATIVES`]
    /// alternatives or five user-defined fields, conditions nested deeper than [`MAX_DEPTH`], a
    /// number that is not finite. Also if it [can find nothing](Self::is_never), because QueryXML
    /// cannot say that.
    pub fn to_xml(&self, zone: &WireZone) -> Result<String> {
        compile::query_xml(E::INFO, &self.node, zone)
    }

    /// The same question as several queries that each have no more than [`MAX_ALTERNATIVES`]: long
    /// lists of values and long `|` are split. One query, if that is enough already, or if it would
    /// take more than a thousand; [`to_xml`](Self::to_xml) then refuses it.
    ///
    /// A record can be found by several of them.
    pub fn portions(self) -> Vec<Self> {
        portions::portions(&self.node)
            .into_iter()
            .map(|node| Self {
                node,
                marker: PhantomData,
            })
            .collect()
    }
}

impl<E: Entity> From<Filter<E>> for Query<E> {
    fn from(filter: Filter<E>) -> Self {
        Self::new(filter)
    }
}

impl<E: Entity, T> Field<E, T> {
    fn test(&self, op: Op, values: Vec<Value>) -> Filter<E> {
        let info = self.info();
        Filter::of(Node::Test(Test {
            field: info.name.to_owned(),
            udf: false,
            op,
            values,
            // Without field information nobody knows; the server decides.
            queryable: info.queryable || !E::INFO.has_field_info,
        }))
    }

    /// The field has this value.
    pub fn eq(&self, value: impl FieldValue<T>) -> Filter<E> {
        self.test(Op::Equals, vec![value.into_value()])
    }

    /// The field has another value.
    pub fn ne(&self, value: impl FieldValue<T>) -> Filter<E> {
        self.test(Op::NotEqual, vec![value.into_value()])
    }

    /// The field has one of these values. Of no values, that is never.
    pub fn any_of<V: FieldValue<T>>(&self, values: impl IntoIterator<Item = V>) -> Filter<E> {
        let values: Vec<Value> = values.into_iter().map(FieldValue::into_value).collect();
        if values.is_empty() {
            Filter::any([])
        } else {
            self.test(Op::Equals, values)
        }
    }

    /// The field has none of these values. Of no values, that is always.
    pub fn none_of<V: FieldValue<T>>(&self, values: impl IntoIterator<Item = V>) -> Filter<E> {
        Filter::all(values.into_iter().map(|value| self.ne(value)))
    }

    /// The field is empty.
    pub fn is_null(&self) -> Filter<E> {
        self.test(Op::IsNull, Vec::new())
    }

    /// The field is not empty.
    pub fn is_not_null(&self) -> Filter<E> {
        self.test(Op::IsNotNull, Vec::new())
    }
}

impl<E: Entity, T: Ordered> Field<E, T> {
    /// The field is less than this, or earlier.
    pub fn lt(&self, value: impl FieldValue<T>) -> Filter<E> {
        self.test(Op::LessThan, vec![value.into_value()])
    }

    /// The field is at most this.
    pub fn le(&self, value: impl FieldValue<T>) -> Filter<E> {
        self.test(Op::LessThanOrEquals, vec![value.into_value()])
    }

    /// The field is greater than this, or later.
    pub fn gt(&self, value: impl FieldValue<T>) -> Filter<E> {
        self.test(Op::GreaterThan, vec![value.into_value()])
    }

    /// The field is at least this.
    pub fn ge(&self, value: impl FieldValue<T>) -> Filter<E> {
        self.test(Op::GreaterThanOrEquals, vec![value.into_value()])
    }
}

impl<E: Entity, T: Textual> Field<E, T> {
    /// The text begins with this.
    pub fn begins_with(&self, text: impl Into<String>) -> Filter<E> {
        self.test(Op::BeginsWith, vec![Value::String(text.into())])
    }

    /// The text ends with this.
    pub fn ends_with(&self, text: impl Into<String>) -> Filter<E> {
        self.test(Op::EndsWith, vec![Value::String(text.into())])
    }

    /// The text contains this.
    pub fn contains(&self, text: impl Into<String>) -> Filter<E> {
        self.test(Op::Contains, vec![Value::String(text.into())])
    }

    /// The text matches this pattern, in which `%` stands for any characters.
    pub fn like(&self, pattern: impl Into<String>) -> Filter<E> {
        self.test(Op::Like, vec![Value::String(pattern.into())])
    }

    /// The text does not match this pattern.
    pub fn not_like(&self, pattern: impl Into<String>) -> Filter<E> {
        self.test(Op::NotLike, vec![Value::String(pattern.into())])
    }
}

impl<E: Entity, T: Dated> Field<E, T> {
    /// The date-time lies on this day of the server's zone.
    pub fn is_this_day(&self, day: Date) -> Filter<E> {
        self.test(Op::IsThisDay, vec![Value::Date(day)])
    }
}
