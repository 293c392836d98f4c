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

/// Brings the server's texts together with the numbers of the records, of which the call had
/// `records`.
///
/// For several records the server writes errors in pairs: the reason, then a text that only names
/// the record. An older form names it at the end of the reason itself.
///
/// Every text is kept. A number beyond the call's records blames nobody. After a number without a
/// reason it is in doubt whether reasons stand before or behind their numbers; the reasons that
/// follow it directly then stay without a number.
pub(crate) fn pair(texts: impl IntoIterator<Item = String>, records: usize) -> Vec<ServerError> {
    /// What came before the text at hand.
    enum Before {
        Nothing,
        Reason,
        NumberAlone,
        DoubtfulReason,
    }
    let known = |number: u32| {
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        (1..=records).contains(&at).then_some(number)
    };
    let mut errors: Vec<ServerError> = Vec::new();
    let mut before = Before::Nothing;
    for text in texts {
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        before = match (said(text), errors.last_mut()) {
            (Said::Reason, _) => {
                errors.push(ServerError::new(None, text));
                match before {
                    Before::NumberAlone | Before::DoubtfulReason => Before::DoubtfulReason,
                    Before::Nothing | Before::Reason => Before::Reason,
                }
            }
            (Said::Both(number, reason), _) => {
                let number = known(number);
                let kept = if number.is_some() { reason } else { text };
                errors.push(ServerError::new(number, kept));
                Before::Nothing
            }
            (Said::Number(number), Some(last))
                if matches!(before, Before::Reason) && known(number).is_some() =>
            {
                last.record = Some(number);
                Before::Nothing
            }
            (Said::Number(number), _) => {
                errors.push(ServerError::new(known(number), text));
                Before::NumberAlone
            }
        };
    }
    errors
}

/// What one text of the server says.
#[derive(Debug, PartialEq, Eq)]
enum Said<'a> {
    Reason,
    /// `Error updating entity for record number [N].`
    Number(u32),
    /// `…; on record number [N].`
    Both(u32, &'a str),
}

/// A number counts only at the end of a text that the server made of it: the same words in the middle
/// can be a customer's.
fn said(text: &str) -> Said<'_> {
    const MARK: &str = "record number [";
    let found = rfind_ignoring_case(text, MARK).and_then(|at| {
        let (digits, rest) = text.get(at + MARK.len()..)?.split_once(']')?;
        let ends = rest.trim_matches(['.', ';', ' ']).is_empty();
        let number = digits.trim().parse().ok().filter(|_| ends)?;
        Some((text.get(..at)?.trim_end(), number))
    });
    let Some((head, number)) = found else {
        return Said::Reason;
    };
    let lower = head.to_ascii_lowercase();
    if lower.starts_with("error ") && lower.ends_with(" entity for") && !head.contains(['.', ';']) {
        return Said::Number(number);
    }
    let reason = head
        .len()
        .checked_sub(2)
        .and_then(|end| head.split_at_checked(end))
        .filter(|(before, on)| {
            let apart = before.is_empty() || before.ends_with([' ', ';', ',']);
            on.eq_ignore_ascii_case("on") && apart
        })
        .map(|(before, _)| before.trim_end_matches([' ', ';', ',']));
    match reason {
        None => Said::Reason,
        Some("") => Said::Number(number),
        Some(reason) => Said::Both(number, reason),
    }
}

pub(crate) fn find_ignoring_case(text: &str, ascii: &str) -> Option<usize> {
    text.as_bytes()
        .windows(ascii.len())
        .position(|window| window.eq_ignore_ascii_case(ascii.as_bytes()))
}

