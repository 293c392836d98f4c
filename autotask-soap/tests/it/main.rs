//! Integration tests: single exchanges against scripted answers, behaviour against the simulated
//! tenant.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking, as tests do"
)]

mod codec;
mod entity;

#[cfg(feature = "client")]
mod failures;
#[cfg(feature = "client")]
mod metadata;
#[cfg(feature = "client")]
mod query;
#[cfg(feature = "client")]
mod requests;
#[cfg(feature = "client")]
mod support;
#[cfg(feature = "client")]
mod tenant;
#[cfg(feature = "client")]
mod zone;
