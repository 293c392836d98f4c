//! Look-ups with none, one or many outcomes.

use crate::support::*;
use autotask_sim::Record;
use autotask_soap::lookup::{Among, Lookup, TicketKey};
use autotask_soap::v1_6::{Account, Resource};
use autotask_soap::{Entity, ErrorKind};

fn person(login: &str, email: &str) -> Record {
    Record::new("Resource")
        .set("UserName", login)
        .set("FirstName", "Jane")
        .set("LastName", login)
        .set("Email", email)
        .set("Active", true)
}

fn ids<E: Entity>(lookup: Lookup<E>) -> Vec<i64> {
    let records = lookup.into_candidates();
    records.iter().filter_map(Entity::record_id).collect()
}

#[tokio::test]
async fn resources_by_email() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let by = |email: &'static str, among| client.resource_by_email(email, among);
    let one = by(" JSmith@Example.com ", Among::Active).await.unwrap();
    assert_eq!(ids(one), [demo.technician]);

    let gone = by("pgone@example.com", Among::Active).await.unwrap();
    let error = gone.require().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("pgone@example.com"), "{error}");
    let gone = by("pgone@example.com", Among::All).await.unwrap();
    assert_eq!(ids(gone), [demo.inactive_technician]);

    // The second and third addresses count as much as the first: nothing is guessed.
    let second =
        sim.add(person("second", "second@example.com").set("Email2", "jsmith@example.com"));
    let third = sim.add(person("third", "third@example.com").set("Email3", "jsmith@example.com"));
    let many = by("jsmith@example.com", Among::Active).await.unwrap();
    assert!(matches!(&many, Lookup::Many { candidates, .. } if candidates.len() == 3));
    let error = many.clone().require().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnique);
    assert!(
        error
            .to_string()
            .contains(&format!("'Jane second' ({second})")),
        "{error}"
    );
    assert_eq!(ids(many), [demo.technician, second, third]);
}

#[tokio::test]
async fn resources_by_user_name() {
    let (sim, client) = tenant().await;
    for name in ["jsmith", "JSMITH", "jsmith@example.com", " jsmith "] {
        let found = client
            .resource_by_user_name(name, Among::Active)
            .await
            .unwrap();
        assert_eq!(ids(found), [sim.demo().technician], "{name}");
    }
    let nobody = client
        .resource_by_user_name("js", Among::All)
        .await
        .unwrap();
    assert_eq!(nobody.optional().unwrap(), None);
}

#[tokio::test]
async fn accounts() {
    let (sim, client) = tenant().await;
    let account = sim.demo().account;
    let found = client
        .account_by_name("acme, INC.", Among::Active)
        .await
        .unwrap();
    assert_eq!(ids(found), [account]);
    let found = client
        .account_by_number("a-1001", Among::Active)
        .await
        .unwrap();
    assert_eq!(ids(found), [account]);
    // The tenant's own company has the id 0.
    let own = client
        .account_by_name("Northwind IT Services", Among::Active)
        .await
        .unwrap();
    assert_eq!(own.require().unwrap().id, Some(0));

    let twin = sim.add(
        Record::new("Account")
            .set("AccountName", "ACME, Inc.")
            .set("Active", true),
    );
    let old = sim.add(
        Record::new("Account")
            .set("AccountName", "Acme, Inc.")
            .set("Active", false),
    );
    let found = client
        .account_by_name("Acme, Inc.", Among::Active)
        .await
        .unwrap();
    assert_eq!(ids(found), [account, twin]);
    let found = client
        .account_by_name("Acme, Inc.", Among::All)
        .await
        .unwrap();
    assert_eq!(ids(found), [account, twin, old]);
}

