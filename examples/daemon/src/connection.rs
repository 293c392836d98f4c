//! One appliance and one tenant, connected.

use crate::config::{ApplianceCredentials, AutotaskConfig, Configuration, WireZone, WorkerConfig};
use autotask_soap::{
    time::WireZone as SoapZone,
    transport::{HttpOptions, HttpTransport},
};
use bomgar_api::Credentials;
use integration_core::{
    adapters::{AutotaskDesk, BomgarAppliance, DeskSettings},
    profile::Profile,
    template::Templates,
};

/// What a session needs on its way from the appliance to the ticket.
#[derive(Debug)]
pub struct Connection {
    /// The appliance.
    pub appliance: BomgarAppliance,
    /// The tenant.
    pub desk: AutotaskDesk,
    /// What is written.
    pub profile: Profile,
    /// How it looks.
    pub templates: Templates,
}

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("configuration {configuration:?}: {what}")]
pub struct ConnectionError {
    configuration: String,
    what: String,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Connection {
    /// Makes the clients. No call is made yet.
    ///
    /// # Errors
    /// When a client refuses its settings.
    pub fn new(
        configuration: &Configuration,
        worker: &WorkerConfig,
    ) -> Result<Connection, ConnectionError> {
        let fail = |what: &str, source: Box<dyn std::error::Error + Send + Sync>| ConnectionError {
            configuration: configuration.name.clone(),
            what: what.to_owned(),
            source,
        };
        let appliance = appliance(configuration)
            .map_err(|error| fail("the appliance's settings cannot be used", Box::new(error)))?;
        let desk = desk(&configuration.autotask, worker)
            .map_err(|error| fail("the Autotask settings cannot be used", error))?;
        Ok(Connection {
            appliance: BomgarAppliance::new(appliance),
            desk: AutotaskDesk::new(desk, DeskSettings::default()),
            profile: configuration.profile.clone(),
            templates: Templates::built_in(),
        })
    }
}

fn appliance(configuration: &Configuration) -> bomgar_api::Result<bomgar_api::Client> {
    let settings = &configuration.appliance;
    let address = match &settings.base_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None if settings.use_non_tls_connections && !is_oauth(&settings.credentials) => {
            format!("http://{}", settings.host)
        }
        None => settings.host.clone(),
    };
    let credentials = match &settings.credentials {
        ApplianceCredentials::OAuth {
            client_id,
            client_secret,
        } => Credentials::oauth(client_id.clone(), client_secret.clone()),
        ApplianceCredentials::User { name, password } => {
            Credentials::user(name.clone(), password.clone())
        }
    };
    let mut builder = bomgar_api::Client::builder(address, credentials)
        .allow_plain_http(settings.use_non_tls_connections)
        .user_agent(concat!("bomgar-autotask/", env!("CARGO_PKG_VERSION")));
    if let Some(locale) = &settings.locale {
        builder = builder.language(locale.clone());
    }
    #[cfg(any(feature = "rustls", feature = "native-tls"))]
    {
        builder = builder.danger_accept_invalid_certs(settings.allow_invalid_certificates);
    }
    builder.build()
}

fn is_oauth(credentials: &ApplianceCredentials) -> bool {
    matches!(credentials, ApplianceCredentials::OAuth { .. })
}

fn desk(
    settings: &AutotaskConfig,
    worker: &WorkerConfig,
) -> Result<autotask_soap::Client, Box<dyn std::error::Error + Send + Sync>> {
    let mut http = HttpOptions::default();
    http.timeout = worker.request_timeout.unsigned_abs();
    let mut builder = autotask_soap::Client::builder(
        settings.username.clone(),
        settings.password.clone(),
        settings.integration_code.clone(),
    )
    .wire_zone(match settings.wire_zone {
        WireZone::Eastern => SoapZone::eastern(),
        WireZone::Utc => SoapZone::utc(),
    })
    .timeout(http.timeout);
    // The vendor's own addresses are looked up anew: tenants move, and the version in an address
    // copied from an old configuration may be gone.
    if let Some(url) = settings
        .services_url
        .as_ref()
        .filter(|url| !is_vendors(url))
    {
        builder = builder.endpoint(url.as_str());
    }
    let transport = HttpTransport::new(&http)?;
    #[cfg(feature = "failpoints")]
    let transport = crate::failpoint::Calls::new(transport);
    Ok(builder.transport(transport).build()?)
}

fn is_vendors(url: &url::Url) -> bool {
    url.host_str()
        .is_some_and(|host| host.to_ascii_lowercase().ends_with(".autotask.net"))
}
