//! `bomgar-autotask`: ended Bomgar support sessions become notes and time entries in Autotask.

use bomgar_autotask::{config::Config, in_full, logging, service::Service, store::Store};
use clap::{Parser, Subcommand};
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

#[derive(Clone, Copy, Subcommand)]
enum Command {
    /// Take events and import sessions until told to stop (the default).
    Run,
    /// Read the configuration, tell every mistake in it, and end.
    Check,
    /// Say that the store was put back from a backup, and end. Sessions from before are then looked
    /// for in Autotask before anything is written for them. Use it before the next start.
    Restored,
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
        Command::Restored => restored(&config).await,
    }
}

#[allow(clippy::print_stdout)] // The answer to the person at the terminal.
async fn restored(config: &Config) -> ExitCode {
    let store = match Store::open(&config.store.path).await {
        Ok(store) => store,
        Err(error) => return fail(&error),
    };
    let marked = store.mark_restored(jiff::Timestamp::now()).await;
    store.close().await;
    match marked {
        Ok(()) => {
            println!("sessions from before now will be looked for before they are written");
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

// The answer to the person at the terminal; logging is not set up for it.
#[allow(clippy::print_stdout)]
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
