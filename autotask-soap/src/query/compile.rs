//! From the tree of conditions to QueryXML.
//!
//! QueryXML is evaluated from left to right: a field is AND-ed to what stands before it, and a
//! condition's operator joins the whole group to what stands before the group, not its members to
//! each other. `a | b` is therefore "a, then a group `b` with operator OR", and a tree is translated
//! so that every OR lies in a group of its own, where nothing stands before its first member.

use super::{MAX_ALTERNATIVES, MAX_DEPTH, Node, Test};
use crate::entity::EntityInfo;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::Operation;
use crate::time::{WireZone, date_to_wire};
use crate::value::Value;
use crate::wire::writer::Writer;
use std::collections::BTreeSet;

/// Most user-defined fields in one query; with older entities the server takes only one.
const MAX_UDFS: usize = 5;

/// Joins nested groups of the same kind and removes what is always or never true.
pub(super) fn simplify(node: &Node) -> Node {
    let (members, all) = match node {
        Node::Test(_) | Node::Raw(_) => return node.clone(),
        Node::All(members) => (members, true),
        Node::Any(members) => (members, false),
    };
    let mut kept = Vec::new();
    for member in members {
        match simplify(member) {
            Node::All(inner) if all => kept.extend(inner),
            Node::Any(inner) if !all => kept.extend(inner),
            // "Always" in an OR, "never" in an AND decide the whole group.
            Node::All(inner) | Node::Any(inner) if inner.is_empty() => {
                return if all {
                    Node::Any(Vec::new())
                } else {
                    Node::All(Vec::new())
                };
            }
            other => kept.push(other),
        }
    }
    match (kept.pop(), kept.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            kept.extend(last);
            if all {
                Node::All(kept)
            } else {
                Node::Any(kept)
            }
        }
    }
}

/// Whether a tree is so deep that walking it could exhaust the stack, or the server.
pub(super) fn is_too_deep(node: &Node) -> bool {
    let mut waiting = vec![(node, 0)];
    while let Some((node, depth)) = waiting.pop() {
        if depth > MAX_DEPTH {
            return true;
        }
        if let Node::All(members) | Node::Any(members) = node {
            waiting.extend(members.iter().map(|member| (member, depth + 1)));
        }
    }
    false
}

/// Whether no record can satisfy it.
pub(super) fn is_never(node: &Node) -> bool {
    !is_too_deep(node) && simplify(node) == Node::Any(Vec::new())
}

pub(super) fn query_xml(info: &EntityInfo, node: &Node, zone: &WireZone) -> Result<String> {
    let fail = |detail: String| {
        Err(Error::new(ErrorKind::Query, detail).with_call(Operation::Query, Some(info.name)))
    };
    if !info.can_query && info.has_field_info {
        return fail(format!("{} cannot be queried", info.name));
    }
    if is_too_deep(node) {
        return fail(format!(
            "its conditions are nested deeper than {MAX_DEPTH} levels"
        ));
    }
    let node = simplify(node);
    if node == Node::Any(Vec::new()) {
        return fail("it can find nothing; such a query needs no call".to_owned());
    }
    let mut tests = Vec::new();
    collect(&node, &mut tests);
    for test in &tests {
        if !test.queryable {
            return fail(format!("field {} cannot be filtered on", test.field));
        }
        if test.field.trim().is_empty() {
            return fail("a user-defined field has no name".to_owned());
        }
        if test
            .values
            .iter()
            .any(|value| matches!(value, Value::Double(n) if !n.is_finite()))
        {
            return fail(format!("the number for field {} is not finite", test.field));
        }
    }
    let udfs: BTreeSet<String> = tests
        .iter()
        .filter(|test| test.udf)
        .map(|test| test.field.to_lowercase())
        .collect();
    if !udfs.is_empty() && info.has_field_info && !info.has_user_defined_fields {
        return fail(format!("{} has no user-defined fields", info.name));
    }
    if udfs.len() > MAX_UDFS {
        return fail(format!(
            "it uses {} user-defined fields, the server takes at most {MAX_UDFS}",
            udfs.len()
        ));
    }
    let alternatives = alternatives(&node);
    if alternatives > MAX_ALTERNATIVES {
        return fail(format!(
            "it has {alternatives} alternatives, one query takes {MAX_ALTERNATIVES}; \
             ask in several portions"
        ));
    }
    let mut writer = Writer::new();
    writer.start("queryxml", &[]);
    writer.element("entity", info.name);
    writer.start("query", &[]);
    write_items(&mut writer, &node, zone);
    Ok(writer.finish())
}

fn collect<'n>(node: &'n Node, tests: &mut Vec<&'n Test>) {
    match node {
        Node::Test(test) => tests.push(test),
        Node::Raw(_) => {}
        Node::All(members) | Node::Any(members) => {
            for member in members {
                collect(member, tests);
            }
        }
    }
}

pub(super) fn alternatives(node: &Node) -> usize {
    match node {
        Node::Test(test) => test.values.len().saturating_sub(1),
        Node::Raw(raw) => raw.alternatives,
        Node::All(members) => members.iter().map(alternatives).sum(),
        Node::Any(members) => {
            members.iter().map(alternatives).sum::<usize>() + members.len().saturating_sub(1)
        }
    }
}

/// Writes a node as members of a group in which nothing stands before them, or only things that it
/// is AND-ed to.
fn write_items(writer: &mut Writer, node: &Node, zone: &WireZone) {
    match node {
        Node::Test(test) => write_field(writer, test, zone),
        Node::Raw(raw) => writer.raw(&raw.xml),
        Node::All(members) => {
            for member in members {
                match member {
                    Node::Raw(raw) => {
                        writer.start("condition", &[]);
                        writer.raw(&raw.xml);
                        writer.end();
                    }
                    Node::Any(alternatives) => {
                        writer.start("condition", &[]);
                        write_alternatives(writer, alternatives, zone);
                        writer.end();
                    }
                    other => write_items(writer, other, zone),
                }
            }
        }
        Node::Any(members) => write_alternatives(writer, members, zone),
    }
}

/// Writes members of an OR as the only members of their group.
fn write_alternatives(writer: &mut Writer, members: &[Node], zone: &WireZone) {
    for (at, member) in members.iter().enumerate() {
        // The first member has nothing to be joined to, and the group's own operator would be
        // ignored, so that a bare field does.
        match (at, member) {
            (0, Node::Test(test)) => write_field(writer, test, zone),
            (0, member) => {
                writer.start("condition", &[]);
                write_items(writer, member, zone);
                writer.end();
            }
            (_, member) => {
                writer.start("condition", &[("operator", "OR")]);
                write_items(writer, member, zone);
                writer.end();
            }
        }
    }
}

fn write_field(writer: &mut Writer, test: &Test, zone: &WireZone) {
    if test.udf {
        writer.start("field", &[("udf", "true")]);
    } else {
        writer.start("field", &[]);
    }
    writer.text(&test.field);
    let op = [("op", test.op.name())];
    if test.values.is_empty() {
        writer.start("expression", &op);
        writer.end();
    }
    for value in &test.values {
        writer.start("expression", &op);
        writer.text(&text(value, zone));
        writer.end();
    }
    writer.end();
}

fn text(value: &Value, zone: &WireZone) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::String(text) | Value::Other { text, .. } => text.clone(),
        Value::Double(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::DateTime(at) => zone.to_wire(*at),
        Value::Date(day) => date_to_wire(*day),
        // Both spellings occur in the field; this one is the older.
        Value::Boolean(flag) => if *flag { "1" } else { "0" }.to_owned(),
    }
}

#[cfg(test)]
mod tests;
