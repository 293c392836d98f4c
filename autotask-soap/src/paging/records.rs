//! Records of a query as a stream.

use super::Pages;
use crate::client::Client;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::Operation;
use crate::query::Query;
use futures_core::Stream;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Records of a query, one by one over all its pages; made by [`Client::stream`].
///
/// Nothing is asked before the first call of [`next`](Self::next), and no more than one page is
/// held. It is also a [`Stream`].
///
/// Failures that pass are tried again as everywhere. After an error the stream ends, so that nobody
/// turns in circles; [`resume`](Self::resume) lets it go on where it stopped, without losing or
/// repeating a record.
///
/// ```
/// # use autotask_sim::AutotaskSim;
/// use autotask_soap::Client;
/// use autotask_soap::v1_6::Ticket;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sim = AutotaskSim::start().await?;
/// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
/// #     .endpoint(sim.lookup_endpoint())
/// #     .build()?;
/// // Not more than 10,000 records, and not more than 50 calls.
/// let mut open = client.stream(Ticket::STATUS.ne(5), 10_000).max_calls(50);
/// while let Some(ticket) = open.next().await {
///     println!("{:?}", ticket?.title);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before the first record is taken"]
pub struct Records<E> {
    state: State<E>,
    page: VecDeque<E>,
    /// How many more may be given.
    left: usize,
    most: usize,
    max_calls: usize,
    last_id: Option<i64>,
}

type Fetched<E> = (Pages<E>, Result<Option<Vec<E>>>);

enum State<E> {
    /// Between two pages.
    Idle(Pages<E>),
    Fetching(Pin<Box<dyn Future<Output = Fetched<E>> + Send>>),
    /// After an error.
    Failed(Pages<E>),
    Done,
}

// Records are moved out by value and never pinned in place.
impl<E> Unpin for Records<E> {}

impl<E: Entity> Records<E> {
    pub(crate) fn new(client: Client, query: Query<E>, most: usize) -> Self {
        Self {
            state: State::Idle(Pages::new(client, query)),
            page: VecDeque::new(),
            left: most,
            most,
            max_calls: usize::MAX,
            last_id: None,
        }
    }

    /// At most this many calls, of which each counts against the tenant's allowance. Tries after a
    /// failure are not counted.
    pub fn max_calls(mut self, calls: usize) -> Self {
        self.max_calls = calls;
        self
    }

    /// The next record; `None` after the last.
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    ///
    /// As [`Pages::next`]. [`ErrorKind::TooManyRecords`] if there are more than allowed; what was
    /// given before is then a part of them only.
    pub async fn next(&mut self) -> Option<Result<E>> {
        std::future::poll_fn(|context| self.poll_record(context)).await
    }

    /// Lets a stream go on that has ended with an error other than
    /// [`ErrorKind::TooManyRecords`]: the page that failed is asked for again.
    pub fn resume(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Done) {
            State::Failed(pages) => State::Idle(pages),
            state => state,
        };
    }

    /// Id of the record given last.
    ///
    /// With a query of one [portion](Query::portions) a later program can go on behind it, by
    /// [`Query::after_id`].
    pub fn last_id(&self) -> Option<i64> {
        self.last_id
    }

    /// All records that are left.
    ///
    /// # Errors
    ///
    /// The first error; the records before it are lost.
    pub async fn collect(mut self) -> Result<Vec<E>> {
        let mut records = Vec::new();
        while let Some(record) = self.next().await {
            records.push(record?);
        }
        Ok(records)
    }

    fn poll_record(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<E>>> {
        loop {
            if let Some(record) = self.page.pop_front() {
                let Some(left) = self.left.checked_sub(1) else {
                    let detail = format!("more than {} records; narrow the query down", self.most);
                    return Poll::Ready(Some(Err(self.too_many(detail))));
                };
                self.left = left;
                self.last_id = record.record_id().or(self.last_id);
                return Poll::Ready(Some(Ok(record)));
            }
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Poll::Ready(None),
                State::Failed(pages) => {
                    self.state = State::Failed(pages);
                    return Poll::Ready(None);
                }
                State::Idle(mut pages) => {
                    if pages.calls() >= self.max_calls && !pages.is_done() {
                        let detail = format!("more than {} pages of records", self.max_calls);
                        return Poll::Ready(Some(Err(self.too_many(detail))));
                    }
                    self.state = State::Fetching(Box::pin(async move {
                        let page = pages.next().await;
                        (pages, page)
                    }));
                }
                State::Fetching(mut fetching) => {
                    let fetched = fetching.as_mut().poll(context);
                    if fetched.is_pending() {
                        self.state = State::Fetching(fetching);
                    }
                    match ready!(fetched) {
                        (pages, Ok(Some(page))) => {
                            self.page = page.into();
                            self.state = State::Idle(pages);
                        }
                        (_, Ok(None)) => {}
                        (pages, Err(error)) => {
                            self.state = State::Failed(pages);
                            return Poll::Ready(Some(Err(error)));
                        }
                    }
                }
            }
        }
    }

    fn too_many(&mut self, detail: String) -> Error {
        self.page.clear();
        self.state = State::Done;
        Error::new(ErrorKind::TooManyRecords, detail)
            .with_call(Operation::Query, Some(E::INFO.name))
    }
}

impl<E: Entity> Stream for Records<E> {
    type Item = Result<E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_record(context)
    }
}

impl<E> fmt::Debug for Records<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records")
            .field("left", &self.left)
            .field("last_id", &self.last_id)
            .finish_non_exhaustive()
    }
}
