//! Every report that is XML, asked of a simulated appliance, which shares no code with this crate.

use std::time::Duration;

use bomgar_api::reporting::{
    ActorKind, EventType, GroupBy, LicenseUsage, Limit, PresentationSession,
    PresentationSessionListing, Product, RawReport, SessionSelection, StartWindow, SummaryType,
    SupportCustExitSurvey, SupportRepExitSurvey, SupportSession, SupportSessionListing,
    SupportSessionSummary, SupportTeam, SurveyOf, SurveyReportType, SurveySelection, TimeInvolved,
    TimeWindow, VaultAccountActivity, VaultEventType,
};
use bomgar_api::{Client, ClientBuilder, Credentials, ErrorKind, RequestBudget, RetryPolicy};
use bomgar_sim::{
    ApiAccount, Archive, BomgarSim, Customer, EmptyReport, ErrorForm, FileTransfer,
    LicenseInterval, Namespace, Party, PresentationSpec, Recording, Representative, SessionSpec,
    Survey, TeamActivity, VaultActivity,
};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};

/// 2023-11-14T22:13:20Z.
const START: i64 = 1_700_000_000;
const DAY: Date = date(2023, 11, 14);

fn builder(sim: &BomgarSim) -> ClientBuilder {
    Client::builder(
        sim.base_url(),
        Credentials::oauth(sim.client_id(), sim.client_secret()),
    )
    .retry(RetryPolicy::default().base(Duration::from_millis(1)))
    .budget(RequestBudget::unlimited())
}

