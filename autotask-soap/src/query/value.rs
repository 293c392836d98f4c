//! Which Rust values can be compared with which fields.

use crate::value::Value;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A value that can be compared with a field of type `T`.
///
/// Whole numbers fit all numeric fields, so that the `i64` of one entity's id finds the `i32` that
/// another entity refers to it with. Fields of unknown type take everything.
pub trait FieldValue<T> {
    /// The value as the query holds it.
    fn into_value(self) -> Value;
}

/// Types of fields that can be compared by size: all but booleans.
pub trait Ordered {}

/// Types of fields that hold text: strings, and fields of unknown type.
pub trait Textual {}

/// Types of fields that lie on a day: date-times, days, and fields of unknown type.
pub trait Dated {}

impl<T, V: FieldValue<T> + Clone> FieldValue<T> for &V {
    fn into_value(self) -> Value {
        self.clone().into_value()
    }
}

impl FieldValue<Value> for Value {
    fn into_value(self) -> Value {
        self
    }
}

macro_rules! field_values {
    ($($field:ty: $($value:ty),+;)*) => {
        $($(impl FieldValue<$field> for $value {
            fn into_value(self) -> Value {
                Value::from(self)
            }
        })+)*
    };
}

field_values! {
    i16: i16, i32, i64;
    i32: i16, i32, i64;
    i64: i16, i32, i64;
    f64: f64, i16, i32, i64;
    Decimal: Decimal, i16, i32, i64;
    String: String, &str;
    bool: bool;
    Timestamp: Timestamp;
    Date: Date;
    Value: bool, i16, i32, i64, f64, Decimal, String, &str, Timestamp, Date;
}

macro_rules! marked {
    ($mark:ident: $($type:ty),+) => { $(impl $mark for $type {})+ };
}

marked!(Ordered: i16, i32, i64, f64, Decimal, String, Timestamp, Date, Value);
marked!(Textual: String, Value);
marked!(Dated: Timestamp, Date, Value);
