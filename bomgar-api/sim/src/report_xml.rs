//! Reports as XML, in the element order that appliances were seen to use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::session::{Actor, Event, Session};
use crate::spec::SurveyKind;
use crate::state::{Inner, State};
use crate::time;
use crate::xml::{self, Xml};

/// A session with the end time that this answer shows.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) session: Session,
    pub(crate) end: Option<i64>,
}

fn root(xml: &mut Xml, state: &State, name: &str) {
    let namespace = state.namespace.uri("reporting").unwrap_or_default();
    let mut attributes = vec![("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")];
    if !namespace.is_empty() {
        attributes.insert(0, ("xmlns", namespace.as_str()));
    }
    xml.open(name, &attributes);
}

pub(crate) fn session_list(inner: &Inner, state: &State, views: &[View]) -> String {
    let mut xml = Xml::new();
    root(&mut xml, state, "session_list");
    for view in views {
        session(&mut xml, inner, state, view);
        xml.blank_line();
    }
    xml.close("session_list");
    xml.finish()
}

fn session(xml: &mut Xml, inner: &Inner, state: &State, view: &View) {
    type Part = fn(&mut Xml, &Inner, &State, &View);
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
    if state.scrambled {
        parts.reverse();
    }
    xml.open("session", &[("lsid", &view.session.lsid)]);
    for part in parts {
        part(xml, inner, state, view);
    }
    xml.close("session");
}

fn moment(xml: &mut Xml, name: &str, at: Option<i64>) {
    match at {
        Some(at) => xml.leaf(name, &[("timestamp", &at.to_string())], &time::iso(at)),
        None => xml.leaf(name, &[("timestamp", "")], ""),
    }
}

