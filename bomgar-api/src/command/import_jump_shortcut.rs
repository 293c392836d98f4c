//! `import_jump_shortcut`: a Jump Item for a Jump Group.

use std::fmt;

use super::{check_extra_field, check_filled, check_length, parse_success};
use crate::call::{Call, Endpoint, Fields};
use crate::error::{Error, Result};

const NAME_LIMIT: usize = 128;
const TEXT_LIMIT: usize = 1024;

/// What a Jump shortcut leads to. Of [`Other`](JumpTarget::Other), `Debug` shows the names of the
/// fields, but no values.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JumpTarget {
    /// A computer in the network of the representative.
    Local {
        /// The computer's host name, at most 128 characters.
        hostname: String,
    },
    /// A computer in the network of a Jumpoint.
    Remote {
        /// The computer's host name, at most 128 characters.
        hostname: String,
        /// Code name of the Jumpoint.
        jumpoint: String,
    },
    /// Anything else, by the names and values that the appliance's own documentation gives: RDP,
    /// VNC, Shell Jump, protocol tunnels, web and vPro each have fields with a prefix of their own.
    Other(Vec<(String, String)>),
}

impl fmt::Debug for JumpTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JumpTarget::Local { hostname } => {
                f.debug_struct("Local").field("hostname", hostname).finish()
            }
            JumpTarget::Remote { hostname, jumpoint } => f
                .debug_struct("Remote")
                .field("hostname", hostname)
                .field("jumpoint", jumpoint)
                .finish(),
            // What the fields are is not known here; they may be a user name or a password.
            JumpTarget::Other(fields) => f.debug_tuple("Other").field(&names(fields)).finish(),
        }
    }
}

fn names(fields: &[(String, String)]) -> Vec<&str> {
    fields.iter().map(|(name, _)| name.as_str()).collect()
}

/// Makes a Jump shortcut in a Jump Group. The reply is the appliance's message.
///
/// One request makes one shortcut. What kind it is follows from its target.
///
/// Limits, checked before anything is sent: 128 characters for name and host name, 1,024 for tag and
/// comments.
///
/// Needs full access to commands. Since API version 1.16 or earlier; also in Privileged Remote
/// Access.
///
/// ```
/// use bomgar_api::{Call, Spelling};
/// use bomgar_api::command::{ImportJumpShortcut, JumpTarget};
///
/// let target = JumpTarget::Remote { hostname: "10.1.2.3".into(), jumpoint: "branch".into() };
/// let request = ImportJumpShortcut::new("File server", "servers", target)
///     .tag("Windows")
///     .encode("https://support.example.com", Spelling::Plain)?;
/// assert_eq!(
///     request.body().as_ref(),
///     b"action=import_jump_shortcut&name=File+server&group=servers\
///       &remote_jump_hostname=10.1.2.3&jumpoint=branch&tag=Windows",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
///
/// `Debug` shows neither the comments nor the values of fields that the caller names.
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct ImportJumpShortcut {
    name: String,
    group: String,
    target: JumpTarget,
    tag: Option<String>,
    comments: Option<String>,
    jump_policy: Option<String>,
    session_policy: Option<String>,
    extra: Vec<(String, String)>,
}

impl ImportJumpShortcut {
    /// A shortcut of this name in the Jump Group with this code name. Personal lists of Jump Items
    /// cannot be filled.
    pub fn new(name: impl Into<String>, group: impl Into<String>, target: JumpTarget) -> Self {
        ImportJumpShortcut {
            name: name.into(),
            group: group.into(),
            target,
            tag: None,
            comments: None,
            jump_policy: None,
            session_policy: None,
            extra: Vec::new(),
        }
    }

    /// The tag under which consoles group the shortcut.
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Comments.
    pub fn comments(mut self, comments: impl Into<String>) -> Self {
        self.comments = Some(comments.into());
        self
    }

    /// The Jump Policy, by code name.
    pub fn jump_policy(mut self, code_name: impl Into<String>) -> Self {
        self.jump_policy = Some(code_name.into());
        self
    }

    /// The session policy, by code name. This field is Privileged Remote Access's; Remote Support
    /// has others, see [`field`](ImportJumpShortcut::field).
    pub fn session_policy(mut self, code_name: impl Into<String>) -> Self {
        self.session_policy = Some(code_name.into());
        self
    }

    /// Any other field, by its name on the wire: Remote Support's session policies for attended
    /// and unattended sessions and its public portal, and what newer versions have.
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for ImportJumpShortcut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportJumpShortcut")
            .field("name", &self.name)
            .field("group", &self.group)
            .field("target", &self.target)
            .field("tag", &self.tag)
            .field("jump_policy", &self.jump_policy)
            .field("session_policy", &self.session_policy)
            .field("extra", &names(&self.extra))
            .finish_non_exhaustive()
    }
}

impl Call for ImportJumpShortcut {
    type Reply = String;

    fn operation(&self) -> &str {
        "import_jump_shortcut"
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint::Command
    }

    fn is_read(&self) -> bool {
        false
    }

