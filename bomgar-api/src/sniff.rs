//! What an answer is, by its first bytes. One endpoint answers with five kinds of body, and an
//! error may come as XML where a recording was asked for.

/// How many bytes tell all kinds apart.
pub(crate) const HEAD: usize = 256;

/// The kind of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyKind {
    Empty,
    Xml,
    Html,
    Json,
    Gzip,
    Zip,
    /// Video, text or anything else.
    Other,
}

impl BodyKind {
    /// The kind of the body that begins with `head`, which has [`HEAD`] bytes if the body does.
    pub(crate) fn of(head: &[u8]) -> Self {
        let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let start = start.trim_ascii_start();
        match start {
            // A part of a byte order mark is nothing, either.
            [] | [0xef] | [0xef, 0xbb] => BodyKind::Empty,
            [0x1f, 0x8b, ..] => BodyKind::Gzip,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => BodyKind::Zip,
            [b'{' | b'[', ..] => BodyKind::Json,
            [b'<', ..] => {
                let head = start[..start.len().min(HEAD)].to_ascii_lowercase();
                let is_html = head.starts_with(b"<!doctype html")
                    || head.windows(5).any(|window| window == b"<html");
                match is_html {
                    true => BodyKind::Html,
                    false => BodyKind::Xml,
                }
            }
            _ => BodyKind::Other,
        }
    }

    /// The kind in words, for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            BodyKind::Empty => "empty",
            BodyKind::Xml => "XML",
            BodyKind::Html => "HTML",
            BodyKind::Json => "JSON",
            BodyKind::Gzip => "gzip data",
            BodyKind::Zip => "a ZIP archive",
            BodyKind::Other => "text or binary data",
        }
    }
}
