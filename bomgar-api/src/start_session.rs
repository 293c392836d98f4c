//! URLs at which a customer starts a session: `/api/start_session`.
//!
//! Opened in a browser, such a URL downloads the customer client, or leads to the chat. No account
//! is involved.

use std::fmt;

use crate::call::{Fields, Spelling};
use crate::command::{CustomerDetails, SessionAttributes, check_length};
use crate::error::{Error, Result};
use crate::host::check_host;
use crate::percent::Query;

/// How many characters a session key has.
const KEY_LENGTH: usize = 7;

/// How a session is started. Exactly one of these makes a URL, so they cannot be mixed.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Start {
    /// With a representative who is logged in: `id` and `name`.
    Rep {
        /// The representative's number.
        id: u64,
        /// The representative's name, as the public site shows it.
        name: String,
    },
    /// With a session key of seven characters: `short_key`.
    Key(String),
    /// With an issue, which leads to the queue of a team: `issue_menu` and `id` or `codeName`.
    Issue(Issue),
}

/// Which issue a session is started with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Issue {
    /// The issue with this number.
    Id(u64),
    /// The issue with this code name.
    CodeName(String),
}

impl fmt::Debug for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Start::Rep { id, name } => f
                .debug_struct("Rep")
                .field("id", id)
                .field("name", name)
                .finish(),
            // A key lets anyone in.
            Start::Key(_) => f.debug_tuple("Key").field(&"…").finish(),
            Start::Issue(issue) => f.debug_tuple("Issue").field(issue).finish(),
        }
    }
}

/// How the optional parameters are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ParameterNames {
    /// `customer.name`, `customer.details`, `session.custom.external_key` and so on.
    #[default]
    Current,
    /// `customer_name`, `customer_desc` and `external_key`, as old versions have them. Nothing else
    /// has an old name.
    Old,
}

/// A URL that starts a session.
///
/// Limits, checked when the URL is made: 100 characters for the customer's name, company and
/// company code, 1,024 for the details; those of [`SessionAttributes`] for external key and custom
/// attributes.
///
/// ```
/// use bomgar_api::command::SessionAttributes;
/// use bomgar_api::start_session::{Issue, StartSessionUrl};
///
/// let url = StartSessionUrl::issue(Issue::CodeName("printer".into()))
///     .customer_name("Ann Lee")
///     .attributes(SessionAttributes::new().external_key("4711"))
///     .url("support.example.com")?;
/// assert_eq!(
///     url,
///     "https://support.example.com/api/start_session?issue_menu=1&codeName=printer\
///      &customer.name=Ann%20Lee&session.custom.external_key=4711",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct StartSessionUrl {
    start: Start,
    click_to_chat: bool,
    customer: CustomerDetails,
    attributes: SessionAttributes,
    spelling: Spelling,
    names: ParameterNames,
}

impl StartSessionUrl {
    /// A URL that starts a session in this way.
    pub fn new(start: Start) -> Self {
        StartSessionUrl {
            start,
            click_to_chat: false,
            customer: CustomerDetails::default(),
            attributes: SessionAttributes::new(),
            spelling: Spelling::default(),
            names: ParameterNames::default(),
        }
    }

    /// A URL that starts a session with the representative who has this number and name.
    pub fn rep(id: u64, name: impl Into<String>) -> Self {
        let name = name.into();
        StartSessionUrl::new(Start::Rep { id, name })
    }

    /// A URL that starts the session of a key, given by its seven characters.
    pub fn key(short_key: impl Into<String>) -> Self {
        StartSessionUrl::new(Start::Key(short_key.into()))
    }

    /// A URL that starts a session with an issue.
    pub fn issue(issue: Issue) -> Self {
        StartSessionUrl::new(Start::Issue(issue))
    }

    /// Whether the session begins as chat in the browser (`c2cjs`) instead of a download.
    pub fn click_to_chat(mut self, on: bool) -> Self {
        self.click_to_chat = on;
        self
    }

    /// What is known about the customer.
    pub fn customer(mut self, customer: CustomerDetails) -> Self {
        self.customer = customer;
        self
    }

    /// The customer's name.
    pub fn customer_name(mut self, name: impl Into<String>) -> Self {
        self.customer.name = Some(name.into());
        self
    }

