//! What every answer has in common, and answers that no appliance should give.

use std::io::Read;
use std::time::Duration;

use bomgar_sim::{BomgarSim, Fault, FaultRule, Position, RateLimit, Recording, SessionSpec};
use flate2::read::GzDecoder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::raw::{self, Raw, SOON};
use crate::token;

const INFO: &str = "/api/command?action=get_api_info";
const REPORT: &str =
    "/api/reporting?generate_report=SupportSession&start_time=1700000000&duration=0";

/// A simulator with a session, its token, and the true answer to [`REPORT`].
async fn appliance() -> (BomgarSim, String, String) {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new().start_time(1_700_000_000));
    sim.end_session(&lsid, 1_700_000_600).unwrap();
    let token = token(&sim).await;
    let truth = raw::call(&sim, REPORT, &token).await.text();
    assert!(truth.trim_end().ends_with("</session_list>"), "{truth}");
    (sim, token, truth)
}

async fn faulty(sim: &BomgarSim, token: &str, fault: Fault) -> Raw {
    sim.fault(FaultRule::new(fault).on("SupportSession"));
    raw::call(sim, REPORT, token).await
}

#[tokio::test]
async fn answers_carry_the_recorded_headers_and_no_length() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    let reply = raw::call(&sim, INFO, &token).await;
    assert!(reply.head.starts_with("HTTP/1.1 200 OK\r\n"));
    assert_eq!(reply.header("Server"), ["Apache"]);
    assert_eq!(
        reply.header("Cache-Control"),
        ["must-revalidate, no-cache, no-store, post-check=0, pre-check=0, private"]
    );
    assert_eq!(reply.header("Transfer-Encoding"), ["chunked"]);
    assert!(reply.header("Content-Length").is_empty());
    assert_eq!(reply.header("Vary"), ["X-Requested-With,Authorization"]);
    assert_eq!(reply.header("Strict-Transport-Security").len(), 1);
    assert_eq!(reply.header("Content-Type"), ["text/xml; charset=UTF-8"]);
    let cookie = reply.header("Set-Cookie")[0];
    assert!(cookie.starts_with("global_warnings=") && cookie.contains("path=/login"));
    assert_eq!(reply.header("Connection"), ["close"]);
    assert!(reply.header("X-RateLimit-Limit").is_empty());
}

#[tokio::test]
async fn a_connection_stays_open_for_a_client_that_does_not_close_it() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    let mut stream = raw::connect(&sim).await;
    let ask = format!("GET {INFO} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer {token}\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut first = Vec::new();
    while !first.ends_with(b"0\r\n\r\n") {
        let mut buffer = [0; 4_096];
        let length = stream.read(&mut buffer).await.unwrap();
        assert_ne!(length, 0);
        first.extend_from_slice(&buffer[..length]);
    }
    assert!(Raw::split(&first).header("Connection").is_empty());
    stream.write_all(&raw::request(INFO, &token)).await.unwrap();
    let mut second = Vec::new();
    stream.read_to_end(&mut second).await.unwrap();
    assert_eq!(Raw::split(&second).header("Connection"), ["close"]);
    let reused: Vec<bool> = sim
        .calls()
        .iter()
        .filter(|call| call.action_or_report == "get_api_info")
        .map(|call| call.reused_connection)
        .collect();
    assert_eq!(reused, [false, true]);
}

#[tokio::test]
async fn https_works_for_those_who_trust_the_certificate() {
    let sim = BomgarSim::builder().tls().start().await;
    assert!(sim.base_url().starts_with("https://127.0.0.1:"));
    let pem = sim.certificate_pem().unwrap();
    let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
    let client = |certificate: Option<reqwest::Certificate>| {
        reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only(certificate)
            .build()
            .unwrap()
    };
    let url = format!("{}/check_health", sim.base_url());
    let reply = client(Some(certificate.clone()))
        .get(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 200);
    let by_name = url.replace("127.0.0.1", "localhost");
    let reply = client(Some(certificate)).get(by_name).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    assert!(client(None).get(&url).send().await.is_err());
    let plain = url.replace("https://", "http://");
    assert!(client(None).get(plain).send().await.is_err());
    // Another appliance's certificate is no good here.
    let other = BomgarSim::builder().tls().start().await.certificate_pem();
    let other = reqwest::Certificate::from_pem(other.unwrap().as_bytes()).unwrap();
    assert!(client(Some(other)).get(&url).send().await.is_err());
    assert!(BomgarSim::start().await.certificate_pem().is_none());
}

