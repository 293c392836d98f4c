//! The service's description, so that SOAP tools can be pointed at the tenant.

use crate::{
    catalogue::{ENTITIES, EntityDef},
    soap::{Version, xml::escape_into},
};
use std::fmt::Write as _;

/// An operation: the element of its call, the parts of that element, and what it results in.
struct Operation {
    name: &'static str,
    /// The name of the portType's operation, where it differs.
    spelled: &'static str,
    parameters: &'static str,
    result: &'static str,
    /// The AutotaskIntegrations header goes with it.
    header: bool,
}

const fn operation(
    name: &'static str,
    parameters: &'static str,
    result: &'static str,
) -> Operation {
    Operation {
        name,
        spelled: name,
        parameters,
        result,
        header: true,
    }
}

// Parts are written `Name:type`; `!` behind a part makes it required, `*` repeats it, and `+` is
// for what version 1.5 does not have.
const OPERATIONS: &[Operation] = &[
    operation("query", "sXML:string", "ATWSResponse"),
    operation("create", "Entities:ArrayOfEntity", "ATWSResponse"),
    operation("update", "Entities:ArrayOfEntity", "ATWSResponse"),
    operation("delete", "Entities:ArrayOfEntity", "ATWSResponse"),
    operation("GetFieldInfo", "psObjectType:string", "ArrayOfField"),
    operation("getUDFInfo", "psTable:string", "ArrayOfField"),
    Operation {
        spelled: "getEntityInfo",
        ..operation("GetEntityInfo", "", "ArrayOfEntityInfo")
    },
    Operation {
        header: false,
        ..operation("getZoneInfo", "UserName:string", "ATWSZoneInfo")
    },
    operation("getThresholdAndUsageInfo", "", "ATWSResponse"),
    operation("GetAttachment", "attachmentId:long!", "Attachment"),
    operation("CreateAttachment", "attachment:Attachment", "long!"),
    operation("DeleteAttachment", "attachmentId:long!", "string"),
    operation("GetWsdlVersion", "", "string"),
    operation(
        "GetInvoiceMarkup",
        "InvoiceId:int! Format:string!",
        "string",
    ),
    operation(
        "IntegrationCodeCheck",
        "userName:string!",
        "ATWSIntegrationCodeCheckResponse+",
    ),
];

const TYPES: &[(&str, &str)] = &[
    (
        "ATWSResponse",
        "ReturnCode:int! EntityResults:ArrayOfEntity EntityResultType:string \
         Errors:ArrayOfATWSError EntityReturnInfoResults:ArrayOfEntityReturnInfo",
    ),
    ("ArrayOfEntity", "Entity:Entity*"),
    ("ArrayOfATWSError", "ATWSError:ATWSError*"),
    ("ATWSError", "Message:string"),
    (
        "ArrayOfEntityReturnInfo",
        "EntityReturnInfo:EntityReturnInfo*",
    ),
    (
        "EntityReturnInfo",
        "EntityId:long! DatabaseAction:EntityReturnInfoDatabaseAction! \
         DuplicateStatus:EntityDuplicateStatus! Message:string",
    ),
    (
        "EntityDuplicateStatus",
        "Found:boolean! MatchInfo:string Ignored:boolean!",
    ),
    ("ArrayOfField", "Field:Field*"),
    (
        "Field",
        "Name:string Label:string Type:string Length:int! Description:string IsRequired:boolean! \
         IsReadOnly:boolean! IsQueryable:boolean! IsReference:boolean! ReferenceEntityType:string \
         IsPickList:boolean! PicklistValues:ArrayOfPickListValue PicklistParentValueField:string \
         DefaultValue:string IsSupportedWebhookField:boolean!+",
    ),
    ("ArrayOfPickListValue", "PickListValue:PickListValue*"),
    (
        "PickListValue",
        "Value:string Label:string IsDefaultValue:boolean! SortOrder:int! parentValue:string \
         IsActive:boolean IsSystem:boolean",
    ),
    (
        "ArrayOfUserDefinedField",
        "UserDefinedField:UserDefinedField*",
    ),
    ("UserDefinedField", "Name:string Value:string"),
    ("ArrayOfEntityInfo", "EntityInfo:EntityInfo*"),
    (
        "EntityInfo",
        "Name:string CanUpdate:boolean! CanDelete:boolean! CanCreate:boolean! CanQuery:boolean! \
         HasUserDefinedFields:boolean! SupportsWebhookCallouts:boolean!+ \
         UserAccessForCreate:string+ UserAccessForQuery:string+ UserAccessForUpdate:string+ \
         UserAccessForDelete:string+",
    ),
    (
        "ATWSZoneInfo",
        "URL:string ErrorCode:int! DataBaseType:string CI:int! WebUrl:string",
    ),
    ("Attachment", "Data:base64Binary Info:AttachmentInfo"),
    (
        "ATWSIntegrationCodeCheckResponse+",
        "ReturnCode:int! Errors:ArrayOfATWSError IsApiUser:boolean \
         IsIntegrationCodeAssociated:boolean",
    ),
];

