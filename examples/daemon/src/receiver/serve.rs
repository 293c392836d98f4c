//! The HTTP server: connections, their limits, and the way down.

use super::{Receiver, remote_of};
use axum::extract::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use std::{future::Future, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};
use tower_service::Service;

/// So long open requests may take to finish after the signal to stop.
const FINISH: Duration = Duration::from_secs(10);

/// So long nothing is accepted after the system refused a connection (too many open files).
const PAUSE: Duration = Duration::from_millis(100);

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remote(pub(super) SocketAddr);

impl Receiver {
    /// Serves until `stop` is ready, then lets open requests finish, for at most 10 seconds.
    ///
    /// Several listeners can be served at a time by clones of the receiver; each counts its own
    /// connections.
    pub async fn serve(&self, listener: TcpListener, stop: impl Future<Output = ()>) {
        let config = &self.inner.config;
        let places = Arc::new(Semaphore::new(config.max_connections));
        let graceful = GracefulShutdown::new();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(config.header_timeout.unsigned_abs());
        let router = self.router();

        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                () = &mut stop => break,
                accepted = accept(&listener, &places) => accepted,
            };
            let (stream, address, place) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            };
            let router = router.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let mut router = router.clone();
                let mut request = request.map(axum::body::Body::new);
                request.extensions_mut().insert(remote_of(address));
                async move { Service::call(&mut router, request).await }
            });
            let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, remote = %address.ip(), "a connection ended badly");
                }
                drop(place);
            });
        }
        drop(listener);
        if tokio::time::timeout(FINISH, graceful.shutdown())
            .await
            .is_err()
        {
            tracing::warn!("requests were still open at the end; the appliance sends them again");
        }
    }
}

/// The next connection, as soon as there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(
    tokio::net::TcpStream,
    SocketAddr,
    tokio::sync::OwnedSemaphorePermit,
)> {
    let place = places
        .clone()
        .acquire_owned()
        .await
        .map_err(io::Error::other)?;
    let (stream, address) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream, address, place))
}
