//! Attachments by the client.

use super::Client;
use crate::attachment::{Attachment, AttachmentId, AttachmentParent, NewAttachment};
use crate::error::Result;
use crate::ops::{CreateAttachment, DeleteAttachment, GetAttachment};
use crate::v1_6::AttachmentInfo;

impl Client {
    /// Stores an attachment, and gives its id.
    ///
    /// It is sent once. The server takes 10 million bytes in 5 minutes and then none for 5 minutes;
    /// the call waits, within its [deadline](Self::with_deadline), so that all clients that share
    /// [`Limits`](crate::Limits) stay below that.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation) if title or name are missing or too
    /// long, or the file is too large. Always look at [`Error::outcome`](crate::Error::outcome):
    /// after [`Outcome::Ambiguous`](crate::Outcome::Ambiguous) the attachment may exist; look for its
    /// title with [`attachments`](Self::attachments).
    ///
    /// ```
    /// # use autotask_sim::AutotaskSim;
    /// use autotask_soap::{AttachmentParent, Client, NewAttachment};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sim = AutotaskSim::start().await?;
    /// # let client = Client::builder(sim.username(), sim.password(), sim.integration_code())
    /// #     .endpoint(sim.lookup_endpoint())
    /// #     .build()?;
    /// # let ticket_id = sim.demo().ticket;
    /// // Both numbers are the tenant's: see its picklists ParentType and Publish.
    /// let ticket = AttachmentParent::new(4, ticket_id);
    /// let chat = NewAttachment::file(ticket, "Chat", "chat.txt", 2, "10:00 hello");
    /// let id = client.create_attachment(&chat).await?;
    ///
    /// let stored = client.get_attachment(id).await?.ok_or("gone")?;
    /// assert_eq!(stored.data.as_deref(), Some(&b"10:00 hello"[..]));
    /// client.delete_attachment(id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn create_attachment(&self, attachment: &NewAttachment) -> Result<AttachmentId> {
        self.send(&CreateAttachment { attachment }).await
    }

    /// An attachment with its content; `None` if the server answers without one.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with; a server can also fail if there is no such attachment.
    pub async fn get_attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        self.send(&GetAttachment { id }).await
    }

    /// Deletes an attachment, and gives what the server says about it, mostly nothing.
    ///
    /// # Errors
    ///
    /// Whatever calls can fail with. It is sent once; see [`Error::outcome`](crate::Error::outcome).
    pub async fn delete_attachment(&self, id: AttachmentId) -> Result<String> {
        self.send(&DeleteAttachment { id }).await
    }

    /// What is attached to a record, without contents, but no more than `most`.
    ///
    /// # Errors
    ///
    /// As [`query_all`](Self::query_all).
    pub async fn attachments(
        &self,
        parent: AttachmentParent,
        most: usize,
    ) -> Result<Vec<AttachmentInfo>> {
        let of_parent = AttachmentInfo::PARENT_TYPE.eq(parent.parent_type())
            & AttachmentInfo::PARENT_ID.eq(parent.id());
        self.query_all(of_parent, most).await
    }
}
