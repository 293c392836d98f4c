//! What to write where, and why.

use crate::{
    draft::Draft,
    effect::EffectKey,
    failure::{Failure, FailureClass},
    needs::{Facts, PicklistFact, TicketFact},
    note::{self, NotePolicy},
    profile::{Profile, same_label},
    subject::Subject,
    template::{ReportView, Templates},
    time_entry::{self, Booking},
};
use bomgar_api::reporting::Session;
use serde::{Deserialize, Serialize};

/// Everything one trigger leads to, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The writes, in the order in which they are made.
    pub steps: Vec<Step>,
    /// One sentence for each decision, for people. Without customer text.
    pub explanations: Vec<String>,
    /// What an administrator should hear although the plan is good, such as a template that failed
    /// and was replaced by the built-in one. Without customer text.
    #[serde(default)]
    pub alerts: Vec<String>,
    /// Why the time entry could not be planned. The steps are good all the same: make them, then
    /// report these, unless a time entry was written earlier.
    #[serde(default)]
    pub problems: Vec<Failure>,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its identity for ever.
    pub key: EffectKey,
    /// The record to create; the marker is in it already.
    pub draft: Draft,
}

/// Decides what an ended session leads to: one note (in several parts if it is long) and, if the
/// profile asks for it, one time entry for the primary representative.
///
/// The result depends on the arguments alone. `tenant` is the tenant's database number; `facts` are
/// the desk's answers to [`needs`](crate::needs::needs). What keeps only the time entry from being
/// made is in [`Plan::problems`], so that the note is not lost.
///
/// # Errors
/// Then nothing is to be written:
///
/// * [`Transient`](FailureClass::Transient): the session has no end time yet.
/// * [`Config`](FailureClass::Config): the profile has mistakes, the note type is not an active
///   value of the tenant, or one of the publish labels does not name exactly one active value.
/// * [`Data`](FailureClass::Data): the external key names no ticket, or there is no such ticket.
pub fn plan(
    tenant: i64,
    session: &Session,
    profile: &Profile,
    templates: &Templates,
    facts: &Facts,
) -> Result<Plan, Failure> {
    let subject = Subject::of(session, profile)?;
    let lsid = &session.lsid;
    let ticket = ticket(&subject, facts)?;
    let policy = note_policy(lsid, profile, facts)?;

    let mut plan = Plan::default();
    plan.explanations.push(format!(
        "ticket {} ({}) because it is the id in the session's external key",
        ticket.id, ticket.number
    ));
    let view = ReportView::new(session, ticket, profile)?;
    let notes = note::notes(tenant, &subject, &policy, templates, &view)?;
    plan.explanations.extend(policy.explanations);
    plan.explanations.extend(notes.explanations);
    plan.alerts.extend(notes.alerts);
    plan.steps.extend(notes.steps);

    match time_entry::booking(&subject, profile) {
        Booking::NotWanted(reason) => plan.explanations.push(reason),
        Booking::Impossible(failure) => plan.problems.push(failure),
        Booking::Wanted(candidate) => {
            match time_entry::step(tenant, &subject, candidate, ticket, facts) {
                Ok((step, explanations)) => {
                    plan.steps.push(step);
                    plan.explanations.extend(explanations);
                }
                Err(failure) => plan.problems.push(failure),
            }
        }
    }
    Ok(plan)
}

fn ticket<'f>(subject: &Subject<'_>, facts: &'f Facts) -> Result<&'f TicketFact, Failure> {
    let lsid = &subject.session.lsid;
    let wanted = subject.ticket_id;
    match &facts.ticket {
        Some(ticket) if ticket.id == wanted => Ok(ticket),
        Some(ticket) => Err(Failure::new(
            FailureClass::Bug,
            format!(
                "session {lsid}: ticket {wanted} was asked for, ticket {} came",
                ticket.id
            ),
            "tell the authors",
        )),
        None => Err(Failure::new(
            FailureClass::Data,
            format!("session {lsid}: there is no ticket with the id {wanted}"),
            "assign an existing ticket to this session; if the ticket exists, give the Autotask \
             API user the right to view it",
        )),
    }
}

fn note_policy(lsid: &str, profile: &Profile, facts: &Facts) -> Result<NotePolicy, Failure> {
    let value = profile.note_type;
    let Some(note_type) = facts.note_types.iter().find(|fact| fact.value == value) else {
        return Err(no_note(
            lsid,
            format!("note_type {value} is not a value of this tenant"),
            format!("set note_type to one of: {}", active(&facts.note_types)),
        ));
    };
    if !note_type.active {
        return Err(no_note(
            lsid,
            format!(
                "note_type {value} (\"{}\") is inactive in this tenant",
                note_type.label
            ),
            format!("set note_type to one of: {}", active(&facts.note_types)),
        ));
    }

    // Both are resolved whichever is used: a label that went wrong must not wait until the setting
    // is switched.
    let public = publish_value(
        lsid,
        "publish_public_label",
        &profile.publish_public_label,
        facts,
    )?;
    let internal = publish_value(
        lsid,
        "publish_internal_label",
        &profile.publish_internal_label,
        facts,
    )?;
    if public.value == internal.value {
        return Err(no_note(
            lsid,
            format!("both publish labels name the value {}", public.value),
            format!("give two different labels of: {}", active(&facts.publish)),
        ));
    }
    let (publish, setting) = if profile.publish_notes_as_public {
        (public, "on")
    } else {
        (internal, "off")
    };
    Ok(NotePolicy {
        note_type: value,
        publish: publish.value,
        explanations: vec![
            format!("note type {value} (\"{}\") by note_type", note_type.label),
            format!(
                "publish {} (\"{}\") because publish_notes_as_public is {setting}",
                publish.value, publish.label
            ),
        ],
    })
}

fn publish_value<'f>(
    lsid: &str,
    setting: &str,
    label: &str,
    facts: &'f Facts,
) -> Result<&'f PicklistFact, Failure> {
    let matching: Vec<&PicklistFact> = facts
        .publish
        .iter()
        .filter(|fact| same_label(&fact.label, label))
        .collect();
    let live: Vec<&PicklistFact> = matching
        .iter()
        .copied()
        .filter(|fact| fact.active)
        .collect();
    match live.as_slice() {
        [only] => Ok(only),
        [] => Err(no_note(
            lsid,
            format!(
                "{setting} \"{}\" is {} of TicketNote.Publish in this tenant",
                label.trim(),
                if matching.is_empty() {
                    "no label"
                } else {
                    "the label of an inactive value"
                }
            ),
            format!("set {setting} to one of: {}", active(&facts.publish)),
        )),
        several => Err(no_note(
            lsid,
            format!(
                "{setting} \"{}\" is the label of {} active values of TicketNote.Publish",
                label.trim(),
                several.len()
            ),
            "give the values different labels in Autotask".to_owned(),
        )),
    }
}

fn no_note(lsid: &str, what: String, hint: String) -> Failure {
    Failure::new(
        FailureClass::Config,
        format!("session {lsid}: nothing is written, because {what}"),
        hint,
    )
}

fn active(values: &[PicklistFact]) -> String {
    let list: Vec<String> = values
        .iter()
        .filter(|fact| fact.active)
        .map(|fact| format!("{} \"{}\"", fact.value, fact.label))
        .collect();
    if list.is_empty() {
        "(the tenant shows no active values; check the API user's rights)".to_owned()
    } else {
        list.join(", ")
    }
}
