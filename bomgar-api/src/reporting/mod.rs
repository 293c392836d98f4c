//! The Reporting API: what happened in sessions.

mod event_type;
mod model;
mod views;

pub use event_type::EventType;
pub use model::{
    Actor, ActorKind, CustomAttribute, Customer, CustomerInfo, DataValue, Event, FileEntry,
    JumpGroup, NamedId, PersonRef, PublicSite, RawElement, Recording, Representative, Session,
    SurveyStub, SystemCategory, SystemField,
};
pub use views::{ChatLine, FileAction, Person, SessionNote, SpecialAction};
