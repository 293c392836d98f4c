//! The transcript: what the session's events say, in one line each.

use super::helpers::bytes_in_words;
use bomgar_api::reporting::{Actor, ActorKind, DataValue, Event, EventType, Session};
use serde::Serialize;

/// What kind of thing a transcript entry tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EntryKind {
    /// Somebody wrote in the chat.
    Chat,
    /// A file was transferred, moved, deleted or shared.
    File,
    /// A special action was executed.
    SpecialAction,
    /// Somebody joined or left.
    Member,
    /// Anything else.
    Other,
}

/// One event, ready to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TranscriptEntry {
    /// When it happened, UTC, `2026-11-24T19:03:07Z`; for `local_time`.
    pub time: Option<String>,
    /// The time of day in the business zone, `14:03:07`; `--:--:--` if the report has no time.
    pub clock: String,
    /// What kind of thing it is: `chat`, `file`, `special_action`, `member` or `other`.
    pub kind: EntryKind,
    /// The event's name as the appliance gives it, such as `File Upload`.
    pub event_type: String,
    /// Who did it; empty if the report does not say.
    pub from: Option<String>,
    /// To whom; empty if the report does not say, or if it was everyone.
    pub to: Option<String>,
    /// The appliance's own text: what was said in the chat.
    pub body: Option<String>,
    /// The file it is about; the first of several.
    pub filename: Option<String>,
    /// That file's size in bytes.
    pub filesize: Option<u64>,
    /// The whole entry in words, as the built-in template shows it.
    pub text: String,
}

/// What the events of a session give.
pub(super) struct Transcript {
    pub(super) entries: Vec<TranscriptEntry>,
    pub(super) left_out: usize,
}

/// Events with a section of their own are not repeated; those that only tell of mouse and windows
/// are counted.
pub(super) fn transcript(
    session: &Session,
    public: bool,
    mut clock: impl FnMut(&Event) -> String,
) -> Transcript {
    let mut entries = Vec::new();
    let mut left_out = 0;
    for event in &session.events {
        match event.event_type {
            EventType::SessionNoteAdded => continue,
            EventType::SessionForegroundWindowChanged
            | EventType::SessionMouseLeftClicked
            | EventType::SessionWindowClosed => {
                left_out += 1;
                continue;
            }
            // What representatives say among themselves is not for end users.
            EventType::ChatMessage if public && is_among_representatives(event) => continue,
            _ => {}
        }
        let clock = clock(event);
        entries.push(entry(session, event, clock));
    }
    Transcript { entries, left_out }
}

fn is_among_representatives(event: &Event) -> bool {
    let is_representative = |actor: &Option<Actor>| {
        actor
            .as_ref()
            .is_some_and(|actor| actor.kind == ActorKind::Representative)
    };
    is_representative(&event.performed_by) && is_representative(&event.destination)
}

fn entry(session: &Session, event: &Event, clock: String) -> TranscriptEntry {
    let from = name(session, event.performed_by.as_ref());
    let to = name(
        session,
        event
            .destination
            .as_ref()
            .filter(|actor| actor.kind != ActorKind::Everyone),
    );
    let (filename, filesize) = first_file(event);
    let body = filled(event.body.as_deref());
    let (kind, text) = match &event.event_type {
        EventType::ChatMessage => (EntryKind::Chat, chat(from, to, body)),
        EventType::FileUpload
        | EventType::FileUploadFailed
        | EventType::FileDownload
        | EventType::FileDownloadFailed
        | EventType::FileTransferComplete
        | EventType::FileMoved
        | EventType::FileDeleted
        | EventType::FilesShared => (EntryKind::File, file(event, from, to)),
        EventType::SpecialActionExecuted => {
            let action = filled(event.value("action_name"))
                .or(body)
                .unwrap_or("(unnamed)");
            (
                EntryKind::SpecialAction,
                format!("Special action{}: {action}", by(from)),
            )
        }
        EventType::ConferenceMemberAdded => (
            EntryKind::Member,
            member(event, from, to, "joined the session"),
        ),
        EventType::ConferenceMemberDeparted => (
            EntryKind::Member,
            member(event, from, to, "left the session"),
        ),
        _ => (EntryKind::Other, other(event, from, to, body)),
    };
    TranscriptEntry {
        time: event.timestamp.map(|time| time.to_string()),
        clock,
        kind,
        event_type: event.event_type.as_str().to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
        body: body.map(str::to_owned),
        filename: filename.map(str::to_owned),
        filesize,
        text,
    }
}

