//! XML in and out, hand-written over the tables that the generator makes. Private: no type of the XML
//! library reaches the public API.

mod attributes;
pub(crate) mod cursor;
pub(crate) mod entity;
pub(crate) mod envelope;
pub(crate) mod fault;
pub(crate) mod value;
pub(crate) mod writer;
