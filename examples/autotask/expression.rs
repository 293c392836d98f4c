//! The language of `query`: what a person writes, as conditions on an entity's fields.
//!
//! ```text
//! expression = all , { "or" , all } ;
//! all        = part , { "and" , part } ;
//! part       = "(" , expression , ")" | test ;
//! test       = field , ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) , value
//!            | field , ( "in" | "notin" ) , "(" , value , { "," , value } , ")"
//!            | field , ( "contains" | "beginswith" | "endswith" | "like" | "notlike" ) , value
//!            | field , ( "isnull" | "isnotnull" )
//!            | field , "isthisday" , date ;
//! field      = name | "udf:" , ( name | text ) ;
//! value      = word | text ;
//! ```
//!
//! A text stands in single or double quotes; a quote in it is written twice. Words need no quotes:
//! numbers, `true`, `false`, times and names without spaces.

mod token;

use super::value;
use autotask_soap::{
    entity::{EntityInfo, FieldInfo, FieldType},
    time::WireZone,
    value::Value,
};
use jiff::civil::Date;
use token::{Token, tokens};

/// Deeper parentheses are a mistake.
const MAX_DEPTH: usize = 40;

/// What records must satisfy.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Test(FieldName, Test),
}

/// The field that a test is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FieldName {
    /// One of the entity's own, by its name on the wire.
    Own(&'static str),
    /// One that the tenant added.
    UserDefined(String),
}

/// A test of one field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    Eq(Value),
    Ne(Value),
    Lt(Value),
    Le(Value),
    Gt(Value),
    Ge(Value),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Contains(String),
    BeginsWith(String),
    EndsWith(String),
    Like(String),
    NotLike(String),
    IsNull,
    IsNotNull,
    IsThisDay(Date),
}

/// Reads an expression about this entity. An empty one is satisfied by every record.
///
/// # Errors
///
/// A message that says what is wrong, and where.
pub(super) fn parse(
    text: &str,
    info: &'static EntityInfo,
    zone: &WireZone,
) -> Result<Condition, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
        info,
        zone,
    };
    if parser.tokens.is_empty() {
        return Ok(Condition::All(Vec::new()));
    }
    let condition = parser.expression(0)?;
    match parser.next() {
        None => Ok(condition),
        Some((token, at)) => Err(wrong(
            at,
            &format!("'and' or 'or' is missing before {token}"),
        )),
    }
}

fn wrong(at: usize, what: &str) -> String {
    format!("the expression is wrong at character {at}: {what}")
}

