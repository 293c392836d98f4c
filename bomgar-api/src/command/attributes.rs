//! Custom session attributes, which several calls carry.

use std::fmt;

use super::check_length;
use crate::call::Fields;
use crate::error::{Error, Result};

/// Longest value, in characters.
const VALUE_LIMIT: usize = 1024;
/// All values together, in bytes of UTF-8.
const TOTAL_LIMIT: usize = 10 * 1024;

/// The external key and custom attributes of a session.
///
/// Limits, checked before anything is sent: 1,024 characters for each value, 10 KB (10,240 bytes of
/// UTF-8) for all values together, the external key included.
///
/// `Debug` shows the code names, but no values.
///
/// ```
/// use bomgar_api::command::SessionAttributes;
///
/// let attributes = SessionAttributes::new().external_key("4711").custom("asset_tag", "PC-17");
/// assert_eq!(attributes.get("asset_tag"), Some("PC-17"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SessionAttributes {
    values: Vec<(String, String)>,
}

impl fmt::Debug for SessionAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.values.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("SessionAttributes")
            .field("code_names", &names)
            .finish_non_exhaustive()
    }
}

impl SessionAttributes {
    /// No attributes.
    pub fn new() -> Self {
        SessionAttributes::default()
    }

    /// Sets the external key, which ties the session to a record in another system.
    #[must_use]
    pub fn external_key(self, value: impl Into<String>) -> Self {
        self.custom("external_key", value)
    }

    /// Sets the custom attribute with this code name.
    #[must_use]
    pub fn custom(mut self, code_name: impl Into<String>, value: impl Into<String>) -> Self {
        let (code_name, value) = (code_name.into(), value.into());
        match self.values.iter_mut().find(|(name, _)| *name == code_name) {
            Some((_, old)) => *old = value,
            None => self.values.push((code_name, value)),
        }
        self
    }

    /// The value set for a code name; the external key's is `external_key`.
    pub fn get(&self, code_name: &str) -> Option<&str> {
        self.values
            .iter()
            .find(|(name, _)| name == code_name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The code names and values, in the order they were first set.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values
            .iter()
            .map(|(code_name, value)| (code_name.as_str(), value.as_str()))
    }

    /// Checks names and limits.
    pub(crate) fn check(&self) -> Result<()> {
        self.append_to(&mut Fields::new())
    }

    pub(crate) fn append_to(&self, fields: &mut Fields) -> Result<()> {
        let mut total = 0;
        for (code_name, value) in &self.values {
            if code_name.is_empty() || code_name.contains(|c: char| c.is_whitespace()) {
                return Err(Error::invalid_request(format!(
                    "\"{}\" is not a code name of a custom attribute",
                    crate::error::shorten(code_name, 60)
                )));
            }
            let field = format!("session.custom.{code_name}");
            check_length(&field, value, VALUE_LIMIT)?;
            total += value.len();
            fields.push((field, value.clone()));
        }
        if total > TOTAL_LIMIT {
            return Err(Error::invalid_request(format!(
                "the custom attributes have {total} bytes together, the appliance takes at most \
                 {TOTAL_LIMIT}"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(attributes: &SessionAttributes) -> Result<Fields> {
        let mut fields = Fields::new();
        attributes.append_to(&mut fields).map(|()| fields)
    }

    #[test]
    fn values_may_have_1024_characters_and_not_one_more() {
        let at_limit = SessionAttributes::new().external_key("é".repeat(1024));
        assert_eq!(
            check(&at_limit).unwrap()[0].0,
            "session.custom.external_key"
        );
        let error = check(&SessionAttributes::new().external_key("x".repeat(1025))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "session.custom.external_key has 1025 characters, the appliance takes at most 1024"
        );
    }

    #[test]
    fn names_that_cannot_be_code_names_are_refused() {
        for name in ["", "two words", "tab\t"] {
            assert!(check(&SessionAttributes::new().custom(name, "x")).is_err());
        }
        let attributes = SessionAttributes::new()
            .custom("tag", "1")
            .custom("tag", "2");
        let fields = check(&attributes).unwrap();
        assert_eq!(fields, [("session.custom.tag".to_owned(), "2".to_owned())]);
        let debug = format!("{attributes:?}");
        assert!(debug.contains("tag") && !debug.contains('2'), "{debug}");
    }

    #[test]
    fn all_values_together_may_have_10_kb() {
        let mut attributes = SessionAttributes::new();
        for number in 0..10 {
            attributes = attributes.custom(format!("a{number}"), "x".repeat(1024));
        }
        assert!(check(&attributes).is_ok());
        assert!(check(&attributes.custom("b", "x")).is_err());
    }
}
