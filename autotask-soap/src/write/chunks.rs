//! More records than one call takes.

use super::batch::names_records;
use crate::client::Client;
use crate::entity::Entity;
use crate::error::{Error, Outcome, ServerError};
use crate::impersonation::ActedAs;
use crate::ops::MAX_ENTITIES;
use std::fmt;
use std::ops::Range;

/// How many records are cut into calls, and when the calls end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chunking {
    /// Records in a call, 1 to 200. Default: 50, since large calls run into time-outs and locks.
    pub size: usize,
    /// Whether chunks follow one of which the server refused records. Default: no.
    pub after_refusal: AfterRefusal,
}

/// What follows a chunk of which the server refused records, so that nothing of it was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum AfterRefusal {
    /// Nothing more is sent.
    #[default]
    Stop,
    /// The next chunk is sent. Other failures stop nonetheless, the ambiguous ones before all.
    GoOn,
}

impl Default for Chunking {
    fn default() -> Self {
        Self {
            size: 50,
            after_refusal: AfterRefusal::Stop,
        }
    }
}

impl Chunking {
    /// Chunks of this many records, at least 1 and at most 200.
    pub fn of(size: usize) -> Self {
        Self {
            size: size.clamp(1, MAX_ENTITIES),
            ..Self::default()
        }
    }

    /// The same, and going on after chunks of which records were refused.
    #[must_use]
    pub fn going_on_after_refusals(self) -> Self {
        Self {
            after_refusal: AfterRefusal::GoOn,
            ..self
        }
    }
}

/// One chunk and what became of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Chunk {
    /// Which of the given records it holds, counted from 0.
    pub range: Range<usize>,
    /// What became of it.
    pub state: ChunkState,
}

/// See [`Chunk`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ChunkState {
    /// All its records are stored.
    #[non_exhaustive]
    Stored {
        /// The ids; which record got which is not certain from the order.
        ids: Vec<i64>,
        /// What the server remarked nonetheless.
        remarks: Vec<ServerError>,
        /// In whose name they were written.
        acted_as: ActedAs,
    },
    /// Certainly nothing of it is stored. Numbers of records in the error count from the chunk's
    /// first record, which is 1.
    NotStored(Error),
    /// Its records may be stored. No error means that nobody waited for the answer to the end.
    Ambiguous(Option<Error>),
    /// It was not sent.
    NotSent,
}

/// The creation of many records, chunk by chunk. See [`Client::create_in_chunks`].
#[must_use = "nothing is sent until `run` or `next` is called"]
pub struct Chunks<'a, E> {
    client: Client,
    entities: &'a [E],
    chunking: Chunking,
    chunks: Vec<Chunk>,
    next: usize,
    stopped: bool,
}

/// What became of all chunks.
#[derive(Debug, Default)]
#[non_exhaustive]
#[must_use = "chunks that are not stored are only named here"]
pub struct ChunkReport {
    /// The chunks, in the order of the records.
    pub chunks: Vec<Chunk>,
}

impl ChunkReport {
    /// Whether every record is stored.
    pub fn is_complete(&self) -> bool {
        let stored = |chunk: &Chunk| matches!(chunk.state, ChunkState::Stored { .. });
        self.chunks.iter().all(stored)
    }

    /// The ids of all records that are certainly stored.
    pub fn ids(&self) -> Vec<i64> {
        let mut all = Vec::new();
        for chunk in &self.chunks {
            if let ChunkState::Stored { ids, .. } = &chunk.state {
                all.extend_from_slice(ids);
            }
        }
        all
    }

    /// How many of the given records are stored, certainly not stored though their chunk was tried,
    /// of unknown fate, and not sent.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for chunk in &self.chunks {
            *match chunk.state {
                ChunkState::Stored { .. } => &mut counts.stored,
                ChunkState::NotStored(_) => &mut counts.not_stored,
                ChunkState::Ambiguous(_) => &mut counts.ambiguous,
                ChunkState::NotSent => &mut counts.not_sent,
            } += chunk.range.len();
        }
        counts
    }
}

/// Numbers of records; see [`ChunkReport::counts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Stored.
    pub stored: usize,
    /// Refused, or failed in another way that certainly stored nothing.
    pub not_stored: usize,
    /// Nobody can tell.
    pub ambiguous: usize,
    /// Not sent.
    pub not_sent: usize,
}

/// Not all chunks are stored.
#[derive(Debug)]
#[non_exhaustive]
pub struct ChunksStopped {
    /// What became of all chunks.
    pub report: ChunkReport,
}

