//! The Command API: every action, who may call it, and what its answer looks like.

use bomgar_sim::{
    Access, ApiAccount, ApplianceSpec, BomgarSim, ClusterRole, ConnectedClient, Customer,
    ErrorForm, Failover, FailoverRole, LegacyUser, Namespace, Representative, SessionSpec, Team,
};
use reqwest::StatusCode;

use crate::tree::Node;
use crate::{command, get, http, report, token};

const NO_SESSION: &str = "00000000000000000000000000000000";

/// Action, needs full access, needs an administrator among the users of older versions.
const ACTIONS: [(&str, bool, bool); 20] = [
    ("get_logged_in_reps", false, false),
    ("get_support_teams", false, false),
    ("generate_session_key", true, false),
    ("join_session", true, true),
    ("transfer_session", true, true),
    ("send_chat_message", false, false),
    ("create_virtual_customer", false, false),
    ("leave_session", true, false),
    ("set_session_attributes", true, true),
    ("get_session_attributes", false, true),
    ("terminate_session", true, true),
    ("get_appliances", false, false),
    ("get_connected_client_list", false, false),
    ("get_connected_clients", false, false),
    ("check_health", false, true),
    ("set_failover_role", true, true),
    ("import_jump_shortcut", true, false),
    ("get_api_info", false, false),
    ("set_rep_status", false, false),
    ("logout_rep", true, false),
];

async fn ask(sim: &BomgarSim, action: &str, parameters: &[(&str, &str)]) -> Node {
    let mut query = vec![("action", action)];
    query.extend_from_slice(parameters);
    Node::parse(&command(sim, &query).await)
}

/// The error text, wherever the answer has it.
fn error(answer: &Node) -> Option<&str> {
    if answer.name == "error" {
        return Some(&answer.text);
    }
    answer.find("error").map(|error| error.text.as_str())
}

#[track_caller]
fn refused(answer: &Node) -> &str {
    error(answer).unwrap_or_else(|| panic!("no error: {answer:#?}"))
}

#[track_caller]
fn succeeded(answer: &Node) -> &str {
    assert_eq!(answer.name, "success", "{answer:#?}");
    &answer.text
}

async fn token_of(sim: &BomgarSim, id: &str, secret: &str) -> Option<String> {
    let answer = http()
        .post(format!("{}/oauth2/token", sim.base_url()))
        .basic_auth(id, Some(secret))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    let value: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    Some(value.get("access_token")?.as_str()?.to_owned())
}

async fn status(sim: &BomgarSim, token: &str, action: &str) -> StatusCode {
    let query = [("action", action)];
    get(sim, token, "/api/command", &query).await.status()
}

async fn as_user(sim: &BomgarSim, username: &str, action: &str) -> String {
    let form = [
        ("action", action),
        ("username", username),
        ("password", "pw"),
    ];
    let request = http()
        .post(format!("{}/api/command", sim.base_url()))
        .form(&form);
    request.send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn each_action_needs_the_access_that_its_page_asks() {
    let sim = BomgarSim::start().await;
    sim.set_permission("perm_command", "deny");
    let denial = refused(&ask(&sim, "check_health", &[]).await).to_owned();
    for (action, _, _) in ACTIONS {
        let answer = ask(&sim, action, &[]).await;
        let allowed = action == "get_api_info";
        assert_eq!(error(&answer) != Some(&denial), allowed, "deny: {action}");
    }
    sim.set_permission("perm_command", "read_only");
    for (action, full, _) in ACTIONS {
        let answer = ask(&sim, action, &[]).await;
        assert_eq!(error(&answer) == Some(&denial), full, "read only: {action}");
    }
    for action in [
        "send_chat_message",
        "create_virtual_customer",
        "set_rep_status",
    ] {
        sim.set_required_access(action, Access::Full);
        assert_eq!(refused(&ask(&sim, action, &[]).await), denial, "{action}");
    }
    sim.set_permission("perm_command", "full_access");
    for (action, _, _) in ACTIONS {
        let answer = ask(&sim, action, &[]).await;
        assert_ne!(error(&answer), Some(denial.as_str()), "full: {action}");
    }
}

#[tokio::test]
async fn accounts_have_secrets_permissions_and_tokens_of_their_own() {
    let sim = BomgarSim::builder()
        .account(ApiAccount::new("reader", "r1").permission("perm_command", "read_only"))
        .start()
        .await;
    let first = token(&sim).await;
    let reader = token_of(&sim, "reader", "r1").await.unwrap();
    assert!(token_of(&sim, "reader", "sim-secret").await.is_none());

    let info = [("action", "get_api_info")];
    for (token, access) in [(&first, "full_access"), (&reader, "read_only")] {
        let xml = get(&sim, token, "/api/command", &info).await.text().await;
        let answer = Node::parse(&xml.unwrap());
        let command = answer.at("permissions").all("permission");
        let command = command
            .filter(|p| p.attribute("name") == Some("perm_command"))
            .map(|p| p.text.as_str());
        assert_eq!(command.collect::<Vec<_>>(), [access]);
    }

    // Thirty more tokens of the one do not touch the other's.
    for _ in 0..30 {
        token(&sim).await;
    }
    assert_eq!(sim.token_count(), 30);
    assert_eq!(sim.token_count_of("reader").unwrap(), 1);
    assert_eq!(status(&sim, &first, "get_api_info").await, 401);
    assert_eq!(status(&sim, &reader, "get_api_info").await, 200);

    let alive = token(&sim).await;
    let secret = sim.regenerate_secret_of("reader").unwrap();
    assert_eq!(status(&sim, &reader, "get_api_info").await, 401);
    assert_eq!(status(&sim, &alive, "get_api_info").await, 200);
    assert!(token_of(&sim, "reader", "r1").await.is_none());
    let renewed = token_of(&sim, "reader", &secret).await.unwrap();
    assert_eq!(status(&sim, &renewed, "get_api_info").await, 200);
    assert!(sim.regenerate_secret_of("nobody").is_err());
}

#[tokio::test]
async fn users_need_the_api_and_for_some_actions_more() {
    let sim = BomgarSim::builder()
        .user(LegacyUser::new("boss", "pw"))
        .user(LegacyUser::new("tech", "pw").not_administrator())
        .user(LegacyUser::new("clerk", "pw").without_support())
        .user(LegacyUser::new("guest", "pw").without_command_api())
        .start()
        .await;
    let denial = as_user(&sim, "guest", "check_health").await;
    assert!(denial.contains("<error"), "{denial}");
    for (action, _, administrator) in ACTIONS {
        let denied = |answer: String| answer == denial;
        assert!(!denied(as_user(&sim, "boss", action).await), "{action}");
        let tech = denied(as_user(&sim, "tech", action).await);
        assert_eq!(tech, administrator, "{action}");
        let clerk = denied(as_user(&sim, "clerk", action).await);
        assert_eq!(clerk, action == "generate_session_key", "{action}");
        let guest = denied(as_user(&sim, "guest", action).await);
        assert_eq!(guest, action != "get_api_info", "{action}");
    }
    let failed = Node::parse(&as_user(&sim, "nobody", "get_api_info").await);
    assert_eq!(
        (failed.name.as_str(), failed.text.as_str()),
        ("error", "Login failed")
    );
    assert_eq!(failed.namespace, None);
}

#[tokio::test]
async fn both_spellings_and_both_methods_answer_alike() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    for path in ["/api/command", "/api/command.ns"] {
        let url = format!("{}{path}", sim.base_url());
        let query = [("action", "get_support_teams")];
        for request in [
            http().get(&url).query(&query),
            http().post(&url).form(&query),
            http().post(&url).query(&query),
        ] {
            let reply = request.bearer_auth(&token).send().await.unwrap();
            assert_eq!(reply.headers()["content-type"], "text/xml; charset=UTF-8");
            let answer = Node::parse(&reply.text().await.unwrap());
            assert_eq!(answer.name, "support_teams", "{path}");
        }
    }
}

