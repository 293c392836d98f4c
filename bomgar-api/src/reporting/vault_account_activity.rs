//! The `VaultAccountActivity` report: what happened to the accounts in the Vault.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limit::{append_all, names};
use super::list::read_items;
use super::parts::Parts;
use super::{Actor, RawElement, ReportList, StartWindow};
use crate::call::{Call, Endpoint, Fields, is_lsid};
use crate::error::Result;

/// Asks for the `VaultAccountActivity` report. Newer versions only; needs the permission for Vault
/// reports. Appliances keep 90 days.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{StartWindow, VaultAccountActivity};
///
/// let window = StartWindow::since("2019-11-05T11:43:09Z".parse()?);
/// let request = VaultAccountActivity::new(window)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=VaultAccountActivity&start_time=1572954189&duration=0",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `Debug` shows the names of the filters, but no values.
#[derive(Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct VaultAccountActivity {
    window: StartWindow,
    filters: Fields,
}

impl VaultAccountActivity {
    /// Asks for what happened in this span of time.
    pub fn new(window: StartWindow) -> Self {
        VaultAccountActivity {
            window,
            filters: Fields::new(),
        }
    }

    /// Restricts the report, for example to an account or to a user, by a field that the guide of
    /// the appliance's version names.
    pub fn filter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.filters.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for VaultAccountActivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultAccountActivity")
            .field("window", &self.window)
            .field("filters", &names(&self.filters))
            .finish()
    }
}

/// What happened to an account of the Vault.
///
/// The set grows with the appliance's version: a name this crate does not know is kept as
/// [`VaultEventType::Other`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VaultEventType {
    /// `Account Created`
    AccountCreated,
    /// `Account Deleted`
    AccountDeleted,
    /// `Password Changed`
    PasswordChanged,
    /// `Credentials Used`: in a session, see [`VaultActivity::lsid`].
    CredentialsUsed,
    /// Anything else, as sent.
    Other(String),
}

impl VaultEventType {
    /// The name on the wire.
    pub fn as_str(&self) -> &str {
        match self {
            VaultEventType::AccountCreated => "Account Created",
            VaultEventType::AccountDeleted => "Account Deleted",
            VaultEventType::PasswordChanged => "Password Changed",
            VaultEventType::CredentialsUsed => "Credentials Used",
            VaultEventType::Other(name) => name,
        }
    }

    /// Reads a wire name. Surrounding blanks are ignored, everything else must match.
    pub fn from_wire(name: &str) -> Self {
        match name.trim() {
            "Account Created" => VaultEventType::AccountCreated,
            "Account Deleted" => VaultEventType::AccountDeleted,
            "Password Changed" => VaultEventType::PasswordChanged,
            "Credentials Used" => VaultEventType::CredentialsUsed,
            other => VaultEventType::Other(other.to_owned()),
        }
    }
}

impl Default for VaultEventType {
    fn default() -> Self {
        VaultEventType::Other(String::new())
    }
}

impl From<&str> for VaultEventType {
    fn from(name: &str) -> Self {
        VaultEventType::from_wire(name)
    }
}

impl fmt::Display for VaultEventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for VaultEventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for VaultEventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Ok(VaultEventType::from_wire(&name))
    }
}

/// Something that happened to an account of the Vault.
///
/// `Debug` shows what happened, when and to which account, but no text and no person.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct VaultActivity {
    /// When it happened, to the second.
    pub timestamp: Option<Timestamp>,
    /// What happened.
    pub event_type: VaultEventType,
    /// The account's number.
    pub account: Option<String>,
    /// Who did it.
    pub performed_by: Option<Actor>,
    /// More about it, as text.
    pub data: Option<String>,
    /// Attributes and elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

impl VaultActivity {
    /// The session in which the credentials were used.
    pub fn lsid(&self) -> Option<&str> {
        let data = self.data.as_deref().filter(|data| is_lsid(data))?;
        (self.event_type == VaultEventType::CredentialsUsed).then_some(data)
    }
}

impl fmt::Debug for VaultActivity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VaultActivity")
            .field("timestamp", &self.timestamp)
            .field("event_type", &self.event_type)
            .field("account", &self.account)
            .finish_non_exhaustive()
    }
}

/// Reads the answer to a [`VaultAccountActivity`] request.
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_vault_account_activity(body: &[u8]) -> Result<ReportList<VaultActivity>> {
    let (root, item) = ("vault_account_activity_list", "vault_account_activity");
    read_items("VaultAccountActivity", root, item, body, |element| {
        let mut parts = Parts::new(element);
        let event_type = parts.attr("event_type").unwrap_or_default();
        Ok(VaultActivity {
            timestamp: parts.time_attr(),
            event_type: VaultEventType::from_wire(&event_type),
            account: parts.attr("account"),
            performed_by: parts.actor("performed_by"),
            data: parts.text("data"),
            unknown: parts.into_unknown(),
        })
    })
}

