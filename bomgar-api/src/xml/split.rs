//! Finds the children of a document's root as bytes arrive, so that each can be read by itself.
//!
//! Only the outermost structure is understood here: where tags, comments and character data begin
//! and end. Whether the inside of a child is well formed is for its reader to say.

use std::ops::Range;

use memchr::{memchr, memchr3, memmem};

use super::{MAX_DEPTH, XmlError, XmlResult};
use crate::sniff::{BodyKind, HEAD};

/// A buffer that one large child has grown is given back.
const SPARE: usize = 1024 * 1024;

/// What was found next, as a range of the bytes that [`Splitter::bytes`] gives.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The root's start tag.
    Root(Range<usize>),
    /// A child of the root, from its start tag to its end tag. It may end too early, at what only
    /// looks like its end tag, unless [`Splitter::be_exact`] was called for it.
    Child(Range<usize>),
    /// The root has ended, and nothing follows.
    End,
    /// More bytes are needed.
    More,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first byte that tells what the document is.
    Start,
    Text,
    /// At a `<`.
    Markup,
    /// In a start or end tag; inside a quoted value if `quote` is not 0.
    Tag {
        is_end: bool,
        quote: u8,
    },
    Comment,
    CData,
    Instruction,
    /// In a child, looking for its end tag and for nothing else; behind the name of one if
    /// `closing`.
    Child {
        closing: bool,
    },
}

/// What a document may begin with.
const MARK: &[u8] = b"\xef\xbb\xbf";
/// Children with longer names are read tag by tag, because preparing to look for a name takes as
/// long as the name is, for each piece that arrives.
const LONG_NAME: usize = 128;

/// Splits a document into the children of its root.
#[derive(Debug)]
pub(crate) struct Splitter {
    buffer: Vec<u8>,
    /// What lies before this is not needed any more.
    needed: usize,
    /// How far the buffer has been looked at.
    at: usize,
    /// Where the present tag or child begins.
    begin: usize,
    child: usize,
    /// How the end tag of the present child begins.
    end_tag: Vec<u8>,
    /// Whether the present child is read tag by tag.
    exact: bool,
    /// Whether the child that begins next is to be read so.
    again: bool,
    depth: usize,
    state: State,
    /// Whether a byte order mark was looked for.
    began: bool,
    root: Option<Vec<u8>>,
    ended: bool,
    /// Whether everything from the root on is kept.
    keep_all: bool,
    limit: usize,
}

impl Splitter {
    /// `limit` is the number of bytes that one child may have.
    pub(crate) fn new(limit: usize) -> Self {
        Splitter {
            buffer: Vec::new(),
            needed: 0,
            at: 0,
            begin: 0,
            child: 0,
            end_tag: Vec::new(),
            exact: false,
            again: false,
            depth: 0,
            state: State::Start,
            began: false,
            root: None,
            ended: false,
            keep_all: false,
            limit,
        }
    }

