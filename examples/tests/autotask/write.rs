//! `create`, and what every write has in common.

use super::Tool;
use autotask_sim::{AutotaskSim, Fault, FaultSpec, FieldTy, PicklistValue, UdfDef};

#[tokio::test]
async fn a_record_is_created_with_labels_and_user_defined_fields() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.add_udf("Ticket", UdfDef::new("Asset tag", FieldTy::String));
    // The same label under another issue type.
    let own = PicklistValue::new(112, "Mail").under(11);
    let mail = PicklistValue::new(101, "Mail").under(10);
    sim.set_picklist("Ticket", "SubIssueType", [own, mail]);
    let account = format!("AccountID={}", sim.demo().account);
    let queue = format!("QueueID={}", sim.demo().queue);
    let ran = Tool::new(&sim)
        .run(&[
            "create",
            "ticket",
            &account,
            &queue,
            "title=No mail = bad",
            "Status=new",
            "Priority=High",
            "SubIssueType=mail",
            "IssueType=Software",
            "DueDateTime=2026-07-01T12:00:00Z",
            "EstimatedHours=0.25",
            "udf:Asset tag=A 1",
        ])
        .await;
    let stored = ran.object();
    assert_eq!(stored["entity"], "Ticket");
    let ticket = sim
        .record("Ticket", stored["id"].as_i64().unwrap())
        .unwrap();
    assert_eq!(ticket.text("Title"), "No mail = bad");
    assert_eq!(
        (ticket.int("Status"), ticket.int("Priority")),
        (Some(1), Some(1))
    );
    let issue = (ticket.int("IssueType"), ticket.int("SubIssueType"));
    assert_eq!(issue, (Some(10), Some(101)));
    assert_eq!(ticket.double("EstimatedHours"), Some(0.25));
    let due = ticket.time("DueDateTime").unwrap();
    assert_eq!(due.to_string(), "2026-07-01T12:00:00Z");
    assert_eq!(ticket.udfs["Asset tag"], "A 1");
}

#[tokio::test]
async fn a_label_that_is_not_there_or_ambiguous_creates_nothing() {
    let sim = AutotaskSim::start().await.unwrap();
    let one = PicklistValue::new(1, "Public");
    let other = PicklistValue::new(2, "public");
    sim.set_picklist("TicketNote", "Publish", [one, other]);
    let ticket = sim.demo().ticket.to_string();
    for (publish, expected) in [
        ("Everybody", "'Public' (1), 'public' (2)"),
        ("Public", "2 values labelled 'Public'"),
    ] {
        let ran = Tool::new(&sim)
            .run(&[
                "note",
                "add",
                &ticket,
                "--text=b",
                "--publish",
                publish,
                "--type=Task Notes",
            ])
            .await;
        let message = ran.message(1);
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(sim.call_count("create", "TicketNote"), 0);
}

#[tokio::test]
async fn what_is_missing_or_too_long_is_named_before_anything_is_sent() {
    let sim = AutotaskSim::start().await.unwrap();
    let long = format!("Title={}", "x".repeat(256));
    let ran = Tool::new(&sim)
        .run(&["create", "Ticket", &long, "Status=1"])
        .await;
    let message = ran.message(2);
    for part in ["Ticket.Title", "Ticket.Priority", "Nothing was stored"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(sim.calls(), []);
}

#[tokio::test]
async fn a_refusal_says_that_nothing_was_stored() {
    let sim = AutotaskSim::start().await.unwrap();
    let before = sim.records("TicketNote").len();
    let ran = Tool::new(&sim)
        .run(&[
            "note",
            "add",
            "999999",
            "--text=b",
            "--publish=1",
            "--type=3",
        ])
        .await;
    let message = ran.message(1);
    assert!(message.contains("Nothing was stored."), "{message}");
    assert_eq!(sim.records("TicketNote").len(), before);
    assert_eq!(sim.call_count("create", "TicketNote"), 1);
}

#[tokio::test]
async fn a_lost_answer_is_told_as_such_and_nothing_is_sent_again() {
    for fault in [
        Fault::LoseAnswerAfterCommit,
        Fault::TruncatedBody { after_commit: true },
        Fault::Status500Html,
        Fault::DropBeforeCommit,
    ] {
        let sim = AutotaskSim::start().await.unwrap();
        let demo = *sim.demo();
        let before = sim.notes(demo.ticket).len();
        sim.fault(
            FaultSpec::new(fault.clone())
                .on("create")
                .entity("TicketNote"),
        );
        let ticket = demo.ticket.to_string();
        let ran = Tool::new(&sim)
            .run(&[
                "note",
                "add",
                &ticket,
                "--title=Remote session",
                "--text=b",
                "--publish=2",
                "--type=3",
            ])
            .await;
        let message = ran.message(1);
        assert!(
            message.contains("may have been stored"),
            "{fault:?}: {message}"
        );
        assert!(message.contains("up to 5 minutes"), "{fault:?}: {message}");
        assert_eq!(sim.call_count("create", "TicketNote"), 1, "{fault:?}");
        let stored = sim.notes(demo.ticket).len() - before;

        // The command that the message names shows what is there.
        let (_, command) = message.trim_end().split_once("autotask query ").unwrap();
        let (entity, expression) = command.split_once(' ').unwrap();
        let expression = expression.trim_matches('\'');
        let ran = Tool::new(&sim).run(&["query", entity, expression]).await;
        assert_eq!(ran.ids().len(), stored, "{fault:?}: {command}");
        assert!(stored <= 1, "{fault:?}");
    }
}

#[tokio::test]
async fn a_write_can_be_in_a_technicians_name() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let (ticket, technician) = (demo.ticket.to_string(), demo.technician.to_string());
    let ran = Tool::new(&sim)
        .run(&[
            "note",
            "add",
            &ticket,
            "--text=b",
            "--publish=2",
            "--type=3",
            "--impersonate",
            &technician,
        ])
        .await;
    let id = ran.object()["id"].as_i64().unwrap();
    let note = sim.record("TicketNote", id).unwrap();
    assert_eq!(note.int("CreatorResourceID"), Some(demo.technician));
}

#[tokio::test]
async fn nobody_can_be_impersonated_who_has_no_id() {
    let sim = AutotaskSim::start().await.unwrap();
    let ran = Tool::new(&sim)
        .run(&[
            "note",
            "add",
            "5",
            "--text=b",
            "--publish=2",
            "--type=3",
            "--impersonate=0",
        ])
        .await;
    let message = ran.message(2);
    assert!(message.contains("no id of a resource"), "{message}");
    assert_eq!(sim.call_count("create", "TicketNote"), 0);
}

#[tokio::test]
async fn a_field_that_the_server_may_ignore_is_named() {
    let sim = AutotaskSim::start().await.unwrap();
    let ran = Tool::new(&sim)
        .run(&[
            "create",
            "TicketNote",
            "TicketID=5",
            "Description=b",
            "NoteType=3",
            "Publish=2",
            "LastActivityDate=2026-07-01",
            "--dry-run",
        ])
        .await;
    assert_eq!(ran.code, 0, "{}", ran.errors);
    let expected = "TicketNote.LastActivityDate is read-only: the server may ignore it\n";
    assert_eq!(ran.errors, expected);
}
