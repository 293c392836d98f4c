//! The arguments.

use super::{
    links::{LivelinksArgs, ScriptUrlArgs},
    report::Kind,
    when::SessionChoice,
};
use crate::tool::{
    output::FormatArgs,
    pair,
    times::{Ago, Length},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const AFTER: &str = "\
Environment:
  BOMGAR_HOST           host name of the appliance
  BOMGAR_CLIENT_ID      OAuth client ID and
  BOMGAR_CLIENT_SECRET  client secret of an API account
  BOMGAR_USERNAME       or, before 16.2.1, user name and
  BOMGAR_PASSWORD       password

Exit codes:
  0  done
  1  failed; the message says why
  2  wrong arguments, environment or values; nothing was sent";

/// Asks and tells a Bomgar / BeyondTrust Remote Support appliance.
#[derive(Parser)]
#[command(name = "bomgar", version, after_help = AFTER)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Args)]
#[command(next_help_heading = "General options")]
pub(super) struct Global {
    #[command(flatten)]
    pub(super) format: FormatArgs,
    /// The appliance's URL, such as http://127.0.0.1:8080 for a simulator. Goes before BOMGAR_HOST.
    #[arg(long, global = true, value_name = "URL")]
    pub(super) base_url: Option<String>,
    /// Use the old paths, which end in `.ns`.
    #[arg(long, global = true)]
    pub(super) ns: bool,
    /// Allow http with a user name and password, which then cross the network readable.
    #[arg(long, global = true)]
    pub(super) allow_plain_http: bool,
    /// Trust the certificates in this PEM file, too.
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) ca_cert: Option<PathBuf>,
    /// Accept any certificate. Anyone on the way can then read and change everything.
    #[arg(long, global = true)]
    pub(super) danger_accept_invalid_certs: bool,
    /// The language in which answers are preferred, such as `de`.
    #[arg(long, global = true)]
    pub(super) language: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Version of the API and permissions of the account.
    ApiInfo,
    /// State of the appliance. Exit code 1 when it says that it is not well.
    Health,
    /// Representatives who are logged in.
    Reps,
    /// Teams and their issues.
    Teams(TeamsArgs),
    /// Make a session key.
    SessionKey(SessionKeyArgs),
    /// Sessions.
    Session {
        #[command(subcommand)]
        command: SessionCommand,
    },
    /// Any report, from the appliance or from a saved answer.
    Report {
        #[command(subcommand)]
        kind: Kind,
    },
    /// Recordings.
    Recording {
        #[command(subcommand)]
        command: RecordingCommand,
    },
    /// Outbound events.
    Event {
        #[command(subcommand)]
        command: EventCommand,
    },
    /// URLs and scripts that tell a representative's console what to do.
    ScriptUrl(ScriptUrlArgs),
    /// What to enter in Autotask's LiveLinks Designer and on the appliance.
    Livelinks(LivelinksArgs),
}

#[derive(Args)]
pub(super) struct TeamsArgs {
    /// Show the members, too.
    #[arg(long)]
    pub(super) members: bool,
}

