//! Arguments, environment, errors and exit codes.

use super::{Tool, appliance};
use bomgar_sim::{BomgarSim, Fault};
use std::io::{self, Write};

#[tokio::test]
async fn help_names_every_command_and_the_exit_codes() {
    let ran = Tool::default().run(&["--help"]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    for word in [
        "api-info",
        "health",
        "reps",
        "teams",
        "session-key",
        "session",
        "report",
        "recording",
        "event",
        "script-url",
        "livelinks",
        "BOMGAR_CLIENT_SECRET",
        "Exit codes",
    ] {
        assert!(ran.output.contains(word), "{word}");
    }
}

#[tokio::test]
async fn wrong_arguments_end_with_2_and_say_what_is_right() {
    let sim = BomgarSim::start().await;
    for (arguments, expected) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["--json", "--table", "reps"], "cannot be used with"),
        (&["report", "support-session"], "give --lsid, --start-time"),
        (
            &["report", "support-session", "--start-time", "noon"],
            "it must be a time with its zone",
        ),
        (
            &[
                "report",
                "support-session",
                "--start-time",
                "1",
                "--end-time",
                "2",
            ],
            "cannot be used with",
        ),
        (
            &[
                "report",
                "support-session",
                "--lsid",
                "x",
                "--end-time",
                "2",
            ],
            "cannot be used with",
        ),
        (
            &[
                "report",
                "support-session",
                "--start-date",
                "2023-11-14",
                "--duration",
                "12h",
            ],
            "must be whole days",
        ),
        (&["session", "get", "17"], "is not 32 hexadecimal digits"),
        (
            &["session-key", "--queue", "team:x"],
            "followed by a number",
        ),
        (
            &["session-key", "--queue", "nowhere"],
            "--queue must be general",
        ),
        (
            &["session-key", "--custom", "novalue"],
            "a name, = and a value",
        ),
        (&["report", "archive-listing"], "--date"),
    ] {
        let ran = Tool::new(&sim).run(arguments).await;
        assert_eq!((ran.code, ran.output.as_str()), (2, ""), "{arguments:?}");
        assert!(
            ran.errors.contains(expected),
            "{arguments:?}: {}",
            ran.errors
        );
    }
    assert_eq!(sim.calls().len(), 0, "nothing was sent");
}

#[tokio::test]
async fn what_is_missing_in_the_environment_is_named() {
    let with = |variables: &[(&'static str, &str)]| {
        variables
            .iter()
            .fold(Tool::default(), |tool, (name, value)| {
                tool.variable(name, *value)
            })
    };
    for (tool, expected) in [
        (with(&[]), "set BOMGAR_CLIENT_ID and BOMGAR_CLIENT_SECRET"),
        (with(&[("BOMGAR_CLIENT_ID", "a")]), "belong together"),
        (
            with(&[("BOMGAR_CLIENT_SECRET", "hunter2")]),
            "belong together",
        ),
        (
            with(&[("BOMGAR_USERNAME", "a")]),
            "or BOMGAR_USERNAME and BOMGAR_PASSWORD",
        ),
        (
            with(&[
                ("BOMGAR_CLIENT_ID", "a"),
                ("BOMGAR_CLIENT_SECRET", "hunter2"),
            ]),
            "set BOMGAR_HOST",
        ),
        (
            with(&[
                ("BOMGAR_CLIENT_ID", "a"),
                ("BOMGAR_CLIENT_SECRET", "hunter2"),
                ("BOMGAR_HOST", "http://support.example.com"),
            ]),
            "must use TLS",
        ),
        (
            with(&[
                ("BOMGAR_CLIENT_ID", "a"),
                ("BOMGAR_CLIENT_SECRET", "b"),
                ("BOMGAR_HOST", "https://u:hunter2@support.example.com"),
            ]),
            "must not contain a user name",
        ),
    ] {
        let ran = tool.run(&["api-info"]).await;
        assert_eq!((ran.code, ran.output.as_str()), (2, ""));
        assert!(ran.errors.contains(expected), "{}", ran.errors);
        assert!(!ran.errors.contains("hunter2"), "{}", ran.errors);
    }
}

#[tokio::test]
async fn a_password_in_an_address_is_never_repeated() {
    for command in [&["livelinks"][..], &["script-url", "login"], &["health"]] {
        let url = "--base-url=https://u:hunter2@support.example.com";
        let tool = Tool::default()
            .variable("BOMGAR_CLIENT_ID", "a")
            .variable("BOMGAR_CLIENT_SECRET", "b");
        let ran = tool.run(&[command, &[url]].concat()).await;
        assert_eq!((ran.code, ran.output.as_str()), (2, ""));
        assert!(!ran.errors.contains("hunter2"), "{}", ran.errors);
    }
}

#[tokio::test]
async fn a_failure_is_one_line_that_says_what_to_do() {
    let sim = BomgarSim::start().await;
    let tool = Tool {
        variables: vec![
            ("BOMGAR_CLIENT_ID", sim.client_id()),
            ("BOMGAR_CLIENT_SECRET", "hunter2".into()),
        ],
        ..Tool::new(&sim)
    };
    let ran = tool.run(&["reps"]).await;
    assert_eq!((ran.code, ran.output.as_str()), (1, ""));
    assert!(ran.errors.starts_with("bomgar: "), "{}", ran.errors);
    assert_eq!(ran.errors.lines().count(), 1, "{}", ran.errors);
    assert!(ran.errors.contains("client secret"), "{}", ran.errors);
    assert!(!ran.errors.contains("hunter2"), "{}", ran.errors);

    sim.set_permission("perm_command", "deny");
    let ran = Tool::new(&sim).run(&["reps"]).await;
    assert_eq!(ran.code, 1);
    assert!(ran.errors.contains("get_logged_in_reps"), "{}", ran.errors);
}

#[tokio::test]
async fn an_appliance_that_is_not_there_is_a_failure() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let tool = Tool {
        base_url: Some(format!("http://{address}")),
        ..Tool::default()
    }
    .variable("BOMGAR_CLIENT_ID", "a")
    .variable("BOMGAR_CLIENT_SECRET", "b");
    // A call that changes something is not repeated, so the test need not wait.
    let ran = tool.run(&["session-key"]).await;
    assert_eq!((ran.code, ran.output.as_str()), (1, ""));
    assert_eq!(ran.errors.lines().count(), 1, "{}", ran.errors);
}

