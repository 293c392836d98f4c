//! Evaluates a query against a record.

use super::{Expression, FieldTest, Item, Join, Op, Operand, Target};
use crate::{
    record::{Record, Val},
    rules::typed,
};
use jiff::tz::TimeZone;
use std::cmp::Ordering;

/// Folds the children from left to right: a field is AND-ed to what stands before it, a group is
/// joined by its own operator, and the first child has nothing to join to.
pub(super) fn matches(items: &[Item], record: &Record, zone: &TimeZone) -> bool {
    fold(items, record, zone).unwrap_or(true)
}

fn fold(items: &[Item], record: &Record, zone: &TimeZone) -> Option<bool> {
    let mut acc: Option<bool> = None;
    for item in items {
        let (join, value) = match item {
            Item::Field(test) => (Join::And, field_matches(test, record, zone)),
            Item::Condition(join, items) => match fold(items, record, zone) {
                Some(value) => (*join, value),
                None => continue,
            },
        };
        acc = Some(match (acc, join) {
            (None, _) => value,
            (Some(before), Join::And) => before && value,
            (Some(before), Join::Or) => before || value,
        });
    }
    acc
}

fn field_matches(test: &FieldTest, record: &Record, zone: &TimeZone) -> bool {
    let any = |value: Option<&Val>, case_sensitive: bool| {
        let value = value.filter(|value| !value.is_empty_text());
        test.expressions
            .iter()
            .any(|expression| expression_matches(expression, value, case_sensitive, zone))
    };
    match &test.target {
        Target::Id => any(Some(&Val::Int(record.id)), false),
        Target::Field(field) => any(record.get(field.name), false),
        Target::Udf {
            name,
            ty,
            case_sensitive,
        } => {
            let value = record.udfs.get(name);
            let value = value.and_then(|text| typed(*ty, text, zone));
            any(value.as_ref(), *case_sensitive)
        }
    }
}

fn expression_matches(
    expression: &Expression,
    value: Option<&Val>,
    case_sensitive: bool,
    zone: &TimeZone,
) -> bool {
    // As in SQL, nothing but the null tests is true of a missing value.
    let Some(value) = value else {
        return expression.op == Op::IsNull;
    };
    if let Operand::Text(wanted) = &expression.operand {
        let fold = |text: &str| {
            if case_sensitive {
                text.to_owned()
            } else {
                text.to_lowercase()
            }
        };
        return text_matches(expression.op, &fold(&value.plain()), &fold(wanted));
    }
    let order = order(value, &expression.operand, zone);
    match expression.op {
        Op::IsNull => false,
        Op::IsNotNull => true,
        Op::Equals => order == Some(Ordering::Equal),
        Op::NotEqual => order.is_some_and(Ordering::is_ne),
        Op::LessThan => order == Some(Ordering::Less),
        Op::LessThanOrEquals => order.is_some_and(Ordering::is_le),
        Op::GreaterThan => order == Some(Ordering::Greater),
        Op::GreaterThanOrEquals => order.is_some_and(Ordering::is_ge),
        Op::IsThisDay => match (value, &expression.operand) {
            (Val::Time(time), Operand::Day(day)) => zone.to_datetime(*time).date() == *day,
            (Val::Date(date), Operand::Day(day)) => date == day,
            _ => false,
        },
        Op::BeginsWith | Op::EndsWith | Op::Contains | Op::Like | Op::NotLike | Op::SoundsLike => {
            false
        }
    }
}

fn order(value: &Val, operand: &Operand, zone: &TimeZone) -> Option<Ordering> {
    match (value, operand) {
        (Val::Int(value), Operand::Number(wanted)) => (*value as f64).partial_cmp(wanted),
        (Val::Double(value), Operand::Number(wanted)) => value.partial_cmp(wanted),
        (Val::Text(value), Operand::Number(wanted)) => {
            value.parse::<f64>().ok()?.partial_cmp(wanted)
        }
        (Val::Bool(value), Operand::Bool(wanted)) => Some(value.cmp(wanted)),
        (Val::Time(value), Operand::Time(wanted)) => Some(value.cmp(wanted)),
        (Val::Date(value), Operand::Day(wanted)) => Some(value.cmp(wanted)),
        (Val::Time(value), Operand::Day(wanted)) => {
            Some(zone.to_datetime(*value).date().cmp(wanted))
        }
        _ => None,
    }
}

fn text_matches(op: Op, value: &str, wanted: &str) -> bool {
    match op {
        Op::Equals => value == wanted,
        Op::NotEqual => value != wanted,
        Op::LessThan => value < wanted,
        Op::LessThanOrEquals => value <= wanted,
        Op::GreaterThan => value > wanted,
        Op::GreaterThanOrEquals => value >= wanted,
        Op::BeginsWith => value.starts_with(wanted),
        Op::EndsWith => value.ends_with(wanted),
        Op::Contains => value.contains(wanted),
        Op::Like => like(value, wanted),
        Op::NotLike => !like(value, wanted),
        Op::SoundsLike => soundex(value) == soundex(wanted),
        Op::IsNotNull => true,
        Op::IsNull | Op::IsThisDay => false,
    }
}

/// `%` stands for any text, also none.
fn like(value: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('%');
    let Some(mut rest) = value.strip_prefix(parts.next().unwrap_or("")) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The American Soundex code of the first word.
fn soundex(text: &str) -> String {
    let code = |char: char| match char {
        'b' | 'f' | 'p' | 'v' => '1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
        'd' | 't' => '3',
        'l' => '4',
        'm' | 'n' => '5',
        'r' => '6',
        'h' | 'w' => '-',
        _ => '0',
    };
    let mut letters = text
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .map(|c| c.to_ascii_lowercase());
    let Some(first) = letters.next() else {
        return String::new();
    };
    let mut out = String::from(first.to_ascii_uppercase());
    let mut last = code(first);
    for letter in letters {
        let digit = code(letter);
        if digit == '-' {
            continue;
        }
        if digit != '0' && digit != last {
            out.push(digit);
        }
        last = digit;
    }
    format!("{out:0<4}").chars().take(4).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn like_takes_percent_as_any_text() {
        assert!(like("remote session", "remote%"));
        assert!(like("remote session", "%session"));
        assert!(like("remote session", "%e s%"));
        assert!(like("remote session", "r%t%n"));
        assert!(like("abc", "abc"));
        assert!(!like("abc", "ab"));
        assert!(!like("abab", "ab%abab"));
        assert!(like("", "%"));
    }

    #[test]
    fn soundex_knows_the_textbook_names() {
        assert_eq!(soundex("robert"), "R163");
        assert_eq!(soundex("rupert"), "R163");
        assert_eq!(soundex("tymczak"), "T522");
        assert_eq!(soundex("ashcraft"), "A261");
    }
}
