//! From the document to the settings.

use super::{
    ApplianceConfig, ApplianceCredentials, AutotaskConfig, Config, ConfigError, Configuration,
    LogConfig, LogFormat, ReceiverConfig, StoreConfig, WireZone, WorkerConfig,
    problem::Problems,
    profile::profile,
    table::{At, Context, Table},
};
use crate::{logging, secret::Environment, store::Quota};
use bomgar_api::event::{ApplianceId, DEFAULT_PORT, EventKind, RecipientUrl};
use jiff::SignedDuration;
use std::{
    net::{IpAddr, SocketAddr},
    ops::Range,
    path::{Path, PathBuf},
};
use toml::de::DeTable;
use url::Url;

/// The events that lead to something in Autotask; the others cannot be selected.
pub(super) const SELECTABLE: [EventKind; 4] = [
    EventKind::ConferenceEnd,
    EventKind::CustomerExitSurveyCompleted,
    EventKind::RepExitSurveyCompleted,
    EventKind::ConferenceMemberAdded,
];

pub(super) fn read(
    text: &str,
    file: Option<PathBuf>,
    directory: &Path,
    environment: &dyn Environment,
) -> Result<Config, ConfigError> {
    let problems = Problems::new(text, file);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        for error in errors {
            let remedy = "write it as TOML wants it (https://toml.io)";
            problems.mistake(error.span(), "", error.message().trim(), remedy);
        }
        let mut mistakes = problems.into_sorted().0;
        // What follows on the same line is mostly a consequence of the first.
        mistakes.dedup_by_key(|problem| problem.line);
        return Err(ConfigError {
            problems: mistakes,
            source: None,
        });
    }

    let context = Context {
        problems: &problems,
        environment,
        directory,
    };
    let root = Table::root(context, document.get_ref());
    let receiver = receiver(root.table("receiver"));
    let store = store(root.table("store"), directory);
    let worker = worker(root.table("worker"));
    let log = log(root.table("log"));
    let tables = root.tables("configuration");
    if tables.is_empty() {
        let remedy = "add a [[configuration]] for each appliance and tenant";
        root.mistake(None, "configuration", "there is none", remedy);
    }
    let mut configurations: Vec<Configuration> = Vec::new();
    for table in tables {
        let span = table.span();
        if let Some(next) = configuration(table, &problems) {
            check_unique(&problems, &configurations, &next, span);
            configurations.push(next);
        }
    }
    root.finish();

    let (mistakes, warnings) = problems.into_sorted();
    if !mistakes.is_empty() {
        return Err(ConfigError {
            problems: mistakes,
            source: None,
        });
    }
    Ok(Config {
        receiver,
        store,
        worker,
        log,
        configurations,
        warnings,
    })
}

fn check_unique(
    problems: &Problems<'_>,
    others: &[Configuration],
    next: &Configuration,
    span: Option<Range<usize>>,
) {
    if others.iter().any(|other| other.name == next.name) {
        let message = format!("{:?} is the name of another configuration too", next.name);
        problems.mistake(
            span.clone(),
            "configuration.name",
            message,
            "give each its own name",
        );
    }
    // Disabled ones may share an id: only one of them can be enabled later.
    let clash = others
        .iter()
        .find(|other| !other.disabled && !next.disabled && other.appliance_id == next.appliance_id);
    if let Some(other) = clash {
        problems.mistake(
            span,
            "configuration.appliance_id",
            format!(
                "{} is the appliance id of {:?} too",
                next.appliance_id, other.name
            ),
            "give each enabled configuration its own id; upper and lower case do not count",
        );
    }
}

fn receiver(table: Table<'_>) -> ReceiverConfig {
    let default = ReceiverConfig::default();
    let seconds = SignedDuration::from_secs;
    let listen = table.texts("listen").map(|texts| {
        texts
            .into_iter()
            .filter_map(|text| address(&table, &text))
            .collect::<Vec<_>>()
    });
    let path = match table.text("path") {
        Some(path) if is_path(&path.value) => path.value,
        Some(path) => {
            let message = format!("{:?} is not a path", path.value);
            let remedy = "start with /; use letters, digits, / . _ and - only";
            table.mistake(Some(path.span), "path", message, remedy);
            default.path
        }
        None => default.path,
    };
    let read = ReceiverConfig {
        listen: listen.unwrap_or(default.listen),
        path,
        token: table.secret("token"),
        body_limit: usize_of(table.integer(
            "body_limit",
            default.body_limit as u64,
            1024..=16 << 20,
        )),
        header_timeout: table.duration(
            "header_timeout",
            default.header_timeout,
            seconds(1)..=seconds(300),
        ),
        body_timeout: table.duration(
            "body_timeout",
            default.body_timeout,
            seconds(1)..=seconds(300),
        ),
        max_connections: usize_of(table.integer(
            "max_connections",
            default.max_connections as u64,
            1..=65_536,
        )),
    };
    table.finish();
    read
}

