//! Finding what was written, and telling it from what people wrote.

use super::{Bench, KINDS, bench, bench_with, entity, key, key_of, lower, sensible};
use autotask_sim::{Fault, FaultSpec, Record, WireZone};
use integration_core::{
    draft::{Draft, NoteDraft, TimeEntryDraft},
    effect::EffectKind,
    failure::{Failure, FailureClass},
    ports::{CreateOutcome, Desk, Found, Scope, Search},
};
use jiff::{SignedDuration, Timestamp};

async fn find(bench: &Bench, kind: EffectKind, scope: Scope) -> Result<Vec<Found>, Failure> {
    let marker = key(kind).marker();
    let search = Search {
        kind,
        marker: &marker,
        scope,
    };
    bench.desk.find(&search).await
}

pub(super) async fn on_ticket(
    bench: &Bench,
    kind: EffectKind,
    ticket: i64,
) -> Result<Vec<Found>, Failure> {
    find(bench, kind, Scope::Ticket(ticket)).await
}

async fn ids(bench: &Bench, kind: EffectKind, scope: Scope) -> Vec<i64> {
    let found = find(bench, kind, scope).await.unwrap();
    found.into_iter().map(|found| found.id).collect()
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

/// The field that holds the marker.
fn marked(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Note => "Description",
        _ => "InternalNotes",
    }
}

/// A record that somebody else wrote, with this text where markers stand.
fn by(bench: &Bench, kind: EffectKind, creator: i64, text: &str) -> Record {
    let record = Record::new(entity(kind))
        .set("TicketID", bench.ticket())
        .set(marked(kind), text);
    match kind {
        EffectKind::Note => record
            .set("Title", "by somebody")
            .set("NoteType", 1)
            .set("Publish", 2)
            .set("CreatorResourceID", creator),
        _ => record
            .set("ResourceID", bench.tenant.demo().technician)
            .set("RoleID", bench.tenant.demo().role)
            .set("StartDateTime", bench.tenant.now() - minutes(60))
            .set("EndDateTime", bench.tenant.now() - minutes(30))
            .set("HoursWorked", 0.5)
            .set("CreatorUserID", creator),
    }
}

#[tokio::test]
async fn records_are_found_on_their_ticket_and_in_the_tenant() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    for kind in KINDS {
        let before = bench.tenant.now() - minutes(1);
        let scopes = [Scope::Ticket(demo.ticket), Scope::Tenant(before)];
        for scope in scopes {
            assert_eq!(ids(&bench, kind, scope).await, [0; 0], "{kind}");
        }
        let stored = bench.created(&bench.draft(kind)).await;
        for scope in scopes {
            let found = find(&bench, kind, scope).await.unwrap();
            let [found] = &found[..] else {
                panic!("{kind} {scope:?}: {found:?}")
            };
            assert_eq!(found.id, stored.id);
            assert_eq!(found.ticket_id, Some(demo.ticket));
            assert!(found.has_marker);
            let created = stored.time("CreateDateTime").unwrap();
            assert_eq!(found.created, Some(created));
            let is_note = kind == EffectKind::Note;
            assert_eq!(found.start.is_none(), is_note);
            assert_eq!(found.start, stored.time("StartDateTime"));
            assert_eq!(found.end, stored.time("EndDateTime"));
        }
        assert_eq!(
            ids(&bench, kind, Scope::Ticket(demo.queue_ticket)).await,
            [0; 0]
        );

        // A person moved it: it is found in the tenant, and its ticket is told.
        bench
            .tenant
            .update_record(entity(kind), stored.id, "TicketID", demo.queue_ticket);
        assert_eq!(ids(&bench, kind, Scope::Ticket(demo.ticket)).await, [0; 0]);
        let found = find(&bench, kind, Scope::Tenant(before)).await.unwrap();
        assert_eq!(found[0].ticket_id, Some(demo.queue_ticket));
    }
}

