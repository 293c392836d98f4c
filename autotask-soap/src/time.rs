//! Dates and times as ATWS writes them.
//!
//! ATWS date-times carry no offset. They are wall-clock times of one zone for the whole service:
//! US Eastern with daylight saving by default, or UTC where a server was switched to it. [`WireZone`]
//! holds that choice and converts both ways; the rest of the crate only sees instants
//! ([`jiff::Timestamp`]).
//!
//! Fields that are days, such as `TimeEntry.DateWorked`, are sent as midnight without offset. They
//! are [`jiff::civil::Date`] here and are never shifted between zones.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

/// The zone that the server's date-times are written in.
///
/// US Eastern unless you say otherwise. The zone's rules are compiled in, so no time zone database
/// is needed on the machine.
///
/// Two hours of the year need care in US Eastern:
///
/// * The hour skipped in spring does not exist; [`from_wire`](Self::from_wire) refuses it.
/// * The hour that occurs twice in autumn cannot be told apart without an offset. It is read as its
///   first occurrence, the one with daylight saving. An instant of the second occurrence is
///   therefore one hour early after it went to the server and back.
///
/// ```
/// use autotask_soap::time::WireZone;
///
/// let noon: jiff::Timestamp = "2026-07-01T12:00:00Z".parse()?;
/// assert_eq!(WireZone::eastern().to_wire(noon), "2026-07-01T08:00:00");
/// assert_eq!(WireZone::utc().to_wire(noon), "2026-07-01T12:00:00");
/// assert_eq!(WireZone::default().from_wire("2026-07-01T08:00:00")?, Some(noon));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WireZone(TimeZone);

static EASTERN: TimeZone = jiff::tz::get!("America/New_York");

impl Default for WireZone {
    fn default() -> Self {
        Self::eastern()
    }
}

impl WireZone {
    /// US Eastern with daylight saving: what ATWS uses.
    pub fn eastern() -> Self {
        Self(EASTERN.clone())
    }

    /// Coordinated Universal Time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The time zone behind it.
    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }

    /// Writes an instant as `yyyy-MM-ddTHH:mm:ss[.fff]`, without offset.
    ///
    /// What is finer than a millisecond is cut off; zeros at the end of the fraction are left out.
    pub fn to_wire(&self, instant: Timestamp) -> String {
        civil_to_wire(self.0.to_datetime(instant))
    }

    /// Reads the form that the server itself writes, if it names one instant or, in autumn, two; `None`
    /// for every other form, which is not to say that it is wrong.
    pub(crate) fn read_plain(&self, text: &str) -> Option<Timestamp> {
        let civil = parse_plain(text)?;
        let ambiguous = self.0.to_ambiguous_timestamp(civil);
        let offset = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            // For a time that occurs twice this is the first occurrence.
            AmbiguousOffset::Fold { before, .. } => before,
            AmbiguousOffset::Gap { .. } => return None,
        };
        offset.to_timestamp(civil).ok()
    }

    /// Reads a date-time of the server; blank text is `None`.
    ///
    /// The text is taken as wall-clock time of this zone. If it carries an offset or a `Z`, that is
    /// honoured instead. A day without time is its midnight.
    ///
    /// # Errors
    ///
    /// When the text is not a date-time, or names a time that the change to daylight saving skips.
    pub fn from_wire(&self, text: &str) -> Result<Option<Timestamp>, WireTimeError> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(instant) = self.read_plain(text) {
            return Ok(Some(instant));
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(Some(instant));
        }
        let civil: DateTime = parse_civil(text)?;
        let ambiguous = self.0.to_ambiguous_timestamp(civil);
        if matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(WireTimeError {
                text: text.to_owned(),
                reason: Reason::Gap,
            });
        }
        match ambiguous.compatible() {
            Ok(instant) => Ok(Some(instant)),
            Err(source) => Err(WireTimeError {
                text: text.to_owned(),
                reason: Reason::Form(source),
            }),
        }
    }
}

/// A date-time as the server itself writes it: `yyyy-MM-ddTHH:mm:ss`, and a fraction of up to nine
/// digits. `None` for every other form, which is not to say that it is wrong.
fn parse_plain(text: &str) -> Option<DateTime> {
    fn number(digits: &[u8]) -> Option<i32> {
        digits.iter().try_fold(0, |number, &digit| {
            digit
                .is_ascii_digit()
                .then(|| number * 10 + i32::from(digit - b'0'))
        })
    }
    let bytes = text.as_bytes();
    let (at, fraction) = bytes.split_at_checked(19)?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        o1,
        o2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        m1,
        m2,
        b':',
        s1,
        s2,
    ] = *at
    else {
        return None;
    };
    let two = |tens: u8, ones: u8| number(&[tens, ones]).and_then(|n| i8::try_from(n).ok());
    let nanos = match fraction {
        [] => 0,
        [b'.', digits @ ..] if !digits.is_empty() && digits.len() <= 9 => {
            let missing = u32::try_from(9 - digits.len()).ok()?;
            number(digits)? * 10_i32.pow(missing)
        }
        _ => return None,
    };
    let year = i16::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let day = Date::new(year, two(o1, o2)?, two(d1, d2)?).ok()?;
    let time = Time::new(two(h1, h2)?, two(m1, m2)?, two(s1, s2)?, nanos).ok()?;
    Some(day.to_datetime(time))
}

