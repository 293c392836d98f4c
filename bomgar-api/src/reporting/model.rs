//! The support session report as Rust types.
//!
//! Every type is plain data with public fields. All of them are `#[non_exhaustive]`, because new
//! appliance versions add elements: start from `Default` and set the fields you need.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::EventType;

/// One support session of the `SupportSession` report.
///
/// Nothing but [`lsid`](Session::lsid) is guaranteed to be there: which elements an appliance sends
/// depends on its version, on the permissions of the account and on how the session ended. What
/// this crate does not know, or cannot read, is kept in [`unknown`](Session::unknown).
///
/// ```
/// use bomgar_api::reporting::{Representative, Session};
///
/// let mut representative = Representative::default();
/// representative.gsnumber = "2".into();
/// representative.primary = true;
///
/// let mut session = Session::default();
/// session.lsid = "0123456789abcdef0123456789abcdef".into();
/// session.representatives.push(representative);
/// assert!(!session.is_complete());
/// assert_eq!(session.primary_representative().map(|r| r.gsnumber.as_str()), Some("2"));
/// ```
///
/// `Debug` shows what is needed to recognise the session, but no text, no person and no signed
/// URL, so that they do not get into logs by chance. Serialize it to see everything.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Session {
    /// The session's identifier, 32 lower-case hexadecimal digits.
    pub lsid: String,
    /// The kind of session; `support` wherever it was seen.
    pub session_type: String,
    /// A number that increases from session to session on one appliance.
    pub lseq: Option<u64>,
    /// When the session began.
    pub start_time: Option<Timestamp>,
    /// When the session ended; `None` while it runs, and for good when it was closed abnormally.
    pub end_time: Option<Timestamp>,
    /// The length the appliance states, to the second.
    pub duration: Option<SignedDuration>,
    /// The public site on which the session was started.
    pub public_site: Option<PublicSite>,
    /// When the first representative joined. Newer appliances only.
    pub rep_join_time: Option<Timestamp>,
    /// The external key; `None` when the element is absent or empty.
    pub external_key: Option<String>,
    /// Custom session attributes, in the appliance's order.
    pub custom_attributes: Vec<CustomAttribute>,
    /// Signed URL for viewing the chat transcript.
    pub session_chat_view_url: Option<String>,
    /// Signed URL for downloading the chat transcript.
    pub session_chat_download_url: Option<String>,
    /// Signed URL for viewing the screen recording.
    pub session_recording_view_url: Option<String>,
    /// Signed URL for downloading the screen recording.
    pub session_recording_download_url: Option<String>,
    /// Recordings of "show my screen".
    pub show_my_screen_recordings: Vec<Recording>,
    /// Recordings of command shells.
    pub command_shell_recordings: Vec<Recording>,
    /// How many files were transferred.
    pub file_transfer_count: Option<u64>,
    /// How many files were moved.
    pub file_move_count: Option<u64>,
    /// How many files were deleted. Newer appliances only.
    pub file_delete_count: Option<u64>,
    /// The Jumpoint that carried the session.
    pub jumpoint: Option<NamedId>,
    /// The Jump Group of the Jump Item that was used.
    pub jump_group: Option<JumpGroup>,
    /// The customer the session is about.
    pub primary_customer: Option<PersonRef>,
    /// The representative the session is attributed to; absent if none ever joined.
    pub primary_rep: Option<PersonRef>,
    /// The team the session is attributed to.
    pub primary_team: Option<NamedId>,
    /// Everyone who took part as a customer.
    pub customers: Vec<Customer>,
    /// Everyone who took part as a representative.
    pub representatives: Vec<Representative>,
    /// The teams that took part.
    pub teams: Vec<NamedId>,
    /// Which customers filled in an exit survey. The answers are in a report of their own.
    pub customer_surveys: Vec<SurveyStub>,
    /// Which representatives filled in an exit survey. The answers are in a report of their own.
    pub rep_surveys: Vec<SurveyStub>,
    /// The session's events, in document order.
    pub events: Vec<Event>,
    /// Elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// A public site (portal) of the appliance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PublicSite {
    /// The site's number.
    pub id: Option<String>,
    /// The site's name.
    pub name: String,
}

