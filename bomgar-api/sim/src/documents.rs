//! What the appliance can be asked for besides its support sessions.

use crate::archive::{Archive, ArchiveErrors};
use crate::backup::Backup;
use crate::report::{
    EmptyReport, GeneratedSessions, LicenseInterval, PresentationSpec, TeamActivity, VaultActivity,
};
use crate::sim::BomgarSim;
use crate::zip_reports::{JumpItem, Syslog};

/// All that reports and downloads are made of, except sessions. Empty at first.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    pub(crate) empty: EmptyReport,
    pub(crate) cdata: bool,
    pub(crate) generated: Option<GeneratedSessions>,
    pub(crate) presentations: Vec<PresentationSpec>,
    pub(crate) team_activity: Vec<TeamActivity>,
    pub(crate) licenses: Vec<LicenseInterval>,
    pub(crate) vault: Vec<VaultActivity>,
    pub(crate) archives: Vec<Archive>,
    pub(crate) archive_errors: ArchiveErrors,
    pub(crate) syslog: Syslog,
    pub(crate) jump_items: Vec<JumpItem>,
    pub(crate) backup: Backup,
}

impl BomgarSim {
    /// How reports say that they found nothing.
    pub fn set_empty_report(&self, empty: EmptyReport) {
        self.inner.state().documents.empty = empty;
    }

    /// The error text that stands for an empty result; it depends on the site's language.
    pub fn set_empty_report_text(&self, text: impl Into<String>) {
        self.set_empty_report(EmptyReport::Text(text.into()));
    }

    /// Whether texts of events that contain markup come in CDATA sections instead of escaped.
    /// Readers may not depend on either.
    pub fn set_cdata(&self, cdata: bool) {
        self.inner.state().documents.cdata = cdata;
    }

    /// Fills the session reports with sessions that are made while an answer is sent. Those of an
    /// earlier call are gone; sessions that a test started stay.
    ///
    /// They show in `SupportSession` and `SupportSessionListing` and their PRA names, nowhere else.
    pub fn generate_sessions(&self, sessions: GeneratedSessions) {
        self.inner.state().documents.generated = Some(sessions);
    }

    /// A presentation for the presentation reports. Returns its lsid.
    pub fn add_presentation(&self, presentation: PresentationSpec) -> String {
        let lsid = presentation.lsid.clone();
        self.inner
            .state()
            .documents
            .presentations
            .push(presentation);
        lsid
    }

    /// Something that happened in a support team, for the `SupportTeam` report.
    pub fn add_team_activity(&self, activity: TeamActivity) {
        self.inner.state().documents.team_activity.push(activity);
    }

    /// How many licences were in use for some time, for the `LicenseUsage` report.
    pub fn add_license_interval(&self, interval: LicenseInterval) {
        self.inner.state().documents.licenses.push(interval);
    }

    /// Something that happened to a vault account, for the `VaultAccountActivity` report.
    pub fn add_vault_activity(&self, activity: VaultActivity) {
        self.inner.state().documents.vault.push(activity);
    }

    /// A state or event archive.
    pub fn add_archive(&self, archive: Archive) {
        self.inner.state().documents.archives.push(archive);
    }

    /// How errors of the `Archive` report are packed.
    pub fn set_archive_errors(&self, errors: ArchiveErrors) {
        self.inner.state().documents.archive_errors = errors;
    }

    /// The system log, for the `Syslog` report.
    pub fn set_syslog(&self, syslog: Syslog) {
        self.inner.state().documents.syslog = syslog;
    }

    /// A Jump Item, for the reports `EndpointLicenseUsage` and `JumpItem`.
    pub fn add_jump_item(&self, item: JumpItem) {
        self.inner.state().documents.jump_items.push(item);
    }

    /// How many bytes a backup has; 4096 by default.
    pub fn set_backup_size(&self, bytes: u64) {
        self.inner.state().documents.backup.size = bytes;
    }

    /// The passwords that the backups taken so far were protected with, oldest first; `None` is a
    /// backup without a password.
    pub fn backup_passwords(&self) -> Vec<Option<String>> {
        self.inner.state().documents.backup.passwords.clone()
    }
}
