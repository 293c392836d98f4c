//! URLs by which a representative's console is told what to do, and the LiveLinks that hold them.
//!
//! The appliance answers such a URL with a small script file; opened, it makes the representative
//! console log in and run the action. No API account is involved.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::call::Spelling;
use crate::command::SessionAttributes;
use crate::error::{Error, Result};
use crate::host::check_host;

mod live_link;

pub use live_link::{LiveLink, ticket_custom_link};

/// Everything but the unreserved characters of RFC 3986.
const ENCODE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Longest search text, in characters.
const SEARCH_LIMIT: usize = 255;

/// How a Jump Item is jumped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JumpMethod {
    /// `push`: through a Jumpoint.
    Push,
    /// `local_push`: on the representative's own network.
    LocalPush,
    /// `pinned`: to an installed Jump Client.
    Pinned,
    /// `rdp`
    Rdp,
    /// `vnc`
    Vnc,
    /// `shelljump`
    ShellJump,
}

impl JumpMethod {
    fn as_str(self) -> &'static str {
        match self {
            JumpMethod::Push => "push",
            JumpMethod::LocalPush => "local_push",
            JumpMethod::Pinned => "pinned",
            JumpMethod::Rdp => "rdp",
            JumpMethod::Vnc => "vnc",
            JumpMethod::ShellJump => "shelljump",
        }
    }
}

/// How the Jump Item or Jump Client is found.
///
/// Each text is matched in part and without regard to case, and has at most 255 characters. If
/// several items match, the console lets the representative choose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ClientSearch {
    terms: Vec<(&'static str, String)>,
}

impl ClientSearch {
    /// Searches all fields for a text.
    pub fn text(text: impl Into<String>) -> Self {
        ClientSearch::default().and("search_string", text)
    }

    /// Searches by host name.
    pub fn hostname(host: impl Into<String>) -> Self {
        ClientSearch::default().and("client.hostname", host)
    }

    /// The host name must match as well.
    pub fn and_hostname(self, host: impl Into<String>) -> Self {
        self.and("client.hostname", host)
    }

    /// The comments must match as well.
    pub fn and_comments(self, comments: impl Into<String>) -> Self {
        self.and("client.comments", comments)
    }

    /// The tag must match as well.
    pub fn and_tag(self, tag: impl Into<String>) -> Self {
        self.and("client.tag", tag)
    }

    /// The private address must match as well. Jump Clients only.
    pub fn and_private_ip(self, address: impl Into<String>) -> Self {
        self.and("client.private_ip", address)
    }

    /// The public address must match as well. Jump Clients only.
    pub fn and_public_ip(self, address: impl Into<String>) -> Self {
        self.and("client.public_ip", address)
    }

    fn and(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.terms.retain(|(known, _)| *known != name);
        self.terms.push((name, text.into()));
        self
    }
}

/// A client script URL.
///
/// ```
/// use bomgar_api::client_script::{ClientSearch, ScriptUrl};
/// use bomgar_api::command::SessionAttributes;
///
/// let url = ScriptUrl::start_pinned_client_session(ClientSearch::text("PC 17"))
///     .attributes(SessionAttributes::new().external_key("4711"))
///     .url("support.example.com")?;
/// assert_eq!(
///     url,
///     "https://support.example.com/api/client_script?type=rep&operation=generate\
///      &action=start_pinned_client_session&search_string=PC%2017\
///      &session.custom.external_key=4711",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ScriptUrl {
    action: &'static str,
    parameters: Vec<(&'static str, String)>,
    search: Option<ClientSearch>,
    attributes: SessionAttributes,
    spelling: Spelling,
}

impl ScriptUrl {
    fn new(action: &'static str, search: Option<ClientSearch>) -> Self {
        ScriptUrl {
            action,
            parameters: Vec::new(),
            search,
            attributes: SessionAttributes::new(),
            spelling: Spelling::default(),
        }
    }

    /// Opens the dialog that makes a session key.
    pub fn generate_session_key() -> Self {
        ScriptUrl::new("generate_session_key", None)
    }

    /// Starts a session with a Jump Client. Newer appliances prefer
    /// [`start_jump_item_session`](ScriptUrl::start_jump_item_session), but still know this one.
    pub fn start_pinned_client_session(search: ClientSearch) -> Self {
        ScriptUrl::new("start_pinned_client_session", Some(search))
    }

