//! Sessions: one, several, and new ones.

use super::{
    Failure, Outcome,
    cli::{ListArgs, WatchArgs},
    output::{Printer, some},
    rows::clock,
};
use bomgar_api::{
    Client, SessionStream,
    reporting::{Event, Session, SessionCursor, SessionSelection, TimeWindow, Watermark},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    fs,
    io::{self, Write},
    path::Path,
};

/// A session and its events, as long as nobody knows better.
const EVENT: &[super::output::Column] = &[("TIME", 20), ("EVENT", 28), ("BY", 20), ("TEXT", 40)];

pub(super) async fn get(client: &Client, lsid: &str, printer: &mut Printer<'_>) -> Outcome {
    let session = client.support_session(lsid).await?.ok_or_else(|| {
        Failure::Failed(format!(
            "the appliance has no session {lsid} in its report; shortly after the end of a \
             session, try again"
        ))
    })?;
    if !printer.is_table() {
        return printer.json(&session);
    }
    printer.lines(&head(&session))?;
    printer.text("\n")?;
    for event in session.events_in_time_order() {
        printer.row(EVENT, &cells(&session, event))?;
    }
    Ok(())
}

fn head(session: &Session) -> Vec<(&'static str, String)> {
    let end = some(session.end_time);
    let mut lines = vec![
        ("Session", session.lsid.clone()),
        ("Number", some(session.lseq)),
        ("Start", some(session.start_time)),
        (
            "End",
            if end.is_empty() {
                "running".into()
            } else {
                end
            },
        ),
        ("Length", some(session.duration.map(clock))),
        ("External key", some(session.external_key.as_deref())),
        (
            "Public site",
            some(session.public_site.as_ref().map(|site| &site.name)),
        ),
    ];
    for customer in &session.customers {
        let place = [&customer.hostname, &customer.os, &customer.private_ip];
        let place: Vec<&str> = place
            .into_iter()
            .filter_map(|part| part.as_deref())
            .collect();
        let place = match place.as_slice() {
            [] => String::new(),
            place => format!(" ({})", place.join(", ")),
        };
        lines.push(("Customer", format!("{}{place}", customer.username)));
    }
    for rep in &session.representatives {
        let involved = rep.time_involved.map(|time| format!(" ({})", clock(time)));
        let involved = involved.unwrap_or_default();
        lines.push(("Representative", format!("{}{involved}", rep.name())));
    }
    lines
}

fn cells(session: &Session, event: &Event) -> [String; 4] {
    let by = event.performed_by.as_ref();
    let text = match (&event.body, &event.filename) {
        (Some(body), _) => body.clone(),
        (None, Some(name)) => name.clone(),
        (None, None) => {
            let values = event.data.iter();
            let values: Vec<String> = values
                .map(|value| format!("{}={}", value.name, value.value))
                .collect();
            values.join(" ")
        }
    };
    [
        some(event.timestamp),
        event.event_type.to_string(),
        some(by.map(|actor| session.name_of(actor))),
        text,
    ]
}

pub(super) async fn list(
    client: &Client,
    arguments: &ListArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let selection = match arguments.choice.given()? {
        Some(selection) => selection,
        None => {
            let day = SignedDuration::from_hours(24);
            SessionSelection::Window(TimeWindow::started_since(Timestamp::now() - day))
        }
    };
    let sessions = match (arguments.slice, selection) {
        (Some(slice), SessionSelection::Window(window)) => {
            client.support_sessions_in_slices(window, slice.duration(), Timestamp::now())
        }
        (_, selection) => client.support_sessions(selection),
    };
    stream(sessions, printer).await
}

/// Prints sessions as they arrive.
pub(super) async fn stream(mut sessions: SessionStream, printer: &mut Printer<'_>) -> Outcome {
    let mut is_empty = true;
    while let Some(session) = sessions.next().await {
        is_empty = false;
        printer.item(&session?)?;
    }
    if is_empty {
        printer.nothing()?;
    }
    Ok(())
}

