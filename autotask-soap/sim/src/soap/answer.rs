//! Writes answers.

use super::{Version, xml, xml::Xml};
use crate::{
    catalogue::{EntityDef, FieldDef, FieldTy},
    record::{Record, Val},
    settings::{ErrorStyle, WireTypes},
    tenant::Tenant,
    time,
};

/// The parts of an ATWSResponse.
pub(crate) struct AtwsResponse<'a> {
    pub(crate) entities: Vec<&'a Record>,
    pub(crate) def: Option<&'static EntityDef>,
    pub(crate) errors: Vec<RecordError>,
    /// Ids for EntityReturnInfoResults, with an optional message.
    pub(crate) infos: Vec<(i64, Option<String>)>,
    /// Their DatabaseAction.
    pub(crate) action: &'static str,
}

/// One error of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordError {
    /// Counts from 1; `None` when the error is about the call.
    pub(crate) record: Option<usize>,
    pub(crate) text: String,
}

impl RecordError {
    pub(crate) fn call(text: impl Into<String>) -> Self {
        RecordError {
            record: None,
            text: text.into(),
        }
    }

    pub(crate) fn record(number: usize, text: impl Into<String>) -> Self {
        RecordError {
            record: Some(number),
            text: text.into(),
        }
    }
}

/// An operation's answer before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) xml: String,
    pub(crate) return_code: Option<i32>,
    /// Ids that the call created, changed or deleted.
    pub(crate) committed: Vec<i64>,
}

impl Answer {
    /// A result that is one string.
    pub(crate) fn text(operation: &str, version: Version, text: &str) -> Self {
        let mut result = Xml::new();
        result.leaf(&format!("{operation}Result"), text);
        Answer::plain(operation, version, &result.finish())
    }

    /// A result of any other shape.
    pub(crate) fn plain(operation: &str, version: Version, result: &str) -> Self {
        Answer {
            xml: xml::response(operation, version, result),
            return_code: None,
            committed: Vec::new(),
        }
    }

    /// ReturnCode -1 with these errors.
    pub(crate) fn refused(
        tenant: &Tenant,
        operation: &str,
        version: Version,
        errors: Vec<RecordError>,
    ) -> Self {
        let response = AtwsResponse {
            entities: Vec::new(),
            def: None,
            errors,
            infos: Vec::new(),
            action: "None",
        };
        Answer::atws(tenant, operation, version, &response)
    }

    pub(crate) fn atws(
        tenant: &Tenant,
        operation: &str,
        version: Version,
        response: &AtwsResponse<'_>,
    ) -> Self {
        let return_code = if response.errors.is_empty() { 1 } else { -1 };
        let result_name = format!("{operation}Result");
        let mut xml = Xml::new();
        xml.open(&result_name)
            .leaf("ReturnCode", &return_code.to_string());
        match response.def {
            Some(def) if !response.entities.is_empty() => {
                let writer = EntityWriter::new(tenant, version);
                xml.open("EntityResults");
                for record in &response.entities {
                    xml.open_typed("Entity", def.name);
                    writer.write(&mut xml, def, record);
                    xml.close("Entity");
                }
                xml.close("EntityResults");
            }
            _ => {
                xml.empty("EntityResults");
            }
        }
        xml.leaf(
            "EntityResultType",
            &response
                .def
                .map_or(String::new(), |def| def.name.to_ascii_lowercase()),
        );
        write_errors(&mut xml, tenant.settings.error_style, &response.errors);
        write_infos(&mut xml, &response.infos, response.action);
        if tenant.settings.unknown_extras {
            xml.leaf("AddedInALaterRelease", "1");
        }
        xml.close(&result_name);
        Answer {
            xml: self::xml::response(operation, version, &xml.finish()),
            return_code: Some(return_code),
            committed: Vec::new(),
        }
    }
}

fn write_errors(xml: &mut Xml, style: ErrorStyle, errors: &[RecordError]) {
    if errors.is_empty() {
        xml.empty("Errors");
        return;
    }
    xml.open("Errors");
    let mut message = |text: &str| {
        xml.open("ATWSError")
            .leaf("Message", text)
            .close("ATWSError");
    };
    for error in errors {
        match (error.record, style) {
            (None, _) | (_, ErrorStyle::Unnumbered) => message(&error.text),
            (Some(number), ErrorStyle::Paired) => {
                message(&error.text);
                message(&format!(
                    "Error updating entity for record number [{number}]."
                ));
            }
            (Some(number), ErrorStyle::OneText) => {
                let reason = error.text.trim_end_matches('.');
                message(&format!("{reason}; on record number [{number}]."));
            }
        }
    }
    xml.close("Errors");
}

