//! The reports of presentations: `PresentationSession` and `PresentationSessionListing`.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::list::read_list;
use super::parts::Parts;
use super::{RawElement, ReportList, SessionSelection, TimeWindow};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::time::parse_duration;

/// Asks for the `PresentationSession` report: everything about presentations.
///
/// Needs "Allow Access to Presentation Session Reports and Recordings".
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{PresentationSession, TimeWindow};
///
/// let since = TimeWindow::started_since("2019-11-05T11:43:09Z".parse()?);
/// let request = PresentationSession::new(since)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=PresentationSession&start_time=1572954189&duration=0",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct PresentationSession {
    selection: SessionSelection,
}

impl PresentationSession {
    /// Asks for these presentations.
    pub fn new(selection: impl Into<SessionSelection>) -> Self {
        PresentationSession {
            selection: selection.into(),
        }
    }
}

/// Asks for the `PresentationSessionListing` report: which presentations there are.
///
/// Needs "Allow Access to Presentation Session Reports and Recordings".
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{PresentationSessionListing, TimeWindow};
///
/// let day = TimeWindow::StartDate { date: "2019-11-05".parse()?, days: 1 };
/// let request = PresentationSessionListing::new(day)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert!(request.body().ends_with(b"&start_date=2019-11-05&duration=1"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct PresentationSessionListing {
    window: TimeWindow,
}

impl PresentationSessionListing {
    /// Asks for the presentations in this span of time.
    pub fn new(window: TimeWindow) -> Self {
        PresentationSessionListing { window }
    }
}

/// One presentation.
///
/// What a presentation consists of differs between versions of the appliance; all of it is in
/// [`element`](Presentation::element). What is common to all sessions is read from there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Presentation {
    /// The presentation's identifier.
    pub lsid: String,
    /// When it began.
    pub start_time: Option<Timestamp>,
    /// When it ended; `None` while it runs.
    pub end_time: Option<Timestamp>,
    /// The length the appliance states, to the second.
    pub duration: Option<SignedDuration>,
    /// The whole element, as sent.
    pub element: RawElement,
}

/// Reads the answer to a [`PresentationSession`] or [`PresentationSessionListing`] request: a
/// document of any root, in which every element with an `lsid` is a presentation.
///
/// ```
/// use bomgar_api::reporting::parse_presentations;
///
/// let list = parse_presentations(br#"<presentations>
///   <session lsid="0123456789abcdef0123456789abcdef"><presenter>Jane Doe</presenter></session>
/// </presentations>"#)?;
/// let presenter = list.items[0].element.child("presenter");
/// assert_eq!(presenter.map(|element| element.text.as_str()), Some("Jane Doe"));
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_presentations(body: &[u8]) -> Result<ReportList<Presentation>> {
    read("presentation report", body)
}

fn read(operation: &str, body: &[u8]) -> Result<ReportList<Presentation>> {
    read_list(operation, None, body, |list, cursor, element| {
        let raw = cursor.raw(element)?;
        match presentation(&raw) {
            Some(presentation) => list.items.push(presentation),
            None => list.unknown.push(raw),
        }
        Ok(())
    })
}

fn presentation(element: &RawElement) -> Option<Presentation> {
    let mut parts = Parts::new(element.clone());
    Some(Presentation {
        lsid: parts.attr("lsid")?,
        start_time: parts.time("start_time"),
        end_time: parts.time("end_time"),
        duration: parts.text_as("duration", parse_duration),
        element: element.clone(),
    })
}

impl Call for PresentationSession {
    type Reply = ReportList<Presentation>;

    fn operation(&self) -> &str {
        "PresentationSession"
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
        Ok(fields)
    }

    fn no_data(&self) -> Option<Self::Reply> {
        Some(ReportList::default())
    }

    fn decode(&self, body: &[u8]) -> Result<Self::Reply> {
        read(self.operation(), body)
    }

    fn session(&self) -> Option<&str> {
        self.selection.session()
    }
}

impl Call for PresentationSessionListing {
    type Reply = ReportList<Presentation>;

    fn operation(&self) -> &str {
        "PresentationSessionListing"
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

    #[test]
    fn reads_the_head_and_keeps_the_tree() {
        for root in ["presentation_session_list", "something_else"] {
            let list = parse_presentations(
                format!(
                    r#"<{root}><session lsid="{A}">
                        <end_time timestamp="1572955800">2019-11-05T12:10:00+00:00</end_time>
                        <presenter gsnumber="1">Jane</presenter>
                        <start_time timestamp="1572954000">2019-11-05T11:40:00+00:00</start_time>
                        <duration>00:30:00</duration>
                        <attendee_list><attendee>Ann</attendee></attendee_list>
                    </session><session/></{root}>"#
                )
                .as_bytes(),
            )
            .unwrap();
            let [presentation] = list.items.as_slice() else {
                panic!("{list:?}");
            };
            assert_eq!(presentation.lsid, A);
            assert_eq!(
                presentation.start_time,
                Timestamp::from_second(1_572_954_000).ok()
            );
            assert_eq!(
                presentation.end_time,
                Timestamp::from_second(1_572_955_800).ok()
            );
            assert_eq!(presentation.duration, Some(SignedDuration::from_mins(30)));
            let attendees = presentation.element.child("attendee_list").unwrap();
            assert_eq!(attendees.children[0].text, "Ann");
            assert_eq!(presentation.element.children.len(), 5);
            assert_eq!(list.unknown.len(), 1);
        }
    }

    #[test]
    fn follows_the_rules_of_all_lists() {
        document_rules(
            "presentation_session_list",
            &format!("<session lsid='{A}'><start_time timestamp='1'/></session>"),
            parse_presentations,
        );
    }

    #[test]
    fn sends_what_chooses_the_presentations() {
        let request = PresentationSession::new(SessionSelection::Lsid(A.into()));
        assert_eq!(
            request.fields().unwrap(),
            [("lsid".to_owned(), A.to_owned())]
        );
        assert_eq!(Call::session(&request), Some(A));
        let listing = PresentationSessionListing::new(TimeWindow::EndDate {
            date: jiff::civil::date(2019, 11, 5),
            days: 2,
        });
        assert_eq!(listing.operation(), "PresentationSessionListing");
        assert_eq!(listing.fields().unwrap()[0].0, "end_date");
    }
}
