//! Values of fields: from what people write, and as JSON.

use crate::tool::times::Ago;
use autotask_soap::{
    entity::{EntityInfo, FieldInfo, FieldType},
    time::WireZone,
    value::Value,
};
use jiff::{Timestamp, civil::Date};
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// A value for this field. Days begin at midnight of the zone.
pub(super) fn typed(
    info: &EntityInfo,
    field: &FieldInfo,
    text: &str,
    zone: &WireZone,
) -> Result<Value, String> {
    let plain = || Value::String(text.to_owned());
    let whole = |fits: fn(i64) -> bool| {
        let number = text.trim().parse().ok();
        number.filter(|number| fits(*number)).map(Value::Integer)
    };
    let value = match field.field_type {
        FieldType::Short => whole(|number| i16::try_from(number).is_ok()),
        FieldType::Integer => whole(|number| i32::try_from(number).is_ok()),
        FieldType::Long => whole(|_| true),
        FieldType::String => Some(plain()),
        FieldType::Double => plain()
            .to_f64()
            .filter(|number| number.is_finite())
            .map(Value::Double),
        FieldType::Decimal => plain().to_decimal().map(Value::Decimal),
        FieldType::Boolean => plain().to_bool().map(Value::Boolean),
        FieldType::DateTime => return time(text, zone).map(Value::DateTime),
        FieldType::DateOnly => return day(text).map(Value::Date),
        // The server knows what it is.
        _ => Some(whole(|_| true).unwrap_or_else(plain)),
    };
    value.ok_or_else(|| {
        let (entity, name) = (info.name, field.name);
        let wanted = field.field_type.describe();
        let help = if field.picklist {
            format!("; 'autotask picklist {entity} {name}' lists its values")
        } else {
            String::new()
        };
        format!("{name} holds {wanted}, not '{text}'{help}")
    })
}

/// A time: as [`Ago`], or a day, which means its first moment.
pub(super) fn time(text: &str, zone: &WireZone) -> Result<Timestamp, String> {
    if let Ok(day) = day(text) {
        return zone
            .time_zone()
            .to_timestamp(day.at(0, 0, 0, 0))
            .map_err(|error| error.to_string());
    }
    text.parse().map(|Ago(time)| time).map_err(|what: String| {
        format!("'{text}' is no time: {what}, or a day, such as 2026-11-24")
    })
}

/// A day, written as `2026-11-24` and not otherwise.
pub(super) fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .ok()
        .filter(|day: &Date| day.to_string() == text)
        .ok_or_else(|| format!("'{text}' is no day, such as 2026-11-24"))
}

/// That a field does not exist.
pub(super) fn no_field(info: &EntityInfo, name: &str) -> String {
    let entity = info.name;
    format!(
        "{entity} has no field '{name}'; 'autotask fields {entity}' lists them, and udf:{name} \
         would be one that your company added"
    )
}

/// A value as JSON: numbers and booleans as such, times in UTC, everything else as text.
pub(super) struct Json<'a>(pub(super) &'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Integer(number) => serializer.serialize_i64(*number),
            Value::Boolean(flag) => serializer.serialize_bool(*flag),
            Value::Double(number) if number.is_finite() => serializer.serialize_f64(*number),
            // All digits, as they are.
            Value::Decimal(number) => RawValue::from_string(number.to_string())
                .map_err(S::Error::custom)?
                .serialize(serializer),
            other => serializer.serialize_str(&text(other)),
        }
    }
}

/// A value for people.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::String(text) | Value::Other { text, .. } => text.clone(),
        Value::Double(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::DateTime(time) => time.to_string(),
        Value::Date(day) => day.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        // A kind of value that is newer than this program.
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_every_digit_of_a_decimal() {
        let decimal = Value::from("12345678901234567890.10").to_decimal();
        let decimal = Value::Decimal(decimal.unwrap());
        let json = serde_json::to_string(&Json(&decimal)).unwrap();
        assert_eq!(json, "12345678901234567890.10");
    }

    #[test]
    fn json_has_numbers_booleans_and_texts() {
        for (value, expected) in [
            (Value::Integer(-5), "-5"),
            (Value::Double(0.25), "0.25"),
            (Value::Double(f64::NAN), "\"NaN\""),
            (Value::Boolean(true), "true"),
            (Value::from("1"), "\"1\""),
            (Value::Date(jiff::civil::date(2026, 7, 1)), "\"2026-07-01\""),
        ] {
            assert_eq!(serde_json::to_string(&Json(&value)).unwrap(), expected);
        }
    }
}
