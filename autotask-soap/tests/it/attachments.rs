//! Attachments against the simulated tenant.

use crate::support::*;
use autotask_sim::{Fault, FaultSpec};
use autotask_soap::{
    AttachmentId, AttachmentParent, ErrorKind, LinkKind, MAX_ATTACHMENT_BYTES, NewAttachment,
    Outcome,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::time::{Duration, Instant};

fn on_ticket(id: i64) -> AttachmentParent {
    AttachmentParent::new(4, id)
}

/// Every byte occurs, and the length leaves a rest by three.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

#[tokio::test]
async fn created_found_read_and_deleted() {
    let (sim, client) = tenant().await;
    let parent = on_ticket(sim.demo().ticket);
    let data = bytes(1_000_001);
    let file = NewAttachment::file(parent, "Screen & chat", "Bild <1>.png", 2, data.clone());
    let id = client.create_attachment(&file).await.unwrap();

    let stored = sim.record("AttachmentInfo", id.get()).unwrap();
    assert_eq!(stored.int("ParentID"), Some(parent.id()));
    assert_eq!(stored.int("ParentType"), Some(4));
    assert_eq!(stored.text("Type"), "FILE_ATTACHMENT");
    assert_eq!(stored.text("Title"), "Screen & chat");
    assert_eq!(stored.text("FullPath"), "Bild <1>.png");
    assert_eq!(stored.int("Publish"), Some(2));
    assert_eq!(stored.int("FileSize"), Some(1_000_001));

    let listed = client.attachments(parent, 10).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].id, Some(id.get()));
    let read = client.get_attachment(id).await.unwrap().unwrap();
    assert_eq!(read.data.as_deref(), Some(&data[..]));
    assert_eq!(read.info.title.as_deref(), Some("Screen & chat"));
    assert_eq!(read.info.file_size, Some(1_000_001));

    client.delete_attachment(id).await.unwrap();
    assert!(sim.record("AttachmentInfo", id.get()).is_none());
    assert!(client.attachments(parent, 10).await.unwrap().is_empty());
    let error = client.delete_attachment(id).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Fault);
}

#[tokio::test]
async fn what_cannot_be_stored_is_not_sent() {
    let (sim, client) = tenant().await;
    let parent = on_ticket(sim.demo().ticket);
    let long = "x".repeat(256);
    let too_large = vec![0u8; MAX_ATTACHMENT_BYTES + 1];
    for (wrong, names) in [
        (NewAttachment::file(parent, "", "a.txt", 1, "x"), "Title"),
        (
            NewAttachment::file(parent, long.clone(), "a.txt", 1, "x"),
            "Title",
        ),
        (NewAttachment::file(parent, "a", " ", 1, "x"), "FullPath"),
        (
            NewAttachment::file(parent, "a", "a.bin", 1, too_large),
            "7000001",
        ),
        (
            NewAttachment::link(parent, LinkKind::Url, "a", long, 1),
            "FullPath",
        ),
    ] {
        let error = client.create_attachment(&wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Validation);
        assert_eq!(error.outcome(), Outcome::NotStored);
        assert!(error.to_string().contains(names), "{error}");
    }
    assert_eq!(sim.call_count("CreateAttachment", ""), 0);
}

#[tokio::test]
async fn a_create_without_an_answer_is_ambiguous_and_sent_once() {
    for (fault, stored) in [
        (Fault::LoseAnswerAfterCommit, true),
        (Fault::DropBeforeCommit, false),
        (Fault::TruncatedBody { after_commit: true }, true),
        (Fault::Status500Html, false),
        (Fault::SoapFault, false),
    ] {
        let (sim, client) = tenant().await;
        let parent = on_ticket(sim.demo().ticket);
        sim.fault(FaultSpec::new(fault.clone()).on("CreateAttachment"));
        let file = NewAttachment::file(parent, "Chat", "chat.txt", 2, "hello");
        let error = client.create_attachment(&file).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Ambiguous, "{fault:?}: {error}");
        assert!(error.to_string().contains("look for it"), "{error}");
        assert_eq!(sim.call_count("CreateAttachment", ""), 1, "{fault:?}");
        let there = client.attachments(parent, 10).await.unwrap();
        assert_eq!(there.len(), usize::from(stored), "{fault:?}");
    }
    // A refused one is not.
    let (sim, client) = tenant().await;
    sim.fault(
        FaultSpec::new(Fault::Unauthorized401)
            .on("CreateAttachment")
            .times(2),
    );
    let file = NewAttachment::file(on_ticket(1), "Chat", "chat.txt", 2, "hello");
    let error = client.create_attachment(&file).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotStored);
    assert_eq!(sim.call_count("CreateAttachment", ""), 1);
}

#[tokio::test]
async fn reads_are_tried_again() {
    let (sim, client) = tenant().await;
    let file = NewAttachment::file(on_ticket(sim.demo().ticket), "Chat", "chat.txt", 2, "hello");
    let id = client.create_attachment(&file).await.unwrap();
    sim.fault(FaultSpec::new(Fault::BrokenBody { after_commit: true }).on("GetAttachment"));
    let read = client.get_attachment(id).await.unwrap().unwrap();
    assert_eq!(read.data.as_deref(), Some(&b"hello"[..]));
}

