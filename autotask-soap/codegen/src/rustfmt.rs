//! Formats generated code with the rustfmt of the tool chain.

use crate::emit::Files;
use crate::error::{Error, ErrorKind, Result};
use std::fs;
use std::process::Command;

/// Formats all files; `root` is the one that declares the others as modules.
///
/// The settings are given on the command line, so that no configuration file nearby plays a part.
pub(crate) fn format(files: Files, root: &str) -> Result<Files> {
    let folder = tempfile::tempdir().map_err(|source| {
        Error::new(ErrorKind::Io, "cannot make a temporary folder").because(source)
    })?;
    for (path, text) in &files {
        let path = folder.path().join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| Error::io("create the folder", parent, e))?;
        }
        fs::write(&path, text).map_err(|e| Error::io("write", &path, e))?;
    }
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--config"])
        .arg("max_width=100,use_small_heuristics=Default,newline_style=Unix")
        .arg(root)
        .current_dir(folder.path())
        .output()
        .map_err(|source| {
            Error::new(
                ErrorKind::Rustfmt,
                "cannot run rustfmt; install it with `rustup component add rustfmt`",
            )
            .because(source)
        })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::new(
            ErrorKind::Rustfmt,
            format!(
                "rustfmt refused the generated code ({}): {}",
                output.status,
                said.trim()
            ),
        ));
    }
    files
        .into_keys()
        .map(|name| {
            let path = folder.path().join(&name);
            let text = fs::read_to_string(&path).map_err(|e| Error::io("read", &path, e))?;
            Ok((name, text))
        })
        .collect()
}
