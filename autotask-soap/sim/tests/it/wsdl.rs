//! The description that the tenant hands out.

use crate::support::caller;
use autotask_sim::{AutotaskSim, ENTITIES, Record};
use roxmltree::{Document, Node};
use std::{collections::BTreeMap, io::Write as _, path::PathBuf};

const XSD: &str = "http://www.w3.org/2001/XMLSchema";

async fn fetch(url: &str) -> String {
    let response = reqwest::get(url).await.unwrap();
    assert_eq!(response.status(), 200, "{url}");
    let kind = response.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/xml"), "{kind}");
    response.text().await.unwrap()
}

/// What a type or element holds: name, type, minOccurs, maxOccurs of each part.
type Parts = Vec<(String, String, String, String)>;

fn local(name: &str) -> String {
    name.rsplit(':').next().unwrap_or(name).to_owned()
}

/// The schema's types and elements by kind and name.
fn schema(text: &str) -> BTreeMap<String, Parts> {
    let document = Document::parse(text.trim_start_matches('\u{feff}')).unwrap();
    let schema = document
        .descendants()
        .find(|node| node.has_tag_name((XSD, "schema")))
        .unwrap();
    let part = |node: Node<'_, '_>| {
        let attribute =
            |name: &str, without: &str| node.attribute(name).map_or(without.to_owned(), local);
        (
            attribute("name", ""),
            attribute("type", "anyType"),
            attribute("minOccurs", "1"),
            attribute("maxOccurs", "1"),
        )
    };
    let mut all = BTreeMap::new();
    for node in schema.children().filter(Node::is_element) {
        let parts = node
            .descendants()
            .skip(1)
            .filter(|inner| inner.has_tag_name((XSD, "element")))
            .map(part)
            .collect();
        let name = node.attribute("name").unwrap();
        all.insert(format!("{} {name}", node.tag_name().name()), parts);
    }
    all
}

