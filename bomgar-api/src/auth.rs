//! Credentials, and the one access token that all calls share.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use crate::call::{check_status, form_request, json_message};
use crate::error::{Error, ErrorKind, Result};

/// The operation that errors about tokens name.
const OPERATION: &str = "oauth2/token";
/// The documented life of a token whose answer does not state one.
const DEFAULT_LIFE: Duration = Duration::from_secs(3600);
/// How long a token that was fetched in place of a refused one, and refused as well, is not replaced
/// again: the tokens of an account are few, and others need theirs.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long before its end a token is replaced, at most.
const MARGIN: Duration = Duration::from_secs(60);

/// Who calls. Secrets and passwords are in no debug output.
///
/// ```
/// use bomgar_api::Credentials;
///
/// let account = Credentials::oauth("0123456789abcdef", "not to be told");
/// assert!(!format!("{account:?}").contains("told"));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Credentials {
    /// An API account, for version 16.2.1 and newer.
    OAuth {
        /// OAuth Client ID of the account.
        client_id: String,
        /// OAuth Client Secret of the account.
        client_secret: SecretString,
    },
    /// A user, for older versions.
    User {
        /// The log-in name.
        username: String,
        /// The password.
        password: SecretString,
    },
}

impl Credentials {
    /// An API account's OAuth client ID and secret.
    pub fn oauth(client_id: impl Into<String>, client_secret: impl Into<SecretString>) -> Self {
        Credentials::OAuth {
            client_id: client_id.into(),
            client_secret: client_secret.into(),
        }
    }

    /// A user's name and password, for versions that have no API accounts.
    ///
    /// The user must be allowed to use the Command API; reports and some commands need further
    /// rights, as the requests say. The password is sent with each request.
    pub fn user(username: impl Into<String>, password: impl Into<SecretString>) -> Self {
        Credentials::User {
            username: username.into(),
            password: password.into(),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Credentials::OAuth { client_id, .. } => f
                .debug_struct("OAuth")
                .field("client_id", client_id)
                .finish_non_exhaustive(),
            Credentials::User { username, .. } => f
                .debug_struct("User")
                .field("username", username)
                .finish_non_exhaustive(),
        }
    }
}

/// An access token.
#[derive(Clone, Debug)]
pub(crate) struct Token {
    value: SecretString,
    renew_at: Instant,
    serial: u64,
    /// When it was fetched in place of one that was refused.
    replaced_at: Option<Instant>,
}

impl Token {
    pub(crate) fn authorize(&self, request: &mut Request<Bytes>) -> Result<()> {
        let value = format!("Bearer {}", self.value.expose_secret());
        set_authorization(request, &value)
    }
}

/// Adds user name and password to the parameters of a request: to its form if it has one, else to
/// its query.
pub(crate) fn add_user(
    request: &mut Request<Bytes>,
    username: &str,
    password: &SecretString,
) -> Result<()> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value == "application/x-www-form-urlencoded");
    let parameters = match is_form {
        true => String::from_utf8_lossy(request.body()).into_owned(),
        false => request.uri().query().unwrap_or_default().to_owned(),
    };
    let mut form = form_urlencoded::Serializer::for_suffix(parameters, 0);
    form.append_pair("username", username)
        .append_pair("password", password.expose_secret());
    let parameters = form.finish();
    if is_form {
        *request.body_mut() = Bytes::from(parameters);
        return Ok(());
    }
    let mut parts = request.uri().clone().into_parts();
    let path = format!("{}?{parameters}", request.uri().path());
    // The source is left out: nothing about a secret goes into messages.
    let invalid = || Error::new(ErrorKind::Config, "the request's address is not valid");
    parts.path_and_query = Some(path.parse().map_err(|_| invalid())?);
    *request.uri_mut() = http::Uri::from_parts(parts).map_err(|_| invalid())?;
    Ok(())
}

fn set_authorization(request: &mut Request<Bytes>, value: &str) -> Result<()> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        // The source is left out: nothing about a secret goes into messages.
        Error::new(
            ErrorKind::Config,
            "a credential has characters that HTTP forbids",
        )
    })?;
    value.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, value);
    Ok(())
}

/// Keeps one token for all calls. An account may have 30 tokens; the appliance ends the oldest
/// without a word when there is one more, so each client makes as few as it can.
pub(crate) struct TokenCache {
    state: Mutex<State>,
    /// How many attempts to get a token have failed.
    failures: AtomicU64,
    /// The serial of the last token that the appliance accepted.
    accepted: AtomicU64,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    last_failure: Option<Error>,
    serial: u64,
}

/// Gets a token from the appliance.
#[async_trait::async_trait]
pub(crate) trait FetchToken: Sync {
    async fn fetch(&self) -> Result<Grant>;
    fn now(&self) -> Instant;
}

impl TokenCache {
    pub(crate) fn new() -> Self {
        TokenCache {
            state: Mutex::default(),
            failures: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
        }
    }

    /// Notes that the appliance accepted a token.
    pub(crate) fn accept(&self, token: &Token) {
        self.accepted.fetch_max(token.serial, Ordering::Relaxed);
    }

