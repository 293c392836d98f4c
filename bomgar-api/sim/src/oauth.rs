//! OAuth 2 client credentials, bearer tokens, and the older username and password.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::accounts::Caller;
use crate::random;
use crate::reply::Reply;
use crate::request::{Incoming, Params};
use crate::state::{Inner, State};
use crate::xml;

/// `POST /oauth2/token`
pub(crate) fn token(inner: &Inner, request: &Incoming) -> Reply {
    if request.method != Method::POST {
        return Reply::html(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
    }
    let fields = fields(request);
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, v)| v.as_str())
    };
    let presented = basic(request).or_else(|| {
        Some((
            field("client_id")?.to_owned(),
            field("client_secret")?.to_owned(),
        ))
    });
    let mut state = inner.state();
    let lifetime = state.token_lifetime;
    let account = presented.and_then(|(id, secret)| {
        state
            .accounts
            .iter_mut()
            .find(|account| account.id == id && account.secret == secret)
    });
    let Some(account) = account else {
        return Reply::json(
            StatusCode::UNAUTHORIZED,
            &json!({"error": "invalid_client", "message": "Client authentication failed."}),
        );
    };
    if field("grant_type") != Some("client_credentials") {
        return Reply::json(
            StatusCode::BAD_REQUEST,
            &json!({
                "error": "unsupported_grant_type",
                "message": "The authorization grant type is not supported by the authorization server."
            }),
        );
    }
    let token = account.make_token(lifetime);
    // Written by hand because the appliance keeps this order of members.
    let body = format!(
        "{{\"access_token\":\"{token}\",\"token_type\":\"{}\",\"expires_in\":{}}}",
        state.token_type,
        lifetime.as_secs()
    );
    Reply::new(StatusCode::OK, crate::reply::JSON, body).header(
        "set-cookie",
        format!("ns_sl={}; path=/; HttpOnly", random::hex32()),
    )
}

fn fields(request: &Incoming) -> Vec<(String, String)> {
    if request.media_type().as_deref() == Some("application/json") {
        // A body that is no JSON object has no fields, which fails as wrong credentials below.
        let value: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        return value
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
            .collect();
    }
    request
        .params()
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

fn basic(request: &Incoming) -> Option<(String, String)> {
    let value = request.header("authorization")?;
    let (scheme, encoded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

fn bearer(request: &Incoming) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The answer to a missing, unknown or dead token.
pub(crate) fn unauthorized() -> Reply {
    Reply::json(
        StatusCode::UNAUTHORIZED,
        &json!({
            "message": "The resource owner or authorization server denied the request.",
            "error": "access_denied"
        }),
    )
}

/// Checks who calls the Command or Reporting API; `Err` is the answer to send.
pub(crate) fn authorize(
    state: &State,
    request: &Incoming,
    params: &Params,
) -> Result<Caller, Reply> {
    if let Some(token) = bearer(request) {
        return state
            .accounts
            .iter()
            .find(|account| account.has_token(token, state.token_lifetime))
            .map(|account| Caller::Account(account.id.clone()))
            .ok_or_else(unauthorized);
    }
    let (Some(username), Some(password)) = (params.get("username"), params.get("password")) else {
        return Err(unauthorized());
    };
    let known = state
        .users
        .iter()
        .any(|user| user.username == username && user.password == password);
    if known {
        return Ok(Caller::User(username.to_owned()));
    }
    // This one text never had a namespace.
    Err(Reply::xml(xml::message(
        "error",
        None,
        false,
        "Login failed",
    )))
}

/// Kills the token that the request carries.
pub(crate) fn revoke(state: &mut State, request: &Incoming) {
    if let Some(token) = bearer(request) {
        for account in &mut state.accounts {
            account.tokens.retain(|(known, _)| known != token);
        }
    }
}
