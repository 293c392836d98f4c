//! The rules of time entries.

use crate::support::{caller, field, time_entry};
use autotask_sim::{AutotaskSim, ProxyTimeEntry, Record};
use jiff::{Timestamp, civil::date};

async fn refused(sim: &AutotaskSim, more: &[(&str, &str, &str)]) -> String {
    let before = sim.records("TimeEntry").len();
    let errors = caller(sim).create(&[time_entry(sim, more)]).await.refused();
    assert_eq!(errors[1], "Error updating entity for record number [1].");
    assert_eq!(sim.records("TimeEntry").len(), before);
    errors[0].clone()
}

async fn stored(sim: &AutotaskSim, more: &[(&str, &str, &str)]) -> Record {
    let id = caller(sim).create(&[time_entry(sim, more)]).await.stored()[0];
    sim.record("TimeEntry", id).unwrap()
}

#[tokio::test]
async fn hours_day_and_creator_are_filled_in() {
    let sim = AutotaskSim::start().await.unwrap();
    let entry = stored(&sim, &[]).await;
    assert_eq!(entry.double("HoursWorked"), Some(1.0));
    assert_eq!(entry.double("HoursToBill"), Some(1.0));
    assert_eq!(entry.date("DateWorked"), Some(date(2026, 6, 1)));
    let start: Timestamp = "2026-06-01T14:00:00Z".parse().unwrap();
    assert_eq!(entry.time("StartDateTime"), Some(start));
    assert_eq!(entry.int("CreatorUserID"), Some(sim.demo().api_user));
    assert!(entry.time("CreateDateTime").is_some());
}

#[tokio::test]
async fn billed_hours_are_rounded_up_and_corrected_by_the_offset() {
    let sim = AutotaskSim::start().await.unwrap();
    // The documented sample: 0.15 hours became 0.25.
    let nine_minutes = ("EndDateTime", "dateTime", "2026-06-01T10:09:00");
    let entry = stored(&sim, &[nine_minutes, ("HoursWorked", "double", "0.15")]).await;
    assert_eq!(entry.double("HoursWorked"), Some(0.15));
    assert_eq!(entry.double("HoursToBill"), Some(0.25));
    let offset = ("OffsetHours", "double", "-0.25");
    let entry = stored(&sim, &[nine_minutes, offset]).await;
    assert_eq!(entry.double("HoursToBill"), Some(0.0));
    sim.configure(|settings| settings.billing_rounding_minutes = 0);
    let entry = stored(&sim, &[nine_minutes]).await;
    assert_eq!(entry.double("HoursToBill"), entry.double("HoursWorked"));
}

#[tokio::test]
async fn a_role_is_needed_and_must_be_held() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    assert_eq!(
        refused(&sim, &[("RoleID", "int", "")]).await,
        "TimeEntries for Tickets must have a roleID"
    );
    let wrong = "Role does not exist or is invalid";
    for role in [demo.inactive_role, 4711, 110] {
        assert_eq!(
            refused(&sim, &[("RoleID", "int", &role.to_string())]).await,
            wrong
        );
    }
    let second = demo.second_role.to_string();
    let other = demo.second_technician.to_string();
    stored(&sim, &[("RoleID", "int", &second)]).await;
    let not_held = [
        ("RoleID", "int", second.as_str()),
        ("ResourceID", "int", other.as_str()),
    ];
    assert_eq!(refused(&sim, &not_held).await, wrong);
}

#[tokio::test]
async fn the_tickets_role_is_needed_where_the_tenant_says_so() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.configure(|settings| settings.require_ticket_role = true);
    let second = sim.demo().second_role.to_string();
    refused(&sim, &[("RoleID", "int", &second)]).await;
    stored(&sim, &[]).await;
}

#[tokio::test]
async fn only_active_people_work() {
    let sim = AutotaskSim::start().await.unwrap();
    for resource in [sim.demo().inactive_technician, sim.demo().api_user, 4711] {
        assert_eq!(
            refused(&sim, &[("ResourceID", "int", &resource.to_string())]).await,
            "Reference value on field: resourceID of type: Resource does not exist or is invalid."
        );
    }
    assert_eq!(
        refused(&sim, &[("ResourceID", "int", "")]).await,
        "Value does not exist for the required field ResourceID."
    );
}

