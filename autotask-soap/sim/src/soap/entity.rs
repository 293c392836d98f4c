//! Entities of a request, and how their values become the tenant's.

use super::{SoapFault, Version, XSD, XSI};
use crate::{
    catalogue::{self, EntityDef, FieldDef, FieldTy},
    record::Val,
    time,
};
use jiff::tz::TimeZone;
use roxmltree::Node;

/// What the `xsi:type` of a field says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum XsiKind {
    Absent,
    Text,
    Whole,
    Fraction,
    Bool,
    Time,
}

#[derive(Clone, Debug)]
pub(crate) struct InField {
    pub(crate) name: String,
    pub(crate) kind: XsiKind,
    pub(crate) nil: bool,
    pub(crate) text: String,
}

/// One entity as a client sent it.
#[derive(Clone, Debug)]
pub(crate) struct Incoming {
    pub(crate) def: &'static EntityDef,
    pub(crate) id: i64,
    pub(crate) fields: Vec<InField>,
    pub(crate) udfs: Vec<(String, Option<String>)>,
}

impl Incoming {
    pub(crate) fn field(&self, name: &str) -> Option<&InField> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Splits a QName in an attribute's value and resolves its prefix.
fn resolve<'a>(node: Node<'a, '_>, qname: &'a str) -> Option<(&'a str, &'a str)> {
    let qname = qname.trim();
    match qname.split_once(':') {
        Some((prefix, local)) => Some((node.lookup_namespace_uri(Some(prefix))?, local)),
        None => Some((node.lookup_namespace_uri(None).unwrap_or(""), qname)),
    }
}

fn unrecognised(name: &str) -> SoapFault {
    SoapFault::client(format!(
        "Server was unable to read request. ---> There is an error in XML document. ---> The \
         specified type was not recognized: name='{name}'."
    ))
}

fn bad_value(text: &str) -> SoapFault {
    SoapFault::client(format!(
        "Server was unable to read request. ---> There is an error in XML document. ---> The \
         string '{text}' is not a valid value of its type."
    ))
}

/// Reads `<Entity xsi:type="…">`. Elements of another namespace are ignored, as .NET does.
pub(crate) fn read(node: Node<'_, '_>, version: Version) -> Result<Incoming, SoapFault> {
    let namespace = version.namespace();
    let Some(type_name) = node.attribute((XSI, "type")) else {
        return Err(SoapFault::client(
            "Server was unable to read request. ---> The specified type is abstract: \
             name='Entity'.",
        ));
    };
    let def = match resolve(node, type_name) {
        Some((uri, local)) if uri == namespace => catalogue::ENTITIES
            .iter()
            .find(|def| def.name == local && def.is_in(version)),
        _ => None,
    };
    read_fields(def.ok_or_else(|| unrecognised(type_name))?, node, version)
}

/// Reads an element whose type stands in the WSDL, with or without `xsi:type`.
pub(crate) fn read_as(
    entity: &str,
    node: Node<'_, '_>,
    version: Version,
) -> Result<Incoming, SoapFault> {
    read_fields(
        catalogue::entity(entity).ok_or_else(|| unrecognised(entity))?,
        node,
        version,
    )
}

fn read_fields(
    def: &'static EntityDef,
    node: Node<'_, '_>,
    version: Version,
) -> Result<Incoming, SoapFault> {
    let namespace = version.namespace();
    let mut incoming = Incoming {
        def,
        id: 0,
        fields: Vec::new(),
        udfs: Vec::new(),
    };
    let children = node
        .children()
        .filter(|child| child.is_element() && child.tag_name().namespace() == Some(namespace));
    for child in children {
        match child.tag_name().name() {
            "id" => {
                let text = child.text().unwrap_or("").trim();
                incoming.id = text.parse().map_err(|_| bad_value(text))?;
            }
            "UserDefinedFields" => incoming.udfs = read_udfs(child),
            "Fields" => {}
            name => incoming.fields.push(read_field(name, child)?),
        }
    }
    Ok(incoming)
}

fn read_udfs(node: Node<'_, '_>) -> Vec<(String, Option<String>)> {
    let text_of = |parent: Node<'_, '_>, name: &str| {
        parent
            .children()
            .find(|child| child.tag_name().name() == name)
            .filter(|child| child.attribute((XSI, "nil")) != Some("true"))
            .map(|child| text_content(child))
    };
    node.children()
        .filter(|child| child.tag_name().name() == "UserDefinedField")
        .filter_map(|child| Some((text_of(child, "Name")?, text_of(child, "Value"))))
        .collect()
}

