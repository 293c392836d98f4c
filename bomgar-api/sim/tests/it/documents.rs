//! The XML reports.

use std::time::Duration;

use bomgar_sim::{
    BomgarSim, Denial, EMPTY_REPORT, EMPTY_REPORT_FRENCH, EmptyReport, ErrorForm, EventSpec,
    GeneratedSessions, LicenseInterval, Namespace, Party, PresentationSpec, Recording,
    Representative, SessionSpec, Survey, TeamActivity, VaultActivity,
};

use crate::tree::Node;
use crate::{get, report, token};

/// 14 November 2023, 22:13:20 UTC, a Tuesday.
const START: i64 = 1_700_000_000;

async fn tree(sim: &BomgarSim, query: &[(&str, &str)]) -> Node {
    Node::parse(&report(sim, query).await)
}

fn session(sim: &BomgarSim, start: i64, spec: SessionSpec) -> String {
    let lsid = sim.start_session(spec.start_time(start));
    sim.end_session(&lsid, start + 600).unwrap();
    lsid
}

/// Everything from the start on.
const ALL: [(&str, &str); 2] = [("start_time", "1700000000"), ("duration", "0")];

fn with<'a>(report: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut query = vec![("generate_report", report)];
    query.extend_from_slice(more);
    query
}

#[tokio::test]
async fn privileged_access_has_the_same_documents_under_its_own_names() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim, START, SessionSpec::new().external_key("48213"));
    let pairs = [
        ("SupportSession", "AccessSession", vec![]),
        ("SupportSessionListing", "AccessSessionListing", vec![]),
        ("SupportTeam", "Team", vec![]),
    ];
    sim.add_team_activity(TeamActivity::new(1, "Desk", "Chat Message", START));
    for (support, access, more) in pairs {
        let query = |name| {
            let mut query = with(name, &ALL);
            query.extend_from_slice(&more);
            query
        };
        let one = report(&sim, &query(support)).await;
        let other = report(&sim, &query(access)).await;
        assert_eq!(one, other);
        assert!(!one.contains("<error"), "{one}");
    }
    let query = with(
        "AccessSessionSummary",
        &[ALL[0], ALL[1], ("report_type", "user")],
    );
    assert_eq!(tree(&sim, &query).await.name, "summary_list");
    let recording = with("AccessSessionRecording", &[("lsid", &lsid)]);
    assert_eq!(tree(&sim, &recording).await.name, "error");
}

#[tokio::test]
async fn limit_is_accepted() {
    let sim = BomgarSim::start().await;
    session(&sim, START, SessionSpec::new());
    for name in ["SupportSession", "SupportSessionListing"] {
        let query = with(name, &[ALL[0], ALL[1], ("limit", "rep"), ("rep", "7")]);
        assert_eq!(tree(&sim, &query).await.children.len(), 1);
    }
}