#[tokio::test]
async fn a_search_of_the_tenant_is_bound_by_the_time_of_creation() {
    for zone in [WireZone::Eastern, WireZone::Utc] {
        let here = match zone {
            WireZone::Eastern => autotask_soap::time::WireZone::eastern(),
            WireZone::Utc => autotask_soap::time::WireZone::utc(),
        };
        let bench = bench_with(|client| client.wire_zone(here)).await;
        bench.tenant.configure(|settings| settings.wire_zone = zone);
        for kind in KINDS {
            let stored = bench.created(&bench.draft(kind)).await;
            let created = stored.time("CreateDateTime").unwrap();
            for earlier in [0, 1, 60 * 24 * 400] {
                let bound = Scope::Tenant(created - minutes(earlier));
                assert_eq!(ids(&bench, kind, bound).await, [stored.id], "{earlier} min");
            }
            // More than the hour that may occur twice.
            let later = Scope::Tenant(created + minutes(61));
            assert_eq!(ids(&bench, kind, later).await, [0; 0]);
        }
    }
}

#[tokio::test]
async fn a_record_made_in_the_repeated_autumn_hour_is_found() {
    // The request left at 01:50 by summer time; the record came into being at 01:10 by winter time.
    let bench = bench().await;
    let sent: Timestamp = "2026-11-01T05:50:00Z".parse().unwrap();
    for created in [
        "2026-11-01T05:51:00Z",
        "2026-11-01T06:10:00Z",
        "2026-11-01T07:00:00Z",
    ] {
        let created: Timestamp = created.parse().unwrap();
        for kind in KINDS {
            let marker = key(kind).marker();
            let us = bench.tenant.demo().api_user;
            let record = by(&bench, kind, us, marker.as_str());
            let id = bench.tenant.add(record.set("CreateDateTime", created));
            assert_eq!(
                ids(&bench, kind, Scope::Tenant(sent)).await,
                [id],
                "{created}"
            );
            bench.tenant.remove_record(entity(kind), id);
        }
    }
}

#[tokio::test]
async fn other_sessions_markers_are_not_taken_for_this_one() {
    let bench = bench().await;
    let us = bench.tenant.demo().api_user;
    for kind in KINDS {
        let other = key_of("ffffffffffffffffffffffffffffffff", kind).marker();
        let longer = format!("{}X", key(kind).marker());
        let shorter = &key(kind).marker().as_str()[..23].to_owned();
        let kind_of_other = key(match kind {
            EffectKind::Note => EffectKind::TimeEntry,
            _ => EffectKind::Note,
        });
        for text in [other.as_str(), shorter, kind_of_other.marker().as_str()] {
            bench
                .tenant
                .add(by(&bench, kind, us, &format!("text\n{text}")));
        }
        let before = Scope::Tenant(bench.tenant.now() - minutes(5));
        for scope in [Scope::Ticket(bench.ticket()), before] {
            assert_eq!(ids(&bench, kind, scope).await, [0; 0], "{kind}");
        }
        // A word that merely begins with the marker is another word; the server's own search cannot
        // tell, so a hit there must at least not pass for one that holds a marker.
        bench.tenant.add(by(&bench, kind, us, &longer));
        let found = on_ticket(&bench, kind, bench.ticket()).await.unwrap();
        assert!(found.iter().all(|found| !found.has_marker), "{found:?}");
    }
}

#[tokio::test]
async fn a_marker_is_found_wherever_people_moved_it_in_the_text() {
    let bench = bench().await;
    for kind in KINDS {
        let marker = key(kind).marker();
        let stored = bench.created(&bench.draft(kind)).await;
        for text in [
            format!("{marker}\nat the beginning"),
            format!("a person wrote behind it\n{marker}\nand so on"),
            format!("in a line ({marker}), too"),
            format!("a person typed {}", lower(&marker)),
        ] {
            bench
                .tenant
                .update_record(entity(kind), stored.id, marked(kind), text.as_str());
            assert_eq!(
                ids(&bench, kind, Scope::Ticket(bench.ticket())).await,
                [stored.id],
                "{text}"
            );
        }
    }
}

#[tokio::test]
async fn copies_are_all_found() {
    let bench = bench().await;
    for kind in KINDS {
        let mut stored = Vec::new();
        for _ in 0..3 {
            stored.push(bench.created(&bench.draft(kind)).await.id);
        }
        let mut found = ids(&bench, kind, Scope::Ticket(bench.ticket())).await;
        found.sort_unstable();
        assert_eq!(found, stored);
    }
}

