//! The XML schemas by which an appliance describes its own answers.

use bytes::Bytes;
use http::Request;

use crate::call::{Call, Endpoint, Fields, Spelling, get_request};
use crate::error::{Error, ErrorKind, Result};
use crate::xml::read_reply;

/// Asks for the XML schema of an interface's answers, as text.
///
/// It is the schema of the version that the appliance runs, so it tells what this crate cannot
/// know. Nothing here depends on it.
///
/// ```
/// use bomgar_api::schema::Schema;
/// use bomgar_api::{Call, Spelling};
///
/// let request = Schema::Reporting.encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.method(), "GET");
/// assert_eq!(request.uri(), "https://support.example.com/api/reporting.xsd");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[non_exhaustive]
pub enum Schema {
    /// `/api/command.xsd`
    Command,
    /// `/api/reporting.xsd`
    Reporting,
}

impl Call for Schema {
    type Reply = String;

    fn operation(&self) -> &str {
        match self {
            Schema::Command => "command.xsd",
            Schema::Reporting => "reporting.xsd",
        }
    }

    fn endpoint(&self) -> Endpoint {
        match self {
            Schema::Command => Endpoint::CommandSchema,
            Schema::Reporting => Endpoint::ReportingSchema,
        }
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

    fn decode(&self, body: &[u8]) -> Result<String> {
        read_reply("schema", body, |(): &mut (), _, _| Ok(()))?;
        match std::str::from_utf8(body) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => {
                Err(Error::new(ErrorKind::Malformed, "the schema is not UTF-8").with_source(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_are_public_and_have_one_spelling() {
        let request = Schema::Command.encode("https://a/", Spelling::Ns).unwrap();
        assert_eq!(request.uri(), "https://a/api/command.xsd");
        assert_eq!(request.headers()["connection"], "close");
        assert!(request.body().is_empty() && !Schema::Command.is_authenticated());
    }

    #[test]
    fn only_a_schema_is_taken() {
        let text =
            "<?xml version=\"1.0\"?>\n<xs:schema xmlns:xs=\"urn:x\"><xs:element/></xs:schema>";
        assert_eq!(Schema::Command.decode(text.as_bytes()).unwrap(), text);
        for (body, kind) in [
            ("", ErrorKind::Truncated),
            ("<error>No.</error>", ErrorKind::Api),
            ("<html/>", ErrorKind::WrongContent),
            ("{}", ErrorKind::WrongContent),
            ("<wsdl/>", ErrorKind::Malformed),
            ("<schema><a>", ErrorKind::Truncated),
        ] {
            let error = Schema::Reporting.decode(body.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), kind, "{body}");
        }
        let latin = Schema::Command
            .decode(b"<schema>\xe9</schema>")
            .unwrap_err();
        assert_eq!(latin.kind(), ErrorKind::Malformed);
    }
}
