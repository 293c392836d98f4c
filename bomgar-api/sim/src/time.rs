//! Unix seconds and how the appliance writes them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

pub(crate) fn now() -> i64 {
    Timestamp::now().as_second()
}

pub(crate) fn now_millis() -> i64 {
    Timestamp::now().as_millisecond()
}

/// ISO-8601 with milliseconds and `+0000`, as `check_health` has it.
pub(crate) fn iso_millis(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string())
        .unwrap_or_default()
}

/// In UTC. Times outside of jiff's range are moved to its edge.
fn utc(seconds: i64) -> DateTime {
    let seconds = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    TimeZone::UTC.to_datetime(Timestamp::from_second(seconds).unwrap_or_default())
}

/// The date as `YYYY-MM-DD`.
pub(crate) fn day(seconds: i64) -> String {
    utc(seconds).date().to_string()
}

/// As syslog writes it: `Nov 14 22:13:20`.
pub(crate) fn syslog(seconds: i64) -> String {
    utc(seconds).strftime("%b %d %H:%M:%S").to_string()
}

pub(crate) const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// The day's place in [`WEEKDAYS`].
pub(crate) fn weekday(seconds: i64) -> usize {
    let offset = utc(seconds).weekday().to_monday_zero_offset();
    usize::try_from(offset).unwrap_or_default()
}

/// A span of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Hour,
    Day,
    Month,
}

/// The hour, day or month in which a moment lies: its start, and the start of the next one.
pub(crate) fn group(seconds: i64, group: Group) -> (i64, i64) {
    let even = |length: i64| {
        let start = seconds - seconds.rem_euclid(length);
        (start, start.saturating_add(length))
    };
    match group {
        Group::Hour => even(3_600),
        Group::Day => even(86_400),
        Group::Month => {
            let date = utc(seconds).date();
            let midnight = |date: Date| midnight(&date.to_string());
            let next = date.last_of_month().tomorrow().ok().and_then(midnight);
            let start = midnight(date.first_of_month()).unwrap_or(seconds);
            (start, next.unwrap_or(i64::MAX))
        }
    }
}

/// ISO-8601 with `+00:00`, as in reports. Times outside of jiff's range are moved to its edge.
pub(crate) fn iso(seconds: i64) -> String {
    let seconds = seconds.clamp(Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
    Timestamp::from_second(seconds)
        .map(|time| time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string())
        .unwrap_or_default()
}

/// `HH:MM:SS`; hours may exceed 24.
pub(crate) fn clock(seconds: i64) -> String {
    let seconds = seconds.max(0);
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// Midnight UTC of a `YYYY-MM-DD` date.
pub(crate) fn midnight(date: &str) -> Option<i64> {
    let date: Date = date.parse().ok()?;
    Some(
        TimeZone::UTC
            .to_timestamp(date.at(0, 0, 0, 0))
            .ok()?
            .as_second(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_reports_have_them() {
        assert_eq!(iso(1_700_000_000), "2023-11-14T22:13:20+00:00");
        assert_eq!(
            iso_millis(1_700_000_000_007),
            "2023-11-14T22:13:20.007+0000"
        );
        assert_eq!(clock(3_725), "01:02:05");
        assert_eq!(clock(90_000), "25:00:00");
        assert_eq!(midnight("2023-11-14"), Some(1_699_920_000));
        assert_eq!(midnight("14.11.2023"), None);
        assert_eq!(day(1_700_000_000), "2023-11-14");
        assert_eq!(syslog(1_700_000_000), "Nov 14 22:13:20");
        assert_eq!(WEEKDAYS[weekday(1_700_000_000)], "Tuesday");
    }

    #[test]
    fn groups_follow_the_calendar() {
        assert_eq!(
            group(1_700_000_000, Group::Hour),
            (1_699_999_200, 1_700_002_800)
        );
        assert_eq!(
            group(1_700_000_000, Group::Day),
            (1_699_920_000, 1_700_006_400)
        );
        let november = (midnight("2023-11-01"), midnight("2023-12-01"));
        let (start, end) = group(1_700_000_000, Group::Month);
        assert_eq!((Some(start), Some(end)), november);
    }
}
