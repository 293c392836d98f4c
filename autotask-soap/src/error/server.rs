//! The server's own error texts and the record numbers in them.

use std::fmt;

/// One error of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerError {
    /// Which record of the call it is about, counted from 1; `None` if the server did not say.
    pub record: Option<u32>,
    /// What the server said, without the record number.
    pub message: String,
}

impl ServerError {
    pub(crate) fn new(record: Option<u32>, message: impl Into<String>) -> Self {
        Self {
            record,
            message: message.into(),
        }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record {
            Some(record) => write!(f, "record {record}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Brings the server's texts together with the record numbers.
///
/// For several records the server writes errors in pairs: the reason, then a text that only names
/// the record. An older form names it at the end of the reason itself.
pub(crate) fn pair(texts: impl IntoIterator<Item = String>) -> Vec<ServerError> {
    let mut errors: Vec<ServerError> = Vec::new();
    for text in texts {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        let Some((record, reason)) = record_number(text) else {
            errors.push(ServerError::new(None, text));
            continue;
        };
        match (reason, errors.last_mut()) {
            (Some(reason), _) => errors.push(ServerError::new(Some(record), reason)),
            (None, Some(previous)) if previous.record.is_none() => previous.record = Some(record),
            (None, _) => errors.push(ServerError::new(Some(record), text)),
        }
    }
    errors
}

/// The number in `… record number [N].` and the reason before it. No reason means that the text
/// says nothing but the number.
fn record_number(text: &str) -> Option<(u32, Option<&str>)> {
    const MARK: &str = "record number [";
    let at = find_ignoring_case(text, MARK)?;
    let before = text.get(..at)?;
    let (digits, rest) = text.get(at + MARK.len()..)?.split_once(']')?;
    let record = digits.trim().parse().ok()?;
    if !rest.trim_matches(['.', ';', ' ']).is_empty() {
        // The number stands in the middle of a sentence: keep the sentence whole.
        return Some((record, Some(text)));
    }
    let head = before.trim().to_ascii_lowercase();
    if head.starts_with("error ") && head.ends_with("entity for") {
        return Some((record, None));
    }
    let reason = before.trim_end();
    let shorter = reason
        .len()
        .checked_sub(2)
        .and_then(|end| reason.split_at_checked(end));
    let reason = match shorter {
        Some((reason, on)) if on.eq_ignore_ascii_case("on") => reason,
        _ => reason,
    };
    let reason = reason.trim_end_matches([' ', ';', ',']);
    Some((
        record,
        if reason.is_empty() {
            None
        } else {
            Some(reason)
        },
    ))
}

pub(crate) fn find_ignoring_case(text: &str, ascii: &str) -> Option<usize> {
    text.as_bytes()
        .windows(ascii.len())
        .position(|window| window.eq_ignore_ascii_case(ascii.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(texts: &[&str]) -> Vec<(Option<u32>, String)> {
        pair(texts.iter().map(|text| (*text).to_owned()))
            .into_iter()
            .map(|error| (error.record, error.message))
            .collect()
    }

    #[test]
    fn reasons_take_the_number_that_follows() {
        assert_eq!(
            paired(&[
                "String value exceeds maximum length (field:description).",
                "Error updating entity for record number [1].",
                "Value does not exist for the required field AccountID.",
                "Error updating entity for record number [3].",
            ]),
            [
                (
                    Some(1),
                    "String value exceeds maximum length (field:description).".to_owned()
                ),
                (
                    Some(3),
                    "Value does not exist for the required field AccountID.".to_owned()
                ),
            ]
        );
    }

    #[test]
    fn older_form_in_one_text() {
        assert_eq!(
            paired(&[
                "Value does not exist for the required field AccountID.; on record number [1]."
            ]),
            [(
                Some(1),
                "Value does not exist for the required field AccountID.".to_owned()
            )]
        );
    }

    #[test]
    fn without_number_it_is_about_the_call() {
        assert_eq!(
            paired(&["IntegrationCode is invalid.", " "]),
            [(None, "IntegrationCode is invalid.".to_owned())]
        );
    }

    #[test]
    fn a_number_without_reason_is_kept() {
        let alone = "Error updating entity for record number [2].";
        assert_eq!(paired(&[alone]), [(Some(2), alone.to_owned())]);
        assert_eq!(
            paired(&["a", "Error updating entity for record number [1].", alone]),
            [(Some(1), "a".to_owned()), (Some(2), alone.to_owned())]
        );
    }

    #[test]
    fn odd_texts_do_no_harm() {
        for text in [
            "record number [",
            "record number []",
            "record number [x].",
            "ü record number [1",
        ] {
            assert_eq!(paired(&[text]), [(None, text.to_owned())]);
        }
        assert_eq!(
            paired(&["on record number [7]."]).first().and_then(|e| e.0),
            Some(7)
        );
        assert_eq!(
            paired(&["é on record number [7]."]),
            [(Some(7), "é".to_owned())]
        );
    }
}
