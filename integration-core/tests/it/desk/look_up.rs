//! Questions to the desk, and which answers it remembers.

use super::{Bench, CODE, PASSWORD, bench, bench_with, client, sensible};
use autotask_sim::{Fault, FaultSpec, PicklistValue, Record};
use autotask_soap::RetryPolicy;
use integration_core::{
    adapters::{AutotaskDesk, DeskSettings},
    failure::FailureClass,
    needs::{Facts, Needs, PicklistFact},
    ports::Desk,
};
use std::time::Duration;

pub(super) fn needs_of(bench: &Bench) -> Needs {
    Needs {
        ticket_id: Some(bench.ticket()),
        note_picklists: true,
        resource_email: Some("jsmith@example.com".into()),
        role_name: Some("Support Engineer".into()),
    }
}

async fn ask(bench: &Bench, needs: &Needs) -> Facts {
    bench.desk.look_up(needs).await.unwrap()
}

async fn person(bench: &Bench, email: &str) -> Vec<(i64, bool)> {
    let needs = Needs {
        resource_email: Some(email.into()),
        ..Needs::default()
    };
    let found = ask(bench, &needs).await.resources;
    let mut found: Vec<_> = found.iter().map(|who| (who.id, who.active)).collect();
    found.sort_unstable();
    found
}

fn somebody(email: &str) -> Record {
    Record::new("Resource")
        .set("UserName", "somebody")
        .set("FirstName", "Some")
        .set("LastName", "Body")
        .set("Email", email)
        .set("Active", true)
}

#[tokio::test]
async fn nothing_is_asked_that_nobody_needs() {
    let bench = bench().await;
    bench.desk.tenant().await.unwrap();
    bench.tenant.reset_calls();
    assert_eq!(ask(&bench, &Needs::default()).await, Facts::default());
    assert_eq!(bench.tenant.calls().len(), 0);
}

#[tokio::test]
async fn a_ticket_is_found_with_what_plans_need() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    let of = |id| Needs {
        ticket_id: Some(id),
        ..Needs::default()
    };
    let stored = bench.tenant.record("Ticket", demo.ticket).unwrap();
    let ticket = ask(&bench, &of(demo.ticket)).await.ticket.unwrap();
    assert_eq!(ticket.id, demo.ticket);
    assert_eq!(ticket.number, stored.text("TicketNumber"));
    assert_eq!(ticket.title, "Outlook does not start");
    assert_eq!(ticket.account_id, Some(demo.account));
    assert_eq!(ticket.assigned_resource_id, Some(demo.technician));
    assert_eq!(ticket.assigned_role_id, Some(demo.role));

    let ticket = ask(&bench, &of(demo.queue_ticket)).await.ticket.unwrap();
    assert_eq!(ticket.assigned_resource_id, None);
    assert_eq!(ticket.assigned_role_id, None);

    for unknown in [424_242, 0, -1, i64::MAX] {
        assert_eq!(ask(&bench, &of(unknown)).await.ticket, None, "{unknown}");
    }
    // A lost permission empties answers; it is no error.
    bench.tenant.restrict("Ticket");
    assert_eq!(ask(&bench, &of(demo.ticket)).await.ticket, None);
}

#[tokio::test]
async fn picklists_hold_inactive_values_too() {
    let bench = bench().await;
    let value = |number: i64, label: &str| PicklistValue::new(number, label);
    bench.tenant.set_picklist(
        "TicketNote",
        "Publish",
        [
            value(1, "Alle"),
            value(2, "Nur intern"),
            value(4, "Partner").inactive(),
        ],
    );
    bench.tenant.set_picklist(
        "TicketNote",
        "NoteType",
        [value(3, "Notiz"), value(7, "Alt").inactive()],
    );
    let needs = Needs {
        note_picklists: true,
        ..Needs::default()
    };
    let facts = ask(&bench, &needs).await;
    let fact = |value, label: &str, active| PicklistFact {
        value,
        label: label.into(),
        active,
    };
    let wanted = [
        fact(1, "Alle", true),
        fact(2, "Nur intern", true),
        fact(4, "Partner", false),
    ];
    assert_eq!(facts.publish, wanted);
    let wanted = [fact(3, "Notiz", true), fact(7, "Alt", false)];
    assert_eq!(facts.note_types, wanted);
}

