//! The project's own schemas: that they are what the real WSDLs give, and that the committed code is
//! what they give.

use autotask_codegen::{Days, FieldInformation, Import, Schema, Wsdl, emit, import, output, read};
use std::io::Write as _;
use std::path::{Path, PathBuf};

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn schemas() -> [Schema; 2] {
    ["schema/atws-1.6.toml", "schema/atws-1.5.toml"]
        .map(|name| read(&here(name), Schema::parse).unwrap())
}

/// The folder with the real WSDLs, which are not part of the project.
fn wsdls(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ATWS_WSDL_DIR").map(PathBuf::from);
    if folder.is_none() {
        // Not by `eprintln`, which the test runner would swallow.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: {test}: ATWS_WSDL_DIR not set").unwrap();
    }
    folder
}

fn import_real(folder: &Path, wsdl: &str, options: &import::Options) -> Import {
    let wsdl = read(&folder.join(wsdl), Wsdl::parse).unwrap();
    let information = read(
        &folder.join("atws-1.6-fieldinfo.json"),
        FieldInformation::parse,
    )
    .unwrap();
    let days = read(&here("schema/days.toml"), Days::parse).unwrap();
    import(&wsdl, Some(&information), &days, options).unwrap()
}

#[test]
fn the_real_1_6_wsdl_gives_the_committed_schema() {
    let Some(folder) = wsdls("the_real_1_6_wsdl_gives_the_committed_schema") else {
        return;
    };
    let import = import_real(&folder, "atws-1.6.wsdl", &import::Options::default());
    assert_eq!(import.schema.entities.len(), 155);
    assert!(import.schema.entities.iter().all(|entity| entity.has_info));
    let text = std::fs::read_to_string(here("schema/atws-1.6.toml")).unwrap();
    assert_eq!(import.schema.to_toml(), text);
}

#[test]
fn the_real_1_5_wsdl_gives_the_committed_schema() {
    let Some(folder) = wsdls("the_real_1_5_wsdl_gives_the_committed_schema") else {
        return;
    };
    let options = import::Options {
        borrowed: true,
        feature: Some("v1_5".to_owned()),
    };
    let import = import_real(&folder, "atws-1.5.wsdl", &options);
    assert_eq!(import.schema.entities.len(), 124);
    let text = std::fs::read_to_string(here("schema/atws-1.5.toml")).unwrap();
    assert_eq!(import.schema.to_toml(), text);
}

#[test]
fn the_committed_code_is_what_the_schemas_give() {
    let schemas = schemas();
    let options = emit::Options {
        yaserde: true,
        ..emit::Options::default()
    };
    let files = emit::entities(&schemas, &options).unwrap();
    output::check(&here("../src/generated"), &files).unwrap();
    let [newer, older] = &schemas;
    let text = emit::catalogue(newer, older).unwrap();
    let files = emit::Files::from([(PathBuf::from("catalogue.rs"), text)]);
    output::check(&here("../sim/src/generated"), &files).unwrap();
}

#[test]
fn the_schemas_hold_single_facts_known_from_elsewhere() {
    let [newer, older] = schemas();
    let field = |schema: &Schema, entity: &str, field: &str| {
        let entity = schema
            .entities
            .iter()
            .find(|have| have.name == entity)
            .unwrap();
        entity
            .fields
            .iter()
            .find(|have| have.name == field)
            .cloned()
    };
    let description = field(&newer, "TicketNote", "Description").unwrap();
    assert_eq!((description.length, description.required), (32_000, true));
    // Newer servers have it, the WSDL does not.
    assert!(
        field(&newer, "TicketNote", "CreatedByContactID")
            .unwrap()
            .only_in_info
    );
    assert_eq!(field(&older, "TicketNote", "CreatedByContactID"), None);
    assert_eq!(
        field(&older, "InstalledProduct", "AEMDeviceID")
            .unwrap()
            .field_type,
        autotask_codegen::schema::FieldType::Untyped
    );
    assert!(older.field_info_borrowed && !newer.field_info_borrowed);
    let untyped = newer
        .entities
        .iter()
        .flat_map(|entity| &entity.fields)
        .filter(|field| field.field_type == autotask_codegen::schema::FieldType::Untyped);
    assert_eq!(untyped.count(), 3);
}
