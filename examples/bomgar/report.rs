//! Reports, from the appliance or from saved answers.

use super::{
    Failure, Outcome,
    output::{Printer, Row, some},
    rows, sessions,
    when::{SessionChoice, StartWhen, When},
};
use crate::tool::{
    input::{open, read_input, unreadable},
    pair,
};
use bomgar_api::{
    Call, Client,
    reporting::{
        Archive, ArchiveKind, ArchiveListing, Archives, EndpointLicenseUsage, EndpointLicenses,
        EventArchive, FileKind, GroupBy, JumpItem, LicenseUsage, LicenseUsageReport, Limit,
        PresentationSession, PresentationSessionListing, Product, RawElement, RawReport,
        ReportList, SessionReader, SessionSelection, SummaryType, SupportCustExitSurvey,
        SupportRepExitSurvey, SupportSession, SupportSessionListing, SupportSessionSummary,
        SupportTeam, SurveyOf, SurveyReportType, SurveySelection, Syslog, SyslogItem, SyslogReader,
        UnpackLimits, VaultAccountActivity, parse_archive_listing, parse_exit_surveys,
        parse_license_usage, parse_presentations, parse_raw_report, parse_session_listing,
        parse_session_summary, parse_team_activity, parse_vault_account_activity,
        read_state_archive,
    },
};
use bytes::Bytes;
use clap::{Args, Subcommand, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;
use std::{
    fs::File,
    io::{self, Read, Seek, Write},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

/// The reports. Their names on the wire are taken as well.
#[derive(Subcommand)]
pub(super) enum Kind {
    /// Sessions with all their events, each as soon as it is there.
    #[command(alias = "SupportSession")]
    SupportSession(SessionArgs),
    /// Which sessions there are, without what happened in them.
    #[command(alias = "SupportSessionListing")]
    SupportSessionListing(ListingArgs),
    /// Figures by representative, team, site or user.
    #[command(alias = "SupportSessionSummary")]
    SupportSessionSummary(SummaryArgs),
    /// Presentations.
    #[command(alias = "PresentationSession")]
    PresentationSession(PresentationArgs),
    /// Which presentations there are.
    #[command(alias = "PresentationSessionListing")]
    PresentationSessionListing(PresentationListingArgs),
    /// Exit surveys of customers.
    #[command(alias = "SupportCustExitSurvey")]
    SupportCustExitSurvey(SurveyArgs),
    /// Exit surveys of representatives.
    #[command(alias = "SupportRepExitSurvey")]
    SupportRepExitSurvey(SurveyArgs),
    /// What happened in teams.
    #[command(alias = "SupportTeam")]
    SupportTeam(TeamArgs),
    /// When the licences nearly ran out.
    #[command(alias = "LicenseUsage")]
    LicenseUsage(LicenseArgs),
    /// Which archives a day has.
    #[command(alias = "ArchiveListing")]
    ArchiveListing(ArchiveListingArgs),
    /// An archive: rows of the state, or changes.
    #[command(alias = "Archive")]
    Archive(ArchiveArgs),
    /// What happened to accounts of the Vault.
    #[command(alias = "VaultAccountActivity")]
    VaultAccountActivity(VaultArgs),
    /// Jump Items, as the file that the appliance sends.
    #[command(alias = "JumpItem")]
    JumpItem(JumpItemArgs),
    /// The appliance's log.
    #[command(alias = "Syslog")]
    Syslog(SavedArg),
    /// Which Jump Items use endpoint licences.
    #[command(alias = "EndpointLicenseUsage")]
    EndpointLicenseUsage(SavedArg),
    /// Any other XML report by its name, as it is.
    Raw(RawArgs),
}

const FILE_HELP: &str = "Read this saved answer instead of asking the appliance; - is the \
                         standard input";

#[derive(Args)]
pub(super) struct SavedArg {
    #[arg(long, value_name = "FILE", help = FILE_HELP)]
    file: Option<PathBuf>,
}

#[derive(Args)]
struct ProductArgs {
    /// Which product the appliance is; they have different report names.
    #[arg(long, value_enum, default_value_t = ProductName::RemoteSupport)]
    product: ProductName,
}

#[derive(Clone, Copy, ValueEnum)]
enum ProductName {
    #[value(alias = "rs")]
    RemoteSupport,
    #[value(alias = "pra")]
    PrivilegedRemoteAccess,
}

impl ProductArgs {
    fn product(&self) -> Product {
        match self.product {
            ProductName::RemoteSupport => Product::RemoteSupport,
            ProductName::PrivilegedRemoteAccess => Product::PrivilegedRemoteAccess,
        }
    }
}

#[derive(Args)]
struct LimitArgs {
    /// Restrict the report by a category of the appliance.
    #[arg(long, value_name = "CATEGORY", requires = "limit_value")]
    limit: Option<String>,
    /// The field and value that belong to the category.
    #[arg(long, value_name = "FIELD=VALUE", value_parser = pair, requires = "limit")]
    limit_value: Option<(String, String)>,
}

impl LimitArgs {
    fn limit(&self) -> Option<Limit> {
        let (category, (field, value)) = self.limit.as_ref().zip(self.limit_value.as_ref())?;
        Some(Limit::new(category, field, value))
    }
}

#[derive(Args)]
pub(super) struct SessionArgs {
    #[command(flatten)]
    choice: SessionChoice,
    #[command(flatten)]
    limit: LimitArgs,
    #[command(flatten)]
    product: ProductArgs,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with_all = ["begin", "lsids"])]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct ListingArgs {
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    limit: LimitArgs,
    #[command(flatten)]
    product: ProductArgs,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with = "begin")]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct SummaryArgs {
    /// What the report has a line for. Users are those of Privileged Remote Access.
    #[arg(long, value_enum, required_unless_present = "file")]
    report_type: Option<SummaryName>,
    #[command(flatten)]
    when: When,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with = "begin")]
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum SummaryName {
    Rep,
    Team,
    Site,
    User,
}

