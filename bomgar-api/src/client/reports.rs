//! A method for each report.

use super::Client;
use crate::error::Result;
use crate::reporting::{Session, SessionSelection, SupportSession};

impl Client {
    /// The session with this `lsid`; `None` when the appliance does not have it in the report.
    ///
    /// Shortly after its end a session may be missing, or without end time
    /// ([`Session::is_complete`]): ask again after some seconds.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn support_session(&self, lsid: &str) -> Result<Option<Session>> {
        let sessions = self
            .support_sessions(SessionSelection::Lsid(lsid.to_owned()))
            .await?;
        Ok(sessions
            .into_iter()
            .find(|session| session.lsid.eq_ignore_ascii_case(lsid)))
    }

    /// The sessions that are chosen by their `lsid`s or by a
    /// [`TimeWindow`](crate::reporting::TimeWindow), in the appliance's order. Nothing is asked
    /// for an empty list of `lsid`s.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn support_sessions(
        &self,
        selection: impl Into<SessionSelection>,
    ) -> Result<Vec<Session>> {
        let selection = selection.into();
        if matches!(&selection, SessionSelection::Lsids(lsids) if lsids.is_empty()) {
            return Ok(Vec::new());
        }
        Ok(self.call(&SupportSession::new(selection)).await?.sessions)
    }
}
