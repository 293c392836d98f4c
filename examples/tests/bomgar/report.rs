//! `report <kind>`, from the appliance and from saved answers.

use super::{
    Tool,
    appliance::{self, Busy, DATE, START},
};
use bomgar_api::{
    Client, Credentials,
    reporting::{
        Archive, ArchiveKind, EndpointLicenseUsage, GroupBy, JumpItem, LicenseUsage, RawReport,
        StartWindow, SupportCustExitSurvey, SupportRepExitSurvey, SupportSession, SurveyReportType,
        SurveySelection, Syslog, TimeWindow, VaultAccountActivity,
    },
};
use jiff::Timestamp;
use serde_json::Value;

/// What the appliance answers to a report, as a file.
struct Saved {
    folder: tempfile::TempDir,
    client: Client,
}

impl Saved {
    fn new(busy: &Busy) -> Self {
        let sim = &busy.sim;
        let account = Credentials::oauth(sim.client_id(), sim.client_secret());
        Saved {
            folder: tempfile::tempdir().unwrap(),
            client: Client::builder(sim.base_url(), account).build().unwrap(),
        }
    }

    async fn save<C: bomgar_api::Call + Sync>(&self, name: &str, call: &C) -> String {
        let body = self.client.open(call).await.unwrap().bytes().await.unwrap();
        let file = self.folder.path().join(name);
        std::fs::write(&file, body).unwrap();
        file.to_str().unwrap().to_owned()
    }
}

fn since() -> TimeWindow {
    TimeWindow::started_since(Timestamp::from_second(START).unwrap())
}

/// A day with an end, because a report that lasts until now says when that was.
fn window() -> StartWindow {
    StartWindow::Time {
        time: Timestamp::from_second(START).unwrap(),
        seconds: 86_400,
    }
}

fn raw(name: &str, fields: &[(&str, &str)]) -> RawReport {
    let fields = fields.iter();
    fields.fold(RawReport::new(name), |report, (name, value)| {
        report.field(*name, *value)
    })
}

#[tokio::test]
async fn a_saved_session_report_is_read_without_an_appliance() {
    let busy = appliance::busy().await;
    let saved = Saved::new(&busy);
    let file = saved.save("x.xml", &SupportSession::new(since())).await;
    let sessions = Tool::default()
        .run(&["report", "support-session", "--file", &file, "--json"])
        .await
        .json();
    assert_eq!(sessions.len(), 2);
    assert_eq!(sessions[0]["lsid"], busy.ended.as_str());
    // The same from the appliance, and by the report's name on the wire.
    let from_appliance = Tool::new(&busy.sim)
        .run(&[
            "report",
            "SupportSession",
            "--start-time=1700000000",
            "--json",
        ])
        .await;
    assert_eq!(from_appliance.json(), sessions);
    // The same from the standard input.
    let tool = Tool::default().input(std::fs::read(&file).unwrap());
    let ran = tool.run(&["report", "support-session", "--file=-"]).await;
    assert_eq!(ran.json(), sessions);
    let ran = Tool::default()
        .run(&["report", "support-session", "--file", &file, "--table"])
        .await;
    assert!(ran.output.contains("Ada Byron"), "{}", ran.output);
}

#[tokio::test]
async fn a_damaged_file_gives_what_is_whole_and_a_failure() {
    let busy = appliance::busy().await;
    let saved = Saved::new(&busy);
    let file = saved.save("x.xml", &SupportSession::new(since())).await;
    let text = std::fs::read_to_string(&file).unwrap();
    let second = text.rfind("<session ").unwrap();
    std::fs::write(&file, &text[..second + 40]).unwrap();
    let arguments = ["report", "support-session", "--file", &file];
    let ran = Tool::default().run(&arguments).await;
    assert_eq!((ran.code, ran.output.lines().count()), (1, 1));
    assert!(
        ran.errors.starts_with("bomgar: SupportSession"),
        "{}",
        ran.errors
    );
    for (content, expected) in [
        ("<html>no</html>", "bomgar: "),
        ("", "bomgar: "),
        ("<error>Invalid lsid.</error>", "Invalid lsid."),
    ] {
        std::fs::write(&file, content).unwrap();
        let ran = Tool::default().run(&arguments).await;
        assert_eq!((ran.code, ran.output.as_str()), (1, ""), "{content}");
        assert!(ran.errors.contains(expected), "{}", ran.errors);
    }
    let ran = Tool::default()
        .run(&["report", "support-session", "--file", "/nowhere.xml"])
        .await;
    assert_eq!(ran.code, 1);
    assert!(
        ran.errors.contains("/nowhere.xml cannot be read"),
        "{}",
        ran.errors
    );
}

