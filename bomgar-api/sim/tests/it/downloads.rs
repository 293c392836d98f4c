//! Answers that are no XML: recordings, archives, ZIP files, backups.

use std::io::{Cursor, Read};

use bomgar_sim::{
    Archive, ArchiveErrors, BomgarSim, JumpItem, PresentationSpec, Recording, SessionSpec, Syslog,
    SyslogRecord,
};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::tree::Node;
use crate::{element, get, http, report, token};

const START: i64 = 1_700_000_000;
const EXPIRED: &str = "This recording has expired and can no longer be viewed or downloaded.";

/// Media type and body.
async fn fetch(sim: &BomgarSim, query: &[(&str, &str)]) -> (String, Vec<u8>) {
    let reply = get(sim, &token(sim).await, "/api/reporting", query).await;
    assert_eq!(reply.status(), 200);
    let media_type = reply.headers()["content-type"].to_str().unwrap().to_owned();
    (media_type, reply.bytes().await.unwrap().to_vec())
}

fn error_text((media_type, body): (String, Vec<u8>)) -> String {
    assert!(media_type.starts_with("text/xml"), "{media_type}");
    let root = Node::parse(std::str::from_utf8(&body).unwrap());
    assert_eq!(root.name, "error");
    root.text
}

fn ended(sim: &BomgarSim) -> String {
    let lsid = sim.start_session(SessionSpec::new().start_time(START));
    sim.end_session(&lsid, START + 60).unwrap();
    lsid
}

#[tokio::test]
async fn recordings_are_videos_of_the_size_that_was_asked_for() {
    let sim = BomgarSim::start().await;
    let lsid = ended(&sim);
    let whole = Recording::session(300_001);
    let screen = Recording::show_my_screen(1, 70);
    let shell = Recording::command_shell(0, 5_000).announced();
    for recording in [&whole, &screen, &shell] {
        sim.add_recording(&lsid, recording.clone()).unwrap();
    }
    let ask = |name: &'static str, instance: Option<&'static str>| {
        let (sim, lsid) = (&sim, lsid.as_str());
        async move {
            let mut query = vec![("generate_report", name), ("lsid", lsid)];
            query.extend(instance.map(|instance| ("instance", instance)));
            fetch(sim, &query).await
        }
    };
    let (media_type, video) = ask("SupportSessionRecording", None).await;
    assert_eq!(media_type, "video/mp4");
    assert_eq!(video, whole.bytes_at(0, usize::MAX));
    assert_eq!(video.len(), 300_001);
    let (_, video) = ask("ShowMyScreenRecording", Some("1")).await;
    assert_eq!(video, screen.bytes_at(0, 70));
    let (_, video) = ask("CommandShellRecording", Some("0")).await;
    assert_eq!(video, shell.bytes_at(0, 5_000));
    for (name, instance) in [
        ("ShowMyScreenRecording", None),
        ("ShowMyScreenRecording", Some("0")),
        ("CommandShellRecording", Some("x")),
    ] {
        error_text(ask(name, instance).await);
    }
    for lsid in ["", "junk", "0123456789abcdef0123456789abcdef"] {
        let query = [
            ("generate_report", "SupportSessionRecording"),
            ("lsid", lsid),
        ];
        assert_eq!(error_text(fetch(&sim, &query).await), "Invalid lsid.");
    }
}

#[tokio::test]
async fn only_an_announced_recording_states_its_length() {
    let sim = BomgarSim::start().await;
    let lsid = ended(&sim);
    let query = [
        ("generate_report", "SupportSessionRecording"),
        ("lsid", lsid.as_str()),
    ];
    sim.add_recording(&lsid, Recording::session(9_000)).unwrap();
    let token = token(&sim).await;
    let reply = get(&sim, &token, "/api/reporting", &query).await;
    assert_eq!(reply.headers().get("content-length"), None);
    sim.add_recording(&lsid, Recording::session(9_000).announced())
        .unwrap();
    let reply = get(&sim, &token, "/api/reporting", &query).await;
    assert_eq!(reply.headers()["content-length"], "9000");
    assert_eq!(reply.bytes().await.unwrap().len(), 9_000);
}

