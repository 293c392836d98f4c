//! Writing in somebody's name, and what happens when the server does not allow it.

use super::*;
use autotask_soap::ImpersonationFallback;

#[tokio::test]
async fn a_refused_impersonation_fails_by_default() {
    let (sim, client) = tenant().await;
    sim.configure(|settings| settings.allow_impersonation = false);
    let error = client
        .impersonate(sim.demo().technician)
        .create(&note_on(&sim, "x"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.outcome()),
        (ErrorKind::Refused, Outcome::NotStored)
    );
    assert_eq!(titled(&sim, "x"), 0);
    assert_eq!(sim.call_count("create", ""), 1);
}

#[tokio::test]
async fn with_a_fallback_it_is_written_as_the_api_user_and_told() {
    let (sim, client) = tenant().await;
    let gone = sim.demo().inactive_technician;
    let handle = client.impersonate_or(gone, ImpersonationFallback::AsApiUser);
    let created = handle.create(&note_on(&sim, "x")).await.unwrap();
    assert_eq!(created.acted_as.resource, None);
    let refused = created.acted_as.refused.unwrap();
    assert_eq!(refused.resource, gone);
    assert!(!refused.errors.is_empty());
    let record = sim.record("TicketNote", created.id).unwrap();
    assert_eq!(record.int("CreatorResourceID"), Some(sim.demo().api_user));
    assert_eq!(titled(&sim, "x"), 1);

    // Updates, deletions and batches alike.
    let modified = handle
        .modify::<Ticket>(sim.demo().ticket, |t| t.title = Some("New".into()))
        .await
        .unwrap();
    assert_eq!(modified.acted_as.refused.map(|r| r.resource), Some(gone));
    let deleted = handle.delete::<TimeEntry>(time_entry(&sim)).await.unwrap();
    assert_eq!(deleted.acted_as.refused.map(|r| r.resource), Some(gone));
    let batch = [note_on(&sim, "a"), note_on(&sim, "b")];
    let stored = handle.create_batch(&batch).await.unwrap();
    assert_eq!(stored.acted_as.refused.map(|r| r.resource), Some(gone));
    assert_eq!((titled(&sim, "a"), titled(&sim, "b")), (1, 1));
}

#[tokio::test]
async fn an_allowed_impersonation_needs_no_fallback() {
    let (sim, client) = tenant().await;
    let technician = sim.demo().technician;
    let created = client
        .impersonate_or(technician, ImpersonationFallback::AsApiUser)
        .create(&note_on(&sim, "x"))
        .await
        .unwrap();
    assert_eq!(created.acted_as.resource, Some(technician));
    assert_eq!(created.acted_as.refused, None);
    assert_eq!(sim.call_count("create", ""), 1);
}

/// Only a clear refusal of the impersonation is answered by another try.
#[tokio::test]
async fn other_failures_do_not_fall_back() {
    let (sim, client) = tenant().await;
    let handle = client.impersonate_or(
        sim.demo().inactive_technician,
        ImpersonationFallback::AsApiUser,
    );
    for fault in [
        Fault::LoseAnswerAfterCommit,
        Fault::DropBeforeCommit,
        Fault::SoapFault,
        Fault::Status500Html,
        Fault::Html200,
        Fault::ThreadLimit,
    ] {
        sim.fault(FaultSpec::new(fault.clone()).on("create"));
        sim.reset_calls();
        handle.create(&note_on(&sim, "x")).await.unwrap_err();
        assert_eq!(sim.call_count("create", ""), 1, "{fault:?}");
        assert_eq!(titled(&sim, "x"), 0, "{fault:?}");
    }
    // A refusal for another reason: the technician may be impersonated, the note is bad.
    sim.reset_calls();
    let mut bad = note_on(&sim, "x");
    bad.ticket_id = Some(99_999_999);
    let error = client
        .impersonate_or(sim.demo().technician, ImpersonationFallback::AsApiUser)
        .create(&bad)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(sim.call_count("create", ""), 1);
}

/// When the second try fails too, its failure counts, and the refusal stands behind it.
#[tokio::test]
async fn a_fallback_can_be_ambiguous() {
    let (sim, client) = tenant().await;
    sim.configure(|settings| settings.allow_impersonation = false);
    sim.fault_after(1, FaultSpec::new(Fault::SoapFault).on("create"));
    let error = client
        .impersonate_or(sim.demo().technician, ImpersonationFallback::AsApiUser)
        .create(&note_on(&sim, "x"))
        .await
        .unwrap_err();
    assert_eq!(error.outcome(), Outcome::Ambiguous);
    let before = std::error::Error::source(&error).unwrap().to_string();
    assert!(before.contains("impersonate"), "{before}");
    assert_eq!(sim.call_count("create", ""), 2);
}
