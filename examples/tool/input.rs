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

/// More than any argument that is a text.
const MOST_TEXT: u64 = 1024 * 1024;

/// A text from the standard input, without the line break at its end.
pub(crate) fn read_text(input: &mut dyn Read) -> Outcome<String> {
    let wrong = |what: String| Failure::Usage(format!("the standard input {what}"));
    let mut text = String::new();
    input
        .take(MOST_TEXT + 1)
        .read_to_string(&mut text)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    if text.len() as u64 > MOST_TEXT {
        return Err(wrong(format!("has more than {MOST_TEXT} bytes")));
    }
    let end = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(end);
    Ok(text)
}
