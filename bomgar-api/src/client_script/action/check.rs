//! What an action may and must have.

use super::{Action, CUSTOM, Value};
use crate::command::{SessionAttributes, check_length};
use crate::error::{Error, Result};

/// Longest value of these parameters, in characters.
const SHORT_LIMIT: usize = 255;
const SHORT: [&str; 8] = [
    "search_string",
    "client.comments",
    "client.hostname",
    "client.private_ip",
    "client.public_ip",
    "client.tag",
    "credential_id",
    "public_portal_hostname",
];

/// These parameters say nothing when they are empty.
const NEEDS_VALUE: [&str; 5] = [
    "hostname",
    "target",
    "jumpoint",
    "credential_id",
    "public_portal_hostname",
];

/// The parameters that have a builder method, and the actions the vendor documents them for.
const OPTIONS: [(&str, &[&str]); 4] = [
    ("jump.method", &["start_jump_item_session"]),
    ("credential_id", &["start_jump_item_session"]),
    ("public_portal_hostname", &["generate_session_key"]),
    (
        "jumpoint",
        &[
            "push_and_start_remote",
            "start_vpro_session",
            "start_rdp_session",
            "start_vnc_session",
            "start_shell_jump_session",
        ],
    ),
];

/// The actions with a constructor.
const KNOWN: [&str; 10] = [
    "login",
    "generate_session_key",
    "start_jump_item_session",
    "start_pinned_client_session",
    "push_and_start_local",
    "push_and_start_remote",
    "start_vpro_session",
    "start_rdp_session",
    "start_vnc_session",
    "start_shell_jump_session",
];

impl Action {
    pub(super) fn check(&self) -> Result<()> {
        let refuse = |message: String| Err(Error::invalid_request(message));
        if self.name.is_empty() {
            return refuse("an action has no name".into());
        }
        let mut attributes = SessionAttributes::new();
        for (name, value) in &self.parameters {
            let (name, value) = (name.as_str(), value.expose());
            if name.is_empty() || name == "action" {
                return refuse(format!("\"{name}\" is not a parameter's name"));
            }
            if SHORT.contains(&name) {
                check_length(name, value, SHORT_LIMIT)?;
            }
            if NEEDS_VALUE.contains(&name) && value.is_empty() {
                return refuse(format!("{name} is empty"));
            }
            if let Some(code_name) = name.strip_prefix(CUSTOM) {
                attributes = attributes.custom(code_name, value);
            }
        }
        attributes.check()?;
        match self.name.as_str() {
            "login" => self.check_login()?,
            "start_jump_item_session" | "start_pinned_client_session" => self.check_search()?,
            _ => {}
        }
        self.check_options()
    }

    /// User name and password belong together.
    fn check_login(&self) -> Result<()> {
        let parts = ["mechanism", "username", "password"];
        let has = |part: &str| {
            self.parameters
                .iter()
                .any(|(name, value)| name == part && !value.expose().is_empty())
        };
        let given = parts.into_iter().filter(|part| has(part)).count();
        let is_ok = given == parts.len() || (given == 0 && !self.has_any(&parts));
        if is_ok {
            return Ok(());
        }
        Err(Error::invalid_request(
            "mechanism, username and password are given together or not at all",
        ))
    }

    fn check_search(&self) -> Result<()> {
        // Newer versions search by further parameters, so whatever is not known to say something
        // else may say what to search for.
        let is_option = |name: &str| OPTIONS.iter().any(|(option, _)| *option == name);
        let is_term = |name: &str| !is_option(name) && !name.starts_with(CUSTOM);
        if self
            .parameters()
            .any(|(name, text)| is_term(name) && !text.is_empty())
        {
            return Ok(());
        }
        Err(Error::invalid_request("there is nothing to search for"))
    }

    /// What one action takes another does not; the console would drop it silently.
    fn check_options(&self) -> Result<()> {
        let is_known = KNOWN.contains(&self.name.as_str());
        for (option, actions) in OPTIONS {
            if is_known && !actions.contains(&self.name.as_str()) && self.has_any(&[option]) {
                return Err(Error::invalid_request(format!("it takes no {option}")));
            }
        }
        let is_custom = |(name, _): &(String, Value)| name.starts_with(CUSTOM);
        if self.name == "login" && self.parameters.iter().any(is_custom) {
            return Err(Error::invalid_request("it takes no custom attributes"));
        }
        Ok(())
    }

