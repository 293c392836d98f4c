//! An answer written byte by byte, for faults that no HTTP library would send.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// How large the chunks are; odd, so that characters and tags are split anywhere.
const CHUNK: usize = 1021;

/// What follows the body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The proper end of the message.
    Complete,
    /// The connection closes although the message goes on.
    Close,
    /// Nothing any more, on an open connection.
    Stall,
    /// These bytes again and again.
    Endless(Bytes),
}

/// One answer as it goes over the connection, which is closed afterwards.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// A length to claim instead of sending chunks.
    pub(crate) claimed_length: Option<u64>,
    /// The pause after each single byte of the body.
    pub(crate) drip: Option<Duration>,
    pub(crate) ending: Ending,
}

impl Wire {
    /// A complete answer in chunks.
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            headers,
            body,
            claimed_length: None,
            drip: None,
            ending: Ending::Complete,
        }
    }

    pub(crate) fn ending(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }

    /// The status line and the headers, with the empty line after them.
    fn head(&self) -> Vec<u8> {
        let mut headers = self.headers.clone();
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        headers.remove(TRANSFER_ENCODING);
        headers.remove(CONTENT_LENGTH);
        match self.claimed_length {
            Some(length) => headers.insert(CONTENT_LENGTH, HeaderValue::from(length)),
            None => headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked")),
        };
        let reason = self.status.canonical_reason().unwrap_or("Status");
        let mut head = format!("HTTP/1.1 {} {reason}\r\n", self.status.as_u16()).into_bytes();
        for (name, value) in &headers {
            head.extend_from_slice(title_case(name.as_str()).as_bytes());
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    async fn part(&self, io: &mut (impl AsyncWrite + Unpin), part: &[u8]) -> io::Result<()> {
        if self.claimed_length.is_some() {
            return io.write_all(part).await;
        }
        let mut framed = format!("{:x}\r\n", part.len()).into_bytes();
        framed.extend_from_slice(part);
        framed.extend_from_slice(b"\r\n");
        io.write_all(&framed).await
    }

    /// Writes everything. Returns when the answer is over or the client has gone.
    pub(crate) async fn send(
        &self,
        io: &mut (impl AsyncRead + AsyncWrite + Unpin),
    ) -> io::Result<()> {
        io.write_all(&self.head()).await?;
        let size = if self.drip.is_some() { 1 } else { CHUNK };
        for part in self.body.chunks(size) {
            self.part(io, part).await?;
            if let Some(pause) = self.drip {
                io.flush().await?;
                // The timer is too coarse for no pause at all.
                if pause.is_zero() {
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(pause).await;
                }
            }
        }
        match &self.ending {
            Ending::Complete => {
                if self.claimed_length.is_none() {
                    io.write_all(b"0\r\n\r\n").await?;
                }
                io.shutdown().await
            }
            Ending::Close => io.flush().await,
            Ending::Stall => {
                io.flush().await?;
                let mut ignored = [0; 64];
                while io.read(&mut ignored).await? > 0 {}
                Ok(())
            }
            Ending::Endless(filler) => loop {
                self.part(io, filler).await?;
            },
        }
    }
}

/// `set-cookie` as `Set-Cookie`.
fn title_case(name: &str) -> String {
    let mut start = true;
    name.chars()
        .map(|c| {
            let out = if start { c.to_ascii_uppercase() } else { c };
            start = c == '-';
            out
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn bytes(wire: &Wire) -> String {
        let (mut near, mut far) = tokio::io::duplex(1 << 20);
        wire.send(&mut near).await.unwrap();
        drop(near);
        let mut all = Vec::new();
        far.read_to_end(&mut all).await.unwrap();
        String::from_utf8(all).unwrap()
    }

    #[tokio::test]
    async fn a_complete_answer_is_proper_http() {
        let mut headers = HeaderMap::new();
        headers.append("set-cookie", HeaderValue::from_static("a=1"));
        let wire = Wire::new(StatusCode::OK, headers, Bytes::from_static(b"<a/>"));
        assert_eq!(
            bytes(&wire).await,
            "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nConnection: close\r\n\
             Transfer-Encoding: chunked\r\n\r\n4\r\n<a/>\r\n0\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn a_cut_answer_has_no_last_chunk() {
        let wire = Wire::new(StatusCode::OK, HeaderMap::new(), Bytes::from_static(b"abc"))
            .ending(Ending::Close);
        assert!(bytes(&wire).await.ends_with("\r\n\r\n3\r\nabc\r\n"));
    }

    #[tokio::test]
    async fn a_claimed_length_stands_instead_of_chunks() {
        let mut wire = Wire::new(StatusCode::OK, HeaderMap::new(), Bytes::from_static(b"abc"))
            .ending(Ending::Close);
        wire.claimed_length = Some(2_147_483_648);
        let text = bytes(&wire).await;
        assert!(text.contains("\r\nContent-Length: 2147483648\r\n"));
        assert!(!text.contains("chunked"));
        assert!(text.ends_with("\r\n\r\nabc"));
    }

    #[tokio::test]
    async fn a_drip_sends_every_byte_alone() {
        let mut wire = Wire::new(StatusCode::OK, HeaderMap::new(), Bytes::from_static(b"ab"));
        wire.drip = Some(Duration::ZERO);
        assert!(
            bytes(&wire)
                .await
                .ends_with("\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n")
        );
    }
}
