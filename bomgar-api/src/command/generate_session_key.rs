//! `generate_session_key`: a key with which a customer starts a session.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::read::{attr, keep_root, number, parse_flag, text, text_opt, time, verbatim};
use super::{RepRef, SessionAttributes, check_filled, check_length};
use crate::call::{Call, Endpoint, Fields};
use crate::error::{Error, Result};
use crate::reporting::RawElement;
use crate::xml::read_reply;

/// Where a session waits that is started with a key.
///
/// ```
/// use bomgar_api::command::{Queue, RepRef};
///
/// assert_eq!(Queue::Team(3).to_string(), "team:3");
/// assert_eq!(Queue::from(RepRef::username("jdoe")).to_string(), "rep_username:jdoe");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Queue {
    /// The general queue, which all representatives see.
    #[default]
    General,
    /// The personal queue of the representative with this number.
    Rep(u64),
    /// The personal queue of the only representative with this log-in name.
    RepUsername(String),
    /// The queue of the team with this number.
    Team(u64),
    /// The queue behind the issue with this code name.
    Issue(String),
    /// The queue of the embassy with this number; older versions only.
    Embassy(u64),
    /// Anything else, sent as it is.
    Other(String),
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Queue::General => f.write_str("general"),
            Queue::Rep(id) => write!(f, "rep:{id}"),
            Queue::RepUsername(name) => write!(f, "rep_username:{name}"),
            Queue::Team(id) => write!(f, "team:{id}"),
            Queue::Issue(code_name) => write!(f, "issue:{code_name}"),
            Queue::Embassy(id) => write!(f, "embassy:{id}"),
            Queue::Other(text) => f.write_str(text),
        }
    }
}

impl From<RepRef> for Queue {
    fn from(rep: RepRef) -> Self {
        match rep {
            RepRef::Id(id) => Queue::Rep(id),
            RepRef::Username(name) => Queue::RepUsername(name),
        }
    }
}

impl Queue {
    fn check(&self) -> Result<()> {
        match self {
            Queue::RepUsername(text) | Queue::Issue(text) | Queue::Other(text) => {
                check_filled("queue_id", text)
            }
            _ => Ok(()),
        }
    }
}

/// The longest time a key can be valid.
const TTL_LIMIT: Duration = Duration::from_secs(30 * 86_400);

/// A session's priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Priority {
    /// `1`
    High,
    /// `2`
    Medium,
    /// `3`
    Low,
}

/// What is known about the customer beforehand. `Debug` does not show it.
///
/// ```
/// use bomgar_api::command::CustomerDetails;
///
/// let customer = CustomerDetails::new().name("Ada Byron").company("Acme, Inc.");
/// assert_eq!(customer.name.as_deref(), Some("Ada Byron"));
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomerDetails {
    /// Name, at most 100 characters.
    pub name: Option<String>,
    /// Company, at most 100 characters.
    pub company: Option<String>,
    /// Company code, at most 100 characters.
    pub company_code: Option<String>,
    /// Details of the issue, at most 1,024 characters.
    pub details: Option<String>,
}

impl CustomerDetails {
    /// Nothing is known.
    pub fn new() -> Self {
        CustomerDetails::default()
    }

    /// Sets the name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the company.
    #[must_use]
    pub fn company(mut self, company: impl Into<String>) -> Self {
        self.company = Some(company.into());
        self
    }

    /// Sets the company code.
    #[must_use]
    pub fn company_code(mut self, code: impl Into<String>) -> Self {
        self.company_code = Some(code.into());
        self
    }

    /// Sets the details of the issue.
    #[must_use]
    pub fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }
}

impl fmt::Debug for CustomerDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CustomerDetails").finish_non_exhaustive()
    }
}

/// Makes a session key.
///
/// The key works on every public site of the appliance; the session belongs to the site where it is
/// used.
///
/// Limits, checked before anything is sent: 30 days for the time the key is valid, those of
/// [`SessionAttributes`] and of [`CustomerDetails`].
///
/// Needs full access to commands; users of old versions must be allowed to give remote support.
/// Since API version 1.5 or earlier.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{GenerateSessionKey, Queue, SessionAttributes};
///
/// let request = GenerateSessionKey::new(Queue::RepUsername("jdoe".into()))
///     .ttl(std::time::Duration::from_secs(3600))
///     .attributes(SessionAttributes::new().external_key("4711"))
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"action=generate_session_key&type=support&queue_id=rep_username%3Ajdoe&ttl=3600\
///       &session.custom.external_key=4711",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct GenerateSessionKey {
    queue: Queue,
    ttl: Option<Duration>,
    attributes: SessionAttributes,
    priority: Option<Priority>,
    skills: Vec<String>,
    customer: CustomerDetails,
    url_hostname: Option<String>,
    old_external_key: Option<String>,
}

