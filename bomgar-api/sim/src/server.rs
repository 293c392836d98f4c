//! The HTTP side: connections, routing, faults, the list of calls.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use http::header::AUTHORIZATION;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming as HyperBody;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::access::{self, Interface};
use crate::faults::Fault;
use crate::reply::{Body, HTML, Reply};
use crate::request::{Incoming, Params};
use crate::state::{Call, Inner};
use crate::wire::Wire;
use crate::{backup, client_script, commands, console_script, control, damage, oauth, report};

const MAX_BODY: usize = 10 * 1024 * 1024;

/// Orders to the control endpoints are small.
const MAX_CONTROL_BODY: usize = 1024 * 1024;

/// How much of a body that is too long is read on.
const MAX_IGNORED: usize = 100 * 1024 * 1024;

/// A client that has not finished its TLS handshake by then is let go.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Makes hyper stop without an answer of its own.
#[derive(Debug, thiserror::Error)]
#[error("simulated fault: no proper answer")]
struct Dropped;

/// Accepts connections until the task is aborted, which also ends every connection.
pub(crate) async fn accept(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    inner: Arc<Inner>,
) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, tls.clone(), Arc::clone(&inner)));
                }
                // Out of file handles, most likely: give others time to return some.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, inner: Arc<Inner>) {
    // Single bytes are to arrive as single bytes.
    let _ = stream.set_nodelay(true);
    match tls {
        None => serve(stream, inner).await,
        // A client that does not trust the certificate ends the handshake; that is its right.
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
                serve(stream, inner).await;
            }
        }
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<Response<Body>, Dropped>> + Send>>;

async fn serve<S>(stream: S, inner: Arc<Inner>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let served = AtomicU64::new(0);
    // An answer that hyper would not send is left here and written once hyper has given up.
    let improper = Arc::new(Mutex::new(None));
    let slot = Arc::clone(&improper);
    let service = service_fn(move |request| -> Answer {
        let reused = served.fetch_add(1, Ordering::Relaxed) > 0;
        let (inner, slot) = (Arc::clone(&inner), Arc::clone(&slot));
        Box::pin(async move {
            match handle(inner, request, reused).await {
                Outcome::Reply(reply) => Ok(reply.into_response()),
                Outcome::Dropped => Err(Dropped),
                Outcome::Wire(wire) => {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(wire);
                    Err(Dropped)
                }
            }
        })
    });
    let mut connection = http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service);
    // An error here is a client that went away or a fault that a test asked for.
    let result = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let mut stream = connection.into_parts().io.into_inner();
    let wire = improper
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    // Errors below are clients that went away.
    if let Some(wire) = wire {
        let _ = Wire::send(&wire, &mut stream).await;
    } else if result.is_ok() {
        let _ = stream.shutdown().await;
    }
}

/// What becomes of a call.
enum Outcome {
    Reply(Reply),
    Wire(Wire),
    Dropped,
}

impl Outcome {
    fn status(&self) -> Option<u16> {
        match self {
            Self::Reply(reply) => Some(reply.status.as_u16()),
            Self::Wire(wire) => Some(wire.status.as_u16()),
            Self::Dropped => None,
        }
    }
}

async fn handle(
    inner: Arc<Inner>,
    request: Request<HyperBody>,
    reused_connection: bool,
) -> Outcome {
    let (parts, body) = request.into_parts();
    let is_control = control::is_control(parts.uri.path());
    let limit = if is_control {
        MAX_CONTROL_BODY
    } else {
        MAX_BODY
    };
    let body = match read_body(body, limit).await {
        Ok(body) => body,
        Err(TooLarge) if is_control => return Outcome::Reply(control::too_large(limit)),
        Err(TooLarge) => {
            let reply = Reply::html(StatusCode::PAYLOAD_TOO_LARGE, "Request body unreadable");
            return Outcome::Reply(reply);
        }
    };
    let request = Incoming {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
    };
    if is_control {
        return Outcome::Reply(control::answer(&inner, &request).await);
    }
    let params = request.params();
    let target = Target::of(&request);
    let name = target.name(&request, &params);
    let fault = inner.state().faults.take(&name, target.is_api(), &params);
    let received = Received {
        at: SystemTime::now(),
        request,
        params,
        target,
        name,
        reused_connection,
    };
    match fault {
        Some(Fault::Delay(pause)) => {
            // Apart from the connection, because a client that gives up does not stop an appliance.
            let appliance = Arc::clone(&inner);
            let task = inner.runtime.spawn(async move {
                tokio::time::sleep(pause).await;
                received
                    .process(&appliance, Some(Fault::Delay(pause)))
                    .await
            });
            inner.tasks().push(task.abort_handle());
            task.await.unwrap_or(Outcome::Dropped)
        }
        Some(Fault::DelayAnswer(pause)) => {
            let outcome = received
                .process(&inner, Some(Fault::DelayAnswer(pause)))
                .await;
            tokio::time::sleep(pause).await;
            outcome
        }
        fault => received.process(&inner, fault).await,
    }
}

