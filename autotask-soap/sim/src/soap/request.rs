//! Reads envelopes.

use super::{OPERATIONS, SOAP11, SoapFault, Version, entity, entity::Incoming};
use base64::Engine as _;
use roxmltree::{Document, Node, ParsingOptions};

/// A call, read from its envelope.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) operation: &'static str,
    pub(crate) version: Version,
    pub(crate) integration_code: Option<String>,
    pub(crate) impersonate: Option<i64>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    None,
    /// QueryXML, a user name, an object type: the one string of the operation.
    Text(String),
    Entities(Vec<Incoming>),
    Number(i64),
    Invoice {
        id: i64,
        format: String,
    },
    Attachment {
        data: Vec<u8>,
        info: Box<Incoming>,
    },
}

impl Request {
    /// The entity that the call is about, as the thread limit and the call log count it.
    pub(crate) fn entity(&self) -> Option<String> {
        match &self.body {
            Body::Text(text) if self.operation == "query" => crate::query::entity_of(text),
            Body::Text(text) if matches!(self.operation, "GetFieldInfo" | "getUDFInfo") => {
                Some(crate::catalogue::entity(text).map_or(text.clone(), |def| def.name.into()))
            }
            Body::Entities(entities) => entities.first().map(|first| first.def.name.to_owned()),
            Body::Attachment { .. } => Some("AttachmentInfo".to_owned()),
            _ => None,
        }
    }
}

/// The operation that a SOAPAction header names, quoted or not.
pub(crate) fn operation_of(
    soap_action: Option<&str>,
    version: Version,
) -> Result<&'static str, SoapFault> {
    let action = soap_action.unwrap_or("").trim().trim_matches('"');
    action
        .strip_prefix(version.namespace())
        .and_then(|name| OPERATIONS.iter().find(|operation| **operation == name))
        .copied()
        .filter(|name| version == Version::V16 || *name != "IntegrationCodeCheck")
        .ok_or_else(|| {
            SoapFault::client(format!(
                "Server did not recognize the value of HTTP Header SOAPAction: {action}."
            ))
        })
}

fn unreadable(why: impl std::fmt::Display) -> SoapFault {
    SoapFault::client(format!("Server was unable to read request. ---> {why}"))
}

