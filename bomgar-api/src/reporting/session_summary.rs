//! The `SupportSessionSummary` report: figures by representative, team or site.

use serde::{Deserialize, Serialize};

use super::list::read_items;
use super::parts::Parts;
use super::{RawElement, ReportList, TimeWindow};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

/// What a summary has a line for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SummaryType {
    /// Each representative.
    Rep,
    /// Each team.
    Team,
    /// Each public site.
    Site,
    /// Each user of Privileged Remote Access, which has no other summary. The report is then
    /// `AccessSessionSummary`.
    User,
}

impl SummaryType {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            SummaryType::Rep => "rep",
            SummaryType::Team => "team",
            SummaryType::Site => "site",
            SummaryType::User => "user",
        }
    }
}

/// Asks for the `SupportSessionSummary` report, or for the `AccessSessionSummary` report of
/// Privileged Remote Access: figures about the sessions in a span of time.
///
/// Needs "Allow Access to Support Session Reports and Recordings".
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SummaryType, SupportSessionSummary, TimeWindow};
///
/// let month = TimeWindow::StartDate { date: "2019-11-01".parse()?, days: 30 };
/// let request = SupportSessionSummary::new(SummaryType::Team, month)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=SupportSessionSummary&start_date=2019-11-01&duration=30&report_type=team",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct SupportSessionSummary {
    report_type: SummaryType,
    window: TimeWindow,
}

impl SupportSessionSummary {
    /// Asks for the figures of the sessions in this span of time.
    pub fn new(report_type: SummaryType, window: TimeWindow) -> Self {
        SupportSessionSummary {
            report_type,
            window,
        }
    }
}

/// The figures of one representative, team, site or user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Summary {
    /// The number of what the figures are about.
    pub id: Option<String>,
    /// What that is, as sent.
    pub summary_type: Option<String>,
    /// The figures, as sent. Which there are, and their units, depends on the appliance's version.
    pub values: Vec<RawElement>,
    /// Attributes this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

impl Summary {
    /// The text of the first figure with this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|value| value.name == name)?;
        Some(&value.text)
    }
}

/// Reads the answer to a [`SupportSessionSummary`] request.
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_session_summary(body: &[u8]) -> Result<ReportList<Summary>> {
    read("SupportSessionSummary", body)
}

fn read(operation: &str, body: &[u8]) -> Result<ReportList<Summary>> {
    read_items(operation, "summary_list", "summary", body, |element| {
        let mut parts = Parts::new(element);
        Ok(Summary {
            id: parts.attr("id"),
            summary_type: parts.attr("type"),
            values: parts.all_children(),
            unknown: parts.into_unknown(),
        })
    })
}

impl Call for SupportSessionSummary {
    type Reply = ReportList<Summary>;

    fn operation(&self) -> &str {
        match self.report_type {
            SummaryType::User => "AccessSessionSummary",
            _ => "SupportSessionSummary",
        }
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
        fields.push(("report_type".into(), self.report_type.as_str().into()));
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

    #[test]
    fn keeps_every_figure() {
        let list = parse_session_summary(
            br#"<summary_list xmlns="https://www.beyondtrust.com/namespaces/API/reporting">
                <summary type="rep" id="9" shift="night">
                    <display_name>Jane Doe</display_name>
                    <total_sessions>12</total_sessions>
                    <average_duration unit="s">754</average_duration>
                </summary>
                <summary/>
            </summary_list>"#,
        )
        .unwrap();
        let [jane, nobody] = list.items.as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(
            (jane.id.as_deref(), jane.summary_type.as_deref()),
            (Some("9"), Some("rep"))
        );
        assert_eq!(jane.value("display_name"), Some("Jane Doe"));
        assert_eq!(jane.value("total_sessions"), Some("12"));
        assert_eq!(jane.values[2].attribute("unit"), Some("s"));
        assert_eq!(jane.value("median"), None);
        assert_eq!(jane.unknown[0].attribute("shift"), Some("night"));
        assert_eq!(nobody, &Summary::default());
    }

    #[test]
    fn follows_the_rules_of_all_lists() {
        document_rules(
            "summary_list",
            "<summary id='1' type='site'><name>x</name></summary>",
            parse_session_summary,
        );
    }

    #[test]
    fn the_type_chooses_the_product() {
        let window = TimeWindow::StartDate {
            date: jiff::civil::date(2019, 11, 5),
            days: 0,
        };
        for (report_type, operation, value) in [
            (SummaryType::Rep, "SupportSessionSummary", "rep"),
            (SummaryType::Team, "SupportSessionSummary", "team"),
            (SummaryType::Site, "SupportSessionSummary", "site"),
            (SummaryType::User, "AccessSessionSummary", "user"),
        ] {
            let request = SupportSessionSummary::new(report_type, window);
            assert_eq!(request.operation(), operation);
            let last = request.fields().unwrap().pop().unwrap();
            assert_eq!(last, ("report_type".to_owned(), value.to_owned()));
        }
    }
}
