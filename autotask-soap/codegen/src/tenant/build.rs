//! From what the server says to named things.

use super::{Entity, Picklist, PicklistValue, Tenant, Udf};
use crate::names;
use std::collections::BTreeMap;

/// A field as the server describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Wire name, or the tenant's name of a user-defined field.
    pub name: String,
    /// The server's name of its type.
    pub type_name: String,
    /// Whether its values come from a picklist.
    pub picklist: bool,
    /// The field that the picklist depends on.
    pub parent: Option<String>,
    /// The values of the picklist.
    pub values: Vec<Value>,
}

/// A value of a picklist as the server describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// What is stored.
    pub value: String,
    /// What people see.
    pub label: String,
    /// Whether it may be set.
    pub active: bool,
    /// Value of the parent field under which it may be chosen.
    pub parent: Option<String>,
}

impl Tenant {
    /// Adds an entity from its own and its user-defined fields. Gives one sentence for each thing
    /// that the caller should know.
    ///
    /// The same description gives the same result, whatever order the server writes in. Of things
    /// whose names would be the same in Rust, the second and all further ones get a number; first is
    /// the lower value, or the name that comes first in the alphabet.
    pub fn add(&mut self, name: &str, fields: &[Field], user_defined: &[Field]) -> Vec<String> {
        let mut notes = Vec::new();
        let rust = names::type_name(name);
        let mut udfs: Vec<Udf> = user_defined
            .iter()
            .map(|field| Udf {
                name: field.name.clone(),
                rust: names::accessor(&field.name),
                type_name: field.type_name.clone(),
            })
            .collect();
        udfs.sort_by(|a, b| a.name.cmp(&b.name));
        udfs.dedup_by(|a, b| a.name == b.name);
        let wanted: Vec<String> = udfs.iter().map(|udf| udf.rust.clone()).collect();
        // The accessor `set_x` of `x` must not meet a field of that name.
        let unique = names::number(&wanted, "_", |name| {
            vec![name.to_owned(), format!("set_{name}")]
        });
        for (udf, unique) in udfs.iter_mut().zip(unique) {
            udf.rust = unique;
        }

        let mut picklists = Vec::new();
        let own = fields.iter().map(|field| (field, false));
        let all = own.chain(user_defined.iter().map(|field| (field, true)));
        for (field, udf) in all.filter(|(field, _)| field.picklist) {
            if field.values.is_empty() {
                notes.push(format!("{name}.{}: the picklist is empty", field.name));
                continue;
            }
            picklists.push(picklist(&rust, field, udf, &mut notes, name));
        }
        picklists.sort_by(|a, b| (a.udf, &a.field).cmp(&(b.udf, &b.field)));
        let mut wanted: Vec<String> = vec![format!("{rust}Udfs")];
        wanted.extend(picklists.iter().map(|picklist| picklist.rust.clone()));
        let unique = names::number(&wanted, "", |name| vec![name.to_owned()]);
        for (picklist, unique) in picklists.iter_mut().zip(unique.into_iter().skip(1)) {
            picklist.rust = unique;
        }

        if udfs.is_empty() && picklists.is_empty() {
            notes.push(format!("{name}: neither user-defined fields nor picklists"));
        }
        self.entities.retain(|entity| entity.name != name);
        self.entities.push(Entity {
            name: name.to_owned(),
            module: names::identifier(&names::snake_case(name)),
            rust,
            udfs,
            picklists,
        });
        self.entities.sort_by(|a, b| a.name.cmp(&b.name));
        notes
    }
}

fn picklist(
    entity: &str,
    field: &Field,
    udf: bool,
    notes: &mut Vec<String>,
    name: &str,
) -> Picklist {
    // A value can stand there once for each value of the parent field.
    let mut by_value: BTreeMap<(Option<i64>, String), PicklistValue> = BTreeMap::new();
    for value in &field.values {
        let stored = value.value.trim().to_owned();
        let key = (stored.parse().ok(), stored.clone());
        let entry = by_value.entry(key).or_insert_with(|| PicklistValue {
            value: stored,
            rust: names::variant(&value.label, &value.value),
            label: value.label.trim().to_owned(),
            inactive: !value.active,
            parents: Vec::new(),
        });
        entry.inactive &= !value.active;
        entry.parents.extend(value.parent.clone());
        entry.parents.sort();
        entry.parents.dedup();
    }
    let mut values: Vec<PicklistValue> = by_value.into_values().collect();
    let wanted: Vec<String> = values.iter().map(|value| value.rust.clone()).collect();
    let unique = names::number(&wanted, "", |name| vec![name.to_owned()]);
    for (value, unique) in values.iter_mut().zip(unique) {
        if unique != value.rust {
            notes.push(format!(
                "{name}.{}: '{}' ({}) is {unique}, because its label is taken",
                field.name, value.label, value.value
            ));
        }
        value.rust = unique;
    }
    let mut made = Picklist {
        field: field.name.clone(),
        udf,
        rust: format!("{entity}{}", names::variant(&field.name, "")),
        type_name: field.type_name.to_ascii_lowercase(),
        parent: field.parent.clone(),
        values,
    };
    let fits = |value: &PicklistValue| match made.number_type() {
        Some("i16") => value.value.parse::<i16>().is_ok(),
        Some("i32") => value.value.parse::<i32>().is_ok(),
        Some(_) => value.value.parse::<i64>().is_ok(),
        None => true,
    };
    if let Some(misfit) = made.values.iter().find(|value| !fits(value)) {
        notes.push(format!(
            "{name}.{}: '{}' is no {}, so that its values are texts",
            field.name, misfit.value, made.type_name
        ));
        made.type_name = "string".to_owned();
    }
    made
}