    /// The customer's company.
    pub fn customer_company(mut self, company: impl Into<String>) -> Self {
        self.customer.company = Some(company.into());
        self
    }

    /// The code of the customer's company.
    pub fn customer_company_code(mut self, code: impl Into<String>) -> Self {
        self.customer.company_code = Some(code.into());
        self
    }

    /// What the customer needs help with.
    pub fn customer_details(mut self, details: impl Into<String>) -> Self {
        self.customer.details = Some(details.into());
        self
    }

    /// External key and custom attributes of the session.
    pub fn attributes(mut self, attributes: SessionAttributes) -> Self {
        self.attributes = attributes;
        self
    }

    /// Which spelling of the path to use.
    pub fn spelling(mut self, spelling: Spelling) -> Self {
        self.spelling = spelling;
        self
    }

    /// How the optional parameters are named. Default: as current versions name them.
    pub fn parameter_names(mut self, names: ParameterNames) -> Self {
        self.names = names;
        self
    }

    /// The URL on the appliance with this host name. With a key in it, it lets anyone in who has
    /// it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when the host is not a host
    /// name alone (a port may follow), when the key does not have seven characters, when a name is
    /// empty, when a text is too long, or when a value has no old name.
    pub fn url(&self, host: &str) -> Result<String> {
        check_host(host)?;
        Ok(format!(
            "https://{host}{}?{}",
            self.spelling.path("start_session"),
            self.query()?
        ))
    }

    /// The URL's query, without the question mark.
    ///
    /// # Errors
    ///
    /// As [`url`](StartSessionUrl::url).
    pub fn query(&self) -> Result<String> {
        self.fields()
            .map(|fields| {
                let mut query = Query::default();
                for (name, value) in &fields {
                    query.push(name, value);
                }
                query.0
            })
            .map_err(|error| error.with_operation("start_session"))
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        let mut push = |name: &str, value: &str| fields.push((name.into(), value.into()));
        match &self.start {
            Start::Rep { id, name } => {
                check_filled("the representative's name", name)?;
                push("id", &id.to_string());
                push("name", name);
            }
            Start::Key(key) => {
                // The key itself is not repeated, it lets anyone in.
                if key.chars().count() != KEY_LENGTH || key.contains(char::is_whitespace) {
                    let message = format!("a session key has {KEY_LENGTH} characters");
                    return Err(Error::invalid_request(message));
                }
                push("short_key", key);
            }
            Start::Issue(issue) => {
                push("issue_menu", "1");
                match issue {
                    Issue::Id(id) => push("id", &id.to_string()),
                    Issue::CodeName(code_name) => {
                        check_filled("the issue's code name", code_name)?;
                        push("codeName", code_name);
                    }
                }
            }
        }
        if self.click_to_chat {
            push("c2cjs", "1");
        }
        let customer = &self.customer;
        for (name, old_name, value, limit) in [
            ("customer.name", Some("customer_name"), &customer.name, 100),
            ("customer.company", None, &customer.company, 100),
            ("customer.company_code", None, &customer.company_code, 100),
            (
                "customer.details",
                Some("customer_desc"),
                &customer.details,
                1024,
            ),
        ] {
            if let Some(value) = value {
                check_length(name, value, limit)?;
                push(self.named(name, old_name)?, value);
            }
        }
        let mut attributes = Fields::new();
        self.attributes.append_to(&mut attributes)?;
        for (name, value) in &attributes {
            let is_key = name == "session.custom.external_key";
            let old_name = is_key.then_some("external_key");
            push(self.named(name, old_name)?, value);
        }
        Ok(fields)
    }

    fn named<'a>(&self, name: &'a str, old_name: Option<&'a str>) -> Result<&'a str> {
        match self.names {
            ParameterNames::Current => Ok(name),
            ParameterNames::Old => old_name
                .ok_or_else(|| Error::invalid_request(format!("old versions know no {name}"))),
        }
    }
}

fn check_filled(what: &str, value: &str) -> Result<()> {
    if value.trim().is_empty() {
        return Err(Error::invalid_request(format!("{what} is empty")));
    }
    Ok(())
}

