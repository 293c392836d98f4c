//! Saves recordings.

use super::{
    Failure, Outcome,
    cli::{DownloadArgs, RecordingKind},
    output::{Printer, one_line},
};
use bomgar_api::{
    Client, Download,
    reporting::{
        AccessSessionRecording, CommandShellRecording, PresentationSessionRecording,
        ShowMyScreenRecording, SupportSessionRecording,
    },
};
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};
use serde::Serialize;
use std::{
    io::Write,
    path::{Path, PathBuf},
};

/// What was saved.
#[derive(Serialize)]
struct Saved<'a> {
    lsid: &'a str,
    file: String,
    bytes: u64,
    content_type: Option<&'a str>,
}

pub(super) async fn download(
    client: &Client,
    arguments: &DownloadArgs,
    show_bar: bool,
    printer: &mut Printer<'_>,
) -> Outcome {
    // Asked before anything is sent, and again when the file gets its name.
    if let Some(file) = &arguments.output {
        refuse_existing(file, arguments.force)?;
    }
    let mut download = open(client, arguments).await?;
    let mut first = download.chunk().await?.unwrap_or_default();
    let file = arguments.output.clone().unwrap_or_else(|| {
        let kind = ending(&first, download.content_type());
        PathBuf::from(format!("{}.{kind}", arguments.lsid))
    });
    refuse_existing(&file, arguments.force)?;
    let failed = |error: std::io::Error| {
        Failure::Failed(format!("{} cannot be written: {error}", file.display()))
    };
    // Half a recording never has the file's name.
    let mut part = tempfile::NamedTempFile::new_in(folder(&file)).map_err(failed)?;
    let bar = bar(download.content_length(), show_bar);
    loop {
        part.write_all(&first).map_err(failed)?;
        bar.set_position(download.delivered());
        match download.chunk().await? {
            Some(chunk) => first = chunk,
            None => break,
        }
    }
    bar.finish_and_clear();
    part.flush().map_err(failed)?;
    if arguments.force {
        part.persist(&file).map_err(|error| failed(error.error))?;
    } else {
        part.persist_noclobber(&file)
            .map_err(|error| failed(error.error))?;
    }
    let saved = Saved {
        lsid: &arguments.lsid,
        file: file.display().to_string(),
        bytes: download.delivered(),
        content_type: download.content_type(),
    };
    printer.single(
        &saved,
        &[
            ("Saved", saved.file.clone()),
            ("Bytes", saved.bytes.to_string()),
        ],
    )
}

async fn open(client: &Client, arguments: &DownloadArgs) -> Outcome<Download> {
    let lsid = arguments.lsid.as_str();
    let one_of_several = matches!(
        arguments.kind,
        RecordingKind::ShowMyScreen | RecordingKind::CommandShell
    );
    let instance = match (arguments.instance, one_of_several) {
        (Some(_), false) => {
            let what = "--instance is for --kind show-my-screen and command-shell only";
            return Err(Failure::Usage(what.to_owned()));
        }
        (instance, _) => instance.unwrap_or(0),
    };
    Ok(match arguments.kind {
        RecordingKind::Session => {
            let request = SupportSessionRecording::new(lsid);
            client.download(&request).await
        }
        RecordingKind::AccessSession => {
            let request = AccessSessionRecording::new(lsid);
            client.download(&request).await
        }
        RecordingKind::Presentation => {
            let request = PresentationSessionRecording::new(lsid);
            client.download(&request).await
        }
        RecordingKind::ShowMyScreen => {
            let request = ShowMyScreenRecording::new(lsid, instance);
            client.download(&request).await
        }
        RecordingKind::CommandShell => {
            let request = CommandShellRecording::new(lsid, instance);
            client.download(&request).await
        }
    }?)
}

fn refuse_existing(file: &Path, force: bool) -> Outcome {
    if file.exists() && !force {
        let what = format!("{} exists; --force replaces it", file.display());
        return Err(Failure::Usage(one_line(&what)));
    }
    Ok(())
}

fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// What kind of video it is, by how it begins.
fn ending(head: &[u8], content_type: Option<&str>) -> &'static str {
    match head {
        [b'F', b'L', b'V', ..] => "flv",
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => "mp4",
        [0x1a, 0x45, 0xdf, 0xa3, ..] => "webm",
        _ => match content_type {
            Some(kind) if kind.starts_with("video/mp4") => "mp4",
            Some(kind) if kind.starts_with("video/x-flv") => "flv",
            _ => "video",
        },
    }
}

/// Appliances rarely say how long a recording is; then there are bytes and speed, but no bar.
fn template(length: Option<u64>) -> &'static str {
    match length {
        Some(_) => "{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}",
        None => "{spinner} {bytes} {bytes_per_sec} {elapsed}",
    }
}

fn bar(length: Option<u64>, show: bool) -> ProgressBar {
    if !show {
        return ProgressBar::hidden();
    }
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    // A message about a failure then stands on a line of its own.
    let bar = bar.with_finish(ProgressFinish::AndClear);
    match ProgressStyle::with_template(template(length)) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_can_be_drawn_with_and_without_a_length() {
        for length in [None, Some(7)] {
            assert!(ProgressStyle::with_template(template(length)).is_ok());
        }
    }

    #[test]
    fn videos_are_known_by_their_beginning() {
        for (head, content_type, expected) in [
            (&b"FLV\x01"[..], None, "flv"),
            (b"\0\0\0\x18ftypmp42", None, "mp4"),
            (b"\x1a\x45\xdf\xa3", None, "webm"),
            (b"", Some("video/mp4"), "mp4"),
            (b"?", Some("application/octet-stream"), "video"),
        ] {
            assert_eq!(ending(head, content_type), expected);
        }
    }
}
