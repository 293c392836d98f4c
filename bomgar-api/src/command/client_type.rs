//! The kinds of clients that connect to an appliance.

use super::read::open_enum;
use crate::error::{Error, Result};

open_enum! {
    /// A kind of client that connects to the appliance.
    ClientType {
        /// A representative's console.
        Representative = "representative",
        /// A customer in a support session.
        SupportCustomer = "support_customer",
        /// An attendee of a presentation.
        PresentationAttendee = "presentation_attendee",
        /// A Jumpoint.
        PushAgent = "push_agent",
        /// A Jump Client. Replies count them; requests cannot ask for them.
        PinnedClient = "pinned_client",
    }
}

/// The comma list for a request.
pub(super) fn type_list(types: &[ClientType]) -> Result<String> {
    for kind in types {
        let word = kind.as_str();
        if *kind == ClientType::PinnedClient {
            return Err(Error::invalid_request(
                "clients of the type pinned_client cannot be asked for, only counted with all",
            ));
        }
        if word.is_empty() || word.contains(',') {
            return Err(Error::invalid_request(
                "a client's type is empty or has a comma",
            ));
        }
    }
    let words: Vec<&str> = types.iter().map(ClientType::as_str).collect();
    Ok(words.join(","))
}
