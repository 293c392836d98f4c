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

/// Local name of the first element of something that may be XML or HTML.
pub(crate) fn first_element(text: &str) -> Option<&str> {
    let mut rest = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    loop {
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<!") {
            ">"
        } else {
            break;
        };
        let at = rest.find(end)? + end.len();
        rest = rest.get(at..)?.trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let end = name
        .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/'))
        .unwrap_or(name.len());
    let name = name.get(..end)?;
    Some(name.rsplit_once(':').map_or(name, |(_, local)| local)).filter(|name| !name.is_empty())
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
    fn the_first_element_is_found_behind_what_may_precede_it() {
        for (text, name) in [
            ("<soap:Envelope xmlns:soap='x'>", Some("Envelope")),
            (
                "\u{feff}\r\n<?xml version=\"1.0\"?>\n<!-- hi --><Envelope/>",
                Some("Envelope"),
            ),
            ("<!DOCTYPE html>\n<html lang=en>", Some("html")),
            ("<html>", Some("html")),
            ("plain", None),
            ("", None),
            ("<?xml version", None),
            ("<", None),
        ] {
            assert_eq!(first_element(text), name, "{text}");
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