/// Reads the envelope of an operation.
pub(crate) fn read(
    operation: &'static str,
    version: Version,
    body: &[u8],
) -> Result<Request, SoapFault> {
    let text = std::str::from_utf8(body).map_err(unreadable)?;
    // Some clients begin with a byte order mark or a blank line.
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let options = ParsingOptions {
        allow_dtd: false,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(unreadable)?;
    let envelope = document.root_element();
    if !envelope.has_tag_name((SOAP11, "Envelope")) {
        return Err(SoapFault {
            code: "soap:VersionMismatch",
            text: "Possible SOAP version mismatch: the envelope is not one of SOAP 1.1.".into(),
        });
    }
    let part = |name: &str| {
        envelope
            .children()
            .find(|node| node.has_tag_name((SOAP11, name)))
    };
    let (integration_code, impersonate) = match part("Header") {
        Some(header) => read_header(header, version)?,
        None => (None, None),
    };
    let namespace = version.namespace();
    let call = part("Body")
        .and_then(|body| body.children().find(Node::is_element))
        .ok_or_else(|| unreadable("The Body is empty or missing."))?;
    if !call.has_tag_name((namespace, operation)) {
        return Err(unreadable(format!(
            "The Body holds {} where the SOAPAction announces {operation}.",
            call.tag_name().name()
        )));
    }
    let body = read_body(operation, version, call)?;
    Ok(Request {
        operation,
        version,
        integration_code,
        impersonate,
        body,
    })
}

fn read_header(
    header: Node<'_, '_>,
    version: Version,
) -> Result<(Option<String>, Option<i64>), SoapFault> {
    let namespace = version.namespace();
    for block in header.children().filter(Node::is_element) {
        let known = block.tag_name().namespace() == Some(namespace);
        if !known && block.attribute((SOAP11, "mustUnderstand")) == Some("1") {
            return Err(SoapFault {
                code: "soap:MustUnderstand",
                text: format!(
                    "SOAP header {} was not understood.",
                    block.tag_name().name()
                ),
            });
        }
    }
    let Some(block) = header
        .children()
        .find(|node| node.has_tag_name((namespace, "AutotaskIntegrations")))
    else {
        return Ok((None, None));
    };
    let leaf = |name: &str| {
        block
            .children()
            .find(|node| node.has_tag_name((namespace, name)))
            .and_then(|node| node.text())
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    // The header of 1.5 has no such element, and unknown ones are passed over.
    let named = leaf("ImpersonateAsResourceID").filter(|_| version == Version::V16);
    let impersonate = match named {
        None => None,
        Some(text) => Some(text.parse::<i32>().map_err(unreadable)?)
            .filter(|id| *id != 0)
            .map(i64::from),
    };
    Ok((leaf("IntegrationCode").map(str::to_owned), impersonate))
}

fn read_body(operation: &str, version: Version, call: Node<'_, '_>) -> Result<Body, SoapFault> {
    let namespace = version.namespace();
    let child = |node: Node<'_, '_>, name: &str| {
        node.children()
            .find(|child| child.has_tag_name((namespace, name)))
            .map(|child| {
                child
                    .children()
                    .filter(Node::is_text)
                    .filter_map(|t| t.text())
                    .collect::<String>()
            })
    };
    let text = |name: &str| Body::Text(child(call, name).unwrap_or_default());
    let number = |name: &str| {
        let text = child(call, name).unwrap_or_default();
        text.trim().parse().map(Body::Number).map_err(unreadable)
    };
    Ok(match operation {
        "query" => text("sXML"),
        "GetFieldInfo" => text("psObjectType"),
        "getUDFInfo" => text("psTable"),
        "getZoneInfo" => text("UserName"),
        "IntegrationCodeCheck" => text("userName"),
        "create" | "update" | "delete" => {
            let list = call
                .children()
                .find(|node| node.has_tag_name((namespace, "Entities")));
            let nodes = list.into_iter().flat_map(|list| list.children());
            let entities = nodes
                .filter(|node| node.has_tag_name((namespace, "Entity")))
                .map(|node| entity::read(node, version))
                .collect::<Result<Vec<_>, _>>()?;
            Body::Entities(entities)
        }
        "GetAttachment" | "DeleteAttachment" => number("attachmentId")?,
        "GetInvoiceMarkup" => {
            let text = child(call, "InvoiceId").unwrap_or_default();
            Body::Invoice {
                id: text.trim().parse().map_err(unreadable)?,
                format: child(call, "Format").unwrap_or_default(),
            }
        }
        "CreateAttachment" => read_attachment(version, call)?,
        _ => Body::None,
    })
}

fn read_attachment(version: Version, call: Node<'_, '_>) -> Result<Body, SoapFault> {
    let namespace = version.namespace();
    let attachment = call
        .children()
        .find(|node| node.has_tag_name((namespace, "attachment")))
        .ok_or_else(|| unreadable("The attachment is missing."))?;
    let part = |name: &str| {
        attachment
            .children()
            .find(|n| n.has_tag_name((namespace, name)))
    };
    let text: String = part("Data")
        .and_then(|data| data.text())
        .map(|data| data.split_whitespace().collect())
        .unwrap_or_default();
    let data = base64::engine::general_purpose::STANDARD
        .decode(text)
        .map_err(unreadable)?;
    let info = part("Info").ok_or_else(|| unreadable("The attachment's Info is missing."))?;
    let info = entity::read_as("AttachmentInfo", info, version)?;
    Ok(Body::Attachment {
        data,
        info: Box::new(info),
    })
}