    /// Takes further bytes. Ranges given before are void.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        // Moving what is left must not cost more than what was used up.
        if self.needed > 0 && self.needed >= self.buffer.len() / 2 {
            self.buffer.drain(..self.needed);
            self.at -= self.needed;
            self.begin = self.begin.saturating_sub(self.needed);
            self.child = self.child.saturating_sub(self.needed);
            self.needed = 0;
            if self.buffer.capacity() > SPARE && self.buffer.len() < self.buffer.capacity() / 8 {
                self.buffer.shrink_to(self.buffer.len() + bytes.len());
            }
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Says that no more bytes come.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The bytes of a range.
    pub(crate) fn bytes(&self, range: Range<usize>) -> &[u8] {
        self.buffer.get(range).unwrap_or_default()
    }

    /// From now on everything is kept; [`kept`](Self::kept) gives it.
    pub(crate) fn keep_all(&mut self, from: usize) {
        self.keep_all = true;
        self.needed = from;
    }

    /// Everything that is still in memory.
    pub(crate) fn kept(&self) -> &[u8] {
        self.bytes(self.needed..self.buffer.len())
    }

    /// Looks for the next piece.
    pub(crate) fn next(&mut self) -> XmlResult<Piece> {
        loop {
            let found = match self.state {
                State::Start => self.start()?,
                State::Text => self.text()?,
                State::Markup => self.markup()?,
                State::Tag { is_end, quote } => {
                    if let Some(end) = self.tag(is_end, quote) {
                        self.check_limit(end - self.begin)?;
                        self.state = State::Text;
                        if let Some(piece) = self.tag_ended(is_end, end)? {
                            return Ok(piece);
                        }
                        true
                    } else {
                        false
                    }
                }
                State::Comment => self.until(b"-->"),
                State::CData => self.until(b"]]>"),
                State::Instruction => self.until(b"?>"),
                State::Child { closing } => {
                    if let Some(end) = self.child_end(closing) {
                        self.check_limit(end - self.child)?;
                        return Ok(Piece::Child(self.child..end));
                    }
                    if self.ended {
                        // Only an exact reading says where the document is cut.
                        self.be_exact();
                        continue;
                    }
                    false
                }
            };
            if found {
                continue;
            }
            if self.state != State::Start {
                self.check_limit(self.buffer.len() - self.needed)?;
            }
            return self.out_of_bytes();
        }
    }

    /// The limit counts for what is there at once as for what arrives.
    fn check_limit(&self, length: usize) -> XmlResult<()> {
        match length > self.limit {
            true => Err(XmlError::TooLarge { limit: self.limit }),
            false => Ok(()),
        }
    }

    /// Nothing is found in what is there.
    fn out_of_bytes(&self) -> XmlResult<Piece> {
        if !self.ended {
            return Ok(Piece::More);
        }
        if self.state == State::Text && self.root.is_some() && self.depth == 0 {
            return Ok(Piece::End);
        }
        Err(XmlError::Truncated(match (self.state, self.depth) {
            (State::Start | State::Text, 0) => "before its root element".into(),
            (State::Text, _) => format!("inside <{}>", self.open_name()),
            (State::Comment, _) => "inside a comment".into(),
            _ => "inside a tag".into(),
        }))
    }

    /// The name of the innermost element that is known to be open, for messages.
    fn open_name(&self) -> String {
        let name = match (&self.root, self.depth) {
            (Some(root), 1) => root,
            _ => tag_name(self.buffer.get(self.child + 1..).unwrap_or_default()),
        };
        String::from_utf8_lossy(&name[..name.len().min(60)]).into_owned()
    }

    fn start(&mut self) -> XmlResult<bool> {
        if !self.began {
            let is_open = self.buffer.len() < MARK.len() && MARK.starts_with(&self.buffer);
            if is_open && !self.ended {
                return Ok(false);
            }
            if self.buffer.starts_with(MARK) {
                self.at = MARK.len();
            }
            self.began = true;
        }
        // As much white space as somebody likes may come first; it says nothing.
        let rest = &self.buffer[self.at..];
        self.at += rest.len() - rest.trim_ascii_start().len();
        self.needed = self.at;
        let rest = &self.buffer[self.at..];
        if rest.len() < HEAD && !self.ended {
            return Ok(false);
        }
        match BodyKind::of(&rest[..rest.len().min(HEAD)]) {
            BodyKind::Xml => {}
            BodyKind::Empty => return Err(XmlError::Truncated("before its first byte".into())),
            other => return Err(XmlError::WrongContent(other.name())),
        }
        self.state = State::Text;
        Ok(true)
    }

    fn text(&mut self) -> XmlResult<bool> {
        let rest = &self.buffer[self.at..];
        let length = memchr(b'<', rest);
        let text = &rest[..length.unwrap_or(rest.len())];
        if self.depth == 0 && !text.trim_ascii().is_empty() {
            return Err(XmlError::Malformed(match self.root.is_some() {
                true => "the answer goes on after its root".into(),
                false => "the answer has text before its root".into(),
            }));
        }
        self.at += text.len();
        self.forget();
        if length.is_some() {
            self.begin = self.at;
            self.state = State::Markup;
        }
        Ok(length.is_some())
    }

    /// Outside children nothing needs to be kept.
    fn forget(&mut self) {
        if self.depth <= 1 && !self.keep_all {
            self.needed = self.at;
        }
    }

    fn markup(&mut self) -> XmlResult<bool> {
        const TAG_START: State = State::Tag {
            is_end: false,
            quote: 0,
        };
        const TAG_END: State = State::Tag {
            is_end: true,
            quote: 0,
        };
        const COMMENT: &[u8] = b"<!--";
        const CDATA: &[u8] = b"<![CDATA[";
        let rest = &self.buffer[self.begin..];
        let (state, length) = match rest {
            [_] => return Ok(false),
            [_, b'/', ..] => (TAG_END, 2),
            [_, b'?', ..] => (State::Instruction, 2),
            [_, b'!', ..] if rest.starts_with(COMMENT) => (State::Comment, COMMENT.len()),
            [_, b'!', ..] if rest.starts_with(CDATA) => (State::CData, CDATA.len()),
            [_, b'!', ..] if COMMENT.starts_with(rest) || CDATA.starts_with(rest) => {
                return Ok(false);
            }
            [_, b'!', ..] => return Err(XmlError::DocumentType),
            _ => (TAG_START, 1),
        };
        self.at = self.begin + length;
        self.state = state;
        Ok(true)
    }

    /// Where the present tag ends: the position after its `>`.
    fn tag(&mut self, is_end: bool, mut quote: u8) -> Option<usize> {
        loop {
            let rest = &self.buffer[self.at..];
            let found = match quote {
                0 => memchr3(b'>', b'"', b'\'', rest),
                quote => memchr(quote, rest),
            };
            let Some(length) = found else {
                self.at = self.buffer.len();
                self.state = State::Tag { is_end, quote };
                return None;
            };
            let byte = rest[length];
            self.at += length + 1;
            quote = match (quote, byte) {
                (0, b'>') => return Some(self.at),
                (0, byte) => byte,
                _ => 0,
            };
        }
    }

    /// Counts a tag that has ended.
    fn tag_ended(&mut self, is_end: bool, end: usize) -> XmlResult<Option<Piece>> {
        let is_empty = !is_end && end >= 2 && self.buffer[end - 2] == b'/';
        let begin = self.begin;
        if is_end {
            let Some(depth) = self.depth.checked_sub(1) else {
                let what = match self.root.is_some() {
                    true => "the answer goes on after its root",
                    false => "the answer begins with an end tag",
                };
                return Err(XmlError::Malformed(what.into()));
            };
            self.depth = depth;
        } else {
            if self.depth == 0 && self.root.is_some() {
                return Err(XmlError::Malformed(
                    "the answer goes on after its root".into(),
                ));
            }
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(XmlError::TooDeep);
            }
        }
        let piece = match self.depth {
            0 if is_end && self.root.as_deref() != Some(tag_name(&self.buffer[begin + 2..end])) => {
                let what = "the answer's root is not closed by its own end tag";
                return Err(XmlError::Malformed(what.into()));
            }
            1 if !is_end && self.root.is_none() => {
                self.root = Some(tag_name(&self.buffer[begin + 1..end]).to_owned());
                if is_empty {
                    self.depth = 0;
                }
                Some(Piece::Root(begin..end))
            }
            1 if is_end => {
                self.check_limit(end - self.child)?;
                Some(Piece::Child(self.child..end))
            }
            2 if is_empty => {
                self.exact = true;
                self.depth = 1;
                Some(Piece::Child(begin..end))
            }
            2 if !is_end => {
                let name = tag_name(&self.buffer[begin + 1..end]);
                self.exact =
                    std::mem::take(&mut self.again) || self.keep_all || name.len() > LONG_NAME;
                self.child = begin;
                if self.exact {
                    self.forget();
                    return Ok(None);
                }
                self.at = end;
                self.end_tag.clear();
                self.end_tag.extend_from_slice(b"</");
                self.end_tag
                    .extend_from_slice(tag_name(&self.buffer[begin + 1..end]));
                self.state = State::Child { closing: false };
                None
            }
            _ => {
                if is_empty {
                    self.depth -= 1;
                }
                None
            }
        };
        self.forget();
        Ok(piece)
    }

