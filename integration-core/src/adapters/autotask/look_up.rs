//! Tickets, people, roles and picklists, and which of the answers are remembered.

use super::{AutotaskDesk, failure::failure};
use crate::{
    failure::Failure,
    needs::{PicklistFact, ResourceFact, RoleFact, TicketFact},
};
use autotask_soap::v1_6::{Resource, ResourceRole, Role, Ticket, TicketNote};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

#[derive(Debug, Default)]
pub(super) struct Cache {
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
    pub(super) async fn ticket(&self, id: i64) -> Result<Option<TicketFact>, Failure> {
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

    pub(super) async fn note_picklists(
        &self,
    ) -> Result<(Vec<PicklistFact>, Vec<PicklistFact>), Failure> {
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

    pub(super) async fn resources(&self, email: &str) -> Result<Vec<ResourceFact>, Failure> {
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

    pub(super) async fn roles(&self, name: &str) -> Result<Vec<RoleFact>, Failure> {
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

    pub(super) async fn held_roles(
        &self,
        resource_id: i64,
        wanted: &[i64],
    ) -> Result<Vec<i64>, Failure> {
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
    pub(super) async fn api_user(&self) -> Result<Vec<i64>, Failure> {
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
}
