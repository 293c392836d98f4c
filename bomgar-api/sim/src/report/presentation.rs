//! Presentations: someone shows a screen to attendees.

use super::session_list::{actor, moment};
use super::window::{self, Windows};
use super::{Context, document, empty, summary};
use crate::people::Representative;
use crate::random;
use crate::recording::{self, Recording};
use crate::reply::Reply;
use crate::request::Params;
use crate::session::Actor;
use crate::state::{Inner, State};
use crate::time;
use crate::xml::Xml;

/// A presentation. The elements of its report are the simulator's own, made after those of support
/// sessions; a client can rely on the lsid alone.
///
/// ```
/// use bomgar_sim::{PresentationSpec, Recording};
///
/// let presentation = PresentationSpec::new(1_700_000_000)
///     .end_time(1_700_003_600)
///     .attendee("Ada Byron")
///     .recording(Recording::session(100_000));
/// # let _ = presentation;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PresentationSpec {
    pub(crate) lsid: String,
    start: i64,
    end: Option<i64>,
    presenter: Representative,
    attendees: Vec<String>,
    recording: Option<Recording>,
}

impl PresentationSpec {
    /// A running presentation of the default representative that began at this time in Unix
    /// seconds.
    pub fn new(start: i64) -> Self {
        Self {
            lsid: random::hex32(),
            start,
            end: None,
            presenter: Representative::default(),
            attendees: Vec::new(),
            recording: None,
        }
    }

    /// Fixes the identifier (32 lower-case hexadecimal digits) instead of a random one.
    pub fn lsid(mut self, lsid: impl Into<String>) -> Self {
        self.lsid = lsid.into();
        self
    }

    /// When it ended, in Unix seconds.
    pub fn end_time(mut self, unix_seconds: i64) -> Self {
        self.end = Some(unix_seconds);
        self
    }

    /// Who presented.
    pub fn presenter(mut self, representative: Representative) -> Self {
        self.presenter = representative;
        self
    }

    /// Adds someone who watched.
    pub fn attendee(mut self, name: impl Into<String>) -> Self {
        self.attendees.push(name.into());
        self
    }

    /// Its video.
    pub fn recording(mut self, recording: Recording) -> Self {
        self.recording = Some(recording);
        self
    }
}

pub(crate) fn sessions(inner: &Inner, state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = window::selection(params, Windows::Six)?;
    let chosen: Vec<_> = state
        .documents
        .presentations
        .iter()
        .filter(|one| selection.matches(&one.lsid, one.start, one.end))
        .collect();
    let root = "presentation_session_list";
    if chosen.is_empty() {
        return Ok(empty(state, root));
    }
    let context = Context::of(inner, state);
    Ok(document(state, root, |xml| {
        for one in chosen {
            presentation(xml, &context, one);
        }
    }))
}

fn presentation(xml: &mut Xml, context: &Context, one: &PresentationSpec) {
    xml.open("session", &[("lsid", &one.lsid)]);
    xml.leaf("session_type", &[], "presentation");
    moment(xml, "start_time", Some(one.start));
    moment(xml, "end_time", one.end);
    let until = one.end.unwrap_or_else(time::now);
    xml.leaf("duration", &[], &time::clock(until - one.start));
    if one.end.is_some() && one.recording.is_some() {
        let url = format!(
            "{}/api/reporting?generate_report=PresentationSessionRecording&lsid={}",
            context.base_url, one.lsid
        );
        xml.leaf("session_recording_download_url", &[], &url);
    }
    let id = one.presenter.id.to_string();
    xml.leaf(
        "presenter",
        &[("gsnumber", "1"), ("id", &id)],
        &one.presenter.private_name,
    );
    xml.open("attendee_list", &[]);
    let attendees = || (2_u32..).zip(&one.attendees);
    for (gsnumber, name) in attendees() {
        xml.open("attendee", &[("gsnumber", &gsnumber.to_string())]);
        xml.leaf("username", &[], name);
        xml.close("attendee");
    }
    xml.close("attendee_list");
    xml.open("session_details", &[]);
    let start = one.start.to_string();
    for (gsnumber, name) in attendees() {
        xml.open(
            "event",
            &[
                ("timestamp", &start),
                ("event_type", "Conference Member Added"),
            ],
        );
        let attendee = Actor {
            kind: "attendee",
            gsnumber,
            name: name.clone(),
        };
        actor(xml, "performed_by", Some(&attendee));
        xml.close("event");
    }
    xml.close("session_details");
    xml.close("session");
}

pub(crate) fn listing(state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = window::selection(params, Windows::Four)?;
    let lines: Vec<_> = state
        .documents
        .presentations
        .iter()
        .filter(|one| selection.matches(&one.lsid, one.start, one.end))
        .map(|one| (one.lsid.clone(), one.recording.is_some(), String::new()))
        .collect();
    if lines.is_empty() {
        return Ok(empty(state, "session_summary_list"));
    }
    Ok(summary::session_summaries(state, &lines))
}

pub(crate) fn recording(state: &mut State, params: &Params) -> Result<Reply, String> {
    let lsid = window::lsid(params)?;
    let found = state
        .documents
        .presentations
        .iter()
        .find(|one| one.lsid == lsid)
        .ok_or_else(|| "Invalid lsid.".to_owned())?;
    found
        .recording
        .as_ref()
        .map_or_else(|| Err(recording::NONE.to_owned()), Recording::reply)
}
