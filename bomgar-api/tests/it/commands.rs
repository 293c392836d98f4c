//! Every action of the Command API against a simulated appliance, which shares no code with this
//! crate.

use std::time::Duration;

use bomgar_api::command::{
    GenerateSessionKey, GetSessionAttributes, GetSupportTeams, ImportJumpShortcut, JoinSession,
    JumpTarget, LeaveSession, LogoutRep, Queue, RawCommand, RepKind, RepRef, SessionAttributes,
    SetFailoverRole, SetSessionAttributes, TerminateSession, TransferQueue, TransferSession,
};
use bomgar_api::{Client, Credentials, Error, ErrorKind, RetryPolicy};
use bomgar_sim::{
    BomgarSim, Customer, Denial, Fault, FaultRule, Namespace, Representative, SessionSpec, Team,
};
use jiff::Timestamp;

const START: i64 = 1_700_000_000;
const NO_SESSION: &str = "ffffffffffffffffffffffffffffffff";

fn client(sim: &BomgarSim) -> Client {
    Client::builder(
        sim.base_url(),
        Credentials::oauth(sim.client_id(), sim.client_secret()),
    )
    .retry(RetryPolicy::default().base(Duration::from_millis(1)))
    .build()
    .unwrap()
}

/// Greta, number 12, has the session; Hal, number 13, is logged in.
fn with_session(sim: &BomgarSim) -> String {
    sim.log_out_all();
    let greta = Representative::new(12, "glang").display_names("Greta Lang", "Greta");
    sim.log_in(greta.clone());
    sim.log_in(Representative::new(13, "hal").display_names("Hal Ito", "Hal"));
    sim.start_session(
        SessionSpec::new()
            .customer(Customer::new("Ada Byron").hostname("ADA-PC"))
            .representative(greta)
            .external_key("48213")
            .custom_attribute("asset_tag", "Asset tag", "A-77")
            .start_time(START),
    )
}

/// The fields of the last call of an action, without the action.
fn sent(sim: &BomgarSim, action: &str) -> Vec<(String, String)> {
    let call = sim
        .calls()
        .into_iter()
        .rev()
        .find(|call| call.action_or_report == action)
        .unwrap();
    assert_eq!((call.method.as_str(), call.status), ("POST", Some(200)));
    assert!(!call.reused_connection);
    call.params
        .into_iter()
        .filter(|(name, _)| name != "action")
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn refused(result: Result<impl std::fmt::Debug, Error>, lsid: Option<&str>) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Api, "{error}");
    assert_eq!(error.session(), lsid);
    assert!(error.server_text().is_some_and(|text| !text.is_empty()));
    error
}

#[tokio::test]
async fn who_is_logged_in() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    sim.log_out_all();
    assert!(client.logged_in_reps().await.unwrap().reps.is_empty());
    let lsid = with_session(&sim);
    let all = client.logged_in_reps().await.unwrap();
    let greta = all.reps.iter().find(|rep| rep.id == Some(12)).unwrap();
    assert_eq!(greta.public_name(), Some("Greta"));
    assert_eq!(greta.private_display_name.as_deref(), Some("Greta Lang"));
    assert_eq!(greta.kind, Some(RepKind::Normal));
    assert_eq!(greta.support_session_count, Some(1));
    assert_eq!(greta.presentation_count, Some(0));
    assert_eq!(greta.showing_on_rep_list, Some(true));
    assert!(greta.logged_in_since.unwrap() <= Timestamp::now());
    let link = greta.direct_link_url().unwrap();
    assert!(
        link.starts_with(&sim.base_url()) && link.contains("id=12"),
        "{link}"
    );
    sim.end_session(&lsid, None).unwrap();
    let all = client.logged_in_reps().await.unwrap();
    let greta = all.reps.iter().find(|rep| rep.id == Some(12)).unwrap();
    assert_eq!(greta.support_session_count, Some(0));
}

#[tokio::test]
async fn teams_with_issues_and_members() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    with_session(&sim);
    sim.add_team(Team::new(7, "Printers").issue("paper", "Paper jam"));
    let teams = client.support_teams(&GetSupportTeams::new()).await.unwrap();
    let team = teams.teams.iter().find(|team| team.id == Some(7)).unwrap();
    assert_eq!(team.name.as_deref(), Some("Printers"));
    assert_eq!(team.issues[0].title.as_deref(), Some("Paper jam"));
    assert!(team.members.is_empty());
    let request = GetSupportTeams::new().show_members(true);
    let teams = client.support_teams(&request).await.unwrap();
    assert_eq!(
        sent(&sim, "get_support_teams"),
        pairs(&[("showmembers", "1")])
    );
    assert!(!teams.teams.is_empty());
}

