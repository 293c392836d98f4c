//! Serves a simulated appliance until Ctrl-C.

use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use bomgar_sim::{BomgarSim, control_endpoints, write_report_file};
use clap::Parser;

/// A simulated Bomgar / BeyondTrust Remote Support appliance on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8443)]
    port: u16,
    /// Client id of the API account.
    #[arg(long, default_value = "sim-client")]
    client_id: String,
    /// Client secret of the API account.
    #[arg(
        long,
        env = "BOMGAR_SIM_CLIENT_SECRET",
        hide_env_values = true,
        default_value = "sim-secret"
    )]
    client_secret: String,
    /// Company name.
    #[arg(long, default_value = "Example Support")]
    company: String,
    /// URL that gets outbound events, for example http://127.0.0.1:8180/ERSPost.
    #[arg(long)]
    recipient: Vec<String>,
    /// Seconds between attempts to deliver an outbound event.
    #[arg(long, default_value_t = 5)]
    retry_seconds: u64,
    /// Instead of serving, write a session report to this file, to try decoders on.
    #[arg(long, value_name = "FILE", requires = "bytes")]
    write_report: Option<PathBuf>,
    /// How long the report of --write-report is to be at least, in bytes.
    #[arg(long, value_name = "N", requires = "write_report")]
    bytes: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    if let (Some(file), Some(bytes)) = (&args.write_report, args.bytes) {
        let written = write_report_file(file, bytes)?;
        let (bytes, sessions) = (written.bytes, written.sessions);
        writeln!(io::stdout(), "bytes={bytes} sessions={sessions}")?;
        return Ok(());
    }
    let sim = BomgarSim::builder()
        .port(args.port)
        .client(&args.client_id, &args.client_secret)
        .company(&args.company)
        .try_start()
        .await?;
    for url in &args.recipient {
        sim.add_recipient(url, Duration::from_secs(args.retry_seconds));
    }
    let base = sim.base_url();
    {
        let mut out = io::stdout().lock();
        writeln!(out, "Simulated appliance: {base}")?;
        writeln!(out, "Client id:           {}", args.client_id)?;
        writeln!(out, "Token:               POST {base}/oauth2/token")?;
        writeln!(out, "Command API:         {base}/api/command")?;
        writeln!(out, "Reporting API:       {base}/api/reporting")?;
        writeln!(out, "Console scripts:     {base}/api/client_script")?;
        writeln!(out, "Control, in JSON:")?;
        for line in control_endpoints() {
            writeln!(out, "  {line}")?;
        }
        writeln!(out, "Ctrl-C stops it.")?;
        out.flush()?;
    }
    tokio::signal::ctrl_c().await?;
    Ok(())
}
