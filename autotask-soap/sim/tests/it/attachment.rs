//! Attachments: rules, sizes and rate.

use crate::support::{Caller, Got, caller, escape, field};
use autotask_sim::{AutotaskSim, PicklistValue, Record};
use base64::Engine as _;
use jiff::SignedDuration;

fn info(parent: i64, more: &[(&str, &str)]) -> String {
    let parent = parent.to_string();
    let mut fields = vec![
        ("ParentID", parent.as_str()),
        ("ParentType", "4"),
        ("Type", "FILE_ATTACHMENT"),
        ("Title", "Transcript"),
        ("FullPath", "chat.txt"),
        ("Publish", "2"),
    ];
    for new in more {
        fields.retain(|old| old.0 != new.0);
        fields.push(*new);
    }
    let fields: String = fields
        .iter()
        .map(|(name, text)| format!("<{name} xsi:type=\"xsd:string\">{}</{name}>", escape(text)))
        .collect();
    format!("<Info><id>0</id>{fields}</Info>")
}

async fn attach(call: &Caller<'_>, data: &[u8], info: &str) -> Got {
    let data = base64::engine::general_purpose::STANDARD.encode(data);
    let inner = format!("<attachment><Data>{data}</Data>{info}</attachment>");
    call.call("CreateAttachment", &inner).await
}

fn refused(got: &Got) -> String {
    assert_eq!(got.status, 500, "{}", got.body);
    got.one("faultstring")
}

#[tokio::test]
async fn what_is_attached_must_make_sense() {
    let sim = AutotaskSim::start().await.unwrap();
    let (ticket, call) = (sim.demo().ticket, caller(&sim));
    for (wrong, text) in [
        (
            info(4711, &[]),
            "Reference value on field: parentID of type: Ticket",
        ),
        (info(ticket, &[("Type", "VIDEO")]), "field: type"),
        (info(ticket, &[("Publish", "9")]), "field: publish"),
        (info(ticket, &[("ParentType", "77")]), "field: parentType"),
        (info(ticket, &[("Title", "")]), "required field Title"),
        (info(ticket, &[("FullPath", "")]), "required field FullPath"),
        (
            info(ticket, &[("Title", &"x".repeat(256))]),
            "(field:title)",
        ),
        (
            info(ticket, &[("AttachedByContactID", "1")]),
            "type: Contact",
        ),
    ] {
        let got = refused(&attach(&call, b"x", &wrong).await);
        assert!(got.contains(text), "{got} lacks {text}");
    }
    assert!(sim.records("AttachmentInfo").is_empty());
    // A link has no data; what is read-only here is not taken from the client.
    let link = info(
        ticket,
        &[
            ("Type", "URL"),
            ("FullPath", "https://example.com/"),
            ("FileSize", "99"),
        ],
    );
    let got = attach(&call, b"", &link).await;
    let id: i64 = got.one("CreateAttachmentResult").parse().unwrap();
    let stored = sim.record("AttachmentInfo", id).unwrap();
    assert_eq!(stored.int("FileSize"), Some(0));
    assert_eq!(
        stored.int("AttachedByResourceID"),
        Some(sim.demo().api_user)
    );
    assert!(stored.time("AttachDate").is_some());
}

#[tokio::test]
async fn the_picklist_names_the_entity_of_the_parent() {
    let sim = AutotaskSim::start().await.unwrap();
    let (account, call) = (sim.demo().account, caller(&sim));
    sim.set_picklist(
        "AttachmentInfo",
        "ParentType",
        [
            PicklistValue::new(4, "Ticket"),
            PicklistValue::new(1, "Account"),
        ],
    );
    let of_account = info(account, &[("ParentType", "1")]);
    attach(&call, b"x", &of_account)
        .await
        .one("CreateAttachmentResult");
    let no_account = info(sim.demo().ticket, &[("ParentType", "1")]);
    let text = refused(&attach(&call, b"x", &no_account).await);
    assert!(text.contains("type: Account"), "{text}");
}

