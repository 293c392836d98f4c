//! What happens in sessions, told by the test.

use std::time::{Duration, Instant};

use crate::client_script;
use crate::error::SimError;
use crate::keys::{KeyRequest, SessionKey};
use crate::people::{Customer, Party, Representative};
use crate::session::{Ending, Session, SessionInfo};
use crate::sim::BomgarSim;
use crate::spec::{EventSpec, FileTransfer, SessionSpec, Survey, SystemCategory};
use crate::time;

impl BomgarSim {
    /// Makes a session key that is valid for a day, as `generate_session_key` does.
    ///
    /// # Errors
    ///
    /// If the appliance would refuse the queue.
    pub fn session_key(&self, queue: &str, external_key: &str) -> Result<SessionKey, SimError> {
        let mut state = self.inner.state();
        state.check_queue(queue).map_err(|reason| SimError::Queue {
            queue: queue.to_owned(),
            reason,
        })?;
        let mut request = KeyRequest::new(queue);
        external_key.clone_into(&mut request.external_key);
        Ok(state.make_key(&self.inner.base_url, request))
    }

    /// All session keys made so far.
    pub fn session_keys(&self) -> Vec<SessionKey> {
        self.inner.state().keys.clone()
    }

    /// A session as it starts when the customer uses this key: it has the key's external key and
    /// custom attributes and no representative yet. Pass it to
    /// [`start_session`](Self::start_session).
    ///
    /// # Errors
    ///
    /// If there is no such key or it has expired.
    pub fn use_key(&self, short_key: &str) -> Result<SessionSpec, SimError> {
        let state = self.inner.state();
        state
            .valid_key(short_key)
            .map(|key| client_script::spec_from_key(&state, &key))
            .ok_or_else(|| SimError::UnknownKey(short_key.to_owned()))
    }

    /// Starts a session and returns its lsid. Recipients get `support_conference_begin`, then
    /// `…_member_added` for each member.
    pub fn start_session(&self, spec: SessionSpec) -> String {
        client_script::begin(&self.inner, &mut self.inner.state(), spec)
    }

    /// The identifiers of all sessions, oldest first.
    pub fn lsids(&self) -> Vec<String> {
        self.inner
            .state()
            .sessions
            .iter()
            .map(|session| session.lsid.clone())
            .collect()
    }

