//! The links between Autotask and the appliance, as administrators enter them.

use std::fmt;

use serde::Serialize;

use super::{Console, JumpMethod};
use crate::call::Spelling;
use crate::error::Result;
use crate::host::check_host;
use crate::percent::Query;

/// Autotask's token for the ticket's internal id.
const TICKET_ID: &str = "<TICKETID>";
/// The name of the link that jumps.
const JUMP: &str = "Bomgar Jump To CI";
/// Autotask's token for the device name of the ticket's configuration item.
const DEVICE_NAME: &str = "<UDF-Device Name (ATG_InstalledProduct)>";

/// What to enter for one LiveLink in Autotask's LiveLinks Designer, field by field, in the order of
/// the form.
///
/// Autotask replaces the tokens in angle brackets when someone clicks the link, so they stand in
/// the query string as they are, not percent-encoded. After saving, the link must be published to
/// those who shall see it.
///
/// `Display` writes the form as lines of `field: value`; serialized, it is an object.
///
/// ```
/// use bomgar_api::Spelling;
/// use bomgar_api::client_script::LiveLink;
///
/// let link = LiveLink::session_key("support.example.com", Spelling::Ns)?;
/// assert_eq!(link.name, "Bomgar Session Key");
/// assert_eq!(link.base_url, "https://support.example.com/api/client_script.ns");
/// assert_eq!(
///     link.query_string,
///     "?type=rep&operation=generate&action=generate_session_key\
///      &session.custom.external_key=<TICKETID>",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LiveLink {
    /// LiveLink Name.
    pub name: &'static str,
    /// Label.
    pub label: &'static str,
    /// Description.
    pub description: &'static str,
    /// Whether the box Active is checked.
    pub active: bool,
    /// Category.
    pub category: &'static str,
    /// LiveLink Application Name; the application must be made first.
    pub application: &'static str,
    /// Entity.
    pub entity: &'static str,
    /// Base URL.
    pub base_url: String,
    /// Querystring Values, with the leading question mark.
    pub query_string: String,
    /// The boxes to check on the Configuration tab.
    pub placements: [&'static str; 2],
}

impl LiveLink {
    /// Jumps to the computer that is the ticket's configuration item, and ties the session to the
    /// ticket.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when `host` is not the
    /// appliance's host name alone.
    pub fn jump_to_ci(host: &str, spelling: Spelling) -> Result<Self> {
        let mut query = query("start_pinned_client_session");
        query.push_verbatim("search_string", DEVICE_NAME);
        LiveLink::new(JUMP, JUMP, host, spelling, query)
    }

    /// The same as [`jump_to_ci`](LiveLink::jump_to_ci) by `start_jump_item_session`, which newer
    /// appliances prefer.
    ///
    /// # Errors
    ///
    /// As [`jump_to_ci`](LiveLink::jump_to_ci).
    pub fn jump_to_ci_by_jump_item(host: &str, spelling: Spelling) -> Result<Self> {
        let mut query = query("start_jump_item_session");
        query.push_verbatim("jump.method", JumpMethod::Pinned.as_str());
        query.push_verbatim("search_string", DEVICE_NAME);
        LiveLink::new(JUMP, JUMP, host, spelling, query)
    }

    /// Opens the dialog that makes a session key, and ties the session to the ticket.
    ///
    /// # Errors
    ///
    /// As [`jump_to_ci`](LiveLink::jump_to_ci).
    pub fn session_key(host: &str, spelling: Spelling) -> Result<Self> {
        let query = query("generate_session_key");
        let description = "Generate Bomgar Session Key";
        LiveLink::new("Bomgar Session Key", description, host, spelling, query)
    }

    fn new(
        name: &'static str,
        description: &'static str,
        host: &str,
        spelling: Spelling,
        mut query: Query,
    ) -> Result<Self> {
        check_host(host)?;
        query.push_verbatim("session.custom.external_key", TICKET_ID);
        Ok(LiveLink {
            name,
            label: name,
            description,
            active: true,
            category: "Service Desk",
            application: "Bomgar",
            entity: "Ticket",
            base_url: format!("https://{host}{}", spelling.path("client_script")),
            query_string: format!("?{}", query.0),
            placements: [
                "Ticket Details Window - Service Desk",
                "Ticket Grid - Service Desk",
            ],
        })
    }

    /// Both links: [`jump_to_ci`](LiveLink::jump_to_ci) and
    /// [`session_key`](LiveLink::session_key).
    ///
    /// # Errors
    ///
    /// As [`jump_to_ci`](LiveLink::jump_to_ci).
    pub fn all(host: &str, spelling: Spelling) -> Result<[LiveLink; 2]> {
        Ok([
            LiveLink::jump_to_ci(host, spelling)?,
            LiveLink::session_key(host, spelling)?,
        ])
    }
}

impl LiveLink {
    /// The form's fields and what to enter, in its order. For a box the value is `checked` or
    /// `unchecked`.
    pub fn form(&self) -> Vec<(&'static str, &str)> {
        let boxed = |on: bool| if on { "checked" } else { "unchecked" };
        let mut form = vec![
            ("LiveLink Name", self.name),
            ("Label", self.label),
            ("Description", self.description),
            ("Active", boxed(self.active)),
            ("Category", self.category),
            ("LiveLink Application Name", self.application),
            ("Entity", self.entity),
            ("Base URL", &self.base_url),
            ("Querystring Values", &self.query_string),
        ];
        form.extend(self.placements.iter().map(|place| (*place, boxed(true))));
        form
    }
}

impl fmt::Display for LiveLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (field, value) in self.form() {
            writeln!(f, "{field}: {value}")?;
        }
        Ok(())
    }
}

