//! The client.

mod attachments;
mod builder;
mod find;
mod send;
mod turn;

pub use builder::ClientBuilder;

use crate::auth::Credentials;
use crate::entity::{Entity, EntityUnion};
use crate::error::{Error, ErrorKind, Result};
use crate::generated::v1_6::Ticket;
use crate::impersonation::{ActedAs, ImpersonationFallback};
use crate::limits::{Limits, Usage};
use crate::links::Links;
use crate::metadata::{EntityDescription, FieldDescription, IntegrationCheck, Threshold};
use crate::metrics::Metrics;
use crate::ops::{
    Call, GetEntityInfo, GetFieldInfo, GetThresholdAndUsageInfo, GetUdfInfo, GetWsdlVersion,
    IntegrationCodeCheck, QueryAny, QueryEntities,
};
use crate::ops::{GetInvoiceMarkup, InvoiceFormat};
use crate::paging::Pages;
use crate::query::Query;
use crate::retry::{RetryPolicy, Sleep};
use crate::time::WireZone;
use crate::transport::Transport;
use crate::version::ApiVersion;
use crate::zone::ZoneInfo;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use std::fmt;
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;
use url::Url;

/// A client for one tenant, as one API user.
///
/// Cheap to clone; clones share the zone, the connections and the limits. Calls wait for their turn
/// so that at most three are under way for one entity. Reads are tried again after failures that
/// pass ([`RetryPolicy`]); writes are sent once, see [`Error::outcome`].
///
/// The first call looks up the tenant's zone. When the server answers HTTP 401, because the tenant
/// has moved perhaps, the zone is looked up once more: a read is then sent again, a write only if
/// the zone is another one now.
///
/// See the [crate's page](crate) for an example.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    impersonate: Option<i64>,
    fallback: ImpersonationFallback,
    time: Time,
}

/// How much time a handle's calls have.
#[derive(Clone, Copy, Debug)]
struct Time {
    /// For each request.
    timeout: Duration,
    /// No request is sent, and no answer awaited, after this.
    deadline: Option<Instant>,
}

struct Shared {
    credentials: Credentials,
    version: ApiVersion,
    lookup: Url,
    wire_zone: WireZone,
    check_before_create: bool,
    limits: Limits,
    usage: Usage,
    metrics: Option<Box<dyn Metrics>>,
    retry: RetryPolicy,
    sleep: Box<dyn Sleep>,
    transport: Arc<dyn Transport>,
    zone: RwLock<Option<Arc<ZoneInfo>>>,
    /// Held while the zone is looked up, so that only one of many waiting calls does it.
    zone_lookup: Mutex<()>,
}

impl Client {
    /// Begins a client for this API user and integration.
    ///
    /// `username` is the full login; `integration_code` is the tracking identifier that Autotask
    /// shows on the API user's page.
    pub fn builder(
        username: impl Into<String>,
        password: impl Into<SecretString>,
        integration_code: impl Into<SecretString>,
    ) -> ClientBuilder {
        ClientBuilder::new(Credentials::new(username, password, integration_code))
    }

    /// A handle whose calls act as this resource, an ordinary user of the tenant.
    ///
    /// What it creates then has that resource as creator. The security levels of both users must
    /// allow it, or the call fails; see [`impersonate_or`](Self::impersonate_or). ATWS 1.6 only.
    #[must_use]
    pub fn impersonate(&self, resource_id: i64) -> Self {
        self.impersonate_or(resource_id, ImpersonationFallback::Never)
    }

    /// The same, with a choice of what writes do when the server refuses to let the API user act as
    /// that resource. The result of the write tells in whose name it was done. Attachments, whose
    /// results cannot tell it, have no such choice: they fail.
    ///
    /// ```
    /// use autotask_soap::{ImpersonationFallback, v1_6::TicketNote};
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let (ticket, technician) = (i32::try_from(sim.demo().ticket)?, sim.demo().technician);
    /// # sim.configure(|settings| settings.allow_impersonation = false);
    /// let note = TicketNote {
    ///     ticket_id: Some(ticket),
    ///     description: Some("Rebooted.".into()),
    ///     note_type: Some(1),
    ///     publish: Some(2),
    ///     ..TicketNote::default()
    /// };
    /// let as_technician = client.impersonate_or(technician, ImpersonationFallback::AsApiUser);
    /// let created = as_technician.create(&note).await?;
    /// if let Some(refused) = &created.acted_as.refused {
    ///     eprintln!("written as the API user, not as {}: {:?}", refused.resource, refused.errors);
    /// }
    /// # assert!(created.acted_as.refused.is_some());
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn impersonate_or(&self, resource_id: i64, fallback: ImpersonationFallback) -> Self {
        Self {
            impersonate: Some(resource_id),
            fallback,
            ..self.clone()
        }
    }

