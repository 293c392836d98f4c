//! Scenarios, and the JSON endpoints that they are made of.

use std::time::{Duration, Instant};

use bomgar_sim::{BomgarSim, Pace, Scenario, ScenarioError};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::raw::{self, SOON};
use crate::{http, report, token};

const BASE: i64 = 1_767_603_600;

const STORY: &str = r#"
title = "One session"
base_time = 2026-01-05T09:00:00Z

[settings]
namespace = "bomgar"

[[team]]
id = 2
name = "Second Level"
members = [12]
issues = { email = "E-mail" }

[[representative]]
id = 12
username = "jsmith"
private_name = "John Smith"
public_name = "John"

[customer.erika]
name = "Erika Mustermann"
hostname = "ACME-PC7"

[[step]]
session = "mail"
do = "start"
customer = "erika"
representative = "jsmith"
external_key = "48213"
attributes = { asset_tag = "A-77" }

[[step]]
at = "+1m30s"
session = "mail"
do = "chat"
from = "customer"
text = "Hello <there>"

[[step]]
at = 100
session = "mail"
do = "system_information"
[[step.categories]]
name = "Disks"
rows = [{ Drive = "C:" }]

[[step]]
session = "other"
do = "start"
customer = "Somebody"
representative = false
more_customers = ["erika"]

[[step]]
at = "+10m"
session = "mail"
do = "end"

[[step]]
do = "fault"
kind = "status"
status = 503
on = "SupportSession"
"#;

/// What a scenario with one more step is refused with.
fn refused(steps: &str) -> String {
    Scenario::parse(&format!("{STORY}{steps}"))
        .unwrap_err()
        .to_string()
}

#[tokio::test]
async fn a_scenario_happens_at_its_times() {
    let sim = BomgarSim::start().await;
    let scenario = Scenario::parse(STORY).unwrap();
    assert_eq!(scenario.title(), Some("One session"));
    assert_eq!((scenario.len(), scenario.is_empty()), (6, false));
    assert_eq!(scenario.duration(), Duration::from_secs(600));
    let sessions = sim.play(&scenario, Pace::AtOnce).await.unwrap();
    assert_eq!(sessions.keys().collect::<Vec<_>>(), ["mail", "other"]);

    let lsid = sessions["mail"].as_str();
    let busy = report(&sim, &[("lsid", lsid)]).await;
    assert!(busy.contains("Service Unavailable"), "{busy}");
    let xml = report(&sim, &[("lsid", lsid)]).await;
    assert!(xml.contains("xmlns=\"http://www.bomgar.com/namespaces/API/reporting\""));
    assert!(xml.contains(&format!(
        "<start_time timestamp=\"{BASE}\">2026-01-05T09:00:00+00:00<"
    )));
    assert!(xml.contains(&format!("<end_time timestamp=\"{}\">", BASE + 600)));
    assert!(xml.contains("<external_key>48213</external_key>"));
    assert!(xml.contains("Hello &lt;there&gt;"));
    assert!(xml.contains(&format!(
        "timestamp=\"{}\" event_type=\"Chat Message\"",
        BASE + 90
    )));
    assert!(xml.contains(&format!(
        "timestamp=\"{}\" event_type=\"System Information Retrieved\"",
        BASE + 100
    )));
    assert!(xml.contains("ACME-PC7") && xml.contains("John Smith"));
    let other = report(&sim, &[("lsid", sessions["other"].as_str())]).await;
    assert!(other.contains("Somebody") && !other.contains("<primary_rep"));
    assert!(other.contains("Erika Mustermann"));
}

#[tokio::test]
async fn without_a_base_time_a_story_ends_now() {
    let sim = BomgarSim::start().await;
    let text = STORY.replace("base_time", "# base_time");
    let scenario = Scenario::parse(&text).unwrap();
    let now = jiff::Timestamp::now().as_second();
    let sessions = sim.play(&scenario, Pace::AtOnce).await.unwrap();
    sim.clear_faults();
    let xml = report(&sim, &[("lsid", sessions["mail"].as_str())]).await;
    let end = crate::element(&xml, "end_time").unwrap();
    let end: jiff::Timestamp = end.parse().unwrap();
    assert!((now..now + 20).contains(&end.as_second()), "{end}");
}

