//! Reads a session report piece by piece.

use std::fmt;
use std::io::Read;

use super::parse::session;
use super::{RawElement, Session, is_empty_result_text};
use crate::error::{Error, ErrorKind, Result, shorten};
use crate::xml::{Cursor, Piece, Splitter, XmlError, XmlResult, read_reply};

/// How much is read of an input at once.
const CHUNK: usize = 64 * 1024;
/// The largest session that is read unless the caller says otherwise.
const MAX_SESSION_BYTES: usize = 256 * 1024 * 1024;
/// What an element that is kept takes in memory at least, beside its text.
const ELEMENT_BYTES: usize = 128;

/// Reads a `session_list` document as its bytes arrive, and gives each session as soon as it is
/// complete. It does no input of its own; `Client::support_sessions` and [`SessionReader`] do.
///
/// Memory holds one session at a time.
///
/// ```
/// use bomgar_api::reporting::SessionDecoder;
///
/// let document = br#"<session_list>
///   <session lsid="0123456789abcdef0123456789abcdef"/>
///   <session lsid="fedcba9876543210fedcba9876543210"/>
/// </session_list>"#;
/// let mut decoder = SessionDecoder::new();
/// let mut lsids = Vec::new();
/// for piece in document.chunks(10) {
///     decoder.push(piece);
///     while let Some(session) = decoder.next_session()? {
///         lsids.push(session.lsid);
///     }
/// }
/// decoder.end();
/// while let Some(session) = decoder.next_session()? {
///     lsids.push(session.lsid);
/// }
/// assert_eq!(lsids, ["0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"]);
/// # Ok::<(), bomgar_api::Error>(())
/// ```
pub struct SessionDecoder {
    splitter: Splitter,
    is_empty_result: Box<dyn Fn(&str) -> bool + Send>,
    is_error: bool,
    /// The error beside the sessions that says that there are none.
    says_nothing: Option<Error>,
    has_sessions: bool,
    done: bool,
    namespace: Option<String>,
    unknown: Vec<RawElement>,
    unknown_bytes: usize,
    max_session_bytes: usize,
}

impl Default for SessionDecoder {
    fn default() -> Self {
        SessionDecoder::new()
    }
}

impl SessionDecoder {
    /// A decoder at the beginning of a document.
    pub fn new() -> Self {
        SessionDecoder {
            splitter: Splitter::new(MAX_SESSION_BYTES),
            is_empty_result: Box::new(|_| false),
            is_error: false,
            says_nothing: None,
            has_sessions: false,
            done: false,
            namespace: None,
            unknown: Vec::new(),
            unknown_bytes: 0,
            max_session_bytes: MAX_SESSION_BYTES,
        }
    }

    /// The largest single session, in bytes. All elements beside the sessions together may take as
    /// much. Default: 256 MiB. To be called before the first [`push`](Self::push).
    #[must_use]
    pub fn max_session_bytes(mut self, bytes: usize) -> Self {
        self.splitter = Splitter::new(bytes);
        self.max_session_bytes = bytes;
        self
    }

    /// A rule for further error texts that mean "nothing matches"; English and French are known.
    #[must_use]
    pub fn empty_result(mut self, rule: impl Fn(&str) -> bool + Send + 'static) -> Self {
        self.is_empty_result = Box::new(rule);
        self
    }

    /// Takes further bytes of the document.
    pub fn push(&mut self, bytes: &[u8]) {
        // What comes after an error or the end is not read, so it is not kept.
        if !self.done {
            self.splitter.push(bytes);
        }
    }

    /// Says that the document has no more bytes.
    pub fn end(&mut self) {
        self.splitter.end();
    }

    /// The next session. `None` means that more bytes are needed or, after [`end`](Self::end),
    /// that there are no more sessions and the document was complete.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Api`] when the document is an `<error>` or has one;
    /// [`ErrorKind::WrongContent`], [`ErrorKind::Truncated`] and [`ErrorKind::Malformed`] when it
    /// cannot be read, with the part that could not in [`Error::raw_body`];
    /// [`ErrorKind::TooLarge`] when a session is larger than allowed. After an error the rest of
    /// the document is not read.
    pub fn next_session(&mut self) -> Result<Option<Session>> {
        if self.done {
            return Ok(None);
        }
        let found = self.read();
        if found.is_err() {
            self.done = true;
        }
        match found {
            Err(error) if self.is_empty_report(&error) => Ok(None),
            Err(error) => Err(error.with_operation("SupportSession")),
            found => found,
        }
    }

    fn is_empty_report(&self, error: &Error) -> bool {
        error.kind() == ErrorKind::Api
            && error
                .server_text()
                .is_some_and(|text| is_empty_result_text(text) || (self.is_empty_result)(text))
    }

