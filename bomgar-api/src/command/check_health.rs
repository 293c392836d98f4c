//! `check_health`: whether the appliance works, and its role in a failover pair.

use jiff::Timestamp;

use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::time::parse_time;
use crate::xml::{Cursor, Element, XmlResult, read_reply};

/// Asks whether the appliance works. Version 14.2 or newer; with read-only access to commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckHealth;

/// The appliance's state. Where failover is off, everything about it is absent.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Its role in a failover pair: `primary`, `backup` or `none`, as sent.
    pub failover_role: Option<String>,
    /// Shared addresses that are enabled on this appliance.
    pub enabled_shared_ips: Vec<String>,
    /// When data was last synchronised with the other appliance.
    pub last_data_sync_time: Option<Timestamp>,
    /// How that went, in words.
    pub last_data_sync_status: Option<String>,
    /// Elements this crate does not know or could not read, as sent.
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
        Ok(read_reply("health_check", body, part)?.value)
    }
}

fn part(health: &mut Health, cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<()> {
    match el.name() {
        "appliance" => {
            health.appliance_id = el.attr_text("id");
            let mut name = String::new();
            cursor.content(
                el,
                |piece| name.push_str(piece),
                // Some versions may nest the rest here; it reads the same.
                |cursor, el| part(health, cursor, &el),
            )?;
            health.appliance_name = Some(name.trim().to_owned()).filter(|name| !name.is_empty());
        }
        "version" => health.version = cursor.text_opt(el)?,
        "success" => {
            let text = cursor.text(el)?;
            health.success = match text.as_str() {
                "1" | "true" => Some(true),
                "0" | "false" => Some(false),
                _ => {
                    health.unknown.push(el.to_raw(&text));
                    None
                }
            };
        }
        "error_message" => health.error_message = cursor.text_opt(el)?,
        "failover_role" => health.failover_role = cursor.text_opt(el)?,
        "enabled_shared_ips" => cursor.children(el, |cursor, el| {
            match el.name() {
                "ip" => health.enabled_shared_ips.push(cursor.text(&el)?),
                _ => health.unknown.push(cursor.raw(&el)?),
            }
            Ok(())
        })?,
        "last_data_sync_time" => {
            let text = cursor.text(el)?;
            let attribute = el.attr_text("ts").or_else(|| el.attr_text("timestamp"));
            health.last_data_sync_time = attribute
                .as_deref()
                .and_then(parse_time)
                .or_else(|| parse_time(&text));
            if health.last_data_sync_time.is_none() && !text.is_empty() {
                health.unknown.push(el.to_raw(&text));
            }
        }
        "last_data_sync_status" => health.last_data_sync_status = cursor.text_opt(el)?,
        _ => health.unknown.push(cursor.raw(el)?),
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
        assert_eq!(health.failover_role.as_deref(), Some("backup"));
        assert_eq!(health.enabled_shared_ips, ["10.0.0.1", "10.0.0.2"]);
        assert_eq!(
            health.last_data_sync_time,
            Timestamp::from_second(1_572_954_189).ok()
        );
        assert!(health.unknown.is_empty());
    }
}
