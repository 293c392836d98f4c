//! The attributes of a start tag, and what their prefixes stand for.

use memchr::memchr;
use quick_xml::XmlVersion;
use quick_xml::events::attributes::Attribute;
use quick_xml::name::QName;
use std::borrow::Cow;

/// The namespace of `type` and `nil`.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Prefix (empty if there is none) and local name. The declaration of a default namespace has the
/// prefix `xmlns` too.
pub(super) fn split_name(name: &str) -> (&str, &str) {
    match memchr(b':', name.as_bytes()) {
        Some(at) => (
            name.get(..at).unwrap_or_default(),
            name.get(at + 1..).unwrap_or_default(),
        ),
        None if name == "xmlns" => ("xmlns", ""),
        None => ("", name),
    }
}

/// A value with references resolved and white space normalized; as it stands if that fails.
pub(super) fn decoded(value: &str) -> Cow<'_, str> {
    // Without a branch for each byte, because values are short and mostly plain.
    let special = value
        .bytes()
        .fold(false, |found, byte| found | (byte == b'&') | (byte < b' '));
    if !special {
        return Cow::Borrowed(value);
    }
    let attribute = Attribute {
        key: QName(""),
        value: Cow::Borrowed(value),
    };
    match attribute.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => Cow::Owned(value.into_owned()),
        Err(_) => Cow::Borrowed(value),
    }
}

/// Names with their prefixes, and values as they stand. A malformed rest ends the list: the values
/// before it are still good.
pub(super) struct Attributes<'a>(pub(super) &'a str);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = std::mem::take(&mut self.0).trim_ascii_start();
        let equals = rest
            .bytes()
            .position(|byte| matches!(byte, b'=' | b'"' | b'\''))?;
        let name = rest.get(..equals)?.trim_ascii_end();
        let value = rest.get(equals..)?.strip_prefix('=')?.trim_ascii_start();
        let quote = *value.as_bytes().first()?;
        if name.is_empty() || !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let value = value.get(1..)?;
        let end = value.bytes().position(|byte| byte == quote)?;
        self.0 = value.get(end + 1..)?;
        Some((name, value.get(..end)?))
    }
}

/// The local name of the type, if the attributes are ` xsi:type="prefix:Name"` and nothing else: the
/// form that the server itself writes.
pub(super) fn only_type(attributes: &str) -> Option<&str> {
    let value = attributes.strip_prefix(" xsi:type=\"")?.strip_suffix('"')?;
    let mut local = 0;
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b':' => local = at + 1,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => {}
            _ => return None,
        }
    }
    value.get(local..)
}

/// Which prefixes stand for the schema instance's namespace, and which for others. That is all that
/// has to be known of namespaces: elements are matched by local name.
#[derive(Debug, Default)]
pub(super) struct Prefixes<'a> {
    /// Prefix, whether it is the schema instance's, and depth of the element that declares it.
    declared: Vec<(&'a str, bool, usize)>,
}

impl<'a> Prefixes<'a> {
    /// An element is declared at this depth. Of a flood of declarations, which would make every
    /// attribute slow to read, most are not remembered.
    pub(super) fn declare(&mut self, prefix: &'a str, namespace: Cow<'_, str>, depth: usize) {
        const MOST: usize = 100;
        if self.declared.len() < MOST {
            self.declared.push((prefix, namespace.trim() == XSI, depth));
        }
    }

    /// Forgets what elements have declared that were open at this depth or below.
    pub(super) fn leave_to(&mut self, depth: usize) {
        while self.declared.last().is_some_and(|(.., at)| *at >= depth) {
            self.declared.pop();
        }
    }

    /// Whether an attribute with this prefix can be one of the schema instance. Servers of old forget
    /// to declare the prefix, or to write it.
    pub(super) fn may_be_xsi(&self, prefix: &str) -> bool {
        if prefix.is_empty() {
            return true;
        }
        if prefix == "xmlns" {
            return false;
        }
        self.declared
            .iter()
            .rev()
            .find(|(declared, ..)| *declared == prefix)
            .is_none_or(|(_, xsi, _)| *xsi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(tag: &str) -> Vec<(&str, Cow<'_, str>)> {
        Attributes(tag)
            .map(|(name, value)| (name, decoded(value)))
            .collect()
    }

    #[test]
    fn attributes_are_read_in_every_form() {
        let found = list(" a='1 \" >' p:b = \"&lt;&#65;\n\tx\"\nxmlns='u' c=''");
        let wanted = [("a", "1 \" >"), ("p:b", "<A  x"), ("xmlns", "u"), ("c", "")];
        assert_eq!(found, wanted.map(|(name, value)| (name, value.into())));
        assert_eq!(list(""), []);
        assert_eq!(list("a='&nope; &amp;'"), [("a", "&nope; &amp;".into())]);
    }

    #[test]
    fn a_malformed_rest_ends_the_list() {
        for tag in [
            " a='1' b",
            " a='1' b=",
            " a='1' b=2 c='3'",
            " a='1' 'x' c='3'",
            " a='1' b='",
        ] {
            assert_eq!(list(tag), [("a", "1".into())], "{tag}");
        }
    }

    #[test]
    fn the_usual_form_is_recognised_and_no_other() {
        assert_eq!(only_type(" xsi:type=\"xsd:int\""), Some("int"));
        assert_eq!(only_type(" xsi:type=\"Ticket\""), Some("Ticket"));
        for other in [
            "",
            " xsi:type=\"x\" xsi:nil=\"1\"",
            " xsi:type=\"x\" ",
            " xsi:type='x'",
            "  xsi:type=\"x\"",
            " xsi:type=\" x\"",
            " xsi:type=\"&#84;\"",
            " q:type=\"x\"",
            " xsi:type=\"",
        ] {
            assert_eq!(only_type(other), None, "{other}");
        }
    }

    #[test]
    fn names_are_split() {
        assert_eq!(split_name("a:b"), ("a", "b"));
        assert_eq!(split_name("b"), ("", "b"));
        assert_eq!(split_name("xmlns"), ("xmlns", ""));
        assert_eq!(split_name("xmlns:b"), ("xmlns", "b"));
    }
}