#[tokio::test]
async fn a_split_entry_is_found_as_two_that_sum_to_it() {
    let bench = bench().await;
    let split = Fault::SplitTimeEntry { lose_answer: true };
    bench.tenant.fault(FaultSpec::new(split).on("create"));
    let entry = bench.time_entry("2026-03-08T06:45:00Z", "2026-03-08T07:15:11Z");
    let outcome = bench.create(&Draft::TimeEntry(entry.clone())).await;
    assert!(
        matches!(outcome, CreateOutcome::Ambiguous(_)),
        "{outcome:?}"
    );
    let found = on_ticket(&bench, EffectKind::TimeEntry, bench.ticket()).await;
    let mut spans: Vec<_> = found
        .unwrap()
        .iter()
        .map(|found| (found.start.unwrap(), found.end.unwrap()))
        .collect();
    spans.sort_unstable();
    let [(start, border), (border_again, end)] = spans[..] else {
        panic!("{spans:?}")
    };
    assert_eq!((start, end), (entry.start, entry.end));
    assert_eq!(border, border_again);
}

#[tokio::test]
async fn a_hidden_entity_is_an_empty_answer() {
    let bench = bench().await;
    for kind in KINDS {
        bench.created(&bench.draft(kind)).await;
        let hidden = FaultSpec::new(Fault::HideEntity).entity(entity(kind));
        bench.tenant.fault(hidden.times(FaultSpec::ALWAYS));
        let before = Scope::Tenant(bench.tenant.now() - minutes(5));
        for scope in [Scope::Ticket(bench.ticket()), before] {
            assert_eq!(ids(&bench, kind, scope).await, [0; 0]);
        }
        assert!(!bench.desk.can_read_any(kind).await.unwrap());
        bench.tenant.clear_faults();
        assert!(bench.desk.can_read_any(kind).await.unwrap());
        bench.tenant.restrict(entity(kind));
        assert!(!bench.desk.can_read_any(kind).await.unwrap());
    }
}

#[tokio::test]
async fn any_record_of_anybody_proves_that_records_can_be_read() {
    let bench = bench().await;
    for kind in KINDS {
        assert!(bench.desk.can_read_any(kind).await.unwrap());
        for record in bench.tenant.records(entity(kind)) {
            bench.tenant.remove_record(entity(kind), record.id);
        }
        assert!(!bench.desk.can_read_any(kind).await.unwrap());
    }
}

#[tokio::test]
async fn a_failed_search_is_no_empty_answer() {
    let bench = bench().await;
    for (fault, class) in [
        (Fault::Html200, None),
        (Fault::Status500Html, Some(FailureClass::Transient)),
        (Fault::Status(503), Some(FailureClass::Transient)),
        (Fault::DropBeforeCommit, Some(FailureClass::Transient)),
        (Fault::Unauthorized401, Some(FailureClass::Config)),
        (Fault::ThreadLimit, Some(FailureClass::Limit)),
        (Fault::SoapFault, None),
        (Fault::Redirect307, None),
        (Fault::TruncatedBody { after_commit: true }, None),
        (Fault::BrokenBody { after_commit: true }, None),
    ] {
        for kind in KINDS {
            let spec = FaultSpec::new(fault.clone()).on("query");
            bench.tenant.fault(spec.times(FaultSpec::ALWAYS));
            let now = bench.tenant.now();
            let failures = [
                on_ticket(&bench, kind, bench.ticket()).await.err(),
                find(&bench, kind, Scope::Tenant(now)).await.err(),
                bench.desk.can_read_any(kind).await.err(),
                bench
                    .desk
                    .written_by_us(kind, bench.ticket(), now)
                    .await
                    .err(),
            ];
            for failure in failures {
                let failure = sensible(failure.unwrap_or_else(|| panic!("{fault:?} {kind}")));
                let fits = class.is_none_or(|class| class == failure.class);
                assert!(fits, "{fault:?}: {failure}");
                assert_ne!(failure.class, FailureClass::Data, "{fault:?}: {failure}");
            }
            bench.tenant.clear_faults();
        }
    }
}

