//! A scoped cursor over an XML document: the only place that knows the XML reader.
//!
//! Elements are matched by local name, whatever their prefix. Entering an element and asking for its
//! children skips everything that the caller did not read, so readers ignore unknown elements simply
//! by not mentioning them.

use super::attributes::{Attributes, Prefixes, decoded, only_type, split_name};
use quick_xml::NsReader;
use quick_xml::Reader;
use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use std::borrow::Cow;
use std::fmt;

/// Elements nested deeper than this are refused; ATWS answers need about ten levels.
const MAX_DEPTH: usize = 64;

/// It could declare entities, which no answer needs and attacks use.
pub(crate) const NO_DOCUMENT_TYPE: &str = "a document type is not allowed";

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireErrorKind {
    /// Not well-formed.
    Malformed,
    /// The document ends too early.
    Truncated,
    /// Nested too deep.
    TooDeep,
    /// Well-formed, but not what was expected there.
    Unexpected,
}

/// A document that cannot be read. The message names the place, never customer text.
#[derive(Debug)]
pub(crate) struct WireError {
    pub(crate) kind: WireErrorKind,
    pub(crate) detail: String,
    /// Position in bytes.
    pub(crate) position: u64,
}

impl WireError {
    pub(crate) fn unexpected(detail: impl Into<String>, position: u64) -> Self {
        Self {
            kind: WireErrorKind::Unexpected,
            detail: detail.into(),
            position,
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.detail, self.position)
    }
}

impl std::error::Error for WireError {}

/// The start of an element, and with it the scope that its children lie in.
#[derive(Clone, Debug)]
pub(crate) struct Element<'a> {
    name: &'a str,
    xsi_type: Option<Cow<'a, str>>,
    nil: bool,
    depth: usize,
}

impl<'a> Element<'a> {
    /// Local name.
    pub(crate) fn name(&self) -> &'a str {
        self.name
    }

    /// Local part of `xsi:type`, whatever its prefixes.
    pub(crate) fn xsi_type(&self) -> Option<&str> {
        self.xsi_type.as_deref()
    }

    /// Whether `xsi:nil` is set.
    pub(crate) fn is_nil(&self) -> bool {
        self.nil
    }
}

/// Reads a document from front to back.
pub(crate) struct Cursor<'a> {
    document: &'a str,
    reader: Reader<&'a [u8]>,
    /// Number of elements that are open.
    depth: usize,
    prefixes: Prefixes<'a>,
}

impl fmt::Debug for Cursor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor")
            .field("position", &self.position())
            .field("depth", &self.depth)
            .finish_non_exhaustive()
    }
}

impl<'a> Cursor<'a> {
    /// A cursor before the root element. A byte order mark and blank lines before it are skipped.
    pub(crate) fn new(document: &'a str) -> Self {
        let document = document.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
        let mut reader = Reader::from_str(document);
        reader.config_mut().expand_empty_elements = true;
        Self {
            document,
            reader,
            depth: 0,
            prefixes: Prefixes::default(),
        }
    }

