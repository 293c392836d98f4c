//! Decides what an ended remote-support session leads to in a service desk: which note, which time
//! entry, on which ticket, and why.
//!
//! The deciding part is pure: a session's report, a profile, templates and the desk's answers go
//! in, a [`Plan`](plan::Plan) comes out. It reads no clock, makes no call and draws no random
//! numbers; the same input always gives the same plan. (The time zone database is read from the
//! system, or is the built-in copy where there is none.)
//!
//! ```text
//! Session ─▶ needs() ─▶ Needs ─▶ the desk ─▶ Facts ─▶ plan() ─▶ Plan ─▶ run
//! ```
//!
//! 1. [`needs::needs`] says what must be looked up.
//! 2. Someone answers: the [`Desk`](ports::Desk) port, or you by hand.
//! 3. [`plan::plan`] makes [steps](plan::Step), each a small [draft](draft) with a
//!    [key](effect::EffectKey) for ever and a [marker](effect::Marker) by which the record can be
//!    found again, with an explanation for each decision.
//! 4. [`run`] carries a plan out over the [ports](ports) so that nothing is written twice and
//!    nothing is forgotten. It is the only part that waits for anything.
//!
//! What cannot be done is a [`Failure`](failure::Failure) that says who can mend it. Customer text
//! does not appear in failures, explanations, alerts or `Debug` output.
//!
//! # Features
//!
//! By default there is no runtime and no network code in this crate. `bomgar` and `autotask` add
//! the ports for the clients of `bomgar-api` and `autotask-soap`.
//!
//! # Example
#![cfg_attr(doc, doc = "")]
#![doc = include_str!("../README.md")]
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod draft;
pub mod effect;
pub mod failure;
pub mod match_ticket;
pub mod needs;
mod note;
pub mod plan;
pub mod ports;
pub mod profile;
pub mod redact;
pub mod run;
mod subject;
pub mod template;
mod text;
mod time_entry;
pub mod trigger;
