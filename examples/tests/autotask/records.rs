//! `query` and `get`

use super::Tool;
use autotask_sim::{AutotaskSim, FieldTy, Record, UdfDef};

fn accounts(sim: &AutotaskSim, count: usize) {
    for number in 0..count {
        let name = format!("Customer {number}");
        sim.add(
            Record::new("Account")
                .set("AccountName", name)
                .set("AccountType", 3),
        );
    }
}

#[tokio::test]
async fn a_record_is_shown_as_it_stands_on_the_wire() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    sim.add_udf("Ticket", UdfDef::new("Asset tag", FieldTy::String));
    let id = sim.add(
        Record::new("Ticket")
            .set("AccountID", demo.account)
            .set("Title", "Beep \u{7} <all>")
            .set("Status", 8)
            .set("EstimatedHours", 0.25)
            .set(
                "CreateDate",
                "2026-07-01T12:00:00Z".parse::<jiff::Timestamp>().unwrap(),
            )
            .set_udf("Asset tag", "A 1"),
    );
    let id = id.to_string();
    let ticket = Tool::new(&sim).run(&["get", "ticket", &id]).await.object();
    assert_eq!(ticket["id"].to_string(), id);
    assert_eq!(ticket["AccountID"], demo.account);
    assert_eq!(ticket["EstimatedHours"].to_string(), "0.25");
    assert_eq!(ticket["CreateDate"], "2026-07-01T12:00:00Z");
    assert_eq!(ticket["UserDefinedFields"]["Asset tag"], "A 1");
    assert!(ticket.get("ContactID").is_none());
    let ran = Tool::new(&sim)
        .run(&["get", "Ticket", &id, "--table"])
        .await;
    let line = |name: &str| {
        let mut found = ran.output.lines().filter(|line| line.starts_with(name));
        found.next().unwrap().to_owned()
    };
    assert!(line("Asset tag").ends_with("  A 1"), "{}", ran.output);
    assert!(line("Title").contains("<all>"), "{}", ran.output);
    assert!(!ran.output.contains('\u{7}'));
    let some = ["get", "Ticket", &id, "--fields", "title,ContactID"];
    let ran = Tool::new(&sim).run(&some).await;
    assert!(ran.output.starts_with("{\"Title\":"), "{}", ran.output);
    assert!(
        ran.output.ends_with("\"ContactID\":null}\n"),
        "{}",
        ran.output
    );
}

#[tokio::test]
async fn a_record_that_is_not_there_is_a_failure() {
    let sim = AutotaskSim::start().await.unwrap();
    let ran = Tool::new(&sim).run(&["get", "Ticket", "999999"]).await;
    let message = ran.message(1);
    assert!(message.contains("there is no Ticket 999999"), "{message}");
}

#[tokio::test]
async fn the_first_500_records_come_and_with_all_every_one() {
    let sim = AutotaskSim::start().await.unwrap();
    accounts(&sim, 1_003);
    let question = ["query", "Account", "AccountType = 3", "--fields=id"];
    let ran = Tool::new(&sim).run(&question).await;
    assert_eq!(ran.code, 0);
    assert_eq!(ran.output.lines().count(), 500);
    assert!(ran.errors.contains("--all gives all"), "{}", ran.errors);
    assert_eq!(sim.call_count("query", "Account"), 1);
    let all = [&question[..], &["--all"]].concat();
    let ids = Tool::new(&sim).run(&all).await.ids();
    assert_eq!(ids.len(), 1_003);
    assert!(ids.is_sorted_by(|a, b| a < b));
    assert_eq!(sim.call_count("query", "Account"), 4);
}

#[tokio::test]
async fn a_list_that_is_too_long_for_one_call_is_asked_in_several() {
    let sim = AutotaskSim::start().await.unwrap();
    accounts(&sim, 450);
    let all = Tool::new(&sim)
        .run(&["query", "Account", "AccountType = 3"])
        .await
        .ids();
    let list: Vec<String> = all.iter().map(ToString::to_string).collect();
    let tool = Tool::new(&sim).input(format!("id in ({})\n", list.join(", ")));
    let mut found = tool
        .run(&["query", "Account", "-", "--fields=id"])
        .await
        .ids();
    found.sort_unstable();
    assert_eq!(found, all);
}

#[tokio::test]
async fn query_xml_is_sent_as_it_is_and_paged() {
    let sim = AutotaskSim::start().await.unwrap();
    accounts(&sim, 501);
    let xml = "<queryxml><entity>Account</entity><query>\
               <field>AccountType<expression op=\"equals\">3</expression></field>\
               <condition operator=\"OR\"><field>AccountType<expression op=\"equals\">3\
               </expression></field></condition></query></queryxml>";
    let ran = Tool::new(&sim)
        .run(&["query", "Account", xml, "--xml", "--all", "--fields=id"])
        .await;
    assert_eq!(ran.ids().len(), 501);
    let other = xml.replace("<entity>Account", "<entity>Contact");
    let ran = Tool::new(&sim)
        .run(&["query", "Account", &other, "--xml"])
        .await;
    assert!(ran.message(2).contains("about Contact"), "{}", ran.errors);
}

#[tokio::test]
async fn tables_show_ids_and_what_every_record_has() {
    let sim = AutotaskSim::start().await.unwrap();
    let ran = Tool::new(&sim).run(&["query", "Ticket", "--table"]).await;
    let head = ran.output.lines().next().unwrap();
    let head: Vec<&str> = head.split_whitespace().collect();
    assert_eq!(head, ["id", "AccountID", "Priority", "Status", "Title"]);
    assert!(
        ran.output.contains("Printer offline in reception"),
        "{}",
        ran.output
    );
    let fields = ["query", "Ticket", "--table", "--fields=Title,id"];
    let ran = Tool::new(&sim).run(&fields).await;
    let head: Vec<&str> = ran
        .output
        .lines()
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(head, ["Title", "id"]);
    let none = ["query", "Ticket", "Title = nothing", "--table"];
    let ran = Tool::new(&sim).run(&none).await;
    assert_eq!((ran.code, ran.output.as_str()), (0, ""));
    assert_eq!(ran.errors, "nothing found\n");
}
