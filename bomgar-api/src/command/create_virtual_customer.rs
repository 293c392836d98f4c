//! `create_virtual_customer`: a customer who only chats, through another program.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::read::{keep_root, open_enum, text_opt};
use super::{check_filled, check_length};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::xml::read_any_reply;

/// The customer's name has the same limit as in session keys.
const NAME_LIMIT: usize = 100;

open_enum! {
    /// A language of the appliance. It must be installed there; see `/login` > Localization.
    Locale {
        /// English.
        English = "en-us",
        /// German.
        German = "de",
        /// Spanish of Latin America.
        SpanishLatinAmerica = "es",
        /// Spanish of Spain.
        SpanishSpain = "es-sp",
        /// Finnish.
        Finnish = "fi",
        /// French.
        French = "fr",
        /// Italian.
        Italian = "it",
        /// Dutch.
        Dutch = "nl",
        /// Portuguese of Brazil.
        PortugueseBrazil = "pt-br",
        /// Portuguese of Portugal.
        PortuguesePortugal = "pt-pt",
        /// Swedish.
        Swedish = "sv-se",
        /// Turkish.
        Turkish = "tr",
        /// Japanese.
        Japanese = "ja",
        /// Chinese in simplified characters.
        ChineseSimplified = "zh-hans",
        /// Chinese in traditional characters.
        ChineseTraditional = "zh",
        /// Russian.
        Russian = "ru",
    }
}

/// What the representative sees of a virtual customer. All parts are required. `Debug` does not show
/// them.
///
/// ```
/// use bomgar_api::command::VirtualCustomerDetails;
///
/// let details = VirtualCustomerDetails {
///     name: "Ada".into(),
///     ip_address: "203.0.113.24".into(),
///     operating_system: "Windows 11".into(),
///     computer_name: "ADA-PC".into(),
/// };
/// # let _ = details;
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct VirtualCustomerDetails {
    /// The customer's public name, at most 100 characters.
    pub name: String,
    /// The customer's public IP address.
    pub ip_address: String,
    /// The customer's operating system.
    pub operating_system: String,
    /// The customer's computer.
    pub computer_name: String,
}

impl fmt::Debug for VirtualCustomerDetails {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualCustomerDetails")
            .finish_non_exhaustive()
    }
}

/// Starts a session for a customer who chats through another program, such as a chat bot.
///
/// The session is started with the short key of a session key that was made for it; write the
/// customer's messages with [`SendChatMessage`](super::SendChatMessage).
///
/// The vendor says that read-only access to commands is enough; an appliance may still demand full
/// access. Because it changes something, it is not repeated after an unclear failure. Since API
/// version 1.21.
///
/// `Debug` does not show the short key, with which anyone could start the session.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{CreateVirtualCustomer, Locale, VirtualCustomerDetails};
///
/// let details = VirtualCustomerDetails {
///     name: "Ada".into(),
///     ip_address: "203.0.113.24".into(),
///     operating_system: "Windows 11".into(),
///     computer_name: "ADA-PC".into(),
/// };
/// let request = CreateVirtualCustomer::new("1234567", details)
///     .locale(Locale::German)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&locale=de"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct CreateVirtualCustomer {
    short_key: String,
    details: VirtualCustomerDetails,
    locale: Option<Locale>,
    click_to_chat: bool,
}

impl CreateVirtualCustomer {
    /// Uses the session key with this short key.
    pub fn new(short_key: impl Into<String>, details: VirtualCustomerDetails) -> Self {
        CreateVirtualCustomer {
            short_key: short_key.into(),
            details,
            locale: None,
            click_to_chat: false,
        }
    }

    /// The language of the session.
    pub fn locale(mut self, locale: impl Into<Locale>) -> Self {
        self.locale = Some(locale.into());
        self
    }

    /// Whether [`VirtualCustomer::download_url`] shall lead to a click-to-chat session instead of
    /// the customer client's download. Default: no.
    ///
    /// It is sent as `chat_url=1`, the name under which the vendor describes it.
    pub fn click_to_chat(mut self, chat: bool) -> Self {
        self.click_to_chat = chat;
        self
    }
}

impl fmt::Debug for CreateVirtualCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateVirtualCustomer")
            .field("locale", &self.locale)
            .field("click_to_chat", &self.click_to_chat)
            .finish_non_exhaustive()
    }
}

/// A virtual customer. The URLs let their holder into the session, so treat them as confidential;
/// `Debug` does not show them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct VirtualCustomer {
    /// Where the customer downloads the client that makes a full session of the chat.
    pub download_url: Option<String>,
    /// Where the customer can chat.
    pub chat_url: Option<String>,
    /// The session, where the appliance names it.
    pub lsid: Option<String>,
    /// Elements and attributes this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