#[tokio::test]
async fn a_listing_leaves_the_attribute_out_when_there_is_no_external_key() {
    let sim = BomgarSim::start().await;
    let keyed = session(&sim, START, SessionSpec::new().external_key("48213"));
    let plain = session(&sim, START + 1, SessionSpec::new());
    sim.add_recording(&plain, Recording::session(10)).unwrap();
    let root = tree(&sim, &with("SupportSessionListing", &ALL)).await;
    assert_eq!(root.name, "session_summary_list");
    let lines = root.all("session_summary").collect::<Vec<_>>();
    let shown: Vec<_> = lines
        .iter()
        .map(|l| {
            (
                l.attribute("lsid"),
                l.attribute("has_recording"),
                l.attribute("external_key"),
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            (Some(&*keyed), Some("0"), Some("48213")),
            (Some(&*plain), Some("1"), None)
        ]
    );
    // A listing knows windows only.
    let query = with("SupportSessionListing", &[("lsid", &keyed)]);
    let error = tree(&sim, &query).await;
    assert_eq!(error.name, "error");
    assert!(error.text.contains("Exactly one of"), "{}", error.text);
}

#[tokio::test]
async fn summaries_count_by_representative_team_and_site() {
    let sim = BomgarSim::start().await;
    let of = |id: u32, team: u32| {
        SessionSpec::new()
            .representative(Representative::new(id, format!("rep{id}")))
            .team(team, format!("Team {team}"))
            .public_site(team + 10, format!("Site {team}"))
    };
    session(&sim, START, of(1, 1));
    session(&sim, START + 60, of(1, 2));
    session(&sim, START + 120, of(2, 1));
    let by = |kind: &'static str| {
        let sim = &sim;
        async move {
            let query = [ALL[0], ALL[1], ("report_type", kind)];
            let root = tree(sim, &with("SupportSessionSummary", &query)).await;
            assert_eq!(root.name, "summary_list");
            let summaries = root.all("summary").collect::<Vec<_>>();
            assert!(summaries.iter().all(|s| s.attribute("type") == Some(kind)));
            summaries
                .iter()
                .map(|s| {
                    let id = s.attribute("id").unwrap().to_owned();
                    (id, s.at("total_sessions").text.clone())
                })
                .collect::<Vec<_>>()
        }
    };
    let pair = |id: &str, count: &str| (id.to_owned(), count.to_owned());
    assert_eq!(by("rep").await, [pair("1", "2"), pair("2", "1")]);
    assert_eq!(by("team").await, [pair("1", "2"), pair("2", "1")]);
    assert_eq!(by("site").await, [pair("11", "2"), pair("12", "1")]);
    for kind in ["user", ""] {
        let query = [ALL[0], ALL[1], ("report_type", kind)];
        let root = tree(&sim, &with("SupportSessionSummary", &query)).await;
        assert_eq!(root.name, "error", "{kind}");
    }
}

#[tokio::test]
async fn surveys_are_found_by_window_owner_and_session() {
    let sim = BomgarSim::start().await;
    let mine = SessionSpec::new()
        .representative(Representative::new(12, "glang").display_names("Grace Lang", "Grace"))
        .team(4, "Desk");
    let lsid = session(&sim, START, mine);
    let other = session(&sim, START + 60, SessionSpec::new());
    let answers = Survey::customer()
        .question("rating", "How did we do?", ["5"])
        .question("comments", "Anything else?", ["quick\nand friendly"])
        .question("skipped", "More?", Vec::<String>::new())
        .timestamp(START + 700);
    sim.survey(&lsid, answers).unwrap();
    sim.survey(&other, Survey::customer()).unwrap();
    let found = |more: Vec<(&'static str, String)>| {
        let sim = &sim;
        async move {
            let mut query = with("SupportCustExitSurvey", &[]);
            query.extend(more.iter().map(|(name, value)| (*name, value.as_str())));
            let root = tree(sim, &query).await;
            root.all("exit_survey")
                .collect::<Vec<_>>()
                .iter()
                .map(|survey| survey.attribute("lsid").unwrap().to_owned())
                .collect::<Vec<_>>()
        }
    };
    let window = |kind: &str, id: &str| {
        vec![
            ("start_time", START.to_string()),
            ("duration", "0".to_owned()),
            ("report_type", kind.to_owned()),
            ("id", id.to_owned()),
        ]
    };
    let both = [lsid.clone(), other.clone()];
    assert_eq!(found(window("rep", "all")).await, both);
    assert_eq!(found(window("rep", "12")).await, [&*lsid]);
    assert_eq!(found(window("team", "4")).await, [&*lsid]);
    assert_eq!(found(window("site", "1")).await, both);
    let by = |name, value: String| vec![(name, value), ("report_type", "rep".to_owned())];
    assert_eq!(found(by("lsid", lsid.clone())).await, [&*lsid]);
    assert_eq!(found(by("lsids", format!("{other},{lsid}"))).await, both);
    for bad in [
        window("rep", ""),
        window("rep", "x"),
        window("nobody", "all"),
    ] {
        assert!(found(bad).await.is_empty());
    }

    let query = with(
        "SupportCustExitSurvey",
        &[("lsid", &lsid), ("report_type", "rep")],
    );
    let root = tree(&sim, &query).await;
    assert_eq!(root.name, "exit_survey_list");
    let survey = root.at("exit_survey");
    assert_eq!(survey.attribute("ts"), Some("1700000700"));
    assert_eq!(
        survey.at("submitted_by").attribute("type"),
        Some("customer")
    );
    assert_eq!(survey.at("primary_rep").text, "Grace Lang");
    let rep = survey.at("rep_list/representative");
    assert_eq!(rep.attribute("id"), Some("12"));
    assert_eq!(rep.at("username").text, "glang");
    let questions = survey
        .at("question_list")
        .all("question")
        .collect::<Vec<_>>();
    assert_eq!(questions[0].at("name").text, "rating");
    let answer = questions[1].at("answer_list/answer");
    assert_eq!(answer.text, r"quick\nand friendly");
    assert!(
        questions[2]
            .all("answer_list")
            .collect::<Vec<_>>()
            .is_empty()
    );
}

