//! Runs a plan so that nothing is written twice and nothing is forgotten, whatever happens in
//! between.
//!
//! Autotask has no idempotency key, may store a record after we stopped waiting, and lets people
//! edit, move and delete what we wrote. So every effect has a key that nobody can rename, a ledger
//! row that is on disk before the request leaves, and a marker in the record by which it can be
//! found again. A request whose outcome is not known is never simply repeated: the marker decides.

use crate::{
    draft::Draft,
    effect::{EffectKey, EffectKind},
    failure::{Failure, FailureClass},
    needs,
    plan::{self, Plan},
    ports::{
        Appliance, Clock, CreateOutcome, Desk, Found, Ledger, LedgerRow, RowState, Scope, Search,
    },
    profile::Profile,
    template::Templates,
};
use jiff::{SignedDuration, Timestamp};

/// The world, as the executor sees it.
#[derive(Clone, Copy)]
pub struct Ports<'a> {
    /// Where session reports come from.
    pub appliance: &'a dyn Appliance,
    /// Where records go.
    pub desk: &'a dyn Desk,
    /// The durable memory.
    pub ledger: &'a dyn Ledger,
    /// The time.
    pub clock: &'a dyn Clock,
}

impl std::fmt::Debug for Ports<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ports")
    }
}

/// How patient and how stubborn the write protocol is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WritePolicy {
    /// A search that finds nothing counts only if it began this long after the last request was
    /// sent. The server runs a call for up to five minutes; the default is six.
    pub settle: SignedDuration,
    /// How long an answer is waited for. Stored with each request.
    pub request_timeout: SignedDuration,
    /// After this many rounds without a certain outcome a person decides.
    pub max_ambiguous_rounds: u32,
    /// How far the desk's clock may differ from ours when records are searched by creation time.
    pub clock_skew: SignedDuration,
    /// How many records known to exist are tried as proof that a search can see our records.
    pub known_records: u32,
}

impl Default for WritePolicy {
    fn default() -> Self {
        WritePolicy {
            settle: SignedDuration::from_mins(6),
            request_timeout: SignedDuration::from_mins(3),
            max_ambiguous_rounds: 5,
            clock_skew: SignedDuration::from_mins(5),
            known_records: 3,
        }
    }
}

/// Whether a first send may trust the ledger alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendMode {
    /// The ledger has seen everything since before this session: no search is needed.
    Live,
    /// The session may have been imported before this ledger began, or by another program: search
    /// for the marker first.
    SearchFirst,
}

/// What happened to one effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StepResult {
    /// Created by this run.
    Created(Vec<i64>),
    /// Found in the desk by its marker and taken over.
    Adopted(Vec<i64>),
    /// Done by an earlier run.
    AlreadyDone(Vec<i64>),
    /// Not settled yet; nothing may be sent before this time.
    Waiting {
        /// When to look again.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Clearly not stored.
    Refused(Failure),
    /// A person must decide.
    Undecided(String),
}

/// One effect and what happened to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// Which effect.
    pub key: EffectKey,
    /// What happened.
    pub result: StepResult,
}

/// What the caller has to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing is left to do.
    Complete,
    /// Run again at this time; the wait is not an attempt.
    Wait {
        /// When.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Something failed; its class says what helps. Effects already made stay made.
    Failed(Failure),
    /// A person must decide about at least one effect; everything else is done.
    Undecided(String),
}

/// The account of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Each effect, in the order in which it was handled.
    pub steps: Vec<StepReport>,
    /// Why things are as they are, one sentence each.
    pub explanations: Vec<String>,
    /// What an administrator should hear although the run went on, for instance a broken template.
    pub alerts: Vec<String>,
    /// What to do now.
    pub verdict: Verdict,
}

/// Imports one session: settles what an earlier run left open, fetches the report, plans, writes.
///
/// Call it as often as you like for the same session, but never concurrently for the same `lsid`.
/// The account says what happened; a failure is an account too, never an error of this function.
pub async fn import_session(
    lsid: &str,
    profile: &Profile,
    templates: &Templates,
    ports: Ports<'_>,
    policy: &WritePolicy,
    mode: SendMode,
) -> Report {
    let mut run = Run::new(ports, policy);
    let lsid = lsid.trim().to_ascii_lowercase();
    if let Err(failure) = run.import(&lsid, profile, templates, mode).await {
        run.fail(failure);
    }
    run.report
}

