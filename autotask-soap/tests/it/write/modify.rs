//! Read, change, write back.

use super::*;
use autotask_sim::{FieldTy, PicklistValue, UdfDef, Val};
use autotask_soap::entity::Problem;
use autotask_soap::write::RecordResult;
use jiff::Timestamp;

/// A ticket with many fields and two user-defined ones.
fn rich(sim: &AutotaskSim) -> i64 {
    sim.add_udf("Ticket", UdfDef::new("Site", FieldTy::String));
    let mut floor = UdfDef::new("Floor", FieldTy::String);
    floor.picklist = vec![
        PicklistValue::new(1, "First"),
        PicklistValue::new(2, "Second"),
    ];
    sim.add_udf("Ticket", floor);
    let demo = sim.demo();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    sim.add(
        Record::new("Ticket")
            .set("AccountID", demo.account)
            .set("ContactID", demo.contact)
            .set("AssignedResourceID", demo.technician)
            .set("AssignedResourceRoleID", demo.role)
            .set("QueueID", demo.queue)
            .set("Title", "Grüße & <Größe>")
            .set("Description", "Line one\r\nLine two 🙂")
            .set("Status", 1)
            .set("Priority", 2)
            .set("IssueType", 10)
            .set("SubIssueType", 101)
            .set("ExternalID", "order-1")
            .set("EstimatedHours", 1.25)
            .set("DueDateTime", at("2026-12-24T17:30:00Z"))
            // An hour that daylight saving has twice.
            .set("CreateDate", at("2026-11-01T05:30:00Z"))
            .set("LastActivityDate", at("2026-11-01T06:30:00Z"))
            .set("CreatorResourceID", demo.api_user)
            .set_udf("Site", "Rome")
            .set_udf("Floor", "1"),
    )
}

/// Without what every write touches.
fn lasting(mut record: Record) -> Record {
    record.fields.retain(|name, _| !name.starts_with("Last"));
    record
}

#[tokio::test]
async fn only_what_was_changed_changes() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    let before = sim.record("Ticket", id).unwrap();
    let modified = client
        .modify::<Ticket>(id, |ticket| {
            assert_eq!(ticket.external_id.as_deref(), Some("order-1"));
            ticket.status = Some(8);
        })
        .await
        .unwrap();
    assert_eq!(modified.changed, ["Status"]);
    assert_eq!(modified.entity.status, Some(8));
    let after = sim.record("Ticket", id).unwrap();
    let expected = before.set("Status", 8);
    assert_eq!(lasting(after), lasting(expected));
}

#[tokio::test]
async fn user_defined_fields_are_changed_and_kept() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    let before = sim.record("Ticket", id).unwrap();
    let modified = client
        .modify::<Ticket>(id, |ticket| {
            ticket.extra.set_udf("Site", Some("Paris".into()));
        })
        .await
        .unwrap();
    assert_eq!(modified.changed, ["Site"]);
    let after = sim.record("Ticket", id).unwrap();
    assert_eq!(
        lasting(after.clone()),
        lasting(before.clone().set_udf("Site", "Paris"))
    );
    assert_eq!(after.udfs["Floor"], "1");

    client
        .modify::<Ticket>(id, |ticket| ticket.extra.set_udf("Floor", None))
        .await
        .unwrap();
    let after = sim.record("Ticket", id).unwrap();
    assert_eq!(after.udfs.get("Floor"), None);
    assert_eq!(after.udfs["Site"], "Paris");
}

