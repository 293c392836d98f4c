//! The values of entities, twice: as this crate decodes them, and as an independent reader of the
//! same XML finds them. It is built on another parser and has its own rules for numbers, days and
//! the change to daylight saving. The benches use it too.

use autotask_soap::entity::Entity;
use autotask_soap::value::Value;
use rust_decimal::Decimal;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Name and value of every field that holds something, sorted.
pub(crate) type Values = Vec<(String, String)>;

/// What the crate decoded, fields that it does not know included.
pub(crate) fn of_entity<E: Entity>(entity: &E) -> Values {
    let fields = E::INFO.fields.iter().enumerate();
    let known = fields.filter_map(|(index, field)| Some((field.name, entity.get(index)?)));
    let unknown = entity.extra().unknown.iter();
    let unknown = unknown.map(|(name, value)| (name.as_str(), value.clone()));
    let mut values: Values = known
        .chain(unknown)
        .map(|(name, value)| (name.to_owned(), spelled(&value)))
        .collect();
    for udf in &entity.extra().user_defined {
        let value = udf.value.as_deref().unwrap_or("\u{0}");
        values.push((format!("udf {}", udf.name), value.to_owned()));
    }
    values.sort();
    values
}

fn spelled(value: &Value) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Double(number) => double(*number),
        Value::Decimal(number) => number.normalize().to_string(),
        Value::DateTime(at) => at.as_millisecond().to_string(),
        Value::Date(day) => day.to_string(),
        Value::Boolean(flag) => flag.to_string(),
        Value::Other { text, .. } => format!("as it stood: {text}"),
        other => panic!("{other:?}"),
    }
}

fn double(number: f64) -> String {
    format!("{number}")
}

/// What stands in an `Entity` element. Types must be those that the fields have, or wider.
pub(crate) fn of_xml(entity: roxmltree::Node<'_, '_>) -> Values {
    let mut values = Values::new();
    for field in entity.children().filter(roxmltree::Node::is_element) {
        let name = field.tag_name().name();
        if name == "UserDefinedFields" {
            udfs(field, &mut values);
            continue;
        }
        if is_nil(field) {
            continue;
        }
        let text = text(field);
        let xsi_type = field.attribute((XSI, "type")).unwrap_or("string").trim();
        let kind = xsi_type.rsplit(':').next().unwrap();
        // The server means nothing by a single blank.
        let blank = text.is_empty() || text == " ";
        if blank || (kind != "string" && text.trim().is_empty()) {
            continue;
        }
        let plain = text.trim();
        let value = match kind {
            "string" => Some(text.clone()),
            "int" | "long" | "short" => plain.parse().ok().map(|n: i64| n.to_string()),
            "double" => plain.parse().ok().map(double),
            "decimal" => plain
                .parse()
                .ok()
                .map(|n: Decimal| n.normalize().to_string()),
            "boolean" => match plain {
                "true" | "1" => Some("true".to_owned()),
                "false" | "0" => Some("false".to_owned()),
                _ => None,
            },
            "dateTime" => eastern(plain).map(|millis| millis.to_string()),
            _ => None,
        };
        let value = value.unwrap_or_else(|| format!("as it stood: {text}"));
        values.push((name.to_owned(), value));
    }
    values.sort();
    values
}

fn udfs(fields: roxmltree::Node<'_, '_>, values: &mut Values) {
    for field in fields
        .children()
        .filter(|node| node.tag_name().name() == "UserDefinedField")
    {
        let part = |name| {
            let mut parts = field.children();
            let part = parts.find(|node| node.tag_name().name() == name)?;
            (!is_nil(part)).then(|| text(part))
        };
        let name = part("Name").unwrap_or_default();
        let value = part("Value").filter(|text| !text.is_empty() && text != " ");
        let value = value.unwrap_or_else(|| "\u{0}".to_owned());
        values.push((format!("udf {name}"), value));
    }
}

fn is_nil(node: roxmltree::Node<'_, '_>) -> bool {
    matches!(
        node.attribute((XSI, "nil")).map(str::trim),
        Some("true" | "1")
    )
}

fn text(node: roxmltree::Node<'_, '_>) -> String {
    let pieces = node.children().filter(roxmltree::Node::is_text);
    pieces.filter_map(|piece| piece.text()).collect()
}

/// Milliseconds since 1970 of a time without offset in US Eastern, by the rules since 2007: daylight
/// saving from the second Sunday in March to the first in November, at two o'clock.
fn eastern(text: &str) -> Option<i64> {
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let fraction = match text.get(19..)? {
        "" => 0.0,
        fraction => fraction.parse::<f64>().ok()?,
    };
    let sunday = |month: i64, nth: i64| {
        let first = days(year, month, 1);
        // 1970-01-01 was a Thursday.
        first + (10 - first % 7) % 7 + 7 * (nth - 1)
    };
    let at = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let summer = sunday(3, 2) * 86_400 + 7_200..sunday(11, 1) * 86_400 + 7_200;
    let offset = if summer.contains(&at) { 4 } else { 5 };
    Some((at + offset * 3_600) * 1_000 + (fraction * 1_000.0).round() as i64)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let lengths = [
        31,
        if leap(year) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let years: i64 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    years + lengths.iter().take(month as usize - 1).sum::<i64>() + day - 1
}

/// One number for all values of a page, which differs if one of them does.
pub(crate) fn checksum(pages: impl Iterator<Item = Values>) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    for (row, values) in pages.enumerate() {
        (row, values).hash(&mut hasher);
    }
    hasher.finish()
}
