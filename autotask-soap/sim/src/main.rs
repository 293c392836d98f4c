//! Runs a simulated Autotask tenant until interrupted.

use autotask_sim::{AutotaskSim, WireZone};
use clap::Parser;
use std::net::SocketAddr;

/// A simulated Autotask tenant (ATWS, SOAP) for trying out integrations.
#[derive(Debug, Parser)]
#[command(name = "autotask-sim", version)]
struct Arguments {
    /// Where to listen; port 0 is any free port.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The API user's login.
    #[arg(long, default_value = "api-user@northwind.example")]
    username: String,
    /// The API user's password.
    #[arg(
        long,
        env = "AUTOTASK_SIM_PASSWORD",
        default_value = "simulated-password",
        hide_env_values = true
    )]
    password: String,
    /// The tracking identifier.
    #[arg(long, default_value = "SIMULATEDTRACKINGIDENTIFIER")]
    integration_code: String,
    /// Date-times on the wire in UTC in place of US Eastern.
    #[arg(long)]
    utc: bool,
    /// Time entries must use the ticket's assigned role.
    #[arg(long)]
    require_ticket_role: bool,
}

#[tokio::main]
#[allow(
    clippy::print_stdout,
    reason = "the addresses are what the program is started for"
)]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let sim = AutotaskSim::builder()
        .credentials(
            &arguments.username,
            &arguments.password,
            &arguments.integration_code,
        )
        .address(arguments.listen)
        .configure(|settings| {
            if arguments.utc {
                settings.wire_zone = WireZone::Utc;
            }
            settings.require_ticket_role = arguments.require_ticket_role;
        })
        .start()
        .await?;
    let demo = sim.demo();
    println!("endpoint          {}", sim.endpoint());
    println!("username          {}", sim.username());
    println!("password          {}", sim.password());
    println!("integration code  {}", sim.integration_code());
    println!("control           {}_sim/", sim.web_url());
    println!(
        "tickets           {} (assigned), {} (in a queue)",
        demo.ticket, demo.queue_ticket
    );
    println!(
        "technician        {} jsmith@example.com, role {}",
        demo.technician, demo.role
    );
    tokio::signal::ctrl_c().await
}
