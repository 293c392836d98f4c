//! Every action of the Command API against a simulated appliance, which shares no code with this
//! crate.

use std::time::Duration;

use bomgar_api::command::{
    ChatTarget, ClientType, ClusterRole, CreateVirtualCustomer, FailoverRole, GenerateSessionKey,
    GetConnectedClientList, GetConnectedClients, GetSessionAttributes, GetSupportTeams,
    ImportJumpShortcut, JoinSession, JumpTarget, LeaveSession, Locale, LogoutRep, Queue,
    RawCommand, RepKind, RepRef, SendChatMessage, SessionAttributes, SessionSender,
    SetFailoverRole, SetRepStatus, SetSessionAttributes, TeamSender, TerminateSession,
    TransferQueue, TransferSession, VirtualCustomerDetails,
};
use bomgar_api::{Client, Credentials, Error, ErrorKind, RetryPolicy};
use bomgar_sim::{
    Access, ApplianceSpec, BomgarSim, Customer, Denial, ErrorForm, Failover, Fault, FaultRule,
    LegacyUser, Namespace, Representative, SessionSpec, Team,
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
    sim.add_team(
        Team::new(7, "Printers")
            .issue("paper", "Paper jam")
            .member(12)
            .member(13),
    );
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
    let team = teams.teams.iter().find(|team| team.id == Some(7)).unwrap();
    let mut members: Vec<_> = team.members.iter().map(|member| member.id).collect();
    members.sort();
    assert_eq!(members, [Some(12), Some(13)]);
}

#[tokio::test]
async fn a_key_for_each_queue() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    with_session(&sim);
    sim.add_team(
        Team::new(7, "Printers")
            .issue("paper", "Paper jam")
            .member(12),
    );
    sim.add_team(Team::new(8, "Nobody"));
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
    let empty = GenerateSessionKey::new(Queue::Team(8)).old_external_key("4711");
    let key = client.generate_session_key(&empty).await.unwrap();
    assert_eq!(key.queue.available, Some(false));
    assert_eq!(key.external_key.as_deref(), Some("4711"));
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

#[tokio::test]
async fn a_session_is_transferred_to_a_representative_or_a_team() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    sim.add_team(Team::new(7, "Printers"));
    for (queue, text) in [
        (TransferQueue::Team(7), "team:7"),
        (TransferQueue::Rep(RepRef::Id(13)), "rep:13"),
        (RepRef::username("glang").into(), "rep_username:glang"),
    ] {
        let request = TransferSession::new(&lsid, queue);
        let message = client.transfer_session(&request).await.unwrap();
        assert_eq!(message, "Successfully transferred");
        assert_eq!(
            sent(&sim, "transfer_session"),
            pairs(&[("lsid", &lsid), ("queue_id", text)])
        );
    }
    for queue in [
        TransferQueue::Team(99),
        TransferQueue::Rep(RepRef::Id(99)),
        RepRef::username("nobody").into(),
    ] {
        let request = TransferSession::new(&lsid, queue);
        refused(client.transfer_session(&request).await, Some(&lsid));
    }
    // The appliance refuses what the type cannot say.
    let general = RawCommand::write("transfer_session")
        .session(&lsid)
        .field("queue_id", "general");
    refused(client.call_raw(&general).await, Some(&lsid));
    sim.end_session(&lsid, None).unwrap();
    let request = TransferSession::new(&lsid, TransferQueue::Team(7));
    refused(client.transfer_session(&request).await, Some(&lsid));
}

