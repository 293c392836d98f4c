//! Any report, with its document as it is.

use std::fmt;

use super::RawElement;
use super::limit::{append_all, names};
use crate::call::{Call, Endpoint, Fields};
use crate::error::{Error, Result};
use crate::xml::read_any_reply;

/// Asks for a report by name, for reports and parameters that this crate does not know.
///
/// The answer is the document's root element. An error text is an error here also where it means
/// that nothing matches; see [`is_empty_result_text`](super::is_empty_result_text).
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::RawReport;
///
/// let report = RawReport::new("NewReport").field("group", "workstations");
/// let request = report.encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(request.body().as_ref(), b"generate_report=NewReport&group=workstations");
///
/// let root = report.decode(b"<jump_item_list><jump_item id='7'/></jump_item_list>")?;
/// assert_eq!(root.children[0].attribute("id"), Some("7"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// `Debug` shows the names of the fields, but no values.
#[derive(Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct RawReport {
    report: String,
    fields: Fields,
}

impl RawReport {
    /// Asks for the report with this name.
    pub fn new(report: impl Into<String>) -> Self {
        RawReport {
            report: report.into(),
            fields: Fields::new(),
        }
    }

    /// Adds a field. A name may be given several times.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for RawReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawReport")
            .field("report", &self.report)
            .field("fields", &names(&self.fields))
            .finish()
    }
}

impl Call for RawReport {
    type Reply = RawElement;

    fn operation(&self) -> &str {
        &self.report
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Reporting
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        if self.report.trim().is_empty() {
            return Err(Error::invalid_request("the report has no name"));
        }
        let mut fields = Fields::new();
        append_all(&mut fields, &self.fields)?;
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<RawElement> {
        read_tree(body)
    }

    fn session(&self) -> Option<&str> {
        let lsid = self.fields.iter().find(|(name, _)| name == "lsid");
        lsid.map(|(_, value)| value.as_str())
    }
}

/// Reads any document of the Reporting API as it is.
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_raw_report(body: &[u8]) -> Result<RawElement> {
    read_tree(body).map_err(|error| error.with_operation("raw report"))
}

fn read_tree(body: &[u8]) -> Result<RawElement> {
    let reply = read_any_reply(
        None,
        body,
        |children: &mut Vec<RawElement>, cursor, element| {
            children.push(cursor.raw(element)?);
            Ok(())
        },
    )?;
    Ok(RawElement {
        text: reply.text,
        children: reply.value,
        ..reply.root
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn keeps_all_of_a_document() {
        let root = parse_raw_report(
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<n:things xmlns:n='urn:x' since='1'>\n text\n\
              <n:thing n:id='7'><part/>inner</n:thing><thing/></n:things>\n",
        )
        .unwrap();
        assert_eq!((root.name.as_str(), root.text.as_str()), ("things", "text"));
        assert_eq!(root.attribute("since"), Some("1"));
        assert_eq!(root.children.len(), 2);
        let thing = root.child("thing").unwrap();
        assert_eq!(
            (thing.attribute("id"), thing.text.as_str()),
            (Some("7"), "inner")
        );
        assert_eq!(thing.children[0].name, "part");
    }

    #[test]
    fn errors_are_errors_whatever_was_asked() {
        for (body, kind, text) in [
            ("<error >Denied.</error>", ErrorKind::Api, Some("Denied.")),
            (
                "<x><error>Denied.</error></x>",
                ErrorKind::Api,
                Some("Denied."),
            ),
            ("<x><y>", ErrorKind::Truncated, None),
            ("", ErrorKind::Truncated, None),
            ("PK\u{3}\u{4}", ErrorKind::WrongContent, None),
            ("<x></y>", ErrorKind::Malformed, None),
        ] {
            let error = RawReport::new("NewReport")
                .decode(body.as_bytes())
                .unwrap_err();
            assert_eq!((error.kind(), error.server_text()), (kind, text), "{body}");
        }
        let not_utf8 = parse_raw_report(b"<x>\xe9t</x>").unwrap_err();
        assert_eq!(not_utf8.kind(), ErrorKind::Malformed);
    }

    #[test]
    fn sends_what_it_is_given_but_stays_the_same_report() {
        let report = RawReport::new("NewReport")
            .field("a", "1")
            .field("lsid", "x");
        assert_eq!(report.operation(), "NewReport");
        assert_eq!(Call::session(&report), Some("x"));
        let secret = RawReport::new("NewReport").field("user", "Jane");
        let debug = format!("{secret:?}");
        assert!(debug.contains("user") && !debug.contains("Jane"), "{debug}");
        let fields = report.fields().unwrap();
        assert_eq!(fields[0], ("a".to_owned(), "1".to_owned()));
        for bad in [
            RawReport::new(" "),
            RawReport::new("NewReport").field("", "1"),
            RawReport::new("NewReport").field("generate_report", "Syslog"),
        ] {
            let error = bad.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{bad:?}");
        }
    }
}