    fn read(&mut self) -> Result<Option<Session>> {
        loop {
            let piece = self
                .splitter
                .next()
                .map_err(|error| in_child(error, self.splitter.kept()))?;
            match piece {
                Piece::More => return Ok(None),
                Piece::End => {
                    self.done = true;
                    if self.is_error {
                        // The root is an error; reading it gives what it says.
                        let kept = self.splitter.kept();
                        read_reply("session_list", kept, |(): &mut (), _, _| Ok(()))?;
                    }
                    return match self.says_nothing.take().filter(|_| self.has_sessions) {
                        // It contradicts itself, so it may lack sessions.
                        Some(error) => Err(contradiction(&error)),
                        None => Ok(None),
                    };
                }
                Piece::Root(range) => {
                    let begin = range.start;
                    let root = self.splitter.bytes(range);
                    let head = text(root).and_then(read_root);
                    let (name, namespace) = head.map_err(|error| error.into_error(root))?;
                    self.namespace = namespace;
                    match name.as_str() {
                        "session_list" => {}
                        "error" => {
                            self.is_error = true;
                            self.splitter.keep_all(begin);
                        }
                        _ => {
                            return Err(
                                XmlError::wrong_root(&name, "session_list").into_error(root)
                            );
                        }
                    }
                }
                Piece::Child(_) if self.is_error => {}
                Piece::Child(range) => {
                    let child = self.splitter.bytes(range);
                    match read_child(child) {
                        Ok(Child::Session(session)) => {
                            self.has_sessions = true;
                            return Ok(Some(*session));
                        }
                        Ok(Child::Error(text)) => {
                            let error = Error::api(&text);
                            if !self.is_empty_report(&error) {
                                return Err(error);
                            }
                            // Whether there is nothing, only the rest can tell.
                            self.says_nothing = Some(error);
                        }
                        Ok(Child::Unknown(raw)) => {
                            let length = child.len().saturating_add(ELEMENT_BYTES);
                            self.keep(raw, length)?;
                        }
                        Err(error) if self.splitter.is_exact() => {
                            return Err(in_child(error, child));
                        }
                        Err(_) => self.splitter.be_exact(),
                    }
                }
            }
        }
    }

    /// Keeps an element beside the sessions. Elements that never end must not fill the memory.
    fn keep(&mut self, raw: RawElement, length: usize) -> Result<()> {
        self.unknown_bytes = self.unknown_bytes.saturating_add(length);
        if self.unknown_bytes > self.max_session_bytes {
            let message = format!(
                "the elements beside the sessions are larger than the limit of {} bytes",
                self.max_session_bytes
            );
            return Err(Error::new(ErrorKind::TooLarge, message));
        }
        self.unknown.push(raw);
        Ok(())
    }

    /// The document's namespace, known once the first session is. Several are in use; they do not
    /// change the meaning.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Elements beside the sessions that were read so far, as sent, and sessions without `lsid`.
    pub fn unknown(&self) -> &[RawElement] {
        &self.unknown
    }

    pub(super) fn into_parts(self) -> (Option<String>, Vec<RawElement>) {
        (self.namespace, self.unknown)
    }
}

impl fmt::Debug for SessionDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionDecoder")
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}

fn contradiction(error: &Error) -> Error {
    let what = "the answer holds sessions and says that there are none";
    Error::new(ErrorKind::Malformed, what).with_server_text(error.server_text().map(str::to_owned))
}

enum Child {
    Session(Box<Session>),
    Error(String),
    Unknown(RawElement),
}

fn text(bytes: &[u8]) -> XmlResult<&str> {
    std::str::from_utf8(bytes).map_err(XmlError::not_utf8)
}

/// The error, with the session that `child` is the beginning of.
fn in_child(error: XmlError, child: &[u8]) -> Error {
    let element = Cursor::from_bytes(child).root().ok();
    let lsid = element
        .filter(|element| element.name() == "session")
        .and_then(|element| element.attr_text("lsid"))
        .map(|lsid| shorten(&lsid, 60));
    error.into_error(child).with_session(lsid.as_deref())
}

fn read_root(tag: &str) -> XmlResult<(String, Option<String>)> {
    let root = Cursor::new(tag).root()?;
    Ok((root.name().to_owned(), root.namespace()))
}

fn read_child(document: &[u8]) -> XmlResult<Child> {
    let mut cursor = Cursor::from_bytes(document);
    let element = cursor.root()?;
    let child = match element.name() {
        "session" if element.attr_text("lsid").is_some() => {
            Child::Session(Box::new(session(&mut cursor, &element)?))
        }
        "error" => Child::Error(cursor.text(&element)?),
        _ => Child::Unknown(cursor.raw(&element)?),
    };
    cursor.finish()?;
    Ok(child)
}

/// Reads the sessions of a saved report from a file or any other input.
///
/// ```
/// use bomgar_api::reporting::SessionReader;
///
/// let file = br#"<session_list><session lsid="0123456789abcdef0123456789abcdef"/></session_list>"#;
/// for session in SessionReader::new(&file[..]) {
///     assert_eq!(session?.lsid, "0123456789abcdef0123456789abcdef");
/// }
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Debug)]
pub struct SessionReader<R> {
    input: R,
    decoder: SessionDecoder,
    chunk: Vec<u8>,
    ended: bool,
}

impl<R: Read> SessionReader<R> {
    /// Reads from `input`, which needs no buffer of its own.
    pub fn new(input: R) -> Self {
        SessionReader::with_decoder(input, SessionDecoder::new())
    }

    /// Reads with a decoder that has other settings.
    pub fn with_decoder(input: R, decoder: SessionDecoder) -> Self {
        SessionReader {
            input,
            decoder,
            chunk: vec![0; CHUNK],
            ended: false,
        }
    }

    /// The decoder, for what it knows beside the sessions.
    pub fn decoder(&self) -> &SessionDecoder {
        &self.decoder
    }

    fn read(&mut self) -> Result<Option<Session>> {
        loop {
            if let Some(session) = self.decoder.next_session()? {
                return Ok(Some(session));
            }
            if self.ended || self.decoder.done {
                return Ok(None);
            }
            match self.input.read(&mut self.chunk) {
                Ok(0) => {
                    self.ended = true;
                    self.decoder.end();
                }
                Ok(length) => self.decoder.push(&self.chunk[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.decoder.done = true;
                    self.ended = true;
                    let what = "the saved report cannot be read";
                    return Err(Error::new(ErrorKind::Io, what).with_source(error));
                }
            }
        }
    }
}

impl<R: Read> Iterator for SessionReader<R> {
    type Item = Result<Session>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}
