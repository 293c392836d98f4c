//! QueryXML of one's own inside typed queries.

use super::{Filter, Node, Query, Raw};
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::ops::Operation;
use crate::wire::cursor::{Cursor, Element, WireError};

impl<E: Entity> Query<E> {
    /// A query from QueryXML of your own, for what conditions cannot say. It can be paged and
    /// narrowed like any other: what it holds stays a group of its own.
    ///
    /// ```
    /// use autotask_soap::Query;
    /// use autotask_soap::v1_6::Contact;
    ///
    /// let alike = Query::<Contact>::raw(
    ///     "<queryxml><entity>Contact</entity><query>\
    ///      <field>LastName<expression op=\"soundslike\">Smith</expression></field>\
    ///      </query></queryxml>",
    /// )?;
    /// let active = alike.and(Contact::ACTIVE.eq(1));
    /// # assert!(active.to_xml(&Default::default())?.contains("soundslike"));
    /// # Ok::<(), autotask_soap::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Query`] if it is not well-formed, is about another entity, or holds elements
    /// that QueryXML does not have. Fields and operators are left to the server.
    pub fn raw(query_xml: &str) -> Result<Self> {
        let fail = |detail: String| {
            Error::new(ErrorKind::Query, detail).with_call(Operation::Query, Some(E::INFO.name))
        };
        let parsed = parse(query_xml)
            .map_err(|error| fail(format!("the QueryXML is wrong: {error}")).with_source(error))?;
        if !parsed.entity.eq_ignore_ascii_case(E::INFO.name) {
            return Err(fail(format!("the QueryXML is about {}", parsed.entity)));
        }
        let query = Self::all();
        if parsed.items == 0 {
            return Ok(query);
        }
        Ok(query.and(Filter::of(Node::Raw(parsed.raw))))
    }
}

struct Parsed {
    entity: String,
    raw: Raw,
    items: usize,
}

fn parse(query_xml: &str) -> std::result::Result<Parsed, WireError> {
    // Positions count from here.
    let document = query_xml.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let mut cursor = Cursor::new(document);
    let root = cursor.root()?;
    let mut entity = None;
    let mut found = None;
    while let Some(child) = cursor.next_child(&root)? {
        if child.name().eq_ignore_ascii_case("entity") {
            entity = Some(cursor.text(&child)?.trim().to_owned());
        } else if child.name().eq_ignore_ascii_case("query") {
            let from = cursor.position();
            let (items, alternatives) = read_items(document, &mut cursor, &child)?;
            let inner = inner(document, from, cursor.position());
            found = Some((items, alternatives, inner));
        }
    }
    let end = cursor.position();
    cursor.finish()?;
    let missing = |what: &str| WireError::unexpected(format!("it has no <{what}>"), end);
    let (items, alternatives, inner) = found.ok_or_else(|| missing("query"))?;
    Ok(Parsed {
        entity: entity
            .filter(|entity| !entity.is_empty())
            .ok_or_else(|| missing("entity"))?,
        raw: Raw {
            xml: inner.ok_or_else(|| missing("query"))?,
            alternatives,
        },
        items,
    })
}

/// The text between a start tag that ends at `from` and the end tag that ends at `to`.
fn inner(document: &str, from: u64, to: u64) -> Option<String> {
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
    let text = document.get(from..to)?;
    match text.rfind("</") {
        Some(end) => text.get(..end).map(|inner| inner.trim().to_owned()),
        // `<query/>`
        None => Some(String::new()),
    }
}

/// How many items there are, and how many alternatives in them.
fn read_items(
    document: &str,
    cursor: &mut Cursor<'_>,
    parent: &Element<'_>,
) -> std::result::Result<(usize, usize), WireError> {
    let (mut items, mut alternatives) = (0, 0);
    while let Some(child) = cursor.next_child(parent)? {
        items += 1;
        if child.name().eq_ignore_ascii_case("condition") {
            if is_or(document, cursor.position()) {
                alternatives += 1;
            }
            alternatives += read_items(document, cursor, &child)?.1;
        } else if child.name().eq_ignore_ascii_case("field") {
            let mut expressions: usize = 0;
            while let Some(expression) = cursor.next_child(&child)? {
                if !expression.name().eq_ignore_ascii_case("expression") {
                    return Err(unknown(cursor, &expression));
                }
                expressions += 1;
            }
            alternatives += expressions.saturating_sub(1);
        } else {
            return Err(unknown(cursor, &child));
        }
    }
    Ok((items, alternatives))
}

