//! One HTTP request from its arrival to its end.

use crate::{
    calls::{Call, When},
    fault::{Effects, Fault},
    limits::Usage,
    ops,
    shared::{Shared, lock},
    soap::{
        SoapFault, Version,
        answer::Answer,
        request::{self, Request},
        xml,
    },
    tenant::{ApiUser, Tenant},
};
use base64::Engine as _;
use bytes::Bytes;
use http::{HeaderMap, Method};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// A request, read to its end.
pub(crate) struct HttpCall {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What goes back.
pub(crate) enum Reply {
    Http(HttpReply),
    /// The connection closes.
    Drop,
}

pub(crate) struct HttpReply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) header: Option<(&'static str, String)>,
    pub(crate) body: String,
    /// The connection breaks in the middle of the body.
    pub(crate) broken: bool,
}

const XML: &str = "text/xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const PAGE: &str = "<!DOCTYPE html><html><head><title>Runtime Error</title></head>\
                    <body><h1>Server Error in '/' Application.</h1></body></html>";

impl HttpReply {
    pub(crate) fn new(status: u16, content_type: &'static str, body: impl Into<String>) -> Self {
        HttpReply {
            status,
            content_type,
            header: None,
            body: body.into(),
            broken: false,
        }
    }

    fn fault(fault: &SoapFault) -> Self {
        HttpReply::new(500, XML, xml::fault(fault))
    }

    fn unauthorized(shared: &Shared) -> Self {
        let mut reply = HttpReply::new(
            401,
            HTML,
            "<html><head><title>401 Unauthorized</title></head><body>401 - Unauthorized: Access \
             is denied due to invalid credentials.</body></html>",
        );
        let realm = format!("Basic Realm=\"{}\"", shared.address);
        reply.header = Some(("www-authenticate", realm));
        reply
    }
}

/// Where a path leads: the zone's prefix and the version of the API.
fn route(path: &str) -> Option<(String, Version)> {
    let path = path.to_ascii_lowercase();
    let at = path.find("/atservices/")?;
    let (zone, rest) = path.split_at(at);
    let version = match rest {
        "/atservices/1.6/atws.asmx" => Version::V16,
        "/atservices/1.5/atws.asmx" => Version::V15,
        _ => return None,
    };
    let valid = zone.is_empty()
        || zone
            .strip_prefix("/zone")
            .is_some_and(|number| number.parse::<u32>().is_ok());
    valid.then(|| (zone.to_owned(), version))
}

/// The service's path for that of its description, which stands beside it.
fn service_path(path: &str) -> String {
    let stem = path.len().saturating_sub(".wsdl".len());
    match path.get(stem..) {
        Some(end) if end.eq_ignore_ascii_case(".wsdl") => format!("{}.asmx", &path[..stem]),
        _ => path.to_owned(),
    }
}

/// Carries a request out.
pub(crate) async fn process(shared: Arc<Shared>, http: HttpCall) -> Reply {
    let path = http.path.to_ascii_lowercase();
    if path.starts_with("/_sim") || path.starts_with("/autotask/") || path.starts_with("/mvc/") {
        return Reply::Http(crate::control::answer(&shared, &http));
    }
    let asks_for_wsdl = http.path.to_ascii_lowercase().ends_with(".wsdl");
    let Some((zone, version)) = route(&service_path(&http.path)) else {
        return Reply::Http(HttpReply::new(
            404,
            HTML,
            "<html><body>404 Not Found</body></html>",
        ));
    };
    if http.method == Method::GET && (asks_for_wsdl || http.query.eq_ignore_ascii_case("wsdl")) {
        let (address, path) = (shared.address, service_path(&http.path));
        let text = crate::wsdl::wsdl(version, &format!("http://{address}{path}"));
        return Reply::Http(HttpReply::new(200, XML, text));
    }
    if http.method != Method::POST || asks_for_wsdl {
        return Reply::Http(HttpReply::new(200, HTML, "<html><body>ATWS</body></html>"));
    }
    soap(shared, &http, &zone, version).await
}

/// A thread of the integration, given back when the call ends.
struct Slot {
    shared: Arc<Shared>,
    key: (String, String),
    /// The server frees the thread slightly after its answer has been read.
    release: Duration,
}

