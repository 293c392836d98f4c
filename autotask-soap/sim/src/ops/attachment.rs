//! Attachments: their data travels through operations of its own.

use crate::{
    catalogue::{self, EntityDef},
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

const INFO: &str = "AttachmentInfo";
/// The largest file: what 10 MB of message leave after base64.
const FILE: usize = 7_000_000;

fn def() -> Result<&'static EntityDef, SoapFault> {
    catalogue::entity(INFO)
        .ok_or_else(|| SoapFault::server("The catalogue holds no AttachmentInfo."))
}

pub(super) fn create(
    tenant: &mut Tenant,
    caller: &Caller,
    data: &[u8],
    info: &Incoming,
) -> Result<Answer, SoapFault> {
    let def = def()?;
    let mut record = checked(tenant, def, info).map_err(SoapFault::server)?;
    if data.len() > FILE {
        return Err(SoapFault::server(
            "The attachment exceeds the maximum file size.",
        ));
    }
    let now = tenant.now();
    if !tenant.attached.admit(now, data.len()) {
        return Err(SoapFault::server(
            "The attachment threshold of 10,000,000 bytes in 5 minutes has been exceeded.",
        ));
    }
    rules::stamp_created(tenant, caller, def, &mut record);
    record.fields.insert(
        "FileSize".into(),
        Val::Int(i64::try_from(data.len()).unwrap_or(i64::MAX)),
    );
    let id = tenant.insert(def, record);
    tenant.attachments.insert(id, data.to_vec());
    let mut answer = Answer::text("CreateAttachment", caller.version, &id.to_string());
    answer.committed = vec![id];
    Ok(answer)
}

/// The read-only flags of AttachmentInfo speak of create() and update(), not of this operation:
/// here the client gives all of these.
fn checked(tenant: &Tenant, def: &'static EntityDef, info: &Incoming) -> Result<Record, String> {
    const GIVEN: &[&str] = &[
        "ParentID",
        "ParentType",
        "Type",
        "Title",
        "FullPath",
        "Publish",
        "AttachedByContactID",
    ];
    let zone = tenant.wire_zone();
    let mut record = Record::new(INFO);
    for field in def
        .fields
        .iter()
        .filter(|field| GIVEN.contains(&field.name))
    {
        let Some(sent) = info.field(field.name) else {
            continue;
        };
        if let Some(value) = entity::coerce(INFO, field, sent, &zone)? {
            record.fields.insert(field.name.to_owned(), value);
        }
    }
    for name in &GIVEN[..6] {
        if record.get(name).is_none_or(Val::is_empty_text) {
            return Err(rules::missing(name));
        }
    }
    rules::check_values(tenant, def, &record)?;
    parent(tenant, &record)?;
    Ok(record)
}

/// The picklist names the entity that ParentID is an id of.
fn parent(tenant: &Tenant, record: &Record) -> Result<(), String> {
    let Some(kind) = record.get("ParentType").map(Val::plain) else {
        return Ok(());
    };
    let labels = tenant.picklist(INFO, "ParentType").unwrap_or(&[]);
    let entity = labels
        .iter()
        .find(|choice| choice.value == kind)
        .and_then(|choice| catalogue::entity(&choice.label));
    match (entity, record.int("ParentID")) {
        (Some(def), Some(id)) if tenant.get(def.name, id).is_none() => {
            Err(rules::bad_reference("ParentID", def.name))
        }
        _ => Ok(()),
    }
}

fn unknown(id: i64) -> SoapFault {
    SoapFault::server(format!("The attachment {id} does not exist."))
}

pub(super) fn get(tenant: &Tenant, version: Version, id: i64) -> Result<Answer, SoapFault> {
    let (Some(record), Some(data)) = (tenant.get(INFO, id), tenant.attachments.get(&id)) else {
        return Err(unknown(id));
    };
    if tenant.restricted.contains(INFO) {
        return Err(unknown(id));
    }
    let mut xml = Xml::new();
    xml.open("GetAttachmentResult")
        .leaf("Data", &STANDARD.encode(data))
        .open("Info");
    EntityWriter::new(tenant, version).write(&mut xml, def()?, record);
    xml.close("Info").close("GetAttachmentResult");
    Ok(Answer::plain("GetAttachment", version, &xml.finish()))
}

pub(super) fn delete(tenant: &mut Tenant, version: Version, id: i64) -> Result<Answer, SoapFault> {
    if tenant.restricted.contains(INFO) || tenant.remove(INFO, id).is_none() {
        return Err(unknown(id));
    }
    tenant.attachments.remove(&id);
    let mut answer = Answer::text("DeleteAttachment", version, "");
    answer.committed = vec![id];
    Ok(answer)
}