#[tokio::test]
async fn an_expired_recording_is_an_error_in_place_of_the_video() {
    let sim = BomgarSim::start().await;
    let lsid = ended(&sim);
    let query = [
        ("generate_report", "SupportSessionRecording"),
        ("lsid", lsid.as_str()),
    ];
    assert_ne!(error_text(fetch(&sim, &query).await), EXPIRED);
    sim.add_recording(&lsid, Recording::session(10).expired())
        .unwrap();
    assert_eq!(error_text(fetch(&sim, &query).await), EXPIRED);
    let presentation = PresentationSpec::new(START).recording(Recording::session(20).expired());
    let lsid = sim.add_presentation(presentation);
    let query = [
        ("generate_report", "PresentationSessionRecording"),
        ("lsid", lsid.as_str()),
    ];
    assert_eq!(error_text(fetch(&sim, &query).await), EXPIRED);
    let lsid = sim.add_presentation(PresentationSpec::new(START).recording(Recording::session(20)));
    let query = [
        ("generate_report", "PresentationSessionRecording"),
        ("lsid", lsid.as_str()),
    ];
    assert_eq!(fetch(&sim, &query).await.1.len(), 20);
}

#[tokio::test]
async fn the_addresses_in_a_session_report_lead_to_its_recordings() {
    let sim = BomgarSim::start().await;
    let lsid = ended(&sim);
    let plain = report(&sim, &[("lsid", &lsid)]).await;
    assert!(!plain.contains("recording"), "{plain}");
    let whole = Recording::session(2_000);
    let shell = Recording::command_shell(3, 1_500);
    sim.add_recording(&lsid, whole.clone()).unwrap();
    sim.add_recording(&lsid, shell.clone()).unwrap();
    let root = Node::parse(&report(&sim, &[("lsid", &lsid)]).await);
    let session = root.at("session");
    let recorded = session.at("command_shell_recordings/command_shell_recording");
    assert_eq!(recorded.attribute("instance"), Some("3"));
    for (url, recording) in [
        (&session.at("session_recording_download_url").text, whole),
        (&recorded.at("download_url").text, shell),
    ] {
        // The address is signed, no token is needed.
        let reply = http().get(url).send().await.unwrap();
        let bytes = reply.bytes().await.unwrap();
        assert_eq!(bytes, recording.bytes_at(0, usize::MAX));
        let forged = url.replace("h%3D", "h%3D0");
        assert_eq!(http().get(forged).send().await.unwrap().status(), 403);
    }
}

fn gunzip(bytes: &[u8]) -> String {
    assert_eq!(&bytes[..2], b"\x1f\x8b");
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn archives_are_listed_by_day_and_counted_from_one_for_each_kind() {
    let sim = BomgarSim::start().await;
    let row = json!({"hostname": "ADA-PC", "public_ip": "203.0.113.24:52114"});
    sim.add_archive(
        Archive::state(START)
            .row("customer_client", "17", row.clone())
            .no_rows("attendee"),
    );
    sim.add_archive(Archive::state(START - 1_800));
    sim.add_archive(Archive::state(START + 86_400));
    sim.add_archive(
        Archive::events(START)
            .change(json!({"a": 1}))
            .change(json!({"b": 2})),
    );
    let listing = |date: &'static str| {
        let sim = &sim;
        async move {
            report(
                sim,
                &[("generate_report", "ArchiveListing"), ("date", date)],
            )
            .await
        }
    };
    let root = Node::parse(&listing("2023-11-14").await);
    assert_eq!(root.name, "archives");
    let states: Vec<_> = root
        .all("state_archive")
        .map(|archive| {
            let time = archive
                .at("time")
                .attribute("timestamp")
                .unwrap()
                .to_owned();
            (archive.at("index").text.clone(), time)
        })
        .collect();
    let pair = |index: &str, time: i64| (index.to_owned(), time.to_string());
    assert_eq!(states, [pair("1", START - 1_800), pair("2", START)]);
    let event = root.at("event_archive");
    assert_eq!(event.at("index").text, "1");
    assert_eq!(
        event.at("start_time").attribute("timestamp"),
        Some("1700000000")
    );
    assert_eq!(
        event.at("end_time").attribute("timestamp"),
        Some("1700000600")
    );
    let none = "No archives found for the given search criteria.";
    assert_eq!(Node::parse(&listing("2023-11-13").await).text, none);
    for bad in ["", "14.11.2023"] {
        let root = Node::parse(&listing(bad).await);
        assert!(root.name == "error" && root.text != none, "{bad}");
    }

    let archive = |kind: &'static str, index: &'static str| {
        let query = [
            ("generate_report", "Archive"),
            ("type", kind),
            ("date", "2023-11-14"),
            ("index", index),
        ];
        let sim = &sim;
        async move { fetch(sim, &query).await }
    };
    let state: Value = serde_json::from_str(&gunzip(&archive("state", "2").await.1)).unwrap();
    assert_eq!(
        state,
        json!({"customer_client": {"17": row}, "attendee": null})
    );
    let lines = gunzip(&archive("event", "1").await.1);
    assert_eq!(lines, "{\"a\":1}\n{\"b\":2}\n");
    assert_eq!(error_text(archive("state", "3").await), none);
    assert_ne!(error_text(archive("state", "0").await), none);
    assert_ne!(error_text(archive("other", "1").await), none);
    // The same error inside of gzip.
    sim.set_archive_errors(ArchiveErrors::Gzip);
    let root = Node::parse(&gunzip(&archive("state", "3").await.1));
    assert_eq!((root.name.as_str(), root.text.as_str()), ("error", none));
}