impl fmt::Debug for VirtualCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualCustomer")
            .field("lsid", &self.lsid)
            .finish_non_exhaustive()
    }
}

impl Call for CreateVirtualCustomer {
    type Reply = VirtualCustomer;

    fn operation(&self) -> &str {
        "create_virtual_customer"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        check_length("name", &self.details.name, NAME_LIMIT)?;
        let mut fields = Fields::new();
        for (name, value) in [
            ("short_key", &self.short_key),
            ("name", &self.details.name),
            ("ip_address", &self.details.ip_address),
            ("operating_system", &self.details.operating_system),
            ("computer_name", &self.details.computer_name),
        ] {
            check_filled(name, value)?;
            fields.push((name.into(), value.clone()));
        }
        if let Some(locale) = &self.locale {
            fields.push(("locale".into(), locale.as_str().into()));
        }
        if self.click_to_chat {
            fields.push(("chat_url".into(), "1".into()));
        }
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<VirtualCustomer> {
        // The root's name is not documented.
        let reply = read_any_reply(None, body, |customer: &mut VirtualCustomer, cursor, el| {
            let unknown = &mut customer.unknown;
            match el.name() {
                "download_url" => customer.download_url = text_opt(cursor, el, unknown)?,
                "chat_url" => customer.chat_url = text_opt(cursor, el, unknown)?,
                "lsid" => customer.lsid = text_opt(cursor, el, unknown)?,
                _ => unknown.push(cursor.raw(el)?),
            }
            Ok(())
        })?;
        let mut customer = reply.value;
        keep_root(reply.root, &mut customer.unknown);
        Ok(customer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::body;

    fn details() -> VirtualCustomerDetails {
        VirtualCustomerDetails {
            name: "Ada".into(),
            ip_address: "203.0.113.24".into(),
            operating_system: "Windows 11".into(),
            computer_name: "ADA-PC".into(),
        }
    }

    #[test]
    fn all_parameters_have_their_names() {
        let expected = "action=create_virtual_customer&short_key=1234567&name=Ada\
                        &ip_address=203.0.113.24&operating_system=Windows+11\
                        &computer_name=ADA-PC";
        let call = CreateVirtualCustomer::new("1234567", details());
        assert_eq!(body(&call), expected);
        let call = call.locale(Locale::ChineseSimplified).click_to_chat(true);
        assert_eq!(body(&call), format!("{expected}&locale=zh-hans&chat_url=1"));
        assert!(!format!("{call:?}").contains("1234567"));
    }

    #[test]
    fn locales_go_there_and_back() {
        for word in "en-us de es es-sp fi fr it nl pt-br pt-pt sv-se tr ja zh-hans zh ru".split(' ')
        {
            let locale = Locale::from(word);
            assert!(!matches!(locale, Locale::Other(_)), "{word}");
            assert_eq!(locale.as_str(), word);
        }
        assert_eq!(Locale::from("pl"), Locale::Other("pl".into()));
    }

    #[test]
    fn every_part_is_required() {
        for change in [
            (|d: &mut VirtualCustomerDetails| d.name.clear()) as fn(&mut VirtualCustomerDetails),
            |d| d.ip_address.clear(),
            |d| d.operating_system.clear(),
            |d| d.computer_name.clear(),
            |d| d.name = "x".repeat(101),
        ] {
            let mut details = details();
            change(&mut details);
            let error = CreateVirtualCustomer::new("1", details).fields();
            assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidRequest);
        }
        let error = CreateVirtualCustomer::new("", details()).fields();
        assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn reads_the_urls_whatever_the_root_is_called() {
        let call = CreateVirtualCustomer::new("1234567", details());
        for root in ["virtual_customer", "create_virtual_customer", "success"] {
            let body = format!(
                "<{root} v='2'><novelty a='1'>x</novelty><chat_url>https://h/c?a=1&amp;b=2</chat_url>
                 <download_url>https://h/d</download_url></{root}>"
            );
            let customer = call.decode(body.as_bytes()).unwrap();
            assert_eq!(customer.download_url.as_deref(), Some("https://h/d"));
            assert_eq!(customer.chat_url.as_deref(), Some("https://h/c?a=1&b=2"));
            assert_eq!(customer.lsid, None);
            assert_eq!(customer.unknown[0].name, "novelty");
            assert_eq!(customer.unknown[1].attributes[0].0, "v");
            assert!(!format!("{customer:?}").contains("https"));
        }
        let error = call.decode(b"<error >Invalid key.</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("Invalid key."));
    }
}
