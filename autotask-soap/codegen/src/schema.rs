//! The schema: all that the emitter needs, in a TOML file that people can read and compare.
//!
//! ```toml
//! api_version = "1.6"
//! namespace = "http://autotask.net/ATWS/v1_6/"
//! module = "v1_6"
//! field_info = "1.6.8"
//!
//! [[entity]]
//! name = "TicketNote"
//! rust = "TicketNote"
//! module = "ticket_note"
//! operations = "CQU"
//! fields = [
//!     "id          id          long R RO",
//!     "Description description string(32000) R",
//!     "TicketID    ticket_id   integer R ->Ticket",
//! ]
//! ```
//!
//! A field is one line: wire name, Rust name, type, flags. Types are `integer`, `long`, `short`,
//! `string`, `string(LENGTH)`, `double`, `decimal`, `datetime`, `date` (a day), `boolean` and
//! `untyped` (no field information). Flags are `R` required, `RO` read-only, `noQ` not usable in
//! queries, `pick` picklist, `pick<PARENT` picklist that depends on another field, `->ENTITY`
//! reference, and `info` for a field that only field information has, not the WSDL. `operations`
//! is any of C(reate), Q(uery), U(pdate), D(elete).

use crate::error::{Error, Result};
use crate::names;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// One version of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The version as its namespace has it: `1.6`.
    pub api_version: String,
    /// Namespace of all elements.
    pub namespace: String,
    /// Rust module of its entities.
    pub module: String,
    /// Cargo feature that the module needs; `None` if it is always there.
    pub feature: Option<String>,
    /// The API's own version that the field information came from.
    pub field_info: Option<String>,
    /// Whether that information belongs to another version of the API, and was taken where entity
    /// and field agree.
    pub field_info_borrowed: bool,
    /// Entities, sorted by wire name.
    pub entities: Vec<Entity>,
}

/// One entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Wire name.
    pub name: String,
    /// Type name in Rust.
    pub rust: String,
    /// Module name in Rust.
    pub module: String,
    /// Whether there was field information.
    pub has_info: bool,
    /// What can be done with it.
    pub can_create: bool,
    /// See `can_create`.
    pub can_query: bool,
    /// See `can_create`.
    pub can_update: bool,
    /// See `can_create`.
    pub can_delete: bool,
    /// Whether tenants can add fields.
    pub user_defined_fields: bool,
    /// Fields in wire order, `id` first.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Wire name.
    pub name: String,
    /// Name in Rust, without `r#`.
    pub rust: String,
    /// Its type.
    pub field_type: FieldType,
    /// Greatest length of a string; 0 if none is known.
    pub length: u32,
    /// A new entity must have it.
    pub required: bool,
    /// `update` ignores it.
    pub read_only: bool,
    /// Queries can filter on it.
    pub queryable: bool,
    /// Its values come from a list.
    pub picklist: bool,
    /// The field that the list depends on.
    pub picklist_parent: Option<String>,
    /// The entity that it refers to.
    pub reference: Option<String>,
    /// Only field information has it, not the WSDL.
    pub only_in_info: bool,
}

/// The types of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // They are the names of the schema format, described above.
pub enum FieldType {
    Integer,
    Long,
    Short,
    String,
    Double,
    Decimal,
    DateTime,
    Date,
    Boolean,
    Untyped,
}

const TYPES: &[(&str, FieldType)] = &[
    ("integer", FieldType::Integer),
    ("long", FieldType::Long),
    ("short", FieldType::Short),
    ("string", FieldType::String),
    ("double", FieldType::Double),
    ("decimal", FieldType::Decimal),
    ("datetime", FieldType::DateTime),
    ("date", FieldType::Date),
    ("boolean", FieldType::Boolean),
    ("untyped", FieldType::Untyped),
];

impl FieldType {
    /// By its name in the schema.
    pub fn from_name(name: &str) -> Option<Self> {
        TYPES
            .iter()
            .find(|(have, _)| *have == name)
            .map(|(_, ty)| *ty)
    }