    /// A session as it is now.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn session(&self, lsid: &str) -> Result<SessionInfo, SimError> {
        self.inner
            .state()
            .session(lsid)
            .map(SessionInfo::of)
            .ok_or_else(|| SimError::UnknownSession(lsid.to_owned()))
    }

    /// The session's present external key.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn external_key(&self, lsid: &str) -> Result<String, SimError> {
        self.inner
            .state()
            .session(lsid)
            .map(|session| session.external_key.clone())
            .ok_or_else(|| SimError::UnknownSession(lsid.to_owned()))
    }

    fn change<T>(
        &self,
        lsid: &str,
        change: impl FnOnce(&mut Session) -> Result<T, SimError>,
    ) -> Result<T, SimError> {
        let mut state = self.inner.state();
        let session = state
            .session_mut(lsid)
            .ok_or_else(|| SimError::UnknownSession(lsid.to_owned()))?;
        let result = change(session);
        state.publish(lsid);
        result
    }

    fn change_active<T>(
        &self,
        lsid: &str,
        change: impl FnOnce(&mut Session) -> Result<T, SimError>,
    ) -> Result<T, SimError> {
        self.change(lsid, |session| {
            session.require_active()?;
            change(session)
        })
    }

    /// Sets the session's own clock, in Unix seconds.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn at(&self, lsid: &str, unix_seconds: i64) -> Result<(), SimError> {
        self.change(lsid, |session| {
            session.set_clock(unix_seconds);
            Ok(())
        })
    }

    /// Moves the session's own clock on.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn advance(&self, lsid: &str, seconds: i64) -> Result<(), SimError> {
        self.change(lsid, |session| {
            session.set_clock(session.now().saturating_add(seconds));
            Ok(())
        })
    }

    /// Someone writes a chat message.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or a party is not in it.
    pub fn chat(&self, lsid: &str, from: Party, to: Party, text: &str) -> Result<(), SimError> {
        self.change_active(lsid, |session| session.chat(&from, &to, text))
    }

    /// A file goes from one side to the other.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or has no representative.
    pub fn file_transfer(&self, lsid: &str, file: FileTransfer) -> Result<(), SimError> {
        self.change_active(lsid, |session| session.file_transfer(&file))
    }

    /// The representative runs a special action. Its name is in the user's language.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or has no representative.
    pub fn special_action(&self, lsid: &str, name: &str) -> Result<(), SimError> {
        self.change_active(lsid, |session| session.special_action(name))
    }

    /// The representative looks at the customer's system information.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or has no customer.
    pub fn system_information(
        &self,
        lsid: &str,
        categories: impl IntoIterator<Item = SystemCategory>,
    ) -> Result<(), SimError> {
        let categories = categories.into_iter().collect();
        self.change_active(lsid, |session| session.system_information(categories))
    }

    /// The primary representative writes a session note.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or has no representative.
    pub fn note(&self, lsid: &str, text: &str) -> Result<(), SimError> {
        self.note_by(lsid, Party::Representative, text)
    }

    /// Someone writes a session note.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or the party is not in it.
    pub fn note_by(&self, lsid: &str, by: Party, text: &str) -> Result<(), SimError> {
        self.change_active(lsid, |session| session.note(&by, text))
    }

    /// Anything else happens. Unlike the other methods this one also works after the end.
    ///
    /// # Errors
    ///
    /// If the session is unknown or a party is not in it.
    pub fn event(&self, lsid: &str, event: EventSpec) -> Result<(), SimError> {
        self.change(lsid, |session| session.event(event))
    }

    /// A representative joins, or comes back. The first one is the primary representative for
    /// ever; whoever finds no owner there becomes the owner. A representative who was not logged
    /// in is so from now on.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or the representative is in it already.
    pub fn rep_joined(&self, lsid: &str, rep: Representative) -> Result<(), SimError> {
        self.change_active(lsid, |session| session.rep_joined(rep.clone()))?;
        self.inner.state().staff.ensure_logged_in(&rep);
        Ok(())
    }

    /// Another customer joins, or one comes back; customers of one name are the same.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or the customer is in it already.
    pub fn customer_joined(&self, lsid: &str, customer: Customer) -> Result<(), SimError> {
        self.change_active(lsid, |session| session.customer_joined(customer))
    }

    /// Someone leaves. If it was the owner, the representative who has been there longest becomes
    /// the owner.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or the party is not in it.
    pub fn member_departed(&self, lsid: &str, party: Party) -> Result<(), SimError> {
        self.change_active(lsid, |session| session.departed(&party))
    }

    /// The session goes to a representative (`rep:<id>`, `rep_username:<name>`), who must be
    /// logged in and becomes the owner, or into a team's queue (`team:<id>`), where it has no
    /// owner until a representative joins. Whoever was in the session stays.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended, or the appliance would refuse the queue.
    pub fn transfer(&self, lsid: &str, queue: &str) -> Result<(), SimError> {
        self.change_active(lsid, |_| Ok(()))?;
        self.inner
            .state()
            .transfer(lsid, queue)
            .map_err(|reason| SimError::Queue {
                queue: queue.to_owned(),
                reason,
            })
    }

    /// Sets or clears (empty value) a custom attribute, or `external_key`, as the representative
    /// can in the console.
    ///
    /// # Errors
    ///
    /// If the session is unknown or has ended.
    pub fn set_attribute(&self, lsid: &str, code_name: &str, value: &str) -> Result<(), SimError> {
        self.change_active(lsid, |session| {
            session.set_custom(code_name, value);
            Ok(())
        })
    }

    /// The session ends, at this time (Unix seconds) or, with `None`, by its clock. All members
    /// leave, then recipients get `support_conference_end`.
    ///
    /// # Errors
    ///
    /// If the session is unknown, has ended already, or would end before it began.
    pub fn end_session(
        &self,
        lsid: &str,
        end_time: impl Into<Option<i64>>,
    ) -> Result<(), SimError> {
        let end_time = end_time.into();
        self.change(lsid, |session| session.finish(end_time, Ending::Normal))
    }

    /// The session ends without an orderly close: recipients hear of the end, but the report's end
    /// time stays empty for ever.
    ///
    /// # Errors
    ///
    /// As [`end_session`](Self::end_session).
    pub fn end_abnormally(
        &self,
        lsid: &str,
        end_time: impl Into<Option<i64>>,
    ) -> Result<(), SimError> {
        let end_time = end_time.into();
        self.change(lsid, |session| session.finish(end_time, Ending::Abnormal))
    }

    /// The session is lost, as when a connection breaks for good: recipients hear neither of the
    /// end nor of anybody's leaving, and the report's end time stays empty for ever.
    ///
    /// # Errors
    ///
    /// As [`end_session`](Self::end_session).
    pub fn lose_session(
        &self,
        lsid: &str,
        end_time: impl Into<Option<i64>>,
    ) -> Result<(), SimError> {
        let end_time = end_time.into();
        self.change(lsid, |session| session.finish(end_time, Ending::Lost))
    }

    /// Someone submits a survey; this also works after the end.
    ///
    /// # Errors
    ///
    /// If the session is unknown or the representative was not in it.
    pub fn survey(&self, lsid: &str, survey: Survey) -> Result<(), SimError> {
        self.change(lsid, |session| session.survey(survey))
    }

    /// As [`survey`](Self::survey), but so much later, while the caller goes on. Parties are
    /// looked up then; the survey of one who is not in the session is never submitted.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn survey_later(
        &self,
        lsid: &str,
        survey: Survey,
        delay: Duration,
    ) -> Result<(), SimError> {
        self.external_key(lsid)?;
        let sim = Self::borrowed(std::sync::Arc::clone(&self.inner));
        let lsid = lsid.to_owned();
        let task = self.inner.runtime.spawn(async move {
            tokio::time::sleep(delay).await;
            // Nobody is left to be told.
            let _ = sim.survey(&lsid, survey);
        });
        self.inner.tasks().push(task.abort_handle());
        Ok(())
    }

    /// Keeps the session out of the report until so long after its end, or from now if it has
    /// ended.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn report_delay(&self, lsid: &str, delay: Duration) -> Result<(), SimError> {
        self.change(lsid, |session| {
            session.visibility.delay = Some(delay);
            if !session.active {
                session.visibility.not_before = Instant::now().checked_add(delay);
            }
            Ok(())
        })
    }

    /// Keeps the session out of the next `answers` reports that would have shown it.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn hide_report(&self, lsid: &str, answers: u32) -> Result<(), SimError> {
        self.change(lsid, |session| {
            session.visibility.hidden_answers = answers;
            Ok(())
        })
    }

    /// The session is complete only when a representative has submitted a survey: until then
    /// reports show an empty end time although it has ended, and afterwards the end as it was,
    /// which may be long ago.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn await_rep_survey(&self, lsid: &str) -> Result<(), SimError> {
        self.change(lsid, |session| {
            session.visibility.awaits_rep_survey = true;
            Ok(())
        })
    }

    /// After the session's end the next `answers` reports still show an empty end time.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn late_end_time(&self, lsid: &str, answers: u32) -> Result<(), SimError> {
        self.change(lsid, |session| {
            session.visibility.unfinished_answers = answers;
            Ok(())
        })
    }

    /// Starts a session in which a bit of everything happens. It began 25 minutes ago, its own clock
    /// has reached the present, and it is still running.
    ///
    /// # Errors
    ///
    /// Never in practice: all parties are in the session.
    pub fn demo_session(&self, external_key: &str) -> Result<String, SimError> {
        let customer = Customer::new("Ada Byron")
            .hostname("ADA-PC")
            .company("Acme, Inc.");
        let lsid = self.start_session(
            SessionSpec::new()
                .customer(customer)
                .external_key(external_key)
                .start_time(time::now() - 1_500),
        );
        let id = lsid.as_str();
        self.advance(id, 5)?;
        self.chat(
            id,
            Party::System,
            Party::Everyone,
            "Welcome to our support.",
        )?;
        self.advance(id, 55)?;
        self.chat(
            id,
            Party::Customer,
            Party::Everyone,
            "My printer says \"PC LOAD LETTER\".",
        )?;
        self.advance(id, 30)?;
        self.chat(
            id,
            Party::Representative,
            Party::Everyone,
            "Let me look at <Letter> & <A4>.",
        )?;
        self.advance(id, 60)?;
        let general = SystemCategory::new("General").row([
            ("Computer Name", "ADA-PC"),
            ("Operating System", "Windows 11 Enterprise"),
        ]);
        let memory = SystemCategory::new("Memory").row([("Total", "16 GB"), ("Free", "7 GB")]);
        let disks = SystemCategory::new("Disks")
            .row([("Drive", "C:"), ("Size", "512 GB")])
            .row([("Drive", "D:"), ("Size", "1 TB")]);
        self.system_information(id, [general, memory, disks])?;
        self.advance(id, 350)?;
        self.file_transfer(id, FileTransfer::upload("C:\\Temp\\driver.zip", 1_482_331))?;
        self.advance(id, 400)?;
        self.special_action(id, "Restart Print Spooler")?;
        self.advance(id, 600)?;
        self.note(id, "Replaced the driver; paper size is A4 now.")?;
        Ok(lsid)
    }
}
