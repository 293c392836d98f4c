//! The page that says what the crate covers names tests that exist, and leaves nothing out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

const ACTIONS: [&str; 20] = [
    "get_logged_in_reps",
    "get_support_teams",
    "generate_session_key",
    "join_session",
    "transfer_session",
    "send_chat_message",
    "create_virtual_customer",
    "leave_session",
    "set_session_attributes",
    "get_session_attributes",
    "terminate_session",
    "get_appliances",
    "get_connected_client_list",
    "get_connected_clients",
    "check_health",
    "set_failover_role",
    "import_jump_shortcut",
    "get_api_info",
    "set_rep_status",
    "logout_rep",
];

const REPORTS: [&str; 20] = [
    "SupportSession",
    "SupportSessionListing",
    "SupportSessionSummary",
    "SupportSessionRecording",
    "ShowMyScreenRecording",
    "CommandShellRecording",
    "PresentationSession",
    "PresentationSessionListing",
    "PresentationSessionRecording",
    "SupportCustExitSurvey",
    "SupportRepExitSurvey",
    "SupportTeam",
    "ArchiveListing",
    "Archive",
    "LicenseUsage",
    "EndpointLicenseUsage",
    "JumpItem",
    "Syslog",
    "VaultAccountActivity",
    "AccessSessionRecording",
];

const SCRIPTS: [&str; 10] = [
    "login",
    "generate_session_key",
    "start_jump_item_session",
    "start_pinned_client_session",
    "push_and_start_local",
    "push_and_start_remote",
    "start_vpro_session",
    "start_rdp_session",
    "start_vnc_session",
    "start_shell_jump_session",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_test_that_is_named_exists_and_nothing_is_left_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("../docs/bomgar-api.md")).unwrap();
    let mut paths = Vec::new();
    sources(&root.join("src"), &mut paths);
    sources(&root.join("tests/it"), &mut paths);
    let mut modules: HashMap<String, String> = HashMap::new();
    for path in paths {
        let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        modules.entry(module).or_default().push_str(&text);
    }

    let named: Vec<(&str, &str)> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.split_once("::"))
        // Types and methods begin with a capital somewhere; tests and modules do not.
        .filter(|(module, test)| !format!("{module}{test}").contains(char::is_uppercase))
        .collect();
    assert!(named.len() > 90);
    for (module, test) in named {
        let source = modules
            .get(module)
            .unwrap_or_else(|| panic!("no module {module}"));
        assert!(
            source.contains(&format!("fn {test}(")),
            "there is no test {test} in {module}"
        );
    }

    for name in ACTIONS.iter().chain(&REPORTS).chain(&SCRIPTS) {
        let first = page.lines().any(|line| {
            line.split('|')
                .nth(1)
                .is_some_and(|cell| cell.contains(&format!("`{name}`")))
        });
        assert!(first, "{name} is missing");
    }
}
