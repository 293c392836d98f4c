//! `cargo run --example autotask -- --help`: the tenant on the command line.
//!
//! The program itself is the module `autotask` of this package's library, where its tests reach it.

use examples::autotask::{Environment, run};
use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let environment = Environment {
        variable: &|name| std::env::var(name).ok(),
        input: &mut io::stdin(),
        output: &mut io::stdout(),
        errors: &mut io::stderr(),
        output_is_terminal: io::stdout().is_terminal(),
        errors_are_terminal: io::stderr().is_terminal(),
    };
    run(std::env::args_os(), environment).await
}
