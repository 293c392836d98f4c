use super::*;
use crate::v1_6::{AnyEntity, Ticket, TicketNote, TimeEntry};
use proptest::prelude::*;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

fn wrap(inner: &str) -> String {
    format!("<r xmlns:xsi=\"{XSI}\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\">{inner}</r>")
}

fn read<E: Entity>(inner: &str) -> Result<Vec<E>, WireError> {
    let document = wrap(inner);
    let mut cursor = Cursor::new(&document);
    let root = cursor.root()?;
    let entities = read_entities(&mut cursor, &root, &WireZone::eastern())?;
    cursor.finish()?;
    Ok(entities)
}

fn read_any(inner: &str) -> Vec<AnyEntity> {
    let document = wrap(inner);
    let mut cursor = Cursor::new(&document);
    let root = cursor.root().unwrap();
    read_any_entities(&mut cursor, &root, &WireZone::eastern()).unwrap()
}

fn written<E: Entity>(entity: &E) -> String {
    let mut writer = Writer::new();
    write_entity(&mut writer, entity, &WireZone::eastern());
    writer.finish()
}

#[test]
fn a_new_note_as_the_server_wants_it() {
    let note = TicketNote {
        ticket_id: Some(77),
        title: Some("Remote session".to_owned()),
        description: Some("a < b\r\n\u{1}".to_owned()),
        note_type: Some(3),
        publish: Some(2),
        ..TicketNote::default()
    };
    assert_eq!(
        written(&note),
        "<Entity xsi:type=\"TicketNote\"><id xsi:type=\"xsd:long\">0</id>\
         <Description xsi:type=\"xsd:string\">a &lt; b&#13;\n\u{fffd}</Description>\
         <NoteType xsi:type=\"xsd:int\">3</NoteType><Publish xsi:type=\"xsd:int\">2</Publish>\
         <TicketID xsi:type=\"xsd:int\">77</TicketID>\
         <Title xsi:type=\"xsd:string\">Remote session</Title></Entity>"
    );
}

