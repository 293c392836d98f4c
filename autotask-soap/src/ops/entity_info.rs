//! `GetEntityInfo`: what the API user may do with which entity.

use super::field_info::{filled, flag, text};
use super::{Call, Context, Operation};
use crate::error::Result;
use crate::metadata::EntityDescription;
use crate::wire::envelope;
use bytes::Bytes;
use http::{Request, Response};

/// Asks for all entities.
#[derive(Clone, Copy, Debug, Default)]
pub struct GetEntityInfo;

impl Call for GetEntityInfo {
    type Answer = Vec<EntityDescription>;

    fn operation(&self) -> Operation {
        Operation::GetEntityInfo
    }

    fn encode(&self, context: &Context<'_>) -> Result<Request<Bytes>> {
        envelope::request(context, self.operation(), |_| {})
    }

    fn decode(
        &self,
        response: Response<Bytes>,
        context: &Context<'_>,
    ) -> Result<Vec<EntityDescription>> {
        envelope::open(
            &response,
            context,
            self.operation(),
            None,
            |cursor, result| {
                let mut entities = Vec::new();
                let Some(result) = result else {
                    return Ok(entities);
                };
                while let Some(element) = cursor.next_child(result)? {
                    if element.name() != "EntityInfo" {
                        continue;
                    }
                    let mut entity = EntityDescription::default();
                    while let Some(child) = cursor.next_child(&element)? {
                        match child.name() {
                            "Name" => entity.name = text(cursor, &child)?,
                            "CanCreate" => {
                                entity.can_create = flag(cursor, &child)?.unwrap_or(false)
                            }
                            "CanUpdate" => {
                                entity.can_update = flag(cursor, &child)?.unwrap_or(false)
                            }
                            "CanDelete" => {
                                entity.can_delete = flag(cursor, &child)?.unwrap_or(false)
                            }
                            "CanQuery" => entity.can_query = flag(cursor, &child)?.unwrap_or(false),
                            "HasUserDefinedFields" => {
                                entity.has_user_defined_fields =
                                    flag(cursor, &child)?.unwrap_or(false);
                            }
                            "UserAccessForCreate" => {
                                entity.user_access_for_create = filled(text(cursor, &child)?);
                            }
                            "UserAccessForQuery" => {
                                entity.user_access_for_query = filled(text(cursor, &child)?);
                            }
                            "UserAccessForUpdate" => {
                                entity.user_access_for_update = filled(text(cursor, &child)?);
                            }
                            "UserAccessForDelete" => {
                                entity.user_access_for_delete = filled(text(cursor, &child)?);
                            }
                            _ => {}
                        }
                    }
                    entities.push(entity);
                }
                Ok(entities)
            },
        )
    }
}
