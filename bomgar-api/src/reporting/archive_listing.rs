//! The `ArchiveListing` report: which archives of a day there are.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::list::read_report;
use super::parts::Parts;
use super::window::iso_date;
use super::{RawElement, is_empty_result_text};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

/// Asks for the `ArchiveListing` report of a day. Needs "Allow Access to Archive Reports", and the
/// Archive API must be enabled on the appliance.
///
/// Appliances keep seven active days. Archives are not there at once.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::ArchiveListing;
///
/// let request = ArchiveListing::new("2019-11-05".parse()?)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.body().as_ref(), b"generate_report=ArchiveListing&date=2019-11-05");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct ArchiveListing {
    date: Date,
}

impl ArchiveListing {
    /// Asks for the archives of this day, in the appliance's time zone.
    pub fn new(date: Date) -> Self {
        ArchiveListing { date }
    }
}

/// The archives of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Archives {
    /// Archives of the state at one time, in document order.
    pub states: Vec<ListedStateArchive>,
    /// Archives of the changes in a span of time, in document order.
    pub events: Vec<ListedEventArchive>,
    /// The document's namespace. Several are in use; they do not change the meaning.
    pub namespace: Option<String>,
    /// Elements beside the archives, and the root if it has attributes, as sent.
    pub unknown: Vec<RawElement>,
}

/// The mention of an archive of the state at one time. There is one for every 30 minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ListedStateArchive {
    /// The time whose state it holds.
    pub time: Option<Timestamp>,
    /// Its number among the day's state archives, from 1.
    pub index: Option<u32>,
    /// Attributes and elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// The mention of an archive of the changes in a span of time, usually 10 minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ListedEventArchive {
    /// The beginning of the span of time.
    pub start_time: Option<Timestamp>,
    /// Its end.
    pub end_time: Option<Timestamp>,
    /// Its number among the day's event archives, from 1.
    pub index: Option<u32>,
    /// Attributes and elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// Reads the answer to an [`ArchiveListing`] request. The error text with which appliances say
/// that there are no archives is an empty listing.
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_archive_listing(body: &[u8]) -> Result<Archives> {
    let reply = read_report(
        "ArchiveListing",
        Some("archives"),
        body,
        |text| is_no_archives(text) || is_empty_result_text(text),
        |archives: &mut Archives, cursor, element| {
            let raw = cursor.raw(element)?;
            match raw.name.as_str() {
                "state_archive" => archives.states.push(state(Parts::new(raw))),
                "event_archive" => archives.events.push(event(Parts::new(raw))),
                _ => archives.unknown.push(raw),
            }
            Ok(())
        },
    )?;
    let Some(reply) = reply else {
        return Ok(Archives::default());
    };
    let mut archives = reply.value;
    archives.namespace = reply.namespace;
    if !reply.root.attributes.is_empty() {
        archives.unknown.push(reply.root);
    }
    Ok(archives)
}

fn is_no_archives(text: &str) -> bool {
    text.contains("No archives found for the given search criteria")
}

fn state(mut parts: Parts) -> ListedStateArchive {
    ListedStateArchive {
        time: parts.time("time"),
        index: parts.text_as("index", |text| text.parse().ok()),
        unknown: parts.into_unknown(),
    }
}

fn event(mut parts: Parts) -> ListedEventArchive {
    ListedEventArchive {
        start_time: parts.time("start_time"),
        end_time: parts.time("end_time"),
        index: parts.text_as("index", |text| text.parse().ok()),
        unknown: parts.into_unknown(),
    }
}

impl Call for ArchiveListing {
    type Reply = Archives;

    fn operation(&self) -> &str {
        "ArchiveListing"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Reporting
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        Ok(vec![("date".into(), iso_date(self.date)?)])
    }

    fn no_data(&self) -> Option<Self::Reply> {
        Some(Archives::default())
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Reply> {
        parse_archive_listing(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>

<archives xmlns="http://www.bomgar.com/namespaces/API/reporting">
	<event_archive>
		<index>1</index>
		<end_time timestamp="1572912600">2019-11-05T00:10:00+00:00</end_time>
		<start_time timestamp="1572912000">2019-11-05T00:00:00+00:00</start_time>
	</event_archive>
	<state_archive tier="2">
		<time timestamp="1572912000">2019-11-05T00:00:00+00:00</time>
		<index>1</index>
	</state_archive>
	<state_archive>
		<index>two</index>
		<time>soon</time>
		<bytes>12</bytes>
	</state_archive>
	<other_archive/>
</archives>
"#;

    #[test]
    fn reads_both_kinds() {
        let archives = parse_archive_listing(DOCUMENT.as_bytes()).unwrap();
        let json = serde_json::to_string(&archives).unwrap();
        let back: Archives = serde_json::from_str(&json).unwrap();
        assert_eq!(back, archives);
        let at = |second| Timestamp::from_second(second).ok();
        let [state, odd] = archives.states.as_slice() else {
            panic!("{archives:?}");
        };
        assert_eq!((state.time, state.index), (at(1_572_912_000), Some(1)));
        assert_eq!(state.unknown[0].attribute("tier"), Some("2"));
        assert_eq!((odd.time, odd.index), (None, None));
        let texts: Vec<&str> = odd.unknown.iter().map(|e| e.text.as_str()).collect();
        assert_eq!(texts, ["12", "soon", "two"]);
        let [event] = archives.events.as_slice() else {
            panic!("{archives:?}");
        };
        assert_eq!(
            (event.start_time, event.end_time, event.index),
            (at(1_572_912_000), at(1_572_912_600), Some(1))
        );
        assert!(event.unknown.is_empty());
        assert_eq!(archives.unknown[0].name, "other_archive");
        assert_eq!(
            archives.namespace.as_deref(),
            Some("http://www.bomgar.com/namespaces/API/reporting")
        );
    }

    #[test]
    fn no_archives_is_an_empty_listing() {
        for body in [
            "<archives/>",
            "<error >No archives found for the given search criteria.</error>",
        ] {
            let archives = parse_archive_listing(body.as_bytes()).unwrap();
            assert_eq!(archives, Archives::default());
        }
        let error = parse_archive_listing(b"<error>Denied.</error>").unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::Api, Some("ArchiveListing"))
        );
        for end in 0..DOCUMENT.trim_end().len() {
            let error = parse_archive_listing(&DOCUMENT.as_bytes()[..end]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated);
        }
    }
}
