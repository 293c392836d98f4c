//! Merges a WSDL, field information and our list of days into a schema.

use crate::error::{Error, Result};
use crate::field_info::{FieldDescription, FieldInformation};
use crate::names;
use crate::schema::{Entity, Field, FieldType, Schema};
use crate::wsdl::Wsdl;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Fields that the API declares as date-times although they are days, by entity.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// Wire names of fields, by wire name of the entity.
    pub days: BTreeMap<String, Vec<String>>,
}

impl Days {
    /// Reads the TOML text.
    ///
    /// # Errors
    ///
    /// When it is anything but a table `days` of lists.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|source| Error::format("not a list of days").because(source))
    }

    fn contains(&self, entity: &str, field: &str) -> bool {
        self.days
            .get(entity)
            .is_some_and(|fields| fields.iter().any(|name| name == field))
    }
}

/// A schema, and what the caller should know about how it came about.
#[derive(Clone, Debug)]
pub struct Import {
    /// The schema.
    pub schema: Schema,
    /// One sentence each: entities and fields that only one of the sources has.
    pub notes: Vec<String>,
}

/// How to import.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Cargo feature that the generated module needs.
    pub feature: Option<String>,
    /// The field information belongs to another version of the API: it is used where entity and
    /// field agree with the WSDL, and adds no fields.
    pub borrowed: bool,
}

