//! Takes events out of the inbox and carries each to its end.

use crate::{
    connection::Connection,
    in_full,
    store::{Job, Store, StoreError, StoreErrorKind},
};
use integration_core::{
    failure::{Failure, FailureClass},
    ports::{Clock, Ledger},
    run::{Ports, Report, SendMode, StepResult, Verdict, WritePolicy, import_session},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
};
use tracing::{error, info, warn};

/// The one event that this version acts on.
pub(crate) const SESSION_END: &str = "support_conference_end";

/// How soon the inbox is tried again when it could not be written.
const STORE_RETRY: Duration = Duration::from_secs(5);

/// The shortest pause that the other side can ask for: no hot loop at its word.
const SHORTEST_ASKED: SignedDuration = SignedDuration::from_secs(5);

/// The longest pause that the other side can ask for.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(1);

/// How the worker goes about it.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// How many sessions are worked on at a time.
    pub concurrency: usize,
    /// After this many failed attempts that count, an event is given up ("Retry Attempt Limit").
    pub attempt_limit: u32,
    /// The wait after the first failed attempt; it doubles with each further one.
    pub first_wait: SignedDuration,
    /// The longest wait between attempts.
    pub longest_wait: SignedDuration,
    /// How long a configuration rests after a failure that only changed settings can mend.
    pub config_pause: SignedDuration,
    /// How the executor writes.
    pub write_policy: WritePolicy,
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Works until it is told to stop. Sessions of which a step is under way are finished first.
#[derive(Debug)]
pub struct Worker {
    store: Store,
    connections: HashMap<String, Arc<Connection>>,
    settings: WorkerSettings,
    /// Sessions from before this time may have been imported by something that this store does
    /// not know of.
    store_since: Timestamp,
    /// If the store was put back from a backup: until then a request of its former life may still
    /// be stored, so that nothing found means nothing.
    settles_at: Option<Timestamp>,
    paused: Mutex<HashMap<String, (Timestamp, Failure)>>,
    chance: RandomState,
}