fn client(sim: &BomgarSim) -> Client {
    builder(sim).build().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn that_day() -> TimeWindow {
    TimeWindow::StartDate { date: DAY, days: 1 }
}

fn since_then() -> StartWindow {
    StartWindow::since(at(START))
}

fn spec() -> SessionSpec {
    SessionSpec::new()
        .customer(Customer::new("Ada Byron"))
        .representative(Representative::new(12, "glang").display_names("Greta Lang", "Greta L."))
        .public_site(1, "Main")
        .team(3, "Service Desk")
        .start_time(START)
}

/// A closed session of half an hour.
fn session(sim: &BomgarSim, spec: SessionSpec) -> String {
    let lsid = sim.start_session(spec);
    sim.end_session(&lsid, START + 1800).unwrap();
    lsid
}

/// What the last call of a report sent.
fn sent(sim: &BomgarSim, report: &str) -> Vec<(String, String)> {
    let calls = sim.calls();
    let call = calls
        .iter()
        .rfind(|call| call.action_or_report == report)
        .unwrap();
    call.params
        .iter()
        .filter(|(name, _)| name != "generate_report")
        .cloned()
        .collect()
}

fn has(fields: &[(String, String)], name: &str, value: &str) -> bool {
    fields.iter().any(|(n, v)| n == name && v == value)
}

#[tokio::test]
async fn sessions_of_the_other_product_have_another_name() {
    let sim = BomgarSim::builder().namespace(Namespace::Sra).start().await;
    let lsid = session(&sim, spec());
    let client = client(&sim);
    let request = SupportSession::new(SessionSelection::Lsid(lsid.clone()))
        .product(Product::PrivilegedRemoteAccess);
    let list = client.call(&request).await.unwrap();
    assert_eq!(list.sessions[0].lsid, lsid);
    assert_eq!(
        list.namespace.as_deref(),
        Some("http://www.beyondtrust.com/sra/namespaces/API/reporting")
    );
    let streamed = client.session_stream(request).collect().await.unwrap();
    assert_eq!(streamed, list.sessions);
    assert_eq!(sim.call_count("AccessSession"), 2);
    assert_eq!(sim.call_count("SupportSession"), 0);

    let wrong = SupportSession::new(SessionSelection::Lsid(lsid.to_uppercase()))
        .product(Product::PrivilegedRemoteAccess);
    for error in [
        client.call(&wrong).await.unwrap_err(),
        client.session_stream(wrong).collect().await.unwrap_err(),
    ] {
        assert_eq!(error.operation(), Some("AccessSession"));
        assert_eq!(error.server_text(), Some("Invalid lsid."));
    }
}

#[tokio::test]
async fn a_limit_is_sent_with_its_value() {
    let sim = BomgarSim::start().await;
    let limit = Limit::new("public_site", "public_site_id", "1");
    let client = client(&sim);
    let request = SupportSession::new(that_day()).limit(limit.clone());
    client.call(&request).await.unwrap();
    let listing = SupportSessionListing::new(that_day()).limit(limit);
    client.session_listing(&listing).await.unwrap();
    for report in ["SupportSession", "SupportSessionListing"] {
        let fields = sent(&sim, report);
        assert!(has(&fields, "limit", "public_site"), "{fields:?}");
        assert!(has(&fields, "public_site_id", "1"), "{fields:?}");
    }
}

#[tokio::test]
async fn a_listing_has_what_began_or_ended_in_the_window() {
    let sim = BomgarSim::start().await;
    let recorded = session(&sim, spec().recorded().external_key("48213"));
    let running = sim.start_session(spec().start_time(START + 60));
    sim.start_session(spec().start_time(START + 86_400));
    let client = client(&sim);

    let started = client
        .session_listing(&SupportSessionListing::new(that_day()))
        .await
        .unwrap();
    let lsids: Vec<&str> = started.items.iter().map(|one| one.lsid.as_str()).collect();
    assert_eq!(lsids, [recorded.as_str(), running.as_str()]);
    let [first, second] = started.items.as_slice() else {
        panic!("{started:?}");
    };
    assert_eq!(
        (first.has_recording, first.external_key.as_deref()),
        (Some(true), Some("48213"))
    );
    assert_eq!(
        (second.has_recording, second.external_key.as_deref()),
        (Some(false), None)
    );
    assert!(first.unknown.is_empty() && started.unknown.is_empty());

    let ended = SupportSessionListing::new(TimeWindow::ended_since(at(START + 1800)))
        .product(Product::PrivilegedRemoteAccess);
    let ended = client.session_listing(&ended).await.unwrap();
    assert_eq!(ended.items.len(), 1);
    assert_eq!(ended.items[0].lsid, recorded);
    assert_eq!(sim.call_count("AccessSessionListing"), 1);
}

#[tokio::test]
async fn summaries_are_by_what_was_asked() {
    let sim = BomgarSim::start().await;
    session(&sim, spec());
    session(&sim, spec().start_time(START + 60));
    let client = client(&sim);
    for (report_type, id, name) in [
        (SummaryType::Rep, "12", "Greta Lang"),
        (SummaryType::Team, "3", "Service Desk"),
        (SummaryType::Site, "1", "Main"),
        (SummaryType::User, "12", "Greta Lang"),
    ] {
        let request = SupportSessionSummary::new(report_type, that_day());
        let list = client.session_summary(&request).await.unwrap();
        let [summary] = list.items.as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(summary.id.as_deref(), Some(id));
        assert_eq!(summary.summary_type.as_deref(), Some(report_type.as_str()));
        // The simulator's own names; all figures come as they are.
        assert_eq!(summary.value("display_name"), Some(name));
        assert_eq!(summary.value("total_sessions"), Some("2"));
        let weekdays = &summary.values.last().unwrap().children;
        assert_eq!(weekdays[1].attribute("name"), Some("Tuesday"));
        assert_eq!(weekdays[1].text, "2");
    }
    assert_eq!(sim.call_count("SupportSessionSummary"), 3);
    assert_eq!(sim.call_count("AccessSessionSummary"), 1);
}

#[tokio::test]
async fn surveys_are_found_by_session_and_by_window() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim, spec());
    let other = session(&sim, spec());
    sim.survey(
        &lsid,
        Survey::customer()
            .question("rating", "How did we do?", ["5"])
            .question("comments", "Anything else?", ["Quick and\nfriendly\n"])
            .question("again", "Would you call again?", Vec::<String>::new())
            .timestamp(START + 2000),
    )
    .unwrap();
    sim.survey(
        &other,
        Survey::representative().question("solved", "Solved?", ["yes"]),
    )
    .unwrap();
    let client = client(&sim);

    for selection in [
        SurveySelection::Lsid(lsid.clone()),
        SurveySelection::Lsids(vec![lsid.clone(), other.clone()]),
        SurveySelection::all_in(that_day()),
        SurveySelection::Window {
            window: TimeWindow::ended_since(at(START)),
            of: SurveyOf::Id(12),
        },
    ] {
        let request = SupportCustExitSurvey::new(SurveyReportType::Rep, selection.clone());
        let list = client.customer_exit_surveys(&request).await.unwrap();
        let [survey] = list.items.as_slice() else {
            panic!("{selection:?} gives {list:?}");
        };
        assert_eq!(survey.lsid, lsid);
        assert_eq!(survey.timestamp, Some(at(START + 2000)));
        let by = survey.submitted_by.as_ref().unwrap();
        assert_eq!(
            (&by.kind, by.name.as_str()),
            (&ActorKind::Customer, "Ada Byron")
        );
        assert_eq!(survey.primary_rep.as_ref().unwrap().name, "Greta Lang");
        assert_eq!(
            survey.primary_customer.as_ref().unwrap().gsnumber,
            by.gsnumber
        );
        assert_eq!(survey.representatives[0].username, "glang");
        assert_eq!(survey.question("rating").unwrap().answers, ["5"]);
        let comments = survey.question("comments").unwrap();
        assert_eq!(comments.answers, [r"Quick and\nfriendly\n"]);
        assert_eq!(comments.clean_answers(), ["Quick and\nfriendly"]);
        assert_eq!(comments.label.as_deref(), Some("Anything else?"));
        assert!(survey.question("again").unwrap().answers.is_empty());
        assert!(survey.unknown.is_empty(), "{:?}", survey.unknown);
    }

    let nobody = SurveySelection::Window {
        window: that_day(),
        of: SurveyOf::Id(99),
    };
    let request = SupportCustExitSurvey::new(SurveyReportType::Team, nobody);
    let list = client.customer_exit_surveys(&request).await.unwrap();
    assert!(list.items.is_empty());

    let request =
        SupportRepExitSurvey::new(SurveyReportType::Site, SurveySelection::all_in(that_day()));
    let list = client.rep_exit_surveys(&request).await.unwrap();
    assert_eq!(list.items.len(), 1);
    assert_eq!(list.items[0].lsid, other);
    assert_eq!(
        list.items[0].submitted_by.as_ref().unwrap().kind,
        ActorKind::Representative
    );
}

