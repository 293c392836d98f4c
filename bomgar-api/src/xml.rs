//! A cursor over an XML document: elements by local name, text with references resolved.
//!
//! Three namespaces occur for the same documents, so names are compared without them. Document type
//! definitions are refused, so there are no entities but the five of XML; a reference to another
//! one stays in the text.

use std::borrow::Cow;
use std::fmt;

use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::error::{Error, ErrorKind, Result};
use crate::reporting::RawElement;
use crate::sniff::{BodyKind, HEAD};

/// No known document is nested deeper than ten elements.
const MAX_DEPTH: usize = 64;
/// How much an error shows of what is too large.
const TOO_LARGE_SHOWN: usize = 64 * 1024;

mod element;
mod split;

pub(crate) use element::{Element, trimmed};
pub(crate) use split::{Piece, Splitter};

/// Why a document could not be read.
#[derive(Debug)]
pub(crate) enum XmlError {
    Truncated(String),
    WrongContent(&'static str),
    TooLarge { limit: usize },
    TooDeep,
    DocumentType,
    Syntax(quick_xml::Error),
    Malformed(String),
}

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            XmlError::Truncated(place) => write!(f, "the answer ends too early, {place}"),
            XmlError::WrongContent(what) => write!(f, "the answer is {what}, not XML"),
            XmlError::TooLarge { limit } => {
                write!(
                    f,
                    "one part of the answer is larger than the limit of {limit} bytes"
                )
            }
            XmlError::TooDeep => {
                write!(
                    f,
                    "the answer nests elements deeper than {MAX_DEPTH} levels"
                )
            }
            XmlError::DocumentType => f.write_str(
                "the answer declares a document type, which no appliance does and which could \
                 make a short answer endless",
            ),
            // The parser's own text may quote the document, so it stays in the source.
            XmlError::Syntax(_) => f.write_str("the answer is not well-formed XML"),
            XmlError::Malformed(what) => f.write_str(what),
        }
    }
}

impl From<quick_xml::Error> for XmlError {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            // All of these mean that the input ended before something was closed; the cursor knows
            // the one exception.
            quick_xml::Error::Syntax(_) => XmlError::Truncated("inside a tag".into()),
            quick_xml::Error::Encoding(_) => XmlError::Malformed("the answer is not UTF-8".into()),
            other => XmlError::Syntax(other),
        }
    }
}

impl XmlError {
    pub(crate) fn wrong_root(found: &str, wanted: &str) -> Self {
        let found = crate::error::shorten(found, 60);
        XmlError::Malformed(format!(
            "the answer is a <{found}> where <{wanted}> belongs"
        ))
    }

    pub(crate) fn not_utf8(error: std::str::Utf8Error) -> Self {
        match error.error_len() {
            None => XmlError::Truncated("inside a character".into()),
            Some(_) => XmlError::Malformed(format!(
                "the answer is not UTF-8 at byte {}",
                error.valid_up_to()
            )),
        }
    }

    pub(crate) fn into_error(self, body: &[u8]) -> Error {
        let kind = match self {
            XmlError::Truncated(_) => ErrorKind::Truncated,
            XmlError::WrongContent(_) => ErrorKind::WrongContent,
            XmlError::TooLarge { .. } => ErrorKind::TooLarge,
            _ => ErrorKind::Malformed,
        };
        let body = match self {
            // It is large, and its beginning says what it is.
            XmlError::TooLarge { .. } => &body[..body.len().min(TOO_LARGE_SHOWN)],
            _ => body,
        };
        let error = Error::new(kind, self.to_string()).with_raw_body(body);
        match self {
            XmlError::Syntax(source) => error.with_source(SyntaxError::new(&source)),
            _ => error,
        }
    }
}

/// What the parser says, without the long names that a document may have.
#[derive(Debug)]
struct SyntaxError(String);