impl fmt::Debug for GenerateSessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The old external key may be as personal as an attribute.
        f.debug_struct("GenerateSessionKey")
            .field("queue", &self.queue)
            .field("ttl", &self.ttl)
            .field("attributes", &self.attributes)
            .field("priority", &self.priority)
            .field("skills", &self.skills)
            .field("url_hostname", &self.url_hostname)
            .finish_non_exhaustive()
    }
}

impl GenerateSessionKey {
    /// A key for this queue.
    pub fn new(queue: Queue) -> Self {
        GenerateSessionKey {
            queue,
            ..GenerateSessionKey::default()
        }
    }

    /// How long the key is valid, in whole seconds, at most 30 days. Without it the appliance takes
    /// one day.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// External key and custom attributes of the session.
    pub fn attributes(mut self, attributes: SessionAttributes) -> Self {
        self.attributes = attributes;
        self
    }

    /// The external key in the spelling of versions before 12, `external_key`. Newer ones take it
    /// as an [attribute](SessionAttributes::external_key). At most 1,024 characters. Where the
    /// version is not known, give both; they must be equal.
    pub fn old_external_key(mut self, value: impl Into<String>) -> Self {
        self.old_external_key = Some(value.into());
        self
    }

    /// The session's priority.
    pub fn priority(mut self, priority: Priority) -> Self {
        self.priority = Some(priority);
        self
    }

    /// A skill the session needs, by code name. Call it several times for several skills.
    pub fn skill(mut self, code_name: impl Into<String>) -> Self {
        self.skills.push(code_name.into());
        self
    }

    /// What is known about the customer beforehand.
    pub fn customer(mut self, customer: CustomerDetails) -> Self {
        self.customer = customer;
        self
    }

    /// Host name of the public site that the key's URL shall point to.
    pub fn url_hostname(mut self, host: impl Into<String>) -> Self {
        self.url_hostname = Some(host.into());
        self
    }
}

/// A session key. It lets its holder into a session, so treat it as confidential.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SessionKey {
    /// The kind of session; `support`.
    pub key_type: String,
    /// How many seconds the key is valid; most versions state [`expires`](SessionKey::expires) only.
    pub ttl: Option<u64>,
    /// Until when the key is valid.
    pub expires: Option<Timestamp>,
    /// The queue in which the session will wait.
    pub queue: KeyQueue,
    /// The external key that was given.
    pub external_key: Option<String>,
    /// The key for typing in, seven digits.
    pub short_key: String,
    /// The key as URL.
    pub key_url: String,
    /// Subject of an invitation mail.
    pub mail_subject: String,
    /// Body of an invitation mail, exactly as sent, with its line breaks.
    pub mail_body: String,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// The queue of a session key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct KeyQueue {
    /// The kind of queue, such as `general` or `rep`.
    pub kind: String,
    /// The queue's number; absent for the general queue.
    pub id: Option<String>,
    /// Whether somebody is there to take the session.
    pub available: Option<bool>,
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Key, URL and mail let anyone in, the external key may be personal.
        f.debug_struct("SessionKey")
            .field("key_type", &self.key_type)
            .field("expires", &self.expires)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

impl Call for GenerateSessionKey {
    type Reply = SessionKey;

