//! The program `autotask-codegen`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A program speaks to its user.

use autotask_codegen::{
    Days, Error, FieldInformation, Result, Schema, Wsdl, emit, import, output, read, write,
};
use clap::{Parser, Subcommand};
use std::error::Error as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Generates the entities of autotask-soap.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Merge a WSDL and field information into a schema file.
    Import {
        /// The WSDL.
        #[arg(long, value_name = "FILE")]
        wsdl: PathBuf,
        /// Field and entity information as JSON.
        #[arg(long, value_name = "FILE")]
        field_info: Option<PathBuf>,
        /// The field information is of another version: use it only where entity and field agree.
        #[arg(long, requires = "field_info")]
        borrowed: bool,
        /// TOML list of date-time fields that are days.
        #[arg(long, value_name = "FILE")]
        days: Option<PathBuf>,
        /// Cargo feature that the generated module shall need.
        #[arg(long)]
        feature: Option<String>,
        /// The schema file to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Generate Rust from schema files.
    Emit {
        /// Change nothing; fail if the generated files are not what the schemas give.
        #[arg(long)]
        check: bool,
        /// Schema file; may be repeated, newest version first.
        #[arg(long, value_name = "FILE", default_values_os_t = project_schemas())]
        schema: Vec<PathBuf>,
        /// Folder of the generated modules.
        #[arg(
            long,
            value_name = "DIR",
            default_value = "autotask-soap/src/generated"
        )]
        out: PathBuf,
        /// Folder of the simulator's catalogue; by default none is written, except in the project
        /// itself.
        #[arg(long, value_name = "DIR")]
        catalogue: Option<PathBuf>,
        /// How the generated code reaches autotask-soap: `crate` or `::autotask_soap`.
        #[arg(long, default_value = "crate")]
        crate_path: String,
    },
}

/// The project's own schemas, seen from its top folder.
fn project_schemas() -> Vec<PathBuf> {
    [
        "autotask-soap/codegen/schema/atws-1.6.toml",
        "autotask-soap/codegen/schema/atws-1.5.toml",
    ]
    .map(PathBuf::from)
    .to_vec()
}

const PROJECT_CATALOGUE: &str = "autotask-soap/sim/src/generated";

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Import {
            wsdl,
            field_info,
            borrowed,
            days,
            feature,
            out,
        } => {
            let wsdl = read(&wsdl, Wsdl::parse)?;
            let information = field_info
                .map(|path| read(&path, FieldInformation::parse))
                .transpose()?;
            let days = days
                .map(|path| read(&path, Days::parse))
                .transpose()?
                .unwrap_or_default();
            let options = import::Options { feature, borrowed };
            let import = import::import(&wsdl, information.as_ref(), &days, &options)?;
            for note in &import.notes {
                eprintln!("note: {note}");
            }
            write(&out, &import.schema.to_toml())?;
            println!(
                "{}: {} entities",
                out.display(),
                import.schema.entities.len()
            );
            Ok(())
        }
        Command::Emit {
            check,
            schema,
            out,
            catalogue,
            crate_path,
        } => {
            let own = schema == project_schemas();
            let catalogue = catalogue.or_else(|| own.then(|| PathBuf::from(PROJECT_CATALOGUE)));
            let schemas = schema
                .iter()
                .map(|path| read(path, Schema::parse))
                .collect::<Result<Vec<_>>>()?;
            let files = emit::entities(&schemas, &emit::Options { crate_path })?;
            put(&out, &files, check)?;
            if let Some(folder) = catalogue {
                let (Some(newest), Some(oldest)) = (schemas.first(), schemas.last()) else {
                    return Ok(());
                };
                let text = emit::catalogue(newest, oldest)?;
                put(
                    &folder,
                    &emit::Files::from([(PathBuf::from("catalogue.rs"), text)]),
                    check,
                )?;
            }
            Ok(())
        }
    }
}

fn put(folder: &Path, files: &emit::Files, check: bool) -> Result<(), Error> {
    if check {
        output::check(folder, files)?;
        println!("{}: {} files are up to date", folder.display(), files.len());
    } else {
        let written = output::write(folder, files)?;
        println!(
            "{}: {} files, {} changed, {} removed",
            folder.display(),
            files.len(),
            written.changed.len(),
            written.removed.len()
        );
    }
    Ok(())
}
