//! Whole stories against a simulated appliance, which shares no code with this crate.

use std::time::Duration;

use bomgar_api::command::{
    CommandAccess, GenerateSessionKey, Queue, SessionAttributes, SetSessionAttributes,
};
use bomgar_api::event::{EventKind, OutboundEvent, SUCCESS_STATUS};
use bomgar_api::reporting::{SessionSelection, TimeWindow};
use bomgar_api::{Client, ClientBuilder, Credentials, ErrorKind, RetryPolicy, Spelling};
use bomgar_sim::{
    BomgarSim, Customer, Fault, FaultRule, FileTransfer, Namespace, Party, Representative,
    SessionSpec, SystemCategory,
};
use jiff::{SignedDuration, Timestamp};

const START: i64 = 1_700_000_000;

fn builder(sim: &BomgarSim) -> ClientBuilder {
    Client::builder(
        sim.base_url(),
        Credentials::oauth(sim.client_id(), sim.client_secret()),
    )
    .retry(RetryPolicy::default().base(Duration::from_millis(1)))
}

fn client(sim: &BomgarSim) -> Client {
    builder(sim).build().unwrap()
}

fn spec() -> SessionSpec {
    SessionSpec::new()
        .customer(
            Customer::new("Ada Byron")
                .hostname("ADA-PC")
                .company("Acme, Inc."),
        )
        .representative(Representative::new(12, "glang").display_names("Greta Lang", "Greta L."))
        .external_key("48213")
        .custom_attribute("asset_tag", "Asset tag", "A-77")
        .start_time(START)
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[tokio::test]
async fn a_session_is_read_as_it_happened() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(spec());
    sim.chat(
        &lsid,
        Party::Representative,
        Party::Everyone,
        "Hello <Ada> & co",
    )
    .unwrap();
    sim.chat(
        &lsid,
        Party::Customer,
        Party::Representative,
        "It beeps\u{7}",
    )
    .unwrap();
    sim.file_transfer(&lsid, FileTransfer::upload("C:\\fix.exe", 1024))
        .unwrap();
    sim.special_action(&lsid, "Task Manager").unwrap();
    let disks = SystemCategory::new("Disk Drives").row([("Drive", "C:"), ("Free", "12 GB")]);
    sim.system_information(&lsid, vec![disks]).unwrap();
    sim.note(&lsid, "Reset the profile.").unwrap();
    sim.end_session(&lsid, Some(START + 1800)).unwrap();

    let session = client(&sim).support_session(&lsid).await.unwrap().unwrap();
    assert!(session.is_complete());
    assert_eq!(
        (session.start_time, session.end_time),
        (Some(at(START)), Some(at(START + 1800)))
    );
    assert_eq!(session.duration, Some(SignedDuration::from_secs(1800)));
    assert_eq!(session.external_key.as_deref(), Some("48213"));
    assert_eq!(session.custom_attribute("asset_tag"), Some("A-77"));
    let representative = session.primary_representative().unwrap();
    assert_eq!(
        (representative.username.as_str(), representative.name()),
        ("glang", "Greta Lang")
    );
    assert_eq!(
        session.primary_customer().unwrap().hostname.as_deref(),
        Some("ADA-PC")
    );
    let texts: Vec<_> = session
        .chat_transcript()
        .iter()
        .map(|line| line.text)
        .collect();
    assert!(
        texts.contains(&"Hello <Ada> & co") && texts.contains(&"It beeps\u{7}"),
        "{texts:?}"
    );
    assert_eq!(session.files()[0].filename, "C:\\fix.exe");
    assert_eq!(session.files()[0].filesize, Some(1024));
    assert_eq!(session.special_actions()[0].action, "Task Manager");
    assert_eq!(session.system_information()[0].rows[0][1].value, "12 GB");
    assert_eq!(session.notes()[0].text, "Reset the profile.");
}

#[tokio::test]
async fn a_session_appears_in_the_report_late() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = sim.start_session(spec());
    let running = client.support_session(&lsid).await.unwrap().unwrap();
    assert!(!running.is_complete());
    sim.end_session(&lsid, Some(START + 60)).unwrap();
    sim.hide_report(&lsid, 2).unwrap();
    assert_eq!(client.support_session(&lsid).await.unwrap(), None);
    assert_eq!(client.support_session(&lsid).await.unwrap(), None);
    assert!(
        client
            .support_session(&lsid)
            .await
            .unwrap()
            .unwrap()
            .is_complete()
    );
}

