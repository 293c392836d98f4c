//! Puts generated files in place, or compares them with what is there.

use crate::emit::{Files, MARK};
use crate::error::{Error, ErrorKind, Result};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What [`write()`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files with new content.
    pub changed: Vec<PathBuf>,
    /// Files that are no longer generated and were removed.
    pub removed: Vec<PathBuf>,
}

/// Writes the files that differ, and removes generated ones that are no longer wanted. A file without
/// the generator's mark is never touched.
///
/// # Errors
///
/// When a file cannot be read or written, or a hand-written file stands in the way.
pub fn write(folder: &Path, files: &Files) -> Result<Written> {
    let mut written = Written::default();
    for (name, text) in files {
        let path = folder.join(name);
        let old = read(&path)?;
        if old.as_deref() == Some(text) {
            continue;
        }
        if old.is_some_and(|old| !is_generated(&old)) {
            return Err(Error::new(
                ErrorKind::Io,
                "is not a generated file and would be overwritten; move it away",
            )
            .at(&path));
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| Error::io("create the folder", parent, e))?;
        }
        fs::write(&path, text).map_err(|e| Error::io("write", &path, e))?;
        written.changed.push(path);
    }
    for name in stale(folder, files)? {
        let path = folder.join(name);
        fs::remove_file(&path).map_err(|e| Error::io("remove", &path, e))?;
        written.removed.push(path);
    }
    Ok(written)
}

/// Compares the files with those in the folder.
///
/// # Errors
///
/// [`ErrorKind::Outdated`] when one is missing, differs, or is no longer generated.
pub fn check(folder: &Path, files: &Files) -> Result<()> {
    let mut differences = Vec::new();
    for (name, want) in files {
        let path = folder.join(name);
        match read(&path)? {
            None => differences.push(format!("{}: missing", path.display())),
            Some(have) if have != *want => {
                let line = have
                    .lines()
                    .zip(want.lines())
                    .take_while(|(a, b)| a == b)
                    .count()
                    + 1;
                differences.push(format!("{}: differs from line {line} on", path.display()));
            }
            Some(_) => {}
        }
    }
    for name in stale(folder, files)? {
        differences.push(format!(
            "{}: no longer generated",
            folder.join(name).display()
        ));
    }
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Outdated,
        format!(
            "generated files are not what the schema gives; run `autotask-codegen emit`\n  {}",
            differences.join("\n  ")
        ),
    ))
}

/// Generated files in the folder that are not among `files`.
fn stale(folder: &Path, files: &Files) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let at = folder.join(&below);
        if !at.is_dir() {
            continue;
        }
        let entries = fs::read_dir(&at).map_err(|e| Error::io("list", &at, e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Error::io("list", &at, e))?;
            let name = below.join(entry.file_name());
            let path = entry.path();
            if path.is_dir() {
                folders.push(name);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !files.contains_key(&name)
                && read(&path)?.is_some_and(|text| is_generated(&text))
            {
                found.insert(name);
            }
        }
    }
    Ok(found)
}

fn is_generated(text: &str) -> bool {
    text.lines().take(5).any(|line| line.starts_with(MARK))
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path, error)),
    }
}
