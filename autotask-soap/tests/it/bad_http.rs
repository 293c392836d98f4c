//! Servers, and what stands before them, that answer badly: too much, too little, too slowly, or
//! something else than HTTP.

use crate::support::{CODE, NoSleep, PASSWORD, USER, note, success, zone};
use autotask_soap::v1_6::{Ticket, TicketNote};
use autotask_soap::{Client, ClientBuilder, Error, ErrorKind, Outcome, Query, RetryPolicy};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A server that looks zones up and says to everything else what a test wants, byte by byte.
struct Server {
    url: String,
    /// Operations that were called, zone lookups left out.
    calls: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url = format!("http://{address}/ATServices/1.6/atws.asmx");
        let calls = Arc::new(Mutex::new(Vec::new()));
        let (seen, zone, answer) = (Arc::clone(&calls), zone(&url), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, zone, answer) = (Arc::clone(&seen), zone.clone(), Arc::clone(&answer));
                std::thread::spawn(move || serve(stream, &seen, &zone, &*answer));
            }
        });
        Self { url, calls }
    }

    fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::start(move |stream| {
            let _ = stream.write_all(&bytes);
        })
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder(USER, PASSWORD, CODE)
            .endpoint(&self.url)
            .retry(RetryPolicy::never())
            .sleep(NoSleep::default())
    }

    fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    fn calls(&self, operation: &str) -> usize {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| *call == operation).count()
    }
}

fn serve(
    mut stream: TcpStream,
    seen: &Mutex<Vec<String>>,
    zone: &str,
    answer: &dyn Fn(&mut TcpStream),
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut action, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
            break;
        }
        let line = line.trim_end();
        if let Some((name, value)) = line.split_once(": ") {
            match name.to_ascii_lowercase().as_str() {
                "soapaction" => action = value.trim_matches('"').rsplit('/').next().unwrap().into(),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
    }
    let mut body = vec![0; length];
    if action.is_empty() || reader.read_exact(&mut body).is_err() {
        return;
    }
    if action == "getZoneInfo" {
        let _ = stream.write_all(&message("200 OK", &[], zone.as_bytes()));
    } else {
        seen.lock().unwrap().push(action);
        answer(&mut stream);
    }
    let _ = stream.shutdown(Shutdown::Write);
    // A connection that is closed on unread bytes is reset, which would lose the answer.
    let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

fn message(status: &str, headers: &[&str], body: &[u8]) -> Vec<u8> {
    let mut message = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for header in headers {
        message.push_str(header);
        message.push_str("\r\n");
    }
    message.push_str("\r\n");
    [message.as_bytes(), body].concat()
}

fn created() -> String {
    success(
        "create",
        r#"<Entity xsi:type="TicketNote"><id xsi:type="xsd:long">9001</id></Entity>"#,
    )
}

/// Sends a write, which must go out once, and gives its error, which must not tell secrets.
async fn create_fails(server: &Server, client: &Client) -> Error {
    let before = server.calls("create");
    let error = client.create(&note()).await.unwrap_err();
    assert_eq!(server.calls("create"), before + 1, "{error}");
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        text.push_str(&format!(" {cause} {cause:?}"));
        source = cause.source();
    }
    assert!(!text.contains(PASSWORD) && !text.contains(CODE), "{text}");
    assert!(!text.contains("Done."), "{text}");
    assert!(text.len() < 5000, "{text:.300}");
    error
}

#[tokio::test]
async fn an_answer_of_stated_length_that_is_cut_at_every_hundredth_is_a_lost_connection() {
    let body = created();
    let whole = message("200 OK", &[], body.as_bytes());
    let server = Server::saying(whole.clone());
    assert_eq!(server.client().create(&note()).await.unwrap().id, 9001);
    for percent in 0..100 {
        let server = Server::saying(&whole[..whole.len() * percent / 100]);
        let error = create_fails(&server, &server.client()).await;
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{percent} %: {error}");
        assert_eq!(error.outcome(), Outcome::Ambiguous);
    }
}

#[tokio::test]
async fn an_answer_that_ends_with_its_connection_is_whole_only_if_its_document_is() {
    let body = created();
    let answer = |length: usize| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n";
        [head.as_bytes(), &body.as_bytes()[..length]].concat()
    };
    let server = Server::saying(answer(body.len()));
    assert_eq!(server.client().create(&note()).await.unwrap().id, 9001);
    for percent in [1, 10, 30, 50, 70, 90, 99] {
        let server = Server::saying(answer(body.len() * percent / 100));
        let error = create_fails(&server, &server.client()).await;
        assert_eq!(error.kind(), ErrorKind::Truncated, "{percent} %: {error}");
        assert_eq!(error.outcome(), Outcome::Ambiguous);
    }
}

#[tokio::test]
async fn what_is_no_http_is_a_lost_connection() {
    for garbage in [
        &b"SSH-2.0-OpenSSH_9.6\r\n"[..],
        b"<html></html>",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        &[0; 500],
        b"",
    ] {
        let server = Server::saying(garbage);
        let error = create_fails(&server, &server.client()).await;
        assert_eq!(error.kind(), ErrorKind::Interrupted, "{error}");
        assert_eq!(error.outcome(), Outcome::Ambiguous);
    }
}

