//! Takes the known parts out of an element. What is left is unknown, and kept.

use jiff::Timestamp;

use super::{Actor, ActorKind, PersonRef, RawElement};
use crate::time::parse_time;

/// An element from which known parts are taken one after the other.
///
/// Of several children with the same name the first one is taken. What cannot be read is left, so
/// that it ends among the unknown parts.
#[derive(Default)]
pub(super) struct Parts {
    rest: RawElement,
    unknown: Vec<RawElement>,
}

impl Parts {
    pub(super) fn new(element: RawElement) -> Self {
        Parts {
            rest: element,
            unknown: Vec::new(),
        }
    }

    /// An attribute, trimmed; `None` when absent or empty.
    pub(super) fn attr(&mut self, name: &str) -> Option<String> {
        self.attr_as(name, |text| Some(text.to_owned()))
    }

    /// An attribute that `read` understands; `None` when absent or empty.
    pub(super) fn attr_as<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let attributes = &mut self.rest.attributes;
        let index = attributes.iter().position(|(key, _)| key == name)?;
        let text = attributes[index].1.trim();
        if text.is_empty() {
            attributes.remove(index);
            return None;
        }
        let value = read(text)?;
        attributes.remove(index);
        Some(value)
    }

    /// The time in the attribute `timestamp`, else in `ts`.
    pub(super) fn time_attr(&mut self) -> Option<Timestamp> {
        let time = self.attr_as("timestamp", parse_time);
        time.or_else(|| self.attr_as("ts", parse_time))
    }

    /// The element's own text; empty when there is none.
    pub(super) fn own_text(&mut self) -> String {
        std::mem::take(&mut self.rest.text)
    }

    /// The first child with this name.
    pub(super) fn child(&mut self, name: &str) -> Option<RawElement> {
        let children = &mut self.rest.children;
        let index = children.iter().position(|child| child.name == name)?;
        Some(children.remove(index))
    }

    /// All children with this name.
    pub(super) fn children(&mut self, name: &str) -> Vec<RawElement> {
        let children = std::mem::take(&mut self.rest.children);
        let (found, rest) = children.into_iter().partition(|child| child.name == name);
        self.rest.children = rest;
        found
    }

    /// All children that are left.
    pub(super) fn all_children(&mut self) -> Vec<RawElement> {
        std::mem::take(&mut self.rest.children)
    }

    /// The children named `item` of the child named `list`.
    pub(super) fn list(&mut self, list: &str, item: &str) -> Vec<RawElement> {
        let Some(list) = self.child(list) else {
            return Vec::new();
        };
        let mut list = Parts::new(list);
        let items = list.children(item);
        self.leave_rest_of(list);
        items
    }

    /// The text of a child; `None` when absent or empty.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.text_as(name, |text| Some(text.to_owned()))
    }

    /// The text of a child that `read` understands; `None` when absent or empty.
    pub(super) fn text_as<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut child = Parts::new(self.child(name)?);
        let text = child.own_text();
        let value = read(&text).filter(|_| !text.is_empty());
        if value.is_none() {
            child.rest.text = text;
        }
        self.leave_rest_of(child);
        value
    }

    /// The time in a child: in its attribute, else in its text.
    pub(super) fn time(&mut self, name: &str) -> Option<Timestamp> {
        let mut child = Parts::new(self.child(name)?);
        let mut time = child.time_attr();
        // The text beside the attribute says the same in words.
        let text = parse_time(&child.rest.text);
        if time.is_some() || text.is_some() {
            child.own_text();
        }
        time = time.or(text);
        self.leave_rest_of(child);
        time
    }

    /// A participant in a child.
    pub(super) fn actor(&mut self, name: &str) -> Option<Actor> {
        let mut child = Parts::new(self.child(name)?);
        let kind = child.attr("type");
        let actor = Actor {
            kind: match &kind {
                Some(kind) => ActorKind::from_wire(kind),
                None => ActorKind::Other(String::new()),
            },
            gsnumber: child.attr("gsnumber"),
            id: child.attr("id"),
            name: child.own_text(),
        };
        self.leave_rest_of(child);
        let present = kind.is_some()
            || actor.gsnumber.is_some()
            || actor.id.is_some()
            || !actor.name.is_empty();
        present.then_some(actor)
    }

    /// A mention of a person in a child.
    pub(super) fn person(&mut self, name: &str) -> Option<PersonRef> {
        let mut child = Parts::new(self.child(name)?);
        let person = PersonRef {
            gsnumber: child.attr("gsnumber"),
            id: child.attr("id"),
            name: child.own_text(),
        };
        self.leave_rest_of(child);
        (person != PersonRef::default()).then_some(person)
    }

    /// Leaves what nobody took of a part.
    pub(super) fn leave_rest_of(&mut self, part: Parts) {
        let Parts { rest, unknown } = part;
        if !rest.attributes.is_empty() || !rest.text.is_empty() || !rest.children.is_empty() {
            self.unknown.push(rest);
        }
        self.unknown.extend(unknown);
    }

    /// What nobody took: the element itself when it has attributes or text left, then its children.
    pub(super) fn into_unknown(self) -> Vec<RawElement> {
        let Parts { mut rest, unknown } = self;
        let children = std::mem::take(&mut rest.children);
        let own = !rest.attributes.is_empty() || !rest.text.is_empty();
        let mut all: Vec<RawElement> = own.then_some(rest).into_iter().collect();
        all.extend(children);
        all.extend(unknown);
        all
    }
}

/// A yes or no; `None` when it is neither.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}
