//! The simulated tenant as a bare HTTP client sees it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod attachment;
mod binary;
mod control;
mod faults;
mod http;
mod metadata;
mod query;
mod support;
mod ticket;
mod time_entry;
mod wire;
mod write;
mod wsdl;
