//! One field of an entity, whatever its type.

use crate::value::Value;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

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
