//! A command-line tool over the SDK: `cargo run --example bomgar -- --help`.
//!
//! | Command | What it does |
//! |---|---|
//! | `api-info`, `health` | version, permissions and state of the appliance |
//! | `reps`, `teams` | who is logged in, and which teams there are |
//! | `session-key` | makes a session key |
//! | `session get`, `list`, `watch` | sessions: one, those of a span of time, new ones as they end |
//! | `report <kind>` | any report, from the appliance or from a saved answer (`--file`) |
//! | `recording download` | a recording, with a progress bar |
//! | `event decode` | what the body of an outbound event says |
//! | `script-url`, `livelinks` | what to enter in consoles, in Autotask and on the appliance |
//!
//! # Output
//!
//! For programs, one JSON object a line, each as soon as it is there. For people at a terminal, a
//! table. `--json` and `--table` decide by hand. Progress and messages go to the standard error.
//!
//! # Credentials
//!
//! They come from the environment, never from arguments, which others can read:
//! `BOMGAR_CLIENT_ID` and `BOMGAR_CLIENT_SECRET`, or for old versions `BOMGAR_USERNAME` and
//! `BOMGAR_PASSWORD`. `BOMGAR_HOST` is the appliance's host name; `--base-url` goes before it and
//! takes a whole URL, for simulators.
//!
//! # Exit codes
//!
//! | Code | Meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | it failed; a message on the standard error says why and what to do |
//! | 2 | the command, the environment or a value is wrong; nothing was sent |

mod account;
mod cli;
mod connect;
mod event;
mod links;
mod recording;
mod report;
mod rows;
mod sessions;
mod when;

pub use crate::tool::Environment;

use crate::tool::{self, Failure, Outcome, describe, output};
use bomgar_api::ErrorKind;
use cli::{Cli, Command, RecordingCommand, SessionCommand};
use output::Printer;
use std::{ffi::OsString, process::ExitCode};

impl From<bomgar_api::Error> for Failure {
    fn from(error: bomgar_api::Error) -> Self {
        let message = describe(&error);
        match error.kind() {
            ErrorKind::Config | ErrorKind::InvalidRequest => Failure::Usage(message),
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
    tool::conclude("bomgar", outcome, &mut environment)
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
    let client = || connect::client(global, *variable);
    match &cli.command {
        Command::ApiInfo => account::api_info(&client()?, printer).await,
        Command::Health => account::health(&client()?, printer).await,
        Command::Reps => account::reps(&client()?, printer).await,
        Command::Teams(arguments) => account::teams(&client()?, arguments, printer).await,
        Command::SessionKey(arguments) => {
            account::session_key(&client()?, arguments, printer).await
        }
        Command::Session { command } => match command {
            SessionCommand::Get { lsid } => sessions::get(&client()?, lsid, printer).await,
            SessionCommand::List(arguments) => sessions::list(&client()?, arguments, printer).await,
            SessionCommand::Watch(arguments) => {
                sessions::watch(&client()?, arguments, printer).await
            }
        },
        Command::Report { kind } => report::report(kind, &client, *input, printer).await,
        Command::Recording { command } => match command {
            RecordingCommand::Download(arguments) => {
                let bar = environment.errors_are_terminal;
                recording::download(&client()?, arguments, bar, printer).await
            }
        },
        Command::Event { command } => event::run(command, *input, printer),
        Command::ScriptUrl(arguments) => {
            let place = connect::place(global, *variable)?;
            links::script_url(arguments, &place, printer)
        }
        Command::Livelinks(arguments) => {
            let place = connect::place(global, *variable)?;
            links::livelinks(arguments, &place, printer)
        }
    }
}
