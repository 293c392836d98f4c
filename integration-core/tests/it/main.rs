//! Integration tests, in one binary.

mod fixtures;
mod note;
mod plan;
mod properties;
mod run;
mod time_entry;
