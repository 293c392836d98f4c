//! QueryXML.

use crate::support::{caller, field};
use autotask_sim::{AutotaskSim, FieldTy, Record, UdfDef};
use jiff::civil::date;

/// Eight tickets, one for each combination of three yes-or-no facts; the titles tell them.
async fn cube() -> (AutotaskSim, Vec<(i64, [bool; 3])>) {
    let sim = AutotaskSim::start().await.unwrap();
    for ticket in [sim.demo().ticket, sim.demo().queue_ticket] {
        sim.remove_record("Ticket", ticket);
    }
    let mut tickets = Vec::new();
    for number in 0..8_i64 {
        let facts = [number & 1 != 0, number & 2 != 0, number & 4 != 0];
        let record = Record::new("Ticket")
            .set("Status", i64::from(facts[0]))
            .set("Priority", i64::from(facts[1]))
            .set("Source", i64::from(facts[2]));
        tickets.push((sim.add(record), facts));
    }
    (sim, tickets)
}

fn wanted(tickets: &[(i64, [bool; 3])], keep: impl Fn([bool; 3]) -> bool) -> Vec<i64> {
    tickets
        .iter()
        .filter(|(_, facts)| keep(*facts))
        .map(|(id, _)| *id)
        .collect()
}

fn is(name: &str) -> String {
    field(name, "equals", "1")
}

#[tokio::test]
async fn a_condition_is_joined_to_what_stands_before_it() {
    // Six facts are needed: f1..f6 of the documented example.
    let sim = AutotaskSim::start().await.unwrap();
    for ticket in [sim.demo().ticket, sim.demo().queue_ticket] {
        sim.remove_record("Ticket", ticket);
    }
    let names = [
        "Status",
        "Priority",
        "Source",
        "IssueType",
        "TicketType",
        "MonitorID",
    ];
    let mut all = Vec::new();
    for number in 0..64_i64 {
        let mut record = Record::new("Ticket");
        for (bit, name) in names.iter().enumerate() {
            record = record.set(name, (number >> bit) & 1);
        }
        all.push((sim.add(record), number));
    }
    let f: Vec<String> = names.iter().map(|name| is(name)).collect();
    let items = format!(
        "{}<condition operator=\"OR\"><condition>{}{}</condition>\
         <condition operator=\"OR\">{}{}</condition></condition>{}",
        f[0], f[1], f[2], f[3], f[4], f[5]
    );
    let got = caller(&sim).query("Ticket", &items).await.stored();
    let expected: Vec<i64> = all
        .iter()
        .filter(|(_, number)| {
            let f = |index: i64| (number >> (index - 1)) & 1 == 1;
            (f(1) || ((f(2) && f(3)) || (f(4) && f(5)))) && f(6)
        })
        .map(|(id, _)| *id)
        .collect();
    assert_eq!(got, expected);
    assert!(!expected.is_empty() && expected.len() < 32);
}

#[tokio::test]
async fn members_of_an_or_group_are_anded() {
    let (sim, tickets) = cube().await;
    let (first, second) = (tickets[0].0.to_string(), tickets[1].0.to_string());
    let ids = format!(
        "{}{}",
        field("id", "equals", &first),
        field("id", "equals", &second)
    );
    let call = caller(&sim);
    let items = format!("<condition operator=\"OR\">{ids}</condition>");
    assert_eq!(call.query("Ticket", &items).await.stored(), [0_i64; 0]);
    // Several expressions of one field are alternatives.
    let items = format!(
        "<field>id<expression op=\"equals\">{first}</expression>\
         <expression op=\"equals\">{second}</expression></field>"
    );
    assert_eq!(
        call.query("Ticket", &items).await.stored(),
        [tickets[0].0, tickets[1].0]
    );
    // And so is one OR condition a value.
    let or = |value: &str| {
        format!(
            "<condition operator=\"or\">{}</condition>",
            field("ID", "Equals", value)
        )
    };
    let items = format!("{}{}", or(&first), or(&second));
    assert_eq!(
        call.query("Ticket", &items).await.stored(),
        [tickets[0].0, tickets[1].0]
    );
}