    fn has_any(&self, names: &[&str]) -> bool {
        self.parameters
            .iter()
            .any(|(name, _)| names.contains(&name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::ErrorKind;
    use crate::client_script::ClientSearch;

    fn refusal(action: Action) -> String {
        let error = action.encode().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        error.to_string()
    }

    fn search() -> ClientSearch {
        ClientSearch::text("PC 17")
    }

    #[test]
    fn limits_hold_to_the_character() {
        let fits = "é".repeat(255);
        let long = "é".repeat(256);
        type Make = fn(&str) -> Action;
        let make: [(&str, Make); 5] = [
            ("search_string", |text| {
                Action::start_pinned_client_session(ClientSearch::text(text))
            }),
            ("client.tag", |text| {
                Action::start_jump_item_session(ClientSearch::tag(text))
            }),
            ("client.private_ip", |text| {
                Action::start_jump_item_session(ClientSearch::private_ip(text))
            }),
            ("credential_id", |text| {
                Action::start_jump_item_session(search()).credential_id(text)
            }),
            ("public_portal_hostname", |text| {
                Action::generate_session_key().public_portal_hostname(text)
            }),
        ];
        for (name, make) in make {
            assert!(make(&fits).encode().is_ok(), "{name}");
            let expected = format!("{name} has 256 characters, the appliance takes at most 255");
            assert!(refusal(make(&long)).ends_with(&expected), "{name}");
        }
        let attributes = |length| SessionAttributes::new().external_key("x".repeat(length));
        let with = |length| Action::push_and_start_local("pc").attributes(attributes(length));
        assert!(with(1024).encode().is_ok());
        assert!(refusal(with(1025)).contains("session.custom.external_key has 1025 characters"));
        let mut many = SessionAttributes::new();
        for number in 0..11 {
            many = many.custom(format!("a{number}"), "x".repeat(1000));
        }
        let too_much = Action::generate_session_key().attributes(many);
        assert!(refusal(too_much).contains("11000 bytes together"));
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for (action, expected) in [
            (
                Action::start_pinned_client_session(ClientSearch::text("")),
                "start_pinned_client_session: there is nothing to search for",
            ),
            (
                Action::start_jump_item_session(ClientSearch::default()),
                "start_jump_item_session: there is nothing to search for",
            ),
            (
                Action::start_vpro_session("", "b"),
                "start_vpro_session: target is empty",
            ),
            (
                Action::push_and_start_local(""),
                "push_and_start_local: hostname is empty",
            ),
            (
                Action::generate_session_key().jumpoint("b"),
                "generate_session_key: it takes no jumpoint",
            ),
            (
                Action::start_rdp_session("a").credential_id("b"),
                "start_rdp_session: it takes no credential_id",
            ),
            (
                Action::login().attributes(SessionAttributes::new().external_key("1")),
                "login: it takes no custom attributes",
            ),
            (
                Action::login().parameter("username", "jdoe"),
                "login: mechanism, username and password are given together or not at all",
            ),
            (
                Action::login_with_password("jdoe", SecretString::from("")),
                "login: mechanism, username and password are given together or not at all",
            ),
            (
                Action::new("x").parameter("action", "y"),
                "x: \"action\" is not a parameter's name",
            ),
            (
                Action::new("x").parameter("", "y"),
                "x: \"\" is not a parameter's name",
            ),
        ] {
            assert_eq!(refusal(action), expected);
        }
        assert!(refusal(Action::new("")).ends_with("an action has no name"));
        let empty = || Action::start_jump_item_session(ClientSearch::default());
        for action in [
            empty().credential_id("7"),
            empty().attributes(SessionAttributes::new().external_key("1")),
            empty().parameter("name", ""),
        ] {
            assert!(refusal(action).ends_with("there is nothing to search for"));
        }
    }

    #[test]
    fn items_can_be_searched_for_by_parameters_newer_than_the_crate() {
        let action = Action::start_jump_item_session(ClientSearch::default())
            .parameter("name", "File server");
        assert_eq!(
            action.encode().unwrap(),
            "action=start_jump_item_session&name=File%20server"
        );
    }

    #[test]
    fn an_action_newer_than_the_crate_takes_anything() {
        let action = Action::new("start_x").jumpoint("b").credential_id("c");
        assert_eq!(
            action.encode().unwrap(),
            "action=start_x&jumpoint=b&credential_id=c"
        );
    }
}
