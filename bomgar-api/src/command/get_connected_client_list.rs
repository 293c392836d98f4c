//! `get_connected_client_list`: how many clients are connected, and which.

use serde::{Deserialize, Serialize};

use super::client_type::{ClientType, type_list};
use super::read::{keep_root, text};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::reporting::RawElement;
use crate::xml::{Cursor, Element, XmlResult, read_reply};

/// Asks which clients are connected, and how many there are of each type.
///
/// Needs read-only access to commands. Since 14.1 or earlier; also in Privileged Remote Access.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{ClientType, GetConnectedClientList};
///
/// let request = GetConnectedClientList::new()
///     .client_types([ClientType::Representative, ClientType::PushAgent])
///     .summary_only(true)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"action=get_connected_client_list&type=representative%2Cpush_agent&summary_only=1",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct GetConnectedClientList {
    types: Vec<ClientType>,
    summary_only: bool,
}

impl GetConnectedClientList {
    /// All clients.
    pub fn new() -> Self {
        GetConnectedClientList::default()
    }

    /// Only clients of these types. Jump Clients ([`ClientType::PinnedClient`]) cannot be asked
    /// for; they are counted when all types are.
    pub fn client_types(mut self, types: impl IntoIterator<Item = ClientType>) -> Self {
        self.types = types.into_iter().collect();
        self
    }

    /// Whether only the counts are given. Default: no.
    pub fn summary_only(mut self, only: bool) -> Self {
        self.summary_only = only;
        self
    }
}

/// The connected clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ConnectedClientList {
    /// Counts, appliance by appliance.
    pub summaries: Vec<ApplianceSummary>,
    /// The clients; empty when only the counts were asked for.
    pub clients: Vec<ClientRef>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

impl ConnectedClientList {
    /// How many clients of this type are connected, on all appliances together. `None` when no
    /// appliance states a count.
    pub fn count(&self, kind: &ClientType) -> Option<u64> {
        self.summaries
            .iter()
            .flat_map(|summary| &summary.counts)
            .filter(|count| count.kind.as_ref() == Some(kind))
            .map(|count| count.count)
            .reduce(u64::saturating_add)
    }
}

/// The counts of one appliance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ApplianceSummary {
    /// The appliance's identifier, as in [`Appliance::id`](super::Appliance::id).
    pub appliance_id: Option<String>,
    /// How many clients there are of each type.
    pub counts: Vec<ClientCount>,
    /// Elements and attributes this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// How many clients of a type are connected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClientCount {
    /// The type.
    pub kind: Option<ClientType>,
    /// How many there are.
    pub count: u64,
}

/// A connected client.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ClientRef {
    /// The client's type.
    pub kind: Option<ClientType>,
    /// The identifier for [`GetConnectedClients`](super::GetConnectedClients). It is valid only
    /// while the client is connected.
    pub id: Option<String>,
    /// Elements and attributes this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

impl Call for GetConnectedClientList {
    type Reply = ConnectedClientList;

