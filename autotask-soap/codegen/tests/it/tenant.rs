//! A tenant's user-defined fields and picklists: from descriptions to files, and the files in use.
//!
//! `UPDATE_GOLDEN=1 cargo test -p autotask-codegen` rewrites the golden files.

use crate::golden;
use crate::tenant_generated::ticket::{
    ASSET_TAG, TicketAssetClass, TicketPriority, TicketSource, TicketStatus, TicketSubIssueType,
    TicketUdfs,
};
use autotask_codegen::tenant::{Field, Value};
use autotask_codegen::{ErrorKind, Tenant, emit, output, read, write};
use autotask_sim::{AutotaskSim, FieldTy, PicklistValue, UdfDef};
use autotask_soap::query::UdfField;
use autotask_soap::v1_6::Ticket;
use autotask_soap::{Client, Query};
use std::path::Path;

fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

fn list(name: &str, type_name: &str, values: &[(&str, &str)]) -> Field {
    let value = |(value, label): &(&str, &str)| Value {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        active: true,
        parent: None,
    };
    Field {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        picklist: true,
        parent: None,
        values: values.iter().map(value).collect(),
    }
}

fn plain(name: &str, type_name: &str) -> Field {
    Field {
        name: name.to_owned(),
        type_name: type_name.to_owned(),
        ..Field::default()
    }
}

/// Descriptions as unpleasant as people make them.
fn descriptions() -> (Vec<Field>, Vec<Field>) {
    let mut status = list(
        "Status",
        "integer",
        &[
            ("5", "Complete"),
            ("1", "New"),
            ("7", "Waiting Customer"),
            ("12", "waiting-customer"),
            ("6", "Parked"),
            ("13", "客户"),
            ("14", "???"),
            ("15", "Self"),
            ("16", "1st level `x` [link] \u{202e}*/"),
            ("17", "\"quoted\" \\ back"),
        ],
    );
    status.values[4].active = false;
    let mut sub = list(
        "SubIssueType",
        "integer",
        &[
            ("101", "Other"),
            ("111", "Other"),
            ("1", "Any"),
            ("1", "Any"),
        ],
    );
    sub.parent = Some("IssueType".to_owned());
    for (value, parent) in sub.values.iter_mut().zip(["10", "11", "11", "10"]) {
        value.parent = Some(parent.to_owned());
    }
    let own = vec![
        plain("Title", "string"),
        status,
        list(
            "Priority",
            "integer",
            &[("1", "High"), ("2", "High"), ("-1", "")],
        ),
        sub,
        // Not a number after all.
        list("Source", "integer", &[("P", "Phone"), ("E", "E-Mail")]),
        list("QueueID", "integer", &[]),
    ];
    let added = vec![
        plain("Asset tag", "string"),
        plain("Größe", "decimal"),
        plain("type", "integer"),
        plain("Due", "date"),
        plain("Called at", "datetime"),
        plain("VIP", "boolean"),
        plain("get", "string"),
        plain("asset-tag", "string"),
        plain("set asset tag", "string"),
        list(
            "Asset class",
            "string",
            &[("A", "Desktop"), ("B", "Laptop")],
        ),
    ];
    (own, added)
}

fn tenant() -> (Tenant, Vec<String>) {
    let (own, added) = descriptions();
    let mut tenant = Tenant::default();
    let notes = tenant.add("Ticket", &own, &added);
    tenant.add(
        "TicketNote",
        &[list(
            "Publish",
            "integer",
            &[("1", "All Autotask Users"), ("2", "Internal users only")],
        )],
        &[],
    );
    (tenant, notes)
}

fn emitted(tenant: &Tenant) -> emit::Files {
    emit::tenant(tenant, &emit::TenantOptions::default()).unwrap()
}

#[test]
fn descriptions_give_the_golden_tenant() {
    let text = tenant().0.to_toml();
    if updating() {
        write(&golden("tenant.toml"), &text).unwrap();
    }
    assert_eq!(
        text,
        std::fs::read_to_string(golden("tenant.toml")).unwrap()
    );
    assert_eq!(
        read(&golden("tenant.toml"), Tenant::parse).unwrap(),
        tenant().0
    );
}

