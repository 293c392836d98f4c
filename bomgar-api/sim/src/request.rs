//! One incoming HTTP request, its parameters read from query string and form body alike.

use bytes::Bytes;
use http::{HeaderMap, Method};

#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Incoming {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The media type of the body, lower-case, without parameters.
    pub(crate) fn media_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(
            value
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase(),
        )
    }

    /// True if the body is something else than a form. An empty body is always fine: some clients
    /// post with everything in the query string.
    pub(crate) fn has_foreign_body(&self) -> bool {
        !self.body.is_empty()
            && self.media_type().as_deref() != Some("application/x-www-form-urlencoded")
    }

    /// Query string first, then the form body.
    pub(crate) fn params(&self) -> Params {
        let mut pairs = Vec::new();
        if let Some(query) = &self.query {
            pairs.extend(form_urlencoded::parse(query.as_bytes()).into_owned());
        }
        if !self.has_foreign_body() {
            pairs.extend(form_urlencoded::parse(&self.body).into_owned());
        }
        Params(pairs)
    }
}

/// Request parameters. Of a name given twice the last value counts.
#[derive(Debug, Default)]
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    #[cfg(test)]
    pub(crate) fn of<const N: usize>(pairs: [(&str, &str); N]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// A parameter that is there and not empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// `session.custom.*` without the prefix, in the order given.
    pub(crate) fn custom(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(|(key, value)| {
            key.strip_prefix("session.custom.")
                .map(|code| (code, value.as_str()))
        })
    }

    /// Everything but passwords and secrets, for the list of calls.
    pub(crate) fn loggable(&self) -> Vec<(String, String)> {
        self.0
            .iter()
            .filter(|(key, _)| key != "password" && key != "client_secret")
            .cloned()
            .collect()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }
}
