//! The appliance's memory of one session and what changes it.

use std::time::{Duration, Instant};

use crate::error::SimError;
use crate::outbound::EventForm;
use crate::people::Party;
use crate::recording::Recording;
use crate::spec::{
    CustomAttribute, Direction, EventSpec, FileTransfer, Question, SessionSpec, Survey, SurveyKind,
    SystemCategory,
};
use crate::{random, time};

mod info;
mod membership;

pub use info::SessionInfo;
pub(crate) use membership::{CustomerMember, Destination, RepMember};

/// The name under which the appliance itself takes part.
pub(crate) const SYSTEM_NAME: &str = "Bomgar";

/// A party as an event names it.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    pub(crate) kind: &'static str,
    pub(crate) gsnumber: u32,
    pub(crate) name: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) timestamp: i64,
    pub(crate) event_type: String,
    pub(crate) performed_by: Option<Actor>,
    pub(crate) destination: Option<Actor>,
    pub(crate) body: Option<String>,
    pub(crate) data: Vec<(String, String)>,
    pub(crate) system_information: Vec<SystemCategory>,
}

#[derive(Clone, Debug)]
pub(crate) struct SubmittedSurvey {
    pub(crate) kind: SurveyKind,
    pub(crate) gsnumber: u32,
    pub(crate) timestamp: i64,
    pub(crate) questions: Vec<Question>,
}

/// When the report shows the session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visibility {
    /// Counted from the end of the session, or from the order if that came later.
    pub(crate) delay: Option<Duration>,
    pub(crate) not_before: Option<Instant>,
    pub(crate) hidden_answers: u32,
    /// Answers that still have an empty end time although the session has ended.
    pub(crate) unfinished_answers: u32,
    /// The end stays hidden until a representative has submitted a survey.
    pub(crate) awaits_rep_survey: bool,
}

/// How a session comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Normal,
    /// Recipients hear of the end, the report's end time stays empty.
    Abnormal,
    /// As before, and recipients do not hear of it either.
    Lost,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) lsid: String,
    pub(crate) lseq: u64,
    pub(crate) start: i64,
    /// As the report has it; stays empty after an abnormal close.
    pub(crate) end: Option<i64>,
    pub(crate) active: bool,
    pub(crate) external_key: String,
    pub(crate) custom: Vec<CustomAttribute>,
    pub(crate) priority: Option<u8>,
    /// Empty until someone joins; the first is the primary customer.
    pub(crate) customers: Vec<CustomerMember>,
    pub(crate) reps: Vec<RepMember>,
    pub(crate) jump_group: Option<(String, String)>,
    pub(crate) public_site: Option<(u32, String)>,
    pub(crate) team: Option<(u32, String)>,
    pub(crate) recorded: bool,
    pub(crate) recordings: Vec<Recording>,
    pub(crate) events: Vec<Event>,
    pub(crate) surveys: Vec<SubmittedSurvey>,
    pub(crate) visibility: Visibility,
    /// Signature in the session's download URLs.
    pub(crate) download_hash: String,
    clock: Option<i64>,
    last_gsnumber: u32,
    /// Outbound events raised and not yet handed to the recipients.
    raised: Vec<EventForm>,
    appliance_id: String,
}

impl Session {
    pub(crate) fn start(spec: SessionSpec, lseq: u64, appliance_id: &str) -> Self {
        let start = spec.start_time.unwrap_or_else(time::now);
        let mut session = Self {
            lsid: spec.lsid.unwrap_or_else(random::hex32),
            lseq,
            start,
            end: None,
            active: true,
            external_key: spec.external_key,
            custom: spec.custom,
            priority: spec.priority,
            customers: Vec::new(),
            reps: Vec::new(),
            jump_group: spec.jump_group,
            public_site: spec.public_site,
            team: spec.team,
            recorded: spec.recorded,
            recordings: Vec::new(),
            events: Vec::new(),
            surveys: Vec::new(),
            visibility: Visibility::default(),
            download_hash: random::hex40(),
            clock: spec.start_time,
            last_gsnumber: 0,
            raised: Vec::new(),
            appliance_id: appliance_id.to_owned(),
        };
        session.record("Session Start", None, None);
        session.raise("support_conference_begin", start);
        let lobby = Actor {
            kind: "system",
            gsnumber: 0,
            name: "Pre-start Conference".to_owned(),
        };
        session.record("Conference Owner Changed", None, Some(lobby));
        // Nobody is there yet, so only two of one name in the list could be refused: they are one.
        for customer in std::iter::once(spec.customer).chain(spec.more_customers) {
            let _ = session.customer_joined(customer);
        }
        for rep in spec.representative.into_iter().chain(spec.more_reps) {
            let _ = session.rep_joined(rep);
        }
        session
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.unwrap_or_else(time::now)
    }

