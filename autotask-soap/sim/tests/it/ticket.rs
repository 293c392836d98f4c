//! The rules of tickets.

use crate::support::{caller, entity};
use autotask_sim::{AutotaskSim, Record};

fn ticket(sim: &AutotaskSim, more: &[(&str, &str, &str)]) -> String {
    let demo = sim.demo();
    let (account, queue) = (demo.account.to_string(), demo.queue.to_string());
    let mut fields: Vec<(&str, &str, &str)> = vec![
        ("AccountID", "int", &account),
        ("Title", "string", "New"),
        ("Status", "int", "1"),
        ("Priority", "int", "2"),
        ("QueueID", "int", &queue),
    ];
    for field in more {
        fields.retain(|old| old.0 != field.0);
        if !field.2.is_empty() {
            fields.push(*field);
        }
    }
    entity("Ticket", 0, &fields)
}

async fn refused(sim: &AutotaskSim, more: &[(&str, &str, &str)]) -> String {
    caller(sim).create(&[ticket(sim, more)]).await.refused()[0].clone()
}

async fn stored(sim: &AutotaskSim, more: &[(&str, &str, &str)]) -> Record {
    let id = caller(sim).create(&[ticket(sim, more)]).await.stored()[0];
    sim.record("Ticket", id).unwrap()
}

#[tokio::test]
async fn numbers_are_given_by_day_and_in_order() {
    let sim = AutotaskSim::start().await.unwrap();
    let first = stored(&sim, &[]).await.text("TicketNumber").to_owned();
    let second = stored(&sim, &[]).await.text("TicketNumber").to_owned();
    for number in [&first, &second] {
        let (day, count) = number.strip_prefix('T').unwrap().split_once('.').unwrap();
        assert!(
            day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()),
            "{number}"
        );
        assert!(
            count.len() == 4 && count.bytes().all(|byte| byte.is_ascii_digit()),
            "{number}"
        );
    }
    assert!(first < second);
    let own = stored(&sim, &[("TicketNumber", "string", "T20200101.0001")]).await;
    assert_eq!(own.text("TicketNumber"), "T20200101.0001");
}

#[tokio::test]
async fn required_fields_and_own_companies() {
    let sim = AutotaskSim::start().await.unwrap();
    for name in ["AccountID", "Title", "Status", "Priority"] {
        assert_eq!(
            refused(&sim, &[(name, "int", "")]).await,
            format!("Value does not exist for the required field {name}.")
        );
    }
    // Id 0 is the tenant's own company.
    assert_eq!(
        stored(&sim, &[("AccountID", "int", "0")])
            .await
            .int("AccountID"),
        Some(0)
    );
    sim.configure(|settings| settings.required_ticket_fields = vec!["DueDateTime".to_owned()]);
    refused(&sim, &[]).await;
    let due = stored(&sim, &[("DueDateTime", "dateTime", "2026-12-01T12:00:00")]).await;
    assert_eq!(
        due.time("DueDateTime").unwrap().to_string(),
        "2026-12-01T17:00:00Z"
    );
}

#[tokio::test]
async fn resource_and_role_come_together() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let (who, role, second) = (
        demo.technician.to_string(),
        demo.role.to_string(),
        demo.second_role.to_string(),
    );
    let both = "When assigning a Resource, you must assign both a assignedResourceID and \
                assignedResourceRoleID.";
    assert_eq!(
        refused(&sim, &[("AssignedResourceID", "int", &who)]).await,
        both
    );
    assert_eq!(
        refused(&sim, &[("AssignedResourceRoleID", "int", &role)]).await,
        both
    );
    refused(&sim, &[("QueueID", "int", "")]).await;
    let assigned = [
        ("QueueID", "int", ""),
        ("AssignedResourceID", "int", who.as_str()),
        ("AssignedResourceRoleID", "int", role.as_str()),
    ];
    stored(&sim, &assigned).await;
    let other = demo.second_technician.to_string();
    refused(
        &sim,
        &[
            ("AssignedResourceID", "int", &other),
            ("AssignedResourceRoleID", "int", &second),
        ],
    )
    .await;
    let api = demo.api_user.to_string();
    refused(
        &sim,
        &[
            ("AssignedResourceID", "int", &api),
            ("AssignedResourceRoleID", "int", &role),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_contact_must_be_of_the_account() {
    let sim = AutotaskSim::start().await.unwrap();
    let contact = sim.demo().contact.to_string();
    stored(&sim, &[("ContactID", "int", &contact)]).await;
    assert_eq!(
        refused(
            &sim,
            &[("ContactID", "int", &contact), ("AccountID", "int", "0")]
        )
        .await,
        "Reference value on field: contactID of type: Contact does not exist or is invalid."
    );
}

#[tokio::test]
async fn a_sub_issue_type_needs_its_issue_type() {
    let sim = AutotaskSim::start().await.unwrap();
    stored(
        &sim,
        &[("IssueType", "int", "10"), ("SubIssueType", "int", "101")],
    )
    .await;
    refused(
        &sim,
        &[("IssueType", "int", "11"), ("SubIssueType", "int", "101")],
    )
    .await;
    refused(&sim, &[("SubIssueType", "int", "101")]).await;
    // Inactive values may not be set anew.
    refused(&sim, &[("Status", "int", "6")]).await;
}

#[tokio::test]
async fn completing_and_reopening() {
    let sim = AutotaskSim::start().await.unwrap();
    let done = stored(&sim, &[("Status", "int", "5")]).await;
    assert!(done.time("CompletedDate").is_some());
    assert_eq!(done.int("CompletedByResourceID"), Some(sim.demo().api_user));
    let again = ticket(&sim, &[]).replace("<id>0</id>", &format!("<id>{}</id>", done.id));
    caller(&sim)
        .call("update", &format!("<Entities>{again}</Entities>"))
        .await
        .stored();
    let open = sim.record("Ticket", done.id).unwrap();
    assert_eq!(open.time("CompletedDate"), None);
    // The number is writable and was not sent.
    assert_eq!(open.text("TicketNumber"), "");
}

#[tokio::test]
async fn an_inactive_status_may_stay() {
    let sim = AutotaskSim::start().await.unwrap();
    let old = stored(&sim, &[]).await;
    sim.update_record("Ticket", old.id, "Status", 6);
    let again = ticket(&sim, &[("Status", "int", "6")])
        .replace("<id>0</id>", &format!("<id>{}</id>", old.id));
    caller(&sim)
        .call("update", &format!("<Entities>{again}</Entities>"))
        .await
        .stored();
}
