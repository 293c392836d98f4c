//! The links that an Autotask administrator makes in the LiveLinks Designer.

use super::Query;
use crate::call::Spelling;
use crate::error::Result;
use crate::host::check_host;

/// Autotask's token for the ticket's internal id.
const TICKET_ID: &str = "<TICKETID>";
/// Autotask's token for the device name of the ticket's configuration item.
const DEVICE_NAME: &str = "<UDF-Device Name (ATG_InstalledProduct)>";

/// What to enter for one LiveLink, field by field, in the order of the form.
///
/// Autotask replaces the tokens in angle brackets when someone clicks the link, so they stand in
/// the query string as they are, not percent-encoded.
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
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let mut query = Query::new("start_pinned_client_session");
        query.push_verbatim("search_string", DEVICE_NAME);
        LiveLink::new(
            "Bomgar Jump To CI",
            "Bomgar Jump To CI",
            host,
            spelling,
            query,
        )
    }

    /// Opens the dialog that makes a session key, and ties the session to the ticket.
    ///
    /// # Errors
    ///
    /// As [`jump_to_ci`](LiveLink::jump_to_ci).
    pub fn session_key(host: &str, spelling: Spelling) -> Result<Self> {
        let query = Query::new("generate_session_key");
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

    /// Both links.
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

/// The URL of the custom link that leads from the representative console to the session's ticket.
///
/// It is entered in /login > Rep Console > Custom Links; old versions have it in Configuration >
/// Options. `instance` is the number in the address of the customer's Autotask, such as 5 in
/// `ww5.autotask.net`. The console replaces the macro between the percent signs.
///
/// ```
/// let url = bomgar_api::client_script::ticket_custom_link(5);
/// assert!(url.starts_with("https://ww5.autotask.net/"));
/// assert!(url.ends_with("?ticketID=%SESSION.CUSTOM.EXTERNAL_KEY%"));
/// ```
pub fn ticket_custom_link(instance: u32) -> String {
    format!(
        "https://ww{instance}.autotask.net/Autotask/Views/ServiceDesk/ServiceDeskTicket/\
         service_ticket.aspx?ticketID=%SESSION.CUSTOM.EXTERNAL_KEY%"
    )
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
            ticket_custom_link(3),
            "https://ww3.autotask.net/Autotask/Views/ServiceDesk/ServiceDeskTicket/service_ticket.aspx?ticketID=%SESSION.CUSTOM.EXTERNAL_KEY%"
        );
    }

    #[test]
    fn the_host_is_a_host_alone() {
        assert!(LiveLink::session_key("https://support.example.com", Spelling::Ns).is_err());
    }
}
