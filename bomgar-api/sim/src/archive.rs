//! State and event archives: gzip files of JSON.

use std::collections::BTreeSet;
use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use serde_json::{Map, Value, json};

use crate::random::mix;
use crate::reply::{Content, Parts, Reply};
use crate::report;
use crate::request::Params;
use crate::state::State;
use crate::time;
use crate::xml::Xml;

const NONE: &str = "No archives found for the given search criteria.";
const GZIP: &str = "application/gzip";
/// An event archive covers ten minutes.
const EVENT_SECONDS: i64 = 600;
/// Older days with archives are deleted.
const DAYS_KEPT: usize = 7;

/// How errors of the `Archive` report are packed. Clients meet both and must look at the bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArchiveErrors {
    /// As XML.
    #[default]
    Plain,
    /// As XML inside of gzip, with the media type of an archive.
    Gzip,
}

#[derive(Clone, Debug)]
enum Contents {
    /// Table, row, fields. A table without rows is null.
    State(Map<String, Value>),
    /// One JSON value a line.
    Events(Vec<Value>),
    /// So many made-up rows of `customer_client`.
    Generated(u64),
    /// Sent as they are.
    Raw(Vec<u8>),
}

/// An archive: what the appliance knew at one moment, or what changed in ten minutes.
///
/// The index by which clients ask for it counts from 1 each day (UTC), apart for both kinds. The
/// appliance keeps the last seven days that have any archive.
///
/// ```
/// use bomgar_sim::Archive;
/// use serde_json::json;
///
/// let state = Archive::state(1_700_000_000)
///     .row("customer_client", "17", json!({"hostname": "ADA-PC"}))
///     .no_rows("presentation_session");
/// let events = Archive::events(1_700_000_000).change(json!({"type": "insert"}));
/// # let _ = (state, events);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Archive {
    time: i64,
    is_state: bool,
    contents: Contents,
}

impl Archive {
    /// What the appliance knew at this time (Unix seconds): one JSON object of tables.
    pub fn state(time: i64) -> Self {
        Self {
            time,
            is_state: true,
            contents: Contents::State(Map::new()),
        }
    }

    /// What changed in the ten minutes from this time (Unix seconds) on: one JSON value a line.
    pub fn events(start: i64) -> Self {
        Self {
            time: start,
            is_state: false,
            contents: Contents::Events(Vec::new()),
        }
    }

    /// Adds a row to a table of a state archive. An event archive has no tables and stays as it is.
    pub fn row(
        mut self,
        table: impl Into<String>,
        id: impl Into<String>,
        fields: impl Into<Value>,
    ) -> Self {
        if let Contents::State(tables) = &mut self.contents {
            let table = tables.entry(table.into()).or_insert(Value::Null);
            if !table.is_object() {
                *table = json!({});
            }
            if let Some(rows) = table.as_object_mut() {
                rows.insert(id.into(), fields.into());
            }
        }
        self
    }

    /// A table of a state archive that is null, as one without rows is.
    pub fn no_rows(mut self, table: impl Into<String>) -> Self {
        if let Contents::State(tables) = &mut self.contents {
            tables.insert(table.into(), Value::Null);
        }
        self
    }

    /// Adds a line to an event archive. What a line looks like is not known for sure, so any JSON
    /// value will do. A state archive stays as it is.
    pub fn change(mut self, change: impl Into<Value>) -> Self {
        if let Contents::Events(lines) = &mut self.contents {
            lines.push(change.into());
        }
        self
    }

    /// Instead of all else so many rows of `customer_client` (one line each in an event archive),
    /// made while they are sent: a large archive needs no memory.
    pub fn generated(mut self, rows: u64) -> Self {
        self.contents = Contents::Generated(rows);
        self
    }

    /// Instead of all else these bytes, not compressed any further: a broken archive.
    pub fn raw(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.contents = Contents::Raw(bytes.into());
        self
    }

    fn json(&self) -> Box<dyn Iterator<Item = String> + Send + Sync> {
        match &self.contents {
            Contents::State(tables) => {
                Box::new(std::iter::once(Value::from(tables.clone()).to_string()))
            }
            Contents::Events(lines) => {
                let lines = lines.clone();
                Box::new(lines.into_iter().map(|line| format!("{line}\n")))
            }
            Contents::Generated(rows) if self.is_state => {
                let rows = (0..*rows).map(|id| {
                    let comma = if id == 0 { "" } else { "," };
                    format!("{comma}\"{id}\":{}", row(id))
                });
                Box::new(
                    std::iter::once("{\"customer_client\":{".to_owned())
                        .chain(rows)
                        .chain(std::iter::once(
                            "},\"presentation_session\":null}".to_owned(),
                        )),
                )
            }
            Contents::Generated(rows) => Box::new((0..*rows).map(|id| {
                format!(
                    "{}\n",
                    json!({ "table": "customer_client", "id": id, "row": row(id) })
                )
            })),
            Contents::Raw(_) => Box::new(std::iter::empty()),
        }
    }