/// Writes a day as the server wants it: midnight without offset, `2026-11-24T00:00:00`.
///
/// ```
/// let day = jiff::civil::date(2026, 11, 24);
/// assert_eq!(autotask_soap::time::date_to_wire(day), "2026-11-24T00:00:00");
/// ```
pub fn date_to_wire(day: Date) -> String {
    civil_to_wire(day.to_datetime(Time::midnight()))
}

/// Reads a day of the server; blank text is `None`. No zone takes part, an offset is ignored.
///
/// # Errors
///
/// When the text is not a date, or has a time of day other than midnight: then it is not a day, and
/// cutting the time off would lose something.
///
/// ```
/// use autotask_soap::time::date_from_wire;
///
/// assert_eq!(date_from_wire("2026-11-24T00:00:00")?, Some(jiff::civil::date(2026, 11, 24)));
/// assert!(date_from_wire("2026-11-24T08:30:00").is_err());
/// # Ok::<(), autotask_soap::time::WireTimeError>(())
/// ```
pub fn date_from_wire(text: &str) -> Result<Option<Date>, WireTimeError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let civil = match parse_plain(text) {
        Some(civil) => civil,
        // A civil date-time with `Z` is refused by the parser, to protect instants; here it is a day.
        None => parse_civil(text.strip_suffix(['Z', 'z']).unwrap_or(text))?,
    };
    if civil.time() == Time::midnight() {
        Ok(Some(civil.date()))
    } else {
        Err(WireTimeError {
            text: text.to_owned(),
            reason: Reason::NotADay,
        })
    }
}

/// A date-time as it is written, without any zone.
pub(crate) fn datetime_from_wire(text: &str) -> Result<DateTime, WireTimeError> {
    parse_civil(text.trim())
}

pub(crate) fn datetime_to_wire(at: DateTime) -> String {
    civil_to_wire(at)
}

fn parse_civil(text: &str) -> Result<DateTime, WireTimeError> {
    text.parse().map_err(|source| WireTimeError {
        text: text.to_owned(),
        reason: Reason::Form(source),
    })
}

fn civil_to_wire(at: DateTime) -> String {
    let mut text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    );
    let millis = at.subsec_nanosecond() / 1_000_000;
    if millis != 0 {
        let fraction = format!(".{millis:03}");
        text.push_str(fraction.trim_end_matches('0'));
    }
    text
}

/// A text that is no date-time of the server.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.describe())]
pub struct WireTimeError {
    text: String,
    #[source]
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Form(jiff::Error),
    #[error("the change to daylight saving skips this time")]
    Gap,
    #[error("it has a time of day")]
    NotADay,
}

impl WireTimeError {
    /// The text that was refused.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the time lies in the hour that the change to daylight saving skips.
    pub fn is_gap(&self) -> bool {
        matches!(self.reason, Reason::Gap)
    }

