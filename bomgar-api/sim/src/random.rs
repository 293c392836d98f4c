//! Identifiers that differ from run to run. Nothing here is fit for real secrets.

use std::hash::{BuildHasher, Hasher, RandomState};

fn word() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// 32 lower-case hexadecimal digits, as in an lsid.
pub(crate) fn hex32() -> String {
    format!("{:016x}{:016x}", word(), word())
}

/// 40 lower-case hexadecimal digits.
pub(crate) fn hex40() -> String {
    format!("{}{:08x}", hex32(), word() & 0xffff_ffff)
}

/// Seven digits, as in a session key.
pub(crate) fn digits7() -> String {
    format!("{:07}", word() % 10_000_000)
}