#[tokio::test]
async fn a_pace_is_kept() {
    let sim = BomgarSim::start().await;
    let text = "
        [[step]]
        do = 'start'
        [[step]]
        at = '+20s'
        do = 'end'";
    let scenario = Scenario::parse(text).unwrap();
    let mut lines = Vec::new();
    let start = Instant::now();
    let played = sim.play_with(&scenario, Pace::Times(100.0), |line| {
        lines.push(line.to_owned())
    });
    let sessions = played.await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(lines, ["+00:00 session: start", "+00:20 session: end"]);
    let xml = report(&sim, &[("lsid", sessions["session"].as_str())]).await;
    assert!(xml.contains("<duration>00:00:20</duration>"));
    for factor in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let refused = sim.play(&scenario, Pace::Times(factor)).await;
        assert!(matches!(refused, Err(ScenarioError::Pace(_))));
    }
}

#[test]
fn mistakes_are_told_with_line_and_step() {
    let line = STORY.lines().count() + 2;
    let step = |rest: &str| refused(&format!("\n[[step]]\n{rest}\n"));
    for (rest, expected) in [
        ("at = '+11m'", "step 7: do is missing: what is to happen?"),
        (
            "do = 'dance'",
            "step 7 (dance): there is no step \"dance\"; there are start, wait, chat",
        ),
        (
            "do = 'chat'\ntext = 'x'",
            "step 7 (chat): no step above starts session \"session\"",
        ),
        (
            "do = 'start'\nsession = 'mail'",
            "step 7 (start): session \"mail\" has started above; give this one another name",
        ),
        (
            "do = 'chat'\nsession = 'mail'\ntxt = 'x'",
            "unknown field \"txt\"; there are from, to, text",
        ),
        (
            "do = 'start'\nsession = 's'\ncustomer = { nam = 'x' }",
            "unknown field \"nam\" of customer; there are name, hostname",
        ),
        (
            "do = 'wait'\nat = '+5m'",
            "it would happen 300 seconds before the step above it",
        ),
        (
            "do = 'wait'\nat = '5 minutes'",
            "at = \"5 minutes\" is no time; write it as \"+1m30s\"",
        ),
        (
            "do = 'health'\nsession = 'mail'",
            "this happens to the appliance and not in a session",
        ),
        (
            "do = 'fault'\nkind = 'gremlin'",
            "no fault of kind \"gremlin\"; there are delay,",
        ),
        ("do = 'recipient'\nretry_seconds = 1", "missing field `url`"),
        (
            "do = 'recipient'\nurl = 'x'\nca_file = 'no.pem'",
            "cannot read no.pem",
        ),
        (
            "do = 'recipient'\nurl = 'x'\nca_pem = 'x'",
            "the recipient's CA certificate is unusable",
        ),
    ] {
        let text = step(rest);
        assert!(text.starts_with(&format!("line {line}, step 7")), "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let text = Scenario::parse("a = 1\n[[step]\n").unwrap_err().to_string();
    assert!(text.contains("line 2"), "{text}");
    let text = Scenario::parse("titel = 'x'").unwrap_err().to_string();
    assert!(text.contains("unknown field `titel`"), "{text}");
    let text = Scenario::load("nowhere.toml").unwrap_err().to_string();
    assert!(text.starts_with("cannot read nowhere.toml: "), "{text}");
}

#[tokio::test]
async fn what_only_happens_at_play_is_told_with_line_and_step_too() {
    let text = "
[[step]]
do = 'start'
[[step]]
do = 'end'
[[step]]
at = '+1s'
do = 'note'
text = 'too late'
";
    let scenario = Scenario::parse(text).unwrap();
    let error = scenario.rehearse().await.unwrap_err().to_string();
    assert!(
        error.starts_with("line 6, step 3 (note): session "),
        "{error}"
    );
    assert!(error.contains("has ended already"), "{error}");
}

#[tokio::test]
async fn the_scenario_files_of_this_crate_can_be_played() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");
    let mut files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let scenario = Scenario::load(&path).unwrap();
        scenario.rehearse().await.unwrap();
        files += 1;
    }
    assert!(files > 0);
    let sim = BomgarSim::start().await;
    let sessions = sim
        .play(&Scenario::demo().unwrap(), Pace::AtOnce)
        .await
        .unwrap();
    assert_eq!(sessions.len(), 3);
    sim.clear_faults();
    let xml = report(&sim, &[("lsid", sessions["printer"].as_str())]).await;
    assert!(xml.contains("mdupont") && xml.contains("glang"));
    let kiosk = report(&sim, &[("lsid", sessions["kiosk"].as_str())]).await;
    assert!(!kiosk.contains("event_type=\"Session End\""));
}

#[tokio::test]
async fn a_scenarios_recipients_get_its_events() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let text = format!("[[recipient]]\nurl = '{url}'\n[[step]]\ndo = 'start'\n");
    let scenario = Scenario::parse(&text).unwrap();
    let sim = BomgarSim::start().await;
    sim.play(&scenario, Pace::AtOnce).await.unwrap();
    tokio::time::timeout(SOON, listener.accept())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sim.outbox(&url).unwrap().pending.len(), 4);
}

