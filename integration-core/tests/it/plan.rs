//! What is planned, what is refused, and in whose words.

use crate::fixtures::*;
use bomgar_api::reporting::Session;
use integration_core::{
    effect::{EffectKind, Marker},
    failure::{Failure, FailureClass},
    needs::{Facts, needs},
    plan::Plan,
    profile::Profile,
};

fn refused(session: &Session, profile: &Profile, facts: &Facts) -> Failure {
    planned(session, profile, facts).expect_err("nothing may be planned")
}

#[test]
fn c002_one_note_then_one_time_entry_on_the_ticket() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let kinds: Vec<EffectKind> = plan.steps.iter().map(|step| step.key.kind).collect();
    assert_eq!(kinds, [EffectKind::Note, EffectKind::TimeEntry]);
    for step in &plan.steps {
        assert_eq!(step.draft.ticket_id(), TICKET);
        assert_eq!(step.draft.kind(), step.key.kind);
        assert_eq!((step.key.tenant, step.key.lsid.as_str()), (TENANT, LSID));
    }
    assert_eq!(plan.problems, []);
    assert_eq!(plan.alerts, Vec::<String>::new());
}

#[test]
fn keys_hold_nothing_that_a_person_can_rename() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let keys: Vec<String> = plan.steps.iter().map(|step| step.key.canonical()).collect();
    assert_eq!(
        keys,
        [
            format!("101/{LSID}/note/1"),
            format!("101/{LSID}/time_entry/2.2026-11-24"),
        ]
    );
}

#[test]
fn every_decision_is_explained() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    assert_eq!(
        plan.explanations,
        [
            "ticket 7017 (T20261124.0007) because it is the id in the session's external key",
            "note type 1 (\"Task Summary\") by note_type",
            "publish 47 (\"Internal users only\") because publish_notes_as_public is off",
            "time entry from 2026-11-24T14:03:00Z to 2026-11-24T14:21:30Z for jtech@example.com \
             (resource 29682885) as \"Support Engineer\" (role 29683459): the primary \
             representative and the session's own times",
        ]
    );
}

#[test]
fn a_plan_can_be_stored() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let stored = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&stored).unwrap(), plan);
}

#[test]
fn needs_ask_for_what_the_plan_uses() {
    let asked = needs(&rich_session(), &profile()).unwrap();
    assert_eq!(asked.ticket_id, Some(TICKET));
    assert!(asked.note_picklists);
    assert_eq!(asked.resource_email.as_deref(), Some("jtech@example.com"));
    assert_eq!(asked.role_name.as_deref(), Some("Support Engineer"));

    let mut without = profile();
    without.update_time_entry = false;
    let asked = needs(&rich_session(), &without).unwrap();
    assert_eq!((asked.resource_email, asked.role_name), (None, None));
    assert_eq!(asked.ticket_id, Some(TICKET));

    // A session that cannot be booked needs nobody.
    let empty = session_from_to("2026-11-24T14:03:00Z", "2026-11-24T14:03:00Z");
    assert_eq!(needs(&empty, &profile()).unwrap().resource_email, None);
}

#[test]
fn a_session_that_is_not_over_waits() {
    let mut session = rich_session();
    session.end_time = None;
    // Its key may still change, so it is not judged yet.
    session.external_key = Some("not a ticket".to_owned());
    let failure = refused(&session, &profile(), &facts());
    assert_eq!(failure.class, FailureClass::Transient);
    assert!(failure.message.contains(LSID), "{failure}");
    assert_eq!(needs(&session, &profile()).unwrap_err(), failure);
}

#[test]
fn a_session_without_a_ticket_is_a_matter_of_data() {
    for key in [
        None,
        Some("T20261124.0007"),
        Some("{\"accountName\": \"Acme, Inc.\"}"),
    ] {
        let mut session = rich_session();
        session.external_key = key.map(str::to_owned);
        let failure = refused(&session, &profile(), &facts());
        assert_eq!(failure.class, FailureClass::Data);
        assert_eq!(needs(&session, &profile()).unwrap_err(), failure);
    }
}

