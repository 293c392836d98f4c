//! Fields of a report that the caller names.

use std::fmt;

use crate::call::Fields;
use crate::error::{Error, Result, shorten};

/// Restricts a report by a category of the appliance, such as one public site.
///
/// Appliances take the category in the field `limit` and its value in a field of its own. The
/// guides of the appliance's version name both; this crate sends them as they are given.
///
/// `Debug` shows the names, but not the value.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{Limit, SupportSession, TimeWindow};
///
/// let since = TimeWindow::ended_since("2019-11-05T11:43:09Z".parse()?);
/// let request = SupportSession::new(since)
///     .limit(Limit::new("public_site", "site_id", "3"))
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&duration=0&limit=public_site&site_id=3"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct Limit {
    category: String,
    field: String,
    value: String,
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit")
            .field("category", &self.category)
            .field("field", &self.field)
            .finish_non_exhaustive()
    }
}

impl Limit {
    /// Restricts by `category`, whose value goes into the field named `field`.
    pub fn new(
        category: impl Into<String>,
        field: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        Limit {
            category: category.into(),
            field: field.into(),
            value: value.into(),
        }
    }

    pub(super) fn append_to(&self, fields: &mut Fields) -> Result<()> {
        if self.category.trim().is_empty() {
            return Err(Error::invalid_request("the category of the limit is empty"));
        }
        append_named(fields, "limit", &self.category)?;
        append_named(fields, &self.field, &self.value)
    }
}

/// Adds a field whose name the caller chose, unless that would change what the request is.
fn append_named(fields: &mut Fields, name: &str, value: &str) -> Result<()> {
    append_all(fields, &[(name.to_owned(), value.to_owned())])
}

/// Adds fields whose names the caller chose, unless that would change what the request is. A name
/// may be given several times.
pub(super) fn append_all(fields: &mut Fields, named: &[(String, String)]) -> Result<()> {
    for (name, _) in named {
        if name.trim().is_empty() {
            return Err(Error::invalid_request("a field has no name"));
        }
        if name == "generate_report" || fields.iter().any(|(known, _)| known == name) {
            return Err(Error::invalid_request(format!(
                "the field {} is sent already",
                shorten(name, 60)
            )));
        }
    }
    fields.extend_from_slice(named);
    Ok(())
}

/// The names of fields, for debug output: the values may be about people.
pub(super) fn names(fields: &Fields) -> Vec<&str> {
    fields.iter().map(|(name, _)| name.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn pairs(pairs: &[(&str, &str)]) -> Fields {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn a_limit_adds_its_category_and_value_and_nothing_else() {
        let mut fields = pairs(&[("lsid", "1")]);
        Limit::new("public_site", "site_id", "3")
            .append_to(&mut fields)
            .unwrap();
        assert_eq!(
            fields,
            pairs(&[("lsid", "1"), ("limit", "public_site"), ("site_id", "3")])
        );
        for limit in [
            Limit::new(" ", "site_id", "3"),
            Limit::new("site", "", "3"),
            Limit::new("site", "limit", "3"),
            Limit::new("site", "lsid", "3"),
            Limit::new("site", "generate_report", "ArchiveListing"),
        ] {
            let error = limit.append_to(&mut pairs(&[("lsid", "1")])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{limit:?}");
        }
        let debug = format!("{:?}", Limit::new("user", "user_name", "Jane"));
        assert!(
            debug.contains("user_name") && !debug.contains("Jane"),
            "{debug}"
        );
    }
}
