//! What the tenant knows about its entities: operations, fields and their rules.

#[path = "generated/catalogue.rs"]
mod generated;

pub use generated::ENTITIES;

use crate::soap::Version;

/// One entity of the API.
#[derive(Clone, Copy, Debug)]
pub struct EntityDef {
    /// The name on the wire, for example `TicketNote`.
    pub name: &'static str,
    /// create() is allowed.
    pub can_create: bool,
    /// update() is allowed.
    pub can_update: bool,
    /// delete() is allowed.
    pub can_delete: bool,
    /// query() is allowed.
    pub can_query: bool,
    /// User-defined fields exist.
    pub has_udf: bool,
    /// Version 1.5 of the API knows the entity.
    pub in_v1_5: bool,
    /// The fields in wire order.
    pub fields: &'static [FieldDef],
}

/// One field of an entity.
#[derive(Clone, Copy, Debug)]
pub struct FieldDef {
    /// The name on the wire.
    pub name: &'static str,
    /// The declared type.
    pub ty: FieldTy,
    /// The longest text in UTF-16 units; 0 is no limit.
    pub length: u32,
    /// create() refuses a record without it.
    pub required: bool,
    /// Values sent by a client are ignored.
    pub read_only: bool,
    /// query() may filter on it.
    pub queryable: bool,
    /// Only values of a list are allowed.
    pub picklist: bool,
    /// The field whose value narrows the list.
    pub picklist_parent: Option<&'static str>,
    /// The entity that the value must be an id of.
    pub reference: Option<&'static str>,
    /// The tenant's GetFieldInfo describes the field.
    pub has_info: bool,
    /// Version 1.5 of the API knows the field.
    pub in_v1_5: bool,
    /// Version 1.6 of the API knows the field.
    pub in_v1_6: bool,
}

/// The declared type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldTy {
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// 16 bits.
    Short,
    /// Text.
    String,
    /// Binary floating point.
    Double,
    /// Decimal number.
    Decimal,
    /// A point in time.
    DateTime,
    /// A calendar day.
    Date,
    /// True or false.
    Boolean,
    /// Nothing is declared.
    Untyped,
}

impl FieldTy {
    /// The name that GetFieldInfo gives.
    pub(crate) fn info_name(self) -> &'static str {
        match self {
            FieldTy::Integer => "integer",
            FieldTy::Long => "long",
            FieldTy::Short => "short",
            FieldTy::String | FieldTy::Untyped => "string",
            FieldTy::Double => "double",
            FieldTy::Decimal => "decimal",
            FieldTy::DateTime => "datetime",
            FieldTy::Date => "date",
            FieldTy::Boolean => "boolean",
        }
    }

    /// The name in the server's conversion errors.
    pub(crate) fn clr_name(self) -> &'static str {
        match self {
            FieldTy::Integer => "Integer",
            FieldTy::Long => "Long",
            FieldTy::Short => "Short",
            FieldTy::String | FieldTy::Untyped => "String",
            FieldTy::Double => "Double",
            FieldTy::Decimal => "Decimal",
            FieldTy::DateTime | FieldTy::Date => "Date",
            FieldTy::Boolean => "Boolean",
        }
    }
}

impl FieldDef {
    pub(crate) fn is_in(&self, version: Version) -> bool {
        match version {
            Version::V15 => self.in_v1_5,
            Version::V16 => self.in_v1_6,
        }
    }
}

impl EntityDef {
    pub(crate) fn is_in(&self, version: Version) -> bool {
        version == Version::V16 || self.in_v1_5
    }

    /// Whether the tenant has the entity in a version of the API.
    pub(crate) fn is_offered(&self, version: Version, unknown_extras: bool) -> bool {
        self.is_in(version) && (unknown_extras || self.name != LATER.name)
    }

    /// The field of that name, in any case.
    pub fn field(&self, name: &str) -> Option<&'static FieldDef> {
        let fields: &'static [FieldDef] = self.fields;
        fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))
    }
}

/// An entity that came after the clients' WSDL; it exists only where the tenant's settings add
/// things that no client knows.
pub(crate) static LATER: EntityDef = EntityDef {
    name: "EntityOfALaterRelease",
    can_create: false,
    can_update: false,
    can_delete: false,
    can_query: true,
    has_udf: false,
    in_v1_5: false,
    fields: &[FieldDef {
        name: "Name",
        ty: FieldTy::String,
        length: 50,
        required: true,
        read_only: false,
        queryable: true,
        picklist: false,
        picklist_parent: None,
        reference: None,
        has_info: true,
        in_v1_5: false,
        in_v1_6: true,
    }],
};

/// The entity of that name, in any case.
pub fn entity(name: &str) -> Option<&'static EntityDef> {
    ENTITIES
        .iter()
        .chain([&LATER])
        .find(|entity| entity.name.eq_ignore_ascii_case(name))
}

/// Fields declared as points in time that hold a calendar day: midnight, never shifted between
/// zones.
pub(crate) fn is_day(entity: &str, field: &FieldDef) -> bool {
    const DAYS: &[(&str, &str)] = &[
        ("TimeEntry", "DateWorked"),
        ("Contract", "StartDate"),
        ("Contract", "EndDate"),
        ("ContractBlock", "StartDate"),
        ("ContractBlock", "EndDate"),
        ("ContractRetainer", "StartDate"),
        ("ContractRetainer", "EndDate"),
        ("Holiday", "HolidayDate"),
        ("ExpenseItem", "ExpenseDate"),
    ];
    field.ty == FieldTy::Date
        || DAYS
            .iter()
            .any(|day| day.0 == entity && day.1 == field.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entities_that_the_rules_name_exist() {
        for name in [
            "Ticket",
            "TicketNote",
            "TimeEntry",
            "Resource",
            "Role",
            "ResourceRole",
        ] {
            assert!(entity(name).is_some(), "{name}");
        }
        let note = entity("ticketnote").unwrap();
        assert!(note.can_create && note.can_update && note.can_query && !note.can_delete);
        let description = note.field("description").unwrap();
        assert!(description.required && !description.read_only);
        assert_eq!(description.length, 32_000);
        let ticket = entity("Ticket").unwrap();
        assert_eq!(
            ticket.field("SubIssueType").unwrap().picklist_parent,
            Some("IssueType")
        );
        assert!(!ticket.field("CreatorType").unwrap().queryable);
    }
}
