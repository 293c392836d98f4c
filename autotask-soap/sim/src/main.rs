//! Serves a simulated Autotask tenant until Ctrl-C or SIGTERM.

use autotask_sim::{AutotaskSim, ProxyTimeEntry, WireTypes, WireZone, write_ticket_page_file};
use clap::{Parser, ValueEnum};
use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

/// A simulated Autotask tenant (ATWS, SOAP 1.6 and 1.5) for trying out integrations.
///
/// When it is ready it writes one line to standard output: a JSON object with "url" (the 1.6
/// service), "url_v1_5", "lookup_url" (where getZoneInfo is asked), "wsdl", "web_url", "username",
/// "password", "integration_code", "ci", "control" (where it is inspected and driven in JSON, or in
/// a browser) and "demo" (ids of some records). Everything else goes to standard error.
#[derive(Debug, Parser)]
#[command(name = "autotask-sim", version)]
struct Args {
    /// Where to listen; port 0 takes any free one. Whoever can reach this address can drive the
    /// simulator.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The API user's login.
    #[arg(
        long,
        value_name = "LOGIN",
        default_value = "api-user@northwind.example"
    )]
    username: String,
    /// The API user's password.
    #[arg(
        long,
        value_name = "PASSWORD",
        env = "AUTOTASK_SIM_PASSWORD",
        default_value = "simulated-password",
        hide_env_values = true
    )]
    password: String,
    /// The tracking identifier of the integration.
    #[arg(
        long,
        value_name = "CODE",
        default_value = "SIMULATEDTRACKINGIDENTIFIER"
    )]
    integration_code: String,
    /// The tenant's database number, to tell tenants apart.
    #[arg(long, value_name = "NUMBER")]
    ci: Option<i32>,
    /// What the tenant holds at the start.
    #[arg(long, value_enum, default_value_t = Seed::Msp)]
    seed: Seed,
    /// Date-times on the wire in UTC in place of US Eastern.
    #[arg(long)]
    utc: bool,
    /// Time entries must use the ticket's assigned role.
    #[arg(long)]
    require_ticket_role: bool,
    /// A time entry may not run over midnight.
    #[arg(long)]
    no_span_midnight: bool,
    /// Nobody may enter time for others: only an impersonated resource gets its time entries.
    #[arg(long)]
    no_proxy_time: bool,
    /// Put the declared types on numbers, in place of those that real answers were seen to have.
    #[arg(long)]
    declared_types: bool,
    /// Leave out of GetEntityInfo what the WSDL of 2020 does not know.
    #[arg(long)]
    no_user_access: bool,
    /// Add fields, elements and an entity that no client knows.
    #[arg(long)]
    unknown_extras: bool,
    /// Requests in 60 minutes before calls fail.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    request_threshold: u32,
    /// Slow down from half of that on, as the service does.
    #[arg(long)]
    usage_latency: bool,
    /// Concurrent calls per tracking identifier and entity.
    #[arg(long, value_name = "N", default_value_t = 3)]
    thread_limit: u32,
    /// What to write to standard output when ready.
    #[arg(long, value_enum, default_value_t = Print::Json)]
    print: Print,
    /// Instead of serving, write the answer to a query for tickets to this file, to try decoders on.
    #[arg(long, value_name = "FILE")]
    write_page: Option<PathBuf>,
    /// How many tickets --write-page writes.
    #[arg(long, value_name = "N", default_value_t = 500, requires = "write_page")]
    tickets: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Seed {
    /// A managed service provider: companies, people, contracts, devices and a month of tickets.
    Msp,
    /// One company, three technicians and two tickets.
    Small,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Print {
    /// One line of JSON.
    Json,
    /// A text for people.
    Human,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("autotask-sim: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// A line on standard error. That nobody reads it is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

async fn run(args: &Args) -> io::Result<()> {
    if let Some(file) = &args.write_page {
        let bytes = write_ticket_page_file(file, args.tickets)?;
        say(&format!("{} has {bytes} bytes.", file.display()));
        return Ok(());
    }
    // From here on: a signal during the start is not lost.
    let mut stop = Stop::new()?;
    let mut builder = AutotaskSim::builder()
        .credentials(&args.username, &args.password, &args.integration_code)
        .address(args.listen)
        .configure(|settings| {
            if args.utc {
                settings.wire_zone = WireZone::Utc;
            }
            if args.no_proxy_time {
                settings.proxy_time_entry = ProxyTimeEntry::Off;
            }
            if args.declared_types {
                settings.wire_types = WireTypes::Declared;
            }
            settings.require_ticket_role = args.require_ticket_role;
            settings.span_midnight = !args.no_span_midnight;
            settings.user_access = !args.no_user_access;
            settings.unknown_extras = args.unknown_extras;
            settings.request_threshold = args.request_threshold;
            settings.usage_latency = args.usage_latency;
            settings.thread_limit = args.thread_limit;
        });
    if let Some(ci) = args.ci {
        builder = builder.ci(ci);
    }
    if args.seed == Seed::Msp {
        builder = builder.service_provider();
    }
    let sim = builder
        .start()
        .await
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", args.listen)))?;
    if !args.listen.ip().is_loopback() {
        say("Other machines can reach this address, and with it the control endpoints.");
    }
    announce(&sim, args.print)?;
    stop.wait().await;
    Ok(())
}

fn announce(sim: &AutotaskSim, print: Print) -> io::Result<()> {
    let demo = sim.demo();
    let control = format!("{}_sim/", sim.web_url());
    let mut out = io::stdout().lock();
    match print {
        Print::Json => {
            let ready = serde_json::json!({
                "url": sim.endpoint(),
                "url_v1_5": sim.endpoint_v1_5(),
                "lookup_url": sim.lookup_endpoint(),
                "wsdl": sim.wsdl_url(),
                "web_url": sim.web_url(),
                "username": sim.username(),
                "password": sim.password(),
                "integration_code": sim.integration_code(),
                "ci": sim.ci(),
                "control": control,
                "demo": {
                    "account": demo.account,
                    "contact": demo.contact,
                    "ticket": demo.ticket,
                    "queue_ticket": demo.queue_ticket,
                    "technician": demo.technician,
                    "role": demo.role,
                    "work_type": demo.work_type,
                },
            });
            writeln!(out, "{ready}")?;
        }
        Print::Human => {
            writeln!(out, "Service:         {}", sim.endpoint())?;
            writeln!(out, "WSDL:            {}", sim.wsdl_url())?;
            writeln!(out, "Zone look-up:    {}", sim.lookup_endpoint())?;
            writeln!(out, "User name:       {}", sim.username())?;
            writeln!(out, "Password:        {}", sim.password())?;
            writeln!(out, "Tracking id:     {}", sim.integration_code())?;
            writeln!(out, "In a browser:    {control}")?;
            writeln!(
                out,
                "Tickets:         {} (assigned), {} (in a queue)",
                demo.ticket, demo.queue_ticket
            )?;
            writeln!(
                out,
                "Technician:      {} jsmith@example.com, role {}",
                demo.technician, demo.role
            )?;
            writeln!(out, "Ctrl-C stops it.")?;
        }
    }
    out.flush()
}

/// Ctrl-C, and SIGTERM where there is such a thing.
struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Stop {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(not(unix))]
impl Stop {
    fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn wait(&mut self) {
        // Without a handler the system's own way of ending a program remains.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
