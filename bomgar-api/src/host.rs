//! Host names and addresses as people enter them.

use crate::error::{Error, Result, shorten};

/// Checks that a text is a host, with a port at most.
pub(crate) fn check_host(host: &str) -> Result<()> {
    let bare = match host.rsplit_once(':') {
        Some((bare, port)) if !bare.is_empty() && port.parse::<u16>().is_ok() => bare,
        _ => host,
    };
    match url::Host::parse(bare) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::invalid_request(format!(
            "{} is not a host name alone",
            shown(host)
        ))
        .with_source(error)),
    }
}

/// What was given in place of a host, for messages. It is not repeated where it may hold a
/// password.
pub(crate) fn shown(host: &str) -> String {
    if host.contains('@') {
        return "an address with a user name".to_owned();
    }
    format!("\"{}\"", shorten(host, 60))
}

/// The address of an appliance.
#[cfg(feature = "client")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    /// Scheme, host and port, without a final slash.
    pub(crate) text: String,
    pub(crate) is_https: bool,
    /// Whether the host is a loopback address, not just a name that may lead to one.
    pub(crate) is_loopback: bool,
}

#[cfg(feature = "client")]
impl BaseUrl {
    /// Reads a host name, or a URL that has a scheme, a host and a port at most.
    pub(crate) fn parse(host: &str) -> Result<Self> {
        use crate::error::ErrorKind;

        let refuse = |what: &str| Error::new(ErrorKind::Config, format!("{} {what}", shown(host)));
        let text = if host.contains("://") {
            host.to_owned()
        } else {
            check_host(host).map_err(|error| refuse("is not a host name").with_source(error))?;
            format!("https://{host}")
        };
        let url = url::Url::parse(&text)
            .map_err(|error| refuse("is not an address of an appliance").with_source(error))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refuse("has a scheme other than http and https"));
        }
        // The text may hold a password, so it is not repeated.
        if !url.username().is_empty() || url.password().is_some() {
            let message = "the appliance's address must not contain a user name";
            return Err(Error::new(ErrorKind::Config, message));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(refuse("has more than a host and a port"));
        }
        let is_loopback = match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        };
        Ok(BaseUrl {
            text: url.as_str().trim_end_matches('/').to_owned(),
            is_https: url.scheme() == "https",
            is_loopback,
        })
    }
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_plain_urls_are_taken() {
        for (given, text, is_https, is_loopback) in [
            (
                "support.example.com",
                "https://support.example.com",
                true,
                false,
            ),
            (
                "support.example.com:8443",
                "https://support.example.com:8443",
                true,
                false,
            ),
            (
                "https://Support.example.com/",
                "https://support.example.com",
                true,
                false,
            ),
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080",
                false,
                true,
            ),
            ("http://[::1]:8080", "http://[::1]:8080", false, true),
            (
                "http://localhost:8080",
                "http://localhost:8080",
                false,
                false,
            ),
        ] {
            let base = BaseUrl::parse(given).unwrap();
            let expected = BaseUrl {
                text: text.into(),
                is_https,
                is_loopback,
            };
            assert_eq!(base, expected);
        }
    }

    #[test]
    fn everything_else_is_refused_without_repeating_a_password() {
        for bad in [
            "",
            "a/b",
            "ftp://a",
            "https://a/api",
            "https://a?x",
            "a b",
            "https://",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
        for bad in [
            "https://u:hunter2@a",
            "u:hunter2@a",
            "u:hunter2@a/b",
            "ftp://u:hunter2@a",
        ] {
            let error = BaseUrl::parse(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
            let error = check_host(bad).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