#[tokio::test]
async fn a_person_is_found_by_any_of_three_addresses_in_any_case() {
    let bench = bench().await;
    let john = bench.tenant.demo().technician;
    let change = |field, text| bench.tenant.update_record("Resource", john, field, text);
    change("Email2", "John.Smith@Second.example");
    change("Email3", "js@third.example");
    for email in [
        "jsmith@example.com",
        "JSmith@EXAMPLE.com",
        "john.smith@second.example",
        "JS@Third.Example",
    ] {
        assert_eq!(person(&bench, email).await, [(john, true)], "{email}");
    }
    // The same address twice is still one person.
    change("Email2", "jsmith@example.com");
    bench.desk.forget().await;
    assert_eq!(person(&bench, "jsmith@example.com").await, [(john, true)]);

    // An address is no pattern, and is taken whole.
    for email in [
        "j%@example.com",
        "%",
        "smith@example.com",
        "jsmith@example.co",
        "o'<&>\"x@y",
    ] {
        assert_eq!(person(&bench, email).await, [], "{email}");
    }
}

#[tokio::test]
async fn the_name_of_a_person_is_first_and_last() {
    let bench = bench().await;
    let facts = ask(&bench, &needs_of(&bench)).await;
    assert_eq!(facts.resources[0].name, "John Smith");
}

#[tokio::test]
async fn everybody_with_the_address_is_told_active_or_not() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    let gone = demo.inactive_technician;
    assert_eq!(person(&bench, "pgone@example.com").await, [(gone, false)]);

    let twin = bench.tenant.add(somebody("pgone@example.com"));
    let mut wanted = vec![(gone, false), (twin, true)];
    wanted.sort_unstable();
    assert_eq!(person(&bench, "pgone@example.com").await, wanted);
}

#[tokio::test]
async fn roles_are_found_by_name_in_any_case_inactive_ones_too() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    let twin = bench.tenant.add(
        Record::new("Role")
            .set("Name", "CONSULTANT")
            .set("Active", true),
    );
    let of = |name: &str| Needs {
        role_name: Some(name.into()),
        ..Needs::default()
    };
    for (name, wanted) in [
        ("support ENGINEER", vec![(demo.role, true)]),
        ("Old Role", vec![(demo.inactive_role, false)]),
        ("Consultant", vec![(demo.second_role, true), (twin, true)]),
        ("Engineer", vec![]),
        ("Support%", vec![]),
    ] {
        let mut roles: Vec<_> = ask(&bench, &of(name))
            .await
            .roles
            .iter()
            .map(|role| (role.id, role.active))
            .collect();
        roles.sort_unstable();
        assert_eq!(roles, wanted, "{name}");
    }
}

#[tokio::test]
async fn only_the_roles_of_one_active_person_are_told() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    let held = |email: &str| Needs {
        resource_email: Some(email.into()),
        role_name: Some("Support Engineer".into()),
        ..Needs::default()
    };
    let sorted = |mut ids: Vec<i64>| {
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let of_john = ask(&bench, &held("jsmith@example.com")).await.held_role_ids;
    assert_eq!(sorted(of_john), [demo.role, demo.second_role]);
    let of_mary = ask(&bench, &held("mjones@example.com")).await.held_role_ids;
    assert_eq!(sorted(of_mary), [demo.role]);
    let of_peter = ask(&bench, &held("pgone@example.com")).await.held_role_ids;
    assert_eq!(of_peter, [0; 0]);
    let of_nobody = ask(&bench, &held("nobody@example.com")).await.held_role_ids;
    assert_eq!(of_nobody, [0; 0]);

    // A namesake who left does not stand in the way, one who is there does.
    let twin = bench
        .tenant
        .add(somebody("mjones@example.com").set("Active", false));
    bench.desk.forget().await;
    let facts = ask(&bench, &held("mjones@example.com")).await;
    assert_eq!(facts.resources.len(), 2);
    assert_eq!(sorted(facts.held_role_ids), [demo.role]);
    bench.tenant.update_record("Resource", twin, "Active", true);
    bench.desk.forget().await;
    let facts = ask(&bench, &held("mjones@example.com")).await;
    assert_eq!(facts.held_role_ids, [0; 0]);
}