struct TooLarge;

/// Reads a request's body. What is too much is read as well, but not kept: a connection closed over
/// unread bytes would take the answer with it.
async fn read_body(mut body: HyperBody, limit: usize) -> Result<Bytes, TooLarge> {
    let mut bytes = BytesMut::new();
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Some(data) = frame.map_err(|_| TooLarge)?.into_data().ok() else {
            continue;
        };
        length += data.len();
        if length <= limit {
            bytes.extend_from_slice(&data);
        } else if length > limit + MAX_IGNORED {
            return Err(TooLarge);
        }
    }
    if length > limit {
        return Err(TooLarge);
    }
    Ok(bytes.freeze())
}

/// A call of the appliance, read to its end.
struct Received {
    at: SystemTime,
    request: Incoming,
    params: Params,
    target: Target,
    name: String,
    reused_connection: bool,
}

impl Received {
    /// Answers the call and puts it on the list of calls.
    async fn process(self, inner: &Arc<Inner>, fault: Option<Fault>) -> Outcome {
        let (request, params, name) = (&self.request, &self.params, self.name.as_str());
        let outcome = match &fault {
            None => Outcome::Reply(limited(inner, request, params, self.target, name)),
            Some(fault) => with_fault(inner, request, params, self.target, name, fault).await,
        };
        inner.state().calls.push(Call {
            at: self.at,
            method: self.request.method.to_string(),
            authorization: self.request.headers.contains_key(AUTHORIZATION),
            cookies: self.request.headers.contains_key(http::header::COOKIE),
            path: self.request.path,
            action_or_report: self.name,
            params: self.params.loggable(),
            status: outcome.status(),
            reused_connection: self.reused_connection,
            fault,
        });
        outcome
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Token,
    Command,
    Reporting,
    ClientScript,
    StartSession,
    Client,
    Health,
    Download,
    Backup,
    Schema,
    Unknown,
}

impl Target {
    fn of(request: &Incoming) -> Self {
        let path = request.path.strip_suffix(".ns").unwrap_or(&request.path);
        match path {
            "/oauth2/token" => Self::Token,
            "/api/command" => Self::Command,
            "/api/reporting" => Self::Reporting,
            "/api/client_script" => Self::ClientScript,
            "/api/start_session" => Self::StartSession,
            "/" if request.params().has("ak") => Self::StartSession,
            "/check_health" => Self::Health,
            "/session_download" => Self::Download,
            "/api/backup" => Self::Backup,
            "/api/command.xsd" | "/api/reporting.xsd" => Self::Schema,
            "/session_client" | "/session_chat" => Self::Client,
            _ => Self::Unknown,
        }
    }

    fn is_api(self) -> bool {
        matches!(self, Self::Command | Self::Reporting | Self::Backup)
    }

