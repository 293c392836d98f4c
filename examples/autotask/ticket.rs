//! What is written on tickets: notes, time and files.

use super::{
    Failure, Outcome,
    cli::{AttachArgs, NoteArgs, TimeArgs},
    connect::Connection,
    kinds,
    output::Printer,
    write::{choose, look_for, store, stored_one},
};
use crate::tool::input::{open, read_text, unreadable};
use autotask_soap::{
    AttachmentParent, MAX_ATTACHMENT_BYTES, Metadata, NewAttachment,
    entity::{Entity, Field},
    lookup::{Among, TicketKey},
    ops::CreateAttachment,
    v1_6::{AttachmentInfo, Ticket, TicketNote, TimeEntry},
    value::Value,
};
use jiff::SignedDuration;
use std::io::Read;

/// The ticket's id; a number is looked up.
async fn ticket_id(connection: &Connection, ticket: &str) -> Outcome<i64> {
    match TicketKey::parse(ticket) {
        TicketKey::Id(id) => Ok(id),
        number => {
            let ticket = connection.client.find_ticket(number).await?.require()?;
            id_of(&ticket)
        }
    }
}

fn id_of<E: Entity>(record: &E) -> Outcome<i64> {
    record.record_id().ok_or_else(|| {
        let what = format!("the server gave a {} without its id", E::INFO.name);
        Failure::Failed(what)
    })
}

/// A picklist's value: given as such, or as its label.
async fn choice<E: Entity>(metadata: &Metadata, field: Field<E, i32>, text: &str) -> Outcome<i64> {
    let chosen = choose(metadata, E::INFO, field.info(), text, None).await?;
    chosen.to_i64().ok_or_else(|| {
        let what = format!("'{text}' stands for no number in {}", field.name());
        Failure::Failed(what)
    })
}

fn text(given: &str, input: &mut dyn Read) -> Outcome<String> {
    match given {
        "-" => read_text(input),
        given => Ok(given.to_owned()),
    }
}

pub(super) async fn note(
    connection: &Connection,
    arguments: &NoteArgs,
    input: &mut dyn Read,
    printer: &mut Printer<'_>,
) -> Outcome {
    let metadata = Metadata::new(connection.client.clone());
    let publish = choice(&metadata, TicketNote::PUBLISH, &arguments.publish).await?;
    let note_type = choice(&metadata, TicketNote::NOTE_TYPE, &arguments.note_type).await?;
    let ticket = ticket_id(connection, &arguments.ticket).await?;
    let mut note = vec![(TicketNote::TICKET_ID.name(), Value::Integer(ticket))];
    if let Some(title) = &arguments.title {
        note.push((TicketNote::TITLE.name(), Value::from(title.as_str())));
    }
    let description = text(&arguments.text, input)?;
    note.push((TicketNote::DESCRIPTION.name(), Value::String(description)));
    note.push((TicketNote::NOTE_TYPE.name(), Value::Integer(note_type)));
    note.push((TicketNote::PUBLISH.name(), Value::Integer(publish)));
    let kind = kinds::find(TicketNote::INFO.name)?;
    store(connection, kind, &note, &[], printer).await
}

