//! The file form.

use super::{Entity, Picklist, PicklistValue, Tenant};
use crate::error::{Error, Result};
use crate::names::check_unique;
use std::fmt::Write as _;

impl Tenant {
    /// Reads the TOML text.
    ///
    /// # Errors
    ///
    /// When it is not of the form described above, or a name is none in Rust or stands there twice.
    pub fn parse(text: &str) -> Result<Self> {
        let tenant: Self = toml::from_str(text)
            .map_err(|source| Error::format("not a tenant's metadata").because(source))?;
        tenant.check()?;
        Ok(tenant)
    }

    /// Whether all names are such in Rust and none stands there twice.
    pub(crate) fn check(&self) -> Result<()> {
        let modules = self.entities.iter().map(|e| (&*e.module, &*e.name));
        check_unique("tenant", modules)?;
        for entity in &self.entities {
            let scope = &entity.name;
            for name in [&entity.rust, &entity.module] {
                check_identifier(scope, name)?;
            }
            let mut accessors = Vec::new();
            for udf in &entity.udfs {
                check_identifier(scope, &udf.rust)?;
                accessors.push((udf.rust.clone(), udf.name.as_str()));
                accessors.push((format!("set_{}", udf.rust), udf.name.as_str()));
            }
            check_unique(scope, accessors.iter().map(|(rust, name)| (&**rust, *name)))?;
            let enums = entity.picklists.iter().map(|p| (&*p.rust, &*p.field));
            let udfs = format!("{}Udfs", entity.rust);
            check_unique(
                scope,
                enums.chain([(udfs.as_str(), "the user-defined fields")]),
            )?;
            for picklist in &entity.picklists {
                picklist.check(scope)?;
            }
        }
        Ok(())
    }

    /// The TOML text. What [`parse`](Self::parse) reads from it is the same.
    pub fn to_toml(&self) -> String {
        let mut out = String::from(
            "# A tenant's user-defined fields and picklists. Written by `autotask-codegen import\n\
             # --live`; the format is described in the documentation of autotask-codegen.\n",
        );
        for entity in &self.entities {
            out.push('\n');
            out.push_str(&entity.to_toml());
        }
        out
    }
}

impl Picklist {
    fn check(&self, entity: &str) -> Result<()> {
        let scope = format!("{entity}.{}", self.field);
        check_identifier(&scope, &self.rust)?;
        for value in &self.values {
            check_identifier(&scope, &value.rust)?;
            if matches!(&*value.rust, "Self" | "ALL") {
                return Err(Error::format(format!(
                    "{scope}: no value can be called `{}`",
                    value.rust
                )));
            }
            let number = value.value.parse::<i64>();
            if self.number_type().is_some() && number.is_err() {
                return Err(Error::format(format!(
                    "{scope}: `{}` is no {}",
                    value.value, self.type_name
                )));
            }
        }
        let names = self.values.iter().map(|v| (&*v.rust, &*v.value));
        check_unique(&scope, names)?;
        let values = self.values.iter().map(|v| (&*v.value, &*v.rust));
        check_unique(&scope, values)
    }

    fn to_toml(&self, out: &mut String) {
        out.push_str("\n[[entity.picklist]]\n");
        let _ = writeln!(out, "field = {}", quoted(&self.field));
        if self.udf {
            out.push_str("udf = true\n");
        }
        let _ = writeln!(out, "rust = {}", quoted(&self.rust));
        let _ = writeln!(out, "type = {}", quoted(&self.type_name));
        if let Some(parent) = &self.parent {
            let _ = writeln!(out, "parent = {}", quoted(parent));
        }
        out.push_str("values = [\n");
        for value in &self.values {
            let _ = writeln!(out, "    {},", value.to_toml());
        }
        out.push_str("]\n");
    }
}

impl PicklistValue {
    fn to_toml(&self) -> String {
        let mut out = format!(
            "{{ value = {}, rust = {}, label = {}",
            quoted(&self.value),
            quoted(&self.rust),
            quoted(&self.label)
        );
        if self.inactive {
            out.push_str(", inactive = true");
        }
        if !self.parents.is_empty() {
            let parents: Vec<String> = self.parents.iter().map(|p| quoted(p)).collect();
            let _ = write!(out, ", parents = [{}]", parents.join(", "));
        }
        out.push_str(" }");
        out
    }
}

impl Entity {
    pub(crate) fn to_toml(&self) -> String {
        let mut out = String::from("[[entity]]\n");
        let _ = writeln!(out, "name = {}", quoted(&self.name));
        let _ = writeln!(out, "rust = {}", quoted(&self.rust));
        let _ = writeln!(out, "module = {}", quoted(&self.module));
        for udf in &self.udfs {
            out.push_str("\n[[entity.udf]]\n");
            let _ = writeln!(out, "name = {}", quoted(&udf.name));
            let _ = writeln!(out, "rust = {}", quoted(&udf.rust));
            let _ = writeln!(out, "type = {}", quoted(&udf.type_name));
        }
        for picklist in &self.picklists {
            picklist.to_toml(&mut out);
        }
        out
    }
}

/// A basic string of TOML. Labels are people's words and may hold anything.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            // What editors do not show is written so that they do.
            c if c.is_control() || crate::names::is_invisible(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn check_identifier(scope: &str, name: &str) -> Result<()> {
    let plain = name.strip_prefix("r#").unwrap_or(name);
    let starts = plain.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let valid = starts && plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if valid && plain != "_" && crate::names::identifier(name).trim_start_matches("r#") == plain {
        return Ok(());
    }
    Err(Error::format(format!(
        "{scope}: `{name}` is no name in Rust"
    )))
}