    /// Where the present child ends, most probably: after the first end tag with its name. Only
    /// character data, a comment or a child of the same name can be mistaken for it.
    fn child_end(&mut self, mut closing: bool) -> Option<usize> {
        loop {
            if !closing {
                let Some(found) = memmem::find(&self.buffer[self.at..], &self.end_tag) else {
                    let cut = self.buffer.len().saturating_sub(self.end_tag.len() - 1);
                    self.at = self.at.max(cut);
                    self.state = State::Child { closing };
                    return None;
                };
                self.at += found + self.end_tag.len();
            }
            // Only white space may come before the `>`. However much it is, it is passed once.
            let rest = &self.buffer[self.at..];
            self.at += rest.len() - rest.trim_ascii_start().len();
            match self.buffer.get(self.at) {
                Some(b'>') => {
                    self.at += 1;
                    self.depth = 1;
                    self.state = State::Text;
                    self.forget();
                    return Some(self.at);
                }
                // A longer name.
                Some(_) => closing = false,
                None => {
                    self.state = State::Child { closing: true };
                    return None;
                }
            }
        }
    }

    /// Reads the child that was given last once more, tag by tag.
    pub(crate) fn be_exact(&mut self) {
        self.again = true;
        self.needed = self.needed.min(self.child);
        self.at = self.child;
        self.begin = self.child;
        self.depth = 1;
        self.state = State::Markup;
    }

    /// Whether the child that was given last certainly ends where it was said to.
    pub(crate) fn is_exact(&self) -> bool {
        self.exact
    }

