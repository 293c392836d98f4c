//! The handle that tests hold.

use crate::{
    calls::{Call, Gate, When},
    catalogue::{self, EntityDef},
    fault::FaultSpec,
    picklist::{PicklistValue, UdfDef},
    process::move_zone,
    record::{Record, Val},
    rules::fill_in,
    seed::{self, Demo},
    server,
    settings::Settings,
    shared::{Shared, lock},
    tenant::{ApiUser, Tenant, week_of},
    time,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{net::TcpListener, sync::watch};

/// What a simulated tenant starts with.
pub struct Builder {
    user: ApiUser,
    clock_offset: SignedDuration,
    address: SocketAddr,
    settings: Settings,
    service_provider: bool,
    ci: Option<i32>,
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("login", &self.user.login)
            .field("clock_offset", &self.clock_offset)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// The API user's login and password and the tracking identifier of the integration.
    pub fn credentials(mut self, login: &str, password: &str, integration_code: &str) -> Self {
        self.user.login = login.to_owned();
        self.user.password = password.to_owned();
        self.user.integration_code = integration_code.to_owned();
        self
    }

    /// The tenant's database number, to tell tenants apart.
    pub fn ci(mut self, ci: i32) -> Self {
        self.ci = Some(ci);
        self
    }

    /// How far the tenant's clock is ahead of this machine's; negative is behind.
    pub fn clock_offset(mut self, offset: SignedDuration) -> Self {
        self.clock_offset = offset;
        self
    }

    /// Where to listen; without it on a free port of 127.0.0.1.
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Changes settings before the first call can come.
    pub fn configure(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// Adds what a managed service provider has: companies, people, contracts, devices, a project,
    /// an invoice and a month of tickets. [`Demo`] keeps its meaning.
    pub fn service_provider(mut self) -> Self {
        self.service_provider = true;
        self
    }

    /// Starts to listen.
    ///
    /// # Errors
    ///
    /// When the address cannot be bound.
    pub async fn start(self) -> io::Result<AutotaskSim> {
        let mut tenant = Tenant::new(time::eastern().map_err(io::Error::other)?);
        tenant.settings = self.settings;
        tenant.ci = self.ci.unwrap_or(tenant.ci);
        tenant.clock_offset = self.clock_offset;
        let demo = seed::demo(&mut tenant, self.user).map_err(io::Error::other)?;
        if self.service_provider {
            seed::service_provider(&mut tenant, &demo).map_err(io::Error::other)?;
        }
        let listener = TcpListener::bind(self.address).await?;
        let shared = Arc::new(Shared::new(listener.local_addr()?, tenant));
        let (stop, stopped) = watch::channel(());
        tokio::spawn(server::serve(listener, shared.clone(), stopped));
        Ok(AutotaskSim {
            shared,
            demo,
            _stop: stop,
        })
    }
}

/// A simulated tenant that listens on loopback. Dropping it closes all connections.
pub struct AutotaskSim {
    shared: Arc<Shared>,
    demo: Demo,
    _stop: watch::Sender<()>,
}

impl fmt::Debug for AutotaskSim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AutotaskSim")
            .field("address", &self.shared.address)
            .finish_non_exhaustive()
    }
}

/// An entity that a test names. A wrong name is a mistake in the test.
#[track_caller]
#[allow(
    clippy::panic,
    reason = "documented: a wrong name is a mistake in the calling test"
)]
fn named(entity: &str) -> &'static EntityDef {
    match catalogue::entity(entity) {
        Some(def) => def,
        None => panic!("the catalogue holds no entity {entity}"),
    }
}

