//! Fetching what is new since the last time.

use std::collections::HashMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Session, TimeWindow};

/// How far back a pass looks beyond the last known end.
const OVERLAP: Duration = Duration::from_secs(600);

/// Where a [`SessionCursor`] stands, to be stored between passes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Watermark {
    /// The latest end of a session that a complete pass has seen, else where the first begins.
    pub ended: Option<Timestamp>,
    /// The sessions within reach of the next pass that were accepted already.
    pub seen: Vec<SeenSession>,
}

/// A session that a [`SessionCursor`] has accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SeenSession {
    /// The session's identifier.
    pub lsid: String,
    /// Its sequence number.
    pub lseq: Option<u64>,
    /// When it ended.
    pub ended: Timestamp,
}

/// Says which sessions are new, pass after pass, without losing or repeating any.
///
/// A pass asks for the sessions that ended since a little before the latest known end
/// ([`window`](Self::window)), gives each to [`accept`](Self::accept), and is closed with
/// [`complete`](Self::complete) when the report was read to its end. Sessions overlap between
/// passes because an appliance may put a session into its report some time after its end; those
/// that were accepted before are known by `lsid` and `lseq`. A pass that is broken off is simply
/// repeated: what it accepted is not accepted again, and the window does not move. If the caller's
/// clock is set back, sessions may be accepted twice, but none is missed.
///
/// Sessions that are still running are never accepted. Sessions that were closed abnormally have
/// no end and are not in windows by end; look for them in windows by start.
///
/// ```
/// use bomgar_api::reporting::{SessionCursor, parse_session_list};
///
/// let mut cursor = SessionCursor::new("2019-11-05T00:00:00Z".parse()?);
/// let now = "2019-11-05T12:00:00Z".parse()?;
/// let window = cursor.window(now); // to be asked for
/// # let _ = window;
/// let report = parse_session_list(br#"<session_list>
///   <session lsid="0123456789abcdef0123456789abcdef"><lseq>7</lseq>
///     <end_time timestamp="1572954189"/></session>
/// </session_list>"#)?;
/// assert!(cursor.accept(&report.sessions[0]));
/// assert!(!cursor.accept(&report.sessions[0]));
/// cursor.complete(now);
/// let stored = cursor.watermark();
/// assert_eq!(stored.ended, Some("2019-11-05T11:43:09Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SessionCursor {
    ended: Option<Timestamp>,
    overlap: Duration,
    seen: HashMap<(String, Option<u64>), Timestamp>,
    /// The latest end that the present pass has seen.
    reached: Option<Timestamp>,
}

impl SessionCursor {
    /// Accepts sessions that ended at or after `since`.
    pub fn new(since: Timestamp) -> Self {
        SessionCursor::resume(Watermark {
            ended: Some(since),
            seen: Vec::new(),
        })
    }

    /// Goes on where a stored watermark stands. One without an end begins in 1970.
    pub fn resume(watermark: Watermark) -> Self {
        let seen = watermark
            .seen
            .into_iter()
            .map(|seen| ((seen.lsid, seen.lseq), seen.ended));
        SessionCursor {
            ended: watermark.ended,
            overlap: OVERLAP,
            seen: seen.collect(),
            reached: None,
        }
    }

    /// How far a pass looks back beyond the latest known end. Default: 10 minutes. A session that
    /// enters the report later than this after its end is missed if another one ended since.
    pub fn overlap(mut self, overlap: Duration) -> Self {
        self.overlap = overlap;
        self
    }

    /// The window that the next pass has to ask for. `now` keeps an end in the future, of an
    /// appliance whose clock was wrong for a while, from hiding sessions.
    pub fn window(&self, now: Timestamp) -> TimeWindow {
        let latest = self.ended.unwrap_or(Timestamp::UNIX_EPOCH).min(now);
        TimeWindow::ended_since(self.reach(latest))
    }

    fn reach(&self, latest: Timestamp) -> Timestamp {
        let overlap = SignedDuration::try_from(self.overlap).unwrap_or(SignedDuration::MAX);
        latest
            .checked_sub(overlap)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .max(Timestamp::UNIX_EPOCH)
    }

    /// Whether the session is new, and has ended. It is known from now on.
    pub fn accept(&mut self, session: &Session) -> bool {
        let Some(ended) = session.end_time else {
            return false;
        };
        self.reached = self.reached.max(Some(ended));
        let key = (session.lsid.to_ascii_lowercase(), session.lseq);
        self.seen.insert(key, ended).is_none()
    }