impl fmt::Debug for StartSessionUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is known about the customer is left out.
        f.debug_struct("StartSessionUrl")
            .field("start", &self.start)
            .field("click_to_chat", &self.click_to_chat)
            .field("spelling", &self.spelling)
            .field("names", &self.names)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn refusal(url: StartSessionUrl) -> String {
        let error = url.query().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        error.to_string()
    }

    #[test]
    fn each_start_has_its_parameters_and_no_others() {
        for (start, expected) in [
            (
                StartSessionUrl::rep(7, "Jörg & Co"),
                "id=7&name=J%C3%B6rg%20%26%20Co",
            ),
            (StartSessionUrl::key("1234567"), "short_key=1234567"),
            (StartSessionUrl::issue(Issue::Id(3)), "issue_menu=1&id=3"),
            (
                StartSessionUrl::issue(Issue::CodeName("no print".into())),
                "issue_menu=1&codeName=no%20print",
            ),
        ] {
            assert_eq!(start.query().unwrap(), expected);
        }
    }

    #[test]
    fn all_options_have_their_names() {
        let url = StartSessionUrl::key("abc1234")
            .click_to_chat(true)
            .customer_name("Ann")
            .customer_company("A+B")
            .customer_company_code("ab")
            .customer_details("It \"smokes\"\n")
            .attributes(
                SessionAttributes::new()
                    .external_key("4711")
                    .custom("tag", "x"),
            )
            .spelling(Spelling::Ns)
            .url("support.example.com")
            .unwrap();
        assert_eq!(
            url,
            "https://support.example.com/api/start_session.ns?short_key=abc1234&c2cjs=1\
             &customer.name=Ann&customer.company=A%2BB&customer.company_code=ab\
             &customer.details=It%20%22smokes%22%0A\
             &session.custom.external_key=4711&session.custom.tag=x"
        );
    }

    #[test]
    fn old_names_are_for_those_that_have_one() {
        let old = || StartSessionUrl::rep(1, "n").parameter_names(ParameterNames::Old);
        let url = old()
            .customer_name("Ann")
            .customer_details("d")
            .attributes(SessionAttributes::new().external_key("4711"));
        assert_eq!(
            url.query().unwrap(),
            "id=1&name=n&customer_name=Ann&customer_desc=d&external_key=4711"
        );
        assert_eq!(
            refusal(old().customer_company("c")),
            "start_session: old versions know no customer.company"
        );
        assert_eq!(
            refusal(old().attributes(SessionAttributes::new().custom("tag", "x"))),
            "start_session: old versions know no session.custom.tag"
        );
    }

    #[test]
    fn limits_hold_to_the_character() {
        let key = || StartSessionUrl::key("1234567");
        let text = |length: usize| "é".repeat(length);
        type Set = fn(StartSessionUrl, String) -> StartSessionUrl;
        let set: [(Set, usize); 5] = [
            (StartSessionUrl::customer_name, 100),
            (StartSessionUrl::customer_company, 100),
            (StartSessionUrl::customer_company_code, 100),
            (StartSessionUrl::customer_details, 1024),
            (
                |url, text| url.attributes(SessionAttributes::new().external_key(text)),
                1024,
            ),
        ];
        for (set, limit) in set {
            assert!(set(key(), text(limit)).query().is_ok());
            let found = refusal(set(key(), text(limit + 1)));
            let expected = format!("has {} characters, the appliance takes at most", limit + 1);
            assert!(found.contains(&expected), "{found}");
        }
        let mut many = SessionAttributes::new();
        for number in 0..11 {
            many = many.custom(format!("a{number}"), "x".repeat(1000));
        }
        assert!(refusal(key().attributes(many)).contains("11000 bytes together"));
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for key in ["", "123456", "12345678", "1234 67"] {
            let found = refusal(StartSessionUrl::key(key));
            assert_eq!(found, "start_session: a session key has 7 characters");
        }
        assert!(refusal(StartSessionUrl::rep(1, " ")).contains("name is empty"));
        let issue = Issue::CodeName(String::new());
        assert!(refusal(StartSessionUrl::issue(issue)).contains("code name is empty"));
        assert!(StartSessionUrl::key("1234567").url("https://a").is_err());
    }

    #[test]
    fn debug_shows_neither_key_nor_customer() {
        let url = StartSessionUrl::key("7654321")
            .customer_name("Ann Lee")
            .attributes(SessionAttributes::new().external_key("Hidden"));
        let debug = format!("{url:?}");
        for hidden in ["7654321", "Ann", "Hidden"] {
            assert!(!debug.contains(hidden), "{debug}");
        }
    }
}
