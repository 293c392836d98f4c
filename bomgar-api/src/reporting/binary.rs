//! Answers that are files. Errors come in their place as XML, JSON or a proxy's HTML, all with
//! status 200, so what a file begins with decides.

use bytes::Bytes;
use http::Response;

use crate::call::{check_status, json_message};
use crate::error::{Error, ErrorKind, Result};
use crate::sniff::{BodyKind, HEAD};
use crate::xml::read_reply;

/// Text of an error is not read further than this.
pub(crate) const ERROR_LIMIT: usize = 64 * 1024;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Recording,
    Archive,
    Zip,
    Backup,
}

impl Wanted {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Wanted::Recording => "a recording",
            Wanted::Archive => "an archive",
            Wanted::Zip => "a ZIP archive",
            Wanted::Backup => "a backup",
        }
    }

    /// Whether a body of this kind may be what was asked for. Which video formats there are, and
    /// what a backup begins with, is not known.
    fn takes(self, kind: BodyKind) -> bool {
        match self {
            Wanted::Recording | Wanted::Backup => {
                matches!(kind, BodyKind::Gzip | BodyKind::Zip | BodyKind::Other)
            }
            Wanted::Archive => matches!(kind, BodyKind::Gzip | BodyKind::Json),
            Wanted::Zip => kind == BodyKind::Zip,
        }
    }

    /// Checks the beginning of a body; `body` may be all of it.
    pub(crate) fn check(self, body: &[u8]) -> Result<()> {
        let kind = kind_of(body);
        let is_json_error = || body.len() <= ERROR_LIMIT && json_message(body).is_some();
        if self.takes(kind) && !(kind == BodyKind::Json && is_json_error()) {
            return Ok(());
        }
        Err(refuse(body, self.name()))
    }

    /// The file in an answer.
    pub(crate) fn decode(self, response: &Response<Bytes>) -> Result<Bytes> {
        check_status(response)?;
        self.check(response.body())?;
        Ok(response.body().clone())
    }
}

pub(crate) fn kind_of(body: &[u8]) -> BodyKind {
    let mut head = &body[..body.len().min(HEAD)];
    // White space alone says nothing when more follows.
    if head.trim_ascii().is_empty() {
        head = body.trim_ascii_start();
    }
    BodyKind::of(&head[..head.len().min(HEAD)])
}

/// The error that a body stands for which is not what was asked for.
pub(crate) fn refuse(body: &[u8], wanted: &str) -> Error {
    let kind = kind_of(body);
    let body = &body[..body.len().min(ERROR_LIMIT)];
    let instead = || format!("the answer is {}, not {wanted}", kind.name());
    let error = match kind {
        BodyKind::Empty => Error::new(
            ErrorKind::Truncated,
            format!("the answer is empty where {wanted} belongs"),
        ),
        BodyKind::Xml => match read_reply("error", body, |(): &mut (), _, _| Ok(())) {
            Err(error) if is_reported(&error) => return error,
            _ => Error::new(ErrorKind::WrongContent, instead()),
        },
        BodyKind::Json => match json_message(body) {
            Some(text) => return Error::api(&text),
            None => Error::new(ErrorKind::WrongContent, instead()),
        },
        BodyKind::Html | BodyKind::Gzip | BodyKind::Zip | BodyKind::Other => {
            Error::new(ErrorKind::WrongContent, instead())
        }
    };
    error.with_raw_body(body)
}

/// Whether the appliance itself says that something is wrong, or its XML is cut off.
fn is_reported(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Api | ErrorKind::Unauthorized | ErrorKind::Truncated
    )
}

/// Implements `Call` for a report that answers a file.
macro_rules! file_report {
    ($name:ident, $operation:literal, $wanted:expr, $self:ident => $fields:expr $(, $session:ident)?) => {
        impl $crate::Call for $name {
            type Reply = bytes::Bytes;

            fn operation(&self) -> &str {
                $operation
            }

            fn endpoint(&self) -> $crate::Endpoint {
                $crate::Endpoint::Reporting
            }

            fn is_read(&self) -> bool {
                true
            }

            fn fields(&$self) -> $crate::Result<$crate::Fields> {
                $fields
            }

            fn decode(&self, body: &[u8]) -> $crate::Result<bytes::Bytes> {
                $wanted.check(body)?;
                Ok(bytes::Bytes::copy_from_slice(body))
            }

            fn decode_response(
                &self,
                response: &http::Response<bytes::Bytes>,
            ) -> $crate::Result<bytes::Bytes> {
                $wanted.decode(response).map_err(|error| self.locate(error))
            }

            $(fn session(&self) -> Option<&str> {
                Some(&self.$session)
            })?
        }
    };
}
pub(crate) use file_report;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Call;

    /// What every file report must refuse, with the kind of the error.
    pub(crate) const REFUSED: &[(&[u8], ErrorKind)] = &[
        (b"", ErrorKind::Truncated),
        (b"\xef\xbb\xbf \r\n", ErrorKind::Truncated),
        (
            b"<?xml version=\"1.0\"?>\n\n<error xmlns=\"urn:x\">This recording has expired.</error>",
            ErrorKind::Api,
        ),
        (b"<error >Bad</error>", ErrorKind::Api),
        (b"<error>Login failed</error>", ErrorKind::Unauthorized),
        (b"<error>cut of", ErrorKind::Truncated),
        (b"<session_list/>", ErrorKind::WrongContent),
        (b"<!DOCTYPE html><p>Bad gateway", ErrorKind::WrongContent),
        (b"<html><body>Login</body></html>", ErrorKind::WrongContent),
        (
            br#"{"message":"Denied.","error":"access_denied"}"#,
            ErrorKind::Api,
        ),
    ];

    pub(crate) fn refuses<C: Call>(call: &C, more: &[(&[u8], ErrorKind)]) {
        for (body, kind) in REFUSED.iter().chain(more) {
            let response = Response::new(Bytes::copy_from_slice(body));
            let error = call.decode_response(&response).err().unwrap();
            let text = String::from_utf8_lossy(body);
            assert_eq!(error.kind(), *kind, "{text}");
            assert_eq!(error.operation(), Some(call.operation()));
            assert_eq!(call.decode(body).err().unwrap().kind(), *kind, "{text}");
        }
        let forbidden = Response::builder().status(403).body(Bytes::new()).unwrap();
        let error = call.decode_response(&forbidden).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Forbidden);
    }

    #[test]
    fn an_error_says_what_came_and_what_was_wanted() {
        let error = Wanted::Zip.check(b"\x1f\x8b\x08").unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("the answer is gzip data, not a ZIP archive;"),
            "{text}"
        );
        let json = Wanted::Archive
            .check(b"{\"message\": \"Denied.\"}")
            .unwrap_err();
        assert_eq!(json.server_text(), Some("Denied."));
        assert!(Wanted::Archive.check(b"{\"message\": null}").is_ok());
    }
}
