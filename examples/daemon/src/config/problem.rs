//! Mistakes in a configuration file, collected so that all are told at once.

use std::{cell::RefCell, fmt, ops::Range, path::PathBuf};

/// One mistake, or one doubt, in a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The file, if the configuration came from one.
    pub file: Option<PathBuf>,
    /// The line, counted from 1; `None` if no single line is to blame.
    pub line: Option<usize>,
    /// The setting, such as `configuration.appliance.host`; empty for the file as a whole.
    pub setting: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "{}", file.display())?,
            None => f.write_str("configuration")?,
        }
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if !self.setting.is_empty() {
            write!(f, ": {}", self.setting)?;
        }
        write!(f, ": {}", self.message)?;
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

/// A configuration that cannot be used, with every mistake in it.
#[derive(Debug)]
pub struct ConfigError {
    pub(super) problems: Vec<Problem>,
    pub(super) source: Option<std::io::Error>,
}

impl ConfigError {
    /// Every mistake, in the order of the file.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// Collects problems and knows the lines of the text.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    text: &'a str,
    file: Option<PathBuf>,
    mistakes: RefCell<Vec<(usize, Problem)>>,
    doubts: RefCell<Vec<(usize, Problem)>>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(text: &'a str, file: Option<PathBuf>) -> Self {
        Problems {
            text,
            file,
            mistakes: RefCell::default(),
            doubts: RefCell::default(),
        }
    }

    /// A mistake: the configuration cannot be used.
    pub(super) fn mistake(
        &self,
        span: Option<Range<usize>>,
        setting: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let entry = self.problem(span, setting.into(), message.into(), remedy.into());
        self.mistakes.borrow_mut().push(entry);
    }

    /// A doubt: the configuration can be used, but somebody should look.
    pub(super) fn doubt(
        &self,
        span: Option<Range<usize>>,
        setting: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let entry = self.problem(span, setting.into(), message.into(), remedy.into());
        self.doubts.borrow_mut().push(entry);
    }

    fn problem(
        &self,
        span: Option<Range<usize>>,
        setting: String,
        message: String,
        remedy: String,
    ) -> (usize, Problem) {
        let start = span.map(|span| span.start.min(self.text.len()));
        let line = start.map(|start| {
            self.text.as_bytes()[..start]
                .iter()
                .filter(|byte| **byte == b'\n')
                .count()
                + 1
        });
        let problem = Problem {
            file: self.file.clone(),
            line,
            setting,
            message,
            remedy,
        };
        (start.unwrap_or(usize::MAX), problem)
    }

    /// The mistakes and the doubts, each in the order of the file.
    pub(super) fn into_sorted(self) -> (Vec<Problem>, Vec<Problem>) {
        let sorted = |list: RefCell<Vec<(usize, Problem)>>| {
            let mut list = list.into_inner();
            list.sort_by_key(|(start, _)| *start);
            list.into_iter().map(|(_, problem)| problem).collect()
        };
        (sorted(self.mistakes), sorted(self.doubts))
    }
}
