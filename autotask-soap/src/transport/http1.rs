//! The default transport: HTTP/1.1 by reqwest.

use super::{Phase, RequestTimeout, Transport, TransportError};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use std::time::Duration;

/// Settings of [`HttpTransport`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HttpOptions {
    /// How long a connection may take to come about, TLS included. Default: 10 seconds.
    pub connect_timeout: Duration,
    /// How long a request may take that does not say so itself. Default: 180 seconds; the server
    /// ends any call after 5 minutes.
    pub timeout: Duration,
    /// Greatest size of an answer in bytes. Default: 64 MiB.
    ///
    /// Of the page beside a status that is no success, as much as arrives is kept, and at most
    /// 1 MiB: the status says more than the page, and is not lost for it.
    pub max_body: usize,
    /// The `User-Agent`. Default: name and version of this crate.
    pub user_agent: String,
    /// Whether proxies named by the environment (`HTTPS_PROXY` and so on) are used. Default: yes.
    pub proxy_from_environment: bool,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(180),
            max_body: 64 * 1024 * 1024,
            user_agent: concat!("autotask-soap/", env!("CARGO_PKG_VERSION")).to_owned(),
            proxy_from_environment: true,
        }
    }
}

/// HTTP/1.1 with kept-alive connections; follows no redirects and repeats nothing by itself.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
    timeout: Duration,
    max_body: usize,
}

impl HttpTransport {
    /// A transport with these settings.
    ///
    /// # Errors
    ///
    /// When TLS cannot be set up or the `User-Agent` is no legal header value.
    pub fn new(options: &HttpOptions) -> Result<Self, TransportError> {
        let mut builder = reqwest::Client::builder()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(options.connect_timeout)
            // A connection that the server closed meanwhile makes a write ambiguous, so that old
            // ones are not used any more.
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent(&options.user_agent);
        if !options.proxy_from_environment {
            builder = builder.no_proxy();
        }
        #[cfg(any(
            feature = "rustls",
            feature = "native-tls",
            feature = "rustls-no-provider"
        ))]
        {
            builder = builder.tls_version_min(reqwest::tls::Version::TLS_1_2);
        }
        let client = builder
            .build()
            .map_err(|error| TransportError::new(Phase::NotConnected, error))?;
        Ok(Self {
            client,
            timeout: options.timeout,
            max_body: options.max_body,
        })
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let timeout = request
            .extensions()
            .get::<RequestTimeout>()
            .map_or(self.timeout, |given| given.0);
        let mut request: reqwest::Request = request
            .try_into()
            .map_err(|error| TransportError::new(Phase::NotConnected, error))?;
        *request.timeout_mut() = Some(timeout);
        let mut response = self.client.execute(request).await.map_err(lost)?;
        let mut answer = http::Response::new(Bytes::new());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        *answer.body_mut() = if answer.status().is_success() {
            whole(response, self.max_body).await?
        } else {
            beginning(response, self.max_body.min(MAX_PAGE)).await
        };
        Ok(answer)
    }
}

/// Most that is kept of a page beside a status that is no success.
const MAX_PAGE: usize = 1024 * 1024;

async fn whole(mut response: reqwest::Response, most: usize) -> Result<Bytes, TransportError> {
    let too_large = || {
        let text = format!("the answer is larger than {most} bytes");
        TransportError::new(Phase::Other, text)
    };
    let announced = response.content_length().unwrap_or_default();
    if usize::try_from(announced).map_or(true, |length| length > most) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(lost)? {
        if body.len() + chunk.len() > most {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// As much of the body as arrives, but no more than this.
async fn beginning(mut response: reqwest::Response, most: usize) -> Bytes {
    let mut body = BytesMut::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        let room = most - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if body.len() >= most {
            break;
        }
    }
    body.freeze()
}

/// A time-out while connecting counts as not connected: no byte of the request is sent before the
/// connection stands.
fn lost(error: reqwest::Error) -> TransportError {
    let phase = if error.is_connect() || error.is_builder() {
        Phase::NotConnected
    } else if error.is_timeout() {
        Phase::Timeout
    } else {
        Phase::Interrupted
    };
    TransportError::new(phase, error.without_url())
}
