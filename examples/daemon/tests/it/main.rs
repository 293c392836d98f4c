//! The daemon's parts, each against the real thing: files, disks and sockets on this machine.

// Helpers are no test functions, but a failure in them is a failed test all the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod config;
#[cfg(unix)]
mod crash;
#[cfg(unix)]
mod flow;
#[cfg(unix)]
mod lab;
#[cfg(unix)]
mod load;
#[cfg(unix)]
mod mishaps;
mod receiver;
mod store;
