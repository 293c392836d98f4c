//! The appliance's memory of one session and what changes it.

use std::time::{Duration, Instant};

use crate::error::SimError;
use crate::outbound::EventForm;
use crate::people::{Customer, Party, Representative};
use crate::spec::{
    CustomAttribute, Direction, EventSpec, FileTransfer, Question, SessionSpec, Survey, SurveyKind,
    SystemCategory,
};
use crate::{random, time};

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
pub(crate) struct RepMember {
    pub(crate) rep: Representative,
    pub(crate) gsnumber: u32,
    pub(crate) joined: i64,
    pub(crate) departed: Option<i64>,
    pub(crate) primary: bool,
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
    pub(crate) customer: Customer,
    pub(crate) customer_gsnumber: u32,
    pub(crate) customer_departed: bool,
    pub(crate) reps: Vec<RepMember>,
    pub(crate) jump_group: Option<(String, String)>,
    pub(crate) public_site: Option<(u32, String)>,
    pub(crate) team: Option<(u32, String)>,
    pub(crate) recorded: bool,
    pub(crate) events: Vec<Event>,
    pub(crate) surveys: Vec<SubmittedSurvey>,
    pub(crate) visibility: Visibility,
    /// Signature in the session's download URLs.
    pub(crate) download_hash: String,
    clock: Option<i64>,
    next_gsnumber: u32,
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
            customer: spec.customer,
            customer_gsnumber: 1,
            customer_departed: false,
            reps: Vec::new(),
            jump_group: spec.jump_group,
            public_site: spec.public_site,
            team: spec.team,
            recorded: spec.recorded,
            events: Vec::new(),
            surveys: Vec::new(),
            visibility: Visibility::default(),
            download_hash: random::hex40(),
            clock: spec.start_time,
            next_gsnumber: 2,
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
        session.customer_joined();
        if let Some(rep) = spec.representative {
            session.rep_joined(rep);
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

    pub(crate) fn primary_rep(&self) -> Option<&RepMember> {
        self.reps.iter().find(|member| member.primary)
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

    fn raise_member(&mut self, event: &str, timestamp: i64, member: Option<&Representative>) {
        let form = self.form(event, timestamp);
        let form = match member {
            None => form
                .field("type", "customer")
                .field("name", &self.customer.name)
                .field("display_name", &self.customer.name),
            Some(rep) => form
                .field("type", "representative")
                .field("name", &rep.public_name)
                .field("display_name", &rep.public_name)
                .field("username", &rep.username)
                .field("user_id", rep.id.to_string()),
        };
        let form = form
            .field("conference_name", &self.customer.name)
            .field("conference_id", self.lseq.to_string());
        self.raised.push(form);
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

    fn customer_actor(&self) -> Actor {
        Actor {
            kind: "customer",
            gsnumber: self.customer_gsnumber,
            name: self.customer.name.clone(),
        }
    }

    fn rep_actor(member: &RepMember) -> Actor {
        Actor {
            kind: "representative",
            gsnumber: member.gsnumber,
            name: member.rep.private_name.clone(),
        }
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
            Party::Customer => Some(self.customer_actor()),
            Party::Representative => self.primary_rep().map(Self::rep_actor),
            Party::Rep(username) => self
                .reps
                .iter()
                .find(|member| member.rep.username == *username)
                .map(Self::rep_actor),
        };
        found.ok_or_else(|| SimError::UnknownParty {
            lsid: self.lsid.clone(),
            party: party.to_string(),
        })
    }

    fn customer_joined(&mut self) {
        let actor = self.customer_actor();
        let customer = self.customer.clone();
        self.record("Conference Member Added", Some(actor.clone()), None)
            .data = vec![
            ("name".into(), customer.name),
            ("private_ip".into(), customer.private_ip),
            ("public_ip".into(), customer.public_ip),
            ("hostname".into(), customer.hostname),
            ("os".into(), customer.os),
        ];
        self.record("Conference Member State Changed", Some(actor), None)
            .data = vec![("state".into(), "connected".into())];
        self.raise_member("support_conference_member_added", self.now(), None);
    }

    /// The first representative becomes owner and primary representative.
    pub(crate) fn rep_joined(&mut self, rep: Representative) {
        let first = self.reps.is_empty();
        let member = RepMember {
            rep: rep.clone(),
            gsnumber: self.next_gsnumber,
            joined: self.now(),
            departed: None,
            primary: first,
        };
        self.next_gsnumber += 1;
        let actor = Self::rep_actor(&member);
        self.reps.push(member);
        self.record("Conference Member Added", Some(actor.clone()), None)
            .data = vec![
            ("private_name".into(), rep.private_name.clone()),
            ("public_name".into(), rep.public_name.clone()),
            ("username".into(), rep.username.clone()),
            ("user_id".into(), rep.id.to_string()),
            ("private_ip".into(), rep.private_ip.clone()),
            ("public_ip".into(), rep.public_ip.clone()),
            ("hostname".into(), rep.hostname.clone()),
            ("os".into(), rep.os.clone()),
        ];
        self.raise_member("support_conference_member_added", self.now(), Some(&rep));
        if first {
            self.record("Conference Owner Changed", None, Some(actor))
                .data = vec![("owner".into(), rep.private_name.clone())];
            self.raise_member("support_conference_owner_changed", self.now(), Some(&rep));
        }
    }

    pub(crate) fn departed(&mut self, party: &Party) -> Result<(), SimError> {
        let actor = self.actor(party)?;
        let now = self.now();
        if actor.kind == "customer" {
            self.customer_departed = true;
            self.record("Conference Member Departed", Some(actor), None);
            self.raise_member("support_conference_member_departed", now, None);
            return Ok(());
        }
        let member = self
            .reps
            .iter_mut()
            .find(|m| m.gsnumber == actor.gsnumber && m.departed.is_none())
            .ok_or_else(|| SimError::UnknownParty {
                lsid: self.lsid.clone(),
                party: party.to_string(),
            })?;
        member.departed = Some(now);
        let rep = member.rep.clone();
        self.record("Conference Member Departed", Some(actor), None);
        self.raise_member("support_conference_member_departed", now, Some(&rep));
        Ok(())
    }

    pub(crate) fn chat(&mut self, from: &Party, to: &Party, text: &str) -> Result<(), SimError> {
        let (from, to) = (self.actor(from)?, self.actor(to)?);
        self.record("Chat Message", Some(from), Some(to)).body = Some(text.to_owned());
        Ok(())
    }

    pub(crate) fn file_transfer(&mut self, file: &FileTransfer) -> Result<(), SimError> {
        let customer = self.customer_actor();
        let rep = self.actor(&Party::Representative)?;
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

    pub(crate) fn note(&mut self, text: &str) -> Result<(), SimError> {
        let rep = self.actor(&Party::Representative)?;
        self.record("Session Note Added", Some(rep), None).body = Some(text.to_owned());
        Ok(())
    }

    pub(crate) fn system_information(&mut self, categories: Vec<SystemCategory>) {
        let customer = self.customer_actor();
        self.record("System Information Retrieved", Some(customer), None)
            .system_information = categories;
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

    /// `normal` decides whether the report gets an end time.
    pub(crate) fn finish(&mut self, end: Option<i64>, normal: bool) -> Result<(), SimError> {
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
        let still_here: Vec<Party> = self
            .reps
            .iter()
            .filter(|member| member.departed.is_none())
            .map(|member| Party::Rep(member.rep.username.clone()))
            .collect();
        for party in still_here {
            self.departed(&party)?;
        }
        if !self.customer_departed {
            self.departed(&Party::Customer)?;
        }
        self.active = false;
        if normal {
            self.end = Some(end);
            self.record("Session End", None, None);
        }
        if let Some(delay) = self.visibility.delay {
            self.visibility.not_before = Instant::now().checked_add(delay);
        }
        self.raise("support_conference_end", end);
        Ok(())
    }

    pub(crate) fn survey(&mut self, survey: Survey) -> Result<(), SimError> {
        let (event_type, outbound, party) = match (survey.kind, survey.username) {
            (SurveyKind::Customer, _) => (
                "Customer Exit Survey",
                "support_conference_customer_exit_survey_completed",
                Party::Customer,
            ),
            (SurveyKind::Representative, username) => (
                "Representative Exit Survey",
                "support_conference_rep_exit_survey_completed",
                username.map_or(Party::Representative, Party::Rep),
            ),
        };
        let actor = self.actor(&party)?;
        let timestamp = survey.timestamp.unwrap_or_else(|| self.now());
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