#[tokio::test]
async fn an_empty_report_is_nothing_and_no_failure() {
    let empty = "<error>No Support report information matching your chosen criteria is \
                 available.</error>";
    let tool = Tool::default().input(empty);
    for kind in [
        "support-session",
        "support-session-listing",
        "support-cust-exit-survey",
    ] {
        let ran = tool.run(&["report", kind, "--file=-"]).await;
        assert_eq!(
            (ran.code, ran.output.as_str(), ran.errors.as_str()),
            (0, "", "")
        );
    }
}

/// Runs a report against the appliance and from a file, which must be the same.
async fn both(
    busy: &Busy,
    kind: &str,
    arguments: &[&str],
    extra: &[&str],
    file: &str,
) -> Vec<Value> {
    let from_appliance = [&["report", kind, "--json"][..], extra, arguments].concat();
    let from_appliance = Tool::new(&busy.sim).run(&from_appliance).await.json();
    let from_file = [&["report", kind, "--json", "--file", file][..], extra].concat();
    assert_eq!(
        Tool::default().run(&from_file).await.json(),
        from_appliance,
        "{kind}"
    );
    let table = [&["report", kind, "--table", "--file", file][..], extra].concat();
    let ran = Tool::default().run(&table).await;
    assert_eq!(ran.code, 0, "{kind}: {}", ran.errors);
    assert!(!ran.output.is_empty(), "{kind}");
    from_appliance
}

#[tokio::test]
async fn listings_and_summaries() {
    let busy = appliance::busy().await;
    let saved = Saved::new(&busy);
    let fields = [("start_time", "1700000000"), ("duration", "0")];
    let begin = ["--start-time", "1700000000"];

    let file = saved
        .save("a", &raw("SupportSessionListing", &fields))
        .await;
    let found = both(&busy, "support-session-listing", &begin, &[], &file).await;
    assert_eq!(found[0]["lsid"], busy.ended.as_str());
    assert_eq!(found[0]["has_recording"], true);

    let with_type = [&fields[..], &[("report_type", "rep")]].concat();
    let file = saved
        .save("b", &raw("SupportSessionSummary", &with_type))
        .await;
    let arguments = [&begin[..], &["--report-type=rep"]].concat();
    let found = both(&busy, "support-session-summary", &arguments, &[], &file).await;
    assert!(found[0]["values"].is_array());

    let file = saved.save("c", &raw("PresentationSession", &fields)).await;
    let found = both(&busy, "presentation-session", &begin, &[], &file).await;
    assert_eq!(found[0]["lsid"].as_str().unwrap().len(), 32);

    let file = saved
        .save("d", &raw("PresentationSessionListing", &fields))
        .await;
    let found = both(&busy, "presentation-session-listing", &begin, &[], &file).await;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn surveys_by_session_and_by_span_of_time() {
    let busy = appliance::busy().await;
    let saved = Saved::new(&busy);
    let of = |lsid: &str| SurveySelection::Lsid(lsid.to_owned());
    let call = SupportCustExitSurvey::new(SurveyReportType::Rep, of(&busy.ended));
    let file = saved.save("a", &call).await;
    let lsid = ["--lsid", busy.ended.as_str()];
    let found = both(&busy, "support-cust-exit-survey", &lsid, &[], &file).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["questions"][0]["answers"][0], "5");

    let call = SupportRepExitSurvey::new(SurveyReportType::Rep, of(&busy.ended));
    let file = saved.save("b", &call).await;
    let begin = ["--start-time=1700000000", "--report-type=rep"];
    let found = both(&busy, "support-rep-exit-survey", &begin, &[], &file).await;
    assert_eq!(found[0]["questions"][0]["name"], "solved");
    let ran = Tool::new(&busy.sim)
        .run(&[
            "report",
            "support-rep-exit-survey",
            "--start-time=1700000000",
            "--id=12",
        ])
        .await;
    assert_eq!(ran.json(), found);
}

