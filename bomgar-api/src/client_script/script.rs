//! Script files: what the appliance answers to a script URL, and what a console runs.

use std::fmt;

use super::Action;
use crate::error::{Error, ErrorKind, Result, shorten};
use crate::percent::{DecodeError, decode};

/// What a script begins with, before the version.
const MAGIC: &[u8] = b"BRCS";
/// Most actions in one script.
const MAX_ACTIONS: usize = 10;
/// What stands between the name and the site in a script's file name.
const EXTENSION: &str = ".brcs-";

/// How the lines of a script end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineEnding {
    /// A line feed.
    #[default]
    Lf,
    /// Carriage return and line feed, as Windows has it.
    CrLf,
}

/// A script for the representative console: one to ten actions.
///
/// It is a text file whose name ends in `.brcs-` and the company's site name; opened, it makes
/// the console run its actions one after the other.
///
/// ```
/// use bomgar_api::client_script::{Action, ClientSearch, Script};
///
/// let script = Script::new(Action::start_pinned_client_session(ClientSearch::text("PC 17")));
/// let text = script.encode()?;
/// assert_eq!(
///     text,
///     "BRCS1.0\naction=login\naction=start_pinned_client_session&search_string=PC%2017\n",
/// );
/// assert_eq!(Script::parse(text.as_bytes())?, script);
/// assert_eq!(Script::file_name("jump", "acme")?, "jump.brcs-acme");
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Script {
    version: (u8, u8),
    actions: Vec<Action>,
}

impl Script {
    /// A script as the appliance makes it: `login`, then the action.
    pub fn new(action: Action) -> Self {
        if action.name() == "login" {
            return Script::of([action]);
        }
        Script::of([Action::login(), action])
    }

    /// A script of exactly these actions.
    pub fn of(actions: impl IntoIterator<Item = Action>) -> Self {
        Script {
            version: (1, 0),
            actions: actions.into_iter().collect(),
        }
    }

    /// The version of the format: two digits, `(1, 0)` in all scripts seen so far.
    pub fn version(&self) -> (u8, u8) {
        self.version
    }

    /// The actions in the order they run.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// Reads a script.
    ///
    /// Lines may end in either way, and the last one need not end. Actions and parameters that
    /// are not known are kept, in their order, and so are characters that should have been
    /// encoded; only control characters are not taken. Limits on values are not checked.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Malformed`] with the line's number in the text. The error's
    /// [`source`](std::error::Error::source) is a [`SyntaxError`]. What the script says is not
    /// repeated, because it may be a password.
    pub fn parse(text: &[u8]) -> Result<Self> {
        read(text).map_err(|error| {
            Error::new(ErrorKind::Malformed, error.to_string())
                .with_operation("client_script")
                .with_source(error)
        })
    }

    /// The script's text, with line feeds. A password of a `login` is in it, readable.
    ///
    /// # Errors
    ///
    /// As [`encode_with`](Script::encode_with).
    pub fn encode(&self) -> Result<String> {
        self.encode_with(LineEnding::Lf)
    }

    /// The script's text. A password of a `login` is in it, readable.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when there are no actions or more than ten, and as
    /// [`Action::encode`].
    pub fn encode_with(&self, ending: LineEnding) -> Result<String> {
        let count = self.actions.len();
        if !(1..=MAX_ACTIONS).contains(&count) {
            return Err(Error::invalid_request(format!(
                "a script has 1 to {MAX_ACTIONS} actions, not {count}"
            )));
        }
        let ending = match ending {
            LineEnding::Lf => "\n",
            LineEnding::CrLf => "\r\n",
        };
        let (major, minor) = self.version;
        let mut text = format!("BRCS{major}.{minor}{ending}");
        for action in &self.actions {
            text.push_str(&action.encode()?);
            text.push_str(ending);
        }
        Ok(text)
    }

    /// The name of a script file for the site with this company name.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidRequest`] when a part is empty or has a character that file names must
    /// not have.
    pub fn file_name(name: &str, company_site_name: &str) -> Result<String> {
        for part in [name, company_site_name] {
            let is_bad = |c: char| c.is_control() || "/\\:*?\"<>|".contains(c);
            if part.trim().is_empty() || part.contains(is_bad) {
                return Err(Error::invalid_request(format!(
                    "\"{}\" cannot be part of a script's file name",
                    shorten(part, 60)
                )));
            }
        }
        Ok(format!("{name}{EXTENSION}{company_site_name}"))
    }

