//! What the lists of the Reporting API have in common.

use serde::{Deserialize, Serialize};

use super::{RawElement, is_empty_result_text};
use crate::error::{ErrorKind, Result};
use crate::xml::{Cursor, Element, Reply, XmlResult, read_any_reply};

/// The document of a report that is a list.
///
/// An appliance that has nothing to say answers an empty list or an error text; both read as a
/// list without items.
///
/// ```
/// use bomgar_api::reporting::parse_session_listing;
///
/// let list = parse_session_listing(br#"<session_summary_list>
///   <session_summary lsid="0123456789abcdef0123456789abcdef" has_recording="1"/>
/// </session_summary_list>"#)?;
/// for session in &list {
///     assert_eq!(session.has_recording, Some(true));
/// }
///
/// let nothing = parse_session_listing(b"<error >No Support report information matching your \
///                                       chosen criteria is available.</error>")?;
/// assert!(nothing.items.is_empty());
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ReportList<T> {
    /// The items, in document order.
    pub items: Vec<T>,
    /// The document's namespace. Several are in use; they do not change the meaning.
    pub namespace: Option<String>,
    /// Elements beside the items, items that lack what makes them one, and the root if it has
    /// attributes, as sent.
    pub unknown: Vec<RawElement>,
}

impl<T> Default for ReportList<T> {
    fn default() -> Self {
        ReportList {
            items: Vec::new(),
            namespace: None,
            unknown: Vec::new(),
        }
    }
}

impl<T> IntoIterator for ReportList<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a ReportList<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

/// Reads a report with this root, or with any. An error text that `is_empty` knows is `None`.
pub(super) fn read_report<T: Default>(
    operation: &str,
    root: Option<&str>,
    body: &[u8],
    is_empty: impl Fn(&str) -> bool,
    child: impl FnMut(&mut T, &mut Cursor<'_>, &Element<'_>) -> XmlResult<()>,
) -> Result<Option<Reply<T>>> {
    match read_any_reply(root, body, child) {
        Ok(reply) => Ok(Some(reply)),
        Err(error)
            if error.kind() == ErrorKind::Api && error.server_text().is_some_and(is_empty) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.with_operation(operation)),
    }
}

/// Reads a list. `child` gets every child of the root and puts it where it belongs.
pub(super) fn read_list<T>(
    operation: &str,
    root: Option<&str>,
    body: &[u8],
    child: impl FnMut(&mut ReportList<T>, &mut Cursor<'_>, &Element<'_>) -> XmlResult<()>,
) -> Result<ReportList<T>> {
    let Some(reply) = read_report(operation, root, body, is_empty_result_text, child)? else {
        return Ok(ReportList::default());
    };
    let mut list = reply.value;
    list.namespace = reply.namespace;
    if !reply.root.attributes.is_empty() {
        list.unknown.push(reply.root);
    }
    Ok(list)
}

/// Reads a list whose children are small. `item` makes an item of those named `name`, or gives the
/// element back when it is none.
pub(super) fn read_items<T>(
    operation: &str,
    root: &str,
    name: &str,
    body: &[u8],
    item: impl Fn(RawElement) -> Result<T, RawElement>,
) -> Result<ReportList<T>> {
    read_list(operation, Some(root), body, |list, cursor, element| {
        let raw = cursor.raw(element)?;
        match if raw.name == name {
            item(raw)
        } else {
            Err(raw)
        } {
            Ok(item) => list.items.push(item),
            Err(raw) => list.unknown.push(raw),
        }
        Ok(())
    })
}

/// What holds for every list: checks `parse` with a document of this root and one item, whose text
/// must say what it is by tags and attributes alone.
#[cfg(test)]
pub(super) fn document_rules<T>(
    root: &str,
    item: &str,
    parse: impl Fn(&[u8]) -> Result<ReportList<T>>,
) where
    T: Clone + Default + PartialEq + std::fmt::Debug + Serialize + serde::de::DeserializeOwned,
{
    use proptest::prelude::*;

    let plain = parse(format!("<{root}>{item}</{root}>").as_bytes()).unwrap();
    assert_eq!((plain.items.len(), plain.namespace.as_deref()), (1, None));
    assert!(plain.unknown.is_empty());

    for namespace in [
        "http://www.bomgar.com/namespaces/API/reporting",
        "https://www.beyondtrust.com/namespaces/API/reporting",
        "http://www.beyondtrust.com/sra/namespaces/API/reporting",
    ] {
        let document = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<{root} xmlns=\"{namespace}\" \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n\n\t<!-- c -->{item}\n\
             \t<footer a='1'>more</footer>\n</{root}>\n\n"
        );
        let list = parse(document.as_bytes()).unwrap();
        assert_eq!(list.items, plain.items);
        assert_eq!(list.namespace.as_deref(), Some(namespace));
        assert_eq!(list.unknown.len(), 1);
        assert_eq!(list.unknown[0].text, "more");
        let json = serde_json::to_string(&list).unwrap();
        assert_eq!(serde_json::from_str::<ReportList<T>>(&json).unwrap(), list);
        let newer = json.replacen('{', "{\"new_field\":1,", 1);
        assert_eq!(serde_json::from_str::<ReportList<T>>(&newer).unwrap(), list);
        assert_eq!(
            serde_json::from_str::<ReportList<T>>("{}").unwrap(),
            ReportList::default()
        );
        // Whatever end is missing, the document is not taken for a shorter one.
        for (end, _) in document.trim_end().char_indices() {
            let error = parse(&document.as_bytes()[..end]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated, "{}", &document[..end]);
        }
    }

    for empty in [
        format!("<{root} xmlns='http://www.bomgar.com/namespaces/API/reporting'/>"),
        format!("<{root}>\n\n</{root}>\n"),
        "<error >No Support report information matching your chosen criteria is \
         available.</error>"
            .to_owned(),
        "<error xmlns='http://www.bomgar.com/namespaces/API/reporting'>\n\
         \tAucune information de rapport correspondant à vos critères n’est disponible.\n</error>"
            .to_owned(),
    ] {
        let list = parse(empty.as_bytes()).unwrap();
        assert!(list.items.is_empty() && list.unknown.is_empty(), "{empty}");
    }

    for refused in [
        "<error >Not allowed.</error>".to_owned(),
        "<error code='5'>Not allowed.</error>".to_owned(),
        format!("<{root}>{item}<error>Not allowed.</error></{root}>"),
    ] {
        let error = parse(refused.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Api, "{refused}");
        assert_eq!(error.server_text(), Some("Not allowed."));
        assert!(error.operation().is_some());
    }
    for (body, kind) in [
        ("", ErrorKind::Truncated),
        ("{}", ErrorKind::WrongContent),
        ("<!DOCTYPE html><html></html>", ErrorKind::WrongContent),
    ] {
        assert_eq!(parse(body.as_bytes()).unwrap_err().kind(), kind, "{body}");
    }

    let document = format!("<{root}>{item}<x/></{root}>").into_bytes();
    let mutations = proptest::collection::vec((0..document.len(), any::<u8>(), 0..3u8), 1..8);
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&mutations, |mutations| {
            let mut bytes = document.clone();
            for (at, byte, how) in mutations {
                let at = at.min(bytes.len().saturating_sub(1));
                match how {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            // Any answer will do, but there must be one.
            let _ = parse(&bytes);
            Ok(())
        })
        .unwrap();
}
