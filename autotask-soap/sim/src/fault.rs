//! Faults that a test orders.

use crate::record::{Record, Val};
use jiff::SignedDuration;
use std::time::Duration;

/// What goes wrong.
///
/// Most faults decide how a call ends, and one call has one end. `CommitFirst`, `Delay`,
/// `DelayAnswer`, `SearchLag`, `HideEntity`, `EditMarkerAway` and `SplitTimeEntry` change the call
/// on its way and go together with each other and with an end.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// Everything is stored, then the connection closes without an answer.
    LoseAnswerAfterCommit,
    /// The connection closes at once; the call is carried out this much later.
    CommitLater(Duration),
    /// The connection closes and nothing is stored.
    DropBeforeCommit,
    /// Queries do not see records stored less than this long ago.
    SearchLag(Duration),
    /// Queries find nothing, as after a lost permission.
    HideEntity,
    /// After the commit the text is gone from Description, InternalNotes and ExternalID of the new
    /// record; without a text the last line is.
    EditMarkerAway {
        /// What disappears.
        text: Option<String>,
    },
    /// A new time entry is stored as two rows that add up to it.
    SplitTimeEntry {
        /// The connection then closes without an answer.
        lose_answer: bool,
    },
    /// HTTP 307 to another address of this tenant; who follows it commits.
    Redirect307,
    /// HTTP 401.
    Unauthorized401,
    /// HTTP 500 with a web page.
    Status500Html,
    /// HTTP 200 with a web page.
    Html200,
    /// Any other HTTP status with a short text.
    Status(u16),
    /// A complete HTTP answer whose XML stops in the middle.
    TruncatedBody {
        /// Whether a write is stored.
        after_commit: bool,
    },
    /// An HTTP answer whose connection breaks in the middle of the body.
    BrokenBody {
        /// Whether a write is stored.
        after_commit: bool,
    },
    /// HTTP 500 with a SOAP fault; nothing is stored.
    SoapFault,
    /// The refusal of a fourth concurrent call.
    ThreadLimit,
    /// Waits before the call is carried out, which happens even if the client has left.
    Delay(Duration),
    /// Waits between the commit and the answer.
    DelayAnswer(Duration),
    /// The call is carried out before its end strikes.
    CommitFirst,
}

/// A fault and the calls that it strikes.
///
/// ```
/// use autotask_sim::{Fault, FaultSpec};
///
/// let spec = FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create").entity("TimeEntry");
/// assert_eq!(spec.times, 1);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct FaultSpec {
    /// The operation, for example `create`; `None` is any but getZoneInfo.
    pub operation: Option<&'static str>,
    /// The entity, for example `TimeEntry`; `None` is any.
    pub entity: Option<&'static str>,
    /// How many calls are struck; see [`FaultSpec::ALWAYS`].
    pub times: u32,
    /// What goes wrong.
    pub kind: Fault,
}

impl FaultSpec {
    /// Every call until the faults are cleared.
    pub const ALWAYS: u32 = u32::MAX;

    /// Strikes the next call.
    pub fn new(kind: Fault) -> Self {
        FaultSpec {
            operation: None,
            entity: None,
            times: 1,
            kind,
        }
    }

    /// Only calls of this operation.
    pub fn on(mut self, operation: &'static str) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Only calls about this entity.
    pub fn entity(mut self, entity: &'static str) -> Self {
        self.entity = Some(entity);
        self
    }

    /// This many calls.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn matches(&self, operation: &str, entity: Option<&str>) -> bool {
        let sense = match &self.kind {
            Fault::SearchLag(_) | Fault::HideEntity => operation == "query",
            Fault::EditMarkerAway { .. } => operation == "create",
            Fault::SplitTimeEntry { .. } => operation == "create" && entity == Some("TimeEntry"),
            _ => self.operation.is_some() || operation != "getZoneInfo",
        };
        let operation_fits = self
            .operation
            .is_none_or(|wanted| wanted.eq_ignore_ascii_case(operation));
        let entity_fits = self
            .entity
            .is_none_or(|wanted| entity.is_some_and(|entity| wanted.eq_ignore_ascii_case(entity)));
        sense && operation_fits && entity_fits
    }
}

