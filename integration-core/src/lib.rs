#![doc = include_str!("../README.md")]
//!
//! # How it works
//!
//! ```text
//! Session ─▶ needs() ─▶ Needs ─▶ the desk ─▶ Facts ─▶ plan() ─▶ Plan ─▶ run
//! ```
//!
//! 1. [`needs::needs`] says what must be looked up.
//! 2. Someone answers: the [`Desk`](ports::Desk) port, or you by hand.
//! 3. [`plan::plan`] makes [steps](plan::Step), each a small [draft] with a
//!    [key](effect::EffectKey) for ever and a [marker](effect::Marker) by which the record can be
//!    found again, with an explanation for each decision.
//! 4. [`run`] carries a plan out over the [ports] so that nothing is written twice and nothing is
//!    forgotten. It is the only part that waits for anything.
//!
//! Planning reads no clock, makes no call and draws no random numbers. (Time zones come from the
//! system's database, or from a built-in copy where there is none.) What cannot be done is a
//! [`Failure`](failure::Failure) that says who can mend it. Customer text does not appear in
//! failures, explanations, alerts or `Debug` output.
#![warn(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "autotask", feature = "bomgar"))]
#[cfg_attr(docsrs, doc(cfg(any(feature = "autotask", feature = "bomgar"))))]
pub mod adapters;
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
