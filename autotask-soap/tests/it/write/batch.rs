//! Batches and chunks.

use super::*;
use autotask_sim::{ErrorStyle, When};
use autotask_soap::write::{BatchFailed, ChunkState, Chunking, RecordResult};
use proptest::prelude::*;

/// Notes of which those at `bad` name a ticket that does not exist.
fn notes(sim: &AutotaskSim, count: usize, bad: &[usize]) -> Vec<TicketNote> {
    (0..count)
        .map(|at| {
            let mut note = note_on(sim, &format!("note {at}"));
            if bad.contains(&at) {
                note.ticket_id = Some(99_999_999);
            }
            note
        })
        .collect()
}

fn reasons(result: &RecordResult) -> String {
    match result {
        RecordResult::AtFault(reasons) => {
            let texts: Vec<&str> = reasons.iter().map(|r| r.message.as_str()).collect();
            texts.join("; ")
        }
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn the_rest_of_a_refused_batch_is_sent_on_request_only() {
    for style in [ErrorStyle::Paired, ErrorStyle::OneText] {
        let (sim, client) = tenant().await;
        sim.configure(|settings| settings.error_style = style);
        let before = sim.records("TicketNote").len();
        let batch = notes(&sim, 6, &[1, 4]);
        let failed = client.create_batch(&batch).await.unwrap_err();
        assert_eq!(
            (failed.error().kind(), failed.error().outcome()),
            (ErrorKind::Refused, Outcome::NotStored)
        );
        assert_eq!(failed.at_fault(), [1, 4]);
        assert_eq!(failed.rest(), [0, 2, 3, 5]);
        assert_eq!(
            reasons(&failed.results()[4]).trim_end_matches('.'),
            "Reference value on field: ticketID of type: Ticket does not exist or is invalid"
        );
        assert_eq!(sim.records("TicketNote").len(), before);
        assert_eq!(sim.call_count("create", ""), 1);
        // The records, which hold customers' texts, do not show.
        assert!(!format!("{failed:?}").contains("Done."), "{failed:?}");

        let stored = failed.resubmit_rest().await.unwrap();
        assert_eq!(stored.ids.len(), 4);
        assert!(!stored.is_complete());
        let fates: Vec<bool> = stored
            .results
            .iter()
            .map(|result| *result == RecordResult::Stored)
            .collect();
        assert_eq!(fates, [true, false, true, true, false, true]);
        assert_eq!(sim.records("TicketNote").len(), before + 4);
        assert_eq!((titled(&sim, "note 0"), titled(&sim, "note 1")), (1, 0));
        assert_eq!(sim.call_count("create", ""), 2);
    }
}

/// Positions stay those of the given records, however often the rest is sent.
#[tokio::test]
async fn a_second_refusal_names_the_right_records() {
    let (sim, client) = tenant().await;
    let mut batch = notes(&sim, 5, &[0]);
    let other = sim.demo().queue_ticket;
    batch[3].ticket_id = i32::try_from(other).ok();
    let failed = client.create_batch(&batch).await.unwrap_err();
    assert_eq!(failed.at_fault(), [0]);
    sim.remove_record("Ticket", other);
    let failed = failed.resubmit_rest().await.unwrap_err();
    // In the second call it was the third record.
    assert_eq!(failed.error().server_errors()[0].record, Some(3));
    assert_eq!(failed.at_fault(), [0, 3]);
    assert_eq!(failed.rest(), [1, 2, 4]);
    let stored = failed.resubmit_rest().await.unwrap();
    assert_eq!(stored.ids.len(), 3);
    assert_eq!((titled(&sim, "note 3"), titled(&sim, "note 4")), (0, 1));
}

#[tokio::test]
async fn a_refusal_of_the_call_is_not_sent_again() {
    let (sim, _) = tenant().await;
    let client = Client::builder(sim.username(), sim.password(), "WRONG")
        .endpoint(sim.lookup_endpoint())
        .build()
        .unwrap();
    let batch = notes(&sim, 2, &[]);
    let failed = client.create_batch(&batch).await.unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::IntegrationCode);
    assert_eq!(
        failed.results(),
        [RecordResult::NotStored, RecordResult::NotStored]
    );
    let failed = failed.resubmit_rest().await.unwrap_err();
    assert_eq!(sim.call_count("create", ""), 1);
    // It is an error like any other.
    let error = autotask_soap::Error::from(failed);
    assert_eq!(error.kind(), ErrorKind::IntegrationCode);
}

#[tokio::test]
async fn an_ambiguous_batch_is_not_sent_again() {
    let (sim, client) = tenant().await;
    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create"));
    let batch = notes(&sim, 3, &[]);
    let failed = client.create_batch(&batch).await.unwrap_err();
    assert_eq!(failed.error().outcome(), Outcome::Ambiguous);
    assert_eq!(failed.results(), vec![RecordResult::Ambiguous; 3]);
    assert!(failed.rest().is_empty());
    let failed = failed.resubmit_rest().await.unwrap_err();
    assert_eq!(failed.error().outcome(), Outcome::Ambiguous);
    assert_eq!(sim.call_count("create", ""), 1);
    assert_eq!(titled(&sim, "note 2"), 1);
}

/// The second call of a batch can be the ambiguous one.
#[tokio::test]
async fn an_ambiguous_rest_says_so() {
    let (sim, client) = tenant().await;
    let batch = notes(&sim, 3, &[0]);
    let failed = client.create_batch(&batch).await.unwrap_err();
    sim.fault(FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create"));
    let failed = failed.resubmit_rest().await.unwrap_err();
    assert_eq!(failed.at_fault(), [0]);
    assert_eq!(
        failed.results()[1..],
        [RecordResult::Ambiguous, RecordResult::Ambiguous]
    );
}

/// Errors without numbers, with numbers beyond the batch, out of order: all texts are there, nobody
/// is blamed who is not named.
#[tokio::test]
async fn malformed_pairs_blame_nobody_wrongly() {
    let number = |n| format!("Error creating entity for record number [{n}].");
    for (texts, at_fault) in [
        (vec!["One.".to_owned()], vec![]),
        (vec![number(3), "One.".to_owned()], vec![]),
        (vec!["One.".to_owned(), number(2)], vec![1]),
        (vec![number(1), "One.".to_owned(), number(2)], vec![0, 1]),
        (
            vec!["One.".to_owned(), "Two.".to_owned(), number(1)],
            vec![0],
        ),
        (
            vec!["Title 'record number [1]' is bad.".to_owned(), number(2)],
            vec![1],
        ),
        (vec![], vec![]),
    ] {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let script = Script::new([Ok(ok(refusal("create", &texts)))]);
        let batch = [note(), note()];
        let client = script.client();
        let failed = client.create_batch(&batch).await.unwrap_err();
        assert_eq!(failed.error().kind(), ErrorKind::Refused);
        assert_eq!(failed.at_fault(), at_fault, "{texts:?}");
        let said = failed.to_string();
        for text in texts.iter().filter(|text| !text.starts_with("Error")) {
            assert!(said.contains(text), "{said}");
        }
    }
}

#[tokio::test]
async fn what_is_found_before_sending_names_its_records() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    let mut batch = notes(&sim, 3, &[]);
    batch[2].publish = None;
    let failed = client.create_batch(&batch).await.unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::Validation);
    assert_eq!(failed.at_fault(), [2]);
    assert!(
        failed
            .to_string()
            .contains("record 3: TicketNote.Publish is required"),
        "{failed}"
    );
    assert_eq!(sim.call_count("create", ""), 0);
    let stored = failed.resubmit_rest().await.unwrap();
    assert_eq!(stored.ids.len(), 2);
}

