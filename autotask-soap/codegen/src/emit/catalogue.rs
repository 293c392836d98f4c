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
        in_v1_6: flags & GONE == 0,
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
/// Version 1.5 has it.
const OLD: u8 = 32;
/// Only version 1.5 has it.
const GONE: u8 = 64;
";

pub(super) fn catalogue(schema: &Schema, older: &Schema) -> String {
    let mut out = format!(
        "//! The entities of ATWS {}; their fields there and in {}.\n{}\n\
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
        for (field, versions) in merged(entity, old) {
            out.push_str(&line(field, versions));
        }
        out.push_str("],\n},\n");
    }
    out.push_str("];\n");
    out
}

/// The versions that have a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Versions {
    Both,
    Newer,
    Older,
}

/// The fields of both versions, so that leaving out those of either gives the other's order.
fn merged<'a>(entity: &'a Entity, old: Option<&'a Entity>) -> Vec<(&'a Field, Versions)> {
    let Some(old) = old else {
        let fields = entity.fields.iter();
        return fields.map(|field| (field, Versions::Newer)).collect();
    };
    let has = |entity: &Entity, name: &str| entity.fields.iter().any(|field| field.name == name);
    let mut rest = old.fields.iter();
    let mut all = Vec::new();
    for field in &entity.fields {
        if !has(old, &field.name) {
            all.push((field, Versions::Newer));
            continue;
        }
        for before in rest.by_ref() {
            if before.name == field.name {
                break;
            }
            if !has(entity, &before.name) {
                all.push((before, Versions::Older));
            }
        }
        all.push((field, Versions::Both));
    }
    let gone = rest.filter(|field| !has(entity, &field.name));
    all.extend(gone.map(|field| (field, Versions::Older)));
    all
}

fn line(field: &Field, versions: Versions) -> String {
    let flags: Vec<&str> = [
        (field.required, "R"),
        (field.read_only, "RO"),
        (field.queryable, "Q"),
        (field.picklist, "PICK"),
        (field.field_type != FieldType::Untyped, "INFO"),
        (versions != Versions::Newer, "OLD"),
        (versions == Versions::Older, "GONE"),
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
