//! Reads the log files of a report one after the other.

use std::collections::VecDeque;
use std::fmt;
use std::io::{Read, Seek};
use std::sync::Arc;

use super::join::Joiner;
use super::line::{Line, SyslogRecord, UnparsedLine};
use crate::error::{Error, ErrorKind, Result, shorten};
use crate::reporting::unpack::{Meter, Source, UnpackLimits, io_error};
use crate::reporting::zip_report::{EntryReader, Zip};

/// Something in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyslogItem {
    /// A record.
    Record(SyslogRecord),
    /// A line that is not a part of a record.
    Unparsed(UnparsedLine),
}

/// The records of a [`Syslog`](super::Syslog) report.
///
/// The files of the report are read in the order of their names, compressed or not. Memory holds
/// one line and the records that wait for segments, which [`UnpackLimits`] bounds. A record whose
/// last segment never comes is given at the end, or earlier when its process begins another one,
/// and [says so](SyslogRecord::is_complete). Blank lines are left out.
///
/// A file that is damaged or cut off is one error, and reading goes on with the next file. After an
/// error of another kind there is nothing more.
///
/// ```
/// use bomgar_api::reporting::{SyslogItem, SyslogReader, UnpackLimits};
/// # use std::io::Write;
/// # let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
/// # writer.start_file("messages", zip::write::SimpleFileOptions::default())?;
/// # writer.write_all(b"Feb  5 12:54:46 box BG[42]: 1234:01:02:event=login;who=Ada By\n")?;
/// # writer.write_all(b"Feb  5 12:54:46 box BG[42]: 1234:02:02:ron;when=1738778086\n")?;
/// # let report = writer.finish()?.into_inner();
/// // `report` is the answer, in memory here; a file will do.
/// let file = std::io::Cursor::new(report);
/// for item in SyslogReader::new(file, UnpackLimits::default())? {
///     if let SyslogItem::Record(record) = item? {
///         assert_eq!((record.event(), record.who()), (Some("login"), Some("Ada Byron")));
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SyslogReader<R: Read + Seek> {
    zip: Zip<R>,
    meter: Arc<Meter>,
    joiner: Joiner,
    /// How many files were begun.
    begun: usize,
    file: Option<Source<EntryReader<R>>>,
    line: Vec<u8>,
    number: u64,
    ready: VecDeque<SyslogItem>,
    is_over: bool,
}

impl<R: Read + Seek> SyslogReader<R> {
    /// Begins to read.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Api`] when the report is an error of the appliance;
    /// [`ErrorKind::Truncated`], [`ErrorKind::Malformed`] and [`ErrorKind::WrongContent`] when it is not
    /// a ZIP archive; [`ErrorKind::TooLarge`] beyond the limits; [`ErrorKind::Io`] when `reader`
    /// fails. Reading on may end with the same.
    pub fn new(reader: R, limits: UnpackLimits) -> Result<Self> {
        Ok(SyslogReader {
            zip: Zip::open(reader, limits).map_err(located)?,
            meter: Meter::new(limits),
            joiner: Joiner::new(limits),
            begun: 0,
            file: None,
            line: Vec::new(),
            number: 0,
            ready: VecDeque::new(),
            is_over: false,
        })
    }

    /// Begins the next file. `false` when there is none.
    fn begin_file(&mut self) -> Result<bool> {
        let Some(entry) = self.zip.entries.get(self.begun) else {
            return Ok(false);
        };
        self.begun += 1;
        self.number = 0;
        let content = self.zip.read(entry)?;
        let opened = Source::open(content, Arc::clone(&self.meter));
        let (_, source) = opened.map_err(|error| self.error(error))?;
        self.file = Some(source);
        Ok(true)
    }

    fn file_name(&self) -> &str {
        let entry = self.begun.checked_sub(1);
        entry
            .and_then(|entry| self.zip.entries.get(entry))
            .map_or("", |entry| &entry.name)
    }

    fn error(&self, error: std::io::Error) -> Error {
        let file = shorten(self.file_name(), 100);
        io_error(&format!("the log file {file}"), error)
    }

    /// Reads one line. `false` at the end of the log.
    fn advance(&mut self) -> Result<bool> {
        let Some(file) = &mut self.file else {
            return self.begin_file();
        };
        match file.line(&mut self.line) {
            Ok(true) => {}
            Ok(false) => {
                self.file = None;
                return Ok(true);
            }
            Err(error) => {
                self.file = None;
                return Err(self.error(error));
            }
        }
        self.number += 1;
        if self.line.trim_ascii().is_empty() {
            return Ok(true);
        }
        match Line::parse(&self.line) {
            Some(line) => {
                let ready = &mut self.ready;
                self.joiner
                    .add(line, |record| ready.push_back(SyslogItem::Record(record)));
            }
            None => {
                let line = UnparsedLine {
                    file: self.file_name().to_owned(),
                    number: self.number,
                    text: String::from_utf8_lossy(&self.line).into_owned(),
                };
                self.ready.push_back(SyslogItem::Unparsed(line));
            }
        }
        Ok(true)
    }
}

