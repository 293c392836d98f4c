//! The texts of notes: Handlebars templates over a documented [view](ReportView) of the session.
//!
//! Notes are plain text, so nothing is escaped: `{{x}}` and `{{{x}}}` give the same. Names are
//! strict: a template that uses a name which the view does not have fails, in `{{#if}}` as well.
//! Every member of the view is always there; what a session does not tell is empty.
//!
//! | Template | Gives |
//! |---|---|
//! | `session_report` | the note's text |
//! | `note_title` | the note's title, put on one line |
//!
//! Besides those of Handlebars (`if`, `unless`, `each`, `with`, `lookup`, `eq`, `ne`, `gt`, `lt`,
//! `and`, `or`, `not`, `len`, …) there are these helpers:
//!
//! | Helper | Gives |
//! |---|---|
//! | `{{local_time t "%H:%M"}}` | the time `t` in the business zone; without a format `2026-11-24 14:03:00` |
//! | `{{duration s}}` | seconds as `1:02:03` |
//! | `{{file_size b}}` | bytes as `640 bytes`, `1.5 KB`, `12.0 MB` |
//! | `{{indent text 4}}` | every line but the first moved right by so many blanks |
//!
//! A helper gives an empty text for an empty value. Partials (`{{> …}}`) are not supported, and a
//! replaced template may give 32 MB at most.

mod engine;
mod events;
mod helpers;
mod system_information;
mod view;

pub use events::{EntryKind, TranscriptEntry};
pub use view::{
    AttributeView, NoteEntry, PersonView, ReportView, SessionView, SystemFieldView, SystemSection,
    TicketView,
};

use crate::failure::{Failure, FailureClass};
use engine::{Engine, why};
use handlebars::Context;
use std::{fmt, str::FromStr};

/// The templates there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TemplateName {
    /// `session_report`
    SessionReport,
    /// `note_title`
    NoteTitle,
}

impl TemplateName {
    /// Every name this version knows.
    pub const ALL: [TemplateName; 2] = [TemplateName::SessionReport, TemplateName::NoteTitle];

    /// The name; a file has `.hbs` behind it.
    pub fn as_str(self) -> &'static str {
        match self {
            TemplateName::SessionReport => "session_report",
            TemplateName::NoteTitle => "note_title",
        }
    }

    /// The source of the built-in template, a good start for one's own.
    pub fn built_in_source(self) -> &'static str {
        match self {
            TemplateName::SessionReport => include_str!("template/session_report.hbs"),
            TemplateName::NoteTitle => include_str!("template/note_title.hbs"),
        }
    }
}

impl fmt::Display for TemplateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TemplateName {
    type Err = TemplateError;

    /// Reads a name, with or without `.hbs`.
    fn from_str(name: &str) -> Result<Self, TemplateError> {
        let bare = name.strip_suffix(".hbs").unwrap_or(name);
        TemplateName::ALL
            .into_iter()
            .find(|known| known.as_str() == bare)
            .ok_or_else(|| {
                let known: Vec<&str> = TemplateName::ALL.iter().map(|name| name.as_str()).collect();
                TemplateError(format!(
                    "there is no template named {bare:?}; the names are: {}",
                    known.join(", ")
                ))
            })
    }
}

/// A template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError(String);

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TemplateError {}

/// A rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rendered {
    /// The text. It is customer text: keep it out of logs.
    pub text: String,
    /// What an administrator should hear, for instance that a template of his failed and the
    /// built-in one was used instead. Without customer text.
    pub alerts: Vec<String>,
}

/// The built-in templates and those that replace them.
///
/// ```
/// use integration_core::template::{TemplateName, Templates};
///
/// let mut templates = Templates::built_in();
/// templates.set(TemplateName::NoteTitle, "Support for {{customer.name}}")?;
///
/// let error = templates.set(TemplateName::NoteTitle, "Support for {{customer.name").unwrap_err();
/// assert!(error.to_string().contains("note_title"));
/// # Ok::<(), integration_core::template::TemplateError>(())
/// ```
pub struct Templates {
    session_report: Slot,
    note_title: Slot,
}

