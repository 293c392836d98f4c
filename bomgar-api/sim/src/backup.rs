//! The Backup API: one file with everything but recordings.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

use crate::random::mix;
use crate::reply::{Content, Reply};
use crate::request::Incoming;
use crate::state::{Inner, State};
use crate::xml;

/// The first bytes of a simulated backup, by which a test can tell it from an error.
const HEAD: &[u8] = b"NSB simulated backup\n";
const PROTECTED: &[u8] = b"NSB simulated backup, protected\n";

#[derive(Debug)]
pub(crate) struct Backup {
    pub(crate) size: u64,
    pub(crate) passwords: Vec<Option<String>>,
}

impl Default for Backup {
    fn default() -> Self {
        Self {
            size: 4_096,
            passwords: Vec::new(),
        }
    }
}

pub(crate) fn error(text: &str) -> Reply {
    Reply::xml(xml::message("error", None, false, text))
}

/// The password in the JSON body, if there is a body. A form is fine too: it carries the older
/// username and password.
fn password(request: &Incoming) -> Result<Option<String>, Reply> {
    if !request.has_foreign_body() {
        return Ok(None);
    }
    let bad = |text: &str| Reply::json(StatusCode::BAD_REQUEST, &json!({ "message": text }));
    if request.media_type().as_deref() != Some("application/json") {
        return Err(bad("The request body must be JSON."));
    }
    let body: Value =
        serde_json::from_slice(&request.body).map_err(|_| bad("The request body must be JSON."))?;
    match body.get("password") {
        None | Some(Value::Null) if body.is_object() => Ok(None),
        Some(Value::String(password)) => Ok(Some(password.clone())),
        _ => Err(bad("The password must be a text.")),
    }
}

/// `/api/backup`
pub(crate) fn answer(inner: &Inner, state: &mut State, request: &Incoming) -> Reply {
    let password = match password(request) {
        Ok(password) => password,
        Err(reply) => return reply,
    };
    let head = if password.is_some() { PROTECTED } else { HEAD };
    state.documents.backup.passwords.push(password);
    let site = crate::client_script::site(inner);
    Reply::file(
        "application/octet-stream",
        &format!("{site}.nsb"),
        body(state.documents.backup.size, head),
    )
}

/// The head and then noise, cut at `size`.
fn body(size: u64, head: &'static [u8]) -> Content {
    const PART: u64 = 64 * 1024;
    let parts = (0..size.div_ceil(PART)).map(move |index| {
        let mut bytes: Vec<u8> = (0..PART / 8)
            .flat_map(|word| mix(index * PART + word).to_le_bytes())
            .collect();
        if index == 0 {
            for (byte, known) in bytes.iter_mut().zip(head) {
                *byte = *known;
            }
        }
        let left = size - index * PART;
        bytes.truncate(usize::try_from(left).unwrap_or(usize::MAX));
        Bytes::from(bytes)
    });
    Content::parts(parts)
}