#[tokio::test]
async fn presentations_are_found_by_window_and_lsid() {
    let sim = BomgarSim::start().await;
    let ended = sim.add_presentation(
        PresentationSpec::new(START)
            .end_time(START + 60)
            .attendee("Ada & Co")
            .recording(Recording::session(5_000)),
    );
    let running = sim.add_presentation(PresentationSpec::new(START + 10));
    let shown = |query: Vec<(&'static str, String)>, name: &'static str| {
        let sim = &sim;
        async move {
            let mut all = with(name, &[]);
            all.extend(query.iter().map(|(name, value)| (*name, value.as_str())));
            let root = tree(sim, &all).await;
            root.children
                .iter()
                .filter_map(|child| child.attribute("lsid").map(str::to_owned))
                .collect::<Vec<_>>()
        }
    };
    let window = |name, at: i64| vec![(name, at.to_string()), ("duration", "0".to_owned())];
    for name in ["PresentationSession", "PresentationSessionListing"] {
        let all = shown(window("start_time", START), name).await;
        assert_eq!(all, [ended.clone(), running.clone()]);
        assert_eq!(shown(window("end_time", START), name).await, [&*ended]);
    }
    let by_lsid = shown(vec![("lsid", running.clone())], "PresentationSession").await;
    assert_eq!(by_lsid, [running]);
    let query = with("PresentationSession", &[("lsid", &ended)]);
    let root = tree(&sim, &query).await;
    assert_eq!(root.name, "presentation_session_list");
    assert_eq!(
        root.at("session/attendee_list/attendee/username").text,
        "Ada & Co"
    );
}

#[tokio::test]
async fn team_activity_is_grouped_by_team() {
    let sim = BomgarSim::start().await;
    sim.add_team_activity(
        TeamActivity::new(1, "Desk", "Chat Message", START)
            .performed_by("representative", "Grace Lang")
            .destination("team", "Desk")
            .body("a < b"),
    );
    sim.add_team_activity(
        TeamActivity::new(2, "Field", "Conference Member Added", START + 5)
            .performed_by("representative", "Terry")
            .data("username", "terry"),
    );
    sim.add_team_activity(TeamActivity::new(1, "Desk", "Chat Message", START + 10));
    let root = tree(&sim, &with("SupportTeam", &ALL)).await;
    assert_eq!(root.name, "team_activity_list");
    let teams = root.all("team_activity").collect::<Vec<_>>();
    let named: Vec<_> = teams
        .iter()
        .map(|team| (team.attribute("id"), team.attribute("name")))
        .collect();
    assert_eq!(
        named,
        [(Some("1"), Some("Desk")), (Some("2"), Some("Field"))]
    );
    let events = teams[0].at("events").all("event").collect::<Vec<_>>();
    assert_eq!(events.len(), 2);
    assert_eq!(events[0].attribute("timestamp"), Some("1700000000"));
    assert_eq!(events[0].attribute("event_type"), Some("Chat Message"));
    assert_eq!(events[0].at("performed_by").text, "Grace Lang");
    assert_eq!(events[0].at("body").text, "a < b");
    let value = teams[1].at("events/event/data/value");
    assert_eq!(
        (value.attribute("name"), value.attribute("value")),
        (Some("username"), Some("terry"))
    );
    let one = [ALL[0], ALL[1], ("team_id", "2")];
    let root = tree(&sim, &with("SupportTeam", &one)).await;
    assert_eq!(root.children.len(), 1);
    // The duration ends the window before the second event.
    let query = [("start_time", "1700000000"), ("duration", "5")];
    let root = tree(&sim, &with("Team", &query)).await;
    assert_eq!(root.at("team_activity/events").children.len(), 1);
}

#[tokio::test]
async fn a_message_to_a_team_is_in_the_teams_report() {
    let sim = BomgarSim::start().await;
    let reply = crate::command(
        &sim,
        &[
            ("action", "send_chat_message"),
            ("team_id", "1"),
            ("body", "Lunch?"),
        ],
    )
    .await;
    assert!(reply.contains("<success"), "{reply}");
    let root = tree(&sim, &with("SupportTeam", &ALL)).await;
    let event = root.at("team_activity/events/event");
    assert_eq!(event.at("body").text, "Lunch?");
    assert_eq!(event.at("performed_by").attribute("type"), Some("system"));
}

#[tokio::test]
async fn vault_activity_has_a_text_for_data_and_is_kept_for_90_days() {
    let sim = BomgarSim::start().await;
    let lsid = "0123456789abcdef0123456789abcdef";
    sim.add_vault_activity(
        VaultActivity::new("Credentials Used", 12, START + 90 * 86_400)
            .performed_by(7, "User", "Grace Lang")
            .data(lsid),
    );
    sim.add_vault_activity(VaultActivity::new("Password Changed", 13, START + 5));
    sim.add_vault_activity(VaultActivity::new("Account Created", 13, START - 5));
    let query = [("start_time", "0"), ("duration", "0")];
    let root = tree(&sim, &with("VaultAccountActivity", &query)).await;
    assert_eq!(root.name, "vault_account_activity_list");
    let events = root.all("vault_account_activity").collect::<Vec<_>>();
    let types: Vec<_> = events
        .iter()
        .map(|e| e.attribute("event_type").unwrap())
        .collect();
    assert_eq!(types, ["Credentials Used", "Password Changed"]);
    assert_eq!(events[0].attribute("account"), Some("12"));
    assert_eq!(events[0].attribute("timestamp"), Some("1707776000"));
    let by = events[0].at("performed_by");
    assert_eq!(
        (by.attribute("id"), by.attribute("type")),
        (Some("7"), Some("User"))
    );
    assert_eq!(events[0].at("data").text, lsid);
    assert!(events[1].children.is_empty());
}

#[tokio::test]
async fn license_usage_has_crowded_times_only() {
    let sim = BomgarSim::start().await;
    // 22:13:20 to 00:13:20: three hours, two days.
    sim.add_license_interval(LicenseInterval::new(START, START + 7_200, 18, 20));
    sim.add_license_interval(LicenseInterval::new(START + 7_200, START + 90_000, 17, 20));
    let count = |group: &'static str| {
        let sim = &sim;
        async move {
            let query = [ALL[0], ("duration", "604800"), ("group_by", group)];
            let root = tree(sim, &with("LicenseUsage", &query)).await;
            assert_eq!(root.name, "license_usage");
            assert_eq!(root.at("group_by").text, group);
            assert_eq!(
                root.at("start_time").attribute("timestamp"),
                Some("1700000000")
            );
            assert_eq!(
                root.at("end_time").attribute("timestamp"),
                Some("1700604800")
            );
            root.at("license_time_intervals").children.len()
        }
    };
    assert_eq!(count("hour").await, 3);
    assert_eq!(count("day").await, 2);
    assert_eq!(count("month").await, 1);
    for bad in [
        vec![ALL[0], ALL[1]],
        vec![ALL[0], ALL[1], ("group_by", "week")],
        vec![("end_time", "1"), ("duration", "0"), ("group_by", "day")],
    ] {
        let root = tree(&sim, &with("LicenseUsage", &bad)).await;
        assert_eq!(root.name, "error", "{bad:?}");
        assert!(!root.text.contains("matching your chosen criteria"));
    }
}

