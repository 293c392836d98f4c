//! Long windows in slices.

use std::time::Duration;

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};

use super::TimeWindow;

impl TimeWindow {
    /// The same span of time as consecutive windows of at most `slice`, earliest first.
    ///
    /// Reports have no pages and no row limit, so a long window gives one long document; slices
    /// keep each answer small. Windows by date are cut at whole days. The last slice of a window
    /// that lasts "until now" does so, too; `now` only says where it may begin. A session at the
    /// border of two slices may be in both: skip what has the same `lsid`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use bomgar_api::reporting::TimeWindow;
    ///
    /// let window = TimeWindow::ended_since("2023-11-14T22:00:00Z".parse()?);
    /// let now = "2023-11-15T00:30:00Z".parse()?;
    /// let slices: Vec<_> = window.slices(Duration::from_secs(3600), now).collect();
    /// assert_eq!(slices.len(), 3);
    /// assert_eq!(slices[2], TimeWindow::ended_since("2023-11-15T00:00:00Z".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn slices(self, slice: Duration, now: Timestamp) -> impl Iterator<Item = TimeWindow> {
        Slices {
            rest: Some(self),
            seconds: slice.as_secs().max(1),
            now,
        }
    }
}

struct Slices {
    rest: Option<TimeWindow>,
    seconds: u64,
    now: Timestamp,
}

impl Iterator for Slices {
    type Item = TimeWindow;

    fn next(&mut self) -> Option<TimeWindow> {
        let window = self.rest.take()?;
        let days = u32::try_from(self.seconds.div_ceil(86_400)).unwrap_or(u32::MAX);
        let today = TimeZone::UTC.to_datetime(self.now).date();
        let (first, rest) = match window {
            TimeWindow::StartTime { time, seconds } => {
                let (first, rest) = cut_time(time, seconds, self.seconds, self.now);
                (
                    TimeWindow::StartTime {
                        time,
                        seconds: first,
                    },
                    rest.map(|(time, seconds)| TimeWindow::StartTime { time, seconds }),
                )
            }
            TimeWindow::EndTime { time, seconds } => {
                let (first, rest) = cut_time(time, seconds, self.seconds, self.now);
                (
                    TimeWindow::EndTime {
                        time,
                        seconds: first,
                    },
                    rest.map(|(time, seconds)| TimeWindow::EndTime { time, seconds }),
                )
            }
            TimeWindow::StartDate { date, days: length } => {
                let (first, rest) = cut_date(date, length, days, today);
                (
                    TimeWindow::StartDate { date, days: first },
                    rest.map(|(date, days)| TimeWindow::StartDate { date, days }),
                )
            }
            TimeWindow::EndDate { date, days: length } => {
                let (first, rest) = cut_date(date, length, days, today);
                (
                    TimeWindow::EndDate { date, days: first },
                    rest.map(|(date, days)| TimeWindow::EndDate { date, days }),
                )
            }
        };
        self.rest = rest;
        Some(first)
    }
}

/// The length of the first slice, and begin and length of the rest. A length of 0 is "until now".
fn cut_time(
    time: Timestamp,
    length: u64,
    slice: u64,
    now: Timestamp,
) -> (u64, Option<(Timestamp, u64)>) {
    let next = i64::try_from(slice)
        .ok()
        .and_then(|slice| time.checked_add(SignedDuration::from_secs(slice)).ok());
    match next {
        Some(next) if length == 0 && next < now => (slice, Some((next, 0))),
        Some(next) if length > slice => (slice, Some((next, length - slice))),
        _ => (length, None),
    }
}

fn cut_date(date: Date, length: u32, slice: u32, today: Date) -> (u32, Option<(Date, u32)>) {
    let slice_span = Span::new().try_days(slice);
    let next = slice_span.and_then(|span| date.checked_add(span)).ok();
    match next {
        Some(next) if length == 0 && next < today => (slice, Some((next, 0))),
        Some(next) if length > slice => (slice, Some((next, length - slice))),
        _ => (length, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lengths(window: TimeWindow, slice: u64, now: i64) -> Vec<(i64, u64)> {
        let slices = window.slices(Duration::from_secs(slice), at(now));
        slices
            .map(|slice| match slice {
                TimeWindow::StartTime { time, seconds } | TimeWindow::EndTime { time, seconds } => {
                    (time.as_second(), seconds)
                }
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_window_is_cut_without_gap_and_keeps_its_end() {
        let window = TimeWindow::StartTime {
            time: at(1000),
            seconds: 250,
        };
        assert_eq!(
            lengths(window, 100, 0),
            [(1000, 100), (1100, 100), (1200, 50)]
        );
        assert_eq!(lengths(window, 250, 0), [(1000, 250)]);
        assert_eq!(lengths(window, 0, 0).len(), 250);
        let open = TimeWindow::ended_since(at(1000));
        assert_eq!(
            lengths(open, 100, 1250),
            [(1000, 100), (1100, 100), (1200, 0)]
        );
        assert_eq!(lengths(open, 100, 1100), [(1000, 0)]);
        // The clock of the caller may be wrong; the window is asked for all the same.
        assert_eq!(lengths(open, 100, 0), [(1000, 0)]);
    }

    #[test]
    fn dates_are_cut_at_whole_days() {
        let date: Date = "2024-02-28".parse().unwrap();
        let window = TimeWindow::EndDate { date, days: 3 };
        let slices: Vec<_> = window.slices(Duration::from_secs(90_000), at(0)).collect();
        assert_eq!(
            slices,
            [
                TimeWindow::EndDate { date, days: 2 },
                TimeWindow::EndDate {
                    date: "2024-03-01".parse().unwrap(),
                    days: 1
                },
            ]
        );
    }

    #[test]
    fn a_slice_longer_than_all_time_is_the_window_itself() {
        let date: Date = "2024-02-28".parse().unwrap();
        let time = at(1000);
        for window in [
            TimeWindow::StartDate { date, days: 0 },
            TimeWindow::EndDate {
                date,
                days: u32::MAX,
            },
            TimeWindow::StartTime { time, seconds: 0 },
            TimeWindow::EndTime {
                time,
                seconds: u64::MAX,
            },
        ] {
            for seconds in [1_000_000_000_000, i64::MAX as u64, u64::MAX] {
                let slices = window.slices(Duration::from_secs(seconds), at(2_000_000_000));
                assert_eq!(slices.collect::<Vec<_>>(), [window], "{seconds}");
            }
        }
    }
}
