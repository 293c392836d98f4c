//! The HTTP side: connections, routing, faults, the list of calls.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming as HyperBody;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::faults::Fault;
use crate::reply::{Body, HTML, Reply};
use crate::request::{Incoming, Params};
use crate::state::{Call, Denial, Inner, State};
use crate::{client_script, commands, control, oauth, report};

const MAX_BODY: usize = 10 * 1024 * 1024;

/// Makes hyper close the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("simulated fault: connection closed without an answer")]
struct Dropped;

/// Accepts connections until the task is aborted, which also ends every connection.
pub(crate) async fn accept(listener: TcpListener, inner: Arc<Inner>) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&inner)));
                }
                // Out of file handles, most likely: give others time to return some.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, inner: Arc<Inner>) {
    let served = AtomicU64::new(0);
    let service = service_fn(|request| {
        let reused = served.fetch_add(1, Ordering::Relaxed) > 0;
        handle(Arc::clone(&inner), request, reused)
    });
    // An error here is a client that went away or a fault that a test asked for.
    let _ = http1::Builder::new()
        .title_case_headers(true)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn handle(
    inner: Arc<Inner>,
    request: Request<HyperBody>,
    reused_connection: bool,
) -> Result<Response<Body>, Dropped> {
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            let reply = Reply::html(StatusCode::PAYLOAD_TOO_LARGE, "Request body unreadable");
            return Ok(reply.into_response());
        }
    };
    let request = Incoming {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
    };
    if request.path.starts_with("/_sim/") {
        return Ok(control::answer(&inner, &request).into_response());
    }
    let at = SystemTime::now();
    let target = Target::of(&request);
    let params = request.params();
    let name = target.name(&request, &params);
    let outcome = with_faults(&inner, &request, &params, target, &name).await;
    inner.state().calls.push(Call {
        at,
        method: request.method.to_string(),
        path: request.path.clone(),
        action_or_report: name,
        params: params.loggable(),
        status: outcome.as_ref().ok().map(|reply| reply.status.as_u16()),
        reused_connection,
    });
    outcome.map(Reply::into_response)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Token,
    Command,
    Reporting,
    ClientScript,
    StartSession,
    Health,
    Download,
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
            _ => Self::Unknown,
        }
    }

    fn is_api(self) -> bool {
        matches!(self, Self::Command | Self::Reporting)
    }

    fn name(self, request: &Incoming, params: &Params) -> String {
        match self {
            Self::Token => "token".to_owned(),
            Self::Command => params.get("action").unwrap_or_default().to_owned(),
            Self::Reporting => params.get("generate_report").unwrap_or_default().to_owned(),
            _ => request
                .path
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }
}

async fn with_faults(
    inner: &Arc<Inner>,
    request: &Incoming,
    params: &Params,
    target: Target,
    name: &str,
) -> Result<Reply, Dropped> {
    let fault = inner.state().faults.take(name, target.is_api());
    let answer = || route(inner, request, params, target, name);
    match fault {
        None => Ok(answer()),
        Some(Fault::Delay(duration)) => {
            tokio::time::sleep(duration).await;
            Ok(answer())
        }
        Some(Fault::Status500Html) => Ok(Reply::html(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal Server Error",
        )),
        Some(Fault::Html200) => Ok(Reply::html(StatusCode::OK, "Please log in")),
        Some(Fault::TruncatedBody) => {
            let mut reply = answer();
            reply.truncated = true;
            Ok(reply)
        }
        Some(Fault::Unauthorized401) => {
            oauth::revoke(&mut inner.state(), request);
            Ok(oauth::unauthorized())
        }
        Some(Fault::RateLimited429(wait)) => Ok(Reply::new(
            StatusCode::TOO_MANY_REQUESTS,
            HTML,
            "Too Many Requests\n".to_owned(),
        )
        .header("retry-after", wait.as_secs().to_string())
        .header("x-ratelimit-limit", "20")
        .header("x-ratelimit-remaining", "0")),
        Some(Fault::ConnectionDrop) => Err(Dropped),
        Some(Fault::AnswerLost) => {
            answer();
            Err(Dropped)
        }
        Some(Fault::WrongNamespace) => {
            let namespace = inner.state().namespace;
            let mut reply = answer();
            for api in ["command", "reporting"] {
                if let Some(uri) = namespace.uri(api) {
                    reply.body = reply.body.replace(
                        &format!("xmlns=\"{uri}\""),
                        &format!("xmlns=\"urn:example:unexpected:{api}\""),
                    );
                }
            }
            Ok(reply)
        }
    }
}

fn route(inner: &Inner, request: &Incoming, params: &Params, target: Target, name: &str) -> Reply {
    match target {
        Target::Token => oauth::token(inner, request),
        Target::Command | Target::Reporting => api(inner, request, params, target, name),
        Target::ClientScript => client_script::script(inner, request),
        Target::StartSession => client_script::start(inner, request),
        Target::Download => client_script::download(inner, request),
        Target::Health => {
            if inner.state().healthy {
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
    let mut state = inner.state();
    let is_command = target == Target::Command;
    if let Err(reply) = oauth::authorize(&state, request, params) {
        return reply;
    }
    if request.has_foreign_body() {
        let text = "POST requests must be application/x-www-form-urlencoded.";
        return if is_command {
            commands::error(&state, text)
        } else {
            report::error(&state, text)
        };
    }
    if !permitted(&state, is_command, name) {
        return denied(&state, is_command);
    }
    if is_command {
        commands::answer(inner, &mut state, name, params)
    } else if name.is_empty() {
        report::error(&state, "The generate_report parameter is required.")
    } else {
        report::answer(inner, &mut state, name, params)
    }
}

fn permitted(state: &State, is_command: bool, name: &str) -> bool {
    let value = |permission: &str| {
        state
            .permissions
            .get(permission)
            .map_or("0", String::as_str)
    };
    if !is_command {
        let permission = match name {
            "ArchiveListing" | "Archive" => "perm_reporting_archive",
            "LicenseUsage" | "EndpointLicenseUsage" => "perm_reporting_license",
            name if name.starts_with("Presentation") => "perm_reporting_presentation",
            _ => "perm_reporting_support",
        };
        return value(permission) == "1";
    }
    match value("perm_command") {
        "full_access" => true,
        "read_only" => !commands::needs_full_access(name),
        // Any account may ask what it may do.
        _ => name == "get_api_info",
    }
}

fn denied(state: &State, is_command: bool) -> Reply {
    let text = "You do not have permission to perform this action.";
    match state.denial {
        Denial::Forbidden403 => Reply::json(
            StatusCode::FORBIDDEN,
            &serde_json::json!({ "message": text }),
        ),
        Denial::XmlError if is_command => commands::error(state, text),
        Denial::XmlError => report::error(state, text),
    }
}
