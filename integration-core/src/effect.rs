//! The identity of an effect in Autotask: its key, and the marker that Autotask keeps for us.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// What kind of record an effect creates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EffectKind {
    /// A `TicketNote`.
    Note,
    /// A `TimeEntry`.
    TimeEntry,
}

impl EffectKind {
    /// The stable name that keys and stores use.
    pub fn as_str(self) -> &'static str {
        match self {
            EffectKind::Note => "note",
            EffectKind::TimeEntry => "time_entry",
        }
    }
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names one effect for ever: tenant, session, kind and part. Nothing in it can be renamed by a
/// person, so the same session always yields the same keys.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct EffectKey {
    /// The tenant's database number (`CI` of getZoneInfo).
    pub tenant: i64,
    /// The session's `lsid`.
    pub lsid: String,
    /// The kind of record.
    pub kind: EffectKind,
    /// Which of several: the number of the text part for notes, `gsnumber` + local date for time
    /// entries.
    pub part: String,
}

impl EffectKey {
    /// The text form: the ledger's primary key and what the marker is a hash of.
    pub fn canonical(&self) -> String {
        format!("{}/{}/{}/{}", self.tenant, self.lsid, self.kind, self.part)
    }

    /// What belongs together: all parts of a session's note, all of one person's time. Once any of
    /// it was written down, none of it is planned anew.
    pub(crate) fn group(&self) -> (EffectKind, &str) {
        let part = match self.kind {
            EffectKind::Note => "",
            EffectKind::TimeEntry => self.part.rsplit_once('.').map_or("", |(who, _)| who),
        };
        (self.kind, part)
    }

    /// The marker that goes into the record so that it can be found again.
    pub fn marker(&self) -> Marker {
        Marker::of(&self.canonical())
    }
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical())
    }
}

/// A fixed-length word of capital letters that finds our record among all others. Letters only:
/// Autotask's `like` knows `%`, and its text match ignores case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marker(String);

impl Marker {
    /// Every marker has this many letters.
    pub const LEN: usize = 24;
    /// Every marker begins so; it tells people where the word comes from.
    pub const PREFIX: &'static str = "BOMGAR";

    fn of(canonical: &str) -> Marker {
        let digest = Sha256::digest(canonical.as_bytes());
        // 18 letters hold 84.6 bits; take them from the first 16 bytes by division.
        let mut number = digest[..16]
            .iter()
            .fold(0u128, |acc, byte| (acc << 8) | u128::from(*byte));
        let mut text = String::with_capacity(Marker::LEN);
        text.push_str(Marker::PREFIX);
        while text.len() < Marker::LEN {
            text.push(char::from(b'A' + (number % 26) as u8));
            number /= 26;
        }
        Marker(text)
    }

    /// The word itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `text` holds any marker of this form, ours or another session's.
    pub fn any_in(text: &str) -> bool {
        text.split(|c: char| !c.is_ascii_uppercase())
            .any(|word| word.len() == Marker::LEN && word.starts_with(Marker::PREFIX))
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
