//! Reads QueryXML and checks every name, operator and value.

use super::{Expression, FieldTest, Item, Join, Op, Operand, Query, Target};
use crate::{
    catalogue::{self, EntityDef, FieldTy},
    soap::Version,
    tenant::Tenant,
    time,
};
use jiff::tz::TimeZone;
use roxmltree::{Document, Node};
use std::collections::BTreeSet;

const OR_LIMIT: usize = 500;
/// About this many nested groups make the database give up.
const DEPTH_LIMIT: usize = 200;
const TOO_DEEP: &str = "Some part of your SQL statement is nested too deeply.";

struct Parser<'t> {
    tenant: &'t Tenant,
    def: &'static EntityDef,
    zone: TimeZone,
    ors: usize,
    udfs: BTreeSet<String>,
    version: Version,
}

fn syntax(why: &str) -> String {
    format!("Invalid query syntax. {why}")
}

/// Reads a query. The error is the server's text.
pub(crate) fn parse(text: &str, tenant: &Tenant, version: Version) -> Result<Query, String> {
    let document = Document::parse(text.trim()).map_err(|error| syntax(&error.to_string()))?;
    let root = document.root_element();
    if !root.tag_name().name().eq_ignore_ascii_case("queryxml") {
        return Err(syntax("The root element must be queryxml."));
    }
    let child = |name: &str| root.children().find(|node| node.has_tag_name(name));
    let name = child("entity")
        .and_then(|node| node.text())
        .unwrap_or("")
        .trim()
        .to_owned();
    if name.is_empty() {
        return Err(syntax("The entity is missing."));
    }
    let query = child("query").ok_or_else(|| syntax("The query element is missing."))?;
    let def = catalogue::entity(&name)
        .filter(|def| def.is_offered(version, tenant.settings.unknown_extras))
        .ok_or_else(|| {
            format!(
                "Unable to cast object of type '{name}' to type 'Autotask.ExternalVbApiEntity'."
            )
        })?;
    if !def.can_query {
        return Err(format!("The entity {} cannot be queried.", def.name));
    }
    let zone = tenant.wire_zone();
    let mut parser = Parser {
        tenant,
        def,
        zone,
        ors: 0,
        udfs: BTreeSet::new(),
        version,
    };
    let items = parser.items(query, 0)?;
    if parser.ors > OR_LIMIT {
        return Err(syntax(
            "Queries are limited to 500 or fewer 'OR' conditions.",
        ));
    }
    let nested = tenant.settings.nested_or_limit;
    if nested.is_some_and(|limit| usize::try_from(limit).is_ok_and(|limit| parser.ors > limit)) {
        return Err(TOO_DEEP.to_owned());
    }
    // Entities of the older kind allow one, the newer ones five.
    let limit = if def.in_v1_5 { 1 } else { 5 };
    if parser.udfs.len() > limit {
        return Err(syntax(&format!(
            "Queries of {} are limited to {limit} user-defined field(s).",
            def.name
        )));
    }
    Ok(Query { def, items })
}