#[tokio::test]
async fn chat_is_written_in_the_name_of_each_sender() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    for (sender, text) in [
        (SessionSender::System, "from the system"),
        (SessionSender::Customer, "from the customer"),
        (SessionSender::Rep(RepRef::Id(12)), "from Greta & <co>"),
        (SessionSender::Rep(RepRef::username("glang")), "again"),
    ] {
        let message = SendChatMessage::to_session(&lsid, sender, text);
        client.send_chat_message(&message).await.unwrap();
    }
    let session = client.support_session(&lsid).await.unwrap().unwrap();
    let lines: Vec<_> = session
        .chat_transcript()
        .iter()
        .map(|line| (line.speaker.to_owned(), line.text.to_owned()))
        .collect();
    let speaker = |text: &str| {
        let line = lines.iter().find(|(_, said)| said == text);
        line.unwrap_or_else(|| panic!("{text}: {lines:?}"))
            .0
            .as_str()
    };
    assert_eq!(speaker("from the customer"), "Ada Byron");
    assert!(speaker("from Greta & <co>").contains("Greta"));
    assert_eq!(speaker("again"), speaker("from Greta & <co>"));
    assert_ne!(speaker("from the system"), "Ada Byron");

    let nowhere = SendChatMessage::to_session(NO_SESSION, SessionSender::System, "x");
    refused(client.send_chat_message(&nowhere).await, Some(NO_SESSION));
}

#[tokio::test]
async fn chat_in_a_team_may_be_private() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    with_session(&sim);
    sim.add_team(Team::new(7, "Printers").member(12).member(13));
    let private = TeamSender::Private {
        from: RepRef::Id(12),
        to: RepRef::username("hal"),
    };
    for (sender, text) in [
        (TeamSender::System, "all"),
        (TeamSender::Rep(RepRef::Id(13)), "from Hal"),
        (private, "psst"),
    ] {
        let target = ChatTarget::Team { team_id: 7, sender };
        let message = SendChatMessage::new(target, text);
        client.send_chat_message(&message).await.unwrap();
    }
    let messages = sim.team_messages();
    let seen: Vec<_> = messages
        .iter()
        .map(|m| {
            (
                m.team_id,
                m.from.as_deref(),
                m.to.as_deref(),
                m.body.as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (7, None, None, "all"),
            (7, Some("hal"), None, "from Hal"),
            (7, Some("glang"), Some("hal"), "psst"),
        ]
    );
    let nowhere = SendChatMessage::to_team(99, TeamSender::System, "x");
    refused(client.send_chat_message(&nowhere).await, None);
}

#[tokio::test]
async fn a_virtual_customer_starts_a_session() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    with_session(&sim);
    let key = client
        .generate_session_key(&GenerateSessionKey::new(Queue::General))
        .await
        .unwrap();
    let before = sim.lsids().len();
    let details = VirtualCustomerDetails {
        name: "Bot's Ada".into(),
        ip_address: "203.0.113.24".into(),
        operating_system: "Windows 11".into(),
        computer_name: "ADA-PC".into(),
    };
    let request = CreateVirtualCustomer::new(&key.short_key, details)
        .locale(Locale::English)
        .click_to_chat(true);
    let customer = client.create_virtual_customer(&request).await.unwrap();
    assert!(customer.download_url.is_some() && customer.chat_url.is_some());
    assert_eq!(
        sent(&sim, "create_virtual_customer"),
        pairs(&[
            ("short_key", &key.short_key),
            ("name", "Bot's Ada"),
            ("ip_address", "203.0.113.24"),
            ("operating_system", "Windows 11"),
            ("computer_name", "ADA-PC"),
            ("locale", "en-us"),
            ("chat_url", "1"),
        ])
    );
    assert_eq!(sim.lsids().len(), before + 1);
    let lsid = sim.lsids().pop().unwrap();
    let session = client.support_session(&lsid).await.unwrap().unwrap();
    assert_eq!(session.customers[0].username, "Bot's Ada");
    assert_eq!(session.customers[0].hostname.as_deref(), Some("ADA-PC"));
}