struct Slot {
    built_in: Result<Engine, TemplateError>,
    custom: Option<Engine>,
}

/// A view as the engine reads it: made once, for all templates of one note.
pub(crate) struct ViewContext(Context);

pub(crate) fn context(view: &ReportView) -> Result<ViewContext, Failure> {
    let context = Context::wraps(view).map_err(|error| {
        Failure::new(
            FailureClass::Bug,
            format!("the view of the session cannot be made: {}", why(&error)),
            "tell the authors",
        )
    })?;
    Ok(ViewContext(context))
}

impl Templates {
    /// The built-in templates alone.
    pub fn built_in() -> Self {
        let slot = |name: TemplateName| Slot {
            built_in: Engine::built_in(name),
            custom: None,
        };
        Templates {
            session_report: slot(TemplateName::SessionReport),
            note_title: slot(TemplateName::NoteTitle),
        }
    }

    /// Replaces a built-in template.
    ///
    /// # Errors
    /// When `source` does not compile; the template in use stays as it was. A name that the view
    /// does not have is found only when the template is rendered.
    pub fn set(&mut self, name: TemplateName, source: &str) -> Result<(), TemplateError> {
        self.slot_mut(name).custom = Some(Engine::custom(name, source)?);
        Ok(())
    }

    /// Goes back to the built-in template.
    pub fn reset(&mut self, name: TemplateName) {
        self.slot_mut(name).custom = None;
    }

    /// Renders a template. If a replaced one fails or gives only white space, the built-in one is
    /// used and [`Rendered::alerts`] says so.
    ///
    /// # Errors
    /// A [`Bug`](FailureClass::Bug) failure if the built-in template fails.
    pub fn render(&self, name: TemplateName, view: &ReportView) -> Result<Rendered, Failure> {
        self.render_in(name, &context(view)?)
    }

    pub(crate) fn render_in(
        &self,
        name: TemplateName,
        ViewContext(context): &ViewContext,
    ) -> Result<Rendered, Failure> {
        let slot = self.slot(name);
        let mut alerts = Vec::new();
        if let Some(custom) = &slot.custom {
            match custom.render(context) {
                Ok(text) if !text.trim().is_empty() => return Ok(Rendered { text, alerts }),
                Ok(_) => alerts.push(fallen_back(name, "it gave an empty text")),
                Err(error) => alerts.push(fallen_back(name, &why(&error))),
            }
        }
        let built_in = slot
            .built_in
            .as_ref()
            .map_err(|error| bug(name, &error.0))?;
        let text = built_in
            .render(context)
            .map_err(|error| bug(name, &why(&error)))?;
        Ok(Rendered { text, alerts })
    }

    fn slot(&self, name: TemplateName) -> &Slot {
        match name {
            TemplateName::SessionReport => &self.session_report,
            TemplateName::NoteTitle => &self.note_title,
        }
    }

    fn slot_mut(&mut self, name: TemplateName) -> &mut Slot {
        match name {
            TemplateName::SessionReport => &mut self.session_report,
            TemplateName::NoteTitle => &mut self.note_title,
        }
    }
}

impl Default for Templates {
    fn default() -> Self {
        Templates::built_in()
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let replaced: Vec<TemplateName> = TemplateName::ALL
            .into_iter()
            .filter(|name| self.slot(*name).custom.is_some())
            .collect();
        f.debug_struct("Templates")
            .field("replaced", &replaced)
            .finish()
    }
}

fn fallen_back(name: TemplateName, why: &str) -> String {
    format!("your template {name} was not used: {why}; the built-in one was used instead")
}

fn bug(name: TemplateName, why: &str) -> Failure {
    Failure::new(
        FailureClass::Bug,
        format!("the built-in template {name} failed: {why}"),
        "tell the authors",
    )
}

#[cfg(test)]
mod tests;