    /// Whether a refused token should be replaced. One that was never accepted and that itself
    /// replaces a refused one is not at fault.
    pub(crate) fn may_replace(&self, refused: &Token, now: Instant) -> bool {
        self.accepted.load(Ordering::Relaxed) >= refused.serial
            || refused
                .replaced_at
                .is_none_or(|at| now.saturating_duration_since(at) >= PATIENCE)
    }

    /// The shared token, fetched when there is none or it is about to end. `rejected` is a token
    /// the appliance refused; it is not used again.
    pub(crate) async fn token(
        &self,
        source: &impl FetchToken,
        rejected: Option<&Token>,
    ) -> Result<Token> {
        let failures = self.failures.load(Ordering::Acquire);
        // Whoever holds the lock fetches, the others wait for the result.
        let mut state = self.state.lock().await;
        if let Some(token) = &state.token {
            let refused = rejected.is_some_and(|rejected| rejected.serial == token.serial);
            if !refused && source.now() < token.renew_at {
                return Ok(token.clone());
            }
        }
        state.token = None;
        if self.failures.load(Ordering::Acquire) != failures {
            if let Some(error) = &state.last_failure {
                return Err(error.clone());
            }
        }
        match source.fetch().await {
            Ok(grant) => {
                let margin = MARGIN.min(grant.life / 10);
                state.serial += 1;
                let token = Token {
                    value: grant.token,
                    renew_at: source.now() + (grant.life - margin),
                    serial: state.serial,
                    replaced_at: rejected.map(|_| source.now()),
                };
                state.last_failure = None;
                state.token = Some(token.clone());
                Ok(token)
            }
            Err(error) => {
                state.last_failure = Some(error.clone());
                self.failures.fetch_add(1, Ordering::Release);
                Err(error)
            }
        }
    }
}

/// What the appliance grants.
#[derive(Debug)]
pub(crate) struct Grant {
    token: SecretString,
    life: Duration,
}

/// The request for a token.
pub(crate) fn token_request(
    base: &str,
    client_id: &str,
    client_secret: &SecretString,
) -> Result<Request<Bytes>> {
    let url = format!("{base}/oauth2/token");
    let mut request = form_request(&url, "grant_type=client_credentials".into())?;
    request
        .headers_mut()
        .insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let pair = format!("{client_id}:{}", client_secret.expose_secret());
    set_authorization(&mut request, &format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|error| error.with_operation(OPERATION))?;
    Ok(request)
}

/// Reads the answer to [`token_request`]. Errors never keep the body, which may hold a token.
pub(crate) fn read_grant(response: &Response<Bytes>) -> Result<Grant> {
    grant(response).map_err(|error| error.with_operation(OPERATION))
}

fn grant(response: &Response<Bytes>) -> Result<Grant> {
    let body = response.body();
    let wrong_client = response.status() == StatusCode::UNAUTHORIZED
        || (response.status() == StatusCode::BAD_REQUEST && names_invalid_client(body));
    if wrong_client {
        let message = "the appliance does not know this OAuth client";
        return Err(Error::new(ErrorKind::InvalidClient, message)
            .with_status(response.status().as_u16())
            .with_server_text(json_message(body)));
    }
    check_status(response).map_err(Error::without_raw_body)?;
    if body.trim_ascii_start().starts_with(b"<") {
        let message = "the appliance answered with a page where a token belongs";
        return Err(Error::new(ErrorKind::WrongContent, message));
    }
    let malformed = |what: &str| {
        Error::new(
            ErrorKind::Malformed,
            format!("the answer is not a token: {what}"),
        )
    };
    // The parser's error is left out, because it may quote the body.
    let json: serde_json::Value =
        serde_json::from_slice(body).map_err(|_| malformed("it is not JSON"))?;
    let token = json["access_token"]
        .as_str()
        .filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| malformed("access_token is missing"))?;
    if let Some(kind) = json["token_type"].as_str() {
        if !kind.eq_ignore_ascii_case("bearer") {
            return Err(malformed("token_type is not Bearer"));
        }
    }
    let seconds = match &json["expires_in"] {
        serde_json::Value::String(text) => text.trim().parse().ok(),
        number => number.as_u64(),
    };
    Ok(Grant {
        token: token.into(),
        life: seconds
            // A token that ends at once would be fetched for each call.
            .filter(|seconds| *seconds > 0)
            .map_or(DEFAULT_LIFE, Duration::from_secs)
            .min(24 * DEFAULT_LIFE),
    })
}

fn names_invalid_client(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|json| json["error"].as_str() == Some("invalid_client"))
}