#[tokio::test]
async fn older_versions_lack_the_newer_actions() {
    for (version, missing) in [
        ("1.22.2", vec![]),
        ("1.21.0", vec!["set_rep_status", "logout_rep"]),
        (
            "1.19.0",
            vec![
                "send_chat_message",
                "create_virtual_customer",
                "leave_session",
                "set_rep_status",
                "logout_rep",
            ],
        ),
    ] {
        let sim = BomgarSim::builder().api_version(version).start().await;
        let unknown = |action: &str| format!("Invalid action: {action}");
        for (action, _, _) in ACTIONS {
            let answer = ask(&sim, action, &[]).await;
            let is_missing = error(&answer) == Some(&unknown(action));
            assert_eq!(is_missing, missing.contains(&action), "{version} {action}");
        }
        let answer = ask(&sim, "get_api_info", &[]).await;
        assert_eq!(answer.text_at("api_version"), version);
    }
}

#[tokio::test]
async fn errors_are_written_in_three_ways() {
    let sim = BomgarSim::builder()
        .namespace(Namespace::None)
        .start()
        .await;
    let bad_list = [("action", "get_connected_clients"), ("type", "teapot")];
    let bad_end = [("action", "terminate_session"), ("lsid", NO_SESSION)];
    assert!(
        command(&sim, &bad_end)
            .await
            .contains("<error>Invalid lsid.</error>")
    );

    sim.set_error_form(ErrorForm::SpacedRoot);
    for query in [bad_list, bad_end] {
        let xml = command(&sim, &query).await;
        assert!(xml.contains("<error >"), "{xml}");
        assert_eq!(Node::parse(&xml).name, "error");
    }

    sim.set_error_form(ErrorForm::Inner);
    let answer = Node::parse(&command(&sim, &bad_list).await);
    assert_eq!(answer.name, "connected_clients");
    assert_eq!(answer.names(), ["error"]);
    let answer = Node::parse(&command(&sim, &bad_end).await);
    assert_eq!(answer.name, "error", "there is no other root");
    sim.set_permission("perm_command", "deny");
    let answer = ask(&sim, "get_logged_in_reps", &[]).await;
    assert_eq!(answer.name, "logged_in_reps");
    assert!(answer.find("error").is_some());
}

#[tokio::test]
async fn a_switched_off_api_answers_nothing_but_tokens() {
    let sim = BomgarSim::start().await;
    sim.set_api_enabled(false);
    let token = token(&sim).await;
    refused(&ask(&sim, "get_api_info", &[]).await);
    let query = [("generate_report", "SupportSession")];
    let reply = get(&sim, &token, "/api/reporting", &query).await;
    assert_eq!(reply.status(), 200);
    refused(&Node::parse(&reply.text().await.unwrap()));
    let script = [
        ("type", "rep"),
        ("operation", "generate"),
        ("action", "generate_session_key"),
    ];
    let reply = get(&sim, &token, "/api/client_script", &script).await;
    assert_eq!(reply.status(), 403);
    sim.set_api_enabled(true);
    assert_eq!(ask(&sim, "get_api_info", &[]).await.name, "api_information");
}

#[tokio::test]
async fn representatives_show_while_they_are_logged_in() {
    let sim = BomgarSim::start().await;
    let before = jiff::Timestamp::now().as_second();
    sim.log_in(
        Representative::new(12, "glang")
            .display_names("Grace Lang", "Grace & Co")
            .unlisted(),
    );
    let lsid = sim.start_session(
        SessionSpec::new()
            .representative(Representative::new(12, "glang"))
            .another_representative(Representative::new(90, "guest@example.org").invited()),
    );
    let answer = ask(&sim, "get_logged_in_reps", &[]).await;
    assert_eq!(answer.name, "logged_in_reps");
    let reps: Vec<_> = answer.all("rep").collect();
    let ids: Vec<_> = reps.iter().filter_map(|rep| rep.attribute("id")).collect();
    assert_eq!(ids, ["7", "12", "90"]);
    let grace = reps[1];
    assert_eq!(grace.text_at("display_name"), "Grace & Co");
    assert_eq!(grace.text_at("public_display_name"), "Grace & Co");
    assert_eq!(grace.text_at("private_display_name"), "Grace Lang");
    assert_eq!(grace.text_at("type"), "Normal");
    assert_eq!(grace.text_at("support_session_count"), "1");
    assert_eq!(grace.text_at("presentation_count"), "0");
    assert_eq!(grace.text_at("showing_on_rep_list"), "0");
    assert!(grace.text_at("direct_link").starts_with("<a href=\"http"));
    let since = grace.at("logged_in_since");
    let seconds: i64 = since.attribute("ts").unwrap().parse().unwrap();
    assert!((before..before + 60).contains(&seconds));
    let written: jiff::Timestamp = since.text.parse().unwrap();
    assert_eq!(written.as_second(), seconds);
    assert_eq!(reps[0].text_at("showing_on_rep_list"), "1");
    assert_eq!(reps[2].text_at("type"), "Invited");

    let answer = ask(&sim, "logout_rep", &[("rep_id", "12")]).await;
    succeeded(&answer);
    assert_eq!(sim.logged_in(), [7, 90]);
    let session = sim.session(&lsid).unwrap();
    assert_eq!(session.representatives, ["guest@example.org"]);
    refused(&ask(&sim, "logout_rep", &[("rep_id", "12")]).await);

    // Who was invited to a session is gone with it.
    sim.end_session(&lsid, None).unwrap();
    assert_eq!(sim.logged_in(), [7]);
    sim.log_out_all();
    let answer = ask(&sim, "get_logged_in_reps", &[]).await;
    assert_eq!(answer.name, "logged_in_reps");
    assert!(answer.children.is_empty());
}

