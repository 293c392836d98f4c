//! The desk port for `autotask-soap`'s client.

mod failure;
mod hit;
mod look_up;
mod span;

use crate::{
    draft::{Draft, NoteDraft, TimeEntryDraft},
    effect::EffectKind,
    failure::{Failure, FailureClass},
    needs::{Facts, Needs},
    ports::{CreateOutcome, Desk, Found, Scope, Search},
};
use async_trait::async_trait;
use autotask_soap::{
    Client, Outcome, Query,
    entity::Entity,
    v1_6::{TicketNote, TimeEntry},
};
use failure::{failure, narrow};
use hit::Hit;
use jiff::{SignedDuration, Timestamp};
use look_up::Cache;
use span::as_the_server_reads_it;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A search that comes upon more records of ours than this is no answer.
const MOST_HITS: usize = 2_000;

/// How [`AutotaskDesk`] works.
#[derive(Clone, Debug)]
pub struct DeskSettings {
    /// How long people, roles and picklists are remembered. Tickets never are.
    pub look_up_age: Duration,
}

impl Default for DeskSettings {
    fn default() -> Self {
        DeskSettings {
            look_up_age: Duration::from_secs(15 * 60),
        }
    }
}

/// An `autotask_soap::Client` as the executor's [`Desk`].
///
/// People, roles and picklists are remembered for a while, so an ordinary session costs three calls:
/// the ticket, the note, the time entry. What was not found is never remembered: it is looked up
/// again as soon as somebody mended it.
#[derive(Debug)]
pub struct AutotaskDesk {
    client: Client,
    settings: DeskSettings,
    cache: Mutex<Cache>,
}

impl AutotaskDesk {
    /// Wraps a client.
    pub fn new(client: Client, settings: DeskSettings) -> Self {
        AutotaskDesk {
            client,
            settings,
            cache: Mutex::default(),
        }
    }

    /// Forgets all people, roles and picklists; for when somebody says that they changed.
    pub async fn forget(&self) {
        *self.cache.lock().await = Cache::default();
    }

    async fn query<E: Entity>(&self, query: impl Into<Query<E>>) -> Result<Vec<E>, Failure> {
        self.client
            .query(query)
            .await
            .map_err(|error| failure(&error))
    }

    async fn create_note(&self, note: &NoteDraft, deadline: Timestamp) -> CreateOutcome {
        let entity = TicketNote {
            ticket_id: match narrow(note.ticket_id, "TicketID") {
                Ok(id) => Some(id),
                Err(failure) => return CreateOutcome::Refused(failure),
            },
            note_type: match narrow(note.note_type, "NoteType") {
                Ok(value) => Some(value),
                Err(failure) => return CreateOutcome::Refused(failure),
            },
            publish: match narrow(note.publish, "Publish") {
                Ok(value) => Some(value),
                Err(failure) => return CreateOutcome::Refused(failure),
            },
            title: Some(note.title.clone()),
            description: Some(note.description.clone()),
            ..TicketNote::default()
        };
        self.create_entity(&entity, deadline).await
    }

    async fn create_time_entry(
        &self,
        entry: &TimeEntryDraft,
        deadline: Timestamp,
    ) -> CreateOutcome {
        let ids = [
            (entry.ticket_id, "TicketID"),
            (entry.resource_id, "ResourceID"),
            (entry.role_id, "RoleID"),
        ]
        .map(|(id, field)| narrow(id, field));
        let [Ok(ticket_id), Ok(resource_id), Ok(role_id)] = ids else {
            let failure = ids.into_iter().find_map(Result::err);
            return CreateOutcome::Refused(failure.unwrap_or_else(|| {
                Failure::new(FailureClass::Bug, "an id did not fit", "report this")
            }));
        };
        let (start, end) = as_the_server_reads_it(self.client.wire_zone(), entry.start, entry.end);
        let entity = TimeEntry {
            ticket_id: Some(ticket_id),
            resource_id: Some(resource_id),
            role_id: Some(role_id),
            date_worked: Some(entry.date_worked),
            start_date_time: Some(start),
            end_date_time: Some(end),
            hours_worked: Some(hours(entry.duration())),
            summary_notes: Some(entry.summary_notes.clone()),
            internal_notes: Some(entry.internal_notes.clone()),
            ..TimeEntry::default()
        };
        self.create_entity(&entity, deadline).await
    }

    async fn create_entity<E: Entity>(&self, entity: &E, deadline: Timestamp) -> CreateOutcome {
        let left = deadline.duration_since(Timestamp::now());
        let left = Duration::try_from(left).unwrap_or(Duration::ZERO);
        let client = self.client.with_deadline(Instant::now() + left);
        match client.create(entity).await {
            Ok(created) => CreateOutcome::Created(created.ids),
            Err(error) => match error.outcome() {
                Outcome::NotStored => CreateOutcome::Refused(failure(&error)),
                Outcome::Ambiguous => CreateOutcome::Ambiguous(error.to_string()),
            },
        }
    }

    async fn notes(&self, query: impl Into<Query<TicketNote>>) -> Result<Vec<Hit>, Failure> {
        let notes = self.client.query_all(query, MOST_HITS).await;
        let notes = notes.map_err(|error| failure(&error))?;
        Ok(notes.into_iter().filter_map(Hit::note).collect())
    }

    async fn time_entries(&self, query: impl Into<Query<TimeEntry>>) -> Result<Vec<Hit>, Failure> {
        let entries = self.client.query_all(query, MOST_HITS).await;
        let entries = entries.map_err(|error| failure(&error))?;
        Ok(entries.into_iter().filter_map(Hit::time_entry).collect())
    }
}