fn query(action: &str) -> Query {
    let mut query = Query(Console::Desktop.query().to_owned());
    query.push_verbatim("action", action);
    query
}

/// The custom link that leads from the representative console to the session's ticket.
///
/// Since 15.1 it is entered in /login > Rep Console > Custom Links > Create New Custom Link; older
/// versions have one field for it, in /login > Configuration > Options > Representative Console ::
/// Custom Link. The console replaces the macro between the percent signs, so it stands as it is.
///
/// `Display` writes the URL; serialized, it is an object.
///
/// ```
/// use bomgar_api::client_script::CustomLink;
///
/// let link = CustomLink::ticket(5);
/// assert!(link.url.starts_with("https://ww5.autotask.net/"));
/// assert!(link.url.ends_with("?ticketID=%SESSION.CUSTOM.EXTERNAL_KEY%"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CustomLink {
    /// A name for the link; any will do.
    pub name: &'static str,
    /// URL.
    pub url: String,
}

impl CustomLink {
    /// The link to the Autotask ticket that the session's external key names. `instance` is the
    /// number in the address of the customer's Autotask, such as 5 in `ww5.autotask.net`.
    pub fn ticket(instance: u32) -> Self {
        CustomLink {
            name: "Autotask Ticket",
            url: format!(
                "https://ww{instance}.autotask.net/Autotask/Views/ServiceDesk/ServiceDeskTicket/\
                 service_ticket.aspx?ticketID=%SESSION.CUSTOM.EXTERNAL_KEY%"
            ),
        }
    }
}

impl fmt::Display for CustomLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "support.example.com";

    #[test]
    fn c015_to_c022_the_jump_link_is_entered_as_the_guide_says() {
        let link = LiveLink::jump_to_ci(HOST, Spelling::Ns).unwrap();
        assert_eq!(
            [link.name, link.label, link.description],
            ["Bomgar Jump To CI"; 3]
        );
        assert!(link.active);
        assert_eq!(
            (link.category, link.application, link.entity),
            ("Service Desk", "Bomgar", "Ticket")
        );
        assert_eq!(
            link.placements,
            [
                "Ticket Details Window - Service Desk",
                "Ticket Grid - Service Desk"
            ]
        );
    }

    #[test]
    fn c020_c021_the_jump_link_finds_the_device_and_carries_the_ticket() {
        let link = LiveLink::jump_to_ci(HOST, Spelling::Ns).unwrap();
        assert_eq!(
            link.base_url,
            "https://support.example.com/api/client_script.ns"
        );
        assert_eq!(
            link.query_string,
            "?type=rep&operation=generate&action=start_pinned_client_session\
             &search_string=<UDF-Device Name (ATG_InstalledProduct)>\
             &session.custom.external_key=<TICKETID>"
        );
    }

    #[test]
    fn c027_c028_the_key_link_carries_the_ticket_and_searches_nothing() {
        let [_, link] = LiveLink::all(HOST, Spelling::Plain).unwrap();
        assert_eq!([link.name, link.label], ["Bomgar Session Key"; 2]);
        assert_eq!(link.description, "Generate Bomgar Session Key");
        assert_eq!(
            link.base_url,
            "https://support.example.com/api/client_script"
        );
        assert_eq!(
            link.query_string,
            "?type=rep&operation=generate&action=generate_session_key\
             &session.custom.external_key=<TICKETID>"
        );
    }

    #[test]
    fn c056_the_custom_link_leads_to_the_ticket() {
        assert_eq!(
            CustomLink::ticket(3).to_string(),
            "https://ww3.autotask.net/Autotask/Views/ServiceDesk/ServiceDeskTicket/service_ticket.aspx?ticketID=%SESSION.CUSTOM.EXTERNAL_KEY%"
        );
    }

    #[test]
    fn c021_newer_appliances_jump_by_jump_item() {
        let link = LiveLink::jump_to_ci_by_jump_item(HOST, Spelling::Plain).unwrap();
        assert_eq!(link.name, "Bomgar Jump To CI");
        assert_eq!(
            link.query_string,
            "?type=rep&operation=generate&action=start_jump_item_session&jump.method=pinned\
             &search_string=<UDF-Device Name (ATG_InstalledProduct)>\
             &session.custom.external_key=<TICKETID>"
        );
    }

    #[test]
    fn the_form_is_printed_as_it_is_entered() {
        let link = LiveLink::session_key(HOST, Spelling::Ns).unwrap();
        let expected = "\
            LiveLink Name: Bomgar Session Key\n\
            Label: Bomgar Session Key\n\
            Description: Generate Bomgar Session Key\n\
            Active: checked\n\
            Category: Service Desk\n\
            LiveLink Application Name: Bomgar\n\
            Entity: Ticket\n\
            Base URL: https://support.example.com/api/client_script.ns\n\
            Querystring Values: ?type=rep&operation=generate&action=generate_session_key\
            &session.custom.external_key=<TICKETID>\n\
            Ticket Details Window - Service Desk: checked\n\
            Ticket Grid - Service Desk: checked\n";
        assert_eq!(link.to_string(), expected);
        let json = serde_json::to_value(&link).unwrap();
        assert_eq!(json["query_string"], link.query_string);
        assert_eq!(json["active"], true);
        let json = serde_json::to_value(CustomLink::ticket(5)).unwrap();
        assert!(json["url"].as_str().unwrap().contains("//ww5."));
    }

    #[test]
    fn the_host_is_a_host_alone() {
        assert!(LiveLink::session_key("https://support.example.com", Spelling::Ns).is_err());
    }
}
