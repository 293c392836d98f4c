//! Files of a simulated appliance, which shares no code with this crate.

use bomgar_api::backup::Backup;
use bomgar_api::health_probe::HealthProbe;
use bomgar_api::reporting::{
    AccessSessionRecording, CommandShellRecording, FileKind, JumpItem,
    PresentationSessionRecording, SessionSelection, ShowMyScreenRecording, SupportSession,
    SupportSessionRecording,
};
use bomgar_api::schema::Schema;
use bomgar_api::{Call, Client, Credentials, Error, ErrorKind, RetryPolicy};
use bomgar_sim::{
    BomgarSim, Denial, Fault, FaultRule, Position, PresentationSpec, Recording, SessionSpec,
};
use bytes::Bytes;

const START: i64 = 1_700_000_000;

fn client(sim: &BomgarSim) -> Client {
    let account = Credentials::oauth(sim.client_id(), sim.client_secret());
    Client::builder(sim.base_url(), account)
        .retry(RetryPolicy::none())
        .build()
        .unwrap()
}

fn session(sim: &BomgarSim) -> String {
    let lsid = sim.start_session(SessionSpec::new().start_time(START));
    sim.end_session(&lsid, Some(START + 600)).unwrap();
    lsid
}

/// The file, and what progress was told on the way.
async fn fetch<C: Call<Reply = Bytes> + Sync>(
    sim: &BomgarSim,
    call: &C,
) -> Result<(Vec<u8>, Vec<u64>), Error> {
    let mut download = client(sim).download(call).await?;
    let (mut file, mut steps) = (Vec::new(), Vec::new());
    download
        .copy_to(&mut file, |bytes| steps.push(bytes))
        .await?;
    Ok((file, steps))
}

#[tokio::test]
async fn every_recording_is_the_one_that_was_asked_for() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim);
    let recordings = [
        Recording::session(3_000_001),
        Recording::show_my_screen(0, 40).seed(1),
        Recording::show_my_screen(1, 70_000).seed(2),
        Recording::command_shell(0, 1_000).seed(3),
    ];
    for recording in recordings.clone() {
        sim.add_recording(&lsid, recording).unwrap();
    }
    let presentation = PresentationSpec::new(START).recording(Recording::session(5_000).seed(4));
    let shown = sim.add_presentation(presentation);

    let expected = recordings.map(|r| r.bytes_at(0, usize::try_from(r.size()).unwrap()));
    let (file, steps) = fetch(&sim, &SupportSessionRecording::new(&lsid))
        .await
        .unwrap();
    assert!(file == expected[0]);
    assert!(steps.len() > 1 && steps.is_sorted());
    assert_eq!(steps.last(), Some(&3_000_001));
    let (file, _) = fetch(&sim, &AccessSessionRecording::new(&lsid))
        .await
        .unwrap();
    assert!(file == expected[0]);
    for (instance, expected) in [(0, &expected[1]), (1, &expected[2])] {
        let call = ShowMyScreenRecording::new(&lsid, instance);
        assert!(fetch(&sim, &call).await.unwrap().0 == *expected);
    }
    let (file, _) = fetch(&sim, &CommandShellRecording::new(&lsid, 0))
        .await
        .unwrap();
    assert!(file == expected[3]);
    let call = PresentationSessionRecording::new(shown);
    assert_eq!(fetch(&sim, &call).await.unwrap().0.len(), 5_000);

    // What the session report says leads to the recordings.
    let report = SupportSession::new(SessionSelection::Lsid(lsid.clone()));
    let report = client(&sim).call(&report).await.unwrap();
    let instances = &report.sessions[0].show_my_screen_recordings;
    let instances: Vec<_> = instances.iter().map(|r| r.instance).collect();
    assert_eq!(instances, [Some(0), Some(1)]);
}

