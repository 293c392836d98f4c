//! Field and entity information as the API gives it, in JSON.
//!
//! The file holds `{"meta": {"apiVersion": …}, "entities": {NAME: {"info": EntityInfo, "fields":
//! [Field]}}}`, with the names that `GetEntityInfo` and `GetFieldInfo` use. Labels, descriptions and
//! picklist values are a tenant's own; they are not read.

use crate::error::{Error, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Information about all entities.
#[derive(Clone, Debug, Deserialize)]
pub struct FieldInformation {
    /// Where it came from.
    #[serde(default)]
    pub meta: Meta,
    /// Entities by wire name.
    pub entities: BTreeMap<String, EntityInformation>,
}

/// Where the information came from.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Meta {
    /// The API's own version, such as `1.6.8`.
    #[serde(default, rename = "apiVersion")]
    pub api_version: Option<String>,
}

/// One entity.
#[derive(Clone, Debug, Deserialize)]
pub struct EntityInformation {
    /// What can be done with it.
    pub info: Operations,
    /// Its fields.
    pub fields: Vec<FieldDescription>,
}

/// What can be done with an entity.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Operations {
    /// `create` accepts it.
    pub can_create: bool,
    /// `query` finds it.
    pub can_query: bool,
    /// `update` accepts it.
    pub can_update: bool,
    /// `delete` accepts it.
    pub can_delete: bool,
    /// Tenants can add fields.
    pub has_user_defined_fields: bool,
}

/// One field.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FieldDescription {
    /// Wire name.
    pub name: String,
    /// Type name.
    #[serde(rename = "Type")]
    pub type_name: String,
    /// Greatest length.
    #[serde(default)]
    pub length: u32,
    /// A new entity must have it.
    #[serde(default)]
    pub is_required: bool,
    /// `update` ignores it.
    #[serde(default)]
    pub is_read_only: bool,
    /// Queries can filter on it.
    #[serde(default)]
    pub is_queryable: bool,
    /// Its values come from a list.
    #[serde(default)]
    pub is_pick_list: bool,
    /// The field that the list depends on.
    #[serde(default)]
    pub picklist_parent_value_field: Option<String>,
    /// The entity that it refers to.
    #[serde(default)]
    pub reference_entity_type: Option<String>,
}

impl FieldInformation {
    /// Reads the JSON text.
    ///
    /// # Errors
    ///
    /// When it is not of the form described above.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|source| Error::format("not field information").because(source))
    }
}
