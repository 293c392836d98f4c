use super::*;
use crate::entity::{FieldInfo, FieldType};
use crate::query::Op;
use crate::query::portions::portions;
use proptest::prelude::*;
use roxmltree::Node as Xml;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

static INFO: EntityInfo = EntityInfo {
    name: "Thing",
    fields: &[FieldInfo::new("id", FieldType::Long, 0, 4)],
    can_create: true,
    can_update: true,
    can_delete: true,
    can_query: true,
    has_user_defined_fields: true,
    has_field_info: true,
};

/// Some of the fields are filled; the n-th field holds `number` + n.
#[derive(Clone, Debug)]
struct Record {
    filled: Vec<bool>,
    number: i64,
}

fn test(field: usize, values: &[i64]) -> Node {
    Node::Test(Test {
        field: NAMES[field].to_owned(),
        udf: false,
        op: if values.is_empty() {
            Op::IsNotNull
        } else {
            Op::Equals
        },
        values: values.iter().copied().map(Value::Integer).collect(),
        queryable: true,
    })
}

fn xml(node: &Node) -> String {
    query_xml(&INFO, node, &WireZone::utc()).unwrap()
}

/// What the tree means.
fn direct(node: &Node, record: &Record) -> bool {
    match node {
        Node::Test(test) => {
            let field = NAMES.iter().position(|name| *name == test.field).unwrap();
            if test.values.is_empty() {
                record.filled[field]
            } else {
                test.values
                    .contains(&Value::Integer(record.number + field as i64))
            }
        }
        Node::Raw(_) => panic!("not among these trees"),
        Node::All(members) => members.iter().all(|member| direct(member, record)),
        Node::Any(members) => members.iter().any(|member| direct(member, record)),
    }
}

/// What the server makes of it: members of a group are folded from left to right.
fn fold(group: Xml<'_, '_>, record: &Record) -> Option<bool> {
    let mut acc: Option<bool> = None;
    for child in group.children().filter(Xml::is_element) {
        acc = Some(
            match (child.tag_name().name(), acc, child.attribute("operator")) {
                ("field", acc, _) => {
                    let value = field(child, record);
                    acc.unwrap_or(true) && value
                }
                (_, Some(acc), Some("OR")) => acc | fold(child, record).unwrap(),
                (_, acc, _) => acc.unwrap_or(true) & fold(child, record).unwrap(),
            },
        );
    }
    acc
}

fn field(element: Xml<'_, '_>, record: &Record) -> bool {
    let at = NAMES
        .iter()
        .position(|name| Some(*name) == element.text())
        .unwrap();
    element
        .children()
        .filter(Xml::is_element)
        .any(|expression| match expression.attribute("op").unwrap() {
            "isnotnull" => record.filled[at],
            "equals" => expression.text().unwrap() == (record.number + at as i64).to_string(),
            other => panic!("{other}"),
        })
}

fn server(node: &Node, record: &Record) -> bool {
    let text = xml(node);
    let document = roxmltree::Document::parse(&text).unwrap();
    let query = document
        .descendants()
        .find(|node| node.has_tag_name("query"))
        .unwrap();
    fold(query, record).unwrap_or(true)
}

fn trees() -> impl Strategy<Value = Node> {
    let leaf =
        (0..NAMES.len(), prop::collection::vec(0i64..6, 0..3)).prop_map(|(f, v)| test(f, &v));
    leaf.prop_recursive(5, 24, 4, |inner| {
        (any::<bool>(), prop::collection::vec(inner, 0..4)).prop_map(|(all, members)| {
            if all {
                Node::All(members)
            } else {
                Node::Any(members)
            }
        })
    })
}

fn records() -> impl Strategy<Value = Record> {
    (prop::collection::vec(any::<bool>(), NAMES.len()), 0i64..4)
        .prop_map(|(filled, number)| Record { filled, number })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_server_understands_what_was_meant(node in trees(), record in records()) {
        let want = direct(&node, &record);
        match simplify(&node) {
            Node::Any(members) if members.is_empty() => prop_assert!(!want),
            _ => prop_assert_eq!(server(&node, &record), want, "{}", xml(&node)),
        }
    }

    #[test]
    fn the_next_page_is_the_same_question(node in trees(), record in records()) {
        // `b` stands for "the id is greater".
        let page = Node::All(vec![node.clone(), test(1, &[])]);
        let want = direct(&node, &record) && record.filled[1];
        match simplify(&page) {
            Node::Any(members) if members.is_empty() => prop_assert!(!want),
            _ => prop_assert_eq!(server(&page, &record), want, "{}", xml(&page)),
        }
    }
}

