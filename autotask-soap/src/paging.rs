//! Queries that find more than one page of records.

mod records;
mod walk;

pub use records::Records;
pub(crate) use walk::Walk;

use crate::client::Client;
use crate::entity::Entity;
use crate::error::Result;
use crate::ops::QueryEntities;
use crate::query::Query;

/// The pages of a query, one after the other; made by [`Client::pages`].
///
/// The server has no cursor: each page asks for ids beyond the last one. Records created meanwhile
/// can therefore appear; none is given twice. A query with more alternatives than one call takes is
/// asked in portions, and the ids rise within each.
#[derive(Debug)]
pub struct Pages<E> {
    client: Client,
    walk: Walk<E>,
}

impl<E: Entity> Pages<E> {
    pub(crate) fn new(client: Client, query: Query<E>) -> Self {
        Self {
            client,
            walk: Walk::new(query),
        }
    }

    /// The next page, which is never empty; `None` after the last.
    ///
    /// After an error the same page is asked for again: nothing is lost, nothing comes twice.
    ///
    /// # Errors
    ///
    /// As [`Client::query`]. Also if the server gives records again that it gave before, or a full
    /// page that is not in the order of the ids: going on would repeat or lose some.
    pub async fn next(&mut self) -> Result<Option<Vec<E>>> {
        while let Some(xml) = self.walk.ask(self.client.wire_zone())? {
            let mut page = self.client.send(&QueryEntities::<E>::new(xml)).await?;
            let ids: Vec<Option<i64>> = page.iter().map(Entity::record_id).collect();
            let mut is_new = self.walk.got(&ids)?.into_iter();
            page.retain(|_| is_new.next().unwrap_or(true));
            if !page.is_empty() {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }

    /// How many pages the server has given.
    pub fn calls(&self) -> usize {
        self.walk.calls()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.walk.is_done()
    }
}
