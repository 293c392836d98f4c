//! The program, started as its users start it.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::http;
use crate::raw::SOON;

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bomgar-sim"));
    command
        .args(arguments)
        .env_remove("BOMGAR_SIM_CLIENT_SECRET")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

struct Running {
    child: Child,
    out: Lines<BufReader<ChildStdout>>,
    ready: Value,
}

async fn start(command: &mut Command) -> Running {
    let mut child = command.spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(SOON, out.next_line())
        .await
        .unwrap()
        .unwrap();
    let Some(line) = line else {
        let mut text = String::new();
        let mut errors = child.stderr.take().unwrap();
        errors.read_to_string(&mut text).await.unwrap();
        panic!("it ended: {text}");
    };
    let ready = serde_json::from_str(&line).unwrap();
    Running { child, out, ready }
}

async fn output(command: &mut Command) -> (Output, String) {
    let child = command.spawn().unwrap();
    let output = tokio::time::timeout(SOON, child.wait_with_output())
        .await
        .unwrap()
        .unwrap();
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    (output, errors)
}

impl Running {
    fn text(&self, name: &str) -> &str {
        self.ready[name].as_str().unwrap()
    }

    async fn token(&self, client: &reqwest::Client) -> reqwest::Response {
        client
            .post(format!("{}/oauth2/token", self.text("url")))
            .basic_auth(self.text("client_id"), Some(self.text("client_secret")))
            .form(&[("grant_type", "client_credentials")])
            .send()
            .await
            .unwrap()
    }

    /// Ends it with a signal and returns what is left on standard output and error.
    #[cfg(unix)]
    async fn signal(mut self, signal: &str) -> (Vec<String>, String) {
        let id = self.child.id().unwrap().to_string();
        let sent = std::process::Command::new("kill")
            .args([signal, &id])
            .status()
            .unwrap();
        assert!(sent.success());
        let status = tokio::time::timeout(SOON, self.child.wait())
            .await
            .unwrap()
            .unwrap();
        assert!(status.success(), "{status}");
        let mut lines = Vec::new();
        while let Some(line) = self.out.next_line().await.unwrap() {
            lines.push(line);
        }
        let mut errors = String::new();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut errors).await.unwrap();
        (lines, errors)
    }
}

