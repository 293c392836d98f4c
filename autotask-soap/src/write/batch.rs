//! Up to 200 records in one call, and going on without those that were refused.

use super::modify::{may_be_written, read};
use crate::client::Client;
use crate::entity::{Entity, changed_fields};
use crate::error::{Error, ErrorKind, Outcome, Result, ServerError};
use crate::impersonation::ActedAs;
use crate::ops::check_update_ids;
use std::borrow::Cow;
use std::fmt;

/// What became of one record of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordResult {
    /// It was written.
    Stored,
    /// The change left it as it was, so that nothing was to be written.
    Unchanged,
    /// The server refused it, for these reasons. It was not written.
    AtFault(Vec<ServerError>),
    /// Nothing is known against it, but it was not written, because others of its call were refused
    /// or the call as such was.
    NotStored,
    /// Nobody can tell: the outcome of the call that held it is ambiguous.
    Ambiguous,
}

/// A batch of which everything that was sent last is written.
///
/// Records that an earlier call refused are not, if it was
/// [sent again without them](BatchFailed::resubmit_rest); [`results`](Self::results) tells.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use = "records that were refused before are only named here"]
pub struct BatchStored {
    /// What became of each record, in the order given.
    pub results: Vec<RecordResult>,
    /// The ids of the records that were written. For new records the order says nothing, and there
    /// can be more ids than records; see [`Created::ids`](crate::Created::ids).
    pub ids: Vec<i64>,
    /// What the server remarked although it stored everything.
    pub remarks: Vec<ServerError>,
    /// In whose name the records were written.
    pub acted_as: ActedAs,
}

impl BatchStored {
    /// Whether every record was written, or needed no writing.
    pub fn is_complete(&self) -> bool {
        use RecordResult::{Stored, Unchanged};
        self.results.iter().all(|r| matches!(r, Stored | Unchanged))
    }
}

/// A batch whose last call failed. It turns into an [`Error`] with `?`.
///
/// After a refusal nothing of the call was stored: [`results`](Self::results) says which records the
/// server found at fault, and [`resubmit_rest`](Self::resubmit_rest) sends the others, of which it
/// holds a copy.
pub struct BatchFailed<E: Entity>(Box<Inner<E>>);

struct Inner<E: Entity> {
    client: Client,
    records: Records<'static, E>,
    results: Vec<RecordResult>,
    error: Error,
}

enum Records<'a, E: Entity> {
    Create(Cow<'a, [E]>),
    Replace(Cow<'a, [E]>),
    Delete(Cow<'a, [i64]>),
    /// As they were read, and as they are to be.
    Modify(Cow<'a, [E]>, Cow<'a, [E]>),
}

struct Written {
    ids: Vec<i64>,
    remarks: Vec<ServerError>,
    acted_as: ActedAs,
}

impl<E: Entity> Records<'_, E> {
    fn len(&self) -> usize {
        match self {
            Self::Create(records) | Self::Replace(records) | Self::Modify(_, records) => {
                records.len()
            }
            Self::Delete(ids) => ids.len(),
        }
    }

    fn only(&self, positions: &[usize]) -> Records<'static, E> {
        fn pick<T: Clone>(all: &[T], positions: &[usize]) -> Cow<'static, [T]> {
            let picked = positions.iter().filter_map(|&at| all.get(at).cloned());
            Cow::Owned(picked.collect())
        }
        match self {
            Self::Create(records) => Records::Create(pick(records, positions)),
            Self::Replace(records) => Records::Replace(pick(records, positions)),
            Self::Delete(ids) => Records::Delete(pick(ids, positions)),
            Self::Modify(before, after) => {
                Records::Modify(pick(before, positions), pick(after, positions))
            }
        }
    }

    async fn write(&self, client: &Client) -> Result<Written> {
        let (ids, remarks, acted_as) = match self {
            Self::Create(records) => {
                let done = client.create_many(records).await?;
                (done.ids, done.remarks, done.acted_as)
            }
            Self::Replace(records) => {
                let done = client.update_whole(records, client.checks()).await?;
                (done.ids, done.remarks, done.acted_as)
            }
            Self::Delete(ids) => {
                let done = client.delete_ids::<E>(ids).await?;
                (done.ids, done.remarks, done.acted_as)
            }
            Self::Modify(before, after) => {
                may_be_written(client, before, after, None).await?;
                let done = client.update_whole(after, false).await?;
                (done.ids, done.remarks, done.acted_as)
            }
        };
        Ok(Written {
            ids,
            remarks,
            acted_as,
        })
    }

    fn into_owned(self) -> Records<'static, E> {
        match self {
            Self::Create(records) => Records::Create(Cow::Owned(records.into_owned())),
            Self::Replace(records) => Records::Replace(Cow::Owned(records.into_owned())),
            Self::Delete(ids) => Records::Delete(Cow::Owned(ids.into_owned())),
            Self::Modify(before, after) => Records::Modify(
                Cow::Owned(before.into_owned()),
                Cow::Owned(after.into_owned()),
            ),
        }
    }

    async fn run(self, client: &Client) -> Result<BatchStored, BatchFailed<E>> {
        let results = vec![RecordResult::NotStored; self.len()];
        let all: Vec<usize> = (0..self.len()).collect();
        let written = self.write(client).await;
        conclude(client, self, results, &all, written)
    }
}

