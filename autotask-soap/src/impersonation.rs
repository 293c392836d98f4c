//! In whose name something is written, and what happens when the server does not allow that.

use crate::error::ServerError;
#[cfg(any(feature = "client", test))]
use crate::error::{Error, ErrorKind, server::find_ignoring_case};

/// What to do when the server refuses to let the API user act as a resource.
///
/// Only a refusal that is certain counts: ReturnCode -1 with a text about impersonation. Nothing was
/// stored then. After everything else, the ambiguous outcomes before all, nothing is sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImpersonationFallback {
    /// The write fails.
    #[default]
    Never,
    /// The write is sent once more, as the API user. [`ActedAs::refused`] of the result then says
    /// so.
    AsApiUser,
}

/// In whose name a write was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ActedAs {
    /// The resource that was impersonated; `None` means the API user itself.
    pub resource: Option<i64>,
    /// The resource that the server refused to impersonate, with its reasons, if the write fell back
    /// to the API user.
    pub refused: Option<RefusedImpersonation>,
}

/// An impersonation that the server did not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedImpersonation {
    /// The resource that was to be impersonated.
    pub resource: i64,
    /// What the server said.
    pub errors: Vec<ServerError>,
}

impl ActedAs {
    pub(crate) fn resource(resource: Option<i64>) -> Self {
        Self {
            resource,
            refused: None,
        }
    }

    #[cfg(feature = "client")]
    pub(crate) fn after_refusal(resource: i64, error: &Error) -> Self {
        Self {
            resource: None,
            refused: Some(RefusedImpersonation {
                resource,
                errors: error.server_errors().to_vec(),
            }),
        }
    }
}

/// Whether an error certainly says that the server does not let the API user act as that resource,
/// and so certainly stored nothing.
#[cfg(any(feature = "client", test))]
pub(crate) fn is_refusal(error: &Error) -> bool {
    // The vendor documents no text; whatever it is, it names what it refuses.
    error.kind() == ErrorKind::Refused
        && error
            .server_errors()
            .iter()
            .any(|said| speaks_of_impersonation(&said.message))
}

/// Whether a text is about impersonation, and not about one of the fields that hold who did it.
#[cfg(any(feature = "client", test))]
fn speaks_of_impersonation(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = find_ignoring_case(rest, "impersonat") {
        rest = rest.get(at + "impersonat".len()..).unwrap_or_default();
        let is_field = ["orCreator", "orUpdater"]
            .iter()
            .any(|field| find_ignoring_case(rest, field) == Some(0));
        if !is_field {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, text: &str) -> Error {
        Error::new(kind, "").with_server_errors(vec![ServerError::new(None, text)])
    }

    #[test]
    fn only_a_clear_refusal_about_impersonation_counts() {
        let text = "The logged in resource may not Impersonate other resources.";
        assert!(is_refusal(&error(ErrorKind::Refused, text)));
        let field = "Data Violation: Field [ImpersonatorCreatorResourceID] is read only";
        assert!(!is_refusal(&error(ErrorKind::Refused, field)));
        // A fault says nothing certain about what was stored.
        assert!(!is_refusal(&error(ErrorKind::Fault, text)));
        assert!(!is_refusal(&error(
            ErrorKind::Refused,
            "Value does not exist for the required field AccountID."
        )));
    }
}