fn rfind_ignoring_case(text: &str, ascii: &str) -> Option<usize> {
    text.as_bytes()
        .windows(ascii.len())
        .rposition(|window| window.eq_ignore_ascii_case(ascii.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn paired(texts: &[&str]) -> Vec<(Option<u32>, String)> {
        pair(texts.iter().map(|text| (*text).to_owned()), 7)
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

    #[test]
    fn numbers_that_are_no_record_of_the_call_blame_nobody() {
        let beyond = "Error updating entity for record number [8].";
        assert_eq!(
            paired(&[
                "a",
                beyond,
                "b",
                "Error updating entity for record number [2]."
            ]),
            [
                (None, "a".to_owned()),
                (None, beyond.to_owned()),
                // Whether "b" belongs to 8 or to 2 nobody can tell.
                (None, "b".to_owned()),
                (
                    Some(2),
                    "Error updating entity for record number [2].".to_owned()
                ),
            ]
        );
        let old = "a; on record number [0].";
        assert_eq!(paired(&[old]), [(None, old.to_owned())]);
        assert_eq!(
            paired(&["a; on record number [99999999999]."]),
            [(None, "a; on record number [99999999999].".to_owned())]
        );
    }

    #[test]
    fn numbers_before_their_reasons_take_no_wrong_reason() {
        let number = |n| format!("Error creating entity for record number [{n}].");
        let (one, two) = (number(1), number(2));
        assert_eq!(
            paired(&[&one, "a", &two, "b"]),
            [
                (Some(1), one.clone()),
                (None, "a".to_owned()),
                (Some(2), two.clone()),
                (None, "b".to_owned()),
            ]
        );
    }

    #[test]
    fn a_reason_without_number_stays_without() {
        let number = "Error updating entity for record number [3].";
        assert_eq!(
            paired(&["a", "b", number]),
            [(None, "a".to_owned()), (Some(3), "b".to_owned())]
        );
    }

    #[test]
    fn words_of_customers_are_no_numbers() {
        for text in [
            "The title 'see record number [3]' is not allowed.",
            "Invalid: record number [3].",
            "Invalid option record number [3].",
            "Error. It says entity for record number [3].",
        ] {
            assert_eq!(paired(&[text]), [(None, text.to_owned())]);
        }
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[A-Za-zäß ,;.()]{1,30}",
            (0..12u32).prop_map(|n| format!("Error updating entity for record number [{n}].")),
            ("[a-z]{1,9}", 0..12u32).prop_map(|(a, n)| format!("{a}; on record number [{n}].")),
            ".{0,40}",
        ]
    }

    proptest! {
        #[test]
        fn pairs_in_order_are_found_again(
            pairs in prop::collection::vec((1..=7u32, "[A-Za-z][A-Za-zäß ,;()]{0,30}[.]"), 0..30)
        ) {
            let texts = pairs.iter().flat_map(|(number, reason)| {
                [reason.clone(), format!("Error updating entity for record number [{number}].")]
            });
            let expected: Vec<_> = pairs
                .iter()
                .map(|(number, reason)| ServerError::new(Some(*number), reason.trim()))
                .collect();
            prop_assert_eq!(pair(texts, 7), expected);
        }

        /// Whatever comes in whatever order: nobody is blamed whom no text names, everybody is whom
        /// one names, and no reason is lost.
        #[test]
        fn nobody_is_blamed_wrongly_and_nothing_is_lost(
            texts in prop::collection::vec(text(), 0..20)
        ) {
            let errors = pair(texts.clone(), 7);
            let blamed: BTreeSet<u32> = errors.iter().filter_map(|error| error.record).collect();
            let named: BTreeSet<u32> = texts
                .iter()
                .filter_map(|text| {
                    let (_, rest) = text.rsplit_once("record number [")?;
                    rest.strip_suffix("].")?.parse().ok()
                })
                .filter(|number| (1..=7).contains(number))
                .collect();
            prop_assert_eq!(blamed, named);
            for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
                // The only text that may disappear is a bare number, into its reason.
                let kept = errors
                    .iter()
                    .any(|error| !error.message.is_empty() && text.starts_with(&error.message));
                prop_assert!(kept || text.starts_with("Error updating"), "{}", text);
            }
        }
    }
}
