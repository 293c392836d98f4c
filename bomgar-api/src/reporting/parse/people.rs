//! Reads the people of a session.

use super::{flag, own_text, parsed, text, text_opt};
use crate::reporting::{Customer, PersonRef, RawElement, Representative};
use crate::time::parse_duration;
use crate::xml::{Cursor, Element, XmlResult, trimmed};

pub(super) fn person_ref(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    unknown: &mut Vec<RawElement>,
) -> XmlResult<Option<PersonRef>> {
    let [gsnumber, id] = element.attrs(["gsnumber", "id"], unknown);
    let person = PersonRef {
        gsnumber: trimmed(gsnumber),
        id: trimmed(id),
        name: own_text(cursor, element, unknown)?.into_owned(),
    };
    Ok((person != PersonRef::default()).then_some(person))
}

pub(super) fn customer(cursor: &mut Cursor<'_>, element: &Element<'_>) -> XmlResult<Customer> {
    let mut customer = Customer::default();
    let c = &mut customer;
    let [gsnumber] = element.attrs(["gsnumber"], &mut c.unknown);
    c.gsnumber = trimmed(gsnumber).unwrap_or_default();
    cursor.children(element, |cursor, el| {
        let unknown = &mut c.unknown;
        match el.name() {
            "username" => c.username = text(cursor, &el, unknown)?,
            "public_ip" => c.public_ip = text_opt(cursor, &el, unknown)?,
            "private_ip" => c.private_ip = text_opt(cursor, &el, unknown)?,
            "hostname" => c.hostname = text_opt(cursor, &el, unknown)?,
            "os" => c.os = text_opt(cursor, &el, unknown)?,
            "primary_cust" => c.primary = flag(cursor, &el, unknown)?,
            "info" => {
                el.no_attrs(unknown);
                cursor.children(&el, |cursor, el| customer_info(cursor, &el, c))?;
            }
            // Older appliances put these beside the rest instead of into `info`.
            _ => customer_info(cursor, &el, c)?,
        }
        Ok(())
    })?;
    Ok(customer)
}

fn customer_info(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
    customer: &mut Customer,
) -> XmlResult<()> {
    let info = &mut customer.info;
    let target = match element.name() {
        "name" => &mut info.name,
        "company" => &mut info.company,
        "company_code" => &mut info.company_code,
        "issue" => &mut info.issue,
        "details" => &mut info.details,
        _ => {
            customer.unknown.push(cursor.raw(element)?);
            return Ok(());
        }
    };
    if let Some(text) = text_opt(cursor, element, &mut customer.unknown)? {
        *target = Some(text);
    }
    Ok(())
}

pub(in crate::reporting) fn representative(
    cursor: &mut Cursor<'_>,
    element: &Element<'_>,
) -> XmlResult<Representative> {
    let mut representative = Representative::default();
    let r = &mut representative;
    let unknown = &mut r.unknown;
    let [gsnumber, id] = element.attrs(["gsnumber", "id"], unknown);
    r.gsnumber = trimmed(gsnumber).unwrap_or_default();
    r.id = trimmed(id);
    cursor.children(element, |cursor, el| {
        match el.name() {
            "username" => r.username = text(cursor, &el, unknown)?,
            "display_name" => r.display_name = text_opt(cursor, &el, unknown)?,
            "public_display_name" => r.public_display_name = text_opt(cursor, &el, unknown)?,
            "private_display_name" => r.private_display_name = text_opt(cursor, &el, unknown)?,
            "public_ip" => r.public_ip = text_opt(cursor, &el, unknown)?,
            "private_ip" => r.private_ip = text_opt(cursor, &el, unknown)?,
            "hostname" => r.hostname = text_opt(cursor, &el, unknown)?,
            "os" => r.os = text_opt(cursor, &el, unknown)?,
            "session_owner" => r.session_owner = flag(cursor, &el, unknown)?,
            "primary_rep" => r.primary = flag(cursor, &el, unknown)?,
            "seconds_involved" => r.time_involved = parsed(cursor, &el, unknown, parse_duration)?,
            "invited" => r.invited = flag(cursor, &el, unknown)?,
            "embassy" => r.embassy = text_opt(cursor, &el, unknown)?,
            _ => unknown.push(cursor.raw(&el)?),
        }
        Ok(())
    })?;
    Ok(representative)
}
