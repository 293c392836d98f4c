//! Tests of the crate through its public interface.

// Helper functions fail for the test that calls them.
#![allow(clippy::unwrap_used)]

mod bad_input;
#[cfg(feature = "client")]
mod binary;
#[cfg(feature = "client")]
mod commands;
#[cfg(feature = "client")]
mod connection;
mod coverage;
#[cfg(feature = "client")]
mod exchanges;
#[cfg(feature = "client")]
mod faults;
#[cfg(feature = "client")]
mod files;
#[cfg(feature = "client")]
mod limits;
mod report;
#[cfg(feature = "client")]
mod reports;
#[cfg(feature = "client")]
mod scripts;
#[cfg(feature = "client")]
mod simulator;
#[cfg(feature = "client")]
mod stream;
#[cfg(feature = "client")]
mod values;