#[tokio::test]
async fn a_status_is_one_of_those_the_site_has() {
    let sim = BomgarSim::start().await;
    let set = |code: &'static str| {
        let sim = &sim;
        async move {
            let parameters = [("rep_id", "7"), ("code_name", code)];
            ask(sim, "set_rep_status", &parameters).await
        }
    };
    assert_eq!(sim.rep_status(7).unwrap(), "available");
    succeeded(&set("busy").await);
    assert_eq!(sim.rep_status(7).unwrap(), "busy");
    refused(&set("lunch").await);
    sim.set_rep_statuses(["available", "lunch"]);
    succeeded(&set("lunch").await);
    assert_eq!(sim.rep_status(7).unwrap(), "lunch");
    for parameters in [
        &[("rep_id", "8"), ("code_name", "lunch")][..],
        &[("code_name", "lunch")],
        &[("rep_id", "7")],
    ] {
        refused(&ask(&sim, "set_rep_status", parameters).await);
    }
}

#[tokio::test]
async fn teams_show_their_members_only_when_asked() {
    let sim = BomgarSim::start().await;
    sim.add_team(
        Team::new(4, "Networks")
            .issue("vpn", "VPN & Wi-Fi")
            .issue("lan", "LAN")
            .member(7)
            .member(12),
    );
    sim.log_in(Representative::new(12, "glang").display_names("Grace Lang", "Grace"));
    sim.log_out(12).unwrap();
    for (parameters, shown) in [
        (&[][..], false),
        (&[("showmembers", "0")], false),
        (&[("showmembers", "1")], true),
        (&[("showmembers", "")], true),
    ] {
        let answer = ask(&sim, "get_support_teams", parameters).await;
        let teams: Vec<_> = answer.all("support_team").collect();
        assert_eq!(teams.len(), 2);
        let team = teams[1];
        assert_eq!(team.attribute("id"), Some("4"));
        assert_eq!(team.text_at("name"), "Networks");
        let issues: Vec<_> = team.at("issues").all("issue").collect();
        assert_eq!(issues[0].text, "VPN & Wi-Fi");
        assert_ne!(issues[0].attribute("id"), issues[1].attribute("id"));
        let members = team.find("members").map(|members| {
            let ids = members.all("representative").map(|rep| rep.attribute("id"));
            ids.map(Option::unwrap).collect::<Vec<_>>()
        });
        assert_eq!(members, shown.then(|| vec!["7", "12"]), "{parameters:?}");
    }
}

#[tokio::test]
async fn a_session_key_takes_everything_its_page_lists() {
    let sim = BomgarSim::start().await;
    let answer = ask(
        &sim,
        "generate_session_key",
        &[
            ("type", "support"),
            ("queue_id", "issue:general_help"),
            ("ttl", "3600"),
            ("session.custom.external_key", "48213"),
            ("session.custom.asset", "A-77"),
            ("session.priority", "1"),
            ("session.skills", "french,macos"),
            ("customer.name", "Ada Byron"),
            ("customer.company", "Acme, Inc."),
            ("customer.company_code", "AC"),
            ("customer.details", "It smokes."),
            ("url_hostname", "localhost"),
        ],
    )
    .await;
    assert_eq!(
        answer.names(),
        [
            "type",
            "expires",
            "queue",
            "queue_id",
            "external_key",
            "short_key",
            "key_url",
            "mail_subject",
            "mail_body"
        ]
    );
    assert_eq!(answer.text_at("queue"), "issue");
    assert_eq!(answer.at("queue").attribute("available"), Some("1"));
    assert_eq!(answer.text_at("queue_id"), "general_help");
    let expires: i64 = answer.text_at("expires").parse().unwrap();
    assert!((expires - jiff::Timestamp::now().as_second() - 3_600).abs() < 60);
    let url = answer.text_at("key_url");
    assert!(url.starts_with("http://localhost:"), "{url}");
    let (_, code) = url.split_once("/?ak=").unwrap();
    assert_eq!(code.len(), 32);
    let body = answer.text_at("mail_body");
    assert!(body.starts_with('\n') && body.ends_with("\n\t"), "{body:?}");
    let key = &sim.session_keys()[0];
    assert_eq!((key.priority, key.skills.len()), (Some(1), 2));

    // Used, the key makes such a session.
    let query = [("short_key", answer.text_at("short_key"))];
    let start = format!("{}/api/start_session.ns", sim.base_url());
    let page = http().get(start).query(&query).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let lsid = sim.lsids().pop().unwrap();
    let session = sim.session(&lsid).unwrap();
    assert_eq!(session.priority, Some(1));
    assert_eq!(session.team, Some((1, "Service Desk".to_owned())));
    assert_eq!(session.owner, None);
    let xml = Node::parse(&report(&sim, &[("lsid", &lsid)]).await);
    let session = xml.at("session");
    assert_eq!(session.text_at("external_key"), "48213");
    assert_eq!(
        session.text_at("custom_attributes/custom_attribute"),
        "A-77"
    );
    let customer = session.at("customer_list/customer/info");
    assert_eq!(customer.text_at("name"), "Ada Byron");
    assert_eq!(customer.text_at("company"), "Acme, Inc.");
    assert_eq!(customer.text_at("company_code"), "AC");
    assert_eq!(customer.text_at("details"), "It smokes.");
}

