//! The Backup API: the appliance's settings and data as a file.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};
use secrecy::{ExposeSecret, SecretString};

use crate::call::{Call, Endpoint, Fields, Spelling, bad_address, check_status, form_request};
use crate::error::{Error, ErrorKind, Result};
use crate::reporting::binary::Wanted;

/// The text by which an appliance refuses a log-in here, in place of an `<error>`.
const REFUSED_LOGIN: &[u8] = b"Invalid credentials";

/// No refusal is longer.
const REFUSAL_LIMIT: usize = 64 * 1024;

/// Asks for a backup of the appliance, a `.nsb` file. Needs the permission for the Backup API.
///
/// It holds everything that can be set in /login and the logged data, but no recordings, and of
/// the file store at most 50 files of less than 200 KB each. How large it is, nobody says: with a
/// client, prefer `Client::download`, which gives the bytes as they arrive.
///
/// ```
/// use bomgar_api::backup::Backup;
/// use bomgar_api::{Call, Spelling};
///
/// let request = Backup::new()
///     .password("correct horse")
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.uri().path(), "/api/backup");
/// assert_eq!(request.headers()["content-type"], "application/json");
/// assert_eq!(request.body().as_ref(), br#"{"password":"correct horse"}"#);
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Backup {
    password: Option<SecretString>,
}

impl Backup {
    /// Asks for a backup without a password.
    pub fn new() -> Self {
        Backup::default()
    }

    /// Protects the file with a password, which is then needed to restore it.
    pub fn password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }
}

impl Call for Backup {
    type Reply = Bytes;

    fn operation(&self) -> &str {
        "backup"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Backup
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        match &self.password {
            Some(password) if password.expose_secret().is_empty() => {
                Err(Error::invalid_request("the backup's password is empty"))
            }
            _ => Ok(Fields::new()),
        }
    }

    fn decode(&self, body: &[u8]) -> Result<Bytes> {
        check(body)?;
        Ok(Bytes::copy_from_slice(body))
    }

    /// An empty form, or a JSON body when there is a password: the only one of these interfaces.
    fn encode(&self, base: &str, spelling: Spelling) -> Result<Request<Bytes>> {
        let url = self.endpoint().url(base, spelling);
        let request = self.fields().and_then(|_| match &self.password {
            None => form_request(&url, String::new()),
            Some(password) => {
                let json = serde_json::json!({ "password": password.expose_secret() });
                Request::builder()
                    .method(Method::POST)
                    .uri(&url)
                    .header(
                        header::CONTENT_TYPE,
                        HeaderValue::from_static("application/json"),
                    )
                    .header(header::CONNECTION, HeaderValue::from_static("close"))
                    .body(Bytes::from(json.to_string()))
                    .map_err(bad_address)
            }
        });
        request.map_err(|error| self.locate(error))
    }

    fn decode_response(&self, response: &Response<Bytes>) -> Result<Bytes> {
        check_status(response)
            .and_then(|()| check(response.body()))
            .map(|()| response.body().clone())
            .map_err(|error| self.locate(error))
    }
}

fn check(body: &[u8]) -> Result<()> {
    // Real backups are larger, or not text: one that happens to mention these words is not refused.
    let is_text = || std::str::from_utf8(body).is_ok_and(|text| !text.contains('\0'));
    let is_refusal = body.len() <= REFUSAL_LIMIT
        && body
            .windows(REFUSED_LOGIN.len())
            .any(|window| window == REFUSED_LOGIN)
        && is_text();
    if is_refusal {
        let message = "the appliance did not accept the credentials";
        return Err(Error::new(ErrorKind::Unauthorized, message)
            .with_server_text(Some("Invalid credentials".into())));
    }
    Wanted::Backup.check(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporting::binary::tests::refuses;

    #[test]
    fn without_a_password_the_body_is_an_empty_form() {
        let request = Backup::new().encode("https://a/", Spelling::Ns).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "https://a/api/backup.ns");
        assert_eq!(
            request.headers()["content-type"],
            "application/x-www-form-urlencoded"
        );
        assert!(request.body().is_empty());
    }

    #[test]
    fn the_password_is_escaped_and_in_no_debug_output() {
        let call = Backup::new().password("a\"b\\c\u{e9}");
        let request = call.encode("https://a", Spelling::Plain).unwrap();
        let json: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(json, serde_json::json!({ "password": "a\"b\\c\u{e9}" }));
        assert!(!format!("{:?}", Backup::new().password("hunter2")).contains("hunter2"));
        let empty = Backup::new()
            .password("")
            .encode("https://a", Spelling::Plain);
        assert_eq!(empty.unwrap_err().kind(), ErrorKind::InvalidRequest);
    }

    #[test]
    fn a_refusal_is_not_a_backup() {
        refuses(
            &Backup::new(),
            &[
                (b"Invalid credentials", ErrorKind::Unauthorized),
                (
                    b"<html><p>Invalid credentials</p></html>",
                    ErrorKind::Unauthorized,
                ),
            ],
        );
        let mut backup = b"NSB\x00\x01".to_vec();
        backup.extend_from_slice(REFUSED_LOGIN);
        assert_eq!(Backup::new().decode(&backup).unwrap(), backup);
    }
}
