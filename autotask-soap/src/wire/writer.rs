//! Writes XML text: escaping, and characters that XML cannot hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::ops::Range;

/// Builds a document or a part of one. The prefixes `xsi` and `xsd` are the envelope's to declare.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    out: String,
    /// Where the names of the open elements stand in `out`.
    open: Vec<Range<usize>>,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A writer of a whole document, which begins with the XML declaration.
    pub(crate) fn document() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"utf-8\"?>".to_owned(),
            open: Vec::new(),
        }
    }

    /// Makes room for this many bytes more.
    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.out.reserve(bytes);
    }

    /// Opens an element. Attribute names are ours; values are escaped.
    pub(crate) fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        let from = self.out.len();
        self.out.push_str(&safe_name(name));
        self.open.push(from..self.out.len());
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape_attribute_into(&mut self.out, value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// Closes the element opened last.
    pub(crate) fn end(&mut self) {
        let name = self
            .open
            .pop()
            .and_then(|name| self.out.get(name))
            .map(str::to_owned);
        if let Some(name) = name {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
    }

    /// Text between tags.
    pub(crate) fn text(&mut self, text: &str) {
        escape_into(&mut self.out, text);
    }

    /// An element that holds bytes, encoded straight into the document.
    pub(crate) fn base64(&mut self, name: &str, data: &[u8]) {
        self.start(name, &[]);
        STANDARD.encode_string(data, &mut self.out);
        self.end();
    }

    /// Markup that is well-formed already.
    pub(crate) fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    /// An element with nothing but text.
    pub(crate) fn element(&mut self, name: &str, text: &str) {
        self.leaf(name, None, |out| escape_into(out, text));
    }

    /// An element with `xsi:type="xsd:…"`.
    pub(crate) fn typed(&mut self, name: &str, xsd_type: &str, text: &str) {
        self.leaf(name, Some(xsd_type), |out| escape_into(out, text));
    }

    /// The same with something that has no character to escape.
    pub(crate) fn typed_plain(&mut self, name: &str, xsd_type: &str, value: impl fmt::Display) {
        // Writing to a string cannot fail.
        self.leaf(name, Some(xsd_type), |out| {
            let _ = write!(out, "{value}");
        });
    }

    fn leaf(&mut self, name: &str, xsd_type: Option<&str>, content: impl FnOnce(&mut String)) {
        let name = safe_name(name);
        self.out.push('<');
        self.out.push_str(&name);
        if let Some(xsd_type) = xsd_type {
            self.out.push_str(" xsi:type=\"xsd:");
            escape_attribute_into(&mut self.out, xsd_type);
            self.out.push('"');
        }
        self.out.push('>');
        content(&mut self.out);
        self.out.push_str("</");
        self.out.push_str(&name);
        self.out.push('>');
    }

    /// Closes what is open and gives the text.
    pub(crate) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.out
    }
}

/// Whether XML 1.0 can hold the character.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// Characters that XML cannot hold become U+FFFD: left in, they would make the server refuse the
/// whole request; left out, nobody would see that something was there. A carriage return is written
/// as a reference, because a reader would turn a bare one into a line feed.
fn escape_into(out: &mut String, text: &str) {
    // Texts can be long and have few characters of interest, so those between are copied at once.
    out.reserve(text.len());
    let mut rest = text;
    while let Some(at) = find_special(rest.as_bytes()) {
        let (plain, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut chars = special.chars();
        if let Some(c) = chars.next() {
            escape_char_into(out, c);
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// Position of the first byte that begins a character which may not stand as it is.
fn find_special(bytes: &[u8]) -> Option<usize> {
    /// How many bytes are looked at together.
    const STRIDE: usize = 16;
    let mut from = 0;
    for piece in bytes.chunks(STRIDE) {
        // Without branches and of known length, the compiler looks at all of them at once.
        let may_have = <&[u8; STRIDE]>::try_from(piece).map_or(true, |piece| {
            let found = |found: u8, byte: &u8| found | u8::from(is_special(*byte));
            piece.iter().fold(0, found) != 0
        });
        if may_have {
            if let Some(at) = piece.iter().position(|byte| SPECIAL[usize::from(*byte)]) {
                return Some(from + at);
            }
        }
        from += piece.len();
    }
    None
}

/// [`is_special`] for one byte at a time.
static SPECIAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = is_special(byte as u8);
        byte += 1;
    }
    table
};

/// U+FFFE and U+FFFF, which XML cannot hold, begin with 0xEF.
const fn is_special(byte: u8) -> bool {
    ((byte < b' ') & (byte != b'\t') & (byte != b'\n'))
        | (byte == b'&')
        | (byte == b'<')
        | (byte == b'>')
        | (byte == 0xef)
}

/// Within quotes, white space and the quote itself count too. Such values are short.
fn escape_attribute_into(out: &mut String, value: &str) {
    if value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return out.push_str(value);
    }
    for c in value.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            c => escape_char_into(out, c),
        }
    }
}