/// What the faults do to one call.
#[derive(Clone, Debug, Default)]
pub(crate) struct Effects {
    pub(crate) search_lag: Option<SignedDuration>,
    pub(crate) hide: bool,
    pub(crate) split: bool,
    pub(crate) delay: Option<Duration>,
    pub(crate) delay_answer: Option<Duration>,
    pub(crate) commit_first: bool,
    pub(crate) end: Option<Fault>,
    edits: Vec<Option<String>>,
}

impl Effects {
    /// Whether the call's end comes after the commit.
    pub(crate) fn ends_after_commit(&self) -> bool {
        self.commit_first
            || match &self.end {
                Some(
                    Fault::TruncatedBody { after_commit } | Fault::BrokenBody { after_commit },
                ) => *after_commit,
                Some(Fault::LoseAnswerAfterCommit) | None => true,
                Some(_) => false,
            }
    }

    /// Takes markers away from a record that is being stored.
    pub(crate) fn edit(&self, record: &mut Record) {
        for edit in &self.edits {
            for name in ["Description", "InternalNotes", "ExternalID"] {
                if let Some(Val::Text(text)) = record.fields.get_mut(name) {
                    *text = match edit {
                        Some(marker) => text.replace(marker.as_str(), ""),
                        None => text.rfind('\n').map_or("", |at| &text[..at]).to_owned(),
                    };
                }
            }
        }
    }

    /// Returns whether the fault found its place.
    fn add(&mut self, kind: &Fault) -> bool {
        match kind {
            Fault::SearchLag(lag) => {
                self.search_lag = SignedDuration::try_from(*lag).ok();
            }
            Fault::HideEntity => self.hide = true,
            Fault::EditMarkerAway { text } => self.edits.push(text.clone()),
            Fault::SplitTimeEntry { lose_answer } => {
                if *lose_answer && self.end.is_none() {
                    self.end = Some(Fault::LoseAnswerAfterCommit);
                }
                self.split = true;
            }
            Fault::Delay(delay) => self.delay = Some(*delay),
            Fault::DelayAnswer(delay) => self.delay_answer = Some(*delay),
            Fault::CommitFirst => self.commit_first = true,
            end => {
                if self.end.is_some() {
                    return false;
                }
                self.end = Some(end.clone());
            }
        }
        true
    }
}

/// The faults that are waiting.
#[derive(Default)]
pub(crate) struct Faults {
    list: Vec<Pending>,
}

struct Pending {
    spec: FaultSpec,
    /// Matching calls that pass unharmed before.
    skip: u32,
    left: u32,
    fired: u32,
}

impl Faults {
    pub(crate) fn push(&mut self, spec: FaultSpec, skip: u32) -> usize {
        self.list.push(Pending {
            skip,
            left: spec.times,
            spec,
            fired: 0,
        });
        self.list.len() - 1
    }

    pub(crate) fn fired(&self, handle: usize) -> u32 {
        self.list.get(handle).map_or(0, |pending| pending.fired)
    }

    /// Lets the waiting faults go; what they did stays on record.
    pub(crate) fn clear(&mut self) {
        for pending in &mut self.list {
            pending.left = 0;
        }
    }

    pub(crate) fn take(&mut self, operation: &str, entity: Option<&str>) -> Effects {
        let mut effects = Effects::default();
        for pending in &mut self.list {
            let due = pending.left > 0 && pending.spec.matches(operation, entity);
            if due && pending.skip > 0 {
                pending.skip -= 1;
                continue;
            }
            if due && effects.add(&pending.spec.kind) {
                pending.fired += 1;
                if pending.left != FaultSpec::ALWAYS {
                    pending.left -= 1;
                }
            }
        }
        effects
    }

    pub(crate) fn waiting(&self) -> Vec<FaultSpec> {
        let waiting = self.list.iter().filter(|pending| pending.left > 0);
        waiting
            .map(|pending| FaultSpec {
                times: pending.left,
                ..pending.spec.clone()
            })
            .collect()
    }
}
