//! Tests of the generator as a whole.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test's helper may fail too.

mod golden;
mod mistakes;
mod project;
mod tenant;
mod tenant_program;
mod toy;

/// The golden output is compiled here, so that what the generator writes is known to be Rust.
#[path = "../golden/generated/mod.rs"]
#[allow(unreachable_pub, dead_code)] // In a library of its own all of it would be reachable.
mod generated;

/// The same for a tenant's user-defined fields and picklists.
#[path = "../golden/tenant/mod.rs"]
#[allow(unreachable_pub, dead_code)]
mod tenant_generated;

use autotask_codegen::{Days, FieldInformation, Import, Wsdl, import, read};
use std::path::{Path, PathBuf};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn import_toy(options: &import::Options) -> Import {
    let wsdl = read(&golden("toy.wsdl"), Wsdl::parse).unwrap();
    let information = read(&golden("toy-field-info.json"), FieldInformation::parse).unwrap();
    let days = read(&golden("toy-days.toml"), Days::parse).unwrap();
    import(&wsdl, Some(&information), &days, options).unwrap()
}
