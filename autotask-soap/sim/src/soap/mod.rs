//! SOAP 1.1 as the tenant speaks it: envelopes in, answers and faults out.

pub(crate) mod answer;
pub(crate) mod entity;
pub(crate) mod request;
pub(crate) mod xml;

/// The version of the API that a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V15,
    V16,
}

impl Version {
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Version::V15 => "http://autotask.net/ATWS/v1_5/",
            Version::V16 => "http://autotask.net/ATWS/v1_6/",
        }
    }
}

pub(crate) const SOAP11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// A SOAP fault: the server never got as far as an ATWS answer.
#[derive(Clone, Debug)]
pub(crate) struct SoapFault {
    pub(crate) code: &'static str,
    pub(crate) text: String,
}

impl SoapFault {
    pub(crate) fn client(text: impl Into<String>) -> Self {
        SoapFault {
            code: "soap:Client",
            text: text.into(),
        }
    }

    pub(crate) fn server(text: impl Into<String>) -> Self {
        SoapFault {
            code: "soap:Server",
            text: text.into(),
        }
    }
}

/// Operations that the tenant answers.
pub(crate) const OPERATIONS: &[&str] = &[
    "query",
    "create",
    "update",
    "delete",
    "GetFieldInfo",
    "getUDFInfo",
    "GetEntityInfo",
    "getZoneInfo",
    "getThresholdAndUsageInfo",
    "GetAttachment",
    "CreateAttachment",
    "DeleteAttachment",
    "GetWsdlVersion",
    "GetInvoiceMarkup",
    "IntegrationCodeCheck",
];

/// Operations whose result is an ATWSResponse, so that refusals need no fault.
pub(crate) fn has_return_code(operation: &str) -> bool {
    matches!(
        operation,
        "query"
            | "create"
            | "update"
            | "delete"
            | "getThresholdAndUsageInfo"
            | "IntegrationCodeCheck"
    )
}