#[tokio::test]
async fn a_wrapped_filter_can_be_followed_by_the_paging_field() {
    let (sim, tickets) = cube().await;
    let call = caller(&sim);
    let filter = format!(
        "{}<condition operator=\"OR\">{}</condition>",
        is("Status"),
        is("Priority")
    );
    let after = field("id", "greaterthan", &tickets[2].0.to_string());
    let got = call
        .query("Ticket", &format!("<condition>{filter}</condition>{after}"))
        .await;
    let all = wanted(&tickets, |facts| facts[0] || facts[1]);
    let expected: Vec<i64> = all.into_iter().filter(|id| *id > tickets[2].0).collect();
    assert_eq!(got.stored(), expected);
    // An OR in front has nothing to join to.
    let got = call
        .query(
            "Ticket",
            &format!(
                "<condition operator=\"OR\">{}</condition>{}",
                is("Status"),
                is("Source")
            ),
        )
        .await;
    assert_eq!(got.stored(), wanted(&tickets, |facts| facts[0] && facts[2]));
}

#[tokio::test]
async fn five_hundred_records_come_by_id_and_the_rest_after_the_last_id() {
    let sim = AutotaskSim::start().await.unwrap();
    let ids: Vec<i64> = (0..1203)
        .map(|number| {
            sim.add(
                Record::new("TicketNote")
                    .set("TicketID", 1)
                    .set("Title", format!("{number}")),
            )
        })
        .collect();
    let call = caller(&sim);
    let mut seen: Vec<i64> = Vec::new();
    let mut last = 0;
    // Four pages would do even if the last one were full.
    for _ in 0..4 {
        let items = format!(
            "{}{}",
            field("TicketID", "equals", "1"),
            field("id", "greaterthan", &last.to_string())
        );
        let page = call.query("TicketNote", &items).await.stored();
        assert!(page.len() <= 500);
        seen.extend(&page);
        match page.last() {
            Some(id) if page.len() == 500 => last = *id,
            _ => break,
        }
    }
    assert_eq!(seen, ids);
    assert_eq!(sim.call_count("query", "TicketNote"), 3);
}

#[tokio::test]
async fn text_is_compared_without_regard_to_case() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let account = sim.demo().account;
    for (op, value) in [
        ("equals", "ACME, inc."),
        ("beginswith", "acme"),
        ("endswith", "INC."),
        ("contains", "ME, I"),
        ("like", "a%inc%"),
    ] {
        let got = call
            .query("account", &field("accountname", op, value))
            .await;
        assert_eq!(got.stored(), [account], "{op} {value}");
    }
    let got = call
        .query("Account", &field("AccountName", "notlike", "acme%"))
        .await;
    assert_eq!(got.stored(), [sim.demo().own_account]);
    assert_eq!(got.one("EntityResultType"), "account");
}

#[tokio::test]
async fn null_tests_and_missing_values() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let demo = sim.demo();
    let got = call
        .query("Ticket", &field("AssignedResourceID", "isnull", ""))
        .await;
    assert_eq!(got.stored(), [demo.queue_ticket]);
    let got = call
        .query("Ticket", &field("AssignedResourceID", "isnotnull", ""))
        .await;
    assert_eq!(got.stored(), [demo.ticket]);
    let got = call
        .query("Ticket", &field("AssignedResourceID", "notequal", "1"))
        .await;
    assert_eq!(got.stored(), [demo.ticket]);
}

#[tokio::test]
async fn booleans_are_one_or_zero_or_words() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    for no in ["0", "false"] {
        let got = call.query("Resource", &field("Active", "equals", no)).await;
        assert_eq!(got.stored(), [sim.demo().inactive_technician]);
    }
}

#[tokio::test]
async fn operators_must_fit_the_type() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    for (entity, name, op, value) in [
        ("Resource", "Active", "greaterthan", "0"),
        ("Ticket", "Status", "contains", "1"),
        ("Ticket", "Status", "like", "1"),
        ("Ticket", "CreateDate", "beginswith", "2026"),
        ("Ticket", "Title", "isthisday", "2026-06-01"),
        ("Ticket", "Status", "equals", "New"),
        ("Ticket", "CreateDate", "equals", "yesterday"),
        ("Ticket", "NoSuchField", "equals", "1"),
        ("Ticket", "CreatorType", "equals", "1"),
        ("Resource", "DefaultServiceDeskRoleID", "equals", "1"),
        ("Ticket", "Title", "matches", "1"),
        ("Attachment", "id", "equals", "1"),
    ] {
        let got = call.query(entity, &field(name, op, value)).await;
        assert_eq!(got.refused().len(), 1, "{entity}.{name} {op} {value}");
    }
    for items in [
        "<field>Title</field>",
        "<field>Title<expression>x</expression></field>",
        "<condition operator=\"XOR\"><field>id<expression op=\"equals\">1</expression></field></condition>",
        "<sort>id</sort>",
    ] {
        assert_eq!(
            call.query("Ticket", items).await.refused().len(),
            1,
            "{items}"
        );
    }
    let broken = call.call("query", "<sXML>&lt;queryxml&gt;</sXML>").await;
    assert_eq!(broken.refused().len(), 1);
}

