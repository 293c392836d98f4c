//! A tenant's user-defined fields and picklists → Rust.

use super::{Files, mark};
use crate::error::Result;
use crate::names::{identifier, is_invisible};
use crate::rustfmt;
use crate::schema::hash;
use crate::tenant::{Entity, Picklist, Tenant, Udf};
use std::fmt::Write as _;
use std::path::PathBuf;

/// How to emit a tenant.
#[derive(Clone, Debug)]
pub struct TenantOptions {
    /// Path of the crate `autotask-soap`. Default: `::autotask_soap`.
    pub crate_path: String,
    /// Path of the module with the entities. Default: `v1_6` of that crate.
    pub entities: Option<String>,
}

impl Default for TenantOptions {
    fn default() -> Self {
        Self {
            crate_path: "::autotask_soap".to_owned(),
            entities: None,
        }
    }
}

/// Typed accessors of user-defined fields and enums of picklists: `mod.rs` and one file per entity.
///
/// The same tenant gives the same files.
///
/// # Errors
///
/// When names collide, or rustfmt is missing or refuses the code.
pub fn tenant(tenant: &Tenant, options: &TenantOptions) -> Result<Files> {
    tenant.check()?;
    let mut root = format!(
        "//! User-defined fields and picklists of one Autotask tenant.\n{}\n",
        mark("a tenant's metadata")
    );
    let mut files = Files::new();
    for entity in &tenant.entities {
        let _ = writeln!(root, "pub mod {};", entity.module);
        let module = entity.module.trim_start_matches("r#");
        files.insert(PathBuf::from(format!("{module}.rs")), file(entity, options));
    }
    files.insert(PathBuf::from("mod.rs"), root);
    rustfmt::format(files, "mod.rs")
}

fn file(entity: &Entity, options: &TenantOptions) -> String {
    let mut out = format!(
        "//! User-defined fields and picklists of `{}`.\n{}\n",
        entity.name,
        mark(&format!(
            "{} of a tenant's metadata,\n// SHA-256 {}",
            entity.name,
            hash(&entity.to_toml())
        ))
    );
    if !entity.udfs.is_empty() {
        user_defined(&mut out, entity, options);
    }
    for picklist in &entity.picklists {
        enumeration(&mut out, entity, picklist, options);
    }
    out
}

/// The type of a user-defined field.
fn udf_type(entity: &Entity, udf: &Udf) -> String {
    let list = entity
        .picklists
        .iter()
        .find(|picklist| picklist.udf && picklist.field == udf.name);
    if let Some(list) = list {
        return list.rust.clone();
    }
    match udf.type_name.to_ascii_lowercase().as_str() {
        "integer" | "int" | "long" | "short" => "i64",
        "double" | "float" | "decimal" => "::rust_decimal::Decimal",
        "datetime" => "::jiff::civil::DateTime",
        "date" => "::jiff::civil::Date",
        "boolean" => "bool",
        _ => "String",
    }
    .to_owned()
}

fn user_defined(out: &mut String, entity: &Entity, options: &TenantOptions) {
    let krate = &options.crate_path;
    let entities = options
        .entities
        .clone()
        .unwrap_or_else(|| format!("{krate}::v1_6"));
    for udf in &entity.udfs {
        let name = udf.rust.to_ascii_uppercase();
        let _ = writeln!(
            out,
            "/// Name of the user-defined field {}, for queries.\npub const {name}: &str = {:?};",
            code(&udf.name),
            udf.name
        );
    }
    let _ = writeln!(
        out,
        "\n/// The user-defined fields of `{}`, typed.\npub trait {}Udfs {{",
        entity.name, entity.rust
    );
    let mut bodies = String::new();
    for udf in &entity.udfs {
        let constant = udf.rust.to_ascii_uppercase();
        let (get, set) = (identifier(&udf.rust), format!("set_{}", udf.rust));
        let ty = udf_type(entity, udf);
        let shown = code(&udf.name);
        let (getter, setter, read, write) = if ty == "String" {
            (
                format!("fn {get}(&self) -> Option<&str>"),
                format!("fn {set}(&mut self, value: Option<&str>)"),
                format!("self.extra.udf({constant}).filter(|text| !text.trim().is_empty())"),
                format!("self.extra.set_udf({constant}, value.map(str::to_owned))"),
            )
        } else {
            (
                format!("fn {get}(&self) -> Result<Option<{ty}>, {krate}::entity::UdfError>"),
                format!("fn {set}(&mut self, value: Option<{ty}>)"),
                format!("self.extra.udf_as({constant})"),
                format!("self.extra.set_udf_as({constant}, value)"),
            )
        };
        let _ = writeln!(out, "/// {shown}; `None` if it is empty.");
        if ty != "String" {
            out.push_str(
                "///\n/// # Errors\n///\n/// When the text of the field is not of the type.\n",
            );
        }
        let _ = writeln!(out, "{getter};\n");
        let _ = writeln!(out, "/// Sets {shown}; `None` empties it.\n{setter};\n");
        let _ = writeln!(bodies, "{getter} {{ {read} }}\n\n{setter} {{ {write}; }}\n");
    }
    let _ = writeln!(
        out,
        "}}\n\nimpl {}Udfs for {entities}::{} {{\n{bodies}}}",
        entity.rust, entity.rust
    );
}

