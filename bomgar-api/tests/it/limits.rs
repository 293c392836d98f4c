//! The request budget, and proxies.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bomgar_api::{
    Client, ClientBuilder, Credentials, ErrorKind, RequestBudget, RetryPolicy, Timer,
};
use bomgar_sim::BomgarSim;

/// A clock that moves only when somebody waits.
#[derive(Clone, Debug)]
struct Clock {
    begin: Instant,
    passed: Arc<Mutex<Duration>>,
}

impl Clock {
    fn new() -> Self {
        Clock {
            begin: Instant::now(),
            passed: Arc::default(),
        }
    }

    fn passed(&self) -> Duration {
        *self.passed.lock().unwrap()
    }
}

#[async_trait::async_trait]
impl Timer for Clock {
    fn now(&self) -> Instant {
        self.begin + self.passed()
    }

    async fn sleep(&self, duration: Duration) {
        *self.passed.lock().unwrap() += duration;
    }
}

fn builder(sim: &BomgarSim) -> ClientBuilder {
    Client::builder(
        sim.base_url(),
        Credentials::oauth("sim-client", "sim-secret"),
    )
}

#[tokio::test]
async fn requests_wait_for_their_turn() {
    let sim = BomgarSim::start().await;
    let clock = Clock::new();
    let client = builder(&sim).timer(clock.clone()).build().unwrap();
    // With the one for the token these are twenty requests, the most for one second.
    for _ in 0..19 {
        client.api_info().await.unwrap();
    }
    assert_eq!(clock.passed(), Duration::ZERO);
    client.api_info().await.unwrap();
    assert_eq!(clock.passed(), Duration::from_secs(1));
}

#[tokio::test]
async fn clients_of_one_account_share_a_budget() {
    let sim = BomgarSim::start().await;
    let clock = Clock::new();
    let budget = RequestBudget::new(100, 4);
    let client = || {
        let builder = builder(&sim).timer(clock.clone()).budget(budget.clone());
        builder.retry(RetryPolicy::none()).build().unwrap()
    };
    client().api_info().await.unwrap();
    client().api_info().await.unwrap();
    let error = client().api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!(sim.call_count("get_api_info"), 2);
}

/// A proxy that says what it is asked, and refuses.
fn proxy() -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(&stream);
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
            let _ = (&stream).write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
            let _ = sender.send(head.to_ascii_lowercase());
        }
    });
    (url, receiver)
}

#[tokio::test]
async fn a_proxy_is_used_with_its_user() {
    let (url, asked) = proxy();
    let client = Client::builder("support.example.com", Credentials::oauth("id", "secret"))
        .retry(RetryPolicy::none())
        .proxy(&url)
        .proxy_user("jd", "p4ss")
        .build()
        .unwrap();
    let error = client.api_info().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    let head = asked.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(
        head.starts_with("connect support.example.com:443 "),
        "{head}"
    );
    // Basic authentication of jd:p4ss, in lower case as all of the head.
    assert!(
        head.contains("proxy-authorization: basic amq6cdrzcw=="),
        "{head}"
    );
}

#[tokio::test]
async fn loopback_addresses_are_reached_without_proxy() {
    let sim = BomgarSim::start().await;
    let (url, asked) = proxy();
    let client = builder(&sim).proxy(&url).build().unwrap();
    client.api_info().await.unwrap();
    assert!(asked.try_recv().is_err());
}

#[test]
fn a_proxy_must_be_an_address_without_password_and_never_shows_it() {
    for url in [
        "http://jd:p4ss@proxy:3128",
        "socks9://p4ss",
        "p4ss",
        "http://",
    ] {
        let error = Client::builder("support.example.com", Credentials::oauth("id", "secret"))
            .proxy(url)
            .build()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        assert!(!format!("{error} {error:?}").contains("p4ss"), "{error:?}");
    }
}
