//! What goes over the wire.

use crate::support::*;
use autotask_soap::v1_6::{Ticket, TicketNote};
use autotask_soap::{ApiVersion, Client, Query};
use std::time::Duration;

#[tokio::test]
async fn a_create_as_the_server_wants_it() {
    let script = Script::new([Ok(ok(success(
        "create",
        r#"<Entity xsi:type="TicketNote"><id xsi:type="xsd:long">9001</id></Entity>"#,
    )))]);
    let client = script
        .client()
        .impersonate(29_680_000)
        .with_timeout(Duration::from_secs(7));
    let created = client.create(&note()).await.unwrap();
    assert_eq!((created.id, created.ids), (9001, vec![9001]));
    let [call] = &script.calls()[..] else {
        panic!("one call")
    };
    assert_eq!(
        call.url,
        "https://webservices3.autotask.net/ATServices/1.6/atws.asmx"
    );
    assert_eq!(call.action, "\"http://autotask.net/ATWS/v1_6/create\"");
    assert_eq!(call.timeout, Some(Duration::from_secs(7)));
    assert_eq!(call.headers["Content-Type"], "text/xml; charset=utf-8");
    assert_eq!(
        call.headers["Authorization"],
        "Basic YXBpQGV4YW1wbGUuY29tOmNvcnJlY3QgaG9yc2U="
    );
    assert!(call.headers["Authorization"].is_sensitive());

    let document = roxmltree::Document::parse(&call.body).unwrap();
    let find = |name: &str| {
        document
            .descendants()
            .find(|node| node.tag_name().name() == name)
    };
    const NAMESPACE: &str = "http://autotask.net/ATWS/v1_6/";
    const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
    assert_eq!(document.root_element().tag_name().namespace(), Some(SOAP));
    let header = find("AutotaskIntegrations").unwrap();
    assert_eq!(header.tag_name().namespace(), Some(NAMESPACE));
    assert_eq!(header.parent().unwrap().tag_name().namespace(), Some(SOAP));
    let parts: Vec<_> = header
        .children()
        .map(|n| (n.tag_name().name(), n.text().unwrap()))
        .collect();
    assert_eq!(
        parts,
        [
            ("IntegrationCode", CODE),
            ("ImpersonateAsResourceID", "29680000")
        ]
    );
    let entity = find("Entity").unwrap();
    assert_eq!(entity.tag_name().namespace(), Some(NAMESPACE));
    let kind = ("http://www.w3.org/2001/XMLSchema-instance", "type");
    assert_eq!(entity.attribute(kind), Some("TicketNote"));
    let fields: Vec<_> = entity
        .children()
        .map(|n| {
            (
                n.tag_name().name(),
                n.attribute(kind).unwrap(),
                n.text().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        fields,
        [
            ("id", "xsd:long", "0"),
            ("Description", "xsd:string", "Done."),
            ("NoteType", "xsd:int", "1"),
            ("Publish", "xsd:int", "2"),
            ("TicketID", "xsd:int", "77"),
            ("Title", "xsd:string", "Session"),
        ]
    );
}

#[tokio::test]
async fn a_query_is_escaped_twice() {
    let script = Script::new([Ok(ok(success("query", "")))]);
    let hard = "a < b & \"c\" ]]> \u{1}";
    script
        .client()
        .query(TicketNote::TITLE.eq(hard))
        .await
        .unwrap();
    let body = script.calls()[0].body.clone();
    let document = roxmltree::Document::parse(&body).unwrap();
    let inner = document
        .descendants()
        .find(|n| n.has_tag_name(("http://autotask.net/ATWS/v1_6/", "sXML")));
    let inner = roxmltree::Document::parse(inner.unwrap().text().unwrap()).unwrap();
    let value = inner
        .descendants()
        .find(|n| n.has_tag_name("expression"))
        .unwrap();
    assert_eq!(value.text(), Some("a < b & \"c\" ]]> \u{fffd}"));
}

#[tokio::test]
async fn the_zone_lookup_carries_no_credentials() {
    let script = Script::default();
    let zone = script.client().zone().await.unwrap();
    assert_eq!(zone.ci, 123_456);
    assert_eq!(zone.web_url.as_deref(), Some("https://ww3.autotask.net/"));
    let seen = script.seen.lock().unwrap();
    assert_eq!(
        seen[0].url,
        "https://webservices.autotask.net/ATServices/1.6/atws.asmx"
    );
    assert!(!seen[0].headers.contains_key("Authorization"));
    assert!(!seen[0].body.contains(CODE), "{}", seen[0].body);
    assert!(
        seen[0]
            .body
            .contains("<UserName>api@example.com</UserName>"),
        "{}",
        seen[0].body
    );
}

#[tokio::test]
async fn version_1_5_speaks_its_own_namespace() {
    let answer = success("query", "").replace("v1_6", "v1_5");
    let script = Script::new([Ok(ok(answer))]);
    let client = Client::builder(USER, PASSWORD, "")
        .version(ApiVersion::V1_5)
        .transport(script.clone())
        .build()
        .unwrap();
    client.query(Query::<Ticket>::all()).await.unwrap();
    let call = &script.calls()[0];
    assert_eq!(call.action, "\"http://autotask.net/ATWS/v1_5/query\"");
    assert!(
        call.body
            .contains("xmlns=\"http://autotask.net/ATWS/v1_5/\"")
    );
    assert!(!call.body.contains("AutotaskIntegrations"));
    let error = client
        .impersonate(1)
        .query(Query::<Ticket>::all())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), autotask_soap::ErrorKind::Config);
}

#[test]
fn debug_shows_no_secrets() {
    let builder = Client::builder(USER, PASSWORD, CODE);
    let text = format!(
        "{builder:?} {:?}",
        Client::builder(USER, PASSWORD, CODE).build().unwrap()
    );
    assert!(text.contains(USER));
    assert!(!text.contains(PASSWORD) && !text.contains(CODE), "{text}");
}

#[tokio::test]
async fn the_default_transport_names_itself() {
    let (server, client) = server_and_client(xml(200, success("query", ""))).await;
    client.query(Query::<Ticket>::all()).await.unwrap();
    for request in server.received_requests().await.unwrap() {
        let agent = request.headers["User-Agent"].to_str().unwrap();
        assert!(agent.starts_with("autotask-soap/"), "{agent}");
    }
}

#[cfg(feature = "v1_5")]
#[tokio::test]
async fn entities_of_1_5() {
    use autotask_soap::v1_5;
    let sim = autotask_sim::AutotaskSim::start().await.unwrap();
    let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
        .endpoint(sim.endpoint_v1_5())
        .version(ApiVersion::V1_5)
        .build()
        .unwrap();
    let ticket = client
        .get::<v1_5::Ticket>(sim.demo().ticket)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ticket.id, Some(sim.demo().ticket));
    assert!(client.zone().await.unwrap().url.path().contains("1.5"));
    let note = v1_5::TicketNote {
        ticket_id: i32::try_from(sim.demo().ticket).ok(),
        title: Some("From 1.5".into()),
        description: Some("Done.".into()),
        note_type: Some(1),
        publish: Some(2),
        ..v1_5::TicketNote::default()
    };
    let created = client.create(&note).await.unwrap();
    assert_eq!(
        sim.record("TicketNote", created.id).unwrap().text("Title"),
        "From 1.5"
    );
}
