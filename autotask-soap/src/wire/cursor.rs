//! A scoped cursor over an XML document: the only place that knows the XML reader.
//!
//! Elements are matched by local name, whatever their prefix. Entering an element and asking for its
//! children skips everything that the caller did not read, so readers ignore unknown elements simply
//! by not mentioning them.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::errors::SyntaxError;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::fmt;

/// Elements nested deeper than this are refused; ATWS answers need about ten levels.
const MAX_DEPTH: usize = 64;

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
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl WireError {
    pub(crate) fn unexpected(detail: impl Into<String>, position: u64) -> Self {
        Self {
            kind: WireErrorKind::Unexpected,
            detail: detail.into(),
            position,
            source: None,
        }
    }
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at byte {})", self.detail, self.position)
    }
}

impl std::error::Error for WireError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// The start of an element, and with it the scope that its children lie in.
#[derive(Debug)]
pub(crate) struct Element<'a> {
    start: BytesStart<'a>,
    depth: usize,
}

impl<'a> Element<'a> {
    /// Local name.
    pub(crate) fn name(&self) -> &str {
        local(self.start.name().0)
    }

    /// An attribute by its local name, unescaped. Namespace declarations are not attributes.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        self.start
            .attributes()
            .with_checks(false)
            .flatten()
            .find(|attribute| {
                let key = attribute.key.0;
                !key.starts_with("xmlns") && local(key) == name
            })
            .and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok())
    }

    /// Local part of `xsi:type`, whatever its prefixes.
    pub(crate) fn xsi_type(&self) -> Option<Cow<'_, str>> {
        self.attribute("type").map(|name| match name {
            Cow::Borrowed(name) => Cow::Borrowed(local(name.trim())),
            Cow::Owned(name) => Cow::Owned(local(name.trim()).to_owned()),
        })
    }

    /// Whether `xsi:nil` is set.
    pub(crate) fn is_nil(&self) -> bool {
        matches!(
            self.attribute("nil").as_deref().map(str::trim),
            Some("true" | "1")
        )
    }
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Reads a document from front to back.
pub(crate) struct Cursor<'a> {
    reader: Reader<&'a [u8]>,
    /// Number of elements that are open.
    depth: usize,
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
        Self { reader, depth: 0 }
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
                Event::DocType(_) => {
                    return Err(
                        self.error(WireErrorKind::Malformed, "document type is not allowed")
                    );
                }
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
        loop {
            match self.event()? {
                Event::Start(start) => return self.open(start).map(Some),
                Event::End(_) => {
                    self.depth -= 1;
                    return Ok(None);
                }
                Event::Eof => return Err(self.truncated()),
                _ => {}
            }
        }
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
        let mut text = String::new();
        if self.depth < element.depth {
            return Ok(text);
        }
        loop {
            match self.event()? {
                Event::Text(part) if self.depth == element.depth => {
                    text.push_str(&part.xml10_content());
                }
                Event::CData(part) if self.depth == element.depth => {
                    text.push_str(&part.xml10_content());
                }
                Event::GeneralRef(name) => {
                    let c = match name.resolve_char_ref() {
                        Ok(Some(c)) => c,
                        Ok(None) => match &*name {
                            "amp" => '&',
                            "lt" => '<',
                            "gt" => '>',
                            "quot" => '"',
                            "apos" => '\'',
                            _ => {
                                return Err(self.error(
                                    WireErrorKind::Malformed,
                                    "undefined entity reference",
                                ));
                            }
                        },
                        // A character that cannot exist should not cost the record.
                        Err(_) => char::REPLACEMENT_CHARACTER,
                    };
                    if self.depth == element.depth {
                        text.push(c);
                    }
                }
                Event::Start(_) => self.enter()?,
                Event::End(_) => {
                    self.depth -= 1;
                    if self.depth < element.depth {
                        return Ok(text);
                    }
                }
                Event::Eof => return Err(self.truncated()),
                _ => {}
            }
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
        Ok(Element {
            start,
            depth: self.depth,
        })
    }

    fn enter(&mut self) -> Result<(), WireError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error(WireErrorKind::TooDeep, "elements are nested too deep"));
        }
        Ok(())
    }

    fn event(&mut self) -> Result<Event<'a>, WireError> {
        self.reader.read_event().map_err(|source| {
            // Markup that the document's end cuts in two is a syntax error to the reader.
            let kind = match &source {
                quick_xml::Error::Syntax(SyntaxError::InvalidBangMarkup) => {
                    WireErrorKind::Malformed
                }
                quick_xml::Error::Syntax(_) => WireErrorKind::Truncated,
                _ => WireErrorKind::Malformed,
            };
            WireError {
                kind,
                detail: "document is not well-formed XML".to_owned(),
                position: self.reader.error_position(),
                source: Some(Box::new(source)),
            }
        })
    }

    fn truncated(&self) -> WireError {
        self.error(WireErrorKind::Truncated, "document ends inside an element")
    }

    fn error(&self, kind: WireErrorKind, detail: &str) -> WireError {
        WireError {
            kind,
            detail: detail.to_owned(),
            position: self.position(),
            source: None,
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
        let mut cursor =
            Cursor::new("<a xmlns:type='no' q:type=' ns0:Ticket ' i:nil='1' t='&quot;'/>");
        let root = cursor.root().unwrap();
        assert_eq!(root.xsi_type().as_deref(), Some("Ticket"));
        assert!(root.is_nil());
        assert_eq!(root.attribute("t").as_deref(), Some("\""));
        assert_eq!(root.attribute("nothing"), None);
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
