//! Values between the wire's text and [`Value`].

use super::writer::Writer;
use crate::entity::{FieldType, Slot};
use crate::time::{WireZone, date_from_wire, date_to_wire};
use crate::value::{self, Value};
use std::borrow::Cow;

/// Reads a value. `xsi_type` is the local name of its type if it has one, `field` what the tables
/// say; the former decides, except that date-times become days in fields that hold days.
///
/// Empty strings, and those of a single blank, are `None`: the server writes them for fields that
/// hold nothing. So is blank text of every other type.
pub(crate) fn read(
    xsi_type: Option<&str>,
    text: String,
    field: FieldType,
    zone: &WireZone,
) -> Option<Value> {
    if text.is_empty() || text == " " {
        return None;
    }
    let by_field = || match field {
        FieldType::Integer | FieldType::Long | FieldType::Short => "long",
        FieldType::Double => "double",
        FieldType::Decimal => "decimal",
        FieldType::DateTime | FieldType::DateOnly => "dateTime",
        FieldType::Boolean => "boolean",
        FieldType::String | FieldType::Untyped => "string",
    };
    let dated = matches!(field, FieldType::DateTime | FieldType::DateOnly);
    let kind = match xsi_type {
        None => by_field(),
        // A date-time sent as text still needs the server's zone to be read.
        Some("string") if dated => "dateTime",
        Some(kind) => kind,
    };
    if kind == "string" {
        return Some(Value::String(text));
    }
    let plain = text.trim();
    if plain.is_empty() {
        return None;
    }
    let value = match kind {
        "int" | "long" | "short" | "byte" | "integer" | "unsignedInt" | "unsignedShort"
        | "unsignedByte" | "unsignedLong" => plain.parse().ok().map(Value::Integer),
        "double" | "float" => value::parse_double(plain).map(Value::Double),
        "decimal" => value::parse_decimal(plain).map(Value::Decimal),
        "boolean" => value::parse_boolean(plain).map(Value::Boolean),
        "dateTime" if field == FieldType::DateOnly => match date_from_wire(plain) {
            Ok(day) => day.map(Value::Date),
            Err(_) => zone.from_wire(plain).ok().flatten().map(Value::DateTime),
        },
        "dateTime" => zone.from_wire(plain).ok().flatten().map(Value::DateTime),
        "date" => date_from_wire(plain).ok().flatten().map(Value::Date),
        _ => None,
    };
    value.or_else(|| {
        Some(Value::Other {
            xsi_type: xsi_type.unwrap_or_default().to_owned(),
            text,
        })
    })
}

/// The text of a value as the server reads it, without escaping.
pub(crate) fn text<'v>(value: &'v Value, zone: &WireZone) -> Cow<'v, str> {
    match value {
        Value::Integer(number) => number.to_string().into(),
        Value::String(text) | Value::Other { text, .. } => Cow::Borrowed(text),
        Value::Double(number) => double(*number).into(),
        Value::Decimal(number) => number.to_string().into(),
        Value::DateTime(at) => zone.to_wire(*at).into(),
        Value::Date(day) => date_to_wire(*day).into(),
        Value::Boolean(flag) => boolean(*flag).into(),
    }
}

/// The XML Schema type that a value is sent as.
fn xsd_type(value: &Value) -> &str {
    match value {
        Value::Integer(number) if i32::try_from(*number).is_ok() => "int",
        Value::Integer(_) => "long",
        Value::String(_) => "string",
        Value::Double(_) => "double",
        Value::Decimal(_) => "decimal",
        Value::DateTime(_) | Value::Date(_) => "dateTime",
        Value::Boolean(_) => "boolean",
        Value::Other { xsi_type, .. } if xsi_type.is_empty() => "string",
        Value::Other { xsi_type, .. } => xsi_type,
    }
}

/// Writes a field whose type is not in the tables.
pub(crate) fn write(writer: &mut Writer, name: &str, value: &Value, zone: &WireZone) {
    writer.typed(name, xsd_type(value), &text(value, zone));
}

/// Writes a field; nothing if it is empty. Gives whether it wrote.
pub(crate) fn write_slot(writer: &mut Writer, name: &str, slot: Slot<'_>, zone: &WireZone) -> bool {
    match slot {
        // The server's own answers have shorts as int.
        Slot::Short(Some(number)) => writer.typed(name, "int", &number.to_string()),
        Slot::Integer(Some(number)) => writer.typed(name, "int", &number.to_string()),
        Slot::Long(Some(number)) => writer.typed(name, "long", &number.to_string()),
        Slot::String(Some(text)) => writer.typed(name, "string", text),
        Slot::Double(Some(number)) => writer.typed(name, "double", &double(*number)),
        Slot::Decimal(Some(number)) => writer.typed(name, "decimal", &number.to_string()),
        Slot::DateTime(Some(at)) => writer.typed(name, "dateTime", &zone.to_wire(*at)),
        Slot::DateOnly(Some(day)) => writer.typed(name, "dateTime", &date_to_wire(*day)),
        Slot::Boolean(Some(flag)) => writer.typed(name, "boolean", boolean(*flag)),
        Slot::Untyped(Some(value)) => write(writer, name, value, zone),
        _ => return false,
    }
    true
}

fn boolean(flag: bool) -> &'static str {
    if flag { "true" } else { "false" }
}

/// XML Schema's spelling: no digits beyond what tells the number apart, special values its own way.
fn double(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "INF" } else { "-INF" }.to_owned()
    } else if number != 0.0 && !(1e-7..1e17).contains(&number.abs()) {
        format!("{number:E}")
    } else {
        number.to_string()
    }
}
