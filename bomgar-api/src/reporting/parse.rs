//! Reads the `session_list` document of the `SupportSession` report.

mod event;

use jiff::Timestamp;

use super::{
    CustomAttribute, Customer, JumpGroup, NamedId, PersonRef, PublicSite, RawElement, Recording,
    Representative, Session, SessionDecoder, SurveyStub,
};
use crate::error::{Error, ErrorKind, Result};
use crate::time::{parse_duration, parse_time};
use crate::xml::{Cursor, Element, XmlResult};
pub(super) use event::event;

/// The sessions of one report document.
#[derive(Clone, Debug, Default, PartialEq)]
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
/// [`ErrorKind::Api`] when the document is an `<error>` or has one; [`ErrorKind::WrongContent`],
/// [`ErrorKind::Truncated`] and [`ErrorKind::Malformed`] when it cannot be read. The last three
/// keep the document in [`Error::raw_body`].
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
    is_empty_result: impl Fn(&str) -> bool,
) -> Result<SessionList> {
    // One reader for documents that are there and for those that arrive: they cannot differ.
    let mut decoder = SessionDecoder::new().max_session_bytes(usize::MAX);
    let mut list = SessionList::default();
    decoder.push(body);
    decoder.end();
    loop {
        match decoder.next_session() {
            Ok(Some(session)) => list.sessions.push(session),
            Ok(None) => break,
            Err(error) if means_nothing(&error, &is_empty_result) => break,
            Err(error) if error.raw_body().is_some() => return Err(error.with_raw_body(body)),
            Err(error) => return Err(error),
        }
    }
    (list.namespace, list.unknown) = decoder.into_parts();
    Ok(list)
}

fn means_nothing(error: &Error, rule: impl Fn(&str) -> bool) -> bool {
    error.kind() == ErrorKind::Api && error.server_text().is_some_and(rule)
}

/// Whether an error text of the appliance means "nothing matches", in a language this crate knows.
pub fn is_empty_result_text(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.contains("matching your chosen criteria is available")
        || text.contains("correspondant à vos critères")
}

