//! `bomgar-autotask`: ended Bomgar support sessions become notes and time entries in Autotask.

use bomgar_autotask::{
    config::Config,
    in_full, logging,
    service::Service,
    store::{InboxState, Store, StoreError},
};
use clap::{Parser, Subcommand};
use jiff::Timestamp;
use std::{path::PathBuf, process::ExitCode};

#[derive(Parser)]
#[command(name = "bomgar-autotask", version, about)]
struct Arguments {
    /// The configuration file.
    #[arg(
        long,
        short,
        global = true,
        env = "BOMGAR_AUTOTASK_CONFIG",
        default_value = "/etc/bomgar-autotask/bomgar-autotask.toml"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Take events and import sessions until told to stop (the default).
    Run,
    /// Read the configuration, tell every mistake in it, and end.
    Check,
    /// Say that the store was put back from a backup, and end. Sessions from before are then looked
    /// for in Autotask before anything is written for them. Use it before the next start.
    Restored,
    /// List the events that were given up, and why. The daemon must be stopped.
    DeadLetters,
    /// Take given-up events up again at the next start, for instance after the ticket was mended.
    /// What was written for them is not written again. The daemon must be stopped.
    Replay {
        /// The events' numbers, as `dead-letters` lists them.
        #[arg(required = true)]
        events: Vec<i64>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match Config::load(&arguments.config) {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    match arguments.command.unwrap_or(Command::Run) {
        Command::Check => check(&config),
        Command::Run => run(&config).await,
        Command::Restored => in_store(&config, restored).await,
        Command::DeadLetters => in_store(&config, dead_letters).await,
        Command::Replay { events } => {
            in_store(&config, async |store| replay(store, &events).await).await
        }
    }
}

/// Opens the store for one task of a person.
async fn in_store(
    config: &Config,
    task: impl AsyncFnOnce(&Store) -> Result<(), StoreError>,
) -> ExitCode {
    let store = match Store::open(&config.store.path).await {
        Ok(store) => store,
        Err(error) => return fail(&error),
    };
    let done = task(&store).await;
    store.close().await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

#[allow(clippy::print_stdout)] // The answer to the person at the terminal.
async fn restored(store: &Store) -> Result<(), StoreError> {
    store.mark_restored(Timestamp::now()).await?;
    println!("sessions from before now will be looked for before they are written");
    Ok(())
}

#[allow(clippy::print_stdout)] // The answer to the person at the terminal.
async fn dead_letters(store: &Store) -> Result<(), StoreError> {
    let mut dead = store.inbox(Some(InboxState::Dead), u32::MAX).await?;
    dead.reverse();
    for event in &dead {
        let why = event
            .last_failure
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        println!(
            "{}  {}  {}  session {}  {why}",
            event.id, event.received_at, event.configuration, event.lsid
        );
    }
    println!("{} event(s) given up", dead.len());
    Ok(())
}

#[allow(clippy::print_stdout)] // The answer to the person at the terminal.
async fn replay(store: &Store, events: &[i64]) -> Result<(), StoreError> {
    for event in events {
        store.replay(*event, Timestamp::now()).await?;
        println!("event {event} is taken up again at the next start");
    }
    Ok(())
}

#[allow(clippy::print_stdout)] // The answer to the person at the terminal.
fn check(config: &Config) -> ExitCode {
    for warning in &config.warnings {
        println!("warning: {warning}");
    }
    println!(
        "{} configuration(s), no mistakes",
        config.configurations.len()
    );
    ExitCode::SUCCESS
}

// Nothing is logged before the configuration says how.
#[allow(clippy::print_stderr)]
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("bomgar-autotask: {}", in_full(error));
    ExitCode::FAILURE
}

async fn run(config: &Config) -> ExitCode {
    if let Err(error) = logging::init(&config.log) {
        return fail(&error);
    }
    // Asked for before anything runs, so that no signal kills a half-started daemon.
    let stop = match stop_signal() {
        Ok(stop) => stop,
        Err(error) => return fail(&error),
    };
    let service = match Service::start(config).await {
        Ok(service) => service,
        Err(error) => return fail(&error),
    };
    stop.await;
    tracing::info!("stopping");
    service.stop().await;
    ExitCode::SUCCESS
}

#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without signals only the system's own kill ends it, which loses nothing.
            std::future::pending::<()>().await;
        }
    })
}
