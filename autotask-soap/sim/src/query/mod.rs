//! QueryXML: text in, records out.

mod eval;
mod parse;

pub(crate) use parse::parse;

use crate::{
    catalogue::{EntityDef, FieldDef, FieldTy},
    record::Record,
    tenant::{Row, Tenant},
};
use jiff::{SignedDuration, Timestamp, civil::Date};

/// A query that has been checked against the catalogue.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) def: &'static EntityDef,
    items: Vec<Item>,
}

#[derive(Debug)]
enum Item {
    Field(FieldTest),
    Condition(Join, Vec<Item>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Join {
    And,
    Or,
}

#[derive(Debug)]
struct FieldTest {
    target: Target,
    /// Any of them suffices.
    expressions: Vec<Expression>,
}

#[derive(Debug)]
enum Target {
    Id,
    Field(&'static FieldDef),
    Udf {
        name: String,
        ty: FieldTy,
        case_sensitive: bool,
    },
}

#[derive(Debug)]
struct Expression {
    op: Op,
    operand: Operand,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Equals,
    NotEqual,
    LessThan,
    LessThanOrEquals,
    GreaterThan,
    GreaterThanOrEquals,
    BeginsWith,
    EndsWith,
    Contains,
    Like,
    NotLike,
    IsNull,
    IsNotNull,
    IsThisDay,
    SoundsLike,
}

#[derive(Clone, Debug)]
enum Operand {
    None,
    Text(String),
    Number(f64),
    Bool(bool),
    Time(Timestamp),
    Day(Date),
}

/// The most records in one answer.
pub(crate) const PAGE: usize = 500;

/// The entity named in a query's text, even when the rest is wrong.
pub(crate) fn entity_of(text: &str) -> Option<String> {
    let document = roxmltree::Document::parse(text.trim()).ok()?;
    let name = document
        .descendants()
        .find(|node| node.has_tag_name("entity"))?
        .text()?
        .trim();
    Some(crate::catalogue::entity(name).map_or(name.to_owned(), |def| def.name.to_owned()))
}

impl Query {
    /// The matching records, by id, at most [`PAGE`]. Records younger than `lag` are not seen.
    pub(crate) fn run<'t>(
        &self,
        tenant: &'t Tenant,
        lag: Option<SignedDuration>,
    ) -> Vec<&'t Record> {
        let newest = lag.and_then(|lag| tenant.now().checked_sub(lag).ok());
        let visible = |row: &&Row| newest.is_none_or(|newest| row.committed_at <= newest);
        let zone = tenant.wire_zone();
        let secret = |record: &&Record| match self.def.name {
            // Without the permission for them they look as if they did not exist.
            "TimeEntry" => {
                !tenant.settings.see_non_billable && record.bool("NonBillable") == Some(true)
            }
            // Only active roles are told.
            "ResourceRole" => record.bool("Active") == Some(false),
            _ => false,
        };
        tenant
            .rows(self.def.name)
            .filter(visible)
            .map(|row| &row.record)
            .filter(|record| !secret(record))
            .filter(|record| eval::matches(&self.items, record, &zone))
            .take(PAGE)
            .collect()
    }
}