fn head(xml: &mut Xml, _: &Inner, _: &State, view: &View) {
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

fn download_urls(xml: &mut Xml, inner: &Inner, _: &State, view: &View) {
    // Only a session that came to a good end can be downloaded.
    if view.end.is_none() {
        return;
    }
    let session = &view.session;
    let url = |mode: &str, rest: &str| {
        format!(
            "{}/session_download?lsid=l%3D{}%3Bh%3D{}%3Bt%3Dsd%3Bm%3D{mode}&dl_action={mode}{rest}",
            inner.base_url, session.lsid, session.download_hash
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
    xml.blank_line();
}

fn counts(xml: &mut Xml, _: &Inner, _: &State, view: &View) {
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

fn primaries(xml: &mut Xml, _: &Inner, _: &State, view: &View) {
    let session = &view.session;
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

fn customer_list(xml: &mut Xml, _: &Inner, _: &State, view: &View) {
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

fn rep_list(xml: &mut Xml, _: &Inner, _: &State, view: &View) {
    let session = &view.session;
    let until = view.end.unwrap_or_else(|| session.now());
    xml.open("rep_list", &[]);
    for member in &session.reps {
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
    xml.close("rep_list");
    if let Some((id, name)) = &session.team {
        xml.open("team_list", &[]);
        xml.open("team", &[("id", &id.to_string())]);
        xml.leaf("name", &[], name);
        xml.close("team");
        xml.close("team_list");
    }
}

fn survey_lists(xml: &mut Xml, _: &Inner, _: &State, view: &View) {
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

fn details(xml: &mut Xml, _: &Inner, state: &State, view: &View) {
    xml.open("session_details", &[]);
    let mut events: Vec<&Event> = view.session.events.iter().collect();
    if view.end.is_none() {
        events.retain(|event| event.event_type != "Session End");
    }
    if state.scrambled {
        events.reverse();
    }
    for item in events {
        event(xml, state, item);
    }
    xml.close("session_details");
}

fn actor(xml: &mut Xml, name: &str, actor: Option<&Actor>) {
    if let Some(actor) = actor {
        let attributes = [
            ("type", actor.kind),
            ("gsnumber", &*actor.gsnumber.to_string()),
        ];
        xml.leaf(name, &attributes, &actor.name);
    }
}

fn event(xml: &mut Xml, state: &State, event: &Event) {
    let timestamp = event.timestamp.to_string();
    xml.open(
        "event",
        &[("timestamp", &timestamp), ("event_type", &event.event_type)],
    );
    actor(xml, "performed_by", event.performed_by.as_ref());
    actor(xml, "destination", event.destination.as_ref());
    if let Some(body) = &event.body {
        if body.chars().any(xml::is_illegal) {
            xml.leaf("encoded_body", &[], &STANDARD.encode(body));
        } else {
            xml.leaf("body", &[], body);
        }
    }
    let as_element = |name: &str| state.file_elements && matches!(name, "filename" | "filesize");
    for (name, value) in event.data.iter().filter(|(name, _)| as_element(name)) {
        xml.leaf(name, &[], value);
    }
    if event.data.iter().any(|(name, _)| !as_element(name)) {
        xml.open("data", &[]);
        for (name, value) in event.data.iter().filter(|(name, _)| !as_element(name)) {
            xml.leaf("value", &[("name", name), ("value", value)], "");
        }
        xml.close("data");
    }
    if !event.system_information.is_empty() {
        system_information(xml, event);
    }
    xml.blank_line();
    xml.close("event");
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

pub(crate) fn summary_list(state: &State, views: &[View]) -> String {
    let mut xml = Xml::new();
    root(&mut xml, state, "session_summary_list");
    for view in views {
        let session = &view.session;
        let recorded = if session.recorded { "1" } else { "0" };
        let mut attributes = vec![("lsid", session.lsid.as_str()), ("has_recording", recorded)];
        if !session.external_key.is_empty() {
            attributes.push(("external_key", &session.external_key));
        }
        xml.leaf("session_summary", &attributes, "");
    }
    xml.close("session_summary_list");
    xml.finish()
}

pub(crate) fn exit_survey_list(state: &State, views: &[View], kind: SurveyKind) -> String {
    let mut xml = Xml::new();
    root(&mut xml, state, "exit_survey_list");
    for view in views {
        for survey in view
            .session
            .surveys
            .iter()
            .filter(|survey| survey.kind == kind)
        {
            let timestamp = survey.timestamp.to_string();
            xml.open(
                "exit_survey",
                &[("lsid", &view.session.lsid), ("ts", &timestamp)],
            );
            let kind = match kind {
                SurveyKind::Customer => "customer",
                SurveyKind::Representative => "rep",
            };
            let session = &view.session;
            let rep = session
                .reps
                .iter()
                .find(|member| member.gsnumber == survey.gsnumber)
                .map(|member| member.rep.private_name.as_str());
            let customer = session
                .customers
                .iter()
                .find(|member| member.gsnumber == survey.gsnumber)
                .map(|member| member.customer.name.as_str());
            let by = rep.or(customer).unwrap_or_default();
            let gsnumber = survey.gsnumber.to_string();
            xml.leaf(
                "submitted_by",
                &[("type", kind), ("gsnumber", &gsnumber)],
                by,
            );
            if let Some(member) = view.session.primary_rep() {
                let gsnumber = member.gsnumber.to_string();
                xml.leaf(
                    "primary_rep",
                    &[("gsnumber", &gsnumber)],
                    &member.rep.private_name,
                );
            }
            if let Some(member) = view.session.primary_customer() {
                let gsnumber = member.gsnumber.to_string();
                xml.leaf(
                    "primary_customer",
                    &[("gsnumber", &gsnumber)],
                    &member.customer.name,
                );
            }
            question_list(&mut xml, survey);
            xml.close("exit_survey");
        }
    }
    xml.close("exit_survey_list");
    xml.finish()
}

fn question_list(xml: &mut Xml, survey: &crate::session::SubmittedSurvey) {
    xml.open("question_list", &[]);
    for (index, question) in survey.questions.iter().enumerate() {
        xml.open("question", &[("id", &(index + 1).to_string())]);
        xml.leaf("type", &[], "textbox");
        xml.leaf("name", &[], &question.name);
        xml.leaf("label", &[], &question.label);
        xml.leaf("report_header", &[], &question.label);
        if !question.answers.is_empty() {
            xml.open("answer_list", &[]);
            for answer in &question.answers {
                xml.leaf("answer", &[], &answer.replace('\n', "\\n"));
            }
            xml.close("answer_list");
        }
        xml.close("question");
    }
    xml.close("question_list");
}
