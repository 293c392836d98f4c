//! `get_connected_clients`: details of connected clients.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::client_type::{ClientType, type_list};
use super::read::{keep_root, number, text, text_opt, time};
use crate::call::{Call, Endpoint, Fields};
use crate::error::{Error, Result};
use crate::reporting::{NamedId, RawElement};
use crate::xml::{Cursor, Element, XmlResult, read_reply};

/// Most clients that one request may name.
const ID_LIMIT: usize = 100;

/// Asks for details of connected clients.
///
/// At most 100 clients can be named in one request, by the identifiers that
/// [`GetConnectedClientList`](super::GetConnectedClientList) gives. The documentation demands
/// identifiers, but appliances were seen to answer without.
///
/// Needs read-only access to commands. Since 14.1 or earlier; also in Privileged Remote Access.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{ClientType, GetConnectedClients};
///
/// let request = GetConnectedClients::new([ClientType::Representative])
///     .ids(["101", "102"])
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"action=get_connected_clients&type=representative&id=101%2C102",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct GetConnectedClients {
    types: Option<Vec<ClientType>>,
    ids: Option<Vec<String>>,
    include_connections: bool,
}

impl GetConnectedClients {
    /// Clients of these types. Jump Clients ([`ClientType::PinnedClient`]) cannot be asked for.
    pub fn new(types: impl IntoIterator<Item = ClientType>) -> Self {
        GetConnectedClients {
            types: Some(types.into_iter().collect()),
            ids: None,
            include_connections: false,
        }
    }

    /// Clients of all types.
    pub fn all() -> Self {
        GetConnectedClients {
            types: None,
            ids: None,
            include_connections: false,
        }
    }

    /// Only the clients with these identifiers, 1 to 100.
    pub fn ids<I>(mut self, ids: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.ids = Some(ids.into_iter().map(Into::into).collect());
        self
    }

    /// Whether the clients' connections are listed, too. Default: no.
    pub fn include_connections(mut self, include: bool) -> Self {
        self.include_connections = include;
        self
    }
}

/// Details of connected clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ConnectedClients {
    /// The clients, in the appliance's order.
    pub clients: Vec<ConnectedClient>,
    /// Elements and attributes this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

/// A connected client. `Debug` does not show the computer's name.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ConnectedClient {
    /// The client's type.
    pub kind: Option<ClientType>,
    /// The client's identifier, valid only while it is connected.
    pub id: Option<String>,
    /// The computer's name.
    pub hostname: Option<String>,
    /// The operating system.
    pub platform: Option<NamedId>,
    /// The offset of the computer's time zone in seconds, with the sign as sent.
    pub timezone_offset: Option<i64>,
    /// Since when the client is connected.
    pub connected_since: Option<Timestamp>,
    /// The client's connections with their events, as sent, when they were asked for.
    pub client_connections: Option<RawElement>,
    /// Everything else, as sent: which elements there are depends on the type of the client and
    /// the version of the appliance. See [`text`](ConnectedClient::text).
    pub unknown: Vec<RawElement>,
}

impl ConnectedClient {
    /// The text of the first further element with this name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.unknown
            .iter()
            .find(|raw| raw.name == name)
            .map(|raw| raw.text.as_str())
    }
}

impl fmt::Debug for ConnectedClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may be a customer's computer.
        f.debug_struct("ConnectedClient")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .field("platform", &self.platform)
            .field("connected_since", &self.connected_since)
            .field("unknown", &self.unknown)
            .finish_non_exhaustive()
    }
}

impl Call for GetConnectedClients {
    type Reply = ConnectedClients;