#[tokio::test]
async fn an_account_has_so_many_calls() {
    let sim = BomgarSim::builder()
        .rate_limit(RateLimit::new(1_000, 2))
        .start()
        .await;
    let good = token(&sim).await;
    let remaining = |reply: &Raw| {
        (
            reply.status(),
            reply.header("X-RateLimit-Limit").concat(),
            reply.header("X-RateLimit-Remaining").concat(),
        )
    };
    // A call that nobody may make counts for nobody.
    let reply = raw::call(&sim, INFO, "wrong").await;
    assert_eq!((reply.status(), remaining(&reply).1.as_str()), (401, ""));
    for left in ["1", "0"] {
        let reply = raw::call(&sim, INFO, &good).await;
        assert_eq!(remaining(&reply), (200, "2".into(), left.into()));
    }
    // Another token of the same account is no way around it.
    let another = token(&sim).await;
    let reply = raw::call(&sim, REPORT, &another).await;
    assert_eq!(remaining(&reply), (429, "2".into(), "0".into()));
    let wait: u64 = reply.header("Retry-After").concat().parse().unwrap();
    assert!((3_000..=3_600).contains(&wait), "{wait}");
    sim.set_rate_limit(None);
    let reply = raw::call(&sim, INFO, &good).await;
    assert_eq!(remaining(&reply), (200, String::new(), String::new()));
}

#[tokio::test]
async fn a_body_can_be_cut_at_every_percent() {
    let (sim, token, truth) = appliance().await;
    for percent in 0..=99 {
        let reply = faulty(&sim, &token, Fault::Cut(Position::Percent(percent))).await;
        let (body, complete) = reply.dechunked();
        let expected = truth.len() * usize::from(percent) / 100;
        assert_eq!((body.len(), complete), (expected, false), "{percent} %");
        assert!(truth.as_bytes().starts_with(&body));
    }
    let reply = faulty(&sim, &token, Fault::Cut(Position::Byte(7))).await;
    assert_eq!(reply.dechunked(), (b"<?xml v".to_vec(), false));
    let reply = faulty(&sim, &token, Fault::TruncatedBody).await;
    assert_eq!(reply.dechunked().0.len(), truth.len() / 2);
    // Short, but the transport has nothing to complain about.
    let reply = faulty(&sim, &token, Fault::Shortened(Position::Percent(30))).await;
    assert_eq!(reply.text(), truth[..truth.len() * 30 / 100]);
    let reply = faulty(&sim, &token, Fault::EmptyBody).await;
    assert_eq!((reply.status(), reply.text()), (200, String::new()));
}

#[tokio::test]
async fn other_kinds_of_answers_come_instead() {
    let (sim, token, truth) = appliance().await;
    let reply = faulty(&sim, &token, Fault::Json200).await;
    assert_eq!(reply.header("Content-Type"), ["application/json"]);
    assert!(reply.text().starts_with('{'));

    let reply = faulty(&sim, &token, Fault::Gzip).await;
    assert_eq!(reply.header("Content-Type"), ["text/xml; charset=UTF-8"]);
    assert!(reply.header("Content-Encoding").is_empty());
    let mut text = String::new();
    GzDecoder::new(&reply.dechunked().0[..])
        .read_to_string(&mut text)
        .unwrap();
    assert_eq!(text, truth);

    let reply = faulty(&sim, &token, Fault::XmlError("Try later & again.".into())).await;
    assert_eq!(reply.status(), 200);
    assert!(reply.text().contains(">Try later &amp; again.</error>"));

    let reply = faulty(&sim, &token, Fault::WrongRoot).await;
    assert_eq!(
        reply.text(),
        truth.replace("session_list", "unexpected_root")
    );
    let reply = faulty(&sim, &token, Fault::WrongContentType("text/plain".into())).await;
    assert_eq!(reply.header("Content-Type"), ["text/plain"]);
    assert_eq!(reply.text(), truth);
}

