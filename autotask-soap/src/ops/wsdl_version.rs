//! `GetWsdlVersion`: the exact version of the server.

use super::{Call, Context, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::wire::envelope;
use bytes::Bytes;
use http::{Request, Response};

/// Asks for the version of the zone's WSDL, for instance `1.6.11`.
#[derive(Clone, Copy, Debug, Default)]
pub struct GetWsdlVersion;

impl Call for GetWsdlVersion {
    type Answer = String;

    fn operation(&self) -> Operation {
        Operation::GetWsdlVersion
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        envelope::request(context, self.operation(), |_| {})
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<String> {
        let (operation, entity) = (self.operation(), None);
        let text = envelope::open_text(&response, context, operation, entity)?;
        if text.trim().is_empty() {
            let error = Error::new(ErrorKind::Malformed, "the answer has no version");
            return Err(envelope::place(
                error, &response, context, operation, entity,
            ));
        }
        Ok(text.trim().to_owned())
    }
}
