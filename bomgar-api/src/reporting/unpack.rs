//! Reading compressed data of unknown size with bounded memory.

use std::fmt;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use super::binary::{ERROR_LIMIT, kind_of, refuse};
use crate::error::{Error, ErrorKind};
use crate::sniff::{BodyKind, HEAD};

const MIB: u64 = 1024 * 1024;

/// How much the readers of compressed reports unpack and keep. What goes beyond ends in
/// [`ErrorKind::TooLarge`].
///
/// ```
/// use bomgar_api::reporting::UnpackLimits;
///
/// let small = UnpackLimits::default().total_bytes(1024 * 1024);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct UnpackLimits {
    pub(crate) total: u64,
    pub(crate) item: u64,
    pub(crate) entries: usize,
    pub(crate) pending: usize,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        UnpackLimits {
            total: 4096 * MIB + 64 * MIB,
            item: 8 * MIB,
            entries: 10_000,
            pending: 10_000,
        }
    }
}

impl UnpackLimits {
    /// The most bytes that are unpacked in all. Default: 4 GiB, which is the most that an archive
    /// has, and 64 MiB.
    pub fn total_bytes(mut self, bytes: u64) -> Self {
        self.total = bytes;
        self
    }

    /// The most bytes of one item: a row of a state archive, a line of an event archive, of a log
    /// or of a table. Default: 8 MiB. Memory holds one item at a time; as Rust values it may be
    /// several times as large.
    pub fn item_bytes(mut self, bytes: u64) -> Self {
        self.item = bytes;
        self
    }

    /// The most entries of a ZIP archive. Default: 10,000.
    pub fn entries(mut self, entries: usize) -> Self {
        self.entries = entries;
        self
    }

    /// How many log records wait for their missing segments at the same time. Beyond that the
    /// oldest is given as it is, marked as incomplete. Together they are no larger than one item
    /// may be. Default: 10,000.
    pub fn pending_records(mut self, records: usize) -> Self {
        self.pending = records;
        self
    }
}

/// Counts what is unpacked.
#[derive(Debug)]
pub(crate) struct Meter {
    limits: UnpackLimits,
    total: AtomicU64,
    item_start: AtomicU64,
}

impl Meter {
    pub(crate) fn new(limits: UnpackLimits) -> Arc<Self> {
        Arc::new(Meter {
            limits,
            total: AtomicU64::new(0),
            item_start: AtomicU64::new(0),
        })
    }

    /// The next byte belongs to the next item.
    pub(crate) fn begin_item(&self) {
        let total = self.total.load(Ordering::Relaxed);
        self.item_start.store(total, Ordering::Relaxed);
    }

    fn count(&self, bytes: usize) -> io::Result<()> {
        // Only one reader counts at a time, so load and store need not be one step.
        let total = self.total.load(Ordering::Relaxed) + bytes as u64;
        self.total.store(total, Ordering::Relaxed);
        if total > self.limits.total {
            return Err(LimitReached::Total(self.limits.total).into());
        }
        if total - self.item_start.load(Ordering::Relaxed) > self.limits.item {
            return Err(LimitReached::Item(self.limits.item).into());
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug)]
enum LimitReached {
    Total(u64),
    Item(u64),
}

impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LimitReached::Total(limit) => write!(f, "unpacks to more than {limit} bytes"),
            LimitReached::Item(limit) => write!(f, "has an item of more than {limit} bytes"),
        }
    }
}

impl std::error::Error for LimitReached {}

impl From<LimitReached> for io::Error {
    fn from(limit: LimitReached) -> Self {
        io::Error::other(limit)
    }
}

/// A reader whose bytes are counted.
#[derive(Debug)]
pub(crate) struct Metered<R> {
    inner: R,
    meter: Arc<Meter>,
}

impl<R> Metered<R> {
    pub(crate) fn new(inner: R, meter: Arc<Meter>) -> Self {
        Metered { inner, meter }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.meter.count(read)?;
        Ok(read)
    }
}

/// The error of a reader that was asked for `what`.
pub(crate) fn io_error(what: &str, error: io::Error) -> Error {
    let limit = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<LimitReached>())
        .copied();
    if let Some(limit) = limit {
        return Error::new(ErrorKind::TooLarge, format!("{what} {limit}"));
    }
    let (kind, message) = match error.kind() {
        io::ErrorKind::UnexpectedEof => (ErrorKind::Truncated, "ends too early"),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            (ErrorKind::Malformed, "has damaged compressed data")
        }
        _ => (ErrorKind::Io, "cannot be read"),
    };
    Error::new(kind, format!("{what} {message}")).with_source(error)
}

/// The error of a reader of JSON that was asked for `what`.
pub(crate) fn json_error(what: &str, error: serde_json::Error) -> Error {
    use serde_json::error::Category;

    let (kind, message) = match error.classify() {
        Category::Io => return io_error(what, error.into()),
        Category::Eof => (ErrorKind::Truncated, "ends too early"),
        Category::Syntax | Category::Data => (ErrorKind::Malformed, "is not the JSON it should be"),
    };
    // The parser's own text has a line and a column but nothing of the document.
    Error::new(kind, format!("{what} {message}")).with_source(error)
}

/// A reader whose first bytes were read and put back.
type Peeked<R> = Chain<Cursor<Vec<u8>>, R>;

