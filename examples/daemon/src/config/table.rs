//! Reads tables of a TOML document, noting every mistake instead of stopping at the first.

use super::problem::Problems;
use crate::secret::{Environment, SecretSource};
use jiff::SignedDuration;
use secrecy::SecretString;
use std::{
    cell::RefCell,
    ops::{Range, RangeInclusive},
    path::{Path, PathBuf},
    str::FromStr,
};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// What all tables of one document share.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) problems: &'a Problems<'a>,
    pub(super) environment: &'a dyn Environment,
    /// Relative paths start here.
    pub(super) directory: &'a Path,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// One table. [`finish`](Table::finish) must be called last: it tells the unknown settings.
pub(super) struct Table<'a> {
    context: Context<'a>,
    table: Option<&'a DeTable<'a>>,
    span: Option<Range<usize>>,
    path: String,
    known: RefCell<Vec<&'static str>>,
}

impl<'a> Table<'a> {
    pub(super) fn root(context: Context<'a>, table: &'a DeTable<'a>) -> Self {
        let known = RefCell::default();
        Table {
            context,
            table: Some(table),
            span: None,
            path: String::new(),
            known,
        }
    }

    /// The table's place, for mistakes about what is missing in it.
    pub(super) fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// The full name of a setting.
    pub(super) fn name(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    pub(super) fn mistake(
        &self,
        span: Option<Range<usize>>,
        key: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.context
            .problems
            .mistake(span, self.name(key), message, remedy);
    }

    pub(super) fn doubt(
        &self,
        span: Option<Range<usize>>,
        key: &str,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.context
            .problems
            .doubt(span, self.name(key), message, remedy);
    }

    pub(super) fn missing(&self, key: &str, remedy: &str) {
        self.mistake(self.span(), key, "it is missing", remedy);
    }

    /// The raw value of a setting.
    pub(super) fn raw(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        drop(known);
        self.table?
            .iter()
            .find(|(name, _)| name.get_ref() == key)
            .map(|(_, value)| value)
    }

    fn of_type<T>(
        &self,
        key: &'static str,
        what: &str,
        read: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<At<T>> {
        let value = self.raw(key)?;
        let span = value.span();
        match read(value.get_ref()) {
            Some(read) => Some(At { value: read, span }),
            None => {
                let found = value.get_ref().type_str();
                let message = format!("{what} is wanted, not {found}");
                self.mistake(Some(span), key, message, "");
                None
            }
        }
    }

    /// A text that is not blank.
    pub(super) fn text(&self, key: &'static str) -> Option<At<String>> {
        let text = self.of_type(key, "a text in quotes", |value| value.as_str())?;
        if text.value.trim().is_empty() {
            self.mistake(
                Some(text.span),
                key,
                "it is empty",
                "give a value, or leave it out",
            );
            return None;
        }
        Some(At {
            value: text.value.to_owned(),
            span: text.span,
        })
    }

    /// A text that must be there. The span is the place to blame.
    pub(super) fn required(&self, key: &'static str, remedy: &str) -> Option<At<String>> {
        if self.raw(key).is_none() {
            self.missing(key, remedy);
            return None;
        }
        self.text(key)
    }

    /// A text that can be read as `T`.
    pub(super) fn parsed<T: FromStr>(&self, key: &'static str, remedy: &str) -> Option<At<T>>
    where
        T::Err: std::fmt::Display,
    {
        let text = self.text(key)?;
        match text.value.trim().parse() {
            Ok(value) => Some(At {
                value,
                span: text.span,
            }),
            Err(error) => {
                self.mistake(Some(text.span), key, error.to_string(), remedy);
                None
            }
        }
    }

    /// Texts, or a single one.
    pub(super) fn texts(&self, key: &'static str) -> Option<Vec<At<String>>> {
        let value = self.raw(key)?;
        let single = std::slice::from_ref(value);
        let items: Vec<&Spanned<DeValue<'a>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => single.iter().collect(),
        };
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => texts.push(At {
                    value: text.to_owned(),
                    span: item.span(),
                }),
                None => self.mistake(
                    Some(item.span()),
                    key,
                    format!(
                        "a list of texts is wanted, not {}",
                        item.get_ref().type_str()
                    ),
                    "",
                ),
            }
        }
        Some(texts)
    }

    pub(super) fn flag(&self, key: &'static str, default: bool) -> bool {
        self.of_type(key, "true or false", DeValue::as_bool)
            .map_or(default, |flag| flag.value)
    }

    pub(super) fn integer(
        &self,
        key: &'static str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> u64 {
        let Some(number) = self.of_type(key, "a whole number", DeValue::as_integer) else {
            return default;
        };
        match u64::from_str_radix(number.value.as_str(), number.value.radix()) {
            Ok(value) if range.contains(&value) => value,
            _ => {
                let (low, high) = range.into_inner();
                let message = format!("{} is out of range", number.value);
                self.mistake(
                    Some(number.span),
                    key,
                    message,
                    format!("give {low} to {high}"),
                );
                default
            }
        }
    }

