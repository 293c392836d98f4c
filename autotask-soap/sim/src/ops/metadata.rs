//! What the tenant tells about its entities and fields.

use crate::{
    catalogue::{self, EntityDef, FieldDef, FieldTy},
    picklist::PicklistValue,
    soap::{SoapFault, Version, answer::Answer, xml::Xml},
    tenant::Tenant,
};

fn known(tenant: &Tenant, name: &str, version: Version) -> Result<&'static EntityDef, SoapFault> {
    catalogue::entity(name.trim())
        .filter(|def| def.is_offered(version, tenant.settings.unknown_extras))
        .ok_or_else(|| SoapFault::server(format!("The entity {name} does not exist.")))
}

pub(super) fn field_info(
    tenant: &Tenant,
    version: Version,
    name: &str,
) -> Result<Answer, SoapFault> {
    let def = known(tenant, name, version)?;
    let mut xml = Xml::new();
    xml.open("GetFieldInfoResult");
    let visible = |field: &&FieldDef| field.has_info && field.is_in(version);
    for field in def.fields.iter().filter(visible) {
        let choices = tenant.picklist(def.name, field.name).unwrap_or(&[]);
        write_field(
            &mut xml,
            &FieldText {
                version,
                name: field.name,
                ty: field.ty,
                length: field.length,
                required: field.required,
                read_only: field.read_only,
                queryable: field.queryable,
                reference: field.reference,
                picklist: field.picklist,
                parent: field.picklist_parent,
                choices,
            },
        );
    }
    xml.close("GetFieldInfoResult");
    Ok(Answer::plain("GetFieldInfo", version, &xml.finish()))
}

pub(super) fn udf_info(tenant: &Tenant, version: Version, name: &str) -> Result<Answer, SoapFault> {
    let def = known(tenant, name, version)?;
    let mut xml = Xml::new();
    xml.open("getUDFInfoResult");
    for udf in tenant.udfs.get(def.name).into_iter().flatten() {
        write_field(
            &mut xml,
            &FieldText {
                version,
                name: &udf.name,
                ty: udf.ty,
                length: 0,
                required: udf.required,
                read_only: false,
                queryable: true,
                reference: None,
                picklist: !udf.picklist.is_empty(),
                parent: None,
                choices: &udf.picklist,
            },
        );
    }
    xml.close("getUDFInfoResult");
    Ok(Answer::plain("getUDFInfo", version, &xml.finish()))
}

struct FieldText<'a> {
    version: Version,
    name: &'a str,
    ty: FieldTy,
    length: u32,
    required: bool,
    read_only: bool,
    queryable: bool,
    reference: Option<&'a str>,
    picklist: bool,
    parent: Option<&'a str>,
    choices: &'a [PicklistValue],
}

fn flag(xml: &mut Xml, name: &str, value: bool) {
    xml.leaf(name, if value { "true" } else { "false" });
}

fn write_field(xml: &mut Xml, field: &FieldText<'_>) {
    xml.open("Field")
        .leaf("Name", field.name)
        .leaf("Label", field.name)
        .leaf("Type", field.ty.info_name())
        .leaf("Length", &field.length.to_string())
        .empty("Description");
    flag(xml, "IsRequired", field.required);
    flag(xml, "IsReadOnly", field.read_only);
    flag(xml, "IsQueryable", field.queryable);
    flag(xml, "IsReference", field.reference.is_some());
    xml.leaf("ReferenceEntityType", field.reference.unwrap_or(""));
    flag(xml, "IsPickList", field.picklist);
    if field.picklist {
        write_choices(xml, field.choices);
    }
    xml.leaf("PicklistParentValueField", field.parent.unwrap_or(""))
        .empty("DefaultValue");
    if field.version == Version::V16 {
        flag(xml, "IsSupportedWebhookField", false);
    }
    xml.close("Field");
}

fn write_choices(xml: &mut Xml, choices: &[PicklistValue]) {
    xml.open("PicklistValues");
    for (order, choice) in choices.iter().enumerate() {
        xml.open("PickListValue")
            .leaf("Value", &choice.value)
            .leaf("Label", &choice.label);
        flag(xml, "IsDefaultValue", choice.is_default);
        xml.leaf("SortOrder", &(order + 1).to_string());
        xml.leaf("parentValue", choice.parent.as_deref().unwrap_or(""));
        flag(xml, "IsActive", choice.is_active);
        flag(xml, "IsSystem", choice.is_system);
        xml.close("PickListValue");
    }
    xml.close("PicklistValues");
}

pub(super) fn entity_info(tenant: &Tenant, version: Version) -> Answer {
    let mut xml = Xml::new();
    xml.open("GetEntityInfoResult");
    let entities = catalogue::ENTITIES.iter().chain([&catalogue::LATER]);
    let extras = tenant.settings.unknown_extras;
    for def in entities.filter(|def| def.is_offered(version, extras)) {
        let restricted = tenant.restricted.contains(def.name);
        let access = |allowed: bool| match (allowed, restricted) {
            (false, _) => "None",
            (true, true) => "Restricted",
            (true, false) => "All",
        };
        let writable = !tenant.read_only.contains(def.name);
        xml.open("EntityInfo").leaf("Name", def.name);
        flag(&mut xml, "CanUpdate", def.can_update);
        flag(&mut xml, "CanDelete", def.can_delete);
        flag(&mut xml, "CanCreate", def.can_create);
        flag(&mut xml, "CanQuery", def.can_query);
        flag(&mut xml, "HasUserDefinedFields", def.has_udf);
        if version == Version::V16 {
            flag(&mut xml, "SupportsWebhookCallouts", false);
        }
        if version == Version::V16 && tenant.settings.user_access {
            xml.leaf("UserAccessForCreate", access(def.can_create && writable))
                .leaf("UserAccessForQuery", access(def.can_query))
                .leaf("UserAccessForUpdate", access(def.can_update && writable))
                .leaf("UserAccessForDelete", access(def.can_delete && writable));
        }
        xml.close("EntityInfo");
    }
    xml.close("GetEntityInfoResult");
    Answer::plain("GetEntityInfo", version, &xml.finish())
}