    /// Its name in the schema.
    pub fn name(self) -> &'static str {
        TYPES
            .iter()
            .find(|(_, ty)| *ty == self)
            .map_or("untyped", |(name, _)| name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SchemaFile {
    api_version: String,
    namespace: String,
    module: String,
    feature: Option<String>,
    field_info: Option<String>,
    #[serde(default)]
    field_info_borrowed: bool,
    #[serde(default, rename = "entity")]
    entities: Vec<EntityFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntityFile {
    name: String,
    rust: String,
    module: String,
    /// Missing where there was no field information.
    operations: Option<String>,
    #[serde(default)]
    user_defined_fields: bool,
    fields: Vec<String>,
}

impl Schema {
    /// Reads a schema file's text.
    ///
    /// # Errors
    ///
    /// When it has not the form described above; the message names entity and field. Also when two
    /// entities, or two fields of one, have the same Rust name.
    pub fn parse(text: &str) -> Result<Self> {
        let file: SchemaFile =
            toml::from_str(text).map_err(|source| Error::format("not a schema").because(source))?;
        let schema = Self {
            api_version: file.api_version,
            namespace: file.namespace,
            module: file.module,
            feature: file.feature,
            field_info: file.field_info,
            field_info_borrowed: file.field_info_borrowed,
            entities: file
                .entities
                .into_iter()
                .map(Entity::parse)
                .collect::<Result<_>>()?,
        };
        schema.check()?;
        Ok(schema)
    }

    /// Refuses what would not compile.
    pub(crate) fn check(&self) -> Result<()> {
        names::check_unique(
            "entity modules",
            self.entities
                .iter()
                .map(|entity| (&*entity.module, &*entity.name)),
        )?;
        names::check_unique(
            "entity types",
            self.entities
                .iter()
                .map(|entity| (&*entity.rust, &*entity.name)),
        )?;
        for entity in &self.entities {
            if entity.fields.first().map(|field| &*field.name) != Some("id") {
                return Err(Error::format(format!(
                    "{}: the first field must be `id`",
                    entity.name
                )));
            }
            let own = [
                ("extra", "the crate's own field"),
                ("info", "the crate's own constant"),
            ];
            names::check_unique(
                &entity.name,
                own.into_iter().chain(
                    entity
                        .fields
                        .iter()
                        .map(|field| (&*field.rust, &*field.name)),
                ),
            )?;
        }
        Ok(())
    }

    /// Writes the schema file's text.
    pub fn to_toml(&self) -> String {
        let mut out = String::from(
            "# Entities and fields of the API. Written by `autotask-codegen import`; the format is\n\
             # described in the documentation of autotask-codegen.\n\n",
        );
        let mut key = |name: &str, value: &str| {
            let _ = writeln!(out, "{name} = {}", quoted(value));
        };
        key("api_version", &self.api_version);
        key("namespace", &self.namespace);
        key("module", &self.module);
        if let Some(feature) = &self.feature {
            key("feature", feature);
        }
        if let Some(field_info) = &self.field_info {
            key("field_info", field_info);
        }
        if self.field_info_borrowed {
            out.push_str("field_info_borrowed = true\n");
        }
        for entity in &self.entities {
            out.push('\n');
            out.push_str(&entity.to_toml());
        }
        out
    }

    /// SHA-256 of the schema as [`to_toml`](Self::to_toml) writes it, in hexadecimal.
    pub fn sha256(&self) -> String {
        hash(&self.to_toml())
    }
}

impl Entity {
    fn parse(file: EntityFile) -> Result<Self> {
        let operations = file.operations.as_deref().unwrap_or_default();
        if let Some(unknown) = operations.chars().find(|c| !"CQUD".contains(*c)) {
            return Err(Error::format(format!(
                "{}: unknown operation `{unknown}`",
                file.name
            )));
        }
        let fields = file
            .fields
            .iter()
            .map(|line| Field::parse(line, &file.name))
            .collect::<Result<_>>()?;
        Ok(Self {
            can_create: operations.contains('C'),
            can_query: operations.contains('Q'),
            can_update: operations.contains('U'),
            can_delete: operations.contains('D'),
            has_info: file.operations.is_some(),
            user_defined_fields: file.user_defined_fields,
            name: file.name,
            rust: file.rust,
            module: file.module,
            fields,
        })
    }

    fn to_toml(&self) -> String {
        let mut out = String::from("[[entity]]\n");
        let _ = writeln!(out, "name = {}", quoted(&self.name));
        let _ = writeln!(out, "rust = {}", quoted(&self.rust));
        let _ = writeln!(out, "module = {}", quoted(&self.module));
        if self.has_info {
            let flags = [
                (self.can_create, 'C'),
                (self.can_query, 'Q'),
                (self.can_update, 'U'),
                (self.can_delete, 'D'),
            ];
            let operations: String = flags
                .into_iter()
                .filter(|(can, _)| *can)
                .map(|(_, letter)| letter)
                .collect();
            let _ = writeln!(out, "operations = {}", quoted(&operations));
        }
        if self.user_defined_fields {
            out.push_str("user_defined_fields = true\n");
        }
        out.push_str("fields = [\n");
        for field in &self.fields {
            let _ = writeln!(out, "    {},", quoted(&field.line()));
        }
        out.push_str("]\n");
        out
    }

    /// SHA-256 of the entity's part of the schema, in hexadecimal.
    pub fn sha256(&self) -> String {
        hash(&self.to_toml())
    }
}

impl Field {
    fn parse(line: &str, entity: &str) -> Result<Self> {
        let wrong = |what: &str| Error::format(format!("{entity}: {what} in field line `{line}`"));
        let mut words = line.split_whitespace();
        let (Some(name), Some(rust), Some(kind)) = (words.next(), words.next(), words.next())
        else {
            return Err(wrong("wire name, Rust name or type is missing"));
        };
        let (kind, length) = match kind.strip_suffix(')').and_then(|kind| kind.split_once('(')) {
            Some((kind, length)) => (
                kind,
                length
                    .parse()
                    .map_err(|_| wrong("length is not a number"))?,
            ),
            None => (kind, 0),
        };
        let field_type = FieldType::from_name(kind).ok_or_else(|| wrong("unknown type"))?;
        let mut field = Self {
            name: name.to_owned(),
            rust: rust.to_owned(),
            field_type,
            length,
            required: false,
            read_only: false,
            queryable: true,
            picklist: false,
            picklist_parent: None,
            reference: None,
            only_in_info: false,
        };
        for flag in words {
            match flag {
                "R" => field.required = true,
                "RO" => field.read_only = true,
                "noQ" => field.queryable = false,
                "pick" => field.picklist = true,
                "info" => field.only_in_info = true,
                _ => {
                    if let Some(parent) = flag.strip_prefix("pick<") {
                        field.picklist = true;
                        field.picklist_parent = Some(parent.to_owned());
                    } else if let Some(reference) = flag.strip_prefix("->") {
                        field.reference = Some(reference.to_owned());
                    } else {
                        return Err(wrong(&format!("unknown flag `{flag}`")));
                    }
                }
            }
        }
        Ok(field)
    }

    fn line(&self) -> String {
        let mut line = format!("{} {} {}", self.name, self.rust, self.field_type.name());
        if self.length != 0 {
            let _ = write!(line, "({})", self.length);
        }
        for (set, flag) in [
            (self.required, " R"),
            (self.read_only, " RO"),
            (!self.queryable, " noQ"),
            (self.picklist && self.picklist_parent.is_none(), " pick"),
        ] {
            if set {
                line.push_str(flag);
            }
        }
        if let Some(parent) = &self.picklist_parent {
            let _ = write!(line, " pick<{parent}");
        }
        if let Some(reference) = &self.reference {
            let _ = write!(line, " ->{reference}");
        }
        if self.only_in_info {
            line.push_str(" info");
        }
        line
    }
}

/// A TOML string. Wire names hold no control characters; `import` sees to it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

pub(crate) fn hash(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
api_version = "1.6"
namespace = "urn:x"
module = "v1_6"
[[entity]]
name = "Note"
rust = "Note"
module = "note"
operations = "CQ"
fields = [
    "id id long R RO",
    "Kind kind integer R noQ pick<Group ->Other info",
    "Text text string(10)",
    "Odd odd untyped",
]
"#;

    #[test]
    fn a_schema_survives_its_own_format() {
        let schema = Schema::parse(TEXT).unwrap();
        let kind = &schema.entities[0].fields[1];
        assert_eq!(kind.picklist_parent.as_deref(), Some("Group"));
        assert_eq!(kind.reference.as_deref(), Some("Other"));
        assert!(kind.required && !kind.read_only && !kind.queryable && kind.only_in_info);
        assert_eq!(schema.entities[0].fields[2].length, 10);
        assert_eq!(Schema::parse(&schema.to_toml()).unwrap(), schema);
    }

    #[test]
    fn mistakes_name_entity_and_line() {
        for (from, to, want) in [
            ("string(10)", "text(10)", "unknown type"),
            ("string(10)", "string(ten)", "length is not a number"),
            ("odd untyped", "odd untyped X", "unknown flag `X`"),
            ("Odd odd untyped", "Odd odd", "is missing"),
            ("\"CQ\"", "\"CX\"", "unknown operation `X`"),
            ("Odd odd", "Odd text", "would both be `text`"),
            ("Odd odd", "Odd extra", "would both be `extra`"),
            ("\"id id long R RO\",", "", "the first field must be `id`"),
        ] {
            let error = Schema::parse(&TEXT.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(want) && error.contains("Note"),
                "{want}: {error}"
            );
        }
        assert!(Schema::parse(&TEXT.replace("rust =", "rusty =")).is_err());
    }
}