#[tokio::test]
async fn what_a_plan_could_use_is_remembered() {
    let bench = bench().await;
    let needs = needs_of(&bench);
    let facts = ask(&bench, &needs).await;
    bench.tenant.reset_calls();
    assert_eq!(ask(&bench, &needs).await, facts);
    let written = Needs {
        resource_email: Some("JSMITH@example.com".into()),
        role_name: Some("SUPPORT ENGINEER".into()),
        ..needs.clone()
    };
    assert_eq!(
        ask(&bench, &written).await,
        facts,
        "the case does not matter"
    );
    assert_eq!(bench.tenant.call_count("query", "Ticket"), 2);
    assert_eq!(bench.tenant.calls().len(), 2, "only tickets are read again");

    // A ticket is never remembered.
    bench
        .tenant
        .update_record("Ticket", bench.ticket(), "Title", "Outlook starts");
    let ticket = ask(&bench, &needs).await.ticket.unwrap();
    assert_eq!(ticket.title, "Outlook starts");

    // Whoever changed something says so.
    bench.desk.forget().await;
    bench.tenant.reset_calls();
    ask(&bench, &needs).await;
    for entity in ["Ticket", "Resource", "Role", "ResourceRole"] {
        assert_eq!(bench.tenant.call_count("query", entity), 1, "{entity}");
    }
    assert_eq!(bench.tenant.call_count("GetFieldInfo", "TicketNote"), 1);
    assert_eq!(bench.tenant.calls().len(), 5);
}

#[tokio::test]
async fn what_is_remembered_ages() {
    let bench = bench().await;
    let settings = DeskSettings {
        look_up_age: Duration::ZERO,
    };
    let client = client(&bench.tenant, PASSWORD, CODE).build().unwrap();
    let desk = AutotaskDesk::new(client, settings);
    let needs = needs_of(&bench);
    let known = desk.look_up(&needs).await.unwrap();
    assert_eq!(known.roles.len(), 1);
    let role = bench.tenant.demo().role;
    bench.tenant.update_record("Role", role, "Name", "Renamed");
    assert_eq!(desk.look_up(&needs).await.unwrap().roles, []);
}

/// Asks, mends the tenant, and asks again.
async fn mended(bench: &Bench, needs: &Needs, mend: impl FnOnce()) -> (Facts, Facts) {
    let before = ask(bench, needs).await;
    mend();
    (before, ask(bench, needs).await)
}

#[tokio::test]
async fn what_a_plan_could_not_use_is_asked_again() {
    let bench = bench().await;
    let demo = *bench.tenant.demo();
    let set = |entity, id, field, on: bool| bench.tenant.update_record(entity, id, field, on);
    let role_and = |email: &str, role: &str| Needs {
        resource_email: Some(email.into()),
        role_name: Some(role.into()),
        ..Needs::default()
    };

    // Nobody has the address; then somebody has.
    let needs = role_and("new@example.com", "Support Engineer");
    let (before, after) = mended(&bench, &needs, || {
        bench.tenant.add(somebody("new@example.com"));
    })
    .await;
    assert_eq!((before.resources.len(), after.resources.len()), (0, 1));

    // The only one has left; then comes back.
    let needs = role_and("pgone@example.com", "Support Engineer");
    let (before, after) = mended(&bench, &needs, || {
        set("Resource", demo.inactive_technician, "Active", true);
    })
    .await;
    assert!(!before.resources[0].active && after.resources[0].active);

    // Two share an address; then one leaves.
    let twin = bench.tenant.add(somebody("mjones@example.com"));
    let needs = role_and("mjones@example.com", "Support Engineer");
    let (before, after) = mended(&bench, &needs, || {
        set("Resource", twin, "Active", false);
    })
    .await;
    assert_eq!(before.held_role_ids, [0; 0]);
    assert!(after.held_role_ids.contains(&demo.role));

    // No role has that name; then one gets it.
    let needs = role_and("jsmith@example.com", "Field Engineer");
    let (before, after) = mended(&bench, &needs, || {
        let role = Record::new("Role").set("Name", "Field Engineer");
        bench.tenant.add(role.set("Active", true));
    })
    .await;
    assert_eq!((before.roles.len(), after.roles.len()), (0, 1));

    // The role is not in use; then it is.
    let needs = role_and("jsmith@example.com", "Old Role");
    let (before, after) = mended(&bench, &needs, || {
        set("Role", demo.inactive_role, "Active", true);
    })
    .await;
    assert!(!before.roles[0].active && after.roles[0].active);

    // The person does not hold the role; then is given it.
    let needs = role_and("mjones@example.com", "Consultant");
    let (before, after) = mended(&bench, &needs, || {
        bench.tenant.add(
            Record::new("ResourceRole")
                .set("ResourceID", demo.second_technician)
                .set("RoleID", demo.second_role)
                .set("Active", true),
        );
    })
    .await;
    assert!(!before.held_role_ids.contains(&demo.second_role));
    assert!(after.held_role_ids.contains(&demo.second_role));
}

