//! Reports that come as ZIP files: the system log, and what is known about Jump Items.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::reply::Reply;
use crate::report;
use crate::state::{Inner, State};
use crate::time;

/// A record of the system log.
///
/// ```
/// use bomgar_sim::SyslogRecord;
///
/// let login = SyslogRecord::new("login", 1_700_000_000)
///     .field("who", "Grace Lang (glang)")
///     .field("status", "success");
/// # let _ = login;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct SyslogRecord {
    when: i64,
    pid: u32,
    fields: Vec<(String, String)>,
}

impl SyslogRecord {
    /// An event at this time in Unix seconds. The record begins with the fields `when` and
    /// `event`.
    pub fn new(event: impl Into<String>, when: i64) -> Self {
        Self {
            when,
            pid: 2_311,
            fields: vec![
                ("when".into(), when.to_string()),
                ("event".into(), event.into()),
            ],
        }
    }

    /// The number of the process that wrote it. Message numbers count by process.
    pub fn pid(mut self, pid: u32) -> Self {
        self.pid = pid;
        self
    }

    /// Adds a field. Semicolons in the value get a backslash.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    fn payload(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.fields {
            if !text.is_empty() {
                text.push(';');
            }
            text.push_str(name);
            text.push('=');
            text.push_str(&value.replace(';', "\\;"));
        }
        text
    }
}

/// The system log. The newest day is a plain text file of the ZIP, older days are `.gz` files.
#[derive(Clone, Debug)]
#[must_use]
pub struct Syslog {
    records: Vec<SyslogRecord>,
    part_bytes: usize,
    mixed: bool,
    error: Option<String>,
}

impl Default for Syslog {
    fn default() -> Self {
        Self::new()
    }
}

impl Syslog {
    /// A log without records; the report then answers with the text for empty results.
    pub fn new() -> Self {
        Self {
            records: Vec::new(),
            part_bytes: 900,
            mixed: false,
            error: None,
        }
    }

    /// Adds a record.
    pub fn record(mut self, record: SyslogRecord) -> Self {
        self.records.push(record);
        self
    }

    /// Adds many records.
    pub fn records(mut self, records: impl IntoIterator<Item = SyslogRecord>) -> Self {
        self.records.extend(records);
        self
    }

    /// Records longer than this many bytes are split over several lines; 900 by default.
    pub fn part_bytes(mut self, bytes: usize) -> Self {
        self.part_bytes = bytes.max(1);
        self
    }

    /// The lines of a file come in an order that tears the parts of a record apart: all last parts
    /// first.
    pub fn mixed(mut self) -> Self {
        self.mixed = true;
        self
    }

    /// The report answers with an XML error of this text instead of a ZIP file.
    pub fn error(mut self, text: impl Into<String>) -> Self {
        self.error = Some(text.into());
        self
    }

    /// The lines of each day, oldest day first.
    fn days(&self, host: &str) -> Vec<(String, String)> {
        let mut days: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
        for record in &self.records {
            let number = numbers.entry(record.pid).or_insert(1_000);
            *number += 1;
            let payload = record.payload();
            let parts = pieces(&payload, self.part_bytes);
            let count = parts.len();
            let lines = days.entry(time::day(record.when)).or_default();
            for (part, text) in (1..).zip(parts) {
                let line = format!(
                    "{} {host} BG[{}]: {number}:{part:02}:{count:02}:{text}\n",
                    time::syslog(record.when),
                    record.pid,
                );
                lines.push((part, line));
            }
        }
        days.into_iter()
            .map(|(day, mut lines)| {
                if self.mixed {
                    lines.sort_by_key(|(part, _)| std::cmp::Reverse(*part));
                }
                (day, lines.into_iter().map(|(_, line)| line).collect())
            })
            .collect()
    }
}

