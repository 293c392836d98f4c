//! When licences ran short.

use std::collections::BTreeMap;

use super::session_list::moment;
use super::window::{self, Selection, Windows};
use super::{document, empty};
use crate::reply::Reply;
use crate::request::Params;
use crate::state::State;
use crate::time::{self, Group};

/// How many licences were in use for some time.
///
/// The report has only times when at least 90 % of the licences were in use. The elements inside
/// of an interval of the report (`start_time`, `end_time`, `licenses_in_use`, `licenses_total`) are
/// the simulator's own.
///
/// ```
/// use bomgar_sim::LicenseInterval;
///
/// let crowded = LicenseInterval::new(1_700_000_000, 1_700_003_600, 19, 20);
/// # let _ = crowded;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct LicenseInterval {
    start: i64,
    end: i64,
    in_use: u32,
    total: u32,
}

impl LicenseInterval {
    /// From `start` until `end` (Unix seconds) `in_use` of `total` licences were in use.
    pub fn new(start: i64, end: i64, in_use: u32, total: u32) -> Self {
        Self {
            start,
            end,
            in_use,
            total,
        }
    }

    fn is_reported(&self) -> bool {
        u64::from(self.in_use) * 10 >= u64::from(self.total) * 9
    }
}

pub(crate) fn answer(state: &mut State, params: &Params) -> Result<Reply, String> {
    let Selection::Started(from, until) = window::selection(params, Windows::Start)? else {
        return Err("Invalid start_date or start_time.".to_owned());
    };
    let (name, group) = match params.filled("group_by") {
        Some("hour") => ("hour", Group::Hour),
        Some("day") => ("day", Group::Day),
        Some("month") => ("month", Group::Month),
        _ => return Err("A valid group_by is required.".to_owned()),
    };
    let until = until.unwrap_or_else(time::now);
    // Start of the group: its end, the most licences in use, and how many there were.
    let mut groups: BTreeMap<i64, (i64, u32, u32)> = BTreeMap::new();
    for interval in state.documents.licenses.iter().filter(|i| i.is_reported()) {
        let mut at = interval.start.max(from);
        while at < interval.end.min(until) {
            let (start, end) = time::group(at, group);
            let entry = groups.entry(start).or_insert((end, 0, interval.total));
            if interval.in_use >= entry.1 {
                *entry = (end, interval.in_use, interval.total);
            }
            at = end;
        }
    }
    if groups.is_empty() {
        return Ok(empty(state, "license_usage"));
    }
    Ok(document(state, "license_usage", |xml| {
        moment(xml, "start_time", Some(from));
        moment(xml, "end_time", Some(until));
        xml.leaf("group_by", &[], name);
        xml.open("license_time_intervals", &[]);
        for (start, (end, in_use, total)) in groups {
            xml.open("license_time_interval", &[]);
            moment(xml, "start_time", Some(start));
            moment(xml, "end_time", Some(end));
            xml.leaf("licenses_in_use", &[], &in_use.to_string());
            xml.leaf("licenses_total", &[], &total.to_string());
            xml.close("license_time_interval");
        }
        xml.close("license_time_intervals");
    }))
}
