//! Times and lengths of time as arguments.

use jiff::{Span, Timestamp, Unit, tz::TimeZone};
use std::{str::FromStr, time::Duration};

/// A time: `2023-11-14T22:00:00Z`, Unix seconds, or how long ago, such as `24h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ago(pub(crate) Timestamp);

impl FromStr for Ago {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(seconds) = text.parse::<i64>() {
            return Timestamp::from_second(seconds)
                .map(Ago)
                .map_err(|error| error.to_string());
        }
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Ago(time));
        }
        let what = "it must be a time with its zone, such as 2023-11-14T22:00:00Z, Unix seconds, \
                    or how long ago, such as 24h or 7d";
        let span: Span = text.parse().map_err(|_| what.to_owned())?;
        Timestamp::now()
            .to_zoned_datetime(TimeZone::UTC)
            .checked_sub(span.abs())
            .map(|time| Ago(time.timestamp()))
            .map_err(|error| error.to_string())
    }
}

/// A length of time: whole seconds, or with units, such as `90m` or `2d`. Days have 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    seconds: u64,
    is_bare: bool,
}

impl Length {
    pub(crate) fn duration(self) -> Duration {
        Duration::from_secs(self.seconds)
    }

    pub(crate) fn seconds(self) -> u64 {
        self.seconds
    }

    /// Whether the text was a number without a unit.
    pub(crate) fn is_bare(self) -> bool {
        self.is_bare
    }
}

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(seconds) = text.parse::<u64>() {
            let is_bare = true;
            return Ok(Length { seconds, is_bare });
        }
        let what = "it must be a number of seconds, or a length with its unit, such as 90m or 2d";
        let span: Span = text.parse().map_err(|_| what.to_owned())?;
        let seconds = span
            .total((Unit::Second, jiff::SpanRelativeTo::days_are_24_hours()))
            .map_err(|_| what.to_owned())?;
        if !(0.0..=1e12).contains(&seconds) || seconds.fract() != 0.0 {
            return Err("it must be whole seconds, and not negative".to_owned());
        }
        // In this range whole numbers are exact.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let seconds = seconds as u64;
        let is_bare = false;
        Ok(Length { seconds, is_bare })
    }
}
