//! The `JumpItem` report.

use bytes::Bytes;
use http::Response;

use super::binary::{kind_of, refuse};
use super::limit::{append_all, names};
use crate::call::{Call, Endpoint, Fields, check_status, json_message};
use crate::error::Result;
use crate::sniff::BodyKind;
use crate::xml::read_reply;

/// What kind of file an answer is, told by how it begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileKind {
    /// A ZIP archive.
    Zip,
    /// Data compressed with gzip.
    Gzip,
    /// An XML document.
    Xml,
    /// A JSON document.
    Json,
    /// Other text in UTF-8, such as CSV.
    Text,
    /// Anything else.
    #[default]
    Binary,
}

/// The answer to a [`JumpItem`] report.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JumpItemFile {
    /// What kind of file it is.
    pub kind: FileKind,
    /// The file.
    pub bytes: Bytes,
}

impl std::fmt::Debug for JumpItemFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JumpItemFile")
            .field("kind", &self.kind)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// Asks for the `JumpItem` report. Newer versions only; needs the permission for Jump Item reports.
///
/// Neither the parameters nor the form of its answer are publicly described, so the answer is the
/// file as it came, with what kind it is. Add the parameters that the guide of your version names
/// with [`parameter`](JumpItem::parameter).
///
/// ```
/// use bomgar_api::reporting::{FileKind, JumpItem};
/// use bomgar_api::Call;
///
/// let file = JumpItem::new().decode(b"name,hostname\nA,a.example.com\n")?;
/// assert_eq!(file.kind, FileKind::Text);
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// `Debug` shows the names of the parameters, but no values.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct JumpItem {
    parameters: Fields,
}

impl JumpItem {
    /// Asks for the report.
    pub fn new() -> Self {
        JumpItem::default()
    }

    /// Sends one more parameter. A name may be given several times.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }
}

impl std::fmt::Debug for JumpItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JumpItem")
            .field("parameters", &names(&self.parameters))
            .finish()
    }
}

/// The kind of a file, or the error that it is.
fn check(body: &[u8]) -> Result<FileKind> {
    Ok(match kind_of(body) {
        BodyKind::Zip => FileKind::Zip,
        BodyKind::Gzip => FileKind::Gzip,
        BodyKind::Empty | BodyKind::Html => return Err(refuse(body, "a report")),
        BodyKind::Json if json_message(body).is_some() => return Err(refuse(body, "a report")),
        BodyKind::Json => FileKind::Json,
        BodyKind::Xml => {
            let reported = read_reply("error", body, |(): &mut (), _, _| Ok(())).err();
            match reported.filter(|error| error.server_text().is_some()) {
                Some(error) => return Err(error),
                None => FileKind::Xml,
            }
        }
        BodyKind::Other => match std::str::from_utf8(body) {
            Ok(text) if !text.contains('\0') => FileKind::Text,
            _ => FileKind::Binary,
        },
    })
}

impl Call for JumpItem {
    type Reply = JumpItemFile;

    fn operation(&self) -> &str {
        "JumpItem"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Reporting
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        append_all(&mut fields, &self.parameters)?;
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<JumpItemFile> {
        Ok(JumpItemFile {
            kind: check(body)?,
            bytes: Bytes::copy_from_slice(body),
        })
    }

    fn decode_response(&self, response: &Response<Bytes>) -> Result<JumpItemFile> {
        check_status(response)
            .and_then(|()| check(response.body()))
            .map(|kind| JumpItemFile {
                kind,
                bytes: response.body().clone(),
            })
            .map_err(|error| self.locate(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Spelling};

    #[test]
    fn parameters_are_sent_as_given() {
        let request = JumpItem::new()
            .parameter("jump_group", "Field & home")
            .encode("https://a", Spelling::Plain)
            .unwrap();
        assert_eq!(
            request.body().as_ref(),
            b"generate_report=JumpItem&jump_group=Field+%26+home"
        );
        for bad in [
            JumpItem::new().parameter("generate_report", "Syslog"),
            JumpItem::new().parameter(" ", "x"),
        ] {
            let error = bad.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
        }
        let debug = format!("{:?}", JumpItem::new().parameter("user", "Jane"));
        assert!(debug.contains("user") && !debug.contains("Jane"), "{debug}");
    }

    #[test]
    fn the_kind_is_told_and_errors_are_errors() {
        for (body, kind) in [
            (&b"PK\x03\x04"[..], FileKind::Zip),
            (b"\x1f\x8b\x08", FileKind::Gzip),
            (b"<jump_item_list/>", FileKind::Xml),
            (b"[{\"id\": 1}]", FileKind::Json),
            (b"\xef\xbb\xbfname,host\n", FileKind::Text),
            (b"\x00\x01", FileKind::Binary),
            (b"caf\xe9", FileKind::Binary),
        ] {
            let file = JumpItem::new().decode(body).unwrap();
            assert_eq!((file.kind, &file.bytes[..]), (kind, body));
        }
        for (body, kind) in [
            (&b""[..], ErrorKind::Truncated),
            (b"<error>No.</error>", ErrorKind::Api),
            (b"<html></html>", ErrorKind::WrongContent),
            (b"{\"message\": \"No.\"}", ErrorKind::Api),
        ] {
            assert_eq!(JumpItem::new().decode(body).unwrap_err().kind(), kind);
        }
    }
}