fn write_infos(xml: &mut Xml, infos: &[(i64, Option<String>)], action: &str) {
    if infos.is_empty() {
        xml.empty("EntityReturnInfoResults");
        return;
    }
    xml.open("EntityReturnInfoResults");
    for (id, message) in infos {
        xml.open("EntityReturnInfo")
            .leaf("EntityId", &id.to_string())
            .leaf("DatabaseAction", action)
            .open("DuplicateStatus")
            .leaf("Found", "false")
            .leaf("Ignored", "false")
            .close("DuplicateStatus");
        if let Some(message) = message {
            xml.leaf("Message", message);
        }
        xml.close("EntityReturnInfo");
    }
    xml.close("EntityReturnInfoResults");
}

/// Writes an entity's elements.
pub(crate) struct EntityWriter<'a> {
    tenant: &'a Tenant,
    version: Version,
    zone: jiff::tz::TimeZone,
}

impl<'a> EntityWriter<'a> {
    pub(crate) fn new(tenant: &'a Tenant, version: Version) -> Self {
        EntityWriter {
            tenant,
            version,
            zone: tenant.wire_zone(),
        }
    }

    pub(crate) fn write(&self, xml: &mut Xml, def: &EntityDef, record: &Record) {
        xml.leaf("id", &record.id.to_string());
        self.write_udfs(xml, def, record);
        for field in def.fields {
            if !field.is_in(self.version) || field.name.eq_ignore_ascii_case("id") {
                continue;
            }
            match record.get(field.name) {
                Some(value) if !value.is_empty_text() => self.write_value(xml, field, value),
                // Strings always come back, everything else only with a value.
                _ if field.ty == FieldTy::String => {
                    let blank = if self.tenant.settings.blank_for_empty {
                        " "
                    } else {
                        ""
                    };
                    xml.typed(field.name, "xsd:string", blank);
                }
                _ => {}
            }
        }
        if self.tenant.settings.unknown_extras {
            xml.typed("FieldOfALaterRelease", "xsd:string", "unknown");
        }
    }

    fn write_udfs(&self, xml: &mut Xml, def: &EntityDef, record: &Record) {
        let Some(udfs) = self.tenant.udfs.get(def.name) else {
            return;
        };
        // All fields come, or none when none has a value.
        if record.udfs.is_empty() {
            return;
        }
        xml.open("UserDefinedFields");
        for udf in udfs {
            xml.open("UserDefinedField").leaf("Name", &udf.name);
            if let Some(value) = record.udfs.get(&udf.name) {
                xml.leaf("Value", value);
            }
            xml.close("UserDefinedField");
        }
        xml.close("UserDefinedFields");
    }

    fn write_value(&self, xml: &mut Xml, field: &FieldDef, value: &Val) {
        let declared = self.tenant.settings.wire_types == WireTypes::Declared;
        let fraction = match field.ty {
            FieldTy::Double if declared => "xsd:double",
            FieldTy::Double | FieldTy::Decimal => "xsd:decimal",
            _ => "xsd:double",
        };
        let (xsi_type, text) = match value {
            Val::Int(value) => {
                let xsi_type = match field.ty {
                    FieldTy::Double | FieldTy::Decimal => fraction,
                    FieldTy::Short if declared => "xsd:short",
                    FieldTy::Long if declared => "xsd:long",
                    _ if i32::try_from(*value).is_ok() => "xsd:int",
                    _ => "xsd:long",
                };
                (xsi_type, value.to_string())
            }
            Val::Double(value) => (fraction, value.to_string()),
            Val::Text(value) => ("xsd:string", value.clone()),
            Val::Bool(value) => ("xsd:boolean", value.to_string()),
            Val::Time(value) => ("xsd:dateTime", time::format_time(*value, &self.zone)),
            Val::Date(value) => ("xsd:dateTime", time::format_day(*value)),
        };
        xml.typed(field.name, xsi_type, &text);
    }
}