/// Cuts a text at character boundaries into pieces of at most `size` bytes, or of one character.
fn pieces(text: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while rest.len() > size {
        let cut = (1..=size)
            .rev()
            .chain(size + 1..)
            .find(|cut| rest.is_char_boundary(*cut))
            .unwrap_or(rest.len());
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// A Jump Item with the licence it takes.
///
/// ```
/// use bomgar_sim::JumpItem;
///
/// let item = JumpItem::new("File server", "files.example.com")
///     .method("Jump Client")
///     .group("Servers")
///     .license_used(true);
/// # let _ = item;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct JumpItem {
    name: String,
    hostname: String,
    jumpoint: String,
    application: String,
    license_used: bool,
    method: String,
    group: String,
}

impl JumpItem {
    /// A Jump Item of this name for this host name or address.
    pub fn new(name: impl Into<String>, hostname: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            hostname: hostname.into(),
            ..Self::default()
        }
    }

    /// The Jumpoint it goes through.
    pub fn jumpoint(mut self, name: impl Into<String>) -> Self {
        self.jumpoint = name.into();
        self
    }

    /// The remote application it starts.
    pub fn application(mut self, name: impl Into<String>) -> Self {
        self.application = name.into();
        self
    }

    /// Whether it takes an endpoint licence.
    pub fn license_used(mut self, used: bool) -> Self {
        self.license_used = used;
        self
    }

    /// How one gets there, for example `Jump Client`.
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = method.into();
        self
    }

    /// The Jump Group.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = group.into();
        self
    }
}

fn csv_line<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = fields
        .into_iter()
        .map(|field| format!("\"{}\"", field.replace('"', "\"\"")))
        .collect();
    quoted.join(",") + "\r\n"
}

/// A ZIP file of these entries.
fn zip_file(entries: Vec<(String, Vec<u8>)>) -> Result<Vec<u8>, String> {
    let write = || -> io::Result<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(name, SimpleFileOptions::default())?;
            zip.write_all(&bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    };
    write().map_err(|error| format!("The ZIP file could not be written: {error}"))
}

fn zip_reply(name: &str, entries: Vec<(String, Vec<u8>)>) -> Result<Reply, String> {
    Ok(Reply::file("application/zip", name, zip_file(entries)?))
}

pub(crate) fn endpoint_licenses(state: &State) -> Result<Reply, String> {
    let mut csv = csv_line([
        "Jump Item Name",
        "Hostname / IP",
        "Jumpoint",
        "Remote Application Name",
        "License Used",
        "Jump Method",
        "Jump Group",
    ]);
    for item in &state.documents.jump_items {
        csv += &csv_line([
            item.name.as_str(),
            &item.hostname,
            &item.jumpoint,
            &item.application,
            if item.license_used { "Yes" } else { "No" },
            &item.method,
            &item.group,
        ]);
    }
    zip_reply(
        "endpoint_license_usage.zip",
        vec![("jump_items.csv".to_owned(), csv.into_bytes())],
    )
}

/// What this report looks like is not known; a ZIP file of a table is the simulator's own choice.
pub(crate) fn jump_items(state: &State) -> Result<Reply, String> {
    let mut csv = csv_line([
        "Name",
        "Hostname / IP",
        "Jumpoint",
        "Jump Method",
        "Jump Group",
    ]);
    for item in &state.documents.jump_items {
        csv += &csv_line([
            item.name.as_str(),
            &item.hostname,
            &item.jumpoint,
            &item.method,
            &item.group,
        ]);
    }
    zip_reply(
        "jump_items.zip",
        vec![("jump_items.csv".to_owned(), csv.into_bytes())],
    )
}

pub(crate) fn syslog(inner: &Inner, state: &State) -> Result<Reply, String> {
    let syslog = &state.documents.syslog;
    if let Some(text) = &syslog.error {
        return Err(text.clone());
    }
    if syslog.records.is_empty() {
        return Ok(report::empty(state, "syslog"));
    }
    let mut days = syslog.days(&crate::client_script::site(inner));
    let newest = days.pop();
    let mut entries = Vec::new();
    for (day, lines) in days {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        let bytes = gzip
            .write_all(lines.as_bytes())
            .and_then(|()| gzip.finish())
            .map_err(|error| format!("The log could not be compressed: {error}"))?;
        entries.push((format!("syslog-{day}.gz"), bytes));
    }
    if let Some((_, lines)) = newest {
        entries.push(("syslog".to_owned(), lines.into_bytes()));
    }
    zip_reply("syslog.zip", entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_cut_between_characters() {
        assert_eq!(pieces("", 3), [""]);
        assert_eq!(pieces("abcdef", 3), ["abc", "def"]);
        assert_eq!(pieces("aäöü", 4), ["aä", "öü"]);
        assert_eq!(pieces("😀b", 2), ["😀", "b"]);
    }
}
