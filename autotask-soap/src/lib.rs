#![cfg_attr(feature = "client", doc = include_str!("../README.md"))]
// The README's example needs the client.
#![cfg_attr(
    not(feature = "client"),
    doc = "Types and codecs for Autotask Web Services (ATWS, SOAP); see [`ops`] for how to use them over HTTP of your own."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(missing_docs)]

mod attachment;
mod auth;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
pub mod diagnose;
pub mod entity;
mod error;
mod generated;
mod impersonation;
#[cfg(feature = "client")]
mod limits;
pub mod links;
pub mod lookup;
pub mod metadata;
#[cfg(feature = "client")]
mod metrics;
pub mod ops;
#[cfg(feature = "client")]
mod paging;
pub mod query;
#[cfg(feature = "client")]
mod retry;
pub mod time;
pub mod transport;
pub mod value;
mod version;
mod wire;
#[cfg(feature = "client")]
pub mod write;
#[cfg(feature = "yaserde")]
pub mod yaserde;
mod zone;

pub use attachment::{
    Attachment, AttachmentId, AttachmentParent, LinkKind, MAX_ATTACHMENT_BYTES, NewAttachment,
};
pub use auth::Credentials;
#[cfg(feature = "client")]
pub use client::{Client, ClientBuilder};
pub use entity::Entity;
pub use error::{Error, ErrorKind, Outcome, Result, ServerError};
#[cfg(feature = "v1_5")]
pub use generated::v1_5;
pub use generated::v1_6;
pub use impersonation::{ActedAs, ImpersonationFallback, RefusedImpersonation};
#[cfg(feature = "client")]
pub use limits::{Limits, UsagePolicy};
#[cfg(feature = "client")]
pub use metadata::Metadata;
#[cfg(feature = "client")]
pub use metrics::{CallEnd, CallResult, CallStart, Metrics, Waits};
pub use ops::{Created, Deleted, Updated};
#[cfg(feature = "client")]
pub use paging::{Pages, Records};
pub use query::{Filter, Query};
#[cfg(feature = "client")]
pub use retry::{RetryPolicy, Sleep, TokioSleep};
pub use version::ApiVersion;
pub use zone::ZoneInfo;
