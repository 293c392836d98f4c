//! Wrong input gets an answer that says where and what.

use crate::golden;
use autotask_codegen::{Days, ErrorKind, FieldInformation, Wsdl, import, read};
use std::error::Error as _;
use std::path::Path;
use std::process::Command;

fn toy(name: &str) -> String {
    std::fs::read_to_string(golden(name)).unwrap()
}

fn import_error(wsdl: &str, information: &str, days: &str) -> autotask_codegen::Error {
    let wsdl = Wsdl::parse(wsdl).unwrap();
    let information = FieldInformation::parse(information).unwrap();
    let days = Days::parse(days).unwrap();
    import(
        &wsdl,
        Some(&information),
        &days,
        &import::Options::default(),
    )
    .unwrap_err()
}

#[test]
fn what_is_no_wsdl_is_refused_with_its_file() {
    let error = read(&golden("toy-days.toml"), Wsdl::parse).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Format);
    assert!(
        error.to_string().contains("toy-days.toml: not a WSDL"),
        "{error}"
    );
    assert!(error.source().is_some());
    let error = read(Path::new("/nowhere/x.wsdl"), Wsdl::parse).unwrap_err();
    assert_eq!(
        (error.kind(), error.path()),
        (ErrorKind::Io, Some(Path::new("/nowhere/x.wsdl")))
    );

    let wsdl = toy("toy.wsdl");
    for (from, to, want) in [
        (
            "name=\"Entity\" abstract",
            "name=\"Thing\" abstract",
            "no complex type `Entity`",
        ),
        (
            "base=\"t:Entity\">\n            <x:sequence>\n              <x:element minOccurs=\"0\" maxOccurs=\"1\" name=\"WidgetName\"/>",
            "base=\"t:SpecialWidget\"><x:sequence>",
            "extends itself",
        ),
        ("<x:element name=\"Trick\"/>", "<x:element/>", "has no name"),
        (
            "elementFormDefault=\"qualified\" targetNamespace=\"http://example.test/Toy/v9_1/\"",
            "",
            "no schema",
        ),
        ("</w:types>", "", "not a WSDL"),
    ] {
        let broken = wsdl.replace(from, to);
        assert_ne!(broken, wsdl, "{want}");
        let error = Wsdl::parse(&broken).unwrap_err();
        assert!(error.to_string().contains(want), "{want}: {error}");
    }
}

#[test]
fn field_information_is_checked() {
    let (wsdl, information, days) = (
        toy("toy.wsdl"),
        toy("toy-field-info.json"),
        toy("toy-days.toml"),
    );
    let error = import_error(&wsdl, &information.replace("\"float\"", "\"blob\""), &days);
    assert!(
        error
            .to_string()
            .contains("Widget.Weight: unknown field type `blob`"),
        "{error}"
    );
    let error = import_error(
        &wsdl,
        &information.replace("\"Newer\"", "\"New er\\\" x\""),
        &days,
    );
    assert!(
        error.to_string().contains("cannot be a name on the wire"),
        "{error}"
    );
    let error = import_error(
        &wsdl
            .replace("\"Size\"", "\"Wei_ght\"")
            .replace("\"Price\"", "\"WEI_GHT\""),
        &information,
        &days,
    );
    assert_eq!(error.kind(), ErrorKind::Collision);
    assert!(
        error.to_string().contains("Widget") && error.to_string().contains("`wei_ght`"),
        "{error}"
    );
    let error = import_error(&wsdl.replace("/v9_1/", "/latest/"), &information, &days);
    assert!(
        error.to_string().contains("does not end in a version"),
        "{error}"
    );
    assert!(FieldInformation::parse("{\"entities\": 3}").is_err());
}

#[test]
fn only_datetimes_can_be_days() {
    let (wsdl, information) = (toy("toy.wsdl"), toy("toy-field-info.json"));
    let error = import_error(&wsdl, &information, "[days]\nWidget = [\"IsActive\"]");
    assert!(
        error
            .to_string()
            .contains("Widget.IsActive: listed as a day"),
        "{error}"
    );
    assert!(Days::parse("[nights]").is_err());
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotask-codegen"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

#[test]
fn the_program_imports_emits_and_checks() {
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("toy.toml");
    let run = |arguments: &[&std::ffi::OsStr]| {
        let output = program().args(arguments).output().unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (ok, said) = run(&[
        "import".as_ref(),
        "--wsdl".as_ref(),
        golden("toy.wsdl").as_ref(),
        "--field-info".as_ref(),
        golden("toy-field-info.json").as_ref(),
        "--days".as_ref(),
        golden("toy-days.toml").as_ref(),
        "--out".as_ref(),
        schema.as_ref(),
    ]);
    assert!(ok, "{said}");
    assert!(
        said.contains("note: Ghost: only in field information"),
        "{said}"
    );
    assert_eq!(std::fs::read_to_string(&schema).unwrap(), toy("toy.toml"));

    let out = folder.path().join("generated");
    let emit: Vec<&std::ffi::OsStr> = vec![
        "emit".as_ref(),
        "--schema".as_ref(),
        schema.as_ref(),
        "--out".as_ref(),
        out.as_ref(),
        "--crate-path".as_ref(),
        "::autotask_soap".as_ref(),
    ];
    let check: Vec<_> = emit.iter().copied().chain(["--check".as_ref()]).collect();
    let (ok, said) = run(&check);
    assert!(!ok && said.contains("widget.rs: missing"), "{said}");
    assert!(!out.exists(), "a check writes nothing");
    assert_eq!(run(&emit), (true, String::new()));
    assert_eq!(run(&check), (true, String::new()));

    let (ok, said) = run(&[
        "emit".as_ref(),
        "--schema".as_ref(),
        "/nowhere.toml".as_ref(),
    ]);
    assert!(
        !ok && said.contains("error: /nowhere.toml: cannot read"),
        "{said}"
    );
    assert!(said.contains("because: "), "{said}");
}

#[test]
fn without_rustfmt_it_says_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = program()
        .arg("emit")
        .arg("--schema")
        .arg(golden("toy.toml"))
        .arg("--out")
        .arg(folder.path().join("out"))
        .env("PATH", folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("rustup component add rustfmt"), "{said}");
}
