//! How one effect is written once: ledger, request, outcome, and what to do when there is none.

use super::{Ports, SendMode, StepResult, WritePolicy};
use crate::{
    draft::Draft,
    effect::EffectKey,
    failure::{Failure, FailureClass},
    ports::{CreateOutcome, Found, LedgerRow, RowState, Scope, Search},
};
use jiff::{SignedDuration, Timestamp};

enum Look {
    Result(StepResult),
    NotFound { late_enough: bool },
}

/// Whether an empty search can be believed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// It finds what is known to exist.
    Sound,
    /// It does not find what is known to exist.
    Blind,
    /// There is nothing to try it on.
    Unknown,
}

/// How much the length of a time entry may differ from what was sent, because a desk may keep whole
/// minutes.
const ROUNDING: SignedDuration = SignedDuration::from_secs(59);

/// The protocol over one set of ports.
#[derive(Clone, Copy)]
pub(super) struct Protocol<'a> {
    pub(super) ports: Ports<'a>,
    pub(super) policy: &'a WritePolicy,
}

impl Protocol<'_> {
    pub(super) fn new_row(&self, key: &EffectKey, draft: &Draft, state: RowState) -> LedgerRow {
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

    pub(super) async fn first_send(
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
            if self.sight(&row).await? != Sight::Sound {
                return Err(blind(&row));
            }
        }
        let now = self.ports.clock.now();
        row.first_sent_at = now;
        self.send(&mut row, now).await
    }

    /// Puts the intent on disk, sends the request once, and puts the outcome on disk.
    async fn send(&self, row: &mut LedgerRow, now: Timestamp) -> Result<StepResult, Failure> {
        row.state = RowState::Intent;
        row.sent_at = now;
        row.deadline = later(now, self.policy.request_timeout);
        self.ports.ledger.put(row).await?;
        match self.ports.desk.create(&row.draft, row.deadline).await {
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
                // The call has ended, so nothing of it can leave from now on; and it may have left
                // later than its time limit if this machine slept meanwhile.
                row.deadline = self.ports.clock.now();
                self.ports.ledger.put(row).await?;
                // The record may be there already: a lost answer is then mended at once. If it is
                // not, or cannot be looked for now, nothing may be concluded yet.
                match self.look_for(row).await {
                    Ok(Look::Result(result)) => Ok(result),
                    Ok(Look::NotFound { .. }) => Ok(self.waiting(row)),
                    Err(failure) => {
                        row.remark = format!("{}; then: {}", row.remark, failure.message);
                        Ok(self.waiting(row))
                    }
                }
            }
        }
    }

    /// From when on "nothing found" counts. The request may have waited for its turn, so it is not
    /// the time of the ledger's row that counts but the last at which anything could leave.
    fn settled_at(&self, row: &LedgerRow) -> Timestamp {
        later(row.deadline, self.policy.settle)
    }

    fn waiting(&self, row: &LedgerRow) -> StepResult {
        StepResult::Waiting {
            until: self.settled_at(row),
            reason: format!("the outcome of the request is not known: {}", row.remark),
        }
    }

    /// Settles a row whose outcome is not known, sending again only when it is proven that
    /// nothing was stored.
    pub(super) async fn settle(&self, row: &mut LedgerRow) -> Result<StepResult, Failure> {
        match self.look_for(row).await? {
            Look::Result(result) => return Ok(result),
            Look::NotFound { late_enough: false } => return Ok(self.waiting(row)),
            Look::NotFound { late_enough: true } => {}
        }
        // Nothing was found by a search that began late enough. Can it be believed?
        match self.sight(row).await? {
            Sight::Sound => {}
            // The right to read is gone: it can be given back.
            Sight::Blind => return Err(blind(row)),
            Sight::Unknown => return self.doubt(row, blind(row).message).await,
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
        self.send(row, self.ports.clock.now()).await
    }

    /// Looks once more for what a person had to decide about: it may have come to light, for
    /// instance because a right was given back or a marker was written back in. Nothing is sent.
    pub(super) async fn look_again(
        &self,
        row: &mut LedgerRow,
    ) -> Result<Option<StepResult>, Failure> {
        match self.look_for(row).await? {
            Look::Result(result) => Ok(Some(result)),
            Look::NotFound { .. } => Ok(None),
        }
    }

    /// One search. Finds and adopts, or says whether it began late enough for its "nothing" to
    /// count.
    async fn look_for(&self, row: &mut LedgerRow) -> Result<Look, Failure> {
        let late_enough = self.ports.clock.now() >= self.settled_at(row);
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
        // Later searches for this known record are bounded by this time.
        if let Some(created) = hits.iter().filter_map(|found| found.created).min() {
            row.first_sent_at = row.first_sent_at.min(created);
        }
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
                let slack = ROUNDING.saturating_mul(i32::try_from(hits.len()).unwrap_or(1));
                if sum > wanted.saturating_add(slack) && hits.len() > 1 {
                    let reason = format!(
                        "time entries {ids:?} carry this marker and sum to {sum:#}, more than the \
                         {wanted:#} of the request: one may be a copy"
                    );
                    return self.give_to_a_person(row, reason).await;
                }
                if sum < wanted.saturating_sub(slack) && !settled {
                    return Ok(StepResult::Waiting {
                        until: self.settled_at(row),
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
    async fn sight(&self, row: &LedgerRow) -> Result<Sight, Failure> {
        let kind = row.key.kind;
        let known = self
            .ports
            .ledger
            .known(row.key.tenant, kind, &row.key, self.policy.known_records)
            .await?;
        if known.is_empty() {
            // The very first record of its kind: anybody's record must do.
            return Ok(if self.ports.desk.can_read_any(kind).await? {
                Sight::Sound
            } else {
                Sight::Unknown
            });
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
                return Ok(Sight::Sound);
            }
        }
        // Others' records can be read: ours may have been deleted, which no right gives back.
        Ok(if self.ports.desk.can_read_any(kind).await? {
            Sight::Unknown
        } else {
            Sight::Blind
        })
    }

    /// Records of our API user on this ticket, from the time of the request, that carry no marker
    /// and belong to no other effect.
    async fn unmarked_records_of_ours(&self, row: &LedgerRow) -> Result<Vec<i64>, Failure> {
        let kind = row.key.kind;
        let since = earlier(row.first_sent_at, self.policy.clock_skew);
        let until = later(self.settled_at(row), self.policy.clock_skew);
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
