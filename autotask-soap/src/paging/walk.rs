//! Which page comes next.

use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::{Operation, PAGE_SIZE};
use crate::query::Query;
use crate::time::WireZone;
use std::collections::{HashSet, VecDeque};

/// A query's way through its portions and pages. It moves on only when a page has come, so that a
/// failed call is simply made again.
#[derive(Debug)]
pub(crate) struct Walk<E> {
    /// Portions not finished; the first is the current one.
    portions: VecDeque<Query<E>>,
    /// Last id of the current portion's last page.
    after: Option<i64>,
    /// What was given, if several portions can find the same record.
    seen: Option<HashSet<i64>>,
    calls: usize,
}

impl<E: Entity> Walk<E> {
    pub(crate) fn new(query: Query<E>) -> Self {
        let mut portions: VecDeque<_> = query.portions().into();
        portions.retain(|portion| !portion.is_never());
        Self {
            seen: (portions.len() > 1).then(HashSet::new),
            portions,
            after: None,
            calls: 0,
        }
    }

    /// The QueryXML of the next page; `None` after the last.
    pub(crate) fn ask(&self, zone: &WireZone) -> Result<Option<String>> {
        let Some(portion) = self.portions.front() else {
            return Ok(None);
        };
        match self.after {
            Some(id) => portion.clone().after_id(id).to_xml(zone),
            None => portion.to_xml(zone),
        }
        .map(Some)
    }

    /// Takes note of the page that came, and says which of its records are new.
    pub(crate) fn got(&mut self, ids: &[Option<i64>]) -> Result<Vec<bool>> {
        let fail = |detail: &str| {
            Err(Error::new(ErrorKind::Malformed, detail)
                .with_call(Operation::Query, Some(E::INFO.name)))
        };
        if self.after.is_some() && ids.iter().any(|id| *id <= self.after) {
            return fail("a page has records again that came before it");
        }
        if ids.len() >= PAGE_SIZE {
            let rising = ids.is_sorted_by(|before, id| before < id);
            if !rising || ids.first() == Some(&None) {
                return fail("a full page is not in the order of the records' ids");
            }
            self.after = ids.last().copied().flatten();
        } else {
            self.portions.pop_front();
            self.after = None;
        }
        self.calls += 1;
        Ok(match &mut self.seen {
            Some(seen) => ids
                .iter()
                .map(|id| id.is_none_or(|id| seen.insert(id)))
                .collect(),
            None => vec![true; ids.len()],
        })
    }

    pub(crate) fn is_done(&self) -> bool {
        self.portions.is_empty()
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1_6::Ticket;

    fn ids(range: std::ops::Range<i64>) -> Vec<Option<i64>> {
        range.map(Some).collect()
    }

    #[test]
    fn ends_with_a_page_that_is_not_full() {
        let mut walk = Walk::<Ticket>::new(Query::all());
        let zone = WireZone::utc();
        assert!(!walk.ask(&zone).unwrap().unwrap().contains("greaterthan"));
        walk.got(&ids(1..501)).unwrap();
        let next = walk.ask(&zone).unwrap().unwrap();
        assert!(
            next.contains("<field>id<expression op=\"greaterthan\">500<"),
            "{next}"
        );
        walk.got(&ids(501..501)).unwrap();
        assert_eq!(walk.ask(&zone).unwrap(), None);
        assert_eq!(walk.calls(), 2);
    }

    #[test]
    fn a_server_that_repeats_or_disorders_is_not_followed() {
        let full = || {
            let mut walk = Walk::<Ticket>::new(Query::all());
            walk.got(&ids(1..501)).unwrap();
            walk
        };
        let kind = |page: &[Option<i64>]| full().got(page).unwrap_err().kind();
        assert_eq!(kind(&ids(1..501)), ErrorKind::Malformed);
        assert_eq!(kind(&ids(500..502)), ErrorKind::Malformed);
        let mut swapped = ids(501..1001);
        swapped.swap(3, 4);
        assert_eq!(kind(&swapped), ErrorKind::Malformed);
        let mut walk = Walk::<Ticket>::new(Query::all());
        assert!(walk.got(&vec![None; 500]).is_err());
        // Nothing was lost by the refusal: the same page is due.
        assert!(walk.ask(&WireZone::utc()).unwrap().is_some());
    }
}