    /// Takes the name of a script file apart, into name and company site name; `None` when it is
    /// not one.
    ///
    /// ```
    /// use bomgar_api::client_script::Script;
    ///
    /// assert_eq!(Script::split_file_name("jump.brcs-acme"), Some(("jump", "acme")));
    /// assert_eq!(Script::split_file_name("jump.txt"), None);
    /// ```
    pub fn split_file_name(file_name: &str) -> Option<(&str, &str)> {
        let (name, site) = file_name.rsplit_once(EXTENSION)?;
        (!name.is_empty() && !site.is_empty()).then_some((name, site))
    }
}

/// Where and why a text is not a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SyntaxError {
    line: usize,
    kind: SyntaxErrorKind,
}

impl SyntaxError {
    /// The line's number, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong with it.
    pub fn kind(&self) -> SyntaxErrorKind {
        self.kind
    }
}

/// Why a line is not one of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The first line is not `BRCS` and a version of two digits with a period.
    Header,
    /// There are no actions.
    NoAction,
    /// There are more than ten actions.
    TooManyActions,
    /// The line is empty.
    EmptyLine,
    /// There is a control character, such as a carriage return without a line feed.
    ControlCharacter,
    /// The line is not UTF-8, or becomes something else when it is decoded.
    NotUtf8,
    /// A `%` is not followed by two hexadecimal digits.
    Percent,
    /// There is something without `=`, or nothing between two `&`.
    NoEqualsSign,
    /// A parameter has no name.
    EmptyName,
    /// The line does not say which action it is.
    MissingAction,
    /// The line says several times which action it is.
    RepeatedAction,
}

impl fmt::Display for SyntaxErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SyntaxErrorKind::Header => "a script begins with BRCS1.0 or another version",
            SyntaxErrorKind::NoAction => "a script has at least one action",
            SyntaxErrorKind::TooManyActions => "a script has at most ten actions",
            SyntaxErrorKind::EmptyLine => "the line is empty",
            SyntaxErrorKind::ControlCharacter => "there is a control character",
            SyntaxErrorKind::NotUtf8 => "the text is not UTF-8",
            SyntaxErrorKind::Percent => "a % is not followed by two hexadecimal digits",
            SyntaxErrorKind::NoEqualsSign => "a parameter has no =",
            SyntaxErrorKind::EmptyName => "a parameter has no name",
            SyntaxErrorKind::MissingAction => "the parameter action is missing",
            SyntaxErrorKind::RepeatedAction => "the parameter action is repeated",
        })
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.kind)
    }
}

impl std::error::Error for SyntaxError {}

fn read(text: &[u8]) -> Result<Script, SyntaxError> {
    let mut lines: Vec<&[u8]> = text
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect();
    // Empty lines at the end are nothing to complain about.
    while lines.len() > 1 && lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let mut numbered = (1..).zip(lines);
    let version = numbered.next().and_then(|(_, line)| read_header(line));
    let version = version.ok_or(SyntaxError {
        line: 1,
        kind: SyntaxErrorKind::Header,
    })?;
    let mut actions = Vec::new();
    for (line, content) in numbered {
        if actions.len() == MAX_ACTIONS {
            let kind = SyntaxErrorKind::TooManyActions;
            return Err(SyntaxError { line, kind });
        }
        actions.push(read_action(content).map_err(|kind| SyntaxError { line, kind })?);
    }
    if actions.is_empty() {
        return Err(SyntaxError {
            line: 2,
            kind: SyntaxErrorKind::NoAction,
        });
    }
    Ok(Script { version, actions })
}

fn read_header(line: &[u8]) -> Option<(u8, u8)> {
    match line.strip_prefix(MAGIC)? {
        [major, b'.', minor] if major.is_ascii_digit() && minor.is_ascii_digit() => {
            Some((major - b'0', minor - b'0'))
        }
        _ => None,
    }
}

