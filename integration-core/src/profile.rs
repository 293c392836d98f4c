//! The settings that shape a plan.
//!
//! Their names are those of the vendor's integration, so that an existing configuration can be
//! copied over. Every setting of the list below is optional in a file; an unknown one is refused.
//!
//! | Setting | Default | Meaning |
//! |---|---|---|
//! | `note_type` | `1` | `TicketNote.NoteType` of the session note, a picklist value |
//! | `publish_notes_as_public` | `false` | whether end users can see the note |
//! | `publish_public_label` | `All Autotask Users` | label of the `TicketNote.Publish` value for public notes |
//! | `publish_internal_label` | `Internal users only` | label of the value for internal notes |
//! | `update_time_entry` | `false` | whether a time entry is made for the primary representative |
//! | `time_entry_default_data.roleName` | – | role of the time entry, required with `update_time_entry` |
//! | `time_entry_default_data.summaryNotes` | – | customer-visible text of the time entry, likewise required |
//! | `time_entry_default_data.defaultDomain` | – | completes user names to e-mail addresses |
//! | `business_zone` | `UTC` | IANA time zone in which days begin and the note shows times |

use crate::{
    failure::{Failure, FailureClass},
    text::{is_xml_legal, utf16_len},
};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The settings of one configuration, as far as they decide what is written to the desk.
///
/// ```
/// use integration_core::profile::Profile;
///
/// let profile: Profile = serde_json::from_str(
///     r#"{
///         "note_type": 3,
///         "update_time_entry": true,
///         "time_entry_default_data": {
///             "roleName": "Support Engineer",
///             "summaryNotes": "Remote support session",
///             "defaultDomain": "example.com"
///         },
///         "business_zone": "Europe/Berlin"
///     }"#,
/// )?;
/// assert!(profile.validate().is_empty());
/// assert!(!profile.publish_notes_as_public);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Profile {
    /// "Autotask Note Type": the picklist value of `TicketNote.NoteType` for session notes.
    /// Checked against the tenant's picklist before anything is written.
    pub note_type: i64,
    /// "Autotask Publish Notes as Public": whether end users can see the session note.
    pub publish_notes_as_public: bool,
    /// The label of the `TicketNote.Publish` value that lets end users see a note. Values and
    /// labels differ from tenant to tenant and administrators can rename them, so the label is
    /// looked up in the tenant; without exactly one active value of this label no note is written.
    pub publish_public_label: String,
    /// The label of the `TicketNote.Publish` value that keeps a note inside the service provider.
    /// Looked up like [`publish_public_label`](Profile::publish_public_label); both must resolve,
    /// and to different values, whichever of them is used.
    pub publish_internal_label: String,
    /// "Autotask Update Time Entry": whether a time entry is made from the session's start and end
    /// for its primary representative.
    pub update_time_entry: bool,
    /// "Time Entry Default Data"; used only with
    /// [`update_time_entry`](Profile::update_time_entry).
    pub time_entry_default_data: TimeEntryDefaultData,
    /// The IANA name of the zone in which the tenant does business, such as `America/New_York`. It
    /// decides on which day a time entry counts and how notes show times. This is not the zone
    /// that Autotask's web service uses on the wire.
    pub business_zone: String,
}

impl Default for Profile {
    fn default() -> Self {
        Profile {
            note_type: 1,
            publish_notes_as_public: false,
            publish_public_label: "All Autotask Users".to_owned(),
            publish_internal_label: "Internal users only".to_owned(),
            update_time_entry: false,
            time_entry_default_data: TimeEntryDefaultData::default(),
            business_zone: "UTC".to_owned(),
        }
    }
}

/// "Time Entry Default Data": what a session itself cannot say about its time entry.
///
/// The members are spelled as the vendor prints them, `roleName`, or as settings usually are,
/// `role_name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct TimeEntryDefaultData {
    /// The role in which the time was worked. It must be held by every representative whose
    /// sessions are booked.
    #[serde(rename = "roleName", alias = "role_name")]
    pub role_name: Option<String>,
    /// The text of `TimeEntry.SummaryNotes`, the same for all sessions. **Customers see it** on
    /// invoices and in the portal; nothing of the session is ever added to it.
    #[serde(rename = "summaryNotes", alias = "summary_notes")]
    pub summary_notes: Option<String>,
    /// The mail domain that makes an e-mail address of a representative's user name, with or
    /// without a leading `@`. User names that hold an `@` are used as they are.
    #[serde(rename = "defaultDomain", alias = "default_domain")]
    pub default_domain: Option<String>,
}

