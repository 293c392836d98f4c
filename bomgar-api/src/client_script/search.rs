//! How a Jump Item is found and jumped to.

/// How a Jump Item is jumped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JumpMethod {
    /// `push`: through a Jumpoint.
    Push,
    /// `local_push`: on the representative's own network.
    LocalPush,
    /// `pinned`: to an installed Jump Client.
    Pinned,
    /// `rdp`
    Rdp,
    /// `vnc`
    Vnc,
    /// `shelljump`
    ShellJump,
}

impl JumpMethod {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            JumpMethod::Push => "push",
            JumpMethod::LocalPush => "local_push",
            JumpMethod::Pinned => "pinned",
            JumpMethod::Rdp => "rdp",
            JumpMethod::Vnc => "vnc",
            JumpMethod::ShellJump => "shelljump",
        }
    }
}

/// How the Jump Item or Jump Client is found.
///
/// Each text is matched in part and without regard to case, and has at most 255 characters. If
/// several items match, the console lets the representative choose. What newer versions search by is
/// given to the action by [`parameter`](super::Action::parameter).
///
/// ```
/// use bomgar_api::client_script::{Action, ClientSearch};
///
/// let search = ClientSearch::tag("office").and_hostname("PC-17");
/// assert_eq!(
///     Action::start_jump_item_session(search).encode()?,
///     "action=start_jump_item_session&client.tag=office&client.hostname=PC-17",
/// );
/// # Ok::<(), bomgar_api::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct ClientSearch {
    pub(super) terms: Vec<(&'static str, String)>,
}

impl ClientSearch {
    /// Searches all fields for a text.
    pub fn text(text: impl Into<String>) -> Self {
        ClientSearch::default().and("search_string", text)
    }

    /// Searches by host name.
    pub fn hostname(host: impl Into<String>) -> Self {
        ClientSearch::default().and("client.hostname", host)
    }

    /// Searches by comments.
    pub fn comments(comments: impl Into<String>) -> Self {
        ClientSearch::default().and("client.comments", comments)
    }

    /// Searches by tag.
    pub fn tag(tag: impl Into<String>) -> Self {
        ClientSearch::default().and("client.tag", tag)
    }

    /// Searches by private address. Only Jump Clients are found by it.
    pub fn private_ip(address: impl Into<String>) -> Self {
        ClientSearch::default().and("client.private_ip", address)
    }

    /// Searches by public address. Only Jump Clients are found by it.
    pub fn public_ip(address: impl Into<String>) -> Self {
        ClientSearch::default().and("client.public_ip", address)
    }

    /// The host name must match as well.
    pub fn and_hostname(self, host: impl Into<String>) -> Self {
        self.and("client.hostname", host)
    }

    /// The comments must match as well.
    pub fn and_comments(self, comments: impl Into<String>) -> Self {
        self.and("client.comments", comments)
    }

    /// The tag must match as well.
    pub fn and_tag(self, tag: impl Into<String>) -> Self {
        self.and("client.tag", tag)
    }

    /// The private address must match as well. Jump Clients only.
    pub fn and_private_ip(self, address: impl Into<String>) -> Self {
        self.and("client.private_ip", address)
    }

    /// The public address must match as well. Jump Clients only.
    pub fn and_public_ip(self, address: impl Into<String>) -> Self {
        self.and("client.public_ip", address)
    }

    fn and(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.terms.retain(|(known, _)| *known != name);
        self.terms.push((name, text.into()));
        self
    }
}