pub(super) async fn time(
    connection: &Connection,
    arguments: &TimeArgs,
    input: &mut dyn Read,
    printer: &mut Printer<'_>,
) -> Outcome {
    let start = arguments.start.0;
    let end = match (arguments.end, arguments.duration) {
        (Some(end), _) => end.0,
        (None, Some(length)) => start
            .checked_add(length.duration())
            .map_err(|error| Failure::Usage(format!("--duration: {error}")))?,
        (None, None) => return Err(Failure::Usage("give --end or --duration".to_owned())),
    };
    let worked = end.duration_since(start);
    if worked <= SignedDuration::ZERO {
        return Err(Failure::Usage(
            "the time must end after its start".to_owned(),
        ));
    }
    let resource = resource(connection, &arguments.resource).await?;
    let (ticket, role) = match &arguments.role {
        Some(role) => (
            ticket_id(connection, &arguments.ticket).await?,
            self::role(connection, role).await?,
        ),
        None => {
            let key = TicketKey::parse(&arguments.ticket);
            let ticket: Ticket = connection.client.find_ticket(key).await?.require()?;
            let found = connection
                .client
                .resolve_role(resource, Some(&ticket))
                .await?;
            (id_of(&ticket)?, found.require()?)
        }
    };
    let day = connection.wire_zone().time_zone().to_datetime(start).date();
    let mut entry = vec![
        (TimeEntry::TICKET_ID.name(), Value::Integer(ticket)),
        (TimeEntry::RESOURCE_ID.name(), Value::Integer(resource)),
        (TimeEntry::ROLE_ID.name(), Value::Integer(role)),
        (TimeEntry::DATE_WORKED.name(), Value::Date(day)),
        (TimeEntry::START_DATE_TIME.name(), Value::DateTime(start)),
        (TimeEntry::END_DATE_TIME.name(), Value::DateTime(end)),
        (TimeEntry::HOURS_WORKED.name(), Value::Double(hours(worked))),
    ];
    let summary = text(&arguments.summary, input)?;
    entry.push((TimeEntry::SUMMARY_NOTES.name(), Value::String(summary)));
    if let Some(internal) = &arguments.internal {
        let internal = Value::from(internal.as_str());
        entry.push((TimeEntry::INTERNAL_NOTES.name(), internal));
    }
    if let Some(code) = arguments.work_type {
        entry.push((TimeEntry::ALLOCATION_CODE_ID.name(), Value::from(code)));
    }
    let kind = kinds::find(TimeEntry::INFO.name)?;
    store(connection, kind, &entry, &[], printer).await
}

/// Hours with four digits after the point, as Autotask keeps them.
fn hours(worked: SignedDuration) -> f64 {
    (worked.as_secs_f64() / 3600.0 * 10_000.0).round() / 10_000.0
}

/// A resource by its id, e-mail address or user name.
async fn resource(connection: &Connection, given: &str) -> Outcome<i64> {
    if let Ok(id) = given.trim().parse() {
        return Ok(id);
    }
    let client = &connection.client;
    let found = if given.contains('@') {
        client.resource_by_email(given, Among::Active).await?
    } else {
        client.resource_by_user_name(given, Among::Active).await?
    };
    id_of(&found.require()?)
}

/// A role by its id or name.
async fn role(connection: &Connection, given: &str) -> Outcome<i64> {
    if let Ok(id) = given.trim().parse() {
        return Ok(id);
    }
    let found = connection.client.role_by_name(given, Among::Active).await?;
    id_of(&found.require()?)
}

pub(super) async fn attach(
    connection: &Connection,
    arguments: &AttachArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let file = &arguments.file;
    let name = file.file_name().and_then(|name| name.to_str());
    let Some(name) = name else {
        let what = format!("{} has no name that can be sent", file.display());
        return Err(Failure::Usage(what));
    };
    let mut data = Vec::new();
    // One more than allowed, so that a file that is too large is known as such.
    open(file)?
        .take(MAX_ATTACHMENT_BYTES as u64 + 1)
        .read_to_end(&mut data)
        .map_err(|error| unreadable(file, &error))?;
    let metadata = Metadata::new(connection.client.clone());
    let publish = choice(&metadata, AttachmentInfo::PUBLISH, &arguments.publish).await?;
    let kind = choice(&metadata, AttachmentInfo::PARENT_TYPE, Ticket::INFO.name).await?;
    let ticket = ticket_id(connection, &arguments.ticket).await?;
    let parent = AttachmentParent::new(narrow(kind)?, ticket);
    let title = arguments.title.as_deref().unwrap_or(name);
    let attachment = NewAttachment::file(parent, title, name, narrow(publish)?, data);
    let call = CreateAttachment {
        attachment: &attachment,
    };
    call.check()?;
    let entity = AttachmentInfo::INFO.name;
    let look = || {
        let own = [
            (AttachmentInfo::PARENT_ID.name(), Value::Integer(ticket)),
            (AttachmentInfo::TITLE.name(), Value::from(title)),
        ];
        look_for(entity, &own)
    };
    match connection.write(&call, look, printer).await? {
        Some(id) => stored_one(entity, id.get(), printer),
        None => Ok(()),
    }
}

fn narrow(value: i64) -> Outcome<i32> {
    i32::try_from(value)
        .map_err(|_| Failure::Usage(format!("{value} is too large for a value of a picklist")))
}
