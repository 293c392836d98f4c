//! Recordings: fake videos of any size, made while they are sent.

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;

use crate::error::SimError;
use crate::random::mix;
use crate::reply::{Content, Reply};
use crate::report;
use crate::request::Params;
use crate::session::Session;
use crate::sim::BomgarSim;
use crate::state::State;

/// What an appliance answers when a recording is older than it keeps them.
pub(crate) const EXPIRED: &str =
    "This recording has expired and can no longer be viewed or downloaded.";
pub(crate) const NONE: &str = "There is no such recording.";

/// The start of an MPEG-4 file: a file type box, then the head of a media box without a stated
/// length. Nothing that looks at the first bytes takes it for XML, gzip or ZIP.
const HEAD: &[u8; 32] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\0mdat";
const PART: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordingKind {
    Session,
    ShowMyScreen(u32),
    CommandShell(u32),
}

/// A recording: a fake video whose every byte is known without keeping it.
///
/// ```
/// use bomgar_sim::Recording;
///
/// let recording = Recording::session(5_000_000);
/// assert_eq!(&recording.bytes_at(4, 8), b"ftypmp42");
/// assert_eq!(recording.bytes_at(4_999_990, 100).len(), 10);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Recording {
    pub(crate) kind: RecordingKind,
    size: u64,
    seed: u64,
    expired: bool,
    announced: bool,
    content_type: Cow<'static, str>,
}

impl Recording {
    fn new(kind: RecordingKind, size: u64) -> Self {
        Self {
            kind,
            size,
            seed: size,
            expired: false,
            announced: false,
            content_type: Cow::Borrowed("video/mp4"),
        }
    }

    /// The screen recording of a whole session or presentation, with this many bytes.
    pub fn session(size: u64) -> Self {
        Self::new(RecordingKind::Session, size)
    }

    /// A recording of the representative's own screen; instances count from 0.
    pub fn show_my_screen(instance: u32, size: u64) -> Self {
        Self::new(RecordingKind::ShowMyScreen(instance), size)
    }

    /// A recording of a command shell; instances count from 0.
    pub fn command_shell(instance: u32, size: u64) -> Self {
        Self::new(RecordingKind::CommandShell(instance), size)
    }

    /// Other bytes than a recording of the same size has.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The session report still names it, but the video is gone: asking for it gives an error.
    pub fn expired(mut self) -> Self {
        self.expired = true;
        self
    }

    /// The answer says how long it is (`Content-Length`). Without this it is sent in chunks, as
    /// appliances send their documents.
    pub fn announced(mut self) -> Self {
        self.announced = true;
        self
    }

    /// The media type of the answer; `video/mp4` by default.
    pub fn content_type(mut self, media_type: impl Into<String>) -> Self {
        self.content_type = Cow::Owned(media_type.into());
        self
    }

    /// How many bytes it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What the video has from `offset` on: `length` bytes, or fewer at its end.
    pub fn bytes_at(&self, offset: u64, length: usize) -> Vec<u8> {
        let left = self.size.saturating_sub(offset);
        let length = usize::try_from(left).unwrap_or(usize::MAX).min(length);
        let mut bytes = Vec::with_capacity(length + 8);
        // Words of eight bytes, the first of which may begin before the offset.
        let mut word = offset / 8;
        let skip = (offset % 8) as usize;
        while bytes.len() < length + skip {
            bytes.extend_from_slice(&mix(self.seed ^ mix(word)).to_le_bytes());
            word += 1;
        }
        bytes.drain(..skip);
        bytes.truncate(length);
        let head = HEAD
            .iter()
            .skip(usize::try_from(offset).unwrap_or(usize::MAX));
        for (byte, known) in bytes.iter_mut().zip(head) {
            *byte = *known;
        }
        bytes
    }

    /// The video as an answer, or the error text.
    pub(crate) fn reply(&self) -> Result<Reply, String> {
        if self.expired {
            return Err(EXPIRED.to_owned());
        }
        let this = self.clone();
        let parts = (0..self.size.div_ceil(PART as u64))
            .map(move |index| Bytes::from(this.bytes_at(index * PART as u64, PART)));
        let reply = Reply::new(
            StatusCode::OK,
            self.content_type.clone(),
            Content::parts(parts),
        );
        Ok(if self.announced {
            reply.header("content-length", self.size.to_string())
        } else {
            reply
        })
    }
}

/// The recording of a session, or the error text.
pub(crate) fn find(session: &Session, kind: RecordingKind) -> Result<&Recording, String> {
    let found = session.recordings.iter().find(|known| known.kind == kind);
    found.ok_or_else(|| {
        // The report promised a video that nobody has placed.
        let promised = kind == RecordingKind::Session && session.recorded;
        if promised { EXPIRED } else { NONE }.to_owned()
    })
}

pub(crate) fn answer(state: &State, report: &str, params: &Params) -> Result<Reply, String> {
    let lsid = report::lsid(params)?;
    let instance = || {
        params
            .filled("instance")
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| "A valid instance is required.".to_owned())
    };
    let kind = match report {
        "ShowMyScreenRecording" => RecordingKind::ShowMyScreen(instance()?),
        "CommandShellRecording" => RecordingKind::CommandShell(instance()?),
        _ => RecordingKind::Session,
    };
    let session = state
        .session(lsid)
        .ok_or_else(|| "Invalid lsid.".to_owned())?;
    find(session, kind)?.reply()
}

impl BomgarSim {
    /// Gives a session a recording; one of the same kind and instance is replaced. A recording of
    /// the whole session makes the session a recorded one.
    ///
    /// # Errors
    ///
    /// If there is no such session.
    pub fn add_recording(&self, lsid: &str, recording: Recording) -> Result<(), SimError> {
        let mut state = self.inner.state();
        let session = state
            .session_mut(lsid)
            .ok_or_else(|| SimError::UnknownSession(lsid.to_owned()))?;
        session
            .recordings
            .retain(|known| known.kind != recording.kind);
        session.recorded |= recording.kind == RecordingKind::Session;
        session.recordings.push(recording);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_do_not_depend_on_where_reading_begins() {
        let recording = Recording::session(200);
        let whole = recording.bytes_at(0, 1_000);
        assert_eq!(whole.len(), 200);
        assert_eq!(&whole[..32], HEAD);
        for offset in [1, 7, 8, 31, 33, 199, 200] {
            assert_eq!(recording.bytes_at(offset, 50), {
                let from = usize::try_from(offset).unwrap();
                &whole[from..(from + 50).min(200)]
            });
        }
        assert_ne!(whole[40..], recording.seed(1).bytes_at(0, 200)[40..]);
    }
}
