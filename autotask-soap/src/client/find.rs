//! Queries that ask for less than all records.

use super::Client;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::{Operation, QueryIds};
use crate::paging::{Records, Walk};
use crate::query::Query;

impl Client {
    /// The records that a query finds, one by one over all pages, but no more than `most`: beyond
    /// that comes an error, nothing is cut off silently. [`usize::MAX`] takes all.
    ///
    /// No more than one page is held.
    pub fn stream<E: Entity>(&self, query: impl Into<Query<E>>, most: usize) -> Records<E> {
        Records::new(self.clone(), query.into(), most)
    }

    /// The first record that a query finds, the one with the lowest id.
    ///
    /// The server cannot be asked for one record only: it sends up to 500 nonetheless.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn first<E: Entity>(&self, query: impl Into<Query<E>>) -> Result<Option<E>> {
        let mut first: Option<E> = None;
        for portion in query.into().portions() {
            let found = self.query(portion).await?.into_iter().next();
            if let Some(found) = found {
                if first
                    .as_ref()
                    .is_none_or(|first| found.record_id() < first.record_id())
                {
                    first = Some(found);
                }
            }
        }
        Ok(first)
    }

    /// The only record that a query finds.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`] if there is none or the API user may not see it,
    /// [`ErrorKind::NotUnique`] if there are several; the message names two of them.
    pub async fn one<E: Entity>(&self, query: impl Into<Query<E>>) -> Result<E> {
        self.one_or_none(query).await?.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "").with_call(Operation::Query, Some(E::INFO.name))
        })
    }

    /// The only record that a query finds, if it finds any.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotUnique`] if there are several; the message names two of them.
    pub async fn one_or_none<E: Entity>(&self, query: impl Into<Query<E>>) -> Result<Option<E>> {
        let mut records = self.stream(query, usize::MAX);
        let Some(only) = records.next().await.transpose()? else {
            return Ok(None);
        };
        let Some(other) = records.next().await.transpose()? else {
            return Ok(Some(only));
        };
        let id = |record: &E| record.record_id().unwrap_or_default();
        let detail = format!(
            "one was expected, but {} and {} match",
            id(&only),
            id(&other)
        );
        Err(Error::new(ErrorKind::NotUnique, detail)
            .with_call(Operation::Query, Some(E::INFO.name)))
    }

    /// How many records a query finds; `most` if there are that many or more.
    ///
    /// The server cannot count: it sends all records, 500 with each call, of which only the ids are
    /// read. It is not asked for more than needed to reach `most`.
    ///
    /// # Errors
    ///
    /// As [`query`](Self::query).
    pub async fn count_up_to<E: Entity>(
        &self,
        query: impl Into<Query<E>>,
        most: usize,
    ) -> Result<usize> {
        let mut walk = Walk::<E>::new(query.into());
        let mut count: usize = 0;
        while count < most {
            let Some(xml) = walk.ask(self.wire_zone())? else {
                break;
            };
            let page = self.send(&QueryIds::<E>::new(xml)).await?;
            let ids: Vec<Option<i64>> = page.into_iter().map(Some).collect();
            count += walk.got(&ids)?.into_iter().filter(|is_new| *is_new).count();
        }
        Ok(count.min(most))
    }
}
