//! `query`: up to 500 records by a QueryXML.

use super::{Call, Context, Operation};
use crate::entity::{Entity, EntityUnion};
use crate::error::{Error, ErrorKind, Result};
use crate::wire::cursor::{Cursor, Element, WireError};
use crate::wire::{entity as wire_entity, envelope};
use bytes::Bytes;
use http::{Request, Response};
use std::marker::PhantomData;

/// A query whose records are all of one type.
#[derive(Clone, Debug)]
pub struct QueryEntities<E> {
    /// The QueryXML.
    pub query_xml: String,
    marker: PhantomData<fn() -> E>,
}

impl<E: Entity> QueryEntities<E> {
    /// A query as QueryXML; its entity must be `E`.
    pub fn new(query_xml: impl Into<String>) -> Self {
        Self {
            query_xml: query_xml.into(),
            marker: PhantomData,
        }
    }
}

impl<E: Entity> Call for QueryEntities<E> {
    type Answer = Vec<E>;

    fn operation(&self) -> Operation {
        Operation::Query
    }

    fn entity(&self) -> Option<&str> {
        Some(E::INFO.name)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        encode(&self.query_xml, context)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Vec<E>> {
        let zone = &context.wire_zone;
        envelope::open_atws(
            &response,
            context,
            self.operation(),
            self.entity(),
            |cursor, results| wire_entity::read_entities(cursor, results, zone),
        )
        .map(|answer| answer.results.unwrap_or_default())
    }
}

/// The same query of which only the records' ids are read. The server sends whole records
/// nonetheless.
#[derive(Clone, Debug)]
pub struct QueryIds<E> {
    /// The QueryXML.
    pub query_xml: String,
    marker: PhantomData<fn() -> E>,
}

impl<E: Entity> QueryIds<E> {
    /// A query as QueryXML; its entity must be `E`.
    pub fn new(query_xml: impl Into<String>) -> Self {
        Self {
            query_xml: query_xml.into(),
            marker: PhantomData,
        }
    }
}

impl<E: Entity> Call for QueryIds<E> {
    type Answer = Vec<i64>;

    fn operation(&self) -> Operation {
        Operation::Query
    }

    fn entity(&self) -> Option<&str> {
        Some(E::INFO.name)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        encode(&self.query_xml, context)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Vec<i64>> {
        envelope::open_atws(
            &response,
            context,
            self.operation(),
            self.entity(),
            read_ids,
        )
        .map(|answer| answer.results.unwrap_or_default())
    }
}

fn read_ids(cursor: &mut Cursor<'_>, results: &Element<'_>) -> Result<Vec<i64>, WireError> {
    let mut ids = Vec::new();
    while let Some(record) = cursor.next_child(results)? {
        if record.name() != "Entity" || record.is_nil() {
            continue;
        }
        let id = match cursor.find_child(&record, "id")? {
            Some(id) => cursor.text(&id)?.trim().parse().ok(),
            None => None,
        };
        ids.push(id.ok_or_else(|| WireError::unexpected("a record has no id", cursor.position()))?);
    }
    Ok(ids)
}

/// A query whose records are read by the type that each says it is: `U` is the `AnyEntity` of the
/// API version.
#[derive(Clone, Debug)]
pub struct QueryAny<U> {
    query_xml: String,
    entity: String,
    marker: PhantomData<fn() -> U>,
}

impl<U: EntityUnion> QueryAny<U> {
    /// A query as QueryXML.
    ///
    /// # Errors
    ///
    /// When it is not well-formed or names no entity.
    pub fn new(query_xml: impl Into<String>) -> Result<Self> {
        let query_xml = query_xml.into();
        let entity = entity_name(&query_xml).map_err(|error| {
            Error::new(ErrorKind::Query, format!("the QueryXML is wrong: {error}"))
                .with_source(error)
        })?;
        Ok(Self {
            query_xml,
            entity,
            marker: PhantomData,
        })
    }
}

impl<U: EntityUnion> Call for QueryAny<U> {
    type Answer = Vec<U>;

    fn operation(&self) -> Operation {
        Operation::Query
    }

    fn entity(&self) -> Option<&str> {
        Some(&self.entity)
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        encode(&self.query_xml, context)
    }

    fn decode(&self, response: Response<Bytes>, context: &Context<'_>) -> Result<Vec<U>> {
        let zone = &context.wire_zone;
        envelope::open_atws(
            &response,
            context,
            self.operation(),
            self.entity(),
            |cursor, results| wire_entity::read_any_entities(cursor, results, zone),
        )
        .map(|answer| answer.results.unwrap_or_default())
    }
}

/// The QueryXML is text to SOAP, so it is escaped once more.
fn encode(query_xml: &str, context: &Context<'_>) -> Result<Request<Bytes>> {
    envelope::request(context, Operation::Query, |writer| {
        writer.element("sXML", query_xml)
    })
}

fn entity_name(query_xml: &str) -> Result<String, WireError> {
    let mut cursor = Cursor::new(query_xml);
    let root = cursor.root()?;
    let mut name = None;
    while let Some(child) = cursor.next_child(&root)? {
        if child.name().eq_ignore_ascii_case("entity") {
            name = Some(cursor.text(&child)?.trim().to_owned());
        }
    }
    let position = cursor.position();
    cursor.finish()?;
    name.filter(|name| !name.is_empty())
        .ok_or_else(|| WireError::unexpected("it has no <entity>", position))
}
