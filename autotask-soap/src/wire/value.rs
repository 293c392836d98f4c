//! Values between the wire's text and [`Value`].

use super::writer::Writer;
use crate::entity::{FieldType, Slot, SlotMut};
use crate::time::{WireZone, date_from_wire, date_to_wire};
use crate::value::{self, Value};
use std::borrow::Cow;

/// Sets a field whose text, type on the wire and type in the tables agree, as they nearly always do:
/// what [`read`] and [`SlotMut::set`] do, without a [`Value`] between them. Gives the text back if it
/// takes those two; the field then has what it had.
pub(crate) fn set_plainly<'t>(
    slot: &mut SlotMut<'_>,
    xsi_type: Option<&str>,
    text: Cow<'t, str>,
    zone: &WireZone,
) -> Option<Cow<'t, str>> {
    /// Whether the field is set now.
    fn put<T>(field: &mut Option<T>, value: Option<T>) -> bool {
        let has = value.is_some();
        if has {
            *field = value;
        }
        has
    }
    let whole = matches!(xsi_type, None | Some("int" | "long" | "short"));
    let set = match slot {
        SlotMut::String(field) if matches!(xsi_type, None | Some("string")) => {
            if !is_nothing(&text) {
                **field = Some(text.into_owned());
            }
            return None;
        }
        SlotMut::Integer(field) if whole => put(field, text.parse().ok()),
        SlotMut::Long(field) if whole => put(field, text.parse().ok()),
        SlotMut::Short(field) if whole => put(field, text.parse().ok()),
        SlotMut::DateTime(field) if matches!(xsi_type, None | Some("dateTime" | "string")) => {
            put(field, zone.read_plain(&text))
        }
        SlotMut::Double(field) if matches!(xsi_type, None | Some("double" | "float")) => {
            put(field, value::parse_double(&text))
        }
        SlotMut::Decimal(field) if matches!(xsi_type, None | Some("decimal")) => {
            put(field, value::parse_decimal(&text))
        }
        SlotMut::Boolean(field) if matches!(xsi_type, None | Some("boolean")) => {
            put(field, value::parse_boolean(&text))
        }
        _ => false,
    };
    if set { None } else { Some(text) }
}

/// Empty strings, and those of a single blank: the server writes them for fields that hold nothing.
fn is_nothing(text: &str) -> bool {
    text.is_empty() || text == " "
}

/// Reads a value. `xsi_type` is the local name of its type if it has one, `field` what the tables
/// say; the former decides, except that date-times become days in fields that hold days.
///
/// Empty strings, and those of a single blank, are `None`, and so is blank text of every other type.
pub(crate) fn read(
    xsi_type: Option<&str>,
    text: String,
    field: FieldType,
    zone: &WireZone,
) -> Option<Value> {
    if is_nothing(&text) {
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
        Value::Other { xsi_type, .. } if is_xsd_type(xsi_type) => xsi_type,
        // A type that XML Schema does not have makes the server refuse the whole call.
        Value::Other { .. } => "string",
    }
}

/// Whether XML Schema has this type. Names of other namespaces come here without their prefix.
fn is_xsd_type(name: &str) -> bool {
    matches!(
        name,
        "anyURI"
            | "base64Binary"
            | "boolean"
            | "byte"
            | "date"
            | "dateTime"
            | "decimal"
            | "double"
            | "duration"
            | "float"
            | "hexBinary"
            | "int"
            | "integer"
            | "long"
            | "negativeInteger"
            | "nonNegativeInteger"
            | "nonPositiveInteger"
            | "normalizedString"
            | "positiveInteger"
            | "short"
            | "string"
            | "time"
            | "token"
            | "unsignedByte"
            | "unsignedInt"
            | "unsignedLong"
            | "unsignedShort"
    )
}

/// Writes a field whose type is not in the tables.
pub(crate) fn write(writer: &mut Writer, name: &str, value: &Value, zone: &WireZone) {
    writer.typed(name, xsd_type(value), &text(value, zone));
}

