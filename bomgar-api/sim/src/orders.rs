//! Orders of `/_sim/` about the simulator itself, in JSON: recipients, events, teams, settings.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::archive::ArchiveErrors;
use crate::error::SimError;
use crate::limits::RateLimit;
use crate::outbound::{EventForm, RecipientSpec};
use crate::people::Team;
use crate::report::EmptyReport;
use crate::sim::BomgarSim;
use crate::state::{Denial, ErrorForm, Namespace};

pub(crate) fn wrong(text: impl ToString) -> SimError {
    SimError::ControlRequest(text.to_string())
}

pub(crate) fn parsed<'a, T: Deserialize<'a>>(body: &'a Value) -> Result<T, SimError> {
    T::deserialize(body).map_err(wrong)
}

fn seconds(name: &str, seconds: f64) -> Result<Duration, SimError> {
    Duration::try_from_secs_f64(seconds).map_err(|error| wrong(format!("{name}: {error}")))
}

/// A recipient as `POST /_sim/recipients` describes it.
pub(crate) fn recipient(body: &Value) -> Result<RecipientSpec, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        url: String,
        retry_seconds: Option<f64>,
        give_up_seconds: Option<f64>,
        answer_timeout_seconds: Option<f64>,
        events: Option<Vec<String>>,
        #[serde(default)]
        custom_fields: bool,
        ca_pem: Option<String>,
    }
    let fields: Fields = parsed(body)?;
    let mut spec = RecipientSpec::new(fields.url).retry_interval(seconds(
        "retry_seconds",
        fields.retry_seconds.unwrap_or(5.0),
    )?);
    if let Some(age) = fields.give_up_seconds {
        spec = spec.give_up_after(seconds("give_up_seconds", age)?);
    }
    if let Some(timeout) = fields.answer_timeout_seconds {
        spec = spec.answer_timeout(seconds("answer_timeout_seconds", timeout)?);
    }
    if let Some(events) = fields.events {
        spec = spec.events(events);
    }
    if fields.custom_fields {
        spec = spec.custom_fields();
    }
    match fields.ca_pem {
        Some(pem) => spec.ca_pem(pem),
        None => Ok(spec),
    }
}

/// An event of the caller's own making, and for whom.
pub(crate) fn event(body: &Value) -> Result<(String, EventForm), SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        url: String,
        event: String,
        #[serde(default)]
        fields: BTreeMap<String, String>,
    }
    let fields: Fields = parsed(body)?;
    let mut form = EventForm::new(fields.event);
    for (name, value) in fields.fields {
        form = form.field(name, value);
    }
    Ok((fields.url, form))
}

pub(crate) fn team(body: &Value) -> Result<Team, SimError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Fields {
        id: u32,
        name: String,
        #[serde(default)]
        members: Vec<u32>,
        #[serde(default)]
        issues: BTreeMap<String, String>,
        #[serde(default)]
        embassy: bool,
    }
    let fields: Fields = parsed(body)?;
    let mut team = Team::new(fields.id, fields.name);
    for (code_name, title) in fields.issues {
        team = team.issue(code_name, title);
    }
    for member in fields.members {
        team = team.member(member);
    }
    if fields.embassy {
        team = team.embassy();
    }
    Ok(team)
}

/// Settings to be changed; what is `None` stays.
pub(crate) struct Settings {
    namespace: Option<Namespace>,
    denial: Option<Denial>,
    scrambled: Option<bool>,
    file_elements: Option<bool>,
    empty_report: Option<EmptyReport>,
    cdata: Option<bool>,
    archive_errors: Option<ArchiveErrors>,
    error_form: Option<ErrorForm>,
    report_delay: Option<Duration>,
    rate_limit: Option<Option<RateLimit>>,
}