/// One mistake in a [`Profile`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The setting, as it is written in a file.
    pub field: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.field, self.message, self.remedy)
    }
}

/// Autotask's limit for `TimeEntry.SummaryNotes`, in UTF-16 units.
pub(crate) const SUMMARY_NOTES_LIMIT: usize = 32_000;

const ROLE_NAME: &str = "time_entry_default_data.roleName";
const SUMMARY_NOTES: &str = "time_entry_default_data.summaryNotes";
const DEFAULT_DOMAIN: &str = "time_entry_default_data.defaultDomain";

impl Profile {
    /// Every mistake that can be seen without asking the tenant, all at once. Empty means good.
    pub fn validate(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut report = |field, message: String, remedy: &str| {
            problems.push(Problem {
                field,
                message,
                remedy: remedy.to_owned(),
            });
        };

        if self.note_type < 0 {
            report(
                "note_type",
                format!("{} is not a picklist value", self.note_type),
                "give the number of an active value of TicketNote.NoteType",
            );
        }
        for (field, label) in [
            ("publish_public_label", &self.publish_public_label),
            ("publish_internal_label", &self.publish_internal_label),
        ] {
            if label.trim().is_empty() {
                report(
                    field,
                    "the label is empty".to_owned(),
                    "give the label as the tenant's picklist TicketNote.Publish shows it",
                );
            }
        }
        let both_given = !self.publish_public_label.trim().is_empty();
        if both_given && same_label(&self.publish_public_label, &self.publish_internal_label) {
            report(
                "publish_internal_label",
                "it is the same label as publish_public_label".to_owned(),
                "give the label of the value that end users cannot see",
            );
        }
        if let Err(error) = TimeZone::get(self.business_zone.trim()) {
            report(
                "business_zone",
                format!("{error}"),
                "give an IANA time zone name such as America/New_York",
            );
        }
        self.validate_time_entry(&mut report);
        problems
    }

    fn validate_time_entry(&self, report: &mut impl FnMut(&'static str, String, &str)) {
        let data = &self.time_entry_default_data;
        if self.update_time_entry {
            for (field, value, remedy) in [
                (
                    ROLE_NAME,
                    &data.role_name,
                    "name a role that every representative holds",
                ),
                (
                    SUMMARY_NOTES,
                    &data.summary_notes,
                    "give the text that customers may see",
                ),
            ] {
                if value.as_deref().is_none_or(|text| text.trim().is_empty()) {
                    let message = "required because update_time_entry is on".to_owned();
                    report(field, message, remedy);
                }
            }
        }
        if let Some(text) = &data.summary_notes {
            let length = utf16_len(text);
            if length > SUMMARY_NOTES_LIMIT {
                report(
                    SUMMARY_NOTES,
                    format!("{length} characters, but Autotask stores {SUMMARY_NOTES_LIMIT}"),
                    "shorten it",
                );
            }
            if !text.chars().all(is_xml_legal) {
                report(
                    SUMMARY_NOTES,
                    "it holds a control character that XML cannot carry".to_owned(),
                    "remove it",
                );
            }
        }
        if let Some(domain) = &data.default_domain {
            let bare = domain.trim().trim_start_matches('@');
            let odd = |c: char| c.is_whitespace() || c == '@' || c == '/' || c == ':';
            if bare.is_empty() || bare.contains(odd) {
                report(
                    DEFAULT_DOMAIN,
                    "it is not a mail domain".to_owned(),
                    "give what stands after the @ of your technicians' addresses, or leave it out",
                );
            }
        }
    }

    /// The business zone.
    pub(crate) fn zone(&self) -> Result<TimeZone, Failure> {
        TimeZone::get(self.business_zone.trim()).map_err(|error| {
            Failure::new(
                FailureClass::Config,
                format!("business_zone: {error}"),
                "give an IANA time zone name such as America/New_York",
            )
        })
    }

    /// Fails if the profile has any mistake, with all of them in the message.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let problems = self.validate();
        if problems.is_empty() {
            return Ok(());
        }
        let list: Vec<String> = problems.iter().map(Problem::to_string).collect();
        Err(Failure::new(
            FailureClass::Config,
            format!("the profile cannot be used: {}", list.join(" | ")),
            "mend the named settings; the session is tried again then",
        ))
    }
}

