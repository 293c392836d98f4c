//! The transport over reqwest.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use ::reqwest::redirect::Policy;
use bytes::Bytes;
use futures_core::Stream;
use http::{Request, Response};
use http_body::Body as _;
use secrecy::{ExposeSecret, SecretString};

use super::{Body, Transport, TransportError, TransportErrorKind};
use crate::error::{Error, ErrorKind, Result};

/// Limits and switches of the default transport.
#[derive(Clone, Debug)]
pub(crate) struct HttpOptions {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    /// Whether proxies named in the environment are ignored.
    pub(crate) direct: bool,
    pub(crate) proxy: Option<String>,
    pub(crate) proxy_user: Option<(String, SecretString)>,
    #[cfg(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ))]
    pub(crate) accept_invalid_certs: bool,
    #[cfg(any(
        feature = "rustls",
        feature = "native-tls",
        feature = "rustls-no-provider"
    ))]
    pub(crate) root_certificates: Vec<Bytes>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        HttpOptions {
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            direct: false,
            proxy: None,
            proxy_user: None,
            #[cfg(any(
                feature = "rustls",
                feature = "native-tls",
                feature = "rustls-no-provider"
            ))]
            accept_invalid_certs: false,
            #[cfg(any(
                feature = "rustls",
                feature = "native-tls",
                feature = "rustls-no-provider"
            ))]
            root_certificates: Vec::new(),
        }
    }
}

/// The default transport: HTTP/1.1, one connection for each request.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: ::reqwest::Client,
}

impl HttpTransport {
    pub(crate) fn new(options: &HttpOptions) -> Result<Self> {
        let mut builder = ::reqwest::Client::builder()
            .http1_only()
            .pool_max_idle_per_host(0)
            .redirect(Policy::none())
            .referer(false)
            // Whatever other crates switch on in reqwest: bodies are given as they come.
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .retry(::reqwest::retry::never())
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout);
        if options.direct {
            builder = builder.no_proxy();
        } else if let Some(url) = &options.proxy {
            builder = builder.proxy(proxy(url, options.proxy_user.as_ref())?);
        }
        #[cfg(any(
            feature = "rustls",
            feature = "native-tls",
            feature = "rustls-no-provider"
        ))]
        {
            for pem in &options.root_certificates {
                let certificates =
                    ::reqwest::Certificate::from_pem_bundle(pem).map_err(|error| {
                        Error::new(ErrorKind::Config, "a root certificate is not PEM")
                            .with_source(error)
                    })?;
                builder = builder.tls_certs_merge(certificates);
            }
            if options.accept_invalid_certs {
                builder = builder.tls_danger_accept_invalid_certs(true);
            }
        }
        let client = builder.build().map_err(|error| {
            Error::new(ErrorKind::Config, "the HTTP client cannot be set up").with_source(error)
        })?;
        Ok(HttpTransport { client })
    }
}

fn proxy(url: &str, user: Option<&(String, SecretString)>) -> Result<::reqwest::Proxy> {
    // The text may hold a password, so it is not repeated; neither is the source, which quotes it.
    let invalid = |what: &str| Error::new(ErrorKind::Config, format!("the proxy's address {what}"));
    let parsed = url::Url::parse(url).map_err(|_| invalid("is not a URL"))?;
    if !matches!(parsed.scheme(), "http" | "https") || !parsed.has_host() {
        return Err(invalid("is not an http or https URL"));
    }
    if !parsed.username().is_empty() || parsed.password().is_some() {
        return Err(invalid("must not contain a user name"));
    }
    let proxy = ::reqwest::Proxy::all(parsed).map_err(|_| invalid("cannot be used"))?;
    Ok(match user {
        Some((name, password)) => proxy.basic_auth(name, password.expose_secret()),
        None => proxy,
    })
}

#[async_trait::async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let request = ::reqwest::Request::try_from(request).map_err(classify)?;
        let response = self.client.execute(request).await.map_err(classify)?;
        let length = response.content_length();
        let (parts, body) = Response::<::reqwest::Body>::from(response).into_parts();
        let body = Body::from_stream(Chunks(body)).with_length(length);
        Ok(Response::from_parts(parts, body))
    }
}

/// The data frames of a body.
struct Chunks(::reqwest::Body);

impl Stream for Chunks {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let frame = match ready!(Pin::new(&mut self.0).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(classify(error)))),
                Some(Ok(frame)) => frame,
            };
            // Trailers say nothing that is wanted.
            if let Ok(data) = frame.into_data() {
                return Poll::Ready(Some(Ok(data)));
            }
        }
    }
}

fn classify(error: ::reqwest::Error) -> TransportError {
    let kind = if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else {
        TransportErrorKind::Other
    };
    TransportError::new(kind, error.without_url())
}