    fn operation(&self) -> &str {
        "get_connected_clients"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        let types = match &self.types {
            None => "all".to_owned(),
            Some(types) if types.is_empty() => {
                return Err(Error::invalid_request("no type of client is given"));
            }
            Some(types) => type_list(types)?,
        };
        let mut fields: Fields = vec![("type".into(), types)];
        if let Some(ids) = &self.ids {
            if ids.is_empty() {
                return Err(Error::invalid_request("id has no client"));
            }
            if ids.len() > ID_LIMIT {
                return Err(Error::invalid_request(format!(
                    "id has {} clients, the appliance takes at most {ID_LIMIT}",
                    ids.len()
                )));
            }
            if ids.iter().any(|id| id.is_empty() || id.contains(',')) {
                return Err(Error::invalid_request(
                    "a client's id is empty or has a comma",
                ));
            }
            fields.push(("id".into(), ids.join(",")));
        }
        if self.include_connections {
            fields.push(("include_connections".into(), "1".into()));
        }
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<ConnectedClients> {
        let reply = read_reply(
            "connected_clients",
            body,
            |all: &mut ConnectedClients, cursor, el| {
                match el.name().strip_prefix("connected_") {
                    Some(kind) => {
                        let kind = ClientType::from(kind);
                        all.clients.push(client(kind, cursor, el)?);
                    }
                    None => all.unknown.push(cursor.raw(el)?),
                }
                Ok(())
            },
        )?;
        let mut all = reply.value;
        keep_root(reply.root, &mut all.unknown);
        Ok(all)
    }
}

fn client(
    kind: ClientType,
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
) -> XmlResult<ConnectedClient> {
    let mut client = ConnectedClient {
        kind: Some(kind),
        id: el.attr_text("id"),
        unknown: el.unknown_attributes(&["id"]).into_iter().collect(),
        ..ConnectedClient::default()
    };
    cursor.children(el, |cursor, el| {
        let (el, unknown) = (&el, &mut client.unknown);
        match el.name() {
            "hostname" => client.hostname = text_opt(cursor, el, unknown)?,
            "platform" => {
                client.platform = Some(NamedId {
                    id: el.attr_text("id"),
                    name: text(cursor, el, &["id"], unknown)?,
                });
            }
            "timezone_offset" => client.timezone_offset = number(cursor, el, unknown)?,
            "connected_since" => client.connected_since = time(cursor, el, unknown)?,
            "client_connections" => client.client_connections = Some(cursor.raw(el)?),
            _ => unknown.push(cursor.raw(el)?),
        }
        Ok(())
    })?;
    Ok(client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::body;

    #[test]
    fn types_ids_and_connections_have_their_form() {
        assert_eq!(
            body(&GetConnectedClients::all()),
            "action=get_connected_clients&type=all"
        );
        let call = GetConnectedClients::new([ClientType::SupportCustomer, ClientType::PushAgent])
            .ids(["7", "8"])
            .include_connections(true);
        assert_eq!(
            body(&call),
            "action=get_connected_clients&type=support_customer%2Cpush_agent&id=7%2C8\
             &include_connections=1"
        );
    }

    #[test]
    fn one_to_a_hundred_clients_can_be_named() {
        let ids = |count: usize| (0..count).map(|number| number.to_string());
        assert!(GetConnectedClients::all().ids(ids(1)).fields().is_ok());
        assert!(GetConnectedClients::all().ids(ids(100)).fields().is_ok());
        let error = GetConnectedClients::all()
            .ids(ids(101))
            .fields()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(
            error.to_string(),
            "id has 101 clients, the appliance takes at most 100"
        );
        for call in [
            GetConnectedClients::all().ids(ids(0)),
            GetConnectedClients::all().ids(["a,b"]),
            GetConnectedClients::all().ids([""]),
            GetConnectedClients::new([]),
            GetConnectedClients::new([ClientType::PinnedClient]),
        ] {
            let error = call.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{call:?}");
        }
    }

    #[test]
    fn reads_each_kind_of_client() {
        let body = br#"<connected_clients xmlns="urn:x">
	<connected_representative id="7" v="2">
		<connected_since ts="1572954189">2019-11-05T11:43:09+00:00</connected_since>
		<timezone_offset>3600</timezone_offset>
		<platform id="win">Windows 11</platform>
		<hostname>REP-PC</hostname>
		<username>jdoe</username>
		<client_connections><client_connection id="1"><event_log><event/></event_log></client_connection></client_connections>
	</connected_representative>
	<connected_support_customer id="8"/>
	<connected_presentation_attendee id="9"/>
	<connected_push_agent id="10"/>
	<connected_drone id="11"/>
	<note/>
</connected_clients>"#;
        let all = GetConnectedClients::all().decode(body).unwrap();
        let kinds: Vec<_> = all.clients.iter().map(|c| c.kind.clone()).collect();
        assert_eq!(
            kinds,
            [
                Some(ClientType::Representative),
                Some(ClientType::SupportCustomer),
                Some(ClientType::PresentationAttendee),
                Some(ClientType::PushAgent),
                Some(ClientType::Other("drone".into())),
            ]
        );
        let rep = &all.clients[0];
        assert_eq!(
            (rep.id.as_deref(), rep.hostname.as_deref()),
            (Some("7"), Some("REP-PC"))
        );
        let platform = rep.platform.as_ref().unwrap();
        assert_eq!(
            (platform.id.as_deref(), platform.name.as_str()),
            (Some("win"), "Windows 11")
        );
        assert_eq!(rep.timezone_offset, Some(3600));
        assert_eq!(
            rep.connected_since,
            Timestamp::from_second(1_572_954_189).ok()
        );
        assert_eq!(rep.text("username"), Some("jdoe"));
        assert_eq!(rep.unknown[0].attributes[0].0, "v");
        let connections = rep.client_connections.as_ref().unwrap();
        assert_eq!(connections.children[0].children[0].name, "event_log");
        assert_eq!(all.unknown[0].name, "note");
        let debug = format!("{all:?}");
        assert!(
            debug.contains("Windows 11") && !debug.contains("REP-PC") && !debug.contains("jdoe"),
            "{debug}"
        );
    }

    #[test]
    fn empty_and_error() {
        let call = GetConnectedClients::all();
        assert!(
            call.decode(b"<connected_clients/>")
                .unwrap()
                .clients
                .is_empty()
        );
        for body in [
            &b"<error >Denied</error>"[..],
            b"<connected_clients><error>Denied</error></connected_clients>",
        ] {
            assert_eq!(call.decode(body).unwrap_err().server_text(), Some("Denied"));
        }
    }
}
