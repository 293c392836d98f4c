//! `note add`, `time add`, `attach`

use super::Tool;
use autotask_sim::{AutotaskSim, Fault, FaultSpec};

#[tokio::test]
async fn a_note_is_added_by_labels_and_by_the_tickets_number() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let ticket = sim.record("Ticket", demo.ticket).unwrap();
    let number = ticket.text("TicketNumber").to_owned();
    let tool = Tool::new(&sim).input("First line\nsecond line\n");
    let ran = tool
        .run(&[
            "note",
            "add",
            &number,
            "--title=Remote session",
            "--text=-",
            "--publish=Internal users only",
            "--type=Task Notes",
        ])
        .await;
    let stored = ran.object();
    assert_eq!(stored["entity"], "TicketNote");
    let note = sim
        .record("TicketNote", stored["id"].as_i64().unwrap())
        .unwrap();
    assert_eq!(note.int("TicketID"), Some(demo.ticket));
    assert_eq!(note.text("Title"), "Remote session");
    assert_eq!(note.text("Description"), "First line\nsecond line");
    assert_eq!(
        (note.int("Publish"), note.int("NoteType")),
        (Some(2), Some(3))
    );
    let ran = Tool::new(&sim)
        .run(&[
            "note",
            "add",
            "T20000101.0001",
            "--text=b",
            "--publish=2",
            "--type=3",
        ])
        .await;
    let message = ran.message(1);
    assert!(message.contains("T20000101.0001"), "{message}");
}

#[tokio::test]
async fn time_is_entered_with_the_role_that_fits() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let ticket = demo.ticket.to_string();
    for who in ["jsmith", "jsmith@example.com", &demo.technician.to_string()] {
        let ran = Tool::new(&sim)
            .run(&[
                "time",
                "add",
                &ticket,
                "--resource",
                who,
                "--start=2026-07-01T12:00:00Z",
                "--duration=20m",
                "--summary=Reinstalled",
                "--internal=Bad cable",
            ])
            .await;
        let id = ran.object()["id"].as_i64().unwrap();
        let entry = sim.record("TimeEntry", id).unwrap();
        assert_eq!(entry.int("ResourceID"), Some(demo.technician));
        assert_eq!(entry.int("RoleID"), Some(demo.role));
        assert_eq!(entry.double("HoursWorked"), Some(0.3333));
        assert_eq!(entry.text("SummaryNotes"), "Reinstalled");
        assert_eq!(entry.text("InternalNotes"), "Bad cable");
        let end = entry.time("EndDateTime").unwrap();
        assert_eq!(end.to_string(), "2026-07-01T12:20:00Z");
    }
    let role = ["--role=Consultant", "--end=2026-07-01T13:00:00Z"];
    let entry = [
        "time",
        "add",
        &ticket,
        "--resource=jsmith",
        "--start=2026-07-01T12:00:00Z",
        "--summary=b",
    ];
    let ran = Tool::new(&sim).run(&[&entry[..], &role].concat()).await;
    let id = ran.object()["id"].as_i64().unwrap();
    let entry = sim.record("TimeEntry", id).unwrap();
    assert_eq!(entry.int("RoleID"), Some(demo.second_role));
    assert_eq!(entry.double("HoursWorked"), Some(1.0));
}

#[tokio::test]
async fn a_person_who_is_not_there_enters_no_time() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket.to_string();
    let add = |who: &'static str, ticket: String| {
        let tool = Tool::new(&sim);
        async move {
            tool.run(&[
                "time",
                "add",
                &ticket,
                "--resource",
                who,
                "--start=2h",
                "--duration=1h",
                "--summary=b",
            ])
            .await
        }
    };
    let ran = add("nobody@example.com", ticket.clone()).await;
    assert!(
        ran.message(1).contains("nobody@example.com"),
        "{}",
        ran.errors
    );
    // Inactive.
    let ran = add("pgone", ticket.clone()).await;
    assert!(ran.message(1).contains("pgone"), "{}", ran.errors);
    let ran = add("jsmith", "999999".to_owned()).await;
    assert!(ran.message(1).contains("999999"), "{}", ran.errors);
    assert_eq!(sim.call_count("create", "TimeEntry"), 0);
}

#[tokio::test]
async fn a_time_entry_that_is_stored_in_parts_has_several_ids() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket.to_string();
    let split = Fault::SplitTimeEntry { lose_answer: false };
    sim.fault(FaultSpec::new(split).on("create").entity("TimeEntry"));
    let ran = Tool::new(&sim)
        .run(&[
            "time",
            "add",
            &ticket,
            "--resource=jsmith",
            "--start=2026-07-01T12:00:00Z",
            "--duration=1h",
            "--summary=b",
        ])
        .await;
    let stored = ran.object();
    assert_eq!(stored["ids"].as_array().unwrap().len(), 2);
    assert_eq!(stored["id"], stored["ids"][0]);
}

#[tokio::test]
async fn a_file_is_attached() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let ticket = demo.ticket.to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.txt");
    std::fs::write(&file, "10:00 hello").unwrap();
    let path = file.to_str().unwrap();
    let attach = ["attach", &ticket, path, "--publish=Internal users only"];
    let stored = Tool::new(&sim).run(&attach).await.object();
    let id = stored["id"].as_i64().unwrap();
    let info = sim.record("AttachmentInfo", id).unwrap();
    assert_eq!(info.int("ParentID"), Some(demo.ticket));
    assert_eq!(info.int("ParentType"), Some(4));
    assert_eq!(info.int("Publish"), Some(2));
    assert_eq!(
        (info.text("Title"), info.text("FullPath")),
        ("chat.txt", "chat.txt")
    );
    assert_eq!(info.int("FileSize"), Some(11));

    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("CreateAttachment"));
    let ran = Tool::new(&sim)
        .run(&[&attach[..], &["--title=Chat"]].concat())
        .await;
    let message = ran.message(1);
    assert!(message.contains("may have been stored"), "{message}");
    assert!(
        message.contains("autotask query AttachmentInfo"),
        "{message}"
    );
    let mut calls = sim.calls();
    calls.retain(|call| call.operation == "CreateAttachment");
    assert_eq!(calls.len(), 2);

    let ran = Tool::new(&sim)
        .run(&["attach", &ticket, "/nowhere.txt", "--publish=2"])
        .await;
    assert!(
        ran.message(1).contains("/nowhere.txt cannot be read"),
        "{}",
        ran.errors
    );
    std::fs::write(&file, vec![b'x'; 7_000_001]).unwrap();
    let ran = Tool::new(&sim).run(&attach).await;
    assert!(ran.message(2).contains("bytes"), "{}", ran.errors);
}