#[tokio::test]
async fn nothing_found_is_said_in_the_chosen_way() {
    let sim = BomgarSim::start().await;
    let window = |more: &[(&'static str, &'static str)]| [&ALL[..], more].concat();
    let reports = [
        ("SupportSession", "session_list", window(&[])),
        ("SupportSessionListing", "session_summary_list", window(&[])),
        (
            "SupportSessionSummary",
            "summary_list",
            window(&[("report_type", "rep")]),
        ),
        (
            "SupportCustExitSurvey",
            "exit_survey_list",
            window(&[("report_type", "rep"), ("id", "all")]),
        ),
        (
            "SupportRepExitSurvey",
            "exit_survey_list",
            window(&[("report_type", "rep"), ("id", "all")]),
        ),
        ("SupportTeam", "team_activity_list", window(&[])),
        (
            "PresentationSession",
            "presentation_session_list",
            window(&[]),
        ),
        (
            "LicenseUsage",
            "license_usage",
            window(&[("group_by", "day")]),
        ),
        (
            "VaultAccountActivity",
            "vault_account_activity_list",
            window(&[]),
        ),
    ];
    for (name, root_name, query) in reports {
        let query = with(name, &query);
        for (form, text) in [
            (EmptyReport::English, EMPTY_REPORT),
            (EmptyReport::French, EMPTY_REPORT_FRENCH),
            (EmptyReport::Text("Keine Daten.".into()), "Keine Daten."),
        ] {
            sim.set_empty_report(form);
            let root = tree(&sim, &query).await;
            assert_eq!((root.name.as_str(), root.text.as_str()), ("error", text));
        }
        sim.set_empty_report(EmptyReport::Root);
        let root = tree(&sim, &query).await;
        assert_eq!(root.name, root_name);
        assert!(root.children.is_empty());
        sim.set_empty_report(EmptyReport::English);
        sim.set_error_form(ErrorForm::Inner);
        let root = tree(&sim, &query).await;
        assert_eq!(root.name, root_name);
        assert_eq!(root.at("error").text, EMPTY_REPORT);
        sim.set_error_form(ErrorForm::Root);
    }
}

