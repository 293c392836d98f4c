//! A method for each report.

use std::time::Duration;

use jiff::Timestamp;

use super::{Client, SessionStream};
use crate::error::Result;
use crate::reporting::{Session, SessionSelection, SupportSession, TimeWindow};

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
        let request = SupportSession::new(SessionSelection::Lsid(lsid.to_owned()));
        let list = self.call(&request).await?;
        Ok(list
            .sessions
            .into_iter()
            .find(|session| session.lsid.eq_ignore_ascii_case(lsid)))
    }

    /// The sessions that are chosen by their `lsid`s or by a [`TimeWindow`], in the appliance's
    /// order, each as soon as its bytes are there. Nothing is asked for an empty list of `lsid`s.
    ///
    /// A long window gives one long document; see
    /// [`support_sessions_in_slices`](Client::support_sessions_in_slices).
    pub fn support_sessions(&self, selection: impl Into<SessionSelection>) -> SessionStream {
        self.session_stream(SupportSession::new(selection))
    }

    /// Like [`support_sessions`](Client::support_sessions), for a request with further settings.
    pub fn session_stream(&self, request: SupportSession) -> SessionStream {
        SessionStream::new(self.clone(), request)
    }

    /// The sessions in a window, asked for slice by slice, so that no single answer is long. A
    /// session at the border of two slices is given once. For the other parameters see
    /// [`TimeWindow::slices`].
    pub fn support_sessions_in_slices(
        &self,
        window: TimeWindow,
        slice: Duration,
        now: Timestamp,
    ) -> SessionStream {
        let slices = window.slices(slice, now).map(SessionSelection::Window);
        self.session_stream(SupportSession::new(window))
            .sliced(slices)
    }
}
