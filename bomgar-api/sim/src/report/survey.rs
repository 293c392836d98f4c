//! Exit surveys.

use super::session_list::representative;
use super::window::{self, Selection, View, Windows};
use super::{document, empty};
use crate::reply::Reply;
use crate::request::Params;
use crate::session::{Session, SubmittedSurvey};
use crate::spec::SurveyKind;
use crate::state::State;
use crate::xml::Xml;

/// Whose sessions: everybody's, or those of one representative, team or site.
fn belongs(session: &Session, report_type: &str, id: &str) -> bool {
    let is = |known: u32| known.to_string() == id;
    id == "all"
        || match report_type {
            "team" => session.team.as_ref().is_some_and(|(known, _)| is(*known)),
            "site" => session
                .public_site
                .as_ref()
                .is_some_and(|(known, _)| is(*known)),
            _ => session.reps.iter().any(|member| is(member.rep.id)),
        }
}

pub(crate) fn answer(
    state: &mut State,
    params: &Params,
    kind: SurveyKind,
) -> Result<Reply, String> {
    let report_type = params
        .filled("report_type")
        .filter(|given| ["rep", "team", "site"].contains(given))
        .ok_or_else(|| "A valid report_type is required.".to_owned())?;
    let selection = window::selection(params, Windows::Six)?;
    let id = if matches!(selection, Selection::Lsids(_)) {
        "all"
    } else {
        params
            .filled("id")
            .filter(|id| *id == "all" || id.parse::<u32>().is_ok())
            .ok_or_else(|| "A valid id is required.".to_owned())?
    };
    let chosen = window::choose(state, &selection, |session| {
        session.surveys.iter().any(|survey| survey.kind == kind)
            && belongs(session, report_type, id)
    });
    if chosen.is_empty() {
        return Ok(empty(state, "exit_survey_list"));
    }
    Ok(document(state, "exit_survey_list", |xml| {
        for view in &chosen {
            let surveys = view.session.surveys.iter();
            for survey in surveys.filter(|survey| survey.kind == kind) {
                exit_survey(xml, view, survey);
            }
        }
    }))
}

fn exit_survey(xml: &mut Xml, view: &View, survey: &SubmittedSurvey) {
    let session = &view.session;
    let timestamp = survey.timestamp.to_string();
    xml.open(
        "exit_survey",
        &[("lsid", &session.lsid), ("ts", &timestamp)],
    );
    let kind = match survey.kind {
        SurveyKind::Customer => "customer",
        SurveyKind::Representative => "rep",
    };
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
    if let Some(member) = session.primary_rep() {
        let gsnumber = member.gsnumber.to_string();
        xml.leaf(
            "primary_rep",
            &[("gsnumber", &gsnumber)],
            &member.rep.private_name,
        );
    }
    if let Some(member) = session.primary_customer() {
        let gsnumber = member.gsnumber.to_string();
        xml.leaf(
            "primary_customer",
            &[("gsnumber", &gsnumber)],
            &member.customer.name,
        );
    }
    xml.open("rep_list", &[]);
    for member in &session.reps {
        representative(xml, view, member);
    }
    xml.close("rep_list");
    question_list(xml, survey);
    xml.close("exit_survey");
}

fn question_list(xml: &mut Xml, survey: &SubmittedSurvey) {
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
