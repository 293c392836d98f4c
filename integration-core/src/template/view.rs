//! What templates see of a session. The names of the members are those used in templates.

use super::{
    events::{self, TranscriptEntry, filled},
    system_information,
};
use crate::{failure::Failure, needs::TicketFact, profile::Profile};
use bomgar_api::reporting::{Customer, Event, Representative, Session};
use jiff::Timestamp;
use serde::Serialize;

/// The root of the view. Every member is always there; what the report does not tell is empty.
///
/// Signed links to recordings and transcripts are not part of it: whoever has one can download.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ReportView {
    /// The business zone's name, in which `local_time` shows times.
    pub zone: String,
    /// Whether end users will see the note.
    pub public: bool,
    /// The ticket.
    pub ticket: TicketView,
    /// The session.
    pub session: SessionView,
    /// The primary representative.
    pub representative: PersonView,
    /// The primary customer.
    pub customer: PersonView,
    /// Everyone on the representatives' side.
    pub representatives: Vec<PersonView>,
    /// Everyone on the customers' side.
    pub customers: Vec<PersonView>,
    /// Chat, files, special actions and other events, in the report's order.
    pub transcript: Vec<TranscriptEntry>,
    /// How many events about mouse clicks and windows the transcript leaves out.
    pub transcript_left_out: usize,
    /// The general section of the system information, and those about disks, memory and network.
    pub system_information: Vec<SystemSection>,
    /// The names of the sections that are left out.
    pub system_information_left_out: Vec<String>,
    /// The notes that representatives wrote during the session.
    pub session_notes: Vec<NoteEntry>,
}

/// `ticket`
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TicketView {
    /// Internal id.
    pub id: i64,
    /// `T20261124.0007`.
    pub number: String,
    /// The ticket's title.
    pub title: String,
}

/// `session`
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionView {
    /// The session's identifier, 32 hexadecimal digits.
    pub lsid: String,
    /// The appliance's running number.
    pub lseq: Option<u64>,
    /// The kind of session, `support`.
    pub session_type: String,
    /// When it began, UTC, `2026-11-24T19:03:07Z`; for `local_time`.
    pub start: Option<String>,
    /// When it ended, likewise.
    pub end: Option<String>,
    /// From start to end, in seconds; the appliance's own figure if there is no start.
    pub duration_seconds: Option<i64>,
    /// The external key.
    pub external_key: Option<String>,
    /// The public site's name.
    pub public_site: Option<String>,
    /// The Jumpoint's name.
    pub jumpoint: Option<String>,
    /// The Jump Group's name.
    pub jump_group: Option<String>,
    /// The primary team's name.
    pub team: Option<String>,
    /// How many files were transferred.
    pub file_transfer_count: Option<u64>,
    /// Custom session attributes.
    pub custom_attributes: Vec<AttributeView>,
}

/// A member of `session.custom_attributes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AttributeView {
    /// The code name.
    pub code_name: String,
    /// The name people see.
    pub display_name: String,
    /// The value.
    pub value: String,
}

/// A participant: `representative`, `customer`, and the members of `representatives` and
/// `customers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PersonView {
    /// The name to show. Of a representative it is the public display name if end users will see
    /// the note, otherwise the private one. Empty if there is no such person.
    pub name: Option<String>,
    /// A representative's log-in name.
    pub username: Option<String>,
    /// The computer's name.
    pub hostname: Option<String>,
    /// The operating system.
    pub os: Option<String>,
    /// Public address, `ip:port`.
    pub public_ip: Option<String>,
    /// Private address.
    pub private_ip: Option<String>,
    /// A customer's full name from the issue form.
    pub full_name: Option<String>,
    /// A customer's company from the issue form.
    pub company: Option<String>,
    /// The issue from the form.
    pub issue: Option<String>,
    /// The customer's own words from the form.
    pub details: Option<String>,
    /// How long a representative took part.
    pub seconds_involved: Option<i64>,
}

/// A section of `system_information`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SystemSection {
    /// The section's name, in the language of the report.
    pub name: String,
    /// Single facts; empty ones are left out.
    pub fields: Vec<SystemFieldView>,
    /// Rows of facts, such as one for each disk.
    pub rows: Vec<Vec<SystemFieldView>>,
}

/// One fact of the system information.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SystemFieldView {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A member of `session_notes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NoteEntry {
    /// When it was written, UTC; for `local_time`.
    pub time: Option<String>,
    /// The time of day in the business zone, `14:03:07`; `--:--:--` if the report has no time.
    pub clock: String,
    /// Who wrote it.
    pub from: Option<String>,
    /// The note.
    pub text: String,
}

