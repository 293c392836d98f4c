//! Integration tests: single exchanges against scripted answers, behaviour against the simulated
//! tenant.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

#[cfg(feature = "client")]
mod bad_http;
#[cfg(feature = "client")]
mod bad_input;
mod codec;
mod coverage;
mod entity;
mod envelopes;
mod independent;
mod meaning;

#[cfg(feature = "client")]
mod attachments;
#[cfg(feature = "client")]
mod diagnose;
#[cfg(feature = "client")]
mod failures;
#[cfg(feature = "client")]
mod invoice;
#[cfg(feature = "client")]
mod limits;
#[cfg(feature = "client")]
mod links;
#[cfg(feature = "client")]
mod lookup;
#[cfg(feature = "client")]
mod metadata;
#[cfg(feature = "client")]
mod metadata_cache;
#[cfg(feature = "client")]
mod paging;
#[cfg(feature = "client")]
mod query;
#[cfg(feature = "client")]
mod requests;
#[cfg(feature = "client")]
mod role;
#[cfg(feature = "client")]
mod support;
#[cfg(feature = "client")]
mod tenant;
#[cfg(feature = "client")]
mod write;
#[cfg(feature = "yaserde")]
mod yaserde;
#[cfg(feature = "client")]
mod zone;