impl<R: Read + Seek> Iterator for SyslogReader<R> {
    type Item = Result<SyslogItem>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(Ok(item));
            }
            if self.is_over {
                return None;
            }
            match self.advance() {
                Ok(true) => {}
                Ok(false) => match self.joiner.oldest() {
                    Some(record) => return Some(Ok(SyslogItem::Record(record))),
                    None => self.is_over = true,
                },
                Err(error) => {
                    let is_of_file =
                        matches!(error.kind(), ErrorKind::Truncated | ErrorKind::Malformed);
                    self.is_over = !is_of_file;
                    return Some(Err(located(error)));
                }
            }
        }
    }
}

impl<R: Read + Seek> fmt::Debug for SyslogReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyslogReader")
            .field("file", &self.file_name())
            .field("line", &self.number)
            .finish_non_exhaustive()
    }
}

fn located(error: Error) -> Error {
    error.with_operation("Syslog")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::reporting::unpack::tests::gzip;
    use crate::reporting::zip_report::tests::deflated;

    fn read(zip: &[u8], limits: UnpackLimits) -> Result<Vec<SyslogItem>> {
        SyslogReader::new(Cursor::new(zip), limits)?.collect()
    }

    fn records(log: &[u8], limits: UnpackLimits) -> Vec<SyslogRecord> {
        let items = read(&deflated(&[("messages", log)]), limits).unwrap();
        let record = |item| match item {
            SyslogItem::Record(record) => record,
            SyslogItem::Unparsed(line) => panic!("{}", line.text),
        };
        items.into_iter().map(record).collect()
    }

    fn line(pid: u32, segment: usize, segments: usize, payload: &[u8]) -> Vec<u8> {
        let head = format!("Feb  5 12:54:46 box BG[{pid}]: 1234:{segment:02}:{segments:02}:");
        [head.as_bytes(), payload, b"\n"].concat()
    }

    #[test]
    fn files_are_read_by_name_compressed_or_not() {
        let old =
            gzip(b"Feb  4 01:02:03 box BG[1]: 7:01:01:event=old;when=1738630923;who=a\\;b\r\n");
        let new = b"Feb  5 01:02:03 box BG[2]: 7:01:01:event=new\nnot a record \xff\n\n";
        let items = read(
            &deflated(&[("b", new), ("a.gz", &old)]),
            UnpackLimits::default(),
        )
        .unwrap();
        let [
            SyslogItem::Record(first),
            SyslogItem::Record(second),
            SyslogItem::Unparsed(line),
        ] = &items[..]
        else {
            panic!("{items:?}");
        };
        assert_eq!(
            (first.event(), first.who(), first.pid),
            (Some("old"), Some("a;b"), Some(1))
        );
        assert_eq!(first.when(), "2025-02-04T01:02:03Z".parse().ok());
        assert_eq!((first.host.as_str(), first.site_id.as_str()), ("box", "7"));
        assert_eq!(first.written, "Feb  4 01:02:03");
        assert_eq!(
            (second.event(), second.segments, second.is_complete()),
            (Some("new"), 1, true)
        );
        assert_eq!(
            (line.file.as_str(), line.number, line.text.as_str()),
            ("b", 2, "not a record \u{fffd}")
        );
        assert!(!format!("{items:?}").contains("not a record"));
    }

    #[test]
    fn segments_join_across_files_and_within_characters() {
        let text = "name=caf\u{e9} \\; bar;x=1".as_bytes();
        // Within the two bytes of the letter, and between backslash and semicolon.
        let first = line(5, 1, 3, &text[..9]);
        let second = line(5, 2, 3, &text[9..12]);
        let third = line(5, 3, 3, &text[12..]);
        let zip = deflated(&[("1", &first), ("2", &[third, second].concat())]);
        let items = read(&zip, UnpackLimits::default()).unwrap();
        let [SyslogItem::Record(record)] = &items[..] else {
            panic!("{items:?}")
        };
        assert_eq!(record.get("name"), Some("caf\u{e9} ; bar"));
        assert_eq!(
            (record.get("x"), record.segments, record.is_complete()),
            (Some("1"), 3, true)
        );
    }

    #[test]
    fn incomplete_records_are_given_with_their_gaps() {
        let log = [
            line(1, 1, 3, b"a=1;b=2"),
            line(1, 3, 3, b"3;c=4"),
            line(2, 2, 2, b"z=9"),
            // The same segment again: another record begins.
            line(1, 1, 3, b"d=5"),
        ]
        .concat();
        let found = records(&log, UnpackLimits::default());
        let told: Vec<_> = found
            .iter()
            .map(|r| (r.pid, r.missing_segments.as_slice()))
            .collect();
        assert_eq!(
            told,
            [(Some(1), &[2][..]), (Some(2), &[1]), (Some(1), &[2, 3])]
        );
        let names: Vec<_> = found[0]
            .fields
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        assert_eq!(names, ["a=1", "b=2", "3=", "c=4"]);
    }

    #[test]
    fn waiting_records_are_bounded() {
        let log: Vec<u8> = (0..50)
            .flat_map(|pid| line(pid, 1, 2, &[b'x'; 100]))
            .collect();
        let limits = UnpackLimits::default();
        let mut reader = SyslogReader::new(
            Cursor::new(deflated(&[("m", &log)])),
            limits.pending_records(3),
        )
        .unwrap();
        let Some(Ok(SyslogItem::Record(first))) = reader.next() else {
            panic!()
        };
        assert_eq!((first.pid, reader.number), (Some(0), 4));
        assert_eq!(reader.count(), 49);
        // By size: two of 100 bytes fit into 250.
        let zip = Cursor::new(deflated(&[("m", &log)]));
        let mut reader = SyslogReader::new(zip, limits.item_bytes(250)).unwrap();
        assert!(reader.next().unwrap().is_ok());
        assert_eq!((reader.number, reader.count()), (3, 49));
    }

    #[test]
    fn a_damaged_file_is_one_error_and_the_next_is_read() {
        let good = line(1, 1, 1, b"a=1");
        let packed = gzip(&good.repeat(100));
        let zip = deflated(&[
            ("1", &good),
            ("2.gz", &packed[..packed.len() / 2]),
            ("3", &good),
        ]);
        let mut kinds = Vec::new();
        let mut seen = 0;
        for item in SyslogReader::new(Cursor::new(&zip), UnpackLimits::default()).unwrap() {
            match item {
                Ok(_) => seen += 1,
                Err(error) => {
                    assert!(error.to_string().contains("2.gz"), "{error}");
                    kinds.push(error.kind());
                }
            }
        }
        assert_eq!(kinds, [ErrorKind::Truncated]);
        assert!(seen >= 2);
    }

    #[test]
    fn bombs_end_the_reading() {
        let bomb = gzip(&b"x\n".repeat(500_000));
        let zip = deflated(&[("1.gz", &bomb), ("2", b"x\n")]);
        let limits = UnpackLimits::default().total_bytes(10_000);
        let mut reader = SyslogReader::new(Cursor::new(&zip), limits).unwrap();
        let error = reader.find_map(Result::err).unwrap();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::TooLarge, Some("Syslog"))
        );
        assert!(reader.next().is_none());
        let long = deflated(&[("1", &[b'x'; 100_000])]);
        let limits = UnpackLimits::default().item_bytes(1000);
        assert_eq!(read(&long, limits).unwrap_err().kind(), ErrorKind::TooLarge);
    }

    fn field() -> impl Strategy<Value = (String, String)> {
        ("[a-z:_]{1,12}", "[ -~\u{a0}-\u{2ff}]{0,80}")
    }

    proptest! {
        /// Each record is split anywhere, its lines are shuffled with those of the others.
        #[test]
        fn split_and_shuffled_records_are_the_same(
            mut logged in proptest::collection::vec(proptest::collection::vec(field(), 1..8), 1..6),
            size in 1_usize..60,
            seed in any::<u64>(),
        ) {
            let mut lines = Vec::new();
            for (pid, fields) in logged.iter().enumerate() {
                let escape = |text: &str| text.replace('\\', "\\\\").replace(';', "\\;").replace('=', "\\=");
                let payload: Vec<_> = fields.iter().map(|(n, v)| format!("{n}={}", escape(v))).collect();
                let payload = payload.join(";");
                let parts: Vec<_> = payload.as_bytes().chunks(size).collect();
                for (index, part) in parts.iter().enumerate() {
                    lines.push(line(pid as u32, index + 1, parts.len(), part));
                }
            }
            // A shuffle that the seed decides.
            let mut state = seed | 1;
            for index in (1..lines.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                lines.swap(index, (state >> 33) as usize % (index + 1));
            }
            let mut found = records(&lines.concat(), UnpackLimits::default());
            found.sort_by_key(|record| record.pid);
            prop_assert!(found.iter().all(SyslogRecord::is_complete));
            let mut found: Vec<_> = found.into_iter().map(|record| record.fields).collect();
            found.iter_mut().for_each(|fields| fields.sort());
            logged.iter_mut().for_each(|fields| fields.sort());
            prop_assert_eq!(found, logged);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(log in proptest::collection::vec(any::<u8>(), 0..400)) {
            let items = read(&deflated(&[("m", &log)]), UnpackLimits::default());
            // Bytes that begin as gzip does are the one thing that can be wrong with a log.
            prop_assert!(items.is_ok() || log.contains(&0x1f));
            let _ = read(&log, UnpackLimits::default());
        }
    }
}
