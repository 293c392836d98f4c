//! Files and the standard input.

use super::{Failure, Outcome};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// A file, or the standard input.
pub(crate) fn read_input<'a>(
    file: Option<&Path>,
    input: &'a mut dyn Read,
) -> Outcome<Box<dyn Read + 'a>> {
    match file {
        None => Ok(Box::new(input)),
        Some(file) if file == Path::new("-") => Ok(Box::new(input)),
        Some(file) => Ok(Box::new(open(file)?)),
    }
}

pub(crate) fn open(file: &Path) -> Outcome<File> {
    File::open(file).map_err(|error| unreadable(file, &error))
}

pub(crate) fn unreadable(file: &Path, error: &io::Error) -> Failure {
    Failure::Failed(format!("{} cannot be read: {error}", file.display()))
}
