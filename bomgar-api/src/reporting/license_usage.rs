//! The `LicenseUsage` report: when the licences nearly ran out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::list::read_report;
use super::parts::Parts;
use super::{RawElement, StartWindow, is_empty_result_text};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;

/// The length of the intervals of a [`LicenseUsage`] report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GroupBy {
    /// Hours.
    Hour,
    /// Days.
    Day,
    /// Months.
    Month,
}

impl GroupBy {
    /// The value on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            GroupBy::Hour => "hour",
            GroupBy::Day => "day",
            GroupBy::Month => "month",
        }
    }
}

/// Asks for the `LicenseUsage` report. Needs "Allow Access to License Usage Reports".
///
/// There is data only for times at which at least 90 % of the licences were in use.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{GroupBy, LicenseUsage, StartWindow};
///
/// let month = StartWindow::Date { date: "2019-11-01".parse()?, days: 30 };
/// let request = LicenseUsage::new(GroupBy::Day, month)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=LicenseUsage&start_date=2019-11-01&duration=30&group_by=day",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct LicenseUsage {
    group_by: GroupBy,
    window: StartWindow,
}

impl LicenseUsage {
    /// Asks for the use of licences in this span of time.
    pub fn new(group_by: GroupBy, window: StartWindow) -> Self {
        LicenseUsage { group_by, window }
    }
}

/// The document of a [`LicenseUsage`] report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LicenseUsageReport {
    /// The beginning of the time the report is about.
    pub start_time: Option<Timestamp>,
    /// Its end.
    pub end_time: Option<Timestamp>,
    /// The length of the intervals, as sent.
    pub group_by: Option<String>,
    /// The intervals, in document order.
    pub intervals: Vec<LicenseInterval>,
    /// The document's namespace. Several are in use; they do not change the meaning.
    pub namespace: Option<String>,
    /// Attributes and elements this crate does not know or could not read, as sent.
    pub unknown: Vec<RawElement>,
}

/// One interval of a [`LicenseUsage`] report.
///
/// Which figures there are depends on the appliance's version; all of them are in
/// [`element`](LicenseInterval::element).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct LicenseInterval {
    /// When the interval began.
    pub start_time: Option<Timestamp>,
    /// When it ended.
    pub end_time: Option<Timestamp>,
    /// The whole element, as sent.
    pub element: RawElement,
}

/// Reads the answer to a [`LicenseUsage`] request. The error text with which appliances say that
/// there is no data is a report without intervals.
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_license_usage(body: &[u8]) -> Result<LicenseUsageReport> {
    let reply = read_report(
        "LicenseUsage",
        Some("license_usage"),
        body,
        is_empty_result_text,
        |children: &mut Vec<RawElement>, cursor, element| {
            children.push(cursor.raw(element)?);
            Ok(())
        },
    )?;
    let Some(reply) = reply else {
        return Ok(LicenseUsageReport::default());
    };
    let mut parts = Parts::new(RawElement {
        children: reply.value,
        ..reply.root
    });
    Ok(LicenseUsageReport {
        start_time: parts.time("start_time"),
        end_time: parts.time("end_time"),
        group_by: parts.text("group_by"),
        intervals: parts
            .list("license_time_intervals", "license_time_interval")
            .into_iter()
            .map(interval)
            .collect(),
        namespace: reply.namespace,
        unknown: parts.into_unknown(),
    })
}

fn interval(element: RawElement) -> LicenseInterval {
    let mut parts = Parts::new(element.clone());
    LicenseInterval {
        start_time: parts.time("start_time").or_else(|| parts.time_attr()),
        end_time: parts.time("end_time"),
        element,
    }
}

impl Call for LicenseUsage {
    type Reply = LicenseUsageReport;

    fn operation(&self) -> &str {
        "LicenseUsage"
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
        fields.push(("group_by".into(), self.group_by.as_str().into()));
        Ok(fields)
    }

    fn no_data(&self) -> Option<Self::Reply> {
        Some(LicenseUsageReport::default())
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Reply> {
        parse_license_usage(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const DOCUMENT: &str = r#"<license_usage xmlns="https://www.beyondtrust.com/namespaces/API/reporting">
	<group_by>day</group_by>
	<license_time_intervals>
		<license_time_interval>
			<start_time timestamp="1572912000">2019-11-05T00:00:00+00:00</start_time>
			<most_used>19</most_used>
		</license_time_interval>
		<license_time_interval timestamp="1572998400"/>
		<note/>
	</license_time_intervals>
	<end_time timestamp="1573084800">2019-11-07T00:00:00+00:00</end_time>
	<start_time timestamp="1572912000">2019-11-05T00:00:00+00:00</start_time>
	<licenses>20</licenses>
</license_usage>"#;

    #[test]
    fn reads_head_and_intervals() {
        let report = parse_license_usage(DOCUMENT.as_bytes()).unwrap();
        let json = serde_json::to_string(&report).unwrap();
        let back: LicenseUsageReport = serde_json::from_str(&json).unwrap();
        assert_eq!(back, report);
        let at = |second| Timestamp::from_second(second).ok();
        assert_eq!(report.start_time, at(1_572_912_000));
        assert_eq!(report.end_time, at(1_573_084_800));
        assert_eq!(report.group_by.as_deref(), Some("day"));
        assert_eq!(
            report.namespace.as_deref(),
            Some("https://www.beyondtrust.com/namespaces/API/reporting")
        );
        let [first, second] = report.intervals.as_slice() else {
            panic!("{report:?}");
        };
        assert_eq!(first.start_time, at(1_572_912_000));
        assert_eq!(first.element.child("most_used").unwrap().text, "19");
        assert_eq!(
            (second.start_time, second.end_time),
            (at(1_572_998_400), None)
        );
        let unknown: Vec<&str> = report.unknown.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(unknown, ["licenses", "license_time_intervals"]);
    }

    #[test]
    fn no_data_is_an_empty_report() {
        for body in [
            "<license_usage><license_time_intervals/></license_usage>",
            "<license_usage/>",
            "<error >No Support report information matching your chosen criteria is available.\
             </error>",
        ] {
            let report = parse_license_usage(body.as_bytes()).unwrap();
            assert_eq!(report, LicenseUsageReport::default());
        }
        let error = parse_license_usage(b"<error>Denied.</error>").unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::Api, Some("LicenseUsage"))
        );
        for end in 0..DOCUMENT.len() {
            let error = parse_license_usage(&DOCUMENT.as_bytes()[..end]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Truncated);
        }
    }

    #[test]
    fn sends_the_grouping() {
        let date = jiff::civil::date(2019, 11, 1);
        for (group_by, value) in [
            (GroupBy::Hour, "hour"),
            (GroupBy::Day, "day"),
            (GroupBy::Month, "month"),
        ] {
            let request = LicenseUsage::new(group_by, StartWindow::Date { date, days: 0 });
            let fields = request.fields().unwrap();
            assert_eq!(fields[0].0, "start_date");
            assert_eq!(fields[2], ("group_by".to_owned(), value.to_owned()));
        }
    }
}
