//! The ports for the two clients of this project. Only here do drafts become Autotask entities and
//! client errors become failures.

#[cfg(feature = "autotask")]
mod autotask;
#[cfg(feature = "bomgar")]
mod bomgar;

#[cfg(feature = "autotask")]
pub use autotask::{AutotaskDesk, DeskSettings};
#[cfg(feature = "bomgar")]
pub use bomgar::BomgarAppliance;
