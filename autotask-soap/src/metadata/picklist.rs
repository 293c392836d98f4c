//! From labels to values and back.

use super::{FieldDescription, PicklistValue};
use crate::error::{Error, ErrorKind, Result};

/// The values of one field's picklist that count: at first all active ones.
///
/// Two labels are the same if they differ only in upper and lower case, in white space around them,
/// or in the amount of white space between words. Values are compared without white space around
/// them. If two values that count have the same label, asking for that label is an error, even if
/// one of them is spelt exactly as asked: nothing here guesses. Narrow the list down with
/// [`under`](Self::under), or name the value.
///
/// ```
/// use autotask_soap::metadata::{FieldDescription, PicklistValue};
///
/// let mut mail = PicklistValue::default();
/// mail.value = "101".into();
/// mail.label = "Other".into();
/// mail.parent_value = Some("10".into());
/// mail.is_active = true;
/// let mut printer = mail.clone();
/// printer.value = "111".into();
/// printer.parent_value = Some("11".into());
/// let mut field = FieldDescription::default();
/// field.name = "SubIssueType".into();
/// field.picklist_parent = Some("IssueType".into());
/// field.picklist_values = vec![mail, printer];
///
/// let error = field.values().by_label("Other").unwrap_err();
/// assert!(error.to_string().contains("'Other' (101, under 10), 'Other' (111, under 11)"));
/// assert_eq!(field.values().under("11").by_label("other")?.number(), Some(111));
/// # Ok::<(), autotask_soap::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Picklist<'f> {
    field: &'f FieldDescription,
    inactive: bool,
    parent: Option<&'f str>,
}

impl<'f> Picklist<'f> {
    pub(super) fn new(field: &'f FieldDescription) -> Self {
        Self {
            field,
            inactive: false,
            parent: None,
        }
    }

    /// Inactive values count too. They stand in old records, but may not be set anew.
    pub fn with_inactive(self) -> Self {
        Self {
            inactive: true,
            ..self
        }
    }

    /// Only values that may be chosen while the parent field has this value; those that belong to no
    /// value of the parent field may always be.
    pub fn under(self, parent_value: &'f str) -> Self {
        Self {
            parent: Some(parent_value),
            ..self
        }
    }

    /// The values that count, in the order of the tenant's list.
    pub fn iter(&self) -> impl Iterator<Item = &'f PicklistValue> + use<'f> {
        let this = *self;
        this.field
            .picklist_values
            .iter()
            .filter(move |value| this.counts(value))
    }

    fn counts(&self, value: &PicklistValue) -> bool {
        let active = self.inactive || value.is_active;
        let belongs = match (self.parent, value.parent_value.as_deref()) {
            (Some(wanted), Some(parent)) => same_value(wanted, parent),
            _ => true,
        };
        active && belongs
    }

    /// The value with this label.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Label`] if no value that counts has the label; the message lists those that
    /// exist. Or if several have it; the message names them.
    pub fn by_label(&self, label: &str) -> Result<&'f PicklistValue> {
        let wanted = normal(label);
        let found: Vec<_> = self
            .iter()
            .filter(|value| normal(&value.label) == wanted)
            .collect();
        match found.as_slice() {
            [value] => Ok(value),
            [] => Err(self.missing(&format!("labelled '{}'", label.trim()))),
            several => {
                let detail = format!(
                    "field {} has {} values labelled '{}': {}",
                    self.field.name,
                    several.len(),
                    label.trim(),
                    list(several.iter().copied())
                );
                Err(Error::new(ErrorKind::Label, detail))
            }
        }
    }

    /// The entry with this value.
    ///
    /// A value can stand in the list once for each value of the parent field; then the first is
    /// taken.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Label`] if the value does not count; the message lists those that do.
    pub fn by_value(&self, value: impl ToString) -> Result<&'f PicklistValue> {
        let wanted = value.to_string();
        self.iter()
            .find(|value| same_value(&value.value, &wanted))
            .ok_or_else(|| self.missing(&format!("'{}'", wanted.trim())))
    }

    /// The value that the tenant takes as default, if it is one that counts and the only one.
    pub fn default_value(&self) -> Option<&'f PicklistValue> {
        let mut defaults = self.iter().filter(|value| value.is_default);
        defaults.next().filter(|_| defaults.next().is_none())
    }

    fn missing(&self, what: &str) -> Error {
        let active = if self.inactive { "" } else { "active " };
        let place = self
            .parent
            .map_or_else(String::new, |parent| format!(" under {parent}"));
        let field = &self.field.name;
        let detail = if self.field.picklist_values.is_empty() {
            format!("field {field} has no picklist")
        } else {
            format!(
                "field {field} has no {active}value {what}{place}; it has {}",
                list(self.iter())
            )
        };
        Error::new(ErrorKind::Label, detail)
    }
}