fn escape_char_into(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        // Only `]]>` demands it, but everybody expects it.
        '>' => out.push_str("&gt;"),
        '\r' => out.push_str("&#13;"),
        c if is_xml_char(c) => out.push(c),
        _ => out.push(char::REPLACEMENT_CHARACTER),
    }
}

/// Names come from our tables or from the server. Those that a caller put into an entity's unknown
/// fields must not be able to break out of the tag.
fn safe_name(name: &str) -> Cow<'_, str> {
    let legal = |(at, c): (usize, char)| {
        c.is_alphabetic()
            || c == '_'
            || (at > 0 && (c.is_numeric() || matches!(c, '-' | '.' | ':')))
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    let is_usual = begins_well && name.bytes().all(plain);
    if is_usual || (!name.is_empty() && name.chars().enumerate().all(legal)) {
        Cow::Borrowed(name)
    } else if name.is_empty() {
        Cow::Borrowed("_")
    } else {
        let replaced = name
            .chars()
            .enumerate()
            .map(|(at, c)| if legal((at, c)) { c } else { '_' });
        Cow::Owned(replaced.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut writer = Writer::new();
        writer.element("T", text);
        writer.finish()
    }

    #[test]
    fn escapes_markup() {
        assert_eq!(
            written("a < b & c > d \"q\""),
            "<T>a &lt; b &amp; c &gt; d \"q\"</T>"
        );
        assert_eq!(written("]]>"), "<T>]]&gt;</T>");
    }

    #[test]
    fn keeps_line_ends() {
        assert_eq!(written("a\r\nb\n\tc"), "<T>a&#13;\nb\n\tc</T>");
    }

    #[test]
    fn replaces_what_xml_cannot_hold() {
        assert_eq!(
            written("a\u{0}b\u{8}c\u{b}\u{c}\u{1f}d\u{ffff}\u{fffe}e"),
            "<T>a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}\u{fffd}d\u{fffd}\u{fffd}e</T>"
        );
        assert_eq!(
            written("🙂 \u{7f} \u{85} \u{fffd}"),
            "<T>🙂 \u{7f} \u{85} \u{fffd}</T>"
        );
    }

    /// Where a character stands in a long text makes no difference.
    #[test]
    fn escapes_everywhere_in_a_long_text() {
        for (c, wanted) in [
            ("&", "&amp;"),
            ("<", "&lt;"),
            (">", "&gt;"),
            ("\r", "&#13;"),
            ("\u{0}", "\u{fffd}"),
            ("\u{1f}", "\u{fffd}"),
            ("\u{fffe}", "\u{fffd}"),
            ("\u{ffff}", "\u{fffd}"),
            ("\u{ff0c}", "\u{ff0c}"),
            ("\n", "\n"),
            ("é", "é"),
        ] {
            for at in 0..100 {
                let (before, after) = ("x".repeat(at), "ü".repeat(100 - at));
                assert_eq!(
                    written(&format!("{before}{c}{after}{c}")),
                    format!("<T>{before}{wanted}{after}{wanted}</T>")
                );
            }
        }
    }

    #[test]
    fn attributes_and_nesting() {
        let mut writer = Writer::new();
        writer.start("a", &[("x", "1 < \"2\"\n")]);
        writer.start("b", &[]);
        writer.typed("c", "int", "3");
        assert_eq!(
            writer.finish(),
            "<a x=\"1 &lt; &quot;2&quot;&#10;\"><b><c xsi:type=\"xsd:int\">3</c></b></a>"
        );
    }

    #[test]
    fn names_cannot_break_out() {
        let mut writer = Writer::new();
        writer.element("a><evil", "");
        writer.element("1st", "");
        writer.element("", "");
        assert_eq!(writer.finish(), "<a__evil></a__evil><_st></_st><_></_>");
    }
}
