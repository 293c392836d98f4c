//! What a console is told to do: one action with its parameters.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::search::{ClientSearch, JumpMethod};
use crate::command::SessionAttributes;
use crate::error::{Result, shorten};
use crate::percent::Query;

mod check;

/// What the names of custom attributes begin with.
const CUSTOM: &str = "session.custom.";

/// One action for a representative's console, with its parameters.
///
/// It is put into a [`ScriptUrl`](super::ScriptUrl) or into a [`Script`](super::Script). What an
/// action needs is an argument of its constructor, what it may have is a method. Names and limits
/// are checked when the action is encoded: 255 characters for search texts, `credential_id` and
/// `public_portal_hostname`; those of [`SessionAttributes`] for custom attributes.
///
/// ```
/// use bomgar_api::client_script::{Action, ClientSearch, JumpMethod};
///
/// let action = Action::start_jump_item_session(ClientSearch::hostname("PC-17"))
///     .jump_method(JumpMethod::Pinned);
/// assert_eq!(
///     action.encode()?,
///     "action=start_jump_item_session&client.hostname=PC-17&jump.method=pinned",
/// );
///
/// let error = Action::start_vpro_session("10.0.0.5", "").encode().unwrap_err();
/// assert_eq!(error.to_string(), "start_vpro_session: jumpoint is empty");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// A password is kept out of `Debug`, and out of [`parameters`](Action::parameters).
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct Action {
    name: String,
    parameters: Vec<(String, Value)>,
}

#[derive(Clone)]
enum Value {
    Plain(String),
    Secret(SecretString),
}

impl Value {
    fn new(name: &str, value: String) -> Self {
        if name.eq_ignore_ascii_case("password") {
            Value::Secret(value.into())
        } else {
            Value::Plain(value)
        }
    }

    fn expose(&self) -> &str {
        match self {
            Value::Plain(text) => text,
            Value::Secret(secret) => secret.expose_secret(),
        }
    }
}

// Both sides are in the caller's hands, so the time this takes tells nobody anything.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Value {}

