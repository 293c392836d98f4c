//! `--dry-run`

use super::Tool;
use autotask_sim::AutotaskSim;

/// The commands that need to look nothing up, and a part of each one's envelope.
const PURE: &[(&[&str], &str)] = &[
    (&["zone"], "<getZoneInfo"),
    (&["usage"], "<getThresholdAndUsageInfo"),
    (&["entities"], "<GetEntityInfo"),
    (&["fields", "ticket"], "<psTable>Ticket</psTable>"),
    (&["picklist", "Ticket", "Status"], "<psObjectType>Ticket<"),
    (&["query", "Ticket", "Status = 1"], "Ticket&lt;/entity&gt;"),
    (&["get", "Ticket", "5"], "Ticket&lt;/entity&gt;"),
    (
        &[
            "create",
            "TicketSecondaryResource",
            "TicketID=5",
            "ResourceID=7",
            "RoleID=9",
        ],
        "xsi:type=\"TicketSecondaryResource\"",
    ),
    (
        &[
            "note",
            "add",
            "5",
            "--text",
            "b",
            "--publish",
            "2",
            "--type",
            "3",
        ],
        "xsi:type=\"TicketNote\"",
    ),
    (
        &[
            "time",
            "add",
            "5",
            "--resource",
            "7",
            "--role",
            "9",
            "--start",
            "3h",
            "--duration",
            "45m",
            "--summary",
            "b",
        ],
        "xsi:type=\"TimeEntry\"",
    ),
    (&["link", "ticket", "5"], "<getZoneInfo"),
    (&["diagnose"], "<IntegrationCodeCheck"),
];

#[tokio::test]
async fn envelopes_are_printed_with_masked_secrets_and_nothing_is_sent() {
    // Nobody listens there.
    let tool = Tool {
        url: Some("http://127.0.0.1:1/atws.asmx".to_owned()),
        ..Tool::default()
    }
    .variable("AUTOTASK_USERNAME", "api@example.com")
    .variable("AUTOTASK_PASSWORD", "hunter2-sesame")
    .variable("AUTOTASK_INTEGRATION_CODE", "TRACKINGCODE27");
    for (arguments, part) in PURE {
        let ran = tool.run(&[arguments, &["--dry-run"][..]].concat()).await;
        assert_eq!((ran.code, ran.errors.as_str()), (0, ""), "{arguments:?}");
        assert!(ran.output.contains(part), "{part}: {}", ran.output);
        for secret in ["hunter2", "TRACKINGCODE27", "Authorization"] {
            assert!(!ran.output.contains(secret), "{}", ran.output);
        }
        for line in ran.output.lines() {
            assert!(line.contains("<soap:Envelope"), "{line}");
            assert!(line.ends_with("</soap:Envelope>"), "{line}");
            let masked = line.contains("<IntegrationCode>********</IntegrationCode>");
            assert_eq!(masked, !line.contains("getZoneInfo"), "{line}");
        }
    }
}

#[tokio::test]
async fn what_is_printed_is_what_would_be_sent() {
    let sim = AutotaskSim::start().await.unwrap();
    let ticket = sim.demo().ticket.to_string();
    let arguments = [
        "note",
        "add",
        &ticket,
        "--title=Café <1>",
        "--text=b",
        "--publish=internal users only",
        "--type=Task Notes",
        "--impersonate=77",
    ];
    let dry = [&arguments[..], &["--dry-run"]].concat();
    let printed = Tool::new(&sim).run(&dry).await.output;
    assert_eq!(sim.call_count("create", "TicketNote"), 0);
    let impersonate = sim.demo().technician.to_string();
    let arguments = arguments.map(|argument| match argument {
        "--impersonate=77" => format!("--impersonate={impersonate}"),
        argument => argument.to_owned(),
    });
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Tool::new(&sim).run(&arguments).await.object();
    let mut calls = sim.calls().into_iter();
    let sent = calls
        .find(|call| call.operation == "create")
        .unwrap()
        .request;
    let masked = sent
        .replace(&sim.integration_code(), "********")
        .replace(&format!(">{impersonate}<"), ">77<");
    assert_eq!(printed.trim_end(), masked);
}

#[tokio::test]
async fn labels_are_looked_up_for_an_envelope_but_nothing_is_written() {
    let sim = AutotaskSim::start().await.unwrap();
    let demo = *sim.demo();
    let ticket = demo.ticket.to_string();
    let ran = Tool::new(&sim)
        .run(&[
            "time",
            "add",
            &ticket,
            "--resource=jsmith",
            "--start=2h",
            "--duration=1h",
            "--summary=b",
            "--dry-run",
        ])
        .await;
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    let role = format!(">{}</RoleID>", demo.role);
    assert!(ran.output.contains(&role), "{}", ran.output);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("chat.txt");
    std::fs::write(&file, "hello").unwrap();
    let file = file.to_str().unwrap();
    let ran = Tool::new(&sim)
        .run(&["attach", &ticket, file, "--publish=2", "--dry-run"])
        .await;
    assert_eq!((ran.code, ran.errors.as_str()), (0, ""));
    assert!(
        ran.output.contains("<Data>aGVsbG8=</Data>"),
        "{}",
        ran.output
    );
    assert!(sim.calls().iter().all(|call| !call.committed));
}