fn text_content(node: Node<'_, '_>) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|child| child.text())
        .collect()
}

fn read_field(name: &str, node: Node<'_, '_>) -> Result<InField, SoapFault> {
    let text = text_content(node);
    let nil = matches!(node.attribute((XSI, "nil")), Some("true" | "1"));
    let kind = match node.attribute((XSI, "type")) {
        None => XsiKind::Absent,
        Some(qname) => match resolve(node, qname) {
            Some((XSD, "string")) => XsiKind::Text,
            Some((XSD, "int" | "long" | "short" | "byte" | "integer")) => XsiKind::Whole,
            Some((XSD, "double" | "decimal" | "float")) => XsiKind::Fraction,
            Some((XSD, "boolean")) => XsiKind::Bool,
            Some((XSD, "dateTime" | "date")) => XsiKind::Time,
            _ => return Err(unrecognised(qname)),
        },
    };
    let trimmed = text.trim();
    let valid = nil
        || match kind {
            XsiKind::Absent | XsiKind::Text => true,
            XsiKind::Whole => trimmed.parse::<i64>().is_ok(),
            XsiKind::Fraction => trimmed.parse::<f64>().is_ok_and(f64::is_finite),
            XsiKind::Bool => matches!(trimmed, "true" | "false" | "1" | "0"),
            XsiKind::Time => time::parse_time(trimmed, &TimeZone::UTC).is_ok(),
        };
    if !valid {
        return Err(bad_value(trimmed));
    }
    Ok(InField {
        name: name.to_owned(),
        kind,
        nil,
        text,
    })
}

/// A field's value in the tenant's terms; `None` is no value.
pub(crate) fn coerce(
    entity: &str,
    def: &FieldDef,
    field: &InField,
    zone: &TimeZone,
) -> Result<Option<Val>, String> {
    if field.nil {
        return Ok(None);
    }
    if field.text.is_empty() && field.kind == XsiKind::Absent {
        return Err(format!(
            "Conversion from type 'Object' to type '{}' is not valid.",
            def.ty.clr_name()
        ));
    }
    let text = field.text.trim();
    let refused = || {
        format!(
            "Conversion from string \"{text}\" to type '{}' is not valid.",
            def.ty.clr_name()
        )
    };
    if catalogue::is_day(entity, def) {
        return time::parse_day(text).map(|day| Some(Val::Date(day)));
    }
    let value = match def.ty {
        FieldTy::String => Val::Text(field.text.clone()),
        FieldTy::Integer | FieldTy::Short | FieldTy::Long => {
            let whole = text
                .parse::<i64>()
                .ok()
                .or_else(|| whole_of(text))
                .ok_or_else(refused)?;
            let fits = match def.ty {
                FieldTy::Integer => i32::try_from(whole).is_ok(),
                FieldTy::Short => i16::try_from(whole).is_ok(),
                _ => true,
            };
            if !fits {
                return Err(format!(
                    "Arithmetic operation resulted in an overflow. (field:{})",
                    crate::rules::camel(def.name)
                ));
            }
            Val::Int(whole)
        }
        FieldTy::Double | FieldTy::Decimal => {
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            Val::Double(number.ok_or_else(refused)?)
        }
        FieldTy::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Val::Bool(true),
            "false" | "0" => Val::Bool(false),
            _ => return Err(refused()),
        },
        FieldTy::DateTime => Val::Time(time::parse_time(text, zone)?),
        FieldTy::Date => Val::Date(time::parse_day(text)?),
        FieldTy::Untyped => match field.kind {
            XsiKind::Whole => Val::Int(text.parse().map_err(|_| refused())?),
            XsiKind::Fraction => Val::Double(text.parse().map_err(|_| refused())?),
            XsiKind::Bool => Val::Bool(matches!(text, "true" | "1")),
            XsiKind::Time => Val::Time(time::parse_time(text, zone)?),
            XsiKind::Absent | XsiKind::Text => Val::Text(field.text.clone()),
        },
    };
    Ok(Some(value))
}

/// `3.0` where a whole number is wanted.
fn whole_of(text: &str) -> Option<i64> {
    let number = text.parse::<f64>().ok()?;
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}
