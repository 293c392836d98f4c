//! Records as they arrive in the tenant.

use super::{Bench, bench, bench_with, key};
use autotask_sim::{Record, WireZone};
use integration_core::{
    draft::{Draft, NoteDraft, TimeEntryDraft},
    effect::EffectKind,
};
use jiff::{SignedDuration, Timestamp, civil::date};

async fn stored_note(note: NoteDraft) -> Record {
    bench().await.created(&Draft::Note(note)).await
}

#[tokio::test]
async fn a_note_arrives_as_it_was_drafted() {
    let bench = bench().await;
    let note = NoteDraft {
        note_type: 2,
        publish: 1,
        ..bench.note()
    };
    let stored = bench.created(&Draft::Note(note.clone())).await;
    let demo = bench.tenant.demo();
    assert_eq!(stored.int("TicketID"), Some(demo.ticket));
    assert_eq!(stored.int("NoteType"), Some(2));
    assert_eq!(stored.int("Publish"), Some(1));
    assert_eq!(stored.text("Title"), "Session „Größe“");
    assert_eq!(stored.text("Description"), note.description);
    assert_eq!(stored.int("CreatorResourceID"), Some(demo.api_user));
    assert_eq!(stored.int("ImpersonatorCreatorResourceID"), None);
    assert_eq!(bench.tenant.notes(demo.queue_ticket), []);
    assert_eq!(bench.sent(), 1);
}

#[tokio::test]
async fn all_characters_of_people_arrive() {
    let texts = [
        "Ärger mit Übergröße: 20 € & 5 < 6 > 4, \"quoted\" 'single' ]]> <b>fett</b> &amp;",
        "日本語 עברית العربية हिन्दी e\u{301} \u{1F469}\u{200D}\u{1F4BB} 😀 \u{10FFFD}",
        "\ttab\tand  two blanks, non\u{A0}breaking, \u{FEFF}mark, \u{2028}separator",
        "  blanks at the beginning and at the end  ",
        "{{template}} %SESSION% ${x} \\n",
    ];
    let bench = bench().await;
    let marker = key(EffectKind::Note).marker();
    for text in texts {
        let note = NoteDraft {
            title: text.into(),
            description: format!("{text}\n\n{text}\n{marker}"),
            ..bench.note()
        };
        let stored = bench.created(&Draft::Note(note.clone())).await;
        assert_eq!(stored.text("Title"), text);
        assert_eq!(stored.text("Description"), note.description);
    }
}

#[tokio::test]
async fn every_line_end_stays_one_line_end() {
    let bench = bench().await;
    let note = NoteDraft {
        description: "one\r\ntwo\nthree\r\n\r\nfive".into(),
        ..bench.note()
    };
    let stored = bench.created(&Draft::Note(note)).await;
    let lines: Vec<_> = stored.text("Description").lines().collect();
    assert_eq!(lines, ["one", "two", "three", "", "five"]);
}

#[tokio::test]
async fn what_xml_cannot_carry_does_not_stop_a_note() {
    let bench = bench().await;
    let marker = key(EffectKind::Note).marker();
    let note = NoteDraft {
        title: "beep\u{7} done".into(),
        description: format!("red \u{1b}[31mtext\u{0}\u{b}\u{c}\u{fffe}\u{ffff} end\n{marker}"),
        ..bench.note()
    };
    let units = note.description.encode_utf16().count();
    let stored = bench.created(&Draft::Note(note)).await;
    let (title, text) = (stored.text("Title"), stored.text("Description"));
    for text in [title, text] {
        let illegal =
            |c: char| (c < ' ' && !"\t\r\n".contains(c)) || matches!(c, '\u{fffe}' | '\u{ffff}');
        assert!(!text.contains(illegal), "{text:?}");
    }
    assert!(title.starts_with("beep") && title.ends_with(" done"));
    assert!(
        text.starts_with("red ") && text.contains("[31mtext"),
        "{text:?}"
    );
    assert!(text.ends_with(&format!(" end\n{marker}")), "{text:?}");
    assert!(text.encode_utf16().count() <= units, "it must still fit");
}

#[tokio::test]
async fn texts_fit_to_the_last_utf16_unit() {
    // 32,000 and 250 units: a face is two of them.
    let bench = bench().await;
    let note = NoteDraft {
        title: format!("{}{}", "ü".repeat(248), "😀"),
        description: "😀".repeat(16_000),
        ..bench.note()
    };
    let stored = stored_note(note.clone()).await;
    assert_eq!(stored.text("Title"), note.title);
    assert_eq!(stored.text("Description"), note.description);
}

#[tokio::test]
async fn c117_a_time_entry_arrives_as_it_was_drafted() {
    let bench = bench().await;
    let marker = key(EffectKind::TimeEntry).marker();
    let demo = *bench.tenant.demo();
    let entry = TimeEntryDraft {
        resource_id: demo.second_technician,
        summary_notes: "Fernwartung für Größe <XL> & 😀\nsecond line".into(),
        internal_notes: format!("nur intern: ü & <x>\n{marker}"),
        ..bench.time_entry("2026-07-15T13:00:07Z", "2026-07-15T14:30:37Z")
    };
    let stored = bench.created(&Draft::TimeEntry(entry.clone())).await;
    assert_eq!(stored.int("TicketID"), Some(demo.ticket));
    assert_eq!(stored.int("ResourceID"), Some(demo.second_technician));
    assert_eq!(stored.int("RoleID"), Some(demo.role));
    assert_eq!(stored.time("StartDateTime"), Some(entry.start));
    assert_eq!(stored.time("EndDateTime"), Some(entry.end));
    assert_eq!(stored.text("SummaryNotes"), entry.summary_notes);
    assert_eq!(stored.text("InternalNotes"), entry.internal_notes);
    assert_eq!(stored.int("CreatorUserID"), Some(demo.api_user));
    assert_eq!(stored.int("TaskID"), None);
    assert_eq!(stored.int("InternalAllocationCodeID"), None);
    assert!(hours_fit(&stored, &entry), "{stored:?}");
    assert_eq!(bench.sent(), 1);
}

