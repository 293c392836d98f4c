//! The generated entities as a user sees them. Expectations are what the API's documentation and
//! field information say about single fields, not what the generator printed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test's helper may fail too.

use autotask_soap::entity::{
    Entity, EntityInfo, EntityUnion, FieldType, Problem, Slot, UnknownEntity, check_for_create,
    check_lengths,
};
use autotask_soap::v1_6::{self, AnyEntity, Contact, Ticket, TicketNote, TimeEntry};
use autotask_soap::value::Value;

fn consistent<U: EntityUnion>(entities: &[&'static EntityInfo]) {
    for info in entities {
        let mut any = U::empty(info.name).expect(info.name);
        let entity = any.as_dyn_mut().expect(info.name);
        assert_eq!(entity.info().name, info.name);
        assert_eq!(info.fields[0].name, "id", "{}", info.name);
        for (index, field) in info.fields.iter().enumerate() {
            let slot = entity.dyn_slot(index).unwrap();
            assert!(slot.is_none(), "{}.{}", info.name, field.name);
            let same = matches!(
                (slot, field.field_type),
                (Slot::Short(_), FieldType::Short)
                    | (Slot::Integer(_), FieldType::Integer)
                    | (Slot::Long(_), FieldType::Long)
                    | (Slot::String(_), FieldType::String)
                    | (Slot::Double(_), FieldType::Double)
                    | (Slot::Decimal(_), FieldType::Decimal)
                    | (Slot::DateTime(_), FieldType::DateTime)
                    | (Slot::DateOnly(_), FieldType::DateOnly)
                    | (Slot::Boolean(_), FieldType::Boolean)
                    | (Slot::Untyped(_), FieldType::Untyped)
            );
            assert!(same, "{}.{}: {slot:?}", info.name, field.name);
            let value = match field.field_type {
                FieldType::DateTime => Value::DateTime("2026-01-01T00:00:00Z".parse().unwrap()),
                FieldType::DateOnly => Value::Date(jiff::civil::date(2026, 1, 1)),
                _ => Value::Integer(1),
            };
            entity
                .dyn_slot_mut(index)
                .unwrap()
                .set(Some(value))
                .unwrap();
            // Setting one field sets that field and no other: those after it are still empty.
            assert!(
                !entity.dyn_slot(index).unwrap().is_none(),
                "{}.{}",
                info.name,
                field.name
            );
        }
        assert!(entity.dyn_slot(info.fields.len()).is_none());
        assert!(entity.dyn_slot_mut(info.fields.len()).is_none());
        let parent = |name: &str| info.fields.iter().any(|field| field.name == name);
        assert!(
            info.fields
                .iter()
                .all(|field| field.picklist_parent.is_none_or(parent))
        );
    }
    let mut names: Vec<_> = entities.iter().map(|info| info.name).collect();
    names.dedup();
    assert_eq!(names.len(), entities.len());
    assert!(names.is_sorted());
}

#[test]
fn all_entities_of_1_6_are_there_and_consistent() {
    assert_eq!(v1_6::ENTITIES.len(), 155);
    assert_eq!(v1_6::NAMESPACE, "http://autotask.net/ATWS/v1_6/");
    consistent::<AnyEntity>(v1_6::ENTITIES);
}

#[cfg(feature = "v1_5")]
#[test]
fn all_entities_of_1_5_are_there_and_consistent() {
    use autotask_soap::v1_5;
    assert_eq!(v1_5::ENTITIES.len(), 124);
    assert_eq!(v1_5::NAMESPACE, "http://autotask.net/ATWS/v1_5/");
    consistent::<v1_5::AnyEntity>(v1_5::ENTITIES);
    // Named AEM… before 1.6; without field information it holds any value.
    let product = v1_5::InstalledProduct {
        aem_device_id: Some(Value::Integer(1)),
        ..Default::default()
    };
    assert_eq!(
        product.get(v1_5::InstalledProduct::AEM_DEVICE_ID.index()),
        Some(Value::Integer(1))
    );
}

#[test]
fn unknown_types_have_their_place() {
    assert_eq!(AnyEntity::empty("Gadget"), None);
    let unknown = UnknownEntity {
        type_name: "Gadget".to_owned(),
        ..UnknownEntity::default()
    };
    assert!(AnyEntity::unknown(unknown).as_dyn().is_none());
}

#[test]
fn the_tables_say_what_field_information_says() {
    let note = TicketNote::INFO;
    assert!(note.can_create && note.can_query && note.can_update && !note.can_delete);
    assert!(!note.has_user_defined_fields && note.has_field_info);
    let description = TicketNote::DESCRIPTION.info();
    assert_eq!(
        (description.name, description.length),
        ("Description", 32_000)
    );
    assert!(description.required && !description.read_only && description.queryable);
    assert_eq!(TicketNote::TITLE.info().length, 250);
    assert_eq!(TicketNote::TICKET_ID.info().reference, Some("Ticket"));
    assert!(TicketNote::PUBLISH.info().required && TicketNote::PUBLISH.info().picklist);

    assert!(TimeEntry::INFO.can_delete);
    assert_eq!(
        TimeEntry::DATE_WORKED.info().field_type,
        FieldType::DateOnly
    );
    assert_eq!(
        TimeEntry::START_DATE_TIME.info().field_type,
        FieldType::DateTime
    );
    assert!(TimeEntry::HOURS_TO_BILL.info().read_only);

    assert!(Ticket::INFO.has_user_defined_fields);
    assert_eq!(
        Ticket::SUB_ISSUE_TYPE.info().picklist_parent,
        Some("IssueType")
    );
    assert!(!Ticket::CREATOR_TYPE.info().queryable);
    assert_eq!(Ticket::EXTERNAL_ID.info().length, 50);
    assert_eq!(
        Ticket::HOURS_TO_BE_SCHEDULED.info().field_type,
        FieldType::Decimal
    );
    assert_eq!(Ticket::TICKET_TYPE.name(), "TicketType");
    assert_eq!(format!("{:?}", Ticket::STATUS), "Field(Ticket.Status)");
    assert_eq!(
        Ticket::INFO.field("accountid").map(|field| field.name),
        Some("AccountID")
    );
}

#[test]
fn what_a_new_note_lacks_is_told_by_field() {
    let note = TicketNote {
        title: Some("🙂".repeat(126)),
        description: Some(String::new()),
        note_type: Some(3),
        ..TicketNote::default()
    };
    let problems = check_for_create(&note);
    let found: Vec<_> = problems
        .iter()
        .map(|problem| (problem.field.as_ref(), problem.problem.clone()))
        .collect();
    assert_eq!(
        found,
        [
            ("Description", Problem::Missing),
            ("Publish", Problem::Missing),
            ("TicketID", Problem::Missing),
            (
                "Title",
                Problem::TooLong {
                    length: 252,
                    limit: 250
                }
            ),
        ]
    );
    assert_eq!(problems[1].to_string(), "TicketNote.Publish is required");
    assert!(problems[3].to_string().contains("252") && problems[3].to_string().contains("250"));
    assert_eq!(check_lengths(&note).len(), 1);

    let good = TicketNote {
        title: Some("🙂".repeat(125)),
        description: Some("d".repeat(32_000)),
        note_type: Some(3),
        publish: Some(2),
        ticket_id: Some(1),
        ..TicketNote::default()
    };
    assert_eq!(check_for_create(&good), []);
}

#[test]
fn required_but_read_only_fields_are_left_to_the_server() {
    assert!(Contact::ACCOUNT_ID.info().required && Contact::ACCOUNT_ID.info().read_only);
    let problems = check_for_create(&Contact::default());
    let fields: Vec<_> = problems
        .iter()
        .map(|problem| problem.field.as_ref())
        .collect();
    assert!(
        fields.contains(&"FirstName") && fields.contains(&"LastName"),
        "{fields:?}"
    );
    assert!(!fields.contains(&"AccountID"), "{fields:?}");
}

#[test]
fn set_converts_or_refuses_and_keeps_the_old_value() {
    let mut ticket = Ticket::default();
    ticket
        .set(Ticket::STATUS.index(), Some(Value::Double(5.0)))
        .unwrap();
    assert_eq!(ticket.status, Some(5));
    let error = ticket
        .set(Ticket::STATUS.index(), Some(Value::Integer(1 << 40)))
        .unwrap_err();
    assert_eq!((error.entity(), error.field()), ("Ticket", "Status"));
    assert_eq!(error.into_value(), Some(Value::Integer(1 << 40)));
    assert_eq!(ticket.status, Some(5));
    ticket.set(Ticket::STATUS.index(), None).unwrap();
    assert_eq!(ticket.status, None);
    assert!(ticket.set(10_000, None).is_err());

    let mut contact = Contact::default();
    contact
        .set(Contact::ACTIVE.index(), Some(Value::Boolean(true)))
        .unwrap();
    assert_eq!(contact.active, Some(1));
    contact.set(0, Some(Value::Integer(7))).unwrap();
    assert_eq!(contact.record_id(), Some(7));
}