    fn operation(&self) -> &str {
        "get_connected_client_list"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        if !self.types.is_empty() {
            fields.push(("type".into(), type_list(&self.types)?));
        }
        if self.summary_only {
            fields.push(("summary_only".into(), "1".into()));
        }
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<ConnectedClientList> {
        let reply = read_reply("connected_client_list", body, part)?;
        let mut all = reply.value;
        keep_root(reply.root, &mut all.unknown);
        Ok(all)
    }
}

fn part(all: &mut ConnectedClientList, cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<()> {
    match el.name() {
        "connected_client_summary" => {
            all.unknown.extend(el.unknown_attributes(&[]));
            cursor.children(el, |cursor, el| {
                match el.name() {
                    "appliance_summary" => all.summaries.push(summary(cursor, &el)?),
                    _ => all.unknown.push(cursor.raw(&el)?),
                }
                Ok(())
            })?;
        }
        "connected_client" => {
            let mut client = ClientRef {
                kind: el.attr_text("type").map(ClientType::from),
                id: el.attr_text("id"),
                unknown: Vec::new(),
            };
            let text = text(cursor, el, &["type", "id"], &mut client.unknown)?;
            if !text.is_empty() {
                client.unknown.push(el.to_raw(&text));
            }
            all.clients.push(client);
        }
        _ => all.unknown.push(cursor.raw(el)?),
    }
    Ok(())
}

fn summary(cursor: &mut Cursor<'_>, el: &Element<'_>) -> XmlResult<ApplianceSummary> {
    let mut summary = ApplianceSummary::default();
    summary.unknown.extend(el.unknown_attributes(&["id"]));
    summary.appliance_id = el.attr_text("id");
    cursor.children(el, |cursor, el| {
        if el.name() != "count" {
            summary.unknown.push(cursor.raw(&el)?);
            return Ok(());
        }
        let raw = cursor.raw(&el)?;
        match raw.text.parse() {
            Ok(count) => {
                let kind = el.attr_text("type").map(ClientType::from);
                summary.counts.push(ClientCount { kind, count });
                summary.unknown.extend(el.unknown_attributes(&["type"]));
            }
            Err(_) => summary.unknown.push(raw),
        }
        Ok(())
    })?;
    Ok(summary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::body;

    #[test]
    fn asks_for_all_unless_told() {
        let call = GetConnectedClientList::new();
        assert_eq!(body(&call), "action=get_connected_client_list");
        let call = call.client_types([
            ClientType::Representative,
            ClientType::SupportCustomer,
            ClientType::PresentationAttendee,
            ClientType::PushAgent,
        ]);
        assert_eq!(
            body(&call),
            "action=get_connected_client_list&type=representative%2Csupport_customer\
             %2Cpresentation_attendee%2Cpush_agent"
        );
        for kind in [ClientType::PinnedClient, "a,b".into(), "".into()] {
            let call = GetConnectedClientList::new().client_types([kind]);
            let error = call.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        }
    }

    #[test]
    fn reads_counts_and_clients() {
        let body = br#"<connected_client_list xmlns="urn:x">
	<connected_client type="representative" id="r-1" zone="a"/>
	<connected_client_summary>
		<appliance_summary id="a1">
			<count type="representative">2</count>
			<count type="pinned_client" old="1">40</count>
			<count type="drone">x</count>
		</appliance_summary>
		<appliance_summary id="a2"><count type="representative">3</count></appliance_summary>
	</connected_client_summary>
	<connected_client type="drone"></connected_client>
	<hint/>
</connected_client_list>"#;
        let all = GetConnectedClientList::new().decode(body).unwrap();
        assert_eq!(all.count(&ClientType::Representative), Some(5));
        assert_eq!(all.count(&ClientType::PinnedClient), Some(40));
        assert_eq!(all.count(&ClientType::PushAgent), None);
        let first = &all.summaries[0];
        assert_eq!(first.appliance_id.as_deref(), Some("a1"));
        assert_eq!(first.unknown[0].attributes[0].0, "old");
        assert_eq!(first.unknown[1].text, "x");
        let client = &all.clients[0];
        assert_eq!(client.kind, Some(ClientType::Representative));
        assert_eq!(client.id.as_deref(), Some("r-1"));
        assert_eq!(client.unknown[0].attributes[0].0, "zone");
        assert_eq!(all.clients[1].kind, Some(ClientType::from("drone")));
        assert_eq!(all.clients[1].id, None);
        assert_eq!(all.unknown[0].name, "hint");
    }

    #[test]
    fn empty_and_error() {
        let call = GetConnectedClientList::new();
        let empty = call.decode(b"<connected_client_list/>").unwrap();
        assert_eq!(empty, ConnectedClientList::default());
        for body in [
            &b"<error >Denied</error>"[..],
            b"<connected_client_list><error>Denied</error></connected_client_list>",
        ] {
            assert_eq!(call.decode(body).unwrap_err().server_text(), Some("Denied"));
        }
    }
}
