//! The simulator's own view of the schema: plain statics that share no code with the client.

use super::mark_schema;
use crate::schema::{Entity, Field, FieldType, Schema};
use std::fmt::Write as _;

const HELPERS: &str = "\
const fn field(name: &'static str, ty: FieldTy, length: u32, flags: u8) -> FieldDef {
    FieldDef {
        name,
        ty,
        length,
        required: flags & R != 0,
        read_only: flags & RO != 0,
        queryable: flags & Q != 0,
        picklist: flags & PICK != 0,
        picklist_parent: None,
        reference: None,
        has_info: flags & INFO != 0,
        in_v1_5: flags & OLD != 0,
    }
}

const fn to(mut field: FieldDef, reference: &'static str) -> FieldDef {
    field.reference = Some(reference);
    field
}

const fn under(mut field: FieldDef, parent: &'static str) -> FieldDef {
    field.picklist_parent = Some(parent);
    field
}

/// Required.
const R: u8 = 1;
/// Read-only.
const RO: u8 = 2;
/// Usable in queries.
const Q: u8 = 4;
/// Picklist.
const PICK: u8 = 8;
/// Field information was there.
const INFO: u8 = 16;
/// Version 1.5 has it too.
const OLD: u8 = 32;
";

pub(super) fn catalogue(schema: &Schema, older: &Schema) -> String {
    let mut out = format!(
        "//! The entities of ATWS {}, and which of their fields {} has.\n{}\n\
         use crate::catalogue::{{EntityDef, FieldDef, FieldTy}};\n\n{HELPERS}\n\
         /// All entities, sorted by name.\n\
         pub static ENTITIES: &[EntityDef] = &[\n",
        schema.api_version,
        older.api_version,
        mark_schema(schema)
    );
    for entity in &schema.entities {
        let old = older.entities.iter().find(|old| old.name == entity.name);
        let _ = writeln!(
            out,
            "EntityDef {{\nname: \"{}\",\ncan_create: {},\ncan_update: {},\ncan_delete: {},\n\
             can_query: {},\nhas_udf: {},\nin_v1_5: {},\nfields: &[",
            entity.name,
            entity.can_create,
            entity.can_update,
            entity.can_delete,
            entity.can_query,
            entity.user_defined_fields,
            old.is_some()
        );
        for field in &entity.fields {
            out.push_str(&line(field, old));
        }
        out.push_str("],\n},\n");
    }
    out.push_str("];\n");
    out
}

fn line(field: &Field, old: Option<&Entity>) -> String {
    let is_old = old.is_some_and(|old| old.fields.iter().any(|have| have.name == field.name));
    let flags: Vec<&str> = [
        (field.required, "R"),
        (field.read_only, "RO"),
        (field.queryable, "Q"),
        (field.picklist, "PICK"),
        (field.field_type != FieldType::Untyped, "INFO"),
        (is_old, "OLD"),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .map(|(_, name)| name)
    .collect();
    let flags = if flags.is_empty() {
        "0".to_owned()
    } else {
        flags.join(" | ")
    };
    let ty = match field.field_type {
        FieldType::Integer => "Integer",
        FieldType::Long => "Long",
        FieldType::Short => "Short",
        FieldType::String => "String",
        FieldType::Double => "Double",
        FieldType::Decimal => "Decimal",
        FieldType::DateTime => "DateTime",
        FieldType::Date => "Date",
        FieldType::Boolean => "Boolean",
        FieldType::Untyped => "Untyped",
    };
    let mut code = format!(
        "field(\"{}\", FieldTy::{ty}, {}, {flags})",
        field.name, field.length
    );
    if let Some(reference) = &field.reference {
        code = format!("to({code}, \"{reference}\")");
    }
    if let Some(parent) = &field.picklist_parent {
        code = format!("under({code}, \"{parent}\")");
    }
    code.push_str(",\n");
    code
}