/// In other wire settings of the server, too.
#[tokio::test]
async fn nothing_gets_lost_whatever_the_wire_looks_like() {
    use autotask_sim::{WireTypes, WireZone};
    for (types, utc, blank) in [
        (WireTypes::Loose, false, true),
        (WireTypes::Declared, true, false),
    ] {
        let (sim, _) = tenant().await;
        let id = rich(&sim);
        let mut builder = client_of(&sim);
        if utc {
            sim.configure(|settings| settings.wire_zone = WireZone::Utc);
            builder = builder.wire_zone(autotask_soap::time::WireZone::utc());
        }
        sim.configure(|settings| {
            settings.wire_types = types;
            settings.blank_for_empty = blank;
            settings.unknown_extras = true;
        });
        let client = builder.build().unwrap();
        let before = sim.record("Ticket", id).unwrap();
        client
            .modify::<Ticket>(id, |ticket| ticket.priority = Some(1))
            .await
            .unwrap();
        let after = sim.record("Ticket", id).unwrap();
        assert_eq!(lasting(after), lasting(before.set("Priority", 1)));
    }
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_not_written() {
    let (sim, client) = tenant().await;
    let id = sim.demo().ticket;
    let modified = client
        .modify::<Ticket>(id, |ticket| {
            ticket.status = Some(1);
            ticket.purchase_order_number = Some(String::new());
        })
        .await
        .unwrap();
    assert!(modified.changed.is_empty());
    assert_eq!(sim.call_count("update", ""), 0);
    assert_eq!(sim.call_count("query", ""), 1);
}

#[tokio::test]
async fn a_simple_change_takes_three_calls() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    sim.reset_calls();
    let id = sim.demo().ticket;
    client
        .modify::<Ticket>(id, |ticket| ticket.title = Some("New".into()))
        .await
        .unwrap();
    let calls: Vec<_> = sim.calls().iter().map(|c| c.operation.clone()).collect();
    assert_eq!(calls, ["query", "query", "update"]);
}

#[tokio::test]
async fn what_others_change_meanwhile_is_not_overwritten() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    let at: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    for (field, value) in [
        ("Priority", Val::Int(1)),
        ("Description", Val::Text("By somebody else".into())),
        ("LastActivityDate", Val::Time(at)),
    ] {
        sim.reset_calls();
        let error = client
            .modify::<Ticket>(id, |ticket| {
                ticket.status = Some(8);
                // Between the reads.
                sim.update_record("Ticket", id, field, value);
            })
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Conflict, Outcome::NotStored)
        );
        assert!(error.to_string().contains(field), "{error}");
        assert_eq!(sim.call_count("update", ""), 0);
        assert_eq!(sim.record("Ticket", id).unwrap().int("Status"), Some(1));
    }
    // A record that went is none to write to.
    let error = client
        .modify::<Ticket>(id, |ticket| {
            ticket.status = Some(8);
            sim.remove_record("Ticket", id);
        })
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(sim.call_count("update", ""), 0);
}

#[tokio::test]
async fn what_the_server_computes_is_no_conflict() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    client
        .modify::<Ticket>(id, |ticket| {
            ticket.status = Some(8);
            let computed = "ServiceLevelAgreementPausedNextEventHours";
            sim.update_record("Ticket", id, computed, 3.5);
        })
        .await
        .unwrap();
    assert_eq!(sim.record("Ticket", id).unwrap().int("Status"), Some(8));
}

#[tokio::test]
async fn a_record_that_is_not_there_or_not_to_be_seen() {
    let (sim, client) = tenant().await;
    let error = client
        .modify::<Ticket>(1, |ticket| ticket.status = Some(8))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::NotFound, Outcome::NotStored)
    );
    assert!(error.to_string().contains("Ticket 1"), "{error}");
    sim.restrict("Ticket");
    let error = client.edit::<Ticket>(sim.demo().ticket).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// Found here, named by entity and field, and not sent.
#[tokio::test]
async fn mistakes_are_found_before_sending() {
    type Change = fn(&mut Ticket);
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    let value = |value: &str| value.to_owned();
    let cases: [(&str, Change, Problem); 8] = [
        (
            "Status",
            |t| t.status = Some(99),
            Problem::UnknownValue { value: value("99") },
        ),
        (
            "Status",
            |t| t.status = Some(6),
            Problem::InactiveValue { value: value("6") },
        ),
        (
            "SubIssueType",
            |t| t.issue_type = Some(11),
            Problem::WrongParent {
                value: value("101"),
            },
        ),
        ("Title", |t| t.title = None, Problem::Missing),
        (
            "Title",
            |t| t.title = Some("🙂".repeat(200)),
            Problem::TooLong {
                length: 400,
                limit: 255,
            },
        ),
        (
            "CreateDate",
            |t| t.create_date = Some(Timestamp::UNIX_EPOCH),
            Problem::ReadOnly,
        ),
        (
            "Nowhere",
            |t| t.extra.set_udf("Nowhere", Some("x".into())),
            Problem::UnknownField,
        ),
        (
            "Floor",
            |t| t.extra.set_udf("Floor", Some("9".into())),
            Problem::UnknownValue { value: value("9") },
        ),
    ];
    for (field, change, problem) in cases {
        let error = client.modify::<Ticket>(id, change).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Validation, Outcome::NotStored),
            "{error}"
        );
        let [found] = error.field_problems() else {
            panic!("{error}");
        };
        assert_eq!(
            (found.entity, found.field.as_ref(), &found.problem),
            ("Ticket", field, &problem)
        );
    }
    assert_eq!(sim.call_count("update", ""), 0);

    let error = client
        .modify::<Ticket>(id, |ticket| ticket.id = Some(sim.demo().ticket))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(sim.call_count("update", ""), 0);
}

