//! `get_appliances`: the appliances of a site.

use serde::{Deserialize, Serialize};

use super::read::{flag, keep_root, number, open_enum, text_opt};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::xml::{Cursor, Element, XmlResult, read_reply};

/// Asks for the appliances that make up the site: one, a failover pair, or a cluster.
///
/// Needs read-only access to commands. Since 14.1 or earlier.
///
/// ```
/// use bomgar_api::Call;
/// use bomgar_api::command::{ClusterRole, GetAppliances};
///
/// let body = b"<appliances><appliance id='a1'><cluster_role>single</cluster_role></appliance>\
///              </appliances>";
/// let reply = GetAppliances.decode(body)?;
/// assert_eq!(reply.appliances[0].cluster_role, Some(ClusterRole::Single));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct GetAppliances;

/// The appliances of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Appliances {
    /// The appliances, in the order sent.
    pub appliances: Vec<Appliance>,
    /// Elements and attributes this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

open_enum! {
    /// An appliance's role in a cluster.
    ClusterRole {
        /// There is no cluster.
        Single = "single",
        /// The one that is administered; older versions call it `master`.
        Primary = "primary" | "master",
        /// One that carries traffic.
        Traffic = "traffic",
    }
}

open_enum! {
    /// An appliance's role in a failover pair.
    FailoverRole {
        /// There is no failover.
        None = "none",
        /// The one in use.
        Primary = "primary",
        /// The one that waits.
        Backup = "backup",
    }
}

/// An appliance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Appliance {
    /// The appliance's identifier, 32 hexadecimal digits.
    pub id: Option<String>,
    /// The appliance's name.
    pub name: Option<String>,
    /// The host name under which it is reached.
    pub public_hostname: Option<String>,
    /// Its role in a cluster.
    pub cluster_role: Option<ClusterRole>,
    /// Its role in a failover pair.
    pub failover_role: Option<FailoverRole>,
    /// Whether it accepts connections of clients.
    pub accepting_connections: Option<bool>,
    /// The offset of its time zone in seconds, with the sign as sent.
    pub timezone_offset: Option<i64>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

impl Call for GetAppliances {
    type Reply = Appliances;

    fn operation(&self) -> &str {
        "get_appliances"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        Ok(Fields::new())
    }

    fn decode(&self, body: &[u8]) -> Result<Appliances> {
        let reply = read_reply("appliances", body, |all: &mut Appliances, cursor, el| {
            match el.name() {
                "appliance" => all.appliances.push(appliance(cursor, el)?),
                _ => all.unknown.push(cursor.raw(el)?),
            }
            Ok(())
        })?;
        let mut all = reply.value;
        keep_root(reply.root, &mut all.unknown);
        Ok(all)
    }
}

fn appliance(cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<Appliance> {
    let mut it = Appliance::default();
    it.unknown.extend(el.unknown_attributes(&["id"]));
    it.id = el.attr_text("id");
    cursor.children(el, |cursor, el| {
        let (el, unknown) = (&el, &mut it.unknown);
        match el.name() {
            "name" => it.name = text_opt(cursor, el, unknown)?,
            "public_hostname" => it.public_hostname = text_opt(cursor, el, unknown)?,
            "cluster_role" => {
                it.cluster_role = text_opt(cursor, el, unknown)?.map(ClusterRole::from);
            }
            "failover_role" => {
                it.failover_role = text_opt(cursor, el, unknown)?.map(FailoverRole::from);
            }
            "accepting_connections" => it.accepting_connections = flag(cursor, el, unknown)?,
            "timezone_offset" => it.timezone_offset = number(cursor, el, unknown)?,
            _ => unknown.push(cursor.raw(el)?),
        }
        Ok(())
    })?;
    Ok(it)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::testing::body;

    #[test]
    fn sends_the_action_alone() {
        assert_eq!(body(&GetAppliances), "action=get_appliances");
    }

    #[test]
    fn reads_every_part_in_any_order() {
        let body = br#"<appliances xmlns="urn:x" page="1">
	<appliance id="0123456789abcdef0123456789abcdef" rack="2">
		<timezone_offset>-18000</timezone_offset>
		<accepting_connections>1</accepting_connections>
		<failover_role>backup</failover_role>
		<cluster_role>master</cluster_role>
		<public_hostname>support.example.com</public_hostname>
		<name>East</name>
		<load>low</load>
	</appliance>
	<appliance id="b">
		<cluster_role>hub</cluster_role><failover_role>none</failover_role>
		<timezone_offset>UTC</timezone_offset>
	</appliance>
</appliances>"#;
        let all = GetAppliances.decode(body).unwrap();
        let [east, other] = &all.appliances[..] else {
            panic!("{all:?}")
        };
        assert_eq!(east.id.as_deref(), Some("0123456789abcdef0123456789abcdef"));
        assert_eq!(east.name.as_deref(), Some("East"));
        assert_eq!(east.public_hostname.as_deref(), Some("support.example.com"));
        assert_eq!(east.cluster_role, Some(ClusterRole::Primary));
        assert_eq!(east.failover_role, Some(FailoverRole::Backup));
        assert_eq!(east.accepting_connections, Some(true));
        assert_eq!(east.timezone_offset, Some(-18_000));
        assert_eq!(east.unknown[0].attributes[0].0, "rack");
        assert_eq!(east.unknown[1].text, "low");
        assert_eq!(other.cluster_role, Some(ClusterRole::Other("hub".into())));
        assert_eq!(other.failover_role, Some(FailoverRole::None));
        assert_eq!(
            (other.timezone_offset, other.unknown[0].text.as_str()),
            (None, "UTC")
        );
        assert_eq!(all.unknown[0].attributes[0].0, "page");
    }

    #[test]
    fn empty_and_error() {
        assert!(
            GetAppliances
                .decode(b"<appliances/>")
                .unwrap()
                .appliances
                .is_empty()
        );
        for body in [
            &b"<error >Denied</error>"[..],
            b"<appliances><error>Denied</error></appliances>",
        ] {
            let error = GetAppliances.decode(body).unwrap_err();
            assert_eq!(error.server_text(), Some("Denied"));
        }
    }
}
