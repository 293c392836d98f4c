//! Reads the table of endpoint licences.

use std::fmt;
use std::io::{Read, Seek};
use std::sync::Arc;

use csv::ByteRecord;
use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};
use crate::reporting::unpack::{Meter, Metered, UnpackLimits, io_error};
use crate::reporting::zip_report::{Entry, EntryReader, Zip};

const WHAT: &str = "the table of endpoint licences";
const FILE: &str = "jump_items.csv";

/// A Jump Item and whether it uses a licence.
///
/// `Debug` leaves out what names computers and people; serialize it to see everything.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct EndpointLicense {
    /// The Jump Item's name.
    pub name: String,
    /// The host name or IP address it leads to.
    pub hostname: String,
    /// The Jumpoint it uses, if any.
    pub jumpoint: String,
    /// The remote application it starts, if any.
    pub remote_application: String,
    /// Whether it uses a licence; `None` when the column is neither yes nor no.
    pub license_used: Option<bool>,
    /// How it is jumped to.
    pub jump_method: String,
    /// The Jump Group it is in.
    pub jump_group: String,
    /// Other columns, by the header line, and values that could not be read.
    pub unknown: Vec<(String, String)>,
}

impl fmt::Debug for EndpointLicense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unknown: Vec<_> = self.unknown.iter().map(|(name, _)| name).collect();
        f.debug_struct("EndpointLicense")
            .field("license_used", &self.license_used)
            .field("jump_method", &self.jump_method)
            .field("unknown", &unknown)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Hostname,
    Jumpoint,
    RemoteApplication,
    LicenseUsed,
    JumpMethod,
    JumpGroup,
}

/// The columns in the order in which they are written.
const ORDER: [Column; 7] = [
    Column::Name,
    Column::Hostname,
    Column::Jumpoint,
    Column::RemoteApplication,
    Column::LicenseUsed,
    Column::JumpMethod,
    Column::JumpGroup,
];

impl Column {
    /// The column that a header names, whatever its case, blanks and punctuation.
    fn of(header: &str) -> Option<Self> {
        let letters: String = header
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        Some(match letters.as_str() {
            "jumpitemname" | "jumpitem" | "name" => Column::Name,
            "hostname"
            | "hostnameip"
            | "hostnameorip"
            | "hostnameipaddress"
            | "hostnameoripaddress" => Column::Hostname,
            "jumpoint" | "jumpointname" => Column::Jumpoint,
            "remoteapplicationname" | "remoteapplication" | "remoteappname" | "remoteapp" => {
                Column::RemoteApplication
            }
            "license" | "licence" | "licenseused" | "licenceused" | "useslicense"
            | "licenseusage" | "endpointlicense" => Column::LicenseUsed,
            "jumpmethod" => Column::JumpMethod,
            "jumpgroup" | "jumpgroupname" => Column::JumpGroup,
            _ => return None,
        })
    }
}

/// The rows of an [`EndpointLicenseUsage`](super::EndpointLicenseUsage) report.
///
/// Columns are found by the header line. Where none of its names is known, as in another language,
/// the first seven columns are taken in their usual order. After an error there are no more rows.
///
/// ```
/// use bomgar_api::reporting::{EndpointLicenses, UnpackLimits};
/// # use std::io::Write;
/// # let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
/// # writer.start_file("jump_items.csv", zip::write::SimpleFileOptions::default())?;
/// # writer.write_all(b"Jump Item Name,Hostname/IP,License Used\n\"Front, desk\",desk.example.com,yes\n")?;
/// # let report = writer.finish()?.into_inner();
/// // `report` is the answer, in memory here; a file will do.
/// let file = std::io::Cursor::new(report);
/// for row in EndpointLicenses::new(file, UnpackLimits::default())? {
///     let row = row?;
///     assert_eq!((row.name.as_str(), row.license_used), ("Front, desk", Some(true)));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EndpointLicenses<R: Read + Seek> {
    table: Option<csv::Reader<Metered<EntryReader<R>>>>,
    meter: Arc<Meter>,
    headers: Vec<String>,
    columns: Vec<Option<Column>>,
    record: ByteRecord,
}

impl<R: Read + Seek> EndpointLicenses<R> {
    /// Finds the table in the report and reads its header line.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Api`] when the report is an error of the appliance;
    /// [`ErrorKind::Truncated`], [`ErrorKind::Malformed`] and [`ErrorKind::WrongContent`] when it is not
    /// a ZIP archive with a table; [`ErrorKind::TooLarge`] beyond the limits;
    /// [`ErrorKind::Io`] when `reader` fails.
    pub fn new(reader: R, limits: UnpackLimits) -> Result<Self> {
        EndpointLicenses::open(reader, limits).map_err(located)
    }

