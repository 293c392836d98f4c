//! The golden entities in use.

use crate::generated::v9_1::{AnyEntity, ENTITIES, NAMESPACE, SpecialWidget, Widget, WidgetNote};
use autotask_soap::entity::{Entity, EntityUnion, FieldType, Problem, check_for_create};
use autotask_soap::value::Value;

#[test]
fn fields_have_the_types_of_field_information() {
    let widget = Widget {
        id: Some(1),
        widget_name: Some("w".to_owned()),
        r#type: Some(2_i16),
        sub_type: Some(3_i32),
        weight: Some(0.5_f64),
        price: Some("1.50".parse::<rust_decimal::Decimal>().unwrap()),
        built_on: Some(jiff::civil::date(2026, 1, 2)),
        built_at: Some(jiff::Timestamp::UNIX_EPOCH),
        is_active: Some(true),
        serial_counter: Some(1_i64 << 40),
        old_thing: Some(Value::from("anything")),
        ..Widget::default()
    };
    assert_eq!(widget.get(Widget::TYPE.index()), Some(Value::Integer(2)));
    assert_eq!(
        widget.get(Widget::OLD_THING.index()),
        Some(Value::from("anything"))
    );
    assert_eq!(Widget::BUILT_ON.info().field_type, FieldType::DateOnly);
    assert_eq!(Widget::RMM_DEVICE_UID.name(), "RMMDeviceUID");
    assert_eq!(Widget::SUB_TYPE.info().picklist_parent, Some("Type"));
    assert_eq!(Widget::OWNER_ID.info().reference, Some("Resource"));
    assert!(Widget::OWNER_ID.info().read_only && !Widget::RMM_DEVICE_UID.info().queryable);
}

#[test]
fn inherited_fields_come_first() {
    let names: Vec<_> = SpecialWidget::INFO
        .fields
        .iter()
        .map(|field| field.name)
        .collect();
    assert_eq!(names.first(), Some(&"id"));
    assert_eq!(names.get(1), Some(&"WidgetName"));
    assert_eq!(names.last(), Some(&"Trick"));
    assert!(!SpecialWidget::INFO.has_field_info && !SpecialWidget::INFO.can_query);
}

#[test]
fn the_version_lists_and_dispatches_its_entities() {
    assert_eq!(NAMESPACE, "http://example.test/Toy/v9_1/");
    let names: Vec<_> = ENTITIES.iter().map(|info| info.name).collect();
    assert_eq!(names, ["SpecialWidget", "Widget", "WidgetNote"]);
    assert!(matches!(
        AnyEntity::empty("WidgetNote"),
        Some(AnyEntity::WidgetNote(_))
    ));
    assert_eq!(AnyEntity::empty("NoEntity"), None);
    assert!(WidgetNote::INFO.can_delete && !WidgetNote::INFO.can_update);
}

#[test]
fn a_new_note_lacks_what_it_needs() {
    let problems = check_for_create(&WidgetNote {
        widget_id: Some(1),
        ..WidgetNote::default()
    });
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (&*problems[0].field, &problems[0].problem),
        ("Text", &Problem::Missing)
    );
}