#[tokio::test]
async fn recordings_end_at_their_limit_and_with_their_connection() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim);
    sim.add_recording(&lsid, Recording::session(2_000_000).announced())
        .unwrap();
    let call = SupportSessionRecording::new(&lsid);
    let download = client(&sim).download(&call).await.unwrap();
    assert_eq!(download.content_length(), Some(2_000_000));
    assert_eq!(download.content_type(), Some("video/mp4"));
    let error = download.max_bytes(1_000_000).bytes().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.session()),
        (ErrorKind::TooLarge, Some(lsid.as_str()))
    );

    let half = Fault::Cut(Position::Percent(50));
    sim.fault(FaultRule::new(half).on("SupportSessionRecording"));
    let mut download = client(&sim).download(&call).await.unwrap();
    let mut file = Vec::new();
    let error = download.copy_to(&mut file, |_| {}).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert_eq!(error.operation(), Some("SupportSessionRecording"));
    // What came until then is what the recording begins with.
    assert!(!file.is_empty() && file.len() <= 1_000_000);
    assert!(Recording::session(2_000_000).bytes_at(0, file.len()) == file);
}

#[tokio::test]
async fn there_may_be_no_recording() {
    let sim = BomgarSim::start().await;
    let lsid = session(&sim);
    sim.add_recording(&lsid, Recording::session(10).expired())
        .unwrap();
    let error = fetch(&sim, &SupportSessionRecording::new(&lsid))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.session()),
        (ErrorKind::Api, Some(lsid.as_str()))
    );
    assert_eq!(
        error.server_text(),
        Some("This recording has expired and can no longer be viewed or downloaded.")
    );
    let error = fetch(&sim, &CommandShellRecording::new(&lsid, 7))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api);
    for (fault, kind) in [
        (Fault::Html200, ErrorKind::WrongContent),
        (Fault::Json200, ErrorKind::WrongContent),
        (Fault::EmptyBody, ErrorKind::Truncated),
        (Fault::Status500Html, ErrorKind::HttpStatus),
    ] {
        let json = matches!(fault, Fault::Json200);
        sim.fault(FaultRule::new(fault).on("SupportSessionRecording"));
        let error = fetch(&sim, &SupportSessionRecording::new(&lsid))
            .await
            .unwrap_err();
        // A JSON object that has a message is an error of the appliance.
        assert!(
            error.kind() == kind || json && error.kind() == ErrorKind::Api,
            "{error}"
        );
    }
    sim.set_permission("perm_reporting_support", "0");
    for (denial, kind) in [
        (Denial::Forbidden403, ErrorKind::Forbidden),
        (Denial::XmlError, ErrorKind::Api),
    ] {
        sim.set_denial(denial);
        let error = fetch(&sim, &SupportSessionRecording::new(&lsid))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}

#[tokio::test]
async fn a_backup_is_taken_with_and_without_a_password() {
    let sim = BomgarSim::start().await;
    sim.set_backup_size(500_000);
    let (file, steps) = fetch(&sim, &Backup::new()).await.unwrap();
    assert_eq!((file.len(), &file[..3]), (500_000, &b"NSB"[..]));
    assert_eq!(steps.last(), Some(&500_000));
    fetch(&sim, &Backup::new().password("p \"q\""))
        .await
        .unwrap();
    assert_eq!(sim.backup_passwords(), [None, Some("p \"q\"".to_owned())]);
    sim.set_permission("perm_backup", "0");
    let error = fetch(&sim, &Backup::new()).await.unwrap_err();
    assert!(matches!(
        error.kind(),
        ErrorKind::Forbidden | ErrorKind::Api
    ));
}

#[tokio::test]
async fn schemas_and_health_are_public() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    for schema in [Schema::Command, Schema::Reporting] {
        assert!(client.call(&schema).await.unwrap().contains("schema"));
    }
    assert!(client.call(&HealthProbe).await.unwrap().is_healthy);
    sim.set_healthy(false);
    let result = client.call(&HealthProbe).await.unwrap();
    assert!(!result.is_healthy && !result.text.is_empty());
    assert_eq!(sim.token_count(), 0);
}