    /// Position in bytes, for messages.
    pub(crate) fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// The root element.
    pub(crate) fn root(&mut self) -> Result<Element<'a>, WireError> {
        loop {
            match self.event()? {
                Event::Start(start) => return self.open(start),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Eof => return Err(self.error(WireErrorKind::Truncated, "document is empty")),
                _ => return Err(self.error(WireErrorKind::Malformed, "text before the root")),
            }
        }
    }

    /// The next child element of `parent`, or `None` at its end. What the caller left unread of the
    /// child before is skipped.
    pub(crate) fn next_child(
        &mut self,
        parent: &Element<'_>,
    ) -> Result<Option<Element<'a>>, WireError> {
        self.leave_to(parent.depth)?;
        if self.depth < parent.depth {
            return Ok(None);
        }
        // White space between elements is nobody's: the reader need not make events of it.
        self.reader.config_mut().trim_text_start = true;
        let child = loop {
            match self.event()? {
                Event::Start(start) => break Some(self.open(start)?),
                Event::End(_) => {
                    self.depth -= 1;
                    break None;
                }
                Event::Eof => return Err(self.truncated()),
                _ => {}
            }
        };
        self.reader.config_mut().trim_text_start = false;
        Ok(child)
    }

    /// The child with this local name, skipping others; `None` if the element ends without it.
    pub(crate) fn find_child(
        &mut self,
        parent: &Element<'_>,
        name: &str,
    ) -> Result<Option<Element<'a>>, WireError> {
        while let Some(child) = self.next_child(parent)? {
            if child.name() == name {
                return Ok(Some(child));
            }
        }
        Ok(None)
    }

    /// The text of an element, to its end. Child elements in it are skipped.
    pub(crate) fn text(&mut self, element: &Element<'_>) -> Result<String, WireError> {
        self.text_ref(element).map(Cow::into_owned)
    }

    /// Like [`text`](Self::text), borrowed from the document if it stands there as it is.
    pub(crate) fn text_ref(&mut self, element: &Element<'_>) -> Result<Cow<'a, str>, WireError> {
        let mut text = Cow::Borrowed("");
        if self.depth < element.depth {
            return Ok(text);
        }
        loop {
            let part = match self.event()? {
                Event::Text(part) => part.xml10_content(),
                Event::CData(part) => part.xml10_content(),
                Event::GeneralRef(name) => self.resolve(&name)?,
                Event::Start(_) => {
                    self.enter()?;
                    continue;
                }
                Event::End(_) => {
                    self.depth -= 1;
                    if self.depth < element.depth {
                        return Ok(text);
                    }
                    continue;
                }
                Event::Eof => return Err(self.truncated()),
                _ => continue,
            };
            if self.depth == element.depth {
                if text.is_empty() {
                    text = part;
                } else {
                    text.to_mut().push_str(&part);
                }
            }
        }
    }

    fn resolve(&self, reference: &BytesRef<'_>) -> Result<Cow<'a, str>, WireError> {
        match reference.resolve_char_ref() {
            Ok(Some('\r')) => Ok(Cow::Borrowed("\r")),
            Ok(Some(c)) => Ok(Cow::Owned(c.to_string())),
            Ok(None) => resolve_xml_entity(reference)
                .map(Cow::Borrowed)
                .ok_or_else(|| self.error(WireErrorKind::Malformed, "undefined entity reference")),
            // A character that cannot exist should not cost the record.
            Err(_) => Ok(Cow::Borrowed("\u{fffd}")),
        }
    }

    /// Reads to the end of the document, so that a document cut off after the part of interest is
    /// noticed.
    pub(crate) fn finish(mut self) -> Result<(), WireError> {
        self.leave_to(0)?;
        loop {
            match self.event()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.trim().is_empty() => {}
                _ => return Err(self.error(WireErrorKind::Malformed, "text after the root")),
            }
        }
    }

    /// Skips until `depth` elements are open.
    fn leave_to(&mut self, depth: usize) -> Result<(), WireError> {
        while self.depth > depth {
            match self.event()? {
                Event::Start(_) => self.enter()?,
                Event::End(_) => self.depth -= 1,
                Event::Eof => return Err(self.truncated()),
                _ => {}
            }
        }
        Ok(())
    }

    fn open(&mut self, start: BytesStart<'a>) -> Result<Element<'a>, WireError> {
        self.enter()?;
        self.prefixes.leave_to(self.depth);
        // The event lends its parts for less time than the document, so they are cut from that.
        let end = usize::try_from(self.position()).unwrap_or(usize::MAX);
        let tag = self.document.get(..end).unwrap_or_default();
        let tag = tag.strip_suffix('>').unwrap_or(tag);
        let tag = tag.strip_suffix('/').unwrap_or(tag);
        let from = tag.len().saturating_sub(start.len());
        let name_end = from + start.name().0.len();
        let name = tag.get(from..name_end).unwrap_or_default();
        let mut element = Element {
            name: split_name(name).1,
            xsi_type: None,
            nil: false,
            depth: self.depth,
        };
        let attributes = tag.get(name_end..).unwrap_or_default();
        match only_type(attributes) {
            Some(name) if self.prefixes.may_be_xsi("xsi") => {
                element.xsi_type = Some(Cow::Borrowed(name));
            }
            _ => self.read_attributes(&mut element, attributes),
        }
        Ok(element)
    }

    fn read_attributes(&mut self, element: &mut Element<'a>, attributes: &'a str) {
        let mut declares = false;
        for (name, value) in Attributes(attributes) {
            let (prefix, local) = split_name(name);
            if prefix == "xmlns" {
                self.prefixes.declare(local, decoded(value), self.depth);
                declares = true;
            } else {
                self.read_attribute(element, prefix, local, value);
            }
        }
        if declares {
            // A namespace can be declared after the attribute that needs it.
            (element.xsi_type, element.nil) = (None, false);
            for (name, value) in Attributes(attributes) {
                let (prefix, local) = split_name(name);
                self.read_attribute(element, prefix, local, value);
            }
        }
    }

    fn read_attribute(&self, element: &mut Element<'a>, prefix: &str, local: &str, value: &'a str) {
        match local {
            "type" if element.xsi_type.is_none() && self.prefixes.may_be_xsi(prefix) => {
                element.xsi_type = Some(match decoded(value) {
                    Cow::Borrowed(name) => Cow::Borrowed(split_name(name.trim()).1),
                    Cow::Owned(name) => Cow::Owned(split_name(name.trim()).1.to_owned()),
                });
            }
            "nil" if self.prefixes.may_be_xsi(prefix) => {
                element.nil = matches!(decoded(value).trim(), "true" | "1");
            }
            _ => {}
        }
    }

    fn enter(&mut self) -> Result<(), WireError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(WireErrorKind::TooDeep, "elements are nested too deep"));
        }
        Ok(())
    }

    fn event(&mut self) -> Result<Event<'a>, WireError> {
        match self.reader.read_event() {
            Ok(Event::DocType(_)) => Err(self.error(WireErrorKind::Malformed, NO_DOCUMENT_TYPE)),
            Ok(event) => Ok(event),
            Err(error) => {
                let position = self.reader.error_position();
                let at = usize::try_from(position).unwrap_or(usize::MAX);
                let rest = self.document.as_bytes().get(at..).unwrap_or_default();
                let (kind, detail) = not_well_formed(&error, rest);
                Err(WireError {
                    kind,
                    detail: format!("not well-formed XML: {detail}"),
                    position,
                })
            }
        }
    }

    fn truncated(&self) -> WireError {
        self.error(WireErrorKind::Truncated, "document ends inside an element")
    }

    fn error(&self, kind: WireErrorKind, detail: &str) -> WireError {
        WireError {
            kind,
            detail: detail.to_owned(),
            position: self.position(),
        }
    }
}

