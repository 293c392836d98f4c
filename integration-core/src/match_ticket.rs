//! From a session's external key to its ticket.
//!
//! | External key | Result |
//! |---|---|
//! | digits | the ticket with this internal id, as the LiveLinks put it there |
//! | `T20261124.0007` | not matched: this is a ticket number, not an id |
//! | a JSON object | not matched: it asks for a new ticket |
//! | nothing, or anything else | not matched |
//!
//! A session that is not matched is a [`Data`](FailureClass::Data) failure that says what was
//! found. There is never a guess.

use crate::failure::{Failure, FailureClass};
use serde::{Deserialize, Serialize};

/// What an external key says about the ticket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum TicketKey {
    /// The ticket's internal id.
    Id(i64),
}

const HINT: &str = "assign a ticket to this session, or set the session's external key to the \
                    ticket's internal id (the number behind ticketID= in the ticket's address)";

/// Reads the external key of the session `lsid`.
///
/// # Errors
/// A [`Data`](FailureClass::Data) failure when the key does not name a ticket by its internal id.
///
/// ```
/// use integration_core::match_ticket::{TicketKey, ticket_key};
///
/// let lsid = "0123456789abcdef0123456789abcdef";
/// assert_eq!(ticket_key(lsid, Some("7017"))?, TicketKey::Id(7017));
///
/// let unmatched = ticket_key(lsid, Some("T20261124.0007")).unwrap_err();
/// assert!(unmatched.message.contains("ticket number"));
/// # Ok::<(), integration_core::failure::Failure>(())
/// ```
pub fn ticket_key(lsid: &str, external_key: Option<&str>) -> Result<TicketKey, Failure> {
    let key = external_key.unwrap_or_default().trim();
    let found = match read(key) {
        Ok(id) => return Ok(TicketKey::Id(id)),
        Err(found) => found,
    };
    Err(Failure::new(
        FailureClass::Data,
        format!("session {lsid} has no ticket: {found}"),
        HINT,
    ))
}

fn read(key: &str) -> Result<i64, String> {
    if key.is_empty() {
        return Err("its external key is empty".to_owned());
    }
    if key.bytes().all(|byte| byte.is_ascii_digit()) {
        return match key.parse() {
            Ok(0) => Err("its external key is 0, which is no ticket's id".to_owned()),
            Ok(id) => Ok(id),
            Err(_) => Err(format!(
                "its external key has {} digits, more than any ticket id has",
                key.len()
            )),
        };
    }
    if is_ticket_number(key) {
        return Err(format!(
            "its external key {key} is a ticket number, and only internal ids are matched"
        ));
    }
    // The key itself may hold anything a person typed, so it is described, not repeated.
    Err(match serde_json::from_str::<serde_json::Value>(key) {
        Ok(serde_json::Value::Object(members)) => format!(
            "its external key is a JSON object with {} members, which asks for a new ticket, and \
             tickets are not created here",
            members.len()
        ),
        _ => format!(
            "its external key is a text of {} characters that is no ticket id",
            key.chars().count()
        ),
    })
}

/// `T20261124.0007`: the form that Autotask gives new tickets.
fn is_ticket_number(key: &str) -> bool {
    let Some(rest) = key.strip_prefix(['T', 't']) else {
        return false;
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match rest.split_once('.') {
        Some((day, number)) => {
            day.len() == 8 && digits(day) && !number.is_empty() && digits(number)
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LSID: &str = "0123456789abcdef0123456789abcdef";

    fn refusal(key: Option<&str>) -> String {
        let failure = ticket_key(LSID, key).unwrap_err();
        assert_eq!(failure.class, FailureClass::Data);
        assert!(failure.message.contains(LSID));
        assert!(failure.hint.contains("ticketID="));
        failure.message
    }

    #[test]
    fn c110_digits_are_the_internal_id() {
        for (key, id) in [("7017", 7017), (" 7017\n", 7017), ("0042", 42)] {
            assert_eq!(ticket_key(LSID, Some(key)).unwrap(), TicketKey::Id(id));
        }
    }

    #[test]
    fn what_is_no_id_is_explained() {
        for (key, word) in [
            (None, "empty"),
            (Some("  "), "empty"),
            (Some("0"), "is 0"),
            (Some("99999999999999999999"), "20 digits"),
            (Some("T20261124.0007"), "ticket number"),
            (Some("-7"), "2 characters"),
            (Some("٣"), "1 characters"),
            (Some("7017 printer"), "12 characters"),
        ] {
            let message = refusal(key);
            assert!(message.contains(word), "{key:?}: {message}");
        }
    }

    #[test]
    fn a_json_key_is_named_but_not_repeated() {
        let message = refusal(Some(r#"{"accountName": "Acme, Inc.", "title": "Printer"}"#));
        assert!(message.contains("JSON object with 2 members"), "{message}");
        assert!(!message.contains("Acme"), "{message}");
    }

    #[test]
    fn a_typed_text_is_not_repeated() {
        assert!(!refusal(Some("call Mrs Miller")).contains("Miller"));
    }
}
