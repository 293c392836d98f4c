//! Serves a simulated appliance until Ctrl-C or SIGTERM.

use std::error::Error;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bomgar_sim::{
    BomgarSim, Builder, Namespace, Pace, RateLimit, RecipientSpec, Scenario, control_endpoints,
    write_report_file,
};
use clap::{Parser, ValueEnum};
use tempfile::NamedTempFile;

/// A simulated Bomgar / BeyondTrust Remote Support appliance.
///
/// When it is ready it writes one line to standard output: a JSON object with "url", "client_id",
/// "client_secret", "appliance_id", "control" (where it is driven in JSON) and "certificate" (a PEM
/// file, or null without --tls). Everything else goes to standard error.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Where to listen; port 0 takes any free one. Whoever can reach this address can drive the
    /// simulator.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Speak HTTPS with a self-signed certificate made at the start.
    #[arg(long)]
    tls: bool,
    /// Where to write that certificate; without this to a temporary file.
    #[arg(long, value_name = "FILE", requires = "tls")]
    certificate: Option<PathBuf>,
    /// Client id of the API account.
    #[arg(long, value_name = "ID", default_value = "sim-client")]
    client_id: String,
    /// Client secret of the API account.
    #[arg(
        long,
        value_name = "SECRET",
        env = "BOMGAR_SIM_CLIENT_SECRET",
        hide_env_values = true,
        default_value = "sim-secret"
    )]
    client_secret: String,
    /// A user who may call the APIs with username and password, as older versions allow.
    #[arg(long, value_name = "NAME", requires = "password_env")]
    user: Option<String>,
    /// The environment variable with that user's password.
    #[arg(long, value_name = "VARIABLE", requires = "user")]
    password_env: Option<String>,
    /// Company name.
    #[arg(long, value_name = "NAME", default_value = "Example Support")]
    company: String,
    /// What get_api_info says as API version.
    #[arg(long, value_name = "VERSION", default_value = "1.22.2")]
    api_version: String,
    /// XML namespace of the replies.
    #[arg(long, value_enum, default_value_t = NamespaceArg::Beyondtrust)]
    namespace: NamespaceArg,
    /// Seconds for which a session is missing from the report after its end.
    #[arg(long, value_name = "SECONDS")]
    report_delay: Option<u64>,
    /// Calls an account may make in a second and in an hour, for example 20,15000. Without this as
    /// many as it likes.
    #[arg(long, value_name = "SECOND,HOUR", value_parser = rate_limit)]
    rate_limit: Option<RateLimit>,
    /// URL that gets outbound events, for example http://127.0.0.1:8180/ERSPost. Repeatable.
    #[arg(long, value_name = "URL")]
    recipient: Vec<String>,
    /// CA certificate (PEM file) of HTTPS recipients.
    #[arg(long, value_name = "FILE", requires = "recipient")]
    recipient_ca: Option<PathBuf>,
    /// Seconds between attempts to deliver an outbound event.
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    retry_seconds: u64,
    /// Age in seconds at which an undelivered outbound event is dropped. Without this never.
    #[arg(long, value_name = "SECONDS")]
    give_up_seconds: Option<u64>,
    /// Send custom fields with outbound events.
    #[arg(long)]
    custom_fields: bool,
    /// Scenario file (TOML) to play once it is ready. It is rehearsed first, so mistakes show at
    /// once.
    #[arg(long, value_name = "FILE", conflicts_with = "demo")]
    scenario: Option<PathBuf>,
    /// Play a demonstration: four technicians, three sessions, five minutes.
    #[arg(long)]
    demo: bool,
    /// How many times as fast a scenario is played: a number, or "max" for all at once.
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    speed: Pace,
    /// End as soon as the scenario is over and its outbound events are settled.
    #[arg(long)]
    exit_after_scenario: bool,
    /// Instead of serving, write a session report to this file, to try decoders on.
    #[arg(long, value_name = "FILE", requires = "bytes")]
    write_report: Option<PathBuf>,
    /// How long the report of --write-report is to be at least, in bytes.
    #[arg(long, value_name = "N", requires = "write_report")]
    bytes: Option<u64>,
    /// What to write to standard output when ready.
    #[arg(long, value_enum, default_value_t = Print::Json)]
    print: Print,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Print {
    /// One line of JSON.
    Json,
    /// A text for people, with the control endpoints.
    Human,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum NamespaceArg {
    /// Older Remote Support versions.
    Bomgar,
    /// Current Remote Support versions.
    Beyondtrust,
    /// Privileged Remote Access.
    Sra,
    /// No namespace.
    None,
}

impl From<NamespaceArg> for Namespace {
    fn from(value: NamespaceArg) -> Self {
        match value {
            NamespaceArg::Bomgar => Self::Bomgar,
            NamespaceArg::Beyondtrust => Self::BeyondTrust,
            NamespaceArg::Sra => Self::Sra,
            NamespaceArg::None => Self::None,
        }
    }
}

fn rate_limit(text: &str) -> Result<RateLimit, String> {
    let wrong = || "two numbers above 0, as in 20,15000".to_owned();
    let (second, hour) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.trim().parse().ok().filter(|number: &u32| *number > 0);
    match (number(second), number(hour)) {
        (Some(second), Some(hour)) => Ok(RateLimit::new(second, hour)),
        _ => Err(wrong()),
    }
}

fn speed(text: &str) -> Result<Pace, String> {
    if text == "max" {
        return Ok(Pace::AtOnce);
    }
    match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Pace::Times(factor)),
        _ => Err("a number above 0, or max".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("bomgar-sim: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// A line on standard error. That nobody reads it is no reason to stop.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

async fn run(args: Args) -> Result<(), Box<dyn Error>> {
    if let (Some(file), Some(bytes)) = (&args.write_report, args.bytes) {
        let written = write_report_file(file, bytes)?;
        let (bytes, sessions) = (written.bytes, written.sessions);
        writeln!(io::stdout(), "bytes={bytes} sessions={sessions}")?;
        return Ok(());
    }
    // From here on: a signal during the start is not lost.
    let mut stop = Stop::new()?;
    let scenario = match &args.scenario {
        Some(path) => Some(Scenario::load(path)?),
        None if args.demo => Some(Scenario::demo()?),
        None => None,
    };
    if let Some(scenario) = &scenario {
        scenario.rehearse().await?;
    }
    let recipients = recipients(&args)?;
    let sim = builder(&args)?.try_start().await?;
    for recipient in recipients {
        sim.recipient(recipient);
    }
    // Kept until the end: dropping it removes the file.
    let certificate = Certificate::write(&sim, args.certificate.as_deref())?;
    if !args.listen.ip().is_loopback() {
        say("Other machines can reach this address, and with it the control endpoints.");
    }
    announce(&sim, &args, &certificate)?;

    let play = async {
        let Some(scenario) = &scenario else {
            return Ok(());
        };
        sim.play_with(scenario, args.speed, say).await?;
        say("The scenario is over.");
        if args.exit_after_scenario {
            // Every recipient gets its events, or gives them up.
            while !sim.wait_delivered(Duration::from_secs(60)).await {
                say(&format!("{} outbound events are pending.", sim.pending()));
            }
        }
        Ok::<_, Box<dyn Error>>(())
    };
    tokio::select! {
        () = stop.wait() => return Ok(()),
        played = play => played?,
    }
    if !args.exit_after_scenario {
        stop.wait().await;
    }
    Ok(())
}

fn builder(args: &Args) -> Result<Builder, Box<dyn Error>> {
    let mut builder = BomgarSim::builder()
        .listen(args.listen)
        .client(&args.client_id, &args.client_secret)
        .company(&args.company)
        .api_version(&args.api_version)
        .namespace(args.namespace.into());
    if args.tls {
        builder = builder.tls();
    }
    if let Some(seconds) = args.report_delay {
        builder = builder.report_delay(Duration::from_secs(seconds));
    }
    if let Some(limit) = args.rate_limit {
        builder = builder.rate_limit(limit);
    }
    if let (Some(user), Some(variable)) = (&args.user, &args.password_env) {
        let password = std::env::var(variable)
            .map_err(|error| format!("--password-env: variable {variable}: {error}"))?;
        builder = builder.legacy_user(user, password);
    }
    Ok(builder)
}

fn recipients(args: &Args) -> Result<Vec<RecipientSpec>, Box<dyn Error>> {
    let pem = match &args.recipient_ca {
        Some(path) => Some(
            std::fs::read(path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?,
        ),
        None => None,
    };
    let mut all = Vec::new();
    for url in &args.recipient {
        let mut spec =
            RecipientSpec::new(url).retry_interval(Duration::from_secs(args.retry_seconds));
        if let Some(age) = args.give_up_seconds {
            spec = spec.give_up_after(Duration::from_secs(age));
        }
        if args.custom_fields {
            spec = spec.custom_fields();
        }
        if let Some(pem) = &pem {
            spec = spec.ca_pem(pem)?;
        }
        all.push(spec);
    }
    Ok(all)
}

/// The file with the appliance's certificate.
enum Certificate {
    None,
    Temporary(NamedTempFile),
    Kept(PathBuf),
}

impl Certificate {
    fn write(sim: &BomgarSim, path: Option<&std::path::Path>) -> Result<Self, Box<dyn Error>> {
        let Some(pem) = sim.certificate_pem() else {
            return Ok(Self::None);
        };
        if let Some(path) = path {
            std::fs::write(path, pem)
                .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            return Ok(Self::Kept(path.to_owned()));
        }
        let mut file = tempfile::Builder::new()
            .prefix("bomgar-sim-")
            .suffix(".pem")
            .tempfile()?;
        file.write_all(pem.as_bytes())?;
        file.flush()?;
        Ok(Self::Temporary(file))
    }

    fn path(&self) -> Option<&std::path::Path> {
        match self {
            Self::None => None,
            Self::Temporary(file) => Some(file.path()),
            Self::Kept(path) => Some(path),
        }
    }
}

fn announce(sim: &BomgarSim, args: &Args, certificate: &Certificate) -> Result<(), Box<dyn Error>> {
    let base = sim.base_url();
    let certificate = certificate.path().map(|path| path.display().to_string());
    let mut out = io::stdout().lock();
    match args.print {
        Print::Json => {
            let ready = serde_json::json!({
                "url": base,
                "client_id": sim.client_id(),
                "client_secret": sim.client_secret(),
                "appliance_id": sim.appliance_id(),
                "control": format!("{base}/_sim/"),
                "certificate": certificate,
            });
            writeln!(out, "{ready}")?;
        }
        Print::Human => {
            writeln!(out, "Simulated appliance: {base}")?;
            writeln!(out, "Client id:           {}", sim.client_id())?;
            writeln!(out, "Client secret:       {}", sim.client_secret())?;
            if let Some(path) = certificate {
                writeln!(out, "Certificate:         {path}")?;
            }
            writeln!(out, "Token:               POST {base}/oauth2/token")?;
            writeln!(out, "Command API:         {base}/api/command")?;
            writeln!(out, "Reporting API:       {base}/api/reporting")?;
            writeln!(out, "Console scripts:     {base}/api/client_script")?;
            writeln!(out, "Control, in JSON:")?;
            for line in control_endpoints() {
                writeln!(out, "  {line}")?;
            }
            writeln!(out, "Ctrl-C stops it.")?;
        }
    }
    out.flush()?;
    Ok(())
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