#[test]
fn a_time_entry_has_eastern_times_and_an_unshifted_day() {
    let entry = TimeEntry {
        id: Some(5),
        date_worked: Some(jiff::civil::date(2026, 11, 24)),
        start_date_time: Some("2026-11-24T02:30:00Z".parse().unwrap()),
        end_date_time: Some("2026-11-24T03:00:00.5Z".parse().unwrap()),
        hours_worked: Some(0.5),
        show_on_invoice: Some(true),
        contract_service_id: Some(9_000_000_000),
        ..TimeEntry::default()
    };
    let text = written(&entry);
    for part in [
        "<id xsi:type=\"xsd:long\">5</id>",
        "<DateWorked xsi:type=\"xsd:dateTime\">2026-11-24T00:00:00</DateWorked>",
        "<StartDateTime xsi:type=\"xsd:dateTime\">2026-11-23T21:30:00</StartDateTime>",
        "<EndDateTime xsi:type=\"xsd:dateTime\">2026-11-23T22:00:00.5</EndDateTime>",
        "<HoursWorked xsi:type=\"xsd:double\">0.5</HoursWorked>",
        "<ShowOnInvoice xsi:type=\"xsd:boolean\">true</ShowOnInvoice>",
        "<ContractServiceID xsi:type=\"xsd:long\">9000000000</ContractServiceID>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert_eq!(read::<TimeEntry>(&text).unwrap(), [entry]);
}

#[test]
fn user_defined_and_unknown_fields_are_written_back() {
    let mut extra = Extra::default();
    extra.set_udf("Colour & shape", Some("red".to_owned()));
    extra.set_udf("Empty", None);
    extra
        .unknown
        .push(("NewField".to_owned(), Value::Integer(1)));
    extra
        .unknown
        .push(("Status".to_owned(), Value::from("odd")));
    let ticket = Ticket {
        id: Some(1),
        priority: Some(2),
        extra,
        ..Ticket::default()
    };
    let text = written(&ticket);
    assert_eq!(
        text,
        "<Entity xsi:type=\"Ticket\"><id xsi:type=\"xsd:long\">1</id>\
         <UserDefinedFields>\
         <UserDefinedField><Name>Colour &amp; shape</Name><Value>red</Value></UserDefinedField>\
         <UserDefinedField><Name>Empty</Name><Value></Value></UserDefinedField>\
         </UserDefinedFields>\
         <Priority xsi:type=\"xsd:int\">2</Priority>\
         <Status xsi:type=\"xsd:string\">odd</Status>\
         <NewField xsi:type=\"xsd:int\">1</NewField></Entity>"
    );
    let back = read::<Ticket>(&text).unwrap();
    assert_eq!(back[0].extra.udf("Colour & shape"), Some("red"));
    assert_eq!(back[0].extra.unknown("NewField"), Some(&Value::Integer(1)));
    assert_eq!(back[0].extra.unknown("Status"), Some(&Value::from("odd")));
    assert_eq!(back[0].status, None);
}

#[test]
fn answers_are_read_by_local_names_with_any_prefix() {
    let entities = read::<Ticket>(
        "<n:Entity xmlns:n='urn:x' xmlns:q='http://www.w3.org/2001/XMLSchema' xsi:type='n:Ticket'>\
         <n:id xsi:type='q:long'>12</n:id><n:AccountID xsi:type='q:long'>3</n:AccountID>\
         <n:Title xsi:type='q:string'>T &amp; U</n:Title><n:Description xsi:type='q:string'> </n:Description>\
         <n:Resolution xsi:type='q:string'/><n:HoursToBeScheduled xsi:type='q:double'>1.5</n:HoursToBeScheduled>\
         <n:CreateDate xsi:type='q:dateTime'>2026-07-01T08:00:00.5</n:CreateDate>\
         <n:QueueID xsi:nil='true'/><n:ServiceLevelAgreementHasBeenMet xsi:type='q:string'>1</n:ServiceLevelAgreementHasBeenMet>\
         <n:DueDateTime xsi:type='q:dateTime'></n:DueDateTime>\
         </n:Entity>",
    )
    .unwrap();
    let want = Ticket {
        id: Some(12),
        account_id: Some(3),
        title: Some("T & U".to_owned()),
        hours_to_be_scheduled: Some("1.5".parse().unwrap()),
        create_date: Some("2026-07-01T12:00:00.5Z".parse().unwrap()),
        service_level_agreement_has_been_met: Some(true),
        ..Ticket::default()
    };
    assert_eq!(entities, [want]);
}

#[test]
fn fields_without_type_are_read_by_the_tables() {
    let entities = read::<TicketNote>(
        "<Entity><id>9</id><Title>5</Title><NoteType>3</NoteType>\
         <CreateDateTime>2026-01-15T07:00:00</CreateDateTime></Entity>",
    )
    .unwrap();
    let want = TicketNote {
        id: Some(9),
        title: Some("5".to_owned()),
        note_type: Some(3),
        create_date_time: Some("2026-01-15T12:00:00Z".parse().unwrap()),
        ..TicketNote::default()
    };
    assert_eq!(entities, [want]);
}

#[test]
fn values_that_do_not_fit_do_not_cost_the_record() {
    let entities = read::<TimeEntry>(
        "<Entity xsi:type='TimeEntry'><id xsi:type='xsd:long'>4</id>\
         <TicketID xsi:type='xsd:long'>5000000000</TicketID>\
         <DateWorked xsi:type='xsd:dateTime'>2026-11-24T08:30:00</DateWorked>\
         <HoursWorked xsi:type='xsd:double'>0.5</HoursWorked></Entity>",
    )
    .unwrap();
    let entry = &entities[0];
    assert_eq!((entry.id, entry.hours_worked), (Some(4), Some(0.5)));
    assert_eq!((entry.ticket_id, entry.date_worked), (None, None));
    assert_eq!(
        entry.extra.unknown("TicketID"),
        Some(&Value::Integer(5_000_000_000))
    );
    assert_eq!(
        entry.extra.unknown("DateWorked"),
        Some(&Value::DateTime("2026-11-24T13:30:00Z".parse().unwrap()))
    );
}

#[test]
fn entities_are_told_apart_by_their_type() {
    let entities = read_any(
        "<Entity xsi:type='ns0:Role'><id xsi:type='xsd:long'>1</id><Name xsi:type='xsd:string'>Tech</Name></Entity>\
         <Entity xsi:type='Gadget'><id xsi:type='xsd:int'>2</id><Size xsi:type='xsd:int'>3</Size>\
         <UserDefinedFields><UserDefinedField><Name>a</Name><Value>b</Value></UserDefinedField></UserDefinedFields></Entity>\
         <Entity xsi:nil='true'/>",
    );
    assert_eq!(entities.len(), 2);
    let AnyEntity::Role(role) = &entities[0] else {
        panic!("{entities:?}")
    };
    assert_eq!((role.id, role.name.as_deref()), (Some(1), Some("Tech")));
    let AnyEntity::Unknown(gadget) = &entities[1] else {
        panic!("{entities:?}")
    };
    assert_eq!((&*gadget.type_name, gadget.id), ("Gadget", Some(2)));
    assert_eq!(gadget.fields, [("Size".to_owned(), Value::Integer(3))]);
    assert_eq!(gadget.user_defined[0].value.as_deref(), Some("b"));
}

#[test]
fn another_type_than_asked_for_is_an_error_that_names_both() {
    let error = read::<Ticket>("<Entity xsi:type='Role'><id>1</id></Entity>").unwrap_err();
    assert!(
        error.detail.contains("Ticket") && error.detail.contains("Role"),
        "{error}"
    );
}

#[test]
fn order_does_not_matter_and_repeated_reading_keeps_the_last() {
    let entities = read::<TicketNote>(
        "<Entity><Title xsi:type='xsd:string'>t</Title><Publish xsi:type='xsd:int'>1</Publish>\
         <id xsi:type='xsd:long'>3</id><Publish xsi:type='xsd:int'>2</Publish></Entity>",
    )
    .unwrap();
    assert_eq!(
        (
            entities[0].id,
            entities[0].publish,
            entities[0].title.as_deref()
        ),
        (Some(3), Some(2), Some("t"))
    );
}

/// Text as it comes back: what XML cannot hold is replaced, and empty texts are nothing.
fn as_read(text: Option<String>) -> Option<String> {
    let text: String = text?
        .chars()
        .map(|c| {
            if super::super::writer::is_xml_char(c) {
                c
            } else {
                '\u{fffd}'
            }
        })
        .collect();
    Some(text).filter(|text| !text.is_empty() && text != " ")
}

prop_compose! {
    fn time_entry()(
        ids in (any::<Option<i64>>(), any::<Option<i32>>(), any::<Option<i32>>(), any::<Option<i64>>()),
        notes in (any::<Option<String>>(), proptest::option::of("[\\x00-\\x7f]{0,30}")),
        millis in (0i64..4_000_000_000_000, proptest::option::of(0i64..4_000_000_000_000)),
        days in proptest::option::of(0i32..30_000),
        hours in proptest::option::of(-1e6f64..1e6),
        flag in any::<Option<bool>>(),
        udf in proptest::collection::vec(("[a-zA-Z &<]{1,8}", proptest::option::of("[a-z<>\"]{1,8}")), 0..3),
    ) -> TimeEntry {
        let at = |millis| jiff::Timestamp::from_millisecond(millis).unwrap();
        let mut entry = TimeEntry {
            id: Some(ids.0.unwrap_or(0)),
            ticket_id: ids.1,
            role_id: ids.2,
            contract_service_id: ids.3,
            summary_notes: notes.0,
            internal_notes: notes.1,
            start_date_time: Some(at(millis.0)),
            end_date_time: millis.1.map(at),
            date_worked: days.map(|days| {
                jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap()
            }),
            hours_worked: hours,
            non_billable: flag,
            ..TimeEntry::default()
        };
        for (name, value) in udf {
            entry.extra.user_defined.push(Udf { name, value });
        }
        entry
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(entry in time_entry()) {
        let zone = WireZone::utc();
        let mut writer = Writer::new();
        write_entity(&mut writer, &entry, &zone);
        let document = wrap(&writer.finish());
        let mut cursor = Cursor::new(&document);
        let root = cursor.root().unwrap();
        let back: Vec<TimeEntry> = read_entities(&mut cursor, &root, &zone).unwrap();
        cursor.finish().unwrap();
        let want = TimeEntry {
            summary_notes: as_read(entry.summary_notes.clone()),
            internal_notes: as_read(entry.internal_notes.clone()),
            ..entry
        };
        prop_assert_eq!(back, [want]);
    }

    #[test]
    fn an_answer_cut_off_anywhere_is_refused(entry in time_entry(), cut in 0.0f64..1.0) {
        let mut writer = Writer::new();
        write_entity(&mut writer, &entry, &WireZone::utc());
        let document = wrap(&writer.finish());
        let mut at = (document.len() as f64 * cut) as usize;
        while !document.is_char_boundary(at) {
            at -= 1;
        }
        let mut cursor = Cursor::new(&document[..at]);
        let outcome = cursor.root().and_then(|root| {
            let entities: Vec<TimeEntry> = read_entities(&mut cursor, &root, &WireZone::utc())?;
            cursor.finish()?;
            Ok(entities)
        });
        prop_assert!(outcome.is_err());
    }
}
