//! The `SupportSession` report: everything about sessions.

use super::{Limit, Product, SessionList, SessionSelection, parse_session_list};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

/// Asks for the `SupportSession` report, or for the `AccessSession` report of Privileged Remote
/// Access, which is the same document.
///
/// Needs "Allow Access to Support Session Reports and Recordings". All public sites are in it
/// unless it is limited.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SupportSession, TimeWindow};
///
/// let request = SupportSession::new(TimeWindow::ended_since("2019-11-05T11:43:09Z".parse()?))
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=SupportSession&end_time=1572954189&duration=0",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct SupportSession {
    selection: SessionSelection,
    limit: Option<Limit>,
    product: Product,
}

impl SupportSession {
    /// Asks for these sessions.
    pub fn new(selection: impl Into<SessionSelection>) -> Self {
        SupportSession {
            selection: selection.into(),
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

    /// Which sessions are asked for.
    pub fn selection(&self) -> &SessionSelection {
        &self.selection
    }

    /// The same request for other sessions.
    #[cfg_attr(not(feature = "client"), allow(dead_code))] // only streams ask in parts
    pub(crate) fn select(mut self, selection: SessionSelection) -> Self {
        self.selection = selection;
        self
    }
}

impl Call for SupportSession {
    type Reply = SessionList;

    fn operation(&self) -> &str {
        self.product.choose("SupportSession", "AccessSession")
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Reporting
    }

    fn is_read(&self) -> bool {
        true
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        self.selection.append_to(&mut fields)?;
        if let Some(limit) = &self.limit {
            limit.append_to(&mut fields)?;
        }
        Ok(fields)
    }

    fn no_data(&self) -> Option<SessionList> {
        Some(SessionList::default())
    }

    fn decode(&self, body: &[u8]) -> Result<SessionList> {
        parse_session_list(body).map_err(|error| error.rename_operation(self.operation()))
    }

    fn session(&self) -> Option<&str> {
        self.selection.session()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporting::TimeWindow;

    #[test]
    fn is_named_and_limited_as_asked() {
        let request = SupportSession::new(TimeWindow::StartTime {
            time: jiff::Timestamp::from_second(1_572_954_189).unwrap(),
            seconds: 60,
        })
        .limit(Limit::new("public_site", "site_id", "3"));
        assert_eq!(request.operation(), "SupportSession");
        let fields: Vec<_> = request.fields().unwrap();
        let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["start_time", "duration", "limit", "site_id"]);

        let access = request.product(Product::PrivilegedRemoteAccess);
        assert_eq!(access.operation(), "AccessSession");
        let error = access.decode(b"<session_list>").unwrap_err();
        assert_eq!(error.operation(), Some("AccessSession"));
        let error = access.decode(b"<error >Invalid lsid.</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("Invalid lsid."));
    }
}
