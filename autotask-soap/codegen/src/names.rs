//! Rust names for wire names. They are made once, at import, and stored in the schema.

use crate::error::{Error, ErrorKind, Result};
use std::collections::BTreeMap;

/// A field's name in Rust: `TicketID` gives `ticket_id`, `RMMDeviceAuditIPAddress` gives
/// `rmm_device_audit_ip_address`.
pub fn snake_case(wire: &str) -> String {
    // Words whose capitals do not mark their parts.
    let wire = wire.replace("EMail", "Email").replace("IDs", "Ids");
    let chars: Vec<char> = wire.chars().collect();
    let mut name = String::with_capacity(wire.len() + 8);
    for (at, &c) in chars.iter().enumerate() {
        if !c.is_ascii_alphanumeric() {
            if !name.ends_with('_') {
                name.push('_');
            }
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let begins_word = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase()
                        && after.is_some_and(|after| after.is_ascii_lowercase()))
            });
        if begins_word && !name.ends_with('_') {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        name.insert(0, '_');
    }
    name
}

/// A type's name in Rust: the wire name, unless Rust or the generated code uses it already.
pub fn type_name(wire: &str) -> String {
    let mut name: String = wire.chars().filter(char::is_ascii_alphanumeric).collect();
    if name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name = name[..1].to_ascii_uppercase() + &name[1..];
    }
    const TAKEN: &[&str] = &[
        "AnyEntity",
        "Box",
        "Date",
        "Decimal",
        "DynEntity",
        "Entity",
        "EntityInfo",
        "EntityUnion",
        "Extra",
        "Field",
        "FieldInfo",
        "None",
        "Option",
        "Self",
        "Slot",
        "SlotMut",
        "Some",
        "String",
        "Timestamp",
        "Unknown",
        "UnknownEntity",
        "Value",
        "Vec",
    ];
    if TAKEN.contains(&&*name) {
        name.push_str("Record");
    }
    name
}

/// How an identifier is written in code: keywords need a prefix.
pub fn identifier(name: &str) -> String {
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do",
        "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in",
        "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
        "return", "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe",
        "unsized", "use", "virtual", "where", "while", "yield",
    ];
    match name {
        // These cannot be raw identifiers.
        "self" | "super" | "crate" | "_" => format!("{name}_"),
        _ if KEYWORDS.contains(&name) => format!("r#{name}"),
        _ => name.to_owned(),
    }
}

/// Refuses names that occur twice. `scope` says where, for the message.
pub(crate) fn check_unique<'n>(
    scope: &str,
    names: impl IntoIterator<Item = (&'n str, &'n str)>,
) -> Result<()> {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (rust, wire) in names {
        if let Some(other) = seen.insert(rust, wire) {
            return Err(Error::new(
                ErrorKind::Collision,
                format!(
                    "{scope}: `{other}` and `{wire}` would both be `{rust}` in Rust; rename one in the schema"
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found() {
        for (wire, rust) in [
            ("id", "id"),
            ("TicketID", "ticket_id"),
            ("Type", "type"),
            ("rmmDeviceUID", "rmm_device_uid"),
            ("RMMDeviceAuditIPAddress", "rmm_device_audit_ip_address"),
            ("ExternalPONumber", "external_po_number"),
            ("EMailAddress2", "email_address2"),
            ("BillToAddress1", "bill_to_address1"),
            (
                "DattoNICSpeedKilobitsPerSecond",
                "datto_nic_speed_kilobits_per_second",
            ),
            ("old_selected_service_sum", "old_selected_service_sum"),
            ("paymentID", "payment_id"),
            ("Phone2Ext", "phone2_ext"),
            ("MSRP", "msrp"),
            ("ResourceIDs", "resource_ids"),
            ("2nd Name", "_2nd_name"),
        ] {
            assert_eq!(snake_case(wire), rust, "{wire}");
        }
    }

    #[test]
    fn keywords_are_escaped_and_taken_types_renamed() {
        assert_eq!(identifier("type"), "r#type");
        assert_eq!(identifier("status"), "status");
        assert_eq!(identifier("self"), "self_");
        assert_eq!(type_name("Ticket"), "Ticket");
        assert_eq!(type_name("Field"), "FieldRecord");
    }

    #[test]
    fn collisions_name_both() {
        let error = check_unique("Ticket", [("a_b", "AB"), ("a_b", "A_B")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Collision);
        assert!(error.to_string().contains("`AB` and `A_B`"), "{error}");
    }
}