#[tokio::test]
async fn appliances_and_their_roles() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let own = sim.appliance_id();
    let all = client.appliances().await.unwrap();
    let appliance = &all.appliances[0];
    assert_eq!(appliance.id.as_deref(), Some(own.as_str()));
    assert_eq!(appliance.cluster_role, Some(ClusterRole::Single));
    assert_eq!(appliance.failover_role, Some(FailoverRole::None));
    assert_eq!(appliance.accepting_connections, Some(true));
    assert_eq!(appliance.timezone_offset, Some(0));

    sim.add_appliance(
        ApplianceSpec::new("lyon", "lyon.example.com")
            .cluster_role(bomgar_sim::ClusterRole::Traffic)
            .timezone_offset(3_600)
            .not_accepting(),
    );
    let all = client.appliances().await.unwrap();
    let lyon = all
        .appliances
        .iter()
        .find(|appliance| appliance.name.as_deref() == Some("lyon"))
        .unwrap();
    assert_eq!(lyon.public_hostname.as_deref(), Some("lyon.example.com"));
    assert_eq!(lyon.cluster_role, Some(ClusterRole::Traffic));
    assert_eq!(lyon.accepting_connections, Some(false));
    assert_eq!(lyon.timezone_offset, Some(3_600));
}

#[tokio::test]
async fn the_failover_role_changes_at_once_or_after_a_sync() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    refused(
        client.set_failover_role(&SetFailoverRole::backup()).await,
        None,
    );
    let spare = || ApplianceSpec::new("spare", "spare.example.com");
    let pair = || Failover::new(bomgar_sim::FailoverRole::Primary, spare());
    sim.set_failover(pair().shared_ip("203.0.113.10").manual_sync());
    let health = client.check_health().await.unwrap();
    assert_eq!(health.failover_role, Some(FailoverRole::Primary));
    assert_eq!(health.enabled_shared_ips, ["203.0.113.10"]);
    assert!(health.last_data_sync_time.is_some());
    assert!(health.unknown.is_empty(), "{health:?}");

    let request = SetFailoverRole::backup().data_sync_first(true);
    let text = client.set_failover_role(&request).await.unwrap();
    assert!(
        text.starts_with("Successfully started data sync."),
        "{text}"
    );
    let role = async || client.check_health().await.unwrap().failover_role;
    assert_eq!(role().await, Some(FailoverRole::Primary));
    sim.finish_data_sync(true).unwrap();
    assert_eq!(role().await, Some(FailoverRole::Backup));
    let text = client
        .set_failover_role(&SetFailoverRole::primary())
        .await
        .unwrap();
    assert_eq!(text, "Successfully changed role.");

    sim.set_failover(pair().peer_unreachable());
    refused(
        client.set_failover_role(&SetFailoverRole::backup()).await,
        None,
    );
    client
        .set_failover_role(&SetFailoverRole::backup_by_force())
        .await
        .unwrap();
    assert_eq!(
        sent(&sim, "set_failover_role"),
        pairs(&[("role", "backup"), ("force", "1")])
    );
    assert_eq!(role().await, Some(FailoverRole::Backup));
    let health = client.check_health().await.unwrap();
    assert_eq!(health.success, Some(false));
    assert!(health.error_message.is_some());
}

