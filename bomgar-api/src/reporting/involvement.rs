//! Who took part in a session, and for how long.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{Actor, EventType, Person, Session};

/// That someone took part in a session.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Involvement<'a> {
    /// Who.
    pub person: Person<'a>,
    /// When the person first joined, by the session's events.
    pub joined: Option<Timestamp>,
    /// When the person last left, by the session's events. Who stayed to the end left when the
    /// session ended.
    pub left: Option<Timestamp>,
    /// How long the person took part in all, pauses not counted; `None` when that is not known,
    /// for example because the session still runs.
    pub time: Option<TimeInvolved>,
}

/// How long someone took part, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TimeInvolved {
    /// The appliance states it.
    Stated(SignedDuration),
    /// The appliance does not state it; this is the sum of the times between joining and leaving.
    FromEvents(SignedDuration),
}

impl TimeInvolved {
    /// The length, however it is known.
    pub fn length(self) -> SignedDuration {
        match self {
            TimeInvolved::Stated(length) | TimeInvolved::FromEvents(length) => length,
        }
    }
}

impl Session {
    /// Everyone who took part: the representatives, then the customers, each in the order of the
    /// report.
    ///
    /// Appliances state the time of representatives only, and older ones not even that. Where it
    /// is missing, it is computed from the events in which people join and leave.
    ///
    /// ```
    /// use bomgar_api::reporting::{TimeInvolved, parse_session_list};
    ///
    /// let list = parse_session_list(br#"<session_list>
    ///   <session lsid="0123456789abcdef0123456789abcdef">
    ///     <end_time timestamp="1572955800"/>
    ///     <customer_list><customer gsnumber="1"><username>Ann</username></customer></customer_list>
    ///     <session_details>
    ///       <event timestamp="1572954000" event_type="Conference Member Added">
    ///         <performed_by type="customer" gsnumber="1">Ann</performed_by>
    ///       </event>
    ///     </session_details>
    ///   </session>
    /// </session_list>"#)?;
    /// let involved = list.sessions[0].involvement();
    /// assert_eq!(involved[0].person.name(), "Ann");
    /// let Some(TimeInvolved::FromEvents(time)) = involved[0].time else { panic!() };
    /// assert_eq!(time.as_mins(), 30);
    /// # Ok::<(), bomgar_api::Error>(())
    /// ```
    pub fn involvement(&self) -> Vec<Involvement<'_>> {
        let representatives = self.representatives.iter().map(Person::Representative);
        let customers = self.customers.iter().map(Person::Customer);
        let mut people: Vec<(Person<'_>, Stay)> = representatives
            .chain(customers)
            .map(|person| (person, Stay::default()))
            .collect();
        for event in self.events_in_time_order() {
            let (Some(time), Some(actor)) = (event.timestamp, &event.performed_by) else {
                continue;
            };
            let Some((_, stay)) = people
                .iter_mut()
                .find(|(person, _)| is_the_same(*person, actor))
            else {
                continue;
            };
            match event.event_type {
                EventType::ConferenceMemberAdded => stay.joins(time),
                EventType::ConferenceMemberDeparted => stay.leaves(time),
                _ => {}
            }
        }
        people
            .into_iter()
            .map(|(person, mut stay)| {
                if let Some(end) = self.end_time {
                    stay.leaves_if_there(end);
                }
                let stated = match person {
                    Person::Representative(representative) => representative.time_involved,
                    Person::Customer(_) => None,
                };
                Involvement {
                    person,
                    joined: stay.joined,
                    left: stay.left,
                    time: stated
                        .map(TimeInvolved::Stated)
                        .or_else(|| stay.total().map(TimeInvolved::FromEvents)),
                }
            })
            .collect()
    }

    /// The participant who stands in an event: the one with the same number within the session,
    /// else the representative with the same number on the appliance.
    pub fn person_of(&self, actor: &Actor) -> Option<Person<'_>> {
        let representatives = self.representatives.iter().map(Person::Representative);
        let mut people = representatives.chain(self.customers.iter().map(Person::Customer));
        people.find(|person| is_the_same(*person, actor))
    }
}

fn is_the_same(person: Person<'_>, actor: &Actor) -> bool {
    let (gsnumber, id) = match person {
        Person::Representative(representative) => (
            representative.gsnumber.as_str(),
            representative.id.as_deref(),
        ),
        Person::Customer(customer) => (customer.gsnumber.as_str(), None),
    };
    match actor.gsnumber.as_deref() {
        Some(number) => number == gsnumber,
        None => actor.id.is_some() && actor.id.as_deref() == id,
    }
}

/// When someone came and went.
#[derive(Default)]
struct Stay {
    joined: Option<Timestamp>,
    left: Option<Timestamp>,
    /// Since when the person is there.
    since: Option<Timestamp>,
    sum: SignedDuration,
    /// The person left without having joined, so that the sum would be too small.
    lacks_a_join: bool,
}

impl Stay {
    fn joins(&mut self, time: Timestamp) {
        self.joined.get_or_insert(time);
        self.since.get_or_insert(time);
        self.left = None;
    }

    fn leaves(&mut self, time: Timestamp) {
        if self.joined.is_none() {
            self.lacks_a_join = true;
            self.left = Some(time);
        }
        self.leaves_if_there(time);
    }

    fn leaves_if_there(&mut self, time: Timestamp) {
        let Some(since) = self.since.take() else {
            return;
        };
        // The end of the session may be stated a moment before the last event.
        let stay = time.duration_since(since).max(SignedDuration::ZERO);
        self.sum = self.sum.saturating_add(stay);
        self.left = Some(time);
    }