#[tokio::test]
async fn windows_choose_by_start_or_by_end() {
    let sim = BomgarSim::start().await;
    let early = sim.start_session(spec());
    sim.end_session(&early, Some(START + 100)).unwrap();
    let late = sim.start_session(spec().start_time(START + 50));
    sim.end_session(&late, Some(START + 300)).unwrap();
    let running = sim.start_session(spec().start_time(START + 60));

    let client = client(&sim);
    let ask = async |selection: SessionSelection| {
        let sessions = client.support_sessions(selection).collect().await.unwrap();
        let mut lsids: Vec<_> = sessions.into_iter().map(|session| session.lsid).collect();
        lsids.sort();
        lsids
    };
    let sorted = |mut lsids: Vec<String>| {
        lsids.sort();
        lsids
    };
    assert_eq!(
        ask(TimeWindow::ended_since(at(START + 200)).into()).await,
        std::slice::from_ref(&late)
    );
    assert_eq!(
        ask(TimeWindow::started_since(at(START + 50)).into()).await,
        sorted(vec![late.clone(), running])
    );
    assert_eq!(
        ask(SessionSelection::Lsids(vec![late.clone(), early.clone()])).await,
        sorted(vec![early, late])
    );
    let none = TimeWindow::EndTime {
        time: at(START + 1000),
        seconds: 10,
    };
    assert!(ask(none.into()).await.is_empty());
}

#[tokio::test]
async fn keys_attributes_and_information() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let info = client.api_info().await.unwrap();
    assert_eq!(info.command_access(), Some(CommandAccess::Full));
    assert_eq!(info.allows("perm_reporting_support"), Some(true));
    assert_eq!(client.check_health().await.unwrap().success, Some(true));

    let request = GenerateSessionKey::new(Queue::General)
        .attributes(SessionAttributes::new().external_key("{\"a\":\"é & b\"}"));
    let key = client.generate_session_key(&request).await.unwrap();
    assert_eq!(key.external_key.as_deref(), Some("{\"a\":\"é & b\"}"));
    assert_eq!((key.key_type.as_str(), key.short_key.len()), ("support", 7));
    assert!(key.key_url.contains("/?ak="));
    let life = key
        .expires
        .unwrap()
        .duration_since(Timestamp::now())
        .as_secs();
    assert!((86_390..=86_400).contains(&life), "{life}");
    assert_eq!(key.queue.kind, "general");

    let lsid = sim.start_session(spec());
    let change = SetSessionAttributes::new(&lsid, SessionAttributes::new().external_key("99"));
    client.set_session_attributes(&change).await.unwrap();
    let session = client.support_session(&lsid).await.unwrap().unwrap();
    assert_eq!(session.external_key.as_deref(), Some("99"));
    assert_eq!(
        session.custom_attribute("asset_tag"),
        Some("A-77"),
        "not named, not changed"
    );
    sim.end_session(&lsid, None).unwrap();
    let error = client.set_session_attributes(&change).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.session()),
        (ErrorKind::Api, Some(lsid.as_str()))
    );
}

#[tokio::test]
async fn tokens_that_end_early_are_replaced() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    client.api_info().await.unwrap();
    sim.expire_tokens();
    client.api_info().await.unwrap();
    sim.fault(Fault::Unauthorized401);
    client.api_info().await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_is_a_wrong_client() {
    let sim = BomgarSim::start().await;
    let account = Credentials::oauth(sim.client_id(), "wrong");
    let client = Client::builder(sim.base_url(), account).build().unwrap();
    let error = client.api_info().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::InvalidClient, Some(401))
    );
}

#[tokio::test]
async fn reads_survive_passing_faults() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = sim.start_session(spec());
    sim.end_session(&lsid, Some(START + 60)).unwrap();
    for fault in [
        Fault::Status500Html,
        Fault::Html200,
        Fault::TruncatedBody,
        Fault::Unauthorized401,
        Fault::RateLimited429(Duration::ZERO),
        Fault::ConnectionDrop,
        Fault::AnswerLost,
        Fault::WrongNamespace,
        Fault::Delay(Duration::from_millis(20)),
    ] {
        sim.fault(FaultRule::new(fault.clone()).on("SupportSession"));
        let session = client.support_session(&lsid).await;
        assert!(matches!(session, Ok(Some(_))), "{fault:?}: {session:?}");
    }
}