/// Tickets made from e-mails can hold more than an update takes.
#[tokio::test]
async fn a_stored_text_that_is_too_long_is_told_and_can_be_cut() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    sim.update_record("Ticket", id, "Description", "x".repeat(9000));
    let error = client
        .modify::<Ticket>(id, |ticket| ticket.status = Some(8))
        .await
        .unwrap_err();
    let [problem] = error.field_problems() else {
        panic!("{error}");
    };
    assert_eq!(
        (problem.field.as_ref(), &problem.problem),
        (
            "Description",
            &Problem::StoredTooLong {
                length: 9000,
                limit: 8000
            }
        )
    );
    client
        .modify::<Ticket>(id, |ticket| {
            ticket.status = Some(8);
            ticket.description = ticket.description.take().map(|mut text| {
                text.truncate(8000);
                text
            });
        })
        .await
        .unwrap();
    assert_eq!(sim.record("Ticket", id).unwrap().int("Status"), Some(8));
}

/// A value that nobody could choose today stays while another field changes.
#[tokio::test]
async fn an_old_picklist_value_may_stay() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    sim.update_record("Ticket", id, "Status", 6);
    client
        .modify::<Ticket>(id, |ticket| ticket.priority = Some(1))
        .await
        .unwrap();
    assert_eq!(sim.record("Ticket", id).unwrap().int("Priority"), Some(1));
}

/// Many changes cost one look at the picklists, and a value that is new in the tenant is not refused.
#[tokio::test]
async fn remembered_metadata_saves_calls_and_refuses_nothing_new() {
    let (sim, client) = tenant().await;
    let metadata = autotask_soap::Metadata::new(client.clone());
    let id = rich(&sim);
    for status in [8, 9, 10] {
        let mut ticket = client.edit::<Ticket>(id).await.unwrap().known_to(&metadata);
        ticket.status = Some(status);
        ticket.save().await.unwrap();
    }
    assert_eq!(sim.call_count("GetFieldInfo", ""), 1);
    sim.set_picklist("Ticket", "Status", [(10, "Dispatched"), (20, "New here")]);
    let mut ticket = client.edit::<Ticket>(id).await.unwrap().known_to(&metadata);
    ticket.status = Some(20);
    ticket.save().await.unwrap();
    ticket.status = Some(21);
    let error = ticket.save().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(sim.record("Ticket", id).unwrap().int("Status"), Some(20));
}

#[tokio::test]
async fn checks_can_be_switched_off() {
    let (sim, _) = tenant().await;
    let client = client_of(&sim).check_before_create(false).build().unwrap();
    let id = rich(&sim);
    let error = client
        .modify::<Ticket>(id, |ticket| ticket.status = Some(99))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(sim.call_count("GetFieldInfo", ""), 0);
}

#[tokio::test]
async fn an_ambiguous_change_that_is_saved_again_overwrites_nothing() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    let mut ticket = client.edit::<Ticket>(id).await.unwrap();
    ticket.title = Some("New".into());
    assert_eq!(ticket.changed(), ["Title"]);
    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("update"));
    let error = ticket.save().await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Ambiguous);
    assert_eq!(sim.call_count("update", ""), 1);
    assert_eq!(ticket.save().await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(sim.call_count("update", ""), 1);

    // Had it not been stored, it would be now.
    let mut ticket = client.edit::<Ticket>(id).await.unwrap();
    ticket.title = Some("Newer".into());
    sim.fault(FaultSpec::new(Fault::DropBeforeCommit).on("update"));
    assert_eq!(
        ticket.save().await.unwrap_err().outcome(),
        Outcome::Ambiguous
    );
    ticket.save().await.unwrap();
    assert_eq!(sim.record("Ticket", id).unwrap().text("Title"), "Newer");
}

