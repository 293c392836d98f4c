//! The Reporting API: what happened in sessions.

mod decoder;
mod event_type;
mod model;
mod parse;
mod session_cursor;
mod slices;
mod support_session;
mod views;

pub use decoder::{SessionDecoder, SessionReader};
pub use event_type::EventType;
pub use model::{
    Actor, ActorKind, CustomAttribute, Customer, CustomerInfo, DataValue, Event, FileEntry,
    JumpGroup, NamedId, PersonRef, PublicSite, RawElement, Recording, Representative, Session,
    SurveyStub, SystemCategory, SystemField,
};
pub use parse::{SessionList, is_empty_result_text, parse_session_list, parse_session_list_with};
pub use session_cursor::{SeenSession, SessionCursor, Watermark};
pub use support_session::{SessionSelection, SupportSession, TimeWindow};
pub use views::{ChatLine, FileAction, Person, SessionNote, SpecialAction};
