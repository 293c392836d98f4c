//! The tenant and what it says about itself.

use super::{
    Failure, Outcome,
    cli::PicklistArgs,
    connect::Connection,
    kinds::{self, QueryCall},
    output::{Column, Printer, Row, some},
};
use autotask_soap::{
    Query,
    entity::Entity,
    metadata::{EntityDescription, FieldDescription, PicklistValue},
    ops::{
        GetEntityInfo, GetFieldInfo, GetThresholdAndUsageInfo, GetUdfInfo, GetWsdlVersion,
        GetZoneInfo, IntegrationCodeCheck,
    },
    v1_6::Ticket,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

#[derive(Serialize)]
struct Zone<'a> {
    username: &'a str,
    url: &'a str,
    ci: i64,
    web_url: Option<&'a str>,
    database_type: Option<&'a str>,
}

pub(super) async fn zone(connection: &Connection, printer: &mut Printer<'_>) -> Outcome {
    let client = &connection.client;
    let username = client.username();
    if connection.is_dry_run() {
        let call = GetZoneInfo {
            username: username.to_owned(),
        };
        return connection.send(&call, printer).await.map(|_| ());
    }
    let zone = client.zone().await?;
    let zone = Zone {
        username,
        url: zone.url.as_str(),
        ci: zone.ci,
        web_url: zone.web_url.as_deref(),
        database_type: zone.database_type.as_deref(),
    };
    printer.single(
        &zone,
        &[
            ("User", username.to_owned()),
            ("Endpoint", zone.url.to_owned()),
            ("Tenant (CI)", zone.ci.to_string()),
            ("User interface", some(zone.web_url)),
            ("Database type", some(zone.database_type)),
        ],
    )
}

#[derive(Serialize)]
struct Stage<'a> {
    stage: String,
    status: &'static str,
    finding: &'a str,
    advice: Option<&'a str>,
}

pub(super) async fn diagnose(connection: &Connection, printer: &mut Printer<'_>) -> Outcome {
    use autotask_soap::diagnose::Status;
    if connection.is_dry_run() {
        return diagnose_dry(connection, printer).await;
    }
    let diagnosis = connection.client.diagnose().await;
    if printer.is_table() {
        printer.tree(&diagnosis.to_string())?;
    } else {
        for report in &diagnosis.stages {
            printer.json(&Stage {
                stage: report.stage.to_string(),
                status: match report.status {
                    Status::Ok => "ok",
                    Status::Failed => "failed",
                    Status::Skipped => "skipped",
                },
                finding: &report.finding,
                advice: report.advice.as_deref(),
            })?;
        }
    }
    if diagnosis.is_ok() {
        Ok(())
    } else {
        Err(Failure::Said)
    }
}

/// The calls that a diagnosis makes if all is well.
async fn diagnose_dry(connection: &Connection, printer: &mut Printer<'_>) -> Outcome {
    let username = connection.client.username();
    let zone = GetZoneInfo {
        username: username.to_owned(),
    };
    connection.send(&zone, printer).await?;
    let integration = IntegrationCodeCheck {
        username: username.to_owned(),
    };
    connection.send(&integration, printer).await?;
    connection.send(&GetWsdlVersion, printer).await?;
    connection.send(&GetThresholdAndUsageInfo, printer).await?;
    connection.send(&GetEntityInfo, printer).await?;
    // Nothing was touched in the future, unless a clock or a time zone is wrong.
    let soon = Timestamp::now()
        .saturating_add(SignedDuration::from_mins(30))
        .unwrap_or(Timestamp::MAX);
    let future = Query::new(Ticket::LAST_ACTIVITY_DATE.gt(soon));
    let future = QueryCall {
        kind: kinds::find(Ticket::INFO.name)?,
        xml: future.to_xml(connection.wire_zone())?,
    };
    connection.send(&future, printer).await.map(|_| ())
}

#[derive(Serialize)]
struct Usage {
    limit: u32,
    minutes: u32,
    used: u32,
    share: f64,
}

