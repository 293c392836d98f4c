//! The address that load balancers and monitoring systems ask.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

use crate::call::{Call, Endpoint, Fields, Spelling, check_status, get_request};
use crate::error::{Result, shorten};

/// Asks an appliance whether it is well, without saying who asks.
///
/// For more, and with an account, there is
/// [`CheckHealth`](crate::command::CheckHealth) of the Command API.
///
/// ```
/// use bomgar_api::health_probe::HealthProbe;
/// use bomgar_api::{Call, Spelling};
///
/// let request = HealthProbe.encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.uri(), "https://support.example.com/check_health");
///
/// let bad = http::Response::builder().status(500).body("Database is down\n".into())?;
/// let result = HealthProbe.decode_response(&bad)?;
/// assert!(!result.is_healthy);
/// assert_eq!(result.text, "Database is down");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct HealthProbe;

/// What an appliance says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ProbeResult {
    /// Whether it is well: status 200, not 500.
    pub is_healthy: bool,
    /// A few words for people, on one line, at most 300 characters.
    pub text: String,
}

impl HealthProbe {
    fn result(is_healthy: bool, body: &[u8]) -> ProbeResult {
        ProbeResult {
            is_healthy,
            text: shorten(&String::from_utf8_lossy(body), 300),
        }
    }
}

impl Call for HealthProbe {
    type Reply = ProbeResult;

    fn operation(&self) -> &str {
        "check_health"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::HealthProbe
    }

    fn is_read(&self) -> bool {
        true
    }

    fn is_authenticated(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        Ok(Fields::new())
    }

    fn encode(&self, base: &str, spelling: Spelling) -> Result<Request<Bytes>> {
        get_request(&self.endpoint().url(base, spelling)).map_err(|error| self.locate(error))
    }

    fn decode(&self, body: &[u8]) -> Result<ProbeResult> {
        Ok(Self::result(true, body))
    }

    /// The status alone decides; the text has no fixed form.
    fn decode_response(&self, response: &Response<Bytes>) -> Result<ProbeResult> {
        match check_status(response) {
            Ok(()) => self.decode(response.body()),
            Err(_) if response.status() == StatusCode::INTERNAL_SERVER_ERROR => {
                Ok(Self::result(false, response.body()))
            }
            Err(error) => Err(self.locate(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn probe(status: u16, body: &[u8]) -> Result<ProbeResult> {
        let response = Response::builder().status(status);
        HealthProbe.decode_response(&response.body(Bytes::copy_from_slice(body)).unwrap())
    }

    #[test]
    fn the_status_decides() {
        assert!(probe(200, b"Success").unwrap().is_healthy);
        let sick = probe(500, b"disk\nfull \xff").unwrap();
        assert_eq!(
            (sick.is_healthy, sick.text.as_str()),
            (false, "disk full \u{fffd}")
        );
        assert_eq!(probe(500, &[b'x'; 10_000]).unwrap().text.len(), 300 + 3);
        for status in [302, 404, 502] {
            assert_eq!(
                probe(status, b"").unwrap_err().kind(),
                ErrorKind::HttpStatus
            );
        }
        assert!(!HealthProbe.is_authenticated());
    }
}
