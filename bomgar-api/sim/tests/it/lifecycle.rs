//! Sessions from their start to long after their end, told in Rust and in JSON.

use std::time::Duration;

use bomgar_sim::{
    BomgarSim, Customer, EventSpec, FileTransfer, Party, RecipientSpec, Representative,
    SessionSpec, SimError, Survey, SystemCategory, Team,
};
use serde_json::{Value, json};

use crate::tree::Node;
use crate::{command, http, report};

const START: i64 = 1_700_000_000;
const LSID: &str = "0123456789abcdef0123456789abcdef";
/// Nobody listens there, so events stay in their queue.
const NOWHERE: &str = "http://127.0.0.1:9/ERSPost";

/// What the report says about one session.
async fn shown(sim: &BomgarSim, lsid: &str) -> Node {
    let answer = Node::parse(&report(sim, &[("lsid", lsid)]).await);
    answer.at("session").clone()
}

/// Everything about the session's recipients is queued, first event first.
fn listen(sim: &BomgarSim) {
    sim.recipient(RecipientSpec::new(NOWHERE).retry_interval(Duration::from_secs(3_600)));
}

fn queued(sim: &BomgarSim) -> Vec<String> {
    let events = sim.outbox(NOWHERE).unwrap().pending;
    events
        .iter()
        .map(|event| {
            event
                .get("event")
                .unwrap()
                .replace("support_conference_", "")
        })
        .collect()
}

/// Type, performer, destination.
fn events(session: &Node) -> Vec<(&str, &str, &str)> {
    let text = |event, name| Node::find(event, name).map_or("", |node| node.text.as_str());
    session
        .at("session_details")
        .all("event")
        .map(|event| {
            let kind = event.attribute("event_type").unwrap();
            (
                kind,
                text(event, "performed_by"),
                text(event, "destination"),
            )
        })
        .collect()
}

fn reps(session: &Node) -> Vec<&Node> {
    session.at("rep_list").all("representative").collect()
}

async fn post(sim: &BomgarSim, path: &str, body: &Value) -> (u16, Value) {
    let request = http().post(format!("{}/_sim/{path}", sim.base_url()));
    let reply = request.body(body.to_string()).send().await.unwrap();
    let status = reply.status().as_u16();
    let text = reply.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap())
}

