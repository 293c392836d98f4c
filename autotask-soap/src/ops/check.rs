//! `IntegrationCodeCheck`: whether user and integration belong together.

use super::field_info::flag;
use super::{Call, Context, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::metadata::IntegrationCheck;
use crate::wire::envelope::{self, AtwsResponse};
use bytes::Bytes;
use http::{Request, Response};

/// Asks whether the user is an API user and has the integration code. ATWS 1.6 only.
#[derive(Clone, Debug)]
pub struct IntegrationCodeCheck {
    /// The API user's full login.
    pub username: String,
}

impl Call for IntegrationCodeCheck {
    type Answer = IntegrationCheck;

    fn operation(&self) -> Operation {
        Operation::IntegrationCodeCheck
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        if !context.version.has_impersonation() {
            let detail = "ATWS 1.5 cannot check integration codes; use 1.6";
            return Err(Error::new(ErrorKind::Config, detail).with_call(self.operation(), None));
        }
        envelope::request(context, self.operation(), |writer| {
            writer.element("userName", &self.username);
        })
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<IntegrationCheck> {
        let operation = self.operation();
        let (answer, check) =
            envelope::open(&response, context, operation, None, |cursor, result| {
                let mut check = IntegrationCheck::default();
                let mut answer = AtwsResponse::<()>::default();
                let Some(result) = result else {
                    return Ok((answer, check));
                };
                while let Some(child) = cursor.next_child(result)? {
                    match child.name() {
                        "IsApiUser" => check.is_api_user = flag(cursor, &child)?,
                        "IsIntegrationCodeAssociated" => {
                            check.is_integration_code_associated = flag(cursor, &child)?;
                        }
                        _ => answer.read_verdict(cursor, &child)?,
                    }
                }
                Ok((answer, check))
            })?;
        answer
            .judge(context, operation, 0)
            .map(|_| check)
            .map_err(|error| envelope::place(error, &response, context, operation, None))
    }
}
