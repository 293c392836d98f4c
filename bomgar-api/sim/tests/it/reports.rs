use std::time::Duration;

use bomgar_sim::{
    BomgarSim, Customer, EMPTY_REPORT, EMPTY_REPORT_FRENCH, EventSpec, FileTransfer, Party,
    Representative, SessionSpec, Survey,
};

use crate::{element, get, http, report, token};

const START: i64 = 1_700_000_000;

fn session(sim: &BomgarSim, start: i64) -> String {
    sim.start_session(SessionSpec::new().start_time(start))
}

#[tokio::test]
async fn a_report_tells_the_whole_session() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(
        SessionSpec::new()
            .customer(Customer::new("Ada \"A\" Byron").company("Acme & Co"))
            .representative(Representative::new(12, "glang").display_names("Grace Lang", "Grace"))
            .external_key("48213")
            .jump_group("shared", "Servers")
            .start_time(START),
    );
    sim.advance(&lsid, 60).unwrap();
    sim.chat(&lsid, Party::Customer, Party::Everyone, "1 < 2 & so on")
        .unwrap();
    sim.chat(&lsid, Party::Representative, Party::Customer, "bell\u{7}")
        .unwrap();
    sim.file_transfer(&lsid, FileTransfer::upload("C:\\a.zip", 77).sha256("ab"))
        .unwrap();
    sim.end_session(&lsid, START + 3_725).unwrap();
    let xml = report(&sim, &[("lsid", &lsid)]).await;

    assert!(xml.contains(&format!("<session lsid=\"{lsid}\">")));
    assert_eq!(element(&xml, "session_type").unwrap(), "support");
    assert!(
        xml.contains("<start_time timestamp=\"1700000000\">2023-11-14T22:13:20+00:00</start_time>")
    );
    assert!(
        xml.contains("<end_time timestamp=\"1700003725\">2023-11-14T23:15:25+00:00</end_time>")
    );
    assert_eq!(element(&xml, "duration").unwrap(), "01:02:05");
    assert_eq!(element(&xml, "external_key").unwrap(), "48213");
    assert_eq!(element(&xml, "custom_attributes").unwrap().trim(), "");
    assert_eq!(element(&xml, "file_transfer_count").unwrap(), "1");
    assert!(xml.contains("<jump_group type=\"shared\" id=\"1\">Servers</jump_group>"));
    assert!(xml.contains("<primary_rep gsnumber=\"2\" id=\"12\">Grace Lang</primary_rep>"));
    assert!(xml.contains("<company>Acme &amp; Co</company>"));
    assert_eq!(element(&xml, "seconds_involved").unwrap(), "3725");
    assert_eq!(element(&xml, "body").unwrap(), "1 &lt; 2 &amp; so on");
    assert_eq!(element(&xml, "encoded_body").unwrap(), "YmVsbAc=");
    assert!(xml.contains("<value name=\"sha256\" value=\"ab\"></value>"));
    assert!(xml.contains("<event timestamp=\"1700000060\" event_type=\"Chat Message\">"));
    assert!(xml.contains("<destination type=\"everyone\" gsnumber=\"0\">Everyone</destination>"));

    let url = element(&xml, "session_chat_download_url")
        .unwrap()
        .replace("&amp;", "&");
    let chat = http().get(url).send().await.unwrap().text().await.unwrap();
    assert!(chat.contains("1 < 2 & so on"));
}

#[tokio::test]
async fn a_running_session_has_an_empty_end_time_and_no_downloads() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(
        SessionSpec::new()
            .without_representative()
            .start_time(START),
    );
    let xml = report(&sim, &[("lsids", &lsid)]).await;
    assert_eq!(element(&xml, "end_time").unwrap(), "");
    assert!(!xml.contains("session_chat") && !xml.contains("<primary_rep "));
}

#[tokio::test]
async fn an_empty_result_is_an_error_text_with_status_200() {
    let sim = BomgarSim::start().await;
    let nobody = "0123456789abcdef0123456789abcdef";
    let reply = get(
        &sim,
        &token(&sim).await,
        "/api/reporting",
        &[("generate_report", "SupportSession"), ("lsid", nobody)],
    )
    .await;
    assert_eq!(reply.status(), 200);
    let body = reply.text().await.unwrap();
    assert!(
        body.contains(&format!(" >{EMPTY_REPORT}</error>")),
        "{body}"
    );
    sim.set_empty_report_text(EMPTY_REPORT_FRENCH);
    assert!(
        report(&sim, &[("lsid", nobody)])
            .await
            .contains("correspondant à vos critères")
    );
    assert!(
        report(&sim, &[("lsid", "junk")])
            .await
            .contains("Invalid lsid.")
    );
}

#[tokio::test]
async fn start_windows_show_running_sessions_and_end_windows_only_closed_ones() {
    let sim = BomgarSim::start().await;
    let running = session(&sim, START);
    let closed = session(&sim, START + 10);
    sim.end_session(&closed, START + 100).unwrap();
    let odd = session(&sim, START + 20);
    sim.end_abnormally(&odd, START + 100).unwrap();
    let shown = |xml: String| {
        [&running, &closed, &odd].map(|lsid| xml.contains(&format!("<session lsid=\"{lsid}\"")))
    };
    let start = (START + 10).to_string();
    let ask = |kind: &'static str, from: String, duration: &'static str| {
        let sim = &sim;
        async move { report(sim, &[(kind, &from), ("duration", duration)]).await }
    };
    assert_eq!(
        shown(ask("start_time", START.to_string(), "0").await),
        [true; 3]
    );
    assert_eq!(
        shown(ask("start_time", start.clone(), "0").await),
        [false, true, true]
    );
    assert_eq!(
        shown(ask("start_time", start, "5").await),
        [false, true, false]
    );
    assert_eq!(
        shown(ask("start_date", "2023-11-14".into(), "1").await),
        [true; 3]
    );
    assert_eq!(
        shown(ask("start_date", "2023-11-15".into(), "1").await),
        [false; 3]
    );
    let ended = (START + 100).to_string();
    assert_eq!(
        shown(ask("end_time", ended, "0").await),
        [false, true, false]
    );
    let later = (START + 101).to_string();
    assert_eq!(shown(ask("end_time", later, "0").await), [false; 3]);
}

