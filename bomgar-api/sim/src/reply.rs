//! One answer before it becomes bytes on a connection.

use std::borrow::Cow;
use std::{fmt, io};

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

/// Pieces of a body that is made while it is sent.
pub(crate) type Parts = Box<dyn Iterator<Item = Bytes> + Send + Sync>;

/// A body: text or not, whole or made while it is sent.
pub(crate) enum Content {
    Whole(Bytes),
    Parts(Parts),
}

impl Content {
    pub(crate) fn parts(parts: impl Iterator<Item = Bytes> + Send + Sync + 'static) -> Self {
        Self::Parts(Box::new(parts))
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Whole(Bytes::from(text))
    }
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Whole(Bytes::from(bytes))
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Parts(_) => f.write_str("bytes made while they are sent"),
        }
    }
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: Cow<'static, str>,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Content,
}

impl Reply {
    pub(crate) fn new(
        status: StatusCode,
        content_type: impl Into<Cow<'static, str>>,
        body: impl Into<Content>,
    ) -> Self {
        Self {
            status,
            content_type: content_type.into(),
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Bytes that a browser would save as a file of this name.
    pub(crate) fn file(
        content_type: impl Into<Cow<'static, str>>,
        name: &str,
        body: impl Into<Content>,
    ) -> Self {
        Self::new(StatusCode::OK, content_type, body).header(
            "content-disposition",
            format!("attachment; filename=\"{name}\""),
        )
    }

    pub(crate) fn xml(body: impl Into<Content>) -> Self {
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
        let mut response = Response::new(chunks(self.body));
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
        add("content-type", &self.content_type);
        for (name, value) in &self.headers {
            add(name, value);
        }
        response
    }
}

/// Splits at odd places, also inside of a character, so that no client may decode a chunk alone.
fn split(bytes: Bytes, size: usize) -> impl Iterator<Item = Bytes> {
    let count = bytes.len().div_ceil(size);
    (0..count).map(move |index| {
        let from = index * size;
        bytes.slice(from..(from + size).min(bytes.len()))
    })
}

fn chunks(body: Content) -> Body {
    // Small pieces for small documents, so that every client sees several; larger ones where the
    // pieces are many.
    let parts: Parts = match body {
        Content::Whole(bytes) => {
            let size = if bytes.len() < 256 * 1024 {
                1_021
            } else {
                16_381
            };
            Box::new(split(bytes, size))
        }
        Content::Parts(parts) => Box::new(parts.flat_map(|part| split(part, 16_381))),
    };
    BodyExt::boxed(StreamBody::new(stream::iter(
        parts.map(|part| Ok(Frame::data(part))),
    )))
}