#[derive(Args)]
pub(super) struct PresentationArgs {
    #[command(flatten)]
    choice: SessionChoice,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with_all = ["begin", "lsids"])]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct PresentationListingArgs {
    #[command(flatten)]
    when: When,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with = "begin")]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct SurveyArgs {
    /// By what the surveys are gathered: rep, team or site.
    #[arg(long, default_value = "rep")]
    report_type: String,
    /// The number of the representative, team or site. Default: all.
    #[arg(long, conflicts_with = "lsids")]
    id: Option<u64>,
    #[command(flatten)]
    choice: SessionChoice,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with_all = ["begin", "lsids"])]
    file: Option<PathBuf>,
}

impl SurveyArgs {
    fn report_type(&self) -> SurveyReportType {
        match self.report_type.as_str() {
            "rep" => SurveyReportType::Rep,
            "team" => SurveyReportType::Team,
            "site" => SurveyReportType::Site,
            other => SurveyReportType::Other(other.to_owned()),
        }
    }

    fn selection(&self) -> Outcome<SurveySelection> {
        let of = self.id.map_or(SurveyOf::All, SurveyOf::Id);
        Ok(match self.choice.selection()? {
            SessionSelection::Lsid(lsid) => SurveySelection::Lsid(lsid),
            SessionSelection::Lsids(lsids) => SurveySelection::Lsids(lsids),
            SessionSelection::Window(window) => SurveySelection::Window { window, of },
            _ => {
                let what = "this choice of sessions is not possible for surveys";
                return Err(Failure::Usage(what.to_owned()));
            }
        })
    }
}

#[derive(Args)]
pub(super) struct TeamArgs {
    /// Only this team.
    #[arg(long, value_name = "NUMBER")]
    team_id: Option<u64>,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    product: ProductArgs,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with = "begin")]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct LicenseArgs {
    /// How long the intervals of the report are.
    #[arg(long, value_enum, default_value_t = GroupName::Day)]
    group_by: GroupName,
    #[command(flatten)]
    when: StartWhen,
    #[arg(long, value_name = "FILE", help = FILE_HELP,
          conflicts_with_all = ["start_time", "start_date"])]
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum GroupName {
    Hour,
    Day,
    Month,
}

