//! The Reporting API: what happened in sessions.

mod address;
mod archive;
mod archive_listing;
pub(crate) mod binary;
mod decoder;
mod discreet;
mod endpoint_license;
mod event_type;
mod exit_survey;
mod involvement;
mod jump_item;
mod license_usage;
mod limit;
mod list;
mod model;
mod parse;
mod parts;
mod presentation_session;
mod product;
mod raw_report;
mod recording;
mod session_cursor;
mod session_listing;
mod session_summary;
mod slices;
mod support_session;
mod syslog;
mod team_activity;
#[cfg(feature = "archive")]
mod unpack;
mod vault_account_activity;
mod views;
mod window;
#[cfg(feature = "archive")]
mod zip_report;

pub use address::parse_address;
pub use archive::{Archive, ArchiveKind};
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use archive::{
    CustomerClientType, EventArchive, StateArchive, StateRow, TableSummary, read_state_archive,
};
pub use archive_listing::{
    ArchiveListing, Archives, ListedEventArchive, ListedStateArchive, parse_archive_listing,
};
pub use decoder::{SessionDecoder, SessionReader};
pub use endpoint_license::EndpointLicenseUsage;
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use endpoint_license::{EndpointLicense, EndpointLicenses};
pub use event_type::EventType;
pub use exit_survey::{
    ExitSurvey, SupportCustExitSurvey, SupportRepExitSurvey, SurveyOf, SurveyQuestion,
    SurveyReportType, SurveySelection, parse_exit_surveys,
};
pub use involvement::{Involvement, TimeInvolved};
pub use jump_item::{FileKind, JumpItem, JumpItemFile};
pub use license_usage::{
    GroupBy, LicenseInterval, LicenseUsage, LicenseUsageReport, parse_license_usage,
};
pub use limit::Limit;
pub use list::ReportList;
pub use model::{
    Actor, ActorKind, CustomAttribute, Customer, CustomerInfo, DataValue, Event, FileEntry,
    JumpGroup, NamedId, PersonRef, PublicSite, RawElement, Recording, Representative, Session,
    SurveyStub, SystemCategory, SystemField,
};
pub use parse::{SessionList, is_empty_result_text, parse_session_list, parse_session_list_with};
pub use presentation_session::{
    Presentation, PresentationSession, PresentationSessionListing, parse_presentations,
};
pub use product::Product;
pub use raw_report::{RawReport, parse_raw_report};
pub use recording::{
    AccessSessionRecording, CommandShellRecording, PresentationSessionRecording,
    ShowMyScreenRecording, SupportSessionRecording,
};
pub use session_cursor::{SeenSession, SessionCursor, Watermark};
pub use session_listing::{ListedSession, SupportSessionListing, parse_session_listing};
pub use session_summary::{Summary, SummaryType, SupportSessionSummary, parse_session_summary};
pub use support_session::SupportSession;
pub use syslog::Syslog;
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use syslog::{SyslogItem, SyslogReader, SyslogRecord, UnparsedLine};
pub use team_activity::{SupportTeam, TeamActivity, parse_team_activity};
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use unpack::UnpackLimits;
pub use vault_account_activity::{
    VaultAccountActivity, VaultActivity, VaultEventType, parse_vault_account_activity,
};
pub use views::{ChatLine, FileAction, Person, SessionNote, SpecialAction};
pub use window::{SessionSelection, StartWindow, TimeWindow};