#[tokio::test]
async fn at_most_five_hundred_or_conditions() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let or = |count: usize| {
        format!(
            "<condition operator=\"OR\">{}</condition>",
            field("id", "equals", "1")
        )
        .repeat(count)
    };
    call.query("Ticket", &or(500)).await.stored();
    assert_eq!(
        call.query("Ticket", &or(501)).await.refused(),
        ["Invalid query syntax. Queries are limited to 500 or fewer 'OR' conditions."]
    );
}

#[tokio::test]
async fn times_are_eastern_and_days_are_not_shifted() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let id = sim.add(
        Record::new("TimeEntry")
            .set("TicketID", 1)
            .set(
                "StartDateTime",
                "2026-06-01T14:00:00Z".parse::<jiff::Timestamp>().unwrap(),
            )
            .set("DateWorked", date(2026, 6, 1)),
    );
    let hits = async |op: &str, name: &str, value: &str| {
        let items = format!(
            "{}{}",
            field("TicketID", "equals", "1"),
            field(name, op, value)
        );
        call.query("TimeEntry", &items).await.stored() == [id]
    };
    assert!(hits("equals", "StartDateTime", "2026-06-01T10:00:00").await);
    assert!(hits("equals", "StartDateTime", "2026-06-01 10:00:00").await);
    assert!(hits("equals", "StartDateTime", "2026-06-01T14:00:00.0000+0").await);
    assert!(!hits("equals", "StartDateTime", "2026-06-01T14:00:00").await);
    assert!(
        hits(
            "greaterthanorequals",
            "StartDateTime",
            "2026-06-01T10:00:00"
        )
        .await
    );
    assert!(hits("isthisday", "StartDateTime", "2026-06-01").await);
    assert!(hits("equals", "DateWorked", "2026-06-01T00:00:00").await);
    assert!(hits("equals", "DateWorked", "2026-06-01").await);
    assert!(!hits("equals", "DateWorked", "2026-05-31").await);
}

#[tokio::test]
async fn user_defined_fields() {
    let sim = AutotaskSim::start().await.unwrap();
    let mut protected = UdfDef::new("Secret", FieldTy::String);
    protected.protected = true;
    sim.add_udf("Account", UdfDef::new("Region", FieldTy::String));
    sim.add_udf("Account", protected);
    let call = caller(&sim);
    let account = sim.add(
        Record::new("Account")
            .set("AccountName", "With fields")
            .set_udf("Region", "North")
            .set_udf("Secret", "Abc"),
    );
    let udf = |name: &str, value: &str| {
        format!("<field udf=\"true\">{name}<expression op=\"equals\">{value}</expression></field>")
    };
    let got = call.query("Account", &udf("region", "north")).await;
    assert_eq!(got.stored(), [account]);
    assert_eq!(got.all("Value"), ["North", "Abc"]);
    assert_eq!(
        call.query("Account", &udf("Secret", "Abc")).await.stored(),
        [account]
    );
    assert_eq!(
        call.query("Account", &udf("Secret", "abc")).await.stored(),
        [0_i64; 0]
    );
    let two = format!("{}{}", udf("Region", "x"), udf("Secret", "y"));
    assert_eq!(call.query("Account", &two).await.refused().len(), 1);
}

#[tokio::test]
async fn a_lost_permission_is_an_empty_answer() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    sim.restrict("Ticket");
    assert_eq!(call.query("Ticket", "").await.stored(), [0_i64; 0]);
    sim.unrestrict("Ticket");
    assert_eq!(call.query("Ticket", "").await.stored().len(), 2);
}

#[tokio::test]
async fn roles_that_are_not_active_are_not_told() {
    let sim = AutotaskSim::start().await.unwrap();
    let active = |record: &&Record| record.bool("Active") == Some(true);
    let records = sim.records("ResourceRole");
    let wanted: Vec<i64> = records
        .iter()
        .filter(active)
        .map(|record| record.id)
        .collect();
    assert!(wanted.len() < records.len());
    assert_eq!(
        caller(&sim).query("ResourceRole", "").await.stored(),
        wanted
    );
}

