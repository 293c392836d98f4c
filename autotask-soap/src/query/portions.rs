//! One question as several queries, none of which has too many alternatives.

use super::compile::{alternatives, is_too_deep, simplify};
use super::{MAX_ALTERNATIVES, Node, Op, Test};

/// Beyond this the question itself is wrong.
const MAX_PORTIONS: usize = 1000;

pub(super) fn portions(node: &Node) -> Vec<Node> {
    if is_too_deep(node) {
        // Refused when it is translated.
        return vec![node.clone()];
    }
    let node = simplify(node);
    split(&node, MAX_ALTERNATIVES).unwrap_or_else(|| vec![node])
}

/// Trees that together mean the same as this one, each with at most `budget` alternatives; `None` if
/// there are none, or too many.
fn split(node: &Node, budget: usize) -> Option<Vec<Node>> {
    if alternatives(node) <= budget {
        return Some(vec![node.clone()]);
    }
    let parts = match node {
        Node::Test(test) if test.op == Op::Equals => test
            .values
            .chunks(budget + 1)
            .map(|values| {
                Node::Test(Test {
                    values: values.to_vec(),
                    ..test.clone()
                })
            })
            .collect(),
        Node::Test(_) | Node::Raw(_) => return None,
        Node::Any(members) => split_any(members, budget)?,
        Node::All(members) => split_all(members, budget)?,
    };
    (parts.len() <= MAX_PORTIONS).then_some(parts)
}

/// Fills one group after the other.
fn split_any(members: &[Node], budget: usize) -> Option<Vec<Node>> {
    let mut groups: Vec<Vec<Node>> = Vec::new();
    let mut cost = 0;
    for member in members {
        for piece in split(member, budget)? {
            let more = alternatives(&piece) + 1;
            match groups.last_mut() {
                Some(group) if cost + more <= budget => {
                    cost += more;
                    group.push(piece);
                }
                _ => {
                    // The first member of a group needs no OR.
                    cost = more - 1;
                    groups.push(vec![piece]);
                }
            }
        }
    }
    Some(groups.into_iter().map(Node::Any).collect())
}

/// Splits the member with most alternatives, and repeats everything else.
fn split_all(members: &[Node], budget: usize) -> Option<Vec<Node>> {
    let total: usize = members.iter().map(alternatives).sum();
    let (at, largest, size) = members
        .iter()
        .enumerate()
        .filter(|(_, member)| !matches!(member, Node::Raw(_)))
        .map(|(at, member)| (at, member, alternatives(member)))
        .max_by_key(|(.., size)| *size)?;
    if size == 0 {
        return None;
    }
    let others = total - size;
    // With little room left beside the others, they have to become smaller too; then halves do,
    // until they are no longer the smaller part.
    let room = if others + budget / 4 <= budget {
        budget - others
    } else {
        size / 2
    };
    let mut portions = Vec::new();
    for part in split(largest, room)? {
        let mut portion = members.to_vec();
        if let Some(slot) = portion.get_mut(at) {
            *slot = part;
        }
        portions.extend(split(&simplify(&Node::All(portion)), budget)?);
        if portions.len() > MAX_PORTIONS {
            return None;
        }
    }
    Some(portions)
}
