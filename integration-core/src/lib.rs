//! Inputs + now → plan; no I/O, no clock, no randomness.
pub mod draft;
pub mod effect;
pub mod failure;
pub mod needs;
pub mod plan;
pub mod ports;
pub mod profile;
pub mod run;
