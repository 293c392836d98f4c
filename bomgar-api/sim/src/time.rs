//! Unix seconds and how the appliance writes them.

use jiff::Timestamp;
use jiff::civil::Date;
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
    }
}