    pub(crate) fn set_clock(&mut self, unix_seconds: i64) {
        self.clock = Some(unix_seconds);
    }

    pub(crate) fn take_raised(&mut self) -> Vec<EventForm> {
        std::mem::take(&mut self.raised)
    }

    /// The end as reports know it: a session that waits for a representative's survey is not
    /// complete.
    pub(crate) fn complete_end(&self) -> Option<i64> {
        let submitted = |survey: &SubmittedSurvey| survey.kind == SurveyKind::Representative;
        if self.visibility.awaits_rep_survey && !self.surveys.iter().any(submitted) {
            return None;
        }
        self.end
    }

    pub(crate) fn require_active(&self) -> Result<(), SimError> {
        if self.active {
            Ok(())
        } else {
            Err(SimError::SessionEnded(self.lsid.clone()))
        }
    }

    fn form(&self, event: &str, timestamp: i64) -> EventForm {
        EventForm::new(event)
            .timestamp(timestamp)
            .field("appliance_id", &self.appliance_id)
            .lsid(&self.lsid)
            .external_key(&self.external_key)
    }

    fn raise(&mut self, event: &str, timestamp: i64) {
        self.raised.push(self.form(event, timestamp));
    }

    fn record(&mut self, event_type: &str, by: Option<Actor>, to: Option<Actor>) -> &mut Event {
        let timestamp = self.now();
        self.events.push(Event {
            timestamp,
            event_type: event_type.to_owned(),
            performed_by: by,
            destination: to,
            body: None,
            data: Vec::new(),
            system_information: Vec::new(),
        });
        let last = self.events.len() - 1;
        &mut self.events[last]
    }

    fn actor(&self, party: &Party) -> Result<Actor, SimError> {
        let found = match party {
            Party::System => Some(Actor {
                kind: "system",
                gsnumber: 0,
                name: SYSTEM_NAME.to_owned(),
            }),
            Party::Everyone => Some(Actor {
                kind: "everyone",
                gsnumber: 0,
                name: "Everyone".to_owned(),
            }),
            Party::Customer => self.primary_customer().map(CustomerMember::actor),
            Party::CustomerNamed(name) => self
                .customers
                .iter()
                .find(|member| member.customer.name == *name)
                .map(CustomerMember::actor),
            Party::Representative => self.primary_rep().map(RepMember::actor),
            Party::Rep(username) => self
                .reps
                .iter()
                .find(|member| member.rep.username == *username)
                .map(RepMember::actor),
        };
        found.ok_or_else(|| self.unknown_party(party))
    }

    pub(crate) fn chat(&mut self, from: &Party, to: &Party, text: &str) -> Result<(), SimError> {
        let (from, to) = (self.actor(from)?, self.actor(to)?);
        self.record("Chat Message", Some(from), Some(to)).body = Some(text.to_owned());
        Ok(())
    }

    pub(crate) fn file_transfer(&mut self, file: &FileTransfer) -> Result<(), SimError> {
        let customer = self.actor(&Party::Customer)?;
        let rep = self.actor(&file.by.clone().map_or(Party::Representative, Party::Rep))?;
        let (event_type, by, to) = match file.direction {
            Direction::Upload => ("File Upload", rep.clone(), customer.clone()),
            Direction::Download => ("File Download", customer.clone(), rep.clone()),
        };
        self.record(event_type, Some(by), Some(to)).data = vec![
            ("filename".into(), file.filename.clone()),
            ("filesize".into(), file.filesize.to_string()),
        ];
        if let Some(sha256) = &file.sha256 {
            self.record("File Transfer Complete", Some(customer), Some(rep))
                .data = vec![
                ("filename".into(), file.filename.clone()),
                ("sha256".into(), sha256.clone()),
            ];
        }
        Ok(())
    }