#[derive(Args)]
pub(super) struct ArchiveListingArgs {
    /// A day of the appliance, such as 2023-11-14.
    #[arg(long, required_unless_present = "file")]
    date: Option<Date>,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with = "date")]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct ArchiveArgs {
    /// The whole state, or the changes of ten minutes.
    #[arg(long = "type", value_enum)]
    kind: ArchiveName,
    /// A day of the appliance, such as 2023-11-14.
    #[arg(long, required_unless_present = "file")]
    date: Option<Date>,
    /// Which archive of the day, from 1.
    #[arg(long, required_unless_present = "file")]
    index: Option<u32>,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with_all = ["date", "index"])]
    file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ArchiveName {
    State,
    Event,
}

#[derive(Args)]
pub(super) struct VaultArgs {
    #[command(flatten)]
    when: StartWhen,
    /// A filter that the guide of the appliance's version names. May be repeated.
    #[arg(long = "filter", value_name = "NAME=VALUE", value_parser = pair)]
    filters: Vec<(String, String)>,
    #[arg(long, value_name = "FILE", help = FILE_HELP,
          conflicts_with_all = ["start_time", "start_date"])]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct JumpItemArgs {
    /// A parameter that the guide of the appliance's version names. May be repeated.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
    /// The file to write. Text goes to the standard output without it.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with = "fields")]
    file: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct RawArgs {
    /// The report's name on the wire, such as SupportSession.
    #[arg(required_unless_present = "file")]
    name: Option<String>,
    /// A parameter of the report. May be repeated.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
    #[arg(long, value_name = "FILE", help = FILE_HELP, conflicts_with_all = ["name", "fields"])]
    file: Option<PathBuf>,
}

/// Where reports come from.
struct Source<'a, F> {
    client: &'a F,
    input: &'a mut dyn Read,
}

impl<F: Fn() -> Outcome<Client>> Source<'_, F> {
    /// A report of the appliance, or a saved one.
    async fn report<C: Call + Sync>(
        &mut self,
        file: Option<&Path>,
        request: impl FnOnce() -> Outcome<C>,
        parse: fn(&[u8]) -> bomgar_api::Result<C::Reply>,
    ) -> Outcome<C::Reply> {
        let Some(file) = file else {
            let request = request()?;
            return Ok((self.client)()?.call(&request).await?);
        };
        let mut body = Vec::new();
        read_input(Some(file), self.input)?
            .read_to_end(&mut body)
            .map_err(|error| unreadable(file, &error))?;
        Ok(parse(&body)?)
    }

    /// A report that is a file, in a file.
    async fn file<C: Call<Reply = Bytes> + Sync>(
        &mut self,
        file: Option<&Path>,
        request: impl FnOnce() -> Outcome<C>,
    ) -> Outcome<File> {
        let temporary = |error: io::Error| {
            Failure::Failed(format!("a temporary file cannot be written: {error}"))
        };
        match file {
            Some(file) if file != Path::new("-") => open(file),
            Some(_) => {
                let mut copy = tempfile::tempfile().map_err(temporary)?;
                io::copy(self.input, &mut copy).map_err(temporary)?;
                copy.rewind().map_err(temporary)?;
                Ok(copy)
            }
            None => {
                let request = request()?;
                let mut download = (self.client)()?.download(&request).await?;
                let mut copy = tempfile::tempfile().map_err(temporary)?;
                while let Some(chunk) = download.chunk().await? {
                    copy.write_all(&chunk).map_err(temporary)?;
                }
                copy.rewind().map_err(temporary)?;
                Ok(copy)
            }
        }
    }
}

