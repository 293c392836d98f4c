//! Typed client for the Bomgar / BeyondTrust Remote Support APIs.
#![warn(missing_docs)]

mod call;
pub mod client_script;
pub mod command;
mod error;
pub mod event;
pub mod reporting;
mod time;
mod xml;

pub use call::{Call, Endpoint, Fields, Spelling};
pub use error::{Error, ErrorKind, Result};
