//! Arguments, environment, errors and exit codes.

use super::Tool;
use autotask_sim::{AutotaskSim, Fault, FaultSpec};

#[tokio::test]
async fn help_names_every_command_and_the_exit_codes() {
    let ran = Tool::default().run(&["--help"]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    for word in [
        "zone",
        "diagnose",
        "usage",
        "entities",
        "fields",
        "picklist",
        "query",
        "get",
        "create",
        "note",
        "time",
        "attach",
        "link",
        "--dry-run",
        "AUTOTASK_INTEGRATION_CODE",
        "Exit codes",
    ] {
        assert!(ran.output.contains(word), "{word}");
    }
    let ran = Tool::default().run(&["query", "--help"]).await;
    for word in ["isthisday", "notin", "udf:", "--xml"] {
        assert!(ran.output.contains(word), "{word}");
    }
}

#[tokio::test]
async fn wrong_arguments_end_with_2_and_say_what_is_right() {
    let sim = AutotaskSim::start().await.unwrap();
    for (arguments, expected) in [
        (&["frobnicate"][..], "unrecognized subcommand"),
        (&["--json", "--table", "usage"], "cannot be used with"),
        (&["query", "Tickets"], "'autotask entities' lists"),
        (&["get", "Ticket", "T1"], "invalid value"),
        (
            &["query", "Ticket", "Statsu = 1"],
            "'autotask fields Ticket' lists them",
        ),
        (
            &["query", "Ticket", "--fields", "id,Nmae"],
            "Ticket has no field 'Nmae'",
        ),
        (&["query", "Ticket", "--xml"], "required"),
        (
            &["query", "Ticket", "<queryxml>", "--xml"],
            "QueryXML is wrong",
        ),
        (&["create", "Ticket"], "required"),
        (&["create", "Ticket", "Title"], "a name, = and a value"),
        (
            &["create", "Ticket", "Ttile=x"],
            "Ticket has no field 'Ttile'",
        ),
        (
            &["create", "Ticket", "Title=x", "title=y"],
            "title is given twice",
        ),
        (
            &["create", "Ticket", "AccountID=Acme"],
            "AccountID holds a whole number",
        ),
        (
            &["note", "add", "5", "--text", "x", "--type", "1"],
            "--publish",
        ),
        (
            &[
                "time",
                "add",
                "5",
                "--resource",
                "3",
                "--start",
                "2h",
                "--summary",
                "x",
            ],
            "--end",
        ),
        (
            &[
                "time",
                "add",
                "5",
                "--resource",
                "3",
                "--start",
                "2h",
                "--end",
                "3h",
                "--summary",
                "x",
            ],
            "must end after its start",
        ),
        (&["link", "ticket", "T1", "--time"], "by the ticket's id"),
        (
            &["query", "Ticket", "Status = New"],
            "'autotask picklist Ticket Status' lists its values",
        ),
    ] {
        let ran = Tool::new(&sim).run(arguments).await;
        assert_eq!((ran.code, ran.output.as_str()), (2, ""), "{arguments:?}");
        assert!(
            ran.errors.contains(expected),
            "{arguments:?}: {}",
            ran.errors
        );
    }
    assert_eq!(sim.calls(), [], "nothing was sent");
}

#[tokio::test]
async fn what_is_missing_in_the_environment_is_named() {
    let sim = AutotaskSim::start().await.unwrap();
    for name in [
        "AUTOTASK_USERNAME",
        "AUTOTASK_PASSWORD",
        "AUTOTASK_INTEGRATION_CODE",
    ] {
        let ran = Tool::new(&sim).variable(name, " ").run(&["usage"]).await;
        let message = ran.message(2);
        assert!(message.contains("set AUTOTASK_USERNAME"), "{message}");
        assert!(!message.contains(&sim.password()), "{message}");
    }
}

#[tokio::test]
async fn an_endpoint_that_is_not_safe_is_refused_without_repeating_passwords() {
    for url in [
        "http://example.com/x",
        "https://u:hunter2@example.com/x",
        "nowhere",
    ] {
        let tool = Tool {
            url: Some(url.to_owned()),
            ..Tool::default()
        }
        .variable("AUTOTASK_USERNAME", "api@example.com")
        .variable("AUTOTASK_PASSWORD", "sesame27")
        .variable("AUTOTASK_INTEGRATION_CODE", "CODE27");
        let ran = tool.run(&["usage"]).await;
        let message = ran.message(2);
        assert!(message.contains("endpoint"), "{message}");
        for secret in ["hunter2", "sesame27", "CODE27"] {
            assert!(!message.contains(secret), "{message}");
        }
    }
}

#[tokio::test]
async fn a_failure_is_one_line_that_says_what_to_do() {
    let sim = AutotaskSim::start().await.unwrap();
    let tool = Tool::new(&sim).variable("AUTOTASK_PASSWORD", "hunter2");
    let ran = tool.run(&["usage"]).await;
    let message = ran.message(1);
    assert!(message.starts_with("autotask: "), "{message}");
    assert!(message.contains("Check the API user's name"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");

    let tool = Tool::new(&sim).variable("AUTOTASK_USERNAME", "nobody@example.org");
    let ran = tool.run(&["zone"]).await;
    let message = ran.message(1);
    assert!(message.contains("nobody@example.org"), "{message}");
}

#[tokio::test]
async fn a_page_instead_of_an_answer_is_a_failure() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.fault(FaultSpec::new(Fault::Status(404)).on("GetEntityInfo"));
    let ran = Tool::new(&sim).run(&["entities"]).await;
    let message = ran.message(1);
    assert!(message.contains("GetEntityInfo"), "{message}");
}

#[tokio::test]
async fn people_get_tables_and_programs_json() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut tool = Tool::new(&sim);
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    assert!(is_json(&tool.run(&["usage"]).await.output));
    assert!(!is_json(&tool.run(&["usage", "--table"]).await.output));
    tool.terminal = true;
    assert!(!is_json(&tool.run(&["usage"]).await.output));
    assert!(is_json(&tool.run(&["--json", "usage"]).await.output));
}
