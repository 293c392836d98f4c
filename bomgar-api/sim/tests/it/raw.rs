//! HTTP as it goes over the connection, read without any HTTP library.

use std::time::Duration;

use bomgar_sim::BomgarSim;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Far longer than anything here takes.
pub(crate) const SOON: Duration = Duration::from_secs(20);

pub(crate) struct Raw {
    pub(crate) head: String,
    /// The body with its chunk framing.
    pub(crate) framed: Vec<u8>,
}

impl Raw {
    pub(crate) fn split(bytes: &[u8]) -> Self {
        let at = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap();
        Self {
            head: String::from_utf8(bytes[..at].to_vec()).unwrap(),
            framed: bytes[at + 4..].to_vec(),
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .collect()
    }

    /// The body, and whether it had its proper end.
    pub(crate) fn dechunked(&self) -> (Vec<u8>, bool) {
        let mut body = Vec::new();
        let mut rest = &self.framed[..];
        loop {
            let Some(line) = rest.windows(2).position(|w| w == b"\r\n") else {
                return (body, false);
            };
            let text = std::str::from_utf8(&rest[..line]).unwrap();
            let length = usize::from_str_radix(text, 16).unwrap();
            if length == 0 {
                return (body, true);
            }
            let start = line + 2;
            if rest.len() < start + length + 2 {
                body.extend_from_slice(&rest[start..rest.len().min(start + length)]);
                return (body, false);
            }
            body.extend_from_slice(&rest[start..start + length]);
            rest = &rest[start + length + 2..];
        }
    }

    pub(crate) fn text(&self) -> String {
        let (body, complete) = self.dechunked();
        assert!(complete, "the body ended early");
        String::from_utf8(body).unwrap()
    }
}

pub(crate) async fn connect(sim: &BomgarSim) -> TcpStream {
    let base = sim.base_url();
    TcpStream::connect(base.strip_prefix("http://").unwrap())
        .await
        .unwrap()
}

/// A GET with `Connection: close`, as bytes.
pub(crate) fn request(path: &str, token: &str) -> Vec<u8> {
    format!(
        "GET {path} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer {token}\r\n\
         Connection: close\r\n\r\n"
    )
    .into_bytes()
}

/// One call on a connection of its own, read until the appliance closes it.
pub(crate) async fn call(sim: &BomgarSim, path: &str, token: &str) -> Raw {
    let mut stream = connect(sim).await;
    stream.write_all(&request(path, token)).await.unwrap();
    let mut bytes = Vec::new();
    tokio::time::timeout(SOON, stream.read_to_end(&mut bytes))
        .await
        .unwrap()
        .unwrap();
    Raw::split(&bytes)
}