#[tokio::test]
async fn a_failed_question_is_a_failure_and_is_not_remembered() {
    let bench = bench().await;
    for (fault, class) in [
        (Fault::Status500Html, Some(FailureClass::Transient)),
        (Fault::DropBeforeCommit, Some(FailureClass::Transient)),
        (Fault::Unauthorized401, Some(FailureClass::Config)),
        (Fault::ThreadLimit, Some(FailureClass::Limit)),
        (Fault::SoapFault, None),
        (Fault::Html200, None),
        (Fault::Redirect307, None),
        (Fault::TruncatedBody { after_commit: true }, None),
        (Fault::BrokenBody { after_commit: true }, None),
    ] {
        for operation in ["query", "GetFieldInfo"] {
            bench.desk.forget().await;
            let spec = FaultSpec::new(fault.clone()).on(operation);
            bench.tenant.fault(spec.times(FaultSpec::ALWAYS));
            let failed = bench.desk.look_up(&needs_of(&bench)).await;
            let failure = sensible(failed.expect_err(operation));
            assert!(
                class.is_none_or(|class| class == failure.class),
                "{fault:?} {operation}: {failure}"
            );
            assert_ne!(failure.class, FailureClass::Data, "{fault:?}: {failure}");
            bench.tenant.clear_faults();
            let facts = ask(&bench, &needs_of(&bench)).await;
            assert_eq!((facts.resources.len(), facts.publish.len()), (1, 2));
        }
    }
}

#[tokio::test]
async fn wrong_settings_are_told_from_other_failures() {
    let bench = bench().await;
    for (password, code) in [("wrong-password", CODE), (PASSWORD, "WRONGCODE")] {
        let client = client(&bench.tenant, password, code).build().unwrap();
        let desk = AutotaskDesk::new(client, DeskSettings::default());
        let failure = desk.look_up(&needs_of(&bench)).await.unwrap_err();
        let failure = sensible(failure);
        assert_eq!(failure.class, FailureClass::Config, "{failure}");
        assert!(!format!("{failure:?}").contains(&password[..6]) || password == PASSWORD);
    }
    bench.tenant.set_foreign_requests(10_001);
    let failure = bench.desk.look_up(&needs_of(&bench)).await.unwrap_err();
    assert_eq!(sensible(failure).class, FailureClass::Limit);
}

#[tokio::test]
async fn a_question_is_repeated_after_trouble_that_passes() {
    let bench = bench_with(|client| {
        let mut policy = RetryPolicy::attempts(3);
        policy.first_pause = Duration::from_millis(1);
        client.retry(policy)
    })
    .await;
    let trouble = FaultSpec::new(Fault::DropBeforeCommit).on("query");
    bench.tenant.fault(trouble.times(2));
    assert!(ask(&bench, &needs_of(&bench)).await.ticket.is_some());
}
