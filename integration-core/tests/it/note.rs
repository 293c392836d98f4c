//! The note: what it says, who can see it, and how long texts are split.

use crate::fixtures::*;
use bomgar_api::reporting::{EventType, Session, SystemCategory, SystemField};
use integration_core::{
    effect::{EffectKey, EffectKind},
    plan::{Plan, plan},
    template::{TemplateName, Templates},
};
use jiff::SignedDuration;

fn description(session: &Session) -> String {
    let plan = planned(session, &profile(), &facts()).unwrap();
    only_note(&plan).description.clone()
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn note_key(part: &str) -> EffectKey {
    EffectKey {
        tenant: TENANT,
        lsid: LSID.to_owned(),
        kind: EffectKind::Note,
        part: part.to_owned(),
    }
}

/// The note without its marker, which must be its last line.
fn without_marker(description: &str, part: &str) -> String {
    let marker = note_key(part).marker();
    description
        .strip_suffix(&format!("\n\n{marker}"))
        .expect("the marker is the last line")
        .into()
}

#[test]
fn c002_the_note_tells_the_whole_session() {
    let text = without_marker(&description(&rich_session()), "1");
    insta::assert_snapshot!(text, @r"
    REMOTE SUPPORT SESSION
    Started:        2026-11-24 09:03:00 (America/New_York)
    Ended:          2026-11-24 09:21:30 (America/New_York)
    Duration:       0:18:30
    Representative: Jane Tech
    Customer:       Alex Doe, Acme, Inc.
    Computer:       ALEX-PC (Windows 11 Pro x64)
    Issue:          Outlook crashes
    Session:        c69a8e10bea9428f816cfababe9815fe

    CHAT TRANSCRIPT
    [09:03:00] Session Start
    [09:03:05] Alex Doe joined the session
    [09:03:12] Jane Tech joined the session
    [09:03:20] Jane Tech: Hello Alex,
               how can I help?
    [09:03:45] Alex Doe to Jane Tech: Outlook <crashes> & burns 😀
    [09:04:00] System Information Retrieved by Jane Tech
    [09:05:00] File Upload from Jane Tech to Alex Doe: C:\Users\alex\Desktop\fix.exe (1.5 MB)
    [09:06:00] File Download from Alex Doe to Jane Tech: C:\logs\outlook.log (640 bytes)
    [09:06:20] Special action by Jane Tech: Task Manager
    [09:08:00] Registry Value Modified by Jane Tech (key_path: HKCU\Software\Contoso; value_name: Mode; value_data_old: 1; value_data_new: 2)
    [09:08:30] Command Shell Session Started by Jane Tech (instance: 0)
    [09:09:40] Credential Injection Attempt by Jane Tech
    [09:11:20] Hologram Shared: blue
    [09:13:00] Jane Tech: color ␛[31mred
    [09:21:20] Alex Doe left the session
    [09:21:30] Session End
    (not listed: 2 events about mouse clicks and windows)

    SYSTEM INFORMATION
    General
      Computer Name: ALEX-PC
      Operating System: Windows 11 Pro x64
    Disk Drives
      - Drive: C:; Size: 476 GB; Free: 12 GB
      - Drive: D:; Size: 931 GB
    Memory
      Physical: 16 GB
    Network Adapters
      - Name: Ethernet; IP Address: 10.0.0.7
    (not listed: Running Processes)

    SESSION NOTES
    [09:07:00] Jane Tech: Profile was broken.
               Rebuilt it.
    ");
}

#[test]
fn a_session_with_nothing_in_it_still_gives_a_readable_note() {
    let mut session = Session::default();
    session.lsid = LSID.to_owned();
    session.end_time = Some(time("2026-11-24T14:21:30Z"));
    session.external_key = Some(TICKET.to_string());
    let text = without_marker(&description(&session), "1");
    insta::assert_snapshot!(text, @r"
    REMOTE SUPPORT SESSION
    Started:        unknown
    Ended:          2026-11-24 09:21:30 (America/New_York)
    Duration:       unknown
    Representative: none joined
    Session:        c69a8e10bea9428f816cfababe9815fe

    CHAT TRANSCRIPT
    (no messages or other events)

    SYSTEM INFORMATION
    (none was retrieved)

    SESSION NOTES
    (none was written)
    ");
}

#[test]
fn the_title_says_when_and_who() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    assert_eq!(
        only_note(&plan).title,
        "Remote support session 2026-11-24 09:03 (Jane Tech)"
    );
}

#[test]
fn c092_the_note_has_the_note_type_of_the_profile() {
    let mut profile = profile();
    assert_eq!(
        only_note(&planned(&rich_session(), &profile, &facts()).unwrap()).note_type,
        1
    );
    profile.note_type = 2;
    assert_eq!(
        only_note(&planned(&rich_session(), &profile, &facts()).unwrap()).note_type,
        2
    );
}

#[test]
fn c094_a_note_is_internal_unless_it_is_published_on_purpose() {
    let mut profile = profile();
    let plan = planned(&rich_session(), &profile, &facts()).unwrap();
    assert_eq!(only_note(&plan).publish, INTERNAL);
    profile.publish_notes_as_public = true;
    let plan = planned(&rich_session(), &profile, &facts()).unwrap();
    assert_eq!(only_note(&plan).publish, PUBLIC);
}

#[test]
fn a_public_note_shows_the_public_name() {
    let mut profile = profile();
    profile.publish_notes_as_public = true;
    let plan = planned(&rich_session(), &profile, &facts()).unwrap();
    let note = only_note(&plan);
    assert!(
        note.description.contains("Representative: Jane\n"),
        "{}",
        note.description
    );
    assert!(note.title.ends_with("(Jane)"), "{}", note.title);
}

#[test]
fn c111_the_transcript_has_chat_files_special_actions_and_other_events() {
    let text = description(&rich_session());
    for expected in [
        "Jane Tech: Hello Alex,",
        "File Upload from Jane Tech to Alex Doe: C:\\Users\\alex\\Desktop\\fix.exe (1.5 MB)",
        "Special action by Jane Tech: Task Manager",
        "Registry Value Modified by Jane Tech",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
}

#[test]
fn c111_files_are_told_in_every_shape_the_report_has() {
    let session: Session = serde_json::from_value(serde_json::json!({
        "lsid": LSID,
        "end_time": "2026-11-24T14:21:30Z",
        "external_key": "7017",
        "events": [
            {"event_type": "File Moved", "data": [
                {"name": "old_path", "value": "C:\\a.txt"},
                {"name": "new_path", "value": "D:\\a.txt"}]},
            {"event_type": "Files Shared", "files": [
                {"filename": "a.pdf", "filesize": 1},
                {"filename": "b.pdf"}]},
            {"event_type": "File Transfer Complete", "filename": "a.txt",
             "data": [{"name": "sha256", "value": "abc123"}]},
            {"event_type": "File Upload",
             "data": [{"name": "filename", "value": "c.txt"}, {"name": "filesize", "value": "2048"}]},
            {"event_type": "File Deleted"},
        ]
    }))
    .unwrap();
    let text = description(&session);
    for expected in [
        "[--:--:--] File Moved: C:\\a.txt → D:\\a.txt\n",
        "Files Shared: a.pdf (1 byte), b.pdf\n",
        "File Transfer Complete: a.txt [SHA-256 abc123]\n",
        "File Upload: c.txt (2.0 KB)\n",
        "File Deleted: (unnamed)\n",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
}

#[test]
fn c112_system_information_is_general_disk_memory_and_network() {
    let text = description(&rich_session());
    for expected in [
        "Computer Name: ALEX-PC",
        "Drive: C:",
        "Physical: 16 GB",
        "IP Address: 10.0.0.7",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(!text.contains("OUTLOOK.EXE"), "{text}");
    assert!(text.contains("(not listed: Running Processes)"), "{text}");
}

#[test]
fn c112_sections_in_another_language_are_shown_rather_than_lost() {
    let mut session = rich_session();
    let mut category = SystemCategory::default();
    category.name = "Allgemein".to_owned();
    category.description = vec![SystemField::new("Computername", "ALEX-PC")];
    for event in &mut session.events {
        if event.event_type == EventType::SystemInformationRetrieved {
            event.system_information = vec![category.clone()];
        }
    }
    assert!(description(&session).contains("Allgemein\n  Computername: ALEX-PC\n"));
}

#[test]
fn c113_session_notes_have_a_section_of_their_own() {
    let text = description(&rich_session());
    let (before, notes) = text.split_once("SESSION NOTES\n").unwrap();
    assert!(
        notes.starts_with("[09:07:00] Jane Tech: Profile was broken.\n"),
        "{notes}"
    );
    assert!(!before.contains("Profile was broken"), "{before}");
}

#[test]
fn links_and_credentials_stay_out_of_the_note() {
    let text = description(&rich_session());
    for leaked in ["session_download", "secret", "CONTOSO\\admin", "https://"] {
        assert!(!text.contains(leaked), "{leaked}");
    }
}

#[test]
fn the_external_key_of_the_report_decides() {
    let mut session = rich_session();
    session.external_key = Some("7018".to_owned());
    let mut facts = facts();
    facts.ticket.as_mut().unwrap().id = 7018;
    let plan = planned(&session, &profile(), &facts).unwrap();
    assert_eq!(only_note(&plan).ticket_id, 7018);
}

#[test]
fn a_long_text_becomes_numbered_parts_of_legal_length() {
    let mut session = rich_session();
    // 2,500 lines of 40 units each: 100,000 units.
    for number in 0..2_500 {
        session.events.push(chat(&format!("line {number:05}")));
    }
    let plan = planned(&session, &profile(), &facts()).unwrap();
    let notes = notes(&plan);
    let count = notes.len();
    assert!(count > 1, "{count}");
    let mut all = String::new();
    for (note, number) in notes.iter().zip(1..) {
        assert!(units(&note.description) <= 32_000);
        assert!(units(&note.title) <= 250);
        assert!(
            note.title
                .ends_with(&format!(" (part {number} of {count})")),
            "{}",
            note.title
        );
        all.push_str(&without_marker(&note.description, &number.to_string()));
        all.push('\n');
    }
    for number in 0..2_500 {
        assert!(all.contains(&format!(": line {number:05}\n")), "{number}");
    }
    let explained = plan
        .explanations
        .iter()
        .any(|text| text.contains("split into"));
    assert!(explained, "{:?}", plan.explanations);
}

#[test]
fn a_text_that_just_fits_is_one_note() {
    let mut templates = Templates::built_in();
    // 32,000 less the blank line and the marker's 24 letters.
    for (length, parts) in [(31_974, 1), (31_975, 2)] {
        let source = "x".repeat(length);
        templates.set(TemplateName::SessionReport, &source).unwrap();
        let plan = plan(TENANT, &rich_session(), &profile(), &templates, &facts()).unwrap();
        assert_eq!(notes(&plan).len(), parts, "{length}");
        assert!(
            notes(&plan)
                .iter()
                .all(|note| units(&note.description) <= 32_000)
        );
    }
}

#[test]
fn a_long_title_is_shortened_visibly() {
    let mut templates = Templates::built_in();
    templates
        .set(TemplateName::NoteTitle, &"😀 title\n".repeat(60))
        .unwrap();
    let plan = plan(TENANT, &rich_session(), &profile(), &templates, &facts()).unwrap();
    let title = &only_note(&plan).title;
    assert!(
        units(title) <= 250 && units(title) > 240,
        "{}",
        units(title)
    );
    assert!(title.ends_with('…') && !title.contains('\n'), "{title}");
    assert!(
        plan.explanations
            .iter()
            .any(|text| text.contains("title is shortened"))
    );
}

fn with_report_template(source: &str) -> Plan {
    let mut templates = Templates::built_in();
    templates.set(TemplateName::SessionReport, source).unwrap();
    plan(TENANT, &rich_session(), &profile(), &templates, &facts()).unwrap()
}

#[test]
fn c108_a_template_of_ones_own_replaces_the_built_in_one() {
    let plan = with_report_template("{{ticket.number}}: {{customer.company}} & {{{zone}}}");
    let text = without_marker(&only_note(&plan).description, "1");
    assert_eq!(text, "T20261124.0007: Acme, Inc. & America/New_York");
    assert_eq!(plan.alerts, Vec::<String>::new());
}

#[test]
fn c107_a_template_that_fails_does_not_cost_the_note() {
    for (source, word) in [
        ("{{session.lsdi}}", "session.lsdi"),
        ("{{#if sesion.start}}x{{/if}}", "sesion.start"),
        ("{{local_tiem session.start}}", "local_tiem"),
        ("{{#if false}}x{{/if}}", "empty"),
    ] {
        let plan = with_report_template(source);
        let note = only_note(&plan);
        assert!(
            note.description.starts_with("REMOTE SUPPORT SESSION\n"),
            "{source}"
        );
        assert_eq!(plan.alerts.len(), 1, "{source}");
        assert!(
            plan.alerts[0].contains("session_report"),
            "{}",
            plan.alerts[0]
        );
        assert!(plan.alerts[0].contains(word), "{}", plan.alerts[0]);
    }
}

#[test]
fn customer_text_does_not_show_in_debug_output() {
    let plan = planned(&rich_session(), &profile(), &facts()).unwrap();
    let shown = format!("{plan:?} {:?} {:?}", facts(), plan.steps);
    for leaked in ["Outlook", "Hello Alex", "Alex Doe", "Profile was broken"] {
        assert!(!shown.contains(leaked), "{leaked}: {shown}");
    }
    let told = format!(
        "{:?}{:?}{:?}",
        plan.explanations, plan.alerts, plan.problems
    );
    assert!(!told.contains("Alex"), "{told}");
}

#[test]
fn the_duration_without_a_start_is_the_appliances_own() {
    let mut session = rich_session();
    session.start_time = None;
    session.duration = Some(SignedDuration::from_secs(61));
    assert!(description(&session).contains("Duration:       0:01:01\n"));
}

#[test]
fn c094_what_representatives_say_among_themselves_is_in_no_public_note() {
    use integration_core::{
        draft::Draft,
        needs::{Facts, PicklistFact, TicketFact},
        plan::plan,
        profile::Profile,
        template::Templates,
    };
    let report = br#"<session_list><session lsid="c69a8e10bea9428f816cfababe9815fe">
        <start_time timestamp="1795528980"/><end_time timestamp="1795530090"/>
        <external_key>7017</external_key><session_details>
        <event timestamp="1795529000" event_type="Chat Message">
        <performed_by type="representative" gsnumber="2">Ann</performed_by>
        <destination type="representative" gsnumber="3">Bob</destination>
        <body>this customer is difficult</body></event>
        <event timestamp="1795529001" event_type="Chat Message">
        <performed_by type="representative" gsnumber="2">Ann</performed_by>
        <destination type="everyone">Everyone</destination>
        <body>hello everybody</body></event></session_details></session></session_list>"#;
    let session = bomgar_api::reporting::parse_session_list(report)
        .unwrap()
        .sessions
        .remove(0);
    let value = |value, label: &str| PicklistFact {
        value,
        label: label.into(),
        active: true,
    };
    let facts = Facts {
        ticket: Some(TicketFact {
            id: 7017,
            number: "T20261124.0007".into(),
            title: "Mail".into(),
            account_id: None,
            assigned_resource_id: None,
            assigned_role_id: None,
        }),
        note_types: vec![value(1, "Task Summary")],
        publish: vec![
            value(1, "All Autotask Users"),
            value(2, "Internal users only"),
        ],
        ..Facts::default()
    };
    for public in [true, false] {
        let mut profile = Profile::default();
        profile.publish_notes_as_public = public;
        let plan = plan(101, &session, &profile, &Templates::built_in(), &facts).unwrap();
        let Draft::Note(note) = &plan.steps[0].draft else {
            panic!("no note")
        };
        assert!(note.description.contains("hello everybody"));
        assert_eq!(
            note.description.contains("this customer is difficult"),
            !public
        );
        assert_eq!(note.publish, if public { 1 } else { 2 });
    }
}
