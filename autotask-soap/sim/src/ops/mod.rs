//! The operations.

mod attachment;
mod invoice;
mod metadata;
mod read;
mod write;

use crate::{
    fault::Effects,
    limits::Usage,
    rules::Caller,
    soap::{
        SoapFault, Version,
        answer::{Answer, RecordError},
        has_return_code,
        request::{Body, Request},
    },
    tenant::{ApiUser, Tenant},
};

/// What a call meets besides the tenant.
pub(crate) struct Context<'a> {
    pub(crate) user: Option<&'a ApiUser>,
    pub(crate) effects: &'a Effects,
    pub(crate) usage: Usage,
    /// The service's URL and the UI's, as getZoneInfo gives them.
    pub(crate) urls: (&'a str, &'a str),
}

/// Refuses with ReturnCode -1 where the operation has one, with a fault otherwise.
pub(crate) fn refuse(tenant: &Tenant, request: &Request, text: &str) -> Result<Answer, SoapFault> {
    if !has_return_code(request.operation) {
        return Err(SoapFault::server(text));
    }
    let errors = vec![RecordError::call(text)];
    Ok(Answer::refused(
        tenant,
        request.operation,
        request.version,
        errors,
    ))
}

/// Carries a call out; whatever it stores is stored when this returns.
pub(crate) fn execute(
    tenant: &mut Tenant,
    request: &Request,
    context: &Context<'_>,
) -> Result<Answer, SoapFault> {
    let version = request.version;
    let operation = request.operation;
    if let ("getZoneInfo", Body::Text(user)) = (operation, &request.body) {
        return Ok(read::zone_info(tenant, version, user, context.urls));
    }
    let Some(user) = context.user else {
        return Err(SoapFault::server("The user is unknown."));
    };
    if let Some(text) = integration_code_error(tenant, request, user) {
        return refuse(tenant, request, text);
    }
    if context.usage.used > context.usage.limit {
        let text = format!(
            "The Autotask API request threshold of {} requests in 60 minutes has been exceeded.",
            context.usage.limit
        );
        return refuse(tenant, request, &text);
    }
    if let Some(text) = impersonation_error(tenant, request) {
        return refuse(tenant, request, &text);
    }
    let caller = Caller {
        resource: user.resource,
        impersonate: request.impersonate,
        version,
    };
    match (operation, &request.body) {
        ("query", Body::Text(text)) => Ok(read::query(tenant, version, text, context.effects)),
        ("create", Body::Entities(entities)) => {
            Ok(write::create(tenant, &caller, entities, context.effects))
        }
        ("update", Body::Entities(entities)) => Ok(write::update(tenant, &caller, entities)),
        ("delete", Body::Entities(entities)) => Ok(write::delete(tenant, &caller, entities)),
        ("GetFieldInfo", Body::Text(name)) => metadata::field_info(tenant, version, name),
        ("getUDFInfo", Body::Text(name)) => metadata::udf_info(tenant, version, name),
        ("GetEntityInfo", _) => Ok(metadata::entity_info(tenant, version)),
        ("GetWsdlVersion", _) => Ok(read::wsdl_version(version)),
        ("getThresholdAndUsageInfo", _) => Ok(read::usage(tenant, version, context.usage)),
        ("IntegrationCodeCheck", Body::Text(name)) => {
            Ok(read::integration_code_check(tenant, version, name))
        }
        ("CreateAttachment", Body::Attachment { data, info }) => {
            attachment::create(tenant, &caller, data, info)
        }
        ("GetAttachment", Body::Number(id)) => attachment::get(tenant, version, *id),
        ("DeleteAttachment", Body::Number(id)) => attachment::delete(tenant, version, *id),
        ("GetInvoiceMarkup", Body::Invoice { id, format }) => {
            invoice::markup(tenant, version, *id, format)
        }
        _ => Err(SoapFault::server(format!(
            "The simulated tenant does not offer {operation}."
        ))),
    }
}

fn integration_code_error(
    tenant: &Tenant,
    request: &Request,
    user: &ApiUser,
) -> Option<&'static str> {
    const TEXT: &str = "IntegrationCode is invalid.";
    match &request.integration_code {
        Some(code) => (*code != user.integration_code).then_some(TEXT),
        // 1.5 asks for none, as a rule.
        None if request.version == Version::V15 && !tenant.settings.code_in_v1_5 => None,
        None => Some(TEXT),
    }
}

/// Entities that may be written in somebody's name.
const IMPERSONABLE: &[&str] = &[
    "AccountNote",
    "ContractNote",
    "ProjectNote",
    "TaskNote",
    "TicketNote",
    "TimeEntry",
    "Ticket",
];

fn impersonation_error(tenant: &Tenant, request: &Request) -> Option<String> {
    let resource = request.impersonate?;
    if !tenant.settings.allow_impersonation {
        return Some("The logged in resource may not impersonate other resources.".to_owned());
    }
    if request.operation == "update" && !tenant.settings.impersonated_updates {
        return Some("The logged in resource may not update as other resources.".to_owned());
    }
    if !tenant.is_usable("Resource", resource)
        || tenant.api_only.contains(&resource)
        || tenant.settings.not_impersonable.contains(&resource)
    {
        return Some(format!("The resource {resource} cannot be impersonated."));
    }
    let Body::Entities(entities) = &request.body else {
        return None;
    };
    let other = entities
        .iter()
        .find(|entity| !IMPERSONABLE.contains(&entity.def.name))?;
    Some(format!(
        "Impersonation is not supported for the entity {}.",
        other.def.name
    ))
}
