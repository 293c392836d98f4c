//! Reading of replies' elements so that nothing gets lost: attributes and children that nobody
//! asked for, and values that cannot be read, are kept raw.

use std::str::FromStr;

use jiff::Timestamp;

use crate::reporting::RawElement;
use crate::time::parse_time;
use crate::xml::{Cursor, Element, XmlResult};

/// The own text of an element, trimmed.
pub(super) fn text(
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
    known: &[&str],
    unknown: &mut Vec<RawElement>,
) -> XmlResult<String> {
    let mut text = verbatim(cursor, el, known, unknown)?;
    text.truncate(text.trim_end().len());
    let leading = text.len() - text.trim_start().len();
    text.drain(..leading);
    Ok(text)
}

/// The own text of an element, exactly.
pub(super) fn verbatim(
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
    known: &[&str],
    unknown: &mut Vec<RawElement>,
) -> XmlResult<String> {
    let mut text = String::new();
    let mut children = Vec::new();
    cursor.content(
        el,
        |piece| text.push_str(&piece),
        |cursor, child| {
            children.push(cursor.raw(&child)?);
            Ok(())
        },
    )?;
    let mut rest = el.unknown_attributes(known);
    if !children.is_empty() {
        let rest = rest.get_or_insert_with(|| RawElement {
            name: el.name().to_owned(),
            ..RawElement::default()
        });
        rest.children = children;
    }
    unknown.extend(rest);
    Ok(text)
}

/// The own text of an element without known attributes; `None` when empty.
pub(super) fn text_opt(
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<String>> {
    let text = text(cursor, el, &[], unknown)?;
    Ok((!text.is_empty()).then_some(text))
}

/// A value made of the text; what `parse` does not understand is kept.
fn parsed<T>(
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
    known: &[&str],
    unknown: &mut Vec<RawElement>,
    parse: impl Fn(&str) -> Option<T>,
) -> XmlResult<Option<T>> {
    let mut rest = Vec::new();
    let text = text(cursor, el, known, &mut rest)?;
    let value = parse(&text);
    if value.is_none() && !text.is_empty() {
        let mut raw = el.to_raw(&text);
        raw.children = rest.into_iter().flat_map(|rest| rest.children).collect();
        unknown.push(raw);
    } else {
        unknown.extend(rest);
    }
    Ok(value)
}

/// A number.
pub(super) fn number<T: FromStr>(
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<T>> {
    parsed(cursor, el, &[], unknown, |text| text.parse().ok())
}

/// A yes or no.
pub(super) fn flag(
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<bool>> {
    parsed(cursor, el, &[], unknown, parse_flag)
}

pub(super) fn parse_flag(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

/// A time, from the attribute `ts` or `timestamp`, else from the text.
pub(super) fn time(
    cursor: &mut Cursor<'_>,
    el: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<Timestamp>> {
    let known = ["ts", "timestamp"];
    let attribute = known
        .iter()
        .find_map(|name| attr(el, name, unknown, parse_time));
    if attribute.is_some() {
        text(cursor, el, &known, unknown)?;
        return Ok(attribute);
    }
    parsed(cursor, el, &known, unknown, parse_time)
}

/// A number in an attribute that belongs to `known`; what is not one is kept.
pub(super) fn number_attr<T: FromStr>(
    el: &Element<'_>,
    name: &str,
    unknown: &mut Vec<RawElement>,
) -> Option<T> {
    attr(el, name, unknown, |text| text.parse().ok())
}

/// A value made of an attribute; what `parse` does not understand is kept.
pub(super) fn attr<T>(
    el: &Element<'_>,
    name: &str,
    unknown: &mut Vec<RawElement>,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let text = el.attr_text(name)?;
    let value = parse(&text);
    if value.is_none() {
        unknown.push(RawElement {
            name: el.name().to_owned(),
            attributes: vec![(name.to_owned(), text)],
            ..RawElement::default()
        });
    }
    value
}

/// Keeps the attributes of a reply's root; no known root has any but its namespace.
pub(super) fn keep_root(root: RawElement, unknown: &mut Vec<RawElement>) {
    if !root.attributes.is_empty() {
        unknown.push(root);
    }
}

/// Defines an enum of words on the wire that keeps words it does not know.
macro_rules! open_enum {
    (
        $(#[$meta:meta])*
        $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal $(| $old:literal)*,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(from = "String", into = "String")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)*
            /// Any other word, as it is.
            Other(String),
        }

        impl $name {
            /// The word on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $($name::$variant => $word,)*
                    $name::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word $(| $old)* => $name::$variant,)*
                    other => $name::Other(other.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                $name::from(word.as_str())
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use open_enum;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::read_any_reply;

    #[derive(Default)]
    struct Read {
        number: Option<u8>,
        flag: Option<bool>,
        time: Option<Timestamp>,
        text: Option<String>,
        unknown: Vec<RawElement>,
    }

    fn read(body: &str) -> Read {
        let reply = read_any_reply(None, body.as_bytes(), |read: &mut Read, cursor, el| {
            let unknown = &mut read.unknown;
            match el.name() {
                "n" => read.number = number(cursor, el, unknown)?,
                "f" => read.flag = flag(cursor, el, unknown)?,
                "t" => read.time = time(cursor, el, unknown)?,
                _ => read.text = text_opt(cursor, el, unknown)?,
            }
            Ok(())
        });
        reply.unwrap().value
    }

    #[test]
    fn attributes_and_children_of_a_value_are_kept_beside_it() {
        let read = read(
            "<r><n a='1'>7<x>y</x></n><f b='2'>1</f><t c='3' ts='0'>then</t>\
             <s xmlns:q='u' q:d='4'> text <x/></s></r>",
        );
        assert_eq!((read.number, read.flag), (Some(7), Some(true)));
        assert_eq!(read.time, Some(Timestamp::UNIX_EPOCH));
        assert_eq!(read.text.as_deref(), Some("text"));
        let kept: Vec<_> = read
            .unknown
            .iter()
            .map(|raw| {
                let (name, value) = &raw.attributes[0];
                (raw.name.as_str(), name.as_str(), value.as_str())
            })
            .collect();
        assert_eq!(
            kept,
            [
                ("n", "a", "1"),
                ("f", "b", "2"),
                ("t", "c", "3"),
                ("s", "d", "4")
            ]
        );
        assert_eq!(read.unknown[0].children[0].text, "y");
        assert_eq!(read.unknown[3].children[0].name, "x");
    }

    #[test]
    fn what_cannot_be_read_is_kept_whole() {
        let read = read("<r><n a='1'>many<x>y</x></n><f>perhaps</f><t ts='late'>later</t></r>");
        assert_eq!((read.number, read.flag, read.time), (None, None, None));
        let number = &read.unknown[0];
        assert_eq!((number.text.as_str(), number.attributes.len()), ("many", 1));
        assert_eq!(number.children[0].text, "y");
        assert_eq!(read.unknown[1].text, "perhaps");
        assert_eq!(read.unknown[2].attributes[0].1, "late");
        assert_eq!(read.unknown[3].text, "later");
    }

    #[test]
    fn nothing_is_no_value_and_leaves_no_trace() {
        let read = read("<r><n/><f> </f><t ts=''/><s>\n</s></r>");
        assert_eq!(
            (read.number, read.flag, read.time, read.text),
            (None, None, None, None)
        );
        assert!(read.unknown.is_empty());
    }
}
