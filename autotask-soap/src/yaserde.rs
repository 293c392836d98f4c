//! All entities as parts of types that [yaserde](https://docs.rs/yaserde) reads and writes. Feature `yaserde`.
//!
//! Every entity implements [`YaSerialize`](::yaserde::YaSerialize) and
//! [`YaDeserialize`](::yaserde::YaDeserialize) with the same values and the same tolerance as the
//! calls of this crate. Date-times are US Eastern, as on the wire.
//!
//! ```
//! use autotask_soap::v1_6::TicketNote;
//!
//! let note = TicketNote { title: Some("Remote session".into()), ..TicketNote::default() };
//! let xml = yaserde::ser::to_string(&note)?;
//! assert!(xml.contains("<Title xsi:type=\"xsd:string\">Remote session</Title>"));
//! let back: TicketNote = yaserde::de::from_str(&xml)?;
//! assert_eq!(back.title, note.title);
//! # Ok::<(), yaserde::Error>(())
//! ```
//!
//! By itself an entity is an `Entity` element in the namespace of its version. As a field of another
//! type it has the name and the namespace that this type gives it; when it is read, names count
//! without namespace.
//!
//! What `yaserde::de` makes by itself drops white space around texts; [`deserializer`] keeps it.
//!
//! These traits are for XML that you have already, in types of your own. Calls do not use them, and
//! are many times as fast.

use crate::entity::{DynEntity, Extra, FieldType, Udf};
use crate::time::WireZone;
use crate::wire::entity::{Fields, set_field, write_fields};
use crate::wire::value;
use crate::wire::writer::Writer;
use ::yaserde::de::Deserializer;
use ::yaserde::ser::Serializer;
use ::yaserde::{Error, Result};
use std::borrow::Cow;
use std::io::{Read, Write};
use xml::attribute::OwnedAttribute;
use xml::name::OwnedName;
use xml::namespace::Namespace;
use xml::reader::{EventReader, ParserConfig, XmlEvent};
use xml::writer::XmlEvent as Written;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// A deserializer that keeps the white space of texts.
///
/// ```
/// use autotask_soap::v1_6::TicketNote;
/// use yaserde::YaDeserialize;
///
/// let xml = "<Entity><Description>  indented\n</Description></Entity>";
/// let mut deserializer = autotask_soap::yaserde::deserializer(xml.as_bytes());
/// let note = TicketNote::deserialize(&mut deserializer)?;
/// assert_eq!(note.description.as_deref(), Some("  indented\n"));
/// # Ok::<(), yaserde::Error>(())
/// ```
pub fn deserializer<R: Read>(reader: R) -> Deserializer<R> {
    let config = ParserConfig::new()
        .trim_whitespace(false)
        .whitespace_to_characters(true)
        .cdata_to_characters(true)
        .ignore_comments(true)
        .coalesce_characters(true);
    Deserializer::new(EventReader::new_with_config(reader, config))
}

/// Implements the traits for entities of a version. The generator writes it.
macro_rules! implement {
    ($namespace:expr; $($entity:ident,)*) => {
        $(
            impl ::yaserde::YaSerialize for $entity {
                fn serialize<W: ::std::io::Write>(
                    &self,
                    writer: &mut ::yaserde::ser::Serializer<W>,
                ) -> ::yaserde::Result<()> {
                    $crate::yaserde::serialize(self, $namespace, writer)
                }

                fn serialize_attributes(
                    &self,
                    attributes: ::std::vec::Vec<::xml::attribute::OwnedAttribute>,
                    namespace: ::xml::namespace::Namespace,
                ) -> ::yaserde::Result<(
                    ::std::vec::Vec<::xml::attribute::OwnedAttribute>,
                    ::xml::namespace::Namespace,
                )> {
                    Ok($crate::yaserde::serialize_attributes(self, attributes, namespace))
                }
            }

            impl ::yaserde::YaDeserialize for $entity {
                fn deserialize<R: ::std::io::Read>(
                    reader: &mut ::yaserde::de::Deserializer<R>,
                ) -> ::yaserde::Result<Self> {
                    let mut entity = Self::default();
                    $crate::yaserde::deserialize(reader, &mut entity)?;
                    Ok(entity)
                }
            }
        )*

        #[cfg(test)]
        mod yaserde_tests {
            #[test]
            fn every_entity_is_what_the_calls_make_of_it() {
                $($crate::yaserde::tests::same_as_the_calls::<super::$entity>();)*
            }
        }
    };
}
pub(crate) use implement;

pub(crate) fn serialize<W: Write>(
    entity: &dyn DynEntity,
    namespace: &str,
    out: &mut Serializer<W>,
) -> Result<()> {
    // Whoever has written the element itself has asked for its attributes before.
    let whole = !out.skip_start_end();
    if whole {
        // An element that the parent names is the parent's, and stands in its namespace.
        let name = out.get_start_event_name();
        let element = match &name {
            Some(name) => Written::start_element(name.as_str()),
            None => Written::start_element("Entity").default_ns(namespace),
        };
        out.write(
            element
                .ns("xsi", XSI)
                .ns("xsd", XSD)
                .attr("xsi:type", entity.info().name),
        )?;
    }
    let mut fields = Writer::new();
    write_fields(&mut fields, entity, &WireZone::default());
    out.write(Written::raw_characters(&fields.finish()))?;
    if whole {
        out.write(Written::end_element())?;
    }
    Ok(())
}

