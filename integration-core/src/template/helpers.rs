//! The helpers that templates can call.

use handlebars::{
    Context, Handlebars, Helper, HelperDef, HelperResult, JsonTruthy, Output, RenderContext,
    RenderError, RenderErrorReason, Renderable, ScopedJson,
};
use jiff::{Timestamp, fmt::strtime, tz::TimeZone};
use serde_json::Value;

pub(super) fn register(registry: &mut Handlebars<'static>) {
    registry.register_helper("if", Box::new(StrictIf { wanted: true }));
    registry.register_helper("unless", Box::new(StrictIf { wanted: false }));
    registry.register_helper(
        "and",
        Box::new(StrictMany {
            name: "and",
            all: true,
        }),
    );
    registry.register_helper(
        "or",
        Box::new(StrictMany {
            name: "or",
            all: false,
        }),
    );
    // It would write customer text to the log.
    registry.unregister_helper("log");
    registry.register_helper("local_time", Box::new(Text(local_time)));
    registry.register_helper("duration", Box::new(Text(duration)));
    registry.register_helper("file_size", Box::new(Text(file_size)));
    registry.register_helper("indent", Box::new(Text(indent)));
}

/// `if` and `unless` that refuse unknown names, which the original ones take for "no".
struct StrictIf {
    wanted: bool,
}

impl HelperDef for StrictIf {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        registry: &'reg Handlebars<'reg>,
        context: &'rc Context,
        render: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let name = if self.wanted { "if" } else { "unless" };
        let param = h
            .param(0)
            .ok_or(RenderErrorReason::ParamNotFoundForIndex(name, 0))?;
        if param.is_value_missing() {
            return Err(RenderError::strict_error(param.relative_path()));
        }
        let include_zero = h
            .hash_get("includeZero")
            .and_then(|value| value.value().as_bool())
            .unwrap_or(false);
        let template = if param.value().is_truthy(include_zero) == self.wanted {
            h.template()
        } else {
            h.inverse()
        };
        template.map_or(Ok(()), |template| {
            template.render(registry, context, render, out)
        })
    }
}

/// `and` and `or`, likewise.
struct StrictMany {
    name: &'static str,
    all: bool,
}

impl HelperDef for StrictMany {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        refuse_missing(helper)?;
        if helper.params().is_empty() {
            return Err(RenderErrorReason::ParamNotFoundForIndex(self.name, 0).into());
        }
        let mut truths = helper
            .params()
            .iter()
            .map(|param| param.value().is_truthy(false));
        let truth = if self.all {
            truths.all(|truth| truth)
        } else {
            truths.any(|truth| truth)
        };
        Ok(ScopedJson::Derived(Value::Bool(truth)))
    }
}

fn refuse_missing(helper: &Helper<'_>) -> Result<(), RenderError> {
    match helper
        .params()
        .iter()
        .find(|param| param.is_value_missing())
    {
        Some(missing) => Err(RenderError::strict_error(missing.relative_path())),
        None => Ok(()),
    }
}

/// A helper that makes a text of its arguments; usable in sub-expressions.
struct Text(fn(&Arguments<'_, '_>) -> Result<String, RenderErrorReason>);

struct Arguments<'a, 'rc> {
    helper: &'a Helper<'rc>,
    context: &'a Context,
}

impl HelperDef for Text {
    fn call_inner<'reg: 'rc, 'rc>(
        &self,
        helper: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        context: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
    ) -> Result<ScopedJson<'rc>, RenderError> {
        refuse_missing(helper)?;
        let text = self.0(&Arguments { helper, context })?;
        Ok(ScopedJson::Derived(Value::String(text)))
    }
}

impl Arguments<'_, '_> {
    fn value(&self, helper: &'static str, index: usize) -> Result<&Value, RenderErrorReason> {
        self.helper
            .param(index)
            .map(|param| param.value())
            .ok_or(RenderErrorReason::ParamNotFoundForIndex(helper, index))
    }
}

fn local_time(arguments: &Arguments<'_, '_>) -> Result<String, RenderErrorReason> {
    let time = match arguments.value("local_time", 0)? {
        Value::Null => return Ok(String::new()),
        Value::String(text) if text.is_empty() => return Ok(String::new()),
        Value::String(text) => text.parse::<Timestamp>().ok(),
        _ => None,
    };
    let time = time.ok_or(RenderErrorReason::InvalidParamType("a time"))?;
    let format = match arguments.helper.param(1).map(|param| param.value()) {
        None => "%Y-%m-%d %H:%M:%S",
        Some(Value::String(format)) => format,
        Some(_) => return Err(RenderErrorReason::InvalidParamType("a format in quotes")),
    };
    let zone = arguments
        .context
        .data()
        .get("zone")
        .and_then(Value::as_str)
        .and_then(|name| TimeZone::get(name).ok())
        .ok_or(RenderErrorReason::InvalidParamType("a known time zone"))?;
    strtime::format(format, &time.to_zoned_datetime(zone))
        .map_err(|_| RenderErrorReason::InvalidParamType("a format of % directives"))
}