#[async_trait]
impl Desk for AutotaskDesk {
    async fn tenant(&self) -> Result<i64, Failure> {
        self.client
            .zone()
            .await
            .map(|zone| zone.ci)
            .map_err(|error| failure(&error))
    }

    async fn look_up(&self, needs: &Needs) -> Result<Facts, Failure> {
        let mut facts = Facts::default();
        if let Some(id) = needs.ticket_id {
            facts.ticket = self.ticket(id).await?;
        }
        if needs.note_picklists {
            (facts.note_types, facts.publish) = self.note_picklists().await?;
        }
        if let Some(name) = &needs.role_name {
            facts.roles = self.roles(name).await?;
        }
        if let Some(email) = &needs.resource_email {
            facts.resources = self.resources(email).await?;
            let mut active = facts.resources.iter().filter(|person| person.active);
            if let (Some(person), None) = (active.next(), active.next()) {
                let wanted: Vec<i64> = facts.roles.iter().map(|role| role.id).collect();
                facts.held_role_ids = self.held_roles(person.id, &wanted).await?;
            }
        }
        Ok(facts)
    }

    async fn create(&self, draft: &Draft, deadline: Timestamp) -> CreateOutcome {
        let outcome = match draft {
            Draft::Note(note) => self.create_note(note, deadline).await,
            Draft::TimeEntry(entry) => self.create_time_entry(entry, deadline).await,
        };
        let named = |message| format!("ticket {}: {message}", draft.ticket_id());
        match outcome {
            CreateOutcome::Refused(failure) => CreateOutcome::Refused(Failure {
                message: named(failure.message),
                ..failure
            }),
            CreateOutcome::Ambiguous(seen) => CreateOutcome::Ambiguous(named(seen)),
            CreateOutcome::Created(ids) => CreateOutcome::Created(ids),
        }
    }

    async fn find(&self, search: &Search<'_>) -> Result<Vec<Found>, Failure> {
        let marker = search.marker.as_str();
        let hits = match search.kind {
            EffectKind::Note => {
                let text = TicketNote::DESCRIPTION.contains(marker);
                let scope = match search.scope {
                    Scope::Ticket(id) => TicketNote::TICKET_ID.eq(narrow(id, "TicketID")?),
                    Scope::Tenant(since) => TicketNote::CREATE_DATE_TIME.ge(created_since(since)),
                };
                self.notes(scope.and(text)).await?
            }
            EffectKind::TimeEntry => {
                let text = TimeEntry::INTERNAL_NOTES.contains(marker);
                let scope = match search.scope {
                    Scope::Ticket(id) => TimeEntry::TICKET_ID.eq(narrow(id, "TicketID")?),
                    Scope::Tenant(since) => TimeEntry::CREATE_DATE_TIME.ge(created_since(since)),
                };
                self.time_entries(scope.and(text)).await?
            }
        };
        // The server's match ignores case, and so does ours: a marker that a person typed again is
        // still no other's.
        Ok(hits
            .into_iter()
            .filter(|hit| hit.text.to_ascii_uppercase().contains(marker))
            .map(|hit| hit.found)
            .collect())
    }

    async fn can_read_any(&self, kind: EffectKind) -> Result<bool, Failure> {
        let now = Timestamp::now();
        // One answer can hold 500 records with long texts, so the question is small first.
        for days in [1, 30, 3650] {
            let since = now
                .saturating_sub(SignedDuration::from_hours(24 * days))
                .unwrap_or(Timestamp::MIN);
            let since = created_since(since);
            let none = match kind {
                EffectKind::Note => {
                    let notes = self.query(TicketNote::CREATE_DATE_TIME.ge(since)).await?;
                    notes.is_empty()
                }
                EffectKind::TimeEntry => {
                    let entries = self.query(TimeEntry::CREATE_DATE_TIME.ge(since)).await?;
                    entries.is_empty()
                }
            };
            if !none {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn written_by_us(
        &self,
        kind: EffectKind,
        ticket_id: i64,
        since: Timestamp,
    ) -> Result<Vec<Found>, Failure> {
        let ticket_id = narrow(ticket_id, "TicketID")?;
        let hits = match kind {
            EffectKind::Note => {
                let filter = TicketNote::TICKET_ID
                    .eq(ticket_id)
                    .and(TicketNote::CREATE_DATE_TIME.ge(created_since(since)));
                self.notes(filter).await?
            }
            EffectKind::TimeEntry => {
                let filter = TimeEntry::TICKET_ID
                    .eq(ticket_id)
                    .and(TimeEntry::CREATE_DATE_TIME.ge(created_since(since)));
                self.time_entries(filter).await?
            }
        };
        if hits.is_empty() {
            return Ok(Vec::new());
        }
        let us = self.api_user().await?;
        // An API user that cannot see itself cannot tell its own records from others': then every
        // record may be ours, and a person has to look at it.
        let ours = |hit: &Hit| {
            us.is_empty()
                || hit
                    .writers
                    .iter()
                    .flatten()
                    .any(|writer| us.contains(writer))
        };
        Ok(hits.into_iter().filter(ours).map(|hit| hit.found).collect())
    }
}

/// The bound of a search by creation time. In the autumn hour that occurs twice the wire cannot tell
/// the second time from the first, so the bound goes an hour back.
fn created_since(since: Timestamp) -> Timestamp {
    since
        .saturating_sub(SignedDuration::from_hours(1))
        .unwrap_or(Timestamp::MIN)
}

/// `HoursWorked`: hours with four decimals, a third of a second.
fn hours(duration: SignedDuration) -> f64 {
    (duration.as_secs_f64() / 3600.0 * 10_000.0).round() / 10_000.0
}
