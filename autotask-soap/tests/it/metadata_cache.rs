//! Metadata that is remembered.

use crate::support::*;
use autotask_sim::{Fault, FaultSpec, FieldTy, PicklistValue, UdfDef};
use autotask_soap::v1_6::Ticket;
use autotask_soap::{ErrorKind, Metadata};
use std::time::Duration;

#[tokio::test]
async fn many_at_once_make_one_call() {
    let (sim, client) = tenant().await;
    let metadata = Metadata::new(client);
    let look_ups: Vec<_> = (0..10)
        .map(|_| {
            let metadata = metadata.clone();
            tokio::spawn(async move { metadata.value("Ticket", "Status", "new", None).await })
        })
        .collect();
    for look_up in look_ups {
        assert_eq!(look_up.await.unwrap().unwrap().number(), Some(1));
    }
    assert_eq!(sim.call_count("GetFieldInfo", "Ticket"), 1);
    assert_eq!(sim.call_count("getUDFInfo", "Ticket"), 1);
    // However the entity is written.
    metadata.field("ticket", "status").await.unwrap();
    metadata.fields_of::<Ticket>().await.unwrap();
    assert_eq!(sim.call_count("GetFieldInfo", ""), 1);
    metadata.field("TicketNote", "Publish").await.unwrap();
    assert_eq!(sim.call_count("GetFieldInfo", ""), 2);
}

#[tokio::test]
async fn entities_are_remembered_too() {
    let (sim, client) = tenant().await;
    let metadata = Metadata::new(client);
    assert!(!metadata.entity("ticketnote").await.unwrap().can_delete);
    assert!(metadata.entity("Contact").await.unwrap().can_delete);
    let error = metadata.entity("Widget").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(sim.call_count("GetEntityInfo", ""), 1);
    metadata.forget().await;
    metadata.entities().await.unwrap();
    assert_eq!(sim.call_count("GetEntityInfo", ""), 2);
}

#[tokio::test]
async fn what_is_too_old_is_asked_again() {
    let (sim, client) = tenant().await;
    let metadata = Metadata::new(client).max_age(Duration::from_secs(600));
    let first = metadata.fields("Ticket").await.unwrap();
    assert!(first.age() < Duration::from_secs(600));
    metadata.fields("Ticket").await.unwrap();
    assert_eq!(sim.call_count("GetFieldInfo", ""), 1);
    // A renamed label of a remembered value is seen when the memory is too old, not before.
    sim.set_picklist("Ticket", "Priority", [(1, "Urgent")]);
    let old = metadata.label("Ticket", "Priority", 1).await.unwrap();
    assert_eq!(old.label, "High");
    let impatient = metadata.clone().max_age(Duration::ZERO);
    let new = impatient.label("Ticket", "Priority", 1).await.unwrap();
    assert_eq!(new.label, "Urgent");
    // Both handles share the memory.
    let shared = metadata.label("Ticket", "Priority", 1).await.unwrap();
    assert_eq!(shared.label, "Urgent");
    assert_eq!(sim.call_count("GetFieldInfo", ""), 2);
}

#[tokio::test]
async fn an_unknown_value_is_asked_for_once_more_but_not_in_a_loop() {
    let (sim, client) = tenant().await;
    let metadata = Metadata::new(client);
    metadata.fields("Ticket").await.unwrap();
    sim.set_picklist("Ticket", "Priority", [(1, "High"), (9, "Whenever")]);
    let new = metadata
        .value("Ticket", "Priority", "whenever", None)
        .await
        .unwrap();
    assert_eq!(new.number(), Some(9));
    assert_eq!(sim.call_count("GetFieldInfo", ""), 2);

    for _ in 0..20 {
        let error = metadata
            .value("Ticket", "Priority", "Nonsense", None)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Label);
        let text = error.to_string();
        assert!(
            text.contains("Ticket") && text.contains("'Whenever' (9)"),
            "{text}"
        );
        let error = metadata.field("Ticket", "Nonsense").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        metadata.label("Ticket", "Priority", 77).await.unwrap_err();
    }
    assert_eq!(sim.call_count("GetFieldInfo", ""), 2);

    // After the pause it may be asked again: once for each.
    let patient = metadata.unknown_pause(Duration::ZERO);
    patient.field("Ticket", "Nonsense").await.unwrap_err();
    assert_eq!(sim.call_count("GetFieldInfo", ""), 3);
}

#[tokio::test]
async fn many_unknown_at_once_make_one_further_call() {
    let (sim, client) = tenant().await;
    let metadata = Metadata::new(client).unknown_pause(Duration::from_secs(3600));
    metadata.fields("Ticket").await.unwrap();
    sim.set_picklist("Ticket", "Priority", [(9, "Whenever")]);
    let look_ups: Vec<_> = (0..10)
        .map(|_| {
            let metadata = metadata.clone();
            tokio::spawn(
                async move { metadata.value("Ticket", "Priority", "Whenever", None).await },
            )
        })
        .collect();
    for look_up in look_ups {
        assert_eq!(look_up.await.unwrap().unwrap().number(), Some(9));
    }
    assert_eq!(sim.call_count("GetFieldInfo", ""), 2);
}

#[tokio::test]
async fn user_defined_fields() {
    let (sim, client) = tenant().await;
    let metadata = Metadata::new(client);
    metadata.fields("Ticket").await.unwrap();
    let mut udf = UdfDef::new("Asset tag", FieldTy::String);
    udf.picklist = vec![
        PicklistValue::new("A", "Desktop"),
        PicklistValue::new("B", "Laptop"),
    ];
    sim.add_udf("Ticket", udf);
    let value = metadata
        .value("Ticket", "asset TAG", "laptop", None)
        .await
        .unwrap();
    assert_eq!(value.value, "B");
    let fields = metadata.fields("Ticket").await.unwrap();
    assert!(fields.user_defined("Asset tag").is_some() && fields.field("Asset tag").is_none());
}

#[tokio::test]
async fn dependent_and_inactive_values() {
    let (sim, client) = tenant().await;
    sim.set_picklist(
        "Ticket",
        "SubIssueType",
        vec![
            PicklistValue::new(101, "Other").under(10),
            PicklistValue::new(111, "Other").under(11),
            PicklistValue::new(112, "Fax").under(11).inactive(),
        ],
    );
    let metadata = Metadata::new(client);
    let value =
        |label: &'static str, parent| metadata.value("Ticket", "SubIssueType", label, parent);
    assert_eq!(
        value("Other", Some("11")).await.unwrap().number(),
        Some(111)
    );
    let error = value("Other", None).await.unwrap_err().to_string();
    assert!(
        error.contains("'Other' (101, under 10), 'Other' (111, under 11)"),
        "{error}"
    );
    assert_eq!(
        value("Fax", Some("11")).await.unwrap_err().kind(),
        ErrorKind::Label
    );
    // What stands in an old record can still be named.
    let fax = metadata.label("Ticket", "SubIssueType", 112).await.unwrap();
    assert!(fax.label == "Fax" && !fax.is_active);
}

#[tokio::test]
async fn a_failure_is_told_and_not_remembered() {
    let (sim, client) = tenant().await;
    let metadata = Metadata::new(client).max_age(Duration::ZERO);
    metadata.fields("Ticket").await.unwrap();
    sim.fault(
        FaultSpec::new(Fault::Status500Html)
            .on("GetFieldInfo")
            .times(3),
    );
    let error = metadata.fields("Ticket").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSoap);
    metadata.fields("Ticket").await.unwrap();
}
