//! The `SupportSessionListing` report: which sessions there are.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::list::read_items;
use super::parts::{Parts, flag};
use super::{Limit, Product, RawElement, ReportList, TimeWindow};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

/// Asks for the `SupportSessionListing` report, or for the `AccessSessionListing` report of
/// Privileged Remote Access: the identifiers of the sessions in a span of time.
///
/// Needs "Allow Access to Support Session Reports and Recordings".
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SupportSessionListing, TimeWindow};
///
/// let day = TimeWindow::StartDate { date: "2019-11-05".parse()?, days: 1 };
/// let request = SupportSessionListing::new(day)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=SupportSessionListing&start_date=2019-11-05&duration=1",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct SupportSessionListing {
    window: TimeWindow,
    limit: Option<Limit>,
    product: Product,
}

impl SupportSessionListing {
    /// Asks for the sessions in this span of time.
    pub fn new(window: TimeWindow) -> Self {
        SupportSessionListing {
            window,
            limit: None,
            product: Product::default(),
        }
    }

    /// Restricts the sessions by a category of the appliance.
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Asks under the name that this product uses.
    pub fn product(mut self, product: Product) -> Self {
        self.product = product;
        self
    }
}

/// A session of a listing. `Debug` does not show the external key.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ListedSession {
    /// The session's identifier.
    pub lsid: String,
    /// Whether there is a recording of it; `None` when the listing does not say.
    pub has_recording: Option<bool>,
    /// Its external key; `None` when it has none.
    pub external_key: Option<String>,
    /// Attributes and elements this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

impl fmt::Debug for ListedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ListedSession")
            .field("lsid", &self.lsid)
            .field("has_recording", &self.has_recording)
            .finish_non_exhaustive()
    }
}

/// Reads the answer to a [`SupportSessionListing`] request.
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_session_listing(body: &[u8]) -> Result<ReportList<ListedSession>> {
    read("SupportSessionListing", body)
}

fn read(operation: &str, body: &[u8]) -> Result<ReportList<ListedSession>> {
    read_items(
        operation,
        "session_summary_list",
        "session_summary",
        body,
        item,
    )
}

fn item(element: RawElement) -> Result<ListedSession, RawElement> {
    if element
        .attribute("lsid")
        .is_none_or(|lsid| lsid.trim().is_empty())
    {
        return Err(element);
    }
    let mut parts = Parts::new(element);
    Ok(ListedSession {
        lsid: parts.attr("lsid").unwrap_or_default(),
        has_recording: parts.attr_as("has_recording", flag),
        external_key: parts.attr("external_key"),
        unknown: parts.into_unknown(),
    })
}

impl Call for SupportSessionListing {
    type Reply = ReportList<ListedSession>;

    fn operation(&self) -> &str {
        self.product
            .choose("SupportSessionListing", "AccessSessionListing")
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Reporting
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        self.window.append_to(&mut fields)?;
        if let Some(limit) = &self.limit {
            limit.append_to(&mut fields)?;
        }
        Ok(fields)
    }

    fn no_data(&self) -> Option<Self::Reply> {
        Some(ReportList::default())
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Reply> {
        read(self.operation(), body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporting::list::document_rules;

    const A: &str = "0123456789abcdef0123456789abcdef";
    const B: &str = "fedcba9876543210fedcba9876543210";

    #[test]
    fn reads_attributes_and_keeps_what_it_does_not_know() {
        let list = parse_session_listing(
            format!(
                r#"<?xml version="1.0" encoding="UTF-8"?>

<session_summary_list xmlns="http://www.beyondtrust.com/sra/namespaces/API/reporting" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
	<session_summary has_recording="1" external_key="4711 &amp; 4712" lsid="{A}"></session_summary>
	<session_summary lsid="{B}" has_recording="0" rating="5"><mood>fine</mood></session_summary>
	<session_summary has_recording="maybe" lsid="{B}"/>
	<session_summary has_recording="0"/>
	<next_page>2</next_page>
</session_summary_list>

"#
            )
            .as_bytes(),
        )
        .unwrap();
        assert_eq!(
            list.namespace.as_deref(),
            Some("http://www.beyondtrust.com/sra/namespaces/API/reporting")
        );
        let [first, second, third] = list.items.as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(
            (
                first.lsid.as_str(),
                first.has_recording,
                first.external_key.as_deref()
            ),
            (A, Some(true), Some("4711 & 4712"))
        );
        assert!(first.unknown.is_empty());
        assert_eq!(
            (
                second.lsid.as_str(),
                second.has_recording,
                second.external_key.as_deref()
            ),
            (B, Some(false), None)
        );
        assert!(!format!("{first:?}").contains("4711"));
        assert_eq!(second.unknown[0].attribute("rating"), Some("5"));
        assert_eq!(second.unknown[1].text, "fine");
        // What cannot be read is not lost.
        assert_eq!(third.has_recording, None);
        assert_eq!(third.unknown[0].attribute("has_recording"), Some("maybe"));
        let unknown: Vec<&str> = list.unknown.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(unknown, ["session_summary", "next_page"]);
    }

    #[test]
    fn follows_the_rules_of_all_lists() {
        document_rules(
            "session_summary_list",
            &format!("<session_summary lsid='{A}' has_recording='1'/>"),
            parse_session_listing,
        );
    }

    #[test]
    fn is_named_by_product() {
        let request = SupportSessionListing::new(TimeWindow::StartDate {
            date: jiff::civil::date(2019, 11, 5),
            days: 1,
        })
        .limit(Limit::new("public_site", "site_id", "3"));
        assert_eq!(request.operation(), "SupportSessionListing");
        assert_eq!(request.fields().unwrap().len(), 4);
        let access = request.product(Product::PrivilegedRemoteAccess);
        assert_eq!(access.operation(), "AccessSessionListing");
        let error = access.decode(b"<error >Denied.</error>").unwrap_err();
        assert_eq!(error.operation(), Some("AccessSessionListing"));
    }
}
