//! What the tenant holds, as pages for a browser.

use crate::{
    catalogue::{self, ENTITIES, EntityDef},
    process::HttpReply,
    record::Record,
    shared::{Shared, lock},
    soap::xml::escape_into,
    tenant::Tenant,
};
use std::fmt::Write as _;

const STYLE: &str = "body{font:14px/1.4 sans-serif;margin:1.5em}table{border-collapse:collapse}\
                     td,th{border:1px solid #ccc;padding:.2em .5em;text-align:left;\
                     vertical-align:top;white-space:pre-wrap}th{background:#eee}";
/// Rows of one page; JSON gives all.
const ROWS: usize = 200;

fn escaped(text: &str) -> String {
    let mut out = String::new();
    escape_into(&mut out, text);
    out
}

/// A page; the title is escaped here, the body by whoever made it.
fn page(title: &str, body: &str) -> HttpReply {
    let title = escaped(title);
    let mut reply = HttpReply::new(
        200,
        "text/html; charset=utf-8",
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><p><a href=\"/_sim/view\">Simulated tenant</a></p>\
             <h1>{title}</h1>{body}</body></html>\n"
        ),
    );
    reply.header = Some((
        "content-security-policy",
        "default-src 'none'; style-src 'unsafe-inline'".to_owned(),
    ));
    reply
}

/// The page of those parts of a path, if there is one.
pub(super) fn answer(shared: &Shared, parts: &[&str]) -> Option<HttpReply> {
    let tenant = lock(&shared.tenant);
    match parts {
        [] => Some(overview(&tenant)),
        [entity] => Some(list(&tenant, catalogue::entity(entity)?)),
        [entity, id] => {
            let def = catalogue::entity(entity)?;
            let record = tenant.get(def.name, id.parse().ok()?)?;
            Some(one(&tenant, record))
        }
        _ => None,
    }
}

fn overview(tenant: &Tenant) -> HttpReply {
    let mut body = format!(
        "<p>Database {}. In JSON: <a href=\"/_sim/tenant\">the tenant</a>, \
         <a href=\"/_sim/calls\">the calls</a>, <a href=\"/_sim/faults\">waiting faults</a>, \
         <a href=\"/_sim/settings\">settings</a>; <a href=\"/_sim/help\">all addresses</a>.</p>\
         <table><tr><th>Entity</th><th>Records</th></tr>",
        tenant.ci
    );
    for def in ENTITIES {
        let count = tenant.rows(def.name).count();
        if count > 0 {
            let name = def.name;
            let _ = write!(
                body,
                "<tr><td><a href=\"/_sim/view/{name}\">{name}</a></td><td>{count}</td></tr>"
            );
        }
    }
    body.push_str("</table>");
    page("Simulated Autotask tenant", &body)
}

/// The newest records first.
fn list(tenant: &Tenant, def: &'static EntityDef) -> HttpReply {
    let mut records: Vec<&Record> = tenant.rows(def.name).map(|row| &row.record).collect();
    records.reverse();
    let mut body = format!(
        "<p>{} records; <a href=\"/_sim/records/{}\">all in JSON</a></p>",
        records.len(),
        def.name
    );
    records.truncate(ROWS);
    body.push_str(&table(def, &records));
    page(def.name, &body)
}

/// A table with the columns that any of the records fills.
fn table(def: &EntityDef, records: &[&Record]) -> String {
    let columns: Vec<&str> = def
        .fields
        .iter()
        .map(|field| field.name)
        .filter(|name| records.iter().any(|record| record.get(name).is_some()))
        .collect();
    let mut out = String::from("<table><tr><th>id</th>");
    for column in &columns {
        let _ = write!(out, "<th>{column}</th>");
    }
    out.push_str("</tr>");
    for record in records {
        let (name, id) = (def.name, record.id);
        let _ = write!(
            out,
            "<tr><td><a href=\"/_sim/view/{name}/{id}\">{id}</a></td>"
        );
        for column in &columns {
            let text = record
                .get(column)
                .map(crate::Val::plain)
                .unwrap_or_default();
            let _ = write!(out, "<td>{}</td>", escaped(&text));
        }
        out.push_str("</tr>");
    }
    out.push_str("</table>");
    out
}

fn one(tenant: &Tenant, record: &Record) -> HttpReply {
    let mut body = String::from("<table>");
    let udfs = record.udfs.iter().map(|(name, text)| (name, text.clone()));
    let fields = record
        .fields
        .iter()
        .map(|(name, value)| (name, value.plain()));
    for (name, text) in fields.chain(udfs) {
        let (name, text) = (escaped(name), escaped(&text));
        let _ = write!(body, "<tr><th>{name}</th><td>{text}</td></tr>");
    }
    body.push_str("</table>");
    if record.entity == "Ticket" {
        for (heading, entity, key) in [
            ("Notes", "TicketNote", "TicketID"),
            ("Time entries", "TimeEntry", "TicketID"),
            ("Attachments", "AttachmentInfo", "ParentID"),
        ] {
            let Some(def) = catalogue::entity(entity) else {
                continue;
            };
            let records: Vec<&Record> = tenant
                .rows(entity)
                .map(|row| &row.record)
                .filter(|other| other.int(key) == Some(record.id))
                .collect();
            let _ = write!(body, "<h2>{heading}</h2>{}", table(def, &records));
        }
    }
    let title = match record.text("Title") {
        "" => format!("{} {}", record.entity, record.id),
        title => format!("{} {}: {title}", record.entity, record.id),
    };
    page(&title, &body)
}
