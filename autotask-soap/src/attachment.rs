//! Attachments: files and links at accounts, tickets and other records.

use crate::v1_6::AttachmentInfo;
use bytes::Bytes;
use std::fmt;

/// Most bytes of one file. The server takes 6 to 7 million; between these it decides.
pub const MAX_ATTACHMENT_BYTES: usize = 7_000_000;

/// Id of an attachment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttachmentId(i64);

impl AttachmentId {
    /// The number on the wire.
    pub fn get(self) -> i64 {
        self.0
    }
}

impl From<i64> for AttachmentId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

impl From<AttachmentId> for i64 {
    fn from(id: AttachmentId) -> Self {
        id.0
    }
}

impl fmt::Display for AttachmentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The record that an attachment belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttachmentParent {
    parent_type: i32,
    id: i64,
}

impl AttachmentParent {
    /// A record by its kind and id. The kind is a value of the tenant's picklist
    /// `AttachmentInfo.ParentType`; accounts, tickets, projects and opportunities have one.
    pub fn new(parent_type: i32, id: i64) -> Self {
        Self { parent_type, id }
    }

    /// The kind of record, by the tenant's picklist.
    pub fn parent_type(&self) -> i32 {
        self.parent_type
    }

    /// The record's id.
    pub fn id(&self) -> i64 {
        self.id
    }
}

/// What a link points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// A file, by its path: `FILE_LINK`.
    File,
    /// A folder, by its path: `FOLDER_LINK`.
    Folder,
    /// A web address: `URL`.
    Url,
}

/// An attachment to be created.
///
/// ```
/// use autotask_soap::{AttachmentParent, NewAttachment};
///
/// let ticket = AttachmentParent::new(4, 8001);
/// let transcript =
///     NewAttachment::file(ticket, "Chat", "chat.txt", 2, &b"10:00 hello"[..]).by_contact(17);
/// ```
#[derive(Clone, PartialEq)]
#[must_use = "nothing is attached until it is sent"]
pub struct NewAttachment {
    pub(crate) info: AttachmentInfo,
    pub(crate) data: Option<Bytes>,
}

impl NewAttachment {
    /// A file of at most [`MAX_ATTACHMENT_BYTES`].
    ///
    /// `file_name` is the name with its extension, of which Autotask allows only some; `.txt` is one
    /// of them. `publish` is a value of the tenant's picklist `AttachmentInfo.Publish` and decides
    /// whether customers see it. Title and name have at most 255 characters.
    pub fn file(
        parent: AttachmentParent,
        title: impl Into<String>,
        file_name: impl Into<String>,
        publish: i32,
        data: impl Into<Bytes>,
    ) -> Self {
        Self {
            info: info(
                parent,
                "FILE_ATTACHMENT",
                title.into(),
                file_name.into(),
                publish,
            ),
            data: Some(data.into()),
        }
    }

    /// A link to something that lies elsewhere.
    pub fn link(
        parent: AttachmentParent,
        kind: LinkKind,
        title: impl Into<String>,
        target: impl Into<String>,
        publish: i32,
    ) -> Self {
        let kind = match kind {
            LinkKind::File => "FILE_LINK",
            LinkKind::Folder => "FOLDER_LINK",
            LinkKind::Url => "URL",
        };
        Self {
            info: info(parent, kind, title.into(), target.into(), publish),
            data: None,
        }
    }

    /// The same on behalf of a contact.
    pub fn by_contact(mut self, contact_id: i64) -> Self {
        self.info.attached_by_contact_id = Some(contact_id);
        self
    }
}

fn info(
    parent: AttachmentParent,
    kind: &str,
    title: String,
    full_path: String,
    publish: i32,
) -> AttachmentInfo {
    AttachmentInfo {
        parent_id: Some(parent.id),
        parent_type: Some(parent.parent_type),
        r#type: Some(kind.to_owned()),
        title: Some(title),
        full_path: Some(full_path),
        publish: Some(publish),
        ..AttachmentInfo::default()
    }
}

impl fmt::Debug for NewAttachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("NewAttachment", &self.info, self.data.as_ref(), f)
    }
}

/// A stored attachment. `Debug` leaves names and content out.
#[derive(Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Attachment {
    /// What the server says about it.
    pub info: AttachmentInfo,
    /// Its content; `None` for links.
    pub data: Option<Bytes>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        debug("Attachment", &self.info, self.data.as_ref(), f)
    }
}

fn debug(
    name: &str,
    info: &AttachmentInfo,
    data: Option<&Bytes>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    f.debug_struct(name)
        .field("id", &info.id)
        .field("parent_type", &info.parent_type)
        .field("parent_id", &info.parent_id)
        .field("type", &info.r#type)
        .field("bytes", &data.map(Bytes::len))
        .finish_non_exhaustive()
}
