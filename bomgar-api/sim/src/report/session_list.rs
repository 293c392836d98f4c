//! Support sessions in full, in the element order that appliances were seen to use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::window::{self, View, Windows};
use super::{Context, empty, open_root};
use crate::recording::RecordingKind;
use crate::reply::{Content, Reply};
use crate::request::Params;
use crate::session::{Actor, Event, RepMember};
use crate::spec::SurveyKind;
use crate::state::{Inner, State};
use crate::time;
use crate::xml::{self, Xml};

pub(crate) const ROOT: &str = "session_list";

/// `limit` is accepted and limits nothing: which values it takes is not known.
pub(crate) fn answer(inner: &Inner, state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = window::selection(params, Windows::Six)?;
    let chosen = window::choose(state, &selection, |_| true);
    let context = Context::of(inner, state);
    let generated = state.documents.generated.clone();
    if let Some(set) = generated {
        let mut indices = set.selected(&selection).peekable();
        if indices.peek().is_some() {
            let views = indices.map(move |index| set.view(index));
            let parts = parts(context, chosen.into_iter().chain(views));
            return Ok(Reply::xml(Content::parts(parts)));
        }
    }
    if chosen.is_empty() {
        return Ok(empty(state, ROOT));
    }
    let text: Vec<u8> = parts(context, chosen.into_iter()).flatten().collect();
    Ok(Reply::xml(text))
}

/// The document piece by piece: the root's start, each session, the root's end.
pub(super) fn parts(
    context: Context,
    mut views: impl Iterator<Item = View> + Send + Sync + 'static,
) -> impl Iterator<Item = Bytes> + Send + Sync + 'static {
    let mut xml = Xml::new();
    open_root(&mut xml, context.namespace.as_deref(), ROOT);
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        if let Some(view) = views.next() {
            session(&mut xml, &context, &view);
            xml.blank_line();
        } else {
            ended = true;
            xml.close(ROOT);
            xml.blank_line();
        }
        Some(Bytes::from(xml.take()))
    })
}

fn session(xml: &mut Xml, context: &Context, view: &View) {
    type Part = fn(&mut Xml, &Context, &View);
    let mut parts: Vec<Part> = vec![
        head,
        download_urls,
        counts,
        primaries,
        customer_list,
        rep_list,
        survey_lists,
        details,
    ];
    // Readers may not depend on the order.
    if context.scrambled {
        parts.reverse();
    }
    xml.open("session", &[("lsid", &view.session.lsid)]);
    for part in parts {
        part(xml, context, view);
    }
    xml.close("session");
}

pub(super) fn moment(xml: &mut Xml, name: &str, at: Option<i64>) {
    match at {
        Some(at) => xml.leaf(name, &[("timestamp", &at.to_string())], &time::iso(at)),
        None => xml.leaf(name, &[("timestamp", "")], ""),
    }
}

fn head(xml: &mut Xml, _: &Context, view: &View) {
    let session = &view.session;
    xml.leaf("session_type", &[], "support");
    xml.leaf("lseq", &[], &session.lseq.to_string());
    moment(xml, "start_time", Some(session.start));
    moment(xml, "end_time", view.end);
    let until = view.end.unwrap_or_else(|| session.now());
    xml.leaf("duration", &[], &time::clock(until - session.start));
    if let Some((id, name)) = &session.public_site {
        xml.leaf("public_site", &[("id", &id.to_string())], name);
    }
    let stays = session.reps.iter().flat_map(|member| &member.stays);
    if let Some(first) = stays.map(|stay| stay.joined).min() {
        moment(xml, "rep_join_time", Some(first));
    }
    xml.leaf("external_key", &[], &session.external_key);
    if session.custom.is_empty() {
        xml.open("custom_attributes", &[]);
        xml.close("custom_attributes");
    } else {
        xml.open("custom_attributes", &[]);
        for attribute in &session.custom {
            xml.leaf(
                "custom_attribute",
                &[
                    ("display_name", &attribute.display_name),
                    ("code_name", &attribute.code_name),
                ],
                &attribute.value,
            );
        }
        xml.close("custom_attributes");
    }
}

