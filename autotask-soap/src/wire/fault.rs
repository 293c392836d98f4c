//! Recognising what is wrong with an answer.

use super::cursor::{Cursor, Element, WireError};
use crate::error::{ErrorKind, server::find_ignoring_case};

/// A SOAP fault, of SOAP 1.1 or 1.2.
#[derive(Debug, Default)]
pub(crate) struct Fault {
    /// Local part of the code: `Server`, `Client`, …
    pub(crate) code: String,
    pub(crate) text: String,
}

impl Fault {
    pub(crate) fn read(cursor: &mut Cursor<'_>, element: &Element<'_>) -> Result<Self, WireError> {
        let mut fault = Self::default();
        while let Some(child) = cursor.next_child(element)? {
            match child.name() {
                "faultcode" => fault.code = cursor.text(&child)?,
                "faultstring" => fault.text = cursor.text(&child)?,
                "Code" => {
                    if let Some(value) = cursor.find_child(&child, "Value")? {
                        fault.code = cursor.text(&value)?;
                    }
                }
                "Reason" => {
                    if let Some(text) = cursor.find_child(&child, "Text")? {
                        fault.text = cursor.text(&text)?;
                    }
                }
                _ => {}
            }
        }
        if let Some((_, local)) = fault.code.rsplit_once(':') {
            fault.code = local.to_owned();
        }
        fault.code = fault.code.trim().to_owned();
        fault.text = fault.text.trim().to_owned();
        Ok(fault)
    }

    /// Whether the server says that the request itself is at fault, so that sending the same again
    /// is useless.
    pub(crate) fn blames_request(&self) -> bool {
        ["Client", "Sender", "MustUnderstand", "VersionMismatch"]
            .iter()
            .any(|code| self.code.eq_ignore_ascii_case(code))
    }
}

/// Kinds that only the text tells. The texts are long enough that no customer's words in an answer
/// are taken for them: both kinds claim that nothing was stored.
pub(crate) fn kind_by_text(text: &str) -> Option<ErrorKind> {
    let has = |part| find_ignoring_case(text, part).is_some();
    if has("Itgenatr005") || has("Autotask API thread threshold of") {
        Some(ErrorKind::ThreadLimit)
    } else if has("IntegrationCode is invalid") {
        Some(ErrorKind::IntegrationCode)
    } else {
        None
    }
}

/// What something that may be XML or HTML begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beginning<'a> {
    /// An element with this local name.
    Element(&'a str),
    /// A document type other than HTML's.
    DocumentType,
    /// The text ends before its first tag does.
    Unfinished,
    /// Neither XML nor HTML.
    Other,
}

pub(crate) fn beginning(text: &str) -> Beginning<'_> {
    let mut rest = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    if rest.is_empty() {
        return Beginning::Other;
    }
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else {
            break;
        };
        let Some(at) = rest.find(end) else {
            return Beginning::Unfinished;
        };
        rest = rest.get(at + end.len()..).unwrap_or_default().trim_start();
    }
    if let Some(declaration) = rest.strip_prefix("<!") {
        let mut words = declaration.split(|c: char| c.is_whitespace() || matches!(c, '>' | '['));
        let is_type = words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("DOCTYPE"));
        let name = words.find(|word| !word.is_empty()).unwrap_or_default();
        return if is_type && !name.eq_ignore_ascii_case("html") {
            Beginning::DocumentType
        } else if is_type {
            Beginning::Element("html")
        } else if "DOCTYPE".starts_with(declaration) || "--".starts_with(declaration) {
            Beginning::Unfinished
        } else {
            Beginning::Other
        };
    }
    let Some(name) = rest.strip_prefix('<') else {
        return if rest.is_empty() {
            Beginning::Unfinished
        } else {
            Beginning::Other
        };
    };
    let Some(end) = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')) else {
        return Beginning::Unfinished;
    };
    let name = name.get(..end).unwrap_or_default();
    match name.rsplit_once(':').map_or(name, |(_, local)| local) {
        "" => Beginning::Other,
        name => Beginning::Element(name),
    }
}