fn read_action(line: &[u8]) -> Result<Action, SyntaxErrorKind> {
    if line.is_empty() {
        return Err(SyntaxErrorKind::EmptyLine);
    }
    if line.iter().any(u8::is_ascii_control) {
        return Err(SyntaxErrorKind::ControlCharacter);
    }
    let decode = |encoded| {
        decode(encoded).map_err(|error| match error {
            DecodeError::Incomplete => SyntaxErrorKind::Percent,
            DecodeError::NotUtf8 => SyntaxErrorKind::NotUtf8,
        })
    };
    let mut action_name = None;
    let mut parameters = Vec::new();
    for pair in line.split(|byte| *byte == b'&') {
        let at = pair
            .iter()
            .position(|byte| *byte == b'=')
            .ok_or(SyntaxErrorKind::NoEqualsSign)?;
        let (name, value) = (decode(&pair[..at])?, decode(&pair[at + 1..])?);
        match name.as_str() {
            "" => return Err(SyntaxErrorKind::EmptyName),
            "action" if action_name.is_some() => return Err(SyntaxErrorKind::RepeatedAction),
            "action" => action_name = Some(value),
            _ => parameters.push((name, value)),
        }
    }
    let name = action_name
        .filter(|name| !name.is_empty())
        .ok_or(SyntaxErrorKind::MissingAction)?;
    let mut action = Action::new(name);
    for (name, value) in parameters {
        action.push_read(name, value);
    }
    Ok(action)
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use proptest::prelude::*;
    use secrecy::{ExposeSecret, SecretString};

    use super::*;
    use crate::client_script::ClientSearch;

    fn fault(text: &[u8]) -> SyntaxError {
        let error = Script::parse(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Malformed);
        let syntax = error.source().unwrap().downcast_ref::<SyntaxError>();
        let syntax = *syntax.unwrap();
        assert_eq!(error.to_string(), format!("client_script: {syntax}"));
        syntax
    }

    #[test]
    fn a_script_of_the_appliance_is_read() {
        let text = b"BRCS1.0\naction=login\n\
                     action=start_jump_item_session&jump.method=pinned&search_string=A%20%26%c3%a9+\n";
        let script = Script::parse(text).unwrap();
        assert_eq!(script.version(), (1, 0));
        let [login, jump] = script.actions() else {
            panic!("{script:?}");
        };
        assert_eq!((login.name(), login.parameters().count()), ("login", 0));
        assert_eq!(jump.name(), "start_jump_item_session");
        let parameters: Vec<_> = jump.parameters().collect();
        // A plus sign is a plus sign.
        assert_eq!(
            parameters,
            [("jump.method", "pinned"), ("search_string", "A &é+")]
        );
    }

    #[test]
    fn what_is_newer_or_sloppy_is_kept() {
        let text = "BRCS9.3\r\nroom=1&action=start_hologram&room=2&empty=&sloppy=a=b c ü\r\n\r\n";
        let script = Script::parse(text.as_bytes()).unwrap();
        assert_eq!(script.version(), (9, 3));
        let [action] = script.actions() else {
            panic!("{script:?}");
        };
        assert_eq!(action.name(), "start_hologram");
        let parameters: Vec<_> = action.parameters().collect();
        let expected = [
            ("room", "1"),
            ("room", "2"),
            ("empty", ""),
            ("sloppy", "a=b c ü"),
        ];
        assert_eq!(parameters, expected);
        assert_eq!(
            script.encode().unwrap(),
            "BRCS9.3\naction=start_hologram&room=1&room=2&empty=&sloppy=a%3Db%20c%20%C3%BC\n"
        );
    }

    #[test]
    fn the_last_line_need_not_end() {
        let script = Script::parse(b"BRCS1.0\naction=login").unwrap();
        assert_eq!(script, Script::new(Action::login()));
    }

    #[test]
    fn every_defect_is_named_with_its_line() {
        use SyntaxErrorKind as Kind;
        for (text, line, kind) in [
            (&b""[..], 1, Kind::Header),
            (b"\nBRCS1.0\naction=login\n", 1, Kind::Header),
            (b"BRCS\naction=login\n", 1, Kind::Header),
            (b"BRCS1\naction=login\n", 1, Kind::Header),
            (b"BRCS10.0\naction=login\n", 1, Kind::Header),
            (b"BRCSx.0\naction=login\n", 1, Kind::Header),
            (b"brcs1.0\naction=login\n", 1, Kind::Header),
            (b"BRCS1.0 \naction=login\n", 1, Kind::Header),
            (b"BRCS1.0\raction=login\r", 1, Kind::Header),
            (b"<html>", 1, Kind::Header),
            (b"BRCS1.0", 2, Kind::NoAction),
            (b"BRCS1.0\r\n\r\n", 2, Kind::NoAction),
            (b"BRCS1.0\n\naction=login\n", 2, Kind::EmptyLine),
            (b"BRCS1.0\naction=login\n\naction=a\n", 3, Kind::EmptyLine),
            (b"BRCS1.0\naction=a\rb\n", 2, Kind::ControlCharacter),
            (b"BRCS1.0\naction=a\x00\n", 2, Kind::ControlCharacter),
            (b"BRCS1.0\naction=a&x=\xff\n", 2, Kind::NotUtf8),
            (b"BRCS1.0\naction=a&x=%FF\n", 2, Kind::NotUtf8),
            (b"BRCS1.0\naction=login\naction=a&x=50%\n", 3, Kind::Percent),
            (b"BRCS1.0\naction=a&%zz=1\n", 2, Kind::Percent),
            (b"BRCS1.0\naction=a&x\n", 2, Kind::NoEqualsSign),
            (b"BRCS1.0\naction=a&&x=1\n", 2, Kind::NoEqualsSign),
            (b"BRCS1.0\naction=a&\n", 2, Kind::NoEqualsSign),
            (b"BRCS1.0\naction=a&=1\n", 2, Kind::EmptyName),
            (b"BRCS1.0\nx=1\n", 2, Kind::MissingAction),
            (b"BRCS1.0\naction=&x=1\n", 2, Kind::MissingAction),
            (b"BRCS1.0\nAction=a\n", 2, Kind::MissingAction),
            (b"BRCS1.0\naction=a&x=1&action=b\n", 2, Kind::RepeatedAction),
        ] {
            let text_shown = String::from_utf8_lossy(text);
            let found = fault(text);
            assert_eq!((found.line(), found.kind()), (line, kind), "{text_shown}");
        }
    }

    #[test]
    fn ten_actions_are_the_most() {
        let lines = |count: usize| format!("BRCS1.0\n{}", "action=login\n".repeat(count));
        assert_eq!(
            Script::parse(lines(10).as_bytes()).unwrap().actions().len(),
            10
        );
        let found = fault(lines(11).as_bytes());
        assert_eq!(
            (found.line(), found.kind()),
            (12, SyntaxErrorKind::TooManyActions)
        );
        for (count, is_ok) in [(0, false), (1, true), (10, true), (11, false)] {
            let script = Script::of(vec![Action::login(); count]);
            assert_eq!(script.encode().is_ok(), is_ok, "{count}");
        }
    }

    #[test]
    fn a_script_begins_with_login_once() {
        let jump = Action::start_pinned_client_session(ClientSearch::text("x"));
        assert_eq!(
            Script::new(jump).encode_with(LineEnding::CrLf).unwrap(),
            "BRCS1.0\r\naction=login\r\naction=start_pinned_client_session&search_string=x\r\n"
        );
        let login = Action::login_with_password("jdoe", SecretString::from("pw"));
        assert_eq!(
            Script::new(login).encode().unwrap(),
            "BRCS1.0\naction=login&mechanism=username_password&username=jdoe&password=pw\n"
        );
    }

    #[test]
    fn a_password_that_was_read_is_secret() {
        let text =
            b"BRCS1.0\naction=login&mechanism=username_password&username=j&password=hunter2\n";
        let script = Script::parse(text).unwrap();
        assert!(!format!("{script:?}").contains("hunter2"));
        let password = script.actions()[0].password().unwrap();
        assert_eq!(password.expose_secret(), "hunter2");
        let error = Script::parse(b"BRCS1.0\naction=login&password=hunter2%\n").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn file_names_are_made_and_taken_apart() {
        assert_eq!(
            Script::file_name("PC 17", "acme").unwrap(),
            "PC 17.brcs-acme"
        );
        for (name, site) in [
            ("", "a"),
            ("a", " "),
            ("a/b", "c"),
            ("a", "..\\c"),
            ("a\n", "c"),
        ] {
            assert!(Script::file_name(name, site).is_err(), "{name} {site}");
        }
        assert_eq!(
            Script::split_file_name("a.brcs-b.brcs-acme"),
            Some(("a.brcs-b", "acme"))
        );
        for bad in ["a.brcs", "a.brcs-", ".brcs-a", "a.brcsx"] {
            assert_eq!(Script::split_file_name(bad), None, "{bad}");
        }
    }

    fn any_action() -> impl Strategy<Value = Action> {
        let name = any::<String>().prop_filter("actions have names", |name| !name.is_empty());
        let parameter = (any::<String>(), any::<String>());
        let parameters = proptest::collection::vec(parameter, 0..5);
        let custom = proptest::collection::vec(("[a-z_]{1,8}", any::<String>()), 0..3);
        (name, parameters, custom).prop_map(|(name, parameters, custom)| {
            let mut action = Action::new(name);
            for (name, value) in parameters {
                if !name.is_empty() {
                    action = action.parameter(name, value);
                }
            }
            for (code_name, value) in custom {
                action = action.parameter(format!("session.custom.{code_name}"), value);
            }
            action
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            actions in proptest::collection::vec(any_action(), 1..=10),
            crlf in any::<bool>(),
        ) {
            let script = Script::of(actions);
            let ending = if crlf { LineEnding::CrLf } else { LineEnding::Lf };
            let text = script.encode_with(ending).unwrap();
            prop_assert!(text.is_ascii());
            prop_assert_eq!(Script::parse(text.as_bytes()).unwrap(), script);
        }

        #[test]
        fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..120)) {
            let mut text = b"BRCS1.0\naction=a&".to_vec();
            text.extend(body);
            if let Ok(script) = Script::parse(&text) {
                if let Ok(again) = script.encode() {
                    prop_assert_eq!(Script::parse(again.as_bytes()).unwrap(), script);
                }
            }
        }
    }
}