/// `HoursWorked` is end minus start, to the second.
fn hours_fit(stored: &Record, entry: &TimeEntryDraft) -> bool {
    let seconds = stored.double("HoursWorked").unwrap() * 3600.0;
    (seconds - entry.duration().as_secs_f64()).abs() < 0.5
}

#[tokio::test]
async fn hours_are_right_to_the_second() {
    for seconds in [1, 59, 61, 100, 1_000, 1_201, 3_599, 86_399] {
        let bench = bench().await;
        let mut entry = bench.time_entry("2026-07-15T04:00:00Z", "2026-07-15T05:00:00Z");
        entry.end = entry.start + SignedDuration::from_secs(seconds);
        let stored = bench.created(&Draft::TimeEntry(entry.clone())).await;
        assert!(hours_fit(&stored, &entry), "{seconds} s: {stored:?}");
    }
}

/// What the envelope holds in an element.
fn sent_text(bench: &Bench, element: &str) -> String {
    let envelope = bench.envelope();
    let at = envelope.find(&format!("<{element}")).unwrap();
    let value = &envelope[at..];
    let begin = value.find('>').unwrap() + 1;
    let end = value.find("</").unwrap();
    value[begin..end].to_owned()
}

#[tokio::test]
async fn times_on_the_wire_are_new_yorks_without_offset() {
    let bench = bench().await;
    let entry = bench.time_entry("2026-07-15T03:30:00Z", "2026-07-15T04:30:00Z");
    bench.created(&Draft::TimeEntry(entry)).await;
    assert_eq!(sent_text(&bench, "StartDateTime"), "2026-07-14T23:30:00");
    assert_eq!(sent_text(&bench, "EndDateTime"), "2026-07-15T00:30:00");
}

#[tokio::test]
async fn the_day_worked_is_never_shifted() {
    // Half past five in Berlin is the day before in New York; the draft's day counts.
    let bench = bench().await;
    let entry = TimeEntryDraft {
        date_worked: date(2026, 7, 15),
        ..bench.time_entry("2026-07-15T03:30:00Z", "2026-07-15T03:50:00Z")
    };
    bench.created(&Draft::TimeEntry(entry)).await;
    assert_eq!(sent_text(&bench, "DateWorked"), "2026-07-15T00:00:00");
}

#[tokio::test]
async fn instants_stay_whatever_zone_the_server_writes() {
    let spans = [
        ("2026-01-15T14:00:07Z", "2026-01-15T14:18:09Z"),
        ("2026-07-15T03:30:00Z", "2026-07-15T04:30:00Z"),
        ("2026-12-31T23:50:00Z", "2027-01-01T00:10:00Z"),
        // Over the beginning of summer time in New York, and over its end.
        ("2026-03-08T06:45:00Z", "2026-03-08T07:15:00Z"),
        ("2026-11-01T04:50:00Z", "2026-11-01T07:10:00Z"),
        ("2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z"),
        // On the day that Europe changes.
        ("2026-03-29T00:50:00Z", "2026-03-29T01:10:00Z"),
    ];
    for (zone, here) in [
        (WireZone::Eastern, autotask_soap::time::WireZone::eastern()),
        (WireZone::Utc, autotask_soap::time::WireZone::utc()),
    ] {
        let bench = bench_with(|client| client.wire_zone(here)).await;
        bench.tenant.configure(|settings| settings.wire_zone = zone);
        for (start, end) in spans {
            let entry = bench.time_entry(start, end);
            let stored = bench.created(&Draft::TimeEntry(entry.clone())).await;
            assert_eq!(stored.time("StartDateTime"), Some(entry.start), "{zone:?}");
            assert_eq!(stored.time("EndDateTime"), Some(entry.end), "{zone:?}");
            assert!(hours_fit(&stored, &entry), "{zone:?} {start}: {stored:?}");
        }
    }
}

#[tokio::test]
async fn the_repeated_autumn_hour_keeps_its_length() {
    // Eastern wire time cannot tell the second half past one from the first, so an entry may stand
    // an hour early. But it must stand, with its hours, and with its length where that is possible.
    for (start, end, whole) in [
        ("2026-11-01T05:45:00Z", "2026-11-01T06:15:00Z", true),
        ("2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", true),
        ("2026-11-01T05:10:00Z", "2026-11-01T06:40:00Z", true),
        ("2026-11-01T06:10:00Z", "2026-11-01T06:40:00Z", true),
        ("2026-11-01T06:30:00Z", "2026-11-01T07:10:00Z", false),
        ("2026-11-01T04:30:00Z", "2026-11-01T06:10:00Z", false),
    ] {
        let bench = bench().await;
        let entry = bench.time_entry(start, end);
        let stored = bench.created(&Draft::TimeEntry(entry.clone())).await;
        assert!(hours_fit(&stored, &entry), "{start}: {stored:?}");
        let at = |field: &str| stored.time(field).unwrap();
        let begin: Timestamp = at("StartDateTime");
        let early = entry.start.duration_since(begin);
        let hour = SignedDuration::from_hours(1);
        assert!(early.is_zero() || early == hour, "{start}: {stored:?}");
        assert_eq!(stored.date("DateWorked"), Some(entry.date_worked));
        let length = at("EndDateTime").duration_since(begin);
        assert_eq!(length == entry.duration(), whole, "{start}: {stored:?}");
    }
}