impl Worker {
    /// A worker for these configurations, by routing key.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn new(
        store: Store,
        connections: HashMap<String, Arc<Connection>>,
        settings: WorkerSettings,
    ) -> Result<Worker, StoreError> {
        let mut store_since = store.knows_since().await?;
        let mut settles_at = None;
        if store_since > store.created_at().await? {
            let policy = &settings.write_policy;
            settles_at = Some(later(
                later(store_since, policy.request_timeout),
                policy.settle,
            ));
            // The appliance's clock may be ahead of ours.
            store_since = later(store_since, policy.clock_skew);
        }
        Ok(Worker {
            store,
            connections,
            settings,
            store_since,
            settles_at,
            paused: Mutex::default(),
            chance: RandomState::new(),
        })
    }

    /// Works until `stop` turns true or its sender is gone.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        let mut jobs_of = HashMap::new();
        while !*stop.borrow() {
            let free = self.settings.concurrency.saturating_sub(running.len());
            if free > 0 {
                match self
                    .store
                    .due(Timestamp::now(), u32::try_from(free).unwrap_or(1))
                    .await
                {
                    Ok(jobs) => {
                        for job in jobs {
                            let worker = Arc::clone(&self);
                            let stop = stop.clone();
                            let for_task = job.clone();
                            let task =
                                running.spawn(async move { worker.handle(for_task, stop).await });
                            jobs_of.insert(task.id(), job);
                        }
                    }
                    Err(failure) => {
                        error!(error = %in_full(&failure), "the inbox cannot be worked on");
                        tokio::select! {
                            gone = stop.changed() => if gone.is_err() { break },
                            () = tokio::time::sleep(STORE_RETRY) => {}
                        }
                    }
                }
            }
            let idle = running.len() < self.settings.concurrency;
            tokio::select! {
                // Nobody is left who could say stop: that says it too.
                gone = stop.changed() => if gone.is_err() { break },
                Some(result) = running.join_next_with_id() => self.ended(result, &mut jobs_of, &stop).await,
                () = self.store.work_arrived().notified(), if idle => {}
                () = tokio::time::sleep(self.time_to_next().await), if idle => {}
            }
        }
        if !running.is_empty() {
            info!(sessions = running.len(), "finishing the sessions under way");
        }
        while let Some(result) = running.join_next_with_id().await {
            self.ended(result, &mut jobs_of, &stop).await;
        }
    }

    async fn ended(
        self: &Arc<Self>,
        result: Result<(tokio::task::Id, ()), JoinError>,
        jobs_of: &mut HashMap<tokio::task::Id, Job>,
        stop: &watch::Receiver<bool>,
    ) {
        match result {
            Ok((task, ())) => {
                jobs_of.remove(&task);
            }
            Err(failure) => {
                let Some(job) = jobs_of.remove(&failure.id()) else {
                    return;
                };
                let failure = Failure::new(
                    FailureClass::Bug,
                    // Not its text, which may quote what it stumbled over.
                    format!(
                        "session {}: the program failed while working on it",
                        job.lsid
                    ),
                    "please report this to the authors",
                );
                if let Err(trouble) = self.give_up(&job, &failure).await {
                    let (worker, stop) = (Arc::clone(self), stop.clone());
                    tokio::spawn(async move { worker.bring_back(&job, trouble, stop).await });
                }
            }
        }
    }

    /// How long nothing is due, bounded so that a changed clock does no harm.
    async fn time_to_next(&self) -> Duration {
        const LONGEST: Duration = Duration::from_secs(30);
        const SHORTEST: Duration = Duration::from_millis(20);
        match self.store.next_due_at().await {
            Ok(Some(next)) => Duration::try_from(next.duration_since(Timestamp::now()))
                .unwrap_or(SHORTEST)
                .clamp(SHORTEST, LONGEST),
            Ok(None) => LONGEST,
            Err(failure) => {
                error!(error = %in_full(&failure), "the inbox cannot be read");
                Duration::from_secs(1)
            }
        }
    }

    async fn handle(&self, job: Job, stop: watch::Receiver<bool>) {
        let finished = match self.connections.get(&job.configuration) {
            _ if job.event != SESSION_END => {
                let reason = "this version acts on ended sessions only";
                self.store
                    .mark_ignored(job.id, Timestamp::now(), reason)
                    .await
            }
            None => {
                let failure = Failure::new(
                    FailureClass::Config,
                    format!(
                        "no enabled configuration has the appliance id {}",
                        job.configuration
                    ),
                    "add or enable the configuration, or give up the event",
                );
                self.pause(&job, failure).await
            }
            Some(connection) => self.import(&job, connection).await,
        };
        if let Err(trouble) = finished {
            self.bring_back(&job, trouble, stop).await;
        }
    }

    /// The event is still marked as running. Nothing that was written to Autotask is forgotten,
    /// because the ledger has it; the event has to come back once the disk does.
    async fn bring_back(
        &self,
        job: &Job,
        mut trouble: StoreError,
        mut stop: watch::Receiver<bool>,
    ) {
        while !*stop.borrow() {
            error!(lsid = job.lsid, error = %in_full(&trouble), "the inbox cannot be written");
            tokio::select! {
                _ = stop.changed() => return,
                () = tokio::time::sleep(STORE_RETRY) => {}
            }
            let failure = Failure::from(trouble);
            match self
                .store
                .retry_at(job.id, Timestamp::now(), &failure, false)
                .await
            {
                Ok(()) => return,
                Err(again) if again.kind() == StoreErrorKind::Conflict => return,
                Err(again) => trouble = again,
            }
        }
    }

    async fn import(&self, job: &Job, connection: &Connection) -> Result<(), StoreError> {
        if let Some((until, mut failure)) = self.rest_of_pause(&job.configuration) {
            failure.message = format!("the configuration is paused: {}", failure.message);
            return self.store.retry_at(job.id, until, &failure, false).await;
        }
        let happened = job.event_timestamp.unwrap_or(job.received_at);
        // Events carry whole seconds.
        let mode = if happened.as_second() < self.store_since.as_second() {
            SendMode::SearchFirst
        } else {
            SendMode::Live
        };
        if let Some(until) = self.settles_at.filter(|until| *until > Timestamp::now())
            && mode == SendMode::SearchFirst
        {
            let failure = Failure::new(
                FailureClass::Transient,
                "the store was put back from a backup a moment ago, and what was under way before \
                 may still arrive in Autotask",
                "nothing to do: the session is imported in some minutes",
            );
            return self.store.retry_at(job.id, until, &failure, false).await;
        }
        let ledger: &dyn Ledger = &self.store;
        let ports = Ports {
            appliance: &connection.appliance,
            desk: &connection.desk,
            ledger,
            clock: &SystemClock,
        };
        let report = import_session(
            &job.lsid,
            &connection.profile,
            &connection.templates,
            ports,
            &self.settings.write_policy,
            mode,
        )
        .await;
        log(job, &report);
        if let Verdict::Failed(failure) = &report.verdict
            && matches!(failure.class, FailureClass::Config | FailureClass::Data)
        {
            // Perhaps it was mended a moment ago, and only our memory of the tenant is old.
            connection.desk.forget().await;
        }
        self.conclude(job, report.verdict).await
    }

    async fn conclude(&self, job: &Job, verdict: Verdict) -> Result<(), StoreError> {
        let now = Timestamp::now();
        match verdict {
            Verdict::Complete => {
                info!(
                    configuration = job.configuration,
                    lsid = job.lsid,
                    "session imported"
                );
                // The settings work for somebody, so the others need not wait.
                self.paused
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .remove(&job.configuration);
                self.store.mark_done(job.id, now).await
            }
            Verdict::Wait { until, reason } => {
                warn!(configuration = job.configuration, lsid = job.lsid, %until, reason, "waiting");
                let failure = Failure::new(
                    FailureClass::Transient,
                    reason,
                    "nothing to do: the outcome is looked up again when it can be certain",
                );
                self.store.retry_at(job.id, until, &failure, false).await
            }
            Verdict::Undecided(reason) => {
                let failure = Failure::new(
                    FailureClass::Data,
                    reason,
                    "compare the ticket with the session and settle it by hand; nothing more is \
                     sent for this effect",
                );
                self.give_up(job, &failure).await
            }
            Verdict::Failed(failure) => self.failed(job, failure).await,
            other => {
                let failure = Failure::new(
                    FailureClass::Bug,
                    format!("session {}: unknown verdict {other:?}", job.lsid),
                    "please report this to the authors",
                );
                self.give_up(job, &failure).await
            }
        }
    }

    async fn failed(&self, job: &Job, failure: Failure) -> Result<(), StoreError> {
        let now = Timestamp::now();
        let asked = failure
            .retry_after_seconds
            .map(|seconds| SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)))
            // Whatever a proxy says, an event does not sleep for a year.
            .map(|asked| asked.clamp(SHORTEST_ASKED, LONGEST_ASKED));
        match failure.class {
            FailureClass::Config => self.pause(job, failure).await,
            FailureClass::Limit => {
                let wait = asked.unwrap_or(SignedDuration::from_mins(1));
                warn!(
                    configuration = job.configuration, lsid = job.lsid, failure = %failure,
                    "a limit is reached; the attempt does not count"
                );
                self.store
                    .retry_at(job.id, later(now, wait), &failure, false)
                    .await
            }
            FailureClass::Transient if job.attempts + 1 < self.settings.attempt_limit => {
                let wait = self.wait_after(job.attempts).max(asked.unwrap_or_default());
                warn!(
                    configuration = job.configuration, lsid = job.lsid, failure = %failure,
                    attempt = job.attempts + 1, retry_in_seconds = wait.as_secs(),
                    "attempt failed"
                );
                self.store
                    .retry_at(job.id, later(now, wait), &failure, true)
                    .await
            }
            _ => self.give_up(job, &failure).await,
        }
    }

    /// Everything of this configuration waits: its next failure would be the same one.
    async fn pause(&self, job: &Job, failure: Failure) -> Result<(), StoreError> {
        let until = later(Timestamp::now(), self.settings.config_pause);
        error!(
            configuration = job.configuration, lsid = job.lsid, failure = %failure, %until,
            "configuration paused"
        );
        self.paused
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(job.configuration.clone(), (until, failure.clone()));
        // The others go first at the end of the pause: perhaps only this session is at fault, and then
        // it must not stop them for ever.
        let after_the_others = later(until, self.settings.config_pause);
        self.store
            .retry_at(job.id, after_the_others, &failure, false)
            .await
    }

    fn rest_of_pause(&self, configuration: &str) -> Option<(Timestamp, Failure)> {
        let mut paused = self.paused.lock().unwrap_or_else(PoisonError::into_inner);
        let until = paused.get(configuration)?.0;
        if until <= Timestamp::now() {
            paused.remove(configuration);
            return None;
        }
        paused.get(configuration).cloned()
    }

    async fn give_up(&self, job: &Job, failure: &Failure) -> Result<(), StoreError> {
        error!(
            configuration = job.configuration, lsid = job.lsid, failure = %failure,
            "given up; the event is kept with the dead letters"
        );
        self.store.dead(job.id, Timestamp::now(), failure).await
    }

    /// Doubles with each attempt; a fifth of it is chance, so that a herd spreads out.
    fn wait_after(&self, attempts: u32) -> SignedDuration {
        let doubled = self
            .settings
            .first_wait
            .saturating_mul(2i32.saturating_pow(attempts.min(30)))
            .min(self.settings.longest_wait);
        let chance = self
            .chance
            .hash_one((attempts, Timestamp::now().as_nanosecond()))
            % 1000;
        let factor = 0.9 + chance as f64 / 5000.0;
        SignedDuration::try_from_secs_f64(doubled.as_secs_f64() * factor).unwrap_or(doubled)
    }
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn log(job: &Job, report: &Report) {
    for step in &report.steps {
        let key = step.key.canonical();
        match &step.result {
            StepResult::Created(ids) => info!(lsid = job.lsid, key, ?ids, "created"),
            StepResult::Adopted(ids) => {
                warn!(
                    lsid = job.lsid,
                    key,
                    ?ids,
                    "found in Autotask and taken over"
                );
            }
            StepResult::AlreadyDone(_) => {}
            StepResult::Waiting { until, .. } => warn!(lsid = job.lsid, key, %until, "not settled"),
            StepResult::Refused(failure) => warn!(lsid = job.lsid, key, %failure, "refused"),
            other => warn!(lsid = job.lsid, key, result = ?other, "a person must decide"),
        }
    }
    for explanation in &report.explanations {
        tracing::debug!(lsid = job.lsid, explanation, "why");
    }
    for alert in &report.alerts {
        error!(lsid = job.lsid, alert, "needs attention");
    }
}
