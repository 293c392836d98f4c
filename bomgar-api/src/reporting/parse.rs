//! Reads the `session_list` document of the `SupportSession` report.

mod event;
mod people;

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    CustomAttribute, JumpGroup, NamedId, PublicSite, RawElement, Recording, Session,
    SessionDecoder, SurveyStub,
};
use crate::error::Result;
use crate::time::{parse_duration, parse_time};
use crate::xml::{Cursor, Element, XmlResult, trimmed};
pub(super) use event::event;
pub(super) use people::representative;
use people::{customer, person_ref};

/// The sessions of one report document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SessionList {
    /// The sessions, in document order.
    pub sessions: Vec<Session>,
    /// The document's namespace. Several are in use; they do not change the meaning.
    pub namespace: Option<String>,
    /// Elements beside the sessions, and sessions without `lsid`, as sent.
    pub unknown: Vec<RawElement>,
}

/// Reads the answer to a `SupportSession` request.
///
/// Elements are matched by local name and in any order; all parts are optional. The error text
/// with which appliances say that nothing matches is an empty list, in English and in French; for
/// other languages use [`parse_session_list_with`].
///
/// ```
/// use bomgar_api::reporting::parse_session_list;
///
/// let list = parse_session_list(br#"<session_list>
///   <session lsid="0123456789abcdef0123456789abcdef">
///     <end_time timestamp="1572954189">2019-11-05T11:43:09+00:00</end_time>
///     <external_key>4711</external_key>
///   </session>
/// </session_list>"#)?;
/// assert!(list.sessions[0].is_complete());
/// assert_eq!(list.sessions[0].external_key.as_deref(), Some("4711"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Api`](crate::ErrorKind::Api) when the document is an `<error>` or has one; [`ErrorKind::WrongContent`](crate::ErrorKind::WrongContent),
/// [`ErrorKind::Truncated`](crate::ErrorKind::Truncated) and [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) when it cannot be read. The last three
/// keep the document in [`Error::raw_body`](crate::Error::raw_body).
pub fn parse_session_list(body: &[u8]) -> Result<SessionList> {
    parse_session_list_with(body, |_| false)
}

/// Like [`parse_session_list`], with a rule of the caller's for which further error texts mean
/// that nothing matches. Appliances write that text in the language of their site.
///
/// # Errors
///
/// As [`parse_session_list`].
pub fn parse_session_list_with(
    body: &[u8],
    is_empty_result: impl Fn(&str) -> bool + Send + 'static,
) -> Result<SessionList> {
    // One reader for documents that are there and for those that arrive: they cannot differ.
    let mut decoder = SessionDecoder::new()
        .max_session_bytes(usize::MAX)
        .empty_result(is_empty_result);
    let mut list = SessionList::default();
    decoder.push(body);
    decoder.end();
    loop {
        match decoder.next_session() {
            Ok(Some(session)) => list.sessions.push(session),
            Ok(None) => break,
            Err(error) if error.raw_body().is_some() => return Err(error.with_raw_body(body)),
            Err(error) => return Err(error),
        }
    }
    (list.namespace, list.unknown) = decoder.into_parts();
    Ok(list)
}

/// Whether an error text of the appliance means "nothing matches", in a language this crate knows.
pub fn is_empty_result_text(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.contains("matching your chosen criteria is available")
        || text.contains("correspondant à vos critères")
}

