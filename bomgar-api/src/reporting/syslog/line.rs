//! A line of the log, and the record that one or more lines carry.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::parse_time;

/// Records have a few segments of 1 kB each; the numbers have two digits wherever they were seen.
const MAX_SEGMENTS: u32 = 9999;

/// A record of the log, put together from its segments.
///
/// `Debug` shows the names of the fields only, because their values name people and computers.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SyslogRecord {
    /// When its first line was written, as it is written: usually month, day and time, without a
    /// year and in the appliance's time zone. [`when`](SyslogRecord::when) is better.
    pub written: String,
    /// The appliance's host name.
    pub host: String,
    /// The process that wrote it.
    pub pid: Option<u32>,
    /// The number of the site it is about. An appliance may have several sites.
    pub site_id: String,
    /// In how many segments it was written.
    pub segments: u32,
    /// Which of them are missing, from 1. Fields before and after a gap may then be incomplete.
    pub missing_segments: Vec<u32>,
    /// The fields in their order; a name may occur more than once.
    pub fields: Vec<(String, String)>,
}

impl SyslogRecord {
    /// Whether no segment is missing.
    pub fn is_complete(&self) -> bool {
        self.missing_segments.is_empty()
    }

    /// The value of the first field with this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }

    /// `when`: the time of the event, to the second. Newer versions only.
    pub fn when(&self) -> Option<Timestamp> {
        parse_time(self.get("when")?)
    }

    /// `event`: the name of what happened, such as `login`.
    pub fn event(&self) -> Option<&str> {
        self.get("event")
    }

    /// `who`: the user that caused it.
    pub fn who(&self) -> Option<&str> {
        self.get("who")
    }
}

impl fmt::Debug for SyslogRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.fields.iter().map(|(name, _)| name).collect();
        f.debug_struct("SyslogRecord")
            .field("written", &self.written)
            .field("event", &self.event())
            .field("segments", &self.segments)
            .field("missing_segments", &self.missing_segments)
            .field("fields", &names)
            .finish_non_exhaustive()
    }
}

/// A line that is not a part of a record, as it is in the log.
///
/// `Debug` leaves out the text.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct UnparsedLine {
    /// The file in the report.
    pub file: String,
    /// The number of the line in the file, from 1.
    pub number: u64,
    /// The line. Bytes that are not UTF-8 are replaced by U+FFFD.
    pub text: String,
}

impl fmt::Debug for UnparsedLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnparsedLine")
            .field("file", &self.file)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// A line, in parts. A character may be split between two segments, so the payload is bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) written: &'a str,
    pub(super) host: &'a str,
    pub(super) pid: Option<u32>,
    pub(super) site_id: &'a str,
    pub(super) segment: u32,
    pub(super) segments: u32,
    pub(super) payload: &'a [u8],
}

impl<'a> Line<'a> {
    /// Reads `Mon DD HH:MM:SS host BG[pid]: site:segment:segments:payload`.
    pub(super) fn parse(line: &'a [u8]) -> Option<Self> {
        // The header is ASCII, and ends with the third colon after the one of the tag.
        let is_header = |byte: &u8| byte.is_ascii() && !byte.is_ascii_control();
        let end = line.iter().position(|byte| !is_header(byte));
        let text = std::str::from_utf8(&line[..end.unwrap_or(line.len())]).ok()?;

        let (written, rest) = written(text)?;
        let (host, rest) = token(rest)?;
        let rest = rest.trim_start().strip_prefix("BG")?;
        let (pid, rest) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (pid, rest) = rest.split_once(']')?;
                (Some(number(pid)?), rest)
            }
            None => (None, rest),
        };
        let (site_id, rest) = rest.strip_prefix(':')?.split_once(':')?;
        let (segment, rest) = rest.split_once(':')?;
        let (segments, rest) = rest.split_once(':')?;
        let site_id = site_id.trim();
        let (segment, segments) = (number(segment.trim())?, number(segments.trim())?);
        let is_sound = !site_id.is_empty()
            && site_id.bytes().all(|b| b.is_ascii_alphanumeric())
            && (1..=segments).contains(&segment)
            && segments <= MAX_SEGMENTS;
        is_sound.then_some(Line {
            written,
            host,
            pid,
            site_id,
            segment,
            segments,
            payload: &line[text.len() - rest.len()..],
        })
    }
}

/// Splits off the time: `Mon DD HH:MM:SS`, or ISO 8601 as newer log daemons write it.
fn written(text: &str) -> Option<(&str, &str)> {
    let (first, rest) = token(text)?;
    if first.parse::<Timestamp>().is_ok() {
        return Some((first, rest));
    }
    let (day, rest) = token(rest)?;
    let (time, rest) = token(rest)?;
    let is_time = first.len() == 3
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && matches!(number(day), Some(1..=31))
        && time.parse::<jiff::civil::Time>().is_ok();
    let written = &text[..text.len() - rest.len()];
    is_time.then_some((written.trim(), rest))
}

