//! Entities as parts of types that derive yaserde's traits.

use autotask_soap::v1_6::{Role, TicketNote};
use yaserde::{YaDeserialize, YaSerialize};

#[derive(Debug, Default, PartialEq, YaDeserialize, YaSerialize)]
struct Archive {
    #[yaserde(rename = "Made")]
    made: String,
    #[yaserde(rename = "Note")]
    notes: Vec<TicketNote>,
    #[yaserde(rename = "Role")]
    role: Option<Role>,
}

fn note(title: &str) -> TicketNote {
    TicketNote {
        // What has no id is written with 0.
        id: Some(0),
        title: Some(title.to_owned()),
        description: Some("1 < 2\r\n  3".to_owned()),
        ..TicketNote::default()
    }
}

#[test]
fn entities_are_parts_of_derived_types() {
    let mut role = Role {
        id: Some(7),
        name: Some("Technician".to_owned()),
        hourly_rate: Some("99.50".parse().unwrap()),
        ..Role::default()
    };
    role.extra.set_udf("Colour", Some("red".to_owned()));
    let archive = Archive {
        made: "today".to_owned(),
        notes: vec![note("first"), note("second")],
        role: Some(role),
    };
    let xml = yaserde::ser::to_string(&archive).unwrap();
    let document = roxmltree::Document::parse(&xml).unwrap();
    let names: Vec<_> = document
        .root_element()
        .children()
        .map(|node| node.tag_name().name())
        .collect();
    assert_eq!(names, ["Made", "Note", "Note", "Role"]);
    let back: Archive = yaserde::de::from_str(&xml).unwrap();
    assert_eq!(back, archive);
    let mut deserializer = autotask_soap::yaserde::deserializer(xml.as_bytes());
    assert_eq!(Archive::deserialize(&mut deserializer).unwrap(), archive);
}
