//! `set_session_attributes`, `get_session_attributes`, and the size rules for attributes.

use crate::commands::sessions::active;
use crate::commands::{Answer, Request, document, success};
use crate::request::Params;
use crate::state::State;

const MAX_ATTRIBUTE_CHARS: usize = 1_024;
const MAX_ATTRIBUTES_BYTES: usize = 10 * 1_024;

/// The size rules for custom attributes, external key included.
pub(crate) fn check_size(attributes: &[(String, String)]) -> Result<(), String> {
    let long = attributes
        .iter()
        .find(|(_, value)| value.chars().count() > MAX_ATTRIBUTE_CHARS);
    if let Some((name, _)) = long {
        return Err(format!(
            "{name} must not be longer than {MAX_ATTRIBUTE_CHARS} characters."
        ));
    }
    let total: usize = attributes.iter().map(|(_, value)| value.len()).sum();
    if total > MAX_ATTRIBUTES_BYTES {
        return Err("The custom attributes must not be larger than 10 KB in total.".to_owned());
    }
    Ok(())
}

pub(crate) fn custom(params: &Params) -> Vec<(String, String)> {
    params
        .custom()
        .map(|(code, value)| (code.to_owned(), value.to_owned()))
        .collect()
}

pub(super) fn set(request: &Request<'_>, state: &mut State) -> Answer {
    let changes = custom(request.params);
    let session = active(state, request.params)?;
    let mut all: Vec<(String, String)> = session
        .custom
        .iter()
        .map(|a| (a.code_name.clone(), a.value.clone()))
        .collect();
    all.push(("external_key".to_owned(), session.external_key.clone()));
    all.retain(|(code, _)| !changes.iter().any(|(changed, _)| changed == code));
    all.extend(changes.iter().cloned());
    check_size(&all)?;
    for (code, value) in &changes {
        session.set_custom(code, value);
    }
    Ok(success(state, "Session attributes were set"))
}

pub(super) fn get(request: &Request<'_>, state: &mut State) -> Answer {
    let session = active(state, request.params)?.clone();
    Ok(document(state, "custom_attributes", |xml| {
        if !session.external_key.is_empty() {
            let names = [
                ("display_name", "External Key"),
                ("code_name", "external_key"),
            ];
            xml.leaf("custom_attribute", &names, &session.external_key);
        }
        for attribute in &session.custom {
            let names = [
                ("display_name", attribute.display_name.as_str()),
                ("code_name", attribute.code_name.as_str()),
            ];
            xml.leaf("custom_attribute", &names, &attribute.value);
        }
    }))
}