fn download_urls(xml: &mut Xml, context: &Context, view: &View) {
    // Only a session that came to a good end can be downloaded.
    if view.end.is_none() {
        return;
    }
    let session = &view.session;
    let url = |mode: &str, rest: &str| {
        format!(
            "{}/session_download?lsid=l%3D{}%3Bh%3D{}%3Bt%3Dsd%3Bm%3D{mode}&dl_action={mode}{rest}",
            context.base_url, session.lsid, session.download_hash
        )
    };
    xml.leaf("session_chat_view_url", &[], &url("chat", "&view=1"));
    xml.leaf("session_chat_download_url", &[], &url("chat", ""));
    if session.recorded {
        xml.leaf(
            "session_recording_view_url",
            &[],
            &url("recording", "&view=1"),
        );
        xml.leaf("session_recording_download_url", &[], &url("recording", ""));
    }
    for (list, item, mode) in [
        (
            "show_my_screen_recordings",
            "show_my_screen_recording",
            "show_my_screen",
        ),
        (
            "command_shell_recordings",
            "command_shell_recording",
            "command_shell",
        ),
    ] {
        let instances =
            session
                .recordings
                .iter()
                .filter_map(|recording| match (mode, recording.kind) {
                    ("show_my_screen", RecordingKind::ShowMyScreen(instance))
                    | ("command_shell", RecordingKind::CommandShell(instance)) => Some(instance),
                    _ => None,
                });
        let mut instances = instances.peekable();
        if instances.peek().is_none() {
            continue;
        }
        xml.open(list, &[]);
        for instance in instances {
            let part = format!("&instance={instance}");
            xml.open(item, &[("instance", &instance.to_string())]);
            xml.leaf("download_url", &[], &url(mode, &part));
            xml.leaf("view_url", &[], &url(mode, &format!("{part}&view=1")));
            xml.close(item);
        }
        xml.close(list);
    }
    xml.blank_line();
}

fn counts(xml: &mut Xml, _: &Context, view: &View) {
    let count = |types: &[&str]| {
        view.session
            .events
            .iter()
            .filter(|event| types.contains(&event.event_type.as_str()))
            .count()
            .to_string()
    };
    xml.leaf(
        "file_transfer_count",
        &[],
        &count(&["File Upload", "File Download"]),
    );
    xml.leaf("file_move_count", &[], &count(&["File Moved"]));
    xml.leaf("file_delete_count", &[], &count(&["File Deleted"]));
}

fn primaries(xml: &mut Xml, _: &Context, view: &View) {
    let session = &view.session;
    // No session of the simulator goes through a Jumpoint.
    xml.leaf("jumpoint", &[("id", "-1")], "");
    if let Some(member) = session.primary_customer() {
        let gsnumber = member.gsnumber.to_string();
        xml.leaf(
            "primary_customer",
            &[("gsnumber", &gsnumber)],
            &member.customer.name,
        );
    }
    if let Some((kind, name)) = &session.jump_group {
        xml.leaf("jump_group", &[("type", kind), ("id", "1")], name);
    }
    if let Some(member) = session.primary_rep() {
        let attributes = [
            ("gsnumber", &*member.gsnumber.to_string()),
            ("id", &*member.rep.id.to_string()),
        ];
        xml.leaf("primary_rep", &attributes, &member.rep.private_name);
    }
    if let Some((id, name)) = &session.team {
        xml.leaf("primary_team", &[("id", &id.to_string())], name);
    }
}

fn customer_list(xml: &mut Xml, _: &Context, view: &View) {
    xml.open("customer_list", &[]);
    for member in &view.session.customers {
        let customer = &member.customer;
        xml.open("customer", &[("gsnumber", &member.gsnumber.to_string())]);
        xml.leaf("username", &[], &customer.name);
        xml.leaf("public_ip", &[], &customer.public_ip);
        xml.leaf("private_ip", &[], &customer.private_ip);
        xml.leaf("hostname", &[], &customer.hostname);
        xml.leaf("os", &[], &customer.os);
        xml.leaf("primary_cust", &[], if member.primary { "1" } else { "0" });
        xml.open("info", &[]);
        xml.leaf("name", &[], &customer.name);
        xml.leaf("company", &[], &customer.company);
        xml.leaf("company_code", &[], &customer.company_code);
        xml.leaf("issue", &[], &customer.issue);
        xml.leaf("details", &[], &customer.details);
        xml.close("info");
        xml.close("customer");
    }
    xml.close("customer_list");
}

fn rep_list(xml: &mut Xml, _: &Context, view: &View) {
    let session = &view.session;
    xml.open("rep_list", &[]);
    for member in &session.reps {
        representative(xml, view, member);
    }
    xml.close("rep_list");
    if let Some((id, name)) = &session.team {
        xml.open("team_list", &[]);
        xml.open("team", &[("id", &id.to_string())]);
        xml.leaf("name", &[], name);
        xml.close("team");
        xml.close("team_list");
    }
}

