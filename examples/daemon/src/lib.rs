//! The reference daemon as a library: it takes the outbound events of Bomgar / BeyondTrust Remote
//! Support appliances and turns ended sessions into notes and time entries on Autotask tickets.
//!
//! [`config`] reads what the administrator wants, [`receiver`] takes events and answers only when
//! they are on disk, [`store`] is the disk, [`worker`] carries each event to its end through a
//! [`connection`], and [`service`] is all of it running.

pub mod config;
pub mod connection;
pub mod failpoint;
pub mod logging;
pub mod receiver;
pub mod secret;
pub mod service;
pub mod store;
pub mod worker;

/// An error with all its causes, in one line.
pub fn in_full(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
