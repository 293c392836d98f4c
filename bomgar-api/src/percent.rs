//! Percent-encoding as RFC 3986 has it, where a plus sign is a plus sign.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986.
const ENCODE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

pub(crate) fn encode(text: &str) -> impl fmt::Display {
    utf8_percent_encode(text, ENCODE)
}

/// Why a text cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// A `%` without two hexadecimal digits behind it.
    Incomplete,
    /// The bytes are not UTF-8.
    NotUtf8,
}

/// Decodes a text, all of it or nothing.
pub(crate) fn decode(encoded: &[u8]) -> Result<String, DecodeError> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded;
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'%' {
            bytes.push(*byte);
            continue;
        }
        let [high, low, after @ ..] = rest else {
            return Err(DecodeError::Incomplete);
        };
        match (hex(*high), hex(*low)) {
            (Some(high), Some(low)) => bytes.push(high << 4 | low),
            _ => return Err(DecodeError::Incomplete),
        }
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)
}

/// The value of a hexadecimal digit.
pub(crate) fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// A query in the making, for URLs in which everything but RFC 3986's unreserved characters is
/// encoded.
#[derive(Debug, Default)]
pub(crate) struct Query(pub(crate) String);

impl Query {
    pub(crate) fn push(&mut self, name: &str, value: &str) {
        self.push_verbatim(&encode(name).to_string(), &encode(value).to_string());
    }

    pub(crate) fn push_verbatim(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        self.0.push_str(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stay() {
        assert_eq!(encode("aZ0-._~").to_string(), "aZ0-._~");
        assert_eq!(
            encode("a b+c&d=e%f/é\n").to_string(),
            "a%20b%2Bc%26d%3De%25f%2F%C3%A9%0A"
        );
    }

    #[test]
    fn decoding_takes_either_case_and_leaves_the_plus() {
        assert_eq!(decode(b"a%20b+%c3%A9").as_deref(), Ok("a b+é"));
    }

    #[test]
    fn decoding_refuses_what_is_broken() {
        for bad in ["%", "%2", "%zz", "a%2", "%+1"] {
            assert_eq!(
                decode(bad.as_bytes()),
                Err(DecodeError::Incomplete),
                "{bad}"
            );
        }
        assert_eq!(decode(b"%E9"), Err(DecodeError::NotUtf8));
    }
}