    fn name(self, request: &Incoming, params: &Params) -> String {
        match self {
            Self::Token => "token".to_owned(),
            Self::Command => params.get("action").unwrap_or_default().to_owned(),
            Self::Reporting => params.get("generate_report").unwrap_or_default().to_owned(),
            Self::Backup => "backup".to_owned(),
            _ => request
                .path
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

async fn with_fault(
    inner: &Arc<Inner>,
    request: &Incoming,
    params: &Params,
    target: Target,
    name: &str,
    fault: &Fault,
) -> Outcome {
    let answer = || limited(inner, request, params, target, name);
    let seconds = |wait: &Duration| wait.as_secs().to_string();
    Outcome::Reply(match fault {
        // Their pauses are outside of here.
        Fault::Delay(_) | Fault::DelayAnswer(_) => answer(),
        Fault::Status500Html => {
            Reply::html(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
        Fault::Status(status) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Reply::html(status, status.canonical_reason().unwrap_or("Status"))
        }
        Fault::Unavailable503(wait) => {
            Reply::html(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
                .header("retry-after", seconds(wait))
        }
        Fault::Redirect(location) => {
            Reply::html(StatusCode::FOUND, "Found").header("location", location)
        }
        Fault::Html200 => Reply::html(StatusCode::OK, "Please log in"),
        Fault::Json200 => Reply::json(
            StatusCode::OK,
            &serde_json::json!({ "message": "This is not the answer you asked for." }),
        ),
        Fault::XmlError(text) => {
            let state = inner.state();
            if target == Target::Command {
                commands::error(&state, name, text)
            } else {
                report::error(&state, name, text)
            }
        }
        Fault::Unauthorized401 => {
            oauth::revoke(&mut inner.state(), request);
            oauth::unauthorized()
        }
        Fault::RateLimited429(wait) => too_many(20, *wait),
        Fault::ConnectionDrop => return Outcome::Dropped,
        Fault::AnswerLost => {
            answer();
            return Outcome::Dropped;
        }
        _ => {
            return match damage::whole(answer().into_response()).await {
                Ok(wire) => Outcome::Wire(damage::damaged(wire, fault, &inner.base_url)),
                Err(_) => Outcome::Dropped,
            };
        }
    })
}

fn too_many(limit: u32, wait: Duration) -> Reply {
    // Part of a second still to wait is a whole one here.
    let seconds = wait.as_millis().div_ceil(1_000);
    Reply::new(
        StatusCode::TOO_MANY_REQUESTS,
        HTML,
        "Too Many Requests\n".to_owned(),
    )
    .header("retry-after", seconds.to_string())
    .header("x-ratelimit-limit", limit.to_string())
    .header("x-ratelimit-remaining", "0")
}

/// The true answer, unless the account has used up its calls.
fn limited(
    inner: &Inner,
    request: &Incoming,
    params: &Params,
    target: Target,
    name: &str,
) -> Reply {
    let verdict = if target.is_api() {
        let mut state = inner.state();
        // Calls that are refused anyway belong to no account.
        match oauth::authorize(&state, request, params) {
            Ok(caller) => state.limiter.take(&caller.to_string(), Instant::now()),
            Err(_) => None,
        }
    } else {
        None
    };
    match verdict {
        None => route(inner, request, params, target, name),
        Some(verdict) => match verdict.refused {
            Some(wait) => too_many(verdict.limit, wait),
            None => route(inner, request, params, target, name)
                .header("x-ratelimit-limit", verdict.limit.to_string())
                .header("x-ratelimit-remaining", verdict.remaining.to_string()),
        },
    }
}

fn route(inner: &Inner, request: &Incoming, params: &Params, target: Target, name: &str) -> Reply {
    match target {
        Target::Token => oauth::token(inner, request),
        Target::Command | Target::Reporting | Target::Backup => {
            api(inner, request, params, target, name)
        }
        Target::ClientScript => console_script::answer(inner, request),
        Target::StartSession => client_script::start(inner, request),
        Target::Client => client_script::client(inner, request),
        Target::Download => client_script::download(inner, request),
        Target::Schema => report::schema(request),
        Target::Health => {
            if inner.state().problem().is_none() {
                Reply::text(StatusCode::OK, "Everything is fine.\n")
            } else {
                Reply::text(StatusCode::INTERNAL_SERVER_ERROR, "Something is wrong.\n")
            }
        }
        Target::Unknown => Reply::html(StatusCode::NOT_FOUND, "Not Found"),
    }
}

fn api(inner: &Inner, request: &Incoming, params: &Params, target: Target, name: &str) -> Reply {
    if request.method != Method::GET && request.method != Method::POST {
        return Reply::html(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    }
    let interface = match target {
        Target::Command => Interface::Command(name),
        Target::Backup => Interface::Backup,
        _ => Interface::Reporting(name),
    };
    let mut state = inner.state();
    let caller = match access::enabled(&state, interface)
        .and_then(|()| oauth::authorize(&state, request, params))
    {
        Ok(caller) => caller,
        // The backup has a text of its own for a wrong username or password.
        Err(reply) if interface == Interface::Backup && reply.status == StatusCode::OK => {
            return backup::error("Invalid credentials");
        }
        Err(reply) => return reply,
    };
    if interface != Interface::Backup && request.has_foreign_body() {
        let text = "POST requests must be application/x-www-form-urlencoded.";
        return match interface {
            Interface::Command(action) => commands::error(&state, action, text),
            Interface::Reporting(report) => report::error(&state, report, text),
            Interface::Backup => backup::error(text),
        };
    }
    if let Err(reply) = access::check(&state, &caller, interface) {
        return reply;
    }
    match interface {
        Interface::Command(action) => commands::answer(inner, &mut state, &caller, action, params),
        Interface::Reporting("") => {
            report::error(&state, "", "The generate_report parameter is required.")
        }
        Interface::Reporting(report) => report::answer(inner, &mut state, report, params),
        Interface::Backup => backup::answer(inner, &mut state, request),
    }
}