impl fmt::Display for ChunksStopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.report.counts();
        write!(
            f,
            "of {} records, {} are stored, {} certainly not, {} perhaps, and {} were not sent",
            self.report.chunks.last().map_or(0, |chunk| chunk.range.end),
            counts.stored,
            counts.not_stored,
            counts.ambiguous,
            counts.not_sent,
        )?;
        for chunk in &self.report.chunks {
            if let ChunkState::NotStored(error) | ChunkState::Ambiguous(Some(error)) = &chunk.state
            {
                let (first, last) = (chunk.range.start + 1, chunk.range.end);
                write!(f, "; records {first} to {last}: {error}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for ChunksStopped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.report
            .chunks
            .iter()
            .find_map(|chunk| match &chunk.state {
                ChunkState::NotStored(error) | ChunkState::Ambiguous(Some(error)) => {
                    Some(error as &(dyn std::error::Error + 'static))
                }
                _ => None,
            })
    }
}

/// Cuts `count` records into pieces of at most `size`.
fn cut(count: usize, size: usize) -> impl Iterator<Item = Range<usize>> {
    let size = size.clamp(1, MAX_ENTITIES);
    (0..count)
        .step_by(size)
        .map(move |start| start..count.min(start + size))
}

impl<'a, E: Entity> Chunks<'a, E> {
    fn new(client: Client, entities: &'a [E], chunking: Chunking) -> Self {
        let chunks = cut(entities.len(), chunking.size)
            .map(|range| Chunk {
                range,
                state: ChunkState::NotSent,
            })
            .collect();
        Self {
            client,
            entities,
            chunking,
            chunks,
            next: 0,
            stopped: false,
        }
    }

    /// Sends the next chunk and gives what became of it; `None` when all are sent or sending has
    /// stopped. For callers that note down each chunk before the next one goes.
    ///
    /// If the returned future is dropped before it ends, the chunk counts as ambiguous and nothing
    /// more is sent.
    pub async fn next(&mut self) -> Option<&Chunk> {
        if self.stopped {
            return None;
        }
        let at = self.next;
        let chunk = self.chunks.get_mut(at)?;
        self.next += 1;
        // This is what stands there if the future is dropped at the `await`.
        chunk.state = ChunkState::Ambiguous(None);
        self.stopped = true;
        let entities = self.entities.get(chunk.range.clone()).unwrap_or_default();
        let result = self.client.create_many(entities).await;
        chunk.state = match result {
            Ok(created) => {
                self.stopped = false;
                ChunkState::Stored {
                    ids: created.ids,
                    remarks: created.remarks,
                    acted_as: created.acted_as,
                }
            }
            Err(error) if error.outcome() == Outcome::Ambiguous => {
                ChunkState::Ambiguous(Some(error))
            }
            Err(error) => {
                let go_on = self.chunking.after_refusal == AfterRefusal::GoOn;
                self.stopped =
                    !(go_on && (names_records(&error) || blames_only_one(entities, &error)));
                ChunkState::NotStored(error)
            }
        };
        self.chunks.get(at)
    }

    /// What became of the chunks so far.
    pub fn into_report(self) -> ChunkReport {
        ChunkReport {
            chunks: self.chunks,
        }
    }

    /// Sends all chunks.
    ///
    /// # Errors
    ///
    /// [`ChunksStopped`] says of every chunk what became of it, unless all are stored.
    pub async fn run(mut self) -> Result<ChunkReport, ChunksStopped> {
        while self.next().await.is_some() {}
        let report = self.into_report();
        if report.is_complete() {
            Ok(report)
        } else {
            Err(ChunksStopped { report })
        }
    }
}

/// A chunk of one record needs no number to tell which record is at fault.
fn blames_only_one<E>(entities: &[E], error: &Error) -> bool {
    entities.len() == 1
        && matches!(
            error.kind(),
            crate::ErrorKind::Refused | crate::ErrorKind::Validation
        )
}

impl<E: Entity> fmt::Debug for Chunks<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunks")
            .field("entity", &E::INFO.name)
            .field("chunking", &self.chunking)
            .field("chunks", &self.chunks)
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Creates any number of records of one type, in one call after another. Each call stores all of
    /// its records or none, but all calls together do not: the report says of every chunk whether it
    /// is stored, certainly not stored, of unknown fate, or was not sent.
    ///
    /// ```
    /// use autotask_soap::v1_6::TicketNote;
    /// use autotask_soap::write::Chunking;
    /// # use autotask_soap::Client;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = autotask_sim::AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint()).build()?;
    /// # let ticket = i32::try_from(sim.demo().ticket)?;
    /// let notes: Vec<TicketNote> = (1..=450)
    ///     .map(|number| TicketNote {
    ///         ticket_id: Some(ticket),
    ///         description: Some(format!("Note {number}")),
    ///         note_type: Some(1),
    ///         publish: Some(2),
    ///         ..TicketNote::default()
    ///     })
    ///     .collect();
    /// match client.create_in_chunks(&notes, Chunking::of(200)).run().await {
    ///     Ok(report) => assert_eq!(report.ids().len(), 450),
    ///     Err(stopped) => eprintln!("{stopped}"), // `stopped.report` has every chunk
    /// }
    /// # assert_eq!(sim.call_count("create", "TicketNote"), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn create_in_chunks<'a, E: Entity>(
        &self,
        entities: &'a [E],
        chunking: Chunking,
    ) -> Chunks<'a, E> {
        Chunks::new(self.clone(), entities, chunking)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every record is in one chunk, in order, and no chunk is empty or larger than it may be.
        #[test]
        fn chunks_cover_everything_once(count in 0..2000usize, size in 0..300usize) {
            let chunks: Vec<_> = cut(count, size).collect();
            let covered: Vec<usize> = chunks.iter().cloned().flatten().collect();
            prop_assert_eq!(covered, (0..count).collect::<Vec<_>>());
            let most = size.clamp(1, 200);
            prop_assert!(chunks.iter().all(|chunk| (1..=most).contains(&chunk.len())));
            prop_assert_eq!(chunks.len(), count.div_ceil(most));
        }
    }
}
