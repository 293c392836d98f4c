//! A session report written to a file, to try decoders on.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::session_list::parts;
use super::{Context, GeneratedSessions};
use crate::state::Namespace;

/// What [`write_report`] has written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrittenReport {
    /// Bytes of the document.
    pub bytes: u64,
    /// Sessions in it.
    pub sessions: u64,
}

/// Writes a `SupportSession` report that is as long as wanted, to try decoders on: whole sessions
/// until there are at least `bytes` bytes. The same length gives the same document. A session takes
/// about 60 kB on average.
///
/// ```
/// let mut document = Vec::new();
/// let written = bomgar_sim::write_report(&mut document, 100_000)?;
/// assert!(written.bytes >= 100_000 && written.bytes == document.len() as u64);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If writing fails.
pub fn write_report(out: &mut impl Write, bytes: u64) -> io::Result<WrittenReport> {
    let set = GeneratedSessions::endless();
    let context = Context {
        base_url: "https://support.example.com".to_owned(),
        namespace: Namespace::default().uri("reporting"),
        scrambled: false,
        file_elements: false,
    };
    let mut written = WrittenReport {
        bytes: 0,
        sessions: 0,
    };
    // How much is written decides when the sessions end, so the views ask what the loop counts.
    let length = Arc::new(AtomicU64::new(0));
    let sessions = Arc::new(AtomicU64::new(0));
    let order = Ordering::Relaxed;
    let views = {
        let (length, sessions) = (length.clone(), sessions.clone());
        (0..).map_while(move |index| {
            (length.load(order) < bytes).then(|| {
                sessions.store(index + 1, order);
                set.view(index)
            })
        })
    };
    for part in parts(context, views) {
        out.write_all(&part)?;
        written.bytes += part.len() as u64;
        length.store(written.bytes, order);
    }
    written.sessions = sessions.load(order);
    Ok(written)
}

/// [`write_report`] into a file, which is replaced if it exists.
///
/// # Errors
///
/// If the file cannot be written.
pub fn write_report_file(path: impl AsRef<Path>, bytes: u64) -> io::Result<WrittenReport> {
    let mut out = BufWriter::new(File::create(path)?);
    let written = write_report(&mut out, bytes)?;
    out.flush()?;
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_length_gives_the_same_document() {
        let document = |bytes| {
            let mut out = Vec::new();
            let written = write_report(&mut out, bytes).unwrap();
            assert_eq!(written.bytes, out.len() as u64);
            (out, written.sessions)
        };
        let (one, sessions) = document(1_000_000);
        assert_eq!(one, document(1_000_000).0);
        // About 60 kB each.
        assert!((12..25).contains(&sessions), "{sessions}");
        let text = String::from_utf8(one).unwrap();
        for part in [
            "<encoded_body>",
            "&amp;",
            "山田",
            "<![CDATA[",
            "<category ",
            "</session_list>",
        ] {
            assert!(text.contains(part), "{part}");
        }
    }
}