/// The words of a body that is not SOAP, without tags, short: enough to recognise a maintenance
/// page, too little to flood a log.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 160;
    let mut words = String::new();
    let mut in_tag = false;
    let mut length = 0;
    let mut gap = false;
    for c in text.trim_start_matches('\u{feff}').chars() {
        match c {
            '<' => {
                in_tag = true;
                gap = true;
            }
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            c if c.is_whitespace() || c.is_control() => gap = true,
            c => {
                if gap && !words.is_empty() {
                    words.push(' ');
                    length += 1;
                }
                gap = false;
                words.push(c);
                length += 1;
            }
        }
        if length >= MOST {
            words.push('…');
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_found_behind_what_may_precede_it() {
        use Beginning::{DocumentType, Element, Other, Unfinished};
        for (text, found) in [
            ("<soap:Envelope xmlns:soap='x'>", Element("Envelope")),
            (
                "\u{feff}\r\n<?xml version=\"1.0\"?>\n<!-- <a> --><Envelope/>",
                Element("Envelope"),
            ),
            ("<!DOCTYPE html>\n<html lang=en>", Element("html")),
            ("<!doctype HTML PUBLIC '-//W3C//DTD'>", Element("html")),
            ("<html>", Element("html")),
            ("<!DOCTYPE e [<!ENTITY a '<'>]><Envelope/>", DocumentType),
            ("<!DOCTYPE e[]><Envelope/>", DocumentType),
            ("<!DOCTYPE", DocumentType),
            ("plain", Other),
            ("", Other),
            ("<>", Other),
            ("<!ENTITY a 'b'>", Other),
            ("<![CDATA[x]]>", Other),
            ("<?xml version", Unfinished),
            ("<?xml version='1.0'?>", Unfinished),
            ("<!-- x", Unfinished),
            ("<!", Unfinished),
            ("<!DOC", Unfinished),
            ("<", Unfinished),
            ("<soap:Envel", Unfinished),
        ] {
            assert_eq!(beginning(text), found, "{text}");
        }
    }

    #[test]
    fn an_excerpt_is_short_and_has_no_tags() {
        assert_eq!(
            excerpt("<html><head><title>503</title></head>\n <body>Back  at\tnoon</body></html>"),
            "503 Back at noon"
        );
        assert_eq!(excerpt(&"ü".repeat(500)).chars().count(), 161);
        assert_eq!(excerpt(""), "");
    }

    #[test]
    fn texts_that_tell_the_kind() {
        assert_eq!(
            kind_by_text("The Autotask API thread threshold of 3 threads has been exceeded."),
            Some(ErrorKind::ThreadLimit)
        );
        assert_eq!(
            kind_by_text("query ITGENATR005"),
            Some(ErrorKind::ThreadLimit)
        );
        assert_eq!(
            kind_by_text("IntegrationCode is invalid."),
            Some(ErrorKind::IntegrationCode)
        );
        assert_eq!(kind_by_text("Value does not exist"), None);
    }

    #[test]
    fn faults_of_both_versions() {
        let read = |xml: &str| {
            let mut cursor = Cursor::new(xml);
            let root = cursor.root().unwrap();
            let fault = Fault::read(&mut cursor, &root).unwrap();
            (
                fault.code.clone(),
                fault.text.clone(),
                fault.blames_request(),
            )
        };
        assert_eq!(
            read(
                "<s:Fault><faultcode>soap:Server</faultcode><faultstring> bang </faultstring></s:Fault>"
            ),
            ("Server".to_owned(), "bang".to_owned(), false)
        );
        assert_eq!(
            read("<F><Code><Value>s:Sender</Value></Code><Reason><Text>no</Text></Reason></F>"),
            ("Sender".to_owned(), "no".to_owned(), true)
        );
    }
}
