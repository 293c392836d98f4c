//! `api-info`, `health`, `reps`, `teams`, `session-key`

use super::{Tool, appliance};
use bomgar_sim::BomgarSim;
use std::collections::HashMap;

#[tokio::test]
async fn api_info_shows_version_and_permissions() {
    let sim = BomgarSim::builder().api_version("1.22.2").start().await;
    sim.set_permission("perm_command", "read_only");
    let info = Tool::new(&sim).run(&["api-info"]).await.object();
    assert_eq!(info["api_version"], "1.22.2");
    let permissions: Vec<(String, String)> =
        serde_json::from_value(info["permissions"].clone()).unwrap();
    let permissions: HashMap<_, _> = permissions.into_iter().collect();
    assert_eq!(permissions["perm_command"], "read_only");
    let ran = Tool::new(&sim).run(&["api-info", "--table"]).await;
    let line = |name: &str| {
        ran.output
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
    };
    assert!(line("API version").ends_with("  1.22.2"), "{}", ran.output);
    assert!(
        line("perm_command").ends_with("  read_only"),
        "{}",
        ran.output
    );
}

#[tokio::test]
async fn health_says_by_its_exit_code_whether_the_appliance_is_well() {
    let sim = BomgarSim::start().await;
    let health = Tool::new(&sim).run(&["health"]).await.object();
    assert_eq!(health["success"], true);
    sim.set_healthy(false);
    let ran = Tool::new(&sim).run(&["health", "--json"]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (1, ""));
    assert!(ran.output.contains("\"success\":false"), "{}", ran.output);
}

#[tokio::test]
async fn reps_are_listed_one_a_line() {
    let sim = appliance::busy().await.sim;
    let reps = Tool::new(&sim).run(&["reps"]).await.json();
    let rep = reps.iter().find(|rep| rep["id"] == 12).unwrap();
    assert_eq!(rep["private_display_name"], "Greta Lang");
    let ran = Tool::new(&sim).run(&["reps", "--table"]).await;
    assert!(ran.output.starts_with("ID "), "{}", ran.output);
    assert!(ran.output.contains("Greta Lang"), "{}", ran.output);
    sim.log_out_all();
    let ran = Tool::new(&sim).run(&["reps"]).await;
    assert_eq!(
        (ran.code, ran.output.as_str(), ran.errors.as_str()),
        (0, "", "")
    );
    let ran = Tool::new(&sim).run(&["reps", "--table"]).await;
    assert_eq!((ran.code, ran.errors.as_str()), (0, "nothing found\n"));
}

#[tokio::test]
async fn teams_have_issues_and_on_request_members() {
    let sim = appliance::busy().await.sim;
    let find = |teams: Vec<serde_json::Value>| {
        let mut found = teams.into_iter().filter(|team| team["id"] == 3);
        found.next().unwrap()
    };
    let team = find(Tool::new(&sim).run(&["teams"]).await.json());
    assert_eq!(team["name"], "Printers");
    assert_eq!(team["issues"][0]["title"], "It does not print");
    assert_eq!(team["members"], serde_json::json!([]));
    let ran = Tool::new(&sim)
        .run(&["teams", "--members", "--table"])
        .await;
    assert_eq!(ran.code, 0);
    let call = sim.calls().into_iter().next_back().unwrap();
    assert!(format!("{call:?}").contains("showmembers"), "{call:?}");
}

#[tokio::test]
async fn a_session_key_is_made_with_all_it_may_have() {
    let sim = BomgarSim::start().await;
    let arguments = [
        "session-key",
        "--external-key=48213",
        "--custom=asset_tag=A=77",
        "--ttl=90m",
        "--priority=low",
        "--customer-name=Ann Lee",
    ];
    let key = Tool::new(&sim).run(&arguments).await.object();
    assert_eq!(key["external_key"], "48213");
    assert_eq!(key["short_key"].as_str().unwrap().len(), 7);
    let made = sim.session_keys();
    assert_eq!(made.len(), 1);
    let call = sim.calls().into_iter().next_back().unwrap();
    let call = format!("{call:?}");
    for part in ["5400", "A=77", "Ann Lee", "session.priority"] {
        assert!(call.contains(part), "{part}: {call}");
    }
    let ran = Tool::new(&sim).run(&["session-key", "--table"]).await;
    let url = made[0].key_url.clone();
    let start = url.split('?').next().unwrap();
    assert!(ran.output.contains(start), "{}", ran.output);
}