impl Parser<'_> {
    fn items(&mut self, parent: Node<'_, '_>, depth: usize) -> Result<Vec<Item>, String> {
        if depth > DEPTH_LIMIT {
            return Err(TOO_DEEP.to_owned());
        }
        let mut items = Vec::new();
        for node in parent.children().filter(Node::is_element) {
            items.push(match node.tag_name().name() {
                "field" => Item::Field(self.field(node)?),
                "condition" => {
                    let operator = node.attribute("operator").unwrap_or("AND");
                    let join = if operator.eq_ignore_ascii_case("or") {
                        self.ors += 1;
                        Join::Or
                    } else if operator.eq_ignore_ascii_case("and") {
                        Join::And
                    } else {
                        return Err(syntax(&format!("Unknown operator {operator}.")));
                    };
                    let members = self.items(node, depth + 1)?;
                    if members.is_empty() {
                        return Err(syntax("A condition holds no field."));
                    }
                    Item::Condition(join, members)
                }
                other => return Err(syntax(&format!("Unexpected element {other}."))),
            });
        }
        Ok(items)
    }

    fn field(&mut self, node: Node<'_, '_>) -> Result<FieldTest, String> {
        // The name is the text before the first expression.
        let name: String = node
            .children()
            .take_while(|child| !child.is_element())
            .filter_map(|child| child.text())
            .collect();
        let name = name.trim();
        let udf = node
            .attribute("udf")
            .is_some_and(|flag| flag.eq_ignore_ascii_case("true") || flag == "1");
        let (target, ty, day) = if udf {
            self.udf(name)?
        } else {
            self.built_in(name)?
        };
        let mut expressions = Vec::new();
        for child in node.children().filter(Node::is_element) {
            if !child.has_tag_name("expression") {
                return Err(syntax(&format!("Unexpected element in field {name}.")));
            }
            let op = child
                .attribute("op")
                .ok_or_else(|| syntax(&format!("Field {name} has an expression without op.")))?;
            let op = operator(op)
                .ok_or_else(|| syntax(&format!("Unknown operator {op} on field {name}.")))?;
            let value: String = child
                .children()
                .filter(Node::is_text)
                .filter_map(|text| text.text())
                .collect();
            expressions.push(Expression {
                op,
                operand: self.operand(name, ty, day, op, &value)?,
            });
        }
        if expressions.is_empty() {
            return Err(syntax(&format!("Field {name} has no expression.")));
        }
        self.ors += expressions.len() - 1;
        Ok(FieldTest {
            target,
            expressions,
        })
    }

    fn built_in(&self, name: &str) -> Result<(Target, FieldTy, bool), String> {
        let field = self
            .def
            .field(name)
            .filter(|field| field.is_in(self.version));
        if name.eq_ignore_ascii_case("id") && field.is_none_or(|field| field.queryable) {
            return Ok((Target::Id, FieldTy::Long, false));
        }
        let field =
            field.ok_or_else(|| format!("Unknown field {name} of entity {}.", self.def.name))?;
        if !field.queryable {
            return Err(format!(
                "The field {} of {} is not queryable.",
                field.name, self.def.name
            ));
        }
        Ok((
            Target::Field(field),
            field.ty,
            catalogue::is_day(self.def.name, field),
        ))
    }

    fn udf(&mut self, name: &str) -> Result<(Target, FieldTy, bool), String> {
        let udfs = self.tenant.udfs.get(self.def.name);
        let udf = udfs
            .and_then(|udfs| udfs.iter().find(|udf| udf.name.eq_ignore_ascii_case(name)))
            .ok_or_else(|| {
                format!(
                    "Unknown user-defined field {name} of entity {}.",
                    self.def.name
                )
            })?;
        self.udfs.insert(udf.name.clone());
        let target = Target::Udf {
            name: udf.name.clone(),
            ty: udf.ty,
            case_sensitive: udf.protected,
        };
        Ok((target, udf.ty, udf.ty == FieldTy::Date))
    }

    fn operand(
        &self,
        name: &str,
        ty: FieldTy,
        day: bool,
        op: Op,
        value: &str,
    ) -> Result<Operand, String> {
        let text = matches!(ty, FieldTy::String | FieldTy::Untyped);
        let moment = matches!(ty, FieldTy::DateTime | FieldTy::Date);
        let allowed = match op {
            Op::Equals | Op::NotEqual | Op::IsNull | Op::IsNotNull => true,
            Op::LessThan | Op::LessThanOrEquals | Op::GreaterThan | Op::GreaterThanOrEquals => {
                ty != FieldTy::Boolean
            }
            Op::IsThisDay => moment,
            Op::BeginsWith
            | Op::EndsWith
            | Op::Contains
            | Op::Like
            | Op::NotLike
            | Op::SoundsLike => text,
        };
        if !allowed {
            return Err(format!(
                "The operator is not valid for the field {name} of type {}.",
                ty.info_name()
            ));
        }
        if matches!(op, Op::IsNull | Op::IsNotNull) {
            return Ok(Operand::None);
        }
        if day || op == Op::IsThisDay {
            return time::parse_day(value).map(Operand::Day);
        }
        let value = value.trim();
        let refused = || {
            format!(
                "Conversion from string \"{value}\" to type '{}' is not valid.",
                ty.clr_name()
            )
        };
        Ok(match ty {
            FieldTy::String | FieldTy::Untyped => Operand::Text(value.to_owned()),
            FieldTy::DateTime | FieldTy::Date => {
                Operand::Time(time::parse_time(value, &self.zone)?)
            }
            FieldTy::Boolean => match value.to_ascii_lowercase().as_str() {
                "1" | "true" => Operand::Bool(true),
                "0" | "false" => Operand::Bool(false),
                _ => return Err(refused()),
            },
            FieldTy::Integer
            | FieldTy::Long
            | FieldTy::Short
            | FieldTy::Double
            | FieldTy::Decimal => Operand::Number(value.parse().map_err(|_| refused())?),
        })
    }
}

fn operator(name: &str) -> Option<Op> {
    Some(match name.trim().to_ascii_lowercase().as_str() {
        "equals" => Op::Equals,
        "notequal" => Op::NotEqual,
        "lessthan" => Op::LessThan,
        "lessthanorequals" => Op::LessThanOrEquals,
        "greaterthan" => Op::GreaterThan,
        "greaterthanorequals" => Op::GreaterThanOrEquals,
        "beginswith" => Op::BeginsWith,
        "endswith" => Op::EndsWith,
        "contains" => Op::Contains,
        "like" => Op::Like,
        "notlike" => Op::NotLike,
        "isnull" => Op::IsNull,
        "isnotnull" => Op::IsNotNull,
        "isthisday" => Op::IsThisDay,
        "soundslike" => Op::SoundsLike,
        _ => return None,
    })
}