impl Slot {
    /// `Err` when all threads are taken.
    fn take(shared: &Arc<Shared>, request: &Request) -> Result<Self, ()> {
        // Metadata calls are counted as objects of their own.
        let object = match request.operation {
            "query" | "create" | "update" | "delete" => request.entity().unwrap_or_default(),
            other => other.to_owned(),
        };
        let key = (request.integration_code.clone().unwrap_or_default(), object);
        let (limit, release) = {
            let settings = &lock(&shared.tenant).settings;
            (settings.thread_limit, settings.thread_release)
        };
        if lock(&shared.limits).enter(key.clone(), limit) {
            Ok(Slot {
                shared: shared.clone(),
                key,
                release,
            })
        } else {
            Err(())
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let (shared, key, release) = (
            self.shared.clone(),
            std::mem::take(&mut self.key),
            self.release,
        );
        if release.is_zero() {
            lock(&shared.limits).leave(&key);
            return;
        }
        tokio::spawn(async move {
            tokio::time::sleep(release).await;
            lock(&shared.limits).leave(&key);
        });
    }
}

async fn soap(shared: Arc<Shared>, http: &HttpCall, zone: &str, version: Version) -> Reply {
    let parsed = read(http, version);
    let number = log(&shared, http, version, &parsed);
    let finish = |reply: HttpReply| {
        if let Some(call) = lock(&shared.calls).get_mut(number) {
            call.status = Some(reply.status);
        }
        Reply::Http(reply)
    };
    let is_zone_info = matches!(&parsed, Ok(request) if request.operation == "getZoneInfo");
    if !is_zone_info && zone != shared.zone_prefix() {
        return finish(HttpReply::unauthorized(&shared));
    }
    let user = if is_zone_info {
        None
    } else {
        authenticate(&shared, &http.headers)
    };
    if !is_zone_info && user.is_none() {
        return finish(HttpReply::unauthorized(&shared));
    }
    let request = match parsed {
        Ok(request) => request,
        Err(fault) => return finish(HttpReply::fault(&fault)),
    };
    // The place is held over every delay, as a busy server would.
    let slot = if is_zone_info {
        None
    } else {
        Some(Slot::take(&shared, &request))
    };
    if matches!(slot, Some(Err(()))) {
        return finish(thread_refusal(&shared, &request, number));
    }
    let effects = lock(&shared.faults).take(request.operation, request.entity().as_deref());
    if let Some(Fault::CommitLater(delay)) = effects.end {
        let shared = shared.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            // Nobody reads this answer; what it stored is in the tenant and the call's entry.
            let _ = carry_out(&shared, &request, user.as_ref(), &effects, number);
        });
        return Reply::Drop;
    }
    meet(&shared, &request, When::BeforeCommit, number).await;
    let latency = usage_latency(&shared);
    tokio::time::sleep(effects.delay.unwrap_or(Duration::ZERO) + latency).await;
    let done = if effects.ends_after_commit() {
        let done = carry_out(&shared, &request, user.as_ref(), &effects, number);
        meet(&shared, &request, When::AfterCommit, number).await;
        Some(done)
    } else {
        None
    };
    tokio::time::sleep(effects.delay_answer.unwrap_or(Duration::ZERO)).await;
    match end(
        &shared,
        http,
        &request,
        user.as_ref(),
        &effects,
        done,
        number,
    ) {
        Some(reply) => finish(reply),
        None => Reply::Drop,
    }
}

fn read(http: &HttpCall, version: Version) -> Result<Request, SoapFault> {
    let header = |name: &str| http.headers.get(name).and_then(|value| value.to_str().ok());
    let operation = request::operation_of(header("soapaction"), version)?;
    let content_type = header("content-type").unwrap_or("");
    if !content_type.to_ascii_lowercase().starts_with("text/xml") {
        return Err(SoapFault::client(format!(
            "The content type {content_type} is not the expected text/xml."
        )));
    }
    request::read(operation, version, &http.body)
}

fn log(
    shared: &Shared,
    http: &HttpCall,
    version: Version,
    parsed: &Result<Request, SoapFault>,
) -> usize {
    let at = lock(&shared.tenant).now();
    lock(&shared.limits).count(at);
    let action = http
        .headers
        .get("soapaction")
        .and_then(|value| value.to_str().ok());
    let request = parsed.as_ref().ok();
    let operation = request
        .map(|request| request.operation)
        .or_else(|| request::operation_of(action, version).ok());
    lock(&shared.calls).push(Call {
        at,
        operation: operation.unwrap_or("").to_owned(),
        entity: request.and_then(Request::entity),
        status: None,
        return_code: None,
        committed: false,
        ids: Vec::new(),
        impersonated: request.and_then(|request| request.impersonate),
        request: String::from_utf8_lossy(&http.body).into_owned(),
    })
}

async fn meet(shared: &Shared, request: &Request, when: When, number: usize) {
    let met = lock(&shared.watchers).met(request.operation, request.entity().as_deref(), when);
    let call = lock(&shared.calls).get_mut(number).cloned();
    if let Some(call) = call {
        met.pass(&call).await;
    }
}

/// The user whose Basic credentials came with the request.
fn authenticate(shared: &Shared, headers: &HeaderMap) -> Option<ApiUser> {
    let value = headers.get("authorization")?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(token.trim())
        .ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    let (login, password) = decoded.split_once(':')?;
    lock(&shared.tenant)
        .users
        .iter()
        .find(|user| user.login.eq_ignore_ascii_case(login) && user.password == password)
        .cloned()
}

fn usage(shared: &Shared, tenant: &Tenant) -> Usage {
    Usage {
        used: lock(&shared.limits).used(tenant.now()),
        limit: tenant.settings.request_threshold,
    }
}

