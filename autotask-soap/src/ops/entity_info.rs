//! `GetEntityInfo`: what the API user may do with which entity.

use super::field_info::{filled, flag, text};
use super::{Call, Context, Operation};
use crate::error::Result;
use crate::metadata::EntityDescription;
use crate::wire::cursor::{Cursor, Element, WireError};
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
        envelope::open_list(
            &response,
            context,
            self.operation(),
            None,
            "EntityInfo",
            read_entity,
        )
    }
}

fn read_entity(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> Result<EntityDescription, WireError> {
    let mut entity = EntityDescription::default();
    while let Some(child) = cursor.next_child(element)? {
        let may = |flag: Option<bool>| flag.unwrap_or(false);
        match child.name() {
            "Name" => entity.name = text(cursor, &child)?,
            "CanCreate" => entity.can_create = may(flag(cursor, &child)?),
            "CanUpdate" => entity.can_update = may(flag(cursor, &child)?),
            "CanDelete" => entity.can_delete = may(flag(cursor, &child)?),
            "CanQuery" => entity.can_query = may(flag(cursor, &child)?),
            "HasUserDefinedFields" => {
                entity.has_user_defined_fields = may(flag(cursor, &child)?);
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
    Ok(entity)
}
