//! The role for a resource's time on a ticket.

use crate::support::*;
use autotask_sim::{AutotaskSim, Record};
use autotask_soap::lookup::{RoleOutcome, RoleResolution, RoleRule};
use autotask_soap::v1_6::Ticket;
use autotask_soap::{Client, ErrorKind};

async fn resolve(client: &Client, resource: i64, ticket: i64) -> RoleResolution {
    let ticket = client.get::<Ticket>(ticket).await.unwrap();
    client
        .resolve_role(resource, ticket.as_ref())
        .await
        .unwrap()
}

#[track_caller]
fn decided(resolution: &RoleResolution, role: i64, rule: RoleRule) {
    match &resolution.outcome {
        RoleOutcome::One { role: have, basis } => {
            assert_eq!((have.id, *basis), (role, rule), "{resolution}");
        }
        other => panic!("{other:?}: {resolution}"),
    }
    assert_eq!(resolution.role_id(), Some(role));
    let last = resolution.steps.last().unwrap();
    assert_eq!(
        (last.rule, last.role.as_ref().map(|role| role.id)),
        (rule, Some(role))
    );
}

/// A resource without roles.
fn newcomer(sim: &AutotaskSim) -> i64 {
    sim.add(
        Record::new("Resource")
            .set("UserName", "new")
            .set("FirstName", "Nina")
            .set("LastName", "New")
            .set("Email", "new@example.com")
            .set("Active", true),
    )
}

fn hold(sim: &AutotaskSim, resource: i64, role: i64) -> i64 {
    sim.add(
        Record::new("ResourceRole")
            .set("ResourceID", resource)
            .set("RoleID", role)
            .set("Active", true),
    )
}

fn desk(sim: &AutotaskSim, resource: i64, role: i64, default: bool) -> i64 {
    sim.add(
        Record::new("ResourceServiceDeskRole")
            .set("ResourceID", resource)
            .set("RoleID", role)
            .set("Active", true)
            .set("Default", default),
    )
}

#[tokio::test]
async fn the_tickets_assignment_comes_first() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    // Against the default, to see which rule it is.
    sim.update_record(
        "Ticket",
        demo.ticket,
        "AssignedResourceRoleID",
        demo.second_role,
    );
    let resolution = resolve(&client, demo.technician, demo.ticket).await;
    decided(&resolution, demo.second_role, RoleRule::TicketAssignment);
    assert_eq!(resolution.steps.len(), 1);
    assert!(
        resolution.steps[0].reason.contains("'Consultant'"),
        "{resolution}"
    );
}

#[tokio::test]
async fn then_the_default_service_desk_role() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let resolution = resolve(&client, demo.technician, demo.queue_ticket).await;
    decided(&resolution, demo.role, RoleRule::DefaultServiceDeskRole);
    assert!(
        resolution.steps[0].reason.contains("nobody"),
        "{resolution}"
    );
    // Somebody else's ticket says nothing about one's own role.
    let resolution = resolve(&client, demo.second_technician, demo.ticket).await;
    decided(&resolution, demo.role, RoleRule::DefaultServiceDeskRole);
    let other = &resolution.steps[0].reason;
    assert!(other.contains(&demo.technician.to_string()), "{other}");
    // Without a ticket too.
    let resolution = client.resolve_role(demo.technician, None).await.unwrap();
    decided(&resolution, demo.role, RoleRule::DefaultServiceDeskRole);
}

#[tokio::test]
async fn then_the_only_active_role() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let nina = newcomer(&sim);
    hold(&sim, nina, demo.second_role);
    // In a second queue, as an approver, and a role that is out of use: still only one.
    hold(&sim, nina, demo.second_role);
    hold(&sim, nina, 110);
    hold(&sim, nina, 112);
    hold(&sim, nina, demo.inactive_role);
    let resolution = resolve(&client, nina, demo.queue_ticket).await;
    decided(&resolution, demo.second_role, RoleRule::OnlyActiveRole);
    assert_eq!(resolution.steps.len(), 3);
}

#[tokio::test]
async fn several_roles_are_named_and_none_is_chosen() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    let nina = newcomer(&sim);
    hold(&sim, nina, demo.role);
    hold(&sim, nina, demo.second_role);
    let resolution = resolve(&client, nina, demo.queue_ticket).await;
    let RoleOutcome::Many(roles) = &resolution.outcome else {
        panic!("{resolution}");
    };
    let ids: Vec<_> = roles.iter().map(|role| role.id).collect();
    assert_eq!(ids, [demo.role, demo.second_role]);
    let error = resolution.require().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotUnique);
    let text = error.to_string();
    assert!(
        text.contains("'Support Engineer'") && text.contains("'Consultant'"),
        "{text}"
    );
    assert!(text.contains("1. ticket's assignment"), "{text}");

    // Two defaults decide nothing either.
    desk(&sim, nina, demo.role, true);
    desk(&sim, nina, demo.second_role, true);
    let resolution = resolve(&client, nina, demo.queue_ticket).await;
    assert!(matches!(resolution.outcome, RoleOutcome::Many(_)));
    assert!(
        resolution.steps[1].reason.contains("several default"),
        "{resolution}"
    );
}

#[tokio::test]
async fn no_role_at_all() {
    let (sim, client) = tenant().await;
    let nina = newcomer(&sim);
    let resolution = resolve(&client, nina, sim.demo().ticket).await;
    assert_eq!(resolution.outcome, RoleOutcome::NoRole);
    assert_eq!(resolution.role_id(), None);
    assert_eq!(
        resolution.require().unwrap_err().kind(),
        ErrorKind::NotFound
    );
    let rules: Vec<_> = resolution.steps.iter().map(|step| step.rule).collect();
    assert_eq!(
        rules,
        [
            RoleRule::TicketAssignment,
            RoleRule::DefaultServiceDeskRole,
            RoleRule::OnlyActiveRole
        ]
    );
}

#[tokio::test]
async fn a_role_out_of_use_does_not_decide() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    sim.update_record("Role", demo.role, "Active", false);
    let resolution = resolve(&client, demo.technician, demo.ticket).await;
    decided(&resolution, demo.second_role, RoleRule::OnlyActiveRole);
    for step in &resolution.steps[..2] {
        assert!(step.reason.contains("is not active"), "{resolution}");
    }
}

#[tokio::test]
async fn a_role_that_the_resource_no_longer_holds_does_not_decide() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    // The second technician holds the first role only.
    sim.update_record(
        "Ticket",
        demo.ticket,
        "AssignedResourceID",
        demo.second_technician,
    );
    sim.update_record(
        "Ticket",
        demo.ticket,
        "AssignedResourceRoleID",
        demo.second_role,
    );
    let resolution = resolve(&client, demo.second_technician, demo.ticket).await;
    decided(&resolution, demo.role, RoleRule::DefaultServiceDeskRole);
    assert!(
        resolution.steps[0]
            .reason
            .contains("not one that the resource holds")
    );
}

#[tokio::test]
async fn assignments_that_may_not_be_seen_do_not_speak_against_the_ticket() {
    let (sim, client) = tenant().await;
    let demo = *sim.demo();
    for entity in ["ResourceRole", "ResourceServiceDeskRole", "Role"] {
        sim.restrict(entity);
    }
    let resolution = resolve(&client, demo.technician, demo.ticket).await;
    decided(&resolution, demo.role, RoleRule::TicketAssignment);
    let resolution = resolve(&client, demo.technician, demo.queue_ticket).await;
    assert_eq!(resolution.outcome, RoleOutcome::NoRole);
    assert!(
        resolution.steps[2].reason.contains("can see"),
        "{resolution}"
    );
}
