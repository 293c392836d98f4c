//! A plain XML string writer in the appliance's own layout: declaration, blank line, tabs.

/// Characters that XML 1.0 cannot carry at all, not even escaped.
pub(crate) fn is_illegal(c: char) -> bool {
    matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn escape(out: &mut String, text: &str, attribute: bool) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' if attribute => out.push_str("&quot;"),
            '\n' if attribute => out.push_str("&#10;"),
            '\t' if attribute => out.push_str("&#9;"),
            // A bare carriage return would reach the reader as a line feed.
            '\r' => out.push_str("&#13;"),
            c if is_illegal(c) => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
}

/// Writes one document. Names are the caller's constants and are not escaped.
#[derive(Debug)]
pub(crate) struct Xml {
    out: String,
    depth: usize,
}

impl Xml {
    pub(crate) fn new() -> Self {
        Self {
            out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n"),
            depth: 0,
        }
    }

    fn start_tag(&mut self, name: &str, attributes: &[(&str, &str)]) {
        for _ in 0..self.depth {
            self.out.push('\t');
        }
        self.out.push('<');
        self.out.push_str(name);
        for (key, value) in attributes {
            self.out.push(' ');
            self.out.push_str(key);
            self.out.push_str("=\"");
            escape(&mut self.out, value, true);
            self.out.push('"');
        }
        self.out.push('>');
    }

    pub(crate) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start_tag(name, attributes);
        self.out.push('\n');
        self.depth += 1;
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        for _ in 0..self.depth {
            self.out.push('\t');
        }
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    pub(crate) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.start_tag(name, attributes);
        escape(&mut self.out, text, false);
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    /// As [`leaf`](Self::leaf), but the text is not escaped.
    pub(crate) fn cdata_leaf(&mut self, name: &str, text: &str) {
        self.start_tag(name, &[]);
        self.out.push_str("<![CDATA[");
        // The end mark itself is cut in two sections.
        self.out.push_str(&text.replace("]]>", "]]]]><![CDATA[>"));
        self.out.push_str("]]></");
        self.out.push_str(name);
        self.out.push_str(">\n");
    }

    /// What was written since the start or the last call of this, for a document sent piece by
    /// piece.
    pub(crate) fn take(&mut self) -> String {
        std::mem::take(&mut self.out)
    }

    /// The appliance leaves blank lines where its template had nothing to say.
    pub(crate) fn blank_line(&mut self) {
        self.out.push('\n');
    }

    pub(crate) fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }
}

/// A document that is one element with a text. `spaced` writes the root's tag with a blank before
/// its closing bracket, a spelling that appliances use for some errors.
pub(crate) fn message(root: &str, namespace: Option<&str>, spaced: bool, text: &str) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n<");
    out.push_str(root);
    if let Some(namespace) = namespace {
        out.push_str(" xmlns=\"");
        escape(&mut out, namespace, true);
        out.push('"');
    }
    out.push_str(if spaced { " >" } else { ">" });
    escape(&mut out, text, false);
    out.push_str("</");
    out.push_str(root);
    out.push_str(">\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_attributes_are_escaped() {
        let mut xml = Xml::new();
        xml.leaf("a", &[("k", "\"<&\n")], "1 < 2 & 3\r\n");
        assert_eq!(
            xml.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\n\
             <a k=\"&quot;&lt;&amp;&#10;\">1 &lt; 2 &amp; 3&#13;\n</a>\n\n"
        );
    }

    #[test]
    fn a_cdata_section_cannot_be_ended_by_its_text() {
        let mut xml = Xml::new();
        xml.take();
        xml.cdata_leaf("a", "<b> & ]]> c");
        assert_eq!(xml.take(), "<a><![CDATA[<b> & ]]]]><![CDATA[> c]]></a>\n");
    }

    #[test]
    fn the_spaced_spelling_has_a_blank_before_the_bracket() {
        assert!(message("error", None, true, "x").contains("<error >x</error>"));
        assert!(message("error", Some("urn:n"), true, "x").contains("<error xmlns=\"urn:n\" >x"));
    }
}
