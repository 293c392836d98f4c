//! Reads a state archive row by row.

use std::fmt;
use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::StateRow;
use crate::error::{Error, ErrorKind, Result, shorten};
use crate::reporting::unpack::{Meter, Source, UnpackLimits, io_error, json_error};
use crate::sniff::BodyKind;

const WHAT: &str = "the state archive";

/// The model has eleven tables; whatever has thousands is no archive.
const MAX_TABLES: usize = 1000;

/// What a state archive held, apart from the rows. Of [`other`](StateArchive::other), `Debug` shows
/// the names only.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct StateArchive {
    /// The tables, in the order of the archive.
    pub tables: Vec<TableSummary>,
    /// What else the document has at its top, for appliances newer than this crate.
    pub other: Map<String, Value>,
}

/// A table of a state archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TableSummary {
    /// The table's name.
    pub name: String,
    /// How many rows were read; `None` when the archive has `null` in place of the table.
    pub rows: Option<u64>,
}

impl fmt::Debug for StateArchive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateArchive")
            .field("tables", &self.tables)
            .field("other", &self.other.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// Reads a state archive, compressed or not, and calls `visit` for each row.
///
/// Memory holds one row at a time, whatever the size of the archive. `visit` ends the reading
/// early by [`ControlFlow::Break`]; what was read so far is then the result. A row that is `null`
/// has no fields.
///
/// ```
/// use std::ops::ControlFlow;
/// use bomgar_api::reporting::{UnpackLimits, read_state_archive};
///
/// let archive = br#"{"customer_client": {"7": {"hostname": "ADA-PC"}}, "queue": null}"#;
/// let mut hosts = Vec::new();
/// let summary = read_state_archive(&archive[..], UnpackLimits::default(), |row| {
///     hosts.extend(row.hostname().map(str::to_owned));
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(hosts, ["ADA-PC"]);
/// assert_eq!(summary.tables[0].rows, Some(1));
/// assert_eq!(summary.tables[1].rows, None);
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Api`] when the data is an error of the appliance, compressed or not;
/// [`ErrorKind::Truncated`], [`ErrorKind::Malformed`] and [`ErrorKind::WrongContent`] when it is not an
/// archive; [`ErrorKind::TooLarge`] beyond the limits; [`ErrorKind::Io`] when `reader` fails.
/// The rows before the failure have been visited by then.
pub fn read_state_archive<R: Read>(
    reader: R,
    limits: UnpackLimits,
    visit: impl FnMut(StateRow) -> ControlFlow<()>,
) -> Result<StateArchive> {
    read(reader, limits, visit).map_err(|error| error.with_operation("Archive"))
}

fn read<R: Read>(
    reader: R,
    limits: UnpackLimits,
    visit: impl FnMut(StateRow) -> ControlFlow<()>,
) -> Result<StateArchive> {
    let meter = Meter::new(limits);
    let (kind, source) =
        Source::open(reader, meter.clone()).map_err(|error| io_error(WHAT, error))?;
    if kind != BodyKind::Json {
        return Err(source.refuse(WHAT));
    }
    let mut reading = Reading {
        archive: StateArchive::default(),
        meter,
        visit,
        stop: None,
    };
    let mut json = serde_json::Deserializer::from_reader(source);
    let done = Tables(&mut reading)
        .deserialize(&mut json)
        .and_then(|()| json.end());
    match (done, reading.stop.take()) {
        (_, Some(Stop::Asked)) => {}
        (_, Some(Stop::Malformed(message))) => {
            return Err(Error::new(ErrorKind::Malformed, message));
        }
        (Ok(()), None) => {}
        (Err(error), None) => return Err(json_error(WHAT, error)),
    }
    if reading.archive.tables.is_empty() {
        if let Some(error) = super::reported(&reading.archive.other) {
            return Err(error);
        }
    }
    Ok(reading.archive)
}

/// Why reading ended before the end.
enum Stop {
    Asked,
    Malformed(String),
}

struct Reading<V> {
    archive: StateArchive,
    meter: Arc<Meter>,
    visit: V,
    stop: Option<Stop>,
}

impl<V: FnMut(StateRow) -> ControlFlow<()>> Reading<V> {
    fn stop<E: serde::de::Error>(&mut self, stop: Stop) -> E {
        self.stop = Some(stop);
        E::custom("stopped")
    }

    fn row<E: serde::de::Error>(&mut self, table: &str, id: String, row: Value) -> Result<(), E> {
        let fields = match row {
            Value::Object(fields) => fields,
            Value::Null => Map::new(),
            _ => {
                let (table, id) = (shorten(table, 60), shorten(&id, 60));
                let message = format!("{WHAT} has a row {id} of table {table} that is no object");
                return Err(self.stop(Stop::Malformed(message)));
            }
        };
        let table = table.to_owned();
        match (self.visit)(StateRow { table, id, fields }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(self.stop(Stop::Asked)),
        }
    }

    fn count_row(&mut self) {
        if let Some(table) = self.archive.tables.last_mut() {
            *table.rows.get_or_insert(0) += 1;
        }
    }
}

/// The document: tables by name.
struct Tables<'a, V>(&'a mut Reading<V>);

impl<'de, V: FnMut(StateRow) -> ControlFlow<()>> DeserializeSeed<'de> for Tables<'_, V> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de, V: FnMut(StateRow) -> ControlFlow<()>> Visitor<'de> for Tables<'_, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tables")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let reading = self.0;
        reading.meter.begin_item();
        while let Some(name) = map.next_key::<String>()? {
            let seen = reading.archive.tables.len() + reading.archive.other.len();
            if seen >= MAX_TABLES {
                let message = format!("{WHAT} has more than {MAX_TABLES} tables");
                return Err(reading.stop(Stop::Malformed(message)));
            }
            map.next_value_seed(Table {
                reading: &mut *reading,
                name,
            })?;
            reading.meter.begin_item();
        }
        Ok(())
    }
}

/// A table: rows by identifier, or nothing.
struct Table<'a, V> {
    reading: &'a mut Reading<V>,
    name: String,
}

impl<V> Table<'_, V> {
    fn begin(&mut self, rows: Option<u64>) {
        let name = self.name.clone();
        self.reading
            .archive
            .tables
            .push(TableSummary { name, rows });
    }

    fn other(self, value: Value) {
        self.reading.archive.other.insert(self.name, value);
    }
}

impl<'de, V: FnMut(StateRow) -> ControlFlow<()>> DeserializeSeed<'de> for Table<'_, V> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de, V: FnMut(StateRow) -> ControlFlow<()>> Visitor<'de> for Table<'_, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.begin(Some(0));
        while let Some(id) = map.next_key::<String>()? {
            let row = map.next_value::<Value>()?;
            self.reading.count_row();
            self.reading.row(&self.name, id, row)?;
            self.reading.meter.begin_item();
        }
        Ok(())
    }

    /// Some languages write a map without entries, or with the keys 0, 1, 2…, as a list.
    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.begin(Some(0));
        let mut index = 0_u64;
        while let Some(row) = seq.next_element::<Value>()? {
            self.reading.count_row();
            self.reading.row(&self.name, index.to_string(), row)?;
            self.reading.meter.begin_item();
            index += 1;
        }
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(mut self) -> Result<(), E> {
        self.begin(None);
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.other(value.into());
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.other(value.into());
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.other(value.into());
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.other(value.into());
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.other(value.into());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::reporting::unpack::tests::{Failing, gzip};

    type Rows = Vec<(String, String, Value)>;

    fn read_with(data: &[u8], limits: UnpackLimits) -> (Rows, Result<StateArchive>) {
        let mut rows = Rows::new();
        let archive = read_state_archive(data, limits, |row| {
            rows.push((row.table, row.id, Value::Object(row.fields)));
            ControlFlow::Continue(())
        });
        (rows, archive)
    }

    fn read_all(data: &[u8]) -> (Rows, Result<StateArchive>) {
        read_with(data, UnpackLimits::default())
    }

    fn document() -> String {
        let mut clients = Map::new();
        for id in 0..200 {
            let client = json!({"hostname": format!("PC-{id}"), "public_ip": "192.0.2.1:4000", "x": [{"y": null}]});
            clients.insert(id.to_string(), client);
        }
        json!({"customer_client": clients, "queue": null, "attendee": {}, "presenter": []})
            .to_string()
    }

    #[test]
    fn rows_come_one_by_one_compressed_or_not() {
        for data in [document().into_bytes(), gzip(document().as_bytes())] {
            let (rows, archive) = read_all(&data);
            assert_eq!(rows.len(), 200);
            let row = rows.iter().find(|(_, id, _)| id == "7").unwrap();
            assert_eq!(
                (row.0.as_str(), &row.2["hostname"]),
                ("customer_client", &json!("PC-7"))
            );
            let mut tables: Vec<_> = archive.unwrap().tables;
            tables.sort_by(|a, b| a.name.cmp(&b.name));
            let tables: Vec<_> = tables.iter().map(|t| (t.name.as_str(), t.rows)).collect();
            assert_eq!(
                tables,
                [
                    ("attendee", Some(0)),
                    ("customer_client", Some(200)),
                    ("presenter", Some(0)),
                    ("queue", None)
                ]
            );
        }
    }

    #[test]
    fn what_is_not_a_table_is_kept_and_odd_tables_are_read() {
        let (rows, archive) = read_all(
            b"\xef\xbb\xbf {\"version\": 3, \"at\": \"x\", \"live\": true, \"f\": 1.5, \"n\": -1, \"queue\": [{\"a\": 1}, null]} \n",
        );
        let other = json!({"version": 3, "at": "x", "live": true, "f": 1.5, "n": -1});
        assert_eq!(Value::Object(archive.unwrap().other), other);
        assert_eq!(
            rows,
            [
                ("queue".into(), "0".into(), json!({"a": 1})),
                ("queue".into(), "1".into(), json!({}))
            ]
        );
    }

    #[test]
    fn the_caller_may_stop() {
        let mut seen = 0;
        let data = gzip(document().as_bytes());
        // Cut in the middle: what comes after the stop is not read.
        let archive = read_state_archive(&data[..data.len() / 2], UnpackLimits::default(), |_| {
            seen += 1;
            if seen == 3 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        assert_eq!((archive.is_ok(), seen), (true, 3));
    }

    #[test]
    fn an_error_is_an_error_in_any_wrapping() {
        let text = "No archives found for the given search criteria.";
        let xml = format!("<?xml version=\"1.0\"?>\n<error xmlns=\"urn:x\">{text}</error>");
        let json = json!({"message": text, "error": "not_found"}).to_string();
        for plain in [xml, json] {
            for data in [plain.clone().into_bytes(), gzip(plain.as_bytes())] {
                let error = read_all(&data).1.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Api);
                assert_eq!(error.server_text(), Some(text));
                assert_eq!(error.operation(), Some("Archive"));
            }
        }
    }

    #[test]
    fn a_cut_archive_is_truncated_wherever_it_is_cut() {
        let plain = document().into_bytes();
        for data in [gzip(&plain), plain] {
            for percent in 0..100 {
                let cut = data.len() * percent / 100;
                let error = read_all(&data[..cut]).1.unwrap_err();
                assert_eq!(
                    error.kind(),
                    ErrorKind::Truncated,
                    "at {percent} %: {error}"
                );
            }
        }
    }

    #[test]
    fn bombs_end_at_the_limits() {
        let zeros = format!(
            "{{\"queue\": {{\"1\": {{\"a\": \"{}\"}}}}}}",
            "0".repeat(1_000_000)
        );
        let bomb = gzip(zeros.as_bytes());
        assert!(bomb.len() < 10_000);
        let kind = |data: &[u8], limits| read_with(data, limits).1.unwrap_err().kind();
        let limits = UnpackLimits::default();
        assert_eq!(
            kind(&bomb, limits.total_bytes(100_000)),
            ErrorKind::TooLarge
        );
        assert_eq!(kind(&bomb, limits.item_bytes(100_000)), ErrorKind::TooLarge);
        // The limit for one row does not count the rows together.
        let (rows, archive) = read_with(document().as_bytes(), limits.item_bytes(200));
        assert_eq!((rows.len(), archive.is_ok()), (200, true));
        let blank = gzip(&[b' '; 1_000_000]);
        assert_eq!(kind(&blank, limits.total_bytes(1000)), ErrorKind::TooLarge);
        let tables = (0..=MAX_TABLES)
            .map(|n| format!("\"t{n}\":null"))
            .collect::<Vec<_>>();
        let tables = format!("{{{}}}", tables.join(","));
        assert_eq!(kind(tables.as_bytes(), limits), ErrorKind::Malformed);
    }

    #[test]
    fn other_things_are_typed_errors() {
        let deep = format!("{{\"queue\": {{\"1\": {}", "[".repeat(100_000));
        let deep_top = "{\"a\":".repeat(100_000);
        for (data, kind) in [
            (&b""[..], ErrorKind::Truncated),
            (b"<html>", ErrorKind::WrongContent),
            (b"[]", ErrorKind::Malformed),
            (b"PK\x03\x04", ErrorKind::WrongContent),
            (b"FLV", ErrorKind::WrongContent),
            (b"\x1f\x8b\x08", ErrorKind::Truncated),
            (
                b"\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x00",
                ErrorKind::Malformed,
            ),
            (b"{\"queue\": {\"1\": 7}}", ErrorKind::Malformed),
            (
                b"{\"queue\": {\"1\": {\"a\": \"\xff\"}}}",
                ErrorKind::Malformed,
            ),
            (b"{\"queue\": null} more", ErrorKind::Malformed),
            (b"{\"queue\" null}", ErrorKind::Malformed),
            (deep.as_bytes(), ErrorKind::Malformed),
            (deep_top.as_bytes(), ErrorKind::Malformed),
        ] {
            let packed = (!data.starts_with(b"\x1f")).then(|| gzip(data));
            for data in [Some(data.to_vec()), packed].into_iter().flatten() {
                let error = read_all(&data).1.unwrap_err();
                let text = String::from_utf8_lossy(&data[..data.len().min(60)]).into_owned();
                assert_eq!(error.kind(), kind, "{text}: {error}");
            }
        }
        let mut damaged = gzip(document().as_bytes());
        let last = damaged.len() - 6;
        damaged[last] ^= 0xff;
        assert_eq!(
            read_all(&damaged).1.unwrap_err().kind(),
            ErrorKind::Malformed
        );
        let source = Failing(b"{\"queue\": {");
        let failed = read_state_archive(source, UnpackLimits::default(), |_| {
            ControlFlow::Continue(())
        });
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::Io);
    }

    proptest! {
        #[test]
        fn every_row_is_visited_once(
            tables in proptest::collection::btree_map(
                "[a-z_]{1,9}",
                proptest::option::of(proptest::collection::btree_map(".{0,9}", ".{0,40}", 0..9)),
                1..6,
            ),
            packed in any::<bool>(),
        ) {
            let mut document = Map::new();
            let mut expected = Rows::new();
            for (table, rows) in &tables {
                let rows = rows.as_ref().map(|rows| {
                    rows.iter()
                        .map(|(id, text)| {
                            let row = json!({ "customer_name": text });
                            expected.push((table.clone(), id.clone(), row.clone()));
                            (id.clone(), row)
                        })
                        .collect::<Map<_, _>>()
                });
                document.insert(table.clone(), rows.map_or(Value::Null, Value::Object));
            }
            let plain = Value::Object(document).to_string().into_bytes();
            let data = if packed { gzip(&plain) } else { plain };
            let (mut rows, archive) = read_all(&data);
            rows.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
            expected.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
            prop_assert_eq!(rows, expected);
            let found = archive.unwrap().tables;
            let counts = found.into_iter().map(|table| (table.name, table.rows)).collect();
            let expected = tables.into_iter().map(|(name, rows)| (name, rows.map(|rows| rows.len() as u64)));
            prop_assert_eq!(expected.collect::<std::collections::BTreeMap<_, _>>(), counts);
        }

        #[test]
        fn no_damage_makes_the_reader_panic(
            packed in any::<bool>(),
            hits in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let plain = document().into_bytes();
            let mut data = if packed { gzip(&plain) } else { plain };
            for (place, byte) in hits {
                let place = place.index(data.len());
                data[place] = byte;
            }
            let _ = read_all(&data);
        }
    }
}
