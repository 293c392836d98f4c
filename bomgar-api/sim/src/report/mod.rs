//! The Reporting API: which report is asked for, who may have it, and how it says "nothing".

mod generated;
mod license;
mod presentation;
mod session_list;
mod summary;
mod survey;
mod team;
mod vault;
mod window;
mod written;

use http::StatusCode;

pub use generated::GeneratedSessions;
pub use license::LicenseInterval;
pub use presentation::PresentationSpec;
pub use team::TeamActivity;
pub use vault::VaultActivity;
pub(crate) use window::lsid;
pub use written::{WrittenReport, write_report, write_report_file};

use crate::reply::{Content, Reply, XML};
use crate::request::{Incoming, Params};
use crate::spec::SurveyKind;
use crate::state::{ErrorForm, Inner, State};
use crate::xml::{self, Xml};
use crate::{archive, recording, zip_reports};

/// The English text that stands for an empty result.
pub const EMPTY_REPORT: &str =
    "No Support report information matching your chosen criteria is available.";

/// What an appliance with a French site says instead.
pub const EMPTY_REPORT_FRENCH: &str =
    "Aucune information de rapport Support correspondant à vos critères n’est disponible.";

/// How a report says that it found nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EmptyReport {
    /// An error with the English text [`EMPTY_REPORT`].
    #[default]
    English,
    /// An error with the French text [`EMPTY_REPORT_FRENCH`].
    French,
    /// An error with this text, as in any other language.
    Text(String),
    /// No error but the report's empty root element, as the vendor's guide has it.
    Root,
}

/// What the writers need to know, free of the state's lock.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) base_url: String,
    pub(crate) namespace: Option<String>,
    pub(crate) scrambled: bool,
    pub(crate) file_elements: bool,
}

impl Context {
    pub(crate) fn of(inner: &Inner, state: &State) -> Self {
        Self {
            base_url: inner.base_url.clone(),
            namespace: state.namespace.uri("reporting"),
            scrambled: state.scrambled,
            file_elements: state.file_elements,
        }
    }
}

/// Opens a report's root element.
fn open_root(xml: &mut Xml, namespace: Option<&str>, name: &str) {
    let mut attributes = vec![("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")];
    if let Some(namespace) = namespace {
        attributes.insert(0, ("xmlns", namespace));
    }
    xml.open(name, &attributes);
}

/// A report that is written whole.
pub(crate) fn document(state: &State, root: &str, write: impl FnOnce(&mut Xml)) -> Reply {
    let mut xml = Xml::new();
    open_root(&mut xml, state.namespace.uri("reporting").as_deref(), root);
    write(&mut xml);
    xml.close(root);
    Reply::xml(xml.finish())
}

/// An XML error in the reporting namespace, in the form that the appliance is set to.
pub(crate) fn error(state: &State, report: &str, text: &str) -> Reply {
    Reply::xml(error_document(state, report, text))
}

pub(crate) fn error_document(state: &State, report: &str, text: &str) -> String {
    let namespace = state.namespace.uri("reporting");
    let root = root(report);
    if state.error_form == ErrorForm::Inner && !root.is_empty() {
        let mut xml = Xml::new();
        open_root(&mut xml, namespace.as_deref(), root);
        xml.leaf("error", &[], text);
        xml.close(root);
        return xml.finish();
    }
    let spaced = state.error_form == ErrorForm::SpacedRoot;
    xml::message("error", namespace.as_deref(), spaced, text)
}

/// The root element of a report's good answer; empty if that is no XML.
fn root(report: &str) -> &'static str {
    match report {
        "SupportSession" | "AccessSession" => "session_list",
        "SupportSessionListing" | "AccessSessionListing" | "PresentationSessionListing" => {
            "session_summary_list"
        }
        "SupportSessionSummary" | "AccessSessionSummary" => "summary_list",
        "SupportCustExitSurvey" | "SupportRepExitSurvey" => "exit_survey_list",
        "SupportTeam" | "Team" => "team_activity_list",
        "PresentationSession" => "presentation_session_list",
        "LicenseUsage" => "license_usage",
        "VaultAccountActivity" => "vault_account_activity_list",
        "ArchiveListing" => "archives",
        _ => "",
    }
}

