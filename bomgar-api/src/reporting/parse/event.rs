//! Reads one event of a session.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{each, number, own_text, parsed, text, text_opt};
use crate::reporting::{
    Actor, ActorKind, DataValue, Event, EventType, FileEntry, RawElement, SystemCategory,
    SystemField,
};
use crate::time::parse_time;
use crate::xml::{Cursor, Element, XmlResult, trimmed};

pub(in crate::reporting) fn event(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> XmlResult<Event> {
    let mut event = Event::default();
    let e = &mut event;
    let unknown = &mut e.unknown;
    let [timestamp, ts, event_type] = element.attrs(["timestamp", "ts", "event_type"], unknown);
    e.event_type = EventType::from_wire(&event_type.unwrap_or_default());
    if let Some(time) = timestamp.or(ts) {
        e.timestamp = parse_time(&time);
        if e.timestamp.is_none() {
            unknown.push(element.to_raw(""));
        }
    }
    let mut encoded = None;
    cursor.children(element, |cursor, el| {
        match el.name() {
            "performed_by" => e.performed_by = actor(cursor, &el, unknown)?,
            "destination" => e.destination = actor(cursor, &el, unknown)?,
            "body" => e.body = text_opt(cursor, &el, unknown)?,
            "encoded_body" => encoded = parsed(cursor, &el, unknown, decode_body)?,
            "data" => each(cursor, &el, "value", unknown, |cursor, el, unknown| {
                let [name, value] = el.attrs(["name", "value"], unknown);
                e.data.push(DataValue {
                    name: trimmed(name).unwrap_or_default(),
                    // The value is an attribute; a text in its place is taken as well.
                    value: match value {
                        Some(value) => value.into_owned(),
                        None => own_text(cursor, el, unknown)?.into_owned(),
                    },
                });
                Ok(())
            })?,
            "filename" => e.filename = text_opt(cursor, &el, unknown)?,
            "filesize" => e.filesize = number(cursor, &el, unknown)?,
            "files" => each(cursor, &el, "file", unknown, |cursor, el, unknown| {
                e.files.push(file(cursor, el, unknown)?);
                Ok(())
            })?,
            "system_information" => {
                each(cursor, &el, "category", unknown, |cursor, el, unknown| {
                    e.system_information.push(category(cursor, el, unknown)?);
                    Ok(())
                })?
            }
            _ => unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    if encoded.is_some() {
        event.body = encoded;
    }
    Ok(event)
}

fn actor(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<Actor>> {
    let [kind, gsnumber, id] = element.attrs(["type", "gsnumber", "id"], unknown);
    let kind = kind.as_deref().map(str::trim).unwrap_or_default();
    let actor = Actor {
        gsnumber: trimmed(gsnumber),
        id: trimmed(id),
        name: own_text(cursor, element, unknown)?.into_owned(),
        kind: ActorKind::from_wire(kind),
    };
    let present = !kind.is_empty() || actor.gsnumber.is_some() || !actor.name.is_empty();
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
    let [filename] = element.attrs(["filename"], unknown);
    let mut own_text = String::new();
    cursor.content(
        element,
        |piece| own_text.push_str(&piece),
        |cursor, el| {
            match el.name() {
                "filename" => file.filename = text(cursor, &el, unknown)?,
                "filesize" => file.filesize = number(cursor, &el, unknown)?,
                _ => unknown.push(cursor.raw(&el)?),
            }
            Ok(())
        },
    )?;
    if file.filename.is_empty() {
        file.filename = trimmed(filename).unwrap_or_else(|| own_text.trim().to_owned());
    }
    Ok(file)
}

fn category(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<SystemCategory> {
    let mut category = SystemCategory {
        name: field_name(element, unknown),
        ..SystemCategory::default()
    };
    let c = &mut category;
    cursor.children(element, |cursor, el| {
        match el.name() {
            "description" => each(cursor, &el, "field", unknown, |cursor, el, unknown| {
                c.description.push(field(cursor, el, unknown)?);
                Ok(())
            })?,
            "data" => {
                el.no_attrs(unknown);
                cursor.children(&el, |cursor, el| {
                    match el.name() {
                        "row" => {
                            let mut row = Vec::new();
                            each(cursor, &el, "field", unknown, |cursor, el, unknown| {
                                row.push(field(cursor, el, unknown)?);
                                Ok(())
                            })?;
                            c.rows.push(row);
                        }
                        // Facts that stand alone are rows of one.
                        "field" => c.rows.push(vec![field(cursor, &el, unknown)?]),
                        _ => unknown.push(cursor.raw(&el)?),
                    }
                    Ok(())
                })?;
            }
            _ => unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    Ok(category)
}

fn field(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<SystemField> {
    Ok(SystemField {
        name: field_name(element, unknown),
        value: own_text(cursor, element, unknown)?.into_owned(),
    })
}

fn field_name(element: &Element<'_>, unknown: &mut Vec<RawElement>) -> String {
    let [name, id] = element.attrs(["name", "id"], unknown);
    trimmed(name).or_else(|| trimmed(id)).unwrap_or_default()
}