/// Runs a plan that was made elsewhere, with the same care: what an earlier run left open for this
/// session is settled first. `session_start` bounds the search of [`SendMode::SearchFirst`].
pub async fn run_plan(
    tenant: i64,
    lsid: &str,
    plan: Plan,
    session_start: Option<Timestamp>,
    ports: Ports<'_>,
    policy: &WritePolicy,
    mode: SendMode,
) -> Report {
    let mut run = Run::new(ports, policy);
    let result = match run.settle_open(tenant, lsid).await {
        Ok(Some(rows)) => run.write(rows, plan, session_start, mode).await,
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = result {
        run.fail(failure);
    }
    run.report
}

enum Look {
    Result(StepResult),
    NotFound { late_enough: bool },
}

struct Run<'a> {
    ports: Ports<'a>,
    policy: &'a WritePolicy,
    report: Report,
}

impl<'a> Run<'a> {
    fn new(ports: Ports<'a>, policy: &'a WritePolicy) -> Self {
        Run {
            ports,
            policy,
            report: Report {
                steps: Vec::new(),
                explanations: Vec::new(),
                alerts: Vec::new(),
                verdict: Verdict::Complete,
            },
        }
    }

    async fn import(
        &mut self,
        lsid: &str,
        profile: &Profile,
        templates: &Templates,
        mode: SendMode,
    ) -> Result<(), Failure> {
        let tenant = self.ports.desk.tenant().await?;
        let Some(rows) = self.settle_open(tenant, lsid).await? else {
            return Ok(());
        };
        let Some(mut session) = self.ports.appliance.session(lsid).await? else {
            return Err(Failure::new(
                FailureClass::Transient,
                format!("session {lsid} is not in the appliance's report yet"),
                "nothing to do: the appliance lists a session some seconds after its end; \
                 it is asked again",
            ));
        };
        if !session.lsid.eq_ignore_ascii_case(lsid) {
            return Err(Failure::new(
                FailureClass::Bug,
                format!(
                    "asked for session {lsid}, the appliance reported {}",
                    session.lsid
                ),
                "please report this to the authors",
            ));
        }
        // The key under which everything is remembered must not depend on how it was spelled.
        session.lsid = lsid.to_owned();
        let needs = needs::needs(&session, profile)?;
        let facts = self.ports.desk.look_up(&needs).await?;
        let plan = plan::plan(tenant, &session, profile, templates, &facts)?;
        self.write(rows, plan, session.start_time, mode).await
    }

    /// What was sent is settled first, from the stored request alone: nothing that changed since
    /// can alter it, and nothing that is missing now can hinder it. `None`: the run must stop.
    async fn settle_open(
        &mut self,
        tenant: i64,
        lsid: &str,
    ) -> Result<Option<Vec<LedgerRow>>, Failure> {
        let mut rows = self.ports.ledger.rows(tenant, lsid).await?;
        for row in rows.iter_mut().filter(|row| row.state == RowState::Intent) {
            let result = self.settle(row).await?;
            if !self.record(row.key.clone(), result) {
                return Ok(None);
            }
        }
        Ok(Some(rows))
    }

    async fn write(
        &mut self,
        rows: Vec<LedgerRow>,
        plan: Plan,
        session_start: Option<Timestamp>,
        mode: SendMode,
    ) -> Result<(), Failure> {
        self.report.explanations = plan.explanations;
        self.report.alerts = plan.alerts;
        let steps = freeze(&rows, plan.steps, &mut self.report.explanations);
        self.write_down_parts(&rows, &steps).await?;
        for step in &steps {
            if self
                .report
                .steps
                .iter()
                .any(|earlier| earlier.key == step.key)
            {
                continue; // Settled above.
            }
            let result = match rows.iter().find(|row| row.key == step.key) {
                Some(row) if row.state == RowState::Done => {
                    StepResult::AlreadyDone(row.ids.clone())
                }
                Some(row) if row.state == RowState::Undecided => {
                    StepResult::Undecided(row.remark.clone())
                }
                _ => {
                    self.first_send(&step.key, &step.draft, mode, session_start)
                        .await?
                }
            };
            if !self.record(step.key.clone(), result) {
                return Ok(());
            }
        }
        for problem in plan.problems {
            self.fail(problem);
        }
        Ok(())
    }

