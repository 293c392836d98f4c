//! `generate_session_key`

use crate::client_script;
use crate::commands::attributes::{check_size, custom};
use crate::commands::{Answer, Request, bit, document};
use crate::keys::KeyRequest;
use crate::request::Params;
use crate::state::State;

const MAX_TTL: i64 = 30 * 86_400;

fn read(params: &Params, queue: &str) -> Result<KeyRequest, String> {
    let mut request = KeyRequest::new(queue);
    if let Some(text) = params.filled("ttl") {
        request.ttl = text
            .parse()
            .ok()
            .filter(|ttl| (1..=MAX_TTL).contains(ttl))
            .ok_or("The ttl parameter is invalid.")?;
    }
    let mut attributes = custom(params);
    if let Some(old_spelling) = params.filled("external_key") {
        attributes.push(("external_key".to_owned(), old_spelling.to_owned()));
    }
    check_size(&attributes)?;
    request.external_key = attributes
        .iter()
        .find(|(code, _)| code == "external_key")
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
    attributes.retain(|(code, _)| code != "external_key");
    request.custom = attributes;
    request.priority = match params.filled("session.priority") {
        None => None,
        Some("1") => Some(1),
        Some("2") => Some(2),
        Some("3") => Some(3),
        Some(_) => return Err("The session.priority parameter must be 1, 2 or 3.".to_owned()),
    };
    if let Some(skills) = params.filled("session.skills") {
        request.skills = skills.split(',').map(|s| s.trim().to_owned()).collect();
    }
    client_script::check_customer(params)?;
    request.customer = client_script::customer(params);
    request.url_hostname = params.filled("url_hostname").map(str::to_owned);
    Ok(request)
}

pub(super) fn generate(request: &Request<'_>, state: &mut State) -> Answer {
    let params = request.params;
    if params.get("type") != Some("support") {
        return Err("The type parameter must be support.".to_owned());
    }
    let queue = super::required(params, "queue_id")?;
    state.check_queue(queue)?;
    let key = state.make_key(&request.inner.base_url, read(params, queue)?);
    let available = bit(state.queue_available(queue));
    let (kind, id) = queue.split_once(':').unwrap_or((queue, ""));
    let (kind, id) = match kind {
        "rep_username" => {
            let rep = state.staff.known.iter().find(|rep| rep.username == id);
            ("rep", rep.map(|rep| rep.id.to_string()).unwrap_or_default())
        }
        kind => (kind, id.to_owned()),
    };
    Ok(document(state, "session_key", |xml| {
        xml.leaf("type", &[], "support");
        xml.leaf("expires", &[], &key.expires.to_string());
        xml.leaf("queue", &[("available", available)], kind);
        if !id.is_empty() {
            xml.leaf("queue_id", &[], &id);
        }
        if !key.external_key.is_empty() {
            xml.leaf("external_key", &[], &key.external_key);
        }
        xml.leaf("short_key", &[], &key.short_key);
        xml.leaf("key_url", &[], &key.key_url);
        xml.leaf("mail_subject", &[], "Support Session Invitation");
        let mail = format!(
            "\nPlease open this address to start your support session:\n\n{}\n\n\
             Or enter the key {} on our site.\n\t",
            key.key_url, key.short_key
        );
        xml.leaf("mail_body", &[], &mail);
    }))
}
