//! A row of a state archive.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::command::open_enum;
use crate::reporting::parse_address;
use crate::time::parse_time;

/// A row of a table of the real-time state.
///
/// All columns are in [`fields`](StateRow::fields), as the appliance wrote them; the methods give
/// those that are known, `None` where the row has none or one that cannot be read. Tables that are
/// known, with the columns that have a method:
///
/// | table | columns |
/// |---|---|
/// | `customer_client` | `hostname`, `operating_system`, `private_ip`, `public_ip`, `created_timestamp`, `client_type`, `elevated`, `support_session_id` |
/// | `representative` | the first five of these, `username`, `user_id`, `public_display_name` |
/// | `support_session` | `created_timestamp`, `start_method`, `customer_name` |
/// | `representative_support_session` | `support_session_id`, `representative_id` |
/// | `queue`, `representative_queue`, `support_session_attribute`, `support_session_skill`, `presentation_session`, `attendee`, `presenter` | |
///
/// `Debug` shows the names of the columns only, because their values name people and computers.
///
/// ```
/// use bomgar_api::reporting::{CustomerClientType, StateRow};
///
/// let row: StateRow = serde_json::from_str(
///     r#"{"table": "customer_client", "id": "7",
///         "fields": {"hostname": "ADA-PC", "client_type": "desktop", "elevated": 1}}"#,
/// )?;
/// assert_eq!(row.hostname(), Some("ADA-PC"));
/// assert_eq!(row.client_type(), Some(CustomerClientType::Desktop));
/// assert_eq!(row.elevated(), Some(true));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct StateRow {
    /// The table.
    pub table: String,
    /// The row's identifier within its table.
    pub id: String,
    /// The columns.
    pub fields: Map<String, Value>,
}

open_enum! {
    /// What a customer client runs on.
    CustomerClientType {
        /// A computer.
        Desktop = "desktop",
        /// A telephone or a tablet.
        Mobile = "mobile",
        /// A computer that is reached by Microsoft's remote desktop protocol.
        Rdp = "rdp",
        /// A computer that is reached by VNC.
        Vnc = "vnc",
        /// A computer that is reached by Intel vPro.
        Vpro = "vpro",
        /// A device that is reached by a shell.
        Shell = "shell",
        /// A browser in which the customer chats.
        WebChat = "web_chat",
    }
}

impl StateRow {
    /// A column that is text. Empty text is `None`.
    pub fn text(&self, column: &str) -> Option<&str> {
        self.fields
            .get(column)?
            .as_str()
            .filter(|text| !text.is_empty())
    }

    /// A column that names a row or a user: text, or a number as text.
    pub fn id_text(&self, column: &str) -> Option<String> {
        match self.fields.get(column)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A column that is true or false, also when written as `1` and `0`.
    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.fields.get(column)? {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => match number.as_i64()? {
                0 => Some(false),
                1 => Some(true),
                _ => None,
            },
            Value::String(text) => match text.as_str() {
                "0" | "false" => Some(false),
                "1" | "true" => Some(true),
                _ => None,
            },
            _ => None,
        }
    }

    /// A column that is a time: Unix seconds, also as text, or ISO 8601 with an offset.
    pub fn time(&self, column: &str) -> Option<Timestamp> {
        match self.fields.get(column)? {
            Value::Number(number) => match number.as_i64() {
                Some(seconds) => Timestamp::from_second(seconds).ok(),
                None => {
                    let seconds = jiff::SignedDuration::try_from_secs_f64(number.as_f64()?).ok()?;
                    Timestamp::from_duration(seconds).ok()
                }
            },
            Value::String(text) => parse_time(text),
            _ => None,
        }
    }

    /// `hostname`
    pub fn hostname(&self) -> Option<&str> {
        self.text("hostname")
    }

    /// `operating_system`
    pub fn operating_system(&self) -> Option<&str> {
        self.text("operating_system")
    }

    /// `private_ip`, parsed.
    pub fn private_address(&self) -> Option<IpAddr> {
        parse_address(self.text("private_ip")?).map(|(ip, _)| ip)
    }

    /// `public_ip`, parsed into address and port.
    pub fn public_address(&self) -> Option<(IpAddr, Option<u16>)> {
        parse_address(self.text("public_ip")?)
    }