#[tokio::test]
async fn a_status_is_not_hidden_by_the_page_beside_it() {
    let head = |status: &str| {
        format!("HTTP/1.1 {status}\r\nRetry-After: 7\r\nContent-Type: text/html\r\n")
    };
    let endless = |head: String| {
        Server::start(move |stream| {
            let _ = stream.write_all(format!("{head}\r\n<html>").as_bytes());
            // Until the client has enough, which must be long before this ends.
            for _ in 0..50_000 {
                if stream.write_all(&[b'x'; 4096]).is_err() {
                    return;
                }
            }
        })
    };
    for (status, kind, outcome) in [
        ("503 Unavailable", ErrorKind::NotSoap, Outcome::Ambiguous),
        ("429 Too Many", ErrorKind::RateLimited, Outcome::NotStored),
        ("403 Forbidden", ErrorKind::Forbidden, Outcome::NotStored),
        (
            "401 Unauthorized",
            ErrorKind::Unauthorized,
            Outcome::NotStored,
        ),
        ("307 Temporary", ErrorKind::Redirect, Outcome::Ambiguous),
    ] {
        let servers = [
            ("endless", endless(head(status))),
            (
                "huge by its own account",
                Server::saying(format!(
                    "{}Content-Length: 2000000000\r\n\r\n<html>",
                    head(status)
                )),
            ),
            (
                "cut",
                Server::saying(format!("{}Content-Length: 500\r\n\r\n<html>", head(status))),
            ),
            (
                "badly chunked",
                Server::saying(format!(
                    "{}Transfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\nzz",
                    head(status)
                )),
            ),
        ];
        for (what, server) in servers {
            let error = create_fails(&server, &server.client()).await;
            assert_eq!(
                (error.kind(), error.outcome()),
                (kind, outcome),
                "{what}: {error}"
            );
            let number: u16 = status[..3].parse().unwrap();
            assert_eq!(
                error.status().map(|status| status.as_u16()),
                Some(number),
                "{what}"
            );
            if matches!(number, 429 | 503) {
                assert_eq!(error.retry_after(), Some(Duration::from_secs(7)), "{what}");
                assert!(error.is_retryable(), "{what}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_stalls_does_not_hide_its_status_beyond_the_time_limit() {
    let server = Server::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 429 Too Many\r\nContent-Length: 500\r\n\r\n<html>");
        std::thread::sleep(Duration::from_secs(60));
    });
    let client = server.client();
    client.zone().await.unwrap();
    let client = client.with_timeout(Duration::from_secs(1));
    let begin = Instant::now();
    let error = create_fails(&server, &client).await;
    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");
    assert_eq!(error.outcome(), Outcome::NotStored);
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn an_announced_length_above_the_limit_ends_at_once() {
    let server = Server::start(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\n<");
        std::thread::sleep(Duration::from_secs(60));
    });
    let begin = Instant::now();
    let error = create_fails(&server, &server.client()).await;
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Transport, Outcome::Ambiguous)
    );
    assert!(error.to_string().contains("larger than"), "{error}");
    assert!(!error.is_retryable());
    assert!(begin.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn forty_megabytes_arrive_and_more_than_the_limit_does_not() {
    let title = "x".repeat(40_000);
    let note =
        format!(r#"<Entity xsi:type="TicketNote"><id>1</id><Title>{title}</Title></Entity>"#);
    let body = success("query", &note.repeat(1000));
    assert!(body.len() > 40_000_000);
    let server = Server::saying(message("200 OK", &[], body.as_bytes()));
    let all = || Query::<TicketNote>::all();
    let notes = server.client().query(all()).await.unwrap();
    assert_eq!(
        (notes.len(), notes[999].title.as_deref()),
        (1000, Some(&*title))
    );

    // Without a stated length it ends where the limit is.
    let chunked = Server::start(move |stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while stream
            .write_all(&[b"1000\r\n", &[b'x'; 4096][..], b"\r\n"].concat())
            .is_ok()
        {}
    });
    let mut options = autotask_soap::transport::HttpOptions::default();
    options.max_body = 1_000_000;
    let client = chunked.builder().http(options).build().unwrap();
    let error = client.query(all()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
}

#[tokio::test]
async fn a_read_is_sent_again_after_each_of_them_and_no_more_often_than_the_policy_says() {
    let whole = message("200 OK", &[], success("query", "").as_bytes());
    let cut = whole[..whole.len() - 10].to_vec();
    for (bad, times) in [
        (cut, 3),
        (b"".to_vec(), 3),
        (message("503 Unavailable", &[], b"<html>"), 3),
        (message("200 OK", &[], b"<html>"), 3),
        (message("404 Not Found", &[], b"gone"), 1),
        (message("200 OK", &[], b"<!DOCTYPE a []><Envelope/>"), 1),
    ] {
        let server = Server::saying(bad);
        let client = server
            .builder()
            .retry(RetryPolicy::default())
            .build()
            .unwrap();
        let error = client.query(Query::<Ticket>::by_id(1)).await.unwrap_err();
        assert_eq!(server.calls("query"), times, "{error}");
        assert_eq!(error.outcome(), Outcome::NotStored);
    }
}