    fn total(&self) -> Option<SignedDuration> {
        (self.joined.is_some() && self.since.is_none() && !self.lacks_a_join).then_some(self.sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reporting::{ActorKind, Customer, Event, Representative};

    const START: i64 = 1_572_954_000;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(START + 60 * minute).unwrap()
    }

    fn session(events: &[(i64, EventType, &str)], end: Option<i64>) -> Session {
        let representative = Representative {
            gsnumber: "2".into(),
            id: Some("9".into()),
            username: "jdoe".into(),
            ..Representative::default()
        };
        let customer = Customer {
            gsnumber: "1".into(),
            username: "Ann".into(),
            ..Customer::default()
        };
        Session {
            end_time: end.map(at),
            representatives: vec![representative],
            customers: vec![customer],
            events: events
                .iter()
                .map(|(minute, event_type, gsnumber)| Event {
                    timestamp: Some(at(*minute)),
                    event_type: event_type.clone(),
                    performed_by: Some(Actor::new(ActorKind::Representative, *gsnumber, "x")),
                    ..Event::default()
                })
                .collect(),
            ..Session::default()
        }
    }

    fn minutes(session: &Session) -> Vec<(&str, Option<i64>)> {
        let involvement = session.involvement();
        involvement
            .iter()
            .map(|involved| {
                let minutes = involved.time.map(|time| time.length().as_mins());
                (involved.person.name(), minutes)
            })
            .collect()
    }

    #[test]
    fn what_the_appliance_states_counts() {
        let mut session = session(
            &[
                (0, EventType::ConferenceMemberAdded, "1"),
                (1, EventType::ConferenceMemberAdded, "2"),
                (21, EventType::ConferenceMemberDeparted, "2"),
            ],
            Some(30),
        );
        session.representatives[0].time_involved = Some(SignedDuration::from_mins(19));
        let involvement = session.involvement();
        assert_eq!(
            involvement[0].time,
            Some(TimeInvolved::Stated(SignedDuration::from_mins(19)))
        );
        assert_eq!(
            (involvement[0].joined, involvement[0].left),
            (Some(at(1)), Some(at(21)))
        );
        // The customer stayed to the end.
        assert_eq!(involvement[1].person, session.person("1").unwrap());
        assert_eq!(
            involvement[1].time,
            Some(TimeInvolved::FromEvents(SignedDuration::from_mins(30)))
        );
        assert_eq!(
            (involvement[1].joined, involvement[1].left),
            (Some(at(0)), Some(at(30)))
        );
    }

    #[test]
    fn pauses_do_not_count_and_order_does_not_matter() {
        let session = session(
            &[
                (20, EventType::ConferenceMemberAdded, "2"),
                (12, EventType::ConferenceMemberDeparted, "2"),
                (25, EventType::ConferenceMemberDeparted, "2"),
                (2, EventType::ConferenceMemberAdded, "2"),
                // Said twice, meant once.
                (3, EventType::ConferenceMemberAdded, "2"),
                (26, EventType::ConferenceMemberDeparted, "2"),
                (27, EventType::ChatMessage, "2"),
            ],
            Some(30),
        );
        assert_eq!(minutes(&session), [("jdoe", Some(15)), ("Ann", None)]);
        let involved = session.involvement()[0];
        assert_eq!(
            (involved.joined, involved.left),
            (Some(at(2)), Some(at(25)))
        );
    }

    #[test]
    fn nothing_is_made_up() {
        // Running: how long it will have been is not known.
        let running = session(&[(0, EventType::ConferenceMemberAdded, "2")], None);
        assert_eq!(minutes(&running), [("jdoe", None), ("Ann", None)]);
        assert_eq!(running.involvement()[0].left, None);
        // Left without having come.
        let late = session(
            &[
                (5, EventType::ConferenceMemberDeparted, "2"),
                (6, EventType::ConferenceMemberAdded, "2"),
            ],
            Some(10),
        );
        assert_eq!(minutes(&late), [("jdoe", None), ("Ann", None)]);
        // Somebody else.
        let other = session(
            &[
                (0, EventType::ConferenceMemberAdded, "0"),
                (1, EventType::ConferenceMemberAdded, "7"),
            ],
            Some(10),
        );
        assert_eq!(minutes(&other), [("jdoe", None), ("Ann", None)]);
    }

    #[test]
    fn an_end_before_the_last_event_is_no_negative_time() {
        let session = session(&[(5, EventType::ConferenceMemberAdded, "2")], Some(4));
        assert_eq!(minutes(&session)[0], ("jdoe", Some(0)));
    }

    #[test]
    fn people_are_known_by_either_number() {
        let session = session(&[], None);
        let actor = |gsnumber: Option<&str>, id: Option<&str>| Actor {
            gsnumber: gsnumber.map(str::to_owned),
            id: id.map(str::to_owned),
            ..Actor::default()
        };
        let name = |actor: Actor| session.person_of(&actor).map(|person| person.name());
        assert_eq!(name(actor(Some("2"), None)), Some("jdoe"));
        assert_eq!(name(actor(Some("1"), Some("9"))), Some("Ann"));
        assert_eq!(name(actor(None, Some("9"))), Some("jdoe"));
        assert_eq!(name(actor(Some("0"), None)), None);
        assert_eq!(name(actor(None, None)), None);
    }
}