#[tokio::test]
async fn batches_of_deletions_and_replacements() {
    let (sim, client) = tenant().await;
    let ids = [time_entry(&sim), 99_999_999, time_entry(&sim)];
    let failed = client.delete_batch::<TimeEntry>(&ids).await.unwrap_err();
    assert_eq!(failed.at_fault(), [1]);
    assert!(sim.record("TimeEntry", ids[0]).is_some(), "all or none");
    let stored = failed.resubmit_rest().await.unwrap();
    assert_eq!(stored.ids, [ids[0], ids[2]]);
    assert!(sim.record("TimeEntry", ids[2]).is_none());

    let first = client
        .get::<Ticket>(sim.demo().ticket)
        .await
        .unwrap()
        .unwrap();
    let second = client
        .get::<Ticket>(sim.demo().queue_ticket)
        .await
        .unwrap()
        .unwrap();
    let batch = [
        Ticket {
            status: Some(8),
            ..first
        },
        // 6 is not active.
        Ticket {
            status: Some(6),
            ..second
        },
    ];
    let failed = client
        .replace_batch_clearing_unset(&batch)
        .await
        .unwrap_err();
    assert_eq!(failed.at_fault(), [1]);
    let status = |id| sim.record("Ticket", id).unwrap().int("Status");
    assert_eq!(status(sim.demo().ticket), Some(1));
    let stored = failed.resubmit_rest().await.unwrap();
    assert_eq!(stored.ids, [sim.demo().ticket]);
    assert_eq!(status(sim.demo().ticket), Some(8));
    assert_eq!(status(sim.demo().queue_ticket), Some(1));
}

