//! The session note.

use crate::{
    draft::{Draft, NoteDraft},
    effect::{EffectKey, EffectKind, Marker},
    failure::Failure,
    plan::Step,
    subject::Subject,
    template::{self, ReportView, TemplateName, Templates},
    text::{clean, ellipsis, one_line, split, utf16_len},
};

/// Autotask's limit for `TicketNote.Title`, in UTF-16 units.
const TITLE_LIMIT: usize = 250;
/// Autotask's limit for `TicketNote.Description`, in UTF-16 units.
const DESCRIPTION_LIMIT: usize = 32_000;
/// Stands between the text and the marker.
const BEFORE_MARKER: &str = "\n\n";

/// How the tenant wants session notes.
pub(crate) struct NotePolicy {
    pub(crate) note_type: i64,
    pub(crate) publish: i64,
    pub(crate) explanations: Vec<String>,
}

pub(crate) struct Notes {
    pub(crate) steps: Vec<Step>,
    pub(crate) explanations: Vec<String>,
    pub(crate) alerts: Vec<String>,
}

/// The session report as one note, or as several when it is longer than a note can be.
pub(crate) fn notes(
    tenant: i64,
    subject: &Subject<'_>,
    policy: &NotePolicy,
    templates: &Templates,
    view: &ReportView,
) -> Result<Notes, Failure> {
    let context = template::context(view)?;
    let title = templates.render_in(TemplateName::NoteTitle, &context)?;
    let report = templates.render_in(TemplateName::SessionReport, &context)?;
    let mut explanations = Vec::new();
    let mut alerts = title.alerts;
    alerts.extend(report.alerts);

    let title = one_line(&clean(&title.text));
    let text = clean(report.text.trim_end());
    let parts = split(&text, DESCRIPTION_LIMIT - BEFORE_MARKER.len() - Marker::LEN);
    let count = parts.len();
    if count > 1 {
        explanations.push(format!(
            "the note is split into {count} parts, because its text is {} characters long and a \
             note holds {DESCRIPTION_LIMIT}",
            utf16_len(&text)
        ));
    }
    let steps: Vec<Step> = parts
        .iter()
        .zip(1..)
        .map(|(part, number)| {
            let key = EffectKey {
                tenant,
                lsid: subject.session.lsid.clone(),
                kind: EffectKind::Note,
                part: number.to_string(),
            };
            let suffix = if count > 1 {
                format!(" (part {number} of {count})")
            } else {
                String::new()
            };
            let head = ellipsis(&title, TITLE_LIMIT - suffix.len());
            let text = part.trim_end_matches('\n');
            let marker = key.marker();
            let draft = Draft::Note(NoteDraft {
                ticket_id: subject.ticket_id,
                title: format!("{head}{suffix}"),
                description: format!("{text}{BEFORE_MARKER}{marker}"),
                note_type: policy.note_type,
                publish: policy.publish,
            });
            Step { key, draft }
        })
        .collect();
    if utf16_len(&title) > TITLE_LIMIT {
        explanations.push(format!(
            "the note's title is shortened, because it is {} characters long and a title holds \
             {TITLE_LIMIT}",
            utf16_len(&title)
        ));
    }
    Ok(Notes {
        steps,
        explanations,
        alerts,
    })
}