    fn describe(&self) -> String {
        match self.reason {
            Reason::Form(_) => format!(
                "'{}' is no date-time of the form yyyy-MM-ddTHH:mm:ss",
                self.text
            ),
            Reason::Gap => format!(
                "'{}' does not exist in the server's time zone: the change to daylight saving skips it",
                self.text
            ),
            Reason::NotADay => format!("'{}' is no day: its time is not midnight", self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn eastern_winter_and_summer() {
        let zone = WireZone::eastern();
        assert_eq!(
            zone.to_wire(instant("2026-01-15T12:00:00Z")),
            "2026-01-15T07:00:00"
        );
        assert_eq!(
            zone.to_wire(instant("2026-07-15T12:00:00Z")),
            "2026-07-15T08:00:00"
        );
        assert_eq!(
            zone.from_wire("2026-01-15T07:00:00").unwrap(),
            Some(instant("2026-01-15T12:00:00Z"))
        );
    }

    #[test]
    fn london_morning_is_eastern_night() {
        // 09:20 in London's summer comes back as 04:20.
        assert_eq!(
            WireZone::eastern()
                .from_wire("2019-06-03T04:20:00")
                .unwrap(),
            Some(instant("2019-06-03T09:20:00+01:00"))
        );
    }

    #[test]
    fn zeros_at_the_end_of_the_fraction_are_dropped() {
        let zone = WireZone::utc();
        let at = |text| zone.to_wire(instant(text));
        assert_eq!(at("2026-01-01T00:00:00.100Z"), "2026-01-01T00:00:00.1");
        assert_eq!(at("2026-01-01T00:00:00.120Z"), "2026-01-01T00:00:00.12");
        assert_eq!(at("2026-01-01T00:00:00.007Z"), "2026-01-01T00:00:00.007");
        assert_eq!(at("2026-01-01T00:00:00.0009Z"), "2026-01-01T00:00:00");
        assert_eq!(
            zone.from_wire("2026-01-01T00:00:00.1").unwrap(),
            Some(instant("2026-01-01T00:00:00.100Z"))
        );
    }

    #[test]
    fn the_hour_skipped_in_spring_is_refused() {
        let zone = WireZone::eastern();
        let error = zone.from_wire("2026-03-08T02:30:00").unwrap_err();
        assert!(error.is_gap(), "{error}");
        assert!(error.to_string().contains("2026-03-08T02:30:00"));
        assert!(zone.from_wire("2026-03-08T01:59:59").is_ok());
        assert!(zone.from_wire("2026-03-08T03:00:00").is_ok());
        assert!(WireZone::utc().from_wire("2026-03-08T02:30:00").is_ok());
    }

    #[test]
    fn the_hour_that_occurs_twice_is_the_first_one() {
        let zone = WireZone::eastern();
        let first = instant("2026-11-01T05:30:00Z");
        assert_eq!(zone.from_wire("2026-11-01T01:30:00").unwrap(), Some(first));
        assert_eq!(zone.to_wire(first), "2026-11-01T01:30:00");
        assert_eq!(
            zone.to_wire(instant("2026-11-01T06:30:00Z")),
            "2026-11-01T01:30:00"
        );
    }

    #[test]
    fn an_offset_in_the_text_wins() {
        let zone = WireZone::eastern();
        let want = Some(instant("2026-01-15T12:00:00Z"));
        assert_eq!(zone.from_wire("2026-01-15T12:00:00Z").unwrap(), want);
        assert_eq!(zone.from_wire("2026-01-15T13:00:00+01:00").unwrap(), want);
        assert_eq!(zone.from_wire(" 2026-01-15T07:00:00 ").unwrap(), want);
        assert_eq!(zone.from_wire("2026-01-15 07:00:00").unwrap(), want);
    }

    #[test]
    fn blank_is_nothing_and_rubbish_is_an_error() {
        let zone = WireZone::eastern();
        assert_eq!(zone.from_wire("").unwrap(), None);
        assert_eq!(zone.from_wire(" ").unwrap(), None);
        for bad in [
            "yesterday",
            "2026-13-01T00:00:00",
            "2026-01-01T25:00:00",
            "12",
        ] {
            assert!(zone.from_wire(bad).is_err(), "{bad}");
            assert!(date_from_wire(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn days_are_never_shifted() {
        let day = jiff::civil::date(2026, 11, 24);
        assert_eq!(date_to_wire(day), "2026-11-24T00:00:00");
        for text in [
            "2026-11-24T00:00:00",
            "2026-11-24",
            "2026-11-24T00:00:00Z",
            "2026-11-24T00:00:00-05:00",
        ] {
            assert_eq!(date_from_wire(text).unwrap(), Some(day), "{text}");
        }
        assert_eq!(date_from_wire(" ").unwrap(), None);
    }

    proptest! {
        #[test]
        fn utc_round_trip(millis in 0i64..4_102_444_800_000) {
            let at = Timestamp::from_millisecond(millis).unwrap();
            let zone = WireZone::utc();
            prop_assert_eq!(zone.from_wire(&zone.to_wire(at)).unwrap(), Some(at));
        }

        #[test]
        fn eastern_round_trip_is_the_same_wall_clock(millis in 0i64..4_102_444_800_000) {
            let at = Timestamp::from_millisecond(millis).unwrap();
            let zone = WireZone::eastern();
            let back = zone.from_wire(&zone.to_wire(at)).unwrap().unwrap();
            // Equal, or exactly the repeated hour early.
            let late = at.as_millisecond() - back.as_millisecond();
            prop_assert!(late == 0 || late == 3_600_000, "{} {}", at, late);
            prop_assert_eq!(zone.to_wire(back), zone.to_wire(at));
        }

        /// The short way and the long way to read a date-time are one.
        #[test]
        fn plain_forms_are_read_as_the_parser_reads_them(
            text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?",
            year in 1950i16..2060,
            march in proptest::bool::ANY,
        ) {
            // Half of them near the changes to daylight saving, where the hours are special.
            let near = format!("{year:04}-{}{}", if march { "03" } else { "11" }, &text[7..]);
            for text in [text, near] {
                if let Some(civil) = parse_plain(&text) {
                    prop_assert_eq!(Some(civil), text.parse().ok(), "{}", text);
                    let zone = WireZone::eastern();
                    if let Some(instant) = zone.read_plain(&text) {
                        let ambiguous = zone.0.to_ambiguous_timestamp(civil);
                        let gap = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
                        prop_assert!(!gap, "{}", text);
                        prop_assert_eq!(ambiguous.compatible().ok(), Some(instant));
                    }
                }
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = WireZone::eastern().from_wire(&text);
            let _ = date_from_wire(&text);
        }
    }
}
