//! GetFieldInfo and its relatives, thresholds.

use crate::support::{caller, note};
use autotask_sim::{AutotaskSim, FieldTy, PicklistValue, UdfDef, When};

/// The text of a child of the `Field` or `EntityInfo` with that name.
fn detail(body: &str, element: &str, name: &str, child: &str) -> String {
    let document = roxmltree::Document::parse(body).unwrap();
    let text = |node: roxmltree::Node<'_, '_>, name: &str| {
        let child = node.children().find(|node| node.tag_name().name() == name);
        child.and_then(|node| node.text()).unwrap_or("").to_owned()
    };
    let node = document
        .descendants()
        .find(|node| node.tag_name().name() == element && text(*node, "Name") == name)
        .unwrap();
    text(node, child)
}

#[tokio::test]
async fn fields_tell_their_rules_and_values() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let got = call
        .call("GetFieldInfo", "<psObjectType>TicketNote</psObjectType>")
        .await;
    assert_eq!(got.status, 200);
    let of = |name: &str, child: &str| detail(&got.body, "Field", name, child);
    assert_eq!(of("Description", "Type"), "string");
    assert_eq!(of("Description", "Length"), "32000");
    assert_eq!(of("Description", "IsRequired"), "true");
    assert_eq!(of("CreateDateTime", "IsReadOnly"), "true");
    assert_eq!(of("TicketID", "ReferenceEntityType"), "Ticket");
    assert_eq!(of("Publish", "IsPickList"), "true");
    let labels = got.all("Label");
    assert!(labels.contains(&"All Autotask Users".to_owned()));
    assert!(labels.contains(&"Internal users only".to_owned()));
    assert!(got.all("Value").contains(&"99".to_owned()));

    let got = call
        .call("GetFieldInfo", "<psObjectType>ticket</psObjectType>")
        .await;
    assert_eq!(
        detail(
            &got.body,
            "Field",
            "SubIssueType",
            "PicklistParentValueField"
        ),
        "IssueType"
    );
    assert!(got.all("parentValue").contains(&"10".to_owned()));
    assert!(got.all("IsActive").contains(&"false".to_owned()));

    sim.set_picklist(
        "TicketNote",
        "Publish",
        [PicklistValue::new(9, "Alle Benutzer")],
    );
    let got = call
        .call("GetFieldInfo", "<psObjectType>TicketNote</psObjectType>")
        .await;
    assert!(!got.all("Label").contains(&"All Autotask Users".to_owned()));
    assert!(got.all("Label").contains(&"Alle Benutzer".to_owned()));
    let got = call
        .call("GetFieldInfo", "<psObjectType>Nothing</psObjectType>")
        .await;
    assert_eq!(got.status, 500);
}

#[tokio::test]
async fn user_defined_fields_have_their_own_call() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.add_udf("Ticket", UdfDef::new("Remote host", FieldTy::String));
    let call = caller(&sim);
    let got = call.call("getUDFInfo", "<psTable>Ticket</psTable>").await;
    assert_eq!(got.all("Name"), ["Remote host"]);
    let got = call.call("getUDFInfo", "<psTable>Contact</psTable>").await;
    assert!(got.all("Name").is_empty());
}

#[tokio::test]
async fn entities_tell_what_can_be_done() {
    let sim = AutotaskSim::start().await.unwrap();
    let got = caller(&sim).call("GetEntityInfo", "").await;
    assert!(got.all("EntityInfo").len() >= 150);
    let of = |name: &str, child: &str| detail(&got.body, "EntityInfo", name, child);
    assert_eq!(of("TicketNote", "CanDelete"), "false");
    assert_eq!(of("TimeEntry", "CanDelete"), "true");
    assert_eq!(of("Resource", "CanCreate"), "false");
    assert_eq!(of("Ticket", "HasUserDefinedFields"), "true");
}

#[tokio::test]
async fn versions_and_connection_checks() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let got = call.call("GetWsdlVersion", "").await;
    assert!(got.one("GetWsdlVersionResult").starts_with("1.6."));
    let user = format!("<userName>{}</userName>", sim.username());
    let got = call.call("IntegrationCodeCheck", &user).await;
    assert_eq!(got.one("IsIntegrationCodeAssociated"), "true");
    let got = call
        .call("IntegrationCodeCheck", "<userName>x</userName>")
        .await;
    assert_eq!(got.one("IsApiUser"), "false");
    let mut call = caller(&sim);
    call.code = None;
    assert_eq!(call.call("GetWsdlVersion", "").await.status, 500);
}

