//! Records: those that a query finds, and one by its id.

use super::{
    Failure, Outcome,
    cli::{GetArgs, QueryArgs, ShownArgs},
    connect::Connection,
    expression,
    kinds::{self, Asked, Kind, QueryCall, Record},
    output::{Column, Printer, one_line},
    value::{self, Json},
};
use crate::tool::input::read_text;
use autotask_soap::{
    entity::{EntityInfo, FieldType},
    ops::PAGE_SIZE,
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use std::{collections::HashSet, io::Read};

/// A record as JSON: its fields, or those of them that are wanted.
struct Shown<'a> {
    record: &'a Record,
    wanted: &'a [&'static str],
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.wanted.is_empty() {
            for name in self.wanted {
                map.serialize_entry(name, &self.record.get(name).map(Json))?;
            }
            return map.end();
        }
        for (name, value) in &self.record.fields {
            map.serialize_entry(name, &Json(value))?;
        }
        for (name, value) in &self.record.unknown {
            map.serialize_entry(name, &Json(value))?;
        }
        if !self.record.user_defined.is_empty() {
            map.serialize_entry("UserDefinedFields", &UserDefined(self.record))?;
        }
        map.end()
    }
}

struct UserDefined<'a>(&'a Record);

impl Serialize for UserDefined<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = self.0.user_defined.iter();
        serializer.collect_map(fields.map(|udf| (&udf.name, &udf.value)))
    }
}

/// The fields that were asked for, as they are called on the wire.
fn wanted(info: &'static EntityInfo, arguments: &ShownArgs) -> Outcome<Vec<&'static str>> {
    let names = arguments.fields.iter().map(|name| name.trim());
    names
        .map(|name| match info.field(name) {
            Some(field) => Ok(field.name),
            None => Err(Failure::Usage(value::no_field(info, name))),
        })
        .collect()
}

/// The columns of a table: the fields that were asked for, or those that every record has.
fn columns(info: &'static EntityInfo, wanted: &[&'static str]) -> Vec<Column> {
    let fields = info.fields.iter().filter(|field| match wanted {
        [] => field.required || field.name == "id",
        wanted => wanted.contains(&field.name),
    });
    let mut columns: Vec<Column> = fields
        .map(|field| {
            let width = match field.field_type {
                FieldType::String => 32,
                FieldType::DateTime => 20,
                _ => 10,
            };
            (field.name, width.max(field.name.len()))
        })
        .collect();
    if !wanted.is_empty() {
        columns.sort_by_key(|(name, _)| wanted.iter().position(|wanted| wanted == name));
    }
    columns
}

pub(super) async fn query(
    connection: &Connection,
    arguments: &QueryArgs,
    input: &mut dyn Read,
    printer: &mut Printer<'_>,
) -> Outcome {
    let kind = kinds::find(&arguments.entity)?;
    let wanted = wanted(kind.info(), &arguments.shown)?;
    let text = match arguments.expression.as_deref() {
        Some("-") => read_text(input)?,
        given => given.unwrap_or_default().to_owned(),
    };
    let asked = if arguments.xml {
        kind.query_xml(&text)?
    } else {
        let condition = expression::parse(&text, kind.info(), connection.wire_zone());
        kind.query(&condition.map_err(Failure::Usage)?)?
    };
    let columns = columns(kind.info(), &wanted);
    let mut pages = Pages {
        connection,
        kind,
        waiting: asked.portions(),
        after: None,
        is_full: false,
    };
    pages.waiting.retain(|portion| !portion.is_never());
    pages.waiting.reverse();
    // Several portions can find the same record.
    let mut seen = HashSet::new();
    let mut count = 0;
    while let Some(page) = pages.next(printer).await? {
        for record in &page {
            if record.id.is_some_and(|id| !seen.insert(id)) {
                continue;
            }
            count += 1;
            if printer.is_table() {
                let cells = columns.iter().map(|(name, _)| cell(record, name));
                printer.row(&columns, &cells.collect::<Vec<_>>())?;
            } else {
                let wanted = wanted.as_slice();
                printer.json(&Shown { record, wanted })?;
            }
        }
        if !arguments.all && (pages.is_full || count >= PAGE_SIZE) {
            if !pages.waiting.is_empty() {
                printer.note(&format!(
                    "these are {count} records, and there may be more: --all gives all"
                ))?;
            }
            return Ok(());
        }
    }
    if count == 0 && !connection.is_dry_run() {
        printer.nothing()?;
    }
    Ok(())
}

fn cell(record: &Record, name: &str) -> String {
    let text = record.get(name).map(value::text).unwrap_or_default();
    one_line(&text)
}

/// The way through the portions and pages of a query.
struct Pages<'a> {
    connection: &'a Connection,
    kind: &'static dyn Kind,
    /// Portions that are not finished; the last is the current one.
    waiting: Vec<Box<dyn Asked>>,
    /// The last id that the current portion gave.
    after: Option<i64>,
    /// Whether the last page was full.
    is_full: bool,
}

impl Pages<'_> {
    /// The next page; `None` after the last.
    async fn next(&mut self, printer: &mut Printer<'_>) -> Outcome<Option<Vec<Record>>> {
        let Some(portion) = self.waiting.last() else {
            return Ok(None);
        };
        let zone = self.connection.wire_zone();
        let xml = match self.after {
            Some(id) => portion.after(id).xml(zone)?,
            None => portion.xml(zone)?,
        };
        let call = QueryCall {
            kind: self.kind,
            xml,
        };
        // In a dry run nobody knows whether there are more.
        let page = self
            .connection
            .send(&call, printer)
            .await?
            .unwrap_or_default();
        self.is_full = page.len() >= PAGE_SIZE;
        if self.is_full {
            let last = page.iter().filter_map(|record| record.id).max();
            if last <= self.after {
                let what = "the server gives the same records again, so the rest cannot be had";
                return Err(Failure::Failed(what.to_owned()));
            }
            self.after = last;
        } else {
            self.waiting.pop();
            self.after = None;
        }
        Ok(Some(page))
    }
}

pub(super) async fn get(
    connection: &Connection,
    arguments: &GetArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let kind = kinds::find(&arguments.entity)?;
    let info = kind.info();
    let wanted = wanted(info, &arguments.shown)?;
    let xml = kind.by_id(arguments.id).xml(connection.wire_zone())?;
    let Some(found) = connection.send(&QueryCall { kind, xml }, printer).await? else {
        return Ok(());
    };
    let Some(record) = found.first() else {
        return Err(Failure::Failed(format!(
            "there is no {} {}, or the API user may not see it",
            info.name, arguments.id
        )));
    };
    if !printer.is_table() {
        let wanted = wanted.as_slice();
        return printer.json(&Shown { record, wanted });
    }
    let fields = record.fields.iter().map(|(name, value)| (*name, value));
    let unknown = record.unknown.iter();
    let unknown = unknown.map(|(name, value)| (name.as_str(), value));
    let mut lines: Vec<(&str, String)> = fields
        .chain(unknown)
        .map(|(name, value)| (name, one_line(&value::text(value))))
        .collect();
    if wanted.is_empty() {
        let udfs = record.user_defined.iter();
        lines.extend(udfs.map(|udf| {
            let value = udf.value.as_deref().unwrap_or_default();
            (udf.name.as_str(), one_line(value))
        }));
    } else {
        lines.retain(|(name, _)| wanted.contains(name));
    }
    printer.lines(&lines)
}