impl AutotaskSim {
    /// Starts a tenant with default credentials and settings on a free port.
    ///
    /// # Errors
    ///
    /// When no port can be bound.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// A tenant with other credentials, clock, address or settings.
    pub fn builder() -> Builder {
        Builder {
            user: ApiUser {
                login: "api-user@northwind.example".to_owned(),
                password: "simulated-password".to_owned(),
                integration_code: "SIMULATEDTRACKINGIDENTIFIER".to_owned(),
                resource: 0,
                is_api_user: true,
            },
            clock_offset: SignedDuration::ZERO,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            settings: Settings::default(),
            service_provider: false,
            ci: None,
        }
    }

    /// The ids of the records that the tenant started with.
    pub fn demo(&self) -> &Demo {
        &self.demo
    }

    /// The service's address in the tenant's present zone, version 1.6.
    pub fn endpoint(&self) -> String {
        self.shared.endpoint("1.6")
    }

    /// The address of version 1.5.
    pub fn endpoint_v1_5(&self) -> String {
        self.shared.endpoint("1.5")
    }

    /// Where the description of version 1.6 stands, made from the tenant's own entities and fields.
    /// Version 1.5 has one as well.
    pub fn wsdl_url(&self) -> String {
        self.endpoint().replace(".asmx", ".wsdl")
    }

    /// Where getZoneInfo is asked, whatever the zone.
    pub fn lookup_endpoint(&self) -> String {
        format!("{}ATServices/1.6/atws.asmx", self.shared.web_url())
    }

    /// The UI's address, as getZoneInfo gives it. Links to tickets show the ticket as JSON.
    pub fn web_url(&self) -> String {
        self.shared.web_url()
    }

    /// The tenant's database number.
    pub fn ci(&self) -> i32 {
        lock(&self.shared.tenant).ci
    }

    fn user(&self, part: fn(&ApiUser) -> &String) -> String {
        lock(&self.shared.tenant)
            .users
            .first()
            .map(part)
            .cloned()
            .unwrap_or_default()
    }

    /// The API user's login.
    pub fn username(&self) -> String {
        self.user(|user| &user.login)
    }

    /// The API user's password.
    pub fn password(&self) -> String {
        self.user(|user| &user.password)
    }

    /// The tracking identifier.
    pub fn integration_code(&self) -> String {
        self.user(|user| &user.integration_code)
    }

    /// Changes the first API user's password: calls with the old one get 401.
    pub fn set_password(&self, password: &str) {
        if let Some(user) = lock(&self.shared.tenant).users.first_mut() {
            user.password = password.to_owned();
        }
    }

    /// Whether IntegrationCodeCheck calls the first API user one.
    pub fn set_api_user_flag(&self, is_api_user: bool) {
        if let Some(user) = lock(&self.shared.tenant).users.first_mut() {
            user.is_api_user = is_api_user;
        }
    }

    /// Adds another API user, for example of another integration, and gives its resource's id.
    pub fn add_user(&self, login: &str, password: &str, integration_code: &str) -> i64 {
        let name = login.split('@').next().unwrap_or(login);
        let resource = self.add(
            Record::new("Resource")
                .set("UserName", name)
                .set("FirstName", "API")
                .set("LastName", name)
                .set("Email", login)
                .set("Active", true),
        );
        let mut tenant = lock(&self.shared.tenant);
        tenant.api_only.insert(resource);
        tenant.users.push(ApiUser {
            login: login.to_owned(),
            password: password.to_owned(),
            integration_code: integration_code.to_owned(),
            resource,
            is_api_user: true,
        });
        resource
    }