#[tokio::test]
async fn jump_items_are_a_file_of_some_kind() {
    let sim = BomgarSim::start().await;
    let file = client(&sim).call(&JumpItem::new()).await.unwrap();
    assert_ne!(file.kind, FileKind::Binary);
    assert!(!file.bytes.is_empty());
}

#[cfg(feature = "archive")]
mod unpacked {
    use std::io::Cursor;
    use std::ops::ControlFlow;

    use bomgar_api::reporting::{
        Archive, ArchiveKind, CustomerClientType, EndpointLicenseUsage, EndpointLicenses,
        EventArchive, StateRow, Syslog, SyslogItem, SyslogReader, UnpackLimits, read_state_archive,
    };
    use bomgar_sim::ArchiveErrors;
    use jiff::civil::date;
    use serde_json::{Value, json};

    use super::*;

    const DAY: jiff::civil::Date = date(2023, 11, 14);

    fn rows(file: &[u8]) -> Result<Vec<StateRow>, Error> {
        let mut rows = Vec::new();
        read_state_archive(file, UnpackLimits::default(), |row| {
            rows.push(row);
            ControlFlow::Continue(())
        })?;
        Ok(rows)
    }

    #[tokio::test]
    async fn a_state_archive_is_read_row_by_row() {
        let sim = BomgarSim::start().await;
        sim.add_archive(
            bomgar_sim::Archive::state(START)
                .row(
                    "customer_client",
                    "17",
                    json!({
                        "hostname": "ADA-PC", "client_type": "desktop", "elevated": 1,
                        "public_ip": "203.0.113.9:50123", "support_session_id": 4,
                        "created_timestamp": START,
                    }),
                )
                .row(
                    "support_session",
                    "4",
                    json!({ "start_method": "session_key", "customer_name": "Ada" }),
                )
                .no_rows("presentation_session"),
        );
        let first = Archive::new(ArchiveKind::State, DAY, 1);
        let (file, _) = fetch(&sim, &first).await.unwrap();
        let found = rows(&file).unwrap();
        let client = found
            .iter()
            .find(|row| row.table == "customer_client")
            .unwrap();
        assert_eq!(
            (client.id.as_str(), client.hostname()),
            ("17", Some("ADA-PC"))
        );
        assert_eq!(client.client_type(), Some(CustomerClientType::Desktop));
        assert_eq!(client.elevated(), Some(true));
        assert_eq!(client.created().unwrap().as_second(), START);
        let address = client.public_address().unwrap();
        assert_eq!(
            (address.0.to_string().as_str(), address.1),
            ("203.0.113.9", Some(50123))
        );
        let session = found
            .iter()
            .find(|row| row.table == "support_session")
            .unwrap();
        assert_eq!(Some(session.id.clone()), client.support_session_id());
        assert_eq!(session.customer_name(), Some("Ada"));
        assert_eq!(found.len(), 2);

        for errors in [ArchiveErrors::Plain, ArchiveErrors::Gzip] {
            sim.set_archive_errors(errors);
            let second = Archive::new(ArchiveKind::State, DAY, 2);
            let error = match fetch(&sim, &second).await {
                Ok((file, _)) => rows(&file).unwrap_err(),
                Err(error) => error,
            };
            assert_eq!(error.kind(), ErrorKind::Api, "{errors:?}");
            assert_eq!(
                error.server_text(),
                Some("No archives found for the given search criteria.")
            );
        }
    }

