//! One answer before it becomes bytes on a connection.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;

pub(crate) const XML: &str = "text/xml; charset=UTF-8";
pub(crate) const JSON: &str = "application/json";
pub(crate) const HTML: &str = "text/html; charset=UTF-8";
pub(crate) const TEXT: &str = "text/plain; charset=UTF-8";

pub(crate) type Body = BoxBody<Bytes, io::Error>;

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
    /// Send about half of the body, then close the connection.
    pub(crate) truncated: bool,
}

impl Reply {
    pub(crate) fn new(status: StatusCode, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type,
            headers: Vec::new(),
            body,
            truncated: false,
        }
    }

    pub(crate) fn xml(body: String) -> Self {
        Self::new(StatusCode::OK, XML, body)
    }

    pub(crate) fn json(status: StatusCode, body: &serde_json::Value) -> Self {
        Self::new(status, JSON, body.to_string())
    }

    pub(crate) fn html(status: StatusCode, title: &str) -> Self {
        let body = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\
             <body><h1>{title}</h1></body></html>\n"
        );
        Self::new(status, HTML, body)
    }

    pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Self {
        Self::new(status, TEXT, body.into())
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer with the appliance's usual headers and a body of unknown length, which HTTP/1.1
    /// sends in chunks.
    pub(crate) fn into_response(self) -> Response<Body> {
        let mut response = Response::new(chunks(self.body, self.truncated));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        let mut add = |name: &'static str, value: &str| {
            // Values are the simulator's own; one that HTTP cannot carry is left out.
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(HeaderName::from_static(name), value);
            }
        };
        add("server", "Apache");
        add(
            "cache-control",
            "must-revalidate, no-cache, no-store, post-check=0, pre-check=0, private",
        );
        add(
            "strict-transport-security",
            "max-age=31536000; includeSubDomains",
        );
        add("vary", "X-Requested-With,Authorization");
        add(
            "set-cookie",
            "global_warnings=deleted; path=/login; HttpOnly",
        );
        add("content-type", self.content_type);
        for (name, value) in &self.headers {
            add(name, value);
        }
        response
    }
}

/// Splits at odd places, also inside of a character, so that no client may decode a chunk alone.
fn chunks(body: String, truncated: bool) -> Body {
    let bytes = Bytes::from(body);
    let length = if truncated {
        bytes.len() / 2
    } else {
        bytes.len()
    };
    let mut parts = Vec::new();
    let mut from = 0;
    while from < length {
        let to = (from + 1021).min(length);
        parts.push(Ok(Frame::data(bytes.slice(from..to))));
        from = to;
    }
    if truncated {
        parts.push(Err(io::Error::other(
            "simulated fault: the body ends early",
        )));
    }
    BodyExt::boxed(StreamBody::new(stream::iter(parts)))
}
