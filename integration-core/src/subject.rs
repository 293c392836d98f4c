//! The session that a plan is about, checked: it has ended, and its ticket is known by id.

use crate::{
    failure::{Failure, FailureClass},
    match_ticket::{TicketKey, ticket_key},
    profile::Profile,
};
use bomgar_api::reporting::Session;
use jiff::{Timestamp, tz::TimeZone};

pub(crate) struct Subject<'a> {
    pub(crate) session: &'a Session,
    pub(crate) end: Timestamp,
    pub(crate) ticket_id: i64,
    pub(crate) zone: TimeZone,
}

impl<'a> Subject<'a> {
    pub(crate) fn of(session: &'a Session, profile: &Profile) -> Result<Self, Failure> {
        let lsid = session.lsid.as_str();
        if lsid.is_empty() {
            return Err(Failure::new(
                FailureClass::Bug,
                "the session's report has no lsid",
                "keep the report and tell the authors",
            ));
        }
        // The key counts only in its final state, so this comes before the key is read.
        let Some(end) = session.end_time else {
            return Err(Failure::new(
                FailureClass::Transient,
                format!(
                    "session {lsid} has no end time: it is still running, or not yet completely \
                     in the report"
                ),
                "nothing to do: the report is asked for again",
            ));
        };
        profile.check()?;
        let TicketKey::Id(ticket_id) = ticket_key(lsid, session.external_key.as_deref())?;
        Ok(Subject {
            session,
            end,
            ticket_id,
            zone: profile.zone()?,
        })
    }
}
