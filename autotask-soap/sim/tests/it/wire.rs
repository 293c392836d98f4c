//! How values stand in answers.

use crate::support::{caller, field};
use autotask_sim::{AutotaskSim, Record, WireTypes, WireZone};
use jiff::{Timestamp, civil::date};

/// `(xsi:type, text)` of the one element of that name; `None` when it is missing.
fn value(body: &str, name: &str) -> Option<(String, String)> {
    let document = roxmltree::Document::parse(body).unwrap();
    let entity = document
        .descendants()
        .find(|node| node.tag_name().name() == "Entity")
        .unwrap();
    let node = entity
        .children()
        .find(|node| node.tag_name().name() == name)?;
    let xsi_type = node.attribute(("http://www.w3.org/2001/XMLSchema-instance", "type"));
    Some((
        xsi_type.unwrap_or("").to_owned(),
        node.text().unwrap_or("").to_owned(),
    ))
}

fn some(xsi_type: &str, text: &str) -> Option<(String, String)> {
    Some((xsi_type.to_owned(), text.to_owned()))
}

async fn entry(sim: &AutotaskSim) -> i64 {
    let time = |text: &str| text.parse::<Timestamp>().unwrap();
    sim.add(
        Record::new("TimeEntry")
            .set("TicketID", 7)
            .set("ResourceID", 8)
            .set("DateWorked", date(2026, 6, 1))
            .set("StartDateTime", time("2026-06-01T14:00:00.1Z"))
            .set("EndDateTime", time("2026-12-01T14:00:00.12Z"))
            .set("HoursWorked", 1.25)
            .set("NonBillable", false)
            .set("SummaryNotes", "a < b & \"c\"\r\nnext"),
    )
}

#[tokio::test]
async fn every_field_has_a_type_and_the_id_has_none() {
    let sim = AutotaskSim::start().await.unwrap();
    let id = entry(&sim).await;
    let got = caller(&sim)
        .query("TimeEntry", &field("id", "equals", &id.to_string()))
        .await;
    let of = |name: &str| value(&got.body, name);
    assert_eq!(of("id"), some("", &id.to_string()));
    assert_eq!(of("TicketID"), some("xsd:int", "7"));
    assert_eq!(
        of("DateWorked"),
        some("xsd:dateTime", "2026-06-01T00:00:00")
    );
    assert_eq!(
        of("StartDateTime"),
        some("xsd:dateTime", "2026-06-01T10:00:00.1")
    );
    assert_eq!(
        of("EndDateTime"),
        some("xsd:dateTime", "2026-12-01T09:00:00.12")
    );
    assert_eq!(of("HoursWorked"), some("xsd:decimal", "1.25"));
    assert_eq!(of("NonBillable"), some("xsd:boolean", "false"));
    assert_eq!(
        of("SummaryNotes"),
        some("xsd:string", "a < b & \"c\"\r\nnext")
    );
    // Strings always come, other values only when they are there.
    assert_eq!(of("InternalNotes"), some("xsd:string", ""));
    assert_eq!(of("RoleID"), None);
    assert_eq!(of("ShowOnInvoice"), None);
}

#[tokio::test]
async fn the_wire_zone_can_be_utc_and_days_stay() {
    let sim = AutotaskSim::start().await.unwrap();
    let id = entry(&sim).await;
    sim.configure(|settings| settings.wire_zone = WireZone::Utc);
    let got = caller(&sim)
        .query("TimeEntry", &field("id", "equals", &id.to_string()))
        .await;
    assert_eq!(
        value(&got.body, "StartDateTime"),
        some("xsd:dateTime", "2026-06-01T14:00:00.1")
    );
    assert_eq!(
        value(&got.body, "DateWorked"),
        some("xsd:dateTime", "2026-06-01T00:00:00")
    );
}

#[tokio::test]
async fn declared_types_blanks_and_unknown_fields_are_settings() {
    let sim = AutotaskSim::start().await.unwrap();
    let id = entry(&sim).await;
    sim.configure(|settings| {
        settings.wire_types = WireTypes::Declared;
        settings.blank_for_empty = true;
        settings.unknown_extras = true;
    });
    let got = caller(&sim)
        .query("TimeEntry", &field("id", "equals", &id.to_string()))
        .await;
    assert_eq!(value(&got.body, "HoursWorked"), some("xsd:double", "1.25"));
    assert_eq!(value(&got.body, "InternalNotes"), some("xsd:string", " "));
    assert_eq!(
        value(&got.body, "FieldOfALaterRelease"),
        some("xsd:string", "unknown")
    );
}
