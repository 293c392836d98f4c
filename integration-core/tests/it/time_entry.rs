//! The time entry, and what keeps it from being made without costing the note.

use crate::fixtures::*;
use bomgar_api::reporting::{PersonRef, Session};
use integration_core::{
    failure::{Failure, FailureClass},
    needs::{Facts, needs},
    profile::Profile,
};

/// The note is planned, the time entry is not, and this is why.
fn problem(session: &Session, profile: &Profile, facts: &Facts) -> Failure {
    let mut plan = planned(session, profile, facts).unwrap();
    only_note(&plan);
    assert_eq!(time_entries(&plan).len(), 0);
    assert_eq!(plan.problems.len(), 1, "{:?}", plan.problems);
    let failure = plan.problems.remove(0);
    assert!(failure.message.contains(&session.lsid), "{failure}");
    failure
}

#[test]
fn c117_the_time_entry_has_the_sessions_own_times() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let entry = only_time_entry(&plan);
    assert_eq!(entry.start, time("2026-11-24T14:03:00Z"));
    assert_eq!(entry.end, time("2026-11-24T14:21:30Z"));
    assert_eq!(entry.duration().as_secs(), 1110);
    assert_eq!(entry.date_worked.to_string(), "2026-11-24");
    assert_eq!((entry.resource_id, entry.role_id), (RESOURCE, ROLE));
}

#[test]
fn c093_no_time_entry_unless_it_is_wanted() {
    let mut profile = profile();
    profile.update_time_entry = false;
    let plan = planned(&rich_session(), &profile, &facts()).unwrap();
    assert_eq!(time_entries(&plan).len(), 0);
    assert_eq!(plan.problems, []);
    let last = plan.explanations.last().unwrap();
    assert_eq!(last, "no time entry because update_time_entry is off");
}

#[test]
fn c097_the_summary_is_the_setting_and_nothing_else() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let entry = only_time_entry(&plan);
    assert_eq!(entry.summary_notes, "Remote support");
    for leaked in ["Outlook", "Alex", "Hello"] {
        assert!(
            !entry.internal_notes.contains(leaked),
            "{}",
            entry.internal_notes
        );
    }
}

#[test]
fn the_internal_notes_name_session_and_representative() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let lines: Vec<&str> = only_time_entry(&plan).internal_notes.lines().collect();
    assert_eq!(lines[0], format!("Remote support session {LSID} by jtech"));
    assert_eq!(lines.len(), 2);
}

#[test]
fn c098_the_address_is_user_name_and_domain() {
    let address = |username: &str, domain: Option<&str>| {
        let mut session = rich_session();
        session.representatives[0].username = username.to_owned();
        let mut profile = profile();
        profile.time_entry_default_data.default_domain = domain.map(str::to_owned);
        needs(&session, &profile).unwrap().resource_email
    };
    assert_eq!(
        address("jtech", Some("example.com")).unwrap(),
        "jtech@example.com"
    );
    assert_eq!(
        address("jtech", Some("@example.com")).unwrap(),
        "jtech@example.com"
    );
    assert_eq!(
        address("jane@other.org", Some("example.com")).unwrap(),
        "jane@other.org"
    );
    assert_eq!(address("jane@other.org", None).unwrap(), "jane@other.org");
    assert_eq!(address("jtech", None), None);
    assert_eq!(address("", Some("example.com")), None);
}

#[test]
fn c098_without_a_domain_a_plain_user_name_is_a_matter_of_configuration() {
    let mut profile = profile();
    profile.time_entry_default_data.default_domain = None;
    let failure = problem(&rich_session(), &profile, &facts());
    assert_eq!(failure.class, FailureClass::Config);
    assert!(failure.message.contains("jtech"), "{failure}");
    assert!(failure.hint.contains("defaultDomain"), "{failure}");
}

#[test]
fn c098_a_representative_without_a_resource_is_named() {
    for (resources, word) in [
        (vec![], "no Autotask resource"),
        (vec![resource(1, false)], "inactive"),
        (vec![resource(1, true), resource(2, true)], "several active"),
    ] {
        let mut facts = facts();
        facts.resources = resources;
        let failure = problem(&rich_session(), &profile(), &facts);
        assert_eq!(failure.class, FailureClass::Data);
        assert!(failure.message.contains("jtech@example.com"), "{failure}");
        assert!(failure.message.contains(word), "{failure}");
    }
}

#[test]
fn c098_somebody_who_left_does_not_stand_in_the_way_of_the_successor() {
    let mut facts = facts();
    facts.resources.insert(0, resource(1, false));
    let plan = planned(&rich_session(), &profile(), &facts).unwrap();
    assert_eq!(only_time_entry(&plan).resource_id, RESOURCE);
}

#[test]
fn c096_the_role_must_be_one_active_role() {
    for (roles, word) in [
        (vec![], "no Autotask role"),
        (vec![role(ROLE, false)], "inactive"),
        (vec![role(ROLE, true), role(7, true)], "several active"),
    ] {
        let mut facts = facts();
        facts.roles = roles;
        let failure = problem(&rich_session(), &profile(), &facts);
        assert_eq!(failure.class, FailureClass::Config);
        assert!(
            failure.message.contains("\"Support Engineer\""),
            "{failure}"
        );
        assert!(failure.message.contains(word), "{failure}");
    }
}

