//! Runs a plan so that nothing is written twice and nothing is forgotten, whatever happens in
//! between.
//!
//! Autotask has no idempotency key, may store a record after we stopped waiting, and lets people
//! edit, move and delete what we wrote. So every effect has a key that nobody can rename, a ledger
//! row that is on disk before the request leaves, and a marker in the record by which it can be
//! found again. A request whose outcome is not known is never simply repeated: the marker decides.

mod freeze;
mod protocol;
mod report;

pub use report::{Report, StepReport, StepResult, Verdict};

use crate::{
    effect::{EffectKey, EffectKind},
    failure::{Failure, FailureClass},
    needs,
    plan::{self, Plan},
    ports::{Appliance, Clock, Desk, Ledger, LedgerRow, RowState},
    profile::Profile,
    template::Templates,
};
use freeze::{freeze, is_fixed};
use jiff::{SignedDuration, Timestamp};
use protocol::Protocol;

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
    /// A search that finds nothing counts only if it began this long after the last time at which
    /// a request could leave. The server runs a call for up to five minutes; the default is six.
    pub settle: SignedDuration,
    /// How long one request may take in all, its wait for a turn included. Stored with each request.
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
            known_records: 10,
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
    let lsid = lsid.trim().to_ascii_lowercase();
    let stranger = plan
        .steps
        .iter()
        .find(|s| s.key.tenant != tenant || s.key.lsid != lsid);
    if let Some(step) = stranger {
        run.fail(Failure::new(
            FailureClass::Bug,
            format!(
                "the plan for session {lsid} of tenant {tenant} has a step {}",
                step.key
            ),
            "give each session its own plan; keys hold the lsid in lower case",
        ));
        return run.report;
    }
    let result = match run.settle_open(tenant, &lsid).await {
        Ok(Some(rows)) => run.write(rows, plan, session_start, mode).await,
        Ok(None) => Ok(()),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = result {
        run.fail(failure);
    }
    run.report
}

struct Run<'a> {
    ports: Ports<'a>,
    protocol: Protocol<'a>,
    report: Report,
}

impl<'a> Run<'a> {
    fn new(ports: Ports<'a>, policy: &'a WritePolicy) -> Self {
        Run {
            ports,
            protocol: Protocol { ports, policy },
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
        for row in &mut rows {
            let result = match row.state {
                RowState::Intent => {
                    let remark = row.remark.clone();
                    let settled = self.protocol.settle(row).await;
                    Some(settled.map_err(|mut failure| {
                        failure.message = format!(
                            "{}: perhaps stored already ({remark}), and it cannot be found out \
                             now: {}",
                            row.key, failure.message
                        );
                        failure
                    })?)
                }
                RowState::Undecided => self.protocol.look_again(row).await?,
                _ => None,
            };
            if let Some(result) = result {
                if !self.record(row.key.clone(), result) {
                    return Ok(None);
                }
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
            let handled = &self.report.steps;
            if handled.iter().any(|earlier| earlier.key == step.key) {
                continue; // Settled above.
            }
            // The rest of a text whose beginning was refused waits for it.
            let refused = |earlier: &StepReport| {
                earlier.key.group() == step.key.group()
                    && matches!(earlier.result, StepResult::Refused(_))
            };
            if handled.iter().any(refused) {
                continue;
            }
            let result = match rows.iter().find(|row| row.key == step.key) {
                Some(row) if row.state == RowState::Done => {
                    StepResult::AlreadyDone(row.ids.clone())
                }
                Some(row) if row.state == RowState::Undecided => {
                    StepResult::Undecided(row.remark.clone())
                }
                _ => {
                    self.protocol
                        .first_send(&step.key, &step.draft, mode, session_start)
                        .await?
                }
            };
            if !self.record(step.key.clone(), result) {
                return Ok(());
            }
        }
        // They say why there is no time entry. If there is one, they are out of date, and would make
        // a person book the time again.
        let booked = |row: &LedgerRow| row.key.kind == EffectKind::TimeEntry && row.state.is_sent();
        if !rows.iter().any(booked) {
            for problem in plan.problems {
                self.fail(problem);
            }
        }
        Ok(())
    }

    /// Parts of one text belong together: before the first is sent, all are on disk, so that a
    /// changed template cannot mix two texts. What an earlier, unsent text had more is put aside.
    async fn write_down_parts(
        &self,
        rows: &[LedgerRow],
        steps: &[plan::Step],
    ) -> Result<(), Failure> {
        let of_note = |key: &EffectKey| key.kind == EffectKind::Note && !is_fixed(rows, key);
        let parts: Vec<_> = steps.iter().filter(|step| of_note(&step.key)).collect();
        let surplus: Vec<_> = rows
            .iter()
            .filter(|row| of_note(&row.key) && row.state != RowState::Superseded)
            .filter(|row| !parts.iter().any(|step| step.key == row.key))
            .collect();
        if parts.len() < 2 && surplus.is_empty() {
            return Ok(());
        }
        let planned = parts.iter().map(|step| {
            self.protocol
                .new_row(&step.key, &step.draft, RowState::Planned)
        });
        let aside = surplus.into_iter().map(|row| LedgerRow {
            state: RowState::Superseded,
            ..row.clone()
        });
        let all: Vec<_> = planned.chain(aside).collect();
        self.ports.ledger.put_all(&all).await
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
    fn fail(&mut self, mut failure: Failure) {
        if let Verdict::Undecided(reason) = &self.report.verdict {
            failure.message = format!(
                "{}; besides, a person must decide: {reason}",
                failure.message
            );
        }
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