/// Writes a field; nothing if it is empty. Gives whether it wrote.
pub(crate) fn write_slot(writer: &mut Writer, name: &str, slot: Slot<'_>, zone: &WireZone) -> bool {
    match slot {
        // The server's own answers have shorts as int.
        Slot::Short(Some(number)) => writer.typed_plain(name, "int", number),
        Slot::Integer(Some(number)) => writer.typed_plain(name, "int", number),
        Slot::Long(Some(number)) => writer.typed_plain(name, "long", number),
        Slot::String(Some(text)) => writer.typed(name, "string", text),
        Slot::Double(Some(number)) => writer.typed(name, "double", &double(*number)),
        Slot::Decimal(Some(number)) => writer.typed_plain(name, "decimal", number),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn from(xsi_type: &str, text: &str, field: FieldType) -> Option<Value> {
        let xsi_type = Some(xsi_type).filter(|name| !name.is_empty());
        read(xsi_type, text.to_owned(), field, &WireZone::eastern())
    }

    #[test]
    fn the_type_on_the_wire_decides() {
        let untyped = FieldType::Untyped;
        assert_eq!(from("int", "7", FieldType::Long), Some(Value::Integer(7)));
        assert_eq!(from("long", " -7 ", untyped), Some(Value::Integer(-7)));
        assert_eq!(
            from("double", "1.5E2", FieldType::Decimal),
            Some(Value::Double(150.0))
        );
        assert_eq!(
            from("double", "-INF", untyped),
            Some(Value::Double(f64::NEG_INFINITY))
        );
        assert_eq!(
            from("decimal", "10.50", untyped),
            Some(Value::Decimal("10.50".parse().unwrap()))
        );
        assert_eq!(from("boolean", "true", untyped), Some(Value::Boolean(true)));
        assert_eq!(from("boolean", "0", untyped), Some(Value::Boolean(false)));
        assert_eq!(from("string", " x ", untyped), Some(Value::from(" x ")));
        assert_eq!(
            from("dateTime", "2026-07-01T08:00:00", untyped),
            Some(Value::DateTime("2026-07-01T12:00:00Z".parse().unwrap()))
        );
    }

    #[test]
    fn without_a_type_the_field_decides() {
        assert_eq!(from("", "7", FieldType::Integer), Some(Value::Integer(7)));
        assert_eq!(from("", "7", FieldType::String), Some(Value::from("7")));
        assert_eq!(from("", "7", FieldType::Untyped), Some(Value::from("7")));
        assert_eq!(
            from("", "2026-07-01T08:00:00", FieldType::DateTime),
            Some(Value::DateTime("2026-07-01T12:00:00Z".parse().unwrap()))
        );
        assert_eq!(
            from("string", "2026-07-01T08:00:00", FieldType::DateTime),
            Some(Value::DateTime("2026-07-01T12:00:00Z".parse().unwrap()))
        );
    }

    #[test]
    fn days_are_days_and_times_are_kept() {
        let day = Value::Date(jiff::civil::date(2026, 11, 24));
        assert_eq!(
            from("dateTime", "2026-11-24T00:00:00", FieldType::DateOnly),
            Some(day.clone())
        );
        assert_eq!(from("date", "2026-11-24", FieldType::Untyped), Some(day));
        assert_eq!(
            from("dateTime", "2026-11-24T07:00:00", FieldType::DateOnly),
            Some(Value::DateTime("2026-11-24T12:00:00Z".parse().unwrap()))
        );
    }

    #[test]
    fn blank_is_nothing() {
        for ty in ["string", "int", "dateTime", "boolean", ""] {
            assert_eq!(from(ty, "", FieldType::Untyped), None, "{ty}");
            assert_eq!(from(ty, " ", FieldType::Untyped), None, "{ty}");
        }
        assert_eq!(from("int", "\n ", FieldType::Integer), None);
        assert_eq!(
            from("string", "  ", FieldType::String),
            Some(Value::from("  "))
        );
    }

    #[test]
    fn what_is_not_understood_is_kept_as_it_stands() {
        for (ty, text) in [
            ("int", "seven"),
            ("int", "99999999999999999999"),
            ("base64Binary", "AAAA"),
            ("dateTime", "2026-03-08T02:30:00"),
            ("double", "infinity"),
            ("boolean", "yes"),
        ] {
            let kept = Value::Other {
                xsi_type: ty.to_owned(),
                text: text.to_owned(),
            };
            assert_eq!(from(ty, text, FieldType::Untyped), Some(kept));
        }
    }

    #[test]
    fn types_that_xml_schema_lacks_are_sent_as_text() {
        for (have, sent) in [("guid", "string"), ("", "string"), ("duration", "duration")] {
            let value = Value::Other {
                xsi_type: have.to_owned(),
                text: "x".to_owned(),
            };
            assert_eq!(xsd_type(&value), sent);
        }
    }

    #[test]
    fn doubles_are_spelled_as_xml_schema_has_them() {
        for (number, text) in [
            (0.25, "0.25"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (1e300, "1E300"),
            (1.5e-10, "1.5E-10"),
            (f64::INFINITY, "INF"),
            (f64::NEG_INFINITY, "-INF"),
        ] {
            assert_eq!(double(number), text);
            assert_eq!(value::parse_double(text), Some(number));
        }
        assert_eq!(double(f64::NAN), "NaN");
    }
}
