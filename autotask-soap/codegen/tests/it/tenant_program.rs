//! The program with a tenant's metadata.

use crate::golden;
use std::process::{Command, Output};

fn program(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-codegen"));
    for name in [
        "AUTOTASK_USERNAME",
        "AUTOTASK_PASSWORD",
        "AUTOTASK_INTEGRATION_CODE",
        "AUTOTASK_ENDPOINT",
    ] {
        command.env_remove(name);
    }
    command
        .args(arguments)
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn emit_needs_nothing_but_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("tenant");
    let out = out.to_str().unwrap();
    let file = golden("tenant.toml");
    let emit = ["emit", "--tenant", file.to_str().unwrap(), "--out", out];
    let written = program(&emit, &[]);
    assert!(written.status.success(), "{}", said(&written));
    for name in ["mod.rs", "ticket.rs", "ticket_note.rs"] {
        let have = std::fs::read_to_string(folder.path().join("tenant").join(name)).unwrap();
        let want = std::fs::read_to_string(golden("tenant").join(name)).unwrap();
        assert_eq!(have, want, "{name}");
    }
    let check = [&emit[..], &["--check"]].concat();
    assert!(program(&check, &[]).status.success());
    std::fs::write(folder.path().join("tenant/ticket.rs"), "").unwrap();
    assert!(!program(&check, &[]).status.success());
    // Without a folder it would write into the project.
    let nowhere = program(&["emit", "--tenant", file.to_str().unwrap()], &[]);
    assert!(!nowhere.status.success() && said(&nowhere).contains("--out"));
}

#[cfg(not(feature = "live"))]
#[test]
fn without_the_feature_import_live_says_how_to_get_it() {
    let refused = program(&["import", "--live", "--out", "x.toml"], &[]);
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("--features live"),
        "{}",
        said(&refused)
    );
}

#[cfg(feature = "live")]
mod live {
    use super::*;
    use autotask_codegen::Tenant;
    use autotask_sim::{AutotaskSim, FieldTy, PicklistValue, UdfDef};

    async fn import(sim: &AutotaskSim, password: &str, out: &str, more: &[&str]) -> Output {
        let (user, code) = (sim.username(), sim.integration_code());
        let endpoint = sim.lookup_endpoint();
        let arguments: Vec<String> = ["import", "--live", "--username", &user, "--out", out]
            .into_iter()
            .chain(more.iter().copied())
            .map(str::to_owned)
            .collect();
        let password = password.to_owned();
        tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            program(
                &arguments,
                &[
                    ("AUTOTASK_PASSWORD", &password),
                    ("AUTOTASK_INTEGRATION_CODE", &code),
                    ("AUTOTASK_ENDPOINT", &endpoint),
                ],
            )
        })
        .await
        .unwrap()
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_tenant_is_read_and_emitted() {
        let sim = AutotaskSim::start().await.unwrap();
        sim.add_udf("Ticket", UdfDef::new("Größe (cm)", FieldTy::Decimal));
        let mut class = UdfDef::new("Hardware class", FieldTy::String);
        class.picklist = vec![
            PicklistValue::new("A", "Desktop"),
            PicklistValue::new("B", "Desktop"),
        ];
        sim.add_udf("Ticket", class);
        sim.set_picklist(
            "Ticket",
            "Status",
            vec![
                PicklistValue::new(5, "Complete"),
                PicklistValue::new(1, "New"),
                PicklistValue::new(6, "Parked").inactive(),
            ],
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tenant.toml");
        let code = folder.path().join("code");
        let (out, emitted) = (file.to_str().unwrap(), code.to_str().unwrap());
        let more = [
            "--entity",
            "ticket",
            "--entity",
            "TicketNote",
            "--emit",
            emitted,
        ];
        let first = import(&sim, &sim.password(), out, &more).await;
        assert!(first.status.success(), "{}", said(&first));
        assert!(
            said(&first).contains("'Desktop' (B) is Desktop2"),
            "{}",
            said(&first)
        );

        let text = std::fs::read_to_string(&file).unwrap();
        for secret in [sim.password(), sim.integration_code(), sim.username()] {
            assert!(!text.contains(&secret) && !said(&first).contains(&secret));
        }
        let tenant = Tenant::parse(&text).unwrap();
        let names: Vec<_> = tenant.entities.iter().map(|entity| &*entity.name).collect();
        assert_eq!(names, ["Ticket", "TicketNote"]);
        let ticket = &tenant.entities[0];
        let grosse = ticket
            .udfs
            .iter()
            .find(|udf| udf.name == "Größe (cm)")
            .unwrap();
        assert_eq!(
            (&*grosse.rust, &*grosse.type_name),
            ("grosse_cm", "decimal")
        );
        let status = ticket
            .picklists
            .iter()
            .find(|list| list.field == "Status")
            .unwrap();
        let values: Vec<_> = status
            .values
            .iter()
            .map(|value| (&*value.value, &*value.rust, value.inactive))
            .collect();
        assert_eq!(
            values,
            [
                ("1", "New", false),
                ("5", "Complete", false),
                ("6", "Parked", true)
            ]
        );
        let sub = ticket
            .picklists
            .iter()
            .find(|list| list.field == "SubIssueType")
            .unwrap();
        assert_eq!(sub.parent.as_deref(), Some("IssueType"));
        assert!(sub.values.iter().all(|value| value.parents.len() == 1));
        let emitted = std::fs::read_to_string(code.join("ticket.rs")).unwrap();
        assert!(
            emitted.contains("pub enum TicketHardwareClass"),
            "{emitted}"
        );

        // Nothing changed: nothing is written.
        let second = import(&sim, &sim.password(), out, &more).await;
        assert!(said(&second).contains("0 changed"), "{}", said(&second));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn failures_are_told_without_secrets() {
        let sim = AutotaskSim::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tenant.toml");
        let out = file.to_str().unwrap();
        let wrong = import(&sim, "secret word", out, &[]).await;
        assert!(!wrong.status.success());
        let text = said(&wrong);
        assert!(
            text.contains("401") && !text.contains("secret word"),
            "{text}"
        );
        let unknown = import(&sim, &sim.password(), out, &["--entity", "Widget"]).await;
        assert!(said(&unknown).contains("Widget"), "{}", said(&unknown));
        assert!(!file.exists());
        let unset = program(&["import", "--live", "--username", "x", "--out", out], &[]);
        assert!(
            said(&unset).contains("AUTOTASK_PASSWORD"),
            "{}",
            said(&unset)
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_usual_entities_are_read_if_none_is_named() {
        let sim = AutotaskSim::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tenant.toml");
        let output = import(&sim, &sim.password(), file.to_str().unwrap(), &[]).await;
        assert!(output.status.success(), "{}", said(&output));
        let tenant = Tenant::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let names: Vec<_> = tenant.entities.iter().map(|entity| &*entity.name).collect();
        assert_eq!(
            names,
            ["Account", "Contact", "Ticket", "TicketNote", "TimeEntry"]
        );
        autotask_codegen::emit::tenant(&tenant, &Default::default()).unwrap();
    }
}