#[tokio::test]
async fn the_older_spelling_of_the_external_key_is_taken() {
    let sim = BomgarSim::start().await;
    let parameters = [
        ("type", "support"),
        ("queue_id", "general"),
        ("external_key", "INC0001"),
    ];
    let answer = ask(&sim, "generate_session_key", &parameters).await;
    assert_eq!(answer.text_at("external_key"), "INC0001");
    assert_eq!(sim.session_keys()[0].external_key, "INC0001");
}

#[tokio::test]
async fn a_queue_says_whether_someone_is_there() {
    let sim = BomgarSim::start().await;
    sim.add_team(Team::new(2, "Night Shift").member(12));
    sim.log_in(Representative::new(12, "glang"));
    sim.log_out(12).unwrap();
    let available = |queue: &'static str| {
        let sim = &sim;
        async move {
            let parameters = [("type", "support"), ("queue_id", queue)];
            let answer = ask(sim, "generate_session_key", &parameters).await;
            let queue = answer.at("queue").clone();
            queue.attribute("available").unwrap().to_owned()
        }
    };
    for queue in ["general", "rep:7", "rep_username:technician", "team:1"] {
        assert_eq!(available(queue).await, "1", "{queue}");
    }
    for queue in ["rep:12", "rep_username:glang", "team:2"] {
        assert_eq!(available(queue).await, "0", "{queue}");
    }
    sim.log_out_all();
    assert_eq!(available("general").await, "0");
}

#[tokio::test]
async fn older_sites_have_embassies() {
    let sim = BomgarSim::start().await;
    sim.add_team(Team::new(1, "Partners").embassy().member(30));
    sim.log_in(Representative::new(30, "partner").embassy());
    let answer = ask(&sim, "get_support_teams", &[]).await;
    let names: Vec<_> = answer.all("support_team").collect();
    assert_eq!((names.len(), names[0].text_at("name")), (1, "Service Desk"));
    let answer = ask(&sim, "get_logged_in_reps", &[]).await;
    assert_eq!(answer.children[1].text_at("type"), "Embassy");
    let key = async |queue| {
        let parameters = [("type", "support"), ("queue_id", queue)];
        ask(&sim, "generate_session_key", &parameters).await
    };
    let answer = key("embassy:1").await;
    assert_eq!(answer.text_at("queue"), "embassy");
    assert_eq!(answer.text_at("queue_id"), "1");
    assert_eq!(answer.at("queue").attribute("available"), Some("1"));
    refused(&key("embassy:2").await);
}

#[tokio::test]
async fn a_session_belongs_to_the_site_where_its_key_was_used() {
    let sim = BomgarSim::start().await;
    sim.add_public_site(2, "Italy", "aiuto.example.org");
    sim.add_public_site(3, "Spain", "ayuda.example.org");
    let parameters = [
        ("type", "support"),
        ("queue_id", "general"),
        ("url_hostname", "aiuto.example.org"),
    ];
    let answer = ask(&sim, "generate_session_key", &parameters).await;
    assert!(
        answer
            .text_at("key_url")
            .starts_with("http://aiuto.example.org")
    );
    for (host, site) in [
        ("ayuda.example.org", "3"),
        ("aiuto.example.org:8443", "2"),
        ("127.0.0.1", "1"),
    ] {
        http()
            .get(format!("{}/api/start_session", sim.base_url()))
            .query(&[("short_key", answer.text_at("short_key"))])
            .header("host", host)
            .send()
            .await
            .unwrap();
        let lsid = sim.lsids().pop().unwrap();
        let xml = Node::parse(&report(&sim, &[("lsid", &lsid)]).await);
        let shown = xml.at("session/public_site").attribute("id");
        assert_eq!(shown, Some(site), "{host}");
    }
}

#[tokio::test]
async fn some_versions_write_the_token_type_small_and_have_no_company() {
    let sim = BomgarSim::builder()
        .token_type("bearer")
        .token_lifetime(std::time::Duration::from_secs(1_799))
        .company("")
        .start()
        .await;
    let reply = http()
        .post(format!("{}/oauth2/token", sim.base_url()))
        .basic_auth(sim.client_id(), Some(sim.client_secret()))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap();
    let text = reply.text().await.unwrap();
    let end = "\",\"token_type\":\"bearer\",\"expires_in\":1799}";
    assert!(text.ends_with(end), "{text}");
    let answer = ask(&sim, "get_api_info", &[]).await;
    assert_eq!(answer.names(), ["api_version", "timestamp", "permissions"]);
}

#[tokio::test]
async fn a_session_key_keeps_to_its_limits() {
    let sim = BomgarSim::start().await;
    let (fits, long) = ("x".repeat(1_024), "x".repeat(1_025));
    let (name, long_name) = ("n".repeat(100), "n".repeat(101));
    let month = (30 * 86_400).to_string();
    let longer = (30 * 86_400 + 1).to_string();
    for (parameter, good, bad) in [
        ("ttl", month.as_str(), longer.as_str()),
        ("ttl", "1", "0"),
        ("session.custom.asset", &fits, &long),
        ("session.custom.external_key", &fits, &long),
        ("session.priority", "3", "4"),
        ("customer.name", &name, &long_name),
        ("customer.company", &name, &long_name),
        ("customer.company_code", &name, &long_name),
        ("customer.details", &fits, &long),
        ("queue_id", "rep:7", "rep:8"),
        ("queue_id", "general", "embassy:1"),
        ("queue_id", "team:1", "somewhere"),
        ("type", "support", "presentation"),
    ] {
        for (value, taken) in [(good, true), (bad, false)] {
            let parameters = [
                ("type", "support"),
                ("queue_id", "general"),
                (parameter, value),
            ];
            let answer = ask(&sim, "generate_session_key", &parameters).await;
            assert_eq!(answer.name == "session_key", taken, "{parameter}={value}");
        }
    }
    // Ten full attributes are 10 KB; anything more is too much.
    let names: Vec<String> = (0..10).map(|n| format!("session.custom.a{n}")).collect();
    let mut parameters = vec![("type", "support"), ("queue_id", "general")];
    parameters.extend(names.iter().map(|name| (name.as_str(), fits.as_str())));
    let answer = ask(&sim, "generate_session_key", &parameters).await;
    assert_eq!(answer.name, "session_key");
    parameters.push(("session.custom.external_key", "1"));
    refused(&ask(&sim, "generate_session_key", &parameters).await);
    // Of two users of one name neither is meant.
    sim.log_in(Representative::new(20, "twin"));
    sim.log_in(Representative::new(21, "twin"));
    let parameters = [("type", "support"), ("queue_id", "rep_username:twin")];
    refused(&ask(&sim, "generate_session_key", &parameters).await);
}