/// SOAPAction, name and whether a header goes with it, of each operation.
fn operations(text: &str) -> Vec<(String, String, bool)> {
    const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
    const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
    let document = Document::parse(text.trim_start_matches('\u{feff}')).unwrap();
    let binding = document
        .descendants()
        .find(|node| node.has_tag_name((WSDL, "binding")))
        .unwrap();
    let mut all: Vec<_> = binding
        .children()
        .filter(|node| node.has_tag_name((WSDL, "operation")))
        .map(|node| {
            let find = |name: &str| {
                node.descendants()
                    .find(|inner| inner.has_tag_name((SOAP, name)))
            };
            (
                find("operation")
                    .unwrap()
                    .attribute("soapAction")
                    .unwrap()
                    .to_owned(),
                node.attribute("name").unwrap().to_owned(),
                find("header").is_some(),
            )
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn both_versions_have_one_that_asks_for_no_credentials() {
    let sim = AutotaskSim::start().await.unwrap();
    let newer = fetch(&sim.wsdl_url()).await;
    assert!(newer.contains(&format!("location=\"{}\"", sim.endpoint())));
    assert_eq!(operations(&newer).len(), 15);
    assert_eq!(fetch(&format!("{}?WSDL", sim.endpoint())).await, newer);
    assert_eq!(
        fetch(&sim.wsdl_url().to_lowercase()).await.len(),
        newer.len()
    );
    let older = fetch(&sim.endpoint_v1_5().replace("asmx", "wsdl")).await;
    assert!(older.contains(&format!("location=\"{}\"", sim.endpoint_v1_5())));
    assert_eq!(operations(&older).len(), 14);
    let types = schema(&older);
    assert!(!types.contains_key("complexType TicketHistory"));
    let header = &types["complexType AutotaskIntegrations"];
    assert_eq!(header.len(), 2, "nobody is impersonated in 1.5: {header:?}");
    // After a move the address is the new zone's.
    sim.move_zone();
    assert!(
        fetch(&sim.wsdl_url())
            .await
            .contains(&format!("location=\"{}\"", sim.endpoint()))
    );
}

#[tokio::test]
async fn every_entity_is_an_extension_with_its_fields_in_order() {
    let sim = AutotaskSim::start().await.unwrap();
    let types = schema(&fetch(&sim.wsdl_url()).await);
    for def in ENTITIES {
        let parts = &types[&format!("complexType {}", def.name)];
        let names: Vec<&str> = parts.iter().map(|part| part.0.as_str()).collect();
        let wanted: Vec<&str> = def
            .fields
            .iter()
            .filter(|field| field.in_v1_6 && field.name != "id")
            .map(|field| field.name)
            .collect();
        assert_eq!(names, wanted, "{}", def.name);
    }
}

#[tokio::test]
async fn answers_hold_elements_in_the_order_of_the_description() {
    let sim = AutotaskSim::start().await.unwrap();
    let types = schema(&fetch(&sim.wsdl_url()).await);
    sim.add(
        Record::new("TimeEntry")
            .set("TicketID", 1)
            .set("NonBillable", true),
    );
    for entity in ["Ticket", "TicketNote", "TimeEntry", "Resource", "Account"] {
        let got = caller(&sim).query(entity, "").await;
        let document = Document::parse(&got.body).unwrap();
        let order: Vec<&str> = types[&format!("complexType {entity}")]
            .iter()
            .map(|part| part.0.as_str())
            .collect();
        let mut seen = 0;
        for node in document
            .descendants()
            .filter(|node| node.tag_name().name() == "Entity")
        {
            let places: Vec<usize> = node
                .children()
                .filter(|child| !matches!(child.tag_name().name(), "id" | "UserDefinedFields"))
                .map(|child| {
                    let name = child.tag_name().name();
                    order.iter().position(|known| *known == name).unwrap()
                })
                .collect();
            assert!(places.is_sorted(), "{entity}: {places:?}");
            seen += 1;
        }
        assert!(seen > 0, "{entity}");
    }
}

/// The folder with the real WSDLs, which are not part of the project.
fn wsdls(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ATWS_WSDL_DIR").map(PathBuf::from);
    if folder.is_none() {
        // Not by `eprintln`, which the test runner would swallow.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: {test}: ATWS_WSDL_DIR not set").unwrap();
    }
    folder
}

#[tokio::test]
async fn the_real_descriptions_say_the_same() {
    let Some(folder) = wsdls("the_real_descriptions_say_the_same") else {
        return;
    };
    let sim = AutotaskSim::start().await.unwrap();
    for (version, url) in [
        ("1.6", sim.wsdl_url()),
        ("1.5", sim.endpoint_v1_5().replace("asmx", "wsdl")),
    ] {
        let real = std::fs::read_to_string(folder.join(format!("atws-{version}.wsdl"))).unwrap();
        let ours = fetch(&url).await;
        assert_eq!(operations(&ours), operations(&real));
        let (real, ours) = (schema(&real), schema(&ours));
        let names = |of: &BTreeMap<String, Parts>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&ours), names(&real), "{version}");
        let mut later = Vec::new();
        for (name, wanted) in &real {
            let mut have = ours[name].clone();
            have.retain(|part| {
                let known = wanted.iter().any(|real| real.0 == part.0);
                if !known {
                    later.push(format!("{name}.{}", part.0));
                }
                known
            });
            // Three flags of an entity that cannot be written have a type there, and none here.
            if name == "complexType NotificationHistory" {
                let names =
                    |parts: &Parts| parts.iter().map(|part| part.0.clone()).collect::<Vec<_>>();
                assert_eq!(names(&have), names(wanted));
                continue;
            }
            assert_eq!(&have, wanted, "{version} {name}");
        }
        // Newer servers add fields; the older description stands as it is.
        let few = if version == "1.6" { 18 } else { 0 };
        assert_eq!(later.len(), few, "{later:?}");
    }
}