impl SyntaxError {
    fn new(error: &quick_xml::Error) -> Self {
        SyntaxError(crate::error::shorten(&error.to_string(), 200))
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SyntaxError {}

pub(crate) type XmlResult<T> = std::result::Result<T, XmlError>;

enum Token<'a> {
    Start(Element<'a>),
    End,
    Text(Cow<'a, str>),
    Eof,
}

/// Reads a document from front to back.
pub(crate) struct Cursor<'a> {
    reader: Reader<&'a [u8]>,
    depth: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(document: &'a str) -> Self {
        Cursor::from_bytes(document.as_bytes())
    }

    /// For bytes that may not be UTF-8; the parser checks them piece by piece.
    pub(crate) fn from_bytes(document: &'a [u8]) -> Self {
        let mut reader = Reader::from_reader(document);
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Cursor { reader, depth: 0 }
    }

    fn event(&mut self) -> XmlResult<Event<'a>> {
        let rest = *self.reader.get_ref();
        match self.reader.read_event() {
            Err(quick_xml::Error::Syntax(_)) if is_declaration(rest) => Err(XmlError::DocumentType),
            event => Ok(event?),
        }
    }

    fn next(&mut self) -> XmlResult<Token<'a>> {
        loop {
            let token = match self.event()? {
                Event::Start(start) => {
                    self.depth += 1;
                    if self.depth > MAX_DEPTH {
                        return Err(XmlError::TooDeep);
                    }
                    Token::Start(Element(start))
                }
                Event::End(_) => {
                    self.depth = self.depth.saturating_sub(1);
                    Token::End
                }
                Event::Text(text) => Token::Text(text.xml10_content()),
                Event::CData(text) => Token::Text(text.xml10_content()),
                Event::GeneralRef(reference) => Token::Text(match reference.resolve_char_ref() {
                    Ok(Some(character)) => Cow::Owned(character.to_string()),
                    _ => match resolve_xml_entity(&reference) {
                        Some(text) => Cow::Borrowed(text),
                        None => Cow::Owned(format!("&{};", &*reference)),
                    },
                }),
                Event::Eof => Token::Eof,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::DocType(_) => return Err(XmlError::DocumentType),
            };
            return Ok(token);
        }
    }