#[tokio::test]
async fn attributes_keep_their_limits_and_show_in_the_report() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new().external_key("1").custom_attribute(
        "asset",
        "Asset tag",
        "A-1",
    ));
    let id = ("lsid", lsid.as_str());
    let text = "y".repeat(1_024);
    let names: Vec<String> = (0..9).map(|n| format!("session.custom.a{n}")).collect();
    let mut parameters = vec![id];
    parameters.extend(names.iter().map(|name| (name.as_str(), text.as_str())));
    let answer = ask(&sim, "set_session_attributes", &parameters).await;
    assert_eq!(succeeded(&answer), "Session attributes were set");
    // The kept attributes count as well, so a tenth full one does not fit any more.
    let parameters = [id, ("session.custom.a9", text.as_str())];
    refused(&ask(&sim, "set_session_attributes", &parameters).await);
    let parameters = [id, ("session.custom.asset", ""), (names[0].as_str(), "")];
    succeeded(&ask(&sim, "set_session_attributes", &parameters).await);
    let parameters = [id, ("session.custom.a9", text.as_str())];
    succeeded(&ask(&sim, "set_session_attributes", &parameters).await);

    let answer = ask(&sim, "get_session_attributes", &[id]).await;
    assert_eq!(answer.name, "custom_attributes");
    let codes: Vec<_> = answer
        .all("custom_attribute")
        .map(|a| a.attribute("code_name").unwrap())
        .collect();
    let expected = [
        "external_key",
        "a1",
        "a2",
        "a3",
        "a4",
        "a5",
        "a6",
        "a7",
        "a8",
        "a9",
    ];
    assert_eq!(codes, expected);
    let xml = Node::parse(&report(&sim, &[id]).await);
    let shown = xml.at("session/custom_attributes").all("custom_attribute");
    assert_eq!(shown.count(), 9);

    sim.end_session(&lsid, None).unwrap();
    for action in ["set_session_attributes", "get_session_attributes"] {
        refused(&ask(&sim, action, &[id]).await);
        refused(&ask(&sim, action, &[]).await);
    }
}

#[tokio::test]
async fn representatives_join_leave_and_hand_over() {
    let sim = BomgarSim::start().await;
    sim.log_in(Representative::new(12, "glang"));
    sim.log_in(Representative::new(13, "mdupont"));
    let lsid = sim.start_session(SessionSpec::new());
    let id = ("lsid", lsid.as_str());
    let owner = || sim.session(&lsid).unwrap().owner;
    let members = || sim.session(&lsid).unwrap().representatives;

    let answer = ask(&sim, "join_session", &[id, ("rep_id", "12")]).await;
    assert_eq!(succeeded(&answer), "Representative successfully added");
    let answer = ask(&sim, "join_session", &[id, ("rep_username", "mdupont")]).await;
    assert_eq!(succeeded(&answer), "Representative successfully added");
    assert_eq!(members(), ["technician", "glang", "mdupont"]);
    for wrong in [
        &[id, ("rep_id", "12")][..],
        &[id, ("rep_id", "99")],
        &[id, ("user_id", "12")],
        &[id, ("rep_id", "12"), ("rep_username", "glang")],
        &[id],
        &[("rep_id", "12")],
        &[("lsid", NO_SESSION), ("rep_id", "12")],
    ] {
        refused(&ask(&sim, "join_session", wrong).await);
    }

    let answer = ask(&sim, "transfer_session", &[id, ("queue_id", "rep:12")]).await;
    assert_eq!(succeeded(&answer), "Successfully transferred");
    assert_eq!(owner().as_deref(), Some("glang"));
    let to = [id, ("queue_id", "rep_username:technician")];
    succeeded(&ask(&sim, "transfer_session", &to).await);
    assert_eq!(owner().as_deref(), Some("technician"));
    succeeded(&ask(&sim, "transfer_session", &[id, ("queue_id", "team:1")]).await);
    assert_eq!(owner(), None);
    let team = sim.session(&lsid).unwrap().team;
    assert_eq!(team, Some((1, "Service Desk".to_owned())));
    for queue in ["general", "team:9", "rep:99", "issue:general_help", ""] {
        let answer = ask(&sim, "transfer_session", &[id, ("queue_id", queue)]).await;
        refused(&answer);
    }

    for parameter in [
        ("rep_id", "12"),
        ("user_id", "13"),
        ("rep_username", "technician"),
    ] {
        succeeded(&ask(&sim, "leave_session", &[id, parameter]).await);
    }
    assert!(members().is_empty());
    refused(&ask(&sim, "leave_session", &[id, ("rep_id", "12")]).await);

    let xml = Node::parse(&report(&sim, &[id]).await);
    let session = xml.at("session");
    let events: Vec<_> = session
        .at("session_details")
        .all("event")
        .filter(|event| {
            matches!(
                event.attribute("event_type"),
                Some("Session Transferred to Queue" | "Conference Owner Changed")
            )
        })
        .map(|event| event.text_at("destination"))
        .collect();
    assert_eq!(
        events,
        [
            "Pre-start Conference",
            "Terry Technician",
            "glang",
            "glang",
            "Terry Technician",
            "Terry Technician",
            "Service Desk",
            "Service Desk"
        ]
    );
    assert_eq!(session.text_at("primary_team"), "Service Desk");
    assert_eq!(session.text_at("primary_rep"), "Terry Technician");

    let answer = ask(&sim, "terminate_session", &[id]).await;
    assert_eq!(succeeded(&answer), "Successfully terminated");
    assert!(!sim.session(&lsid).unwrap().active);
    let answer = ask(&sim, "terminate_session", &[id]).await;
    assert_eq!(refused(&answer), "Invalid lsid.");
}