#[tokio::test]
async fn connected_clients_are_counted_and_described() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    with_session(&sim);
    sim.add_client(
        bomgar_sim::ConnectedClient::push_agent("JP-LYON")
            .timezone_offset(3_600)
            .connected_since(START),
    );
    sim.set_pinned_clients(40);
    let list = client
        .connected_client_list(&GetConnectedClientList::new())
        .await
        .unwrap();
    assert_eq!(list.count(&ClientType::Representative), Some(2));
    assert_eq!(list.count(&ClientType::SupportCustomer), Some(1));
    assert_eq!(list.count(&ClientType::PinnedClient), Some(40));
    assert_eq!(
        list.summaries[0].appliance_id.as_deref(),
        Some(sim.appliance_id().as_str())
    );
    let kinds = list.clients.iter().filter_map(|client| client.kind.clone());
    assert_eq!(
        kinds
            .filter(|kind| *kind == ClientType::Representative)
            .count(),
        2
    );

    let summary = GetConnectedClientList::new()
        .client_types([ClientType::PushAgent, ClientType::SupportCustomer])
        .summary_only(true);
    let counts = client.connected_client_list(&summary).await.unwrap();
    assert_eq!(
        sent(&sim, "get_connected_client_list"),
        pairs(&[
            ("type", "push_agent,support_customer"),
            ("summary_only", "1")
        ])
    );
    assert!(counts.clients.is_empty());
    assert_eq!(counts.count(&ClientType::PushAgent), Some(1));
    assert_eq!(counts.count(&ClientType::PinnedClient), None);

    let all = client
        .connected_clients(&GetConnectedClients::all())
        .await
        .unwrap();
    assert_eq!(all.clients.len(), list.clients.len());
    let jumpoint = all
        .clients
        .iter()
        .find(|client| client.kind == Some(ClientType::PushAgent))
        .unwrap();
    assert_eq!(jumpoint.hostname.as_deref(), Some("JP-LYON"));
    assert_eq!(jumpoint.timezone_offset, Some(3_600));
    assert_eq!(jumpoint.connected_since, Timestamp::from_second(START).ok());
    assert!(jumpoint.platform.is_some());
    assert_eq!(jumpoint.client_connections, None);

    let id = jumpoint.id.clone().unwrap();
    let request = GetConnectedClients::new([ClientType::PushAgent])
        .ids([id.as_str()])
        .include_connections(true);
    let one = client.connected_clients(&request).await.unwrap();
    assert_eq!(one.clients.len(), 1);
    assert_eq!(one.clients[0].id.as_deref(), Some(id.as_str()));
    assert!(one.clients[0].client_connections.is_some());

    // The appliance has the limit, too.
    let many = vec![id; 101].join(",");
    let raw = RawCommand::read("get_connected_clients")
        .field("type", "all")
        .field("id", many);
    refused(client.call_raw(&raw).await, None);
    let pinned = RawCommand::read("get_connected_client_list").field("type", "pinned_client");
    refused(client.call_raw(&pinned).await, None);
}

#[tokio::test]
async fn jump_shortcuts_of_each_kind_are_imported() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    sim.set_jump_groups(["servers"]);
    sim.set_jumpoints(["lyon"]);
    let local = JumpTarget::Local {
        hostname: "10.0.0.5".into(),
    };
    let remote = |jumpoint: &str| JumpTarget::Remote {
        hostname: "10.1.0.5".into(),
        jumpoint: jumpoint.into(),
    };
    let request = ImportJumpShortcut::new("File server", "servers", local.clone())
        .tag("Windows")
        .comments("Room 3 & 4")
        .jump_policy("days");
    client.import_jump_shortcut(&request).await.unwrap();
    let request = ImportJumpShortcut::new("Mail", "servers", remote("lyon"));
    client.import_jump_shortcut(&request).await.unwrap();
    let shortcuts = sim.jump_shortcuts();
    let seen: Vec<_> = shortcuts
        .iter()
        .map(|s| {
            (
                s.kind.as_str(),
                s.name.as_str(),
                s.hostname.as_str(),
                s.group.as_str(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("local", "File server", "10.0.0.5", "servers"),
            ("remote", "Mail", "10.1.0.5", "servers"),
        ]
    );
    for (name, value) in [
        ("tag", "Windows"),
        ("comments", "Room 3 & 4"),
        ("jump_policy", "days"),
    ] {
        let pair = (name.to_owned(), value.to_owned());
        assert!(
            shortcuts[0].other.contains(&pair),
            "{:?}",
            shortcuts[0].other
        );
    }
    let nowhere = ImportJumpShortcut::new("x", "nowhere", local);
    refused(client.import_jump_shortcut(&nowhere).await, None);
    let nobody = ImportJumpShortcut::new("x", "servers", remote("oslo"));
    refused(client.import_jump_shortcut(&nobody).await, None);
}

#[tokio::test]
async fn a_representative_is_set_busy_and_logged_out() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    with_session(&sim);
    client
        .set_rep_status(&SetRepStatus::new(13, "busy"))
        .await
        .unwrap();
    assert_eq!(sim.rep_status(13).unwrap(), "busy");
    refused(
        client
            .set_rep_status(&SetRepStatus::new(13, "asleep"))
            .await,
        None,
    );
    refused(
        client.set_rep_status(&SetRepStatus::new(99, "busy")).await,
        None,
    );
    client.logout_rep(&LogoutRep::new(13)).await.unwrap();
    assert_eq!(sent(&sim, "logout_rep"), pairs(&[("rep_id", "13")]));
    assert_eq!(sim.logged_in(), [12]);
    refused(client.logout_rep(&LogoutRep::new(13)).await, None);
}

