//! Integration tests: single exchanges against scripted answers, behaviour against the simulated
//! tenant.

mod entity;
mod failures;
mod metadata;
mod query;
mod requests;
mod support;
mod tenant;
mod zone;