fn usize_of(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && text.len() > 1
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"/._-".contains(&b))
}

fn address(table: &Table<'_>, text: &At<String>) -> Option<SocketAddr> {
    let trimmed = text.value.trim();
    let read = trimmed.parse().or_else(|_| {
        trimmed
            .parse()
            .map(|ip: IpAddr| SocketAddr::new(ip, DEFAULT_PORT))
    });
    if read.is_err() {
        table.mistake(
            Some(text.span.clone()),
            "listen",
            format!("{:?} is not an address with a port", text.value),
            "write \"127.0.0.1:8180\", \"0.0.0.0:8180\" or \"[::]:8180\"",
        );
    }
    read.ok()
}

fn store(table: Table<'_>, directory: &Path) -> StoreConfig {
    let quota = Quota::default();
    let read = StoreConfig {
        path: table
            .path("path")
            .unwrap_or_else(|| directory.join(super::DEFAULT_STORE)),
        quarantine: Quota {
            rows: table.integer("quarantine_rows", quota.rows, 0..=10_000_000),
            bytes: table.integer("quarantine_bytes", quota.bytes, 0..=1 << 40),
        },
    };
    table.finish();
    read
}

fn worker(table: Table<'_>) -> WorkerConfig {
    let default = WorkerConfig::default();
    let seconds = SignedDuration::from_secs;
    let small = |key, default: u32, low, high| {
        u32::try_from(table.integer(key, u64::from(default), low..=high)).unwrap_or(default)
    };
    let read = WorkerConfig {
        concurrency: small("concurrency", default.concurrency, 1, 64),
        retry_attempt_limit: small(
            "retry_attempt_limit",
            default.retry_attempt_limit,
            0,
            10_000,
        ),
        backoff_initial: table.duration(
            "backoff_initial",
            default.backoff_initial,
            SignedDuration::from_millis(10)..=seconds(86_400),
        ),
        backoff_max: table.duration(
            "backoff_max",
            default.backoff_max,
            SignedDuration::from_millis(10)..=seconds(7 * 86_400),
        ),
        config_pause: table.duration(
            "config_pause",
            default.config_pause,
            SignedDuration::from_millis(10)..=seconds(86_400),
        ),
        settle: table.duration(
            "settle",
            default.settle,
            SignedDuration::ZERO..=seconds(86_400),
        ),
        max_ambiguous_rounds: small(
            "max_ambiguous_rounds",
            default.max_ambiguous_rounds,
            1,
            1000,
        ),
        request_timeout: table.duration(
            "request_timeout",
            default.request_timeout,
            SignedDuration::from_millis(100)..=seconds(600),
        ),
    };
    if read.backoff_max < read.backoff_initial {
        let message = "it is shorter than backoff_initial";
        table.mistake(
            table.span(),
            "backoff_max",
            message,
            "make it at least as long",
        );
    }
    if read.settle < WorkerConfig::default().settle {
        let message = "Autotask can run a call for up to 5 minutes after it was sent; a shorter \
                       time than 6m can lead to double records";
        table.doubt(
            table.span(),
            "settle",
            message,
            "leave it at 6m outside of tests",
        );
    }
    table.finish();
    read
}

fn log(table: Table<'_>) -> LogConfig {
    let mut read = LogConfig::default();
    if let Some(format) = table.text("format") {
        match format.value.as_str() {
            "json" => read.format = LogFormat::Json,
            "text" => read.format = LogFormat::Text,
            other => {
                let message = format!("{other:?} is no log format");
                let remedy = "give \"json\" or \"text\"";
                table.mistake(Some(format.span), "format", message, remedy);
            }
        }
    }
    if let Some(level) = table.text("level") {
        match logging::filter(&level.value) {
            Ok(_) => read.level = level.value,
            Err(_) => {
                let message = format!("{:?} is no log filter", level.value);
                let remedy = "give error, warn, info, debug or trace, or a list such as \
                              \"info,sqlx=warn\"";
                table.mistake(Some(level.span), "level", message, remedy);
            }
        }
    }
    table.finish();
    read
}

