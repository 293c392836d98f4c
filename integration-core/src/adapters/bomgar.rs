//! The appliance port for `bomgar-api`'s client.

use crate::{
    failure::{Failure, FailureClass},
    ports::Appliance,
};
use async_trait::async_trait;
use bomgar_api::{Client, Error, ErrorKind, reporting::Session};

/// A `bomgar_api::Client` as the executor's [`Appliance`].
#[derive(Clone, Debug)]
pub struct BomgarAppliance {
    client: Client,
}

impl BomgarAppliance {
    /// Wraps a client.
    pub fn new(client: Client) -> Self {
        BomgarAppliance { client }
    }
}

#[async_trait]
impl Appliance for BomgarAppliance {
    async fn session(&self, lsid: &str) -> Result<Option<Session>, Failure> {
        self.client
            .support_session(lsid)
            .await
            .map_err(|error| failure(&error))
    }
}

/// Classes an error of the client. Its text holds neither secrets nor the document.
fn failure(error: &Error) -> Failure {
    let (class, hint) = match error.kind() {
        ErrorKind::InvalidClient => (
            FailureClass::Config,
            "check the OAuth client ID and secret (appliance: Management > API Configuration); \
             regenerating the secret makes the old one useless",
        ),
        ErrorKind::Unauthorized => (
            FailureClass::Config,
            "check the appliance account: its credentials, and that the XML API is enabled",
        ),
        ErrorKind::Forbidden => (
            FailureClass::Config,
            "give the API account access to support session reports",
        ),
        ErrorKind::Config => (
            FailureClass::Config,
            "correct the appliance settings of this configuration",
        ),
        ErrorKind::RateLimited => (
            FailureClass::Limit,
            "nothing to do: the appliance asks for a pause",
        ),
        ErrorKind::Malformed => (
            FailureClass::Bug,
            "the appliance's answer could not be understood; please report it to the authors \
             with the kept document",
        ),
        ErrorKind::InvalidRequest => (
            FailureClass::Data,
            "the event names a session that cannot be asked for",
        ),
        ErrorKind::TooLarge => (
            FailureClass::Data,
            "raise the limit for answers of the appliance",
        ),
        // Api: the appliance refused in its own words. They are localised, so nothing can be
        // concluded from them; a refusal may pass, and the retry limit ends it.
        _ => (
            FailureClass::Transient,
            "nothing to do unless it lasts: check that the appliance is up and reachable",
        ),
    };
    Failure {
        retry_after_seconds: error.retry_after().map(|wait| wait.as_secs()),
        ..Failure::new(class, error.to_string(), hint)
    }
}
