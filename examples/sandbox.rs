//! One command shows the whole project at work: a simulated appliance, a simulated Autotask tenant
//! and the daemon, in one process, on loopback addresses. It plays a technician's story, prints each
//! step, and ends with the ticket as Autotask then holds it.
//!
//! `cargo run --example sandbox` plays the story and ends; `-- --serve` keeps everything running.

// A program for people to read: its output is its purpose.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use autotask_sim::{AutotaskSim, Fault, FaultSpec, Record};
use bomgar_api::{
    Client, Credentials, Spelling,
    client_script::LiveLink,
    command::{GenerateSessionKey, Queue, SessionAttributes},
};
use bomgar_autotask::{config::Config, service::Service};
use bomgar_sim::{
    BomgarSim, Customer, FileTransfer, Party, Representative, SessionSpec, SystemCategory,
};
use clap::Parser;
use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::Path,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Two simulated products and the daemon in one process.
#[derive(Parser)]
struct Arguments {
    /// Keep everything running after the story, until Ctrl-C.
    #[arg(long)]
    serve: bool,
    /// Show the daemon's log as well.
    #[arg(long)]
    log: bool,
}

/// How long the session lasts, in seconds.
const LENGTH: i64 = 18 * 60;

type Anything<T> = Result<T, Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match play(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nsandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the steps of the story with their numbers.
struct Steps(u32);

impl Steps {
    fn say(&mut self, text: &str) {
        self.0 += 1;
        println!("\n{:>3}. {text}", self.0);
    }
}

fn detail(name: &str, text: impl std::fmt::Display) {
    println!("       {name:<15}{text}");
}

async fn play(arguments: &Arguments) -> Anything<()> {
    let mut steps = Steps(0);
    let autotask = AutotaskSim::start().await?;
    let appliance = BomgarSim::start().await;
    let directory = tempfile::tempdir()?;
    let config = configure(directory.path(), &appliance, &autotask)?;
    if arguments.log {
        bomgar_autotask::logging::init(&config.log)?;
    }
    let daemon = Service::start(&config).await?;
    let address = daemon
        .addresses()
        .first()
        .ok_or("the daemon listens nowhere")?;
    let receiver = format!("http://{address}/ERSPost");
    appliance.add_recipient(&receiver, Duration::from_millis(200));

    steps.say("A simulated appliance, a simulated Autotask tenant and the daemon are up.");
    detail("appliance", appliance.base_url());
    detail("Autotask", autotask.endpoint());
    detail(
        "daemon",
        format!("{receiver}   (the appliance's outbound event URL)"),
    );

    let demo = *autotask.demo();
    let ticket = autotask
        .record("Ticket", demo.ticket)
        .ok_or("the tenant has no ticket")?;
    steps.say("John Smith, a technician, has a ticket open in Autotask.");
    detail(
        "ticket",
        format!("{} (id {})", ticket.text("TicketNumber"), demo.ticket),
    );
    detail("title", ticket.text("Title"));
    let before = (
        autotask.notes(demo.ticket).len(),
        autotask.time_entries(demo.ticket).len(),
    );
    detail(
        "holds",
        format!("{} note and {} time entry, by people", before.0, before.1),
    );

    let link = LiveLink::session_key("support.example.com", Spelling::Ns)?;
    steps.say("He clicks the LiveLink \"Bomgar Session Key\" and reads the key to the customer.");
    detail(
        "LiveLink",
        format!("{}{}", link.base_url, link.query_string),
    );
    let account = Credentials::oauth(appliance.client_id(), appliance.client_secret());
    let client = Client::builder(appliance.base_url(), account).build()?;
    let attributes = SessionAttributes::new().external_key(demo.ticket.to_string());
    let request = GenerateSessionKey::new(Queue::General).attributes(attributes);
    let key = client.generate_session_key(&request).await?;
    detail("session key", &key.short_key);

    let start = autotask.now().as_second() - LENGTH;
    let lsid = appliance.start_session(cast(appliance.use_key(&key.short_key)?, start));
    steps.say("The customer enters the key; the session belongs to the ticket from its start.");
    detail("lsid", &lsid);

    steps.say("They chat, a file is sent, the computer tells about itself, John writes a note.");
    talk(&appliance, &lsid, start)?;

    steps.say(
        "The session ends. The appliance posts its events, some of them twice, and one answer",
    );
    println!("     of Autotask is lost after the time entry was stored.");
    let lost = autotask.fault(
        FaultSpec::new(Fault::LoseAnswerAfterCommit)
            .on("create")
            .entity("TimeEntry"),
    );
    appliance.end_session(&lsid, None)?;
    if !appliance.wait_delivered(Duration::from_secs(20)).await {
        return Err("the daemon did not take the appliance's events".into());
    }
    // As from an appliance that did not get its 200: the last departure and the end once more.
    for event in appliance
        .outbox(&receiver)?
        .delivered
        .into_iter()
        .rev()
        .take(2)
    {
        appliance.enqueue_event(&receiver, event)?;
    }
    if !appliance.wait_delivered(Duration::from_secs(20)).await {
        return Err("the daemon did not take the repeated events".into());
    }
    for delivery in appliance.delivered() {
        detail(
            "event",
            format!("{} → 200", delivery.event.get("event").unwrap_or("?")),
        );
    }
    wait_for_import(&daemon).await?;
    let stats = daemon.receiver_stats();
    detail(
        "daemon",
        format!(
            "{} stored, {} recognised as repeated, {} of types that are not selected",
            stats.stored, stats.duplicate, stats.unselected
        ),
    );
    detail("lost answers", autotask.fault_fired(lost));

    steps.say("Every step is done. This is what the ticket holds now:");
    let us = demo.api_user;
    let notes: Vec<Record> = autotask
        .notes(demo.ticket)
        .into_iter()
        .filter(|note| note.int("CreatorResourceID") == Some(us))
        .collect();
    let entries: Vec<Record> = autotask
        .time_entries(demo.ticket)
        .into_iter()
        .filter(|entry| entry.int("CreatorUserID") == Some(us))
        .collect();
    for note in &notes {
        print_record(note, &["Title", "NoteType", "Publish"], "Description");
    }
    for entry in &entries {
        let fields = [
            "ResourceID",
            "RoleID",
            "DateWorked",
            "StartDateTime",
            "EndDateTime",
            "HoursWorked",
            "HoursToBill",
            "SummaryNotes",
        ];
        print_record(entry, &fields, "InternalNotes");
    }

    steps.say("What it cost:");
    calls(&autotask, &appliance);
    verify(&autotask, &notes, &entries)?;
    println!("\n     Exactly one note and one time entry, with the right content.");

    if arguments.serve {
        serve(&appliance, &autotask, &receiver).await?;
    }
    daemon.stop().await;
    Ok(())
}

/// A technician and his customer, 18 minutes ago.
fn cast(spec: SessionSpec, start: i64) -> SessionSpec {
    let customer = Customer::new("Erika Mustermann")
        .hostname("ACME-PC7")
        .company("Acme, Inc.")
        .os("Windows 11 Pro");
    let representative = Representative::new(12, "jsmith").display_names("John Smith", "John");
    spec.customer(customer)
        .representative(representative)
        .start_time(start)
}

/// What happens between the start and the end of the session.
fn talk(appliance: &BomgarSim, id: &str, start: i64) -> Anything<()> {
    appliance.at(id, start + 30)?;
    appliance.chat(
        id,
        Party::Customer,
        Party::Everyone,
        "Outlook does not start any more.",
    )?;
    appliance.at(id, start + 75)?;
    appliance.chat(
        id,
        Party::Representative,
        Party::Everyone,
        "Let me have a look <now> & here.",
    )?;
    appliance.at(id, start + 180)?;
    let general = SystemCategory::new("General").row([
        ("Computer Name", "ACME-PC7"),
        ("Operating System", "Windows 11 Pro"),
    ]);
    let disks =
        SystemCategory::new("Disk Drives").row([("Drive", "C:"), ("Free", "2.1 GB of 237 GB")]);
    let memory = SystemCategory::new("Memory").row([("Physical", "16 GB")]);
    appliance.system_information(id, [general, disks, memory])?;
    appliance.at(id, start + 420)?;
    appliance.file_transfer(
        id,
        FileTransfer::upload("C:\\Temp\\profile-repair.exe", 1_482_331),
    )?;
    appliance.at(id, start + 600)?;
    appliance.special_action(id, "Restart Explorer")?;
    appliance.at(id, start + 960)?;
    appliance.note(
        id,
        "Mail profile rebuilt. Disk C: is nearly full; customer informed.",
    )?;
    appliance.at(id, start + LENGTH)?;
    Ok(())
}

/// The daemon's configuration, with the secrets in files beside it, as on a real machine.
fn configure(directory: &Path, appliance: &BomgarSim, autotask: &AutotaskSim) -> Anything<Config> {
    fs::write(directory.join("oauth"), appliance.client_secret())?;
    fs::write(directory.join("password"), autotask.password())?;
    fs::write(directory.join("code"), autotask.integration_code())?;
    let text = format!(
        r#"
[receiver]
listen = ["127.0.0.1:0"]

[log]
level = "info"

[[configuration]]
name = "Sandbox"
appliance_id = "default"

[configuration.appliance]
base_url = "{appliance}"
oauth_client_id = "{client}"
oauth_client_secret = {{ file = "oauth" }}

[configuration.autotask]
services_url = "{services}"
username = "{user}"
password = {{ file = "password" }}
integration_code = {{ file = "code" }}

[configuration.profile]
note_type = 3
publish_notes_as_public = false
update_time_entry = true
business_zone = "America/New_York"

[configuration.profile.time_entry_default_data]
roleName = "Support Engineer"
summaryNotes = "Remote support session"
defaultDomain = "example.com"
"#,
        appliance = appliance.base_url(),
        client = appliance.client_id(),
        services = autotask.endpoint(),
        user = autotask.username(),
    );
    let path = directory.join("bomgar-autotask.toml");
    fs::write(&path, text)?;
    Ok(Config::load(&path)?)
}

async fn wait_for_import(daemon: &Service) -> Anything<()> {
    let start = Instant::now();
    while daemon.store().pending_count().await? > 0 {
        if start.elapsed() > Duration::from_secs(30) {
            let entries = daemon.store().inbox(None, 10).await?;
            return Err(format!("the session was not imported: {entries:#?}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn print_record(record: &Record, fields: &[&str], text: &str) {
    println!("\n       {} {}", record.entity, record.id);
    for field in fields {
        let value = record
            .get(field)
            .map(autotask_sim::Val::plain)
            .unwrap_or_default();
        println!("         {field:<15}{value}");
    }
    println!("         {text}");
    for line in record.text(text).lines() {
        println!("         │ {line}");
    }
}

fn calls(autotask: &AutotaskSim, appliance: &BomgarSim) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for call in autotask.calls() {
        let entity = call
            .entity
            .map(|entity| format!(" {entity}"))
            .unwrap_or_default();
        *counts
            .entry(format!("{}{entity}", call.operation))
            .or_default() += 1;
    }
    let total: usize = counts.values().sum();
    detail(
        "Autotask",
        format!("{total} calls; look-ups are remembered for the next sessions"),
    );
    for (call, count) in counts {
        println!("         {count} × {call}");
    }
    detail("appliance", format!("{} calls", appliance.calls().len()));
}

/// The promise of this project, checked.
fn verify(autotask: &AutotaskSim, notes: &[Record], entries: &[Record]) -> Anything<()> {
    let demo = autotask.demo();
    let ([note], [entry]) = (notes, entries) else {
        return Err(format!(
            "the ticket holds {} notes and {} time entries of ours instead of one each",
            notes.len(),
            entries.len()
        )
        .into());
    };
    for part in [
        "Outlook does not start any more.",
        "Let me have a look <now> & here.",
        "profile-repair.exe",
        "Restart Explorer",
        "ACME-PC7",
        "2.1 GB of 237 GB",
        "Mail profile rebuilt.",
    ] {
        if !note.text("Description").contains(part) {
            return Err(format!("the note does not tell of {part:?}").into());
        }
    }
    if note.int("Publish") != Some(2) {
        return Err("the note is not internal".into());
    }
    let (Some(start), Some(end)) = (entry.time("StartDateTime"), entry.time("EndDateTime")) else {
        return Err("the time entry has no times".into());
    };
    if end.duration_since(start).as_secs() != LENGTH {
        return Err(format!("the time entry lasts from {start} to {end}, not 18 minutes").into());
    }
    if entry.int("ResourceID") != Some(demo.technician) || entry.int("RoleID") != Some(demo.role) {
        return Err("the time entry is not John Smith's as Support Engineer".into());
    }
    if entry.text("SummaryNotes") != "Remote support session" {
        return Err("the time entry's customer-visible text is not the setting".into());
    }
    Ok(())
}

async fn serve(appliance: &BomgarSim, autotask: &AutotaskSim, receiver: &str) -> Anything<()> {
    let demo = autotask.demo();
    appliance.remove_recipient(receiver);
    let start = autotask.now().as_second() - LENGTH;
    let spec = SessionSpec::new().external_key(demo.queue_ticket.to_string());
    let lsid = appliance.start_session(cast(spec, start));
    talk(appliance, &lsid, start)?;
    appliance.end_session(&lsid, None)?;
    let ticket = autotask
        .record("Ticket", demo.queue_ticket)
        .ok_or("the tenant has no ticket")?;
    println!("\nEverything stays up until Ctrl-C.\n");
    detail("appliance", appliance.base_url());
    detail("  OAuth client", appliance.client_id());
    detail("  OAuth secret", appliance.client_secret());
    detail("Autotask", autotask.endpoint());
    detail("  user name", autotask.username());
    detail("  password", autotask.password());
    detail("  code", autotask.integration_code());
    detail("daemon", receiver);
    println!(
        "\nA second session, on ticket {} (id {}), has ended; its event was not sent. Send it:\n",
        ticket.text("TicketNumber"),
        demo.queue_ticket
    );
    println!(
        "  curl -d event=support_conference_end -d version=1 -d timestamp={} -d lsid={lsid} \\\n       {receiver}\n",
        autotask.now().as_second()
    );
    println!("and look at the ticket:\n");
    println!(
        "  curl '{}Autotask/AutotaskExtend/ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID={}'\n",
        autotask.web_url(),
        demo.queue_ticket
    );
    tokio::signal::ctrl_c().await?;
    Ok(())
}
