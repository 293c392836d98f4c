//! Typed client for Autotask Web Services (ATWS, SOAP).

#![warn(missing_docs)]

pub mod entity;
pub mod time;
pub mod value;
mod wire;