pub(super) fn session(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<Session> {
    let mut session = Session::default();
    let s = &mut session;
    let unknown = &mut s.unknown;
    let [lsid] = element.attrs(["lsid"], unknown);
    s.lsid = trimmed(lsid).unwrap_or_default();
    cursor.children(element, |cursor, el| {
        match el.name() {
            "session_type" => s.session_type = text(cursor, &el, unknown)?,
            "lseq" => s.lseq = parsed(cursor, &el, unknown, |t| t.parse().ok())?,
            "start_time" => s.start_time = time(cursor, &el, unknown)?,
            "end_time" => s.end_time = time(cursor, &el, unknown)?,
            "rep_join_time" => s.rep_join_time = time(cursor, &el, unknown)?,
            "duration" => s.duration = parsed(cursor, &el, unknown, parse_duration)?,
            "public_site" => {
                let [id] = el.attrs(["id"], unknown);
                let site = PublicSite {
                    id: trimmed(id),
                    name: own_text(cursor, &el, unknown)?.into_owned(),
                };
                s.public_site = (site != PublicSite::default()).then_some(site);
            }
            "external_key" => s.external_key = text_opt(cursor, &el, unknown)?,
            "custom_attributes" => each(cursor, &el, "custom_attribute", unknown, |c, el, u| {
                let [code_name, display_name] = el.attrs(["code_name", "display_name"], u);
                s.custom_attributes.push(CustomAttribute {
                    code_name: trimmed(code_name).unwrap_or_default(),
                    display_name: trimmed(display_name).unwrap_or_default(),
                    value: own_text(c, el, u)?.into_owned(),
                });
                Ok(())
            })?,
            "session_chat_view_url" => s.session_chat_view_url = text_opt(cursor, &el, unknown)?,
            "session_chat_download_url" => {
                s.session_chat_download_url = text_opt(cursor, &el, unknown)?;
            }
            "session_recording_view_url" => {
                s.session_recording_view_url = text_opt(cursor, &el, unknown)?;
            }
            "session_recording_download_url" => {
                s.session_recording_download_url = text_opt(cursor, &el, unknown)?;
            }
            "show_my_screen_recordings" => {
                let list = &mut s.show_my_screen_recordings;
                recordings(cursor, &el, "show_my_screen_recording", list, unknown)?;
            }
            "command_shell_recordings" => {
                let list = &mut s.command_shell_recordings;
                recordings(cursor, &el, "command_shell_recording", list, unknown)?;
            }
            "file_transfer_count" => s.file_transfer_count = number(cursor, &el, unknown)?,
            "file_move_count" => s.file_move_count = number(cursor, &el, unknown)?,
            "file_delete_count" => s.file_delete_count = number(cursor, &el, unknown)?,
            "jumpoint" => s.jumpoint = named_id(cursor, &el, unknown)?,
            "primary_team" => s.primary_team = named_id(cursor, &el, unknown)?,
            "jump_group" => {
                let [kind, id] = el.attrs(["type", "id"], unknown);
                let group = JumpGroup {
                    kind: trimmed(kind),
                    id: real_id(trimmed(id)),
                    name: own_text(cursor, &el, unknown)?.into_owned(),
                };
                s.jump_group = (group.id.is_some() || !group.name.is_empty()).then_some(group);
            }
            "primary_customer" => s.primary_customer = person_ref(cursor, &el, unknown)?,
            "primary_rep" => s.primary_rep = person_ref(cursor, &el, unknown)?,
            "customer_list" => each(cursor, &el, "customer", unknown, |cursor, el, _| {
                s.customers.push(customer(cursor, el)?);
                Ok(())
            })?,
            "rep_list" => each(cursor, &el, "representative", unknown, |cursor, el, _| {
                s.representatives.push(representative(cursor, el)?);
                Ok(())
            })?,
            "team_list" => each(cursor, &el, "team", unknown, |cursor, el, unknown| {
                // What a team holds beside its name is not documented; all of it is kept.
                let raw = cursor.raw(el)?;
                let name = raw.children.iter().find(|child| child.name == "name");
                s.teams.push(NamedId {
                    id: real_id(raw.attribute("id").map(str::to_owned)),
                    name: name.map_or(&raw.text, |child| &child.text).clone(),
                });
                let has_more = raw.children.iter().any(|child| child.name != "name")
                    || raw.attributes.iter().any(|(name, _)| name != "id");
                if has_more {
                    unknown.push(raw);
                }
                Ok(())
            })?,
            "cust_survey_list" => {
                let list = &mut s.customer_surveys;
                surveys(cursor, &el, "cust_exit_survey", list, unknown)?;
            }
            "rep_survey_list" => {
                let list = &mut s.rep_surveys;
                surveys(cursor, &el, "rep_exit_survey", list, unknown)?;
            }
            "session_details" => each(cursor, &el, "event", unknown, |cursor, el, _| {
                s.events.push(event(cursor, el)?);
                Ok(())
            })?,
            _ => unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    Ok(session)
}

/// Reads each child with this name; what else there is goes to `unknown`.
fn each<'a>(
    cursor: &mut Cursor<'a>,
    element: &Element<'_>,
    name: &str,
    unknown: &mut Vec<RawElement>,
    mut child: impl FnMut(&mut Cursor<'a>, &Element<'a>, &mut Vec<RawElement>) -> XmlResult<()>,
) -> XmlResult<()> {
    element.no_attrs(unknown);
    cursor.children(element, |cursor, el| {
        if el.name() == name {
            return child(cursor, &el, unknown);
        }
        unknown.push(cursor.raw(&el)?);
        Ok(())
    })
}

/// The own text of an element, trimmed. Children, where none are expected, go to `unknown`, as an
/// element that has nothing but them.
fn own_text<'a>(
    cursor: &mut Cursor<'a>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Cow<'a, str>> {
    let mut children = Vec::new();
    let text = cursor.text_and_children(element, |cursor, child| {
        children.push(cursor.raw(&child)?);
        Ok(())
    })?;
    if !children.is_empty() {
        unknown.push(RawElement {
            name: element.name().to_owned(),
            children,
            ..RawElement::default()
        });
    }
    Ok(text)
}

/// Reads a text.
fn text(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<String> {
    element.no_attrs(unknown);
    Ok(own_text(cursor, element, unknown)?.into_owned())
}

/// Reads a text; an empty one is absent.
fn text_opt(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<String>> {
    element.no_attrs(unknown);
    let text = own_text(cursor, element, unknown)?;
    Ok((!text.is_empty()).then(|| text.into_owned()))
}

/// Reads a typed text. A text that cannot be read is kept as raw element; an empty one is absent.
fn parsed<T>(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
    parse: impl Fn(&str) -> Option<T>,
) -> XmlResult<Option<T>> {
    let text = own_text(cursor, element, unknown)?;
    let value = parse(&text);
    if value.is_none() && !text.is_empty() {
        unknown.push(element.to_raw(&text));
    } else {
        element.no_attrs(unknown);
    }
    Ok(value)
}

fn number(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<u64>> {
    parsed(cursor, element, unknown, |text| text.parse().ok())
}

/// Reads a flag. What is neither a yes nor a no is kept as raw element and counts as a no.
fn flag(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<bool> {
    Ok(parsed(cursor, element, unknown, parse_flag)?.unwrap_or_default())
}

fn parse_flag(text: &str) -> Option<bool> {
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// Reads a time from the attribute `timestamp` or `ts`, else from the text. One that cannot be read
/// is kept as raw element.
fn time(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<Timestamp>> {
    let [timestamp, ts] = element.attrs(["timestamp", "ts"], unknown);
    let attribute = timestamp.or(ts);
    let text = own_text(cursor, element, unknown)?;
    let value = attribute
        .as_deref()
        .and_then(parse_time)
        .or_else(|| parse_time(&text));
    if value.is_none() && !(text.is_empty() && attribute.is_none_or(|a| a.trim().is_empty())) {
        unknown.push(element.to_raw(&text));
    }
    Ok(value)
}

/// An `id`, unless it is `-1`, which means "none".
fn real_id(id: Option<String>) -> Option<String> {
    id.filter(|id| id != "-1")
}

fn named_id(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<NamedId>> {
    let [id] = element.attrs(["id"], unknown);
    let named = NamedId {
        id: real_id(trimmed(id)),
        name: own_text(cursor, element, unknown)?.into_owned(),
    };
    Ok((named != NamedId::default()).then_some(named))
}

fn recordings(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    name: &str,
    target: &mut Vec<Recording>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<()> {
    each(
        cursor,
        element,
        name,
        unknown,
        |cursor, element, unknown| {
            let [instance] = element.attrs(["instance"], unknown);
            let number = trimmed(instance);
            let mut recording = Recording {
                instance: number.as_deref().and_then(|number| number.parse().ok()),
                ..Recording::default()
            };
            if number.is_some() && recording.instance.is_none() {
                unknown.push(element.to_raw(""));
            }
            cursor.children(element, |cursor, el| {
                match el.name() {
                    "view_url" => recording.view_url = text_opt(cursor, &el, unknown)?,
                    "download_url" => recording.download_url = text_opt(cursor, &el, unknown)?,
                    _ => unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            })?;
            target.push(recording);
            Ok(())
        },
    )
}

fn surveys(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    name: &str,
    target: &mut Vec<SurveyStub>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<()> {
    each(
        cursor,
        element,
        name,
        unknown,
        |cursor, element, unknown| {
            let [gsnumber] = element.attrs(["gsnumber"], unknown);
            target.push(SurveyStub {
                gsnumber: trimmed(gsnumber),
            });
            // A stub that holds more than its number is not documented; what it holds is kept.
            let raw = cursor.raw(element)?;
            if !raw.children.is_empty() || !raw.text.is_empty() {
                unknown.push(raw);
            }
            Ok(())
        },
    )
}
