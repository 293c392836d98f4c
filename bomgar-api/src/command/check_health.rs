//! `check_health`: whether the appliance works, and its role in a failover pair.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::FailoverRole;
use super::read::{flag, keep_root, text, text_opt, time};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::xml::{Cursor, Element, XmlResult, read_reply};

/// Asks whether the appliance works, and for its role in a failover pair.
///
/// Needs read-only access to commands; users of old versions must be administrators. Since 14.2;
/// also in Privileged Remote Access.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sim = bomgar_sim::BomgarSim::start().await;
/// # let account = bomgar_api::Credentials::oauth(sim.client_id(), sim.client_secret());
/// # let client = bomgar_api::Client::builder(sim.base_url(), account).build()?;
/// let health = client.check_health().await?;
/// assert_eq!(health.success, Some(true));
/// println!("{:?}, role {:?}", health.version, health.failover_role);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct CheckHealth;

/// The appliance's state. Where failover is off, everything about it is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Health {
    /// The appliance's identifier, 32 hexadecimal digits.
    pub appliance_id: Option<String>,
    /// The appliance's host name.
    pub appliance_name: Option<String>,
    /// Version and build of its software.
    pub version: Option<String>,
    /// Whether the check went well; `None` when the appliance does not say.
    pub success: Option<bool>,
    /// What is wrong.
    pub error_message: Option<String>,
    /// Its role in a failover pair.
    pub failover_role: Option<FailoverRole>,
    /// Shared addresses that are enabled on this appliance.
    pub enabled_shared_ips: Vec<String>,
    /// When data was last synchronised with the other appliance.
    pub last_data_sync_time: Option<Timestamp>,
    /// How that went, in words.
    pub last_data_sync_status: Option<String>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

impl Call for CheckHealth {
    type Reply = Health;

    fn operation(&self) -> &str {
        "check_health"
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

    fn decode(&self, body: &[u8]) -> Result<Health> {
        let reply = read_reply("health_check", body, part)?;
        let mut health = reply.value;
        keep_root(reply.root, &mut health.unknown);
        Ok(health)
    }
}

fn part(health: &mut Health, cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<()> {
    let unknown = &mut health.unknown;
    match el.name() {
        "appliance" => {
            unknown.extend(el.unknown_attributes(&["id"]));
            health.appliance_id = el.attr_text("id");
            let mut name = String::new();
            cursor.content(
                el,
                |piece| name.push_str(&piece),
                // Some versions may nest the rest here; it reads the same.
                |cursor, el| part(health, cursor, &el),
            )?;
            health.appliance_name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        }
        "version" => health.version = text_opt(cursor, el, unknown)?,
        "success" => health.success = flag(cursor, el, unknown)?,
        "error_message" => health.error_message = text_opt(cursor, el, unknown)?,
        "failover_role" => {
            health.failover_role = text_opt(cursor, el, unknown)?.map(FailoverRole::from);
        }
        "enabled_shared_ips" => {
            unknown.extend(el.unknown_attributes(&[]));
            cursor.children(el, |cursor, el| {
                match el.name() {
                    "ip" => {
                        let ip = text(cursor, &el, &[], unknown)?;
                        health.enabled_shared_ips.push(ip);
                    }
                    _ => unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            })?;
        }
        "last_data_sync_time" => health.last_data_sync_time = time(cursor, el, unknown)?,
        "last_data_sync_status" => health.last_data_sync_status = text_opt(cursor, el, unknown)?,
        _ => unknown.push(cursor.raw(el)?),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_an_appliance_without_failover() {
        let body = br#"<health_check xmlns="http://www.bomgar.com/namespaces/API/command">
	<appliance id="0123456789abcdef0123456789abcdef"></appliance>
	<version>19.1.8 (37380-abcdef)</version>
	<success>1</success>
	<failover_role></failover_role>
</health_check>"#;
        let health = CheckHealth.decode(body).unwrap();
        assert_eq!(
            health.appliance_id.as_deref(),
            Some("0123456789abcdef0123456789abcdef")
        );
        assert_eq!(health.version.as_deref(), Some("19.1.8 (37380-abcdef)"));
        assert_eq!((health.success, health.failover_role), (Some(true), None));
    }

    #[test]
    fn reads_a_failover_pair() {
        let body = br#"<health_check><appliance id="a"/><version>1</version><success>0</success>
            <error_message>Sync failed</error_message><failover_role>backup</failover_role>
            <enabled_shared_ips><ip>10.0.0.1</ip><ip>10.0.0.2</ip></enabled_shared_ips>
            <last_data_sync_time ts="1572954189">2019-11-05T11:43:09.000+0000</last_data_sync_time>
            <last_data_sync_status>Failed</last_data_sync_status></health_check>"#;
        let health = CheckHealth.decode(body).unwrap();
        assert_eq!(health.success, Some(false));
        assert_eq!(health.error_message.as_deref(), Some("Sync failed"));
        assert_eq!(health.failover_role, Some(FailoverRole::Backup));
        assert_eq!(health.enabled_shared_ips, ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(
            health.last_data_sync_time,
            Timestamp::from_second(1_572_954_189).ok()
        );
        assert!(health.unknown.is_empty());
    }
    #[test]
    fn every_form_of_the_time_is_read_and_any_other_kept() {
        for (element, known) in [
            ("<last_data_sync_time ts='1572954189'/>", true),
            (
                "<last_data_sync_time timestamp='1572954189'>x</last_data_sync_time>",
                true,
            ),
            (
                "<last_data_sync_time>1572954189</last_data_sync_time>",
                true,
            ),
            (
                "<last_data_sync_time>2019-11-05T11:43:09.000+0000</last_data_sync_time>",
                true,
            ),
            (
                "<last_data_sync_time ts=''>2019-11-05T11:43:09+00:00</last_data_sync_time>",
                true,
            ),
            ("<last_data_sync_time>never</last_data_sync_time>", false),
        ] {
            let body = format!("<health_check>{element}</health_check>");
            let health = CheckHealth.decode(body.as_bytes()).unwrap();
            let expected = Timestamp::from_second(1_572_954_189).ok().filter(|_| known);
            assert_eq!(health.last_data_sync_time, expected, "{element}");
            assert_eq!(health.unknown.is_empty(), known, "{element}");
        }
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let body = b"<health_check v='3'><appliance id='a' model='b'>East<version>2</version>\
            </appliance><success>perhaps</success><failover_role>witness</failover_role>\
            <disk><free>7</free></disk></health_check>";
        let health = CheckHealth.decode(body).unwrap();
        assert_eq!(health.appliance_name.as_deref(), Some("East"));
        assert_eq!(health.version.as_deref(), Some("2"));
        assert_eq!(health.success, None);
        assert_eq!(
            health.failover_role,
            Some(FailoverRole::Other("witness".into()))
        );
        let kept: Vec<_> = health.unknown.iter().map(|raw| raw.name.as_str()).collect();
        assert_eq!(kept, ["appliance", "success", "disk", "health_check"]);
        assert_eq!(health.unknown[2].children[0].text, "7");
        let json = serde_json::to_string(&health).unwrap();
        assert_eq!(serde_json::from_str::<Health>(&json).unwrap(), health);
        let error = CheckHealth.decode(b"<health_check><error >No</error></health_check>");
        assert_eq!(error.unwrap_err().server_text(), Some("No"));
    }
}