async fn read(sim: &BomgarSim, path: &str) -> Value {
    let request = http().get(format!("{}/_sim/{path}", sim.base_url()));
    let text = request.send().await.unwrap().text().await.unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Without the signed addresses, which differ from appliance to appliance.
fn without_urls(mut node: Node) -> String {
    node.children.retain(|child| !child.name.ends_with("_url"));
    format!("{node:#?}")
}

fn told_in_rust(sim: &BomgarSim) -> Result<(), SimError> {
    sim.start_session(
        SessionSpec::new()
            .lsid(LSID)
            .customer(
                Customer::new("Ada Byron")
                    .hostname("ADA-PC")
                    .company("Acme"),
            )
            .representative(Representative::new(7, "technician").display_names("Terry", "T."))
            .external_key("48213")
            .custom_attribute("asset", "asset", "A-77")
            .public_site(2, "France")
            .team(1, "Service Desk")
            .jump_group("shared", "Servers")
            .recorded()
            .priority(2)
            .start_time(START),
    );
    sim.advance(LSID, 10)?;
    sim.chat(
        LSID,
        Party::Customer,
        Party::Everyone,
        "It <smokes> & burns",
    )?;
    sim.chat(LSID, Party::Representative, Party::Customer, "Oh")?;
    sim.at(LSID, START + 20)?;
    sim.rep_joined(LSID, Representative::new(12, "glang"))?;
    sim.customer_joined(LSID, Customer::new("Bob").os("macOS 15"))?;
    sim.advance(LSID, 20)?;
    sim.transfer(LSID, "rep:12")?;
    sim.file_transfer(LSID, FileTransfer::upload("C:\\a.txt", 7).by("glang"))?;
    sim.file_transfer(LSID, FileTransfer::download("b.txt", 9).sha256("00ff"))?;
    sim.note_by(LSID, Party::rep("glang"), "Replaced the fan")?;
    sim.special_action(LSID, "Gestionnaire des tâches")?;
    let disks = SystemCategory::new("Disks")
        .row([("Drive", "C:")])
        .row([("Drive", "D:")]);
    sim.system_information(LSID, [disks])?;
    sim.event(
        LSID,
        EventSpec::new("File Moved")
            .performed_by(Party::Representative)
            .destination(Party::Customer)
            .data("new_path", "b")
            .data("old_path", "a"),
    )?;
    sim.set_attribute(LSID, "asset", "A-78")?;
    sim.set_attribute(LSID, "external_key", "48214")?;
    sim.member_departed(LSID, Party::customer("Bob"))?;
    sim.end_session(LSID, START + 600)?;
    sim.survey(
        LSID,
        Survey::customer()
            .question("rating", "How?", ["5"])
            .seconds_later(30),
    )?;
    sim.survey(
        LSID,
        Survey::representative().by("glang").timestamp(START + 700),
    )
}

async fn told_in_json(sim: &BomgarSim) {
    let start = json!({
        "lsid": LSID,
        "customer": { "name": "Ada Byron", "hostname": "ADA-PC", "company": "Acme" },
        "representative": {
            "id": 7, "username": "technician", "private_name": "Terry", "public_name": "T."
        },
        "external_key": "48213",
        "attributes": { "asset": "A-77" },
        "public_site": { "id": 2, "name": "France" },
        "team": { "id": 1, "name": "Service Desk" },
        "jump_group": { "type": "shared", "name": "Servers" },
        "recorded": true,
        "priority": 2,
        "start_time": START,
    });
    assert_eq!(
        post(sim, "sessions", &start).await,
        (200, json!({ "lsid": LSID }))
    );
    for (step, body) in [
        ("clock", json!({ "advance": 10 })),
        (
            "chat",
            json!({ "from": "customer", "text": "It <smokes> & burns" }),
        ),
        ("chat", json!({ "to": "customer", "text": "Oh" })),
        ("clock", json!({ "at": START + 20 })),
        (
            "join",
            json!({ "representative": { "id": 12, "username": "glang" } }),
        ),
        (
            "join",
            json!({ "customer": { "name": "Bob", "os": "macOS 15" } }),
        ),
        ("clock", json!({ "advance": 20 })),
        ("transfer", json!({ "queue_id": "rep:12" })),
        (
            "file",
            json!({ "filename": "C:\\a.txt", "filesize": 7, "by": "glang" }),
        ),
        (
            "file",
            json!({
                "direction": "download", "filename": "b.txt", "filesize": 9, "sha256": "00ff"
            }),
        ),
        (
            "note",
            json!({ "by": "rep:glang", "text": "Replaced the fan" }),
        ),
        (
            "special_action",
            json!({ "name": "Gestionnaire des tâches" }),
        ),
        (
            "system_information",
            json!({
                "categories": [{ "name": "Disks", "rows": [{ "Drive": "C:" }, { "Drive": "D:" }] }]
            }),
        ),
        (
            "event",
            json!({
                "event_type": "File Moved",
                "performed_by": "representative",
                "destination": "customer",
                "data": { "new_path": "b", "old_path": "a" },
            }),
        ),
        (
            "attributes",
            json!({ "asset": "A-78", "external_key": "48214" }),
        ),
        ("leave", json!({ "party": "customer:Bob" })),
        ("end", json!({ "end_time": START + 600 })),
        (
            "survey",
            json!({
                "questions": [{ "name": "rating", "label": "How?", "answers": ["5"] }],
                "seconds_later": 30,
            }),
        ),
        (
            "survey",
            json!({ "by": "rep:glang", "timestamp": START + 700 }),
        ),
    ] {
        let answer = post(sim, &format!("sessions/{LSID}/{step}"), &body).await;
        assert_eq!(answer, (200, json!({ "ok": true })), "{step} {body}");
    }
}

#[tokio::test]
async fn json_tells_the_same_story_as_rust() {
    let (rust, over_http) = (BomgarSim::start().await, BomgarSim::start().await);
    listen(&rust);
    listen(&over_http);
    told_in_rust(&rust).unwrap();
    told_in_json(&over_http).await;
    let session = shown(&rust, LSID).await;
    assert_eq!(
        without_urls(session.clone()),
        without_urls(shown(&over_http, LSID).await)
    );
    assert_eq!(queued(&rust), queued(&over_http));
    for kind in ["SupportCustExitSurvey", "SupportRepExitSurvey"] {
        let query = [
            ("generate_report", kind),
            ("report_type", "rep"),
            ("lsid", LSID),
        ];
        let one = Node::parse(&report(&rust, &query).await);
        assert_eq!(one.name, "exit_survey_list");
        let other = Node::parse(&report(&over_http, &query).await);
        assert_eq!(without_urls(one), without_urls(other));
    }

    // And it is the story that was told.
    let of = |kind: &'static str| {
        let all = session.at("session_details").all("event");
        all.filter(move |event| event.attribute("event_type") == Some(kind))
    };
    let stamps = |kind| -> Vec<i64> {
        let stamps = of(kind).map(|event| event.attribute("timestamp").unwrap());
        stamps.map(|text| text.parse().unwrap()).collect()
    };
    assert_eq!(stamps("Chat Message"), [START + 10; 2]);
    assert_eq!(
        of("Chat Message").next().unwrap().text_at("body"),
        "It <smokes> & burns"
    );
    assert_eq!(stamps("File Upload"), [START + 40]);
    assert_eq!(
        of("File Upload").next().unwrap().text_at("performed_by"),
        "glang"
    );
    assert_eq!(of("File Download").count(), 1);
    assert_eq!(of("File Transfer Complete").count(), 1);
    assert_eq!(
        of("Session Note Added").next().unwrap().text_at("body"),
        "Replaced the fan"
    );
    let action = of("Special Action Executed")
        .next()
        .unwrap()
        .at("data/value");
    assert_eq!(action.attribute("value"), Some("Gestionnaire des tâches"));
    let information = of("System Information Retrieved").next().unwrap();
    let rows = information
        .at("system_information/category/data")
        .all("row");
    assert_eq!(rows.count(), 2);
    assert_eq!(of("File Moved").count(), 1);
    assert_eq!(stamps("Session End"), [START + 600]);
    assert_eq!(stamps("Customer Exit Survey"), [START + 630]);
    assert_eq!(stamps("Representative Exit Survey"), [START + 700]);
    assert_eq!(session.text_at("external_key"), "48214");
    assert_eq!(
        session.text_at("custom_attributes/custom_attribute"),
        "A-78"
    );
    assert_eq!(session.text_at("file_transfer_count"), "2");
    assert_eq!(session.text_at("duration"), "00:10:00");

    let info = read(&over_http, &format!("sessions/{LSID}")).await;
    assert_eq!(info["active"], false);
    assert_eq!(info["end_time"], START + 600);
    assert_eq!(info["priority"], 2);
    assert_eq!(info["owner"], "glang");
    assert_eq!(info["attributes"]["asset"], "A-78");
    assert_eq!(read(&over_http, "sessions").await, json!([info]));
}

