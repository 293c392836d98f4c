//! The rules of tickets.

use crate::support::{caller, entity, field, note};
use autotask_sim::{AutotaskSim, CategoryRules, Record};

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

#[tokio::test]
async fn categories_demand_and_fill_in_fields() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.set_picklist(
        "Ticket",
        "TicketCategory",
        [
            autotask_sim::PicklistValue::new(3, "Standard").default_value(),
            autotask_sim::PicklistValue::new(8, "Onboarding"),
        ],
    );
    let of = |category: &'static str| [("TicketCategory", "int", category)];
    assert_eq!(
        stored(&sim, &[]).await.int("TicketCategory"),
        Some(3),
        "the default"
    );
    sim.configure(|settings| {
        let rules = CategoryRules::new().required("DueDateTime").note_title();
        settings
            .ticket_categories
            .insert(8, rules.preset("Source", 4));
    });
    assert_eq!(
        refused(&sim, &of("8")).await,
        "Value does not exist for the required field DueDateTime."
    );
    stored(&sim, &of("3")).await;
    let due = ("DueDateTime", "dateTime", "2026-06-30T12:00:00");
    let ticket = stored(&sim, &[of("8")[0], due]).await;
    assert_eq!(ticket.int("Source"), Some(4));
    let sent = stored(&sim, &[of("8")[0], due, ("Source", "int", "2")]).await;
    assert_eq!(sent.int("Source"), Some(2));
    // Its notes need a title, others do not.
    let call = caller(&sim);
    call.create(&[note(sim.demo().ticket, "", "d")])
        .await
        .stored();
    assert_eq!(
        call.create(&[note(ticket.id, "", "d")]).await.refused()[0],
        "Value does not exist for the required field Title."
    );
}

#[tokio::test]
async fn further_resources_are_others_than_the_first_and_hold_their_role() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let call = caller(&sim);
    let more = |resource: i64, role: i64| {
        let (ticket, resource, role) = (
            demo.ticket.to_string(),
            resource.to_string(),
            role.to_string(),
        );
        entity(
            "TicketSecondaryResource",
            0,
            &[
                ("TicketID", "long", &ticket),
                ("ResourceID", "long", &resource),
                ("RoleID", "long", &role),
            ],
        )
    };
    for (resource, role) in [
        (demo.technician, demo.role),
        (demo.second_technician, demo.second_role),
        (demo.inactive_technician, demo.role),
        (demo.api_user, demo.role),
    ] {
        call.create(&[more(resource, role)]).await.refused();
    }
    let id = call
        .create(&[more(demo.second_technician, demo.role)])
        .await
        .stored()[0];
    call.create(&[more(demo.second_technician, demo.role)])
        .await
        .refused();
    let gone = entity("TicketSecondaryResource", id, &[]);
    let got = call
        .call("delete", &format!("<Entities>{gone}</Entities>"))
        .await;
    assert_eq!(got.one("ReturnCode"), "1");
}

#[tokio::test]
async fn a_role_of_a_department_is_none_for_tickets() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let role = sim.add(
        Record::new("Role")
            .set("Name", "Trainer")
            .set("Active", true),
    );
    let held = Record::new("ResourceRole")
        .set("ResourceID", demo.technician)
        .set("RoleID", role)
        .set("DepartmentID", 7)
        .set("Active", true);
    let held = sim.add(held);
    let (resource, role) = (demo.technician.to_string(), role.to_string());
    let assigned = [
        ("AssignedResourceID", "int", resource.as_str()),
        ("AssignedResourceRoleID", "int", role.as_str()),
    ];
    assert!(
        refused(&sim, &assigned)
            .await
            .contains("assignedResourceRoleID")
    );
    sim.update_record("ResourceRole", held, "QueueID", demo.queue);
    stored(&sim, &assigned).await;
}

#[tokio::test]
async fn api_users_own_nothing() {
    let sim = AutotaskSim::start().await.unwrap();
    let owner = sim.demo().api_user.to_string();
    let account = entity(
        "Account",
        0,
        &[
            ("AccountName", "string", "New"),
            ("Phone", "string", "1"),
            ("AccountType", "short", "1"),
            ("OwnerResourceID", "int", &owner),
        ],
    );
    assert_eq!(
        caller(&sim).create(&[account]).await.refused()[0],
        "Reference value on field: ownerResourceID of type: Resource does not exist or is invalid."
    );
}

#[tokio::test]
async fn merging_moves_what_was_written_and_closes_the_ticket() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let info = sim.add(
        Record::new("AttachmentInfo")
            .set("ParentID", demo.ticket)
            .set("ParentType", 4),
    );
    let (notes, times) = (
        sim.notes(demo.ticket).len(),
        sim.time_entries(demo.ticket).len(),
    );
    assert!(!sim.merge_tickets(demo.ticket, demo.ticket));
    assert!(!sim.merge_tickets(demo.ticket, 4711));
    assert!(sim.merge_tickets(demo.ticket, demo.queue_ticket));
    assert!(sim.notes(demo.ticket).is_empty() && sim.time_entries(demo.ticket).is_empty());
    assert_eq!(sim.notes(demo.queue_ticket).len(), notes);
    assert_eq!(sim.time_entries(demo.queue_ticket).len(), times);
    let info = sim.record("AttachmentInfo", info).unwrap();
    assert_eq!(info.int("ParentID"), Some(demo.queue_ticket));
    let closed = sim.record("Ticket", demo.ticket).unwrap();
    assert_eq!(closed.int("Status"), Some(5));
    assert!(closed.time("CompletedDate").is_some());
    let found = caller(&sim)
        .query(
            "TicketNote",
            &field("TicketID", "equals", &demo.queue_ticket.to_string()),
        )
        .await;
    assert_eq!(found.stored().len(), notes);
}