fn configuration(table: Table<'_>, problems: &Problems<'_>) -> Option<Configuration> {
    let name = table.required("name", "describe it, such as name = \"Head office\"");
    let id = match table.raw("appliance_id") {
        Some(_) => table.parsed::<ApplianceId>(
            "appliance_id",
            "use letters, digits, periods and underscores, as in the outbound event's URL",
        ),
        None => {
            table.missing(
                "appliance_id",
                "write appliance_id = \"default\" for an URL without one",
            );
            None
        }
    };
    let disabled = table.flag("disabled", false);
    let events = event_types(&table);
    let appliance = appliance(table.table("appliance"));
    let autotask = autotask(table.table("autotask"));
    let profile = profile(&table, problems);
    table.finish();
    Some(Configuration {
        name: name?.value,
        appliance_id: id?.value,
        disabled,
        outbound_event_types: events,
        appliance: appliance?,
        autotask: autotask?,
        profile: profile?,
    })
}

/// An event type by its wire name or its label, as the vendor's screens show it.
fn event_type(text: &str) -> Option<EventKind> {
    let text = text.trim();
    SELECTABLE.into_iter().find(|kind| {
        kind.as_str().eq_ignore_ascii_case(text) || kind.label().eq_ignore_ascii_case(text)
    })
}

fn event_types(table: &Table<'_>) -> Vec<EventKind> {
    let Some(texts) = table.texts("outbound_event_types") else {
        return vec![EventKind::ConferenceEnd];
    };
    let mut kinds = Vec::new();
    for text in texts {
        match event_type(&text.value) {
            Some(kind) if !kinds.contains(&kind) => {
                if kind != EventKind::ConferenceEnd {
                    let message = format!(
                        "{:?} is stored and listed, but leads to nothing in this version",
                        kind.label()
                    );
                    let remedy = "select it only if you want such events kept for later";
                    table.doubt(Some(text.span), "outbound_event_types", message, remedy);
                }
                kinds.push(kind);
            }
            Some(_) => {}
            None => {
                let known: Vec<String> = SELECTABLE
                    .iter()
                    .map(|kind| format!("{:?}", kind.label()))
                    .collect();
                table.mistake(
                    Some(text.span),
                    "outbound_event_types",
                    format!("{:?} cannot be selected", text.value),
                    format!("choose among {}", known.join(", ")),
                );
            }
        }
    }
    kinds
}

fn appliance(table: Table<'_>) -> Option<ApplianceConfig> {
    let base_url = table.parsed::<Url>("base_url", "give an URL such as http://127.0.0.1:8443");
    if let Some(url) = &base_url
        && !is_loopback(&url.value)
    {
        let remedy = "set host for a real appliance; base_url is for simulators on this machine";
        table.mistake(
            Some(url.span.clone()),
            "base_url",
            "it is not on this machine",
            remedy,
        );
    }
    let host = match (table.text("host"), &base_url) {
        (Some(host), _) => match RecipientUrl::new(&host.value) {
            Ok(_) => Some(host.value),
            Err(_) => {
                let only = Url::parse(host.value.trim())
                    .ok()
                    .and_then(|url| url.host_str().map(|host| format!(": host = {host:?}")))
                    .unwrap_or_default();
                let message = format!("{:?} is not a host name alone", host.value);
                let remedy = format!("leave out https://, port and path{only}");
                table.mistake(Some(host.span), "host", message, remedy);
                None
            }
        },
        (None, Some(url)) => url.value.host_str().map(str::to_owned),
        (None, None) => {
            if table.raw("host").is_none() {
                table.missing(
                    "host",
                    "give the appliance's host name, such as support.example.com",
                );
            }
            None
        }
    };
    let credentials = credentials(&table);
    let non_tls = table.flag("use_non_tls_connections", false);
    if non_tls && matches!(credentials, Some(ApplianceCredentials::OAuth { .. })) {
        let message = "it is ignored: with OAuth, TLS cannot be disabled";
        table.doubt(
            table.span(),
            "use_non_tls_connections",
            message,
            "leave it out",
        );
    }
    let allow_invalid_certificates = table.flag("allow_invalid_certificates", false);
    if allow_invalid_certificates {
        let message = "anybody on the way can read and change what the appliance says";
        table.doubt(
            table.span(),
            "allow_invalid_certificates",
            message,
            "use it for tests only",
        );
    }
    let locale = table.text("locale").map(|locale| locale.value);
    table.finish();
    let credentials = credentials?;
    let oauth = matches!(credentials, ApplianceCredentials::OAuth { .. });
    Some(ApplianceConfig {
        host: host?,
        base_url: base_url.map(|url| url.value),
        credentials,
        locale,
        allow_invalid_certificates,
        use_non_tls_connections: non_tls && !oauth,
    })
}

