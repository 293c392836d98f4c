//! Writes XML text: escaping, and characters that XML cannot hold.

use std::borrow::Cow;
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
            escape_into(&mut self.out, value, true);
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
        escape_into(&mut self.out, text, false);
    }

    /// An element with nothing but text.
    pub(crate) fn element(&mut self, name: &str, text: &str) {
        self.start(name, &[]);
        self.text(text);
        self.end();
    }

    /// An element with `xsi:type="xsd:…"`.
    pub(crate) fn typed(&mut self, name: &str, xsd_type: &str, text: &str) {
        self.start(name, &[("xsi:type", &format!("xsd:{xsd_type}"))]);
        self.text(text);
        self.end();
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
fn escape_into(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            // Only `]]>` demands it, but everybody expects it.
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#13;"),
            '"' if attribute => out.push_str("&quot;"),
            '\t' if attribute => out.push_str("&#9;"),
            '\n' if attribute => out.push_str("&#10;"),
            c if is_xml_char(c) => out.push(c),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
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
    if !name.is_empty() && name.chars().enumerate().all(legal) {
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
