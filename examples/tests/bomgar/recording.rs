//! `recording download`

use super::{Tool, appliance};
use bomgar_sim::{Fault, FaultRule, Position, Recording};
use std::fs;

#[tokio::test]
async fn a_recording_is_saved_byte_for_byte() {
    let busy = appliance::busy().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.flv");
    let name = file.to_str().unwrap();
    let arguments = ["recording", "download", &busy.ended, "--output", name];
    let saved = Tool::new(&busy.sim).run(&arguments).await.object();
    assert_eq!(
        (&saved["bytes"], &saved["file"]),
        (&300_000.into(), &name.into())
    );
    let expected = Recording::session(300_000).bytes_at(0, 300_000);
    assert_eq!(fs::read(&file).unwrap(), expected);

    // What exists is not replaced unless it is said so, and nothing is asked.
    let calls = busy.sim.calls().len();
    let ran = Tool::new(&busy.sim).run(&arguments).await;
    assert_eq!((ran.code, ran.output.as_str()), (2, ""));
    assert!(ran.errors.contains("--force"), "{}", ran.errors);
    assert_eq!(busy.sim.calls().len(), calls);
    fs::write(&file, "old").unwrap();
    let forced = [&arguments[..], &["--force", "--table"]].concat();
    let ran = Tool::new(&busy.sim).run(&forced).await;
    assert_eq!(ran.code, 0, "{}", ran.errors);
    assert_eq!(fs::read(&file).unwrap(), expected);
}

#[tokio::test]
async fn one_of_several_recordings_is_chosen_by_its_number() {
    let busy = appliance::busy().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shell");
    let name = file.to_str().unwrap();
    let arguments = [
        "recording",
        "download",
        &busy.ended,
        "--kind=command-shell",
        "--instance=1",
        "-o",
        name,
    ];
    let saved = Tool::new(&busy.sim).run(&arguments).await.object();
    assert_eq!(saved["bytes"], 5_000);
    let arguments = [
        "recording",
        "download",
        &busy.ended,
        "--instance=1",
        "-o",
        "x",
    ];
    assert_eq!(Tool::new(&busy.sim).run(&arguments).await.code, 2);
}

#[tokio::test]
async fn half_a_recording_leaves_no_file() {
    let busy = appliance::busy().await;
    busy.sim.fault(
        FaultRule::new(Fault::Cut(Position::Percent(50)))
            .on("SupportSessionRecording")
            .always(),
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.flv");
    let name = file.to_str().unwrap();
    let arguments = ["recording", "download", &busy.ended, "-o", name];
    let ran = Tool::new(&busy.sim).run(&arguments).await;
    assert_eq!((ran.code, ran.output.as_str()), (1, ""));
    assert!(ran.errors.contains(&busy.ended), "{}", ran.errors);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn an_expired_recording_is_an_error_in_the_appliances_words() {
    let busy = appliance::busy().await;
    let recording = Recording::session(100).expired();
    busy.sim.add_recording(&busy.ended, recording).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.flv");
    let name = file.to_str().unwrap();
    let arguments = ["recording", "download", &busy.ended, "-o", name];
    let ran = Tool::new(&busy.sim).run(&arguments).await;
    assert_eq!(ran.code, 1);
    let expected = "This recording has expired and can no longer be viewed or downloaded.";
    assert!(ran.errors.contains(expected), "{}", ran.errors);
    assert!(!file.exists());
}
