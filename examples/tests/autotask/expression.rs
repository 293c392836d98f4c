//! The language of `query`.

use super::Tool;
use autotask_sim::{AutotaskSim, FieldTy, Record, UdfDef};
use quick_xml::escape::unescape;

/// The `<query>` that an expression becomes.
async fn query(entity: &str, expression: &str) -> String {
    let tool = Tool::default()
        .variable("AUTOTASK_USERNAME", "api@example.com")
        .variable("AUTOTASK_PASSWORD", "p")
        .variable("AUTOTASK_INTEGRATION_CODE", "c");
    let ran = tool.run(&["query", entity, expression, "--dry-run"]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{expression}");
    let xml = unescape(&ran.output).unwrap().into_owned();
    let (_, rest) = xml.split_once("<query>").unwrap();
    rest.split_once("</query>").unwrap().0.to_owned()
}

#[tokio::test]
async fn and_binds_closer_than_or_and_parentheses_closer_than_both() {
    let status = "<field>Status<expression op=\"equals\">1</expression></field>";
    let title = "<field>Title<expression op=\"contains\">VPN</expression></field>";
    let queue = "<field>QueueID<expression op=\"notequal\">5</expression></field>";
    assert_eq!(
        query("Ticket", "Status=1 and Title contains VPN and QueueID!=5").await,
        format!("{status}{title}{queue}")
    );
    assert_eq!(
        query(
            "ticket",
            "status = 1 AND (Title CONTAINS 'VPN' OR queueid != 5)"
        )
        .await,
        format!(
            "{status}<condition>{title}<condition operator=\"OR\">{queue}</condition></condition>"
        )
    );
    assert_eq!(
        query(
            "Ticket",
            "Status = 1 and Title contains VPN or QueueID != 5"
        )
        .await,
        query(
            "Ticket",
            "(Status = 1 and Title contains VPN) or (QueueID != 5)"
        )
        .await,
    );
    assert_ne!(
        query(
            "Ticket",
            "Status = 1 and Title contains VPN or QueueID != 5"
        )
        .await,
        query(
            "Ticket",
            "Status = 1 and (Title contains VPN or QueueID != 5)"
        )
        .await,
    );
}

#[tokio::test]
async fn every_operator_has_its_name_on_the_wire() {
    for (expression, expected) in [
        ("Priority = 1", "Priority<expression op=\"equals\">1"),
        ("Priority != 1", "Priority<expression op=\"notequal\">1"),
        ("Priority < 1", "Priority<expression op=\"lessthan\">1"),
        (
            "Priority <= 1",
            "Priority<expression op=\"lessthanorequals\">1",
        ),
        ("Priority > 1", "Priority<expression op=\"greaterthan\">1"),
        (
            "Priority >= 1",
            "Priority<expression op=\"greaterthanorequals\">1",
        ),
        ("Title beginswith a", "Title<expression op=\"beginswith\">a"),
        ("Title endswith a", "Title<expression op=\"endswith\">a"),
        ("Title contains a", "Title<expression op=\"contains\">a"),
        ("Title like a%b", "Title<expression op=\"like\">a%b"),
        ("Title notlike a%b", "Title<expression op=\"notlike\">a%b"),
        ("ContactID isnull", "ContactID<expression op=\"isnull\""),
        (
            "ContactID isnotnull",
            "ContactID<expression op=\"isnotnull\"",
        ),
        (
            "CreateDate isthisday 2026-07-01",
            "CreateDate<expression op=\"isthisday\">2026-07-01",
        ),
        (
            "Priority in (1, 4)",
            "Priority<expression op=\"equals\">1</expression><expression op=\"equals\">4",
        ),
        (
            "Priority notin (1,4)",
            "Priority<expression op=\"notequal\">1</expression></field>\
             <field>Priority<expression op=\"notequal\">4",
        ),
        (
            "udf:Floor = 3",
            "<field udf=\"true\">Floor<expression op=\"equals\">3",
        ),
        (
            "udf:'Asset tag' contains 'A 17'",
            "<field udf=\"true\">Asset tag<expression op=\"contains\">A 17",
        ),
    ] {
        let query = query("Ticket", expression).await;
        assert!(query.contains(expected), "{expression}: {query}");
    }
}

#[tokio::test]
async fn values_are_of_the_fields_type() {
    for (expression, expected) in [
        // In July, Eastern is four hours behind UTC.
        ("CreateDate > 2026-07-01T12:00:00Z", ">2026-07-01T08:00:00<"),
        ("CreateDate > 2026-07-01", ">2026-07-01T00:00:00<"),
        ("Title = \"it's \"\"new\"\"\"", ">it's \"new\"<"),
        ("Title = 17", ">17<"),
        ("EstimatedHours >= 0.25", ">0.25<"),
    ] {
        let query = query("Ticket", expression).await;
        assert!(
            query.replace(".000", "").contains(expected),
            "{expression}: {query}"
        );
    }
    let query = query("Resource", "Active = true").await;
    assert!(query.contains(">1<"), "{query}");
}

#[tokio::test]
async fn mistakes_are_named_with_their_place() {
    let sim = AutotaskSim::start().await.unwrap();
    for (expression, expected) in [
        ("Status", "ends too early: an operator"),
        ("Status =", "ends too early: a value"),
        ("Status = 1 and", "ends too early: a condition"),
        (
            "Status = 1 Title = x",
            "character 12: 'and' or 'or' is missing before 'Title'",
        ),
        ("(Status = 1", "ends too early: a closing parenthesis"),
        ("Status = 1)", "character 11"),
        ("Status = )", "character 10: a value is missing"),
        ("Status ~ 1", "character 8: '~' is no operator"),
        ("Status ! 1", "character 8: '!' means nothing here"),
        (
            "Status = one",
            "character 10: Status holds a whole number of 32 bits, not 'one'",
        ),
        ("Status = 99999999999", "character 10: Status holds"),
        ("Title = 'x", "character 9 has no end"),
        (
            "Status contains 1",
            "contains is for texts, not for Status, which holds",
        ),
        (
            "Title isthisday 2026-07-01",
            "isthisday is for times and days",
        ),
        ("CreateDate = yesterday", "'yesterday' is no time"),
        ("CreateDate > 2026-07-01T12:00:00", "is no time"),
        ("CreateDate isthisday 2026-7-1", "is no day"),
        ("Status in 1, 2", "a list in parentheses"),
        ("Status in (1 2)", "a comma is missing before '2'"),
        ("udf: = 3", "after udf: comes a name"),
        ("'Status' = 3", "character 1: a field's name is missing"),
        ("Umläut = 3", "character 1: Ticket has no field 'Umläut'"),
    ] {
        let ran = Tool::new(&sim).run(&["query", "Ticket", expression]).await;
        let message = ran.message(2);
        assert!(message.contains(expected), "{expression}: {message}");
    }
    let deep = format!("{}Status = 1{}", "(".repeat(5_000), ")".repeat(5_000));
    let ran = Tool::new(&sim).run(&["query", "Ticket", &deep]).await;
    assert!(ran.message(2).contains("parentheses in each other"));
    let ran = Tool::new(&sim)
        .run(&["query", "Resource", "Active > false"])
        .await;
    assert!(ran.message(2).contains("> is for what has an order"));
    assert_eq!(sim.calls(), []);
}

#[tokio::test]
async fn records_are_found_as_the_expression_says() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.add_udf("Ticket", UdfDef::new("Asset tag", FieldTy::String));
    let ticket = |title: &str, priority: i64, tag: &str| {
        sim.add(
            Record::new("Ticket")
                .set("AccountID", sim.demo().account)
                .set("Title", title)
                .set("Status", 8)
                .set("Priority", priority)
                .set_udf("Asset tag", tag),
        )
    };
    let a = ticket("Alpha one", 1, "A 1");
    let b = ticket("Alpha two", 2, "A 2");
    let c = ticket("Beta (three)", 4, "B 3");
    for (expression, expected) in [
        ("Status = 8", &[a, b, c][..]),
        ("Status = 8 and Title beginswith alpha", &[a, b]),
        ("Status = 8 and (Priority = 1 or Priority = 4)", &[a, c]),
        (
            "Status = 8 and Priority = 1 or Priority = 4 and Status = 8",
            &[a, c],
        ),
        ("Status = 8 and Priority notin (1, 4)", &[b]),
        ("Status = 8 and Title like 'alpha%'", &[a, b]),
        ("Status = 8 and Title notlike 'alpha%'", &[c]),
        ("Title = 'Beta (three)'", &[c]),
        ("Status = 8 and Priority > 1 and Priority <= 4", &[b, c]),
        ("udf:'Asset tag' = 'a 2' and Status = 8", &[b]),
        ("udf:'Asset tag' beginswith A and Status = 8", &[a, b]),
    ] {
        let ran = Tool::new(&sim).run(&["query", "Ticket", expression]).await;
        assert_eq!(ran.ids(), expected, "{expression}");
    }
}