#[tokio::test]
async fn wrong_control_requests_say_what_is_wrong() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new());
    for (step, body, word) in [
        ("chat", json!({}), "text"),
        ("chat", json!({ "text": 7 }), "text"),
        ("chat", json!({ "text": "x", "from": "nobody" }), "nobody"),
        (
            "chat",
            json!({ "text": "x", "from": "rep:nobody" }),
            "nobody",
        ),
        ("clock", json!({}), "advance"),
        ("join", json!({}), "customer"),
        (
            "join",
            json!({ "representative": "technician" }),
            "technician",
        ),
        ("leave", json!({ "party": "rep:nobody" }), "nobody"),
        ("transfer", json!({ "queue_id": "general" }), "general"),
        (
            "file",
            json!({ "filename": "a", "filesize": -1 }),
            "filesize",
        ),
        (
            "file",
            json!({ "filename": "a", "direction": "up" }),
            "direction",
        ),
        ("end", json!({ "how": "badly" }), "how"),
        ("end", json!({ "end_time": 5 }), "5"),
        ("survey", json!({ "by": "system" }), "by"),
        ("report", json!({ "hide_answers": "x" }), "hide_answers"),
    ] {
        let (status, answer) = post(&sim, &format!("sessions/{lsid}/{step}"), &body).await;
        // 400: the request itself is wrong; 409: the session does not allow it.
        assert!(matches!(status, 400 | 409), "{step} {body}: {status}");
        let error = answer["error"].as_str().unwrap();
        assert!(error.contains(word), "{step} {body}: {error}");
    }
    let unknown = format!("sessions/{LSID}/chat");
    let (status, _) = post(&sim, &unknown, &json!({ "text": "x" })).await;
    assert_eq!(status, 404);
    let (status, _) = post(&sim, &format!("sessions/{lsid}/dance"), &json!({})).await;
    assert_eq!(status, 404);
    let still = sim.session(&lsid).unwrap();
    assert!(still.active);
}

