//! Reads one event of a session.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{leaf, time_attribute};
use crate::reporting::{
    Actor, ActorKind, DataValue, Event, EventType, FileEntry, RawElement, SystemCategory,
    SystemField,
};
use crate::time::parse_time;
use crate::xml::{Cursor, Element, XmlResult};

pub(in crate::reporting) fn event(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> XmlResult<Event> {
    let mut event = Event {
        event_type: EventType::from_wire(&element.attr("event_type").unwrap_or_default()),
        ..Event::default()
    };
    if let Some(text) = time_attribute(element) {
        event.timestamp = parse_time(&text);
        if event.timestamp.is_none() {
            event.unknown.push(element.to_raw(""));
        }
    }
    let mut encoded = None;
    let e = &mut event;
    cursor.children(element, |cursor, el| {
        match el.name() {
            "performed_by" => e.performed_by = actor(cursor, &el)?,
            "destination" => e.destination = actor(cursor, &el)?,
            "body" => e.body = cursor.text_opt(&el)?,
            "encoded_body" => {
                leaf(cursor, &el, &mut encoded, &mut e.unknown, decode_body)?;
            }
            "data" => cursor.children(&el, |cursor, el| {
                if el.name() == "value" {
                    e.data.push(DataValue {
                        name: el.attr_text("name").unwrap_or_default(),
                        // The value is an attribute; a text in its place is taken as well.
                        value: match el.attr("value") {
                            Some(value) => value.into_owned(),
                            None => cursor.text(&el)?,
                        },
                    });
                } else {
                    e.unknown.push(cursor.raw(&el)?);
                }
                Ok(())
            })?,
            "filename" => e.filename = cursor.text_opt(&el)?,
            "filesize" => leaf(cursor, &el, &mut e.filesize, &mut e.unknown, |t| {
                t.parse().ok()
            })?,
            "files" => cursor.children(&el, |cursor, el| {
                if el.name() == "file" {
                    e.files.push(file(cursor, &el, &mut e.unknown)?);
                } else {
                    e.unknown.push(cursor.raw(&el)?);
                }
                Ok(())
            })?,
            "system_information" => cursor.children(&el, |cursor, el| {
                if el.name() == "category" {
                    e.system_information
                        .push(category(cursor, &el, &mut e.unknown)?);
                } else {
                    e.unknown.push(cursor.raw(&el)?);
                }
                Ok(())
            })?,
            _ => e.unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    if encoded.is_some() {
        event.body = encoded;
    }
    Ok(event)
}

fn actor(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<Option<Actor>> {
    let kind = element.attr_text("type");
    let actor = Actor {
        gsnumber: element.attr_text("gsnumber"),
        id: element.attr_text("id"),
        name: cursor.text(element)?,
        kind: match &kind {
            Some(kind) => ActorKind::from_wire(kind),
            None => ActorKind::Other(String::new()),
        },
    };
    let present = kind.is_some() || actor.gsnumber.is_some() || !actor.name.is_empty();
    Ok(present.then_some(actor))
}

/// Base64 that may be wrapped over lines and lack its padding.
fn decode_body(text: &str) -> Option<String> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let compact: String = text.split_ascii_whitespace().collect();
    let bytes = LENIENT.decode(compact).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn file(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<FileEntry> {
    let mut file = FileEntry::default();
    let mut own_text = String::new();
    cursor.content(
        element,
        |piece| own_text.push_str(piece),
        |cursor, el| {
            match el.name() {
                "filename" => file.filename = cursor.text(&el)?,
                "filesize" => leaf(cursor, &el, &mut file.filesize, unknown, |t| t.parse().ok())?,
                _ => unknown.push(cursor.raw(&el)?),
            }
            Ok(())
        },
    )?;
    if file.filename.is_empty() {
        file.filename = element
            .attr_text("filename")
            .unwrap_or_else(|| own_text.trim().to_owned());
    }
    Ok(file)
}

fn category(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<SystemCategory> {
    let mut category = SystemCategory {
        name: field_name(element),
        ..SystemCategory::default()
    };
    let c = &mut category;
    cursor.children(element, |cursor, el| {
        match el.name() {
            "description" => fields(cursor, &el, &mut c.description, unknown)?,
            "data" => cursor.children(&el, |cursor, el| {
                match el.name() {
                    "row" => {
                        let mut row = Vec::new();
                        fields(cursor, &el, &mut row, unknown)?;
                        c.rows.push(row);
                    }
                    // Facts that stand alone are rows of one.
                    "field" => c.rows.push(vec![field(cursor, &el)?]),
                    _ => unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            })?,
            _ => unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    Ok(category)
}

fn fields(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    target: &mut Vec<SystemField>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<()> {
    cursor.children(element, |cursor, el| {
        match el.name() {
            "field" => target.push(field(cursor, &el)?),
            _ => unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })
}

fn field(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<SystemField> {
    Ok(SystemField {
        name: field_name(element),
        value: cursor.text(element)?,
    })
}

fn field_name(element: &Element<'_>) -> String {
    element
        .attr_text("name")
        .or_else(|| element.attr_text("id"))
        .unwrap_or_default()
}
