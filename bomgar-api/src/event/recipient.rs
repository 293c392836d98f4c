//! The URL by which an appliance reaches a receiver of outbound events.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::error::{Error, Result, shorten};
use crate::host::shown;

/// The path of a receiver.
pub const RECIPIENT_PATH: &str = "/ERSPost";

/// The port a receiver listens on unless configured otherwise.
pub const DEFAULT_PORT: u16 = 8180;

/// Which appliance an event comes from, by a name of one's own choice.
///
/// The name has letters, digits, periods and underscores only. Names are compared without regard
/// to case. An event from a URL without the name belongs to the appliance named `default`.
///
/// ```
/// use bomgar_api::event::ApplianceId;
///
/// assert!("site_2.berlin".parse::<ApplianceId>().is_ok());
/// assert!("site-2".parse::<ApplianceId>().is_err());
/// assert_eq!("Default".parse::<ApplianceId>()?, ApplianceId::default());
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ApplianceId(String);

impl ApplianceId {
    /// The name as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the appliance that needs no name in the URL.
    pub fn is_default(&self) -> bool {
        self.0.eq_ignore_ascii_case("default")
    }
}

impl ApplianceId {
    /// Reads the name from the query of the URL that an event was posted to. A query without
    /// `appliance` means the default appliance.
    ///
    /// ```
    /// use bomgar_api::event::ApplianceId;
    ///
    /// assert_eq!(ApplianceId::from_query(Some("appliance=berlin"))?.as_str(), "berlin");
    /// assert!(ApplianceId::from_query(None)?.is_default());
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when it is not an appliance
    /// id.
    pub fn from_query(query: Option<&str>) -> Result<Self> {
        form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .find(|(name, _)| name.eq_ignore_ascii_case("appliance"))
            .map_or_else(|| Ok(ApplianceId::default()), |(_, value)| value.parse())
    }
}

impl Default for ApplianceId {
    fn default() -> Self {
        ApplianceId("default".into())
    }
}

impl PartialEq for ApplianceId {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for ApplianceId {}

impl Hash for ApplianceId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

impl fmt::Display for ApplianceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ApplianceId {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'_';
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(Error::invalid_request(format!(
                "\"{}\" is not an appliance id: only letters, digits, periods and underscores \
                 are allowed",
                shorten(name, 60)
            )));
        }
        Ok(ApplianceId(name.to_owned()))
    }
}

/// The URL to enter as HTTP recipient in /login > Management > Outbound Events.
///
/// Appliances that the vendor hosts take `https` URLs on port 443 only.
///
/// ```
/// use bomgar_api::event::RecipientUrl;
///
/// let url = RecipientUrl::new("middleware.example.com")?.appliance("berlin".parse()?);
/// assert_eq!(url.to_string(), "http://middleware.example.com:8180/ERSPost?appliance=berlin");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct RecipientUrl {
    host: String,
    port: u16,
    https: bool,
    appliance: ApplianceId,
}

impl RecipientUrl {
    /// A URL for the machine the receiver runs on, by host name or address, with `http`, the
    /// [`DEFAULT_PORT`] and the default appliance.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when `host` is not a host
    /// name or address alone.
    pub fn new(host: &str) -> Result<Self> {
        let host = url::Host::parse(host)
            // A bare IPv6 address goes into brackets.
            .or_else(|error| url::Host::parse(&format!("[{host}]")).map_err(|_| error))
            .map_err(|error| {
                Error::invalid_request(format!("{} is not a host name", shown(host)))
                    .with_source(error)
            })?;
        Ok(RecipientUrl {
            host: host.to_string(),
            port: DEFAULT_PORT,
            https: false,
            appliance: ApplianceId::default(),
        })
    }

    /// The port the receiver is reached at.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether the receiver is reached by `https`.
    pub fn https(mut self, https: bool) -> Self {
        self.https = https;
        self
    }

    /// The appliance the URL is for.
    pub fn appliance(mut self, appliance: ApplianceId) -> Self {
        self.appliance = appliance;
        self
    }
}

impl fmt::Display for RecipientUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, standard_port) = if self.https {
            ("https", 443)
        } else {
            ("http", 80)
        };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != standard_port {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(RECIPIENT_PATH)?;
        if self.appliance.is_default() {
            return Ok(());
        }
        write!(f, "?appliance={}", self.appliance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c047_the_default_appliance_has_no_query() {
        let url = RecipientUrl::new("mw.example.com").unwrap().port(9000);
        assert_eq!(url.to_string(), "http://mw.example.com:9000/ERSPost");
        let url = url.appliance("DEFAULT".parse().unwrap());
        assert_eq!(url.to_string(), "http://mw.example.com:9000/ERSPost");
    }

    #[test]
    fn c048_another_appliance_is_named_in_the_query() {
        let url = RecipientUrl::new("mw.example.com").unwrap();
        let url = url
            .https(true)
            .port(443)
            .appliance("A_1.x".parse().unwrap());
        assert_eq!(
            url.to_string(),
            "https://mw.example.com/ERSPost?appliance=A_1.x"
        );
    }

    #[test]
    fn c049_the_default_port_is_8180() {
        let url = RecipientUrl::new("10.0.0.7").unwrap();
        assert_eq!(url.to_string(), "http://10.0.0.7:8180/ERSPost");
        let url = RecipientUrl::new("fd00::7").unwrap();
        assert_eq!(url.to_string(), "http://[fd00::7]:8180/ERSPost");
    }

    #[test]
    fn c050_ids_have_letters_digits_periods_and_underscores() {
        for good in ["a", "A1", "a.b_c", "default", "0"] {
            assert_eq!(good.parse::<ApplianceId>().unwrap().as_str(), good);
        }
        for bad in ["", "a-b", "a b", "a/b", "ä", "a&b=c", "a%20"] {
            assert!(bad.parse::<ApplianceId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn c047_c048_the_query_names_the_appliance() {
        for (query, expected) in [
            (None, "default"),
            (Some(""), "default"),
            (Some("token=x"), "default"),
            (Some("appliance=A_1.x"), "A_1.x"),
            (Some("token=x&Appliance=a"), "a"),
        ] {
            assert_eq!(ApplianceId::from_query(query).unwrap().as_str(), expected);
        }
        for bad in [
            "appliance=",
            "appliance=a-b",
            "appliance=a%20b",
            "appliance",
        ] {
            assert!(ApplianceId::from_query(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn c051_ids_are_equal_in_any_case() {
        let id = |text: &str| text.parse::<ApplianceId>().unwrap();
        assert_eq!(id("Site_A"), id("site_a"));
        assert_ne!(id("site_a"), id("site.a"));
        let known: std::collections::HashSet<_> = [id("Site_A")].into();
        assert!(known.contains(&id("SITE_A")));
    }

    #[test]
    fn a_host_is_a_host_alone() {
        for bad in ["", "http://mw", "mw/x", "mw:80", "a b", "u@h"] {
            assert!(RecipientUrl::new(bad).is_err(), "{bad}");
        }
    }
}