#[tokio::test]
async fn statuses_come_with_their_headers() {
    let (sim, token, _) = appliance().await;
    for (fault, status) in [
        (Fault::Status500Html, 500),
        (Fault::Status(404), 404),
        (Fault::Status(502), 502),
        (Fault::Status(7), 500),
    ] {
        let reply = faulty(&sim, &token, fault).await;
        assert_eq!(reply.status(), status);
        assert!(reply.text().contains("<html>"));
    }
    let reply = faulty(&sim, &token, Fault::Unavailable503(Duration::from_secs(9))).await;
    assert_eq!(
        (reply.status(), reply.header("Retry-After")),
        (503, vec!["9"])
    );
    let reply = faulty(
        &sim,
        &token,
        Fault::Redirect("https://elsewhere.example/".into()),
    )
    .await;
    assert_eq!(
        (reply.status(), reply.header("Location")),
        (302, vec!["https://elsewhere.example/"])
    );
}

#[tokio::test]
async fn hostile_documents_keep_the_true_root() {
    let (sim, token, truth) = appliance().await;
    let root_end = truth.find("<session_list").unwrap();
    let root_end = root_end + truth[root_end..].find('>').unwrap() + 1;

    let text = faulty(&sim, &token, Fault::Nested(10_000)).await.text();
    assert!(text.starts_with(&truth[..root_end]));
    assert_eq!(text.matches("<n>").count(), 10_000);
    assert!(text.ends_with(&truth[root_end..]));

    let text = faulty(&sim, &token, Fault::Attributes(100_000))
        .await
        .text();
    assert!(text.contains(" a99999=\"99999\"/>"));
    assert!(text.ends_with(&truth[root_end..]));

    let text = faulty(&sim, &token, Fault::EntityBomb).await.text();
    assert!(text.contains("<!DOCTYPE session_list [<!ENTITY e0 \"aaaaaaaaaa\">"));
    assert!(text.contains("&e8;</padding>"));

    let text = faulty(&sim, &token, Fault::ExternalEntity).await.text();
    assert!(text.contains(&format!("SYSTEM \"{}/external-entity\"", sim.base_url())));
    assert_eq!(sim.call_count("external-entity"), 0);
    raw::call(&sim, "/external-entity", &token).await;
    assert_eq!(sim.call_count("external-entity"), 1);

    let (body, _) = faulty(&sim, &token, Fault::InvalidUtf8).await.dechunked();
    assert!(String::from_utf8(body).is_err());
    let text = faulty(&sim, &token, Fault::ControlCharacters).await.text();
    assert!(text.contains('\u{1}') && text.contains('\0'));
}

#[tokio::test]
async fn a_length_of_two_gigabytes_is_only_claimed() {
    let (sim, token, truth) = appliance().await;
    let reply = faulty(&sim, &token, Fault::ClaimedLength(2 << 30)).await;
    assert_eq!(reply.header("Content-Length"), ["2147483648"]);
    assert!(reply.header("Transfer-Encoding").is_empty());
    assert_eq!(reply.framed, truth.as_bytes());
}

#[tokio::test]
async fn a_body_may_have_no_end() {
    let (sim, token, truth) = appliance().await;
    for (fault, beginning) in [
        (Fault::Endless, &truth[..truth.rfind("</").unwrap()]),
        (Fault::EndlessText, &truth[..60]),
    ] {
        sim.fault(fault);
        let mut stream = raw::connect(&sim).await;
        stream
            .write_all(&raw::request(REPORT, &token))
            .await
            .unwrap();
        let mut bytes = vec![0; 2_000_000];
        tokio::time::timeout(SOON, stream.read_exact(&mut bytes))
            .await
            .unwrap()
            .unwrap();
        let (body, complete) = Raw::split(&bytes).dechunked();
        assert!(!complete);
        assert!(body.starts_with(beginning.as_bytes()));
    }
}

