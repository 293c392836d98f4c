//! `session get`, `session list`, `session watch`

use super::{
    Tool,
    appliance::{self, START},
};
use bomgar_sim::{BomgarSim, Fault, FaultRule, GeneratedSessions, Party, Position, SessionSpec};
use serde_json::Value;
use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

fn lsids(sessions: &[Value]) -> Vec<&str> {
    let lsids = sessions.iter().map(|session| session["lsid"].as_str());
    lsids.map(Option::unwrap).collect()
}

#[tokio::test]
async fn get_shows_one_session_with_its_events() {
    let busy = appliance::busy().await;
    let tool = Tool::new(&busy.sim);
    let session = tool.run(&["session", "get", &busy.ended]).await.object();
    assert_eq!(session["lsid"], busy.ended.as_str());
    assert_eq!(session["external_key"], "48213");
    assert!(session["events"].as_array().unwrap().len() > 4);
    let ran = tool.run(&["session", "get", &busy.ended, "--table"]).await;
    for text in [
        "Ada Byron",
        "Greta",
        "48213",
        "New driver.",
        "C:\\driver.zip",
        "0:10:00",
    ] {
        assert!(ran.output.contains(text), "{text}: {}", ran.output);
    }
    // What a customer writes does nothing to the terminal.
    assert!(!ran.output.contains('\u{7}'), "{}", ran.output);
}

#[tokio::test]
async fn get_says_when_there_is_no_such_session() {
    let sim = BomgarSim::start().await;
    let lsid = "0123456789abcdef0123456789abcdef";
    let ran = Tool::new(&sim).run(&["session", "get", lsid]).await;
    assert_eq!((ran.code, ran.output.as_str()), (1, ""));
    assert!(ran.errors.contains(lsid), "{}", ran.errors);
}

#[tokio::test]
async fn list_chooses_by_start_by_end_and_by_identifier() {
    let busy = appliance::busy().await;
    let tool = Tool::new(&busy.sim);
    let begin = START.to_string();
    let (ended, running) = (busy.ended.as_str(), busy.running.as_str());
    for (arguments, expected) in [
        (&["--start-time", begin.as_str()][..], &[ended, running][..]),
        (&["--end-time", "2023-11-14T22:00:00Z"], &[ended]),
        (
            &["--start-date", appliance::DATE, "--duration", "1"],
            &[ended, running],
        ),
        (
            &["--end-date", appliance::DATE, "--duration", "1d"],
            &[ended],
        ),
        (
            &["--start-time", begin.as_str(), "--duration", "2m"],
            &[ended],
        ),
        (&["--lsid", running], &[running]),
        (&["--lsid", ended, "--lsid", running], &[ended, running]),
        // These began in 2023.
        (&[], &[]),
        (&["--start-time", "24h"], &[]),
    ] {
        let all = [&["session", "list", "--json"][..], arguments].concat();
        let sessions = tool.run(&all).await.json();
        assert_eq!(lsids(&sessions), expected, "{arguments:?}");
    }
    let ran = tool
        .run(&["session", "list", "--table", "--start-time", &begin])
        .await;
    let lines: Vec<&str> = ran.output.lines().collect();
    assert_eq!(lines.len(), 3, "{}", ran.output);
    assert!(lines[0].starts_with("LSID"), "{}", ran.output);
    assert!(lines[1].starts_with(ended) && lines[1].contains("0:10:00"));
    assert!(lines[2].starts_with(running) && lines[2].contains("running"));
    let ran = tool.run(&["session", "list", "--table"]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (0, "nothing found\n"));
}

#[tokio::test]
async fn list_prints_sessions_before_the_report_is_complete() {
    let sim = BomgarSim::start().await;
    sim.generate_sessions(GeneratedSessions::new(20, 3).first_start(START));
    sim.fault(
        FaultRule::new(Fault::Cut(Position::Percent(50)))
            .on("SupportSession")
            .always(),
    );
    let begin = START.to_string();
    let ran = Tool::new(&sim)
        .run(&["session", "list", "--start-time", &begin])
        .await;
    assert_eq!(ran.code, 1);
    let lines: Vec<Value> = ran
        .output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!((1..20).contains(&lines.len()), "{}", lines.len());
    assert!(
        ran.errors.starts_with("bomgar: SupportSession"),
        "{}",
        ran.errors
    );
}

