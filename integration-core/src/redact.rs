//! Keeps customer text out of logs.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Customer text. `Debug` and `Display` show only how long it is, so that it does not reach logs
/// and error messages by accident; [`reveal`](Redacted::reveal) gives the text itself.
///
/// Serialising is a deliberate act and keeps the text.
///
/// ```
/// use integration_core::redact::Redacted;
///
/// let chat = Redacted::new("my password is hunter2");
/// assert_eq!(format!("{chat} {chat:?}"), "[22 characters] [22 characters]");
/// assert_eq!(chat.reveal(), &"my password is hunter2");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Wraps a text.
    pub const fn new(text: T) -> Self {
        Redacted(text)
    }

    /// The text itself.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Unwraps the text.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(text: T) -> Self {
        Redacted(text)
    }
}

impl<T: AsRef<str>> fmt::Display for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} characters]", self.0.as_ref().chars().count())
    }
}

impl<T: AsRef<str>> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_text_shows() {
        let text = Redacted::new("sécret".to_owned());
        assert_eq!(format!("{text}"), "[6 characters]");
        assert_eq!(
            format!("{:#?}", Some(&text)),
            "Some(\n    [6 characters],\n)"
        );
        assert_eq!(serde_json::to_string(&text).unwrap(), "\"sécret\"");
    }
}