#[test]
fn what_the_reader_should_know_is_told() {
    assert_eq!(
        tenant().1,
        [
            "Ticket.Status: 'waiting-customer' (12) is WaitingCustomer2, because its label is taken",
            "Ticket.Priority: 'High' (2) is High2, because its label is taken",
            "Ticket.SubIssueType: 'Other' (111) is Other2, because its label is taken",
            "Ticket.Source: 'E' is no integer, so that its values are texts",
            "Ticket.QueueID: the picklist is empty",
        ]
    );
}

#[test]
fn the_order_of_the_answer_plays_no_part() {
    let (mut own, mut added) = descriptions();
    own.reverse();
    added.reverse();
    for field in &mut own {
        field.values.reverse();
    }
    let mut other = Tenant::default();
    other.add(
        "TicketNote",
        &[list(
            "Publish",
            "integer",
            &[("2", "Internal users only"), ("1", "All Autotask Users")],
        )],
        &[],
    );
    other.add("Ticket", &own, &added);
    assert_eq!(other.to_toml(), tenant().0.to_toml());
    // Reading an entity again replaces it.
    let (own, added) = descriptions();
    other.add("Ticket", &own, &added);
    assert_eq!(other, tenant().0);
}

#[test]
fn the_golden_tenant_gives_the_golden_files() {
    let files = emitted(&tenant().0);
    if updating() {
        output::write(&golden("tenant"), &files).unwrap();
    }
    output::check(&golden("tenant"), &files).unwrap();
    assert_eq!(files, emitted(&tenant().0), "twice the same");
    let names: Vec<_> = files.keys().map(|path| path.to_str().unwrap()).collect();
    assert_eq!(names, ["mod.rs", "ticket.rs", "ticket_note.rs"]);
}

#[test]
fn paths_can_be_others() {
    let options = emit::TenantOptions {
        crate_path: "crate::soap".to_owned(),
        entities: Some("crate::atws::v1_6".to_owned()),
    };
    let files = emit::tenant(&tenant().0, &options).unwrap();
    let text = &files[Path::new("ticket.rs")];
    assert!(
        text.contains("impl TicketUdfs for crate::atws::v1_6::Ticket"),
        "{text}"
    );
    assert!(!text.contains("autotask_soap"), "{text}");
}

#[test]
fn mistakes_in_the_file_are_told() {
    let good = tenant().0.to_toml();
    for (from, to, part) in [
        ("rust = \"New\"", "rust = \"Complete\"", "Complete"),
        ("rust = \"New\"", "rust = \"not a name\"", "not a name"),
        ("rust = \"New\"", "rust = \"Self\"", "Self"),
        (
            "value = \"1\", rust = \"New\"",
            "value = \"one\", rust = \"New\"",
            "one",
        ),
        ("rust = \"due\"", "rust = \"set_vip\"", "set_vip"),
        ("rust = \"due\"", "rust = \"\"", "``"),
        (
            "rust = \"TicketStatus\"",
            "rust = \"TicketUdfs\"",
            "TicketUdfs",
        ),
        ("module = \"ticket_note\"", "module = \"ticket\"", "ticket"),
    ] {
        assert!(good.contains(from), "{from}");
        let error = Tenant::parse(&good.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(part), "{to}: {error}");
        assert!(matches!(
            error.kind(),
            ErrorKind::Format | ErrorKind::Collision
        ));
    }
    let unknown = Tenant::parse("[[entity]]\nname = \"x\"\nnonsense = 1").unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::Format);
}

