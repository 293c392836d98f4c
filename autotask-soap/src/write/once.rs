//! Creating a record that can be recognised, and never a second one.

use crate::client::Client;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ops::{Created, Operation};
use crate::query::Query;
use std::time::Duration;

/// How [`Client::create_once`] looks for the record after an ambiguous outcome.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OncePolicy<E> {
    /// How long to wait before each search after an ambiguous outcome.
    ///
    /// The server may store a record after its answer was lost: it works on a call for up to 5
    /// minutes, and a search may see new records late. A search that begins earlier can miss the
    /// record.
    pub settle: Duration,
    /// How many searches to make then, each after another wait. With 0 the outcome stays undecided
    /// at once. Default: 1.
    pub searches: u32,
    /// A query that is known to find something, for instance a record of the same entity by its id.
    ///
    /// Without a permission the server answers queries with nothing at all, instead of an error. If
    /// this query finds nothing, then "not found" proves nothing, and nothing is created.
    pub probe: Option<Query<E>>,
}

impl<E: Entity> OncePolicy<E> {
    /// One search after an ambiguous outcome, after this time.
    pub fn new(settle: Duration) -> Self {
        Self {
            settle,
            searches: 1,
            probe: None,
        }
    }

    /// The same with another number of searches.
    #[must_use]
    pub fn searches(self, searches: u32) -> Self {
        Self { searches, ..self }
    }

    /// The same with a query that is known to find something.
    #[must_use]
    pub fn probe(self, probe: impl Into<Query<E>>) -> Self {
        Self {
            probe: Some(probe.into()),
            ..self
        }
    }
}

/// What [`Client::create_once`] found or did.
#[derive(Debug)]
#[must_use = "the record may be missing, or there may be several"]
#[non_exhaustive]
pub enum Once<E> {
    /// The record was there before, or was found after an ambiguous outcome. More than one means
    /// that somebody copied it, that it was created twice in the past, or, for a time entry, that
    /// the server stored it as several.
    Found(Vec<E>),
    /// It was created now.
    Created(Created),
    /// Nobody can tell whether it exists.
    Undecided(Undecided),
}

/// Why it is not known whether the record exists.
#[derive(Debug)]
#[non_exhaustive]
pub struct Undecided {
    /// The ambiguous failure of the creation; `None` if nothing was sent, because the probe found
    /// nothing either.
    pub created: Option<Error>,
    /// How many searches after it found nothing. The last began at least the policy's time after the
    /// record was sent.
    pub searches: u32,
    /// The failure of a search, after which no more were made.
    pub search: Option<Error>,
}

impl Undecided {
    /// Whether the record was sent by this call.
    pub fn was_sent(&self) -> bool {
        self.created.is_some()
    }
}

impl Client {
    /// Creates a record unless it is there already.
    ///
    /// ATWS cannot be told that two calls mean the same record. What helps is a marker of your own in
    /// it, and a query that finds the marker: `Ticket.ExternalID`, a line in a note's description, a
    /// time entry's internal notes. Then:
    ///
    /// 1. Search. Found: done.
    /// 2. Create, once.
    /// 3. If the outcome is ambiguous: wait for the policy's time, search again. Found: done. Else it
    ///    is [undecided](Once::Undecided), and the record is not sent again. Calling this method once
    ///    more does the same from the beginning, and so sends it again if it still is not found;
    ///    that is as safe as the time to settle is long.
    ///
    /// ```
    /// use autotask_soap::v1_6::Ticket;
    /// use autotask_soap::write::{Once, OncePolicy};
    /// use std::time::Duration;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let known = client.get::<Ticket>(sim.demo().queue_ticket).await?.ok_or("no ticket")?;
    /// let ticket = Ticket {
    ///     external_id: Some("order-4711".into()),
    ///     title: Some("New laptop".into()),
    ///     // …
    /// #   account_id: known.account_id, status: Some(1), priority: Some(2),
    /// #   queue_id: known.queue_id, due_date_time: Some(jiff::Timestamp::now()),
    ///     ..Ticket::default()
    /// };
    /// let policy = OncePolicy::new(Duration::from_secs(360)); // waited only after a lost answer
    /// for _ in 0..2 {
    ///     match client.create_once(&ticket, Ticket::EXTERNAL_ID.eq("order-4711"), &policy).await? {
    ///         Once::Created(created) => println!("created {}", created.id),
    ///         Once::Found(tickets) => println!("there already: {:?}", tickets[0].id),
    ///         Once::Undecided(why) => println!("a person must look: {why:?}"),
    ///         _ => {}
    ///     }
    /// }
    /// # let made = sim.records("Ticket").iter().filter(|t| t.text("ExternalID") == "order-4711").count();
    /// # assert_eq!(made, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Two callers at the same time can both find nothing and both create. The searches are made by
    /// the API user itself, also if this handle [impersonates](Self::impersonate). Choose markers
    /// that are not part of one another, and remember that the server compares without regard to
    /// case.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if the marker's query finds everything or nothing, whatever its content;
    /// a failure of the first search or the probe; a failure of the creation that certainly stored
    /// nothing. An ambiguous failure is no error here, but [`Once::Undecided`].
    pub async fn create_once<E: Entity>(
        &self,
        entity: &E,
        marker: impl Into<Query<E>>,
        policy: &OncePolicy<E>,
    ) -> Result<Once<E>> {
        let marker = marker.into();
        if marker.is_never() || marker.is_always() {
            let detail = "the marker's query must find the record, and no other";
            return Err(Error::new(ErrorKind::Query, detail)
                .with_call(Operation::Query, Some(E::INFO.name)));
        }
        let reader = self.as_api_user();
        let found = reader.query(marker.clone()).await?;
        if !found.is_empty() {
            return Ok(Once::Found(found));
        }
        if let Some(probe) = &policy.probe {
            if reader.query(probe.clone()).await?.is_empty() {
                return Ok(Once::Undecided(Undecided {
                    created: None,
                    searches: 0,
                    search: None,
                }));
            }
        }
        let error = match self.create(entity).await {
            Ok(created) => return Ok(Once::Created(created)),
            Err(error) if error.outcome() == Outcome::Ambiguous => error,
            Err(error) => return Err(error),
        };
        let mut undecided = Undecided {
            created: Some(error),
            searches: 0,
            search: None,
        };
        while undecided.searches < policy.searches && reader.wait(policy.settle).await {
            match reader.query(marker.clone()).await {
                Ok(found) if found.is_empty() => undecided.searches += 1,
                Ok(found) => return Ok(Once::Found(found)),
                Err(error) => {
                    undecided.search = Some(error);
                    break;
                }
            }
        }
        Ok(Once::Undecided(undecided))
    }
}