pub(super) async fn usage(connection: &Connection, printer: &mut Printer<'_>) -> Outcome {
    let Some(usage) = connection.send(&GetThresholdAndUsageInfo, printer).await? else {
        return Ok(());
    };
    let usage = Usage {
        limit: usage.limit,
        minutes: usage.minutes,
        used: usage.used,
        share: usage.share(),
    };
    printer.single(
        &usage,
        &[
            ("Calls allowed", usage.limit.to_string()),
            ("in minutes", usage.minutes.to_string()),
            ("Calls made", usage.used.to_string()),
            ("Share", format!("{:.1} %", usage.share * 100.0)),
        ],
    )
}

#[derive(Serialize)]
struct EntityRow {
    name: String,
    can_create: bool,
    can_update: bool,
    can_delete: bool,
    can_query: bool,
    has_user_defined_fields: bool,
    user_access_for_create: Option<String>,
    user_access_for_query: Option<String>,
    user_access_for_update: Option<String>,
    user_access_for_delete: Option<String>,
}

impl From<EntityDescription> for EntityRow {
    fn from(entity: EntityDescription) -> Self {
        EntityRow {
            name: entity.name,
            can_create: entity.can_create,
            can_update: entity.can_update,
            can_delete: entity.can_delete,
            can_query: entity.can_query,
            has_user_defined_fields: entity.has_user_defined_fields,
            user_access_for_create: entity.user_access_for_create,
            user_access_for_query: entity.user_access_for_query,
            user_access_for_update: entity.user_access_for_update,
            user_access_for_delete: entity.user_access_for_delete,
        }
    }
}

impl Row for EntityRow {
    const COLUMNS: &'static [Column] = &[
        ("ENTITY", 40),
        ("QUERY", 10),
        ("CREATE", 10),
        ("UPDATE", 10),
        ("DELETE", 10),
    ];

    /// What the user may do of what can be done.
    fn cells(&self) -> Vec<String> {
        let cell = |can: bool, access: &Option<String>| match (can, access) {
            (false, _) => "-".to_owned(),
            (true, Some(access)) => access.clone(),
            (true, None) => "yes".to_owned(),
        };
        vec![
            self.name.clone(),
            cell(self.can_query, &self.user_access_for_query),
            cell(self.can_create, &self.user_access_for_create),
            cell(self.can_update, &self.user_access_for_update),
            cell(self.can_delete, &self.user_access_for_delete),
        ]
    }
}

pub(super) async fn entities(connection: &Connection, printer: &mut Printer<'_>) -> Outcome {
    let Some(entities) = connection.send(&GetEntityInfo, printer).await? else {
        return Ok(());
    };
    let rows: Vec<EntityRow> = entities.into_iter().map(EntityRow::from).collect();
    printer.items(&rows, 0)
}

#[derive(Serialize)]
struct FieldRow {
    name: String,
    label: String,
    #[serde(rename = "type")]
    type_name: String,
    length: u32,
    required: bool,
    read_only: bool,
    queryable: bool,
    picklist: bool,
    picklist_parent: Option<String>,
    reference: Option<String>,
    default_value: Option<String>,
    description: String,
    user_defined: bool,
}

impl FieldRow {
    fn new(field: FieldDescription, user_defined: bool) -> Self {
        FieldRow {
            name: field.name,
            label: field.label,
            type_name: field.type_name,
            length: field.length,
            required: field.required,
            read_only: field.read_only,
            queryable: field.queryable,
            picklist: field.picklist,
            picklist_parent: field.picklist_parent,
            reference: field.reference,
            default_value: field.default_value,
            description: field.description,
            user_defined,
        }
    }
}

