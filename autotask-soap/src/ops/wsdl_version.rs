//! `GetWsdlVersion`: the exact version of the server.

use super::{Call, Context, Operation};
use crate::error::Result;
use crate::wire::cursor::WireError;
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
        envelope::open(
            &response,
            context,
            self.operation(),
            None,
            |cursor, result| {
                let text = match result {
                    Some(result) => cursor.text(result)?,
                    None => String::new(),
                };
                // A refusal in its place has elements and no text.
                if text.trim().is_empty() {
                    let detail = "the answer has no version";
                    return Err(WireError::unexpected(detail, cursor.position()));
                }
                Ok(text.trim().to_owned())
            },
        )
    }
}