#[derive(Args)]
pub(super) struct SessionKeyArgs {
    /// Where the session waits: general, rep:<id>, rep_username:<name>, team:<id> or issue:<code>.
    #[arg(long, default_value = "general")]
    pub(super) queue: String,
    /// How long the key is valid, such as 3600 (seconds), 90m or 2d. Default: one day.
    #[arg(long)]
    pub(super) ttl: Option<Length>,
    #[command(flatten)]
    pub(super) attributes: AttributeArgs,
    /// Priority.
    #[arg(long, value_enum)]
    pub(super) priority: Option<PriorityName>,
    /// Code name of a skill the session needs. May be repeated.
    #[arg(long = "skill", value_name = "CODE_NAME")]
    pub(super) skills: Vec<String>,
    /// Name of the customer.
    #[arg(long)]
    pub(super) customer_name: Option<String>,
    /// Company of the customer.
    #[arg(long)]
    pub(super) customer_company: Option<String>,
    /// Code of the customer's company.
    #[arg(long)]
    pub(super) customer_company_code: Option<String>,
    /// What the customer needs help with.
    #[arg(long)]
    pub(super) customer_details: Option<String>,
    /// Host name of the public site that the key's URL points to.
    #[arg(long, value_name = "HOST")]
    pub(super) url_hostname: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum PriorityName {
    High,
    Medium,
    Low,
}

/// External key and custom attributes of a session to come.
#[derive(Args)]
pub(super) struct AttributeArgs {
    /// External key of the session.
    #[arg(long, value_name = "KEY")]
    pub(super) external_key: Option<String>,
    /// A custom attribute of the session. May be repeated.
    #[arg(long = "custom", value_name = "CODE_NAME=VALUE", value_parser = pair)]
    pub(super) custom: Vec<(String, String)>,
}

impl AttributeArgs {
    pub(super) fn attributes(&self) -> bomgar_api::command::SessionAttributes {
        let mut attributes = bomgar_api::command::SessionAttributes::new();
        if let Some(key) = &self.external_key {
            attributes = attributes.external_key(key);
        }
        for (code_name, value) in &self.custom {
            attributes = attributes.custom(code_name, value);
        }
        attributes
    }
}

#[derive(Subcommand)]
pub(super) enum SessionCommand {
    /// One session, with all its events.
    Get {
        /// The session's identifier.
        lsid: String,
    },
    /// The sessions of a span of time, each as soon as it is there. Without a choice those that
    /// began in the last 24 hours.
    List(ListArgs),
    /// New sessions as they end, until interrupted; or one session until it ends.
    Watch(WatchArgs),
}

#[derive(Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) choice: SessionChoice,
    /// Ask for a long span of time in slices of this length, such as 1d.
    #[arg(long, value_name = "LENGTH", conflicts_with = "lsids")]
    pub(super) slice: Option<Length>,
}

#[derive(Args)]
pub(super) struct WatchArgs {
    /// Watch this session, show its events as they are reported, and stop when it has ended.
    pub(super) lsid: Option<String>,
    /// Begin with the sessions that ended at or after this time. Default: now.
    #[arg(long, value_name = "TIME", conflicts_with = "lsid")]
    pub(super) since: Option<Ago>,
    /// How long to wait before asking again, such as 30s or 5m.
    #[arg(long, default_value = "60s")]
    pub(super) interval: Length,
    /// Keep in this file what was seen, and go on from there the next time.
    #[arg(long, value_name = "FILE", conflicts_with = "lsid")]
    pub(super) state: Option<PathBuf>,
    /// Stop after so many sessions.
    #[arg(long, value_name = "COUNT", conflicts_with = "lsid")]
    pub(super) stop_after: Option<u64>,
    /// Ask once and stop.
    #[arg(long, conflicts_with = "lsid")]
    pub(super) once: bool,
}

#[derive(Subcommand)]
pub(super) enum RecordingCommand {
    /// Save a recording as a file.
    Download(DownloadArgs),
}

#[derive(Args)]
pub(super) struct DownloadArgs {
    /// The session's identifier.
    pub(super) lsid: String,
    /// Which recording of the session.
    #[arg(long, value_enum, default_value_t = RecordingKind::Session)]
    pub(super) kind: RecordingKind,
    /// Which of several, from 0. Only for show-my-screen and command-shell.
    #[arg(long, value_name = "NUMBER")]
    pub(super) instance: Option<u32>,
    /// The file to write. Default: the lsid with an ending that fits the video.
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Replace the file if it exists.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RecordingKind {
    /// The screen of a support session.
    Session,
    /// The representative's own screen.
    ShowMyScreen,
    /// A command shell.
    CommandShell,
    /// A presentation.
    Presentation,
    /// The screen of an access session (Privileged Remote Access).
    AccessSession,
}

#[derive(Subcommand)]
pub(super) enum EventCommand {
    /// What the body of an event says, and what to answer. Exit code 1 when it cannot be worked on.
    Decode {
        /// A file with the body as it was posted; - or nothing for the standard input.
        file: Option<PathBuf>,
    },
}