#[tokio::test]
async fn a_key_for_each_queue() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    with_session(&sim);
    sim.add_team(Team::new(7, "Printers").issue("paper", "Paper jam"));
    for (queue, kind, id) in [
        (Queue::General, "general", None),
        (Queue::Rep(12), "rep", Some("12")),
        (Queue::RepUsername("hal".into()), "rep", Some("13")),
        (Queue::Team(7), "team", Some("7")),
        (Queue::Issue("paper".into()), "issue", None),
    ] {
        let key = client
            .generate_session_key(&GenerateSessionKey::new(queue.clone()))
            .await
            .unwrap();
        assert_eq!(key.queue.kind, kind, "{queue:?}");
        if id.is_some() {
            assert_eq!(key.queue.id.as_deref(), id, "{queue:?}");
        }
        assert_eq!(key.queue.available, Some(true));
    }
    let nobody = GenerateSessionKey::new(Queue::RepUsername("nobody".into()));
    refused(client.generate_session_key(&nobody).await, None);

    let month = Duration::from_secs(30 * 86_400);
    let request = GenerateSessionKey::new(Queue::General).ttl(month);
    let key = client.generate_session_key(&request).await.unwrap();
    let days = key
        .expires
        .unwrap()
        .duration_since(Timestamp::now())
        .as_hours()
        / 24;
    assert!((29..=30).contains(&days), "{days}");
}

#[tokio::test]
async fn representatives_join_and_leave() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    let text = client
        .join_session(&JoinSession::new(&lsid, 13))
        .await
        .unwrap();
    assert_eq!(text, "Representative successfully added");
    assert_eq!(
        sent(&sim, "join_session"),
        pairs(&[("lsid", &lsid), ("rep_id", "13")])
    );
    let session = client.support_session(&lsid).await.unwrap().unwrap();
    let names: Vec<_> = session
        .representatives
        .iter()
        .map(|rep| rep.username.as_str())
        .collect();
    assert_eq!(names, ["glang", "hal"]);

    let leave = LeaveSession::new(&lsid, RepRef::username("hal"));
    let text = client.leave_session(&leave).await.unwrap();
    assert!(!text.is_empty());
    assert_eq!(
        sent(&sim, "leave_session"),
        pairs(&[("lsid", &lsid), ("rep_username", "hal")])
    );
    refused(client.leave_session(&leave).await, Some(&lsid));

    let stranger = JoinSession::new(&lsid, RepRef::username("stranger"));
    refused(client.join_session(&stranger).await, Some(&lsid));
    let nowhere = JoinSession::new(NO_SESSION, 13);
    refused(client.join_session(&nowhere).await, Some(NO_SESSION));
}

#[tokio::test]
async fn attributes_are_read_back_until_the_session_ends() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    let request = GetSessionAttributes::new(&lsid);
    let before = client.session_attributes(&request).await.unwrap();
    assert_eq!(before.get("asset_tag"), Some("A-77"));
    let tag = before
        .attributes
        .iter()
        .find(|attribute| attribute.code_name == "asset_tag")
        .unwrap();
    assert_eq!(tag.display_name, "Asset tag");

    let value = "<é> & \"x\"\u{1F600}";
    let attributes = SessionAttributes::new()
        .external_key("99")
        .custom("asset_tag", value);
    let change = SetSessionAttributes::new(&lsid, attributes);
    let text = client.set_session_attributes(&change).await.unwrap();
    assert_eq!(text, "Session attributes were set");
    let after = client.session_attributes(&request).await.unwrap();
    assert_eq!(after.get("asset_tag"), Some(value));
    assert_eq!(after.get("external_key"), Some("99"));

    sim.end_session(&lsid, None).unwrap();
    refused(client.session_attributes(&request).await, Some(&lsid));
}