#[tokio::test]
async fn teams_licences_and_accounts() {
    let busy = appliance::busy().await;
    let saved = Saved::new(&busy);
    let begin = ["--start-time", "1700000000"];
    let fields = [("start_time", "1700000000"), ("duration", "0")];

    let file = saved.save("a", &raw("SupportTeam", &fields)).await;
    let found = both(&busy, "support-team", &begin, &[], &file).await;
    assert_eq!(found[0]["events"][0]["body"], "Who?");
    let other = [
        "report",
        "support-team",
        "--start-time=1700000000",
        "--team-id=77",
    ];
    assert_eq!(
        Tool::new(&busy.sim).run(&other).await.json(),
        Vec::<Value>::new()
    );

    let file = saved
        .save("b", &LicenseUsage::new(GroupBy::Day, window()))
        .await;
    let arguments = [&begin[..], &["--group-by=day", "--duration=24h"]].concat();
    let found = both(&busy, "license-usage", &arguments, &[], &file).await;
    assert_eq!(found[0]["group_by"], "day");
    assert_eq!(found[0]["intervals"].as_array().unwrap().len(), 1);

    let file = saved.save("c", &VaultAccountActivity::new(window())).await;
    let found = both(&busy, "vault-account-activity", &begin, &[], &file).await;
    assert_eq!(found[0]["data"], "Manually Edited");
}

#[tokio::test]
async fn archives_and_what_is_in_them() {
    let busy = appliance::busy().await;
    let saved = Saved::new(&busy);
    let date: jiff::civil::Date = DATE.parse().unwrap();
    let file = saved
        .save("a", &raw("ArchiveListing", &[("date", DATE)]))
        .await;
    let found = both(&busy, "archive-listing", &["--date", DATE], &[], &file).await;
    assert_eq!(found[0]["states"][0]["index"], 1);

    let file = saved
        .save("b", &Archive::new(ArchiveKind::State, date, 1))
        .await;
    let arguments = ["--date", DATE, "--index=1"];
    let found = both(&busy, "archive", &arguments, &["--type=state"], &file).await;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["table"], &found[0]["id"]),
        (&"queue".into(), &"7".into())
    );
    assert_eq!(found[0]["fields"]["name"], "general");

    let file = saved
        .save("c", &Archive::new(ArchiveKind::Event, date, 1))
        .await;
    let found = both(&busy, "archive", &arguments, &["--type=event"], &file).await;
    assert_eq!(found[0]["table"], "queue");

    let ran = Tool::new(&busy.sim)
        .run(&[
            "report",
            "archive",
            "--type=state",
            "--date=2001-01-01",
            "--index=1",
        ])
        .await;
    assert_eq!((ran.code, ran.output.as_str()), (1, ""));
}

#[tokio::test]
async fn logs_licences_and_jump_items_are_files() {
    let busy = appliance::busy().await;
    let saved = Saved::new(&busy);
    let file = saved.save("a.zip", &Syslog).await;
    let found = both(&busy, "syslog", &[], &[], &file).await;
    let fields: Vec<(String, String)> = serde_json::from_value(found[0]["fields"].clone()).unwrap();
    assert!(
        fields.contains(&("who".into(), "Grace Lang (glang)".into())),
        "{fields:?}"
    );

    let file = saved.save("b.zip", &EndpointLicenseUsage).await;
    let found = both(&busy, "endpoint-license-usage", &[], &[], &file).await;
    assert_eq!(found[0]["name"], "PC 17");
    assert_eq!(found[0]["license_used"], true);
    // From the standard input, which cannot be read backwards.
    let tool = Tool::default().input(std::fs::read(&file).unwrap());
    let ran = tool
        .run(&["report", "endpoint-license-usage", "--file=-"])
        .await;
    assert_eq!(ran.json(), found);

    let file = saved.save("c", &JumpItem::new()).await;
    let body = std::fs::read(&file).unwrap();
    let output = saved.folder.path().join("jump_items");
    let output = output.to_str().unwrap();
    let arguments = ["report", "jump-item", "--output", output];
    let ran = Tool::new(&busy.sim).run(&arguments).await.object();
    assert_eq!(ran["bytes"], body.len());
    assert_eq!(std::fs::read(output).unwrap(), body);
}

#[tokio::test]
async fn any_other_report_is_shown_as_it_is() {
    let busy = appliance::busy().await;
    let arguments = ["report", "raw", "SupportSession", "--field", "lsid=x"];
    let ran = Tool::new(&busy.sim).run(&arguments).await;
    assert_eq!(ran.code, 1);
    let lsid = format!("lsid={}", busy.ended);
    let arguments = ["report", "raw", "SupportSession", "--field", &lsid];
    let root = Tool::new(&busy.sim).run(&arguments).await.object();
    assert_eq!(root["name"], "session_list");
    assert_eq!(root["children"][0]["name"], "session");
    let tool = Tool::default().input("<novel a='1'><page>one\ntwo</page></novel>");
    let ran = tool.run(&["report", "raw", "--file=-", "--table"]).await;
    assert_eq!(ran.output, "novel a=\"1\"\n  page: one two\n");
}