    /// Parts of one text belong together: before the first is sent, all are on disk, so that a
    /// changed template cannot mix two texts.
    async fn write_down_parts(
        &self,
        rows: &[LedgerRow],
        steps: &[plan::Step],
    ) -> Result<(), Failure> {
        let notes: Vec<_> = steps
            .iter()
            .filter(|s| s.key.kind == EffectKind::Note)
            .collect();
        if notes.len() < 2 || rows.iter().any(|row| row.key.kind == EffectKind::Note) {
            return Ok(());
        }
        let planned: Vec<_> = notes
            .iter()
            .map(|step| self.new_row(&step.key, &step.draft, RowState::Planned))
            .collect();
        self.ports.ledger.put_all(&planned).await
    }

    fn new_row(&self, key: &EffectKey, draft: &Draft, state: RowState) -> LedgerRow {
        let now = self.ports.clock.now();
        LedgerRow {
            key: key.clone(),
            state,
            draft: draft.clone(),
            first_sent_at: now,
            sent_at: now,
            deadline: later(now, self.policy.request_timeout),
            ambiguous_rounds: 0,
            ids: Vec::new(),
            remark: String::new(),
        }
    }

    async fn first_send(
        &self,
        key: &EffectKey,
        draft: &Draft,
        mode: SendMode,
        session_start: Option<Timestamp>,
    ) -> Result<StepResult, Failure> {
        let mut row = self.new_row(key, draft, RowState::Intent);
        if mode == SendMode::SearchFirst {
            let since = earlier(session_start.unwrap_or(row.sent_at), self.policy.clock_skew);
            let hits = self.search(&row, since).await?;
            if !hits.is_empty() {
                return self.adopt(&mut row, hits, true).await;
            }
            if !self.search_is_sound(&row).await? {
                return Err(blind(&row));
            }
        }
        self.send(&mut row).await
    }

    /// Puts the intent on disk, sends the request once, and puts the outcome on disk.
    async fn send(&self, row: &mut LedgerRow) -> Result<StepResult, Failure> {
        self.ports.ledger.put(row).await?;
        match self.ports.desk.create(&row.draft).await {
            CreateOutcome::Created(ids) => {
                row.state = RowState::Done;
                row.ids = ids.clone();
                row.remark = "created".to_owned();
                self.ports.ledger.put(row).await?;
                Ok(StepResult::Created(ids))
            }
            CreateOutcome::Refused(failure) => {
                row.state = RowState::Refused;
                row.remark = failure.message.clone();
                self.ports.ledger.put(row).await?;
                Ok(StepResult::Refused(failure))
            }
            CreateOutcome::Ambiguous(seen) => {
                row.ambiguous_rounds += 1;
                row.remark = seen;
                self.ports.ledger.put(row).await?;
                // The record may be there already: a lost answer is then mended at once. If it is
                // not, nothing may be concluded yet.
                match self.look_for(row).await? {
                    Look::Result(result) => Ok(result),
                    Look::NotFound { .. } => Ok(self.waiting(row)),
                }
            }
        }
    }

    fn waiting(&self, row: &LedgerRow) -> StepResult {
        StepResult::Waiting {
            until: later(row.sent_at, self.policy.settle),
            reason: format!("the outcome of the request is not known: {}", row.remark),
        }
    }

    /// Settles a row whose outcome is not known, sending again only when it is proven that
    /// nothing was stored.
    async fn settle(&self, row: &mut LedgerRow) -> Result<StepResult, Failure> {
        match self.look_for(row).await? {
            Look::Result(result) => return Ok(result),
            Look::NotFound { late_enough: false } => return Ok(self.waiting(row)),
            Look::NotFound { late_enough: true } => {}
        }
        // Nothing was found by a search that began late enough. Can it be believed?
        if !self.search_is_sound(row).await? {
            return self.doubt(row, blind(row).message).await;
        }
        let strangers = self.unmarked_records_of_ours(row).await?;
        if !strangers.is_empty() {
            let reason = format!(
                "our API user wrote {} {:?} on ticket {} while the request was under way, and it \
                 carries no marker: it may be this one with its marker edited away",
                row.key.kind,
                strangers,
                row.draft.ticket_id(),
            );
            return self.give_to_a_person(row, reason).await;
        }
        if row.ambiguous_rounds >= self.policy.max_ambiguous_rounds {
            let reason = format!(
                "{} requests had no certain outcome and nothing was found; last seen: {}",
                row.ambiguous_rounds, row.remark
            );
            return self.give_to_a_person(row, reason).await;
        }
        row.sent_at = self.ports.clock.now();
        row.deadline = later(row.sent_at, self.policy.request_timeout);
        self.send(row).await
    }