fn token(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let end = text.find(' ').unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn number(digits: &str) -> Option<u32> {
    let is_number = digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// Reads `name=value;name=value`, where a backslash before `;`, `=` or a backslash takes away its
/// meaning.
pub(super) fn read_fields(payload: &[u8], fields: &mut Vec<(String, String)>) {
    let mut name = Vec::new();
    let mut value: Option<Vec<u8>> = None;
    let mut end_field = |name: &mut Vec<u8>, value: &mut Option<Vec<u8>>| {
        let name = std::mem::take(name);
        let value = value.take();
        let name = String::from_utf8_lossy(&name).trim().to_owned();
        if !name.is_empty() || value.is_some() {
            let value = value.unwrap_or_default();
            fields.push((name, String::from_utf8_lossy(&value).into_owned()));
        }
    };
    let mut bytes = payload.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'\\' => bytes
                .next_if(|next| matches!(next, b';' | b'=' | b'\\'))
                .unwrap_or(b'\\'),
            b';' => {
                end_field(&mut name, &mut value);
                continue;
            }
            b'=' if value.is_none() => {
                value = Some(Vec::new());
                continue;
            }
            other => other,
        };
        value.as_mut().unwrap_or(&mut name).push(byte);
    }
    end_field(&mut name, &mut value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_read_in_all_its_spellings() {
        let expected = Line {
            written: "Feb  5 12:54:46",
            host: "box",
            pid: Some(98765),
            site_id: "1234",
            segment: 1,
            segments: 2,
            payload: b"event=login;a:b=c",
        };
        for line in [
            &b"Feb  5 12:54:46 box BG[98765]: 1234:01:02:event=login;a:b=c"[..],
            b"Feb  5 12:54:46 box BG[98765]:1234:01:02:event=login;a:b=c",
            b"Feb  5 12:54:46 box BG[98765]: 1234: 1: 2:event=login;a:b=c",
        ] {
            assert_eq!(Line::parse(line), Some(expected));
        }
        let old = Line::parse(b"Oct 12 14:58:35 box BG: 1234:01:01:").unwrap();
        assert_eq!((old.pid, old.payload), (None, &b""[..]));
        let iso = Line::parse(b"2024-12-10T07:04:11.5+00:00 box BG[1]: 1:1:1:x").unwrap();
        assert_eq!(iso.written, "2024-12-10T07:04:11.5+00:00");
        let bytes = Line::parse(b"Oct 12 14:58:35 box BG: 1:01:01:\xc3").unwrap();
        assert_eq!(bytes.payload, b"\xc3");
    }

    #[test]
    fn other_lines_are_not_records() {
        for line in [
            &b""[..],
            b"Oct",
            b"Oct 12 14:58:35 box",
            b"Oct 12 14:58:35 box sshd[1]: 1234:01:01:x",
            b"Oct 12 14:58:35 box BG[x]: 1234:01:01:x",
            b"Oct 12 14:58:35 box BG[1] 1234:01:01:x",
            b"Oct 12 14:58:35 box BG[1]: 1234:00:01:x",
            b"Oct 12 14:58:35 box BG[1]: 1234:02:01:x",
            b"Oct 12 14:58:35 box BG[1]: 1234:+1:01:x",
            b"Oct 12 14:58:35 box BG[1]: 1234:1:99999:x",
            b"Oct 12 14:58:35 box BG[1]: 1234:1:99999999999:x",
            b"Oct 12 14:58:35 box BG[1]: :01:01:x",
            b"Oct 12 14:58:35 box BG[1]: 1234:01:01",
            b"Oct 42 14:58:35 box BG[1]: 1234:01:01:x",
            b"Oct 12 24:58:35 box BG[1]: 1234:01:01:x",
            b"\xff\xfe\x00",
        ] {
            assert_eq!(Line::parse(line), None, "{}", String::from_utf8_lossy(line));
        }
    }

    fn fields(payload: &[u8]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        read_fields(payload, &mut fields);
        fields
    }

    #[test]
    fn a_backslash_takes_away_the_meaning_of_three_characters() {
        assert_eq!(
            fields(br"name=user\;s\=name\\id;path=C:\Temp\;x;a=b=c;; d=;flag;e\=f=1;=v;end=\"),
            [
                ("name", r"user;s=name\id"),
                ("path", r"C:\Temp;x"),
                ("a", "b=c"),
                ("d", ""),
                ("flag", ""),
                ("e=f", "1"),
                ("", "v"),
                ("end", r"\"),
            ]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(fields(b""), []);
        assert_eq!(fields(b"a=\xff")[0].1, "\u{fffd}");
    }
}