#[tokio::test]
async fn usage_is_told_and_limited_in_a_rolling_hour() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let got = call.call("getThresholdAndUsageInfo", "").await;
    assert_eq!(
        got.one("Message"),
        "thresholdOfExternalRequest: 10000; TimeframeOfLimitation: 60; numberOfExternalRequest: 1;"
    );
    assert_eq!(got.one("EntityId"), "0");
    sim.set_foreign_requests(9_999);
    let errors = call.query("Ticket", "").await.refused();
    assert!(errors[0].contains("threshold"), "{errors:?}");
    sim.set_foreign_requests(9_000);
    sim.advance_clock(jiff::SignedDuration::from_mins(61));
    call.query("Ticket", "").await.stored();
    let got = call.call("getThresholdAndUsageInfo", "").await;
    assert!(
        got.one("Message")
            .ends_with("numberOfExternalRequest: 9002;"),
        "{}",
        got.body
    );
}

#[tokio::test]
async fn a_fourth_thread_on_the_same_object_is_refused() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let gate = sim.gate("query", "Ticket", When::BeforeCommit);
    let three = futures_util::future::join_all((0..3).map(|_| call.query("Ticket", "")));
    let fourth = async {
        for _ in 0..3 {
            gate.reached().await;
        }
        let refused = call.query("Ticket", "").await.refused();
        assert!(refused[0].contains("Itgenatr005"), "{refused:?}");
        assert!(
            refused[0].contains("thread threshold of 3 threads"),
            "{refused:?}"
        );
        // Another object has threads of its own.
        call.query("Account", "").await.stored();
        call.create(&[note(sim.demo().ticket, "t", "d")])
            .await
            .stored();
        for _ in 0..3 {
            gate.release();
        }
    };
    let all = async { tokio::join!(three, fourth) };
    let limit = std::time::Duration::from_secs(20);
    let (answers, ()) = tokio::time::timeout(limit, all).await.unwrap();
    for answer in answers {
        assert_eq!(answer.stored().len(), 2);
    }
    drop(gate);
    call.query("Ticket", "").await.stored();
}

#[tokio::test]
async fn half_of_the_allowance_slows_down() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    sim.configure(|settings| settings.usage_latency = true);
    sim.set_foreign_requests(5_000);
    let before = std::time::Instant::now();
    call.query("Ticket", "").await.stored();
    assert!(before.elapsed() >= std::time::Duration::from_millis(500));
}

#[tokio::test]
async fn another_integration_has_its_own_user_and_threads() {
    let sim = AutotaskSim::start().await.unwrap();
    let resource = sim.add_user("second@northwind.example", "pass", "SECONDCODE");
    let first = caller(&sim);
    let mut second = caller(&sim);
    second.authorization = Some(format!(
        "Basic {}",
        base64(b"second@northwind.example:pass")
    ));
    assert_eq!(
        second.query("Ticket", "").await.refused(),
        ["IntegrationCode is invalid."]
    );
    second.code = Some("SECONDCODE".to_owned());
    let id = second
        .create(&[note(sim.demo().ticket, "t", "d")])
        .await
        .stored()[0];
    let creator = sim
        .record("TicketNote", id)
        .unwrap()
        .int("CreatorResourceID");
    assert_eq!(creator, Some(resource));

    sim.configure(|settings| settings.thread_limit = 1);
    let gate = sim.gate("query", "Ticket", When::BeforeCommit);
    let probe = async {
        gate.reached().await;
        assert_eq!(first.query("Ticket", "").await.refused().len(), 1);
        // The other integration's call gets as far as the gate.
        let other = second.query("Ticket", "");
        let let_go = async {
            gate.reached().await;
            gate.release();
            gate.release();
        };
        tokio::join!(other, let_go).0.stored();
    };
    let all = async { tokio::join!(first.query("Ticket", ""), probe) };
    let limit = std::time::Duration::from_secs(20);
    let (held, ()) = tokio::time::timeout(limit, all).await.unwrap();
    held.stored();
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn a_thread_can_be_freed_late() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    sim.configure(|settings| {
        settings.thread_limit = 1;
        settings.thread_release = std::time::Duration::from_secs(2);
    });
    call.query("Ticket", "").await.stored();
    call.query("Ticket", "").await.refused();
    call.query("Account", "").await.stored();
    let free = async {
        while call.query("Ticket", "").await.one("ReturnCode") != "1" {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let limit = std::time::Duration::from_secs(20);
    tokio::time::timeout(limit, free).await.unwrap();
}

#[tokio::test]
async fn the_api_users_flag_is_told() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let name = format!("<userName>{}</userName>", sim.username());
    sim.set_api_user_flag(false);
    let got = call.call("IntegrationCodeCheck", &name).await;
    assert_eq!(got.one("IsApiUser"), "false");
    assert_eq!(got.one("IsIntegrationCodeAssociated"), "true");
}