fn enumeration(out: &mut String, entity: &Entity, picklist: &Picklist, options: &TenantOptions) {
    let name = &picklist.rust;
    let field = code(&format!("{}.{}", entity.name, picklist.field));
    let _ = writeln!(out, "\n/// Values of {field}.");
    if let Some(parent) = &picklist.parent {
        let _ = writeln!(
            out,
            "///\n/// Which of them may be chosen depends on {}.",
            code(parent)
        );
    }
    out.push_str(
        "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]\n\
         #[non_exhaustive]\n\
         #[allow(clippy::upper_case_acronyms, reason = \"labels are the tenant's\")]\n",
    );
    let _ = writeln!(out, "pub enum {name} {{");
    for value in &picklist.values {
        let inactive = if value.inactive {
            "; no longer to be set"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "/// {}, stored as {}{inactive}.\n{},",
            code(&value.label),
            code(&value.value),
            value.rust
        );
    }
    let _ = writeln!(out, "}}\n\nimpl {name} {{");
    methods(out, picklist);
    out.push_str("}\n");
    let _ = writeln!(
        out,
        "\nimpl ::std::fmt::Display for {name} {{\n\
         fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {{\n\
         f.pad(self.label())\n}}\n}}"
    );
    traits(out, picklist, options);
}

fn methods(out: &mut String, picklist: &Picklist) {
    let number = picklist.number_type();
    let ty = number.unwrap_or("&'static str");
    let literal = |value: &str| match number {
        Some(_) => value.to_owned(),
        None => format!("{value:?}"),
    };
    let mut list = |doc: &str, head: &str, of: &dyn Fn(usize) -> Option<String>, rest: &str| {
        let _ = writeln!(out, "/// {doc}\npub {head} {{\nmatch self {{");
        for (at, value) in picklist.values.iter().enumerate() {
            if let Some(text) = of(at) {
                let _ = writeln!(out, "Self::{} => {text},", value.rust);
            }
        }
        let _ = writeln!(out, "{rest}}}\n}}\n");
    };
    let values = &picklist.values;
    list(
        "What is stored.",
        &format!("const fn value(self) -> {ty}"),
        &|at| values.get(at).map(|value| literal(&value.value)),
        "",
    );
    list(
        "What people see.",
        "const fn label(self) -> &'static str",
        &|at| values.get(at).map(|value| format!("{:?}", value.label)),
        "",
    );
    list(
        "Whether it may be set anew; others still stand in old records.",
        "const fn is_active(self) -> bool",
        &|at| values.get(at).map(|value| (!value.inactive).to_string()),
        "",
    );
    if picklist.parent.is_some() {
        list(
            "Values of the parent field under which it may be chosen; none if under all.",
            "const fn parents(self) -> &'static [&'static str]",
            &|at| values.get(at).map(|value| format!("&{:?}", value.parents)),
            "",
        );
    }
    let all: Vec<String> = values
        .iter()
        .map(|value| format!("Self::{}", value.rust))
        .collect();
    let _ = writeln!(
        out,
        "/// All values, by what is stored.\npub const ALL: &'static [Self] = &[{}];\n",
        all.join(", ")
    );
    let from = if number.is_some() { ty } else { "&str" };
    let _ = writeln!(
        out,
        "/// The value that is stored like this; `None` if it is newer than this file.\n\
         pub fn from_value(value: {from}) -> Option<Self> {{\n\
         Self::ALL.iter().copied().find(|known| known.value() == value)\n}}"
    );
}

fn traits(out: &mut String, picklist: &Picklist, options: &TenantOptions) {
    let (name, krate) = (&picklist.rust, &options.crate_path);
    if picklist.udf {
        let _ = writeln!(
            out,
            "\nimpl {krate}::entity::UdfValue for {name} {{\n\
             const EXPECTED: &'static str = {:?};\n\n\
             fn from_udf(text: &str) -> Option<Self> {{ Self::from_value(text) }}\n\n\
             fn to_udf(&self) -> String {{ self.value().to_owned() }}\n}}",
            format!(
                "a value of the list '{}' that is known here",
                picklist.field
            )
        );
        return;
    }
    let (own, body, fields): (&str, &str, &[&str]) = match picklist.number_type() {
        // Numbers may be compared with every field of whole numbers.
        Some(number) => (number, "value.value()", &["i16", "i32", "i64"]),
        None => ("String", "value.value().to_owned()", &["String"]),
    };
    let _ = writeln!(
        out,
        "\nimpl From<{name}> for {own} {{\n\
         fn from(value: {name}) -> Self {{ {body} }}\n}}"
    );
    for field in fields {
        let _ = writeln!(
            out,
            "\nimpl {krate}::query::FieldValue<{field}> for {name} {{\n\
             fn into_value(self) -> {krate}::value::Value {{ self.value().into() }}\n}}"
        );
    }
}

/// A text as code in a comment: one line, with nothing that Markdown or the compiler minds.
fn code(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| match c {
            '`' => '\'',
            c if c.is_control() || is_invisible(c) => ' ',
            c => c,
        })
        .collect();
    match clean.trim() {
        "" => "(blank)".to_owned(),
        clean => format!("`{clean}`"),
    }
}
