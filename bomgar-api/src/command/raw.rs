//! Actions that this crate does not know.

use std::fmt;

use super::check_extra_field;
use crate::call::{Call, Endpoint, Fields, check_lsid};
use crate::error::{Error, Result};
use crate::reporting::RawElement;
use crate::xml::read_any_reply;

/// An action of the Command API by name, with fields of your own. The reply is the root of the
/// answer with all that is in it; an `<error>` is an error, as everywhere.
///
/// Say honestly whether the action is a read: reads are repeated after failures that may pass,
/// writes only if the appliance certainly did not act.
///
/// `Debug` shows the names of the fields, but no values.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use bomgar_api::command::RawCommand;
///
/// # let sim = bomgar_sim::BomgarSim::start().await;
/// # let account = bomgar_api::Credentials::oauth(sim.client_id(), sim.client_secret());
/// # let client = bomgar_api::Client::builder(sim.base_url(), account).build()?;
/// # let lsid = sim.demo_session("4711")?;
/// let request = RawCommand::write("terminate_session").session(&lsid);
/// let reply = client.call_raw(&request).await?;
/// assert_eq!((reply.name.as_str(), reply.text.as_str()), ("success", "Successfully terminated"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct RawCommand {
    action: String,
    is_read: bool,
    lsid: Option<String>,
    fields: Fields,
}

impl RawCommand {
    /// An action that changes nothing.
    pub fn read(action: impl Into<String>) -> Self {
        RawCommand {
            action: action.into(),
            is_read: true,
            lsid: None,
            fields: Fields::new(),
        }
    }

    /// An action that changes something.
    pub fn write(action: impl Into<String>) -> Self {
        RawCommand {
            is_read: false,
            ..RawCommand::read(action)
        }
    }

    /// The session the action is about, sent as `lsid` before the other fields.
    pub fn session(mut self, lsid: impl Into<String>) -> Self {
        self.lsid = Some(lsid.into());
        self
    }

    /// A field. Fields are sent in the order they are given; a name may be given several times.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for RawCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("RawCommand")
            .field("action", &self.action)
            .field("is_read", &self.is_read)
            .field("lsid", &self.lsid)
            .field("fields", &names)
            .finish()
    }
}

impl Call for RawCommand {
    type Reply = RawElement;

    fn operation(&self) -> &str {
        &self.action
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        self.is_read
    }

    fn fields(&self) -> Result<Fields> {
        if self.action.trim().is_empty() {
            return Err(Error::invalid_request("the action has no name"));
        }
        let mut fields = Fields::new();
        if let Some(lsid) = &self.lsid {
            check_lsid(lsid)?;
            fields.push(("lsid".into(), lsid.clone()));
        }
        for (name, _) in &self.fields {
            check_extra_field(&fields, name)?;
        }
        fields.extend(self.fields.iter().cloned());
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<RawElement> {
        let reply = read_any_reply(None, body, |children: &mut Vec<RawElement>, cursor, el| {
            children.push(cursor.raw(el)?);
            Ok(())
        })?;
        Ok(RawElement {
            text: reply.text,
            children: reply.value,
            ..reply.root
        })
    }

    fn session(&self) -> Option<&str> {
        self.lsid.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::{LSID, body};

    #[test]
    fn sends_what_the_caller_says() {
        let call = RawCommand::write("new_action")
            .field("b", "2 & 3")
            .field("a", "1")
            .field("b", "4")
            .session(LSID);
        assert_eq!(
            body(&call),
            format!("action=new_action&lsid={LSID}&b=2+%26+3&a=1&b=4")
        );
        assert!(!call.is_read() && RawCommand::read("x").is_read());
        assert_eq!(Call::session(&call), Some(LSID));
        let debug = format!("{call:?}");
        assert!(
            debug.contains("\"b\"") && !debug.contains("2 & 3"),
            "{debug}"
        );
    }

    #[test]
    fn nonsense_is_not_sent() {
        for call in [
            RawCommand::read(" "),
            RawCommand::read("x").session("1"),
            RawCommand::read("x").field("action", "y"),
            RawCommand::read("x").field("", "y"),
            RawCommand::read("x").session(LSID).field("lsid", "y"),
        ] {
            let error = call.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{call:?}");
        }
    }

    #[test]
    fn gives_the_whole_root() {
        let body = b"<n:thing xmlns:n='urn:x' xmlns='urn:y' n:a='1'> text <b c='2'>3</b></n:thing>";
        let reply = RawCommand::read("x").decode(body).unwrap();
        assert_eq!(
            (reply.name.as_str(), reply.text.as_str()),
            ("thing", "text")
        );
        assert_eq!(reply.attributes, [("a".to_owned(), "1".to_owned())]);
        assert_eq!(reply.children[0].attributes[0].1, "2");
        assert_eq!(reply.children[0].text, "3");
        for body in [
            &b"<error >No</error>"[..],
            b"<thing><error code='1'>No</error></thing>",
        ] {
            let error = RawCommand::read("x").decode(body).unwrap_err();
            assert_eq!(
                (error.kind(), error.server_text()),
                (ErrorKind::Api, Some("No"))
            );
        }
    }
}