#[tokio::test]
async fn seven_days_with_archives_are_kept() {
    let sim = BomgarSim::start().await;
    for day in [0, 1, 2, 4, 5, 6, 7, 9] {
        sim.add_archive(Archive::state(START + day * 86_400));
    }
    let mut found = 0;
    for day in 14..=24 {
        let query = [
            ("generate_report", "ArchiveListing"),
            ("date", &*format!("2023-11-{day}")),
        ];
        let root = Node::parse(&report(&sim, &query).await);
        assert!(day != 14 || root.name == "error", "the eighth day back");
        found += usize::from(root.name == "archives");
    }
    assert_eq!(found, 7);
}

#[tokio::test]
async fn a_large_archive_is_made_while_it_is_sent() {
    let sim = BomgarSim::start().await;
    sim.add_archive(Archive::state(START).generated(5_000));
    sim.add_archive(Archive::state(START + 60).raw(*b"\x1f\x8bbroken"));
    let query = |index: &'static str| {
        [
            ("generate_report", "Archive"),
            ("type", "state"),
            ("date", "2023-11-14"),
            ("index", index),
        ]
    };
    let (_, body) = fetch(&sim, &query("1")).await;
    let state: Value = serde_json::from_str(&gunzip(&body)).unwrap();
    let rows = state["customer_client"].as_object().unwrap();
    assert_eq!(rows.len(), 5_000);
    assert_eq!(rows["4999"]["client_type"], "desktop");
    assert_eq!(fetch(&sim, &query("2")).await.1, b"\x1f\x8bbroken");
}

fn unzip(bytes: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut file = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().to_owned(), bytes)
        })
        .collect()
}

#[tokio::test]
async fn endpoint_licenses_are_a_table_in_a_zip_file() {
    let sim = BomgarSim::start().await;
    sim.add_jump_item(
        JumpItem::new("The \"big\" one", "files.example.com")
            .jumpoint("Zürich")
            .application("")
            .method("Jump Client")
            .group("Servers, old")
            .license_used(true),
    );
    sim.add_jump_item(JumpItem::new("b", "10.0.0.2"));
    let (media_type, body) = fetch(&sim, &[("generate_report", "EndpointLicenseUsage")]).await;
    assert_eq!(media_type, "application/zip");
    let entries = unzip(body);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].0, "jump_items.csv");
    let csv = String::from_utf8(entries[0].1.clone()).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0].matches(',').count(), 6, "seven columns");
    assert_eq!(
        lines[1],
        r#""The ""big"" one","files.example.com","Zürich","","Yes","Jump Client","Servers, old""#
    );
    assert!(lines[2].contains("\"No\""));
    let (_, body) = fetch(&sim, &[("generate_report", "JumpItem")]).await;
    assert_eq!(unzip(body).len(), 1);
}

