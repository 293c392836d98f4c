//! What a version has beside its entities: the module file and the enum of all entities.

use super::{Options, mark_schema};
use crate::names::identifier;
use crate::schema::Schema;
use std::fmt::Write as _;

pub(super) fn version(schema: &Schema, options: &Options) -> String {
    let mut out = format!(
        "//! The {} entities of ATWS {}.\n{}\n",
        schema.entities.len(),
        schema.api_version,
        mark_schema(schema)
    );
    out.push_str("mod any_entity;\n");
    for entity in &schema.entities {
        let _ = writeln!(out, "mod {};", identifier(&entity.module));
    }
    out.push_str("\npub use any_entity::{AnyEntity, ENTITIES};\n");
    for entity in &schema.entities {
        let _ = writeln!(
            out,
            "pub use {}::{};",
            identifier(&entity.module),
            entity.rust
        );
    }
    let _ = writeln!(
        out,
        "\n/// Namespace of all elements of this version.\npub const NAMESPACE: &str = \"{}\";",
        schema.namespace
    );
    if options.yaserde {
        let krate = &options.crate_path;
        let _ = writeln!(
            out,
            "\n#[cfg(feature = \"yaserde\")]\n{krate}::yaserde::implement! {{\n    NAMESPACE;"
        );
        for entity in &schema.entities {
            let _ = writeln!(out, "    {},", entity.rust);
        }
        out.push_str("}\n");
    }
    out
}

pub(super) fn any_entity(schema: &Schema, options: &Options) -> String {
    let krate = &options.crate_path;
    let version = &schema.api_version;
    let mut out = format!(
        "//! All entities of ATWS {version}.\n{}\n",
        mark_schema(schema)
    );
    let _ = writeln!(
        out,
        "use super::*;\n\
         use {krate}::entity::{{DynEntity, Entity, EntityInfo, EntityUnion, UnknownEntity}};\n\n\
         /// Descriptions of all entities of ATWS {version}, sorted by name.\n\
         pub static ENTITIES: &[&EntityInfo] = &["
    );
    for entity in &schema.entities {
        let _ = writeln!(out, "{}::INFO,", entity.rust);
    }
    let _ = writeln!(
        out,
        "];\n\n\
         /// An entity of any type of ATWS {version}.\n\
         #[derive(Clone, Debug, PartialEq)]\n\
         #[non_exhaustive]\n\
         #[allow(missing_docs)] // Each variant holds the entity of its name.\n\
         pub enum AnyEntity {{"
    );
    for entity in &schema.entities {
        let _ = writeln!(out, "{0}(Box<{0}>),", entity.rust);
    }
    out.push_str(
        "/// A type that this version of the crate does not know.\nUnknown(UnknownEntity),\n}\n\n",
    );

    out.push_str(
        "impl EntityUnion for AnyEntity {\n\
         fn empty(type_name: &str) -> Option<Self> {\nSome(match type_name {\n",
    );
    for entity in &schema.entities {
        let _ = writeln!(
            out,
            "\"{}\" => Self::{}(Box::default()),",
            entity.name, entity.rust
        );
    }
    out.push_str(
        "_ => return None,\n})\n}\n\n\
         fn unknown(entity: UnknownEntity) -> Self {\nSelf::Unknown(entity)\n}\n\n",
    );
    for (signature, borrow) in [
        ("fn as_dyn(&self) -> Option<&dyn DynEntity>", "&**"),
        (
            "fn as_dyn_mut(&mut self) -> Option<&mut dyn DynEntity>",
            "&mut **",
        ),
    ] {
        let _ = writeln!(out, "{signature} {{\nSome(match self {{");
        for entity in &schema.entities {
            let _ = writeln!(out, "Self::{}(entity) => {borrow}entity,", entity.rust);
        }
        out.push_str("Self::Unknown(_) => return None,\n})\n}\n\n");
    }
    out.push_str("}\n");
    out
}
