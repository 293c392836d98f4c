//! The Reporting API: which sessions a request asks for, and which of them show yet.

use std::time::Instant;

use crate::reply::Reply;
use crate::report_xml::{self, View};
use crate::request::Params;
use crate::session::Session;
use crate::spec::SurveyKind;
use crate::state::{ErrorForm, Inner, State};
use crate::{time, xml};

/// The English text that stands for an empty result.
pub const EMPTY_REPORT: &str =
    "No Support report information matching your chosen criteria is available.";

/// What an appliance with a French site says instead.
pub const EMPTY_REPORT_FRENCH: &str =
    "Aucune information de rapport Support correspondant à vos critères n’est disponible.";

#[derive(Debug, PartialEq, Eq)]
enum Selection {
    Lsids(Vec<String>),
    /// Began at or after the first time and before the second.
    Started(i64, Option<i64>),
    /// Closed at or after the first time and before the second.
    Ended(i64, Option<i64>),
}

impl Selection {
    fn matches(&self, session: &Session, end: Option<i64>) -> bool {
        let within = |at: i64, from: i64, until: Option<i64>| {
            at >= from && until.is_none_or(|until| at < until)
        };
        match self {
            Self::Lsids(lsids) => lsids.contains(&session.lsid),
            Self::Started(from, until) => within(session.start, *from, *until),
            Self::Ended(from, until) => end.is_some_and(|end| within(end, *from, *until)),
        }
    }
}

fn is_lsid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Exactly one way of choosing; a date and a time of the same kind count as one, the time wins.
fn selection(params: &Params, by_lsid: bool) -> Result<Selection, String> {
    let start = params.filled("start_time").or(params.filled("start_date"));
    let end = params.filled("end_time").or(params.filled("end_date"));
    let lsid = params.filled("lsid").filter(|_| by_lsid);
    let lsids = params.filled("lsids").filter(|_| by_lsid);
    let given = [start, end, lsid, lsids].into_iter().flatten().count();
    if given != 1 {
        return Err(format!(
            "Exactly one of start_date, start_time, end_date, end_time{} must be given.",
            if by_lsid { ", lsid, lsids" } else { "" }
        ));
    }
    if let Some(list) = lsid.or(lsids) {
        let list: Vec<String> = list.split(',').map(|part| part.trim().to_owned()).collect();
        if (lsid.is_some() && list.len() != 1) || !list.iter().all(|part| is_lsid(part)) {
            return Err("Invalid lsid.".to_owned());
        }
        return Ok(Selection::Lsids(list));
    }
    let kind = if start.is_some() { "start" } else { "end" };
    let (from, unit) = match params.filled(&format!("{kind}_time")) {
        Some(seconds) => (seconds.parse().ok(), 1),
        None => (
            params
                .filled(&format!("{kind}_date"))
                .and_then(time::midnight),
            86_400,
        ),
    };
    let from: i64 = from.ok_or_else(|| format!("Invalid {kind}_date or {kind}_time."))?;
    let duration: i64 = params
        .filled("duration")
        .and_then(|text| text.parse().ok())
        .filter(|duration| *duration >= 0)
        .ok_or_else(|| "A valid duration is required.".to_owned())?;
    let until = (duration > 0).then(|| from.saturating_add(duration.saturating_mul(unit)));
    Ok(if start.is_some() {
        Selection::Started(from, until)
    } else {
        Selection::Ended(from, until)
    })
}

/// Chooses sessions and counts down what a test has hidden. The result holds each session's index
/// with the end time that this answer shows.
fn choose(state: &mut State, selection: &Selection) -> Vec<(usize, Option<i64>)> {
    let now = Instant::now();
    let mut chosen = Vec::new();
    for (index, session) in state.sessions.iter_mut().enumerate() {
        if !selection.matches(session, session.end) {
            continue;
        }
        if session
            .visibility
            .not_before
            .is_some_and(|until| now < until)
        {
            continue;
        }
        if session.visibility.hidden_answers > 0 {
            session.visibility.hidden_answers -= 1;
            continue;
        }
        let mut end = session.end;
        if end.is_some() && session.visibility.unfinished_answers > 0 {
            session.visibility.unfinished_answers -= 1;
            end = None;
        }
        if selection.matches(session, end) {
            chosen.push((index, end));
        }
    }
    if state.scrambled {
        chosen.reverse();
    }
    chosen
}

/// An XML error in the reporting namespace.
pub(crate) fn error(state: &State, text: &str) -> Reply {
    let namespace = state.namespace.uri("reporting");
    let spaced = state.error_form == ErrorForm::SpacedRoot;
    Reply::xml(xml::message("error", namespace.as_deref(), spaced, text))
}

fn empty(state: &State) -> Reply {
    let namespace = state.namespace.uri("reporting");
    Reply::xml(xml::message(
        "error",
        namespace.as_deref(),
        true,
        &state.empty_report_text,
    ))
}

pub(crate) fn answer(inner: &Inner, state: &mut State, report: &str, params: &Params) -> Reply {
    let result = match report {
        "SupportSession" => sessions(inner, state, params),
        "SupportSessionListing" => listing(state, params),
        "SupportCustExitSurvey" => surveys(state, params, SurveyKind::Customer),
        "SupportRepExitSurvey" => surveys(state, params, SurveyKind::Representative),
        "SupportSessionRecording" | "ShowMyScreenRecording" | "CommandShellRecording" => {
            Err("This recording has expired and can no longer be viewed or downloaded.".to_owned())
        }
        "ArchiveListing" | "Archive" => {
            Err("No archives found for the given search criteria.".to_owned())
        }
        _ => Err(format!("Invalid report: {report}")),
    };
    result.unwrap_or_else(|text| error(state, &text))
}

fn views(state: &State, chosen: &[(usize, Option<i64>)]) -> Vec<View> {
    chosen
        .iter()
        .filter_map(|(index, end)| {
            Some(View {
                session: state.sessions.get(*index)?.clone(),
                end: *end,
            })
        })
        .collect()
}

fn sessions(inner: &Inner, state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = selection(params, true)?;
    let chosen = choose(state, &selection);
    if chosen.is_empty() {
        return Ok(empty(state));
    }
    Ok(Reply::xml(report_xml::session_list(
        inner,
        state,
        &views(state, &chosen),
    )))
}

fn listing(state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = selection(params, false)?;
    let chosen = choose(state, &selection);
    if chosen.is_empty() {
        return Ok(empty(state));
    }
    Ok(Reply::xml(report_xml::summary_list(
        state,
        &views(state, &chosen),
    )))
}

fn surveys(state: &mut State, params: &Params, kind: SurveyKind) -> Result<Reply, String> {
    if !matches!(params.filled("report_type"), Some("rep" | "team" | "site")) {
        return Err("A valid report_type is required.".to_owned());
    }
    let selection = selection(params, true)?;
    if !matches!(selection, Selection::Lsids(_)) && params.filled("id").is_none() {
        return Err("A valid id is required.".to_owned());
    }
    let chosen: Vec<_> = choose(state, &selection)
        .into_iter()
        .filter(|(index, _)| {
            state
                .sessions
                .get(*index)
                .is_some_and(|session| session.surveys.iter().any(|survey| survey.kind == kind))
        })
        .collect();
    if chosen.is_empty() {
        return Ok(empty(state));
    }
    Ok(Reply::xml(report_xml::exit_survey_list(
        state,
        &views(state, &chosen),
        kind,
    )))
}
