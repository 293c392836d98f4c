//! `zone`, `diagnose`, `usage`, `entities`, `fields`, `picklist`, `link`

use super::Tool;
use autotask_sim::{AutotaskSim, FieldTy, UdfDef};

#[tokio::test]
async fn zone_says_where_the_tenant_lives() {
    let sim = AutotaskSim::start().await.unwrap();
    let zone = Tool::new(&sim).run(&["zone"]).await.object();
    assert_eq!(zone["url"], sim.endpoint());
    assert_eq!(zone["ci"], sim.ci());
    assert_eq!(zone["web_url"], sim.web_url());
    let ran = Tool::new(&sim).run(&["zone", "--table"]).await;
    assert!(ran.output.contains(&sim.endpoint()), "{}", ran.output);
}

#[tokio::test]
async fn diagnose_names_the_part_that_is_wrong_and_says_so_by_its_exit_code() {
    let sim = AutotaskSim::start().await.unwrap();
    let stages = Tool::new(&sim).run(&["diagnose"]).await.json();
    assert!(stages.len() >= 6);
    assert!(
        stages.iter().all(|stage| stage["status"] == "ok"),
        "{stages:?}"
    );
    sim.set_api_user_flag(false);
    let ran = Tool::new(&sim).run(&["diagnose"]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    let failed = ran.output.lines().find(|line| line.contains("\"failed\""));
    let failed: serde_json::Value = serde_json::from_str(failed.unwrap()).unwrap();
    assert_eq!(failed["stage"], "API user");
    assert!(failed["advice"].is_string());
    let ran = Tool::new(&sim).run(&["diagnose", "--table"]).await;
    assert_eq!(ran.code, 1);
    assert!(ran.output.contains("FAILED"), "{}", ran.output);
}

#[tokio::test]
async fn usage_counts_everybodys_calls() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.set_foreign_requests(2_500);
    let usage = Tool::new(&sim).run(&["usage"]).await.object();
    assert_eq!(
        (&usage["limit"], &usage["minutes"]),
        (&10_000.into(), &60.into())
    );
    assert!(usage["used"].as_u64().unwrap() >= 2_500);
    assert!((usage["share"].as_f64().unwrap() - 0.25).abs() < 0.01);
    let ran = Tool::new(&sim).run(&["usage", "--table"]).await;
    assert!(
        ran.output.contains("Calls allowed  10000"),
        "{}",
        ran.output
    );
}

#[tokio::test]
async fn entities_are_listed_with_what_the_user_may_do() {
    let sim = AutotaskSim::start().await.unwrap();
    let entities = Tool::new(&sim).run(&["entities"]).await.json();
    let mut found = entities
        .iter()
        .filter(|entity| entity["name"] == "TicketNote");
    let note = found.next().unwrap();
    assert_eq!(note["can_create"], true);
    assert_eq!(note["can_delete"], false);
    let ran = Tool::new(&sim).run(&["entities", "--table"]).await;
    assert!(ran.output.starts_with("ENTITY "), "{}", ran.output);
}

#[tokio::test]
async fn fields_are_the_tenants_with_those_it_added() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.add_udf("Ticket", UdfDef::new("Asset tag", FieldTy::String));
    let fields = Tool::new(&sim).run(&["fields", "ticket"]).await.json();
    let field = |name: &str| {
        let mut found = fields.iter().filter(|field| field["name"] == name);
        found.next().unwrap().clone()
    };
    assert_eq!(field("Status")["picklist"], true);
    assert_eq!(field("AccountID")["reference"], "Account");
    assert_eq!(field("SubIssueType")["picklist_parent"], "IssueType");
    assert_eq!(field("Asset tag")["user_defined"], true);
    let ran = Tool::new(&sim).run(&["fields", "Ticket", "--table"]).await;
    assert!(ran.output.contains("udf:Asset tag"), "{}", ran.output);
}

#[tokio::test]
async fn picklists_show_what_may_be_chosen() {
    let sim = AutotaskSim::start().await.unwrap();
    let labels = |values: &[serde_json::Value]| {
        let labels = values.iter().map(|value| value["label"].as_str().unwrap());
        labels.map(str::to_owned).collect::<Vec<_>>()
    };
    let values = Tool::new(&sim)
        .run(&["picklist", "Ticket", "status"])
        .await
        .json();
    assert!(labels(&values).contains(&"New".to_owned()));
    assert!(!labels(&values).contains(&"Parked".to_owned()));
    let all = ["picklist", "Ticket", "Status", "--all"];
    let values = Tool::new(&sim).run(&all).await.json();
    assert!(labels(&values).contains(&"Parked".to_owned()));
    let under = ["picklist", "Ticket", "SubIssueType", "--under=11"];
    let values = Tool::new(&sim).run(&under).await.json();
    assert_eq!(labels(&values), ["Printer"]);
    let ran = Tool::new(&sim).run(&["picklist", "Ticket", "Title"]).await;
    assert!(ran.message(2).contains("has no picklist"), "{}", ran.errors);
    let ran = Tool::new(&sim).run(&["picklist", "Ticket", "Statsu"]).await;
    assert!(
        ran.message(2).contains("no field 'Statsu'"),
        "{}",
        ran.errors
    );
}

#[tokio::test]
async fn links_open_a_ticket() {
    let sim = AutotaskSim::start().await.unwrap();
    let root = sim.web_url();
    for (arguments, expected) in [
        (
            &["8001"][..],
            "ExecuteCommand.aspx?Code=OpenTicketDetail&TicketID=8001",
        ),
        (
            &["T20261124.0001"],
            "ExecuteCommand.aspx?Code=OpenTicketDetail&TicketNumber=T20261124.0001",
        ),
        (
            &["8001", "--time"],
            "ExecuteCommand.aspx?Code=OpenTicketTime&TicketID=8001",
        ),
        (&["8001", "--page"], "TicketDetail.mvc?ticketId=8001"),
    ] {
        let arguments = [&["link", "ticket"][..], arguments].concat();
        let link = Tool::new(&sim).run(&arguments).await.object();
        let url = link["url"].as_str().unwrap();
        assert!(url.starts_with(&root), "{url}");
        assert!(url.ends_with(expected), "{url}");
    }
}