pub(super) async fn report(
    kind: &Kind,
    client: &impl Fn() -> Outcome<Client>,
    input: &mut dyn Read,
    printer: &mut Printer<'_>,
) -> Outcome {
    let mut source = Source { client, input };
    match kind {
        Kind::SupportSession(arguments) => support_session(arguments, source, printer).await,
        Kind::SupportSessionListing(arguments) => {
            let request = || {
                let request = SupportSessionListing::new(arguments.when.window()?)
                    .product(arguments.product.product());
                Ok(match arguments.limit.limit() {
                    Some(limit) => request.limit(limit),
                    None => request,
                })
            };
            let file = arguments.file.as_deref();
            list(
                source.report(file, request, parse_session_listing).await?,
                printer,
            )
        }
        Kind::SupportSessionSummary(arguments) => {
            let request = || {
                let report_type = match arguments.report_type {
                    Some(SummaryName::Team) => SummaryType::Team,
                    Some(SummaryName::Site) => SummaryType::Site,
                    Some(SummaryName::User) => SummaryType::User,
                    Some(SummaryName::Rep) | None => SummaryType::Rep,
                };
                let window = arguments.when.window()?;
                Ok(SupportSessionSummary::new(report_type, window))
            };
            let file = arguments.file.as_deref();
            list(
                source.report(file, request, parse_session_summary).await?,
                printer,
            )
        }
        Kind::PresentationSession(arguments) => {
            let request = || Ok(PresentationSession::new(arguments.choice.selection()?));
            let file = arguments.file.as_deref();
            list(
                source.report(file, request, parse_presentations).await?,
                printer,
            )
        }
        Kind::PresentationSessionListing(arguments) => {
            let request = || Ok(PresentationSessionListing::new(arguments.when.window()?));
            let file = arguments.file.as_deref();
            list(
                source.report(file, request, parse_presentations).await?,
                printer,
            )
        }
        Kind::SupportCustExitSurvey(arguments) => {
            let request = || {
                let selection = arguments.selection()?;
                Ok(SupportCustExitSurvey::new(
                    arguments.report_type(),
                    selection,
                ))
            };
            let file = arguments.file.as_deref();
            list(
                source.report(file, request, parse_exit_surveys).await?,
                printer,
            )
        }
        Kind::SupportRepExitSurvey(arguments) => {
            let request = || {
                let selection = arguments.selection()?;
                Ok(SupportRepExitSurvey::new(
                    arguments.report_type(),
                    selection,
                ))
            };
            let file = arguments.file.as_deref();
            list(
                source.report(file, request, parse_exit_surveys).await?,
                printer,
            )
        }
        Kind::SupportTeam(arguments) => {
            let request = || {
                let request =
                    SupportTeam::new(arguments.when.window()?).product(arguments.product.product());
                Ok(match arguments.team_id {
                    Some(id) => request.team_id(id),
                    None => request,
                })
            };
            let file = arguments.file.as_deref();
            list(
                source.report(file, request, parse_team_activity).await?,
                printer,
            )
        }
        Kind::LicenseUsage(arguments) => {
            let request = || {
                let group_by = match arguments.group_by {
                    GroupName::Hour => GroupBy::Hour,
                    GroupName::Day => GroupBy::Day,
                    GroupName::Month => GroupBy::Month,
                };
                Ok(LicenseUsage::new(group_by, arguments.when.window()?))
            };
            let file = arguments.file.as_deref();
            licenses(
                &source.report(file, request, parse_license_usage).await?,
                printer,
            )
        }
        Kind::ArchiveListing(arguments) => {
            let request = || {
                let date = arguments.date.ok_or_else(|| missing("--date"))?;
                Ok(ArchiveListing::new(date))
            };
            let file = arguments.file.as_deref();
            archives(
                &source.report(file, request, parse_archive_listing).await?,
                printer,
            )
        }
        Kind::VaultAccountActivity(arguments) => {
            let request = || {
                let request = VaultAccountActivity::new(arguments.when.window()?);
                let filters = arguments.filters.iter();
                Ok(filters.fold(request, |request, (name, value)| {
                    request.filter(name, value)
                }))
            };
            let file = arguments.file.as_deref();
            let report = source.report(file, request, parse_vault_account_activity);
            list(report.await?, printer)
        }
        Kind::Raw(arguments) => {
            let request = || {
                let name = arguments.name.as_deref().ok_or_else(|| missing("a name"))?;
                let fields = arguments.fields.iter();
                Ok(fields.fold(RawReport::new(name), |request, (name, value)| {
                    request.field(name, value)
                }))
            };
            let file = arguments.file.as_deref();
            raw(
                &source.report(file, request, parse_raw_report).await?,
                printer,
            )
        }
        Kind::Archive(arguments) => {
            let kind = match arguments.kind {
                ArchiveName::State => ArchiveKind::State,
                ArchiveName::Event => ArchiveKind::Event,
            };
            let request = || {
                let date = arguments.date.ok_or_else(|| missing("--date"))?;
                let index = arguments.index.ok_or_else(|| missing("--index"))?;
                Ok(Archive::new(kind, date, index))
            };
            let file = source.file(arguments.file.as_deref(), request).await?;
            match arguments.kind {
                ArchiveName::State => state_archive(file, printer),
                ArchiveName::Event => event_archive(file, printer),
            }
        }
        Kind::Syslog(saved) => {
            let file = source.file(saved.file.as_deref(), || Ok(Syslog)).await?;
            syslog(file, printer)
        }
        Kind::EndpointLicenseUsage(saved) => {
            let request = || Ok(EndpointLicenseUsage);
            let file = source.file(saved.file.as_deref(), request).await?;
            for license in EndpointLicenses::new(file, UnpackLimits::default())? {
                printer.item(&license?)?;
            }
            Ok(())
        }
        Kind::JumpItem(arguments) => jump_item(arguments, source, printer).await,
    }
}

