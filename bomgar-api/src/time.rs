//! Times and durations as the appliance writes them.

use jiff::{SignedDuration, Timestamp};

/// Reads a time: Unix seconds, or ISO 8601 with an offset (`+00:00`, `+0000` or `Z`), with or
/// without fractions. A time without offset is not accepted, because its zone is not known.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    text.parse().ok()
}

/// Reads `HH:MM:SS`, where the hours may be more than 24, or a number of seconds.
pub(crate) fn parse_duration(text: &str) -> Option<SignedDuration> {
    let mut parts = text.trim().split(':').map(|part| {
        // `+1` and blanks are numbers for the standard library but not for us.
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse::<i64>().ok())
            .flatten()
    });
    let first = parts.next()??;
    let seconds = match (parts.next(), parts.next(), parts.next()) {
        (None, None, None) => first,
        (Some(minutes), Some(seconds), None) => {
            let (minutes, seconds) = (minutes?, seconds?);
            if minutes > 59 || seconds > 59 {
                return None;
            }
            first
                .checked_mul(3600)?
                .checked_add(minutes * 60 + seconds)?
        }
        _ => return None,
    };
    Some(SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_time_are_the_same_time() {
        let expected = Timestamp::from_second(1_572_954_189).unwrap();
        for text in [
            "1572954189",
            " 1572954189\n",
            "2019-11-05T11:43:09+00:00",
            "2019-11-05T11:43:09Z",
            "2019-11-05T11:43:09.000+0000",
            "2019-11-05T12:43:09+01:00",
        ] {
            assert_eq!(parse_time(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "Unknown",
            "2019-11-05T11:43:09",
            "2019-11-05",
            "99999999999999999",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn durations_count_hours_beyond_a_day() {
        assert_eq!(
            parse_duration("00:12:34"),
            Some(SignedDuration::from_secs(754))
        );
        assert_eq!(
            parse_duration("27:00:01"),
            Some(SignedDuration::from_secs(97_201))
        );
        assert_eq!(parse_duration("754"), Some(SignedDuration::from_secs(754)));
        for text in [
            "",
            "12:34",
            "00:61:00",
            "-1:00:00",
            "9223372036854775807:00:00",
            "a:b:c",
        ] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
