//! How requests name a representative.

use super::check_filled;
use crate::call::Fields;
use crate::error::Result;

/// A representative, as a request names one.
///
/// ```
/// use bomgar_api::command::RepRef;
///
/// assert_eq!(RepRef::from(12), RepRef::Id(12));
/// assert_eq!(RepRef::username("jdoe"), RepRef::Username("jdoe".into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RepRef {
    /// By number, as [`LoggedInRep::id`](super::LoggedInRep::id) has it.
    Id(u64),
    /// By log-in name. The appliance refuses the request unless exactly one representative has it.
    Username(String),
}

impl RepRef {
    /// The representative with this log-in name.
    pub fn username(name: impl Into<String>) -> Self {
        RepRef::Username(name.into())
    }

    /// Adds the field for a number or the one for a log-in name.
    pub(super) fn append_to(&self, fields: &mut Fields, id: &str, username: &str) -> Result<()> {
        fields.push(match self {
            RepRef::Id(number) => (id.into(), number.to_string()),
            RepRef::Username(name) => {
                check_filled(username, name)?;
                (username.into(), name.clone())
            }
        });
        Ok(())
    }

    /// The form that queues and senders have, such as `rep:12`.
    pub(super) fn prefixed(&self, field: &str) -> Result<String> {
        Ok(match self {
            RepRef::Id(number) => format!("rep:{number}"),
            RepRef::Username(name) => {
                check_filled(field, name)?;
                format!("rep_username:{name}")
            }
        })
    }
}

impl From<u64> for RepRef {
    fn from(id: u64) -> Self {
        RepRef::Id(id)
    }
}