    fn open(reader: R, limits: UnpackLimits) -> Result<Self> {
        let zip = Zip::open(reader, limits)?;
        let Some(entry) = find(&zip.entries) else {
            let message = format!("the ZIP archive has no {FILE}");
            return Err(Error::new(ErrorKind::Malformed, message));
        };
        let meter = Meter::new(limits);
        let content = Metered::new(zip.read(entry)?, meter.clone());
        let mut table = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(content);
        let mut record = ByteRecord::new();
        if !table.read_byte_record(&mut record).map_err(table_error)? {
            let message = format!("{WHAT} has no header line");
            return Err(Error::new(ErrorKind::Truncated, message));
        }
        let headers: Vec<String> = record
            .iter()
            .map(|header| {
                text(header)
                    .trim_start_matches('\u{feff}')
                    .trim()
                    .to_owned()
            })
            .collect();
        let mut columns: Vec<_> = headers.iter().map(|header| Column::of(header)).collect();
        if columns.iter().all(Option::is_none) {
            for (column, usual) in columns.iter_mut().zip(ORDER) {
                *column = Some(usual);
            }
        }
        Ok(EndpointLicenses {
            table: Some(table),
            meter,
            headers,
            columns,
            record,
        })
    }

    /// The header line.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    fn row(&self) -> EndpointLicense {
        let mut row = EndpointLicense::default();
        for (index, value) in self.record.iter().enumerate() {
            let value = text(value);
            let slot = match self.columns.get(index).copied().flatten() {
                Some(Column::Name) => &mut row.name,
                Some(Column::Hostname) => &mut row.hostname,
                Some(Column::Jumpoint) => &mut row.jumpoint,
                Some(Column::RemoteApplication) => &mut row.remote_application,
                Some(Column::JumpMethod) => &mut row.jump_method,
                Some(Column::JumpGroup) => &mut row.jump_group,
                Some(Column::LicenseUsed) => {
                    row.license_used = yes_or_no(&value);
                    if row.license_used.is_none() && !value.trim().is_empty() {
                        row.unknown.push((self.header(index), value));
                    }
                    continue;
                }
                None => {
                    row.unknown.push((self.header(index), value));
                    continue;
                }
            };
            if slot.is_empty() {
                *slot = value;
            } else {
                // A second column of the same name.
                row.unknown.push((self.header(index), value));
            }
        }
        row
    }

    /// The name of a column, which has none where a line is longer than the header line.
    fn header(&self, index: usize) -> String {
        self.headers.get(index).cloned().unwrap_or_default()
    }
}

impl<R: Read + Seek> Iterator for EndpointLicenses<R> {
    type Item = Result<EndpointLicense>;

    fn next(&mut self) -> Option<Self::Item> {
        self.meter.begin_item();
        match self.table.as_mut()?.read_byte_record(&mut self.record) {
            Ok(true) => Some(Ok(self.row())),
            Ok(false) => {
                self.table = None;
                None
            }
            Err(error) => {
                self.table = None;
                Some(Err(located(table_error(error))))
            }
        }
    }
}

impl<R: Read + Seek> fmt::Debug for EndpointLicenses<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointLicenses")
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// The table among the entries, whatever folder it is in; else the only table there is.
fn find(entries: &[Entry]) -> Option<&Entry> {
    let file = |entry: &&Entry| {
        let name = entry.name.rsplit(['/', '\\']).next();
        name.is_some_and(|name| name.eq_ignore_ascii_case(FILE))
    };
    if let Some(entry) = entries.iter().find(file) {
        return Some(entry);
    }
    let mut tables = entries
        .iter()
        .filter(|entry| entry.name.to_ascii_lowercase().ends_with(".csv"));
    tables.next().filter(|_| tables.next().is_none())
}