#[test]
fn enums_know_values_and_labels() {
    assert_eq!(TicketStatus::New.value(), 1_i32);
    assert_eq!(
        TicketStatus::from_value(12),
        Some(TicketStatus::WaitingCustomer2)
    );
    assert_eq!(TicketStatus::from_value(99), None);
    assert_eq!(
        TicketStatus::WaitingCustomer.to_string(),
        "Waiting Customer"
    );
    assert_eq!(TicketStatus::KeHu.label(), "客户");
    assert_eq!(TicketStatus::Value14.label(), "???");
    assert_eq!(TicketStatus::SelfValue.value(), 15);
    assert!(!TicketStatus::Parked.is_active() && TicketStatus::New.is_active());
    assert_eq!(TicketStatus::ALL.len(), 10);
    assert_eq!(TicketPriority::ValueMinus1.value(), -1);
    assert_eq!(TicketSource::from_value("P"), Some(TicketSource::Phone));
    assert_eq!(TicketSubIssueType::Any.parents(), ["10", "11"]);
    assert_eq!(TicketSubIssueType::Other2.parents(), ["11"]);
    let ticket = Ticket {
        status: Some(TicketStatus::New.into()),
        ..Ticket::default()
    };
    assert_eq!(
        ticket.status.and_then(TicketStatus::from_value),
        Some(TicketStatus::New)
    );
    let query = Query::new(Ticket::STATUS.any_of([TicketStatus::New, TicketStatus::Complete]));
    let xml = query.to_xml(&Default::default()).unwrap();
    assert!(xml.contains("<expression op=\"equals\">5<"), "{xml}");
}

#[test]
fn accessors_have_types() {
    let mut ticket = Ticket::default();
    assert_eq!(ticket.asset_tag(), None);
    ticket.set_asset_tag_2(Some("second"));
    ticket.set_type(Some(-3));
    ticket.set_grosse(Some("1.50".parse().unwrap()));
    ticket.set_due(Some(jiff::civil::date(2026, 11, 24)));
    ticket.set_vip(Some(true));
    ticket.set_asset_class(Some(TicketAssetClass::Laptop));
    assert_eq!(ticket.extra.udf("Größe"), Some("1.50"));
    assert_eq!(ticket.extra.udf("Asset class"), Some("B"));
    assert_eq!(ticket.r#type(), Ok(Some(-3)));
    assert_eq!(ticket.due(), Ok(Some(jiff::civil::date(2026, 11, 24))));
    assert_eq!(ticket.called_at(), Ok(None));
    ticket.extra.set_udf("Asset class", Some("C".to_owned()));
    let error = ticket.asset_class().unwrap_err();
    assert!(error.to_string().contains("'Asset class'"), "{error}");
    ticket.set_vip(None);
    assert_eq!(ticket.vip(), Ok(None));
}

/// What the accessors write, a tenant with these fields takes and gives back.
#[tokio::test]
async fn accessors_go_to_the_server_and_back() {
    let sim = AutotaskSim::start().await.unwrap();
    for (name, ty) in [
        ("Asset tag", FieldTy::String),
        ("Größe", FieldTy::Decimal),
        ("type", FieldTy::Integer),
    ] {
        sim.add_udf("Ticket", UdfDef::new(name, ty));
    }
    let mut class = UdfDef::new("Asset class", FieldTy::String);
    class.picklist = vec![
        PicklistValue::new("A", "Desktop"),
        PicklistValue::new("B", "Laptop"),
    ];
    sim.add_udf("Ticket", class);
    let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
        .endpoint(sim.lookup_endpoint())
        .build()
        .unwrap();
    let number = |id: i64| i32::try_from(id).ok();
    let mut ticket = Ticket {
        account_id: number(sim.demo().account),
        title: Some("New laptop".to_owned()),
        status: Some(TicketStatus::New.value()),
        priority: Some(TicketPriority::High.value()),
        queue_id: number(sim.demo().queue),
        due_date_time: "2026-12-01T12:00:00Z".parse().ok(),
        ..Ticket::default()
    };
    ticket.set_asset_tag(Some("A-17"));
    ticket.set_grosse(Some("13.30".parse().unwrap()));
    ticket.set_type(Some(2));
    ticket.set_asset_class(Some(TicketAssetClass::Laptop));
    let id = client.create(&ticket).await.unwrap().id;
    let found = client
        .query(UdfField::<Ticket>::new(ASSET_TAG).eq("A-17"))
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    let read = &found[0];
    assert_eq!(read.id, Some(id));
    assert_eq!(read.asset_tag(), Some("A-17"));
    assert_eq!(read.grosse(), Ok("13.30".parse().ok()));
    assert_eq!(read.r#type(), Ok(Some(2)));
    assert_eq!(read.asset_class(), Ok(Some(TicketAssetClass::Laptop)));
}