impl ReportView {
    /// The view of a session on its ticket.
    ///
    /// # Errors
    /// A [`Config`](crate::failure::FailureClass::Config) failure if the profile's business zone
    /// is unknown.
    pub fn new(session: &Session, ticket: &TicketFact, profile: &Profile) -> Result<Self, Failure> {
        let zone = profile.zone()?;
        let clock = |time: Option<Timestamp>| match time {
            Some(time) => {
                let local = time.to_zoned_datetime(zone.clone()).time();
                format!(
                    "{:02}:{:02}:{:02}",
                    local.hour(),
                    local.minute(),
                    local.second()
                )
            }
            None => "--:--:--".to_owned(),
        };
        let public = profile.publish_notes_as_public;
        let transcript =
            events::transcript(session, public, |event: &Event| clock(event.timestamp));
        let (sections, sections_left_out) = system_information::sections(session);
        Ok(ReportView {
            zone: profile.business_zone.trim().to_owned(),
            public,
            ticket: TicketView {
                id: ticket.id,
                number: ticket.number.clone(),
                title: ticket.title.clone(),
            },
            session: session_view(session),
            representative: session
                .primary_representative()
                .map(|person| representative(person, public))
                .or_else(|| {
                    session
                        .primary_rep
                        .as_ref()
                        .map(|person| named(&person.name))
                })
                .unwrap_or_default(),
            customer: session
                .primary_customer()
                .map(customer)
                .or_else(|| {
                    session
                        .primary_customer
                        .as_ref()
                        .map(|person| named(&person.name))
                })
                .unwrap_or_default(),
            representatives: session
                .representatives
                .iter()
                .map(|person| representative(person, public))
                .collect(),
            customers: session.customers.iter().map(customer).collect(),
            transcript: transcript.entries,
            transcript_left_out: transcript.left_out,
            system_information: sections,
            system_information_left_out: sections_left_out,
            session_notes: session
                .notes()
                .into_iter()
                .map(|note| NoteEntry {
                    time: note.timestamp.map(|time| time.to_string()),
                    clock: clock(note.timestamp),
                    from: owned(Some(note.author)),
                    text: note.text.trim().to_owned(),
                })
                .collect(),
        })
    }
}

fn session_view(session: &Session) -> SessionView {
    let measured = session
        .start_time
        .zip(session.end_time)
        .map(|(start, end)| end.duration_since(start));
    SessionView {
        lsid: session.lsid.clone(),
        lseq: session.lseq,
        session_type: session.session_type.clone(),
        start: session.start_time.map(|time| time.to_string()),
        end: session.end_time.map(|time| time.to_string()),
        duration_seconds: measured.or(session.duration).map(|length| length.as_secs()),
        external_key: owned(session.external_key.as_deref()),
        public_site: owned(session.public_site.as_ref().map(|site| site.name.as_str())),
        jumpoint: owned(
            session
                .jumpoint
                .as_ref()
                .map(|jumpoint| jumpoint.name.as_str()),
        ),
        jump_group: owned(session.jump_group.as_ref().map(|group| group.name.as_str())),
        team: owned(session.primary_team.as_ref().map(|team| team.name.as_str())),
        file_transfer_count: session.file_transfer_count,
        custom_attributes: session
            .custom_attributes
            .iter()
            .map(|attribute| AttributeView {
                code_name: attribute.code_name.clone(),
                display_name: attribute.display_name.clone(),
                value: attribute.value.clone(),
            })
            .collect(),
    }
}

fn representative(person: &Representative, public: bool) -> PersonView {
    let for_customers = [&person.public_display_name, &person.display_name]
        .into_iter()
        .find_map(|name| filled(name.as_deref()));
    let name = if public { for_customers } else { None };
    PersonView {
        name: owned(name.or(Some(person.name()))),
        username: owned(Some(&person.username)),
        hostname: owned(person.hostname.as_deref()),
        os: owned(person.os.as_deref()),
        public_ip: owned(person.public_ip.as_deref()),
        private_ip: owned(person.private_ip.as_deref()),
        seconds_involved: person.time_involved.map(|length| length.as_secs()),
        ..PersonView::default()
    }
}

fn customer(person: &Customer) -> PersonView {
    let full_name = owned(person.info.name.as_deref());
    PersonView {
        name: full_name.clone().or_else(|| owned(Some(&person.username))),
        username: owned(Some(&person.username)),
        hostname: owned(person.hostname.as_deref()),
        os: owned(person.os.as_deref()),
        public_ip: owned(person.public_ip.as_deref()),
        private_ip: owned(person.private_ip.as_deref()),
        full_name,
        company: owned(person.info.company.as_deref()),
        issue: owned(person.info.issue.as_deref()),
        details: owned(person.info.details.as_deref()),
        ..PersonView::default()
    }
}

fn named(name: &str) -> PersonView {
    PersonView {
        name: owned(Some(name)),
        ..PersonView::default()
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    filled(text).map(str::to_owned)
}
