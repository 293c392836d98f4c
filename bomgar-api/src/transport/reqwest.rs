//! The transport over reqwest.

use std::time::Duration;

use ::reqwest::redirect::Policy;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};

use super::{Transport, TransportError, TransportErrorKind};
use crate::error::{Error, ErrorKind, Result};

/// Limits and switches of the default transport.
#[derive(Clone, Debug)]
pub(crate) struct HttpOptions {
    pub(crate) connect_timeout: Duration,
    pub(crate) read_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) max_body_bytes: usize,
    /// Whether proxies named in the environment are ignored.
    pub(crate) direct: bool,
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
            timeout: Duration::from_secs(300),
            max_body_bytes: 256 * 1024 * 1024,
            direct: false,
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
    max_body_bytes: usize,
}

impl HttpTransport {
    pub(crate) fn new(options: &HttpOptions) -> Result<Self> {
        let mut builder = ::reqwest::Client::builder()
            .http1_only()
            .pool_max_idle_per_host(0)
            .redirect(Policy::none())
            .referer(false)
            .retry(::reqwest::retry::never())
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.timeout);
        if options.direct {
            builder = builder.no_proxy();
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
        Ok(HttpTransport {
            client,
            max_body_bytes: options.max_body_bytes,
        })
    }
}

#[async_trait::async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let request = ::reqwest::Request::try_from(request).map_err(classify)?;
        let mut response = self.client.execute(request).await.map_err(classify)?;

        let too_large = || {
            let message = format!("the limit is {} bytes", self.max_body_bytes);
            TransportError::new(TransportErrorKind::TooLarge, message)
        };
        if response
            .content_length()
            .is_some_and(|length| length > self.max_body_bytes as u64)
        {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(classify)? {
            if body.len() + chunk.len() > self.max_body_bytes {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
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
