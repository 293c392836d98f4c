//! Who calls: the API user and the integration.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;

/// The API user's login and the integration's tracking identifier.
///
/// The user must be a resource of licence type "API User". `Debug` shows the user name only.
///
/// ```
/// use autotask_soap::Credentials;
///
/// let credentials = Credentials::new("api@example.com", "s3cret", "INTEGRATIONCODE");
/// assert!(!format!("{credentials:?}").contains("s3cret"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    username: String,
    password: SecretString,
    integration_code: SecretString,
}

impl Credentials {
    /// Credentials from the user's full login, its password and the tracking identifier, which the
    /// wire calls `IntegrationCode`.
    pub fn new(
        username: impl Into<String>,
        password: impl Into<SecretString>,
        integration_code: impl Into<SecretString>,
    ) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
            integration_code: integration_code.into(),
        }
    }

    /// The API user's login.
    pub fn username(&self) -> &str {
        &self.username
    }

    pub(crate) fn integration_code(&self) -> &str {
        self.integration_code.expose_secret()
    }

    /// A part that every call needs and that is blank; its name.
    #[cfg(feature = "client")]
    pub(crate) fn blank_part(&self) -> Option<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        if blank(&self.username) {
            Some("user name")
        } else if blank(self.password.expose_secret()) {
            Some("password")
        } else {
            None
        }
    }

    /// The `Authorization` header, marked so that it is not logged.
    pub(crate) fn basic(&self) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
        let pair = format!("{}:{}", self.username, self.password.expose_secret());
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Takes our secrets out of a text that came from outside, such as an error page that echoes
    /// the request.
    pub(crate) fn scrub(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for secret in self.secrets() {
            clean = clean.replace(secret.expose_secret(), "[secret]");
        }
        clean
    }

    /// The same for the beginning of a text that may be long: at most about this many bytes, cut
    /// where no secret is cut in two.
    pub(crate) fn scrub_start(&self, text: &str, most: usize) -> String {
        let boundary = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at));
        let mut end = boundary(most.min(text.len())).unwrap_or_default();
        let secrets = self.secrets();
        while let Some(start) = secrets.iter().find_map(|secret| {
            let secret = secret.expose_secret();
            let from = boundary(end.saturating_sub(secret.len() - 1))?;
            let to = boundary((end + secret.len() - 1).min(text.len()))?;
            let start = from + text.get(from..to)?.find(secret)?;
            (start < end && start + secret.len() > end).then_some(start)
        }) {
            end = start;
        }
        self.scrub(text.get(..end).unwrap_or_default())
    }

    /// What must not be seen. Very short ones would cut into ordinary words; nobody has such a
    /// password.
    fn secrets(&self) -> Vec<SecretString> {
        let pair = STANDARD.encode(format!(
            "{}:{}",
            self.username,
            self.password.expose_secret()
        ));
        [
            pair.as_str(),
            self.password.expose_secret(),
            self.integration_code(),
            // As it is sent.
            self.integration_code().trim(),
        ]
        .into_iter()
        .filter(|secret| secret.len() > 3)
        .map(SecretString::from)
        .collect()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials::new("api@example.com", "open sesame", "CODE27")
    }

    #[test]
    fn basic_is_utf8_base64_and_sensitive() {
        let header = credentials().basic().unwrap();
        assert_eq!(header, "Basic YXBpQGV4YW1wbGUuY29tOm9wZW4gc2VzYW1l");
        assert!(header.is_sensitive());
        // "u:ü" in UTF-8 is 75 3A C3 BC.
        assert_eq!(
            Credentials::new("u", "ü", "").basic().unwrap(),
            "Basic dTrDvA=="
        );
    }

    #[test]
    fn secrets_are_taken_out_of_echoes() {
        let text =
            "<p>Authorization: Basic YXBpQGV4YW1wbGUuY29tOm9wZW4gc2VzYW1l, CODE27, open sesame";
        let clean = credentials().scrub(text);
        assert_eq!(
            clean,
            "<p>Authorization: Basic [secret], [secret], [secret]"
        );
    }

    #[test]
    fn a_long_text_is_cut_where_no_secret_is() {
        let text = format!("\u{fc}{}CODE27open sesame.", ".".repeat(10));
        for most in 0..text.len() + 5 {
            let clean = credentials().scrub_start(&text, most);
            let rest = clean.replace("[secret]", "");
            assert!(
                rest.trim_matches(['\u{fc}', '.']).is_empty(),
                "{most}: {clean}"
            );
            assert!(
                most == 0 || most > 18 || rest.len() >= most.min(12) - 1,
                "{most}: {clean}"
            );
        }
        assert_eq!(credentials().scrub_start("a CODE27 b", 100), "a [secret] b");
        let repeated = "CODE27".repeat(1000);
        assert_eq!(credentials().scrub_start(&repeated, 15), "[secret][secret]");
    }

    #[test]
    fn debug_shows_no_secret() {
        let text = format!("{:?}", credentials());
        assert!(text.contains("api@example.com"));
        assert!(
            !text.contains("sesame") && !text.contains("CODE27"),
            "{text}"
        );
    }

    #[cfg(feature = "client")]
    #[test]
    fn blank_parts_are_named() {
        assert_eq!(
            Credentials::new(" ", "p", "c").blank_part(),
            Some("user name")
        );
        assert_eq!(
            Credentials::new("u", "", "c").blank_part(),
            Some("password")
        );
        assert_eq!(Credentials::new("u", "p", "").blank_part(), None);
    }
}
