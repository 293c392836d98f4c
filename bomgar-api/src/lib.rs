#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "client"),
    doc = "Types and codecs of the Bomgar / BeyondTrust Remote Support APIs, without any I/O."
)]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "client")]
mod auth;
pub mod backup;
#[cfg(feature = "client")]
mod budget;
mod call;
#[cfg(feature = "client")]
mod client;
pub mod client_script;
pub mod command;
mod error;
pub mod event;
pub mod health_probe;
mod host;
mod percent;
pub mod reporting;
#[cfg(feature = "client")]
mod retry;
pub mod schema;
mod sniff;
pub mod start_session;
mod time;
#[cfg(feature = "client")]
pub mod transport;
mod xml;

#[cfg(feature = "client")]
pub use auth::Credentials;
#[cfg(feature = "client")]
pub use budget::RequestBudget;
pub use call::{Call, Endpoint, Fields, Spelling};
#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder, Download, SessionStream};
pub use error::{Error, ErrorKind, Result};
#[cfg(feature = "client")]
pub use retry::{RetryPolicy, Timer, TokioTimer};
