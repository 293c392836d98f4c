//! Connections: one for each call, and answers without a stated length, as appliances send them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bomgar_api::{Client, ClientBuilder, Credentials, ErrorKind, RetryPolicy};

/// A server on loopback that speaks HTTP by hand. It keeps connections open unless the client
/// wants them closed, and counts them.
struct Server {
    url: String,
    connections: Arc<AtomicUsize>,
}

impl Server {
    /// Answers calls with what `answer` writes.
    fn start(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = answer.clone();
                std::thread::spawn(move || serve(stream, &*answer));
            }
        });
        Server { url, connections }
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder(&self.url, Credentials::oauth("a", "b")).retry(RetryPolicy::none())
    }
}

fn serve(mut stream: TcpStream, answer: &(impl Fn(&mut TcpStream) + ?Sized)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let lower = head.to_ascii_lowercase();
        let length = lower
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let mut body = vec![0; length.map_or(0, |length| length.trim().parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        if lower.starts_with("post /oauth2/token") {
            chunked(
                &mut stream,
                "application/json",
                r#"{"access_token":"t","expires_in":3600}"#,
            );
        } else {
            answer(&mut stream);
        }
        if lower.contains("connection: close") {
            let _ = stream.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

fn head(stream: &mut TcpStream, kind: &str) {
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
}

fn chunk(stream: &mut TcpStream, data: &str) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n{data}\r\n", data.len()).as_bytes())
}

fn chunked(stream: &mut TcpStream, kind: &str, body: &str) {
    head(stream, kind);
    for piece in body.as_bytes().chunks(7) {
        let _ = chunk(stream, std::str::from_utf8(piece).unwrap());
    }
    let _ = stream.write_all(b"0\r\n\r\n");
}

const INFO: &str = "<api_information><api_version>1.22.2</api_version></api_information>";

#[tokio::test]
async fn each_call_has_a_connection_of_its_own() {
    let server = Server::start(|stream| chunked(stream, "text/xml", INFO));
    let client = server.builder().build().unwrap();
    for _ in 0..3 {
        assert_eq!(client.api_info().await.unwrap().api_version, "1.22.2");
    }
    assert_eq!(
        server.connections.load(Ordering::SeqCst),
        4,
        "one for the token, three for calls"
    );
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off_at_the_limit() {
    let server = Server::start(|stream| {
        head(stream, "text/xml");
        let _ = chunk(stream, "<api_information>");
        let blanks = " ".repeat(1000);
        // Far beyond the limit is endless enough, and ends should the limit be broken.
        for _ in 0..10_000 {
            if chunk(stream, &blanks).is_err() {
                return;
            }
        }
    });
    let client = server.builder().max_body_bytes(100_000).build().unwrap();
    assert_eq!(
        client.api_info().await.unwrap_err().kind(),
        ErrorKind::TooLarge
    );
}

#[tokio::test]
async fn a_connection_lost_inside_the_answer_is_never_taken_for_its_end() {
    let server = Server::start(|stream| {
        head(stream, "text/xml");
        // What came so far would be a whole document.
        let _ = chunk(stream, INFO);
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    let error = server
        .builder()
        .build()
        .unwrap()
        .api_info()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.is_retryable());
}

#[tokio::test]
async fn an_answer_that_stops_coming_is_given_up() {
    let server = Server::start(|stream| {
        head(stream, "text/xml");
        let _ = chunk(stream, "<api_information>");
        std::thread::sleep(std::time::Duration::from_secs(5));
    });
    let timeout = std::time::Duration::from_millis(100);
    let client = server.builder().read_timeout(timeout).build().unwrap();
    assert_eq!(
        client.api_info().await.unwrap_err().kind(),
        ErrorKind::Timeout
    );
}
