//! One entity: struct, static table, slots, typed field names.

use super::{Options, mark_entity};
use crate::names::identifier;
use crate::schema::{Entity, Field, FieldType, Schema};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The variant of `FieldType`, `Slot` and `SlotMut`, and the Rust type.
fn rust_type(ty: FieldType) -> (&'static str, &'static str) {
    match ty {
        FieldType::Integer => ("Integer", "i32"),
        FieldType::Long => ("Long", "i64"),
        FieldType::Short => ("Short", "i16"),
        FieldType::String => ("String", "String"),
        FieldType::Double => ("Double", "f64"),
        FieldType::Decimal => ("Decimal", "Decimal"),
        FieldType::DateTime => ("DateTime", "Timestamp"),
        FieldType::Date => ("DateOnly", "Date"),
        FieldType::Boolean => ("Boolean", "bool"),
        FieldType::Untyped => ("Untyped", "Value"),
    }
}

pub(super) fn entity(schema: &Schema, entity: &Entity, options: &Options) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "//! `{}` of ATWS {}.", entity.name, schema.api_version);
    let _ = writeln!(out, "{}", mark_entity(schema, entity));
    imports(&mut out, entity, options);
    structure(&mut out, schema, entity);
    table(&mut out, entity);
    implementation(&mut out, entity);
    constants(&mut out, entity);
    out
}

fn imports(out: &mut String, entity: &Entity, options: &Options) {
    let krate = &options.crate_path;
    let has = |ty| entity.fields.iter().any(|field| field.field_type == ty);
    let used: BTreeSet<&str> = entity.fields.iter().flat_map(flags).collect();
    let used: Vec<&str> = used.into_iter().collect();
    if !used.is_empty() {
        let _ = writeln!(out, "use {krate}::entity::flags::{{{}}};", used.join(", "));
    }
    let _ = writeln!(
        out,
        "use {krate}::entity::{{Entity, EntityInfo, Extra, Field, FieldInfo, FieldType, Slot, SlotMut}};"
    );
    if has(FieldType::Untyped) {
        let _ = writeln!(out, "use {krate}::value::Value;");
    }
    if has(FieldType::DateTime) {
        out.push_str("use jiff::Timestamp;\n");
    }
    if has(FieldType::Date) {
        out.push_str("use jiff::civil::Date;\n");
    }
    if has(FieldType::Decimal) {
        out.push_str("use rust_decimal::Decimal;\n");
    }
}

fn structure(out: &mut String, schema: &Schema, entity: &Entity) {
    let article = if entity.name.starts_with(['A', 'E', 'I', 'O']) {
        "An"
    } else {
        "A"
    };
    let _ = writeln!(
        out,
        "\n/// {article} `{}` of ATWS {}.\n///",
        entity.name, schema.api_version
    );
    let operations: Vec<&str> = [
        (entity.can_create, "create"),
        (entity.can_query, "query"),
        (entity.can_update, "update"),
        (entity.can_delete, "delete"),
    ]
    .into_iter()
    .filter(|(can, _)| *can)
    .map(|(_, name)| name)
    .collect();
    match (entity.has_info, operations.is_empty()) {
        (true, false) => {
            let _ = write!(out, "/// Operations: {}.", operations.join(", "));
        }
        (true, true) => out.push_str("/// No operation takes it by itself."),
        (false, _) => out.push_str("/// Nothing more is known about it."),
    }
    if entity.user_defined_fields {
        out.push_str(" Tenants can add fields of their own.");
    }
    out.push_str("\n#[derive(Clone, Debug, Default, PartialEq)]\n");
    let _ = writeln!(out, "pub struct {} {{", entity.rust);
    for field in &entity.fields {
        let _ = writeln!(out, "/// {}", describe(field));
        let _ = writeln!(
            out,
            "pub {}: Option<{}>,",
            identifier(&field.rust),
            rust_type(field.field_type).1
        );
    }
    out.push_str("/// User-defined and unknown fields.\npub extra: Extra,\n}\n\n");
}

