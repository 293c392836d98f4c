//! `GetFieldInfo` and `getUDFInfo`: what fields an entity has in this tenant.

use super::{Call, Context, Operation};
use crate::error::Result;
use crate::metadata::{FieldDescription, PicklistValue};
use crate::value::parse_boolean;
use crate::wire::cursor::{Cursor, Element, WireError};
use crate::wire::envelope;
use bytes::Bytes;
use http::{Request, Response};

/// Asks for an entity's own fields.
#[derive(Clone, Debug)]
pub struct GetFieldInfo {
    /// Wire name of the entity.
    pub entity: String,
}

/// Asks for the fields that the tenant added to an entity.
#[derive(Clone, Debug)]
pub struct GetUdfInfo {
    /// Wire name of the entity.
    pub entity: String,
}

impl Call for GetFieldInfo {
    type Answer = Vec<FieldDescription>;

    fn operation(&self) -> Operation {
        Operation::GetFieldInfo
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        envelope::request(context, self.operation(), |writer| {
            writer.element("psObjectType", &self.entity);
        })
    }

    fn decode(
        &self,
        response: Response<Bytes>,
        context: &Context<'_>,
    ) -> Result<Vec<FieldDescription>> {
        envelope::open_list(
            &response,
            context,
            self.operation(),
            self.entity(),
            "Field",
            read_field,
        )
    }
}

impl Call for GetUdfInfo {
    type Answer = Vec<FieldDescription>;

    fn operation(&self) -> Operation {
        Operation::GetUdfInfo
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        envelope::request(context, self.operation(), |writer| {
            writer.element("psTable", &self.entity);
        })
    }

    fn decode(
        &self,
        response: Response<Bytes>,
        context: &Context<'_>,
    ) -> Result<Vec<FieldDescription>> {
        envelope::open_list(
            &response,
            context,
            self.operation(),
            self.entity(),
            "Field",
            read_field,
        )
    }
}

fn read_field(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> Result<FieldDescription, WireError> {
    let mut field = FieldDescription::default();
    while let Some(child) = cursor.next_child(element)? {
        match child.name() {
            "Name" => field.name = text(cursor, &child)?,
            "Label" => field.label = text(cursor, &child)?,
            "Type" => field.type_name = text(cursor, &child)?,
            "Length" => field.length = text(cursor, &child)?.parse().unwrap_or(0),
            "Description" => field.description = text(cursor, &child)?,
            "IsRequired" => field.required = flag(cursor, &child)?.unwrap_or(false),
            "IsReadOnly" => field.read_only = flag(cursor, &child)?.unwrap_or(false),
            "IsQueryable" => field.queryable = flag(cursor, &child)?.unwrap_or(false),
            "IsPickList" => field.picklist = flag(cursor, &child)?.unwrap_or(false),
            "ReferenceEntityType" => field.reference = filled(text(cursor, &child)?),
            "PicklistParentValueField" => field.picklist_parent = filled(text(cursor, &child)?),
            "DefaultValue" => field.default_value = filled(text(cursor, &child)?),
            "PicklistValues" => {
                while let Some(value) = cursor.next_child(&child)? {
                    if value.name() == "PickListValue" && !value.is_nil() {
                        field.picklist_values.push(read_value(cursor, &value)?);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(field)
}

fn read_value(cursor: &mut Cursor<'_>, element: &Element<'_>) -> Result<PicklistValue, WireError> {
    // Servers that do not say which values are active have active ones only.
    let mut value = PicklistValue {
        is_active: true,
        ..PicklistValue::default()
    };
    while let Some(child) = cursor.next_child(element)? {
        match child.name() {
            "Value" => value.value = text(cursor, &child)?,
            "Label" => value.label = text(cursor, &child)?,
            "IsDefaultValue" => value.is_default = flag(cursor, &child)?.unwrap_or(false),
            "SortOrder" => value.sort_order = text(cursor, &child)?.parse().unwrap_or(0),
            "parentValue" => value.parent_value = filled(text(cursor, &child)?),
            "IsActive" => value.is_active = flag(cursor, &child)?.unwrap_or(true),
            "IsSystem" => value.is_system = flag(cursor, &child)?.unwrap_or(false),
            _ => {}
        }
    }
    Ok(value)
}

pub(super) fn text(cursor: &mut Cursor<'_>, element: &Element<'_>) -> Result<String, WireError> {
    cursor.text(element).map(|text| text.trim().to_owned())
}

pub(super) fn flag(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> Result<Option<bool>, WireError> {
    cursor.text(element).map(|text| parse_boolean(&text))
}

pub(super) fn filled(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
