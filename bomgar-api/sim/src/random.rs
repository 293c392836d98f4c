//! Identifiers that differ from run to run, and numbers that do not. Nothing here is fit for real
//! secrets.

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

/// The same 64 bits for the same number, without any visible pattern (the finalizer of SplitMix64).
pub(crate) fn mix(number: u64) -> u64 {
    let mut word = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
