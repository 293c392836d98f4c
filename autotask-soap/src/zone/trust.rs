//! Which endpoints may be sent the credentials.

use super::{ZoneInfo, is_loopback, is_vendor};
use crate::error::{Error, ErrorKind, Result};
use url::Url;

/// Whether an endpoint may be used at all: https, or http on this very machine, where simulators
/// run.
pub(crate) fn check_endpoint(url: &Url) -> Result<()> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(url) => Ok(()),
        _ => Err(Error::new(
            ErrorKind::Config,
            format!(
                "endpoint {}://{} is neither https nor on this machine",
                url.scheme(),
                host(url)
            ),
        )),
    }
}

/// Whether a zone that a lookup gave may be sent the credentials. Whoever can answer the lookup
/// would otherwise get them.
pub(crate) fn check_zone(zone: &ZoneInfo, lookup: &Url) -> Result<()> {
    check_endpoint(&zone.url)?;
    let trusted = if is_vendor(lookup) {
        is_vendor(&zone.url) && zone.url.scheme() == "https"
    } else {
        // Somebody else's endpoint was configured: it may send us to the vendor or to itself.
        (is_vendor(&zone.url) && zone.url.scheme() == "https")
            || zone.url.host() == lookup.host()
            || (is_loopback(&zone.url) && is_loopback(lookup))
    };
    if trusted {
        Ok(())
    } else {
        Err(Error::new(
            ErrorKind::Config,
            format!(
                "the zone lookup at {} names {} as endpoint, which is not trusted with the password",
                host(lookup),
                host(&zone.url)
            ),
        ))
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or("(no host)")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for good in [
            "https://webservices3.autotask.net/ATServices/1.6/atws.asmx",
            "http://127.0.0.1:81/x",
            "http://[::1]:81/x",
            "http://localhost/x",
        ] {
            check_endpoint(&url(good)).unwrap();
        }
        for bad in [
            "http://webservices3.autotask.net/",
            "ftp://localhost/",
            "http://10.0.0.1/",
        ] {
            assert_eq!(
                check_endpoint(&url(bad)).unwrap_err().kind(),
                ErrorKind::Config,
                "{bad}"
            );
        }
    }

    #[test]
    fn a_lookup_cannot_send_the_password_elsewhere() {
        let zone = |text: &str| ZoneInfo {
            url: url(text),
            ci: 1,
            web_url: None,
            database_type: None,
        };
        let vendor = url("https://webservices.autotask.net/a");
        let local = url("http://127.0.0.1:1/a");
        let own = url("https://proxy.example/a");
        for (zone_url, lookup, good) in [
            ("https://webservices3.autotask.net/b", &vendor, true),
            ("https://autotask.net.evil.example/b", &vendor, false),
            ("https://evilautotask.net/b", &vendor, false),
            ("http://127.0.0.1:9/b", &vendor, false),
            ("http://127.0.0.1:9/b", &local, true),
            ("https://webservices3.autotask.net/b", &local, true),
            ("https://proxy.example/b", &own, true),
            ("https://other.example/b", &own, false),
        ] {
            assert_eq!(
                check_zone(&zone(zone_url), lookup).is_ok(),
                good,
                "{zone_url} {lookup}"
            );
        }
    }
}
