//! Typed client for the Bomgar / BeyondTrust Remote Support APIs.
#![warn(missing_docs)]

pub mod reporting;