fn describe(field: &Field) -> String {
    let mut text = format!("`{}`", field.name);
    let mut facts: Vec<String> = Vec::new();
    if field.field_type == FieldType::Untyped {
        facts.push("no field information".to_owned());
    }
    if field.field_type == FieldType::Date {
        facts.push("a day".to_owned());
    }
    if field.required {
        facts.push("required".to_owned());
    }
    if field.read_only {
        facts.push("read-only".to_owned());
    }
    if field.length != 0 {
        facts.push(format!("at most {} characters", field.length));
    }
    match &field.picklist_parent {
        Some(parent) => facts.push(format!("picklist that depends on `{parent}`")),
        None if field.picklist => facts.push("picklist".to_owned()),
        None => {}
    }
    if let Some(reference) = &field.reference {
        facts.push(format!("refers to `{reference}`"));
    }
    if !field.queryable {
        facts.push("not usable in queries".to_owned());
    }
    if !facts.is_empty() {
        let _ = write!(text, ": {}", facts.join(", "));
    }
    text.push('.');
    text
}

fn flags(field: &Field) -> impl Iterator<Item = &'static str> {
    [
        (field.required, "R"),
        (field.read_only, "RO"),
        (field.queryable, "Q"),
        (field.picklist, "PICK"),
    ]
    .into_iter()
    .filter(|(set, _)| *set)
    .map(|(_, name)| name)
}

fn table(out: &mut String, entity: &Entity) {
    out.push_str("static FIELDS: &[FieldInfo] = &[\n");
    for field in &entity.fields {
        let flags: Vec<&str> = flags(field).collect();
        let flags = if flags.is_empty() {
            "0".to_owned()
        } else {
            flags.join(" | ")
        };
        let _ = write!(
            out,
            "FieldInfo::new(\"{}\", FieldType::{}, {}, {flags})",
            field.name,
            rust_type(field.field_type).0,
            field.length
        );
        if let Some(reference) = &field.reference {
            let _ = write!(out, ".to(\"{reference}\")");
        }
        if let Some(parent) = &field.picklist_parent {
            let _ = write!(out, ".under(\"{parent}\")");
        }
        out.push_str(",\n");
    }
    let _ = writeln!(
        out,
        "];\n\n\
         static INFO: EntityInfo = EntityInfo {{\n\
         name: \"{}\",\nfields: FIELDS,\ncan_create: {},\ncan_update: {},\ncan_delete: {},\n\
         can_query: {},\nhas_user_defined_fields: {},\nhas_field_info: {},\n}};\n",
        entity.name,
        entity.can_create,
        entity.can_update,
        entity.can_delete,
        entity.can_query,
        entity.user_defined_fields,
        entity.has_info
    );
}

fn implementation(out: &mut String, entity: &Entity) {
    let _ = writeln!(
        out,
        "impl Entity for {} {{\nconst INFO: &'static EntityInfo = &INFO;\n",
        entity.rust
    );
    for (signature, kind, borrow) in [
        (
            "fn slot(&self, index: usize) -> Option<Slot<'_>>",
            "Slot",
            "&",
        ),
        (
            "fn slot_mut(&mut self, index: usize) -> Option<SlotMut<'_>>",
            "SlotMut",
            "&mut ",
        ),
    ] {
        let _ = writeln!(out, "{signature} {{\nSome(match index {{");
        for (index, field) in entity.fields.iter().enumerate() {
            let _ = writeln!(
                out,
                "{index} => {kind}::{}({borrow}self.{}),",
                rust_type(field.field_type).0,
                identifier(&field.rust)
            );
        }
        out.push_str("_ => return None,\n})\n}\n\n");
    }
    out.push_str(
        "fn extra(&self) -> &Extra {\n&self.extra\n}\n\n\
         fn extra_mut(&mut self) -> &mut Extra {\n&mut self.extra\n}\n}\n\n",
    );
}

fn constants(out: &mut String, entity: &Entity) {
    let _ = writeln!(
        out,
        "/// Its fields, for queries.\n\
         #[allow(missing_docs)] // Each names the struct's field of the same name.\n\
         impl {} {{",
        entity.rust
    );
    for (index, field) in entity.fields.iter().enumerate() {
        let _ = writeln!(
            out,
            "pub const {}: Field<Self, {}> = Field::new({index});",
            field.rust.to_ascii_uppercase(),
            rust_type(field.field_type).1
        );
    }
    out.push_str("}\n");
}