    /// One search. Finds and adopts, or says whether it began late enough for its "nothing" to
    /// count.
    async fn look_for(&self, row: &mut LedgerRow) -> Result<Look, Failure> {
        let late_enough = self.ports.clock.now() >= later(row.sent_at, self.policy.settle);
        let since = earlier(row.first_sent_at, self.policy.clock_skew);
        let hits = self.search(row, since).await?;
        if hits.is_empty() {
            return Ok(Look::NotFound { late_enough });
        }
        Ok(Look::Result(self.adopt(row, hits, late_enough).await?))
    }

    async fn search(&self, row: &LedgerRow, since: Timestamp) -> Result<Vec<Found>, Failure> {
        let marker = row.key.marker();
        let kind = row.key.kind;
        let here = Search {
            kind,
            marker: &marker,
            scope: Scope::Ticket(row.draft.ticket_id()),
        };
        let hits = self.ports.desk.find(&here).await?;
        if !hits.is_empty() {
            return Ok(hits);
        }
        // Tickets get merged: the record may have moved.
        let anywhere = Search {
            kind,
            marker: &marker,
            scope: Scope::Tenant(since),
        };
        self.ports.desk.find(&anywhere).await
    }

    async fn adopt(
        &self,
        row: &mut LedgerRow,
        mut hits: Vec<Found>,
        settled: bool,
    ) -> Result<StepResult, Failure> {
        hits.sort_by_key(|found| found.id);
        hits.dedup_by_key(|found| found.id);
        let ids: Vec<i64> = hits.iter().map(|found| found.id).collect();
        match &row.draft {
            // A copied note carries the marker too; the first one is ours.
            Draft::Note(_) => {
                row.ids = ids.iter().take(1).copied().collect();
                row.remark = match ids.len() {
                    1 => "found by its marker".to_owned(),
                    n => format!("found by its marker, {n} times: {ids:?}; the lowest is taken"),
                };
            }
            Draft::TimeEntry(wanted) => {
                let wanted = wanted.duration();
                let sum: SignedDuration = hits
                    .iter()
                    .map(|found| match (found.start, found.end) {
                        (Some(start), Some(end)) => end.duration_since(start),
                        _ => SignedDuration::ZERO,
                    })
                    .fold(SignedDuration::ZERO, SignedDuration::saturating_add);
                if sum > wanted && hits.len() > 1 {
                    let reason = format!(
                        "time entries {ids:?} carry this marker and sum to {sum:#}, more than the \
                         {wanted:#} of the request: one may be a copy"
                    );
                    return self.give_to_a_person(row, reason).await;
                }
                if sum < wanted && !settled {
                    return Ok(StepResult::Waiting {
                        until: later(row.sent_at, self.policy.settle),
                        reason: format!(
                            "time entries {ids:?} sum to {sum:#} of {wanted:#}: the server may \
                             still be splitting the entry"
                        ),
                    });
                }
                row.remark = if sum == wanted {
                    "found by its marker".to_owned()
                } else {
                    format!("found by its marker; now {sum:#} instead of {wanted:#}")
                };
                row.ids = ids;
            }
        }
        row.state = RowState::Done;
        self.ports.ledger.put(row).await?;
        Ok(StepResult::Adopted(row.ids.clone()))
    }

