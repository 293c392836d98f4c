//! What can go wrong, always with the file, entity and field that it is about.

use std::fmt;
use std::path::{Path, PathBuf};

/// Result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What caused an error.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// An error of the generator.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    path: Option<PathBuf>,
    source: Option<Source>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be read or written.
    Io,
    /// A WSDL, field information or schema file has not the form that it should have.
    Format,
    /// Two things would get the same name in Rust.
    Collision,
    /// rustfmt is missing or refused the code.
    Rustfmt,
    /// Generated files differ from what the schema gives.
    Outdated,
    /// The tenant could not be asked, or refused to answer.
    Live,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            path: None,
            source: None,
        }
    }

    pub(crate) fn format(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Format, message)
    }

    /// An error about reading a tenant.
    pub fn live(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Live, message)
    }

    /// The same with its cause.
    #[must_use]
    pub fn caused_by(self, source: impl Into<Source>) -> Self {
        self.because(source)
    }

    pub(crate) fn io(action: &str, path: &Path, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, format!("cannot {action}"))
            .at(path)
            .because(source)
    }

    /// Adds the file that it is about, unless it is known already.
    pub(crate) fn at(mut self, path: &Path) -> Self {
        self.path.get_or_insert_with(|| path.to_owned());
        self
    }

    pub(crate) fn because(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file that it is about.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
