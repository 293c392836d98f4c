//! The appliance and the account, from arguments and environment.

use super::{Failure, Outcome, cli::Global};
use crate::tool::filled;
use bomgar_api::{Client, Credentials, Spelling};
use std::fs;

type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The appliance's address, as URL.
pub(super) struct Place {
    /// Scheme, host and port.
    pub(super) base: String,
    /// Host and port.
    pub(super) host: String,
    pub(super) spelling: Spelling,
}

impl Place {
    /// The same URL on this appliance; the SDK writes `https`, simulators have `http`.
    pub(super) fn rebase(&self, url: &str) -> String {
        url.strip_prefix(&format!("https://{}", self.host))
            .map_or_else(|| url.to_owned(), |rest| format!("{}{rest}", self.base))
    }
}

fn address(global: &Global, variable: Variable<'_>) -> Outcome<String> {
    global
        .base_url
        .clone()
        .or_else(|| filled(variable, "BOMGAR_HOST"))
        .ok_or_else(|| {
            let what = "no appliance: set BOMGAR_HOST to its host name, or give --base-url";
            Failure::Usage(what.to_owned())
        })
}

fn spelling(global: &Global) -> Spelling {
    if global.ns {
        Spelling::Ns
    } else {
        Spelling::Plain
    }
}

/// Where the appliance is, for commands that ask it nothing.
pub(super) fn place(global: &Global, variable: Variable<'_>) -> Outcome<Place> {
    let address = address(global, variable)?;
    let address = address.trim_end_matches('/');
    let (scheme, host) = address.split_once("://").unwrap_or(("https", address));
    if !matches!(scheme, "http" | "https") {
        let what = "the appliance's address has a scheme other than http and https";
        return Err(Failure::Usage(what.to_owned()));
    }
    if host.contains('@') {
        // It may be a password, so it is not repeated.
        let what = "the appliance's address must not contain a user name";
        return Err(Failure::Usage(what.to_owned()));
    }
    Ok(Place {
        base: format!("{scheme}://{host}"),
        host: host.to_owned(),
        spelling: spelling(global),
    })
}

/// A client of the appliance.
pub(super) fn client(global: &Global, variable: Variable<'_>) -> Outcome<Client> {
    let get = |name| filled(variable, name);
    let credentials = match (
        get("BOMGAR_CLIENT_ID"),
        get("BOMGAR_CLIENT_SECRET"),
        get("BOMGAR_USERNAME"),
        get("BOMGAR_PASSWORD"),
    ) {
        (Some(id), Some(secret), ..) => Credentials::oauth(id, secret),
        (None, None, Some(username), Some(password)) => Credentials::user(username, password),
        (Some(_), None, ..) | (None, Some(_), ..) => {
            let what = "BOMGAR_CLIENT_ID and BOMGAR_CLIENT_SECRET belong together: set both";
            return Err(Failure::Usage(what.to_owned()));
        }
        _ => {
            let what = "no credentials: set BOMGAR_CLIENT_ID and BOMGAR_CLIENT_SECRET, or \
                        BOMGAR_USERNAME and BOMGAR_PASSWORD for versions before 16.2.1";
            return Err(Failure::Usage(what.to_owned()));
        }
    };
    let mut builder = Client::builder(address(global, variable)?, credentials)
        .spelling(spelling(global))
        .allow_plain_http(global.allow_plain_http)
        .danger_accept_invalid_certs(global.danger_accept_invalid_certs)
        .user_agent(concat!("bomgar-example/", env!("CARGO_PKG_VERSION")));
    if let Some(language) = &global.language {
        builder = builder.language(language);
    }
    if let Some(file) = &global.ca_cert {
        let pem = fs::read(file).map_err(|error| {
            Failure::Usage(format!("{} cannot be read: {error}", file.display()))
        })?;
        builder = builder.add_root_certificates_pem(pem);
    }
    Ok(builder.build()?)
}