#[tokio::test]
async fn presentations_have_a_head_and_a_tree() {
    let sim = BomgarSim::start().await;
    let lsid = sim.add_presentation(
        PresentationSpec::new(START)
            .end_time(START + 3600)
            .attendee("Ada Byron")
            .recording(Recording::session(10)),
    );
    let running = sim.add_presentation(PresentationSpec::new(START + 60));
    let client = client(&sim);

    let one = PresentationSession::new(SessionSelection::Lsid(lsid.clone()));
    let list = client.presentation_sessions(&one).await.unwrap();
    let [presentation] = list.items.as_slice() else {
        panic!("{list:?}");
    };
    assert_eq!(presentation.lsid, lsid);
    assert_eq!(
        (presentation.start_time, presentation.end_time),
        (Some(at(START)), Some(at(START + 3600)))
    );
    assert_eq!(presentation.duration, Some(SignedDuration::from_hours(1)));
    let attendees = presentation.element.child("attendee_list").unwrap();
    let attendee = attendees.children[0].child("username").unwrap();
    assert_eq!(attendee.text, "Ada Byron");

    let both = SessionSelection::Lsids(vec![lsid.clone(), running.clone()]);
    for selection in [both, that_day().into()] {
        let request = PresentationSession::new(selection);
        let list = client.presentation_sessions(&request).await.unwrap();
        assert_eq!(list.items.len(), 2);
        assert_eq!(list.items[1].end_time, None);
    }
    let ended = TimeWindow::EndTime {
        time: at(START),
        seconds: 7200,
    };
    let listing = PresentationSessionListing::new(ended);
    let list = client.presentation_session_listing(&listing).await.unwrap();
    assert_eq!(list.items.len(), 1);
    assert_eq!(list.items[0].lsid, lsid);
    assert_eq!(list.items[0].element.attribute("has_recording"), Some("1"));
}

