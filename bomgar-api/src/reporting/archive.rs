//! Archives: what the appliance's real-time state was, and how it changed.

#[cfg(feature = "archive")]
mod events;
#[cfg(feature = "archive")]
mod row;
#[cfg(feature = "archive")]
mod state;

use jiff::civil::Date;

#[cfg(feature = "archive")]
pub use events::EventArchive;
#[cfg(feature = "archive")]
pub use row::{CustomerClientType, StateRow};
#[cfg(feature = "archive")]
pub use state::{StateArchive, TableSummary, read_state_archive};

use super::binary::{Wanted, file_report};
use super::window::iso_date;
use crate::error::Error;

/// Which of the two archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArchiveKind {
    /// The whole state, every 30 minutes.
    State,
    /// The changes of 10 minutes, in order.
    Event,
}

/// Asks for an archive of the real-time state, as a file compressed with gzip. Needs "Allow Access
/// to Archive Reports", and archives enabled on the API configuration page.
///
/// Which archives there are is told by the report `ArchiveListing`. The appliance keeps those of
/// seven active days and needs some time to make them. Unpacked, one may have 4 GiB, so with a
/// client, prefer `Client::download` and copy it to a file. The feature `archive` has readers for
/// both kinds, `read_state_archive` and `EventArchive`, which read that file piece by piece and
/// unpack it on the way.
///
/// ```
/// use bomgar_api::reporting::{Archive, ArchiveKind};
/// use bomgar_api::{Call, Spelling};
///
/// let first = Archive::new(ArchiveKind::State, jiff::civil::date(2019, 11, 5), 1);
/// let request = first.encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=Archive&type=state&date=2019-11-05&index=1",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Archive {
    kind: ArchiveKind,
    date: Date,
    index: u32,
}

impl Archive {
    /// Asks for one archive of a day in the appliance's time zone. `index` counts from 1 each day,
    /// for each kind by itself.
    pub fn new(kind: ArchiveKind, date: Date, index: u32) -> Self {
        Archive { kind, date, index }
    }
}

file_report!(Archive, "Archive", Wanted::Archive, self => {
    if self.index == 0 {
        return Err(Error::invalid_request("the index of archives begins at 1"));
    }
    let kind = match self.kind {
        ArchiveKind::State => "state",
        ArchiveKind::Event => "event",
    };
    Ok(vec![
        ("type".into(), kind.into()),
        ("date".into(), iso_date(self.date)?),
        ("index".into(), self.index.to_string()),
    ])
});

/// The error in a JSON document that has nothing else.
#[cfg(feature = "archive")]
fn reported(document: &serde_json::Map<String, serde_json::Value>) -> Option<Error> {
    let keys = ["message", "error_description", "error"];
    let is_report = document.keys().all(|key| keys.contains(&key.as_str()));
    let text = keys.iter().find_map(|key| document.get(*key)?.as_str());
    text.filter(|_| is_report).map(Error::api)
}

#[cfg(test)]
mod tests {
    use super::super::binary::tests::refuses;
    use super::*;
    use crate::{Call, ErrorKind};

    #[test]
    fn an_archive_is_named_by_kind_day_and_index() {
        let date = jiff::civil::date(2024, 2, 29);
        let pairs = |call: Archive| {
            let fields = call.fields().unwrap();
            fields
                .iter()
                .map(|(k, v)| format!("{k}={v}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            pairs(Archive::new(ArchiveKind::Event, date, 144)),
            ["type=event", "date=2024-02-29", "index=144"]
        );
        for bad in [
            Archive::new(ArchiveKind::State, date, 0),
            Archive::new(ArchiveKind::State, jiff::civil::date(-1, 1, 1), 1),
        ] {
            let error = bad.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn gzip_and_bare_json_are_archives() {
        let call = Archive::new(ArchiveKind::State, jiff::civil::date(2024, 2, 29), 1);
        for body in [&b"\x1f\x8b\x08"[..], b"{\"queue\": null}"] {
            assert_eq!(call.decode(body).unwrap(), body);
        }
        refuses(
            &call,
            &[
                (b"PK\x03\x04", ErrorKind::WrongContent),
                (b"FLV", ErrorKind::WrongContent),
            ],
        );
    }
}
