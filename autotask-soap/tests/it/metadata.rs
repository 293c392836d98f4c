//! What the tenant says about itself.

use crate::support::*;
use autotask_soap::ErrorKind;
use autotask_soap::v1_6::{Ticket, TicketNote};

#[tokio::test]
async fn fields_and_picklists() {
    let (sim, client) = tenant().await;
    sim.set_picklist(
        "TicketNote",
        "Publish",
        [(1, "All Autotask Users"), (2, "Internal users only")],
    );
    let fields = client.field_info::<TicketNote>().await.unwrap();
    let field = |name: &str| fields.iter().find(|field| field.name == name).unwrap();
    let publish = field("Publish");
    assert!(publish.picklist && publish.required);
    assert_eq!(
        publish
            .value_for_label("internal users only")
            .unwrap()
            .number(),
        Some(2)
    );
    assert_eq!(
        publish.value_for_label("Everybody").unwrap_err().kind(),
        ErrorKind::Label
    );
    assert_eq!(field("Description").length, 32_000);
    assert_eq!(field("TicketID").reference.as_deref(), Some("Ticket"));
    assert!(field("CreateDateTime").read_only);

    let fields = client.field_info_of("Ticket").await.unwrap();
    let sub = fields
        .iter()
        .find(|field| field.name == "SubIssueType")
        .unwrap();
    assert_eq!(sub.picklist_parent.as_deref(), Some("IssueType"));
    assert!(client.field_info_of("NoSuchEntity").await.is_err());
}

#[tokio::test]
async fn entities_threshold_and_version() {
    let (sim, client) = tenant().await;
    let entities = client.entity_info().await.unwrap();
    let note = entities
        .iter()
        .find(|entity| entity.name == "TicketNote")
        .unwrap();
    assert!(note.can_create && note.can_query && note.can_update && !note.can_delete);
    let ticket = entities
        .iter()
        .find(|entity| entity.name == "Ticket")
        .unwrap();
    assert!(ticket.has_user_defined_fields);

    sim.set_foreign_requests(6000);
    let threshold = client.threshold().await.unwrap();
    assert_eq!((threshold.limit, threshold.minutes), (10_000, 60));
    assert!(threshold.used >= 6000 && threshold.share() >= 0.6);

    assert!(client.wsdl_version().await.unwrap().starts_with("1.6"));
    let check = client.check_integration_code().await.unwrap();
    assert_eq!(check.is_api_user, Some(true));
    assert_eq!(check.is_integration_code_associated, Some(true));
}

#[tokio::test]
async fn user_defined_fields_are_listed() {
    let (sim, client) = tenant().await;
    sim.add_udf(
        "Ticket",
        autotask_sim::UdfDef::new("Asset tag", autotask_sim::FieldTy::String),
    );
    let fields = client.udf_info::<Ticket>().await.unwrap();
    assert_eq!(
        fields
            .iter()
            .map(|field| field.name.as_str())
            .collect::<Vec<_>>(),
        ["Asset tag"]
    );
}