#[tokio::test]
async fn the_syslog_has_a_plain_file_older_packed_ones_and_split_records() {
    let sim = BomgarSim::start().await;
    let query = [("generate_report", "Syslog")];
    let long = "ü;".repeat(600);
    sim.set_syslog(
        Syslog::new()
            .record(SyslogRecord::new("login", START - 86_400).field("who", "ada"))
            .record(SyslogRecord::new("setting_changed", START).field("new", &long))
            .record(SyslogRecord::new("logout", START + 1).pid(99))
            .part_bytes(500)
            .mixed(),
    );
    let (media_type, body) = fetch(&sim, &query).await;
    assert_eq!(media_type, "application/zip");
    let entries = unzip(body);
    let (packed, plain): (Vec<_>, Vec<_>) = entries
        .into_iter()
        .partition(|(name, _)| name.ends_with(".gz"));
    assert_eq!((packed.len(), plain.len()), (1, 1));
    let old = gunzip(&packed[0].1);
    assert!(
        old.starts_with("Nov 13 22:13:20 examplesupport BG[2311]: 1001:01:01:when=1699913600;event=login;who=ada\n"),
        "{old}"
    );
    let text = String::from_utf8(plain[0].1.clone()).unwrap();
    // Put the parts together again: by process and number, in order of their part numbers.
    let mut records = std::collections::BTreeMap::new();
    let mut order = Vec::new();
    for line in text.lines() {
        let (_, rest) = line.split_once(" BG[").unwrap();
        let (pid, rest) = rest.split_once("]: ").unwrap();
        let fields: Vec<&str> = rest.splitn(4, ':').collect();
        let part: u32 = fields[1].parse().unwrap();
        let parts: u32 = fields[2].parse().unwrap();
        assert!(fields[3].len() <= 500);
        order.push(part);
        records
            .entry((pid.to_owned(), fields[0].to_owned()))
            .or_insert_with(|| (parts, std::collections::BTreeMap::new()))
            .1
            .insert(part, fields[3].to_owned());
    }
    assert!(order.windows(2).any(|two| two[0] > two[1]), "{order:?}");
    let joined: Vec<String> = records
        .into_values()
        .map(|(parts, pieces)| {
            assert_eq!(pieces.len(), parts as usize);
            pieces.into_values().collect()
        })
        .collect();
    let escaped = long.replace(';', "\\;");
    let expected = format!("when=1700000000;event=setting_changed;new={escaped}");
    assert!(joined.contains(&expected));
    assert!(joined.contains(&"when=1700000001;event=logout".to_owned()));

    sim.set_syslog(Syslog::new().error("The log cannot be read."));
    assert_eq!(
        error_text(fetch(&sim, &query).await),
        "The log cannot be read."
    );
}

#[tokio::test]
async fn a_backup_is_a_file_and_takes_a_password_as_json() {
    let sim = BomgarSim::start().await;
    sim.set_backup_size(100_000);
    let token = token(&sim).await;
    let reply = get(&sim, &token, "/api/backup", &[]).await;
    let headers = reply.headers().clone();
    let name = headers["content-disposition"].to_str().unwrap();
    assert!(name.ends_with(".nsb\""), "{name}");
    let plain = reply.bytes().await.unwrap();
    assert_eq!(plain.len(), 100_000);
    assert!(!plain.starts_with(b"<"));
    let post = |body: &'static str| {
        http()
            .post(format!("{}/api/backup.ns", sim.base_url()))
            .bearer_auth(&token)
            .header("content-type", "application/json")
            .body(body)
            .send()
    };
    let protected = post(r#"{"password":"pw"}"#).await.unwrap();
    assert_ne!(protected.bytes().await.unwrap(), plain);
    assert_eq!(sim.backup_passwords(), [None, Some("pw".to_owned())]);
    assert_eq!(post("password=pw").await.unwrap().status(), 400);
    assert_eq!(sim.backup_passwords().len(), 2);
    assert_eq!(sim.call_count("backup"), 3);
    let call = format!("{:?}", sim.calls().last());
    assert!(!call.contains("pw"), "{call}");

    sim.set_permission("perm_backup", "0");
    let denied = get(&sim, &token, "/api/backup", &[]).await;
    let text = denied.text().await.unwrap();
    assert_eq!(Node::parse(&text).name, "error");
    let reply = get(&sim, "dead", "/api/backup", &[]).await;
    assert_eq!(reply.status(), 401);
}