    #[tokio::test]
    async fn a_large_archive_needs_little_memory_and_keeps_its_limit() {
        let sim = BomgarSim::start().await;
        sim.add_archive(bomgar_sim::Archive::state(START).generated(30_000));
        let call = Archive::new(ArchiveKind::State, DAY, 1);
        let (file, _) = fetch(&sim, &call).await.unwrap();
        let mut count = 0;
        let limits = UnpackLimits::default().item_bytes(1_000);
        let archive = read_state_archive(&file[..], limits, |row| {
            assert!(row.hostname().is_some());
            count += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(count, 30_000);
        assert_eq!(archive.unwrap().tables[0].rows, Some(30_000));
        let limits = limits.total_bytes(100_000);
        let error = read_state_archive(&file[..], limits, |_| ControlFlow::Continue(()));
        assert_eq!(error.unwrap_err().kind(), ErrorKind::TooLarge);
        let cut = rows(&file[..file.len() / 2]).unwrap_err();
        assert_eq!(cut.kind(), ErrorKind::Truncated);
    }

    #[tokio::test]
    async fn an_event_archive_is_read_in_order() {
        let sim = BomgarSim::start().await;
        let changes: Vec<Value> = (0..50).map(|n| json!({ "n": n, "text": "a\nb" })).collect();
        let archive = changes.iter().cloned().fold(
            bomgar_sim::Archive::events(START),
            bomgar_sim::Archive::change,
        );
        sim.add_archive(archive);
        let call = Archive::new(ArchiveKind::Event, DAY, 1);
        let (file, _) = fetch(&sim, &call).await.unwrap();
        let found = EventArchive::new(&file[..], UnpackLimits::default()).unwrap();
        let found: Result<Vec<_>, _> = found.collect();
        assert_eq!(found.unwrap(), changes);
    }

    #[tokio::test]
    async fn the_log_is_put_together() {
        let sim = BomgarSim::start().await;
        let long = "x;y".repeat(300);
        let records = (0..40).map(|n| {
            bomgar_sim::SyslogRecord::new("login", START + 3_600 * n)
                .pid(u32::try_from(100 + n % 3).unwrap())
                .field("who", format!("Zoë {n}"))
                .field("comment", &long)
        });
        sim.set_syslog(
            bomgar_sim::Syslog::new()
                .records(records)
                .part_bytes(120)
                .mixed(),
        );
        let (file, _) = fetch(&sim, &Syslog).await.unwrap();
        let reader = SyslogReader::new(Cursor::new(&file), UnpackLimits::default()).unwrap();
        let mut found = Vec::new();
        for item in reader {
            match item.unwrap() {
                SyslogItem::Record(record) => found.push(record),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(found.len(), 40);
        found.sort_by_key(|record| record.when());
        for (n, record) in (0..).zip(&found) {
            assert!(record.is_complete() && record.segments > 1);
            assert_eq!(record.when().unwrap().as_second(), START + 3_600 * n);
            assert_eq!(record.who(), Some(format!("Zoë {n}").as_str()));
            assert_eq!(record.get("comment"), Some(long.as_str()));
            assert_eq!(record.event(), Some("login"));
        }

        sim.set_syslog(bomgar_sim::Syslog::new().error("Not now."));
        let error = fetch(&sim, &Syslog).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.server_text()),
            (ErrorKind::Api, Some("Not now."))
        );
    }

    #[tokio::test]
    async fn endpoint_licenses_are_a_table() {
        let sim = BomgarSim::start().await;
        sim.add_jump_item(
            bomgar_sim::JumpItem::new("Till, \"front\"", "till.example.com")
                .jumpoint("Berlin")
                .application("ERP")
                .license_used(true)
                .method("Jump Client")
                .group("Shops"),
        );
        sim.add_jump_item(bomgar_sim::JumpItem::new("Spare", "192.0.2.8"));
        let (file, _) = fetch(&sim, &EndpointLicenseUsage).await.unwrap();
        let table = EndpointLicenses::new(Cursor::new(file), UnpackLimits::default()).unwrap();
        let rows: Vec<_> = table.map(Result::unwrap).collect();
        let [till, spare] = &rows[..] else {
            panic!("{rows:?}")
        };
        assert_eq!(
            (till.name.as_str(), till.hostname.as_str()),
            ("Till, \"front\"", "till.example.com")
        );
        assert_eq!(
            (till.jumpoint.as_str(), till.remote_application.as_str()),
            ("Berlin", "ERP")
        );
        assert_eq!(
            (till.jump_method.as_str(), till.jump_group.as_str()),
            ("Jump Client", "Shops")
        );
        assert_eq!(
            (till.license_used, spare.license_used),
            (Some(true), Some(false))
        );
        assert!(till.unknown.is_empty());
    }
}
