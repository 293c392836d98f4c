//! Entities between XML and the generated structs.

use super::cursor::{Cursor, Element, WireError};
use super::value;
use super::writer::Writer;
use crate::entity::{
    DynEntity, Entity, EntityInfo, EntityUnion, Extra, FieldInfo, FieldType, Slot, Udf,
    UnknownEntity, set_dyn,
};
use crate::time::WireZone;
use crate::value::{Value, ValueError};
use std::borrow::Cow;

/// Writes `<Entity xsi:type="…">`: id first (0 for a new record), user-defined fields where the
/// schema has them, then the fields in wire order. Empty fields are left out. What the entity keeps
/// as unknown is written too: in a field's place if it has the name of one, else at the end.
pub(crate) fn write_entity<E: Entity>(writer: &mut Writer, entity: &E, zone: &WireZone) {
    write_dyn(writer, entity, zone);
}

/// The same for an entity of any type.
pub(crate) fn write_dyn(writer: &mut Writer, entity: &dyn DynEntity, zone: &WireZone) {
    let info = entity.info();
    writer.start("Entity", &[("xsi:type", info.name)]);
    write_fields(writer, entity, zone);
    writer.end();
}

/// What stands in an `Entity` element.
pub(crate) fn write_fields(writer: &mut Writer, entity: &dyn DynEntity, zone: &WireZone) {
    let info = entity.info();
    let extra = entity.dyn_extra();
    let id = match entity.dyn_slot(0) {
        Some(Slot::Long(Some(id))) => *id,
        _ => 0,
    };
    writer.typed_plain("id", "long", id);
    write_user_defined(writer, &extra.user_defined);
    for (index, field) in info.fields.iter().enumerate().skip(1) {
        let Some(slot) = entity.dyn_slot(index) else {
            continue;
        };
        if !value::write_slot(writer, field.name, slot, zone) {
            if let Some(kept) = extra.unknown(field.name) {
                value::write(writer, field.name, kept, zone);
            }
        }
    }
    for (name, kept) in &extra.unknown {
        if name != "id" && info.position(name).is_none() {
            value::write(writer, name, kept, zone);
        }
    }
}

fn write_user_defined(writer: &mut Writer, fields: &[Udf]) {
    if fields.is_empty() {
        return;
    }
    writer.start("UserDefinedFields", &[]);
    for field in fields {
        writer.start("UserDefinedField", &[]);
        writer.element("Name", &field.name);
        writer.element("Value", field.value.as_deref().unwrap_or_default());
        writer.end();
    }
    writer.end();
}

/// Reads all `Entity` children of `results` as one type.
///
/// # Errors
///
/// Also when one of them says that it is of another type.
pub(crate) fn read_entities<E: Entity>(
    cursor: &mut Cursor<'_>,
    results: &Element<'_>,
    zone: &WireZone,
) -> Result<Vec<E>, WireError> {
    let mut entities = Vec::new();
    while let Some(element) = cursor.next_child(results)? {
        if element.name() == "Entity" && !element.is_nil() {
            entities.push(read_entity(cursor, &element, zone)?);
        }
    }
    Ok(entities)
}

/// Reads one element as an entity of this type, whatever the element is called: `Entity` in results,
/// `Info` in attachments.
pub(crate) fn read_entity<E: Entity>(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    zone: &WireZone,
) -> Result<E, WireError> {
    if let Some(found) = element.xsi_type() {
        if found != E::INFO.name {
            let found: String = found.chars().take(60).collect();
            let detail = format!("expected an entity of type {}, found {found}", E::INFO.name);
            return Err(WireError::unexpected(detail, cursor.position()));
        }
    }
    let mut entity = E::default();
    read_into(cursor, element, &mut entity, zone)?;
    Ok(entity)
}

/// Reads all `Entity` children of `results`, each by its own type.
pub(crate) fn read_any_entities<U: EntityUnion>(
    cursor: &mut Cursor<'_>,
    results: &Element<'_>,
    zone: &WireZone,
) -> Result<Vec<U>, WireError> {
    let mut entities = Vec::new();
    while let Some(element) = cursor.next_child(results)? {
        if element.name() == "Entity" && !element.is_nil() {
            entities.push(read_any_entity(cursor, &element, zone)?);
        }
    }
    Ok(entities)
}

/// Reads one element by the type that it says it is; types that the set does not know are kept.
pub(crate) fn read_any_entity<U: EntityUnion>(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    zone: &WireZone,
) -> Result<U, WireError> {
    let type_name = element.xsi_type().unwrap_or_default().to_owned();
    if let Some(mut known) = U::empty(&type_name) {
        if let Some(entity) = known.as_dyn_mut() {
            read_into(cursor, element, entity, zone)?;
            return Ok(known);
        }
    }
    read_unknown(cursor, element, type_name, zone).map(U::unknown)
}

