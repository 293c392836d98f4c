//! Reads the entries of a ZIP archive one after the other.

use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::binary::{ERROR_LIMIT, Wanted};
use super::unpack::{UnpackLimits, io_error};
use crate::error::{Error, ErrorKind, Result, shorten};
use crate::sniff::HEAD;

const WHAT: &str = "the ZIP archive";

/// What marks the end of a ZIP archive, and how far from its last byte it may be.
const END_MARK: &[u8] = b"PK\x05\x06";
const END_DISTANCE: u64 = 22 + 65_535;

/// An entry of a ZIP archive.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    start: u64,
    packed: u64,
    unpacked: u64,
    crc: u32,
    method: CompressionMethod,
}

/// A ZIP archive whose directory was read.
pub(crate) struct Zip<R> {
    file: Arc<Mutex<R>>,
    /// The entries by name, without folders.
    pub(crate) entries: Vec<Entry>,
}

impl<R: Read + Seek> Zip<R> {
    /// Reads the directory, or the error that was sent in the archive's place.
    pub(crate) fn open(mut file: R, limits: UnpackLimits) -> Result<Self> {
        check(&mut file)?;
        let mut archive = ZipArchive::new(file).map_err(zip_error)?;
        if archive.len() > limits.entries {
            let message = format!("{WHAT} has more than {} entries", limits.entries);
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        let mut entries = Vec::with_capacity(archive.len());
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(zip_error)?;
            if entry.is_dir() {
                continue;
            }
            let name = entry.name().to_owned();
            let broken = |what: &str| {
                let message = format!("{WHAT} has {what}, {}", shorten(&name, 100));
                Error::new(ErrorKind::Malformed, message)
            };
            if entry.encrypted() {
                return Err(broken("an encrypted entry"));
            }
            let start = entry
                .data_start()
                .ok_or_else(|| broken("an entry without data"))?;
            if entry.size() > limits.total {
                let message = format!("{WHAT} unpacks to more than {} bytes", limits.total);
                return Err(Error::new(ErrorKind::TooLarge, message));
            }
            entries.push(Entry {
                start,
                packed: entry.compressed_size(),
                unpacked: entry.size(),
                crc: entry.crc32(),
                method: entry.compression(),
                name,
            });
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Zip {
            file: Arc::new(Mutex::new(archive.into_inner())),
            entries,
        })
    }

    /// The content of an entry.
    pub(crate) fn read(&self, entry: &Entry) -> Result<EntryReader<R>> {
        let section = Section {
            file: Arc::clone(&self.file),
            position: entry.start,
            end: entry.start.saturating_add(entry.packed),
        };
        let inner = match entry.method {
            CompressionMethod::Stored => Method::Stored(section),
            CompressionMethod::Deflated => {
                Method::Deflated(DeflateDecoder::new(BufReader::new(section)))
            }
            _ => {
                let name = shorten(&entry.name, 100);
                let message = format!("{WHAT} has an entry packed in an unknown way, {name}");
                return Err(Error::new(ErrorKind::Malformed, message));
            }
        };
        Ok(EntryReader {
            inner,
            crc: Crc::new(),
            read: 0,
            unpacked: entry.unpacked,
            expected_crc: entry.crc,
        })
    }
}

/// Checks that a file begins and ends as a ZIP archive does.
fn check<R: Read + Seek>(file: &mut R) -> Result<()> {
    let mut look = || -> io::Result<(Vec<u8>, Vec<u8>)> {
        file.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        file.by_ref()
            .take(ERROR_LIMIT as u64)
            .read_to_end(&mut head)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(length.saturating_sub(END_DISTANCE)))?;
        let mut tail = Vec::new();
        file.by_ref().take(END_DISTANCE).read_to_end(&mut tail)?;
        Ok((head, tail))
    };
    let (head, tail) = look().map_err(|error| io_error(WHAT, error))?;
    // What has a ZIP archive's first bytes only is cut off, not another kind of answer.
    if head.len() >= HEAD || !b"PK\x03\x04".starts_with(&head) || head.is_empty() {
        Wanted::Zip.check(&head)?;
    }
    let has_end = tail
        .windows(END_MARK.len())
        .any(|window| window == END_MARK);
    if !has_end {
        let message = format!("{WHAT} ends too early");
        return Err(Error::new(ErrorKind::Truncated, message));
    }
    Ok(())
}

fn zip_error(error: ZipError) -> Error {
    let kind = match error {
        ZipError::Io(error) => return io_error(WHAT, error),
        _ => ErrorKind::Malformed,
    };
    Error::new(kind, format!("{WHAT} is damaged")).with_source(error)
}

/// A part of a file that several readers share.
struct Section<R> {
    file: Arc<Mutex<R>>,
    position: u64,
    end: u64,
}

impl<R: Read + Seek> Read for Section<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.position).unwrap_or(usize::MAX);
        let wanted = buffer.len().min(left);
        if wanted == 0 {
            return Ok(0);
        }
        // A reader that panicked elsewhere may be anywhere, but each read seeks first.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.position))?;
        let read = file.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.position += read as u64;
        Ok(read)
    }
}

enum Method<R: Read + Seek> {
    Stored(Section<R>),
    Deflated(DeflateDecoder<BufReader<Section<R>>>),
}