const HEADER: &str = "PartnerID:string IntegrationCode:string ImpersonateAsResourceID:int+";

/// The description of a version of the service at that address.
pub(crate) fn wsdl(version: Version, address: &str) -> String {
    let namespace = version.namespace();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <wsdl:definitions xmlns:wsdl=\"http://schemas.xmlsoap.org/wsdl/\" \
         xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\" \
         xmlns:s=\"http://www.w3.org/2001/XMLSchema\" xmlns:tns=\"{namespace}\" \
         targetNamespace=\"{namespace}\">\n<wsdl:types>\n\
         <s:schema elementFormDefault=\"qualified\" targetNamespace=\"{namespace}\">\n"
    );
    let operations: Vec<&Operation> = OPERATIONS
        .iter()
        .filter(|operation| has(version, operation.result))
        .collect();
    for operation in &operations {
        write_elements(&mut out, operation, version);
    }
    for (name, parts) in TYPES.iter().filter(|(name, _)| has(version, name)) {
        let name = name.trim_end_matches('+');
        let _ = write!(out, "<s:complexType name=\"{name}\">");
        sequence(&mut out, parts, version);
        out.push_str("</s:complexType>\n");
    }
    out.push_str(
        "<s:simpleType name=\"EntityReturnInfoDatabaseAction\"><s:restriction base=\"s:string\">\
         <s:enumeration value=\"None\"/><s:enumeration value=\"Created\"/>\
         <s:enumeration value=\"Updated\"/></s:restriction></s:simpleType>\n\
         <s:element name=\"AutotaskIntegrations\" type=\"tns:AutotaskIntegrations\"/>\n\
         <s:complexType name=\"AutotaskIntegrations\">",
    );
    sequence(&mut out, HEADER, version);
    out.push_str(
        "<s:anyAttribute/></s:complexType>\n<s:complexType name=\"Entity\" abstract=\"true\">",
    );
    sequence(
        &mut out,
        "Fields:ArrayOfField id:long! UserDefinedFields:ArrayOfUserDefinedField",
        version,
    );
    out.push_str("</s:complexType>\n");
    for def in ENTITIES.iter().filter(|def| def.is_in(version)) {
        write_entity(&mut out, def, version);
    }
    out.push_str("</s:schema>\n</wsdl:types>\n");
    for operation in &operations {
        write_messages(&mut out, operation);
    }
    write_port(&mut out, &operations);
    write_binding(&mut out, &operations, namespace);
    out.push_str(
        "<wsdl:service name=\"ATWS\"><wsdl:port name=\"ATWSSoap\" binding=\"tns:ATWSSoap\">\
         <soap:address location=\"",
    );
    escape_into(&mut out, address);
    out.push_str("\"/></wsdl:port></wsdl:service>\n</wsdl:definitions>\n");
    out
}

/// Whether a version has what stands in a table of this module.
fn has(version: Version, text: &str) -> bool {
    version == Version::V16 || !text.ends_with('+')
}

fn type_name(name: &str) -> String {
    match name {
        "int" | "long" | "string" | "boolean" | "base64Binary" => format!("s:{name}"),
        other => format!("tns:{other}"),
    }
}