pub(super) fn representative(xml: &mut Xml, view: &View, member: &RepMember) {
    let until = view.end.unwrap_or_else(|| view.session.now());
    let rep = &member.rep;
    let attributes = [
        ("gsnumber", &*member.gsnumber.to_string()),
        ("id", &*rep.id.to_string()),
    ];
    xml.open("representative", &attributes);
    xml.leaf("username", &[], &rep.username);
    xml.leaf("display_name", &[], &rep.public_name);
    xml.leaf("public_display_name", &[], &rep.public_name);
    xml.leaf("private_display_name", &[], &rep.private_name);
    xml.leaf("public_ip", &[], &rep.public_ip);
    xml.leaf("private_ip", &[], &rep.private_ip);
    xml.leaf("hostname", &[], &rep.hostname);
    xml.leaf("os", &[], &rep.os);
    let flag = |on: bool| if on { "1" } else { "0" };
    xml.leaf("session_owner", &[], flag(member.owner));
    xml.leaf("primary_rep", &[], flag(member.primary));
    let seconds = member.seconds_involved(until);
    xml.leaf("seconds_involved", &[], &seconds.to_string());
    if rep.invited {
        xml.leaf("invited", &[], "1");
    }
    xml.close("representative");
}

fn survey_lists(xml: &mut Xml, _: &Context, view: &View) {
    for (list, item, kind) in [
        ("cust_survey_list", "cust_exit_survey", SurveyKind::Customer),
        (
            "rep_survey_list",
            "rep_exit_survey",
            SurveyKind::Representative,
        ),
    ] {
        let surveys: Vec<_> = view
            .session
            .surveys
            .iter()
            .filter(|s| s.kind == kind)
            .collect();
        if surveys.is_empty() {
            continue;
        }
        xml.open(list, &[]);
        for survey in surveys {
            xml.leaf(item, &[("gsnumber", &survey.gsnumber.to_string())], "");
        }
        xml.close(list);
    }
}

fn details(xml: &mut Xml, context: &Context, view: &View) {
    xml.open("session_details", &[]);
    let mut events: Vec<&Event> = view.session.events.iter().collect();
    if view.end.is_none() {
        events.retain(|event| event.event_type != "Session End");
    }
    if context.scrambled {
        events.reverse();
    }
    for item in events {
        event(xml, context, item, view.cdata);
    }
    xml.close("session_details");
}

pub(super) fn actor(xml: &mut Xml, name: &str, actor: Option<&Actor>) {
    if let Some(actor) = actor {
        let attributes = [
            ("type", actor.kind),
            ("gsnumber", &*actor.gsnumber.to_string()),
        ];
        xml.leaf(name, &attributes, &actor.name);
    }
}

fn event(xml: &mut Xml, context: &Context, event: &Event, cdata: bool) {
    let timestamp = event.timestamp.to_string();
    xml.open(
        "event",
        &[("timestamp", &timestamp), ("event_type", &event.event_type)],
    );
    actor(xml, "performed_by", event.performed_by.as_ref());
    actor(xml, "destination", event.destination.as_ref());
    if let Some(text) = &event.body {
        body(xml, text, cdata);
    }
    let as_element = |name: &str| context.file_elements && matches!(name, "filename" | "filesize");
    for (name, value) in event.data.iter().filter(|(name, _)| as_element(name)) {
        xml.leaf(name, &[], value);
    }
    data_values(xml, event.data.iter().filter(|(name, _)| !as_element(name)));
    if !event.system_information.is_empty() {
        system_information(xml, event);
    }
    xml.blank_line();
    xml.close("event");
}

/// The text of an event. What XML cannot carry is encoded.
pub(super) fn body(xml: &mut Xml, text: &str, cdata: bool) {
    if text.chars().any(xml::is_illegal) {
        xml.leaf("encoded_body", &[], &STANDARD.encode(text));
    } else if cdata && text.contains(['<', '&']) && !text.contains('\r') {
        xml.cdata_leaf("body", text);
    } else {
        xml.leaf("body", &[], text);
    }
}

pub(super) fn data_values<'a>(xml: &mut Xml, values: impl Iterator<Item = &'a (String, String)>) {
    let mut values = values.peekable();
    if values.peek().is_none() {
        return;
    }
    xml.open("data", &[]);
    for (name, value) in values {
        xml.leaf("value", &[("name", name), ("value", value)], "");
    }
    xml.close("data");
}

fn system_information(xml: &mut Xml, event: &Event) {
    xml.open("system_information", &[]);
    for category in &event.system_information {
        xml.open("category", &[("name", &category.name)]);
        // An empty section has neither description nor data.
        if let Some(first) = category.rows.first() {
            xml.open("description", &[]);
            for (name, _) in first {
                xml.leaf("field", &[("name", name)], "");
            }
            xml.close("description");
            xml.open("data", &[]);
            for row in &category.rows {
                xml.open("row", &[]);
                for (name, value) in row {
                    xml.leaf("field", &[("name", name)], value);
                }
                xml.close("row");
            }
            xml.close("data");
        }
        xml.close("category");
    }
    xml.close("system_information");
}