fn missing(what: &str) -> Failure {
    Failure::Usage(format!("{what} is missing"))
}

async fn support_session(
    arguments: &SessionArgs,
    source: Source<'_, impl Fn() -> Outcome<Client>>,
    printer: &mut Printer<'_>,
) -> Outcome {
    let Some(file) = &arguments.file else {
        let mut request =
            SupportSession::new(arguments.choice.selection()?).product(arguments.product.product());
        if let Some(limit) = arguments.limit.limit() {
            request = request.limit(limit);
        }
        return sessions::stream((source.client)()?.session_stream(request), printer).await;
    };
    let mut is_empty = true;
    let mut reader = SessionReader::new(read_input(Some(file), source.input)?);
    for session in &mut reader {
        is_empty = false;
        printer.item(&session?)?;
    }
    let unknown = reader.decoder().unknown().len();
    if unknown > 0 {
        printer.note(&format!(
            "{unknown} elements beside the sessions are not known to this program"
        ))?;
    }
    if is_empty {
        printer.nothing()?;
    }
    Ok(())
}

fn list<T: Row + Serialize>(report: ReportList<T>, printer: &mut Printer<'_>) -> Outcome {
    printer.items(&report.items, report.unknown.len())
}

fn licenses(report: &LicenseUsageReport, printer: &mut Printer<'_>) -> Outcome {
    if !printer.is_table() {
        return printer.json(report);
    }
    printer.lines(&[
        ("From", some(report.start_time)),
        ("To", some(report.end_time)),
        ("Grouped by", some(report.group_by.as_deref())),
    ])?;
    for interval in &report.intervals {
        raw(&interval.element, printer)?;
    }
    Ok(())
}

fn archives(report: &Archives, printer: &mut Printer<'_>) -> Outcome {
    if !printer.is_table() {
        return printer.json(report);
    }
    let columns = &[("TYPE", 5), ("INDEX", 5), ("TIME", 20), ("UNTIL", 20)];
    for state in &report.states {
        let cells = [
            "state".into(),
            some(state.index),
            some(state.time),
            String::new(),
        ];
        printer.row(columns, &cells)?;
    }
    for event in &report.events {
        let times = [some(event.start_time), some(event.end_time)];
        let [start, end] = times;
        printer.row(columns, &["event".into(), some(event.index), start, end])?;
    }
    if report.states.is_empty() && report.events.is_empty() {
        printer.nothing()?;
    }
    Ok(())
}

