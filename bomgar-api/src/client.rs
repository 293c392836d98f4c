//! The asynchronous client.

mod builder;
mod commands;
mod download;
mod exchange;
mod reports;
mod session_stream;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response};

pub use self::builder::ClientBuilder;
pub use self::download::Download;
use self::exchange::{Exchange, Failure, Limits};
pub use self::session_stream::SessionStream;
use crate::auth::{Auth, Credentials};
use crate::budget::RequestBudget;
use crate::call::{Call, Spelling};
use crate::error::{ErrorKind, Result};
use crate::retry::{RetryPolicy, Timer};
use crate::transport::Transport;

/// Decides whether an error text of the appliance means "nothing matches".
type EmptyRule = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// A client of one appliance.
///
/// It is cheap to clone; all clones share one access token and one request budget. Each call opens
/// a connection of its own and closes it, as the appliance demands.
///
/// ```
/// use bomgar_api::{Client, Credentials};
///
/// let client = Client::builder("support.example.com", Credentials::oauth("id", "secret")).build()?;
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    base: String,
    spelling: Spelling,
    auth: Auth,
    transport: Arc<dyn Transport>,
    retry: RetryPolicy,
    timer: Arc<dyn Timer>,
    budget: RequestBudget,
    user_agent: HeaderValue,
    language: Option<HeaderValue>,
    is_empty_result: EmptyRule,
    /// For answers that are read as a whole.
    whole: Limits,
    /// For answers that are read as they arrive.
    stream: Limits,
    max_session_bytes: usize,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base", &self.inner.base)
            .field("credentials", &self.inner.auth.credentials)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Begins a client for an appliance.
    ///
    /// `host` is the appliance's host name, with a port if needed. A URL with scheme, host and
    /// port is taken as well; one with `http` has the limits that
    /// [`ClientBuilder::allow_plain_http`] explains.
    pub fn builder(host: impl Into<String>, credentials: Credentials) -> ClientBuilder {
        ClientBuilder::new(host.into(), credentials)
    }

    /// Runs any call.
    ///
    /// A token that the appliance refuses is replaced once. Failures are repeated as
    /// [`RetryPolicy`] says.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] before anything is sent;
    /// [`ErrorKind::InvalidClient`], [`ErrorKind::Unauthorized`] or [`ErrorKind::Forbidden`] when
    /// the appliance refuses the credentials; [`ErrorKind::Api`] with the appliance's own text; the
    /// other kinds when no readable answer came.
    pub async fn call<C: Call + Sync>(&self, call: &C) -> Result<C::Reply> {
        let mut exchange = Exchange::new(&self.inner, call)?;
        loop {
            let failure = match exchange.send(self.inner.whole).await {
                Ok(answer) => match answer.whole().await {
                    Ok(response) => match self.decode(call, &response) {
                        Ok(reply) => return Ok(reply),
                        Err(error) => Failure::answered(error),
                    },
                    Err(error) => Failure::unclear(error),
                },
                Err(failure) => failure,
            };
            exchange.again(call, failure).await?;
        }
    }

    /// Runs any call and gives the body of its answer as it arrives, undecoded.
    ///
    /// Failures are repeated as with [`call`](Client::call) until the body begins; later ones
    /// belong to the [`Download`].
    ///
    /// # Errors
    ///
    /// As [`call`](Client::call), except for what only the rest of the body can tell.
    pub async fn open<C: Call + Sync>(&self, call: &C) -> Result<Download> {
        Ok(self.open_after(call, 0).await?.0)
    }

    /// [`open`](Client::open) after so many attempts that have failed; also gives how many it then
    /// were in all.
    async fn open_after<C: Call + Sync>(&self, call: &C, attempts: u32) -> Result<(Download, u32)> {
        let mut exchange = Exchange::new(&self.inner, call)?;
        exchange.attempts = attempts;
        loop {
            let failure = match exchange.send(self.inner.stream).await {
                Ok(answer) => match Download::begin(answer, call).await {
                    Ok(download) => return Ok((download, exchange.attempts)),
                    Err(failure) => failure,
                },
                Err(failure) => failure,
            };
            exchange.again(call, failure).await?;
        }
    }

    /// Runs a call whose answer is a file, such as a recording, and gives the file as it arrives.
    ///
    /// ```
    /// use bomgar_api::reporting::SupportSessionRecording;
    /// use bomgar_api::{Client, Credentials};
    /// use bomgar_sim::{BomgarSim, Recording};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = BomgarSim::start().await; // a simulated appliance
    /// let lsid = sim.demo_session("4711")?;
    /// sim.add_recording(&lsid, Recording::session(1_000_000))?;
    ///
    /// let account = Credentials::oauth(sim.client_id(), sim.client_secret());
    /// let client = Client::builder(sim.base_url(), account).build()?;
    /// let mut recording = client.download(&SupportSessionRecording::new(lsid)).await?;
    /// let mut file = Vec::new(); // or a tokio::fs::File
    /// let bytes = recording.copy_to(&mut file, |bytes| println!("{bytes} bytes so far")).await?;
    /// assert_eq!((bytes, file.len()), (1_000_000, 1_000_000));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`open`](Client::open); [`ErrorKind::Api`] when the appliance answers with an error, for
    /// example because a recording has expired, and [`ErrorKind::WrongContent`] when it answers
    /// with a page or a JSON document.
    pub async fn download<C>(&self, call: &C) -> Result<Download>
    where
        C: Call<Reply = Bytes> + Sync,
    {
        let mut download = self.open(call).await?;
        if download.may_be_error() {
            // No error is longer, so this much is enough for the call itself to say what it is.
            let beginning = download.look_ahead(exchange::ERROR_LIMIT).await?;
            call.decode(&beginning)
                .map_err(|error| call.locate(error))?;
        }
        Ok(download)
    }

    /// Reads an answer. Where the caller's rule says that an error text means "nothing matches",
    /// the reply is the empty one.
    fn decode<C: Call>(&self, call: &C, response: &Response<Bytes>) -> Result<C::Reply> {
        let error = match call.decode_response(response) {
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        let text = error
            .server_text()
            .filter(|_| error.kind() == ErrorKind::Api);
        match text.is_some_and(|text| (self.inner.is_empty_result)(text)) {
            true => call.no_data().ok_or(error),
            false => Err(error),
        }
    }
}
