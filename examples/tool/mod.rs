//! What the command-line tools share: their environment, how they print and how they end.

pub(crate) mod input;
pub(crate) mod output;
pub(crate) mod times;

use clap::Parser;
use std::{
    error::Error,
    ffi::OsString,
    fmt,
    io::{self, Read, Write},
};

/// What the tool touches of the world around it.
pub struct Environment<'a> {
    /// Reads an environment variable.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// The standard input.
    pub input: &'a mut dyn Read,
    /// The standard output.
    pub output: &'a mut dyn Write,
    /// The standard error.
    pub errors: &'a mut dyn Write,
    /// Whether a person sees the output.
    pub output_is_terminal: bool,
    /// Whether a person sees the errors, and so a progress bar.
    pub errors_are_terminal: bool,
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

/// Why a command ended early.
pub(crate) enum Failure {
    /// Exit code 2.
    Usage(String),
    /// Exit code 1.
    Failed(String),
    /// Exit code 1, and the output has said it.
    Said,
    /// Whoever read the output has enough.
    Closed,
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::Closed;
        }
        Failure::Failed(format!("the output cannot be written: {error}"))
    }
}

/// An error and its causes, on one line.
pub(crate) fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    output::one_line(&text)
}

pub(crate) type Outcome<T = ()> = Result<T, Failure>;

/// Reads the arguments, of which the first is the tool's name. Help that was asked for and
/// mistakes are printed; then the exit code comes back.
pub(crate) fn parse<C: Parser>(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &mut Environment<'_>,
) -> Result<C, u8> {
    C::try_parse_from(arguments).map_err(|error| {
        let text = error.to_string();
        // Help that was asked for is output.
        let code = u8::from(error.use_stderr()) * 2;
        let target: &mut dyn Write = match code {
            0 => environment.output,
            _ => environment.errors,
        };
        match target.write_all(text.as_bytes()) {
            Ok(()) => code,
            Err(_) => 1,
        }
    })
}

/// The exit code of a command; says why if it failed.
pub(crate) fn conclude(name: &str, outcome: Outcome, environment: &mut Environment<'_>) -> u8 {
    let (message, code) = match outcome {
        Ok(()) | Err(Failure::Closed) => return 0,
        Err(Failure::Said) => return 1,
        Err(Failure::Failed(message)) => (message, 1),
        Err(Failure::Usage(message)) => (message, 2),
    };
    // If even this cannot be written, the exit code still says it.
    let _ = writeln!(environment.errors, "{name}: {message}");
    code
}

/// A variable of the environment that is not blank.
pub(crate) fn filled(variable: &dyn Fn(&str) -> Option<String>, name: &str) -> Option<String> {
    variable(name).filter(|value| !value.trim().is_empty())
}

/// `name=value`
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .filter(|(name, _)| !name.is_empty())
        .ok_or("it must be a name, = and a value")?;
    Ok((name.to_owned(), value.to_owned()))
}