fn credentials(table: &Table<'_>) -> Option<ApplianceCredentials> {
    let asked = |key| table.raw(key).is_some();
    let oauth = asked("oauth_client_id") | asked("oauth_client_secret");
    let user = asked("api_user_name") | asked("api_password");
    if oauth && user {
        let message = "both ways to sign in are set; OAuth is used";
        table.doubt(
            table.span(),
            "api_user_name",
            message,
            "leave out user name and password",
        );
    }
    if user && !oauth {
        let name = table.required("api_user_name", "give the API user of an old appliance");
        if !asked("api_password") {
            table.missing("api_password", "write api_password = { env = \"NAME\" }");
        }
        let password = table.secret("api_password");
        return Some(ApplianceCredentials::User {
            name: name?.value,
            password: password?,
        });
    }
    let id = table.required(
        "oauth_client_id",
        "give the OAuth Client ID of the API account",
    );
    if !asked("oauth_client_secret") {
        table.missing(
            "oauth_client_secret",
            "write oauth_client_secret = { env = \"NAME\" }",
        );
    }
    let secret = table.secret("oauth_client_secret");
    Some(ApplianceCredentials::OAuth {
        client_id: id?.value,
        client_secret: secret?,
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    }
}

fn autotask(table: Table<'_>) -> Option<AutotaskConfig> {
    let remedy = "give https://webservices<#>.autotask.net/atservices/1.6/atws.asmx with your \
                  instance number, or leave it out to have it looked up";
    let services_url = table.parsed::<Url>("services_url", remedy);
    if let Some(url) = &services_url {
        let span = Some(url.span.clone());
        let path = url.value.path().to_ascii_lowercase();
        if !is_loopback(&url.value) && url.value.scheme() != "https" {
            table.mistake(span, "services_url", "it is not an https URL", remedy);
        } else if path.contains("/1.5/") {
            let message = "version 1.5 of the web service was deactivated in 2022; 1.6 is used";
            table.doubt(span, "services_url", message, "write 1.6 instead of 1.5");
        } else if !is_loopback(&url.value) && !path.ends_with("/atws.asmx") {
            table.mistake(
                span,
                "services_url",
                "it does not end in /atws.asmx",
                remedy,
            );
        }
    }
    let username = table.required("username", "give the API user's name (an e-mail address)");
    let password = required_secret(&table, "password");
    let integration_code = required_secret(&table, "integration_code");
    let wire_zone = match table.text("wire_zone") {
        None => WireZone::default(),
        Some(zone) => match zone.value.to_ascii_lowercase().as_str() {
            "eastern" => WireZone::Eastern,
            "utc" => WireZone::Utc,
            _ => {
                let message = format!("{:?} is not a zone that the web service speaks", zone.value);
                let remedy = "give \"eastern\" (the default) or \"utc\"";
                table.mistake(Some(zone.span), "wire_zone", message, remedy);
                WireZone::default()
            }
        },
    };
    table.finish();
    Some(AutotaskConfig {
        services_url: services_url.map(|url| url.value),
        username: username?.value,
        password: password?,
        integration_code: integration_code?,
        wire_zone,
    })
}

fn required_secret(table: &Table<'_>, key: &'static str) -> Option<secrecy::SecretString> {
    if table.raw(key).is_none() {
        table.missing(key, &format!("write {key} = {{ env = \"NAME\" }}"));
        return None;
    }
    table.secret(key)
}