    fn operation(&self) -> &str {
        "generate_session_key"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        self.queue.check()?;
        let mut fields: Fields = vec![
            ("type".into(), "support".into()),
            ("queue_id".into(), self.queue.to_string()),
        ];
        if let Some(ttl) = self.ttl {
            if ttl.as_secs() == 0 {
                return Err(Error::invalid_request("ttl is shorter than one second"));
            }
            if ttl > TTL_LIMIT {
                return Err(Error::invalid_request(format!(
                    "ttl is {} seconds, the appliance takes at most {} (30 days)",
                    ttl.as_secs(),
                    TTL_LIMIT.as_secs()
                )));
            }
            fields.push(("ttl".into(), ttl.as_secs().to_string()));
        }
        if let Some(key) = &self.old_external_key {
            check_length("external_key", key, 1024)?;
            let new = self.attributes.get("external_key");
            if new.is_some_and(|new| new != key) {
                return Err(Error::invalid_request(
                    "the external key in the old spelling is another one than the attribute's",
                ));
            }
            fields.push(("external_key".into(), key.clone()));
        }
        self.attributes.append_to(&mut fields)?;
        if let Some(priority) = self.priority {
            let number = match priority {
                Priority::High => "1",
                Priority::Medium => "2",
                Priority::Low => "3",
            };
            fields.push(("session.priority".into(), number.into()));
        }
        if !self.skills.is_empty() {
            if self
                .skills
                .iter()
                .any(|skill| skill.is_empty() || skill.contains(','))
            {
                return Err(Error::invalid_request(
                    "a skill's code name is empty or has a comma",
                ));
            }
            fields.push(("session.skills".into(), self.skills.join(",")));
        }
        for (name, value, limit) in [
            ("customer.name", &self.customer.name, 100),
            ("customer.company", &self.customer.company, 100),
            ("customer.company_code", &self.customer.company_code, 100),
            ("customer.details", &self.customer.details, 1024),
        ] {
            if let Some(value) = value {
                check_length(name, value, limit)?;
                fields.push((name.into(), value.clone()));
            }
        }
        if let Some(host) = &self.url_hostname {
            check_filled("url_hostname", host)?;
            fields.push(("url_hostname".into(), host.clone()));
        }
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<SessionKey> {
        let reply = read_reply("session_key", body, |key: &mut SessionKey, cursor, el| {
            let unknown = &mut key.unknown;
            match el.name() {
                "type" => key.key_type = text(cursor, el, &[], unknown)?,
                "ttl" => key.ttl = number(cursor, el, unknown)?,
                "expires" => key.expires = time(cursor, el, unknown)?,
                "queue" => {
                    key.queue.available = attr(el, "available", unknown, parse_flag);
                    key.queue.kind = text(cursor, el, &["available"], unknown)?;
                }
                "queue_id" => key.queue.id = text_opt(cursor, el, unknown)?,
                "external_key" => key.external_key = text_opt(cursor, el, unknown)?,
                "short_key" => key.short_key = text(cursor, el, &[], unknown)?,
                "key_url" => key.key_url = text(cursor, el, &[], unknown)?,
                "mail_subject" => key.mail_subject = text(cursor, el, &[], unknown)?,
                "mail_body" => key.mail_body = verbatim(cursor, el, &[], unknown)?,
                _ => unknown.push(cursor.raw(el)?),
            }
            Ok(())
        })?;
        let mut key = reply.value;
        keep_root(reply.root, &mut key.unknown);
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::body;

    const REPLY: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?>

<session_key xmlns="http://www.bomgar.com/namespaces/API/command">
	<type>support</type>
	<expires>1573040589</expires>
	<queue available="0">general</queue>
	<external_key>4711</external_key>
	<short_key>1234567</short_key>
	<key_url>https://support.example.com/?ak=0123456789abcdef0123456789abcdef</key_url>
	<mail_subject>Support Invitation</mail_subject>
	<mail_body>
Please click:
https://support.example.com/
	</mail_body>
</session_key>
"#;

    #[test]
    fn reads_a_key_and_keeps_the_mail_verbatim() {
        let key = GenerateSessionKey::new(Queue::General)
            .decode(REPLY)
            .unwrap();
        assert_eq!(key.expires, Timestamp::from_second(1_573_040_589).ok());
        assert_eq!(
            (key.queue.kind.as_str(), key.queue.available),
            ("general", Some(false))
        );
        assert_eq!(
            (key.queue.id.as_deref(), key.external_key.as_deref()),
            (None, Some("4711"))
        );
        assert_eq!(key.short_key, "1234567");
        assert_eq!(
            key.mail_body,
            "\nPlease click:\nhttps://support.example.com/\n\t"
        );
        let debug = format!("{key:?}");
        assert!(
            !debug.contains("1234567") && !debug.contains("ak="),
            "{debug}"
        );
    }

    #[test]
    fn all_parameters_have_their_names_and_values() {
        let customer = CustomerDetails::new()
            .name("Ann")
            .company("Acme")
            .company_code("AC")
            .details("Mail");
        assert!(!format!("{customer:?}").contains("Ann"));
        let fields = GenerateSessionKey::new(Queue::Team(3))
            .ttl(Duration::from_secs(60))
            .attributes(
                SessionAttributes::new()
                    .external_key("k")
                    .custom("tag", "t"),
            )
            .priority(Priority::Low)
            .skill("net")
            .skill("mail")
            .customer(customer)
            .url_hostname("help.example.com")
            .fields()
            .unwrap();
        let expected = [
            ("type", "support"),
            ("queue_id", "team:3"),
            ("ttl", "60"),
            ("session.custom.external_key", "k"),
            ("session.custom.tag", "t"),
            ("session.priority", "3"),
            ("session.skills", "net,mail"),
            ("customer.name", "Ann"),
            ("customer.company", "Acme"),
            ("customer.company_code", "AC"),
            ("customer.details", "Mail"),
            ("url_hostname", "help.example.com"),
        ];
        let fields: Vec<_> = fields
            .iter()
            .map(|(k, v)| (k.as_str(), v.as_str()))
            .collect();
        assert_eq!(fields, expected);
    }

    #[test]
    fn every_queue_and_the_old_external_key_have_their_form() {
        for (queue, text) in [
            (Queue::General, "general"),
            (RepRef::Id(12).into(), "rep%3A12"),
            (RepRef::username("jdoe").into(), "rep_username%3Ajdoe"),
            (Queue::Team(3), "team%3A3"),
            (Queue::Issue("mail".into()), "issue%3Amail"),
            (Queue::Embassy(4), "embassy%3A4"),
            (Queue::Other("new:1".into()), "new%3A1"),
        ] {
            assert_eq!(
                body(&GenerateSessionKey::new(queue)),
                format!("action=generate_session_key&type=support&queue_id={text}")
            );
        }
        let call = GenerateSessionKey::default()
            .ttl(TTL_LIMIT)
            .old_external_key("4711");
        assert_eq!(
            body(&call),
            "action=generate_session_key&type=support&queue_id=general&ttl=2592000\
             &external_key=4711"
        );
    }

    #[test]
    fn parts_may_come_in_any_order_and_unknown_ones_are_kept() {
        let body = b"<session_key level='1'><queue_id>12</queue_id><ttl>60</ttl>\
            <queue available='maybe' colour='red'>rep</queue><expires ts='1573040589'>x</expires>\
            <qr>...</qr><type>support</type></session_key>";
        let key = GenerateSessionKey::default().decode(body).unwrap();
        assert_eq!((key.ttl, key.queue.id.as_deref()), (Some(60), Some("12")));
        assert_eq!(
            (key.queue.available, key.queue.kind.as_str()),
            (None, "rep")
        );
        assert_eq!(key.expires, Timestamp::from_second(1_573_040_589).ok());
        let kept: Vec<_> = key.unknown.iter().map(|raw| raw.name.as_str()).collect();
        assert_eq!(kept, ["queue", "queue", "qr", "session_key"]);
        for body in [
            &b"<error >No such queue</error>"[..],
            b"<session_key><error>No such queue</error></session_key>",
        ] {
            let error = GenerateSessionKey::default().decode(body).unwrap_err();
            assert_eq!(error.server_text(), Some("No such queue"));
        }
    }

    #[test]
    fn limits_are_checked_before_sending() {
        let customer = |details| GenerateSessionKey::default().customer(details);
        let longest = CustomerDetails::new()
            .name("é".repeat(100))
            .company("é".repeat(100))
            .company_code("é".repeat(100))
            .details("é".repeat(1024));
        assert!(customer(longest).fields().is_ok());
        let both = GenerateSessionKey::default()
            .old_external_key("1")
            .attributes(SessionAttributes::new().external_key("1"));
        assert!(both.fields().is_ok());
        for request in [
            GenerateSessionKey::default().ttl(Duration::from_millis(999)),
            GenerateSessionKey::default().ttl(TTL_LIMIT + Duration::from_secs(1)),
            GenerateSessionKey::default().skill("a,b"),
            GenerateSessionKey::default().url_hostname(""),
            GenerateSessionKey::default().old_external_key("x".repeat(1025)),
            GenerateSessionKey::default()
                .old_external_key("1")
                .attributes(SessionAttributes::new().external_key("2")),
            GenerateSessionKey::new(Queue::RepUsername(String::new())),
            GenerateSessionKey::new(Queue::Issue(String::new())),
            GenerateSessionKey::new(Queue::Other(String::new())),
            customer(CustomerDetails::new().name("é".repeat(101))),
            customer(CustomerDetails::new().company("x".repeat(101))),
            customer(CustomerDetails::new().company_code("x".repeat(101))),
            customer(CustomerDetails::new().details("x".repeat(1025))),
        ] {
            let error = request.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }
}
