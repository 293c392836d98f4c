//! Reads an event archive object by object.

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use serde_json::{Deserializer, StreamDeserializer, Value, de::IoRead};

use crate::error::Result;
use crate::reporting::unpack::{Meter, Source, UnpackLimits, io_error, json_error};
use crate::sniff::BodyKind;

const WHAT: &str = "the event archive";

/// The changes in an event archive, compressed or not, in order: one JSON value each.
///
/// Memory holds one value at a time, whatever the size of the archive. What the values look like
/// is not publicly described, so they are given as they are. After an error there are no more.
///
/// ```
/// use bomgar_api::reporting::{EventArchive, UnpackLimits};
///
/// let archive = b"{\"table\": \"queue\"}\n{\"table\": \"attendee\"}\n";
/// let mut tables = Vec::new();
/// for change in EventArchive::new(&archive[..], UnpackLimits::default())? {
///     tables.push(change?["table"].to_string());
/// }
/// assert_eq!(tables, ["\"queue\"", "\"attendee\""]);
/// # Ok::<(), bomgar_api::Error>(())
/// ```
pub struct EventArchive<R: Read> {
    meter: Arc<Meter>,
    values: Option<Values<R>>,
    is_first: bool,
}

type Values<R> = StreamDeserializer<'static, IoRead<Source<R>>, Value>;

impl<R: Read> EventArchive<R> {
    /// Begins to read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Api`](crate::ErrorKind::Api) when the data is an error of the appliance,
    /// compressed or not; [`ErrorKind::Truncated`](crate::ErrorKind::Truncated),
    /// [`ErrorKind::Malformed`](crate::ErrorKind::Malformed) and
    /// [`ErrorKind::WrongContent`](crate::ErrorKind::WrongContent) when it is not an archive;
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) when `reader` fails. Reading on may end with
    /// the same and with [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    pub fn new(reader: R, limits: UnpackLimits) -> Result<Self> {
        EventArchive::open(reader, limits).map_err(|error| error.with_operation("Archive"))
    }

    fn open(reader: R, limits: UnpackLimits) -> Result<Self> {
        let meter = Meter::new(limits);
        let (kind, source) =
            Source::open(reader, meter.clone()).map_err(|error| io_error(WHAT, error))?;
        // Ten minutes without a change are an empty file, though not an empty answer.
        let is_empty = kind == BodyKind::Empty && source.is_gzip;
        if kind != BodyKind::Json && !is_empty {
            return Err(source.refuse(WHAT));
        }
        let values = Deserializer::from_reader(source).into_iter();
        Ok(EventArchive {
            meter,
            values: Some(values),
            is_first: true,
        })
    }
}

impl<R: Read> Iterator for EventArchive<R> {
    type Item = Result<Value>;

    fn next(&mut self) -> Option<Self::Item> {
        self.meter.begin_item();
        let next = match self.values.as_mut()?.next() {
            Some(Ok(value)) => {
                let reported = value
                    .as_object()
                    .filter(|_| self.is_first)
                    .and_then(super::reported);
                self.is_first = false;
                match reported {
                    None => return Some(Ok(value)),
                    Some(error) => Some(Err(error)),
                }
            }
            Some(Err(error)) => Some(Err(json_error(WHAT, error))),
            None => None,
        };
        self.values = None;
        next.map(|end| end.map_err(|error| error.with_operation("Archive")))
    }
}

impl<R: Read> fmt::Debug for EventArchive<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventArchive").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::reporting::unpack::tests::{Failing, gzip};
    use crate::{Error, ErrorKind};

    fn read(data: &[u8], limits: UnpackLimits) -> (Vec<Value>, Option<Error>) {
        let mut values = Vec::new();
        let archive = match EventArchive::new(data, limits) {
            Ok(archive) => archive,
            Err(error) => return (values, Some(error)),
        };
        for value in archive {
            match value {
                Ok(value) => values.push(value),
                Err(error) => return (values, Some(error)),
            }
        }
        (values, None)
    }

    fn document() -> String {
        (0..500)
            .map(|n| format!("{}\n", json!({"change": n, "row": {"hostname": "ADA-PC"}})))
            .collect()
    }

    #[test]
    fn changes_come_in_order() {
        for data in [document().into_bytes(), gzip(document().as_bytes())] {
            let (values, error) = read(&data, UnpackLimits::default());
            assert!(error.is_none());
            let numbers: Vec<_> = values
                .iter()
                .map(|v| v["change"].as_u64().unwrap())
                .collect();
            assert_eq!(numbers, (0..500).collect::<Vec<_>>());
        }
        let (values, error) = read(&gzip(b""), UnpackLimits::default());
        assert!(values.is_empty() && error.is_none());
        // Neither line breaks within an object nor a missing last one matter.
        let (values, error) = read(b"{\"a\":\n1}\r\n\r\n{}{\"b\":2}", UnpackLimits::default());
        assert_eq!(
            (values, error.is_none()),
            (vec![json!({"a": 1}), json!({}), json!({"b": 2})], true)
        );
    }

    #[test]
    fn a_cut_archive_gives_what_is_whole_and_then_an_error() {
        let plain = document();
        let packed = gzip(plain.as_bytes());
        for percent in 1..100 {
            let (values, error) = read(
                &packed[..packed.len() * percent / 100],
                UnpackLimits::default(),
            );
            assert!(values.len() < 500 || percent > 90);
            assert_eq!(
                error.unwrap().kind(),
                ErrorKind::Truncated,
                "at {percent} %"
            );
            let cut = plain.len() * percent / 100;
            let (values, error) = read(&plain.as_bytes()[..cut], UnpackLimits::default());
            assert_eq!(values.len(), plain[..cut].matches("}}").count());
            let in_line = !plain[..cut].trim_end().ends_with("}}");
            assert_eq!(
                error.is_some_and(|e| e.kind() == ErrorKind::Truncated),
                in_line
            );
        }
    }

    #[test]
    fn errors_bombs_and_other_things_are_typed() {
        let bomb = format!("{{}}\n{{\"a\": \"{}\"}}", "0".repeat(1_000_000));
        let limits = UnpackLimits::default();
        for limits in [limits.item_bytes(1000), limits.total_bytes(1000)] {
            let (values, error) = read(&gzip(bomb.as_bytes()), limits);
            assert_eq!(
                (values.len(), error.unwrap().kind()),
                (1, ErrorKind::TooLarge)
            );
        }
        let deep = format!("{{\"a\": {}", "[".repeat(100_000));
        for (data, kind) in [
            (&b"<error>None.</error>"[..], ErrorKind::Api),
            (
                b"{\"message\": \"Denied.\", \"error\": \"x\"}",
                ErrorKind::Api,
            ),
            (b"<!doctype html>", ErrorKind::WrongContent),
            (b"{\"a\": \"\xff\"}", ErrorKind::Malformed),
            (b"{} }", ErrorKind::Malformed),
            (deep.as_bytes(), ErrorKind::Malformed),
        ] {
            for data in [data.to_vec(), gzip(data)] {
                assert_eq!(read(&data, limits).1.unwrap().kind(), kind);
            }
        }
        assert_eq!(read(b"", limits).1.unwrap().kind(), ErrorKind::Truncated);
        let failed = EventArchive::new(Failing(b"{}\n"), limits).map(|_| ());
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::Io);
    }

    #[test]
    fn after_an_error_there_is_nothing() {
        let mut archive = EventArchive::new(&b"{} ] {}"[..], UnpackLimits::default()).unwrap();
        assert!(archive.next().unwrap().is_ok());
        assert!(archive.next().unwrap().is_err());
        assert!(archive.next().is_none());
    }
}
