//! What one tenant added to the API: its user-defined fields and picklists, with names for Rust.
//!
//! The file form is TOML, made to be committed, read and compared:
//!
//! ```toml
//! [[entity]]
//! name = "Ticket"
//! rust = "Ticket"
//! module = "ticket"
//!
//! [[entity.udf]]
//! name = "Asset tag"
//! rust = "asset_tag"
//! type = "string"
//!
//! [[entity.picklist]]
//! field = "Status"
//! rust = "TicketStatus"
//! type = "integer"
//! values = [
//!     { value = "1", rust = "New", label = "New" },
//!     { value = "6", rust = "Parked", label = "Parked", inactive = true },
//! ]
//! ```
//!
//! Names for Rust are made when the tenant is read and stored here; `emit` only uses them.
//!
//! ```
//! use autotask_codegen::Tenant;
//! use autotask_codegen::tenant::{Field, Value};
//!
//! let mut priority = Field::default();
//! priority.name = "Priority".into();
//! priority.type_name = "integer".into();
//! priority.picklist = true;
//! priority.values = [("1", "Kritisch!"), ("2", "")]
//!     .map(|(value, label)| Value {
//!         value: value.into(),
//!         label: label.into(),
//!         active: true,
//!         parent: None,
//!     })
//!     .to_vec();
//! let mut tenant = Tenant::default();
//! tenant.add("Ticket", &[priority], &[]);
//! let values = &tenant.entities[0].picklists[0].values;
//! assert_eq!((&*values[0].rust, &*values[1].rust), ("Kritisch", "Value2"));
//! assert_eq!(Tenant::parse(&tenant.to_toml())?, tenant);
//! # Ok::<(), autotask_codegen::Error>(())
//! ```

mod build;
mod file;

pub use build::{Field, Value};

use serde::Deserialize;

/// A tenant's user-defined fields and picklists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The entities, by name.
    #[serde(rename = "entity", default)]
    pub entities: Vec<Entity>,
}

/// One entity of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Wire name.
    pub name: String,
    /// Name of the entity's type in Rust.
    pub rust: String,
    /// Name of the module.
    pub module: String,
    /// User-defined fields, by name.
    #[serde(rename = "udf", default)]
    pub udfs: Vec<Udf>,
    /// Picklists of its own fields and of user-defined ones, by field.
    #[serde(rename = "picklist", default)]
    pub picklists: Vec<Picklist>,
}

/// A user-defined field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Udf {
    /// Name, exactly as the tenant wrote it.
    pub name: String,
    /// Name of its accessor.
    pub rust: String,
    /// The server's name of its type.
    #[serde(rename = "type")]
    pub type_name: String,
}

/// A picklist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picklist {
    /// Wire name of the field, or the name of the user-defined field.
    pub field: String,
    /// Whether the field is user-defined.
    #[serde(default)]
    pub udf: bool,
    /// Name of the enum.
    pub rust: String,
    /// The server's name of the field's type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// The field that the picklist depends on.
    #[serde(default)]
    pub parent: Option<String>,
    /// The values, by value.
    pub values: Vec<PicklistValue>,
}

/// One value of a picklist.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PicklistValue {
    /// What is stored.
    pub value: String,
    /// Name of the variant.
    pub rust: String,
    /// What people see.
    pub label: String,
    /// Whether it may no longer be set.
    #[serde(default)]
    pub inactive: bool,
    /// Values of the parent field under which it may be chosen.
    #[serde(default)]
    pub parents: Vec<String>,
}

impl Picklist {
    /// The type of its values in Rust: that of the field in the typed entities, texts otherwise.
    pub(crate) fn number_type(&self) -> Option<&'static str> {
        match self.type_name.to_ascii_lowercase().as_str() {
            _ if self.udf => None,
            "integer" | "int" => Some("i32"),
            "long" => Some("i64"),
            "short" => Some("i16"),
            _ => None,
        }
    }
}
