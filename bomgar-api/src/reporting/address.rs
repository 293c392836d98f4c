//! Addresses as reports print them.

use std::net::{IpAddr, SocketAddr};

use super::{Customer, Representative};

/// Reads an address of a report: `ip:port`, `[v6]:port`, `[v6]` or a bare address; `None` for
/// `Unknown` and for anything else that is none.
///
/// ```
/// use bomgar_api::reporting::parse_address;
///
/// assert_eq!(parse_address("203.0.113.7:50123"), Some(("203.0.113.7".parse()?, Some(50123))));
/// assert_eq!(parse_address("[2001:db8::9]:443"), Some(("2001:db8::9".parse()?, Some(443))));
/// assert_eq!(parse_address("2001:db8::9"), Some(("2001:db8::9".parse()?, None)));
/// assert_eq!(parse_address("Unknown"), None);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
pub fn parse_address(text: &str) -> Option<(IpAddr, Option<u16>)> {
    let text = text.trim();
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some((address.ip(), Some(address.port())));
    }
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse().ok().map(|ip| (ip, None))
}

impl Representative {
    /// The public address, parsed; `None` when absent, `Unknown` or not an address.
    pub fn public_address(&self) -> Option<(IpAddr, Option<u16>)> {
        parse_address(self.public_ip.as_deref()?)
    }

    /// The private address, parsed; `None` when absent, `Unknown` or not an address.
    pub fn private_address(&self) -> Option<IpAddr> {
        Some(parse_address(self.private_ip.as_deref()?)?.0)
    }
}

impl Customer {
    /// The public address, parsed; `None` when absent, `Unknown` or not an address.
    pub fn public_address(&self) -> Option<(IpAddr, Option<u16>)> {
        parse_address(self.public_ip.as_deref()?)
    }

    /// The private address, parsed; `None` when absent, `Unknown` or not an address.
    pub fn private_address(&self) -> Option<IpAddr> {
        Some(parse_address(self.private_ip.as_deref()?)?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_and_nothing_else() {
        let v4: IpAddr = "203.0.113.7".parse().unwrap();
        let v6: IpAddr = "2001:db8::9".parse().unwrap();
        for (text, address) in [
            ("203.0.113.7:50123", Some((v4, Some(50_123)))),
            (" 203.0.113.7 ", Some((v4, None))),
            ("[2001:db8::9]:443", Some((v6, Some(443)))),
            ("[2001:db8::9]", Some((v6, None))),
            ("2001:db8::9", Some((v6, None))),
            ("Unknown", None),
            ("", None),
            ("[", None),
            ("203.0.113.7:", None),
            ("203.0.113.7:70000", None),
            ("host.example.com:443", None),
        ] {
            assert_eq!(parse_address(text), address, "{text}");
        }
    }
}
