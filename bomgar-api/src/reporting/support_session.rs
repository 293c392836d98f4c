//! The `SupportSession` report: which sessions to ask for.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{SessionList, parse_session_list};
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::{Error, Result};

/// A span of time for a report.
///
/// The two kinds of start differ in more than the bound: windows by *start* contain running
/// sessions, windows by *end* contain closed sessions only. Sessions that were closed abnormally
/// have no end time and appear in windows by start alone. Both times are lower bounds.
///
/// In all kinds a length of 0 means "until now". No row limit is known: a big window gives one big
/// document, so ask in slices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TimeWindow {
    /// Sessions that began on or after a date, in the appliance's time zone.
    StartDate {
        /// The first day.
        date: Date,
        /// How many days; 0 = until now.
        days: u32,
    },
    /// Sessions that began at or after a time.
    StartTime {
        /// The first second.
        time: Timestamp,
        /// How many seconds; 0 = until now.
        seconds: u64,
    },
    /// Closed sessions that ended on or after a date, in the appliance's time zone.
    EndDate {
        /// The first day.
        date: Date,
        /// How many days; 0 = until now.
        days: u32,
    },
    /// Closed sessions that ended at or after a time.
    EndTime {
        /// The first second.
        time: Timestamp,
        /// How many seconds; 0 = until now.
        seconds: u64,
    },
}

impl TimeWindow {
    /// Sessions that began at or after `time`, running ones included.
    pub fn started_since(time: Timestamp) -> Self {
        TimeWindow::StartTime { time, seconds: 0 }
    }

    /// Closed sessions that ended at or after `time`.
    pub fn ended_since(time: Timestamp) -> Self {
        TimeWindow::EndTime { time, seconds: 0 }
    }

    fn append_to(self, fields: &mut Fields) -> Result<()> {
        let (name, value, duration) = match self {
            TimeWindow::StartDate { date, days } => ("start_date", date.to_string(), days.into()),
            TimeWindow::EndDate { date, days } => ("end_date", date.to_string(), days.into()),
            TimeWindow::StartTime { time, seconds } => ("start_time", unix(time)?, seconds),
            TimeWindow::EndTime { time, seconds } => ("end_time", unix(time)?, seconds),
        };
        fields.push((name.into(), value));
        fields.push(("duration".into(), duration.to_string()));
        Ok(())
    }
}

/// Unix seconds, rounded down, so that the bound never excludes what it should include.
fn unix(time: Timestamp) -> Result<String> {
    let mut seconds = time.as_second();
    if time.subsec_nanosecond() < 0 {
        seconds -= 1;
    }
    if seconds < 0 {
        return Err(Error::invalid_request("the window begins before 1970"));
    }
    Ok(seconds.to_string())
}

/// Which sessions a report shall contain: exactly one way of choosing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionSelection {
    /// The session with this `lsid`.
    Lsid(String),
    /// The sessions with these `lsid`s.
    Lsids(Vec<String>),
    /// The sessions in a span of time.
    Window(TimeWindow),
}

impl From<TimeWindow> for SessionSelection {
    fn from(window: TimeWindow) -> Self {
        SessionSelection::Window(window)
    }
}

impl SessionSelection {
    pub(crate) fn append_to(&self, fields: &mut Fields) -> Result<()> {
        match self {
            SessionSelection::Lsid(lsid) => {
                check_lsid(lsid)?;
                fields.push(("lsid".into(), lsid.clone()));
            }
            SessionSelection::Lsids(lsids) => {
                if lsids.is_empty() {
                    return Err(Error::invalid_request("the list of lsids is empty"));
                }
                lsids.iter().try_for_each(|lsid| check_lsid(lsid))?;
                fields.push(("lsids".into(), lsids.join(",")));
            }
            SessionSelection::Window(window) => window.append_to(fields)?,
        }
        Ok(())
    }
}

/// Asks for the `SupportSession` report. Needs "Allow Access to Support Session Reports and
/// Recordings".
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SupportSession, TimeWindow};
///
/// let request = SupportSession::new(TimeWindow::ended_since("2019-11-05T11:43:09Z".parse()?))
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=SupportSession&end_time=1572954189&duration=0",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SupportSession {
    selection: SessionSelection,
}

impl SupportSession {
    /// Asks for these sessions.
    pub fn new(selection: impl Into<SessionSelection>) -> Self {
        SupportSession {
            selection: selection.into(),
        }
    }

    /// Which sessions are asked for.
    pub fn selection(&self) -> &SessionSelection {
        &self.selection
    }

    /// The same request for other sessions.
    #[cfg_attr(not(feature = "client"), allow(dead_code))] // only streams ask in parts
    pub(crate) fn select(mut self, selection: SessionSelection) -> Self {
        self.selection = selection;
        self
    }
}

impl Call for SupportSession {
    type Reply = SessionList;

    fn operation(&self) -> &str {
        "SupportSession"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Reporting
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        self.selection.append_to(&mut fields)?;
        Ok(fields)
    }

    fn no_data(&self) -> Option<SessionList> {
        Some(SessionList::default())
    }

    fn decode(&self, body: &[u8]) -> Result<SessionList> {
        parse_session_list(body)
    }

    fn session(&self) -> Option<&str> {
        match &self.selection {
            SessionSelection::Lsid(lsid) => Some(lsid),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const A: &str = "0123456789abcdef0123456789abcdef";
    const B: &str = "fedcba9876543210fedcba9876543210";

    fn fields(selection: impl Into<SessionSelection>) -> Vec<(String, String)> {
        SupportSession::new(selection).fields().unwrap()
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn each_way_of_choosing_sends_its_own_parameters_only() {
        let date = jiff::civil::date(2019, 11, 5);
        let time = Timestamp::from_second(1_572_954_189).unwrap();
        assert_eq!(
            fields(TimeWindow::StartDate { date, days: 2 }),
            pairs(&[("start_date", "2019-11-05"), ("duration", "2")])
        );
        assert_eq!(
            fields(TimeWindow::EndDate { date, days: 0 }),
            pairs(&[("end_date", "2019-11-05"), ("duration", "0")])
        );
        assert_eq!(
            fields(TimeWindow::StartTime { time, seconds: 60 }),
            pairs(&[("start_time", "1572954189"), ("duration", "60")])
        );
        assert_eq!(
            fields(TimeWindow::ended_since(time)),
            pairs(&[("end_time", "1572954189"), ("duration", "0")])
        );
        assert_eq!(
            fields(SessionSelection::Lsid(A.into())),
            pairs(&[("lsid", A)])
        );
        assert_eq!(
            fields(SessionSelection::Lsids(vec![A.into(), B.into()])),
            pairs(&[("lsids", &format!("{A},{B}"))])
        );
    }

    #[test]
    fn nonsense_is_not_sent() {
        for selection in [
            SessionSelection::Lsid("x".into()),
            SessionSelection::Lsids(vec![]),
            SessionSelection::Lsids(vec![A.into(), "1,2".into()]),
            TimeWindow::ended_since(Timestamp::from_second(-5).unwrap()).into(),
        ] {
            let error = SupportSession::new(selection).fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }
}
