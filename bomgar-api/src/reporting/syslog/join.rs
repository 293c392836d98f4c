//! Puts the segments of records together.

use std::collections::{BTreeMap, HashMap};

use super::line::{Line, SyslogRecord, read_fields};
use crate::reporting::unpack::UnpackLimits;

/// Which process writes about which site. It writes one record after the other.
type Writer = (String, Option<u32>, String);

struct Pending {
    age: u64,
    written: String,
    segments: u32,
    payloads: BTreeMap<u32, Vec<u8>>,
}

/// Records that wait for segments.
pub(super) struct Joiner {
    limits: UnpackLimits,
    pending: HashMap<Writer, Pending>,
    by_age: BTreeMap<u64, Writer>,
    bytes: u64,
    next_age: u64,
}

impl Joiner {
    pub(super) fn new(limits: UnpackLimits) -> Self {
        Joiner {
            limits,
            pending: HashMap::new(),
            by_age: BTreeMap::new(),
            bytes: 0,
            next_age: 0,
        }
    }

    /// Takes a line, and gives the records that are then done with.
    pub(super) fn add(&mut self, line: Line<'_>, mut done: impl FnMut(SyslogRecord)) {
        let writer = (line.host.to_owned(), line.pid, line.site_id.to_owned());
        if line.segments == 1 {
            let payloads = BTreeMap::from([(1, line.payload.to_vec())]);
            let pending = Pending {
                age: 0,
                written: line.written.to_owned(),
                segments: 1,
                payloads,
            };
            return done(pending.finish(writer));
        }
        // The same segment once more, or of a record of another length, belongs to the next record.
        let is_next = self.pending.get(&writer).is_some_and(|pending| {
            pending.segments != line.segments || pending.payloads.contains_key(&line.segment)
        });
        if is_next {
            self.take(&writer).into_iter().for_each(&mut done);
        }
        let age = self.next_age;
        let pending = self
            .pending
            .entry(writer.clone())
            .or_insert_with(|| Pending {
                age,
                written: line.written.to_owned(),
                segments: line.segments,
                payloads: BTreeMap::new(),
            });
        if pending.age == age {
            self.next_age += 1;
            self.by_age.insert(age, writer.clone());
        }
        pending.payloads.insert(line.segment, line.payload.to_vec());
        self.bytes += line.payload.len() as u64;
        if pending.payloads.len() as u64 == u64::from(pending.segments) {
            self.take(&writer).into_iter().for_each(&mut done);
        }
        while self.pending.len() > self.limits.pending || self.bytes > self.limits.item {
            match self.oldest() {
                Some(record) => done(record),
                None => break,
            }
        }
    }

    /// The record that has waited longest, as far as it has come.
    pub(super) fn oldest(&mut self) -> Option<SyslogRecord> {
        let (_, writer) = self.by_age.first_key_value()?;
        let writer = writer.clone();
        self.take(&writer)
    }

    fn take(&mut self, writer: &Writer) -> Option<SyslogRecord> {
        let (writer, pending) = self.pending.remove_entry(writer)?;
        self.by_age.remove(&pending.age);
        self.bytes -= pending
            .payloads
            .values()
            .map(|p| p.len() as u64)
            .sum::<u64>();
        Some(pending.finish(writer))
    }
}

impl Pending {
    fn finish(self, (host, pid, site_id): Writer) -> SyslogRecord {
        let mut record = SyslogRecord {
            written: self.written,
            host,
            pid,
            site_id,
            segments: self.segments,
            ..SyslogRecord::default()
        };
        // What a gap separates is not joined, or the end of one value would be that of another.
        let mut run = Vec::new();
        for segment in 1..=self.segments {
            match self.payloads.get(&segment) {
                Some(payload) => run.extend_from_slice(payload),
                None => {
                    record.missing_segments.push(segment);
                    read_fields(&run, &mut record.fields);
                    run.clear();
                }
            }
        }
        read_fields(&run, &mut record.fields);
        record
    }
}