#[tokio::test]
async fn lasting_faults_are_told_apart() {
    let sim = BomgarSim::start().await;
    let client = builder(&sim).retry(RetryPolicy::none()).build().unwrap();
    let lsid = sim.start_session(spec());
    for (fault, kind) in [
        (Fault::Status500Html, ErrorKind::HttpStatus),
        (Fault::Html200, ErrorKind::WrongContent),
        (
            Fault::RateLimited429(Duration::from_secs(3)),
            ErrorKind::RateLimited,
        ),
        (Fault::ConnectionDrop, ErrorKind::Transport),
    ] {
        sim.fault(FaultRule::new(fault.clone()).on("SupportSession"));
        let error = client.support_session(&lsid).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        assert_eq!(error.session(), Some(lsid.as_str()));
    }
    sim.fault(FaultRule::new(Fault::TruncatedBody).on("SupportSession"));
    let error = client.support_session(&lsid).await.unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Truncated | ErrorKind::Transport),
        "{error}"
    );
}

#[tokio::test]
async fn both_spellings_of_the_paths_work() {
    let sim = BomgarSim::start().await;
    let client = builder(&sim).spelling(Spelling::Ns).build().unwrap();
    assert!(!client.api_info().await.unwrap().api_version.is_empty());
}

#[tokio::test]
async fn order_namespace_and_form_do_not_matter() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = sim.start_session(spec());
    sim.file_transfer(&lsid, FileTransfer::download("notes.txt", 7))
        .unwrap();
    sim.end_session(&lsid, Some(START + 60)).unwrap();
    let plain = client.support_session(&lsid).await.unwrap().unwrap();
    assert_eq!(
        (plain.files()[0].filename, plain.files()[0].filesize),
        ("notes.txt", Some(7))
    );
    for namespace in [Namespace::Bomgar, Namespace::Sra, Namespace::None] {
        sim.set_namespace(namespace);
        let again = client.support_session(&lsid).await.unwrap().unwrap();
        assert_eq!(again, plain);
    }
    sim.set_scrambled(true);
    let mut scrambled = client.support_session(&lsid).await.unwrap().unwrap();
    assert_ne!(scrambled.events, plain.events);
    assert!(!scrambled.events.is_sorted_by_key(|event| event.timestamp));
    assert!(
        scrambled
            .events_in_time_order()
            .is_sorted_by_key(|event| event.timestamp)
    );
    scrambled.events.reverse();
    assert_eq!(scrambled, plain);
    sim.set_file_elements(true);
    let other = client.support_session(&lsid).await.unwrap().unwrap();
    assert_eq!(other.files(), plain.files());
}

#[tokio::test]
async fn a_session_closed_abnormally_is_found_by_start_only() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = sim.start_session(spec());
    sim.end_abnormally(&lsid, Some(START + 60)).unwrap();
    let found = client
        .support_sessions(TimeWindow::started_since(at(START)))
        .collect()
        .await
        .unwrap();
    assert_eq!((found.len(), found[0].is_complete()), (1, false));
    let found = client
        .support_sessions(TimeWindow::ended_since(at(START)))
        .collect()
        .await
        .unwrap();
    assert!(found.is_empty());
}

#[tokio::test]
async fn events_arrive_as_the_appliance_posts_them() {
    let sim = BomgarSim::start().await;
    let receiver = wiremock::MockServer::start().await;
    wiremock::Mock::given(wiremock::matchers::path("/ERSPost"))
        .respond_with(wiremock::ResponseTemplate::new(SUCCESS_STATUS))
        .mount(&receiver)
        .await;
    sim.add_recipient(
        format!("{}/ERSPost", receiver.uri()),
        Duration::from_millis(10),
    );
    let lsid = sim.start_session(spec());
    sim.end_session(&lsid, Some(START + 60)).unwrap();
    assert!(sim.wait_delivered(Duration::from_secs(5)).await);
    let posted = receiver.received_requests().await.unwrap();
    let events: Vec<_> = posted
        .iter()
        .map(|post| OutboundEvent::parse(&post.body))
        .collect();
    let end = events
        .iter()
        .find(|event| event.event() == Some(EventKind::ConferenceEnd))
        .unwrap();
    assert_eq!(
        (end.lsid(), end.external_key()),
        (Some(lsid.as_str()), Some("48213"))
    );
    assert_eq!(end.timestamp(), Some(at(START + 60)));
    assert!(
        events.iter().all(|event| event.problems().is_empty()),
        "{events:?}"
    );
}
