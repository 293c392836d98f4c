//! What an error of the client means for the session.

use crate::failure::{Failure, FailureClass};
use autotask_soap::{Error, ErrorKind, ops::Operation};

/// Classes an error of the client.
pub(super) fn failure(error: &Error) -> Failure {
    let (class, hint) = match error.kind() {
        ErrorKind::Unauthorized => (
            FailureClass::Config,
            "check user name and password of the Autotask API user, and that it is active",
        ),
        ErrorKind::UnknownUser => (
            FailureClass::Config,
            "check the Autotask user name: no data centre knows it",
        ),
        ErrorKind::IntegrationCode => (
            FailureClass::Config,
            "check the tracking identifier (integration code) of the Autotask API user",
        ),
        ErrorKind::Forbidden => (
            FailureClass::Config,
            "check the security level of the Autotask API user",
        ),
        ErrorKind::Config => (
            FailureClass::Config,
            "correct the Autotask settings of this configuration",
        ),
        ErrorKind::RateLimited | ErrorKind::ThreadLimit => (
            FailureClass::Limit,
            "nothing to do: Autotask asks for a pause; all integrations of the tenant share its limits",
        ),
        // All turns were taken for the whole time; nothing was sent.
        ErrorKind::DeadlinePassed => (
            FailureClass::Limit,
            "nothing to do: too many calls waited for their turn",
        ),
        // The text for the hourly allowance is not documented; all that are known name a threshold.
        ErrorKind::Refused if says(error, "threshold") => (
            FailureClass::Limit,
            "nothing to do: the tenant's allowance of calls is used up; all its integrations share it",
        ),
        ErrorKind::Refused if error.operation() == Some(Operation::Create) => (
            FailureClass::Data,
            "mend what Autotask names, then replay the session",
        ),
        // A question that is refused says nothing about the session.
        ErrorKind::Refused => (
            FailureClass::Transient,
            "nothing to do unless it lasts: check that the API user may still read this",
        ),
        ErrorKind::Validation => (
            FailureClass::Data,
            "mend the field that is named, then replay the session",
        ),
        ErrorKind::Malformed | ErrorKind::Query | ErrorKind::TooManyRecords => (
            FailureClass::Bug,
            "please report this to the authors with the text of the error",
        ),
        _ => (
            FailureClass::Transient,
            "nothing to do unless it lasts: check that Autotask is up and reachable",
        ),
    };
    Failure {
        retry_after_seconds: error.retry_after().map(|wait| wait.as_secs()),
        ..Failure::new(class, error.to_string(), hint)
    }
}

/// Whether one of the server's texts holds `word`.
fn says(error: &Error, word: &str) -> bool {
    error
        .server_errors()
        .iter()
        .any(|said| said.message.to_lowercase().contains(word))
}

/// Ids and picklist values are 32 bits wide on the wire.
pub(super) fn narrow(value: i64, field: &str) -> Result<i32, Failure> {
    i32::try_from(value).map_err(|_| {
        Failure::new(
            FailureClass::Data,
            format!("{field} {value} is larger than any id of Autotask"),
            "check where this number comes from, for instance the session's external key",
        )
    })
}
