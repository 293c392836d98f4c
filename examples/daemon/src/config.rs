//! The configuration file.
//!
//! TOML; every setting is in `bomgar-autotask.example.toml`. Durations are written `30s`, `6m` or
//! `1h 30m`. Secrets stand elsewhere: `{ env = "NAME" }`, `{ file = "/path" }` or
//! `{ credential = "name" }`. All mistakes are told at once.

mod problem;
mod profile;
mod read;
mod table;

pub use problem::{ConfigError, Problem};

use crate::{
    secret::{Environment, ProcessEnvironment},
    store::Quota,
};
use bomgar_api::event::{ApplianceId, DEFAULT_PORT, EventKind, RECIPIENT_PATH};
use integration_core::profile::Profile;
use jiff::SignedDuration;
use secrecy::SecretString;
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};
use url::Url;

/// The store's file, beside the configuration file, unless `store.path` says otherwise.
const DEFAULT_STORE: &str = "bomgar-autotask.sqlite";

/// Everything that the daemon is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// `[receiver]`: how outbound events come in.
    pub receiver: ReceiverConfig,
    /// `[store]`: where they are kept.
    pub store: StoreConfig,
    /// `[worker]`: how they are worked on.
    pub worker: WorkerConfig,
    /// `[log]`: what is written about it.
    pub log: LogConfig,
    /// `[[configuration]]`: each pair of appliance and tenant.
    pub configurations: Vec<Configuration>,
    /// What can be used but should be looked at.
    pub warnings: Vec<Problem>,
}

/// How outbound events come in.
#[derive(Clone, Debug)]
pub struct ReceiverConfig {
    /// Addresses to listen at; none switches the receiver off. Default `0.0.0.0:8180`.
    pub listen: Vec<SocketAddr>,
    /// The path of the recipient's URL; upper and lower case do not count. Default `/ERSPost`.
    pub path: String,
    /// If set, requests must carry it as `token` in the query of the URL.
    pub token: Option<SecretString>,
    /// The longest body that is taken, in bytes. Default 256 KiB.
    pub body_limit: usize,
    /// How long a client may take for the head of its request. Default 10 s.
    pub header_timeout: SignedDuration,
    /// How long it may take for the body. Default 30 s.
    pub body_timeout: SignedDuration,
    /// How many connections may be open; further ones wait. Default 256.
    pub max_connections: usize,
}

impl Default for ReceiverConfig {
    fn default() -> Self {
        ReceiverConfig {
            listen: vec![SocketAddr::from((Ipv4Addr::UNSPECIFIED, DEFAULT_PORT))],
            path: RECIPIENT_PATH.to_owned(),
            token: None,
            body_limit: 256 * 1024,
            header_timeout: SignedDuration::from_secs(10),
            body_timeout: SignedDuration::from_secs(30),
            max_connections: 256,
        }
    }
}

/// Where everything is kept.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// The SQLite file.
    pub path: PathBuf,
    /// How much the quarantine keeps (`quarantine_rows`, `quarantine_bytes`).
    pub quarantine: Quota,
}

/// How events are worked on.
#[derive(Clone, Debug)]
pub struct WorkerConfig {
    /// How many sessions are worked on at a time. Default 3, because Autotask takes 3 calls at a
    /// time for each kind of record.
    pub concurrency: u32,
    /// "Retry Attempt Limit": how many times a failed event is tried again. Default 10.
    pub retry_attempt_limit: u32,
    /// How long to wait after the first failure; doubled after each further one. Default 30 s.
    pub backoff_initial: SignedDuration,
    /// The longest wait between two attempts. Default 1 h.
    pub backoff_max: SignedDuration,
    /// How long a configuration rests after a failure that only other settings can mend, such as a
    /// wrong password. Default 5 min.
    pub config_pause: SignedDuration,
    /// How long after the last send a search that finds nothing proves that nothing was stored.
    /// Default 6 min.
    pub settle: SignedDuration,
    /// After so many searches without an answer a person decides. Default 5.
    pub max_ambiguous_rounds: u32,
    /// How long one call to Autotask is waited for. Default 2 min.
    pub request_timeout: SignedDuration,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        WorkerConfig {
            concurrency: 3,
            retry_attempt_limit: 10,
            backoff_initial: SignedDuration::from_secs(30),
            backoff_max: SignedDuration::from_hours(1),
            config_pause: SignedDuration::from_mins(5),
            settle: SignedDuration::from_mins(6),
            max_ambiguous_rounds: 5,
            request_timeout: SignedDuration::from_mins(2),
        }
    }
}