/// Whether two labels are the same to a person: case and surrounding blanks do not count.
pub(crate) fn same_label(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(profile: &Profile) -> Vec<&'static str> {
        profile
            .validate()
            .iter()
            .map(|problem| problem.field)
            .collect()
    }

    #[test]
    fn an_empty_document_is_the_default_and_valid() {
        let profile: Profile = serde_json::from_str("{}").unwrap();
        assert_eq!(profile, Profile::default());
        assert_eq!(fields(&profile), Vec::<&str>::new());
    }

    #[test]
    fn c092_the_note_type_is_1_unless_set() {
        assert_eq!(Profile::default().note_type, 1);
        let profile: Profile = serde_json::from_str(r#"{"note_type": 18}"#).unwrap();
        assert_eq!(profile.note_type, 18);
    }

    #[test]
    fn c093_time_entries_are_made_only_on_request() {
        assert!(!Profile::default().update_time_entry);
    }

    #[test]
    fn c094_notes_are_internal_unless_set() {
        assert!(!Profile::default().publish_notes_as_public);
    }

    #[test]
    fn c095_default_data_is_read_in_the_printed_and_in_the_plain_spelling() {
        let printed: TimeEntryDefaultData = serde_json::from_str(
            r#"{"roleName": "r", "summaryNotes": "s", "defaultDomain": null}"#,
        )
        .unwrap();
        let plain: TimeEntryDefaultData =
            serde_json::from_str(r#"{"role_name": "r", "summary_notes": "s"}"#).unwrap();
        assert_eq!(printed, plain);
        assert_eq!(printed.role_name.as_deref(), Some("r"));
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        let error = serde_json::from_str::<Profile>(r#"{"publish_notes": true}"#).unwrap_err();
        assert!(error.to_string().contains("publish_notes"), "{error}");
        let nested = r#"{"time_entry_default_data": {"rolename": "x"}}"#;
        assert!(serde_json::from_str::<Profile>(nested).is_err());
    }

    #[test]
    fn all_mistakes_are_named_at_once() {
        let profile = Profile {
            note_type: -1,
            publish_public_label: " ".to_owned(),
            update_time_entry: true,
            time_entry_default_data: TimeEntryDefaultData {
                role_name: Some(String::new()),
                summary_notes: None,
                default_domain: Some("https://example.com".to_owned()),
            },
            business_zone: "Mars/Olympus".to_owned(),
            ..Profile::default()
        };
        assert_eq!(
            fields(&profile),
            [
                "note_type",
                "publish_public_label",
                "business_zone",
                ROLE_NAME,
                SUMMARY_NOTES,
                DEFAULT_DOMAIN,
            ]
        );
        let failure = profile.check().unwrap_err();
        assert_eq!(failure.class, FailureClass::Config);
        assert!(failure.message.contains("Mars/Olympus"), "{failure}");
    }

    #[test]
    fn labels_that_look_the_same_are_refused() {
        let profile = Profile {
            publish_internal_label: " all autotask users".to_owned(),
            ..Profile::default()
        };
        assert_eq!(fields(&profile), ["publish_internal_label"]);
    }

    #[test]
    fn c097_summary_notes_must_fit_the_field() {
        let mut profile = Profile::default();
        profile.time_entry_default_data.summary_notes = Some("x".repeat(32_000));
        assert_eq!(fields(&profile), Vec::<&str>::new());
        // 16,001 characters outside the basic plane take 32,002 units.
        profile.time_entry_default_data.summary_notes = Some("😀".repeat(16_001));
        assert_eq!(fields(&profile), [SUMMARY_NOTES]);
        profile.time_entry_default_data.summary_notes = Some("bell \u{7}".to_owned());
        assert_eq!(fields(&profile), [SUMMARY_NOTES]);
    }

    #[test]
    fn c098_a_domain_may_be_given_with_or_without_at_sign() {
        for (domain, good) in [
            ("example.com", true),
            ("@example.com", true),
            ("a@b", false),
            ("@", false),
        ] {
            let mut profile = Profile::default();
            profile.time_entry_default_data.default_domain = Some(domain.to_owned());
            assert_eq!(profile.validate().is_empty(), good, "{domain}");
        }
    }
}