#[test]
fn c096_the_role_must_be_held_by_the_resource() {
    let mut facts = facts();
    facts.held_role_ids = vec![5];
    let failure = problem(&rich_session(), &profile(), &facts);
    assert_eq!(failure.class, FailureClass::Data);
    for named in [
        "jtech@example.com",
        "29682885",
        "29683459",
        "Support Engineer",
    ] {
        assert!(failure.message.contains(named), "{failure}");
    }
}

#[test]
fn a_role_other_than_the_tickets_is_pointed_out() {
    let mut facts = facts();
    facts.ticket.as_mut().unwrap().assigned_role_id = Some(5);
    let plan = planned(&rich_session(), &profile(), &facts).unwrap();
    only_time_entry(&plan);
    assert!(plan.explanations.iter().any(|text| text.contains("role 5")));
}

#[test]
fn a_session_without_length_or_of_a_day_is_not_booked() {
    for (start, end, word) in [
        ("2026-11-24T14:03:00Z", "2026-11-24T14:03:00Z", "no length"),
        ("2026-11-24T14:03:01Z", "2026-11-24T14:03:00Z", "no length"),
        ("2026-11-24T14:03:00Z", "2026-11-25T14:03:00Z", "24 hours"),
    ] {
        let failure = problem(&session_from_to(start, end), &profile(), &facts());
        assert_eq!(failure.class, FailureClass::Data);
        assert!(failure.message.contains(word), "{failure}");
    }
    let longest = session_from_to("2026-11-24T14:03:00Z", "2026-11-25T14:02:59Z");
    only_time_entry(&planned(&longest, &profile(), &facts()).unwrap());
}

#[test]
fn a_session_without_a_start_is_not_booked() {
    let mut session = rich_session();
    session.start_time = None;
    assert!(
        problem(&session, &profile(), &facts())
            .message
            .contains("no start time")
    );
}

#[test]
fn the_day_is_that_of_the_business_zone() {
    // 21:30 in New York, but the next day already in UTC.
    let late = session_from_to("2026-11-25T02:30:00Z", "2026-11-25T03:00:00Z");
    let mut profile = profile();
    let plan = planned(&late, &profile, &facts()).unwrap();
    assert_eq!(only_time_entry(&plan).date_worked.to_string(), "2026-11-24");
    assert_eq!(plan.steps[1].key.part, "2.2026-11-24");
    profile.business_zone = "UTC".to_owned();
    let plan = planned(&late, &profile, &facts()).unwrap();
    assert_eq!(only_time_entry(&plan).date_worked.to_string(), "2026-11-25");
}

#[test]
fn crossing_midnight_is_allowed_and_pointed_out() {
    // 23:50 to 00:20 in New York.
    let session = session_from_to("2026-11-25T04:50:00Z", "2026-11-25T05:20:00Z");
    let plan = planned(&session, &profile(), &facts()).unwrap();
    assert_eq!(only_time_entry(&plan).date_worked.to_string(), "2026-11-24");
    assert_eq!(only_time_entry(&plan).duration().as_secs(), 1800);
    assert!(
        plan.explanations
            .iter()
            .any(|text| text.contains("crosses midnight"))
    );
}

#[test]
fn the_hour_that_occurs_twice_keeps_its_length() {
    // 01:30 EDT to 01:15 EST on the night the clocks go back: 45 minutes.
    let session = session_from_to("2026-11-01T05:30:00Z", "2026-11-01T06:15:00Z");
    let plan = planned(&session, &profile(), &facts()).unwrap();
    assert_eq!(only_time_entry(&plan).duration().as_secs(), 2700);
}

#[test]
fn c117_a_session_that_nobody_joined_is_not_booked() {
    let mut session = rich_session();
    session.primary_rep = None;
    session.representatives.clear();
    let plan = planned(&session, &profile(), &facts()).unwrap();
    assert_eq!(plan.problems, []);
    assert_eq!(time_entries(&plan).len(), 0);
    assert!(
        plan.explanations
            .last()
            .unwrap()
            .contains("no representative took part")
    );
}

#[test]
fn c117_nobody_elses_time_is_booked_when_the_primary_representative_is_not_listed() {
    let mut session = rich_session();
    session.primary_rep = Some(PersonRef::new("9", "Somebody Else"));
    let failure = problem(&session, &profile(), &facts());
    assert_eq!(failure.class, FailureClass::Data);
    assert!(failure.message.contains("does not list"), "{failure}");
}

#[test]
fn c117_the_flag_in_the_list_names_the_primary_representative_too() {
    let mut session = rich_session();
    session.primary_rep = None;
    let mut other = session.representatives[0].clone();
    other.gsnumber = "3".to_owned();
    other.username = "helper".to_owned();
    other.primary = false;
    other.session_owner = false;
    session.representatives.insert(0, other.clone());
    assert_eq!(
        needs(&session, &profile())
            .unwrap()
            .resource_email
            .as_deref(),
        Some("jtech@example.com")
    );
    // With nothing that names anybody there is no guess.
    session.representatives = vec![other.clone(), other];
    assert!(
        problem(&session, &profile(), &facts())
            .message
            .contains("does not say who")
    );
}