#[tokio::test]
async fn teams_have_events_as_sessions_do() {
    let sim = BomgarSim::start().await;
    let desk = |event_type: &str, second| TeamActivity::new(3, "Service Desk", event_type, second);
    sim.add_team_activity(
        desk("Conference Member Added", START)
            .performed_by("representative", "Greta Lang")
            .data("username", "glang"),
    );
    sim.add_team_activity(
        desk("Chat Message", START + 60)
            .performed_by("representative", "Greta Lang")
            .destination("everyone", "Everyone")
            .body("Who takes the next one?\u{7}"),
    );
    sim.add_team_activity(TeamActivity::new(
        4,
        "Network",
        "Coffee Fetched",
        START + 70,
    ));
    let client = client(&sim);

    let all = SupportTeam::new(that_day());
    let list = client.team_activity(&all).await.unwrap();
    let [desk, network] = list.items.as_slice() else {
        panic!("{list:?}");
    };
    assert_eq!(
        (desk.id.as_deref(), desk.name.as_deref()),
        (Some("3"), Some("Service Desk"))
    );
    assert_eq!(desk.events[0].value("username"), Some("glang"));
    assert_eq!(desk.events[1].event_type, EventType::ChatMessage);
    assert_eq!(desk.events[1].timestamp, Some(at(START + 60)));
    assert_eq!(
        desk.events[1].body.as_deref(),
        Some("Who takes the next one?\u{7}")
    );
    assert_eq!(
        network.events[0].event_type,
        EventType::Other("Coffee Fetched".into())
    );

    let network = all.team_id(4).product(Product::PrivilegedRemoteAccess);
    let list = client.team_activity(&network).await.unwrap();
    assert_eq!(list.items.len(), 1);
    assert_eq!(list.items[0].name.as_deref(), Some("Network"));
    assert!(has(&sent(&sim, "Team"), "team_id", "4"));
}

#[tokio::test]
async fn the_vault_says_what_happened_to_its_accounts() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim, spec());
    sim.add_vault_activity(
        VaultActivity::new("Credentials Used", 12, START)
            .performed_by(7, "User", "Greta Lang")
            .data(&lsid),
    );
    sim.add_vault_activity(VaultActivity::new("Rotated", 12, START + 60));
    let client = client(&sim);
    let request = VaultAccountActivity::new(since_then()).filter("account_id", "12");
    let list = client.vault_account_activity(&request).await.unwrap();
    let [used, rotated] = list.items.as_slice() else {
        panic!("{list:?}");
    };
    assert_eq!(used.event_type, VaultEventType::CredentialsUsed);
    assert_eq!(
        (used.timestamp, used.account.as_deref(), used.lsid()),
        (Some(at(START)), Some("12"), Some(lsid.as_str()))
    );
    let performer = used.performed_by.as_ref().unwrap();
    assert_eq!(performer.kind, ActorKind::Other("User".into()));
    assert_eq!(
        (performer.id.as_deref(), performer.name.as_str()),
        (Some("7"), "Greta Lang")
    );
    assert_eq!(rotated.event_type, VaultEventType::Other("Rotated".into()));
    assert_eq!((&rotated.performed_by, &rotated.data), (&None, &None));
    assert!(has(&sent(&sim, "VaultAccountActivity"), "account_id", "12"));
}

#[tokio::test]
async fn licences_are_grouped_as_asked() {
    let sim = BomgarSim::start().await;
    sim.add_license_interval(LicenseInterval::new(START, START + 600, 19, 20));
    sim.add_license_interval(LicenseInterval::new(START + 90_000, START + 90_600, 5, 20));
    let client = client(&sim);
    for group_by in [GroupBy::Hour, GroupBy::Day, GroupBy::Month] {
        let request = LicenseUsage::new(group_by, StartWindow::Date { date: DAY, days: 3 });
        let report = client.license_usage(&request).await.unwrap();
        assert_eq!(report.group_by.as_deref(), Some(group_by.as_str()));
        assert_eq!(
            report.start_time,
            Some("2023-11-14T00:00:00Z".parse().unwrap())
        );
        assert_eq!(
            report.end_time,
            Some("2023-11-17T00:00:00Z".parse().unwrap())
        );
        let [interval] = report.intervals.as_slice() else {
            panic!("{report:?}");
        };
        assert!(interval.start_time.unwrap() <= at(START));
        assert!(interval.end_time.unwrap() > at(START));
        // The simulator's own name.
        let in_use = interval.element.child("licenses_in_use").unwrap();
        assert_eq!(in_use.text, "19");
        assert!(report.unknown.is_empty(), "{:?}", report.unknown);
    }
}

