//! `generate_session_key`: a key with which a customer starts a session.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::{SessionAttributes, check_length};
use crate::call::{Call, Endpoint, Fields};
use crate::error::{Error, Result};
use crate::reporting::RawElement;
use crate::time::parse_time;
use crate::xml::read_reply;

/// Where a session waits that is started with a key.
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
            Queue::Other(text) => f.write_str(text),
        }
    }
}

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

/// What is known about the customer beforehand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// Makes a session key. Needs full access to commands.
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct GenerateSessionKey {
    queue: Queue,
    ttl: Option<Duration>,
    attributes: SessionAttributes,
    priority: Option<Priority>,
    skills: Vec<String>,
    customer: CustomerDetails,
    url_hostname: Option<String>,
}

impl GenerateSessionKey {
    /// A key for this queue.
    pub fn new(queue: Queue) -> Self {
        GenerateSessionKey {
            queue,
            ..GenerateSessionKey::default()
        }
    }

    /// How long the key is valid, in whole seconds. Without it the appliance takes one day; it
    /// also has an upper limit.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// External key and custom attributes of the session.
    pub fn attributes(mut self, attributes: SessionAttributes) -> Self {
        self.attributes = attributes;
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
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct SessionKey {
    /// The kind of session; `support`.
    pub key_type: String,
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
    /// Elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// The queue of a session key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
        let mut fields: Fields = vec![
            ("type".into(), "support".into()),
            ("queue_id".into(), self.queue.to_string()),
        ];
        if let Some(ttl) = self.ttl {
            if ttl.as_secs() == 0 {
                return Err(Error::invalid_request("ttl is shorter than one second"));
            }
            fields.push(("ttl".into(), ttl.as_secs().to_string()));
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
            fields.push(("url_hostname".into(), host.clone()));
        }
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<SessionKey> {
        let reply = read_reply("session_key", body, |key: &mut SessionKey, cursor, el| {
            match el.name() {
                "type" => key.key_type = cursor.text(el)?,
                "expires" => {
                    let text = cursor.text(el)?;
                    let attribute = el.attr_text("ts").or_else(|| el.attr_text("timestamp"));
                    key.expires = attribute
                        .as_deref()
                        .and_then(parse_time)
                        .or_else(|| parse_time(&text));
                    if key.expires.is_none() && !text.is_empty() {
                        key.unknown.push(el.to_raw(&text));
                    }
                }
                "queue" => {
                    key.queue.available = el.attr_text("available").map(|flag| flag == "1");
                    key.queue.kind = cursor.text(el)?;
                }
                "queue_id" => key.queue.id = cursor.text_opt(el)?,
                "external_key" => key.external_key = cursor.text_opt(el)?,
                "short_key" => key.short_key = cursor.text(el)?,
                "key_url" => key.key_url = cursor.text(el)?,
                "mail_subject" => key.mail_subject = cursor.text(el)?,
                "mail_body" => key.mail_body = cursor.text_verbatim(el)?,
                _ => key.unknown.push(cursor.raw(el)?),
            }
            Ok(())
        })?;
        Ok(reply.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

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
        let customer = CustomerDetails {
            name: Some("Ann".into()),
            company: Some("Acme".into()),
            company_code: Some("AC".into()),
            details: Some("Mail".into()),
        };
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
    fn limits_are_checked_before_sending() {
        let too_long = CustomerDetails {
            name: Some("x".repeat(101)),
            ..Default::default()
        };
        for request in [
            GenerateSessionKey::default().ttl(Duration::from_millis(999)),
            GenerateSessionKey::default().skill("a,b"),
            GenerateSessionKey::default().customer(too_long),
        ] {
            let error = request.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }
}
