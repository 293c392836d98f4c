//! Which part of the past a report is asked for, and which sessions show in it yet.

use std::time::Instant;

use crate::request::Params;
use crate::session::Session;
use crate::state::State;
use crate::time;

/// The ways of choosing that a report knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Windows {
    /// By start or end, or by lsid.
    Six,
    /// By start or end.
    Four,
    /// By start.
    Start,
}

impl Windows {
    fn names(self) -> &'static str {
        match self {
            Self::Six => "start_date, start_time, end_date, end_time, lsid, lsids",
            Self::Four => "start_date, start_time, end_date, end_time",
            Self::Start => "start_date, start_time",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    Lsids(Vec<String>),
    /// Began at or after the first time and before the second.
    Started(i64, Option<i64>),
    /// Closed at or after the first time and before the second.
    Ended(i64, Option<i64>),
}

impl Selection {
    pub(crate) fn matches(&self, lsid: &str, start: i64, end: Option<i64>) -> bool {
        match self {
            Self::Lsids(lsids) => lsids.iter().any(|known| known == lsid),
            Self::Started(..) => self.covers(start),
            Self::Ended(..) => end.is_some_and(|end| self.covers(end)),
        }
    }

    /// Whether a moment lies in the window; never for a choice by lsid.
    pub(crate) fn covers(&self, at: i64) -> bool {
        match self {
            Self::Lsids(_) => false,
            Self::Started(from, until) | Self::Ended(from, until) => {
                at >= *from && until.is_none_or(|until| at < until)
            }
        }
    }
}

fn is_lsid(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// The one session that a recording is asked of.
pub(crate) fn lsid(params: &Params) -> Result<&str, String> {
    params
        .filled("lsid")
        .filter(|text| is_lsid(text))
        .ok_or_else(|| "Invalid lsid.".to_owned())
}

/// Exactly one way of choosing; a date and a time of the same kind count as one, the time wins.
pub(crate) fn selection(params: &Params, windows: Windows) -> Result<Selection, String> {
    let start = params.filled("start_time").or(params.filled("start_date"));
    let end = params.filled("end_time").or(params.filled("end_date"));
    let lsid = params.filled("lsid");
    let lsids = params.filled("lsids");
    let given = [start, end, lsid, lsids].into_iter().flatten().count();
    let known = match windows {
        Windows::Six => true,
        Windows::Four => lsid.is_none() && lsids.is_none(),
        Windows::Start => lsid.is_none() && lsids.is_none() && end.is_none(),
    };
    if given != 1 || !known {
        return Err(format!("Exactly one of {} must be given.", windows.names()));
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

/// A session with the end time that this answer shows.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) session: Session,
    pub(crate) end: Option<i64>,
    /// Texts with markup come in CDATA sections.
    pub(crate) cdata: bool,
}

/// Chooses sessions and counts down what a test has hidden. `wanted` has the last word.
pub(crate) fn choose(
    state: &mut State,
    selection: &Selection,
    wanted: impl Fn(&Session) -> bool,
) -> Vec<View> {
    let now = Instant::now();
    let matches = |session: &Session, end| selection.matches(&session.lsid, session.start, end);
    let mut chosen = Vec::new();
    for session in &mut state.sessions {
        if !matches(session, session.complete_end()) {
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
        let mut end = session.complete_end();
        if end.is_some() && session.visibility.unfinished_answers > 0 {
            session.visibility.unfinished_answers -= 1;
            end = None;
        }
        if matches(session, end) && wanted(session) {
            chosen.push(View {
                session: session.clone(),
                end,
                cdata: state.documents.cdata,
            });
        }
    }
    if state.scrambled {
        chosen.reverse();
    }
    chosen
}