fn read_into(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    entity: &mut dyn DynEntity,
    zone: &WireZone,
) -> Result<(), WireError> {
    let mut fields = Fields::of(entity.info());
    while let Some(child) = cursor.next_child(element)? {
        let Some(index) = fields.find(child.name()) else {
            read_other(cursor, &child, entity.dyn_extra_mut(), zone)?;
            continue;
        };
        if !child.is_nil() {
            let text = cursor.text_ref(&child)?;
            set_field(entity, index, child.xsi_type(), text, zone);
        }
    }
    Ok(())
}

/// Finds the fields of an entity by name. Answers keep the wire order, so the next one is nearly
/// always one of the next few.
pub(crate) struct Fields {
    fields: &'static [FieldInfo],
    expected: usize,
}

impl Fields {
    pub(crate) fn of(info: &'static EntityInfo) -> Self {
        Self {
            fields: info.fields,
            expected: 0,
        }
    }

    /// Position of the field with this name.
    pub(crate) fn find(&mut self, name: &str) -> Option<usize> {
        let found = (self.expected..self.fields.len())
            .chain(0..self.expected)
            .find(|&index| {
                self.fields
                    .get(index)
                    .is_some_and(|field| field.name == name)
            })?;
        self.expected = found + 1;
        Some(found)
    }
}

/// Sets a field to what stands in its element. A value that does not fit it goes to the unknown ones.
pub(crate) fn set_field(
    entity: &mut dyn DynEntity,
    index: usize,
    xsi_type: Option<&str>,
    text: Cow<'_, str>,
    zone: &WireZone,
) {
    let Some(field) = entity.info().fields.get(index) else {
        return;
    };
    let text = match entity.dyn_slot_mut(index) {
        Some(mut slot) => match value::set_plainly(&mut slot, xsi_type, text, zone) {
            None => return,
            Some(text) => text,
        },
        None => text,
    };
    if let Some(value) = value::read(xsi_type, text.into_owned(), field.field_type, zone) {
        let kept = set_dyn(entity, index, Some(value)).err();
        if let Some(value) = kept.and_then(ValueError::into_value) {
            let extra = entity.dyn_extra_mut();
            extra.unknown.push((field.name.to_owned(), value));
        }
    }
}

/// Reads a child of an entity that is none of its fields.
fn read_other(
    cursor: &mut Cursor<'_>,
    child: &Element<'_>,
    extra: &mut Extra,
    zone: &WireZone,
) -> Result<(), WireError> {
    match child.name() {
        "UserDefinedFields" => extra.user_defined.extend(read_user_defined(cursor, child)?),
        // Field descriptions, which no answer fills in.
        "Fields" => {}
        name => {
            if let Some(value) = read_value(cursor, child, FieldType::Untyped, zone)? {
                extra.unknown.push((name.to_owned(), value));
            }
        }
    }
    Ok(())
}

fn read_unknown(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    type_name: String,
    zone: &WireZone,
) -> Result<UnknownEntity, WireError> {
    let mut entity = UnknownEntity {
        type_name,
        ..UnknownEntity::default()
    };
    while let Some(child) = cursor.next_child(element)? {
        if child.name() == "UserDefinedFields" {
            entity
                .user_defined
                .extend(read_user_defined(cursor, &child)?);
        } else if let Some(value) = read_value(cursor, &child, FieldType::Untyped, zone)? {
            match value.to_i64() {
                Some(id) if child.name() == "id" && entity.id.is_none() => entity.id = Some(id),
                _ => entity.fields.push((child.name().to_owned(), value)),
            }
        }
    }
    Ok(entity)
}

fn read_value(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    field: FieldType,
    zone: &WireZone,
) -> Result<Option<Value>, WireError> {
    if element.is_nil() {
        return Ok(None);
    }
    let text = cursor.text(element)?;
    Ok(value::read(element.xsi_type(), text, field, zone))
}

fn read_user_defined(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> Result<Vec<Udf>, WireError> {
    let mut fields = Vec::new();
    while let Some(child) = cursor.next_child(element)? {
        if child.name() != "UserDefinedField" {
            continue;
        }
        let mut field = Udf::default();
        while let Some(part) = cursor.next_child(&child)? {
            match part.name() {
                "Name" => field.name = cursor.text(&part)?,
                "Value" if !part.is_nil() => {
                    let text = cursor.text(&part)?;
                    field.value = Some(text).filter(|text| !text.is_empty() && text != " ");
                }
                _ => {}
            }
        }
        fields.push(field);
    }
    Ok(fields)
}

#[cfg(test)]
mod tests;
