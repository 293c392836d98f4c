//! URLs and files by which a representative's console is told what to do, and the links that hold
//! them.
//!
//! The appliance answers a [`ScriptUrl`] with a small [`Script`] file; opened, it makes the
//! representative console log in and run the [`Action`]. No API account is involved: whoever opens
//! the file logs in as himself.
//!
//! | Type | What it is |
//! |---|---|
//! | [`Action`] | what the console shall do |
//! | [`ScriptUrl`] | the URL at which the appliance makes a script of it |
//! | [`Script`] | the script itself, to be written or read |
//! | [`LiveLink`], [`CustomLink`] | what to enter in Autotask and in the appliance |

use crate::call::Spelling;
use crate::error::{Error, Result};
use crate::host::check_host;
use crate::percent::Query;

mod action;
mod live_link;
mod script;
mod search;

pub use action::Action;
pub use live_link::{CustomLink, LiveLink};
pub use script::{LineEnding, Script, SyntaxError, SyntaxErrorKind};
pub use search::{ClientSearch, JumpMethod};

/// Which console a script URL is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Console {
    /// The installed console: the appliance answers with a script file to open.
    #[default]
    Desktop,
    /// The console in the browser: the appliance leads there.
    Web,
}

impl Console {
    fn query(self) -> &'static str {
        match self {
            Console::Desktop => "type=rep&operation=generate",
            Console::Web => "type=web_console&operation=execute",
        }
    }
}

/// A client script URL: `/api/client_script` with one action.
///
/// The appliance puts a `login` before the action by itself.
///
/// ```
/// use bomgar_api::client_script::{Action, ClientSearch, ScriptUrl};
/// use bomgar_api::command::SessionAttributes;
///
/// let jump = Action::start_pinned_client_session(ClientSearch::text("PC 17"))
///     .attributes(SessionAttributes::new().external_key("4711"));
/// assert_eq!(
///     ScriptUrl::new(jump).url("support.example.com")?,
///     "https://support.example.com/api/client_script?type=rep&operation=generate\
///      &action=start_pinned_client_session&search_string=PC%2017\
///      &session.custom.external_key=4711",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ScriptUrl {
    action: Action,
    console: Console,
    spelling: Spelling,
}

impl ScriptUrl {
    /// A URL that makes a script for the installed console.
    pub fn new(action: Action) -> Self {
        ScriptUrl {
            action,
            console: Console::default(),
            spelling: Spelling::default(),
        }
    }

    /// Which console the URL is for.
    pub fn console(mut self, console: Console) -> Self {
        self.console = console;
        self
    }

    /// Which spelling of the path to use.
    pub fn spelling(mut self, spelling: Spelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// The URL on the appliance with this host name. A password of a `login` is in it, readable.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the host is not a host
    /// name alone (a port may follow), and as [`Action::encode`].
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
    /// As [`Action::encode`]; also when a parameter is named `type` or `operation`, which the URL
    /// has for itself.
    pub fn query(&self) -> Result<String> {
        for own in ["type", "operation"] {
            if self.action.get(own).is_some() {
                let message = format!("\"{own}\" cannot be a parameter in a script URL");
                return Err(Error::invalid_request(message).with_operation(self.action.name()));
            }
        }
        let mut query = Query(self.console.query().to_owned());
        self.action.append_to(&mut query)?;
        Ok(query.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::SessionAttributes;

    #[test]
    fn values_are_encoded_to_the_letter() {
        let action = Action::generate_session_key()
            .attributes(SessionAttributes::new().external_key("{\"a\": \"é&b=c+~-._\"}"));
        let url = ScriptUrl::new(action)
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
        let action = Action::start_jump_item_session(search)
            .jump_method(JumpMethod::Push)
            .jump_method(JumpMethod::Pinned);
        assert_eq!(
            ScriptUrl::new(action).query().unwrap(),
            "type=rep&operation=generate&action=start_jump_item_session\
             &client.tag=office&client.hostname=PC-18&jump.method=pinned"
        );
    }

    #[test]
    fn the_console_in_the_browser_has_its_own_words() {
        let url = ScriptUrl::new(Action::login()).console(Console::Web);
        assert_eq!(
            url.query().unwrap(),
            "type=web_console&operation=execute&action=login"
        );
    }

    #[test]
    fn nonsense_is_refused() {
        let searching = |text: String| {
            ScriptUrl::new(Action::start_pinned_client_session(ClientSearch::text(
                text,
            )))
            .query()
        };
        assert!(searching(String::new()).is_err());
        assert!(searching("x".repeat(256)).is_err());
        for own in ["type", "operation"] {
            let action = Action::new("x").parameter(own, "rep");
            assert!(ScriptUrl::new(action).query().is_err(), "{own}");
        }
        for host in [
            "",
            "https://support.example.com",
            "a/b",
            "a?b",
            ":80",
            "a b",
            "u@h",
        ] {
            assert!(ScriptUrl::new(Action::login()).url(host).is_err(), "{host}");
        }
    }
}