pub(crate) fn serialize_attributes(
    entity: &dyn DynEntity,
    mut attributes: Vec<OwnedAttribute>,
    mut namespace: Namespace,
) -> (Vec<OwnedAttribute>, Namespace) {
    namespace.put("xsi", XSI);
    namespace.put("xsd", XSD);
    let name = OwnedName::qualified("type", XSI, Some("xsi"));
    attributes.push(OwnedAttribute::new(name, entity.info().name));
    (attributes, namespace)
}

/// Reads an element up to its end tag, which is left for the caller, as yaserde wants it.
pub(crate) fn deserialize<R: Read>(
    reader: &mut Deserializer<R>,
    entity: &mut dyn DynEntity,
) -> Result<()> {
    let zone = WireZone::default();
    let expected = entity.info().name;
    let Some(element) = next_element(reader)? else {
        return Err(Error::custom(format!("no element of type {expected}")));
    };
    if let Some(found) = element.xsi_type().filter(|found| *found != expected) {
        let detail = format!("expected an entity of type {expected}, found {found}");
        return Err(Error::custom(detail));
    }
    let mut fields = Fields::of(entity.info());
    while let Some(child) = next_element(reader)? {
        let depth = reader.depth();
        match fields.find(&child.name) {
            Some(_) if child.is_nil() => {}
            Some(index) => {
                let text = own_text(reader)?;
                set_field(entity, index, child.xsi_type(), Cow::Owned(text), &zone);
            }
            None => read_other(reader, &child, entity.dyn_extra_mut(), &zone)?,
        }
        leave(reader, depth)?;
    }
    Ok(())
}

fn read_other<R: Read>(
    reader: &mut Deserializer<R>,
    child: &Start,
    extra: &mut Extra,
    zone: &WireZone,
) -> Result<()> {
    match child.name.as_str() {
        "UserDefinedFields" => {
            while let Some(field) = next_element(reader)? {
                let depth = reader.depth();
                if field.name == "UserDefinedField" {
                    extra.user_defined.push(read_udf(reader)?);
                }
                leave(reader, depth)?;
            }
        }
        // Field descriptions, which no answer fills in.
        "Fields" => {}
        _ if child.is_nil() => {}
        name => {
            let text = own_text(reader)?;
            if let Some(value) = value::read(child.xsi_type(), text, FieldType::Untyped, zone) {
                extra.unknown.push((name.to_owned(), value));
            }
        }
    }
    Ok(())
}

fn read_udf<R: Read>(reader: &mut Deserializer<R>) -> Result<Udf> {
    let mut udf = Udf::default();
    while let Some(part) = next_element(reader)? {
        let depth = reader.depth();
        match part.name.as_str() {
            "Name" => udf.name = own_text(reader)?,
            "Value" if !part.is_nil() => {
                let text = own_text(reader)?;
                udf.value = Some(text).filter(|text| !text.is_empty() && text != " ");
            }
            _ => {}
        }
        leave(reader, depth)?;
    }
    Ok(udf)
}

struct Start {
    name: String,
    attributes: Vec<OwnedAttribute>,
}

impl Start {
    fn attribute(&self, name: &str) -> Option<&str> {
        let known = |namespace: Option<&str>| namespace.is_none_or(|it| it == XSI);
        let attribute = self.attributes.iter().find(|attribute| {
            attribute.name.local_name == name && known(attribute.name.namespace.as_deref())
        })?;
        Some(attribute.value.trim())
    }

    fn xsi_type(&self) -> Option<&str> {
        let name = self.attribute("type")?;
        Some(name.split_once(':').map_or(name, |(_, local)| local))
    }

    fn is_nil(&self) -> bool {
        matches!(self.attribute("nil"), Some("true" | "1"))
    }
}

/// The start of the next element; `None` before an end tag, which stays.
fn next_element<R: Read>(reader: &mut Deserializer<R>) -> Result<Option<Start>> {
    loop {
        if let XmlEvent::EndElement { .. } | XmlEvent::EndDocument = reader.peek()? {
            return Ok(None);
        }
        if let XmlEvent::StartElement {
            name, attributes, ..
        } = reader.next_event()?
        {
            let name = name.local_name;
            return Ok(Some(Start { name, attributes }));
        }
    }
}

/// The text up to the end tag, which stays. Elements in it are skipped.
fn own_text<R: Read>(reader: &mut Deserializer<R>) -> Result<String> {
    let mut text = String::new();
    loop {
        match reader.peek()? {
            XmlEvent::EndElement { .. } | XmlEvent::EndDocument => return Ok(text),
            XmlEvent::StartElement { .. } => {
                reader.next_event()?;
                let depth = reader.depth();
                leave(reader, depth)?;
            }
            _ => match reader.next_event()? {
                XmlEvent::Characters(part) | XmlEvent::CData(part) | XmlEvent::Whitespace(part) => {
                    text.push_str(&part)
                }
                _ => {}
            },
        }
    }
}

/// Reads on until the element at this depth has ended.
fn leave<R: Read>(reader: &mut Deserializer<R>, depth: usize) -> Result<()> {
    while reader.depth() >= depth {
        if let XmlEvent::EndDocument = reader.next_event()? {
            return Err(Error::custom("the document ends inside an element"));
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
