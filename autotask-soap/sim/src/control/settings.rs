//! The tenant's settings as JSON.

use crate::{
    settings::{DatabaseAction, ErrorStyle, ProxyTimeEntry, Settings, WireTypes},
    time::WireZone,
};
use serde_json::{Map, Value, json};

const FLAGS: &[&str] = &[
    "blank_for_empty",
    "unknown_extras",
    "user_access",
    "require_ticket_role",
    "span_midnight",
    "require_start_and_end",
    "see_non_billable",
    "require_summary_notes",
    "require_note_title",
    "allow_impersonation",
    "impersonated_updates",
    "code_in_v1_5",
    "usage_latency",
];

const NUMBERS: &[&str] = &[
    "billing_rounding_minutes",
    "request_threshold",
    "thread_limit",
];

fn flag<'s>(settings: &'s mut Settings, name: &str) -> Option<&'s mut bool> {
    Some(match name {
        "blank_for_empty" => &mut settings.blank_for_empty,
        "unknown_extras" => &mut settings.unknown_extras,
        "user_access" => &mut settings.user_access,
        "require_ticket_role" => &mut settings.require_ticket_role,
        "span_midnight" => &mut settings.span_midnight,
        "require_start_and_end" => &mut settings.require_start_and_end,
        "see_non_billable" => &mut settings.see_non_billable,
        "require_summary_notes" => &mut settings.require_summary_notes,
        "require_note_title" => &mut settings.require_note_title,
        "allow_impersonation" => &mut settings.allow_impersonation,
        "impersonated_updates" => &mut settings.impersonated_updates,
        "code_in_v1_5" => &mut settings.code_in_v1_5,
        "usage_latency" => &mut settings.usage_latency,
        _ => return None,
    })
}

fn number<'s>(settings: &'s mut Settings, name: &str) -> Option<&'s mut u32> {
    Some(match name {
        "billing_rounding_minutes" => &mut settings.billing_rounding_minutes,
        "request_threshold" => &mut settings.request_threshold,
        "thread_limit" => &mut settings.thread_limit,
        _ => return None,
    })
}

/// All settings that are a flag, a number or a choice.
pub(super) fn show(settings: &Settings) -> Value {
    let mut settings = settings.clone();
    let mut all = Map::new();
    for name in FLAGS {
        let value = flag(&mut settings, name).map(|flag| *flag);
        all.insert((*name).to_owned(), json!(value));
    }
    for name in NUMBERS {
        let value = number(&mut settings, name).map(|number| *number);
        all.insert((*name).to_owned(), json!(value));
    }
    let choices = [
        ("wire_zone", format!("{:?}", settings.wire_zone)),
        ("wire_types", format!("{:?}", settings.wire_types)),
        ("error_style", format!("{:?}", settings.error_style)),
        ("database_action", format!("{:?}", settings.database_action)),
        (
            "proxy_time_entry",
            format!("{:?}", settings.proxy_time_entry),
        ),
    ];
    for (name, value) in choices {
        all.insert(name.to_owned(), json!(value));
    }
    Value::Object(all)
}

/// Changes the named settings; none when one of them is wrong.
pub(super) fn change(settings: &mut Settings, wanted: &Map<String, Value>) -> Result<(), String> {
    let mut changed = settings.clone();
    for (name, value) in wanted {
        set(&mut changed, name, value).ok_or_else(|| format!("{name} cannot be {value}"))?;
    }
    *settings = changed;
    Ok(())
}

fn set(settings: &mut Settings, name: &str, value: &Value) -> Option<()> {
    if let Some(flag) = flag(settings, name) {
        *flag = value.as_bool()?;
        return Some(());
    }
    if let Some(number) = number(settings, name) {
        *number = u32::try_from(value.as_u64()?).ok()?;
        return Some(());
    }
    match (name, value.as_str()?) {
        ("wire_zone", "Eastern") => settings.wire_zone = WireZone::Eastern,
        ("wire_zone", "Utc") => settings.wire_zone = WireZone::Utc,
        ("wire_types", "Loose") => settings.wire_types = WireTypes::Loose,
        ("wire_types", "Declared") => settings.wire_types = WireTypes::Declared,
        ("error_style", "Paired") => settings.error_style = ErrorStyle::Paired,
        ("error_style", "OneText") => settings.error_style = ErrorStyle::OneText,
        ("error_style", "Unnumbered") => settings.error_style = ErrorStyle::Unnumbered,
        ("database_action", "None") => settings.database_action = DatabaseAction::None,
        ("database_action", "Done") => settings.database_action = DatabaseAction::Done,
        ("proxy_time_entry", "Off") => settings.proxy_time_entry = ProxyTimeEntry::Off,
        ("proxy_time_entry", "Allowed") => settings.proxy_time_entry = ProxyTimeEntry::Allowed,
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_set() {
        let mut settings = Settings::default();
        let Value::Object(mut shown) = show(&settings) else {
            panic!("settings are an object");
        };
        assert_eq!(shown.len(), FLAGS.len() + NUMBERS.len() + 5);
        change(&mut settings, &shown).unwrap();
        shown.insert("wire_zone".into(), json!("Utc"));
        shown.insert("thread_limit".into(), json!(9));
        shown.insert("span_midnight".into(), json!(false));
        change(&mut settings, &shown).unwrap();
        assert_eq!(settings.wire_zone, WireZone::Utc);
        assert_eq!(settings.thread_limit, 9);
        assert!(!settings.span_midnight);
        assert_eq!(show(&settings), Value::Object(shown.clone()));
        for (name, value) in [
            ("thread_limit", json!(-1)),
            ("span_midnight", json!("yes")),
            ("wire_zone", json!("Mars")),
            ("no_such", json!(1)),
        ] {
            let mut wrong = shown.clone();
            wrong.insert("thread_limit".into(), json!(1));
            wrong.insert(name.to_owned(), value);
            assert!(change(&mut settings, &wrong).is_err(), "{name}");
            assert_eq!(settings.thread_limit, 9, "all or nothing");
        }
    }
}
