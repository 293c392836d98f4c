use super::*;
use crate::entity::Entity;
use crate::v1_6::{Ticket, TicketNote};
use crate::value::Value;
use crate::wire::cursor::Cursor;
use crate::wire::entity::{read_entities, write_entity};
use ::yaserde::{YaDeserialize, YaSerialize};

/// Something for each field, which no other field has.
fn filled<E: Entity>(seed: u8) -> E {
    let mut entity = E::default();
    for (index, field) in E::INFO.fields.iter().enumerate() {
        let number = i64::from(seed) + index as i64;
        let value = match field.field_type {
            FieldType::Integer | FieldType::Long | FieldType::Short => Value::Integer(number),
            FieldType::Double => Value::Double(number as f64 + 0.25),
            FieldType::Decimal => Value::Decimal(rust_decimal::Decimal::new(number, 2)),
            FieldType::DateTime => Value::DateTime(
                jiff::Timestamp::from_millisecond(1_700_000_000_500 + number * 90_000_000).unwrap(),
            ),
            FieldType::DateOnly => Value::Date(jiff::civil::date(2026, 3, 1 + (number % 28) as i8)),
            FieldType::Boolean => Value::Boolean(index % 2 == 0),
            FieldType::String | FieldType::Untyped => {
                Value::String(format!(" <{number}> & \r\n\tü🙂\r"))
            }
        };
        entity.set(index, Some(value)).unwrap();
    }
    let extra = entity.extra_mut();
    extra.set_udf("A & B", Some(" x\r\n".to_owned()));
    extra.set_udf("Empty", None);
    let new = ("OfALaterRelease".to_owned(), Value::Integer(7));
    extra.unknown.push(new);
    entity
}

/// What the calls of this crate write and read.
fn written<E: Entity>(entity: &E) -> String {
    let mut writer = Writer::new();
    let namespaces = [("xmlns:xsi", XSI), ("xmlns:xsd", XSD)];
    writer.start("r", &namespaces);
    write_entity(&mut writer, entity, &WireZone::default());
    writer.finish()
}

fn read<E: Entity>(document: &str) -> Vec<E> {
    let mut cursor = Cursor::new(document);
    let root = cursor.root().unwrap();
    let entities = read_entities(&mut cursor, &root, &WireZone::default()).unwrap();
    cursor.finish().unwrap();
    entities
}

pub(crate) fn same_as_the_calls<E: Entity + YaSerialize + YaDeserialize>() {
    let name = E::INFO.name;
    for entity in [filled::<E>(1), filled::<E>(100), E::default()] {
        // Without an id, 0 is written for it.
        let mut stored = entity.clone();
        if stored.record_id().is_none() {
            stored.set(0, Some(Value::Integer(0))).unwrap();
        }
        let by_calls = written(&entity);
        let by_yaserde = ::yaserde::ser::to_string(&entity).unwrap();
        // The same elements with the same values, only the namespaces stand elsewhere.
        let inner = |text: &str| {
            let from = text.find("<id").unwrap();
            text[from..text.find("</Entity>").unwrap()].to_owned()
        };
        assert_eq!(inner(&by_yaserde), inner(&by_calls), "{name}");

        // Each reads what the other wrote.
        let declaration = by_yaserde.find("<Entity").unwrap();
        let in_root = format!("<r>{}</r>", &by_yaserde[declaration..]);
        assert_eq!(read::<E>(&in_root), [stored.clone()], "{name}");
        let from = by_calls.find("<Entity").unwrap();
        let alone = by_calls[from..].replacen(
            "<Entity",
            &format!("<Entity xmlns:xsi='{XSI}' xmlns:xsd='{XSD}'"),
            1,
        );
        let alone = alone.trim_end_matches("</r>");
        let back = E::deserialize(&mut deserializer(alone.as_bytes())).unwrap();
        assert_eq!(back, stored, "{name}");
        let back = E::deserialize(&mut deserializer(by_yaserde.as_bytes())).unwrap();
        assert_eq!(back, stored, "{name}");
    }
}