struct Parser<'a> {
    tokens: Vec<(Token, usize)>,
    at: usize,
    info: &'static EntityInfo,
    zone: &'a WireZone,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&(Token, usize)> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<(Token, usize)> {
        let next = self.tokens.get(self.at).cloned();
        self.at += 1;
        next
    }

    fn expect(&mut self, what: &str) -> Result<(Token, usize), String> {
        self.next()
            .ok_or_else(|| format!("the expression ends too early: {what} is missing"))
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found =
            matches!(self.peek(), Some((Token::Word(have), _)) if have.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some((Token::Symbol(have), _)) if *have == symbol);
        self.at += usize::from(found);
        found
    }

    fn expression(&mut self, depth: usize) -> Result<Condition, String> {
        let mut members = vec![self.all(depth)?];
        while self.take_word("or") {
            members.push(self.all(depth)?);
        }
        Ok(only_or(members, Condition::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Condition, String> {
        let mut members = vec![self.part(depth)?];
        while self.take_word("and") {
            members.push(self.part(depth)?);
        }
        Ok(only_or(members, Condition::All))
    }

    fn part(&mut self, depth: usize) -> Result<Condition, String> {
        if !self.take_symbol("(") {
            return self.test();
        }
        if depth >= MAX_DEPTH {
            return Err(format!("more than {MAX_DEPTH} parentheses in each other"));
        }
        let inner = self.expression(depth + 1)?;
        let (token, at) = self.expect("a closing parenthesis")?;
        match token {
            Token::Symbol(")") => Ok(inner),
            token => Err(wrong(
                at,
                &format!("a closing parenthesis is missing before {token}"),
            )),
        }
    }

    fn test(&mut self) -> Result<Condition, String> {
        let (name, field) = self.field()?;
        let (token, at) = self.expect("an operator")?;
        let operator = match &token {
            Token::Symbol(symbol) => (*symbol).to_owned(),
            Token::Word(word) => word.to_ascii_lowercase(),
            Token::Text(_) => String::new(),
        };
        let refused = |what: &str| {
            Err(wrong(
                at,
                &format!("{operator} is for {what}, not for {}", shown(&name, field)),
            ))
        };
        let kind = field.map_or(FieldType::Untyped, |field| field.field_type);
        let test = match operator.as_str() {
            "=" => Test::Eq(self.value(field)?),
            "!=" => Test::Ne(self.value(field)?),
            "<" | "<=" | ">" | ">=" if kind == FieldType::Boolean => {
                return refused("what has an order");
            }
            "<" => Test::Lt(self.value(field)?),
            "<=" => Test::Le(self.value(field)?),
            ">" => Test::Gt(self.value(field)?),
            ">=" => Test::Ge(self.value(field)?),
            "in" => Test::In(self.values(field)?),
            "notin" => Test::NotIn(self.values(field)?),
            "contains" | "beginswith" | "endswith" | "like" | "notlike"
                if !matches!(kind, FieldType::String | FieldType::Untyped) =>
            {
                return refused("texts");
            }
            "contains" => Test::Contains(self.text()?.0),
            "beginswith" => Test::BeginsWith(self.text()?.0),
            "endswith" => Test::EndsWith(self.text()?.0),
            "like" => Test::Like(self.text()?.0),
            "notlike" => Test::NotLike(self.text()?.0),
            "isnull" => Test::IsNull,
            "isnotnull" => Test::IsNotNull,
            "isthisday"
                if !matches!(
                    kind,
                    FieldType::DateTime | FieldType::DateOnly | FieldType::Untyped
                ) =>
            {
                return refused("times and days");
            }
            "isthisday" => {
                let (text, at) = self.text()?;
                Test::IsThisDay(value::day(&text).map_err(|what| wrong(at, &what))?)
            }
            _ => {
                return Err(wrong(
                    at,
                    &format!(
                        "{token} is no operator; there are = != < <= > >= in notin contains \
                         beginswith endswith like notlike isnull isnotnull isthisday"
                    ),
                ));
            }
        };
        Ok(Condition::Test(name, test))
    }

    fn field(&mut self) -> Result<(FieldName, Option<&'static FieldInfo>), String> {
        let (token, at) = self.expect("a condition")?;
        let Token::Word(word) = token else {
            return Err(wrong(
                at,
                &format!("a field's name is missing before {token}"),
            ));
        };
        let is_udf = word
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("udf:"));
        if is_udf {
            let name = match word.get(4..).unwrap_or_default() {
                "" => match self.expect("the name of a user-defined field")? {
                    (Token::Text(name), _) => name,
                    (token, at) => {
                        let what = format!("after udf: comes a name, not {token}");
                        return Err(wrong(at, &what));
                    }
                },
                name => name.to_owned(),
            };
            return Ok((FieldName::UserDefined(name), None));
        }
        match self.info.field(&word) {
            Some(field) => Ok((FieldName::Own(field.name), Some(field))),
            None => Err(wrong(at, &value::no_field(self.info, &word))),
        }
    }

    /// A word or a text, and where it stands.
    fn text(&mut self) -> Result<(String, usize), String> {
        match self.expect("a value")? {
            (Token::Word(text) | Token::Text(text), at) => Ok((text, at)),
            (token, at) => Err(wrong(at, &format!("a value is missing before {token}"))),
        }
    }

    fn value(&mut self, field: Option<&FieldInfo>) -> Result<Value, String> {
        let (text, at) = self.text()?;
        match field {
            Some(field) => {
                value::typed(self.info, field, &text, self.zone).map_err(|what| wrong(at, &what))
            }
            None => Ok(Value::String(text)),
        }
    }

    fn values(&mut self, field: Option<&FieldInfo>) -> Result<Vec<Value>, String> {
        let (token, at) = self.expect("a list of values")?;
        if token != Token::Symbol("(") {
            return Err(wrong(
                at,
                &format!("a list in parentheses comes here, not {token}"),
            ));
        }
        let mut values = vec![self.value(field)?];
        loop {
            match self.expect("a closing parenthesis")? {
                (Token::Symbol(","), _) => values.push(self.value(field)?),
                (Token::Symbol(")"), _) => return Ok(values),
                (token, at) => {
                    return Err(wrong(at, &format!("a comma is missing before {token}")));
                }
            }
        }
    }
}

fn shown(name: &FieldName, field: Option<&FieldInfo>) -> String {
    match (name, field) {
        (FieldName::Own(name), Some(field)) => {
            format!("{name}, which holds {}", field.field_type.describe())
        }
        (FieldName::Own(name), None) => (*name).to_owned(),
        (FieldName::UserDefined(name), _) => format!("udf:{name}"),
    }
}

fn only_or(mut members: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match members.pop() {
        Some(only) if members.is_empty() => only,
        Some(last) => {
            members.push(last);
            join(members)
        }
        None => join(members),
    }
}