#[tokio::test]
async fn one_call_takes_two_hundred_and_chunks_take_the_rest() {
    let (sim, client) = tenant().await;
    let many = notes(&sim, 201, &[]);
    let failed = client.create_batch(&many).await.unwrap_err();
    assert_eq!(failed.error().kind(), ErrorKind::Validation);
    assert_eq!(sim.call_count("create", ""), 0);
    assert_eq!(
        client.create_batch(&many[..200]).await.unwrap().ids.len(),
        200
    );

    sim.reset_calls();
    let before = sim.records("TicketNote").len();
    let report = client
        .create_in_chunks(&many, Chunking::of(100))
        .run()
        .await
        .unwrap();
    let ranges: Vec<_> = report
        .chunks
        .iter()
        .map(|chunk| chunk.range.clone())
        .collect();
    assert_eq!(ranges, [0..100, 100..200, 200..201]);
    assert_eq!(report.ids().len(), 201);
    assert_eq!(sim.records("TicketNote").len(), before + 201);
    assert_eq!(sim.call_count("create", ""), 3);
}

#[tokio::test]
async fn an_ambiguous_chunk_is_the_last_one() {
    let (sim, client) = tenant().await;
    sim.fault_after(1, FaultSpec::new(Fault::LoseAnswerAfterCommit).on("create"));
    let many = notes(&sim, 10, &[]);
    let chunking = Chunking::of(3).going_on_after_refusals();
    let stopped = client
        .create_in_chunks(&many, chunking)
        .run()
        .await
        .unwrap_err();
    let states: Vec<_> = stopped
        .report
        .chunks
        .iter()
        .map(|chunk| &chunk.state)
        .collect();
    assert!(
        matches!(
            states[..],
            [
                ChunkState::Stored { .. },
                ChunkState::Ambiguous(Some(_)),
                ChunkState::NotSent,
                ChunkState::NotSent,
            ]
        ),
        "{states:?}"
    );
    let counts = stopped.report.counts();
    assert_eq!(
        (counts.stored, counts.ambiguous, counts.not_sent),
        (3, 3, 4)
    );
    assert_eq!(stopped.report.ids().len(), 3);
    assert_eq!(sim.call_count("create", ""), 2);
    let said = stopped.to_string();
    assert!(
        said.contains("records 4 to 6: create of TicketNote"),
        "{said}"
    );
}

#[tokio::test]
async fn a_refused_chunk_stops_or_does_not() {
    let (sim, client) = tenant().await;
    let many = notes(&sim, 6, &[2]);
    let stopped = client
        .create_in_chunks(&many, Chunking::of(2))
        .run()
        .await
        .unwrap_err();
    let counts = stopped.report.counts();
    assert_eq!(
        (counts.stored, counts.not_stored, counts.not_sent),
        (2, 2, 2)
    );
    assert_eq!(titled(&sim, "note 4"), 0);

    let stopped = client
        .create_in_chunks(&many, Chunking::of(2).going_on_after_refusals())
        .run()
        .await
        .unwrap_err();
    let counts = stopped.report.counts();
    assert_eq!(
        (counts.stored, counts.not_stored, counts.not_sent),
        (4, 2, 0)
    );
    assert_eq!((titled(&sim, "note 3"), titled(&sim, "note 4")), (0, 1));
}