/// Notes what became of the records at `sent`.
fn conclude<E: Entity>(
    client: &Client,
    records: Records<'_, E>,
    mut results: Vec<RecordResult>,
    sent: &[usize],
    written: Result<Written>,
) -> Result<BatchStored, BatchFailed<E>> {
    let mut note = |position: usize, result: RecordResult| {
        if let Some(place) = results.get_mut(position) {
            *place = result;
        }
    };
    match written {
        Ok(written) => {
            for &position in sent {
                note(position, RecordResult::Stored);
            }
            Ok(BatchStored {
                results,
                ids: written.ids,
                remarks: written.remarks,
                acted_as: written.acted_as,
            })
        }
        Err(error) => {
            for (at, &position) in sent.iter().enumerate() {
                note(position, verdict(&error, at));
            }
            Err(BatchFailed(Box::new(Inner {
                client: client.clone(),
                records: records.into_owned(),
                results,
                error,
            })))
        }
    }
}

/// What a failed call means for the record that stood at this place in it.
fn verdict(error: &Error, at: usize) -> RecordResult {
    if error.outcome() == Outcome::Ambiguous {
        return RecordResult::Ambiguous;
    }
    let number = u32::try_from(at + 1).ok();
    let mut reasons: Vec<ServerError> = error
        .server_errors()
        .iter()
        .filter(|said| said.record.is_some() && said.record == number)
        .cloned()
        .collect();
    // What was found before sending has no texts of the server.
    reasons.extend(
        error
            .field_problems()
            .iter()
            .filter(|problem| problem.record.is_some() && problem.record == number)
            .map(|problem| ServerError::new(number, problem.to_string())),
    );
    if reasons.is_empty() {
        RecordResult::NotStored
    } else {
        RecordResult::AtFault(reasons)
    }
}

impl<E: Entity> BatchFailed<E> {
    /// Why the last call failed. Numbers of records in it count those that were sent, from 1;
    /// [`results`](Self::results) has them in their place.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// What became of each record, in the order given.
    pub fn results(&self) -> &[RecordResult] {
        &self.0.results
    }

    /// Positions, from 0, of the records that the server, or the check before sending, found at
    /// fault.
    pub fn at_fault(&self) -> Vec<usize> {
        self.positions(|result| matches!(result, RecordResult::AtFault(_)))
    }

    /// Positions, from 0, of the records that were certainly not stored and against which nothing is
    /// known.
    pub fn rest(&self) -> Vec<usize> {
        self.positions(|result| *result == RecordResult::NotStored)
    }

    fn positions(&self, of: impl Fn(&RecordResult) -> bool) -> Vec<usize> {
        let results = self.0.results.iter().enumerate();
        results
            .filter(|(_, result)| of(result))
            .map(|(at, _)| at)
            .collect()
    }

    /// Sends those records that were not at fault, in one call, all of them or none. Those at fault
    /// stay unwritten; the result names them too.
    ///
    /// # Errors
    ///
    /// Without sending, if no record is known to be at fault, because the same call would only fail
    /// again, or if none is left. Otherwise as the first call; the results are brought up to date,
    /// so that it can be called again.
    pub async fn resubmit_rest(self) -> Result<BatchStored, Self> {
        let rest = self.rest();
        if rest.is_empty() || self.at_fault().is_empty() {
            return Err(self);
        }
        let Inner {
            client,
            records,
            results,
            ..
        } = *self.0;
        let written = records.only(&rest).write(&client).await;
        conclude(&client, records, results, &rest, written)
    }

    /// The error alone.
    pub fn into_error(self) -> Error {
        self.0.error
    }
}

impl<E: Entity> From<BatchFailed<E>> for Error {
    fn from(failed: BatchFailed<E>) -> Self {
        failed.into_error()
    }
}

impl<E: Entity> fmt::Display for BatchFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.error.fmt(f)
    }
}

// The records can hold customers' texts.
impl<E: Entity> fmt::Debug for BatchFailed<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchFailed")
            .field("entity", &E::INFO.name)
            .field("records", &self.0.results.len())
            .field("at_fault", &self.at_fault())
            .field("error", &self.0.error)
            .finish_non_exhaustive()
    }
}

impl<E: Entity> std::error::Error for BatchFailed<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.error.source()
    }
}