#[tokio::test]
async fn start_end_and_hours_must_make_sense() {
    let sim = AutotaskSim::start().await.unwrap();
    for field in ["StartDateTime", "EndDateTime"] {
        assert_eq!(
            refused(
                &sim,
                &[(field, "dateTime", ""), ("HoursWorked", "double", "1")]
            )
            .await,
            format!("Value does not exist for the required field {field}.")
        );
    }
    refused(&sim, &[("EndDateTime", "dateTime", "2026-06-01T10:00:00")]).await;
    refused(&sim, &[("EndDateTime", "dateTime", "2026-06-01T09:00:00")]).await;
    refused(&sim, &[("EndDateTime", "dateTime", "2026-06-02T10:00:00")]).await;
    refused(&sim, &[("HoursWorked", "double", "0")]).await;
    refused(&sim, &[("HoursWorked", "double", "24.5")]).await;
    // The spring gap.
    refused(
        &sim,
        &[
            ("StartDateTime", "dateTime", "2026-03-08T02:30:00"),
            ("EndDateTime", "dateTime", "2026-03-08T03:30:00"),
        ],
    )
    .await;
    stored(&sim, &[("EndDateTime", "dateTime", "2026-06-02T09:59:59")]).await;
}

#[tokio::test]
async fn spanning_midnight_is_a_setting() {
    let sim = AutotaskSim::start().await.unwrap();
    let late = [
        ("StartDateTime", "dateTime", "2026-06-01T23:30:00"),
        ("EndDateTime", "dateTime", "2026-06-02T00:30:00"),
    ];
    let entry = stored(&sim, &late).await;
    assert_eq!(entry.date("DateWorked"), Some(date(2026, 6, 1)));
    sim.configure(|settings| settings.span_midnight = false);
    refused(&sim, &late).await;
    // Up to midnight is the same day.
    stored(
        &sim,
        &[late[0], ("EndDateTime", "dateTime", "2026-06-02T00:00:00")],
    )
    .await;
}

#[tokio::test]
async fn exactly_one_target() {
    let sim = AutotaskSim::start().await.unwrap();
    refused(&sim, &[("TicketID", "int", "")]).await;
    let code = sim.add(
        Record::new("AllocationCode")
            .set("Name", "Meeting")
            .set("Active", true),
    );
    let code = code.to_string();
    let internal = ("InternalAllocationCodeID", "int", code.as_str());
    refused(&sim, &[internal]).await;
    let entry = stored(&sim, &[internal, ("TicketID", "int", "")]).await;
    assert_eq!(
        entry.int("RoleID"),
        Some(sim.demo().role),
        "the default role"
    );
    assert_eq!(
        refused(&sim, &[("TicketID", "int", "4711")]).await,
        "Reference value on field: ticketID of type: Ticket does not exist or is invalid."
    );
}

#[tokio::test]
async fn a_work_type_must_be_one() {
    let sim = AutotaskSim::start().await.unwrap();
    let work = sim.demo().work_type.to_string();
    let entry = stored(&sim, &[("AllocationCodeID", "int", &work)]).await;
    assert_eq!(entry.int("AllocationCodeID"), Some(sim.demo().work_type));
    let material = sim
        .records("AllocationCode")
        .into_iter()
        .find(|code| code.int("UseType") == Some(2));
    let material = material.unwrap().id.to_string();
    refused(&sim, &[("AllocationCodeID", "int", &material)]).await;
}

#[tokio::test]
async fn without_proxy_time_only_impersonation_books_for_others() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.configure(|settings| settings.proxy_time_entry = ProxyTimeEntry::Off);
    refused(&sim, &[]).await;
    let mut call = caller(&sim);
    call.impersonate = Some(sim.demo().technician);
    let id = call.create(&[time_entry(&sim, &[])]).await.stored()[0];
    let entry = sim.record("TimeEntry", id).unwrap();
    assert_eq!(entry.int("CreatorUserID"), Some(sim.demo().technician));
    assert_eq!(
        entry.int("ImpersonatorCreatorResourceID"),
        Some(sim.demo().api_user)
    );
}

#[tokio::test]
async fn submitted_weeks_and_approved_entries_are_closed() {
    let sim = AutotaskSim::start().await.unwrap();
    let entry = stored(&sim, &[]).await;
    sim.submit_timesheet(sim.demo().technician, date(2026, 6, 7));
    refused(&sim, &[]).await;
    let next_week = [
        ("StartDateTime", "dateTime", "2026-06-08T10:00:00"),
        ("EndDateTime", "dateTime", "2026-06-08T11:00:00"),
    ];
    stored(&sim, &next_week).await;
    sim.update_record("TimeEntry", entry.id, "BillingApprovalDateTime", sim.now());
    let update = time_entry(&sim, &[]).replace("<id>0</id>", &format!("<id>{}</id>", entry.id));
    let got = caller(&sim)
        .call("update", &format!("<Entities>{update}</Entities>"))
        .await;
    assert_eq!(got.refused().len(), 2);
}

