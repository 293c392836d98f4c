//! The part of WSDL and XML Schema that entities need.
//!
//! The models are yaserde's: a WSDL is small, fixed and strict about its namespaces. Everything that
//! is not modelled here (messages, bindings, other types) is skipped.

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use yaserde::YaDeserialize;

/// What a WSDL says about entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wsdl {
    /// The schema's target namespace.
    pub namespace: String,
    /// Entity types by wire name, with their elements in order. Inherited elements (`id`,
    /// `UserDefinedFields`) are not among them.
    pub entities: BTreeMap<String, Vec<String>>,
}

impl Wsdl {
    /// Reads a WSDL.
    ///
    /// # Errors
    ///
    /// When it is not XML, has no schema, or its types extend each other in a circle.
    pub fn parse(text: &str) -> Result<Self> {
        // Served documents sometimes begin with a blank line, which XML does not allow.
        let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
        let definitions: Definitions = yaserde::de::from_str(text)
            .map_err(|source| Error::format("not a WSDL").because(source))?;
        let schemas = definitions
            .types
            .map(|types| types.schemas)
            .unwrap_or_default();
        let Some(namespace) = schemas
            .iter()
            .find_map(|schema| schema.target_namespace.clone())
        else {
            return Err(Error::format(
                "the WSDL has no schema with a target namespace",
            ));
        };

        let types: BTreeMap<&str, &ComplexType> = schemas
            .iter()
            .flat_map(|schema| &schema.complex_types)
            .filter_map(|ty| ty.name.as_deref().map(|name| (name, ty)))
            .collect();
        if !types.contains_key(ENTITY) {
            return Err(Error::format(format!(
                "the schema has no complex type `{ENTITY}`"
            )));
        }
        let mut entities = BTreeMap::new();
        for name in types.keys() {
            if let Some(fields) = entity_fields(name, &types)? {
                entities.insert((*name).to_owned(), fields);
            }
        }
        Ok(Self {
            namespace,
            entities,
        })
    }
}

/// The type that all entities extend.
const ENTITY: &str = "Entity";

/// The elements of a type and of what it extends, up to `Entity`; `None` if it is no entity.
fn entity_fields(name: &str, types: &BTreeMap<&str, &ComplexType>) -> Result<Option<Vec<String>>> {
    let mut parts = Vec::new();
    let mut at = name;
    loop {
        let extension = types
            .get(at)
            .and_then(|ty| ty.complex_content.as_ref())
            .and_then(|content| content.extension.as_ref());
        let Some(extension) = extension else {
            return Ok(None);
        };
        if parts.len() > types.len() {
            return Err(Error::format(format!(
                "complex type `{name}` extends itself"
            )));
        }
        parts.push(extension.elements()?);
        at = extension
            .base
            .rsplit_once(':')
            .map_or(&*extension.base, |(_, local)| local);
        if at == ENTITY {
            // What is inherited comes first on the wire.
            return Ok(Some(parts.into_iter().rev().flatten().collect()));
        }
    }
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "definitions",
    prefix = "wsdl",
    namespaces = {
        "wsdl" = "http://schemas.xmlsoap.org/wsdl/",
        "s" = "http://www.w3.org/2001/XMLSchema"
    }
)]
struct Definitions {
    #[yaserde(prefix = "wsdl")]
    types: Option<Types>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "types",
    prefix = "wsdl",
    namespaces = {
        "wsdl" = "http://schemas.xmlsoap.org/wsdl/",
        "s" = "http://www.w3.org/2001/XMLSchema"
    }
)]
struct Types {
    #[yaserde(prefix = "s", rename = "schema")]
    schemas: Vec<Schema>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(rename = "schema", prefix = "s", namespaces = {"s" = "http://www.w3.org/2001/XMLSchema"})]
struct Schema {
    #[yaserde(attribute = true, rename = "targetNamespace")]
    target_namespace: Option<String>,
    #[yaserde(prefix = "s", rename = "complexType")]
    complex_types: Vec<ComplexType>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "complexType",
    prefix = "s",
    namespaces = {"s" = "http://www.w3.org/2001/XMLSchema"}
)]
struct ComplexType {
    #[yaserde(attribute = true)]
    name: Option<String>,
    #[yaserde(prefix = "s", rename = "complexContent")]
    complex_content: Option<ComplexContent>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "complexContent",
    prefix = "s",
    namespaces = {"s" = "http://www.w3.org/2001/XMLSchema"}
)]
struct ComplexContent {
    #[yaserde(prefix = "s")]
    extension: Option<Extension>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "extension",
    prefix = "s",
    namespaces = {"s" = "http://www.w3.org/2001/XMLSchema"}
)]
struct Extension {
    #[yaserde(attribute = true)]
    base: String,
    #[yaserde(prefix = "s")]
    sequence: Option<Sequence>,
}

impl Extension {
    fn elements(&self) -> Result<Vec<String>> {
        let elements = self.sequence.iter().flat_map(|sequence| &sequence.elements);
        elements
            .map(|element| {
                element.name.clone().ok_or_else(|| {
                    Error::format(format!(
                        "an element in an extension of `{}` has no name",
                        self.base
                    ))
                })
            })
            .collect()
    }
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "sequence",
    prefix = "s",
    namespaces = {"s" = "http://www.w3.org/2001/XMLSchema"}
)]
struct Sequence {
    #[yaserde(prefix = "s", rename = "element")]
    elements: Vec<SchemaElement>,
}

#[derive(Debug, Default, YaDeserialize)]
#[yaserde(
    rename = "element",
    prefix = "s",
    namespaces = {"s" = "http://www.w3.org/2001/XMLSchema"}
)]
struct SchemaElement {
    #[yaserde(attribute = true)]
    name: Option<String>,
}