async fn control(sim: &BomgarSim, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let method = method.parse().unwrap();
    let reply = http()
        .request(method, format!("{}/_sim/{path}", sim.base_url()))
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let status = reply.status().as_u16();
    assert_eq!(reply.headers()["content-type"], "application/json");
    (
        status,
        serde_json::from_str(&reply.text().await.unwrap()).unwrap(),
    )
}

#[tokio::test]
async fn the_control_endpoints_list_themselves_and_know_their_methods() {
    let sim = BomgarSim::start().await;
    let (status, list) = control(&sim, "GET", "", &json!({})).await;
    assert_eq!(status, 200);
    let lines: Vec<&str> = list["endpoints"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert_eq!(lines, bomgar_sim::control_endpoints());
    assert!(!lines.is_empty());
    // Every endpoint that is listed is there.
    for line in lines {
        let mut words = line.split_whitespace();
        let method = words.next().unwrap();
        let path = words.next().unwrap().strip_prefix("/_sim/").unwrap();
        let (status, body) = control(&sim, method, path, &json!({})).await;
        let missing = status == 405 || body.get("endpoints").is_some_and(|_| status == 404);
        assert!(!missing, "{line}: {status} {body}");
    }
    let (status, body) = control(&sim, "GET", "tokens/expire", &json!({})).await;
    assert_eq!(status, 405);
    assert_eq!(body["error"], "this endpoint takes POST, not GET");
    let (status, _) = control(&sim, "PATCH", "calls", &json!({})).await;
    assert_eq!(status, 405);
    assert!(sim.calls().is_empty());
}

#[tokio::test]
async fn wrong_orders_are_refused_with_a_reason() {
    let sim = BomgarSim::start().await;
    let long = "x".repeat(2 << 20);
    for (path, body, status, reason) in [
        ("sessions", json!([]), 400, "the body must be an object"),
        (
            "sessions",
            json!({"custmer": "x"}),
            400,
            "unknown field \"custmer\"; there are short_key",
        ),
        (
            "sessions/nothing/note",
            json!({"text": "x"}),
            404,
            "no session with lsid nothing",
        ),
        ("recipients", json!({}), 400, "missing field `url`"),
        (
            "recipients",
            json!({"url": "x", "retry_seconds": -1.0}),
            400,
            "retry_seconds: ",
        ),
        (
            "recipients/remove",
            json!({"url": "x"}),
            404,
            "no recipient x",
        ),
        (
            "events",
            json!({"url": "x", "event": "y"}),
            404,
            "no recipient x",
        ),
        (
            "events/post",
            json!({"url": "http://127.0.0.1:1/", "event": "y"}),
            502,
            "posting",
        ),
        (
            "faults",
            json!({"kind": "cut"}),
            400,
            "needs either byte or percent",
        ),
        (
            "settings",
            json!({"namespace": "x"}),
            400,
            "namespace is bomgar, beyondtrust",
        ),
        (
            "settings",
            json!({"scrambled": 1}),
            400,
            "expected a boolean",
        ),
        (
            "session_keys",
            json!({"queue_id": "team:99"}),
            400,
            "queue team:99 refused",
        ),
        (
            "scenario",
            json!({"toml": "[[step]]\ndo = 'x'"}),
            400,
            "line 1, step 1 (x)",
        ),
        (
            "scenario",
            json!({"toml": "", "speed": 0}),
            400,
            "speed must be above 0",
        ),
        (
            "tokens/expire",
            json!({"now": true}),
            400,
            "unknown field \"now\"; there are none",
        ),
        (
            "demo",
            json!({ "external_key": long }),
            413,
            "longer than 1048576 bytes",
        ),
    ] {
        let (got, answer) = control(&sim, "POST", path, &body).await;
        let text = answer["error"].as_str().unwrap();
        assert_eq!(got, status, "{path}: {text}");
        assert!(text.contains(reason), "{path}: {text}");
    }
    assert!(sim.lsids().is_empty());
}

#[tokio::test]
async fn everything_can_be_driven_in_json() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    let ok = |path: &'static str, body: Value| {
        let sim = &sim;
        async move {
            let (status, answer) = control(sim, "POST", path, &body).await;
            assert_eq!(status, 200, "{path}: {answer}");
            answer
        }
    };
    ok(
        "faults",
        json!({"kind": "status", "status": 404, "on": "get_api_info"}),
    )
    .await;
    ok(
        "faults",
        json!({"kind": "gzip", "on": "nothing", "always": true}),
    )
    .await;
    let info = "/api/command?action=get_api_info";
    assert_eq!(raw::call(&sim, info, &token).await.status(), 404);
    let (_, waiting) = control(&sim, "GET", "faults", &json!({})).await;
    assert_eq!(
        waiting,
        json!([{"kind": "gzip", "on": "nothing", "with": {}, "after": 0, "times": null, "always": true}])
    );
    let (_, calls) = control(&sim, "GET", "calls", &json!({})).await;
    let last = calls.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["fault"], &last["status"]),
        (&json!("status"), &json!(404))
    );
    assert_eq!(control(&sim, "DELETE", "calls", &json!({})).await.0, 200);
    assert!(sim.calls().is_empty());
    assert_eq!(control(&sim, "DELETE", "faults", &json!({})).await.0, 200);
    assert_eq!(
        control(&sim, "GET", "faults", &json!({})).await.1,
        json!([])
    );

    let limits = json!({"per_second": 1_000, "per_hour": 1});
    ok(
        "settings",
        json!({"namespace": "none", "rate_limit": limits}),
    )
    .await;
    let text = raw::call(&sim, info, &token).await.text();
    assert!(text.contains("<api_information>"), "{text}");
    assert_eq!(raw::call(&sim, info, &token).await.status(), 429);
    ok(
        "settings",
        json!({"rate_limit": {"per_second": 0, "per_hour": 0}}),
    )
    .await;
    assert_eq!(raw::call(&sim, info, &token).await.status(), 200);

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let only = json!({"url": url, "retry_seconds": 3600, "events": ["x"]});
    control(&sim, "POST", "recipients", &only).await;
    let event = json!({"url": url, "event": "x", "fields": {"lsid": "a"}});
    assert_eq!(control(&sim, "POST", "events", &event).await.0, 200);
    let (_, outbox) = control(&sim, "GET", "outbox", &json!({})).await;
    assert_eq!(outbox[0]["pending"], json!(["event=x&version=1&lsid=a"]));
    let one = json!({ "url": url });
    assert_eq!(control(&sim, "POST", "recipients/retry", &one).await.0, 200);
    assert_eq!(
        control(&sim, "POST", "recipients/remove", &one).await.0,
        200
    );
    assert_eq!(
        control(&sim, "GET", "outbox", &json!({})).await.1,
        json!([])
    );

    ok(
        "teams",
        json!({"id": 9, "name": "Night", "issues": {"night_help": "Help"}}),
    )
    .await;
    ok("session_keys", json!({"queue_id": "issue:night_help"})).await;
    let (_, keys) = control(&sim, "GET", "session_keys", &json!({})).await;
    assert_eq!(keys[0]["queue_id"], "issue:night_help");
    let (_, appliance) = control(&sim, "GET", "appliance", &json!({})).await;
    assert_eq!(appliance["client_id"], sim.client_id());
}