fn chat(from: Option<&str>, to: Option<&str>, body: Option<&str>) -> String {
    let speaker = from.unwrap_or("(unknown)");
    let body = body.unwrap_or("(empty)");
    match to {
        Some(to) => format!("{speaker} to {to}: {body}"),
        None => format!("{speaker}: {body}"),
    }
}

fn member(event: &Event, from: Option<&str>, to: Option<&str>, did: &str) -> String {
    let known = to
        .or(from)
        .or_else(|| filled(event.value("name")))
        .or_else(|| filled(event.value("public_name")));
    format!("{} {did}", known.unwrap_or("(unknown)"))
}

fn file(event: &Event, from: Option<&str>, to: Option<&str>) -> String {
    let mut text = format!("{}{}", event.event_type.as_str(), direction(from, to));
    let moved = filled(event.value("old_path")).zip(filled(event.value("new_path")));
    let names: Vec<String> = if let Some((old, new)) = moved {
        vec![format!("{old} → {new}")]
    } else if event.files.is_empty() {
        let (name, size) = first_file(event);
        name.map(|name| sized(name, size)).into_iter().collect()
    } else {
        event
            .files
            .iter()
            .map(|file| sized(&file.filename, file.filesize))
            .collect()
    };
    if names.is_empty() {
        text.push_str(": (unnamed)");
    } else {
        text.push_str(": ");
        text.push_str(&names.join(", "));
    }
    if let Some(digest) = filled(event.value("sha256")) {
        text.push_str(&format!(" [SHA-256 {digest}]"));
    }
    text
}

fn sized(name: &str, size: Option<u64>) -> String {
    match size {
        Some(size) => format!("{name} ({})", bytes_in_words(size)),
        None => name.to_owned(),
    }
}

fn first_file(event: &Event) -> (Option<&str>, Option<u64>) {
    if let Some(file) = event.files.first() {
        return (filled(Some(&file.filename)), file.filesize);
    }
    let name = filled(event.filename.as_deref()).or_else(|| filled(event.value("filename")));
    let size = event.filesize.or_else(|| {
        event
            .value("filesize")
            .and_then(|size| size.trim().parse().ok())
    });
    (name, size)
}

fn other(event: &Event, from: Option<&str>, to: Option<&str>, body: Option<&str>) -> String {
    let name = event.event_type.as_str();
    let name = if name.is_empty() {
        "(unnamed event)"
    } else {
        name
    };
    let mut text = format!("{name}{}", direction(from, to));
    if !tells_details(&event.event_type) {
        return text;
    }
    if let Some(body) = body {
        text.push_str(": ");
        text.push_str(body);
    }
    let values: Vec<String> = event
        .data
        .iter()
        .filter(|value| is_for_people(value))
        .map(|value| format!("{}: {}", value.name, value.value.trim()))
        .collect();
    if !values.is_empty() {
        text.push_str(&format!(" ({})", values.join("; ")));
    }
    text
}

/// Whether an event's details belong on a ticket. Those of credentials and passwords do not, and
/// surveys and system information have texts of their own.
fn tells_details(event_type: &EventType) -> bool {
    !matches!(
        event_type,
        EventType::CredentialInjectionAttempt
            | EventType::CredentialInjectionAttemptFailed
            | EventType::PinnedSessionPasswordModified
            | EventType::CustomerExitSurvey
            | EventType::RepresentativeExitSurvey
            | EventType::SystemInformationRetrieved
    )
}

/// Leaves out what is empty, and links: the appliance's are signed, whoever has one can download.
fn is_for_people(value: &DataValue) -> bool {
    let text = value.value.trim();
    let name = value.name.to_ascii_lowercase();
    let link = name.ends_with("url") || text.contains("/session_download");
    !(text.is_empty() || link)
}

fn name<'a>(session: &'a Session, actor: Option<&'a Actor>) -> Option<&'a str> {
    actor.and_then(|actor| filled(Some(session.name_of(actor))))
}

fn direction(from: Option<&str>, to: Option<&str>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!(" from {from} to {to}"),
        (None, Some(to)) => format!(" to {to}"),
        (from, None) => by(from),
    }
}

fn by(from: Option<&str>) -> String {
    from.map_or_else(String::new, |from| format!(" by {from}"))
}

pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}