#[tokio::test]
async fn a_group_without_members_is_an_error() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    for items in [
        "<condition/>",
        "<condition operator=\"OR\"><condition/></condition>",
    ] {
        let errors = call.query("Ticket", items).await.refused();
        assert!(errors[0].starts_with("Invalid query syntax."), "{errors:?}");
    }
}

#[tokio::test]
async fn user_defined_fields_compare_by_their_type() {
    let sim = AutotaskSim::start().await.unwrap();
    for (name, ty) in [
        ("Seats", FieldTy::Integer),
        ("Signed", FieldTy::DateTime),
        ("Vip", FieldTy::Boolean),
    ] {
        sim.add_udf("Account", UdfDef::new(name, ty));
    }
    let account = |seats: &str, signed: &str, vip: &str| {
        sim.add(
            Record::new("Account")
                .set_udf("Seats", seats)
                .set_udf("Signed", signed)
                .set_udf("Vip", vip),
        )
    };
    let small = account("9", "2026-01-15T12:00:00", "true");
    let large = account("10", "2026-02-15T12:00:00", "0");
    let call = caller(&sim);
    for (name, op, value, wanted) in [
        ("Seats", "greaterthan", "9", vec![large]),
        ("Seats", "lessthan", "10", vec![small]),
        ("Signed", "lessthan", "2026-02-01", vec![small]),
        ("Signed", "isthisday", "2026-02-15", vec![large]),
        ("Vip", "equals", "1", vec![small]),
        ("Vip", "equals", "false", vec![large]),
    ] {
        let test = field(name, op, value).replace("<field>", "<field udf=\"true\">");
        assert_eq!(
            call.query("Account", &test).await.stored(),
            wanted,
            "{name} {op} {value}"
        );
    }
    let test = field("Seats", "contains", "1").replace("<field>", "<field udf=\"true\">");
    call.query("Account", &test).await.refused();
}

#[tokio::test]
async fn a_day_is_one_of_the_wire_zone() {
    let sim = AutotaskSim::start().await.unwrap();
    // 23:30 in New York, the next day in UTC.
    let late: jiff::Timestamp = "2026-06-02T03:30:00Z".parse().unwrap();
    let id = sim.add(Record::new("Ticket").set("DueDateTime", late));
    let call = caller(&sim);
    let on = |day: &str| field("DueDateTime", "isthisday", day);
    assert_eq!(call.query("Ticket", &on("2026-06-01")).await.stored(), [id]);
    sim.configure(|settings| settings.wire_zone = autotask_sim::WireZone::Utc);
    assert_eq!(call.query("Ticket", &on("2026-06-02")).await.stored(), [id]);
}

#[tokio::test]
async fn an_entity_of_a_later_release_is_there_on_demand() {
    let sim = AutotaskSim::start().await.unwrap();
    let call = caller(&sim);
    let later = "EntityOfALaterRelease";
    call.query(later, "").await.refused();
    let names = || async { call.call("GetEntityInfo", "").await.all("Name") };
    assert!(!names().await.contains(&later.to_owned()));
    sim.configure(|settings| settings.unknown_extras = true);
    let got = call.query(later, "").await;
    assert_eq!(got.stored().len(), 1);
    assert!(got.body.contains(&format!("<Entity xsi:type=\"{later}\">")));
    assert!(names().await.contains(&later.to_owned()));
    let info = format!("<psObjectType>{later}</psObjectType>");
    assert_eq!(call.call("GetFieldInfo", &info).await.all("Name"), ["Name"]);
}

#[tokio::test]
async fn databases_can_give_up_before_the_documented_limit() {
    let sim = AutotaskSim::start().await.unwrap();
    sim.configure(|settings| settings.nested_or_limit = Some(200));
    let call = caller(&sim);
    let ors = |count: usize| {
        let one = |id: usize| {
            let test = field("id", "equals", &id.to_string());
            format!("<condition operator=\"OR\">{test}</condition>")
        };
        (1..=count).map(one).collect::<String>()
    };
    call.query("Ticket", &ors(200)).await.stored();
    let errors = call.query("Ticket", &ors(201)).await.refused();
    assert!(errors[0].contains("nested too deeply"), "{errors:?}");
}