/// White space and case as labels are compared.
fn normal(label: &str) -> String {
    let words: Vec<&str> = label.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

fn same_value(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    one == other
        || matches!((one.parse::<i64>(), other.parse::<i64>()), (Ok(one), Ok(other)) if one == other)
}

/// At most this many values are named in a message.
const NAMED: usize = 40;

fn list<'f>(values: impl Iterator<Item = &'f PicklistValue>) -> String {
    let mut texts: Vec<String> = values
        .map(|value| match &value.parent_value {
            Some(parent) => format!("'{}' ({}, under {parent})", value.label, value.value),
            None => format!("'{}' ({})", value.label, value.value),
        })
        .collect();
    match texts.len() {
        0 => return "none at all".to_owned(),
        many if many > NAMED => {
            texts.truncate(NAMED);
            texts.push(format!("and {} more", many - NAMED));
        }
        _ => {}
    }
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(value: &str, label: &str, is_active: bool) -> PicklistValue {
        PicklistValue {
            value: value.into(),
            label: label.into(),
            is_active,
            ..PicklistValue::default()
        }
    }

    fn publish() -> FieldDescription {
        FieldDescription {
            name: "Publish".into(),
            picklist: true,
            picklist_values: vec![
                value("1", "All Autotask Users", true),
                value("2", "Internal Users", true),
                value("3", "Old", false),
                value("4", "Twice", true),
                value("5", "twice ", true),
                value("6", "internal users", false),
            ],
            ..FieldDescription::default()
        }
    }

    fn sub_issue() -> FieldDescription {
        let under = |number: &str, label: &str, parent: &str| PicklistValue {
            parent_value: Some(parent.into()),
            ..value(number, label, true)
        };
        FieldDescription {
            name: "SubIssueType".into(),
            picklist: true,
            picklist_parent: Some("IssueType".into()),
            picklist_values: vec![
                under("101", "Other", "10"),
                under("111", "Other", "11"),
                under("112", "Printer", "11"),
                value("1", "Unsorted", true),
            ],
            ..FieldDescription::default()
        }
    }

    #[test]
    fn case_and_white_space_do_not_count() {
        let field = publish();
        for label in [
            "All Autotask Users",
            " all  autotask\tUSERS\u{a0}",
            "ALL AUTOTASK USERS",
        ] {
            let found = field.value_for_label(label).unwrap();
            assert_eq!(found.number(), Some(1), "{label}");
        }
    }

    #[test]
    fn a_label_that_is_not_there_is_an_error_that_lists_the_others() {
        let field = publish();
        for label in ["Nobody", "Old", "AllAutotaskUsers", ""] {
            let error = field.value_for_label(label).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Label, "{label}");
            let text = error.to_string();
            assert!(text.contains("'All Autotask Users' (1)"), "{text}");
            assert!(!text.contains("(3)"), "{text}");
        }
        let none = FieldDescription::default();
        let text = none.value_for_label("x").unwrap_err().to_string();
        assert!(text.contains("no picklist"), "{text}");
    }

    #[test]
    fn an_ambiguous_label_is_an_error_that_names_the_candidates() {
        let error = publish().value_for_label("Twice").unwrap_err().to_string();
        assert!(error.contains("'Twice' (4), 'twice ' (5)"), "{error}");
        assert!(!error.contains("Autotask Users"), "{error}");
    }

    #[test]
    fn inactive_values_count_only_on_request() {
        let field = publish();
        let all = field.values().with_inactive();
        assert_eq!(all.by_label("old").unwrap().value, "3");
        assert!(field.values().by_value(3).is_err());
        assert_eq!(all.by_value(3).unwrap().label, "Old");
        // The inactive namesake makes no ambiguity unless it counts.
        assert_eq!(field.value_for_label("internal users").unwrap().value, "2");
        assert!(all.by_label("internal users").is_err());
    }

    #[test]
    fn dependent_values() {
        let field = sub_issue();
        assert!(field.values().by_label("Other").is_err());
        let under = |parent| field.values().under(parent);
        assert_eq!(under("10").by_label("Other").unwrap().value, "101");
        assert_eq!(under(" 11").by_label("Other").unwrap().value, "111");
        assert_eq!(under("10").by_label("Unsorted").unwrap().value, "1");
        let error = under("10").by_label("Printer").unwrap_err().to_string();
        assert!(error.contains("under 10"), "{error}");
        assert!(under("10").by_value(112).is_err());
        assert_eq!(under("11").by_value("112").unwrap().label, "Printer");
    }

    #[test]
    fn defaults() {
        let mut field = publish();
        assert_eq!(field.values().default_value(), None);
        field.picklist_values[1].is_default = true;
        assert_eq!(field.values().default_value().unwrap().value, "2");
        field.picklist_values[0].is_default = true;
        assert_eq!(field.values().default_value(), None);
    }
}
