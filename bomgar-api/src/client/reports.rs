//! A method for each report.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Client, SessionStream};
use crate::error::Result;
use crate::reporting::{
    ArchiveListing, Archives, ExitSurvey, LicenseUsage, LicenseUsageReport, ListedSession,
    Presentation, PresentationSession, PresentationSessionListing, RawElement, RawReport,
    ReportList, Session, SessionSelection, Summary, SupportCustExitSurvey, SupportRepExitSurvey,
    SupportSession, SupportSessionListing, SupportSessionSummary, SupportTeam, TeamActivity,
    TimeWindow, VaultAccountActivity, VaultActivity,
};

impl Client {
    /// The session with this `lsid`; `None` when the appliance does not have it in the report.
    ///
    /// Shortly after its end a session may be missing, or without end time
    /// ([`Session::is_complete`]): ask again after some seconds.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call); [`ErrorKind::Api`](crate::ErrorKind::Api) also where an appliance
    /// calls an unknown `lsid` invalid.
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

impl Client {
    /// Which sessions there are in a span of time.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn session_listing(
        &self,
        request: &SupportSessionListing,
    ) -> Result<ReportList<ListedSession>> {
        self.call(request).await
    }

    /// Figures by representative, team, site or user.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn session_summary(
        &self,
        request: &SupportSessionSummary,
    ) -> Result<ReportList<Summary>> {
        self.call(request).await
    }

    /// Exit surveys that customers submitted.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn customer_exit_surveys(
        &self,
        request: &SupportCustExitSurvey,
    ) -> Result<ReportList<ExitSurvey>> {
        self.call(request).await
    }

    /// Exit surveys that representatives submitted.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn rep_exit_surveys(
        &self,
        request: &SupportRepExitSurvey,
    ) -> Result<ReportList<ExitSurvey>> {
        self.call(request).await
    }

    /// Presentations.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn presentation_sessions(
        &self,
        request: &PresentationSession,
    ) -> Result<ReportList<Presentation>> {
        self.call(request).await
    }

    /// Which presentations there are in a span of time.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn presentation_session_listing(
        &self,
        request: &PresentationSessionListing,
    ) -> Result<ReportList<Presentation>> {
        self.call(request).await
    }

    /// What happened in teams.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn team_activity(&self, request: &SupportTeam) -> Result<ReportList<TeamActivity>> {
        self.call(request).await
    }

    /// What happened to the accounts of the Vault.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn vault_account_activity(
        &self,
        request: &VaultAccountActivity,
    ) -> Result<ReportList<VaultActivity>> {
        self.call(request).await
    }

    /// When the licences nearly ran out.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn license_usage(&self, request: &LicenseUsage) -> Result<LicenseUsageReport> {
        self.call(request).await
    }

    /// The archives of a day, in the appliance's time zone.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call).
    pub async fn archive_listing(&self, date: Date) -> Result<Archives> {
        self.call(&ArchiveListing::new(date)).await
    }

    /// Any report, as it is sent.
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call). [`ErrorKind::Api`](crate::ErrorKind::Api) also when nothing
    /// matches and the appliance says so by an error text.
    pub async fn report_raw(&self, request: &RawReport) -> Result<RawElement> {
        self.call(request).await
    }
}
