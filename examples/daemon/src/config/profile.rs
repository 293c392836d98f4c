//! The profile inside a configuration.

use super::{problem::Problems, table::Table};
use integration_core::profile::Profile;
use serde::Deserialize;
use std::ops::Range;
use toml::{
    Spanned,
    de::{DeValue, ValueDeserializer},
};

/// Reads the profile. Its type stops at the first mistake; so each one is told and taken out, and
/// the rest is read again.
pub(super) fn profile(table: &Table<'_>, problems: &Problems<'_>) -> Option<Profile> {
    let Some(value) = table.raw("profile") else {
        return Some(Profile::default());
    };
    let mut rest = value.clone();
    let mut good = true;
    let profile = loop {
        match Profile::deserialize(ValueDeserializer::from(rest.clone())) {
            Ok(profile) => break profile,
            Err(error) => {
                good = false;
                let span = error.span();
                let message = error.message().trim().to_owned();
                problems.mistake(span.clone(), table.name("profile"), message, "");
                if !span.is_some_and(|span| take_out(rest.get_mut(), &span)) {
                    return None;
                }
            }
        }
    };
    for problem in profile.validate() {
        let span = find(value, problem.field);
        let setting = table.name(&format!("profile.{}", problem.field));
        problems.mistake(Some(span), setting, problem.message, problem.remedy);
        good = false;
    }
    good.then_some(profile)
}

/// Takes the innermost entry out whose name or value is at `span`.
fn take_out(value: &mut DeValue<'_>, span: &Range<usize>) -> bool {
    let DeValue::Table(table) = value else {
        return false;
    };
    let covers = |outer: Range<usize>| outer.start <= span.start && span.end <= outer.end;
    let mut blamed = None;
    for (name, inner) in table.iter_mut() {
        let at_name = covers(name.span());
        if at_name || covers(inner.span()) {
            if !at_name && inner.span() != *span && take_out(inner.get_mut(), span) {
                return true;
            }
            blamed = Some(name.clone());
        }
    }
    blamed.is_some_and(|name| table.remove(&name).is_some())
}

/// Where the setting with this dotted name stands, or the innermost table that should hold it.
fn find(value: &Spanned<DeValue<'_>>, field: &str) -> Range<usize> {
    let mut at = value;
    for key in field.split('.') {
        let table = at.get_ref().as_table();
        let entry = table.and_then(|table| table.iter().find(|(name, _)| name.get_ref() == key));
        let Some((_, inner)) = entry else { break };
        at = inner;
    }
    at.span()
}
