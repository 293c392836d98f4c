//! The simulator's shapes on the wire, seen through a plain HTTP client.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; clippy.toml exempts only the test functions themselves"
)]

mod api;
mod binary;
mod commands;
mod documents;
mod downloads;
mod edge;
mod events;
mod faults;
mod lifecycle;
mod outbound;
mod raw;
mod reports;
mod scenario;
mod tree;

use std::sync::LazyLock;

use bomgar_sim::BomgarSim;
use reqwest::{Client, Response};

/// No proxies, no redirects, one connection a call. Building one takes long, so all tests share it.
fn http() -> Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap()
    });
    CLIENT.clone()
}

async fn token(sim: &BomgarSim) -> String {
    let answer = http()
        .post(format!("{}/oauth2/token", sim.base_url()))
        .basic_auth(sim.client_id(), Some(sim.client_secret()))
        .form(&[("grant_type", "client_credentials")])
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let value: serde_json::Value = serde_json::from_str(&answer).unwrap();
    value["access_token"].as_str().unwrap().to_owned()
}

async fn get(sim: &BomgarSim, token: &str, path: &str, query: &[(&str, &str)]) -> Response {
    http()
        .get(format!("{}{path}", sim.base_url()))
        .bearer_auth(token)
        .query(query)
        .send()
        .await
        .unwrap()
}

async fn command(sim: &BomgarSim, query: &[(&str, &str)]) -> String {
    let token = token(sim).await;
    get(sim, &token, "/api/command", query)
        .await
        .text()
        .await
        .unwrap()
}

async fn report(sim: &BomgarSim, query: &[(&str, &str)]) -> String {
    let token = token(sim).await;
    let mut all = vec![("generate_report", "SupportSession")];
    all.extend_from_slice(query);
    get(sim, &token, "/api/reporting", &all)
        .await
        .text()
        .await
        .unwrap()
}

/// The text of the first element of this name.
fn element(xml: &str, name: &str) -> Option<String> {
    let from = xml
        .find(&format!("<{name}>"))
        .or_else(|| xml.find(&format!("<{name} ")))?;
    let start = from + xml[from..].find('>')? + 1;
    let end = start + xml[start..].find(&format!("</{name}>"))?;
    Some(xml[start..end].to_owned())
}
