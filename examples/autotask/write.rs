//! New records.

use super::{
    Failure, Outcome,
    cli::CreateArgs,
    connect::Connection,
    kinds::{CreateCall, Kind},
    output::Printer,
    value,
};
use autotask_soap::{
    Metadata,
    entity::{EntityInfo, FieldInfo, FieldType, Udf},
    value::Value,
};
use serde::Serialize;

/// What was stored.
#[derive(Serialize)]
struct Stored<'a> {
    entity: &'a str,
    id: i64,
    /// There can be several: a time entry can be stored in parts.
    ids: &'a [i64],
    /// What the server remarked nonetheless.
    remarks: Vec<String>,
}

/// A field and its value, both as they were given.
type Given<'a> = (&'static FieldInfo, &'a str);

pub(super) async fn create(
    connection: &Connection,
    arguments: &CreateArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let kind = super::kinds::find(&arguments.entity)?;
    let info = kind.info();
    let mut given: Vec<Given<'_>> = Vec::new();
    let mut udfs: Vec<Udf> = Vec::new();
    for (name, text) in &arguments.fields {
        let twice = || Failure::Usage(format!("{name} is given twice"));
        if let Some(name) = name.strip_prefix("udf:") {
            if udfs.iter().any(|udf| udf.name == name) {
                return Err(twice());
            }
            udfs.push(Udf {
                name: name.to_owned(),
                value: Some(text.clone()),
            });
            continue;
        }
        let field = info
            .field(name)
            .ok_or_else(|| Failure::Usage(value::no_field(info, name)))?;
        if given.iter().any(|(other, _)| other.name == field.name) {
            return Err(twice());
        }
        given.push((field, text));
    }
    let metadata = Metadata::new(connection.client.clone());
    let mut own = Vec::new();
    for (field, text) in &given {
        let parent = match field.picklist_parent {
            Some(parent) => match given.iter().find(|(field, _)| field.name == parent) {
                Some((field, text)) => Some(choose(&metadata, info, field, text, None).await?),
                None => None,
            },
            None => None,
        };
        let parent = parent.map(|value| value::text(&value));
        let value = match choose(&metadata, info, field, text, parent.as_deref()).await? {
            Value::String(text) => value::typed(info, field, &text, connection.wire_zone()),
            chosen => Ok(chosen),
        };
        let value = value.map_err(Failure::Usage)?;
        own.push((field.name, value));
    }
    let ignored = given.iter().filter(|(field, _)| field.read_only);
    for (field, _) in ignored {
        printer.note(&format!(
            "{}.{} is read-only: the server may ignore it",
            info.name, field.name
        ))?;
    }
    store(connection, kind, &own, &udfs, printer).await
}

/// Whether the text must be one of the picklist's labels, because it is no value.
fn is_label(field: &FieldInfo, text: &str) -> bool {
    field.picklist && field.field_type != FieldType::String && text.trim().parse::<i64>().is_err()
}

/// The number that a label stands for in a picklist; every other text as it is.
pub(super) async fn choose(
    metadata: &Metadata,
    info: &EntityInfo,
    field: &FieldInfo,
    text: &str,
    parent: Option<&str>,
) -> Outcome<Value> {
    if !is_label(field, text) {
        return Ok(Value::String(text.to_owned()));
    }
    let value = metadata.value(info.name, field.name, text, parent).await?;
    Ok(match value.number() {
        Some(number) => Value::Integer(number),
        None => Value::String(value.value),
    })
}

/// Checks a record, sends it once, and prints what became of it.
pub(super) async fn store(
    connection: &Connection,
    kind: &'static dyn Kind,
    own: &[(&'static str, Value)],
    udfs: &[Udf],
    printer: &mut Printer<'_>,
) -> Outcome {
    let entity = kind.info().name;
    let record = kind.new_record(own, udfs)?;
    record.check()?;
    let call = CreateCall { kind, record };
    let look = || look_for(entity, own);
    let Some(created) = connection.write(&call, look, printer).await? else {
        return Ok(());
    };
    stored(
        &Stored {
            entity,
            id: created.id,
            ids: &created.ids,
            remarks: created.remarks.iter().map(ToString::to_string).collect(),
        },
        printer,
    )
}

/// Says that one record was stored.
pub(super) fn stored_one(entity: &str, id: i64, printer: &mut Printer<'_>) -> Outcome {
    stored(
        &Stored {
            entity,
            id,
            ids: &[id],
            remarks: Vec::new(),
        },
        printer,
    )
}

fn stored(stored: &Stored<'_>, printer: &mut Printer<'_>) -> Outcome {
    let ids: Vec<String> = stored.ids.iter().map(ToString::to_string).collect();
    printer.single(
        stored,
        &[
            ("Stored", stored.entity.to_owned()),
            ("Id", ids.join(", ")),
            ("Remarks", stored.remarks.join("; ")),
        ],
    )
}

/// The command that shows whether a record with these fields is there.
pub(super) fn look_for(entity: &str, own: &[(&'static str, Value)]) -> String {
    let tests = own.iter().filter_map(|(name, value)| match value {
        Value::Integer(number) => Some(format!("{name} = {number}")),
        // What shells take apart is left out.
        Value::String(text) if text.len() <= 80 && !text.contains(['\'', '"', '\\', '\n']) => {
            Some(format!("{name} = \"{text}\""))
        }
        _ => None,
    });
    let tests: Vec<String> = tests.collect();
    format!("autotask query {entity} '{}'", tests.join(" and "))
}