#[tokio::test]
async fn a_body_may_stall_or_drip() {
    let (sim, token, truth) = appliance().await;
    sim.fault(Fault::Stalled(Position::Percent(10)));
    let mut stream = raw::connect(&sim).await;
    stream
        .write_all(&raw::request(REPORT, &token))
        .await
        .unwrap();
    let expected = &truth.as_bytes()[..truth.len() / 10];
    let mut bytes = Vec::new();
    let mut buffer = [0; 512];
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n")
        || Raw::split(&bytes).dechunked().0.len() < expected.len()
    {
        let read = tokio::time::timeout(SOON, stream.read(&mut buffer)).await;
        let length = read.unwrap().unwrap();
        assert_ne!(length, 0, "the connection was closed");
        bytes.extend_from_slice(&buffer[..length]);
    }
    // Neither more nor an end.
    let last = tokio::time::timeout(Duration::from_millis(100), async {
        while stream
            .read_u8()
            .await
            .is_ok_and(|byte| b"\r\n".contains(&byte))
        {}
    });
    assert!(last.await.is_err());
    let body = Raw::split(&bytes).dechunked();
    assert_eq!(body, (expected.to_vec(), false));

    let reply = faulty(&sim, &token, Fault::SlowDrip(Duration::ZERO)).await;
    assert!(reply.framed.starts_with(b"1\r\n<\r\n1\r\n?\r\n1\r\nx\r\n"));
    assert_eq!(reply.text(), truth);
}

#[tokio::test]
async fn cookies_that_come_back_are_noticed() {
    let (sim, token, _) = appliance().await;
    let reply = faulty(&sim, &token, Fault::Cookies).await;
    let cookies = reply.header("Set-Cookie");
    assert!(cookies.iter().any(|cookie| cookie.contains("path=/;")));
    assert!(!sim.calls().iter().any(|call| call.cookies));
    let mut stream = raw::connect(&sim).await;
    let ask = format!(
        "GET {INFO} HTTP/1.1\r\nHost: sim\r\nAuthorization: Bearer {token}\r\n\
         Cookie: sim_session=do-not-return\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    assert!(sim.calls().last().unwrap().cookies);
}

#[tokio::test]
async fn a_fault_waits_for_its_call_and_is_written_down() {
    let (sim, token, truth) = appliance().await;
    let rule = FaultRule::new(Fault::EmptyBody)
        .on("SupportSession")
        .with("duration", "0")
        .after(1);
    sim.fault(rule);
    assert_eq!(raw::call(&sim, REPORT, &token).await.text(), truth);
    let other = REPORT.replace("duration=0", "duration=900000");
    assert_eq!(raw::call(&sim, &other, &token).await.text(), truth);
    assert_eq!(raw::call(&sim, REPORT, &token).await.text(), "");
    assert_eq!(raw::call(&sim, REPORT, &token).await.text(), truth);
    let met: Vec<_> = sim.calls().into_iter().filter_map(|c| c.fault).collect();
    assert_eq!(met, [Fault::EmptyBody]);
}

#[tokio::test]
async fn faults_work_over_tls_too() {
    let sim = BomgarSim::builder().tls().start().await;
    let pem = sim.certificate_pem().unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(reqwest::Certificate::from_pem(pem.as_bytes()))
        .build()
        .unwrap();
    let url = format!("{}/check_health", sim.base_url());
    sim.fault(FaultRule::new(Fault::Cut(Position::Byte(3))).on("check_health"));
    let reply = client.get(&url).send().await.unwrap();
    assert!(reply.bytes().await.is_err());
    sim.fault(FaultRule::new(Fault::SlowDrip(Duration::ZERO)).on("check_health"));
    let reply = client.get(&url).send().await.unwrap();
    assert_eq!(reply.text().await.unwrap(), "Everything is fine.\n");
}

#[tokio::test]
async fn an_error_in_xml_may_stand_where_a_video_was_asked_for() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new().recorded());
    let video = Recording::session(10_000).announced();
    sim.add_recording(&lsid, video.clone()).unwrap();
    sim.end_session(&lsid, None).unwrap();
    let token = token(&sim).await;
    let ask = format!("/api/reporting?generate_report=SupportSessionRecording&lsid={lsid}");
    let reply = raw::call(&sim, &ask, &token).await;
    assert_eq!(reply.framed, video.bytes_at(0, 10_000));

    sim.fault(Fault::XmlError("Try later.".into()));
    let reply = raw::call(&sim, &ask, &token).await;
    assert_eq!(reply.header("Content-Type"), ["text/xml; charset=UTF-8"]);
    assert!(reply.text().contains(">Try later.</error>"));

    // The length was told, and then fewer bytes come.
    sim.fault(Fault::Cut(Position::Percent(25)));
    let reply = raw::call(&sim, &ask, &token).await;
    assert_eq!(reply.header("Content-Length"), ["10000"]);
    assert_eq!(reply.framed, video.bytes_at(0, 2_500));
    // Here the message is whole, only the video is not.
    sim.fault(Fault::Shortened(Position::Byte(100)));
    let reply = raw::call(&sim, &ask, &token).await;
    assert_eq!(reply.header("Content-Length"), ["100"]);
    assert_eq!(reply.framed, video.bytes_at(0, 100));

    sim.fault(Fault::Endless);
    let mut stream = raw::connect(&sim).await;
    stream.write_all(&raw::request(&ask, &token)).await.unwrap();
    let mut bytes = vec![0; 100_000];
    stream.read_exact(&mut bytes).await.unwrap();
    let (body, complete) = Raw::split(&bytes).dechunked();
    assert!(!complete && body[10_000..].iter().all(|byte| *byte == 0));
}

