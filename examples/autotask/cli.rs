//! The arguments.

use crate::tool::{
    output::FormatArgs,
    times::{Ago, Length},
};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

const AFTER: &str = "\
Environment:
  AUTOTASK_USERNAME          full login of an API user,
  AUTOTASK_PASSWORD          its password, and
  AUTOTASK_INTEGRATION_CODE  the tracking identifier on its page in Autotask

Exit codes:
  0  done
  1  failed; the message says why, and after a write whether it may be stored nonetheless
  2  wrong arguments, environment or values; nothing was written";

const EXPRESSIONS: &str = "\
Expressions:
  Status = 1 and (Title contains VPN or Priority in (1, 4))

  =  !=  <  <=  >  >=        compare; texts without regard to case
  in (a, b)  notin (a, b)    one, or none, of several values
  contains  beginswith  endswith  like  notlike
                             for texts; in a pattern % stands for anything
  isnull  isnotnull          is it empty?
  isthisday 2026-11-24       a day of the server's zone
  and, or, ( )               'and' binds closer than 'or'

  Fields are called as on the wire; udf:Name or udf:'Asset tag' is one that your company added.
  Values with spaces or any of ()=!<>,'\" stand in quotes; a quote in them is written twice.
  Times are 2026-11-24T10:00:00Z, or how long ago, such as 24h or 7d, or a day, which means its
  first moment in the server's zone.";

/// Asks and tells an Autotask tenant by ATWS, the SOAP interface.
#[derive(Parser)]
#[command(name = "autotask", version, after_help = AFTER)]
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
    /// Print the envelope of the call instead of sending it, with the integration code masked. What
    /// must be looked up for it, such as labels of picklists, is asked nonetheless.
    #[arg(long, global = true)]
    pub(super) dry_run: bool,
    /// Ask here for the tenant's zone, such as at a simulator.
    #[arg(long, global = true, value_name = "URL")]
    pub(super) url: Option<String>,
    /// Write as this resource, by its id, instead of as the API user.
    #[arg(long, global = true, value_name = "RESOURCE")]
    pub(super) impersonate: Option<i64>,
    /// The zone of times on the wire: another one only if support has set it for your company.
    #[arg(long, global = true, value_enum, default_value_t = Zone::Eastern)]
    pub(super) wire_zone: Zone,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Zone {
    Eastern,
    Utc,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Where the tenant lives: its endpoint, number and user interface.
    Zone,
    /// What is wrong with the connection: zone, password, integration code, API user, version,
    /// allowance, permissions, clock. Exit code 1 when something is.
    Diagnose,
    /// How many calls the tenant has made and may make.
    Usage,
    /// All entities, and what the API user may do with them.
    Entities,
    /// The fields of an entity in this tenant.
    Fields {
        /// The entity, such as Ticket.
        entity: String,
    },
    /// The values of a field's picklist.
    Picklist(PicklistArgs),
    /// Records that an expression describes: the first 500, or all.
    #[command(after_help = EXPRESSIONS)]
    Query(QueryArgs),
    /// One record by its id.
    Get(GetArgs),
    /// Create a record. It is sent once and never again.
    Create(CreateArgs),
    /// Notes.
    Note {
        #[command(subcommand)]
        command: NoteCommand,
    },
    /// Time entries.
    Time {
        #[command(subcommand)]
        command: TimeCommand,
    },
    /// Attach a file to a ticket. It is sent once and never again.
    Attach(AttachArgs),
    /// Links into the user interface.
    Link {
        #[command(subcommand)]
        command: LinkCommand,
    },
}

#[derive(Args)]
pub(super) struct PicklistArgs {
    /// The entity, such as Ticket.
    pub(super) entity: String,
    /// The field, such as Status.
    pub(super) field: String,
    /// Show inactive values, too. They stand in old records, but may not be set anew.
    #[arg(long)]
    pub(super) all: bool,
    /// Only values that may be chosen while the parent field has this value.
    #[arg(long, value_name = "VALUE")]
    pub(super) under: Option<String>,
}

#[derive(Args)]
pub(super) struct QueryArgs {
    /// The entity, such as Ticket.
    pub(super) entity: String,
    /// Which records; see below. Without it every record counts; - reads it from the standard input.
    pub(super) expression: Option<String>,
    /// The expression is QueryXML, a whole <queryxml> element.
    #[arg(long, requires = "expression")]
    pub(super) xml: bool,
    /// All records, however many, with one call for every 500.
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) shown: ShownArgs,
}