fn sequence(out: &mut String, parts: &str, version: Version) {
    out.push_str("<s:sequence>");
    for part in parts.split_whitespace().filter(|part| has(version, part)) {
        let (name, rest) = part.split_once(':').unwrap_or((part, "string"));
        let ty = type_name(rest.trim_end_matches(['!', '*', '+']));
        let least = u8::from(rest.contains('!'));
        let most = if rest.contains('*') {
            "maxOccurs=\"unbounded\" nillable=\"true\""
        } else {
            "maxOccurs=\"1\""
        };
        let _ = write!(
            out,
            "<s:element minOccurs=\"{least}\" {most} name=\"{name}\" type=\"{ty}\"/>"
        );
    }
    out.push_str("</s:sequence>");
}

fn write_elements(out: &mut String, operation: &Operation, version: Version) {
    let name = operation.name;
    let _ = write!(out, "<s:element name=\"{name}\"><s:complexType>");
    sequence(out, operation.parameters, version);
    let _ = write!(
        out,
        "</s:complexType></s:element>\n<s:element name=\"{name}Response\"><s:complexType>"
    );
    let result = format!("{name}Result:{}", operation.result);
    sequence(out, &result, version);
    out.push_str("</s:complexType></s:element>\n");
}

fn write_entity(out: &mut String, def: &EntityDef, version: Version) {
    let _ = write!(
        out,
        "<s:complexType name=\"{}\"><s:complexContent><s:extension base=\"tns:Entity\">\
         <s:sequence>",
        def.name
    );
    let fields = def
        .fields
        .iter()
        .filter(|field| field.is_in(version) && !field.name.eq_ignore_ascii_case("id"));
    for field in fields {
        // Without a type: values bring their own.
        let _ = write!(
            out,
            "<s:element minOccurs=\"0\" maxOccurs=\"1\" name=\"{}\"/>",
            field.name
        );
    }
    out.push_str("</s:sequence></s:extension></s:complexContent></s:complexType>\n");
}

fn write_messages(out: &mut String, operation: &Operation) {
    let name = operation.name;
    for (direction, element) in [("In", name.to_owned()), ("Out", format!("{name}Response"))] {
        let _ = writeln!(
            out,
            "<wsdl:message name=\"{name}Soap{direction}\"><wsdl:part name=\"parameters\" \
             element=\"tns:{element}\"/></wsdl:message>"
        );
    }
    if operation.header {
        let _ = writeln!(
            out,
            "<wsdl:message name=\"{name}AutotaskIntegrations\"><wsdl:part \
             name=\"AutotaskIntegrations\" element=\"tns:AutotaskIntegrations\"/></wsdl:message>"
        );
    }
}

fn write_port(out: &mut String, operations: &[&Operation]) {
    out.push_str("<wsdl:portType name=\"ATWSSoap\">\n");
    for Operation { name, spelled, .. } in operations {
        let _ = writeln!(
            out,
            "<wsdl:operation name=\"{spelled}\"><wsdl:input message=\"tns:{name}SoapIn\"/>\
             <wsdl:output message=\"tns:{name}SoapOut\"/></wsdl:operation>"
        );
    }
    out.push_str("</wsdl:portType>\n");
}

fn write_binding(out: &mut String, operations: &[&Operation], namespace: &str) {
    out.push_str(
        "<wsdl:binding name=\"ATWSSoap\" type=\"tns:ATWSSoap\"><soap:binding \
         transport=\"http://schemas.xmlsoap.org/soap/http\" style=\"document\"/>\n",
    );
    for operation in operations {
        let Operation { name, spelled, .. } = operation;
        let header = if operation.header {
            format!(
                "<soap:header message=\"tns:{name}AutotaskIntegrations\" \
                 part=\"AutotaskIntegrations\" use=\"literal\"/>"
            )
        } else {
            String::new()
        };
        let _ = writeln!(
            out,
            "<wsdl:operation name=\"{spelled}\"><soap:operation \
             soapAction=\"{namespace}{name}\" style=\"document\"/>\
             <wsdl:input><soap:body use=\"literal\"/>{header}</wsdl:input>\
             <wsdl:output><soap:body use=\"literal\"/></wsdl:output></wsdl:operation>"
        );
    }
    out.push_str("</wsdl:binding>\n");
}