#[tokio::test]
async fn each_report_has_its_permission() {
    let sim = BomgarSim::start().await;
    let cases = [
        ("SupportSession", "perm_reporting_support"),
        ("SupportTeam", "perm_reporting_support"),
        ("Syslog", "perm_reporting_support"),
        ("PresentationSession", "perm_reporting_presentation"),
        (
            "PresentationSessionRecording",
            "perm_reporting_presentation",
        ),
        ("LicenseUsage", "perm_reporting_license"),
        ("EndpointLicenseUsage", "perm_reporting_license"),
        ("ArchiveListing", "perm_reporting_archive"),
        ("Archive", "perm_reporting_archive"),
        ("VaultAccountActivity", "perm_reporting_vault"),
        ("AccessSession", "perm_reporting"),
    ];
    let denied = "do not have permission";
    for (name, permission) in cases {
        sim.set_permission(permission, "0");
        let text = report(&sim, &with(name, &ALL)).await;
        assert!(text.contains(denied), "{name}: {text}");
        sim.set_permission(permission, "1");
        let bytes = get(
            &sim,
            &token(&sim).await,
            "/api/reporting",
            &with(name, &ALL),
        )
        .await;
        assert_eq!(bytes.status(), 200);
        let bytes = bytes.bytes().await.unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(denied), "{name}");
    }
    sim.set_permission("perm_reporting_support", "0");
    sim.set_denial(Denial::Forbidden403);
    let reply = get(
        &sim,
        &token(&sim).await,
        "/api/reporting",
        &with("SupportSession", &ALL),
    )
    .await;
    assert_eq!(reply.status(), 403);
}

#[tokio::test]
async fn unknown_reports_are_errors_with_status_200() {
    let sim = BomgarSim::start().await;
    let reply = get(
        &sim,
        &token(&sim).await,
        "/api/reporting.ns",
        &with("NoSuchReport", &ALL),
    )
    .await;
    assert_eq!(reply.status(), 200);
    let root = Node::parse(&reply.text().await.unwrap());
    assert_eq!(root.name, "error");
    assert_eq!(
        root.namespace.as_deref(),
        Some("https://www.beyondtrust.com/namespaces/API/reporting")
    );
    sim.set_namespace(Namespace::None);
    let root = tree(&sim, &with("NoSuchReport", &ALL)).await;
    assert_eq!(root.namespace, None);
}

