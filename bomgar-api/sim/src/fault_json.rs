//! Faults as JSON objects: `{"kind":"cut","percent":30,"on":"SupportSession","times":2}`.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::{Fault, FaultRule, Position};

/// Every kind with the fields it needs.
pub(crate) const KINDS: [(&str, &str); 33] = [
    ("delay", "seconds"),
    ("delay_answer", "seconds"),
    ("status_500_html", ""),
    ("status", "status"),
    ("unavailable_503", "seconds"),
    ("redirect", "location"),
    ("html_200", ""),
    ("json_200", ""),
    ("empty_body", ""),
    ("xml_error", "text"),
    ("truncated_body", ""),
    ("cut", "byte or percent"),
    ("shortened", "byte or percent"),
    ("stalled", "byte or percent"),
    ("slow_drip", "seconds"),
    ("endless", ""),
    ("endless_text", ""),
    ("claimed_length", "bytes"),
    ("gzip", ""),
    ("wrong_root", ""),
    ("wrong_namespace", ""),
    ("wrong_content_type", "content_type"),
    ("nested", "count"),
    ("attributes", "count"),
    ("entity_bomb", ""),
    ("external_entity", ""),
    ("invalid_utf8", ""),
    ("control_characters", ""),
    ("cookies", ""),
    ("unauthorized_401", ""),
    ("rate_limited_429", "seconds"),
    ("connection_drop", ""),
    ("answer_lost", ""),
];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    kind: String,
    seconds: Option<f64>,
    status: Option<u16>,
    location: Option<String>,
    text: Option<String>,
    byte: Option<u64>,
    percent: Option<u8>,
    bytes: Option<u64>,
    count: Option<u32>,
    content_type: Option<String>,
    on: Option<String>,
    with: BTreeMap<String, String>,
    after: u32,
    times: Option<u32>,
    always: bool,
}

fn need<T>(field: &mut Option<T>, kind: &str, name: &str) -> Result<T, String> {
    field
        .take()
        .ok_or_else(|| format!("a fault of kind {kind} needs {name}"))
}

fn seconds(fields: &mut Fields, kind: &str) -> Result<Duration, String> {
    Duration::try_from_secs_f64(need(&mut fields.seconds, kind, "seconds")?)
        .map_err(|error| format!("seconds: {error}"))
}

fn position(fields: &mut Fields, kind: &str) -> Result<Position, String> {
    match (fields.byte.take(), fields.percent.take()) {
        (Some(byte), None) => Ok(Position::Byte(byte)),
        (None, Some(percent)) => Ok(Position::Percent(percent)),
        _ => Err(format!(
            "a fault of kind {kind} needs either byte or percent"
        )),
    }
}

/// The rule that an object describes.
pub(crate) fn rule(value: &Value) -> Result<FaultRule, String> {
    let mut fields = Fields::deserialize(value).map_err(|error| error.to_string())?;
    let kind = std::mem::take(&mut fields.kind);
    let fault = fault(&kind, &mut fields)?;
    let left = [
        ("seconds", fields.seconds.is_some()),
        ("status", fields.status.is_some()),
        ("location", fields.location.is_some()),
        ("text", fields.text.is_some()),
        ("byte", fields.byte.is_some()),
        ("percent", fields.percent.is_some()),
        ("bytes", fields.bytes.is_some()),
        ("count", fields.count.is_some()),
        ("content_type", fields.content_type.is_some()),
    ];
    if let Some((name, _)) = left.iter().find(|(_, given)| *given) {
        return Err(format!("a fault of kind {kind} has no {name}"));
    }
    let mut rule = FaultRule::new(fault).after(fields.after);
    if let Some(on) = fields.on {
        rule = rule.on(on);
    }
    for (parameter, value) in fields.with {
        rule = rule.with(parameter, value);
    }
    match (fields.times, fields.always) {
        (Some(_), true) => Err("either times or always, not both".to_owned()),
        (Some(times), false) => Ok(rule.times(times)),
        (None, true) => Ok(rule.always()),
        (None, false) => Ok(rule),
    }
}

fn fault(kind: &str, fields: &mut Fields) -> Result<Fault, String> {
    Ok(match kind {
        "delay" => Fault::Delay(seconds(fields, kind)?),
        "delay_answer" => Fault::DelayAnswer(seconds(fields, kind)?),
        "status_500_html" => Fault::Status500Html,
        "status" => Fault::Status(need(&mut fields.status, kind, "status")?),
        "unavailable_503" => Fault::Unavailable503(seconds(fields, kind)?),
        "redirect" => Fault::Redirect(need(&mut fields.location, kind, "location")?),
        "html_200" => Fault::Html200,
        "json_200" => Fault::Json200,
        "empty_body" => Fault::EmptyBody,
        "xml_error" => Fault::XmlError(need(&mut fields.text, kind, "text")?),
        "truncated_body" => Fault::TruncatedBody,
        "cut" => Fault::Cut(position(fields, kind)?),
        "shortened" => Fault::Shortened(position(fields, kind)?),
        "stalled" => Fault::Stalled(position(fields, kind)?),
        "slow_drip" => Fault::SlowDrip(seconds(fields, kind)?),
        "endless" => Fault::Endless,
        "endless_text" => Fault::EndlessText,
        "claimed_length" => Fault::ClaimedLength(need(&mut fields.bytes, kind, "bytes")?),
        "gzip" => Fault::Gzip,
        "wrong_root" => Fault::WrongRoot,
        "wrong_namespace" => Fault::WrongNamespace,
        "wrong_content_type" => {
            Fault::WrongContentType(need(&mut fields.content_type, kind, "content_type")?)
        }
        "nested" => Fault::Nested(need(&mut fields.count, kind, "count")?),
        "attributes" => Fault::Attributes(need(&mut fields.count, kind, "count")?),
        "entity_bomb" => Fault::EntityBomb,
        "external_entity" => Fault::ExternalEntity,
        "invalid_utf8" => Fault::InvalidUtf8,
        "control_characters" => Fault::ControlCharacters,
        "cookies" => Fault::Cookies,
        "unauthorized_401" => Fault::Unauthorized401,
        "rate_limited_429" => Fault::RateLimited429(seconds(fields, kind)?),
        "connection_drop" => Fault::ConnectionDrop,
        "answer_lost" => Fault::AnswerLost,
        _ => {
            let kinds: Vec<&str> = KINDS.iter().map(|(kind, _)| *kind).collect();
            return Err(format!(
                "no fault of kind {kind:?}; there are {}",
                kinds.join(", ")
            ));
        }
    })
}