#[cfg(unix)]
#[tokio::test]
async fn it_says_one_line_when_ready_and_ends_on_a_signal() {
    for signal in ["-TERM", "-INT"] {
        let running =
            start(program(&["--client-id", "abc"]).env("BOMGAR_SIM_CLIENT_SECRET", "s3")).await;
        assert!(running.text("url").starts_with("http://127.0.0.1:"));
        assert_eq!(running.text("client_id"), "abc");
        assert_eq!(running.text("client_secret"), "s3");
        assert!(running.ready["certificate"].is_null());
        assert_eq!(running.token(&http()).await.status(), 200);
        let list = http().get(running.text("control")).send().await.unwrap();
        assert!(list.text().await.unwrap().contains("/_sim/sessions"));
        let (more, errors) = running.signal(signal).await;
        assert!(more.is_empty(), "{more:?}");
        assert_eq!(errors, "");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn over_https_it_leaves_its_certificate_in_a_file() {
    let running = start(&mut program(&["--tls"])).await;
    assert!(running.text("url").starts_with("https://127.0.0.1:"));
    let path = running.text("certificate").to_owned();
    let pem = std::fs::read(&path).unwrap();
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only(reqwest::Certificate::from_pem(&pem))
        .build()
        .unwrap();
    assert_eq!(running.token(&client).await.status(), 200);
    running.signal("-TERM").await;
    assert!(!Path::new(&path).exists());

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("kept.pem");
    let name = path.to_str().unwrap();
    let running = start(&mut program(&["--tls", "--certificate", name])).await;
    assert_eq!(running.text("certificate"), name);
    running.signal("-TERM").await;
    assert!(
        std::fs::read_to_string(&path)
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_user_logs_in_with_the_password_of_a_variable() {
    let mut command = program(&["--user", "api", "--password-env", "SIM_TEST_PASSWORD"]);
    let running = start(command.env("SIM_TEST_PASSWORD", "pass word")).await;
    assert!(!running.ready.to_string().contains("pass word"));
    let query = [
        ("action", "get_api_info"),
        ("username", "api"),
        ("password", "pass word"),
    ];
    let url = format!("{}/api/command", running.text("url"));
    let reply = http().get(url).query(&query).send().await.unwrap();
    assert!(reply.text().await.unwrap().contains("<api_information"));
    running.signal("-TERM").await;
}

#[tokio::test]
async fn the_demonstration_plays_and_the_program_ends_when_asked() {
    let command = &mut program(&["--demo", "--speed", "max", "--exit-after-scenario"]);
    let (output, errors) = output(command).await;
    assert!(output.status.success(), "{errors}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
    assert!(errors.starts_with("+00:00 mail: start\n"), "{errors}");
    assert!(errors.ends_with("+05:00 printer: survey\nThe scenario is over.\n"));
}

#[tokio::test]
async fn a_scenario_file_with_a_mistake_is_refused_before_anything_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("story.toml");
    let late = "[[step]]\ndo = 'start'\n[[step]]\ndo = 'end'\n[[step]]\ndo = 'end'\n";
    std::fs::write(&path, late).unwrap();
    let name = path.to_str().unwrap();
    let (output, errors) = output(&mut program(&["--scenario", name])).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(
        errors.starts_with("bomgar-sim: line 5, step 3 (end): session "),
        "{errors}"
    );
}

#[tokio::test]
async fn wrong_arguments_are_refused() {
    for (arguments, reason) in [
        (&["--speed", "0"][..], "a number above 0, or max"),
        (
            &["--rate-limit", "20"],
            "two numbers above 0, as in 20,15000",
        ),
        (&["--user", "api"], "--password-env"),
        (
            &["--user", "api", "--password-env", "SIM_TEST_NO_SUCH"],
            "variable SIM_TEST_NO_SUCH",
        ),
        (&["--certificate", "x.pem"], "--tls"),
        (&["--scenario", "x.toml", "--demo"], "cannot be used with"),
        (&["--scenario", "x.toml"], "cannot read x.toml"),
        (
            &["--recipient", "https://a/", "--recipient-ca", "x.pem"],
            "cannot read x.pem",
        ),
        (
            &["--listen", "203.0.113.1:1"],
            "cannot listen on 203.0.113.1:1",
        ),
    ] {
        let (output, errors) = output(&mut program(arguments)).await;
        assert!(!output.status.success());
        assert!(output.stdout.is_empty());
        assert!(errors.contains(reason), "{errors}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn people_get_a_text() {
    let mut child = program(&["--print", "human"]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut text = String::new();
    while let Some(line) = lines.next_line().await.unwrap() {
        text.push_str(&line);
        text.push('\n');
        if line == "Ctrl-C stops it." {
            break;
        }
    }
    assert!(text.starts_with("Simulated appliance: http://127.0.0.1:"));
    assert!(text.contains("Client secret:       sim-secret\n"));
    for line in bomgar_sim::control_endpoints() {
        assert!(text.contains(line), "{line}");
    }
    child.kill().await.unwrap();
}

#[tokio::test]
async fn help_and_version_are_there() {
    let (output_help, _) = output(&mut program(&["--help"])).await;
    let help = String::from_utf8(output_help.stdout).unwrap();
    for option in [
        "--listen",
        "--tls",
        "--client-id",
        "--scenario",
        "--demo",
        "--speed",
        "--print",
    ] {
        assert!(help.contains(option), "{option}");
    }
    let (version, _) = output(&mut program(&["--version"])).await;
    assert!(
        String::from_utf8(version.stdout)
            .unwrap()
            .starts_with("bomgar-sim ")
    );
}

#[tokio::test]
async fn a_report_of_any_length_can_be_written_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.xml");
    let path = file.to_str().unwrap();
    let (output, errors) =
        output(&mut program(&["--write-report", path, "--bytes", "200000"])).await;
    assert!(output.status.success(), "{errors}");
    let document = std::fs::read_to_string(&file).unwrap();
    assert!(document.len() >= 200_000);
    let said = String::from_utf8(output.stdout).unwrap();
    let root = crate::tree::Node::parse(&document);
    let sessions = root.all("session").count();
    let expected = format!("bytes={} sessions={sessions}", document.len());
    assert_eq!(said.trim(), expected);
    let (output, _) = output_without_bytes(path).await;
    assert!(!output.status.success());
}

async fn output_without_bytes(path: &str) -> (Output, String) {
    output(&mut program(&["--write-report", path])).await
}