    /// A lost permission makes searches come back empty, not failed. So an empty answer is
    /// believed only if the same search finds a record that is known to exist.
    async fn search_is_sound(&self, row: &LedgerRow) -> Result<bool, Failure> {
        let kind = row.key.kind;
        let known = self
            .ports
            .ledger
            .known(row.key.tenant, kind, &row.key, self.policy.known_records)
            .await?;
        if known.is_empty() {
            // The very first record of its kind: anybody's record must do.
            return self.ports.desk.can_read_any(kind).await;
        }
        for other in &known {
            let marker = other.key.marker();
            let since = earlier(other.first_sent_at, self.policy.clock_skew);
            let search = Search {
                kind,
                marker: &marker,
                scope: Scope::Tenant(since),
            };
            if !self.ports.desk.find(&search).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Records of our API user on this ticket, from the time of the request, that carry no marker
    /// and belong to no other effect.
    async fn unmarked_records_of_ours(&self, row: &LedgerRow) -> Result<Vec<i64>, Failure> {
        let kind = row.key.kind;
        let since = earlier(row.first_sent_at, self.policy.clock_skew);
        let until = later(
            later(row.sent_at, self.policy.settle),
            self.policy.clock_skew,
        );
        let ours = self
            .ports
            .desk
            .written_by_us(kind, row.draft.ticket_id(), since)
            .await?;
        let mut strangers = Vec::new();
        for found in ours {
            let in_window = found.created.is_none_or(|created| created <= until);
            if found.has_marker || !in_window {
                continue;
            }
            if !self
                .ports
                .ledger
                .owns(row.key.tenant, kind, found.id)
                .await?
            {
                strangers.push(found.id);
            }
        }
        Ok(strangers)
    }

    async fn doubt(&self, row: &mut LedgerRow, reason: String) -> Result<StepResult, Failure> {
        row.ambiguous_rounds += 1;
        if row.ambiguous_rounds >= self.policy.max_ambiguous_rounds {
            return self.give_to_a_person(row, reason).await;
        }
        self.ports.ledger.put(row).await?;
        Ok(StepResult::Waiting {
            until: later(self.ports.clock.now(), self.policy.settle),
            reason,
        })
    }

    async fn give_to_a_person(
        &self,
        row: &mut LedgerRow,
        reason: String,
    ) -> Result<StepResult, Failure> {
        row.state = RowState::Undecided;
        row.remark = reason.clone();
        self.ports.ledger.put(row).await?;
        Ok(StepResult::Undecided(reason))
    }

    /// Notes the result; `false` when the run must stop here.
    fn record(&mut self, key: EffectKey, result: StepResult) -> bool {
        let go_on = match &result {
            StepResult::Created(_) | StepResult::Adopted(_) | StepResult::AlreadyDone(_) => true,
            StepResult::Waiting { until, reason } => {
                self.report.verdict = Verdict::Wait {
                    until: *until,
                    reason: format!("{key}: {reason}"),
                };
                false
            }
            StepResult::Refused(failure) => {
                // What is wrong with one record says nothing about the next; what is wrong with
                // the network or the settings does.
                let go_on = failure.class == FailureClass::Data;
                self.fail(failure.clone());
                go_on
            }
            StepResult::Undecided(reason) => {
                if self.report.verdict == Verdict::Complete {
                    self.report.verdict = Verdict::Undecided(format!("{key}: {reason}"));
                }
                true
            }
        };
        self.report.steps.push(StepReport { key, result });
        go_on
    }

    /// The failure that waiting can mend must not hide behind one that only a person can.
    fn fail(&mut self, failure: Failure) {
        let replace = match &self.report.verdict {
            Verdict::Complete | Verdict::Undecided(_) => true,
            Verdict::Failed(earlier) => {
                earlier.class == FailureClass::Data && failure.class != FailureClass::Data
            }
            Verdict::Wait { .. } => false,
        };
        if replace {
            self.report.verdict = Verdict::Failed(failure);
        }
    }
}

/// Replaces newly planned steps by what was fixed earlier. A text of which one part was written
/// down is never rendered anew, and a person's time that was written down is never booked under
/// another day's key.
fn freeze(
    rows: &[LedgerRow],
    steps: Vec<plan::Step>,
    explanations: &mut Vec<String>,
) -> Vec<plan::Step> {
    let fixed: Vec<&LedgerRow> = rows
        .iter()
        .filter(|row| row.state != RowState::Refused)
        .collect();
    if fixed.is_empty() {
        return steps;
    }
    let is_fixed = |key: &EffectKey| fixed.iter().any(|row| row.key.group() == key.group());
    // What was refused of a group that is fixed goes again as it was, with the rest of its group.
    let mut kept: Vec<plan::Step> = Vec::new();
    for row in rows.iter().filter(|row| is_fixed(&row.key)) {
        explanations.push(format!(
            "{}: written down by an earlier run and kept",
            row.key
        ));
        kept.push(plan::Step {
            key: row.key.clone(),
            draft: row.draft.clone(),
        });
    }
    kept.extend(steps.into_iter().filter(|step| !is_fixed(&step.key)));
    kept.sort_by_key(|step| step.key.kind);
    kept
}

fn blind(row: &LedgerRow) -> Failure {
    Failure::new(
        FailureClass::Config,
        format!(
            "session {}: the search for {} {} found nothing, but it does not find records that \
             exist either",
            row.key.lsid,
            row.key.kind,
            row.key.marker(),
        ),
        "check that the Autotask API user may still view notes and time entries of every ticket",
    )
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn earlier(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_sub(by).unwrap_or(Timestamp::MIN)
}