/// The answer of a report that found nothing.
pub(crate) fn empty(state: &State, root: &str) -> Reply {
    let text = match &state.documents.empty {
        EmptyReport::English => EMPTY_REPORT,
        EmptyReport::French => EMPTY_REPORT_FRENCH,
        EmptyReport::Text(text) => text,
        EmptyReport::Root => return document(state, root, |_| {}),
    };
    let namespace = state.namespace.uri("reporting");
    if state.error_form == ErrorForm::Inner {
        return document(state, root, |xml| xml.leaf("error", &[], text));
    }
    Reply::xml(xml::message("error", namespace.as_deref(), true, text))
}

/// The permissions that a report needs. The first that the account knows decides, because newer
/// versions have permissions that older ones lack.
pub(crate) fn permissions(report: &str) -> &'static [&'static str] {
    match report {
        "ArchiveListing" | "Archive" => &["perm_reporting_archive"],
        "LicenseUsage" | "EndpointLicenseUsage" => &["perm_reporting_license"],
        "VaultAccountActivity" => &["perm_reporting_vault", "perm_reporting_support"],
        _ if report.starts_with("Presentation") => &["perm_reporting_presentation"],
        _ if report.starts_with("Access") || report == "Team" => {
            &["perm_reporting", "perm_reporting_support"]
        }
        _ => &["perm_reporting_support"],
    }
}

pub(crate) fn answer(inner: &Inner, state: &mut State, report: &str, params: &Params) -> Reply {
    let result = match report {
        "SupportSession" | "AccessSession" => session_list::answer(inner, state, params),
        "SupportSessionListing" | "AccessSessionListing" => summary::listing(state, params),
        "SupportSessionSummary" => summary::summaries(state, params, &["rep", "team", "site"]),
        "AccessSessionSummary" => summary::summaries(state, params, &["user"]),
        "SupportCustExitSurvey" => survey::answer(state, params, SurveyKind::Customer),
        "SupportRepExitSurvey" => survey::answer(state, params, SurveyKind::Representative),
        "SupportTeam" | "Team" => team::answer(state, params),
        "PresentationSession" => presentation::sessions(inner, state, params),
        "PresentationSessionListing" => presentation::listing(state, params),
        "PresentationSessionRecording" => presentation::recording(state, params),
        "SupportSessionRecording"
        | "AccessSessionRecording"
        | "ShowMyScreenRecording"
        | "CommandShellRecording" => recording::answer(state, report, params),
        "LicenseUsage" => license::answer(state, params),
        "VaultAccountActivity" => vault::answer(state, params),
        "ArchiveListing" => archive::listing(state, params),
        "Archive" => return archive::answer(state, params),
        "EndpointLicenseUsage" => zip_reports::endpoint_licenses(state),
        "JumpItem" => zip_reports::jump_items(state),
        "Syslog" => zip_reports::syslog(inner, state),
        _ => Err(format!("Invalid report: {report}")),
    };
    result.unwrap_or_else(|text| error(state, report, &text))
}

/// `/api/command.xsd` and `/api/reporting.xsd`: a schema that lets everything pass and says so.
pub(crate) fn schema(request: &Incoming) -> Reply {
    let api = if request.path.starts_with("/api/command") {
        "command"
    } else {
        "reporting"
    };
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n\
         <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" \
         targetNamespace=\"https://www.beyondtrust.com/namespaces/API/{api}\">\n\
         \t<xs:annotation>\n\
         \t\t<xs:documentation>This schema belongs to a simulated appliance. It is not the \
         vendor's and describes nothing but an error.</xs:documentation>\n\
         \t</xs:annotation>\n\
         \t<xs:element name=\"error\" type=\"xs:string\"/>\n\
         </xs:schema>\n"
    );
    Reply::new(StatusCode::OK, XML, Content::from(text))
}