#[tokio::test]
async fn archives_of_a_day_are_listed_by_kind() {
    let sim = BomgarSim::start().await;
    for time in [START, START + 1800] {
        sim.add_archive(Archive::state(time));
    }
    sim.add_archive(Archive::events(START));
    let client = client(&sim);
    let archives = client.archive_listing(DAY).await.unwrap();
    let states: Vec<_> = archives.states.iter().map(|a| (a.time, a.index)).collect();
    assert_eq!(
        states,
        [
            (Some(at(START)), Some(1)),
            (Some(at(START + 1800)), Some(2))
        ]
    );
    let [events] = archives.events.as_slice() else {
        panic!("{archives:?}");
    };
    assert_eq!(
        (events.start_time, events.end_time, events.index),
        (Some(at(START)), Some(at(START + 600)), Some(1))
    );
    assert!(archives.unknown.is_empty());

    let none = client.archive_listing(date(2023, 11, 1)).await.unwrap();
    assert!(none.states.is_empty() && none.events.is_empty());
}

#[tokio::test]
async fn any_report_can_be_had_as_it_is() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim, spec().external_key("48213"));
    let client = client(&sim);
    let request = RawReport::new("SupportSessionListing")
        .field("start_time", START.to_string())
        .field("duration", "60");
    let root = client.report_raw(&request).await.unwrap();
    assert_eq!(root.name, "session_summary_list");
    let summary = root.child("session_summary").unwrap();
    assert_eq!(summary.attribute("lsid"), Some(lsid.as_str()));
    assert_eq!(summary.attribute("external_key"), Some("48213"));

    let error = client
        .report_raw(&RawReport::new("Weather"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.operation(), Some("Weather"));
}

/// Asks for every report that may be empty, and gives how many items each has.
async fn ask_all(client: &Client) -> Result<usize, bomgar_api::Error> {
    let window = that_day();
    let surveys = SurveySelection::all_in(window);
    let team = SurveyReportType::Team;
    let usage = LicenseUsage::new(GroupBy::Day, since_then());
    let archives = client.archive_listing(DAY).await?;
    let counts = [
        client
            .call(&SupportSession::new(window))
            .await?
            .sessions
            .len(),
        client
            .session_listing(&SupportSessionListing::new(window))
            .await?
            .items
            .len(),
        client
            .session_summary(&SupportSessionSummary::new(SummaryType::Rep, window))
            .await?
            .items
            .len(),
        client
            .customer_exit_surveys(&SupportCustExitSurvey::new(team.clone(), surveys.clone()))
            .await?
            .items
            .len(),
        client
            .rep_exit_surveys(&SupportRepExitSurvey::new(team, surveys))
            .await?
            .items
            .len(),
        client
            .presentation_sessions(&PresentationSession::new(window))
            .await?
            .items
            .len(),
        client
            .presentation_session_listing(&PresentationSessionListing::new(window))
            .await?
            .items
            .len(),
        client
            .team_activity(&SupportTeam::new(window))
            .await?
            .items
            .len(),
        client
            .vault_account_activity(&VaultAccountActivity::new(since_then()))
            .await?
            .items
            .len(),
        client.license_usage(&usage).await?.intervals.len(),
        archives.states.len() + archives.events.len(),
    ];
    Ok(counts.iter().sum())
}

#[tokio::test]
async fn nothing_is_an_empty_report_in_every_form() {
    let sim = BomgarSim::start().await;
    let plain = client(&sim);
    for namespace in [
        Namespace::Bomgar,
        Namespace::BeyondTrust,
        Namespace::Sra,
        Namespace::None,
    ] {
        sim.set_namespace(namespace);
        for empty in [EmptyReport::English, EmptyReport::French, EmptyReport::Root] {
            sim.set_empty_report(empty);
            assert_eq!(ask_all(&plain).await.unwrap(), 0);
        }
    }

    // Another language needs the caller to say so.
    sim.set_empty_report_text("Keine Berichtsdaten gefunden.");
    let error = ask_all(&plain).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    assert_eq!(error.server_text(), Some("Keine Berichtsdaten gefunden."));
    let german = builder(&sim)
        .empty_result(|text| text.contains("Keine Berichtsdaten"))
        .build()
        .unwrap();
    assert_eq!(ask_all(&german).await.unwrap(), 0);
}