pub(super) fn session(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<Session> {
    let mut session = Session {
        lsid: element.attr_text("lsid").unwrap_or_default(),
        ..Session::default()
    };
    let s = &mut session;
    cursor.children(element, |cursor, el| {
        match el.name() {
            "session_type" => s.session_type = cursor.text(&el)?,
            "lseq" => leaf(cursor, &el, &mut s.lseq, &mut s.unknown, |t| t.parse().ok())?,
            "start_time" => time(cursor, &el, &mut s.start_time, &mut s.unknown)?,
            "end_time" => time(cursor, &el, &mut s.end_time, &mut s.unknown)?,
            "rep_join_time" => time(cursor, &el, &mut s.rep_join_time, &mut s.unknown)?,
            "duration" => leaf(cursor, &el, &mut s.duration, &mut s.unknown, parse_duration)?,
            "public_site" => {
                let site = PublicSite {
                    id: el.attr_text("id"),
                    name: cursor.text(&el)?,
                };
                s.public_site = (site != PublicSite::default()).then_some(site);
            }
            "external_key" => s.external_key = cursor.text_opt(&el)?,
            "custom_attributes" => cursor.children(&el, |cursor, el| {
                if el.name() == "custom_attribute" {
                    s.custom_attributes.push(CustomAttribute {
                        code_name: el.attr_text("code_name").unwrap_or_default(),
                        display_name: el.attr_text("display_name").unwrap_or_default(),
                        value: cursor.text(&el)?,
                    });
                } else {
                    s.unknown.push(cursor.raw(&el)?);
                }
                Ok(())
            })?,
            "session_chat_view_url" => s.session_chat_view_url = cursor.text_opt(&el)?,
            "session_chat_download_url" => s.session_chat_download_url = cursor.text_opt(&el)?,
            "session_recording_view_url" => s.session_recording_view_url = cursor.text_opt(&el)?,
            "session_recording_download_url" => {
                s.session_recording_download_url = cursor.text_opt(&el)?;
            }
            "show_my_screen_recordings" => recordings(
                cursor,
                &el,
                "show_my_screen_recording",
                &mut s.show_my_screen_recordings,
                &mut s.unknown,
            )?,
            "command_shell_recordings" => recordings(
                cursor,
                &el,
                "command_shell_recording",
                &mut s.command_shell_recordings,
                &mut s.unknown,
            )?,
            "file_transfer_count" => {
                leaf(
                    cursor,
                    &el,
                    &mut s.file_transfer_count,
                    &mut s.unknown,
                    |t| t.parse().ok(),
                )?;
            }
            "file_move_count" => {
                leaf(cursor, &el, &mut s.file_move_count, &mut s.unknown, |t| {
                    t.parse().ok()
                })?;
            }
            "file_delete_count" => {
                leaf(cursor, &el, &mut s.file_delete_count, &mut s.unknown, |t| {
                    t.parse().ok()
                })?;
            }
            "jumpoint" => s.jumpoint = named_id(cursor, &el)?,
            "primary_team" => s.primary_team = named_id(cursor, &el)?,
            "jump_group" => {
                let group = JumpGroup {
                    kind: el.attr_text("type"),
                    id: real_id(&el),
                    name: cursor.text(&el)?,
                };
                s.jump_group = (group.id.is_some() || !group.name.is_empty()).then_some(group);
            }
            "primary_customer" => s.primary_customer = person_ref(cursor, &el)?,
            "primary_rep" => s.primary_rep = person_ref(cursor, &el)?,
            "customer_list" => cursor.children(&el, |cursor, el| {
                match el.name() {
                    "customer" => s.customers.push(customer(cursor, &el)?),
                    _ => s.unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            })?,
            "rep_list" => cursor.children(&el, |cursor, el| {
                match el.name() {
                    "representative" => s.representatives.push(representative(cursor, &el)?),
                    _ => s.unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            })?,
            "team_list" => cursor.children(&el, |cursor, el| {
                // What a team holds beside its name is not documented; all of it is kept.
                let raw = cursor.raw(&el)?;
                if raw.name != "team" {
                    s.unknown.push(raw);
                    return Ok(());
                }
                let name = raw.children.iter().find(|child| child.name == "name");
                s.teams.push(NamedId {
                    id: real_id(&el),
                    name: name.map_or(&raw.text, |child| &child.text).clone(),
                });
                if raw.children.iter().any(|child| child.name != "name") {
                    s.unknown.push(raw);
                }
                Ok(())
            })?,
            "cust_survey_list" => surveys(
                cursor,
                &el,
                "cust_exit_survey",
                &mut s.customer_surveys,
                &mut s.unknown,
            )?,
            "rep_survey_list" => {
                surveys(
                    cursor,
                    &el,
                    "rep_exit_survey",
                    &mut s.rep_surveys,
                    &mut s.unknown,
                )?;
            }
            "session_details" => cursor.children(&el, |cursor, el| {
                match el.name() {
                    "event" => s.events.push(event(cursor, &el)?),
                    _ => s.unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            })?,
            _ => s.unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    Ok(session)
}

/// Reads a typed text. A text that cannot be read is kept as raw element; an empty one is absent.
fn leaf<T>(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    target: &mut Option<T>,
    unknown: &mut Vec<RawElement>,
    parse: impl Fn(&str) -> Option<T>,
) -> XmlResult<()> {
    let text = cursor.text(element)?;
    if text.is_empty() {
        return Ok(());
    }
    match parse(&text) {
        Some(value) => *target = Some(value),
        None => unknown.push(element.to_raw(&text)),
    }
    Ok(())
}

/// Reads a time from the attribute `timestamp` or `ts`, else from the text.
fn time(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    target: &mut Option<Timestamp>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<()> {
    let text = cursor.text(element)?;
    let attribute = time_attribute(element);
    match attribute
        .as_deref()
        .and_then(parse_time)
        .or_else(|| parse_time(&text))
    {
        Some(value) => *target = Some(value),
        None if text.is_empty() && attribute.is_none() => {}
        None => unknown.push(element.to_raw(&text)),
    }
    Ok(())
}

fn time_attribute(element: &Element<'_>) -> Option<String> {
    element
        .attr_text("timestamp")
        .or_else(|| element.attr_text("ts"))
}

fn flag(text: &str) -> bool {
    text == "1" || text.eq_ignore_ascii_case("true")
}

/// The `id` attribute, unless it is `-1`, which means "none".
fn real_id(element: &Element<'_>) -> Option<String> {
    element.attr_text("id").filter(|id| id != "-1")
}

fn named_id(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<Option<NamedId>> {
    let named = NamedId {
        id: real_id(element),
        name: cursor.text(element)?,
    };
    Ok((named != NamedId::default()).then_some(named))
}

fn person_ref(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<Option<PersonRef>> {
    let person = PersonRef {
        gsnumber: element.attr_text("gsnumber"),
        id: element.attr_text("id"),
        name: cursor.text(element)?,
    };
    Ok((person != PersonRef::default()).then_some(person))
}

fn recordings(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    name: &str,
    target: &mut Vec<Recording>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<()> {
    cursor.children(element, |cursor, el| {
        if el.name() != name {
            unknown.push(cursor.raw(&el)?);
            return Ok(());
        }
        let mut recording = Recording {
            instance: el
                .attr_text("instance")
                .and_then(|number| number.parse().ok()),
            ..Recording::default()
        };
        cursor.children(&el, |cursor, el| {
            match el.name() {
                "view_url" => recording.view_url = cursor.text_opt(&el)?,
                "download_url" => recording.download_url = cursor.text_opt(&el)?,
                _ => unknown.push(cursor.raw(&el)?),
            }
            Ok(())
        })?;
        target.push(recording);
        Ok(())
    })
}

fn surveys(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    name: &str,
    target: &mut Vec<SurveyStub>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<()> {
    cursor.children(element, |cursor, el| {
        if el.name() == name {
            target.push(SurveyStub {
                gsnumber: el.attr_text("gsnumber"),
            });
        } else {
            unknown.push(cursor.raw(&el)?);
        }
        Ok(())
    })
}

fn customer(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<Customer> {
    let mut customer = Customer {
        gsnumber: element.attr_text("gsnumber").unwrap_or_default(),
        ..Customer::default()
    };
    let c = &mut customer;
    cursor.children(element, |cursor, el| {
        match el.name() {
            "username" => c.username = cursor.text(&el)?,
            "public_ip" => c.public_ip = cursor.text_opt(&el)?,
            "private_ip" => c.private_ip = cursor.text_opt(&el)?,
            "hostname" => c.hostname = cursor.text_opt(&el)?,
            "os" => c.os = cursor.text_opt(&el)?,
            "primary_cust" => c.primary = flag(&cursor.text(&el)?),
            "info" => cursor.children(&el, |cursor, el| customer_info(cursor, &el, c))?,
            // Older appliances put these beside the rest instead of into `info`.
            _ => customer_info(cursor, &el, c)?,
        }
        Ok(())
    })?;
    Ok(customer)
}

fn customer_info(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    customer: &mut Customer,
) -> XmlResult<()> {
    let info = &mut customer.info;
    let target = match element.name() {
        "name" => &mut info.name,
        "company" => &mut info.company,
        "company_code" => &mut info.company_code,
        "issue" => &mut info.issue,
        "details" => &mut info.details,
        _ => {
            customer.unknown.push(cursor.raw(element)?);
            return Ok(());
        }
    };
    if let Some(text) = cursor.text_opt(element)? {
        *target = Some(text);
    }
    Ok(())
}

pub(super) fn representative(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> XmlResult<Representative> {
    let mut representative = Representative {
        gsnumber: element.attr_text("gsnumber").unwrap_or_default(),
        id: element.attr_text("id"),
        ..Representative::default()
    };
    let r = &mut representative;
    cursor.children(element, |cursor, el| {
        match el.name() {
            "username" => r.username = cursor.text(&el)?,
            "display_name" => r.display_name = cursor.text_opt(&el)?,
            "public_display_name" => r.public_display_name = cursor.text_opt(&el)?,
            "private_display_name" => r.private_display_name = cursor.text_opt(&el)?,
            "public_ip" => r.public_ip = cursor.text_opt(&el)?,
            "private_ip" => r.private_ip = cursor.text_opt(&el)?,
            "hostname" => r.hostname = cursor.text_opt(&el)?,
            "os" => r.os = cursor.text_opt(&el)?,
            "session_owner" => r.session_owner = flag(&cursor.text(&el)?),
            "primary_rep" => r.primary = flag(&cursor.text(&el)?),
            "seconds_involved" => {
                leaf(
                    cursor,
                    &el,
                    &mut r.time_involved,
                    &mut r.unknown,
                    parse_duration,
                )?;
            }
            "invited" => r.invited = flag(&cursor.text(&el)?),
            "embassy" => r.embassy = cursor.text_opt(&el)?,
            _ => r.unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    Ok(representative)
}