/// What is logged, and how.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// Default [`LogFormat::Text`].
    pub format: LogFormat,
    /// A level, or directives for single modules. Default `info`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig {
            format: LogFormat::Text,
            level: "info".to_owned(),
        }
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// One appliance and the tenant that its sessions go to.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// "Plugin Configuration Name": free, descriptive.
    pub name: String,
    /// "Appliance Id": the `appliance` value of the outbound event's URL.
    pub appliance_id: ApplianceId,
    /// "Disabled": its events are kept and worked on once it is enabled.
    pub disabled: bool,
    /// "Outbound Event Types": others are answered and dropped. Default: session end only.
    pub outbound_event_types: Vec<EventKind>,
    /// The appliance.
    pub appliance: ApplianceConfig,
    /// The tenant.
    pub autotask: AutotaskConfig,
    /// What is written to Autotask.
    pub profile: Profile,
}

impl Configuration {
    /// How the store and the receiver name it: the appliance id in lower case.
    pub fn routing_key(&self) -> String {
        routing_key(&self.appliance_id)
    }
}

/// The appliance id in lower case.
pub(crate) fn routing_key(id: &ApplianceId) -> String {
    id.as_str().to_ascii_lowercase()
}

/// How to reach an appliance.
#[derive(Clone, Debug)]
pub struct ApplianceConfig {
    /// "Appliance Host Name".
    pub host: String,
    /// Where a simulator on this machine is; instead of `https://<host>`.
    pub base_url: Option<Url>,
    /// How to sign in.
    pub credentials: ApplianceCredentials,
    /// "Locale Used for API Calls": the language of session data.
    pub locale: Option<String>,
    /// "Allow Invalid Certificates": for tests only.
    pub allow_invalid_certificates: bool,
    /// "Use Non-TLS Connections"; never together with OAuth.
    pub use_non_tls_connections: bool,
}

/// How to sign in to an appliance.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ApplianceCredentials {
    /// An API account; version 16.2.1 and later. Wins if both are set.
    OAuth {
        /// "OAuth Client ID".
        client_id: String,
        /// "OAuth Client Secret".
        client_secret: SecretString,
    },
    /// A user; before version 16.2.1.
    User {
        /// "API User Name".
        name: String,
        /// "API Password".
        password: SecretString,
    },
}

/// How to reach a tenant.
#[derive(Clone, Debug)]
pub struct AutotaskConfig {
    /// "Autotask Services URL"; looked up from the user name if it is not set.
    pub services_url: Option<Url>,
    /// "Autotask Username".
    pub username: String,
    /// "Autotask Password".
    pub password: SecretString,
    /// The integration code (API tracking identifier).
    pub integration_code: SecretString,
    /// The zone of date-times in calls. Default [`WireZone::Eastern`].
    pub wire_zone: WireZone,
}

/// The time zone in which the web service writes date-times, which carry no offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireZone {
    /// US Eastern time.
    #[default]
    Eastern,
    /// UTC.
    Utc,
}

impl Config {
    /// Reads a file. Relative paths in it start at its directory.
    ///
    /// # Errors
    /// Every mistake in it, or that the file cannot be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Config, ConfigError> {
        let path = path.as_ref();
        let text = fs::read_to_string(path).map_err(|error| ConfigError {
            problems: vec![Problem {
                file: Some(path.to_owned()),
                line: None,
                setting: String::new(),
                message: "the file cannot be read".to_owned(),
                remedy: "check the path and its rights".to_owned(),
            }],
            source: Some(error),
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        read::read(&text, Some(path.to_owned()), directory, &ProcessEnvironment)
    }

    /// Reads a text, with secrets from `environment` and relative paths from `directory`.
    ///
    /// ```
    /// use bomgar_autotask::config::Config;
    ///
    /// let text = r#"
    ///     [[configuration]]
    ///     name = "Head office"
    ///     appliance_id = "default"
    ///     [configuration.appliance]
    ///     host = "support.example.com"
    ///     oauth_client_id = "0123456789abcdef"
    ///     oauth_client_secret = { env = "CLIENT_SECRET" }
    ///     [configuration.autotask]
    ///     username = "api@example.com"
    ///     password = "in plain sight"
    ///     integration_code = { env = "CODE" }
    /// "#;
    /// let error = Config::parse(text, "", &[("CLIENT_SECRET", "s"), ("CODE", "c")]).unwrap_err();
    /// let mistake = &error.problems()[0];
    /// assert_eq!((mistake.line, mistake.setting.as_str()), (Some(11), "configuration.autotask.password"));
    /// ```
    ///
    /// # Errors
    /// Every mistake in it.
    pub fn parse(
        text: &str,
        directory: impl AsRef<Path>,
        environment: &dyn Environment,
    ) -> Result<Config, ConfigError> {
        read::read(text, None, directory.as_ref(), environment)
    }
}

/// Reads a text, with secrets from the environment of this process.
impl FromStr for Config {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Config, ConfigError> {
        Config::parse(text, "", &ProcessEnvironment)
    }
}