pub(super) async fn watch(
    client: &Client,
    arguments: &WatchArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    if let Some(lsid) = &arguments.lsid {
        return watch_one(client, lsid, arguments, printer).await;
    }
    let begin = arguments.since.map_or_else(Timestamp::now, |since| since.0);
    let stored = match &arguments.state {
        Some(file) => load(file)?,
        None => None,
    };
    let is_new = stored.is_none();
    let mut cursor = stored.map_or_else(|| SessionCursor::new(begin), SessionCursor::resume);
    let mut left = arguments.stop_after;
    let mut is_first = true;
    loop {
        let pass = pass(
            client,
            &mut cursor,
            is_new.then_some(begin),
            &mut left,
            printer,
        )
        .await;
        store(arguments.state.as_deref(), &cursor)?;
        match pass {
            Ok(Enough::Yes) => return Ok(()),
            Ok(Enough::No) if arguments.once => return Ok(()),
            Ok(Enough::No) => {}
            // What never worked is a mistake; what worked before will work again.
            Err(Pass::Appliance(error)) if error.is_retryable() && !is_first => {
                printer.note(&format!("bomgar: {}; watching on", super::describe(&error)))?;
            }
            Err(Pass::Appliance(error)) => return Err(error.into()),
            Err(Pass::Output(failure)) => return Err(failure),
        }
        is_first = false;
        tokio::time::sleep(arguments.interval.duration()).await;
    }
}

enum Enough {
    Yes,
    No,
}

/// What can fail in a pass.
enum Pass {
    Appliance(bomgar_api::Error),
    Output(Failure),
}

/// Asks once for what is new.
async fn pass(
    client: &Client,
    cursor: &mut SessionCursor,
    begin: Option<Timestamp>,
    left: &mut Option<u64>,
    printer: &mut Printer<'_>,
) -> Result<Enough, Pass> {
    let now = Timestamp::now();
    let mut sessions = client.support_sessions(cursor.window(now));
    while let Some(session) = sessions.next().await {
        let session = session.map_err(Pass::Appliance)?;
        // The window reaches back behind the beginning.
        let is_early = session.end_time.is_some_and(|end| Some(end) < begin);
        if !cursor.accept(&session) || is_early {
            continue;
        }
        printer.item(&session).map_err(Pass::Output)?;
        if let Some(left) = left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                return Ok(Enough::Yes);
            }
        }
    }
    cursor.complete(now);
    Ok(Enough::No)
}

fn load(file: &Path) -> Outcome<Option<Watermark>> {
    let wrong = |what: String| Failure::Usage(format!("{}: {what}", file.display()));
    match fs::read(file) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| wrong(format!("this is not what was seen before: {error}"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(error.to_string())),
    }
}

/// Replaces the file as a whole, so that an interruption leaves the old one or the new one.
fn store(file: Option<&Path>, cursor: &SessionCursor) -> Outcome {
    let Some(file) = file else {
        return Ok(());
    };
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let mut new = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut new, &cursor.watermark())?;
        new.flush()?;
        new.persist(file)?;
        Ok(())
    };
    write()
        .map_err(|error| Failure::Failed(format!("{} cannot be written: {error}", file.display())))
}

async fn watch_one(
    client: &Client,
    lsid: &str,
    arguments: &WatchArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let mut shown: Vec<Event> = Vec::new();
    loop {
        // It may not be in the report yet.
        if let Some(session) = client.support_session(lsid).await? {
            for event in session.events_in_time_order() {
                if shown.contains(event) {
                    continue;
                }
                if printer.is_table() {
                    printer.row(EVENT, &cells(&session, event))?;
                } else {
                    printer.json(event)?;
                }
                shown.push(event.clone());
            }
            if session.is_complete() {
                return Ok(());
            }
        }
        tokio::time::sleep(arguments.interval.duration()).await;
    }
}
