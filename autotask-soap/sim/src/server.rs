//! HTTP/1.1 on loopback.

use crate::{
    process::{HttpCall, HttpReply, Reply, process},
    shared::Shared,
};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use std::{fmt, io, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch};

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Ends a connection without an answer.
#[derive(Debug)]
struct Closed;

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is closed on purpose")
    }
}

impl std::error::Error for Closed {}

/// Serves until told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<()>,
) {
    loop {
        let accepted = tokio::select! {
            // The sender's end is the signal.
            _ = stop.changed() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, for example: others may become free.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let shared = shared.clone();
        let mut stop = stop.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(shared.clone(), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                _ = stop.changed() => {}
                // A broken connection is the client's affair, or ours on purpose.
                _ = connection => {}
            }
        });
    }
}

async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response<Body>, Closed> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Closed)?.to_bytes();
    let call = HttpCall {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: parts.headers,
        body,
    };
    // In a task of its own: the server goes on with a call whose client has left.
    let reply = tokio::spawn(process(shared, call))
        .await
        .map_err(|_| Closed)?;
    match reply {
        Reply::Http(reply) => respond(reply),
        Reply::Drop => Err(Closed),
    }
}

fn respond(reply: HttpReply) -> Result<Response<Body>, Closed> {
    let bytes = Bytes::from(reply.body);
    let mut response = Response::builder()
        .status(reply.status)
        .header("content-type", reply.content_type)
        .header("content-length", bytes.len());
    if let Some((name, value)) = reply.header {
        response = response.header(name, value);
    }
    let body = if reply.broken {
        let half = bytes.slice(..bytes.len() / 2);
        let first = stream::once(async move { Ok(Frame::data(half)) });
        let second = stream::once(async {
            // The first half gets time to leave.
            tokio::time::sleep(Duration::from_millis(20)).await;
            Err(io::Error::other("broken on purpose"))
        });
        StreamBody::new(first.chain(second)).boxed_unsync()
    } else {
        Full::new(bytes)
            .map_err(|never| match never {})
            .boxed_unsync()
    };
    response.body(body).map_err(|_| Closed)
}