#[tokio::test]
async fn a_user_of_an_old_version_may_use_plain_http_when_told_so() {
    let sim = BomgarSim::builder()
        .legacy_user("integration", "hunter2")
        .start()
        .await;
    let tool = Tool {
        base_url: Some(sim.base_url()),
        ..Tool::default()
    }
    .variable("BOMGAR_USERNAME", "integration")
    .variable("BOMGAR_PASSWORD", "hunter2");
    let ran = tool.run(&["api-info"]).await;
    assert_eq!(ran.code, 2);
    let ran = tool.run(&["--ns", "--allow-plain-http", "api-info"]).await;
    assert!(ran.object()["api_version"].is_string());
}

#[tokio::test]
async fn people_get_tables_and_programs_json() {
    let sim = appliance::busy().await.sim;
    let mut tool = Tool::new(&sim);
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    assert!(is_json(&tool.run(&["health"]).await.output));
    assert!(!is_json(&tool.run(&["health", "--table"]).await.output));
    tool.terminal = true;
    assert!(!is_json(&tool.run(&["health"]).await.output));
    assert!(is_json(&tool.run(&["--json", "health"]).await.output));
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_unless_it_is_named() {
    let sim = BomgarSim::builder().tls().start().await;
    let ran = Tool::new(&sim).run(&["session-key"]).await;
    assert_eq!(ran.code, 1, "{}", ran.output);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, sim.certificate_pem().unwrap()).unwrap();
    let file = file.to_str().unwrap();
    let ran = Tool::new(&sim).run(&["--ca-cert", file, "health"]).await;
    assert!(ran.object()["version"].is_string());
    let tool = Tool::new(&sim);
    let ran = tool.run(&["--danger-accept-invalid-certs", "health"]).await;
    assert!(ran.object()["version"].is_string());
    let ran = tool.run(&["--ca-cert", "/nowhere.pem", "health"]).await;
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors.contains("/nowhere.pem cannot be read"),
        "{}",
        ran.errors
    );
}

/// An output that nobody reads any more.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_reader_that_has_enough_is_no_failure() {
    let sim = appliance::busy().await.sim;
    let (id, secret) = (sim.client_id(), sim.client_secret());
    let mut errors = Vec::new();
    let environment = examples::bomgar::Environment {
        variable: &|name| match name {
            "BOMGAR_CLIENT_ID" => Some(id.clone()),
            "BOMGAR_CLIENT_SECRET" => Some(secret.clone()),
            _ => None,
        },
        input: &mut io::empty(),
        output: &mut Closed,
        errors: &mut errors,
        output_is_terminal: false,
        errors_are_terminal: false,
    };
    let url = format!("--base-url={}", sim.base_url());
    let arguments = ["bomgar", "reps", &url].map(Into::into);
    let code = examples::bomgar::status(arguments, environment).await;
    assert_eq!((code, errors), (0, Vec::new()));
}

#[tokio::test]
async fn a_page_instead_of_an_answer_is_a_failure() {
    let sim = BomgarSim::start().await;
    sim.fault(bomgar_sim::FaultRule::new(Fault::Html200).on("generate_session_key"));
    let ran = Tool::new(&sim).run(&["session-key"]).await;
    assert_eq!((ran.code, ran.output.as_str()), (1, ""));
    assert!(
        ran.errors.contains("generate_session_key"),
        "{}",
        ran.errors
    );
}
