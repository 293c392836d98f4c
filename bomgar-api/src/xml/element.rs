//! A start tag and its attributes.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::BytesStart;
use quick_xml::events::attributes::Attribute;
use quick_xml::name::QName;

use crate::reporting::RawElement;

/// A start tag.
pub(crate) struct Element<'a>(pub(super) BytesStart<'a>);

impl Element<'_> {
    /// The name without its prefix.
    pub(crate) fn name(&self) -> &str {
        local(self.0.name().into_inner())
    }

    /// The values of the attributes with these local names. Attributes with other names go to
    /// `unknown`, as an element that has nothing but them.
    pub(crate) fn attrs<const N: usize>(
        &self,
        names: [&str; N],
        unknown: &mut Vec<RawElement>,
    ) -> [Option<Cow<'_, str>>; N] {
        let mut values = [const { None }; N];
        let mut others = Vec::new();
        for (name, value) in self.attributes() {
            match names.iter().position(|known| *known == name) {
                Some(index) => {
                    values[index].get_or_insert(value);
                }
                None => others.push((name.to_owned(), value.into_owned())),
            }
        }
        if !others.is_empty() {
            unknown.push(RawElement {
                name: self.name().to_owned(),
                attributes: others,
                ..RawElement::default()
            });
        }
        values
    }

    /// Says that no attribute is expected: those there are go to `unknown`.
    pub(crate) fn no_attrs(&self, unknown: &mut Vec<RawElement>) {
        let [] = self.attrs([], unknown);
    }

    /// The value of the attribute with this local name; `None` when absent.
    pub(crate) fn attr(&self, name: &str) -> Option<Cow<'_, str>> {
        self.attributes()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// Like [`attr`](Self::attr), trimmed, `None` also when empty.
    pub(crate) fn attr_text(&self, name: &str) -> Option<String> {
        trimmed(self.attr(name))
    }

    /// Attributes by local name, without declarations of namespaces. A malformed rest of the tag
    /// ends the list: the values before it are still good, and the tag as a whole was well enough
    /// formed to be found.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        Attributes(self.0.attributes_raw())
            .filter(|(name, _)| !is_namespace(name))
            .map(|(name, value)| (local(name), decoded(name, value)))
    }

    /// The namespace of this element, if it declares one itself.
    pub(crate) fn namespace(&self) -> Option<String> {
        let name = self.0.name().into_inner();
        let prefix = name.split_once(':').map(|(prefix, _)| prefix);
        let found = Attributes(self.0.attributes_raw()).find(|(key, _)| match prefix {
            None => *key == "xmlns",
            Some(prefix) => key.strip_prefix("xmlns:") == Some(prefix),
        });
        found.map(|(key, value)| decoded(key, value).into_owned())
    }

    /// A raw element of this name with the attributes that are not among the `known`; `None` when
    /// there are none.
    pub(crate) fn unknown_attributes(&self, known: &[&str]) -> Option<RawElement> {
        let mut raw = self.to_raw("");
        raw.attributes
            .retain(|(name, _)| !known.contains(&name.as_str()));
        (!raw.attributes.is_empty()).then_some(raw)
    }

    /// This element with the given text, as a raw element.
    pub(crate) fn to_raw(&self, text: &str) -> RawElement {
        RawElement {
            name: self.name().to_owned(),
            attributes: self
                .attributes()
                .map(|(name, value)| (name.to_owned(), value.into_owned()))
                .collect(),
            text: text.trim().to_owned(),
            children: Vec::new(),
        }
    }
}

/// An attribute's value without surrounding white space; `None` when absent or empty.
pub(crate) fn trimmed(value: Option<Cow<'_, str>>) -> Option<String> {
    let value = value?;
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn local(name: &str) -> &str {
    match name.bytes().position(|byte| byte == b':') {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

fn is_namespace(name: &str) -> bool {
    name.strip_prefix("xmlns")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

/// A value with references resolved and white space normalized.
fn decoded<'a>(name: &'a str, value: &'a str) -> Cow<'a, str> {
    // Without a branch for each byte, because values are short and mostly plain.
    let is_special = |byte: &u8| (*byte == b'&') | (*byte < b' ');
    let has_special = value
        .bytes()
        .fold(false, |found, byte| found | is_special(&byte));
    if !has_special {
        return Cow::Borrowed(value);
    }
    let attribute = Attribute {
        key: QName(name),
        value: Cow::Borrowed(value),
    };
    match attribute.normalized_value(XmlVersion::Implicit1_0) {
        Ok(value) => Cow::Owned(value.into_owned()),
        // An unknown reference: the value is kept as it was sent.
        Err(_) => Cow::Borrowed(value),
    }
}

/// Names with their prefixes, and values as sent.
struct Attributes<'a>(&'a str);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.trim_ascii_start();
        self.0 = "";
        let equals = rest
            .bytes()
            .position(|byte| matches!(byte, b'=' | b'"' | b'\''))?;
        let name = rest[..equals].trim_ascii_end();
        let value = rest[equals..].strip_prefix('=')?.trim_ascii_start();
        let quote = *value.as_bytes().first()?;
        if name.is_empty() || !matches!(quote, b'"' | b'\'') {
            return None;
        }
        let value = &value[1..];
        let end = value.bytes().position(|byte| byte == quote)?;
        self.0 = &value[end + 1..];
        Some((name, &value[..end]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(tag: &str) -> Vec<(String, String)> {
        let name = tag.find(' ').unwrap_or(tag.len());
        Element(BytesStart::from_content(tag, name))
            .attributes()
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect()
    }

    #[test]
    fn attributes_are_read_in_every_form() {
        let found = list("e a='1 \" >' p:b = \"&lt;&#65;\n\tx\"\nxmlns='u' xmlns:p='v' c=''");
        let wanted = [("a", "1 \" >"), ("b", "<A  x"), ("c", "")];
        assert_eq!(found, wanted.map(|(a, b)| (a.to_owned(), b.to_owned())));
        assert_eq!(list("e"), []);
    }

    #[test]
    fn a_malformed_rest_ends_the_list() {
        for tag in [
            "e a='1' b",
            "e a='1' b=",
            "e a='1' b=2 c='3'",
            "e a='1' 'x' c='3'",
            "e a='1' b='",
        ] {
            assert_eq!(list(tag), [("a".to_owned(), "1".to_owned())], "{tag}");
        }
        assert_eq!(
            list("e a='&nope; &amp;'"),
            [("a".to_owned(), "&nope; &amp;".to_owned())]
        );
    }

    #[test]
    fn what_is_not_asked_for_is_kept() {
        let element = Element(BytesStart::from_content("n:e b='2' a='1' x='3'", 3));
        let mut unknown = Vec::new();
        let [a, b, c] = element.attrs(["a", "b", "c"], &mut unknown);
        assert_eq!(
            (a.as_deref(), b.as_deref(), c),
            (Some("1"), Some("2"), None)
        );
        assert_eq!(unknown[0].name, "e");
        assert_eq!(unknown[0].attributes, [("x".to_owned(), "3".to_owned())]);
    }
}