#[test]
fn an_or_of_two_ids_is_not_an_and() {
    // The trap that catches everybody: members of one OR condition are AND-ed.
    let node = Node::Any(vec![test(0, &[1]), test(1, &[2])]);
    assert_eq!(
        xml(&node),
        "<queryxml><entity>Thing</entity><query>\
         <field>a<expression op=\"equals\">1</expression></field>\
         <condition operator=\"OR\"><field>b<expression op=\"equals\">2</expression></field></condition>\
         </query></queryxml>"
    );
}

#[test]
fn everything_is_an_empty_query() {
    assert_eq!(
        xml(&Node::All(vec![])),
        "<queryxml><entity>Thing</entity><query></query></queryxml>"
    );
}

#[test]
fn values_are_typed_and_escaped() {
    let with = |value| {
        let mut node = test(0, &[]);
        if let Node::Test(test) = &mut node {
            test.op = Op::Equals;
            test.values = vec![value];
        }
        let text = query_xml(&INFO, &node, &WireZone::eastern()).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let expression = document
            .descendants()
            .find(|node| node.has_tag_name("expression"));
        expression.unwrap().text().unwrap_or_default().to_owned()
    };
    assert_eq!(with(Value::Boolean(true)), "1");
    assert_eq!(with(Value::Boolean(false)), "0");
    assert_eq!(
        with(Value::DateTime("2026-07-01T12:00:00Z".parse().unwrap())),
        "2026-07-01T08:00:00"
    );
    assert_eq!(
        with(Value::Date(jiff::civil::date(2026, 7, 1))),
        "2026-07-01T00:00:00"
    );
    assert_eq!(with(Value::Decimal("1.50".parse().unwrap())), "1.50");
    assert_eq!(with(Value::Double(0.25)), "0.25");
    let nasty = "<a & 'b' \"c\"> ]]> \u{1f642}";
    assert_eq!(with(Value::String(nasty.to_owned())), nasty);
}

#[test]
fn what_the_server_would_refuse_is_refused() {
    let kind = |node: &Node| query_xml(&INFO, node, &WireZone::utc()).unwrap_err().kind();
    let mut closed = test(0, &[1]);
    if let Node::Test(test) = &mut closed {
        test.queryable = false;
    }
    assert_eq!(kind(&closed), ErrorKind::Query);
    assert_eq!(kind(&Node::Any(vec![])), ErrorKind::Query);

    let values: Vec<i64> = (0..=MAX_ALTERNATIVES as i64).collect();
    xml(&test(0, &values));
    let too_many: Vec<i64> = (0..=1 + MAX_ALTERNATIVES as i64).collect();
    assert_eq!(kind(&test(0, &too_many)), ErrorKind::Query);

    let udf = |name: usize| {
        let mut node = test(0, &[1]);
        if let Node::Test(test) = &mut node {
            test.udf = true;
            test.field = format!("udf {name}");
        }
        node
    };
    xml(&Node::All((0..5).map(udf).collect()));
    assert_eq!(
        kind(&Node::All((0..6).map(udf).collect())),
        ErrorKind::Query
    );
}

#[test]
fn long_lists_are_split_without_loss() {
    let values: Vec<i64> = (0..1000).collect();
    let node = Node::All(vec![
        Node::Any(vec![test(1, &[]), test(2, &[])]),
        test(0, &values),
    ]);
    let parts = portions(&node);
    let mut seen = Vec::new();
    for part in &parts {
        xml(part);
        let mut tests = Vec::new();
        collect(part, &mut tests);
        let of_a = tests.iter().find(|test| test.field == "a").unwrap();
        assert_eq!(tests.len(), 3);
        seen.extend(of_a.values.iter().filter_map(Value::to_i64));
    }
    assert_eq!(seen, values);
    assert_eq!(portions(&test(0, &[1])).len(), 1);
}