fn located(error: Error) -> Error {
    error.with_operation("EndpointLicenseUsage")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn yes_or_no(value: &str) -> Option<bool> {
    match value.trim().to_ascii_lowercase().as_str() {
        "yes" | "1" | "true" => Some(true),
        "no" | "0" | "false" => Some(false),
        _ => None,
    }
}

fn table_error(error: csv::Error) -> Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => io_error(WHAT, error),
        _ => Error::new(ErrorKind::Malformed, format!("{WHAT} is damaged")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::reporting::zip_report::tests::deflated;

    fn rows(csv: &[u8]) -> Result<Vec<EndpointLicense>> {
        read(
            &deflated(&[("jump_items.csv", csv)]),
            UnpackLimits::default(),
        )
    }

    fn read(zip: &[u8], limits: UnpackLimits) -> Result<Vec<EndpointLicense>> {
        EndpointLicenses::new(Cursor::new(zip), limits)?.collect()
    }

    fn front_desk() -> EndpointLicense {
        EndpointLicense {
            name: "Front, \"desk\"".into(),
            hostname: "192.0.2.7".into(),
            jumpoint: "Berlin".into(),
            remote_application: "ERP".into(),
            license_used: Some(true),
            jump_method: "RDP".into(),
            jump_group: "Shops\nNorth".into(),
            unknown: Vec::new(),
        }
    }

    #[test]
    fn columns_are_found_by_name_in_any_order_and_language() {
        let usual = b"\"Jump Item Name\",\"Hostname / IP\",\"Jumpoint\",\"Remote Application Name\",\"License\",\"Jump Method\",\"Jump Group\"\r\n\"Front, \"\"desk\"\"\",192.0.2.7,Berlin,ERP,yes,RDP,\"Shops\nNorth\"\r\n";
        assert_eq!(rows(usual).unwrap(), [front_desk()]);
        let german = b"\xef\xbb\xbfSprungelement,Hostname_,Sprungpunkt,Anwendung,Lizenz,Methode,Gruppe\n\"Front, \"\"desk\"\"\",192.0.2.7,Berlin,ERP,YES,RDP,\"Shops\nNorth\"";
        let found = rows(german).unwrap();
        // "Hostname_" is known, so the others are not guessed.
        assert_eq!(
            (found[0].hostname.as_str(), found[0].unknown.len()),
            ("192.0.2.7", 6)
        );
        let german = String::from_utf8(german.to_vec())
            .unwrap()
            .replace("Hostname_", "Rechner");
        assert_eq!(rows(german.as_bytes()).unwrap(), [front_desk()]);
        let mixed = rows(b"OS,JUMP METHOD,name\nWindows,Jump Client,A,more\n\nLinux\n").unwrap();
        assert_eq!(
            (mixed[0].name.as_str(), mixed[0].jump_method.as_str()),
            ("A", "Jump Client")
        );
        assert_eq!(
            mixed[0].unknown,
            [
                ("OS".to_owned(), "Windows".to_owned()),
                (String::new(), "more".to_owned())
            ]
        );
        assert_eq!(mixed[1].unknown, [("OS".to_owned(), "Linux".to_owned())]);
    }

    #[test]
    fn yes_and_no_are_told_and_other_words_kept() {
        let found = rows(b"name,license\na,Yes\nb,no\nc,\nd,perhaps\n").unwrap();
        let used: Vec<_> = found.iter().map(|row| row.license_used).collect();
        assert_eq!(used, [Some(true), Some(false), None, None]);
        assert_eq!(
            found[3].unknown,
            [("license".to_owned(), "perhaps".to_owned())]
        );
        assert!(found[2].unknown.is_empty());
    }

    #[test]
    fn the_table_is_found() {
        let table = &b"name\nA\n"[..];
        let read = |entries: &[(&str, &[u8])]| read(&deflated(entries), UnpackLimits::default());
        assert_eq!(
            read(&[("x/Jump_Items.CSV", table), ("a.csv", b"")])
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            read(&[("readme.txt", b""), ("licenses.csv", table)])
                .unwrap()
                .len(),
            1
        );
        for entries in [
            &[("a.csv", table), ("b.csv", table)][..],
            &[("a.txt", table)],
            &[],
        ] {
            assert_eq!(read(entries).unwrap_err().kind(), ErrorKind::Malformed);
        }
        assert_eq!(rows(b"").unwrap_err().kind(), ErrorKind::Truncated);
    }

    #[test]
    fn bombs_bad_bytes_and_cut_tables_end_well() {
        let mut long = b"name\n".to_vec();
        long.extend(std::iter::repeat_n(b'x', 1_000_000));
        let zip = deflated(&[("jump_items.csv", &long)]);
        let limits = UnpackLimits::default().item_bytes(100_000);
        let error = read(&zip, limits).unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::TooLarge, Some("EndpointLicenseUsage"))
        );
        assert_eq!(rows(b"name\ncaf\xe9\n").unwrap()[0].name, "caf\u{fffd}");
        assert_eq!(rows(b"name\n\"never closed\n").unwrap().len(), 1);
        assert!(!format!("{:?}", front_desk()).contains("Front"));
    }
}
