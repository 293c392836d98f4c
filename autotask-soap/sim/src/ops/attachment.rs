//! Attachments: their data travels through operations of its own.

use crate::{
    catalogue::EntityDef,
    record::{Record, Val},
    rules::{self, Caller},
    soap::{
        SoapFault, Version,
        answer::{Answer, EntityWriter},
        entity::{self, Incoming},
        xml::Xml,
    },
    tenant::Tenant,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;

/// Bytes that may be attached in [`WINDOW`].
const BYTES: usize = 10_000_000;
const WINDOW: SignedDuration = SignedDuration::from_mins(5);
const INFO: &str = "AttachmentInfo";

fn def() -> Result<&'static EntityDef, SoapFault> {
    crate::catalogue::entity(INFO)
        .ok_or_else(|| SoapFault::server("The catalogue holds no AttachmentInfo."))
}

pub(super) fn create(
    tenant: &mut Tenant,
    caller: &Caller,
    data: &[u8],
    info: &Incoming,
) -> Result<Answer, SoapFault> {
    let def = def()?;
    let now = tenant.now();
    let recent: usize = tenant
        .attachments
        .values()
        .filter(|(at, _)| now.duration_since(*at) < WINDOW)
        .map(|(_, data)| data.len())
        .sum();
    if recent + data.len() > BYTES {
        return Err(SoapFault::server(
            "The attachment threshold of 10,000,000 bytes in 5 minutes has been exceeded.",
        ));
    }
    // The read-only flags of AttachmentInfo speak of create() and update(), not of this operation.
    let zone = tenant.wire_zone();
    let mut record = Record::new(INFO);
    for field in def.fields {
        let Some(sent) = info.field(field.name) else {
            continue;
        };
        let value = entity::coerce(INFO, field, sent, &zone).map_err(SoapFault::server)?;
        if let Some(value) = value {
            record.fields.insert(field.name.to_owned(), value);
        }
    }
    for name in [
        "ParentID",
        "ParentType",
        "Type",
        "Title",
        "FullPath",
        "Publish",
    ] {
        if record.get(name).is_none_or(Val::is_empty_text) {
            return Err(SoapFault::server(rules::missing(name)));
        }
    }
    let parent = record.int("ParentID").unwrap_or(0);
    if record.int("ParentType") == Some(4) && tenant.get("Ticket", parent).is_none() {
        return Err(SoapFault::server(rules::bad_reference(
            "ParentID", "Ticket",
        )));
    }
    rules::stamp_created(tenant, caller, def, &mut record);
    record.fields.insert(
        "FileSize".into(),
        Val::Int(i64::try_from(data.len()).unwrap_or(i64::MAX)),
    );
    let id = tenant.insert(def, record);
    tenant.attachments.insert(id, (now, data.to_vec()));
    let mut answer = Answer::text("CreateAttachment", caller.version, &id.to_string());
    answer.committed = vec![id];
    Ok(answer)
}

pub(super) fn get(tenant: &Tenant, version: Version, id: i64) -> Result<Answer, SoapFault> {
    let (Some(record), Some((_, data))) = (tenant.get(INFO, id), tenant.attachments.get(&id))
    else {
        return Err(SoapFault::server(format!(
            "The attachment {id} does not exist."
        )));
    };
    let mut xml = Xml::new();
    xml.open("GetAttachmentResult")
        .leaf("Data", &STANDARD.encode(data))
        .open("Info");
    EntityWriter::new(tenant, version).write(&mut xml, def()?, record);
    xml.close("Info").close("GetAttachmentResult");
    Ok(Answer::plain("GetAttachment", version, &xml.finish()))
}

pub(super) fn delete(tenant: &mut Tenant, version: Version, id: i64) -> Result<Answer, SoapFault> {
    if tenant.remove(INFO, id).is_none() {
        return Err(SoapFault::server(format!(
            "The attachment {id} does not exist."
        )));
    }
    tenant.attachments.remove(&id);
    let mut answer = Answer::text("DeleteAttachment", version, "");
    answer.committed = vec![id];
    Ok(answer)
}