#[derive(Args)]
pub(super) struct GetArgs {
    /// The entity, such as Ticket.
    pub(super) entity: String,
    /// The record's id.
    pub(super) id: i64,
    #[command(flatten)]
    pub(super) shown: ShownArgs,
}

#[derive(Args)]
pub(super) struct ShownArgs {
    /// Show these fields only. Without it the table of a query shows the id and the fields that
    /// every record must have.
    #[arg(long, value_name = "FIELD,FIELD", value_delimiter = ',')]
    pub(super) fields: Vec<String>,
}

#[derive(Args)]
pub(super) struct CreateArgs {
    /// The entity, such as Ticket.
    pub(super) entity: String,
    /// Its fields, such as Title='No VPN' Status=New udf:Floor=3. Picklists take a label or a value.
    #[arg(required = true, value_name = "FIELD=VALUE", value_parser = crate::tool::pair)]
    pub(super) fields: Vec<(String, String)>,
}

#[derive(Subcommand)]
pub(super) enum NoteCommand {
    /// Add a note to a ticket. It is sent once and never again.
    Add(NoteArgs),
}

#[derive(Args)]
pub(super) struct NoteArgs {
    /// The ticket: its id, or its number, such as T20261124.0001.
    pub(super) ticket: String,
    /// The note's title.
    #[arg(long)]
    pub(super) title: Option<String>,
    /// The note itself; - reads it from the standard input.
    #[arg(long)]
    pub(super) text: String,
    /// Who sees it: a label of the picklist TicketNote.Publish, or its value.
    #[arg(long, value_name = "LABEL")]
    pub(super) publish: String,
    /// Its kind: a label of the picklist TicketNote.NoteType, or its value.
    #[arg(long = "type", value_name = "LABEL")]
    pub(super) note_type: String,
}

#[derive(Subcommand)]
pub(super) enum TimeCommand {
    /// Enter time on a ticket. It is sent once and never again.
    Add(TimeArgs),
}

#[derive(Args)]
pub(super) struct TimeArgs {
    /// The ticket: its id, or its number, such as T20261124.0001.
    pub(super) ticket: String,
    /// Whose time it is: id, e-mail address or user name of the resource.
    #[arg(long)]
    pub(super) resource: String,
    /// When it began: 2026-11-24T10:00:00Z, Unix seconds, or how long ago, such as 2h.
    #[arg(long, value_name = "TIME")]
    pub(super) start: Ago,
    /// When it ended.
    #[arg(long, value_name = "TIME", required_unless_present = "duration")]
    pub(super) end: Option<Ago>,
    /// How long it lasted, such as 900 (seconds) or 45m.
    #[arg(long, value_name = "LENGTH", conflicts_with = "end")]
    pub(super) duration: Option<Length>,
    /// What was done, for the customer, too; - reads it from the standard input.
    #[arg(long)]
    pub(super) summary: String,
    /// What only colleagues may read.
    #[arg(long)]
    pub(super) internal: Option<String>,
    /// The role: its id or name. Default: that of the ticket's assignment, else the resource's
    /// default role, else its only one.
    #[arg(long)]
    pub(super) role: Option<String>,
    /// The work type: the id of an AllocationCode.
    #[arg(long, value_name = "ID")]
    pub(super) work_type: Option<i32>,
}

#[derive(Args)]
pub(super) struct AttachArgs {
    /// The ticket: its id, or its number, such as T20261124.0001.
    pub(super) ticket: String,
    /// The file. Autotask refuses some extensions, and more than about 6 MB.
    pub(super) file: PathBuf,
    /// Who sees it: a label of the picklist AttachmentInfo.Publish, or its value.
    #[arg(long, value_name = "LABEL")]
    pub(super) publish: String,
    /// Its title. Default: the file's name.
    #[arg(long)]
    pub(super) title: Option<String>,
}

#[derive(Subcommand)]
pub(super) enum LinkCommand {
    /// The link to a ticket.
    Ticket(LinkArgs),
}

#[derive(Args)]
pub(super) struct LinkArgs {
    /// The ticket: its id, or its number, such as T20261124.0001.
    pub(super) ticket: String,
    /// Straight to the page, in a way that Autotask does not document.
    #[arg(long, conflicts_with = "time")]
    pub(super) page: bool,
    /// To the form for a time entry on it. Needs the id.
    #[arg(long)]
    pub(super) time: bool,
}
