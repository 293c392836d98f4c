//! The desk port for `autotask-soap`'s client.

use crate::{
    draft::{Draft, NoteDraft, TimeEntryDraft},
    effect::{EffectKind, Marker},
    failure::{Failure, FailureClass},
    needs::{Facts, Needs, PicklistFact, ResourceFact, RoleFact, TicketFact},
    ports::{CreateOutcome, Desk, Found, Scope, Search},
};
use async_trait::async_trait;
use autotask_soap::{
    Client, Error, ErrorKind, Outcome, Query,
    entity::Entity,
    ops::Operation,
    v1_6::{Resource, ResourceRole, Role, Ticket, TicketNote, TimeEntry},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

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

#[derive(Debug, Default)]
struct Cache {
    picklists: Option<Aged<(Vec<PicklistFact>, Vec<PicklistFact>)>>,
    resources: HashMap<String, Aged<Vec<ResourceFact>>>,
    roles: HashMap<String, Aged<Vec<RoleFact>>>,
    held: HashMap<i64, Aged<Vec<i64>>>,
    api_user: Option<Aged<Vec<i64>>>,
}

#[derive(Clone, Debug)]
struct Aged<T> {
    value: T,
    since: Instant,
}

impl<T: Clone> Aged<T> {
    fn now(value: T) -> Self {
        Aged {
            value,
            since: Instant::now(),
        }
    }

    /// The remembered answer, if it is young and one that a plan can use. Anything else is looked
    /// up again: somebody may have mended it.
    fn usable(this: Option<&Self>, age: Duration, useful: impl Fn(&T) -> bool) -> Option<T> {
        let aged = this.filter(|aged| aged.since.elapsed() < age)?;
        useful(&aged.value).then(|| aged.value.clone())
    }
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

    async fn ticket(&self, id: i64) -> Result<Option<TicketFact>, Failure> {
        let tickets: Vec<Ticket> = self.query(Ticket::ID.eq(id)).await?;
        Ok(tickets
            .into_iter()
            .find(|ticket| ticket.id == Some(id))
            .map(|ticket| TicketFact {
                id,
                number: ticket.ticket_number.unwrap_or_default(),
                title: ticket.title.unwrap_or_default(),
                account_id: ticket.account_id.map(i64::from),
                assigned_resource_id: ticket.assigned_resource_id.map(i64::from),
                assigned_role_id: ticket.assigned_resource_role_id.map(i64::from),
            }))
    }

    async fn note_picklists(&self) -> Result<(Vec<PicklistFact>, Vec<PicklistFact>), Failure> {
        let mut cache = self.cache.lock().await;
        if let Some(lists) =
            Aged::usable(cache.picklists.as_ref(), self.settings.look_up_age, |_| {
                true
            })
        {
            return Ok(lists);
        }
        let fields = self
            .client
            .field_info::<TicketNote>()
            .await
            .map_err(|error| failure(&error))?;
        let list = |name: &str| -> Vec<PicklistFact> {
            fields
                .iter()
                .filter(|field| field.name == name)
                .flat_map(|field| &field.picklist_values)
                .filter_map(|value| {
                    Some(PicklistFact {
                        value: value.number()?,
                        label: value.label.clone(),
                        active: value.is_active,
                    })
                })
                .collect()
        };
        let lists = (list("NoteType"), list("Publish"));
        if !lists.0.is_empty() && !lists.1.is_empty() {
            cache.picklists = Some(Aged::now(lists.clone()));
        }
        Ok(lists)
    }

    async fn resources(&self, email: &str) -> Result<Vec<ResourceFact>, Failure> {
        let key = email.to_lowercase();
        let mut cache = self.cache.lock().await;
        let useful =
            |people: &Vec<ResourceFact>| people.iter().filter(|person| person.active).count() == 1;
        let age = self.settings.look_up_age;
        if let Some(known) = Aged::usable(cache.resources.get(&key), age, useful) {
            return Ok(known);
        }
        let filter = Resource::EMAIL
            .eq(email)
            .or(Resource::EMAIL2.eq(email))
            .or(Resource::EMAIL3.eq(email));
        let people: Vec<Resource> = self.query(filter).await?;
        let people: Vec<ResourceFact> = people
            .into_iter()
            .filter_map(|person| {
                let names = [person.first_name, person.last_name];
                Some(ResourceFact {
                    id: person.id?,
                    name: names.into_iter().flatten().collect::<Vec<_>>().join(" "),
                    active: person.active.unwrap_or(false),
                })
            })
            .collect();
        cache.resources.insert(key, Aged::now(people.clone()));
        Ok(people)
    }

    async fn roles(&self, name: &str) -> Result<Vec<RoleFact>, Failure> {
        let key = name.to_lowercase();
        let mut cache = self.cache.lock().await;
        let useful = |roles: &Vec<RoleFact>| roles.iter().filter(|role| role.active).count() == 1;
        let age = self.settings.look_up_age;
        if let Some(known) = Aged::usable(cache.roles.get(&key), age, useful) {
            return Ok(known);
        }
        let roles: Vec<Role> = self.query(Role::NAME.eq(name)).await?;
        let roles: Vec<RoleFact> = roles
            .into_iter()
            .filter_map(|role| {
                Some(RoleFact {
                    id: role.id?,
                    name: role.name.unwrap_or_default(),
                    active: role.active.unwrap_or(false),
                })
            })
            .collect();
        cache.roles.insert(key, Aged::now(roles.clone()));
        Ok(roles)
    }

    async fn held_roles(&self, resource_id: i64, wanted: &[i64]) -> Result<Vec<i64>, Failure> {
        let mut cache = self.cache.lock().await;
        let useful = |held: &Vec<i64>| wanted.iter().any(|role| held.contains(role));
        let age = self.settings.look_up_age;
        if let Some(known) = Aged::usable(cache.held.get(&resource_id), age, useful) {
            return Ok(known);
        }
        let held: Vec<ResourceRole> = self
            .query(ResourceRole::RESOURCE_ID.eq(resource_id))
            .await?;
        // The server lists only active ones; a newer one that does not is believed too.
        let mut held: Vec<i64> = held
            .into_iter()
            .filter(|row| row.active != Some(false))
            .filter_map(|row| row.role_id)
            .collect();
        held.sort_unstable();
        held.dedup();
        cache.held.insert(resource_id, Aged::now(held.clone()));
        Ok(held)
    }

    /// The API user's own `Resource` ids. A login is the e-mail-shaped name; `UserName` holds only
    /// what stands before the `@`.
    async fn api_user(&self) -> Result<Vec<i64>, Failure> {
        let mut cache = self.cache.lock().await;
        if let Some(known) =
            Aged::usable(cache.api_user.as_ref(), self.settings.look_up_age, |_| true)
        {
            return Ok(known);
        }
        let login = self.client.username();
        let local = login.split('@').next().unwrap_or(login);
        let filter = Resource::USER_NAME.eq(local).or(Resource::EMAIL.eq(login));
        let people: Vec<Resource> = self.query(filter).await?;
        let ids: Vec<i64> = people.into_iter().filter_map(|person| person.id).collect();
        if !ids.is_empty() {
            cache.api_user = Some(Aged::now(ids.clone()));
        }
        Ok(ids)
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
        let entity = TimeEntry {
            ticket_id: Some(ticket_id),
            resource_id: Some(resource_id),
            role_id: Some(role_id),
            date_worked: Some(entry.date_worked),
            start_date_time: Some(entry.start),
            end_date_time: Some(entry.end),
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
        let client = self
            .client
            .with_timeout(left)
            .with_deadline(Instant::now() + left);
        match client.create(entity).await {
            Ok(created) => CreateOutcome::Created(created.ids),
            Err(error) => match error.outcome() {
                Outcome::NotStored => CreateOutcome::Refused(failure(&error)),
                Outcome::Ambiguous => CreateOutcome::Ambiguous(error.to_string()),
            },
        }
    }

    async fn notes(&self, query: impl Into<Query<TicketNote>>) -> Result<Vec<Hit>, Failure> {
        Ok(self
            .query(query)
            .await?
            .into_iter()
            .filter_map(Hit::note)
            .collect())
    }

    async fn time_entries(&self, query: impl Into<Query<TimeEntry>>) -> Result<Vec<Hit>, Failure> {
        Ok(self
            .query(query)
            .await?
            .into_iter()
            .filter_map(Hit::time_entry)
            .collect())
    }
}

/// A record that a search came upon.
struct Hit {
    found: Found,
    text: String,
    writers: [Option<i64>; 2],
}

impl Hit {
    fn note(note: TicketNote) -> Option<Hit> {
        let text = note.description.unwrap_or_default();
        Some(Hit {
            found: Found {
                id: note.id?,
                ticket_id: note.ticket_id.map(i64::from),
                created: note.create_date_time,
                start: None,
                end: None,
                has_marker: Marker::any_in(&text),
            },
            text,
            writers: [
                note.creator_resource_id.map(i64::from),
                note.impersonator_creator_resource_id.map(i64::from),
            ],
        })
    }

    fn time_entry(entry: TimeEntry) -> Option<Hit> {
        let text = entry.internal_notes.unwrap_or_default();
        Some(Hit {
            found: Found {
                id: entry.id?,
                ticket_id: entry.ticket_id.map(i64::from),
                created: entry.create_date_time,
                start: entry.start_date_time,
                end: entry.end_date_time,
                has_marker: Marker::any_in(&text),
            },
            text,
            writers: [
                entry.creator_user_id.map(i64::from),
                entry.impersonator_creator_resource_id.map(i64::from),
            ],
        })
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
        match draft {
            Draft::Note(note) => self.create_note(note, deadline).await,
            Draft::TimeEntry(entry) => self.create_time_entry(entry, deadline).await,
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
        // The server's match ignores case; ours does not.
        Ok(hits
            .into_iter()
            .filter(|hit| hit.text.contains(marker))
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
            let any = match kind {
                EffectKind::Note => {
                    self.notes(TicketNote::CREATE_DATE_TIME.ge(created_since(since)))
                        .await?
                }
                EffectKind::TimeEntry => {
                    self.time_entries(TimeEntry::CREATE_DATE_TIME.ge(created_since(since)))
                        .await?
                }
            };
            if !any.is_empty() {
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

/// Whether one of the server's texts holds `word`.
fn says(error: &Error, word: &str) -> bool {
    error
        .server_errors()
        .iter()
        .any(|said| said.message.to_lowercase().contains(word))
}

/// The bound of a search by creation time. In the autumn hour that occurs twice the wire cannot tell
/// the second time from the first, so the bound goes an hour back.
fn created_since(since: Timestamp) -> Timestamp {
    since
        .saturating_sub(SignedDuration::from_hours(1))
        .unwrap_or(Timestamp::MIN)
}

/// Ids and picklist values are 32 bits wide on the wire.
fn narrow(value: i64, field: &str) -> Result<i32, Failure> {
    i32::try_from(value).map_err(|_| {
        Failure::new(
            FailureClass::Data,
            format!("{field} {value} is larger than any id of Autotask"),
            "check where this number comes from, for instance the session's external key",
        )
    })
}

/// `HoursWorked`: hours with four decimals, a third of a second.
fn hours(duration: SignedDuration) -> f64 {
    (duration.as_secs_f64() / 3600.0 * 10_000.0).round() / 10_000.0
}

/// Classes an error of the client.
fn failure(error: &Error) -> Failure {
    let (class, hint) = match error.kind() {
        ErrorKind::Unauthorized => (
            FailureClass::Config,
            "check user name and password of the Autotask API user, and that it is active",
        ),
        ErrorKind::UnknownUser => (
            FailureClass::Config,
            "check the Autotask user name: no data centre knows it",
        ),
        ErrorKind::IntegrationCode => (
            FailureClass::Config,
            "check the tracking identifier (integration code) of the Autotask API user",
        ),
        ErrorKind::Forbidden => (
            FailureClass::Config,
            "check the security level of the Autotask API user",
        ),
        ErrorKind::Config => (
            FailureClass::Config,
            "correct the Autotask settings of this configuration",
        ),
        ErrorKind::RateLimited | ErrorKind::ThreadLimit => (
            FailureClass::Limit,
            "nothing to do: Autotask asks for a pause; all integrations of the tenant share its limits",
        ),
        // All turns were taken for the whole time; nothing was sent.
        ErrorKind::DeadlinePassed => (
            FailureClass::Limit,
            "nothing to do: too many calls waited for their turn",
        ),
        // The text for the hourly allowance is not documented; all that are known name a threshold.
        ErrorKind::Refused if says(error, "threshold") => (
            FailureClass::Limit,
            "nothing to do: the tenant's allowance of calls is used up; all its integrations share it",
        ),
        ErrorKind::Refused if error.operation() == Some(Operation::Create) => (
            FailureClass::Data,
            "mend what Autotask names, then replay the session",
        ),
        // A question that is refused says nothing about the session.
        ErrorKind::Refused => (
            FailureClass::Transient,
            "nothing to do unless it lasts: check that the API user may still read this",
        ),
        ErrorKind::Validation => (
            FailureClass::Data,
            "mend the field that is named, then replay the session",
        ),
        ErrorKind::Malformed | ErrorKind::Query | ErrorKind::TooManyRecords => (
            FailureClass::Bug,
            "please report this to the authors with the text of the error",
        ),
        _ => (
            FailureClass::Transient,
            "nothing to do unless it lasts: check that Autotask is up and reachable",
        ),
    };
    Failure {
        retry_after_seconds: error.retry_after().map(|wait| wait.as_secs()),
        ..Failure::new(class, error.to_string(), hint)
    }
}