impl Settings {
    pub(crate) fn parse(body: &Value) -> Result<Self, SimError> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Limits {
            per_second: u32,
            per_hour: u32,
        }
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Fields {
            namespace: Option<String>,
            denial: Option<String>,
            scrambled: Option<bool>,
            file_elements: Option<bool>,
            empty_report: Option<String>,
            empty_report_text: Option<String>,
            cdata: Option<bool>,
            archive_errors: Option<String>,
            error_form: Option<String>,
            report_delay_seconds: Option<f64>,
            rate_limit: Option<Limits>,
        }
        let fields: Fields = parsed(body)?;
        let namespace = match fields.namespace.as_deref() {
            None => None,
            Some("bomgar") => Some(Namespace::Bomgar),
            Some("beyondtrust") => Some(Namespace::BeyondTrust),
            Some("sra") => Some(Namespace::Sra),
            Some("none") => Some(Namespace::None),
            Some(_) => return Err(wrong("namespace is bomgar, beyondtrust, sra or none")),
        };
        let denial = match fields.denial.as_deref() {
            None => None,
            Some("xml_error") => Some(Denial::XmlError),
            Some("forbidden_403") => Some(Denial::Forbidden403),
            Some(_) => return Err(wrong("denial is xml_error or forbidden_403")),
        };
        let empty_report = match (fields.empty_report.as_deref(), fields.empty_report_text) {
            (None, None) => None,
            (None, Some(text)) => Some(EmptyReport::Text(text)),
            (Some("english"), None) => Some(EmptyReport::English),
            (Some("french"), None) => Some(EmptyReport::French),
            (Some("root"), None) => Some(EmptyReport::Root),
            (Some(_), None) => return Err(wrong("empty_report is english, french or root")),
            (Some(_), Some(_)) => {
                return Err(wrong("either empty_report or empty_report_text, not both"));
            }
        };
        let archive_errors = match fields.archive_errors.as_deref() {
            None => None,
            Some("plain") => Some(ArchiveErrors::Plain),
            Some("gzip") => Some(ArchiveErrors::Gzip),
            Some(_) => return Err(wrong("archive_errors is plain or gzip")),
        };
        let error_form = match fields.error_form.as_deref() {
            None => None,
            Some("root") => Some(ErrorForm::Root),
            Some("spaced_root") => Some(ErrorForm::SpacedRoot),
            Some("inner") => Some(ErrorForm::Inner),
            Some(_) => return Err(wrong("error_form is root, spaced_root or inner")),
        };
        let report_delay = fields
            .report_delay_seconds
            .map(|delay| seconds("report_delay_seconds", delay))
            .transpose()?;
        // No calls at all would be no limit but a closed door, so zero means that there is none.
        let rate_limit = fields.rate_limit.map(|limits| {
            (limits.per_second > 0 && limits.per_hour > 0)
                .then(|| RateLimit::new(limits.per_second, limits.per_hour))
        });
        Ok(Self {
            namespace,
            denial,
            scrambled: fields.scrambled,
            file_elements: fields.file_elements,
            empty_report,
            cdata: fields.cdata,
            archive_errors,
            error_form,
            report_delay,
            rate_limit,
        })
    }

    pub(crate) fn apply(self, sim: &BomgarSim) {
        if let Some(namespace) = self.namespace {
            sim.set_namespace(namespace);
        }
        if let Some(denial) = self.denial {
            sim.set_denial(denial);
        }
        if let Some(scrambled) = self.scrambled {
            sim.set_scrambled(scrambled);
        }
        if let Some(elements) = self.file_elements {
            sim.set_file_elements(elements);
        }
        if let Some(empty) = self.empty_report {
            sim.set_empty_report(empty);
        }
        if let Some(cdata) = self.cdata {
            sim.set_cdata(cdata);
        }
        if let Some(errors) = self.archive_errors {
            sim.set_archive_errors(errors);
        }
        if let Some(form) = self.error_form {
            sim.set_error_form(form);
        }
        if let Some(delay) = self.report_delay {
            sim.set_report_delay(delay);
        }
        if let Some(limit) = self.rate_limit {
            sim.set_rate_limit(limit);
        }
    }
}