#[tokio::test]
async fn an_account_without_permission_is_told_so() {
    for form in [ErrorForm::Root, ErrorForm::SpacedRoot, ErrorForm::Inner] {
        let limited = ApiAccount::new("limited", "limited-secret")
            .permission("perm_reporting_support", "0")
            .permission("perm_reporting_presentation", "0")
            .permission("perm_reporting_license", "0")
            .permission("perm_reporting_archive", "0");
        let sim = BomgarSim::builder()
            .account(limited)
            .error_form(form)
            .start()
            .await;
        let credentials = Credentials::oauth("limited", "limited-secret");
        let client = Client::builder(sim.base_url(), credentials)
            .build()
            .unwrap();
        let listing = SupportSessionListing::new(that_day());
        let presentations = PresentationSession::new(that_day());
        let licences = LicenseUsage::new(GroupBy::Day, since_then());
        let errors = [
            client.session_listing(&listing).await.unwrap_err(),
            client
                .presentation_sessions(&presentations)
                .await
                .unwrap_err(),
            client.license_usage(&licences).await.unwrap_err(),
            client.archive_listing(DAY).await.unwrap_err(),
        ];
        let reports = [
            "SupportSessionListing",
            "PresentationSession",
            "LicenseUsage",
            "ArchiveListing",
        ];
        for (error, report) in errors.iter().zip(reports) {
            assert_eq!(error.kind(), ErrorKind::Api, "{error}");
            assert_eq!(error.operation(), Some(report));
            assert!(error.server_text().is_some_and(|text| !text.is_empty()));
        }
    }
}

#[tokio::test]
async fn who_was_there_and_for_how_long() {
    let sim = BomgarSim::start().await;
    let second = Representative::new(13, "hkurz").display_names("Hanna Kurz", "Hanna K.");
    let lsid = sim.start_session(spec());
    sim.advance(&lsid, 300).unwrap();
    sim.rep_joined(&lsid, second).unwrap();
    sim.advance(&lsid, 600).unwrap();
    sim.member_departed(&lsid, Party::rep("hkurz")).unwrap();
    let file = FileTransfer::upload("C:\\fix.exe", 1024).sha256("9f86d081");
    sim.file_transfer(&lsid, file).unwrap();
    sim.end_session(&lsid, START + 1800).unwrap();

    let client = client(&sim);
    let mut session = client.support_session(&lsid).await.unwrap().unwrap();
    let by_name = |session: &bomgar_api::reporting::Session, name: &str| {
        let involvement = session.involvement();
        let found = involvement.iter().find(|one| one.person.name() == name);
        found.map(|one| (one.joined, one.left, one.time)).unwrap()
    };
    let (joined, left, time) = by_name(&session, "Hanna Kurz");
    assert_eq!(
        (joined, left),
        (Some(at(START + 300)), Some(at(START + 900)))
    );
    assert!(matches!(time, Some(TimeInvolved::Stated(_))), "{time:?}");

    // What the appliance states and what its events say is the same here.
    let stated = time.unwrap().length();
    for representative in &mut session.representatives {
        representative.time_involved = None;
    }
    let (_, _, time) = by_name(&session, "Hanna Kurz");
    assert_eq!(time, Some(TimeInvolved::FromEvents(stated)));
    assert_eq!(stated, SignedDuration::from_mins(10));
    let (_, _, time) = by_name(&session, "Ada Byron");
    assert_eq!(
        time,
        Some(TimeInvolved::FromEvents(SignedDuration::from_mins(30)))
    );
    let added = session
        .events_of(&EventType::ConferenceMemberAdded)
        .filter_map(|event| session.person_of(event.performed_by.as_ref()?))
        .map(|person| person.name())
        .collect::<Vec<_>>();
    assert!(added.contains(&"Hanna Kurz") && added.contains(&"Ada Byron"));
    assert!(
        session
            .files()
            .iter()
            .any(|file| file.sha256 == Some("9f86d081"))
    );
}
