//! Times as they stand on the wire, and the tenant's clock.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, DateTime, Time},
    tz::{AmbiguousOffset, TimeZone},
};

/// The zone in which date-times without an offset are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireZone {
    /// US Eastern with daylight saving: what the SOAP API does.
    Eastern,
    /// UTC: what newer pages of the documentation say.
    Utc,
}

/// US Eastern by its rule since 2007, so that no zone database is needed.
pub(crate) fn eastern() -> Result<TimeZone, jiff::Error> {
    TimeZone::posix("EST5EDT,M3.2.0,M11.1.0")
}

/// Reads a date-time of a request. A text without offset is in `zone`; the hour that occurs twice
/// in autumn is read as the first one.
pub(crate) fn parse_time(text: &str, zone: &TimeZone) -> Result<Timestamp, String> {
    let text = text.trim();
    let (local, offset) = split_offset(text);
    let civil = parse_civil(local).ok_or_else(|| not_a_date(text))?;
    let stamp = match offset {
        Some(seconds) => TimeZone::UTC
            .to_timestamp(civil)
            .and_then(|stamp| stamp.checked_sub(SignedDuration::from_secs(seconds))),
        None => {
            let ambiguous = zone.to_ambiguous_timestamp(civil);
            if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
                return Err(format!(
                    "The time \"{text}\" does not exist in the server's zone."
                ));
            }
            ambiguous.earlier()
        }
    };
    stamp.map(truncate).map_err(|_| not_a_date(text))
}

/// Reads the calendar day of a date-time, whatever its time of day.
pub(crate) fn parse_day(text: &str) -> Result<Date, String> {
    let text = text.trim();
    let (local, _) = split_offset(text);
    parse_civil(local)
        .map(DateTime::date)
        .ok_or_else(|| not_a_date(text))
}

fn not_a_date(text: &str) -> String {
    format!("Conversion from string \"{text}\" to type 'Date' is not valid.")
}

/// Splits a trailing `Z`, `+hh:mm`, `-hh` or `-h` off; the offset is in seconds east of UTC.
fn split_offset(text: &str) -> (&str, Option<i64>) {
    if let Some(local) = text.strip_suffix(['Z', 'z']) {
        return (local, Some(0));
    }
    // Behind the time's first colon a sign can only begin an offset.
    let Some(colon) = text.find(':') else {
        return (text, None);
    };
    let Some(sign) = text[colon..].find(['+', '-']).map(|at| at + colon) else {
        return (text, None);
    };
    let mut parts = text[sign + 1..].splitn(2, ':');
    let hours = parts.next().and_then(|part| part.parse::<i64>().ok());
    let minutes = parts
        .next()
        .map_or(Some(0), |part| part.parse::<i64>().ok());
    match (hours, minutes) {
        (Some(hours), Some(minutes)) if hours <= 14 && minutes < 60 => {
            let east = (hours * 60 + minutes) * 60;
            let negative = text.as_bytes().get(sign) == Some(&b'-');
            (&text[..sign], Some(if negative { -east } else { east }))
        }
        _ => (text, None),
    }
}

/// `yyyy-MM-dd`, then nothing, or `T` or a blank and `HH:mm[:ss[.fraction]]`.
fn parse_civil(text: &str) -> Option<DateTime> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut day = day.splitn(3, '-');
    let year = day.next()?.parse::<i16>().ok()?;
    let month = day.next()?.parse::<i8>().ok()?;
    let date = Date::new(year, month, day.next()?.parse::<i8>().ok()?).ok()?;
    let Some(time) = time else {
        return Some(date.to_datetime(Time::midnight()));
    };
    let (clock, fraction) = match time.split_once('.') {
        Some((clock, fraction)) => (clock, fraction),
        None => (time, ""),
    };
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse::<i32>().ok()?;
    let mut clock = clock.splitn(3, ':');
    let hour = clock.next()?.parse::<i8>().ok()?;
    let minute = clock.next()?.parse::<i8>().ok()?;
    let second = clock
        .next()
        .map_or(Some(0), |part| part.parse::<i8>().ok())?;
    Some(date.to_datetime(Time::new(hour, minute, second, nanos).ok()?))
}

/// Whole milliseconds, which is all that the wire carries.
pub(crate) fn truncate(stamp: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(stamp.as_millisecond()).unwrap_or(stamp)
}

/// The text on the wire: no offset, up to three digits of fraction without trailing zeros.
pub(crate) fn format_time(stamp: Timestamp, zone: &TimeZone) -> String {
    let civil = zone.to_datetime(stamp);
    let mut text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        civil.year(),
        civil.month(),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second()
    );
    let millis = civil.subsec_nanosecond() / 1_000_000;
    if millis > 0 {
        text.push('.');
        text.push_str(format!("{millis:03}").trim_end_matches('0'));
    }
    text
}

/// A calendar day on the wire: midnight.
pub(crate) fn format_day(day: Date) -> String {
    format!(
        "{:04}-{:02}-{:02}T00:00:00",
        day.year(),
        day.month(),
        day.day()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn eastern_times_have_no_offset_and_no_trailing_zeros() {
        let zone = eastern().unwrap();
        assert_eq!(
            format_time(at("2026-01-15T17:00:00Z"), &zone),
            "2026-01-15T12:00:00"
        );
        assert_eq!(
            format_time(at("2026-07-15T16:00:00.1Z"), &zone),
            "2026-07-15T12:00:00.1"
        );
        assert_eq!(
            format_time(at("2026-07-15T16:00:00.12Z"), &zone),
            "2026-07-15T12:00:00.12"
        );
        assert_eq!(
            format_time(at("2026-07-15T16:00:00.1Z"), &TimeZone::UTC),
            "2026-07-15T16:00:00.1"
        );
    }

    #[test]
    fn a_london_morning_comes_back_five_hours_earlier() {
        let zone = eastern().unwrap();
        assert_eq!(
            format_time(at("2026-06-01T08:20:00Z"), &zone),
            "2026-06-01T04:20:00"
        );
    }

    #[test]
    fn gap_is_refused_and_fold_is_the_first_reading() {
        let zone = eastern().unwrap();
        assert!(parse_time("2026-03-08T02:30:00", &zone).is_err());
        assert_eq!(
            parse_time("2026-03-08T03:00:00", &zone),
            Ok(at("2026-03-08T07:00:00Z"))
        );
        assert_eq!(
            parse_time("2026-11-01T01:30:00", &zone),
            Ok(at("2026-11-01T05:30:00Z"))
        );
        assert_eq!(
            parse_time("2026-03-08T02:30:00", &TimeZone::UTC),
            Ok(at("2026-03-08T02:30:00Z"))
        );
    }

    #[test]
    fn all_forms_seen_in_the_field_are_read() {
        let zone = eastern().unwrap();
        let noon = Ok(at("2026-01-15T17:00:00Z"));
        for text in [
            "2026-01-15T12:00:00",
            "2026-01-15 12:00:00",
            "2026-01-15T12:00",
            "2026-01-15T12:00:00.0000000",
            "2026-01-15T12:00:00.0000-5",
            "2026-01-15T12:00:00-05:00",
            "2026-01-15T18:00:00+01:00",
            "2026-01-15T17:00:00Z",
        ] {
            assert_eq!(parse_time(text, &zone), noon, "{text}");
        }
        assert_eq!(
            parse_time("2026-01-15", &zone),
            Ok(at("2026-01-15T05:00:00Z"))
        );
        assert!(parse_time("15.01.2026", &zone).is_err());
        assert_eq!(
            parse_day("2026-01-15T00:00:00Z").unwrap().to_string(),
            "2026-01-15"
        );
    }
}