#[tokio::test]
async fn settings_are_driven_in_json_too() {
    let sim = BomgarSim::start().await;
    let info = async || Node::parse(&command(&sim, &[("action", "get_api_info")]).await);
    let ok = |answer: (u16, Value)| assert_eq!(answer.0, 200, "{}", answer.1);

    let rep = json!({ "representative": { "username": "glang", "private_name": "Grace" } });
    let (_, answer) = post(&sim, "reps/log_in", &rep).await;
    let id = answer["rep_id"].as_u64().unwrap();
    assert_eq!(sim.logged_in(), [7, u32::try_from(id).unwrap()]);
    ok(post(&sim, "reps/log_out", &json!({ "rep_id": 7 })).await);
    assert_eq!(sim.logged_in().len(), 1);

    ok(post(&sim, "permissions", &json!({ "perm_command": "read_only" })).await);
    let answer = info().await;
    let permissions = answer.at("permissions").all("permission");
    assert!(
        permissions
            .map(|p| p.text.as_str())
            .any(|text| text == "read_only")
    );
    let (status, _) = post(&sim, "permissions", &json!({ "client_id": "x", "a": "1" })).await;
    assert_eq!(status, 404);
    ok(post(
        &sim,
        "permissions",
        &json!({ "perm_command": "full_access" }),
    )
    .await);

    let (_, answer) = post(&sim, "secret", &json!({})).await;
    assert_eq!(answer["client_secret"], sim.client_secret());
    ok(post(&sim, "api", &json!({ "enabled": false })).await);
    assert_eq!(info().await.name, "error");
    ok(post(&sim, "api", &json!({ "enabled": true })).await);

    let health = async || Node::parse(&command(&sim, &[("action", "check_health")]).await);
    ok(post(&sim, "health", &json!({ "error_message": "Too hot" })).await);
    assert_eq!(health().await.text_at("error_message"), "Too hot");
    ok(post(&sim, "health", &json!({})).await);
    assert!(health().await.find("error_message").is_none());
    let pair = json!({ "role": "primary", "shared_ips": ["203.0.113.10"], "manual_sync": true });
    ok(post(&sim, "failover", &pair).await);
    assert_eq!(
        health().await.text_at("enabled_shared_ips/ip"),
        "203.0.113.10"
    );
    let query = [
        ("action", "set_failover_role"),
        ("role", "backup"),
        ("data_sync_first", "1"),
    ];
    assert_eq!(Node::parse(&command(&sim, &query).await).name, "success");
    ok(post(&sim, "failover/finish_sync", &json!({})).await);
    assert_eq!(health().await.text_at("failover_role"), "backup");
    ok(post(&sim, "failover", &json!({})).await);
    assert_eq!(health().await.text_at("failover_role"), "none");

    let query = [
        ("action", "import_jump_shortcut"),
        ("name", "srv"),
        ("group", "servers"),
        ("local_jump_hostname", "SRV-1"),
    ];
    command(&sim, &query).await;
    assert_eq!(read(&sim, "jump_shortcuts").await[0]["hostname"], "SRV-1");

    let embassy = json!({ "id": 1, "name": "Partners", "embassy": true, "members": [7] });
    ok(post(&sim, "teams", &embassy).await);
    let site = json!({ "id": 2, "name": "Italy", "host": "aiuto.example.org" });
    ok(post(&sim, "public_sites", &site).await);
    let (status, key) = post(&sim, "session_keys", &json!({ "queue_id": "embassy:1" })).await;
    assert_eq!(status, 200, "{key}");
    http()
        .get(format!("{}/api/start_session", sim.base_url()))
        .query(&[("short_key", key["short_key"].as_str().unwrap())])
        .header("host", "aiuto.example.org")
        .send()
        .await
        .unwrap();
    let session = shown(&sim, &sim.lsids().pop().unwrap()).await;
    assert_eq!(session.text_at("public_site"), "Italy");
    assert_eq!(session.text_at("primary_team"), "Partners");

    let key = json!({ "queue_id": "general", "external_key": "48213" });
    let (_, key) = post(&sim, "session_keys", &key).await;
    let from_key = json!({ "short_key": key["short_key"] });
    let (_, answer) = post(&sim, "sessions", &from_key).await;
    let lsid = answer["lsid"].as_str().unwrap();
    assert_eq!(sim.external_key(lsid).unwrap(), "48213");
    let (status, _) = post(&sim, "sessions", &json!({ "short_key": "x" })).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_abnormal_end_leaves_the_end_time_empty_for_ever() {
    let sim = BomgarSim::start().await;
    listen(&sim);
    for (how, tail) in [
        (
            "abnormal",
            vec!["member_departed", "member_departed", "end"],
        ),
        ("lost", vec![]),
    ] {
        let spec = SessionSpec::new().start_time(START).recorded();
        let lsid = sim.start_session(spec);
        let before = queued(&sim).len();
        let body = json!({ "how": how, "end_time": START + 60 });
        let (status, _) = post(&sim, &format!("sessions/{lsid}/end"), &body).await;
        assert_eq!(status, 200);
        assert_eq!(queued(&sim)[before..], tail, "{how}");
        for _ in 0..3 {
            let session = shown(&sim, &lsid).await;
            let end = session.at("end_time");
            assert_eq!(
                (end.text.trim(), end.attribute("timestamp")),
                ("", Some(""))
            );
            assert_eq!(session.text_at("duration"), "00:01:00");
            assert!(session.find("session_chat_view_url").is_none());
            assert_eq!(reps(&session)[0].text_at("seconds_involved"), "60");
            let kinds = events(&session);
            assert!(
                kinds.iter().all(|(kind, _, _)| *kind != "Session End"),
                "{how}"
            );
        }
        let window = [("end_time", "1700000000"), ("duration", "0")];
        assert_eq!(Node::parse(&report(&sim, &window).await).name, "error");
        let window = [("start_time", "1700000000"), ("duration", "0")];
        assert!(report(&sim, &window).await.contains(&lsid));
        // It has ended all the same.
        let query = [("action", "terminate_session"), ("lsid", lsid.as_str())];
        assert_eq!(Node::parse(&command(&sim, &query).await).name, "error");
        assert!(sim.end_session(&lsid, None).is_err());
    }
}

#[tokio::test]
async fn a_customer_s_survey_comes_some_time_after_the_end() {
    let sim = BomgarSim::start().await;
    listen(&sim);
    let lsid = sim.start_session(SessionSpec::new().start_time(START));
    sim.end_session(&lsid, START + 600).unwrap();
    let query = [
        ("generate_report", "SupportCustExitSurvey"),
        ("report_type", "rep"),
        ("lsid", lsid.as_str()),
    ];
    assert_eq!(Node::parse(&report(&sim, &query).await).name, "error");
    let survey = Survey::customer()
        .question("rating", "How?", ["5"])
        .seconds_later(45);
    sim.survey_later(&lsid, survey, Duration::from_millis(50))
        .unwrap();
    assert_eq!(queued(&sim).last().unwrap(), "end");
    let waiting = async {
        while queued(&sim).last().unwrap() != "customer_exit_survey_completed" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .unwrap();
    let event = sim.outbox(NOWHERE).unwrap().pending.pop().unwrap();
    assert_eq!(event.get("timestamp"), Some("1700000645"));
    let answer = Node::parse(&report(&sim, &query).await);
    let survey = answer.at("exit_survey");
    let stamp = survey.attribute("ts").or(survey.attribute("timestamp"));
    assert_eq!(stamp, Some("1700000645"));
    assert_eq!(
        survey.at("submitted_by").attribute("type"),
        Some("customer")
    );
    let session = shown(&sim, &lsid).await;
    assert_eq!(
        session.at("end_time").attribute("timestamp"),
        Some("1700000600")
    );
    assert!(session.find("cust_survey_list/cust_exit_survey").is_some());
    assert!(
        sim.survey_later(LSID, Survey::customer(), Duration::ZERO)
            .is_err()
    );
}

#[tokio::test]
async fn a_representative_s_survey_brings_an_old_session_up() {
    let sim = BomgarSim::start().await;
    listen(&sim);
    let old = sim.start_session(SessionSpec::new().start_time(START));
    let body = json!({ "await_rep_survey": true });
    let (status, _) = post(&sim, &format!("sessions/{old}/report"), &body).await;
    assert_eq!(status, 200);
    sim.end_session(&old, START + 60).unwrap();
    let newer = sim.start_session(SessionSpec::new().start_time(START + 5_000));
    sim.end_session(&newer, START + 5_060).unwrap();

    let window = [("end_time", "1700000000"), ("duration", "0")];
    let closed = report(&sim, &window).await;
    assert!(closed.contains(&newer) && !closed.contains(&old));
    let session = shown(&sim, &old).await;
    assert_eq!(session.at("end_time").attribute("timestamp"), Some(""));
    // A customer's survey does not complete it.
    sim.survey(&old, Survey::customer()).unwrap();
    assert!(!report(&sim, &window).await.contains(&old));

    sim.survey(&old, Survey::representative().timestamp(START + 90_000))
        .unwrap();
    assert!(report(&sim, &window).await.contains(&old));
    let session = shown(&sim, &old).await;
    assert_eq!(
        session.at("end_time").attribute("timestamp"),
        Some("1700000060")
    );
    let event = sim.outbox(NOWHERE).unwrap().pending.pop().unwrap();
    assert_eq!(
        event.get("event"),
        Some("support_conference_rep_exit_survey_completed")
    );
    assert_eq!(event.get("lsid"), Some(old.as_str()));
    assert_eq!(event.get("timestamp"), Some("1700090000"));
}

#[tokio::test]
async fn a_session_without_a_representative_has_no_primary_one() {
    let sim = BomgarSim::start().await;
    let spec = SessionSpec::new()
        .without_representative()
        .start_time(START);
    let lsid = sim.start_session(spec);
    assert!(sim.note(&lsid, "x").is_err());
    sim.end_session(&lsid, START + 60).unwrap();
    let session = shown(&sim, &lsid).await;
    assert!(session.find("primary_rep").is_none());
    assert!(reps(&session).is_empty());
    assert!(session.find("primary_customer").is_some());
    let owners = events(&session);
    let owners = owners.iter().filter(|e| e.0 == "Conference Owner Changed");
    assert_eq!(
        owners.map(|event| event.2).collect::<Vec<_>>(),
        ["Pre-start Conference"]
    );
}

#[tokio::test]
async fn everybody_in_a_session_is_listed_once_with_a_number_of_their_own() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(
        SessionSpec::new()
            .customer(Customer::new("Ada"))
            .another_customer(Customer::new("Bob"))
            .representative(Representative::new(12, "glang"))
            .another_representative(Representative::new(90, "expert@example.org").invited())
            .start_time(START),
    );
    sim.chat(&lsid, Party::customer("Bob"), Party::Everyone, "Me too")
        .unwrap();
    sim.end_session(&lsid, START + 60).unwrap();
    let session = shown(&sim, &lsid).await;
    let customers: Vec<_> = session.at("customer_list").all("customer").collect();
    let reps = reps(&session);
    let mut numbers: Vec<_> = customers
        .iter()
        .chain(&reps)
        .map(|member| member.attribute("gsnumber").unwrap())
        .collect();
    let bob = numbers[1].to_owned();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
    let flags = |members: &[&Node], name: &str| -> Vec<String> {
        members.iter().map(|m| m.text_at(name).to_owned()).collect()
    };
    assert_eq!(flags(&customers, "primary_cust"), ["1", "0"]);
    assert_eq!(flags(&reps, "primary_rep"), ["1", "0"]);
    assert_eq!(flags(&reps, "session_owner"), ["1", "0"]);
    assert_eq!(reps[1].text_at("invited"), "1");
    assert!(reps[0].find("invited").is_none());
    let chat = session
        .at("session_details")
        .all("event")
        .find(|event| event.attribute("event_type") == Some("Chat Message"))
        .unwrap();
    assert_eq!(
        chat.at("performed_by").attribute("gsnumber"),
        Some(bob.as_str())
    );
    let left = events(&session);
    let left = left.iter().filter(|e| e.0 == "Conference Member Departed");
    assert_eq!(left.count(), 4);
}

#[tokio::test]
async fn who_leaves_and_comes_back_is_the_same_member() {
    let sim = BomgarSim::start().await;
    listen(&sim);
    let rep = Representative::new(12, "glang");
    let lsid = sim.start_session(
        SessionSpec::new()
            .customer(Customer::new("Ada"))
            .representative(rep.clone())
            .start_time(START),
    );
    assert!(matches!(
        sim.rep_joined(&lsid, rep.clone()),
        Err(SimError::AlreadyInSession { .. })
    ));
    sim.at(&lsid, START + 100).unwrap();
    sim.member_departed(&lsid, Party::rep("glang")).unwrap();
    sim.member_departed(&lsid, Party::Customer).unwrap();
    assert!(sim.member_departed(&lsid, Party::rep("glang")).is_err());
    let info = sim.session(&lsid).unwrap();
    assert!(info.representatives.is_empty() && info.customers.is_empty());
    sim.at(&lsid, START + 500).unwrap();
    sim.customer_joined(&lsid, Customer::new("Ada")).unwrap();
    sim.rep_joined(&lsid, rep).unwrap();
    sim.at(&lsid, START + 530).unwrap();
    sim.end_session(&lsid, START + 530).unwrap();
    let session = shown(&sim, &lsid).await;
    let members = reps(&session);
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].text_at("seconds_involved"), "130");
    assert_eq!(members[0].text_at("session_owner"), "1");
    assert_eq!(session.at("customer_list").all("customer").count(), 1);
    assert_eq!(
        queued(&sim)[4..],
        [
            "member_departed",
            "member_departed",
            "member_added",
            "member_added",
            "owner_changed",
            "member_departed",
            "member_departed",
            "end"
        ]
    );
}

