//! The configuration file.

use bomgar_api::event::EventKind;
use bomgar_autotask::{
    config::{ApplianceCredentials, Config, ConfigError, LogFormat, WireZone},
    secret::Environment,
};
use jiff::SignedDuration;
use secrecy::ExposeSecret;
use std::path::Path;

pub(crate) const SECRETS: [(&str, &str); 3] = [
    ("CLIENT_SECRET", "s3cr3t-oauth"),
    ("PASSWORD", "s3cr3t-pw"),
    ("CODE", "s3cr3t-code"),
];

pub(crate) const MINIMAL: &str = r#"
[[configuration]]
name = "Head office"
appliance_id = "Default"
[configuration.appliance]
host = "support.example.com"
oauth_client_id = "client"
oauth_client_secret = { env = "CLIENT_SECRET" }
[configuration.autotask]
username = "api@example.com"
password = { env = "PASSWORD" }
integration_code = { env = "CODE" }
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, "/etc/x", &SECRETS)
}

fn good(text: &str) -> Config {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// The minimal configuration with one line replaced, or added after another.
fn with(line: &str, new: &str) -> String {
    assert!(MINIMAL.contains(line), "{line}");
    MINIMAL.replacen(line, new, 1)
}

/// The one mistake that `text` has: its setting and all of its words.
fn mistake(text: &str) -> (String, String) {
    let error = parse(text).expect_err("the configuration is good");
    assert_eq!(error.problems().len(), 1, "{error}");
    let problem = &error.problems()[0];
    (problem.setting.clone(), problem.to_string())
}

fn warning(text: &str) -> String {
    let config = good(text);
    assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
    config.warnings[0].to_string()
}

#[test]
fn the_example_file_is_good_and_names_every_setting() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("bomgar-autotask.example.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let secrets = [
        ("BOMGAR_CLIENT_SECRET", "a"),
        ("AUTOTASK_PASSWORD", "b"),
        ("AUTOTASK_INTEGRATION_CODE", "c"),
        ("BOMGAR_EVENT_TOKEN", "d"),
        ("BOMGAR_API_PASSWORD", "e"),
    ];
    let config = Config::parse(&text, "", &secrets).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(config.warnings, []);
    assert!(config.configurations[0].profile.update_time_entry);

    // What the comments call defaults are settings that exist.
    let all: String = text
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(rest)
                if rest
                    .split_once(" = ")
                    .is_some_and(|(name, _)| is_name(name)) =>
            {
                rest
            }
            _ => line,
        })
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(all.contains("\ntoken = "), "{all}");
    let config = Config::parse(&all, "", &secrets).unwrap_or_else(|error| panic!("{error}"));
    // Setting a default changes nothing.
    let plain = good(MINIMAL);
    assert_eq!(
        format!("{:?}", config.worker),
        format!("{:?}", plain.worker)
    );
    assert_eq!(config.receiver.body_limit, plain.receiver.body_limit);
    assert_eq!(config.receiver.path, plain.receiver.path);
    assert_eq!(config.store.quarantine, plain.store.quarantine);
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

#[test]
fn what_is_left_out_has_its_default() {
    let config = good(MINIMAL);
    assert_eq!(config.receiver.listen, ["0.0.0.0:8180".parse().unwrap()]);
    assert_eq!(config.receiver.path, "/ERSPost");
    assert_eq!(config.worker.settle, SignedDuration::from_mins(6));
    assert_eq!(config.log.format, LogFormat::Text);
    assert_eq!(
        config.store.path,
        Path::new("/etc/x/bomgar-autotask.sqlite")
    );
    let configuration = &config.configurations[0];
    assert_eq!(configuration.routing_key(), "default");
    assert_eq!(
        configuration.outbound_event_types,
        [EventKind::ConferenceEnd]
    );
    assert_eq!(configuration.autotask.wire_zone, WireZone::Eastern);
    assert!(!configuration.disabled);
}

