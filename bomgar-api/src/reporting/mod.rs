//! The Reporting API: what happened in sessions.

mod archive;
pub(crate) mod binary;
mod decoder;
mod endpoint_license;
mod event_type;
mod jump_item;
mod model;
mod parse;
mod recording;
mod session_cursor;
mod slices;
mod support_session;
mod syslog;
#[cfg(feature = "archive")]
mod unpack;
mod views;
#[cfg(feature = "archive")]
mod zip_report;

pub use archive::{Archive, ArchiveKind};
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use archive::{
    ClientType, EventArchive, StateArchive, StateRow, TableSummary, read_state_archive,
};
pub use decoder::{SessionDecoder, SessionReader};
pub use endpoint_license::EndpointLicenseUsage;
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use endpoint_license::{EndpointLicense, EndpointLicenses};
pub use event_type::EventType;
pub use jump_item::{FileKind, JumpItem, JumpItemFile};
pub use model::{
    Actor, ActorKind, CustomAttribute, Customer, CustomerInfo, DataValue, Event, FileEntry,
    JumpGroup, NamedId, PersonRef, PublicSite, RawElement, Recording, Representative, Session,
    SurveyStub, SystemCategory, SystemField,
};
pub use parse::{SessionList, is_empty_result_text, parse_session_list, parse_session_list_with};
pub use recording::{
    AccessSessionRecording, CommandShellRecording, PresentationSessionRecording,
    ShowMyScreenRecording, SupportSessionRecording,
};
pub use session_cursor::{SeenSession, SessionCursor, Watermark};
pub use support_session::{SessionSelection, SupportSession, TimeWindow};
pub use syslog::Syslog;
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use syslog::{SyslogItem, SyslogReader, SyslogRecord, UnparsedLine};
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub use unpack::UnpackLimits;
pub use views::{ChatLine, FileAction, Person, SessionNote, SpecialAction};