/// A custom session attribute. `Debug` shows its names, but not the value.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CustomAttribute {
    /// The code name, by which commands address the attribute.
    pub code_name: String,
    /// The name people see.
    pub display_name: String,
    /// The value.
    pub value: String,
}

/// One of several recordings of a session. `Debug` does not show the signed URLs.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Recording {
    /// The recording's number within the session, from 0.
    pub instance: Option<u32>,
    /// Signed URL for viewing it.
    pub view_url: Option<String>,
    /// Signed URL for downloading it.
    pub download_url: Option<String>,
}

/// Something with a number and a name, such as a team or a Jumpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NamedId {
    /// The number; `None` when absent or `-1`, which appliances use for "none".
    pub id: Option<String>,
    /// The name.
    pub name: String,
}

/// A Jump Group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct JumpGroup {
    /// `shared` or `personal`, as sent.
    pub kind: Option<String>,
    /// The number; `None` when absent or `-1`, which appliances use for "none".
    pub id: Option<String>,
    /// The name.
    pub name: String,
}

/// A mention of a person by number and name. `Debug` does not show the name.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PersonRef {
    /// The person's number within the session; it leads to [`Session::person`].
    pub gsnumber: Option<String>,
    /// The representative's number on the appliance.
    pub id: Option<String>,
    /// The name as printed.
    pub name: String,
}

/// A participant on the customer's side.
///
/// `Debug` shows the number only, neither names nor addresses.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Customer {
    /// The person's number within the session.
    pub gsnumber: String,
    /// The name the customer gave or the computer's user.
    pub username: String,
    /// Public address, `ip:port` with IPv6 in brackets. See [`Customer::public_address`].
    pub public_ip: Option<String>,
    /// Private address; may be the literal `Unknown`.
    pub private_ip: Option<String>,
    /// The computer's name.
    pub hostname: Option<String>,
    /// The operating system; may be the literal `Unknown`.
    pub os: Option<String>,
    /// Whether this is the customer the session is about.
    pub primary: bool,
    /// What the customer wrote on the issue submission form.
    pub info: CustomerInfo,
    /// Elements this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

/// What a customer wrote on the issue submission form, or what the session key was made with.
/// `Debug` shows none of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct CustomerInfo {
    /// Full name.
    pub name: Option<String>,
    /// Company.
    pub company: Option<String>,
    /// Company code.
    pub company_code: Option<String>,
    /// The issue that was chosen.
    pub issue: Option<String>,
    /// Details in the customer's words.
    pub details: Option<String>,
}

/// A participant on the representative's side.
///
/// `Debug` shows numbers and roles, neither names nor addresses.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Representative {
    /// The person's number within the session.
    pub gsnumber: String,
    /// The representative's number on the appliance.
    pub id: Option<String>,
    /// The log-in name.
    pub username: String,
    /// The display name; the public one on appliances that have both.
    pub display_name: Option<String>,
    /// The name customers see.
    pub public_display_name: Option<String>,
    /// The name colleagues see.
    pub private_display_name: Option<String>,
    /// Public address, `ip:port` with IPv6 in brackets. See [`Representative::public_address`].
    pub public_ip: Option<String>,
    /// Private address; may be the literal `Unknown`.
    pub private_ip: Option<String>,
    /// The computer's name.
    pub hostname: Option<String>,
    /// The operating system; may be the literal `Unknown`.
    pub os: Option<String>,
    /// Whether this representative owned the session at its end.
    pub session_owner: bool,
    /// Whether the session is attributed to this representative.
    pub primary: bool,
    /// How long this representative took part.
    pub time_involved: Option<SignedDuration>,
    /// Whether this was an external representative, invited for this session only.
    pub invited: bool,
    /// The embassy the representative belongs to.
    pub embassy: Option<String>,
    /// Elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// The mention of a filled-in exit survey.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SurveyStub {
    /// Who submitted it, by number within the session.
    pub gsnumber: Option<String>,
}

