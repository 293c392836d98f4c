//! `create_virtual_customer`: a session in which a program stands for the customer.

use std::net::IpAddr;

use crate::client_script;
use crate::commands::{Answer, Request, at_most, document, flag, required};
use crate::people::Customer;
use crate::state::State;

const LOCALES: [&str; 16] = [
    "en-us", "de", "es", "es-sp", "fi", "fr", "it", "nl", "pt-br", "pt-pt", "sv-se", "tr", "ja",
    "zh-hans", "zh", "ru",
];

pub(super) fn create(request: &Request<'_>, state: &mut State) -> Answer {
    let params = request.params;
    let short_key = required(params, "short_key")?;
    let name = required(params, "name")?;
    at_most(params, "name", 100)?;
    let address: IpAddr = required(params, "ip_address")?
        .parse()
        .map_err(|_| "The ip_address parameter is invalid.".to_owned())?;
    let os = required(params, "operating_system")?;
    let hostname = required(params, "computer_name")?;
    let locale = params.filled("locale");
    if locale.is_some_and(|locale| !LOCALES.contains(&locale)) {
        return Err("The locale parameter is invalid.".to_owned());
    }
    // The page describes the click-to-chat flag under the name of the address it asks for.
    flag(params, "chat_url")?;
    let key = state.valid_key(short_key).ok_or("Invalid short_key.")?;
    let customer = Customer::new(name)
        .os(os)
        .hostname(hostname)
        .ips(public_ip(address), address.to_string());
    let spec = client_script::spec_from_key(state, &key).customer(customer);
    let lsid = client_script::begin(request.inner, state, spec);
    let base = &request.inner.base_url;
    Ok(document(state, "virtual_customer", |xml| {
        let download = format!("{base}/session_client?lsid={lsid}");
        let chat = format!("{base}/session_chat?lsid={lsid}");
        xml.leaf("download_url", &[], &download);
        xml.leaf("chat_url", &[], &chat);
        xml.leaf("lsid", &[], &lsid);
    }))
}

/// Address and port as reports write them; no port is known.
fn public_ip(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("{address}:0"),
        IpAddr::V6(address) => format!("[{address}]:0"),
    }
}