fn peek<R: Read>(mut reader: R) -> io::Result<(BodyKind, Peeked<R>)> {
    let mut head = Vec::with_capacity(HEAD);
    let mut wanted = HEAD as u64;
    loop {
        let read = reader.by_ref().take(wanted).read_to_end(&mut head)?;
        // Leading white space tells nothing, and somebody may send a lot of it.
        if read == 0 || !head.trim_ascii().is_empty() || head.len() >= ERROR_LIMIT {
            break;
        }
        wanted = ERROR_LIMIT as u64;
    }
    let kind = kind_of(&head);
    let mut head = Cursor::new(head);
    // Text may begin with a byte order mark, which no reader has a use for.
    if head.get_ref().starts_with(b"\xef\xbb\xbf") {
        head.set_position(3);
    }
    Ok((kind, head.chain(reader)))
}

/// Data that may be compressed with gzip, unpacked.
enum Unpacked<R: Read> {
    Plain(Peeked<R>),
    Gzip(MultiGzDecoder<BufReader<Peeked<R>>>),
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Unpacked::Plain(reader) => reader.read(buffer),
            Unpacked::Gzip(reader) => reader.read(buffer),
        }
    }
}

/// Unpacked data, buffered and counted.
pub(crate) struct Source<R: Read> {
    inner: Metered<BufReader<Peeked<Unpacked<R>>>>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) is_gzip: bool,
}

impl<R: Read> Source<R> {
    /// Unpacks data if it is compressed, and says what kind it then is.
    pub(crate) fn open(reader: R, meter: Arc<Meter>) -> io::Result<(BodyKind, Self)> {
        let (kind, reader) = peek(reader)?;
        let is_gzip = kind == BodyKind::Gzip;
        let unpacked = match kind {
            BodyKind::Gzip => Unpacked::Gzip(MultiGzDecoder::new(BufReader::new(reader))),
            _ => Unpacked::Plain(reader),
        };
        let (kind, reader) = peek(unpacked)?;
        let source = Source {
            inner: Metered::new(BufReader::with_capacity(64 * 1024, reader), meter.clone()),
            meter,
            is_gzip,
        };
        Ok((kind, source))
    }

    /// The error that this data stands for which is not what was asked for.
    pub(crate) fn refuse(self, wanted: &str) -> Error {
        let mut body = Vec::new();
        match self.take(ERROR_LIMIT as u64).read_to_end(&mut body) {
            Ok(_) => refuse(&body, wanted),
            Err(error) => io_error(wanted, error),
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl<R: Read> Source<R> {
    /// Reads to the end of a line, which is left out. `false` at the end of the data.
    pub(crate) fn line(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        use std::io::BufRead;

        line.clear();
        self.meter.begin_item();
        loop {
            let buffer = match self.inner.inner.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if buffer.is_empty() {
                break;
            }
            let (end, used) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(end) => (true, end + 1),
                None => (false, buffer.len()),
            };
            line.extend_from_slice(&buffer[..used]);
            self.inner.inner.consume(used);
            self.meter.count(used)?;
            if end {
                break;
            }
        }
        let is_line = !line.is_empty();
        for end in [b'\n', b'\r'] {
            if line.last() == Some(&end) {
                line.pop();
            }
        }
        Ok(is_line)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use super::*;

    pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    /// A reader that fails after its bytes.
    pub(crate) struct Failing<'a>(pub(crate) &'a [u8]);

    impl Read for Failing<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(io::Error::other("the disk is gone")),
                read => Ok(read),
            }
        }
    }

    fn all(data: &[u8], limits: UnpackLimits) -> io::Result<(BodyKind, Vec<u8>)> {
        let (kind, mut source) = Source::open(data, Meter::new(limits))?;
        let mut out = Vec::new();
        source.read_to_end(&mut out)?;
        Ok((kind, out))
    }

    #[test]
    fn plain_and_gzip_are_the_same_data() {
        let data = b"  {\"a\": 1}";
        for packed in [
            data.to_vec(),
            gzip(data),
            [gzip(b"  {\"a\""), gzip(b": 1}")].concat(),
        ] {
            let (kind, out) = all(&packed, UnpackLimits::default()).unwrap();
            assert_eq!((kind, out.as_slice()), (BodyKind::Json, &data[..]));
        }
        let blank = [b" ".repeat(1000).as_slice(), b"<a/>"].concat();
        let (kind, out) = all(&blank, UnpackLimits::default()).unwrap();
        assert_eq!((kind, out.len()), (BodyKind::Xml, 1004));
    }

    #[test]
    fn limits_hold_for_what_is_unpacked() {
        let packed = gzip(&[b'x'; 10_000]);
        assert!(packed.len() < 1000);
        let limits = UnpackLimits::default().total_bytes(9_999);
        let error = io_error("a thing", all(&packed, limits).unwrap_err());
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (
                ErrorKind::TooLarge,
                "a thing unpacks to more than 9999 bytes; ask for a smaller window or raise the limit"
            )
        );
        assert!(all(&packed, limits.total_bytes(10_000)).is_ok());
    }

    #[test]
    fn lines_end_as_they_may() {
        let meter = Meter::new(UnpackLimits::default().item_bytes(8));
        let data = b"a\nb\r\n\nlast\n123456789\n";
        let (_, mut source) = Source::open(&data[..], meter).unwrap();
        let mut line = Vec::new();
        for expected in ["a", "b", "", "last"] {
            assert!(source.line(&mut line).unwrap());
            assert_eq!(line, expected.as_bytes());
        }
        let error = io_error("a log", source.line(&mut line).unwrap_err());
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
}