    /// `created_timestamp`
    pub fn created(&self) -> Option<Timestamp> {
        self.time("created_timestamp")
    }

    /// `client_type`
    pub fn client_type(&self) -> Option<CustomerClientType> {
        self.text("client_type").map(CustomerClientType::from)
    }

    /// `elevated`: whether the customer client has administrative rights.
    pub fn elevated(&self) -> Option<bool> {
        self.flag("elevated")
    }

    /// `support_session_id`: the row of `support_session` this one belongs to.
    pub fn support_session_id(&self) -> Option<String> {
        self.id_text("support_session_id")
    }

    /// `representative_id`: the row of `representative` this one belongs to.
    pub fn representative_id(&self) -> Option<String> {
        self.id_text("representative_id")
    }

    /// `username`
    pub fn username(&self) -> Option<&str> {
        self.text("username")
    }

    /// `user_id`
    pub fn user_id(&self) -> Option<String> {
        self.id_text("user_id")
    }

    /// `public_display_name`
    pub fn public_display_name(&self) -> Option<&str> {
        self.text("public_display_name")
    }

    /// `start_method`: how the session was started.
    pub fn start_method(&self) -> Option<&str> {
        self.text("start_method")
    }

    /// `customer_name`
    pub fn customer_name(&self) -> Option<&str> {
        self.text("customer_name")
    }
}

impl fmt::Debug for StateRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StateRow")
            .field("table", &self.table)
            .field("id", &self.id)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(fields: Value) -> StateRow {
        StateRow {
            table: "customer_client".into(),
            id: "7".into(),
            fields: fields.as_object().unwrap().clone(),
        }
    }

    #[test]
    fn known_columns_are_typed() {
        let row = row(json!({
            "hostname": "ADA-PC", "operating_system": "Windows 11", "private_ip": "10.0.0.7",
            "public_ip": "[2001:db8::1]:50123", "created_timestamp": 1_572_954_189,
            "client_type": "web_chat", "elevated": 1, "support_session_id": 12,
            "representative_id": "r3", "username": "glang", "user_id": 5,
            "public_display_name": "Greta L.", "start_method": "session_key",
            "customer_name": "Ada Byron",
        }));
        assert_eq!(row.hostname(), Some("ADA-PC"));
        assert_eq!(row.operating_system(), Some("Windows 11"));
        assert_eq!(row.private_address(), "10.0.0.7".parse().ok());
        let public = ("2001:db8::1".parse().unwrap(), Some(50123));
        assert_eq!(row.public_address(), Some(public));
        assert_eq!(row.created(), Timestamp::from_second(1_572_954_189).ok());
        assert_eq!(row.client_type(), Some(CustomerClientType::WebChat));
        assert_eq!(row.elevated(), Some(true));
        assert_eq!(row.support_session_id().as_deref(), Some("12"));
        assert_eq!(row.representative_id().as_deref(), Some("r3"));
        assert_eq!(row.user_id().as_deref(), Some("5"));
        assert_eq!(
            [
                row.username(),
                row.public_display_name(),
                row.start_method(),
                row.customer_name()
            ],
            [
                Some("glang"),
                Some("Greta L."),
                Some("session_key"),
                Some("Ada Byron")
            ]
        );
        assert!(!format!("{row:?}").contains("Ada"));
        let json = serde_json::to_string(&row).unwrap();
        assert_eq!(serde_json::from_str::<StateRow>(&json).unwrap(), row);
    }

    #[test]
    fn other_forms_are_read_and_nonsense_is_none() {
        let row = row(json!({
            "created_timestamp": "1572954189", "elevated": "0", "client_type": "tablet",
            "public_ip": "Unknown", "hostname": "", "user_id": null, "username": 7, "x": 1.5,
        }));
        assert_eq!(row.created(), Timestamp::from_second(1_572_954_189).ok());
        assert_eq!(row.elevated(), Some(false));
        assert_eq!(
            row.client_type(),
            Some(CustomerClientType::Other("tablet".into()))
        );
        assert_eq!(row.time("x"), "1970-01-01T00:00:01.5Z".parse().ok());
        assert_eq!((row.public_address(), row.hostname()), (None, None));
        assert_eq!(
            (row.user_id(), row.username(), row.flag("x")),
            (None, None, None)
        );
    }
}
