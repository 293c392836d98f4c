//! Who may call the interfaces: API accounts with their tokens, and users of older versions.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::random;

/// More live tokens than this and the account's oldest dies without a word.
const TOKEN_CAP: usize = 30;

/// An API account with its own secret, permissions and tokens.
///
/// ```
/// use bomgar_sim::ApiAccount;
///
/// let reader = ApiAccount::new("reader", "s3cret")
///     .permission("perm_command", "read_only")
///     .permission("perm_reporting_support", "0");
/// # let _ = reader;
/// ```
#[derive(Clone)]
#[must_use]
pub struct ApiAccount {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) permissions: BTreeMap<String, String>,
    /// Live tokens with the time they were made, oldest first.
    pub(crate) tokens: Vec<(String, Instant)>,
}

/// Without the secret and the tokens.
impl std::fmt::Debug for ApiAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiAccount")
            .field("id", &self.id)
            .field("permissions", &self.permissions)
            .finish_non_exhaustive()
    }
}

impl ApiAccount {
    /// An account that may do everything the simulator knows.
    pub fn new(id: impl Into<String>, secret: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: secret.into(),
            permissions: all_permissions(),
            tokens: Vec::new(),
        }
    }

    /// Sets a permission, for example `perm_command` to `full_access`, `read_only` or `deny`, or
    /// `perm_reporting_support` to `1` or `0`.
    pub fn permission(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.permissions.insert(name.into(), value.into());
        self
    }

    pub(crate) fn make_token(&mut self, lifetime: Duration) -> String {
        let token = random::hex40();
        self.tokens.retain(|(_, made)| made.elapsed() < lifetime);
        self.tokens.push((token.clone(), Instant::now()));
        if self.tokens.len() > TOKEN_CAP {
            self.tokens.remove(0);
        }
        token
    }

    pub(crate) fn has_token(&self, token: &str, lifetime: Duration) -> bool {
        self.tokens
            .iter()
            .any(|(known, made)| known == token && made.elapsed() < lifetime)
    }

    /// A new secret; all tokens made with the old one die.
    pub(crate) fn regenerate_secret(&mut self) -> String {
        self.secret = random::hex32();
        self.tokens.clear();
        self.secret.clone()
    }

    pub(crate) fn allowed(&self, permission: &str) -> &str {
        self.permissions.get(permission).map_or("0", String::as_str)
    }
}

/// A user who calls the interfaces with username and password, as older versions allow.
///
/// ```
/// use bomgar_sim::LegacyUser;
///
/// let user = LegacyUser::new("integration", "pw").not_administrator();
/// # let _ = user;
/// ```
#[derive(Clone)]
#[must_use]
pub struct LegacyUser {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) command_api: bool,
    pub(crate) give_support: bool,
    pub(crate) administrator: bool,
    pub(crate) view_reports: bool,
}

/// Without the password.
impl std::fmt::Debug for LegacyUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LegacyUser")
            .field("username", &self.username)
            .field("command_api", &self.command_api)
            .field("give_support", &self.give_support)
            .field("administrator", &self.administrator)
            .field("view_reports", &self.view_reports)
            .finish_non_exhaustive()
    }
}

impl LegacyUser {
    /// An administrator who may do everything.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
            command_api: true,
            give_support: true,
            administrator: true,
            view_reports: true,
        }
    }

    /// Without "Allowed to Use Command API": only `get_api_info` is left of the Command API.
    pub fn without_command_api(mut self) -> Self {
        self.command_api = false;
        self
    }

    /// Without permission to give remote support, which `generate_session_key` needs.
    pub fn without_support(mut self) -> Self {
        self.give_support = false;
        self
    }

    /// No administrator, whom most actions on sessions, `check_health`, `set_failover_role` and
    /// the backup need.
    pub fn not_administrator(mut self) -> Self {
        self.administrator = false;
        self
    }

    /// Without permission to see reports.
    pub fn without_reports(mut self) -> Self {
        self.view_reports = false;
        self
    }

    /// What `get_api_info` says of a user.
    pub(crate) fn permissions(&self) -> BTreeMap<String, String> {
        let mut permissions = all_permissions();
        if !self.command_api {
            permissions.insert("perm_command".to_owned(), "deny".to_owned());
        }
        if !self.view_reports {
            for (name, value) in &mut permissions {
                if name.starts_with("perm_reporting") {
                    "0".clone_into(value);
                }
            }
        }
        if !self.administrator {
            permissions.insert("perm_backup".to_owned(), "0".to_owned());
        }
        permissions
    }
}

/// Who makes a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// An API account, by its client id.
    Account(String),
    /// A user, by username.
    User(String),
}

impl std::fmt::Display for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Account(id) => write!(f, "client {id}"),
            Self::User(username) => write!(f, "user {username}"),
        }
    }
}

/// Everything the simulator knows is allowed, the rest is not.
fn all_permissions() -> BTreeMap<String, String> {
    [
        ("perm_backup", "1"),
        ("perm_command", "full_access"),
        ("perm_configuration", "0"),
        ("perm_configuration_vault_account", "0"),
        ("perm_ecm", "0"),
        ("perm_real_time_state", "0"),
        ("perm_reporting_archive", "1"),
        ("perm_reporting_license", "1"),
        ("perm_reporting_presentation", "1"),
        ("perm_reporting_support", "1"),
        ("perm_scim", "0"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}