/// Merges the sources. The WSDL decides which entities there are and in which order their elements
/// come; field information gives types, lengths and flags. A field that only field information has
/// is appended, since servers gain fields faster than saved WSDLs.
///
/// # Errors
///
/// When the namespace holds no version, a type is unknown, names collide, or `days` names a field
/// that is not a date-time.
pub fn import(
    wsdl: &Wsdl,
    information: Option<&FieldInformation>,
    days: &Days,
    options: &Options,
) -> Result<Import> {
    let module = wsdl
        .namespace
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|last| last.starts_with('v') && last[1..].split('_').all(is_number))
        .ok_or_else(|| {
            Error::format(format!(
                "namespace `{}` does not end in a version",
                wsdl.namespace
            ))
        })?;
    let mut notes = Vec::new();
    let mut entities = Vec::new();
    for (name, elements) in &wsdl.entities {
        entities.push(entity(
            name,
            elements,
            information,
            days,
            options,
            &mut notes,
        )?);
    }
    if let Some(information) = information {
        for name in information.entities.keys() {
            if !wsdl.entities.contains_key(name) && !options.borrowed {
                notes.push(format!("{name}: only in field information, not generated"));
            }
        }
    }
    for (name, fields) in &days.days {
        let Some(entity) = entities.iter().find(|entity| entity.name == *name) else {
            // Versions differ in their entities; the list serves all of them.
            continue;
        };
        for field in fields {
            match entity.fields.iter().find(|have| have.name == *field) {
                Some(have) if have.field_type == FieldType::Date => {}
                Some(_) => {
                    return Err(Error::format(format!(
                        "{name}.{field}: listed as a day, but not declared as a datetime"
                    )));
                }
                None => notes.push(format!("{name}.{field}: listed as a day, but not there")),
            }
        }
    }
    let schema = Schema {
        api_version: module[1..].replace('_', "."),
        namespace: wsdl.namespace.clone(),
        module: module.to_owned(),
        feature: options.feature.clone(),
        field_info: information.and_then(|information| information.meta.api_version.clone()),
        field_info_borrowed: information.is_some() && options.borrowed,
        entities,
    };
    schema.check()?;
    Ok(Import { schema, notes })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn entity(
    name: &str,
    elements: &[String],
    information: Option<&FieldInformation>,
    days: &Days,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<Entity> {
    let info = information.and_then(|information| information.entities.get(name));
    if info.is_none() {
        notes.push(format!(
            "{name}: no field information, its fields are untyped"
        ));
    }
    let described: BTreeMap<&str, &FieldDescription> = info
        .iter()
        .flat_map(|info| &info.fields)
        .map(|field| (&*field.name, field))
        .collect();

    let mut fields = vec![id(described.get("id").copied())];
    let mut done: BTreeSet<&str> = BTreeSet::from(["id"]);
    for element in elements {
        if !done.insert(element) {
            continue;
        }
        let description = described.get(&**element).copied();
        if description.is_none() && info.is_some() {
            notes.push(format!("{name}.{element}: no field information, untyped"));
        }
        fields.push(field(name, element, description, days)?);
    }
    if !options.borrowed {
        for description in info.iter().flat_map(|info| &info.fields) {
            if done.insert(&description.name) {
                notes.push(format!(
                    "{name}.{}: only in field information",
                    description.name
                ));
                let mut field = field(name, &description.name, Some(description), days)?;
                field.only_in_info = true;
                fields.push(field);
            }
        }
    }
    let operations = info.map(|info| info.info);
    Ok(Entity {
        name: wire_name(name)?.to_owned(),
        rust: names::type_name(name),
        module: names::snake_case(name),
        has_info: info.is_some(),
        can_create: operations.is_some_and(|can| can.can_create),
        can_query: operations.is_some_and(|can| can.can_query),
        can_update: operations.is_some_and(|can| can.can_update),
        can_delete: operations.is_some_and(|can| can.can_delete),
        user_defined_fields: operations.is_some_and(|can| can.has_user_defined_fields),
        fields,
    })
}

/// The id is a `long` in the WSDL's base type, whatever field information calls it.
fn id(description: Option<&FieldDescription>) -> Field {
    Field {
        name: "id".to_owned(),
        rust: "id".to_owned(),
        field_type: FieldType::Long,
        length: 0,
        required: true,
        read_only: true,
        queryable: description.is_none_or(|description| description.is_queryable),
        picklist: false,
        picklist_parent: None,
        reference: None,
        only_in_info: false,
    }
}

fn field(
    entity: &str,
    name: &str,
    description: Option<&FieldDescription>,
    days: &Days,
) -> Result<Field> {
    let field_type = match description {
        None => FieldType::Untyped,
        Some(description) => match &*description.type_name {
            "datetime" if days.contains(entity, name) => FieldType::Date,
            // The API has both names for the same thing.
            "float" => FieldType::Double,
            other => FieldType::from_name(other)
                .filter(|ty| !matches!(ty, FieldType::Untyped | FieldType::Date))
                .ok_or_else(|| {
                    Error::format(format!("{entity}.{name}: unknown field type `{other}`"))
                })?,
        },
    };
    let wire = |name: &Option<String>| -> Result<Option<String>> {
        match name.as_deref().filter(|name| !name.is_empty()) {
            Some(name) => Ok(Some(wire_name(name)?.to_owned())),
            None => Ok(None),
        }
    };
    let picklist_parent = match description {
        Some(description) => wire(&description.picklist_parent_value_field)?,
        None => None,
    };
    let reference = match description {
        Some(description) => wire(&description.reference_entity_type)?,
        None => None,
    };
    Ok(Field {
        name: wire_name(name)?.to_owned(),
        rust: names::snake_case(name),
        field_type,
        length: match description {
            Some(description) if field_type == FieldType::String => description.length,
            _ => 0,
        },
        required: description.is_some_and(|description| description.is_required),
        read_only: description.is_some_and(|description| description.is_read_only),
        queryable: description.is_none_or(|description| description.is_queryable),
        picklist: description.is_some_and(|description| description.is_pick_list),
        picklist_parent,
        reference,
        only_in_info: false,
    })
}

/// Names become part of code and of the schema's lines.
fn wire_name(name: &str) -> Result<&str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    if !name.is_empty() && name.chars().all(legal) {
        Ok(name)
    } else {
        Err(Error::format(format!(
            "`{}` cannot be a name on the wire",
            name.escape_debug()
        )))
    }
}
