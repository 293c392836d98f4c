//! A session with something of everything, and a tenant that answers for it.

use bomgar_api::reporting::{Event, EventType, Session, parse_session_list};
use integration_core::{
    draft::{Draft, NoteDraft, TimeEntryDraft},
    failure::Failure,
    needs::{Facts, PicklistFact, ResourceFact, RoleFact, TicketFact},
    plan::{Plan, plan},
    profile::Profile,
    template::Templates,
};
use jiff::Timestamp;

pub(crate) const TENANT: i64 = 101;
pub(crate) const LSID: &str = "c69a8e10bea9428f816cfababe9815fe";
pub(crate) const TICKET: i64 = 7017;
/// Two values that no default would hit by chance.
pub(crate) const PUBLIC: i64 = 31;
pub(crate) const INTERNAL: i64 = 47;
pub(crate) const RESOURCE: i64 = 29_682_885;
pub(crate) const ROLE: i64 = 29_683_459;

pub(crate) fn rich_session() -> Session {
    let mut list = parse_session_list(include_bytes!("rich_session.xml")).unwrap();
    assert_eq!(list.sessions.len(), 1);
    list.sessions.remove(0)
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The rich session at another time.
pub(crate) fn session_from_to(start: &str, end: &str) -> Session {
    let mut session = rich_session();
    session.start_time = Some(time(start));
    session.end_time = Some(time(end));
    session
}

pub(crate) fn chat(body: &str) -> Event {
    let mut event = Event::default();
    event.event_type = EventType::ChatMessage;
    event.body = Some(body.to_owned());
    event
}

pub(crate) fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.update_time_entry = true;
    profile.time_entry_default_data.role_name = Some("Support Engineer".to_owned());
    profile.time_entry_default_data.summary_notes = Some("Remote support".to_owned());
    profile.time_entry_default_data.default_domain = Some("@example.com".to_owned());
    profile.business_zone = "America/New_York".to_owned();
    profile
}

pub(crate) fn picklist(value: i64, label: &str, active: bool) -> PicklistFact {
    PicklistFact {
        value,
        label: label.to_owned(),
        active,
    }
}

pub(crate) fn facts() -> Facts {
    Facts {
        ticket: Some(TicketFact {
            id: TICKET,
            number: "T20261124.0007".to_owned(),
            title: "Outlook crashes".to_owned(),
            account_id: Some(12),
            assigned_resource_id: Some(RESOURCE),
            assigned_role_id: Some(ROLE),
        }),
        note_types: vec![
            picklist(1, "Task Summary", true),
            picklist(2, "Task Detail", true),
            picklist(3, "Old notes", false),
        ],
        publish: vec![
            picklist(PUBLIC, "All Autotask Users", true),
            picklist(INTERNAL, "Internal users only", true),
            picklist(99, "Nobody", false),
        ],
        resources: vec![resource(RESOURCE, true)],
        roles: vec![role(ROLE, true)],
        held_role_ids: vec![5, ROLE],
    }
}

pub(crate) fn resource(id: i64, active: bool) -> ResourceFact {
    ResourceFact {
        id,
        name: "Jane Tech".to_owned(),
        active,
    }
}

pub(crate) fn role(id: i64, active: bool) -> RoleFact {
    RoleFact {
        id,
        name: "Support Engineer".to_owned(),
        active,
    }
}

pub(crate) fn planned(
    session: &Session,
    profile: &Profile,
    facts: &Facts,
) -> Result<Plan, Failure> {
    plan(TENANT, session, profile, &Templates::built_in(), facts)
}

pub(crate) fn notes(plan: &Plan) -> Vec<&NoteDraft> {
    plan.steps
        .iter()
        .filter_map(|step| match &step.draft {
            Draft::Note(note) => Some(note),
            _ => None,
        })
        .collect()
}

pub(crate) fn only_note(plan: &Plan) -> &NoteDraft {
    let notes = notes(plan);
    assert_eq!(notes.len(), 1);
    notes[0]
}

pub(crate) fn time_entries(plan: &Plan) -> Vec<&TimeEntryDraft> {
    plan.steps
        .iter()
        .filter_map(|step| match &step.draft {
            Draft::TimeEntry(entry) => Some(entry),
            _ => None,
        })
        .collect()
}

pub(crate) fn only_time_entry(plan: &Plan) -> &TimeEntryDraft {
    let entries = time_entries(plan);
    assert_eq!(entries.len(), 1, "{:?}", plan.problems);
    entries[0]
}