/// Whether the start tag that ends here says `operator="OR"`.
fn is_or(document: &str, end: u64) -> bool {
    let tag = usize::try_from(end)
        .ok()
        .and_then(|end| document.get(..end))
        .and_then(|before| before.rsplit_once('<'))
        .map_or("", |(_, tag)| tag);
    tag.split_once("operator")
        .and_then(|(_, rest)| rest.trim_start().strip_prefix('='))
        .and_then(|value| value.trim_start_matches([' ', '"', '\'']).get(..2))
        .is_some_and(|value| value.eq_ignore_ascii_case("or"))
}

fn unknown(cursor: &Cursor<'_>, element: &Element<'_>) -> WireError {
    let name: String = element.name().chars().take(60).collect();
    WireError::unexpected(format!("it holds an element {name}"), cursor.position())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1_6::Contact;

    const ITEMS: &str = "<field>a<expression op=\"equals\">1 &amp; 2</expression></field>\
        <condition operator=\"or\"><field>b<expression op='isnull'/><expression op='equals'>x</expression></field></condition>";

    fn query(xml: &str) -> Result<String> {
        Query::<Contact>::raw(xml)?.to_xml(&Default::default())
    }

    #[test]
    fn items_are_taken_as_they_stand() {
        let xml = format!(
            "\u{feff}\n<?xml version='1.0'?><queryxml version='1.0'><entity> contact</entity><query>\n{ITEMS} </query></queryxml>\n"
        );
        let parsed = parse(&xml).unwrap();
        assert_eq!((parsed.items, parsed.raw.alternatives), (2, 2));
        assert_eq!(
            query(&xml).unwrap(),
            format!("<queryxml><entity>Contact</entity><query>{ITEMS}</query></queryxml>")
        );
    }

    #[test]
    fn a_page_of_it_keeps_its_or_in_a_group() {
        let xml = format!("<queryxml><entity>Contact</entity><query>{ITEMS}</query></queryxml>");
        let page = Query::<Contact>::raw(&xml).unwrap().after_id(7);
        assert_eq!(
            page.to_xml(&Default::default()).unwrap(),
            format!(
                "<queryxml><entity>Contact</entity><query><condition>{ITEMS}</condition>\
                 <field>id<expression op=\"greaterthan\">7</expression></field></query></queryxml>"
            )
        );
    }

    #[test]
    fn an_empty_query_finds_everything() {
        for xml in [
            "<queryxml><entity>Contact</entity><query/></queryxml>",
            "<queryxml><entity>Contact</entity><query> </query></queryxml>",
        ] {
            assert_eq!(Query::<Contact>::raw(xml).unwrap(), Query::all());
        }
    }

    #[test]
    fn what_is_no_query_is_refused() {
        for xml in [
            "",
            "<queryxml><entity>Contact</entity></queryxml>",
            "<queryxml><query/></queryxml>",
            "<queryxml><entity>Ticket</entity><query/></queryxml>",
            "<queryxml><entity>Contact</entity><query><filed/></query></queryxml>",
            "<queryxml><entity>Contact</entity><query><field>a<value/></field></query></queryxml>",
            "<queryxml><entity>Contact</entity><query>",
        ] {
            assert_eq!(query(xml).unwrap_err().kind(), ErrorKind::Query, "{xml}");
        }
    }

    #[test]
    fn its_alternatives_count() {
        let many =
            "<condition operator=\"OR\"><field>a<expression op=\"isnull\"/></field></condition>"
                .repeat(201);
        let xml = format!("<queryxml><entity>Contact</entity><query>{many}</query></queryxml>");
        assert_eq!(query(&xml).unwrap_err().kind(), ErrorKind::Query);
        let query = Query::<Contact>::raw(&xml).unwrap();
        assert_eq!(query.portions().len(), 1);
    }
}