#[tokio::test]
async fn messages_reach_the_session_s_chat() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new().customer(Customer::new("Ada Byron")));
    let id = ("lsid", lsid.as_str());
    for parameters in [
        &[id, ("body", "[b]Ticket[/b] 48213")][..],
        &[id, ("body", "Help"), ("impersonate", "customer")],
        &[id, ("body", "Soon"), ("impersonate", "rep:7")],
        &[
            id,
            ("body", "Now"),
            ("impersonate", "rep_username:technician"),
        ],
    ] {
        succeeded(&ask(&sim, "send_chat_message", parameters).await);
    }
    for wrong in [
        &[id][..],
        &[("body", "x")],
        &[("lsid", NO_SESSION), ("body", "x")],
        &[id, ("body", "x"), ("team_id", "1")],
        &[id, ("body", "x"), ("impersonate", "rep:99")],
        &[id, ("body", "x"), ("impersonate", "nobody")],
        &[id, ("body", "x"), ("to_rep", "7")],
    ] {
        refused(&ask(&sim, "send_chat_message", wrong).await);
    }
    let xml = Node::parse(&report(&sim, &[id]).await);
    let chat: Vec<_> = xml
        .at("session/session_details")
        .all("event")
        .filter(|event| event.attribute("event_type") == Some("Chat Message"))
        .map(|event| {
            let by = event.at("performed_by").attribute("type").unwrap();
            (by, event.text_at("body"))
        })
        .collect();
    assert_eq!(
        chat,
        [
            ("system", "[b]Ticket[/b] 48213"),
            ("customer", "Help"),
            ("representative", "Soon"),
            ("representative", "Now"),
        ]
    );
}

#[tokio::test]
async fn messages_reach_a_team_s_chat() {
    let sim = BomgarSim::start().await;
    sim.log_in(Representative::new(12, "glang"));
    let team = ("team_id", "1");
    let from = ("impersonate", "rep:12");
    succeeded(&ask(&sim, "send_chat_message", &[team, ("body", "All")]).await);
    for to in [("to_rep", "7"), ("to_rep_username", "technician")] {
        let parameters = [team, from, to, ("body", "Only you")];
        succeeded(&ask(&sim, "send_chat_message", &parameters).await);
    }
    for wrong in [
        &[("team_id", "9"), ("body", "x")][..],
        &[team, ("body", "x"), ("to_rep", "7")],
        &[team, ("body", "x"), ("impersonate", "customer")],
        &[team, ("body", "x"), from, ("to_rep", "99")],
    ] {
        refused(&ask(&sim, "send_chat_message", wrong).await);
    }
    let messages = sim.team_messages();
    assert_eq!(messages.len(), 3);
    assert_eq!(
        (messages[0].from.clone(), messages[0].to.clone()),
        (None, None)
    );
    for message in &messages[1..] {
        assert_eq!(message.team_id, 1);
        assert_eq!(message.from.as_deref(), Some("glang"));
        assert_eq!(message.to.as_deref(), Some("technician"));
        assert_eq!(message.body, "Only you");
    }
}

#[tokio::test]
async fn a_virtual_customer_starts_the_key_s_session() {
    let sim = BomgarSim::start().await;
    let key = sim.session_key("general", "48213").unwrap();
    let mut parameters = vec![
        ("short_key", key.short_key.as_str()),
        ("name", "Chat Bot"),
        ("ip_address", "2001:db8::7"),
        ("operating_system", "Robot OS"),
        ("computer_name", "BOT-1"),
        ("locale", "pt-br"),
        ("chat_url", "1"),
    ];
    for missing in 0..5 {
        let mut some = parameters.clone();
        some.remove(missing);
        refused(&ask(&sim, "create_virtual_customer", &some).await);
    }
    for wrong in [
        ("locale", "tlh"),
        ("short_key", "0000000x"),
        ("ip_address", "here"),
        ("chat_url", "yes"),
    ] {
        parameters.push(wrong);
        refused(&ask(&sim, "create_virtual_customer", &parameters).await);
        parameters.pop();
    }
    assert!(sim.lsids().is_empty());
    let answer = ask(&sim, "create_virtual_customer", &parameters).await;
    let lsid = sim.lsids().pop().unwrap();
    for name in ["download_url", "chat_url"] {
        let page = http().get(answer.text_at(name)).send().await.unwrap();
        assert_eq!(page.status(), 200, "{name}");
    }
    let xml = Node::parse(&report(&sim, &[("lsid", &lsid)]).await);
    let session = xml.at("session");
    assert_eq!(session.text_at("external_key"), "48213");
    let customer = session.at("customer_list/customer");
    assert_eq!(customer.text_at("username"), "Chat Bot");
    assert_eq!(customer.text_at("os"), "Robot OS");
    assert_eq!(customer.text_at("hostname"), "BOT-1");
    let public = customer.text_at("public_ip");
    assert!(public.starts_with("[2001:db8::7]:"), "{public}");
    let parameters = [
        ("lsid", lsid.as_str()),
        ("body", "Beep"),
        ("impersonate", "customer"),
    ];
    succeeded(&ask(&sim, "send_chat_message", &parameters).await);
}

#[tokio::test]
async fn appliances_show_their_roles() {
    let sim = BomgarSim::builder()
        .appliance(ApplianceSpec::new("main", "support.example.org").timezone_offset(-18_000))
        .start()
        .await;
    let answer = ask(&sim, "get_appliances", &[]).await;
    let one = answer.at("appliance");
    assert_eq!(one.attribute("id"), Some(sim.appliance_id().as_str()));
    assert_eq!(
        one.names(),
        [
            "name",
            "public_hostname",
            "cluster_role",
            "failover_role",
            "accepting_connections",
            "timezone_offset"
        ]
    );
    let texts: Vec<_> = one
        .children
        .iter()
        .map(|child| child.text.as_str())
        .collect();
    assert_eq!(
        texts,
        [
            "main",
            "support.example.org",
            "single",
            "none",
            "1",
            "-18000"
        ]
    );

    sim.add_appliance(
        ApplianceSpec::new("lyon", "lyon.example.org")
            .cluster_role(ClusterRole::Traffic)
            .not_accepting(),
    );
    sim.set_failover(Failover::new(
        FailoverRole::Primary,
        ApplianceSpec::new("spare", "spare.example.org"),
    ));
    let answer = ask(&sim, "get_appliances", &[]).await;
    let all: Vec<_> = answer
        .all("appliance")
        .map(|a| {
            let text = |name| a.text_at(name).to_owned();
            [text("name"), text("cluster_role"), text("failover_role")].join(" ")
        })
        .collect();
    assert_eq!(
        all,
        [
            "main single primary",
            "spare single backup",
            "lyon traffic none"
        ]
    );
}

/// Kinds and counts of the summary.
fn counts(answer: &Node) -> Vec<(&str, &str)> {
    answer
        .at("connected_client_summary/appliance_summary")
        .all("count")
        .map(|count| (count.attribute("type").unwrap(), count.text.as_str()))
        .collect()
}

