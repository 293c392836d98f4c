//! What must hold for every session.

use crate::fixtures::*;
use bomgar_api::reporting::{Event, EventType, Session};
use integration_core::{
    effect::{EffectKey, EffectKind, Marker},
    plan::plan,
    template::{TemplateName, Templates},
};
use proptest::prelude::*;
use std::collections::HashSet;

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn legal(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x10000..=0x10FFFF)
}

/// Texts with what hurts: control characters, long lines, many lines, characters of two units.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-z \n]{0,400}",
        "\\PC{0,100}",
        (0usize..9_000).prop_map(|length| "😀".repeat(length)),
        (0usize..9_000).prop_map(|length| "ab\u{1b}\n".repeat(length)),
        (0usize..40_000).prop_map(|length| "x".repeat(length)),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let kinds = prop::sample::select(EventType::KNOWN).boxed();
    let kinds = prop_oneof![4 => kinds, 1 => any::<String>().prop_map(EventType::Other)];
    (
        kinds,
        prop::option::of(text()),
        prop::option::of(any::<String>()),
    )
        .prop_map(|(kind, body, filename)| {
            let mut event = Event::default();
            event.event_type = kind;
            event.body = body;
            event.filename = filename;
            event
        })
}

fn session() -> impl Strategy<Value = Session> {
    (
        prop::collection::vec(event(), 0..6),
        any::<String>(),
        any::<String>(),
    )
        .prop_map(|(events, username, hostname)| {
            let mut session = rich_session();
            session.events = events;
            session.customers[0].username = username;
            session.customers[0].hostname = Some(hostname);
            session
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_session_gives_legal_texts_and_distinct_keys(session in session()) {
        let plan = planned(&session, &profile(), &facts()).unwrap();
        let mut keys = HashSet::new();
        let mut markers = HashSet::new();
        for step in &plan.steps {
            prop_assert!(keys.insert(step.key.canonical()));
            prop_assert!(markers.insert(step.key.marker().as_str().to_owned()));
        }
        for (note, step) in notes(&plan).iter().zip(&plan.steps) {
            prop_assert!(units(&note.title) <= 250);
            prop_assert!(!note.title.is_empty());
            prop_assert!(units(&note.description) <= 32_000);
            prop_assert!(note.title.chars().all(legal));
            prop_assert!(note.description.chars().all(legal));
            let marker = step.key.marker();
            prop_assert_eq!(note.description.rsplit('\n').next(), Some(marker.as_str()));
        }
    }

    #[test]
    fn the_same_input_gives_the_same_plan(session in session()) {
        prop_assert_eq!(
            planned(&session, &profile(), &facts()),
            planned(&session.clone(), &profile(), &facts())
        );
    }

    #[test]
    fn no_chat_is_lost_however_it_is_split(
        bodies in prop::collection::vec(("[a-z]{1,7}", 1usize..2_000), 0..20),
    ) {
        let bodies: Vec<String> =
            bodies.into_iter().map(|(word, times)| word.repeat(times)).collect();
        let mut session = rich_session();
        session.events = bodies.iter().map(|body| chat(body)).collect();
        let mut templates = Templates::built_in();
        templates
            .set(TemplateName::SessionReport, "{{#each transcript}}{{body}}\n{{/each}}.")
            .unwrap();
        let plan = plan(TENANT, &session, &profile(), &templates, &facts()).unwrap();
        let mut rest: String = notes(&plan)
            .iter()
            .map(|note| &note.description[..note.description.len() - Marker::LEN])
            .collect();
        rest.retain(|c| c != '\n');
        prop_assert_eq!(rest, format!("{}.", bodies.concat()));
    }

    #[test]
    fn markers_are_letters_of_one_length(
        tenant in any::<i64>(),
        lsid in "[0-9a-f]{32}",
        part in "[0-9]{1,3}",
    ) {
        let key = |kind| EffectKey { tenant, lsid: lsid.clone(), kind, part: part.clone() };
        let note = key(EffectKind::Note).marker();
        prop_assert_eq!(note.as_str().len(), Marker::LEN);
        prop_assert!(note.as_str().bytes().all(|byte| byte.is_ascii_uppercase()));
        let text = format!("text\n{note}\n");
        prop_assert!(Marker::any_in(&text));
        prop_assert_ne!(key(EffectKind::TimeEntry).marker(), note);
    }

    #[test]
    fn any_external_key_is_matched_or_explained(key in any::<Option<String>>()) {
        let mut session = rich_session();
        session.external_key = key;
        if let Err(failure) = planned(&session, &profile(), &facts()) {
            prop_assert!(failure.message.contains(LSID));
            prop_assert!(!failure.hint.is_empty());
        }
    }
}