fn raw(element: &RawElement, printer: &mut Printer<'_>) -> Outcome {
    if !printer.is_table() {
        return printer.json(element);
    }
    let mut text = String::new();
    rows::tree(element, 0, &mut text);
    printer.tree(&text)
}

/// A row of a state archive.
#[derive(Serialize)]
struct StateLine<'a> {
    table: &'a str,
    id: &'a str,
    fields: &'a serde_json::Map<String, serde_json::Value>,
}

fn state_archive(file: File, printer: &mut Printer<'_>) -> Outcome {
    let mut outcome = Ok(());
    read_state_archive(file, UnpackLimits::default(), |row| {
        let line = StateLine {
            table: &row.table,
            id: &row.id,
            fields: &row.fields,
        };
        outcome = if printer.is_table() {
            let fields = serde_json::to_string(&row.fields).map_err(io::Error::from);
            let columns = &[("TABLE", 28), ("ID", 8), ("FIELDS", 40)];
            match fields {
                Ok(fields) => printer.row(columns, &[row.table.clone(), row.id.clone(), fields]),
                Err(error) => Err(error.into()),
            }
        } else {
            printer.json(&line)
        };
        match outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    outcome
}

fn event_archive(file: File, printer: &mut Printer<'_>) -> Outcome {
    for change in EventArchive::new(file, UnpackLimits::default())? {
        printer.json(&change?)?;
    }
    Ok(())
}

fn syslog(file: File, printer: &mut Printer<'_>) -> Outcome {
    let columns = &[("TIME", 20), ("HOST", 16), ("RECORD", 60)];
    let mut damaged = 0;
    for item in SyslogReader::new(file, UnpackLimits::default())? {
        match item {
            Ok(SyslogItem::Record(record)) if printer.is_table() => {
                let time = record
                    .when()
                    .map_or_else(|| record.written.clone(), |time| time.to_string());
                let fields = record.fields.iter();
                let fields: Vec<String> = fields
                    .filter(|(name, _)| name != "when")
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                printer.row(columns, &[time, record.host.clone(), fields.join("; ")])?;
            }
            Ok(SyslogItem::Record(record)) => printer.json(&record)?,
            Ok(SyslogItem::Unparsed(line)) if printer.is_table() => {
                printer.row(columns, &[String::new(), String::new(), line.text])?;
            }
            Ok(SyslogItem::Unparsed(line)) => printer.json(&line)?,
            Ok(_) => {}
            // The other files of the log can still be read.
            Err(error) => {
                damaged += 1;
                printer.note(&format!("bomgar: {}", super::describe(&error)))?;
            }
        }
    }
    match damaged {
        0 => Ok(()),
        _ => Err(Failure::Said),
    }
}

async fn jump_item(
    arguments: &JumpItemArgs,
    mut source: Source<'_, impl Fn() -> Outcome<Client>>,
    printer: &mut Printer<'_>,
) -> Outcome {
    let request = || {
        let fields = arguments.fields.iter();
        Ok(fields.fold(JumpItem::new(), |request, (name, value)| {
            request.parameter(name, value)
        }))
    };
    let parse = |body: &[u8]| JumpItem::new().decode(body);
    let file = arguments.file.as_deref();
    let found = source.report(file, request, parse).await?;
    if let Some(output) = &arguments.output {
        let written = std::fs::write(output, &found.bytes);
        written.map_err(|error| {
            Failure::Failed(format!("{} cannot be written: {error}", output.display()))
        })?;
        let bytes = found.bytes.len();
        let kind = format!("{:?}", found.kind).to_lowercase();
        let file = output.display().to_string();
        let saved = serde_json::json!({ "file": file, "kind": kind, "bytes": bytes });
        let lines = [
            ("Saved", file),
            ("Kind", kind),
            ("Bytes", bytes.to_string()),
        ];
        return printer.single(&saved, &lines);
    }
    match found.kind {
        FileKind::Text | FileKind::Json | FileKind::Xml => printer.bytes(&found.bytes),
        _ => {
            let what = "the report is not text; give --output to save it";
            Err(Failure::Failed(what.to_owned()))
        }
    }
}
