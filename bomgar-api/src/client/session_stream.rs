//! Sessions as their bytes arrive.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;

use super::{Client, Download};
use crate::call::Call;
use crate::error::{Error, Result};
use crate::reporting::{Session, SessionDecoder, SessionSelection, SupportSession};

/// Sessions of a report, each as soon as its last byte is there.
///
/// Nothing is asked before the first call of [`next`](SessionStream::next). Memory is bounded by
/// the largest single session, not by the report. It is also a [`Stream`].
///
/// A failure is repeated as [`RetryPolicy`](crate::RetryPolicy) says, as long as nothing was given
/// of the same answer. After an error there are no more sessions. Those before it are whole, so
/// that a caller who asks again only needs to know them by [`Session::lsid`].
///
/// ```
/// # use bomgar_sim::{BomgarSim, SessionSpec};
/// use bomgar_api::reporting::TimeWindow;
/// use bomgar_api::{Client, Credentials};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sim = BomgarSim::start().await;
/// # let lsid = sim.start_session(SessionSpec::new().start_time(1_700_000_000));
/// # sim.end_session(&lsid, 1_700_000_600)?;
/// let client = Client::builder(sim.base_url(), Credentials::oauth("sim-client", "sim-secret")).build()?;
/// let mut sessions = client.support_sessions(TimeWindow::ended_since("2023-11-01T00:00:00Z".parse()?));
/// while let Some(session) = sessions.next().await {
///     println!("{}", session?.lsid);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is asked before the first session is taken"]
pub struct SessionStream {
    client: Client,
    waiting: VecDeque<SessionSelection>,
    request: SupportSession,
    state: State,
    /// How often the present window was asked for.
    attempts: u32,
    /// Whether a session of the present window was read.
    has_begun: bool,
    /// Sessions of the window before, which may come again at the border.
    before: HashSet<(String, Option<u64>)>,
    current: HashSet<(String, Option<u64>)>,
}

/// An answer that is asked for, and how many attempts that took.
type Opening = Pin<Box<dyn Future<Output = Result<(Download, u32)>> + Send>>;

enum State {
    /// Between two requests.
    Idle,
    Opening(Opening),
    Reading(Box<(Download, SessionDecoder)>),
    Done,
}

impl SessionStream {
    pub(super) fn new(client: Client, request: SupportSession) -> Self {
        let nothing =
            matches!(request.selection(), SessionSelection::Lsids(lsids) if lsids.is_empty());
        SessionStream {
            client,
            waiting: match nothing {
                true => VecDeque::new(),
                false => [request.selection().clone()].into(),
            },
            request,
            state: State::Idle,
            attempts: 0,
            has_begun: false,
            before: HashSet::new(),
            current: HashSet::new(),
        }
    }

    /// Asks for the parts of a long window one after the other.
    pub(super) fn sliced(mut self, slices: impl IntoIterator<Item = SessionSelection>) -> Self {
        self.waiting = slices.into_iter().collect();
        self
    }

    /// The next session; `None` after the last one.
    ///
    /// # Errors
    ///
    /// As [`Client::call`]; [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge) also for a single session above
    /// [`ClientBuilder::max_session_bytes`](crate::ClientBuilder::max_session_bytes). After an
    /// error there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Session>> {
        std::future::poll_fn(|context| self.poll_session(context)).await
    }

    /// All sessions that are left.
    ///
    /// # Errors
    ///
    /// The first error; the sessions before it are lost.
    pub async fn collect(mut self) -> Result<Vec<Session>> {
        let mut sessions = Vec::new();
        while let Some(session) = self.next().await {
            sessions.push(session?);
        }
        Ok(sessions)
    }

    fn poll_session(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Session>>> {
        loop {
            let step = match &mut self.state {
                State::Done => return Poll::Ready(None),
                State::Idle => self.begin(),
                State::Opening(future) => match ready!(future.as_mut().poll(context)) {
                    Ok((download, attempts)) => {
                        self.attempts = attempts;
                        let decoder = self.decoder();
                        self.state = State::Reading(Box::new((download, decoder)));
                        Ok(None)
                    }
                    Err(error) => Err(error),
                },
                State::Reading(reading) => {
                    let (download, decoder) = &mut **reading;
                    match ready!(read(download, decoder, context)) {
                        Ok(Some(session)) => {
                            self.has_begun = true;
                            Ok(Some(session))
                        }
                        Ok(None) => {
                            self.state = State::Idle;
                            Ok(None)
                        }
                        Err(error) => match self.wait_before_next_attempt(&error) {
                            Some(wait) => {
                                self.open(Some(wait));
                                Ok(None)
                            }
                            None => Err(error),
                        },
                    }
                }
            };
            match step {
                Ok(None) => {}
                Ok(Some(session)) => {
                    if !self.is_repeated(&session) {
                        return Poll::Ready(Some(Ok(session)));
                    }
                }
                Err(error) => {
                    self.state = State::Done;
                    // The decoder knows one of the report's two names only.
                    let error = error.rename_operation(self.request.operation());
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }

    /// Opens the next window, if there is one.
    fn begin(&mut self) -> Result<Option<Session>> {
        match self.waiting.pop_front() {
            None => self.state = State::Done,
            Some(selection) => {
                self.before = std::mem::take(&mut self.current);
                self.request = self.request.clone().select(selection);
                self.attempts = 0;
                self.has_begun = false;
                self.open(None);
            }
        }
        Ok(None)
    }

    /// Asks for the present window, after a wait if it is not the first time.
    fn open(&mut self, wait: Option<Duration>) {
        let (client, request, attempts) =
            (self.client.clone(), self.request.clone(), self.attempts);
        self.state = State::Opening(Box::pin(async move {
            if let Some(wait) = wait {
                client.inner.timer.sleep(wait).await;
            }
            client.open_after(&request, attempts).await
        }));
    }

    /// How long to wait before asking again for a window whose answer could not be read; `None` to
    /// give up.
    fn wait_before_next_attempt(&self, error: &Error) -> Option<Duration> {
        if self.has_begun || !error.is_retryable() {
            return None;
        }
        self.client
            .inner
            .retry
            .wait(self.attempts, error.retry_after())
    }

    fn decoder(&self) -> SessionDecoder {
        let rule = std::sync::Arc::clone(&self.client.inner.is_empty_result);
        SessionDecoder::new()
            .max_session_bytes(self.client.inner.max_session_bytes)
            .empty_result(move |text| rule(text))
    }

    fn is_repeated(&mut self, session: &Session) -> bool {
        // Only neighbouring windows share sessions, so no more than two are remembered.
        let key = (session.lsid.to_ascii_lowercase(), session.lseq);
        let repeated = self.before.contains(&key);
        if !self.waiting.is_empty() {
            self.current.insert(key);
        }
        repeated
    }
}

/// Reads until there is a session or nothing is left.
fn read(
    download: &mut Download,
    decoder: &mut SessionDecoder,
    context: &mut Context<'_>,
) -> Poll<Result<Option<Session>>> {
    loop {
        match decoder.next_session() {
            Ok(None) => {}
            found => return Poll::Ready(found.map_err(|error| download.locate(error))),
        }
        match ready!(Pin::new(&mut *download).poll_next(context)) {
            Some(Ok(chunk)) => decoder.push(&chunk),
            Some(Err(error)) => return Poll::Ready(Err(error)),
            None => {
                decoder.end();
                let last = decoder.next_session();
                return Poll::Ready(last.map_err(|error| download.locate(error)));
            }
        }
    }
}

impl Stream for SessionStream {
    type Item = Result<Session>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_session(context)
    }
}

impl fmt::Debug for SessionStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionStream")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