/// What is wrong, from the reader's error and the document from there on. The reader's own message
/// can hold names of any length, which may be customers' words.
fn not_well_formed(error: &quick_xml::Error, rest: &[u8]) -> (WireErrorKind, &'static str) {
    use WireErrorKind::{Malformed, Truncated};
    const SECTION: &[u8] = b"<![CDATA[";
    match error {
        quick_xml::Error::Syntax(SyntaxError::InvalidBangMarkup) if rest.len() > 2 => {
            (Malformed, "unknown markup")
        }
        // The reader looks for its end by counting brackets, which its entities may hold.
        quick_xml::Error::Syntax(SyntaxError::UnclosedDoctype) => (Malformed, NO_DOCUMENT_TYPE),
        // Any markup with a bracket is a section to the reader.
        quick_xml::Error::Syntax(SyntaxError::UnclosedCData)
            if !rest.iter().zip(SECTION).all(|(have, want)| have == want) =>
        {
            (Malformed, "unknown markup")
        }
        // Markup that the document's end cuts in two is a syntax error to the reader.
        quick_xml::Error::Syntax(_) => (Truncated, "it ends inside a tag"),
        quick_xml::Error::IllFormed(IllFormedError::UnclosedReference)
            if !rest.iter().skip(1).any(|byte| matches!(byte, b'<' | b'&')) =>
        {
            (Truncated, "it ends inside a reference")
        }
        quick_xml::Error::IllFormed(
            IllFormedError::MismatchedEndTag { .. } | IllFormedError::UnmatchedEndTag(_),
        ) => (Malformed, "an end tag does not belong to its start tag"),
        _ => (Malformed, "a syntax error"),
    }
}