#[tokio::test]
async fn a_session_is_ended_once() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    let request = TerminateSession::new(&lsid);
    let text = client.terminate_session(&request).await.unwrap();
    assert_eq!(text, "Successfully terminated");
    assert_eq!(sent(&sim, "terminate_session"), pairs(&[("lsid", &lsid)]));
    let session = client.support_session(&lsid).await.unwrap().unwrap();
    assert!(session.is_complete());
    refused(client.terminate_session(&request).await, Some(&lsid));
}

#[tokio::test]
async fn a_write_is_not_repeated_when_its_answer_is_lost() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    sim.fault(FaultRule::new(Fault::AnswerLost).on("terminate_session"));
    let error = client
        .terminate_session(&TerminateSession::new(&lsid))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert_eq!(error.session(), Some(lsid.as_str()));
    assert_eq!(sim.call_count("terminate_session"), 1);

    sim.fault(FaultRule::new(Fault::AnswerLost).on("get_logged_in_reps"));
    assert!(!client.logged_in_reps().await.unwrap().reps.is_empty());
    assert_eq!(sim.call_count("get_logged_in_reps"), 2);
}

#[tokio::test]
async fn read_only_accounts_change_nothing() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    sim.set_permission("perm_command", "read_only");
    client.api_info().await.unwrap();
    client.check_health().await.unwrap();
    client.logged_in_reps().await.unwrap();
    client.support_teams(&GetSupportTeams::new()).await.unwrap();
    client
        .session_attributes(&GetSessionAttributes::new(&lsid))
        .await
        .unwrap();

    let attributes = || SessionAttributes::new().external_key("1");
    let change = SetSessionAttributes::new(&lsid, attributes());
    let denied = [
        client
            .generate_session_key(&GenerateSessionKey::default())
            .await
            .map(|_| ()),
        client.set_session_attributes(&change).await.map(|_| ()),
        client
            .join_session(&JoinSession::new(&lsid, 13))
            .await
            .map(|_| ()),
        client
            .leave_session(&LeaveSession::new(&lsid, 12))
            .await
            .map(|_| ()),
        client
            .terminate_session(&TerminateSession::new(&lsid))
            .await
            .map(|_| ()),
        client
            .transfer_session(&TransferSession::new(&lsid, TransferQueue::Team(7)))
            .await
            .map(|_| ()),
        client
            .set_failover_role(&SetFailoverRole::backup())
            .await
            .map(|_| ()),
        client.logout_rep(&LogoutRep::new(12)).await.map(|_| ()),
        client
            .import_jump_shortcut(&ImportJumpShortcut::new(
                "n",
                "g",
                JumpTarget::Local {
                    hostname: "h".into(),
                },
            ))
            .await
            .map(|_| ()),
    ];
    for result in denied {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{error}");
        let text = error.server_text().unwrap();
        assert!(text.contains("permission"), "{error}");
    }
    let session = client.support_session(&lsid).await.unwrap().unwrap();
    assert_eq!(session.external_key.as_deref(), Some("48213"));
    assert!(!session.is_complete());

    sim.set_denial(Denial::Forbidden403);
    let error = client.set_session_attributes(&change).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.session()),
        (ErrorKind::Forbidden, Some(403), Some(lsid.as_str()))
    );
    assert!(error.to_string().contains("API Configuration"), "{error}");
}

#[tokio::test]
async fn any_action_can_be_called_raw() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    for namespace in [Namespace::Bomgar, Namespace::Sra, Namespace::None] {
        sim.set_namespace(namespace);
        let reply = client
            .call_raw(&RawCommand::read("get_logged_in_reps"))
            .await
            .unwrap();
        assert_eq!(
            (reply.name.as_str(), reply.children.len()),
            ("logged_in_reps", 2)
        );
        assert!(reply.attributes.is_empty());
        assert_eq!(reply.children[0].name, "rep");
    }
    let request = RawCommand::write("set_session_attributes")
        .session(&lsid)
        .field("session.custom.external_key", "7");
    let reply = client.call_raw(&request).await.unwrap();
    assert_eq!(
        (reply.name.as_str(), reply.text.as_str()),
        ("success", "Session attributes were set")
    );
    assert_eq!(sim.external_key(&lsid).unwrap(), "7");
    let unknown = RawCommand::read("make_coffee").field("sugar", "2");
    let error = refused(client.call_raw(&unknown).await, None);
    assert_eq!(error.operation(), Some("make_coffee"));
}
