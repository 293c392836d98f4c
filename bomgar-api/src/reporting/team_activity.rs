//! The `SupportTeam` report: what happened in teams outside of sessions.

use serde::{Deserialize, Serialize};

use super::list::read_list;
use super::parse::event;
use super::parts::Parts;
use super::{Event, Product, RawElement, ReportList, TimeWindow};
use crate::call::{Call, Endpoint, Fields};
use crate::error::Result;
use crate::xml::{Cursor, Element, XmlResult};

/// Asks for the `SupportTeam` report, or for the `Team` report of Privileged Remote Access: who
/// was in a team's chat, and what was said there.
///
/// Needs "Allow Access to Support Session Reports and Recordings".
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::reporting::{SupportTeam, TimeWindow};
///
/// let day = TimeWindow::StartDate { date: "2019-11-05".parse()?, days: 1 };
/// let request = SupportTeam::new(day)
///     .team_id(3)
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"generate_report=SupportTeam&start_date=2019-11-05&duration=1&team_id=3",
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct SupportTeam {
    window: TimeWindow,
    team_id: Option<u64>,
    product: Product,
}

impl SupportTeam {
    /// Asks for the activity of all teams in this span of time.
    pub fn new(window: TimeWindow) -> Self {
        SupportTeam {
            window,
            team_id: None,
            product: Product::default(),
        }
    }

    /// Asks for the team with this number only.
    pub fn team_id(mut self, team_id: u64) -> Self {
        self.team_id = Some(team_id);
        self
    }

    /// Asks under the name that this product uses.
    pub fn product(mut self, product: Product) -> Self {
        self.product = product;
        self
    }
}

/// What happened in one team.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TeamActivity {
    /// The team's number.
    pub id: Option<String>,
    /// The team's name.
    pub name: Option<String>,
    /// The events, in document order. They are of the same kinds as those of sessions.
    pub events: Vec<Event>,
    /// Attributes and elements this crate does not know, as sent.
    pub unknown: Vec<RawElement>,
}

/// Reads the answer to a [`SupportTeam`] request.
///
/// # Errors
///
/// As [`parse_session_list`](super::parse_session_list).
pub fn parse_team_activity(body: &[u8]) -> Result<ReportList<TeamActivity>> {
    read("SupportTeam", body)
}

fn read(operation: &str, body: &[u8]) -> Result<ReportList<TeamActivity>> {
    read_list(
        operation,
        Some("team_activity_list"),
        body,
        |list, cursor, element| {
            match element.name() {
                "team_activity" => list.items.push(team(cursor, element)?),
                _ => list.unknown.push(cursor.raw(element)?),
            }
            Ok(())
        },
    )
}

fn team(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<TeamActivity> {
    let mut parts = Parts::new(element.to_raw(""));
    let mut team = TeamActivity {
        id: parts.attr("id"),
        name: parts.attr("name"),
        events: Vec::new(),
        unknown: parts.into_unknown(),
    };
    cursor.children(element, |cursor, el| {
        if el.name() != "events" {
            team.unknown.push(cursor.raw(&el)?);
            return Ok(());
        }
        cursor.children(&el, |cursor, el| {
            match el.name() {
                "event" => team.events.push(event(cursor, &el)?),
                _ => team.unknown.push(cursor.raw(&el)?),
            }
            Ok(())
        })
    })?;
    Ok(team)
}

impl Call for SupportTeam {
    type Reply = ReportList<TeamActivity>;

    fn operation(&self) -> &str {
        self.product.choose("SupportTeam", "Team")
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
        if let Some(team_id) = self.team_id {
            fields.push(("team_id".into(), team_id.to_string()));
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
    use crate::reporting::{ActorKind, EventType};

    #[test]
    fn reads_the_events_of_each_team() {
        let list = parse_team_activity(
            br#"<team_activity_list xmlns="http://www.beyondtrust.com/sra/namespaces/API/reporting">
                <team_activity name="Service Desk" id="3" mood="fine">
                    <events>
                        <event timestamp="1572954000" event_type="Conference Member Added">
                            <performed_by type="representative">Jane Doe</performed_by>
                            <data>
                                <value name="username" value="jdoe" />
                                <value name="public_ip" value="203.0.113.7:50123" />
                            </data>
                        </event>
                        <event event_type="Chat Message" timestamp="1572954060">
                            <performed_by type="representative">Jane Doe</performed_by>
                            <destination type="everyone">Everyone</destination>
                            <encoded_body>SGkH</encoded_body>
                        </event>
                        <event timestamp="1572954070" event_type="Coffee Fetched"/>
                        <pause/>
                    </events>
                    <motto>Help</motto>
                </team_activity>
                <team_activity id="4" name="Network"><events/></team_activity>
            </team_activity_list>"#,
        )
        .unwrap();
        let [desk, network] = list.items.as_slice() else {
            panic!("{list:?}");
        };
        assert_eq!(
            (desk.id.as_deref(), desk.name.as_deref()),
            (Some("3"), Some("Service Desk"))
        );
        let [added, chat, other] = desk.events.as_slice() else {
            panic!("{desk:?}");
        };
        assert_eq!(added.event_type, EventType::ConferenceMemberAdded);
        assert_eq!(added.value("username"), Some("jdoe"));
        let performer = added.performed_by.as_ref().unwrap();
        assert_eq!(
            (&performer.kind, performer.name.as_str()),
            (&ActorKind::Representative, "Jane Doe")
        );
        assert_eq!(chat.body.as_deref(), Some("Hi\u{7}"));
        assert_eq!(chat.destination.as_ref().unwrap().kind, ActorKind::Everyone);
        assert_eq!(other.event_type, EventType::Other("Coffee Fetched".into()));
        let unknown: Vec<&str> = desk.unknown.iter().map(|e| e.name.as_str()).collect();
        assert_eq!(unknown, ["team_activity", "pause", "motto"]);
        assert_eq!(network.name.as_deref(), Some("Network"));
        assert!(network.events.is_empty() && network.unknown.is_empty());
        assert!(!format!("{list:?}").contains("Jane"));
    }

    #[test]
    fn follows_the_rules_of_all_lists() {
        document_rules(
            "team_activity_list",
            "<team_activity id='3' name='x'><events><event timestamp='1' event_type='Chat Message'>\
             <performed_by type='customer' gsnumber='1'>A</performed_by><encoded_body>SGk=\
             </encoded_body><data><value name='a' value='b'/></data></event></events>\
             </team_activity>",
            parse_team_activity,
        );
    }

    #[test]
    fn is_named_by_product() {
        let request = SupportTeam::new(TimeWindow::StartDate {
            date: jiff::civil::date(2019, 11, 5),
            days: 1,
        });
        assert_eq!(request.operation(), "SupportTeam");
        assert_eq!(request.fields().unwrap().len(), 2);
        let access = request.product(Product::PrivilegedRemoteAccess).team_id(3);
        assert_eq!(access.operation(), "Team");
        assert_eq!(
            access.fields().unwrap()[2],
            ("team_id".to_owned(), "3".to_owned())
        );
    }
}