#[tokio::test]
async fn the_client_list_counts_and_names_who_is_connected() {
    let sim = BomgarSim::start().await;
    sim.add_client(ConnectedClient::push_agent("JP-1"));
    sim.add_client(ConnectedClient::presentation_attendee("PC-9"));
    sim.set_pinned_clients(41);
    let running = SessionSpec::new().another_customer(Customer::new("Bob"));
    sim.start_session(running);
    let ended = sim.start_session(SessionSpec::new());
    sim.end_session(&ended, None).unwrap();

    let all = [
        ("representative", "1"),
        ("support_customer", "2"),
        ("presentation_attendee", "1"),
        ("push_agent", "1"),
        ("pinned_client", "41"),
    ];
    let answer = ask(&sim, "get_connected_client_list", &[]).await;
    assert_eq!(counts(&answer), all);
    let summary = answer.at("connected_client_summary/appliance_summary");
    assert_eq!(summary.attribute("id"), Some(sim.appliance_id().as_str()));
    let kinds: Vec<_> = answer
        .all("connected_client")
        .map(|client| client.attribute("type").unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            "representative",
            "support_customer",
            "support_customer",
            "push_agent",
            "presentation_attendee"
        ]
    );

    let parameters = [("type", "all"), ("summary_only", "1")];
    let answer = ask(&sim, "get_connected_client_list", &parameters).await;
    assert_eq!(counts(&answer), all);
    assert_eq!(answer.names(), ["connected_client_summary"]);

    let parameters = [("type", "push_agent,representative")];
    let answer = ask(&sim, "get_connected_client_list", &parameters).await;
    assert_eq!(counts(&answer), [all[0], all[3]]);
    assert_eq!(answer.all("connected_client").count(), 2);
    for wrong in [("type", "pinned_client"), ("summary_only", "maybe")] {
        refused(&ask(&sim, "get_connected_client_list", &[wrong]).await);
    }
}

#[tokio::test]
async fn clients_tell_more_when_asked_by_id() {
    let sim = BomgarSim::start().await;
    sim.add_client(
        ConnectedClient::push_agent("JP-1")
            .os("Windows Server 2019 (x64)")
            .timezone_offset(3_600)
            .connected_since(1_700_000_000),
    );
    sim.start_session(SessionSpec::new().customer(Customer::new("Ada").hostname("ADA-PC")));
    let list = ask(&sim, "get_connected_client_list", &[]).await;
    let ids: Vec<String> = list
        .all("connected_client")
        .map(|client| client.attribute("id").unwrap().to_owned())
        .collect();
    let joined = ids.join(",");

    let parameters = [("type", "all"), ("id", joined.as_str())];
    let answer = ask(&sim, "get_connected_clients", &parameters).await;
    assert_eq!(
        answer.names(),
        [
            "connected_representative",
            "connected_support_customer",
            "connected_push_agent"
        ]
    );
    assert_eq!(answer.children[0].attribute("id"), Some(ids[0].as_str()));
    assert_eq!(answer.children[1].text_at("hostname"), "ADA-PC");
    let agent = &answer.children[2];
    assert_eq!(
        agent.names(),
        ["hostname", "platform", "timezone_offset", "connected_since"]
    );
    assert_eq!(agent.text_at("timezone_offset"), "3600");
    assert!(agent.at("platform").attribute("id").is_some());
    let since = agent.at("connected_since");
    assert_eq!(since.attribute("ts"), Some("1700000000"));
    let written: jiff::Timestamp = since.text.parse().unwrap();
    assert_eq!(written.as_second(), 1_700_000_000);

    let one = [
        ("type", "all"),
        ("id", ids[2].as_str()),
        ("include_connections", "1"),
    ];
    let answer = ask(&sim, "get_connected_clients", &one).await;
    assert_eq!(answer.names(), ["connected_push_agent"]);
    let connections = answer.at("connected_push_agent/client_connections");
    assert!(connections.find("client_connection/event_log").is_some());

    // Without ids: everybody of the kind. The kind itself must be there.
    let kind = [("type", "support_customer")];
    let answer = ask(&sim, "get_connected_clients", &kind).await;
    assert_eq!(answer.names(), ["connected_support_customer"]);
    refused(&ask(&sim, "get_connected_clients", &[("id", "1")]).await);
    let pinned = [("type", "pinned_client")];
    refused(&ask(&sim, "get_connected_clients", &pinned).await);
    for (count, taken) in [(100, true), (101, false)] {
        let many = vec!["x"; count].join(",");
        let parameters = [("type", "all"), ("id", many.as_str())];
        let answer = ask(&sim, "get_connected_clients", &parameters).await;
        assert_eq!(error(&answer).is_none(), taken, "{count}");
    }
}

#[tokio::test]
async fn health_is_short_without_failover_and_long_with_it() {
    let sim = BomgarSim::start().await;
    let answer = ask(&sim, "check_health", &[]).await;
    assert_eq!(answer.name, "health_check");
    let short = ["appliance", "version", "success", "failover_role"];
    assert_eq!(answer.names(), short);
    let appliance = answer.at("appliance").attribute("id").unwrap();
    assert_eq!(appliance, sim.appliance_id());
    let version = answer.text_at("version");
    assert!(version.ends_with(&format!("-{appliance})")), "{version}");
    assert_eq!(answer.text_at("success"), "1");

    sim.set_health_problem("Disk full");
    let answer = ask(&sim, "check_health", &[]).await;
    assert_eq!(answer.text_at("success"), "0");
    assert_eq!(answer.text_at("error_message"), "Disk full");
    let probe = format!("{}/check_health", sim.base_url());
    assert_eq!(http().get(&probe).send().await.unwrap().status(), 500);
    sim.set_healthy(true);
    assert_eq!(http().get(&probe).send().await.unwrap().status(), 200);

    sim.set_failover(
        Failover::new(
            FailoverRole::Backup,
            ApplianceSpec::new("main", "support.example.org"),
        )
        .shared_ip("203.0.113.10")
        .shared_ip("203.0.113.11")
        .last_sync(1_700_000_000_042, "Success"),
    );
    let answer = ask(&sim, "check_health", &[]).await;
    assert_eq!(answer.text_at("failover_role"), "backup");
    let ips: Vec<_> = answer.at("enabled_shared_ips").all("ip").collect();
    assert_eq!(ips[1].text, "203.0.113.11");
    let time = answer.at("last_data_sync_time");
    assert_eq!(time.attribute("ts"), Some("1700000000"));
    assert_eq!(time.text, "2023-11-14T22:13:20.042+0000");
    assert_eq!(answer.text_at("last_data_sync_status"), "Success");
    assert!(answer.find("error_message").is_none());
}