#[tokio::test]
async fn contacts_by_email() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let other = sim.add(
        Record::new("Account")
            .set("AccountName", "Other")
            .set("Active", true),
    );
    let twin = sim.add(
        Record::new("Contact")
            .set("AccountID", other)
            .set("FirstName", "E.")
            .set("LastName", "M.")
            .set("EMailAddress3", "erika@acme.example")
            .set("Active", 1),
    );
    let by = |account| client.contact_by_email("Erika@acme.example", account, Among::Active);
    let error = by(None).await.unwrap().require().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnique);
    assert!(
        error.to_string().contains(&format!("of account {other}")),
        "{error}"
    );
    assert_eq!(ids(by(Some(demo.account)).await.unwrap()), [demo.contact]);
    assert_eq!(ids(by(Some(other)).await.unwrap()), [twin]);
    sim.update_record("Contact", twin, "Active", 0);
    assert_eq!(ids(by(None).await.unwrap()), [demo.contact]);
}

#[tokio::test]
async fn tickets_by_id_or_number() {
    let (sim, client) = tenant().await;
    let id = sim.demo().ticket;
    let number = sim
        .record("Ticket", id)
        .unwrap()
        .text("TicketNumber")
        .to_owned();
    for key in [
        TicketKey::Id(id),
        TicketKey::Number(number.to_lowercase()),
        TicketKey::parse(&id.to_string()),
        TicketKey::parse(&format!(" {number}\n")),
    ] {
        assert_eq!(
            ids(client.find_ticket(key.clone()).await.unwrap()),
            [id],
            "{key:?}"
        );
    }
    let none = client
        .find_ticket(TicketKey::parse("T19990101.0001"))
        .await
        .unwrap();
    let error = none.require().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().contains("T19990101.0001"), "{error}");
    assert_eq!(
        client.find_ticket(99).await.unwrap().optional().unwrap(),
        None
    );
    // What does not fit an id is a number, not a wrong id.
    assert_eq!(
        TicketKey::parse("99999999999999999999"),
        TicketKey::Number("99999999999999999999".into())
    );
    assert_eq!(TicketKey::parse("-5"), TicketKey::Number("-5".into()));
}

#[tokio::test]
async fn nothing_is_looked_up_for_a_blank_text() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    sim.reset_calls();
    for error in [
        client.resource_by_email(" ", Among::All).await.unwrap_err(),
        client
            .resource_by_user_name("@example.com", Among::All)
            .await
            .unwrap_err(),
        client.account_by_name("", Among::All).await.unwrap_err(),
        client
            .account_by_number("\t", Among::All)
            .await
            .unwrap_err(),
        client
            .contact_by_email("", None, Among::All)
            .await
            .unwrap_err(),
        client.find_ticket(TicketKey::parse(" ")).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Query, "{error}");
    }
    assert!(sim.calls().is_empty());
}

/// A database that holds `é` and `e` for the same finds more than was asked for.
#[tokio::test]
async fn what_the_database_finds_beyond_the_text_does_not_count() {
    let row = |id: i64, name: &str| {
        format!(
            r#"<Entity xsi:type="Account"><id>{id}</id><AccountName xsi:type="xsd:string">{name}</AccountName></Entity>"#
        )
    };
    let rows = row(1, "Café") + &row(2, "cafe") + &row(3, "CAFÉ ");
    let script = Script::new([Ok(ok(success("query", &rows)))]);
    let found = script
        .client()
        .account_by_name("café", Among::All)
        .await
        .unwrap();
    assert_eq!(ids(found), [1, 3]);
}

#[tokio::test]
async fn what_may_not_be_seen_is_not_found() {
    let (sim, client) = tenant().await;
    sim.restrict("Resource");
    let hidden = client
        .resource_by_email("jsmith@example.com", Among::All)
        .await
        .unwrap();
    let error = hidden.require().unwrap_err();
    assert!(error.to_string().contains("security level"), "{error}");
}

#[test]
fn many_candidates_are_counted_in_messages() {
    let resource = |id: i64| Resource {
        id: Some(id),
        first_name: Some("Jo".into()),
        ..Resource::default()
    };
    let many = Lookup::new("resource", (1..=14).map(resource).collect());
    let text = many.optional().unwrap_err().to_string();
    assert!(text.contains("'Jo' (10), and 4 more"), "{text}");
    let none = Lookup::<Account>::new("account", Vec::new());
    assert_eq!(none.optional().unwrap(), None);
}
