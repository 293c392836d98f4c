//! The program `autotask-codegen`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // A program speaks to its user.

use autotask_codegen::{
    Days, Error, FieldInformation, Result, Schema, Tenant, Wsdl, emit, import, output, read, write,
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
    /// Merge a WSDL and field information into a schema file, or read a tenant's metadata.
    ///
    /// With --live, the user-defined fields and picklists of one's own tenant are read from the
    /// service. Password and integration code come from AUTOTASK_PASSWORD and
    /// AUTOTASK_INTEGRATION_CODE in the environment.
    Import {
        /// The WSDL.
        #[arg(long, value_name = "FILE", required_unless_present = "live")]
        wsdl: Option<PathBuf>,
        /// Field and entity information as JSON.
        #[arg(long, value_name = "FILE", requires = "wsdl")]
        field_info: Option<PathBuf>,
        /// The field information is of another version: use it only where entity and field agree.
        #[arg(long, requires = "field_info")]
        borrowed: bool,
        /// TOML list of date-time fields that are days.
        #[arg(long, value_name = "FILE", requires = "wsdl")]
        days: Option<PathBuf>,
        /// Cargo feature that the generated module shall need.
        #[arg(long, requires = "wsdl")]
        feature: Option<String>,
        /// Read the tenant's metadata from the service. Needs a build with the feature `live`.
        #[arg(long, conflicts_with = "wsdl")]
        live: bool,
        /// Wire name of an entity to read; may be repeated. Without it: Account, Contact, Ticket,
        /// TicketNote and TimeEntry.
        #[arg(long, value_name = "NAME", requires = "live")]
        entity: Vec<String>,
        /// The API user's full login.
        #[arg(long, value_name = "LOGIN", env = "AUTOTASK_USERNAME")]
        username: Option<String>,
        /// Endpoint that is asked for the tenant's zone, if not the usual one.
        #[arg(long, value_name = "URL", env = "AUTOTASK_ENDPOINT")]
        endpoint: Option<String>,
        /// Also generate Rust into this folder, as `emit --tenant` does.
        #[arg(long, value_name = "DIR", requires = "live")]
        emit: Option<PathBuf>,
        /// The schema file, or file of the tenant's metadata, to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Generate Rust from schema files, or from a tenant's metadata.
    Emit {
        /// Change nothing; fail if the generated files are not what the schemas give.
        #[arg(long)]
        check: bool,
        /// Schema file; may be repeated, newest version first.
        #[arg(long, value_name = "FILE", default_values_os_t = project_schemas())]
        schema: Vec<PathBuf>,
        /// File of a tenant's metadata: generate its user-defined fields and picklists instead.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["schema", "catalogue"], requires = "out")]
        tenant: Option<PathBuf>,
        /// Folder of the generated modules; by default that of the project itself.
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Folder of the simulator's catalogue; by default none is written, except in the project
        /// itself.
        #[arg(long, value_name = "DIR")]
        catalogue: Option<PathBuf>,
        /// How the generated code reaches autotask-soap. Default: `crate`, with --tenant
        /// `::autotask_soap`.
        #[arg(long, value_name = "PATH")]
        crate_path: Option<String>,
        /// With --tenant: module of the entities. Default: `v1_6` of autotask-soap.
        #[arg(long, value_name = "PATH", requires = "tenant")]
        entities: Option<String>,
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

const PROJECT_OUT: &str = "autotask-soap/src/generated";
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
            live: true,
            entity,
            username,
            endpoint,
            emit,
            out,
            ..
        } => {
            let tenant = import_live(entity, username, endpoint)?;
            write(&out, &tenant.to_toml())?;
            println!("{}: {} entities", out.display(), tenant.entities.len());
            match emit {
                Some(folder) => put(
                    &folder,
                    &emit::tenant(&tenant, &emit::TenantOptions::default())?,
                    false,
                ),
                None => Ok(()),
            }
        }
        Command::Import {
            wsdl,
            field_info,
            borrowed,
            days,
            feature,
            out,
            ..
        } => {
            // The parser of the arguments sees to it that there is one.
            let wsdl = wsdl.unwrap_or_default();
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
            tenant: Some(tenant),
            out: Some(out),
            crate_path,
            entities,
            ..
        } => {
            let tenant = read(&tenant, Tenant::parse)?;
            let mut options = emit::TenantOptions {
                entities,
                ..emit::TenantOptions::default()
            };
            if let Some(path) = crate_path {
                options.crate_path = path;
            }
            put(&out, &emit::tenant(&tenant, &options)?, check)
        }
        Command::Emit {
            check,
            schema,
            out,
            catalogue,
            crate_path,
            ..
        } => {
            let own = schema == project_schemas();
            let catalogue = catalogue.or_else(|| own.then(|| PathBuf::from(PROJECT_CATALOGUE)));
            let out = out.unwrap_or_else(|| PathBuf::from(PROJECT_OUT));
            let schemas = schema
                .iter()
                .map(|path| read(path, Schema::parse))
                .collect::<Result<Vec<_>>>()?;
            let mut options = emit::Options {
                yaserde: own,
                ..emit::Options::default()
            };
            if let Some(path) = crate_path {
                options.crate_path = path;
            }
            let files = emit::entities(&schemas, &options)?;
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

#[cfg(not(feature = "live"))]
fn import_live(_: Vec<String>, _: Option<String>, _: Option<String>) -> Result<Tenant> {
    Err(Error::live(
        "this program was built without the feature `live`; install it with \
         `cargo install autotask-codegen --features live`",
    ))
}

#[cfg(feature = "live")]
fn import_live(
    entities: Vec<String>,
    username: Option<String>,
    endpoint: Option<String>,
) -> Result<Tenant> {
    let secret = |name: &str| {
        std::env::var(name)
            .map_err(|_| Error::live(format!("{name} is not set in the environment")))
    };
    let username = username
        .ok_or_else(|| Error::live("give the API user's login: --username or AUTOTASK_USERNAME"))?;
    let mut builder = autotask_soap::Client::builder(
        username,
        secret("AUTOTASK_PASSWORD")?,
        secret("AUTOTASK_INTEGRATION_CODE")?,
    );
    if let Some(endpoint) = endpoint {
        builder = builder.endpoint(endpoint);
    }
    let failed = |source| Error::live("the client cannot be built").caused_by(source);
    let client = builder.build().map_err(failed)?;
    let entities = if entities.is_empty() {
        ["Account", "Contact", "Ticket", "TicketNote", "TimeEntry"]
            .map(str::to_owned)
            .to_vec()
    } else {
        entities
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| Error::live("cannot start").caused_by(source))?;
    let live = runtime.block_on(autotask_codegen::live::read(&client, &entities))?;
    for note in &live.notes {
        eprintln!("note: {note}");
    }
    Ok(live.tenant)
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
