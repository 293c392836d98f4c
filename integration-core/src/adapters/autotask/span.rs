//! Spans of time that date-times without offset can carry.

use autotask_soap::time::WireZone;
use jiff::{SignedDuration, Timestamp};

/// Start and end such that the server reads a span of the same length.
///
/// In the autumn hour that occurs twice, the server reads every time as its first occurrence: a span
/// that ends in the second one would seem an hour shorter, or to end before it starts, which the
/// server refuses. Such a span is told an hour early, as long as that leaves it on the same day. What
/// cannot be helped so stays as the clocks showed it.
pub(super) fn as_the_server_reads_it(
    zone: &WireZone,
    start: Timestamp,
    end: Timestamp,
) -> (Timestamp, Timestamp) {
    let length = end.as_millisecond() - start.as_millisecond();
    if read_length(zone, start, end) == Some(length) {
        return (start, end);
    }
    let hour = SignedDuration::from_hours(1);
    let (Ok(early_start), Ok(early_end)) = (start.checked_sub(hour), end.checked_sub(hour)) else {
        return (start, end);
    };
    let day = |instant| zone.time_zone().to_datetime(instant).date();
    let helps = read_length(zone, early_start, early_end) == Some(length);
    if helps && day(early_start) == day(start) {
        (early_start, early_end)
    } else {
        (start, end)
    }
}

/// In milliseconds, which is all that the wire carries.
fn read_length(zone: &WireZone, start: Timestamp, end: Timestamp) -> Option<i64> {
    Some(read(zone, end)?.as_millisecond() - read(zone, start)?.as_millisecond())
}

/// The instant that the server makes of what is written for this one.
fn read(zone: &WireZone, instant: Timestamp) -> Option<Timestamp> {
    zone.from_wire(&zone.to_wire(instant)).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(start: &str, end: &str) -> (String, String) {
        let instant = |text: &str| text.parse::<Timestamp>().unwrap();
        let zone = WireZone::eastern();
        let (start, end) = as_the_server_reads_it(&zone, instant(start), instant(end));
        (zone.to_wire(start), zone.to_wire(end))
    }

    fn wire(start: &str, end: &str) -> (String, String) {
        (format!("2026-11-01T{start}"), format!("2026-11-01T{end}"))
    }

    #[test]
    fn a_span_into_the_second_occurrence_is_told_an_hour_early() {
        let span = told("2026-11-01T05:45:00Z", "2026-11-01T06:15:00Z");
        assert_eq!(span, wire("00:45:00", "01:15:00"));
        let span = told("2026-11-01T05:10:00.1234Z", "2026-11-01T06:40:00Z");
        assert_eq!(span, wire("00:10:00.123", "01:40:00"));
    }

    #[test]
    fn all_others_stay() {
        // Over both occurrences; within the second one; out of it; from the evening before.
        let span = told("2026-11-01T05:30:00Z", "2026-11-01T07:10:00Z");
        assert_eq!(span, wire("01:30:00", "02:10:00"));
        let span = told("2026-11-01T06:10:00Z", "2026-11-01T06:40:00Z");
        assert_eq!(span, wire("01:10:00", "01:40:00"));
        let span = told("2026-11-01T06:30:00Z", "2026-11-01T07:10:00Z");
        assert_eq!(span, wire("01:30:00", "02:10:00"));
        let span = told("2026-11-01T04:30:00Z", "2026-11-01T06:10:00Z");
        assert_eq!(span, wire("00:30:00", "01:10:00"));
        // Over the beginning of summer time, with fractions of a millisecond.
        let span = told("2026-03-08T06:45:00.0001Z", "2026-03-08T07:15:00.0019Z");
        let wanted = ("2026-03-08T01:45:00", "2026-03-08T03:15:00.001");
        assert_eq!(span, (wanted.0.to_owned(), wanted.1.to_owned()));
    }
}