#[tokio::test]
async fn summary_notes_can_be_mandatory_and_markers_are_found_in_internal_notes() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.configure(|settings| settings.require_summary_notes = true);
    refused(&sim, &[("InternalNotes", "string", "text\nMARKER")]).await;
    let notes = [
        ("SummaryNotes", "string", "s"),
        ("InternalNotes", "string", "text\nMARKER"),
    ];
    let entry = stored(&sim, &notes).await;
    let got = caller(&sim)
        .query("TimeEntry", &field("InternalNotes", "endswith", "MARKER"))
        .await;
    assert_eq!(got.stored(), [entry.id]);
}

#[tokio::test]
async fn task_time_needs_start_and_end_where_contract_or_timesheet_say_so() {
    let sim = AutotaskSim::start().await.unwrap();
    let contract = |demanded: i64| {
        sim.add(Record::new("Contract").set("TimeReportingRequiresStartAndStopTimes", demanded))
    };
    let (lax, strict) = (contract(0), contract(1));
    let task = |contract: i64| {
        let project = sim.add(Record::new("Project").set("ContractID", contract));
        sim.add(Record::new("Task").set("ProjectID", project))
            .to_string()
    };
    let (lax, strict) = (task(lax), task(strict));
    let only_hours = |task: &str| {
        time_entry(
            &sim,
            &[
                ("TicketID", "int", ""),
                ("StartDateTime", "dateTime", ""),
                ("EndDateTime", "dateTime", ""),
                ("TaskID", "int", task),
                ("DateWorked", "dateTime", "2026-06-01T00:00:00"),
                ("HoursWorked", "double", "2.5"),
            ],
        )
    };
    let call = caller(&sim);
    let id = call.create(&[only_hours(&lax)]).await.stored()[0];
    assert_eq!(
        sim.record("TimeEntry", id).unwrap().double("HoursWorked"),
        Some(2.5)
    );
    let missing = "Value does not exist for the required field StartDateTime.";
    assert_eq!(
        call.create(&[only_hours(&strict)]).await.refused()[0],
        missing
    );
    sim.configure(|settings| settings.require_start_and_end = true);
    assert_eq!(call.create(&[only_hours(&lax)]).await.refused()[0], missing);
}

#[tokio::test]
async fn entries_of_a_submitted_week_can_neither_leave_nor_go() {
    let sim = AutotaskSim::start().await.unwrap();
    let technician = sim.demo().technician;
    let call = caller(&sim);
    let id = call.create(&[time_entry(&sim, &[])]).await.stored()[0];
    let day = "2026-06-02".parse().unwrap();
    sim.submit_timesheet(technician, day);
    let later = time_entry(
        &sim,
        &[
            ("StartDateTime", "dateTime", "2026-06-10T10:00:00"),
            ("EndDateTime", "dateTime", "2026-06-10T11:00:00"),
        ],
    );
    let moved = later.replace("<id>0</id>", &format!("<id>{id}</id>"));
    let closed = "The timesheet of that week has been submitted or approved.";
    let write = |operation: &'static str, entity: String| {
        let call = &call;
        async move {
            call.call(operation, &format!("<Entities>{entity}</Entities>"))
                .await
        }
    };
    assert_eq!(write("update", moved.clone()).await.refused()[0], closed);
    let gone = crate::support::entity("TimeEntry", id, &[]);
    assert_eq!(write("delete", gone.clone()).await.refused()[0], closed);
    sim.reject_timesheet(technician, day);
    write("update", moved).await.stored();
    assert_eq!(write("delete", gone).await.one("ReturnCode"), "1");
}

#[tokio::test]
async fn without_the_permission_non_billable_time_is_not_seen() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    call.create(&[time_entry(&sim, &[("NonBillable", "boolean", "true")])])
        .await
        .stored();
    assert_eq!(call.query("TimeEntry", "").await.stored().len(), 2);
    sim.configure(|settings| settings.see_non_billable = false);
    assert_eq!(call.query("TimeEntry", "").await.stored().len(), 1);
}
