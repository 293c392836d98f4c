//! Spans of time as arguments.

use super::{Failure, Outcome};
use crate::tool::times::{Ago, Length};
use bomgar_api::reporting::{SessionSelection, StartWindow, TimeWindow};
use clap::Args;
use jiff::civil::Date;

/// How long a span of time is.
#[derive(Args, Clone, Copy, Debug)]
pub(super) struct Lasting {
    /// How long the span is, such as 12h or 7d; a bare number counts days after a date, else
    /// seconds. Default: until now.
    #[arg(long, value_name = "LENGTH")]
    duration: Option<Length>,
}

impl Lasting {
    fn seconds(self) -> u64 {
        self.duration.map_or(0, |length| length.seconds())
    }

    fn days(self) -> Outcome<u32> {
        let Some(length) = self.duration else {
            return Ok(0);
        };
        let seconds = length.seconds();
        let days = match length.is_bare() {
            true => seconds,
            false if seconds % 86_400 == 0 => seconds / 86_400,
            false => {
                let what = "after a date, --duration must be whole days, such as 7d";
                return Err(Failure::Usage(what.to_owned()));
            }
        };
        u32::try_from(days).map_err(|_| Failure::Usage("--duration is too long".to_owned()))
    }
}

/// Where a span of time begins.
#[derive(Args, Clone, Debug)]
#[group(id = "begin", multiple = false)]
struct Begin {
    /// Sessions that began at or after this time, running ones included. A time with its zone, Unix
    /// seconds, or how long ago, such as 24h.
    #[arg(long, value_name = "TIME")]
    start_time: Option<Ago>,
    /// Sessions that began on or after this day of the appliance, such as 2023-11-14.
    #[arg(long, value_name = "DATE")]
    start_date: Option<Date>,
    /// Closed sessions that ended at or after this time.
    #[arg(long, value_name = "TIME")]
    end_time: Option<Ago>,
    /// Closed sessions that ended on or after this day of the appliance.
    #[arg(long, value_name = "DATE")]
    end_date: Option<Date>,
}

/// A span of time.
#[derive(Args, Clone, Debug)]
pub(super) struct When {
    #[command(flatten)]
    begin: Begin,
    #[command(flatten)]
    lasting: Lasting,
}

impl When {
    fn given(&self) -> Outcome<Option<TimeWindow>> {
        let seconds = self.lasting.seconds();
        let begin = &self.begin;
        Ok(Some(if let Some(Ago(time)) = begin.start_time {
            TimeWindow::StartTime { time, seconds }
        } else if let Some(Ago(time)) = begin.end_time {
            TimeWindow::EndTime { time, seconds }
        } else if let Some(date) = begin.start_date {
            let days = self.lasting.days()?;
            TimeWindow::StartDate { date, days }
        } else if let Some(date) = begin.end_date {
            let days = self.lasting.days()?;
            TimeWindow::EndDate { date, days }
        } else {
            return Ok(None);
        }))
    }

    pub(super) fn window(&self) -> Outcome<TimeWindow> {
        self.given()?.ok_or_else(|| {
            let what = "no span of time: give --start-time, --start-date, --end-time or --end-date";
            Failure::Usage(what.to_owned())
        })
    }
}

/// A span of time that counts from its start only.
#[derive(Args, Clone, Debug)]
pub(super) struct StartWhen {
    /// What happened at or after this time. A time with its zone, Unix seconds, or how long ago,
    /// such as 24h.
    #[arg(long, value_name = "TIME", conflicts_with = "start_date")]
    start_time: Option<Ago>,
    /// What happened on or after this day of the appliance, such as 2023-11-14.
    #[arg(long, value_name = "DATE")]
    start_date: Option<Date>,
    #[command(flatten)]
    lasting: Lasting,
}

impl StartWhen {
    pub(super) fn window(&self) -> Outcome<StartWindow> {
        match (self.start_time, self.start_date) {
            (Some(Ago(time)), _) => Ok(StartWindow::Time {
                time,
                seconds: self.lasting.seconds(),
            }),
            (None, Some(date)) => Ok(StartWindow::Date {
                date,
                days: self.lasting.days()?,
            }),
            (None, None) => {
                let what = "no span of time: give --start-time or --start-date";
                Err(Failure::Usage(what.to_owned()))
            }
        }
    }
}

/// Sessions by their identifiers or by a span of time.
#[derive(Args, Clone, Debug)]
pub(super) struct SessionChoice {
    /// This session. May be repeated.
    #[arg(long = "lsid", value_name = "LSID", conflicts_with_all = ["begin", "duration"])]
    lsids: Vec<String>,
    #[command(flatten)]
    when: When,
}

impl SessionChoice {
    pub(super) fn given(&self) -> Outcome<Option<SessionSelection>> {
        Ok(match self.lsids.as_slice() {
            [] => self.when.given()?.map(SessionSelection::Window),
            [lsid] => Some(SessionSelection::Lsid(lsid.clone())),
            lsids => Some(SessionSelection::Lsids(lsids.to_vec())),
        })
    }

    pub(super) fn selection(&self) -> Outcome<SessionSelection> {
        self.given()?.ok_or_else(|| {
            let what = "no choice of sessions: give --lsid, --start-time, --start-date, \
                        --end-time or --end-date";
            Failure::Usage(what.to_owned())
        })
    }
}
