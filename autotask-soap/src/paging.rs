//! Queries that find more than one page of records.

use crate::client::{Client, is_full};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::{Operation, QueryEntities};
use crate::query::Query;

/// The pages of a query, one after the other; made by [`Client::pages`].
///
/// The server has no cursor: each page asks for ids beyond the last one. Records created meanwhile
/// can therefore appear; none is given twice.
#[derive(Debug)]
pub struct Pages<E> {
    client: Client,
    query: Query<E>,
    after: Option<i64>,
    done: bool,
}

impl<E: Entity> Pages<E> {
    pub(crate) fn new(client: Client, query: Query<E>) -> Self {
        let done = query.is_never();
        Self {
            client,
            query,
            after: None,
            done,
        }
    }

    /// The next page, which is never empty; `None` after the last.
    ///
    /// After an error the same page is asked for again.
    ///
    /// # Errors
    ///
    /// As [`Client::query`]. Also if the server gives a full page without ids beyond those before:
    /// going on would never end.
    pub async fn next(&mut self) -> Result<Option<Vec<E>>> {
        if self.done {
            return Ok(None);
        }
        let query = match self.after {
            Some(id) => self.query.clone().after_id(id),
            None => self.query.clone(),
        };
        let xml = query.to_xml(self.client.wire_zone())?;
        let page = self.client.send(&QueryEntities::<E>::new(xml)).await?;
        if is_full(page.len()) {
            let last = page.iter().filter_map(Entity::record_id).max();
            if last <= self.after {
                let detail = "a full page has no ids beyond those of the page before";
                return Err(Error::new(ErrorKind::Malformed, detail)
                    .with_call(Operation::Query, Some(E::INFO.name)));
            }
            self.after = last;
        } else {
            self.done = true;
        }
        Ok(Some(page).filter(|page| !page.is_empty()))
    }
}
