//! `getThresholdAndUsageInfo`: how many calls the tenant has left.

use super::{Call, Context, Operation};
use crate::error::{Error, ErrorKind, Result};
use crate::metadata::Threshold;
use crate::wire::envelope;
use bytes::Bytes;
use http::{Request, Response};

/// Asks for the tenant's allowance of calls and its use.
#[derive(Clone, Copy, Debug, Default)]
pub struct GetThresholdAndUsageInfo;

impl Call for GetThresholdAndUsageInfo {
    type Answer = Threshold;

    fn operation(&self) -> Operation {
        Operation::GetThresholdAndUsageInfo
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        envelope::request(context, self.operation(), |_| {})
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Threshold> {
        let operation = self.operation();
        let answer = envelope::open_atws(&response, context, operation, None, |_, _| Ok(()))?;
        answer
            .infos
            .iter()
            .find_map(|info| parse(&info.message))
            .ok_or_else(|| {
                let error = Error::new(ErrorKind::Malformed, "the answer does not tell the usage");
                envelope::place(error, &response, context, operation, None)
            })
    }
}

/// Reads `thresholdOfExternalRequest: 10000; TimeframeOfLimitation: 60; numberOfExternalRequest: 7;`,
/// whatever the case of the keys.
fn parse(message: &str) -> Option<Threshold> {
    let mut found = (None, None, None);
    for part in message.split(';') {
        let Some((key, value)) = part.split_once(':') else {
            continue;
        };
        let number: Option<u32> = value.trim().parse().ok();
        match key.trim().to_ascii_lowercase().as_str() {
            "thresholdofexternalrequest" => found.0 = number,
            "timeframeoflimitation" => found.1 = number,
            "numberofexternalrequest" => found.2 = number,
            _ => {}
        }
    }
    Some(Threshold {
        limit: found.0?,
        minutes: found.1?,
        used: found.2?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_without_regard_to_case() {
        let want = Some(Threshold {
            limit: 10_000,
            minutes: 60,
            used: 1234,
        });
        assert_eq!(
            parse(
                "thresholdOfExternalRequest: 10000; TimeframeOfLimitation: 60; numberOfExternalRequest: 1234;"
            ),
            want
        );
        assert_eq!(
            parse(
                "ThresholdOfExternalRequest:10000;timeframeOfLimitation:60;NumberOfExternalRequest:1234"
            ),
            want
        );
        assert_eq!(parse("thresholdOfExternalRequest: 10000;"), None);
        assert_eq!(parse(""), None);
    }
}
