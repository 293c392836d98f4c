//! An appliance on which a bit of everything has happened.

use bomgar_sim::{
    Archive, BomgarSim, Customer, FileTransfer, JumpItem, LicenseInterval, Party, PresentationSpec,
    Recording, Representative, SessionSpec, Survey, Syslog, SyslogRecord, Team, TeamActivity,
    VaultActivity,
};
use serde_json::json;

pub(super) const START: i64 = 1_700_000_000;
/// The first moment of the day of [`START`], 2023-11-14.
pub(super) const DATE: &str = "2023-11-14";

pub(super) struct Busy {
    pub(super) sim: BomgarSim,
    /// A session that has ended, with both surveys and a recording.
    pub(super) ended: String,
    /// A session that is still running.
    pub(super) running: String,
}

pub(super) fn rep() -> Representative {
    Representative::new(12, "glang").display_names("Greta Lang", "Greta L.")
}

pub(super) async fn busy() -> Busy {
    let sim = BomgarSim::start().await;
    sim.log_in(rep());
    sim.add_team(Team::new(3, "Printers").issue("no_print", "It does not print"));
    let ended = sim.start_session(
        SessionSpec::new()
            .customer(Customer::new("Ada Byron").hostname("ADA-PC"))
            .representative(rep())
            .external_key("48213")
            .start_time(START),
    );
    sim.chat(
        &ended,
        Party::Customer,
        Party::Everyone,
        "Hello \u{7} <all>",
    )
    .unwrap();
    sim.file_transfer(&ended, FileTransfer::upload("C:\\driver.zip", 17))
        .unwrap();
    sim.note(&ended, "New driver.").unwrap();
    sim.add_recording(&ended, Recording::session(300_000))
        .unwrap();
    sim.add_recording(&ended, Recording::command_shell(1, 5_000))
        .unwrap();
    sim.end_session(&ended, START + 600).unwrap();
    sim.survey(
        &ended,
        Survey::customer().question("rating", "How was it?", ["5"]),
    )
    .unwrap();
    sim.survey(
        &ended,
        Survey::representative().question("solved", "Solved?", ["yes"]),
    )
    .unwrap();
    let running = sim.start_session(
        SessionSpec::new()
            .customer(Customer::new("Bob"))
            .representative(rep())
            .start_time(START + 300),
    );
    sim.add_presentation(PresentationSpec::new(START).end_time(START + 60));
    let activity = TeamActivity::new(3, "Printers", "Chat Message", START + 5).body("Who?");
    sim.add_team_activity(activity);
    sim.add_license_interval(LicenseInterval::new(START, START + 3600, 19, 20));
    let activity = VaultActivity::new("Password Changed", 9, START + 7).data("Manually Edited");
    sim.add_vault_activity(activity);
    let state = Archive::state(START).row("queue", "7", json!({ "name": "general" }));
    sim.add_archive(state);
    sim.add_archive(Archive::events(START).change(json!({ "table": "queue", "id": 7 })));
    let login = SyslogRecord::new("login", START).field("who", "Grace Lang (glang)");
    sim.set_syslog(Syslog::new().record(login));
    sim.add_jump_item(JumpItem::new("PC 17", "pc17.example.com").license_used(true));
    Busy {
        sim,
        ended,
        running,
    }
}