#[tokio::test]
async fn errors_are_found_in_every_form() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    sim.set_permission("perm_command", "deny");
    for form in [ErrorForm::Root, ErrorForm::SpacedRoot, ErrorForm::Inner] {
        sim.set_error_form(form);
        refused(client.logged_in_reps().await, None);
        refused(client.support_teams(&GetSupportTeams::new()).await, None);
        refused(client.appliances().await, None);
        refused(client.check_health().await, None);
        let request = GetSessionAttributes::new(&lsid);
        refused(client.session_attributes(&request).await, Some(&lsid));
        let request = TerminateSession::new(&lsid);
        refused(client.terminate_session(&request).await, Some(&lsid));
        client.api_info().await.unwrap();
    }
}

#[tokio::test]
async fn what_the_vendor_calls_read_only_may_need_full_access() {
    let sim = BomgarSim::start().await;
    let client = client(&sim);
    let lsid = with_session(&sim);
    let key = client
        .generate_session_key(&GenerateSessionKey::default())
        .await
        .unwrap();
    sim.set_permission("perm_command", "read_only");
    let details = VirtualCustomerDetails {
        name: "Ada".into(),
        ip_address: "203.0.113.24".into(),
        operating_system: "Windows 11".into(),
        computer_name: "ADA-PC".into(),
    };
    let customer = CreateVirtualCustomer::new(&key.short_key, details);
    let message = SendChatMessage::to_session(&lsid, SessionSender::System, "x");
    let status = SetRepStatus::new(13, "busy");
    let actions = [
        "create_virtual_customer",
        "send_chat_message",
        "set_rep_status",
    ];
    for action in actions {
        sim.set_required_access(action, Access::Full);
    }
    refused(client.create_virtual_customer(&customer).await, None);
    refused(client.send_chat_message(&message).await, Some(&lsid));
    refused(client.set_rep_status(&status).await, None);
    for action in actions {
        sim.set_required_access(action, Access::ReadOnly);
    }
    client.create_virtual_customer(&customer).await.unwrap();
    client.send_chat_message(&message).await.unwrap();
    client.set_rep_status(&status).await.unwrap();
}

#[tokio::test]
async fn users_of_old_versions_need_rights_of_their_own() {
    let sim = BomgarSim::builder()
        .user(LegacyUser::new("plain", "pw").not_administrator())
        .user(LegacyUser::new("seer", "pw").without_support())
        .user(LegacyUser::new("none", "pw").without_command_api())
        .start()
        .await;
    let lsid = with_session(&sim);
    let user = |name: &str| {
        Client::builder(sim.base_url(), Credentials::user(name, "pw"))
            .allow_plain_http(true)
            .build()
            .unwrap()
    };
    let key = GenerateSessionKey::default();
    let attributes = GetSessionAttributes::new(&lsid);
    let (plain, seer, none) = (user("plain"), user("seer"), user("none"));
    plain.generate_session_key(&key).await.unwrap();
    plain.logged_in_reps().await.unwrap();
    refused(plain.session_attributes(&attributes).await, Some(&lsid));
    refused(plain.check_health().await, None);
    refused(seer.generate_session_key(&key).await, None);
    seer.session_attributes(&attributes).await.unwrap();
    none.api_info().await.unwrap();
    refused(none.logged_in_reps().await, None);
}
