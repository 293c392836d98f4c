//! The Command API: what the appliance can be told and asked.
//!
//! Each call is a plain request type that implements [`Call`](crate::Call): it can be encoded and
//! its answer decoded without a client, or it can be given to a `Client`.

mod attributes;
mod check_health;
mod generate_session_key;
mod get_api_info;
mod set_session_attributes;

pub use attributes::SessionAttributes;
pub use check_health::{CheckHealth, Health};
pub use generate_session_key::{
    CustomerDetails, GenerateSessionKey, KeyQueue, Priority, Queue, SessionKey,
};
pub use get_api_info::{ApiInfo, CommandAccess, GetApiInfo};
pub use set_session_attributes::SetSessionAttributes;

use crate::error::{Error, Result};
use crate::xml::read_reply;

/// Reads the answer of an action that answers `<success>`, and gives its text.
///
/// # Errors
///
/// [`ErrorKind::Api`](crate::ErrorKind::Api) when the answer is an `<error>`, and the kinds for
/// answers that cannot be read.
pub fn parse_success(body: &[u8]) -> Result<String> {
    Ok(read_reply("success", body, |(): &mut (), _, _| Ok(()))?.text)
}

/// Checks a text's length in characters.
fn check_length(field: &str, value: &str, limit: usize) -> Result<()> {
    let length = value.chars().count();
    if length <= limit {
        return Ok(());
    }
    Err(Error::invalid_request(format!(
        "{field} has {length} characters, the appliance takes at most {limit}"
    )))
}