#[tokio::test]
async fn when_the_owner_leaves_the_next_one_takes_over() {
    let sim = BomgarSim::start().await;
    listen(&sim);
    let lsid = sim.start_session(
        SessionSpec::new()
            .representative(Representative::new(12, "glang"))
            .another_representative(Representative::new(13, "mdupont"))
            .start_time(START),
    );
    let before = queued(&sim).len();
    sim.member_departed(&lsid, Party::rep("glang")).unwrap();
    assert_eq!(queued(&sim)[before..], ["member_departed", "owner_changed"]);
    let event = sim.outbox(NOWHERE).unwrap().pending.pop().unwrap();
    assert_eq!(event.get("username"), Some("mdupont"));
    assert_eq!(
        sim.session(&lsid).unwrap().owner.as_deref(),
        Some("mdupont")
    );
    sim.end_session(&lsid, START + 60).unwrap();
    let session = shown(&sim, &lsid).await;
    assert_eq!(session.text_at("primary_rep"), "glang");
    let owners: Vec<_> = reps(&session)
        .iter()
        .map(|rep| rep.text_at("session_owner").to_owned())
        .collect();
    assert_eq!(owners, ["0", "1"]);
}

#[tokio::test]
async fn a_team_s_queue_owns_the_session_until_someone_takes_it() {
    let sim = BomgarSim::start().await;
    listen(&sim);
    sim.add_team(Team::new(5, "Networks"));
    let lsid = sim.start_session(SessionSpec::new().start_time(START));
    sim.transfer(&lsid, "team:5").unwrap();
    let event = sim.outbox(NOWHERE).unwrap().pending.pop().unwrap();
    assert_eq!(event.get("event"), Some("support_conference_owner_changed"));
    assert_eq!(event.get("conference_name"), Some("Networks"));
    assert_eq!(event.get("conference_id"), Some("5"));
    sim.rep_joined(&lsid, Representative::new(12, "glang"))
        .unwrap();
    let info = sim.session(&lsid).unwrap();
    assert_eq!(info.owner.as_deref(), Some("glang"));
    assert_eq!(info.representatives, ["technician", "glang"]);
    assert_eq!(info.team, Some((5, "Networks".to_owned())));
    assert!(matches!(
        sim.transfer(&lsid, "team:6"),
        Err(SimError::Queue { .. })
    ));
    sim.end_session(&lsid, START + 60).unwrap();
    assert!(matches!(
        sim.transfer(&lsid, "team:5"),
        Err(SimError::SessionEnded(_))
    ));
    let session = shown(&sim, &lsid).await;
    assert_eq!(session.at("primary_team").attribute("id"), Some("5"));
}

