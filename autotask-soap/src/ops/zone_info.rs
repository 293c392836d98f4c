//! `getZoneInfo`: where the tenant lives.

use super::{Call, Context, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::wire::cursor::WireError;
use crate::wire::envelope;
use crate::zone::ZoneInfo;
use bytes::Bytes;
use http::{Request, Response};
use url::Url;

/// Asks for the zone of a user. Needs no credentials.
#[derive(Clone, Debug)]
pub struct GetZoneInfo {
    /// The API user's full login.
    pub username: String,
}

#[derive(Debug, Default)]
struct Answer {
    url: String,
    web_url: String,
    error_code: Option<i64>,
    ci: Option<i64>,
    database_type: String,
}

impl Call for GetZoneInfo {
    type Answer = ZoneInfo;

    fn operation(&self) -> Operation {
        Operation::GetZoneInfo
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        envelope::request(context, self.operation(), |writer| {
            writer.element("UserName", &self.username);
        })
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<ZoneInfo> {
        let operation = self.operation();
        let answer = envelope::open(&response, context, operation, None, |cursor, result| {
            let Some(result) = result else {
                return Err(WireError::unexpected(
                    "the answer has no result",
                    cursor.position(),
                ));
            };
            let mut answer = Answer::default();
            while let Some(child) = cursor.next_child(result)? {
                match child.name() {
                    "URL" => answer.url = cursor.text(&child)?,
                    "WebUrl" => answer.web_url = cursor.text(&child)?,
                    "ErrorCode" => answer.error_code = cursor.text(&child)?.trim().parse().ok(),
                    "CI" => answer.ci = cursor.text(&child)?.trim().parse().ok(),
                    "DataBaseType" => answer.database_type = cursor.text(&child)?,
                    _ => {}
                }
            }
            Ok(answer)
        })?;
        self.judge(answer)
            .map_err(|error| envelope::place(error, &response, context, operation, None))
    }
}

impl GetZoneInfo {
    fn judge(&self, answer: Answer) -> Result<ZoneInfo> {
        let malformed = |detail: String| Error::new(ErrorKind::Malformed, detail);
        match answer.error_code {
            Some(0) => {}
            Some(code) => {
                let detail = format!("'{}', ErrorCode {code}", self.username);
                return Err(Error::new(ErrorKind::UnknownUser, detail));
            }
            None => return Err(malformed("the zone has no ErrorCode".to_owned())),
        }
        let url = Url::parse(answer.url.trim()).map_err(|error| {
            malformed("the zone's URL is not an address".to_owned()).with_source(error)
        })?;
        let ci = answer
            .ci
            .ok_or_else(|| malformed("the zone has no CI".to_owned()))?;
        let text = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(ZoneInfo {
            url,
            ci,
            web_url: text(answer.web_url),
            database_type: text(answer.database_type),
        })
    }
}