fn duration(arguments: &Arguments<'_, '_>) -> Result<String, RenderErrorReason> {
    let seconds = match arguments.value("duration", 0)? {
        Value::Null => return Ok(String::new()),
        value => value
            .as_i64()
            .ok_or(RenderErrorReason::InvalidParamType("seconds"))?,
    };
    let sign = if seconds < 0 { "-" } else { "" };
    let seconds = seconds.unsigned_abs();
    Ok(format!(
        "{sign}{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    ))
}

fn file_size(arguments: &Arguments<'_, '_>) -> Result<String, RenderErrorReason> {
    match arguments.value("file_size", 0)? {
        Value::Null => Ok(String::new()),
        value => value
            .as_u64()
            .map(bytes_in_words)
            .ok_or(RenderErrorReason::InvalidParamType("a number of bytes")),
    }
}

/// `640 bytes`, `1.5 KB`, `12.0 MB`; one KB is 1,024 bytes. Digits are cut, not rounded.
pub(super) fn bytes_in_words(bytes: u64) -> String {
    const UNITS: [(&str, u32); 4] = [("TB", 40), ("GB", 30), ("MB", 20), ("KB", 10)];
    for (unit, bits) in UNITS {
        let one = 1u64 << bits;
        if bytes >= one {
            let tenths = (u128::from(bytes) * 10) >> bits;
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    if bytes == 1 {
        "1 byte".to_owned()
    } else {
        format!("{bytes} bytes")
    }
}

fn indent(arguments: &Arguments<'_, '_>) -> Result<String, RenderErrorReason> {
    let text = match arguments.value("indent", 0)? {
        Value::Null => return Ok(String::new()),
        Value::String(text) => text,
        _ => return Err(RenderErrorReason::InvalidParamType("a text")),
    };
    let width = arguments
        .value("indent", 1)?
        .as_u64()
        .filter(|width| *width <= 80)
        .ok_or(RenderErrorReason::InvalidParamType(
            "a number of blanks up to 80",
        ))?;
    let margin = format!(
        "\n{}",
        " ".repeat(usize::try_from(width).unwrap_or_default())
    );
    Ok(text.lines().collect::<Vec<_>>().join(&margin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn render(template: &str, data: &Value) -> Result<String, String> {
        let mut registry = Handlebars::new();
        registry.set_strict_mode(true);
        registry.register_escape_fn(handlebars::no_escape);
        register(&mut registry);
        registry
            .render_template(template, data)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn times_are_shown_in_the_business_zone() {
        let data = json!({"zone": "America/New_York", "t": "2026-11-24T19:03:07Z", "none": null});
        assert_eq!(
            render("{{local_time t}}", &data).unwrap(),
            "2026-11-24 14:03:07"
        );
        assert_eq!(
            render(r#"{{local_time t "%H:%M %Z"}}"#, &data).unwrap(),
            "14:03 EST"
        );
        assert_eq!(render("{{local_time none}}", &data).unwrap(), "");
        // Summer time.
        let data = json!({"zone": "America/New_York", "t": "2026-07-01T00:30:00Z"});
        assert_eq!(
            render("{{local_time t}}", &data).unwrap(),
            "2026-06-30 20:30:00"
        );
    }

    #[test]
    fn a_bad_format_is_an_error_and_no_panic() {
        let data = json!({"zone": "UTC", "t": "2026-11-24T19:03:07Z"});
        assert!(render(r#"{{local_time t "%!"}}"#, &data).is_err());
        assert!(render("{{local_time t 5}}", &data).is_err());
        assert!(render("{{local_time zone}}", &data).is_err());
    }

    #[test]
    fn durations_are_hours_minutes_seconds() {
        let data = json!({"a": 0, "b": 59, "c": 3661, "d": 360000, "e": -61, "none": null});
        assert_eq!(
            render(
                "{{duration a}} {{duration b}} {{duration c}} {{duration d}} {{duration e}}",
                &data
            )
            .unwrap(),
            "0:00:00 0:00:59 1:01:01 100:00:00 -0:01:01"
        );
        assert_eq!(render("{{duration none}}", &data).unwrap(), "");
    }

    #[test]
    fn sizes_are_in_words() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1023, "1023 bytes"),
            (1536, "1.5 KB"),
            (12 * 1024 * 1024, "12.0 MB"),
            (u64::MAX, "16777215.9 TB"),
        ] {
            assert_eq!(bytes_in_words(bytes), words);
        }
    }

    #[test]
    fn continuation_lines_are_indented() {
        let data = json!({"text": "one\ntwo\n\nthree"});
        assert_eq!(
            render("{{indent text 2}}", &data).unwrap(),
            "one\n  two\n  \n  three"
        );
        assert!(render("{{indent text 81}}", &data).is_err());
        assert!(render("{{indent text}}", &data).is_err());
    }

    #[test]
    fn unknown_names_are_refused_everywhere() {
        let data = json!({"known": null, "zone": "UTC"});
        for template in [
            "{{unknown}}",
            "{{#if unknown}}x{{/if}}",
            "{{#unless unknown}}x{{/unless}}",
            "{{#each unknown}}x{{/each}}",
            "{{duration unknown}}",
            "{{local_time unknown}}",
            "{{#if (and known unknown)}}x{{/if}}",
            "{{#if (or unknown known)}}x{{/if}}",
            "{{#if (eq known unknown)}}x{{/if}}",
            "{{#with unknown}}x{{/with}}",
        ] {
            assert!(render(template, &data).is_err(), "{template}");
        }
        assert_eq!(
            render("{{known}}{{#if known}}x{{else}}y{{/if}}", &data).unwrap(),
            "y"
        );
    }

    #[test]
    fn nothing_is_escaped_and_nothing_is_logged() {
        let data = json!({"x": "<a href=\"b\">&'`"});
        assert_eq!(
            render("{{x}}|{{{x}}}", &data).unwrap(),
            "<a href=\"b\">&'`|<a href=\"b\">&'`"
        );
        assert!(render("{{log x}}", &data).is_err());
    }
}
