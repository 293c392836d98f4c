//! Which span of time, or which sessions, a report is about.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::call::{Fields, check_lsid};
use crate::error::{Error, Result};

/// A span of time for a report.
///
/// The two kinds of start differ in more than the bound: windows by *start* contain running
/// sessions, windows by *end* contain closed sessions only. Sessions that were closed abnormally
/// have no end time and appear in windows by start alone. Both times are lower bounds.
///
/// In all kinds a length of 0 means "until now". No row limit is known: a big window gives one big
/// document, so ask in [slices](TimeWindow::slices).
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SupportSession, TimeWindow};
///
/// let two_days = TimeWindow::StartDate { date: "2019-11-05".parse()?, days: 2 };
/// let request = SupportSession::new(two_days)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&start_date=2019-11-05&duration=2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

    pub(super) fn append_to(self, fields: &mut Fields) -> Result<()> {
        let (name, value, duration) = match self {
            TimeWindow::StartDate { date, days } => ("start_date", iso_date(date)?, days.into()),
            TimeWindow::EndDate { date, days } => ("end_date", iso_date(date)?, days.into()),
            TimeWindow::StartTime { time, seconds } => ("start_time", unix(time)?, seconds),
            TimeWindow::EndTime { time, seconds } => ("end_time", unix(time)?, seconds),
        };
        fields.push((name.into(), value));
        fields.push(("duration".into(), duration.to_string()));
        Ok(())
    }
}

/// `YYYY-MM-DD`.
pub(super) fn iso_date(date: Date) -> Result<String> {
    if date.year() < 1970 {
        return Err(Error::invalid_request(format!(
            "the date {date} is before 1970"
        )));
    }
    Ok(date.to_string())
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
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SessionSelection, SupportSession};
///
/// let one = SessionSelection::Lsid("0123456789abcdef0123456789abcdef".into());
/// let request = SupportSession::new(one).encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&lsid=0123456789abcdef0123456789abcdef"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
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
    pub(super) fn append_to(&self, fields: &mut Fields) -> Result<()> {
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

    /// The one session that is asked for.
    pub(super) fn session(&self) -> Option<&str> {
        match self {
            SessionSelection::Lsid(lsid) => Some(lsid),
            _ => None,
        }
    }
}

/// A span of time for a report that counts from its start only.
///
/// A length of 0 means "until now".
///
/// ```
/// use bomgar_api::reporting::{StartWindow, TimeWindow};
///
/// let since = StartWindow::since("2019-11-05T11:43:09Z".parse()?);
/// assert_eq!(TimeWindow::from(since), TimeWindow::started_since("2019-11-05T11:43:09Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StartWindow {
    /// From a date on, in the appliance's time zone.
    Date {
        /// The first day.
        date: Date,
        /// How many days; 0 = until now.
        days: u32,
    },
    /// From a time on.
    Time {
        /// The first second.
        time: Timestamp,
        /// How many seconds; 0 = until now.
        seconds: u64,
    },
}

impl StartWindow {
    /// From `time` until now.
    pub fn since(time: Timestamp) -> Self {
        StartWindow::Time { time, seconds: 0 }
    }

    pub(super) fn append_to(self, fields: &mut Fields) -> Result<()> {
        TimeWindow::from(self).append_to(fields)
    }
}

impl From<StartWindow> for TimeWindow {
    fn from(window: StartWindow) -> Self {
        match window {
            StartWindow::Date { date, days } => TimeWindow::StartDate { date, days },
            StartWindow::Time { time, seconds } => TimeWindow::StartTime { time, seconds },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const A: &str = "0123456789abcdef0123456789abcdef";
    const B: &str = "fedcba9876543210fedcba9876543210";

    fn fields(selection: impl Into<SessionSelection>) -> Result<Fields> {
        let mut fields = Fields::new();
        selection.into().append_to(&mut fields)?;
        Ok(fields)
    }

    fn pairs(pairs: &[(&str, &str)]) -> Fields {
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
            fields(TimeWindow::StartDate { date, days: 2 }).unwrap(),
            pairs(&[("start_date", "2019-11-05"), ("duration", "2")])
        );
        assert_eq!(
            fields(TimeWindow::EndDate { date, days: 0 }).unwrap(),
            pairs(&[("end_date", "2019-11-05"), ("duration", "0")])
        );
        assert_eq!(
            fields(TimeWindow::StartTime { time, seconds: 60 }).unwrap(),
            pairs(&[("start_time", "1572954189"), ("duration", "60")])
        );
        assert_eq!(
            fields(TimeWindow::ended_since(time)).unwrap(),
            pairs(&[("end_time", "1572954189"), ("duration", "0")])
        );
        assert_eq!(
            fields(SessionSelection::Lsid(A.into())).unwrap(),
            pairs(&[("lsid", A)])
        );
        assert_eq!(
            fields(SessionSelection::Lsids(vec![A.into(), B.into()])).unwrap(),
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
            TimeWindow::StartDate {
                date: jiff::civil::date(-1, 12, 31),
                days: 1,
            }
            .into(),
            TimeWindow::EndDate {
                date: jiff::civil::date(1969, 12, 31),
                days: 1,
            }
            .into(),
        ] {
            let error = fields(selection).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn windows_that_only_start_are_windows() {
        let date = jiff::civil::date(2019, 11, 5);
        let time = Timestamp::from_second(1_572_954_189).unwrap();
        assert_eq!(
            fields(TimeWindow::from(StartWindow::Date { date, days: 3 })).unwrap(),
            pairs(&[("start_date", "2019-11-05"), ("duration", "3")])
        );
        assert_eq!(
            fields(TimeWindow::from(StartWindow::since(time))).unwrap(),
            pairs(&[("start_time", "1572954189"), ("duration", "0")])
        );
    }
}
