//! Generates the entities of [autotask-soap] from WSDL and field information.
//!
//! Autotask's WSDL lists entities and their elements, but not a single type: types, lengths and
//! flags are only told by the API's `GetFieldInfo` and `GetEntityInfo`. The generator therefore works
//! in two steps:
//!
//! 1. [`import()`] merges both into a [`Schema`], a TOML file of our own that people can read and
//!    compare. It is committed; what comes after needs nothing else.
//! 2. [`emit`] turns schemas into Rust: one file per entity, an enum of all entities per version, and
//!    a catalogue for the simulator.
//!
//! ```
//! use autotask_codegen::{Days, FieldInformation, Wsdl, import};
//!
//! let wsdl = Wsdl::parse(
//!     r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="urn:example/v2_0">
//!       <types><schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:example/v2_0">
//!         <complexType name="Entity"/>
//!         <complexType name="Note"><complexContent><extension base="t:Entity"><sequence>
//!           <element name="TicketID"/>
//!         </sequence></extension></complexContent></complexType>
//!       </schema></types></definitions>"#,
//! )?;
//! let information = FieldInformation::parse(
//!     r#"{"entities": {"Note": {
//!       "info": {"CanCreate": true, "CanQuery": true, "CanUpdate": false, "CanDelete": false,
//!                "HasUserDefinedFields": false},
//!       "fields": [{"Name": "TicketID", "Type": "integer", "IsRequired": true, "IsQueryable": true,
//!                   "ReferenceEntityType": "Ticket"}]}}}"#,
//! )?;
//! let import = import(&wsdl, Some(&information), &Days::default(), &Default::default())?;
//! assert!(import.schema.to_toml().contains("TicketID ticket_id integer R ->Ticket"));
//! # Ok::<(), autotask_codegen::Error>(())
//! ```
//!
//! The program `autotask-codegen` does both steps for files.
//!
//! For one's own tenant there is a second pair: [`Tenant`] holds its user-defined fields and
//! picklists, [`emit::tenant`] turns them into Rust. With the feature `live` they are read from the
//! service.
//!
//! [autotask-soap]: https://docs.rs/autotask-soap

#![warn(missing_docs)]

pub mod emit;
mod error;
mod field_info;
pub mod import;
#[cfg(feature = "live")]
pub mod live;
pub mod names;
pub mod output;
mod rustfmt;
pub mod schema;
pub mod tenant;
mod wsdl;

pub use error::{Error, ErrorKind, Result, Source};
pub use field_info::{EntityInformation, FieldDescription, FieldInformation, Meta, Operations};
pub use import::{Days, Import, import};
pub use schema::Schema;
pub use tenant::Tenant;
pub use wsdl::Wsdl;

use std::path::Path;

/// Reads a file with one of the parsers of this crate; errors name the file.
///
/// # Errors
///
/// When the file cannot be read, and what the parser gives.
pub fn read<T>(path: &Path, parse: impl FnOnce(&str) -> Result<T>) -> Result<T> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::io("read", path, e))?;
    parse(&text).map_err(|error| error.at(path))
}

/// Writes a text file if its content differs.
///
/// # Errors
///
/// When the file cannot be written.
pub fn write(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    std::fs::write(path, text).map_err(|e| Error::io("write", path, e))
}