/// Half a second from half of the threshold on, a whole one from three quarters on.
fn usage_latency(shared: &Shared) -> Duration {
    let tenant = lock(&shared.tenant);
    let usage = usage(shared, &tenant);
    match u64::from(usage.used) * 100 / u64::from(usage.limit.max(1)) {
        _ if !tenant.settings.usage_latency => Duration::ZERO,
        75.. => Duration::from_secs(1),
        50.. => Duration::from_millis(500),
        _ => Duration::ZERO,
    }
}

fn execute(
    shared: &Shared,
    tenant: &mut Tenant,
    request: &Request,
    user: Option<&ApiUser>,
    effects: &Effects,
) -> Result<Answer, SoapFault> {
    let version = match request.version {
        Version::V15 => "1.5",
        Version::V16 => "1.6",
    };
    let (url, web_url) = (shared.endpoint(version), shared.web_url());
    let usage = usage(shared, tenant);
    let context = ops::Context {
        user,
        effects,
        usage,
        urls: (&url, &web_url),
    };
    ops::execute(tenant, request, &context)
}

/// Executes for good and notes in the call's entry what was stored.
fn carry_out(
    shared: &Shared,
    request: &Request,
    user: Option<&ApiUser>,
    effects: &Effects,
    number: usize,
) -> Result<Answer, SoapFault> {
    let mut tenant = lock(&shared.tenant);
    let answer = execute(shared, &mut tenant, request, user, effects);
    // The entry is written under the tenant's lock: whoever sees the record sees the entry, too.
    if let (Ok(answer), Some(call)) = (&answer, lock(&shared.calls).get_mut(number)) {
        call.return_code = answer.return_code;
        call.committed = !answer.committed.is_empty();
        call.ids = answer.committed.clone();
    }
    answer
}

fn thread_refusal(shared: &Shared, request: &Request, number: usize) -> HttpReply {
    let text = format!(
        "Itgenatr005: The Autotask API thread threshold of {} threads has been exceeded. ({})",
        lock(&shared.tenant).settings.thread_limit,
        request.operation
    );
    let refused = ops::refuse(&lock(&shared.tenant), request, &text);
    if let (Ok(answer), Some(call)) = (&refused, lock(&shared.calls).get_mut(number)) {
        call.return_code = answer.return_code;
    }
    plain(refused)
}

fn plain(answer: Result<Answer, SoapFault>) -> HttpReply {
    match answer {
        Ok(answer) => HttpReply::new(200, XML, answer.xml),
        Err(fault) => HttpReply::fault(&fault),
    }
}

/// The reply; `None` closes the connection.
fn end(
    shared: &Shared,
    http: &HttpCall,
    request: &Request,
    user: Option<&ApiUser>,
    effects: &Effects,
    done: Option<Result<Answer, SoapFault>>,
    number: usize,
) -> Option<HttpReply> {
    let Some(fault) = &effects.end else {
        return done.map(plain);
    };
    // What the answer would have been, without storing anything.
    let rehearsed = || {
        let mut copy = lock(&shared.tenant).clone();
        execute(shared, &mut copy, request, user, effects)
    };
    Some(match fault {
        Fault::LoseAnswerAfterCommit | Fault::DropBeforeCommit | Fault::CommitLater(_) => {
            return None;
        }
        Fault::Redirect307 => {
            let mut reply = HttpReply::new(307, HTML, "<html><body>Moved</body></html>");
            let location = format!("http://{}{}?redirected=1", shared.address, http.path);
            reply.header = Some(("location", location));
            reply
        }
        Fault::Unauthorized401 => HttpReply::unauthorized(shared),
        Fault::Status500Html => HttpReply::new(500, HTML, PAGE),
        Fault::Html200 => HttpReply::new(200, HTML, PAGE),
        Fault::Status(status) => HttpReply::new(
            *status,
            "text/plain; charset=utf-8",
            format!("Status {status}"),
        ),
        Fault::SoapFault => HttpReply::fault(&SoapFault::server(
            "Server was unable to process request. ---> An unexpected error has occurred.",
        )),
        Fault::ThreadLimit => thread_refusal(shared, request, number),
        Fault::TruncatedBody { .. } => {
            let mut reply = plain(done.unwrap_or_else(rehearsed));
            halve(&mut reply.body);
            reply
        }
        Fault::BrokenBody { .. } => {
            let mut reply = plain(done.unwrap_or_else(rehearsed));
            reply.broken = true;
            reply
        }
        Fault::SearchLag(_)
        | Fault::HideEntity
        | Fault::EditMarkerAway { .. }
        | Fault::SplitTimeEntry { .. }
        | Fault::Delay(_)
        | Fault::DelayAnswer(_)
        | Fault::CommitFirst => return done.map(plain),
    })
}

/// Cuts a text in the middle, but not through a character.
fn halve(text: &mut String) {
    let mut middle = text.len() / 2;
    while !text.is_char_boundary(middle) {
        middle -= 1;
    }
    text.truncate(middle);
}

/// Moves the tenant to its next zone.
pub(crate) fn move_zone(shared: &Shared) -> u32 {
    shared.zone.fetch_add(1, Ordering::SeqCst) + 1
}
