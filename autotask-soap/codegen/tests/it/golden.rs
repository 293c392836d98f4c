//! The small WSDL through both steps, compared with files that were read by a person.
//!
//! `UPDATE_GOLDEN=1 cargo test -p autotask-codegen` rewrites them.

use crate::{golden, import_toy};
use autotask_codegen::{Schema, emit, import, output, read, write};
use std::path::Path;

fn updating() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

fn emit_toy() -> emit::Files {
    let schema = read(&golden("toy.toml"), Schema::parse).unwrap();
    let options = emit::Options {
        crate_path: "::autotask_soap".to_owned(),
        ..emit::Options::default()
    };
    emit::entities(&[schema], &options).unwrap()
}

#[test]
fn import_gives_the_golden_schema() {
    let text = import_toy(&import::Options::default()).schema.to_toml();
    if updating() {
        write(&golden("toy.toml"), &text).unwrap();
    }
    assert_eq!(text, std::fs::read_to_string(golden("toy.toml")).unwrap());
}

#[test]
fn import_tells_what_only_one_source_has() {
    let notes = import_toy(&import::Options::default()).notes;
    assert_eq!(
        notes,
        [
            "SpecialWidget: no field information, its fields are untyped",
            "Widget.old_thing: no field information, untyped",
            "WidgetNote.Newer: only in field information",
            "Ghost: only in field information, not generated",
        ]
    );
}

#[test]
fn borrowed_information_adds_no_fields() {
    let options = import::Options {
        borrowed: true,
        feature: Some("old".to_owned()),
    };
    let schema = import_toy(&options).schema;
    assert!(schema.field_info_borrowed);
    assert_eq!(schema.feature.as_deref(), Some("old"));
    let note = schema
        .entities
        .iter()
        .find(|entity| entity.name == "WidgetNote")
        .unwrap();
    let names: Vec<_> = note.fields.iter().map(|field| &*field.name).collect();
    assert_eq!(names, ["id", "WidgetID", "Text"]);
    assert!(note.fields[2].required);
    assert!(schema.to_toml().contains("field_info_borrowed = true"));
    let files = emit::entities(&[schema], &emit::Options::default()).unwrap();
    let root = &files[Path::new("mod.rs")];
    assert!(
        root.contains("#[cfg(feature = \"old\")]\npub mod v9_1;"),
        "{root}"
    );
}

#[test]
fn emit_gives_the_golden_files() {
    let files = emit_toy();
    if updating() {
        output::write(&golden("generated"), &files).unwrap();
    }
    output::check(&golden("generated"), &files).unwrap();
    assert_eq!(files.len(), 6);
    assert_eq!(files, emit_toy(), "twice the same");
}

#[test]
fn the_catalogue_marks_what_the_older_version_lacks() {
    let newer = import_toy(&import::Options::default()).schema;
    let mut older = newer.clone();
    older
        .entities
        .retain(|entity| entity.name != "SpecialWidget");
    older.entities[1]
        .fields
        .retain(|field| field.name != "Text");
    let text = emit::catalogue(&newer, &older).unwrap();
    for line in [
        "field(\"Text\", FieldTy::String, 32000, R | Q | INFO),",
        "field(\"Newer\", FieldTy::Boolean, 0, Q | INFO | OLD),",
        "field(\"BuiltOn\", FieldTy::Date, 0, Q | INFO | OLD),",
        // Once for the entity that the older version lacks, once for the other.
        "field(\"old_thing\", FieldTy::Untyped, 0, Q),",
        "field(\"old_thing\", FieldTy::Untyped, 0, Q | OLD),",
    ] {
        assert_eq!(text.matches(line).count(), 1, "{line}");
    }
    assert_eq!(text.matches("in_v1_5: false").count(), 1);
}

#[test]
fn the_catalogue_keeps_what_only_the_older_version_has_in_its_place() {
    let mut newer = import_toy(&import::Options::default()).schema;
    let older = newer.clone();
    let names: Vec<String> = older.entities[1]
        .fields
        .iter()
        .map(|field| field.name.clone())
        .collect();
    let gone = [names[1].clone(), names[names.len() - 1].clone()];
    newer.entities[1]
        .fields
        .retain(|field| !gone.contains(&field.name));
    let text = emit::catalogue(&newer, &older).unwrap();
    let (_, entity) = text
        .split_once(&format!("name: \"{}\"", older.entities[1].name))
        .unwrap();
    let (entity, _) = entity.split_once("    },\n").unwrap();
    let places: Vec<usize> = names
        .iter()
        .map(|name| entity.find(&format!("\"{name}\"")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{names:?} {places:?}");
    assert_eq!(entity.matches("OLD | GONE").count(), gone.len());
}

#[test]
fn check_finds_every_difference() {
    let folder = tempfile::tempdir().unwrap();
    let files = emit_toy();
    let written = output::write(folder.path(), &files).unwrap();
    assert_eq!(written.changed.len(), files.len());
    output::check(folder.path(), &files).unwrap();
    assert_eq!(
        output::write(folder.path(), &files).unwrap(),
        output::Written::default()
    );

    let at = |name: &str| folder.path().join("v9_1").join(name);
    let note = std::fs::read_to_string(at("widget_note.rs")).unwrap();
    std::fs::write(at("widget_note.rs"), note.replace("32000", "3200")).unwrap();
    std::fs::remove_file(at("widget.rs")).unwrap();
    std::fs::write(at("gone.rs"), &note).unwrap();
    std::fs::write(at("by_hand.rs"), "// mine\n").unwrap();
    let error = output::check(folder.path(), &files).unwrap_err();
    assert_eq!(error.kind(), autotask_codegen::ErrorKind::Outdated);
    let text = error.to_string();
    assert!(text.contains("widget_note.rs: differs from line"), "{text}");
    assert!(text.contains("widget.rs: missing"), "{text}");
    assert!(text.contains("gone.rs: no longer generated"), "{text}");
    assert!(!text.contains("by_hand.rs"), "{text}");

    let written = output::write(folder.path(), &files).unwrap();
    assert_eq!((written.changed.len(), written.removed.len()), (2, 1));
    assert!(at("by_hand.rs").exists());
    output::check(folder.path(), &files).unwrap();
}

#[test]
fn a_file_written_by_hand_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mod.rs"), "// mine\n").unwrap();
    let error = output::write(folder.path(), &emit_toy()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("mod.rs: is not a generated file"),
        "{error}"
    );
}