#[tokio::test]
async fn the_backup_counts_and_fails_like_the_other_interfaces() {
    let sim = BomgarSim::builder()
        .rate_limit(RateLimit::new(1_000, 2))
        .start()
        .await;
    let token = token(&sim).await;
    sim.fault(Fault::Status(502));
    for status in [502, 200, 200, 429] {
        let reply = raw::call(&sim, "/api/backup", &token).await;
        assert_eq!(reply.status(), status);
    }
}

#[tokio::test]
async fn a_certificate_may_be_wrong_in_every_usual_way() {
    for builder in [
        BomgarSim::builder().tls_for(["support.example.com"]),
        BomgarSim::builder().tls_expired(),
    ] {
        let sim = builder.start().await;
        let pem = sim.certificate_pem().unwrap();
        let certificate = reqwest::Certificate::from_pem(pem.as_bytes()).unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([certificate])
            .build()
            .unwrap();
        let url = format!("{}/check_health", sim.base_url());
        assert!(client.get(&url).send().await.is_err());
        assert!(sim.calls().is_empty());
    }
    let sim = BomgarSim::builder()
        .tls_for(["support.example.com"])
        .start()
        .await;
    let pem = sim.certificate_pem().unwrap();
    let address = sim.base_url().replace("https://", "").parse().unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(reqwest::Certificate::from_pem(pem.as_bytes()))
        .resolve("support.example.com", address)
        .build()
        .unwrap();
    let url = format!(
        "https://support.example.com:{}/check_health",
        address.port()
    );
    assert_eq!(client.get(url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_redirect_shows_who_takes_the_token_along() {
    let (sim, token, _) = appliance().await;
    let other = BomgarSim::start().await;
    let elsewhere = format!("{}{INFO}", other.base_url());
    let reply = faulty(&sim, &token, Fault::Redirect(elsewhere.clone())).await;
    assert_eq!(
        (reply.status(), reply.header("Location")),
        (302, vec![&*elsewhere])
    );
    raw::call(&other, INFO, &token).await;
    crate::http().get(&elsewhere).send().await.unwrap();
    let seen: Vec<bool> = other
        .calls()
        .iter()
        .map(|call| call.authorization)
        .collect();
    assert_eq!(seen, [true, false]);
}

#[tokio::test]
async fn a_request_may_be_too_long() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    let post = async |length: usize| {
        crate::http()
            .post(format!("{}/api/command", sim.base_url()))
            .bearer_auth(&token)
            .form(&[
                ("action", "get_api_info"),
                ("padding", &*"x".repeat(length)),
            ])
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(post(9 << 20).await, 200);
    assert_eq!(post(11 << 20).await, 413);
}