#[tokio::test]
async fn reports_and_the_site_can_be_filled_in_json() {
    let sim = BomgarSim::start().await;
    let (status, body) = control(&sim, "POST", "demo", &json!({})).await;
    assert_eq!(status, 200);
    let recording = format!("sessions/{}/recording", body["lsid"].as_str().unwrap());
    let at = 1_700_000_000;
    let orders = [
        (
            recording.as_str(),
            json!({"kind": "command_shell", "instance": 1, "size": 77}),
        ),
        (
            "presentations",
            json!({"start_time": at, "end_time": at + 9, "attendees": ["Ada"]}),
        ),
        (
            "team_activity",
            json!({"team_id": 1, "team": "Service Desk", "event_type": "Chat Message",
                   "timestamp": at, "performed_by": {"type": "representative", "name": "G"},
                   "body": "Hello team", "data": {"a": "b"}}),
        ),
        (
            "license_intervals",
            json!({"start_time": at, "end_time": at + 60, "in_use": 19, "total": 20}),
        ),
        (
            "vault_activity",
            json!({"event_type": "Credentials Used", "account": 12, "timestamp": at,
                   "performed_by": {"id": 7, "type": "User", "name": "G"}, "data": "x"}),
        ),
        (
            "archives",
            json!({"kind": "state", "time": at, "tables": {"t": {"1": {"a": 2}}, "n": null}}),
        ),
        (
            "archives",
            json!({"kind": "event", "time": at, "changes": [{"a": 1}]}),
        ),
        (
            "syslog",
            json!({"records": [{"event": "login", "when": at, "fields": {"who": "g"}}]}),
        ),
        (
            "jump_items",
            json!({"name": "web-1", "hostname": "192.0.2.7", "license_used": true}),
        ),
        (
            "generated_sessions",
            json!({"sessions": 3, "events_each": 1, "first_start": at + 500}),
        ),
        ("backup", json!({"size": 99})),
        (
            "accounts",
            json!({"client_id": "r", "client_secret": "s", "permissions": {"perm_command": "deny"}}),
        ),
        (
            "users",
            json!({"username": "u", "password": "p", "administrator": false}),
        ),
        (
            "required_access",
            json!({"action": "send_chat_message", "access": "full"}),
        ),
        (
            "appliances",
            json!({"name": "lyon", "public_hostname": "lyon.example", "cluster_role": "traffic"}),
        ),
        ("rep_statuses", json!({"code_names": ["free", "busy"]})),
        (
            "clients",
            json!({"kind": "push_agent", "hostname": "dmz-1"}),
        ),
        ("pinned_clients", json!({"count": 7})),
        ("jump_groups", json!({"code_names": ["servers"]})),
        ("jumpoints", json!({"code_names": ["dmz"]})),
        (
            "settings",
            json!({"empty_report": "french", "cdata": true, "error_form": "inner",
                            "archive_errors": "gzip"}),
        ),
    ];
    for (path, order) in &orders {
        let (status, answer) = control(&sim, "POST", path, order).await;
        assert_eq!(status, 200, "{path}: {answer}");
        let mut misspelt = order.clone();
        misspelt["no_such_field"] = json!(1);
        let (status, answer) = control(&sim, "POST", path, &misspelt).await;
        let text = answer["error"].as_str().unwrap();
        assert_eq!(status, 400, "{path}");
        assert!(text.contains("unknown field"), "{path}: {text}");
    }
    for (path, order) in [
        (recording.as_str(), json!({"kind": "hologram", "size": 1})),
        (
            "archives",
            json!({"kind": "state", "time": at, "changes": []}),
        ),
        ("required_access", json!({"action": "x", "access": "all"})),
        (
            "appliances",
            json!({"name": "a", "public_hostname": "b", "cluster_role": "boss"}),
        ),
        ("clients", json!({"kind": "toaster", "hostname": "a"})),
        (
            "settings",
            json!({"empty_report": "french", "empty_report_text": "x"}),
        ),
    ] {
        assert_eq!(control(&sim, "POST", path, &order).await.0, 400, "{path}");
    }
    let token = token(&sim).await;
    let ask = |query: &'static str| {
        let (sim, token) = (&sim, &token);
        async move {
            let path = format!("/api/reporting?generate_report={query}");
            let reply = raw::call(sim, &path, token).await;
            String::from_utf8_lossy(&reply.dechunked().0).into_owned()
        }
    };
    let team = ask("SupportTeam&start_time=1699999000&duration=0").await;
    assert!(
        team.contains("<![CDATA[") || team.contains("Hello team"),
        "{team}"
    );
    let presentations = ask("PresentationSessionListing&start_time=1699999000&duration=0").await;
    assert!(presentations.contains("lsid="), "{presentations}");
    let licenses = ask("LicenseUsage&start_time=1699999000&duration=0&group_by=hour").await;
    assert!(licenses.contains("license_time_interval"), "{licenses}");
    let vault = ask("VaultAccountActivity&start_time=1699999000&duration=0").await;
    assert!(vault.contains("Credentials Used"), "{vault}");
    let archives = ask("ArchiveListing&date=2023-11-14").await;
    assert!(archives.contains("<state_archive") && archives.contains("<event_archive"));
    let listing = ask("SupportSessionListing&start_time=1700000500&duration=60").await;
    assert!(listing.contains("session_summary "), "{listing}");
    let none = ask("SupportSession&start_time=1&duration=1").await;
    assert!(none.contains("Aucune information"), "{none}");
    assert_eq!(
        raw::call(&sim, "/api/backup", &token)
            .await
            .dechunked()
            .0
            .len(),
        99
    );
    let (_, backups) = control(&sim, "GET", "backups", &json!({})).await;
    assert_eq!(backups, json!([null]));
    let (_, reps) = control(&sim, "GET", "reps", &json!({})).await;
    assert!(reps[0]["rep_id"].is_number(), "{reps}");
    let (_, role) = control(&sim, "GET", "failover", &json!({})).await;
    assert_eq!(role, Value::Null);
    control(&sim, "POST", "failover", &json!({"role": "backup"})).await;
    let (_, role) = control(&sim, "GET", "failover", &json!({})).await;
    assert_eq!(role, "backup");
}

#[tokio::test]
async fn a_scenario_can_be_sent_and_watched() {
    let sim = BomgarSim::start().await;
    let at_once = json!({ "toml": STORY });
    let (status, body) = control(&sim, "POST", "scenario", &at_once).await;
    assert_eq!(status, 200);
    let lsid = body["sessions"]["mail"].as_str().unwrap();
    assert_eq!(sim.external_key(lsid).unwrap(), "48213");

    let background = json!({ "toml": STORY, "speed": 5_000 });
    let (_, body) = control(&sim, "POST", "scenario", &background).await;
    assert_eq!(body, json!({"state": "playing"}));
    let start = Instant::now();
    loop {
        let (_, body) = control(&sim, "GET", "scenario", &json!({})).await;
        if body["state"] == "played" {
            assert!(body["detail"]["sessions"]["other"].is_string());
            break;
        }
        assert_eq!(body["state"], "playing");
        assert!(start.elapsed() < SOON);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
