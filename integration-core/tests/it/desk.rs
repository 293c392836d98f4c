//! The desk port for Autotask against a simulated tenant.

mod create;
mod look_up;
mod outcome;
mod search;

use autotask_sim::{AutotaskSim, Fault, FaultSpec, Record};
use autotask_soap::{Client, ClientBuilder, RetryPolicy};
use integration_core::{
    adapters::{AutotaskDesk, DeskSettings},
    draft::{Draft, NoteDraft, TimeEntryDraft},
    effect::{EffectKey, EffectKind, Marker},
    failure::{Failure, FailureClass},
    ports::{CreateOutcome, Desk},
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use std::fmt::Debug;

// Words that stand nowhere by chance, so that a leak shows.
const PASSWORD: &str = "Pa55word-Never-To-Be-Shown";
const CODE: &str = "CODENEVERTOBESHOWNXXXXXXXXX";

struct Bench {
    tenant: AutotaskSim,
    desk: AutotaskDesk,
}

impl Bench {
    fn ticket(&self) -> i64 {
        self.tenant.demo().ticket
    }

    fn note(&self) -> NoteDraft {
        let marker = key(EffectKind::Note).marker();
        NoteDraft {
            ticket_id: self.ticket(),
            title: "Session „Größe“".into(),
            description: format!("first line\nsecond <line> & more 😀\n{marker}"),
            note_type: 3,
            publish: 2,
        }
    }

    fn time_entry(&self, start: &str, end: &str) -> TimeEntryDraft {
        let demo = self.tenant.demo();
        let start: Timestamp = start.parse().unwrap();
        TimeEntryDraft {
            ticket_id: demo.ticket,
            resource_id: demo.technician,
            role_id: demo.role,
            start,
            end: end.parse().unwrap(),
            date_worked: eastern_day(start),
            summary_notes: "Remote support".into(),
            internal_notes: format!("internal\n{}", key(EffectKind::TimeEntry).marker()),
        }
    }

    fn usual_entry(&self) -> Draft {
        Draft::TimeEntry(self.time_entry("2026-11-24T14:00:00Z", "2026-11-24T14:18:00Z"))
    }

    fn draft(&self, kind: EffectKind) -> Draft {
        match kind {
            EffectKind::Note => Draft::Note(self.note()),
            _ => self.usual_entry(),
        }
    }

    async fn create(&self, draft: &Draft) -> CreateOutcome {
        self.desk.create(draft, soon()).await
    }

    /// Creates what must be created, and gives it as the tenant holds it.
    async fn created(&self, draft: &Draft) -> Record {
        match self.create(draft).await {
            CreateOutcome::Created(ids) if ids.len() == 1 => {
                self.tenant.record(entity(draft.kind()), ids[0]).unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    /// Creates what must be refused.
    async fn refused(&self, draft: &Draft) -> Failure {
        refused(self.create(draft).await)
    }

    /// How many create calls reached the tenant.
    fn sent(&self) -> usize {
        self.tenant.call_count("create", "")
    }

    /// The envelope of the only create call.
    fn envelope(&self) -> String {
        let mut calls = self.tenant.calls();
        calls.retain(|call| call.operation == "create");
        assert_eq!(calls.len(), 1);
        calls.remove(0).request
    }

    /// What the API user wrote.
    fn ours(&self, kind: EffectKind) -> Vec<Record> {
        let us = Some(self.tenant.demo().api_user);
        let mut records = self.tenant.records(entity(kind));
        records.retain(|r| r.int("CreatorResourceID") == us || r.int("CreatorUserID") == us);
        records
    }
}

const KINDS: [EffectKind; 2] = [EffectKind::Note, EffectKind::TimeEntry];

fn entity(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Note => "TicketNote",
        EffectKind::TimeEntry => "TimeEntry",
        other => panic!("{other}"),
    }
}

async fn bench() -> Bench {
    bench_with(|client| client).await
}

/// A desk whose reads are not tried again, so that a failure shows at once.
async fn bench_with(change: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Bench {
    let tenant = AutotaskSim::builder()
        .credentials("api-user@northwind.example", PASSWORD, CODE)
        .start()
        .await
        .unwrap();
    let builder = client(&tenant, PASSWORD, CODE).retry(RetryPolicy::never());
    let client = change(builder).build().unwrap();
    let desk = AutotaskDesk::new(client, DeskSettings::default());
    Bench { tenant, desk }
}

fn client(tenant: &AutotaskSim, password: &str, code: &str) -> ClientBuilder {
    Client::builder(tenant.username(), password, code).endpoint(tenant.endpoint())
}

fn soon() -> Timestamp {
    Timestamp::now() + SignedDuration::from_secs(20)
}

fn key(kind: EffectKind) -> EffectKey {
    key_of("0123456789abcdef0123456789abcdef", kind)
}

fn key_of(lsid: &str, kind: EffectKind) -> EffectKey {
    EffectKey {
        tenant: 1,
        lsid: lsid.into(),
        kind,
        part: "1".into(),
    }
}

/// The day in New York.
fn eastern_day(instant: Timestamp) -> Date {
    instant.in_tz("America/New_York").unwrap().date()
}

fn refused(outcome: CreateOutcome) -> Failure {
    match outcome {
        CreateOutcome::Refused(failure) => sensible(failure),
        other => panic!("{other:?}"),
    }
}

/// What every failure must be: words to act on, without secrets and customer text.
fn sensible(failure: Failure) -> Failure {
    assert!(!failure.message.trim().is_empty(), "{failure:?}");
    assert!(!failure.hint.trim().is_empty(), "{failure:?}");
    without_secrets(&failure);
    without_secrets(&failure.to_string());
    failure
}

fn without_secrets(shown: &impl Debug) {
    let shown = format!("{shown:?}");
    // "UGE1NXdvcmQ" begins the password in Base64 where it starts a group of three bytes.
    for secret in [
        PASSWORD,
        CODE,
        "UGE1NXdvcmQ",
        "Basic YXBp",
        "Größe",
        "second <line>",
    ] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[tokio::test]
async fn the_tenants_number_is_part_of_every_key() {
    let bench = bench().await;
    let ci = i64::from(bench.tenant.ci());
    assert_eq!(bench.desk.tenant().await.unwrap(), ci);
}

#[tokio::test]
async fn a_tenant_that_cannot_be_found_out_is_a_failure() {
    let bench = bench().await;
    let page = FaultSpec::new(Fault::Status500Html).on("getZoneInfo");
    bench.tenant.fault(page.times(FaultSpec::ALWAYS));
    let failure = sensible(bench.desk.tenant().await.unwrap_err());
    assert_eq!(failure.class, FailureClass::Transient, "{failure}");
    bench.tenant.clear_faults();
    bench.desk.tenant().await.unwrap();

    let stranger = Client::builder("nobody@elsewhere.example", PASSWORD, CODE)
        .endpoint(bench.tenant.endpoint())
        .build()
        .unwrap();
    let stranger = AutotaskDesk::new(stranger, DeskSettings::default());
    let failure = sensible(stranger.tenant().await.unwrap_err());
    assert_eq!(failure.class, FailureClass::Config, "{failure}");
}

#[tokio::test]
async fn the_desk_itself_shows_no_secret() {
    let bench = bench().await;
    without_secrets(&bench.desk);
    bench.desk.tenant().await.unwrap();
    without_secrets(&bench.desk);
}

#[tokio::test]
async fn a_session_costs_three_calls_when_people_and_lists_are_known() {
    let bench = bench().await;
    let needs = look_up::needs_of(&bench);
    bench.desk.look_up(&needs).await.unwrap();
    bench.tenant.reset_calls();
    bench.desk.tenant().await.unwrap();
    bench.desk.look_up(&needs).await.unwrap();
    for kind in KINDS {
        bench.created(&bench.draft(kind)).await;
    }
    assert_eq!(bench.tenant.calls().len(), 3, "{:?}", bench.tenant.calls());
}

#[tokio::test]
async fn a_server_with_other_habits_is_understood() {
    let bench = bench().await;
    bench.tenant.configure(|settings| {
        settings.unknown_extras = true;
        settings.blank_for_empty = true;
        settings.wire_types = autotask_sim::WireTypes::Declared;
        settings.error_style = autotask_sim::ErrorStyle::OneText;
    });
    let facts = bench
        .desk
        .look_up(&look_up::needs_of(&bench))
        .await
        .unwrap();
    assert_eq!(facts.ticket.unwrap().id, bench.ticket());
    for kind in KINDS {
        let stored = bench.created(&bench.draft(kind)).await;
        let found = search::on_ticket(&bench, kind, bench.ticket()).await;
        assert_eq!(found.unwrap()[0].id, stored.id);
    }
    let unknown = NoteDraft {
        ticket_id: 424_242,
        ..bench.note()
    };
    let failure = bench.refused(&Draft::Note(unknown)).await;
    assert_eq!(failure.class, FailureClass::Data, "{failure}");
}

#[tokio::test]
async fn a_tenant_that_moved_gets_the_record_once() {
    let bench = bench().await;
    bench.created(&bench.usual_entry()).await;
    bench.tenant.move_zone();
    bench.created(&Draft::Note(bench.note())).await;
    assert_eq!(bench.ours(EffectKind::Note).len(), 1);
}

fn lower(marker: &Marker) -> String {
    marker.as_str().to_ascii_lowercase()
}