impl Row for FieldRow {
    const COLUMNS: &'static [Column] = &[
        ("FIELD", 32),
        ("TYPE", 14),
        ("WHAT", 30),
        ("REFERS TO", 20),
        ("LABEL", 30),
    ];

    fn cells(&self) -> Vec<String> {
        let kind = match self.length {
            0 => self.type_name.clone(),
            length => format!("{}({length})", self.type_name),
        };
        let what = [
            (self.required, "required"),
            (self.read_only, "read-only"),
            (self.picklist, "picklist"),
            (!self.queryable, "not queryable"),
        ];
        let what: Vec<&str> = what
            .into_iter()
            .filter_map(|(is, word)| is.then_some(word))
            .collect();
        let name = if self.user_defined {
            format!("udf:{}", self.name)
        } else {
            self.name.clone()
        };
        vec![
            name,
            kind,
            what.join(", "),
            some(self.reference.as_deref()),
            self.label.clone(),
        ]
    }
}

pub(super) async fn fields(
    connection: &Connection,
    entity: &str,
    printer: &mut Printer<'_>,
) -> Outcome {
    let known = kinds::known(entity);
    let entity = known.map_or(entity, |info| info.name).to_owned();
    let call = GetFieldInfo {
        entity: entity.clone(),
    };
    let own = connection.send(&call, printer).await?;
    let added = if known.is_none_or(|info| info.has_user_defined_fields) {
        connection.send(&GetUdfInfo { entity }, printer).await?
    } else {
        None
    };
    let Some(own) = own else { return Ok(()) };
    let own = own.into_iter().map(|field| FieldRow::new(field, false));
    let added = added.into_iter().flatten();
    let added = added.map(|field| FieldRow::new(field, true));
    let rows: Vec<FieldRow> = own.chain(added).collect();
    printer.items(&rows, 0)
}

#[derive(Serialize)]
struct ValueRow<'a> {
    value: &'a str,
    label: &'a str,
    is_active: bool,
    is_default: bool,
    is_system: bool,
    parent_value: Option<&'a str>,
    sort_order: i32,
}

impl<'a> From<&'a PicklistValue> for ValueRow<'a> {
    fn from(value: &'a PicklistValue) -> Self {
        ValueRow {
            value: &value.value,
            label: &value.label,
            is_active: value.is_active,
            is_default: value.is_default,
            is_system: value.is_system,
            parent_value: value.parent_value.as_deref(),
            sort_order: value.sort_order,
        }
    }
}

impl Row for ValueRow<'_> {
    const COLUMNS: &'static [Column] = &[("VALUE", 10), ("LABEL", 40), ("UNDER", 10), ("WHAT", 20)];

    fn cells(&self) -> Vec<String> {
        let what = [
            (self.is_default, "default"),
            (!self.is_active, "inactive"),
            (self.is_system, "system"),
        ];
        let what: Vec<&str> = what
            .into_iter()
            .filter_map(|(is, word)| is.then_some(word))
            .collect();
        vec![
            self.value.to_owned(),
            self.label.to_owned(),
            some(self.parent_value),
            what.join(", "),
        ]
    }
}

pub(super) async fn picklist(
    connection: &Connection,
    arguments: &PicklistArgs,
    printer: &mut Printer<'_>,
) -> Outcome {
    let (entity, name) = (&arguments.entity, &arguments.field);
    let entity = kinds::known(entity).map_or(entity.as_str(), |info| info.name);
    let call = GetFieldInfo {
        entity: entity.to_owned(),
    };
    let Some(fields) = connection.send(&call, printer).await? else {
        return Ok(());
    };
    let mut fields = fields.iter();
    let field = fields
        .find(|field| field.name.eq_ignore_ascii_case(name))
        .ok_or_else(|| {
            let what =
                format!("{entity} has no field '{name}'; 'autotask fields {entity}' lists them");
            Failure::Usage(what)
        })?;
    if !field.picklist {
        let what = format!(
            "{entity}.{} has no picklist; 'autotask fields {entity}' shows which fields do",
            field.name
        );
        return Err(Failure::Usage(what));
    }
    let mut values = field.values();
    if arguments.all {
        values = values.with_inactive();
    }
    if let Some(parent) = &arguments.under {
        values = values.under(parent);
    }
    let rows: Vec<ValueRow<'_>> = values.iter().map(ValueRow::from).collect();
    printer.items(&rows, 0)
}
