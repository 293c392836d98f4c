//! Updates, deletions, batches and everything built of them, against the simulated tenant.

mod batch;
mod impersonation;
mod modify;
mod once;

use crate::support::*;
use autotask_sim::{AutotaskSim, Fault, FaultSpec, Record};
use autotask_soap::v1_6::{Ticket, TicketNote, TimeEntry};
use autotask_soap::{Client, ErrorKind, Outcome};
use std::time::Duration;

fn note_on(sim: &AutotaskSim, title: &str) -> TicketNote {
    TicketNote {
        ticket_id: i32::try_from(sim.demo().ticket).ok(),
        title: Some(title.into()),
        ..note()
    }
}

fn titled(sim: &AutotaskSim, title: &str) -> usize {
    let notes = sim.records("TicketNote");
    notes.iter().filter(|n| n.text("Title") == title).count()
}

fn time_entry(sim: &AutotaskSim) -> i64 {
    sim.add(
        Record::new("TimeEntry")
            .set("TicketID", sim.demo().ticket)
            .set("ResourceID", sim.demo().technician)
            .set("HoursWorked", 1.0),
    )
}

/// The requests of one operation.
fn requests(sim: &AutotaskSim, operation: &str) -> Vec<autotask_sim::Call> {
    let mut calls = sim.calls();
    calls.retain(|call| call.operation == operation);
    calls
}

#[tokio::test]
async fn replacing_clears_what_is_not_set() {
    let (sim, client) = tenant().await;
    let id = sim.demo().queue_ticket;
    let before = sim.record("Ticket", id).unwrap();
    assert!(before.int("ContactID").is_some());
    let whole = client.get::<Ticket>(id).await.unwrap().unwrap();
    let bare = Ticket {
        contact_id: None,
        description: None,
        ..whole
    };
    let updated = client.replace_clearing_unset(&bare).await.unwrap();
    assert_eq!(updated.ids, [id]);
    assert_eq!(updated.acted_as.resource, None);
    let after = sim.record("Ticket", id).unwrap();
    assert_eq!(after.int("ContactID"), None);
    assert_eq!(after.text("Description"), "");
    assert_eq!(after.text("TicketNumber"), before.text("TicketNumber"));
}

#[tokio::test]
async fn a_record_without_id_or_twice_is_not_sent() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    let id = sim.demo().ticket;
    let whole = client.get::<Ticket>(id).await.unwrap().unwrap();
    sim.reset_calls();
    for ids in [
        vec![None],
        vec![Some(id), Some(id)],
        vec![Some(-1)],
        vec![Some(0)],
        vec![],
    ] {
        let batch: Vec<Ticket> = ids
            .iter()
            .map(|id| Ticket {
                id: *id,
                ..whole.clone()
            })
            .collect();
        let failed = client
            .replace_batch_clearing_unset(&batch)
            .await
            .unwrap_err();
        assert_eq!(failed.error().kind(), ErrorKind::Validation, "{ids:?}");
        assert_eq!(failed.error().outcome(), Outcome::NotStored);
    }
    for ids in [&[][..], &[7, 7], &[-7], &[0]] {
        let failed = client.delete_batch::<TimeEntry>(ids).await.unwrap_err();
        assert_eq!(failed.error().kind(), ErrorKind::Validation, "{ids:?}");
    }
    assert!(sim.calls().is_empty(), "{:?}", sim.calls());
}

/// The tenant's own company has the id 0.
#[tokio::test]
async fn the_account_with_the_id_0_can_be_changed() {
    let (sim, client) = tenant().await;
    let change = |account: &mut autotask_soap::v1_6::Account| {
        account.account_number = Some("OWN".into());
    };
    sim.update_record("Account", 0, "AccountType", 1);
    sim.update_record("Account", 0, "Phone", "+1 518 555 0101");
    sim.update_record("Account", 0, "OwnerResourceID", sim.demo().technician);
    client.modify(0, change).await.unwrap();
    let account = sim.record("Account", 0).unwrap();
    assert_eq!(account.text("AccountNumber"), "OWN");
    assert_eq!(account.text("AccountName"), "Northwind IT Services");
}

#[tokio::test]
async fn a_deleted_record_is_gone() {
    let (sim, client) = tenant().await;
    let id = time_entry(&sim);
    let deleted = client.delete::<TimeEntry>(id).await.unwrap();
    assert_eq!(deleted.ids, [id]);
    assert!(sim.record("TimeEntry", id).is_none());

    let error = client.delete::<TimeEntry>(id).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Refused, Outcome::NotStored)
    );
    assert!(error.to_string().contains("Nothing was deleted"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_deleted_is_not_tried() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    sim.reset_calls();
    let error = client
        .delete::<Ticket>(sim.demo().ticket)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Validation);
    assert_eq!(error.entity(), Some("Ticket"));
    assert!(sim.calls().is_empty());

    // Not checked, the server refuses it.
    let client = client_of(&sim).check_before_create(false).build().unwrap();
    let error = client
        .delete::<Ticket>(sim.demo().ticket)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(sim.record("Ticket", sim.demo().ticket).is_some());
}