#[test]
fn secrets_are_read_and_never_shown() {
    let config = good(MINIMAL);
    let configuration = &config.configurations[0];
    let ApplianceCredentials::OAuth { client_secret, .. } = &configuration.appliance.credentials
    else {
        panic!("not OAuth");
    };
    assert_eq!(client_secret.expose_secret(), "s3cr3t-oauth");
    assert_eq!(configuration.autotask.password.expose_secret(), "s3cr3t-pw");
    assert_eq!(
        configuration.autotask.integration_code.expose_secret(),
        "s3cr3t-code"
    );
    assert!(!format!("{config:?}").contains("s3cr3t"), "{config:?}");
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    let text = with(
        r#"password = { env = "PASSWORD" }"#,
        r#"password = "hunter2""#,
    );
    let (setting, words) = mistake(&text);
    assert_eq!(setting, "configuration.autotask.password");
    assert!(
        words.contains("env = ") && !words.contains("hunter2"),
        "{words}"
    );
}

#[test]
fn a_secret_that_is_not_there_is_told_with_its_place() {
    let none: [(&str, &str); 0] = [];
    let error = Config::parse(MINIMAL, "", &none).unwrap_err();
    let lines: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| problem.line)
        .collect();
    assert_eq!(lines, [Some(8), Some(11), Some(12)], "{error}");
    assert!(
        error.to_string().contains("variable PASSWORD is not set"),
        "{error}"
    );
}

#[test]
fn secrets_come_from_files_too() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("pw"), "from file\n").unwrap();
    let text = with(r#"{ env = "PASSWORD" }"#, r#"{ file = "pw" }"#);
    let config = Config::parse(&text, directory.path(), &SECRETS as &dyn Environment).unwrap();
    assert_eq!(
        config.configurations[0].autotask.password.expose_secret(),
        "from file"
    );
}

#[test]
fn all_mistakes_are_told_at_once_with_line_and_remedy() {
    let text = r#"
[receiver]
listen = ["nowhere"]
body_limt = 3
[worker]
settle = "soon"
concurrency = 0
[[configuration]]
appliance_id = "a-b"
[configuration.appliance]
host = "https://support.example.com/login"
oauth_client_id = 5
oauth_client_secret = { env = "CLIENT_SECRET" }
[configuration.autotask]
username = "u"
password = { env = "PASSWORD" }
wire_zone = "mars"
[configuration.profile]
note_type = "one"
publish_notes = true
business_zone = "Mars/Olympus"
"#;
    let error = parse(text).unwrap_err();
    let told: Vec<(Option<usize>, &str)> = error
        .problems()
        .iter()
        .map(|problem| (problem.line, problem.setting.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (Some(3), "receiver.listen"),
            (Some(4), "receiver.body_limt"),
            (Some(6), "worker.settle"),
            (Some(7), "worker.concurrency"),
            (Some(8), "configuration.name"),
            (Some(9), "configuration.appliance_id"),
            (Some(11), "configuration.appliance.host"),
            (Some(12), "configuration.appliance.oauth_client_id"),
            (Some(14), "configuration.autotask.integration_code"),
            (Some(17), "configuration.autotask.wire_zone"),
            (Some(19), "configuration.profile"),
            (Some(20), "configuration.profile"),
            (Some(21), "configuration.profile.business_zone"),
        ],
        "{error}"
    );
    let all = error.to_string();
    assert!(all.contains("did you mean body_limit?"), "{all}");
    assert!(all.contains("host = \"support.example.com\""), "{all}");
}

#[test]
fn bad_toml_is_told_with_its_line() {
    let (_, words) = mistake("[receiver]\nlisten = [\n\"127.0.0.1:1\"\n[store");
    assert!(words.contains("configuration:"), "{words}");
}

