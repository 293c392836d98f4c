//! What outbound events say.

use super::{Failure, Outcome, cli::EventCommand, output::Printer};
use crate::tool::input::read_input;
use bomgar_api::event::{Ack, EventKind, OutboundEvent};
use jiff::Timestamp;
use serde::Serialize;
use std::io::Read;

/// More than any appliance posts.
const LIMIT: u64 = 16 * 1024 * 1024;

/// An event and what to make of it.
#[derive(Serialize)]
struct Decoded<'a> {
    event: Option<EventKind>,
    label: Option<String>,
    lsid: Option<&'a str>,
    timestamp: Option<Timestamp>,
    external_key: Option<&'a str>,
    appliance_id: Option<&'a str>,
    version: Option<&'a str>,
    member_type: Option<&'a str>,
    member_name: Option<&'a str>,
    usable: bool,
    problems: Vec<String>,
    /// Once it is stored.
    answer_status: u16,
    answer_text: &'static str,
    fields: &'a [(String, String)],
}

pub(super) fn run(
    command: &EventCommand,
    input: &mut dyn Read,
    printer: &mut Printer<'_>,
) -> Outcome {
    let EventCommand::Decode { file } = command;
    let mut body = Vec::new();
    let mut source = read_input(file.as_deref(), input)?.take(LIMIT + 1);
    source
        .read_to_end(&mut body)
        .map_err(|error| Failure::Failed(format!("the event cannot be read: {error}")))?;
    if body.len() as u64 > LIMIT {
        return Err(Failure::Failed("the event is too long".to_owned()));
    }
    let event = OutboundEvent::parse(&body);
    let ack = Ack::stored(&event);
    let kind = event.event();
    let label = kind.as_ref().map(|kind| kind.label().to_owned());
    let decoded = Decoded {
        label,
        event: kind,
        lsid: event.lsid(),
        timestamp: event.timestamp(),
        external_key: event.external_key(),
        appliance_id: event.appliance_id(),
        version: event.version(),
        member_type: event.member_type(),
        member_name: event.member_name(),
        usable: event.is_usable(),
        problems: event.problems().iter().map(ToString::to_string).collect(),
        answer_status: ack.status().as_u16(),
        answer_text: ack.text(),
        fields: event.fields(),
    };
    let mut lines: Vec<(&str, String)> = Vec::new();
    if let Some(label) = &decoded.label {
        lines.push(("Event", label.clone()));
    }
    if let Some(time) = decoded.timestamp {
        lines.push(("Time", time.to_string()));
    }
    let fields = decoded.fields.iter();
    lines.extend(fields.map(|(name, value)| (name.as_str(), value.clone())));
    let problems = decoded.problems.iter();
    lines.extend(problems.map(|problem| ("Problem", problem.clone())));
    lines.push((
        "Answer",
        format!("{} {}", ack.status().as_u16(), ack.text()),
    ));
    printer.single(&decoded, &lines)?;
    match decoded.usable {
        true => Ok(()),
        false => Err(Failure::Said),
    }
}