/// One event of a session.
///
/// `Debug` shows what happened and when, but no text and no person.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Event {
    /// When it happened, to the second.
    pub timestamp: Option<Timestamp>,
    /// What happened.
    pub event_type: EventType,
    /// Who did it.
    pub performed_by: Option<Actor>,
    /// To whom it was done or sent.
    pub destination: Option<Actor>,
    /// The text: a chat message, a note. When the appliance sent it encoded because of characters
    /// that XML forbids, this is the decoded text; bytes that are not UTF-8 become U+FFFD.
    pub body: Option<String>,
    /// Named values; which names occur depends on the event.
    pub data: Vec<DataValue>,
    /// The file the event is about.
    pub filename: Option<String>,
    /// The file's size in bytes.
    pub filesize: Option<u64>,
    /// The files the event is about, where there are several.
    pub files: Vec<FileEntry>,
    /// What the representative retrieved about the customer's computer.
    pub system_information: Vec<SystemCategory>,
    /// Elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// Who took part in an event. `Debug` does not show the name.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Actor {
    /// What kind of participant this is.
    pub kind: ActorKind,
    /// The person's number within the session; `0` is the system.
    pub gsnumber: Option<String>,
    /// A number on the appliance, where the report gives one.
    pub id: Option<String>,
    /// The name as printed.
    pub name: String,
}

/// The kind of a participant, as the `type` attribute says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ActorKind {
    /// The appliance itself.
    #[default]
    System,
    /// A customer.
    Customer,
    /// A representative.
    Representative,
    /// All participants; a destination only.
    Everyone,
    /// Anything else, as sent.
    #[serde(untagged)]
    Other(String),
}

/// A named value of an event. `Debug` shows the name, but not the value.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct DataValue {
    /// The name.
    pub name: String,
    /// The value, as text.
    pub value: String,
}

/// A file an event is about. `Debug` does not show its name.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FileEntry {
    /// Name, often with the full path.
    pub filename: String,
    /// Size in bytes.
    pub filesize: Option<u64>,
}

/// A section of the system information, such as `General` or `Disk Drives`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SystemCategory {
    /// The section's name.
    pub name: String,
    /// Single facts, or the columns' descriptions.
    pub description: Vec<SystemField>,
    /// A table of facts, row by row.
    pub rows: Vec<Vec<SystemField>>,
}

/// One named fact about the customer's computer. `Debug` shows the name, but not the value.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SystemField {
    /// The fact's name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// An element kept as it was sent.
///
/// `Debug` shows names, but no values.
///
/// ```
/// use bomgar_api::reporting::parse_raw_report;
///
/// let root = parse_raw_report(b"<thing_list><thing id='7'><name>A</name></thing></thing_list>")?;
/// let thing = &root.children[0];
/// assert_eq!(thing.attribute("id"), Some("7"));
/// assert_eq!(thing.child("name").map(|name| name.text.as_str()), Some("A"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RawElement {
    /// The local name, without prefix.
    pub name: String,
    /// Attributes in document order, by local name.
    pub attributes: Vec<(String, String)>,
    /// The element's own text, without surrounding white space.
    pub text: String,
    /// Child elements in document order.
    pub children: Vec<RawElement>,
}

macro_rules! named_pair {
    ($($name:ident { $a:ident, $b:ident })*) => {$(
        impl $name {
            #[doc = concat!("A `", stringify!($name), "` of its two parts.")]
            pub fn new($a: impl Into<String>, $b: impl Into<String>) -> Self {
                Self { $a: $a.into(), $b: $b.into() }
            }
        }
    )*};
}

named_pair! {
    DataValue { name, value }
    SystemField { name, value }
}