/// Refusals that concern every call stop even those who go on after refused records.
#[tokio::test]
async fn a_refused_password_stops_all_chunks() {
    let (sim, client) = tenant().await;
    client.zone().await.unwrap();
    sim.set_password("another");
    let many = notes(&sim, 6, &[]);
    let chunking = Chunking::of(2).going_on_after_refusals();
    let stopped = client
        .create_in_chunks(&many, chunking)
        .run()
        .await
        .unwrap_err();
    let counts = stopped.report.counts();
    assert_eq!((counts.not_stored, counts.not_sent), (2, 4));
    assert_eq!(sim.call_count("create", ""), 1);
}

#[tokio::test]
async fn a_chunk_that_nobody_waited_for_is_ambiguous() {
    let (sim, client) = tenant().await;
    let many = notes(&sim, 4, &[]);
    let mut chunks = client.create_in_chunks(&many, Chunking::of(2));
    let first = chunks.next().await.unwrap();
    assert!(matches!(first.state, ChunkState::Stored { .. }));
    let gate = sim.gate("create", "TicketNote", When::AfterCommit);
    tokio::select! {
        _ = chunks.next() => panic!("the gate is shut"),
        () = gate.reached() => {}
    }
    assert!(chunks.next().await.is_none());
    let report = chunks.into_report();
    assert!(matches!(
        report.chunks[1].state,
        ChunkState::Ambiguous(None)
    ));
    assert_eq!(titled(&sim, "note 3"), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever the server refuses in whatever round: every record is sent until it is refused or
    /// stored, none is sent after that, and the results name them by their places in the batch.
    #[test]
    fn rounds_of_refusals_keep_every_record_in_its_place(
        // The round, from 0, in which a record is refused; 3 and more are stored.
        rounds in prop::collection::vec(0..6usize, 1..25)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let script = Script::default();
            let client = script.client();
            let batch: Vec<TicketNote> = (0..rounds.len())
                .map(|at| TicketNote { title: Some(format!("[{at}]")), ..note() })
                .collect();
            let mut left: Vec<usize> = (0..rounds.len()).collect();
            let mut failed = None;
            for round in 0..4 {
                let refused: Vec<usize> =
                    left.iter().copied().filter(|at| rounds[*at] == round && round < 3).collect();
                let answer = if refused.is_empty() {
                    let entity = |at: &usize| format!("<Entity><id>{}</id></Entity>", at + 1);
                    success("create", &left.iter().map(entity).collect::<String>())
                } else {
                    let texts: Vec<String> = left
                        .iter()
                        .enumerate()
                        .filter(|(_, at)| refused.contains(at))
                        .flat_map(|(place, at)| {
                            let number = place + 1;
                            [
                                format!("Bad: {at}."),
                                format!("Error creating entity for record number [{number}]."),
                            ]
                        })
                        .collect();
                    refusal("create", &texts.iter().map(String::as_str).collect::<Vec<_>>())
                };
                script.answers.lock().unwrap().push_back(Ok(ok(answer)));
                let result = match failed.take() {
                    None => client.create_batch(&batch).await,
                    Some(failed) => BatchFailed::resubmit_rest(failed).await,
                };
                let body = script.calls().last().unwrap().body.clone();
                for at in 0..rounds.len() {
                    let sent = body.contains(&format!("[{at}]"));
                    assert_eq!(sent, left.contains(&at), "{at} in round {round}");
                }
                left.retain(|at| !refused.contains(at));
                match result {
                    Ok(stored) => {
                        for (at, result) in stored.results.iter().enumerate() {
                            let expected = if left.contains(&at) {
                                "Stored".to_owned()
                            } else {
                                format!("Bad: {at}.")
                            };
                            assert_eq!(reasons(result), expected);
                        }
                        assert_eq!(stored.ids.len(), left.len());
                        return;
                    }
                    Err(again) => {
                        assert_eq!(again.rest(), left);
                        if left.is_empty() {
                            return;
                        }
                        failed = Some(again);
                    }
                }
            }
            panic!("the last round stores all that is left");
        });
    }
}