fn pair(role: FailoverRole) -> Failover {
    Failover::new(role, ApplianceSpec::new("other", "other.example.org"))
}

#[tokio::test]
async fn failover_roles_change_at_once_or_after_a_sync() {
    let sim = BomgarSim::start().await;
    let to = |role: &'static str, more: &'static [(&'static str, &'static str)]| {
        let sim = &sim;
        async move {
            let mut parameters = vec![("role", role)];
            parameters.extend_from_slice(more);
            ask(sim, "set_failover_role", &parameters).await
        }
    };
    refused(&to("backup", &[]).await);

    sim.set_failover(pair(FailoverRole::Primary));
    let answer = to("backup", &[]).await;
    assert_eq!(succeeded(&answer), "Successfully changed role.");
    assert_eq!(sim.failover_role(), Some(FailoverRole::Backup));
    let answer = ask(&sim, "get_appliances", &[]).await;
    let roles: Vec<_> = answer
        .all("appliance")
        .map(|a| {
            (
                a.text_at("failover_role"),
                a.text_at("accepting_connections"),
            )
        })
        .collect();
    assert_eq!(roles, [("backup", "0"), ("primary", "1")]);
    for (role, more) in [
        ("backup", &[][..]),
        ("master", &[]),
        ("", &[]),
        ("primary", &[("force", "yes")]),
        ("primary", &[("data_sync_first", "yes")]),
    ] {
        refused(&to(role, more).await);
    }

    // A sync cuts everybody off and changes the roles when it has succeeded.
    sim.set_failover(pair(FailoverRole::Primary).manual_sync());
    let lsid = sim.start_session(SessionSpec::new());
    let answer = to("backup", &[("data_sync_first", "1")]).await;
    assert_eq!(
        succeeded(&answer),
        "Successfully started data sync. Role change will occur upon successful completion."
    );
    assert_eq!(sim.failover_role(), Some(FailoverRole::Primary));
    assert!(sim.logged_in().is_empty());
    assert!(!sim.session(&lsid).unwrap().active);
    refused(&to("backup", &[]).await);
    sim.finish_data_sync(false).unwrap();
    assert_eq!(sim.failover_role(), Some(FailoverRole::Primary));
    let answer = ask(&sim, "check_health", &[]).await;
    assert_eq!(answer.text_at("success"), "0");
    assert!(answer.find("error_message").is_some());

    succeeded(&to("backup", &[("data_sync_first", "1")]).await);
    sim.finish_data_sync(true).unwrap();
    assert_eq!(sim.failover_role(), Some(FailoverRole::Backup));
    let answer = ask(&sim, "check_health", &[]).await;
    assert_eq!(answer.text_at("success"), "1");
    assert!(sim.finish_data_sync(true).is_err());
}

#[tokio::test]
async fn a_role_changes_without_the_other_appliance_only_where_that_makes_sense() {
    let sim = BomgarSim::start().await;
    let change = |parameters: &'static [(&'static str, &'static str)]| {
        let sim = &sim;
        async move { ask(sim, "set_failover_role", parameters).await }
    };
    sim.set_failover(pair(FailoverRole::Primary).peer_unreachable());
    refused(&change(&[("role", "backup")]).await);
    let forced_sync = [("role", "backup"), ("force", "1"), ("data_sync_first", "1")];
    refused(&ask(&sim, "set_failover_role", &forced_sync).await);
    succeeded(&change(&[("role", "backup"), ("force", "1")]).await);
    assert_eq!(sim.failover_role(), Some(FailoverRole::Backup));
    succeeded(&change(&[("role", "primary")]).await);
    let answer = ask(&sim, "check_health", &[]).await;
    assert_eq!(answer.text_at("success"), "0");
    assert!(answer.find("error_message").is_some());
}

#[tokio::test]
async fn jump_shortcuts_are_imported_one_a_call() {
    let sim = BomgarSim::start().await;
    let (name, long) = ("n".repeat(128), "n".repeat(129));
    let (fits, too_long) = ("c".repeat(1_024), "c".repeat(1_025));
    let group = ("group", "servers");
    let local = ("local_jump_hostname", "SRV-1");
    for action in ["import_jump_shortcut", "import_jump_shortcuts"] {
        let parameters = [("name", name.as_str()), group, local, ("comments", &fits)];
        succeeded(&ask(&sim, action, &parameters).await);
    }
    let remote = [
        ("name", "remote"),
        group,
        ("remote_jump_hostname", "SRV-2"),
        ("jumpoint", "lyon"),
        ("tag", "blue"),
    ];
    succeeded(&ask(&sim, "import_jump_shortcut", &remote).await);
    for wrong in [
        vec![("name", "a"), group],
        vec![("name", "a"), local],
        vec![group, local],
        vec![("name", "a"), group, ("remote_jump_hostname", "SRV-2")],
        vec![
            ("name", "a"),
            group,
            local,
            ("remote_jump_hostname", "x"),
            ("jumpoint", "lyon"),
        ],
        vec![("name", long.as_str()), group, local],
        vec![("name", "a"), group, ("local_jump_hostname", long.as_str())],
        vec![("name", "a"), group, local, ("tag", too_long.as_str())],
        vec![("name", "a"), group, local, ("comments", too_long.as_str())],
    ] {
        refused(&ask(&sim, "import_jump_shortcut", &wrong).await);
    }
    let items = sim.jump_shortcuts();
    assert_eq!(items.len(), 3);
    assert_eq!(
        (items[0].kind.as_str(), items[0].hostname.as_str()),
        ("local", "SRV-1")
    );
    assert_eq!(items[2].kind, "remote");
    assert_eq!(items[2].group, "servers");
    let tag = ("tag".to_owned(), "blue".to_owned());
    assert!(items[2].other.contains(&tag));

    sim.set_jump_groups(["desktops"]);
    refused(&ask(&sim, "import_jump_shortcut", &remote).await);
    sim.set_jump_groups(["servers"]);
    sim.set_jumpoints(["paris"]);
    refused(&ask(&sim, "import_jump_shortcut", &remote).await);
    assert_eq!(sim.jump_shortcuts().len(), 3);
}