/// How calls are authenticated.
#[derive(Clone)]
pub(crate) struct Auth {
    pub(crate) credentials: Credentials,
    pub(crate) tokens: Arc<TokenCache>,
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        Response::builder()
            .status(status)
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap()
    }

    #[test]
    fn token_answers_are_read_in_all_spellings() {
        for (body, life) in [
            (
                r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#,
                3600,
            ),
            (
                r#"{"access_token":"t","token_type":"bearer","expires_in":1799}"#,
                1799,
            ),
            (r#"{"access_token":"t","expires_in":"60"}"#, 60),
            (r#"{"access_token":"t"}"#, 3600),
        ] {
            let grant = read_grant(&answer(200, body)).unwrap();
            assert_eq!(
                (grant.token.expose_secret(), grant.life.as_secs()),
                ("t", life)
            );
        }
    }

    #[test]
    fn a_wrong_client_is_told_from_everything_else() {
        let body = r#"{"error":"invalid_client","message":"Client authentication failed."}"#;
        for status in [401, 400] {
            let error = read_grant(&answer(status, body)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidClient);
            assert_eq!(error.server_text(), Some("Client authentication failed."));
        }
        for (status, body, kind) in [
            (
                400,
                r#"{"error":"unsupported_grant_type"}"#,
                ErrorKind::HttpStatus,
            ),
            (503, "<html>", ErrorKind::HttpStatus),
            (200, "<html>", ErrorKind::WrongContent),
            (200, "", ErrorKind::Malformed),
            (200, "{}", ErrorKind::Malformed),
            (
                200,
                r#"{"access_token":"s3cret","token_type":"mac"}"#,
                ErrorKind::Malformed,
            ),
        ] {
            let error = read_grant(&answer(status, body)).unwrap_err();
            assert_eq!((error.kind(), error.raw_body()), (kind, None), "{body}");
            assert!(!format!("{error} {error:?}").contains("s3cret"));
        }
    }

    #[test]
    fn secrets_are_not_in_debug_output() {
        let credentials = Credentials::oauth("id", "hunter2");
        let request = token_request("https://a", "id", &"hunter2".into()).unwrap();
        assert_eq!(request.headers()["authorization"], "Basic aWQ6aHVudGVyMg==");
        let debug = format!("{credentials:?} {request:?}");
        assert!(
            !debug.contains("hunter2") && !debug.contains("aHVudGVy"),
            "{debug}"
        );
    }

    #[test]
    fn user_and_password_join_the_form() {
        let mut request = form_request("https://a/", "action=x".into()).unwrap();
        add_user(&mut request, "j d", &"p&w".into()).unwrap();
        assert_eq!(
            request.body().as_ref(),
            b"action=x&username=j+d&password=p%26w"
        );
    }

    struct Source {
        calls: AtomicUsize,
        now: std::sync::Mutex<Instant>,
        fail: bool,
    }

    impl Source {
        fn new(fail: bool) -> Self {
            let now = std::sync::Mutex::new(Instant::now());
            Source {
                calls: AtomicUsize::new(0),
                now,
                fail,
            }
        }

        fn calls(&self) -> usize {
            self.calls.load(Ordering::SeqCst)
        }
    }

    #[async_trait::async_trait]
    impl FetchToken for Source {
        async fn fetch(&self) -> Result<Grant> {
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            if self.fail {
                return Err(Error::new(ErrorKind::InvalidClient, format!("no {call}")));
            }
            Ok(Grant {
                token: format!("t{call}").into(),
                life: Duration::from_secs(3600),
            })
        }

        fn now(&self) -> Instant {
            *self.now.lock().unwrap()
        }
    }

    async fn many(cache: &Arc<TokenCache>, source: &Arc<Source>) -> Vec<Result<Token>> {
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (cache, source) = (cache.clone(), source.clone());
                tokio::spawn(async move { cache.token(&*source, None).await })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap());
        }
        results
    }

    #[tokio::test]
    async fn callers_at_the_same_time_share_one_fetch() {
        let (cache, source) = (Arc::new(TokenCache::new()), Arc::new(Source::new(false)));
        assert!(many(&cache, &source).await.iter().all(Result::is_ok));
        assert_eq!(source.calls(), 1);
        // A rejected token is replaced once, also when several callers report it.
        let old = cache.token(&*source, None).await.unwrap();
        let new = cache.token(&*source, Some(&old)).await.unwrap();
        assert_ne!(new.value.expose_secret(), old.value.expose_secret());
        cache.token(&*source, Some(&old)).await.unwrap();
        assert_eq!(source.calls(), 2);
    }

    #[tokio::test]
    async fn callers_at_the_same_time_share_one_failure() {
        let (cache, source) = (Arc::new(TokenCache::new()), Arc::new(Source::new(true)));
        assert!(many(&cache, &source).await.iter().all(Result::is_err));
        assert_eq!(source.calls(), 1);
        // A later caller tries anew.
        assert!(cache.token(&*source, None).await.is_err());
        assert_eq!(source.calls(), 2);
    }

    #[tokio::test]
    async fn a_token_is_replaced_shortly_before_its_end() {
        let (cache, source) = (TokenCache::new(), Source::new(false));
        cache.token(&source, None).await.unwrap();
        *source.now.lock().unwrap() += Duration::from_secs(3539);
        cache.token(&source, None).await.unwrap();
        assert_eq!(source.calls(), 1);
        *source.now.lock().unwrap() += Duration::from_secs(1);
        cache.token(&source, None).await.unwrap();
        assert_eq!(source.calls(), 2);
    }
}
