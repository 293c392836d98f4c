//! The zone, that is the data centre, in which a tenant lives.

use url::{Host, Url};

#[cfg(feature = "client")]
mod trust;
#[cfg(feature = "client")]
pub(crate) use trust::{check_endpoint, check_zone};

/// Where a tenant lives, as `getZoneInfo` says it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZoneInfo {
    /// The endpoint for all calls of this tenant.
    pub url: Url,
    /// The tenant's number, the same for all its users. It is not the number of the zone.
    pub ci: i64,
    /// Root of the user interface, with a slash at its end.
    pub web_url: Option<String>,
    /// What the server calls the kind of database.
    pub database_type: Option<String>,
}

/// Whether it is a host of the service.
pub(crate) fn is_vendor(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Domain(domain))
        if domain == "autotask.net" || domain.ends_with(".autotask.net"))
}

/// Whether it is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(domain)) => domain == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