    /// A handle whose calls act as the API user itself.
    #[must_use]
    pub fn as_api_user(&self) -> Self {
        Self {
            impersonate: None,
            ..self.clone()
        }
    }

    /// A handle whose calls act as nobody but the API user.
    pub(crate) fn as_itself(&self) -> Self {
        Self {
            impersonate: None,
            ..self.clone()
        }
    }

    /// A handle whose requests have this much time each, from connecting to the last byte. Waiting
    /// for a free slot, pauses between tries and the lookup of the zone come on top; see
    /// [`with_deadline`](Self::with_deadline).
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let time = Time {
            timeout,
            ..self.time
        };
        Self {
            time,
            ..self.clone()
        }
    }

    /// A handle whose calls send nothing after this moment and await no answer beyond it, whatever
    /// they wait for before. Requests still have no more than their time-out.
    ///
    /// For callers that hold a right to write, such as a lease, only for some time. A call whose
    /// deadline passes before it is sent fails with [`ErrorKind::DeadlinePassed`] and the outcome
    /// [`NotStored`](crate::Outcome::NotStored).
    #[must_use]
    pub fn with_deadline(&self, deadline: Instant) -> Self {
        let time = Time {
            deadline: Some(deadline),
            ..self.time
        };
        Self {
            time,
            ..self.clone()
        }
    }

    /// The API user's login.
    pub fn username(&self) -> &str {
        self.shared.credentials.username()
    }

    /// The version of the API that it speaks.
    pub fn version(&self) -> ApiVersion {
        self.shared.version
    }

    /// The zone of date-times on the wire.
    pub fn wire_zone(&self) -> &WireZone {
        &self.shared.wire_zone
    }

    /// Where the tenant lives: its number, endpoint and user interface. Asked once, then remembered.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::UnknownUser`] if no zone knows the user name, and whatever calls can fail with.
    pub async fn zone(&self) -> Result<Arc<ZoneInfo>> {
        send::zone(&self.shared, self.time, None).await
    }

    /// Links into the tenant's user interface.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = autotask_soap::Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint())
    /// #     .build()?;
    /// use autotask_soap::links::Command;
    ///
    /// let links = client.links().await?;
    /// let link = links.command(&Command::OpenTicketByNumber("T20261124.0001".into()));
    /// assert!(link.as_str().ends_with("?Code=OpenTicketDetail&TicketNumber=T20261124.0001"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if the zone's user interface is at an address that is not trusted, and
    /// as [`zone`](Self::zone).
    pub async fn links(&self) -> Result<Links> {
        Links::of_zone(&*self.zone().await?)
    }

    /// Runs any operation. Reads are tried again as the policy says. Nothing is checked before, and
    /// a refused impersonation has no fallback.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn send<C: Call>(&self, call: &C) -> Result<C::Answer> {
        send::send(self, call).await
    }

    /// Runs a write that [falls back](Self::impersonate_or) as the handle says.
    pub(crate) async fn write<C: Call>(&self, call: &C) -> Result<(C::Answer, Option<ActedAs>)> {
        send::write(self, call).await
    }

    /// Whether writes are checked before they are sent.
    pub(crate) fn checks(&self) -> bool {
        self.shared.check_before_create
    }

    /// Waits, unless the handle's deadline comes first: gives whether it waited.
    pub(crate) async fn wait(&self, time: Duration) -> bool {
        let late = self
            .time
            .deadline
            .is_some_and(|deadline| deadline.saturating_duration_since(Instant::now()) <= time);
        if !late {
            self.shared.sleep.sleep(time).await;
        }
        !late
    }

    /// The records that a query finds, at most 500, in the order of their ids.
    ///
    /// Exactly 500 records mean that there may be more: use [`query_all`](Self::query_all) or
    /// [`pages`](Self::pages) if that can happen.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the query cannot be asked, and whatever calls can fail with.
    pub async fn query<E: Entity>(&self, query: impl Into<Query<E>>) -> Result<Vec<E>> {
        let query = query.into();
        if query.is_never() {
            return Ok(Vec::new());
        }
        let xml = query.to_xml(self.wire_zone())?;
        self.send(&QueryEntities::new(xml)).await
    }

    /// All records that a query finds, but no more than `most`.
    ///
    /// Takes as many calls as needed: one for every 500 records, and several if the query has more
    /// alternatives than one call takes. The records come in the order of their ids within one such
    /// [portion](Query::portions), each once.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooManyRecords`] if there are more than `most`; nothing is cut off silently.
    pub async fn query_all<E: Entity>(
        &self,
        query: impl Into<Query<E>>,
        most: usize,
    ) -> Result<Vec<E>> {
        let mut records = Vec::new();
        let mut pages = self.pages(query);
        while let Some(page) = pages.next().await? {
            records.extend(page);
            if records.len() > most {
                let detail = format!("more than {most} records; narrow the query down");
                return Err(Error::new(ErrorKind::TooManyRecords, detail)
                    .with_call(crate::ops::Operation::Query, Some(E::INFO.name)));
            }
        }
        Ok(records)
    }

    /// The records that a query finds, page by page, without a limit and without holding more than
    /// one page.
    pub fn pages<E: Entity>(&self, query: impl Into<Query<E>>) -> Pages<E> {
        Pages::new(self.clone(), query.into())
    }

    /// The record with this id; `None` if there is none, or the API user may not see it.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn get<E: Entity>(&self, id: i64) -> Result<Option<E>> {
        self.first(Query::by_id(id)).await
    }

    /// The records that a QueryXML of your own finds, at most 500. Its entity must be `E`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`] if the server finds fault with the query, and whatever calls can fail
    /// with.
    pub async fn query_raw<E: Entity>(&self, query_xml: impl Into<String>) -> Result<Vec<E>> {
        self.send(&QueryEntities::new(query_xml)).await
    }

    /// The same for an entity that is only known when the program runs: `U` is the `AnyEntity` of
    /// the API version.
    ///
    /// # Errors
    ///
    /// As [`query_raw`](Self::query_raw).
    pub async fn query_any<U: EntityUnion>(&self, query_xml: impl Into<String>) -> Result<Vec<U>> {
        self.send(&QueryAny::new(query_xml)?).await
    }

    /// The fields of an entity in this tenant, with picklists.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn field_info<E: Entity>(&self) -> Result<Vec<FieldDescription>> {
        self.field_info_of(E::INFO.name).await
    }

    /// The same by the entity's name on the wire.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn field_info_of(&self, entity: &str) -> Result<Vec<FieldDescription>> {
        self.send(&GetFieldInfo {
            entity: entity.to_owned(),
        })
        .await
    }

    /// The fields that the tenant added to an entity.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn udf_info<E: Entity>(&self) -> Result<Vec<FieldDescription>> {
        self.send(&GetUdfInfo {
            entity: E::INFO.name.to_owned(),
        })
        .await
    }

    /// What the API user may do with which entity.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn entity_info(&self) -> Result<Vec<EntityDescription>> {
        self.send(&GetEntityInfo).await
    }

    /// How many calls the tenant has made and may make.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn threshold(&self) -> Result<Threshold> {
        self.send(&GetThresholdAndUsageInfo).await
    }

    /// An invoice as a document, for instance to store or to send it.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Fault`] if there is no such invoice, or the API user may not see it, and
    /// whatever calls can fail with.
    pub async fn invoice_markup(&self, invoice_id: i32, format: InvoiceFormat) -> Result<String> {
        self.send(&GetInvoiceMarkup { invoice_id, format }).await
    }

    /// The exact version of the server.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn wsdl_version(&self) -> Result<String> {
        self.send(&GetWsdlVersion).await
    }

    /// Looks for a sign that the server writes date-times in another zone than this client reads:
    /// tickets whose last activity lies more than half an hour after `now`.
    ///
    /// One call, which finds nothing if all is well. It notices a server that writes UTC while the
    /// client reads US Eastern, as long as somebody used the tenant in the last hours. It cannot
    /// notice the reverse: then times are only too old.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if there are such tickets, and whatever calls can fail with.
    pub async fn check_wire_zone(&self, now: Timestamp) -> Result<()> {
        let limit = now
            .saturating_add(SignedDuration::from_mins(30))
            .unwrap_or(Timestamp::MAX);
        let future = self.first(Ticket::LAST_ACTIVITY_DATE.gt(limit)).await?;
        let Some(ticket) = future else { return Ok(()) };
        let detail = format!(
            "ticket {} was last touched in the future; either this computer's clock is wrong or the \
             server writes its date-times in another zone than {}",
            ticket.id.unwrap_or_default(),
            self.wire_zone()
                .time_zone()
                .iana_name()
                .unwrap_or("the one set"),
        );
        Err(Error::new(ErrorKind::Config, detail))
    }

    /// Whether the user is an API user and has this integration code: a cheap test of the settings.
    /// ATWS 1.6 only.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with.
    pub async fn check_integration_code(&self) -> Result<IntegrationCheck> {
        self.send(&IntegrationCodeCheck {
            username: self.username().to_owned(),
        })
        .await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("credentials", &self.shared.credentials)
            .field("version", &self.shared.version)
            .field("lookup", &self.shared.lookup.as_str())
            .field("impersonate", &self.impersonate)
            .finish_non_exhaustive()
    }
}