impl Action {
    /// An action of any name, for what is newer than this crate. Its parameters are given by
    /// [`parameter`](Action::parameter).
    ///
    /// ```
    /// use bomgar_api::client_script::Action;
    ///
    /// let action = Action::new("start_hologram").parameter("room", "12 b");
    /// assert_eq!(action.encode()?, "action=start_hologram&room=12%20b");
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        Action {
            name: name.into(),
            parameters: Vec::new(),
        }
    }

    /// `login`: the console logs in as it is set up, or asks the representative.
    ///
    /// In URLs it is not needed, because the appliance puts it first in every script.
    pub fn login() -> Self {
        Action::new("login")
    }

    /// `login` with a user name and password.
    ///
    /// **The password stands readable** in the URL or script that is made of this action, and so
    /// in browser histories, proxies' logs and download folders.
    pub fn login_with_password(username: impl Into<String>, password: SecretString) -> Self {
        let mut action = Action::login()
            .parameter("mechanism", "username_password")
            .parameter("username", username);
        action
            .parameters
            .push(("password".into(), Value::Secret(password)));
        action
    }

    /// `generate_session_key`: opens the dialog that makes a session key.
    pub fn generate_session_key() -> Self {
        Action::new("generate_session_key")
    }

    /// `start_jump_item_session`: starts a session with a Jump Item of any kind, or of the kind
    /// that a [`jump_method`](Action::jump_method) names.
    pub fn start_jump_item_session(search: ClientSearch) -> Self {
        Action::new("start_jump_item_session").search(search)
    }

    /// `start_pinned_client_session`: starts a session with a Jump Client. Newer appliances prefer
    /// [`start_jump_item_session`](Action::start_jump_item_session), but still know this one.
    pub fn start_pinned_client_session(search: ClientSearch) -> Self {
        Action::new("start_pinned_client_session").search(search)
    }

    /// `push_and_start_local`: pushes the customer client to a computer on the representative's
    /// own network.
    pub fn push_and_start_local(hostname: impl Into<String>) -> Self {
        Action::new("push_and_start_local").parameter("hostname", hostname)
    }

    /// `push_and_start_remote`: pushes the customer client to a computer on a remote network,
    /// through the [`jumpoint`](Action::jumpoint). Without one, the console asks if there are
    /// several.
    pub fn push_and_start_remote(target: impl Into<String>) -> Self {
        Action::new("push_and_start_remote").parameter("target", target)
    }

    /// `start_vpro_session`: starts a session with an Intel vPro computer through a Jumpoint.
    pub fn start_vpro_session(target: impl Into<String>, jumpoint: impl Into<String>) -> Self {
        Action::new("start_vpro_session")
            .parameter("target", target)
            .jumpoint(jumpoint)
    }

    /// `start_rdp_session`: starts a session by Microsoft's remote desktop protocol, through a
    /// [`jumpoint`](Action::jumpoint) if one is named. Newer appliances have
    /// [`start_jump_item_session`](Action::start_jump_item_session) with [`JumpMethod::Rdp`]
    /// instead.
    pub fn start_rdp_session(target: impl Into<String>) -> Self {
        Action::new("start_rdp_session").parameter("target", target)
    }

    /// `start_vnc_session`: starts a session by VNC, through a [`jumpoint`](Action::jumpoint) if
    /// one is named. Newer appliances have
    /// [`start_jump_item_session`](Action::start_jump_item_session) with [`JumpMethod::Vnc`]
    /// instead.
    pub fn start_vnc_session(target: impl Into<String>) -> Self {
        Action::new("start_vnc_session").parameter("target", target)
    }

    /// `start_shell_jump_session`: opens a shell on a device through a
    /// [`jumpoint`](Action::jumpoint).
    pub fn start_shell_jump_session(target: impl Into<String>) -> Self {
        Action::new("start_shell_jump_session").parameter("target", target)
    }

    fn search(mut self, search: ClientSearch) -> Self {
        for (name, text) in search.terms {
            self = self.parameter(name, text);
        }
        self
    }

    /// Narrows [`start_jump_item_session`](Action::start_jump_item_session) to one way of jumping.
    /// No other action takes it.
    pub fn jump_method(self, method: JumpMethod) -> Self {
        self.parameter("jump.method", method.as_str())
    }

    /// The credential to inject, by its identifier in the endpoint credential manager. Only
    /// [`start_jump_item_session`](Action::start_jump_item_session) takes it. At most 255
    /// characters.
    pub fn credential_id(self, id: impl Into<String>) -> Self {
        self.parameter("credential_id", id)
    }

    /// The host name of the public site for the key. Only
    /// [`generate_session_key`](Action::generate_session_key) takes it. At most 255 characters.
    pub fn public_portal_hostname(self, host: impl Into<String>) -> Self {
        self.parameter("public_portal_hostname", host)
    }

    /// The Jumpoint to go through, for the actions that have a `target`.
    pub fn jumpoint(self, jumpoint: impl Into<String>) -> Self {
        self.parameter("jumpoint", jumpoint)
    }

    /// External key and custom attributes of the session to come; they replace those given before.
    /// All actions but `login` take them. The limits are those of [`SessionAttributes`].
    pub fn attributes(mut self, attributes: SessionAttributes) -> Self {
        self.parameters
            .retain(|(name, _)| !name.starts_with(CUSTOM));
        for (code_name, value) in attributes.iter() {
            let value = Value::Plain(value.to_owned());
            self.parameters
                .push((format!("{CUSTOM}{code_name}"), value));
        }
        self
    }

    /// Sets a parameter by its name on the wire, for what is newer than this crate. One of the
    /// same name is replaced.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let name = name.into();
        let value = Value::new(&name, value.into());
        self.parameters.retain(|(known, _)| *known != name);
        self.parameters.push((name, value));
        self
    }

    /// Adds a parameter as it was read, even if it repeats another.
    pub(super) fn push_read(&mut self, name: String, value: String) {
        let value = Value::new(&name, value);
        self.parameters.push((name, value));
    }

    /// The action's name on the wire.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The value of a parameter, unless it is a password; the first one if it is repeated.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// The password of a `login`.
    pub fn password(&self) -> Option<&SecretString> {
        self.parameters.iter().find_map(|(_, value)| match value {
            Value::Secret(secret) => Some(secret),
            Value::Plain(_) => None,
        })
    }

    /// All parameters but passwords, in their order, without the one that names the action.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .filter_map(|(name, value)| match value {
                Value::Plain(text) => Some((name.as_str(), text.as_str())),
                Value::Secret(_) => None,
            })
    }

    /// The action as one line of a script, percent-encoded, the parameter `action` first.
    ///
    /// The console also runs such a line from its command line, behind `--run-script`. A password
    /// is in it, readable.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when a needed value is
    /// empty, a text is too long, or the action does not take a parameter that was set.
    pub fn encode(&self) -> Result<String> {
        let mut query = Query::default();
        self.append_to(&mut query)?;
        Ok(query.0)
    }

    pub(super) fn append_to(&self, query: &mut Query) -> Result<()> {
        self.check()
            .map_err(|error| error.with_operation(&shorten(&self.name, 60)))?;
        query.push("action", &self.name);
        for (name, value) in &self.parameters {
            query.push(name, value.expose());
        }
        Ok(())
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Custom attributes may be customers' text, and passwords are secret.
        let mut shown = f.debug_struct("Action");
        shown.field("name", &self.name);
        for (name, value) in &self.parameters {
            match value {
                Value::Plain(text) if !name.starts_with(CUSTOM) => shown.field(name, text),
                _ => shown.field(name, &"…"),
            };
        }
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(action: Action) -> String {
        action.encode().unwrap()
    }

    fn search() -> ClientSearch {
        ClientSearch::text("PC 17")
    }

    #[test]
    fn every_action_has_its_name_and_its_parameters() {
        let key = || {
            SessionAttributes::new()
                .external_key("47&11")
                .custom("tag", "é")
        };
        let custom = "&session.custom.external_key=47%2611&session.custom.tag=%C3%A9";
        let password = SecretString::from("p&w=%");
        let cases = [
            (Action::login(), "login".to_owned()),
            (
                Action::login_with_password("j doe", password),
                "login&mechanism=username_password&username=j%20doe&password=p%26w%3D%25".into(),
            ),
            (
                Action::generate_session_key()
                    .public_portal_hostname("help.example.com")
                    .attributes(key()),
                format!("generate_session_key&public_portal_hostname=help.example.com{custom}"),
            ),
            (
                Action::start_jump_item_session(search())
                    .jump_method(JumpMethod::LocalPush)
                    .credential_id("c+1")
                    .attributes(key()),
                format!(
                    "start_jump_item_session&search_string=PC%2017&jump.method=local_push\
                     &credential_id=c%2B1{custom}"
                ),
            ),
            (
                Action::start_pinned_client_session(search()).attributes(key()),
                format!("start_pinned_client_session&search_string=PC%2017{custom}"),
            ),
            (
                Action::push_and_start_local("pc17").attributes(key()),
                format!("push_and_start_local&hostname=pc17{custom}"),
            ),
            (
                Action::push_and_start_remote("pc17").attributes(key()),
                format!("push_and_start_remote&target=pc17{custom}"),
            ),
            (
                Action::push_and_start_remote("pc17").jumpoint("Berlin 2"),
                "push_and_start_remote&target=pc17&jumpoint=Berlin%202".into(),
            ),
            (
                Action::start_vpro_session("fd00::7", "b").attributes(key()),
                format!("start_vpro_session&target=fd00%3A%3A7&jumpoint=b{custom}"),
            ),
            (
                Action::start_rdp_session("pc17")
                    .jumpoint("b")
                    .attributes(key()),
                format!("start_rdp_session&target=pc17&jumpoint=b{custom}"),
            ),
            (
                Action::start_vnc_session("pc17"),
                "start_vnc_session&target=pc17".into(),
            ),
            (
                Action::start_shell_jump_session("router").jumpoint("b"),
                "start_shell_jump_session&target=router&jumpoint=b".into(),
            ),
            (
                Action::new("a b").parameter("k=", "v").parameter("k=", "w"),
                "a%20b&k%3D=w".into(),
            ),
        ];
        for (action, expected) in cases {
            assert_eq!(line(action), format!("action={expected}"));
        }
    }

    #[test]
    fn every_jump_method_has_its_name() {
        for (method, expected) in [
            (JumpMethod::Push, "push"),
            (JumpMethod::LocalPush, "local_push"),
            (JumpMethod::Pinned, "pinned"),
            (JumpMethod::Rdp, "rdp"),
            (JumpMethod::Vnc, "vnc"),
            (JumpMethod::ShellJump, "shelljump"),
        ] {
            let action = Action::start_jump_item_session(search()).jump_method(method);
            assert_eq!(action.get("jump.method"), Some(expected));
        }
    }

    #[test]
    fn every_search_field_has_its_name() {
        let all = ClientSearch::text("a")
            .and_comments("b")
            .and_hostname("c")
            .and_private_ip("d")
            .and_public_ip("e")
            .and_tag("f");
        let expected = "action=start_jump_item_session&search_string=a&client.comments=b\
                        &client.hostname=c&client.private_ip=d&client.public_ip=e&client.tag=f";
        assert_eq!(line(Action::start_jump_item_session(all)), expected);
        for (search, expected) in [
            (ClientSearch::comments("x"), "client.comments"),
            (ClientSearch::hostname("x"), "client.hostname"),
            (ClientSearch::private_ip("x"), "client.private_ip"),
            (ClientSearch::public_ip("x"), "client.public_ip"),
            (ClientSearch::tag("x"), "client.tag"),
        ] {
            let action = Action::start_pinned_client_session(search);
            assert_eq!(action.get(expected), Some("x"));
        }
    }

    #[test]
    fn neither_passwords_nor_customers_text_are_shown() {
        let login = Action::login_with_password("jdoe", SecretString::from("hunter2"));
        let raw = Action::new("login").parameter("Password", "hunter2");
        let key = Action::generate_session_key()
            .attributes(SessionAttributes::new().external_key("hunter2"));
        for action in [&login, &raw, &key] {
            let debug = format!("{action:?} {action:#?}");
            assert!(!debug.contains("hunter2"), "{debug}");
        }
        assert_eq!(login.get("password"), None);
        assert!(login.parameters().all(|(name, _)| name != "password"));
        assert_eq!(login.password().unwrap().expose_secret(), "hunter2");
    }
}