#[test]
fn answers_are_read_with_the_same_tolerance() {
    let xml = format!(
        "<n:Entity xmlns:n='urn:x' xmlns:x='{XSI}' xmlns:o='urn:o' x:type='n:Ticket'>\
         <n:id>12</n:id>\n<n:AccountID x:type='q:long' o:nil='true'>3</n:AccountID>\
         <n:Title x:type='q:string'>T <!-- c -->&amp;<![CDATA[ <U>]]><skipped>no</skipped></n:Title>\
         <n:Description x:type='q:string'> </n:Description><n:Resolution/>\
         <n:HoursToBeScheduled x:type='q:double'>1.5</n:HoursToBeScheduled>\
         <n:CreateDate x:type='q:dateTime'>2026-07-01T08:00:00.5</n:CreateDate>\
         <n:QueueID x:nil='true'/><n:Status x:type='q:string'>odd</n:Status>\
         <Fields><Field>5</Field></Fields><New x:type='q:int'>5</New></n:Entity>"
    );
    let mut ticket = Ticket {
        id: Some(12),
        account_id: Some(3),
        title: Some("T & <U>".to_owned()),
        hours_to_be_scheduled: Some("1.5".parse().unwrap()),
        create_date: Some("2026-07-01T12:00:00.5Z".parse().unwrap()),
        ..Ticket::default()
    };
    let unknown = &mut ticket.extra.unknown;
    unknown.push(("Status".to_owned(), Value::from("odd")));
    unknown.push(("New".to_owned(), Value::Integer(5)));
    assert_eq!(
        read::<Ticket>(&format!("<r>{}</r>", xml.replace("n:Entity", "Entity"))),
        [ticket.clone()]
    );
    let back = Ticket::deserialize(&mut deserializer(xml.as_bytes())).unwrap();
    assert_eq!(back, ticket);
}

#[test]
fn what_is_no_such_entity_is_refused() {
    let xml = format!("<Entity xmlns:i='{XSI}' i:type='Role'><id>1</id></Entity>");
    let error = ::yaserde::de::from_str::<Ticket>(&xml).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("Ticket") && text.contains("Role"), "{text}");
    for cut in ["", "<Entity>", "<Entity><id>1", "<Entity><id>1</id></x>"] {
        assert!(::yaserde::de::from_str::<Ticket>(cut).is_err(), "{cut}");
    }
}

#[test]
fn a_parent_names_the_element_or_writes_it_itself() {
    let note = TicketNote {
        title: Some("T".to_owned()),
        ..TicketNote::default()
    };
    let mut out = Serializer::new_for_inner(Vec::new());
    out.set_start_event_name(Some("Note".to_owned()));
    note.serialize(&mut out).unwrap();
    let text = String::from_utf8(out.into_inner()).unwrap();
    assert!(!text.contains("xmlns=\""), "{text}");
    let alone = ::yaserde::ser::to_string(&note).unwrap();
    assert!(
        alone.contains("<Entity xmlns=\"http://autotask.net/ATWS/v1_6/\" "),
        "{alone}"
    );
    assert!(
        text.starts_with("<Note ") && text.ends_with("</Note>"),
        "{text}"
    );

    let inner = ::yaserde::ser::to_string_content(&note).unwrap();
    assert_eq!(
        inner,
        "<id xsi:type=\"xsd:long\">0</id><Title xsi:type=\"xsd:string\">T</Title>"
    );
    let (attributes, namespace) = note
        .serialize_attributes(Vec::new(), Namespace::empty())
        .unwrap();
    assert_eq!(
        attributes[0].to_string(),
        "{http://www.w3.org/2001/XMLSchema-instance}xsi:type=\"TicketNote\""
    );
    assert_eq!(namespace.get("xsd"), Some(XSD));
}