    /// The root's start tag.
    pub(crate) fn root(&mut self) -> XmlResult<Element<'a>> {
        loop {
            match self.next()? {
                Token::Start(element) => return Ok(element),
                Token::Text(text) if text.trim().is_empty() => {}
                Token::Text(_) | Token::End => {
                    return Err(XmlError::Malformed(
                        "the answer has text before its root".into(),
                    ));
                }
                Token::Eof => return Err(XmlError::Truncated("before its root element".into())),
            }
        }
    }

    /// Reads the rest of `element`, giving each child to `child` and own text to `text`. What the
    /// callback leaves unread of a child is skipped.
    pub(crate) fn content(
        &mut self,
        element: &Element<'_>,
        text: impl FnMut(Cow<'a, str>),
        child: impl FnMut(&mut Self, Element<'a>) -> XmlResult<()>,
    ) -> XmlResult<()> {
        self.read(element, false, text, child)
    }

    /// `only_children` spares the parser the white space between them.
    fn read(
        &mut self,
        element: &Element<'_>,
        only_children: bool,
        mut text: impl FnMut(Cow<'a, str>),
        mut child: impl FnMut(&mut Self, Element<'a>) -> XmlResult<()>,
    ) -> XmlResult<()> {
        let inside = self.depth;
        loop {
            self.reader.config_mut().trim_text_start = only_children;
            match self.next()? {
                Token::Start(start) => {
                    child(self, start)?;
                    while self.depth > inside {
                        if let Token::Eof = self.next()? {
                            return Err(ends_inside(element));
                        }
                    }
                }
                Token::End => return Ok(()),
                Token::Text(piece) => text(piece),
                Token::Eof => return Err(ends_inside(element)),
            }
        }
    }

    /// Reads the rest of `element`, giving each child to `child`; own text is ignored.
    pub(crate) fn children(
        &mut self,
        element: &Element<'_>,
        child: impl FnMut(&mut Self, Element<'a>) -> XmlResult<()>,
    ) -> XmlResult<()> {
        self.read(element, true, |_| {}, child)
    }

    fn gather(
        &mut self,
        element: &Element<'_>,
        child: impl FnMut(&mut Self, Element<'a>) -> XmlResult<()>,
    ) -> XmlResult<Cow<'a, str>> {
        let mut text = Cow::Borrowed("");
        let add = |piece: Cow<'a, str>| match text.is_empty() {
            true => text = piece,
            false => text.to_mut().push_str(&piece),
        };
        self.content(element, add, child)?;
        Ok(text)
    }

    /// The own text of `element` without surrounding white space; children go to `child`.
    pub(crate) fn text_and_children(
        &mut self,
        element: &Element<'_>,
        child: impl FnMut(&mut Self, Element<'a>) -> XmlResult<()>,
    ) -> XmlResult<Cow<'a, str>> {
        Ok(match self.gather(element, child)? {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(mut text) => {
                text.truncate(text.trim_end().len());
                let leading = text.len() - text.trim_start().len();
                text.drain(..leading);
                Cow::Owned(text)
            }
        })
    }

    /// The own text of `element` without surrounding white space; children are skipped.
    pub(crate) fn text_ref(&mut self, element: &Element<'_>) -> XmlResult<Cow<'a, str>> {
        self.text_and_children(element, |_, _| Ok(()))
    }

    /// Like [`text_ref`](Self::text_ref), to be kept.
    pub(crate) fn text(&mut self, element: &Element<'_>) -> XmlResult<String> {
        Ok(self.text_ref(element)?.into_owned())
    }

    /// The whole of `element`.
    pub(crate) fn raw(&mut self, element: &Element<'_>) -> XmlResult<RawElement> {
        let mut raw = element.to_raw("");
        let mut text = String::new();
        let mut children = Vec::new();
        self.content(
            element,
            |piece| text.push_str(&piece),
            |cursor, child| {
                children.push(cursor.raw(&child)?);
                Ok(())
            },
        )?;
        raw.text = text.trim().to_owned();
        raw.children = children;
        Ok(raw)
    }

    /// Checks that nothing but white space and comments follows the root.
    pub(crate) fn finish(&mut self) -> XmlResult<()> {
        loop {
            match self.next()? {
                Token::Eof => return Ok(()),
                Token::Text(text) if text.trim().is_empty() => {}
                _ => {
                    return Err(XmlError::Malformed(
                        "the answer goes on after its root".into(),
                    ));
                }
            }
        }
    }
}

/// Whether this begins with a declaration such as `<!ENTITY`, not with a comment, with character
/// data or with a part of these.
fn is_declaration(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    let may_be = |known: &[u8]| known.starts_with(rest) || rest.starts_with(known);
    rest.starts_with(b"<!") && !may_be(b"<!--") && !may_be(b"<![CDATA[") && !may_be(b"<!DOCTYPE")
}

fn ends_inside(element: &Element<'_>) -> XmlError {
    XmlError::Truncated(format!(
        "inside <{}>",
        crate::error::shorten(element.name(), 60)
    ))
}

/// A reply: the root itself, its own text and namespace, and what the caller made of its children.
pub(crate) struct Reply<T> {
    pub(crate) value: T,
    /// Name and attributes of the root.
    pub(crate) root: RawElement,
    pub(crate) text: String,
    pub(crate) namespace: Option<String>,
}

/// Reads a reply with this root. An `<error>`, as root or as child of the root, is an
/// [`ErrorKind::Api`] error.
pub(crate) fn read_reply<T: Default>(
    root: &str,
    body: &[u8],
    child: impl FnMut(&mut T, &mut Cursor<'_>, &Element<'_>) -> XmlResult<()>,
) -> Result<Reply<T>> {
    read_any_reply(Some(root), body, child)
}

/// [`read_reply`] for replies whose root is not known for certain.
pub(crate) fn read_any_reply<T: Default>(
    root: Option<&str>,
    body: &[u8],
    mut child: impl FnMut(&mut T, &mut Cursor<'_>, &Element<'_>) -> XmlResult<()>,
) -> Result<Reply<T>> {
    let document = as_text(body)?;
    let mut cursor = Cursor::new(document);
    let mut read = || -> XmlResult<std::result::Result<Reply<T>, String>> {
        let element = cursor.root()?;
        if element.name() == "error" {
            let text = cursor.text(&element)?;
            cursor.finish()?;
            return Ok(Err(text));
        }
        if let Some(root) = root.filter(|root| element.name() != *root) {
            return Err(XmlError::wrong_root(element.name(), root));
        }
        let mut value = T::default();
        let mut text = String::new();
        let mut error = None;
        cursor.content(
            &element,
            |piece| text.push_str(&piece),
            |cursor, element| {
                if element.name() == "error" {
                    error.get_or_insert(cursor.text(&element)?);
                    return Ok(());
                }
                child(&mut value, cursor, &element)
            },
        )?;
        cursor.finish()?;
        Ok(match error {
            Some(error) => Err(error),
            None => Ok(Reply {
                value,
                root: element.to_raw(""),
                text: text.trim().to_owned(),
                namespace: element.namespace(),
            }),
        })
    };
    match read() {
        Ok(reply) => reply.map_err(|text| Error::api(&text)),
        Err(error) => Err(error.into_error(body)),
    }
}

/// The body as text, unless it visibly is something else than XML.
fn as_text(body: &[u8]) -> Result<&str> {
    let body_without_mark = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let start = body_without_mark.trim_ascii_start();
    match BodyKind::of(&start[..start.len().min(HEAD)]) {
        BodyKind::Xml => {}
        BodyKind::Empty => {
            return Err(XmlError::Truncated("before its first byte".into()).into_error(body));
        }
        other => {
            return Err(XmlError::WrongContent(other.name()).into_error(body));
        }
    }
    std::str::from_utf8(body_without_mark)
        .map_err(|error| XmlError::not_utf8(error).into_error(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(body: &str) -> Result<Reply<Vec<RawElement>>> {
        read_reply(
            "r",
            body.as_bytes(),
            |children: &mut Vec<RawElement>, cursor, element| {
                children.push(cursor.raw(element)?);
                Ok(())
            },
        )
    }

    #[test]
    fn names_lose_prefix_and_references_are_resolved() {
        let reply = raw(
            "\u{feff}<?xml version=\"1.0\"?>\n\n<n:r xmlns:n='urn:x'><!-- c --><n:a n:b='&lt;1 &#65;'/>\
             <c>x &amp; <![CDATA[<y>]]>&#233;&nbsp; AT&T</c></n:r>\n\n",
        )
        .unwrap();
        assert_eq!(reply.namespace.as_deref(), Some("urn:x"));
        assert_eq!(reply.value[0].name, "a");
        assert_eq!(
            reply.value[0].attributes,
            [("b".to_owned(), "<1 A".to_owned())]
        );
        assert_eq!(reply.value[1].text, "x & <y>é&nbsp; AT&T");
    }

    #[test]
    fn errors_are_found_as_root_and_as_child() {
        for body in [
            "<error>Bad</error>",
            "<error >Bad</error>",
            "<error code='7' xmlns='urn:y'>\n\tBad\n</error>\n",
            "<r><error>Bad</error></r>",
            "<r><a/><error xmlns=''>Bad</error></r>",
        ] {
            let error = raw(body).map(|_| ()).unwrap_err();
            assert_eq!(
                (error.kind(), error.server_text()),
                (ErrorKind::Api, Some("Bad")),
                "{body}"
            );
        }
    }

    #[test]
    fn other_things_than_xml_are_told_apart() {
        for (body, kind) in [
            ("", ErrorKind::Truncated),
            (" \n", ErrorKind::Truncated),
            ("<r><a>", ErrorKind::Truncated),
            ("<r><a b='", ErrorKind::Truncated),
            ("<r>&am", ErrorKind::Truncated),
            ("<!DOCTYPE html><p>", ErrorKind::WrongContent),
            ("<html><body/></html>", ErrorKind::WrongContent),
            ("{\"a\":1}", ErrorKind::WrongContent),
            ("Bad Gateway", ErrorKind::WrongContent),
            ("<other/>", ErrorKind::Malformed),
            ("<r></x>", ErrorKind::Malformed),
            ("<r/>more", ErrorKind::Malformed),
        ] {
            let error = raw(body).map(|_| ()).unwrap_err();
            assert_eq!(error.kind(), kind, "{body}");
            assert_eq!(error.raw_body(), Some(body.as_bytes()));
        }
        let gzip = read_reply("r", b"\x1f\x8b\x08", |_: &mut (), _, _| Ok(())).map(|_| ());
        assert_eq!(gzip.unwrap_err().kind(), ErrorKind::WrongContent);
        let cut = read_reply("r", b"<r>\xc3", |_: &mut (), _, _| Ok(())).map(|_| ());
        assert_eq!(cut.unwrap_err().kind(), ErrorKind::Truncated);
        let latin = read_reply("r", b"<r>\xe9t</r>", |_: &mut (), _, _| Ok(())).map(|_| ());
        assert_eq!(latin.unwrap_err().kind(), ErrorKind::Malformed);
    }

    #[test]
    fn depth_and_entities_cannot_be_abused() {
        let deep = format!("<r>{}", "<a>".repeat(100_000));
        assert_eq!(
            raw(&deep).map(|_| ()).unwrap_err().kind(),
            ErrorKind::Malformed
        );
        let bomb = "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><r><c>&b;</c></r>";
        let error = raw(bomb).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        assert_eq!(raw("<r><c>&b;</c></r>").unwrap().value[0].text, "&b;");
    }
}