#[tokio::test]
async fn customers_start_sessions_by_key_issue_or_representative() {
    let sim = BomgarSim::start().await;
    sim.add_team(Team::new(5, "Networks").issue("vpn", "VPN trouble"));
    let key = sim.session_key("rep:7", "48213").unwrap();
    let start = async |query: &[(&str, &str)]| {
        let url = format!("{}/api/start_session", sim.base_url());
        let known = sim.lsids().len();
        let reply = http().get(url).query(query).send().await.unwrap();
        assert_eq!(reply.status(), 200);
        let lsids = sim.lsids();
        (lsids.len() > known).then(|| lsids.last().unwrap().clone())
    };
    let lsid = start(&[
        ("short_key", &key.short_key),
        ("customer.name", "Ada"),
        ("customer.details", "No net"),
        ("session.custom.external_key", "other"),
        ("session.custom.asset", "A-77"),
    ])
    .await
    .unwrap();
    let session = shown(&sim, &lsid).await;
    assert_eq!(
        session.text_at("external_key"),
        "48213",
        "the key's own wins"
    );
    assert_eq!(
        session.text_at("custom_attributes/custom_attribute"),
        "A-77"
    );
    assert_eq!(session.text_at("primary_customer"), "Ada");
    assert_eq!(
        session.text_at("customer_list/customer/info/details"),
        "No net"
    );

    let issue = [
        ("issue_menu", "1"),
        ("codeName", "vpn"),
        ("customer.name", "Bob"),
        ("session.custom.external_key", "INC2"),
    ];
    let session = shown(&sim, &start(&issue).await.unwrap()).await;
    assert_eq!(session.text_at("primary_team"), "Networks");
    assert_eq!(
        session.text_at("customer_list/customer/info/issue"),
        "VPN trouble"
    );
    assert_eq!(session.text_at("customer_list/customer/info/name"), "Bob");
    assert_eq!(session.text_at("external_key"), "INC2");

    let old_names = [
        ("id", "7"),
        ("name", "technician"),
        ("customer_name", "Eve"),
        ("customer_desc", "Old client"),
        ("external_key", "INC3"),
    ];
    let session = shown(&sim, &start(&old_names).await.unwrap()).await;
    assert_eq!(session.text_at("external_key"), "INC3");
    assert_eq!(session.text_at("customer_list/customer/info/name"), "Eve");
    assert_eq!(
        session.text_at("customer_list/customer/info/details"),
        "Old client"
    );

    let long = "x".repeat(101);
    for wrong in [
        &[("short_key", "x")][..],
        &[("issue_menu", "1"), ("codeName", "none")],
        &[("id", "99"), ("name", "technician")],
        &[("id", "7"), ("name", "someone")],
        &[("id", "7"), ("customer.name", &long)],
        &[],
    ] {
        assert_eq!(start(wrong).await, None, "{wrong:?}");
    }
    sim.log_out_all();
    assert_eq!(start(&old_names).await, None, "nobody is there");
}

#[tokio::test]
async fn logging_out_ends_all_of_a_representative_s_work() {
    let sim = BomgarSim::start().await;
    let rep = Representative::new(12, "glang");
    let spec = || SessionSpec::new().start_time(START);
    let theirs = sim.start_session(spec().representative(rep.clone()));
    let shared = sim.start_session(spec().another_representative(rep));
    let other = sim.start_session(spec());
    sim.log_out(12).unwrap();
    let there = |lsid: &str| sim.session(lsid).unwrap().representatives;
    assert!(there(&theirs).is_empty());
    assert_eq!(there(&shared), ["technician"]);
    assert_eq!(there(&other), ["technician"]);
    assert!(matches!(sim.log_out(12), Err(SimError::NotLoggedIn(12))));
}