#[tokio::test]
async fn more_hits_than_one_page_are_all_found() {
    // What a search shows must not end at the 500 records of one answer.
    let bench = bench().await;
    let us = bench.tenant.demo().api_user;
    let marker = key(EffectKind::Note).marker();
    for _ in 0..501 {
        bench
            .tenant
            .add(by(&bench, EffectKind::Note, us, marker.as_str()));
    }
    let since = bench.tenant.now() - minutes(5);
    assert_eq!(
        ids(&bench, EffectKind::Note, Scope::Tenant(since))
            .await
            .len(),
        501
    );
    let ours = bench
        .desk
        .written_by_us(EffectKind::Note, bench.ticket(), since)
        .await
        .unwrap();
    assert_eq!(ours.len(), 501);
}

#[tokio::test]
async fn searches_are_made_as_the_api_user_itself() {
    let bench = bench().await;
    for kind in KINDS {
        let now = bench.tenant.now();
        on_ticket(&bench, kind, bench.ticket()).await.unwrap();
        find(&bench, kind, Scope::Tenant(now)).await.unwrap();
        bench.desk.can_read_any(kind).await.unwrap();
    }
    let calls = bench.tenant.calls();
    assert!(calls.iter().all(|call| call.impersonated.is_none()));
    assert_eq!(bench.tenant.call_count("query", ""), 6, "one query each");
}

async fn ours_since(bench: &Bench, kind: EffectKind, since: Timestamp) -> Vec<(i64, bool)> {
    let found = bench.desk.written_by_us(kind, bench.ticket(), since).await;
    let found = found.unwrap();
    found
        .iter()
        .map(|found| (found.id, found.has_marker))
        .collect()
}

#[tokio::test]
async fn our_records_are_told_from_those_of_others() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    let stranger = bench.tenant.add_user(
        "rmm@northwind.example",
        "other-password",
        "OTHERTRACKINGIDENTIFIERXXXX",
    );
    for kind in KINDS {
        let since = bench.tenant.now() - minutes(1);
        assert_eq!(ours_since(&bench, kind, since).await, []);

        let gone = FaultSpec::new(Fault::EditMarkerAway { text: None });
        bench.tenant.fault(gone.on("create").entity(entity(kind)));
        let edited = bench.created(&bench.draft(kind)).await.id;
        let intact = bench.created(&bench.draft(kind)).await.id;
        let marker = key(kind).marker();
        for creator in [demo.technician, stranger] {
            bench
                .tenant
                .add(by(&bench, kind, creator, "in the same minute"));
            bench.tenant.add(by(&bench, kind, creator, marker.as_str()));
        }
        let elsewhere = by(&bench, kind, demo.api_user, "on another ticket");
        bench
            .tenant
            .add(elsewhere.set("TicketID", demo.queue_ticket));
        let wanted = [(edited, false), (intact, true)];
        assert_eq!(ours_since(&bench, kind, since).await, wanted, "{kind}");
    }
}

#[tokio::test]
async fn what_we_wrote_before_does_not_count() {
    let bench = bench().await;
    let us = bench.tenant.demo().api_user;
    // Far from the hour that occurs twice.
    let since: Timestamp = "2026-07-15T12:00:00Z".parse().unwrap();
    for kind in KINDS {
        let add = |created| {
            let record = by(&bench, kind, us, "without marker");
            bench.tenant.add(record.set("CreateDateTime", created))
        };
        // Within an hour before, a record may be taken for one of the hour that occurs twice.
        add(since - minutes(61));
        let at = add(since);
        let after = add(since + minutes(30));
        let wanted = [(at, false), (after, false)];
        assert_eq!(ours_since(&bench, kind, since).await, wanted, "{kind}");
    }
}

#[tokio::test]
async fn texts_of_other_fields_are_no_markers() {
    // A marker that a customer pasted elsewhere does not make a record ours.
    let bench = bench().await;
    let note = NoteDraft {
        title: key(EffectKind::Note).marker().to_string(),
        description: "none here".into(),
        ..bench.note()
    };
    bench.created(&Draft::Note(note)).await;
    let entry = TimeEntryDraft {
        summary_notes: key(EffectKind::TimeEntry).marker().to_string(),
        internal_notes: "none here".into(),
        ..bench.time_entry("2026-07-15T13:00:00Z", "2026-07-15T13:30:00Z")
    };
    bench.created(&Draft::TimeEntry(entry)).await;
    for kind in KINDS {
        assert_eq!(
            ids(&bench, kind, Scope::Ticket(bench.ticket())).await,
            [0; 0]
        );
    }
}
