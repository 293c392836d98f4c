//! Values of entity fields as they stand on the wire, and their conversion to Rust types.
//!
//! ATWS declares entity fields without type; each value says itself what it is (`xsi:type`), and
//! that is not always what the field information promises: a `long` is often sent as `int`, a
//! `decimal` as `double`. Conversion is therefore tolerant wherever nothing is lost, and refuses
//! everything else with a [`ValueError`] that still holds the value.

use crate::entity::FieldType;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};

/// One value, typed as the server sent it.
///
/// ```
/// use autotask_soap::value::Value;
///
/// assert_eq!(Value::from(5), Value::Integer(5));
/// assert_eq!(Value::from("five").as_str(), Some("five"));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `xsd:int`, `xsd:long`, `xsd:short` and their kin.
    Integer(i64),
    /// `xsd:string`.
    String(String),
    /// `xsd:double`, `xsd:float`.
    Double(f64),
    /// `xsd:decimal`.
    Decimal(Decimal),
    /// `xsd:dateTime`: an instant, converted from the server's zone.
    DateTime(Timestamp),
    /// `xsd:date`, or `xsd:dateTime` in a field that holds days.
    Date(Date),
    /// `xsd:boolean`.
    Boolean(bool),
    /// A type that this crate does not know, or a text that is not of the type it claims.
    Other {
        /// Local name of the `xsi:type`, empty if there was none.
        xsi_type: String,
        /// The text as it stood there.
        text: String,
    },
}

impl Value {
    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// What kind of value this is, for messages; never the content.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Integer(_) => "integer",
            Self::String(_) => "string",
            Self::Double(_) => "double",
            Self::Decimal(_) => "decimal",
            Self::DateTime(_) => "date-time",
            Self::Date(_) => "date",
            Self::Boolean(_) => "boolean",
            Self::Other { .. } => "value of unknown type",
        }
    }

    /// The value as an integer, if it is a whole number in whatever form.
    pub fn to_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Double(number) => {
                // Beyond 2^53 a double no longer tells neighbours apart.
                let exact = number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0;
                if exact { number.to_i64() } else { None }
            }
            Self::Decimal(number) if number.fract().is_zero() => number.to_i64(),
            Self::Boolean(flag) => Some(i64::from(*flag)),
            Self::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// The value as a double, if it is a number in whatever form.
    ///
    /// Whole numbers beyond 2^53 are refused, because a double cannot hold them all.
    pub fn to_f64(&self) -> Option<f64> {
        match self {
            Self::Double(number) => Some(*number),
            Self::Integer(number) if number.unsigned_abs() <= 9_007_199_254_740_992 => {
                number.to_f64()
            }
            Self::Decimal(number) => number.to_f64(),
            Self::String(text) => parse_double(text),
            _ => None,
        }
    }

    /// The value as a decimal, if it is a finite number in whatever form.
    ///
    /// A double gives the shortest decimal that denotes it: 0.1 is 0.1.
    pub fn to_decimal(&self) -> Option<Decimal> {
        match self {
            Self::Decimal(number) => Some(*number),
            Self::Integer(number) => Some(Decimal::from(*number)),
            Self::Double(number) => Decimal::from_f64(*number),
            Self::String(text) => parse_decimal(text),
            _ => None,
        }
    }

    /// The value as a boolean: `true`/`false`, `1`/`0`, in whatever form.
    pub fn to_bool(&self) -> Option<bool> {
        match self {
            Self::Boolean(flag) => Some(*flag),
            Self::String(text) => parse_boolean(text),
            _ => match self.to_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
        }
    }
}

pub(crate) fn parse_boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "1" | "true" | "True" => Some(true),
        "0" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// XML Schema spells the special values its own way, and knows no others.
pub(crate) fn parse_double(text: &str) -> Option<f64> {
    match text.trim() {
        "INF" => Some(f64::INFINITY),
        "-INF" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        plain
            if plain
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) =>
        {
            plain.parse().ok().filter(|number: &f64| number.is_finite())
        }
        _ => None,
    }
}

/// Only what fits without rounding.
pub(crate) fn parse_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str_exact(text)
        .ok()
        .or_else(|| Decimal::from_scientific(text).ok())
}

macro_rules! value_from {
    ($($from:ty => |$v:ident| $to:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($v: $from) -> Self { $to }
        })*
    };
}