    /// Starts a session with a Jump Item of any kind, or of the kind that a
    /// [`jump_method`](ScriptUrl::jump_method) names.
    pub fn start_jump_item_session(search: ClientSearch) -> Self {
        ScriptUrl::new("start_jump_item_session", Some(search))
    }

    /// Narrows [`start_jump_item_session`](ScriptUrl::start_jump_item_session) to one method.
    pub fn jump_method(mut self, method: JumpMethod) -> Self {
        self.parameters.retain(|(name, _)| *name != "jump.method");
        self.parameters
            .push(("jump.method", method.as_str().into()));
        self
    }

    /// External key and custom attributes of the session to come. The limits are those of
    /// [`SessionAttributes`].
    pub fn attributes(mut self, attributes: SessionAttributes) -> Self {
        self.attributes = attributes;
        self
    }

    /// Which spelling of the path to use.
    pub fn spelling(mut self, spelling: Spelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// The URL on the appliance with this host name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the host is not a host
    /// name alone (a port may follow), when there is nothing to search for, or when a text is too
    /// long.
    pub fn url(&self, host: &str) -> Result<String> {
        check_host(host)?;
        Ok(format!(
            "https://{host}{}?{}",
            self.spelling.path("client_script"),
            self.query()?
        ))
    }

    /// The URL's query, without the question mark.
    ///
    /// # Errors
    ///
    /// As [`url`](ScriptUrl::url).
    pub fn query(&self) -> Result<String> {
        let mut query = Query::new(self.action);
        for (name, value) in &self.parameters {
            query.push(name, value);
        }
        if let Some(search) = &self.search {
            if !search.terms.iter().any(|(_, text)| !text.is_empty()) {
                return Err(Error::invalid_request("there is nothing to search for"));
            }
            for (name, text) in &search.terms {
                let length = text.chars().count();
                if length > SEARCH_LIMIT {
                    return Err(Error::invalid_request(format!(
                        "{name} has {length} characters, the appliance takes at most {SEARCH_LIMIT}"
                    )));
                }
                query.push(name, text);
            }
        }
        let mut attributes = Vec::new();
        self.attributes.append_to(&mut attributes)?;
        for (name, value) in &attributes {
            query.push(name, value);
        }
        Ok(query.0)
    }
}

/// A query with the three parameters that every script URL starts with.
struct Query(String);

impl Query {
    fn new(action: &str) -> Self {
        Query(format!("type=rep&operation=generate&action={action}"))
    }

    fn push(&mut self, name: &str, value: &str) {
        self.push_verbatim(&encode(name).to_string(), &encode(value).to_string());
    }

    fn push_verbatim(&mut self, name: &str, value: &str) {
        self.0.push('&');
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(value);
    }
}

fn encode(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, ENCODE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded_to_the_letter() {
        let url = ScriptUrl::generate_session_key()
            .attributes(SessionAttributes::new().external_key("{\"a\": \"é&b=c+~-._\"}"))
            .spelling(Spelling::Ns)
            .url("support.example.com:8443")
            .unwrap();
        assert_eq!(
            url,
            "https://support.example.com:8443/api/client_script.ns?type=rep&operation=generate\
             &action=generate_session_key\
             &session.custom.external_key=%7B%22a%22%3A%20%22%C3%A9%26b%3Dc%2B~-._%22%7D"
        );
    }

    #[test]
    fn a_jump_names_method_and_search() {
        let search = ClientSearch::hostname("PC-17")
            .and_tag("office")
            .and_hostname("PC-18");
        let query = ScriptUrl::start_jump_item_session(search)
            .jump_method(JumpMethod::Push)
            .jump_method(JumpMethod::Pinned)
            .query()
            .unwrap();
        assert_eq!(
            query,
            "type=rep&operation=generate&action=start_jump_item_session&jump.method=pinned\
             &client.tag=office&client.hostname=PC-18"
        );
    }

    #[test]
    fn nonsense_is_refused() {
        assert!(
            ScriptUrl::start_pinned_client_session(ClientSearch::text(""))
                .query()
                .is_err()
        );
        let long = ClientSearch::text("x".repeat(256));
        assert!(
            ScriptUrl::start_pinned_client_session(long)
                .query()
                .is_err()
        );
        for host in [
            "",
            "https://support.example.com",
            "a/b",
            "a?b",
            ":80",
            "a b",
            "u@h",
        ] {
            assert!(
                ScriptUrl::generate_session_key().url(host).is_err(),
                "{host}"
            );
        }
    }
}