#[tokio::test]
async fn older_sites_take_username_and_password_for_a_backup() {
    let sim = BomgarSim::builder()
        .legacy_user("admin", "pw")
        .start()
        .await;
    let ask = |password: &'static str| {
        let form = [("username", "admin"), ("password", password)];
        let request = http()
            .post(format!("{}/api/backup", sim.base_url()))
            .form(&form);
        async move { request.send().await.unwrap().bytes().await.unwrap() }
    };
    assert!(!ask("pw").await.starts_with(b"<"));
    let refused = ask("wrong").await;
    assert!(
        String::from_utf8_lossy(&refused).contains("Invalid credentials"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_schemas_say_that_they_are_not_the_vendors() {
    let sim = BomgarSim::start().await;
    for api in ["command", "reporting"] {
        let url = format!("{}/api/{api}.xsd", sim.base_url());
        let text = http().get(url).send().await.unwrap().text().await.unwrap();
        let root = Node::parse(&text);
        assert_eq!(root.name, "schema");
        let says = &root.at("annotation/documentation").text;
        assert!(says.contains("simulated"), "{says}");
        assert_eq!(element(&text, "error"), None);
    }
}

#[tokio::test]
async fn console_scripts_are_checked() {
    let sim = BomgarSim::start().await;
    let ask = |query: &str| {
        let url = format!(
            "{}/api/client_script?type=rep&operation=generate&{query}",
            sim.base_url()
        );
        let request = http().get(url);
        async move {
            let reply = request.send().await.unwrap();
            (reply.status().as_u16(), reply.text().await.unwrap())
        }
    };
    let good = [
        ("action=login", "action=login\n"),
        (
            "action=login&mechanism=username_password&username=a&password=%26",
            "action=login&mechanism=username_password&username=a&password=%26\n",
        ),
        (
            "action=generate_session_key&public_portal_hostname=h",
            "action=login\naction=generate_session_key&public_portal_hostname=h\n",
        ),
        (
            "action=start_jump_item_session&jump.method=rdp&client.tag=x%20y",
            "action=login\naction=start_jump_item_session&jump.method=rdp&client.tag=x%20y\n",
        ),
        (
            "action=push_and_start_remote&target=a&newer=1",
            "action=login\naction=push_and_start_remote&target=a&newer=1\n",
        ),
        (
            "action=start_vpro_session&target=a&jumpoint=b",
            "action=login\naction=start_vpro_session&target=a&jumpoint=b\n",
        ),
    ];
    for (query, lines) in good {
        assert_eq!(ask(query).await, (200, format!("BRCS1.0\n{lines}")));
    }
    let long = "x".repeat(256);
    let bad = [
        "action=".to_owned(),
        "action=start_hologram".into(),
        "action=login&username=a&password=b".into(),
        "action=login&mechanism=saml&username=a&password=b".into(),
        "action=login&mechanism=username_password&username=a".into(),
        "action=start_jump_item_session&jump.method=rdp".into(),
        "action=start_jump_item_session&jump.method=hover&client.tag=x".into(),
        "action=start_pinned_client_session".into(),
        "action=push_and_start_remote".into(),
        "action=start_vpro_session&target=a".into(),
        format!("action=start_pinned_client_session&client.hostname={long}"),
        format!("action=generate_session_key&public_portal_hostname={long}"),
        format!(
            "action=generate_session_key&session.custom.a={}",
            "x".repeat(1_025)
        ),
    ];
    for query in &bad {
        assert_eq!(ask(query).await.0, 400, "{query}");
    }
}