/// What a technician may not see would be cleared, so the reads are the API user's.
#[tokio::test]
async fn the_reads_are_never_impersonated() {
    let (sim, client) = tenant().await;
    let id = rich(&sim);
    let technician = sim.demo().technician;
    let modified = client
        .impersonate(technician)
        .modify::<Ticket>(id, |ticket| ticket.title = Some("By John".into()))
        .await
        .unwrap();
    assert_eq!(modified.acted_as.resource, Some(technician));
    for call in sim.calls() {
        let expected = (call.operation == "update").then_some(technician);
        assert_eq!(call.impersonated, expected, "{}", call.operation);
    }
    let ticket = sim.record("Ticket", id).unwrap();
    assert_eq!(ticket.int("LastActivityResourceID"), Some(technician));
}

#[tokio::test]
async fn many_records_are_changed_in_three_calls() {
    let (sim, client) = tenant().await;
    let ids: Vec<i64> = (0..200).map(|_| rich_again(&sim)).collect();
    client.zone().await.unwrap();
    sim.reset_calls();
    let before: Vec<Record> = sim.records("Ticket");
    let done = client
        .modify_batch::<Ticket>(&ids, |ticket| {
            // One needs no change.
            if ticket.id != Some(ids[3]) {
                ticket.title = Some("All alike".into());
            }
        })
        .await
        .unwrap();
    assert!(done.is_complete());
    assert_eq!(done.results[3], RecordResult::Unchanged);
    assert_eq!(done.ids.len(), 199);
    let calls: Vec<_> = sim.calls().iter().map(|c| c.operation.clone()).collect();
    assert_eq!(calls, ["query", "query", "update"]);
    for record in before {
        let touched = ids.contains(&record.id) && record.id != ids[3];
        let expected = match touched {
            true => record.clone().set("Title", "All alike"),
            false => record.clone(),
        };
        let after = sim.record("Ticket", record.id).unwrap();
        assert_eq!(lasting(after), lasting(expected));
    }

    let failed = client
        .modify_batch::<Ticket>(&[0; 201], |_| {})
        .await
        .unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::Validation);
}

/// Like `rich`, without defining the user-defined fields anew.
fn rich_again(sim: &AutotaskSim) -> i64 {
    let known = sim.demo().queue_ticket;
    let mut record = sim.record("Ticket", known).unwrap().set("ExternalID", "x");
    record.id = 0;
    sim.add(record)
}

/// All or none; the rest on request, after another look at it.
#[tokio::test]
async fn a_batch_of_changes_is_careful_too() {
    let (sim, client) = tenant().await;
    let ids: Vec<i64> = (0..4).map(|_| rich_again(&sim)).collect();
    let status = |at: usize| sim.record("Ticket", ids[at]).unwrap().int("Status");
    let complete = |ticket: &mut Ticket| ticket.status = Some(8);

    // Someone else changes one of them.
    let failed = client
        .modify_batch::<Ticket>(&ids, |ticket| {
            complete(ticket);
            sim.update_record("Ticket", ids[2], "Priority", 1);
        })
        .await
        .unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::Conflict);
    let named = format!("Ticket {} in Priority", ids[2]);
    assert!(failed.to_string().contains(&named), "{failed}");
    let failed = failed.resubmit_rest().await.unwrap_err();
    assert_eq!(failed.rest().len(), 4);
    assert_eq!(sim.call_count("update", ""), 0);

    // A mistake in one of them is found here.
    let failed = client
        .modify_batch::<Ticket>(&ids, |ticket| {
            ticket.status = Some(if ticket.id == Some(ids[1]) { 99 } else { 8 });
        })
        .await
        .unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::Validation);
    assert_eq!(failed.at_fault(), [1]);
    assert_eq!(sim.call_count("update", ""), 0);

    // Before the rest is sent, it is compared again.
    sim.update_record("Ticket", ids[0], "Priority", 1);
    let failed = failed.resubmit_rest().await.unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::Conflict);
    assert_eq!(sim.call_count("update", ""), 0);
    sim.update_record("Ticket", ids[0], "Priority", 2);
    let done = failed.resubmit_rest().await.unwrap();
    assert_eq!(done.ids, [ids[0], ids[2], ids[3]]);
    assert_eq!(
        [status(0), status(1), status(3)],
        [Some(8), Some(1), Some(8)]
    );

    // One that is not there is named.
    let failed = client
        .modify_batch::<Ticket>(&[ids[0], 1], complete)
        .await
        .unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::NotFound);
    assert!(failed.to_string().contains("Ticket 1"), "{failed}");
}