    fn fields(&self) -> Result<Fields> {
        let mut fields = Fields::new();
        let mut required = |name: &str, value: &str, limit: Option<usize>| {
            check_filled(name, value)?;
            limit.map_or(Ok(()), |limit| check_length(name, value, limit))?;
            fields.push((name.to_owned(), value.to_owned()));
            Ok::<(), Error>(())
        };
        required("name", &self.name, Some(NAME_LIMIT))?;
        required("group", &self.group, None)?;
        let mut extra: Vec<&(String, String)> = self.extra.iter().collect();
        match &self.target {
            JumpTarget::Local { hostname } => {
                required("local_jump_hostname", hostname, Some(NAME_LIMIT))?;
            }
            JumpTarget::Remote { hostname, jumpoint } => {
                required("remote_jump_hostname", hostname, Some(NAME_LIMIT))?;
                required("jumpoint", jumpoint, None)?;
            }
            JumpTarget::Other(target) if target.is_empty() => {
                return Err(Error::invalid_request("the shortcut has no target"));
            }
            JumpTarget::Other(target) => extra.splice(0..0, target).for_each(drop),
        }
        for (name, value, limit) in [
            ("tag", &self.tag, Some(TEXT_LIMIT)),
            ("comments", &self.comments, Some(TEXT_LIMIT)),
            ("jump_policy", &self.jump_policy, None),
            ("session_policy", &self.session_policy, None),
        ] {
            if let Some(value) = value {
                limit.map_or(Ok(()), |limit| check_length(name, value, limit))?;
                fields.push((name.into(), value.clone()));
            }
        }
        for (name, value) in extra {
            check_extra_field(&fields, name)?;
            fields.push((name.clone(), value.clone()));
        }
        Ok(fields)
    }

    fn decode(&self, body: &[u8]) -> Result<String> {
        parse_success(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use crate::command::testing::body;

    fn local(hostname: &str) -> JumpTarget {
        JumpTarget::Local {
            hostname: hostname.into(),
        }
    }

    #[test]
    fn each_target_has_its_fields() {
        let start = "action=import_jump_shortcut&name=N&group=g";
        let remote = JumpTarget::Remote {
            hostname: "h".into(),
            jumpoint: "j".into(),
        };
        let shell = JumpTarget::Other(vec![
            ("a_hostname".into(), "h".into()),
            ("a_port".into(), "22".into()),
        ]);
        for (target, text) in [
            (local("h"), "&local_jump_hostname=h"),
            (remote, "&remote_jump_hostname=h&jumpoint=j"),
            (shell, "&a_hostname=h&a_port=22"),
        ] {
            let call = ImportJumpShortcut::new("N", "g", target);
            assert_eq!(body(&call), format!("{start}{text}"));
        }
        let call = ImportJumpShortcut::new("N", "g", local("h"))
            .tag("t")
            .comments("c")
            .jump_policy("jp")
            .session_policy("sp")
            .field("new_one", "1");
        assert_eq!(
            body(&call),
            format!(
                "{start}&local_jump_hostname=h&tag=t&comments=c&jump_policy=jp\
                 &session_policy=sp&new_one=1"
            )
        );
    }

    #[test]
    fn limits_are_checked_before_sending() {
        let long = |count| "é".repeat(count);
        let new = |name: &str| ImportJumpShortcut::new(name, "g", local("h"));
        assert!(
            new(&long(128))
                .tag(long(1024))
                .comments(long(1024))
                .fields()
                .is_ok()
        );
        for call in [
            new(&long(129)),
            new(""),
            new("n").tag(long(1025)),
            new("n").comments(long(1025)),
            new("n").field("name", "again"),
            new("n").field("action", "other"),
            new("n").field("", "x"),
            ImportJumpShortcut::new("n", "", local("h")),
            ImportJumpShortcut::new("n", "g", local("")),
            ImportJumpShortcut::new("n", "g", local(&long(129))),
            ImportJumpShortcut::new("n", "g", JumpTarget::Other(Vec::new())),
            ImportJumpShortcut::new(
                "n",
                "g",
                JumpTarget::Remote {
                    hostname: "h".into(),
                    jumpoint: String::new(),
                },
            ),
        ] {
            let error = call.fields().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{call:?}");
        }
    }

    #[test]
    fn values_of_fields_that_the_caller_names_stay_out_of_debug_output() {
        let target = JumpTarget::Other(vec![("a_password".into(), "hunter2".into())]);
        let call = ImportJumpShortcut::new("N", "g", target)
            .comments("hunter3")
            .field("new_secret", "hunter4");
        let debug = format!("{call:?}");
        assert!(debug.contains("a_password") && debug.contains("new_secret"));
        assert!(!debug.contains("hunter"), "{debug}");
    }

    #[test]
    fn gives_the_message_or_the_error() {
        let call = ImportJumpShortcut::new("n", "g", local("h"));
        assert_eq!(
            call.decode(b"<success>Imported</success>").unwrap(),
            "Imported"
        );
        let error = call.decode(b"<error>No such group</error>").unwrap_err();
        assert_eq!(error.server_text(), Some("No such group"));
    }
}