#[test]
fn a_missing_file_is_told() {
    let error = Config::load("/nonexistent/x.toml").unwrap_err();
    assert!(error.to_string().contains("/nonexistent/x.toml"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn no_configuration_at_all_is_a_mistake() {
    assert_eq!(mistake("[receiver]\n").0, "configuration");
}

#[test]
fn c050_an_appliance_id_has_letters_digits_periods_and_underscores() {
    assert!(parse(&with("\"Default\"", "\"Site_2.b\"")).is_ok());
    let (setting, _) = mistake(&with("\"Default\"", "\"site-2\""));
    assert_eq!(setting, "configuration.appliance_id");
}

#[test]
fn c051_enabled_configurations_have_different_appliance_ids() {
    let second = MINIMAL
        .replace("Head office", "Branch")
        .replace("\"Default\"", "\"dEFAULT\"");
    let (setting, words) = mistake(&format!("{MINIMAL}{second}"));
    assert_eq!(setting, "configuration.appliance_id");
    assert!(words.contains("Head office"), "{words}");
    let disabled = second.replacen("name =", "disabled = true\nname =", 1);
    assert_eq!(
        good(&format!("{MINIMAL}{disabled}")).configurations.len(),
        2
    );
    assert!(parse(&format!("{MINIMAL}{}", second.replace("dEFAULT", "other"))).is_ok());
}

#[test]
fn c065_each_configuration_has_a_name_of_its_own() {
    let second = MINIMAL.replace("\"Default\"", "\"other\"");
    assert_eq!(
        mistake(&format!("{MINIMAL}{second}")).0,
        "configuration.name"
    );
    assert_eq!(good(MINIMAL).configurations[0].name, "Head office");
}

#[test]
fn c066_the_appliance_id_is_required() {
    let (setting, words) = mistake(&with("appliance_id = \"Default\"", ""));
    assert_eq!(setting, "configuration.appliance_id");
    assert!(words.contains("default"), "{words}");
}

#[test]
fn c067_the_host_is_a_host_name_alone() {
    for bad in [
        "https://support.example.com",
        "support.example.com/login",
        "support:443",
    ] {
        let (setting, _) = mistake(&with("support.example.com", bad));
        assert_eq!(setting, "configuration.appliance.host", "{bad}");
    }
    let host = "host = \"support.example.com\"";
    let sim = good(&with(host, "base_url = \"http://127.0.0.1:1234\""));
    assert_eq!(sim.configurations[0].appliance.host, "127.0.0.1");
    let (setting, _) = mistake(&with(host, "base_url = \"http://support.example.com\""));
    assert_eq!(setting, "configuration.appliance.base_url");
}

const OAUTH: &str =
    "oauth_client_id = \"client\"\noauth_client_secret = { env = \"CLIENT_SECRET\" }";
const USER: &str = "api_user_name = \"u\"\napi_password = { env = \"PASSWORD\" }";

#[test]
fn c070_c071_an_old_appliance_is_used_with_user_and_password() {
    let config = good(&with(OAUTH, USER));
    let credentials = &config.configurations[0].appliance.credentials;
    assert!(matches!(credentials, ApplianceCredentials::User { name, .. } if name == "u"));
}

#[test]
fn c072_oauth_wins_if_both_are_set() {
    let both = with(OAUTH, &format!("{OAUTH}\n{USER}"));
    assert!(warning(&both).contains("OAuth is used"));
    let config = good(&both);
    let credentials = &config.configurations[0].appliance.credentials;
    assert!(matches!(credentials, ApplianceCredentials::OAuth { .. }));
}

#[test]
fn c073_the_locale_is_free() {
    let config = good(&with("host =", "locale = \"de-de\"\nhost ="));
    assert_eq!(
        config.configurations[0].appliance.locale.as_deref(),
        Some("de-de")
    );
    assert_eq!(good(MINIMAL).configurations[0].appliance.locale, None);
}

#[test]
fn c074_a_configuration_can_be_disabled() {
    let config = good(&with("name =", "disabled = true\nname ="));
    assert!(config.configurations[0].disabled);
}

#[test]
fn c075_invalid_certificates_are_allowed_only_on_request_and_with_a_warning() {
    assert!(
        !good(MINIMAL).configurations[0]
            .appliance
            .allow_invalid_certificates
    );
    let text = with("host =", "allow_invalid_certificates = true\nhost =");
    assert!(
        good(&text).configurations[0]
            .appliance
            .allow_invalid_certificates
    );
    assert!(warning(&text).contains("allow_invalid_certificates"));
}

#[test]
fn c076_c078_tls_can_be_off_with_a_user_but_not_with_oauth() {
    let off = "use_non_tls_connections = true\nhost =";
    let oauth = with("host =", off);
    assert!(warning(&oauth).contains("with OAuth"));
    assert!(
        !good(&oauth).configurations[0]
            .appliance
            .use_non_tls_connections
    );
    let user = oauth.replace(OAUTH, USER);
    assert!(
        good(&user).configurations[0]
            .appliance
            .use_non_tls_connections
    );
}

#[test]
fn c079_event_types_are_selected_by_label_or_wire_name() {
    let text = with(
        "name =",
        "outbound_event_types = [\"Someone joins a Support Session\", \
         \"support_conference_end\", \"Support Session End\"]\nname =",
    );
    assert_eq!(
        good(&text).configurations[0].outbound_event_types,
        [EventKind::ConferenceMemberAdded, EventKind::ConferenceEnd]
    );
    let text = with(
        "name =",
        "outbound_event_types = [\"support_conference_begin\"]\nname =",
    );
    assert_eq!(mistake(&text).0, "configuration.outbound_event_types");
}

#[test]
fn c086_the_retry_attempt_limit_is_a_number() {
    assert_eq!(good(MINIMAL).worker.retry_attempt_limit, 10);
    let text = format!("[worker]\nretry_attempt_limit = 0\n{MINIMAL}");
    assert_eq!(good(&text).worker.retry_attempt_limit, 0);
}

#[test]
fn a_short_settle_time_is_doubtful() {
    assert!(warning(&format!("[worker]\nsettle = \"5m 59s\"\n{MINIMAL}")).contains("settle"));
}

#[test]
fn c089_the_services_url_is_optional_and_version_1_5_is_told() {
    assert_eq!(good(MINIMAL).configurations[0].autotask.services_url, None);
    let at = |url: &str| {
        with(
            "username =",
            &format!("services_url = \"{url}\"\nusername ="),
        )
    };
    let new = at("https://webservices5.autotask.net/atservices/1.6/atws.asmx");
    assert_eq!(good(&new).warnings, []);
    let old = at("https://webservices5.autotask.net/atservices/1.5/atws.asmx");
    assert!(warning(&old).contains("1.6"));
    for bad in [
        "http://webservices5.autotask.net/atservices/1.6/atws.asmx",
        "https://ww5.autotask.net/Autotask",
        "webservices5",
    ] {
        assert_eq!(
            mistake(&at(bad)).0,
            "configuration.autotask.services_url",
            "{bad}"
        );
    }
    assert!(parse(&at("http://127.0.0.1:9/atservices/1.6/atws.asmx")).is_ok());
}

#[test]
fn c093_the_profile_is_part_of_the_configuration() {
    let text = format!(
        "{MINIMAL}[configuration.profile]\nupdate_time_entry = true\n\
         time_entry_default_data = {{ roleName = \"r\", summaryNotes = \"s\" }}\n"
    );
    assert!(good(&text).configurations[0].profile.update_time_entry);
    let (setting, words) = mistake(&text.replace("roleName = \"r\", ", ""));
    assert_eq!(
        setting,
        "configuration.profile.time_entry_default_data.roleName"
    );
    assert!(words.contains(":15:"), "{words}");
}
