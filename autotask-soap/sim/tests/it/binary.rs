//! The program, started as its users start it.

use crate::support::{Caller, NS, field};
use base64::Engine as _;
use serde_json::Value;
use std::{process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, Command},
};

const SOON: Duration = Duration::from_secs(30);

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-sim"));
    command
        .args(arguments)
        .env_remove("AUTOTASK_SIM_PASSWORD")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

async fn start(command: &mut Command) -> (Child, Value) {
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.as_mut().unwrap());
    let mut line = String::new();
    let read = tokio::time::timeout(SOON, out.read_line(&mut line));
    read.await.unwrap().unwrap();
    (child, serde_json::from_str(&line).unwrap())
}

fn caller_of(ready: &Value) -> Caller<'static> {
    let text = |name: &str| ready[name].as_str().unwrap().to_owned();
    let pair = format!("{}:{}", text("username"), text("password"));
    let token = base64::engine::general_purpose::STANDARD.encode(pair);
    Caller {
        url: text("url"),
        namespace: NS,
        authorization: Some(format!("Basic {token}")),
        code: Some(text("integration_code")),
        impersonate: None,
    }
}

#[cfg(unix)]
#[tokio::test]
async fn one_line_tells_all_and_a_signal_ends_it_well() {
    for signal in ["TERM", "INT"] {
        let (mut child, ready) = start(&mut program(&["--listen", "127.0.0.1:0"])).await;
        let call = caller_of(&ready);
        let ticket = ready["demo"]["ticket"].to_string();
        let got = call.query("Ticket", &field("id", "equals", &ticket)).await;
        assert_eq!(got.stored().len(), 1);
        // A provider's tenant: enough to look around in.
        assert!(call.query("Ticket", "").await.stored().len() > 50);
        assert!(call.query("Account", "").await.stored().len() > 5);
        let wsdl = reqwest::get(ready["wsdl"].as_str().unwrap()).await.unwrap();
        assert_eq!(wsdl.status(), 200);
        let control = reqwest::get(ready["control"].as_str().unwrap()).await;
        assert_eq!(control.unwrap().status(), 200);

        let id = child.id().unwrap().to_string();
        let kill = Command::new("kill")
            .args(["-s", signal, &id])
            .status()
            .await;
        assert!(kill.unwrap().success());
        let status = tokio::time::timeout(SOON, child.wait()).await.unwrap();
        assert!(status.unwrap().success(), "{signal}");
        let mut more = String::new();
        let out = child.stdout.as_mut().unwrap();
        out.read_to_string(&mut more).await.unwrap();
        assert_eq!(more, "", "nothing else on standard output");
    }
}

#[tokio::test]
async fn options_shape_the_tenant() {
    let mut command = program(&[
        "--seed",
        "small",
        "--username",
        "me@here.example",
        "--integration-code",
        "MINE",
        "--thread-limit",
        "0",
        "--ci",
        "100001",
    ]);
    let (child, ready) = start(command.env("AUTOTASK_SIM_PASSWORD", "from-the-environment")).await;
    assert_eq!(ready["username"], "me@here.example");
    assert_eq!(ready["password"], "from-the-environment");
    assert_eq!(ready["integration_code"], "MINE");
    assert_eq!(ready["ci"], 100_001);
    let refused = caller_of(&ready).query("Ticket", "").await.refused();
    assert!(refused[0].contains("Itgenatr005"), "{refused:?}");
    drop(child);
}

#[tokio::test]
async fn help_and_failures() {
    let help = program(&["--help"]).output().await.unwrap();
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for word in [
        "--listen",
        "--seed",
        "integration_code",
        "AUTOTASK_SIM_PASSWORD",
    ] {
        assert!(text.contains(word), "{word}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let failed = program(&["--listen", &address]).output().await.unwrap();
    assert!(!failed.status.success());
    assert!(failed.stdout.is_empty());
    let text = String::from_utf8(failed.stderr).unwrap();
    assert!(text.contains(&address), "{text}");
}