/// The name of a fault, as [`rule`] takes it.
pub(crate) fn kind(fault: &Fault) -> &'static str {
    match fault {
        Fault::Delay(_) => "delay",
        Fault::DelayAnswer(_) => "delay_answer",
        Fault::Status500Html => "status_500_html",
        Fault::Status(_) => "status",
        Fault::Unavailable503(_) => "unavailable_503",
        Fault::Redirect(_) => "redirect",
        Fault::Html200 => "html_200",
        Fault::Json200 => "json_200",
        Fault::EmptyBody => "empty_body",
        Fault::XmlError(_) => "xml_error",
        Fault::TruncatedBody => "truncated_body",
        Fault::Cut(_) => "cut",
        Fault::Shortened(_) => "shortened",
        Fault::Stalled(_) => "stalled",
        Fault::SlowDrip(_) => "slow_drip",
        Fault::Endless => "endless",
        Fault::EndlessText => "endless_text",
        Fault::ClaimedLength(_) => "claimed_length",
        Fault::Gzip => "gzip",
        Fault::WrongRoot => "wrong_root",
        Fault::WrongNamespace => "wrong_namespace",
        Fault::WrongContentType(_) => "wrong_content_type",
        Fault::Nested(_) => "nested",
        Fault::Attributes(_) => "attributes",
        Fault::EntityBomb => "entity_bomb",
        Fault::ExternalEntity => "external_entity",
        Fault::InvalidUtf8 => "invalid_utf8",
        Fault::ControlCharacters => "control_characters",
        Fault::Cookies => "cookies",
        Fault::Unauthorized401 => "unauthorized_401",
        Fault::RateLimited429(_) => "rate_limited_429",
        Fault::ConnectionDrop => "connection_drop",
        Fault::AnswerLost => "answer_lost",
    }
}

/// A rule that still waits for calls.
pub(crate) fn describe(rule: &FaultRule) -> Value {
    json!({
        "kind": kind(&rule.fault),
        "on": rule.on,
        "with": rule.parameters.iter().cloned().collect::<BTreeMap<_, _>>(),
        "after": rule.skip,
        "times": rule.times,
        "always": rule.times.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An object of this kind with everything it needs.
    fn object(kind: &str, needs: &str) -> Value {
        let mut object = json!({ "kind": kind });
        match needs {
            "" => {}
            "byte or percent" => object["percent"] = json!(30),
            "seconds" => object["seconds"] = json!(0.25),
            "location" | "text" | "content_type" => object[needs] = json!("x"),
            _ => object[needs] = json!(200),
        }
        object
    }

    #[test]
    fn every_kind_can_be_written_and_knows_its_name() {
        for (name, needs) in KINDS {
            let rule = rule(&object(name, needs)).unwrap();
            assert_eq!(kind(&rule.fault), name);
        }
    }

    #[test]
    fn every_kind_insists_on_its_fields_and_takes_no_others() {
        for (name, needs) in KINDS {
            if !needs.is_empty() {
                let reason = rule(&json!({ "kind": name })).unwrap_err();
                assert!(
                    reason.contains("needs") && reason.contains(name),
                    "{reason}"
                );
            }
            let mut object = object(name, needs);
            let foreign = if needs == "bytes" { "count" } else { "bytes" };
            object[foreign] = json!(1);
            assert_eq!(
                rule(&object).unwrap_err(),
                format!("a fault of kind {name} has no {foreign}")
            );
        }
    }

    #[test]
    fn rules_have_their_conditions() {
        let rule = rule(&json!({
            "kind": "cut", "byte": 7, "on": "SupportSession", "with": {"lsid": "a"},
            "after": 1, "times": 2
        }))
        .unwrap();
        let expected = FaultRule::new(Fault::Cut(Position::Byte(7)))
            .on("SupportSession")
            .with("lsid", "a")
            .after(1)
            .times(2);
        assert_eq!(rule, expected);
    }

    #[test]
    fn mistakes_are_named() {
        for (object, reason) in [
            (
                json!({"kind": "cuts"}),
                "no fault of kind \"cuts\"; there are delay,",
            ),
            (json!({"kind": "gzip", "tmies": 2}), "unknown field `tmies`"),
            (
                json!({"kind": "gzip", "times": 2, "always": true}),
                "either times or always",
            ),
            (json!({"kind": "delay", "seconds": -1.0}), "seconds: "),
            (
                json!({"kind": "cut", "byte": 1, "percent": 1}),
                "either byte or percent",
            ),
        ] {
            let text = rule(&object).unwrap_err();
            assert!(text.contains(reason), "{text}");
        }
    }
}