    /// Changes the tenant's settings.
    pub fn configure(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.shared.tenant).settings);
    }

    /// The tenant's settings as they are.
    pub fn settings(&self) -> Settings {
        lock(&self.shared.tenant).settings.clone()
    }

    /// The tenant's clock.
    pub fn now(&self) -> Timestamp {
        lock(&self.shared.tenant).now()
    }

    /// Moves the tenant's clock ahead, so that waiting needs no time.
    pub fn advance_clock(&self, by: SignedDuration) {
        let mut tenant = lock(&self.shared.tenant);
        tenant.clock_offset = tenant.clock_offset.saturating_add(by);
    }

    /// Stores a record as people would, without any check, and gives its id. Creation times and
    /// a ticket's number are filled in where they are missing.
    ///
    /// # Panics
    ///
    /// When the entity does not exist.
    #[track_caller]
    pub fn add(&self, record: Record) -> i64 {
        let def = named(&record.entity);
        let mut record = record;
        let mut tenant = lock(&self.shared.tenant);
        fill_in(&tenant, def, &mut record);
        tenant.insert(def, record)
    }

    /// All records of an entity by id.
    ///
    /// # Panics
    ///
    /// When the entity does not exist.
    #[track_caller]
    pub fn records(&self, entity: &str) -> Vec<Record> {
        let def = named(entity);
        lock(&self.shared.tenant)
            .rows(def.name)
            .map(|row| row.record.clone())
            .collect()
    }

    /// One record.
    pub fn record(&self, entity: &str, id: i64) -> Option<Record> {
        lock(&self.shared.tenant).get(entity, id).cloned()
    }

    fn of_ticket(&self, entity: &str, ticket: i64) -> Vec<Record> {
        let tenant = lock(&self.shared.tenant);
        let records = tenant.rows(entity).map(|row| &row.record);
        records
            .filter(|record| record.int("TicketID") == Some(ticket))
            .cloned()
            .collect()
    }

    /// The notes of a ticket.
    pub fn notes(&self, ticket: i64) -> Vec<Record> {
        self.of_ticket("TicketNote", ticket)
    }

    /// The time entries of a ticket.
    pub fn time_entries(&self, ticket: i64) -> Vec<Record> {
        self.of_ticket("TimeEntry", ticket)
    }

    /// Changes one field as people would; `false` when there is no such record.
    pub fn update_record(&self, entity: &str, id: i64, field: &str, value: impl Into<Val>) -> bool {
        let mut tenant = lock(&self.shared.tenant);
        match tenant.get_mut(entity, id) {
            Some(record) => {
                record.fields.insert(field.to_owned(), value.into());
                true
            }
            None => false,
        }
    }

    /// Deletes a record as people would, also where the API cannot.
    pub fn remove_record(&self, entity: &str, id: i64) -> Option<Record> {
        lock(&self.shared.tenant).remove(entity, id)
    }

    /// Replaces the values of a picklist.
    ///
    /// # Panics
    ///
    /// When entity or field do not exist.
    #[track_caller]
    #[allow(
        clippy::panic,
        reason = "documented: a wrong name is a mistake in the calling test"
    )]
    pub fn set_picklist(
        &self,
        entity: &str,
        field: &str,
        values: impl IntoIterator<Item = impl Into<PicklistValue>>,
    ) {
        let values = values.into_iter().map(Into::into).collect();
        let result = lock(&self.shared.tenant).set_picklist(entity, field, values);
        if let Err(error) = result {
            panic!("set_picklist: {error}");
        }
    }

    /// Defines a user-defined field.
    ///
    /// # Panics
    ///
    /// When the entity does not exist.
    #[track_caller]
    pub fn add_udf(&self, entity: &str, udf: UdfDef) {
        let def = named(entity);
        lock(&self.shared.tenant)
            .udfs
            .entry(def.name)
            .or_default()
            .push(udf);
    }

    /// Takes the API user's permission for an entity: queries find nothing, updates find no record.
    ///
    /// # Panics
    ///
    /// When the entity does not exist.
    #[track_caller]
    pub fn restrict(&self, entity: &str) {
        let def = named(entity);
        lock(&self.shared.tenant).restricted.insert(def.name);
    }

    /// Gives the permission back.
    ///
    /// # Panics
    ///
    /// When the entity does not exist.
    #[track_caller]
    pub fn unrestrict(&self, entity: &str) {
        let def = named(entity);
        lock(&self.shared.tenant).restricted.remove(def.name);
    }

    /// Takes the permission to create, change and delete records of an entity; they stay visible.
    ///
    /// # Panics
    ///
    /// When the entity does not exist.
    #[track_caller]
    pub fn forbid_writes(&self, entity: &str) {
        let def = named(entity);
        lock(&self.shared.tenant).read_only.insert(def.name);
    }

    /// Gives that permission back.
    ///
    /// # Panics
    ///
    /// When the entity does not exist.
    #[track_caller]
    pub fn allow_writes(&self, entity: &str) {
        let def = named(entity);
        lock(&self.shared.tenant).read_only.remove(def.name);
    }

    /// Merges a ticket into another one, as people do: notes, time entries and attachments move, and
    /// the first ticket is closed. `false` when either does not exist.
    pub fn merge_tickets(&self, from: i64, into: i64) -> bool {
        lock(&self.shared.tenant).merge_tickets(from, into, self.demo.technician)
    }

    /// Submits the timesheet of the week around a day: no more time can be booked in it.
    pub fn submit_timesheet(&self, resource: i64, day: Date) {
        lock(&self.shared.tenant)
            .submitted
            .insert((resource, week_of(day)));
    }

    /// Rejects that timesheet: time can be booked again.
    pub fn reject_timesheet(&self, resource: i64, day: Date) {
        lock(&self.shared.tenant)
            .submitted
            .remove(&(resource, week_of(day)));
    }

    /// Moves the tenant to another zone: the old address answers 401, getZoneInfo tells the new one.
    pub fn move_zone(&self) {
        move_zone(&self.shared);
    }

    /// Counts as if other integrations of the tenant had made this many requests in the last hour.
    pub fn set_foreign_requests(&self, requests: u32) {
        lock(&self.shared.limits).foreign = requests;
    }

    /// Orders a fault and gives a handle for [`AutotaskSim::fault_fired`].
    pub fn fault(&self, spec: FaultSpec) -> usize {
        lock(&self.shared.faults).push(spec, 0)
    }

    /// Orders a fault that lets this many matching calls pass before it strikes.
    pub fn fault_after(&self, calls: u32, spec: FaultSpec) -> usize {
        lock(&self.shared.faults).push(spec, calls)
    }

    /// How many calls a fault has struck.
    pub fn fault_fired(&self, handle: usize) -> u32 {
        lock(&self.shared.faults).fired(handle)
    }

    /// Takes all waiting faults away.
    pub fn clear_faults(&self) {
        lock(&self.shared.faults).clear();
    }

    /// Holds every call of that operation and entity (`""` is any) until the gate lets it through.
    pub fn gate(&self, operation: &str, entity: &str, when: When) -> Gate {
        let gate = Gate::new(operation, entity, when);
        lock(&self.shared.watchers).add_gate(gate.inner());
        gate
    }

    /// Calls the hook for every call of that operation and entity (`""` is any). The hook may use
    /// this handle's methods but must not block for long.
    pub fn on_call(
        &self,
        operation: &str,
        entity: &str,
        when: When,
        hook: impl Fn(&Call) + Send + Sync + 'static,
    ) {
        lock(&self.shared.watchers).add_hook(operation, entity, when, Arc::new(hook));
    }

    /// The calls since the start or the last reset.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.shared.calls).list.clone()
    }

    /// How many calls of an operation came about an entity; `""` is any, also none.
    pub fn call_count(&self, operation: &str, entity: &str) -> usize {
        let calls = lock(&self.shared.calls);
        let matches = |call: &&Call| {
            let about = call.entity.as_deref().unwrap_or("");
            call.operation.eq_ignore_ascii_case(operation)
                && (entity.is_empty() || about.eq_ignore_ascii_case(entity))
        };
        calls.list.iter().filter(matches).count()
    }

    /// Forgets the calls so far.
    pub fn reset_calls(&self) {
        lock(&self.shared.calls).reset();
    }
}
