//! Rust names for wire names. They are made once, at import, and stored in the schema.

use crate::error::{Error, ErrorKind, Result};
use std::collections::{BTreeMap, BTreeSet};

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

/// Whether a character changes a text without being seen, such as those that turn the direction of
/// writing. The compiler refuses these in comments.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// Words in letters and digits of ASCII, whatever the script: `Größe` gives `Grosse`.
fn words(text: &str) -> Vec<String> {
    deunicode::deunicode(text)
        .replace(['\'', '`'], "")
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// A variant's name for the label of a picklist value: `Waiting customer` gives `WaitingCustomer`.
/// Where the label has nothing to make a name of, the value does.
pub fn variant(label: &str, value: &str) -> String {
    let mut name = String::new();
    for word in words(label) {
        let after_digit = name.ends_with(|c: char| c.is_ascii_digit());
        if after_digit && word.starts_with(|c: char| c.is_ascii_digit()) {
            name.push('_');
        }
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_ascii_uppercase());
        name.push_str(rest);
    }
    if name.is_empty() {
        let minus = if value.trim().starts_with('-') {
            "Minus"
        } else {
            ""
        };
        name = format!("Value{minus}{}", words(value).concat());
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "Value");
    }
    // `Self` is a keyword that cannot be escaped, `ALL` the list of all variants.
    if matches!(&*name, "Self" | "ALL") {
        name.push_str("Value");
    }
    name
}

/// An accessor's name for a user-defined field: `Asset tag` gives `asset_tag`. Without the prefix
/// `r#`, even if it is a keyword.
pub fn accessor(name: &str) -> String {
    let mut rust = snake_case(&words(name).join("_"));
    while rust.contains("__") {
        rust = rust.replace("__", "_");
    }
    if rust.trim_matches('_').is_empty() {
        rust = "udf".to_owned();
    } else if rust.starts_with('_') {
        rust.insert_str(0, "udf");
    }
    // Methods that every entity has already, and names that cannot be escaped.
    const TAKEN: &[&str] = &[
        "borrow",
        "borrow_mut",
        "clone",
        "clone_from",
        "clone_into",
        "crate",
        "eq",
        "extra",
        "extra_mut",
        "fmt",
        "get",
        "into",
        "ne",
        "record_id",
        "self",
        "set",
        "slot",
        "slot_mut",
        "super",
        "to_owned",
        "try_into",
        "type_id",
    ];
    if TAKEN.contains(&&*rust) {
        rust.push_str("_udf");
    }
    rust
}

/// Gives every name that is taken already a number, beginning with 2. `claims` says which names one
/// takes up. Names that come once keep theirs, so that no number pushes them away.
pub fn number(
    names: &[String],
    between: &str,
    claims: impl Fn(&str) -> Vec<String>,
) -> Vec<String> {
    // First come the names as they are, each for the first that wants it.
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut keeps: Vec<bool> = Vec::with_capacity(names.len());
    for name in names {
        let wanted = claims(name);
        let free = wanted.iter().all(|claim| !taken.contains(claim));
        if free {
            taken.extend(wanted);
        }
        keeps.push(free);
    }
    let mut numbered = Vec::with_capacity(names.len());
    for (name, keeps) in names.iter().zip(keeps) {
        if keeps {
            numbered.push(name.clone());
            continue;
        }
        // Two digits in a row would look like another number.
        let between = match between {
            "" if name.ends_with(|c: char| c.is_ascii_digit()) => "_",
            other => other,
        };
        let mut count = 2_usize;
        let free = loop {
            let candidate = format!("{name}{between}{count}");
            let wanted = claims(&candidate);
            if wanted.iter().all(|claim| !taken.contains(claim)) {
                taken.extend(wanted);
                break candidate;
            }
            count += 1;
        };
        numbered.push(free);
    }
    numbered
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
    fn any_label_gives_a_variant() {
        for (label, value, rust) in [
            ("New", "1", "New"),
            ("Waiting customer", "7", "WaitingCustomer"),
            ("  RMM-alert / e-mail ", "8", "RMMAlertEMail"),
            ("Größe (ändern)", "9", "GrosseAndern"),
            ("Don't touch", "9", "DontTouch"),
            ("1st level", "2", "Value1stLevel"),
            ("Windows 10 22H2", "2", "Windows10_22H2"),
            ("Self", "3", "SelfValue"),
            ("ALL", "3", "ALLValue"),
            ("客户", "4", "KeHu"),
            ("???", "5", "Value5"),
            ("", "-1", "ValueMinus1"),
            ("\u{202e}", "x y", "Valuexy"),
            ("type", "6", "Type"),
        ] {
            assert_eq!(variant(label, value), rust, "{label}");
        }
    }

    #[test]
    fn any_name_gives_an_accessor() {
        for (name, rust) in [
            ("Asset tag", "asset_tag"),
            ("SLA-Stufe (neu)", "sla_stufe_neu"),
            ("Größe", "grosse"),
            ("type", "type"),
            ("self", "self_udf"),
            ("get", "get_udf"),
            ("2nd contact", "udf_2nd_contact"),
            ("Customer's PO#", "customers_po"),
            ("___", "udf"),
            ("客户", "ke_hu"),
        ] {
            assert_eq!(accessor(name), rust, "{name}");
        }
    }

    #[test]
    fn numbers_do_not_push_away_names_that_come_once() {
        let names = ["A", "A", "A2", "A", "B1", "B1"].map(str::to_owned);
        let plain = |name: &str| vec![name.to_owned()];
        assert_eq!(
            number(&names, "", plain),
            ["A", "A3", "A2", "A4", "B1", "B1_2"]
        );
        let names = ["set_x", "x", "x"].map(str::to_owned);
        let with_setter = |name: &str| vec![name.to_owned(), format!("set_{name}")];
        assert_eq!(number(&names, "_", with_setter), ["set_x", "x_2", "x_3"]);
    }

    #[test]
    fn collisions_name_both() {
        let error = check_unique("Ticket", [("a_b", "AB"), ("a_b", "A_B")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Collision);
        assert!(error.to_string().contains("`AB` and `A_B`"), "{error}");
    }
}
