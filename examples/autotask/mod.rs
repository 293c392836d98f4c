//! A command-line tool over the client: `cargo run --example autotask -- --help`.
//!
//! | Command | What it does |
//! |---|---|
//! | `zone`, `diagnose`, `usage` | where the tenant lives, what is wrong with the connection, how many calls are left |
//! | `entities`, `fields`, `picklist` | what the tenant says about its entities, fields and picklists |
//! | `query`, `get` | records: those that an expression or QueryXML describes, or one by its id |
//! | `create` | a record of any kind |
//! | `note add`, `time add`, `attach` | a note, a time entry or a file on a ticket |
//! | `link ticket` | a link into the user interface |
//!
//! The language of `query` is described in its help, and exactly in `expression.rs`.
//!
//! # Output
//!
//! For programs, one JSON object a line, each as soon as it is there. For people at a terminal, a
//! table. `--json` and `--table` decide by hand. Messages go to the standard error. Fields are
//! called as on the wire; times are in UTC.
//!
//! `--dry-run` prints the envelopes instead of sending them. The integration code in them is masked.
//!
//! # Credentials
//!
//! They come from the environment, never from arguments, which others can read:
//! `AUTOTASK_USERNAME`, `AUTOTASK_PASSWORD` and `AUTOTASK_INTEGRATION_CODE`. `--url` asks another
//! endpoint for the tenant's zone, for simulators.
//!
//! # Writes
//!
//! A write is sent once. If its answer is lost, the record may exist nonetheless; the message then
//! says so, and how to look for it.
//!
//! # Exit codes
//!
//! | Code | Meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | it failed; a message on the standard error says why and what to do |
//! | 2 | the command, the environment or a value is wrong; nothing was written |

mod cli;
mod connect;
mod expression;
mod kinds;
mod link;
mod records;
mod tenant;
mod ticket;
mod value;
mod write;

pub use crate::tool::Environment;

use crate::tool::{self, Failure, Outcome, describe, output};
use autotask_soap::{ErrorKind, ops::Operation};
use cli::{Cli, Command, LinkCommand, NoteCommand, TimeCommand};
use output::Printer;
use std::{ffi::OsString, process::ExitCode};

impl From<autotask_soap::Error> for Failure {
    fn from(error: autotask_soap::Error) -> Self {
        let message = describe(&error);
        match error.kind() {
            // The address in it came from a server.
            ErrorKind::Config if error.operation() == Some(Operation::GetZoneInfo) => {
                Failure::Failed(message)
            }
            ErrorKind::Config | ErrorKind::Validation | ErrorKind::Query => Failure::Usage(message),
            _ => Failure::Failed(message),
        }
    }
}

/// Runs the tool with these arguments, of which the first is its name.
pub async fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: Environment<'_>,
) -> ExitCode {
    ExitCode::from(status(arguments, environment).await)
}

/// Like [`run`], with the exit code as a number.
pub async fn status(
    arguments: impl IntoIterator<Item = OsString>,
    mut environment: Environment<'_>,
) -> u8 {
    let outcome = match tool::parse::<Cli>(arguments, &mut environment) {
        Ok(cli) => execute(&cli, &mut environment).await,
        Err(code) => return code,
    };
    tool::conclude("autotask", outcome, &mut environment)
}

async fn execute(cli: &Cli, environment: &mut Environment<'_>) -> Outcome {
    let Environment {
        variable,
        input,
        output,
        errors,
        ..
    } = environment;
    let global = &cli.global;
    let format = global.format.format(environment.output_is_terminal);
    let printer = &mut Printer::new(*output, *errors, format);
    let connection = &connect::connect(global, *variable)?;
    match &cli.command {
        Command::Zone => tenant::zone(connection, printer).await,
        Command::Diagnose => tenant::diagnose(connection, printer).await,
        Command::Usage => tenant::usage(connection, printer).await,
        Command::Entities => tenant::entities(connection, printer).await,
        Command::Fields { entity } => tenant::fields(connection, entity, printer).await,
        Command::Picklist(arguments) => tenant::picklist(connection, arguments, printer).await,
        Command::Query(arguments) => records::query(connection, arguments, *input, printer).await,
        Command::Get(arguments) => records::get(connection, arguments, printer).await,
        Command::Create(arguments) => write::create(connection, arguments, printer).await,
        Command::Note { command } => {
            let NoteCommand::Add(arguments) = command;
            ticket::note(connection, arguments, *input, printer).await
        }
        Command::Time { command } => {
            let TimeCommand::Add(arguments) = command;
            ticket::time(connection, arguments, *input, printer).await
        }
        Command::Attach(arguments) => ticket::attach(connection, arguments, printer).await,
        Command::Link { command } => {
            let LinkCommand::Ticket(arguments) = command;
            link::ticket(connection, arguments, printer).await
        }
    }
}
