//! User-defined fields.

use super::missing;
use crate::{
    catalogue::FieldTy,
    picklist::UdfDef,
    record::{Record, Val},
    soap::entity::Incoming,
    tenant::Tenant,
    time,
};
use jiff::tz::TimeZone;

/// Puts what a client sent into the record; what it did not send is cleared.
pub(super) fn read(
    tenant: &Tenant,
    incoming: &Incoming,
    record: &mut Record,
) -> Result<(), String> {
    let defined = tenant
        .udfs
        .get(incoming.def.name)
        .map_or(&[][..], Vec::as_slice);
    for (name, value) in &incoming.udfs {
        let udf = defined
            .iter()
            .find(|udf| udf.name == *name)
            .ok_or_else(|| format!("The user-defined field {name} does not exist."))?;
        let Some(value) = value.as_deref().filter(|value| !value.is_empty()) else {
            continue;
        };
        check(udf, value, &tenant.wire_zone())?;
        record.udfs.insert(udf.name.clone(), value.to_owned());
    }
    match defined
        .iter()
        .find(|udf| udf.required && !record.udfs.contains_key(&udf.name))
    {
        Some(udf) => Err(missing(&udf.name)),
        None => Ok(()),
    }
}

fn check(udf: &UdfDef, value: &str, zone: &TimeZone) -> Result<(), String> {
    let listed = udf.picklist.is_empty()
        || udf
            .picklist
            .iter()
            .any(|choice| choice.is_active && choice.value == value);
    if !listed {
        return Err(format!(
            "The value of the user-defined field {} is invalid.",
            udf.name
        ));
    }
    typed(udf.ty, value, zone).map(|_| ()).ok_or_else(|| {
        format!(
            "Conversion from string \"{value}\" to type '{}' is not valid.",
            udf.ty.clr_name()
        )
    })
}

/// The value of a field of that type; all travel as text.
pub(crate) fn typed(ty: FieldTy, text: &str, zone: &TimeZone) -> Option<Val> {
    let trimmed = text.trim();
    match ty {
        FieldTy::String | FieldTy::Untyped => Some(Val::Text(text.to_owned())),
        FieldTy::Integer | FieldTy::Long | FieldTy::Short => trimmed.parse().ok().map(Val::Int),
        FieldTy::Double | FieldTy::Decimal => trimmed
            .parse()
            .ok()
            .filter(|number: &f64| number.is_finite())
            .map(Val::Double),
        FieldTy::Boolean => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Val::Bool(true)),
            "false" | "0" => Some(Val::Bool(false)),
            _ => None,
        },
        FieldTy::DateTime => time::parse_time(trimmed, zone).ok().map(Val::Time),
        FieldTy::Date => time::parse_day(trimmed).ok().map(Val::Date),
    }
}