/// Namespace of the first element in the envelope's Body; `None` if it has none, or if its prefix is
/// not declared.
pub(crate) fn answer_namespace(document: &str) -> Option<String> {
    let mut reader = NsReader::from_str(document.trim_start_matches('\u{feff}'));
    let mut depth = 0_usize;
    let mut in_body = false;
    loop {
        let (namespace, event) = reader.read_resolved_event().ok()?;
        let (start, is_empty) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                continue;
            }
            Event::Eof => return None,
            _ => continue,
        };
        match depth {
            2 if in_body => {
                return match namespace {
                    ResolveResult::Bound(namespace) => Some(namespace.0.to_owned()),
                    _ => None,
                };
            }
            1 => in_body = split_name(start.name().0).1 == "Body",
            _ => {}
        }
        if !is_empty {
            depth += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn children_are_scoped_and_skipped() {
        let mut cursor = Cursor::new(
            "\u{feff}\r\n<?xml version='1.0'?><!-- c --><s:a xmlns:s='urn:x'>\
             <b><c><d>deep</d></c></b>text<s:e/><f>1</f></s:a>\n",
        );
        let root = cursor.root().unwrap();
        assert_eq!(root.name(), "a");
        let b = cursor.next_child(&root).unwrap().unwrap();
        assert_eq!(b.name(), "b");
        let c = cursor.next_child(&b).unwrap().unwrap();
        assert_eq!(c.name(), "c");
        // Nothing of `c` and `b` was read to the end.
        let e = cursor.next_child(&root).unwrap().unwrap();
        assert_eq!(e.name(), "e");
        assert_eq!(cursor.text(&e).unwrap(), "");
        assert_eq!(cursor.text(&e).unwrap(), "");
        assert!(cursor.next_child(&e).unwrap().is_none());
        let f = cursor.find_child(&root, "f").unwrap().unwrap();
        assert_eq!(cursor.text(&f).unwrap(), "1");
        assert!(cursor.next_child(&root).unwrap().is_none());
        assert!(cursor.next_child(&root).unwrap().is_none());
        cursor.finish().unwrap();
    }

    #[test]
    fn text_is_unescaped_and_line_ends_normalized() {
        let mut cursor = Cursor::new(
            "<a>x &lt;&#65;&#x1F642;&amp;\r\ny&#13;<b>no &gt;</b><![CDATA[<z>\r\n]]></a>",
        );
        let root = cursor.root().unwrap();
        assert_eq!(cursor.text(&root).unwrap(), "x <A🙂&\ny\r<z>\n");
        cursor.finish().unwrap();
    }

    #[test]
    fn attributes_by_local_name() {
        let first = |document: &str| {
            let mut cursor = Cursor::new(document);
            let root = cursor.root().unwrap();
            (root.xsi_type().map(str::to_owned), root.is_nil())
        };
        let ticket = |nil| (Some("Ticket".to_owned()), nil);
        assert_eq!(
            first("<a xmlns:type='no' q:type=' ns0:Ticket ' i:nil='1' t='&quot;'/>"),
            ticket(true)
        );
        assert_eq!(
            first("<a\n\ttype = \"&#84;icket\"nil='0' />"),
            ticket(false)
        );
        assert_eq!(first("<a b='nil=\"1\"' type2='x' />"), (None, false));
        assert_eq!(first("<a/>"), (None, false));
    }

    #[test]
    fn attributes_of_other_namespaces_are_not_those_of_the_schema_instance() {
        let mut cursor = Cursor::new(
            "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:o='urn:o'>\
             <b o:type='no' i:type='x:yes' o:nil='true'/>\
             <c i:nil='true' xmlns:i='urn:o'><d i:type='no'/></c>\
             <e xmlns:o='http://www.w3.org/2001/XMLSchema-instance' o:type='yes'><f o:nil='1'/></e>\
             <g i:nil='1' o:type='no'/></a>",
        );
        let root = cursor.root().unwrap();
        let mut seen = Vec::new();
        while let Some(child) = cursor.next_child(&root).unwrap() {
            seen.push((
                child.name(),
                child.xsi_type().map(str::to_owned),
                child.is_nil(),
            ));
            while let Some(child) = cursor.next_child(&child).unwrap() {
                seen.push((
                    child.name(),
                    child.xsi_type().map(str::to_owned),
                    child.is_nil(),
                ));
            }
        }
        let yes = || Some("yes".to_owned());
        assert_eq!(
            seen,
            [
                ("b", yes(), false),
                ("c", None, false),
                ("d", None, false),
                ("e", yes(), false),
                ("f", None, true),
                ("g", None, true),
            ]
        );
    }

    #[test]
    fn text_is_borrowed_where_it_stands_as_it_is() {
        let mut cursor = Cursor::new("<a> <b> x </b> <c>y<!-- --></c> <d>1&#13;2</d> </a>");
        let root = cursor.root().unwrap();
        for (text, borrowed) in [(" x ", true), ("y", true), ("1\r2", false)] {
            let child = cursor.next_child(&root).unwrap().unwrap();
            let read = cursor.text_ref(&child).unwrap();
            assert_eq!(read, text);
            assert_eq!(matches!(read, Cow::Borrowed(_)), borrowed, "{text}");
        }
        assert!(cursor.next_child(&root).unwrap().is_none());
    }

    fn read_all(document: &str) -> Result<(), WireError> {
        let mut cursor = Cursor::new(document);
        let root = cursor.root()?;
        while let Some(child) = cursor.next_child(&root)? {
            cursor.text(&child)?;
        }
        cursor.finish()
    }

    #[test]
    fn what_is_not_a_document_is_refused() {
        let kind = |document: &str| read_all(document).unwrap_err().kind;
        assert_eq!(kind(""), WireErrorKind::Truncated);
        assert_eq!(kind("<a><b>"), WireErrorKind::Truncated);
        assert_eq!(kind("<a><b"), WireErrorKind::Truncated);
        assert_eq!(kind("<a></b>"), WireErrorKind::Malformed);
        assert_eq!(kind("Service Unavailable"), WireErrorKind::Malformed);
        assert_eq!(kind("<a><b>&nbsp;</b></a>"), WireErrorKind::Malformed);
        assert_eq!(kind("<!DOCTYPE a><a/>"), WireErrorKind::Malformed);
        assert_eq!(
            kind("<!DOCTYPE a [<!ENTITY b '<'>]><a/>"),
            WireErrorKind::Malformed
        );
        assert_eq!(kind("<a><!DOCTYPE a><b/></a>"), WireErrorKind::Malformed);
        assert_eq!(kind("<a><b><!DOCTYPE a></b></a>"), WireErrorKind::Malformed);
        assert_eq!(kind("<a/><b/>"), WireErrorKind::Malformed);
        assert_eq!(kind(&"<a>".repeat(100)), WireErrorKind::TooDeep);
        assert!(read_all("<a><b>&#0;</b></a>").is_ok());
    }

    proptest! {
        #[test]
        fn a_document_cut_off_anywhere_is_refused(cut in 0usize..60) {
            let document = "<a x='1'><b>te&lt;xt</b><c/><![CDATA[d]]><!-- e --></a>";
            if let Some(part) = document.get(..cut) {
                if cut < document.len() {
                    prop_assert!(read_all(part).is_err(), "{part}");
                }
            }
        }

        #[test]
        fn never_panics(document in "[<>/a&;#x0='\" !\\[\\]?-]{0,60}") {
            let _ = read_all(&document);
        }
    }
}