#[tokio::test]
async fn the_budget_is_waited_for_within_the_deadline() {
    let (sim, client) = tenant().await;
    let parent = on_ticket(sim.demo().ticket);
    let large = NewAttachment::file(parent, "1", "1.bin", 2, bytes(7_000_000));
    client.create_attachment(&large).await.unwrap();
    // Another client of the same integration knows of it.
    let other = client_of(&sim).build().unwrap();
    other.zone().await.unwrap();
    let more = NewAttachment::file(parent, "2", "2.bin", 2, bytes(1_000_000));
    let hurried = other.with_deadline(Instant::now() + Duration::from_millis(500));
    let error = hurried.create_attachment(&more).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlinePassed);
    assert_eq!(error.outcome(), Outcome::NotStored);
    assert_eq!(sim.call_count("CreateAttachment", ""), 1);
    // Small ones still fit, and other calls do not wait.
    let small = NewAttachment::file(parent, "3", "3.txt", 2, "x");
    client.create_attachment(&small).await.unwrap();
    assert_eq!(client.attachments(parent, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn the_envelope_holds_the_content_once() {
    let script = Script::new([Ok(ok(answer("CreateAttachment", "4711")))]);
    let data = bytes(1000);
    let file = NewAttachment::file(on_ticket(8), "Chat", "chat.txt", 2, data.clone()).by_contact(5);
    let id = script.client().create_attachment(&file).await.unwrap();
    assert_eq!(id, AttachmentId::from(4711));
    let calls = script.calls();
    let document = roxmltree::Document::parse(&calls[0].body).unwrap();
    let find = |name: &str| {
        let mut found = document
            .descendants()
            .filter(|node| node.has_tag_name(("http://autotask.net/ATWS/v1_6/", name)));
        let element = found.next().unwrap();
        assert!(found.next().is_none(), "{name}");
        element
    };
    assert_eq!(STANDARD.decode(find("Data").text().unwrap()).unwrap(), data);
    let attachment = find("attachment");
    assert_eq!(attachment.parent(), Some(find("CreateAttachment")));
    let parts: Vec<_> = attachment
        .children()
        .map(|node| node.tag_name().name())
        .collect();
    assert_eq!(parts, ["Data", "Info"]);
    // The order of the schema.
    let fields: Vec<_> = find("Info")
        .children()
        .map(|node| node.tag_name().name())
        .collect();
    assert_eq!(
        fields,
        [
            "id",
            "ParentID",
            "ParentType",
            "Type",
            "Title",
            "FullPath",
            "AttachedByContactID",
            "Publish"
        ]
    );
    assert_eq!(find("id").text(), Some("0"));
}

#[tokio::test]
async fn links_have_no_content() {
    let script = Script::new([Ok(ok(answer("CreateAttachment", "7")))]);
    let link = NewAttachment::link(
        on_ticket(8),
        LinkKind::Url,
        "Wiki",
        "https://w.example/?a&b",
        1,
    );
    script.client().create_attachment(&link).await.unwrap();
    let body = &script.calls()[0].body;
    assert!(!body.contains("<Data"), "{body}");
    assert!(
        body.contains(">URL<") && body.contains("https://w.example/?a&amp;b"),
        "{body}"
    );
}

#[tokio::test]
async fn answers_as_other_writers_form_them() {
    let info = "<Info><id>9</id><Title>t</Title></Info>";
    let script = Script::new([
        Ok(ok(answer(
            "GetAttachment",
            &format!("<Data>aGVs\r\n  bG8=\n</Data>{info}"),
        ))),
        Ok(ok(answer("GetAttachment", info))),
        Ok(ok(answer("GetAttachment", "<Data>a*b</Data>"))),
        Ok(ok(envelope(
            "<GetAttachmentResponse xmlns=\"http://autotask.net/ATWS/v1_6/\" />",
        ))),
        Ok(ok(answer("CreateAttachment", "0"))),
        Ok(ok(answer("CreateAttachment", ""))),
    ]);
    let client = script.client();
    let get = || client.get_attachment(AttachmentId::from(9));
    let read = get().await.unwrap().unwrap();
    assert_eq!(read.data.as_deref(), Some(&b"hello"[..]));
    assert_eq!(read.info.id, Some(9));
    assert!(!format!("{read:?}").contains("hello"));
    assert_eq!(get().await.unwrap().unwrap().data, None);
    assert_eq!(get().await.unwrap_err().kind(), ErrorKind::Malformed);
    assert_eq!(get().await.unwrap(), None);
    let file = NewAttachment::file(on_ticket(1), "Chat", "chat.txt", 2, "secret words");
    assert!(!format!("{file:?}").contains("secret"));
    for _ in 0..2 {
        let error = client.create_attachment(&file).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Malformed, Outcome::Ambiguous)
        );
    }
}