#[tokio::test]
async fn exactly_one_window_with_its_duration_is_accepted() {
    let sim = BomgarSim::start().await;
    session(&sim, START);
    let time = START.to_string();
    let refused: [&[(&str, &str)]; 4] = [
        &[],
        &[("start_time", &time)],
        &[
            ("start_time", &time),
            ("end_time", &time),
            ("duration", "0"),
        ],
        &[
            ("start_time", &time),
            ("duration", "0"),
            ("lsid", "0123456789abcdef0123456789abcdef"),
        ],
    ];
    for query in refused {
        let xml = report(&sim, query).await;
        assert!(
            xml.contains("<error xmlns") && !xml.contains(EMPTY_REPORT),
            "{query:?}: {xml}"
        );
    }
    let both = [
        ("start_time", time.as_str()),
        ("start_date", "2023-11-14"),
        ("duration", "0"),
    ];
    assert!(report(&sim, &both).await.contains("<session_list"));
}

#[tokio::test]
async fn a_session_can_be_late_in_the_report() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim, START);
    sim.hide_report(&lsid, 2).unwrap();
    sim.late_end_time(&lsid, 1).unwrap();
    sim.end_session(&lsid, START + 60).unwrap();
    assert!(
        report(&sim, &[("lsid", &lsid)])
            .await
            .contains(EMPTY_REPORT)
    );
    assert!(
        report(&sim, &[("lsid", &lsid)])
            .await
            .contains(EMPTY_REPORT)
    );
    assert_eq!(
        element(&report(&sim, &[("lsid", &lsid)]).await, "end_time").unwrap(),
        ""
    );
    assert_ne!(
        element(&report(&sim, &[("lsid", &lsid)]).await, "end_time").unwrap(),
        ""
    );
    sim.report_delay(&lsid, Duration::from_secs(3_600)).unwrap();
    assert!(
        report(&sim, &[("lsid", &lsid)])
            .await
            .contains(EMPTY_REPORT)
    );
    sim.report_delay(&lsid, Duration::ZERO).unwrap();
    assert!(
        report(&sim, &[("lsid", &lsid)])
            .await
            .contains("<session_list")
    );
}

#[tokio::test]
async fn a_scrambled_report_has_the_same_content_in_another_order() {
    let sim = BomgarSim::start().await;
    let lsid = sim.demo_session("48213").unwrap();
    sim.event(&lsid, EventSpec::new("Brand New Event").data("k", "v"))
        .unwrap();
    sim.at(&lsid, START).unwrap();
    let plain = report(&sim, &[("lsid", &lsid)]).await;
    sim.set_scrambled(true);
    let scrambled = report(&sim, &[("lsid", &lsid)]).await;
    assert_ne!(plain, scrambled);
    let sorted = |xml: &str| {
        let mut lines: Vec<String> = xml.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(sorted(&plain), sorted(&scrambled));
    for part in [
        "<category name=\"General\">",
        "Brand New Event",
        "Restart Print Spooler",
    ] {
        assert!(plain.contains(part), "{part}");
    }
}

#[tokio::test]
async fn surveys_and_listings_have_reports_of_their_own() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new().external_key("48213").start_time(START));
    sim.end_session(&lsid, START + 60).unwrap();
    sim.survey(
        &lsid,
        Survey::customer().question("comments", "Comments?", ["a\nb"]),
    )
    .unwrap();
    let token = token(&sim).await;
    let ask = |query: Vec<(&'static str, String)>| {
        let query: Vec<(&str, String)> = query;
        let url = format!("{}/api/reporting", sim.base_url());
        let request = http().get(url).bearer_auth(&token).query(&query);
        async move { request.send().await.unwrap().text().await.unwrap() }
    };
    let survey = |report: &str, kind: &str| {
        ask(vec![
            ("generate_report", report.to_owned()),
            ("report_type", kind.to_owned()),
            ("lsid", lsid.clone()),
        ])
    };
    let xml = survey("SupportCustExitSurvey", "rep").await;
    assert!(
        xml.contains("<submitted_by type=\"customer\" gsnumber=\"1\">"),
        "{xml}"
    );
    assert!(xml.contains("<answer>a\\nb</answer>"));
    assert!(
        survey("SupportRepExitSurvey", "rep")
            .await
            .contains(EMPTY_REPORT)
    );
    assert!(
        survey("SupportCustExitSurvey", "")
            .await
            .contains("report_type")
    );
    let xml = ask(vec![
        ("generate_report", "SupportSessionListing".to_owned()),
        ("end_time", START.to_string()),
        ("duration", "0".to_owned()),
    ])
    .await;
    assert!(xml.contains(&format!(
        "<session_summary lsid=\"{lsid}\" has_recording=\"0\" external_key=\"48213\">"
    )));
}
