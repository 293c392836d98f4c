use std::time::{Duration, Instant};

use bomgar_sim::{BomgarSim, Fault, FaultRule};

use crate::raw::SOON;
use crate::{command, get, http, token};

const INFO: [(&str, &str); 1] = [("action", "get_api_info")];
const KEY: [(&str, &str); 3] = [
    ("action", "generate_session_key"),
    ("type", "support"),
    ("queue_id", "general"),
];

#[tokio::test]
async fn each_fault_hits_one_call() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    sim.fault(Fault::Status500Html);
    sim.fault(Fault::Html200);
    sim.fault(Fault::RateLimited429(Duration::from_secs(7)));
    sim.fault(Fault::WrongNamespace);
    let reply = get(&sim, &token, "/api/command", &INFO).await;
    assert_eq!(reply.status(), 500);
    assert!(reply.text().await.unwrap().contains("<html>"));
    let reply = get(&sim, &token, "/api/command", &INFO).await;
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["content-type"]),
        (200, &"text/html; charset=UTF-8".parse().unwrap())
    );
    let reply = get(&sim, &token, "/api/command", &INFO).await;
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    let reply = get(&sim, &token, "/api/command", &INFO).await;
    assert!(
        reply
            .text()
            .await
            .unwrap()
            .contains("urn:example:unexpected")
    );
    let reply = get(&sim, &token, "/api/command", &INFO).await;
    assert!(reply.text().await.unwrap().contains("beyondtrust.com"));
}

#[tokio::test]
async fn a_401_in_mid_run_kills_the_token() {
    let sim = BomgarSim::start().await;
    let old = token(&sim).await;
    sim.fault(Fault::Unauthorized401);
    assert_eq!(get(&sim, &old, "/api/command", &INFO).await.status(), 401);
    assert_eq!(get(&sim, &old, "/api/command", &INFO).await.status(), 401);
    let new = token(&sim).await;
    assert_eq!(get(&sim, &new, "/api/command", &INFO).await.status(), 200);
}

#[tokio::test]
async fn a_truncated_body_breaks_off() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    sim.fault(FaultRule::new(Fault::TruncatedBody).on("get_api_info"));
    let request = http()
        .get(format!(
            "{}/api/command?action=get_api_info",
            sim.base_url()
        ))
        .bearer_auth(token);
    // The break shows when headers or body are read, whichever the client sees first.
    let result = match request.send().await {
        Ok(reply) => reply.text().await.map(|_| ()),
        Err(error) => Err(error),
    };
    assert!(result.is_err());
}

#[tokio::test]
async fn a_dropped_connection_has_no_effect_but_a_lost_answer_has() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    let ask = || {
        let url = format!("{}/api/command", sim.base_url());
        http().get(url).bearer_auth(&token).query(&KEY).send()
    };
    sim.fault(FaultRule::new(Fault::ConnectionDrop).on("generate_session_key"));
    assert!(ask().await.is_err());
    assert_eq!(sim.session_keys().len(), 0);
    sim.fault(Fault::AnswerLost);
    assert!(ask().await.is_err());
    assert_eq!(sim.session_keys().len(), 1);
    assert!(
        sim.calls()
            .iter()
            .filter(|c| c.action_or_report != "token")
            .all(|c| c.status.is_none())
    );
}

#[tokio::test]
async fn a_delayed_answer_is_late_but_true() {
    let sim = BomgarSim::start().await;
    sim.fault(Fault::Delay(Duration::from_millis(120)));
    let before = Instant::now();
    assert!(command(&sim, &INFO).await.contains("<api_information"));
    assert!(before.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn a_client_that_gives_up_does_not_undo_its_call() {
    let sim = BomgarSim::start().await;
    let token = token(&sim).await;
    let ask = || {
        let url = format!("{}/api/command", sim.base_url());
        tokio::spawn(http().get(url).bearer_auth(&token).query(&KEY).send())
    };
    let keys = async |count: usize| {
        let start = Instant::now();
        while sim.session_keys().len() < count {
            assert!(start.elapsed() < SOON);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    sim.fault(Fault::Delay(Duration::from_millis(700)));
    let call = ask();
    tokio::time::sleep(Duration::from_millis(150)).await;
    // Gone before the appliance has begun.
    call.abort();
    assert_eq!(sim.session_keys().len(), 0);
    keys(1).await;

    sim.fault(Fault::DelayAnswer(Duration::from_secs(3_600)));
    let call = ask();
    keys(2).await;
    assert!(!call.is_finished());
    call.abort();
    assert_eq!(sim.call_count("generate_session_key"), 2);
}
