//! A small escaping writer.

use super::{SOAP11, SoapFault, Version, XSD, XSI};

/// Builds XML text; elements are closed by the caller.
pub(crate) struct Xml(String);

impl Xml {
    pub(crate) fn new() -> Self {
        Xml(String::new())
    }

    pub(crate) fn open(&mut self, name: &str) -> &mut Self {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    pub(crate) fn open_typed(&mut self, name: &str, xsi_type: &str) -> &mut Self {
        self.0
            .push_str(&format!("<{name} xsi:type=\"{xsi_type}\">"));
        self
    }

    pub(crate) fn close(&mut self, name: &str) -> &mut Self {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        escape_into(&mut self.0, text);
        self
    }

    pub(crate) fn empty(&mut self, name: &str) -> &mut Self {
        self.0.push('<');
        self.0.push_str(name);
        self.0.push_str(" />");
        self
    }

    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        if text.is_empty() {
            return self.empty(name);
        }
        self.open(name);
        escape_into(&mut self.0, text);
        self.close(name)
    }

    pub(crate) fn typed(&mut self, name: &str, xsi_type: &str, text: &str) -> &mut Self {
        if text.is_empty() {
            self.0
                .push_str(&format!("<{name} xsi:type=\"{xsi_type}\" />"));
            return self;
        }
        self.open_typed(name, xsi_type);
        escape_into(&mut self.0, text);
        self.close(name)
    }

    pub(crate) fn finish(self) -> String {
        self.0
    }
}

pub(crate) fn escape_into(out: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // A bare carriage return would come out of a parser as a line feed.
            '\r' => out.push_str("&#xD;"),
            '\t' | '\n' => out.push(char),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('?'),
            _ => out.push(char),
        }
    }
}

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><soap:Envelope xmlns:soap=\"{SOAP11}\" \
         xmlns:xsi=\"{XSI}\" xmlns:xsd=\"{XSD}\"><soap:Body>{body}</soap:Body></soap:Envelope>"
    )
}

/// The envelope around an operation's result.
pub(crate) fn response(operation: &str, version: Version, result: &str) -> String {
    let namespace = version.namespace();
    envelope(&format!(
        "<{operation}Response xmlns=\"{namespace}\">{result}</{operation}Response>"
    ))
}

pub(crate) fn fault(fault: &SoapFault) -> String {
    let mut xml = Xml::new();
    xml.open("soap:Fault")
        .leaf("faultcode", fault.code)
        .leaf("faultstring", &fault.text)
        .empty("detail")
        .close("soap:Fault");
    envelope(&xml.finish())
}
