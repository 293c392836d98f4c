//! Where secrets come from: never from the configuration file itself.

use secrecy::SecretString;
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretSource {
    /// `{ env = "NAME" }`: a variable of the environment.
    Env(String),
    /// `{ file = "/path" }`: the only line of a file.
    File(PathBuf),
    /// `{ credential = "name" }`: a credential that systemd hands to the service
    /// (`LoadCredential=`).
    Credential(String),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretSource::Env(name) => write!(f, "the environment variable {name}"),
            SecretSource::File(path) => write!(f, "the file {}", path.display()),
            SecretSource::Credential(name) => write!(f, "the systemd credential {name}"),
        }
    }
}

/// What secrets are read from; tests bring their own.
pub trait Environment {
    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;

    /// The text of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }
}

/// The environment of this process.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// A list of names and values; for tests and programs that bring secrets of their own.
impl<K: AsRef<str>, V: AsRef<str>> Environment for [(K, V)] {
    fn variable(&self, name: &str) -> Option<String> {
        self.iter()
            .find(|(known, _)| known.as_ref() == name)
            .map(|(_, value)| value.as_ref().to_owned())
    }
}

/// As for slices.
impl<K: AsRef<str>, V: AsRef<str>, const N: usize> Environment for [(K, V); N] {
    fn variable(&self, name: &str) -> Option<String> {
        self.as_slice().variable(name)
    }
}

/// Why a secret could not be read.
#[derive(Debug)]
pub struct SecretError {
    what: String,
    remedy: &'static str,
}

impl SecretError {
    /// What to do.
    pub fn remedy(&self) -> &'static str {
        self.remedy
    }
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for SecretError {}

impl SecretSource {
    /// Reads the secret. One line break at its end does not count.
    ///
    /// # Errors
    /// When it is not there, empty, or of several lines.
    pub fn read(
        &self,
        environment: &(impl Environment + ?Sized),
    ) -> Result<SecretString, SecretError> {
        let fail = |what: String, remedy| SecretError { what, remedy };
        let missing = |name: &str| {
            fail(
                format!("{self} is not set"),
                match name {
                    "CREDENTIALS_DIRECTORY" => "run as a systemd service with LoadCredential=",
                    _ => "set it where the service starts",
                },
            )
        };
        let from_file = |path: &Path| {
            environment.read(path).map_err(|error| {
                fail(
                    format!("{self} cannot be read: {error}"),
                    "check the path and its rights",
                )
            })
        };
        let mut text = match self {
            SecretSource::Env(name) => environment.variable(name).ok_or_else(|| missing(name))?,
            SecretSource::File(path) => from_file(path)?,
            SecretSource::Credential(name) => {
                let variable = "CREDENTIALS_DIRECTORY";
                let directory = environment
                    .variable(variable)
                    .ok_or_else(|| missing(variable))?;
                from_file(&Path::new(&directory).join(name))?
            }
        };
        if text.ends_with('\n') {
            text.pop();
            if text.ends_with('\r') {
                text.pop();
            }
        }
        if text.is_empty() {
            return Err(fail(format!("{self} is empty"), "put the secret there"));
        }
        if text.contains(['\n', '\r']) {
            return Err(fail(
                format!("{self} has several lines"),
                "put the secret there alone, on one line",
            ));
        }
        Ok(SecretString::from(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_is_one_line() {
        let read = |text: &str| {
            SecretSource::Env("S".to_owned())
                .read(&[("S", text)])
                .map(|secret| secret.expose_secret().to_owned())
                .map_err(|error| error.to_string())
        };
        assert_eq!(read("p w").as_deref(), Ok("p w"));
        assert_eq!(read("pw\n").as_deref(), Ok("pw"));
        assert_eq!(read("pw\r\n").as_deref(), Ok("pw"));
        assert_eq!(read(" pw ").as_deref(), Ok(" pw "));
        assert!(read("\n").unwrap_err().contains("is empty"));
        let several = read("hunter2\nother").unwrap_err();
        assert!(several.contains("several lines"), "{several}");
        assert!(!several.contains("hunter2"), "{several}");
    }

    #[test]
    fn a_systemd_credential_is_a_file_in_its_directory() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("autotask"), "pw\n").unwrap();
        let environment = [("CREDENTIALS_DIRECTORY", directory.path().to_str().unwrap())];
        let source = SecretSource::Credential("autotask".to_owned());
        assert_eq!(source.read(&environment).unwrap().expose_secret(), "pw");
        let none: [(&str, &str); 0] = [];
        assert!(
            source
                .read(&none)
                .unwrap_err()
                .remedy()
                .contains("LoadCredential")
        );
    }
}