value_from! {
    bool => |v| Value::Boolean(v);
    i16 => |v| Value::Integer(v.into());
    i32 => |v| Value::Integer(v.into());
    i64 => |v| Value::Integer(v);
    f64 => |v| Value::Double(v);
    Decimal => |v| Value::Decimal(v);
    String => |v| Value::String(v);
    &str => |v| Value::String(v.to_owned());
    Timestamp => |v| Value::DateTime(v);
    Date => |v| Value::Date(v);
}

/// A value that does not fit its field. The value is kept: see [`into_value`](Self::into_value).
///
/// The message names entity, field and the kinds of value, not the value itself, which may be a
/// customer's text.
#[derive(Debug)]
pub struct ValueError {
    pub(crate) entity: &'static str,
    pub(crate) field: &'static str,
    pub(crate) expected: Option<FieldType>,
    pub(crate) value: Option<Box<Value>>,
}

impl ValueError {
    /// Wire name of the entity.
    pub fn entity(&self) -> &'static str {
        self.entity
    }

    /// Wire name of the field; empty if the entity has no field at that position.
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// The type that the field has; `None` if there is no such field.
    pub fn expected(&self) -> Option<FieldType> {
        self.expected
    }

    /// The value that was refused.
    pub fn into_value(self) -> Option<Value> {
        self.value.map(|value| *value)
    }
}

impl std::fmt::Display for ValueError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Some(expected) = self.expected else {
            return write!(f, "{} has no field at this position", self.entity);
        };
        let kind = self.value.as_ref().map_or("nothing", |value| value.kind());
        write!(
            f,
            "{}.{} holds {}, and this {kind} does not convert to it without loss",
            self.entity,
            self.field,
            expected.describe()
        )
    }
}

impl std::error::Error for ValueError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Value {
        Value::Decimal(text.parse().unwrap())
    }

    #[test]
    fn whole_numbers_convert_from_every_form() {
        for value in [
            Value::Integer(5),
            Value::Double(5.0),
            decimal("5.00"),
            Value::from("5"),
            Value::from(" 5 "),
        ] {
            assert_eq!(value.to_i64(), Some(5), "{value:?}");
            assert_eq!(value.to_f64(), Some(5.0), "{value:?}");
            assert_eq!(value.to_decimal(), Some(Decimal::from(5)), "{value:?}");
        }
        assert_eq!(Value::Boolean(true).to_i64(), Some(1));
    }

    #[test]
    fn nothing_is_rounded() {
        assert_eq!(Value::Double(5.5).to_i64(), None);
        assert_eq!(decimal("5.5").to_i64(), None);
        assert_eq!(Value::Double(1e18).to_i64(), None);
        assert_eq!(Value::Double(f64::NAN).to_i64(), None);
        assert_eq!(Value::Double(f64::INFINITY).to_decimal(), None);
        assert_eq!(Value::Integer(9_007_199_254_740_993).to_f64(), None);
        assert_eq!(Value::from("five").to_i64(), None);
        assert_eq!(Value::from("").to_i64(), None);
    }

    #[test]
    fn doubles_become_the_decimal_they_are_written_as() {
        assert_eq!(
            Value::Double(0.1).to_decimal(),
            Some("0.1".parse().unwrap())
        );
        assert_eq!(
            Value::Double(100.25).to_decimal(),
            Some("100.25".parse().unwrap())
        );
    }

    #[test]
    fn booleans_are_zero_and_one_too() {
        for value in [
            Value::Boolean(true),
            Value::Integer(1),
            Value::from("1"),
            Value::from("true"),
        ] {
            assert_eq!(value.to_bool(), Some(true), "{value:?}");
        }
        for value in [
            Value::Integer(0),
            Value::from("0"),
            Value::from("False"),
            Value::Double(0.0),
        ] {
            assert_eq!(value.to_bool(), Some(false), "{value:?}");
        }
        assert_eq!(Value::Integer(2).to_bool(), None);
        assert_eq!(Value::from("yes").to_bool(), None);
    }

    #[test]
    fn errors_tell_the_field_but_not_the_content() {
        let error = ValueError {
            entity: "Ticket",
            field: "Status",
            expected: Some(FieldType::Integer),
            value: Some(Box::new(Value::from("secret words"))),
        };
        let text = error.to_string();
        assert!(
            text.contains("Ticket.Status") && text.contains("string"),
            "{text}"
        );
        assert!(!text.contains("secret"), "{text}");
        assert_eq!(error.into_value(), Some(Value::from("secret words")));
    }
}