#[tokio::test]
async fn texts_with_markup_can_come_as_cdata() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new().start_time(START));
    let text = "<b> & ]]> \"x\"";
    sim.chat(&lsid, Party::Customer, Party::Everyone, text)
        .unwrap();
    sim.event(&lsid, EventSpec::new("Odd").body("bell\u{7}"))
        .unwrap();
    let bodies = |document: &str| {
        let root = Node::parse(document);
        let events = root
            .at("session/session_details")
            .all("event")
            .collect::<Vec<_>>();
        let mut bodies = Vec::new();
        for event in events {
            for child in &event.children {
                if child.name.ends_with("body") {
                    bodies.push((child.name.clone(), child.text.clone()));
                }
            }
        }
        bodies
    };
    let escaped = report(&sim, &[("lsid", &lsid)]).await;
    sim.set_cdata(true);
    let cdata = report(&sim, &[("lsid", &lsid)]).await;
    assert!(!escaped.contains("<![CDATA[") && cdata.contains("<![CDATA["));
    let expected = [
        ("body".to_owned(), text.to_owned()),
        ("encoded_body".to_owned(), "YmVsbAc=".to_owned()),
    ];
    assert_eq!(bodies(&escaped), expected);
    assert_eq!(bodies(&cdata), expected);
}

#[tokio::test]
async fn generated_sessions_show_where_they_began_and_ended() {
    let sim = BomgarSim::start().await;
    let set = GeneratedSessions::new(50, 20)
        .first_start(START)
        .spacing(100);
    sim.generate_sessions(set.clone());
    let lsids = |root: &Node| -> Vec<String> {
        root.children
            .iter()
            .map(|child| child.attribute("lsid").unwrap().to_owned())
            .collect()
    };
    let query = [("start_time", "1700001000"), ("duration", "500")];
    let root = tree(&sim, &query).await;
    let expected: Vec<String> = (10..15).map(|index| set.lsid(index)).collect();
    assert_eq!(lsids(&root), expected);
    let listing = tree(&sim, &with("SupportSessionListing", &query)).await;
    assert_eq!(lsids(&listing), expected);
    for (index, session) in (10..).zip(root.all("session").collect::<Vec<_>>()) {
        let start = set.start_time(index).to_string();
        let end = set.end_time(index).to_string();
        assert_eq!(
            session.at("start_time").attribute("timestamp"),
            Some(&*start)
        );
        assert_eq!(session.at("end_time").attribute("timestamp"), Some(&*end));
        assert_eq!(session.at("external_key").text, set.external_key(index));
        // Nothing in a session lies outside of it.
        for event in session
            .at("session_details")
            .all("event")
            .collect::<Vec<_>>()
        {
            let at: i64 = event.attribute("timestamp").unwrap().parse().unwrap();
            assert!((set.start_time(index)..=set.end_time(index)).contains(&at));
        }
    }
    let end = set.end_time(30).to_string();
    let root = tree(&sim, &[("end_time", &end), ("duration", "1")]).await;
    assert!(lsids(&root).contains(&set.lsid(30)));
    // By lsid, in any order, with a session that a test has started and one that does not exist.
    let own = session(&sim, START, SessionSpec::new());
    let list = format!("{},{own},{},{}", set.lsid(7), set.lsid(3), set.lsid(99));
    let root = tree(&sim, &[("lsids", &list)]).await;
    assert_eq!(lsids(&root), [own, set.lsid(3), set.lsid(7)]);
    let again = report(&sim, &[("lsid", &set.lsid(3))]).await;
    assert_eq!(again, report(&sim, &[("lsid", &set.lsid(3))]).await);
    sim.set_empty_report(EmptyReport::English);
    let root = tree(&sim, &[("lsid", &set.lsid(50))]).await;
    assert_eq!(root.text, EMPTY_REPORT);
}

#[tokio::test]
async fn a_generated_report_is_made_while_it_is_read() {
    let sim = BomgarSim::start().await;
    // Far more than fits into memory or time; reading a little of it must not need the rest.
    sim.generate_sessions(GeneratedSessions::new(u64::MAX, 100).spacing(1));
    let token = token(&sim).await;
    let query = with("SupportSession", &ALL);
    let request = get(&sim, &token, "/api/reporting", &query);
    let mut reply = tokio::time::timeout(Duration::from_secs(20), request)
        .await
        .unwrap();
    assert!(reply.headers().get("content-length").is_none());
    let mut seen = 0;
    while seen < 2_000_000 {
        let chunk = reply.chunk().await.unwrap().unwrap();
        seen += chunk.len();
    }
}
