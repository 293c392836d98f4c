//! Conditions on fields that the tenant added.

use super::{Dated, FieldValue, Filter, Node, Op, Ordered, Test, Textual};
use crate::entity::Entity;
use crate::value::Value;
use jiff::civil::Date;
use std::fmt;
use std::marker::PhantomData;

/// A field that the tenant added to `E`, by its name exactly as the tenant wrote it.
///
/// A query can use at most five different ones, with some older entities only one. Comparison
/// regards case if the field is protected.
///
/// ```
/// use autotask_soap::Query;
/// use autotask_soap::query::UdfField;
/// use autotask_soap::v1_6::Ticket;
///
/// let query = Query::new(UdfField::<Ticket>::new("Asset tag").eq("A-17"));
/// # assert!(query.to_xml(&Default::default())?.contains("<field udf=\"true\">Asset tag<"));
/// # Ok::<(), autotask_soap::Error>(())
/// ```
///
/// Who knows the field's type can say so, and gets the same help as with other fields:
///
/// ```
/// use autotask_soap::query::UdfField;
/// use autotask_soap::v1_6::Ticket;
/// use jiff::civil::{Date, date};
///
/// let warranty = UdfField::<Ticket, Date>::new("Warranty ends");
/// let soon = warranty.ge(date(2026, 7, 1)) & warranty.lt(date(2026, 10, 1));
/// ```
///
/// ```compile_fail,E0599
/// # use autotask_soap::{query::UdfField, v1_6::Ticket};
/// UdfField::<Ticket, jiff::civil::Date>::new("Warranty ends").contains("2026");
/// ```
pub struct UdfField<E, T = Value> {
    name: String,
    marker: PhantomData<fn() -> (E, T)>,
}

impl<E: Entity, T> UdfField<E, T> {
    /// The field of this name.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            marker: PhantomData,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn test(&self, op: Op, values: Vec<Value>) -> Filter<E> {
        Filter::of(Node::Test(Test {
            field: self.name.clone(),
            udf: true,
            op,
            values,
            queryable: true,
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

impl<E: Entity, T: Ordered> UdfField<E, T> {
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

impl<E: Entity, T: Textual> UdfField<E, T> {
    /// The field begins with this text.
    pub fn begins_with(&self, text: impl Into<String>) -> Filter<E> {
        self.test(Op::BeginsWith, vec![Value::String(text.into())])
    }

    /// The field ends with this text.
    pub fn ends_with(&self, text: impl Into<String>) -> Filter<E> {
        self.test(Op::EndsWith, vec![Value::String(text.into())])
    }

    /// The field contains this text.
    pub fn contains(&self, text: impl Into<String>) -> Filter<E> {
        self.test(Op::Contains, vec![Value::String(text.into())])
    }

    /// The field matches this pattern, in which `%` stands for any characters.
    pub fn like(&self, pattern: impl Into<String>) -> Filter<E> {
        self.test(Op::Like, vec![Value::String(pattern.into())])
    }

    /// The field does not match this pattern.
    pub fn not_like(&self, pattern: impl Into<String>) -> Filter<E> {
        self.test(Op::NotLike, vec![Value::String(pattern.into())])
    }
}

impl<E: Entity, T: Dated> UdfField<E, T> {
    /// The field lies on this day of the server's zone.
    pub fn is_this_day(&self, day: Date) -> Filter<E> {
        self.test(Op::IsThisDay, vec![Value::Date(day)])
    }
}

impl<E, T> Clone for UdfField<E, T> {
    fn clone(&self) -> Self {
        Self {
            name: self.name.clone(),
            marker: PhantomData,
        }
    }
}

impl<E: Entity, T> fmt::Debug for UdfField<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UdfField({}.{})", E::INFO.name, self.name)
    }
}