impl Client {
    /// Creates up to 200 records of one type in one call, all of them or none.
    ///
    /// If some are refused, the result says which, and the others can be sent without them:
    ///
    /// ```
    /// use autotask_soap::v1_6::TicketNote;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let ticket = i32::try_from(sim.demo().ticket)?;
    /// let note = |ticket, text: &str| TicketNote {
    ///     ticket_id: Some(ticket),
    ///     description: Some(text.into()),
    ///     note_type: Some(1),
    ///     publish: Some(2),
    ///     ..TicketNote::default()
    /// };
    /// let no_such_ticket = 1;
    /// let notes = [note(ticket, "one"), note(no_such_ticket, "two"), note(ticket, "three")];
    ///
    /// let failed = client.create_batch(&notes).await.unwrap_err();
    /// assert_eq!(failed.at_fault(), [1]); // and nothing is stored
    /// let stored = failed.resubmit_rest().await?;
    /// assert_eq!(stored.ids.len(), 2);
    /// assert!(!stored.is_complete()); // `stored.results[1]` has the reason
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Smaller batches are kinder to the server: 200 long records can take minutes, and a call is cut
    /// off after five.
    ///
    /// # Errors
    ///
    /// [`BatchFailed`] has the error and what became of each record. Look at
    /// [`Error::outcome`]: after an ambiguous one the records may exist.
    pub async fn create_batch<E: Entity>(
        &self,
        entities: &[E],
    ) -> Result<BatchStored, BatchFailed<E>> {
        Records::Create(Cow::Borrowed(entities)).run(self).await
    }

    /// Overwrites up to 200 stored records of one type in one call, all of them or none: **the server
    /// clears every writable field that is not set.** See
    /// [`replace_clearing_unset`](Self::replace_clearing_unset).
    ///
    /// # Errors
    ///
    /// As [`create_batch`](Self::create_batch). Every entity needs an id, each another one.
    pub async fn replace_batch_clearing_unset<E: Entity>(
        &self,
        entities: &[E],
    ) -> Result<BatchStored, BatchFailed<E>> {
        Records::Replace(Cow::Borrowed(entities)).run(self).await
    }

    /// Changes up to 200 stored records of one type and writes them back in one call, all of them or
    /// none. [`modify`](Self::modify) for many: the same checks, and three calls altogether.
    ///
    /// ```
    /// use autotask_soap::v1_6::Ticket;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let ids = [sim.demo().ticket, sim.demo().queue_ticket];
    /// let done = client
    ///     .modify_batch::<Ticket>(&ids, |ticket| ticket.purchase_order_number = Some("4711".into()))
    ///     .await?;
    /// assert!(done.is_complete());
    /// # assert_eq!(sim.record("Ticket", ids[1]).ok_or("gone")?.text("PurchaseOrderNumber"), "4711");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`modify`](Self::modify) and [`create_batch`](Self::create_batch). Records that are missing
    /// or were changed meanwhile fail the whole call, and the error names them. What is
    /// [sent again](BatchFailed::resubmit_rest) is read and compared once more before.
    pub async fn modify_batch<E: Entity>(
        &self,
        ids: &[i64],
        mut change: impl FnMut(&mut E),
    ) -> Result<BatchStored, BatchFailed<E>> {
        let mut results = vec![RecordResult::NotStored; ids.len()];
        let early = |error| {
            let records = Records::Modify(Cow::Owned(Vec::new()), Cow::Owned(Vec::new()));
            let results = vec![RecordResult::NotStored; ids.len()];
            BatchFailed(Box::new(Inner {
                client: self.clone(),
                records,
                results,
                error,
            }))
        };
        check_update_ids::<E>(ids).map_err(early)?;
        let before: Vec<E> = read(&self.as_api_user(), ids).await.map_err(early)?;
        let mut after = before.clone();
        after.iter_mut().for_each(&mut change);
        let mut sent = Vec::new();
        for (at, (before, after)) in before.iter().zip(&after).enumerate() {
            if changed_fields(before, after).is_empty() {
                results[at] = RecordResult::Unchanged;
            } else {
                sent.push(at);
            }
        }
        let records = Records::Modify(Cow::Owned(before), Cow::Owned(after));
        if sent.is_empty() {
            return Ok(BatchStored {
                results,
                ids: Vec::new(),
                remarks: Vec::new(),
                acted_as: ActedAs::default(),
            });
        }
        let written = records.only(&sent).write(self).await;
        conclude(self, records, results, &sent, written)
    }

    /// Deletes up to 200 records of one type in one call, all of them or none.
    ///
    /// # Errors
    ///
    /// As [`create_batch`](Self::create_batch).
    pub async fn delete_batch<E: Entity>(
        &self,
        ids: &[i64],
    ) -> Result<BatchStored, BatchFailed<E>> {
        Records::<E>::Delete(Cow::Borrowed(ids)).run(self).await
    }
}

/// Whether an error names records, so that leaving them out can help.
pub(super) fn names_records(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Refused | ErrorKind::Validation)
        && (error.server_errors().iter().any(|e| e.record.is_some())
            || error.field_problems().iter().any(|p| p.record.is_some()))
}
