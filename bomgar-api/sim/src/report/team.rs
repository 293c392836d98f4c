//! What happened in support teams.

use super::session_list::{body, data_values};
use super::window::{self, Windows};
use super::{document, empty};
use crate::reply::Reply;
use crate::request::Params;
use crate::session::SYSTEM_NAME;
use crate::state::{State, TeamMessage};

/// Something that happened in a support team, outside of any session. Messages sent with
/// `send_chat_message` to a team are in the report without this.
///
/// ```
/// use bomgar_sim::TeamActivity;
///
/// let chat = TeamActivity::new(1, "Service Desk", "Chat Message", 1_700_000_000)
///     .performed_by("representative", "Grace Lang")
///     .destination("team", "Service Desk")
///     .body("Who takes the next one?");
/// # let _ = chat;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct TeamActivity {
    pub(crate) team: (u32, String),
    pub(crate) event_type: String,
    pub(crate) timestamp: i64,
    pub(crate) performed_by: Option<(String, String)>,
    pub(crate) destination: Option<(String, String)>,
    pub(crate) body: Option<String>,
    pub(crate) data: Vec<(String, String)>,
}

impl TeamActivity {
    /// An event of this type in the team with this number and name, at this time in Unix seconds.
    pub fn new(
        team_id: u32,
        team_name: impl Into<String>,
        event_type: impl Into<String>,
        unix_seconds: i64,
    ) -> Self {
        Self {
            team: (team_id, team_name.into()),
            event_type: event_type.into(),
            timestamp: unix_seconds,
            performed_by: None,
            destination: None,
            body: None,
            data: Vec::new(),
        }
    }

    /// Who did it: the kind (`representative`, `system`) and the name.
    pub fn performed_by(mut self, kind: impl Into<String>, name: impl Into<String>) -> Self {
        self.performed_by = Some((kind.into(), name.into()));
        self
    }

    /// To whom: the kind and the name.
    pub fn destination(mut self, kind: impl Into<String>, name: impl Into<String>) -> Self {
        self.destination = Some((kind.into(), name.into()));
        self
    }

    /// The text.
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds a data value.
    pub fn data(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.data.push((name.into(), value.into()));
        self
    }
}

/// A message in a team's chat as the report has it.
fn chat(state: &State, message: &TeamMessage) -> TeamActivity {
    let id = message.team_id;
    let team = state.teams.iter().find(|team| team.id == id);
    let name = team.map_or_else(String::new, |team| team.name.clone());
    let rep = |username: &String| {
        let known = state.staff.by_username(username);
        known.map_or_else(|| username.clone(), |known| known.rep.private_name.clone())
    };
    let chat = TeamActivity::new(id, &name, "Chat Message", message.timestamp).body(&message.body);
    let chat = match &message.from {
        Some(username) => chat.performed_by("representative", rep(username)),
        None => chat.performed_by("system", SYSTEM_NAME),
    };
    match &message.to {
        Some(username) => chat.destination("representative", rep(username)),
        None => chat.destination("team", name),
    }
}

/// All windows look at the time of the event, which has no end of its own.
pub(crate) fn answer(state: &mut State, params: &Params) -> Result<Reply, String> {
    let selection = window::selection(params, Windows::Four)?;
    let team: Option<u32> = params
        .filled("team_id")
        .map(|id| id.parse().map_err(|_| "Invalid team_id.".to_owned()))
        .transpose()?;
    let messages: Vec<TeamActivity> = state
        .team_messages
        .iter()
        .map(|message| chat(state, message))
        .collect();
    let chosen: Vec<&TeamActivity> = state
        .documents
        .team_activity
        .iter()
        .chain(&messages)
        .filter(|activity| selection.covers(activity.timestamp))
        .filter(|activity| team.is_none_or(|id| id == activity.team.0))
        .collect();
    if chosen.is_empty() {
        return Ok(empty(state, "team_activity_list"));
    }
    let mut teams: Vec<&(u32, String)> = Vec::new();
    for activity in &chosen {
        if !teams.iter().any(|(id, _)| *id == activity.team.0) {
            teams.push(&activity.team);
        }
    }
    Ok(document(state, "team_activity_list", |xml| {
        for (id, name) in teams {
            let attributes = [("id", &*id.to_string()), ("name", name)];
            xml.open("team_activity", &attributes);
            xml.open("events", &[]);
            for activity in chosen.iter().filter(|activity| activity.team.0 == *id) {
                let timestamp = activity.timestamp.to_string();
                xml.open(
                    "event",
                    &[
                        ("timestamp", &timestamp),
                        ("event_type", &activity.event_type),
                    ],
                );
                for (element, party) in [
                    ("performed_by", &activity.performed_by),
                    ("destination", &activity.destination),
                ] {
                    if let Some((kind, name)) = party {
                        xml.leaf(element, &[("type", kind)], name);
                    }
                }
                if let Some(text) = &activity.body {
                    body(xml, text, state.documents.cdata);
                }
                data_values(xml, activity.data.iter());
                xml.close("event");
            }
            xml.close("events");
            xml.close("team_activity");
        }
    }))
}
