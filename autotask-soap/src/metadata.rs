//! What the tenant says about its entities and fields.
//!
//! `Client::field_info` and its kin ask each time. `Metadata` keeps what they
//! said. [`Picklist`] is how labels become values and back.

#[cfg(feature = "client")]
mod cache;
mod picklist;

#[cfg(feature = "client")]
pub use cache::{EntityFields, Metadata};
pub use picklist::Picklist;

use crate::entity::{EntityInfo, FieldType};
use crate::error::Result;

/// One field as the tenant describes it, with its picklist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldDescription {
    /// Name on the wire. A user-defined field's name is what the tenant called it.
    pub name: String,
    /// Label in the user interface; differs by tenant and language.
    pub label: String,
    /// The server's name of the type: `integer`, `string`, `datetime` and so on.
    pub type_name: String,
    /// Greatest length of a text; 0 for other types.
    pub length: u32,
    /// Explanation, often empty.
    pub description: String,
    /// Whether a new entity must have it.
    pub required: bool,
    /// Whether the server ignores it in writes.
    pub read_only: bool,
    /// Whether queries can filter on it.
    pub queryable: bool,
    /// The entity that it refers to.
    pub reference: Option<String>,
    /// Whether its values come from a picklist.
    pub picklist: bool,
    /// The values of the picklist, inactive ones too.
    pub picklist_values: Vec<PicklistValue>,
    /// The field that the picklist depends on.
    pub picklist_parent: Option<String>,
    /// The value that the server takes if none is given.
    pub default_value: Option<String>,
}

/// One value of a picklist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PicklistValue {
    /// What is stored; text even where the field is a number.
    pub value: String,
    /// What people see.
    pub label: String,
    /// Whether it is the default.
    pub is_default: bool,
    /// Position in the list.
    pub sort_order: i32,
    /// Value of the parent field that it belongs to.
    pub parent_value: Option<String>,
    /// Whether it may be set anew. Inactive values still stand in old records.
    pub is_active: bool,
    /// Whether every tenant has it.
    pub is_system: bool,
}

impl PicklistValue {
    /// The value as the number that most fields hold.
    pub fn number(&self) -> Option<i64> {
        self.value.trim().parse().ok()
    }
}

impl FieldDescription {
    /// The type as the static tables have it; `Untyped` if this crate does not know it.
    pub fn field_type(&self) -> FieldType {
        match self.type_name.to_ascii_lowercase().as_str() {
            "integer" | "int" => FieldType::Integer,
            "long" => FieldType::Long,
            "short" => FieldType::Short,
            "string" => FieldType::String,
            "double" | "float" => FieldType::Double,
            "decimal" => FieldType::Decimal,
            "datetime" => FieldType::DateTime,
            "date" => FieldType::DateOnly,
            "boolean" => FieldType::Boolean,
            _ => FieldType::Untyped,
        }
    }

    /// Its picklist, active values only; see [`Picklist`].
    pub fn values(&self) -> Picklist<'_> {
        Picklist::new(self)
    }

    /// The active picklist value with this label; short for `values().by_label(label)`.
    ///
    /// Labels are the tenant's own words. Look them up once at the start and fail there: a value
    /// guessed wrong can show an internal note to the customer.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Label`](crate::ErrorKind::Label) if no active value has the label, or several
    /// do.
    pub fn value_for_label(&self, label: &str) -> Result<&PicklistValue> {
        self.values().by_label(label)
    }
}

/// What the API user may do with an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntityDescription {
    /// Name on the wire.
    pub name: String,
    /// Whether `create` accepts it.
    pub can_create: bool,
    /// Whether `update` accepts it.
    pub can_update: bool,
    /// Whether `delete` accepts it.
    pub can_delete: bool,
    /// Whether `query` finds it.
    pub can_query: bool,
    /// Whether the tenant can add fields to it.
    pub has_user_defined_fields: bool,
    /// What this user may create: `None`, `Restricted` or `All`. Older servers do not say.
    pub user_access_for_create: Option<String>,
    /// The same for queries.
    pub user_access_for_query: Option<String>,
    /// The same for updates.
    pub user_access_for_update: Option<String>,
    /// The same for deletions.
    pub user_access_for_delete: Option<String>,
}

/// How much of the tenant's allowance of calls is used. All integrations of the tenant share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Threshold {
    /// Calls allowed in the time frame; 10,000 in most tenants.
    pub limit: u32,
    /// Length of the rolling time frame in minutes; 60 in most tenants.
    pub minutes: u32,
    /// Calls made in the time frame so far.
    pub used: u32,
}

impl Threshold {
    /// The used share of the allowance; 1.0 is all of it. From 0.5 on the server slows calls down.
    pub fn share(&self) -> f64 {
        if self.limit == 0 {
            1.0
        } else {
            f64::from(self.used) / f64::from(self.limit)
        }
    }
}

/// Whether user and integration belong together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct IntegrationCheck {
    /// Whether the user is an API user.
    pub is_api_user: Option<bool>,
    /// Whether the integration code is assigned to the user.
    pub is_integration_code_associated: Option<bool>,
}

/// A difference between the static table of an entity and what the tenant says, as text; for a
/// check at the start. Only what can make writes fail counts: required fields that the table does
/// not have as such, and shorter lengths.
pub fn stricter_than_known(info: &EntityInfo, tenant: &[FieldDescription]) -> Vec<String> {
    let mut differences = Vec::new();
    for field in tenant {
        let known = info.field(&field.name);
        if field.required && !field.read_only && !known.is_some_and(|known| known.required) {
            differences.push(format!(
                "{}.{} is required in this tenant",
                info.name, field.name
            ));
        }
        if let Some(known) = known {
            if field.length > 0 && field.length < known.length {
                differences.push(format!(
                    "{}.{} takes {} characters in this tenant, not {}",
                    info.name, field.name, field.length, known.length
                ));
            }
        }
    }
    differences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_share() {
        let at = |limit, used| {
            Threshold {
                limit,
                minutes: 60,
                used,
            }
            .share()
        };
        assert_eq!(at(10_000, 2_500), 0.25);
        assert_eq!(at(0, 0), 1.0);
    }
}
