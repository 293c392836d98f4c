//! Links into the UI: they lead to the record, as JSON.

use crate::{
    process::{HttpCall, HttpReply},
    record::{Record, Val},
    shared::{Shared, lock},
};

/// ExecuteCommand's codes with the entity that they open, its parameters and the fields that those
/// name; an empty field is the id.
const COMMANDS: &[(&str, &str, Parameters)] = &[
    ("OpenTicketDetail", "Ticket", TICKET),
    ("OpenTicketTime", "Ticket", TICKET),
    ("OpenAccount", "Account", &[("AccountID", "")]),
    ("OpenContact", "Contact", &[("ContactID", "")]),
    (
        "OpenTaskDetail",
        "Task",
        &[("TaskID", ""), ("TaskNumber", "TaskNumber")],
    ),
    ("OpenProject", "Project", &[("ProjectID", "")]),
    ("OpenContract", "Contract", &[("ContractID", "")]),
    ("OpenOpportunity", "Opportunity", &[("OpportunityID", "")]),
    ("OpenInstalledProduct", "InstalledProduct", DEVICE),
    ("EditInstalledProduct", "InstalledProduct", DEVICE),
];

/// Pages that are addressed directly.
const PAGES: &[(&str, &str, Parameters)] = &[
    ("/mvc/servicedesk/ticketdetail.mvc", "Ticket", TICKET),
    (
        "/mvc/servicedesk/ticketdetail.mvc/ticketbyticketnumber",
        "Ticket",
        TICKET,
    ),
    ("/mvc/projects/taskdetail.mvc", "Task", &[("TaskID", "")]),
    (
        "/mvc/crm/accountdetail.mvc",
        "Account",
        &[("AccountID", "")],
    ),
];

type Parameters = &'static [(&'static str, &'static str)];
const TICKET: Parameters = &[("TicketID", ""), ("TicketNumber", "TicketNumber")];
const DEVICE: Parameters = &[("InstalledProductID", "")];

pub(super) fn answer(shared: &Shared, http: &HttpCall) -> HttpReply {
    match target(shared, http) {
        Ok(value) => HttpReply::new(200, "application/json", format!("{value:#}\n")),
        Err(error) => HttpReply::new(404, "text/plain; charset=utf-8", error),
    }
}

fn target(shared: &Shared, http: &HttpCall) -> Result<serde_json::Value, String> {
    let path = http.path.to_ascii_lowercase();
    let command = path == "/autotask/autotaskextend/executecommand.aspx";
    let (table, wanted) = if command {
        let code = parameter(&http.query, "Code").ok_or("the link has no Code")?;
        (COMMANDS, code)
    } else {
        (PAGES, path)
    };
    let (_, entity, parameters) = table
        .iter()
        .find(|(name, _, _)| name.eq_ignore_ascii_case(&wanted))
        .ok_or_else(|| format!("the simulated UI knows no {wanted}"))?;
    let (field, value) = parameters
        .iter()
        .find_map(|(name, field)| Some((*field, parameter(&http.query, name)?)))
        .ok_or_else(|| format!("the link names no {entity}"))?;
    let fits = |record: &Record| match field {
        "" => record.id.to_string() == value,
        field => record.get(field).map(Val::plain).as_deref() == Some(value.as_str()),
    };
    let found = lock(&shared.tenant)
        .rows(entity)
        .map(|row| &row.record)
        .find(|record| fits(record))
        .cloned()
        .ok_or_else(|| format!("no {entity} {value}"))?;
    if *entity == "Ticket" {
        return super::ticket(shared, &found.id.to_string());
    }
    Ok(super::record_json(&found))
}

fn parameter(query: &str, name: &str) -> Option<String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| decode(value))
}

/// `%41` is an A, and `+` is a blank.
fn decode(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let hex = |bytes: &mut std::str::Bytes<'_>| {
            let pair = [bytes.next()?, bytes.next()?];
            u8::from_str_radix(std::str::from_utf8(&pair).ok()?, 16).ok()
        };
        match byte {
            b'+' => out.push(b' '),
            b'%' => out.extend(hex(&mut bytes)),
            other => out.push(other),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
