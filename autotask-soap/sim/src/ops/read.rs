//! Operations that only look.

use crate::{
    fault::Effects,
    limits::Usage,
    query,
    soap::{
        Version,
        answer::{Answer, AtwsResponse, RecordError},
        xml::Xml,
    },
    tenant::Tenant,
};

pub(super) fn query(tenant: &Tenant, version: Version, text: &str, effects: &Effects) -> Answer {
    let query = match query::parse(text, tenant, version) {
        Ok(query) => query,
        Err(text) => {
            return Answer::refused(tenant, "query", version, vec![RecordError::call(text)]);
        }
    };
    // Missing permissions look like missing records.
    let hidden = effects.hide || tenant.restricted.contains(query.def.name);
    let entities = if hidden {
        Vec::new()
    } else {
        query.run(tenant, effects.search_lag)
    };
    let response = AtwsResponse {
        entities,
        def: Some(query.def),
        errors: Vec::new(),
        infos: Vec::new(),
        action: "None",
    };
    Answer::atws(tenant, "query", version, &response)
}

pub(super) fn zone_info(
    tenant: &Tenant,
    version: Version,
    login: &str,
    (url, web_url): (&str, &str),
) -> Answer {
    let known = tenant
        .users
        .iter()
        .any(|user| user.login.eq_ignore_ascii_case(login.trim()));
    let mut xml = Xml::new();
    xml.open("getZoneInfoResult");
    if known {
        xml.leaf("URL", url)
            .leaf("ErrorCode", "0")
            .leaf("DataBaseType", "Production")
            .leaf("CI", &tenant.ci.to_string())
            .leaf("WebUrl", web_url);
    } else {
        xml.leaf("ErrorCode", "-1").leaf("CI", "0");
    }
    xml.close("getZoneInfoResult");
    Answer::plain("getZoneInfo", version, &xml.finish())
}

pub(super) fn wsdl_version(version: Version) -> Answer {
    let number = match version {
        Version::V15 => "1.5.17",
        Version::V16 => "1.6.11",
    };
    Answer::text("GetWsdlVersion", version, number)
}

pub(super) fn usage(tenant: &Tenant, version: Version, usage: Usage) -> Answer {
    let message = format!(
        "thresholdOfExternalRequest: {}; TimeframeOfLimitation: 60; numberOfExternalRequest: {};",
        usage.limit, usage.used
    );
    let response = AtwsResponse {
        entities: Vec::new(),
        def: None,
        errors: Vec::new(),
        infos: vec![(0, Some(message))],
        action: "None",
    };
    Answer::atws(tenant, "getThresholdAndUsageInfo", version, &response)
}

pub(super) fn integration_code_check(tenant: &Tenant, version: Version, login: &str) -> Answer {
    let user = tenant
        .users
        .iter()
        .find(|user| user.login.eq_ignore_ascii_case(login.trim()));
    let is_api_user = user.is_some_and(|user| user.is_api_user).to_string();
    let known = user.is_some().to_string();
    let mut xml = Xml::new();
    xml.open("IntegrationCodeCheckResult")
        .leaf("ReturnCode", "1")
        .empty("Errors")
        .leaf("IsApiUser", &is_api_user)
        .leaf("IsIntegrationCodeAssociated", &known)
        .close("IntegrationCodeCheckResult");
    let mut answer = Answer::plain("IntegrationCodeCheck", version, &xml.finish());
    answer.return_code = Some(1);
    answer
}