impl Call for VaultAccountActivity {
    type Reply = ReportList<VaultActivity>;

    fn operation(&self) -> &str {
        "VaultAccountActivity"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Reporting
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        self.window.append_to(&mut fields)?;
        append_all(&mut fields, &self.filters)?;
        Ok(fields)
    }

    fn no_data(&self) -> Option<Self::Reply> {
        Some(ReportList::default())
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Reply> {
        parse_vault_account_activity(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::reporting::ActorKind;
    use crate::reporting::list::document_rules;

    #[test]
    fn reads_text_where_other_reports_have_values() {
        let list = parse_vault_account_activity(
            br#"<vault_account_activity_list xmlns="https://www.beyondtrust.com/namespaces/API/reporting">
                <vault_account_activity event_type="Password Changed" timestamp="1572954000" account="12">
                    <performed_by id="2" type="User">Jane Doe</performed_by>
                    <data>Manually Edited</data>
                </vault_account_activity>
                <vault_account_activity timestamp="1572954060" event_type="Credentials Used" account="12" vault="main">
                    <data>0123456789abcdef0123456789abcdef</data>
                    <reason>none</reason>
                </vault_account_activity>
                <vault_account_activity timestamp="soon" event_type="Checked Out"/>
            </vault_account_activity_list>"#,
        )
        .unwrap();
        let [changed, used, out] = list.items.as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(
            changed.timestamp,
            Timestamp::from_second(1_572_954_000).ok()
        );
        assert_eq!(changed.event_type, VaultEventType::PasswordChanged);
        assert_eq!(changed.account.as_deref(), Some("12"));
        let performer = changed.performed_by.as_ref().unwrap();
        assert_eq!(performer.kind, ActorKind::Other("User".into()));
        assert_eq!(
            (performer.id.as_deref(), performer.name.as_str()),
            (Some("2"), "Jane Doe")
        );
        assert_eq!(changed.data.as_deref(), Some("Manually Edited"));
        assert_eq!(changed.lsid(), None);
        assert!(changed.unknown.is_empty());

        assert_eq!(used.lsid(), Some("0123456789abcdef0123456789abcdef"));
        assert_eq!(used.unknown[0].attribute("vault"), Some("main"));
        assert_eq!(used.unknown[1].text, "none");

        assert_eq!(out.event_type, VaultEventType::Other("Checked Out".into()));
        assert_eq!(
            (out.timestamp, &out.performed_by, &out.data),
            (None, &None, &None)
        );
        assert_eq!(out.unknown[0].attribute("timestamp"), Some("soon"));
        assert!(!format!("{list:?}").contains("Jane"));
    }

    #[test]
    fn only_used_credentials_lead_to_a_session() {
        let mut activity = VaultActivity {
            event_type: VaultEventType::CredentialsUsed,
            data: Some("0123456789abcdef0123456789abcdef".into()),
            ..VaultActivity::default()
        };
        assert!(activity.lsid().is_some());
        activity.event_type = VaultEventType::PasswordChanged;
        assert_eq!(activity.lsid(), None);
        activity.event_type = VaultEventType::CredentialsUsed;
        activity.data = Some("unknown session".into());
        assert_eq!(activity.lsid(), None);
    }

    #[test]
    fn event_types_survive_serialization() {
        for name in [
            "Account Created",
            "Account Deleted",
            "Password Changed",
            "Credentials Used",
            "Rotated",
        ] {
            let event_type = VaultEventType::from_wire(name);
            assert_eq!(event_type.to_string(), name);
            assert_eq!(
                matches!(event_type, VaultEventType::Other(_)),
                name == "Rotated"
            );
            let json = serde_json::to_string(&event_type).unwrap();
            assert_eq!(json, format!("\"{name}\""));
            let back: VaultEventType = serde_json::from_str(&json).unwrap();
            assert_eq!(back, event_type);
        }
    }

    #[test]
    fn follows_the_rules_of_all_lists() {
        document_rules(
            "vault_account_activity_list",
            "<vault_account_activity timestamp='1' event_type='Account Created' account='3'>\
             <performed_by type='User' id='1'>A</performed_by><data>x</data>\
             </vault_account_activity>",
            parse_vault_account_activity,
        );
    }

    #[test]
    fn filters_are_sent_as_given() {
        let date = jiff::civil::date(2019, 11, 5);
        let request = VaultAccountActivity::new(StartWindow::Date { date, days: 1 });
        let filtered = request.clone().filter("account_id", "12");
        assert_eq!(
            filtered.fields().unwrap()[2],
            ("account_id".to_owned(), "12".to_owned())
        );
        let debug = format!("{filtered:?}");
        assert!(
            debug.contains("account_id") && !debug.contains("\"12\""),
            "{debug}"
        );
        let error = request.filter("duration", "2").fields().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}
