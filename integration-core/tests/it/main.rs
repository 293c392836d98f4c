//! Integration tests, in one binary.

// A test fails by panicking, in its helpers too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "autotask")]
mod desk;
mod fixtures;
mod note;
mod plan;
mod properties;
mod run;
mod time_entry;