/// An output that can be looked at while it is written.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn sessions_are_printed_while_the_rest_has_not_arrived() {
    let sim = BomgarSim::start().await;
    sim.generate_sessions(GeneratedSessions::new(20, 3).first_start(START));
    // The second half of the answer never comes.
    sim.fault(FaultRule::new(Fault::Stalled(Position::Percent(50))).on("SupportSession"));
    let (id, secret) = (sim.client_id(), sim.client_secret());
    let seen = Seen::default();
    let url = format!("--base-url={}", sim.base_url());
    let arguments = [
        "bomgar",
        "report",
        "support-session",
        "--start-time=1700000000",
        &url,
    ];
    let run = async {
        let environment = examples::bomgar::Environment {
            variable: &|name| match name {
                "BOMGAR_CLIENT_ID" => Some(id.clone()),
                "BOMGAR_CLIENT_SECRET" => Some(secret.clone()),
                _ => None,
            },
            input: &mut io::empty(),
            output: &mut seen.clone(),
            errors: &mut io::sink(),
            output_is_terminal: false,
            errors_are_terminal: false,
        };
        examples::bomgar::status(arguments.map(Into::into), environment).await
    };
    let first_line = async {
        while !seen.0.lock().unwrap().contains(&b'\n') {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::select! {
        code = run => panic!("ended with {code} before the answer did"),
        () = first_line => {}
    }
    let seen = seen.0.lock().unwrap();
    let line = seen.split(|byte| *byte == b'\n').next().unwrap();
    let session: Value = serde_json::from_slice(line).unwrap();
    assert!(session["lsid"].is_string());
}

#[tokio::test]
async fn watch_gives_each_session_once_and_goes_on_where_it_stopped() {
    let busy = appliance::busy().await;
    let tool = Tool::new(&busy.sim);
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("seen.json");
    let state = state.to_str().unwrap();
    let watch = ["session", "watch", "--once", "--json", "--state", state];
    let first = [&watch[..], &["--since", "2023-11-14T22:00:00Z"]].concat();
    assert_eq!(lsids(&tool.run(&first).await.json()), [busy.ended.as_str()]);
    assert_eq!(tool.run(&watch).await.output, "");
    busy.sim.end_session(&busy.running, START + 900).unwrap();
    assert_eq!(
        lsids(&tool.run(&watch).await.json()),
        [busy.running.as_str()]
    );
    assert_eq!(tool.run(&watch).await.output, "");
}

#[tokio::test]
async fn watch_waits_for_the_next_end() {
    let busy = appliance::busy().await;
    let ending = async {
        while busy.sim.call_count("SupportSession") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        busy.sim.end_session(&busy.running, START + 900).unwrap();
    };
    let arguments = [
        "session",
        "watch",
        "--json",
        "--stop-after=1",
        "--interval=0",
        "--since=1700000700",
    ];
    let tool = Tool::new(&busy.sim);
    let (ran, ()) = tokio::join!(tool.run(&arguments), ending);
    assert_eq!(lsids(&ran.json()), [busy.running.as_str()]);
}

#[tokio::test]
async fn watch_survives_an_appliance_that_is_away_for_a_while() {
    let busy = appliance::busy().await;
    let away = async {
        while busy.sim.call_count("SupportSession") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Late enough for a session to be given, after which the client does not ask again itself.
        let gone = FaultRule::new(Fault::Cut(Position::Percent(90)));
        busy.sim.fault(gone.on("SupportSession").times(1));
        busy.sim.end_session(&busy.running, START + 900).unwrap();
    };
    let arguments = [
        "session",
        "watch",
        "--json",
        "--stop-after=2",
        "--interval=0",
        "--since=1700000000",
    ];
    let tool = Tool::new(&busy.sim);
    let (ran, ()) = tokio::join!(tool.run(&arguments), away);
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert!(ran.errors.ends_with("; watching on\n"), "{}", ran.errors);
    assert_eq!(ran.output.lines().count(), 2, "{}", ran.output);
}

#[tokio::test]
async fn watch_does_not_wait_for_what_never_worked() {
    let sim = BomgarSim::start().await;
    sim.generate_sessions(GeneratedSessions::new(20, 3).first_start(START));
    sim.fault(FaultRule::new(Fault::Cut(Position::Percent(50))).on("SupportSession"));
    let arguments = ["session", "watch", "--interval=0", "--since=1700000000"];
    let ran = Tool::new(&sim).run(&arguments).await;
    assert_eq!(ran.code, 1, "{}", ran.errors);
    assert!(
        ran.errors.starts_with("bomgar: SupportSession"),
        "{}",
        ran.errors
    );
}

#[tokio::test]
async fn list_asks_in_slices_and_gives_each_session_once() {
    let sim = BomgarSim::start().await;
    sim.generate_sessions(
        GeneratedSessions::new(20, 1)
            .first_start(START)
            .spacing(600),
    );
    let begin = START.to_string();
    let arguments = ["session", "list", "--start-time", &begin, "--duration=4h"];
    let whole = Tool::new(&sim).run(&arguments).await.json();
    assert_eq!((whole.len(), sim.call_count("SupportSession")), (20, 1));
    let sliced = [&arguments[..], &["--slice=1h"]].concat();
    assert_eq!(Tool::new(&sim).run(&sliced).await.json(), whole);
    assert_eq!(sim.call_count("SupportSession"), 1 + 4);
}

#[tokio::test]
async fn watch_begins_where_it_is_told() {
    let busy = appliance::busy().await;
    let arguments = ["session", "watch", "--once", "--since", "1700000601"];
    // It ended one second before, although the first question reaches back further.
    assert_eq!(Tool::new(&busy.sim).run(&arguments).await.output, "");
    let arguments = ["session", "watch", "--once", "--since", "1700000600"];
    assert_eq!(Tool::new(&busy.sim).run(&arguments).await.json().len(), 1);
}

#[tokio::test]
async fn watch_follows_one_session_to_its_end() {
    let sim = BomgarSim::start().await;
    let lsid = sim.start_session(SessionSpec::new().start_time(START));
    sim.chat(&lsid, Party::Customer, Party::Everyone, "one")
        .unwrap();
    let story = async {
        while sim.call_count("SupportSession") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        sim.advance(&lsid, 5).unwrap();
        sim.chat(&lsid, Party::Customer, Party::Everyone, "two")
            .unwrap();
        sim.end_session(&lsid, START + 60).unwrap();
    };
    let arguments = ["session", "watch", &lsid, "--interval", "0"];
    let tool = Tool::new(&sim);
    let (ran, ()) = tokio::join!(tool.run(&arguments), story);
    let events = ran.json();
    let said: Vec<&str> = events
        .iter()
        .filter_map(|event| event["body"].as_str())
        .collect();
    assert_eq!(said.iter().filter(|text| **text == "one").count(), 1);
    assert_eq!(said.iter().filter(|text| **text == "two").count(), 1);
    assert_eq!(events.last().unwrap()["event_type"], "Session End");
}

#[tokio::test]
async fn a_state_file_of_something_else_is_refused() {
    let sim = BomgarSim::start().await;
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("seen.json");
    std::fs::write(&state, "[1]").unwrap();
    let state = state.to_str().unwrap();
    let ran = Tool::new(&sim)
        .run(&["session", "watch", "--once", "--state", state])
        .await;
    assert_eq!(ran.code, 2);
    assert!(
        ran.errors.contains("not what was seen before"),
        "{}",
        ran.errors
    );
}