    pub(crate) fn special_action(&mut self, name: &str) -> Result<(), SimError> {
        let rep = self.actor(&Party::Representative)?;
        self.record("Special Action Executed", Some(rep), None).data =
            vec![("action_name".into(), name.to_owned())];
        Ok(())
    }

    pub(crate) fn note(&mut self, by: &Party, text: &str) -> Result<(), SimError> {
        let rep = self.actor(by)?;
        self.record("Session Note Added", Some(rep), None).body = Some(text.to_owned());
        Ok(())
    }

    pub(crate) fn system_information(
        &mut self,
        categories: Vec<SystemCategory>,
    ) -> Result<(), SimError> {
        let customer = self.actor(&Party::Customer)?;
        self.record("System Information Retrieved", Some(customer), None)
            .system_information = categories;
        Ok(())
    }

    pub(crate) fn event(&mut self, spec: EventSpec) -> Result<(), SimError> {
        let by = spec
            .performed_by
            .as_ref()
            .map(|party| self.actor(party))
            .transpose()?;
        let to = spec
            .destination
            .as_ref()
            .map(|party| self.actor(party))
            .transpose()?;
        let event = self.record(&spec.event_type, by, to);
        event.body = spec.body;
        event.data = spec.data;
        if let Some(timestamp) = spec.timestamp {
            event.timestamp = timestamp;
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, end: Option<i64>, how: Ending) -> Result<(), SimError> {
        self.require_active()?;
        let end = end.unwrap_or_else(|| self.now());
        if end < self.start {
            return Err(SimError::EndBeforeStart {
                lsid: self.lsid.clone(),
                end,
                start: self.start,
            });
        }
        self.clock = Some(end);
        match how {
            Ending::Normal | Ending::Abnormal => self.all_depart()?,
            Ending::Lost => self.all_vanish(),
        }
        self.active = false;
        if how == Ending::Normal {
            self.end = Some(end);
            self.record("Session End", None, None);
        }
        if let Some(delay) = self.visibility.delay {
            self.visibility.not_before = Instant::now().checked_add(delay);
        }
        if how != Ending::Lost {
            self.raise("support_conference_end", end);
        }
        Ok(())
    }

    pub(crate) fn survey(&mut self, survey: Survey) -> Result<(), SimError> {
        let (event_type, outbound, party) = match (survey.kind, survey.username) {
            (SurveyKind::Customer, _) => (
                "Customer Exit Survey",
                "support_conference_customer_exit_survey_completed",
                survey
                    .customer
                    .map_or(Party::Customer, Party::CustomerNamed),
            ),
            (SurveyKind::Representative, username) => (
                "Representative Exit Survey",
                "support_conference_rep_exit_survey_completed",
                username.map_or(Party::Representative, Party::Rep),
            ),
        };
        let actor = self.actor(&party)?;
        // After the end the session's clock stands still at the end.
        let timestamp = survey
            .timestamp
            .unwrap_or_else(|| self.now().saturating_add(survey.seconds_later));
        self.surveys.push(SubmittedSurvey {
            kind: survey.kind,
            gsnumber: actor.gsnumber,
            timestamp,
            questions: survey.questions,
        });
        self.record(event_type, Some(actor), None).timestamp = timestamp;
        self.raise(outbound, timestamp);
        Ok(())
    }

    /// Sets or, with an empty value, clears one attribute.
    pub(crate) fn set_custom(&mut self, code_name: &str, value: &str) {
        if code_name == "external_key" {
            self.external_key = value.to_owned();
            return;
        }
        if value.is_empty() {
            self.custom
                .retain(|attribute| attribute.code_name != code_name);
        } else if let Some(known) = self.custom.iter_mut().find(|a| a.code_name == code_name) {
            known.value = value.to_owned();
        } else {
            self.custom.push(CustomAttribute {
                code_name: code_name.to_owned(),
                display_name: code_name.to_owned(),
                value: value.to_owned(),
            });
        }
    }
}