/// The content of an entry, checked against the length and the checksum that the archive states.
pub(crate) struct EntryReader<R: Read + Seek> {
    inner: Method<R>,
    crc: Crc,
    read: u64,
    unpacked: u64,
    expected_crc: u32,
}

impl<R: Read + Seek> Read for EntryReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = match &mut self.inner {
            Method::Stored(reader) => reader.read(buffer)?,
            Method::Deflated(reader) => reader.read(buffer)?,
        };
        self.crc.update(&buffer[..read]);
        self.read += read as u64;
        if self.read > self.unpacked {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "an entry is longer than stated",
            ));
        }
        if read == 0 {
            if self.read < self.unpacked {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if self.crc.sum() != self.expected_crc {
                return Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "an entry's checksum is wrong",
                ));
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::{Cursor, Write};

    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    pub(crate) fn zip(entries: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, data) in entries {
            let options = SimpleFileOptions::default().compression_method(method);
            writer.start_file(*name, options).unwrap();
            writer.write_all(data).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    pub(crate) fn deflated(entries: &[(&str, &[u8])]) -> Vec<u8> {
        zip(entries, CompressionMethod::Deflated)
    }

    fn contents(data: &[u8], limits: UnpackLimits) -> Result<Vec<(String, Vec<u8>)>> {
        let zip = Zip::open(Cursor::new(data), limits)?;
        let read = |entry: &Entry| {
            let mut content = Vec::new();
            let mut reader = zip.read(entry)?;
            reader
                .read_to_end(&mut content)
                .map_err(|error| io_error(WHAT, error))?;
            Ok((entry.name.clone(), content))
        };
        zip.entries.iter().map(read).collect()
    }

    #[test]
    fn entries_come_by_name_in_any_packing() {
        for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
            let data = zip(
                &[
                    ("b", b"bbbbbbbbbbbbbbbb"),
                    ("d/", b""),
                    ("a", b""),
                    ("c", b"c"),
                ],
                method,
            );
            let found = contents(&data, UnpackLimits::default()).unwrap();
            let expected = [("a", &b""[..]), ("b", b"bbbbbbbbbbbbbbbb"), ("c", b"c")];
            assert_eq!(found, expected.map(|(n, c)| (n.to_owned(), c.to_vec())));
        }
    }

    #[test]
    fn a_cut_archive_is_truncated_wherever_it_is_cut() {
        let noise: Vec<u8> = (0..40_000_u32).map(|n| ((n * n) >> 7) as u8).collect();
        let data = deflated(&[("a", &noise), ("b", b"short")]);
        for percent in 0..100 {
            let cut = data.len() * percent / 100;
            let error = contents(&data[..cut], UnpackLimits::default()).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::Truncated,
                "at {percent} %: {error}"
            );
        }
        for cut in 0..4 {
            let error = contents(&data[..cut], UnpackLimits::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated, "at {cut}");
        }
    }

    #[test]
    fn a_damaged_archive_is_an_error_wherever_it_is_damaged() {
        let data = deflated(&[("a", b"some text, some text, some text"), ("b", b"short")]);
        let whole = contents(&data, UnpackLimits::default()).unwrap();
        for position in 0..data.len() {
            let mut damaged = data.clone();
            damaged[position] ^= 0x41;
            // Names, dates and attributes are not covered by a checksum; the contents are.
            if let Ok(found) = contents(&damaged, UnpackLimits::default()) {
                for (name, content) in found {
                    let expected = whole.iter().find(|(n, _)| *n == name);
                    assert!(expected.is_none_or(|(_, c)| *c == content), "at {position}");
                }
            }
        }
    }

    #[test]
    fn a_wrong_length_is_noticed() {
        let data = deflated(&[("a", b"some text")]);
        let directory = data.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        let kind = |length: u8| {
            let mut wrong = data.clone();
            wrong[directory + 24] = length;
            contents(&wrong, UnpackLimits::default()).map_err(|error| error.kind())
        };
        assert_eq!(kind(10), Err(ErrorKind::Truncated));
        assert_eq!(kind(8), Err(ErrorKind::Malformed));
        assert!(kind(9).is_ok());
    }

    #[test]
    fn limits_hold() {
        let data = deflated(&[("a", &[0; 100_000]), ("b", b"")]);
        let kind = |limits| contents(&data, limits).unwrap_err().kind();
        assert_eq!(
            kind(UnpackLimits::default().entries(1)),
            ErrorKind::TooLarge
        );
        assert_eq!(
            kind(UnpackLimits::default().total_bytes(9999)),
            ErrorKind::TooLarge
        );
    }

    #[test]
    fn other_things_are_refused() {
        for (body, kind) in super::super::binary::tests::REFUSED {
            let error = contents(body, UnpackLimits::default()).unwrap_err();
            assert_eq!(error.kind(), *kind);
        }
        // A directory that claims to be large.
        let mut liar = b"PK\x05\x06\0\0\0\0".to_vec();
        liar.extend([0xff; 12]);
        liar.extend([0, 0]);
        let error = contents(&liar, UnpackLimits::default()).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Malformed | ErrorKind::Truncated),
            "{error}"
        );
        for body in [&b"\x1f\x8b\x08"[..], b"FLV", b"PK", b"{\"a\": 1}", b"[]"] {
            assert!(contents(body, UnpackLimits::default()).is_err());
        }
    }
}