/// A write whose answer leaves its fate open is sent once and called ambiguous, whichever it is; a
/// clear refusal stores nothing.
#[tokio::test]
async fn outcomes_of_updates_and_deletions_are_true() {
    use Fault as F;
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    let client = client.with_timeout(Duration::from_millis(400));
    let ambiguous = (Outcome::Ambiguous, true);
    let lost = (Outcome::Ambiguous, false);
    let refused = (Outcome::NotStored, false);
    for (fault, (outcome, done)) in [
        (F::LoseAnswerAfterCommit, ambiguous),
        (F::DropBeforeCommit, lost),
        (F::Redirect307, lost),
        (F::Unauthorized401, refused),
        (F::Status500Html, lost),
        (F::Html200, lost),
        (F::TruncatedBody { after_commit: true }, ambiguous),
        (F::BrokenBody { after_commit: true }, ambiguous),
        (F::SoapFault, lost),
        (F::ThreadLimit, refused),
        (F::DelayAnswer(Duration::from_secs(5)), ambiguous),
    ] {
        let what = format!("{fault:?}");
        let id = time_entry(&sim);
        sim.fault(FaultSpec::new(fault.clone()).on("delete"));
        sim.reset_calls();
        let error = client.delete::<TimeEntry>(id).await.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{what}: {error}");
        assert_eq!(sim.call_count("delete", ""), 1, "{what}");
        assert_eq!(sim.record("TimeEntry", id).is_none(), done, "{what}");

        let ticket = sim.demo().ticket;
        let whole = client.get::<Ticket>(ticket).await.unwrap().unwrap();
        let renamed = Ticket {
            title: Some(what.clone()),
            ..whole
        };
        sim.fault(FaultSpec::new(fault).on("update"));
        let error = client.replace_clearing_unset(&renamed).await.unwrap_err();
        assert_eq!(error.outcome(), outcome, "{what}: {error}");
        assert_eq!(sim.call_count("update", ""), 1, "{what}");
        let title = sim.record("Ticket", ticket).unwrap().text("Title") == what;
        assert_eq!(title, done, "{what}");
    }
}

#[tokio::test]
async fn an_answer_about_other_records_is_ambiguous() {
    let entity = |id: i64| {
        format!(r#"<Entity xsi:type="Ticket"><id xsi:type="xsd:long">{id}</id></Entity>"#)
    };
    let ticket = Ticket {
        id: Some(7),
        ..Ticket::default()
    };
    for (answer, well) in [
        (success("update", &entity(7)), true),
        // Not said is not wrong.
        (success("update", ""), true),
        (success("update", &entity(8)), false),
        (success("update", &(entity(7) + &entity(8))), false),
    ] {
        let script = Script::new([Ok(ok(answer))]);
        let client = script.builder().check_before_create(false).build().unwrap();
        match client.replace_clearing_unset(&ticket).await {
            Ok(updated) => assert!(well, "{updated:?}"),
            Err(error) => {
                assert!(!well, "{error}");
                assert_eq!(
                    (error.kind(), error.outcome()),
                    (ErrorKind::Malformed, Outcome::Ambiguous)
                );
            }
        }
    }
}

/// A moved tenant: the refusal stored nothing, so the write goes to the new zone, once.
#[tokio::test]
async fn writes_follow_the_tenant_to_its_new_zone() {
    let (sim, client) = tenant().await;
    let id = time_entry(&sim);
    client.zone().await.unwrap();
    sim.move_zone();
    client.delete::<TimeEntry>(id).await.unwrap();
    assert!(sim.record("TimeEntry", id).is_none());
    let committed: Vec<bool> = requests(&sim, "delete")
        .iter()
        .map(|c| c.committed)
        .collect();
    assert_eq!(committed, [false, true]);
}

#[cfg(feature = "v1_5")]
fn client_v1_5(sim: &AutotaskSim) -> Client {
    client_of(sim)
        .version(autotask_soap::ApiVersion::V1_5)
        .endpoint(sim.endpoint_v1_5())
        .build()
        .unwrap()
}

#[cfg(feature = "v1_5")]
#[tokio::test]
async fn version_1_5_writes_alike() {
    use autotask_soap::v1_5;
    let (sim, _) = tenant().await;
    let client = client_v1_5(&sim);
    let ticket = sim.demo().ticket;
    let before = sim.record("Ticket", ticket).unwrap();

    let modified = client
        .modify::<v1_5::Ticket>(ticket, |t| t.status = Some(8))
        .await
        .unwrap();
    assert_eq!(modified.changed, ["Status"]);
    let after = sim.record("Ticket", ticket).unwrap();
    assert_eq!(after.int("Status"), Some(8));
    for field in [
        "Title",
        "Description",
        "AccountID",
        "ContactID",
        "Priority",
        "QueueID",
    ] {
        assert_eq!(after.get(field), before.get(field), "{field}");
    }

    let note = |ticket: i64, title: &str| v1_5::TicketNote {
        ticket_id: i32::try_from(ticket).ok(),
        title: Some(title.into()),
        description: Some("By 1.5".into()),
        note_type: Some(1),
        publish: Some(2),
        ..v1_5::TicketNote::default()
    };
    let notes = [
        note(ticket, "first"),
        note(1, "second"),
        note(ticket, "third"),
    ];
    let failed = client.create_batch(&notes).await.unwrap_err();
    assert_eq!(failed.at_fault(), [1]);
    let stored = failed.resubmit_rest().await.unwrap();
    assert_eq!(stored.ids.len(), 2);
    assert_eq!((titled(&sim, "first"), titled(&sim, "second")), (1, 0));

    let id = time_entry(&sim);
    client.delete::<v1_5::TimeEntry>(id).await.unwrap();
    assert!(sim.record("TimeEntry", id).is_none());

    // Impersonation is what 1.5 cannot do; it says so and writes nothing as somebody else.
    let error = client
        .impersonate(sim.demo().technician)
        .create(&note(ticket, "fourth"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Config, Outcome::NotStored)
    );
}