#[test]
fn a_ticket_that_is_not_there_is_named() {
    let mut facts = facts();
    facts.ticket = None;
    let failure = refused(&rich_session(), &profile(), &facts);
    assert_eq!(failure.class, FailureClass::Data);
    assert!(
        failure.message.contains("7017") && failure.message.contains(LSID),
        "{failure}"
    );
    assert!(failure.hint.contains("API user"), "{failure}");
}

#[test]
fn the_answer_about_another_ticket_is_not_used() {
    let mut facts = facts();
    facts.ticket.as_mut().unwrap().id = 7018;
    assert_eq!(
        refused(&rich_session(), &profile(), &facts).class,
        FailureClass::Bug
    );
}

#[test]
fn a_bad_profile_writes_nothing() {
    let mut profile = profile();
    profile.business_zone = "Nowhere".to_owned();
    profile.time_entry_default_data.role_name = None;
    let failure = refused(&rich_session(), &profile, &facts());
    assert_eq!(failure.class, FailureClass::Config);
    assert!(failure.message.contains("business_zone"), "{failure}");
    assert!(failure.message.contains("roleName"), "{failure}");
}

#[test]
fn c092_a_note_type_that_the_tenant_lacks_writes_nothing() {
    for (value, word) in [(18, "not a value"), (3, "inactive")] {
        let mut profile = profile();
        profile.note_type = value;
        let failure = refused(&rich_session(), &profile, &facts());
        assert_eq!(failure.class, FailureClass::Config);
        assert!(failure.message.contains(word), "{failure}");
        // The remedy lists what could be set, and nothing that could not.
        assert!(
            failure
                .hint
                .contains("1 \"Task Summary\", 2 \"Task Detail\""),
            "{failure}"
        );
        assert!(!failure.hint.contains("Old notes"), "{failure}");
    }
}

#[test]
fn c094_a_publish_label_that_does_not_resolve_writes_nothing() {
    type Change = fn(&mut Facts);
    let cases: [(&str, Change); 4] = [
        ("no label", |facts| {
            facts.publish.retain(|value| value.value != PUBLIC)
        }),
        ("no label", |facts| {
            facts.publish.retain(|value| value.value != INTERNAL)
        }),
        ("inactive", |facts| facts.publish[0].active = false),
        ("2 active values", |facts| {
            facts
                .publish
                .push(picklist(50, "internal USERS only ", true));
        }),
    ];
    for (word, change) in cases {
        let mut facts = facts();
        change(&mut facts);
        for public in [false, true] {
            let mut profile = profile();
            profile.publish_notes_as_public = public;
            let failure = refused(&rich_session(), &profile, &facts);
            assert_eq!(failure.class, FailureClass::Config);
            assert!(failure.message.contains(word), "{failure}");
        }
    }
}

#[test]
fn c094_an_inactive_twin_of_a_label_does_not_matter() {
    let mut facts = facts();
    facts
        .publish
        .push(picklist(50, "Internal users only", false));
    let plan = planned(&rich_session(), &profile(), &facts).unwrap();
    assert_eq!(only_note(&plan).publish, INTERNAL);
}

#[test]
fn c094_both_labels_must_name_different_values() {
    let mut facts = facts();
    facts.publish = vec![
        picklist(1, "All Autotask Users", true),
        picklist(1, "Internal users only", true),
    ];
    let failure = refused(&rich_session(), &profile(), &facts);
    assert_eq!(failure.class, FailureClass::Config);
    assert!(failure.message.contains("both publish labels"), "{failure}");
}

#[test]
fn markers_are_the_last_line_of_what_only_the_desk_sees() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let note = only_note(&plan);
    let entry = only_time_entry(&plan);
    let markers: Vec<Marker> = plan.steps.iter().map(|step| step.key.marker()).collect();
    assert_ne!(markers[0], markers[1]);
    assert_eq!(note.description.lines().last(), Some(markers[0].as_str()));
    assert_eq!(
        entry.internal_notes.lines().last(),
        Some(markers[1].as_str())
    );
    for text in [&note.title, &entry.summary_notes] {
        assert!(!Marker::any_in(text), "{text}");
    }
}
