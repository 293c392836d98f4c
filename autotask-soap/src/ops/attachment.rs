//! `CreateAttachment`, `GetAttachment` and `DeleteAttachment`.

use super::{Call, Context, Operation};
use crate::attachment::{Attachment, AttachmentId, MAX_ATTACHMENT_BYTES, NewAttachment};
use crate::entity::{Entity, FieldProblem, Problem, check_lengths};
use crate::error::{Error, ErrorKind, Result};
use crate::v1_6::AttachmentInfo;
use crate::wire::cursor::WireError;
use crate::wire::writer::Writer;
use crate::wire::{entity as wire_entity, envelope, value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};

const ATTACHMENT: &str = "Attachment";

/// Stores an attachment.
#[derive(Clone, Debug)]
pub struct CreateAttachment<'a> {
    /// What to store.
    pub attachment: &'a NewAttachment,
}

/// Asks for one attachment with its content.
#[derive(Clone, Copy, Debug)]
pub struct GetAttachment {
    /// Which one.
    pub id: AttachmentId,
}

/// Deletes one attachment.
#[derive(Clone, Copy, Debug)]
pub struct DeleteAttachment {
    /// Which one.
    pub id: AttachmentId,
}

impl CreateAttachment<'_> {
    /// Looks for a title or name that is missing or too long, and a file that is too large.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Validation`].
    pub fn check(&self) -> Result<()> {
        let info = &self.attachment.info;
        let fail = |detail: String| {
            Error::new(ErrorKind::Validation, detail).with_call(self.operation(), self.entity())
        };
        let mut problems = check_lengths(info);
        let named = [("Title", &info.title), ("FullPath", &info.full_path)];
        for (field, text) in named {
            if text.as_deref().is_none_or(|text| text.trim().is_empty()) {
                problems.push(FieldProblem::new(
                    AttachmentInfo::INFO.name,
                    field,
                    Problem::Missing,
                ));
            }
        }
        if !problems.is_empty() {
            return Err(fail(String::new()).with_problems(problems));
        }
        match &self.attachment.data {
            Some(data) if data.len() > MAX_ATTACHMENT_BYTES => Err(fail(format!(
                "the file has {} bytes, {MAX_ATTACHMENT_BYTES} are allowed",
                data.len()
            ))),
            _ => Ok(()),
        }
    }
}

impl Call for CreateAttachment<'_> {
    type Answer = AttachmentId;

    fn operation(&self) -> Operation {
        Operation::CreateAttachment
    }

    fn entity(&self) -> Option<&str> {
        Some(ATTACHMENT)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        self.check()?;
        let NewAttachment { info, data } = self.attachment;
        envelope::request(context, self.operation(), |writer| {
            writer.start("attachment", &[]);
            if let Some(data) = data {
                // The content of every three bytes is four characters; the rest is small.
                writer.reserve(data.len() / 3 * 4 + 2048);
                writer.base64("Data", data);
            }
            write_info(writer, info, context);
        })
        .map_err(|error| error.with_call(self.operation(), self.entity()))
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<AttachmentId> {
        let entity = self.entity();
        let text = envelope::open_text(&response, context, self.operation(), entity)?;
        let id = text.trim().parse::<i64>().ok();
        match id {
            Some(id) if id > 0 => Ok(AttachmentId::from(id)),
            _ => {
                let error = Error::new(ErrorKind::Malformed, "the answer names no attachment");
                Err(envelope::place(
                    error,
                    &response,
                    context,
                    self.operation(),
                    entity,
                ))
            }
        }
    }
}

/// The element has its type from the schema, so it needs no `xsi:type`.
fn write_info(writer: &mut Writer, info: &AttachmentInfo, context: &Context<'_>) {
    writer.start("Info", &[]);
    writer.typed("id", "long", "0");
    for (index, field) in AttachmentInfo::INFO.fields.iter().enumerate().skip(1) {
        if let Some(slot) = info.slot(index) {
            value::write_slot(writer, field.name, slot, &context.wire_zone);
        }
    }
    writer.end();
}

impl Call for GetAttachment {
    /// `None` if the server answers without an attachment.
    type Answer = Option<Attachment>;

    fn operation(&self) -> Operation {
        Operation::GetAttachment
    }

    fn entity(&self) -> Option<&str> {
        Some(ATTACHMENT)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        by_id(self.operation(), self.id, context)
    }

    fn decode(
        &self,
        response: Response<Bytes>,
        context: &Context<'_>,
    ) -> Result<Option<Attachment>> {
        let found = envelope::open(
            &response,
            context,
            self.operation(),
            self.entity(),
            |cursor, result| {
                let Some(result) = result else {
                    return Ok(None);
                };
                let mut attachment = Attachment::default();
                let mut found = false;
                while let Some(child) = cursor.next_child(result)? {
                    match child.name() {
                        "Data" if !child.is_nil() => {
                            let at = cursor.position();
                            let mut text = cursor.text_ref(&child)?;
                            // Some writers break long lines; the others' text is not copied.
                            if text.contains(|c: char| c.is_ascii_whitespace()) {
                                text.to_mut().retain(|c| !c.is_ascii_whitespace());
                            }
                            let data = STANDARD.decode(text.as_bytes()).map_err(|_| {
                                WireError::unexpected("the content is not base64", at)
                            })?;
                            attachment.data = Some(Bytes::from(data));
                        }
                        "Info" if !child.is_nil() => {
                            attachment.info =
                                wire_entity::read_entity(cursor, &child, &context.wire_zone)?;
                            found = true;
                        }
                        _ => {}
                    }
                }
                found |= attachment.data.is_some();
                Ok(found.then_some(attachment))
            },
        )?;
        if found.is_none() {
            envelope::refuse_verdict(&response, context, self.operation(), self.entity())?;
        }
        Ok(found)
    }
}

impl Call for DeleteAttachment {
    /// What the server says about it; mostly nothing.
    type Answer = String;

    fn operation(&self) -> Operation {
        Operation::DeleteAttachment
    }

    fn entity(&self) -> Option<&str> {
        Some(ATTACHMENT)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        by_id(self.operation(), self.id, context)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<String> {
        envelope::open_text(&response, context, self.operation(), self.entity())
            .map(|text| text.trim().to_owned())
    }
}

fn by_id(operation: Operation, id: AttachmentId, context: &Context<'_>) -> Result<Request<Bytes>> {
    envelope::request(context, operation, |writer| {
        writer.element("attachmentId", &id.to_string());
    })
    .map_err(|error| error.with_call(operation, Some(ATTACHMENT)))
}