    /// Says that the report of the present pass was read to its end. `now` is the time that its
    /// [`window`](Self::window) was made with.
    pub fn complete(&mut self, now: Timestamp) {
        // An end in the future says nothing about the sessions until then.
        let reached = self.reached.take().map(|reached| reached.min(now));
        self.ended = self.ended.map(|ended| ended.min(now)).max(reached);
        if let Some(ended) = self.ended {
            // What lies before the next window cannot come again.
            let reach = self.reach(ended.min(now));
            self.seen.retain(|_, ended| *ended >= reach);
        }
    }

    /// What to store. It may be stored at any time, also during a pass.
    #[must_use]
    pub fn watermark(&self) -> Watermark {
        let mut seen: Vec<SeenSession> = self
            .seen
            .iter()
            .map(|((lsid, lseq), ended)| SeenSession {
                lsid: lsid.clone(),
                lseq: *lseq,
                ended: *ended,
            })
            .collect();
        seen.sort_by(|a, b| (a.ended, &a.lsid, a.lseq).cmp(&(b.ended, &b.lsid, b.lseq)));
        Watermark {
            ended: self.ended,
            seen,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn session(lsid: &str, lseq: u64, end: Option<i64>) -> Session {
        Session {
            lsid: lsid.into(),
            lseq: Some(lseq),
            end_time: end.map(at),
            ..Session::default()
        }
    }

    fn start(window: TimeWindow) -> i64 {
        match window {
            TimeWindow::EndTime { time, seconds: 0 } => time.as_second(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_pass_looks_back_and_repeats_nothing() {
        let mut cursor = SessionCursor::new(at(10_000));
        assert_eq!(start(cursor.window(at(20_000))), 9_400);
        assert!(cursor.accept(&session("A", 1, Some(15_000))));
        assert!(!cursor.accept(&session("running", 2, None)));
        cursor.complete(at(20_000));

        let stored = serde_json::to_string(&cursor.watermark()).unwrap();
        let mut cursor = SessionCursor::resume(serde_json::from_str(&stored).unwrap());
        assert_eq!(start(cursor.window(at(20_000))), 14_400);
        assert!(!cursor.accept(&session("a", 1, Some(15_000))));
        assert!(
            cursor.accept(&session("a", 3, Some(15_000))),
            "another lseq is another session"
        );
        assert!(cursor.accept(&session("late", 4, Some(14_500))));
    }

    #[test]
    fn a_pass_that_is_broken_off_moves_nothing() {
        let mut cursor = SessionCursor::new(at(10_000));
        assert!(cursor.accept(&session("new", 9, Some(50_000))));
        let mut cursor = SessionCursor::resume(cursor.watermark());
        assert_eq!(start(cursor.window(at(60_000))), 9_400);
        assert!(!cursor.accept(&session("new", 9, Some(50_000))));
        assert!(cursor.accept(&session("old", 8, Some(12_000))));
    }

    #[test]
    fn an_end_in_the_future_hides_nothing() {
        let mut cursor = SessionCursor::new(at(10_000));
        assert!(cursor.accept(&session("a", 1, Some(19_900))));
        assert!(cursor.accept(&session("wrong clock", 2, Some(900_000))));
        cursor.complete(at(20_000));
        // Long after, everything since the last pass is still asked for.
        assert_eq!(start(cursor.window(at(30_000))), 19_400);
        assert!(!cursor.accept(&session("a", 1, Some(19_900))));
        assert!(!cursor.accept(&session("wrong clock", 2, Some(900_000))));
        assert!(cursor.accept(&session("b", 3, Some(25_000))));
        cursor.complete(at(30_000));
        assert_eq!(start(cursor.window(at(40_000))), 29_400);
    }

    proptest! {
        /// Sessions enter the report at most nine minutes after their end. Passes come at any
        /// time, some are broken off, and the watermark is stored and read in between.
        #[test]
        fn every_session_is_accepted_once(
            sessions in prop::collection::vec((0i64..5_000, 0i64..540), 0..40),
            passes in prop::collection::vec((0i64..6_000, any::<bool>(), any::<bool>()), 0..20),
        ) {
            let mut accepted = vec![0; sessions.len()];
            let mut cursor = SessionCursor::new(at(0));
            let mut passes = passes;
            passes.push((9_000, true, false));
            passes.sort();
            for (now, whole, restart) in passes {
                let from = start(cursor.window(at(now)));
                let report = sessions
                    .iter()
                    .enumerate()
                    .filter(|(_, (end, lag))| *end >= from && end + lag <= now);
                for (number, (end, _)) in report.take(if whole { usize::MAX } else { 3 }) {
                    let lsid = format!("{number:032x}");
                    if cursor.accept(&session(&lsid, number as u64, Some(*end))) {
                        accepted[number] += 1;
                    }
                }
                if whole {
                    cursor.complete(at(now));
                }
                if restart {
                    cursor = SessionCursor::resume(cursor.watermark());
                }
            }
            prop_assert!(accepted.iter().all(|times| *times == 1), "{accepted:?}");
        }
    }
}