    fn content(&self) -> Content {
        match &self.contents {
            Contents::Raw(bytes) => bytes.clone().into(),
            Contents::Generated(_) => Content::Parts(gzip(self.json())),
            _ => {
                let bytes: Vec<u8> = gzip(self.json()).flatten().collect();
                bytes.into()
            }
        }
    }
}

fn row(id: u64) -> Value {
    let number = mix(id);
    json!({
        "hostname": format!("HOST-{:04x}", number & 0xffff),
        "operating_system": "Windows 11 Enterprise (x64)",
        "private_ip": format!("10.0.{}.{}", number >> 8 & 0xff, number >> 16 & 0xff),
        "public_ip": format!("203.0.113.{}:{}", number >> 24 & 0xff, 1_024 + (number >> 32 & 0x3fff)),
        "created_timestamp": 1_700_000_000 + id,
        "client_type": "desktop",
        "elevated": number & 1,
        "support_session_id": id,
    })
}

/// Compresses texts one after the other; each part is given out when there is enough of it.
fn gzip(texts: Box<dyn Iterator<Item = String> + Send + Sync>) -> Parts {
    let mut texts = texts;
    let mut encoder = Some(GzEncoder::new(Vec::new(), Compression::default()));
    Box::new(std::iter::from_fn(move || {
        loop {
            let Some(text) = texts.next() else {
                // Writing to a vector cannot fail.
                return encoder.take()?.finish().ok().map(Bytes::from);
            };
            let open = encoder.as_mut()?;
            open.write_all(text.as_bytes()).ok()?;
            if open.get_ref().len() >= 16 * 1024 {
                return Some(Bytes::from(std::mem::take(open.get_mut())));
            }
        }
    }))
}

/// The archives of a day with their indices.
fn of_day<'a>(state: &'a State, date: &str, states: bool) -> Vec<(usize, &'a Archive)> {
    let archives = &state.documents.archives;
    let days: BTreeSet<String> = archives.iter().map(|a| time::day(a.time)).collect();
    let kept: Vec<&String> = days.iter().rev().take(DAYS_KEPT).collect();
    if !kept.iter().any(|day| *day == date) {
        return Vec::new();
    }
    let mut found: Vec<&Archive> = archives
        .iter()
        .filter(|archive| archive.is_state == states && time::day(archive.time) == date)
        .collect();
    found.sort_by_key(|archive| archive.time);
    (1..).zip(found).collect()
}

fn date(params: &Params) -> Result<&str, String> {
    params
        .filled("date")
        .filter(|date| date.len() == 10 && time::midnight(date).is_some())
        .ok_or_else(|| "A valid date is required.".to_owned())
}

pub(crate) fn listing(state: &State, params: &Params) -> Result<Reply, String> {
    let date = date(params)?;
    let states = of_day(state, date, true);
    let events = of_day(state, date, false);
    let nothing = states.is_empty() && events.is_empty();
    if nothing && state.documents.empty != report::EmptyReport::Root {
        return Err(NONE.to_owned());
    }
    let moment = |xml: &mut Xml, name: &str, at: i64| {
        xml.leaf(name, &[("timestamp", &at.to_string())], &time::iso(at));
    };
    Ok(report::document(state, "archives", |xml| {
        for (index, archive) in states {
            xml.open("state_archive", &[]);
            moment(xml, "time", archive.time);
            xml.leaf("index", &[], &index.to_string());
            xml.close("state_archive");
        }
        for (index, archive) in events {
            xml.open("event_archive", &[]);
            moment(xml, "start_time", archive.time);
            moment(xml, "end_time", archive.time.saturating_add(EVENT_SECONDS));
            xml.leaf("index", &[], &index.to_string());
            xml.close("event_archive");
        }
    }))
}

fn find<'a>(state: &'a State, params: &Params) -> Result<&'a Archive, String> {
    let date = date(params)?;
    let states = match params.filled("type") {
        Some("state") => true,
        Some("event") => false,
        _ => return Err("A valid type is required.".to_owned()),
    };
    let index: usize = params
        .filled("index")
        .and_then(|text| text.parse().ok())
        .filter(|index| *index > 0)
        .ok_or_else(|| "A valid index is required.".to_owned())?;
    of_day(state, date, states)
        .into_iter()
        .find(|(known, _)| *known == index)
        .map(|(_, archive)| archive)
        .ok_or_else(|| NONE.to_owned())
}

pub(crate) fn answer(state: &State, params: &Params) -> Reply {
    match (find(state, params), state.documents.archive_errors) {
        (Ok(archive), _) => Reply::new(StatusCode::OK, GZIP, archive.content()),
        (Err(text), ArchiveErrors::Plain) => report::error(state, "Archive", &text),
        (Err(text), ArchiveErrors::Gzip) => {
            let text = report::error_document(state, "Archive", &text);
            let bytes: Vec<u8> = gzip(Box::new(std::iter::once(text))).flatten().collect();
            Reply::new(StatusCode::OK, GZIP, bytes)
        }
    }
}