    /// Skips to the end of what ends with `mark`.
    fn until(&mut self, mark: &[u8]) -> bool {
        match memmem::find(&self.buffer[self.at..], mark) {
            Some(length) => {
                self.at += length + mark.len();
                self.state = State::Text;
                self.forget();
                true
            }
            None => {
                // The mark may be cut.
                self.at = self
                    .at
                    .max(self.buffer.len().saturating_sub(mark.len() - 1));
                self.forget();
                false
            }
        }
    }
}

/// The name at the beginning of a tag's inside.
fn tag_name(tag: &[u8]) -> &[u8] {
    let end = tag
        .iter()
        .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>'));
    &tag[..end.unwrap_or(tag.len())]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Cursor;
    use super::*;

    fn text(splitter: &Splitter, range: Range<usize>) -> String {
        String::from_utf8_lossy(splitter.bytes(range)).into_owned()
    }

    /// The pieces of a document that arrives in pieces of `size` bytes.
    fn split(document: &[u8], size: usize) -> XmlResult<(String, Vec<String>)> {
        let mut splitter = Splitter::new(1000);
        let mut chunks = document.chunks(size);
        let (mut root, mut children) = (String::new(), Vec::new());
        loop {
            match splitter.next()? {
                Piece::Root(range) => root = text(&splitter, range),
                Piece::Child(range) => {
                    let child = text(&splitter, range);
                    if splitter.is_exact() || is_well_formed(&child) {
                        children.push(child);
                    } else {
                        splitter.be_exact();
                    }
                }
                Piece::End => return Ok((root, children)),
                Piece::More => match chunks.next() {
                    Some(chunk) => splitter.push(chunk),
                    None => splitter.end(),
                },
            }
        }
    }

    fn is_well_formed(child: &str) -> bool {
        let mut cursor = Cursor::new(child);
        let read = cursor.root().and_then(|root| cursor.raw(&root));
        read.and_then(|_| cursor.finish()).is_ok()
    }

    const TRICKY: &str = "\u{feff}<?xml version='1.0'?>\n\
        <!-- <x> --><r a='>' b=\"'/>\">text<a/><b c='/>'><![CDATA[</b></r>]]]]>&gt;<!-- </b> -->\
        <b><?pi </b>?></b ></b>\n<c d=\"<\" />é<!----></r>\n<!-- end --> ";

    #[test]
    fn children_are_found_however_the_bytes_arrive() {
        for size in 1..TRICKY.len() + 1 {
            let (root, children) = split(TRICKY.as_bytes(), size).unwrap();
            assert_eq!(root, "<r a='>' b=\"'/>\">", "{size}");
            assert_eq!(
                children,
                [
                    "<a/>",
                    "<b c='/>'><![CDATA[</b></r>]]]]>&gt;<!-- </b> --><b><?pi </b>?></b ></b>",
                    "<c d=\"<\" />",
                ],
                "{size}"
            );
        }
    }

    #[test]
    fn a_document_that_ends_early_is_truncated_wherever_it_ends() {
        let whole = TRICKY.rfind("</r>").unwrap() + 4;
        for end in 0..whole {
            let error = split(&TRICKY.as_bytes()[..end], 7).unwrap_err();
            assert!(matches!(error, XmlError::Truncated(_)), "{end}: {error}");
        }
        assert!(split(&TRICKY.as_bytes()[..whole], 7).is_ok());
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let deep = "<a>".repeat(10_000);
        for document in [
            "<r/><r/>",
            "<r></r>x",
            "</r>",
            "<r></r></r>",
            "<r></s>",
            &deep,
        ] {
            let error = split(document.as_bytes(), 5).unwrap_err();
            assert!(
                matches!(
                    error,
                    XmlError::Malformed(_)
                        | XmlError::TooDeep
                        | XmlError::TooLarge { .. }
                        | XmlError::DocumentType
                ),
                "{document:.20}"
            );
        }
    }

    #[test]
    fn only_children_are_kept_in_memory_and_within_the_limit() {
        let between = "between <!-- it --> ".repeat(500);
        let document = format!(
            "<r>{between}<a>1</a>{between}<b>{}</b></r>",
            "x".repeat(990)
        );
        assert_eq!(split(document.as_bytes(), 10).unwrap().1.len(), 2);
        let document = format!("<r><b>{}</b></r>", "x".repeat(1100));
        let error = split(document.as_bytes(), 10).unwrap_err();
        assert!(matches!(error, XmlError::TooLarge { limit: 1000 }));
    }

    proptest! {
        #[test]
        fn any_bytes_are_split_or_refused(document in "[<>/a!\\[\\]CDAT'\"?= -]{0,60}", size in 1usize..9) {
            let in_pieces = split(document.as_bytes(), size).map_err(|error| error.to_string());
            let at_once = split(document.as_bytes(), 1000).map_err(|error| error.to_string());
            prop_assert_eq!(in_pieces, at_once);
        }
    }
}