    /// A duration such as `6m`, `30s` or `1h 30m`.
    pub(super) fn duration(
        &self,
        key: &'static str,
        default: SignedDuration,
        range: RangeInclusive<SignedDuration>,
    ) -> SignedDuration {
        let remedy = || {
            format!(
                "give a duration from {:#} to {:#}, such as \"90s\" or \"6m\"",
                range.start(),
                range.end()
            )
        };
        let Some(text) = self.text(key) else {
            return default;
        };
        match text.value.trim().parse::<SignedDuration>() {
            Ok(value) if range.contains(&value) => value,
            Ok(value) => {
                let message = format!("{value:#} is out of range");
                self.mistake(Some(text.span), key, message, remedy());
                default
            }
            Err(_) => {
                let message = format!("{:?} is not a duration", text.value);
                self.mistake(Some(text.span), key, message, remedy());
                default
            }
        }
    }

    /// A path; relative ones start at the directory of the configuration file.
    pub(super) fn path(&self, key: &'static str) -> Option<PathBuf> {
        self.text(key)
            .map(|text| self.context.directory.join(text.value))
    }

    /// A secret, read from where the setting says.
    pub(super) fn secret(&self, key: &'static str) -> Option<SecretString> {
        const REMEDY: &str = "write { env = \"NAME\" }, { file = \"/path\" } or \
                              { credential = \"name\" } instead";
        let value = self.raw(key)?;
        let span = Some(value.span());
        let Some(table) = value.get_ref().as_table() else {
            // Whatever stands there may be the secret: it must not be repeated.
            let message = "a secret does not belong into this file";
            self.mistake(
                span,
                key,
                message,
                format!("{REMEDY}, and change this secret"),
            );
            return None;
        };
        let mut entries = table.iter();
        let source = match (entries.next(), entries.next()) {
            (Some((kind, place)), None) => {
                match (kind.get_ref().as_ref(), place.get_ref().as_str()) {
                    ("env", Some(name)) => Some(SecretSource::Env(name.to_owned())),
                    ("file", Some(path)) => {
                        Some(SecretSource::File(self.context.directory.join(path)))
                    }
                    ("credential", Some(name)) => Some(SecretSource::Credential(name.to_owned())),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some(source) = source else {
            self.mistake(span, key, "it does not say where the secret is", REMEDY);
            return None;
        };
        match source.read(self.context.environment) {
            Ok(secret) => Some(secret),
            Err(error) => {
                self.mistake(span, key, error.to_string(), error.remedy());
                None
            }
        }
    }

    /// A table inside this one; an empty one if it is not there.
    pub(super) fn table(&self, key: &'static str) -> Table<'a> {
        let value = self.of_type(key, "a table", DeValue::as_table);
        let (table, span) = match value {
            Some(at) => (Some(at.value), Some(at.span)),
            None => (None, self.span()),
        };
        Table {
            context: self.context,
            table,
            span,
            path: self.name(key),
            known: RefCell::default(),
        }
    }

    /// The tables of a list, written `[[key]]`.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Table<'a>> {
        let Some(list) = self.of_type(key, "a list of tables", DeValue::as_array) else {
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in list.value.iter() {
            match item.get_ref().as_table() {
                Some(table) => tables.push(Table {
                    context: self.context,
                    table: Some(table),
                    span: Some(item.span()),
                    path: self.name(key),
                    known: RefCell::default(),
                }),
                None => self.mistake(
                    Some(item.span()),
                    key,
                    format!("a table is wanted, not {}", item.get_ref().type_str()),
                    format!("write [[{}]]", self.name(key)),
                ),
            }
        }
        tables
    }

    /// Tells every setting that nothing asked for.
    pub(super) fn finish(self) {
        let known = self.known.borrow();
        for (name, _) in self.table.into_iter().flatten() {
            let text = name.get_ref().as_ref();
            if known.contains(&text) {
                continue;
            }
            let remedy = match nearest(text, &known) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("known are {}", known.join(", ")),
            };
            self.mistake(Some(name.span()), text, "there is no such setting", remedy);
        }
    }
}

/// The known name that was probably meant.
fn nearest<'n>(text: &str, known: &[&'n str]) -> Option<&'n str> {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    known
        .iter()
        .map(|name| (distance(&plain(name), &plain(text)), *name))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .map(|(_, name)| name)
}

/// How many letters must be added, dropped or changed.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_the_name() {
        let known = ["appliance_id", "name", "disabled"];
        assert_eq!(nearest("applianceId", &known), Some("appliance_id"));
        assert_eq!(nearest("disabeld", &known), Some("disabled"));
        assert_eq!(nearest("polling", &known), None);
    }
}