#[tokio::test]
async fn ten_million_bytes_block_for_five_minutes_whatever_is_deleted() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let info = info(sim.demo().ticket, &[]);
    let text = refused(&attach(&call, &vec![0; 7_000_001], &info).await);
    assert!(text.contains("maximum file size"), "{text}");
    let large = vec![0; 6_000_000];
    let id = attach(&call, &large, &info)
        .await
        .one("CreateAttachmentResult");
    let id = format!("<attachmentId>{id}</attachmentId>");
    assert_eq!(call.call("DeleteAttachment", &id).await.status, 200);
    sim.advance_clock(SignedDuration::from_mins(4));
    let text = refused(&attach(&call, &large, &info).await);
    assert!(text.contains("10,000,000 bytes in 5 minutes"), "{text}");
    // The first file is older than five minutes now, but the block stands, also for a small one.
    sim.advance_clock(SignedDuration::from_mins(2));
    refused(&attach(&call, b"x", &info).await);
    sim.advance_clock(SignedDuration::from_mins(3));
    assert_eq!(attach(&call, b"x", &info).await.status, 200);
    assert_eq!(attach(&call, &large, &info).await.status, 200);
}

#[tokio::test]
async fn without_the_permission_an_attachment_does_not_exist() {
    let sim = AutotaskSim::start().await.unwrap();
    let (ticket, call) = (sim.demo().ticket, caller(&sim));
    let got = attach(&call, b"x", &info(ticket, &[])).await;
    let id = got.one("CreateAttachmentResult");
    let found = call
        .query(
            "AttachmentInfo",
            &field("ParentID", "equals", &ticket.to_string()),
        )
        .await;
    assert_eq!(found.stored().len(), 1);
    sim.restrict("AttachmentInfo");
    let inner = format!("<attachmentId>{id}</attachmentId>");
    refused(&call.call("GetAttachment", &inner).await);
    refused(&call.call("DeleteAttachment", &inner).await);
    assert_eq!(sim.records("AttachmentInfo").len(), 1);
}

#[tokio::test]
async fn an_invoice_comes_as_a_document() {
    let sim = AutotaskSim::start().await.unwrap();
    let (account, call) = (sim.demo().account, caller(&sim));
    let id = sim.add(
        Record::new("Invoice")
            .set("AccountID", account)
            .set("InvoiceNumber", "R&D-7")
            .set("InvoiceTotal", 12.5),
    );
    sim.add(
        Record::new("BillingItem")
            .set("InvoiceID", id)
            .set("ItemName", "Cable <5 m>")
            .set("Quantity", 2)
            .set("Rate", 6.25)
            .set("TotalAmount", 12.5),
    );
    let ask =
        |id: i64, format: &str| format!("<InvoiceId>{id}</InvoiceId><Format>{format}</Format>");
    let xml = call.call("GetInvoiceMarkup", &ask(id, "XML")).await;
    let xml = xml.one("GetInvoiceMarkupResult");
    let document = roxmltree::Document::parse(&xml).unwrap();
    let text = |name: &str| {
        let node = document.descendants().find(|node| node.has_tag_name(name));
        node.unwrap().text().unwrap().to_owned()
    };
    assert_eq!(text("InvoiceNumber"), "R&D-7");
    assert_eq!(text("AccountName"), "Acme, Inc.");
    assert_eq!(text("ItemName"), "Cable <5 m>");
    assert_eq!(text("TotalAmount"), "12.50");
    let html = call.call("GetInvoiceMarkup", &ask(id, "html")).await;
    let html = html.one("GetInvoiceMarkupResult");
    assert!(
        html.starts_with("<html>") && html.contains("Cable &lt;5 m&gt;"),
        "{html}"
    );
    refused(&call.call("GetInvoiceMarkup", &ask(id, "PDF")).await);
    refused(&call.call("GetInvoiceMarkup", &ask(4711, "XML")).await);
    refused(&call.call("GetInvoiceMarkup", "<Format>XML</Format>").await);
}
